//! Diffs as they are reviewed: unified, or old and new side by side.

use std::borrow::Cow;

use crate::app::page::{Line, Page, Role, Span};
use crate::app::review::{Review, ReviewItem, current_fix};
use crate::model::plan::{DiffLine, FileDiff, FixReason, Hunk, LineKind};
use crate::model::secret;
use crate::model::text;

use super::detail;

/// Narrowest pane in which two versions fit beside each other.
const SIDE_BY_SIDE: usize = 60;

/// What is under the review's cursor: one fix alone, or all that would be written to a file.
pub fn page(review: &Review, width: u16) -> Page {
    let width = usize::from(width.max(20));
    let Some(plan) = &review.plan else {
        return Page { title: "Diff".to_owned(), lines: vec![Line::new(Role::Dim, "placing the fixes")] };
    };
    let is_side_by_side = review.is_side_by_side && width >= SIDE_BY_SIDE;
    match review.items.get(review.at) {
        Some(ReviewItem::File(path)) => {
            let file = plan.files.iter().find(|file| file.path == *path);
            let mut lines = Vec::new();
            match file {
                Some(file) => {
                    if file.is_dirty {
                        lines.push(Line::new(Role::Warning, "the file has changes that are not committed"));
                    }
                    let of_file = plan.fixes.iter().filter(|fix| file.fixes.contains(&fix.id));
                    let is_secret = of_file.filter_map(|fix| fix.finding).any(|id| review.secrets.contains(&id));
                    lines.extend(hunks(&shown(&file.diff, is_secret), width, is_side_by_side));
                }
                None => lines.push(Line::new(Role::Dim, "nothing would be written to this file")),
            }
            Page { title: format!("All of {}", text::visible(path)), lines }
        }
        Some(ReviewItem::Fix(_)) => {
            let Some(fix) = current_fix(review) else { return Page::default() };
            let is_secret = fix.finding.is_some_and(|id| review.secrets.contains(&id));
            let mut lines = detail::planned(fix, width, is_secret);
            // `planned` ends with unified diffs; side by side replaces them.
            if is_side_by_side {
                let diffs: usize = fix.diffs.iter().map(|diff| unified(diff, width, false).len()).sum();
                lines.truncate(lines.len() - diffs);
                for diff in &fix.diffs {
                    lines.extend(hunks(&shown(diff, is_secret), width, true));
                }
            }
            if fix.reason == FixReason::Flagged || fix.reason == FixReason::Unsafe {
                lines.push(Line::blank());
                lines.push(Line::new(Role::Dim, "y keeps it all the same; it is never kept with the rest"));
            }
            let number = plan.fixes.iter().position(|other| other.id == fix.id).map_or(0, |at| at + 1);
            Page { title: format!("Fix {number} of {}  {}  {}", plan.fixes.len(), fix.tool, fix.id), lines }
        }
        None => Page { title: "Diff".to_owned(), lines: vec![Line::new(Role::Dim, "no fix in the batch")] },
    }
}

/// A diff as it may be shown: where it is about a secret, literals and keys are covered.
pub fn shown(diff: &FileDiff, is_secret: bool) -> Cow<'_, FileDiff> {
    if !is_secret {
        return Cow::Borrowed(diff);
    }
    let mut safe = diff.clone();
    for line in safe.hunks.iter_mut().flat_map(|hunk| &mut hunk.lines) {
        let text: String = line.parts.iter().map(|(_, part)| part.as_str()).collect();
        line.parts = vec![(false, secret::covered_code(&text).into_owned())];
    }
    Cow::Owned(safe)
}

fn hunks(diff: &FileDiff, width: usize, is_side_by_side: bool) -> Vec<Line> {
    if is_side_by_side { side_by_side(diff, width) } else { unified(diff, width, true) }
}

fn heading(hunk: &Hunk) -> Line {
    let text = format!("@@ -{},{} +{},{} @@", hunk.old_start, hunk.old_lines, hunk.new_start, hunk.new_lines);
    Line::new(Role::Hunk, &text).stop()
}

/// Hunks in one column. `with_numbers` shows both line numbers.
pub fn unified(diff: &FileDiff, width: usize, with_numbers: bool) -> Vec<Line> {
    let mut lines = vec![file_line(diff, width)];
    for hunk in &diff.hunks {
        lines.push(heading(hunk));
        for line in &hunk.lines {
            let mut out = Line::default();
            if with_numbers {
                out.spans.push(Span::new(Role::LineNumber, &format!("{} {} ", number(line.old), number(line.new))));
            }
            let room = width.saturating_sub(if with_numbers { 12 } else { 2 });
            push_text(&mut out, line, room);
            lines.push(out);
            if line.no_newline {
                lines.push(Line::new(Role::Dim, "\\ no line end at the end of the file"));
            }
        }
    }
    lines
}

fn file_line(diff: &FileDiff, width: usize) -> Line {
    let line = Line::new(Role::Strong, &text::cut_start(&text::visible(&diff.path), width.saturating_sub(16)))
        .with(Role::Added, &format!("  +{}", diff.added))
        .with(Role::Removed, &format!(" -{}", diff.removed));
    if diff.hidden_added == 0 {
        return line;
    }
    line.with(Role::Hidden, &format!("  {} hidden characters added", diff.hidden_added))
}

fn number(line: u32) -> String {
    if line == 0 { "     ".trim_start().to_owned() + "    " } else { format!("{line:>4}") }
}

/// Sign and text of a diff line with the changed words marked, cut at `room` columns.
fn push_text(out: &mut Line, line: &DiffLine, room: usize) {
    let (sign, role, word) = match line.kind {
        LineKind::Context => (" ", Role::Text, Role::Text),
        LineKind::Removed => ("-", Role::Removed, Role::RemovedWord),
        LineKind::Added => ("+", Role::Added, Role::AddedWord),
    };
    out.spans.push(Span::new(role, &format!("{sign} ")));
    let mut used = 0;
    for (is_changed, part) in &line.parts {
        for (is_hidden, piece) in split_hidden(part) {
            let shown = text::visible(piece);
            let cut = text::cut(&shown, room.saturating_sub(used));
            used += text::width(&cut);
            if !cut.is_empty() {
                let role = if is_hidden { Role::Hidden } else { role };
                let mark = (*is_changed && line.kind != LineKind::Context).then_some(word);
                out.spans.push(Span { role, text: cut.into_owned(), mark });
            }
            if used >= room {
                return;
            }
        }
    }
}

/// A text in runs with and without hidden characters.
fn split_hidden(part: &str) -> Vec<(bool, &str)> {
    let mut runs = Vec::new();
    let mut rest = part;
    while let Some(first) = rest.chars().next() {
        let is_hidden = text::is_hidden(first);
        let end = rest.find(|c| text::is_hidden(c) != is_hidden).unwrap_or(rest.len());
        let (head, tail) = rest.split_at(end);
        runs.push((is_hidden, head));
        rest = tail;
    }
    runs
}

/// Old at the left, new at the right; lines that replace each other stand side by side.
fn side_by_side(diff: &FileDiff, width: usize) -> Vec<Line> {
    let half = (width.saturating_sub(1)) / 2;
    let mut lines = vec![file_line(diff, width)];
    for hunk in &diff.hunks {
        lines.push(heading(hunk));
        let mut at = 0;
        while let Some(line) = hunk.lines.get(at) {
            if line.kind == LineKind::Context {
                lines.push(row(Some(line), Some(line), half));
                at += 1;
                continue;
            }
            let tail = hunk.lines.get(at..).unwrap_or_default();
            let removed: Vec<&DiffLine> = tail.iter().take_while(|line| line.kind == LineKind::Removed).collect();
            let after = tail.get(removed.len()..).unwrap_or_default();
            let added: Vec<&DiffLine> = after.iter().take_while(|line| line.kind == LineKind::Added).collect();
            for pair in 0..removed.len().max(added.len()) {
                lines.push(row(removed.get(pair).copied(), added.get(pair).copied(), half));
            }
            at += (removed.len() + added.len()).max(1);
        }
    }
    lines
}

fn row(old: Option<&DiffLine>, new: Option<&DiffLine>, half: usize) -> Line {
    let mut line = Line::default();
    push_half(&mut line, old.map(|old| (old, old.old)), half);
    let pad = half.saturating_sub(line.width());
    line.spans.push(Span::new(Role::Border, &format!("{}│", " ".repeat(pad))));
    push_half(&mut line, new.map(|new| (new, new.new)), half);
    line
}

fn push_half(line: &mut Line, side: Option<(&DiffLine, u32)>, half: usize) {
    if let Some((text, at)) = side {
        line.spans.push(Span::new(Role::LineNumber, &format!("{} ", number(at))));
        push_text(line, text, half.saturating_sub(7));
    }
}

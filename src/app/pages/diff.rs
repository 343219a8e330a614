//! Diffs as they are reviewed: unified, or old and new side by side.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;

use crate::app::page::{Line, Page, Role, Span};
use crate::app::review::{Review, ReviewItem, current_fix};
use crate::model::plan::{DiffLine, FileDiff, FixReason, Hunk, LineKind};
use crate::model::secret;
use crate::model::text;

use super::detail;

/// Narrowest pane in which two versions fit beside each other.
const SIDE_BY_SIDE: usize = 60;

/// Rows that one changed line may take; more is a file that nobody wrote by hand.
const MAX_ROWS: usize = 60;
/// Fewest columns for text, whatever the width.
const MIN_TEXT: usize = 8;

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
                let first_hunk = lines.iter().position(|line| line.is_stop);
                lines.truncate(first_hunk.map_or(lines.len(), |at| at.saturating_sub(1)));
                for diff in &fix.diffs {
                    lines.extend(hunks(&shown(diff, is_secret), width, true));
                }
            }
            if fix.reason == FixReason::Flagged || fix.reason == FixReason::Unsafe {
                lines.push(Line::blank());
                lines.push(Line::new(Role::Dim, "y keeps it all the same; it is never kept with the rest"));
            }
            if !fix.places.is_empty() {
                lines.push(Line::blank());
                lines.push(Line::new(Role::Dim, "p puts it at the next line where it fits"));
            }
            let above = review.items.iter().take(review.at + 1);
            let number = above.filter(|item| matches!(item, ReviewItem::Fix(_))).count();
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
            let room = width.saturating_sub(if with_numbers { 12 } else { 2 });
            for (at, text) in text_rows(line, room).into_iter().enumerate() {
                let mut out = Line::default();
                if with_numbers {
                    let (old, new) = if at == 0 { (line.old, line.new) } else { (0, 0) };
                    out.spans.push(Span::new(Role::LineNumber, &format!("{} {} ", number(old), number(new))));
                }
                out.spans.extend(text);
                lines.push(out);
            }
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
    if line == 0 { "    ".to_owned() } else { format!("{line:>4}") }
}

/// Sign and text of a diff line with the changed words marked, in rows with `room` columns of text. What changed may
/// stand anywhere in a long line, so that only lines around a change are cut.
fn text_rows(line: &DiffLine, room: usize) -> Vec<Vec<Span>> {
    let (sign, role, word) = match line.kind {
        LineKind::Context => (" ", Role::Text, Role::Text),
        LineKind::Removed => ("-", Role::Removed, Role::RemovedWord),
        LineKind::Added => ("+", Role::Added, Role::AddedWord),
    };
    let most = if line.kind == LineKind::Context { 1 } else { MAX_ROWS };
    let room = room.max(MIN_TEXT);
    let columns: usize = line.parts.iter().map(|(_, part)| text::width(&text::visible(part))).sum();
    // The sign of a cut takes a column of the last row.
    let last_room = if columns > room * most { room - 1 } else { room };
    let mut rows = Vec::new();
    let mut row = vec![Span::new(role, &format!("{sign} "))];
    let mut used = 0;
    for (is_changed, part) in &line.parts {
        for (is_hidden, piece) in split_hidden(part) {
            let role_here = if is_hidden { Role::Hidden } else { role };
            let mark = (*is_changed && line.kind != LineKind::Context).then_some(word);
            let shown = text::visible(piece);
            let mut rest: &str = &shown;
            while !rest.is_empty() {
                let is_last = rows.len() + 1 == most;
                let room = if is_last { last_room } else { room };
                if used >= room && is_last {
                    row.push(Span::new(Role::Dim, "…"));
                    rows.push(row);
                    return rows;
                }
                if used >= room {
                    rows.push(std::mem::replace(&mut row, vec![Span::new(role, &format!("{sign}…"))]));
                    used = 0;
                }
                let (head, tail) = split_at_column(rest, room - used);
                // What is too wide for the rest of this row begins the next one.
                used = if head.is_empty() { room } else { used + text::width(head) };
                if !head.is_empty() {
                    row.push(Span { role: role_here, text: head.to_owned(), mark });
                }
                rest = tail;
            }
        }
    }
    rows.push(row);
    rows
}

/// As much of a text as fits, and the rest.
fn split_at_column(text: &str, columns: usize) -> (&str, &str) {
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += text::width(grapheme);
        if used > columns {
            return text.split_at(at);
        }
    }
    (text, "")
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
                lines.extend(rows(Some(line), Some(line), half));
                at += 1;
                continue;
            }
            let tail = hunk.lines.get(at..).unwrap_or_default();
            let removed: Vec<&DiffLine> = tail.iter().take_while(|line| line.kind == LineKind::Removed).collect();
            let after = tail.get(removed.len()..).unwrap_or_default();
            let added: Vec<&DiffLine> = after.iter().take_while(|line| line.kind == LineKind::Added).collect();
            for pair in 0..removed.len().max(added.len()) {
                lines.extend(rows(removed.get(pair).copied(), added.get(pair).copied(), half));
            }
            at += (removed.len() + added.len()).max(1);
        }
    }
    lines
}

/// A line of each version beside each other, over as many rows as the longer one takes.
fn rows(old: Option<&DiffLine>, new: Option<&DiffLine>, half: usize) -> Vec<Line> {
    let (left, right) =
        (half_rows(old, old.map_or(0, |old| old.old), half), half_rows(new, new.map_or(0, |new| new.new), half));
    let count = left.len().max(right.len());
    let (mut left, mut right) = (left.into_iter(), right.into_iter());
    let mut lines = Vec::with_capacity(count);
    for _ in 0..count {
        let mut line = Line { spans: left.next().unwrap_or_default(), ..Line::default() };
        let pad = half.saturating_sub(line.width());
        line.spans.push(Span::new(Role::Border, &format!("{}│", " ".repeat(pad))));
        line.spans.extend(right.next().unwrap_or_default());
        lines.push(line);
    }
    lines
}

fn half_rows(line: Option<&DiffLine>, at: u32, half: usize) -> Vec<Vec<Span>> {
    let mut rows = line.map(|line| text_rows(line, half.saturating_sub(7))).unwrap_or_default();
    for (row, at) in rows.iter_mut().zip(std::iter::once(at).chain(std::iter::repeat(0))) {
        row.insert(0, Span::new(Role::LineNumber, &format!("{} ", number(at))));
    }
    rows
}

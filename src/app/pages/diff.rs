//! Diffs as they are reviewed: unified, or old and new side by side.

use crate::app::page::{Line, Page, Role, Span};
use crate::app::review::{Review, ReviewItem, current_fix};
use crate::model::plan::{DiffLine, FileDiff, FixReason, Hunk, LineKind};
use crate::model::secret::Cover;
use crate::model::text;

use super::detail;
use super::wrap::rows;

/// Columns from which two versions fit beside each other without cutting most lines.
pub const SIDE_BY_SIDE: u16 = 100;

/// Rows that one changed line may take; more is a file that nobody wrote by hand.
const MAX_ROWS: usize = 60;

/// What is under the review's cursor: one fix alone, or all that would be written to a file.
pub fn page(review: &Review, width: u16) -> Page {
    let is_side_by_side = review.is_side_by_side && width >= SIDE_BY_SIDE;
    let width = usize::from(width.max(20));
    let Some(plan) = &review.plan else {
        return Page { title: "Diff".to_owned(), lines: vec![Line::new(Role::Dim, "placing the fixes")] };
    };
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
                    let cover = Cover::of(is_secret, []);
                    lines.extend(hunks(&cover.diff(&file.diff), width, is_side_by_side));
                }
                None => lines.push(Line::new(Role::Dim, "nothing would be written to this file")),
            }
            Page { title: format!("All of {}", text::visible(path)), lines }
        }
        Some(ReviewItem::Fix(_)) => {
            let Some(fix) = current_fix(review) else { return Page::default() };
            let is_secret = fix.finding.is_some_and(|id| review.secrets.contains(&id));
            let cover = Cover::of(is_secret, []);
            let mut lines = detail::planned(fix, width, &cover);
            // `planned` ends with unified diffs; side by side replaces them.
            if is_side_by_side {
                let first_hunk = lines.iter().position(|line| line.is_stop);
                lines.truncate(first_hunk.map_or(lines.len(), |at| at.saturating_sub(1)));
                for diff in &fix.diffs {
                    lines.extend(hunks(&cover.diff(diff), width, true));
                }
            }
            if matches!(fix.reason, FixReason::Flagged | FixReason::Unsafe | FixReason::Guilty) {
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
    let line = Line::new(
        Role::Strong,
        &text::cut_start(&text::visible(&diff.op.heading(&diff.path)), width.saturating_sub(16)),
    )
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
    let mut spans = Vec::new();
    for (is_changed, part) in &line.parts {
        let mark = (*is_changed && line.kind != LineKind::Context).then_some(word);
        for (is_hidden, piece) in split_hidden(part) {
            let role = if is_hidden { Role::Hidden } else { role };
            spans.push(Span { mark, ..Span::new(role, piece) });
        }
    }
    let mut rows = rows(spans, room, most);
    for (number, row) in rows.iter_mut().enumerate() {
        row.insert(0, Span::new(role, &format!("{sign}{}", if number == 0 { ' ' } else { '…' })));
    }
    rows
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
                lines.extend(beside(Some(line), Some(line), half));
                at += 1;
                continue;
            }
            let tail = hunk.lines.get(at..).unwrap_or_default();
            let removed: Vec<&DiffLine> = tail.iter().take_while(|line| line.kind == LineKind::Removed).collect();
            let after = tail.get(removed.len()..).unwrap_or_default();
            let added: Vec<&DiffLine> = after.iter().take_while(|line| line.kind == LineKind::Added).collect();
            for pair in 0..removed.len().max(added.len()) {
                lines.extend(beside(removed.get(pair).copied(), added.get(pair).copied(), half));
            }
            at += (removed.len() + added.len()).max(1);
        }
    }
    lines
}

/// A line of each version beside each other, over as many rows as the longer one takes.
fn beside(old: Option<&DiffLine>, new: Option<&DiffLine>, half: usize) -> Vec<Line> {
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

//! Diffs as they are reviewed: unified, or old and new side by side.

use crate::app::page::{Line, Page, Role, Span};
use crate::app::review::{Review, ReviewItem, current_fix};
use crate::model::plan::{DiffLine, FileDiff, FixReason, Hunk, HunkState, LineKind};
use crate::model::secret::Cover;
use crate::model::text;
use crate::model::unseen;

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
        Some(ReviewItem::Fix(_) | ReviewItem::Hunk { .. }) => {
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
            let count = fix.hunks().all;
            if count > 1 {
                for (number, line) in (1..).zip(lines.iter_mut().filter(|line| line.is_stop)) {
                    line.spans.insert(1, Span::new(Role::Hunk, &format!("  hunk {number} of {count}")));
                }
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

/// Where a hunk stands, what a person made of it, and below that what nobody would see in it.
fn heading(hunk: &Hunk) -> Vec<Line> {
    let line = Line::new(Role::Hunk, &hunk.heading()).stop();
    let line = match hunk.state {
        HunkState::Whole => line,
        HunkState::Dropped => line.with(Role::Warning, "  left out; y takes it"),
        HunkState::Edited => line.with(Role::Warning, "  as you edited it; r takes the original"),
        HunkState::Broken => line.with(Role::Error, "  what you typed cannot be used; E goes on with it"),
    };
    let unseen = hunk.unseen.words().map(|words| Line::new(Role::Warning, &format!("! {words}")));
    std::iter::once(line).chain(unseen).collect()
}

/// Hunks in one column. `with_numbers` shows both line numbers.
pub fn unified(diff: &FileDiff, width: usize, with_numbers: bool) -> Vec<Line> {
    let mut lines = vec![file_line(diff, width)];
    for hunk in &diff.hunks {
        lines.extend(heading(hunk));
        for line in &hunk.lines {
            let room = width.saturating_sub(if with_numbers { 12 } else { 2 });
            for (at, text) in text_rows(hunk, line, room).into_iter().enumerate() {
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
    Line::new(Role::Strong, &text::cut_start(&text::visible(&diff.op.heading(&diff.path)), width.saturating_sub(16)))
        .with(Role::Added, &format!("  +{}", diff.added))
        .with(Role::Removed, &format!(" -{}", diff.removed))
}

fn number(line: u32) -> String {
    if line == 0 { "    ".to_owned() } else { format!("{line:>4}") }
}

/// Sign and text of a diff line with the changed words marked, in rows with `room` columns of text. What changed may
/// stand anywhere in a long line, so that only lines around a change are cut.
fn text_rows(hunk: &Hunk, line: &DiffLine, room: usize) -> Vec<Vec<Span>> {
    let is_written = hunk.state != HunkState::Dropped;
    let (sign, role, word) = match line.kind {
        LineKind::Context => (" ", Role::Text, Role::Text),
        LineKind::Removed => ("-", Role::Removed, Role::RemovedWord),
        LineKind::Added => ("+", Role::Added, Role::AddedWord),
    };
    let role = if is_written { role } else { Role::Dim };
    let most = if line.kind == LineKind::Context { 1 } else { MAX_ROWS };
    let mut spans = Vec::new();
    // Blanks at the end are told only where they are new.
    let has_blanks = line.kind == LineKind::Added && hunk.unseen.blanks > 0;
    let text = line.text();
    let mut left = if has_blanks { text.len() - unseen::trailing(&text).len() } else { text.len() };
    for (is_changed, part) in &line.parts {
        let (seen, blanks) = part.split_at(left.min(part.len()));
        left -= seen.len();
        let mark = (*is_changed && is_written && line.kind != LineKind::Context).then_some(word);
        for (is_odd, piece) in pieces(seen) {
            let span = if is_odd { odd(piece) } else { Span { mark, ..Span::new(role, piece) } };
            spans.push(span);
        }
        if !blanks.is_empty() {
            spans.push(odd(blanks));
        }
    }
    let mut rows = rows(spans, room, most);
    for (number, row) in rows.iter_mut().enumerate() {
        row.insert(0, Span::new(role, &format!("{sign}{}", if number == 0 { ' ' } else { '…' })));
    }
    rows
}

/// Text that nobody would see, written out.
fn odd(piece: &str) -> Span {
    Span { role: Role::Hidden, text: unseen::shown(piece), mark: None }
}

/// A text in runs that are read as they are and runs that are not.
fn pieces(part: &str) -> Vec<(bool, &str)> {
    let mut runs = Vec::new();
    let mut at = 0;
    let mut push = |is_odd, range: std::ops::Range<usize>| {
        runs.extend(part.get(range).filter(|piece| !piece.is_empty()).map(|piece| (is_odd, piece)));
    };
    for place in unseen::odd(part) {
        push(false, at..place.start);
        at = place.end;
        push(true, place);
    }
    push(false, at..part.len());
    runs
}

/// Old at the left, new at the right; lines that replace each other stand side by side.
fn side_by_side(diff: &FileDiff, width: usize) -> Vec<Line> {
    let half = (width.saturating_sub(1)) / 2;
    let mut lines = vec![file_line(diff, width)];
    for hunk in &diff.hunks {
        lines.extend(heading(hunk));
        let mut at = 0;
        while let Some(line) = hunk.lines.get(at) {
            if line.kind == LineKind::Context {
                lines.extend(beside(hunk, Some(line), Some(line), half));
                at += 1;
                continue;
            }
            let tail = hunk.lines.get(at..).unwrap_or_default();
            let removed: Vec<&DiffLine> = tail.iter().take_while(|line| line.kind == LineKind::Removed).collect();
            let after = tail.get(removed.len()..).unwrap_or_default();
            let added: Vec<&DiffLine> = after.iter().take_while(|line| line.kind == LineKind::Added).collect();
            for pair in 0..removed.len().max(added.len()) {
                lines.extend(beside(hunk, removed.get(pair).copied(), added.get(pair).copied(), half));
            }
            at += (removed.len() + added.len()).max(1);
        }
    }
    lines
}

/// A line of each version beside each other, over as many rows as the longer one takes.
fn beside(hunk: &Hunk, old: Option<&DiffLine>, new: Option<&DiffLine>, half: usize) -> Vec<Line> {
    let left = half_rows(hunk, old, old.map_or(0, |old| old.old), half);
    let right = half_rows(hunk, new, new.map_or(0, |new| new.new), half);
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

fn half_rows(hunk: &Hunk, line: Option<&DiffLine>, at: u32, half: usize) -> Vec<Vec<Span>> {
    let mut rows = line.map(|line| text_rows(hunk, line, half.saturating_sub(7))).unwrap_or_default();
    for (row, at) in rows.iter_mut().zip(std::iter::once(at).chain(std::iter::repeat(0))) {
        row.insert(0, Span::new(Role::LineNumber, &format!("{} ", number(at))));
    }
    rows
}

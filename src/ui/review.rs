//! The tree of a review: files with their fixes, and what will become of each.

use ratatui::layout::Rect;

use crate::app::layout::Regions;
use crate::app::page::Role;
use crate::app::review::{Mark, Review, ReviewItem, Tally, hunk_mark, mark};
use crate::app::state::{Pane, State};
use crate::model::plan::{HunkState, LineKind, Plan, PlannedFix};
use crate::model::secret::Cover;
use crate::model::text;

use super::pen::{Pen, count, first_line, thousands};

pub(super) fn draw_tree(pen: &mut Pen, regions: &Regions, state: &State, review: &Review) {
    let pane = regions.first;
    if pane.outer.area() == 0 {
        return;
    }
    let has_keys = state.pane == Pane::List;
    let role = if has_keys { Role::BorderFocus } else { Role::Border };
    if regions.is_framed {
        let place = format!("{}/{}", review.at + 1, review.items.len().max(1));
        pen.frame(pane.outer, role, "Review fixes", &place);
    }
    draw_summary(pen, regions.filter, review);
    let Some(plan) = &review.plan else {
        pen.row(pane.body).put(Role::Dim, " placing the fixes…");
        return;
    };
    let height = usize::from(pane.body.height);
    let first = first_line(review.top, review.at, height);
    for ((number, item), y) in review.items.iter().enumerate().skip(first).take(height).zip(pane.body.y..) {
        let area = Rect { y, height: 1, ..pane.body };
        let is_cursor = number == review.at;
        match item {
            ReviewItem::File(path) => draw_file(pen, area, plan, path, is_cursor),
            ReviewItem::Fix(number) => {
                if let Some(fix) = plan.fixes.get(*number) {
                    draw_fix(pen, area, (state, review), fix, is_cursor);
                }
            }
            ReviewItem::Hunk { .. } => draw_hunk(pen, area, review, item, is_cursor),
        }
        if is_cursor {
            pen.bar(area);
            if has_keys {
                pen.put_cursor(area.x, area.y);
            }
        }
    }
}

/// `writes 19 of 20 fixes, 7 files, +41 -19  1 in part  1 left to you` in place of the filter bar.
fn draw_summary(pen: &mut Pen, area: Rect, review: &Review) {
    let mut row = pen.row(area);
    row.skip(1);
    if review.is_writing {
        row.put(Role::Strong, "writing…");
        return;
    }
    let Some(plan) = &review.plan else { return };
    let (added, removed) = plan.totals();
    let Tally { kept, part, dropped, needs, cannot } = review.tally;
    if review.is_pending {
        row.put_end(Role::Dim, " placing… ");
    }
    let (fixes, files) = (count(plan.fixes.len(), "fix", "fixes"), count(plan.files.len(), "file", "files"));
    row.put(Role::Strong, &format!("writes {} of {fixes}, {files}, ", thousands(kept)));
    row.put(Role::Added, &format!("+{added}"));
    row.put(Role::Text, " ");
    row.put(Role::Removed, &format!("-{removed}"));
    for (number, role, words) in [
        (part, Role::Warning, "by hand"),
        (dropped, Role::Dim, "dropped"),
        (needs, Role::Warning, "left to you"),
        (cannot, Role::Error, "cannot"),
    ] {
        if number > 0 {
            row.put(role, &format!("  {} {words}", thousands(number)));
        }
    }
}

fn draw_file(pen: &mut Pen, area: Rect, plan: &Plan, path: &str, is_cursor: bool) {
    let file = plan.files.iter().find(|file| file.path == path);
    let mut row = pen.row(area);
    if let Some(file) = file {
        row.put_end(Role::Dim, &format!(" +{} -{} ", file.diff.added, file.diff.removed));
        if file.is_dirty {
            row.put_end(Role::Warning, " uncommitted");
        }
    }
    row.put(Role::Strong, if is_cursor { "> " } else { "  " });
    let room = row.left();
    let heading = file.map_or_else(|| path.to_owned(), |file| file.op.heading(&file.path));
    row.put(Role::Strong, &text::cut_start(&text::visible(&heading), room));
}

/// `[x]   19  Scripts in the page can read this cookie   exact`.
fn draw_fix(pen: &mut Pen, area: Rect, (state, review): (&State, &Review), fix: &PlannedFix, is_cursor: bool) {
    let mark = mark(review, fix);
    let (role, sign) = boxed(mark);
    let mut row = pen.row(area);
    let reason = if mark == Mark::Kept { Role::Dim } else { role };
    let by_hand = if mark == Mark::Part { fix.hunks().words() } else { String::new() };
    let said = if by_hand.is_empty() { fix.reason.name() } else { &by_hand };
    row.put_end(reason, &format!(" {said}"));
    row.put(Role::Strong, if is_cursor { " >" } else { "  " });
    row.put(role, sign);
    let backlog = &state.board.backlog;
    let line = fix.finding.and_then(|id| backlog.find(id)).map_or(0, |finding| backlog.lead(finding).line);
    if line > 0 {
        row.put(Role::LineNumber, &format!("{line:>4}  "));
    }
    // Later lines of a title are the tool's own boilerplate.
    let title = fix.title.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let is_secret = fix.finding.is_some_and(|id| review.secrets.contains(&id));
    row.put(Role::Text, &text::visible(&Cover::of(is_secret, []).text(title)));
}

/// `  [x]   19  + run(name)   hidden`.
fn draw_hunk(pen: &mut Pen, area: Rect, review: &Review, item: &ReviewItem, is_cursor: bool) {
    let Some((fix, diff, hunk)) = review.hunk_of(item) else { return };
    let (role, sign) = boxed(hunk_mark(review, fix, hunk));
    let mut row = pen.row(area);
    match hunk.state {
        HunkState::Edited => drop(row.put_end(Role::Warning, " edited")),
        HunkState::Broken => drop(row.put_end(Role::Error, " unusable")),
        HunkState::Whole | HunkState::Dropped => {}
    }
    if !hunk.unseen.word().is_empty() {
        row.put_end(Role::Hidden, &format!(" {} ", hunk.unseen.word()));
    }
    row.put(Role::Strong, if is_cursor { "   >" } else { "    " });
    row.put(role, sign);
    let first = fix.diffs.first().map(|diff| &diff.path);
    if first != Some(&diff.path) {
        let room = row.left() / 2;
        row.put(Role::Dim, &format!("{}  ", text::cut_start(&text::visible(&diff.path), room)));
    }
    // What goes says what it is about; what is only added has nothing else.
    let changed = hunk.lines.iter().find(|line| line.kind != LineKind::Context);
    let Some(line) = changed else { return };
    let number = if line.old > 0 { line.old } else { line.new };
    row.put(Role::LineNumber, &format!("{number:>4}  "));
    let is_secret = fix.finding.is_some_and(|id| review.secrets.contains(&id));
    let sign = if line.kind == LineKind::Removed { '-' } else { '+' };
    let text = line.text();
    let shown = Cover::of(is_secret, []).flagged_code(text.trim()).into_owned();
    row.put(Role::Text, &format!("{sign} {}", text::visible(&shown)));
}

/// The box before a fix or a hunk.
fn boxed(mark: Mark) -> (Role, &'static str) {
    match mark {
        Mark::Kept => (Role::Good, "[x] "),
        Mark::Part => (Role::Warning, "[~] "),
        Mark::Dropped => (Role::Dim, "[ ] "),
        Mark::Needs => (Role::Warning, "[!] "),
        Mark::Cannot => (Role::Error, "[-] "),
    }
}

//! The tree of a review: files with their fixes, and what will become of each.

use ratatui::layout::Rect;

use crate::app::layout::Regions;
use crate::app::page::Role;
use crate::app::review::{Mark, Review, ReviewItem, is_dropped};
use crate::app::state::{Pane, State};
use crate::model::plan::{FixState, Plan, PlannedFix};
use crate::model::secret::Cover;
use crate::model::text;

use super::pen::{Pen, count, first_line};

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
        }
        if is_cursor {
            pen.bar(area);
            if has_keys {
                pen.put_cursor(area.x, area.y);
            }
        }
    }
}

/// `3 fixes to write in 2 files (+41 -19)   1 left to you  2 cannot` in place of the filter bar.
fn draw_summary(pen: &mut Pen, area: Rect, review: &Review) {
    let mut row = pen.row(area);
    row.skip(1);
    if review.is_writing {
        row.put(Role::Strong, "writing…");
        return;
    }
    let Some(plan) = &review.plan else { return };
    let (added, removed) = plan.totals();
    let number = |wanted| plan.fixes.iter().filter(|fix| mark(review, fix) == wanted).count();
    let files = count(plan.files.len(), "file", "files");
    row.put(Role::Strong, &format!("{} to write in {files} (", count(number(Mark::Kept), "fix", "fixes")));
    row.put(Role::Added, &format!("+{added}"));
    row.put(Role::Text, " ");
    row.put(Role::Removed, &format!("-{removed}"));
    row.put(Role::Strong, ")");
    for (mark, role, words) in [
        (Mark::Dropped, Role::Dim, "dropped"),
        (Mark::Needs, Role::Warning, "left to you"),
        (Mark::Cannot, Role::Error, "cannot"),
    ] {
        if number(mark) > 0 {
            row.put(role, &format!("  {} {words}", number(mark)));
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
    let (role, sign) = match mark(review, fix) {
        Mark::Kept => (Role::Good, "[x] "),
        Mark::Dropped => (Role::Dim, "[ ] "),
        Mark::Needs => (Role::Warning, "[!] "),
        Mark::Cannot => (Role::Error, "[-] "),
    };
    let mut row = pen.row(area);
    let reason = if role == Role::Good { Role::Dim } else { role };
    row.put_end(reason, &format!(" {}", fix.reason.name()));
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

/// What the box before a fix shows: what a person said goes before what the plan says.
fn mark(review: &Review, fix: &PlannedFix) -> Mark {
    if is_dropped(review, fix) {
        return Mark::Dropped;
    }
    match fix.state {
        FixState::WillWrite => Mark::Kept,
        FixState::NeedsYou if review.included.contains(&fix.id) => Mark::Kept,
        FixState::NeedsYou => Mark::Needs,
        FixState::Cannot => Mark::Cannot,
    }
}

//! Panes that show a page: the detail of a finding, the diff of a review, pages to read.

use ratatui::layout::Rect;

use crate::app::layout::{Pane1, Regions};
use crate::app::page::{Page, Role};
use crate::app::review::Review;
use crate::app::state::{Pane, Reading, State};
use crate::model::text;

use super::pen::Pen;

pub(super) fn draw_detail(pen: &mut Pen, regions: &Regions, state: &State) {
    let detail = &state.detail;
    let has_keys = state.pane == Pane::Detail || detail.flow.is_some();
    draw(pen, regions, regions.second, &Shown { page: &detail.page, top: detail.top, has_keys });
}

pub(super) fn draw_diff(pen: &mut Pen, regions: &Regions, state: &State, review: &Review) {
    let has_keys = state.pane == Pane::Detail;
    draw(pen, regions, regions.second, &Shown { page: &review.page, top: review.page_top, has_keys });
    // The hunk that the next key is about.
    let body = regions.second.body;
    let row = review.page_at.and_then(|at| at.checked_sub(review.page_top)).and_then(|row| u16::try_from(row).ok());
    if let Some(row) = row.filter(|row| *row < body.height) {
        pen.bar(Rect { y: body.y + row, height: 1, ..body });
    }
}

pub(super) fn draw_reading(pen: &mut Pen, regions: &Regions, reading: &Reading) {
    draw(pen, regions, regions.first, &Shown { page: &reading.page, top: reading.top, has_keys: true });
}

struct Shown<'a> {
    page: &'a Page,
    top: usize,
    has_keys: bool,
}

fn draw(pen: &mut Pen, regions: &Regions, pane: Pane1, shown: &Shown) {
    if pane.outer.area() == 0 {
        return;
    }
    let height = usize::from(pane.body.height);
    let top = shown.top.min(shown.page.lines.len().saturating_sub(1));
    let role = if shown.has_keys { Role::BorderFocus } else { Role::Border };
    let title = text::visible(&shown.page.title);
    let note = position(top, height, shown.page.lines.len());
    if regions.is_framed {
        pen.frame(pane.outer, role, &title, &note);
    } else if pane.body.y > pane.outer.y {
        pen.rule(Rect { height: 1, ..pane.outer }, role, &title, &note);
    }
    for (line, y) in shown.page.lines.iter().skip(top).take(height).zip(pane.body.y..) {
        pen.line(Rect { y, height: 1, ..pane.body }, line);
    }
    if shown.has_keys {
        pen.put_cursor(pane.body.x, pane.body.y);
    }
}

/// `all` needs no note; else which lines of how many are seen.
fn position(top: usize, height: usize, lines: usize) -> String {
    if lines <= height { String::new() } else { format!("{}-{}/{lines}", top + 1, (top + height).min(lines)) }
}

//! One frame: the parts of the screen, what lies over them, and the last look at all cells.

use ratatui::Frame;

use crate::app::layout::{self, Regions};
use crate::app::page::Role;
use crate::app::state::{Overlay, Screen, State};

use super::pen::Pen;
use super::theme::Theme;
use super::{confirm, copied, filter, form, header, hints, list, page_pane, picker, prefix, review, safe, status};

/// Draws the state.
pub fn view(frame: &mut Frame, state: &State, theme: &Theme) {
    let regions = layout::split(state);
    let mut pen = Pen { cells: frame.buffer_mut(), theme, cursor: None };
    let screen = pen.cells.area;
    pen.tint(screen, Role::Text);
    draw_parts(&mut pen, state, &regions);
    draw_overlay(&mut pen, state);
    let cursor = pen.cursor;
    safe::secure(frame.buffer_mut(), theme.is_ascii);
    if let Some(cursor) = cursor {
        frame.set_cursor_position(cursor);
    }
}

fn draw_parts(pen: &mut Pen, state: &State, regions: &Regions) {
    header::draw(pen, regions.header, state);
    match &state.screen {
        Screen::Triage => {
            list::draw(pen, regions, state);
            page_pane::draw_detail(pen, regions, state);
        }
        Screen::Review(reviewed) => {
            review::draw_tree(pen, regions, state, reviewed);
            page_pane::draw_diff(pen, regions, state, reviewed);
        }
        Screen::Read(reading) => page_pane::draw_reading(pen, regions, reading),
    }
    status::draw(pen, regions.status, state);
    hints::draw(pen, regions.hints, state);
    // Drawn late: what is typed hangs over the line below the bar, and the bar has the cursor.
    filter::draw(pen, regions, state);
}

fn draw_overlay(pen: &mut Pen, state: &State) {
    prefix::draw(pen, state);
    match &state.overlay {
        None => {}
        Some(Overlay::Help(chosen)) => picker::draw_help(pen, state, chosen),
        Some(Overlay::Palette(chosen)) => picker::draw_palette(pen, state, chosen),
        Some(Overlay::Form(open)) => form::draw(pen, open),
        Some(Overlay::Confirm(open)) => confirm::draw(pen, open),
        Some(Overlay::Copied(text)) => copied::draw(pen, text),
    }
}

//! The filter bar: the query in effect or being typed, and how the list is sorted and grouped. While typing, the
//! line below says what is wrong, pointing at it, or what could come next.

use ratatui::layout::Rect;

use crate::app::layout::Regions;
use crate::app::page::Role;
use crate::app::state::{Screen, State};
use crate::model::text;
use crate::query::{Completion, QueryError};

use super::pen::{Pen, thousands};

/// Columns before the text: `/ `.
const INDENT: u16 = 2;

pub(super) fn draw(pen: &mut Pen, regions: &Regions, state: &State) {
    let area = regions.filter;
    if !matches!(state.screen, Screen::Triage) || area.area() == 0 {
        return;
    }
    draw_bar(pen, area, state, &order(state, regions));
    if let Some(input) = &state.filter.editing {
        let below = Rect { y: area.y + 1, ..area };
        match &state.filter.error {
            Some(error) => draw_error(pen, below, input.text(), error),
            None => draw_completions(pen, below, &state.filter.completions),
        }
    }
}

fn draw_bar(pen: &mut Pen, area: Rect, state: &State, order: &str) {
    let mut row = pen.row(area);
    if row.left() >= 50 {
        row.put_end(Role::Dim, &format!("  {order} "));
    }
    row.put(Role::Key, "/ ");
    match &state.filter.editing {
        Some(input) => row.put_input(Role::Text, input, true),
        None if state.filter.text.is_empty() => row.put(Role::Dim, "no filter"),
        None => row.put(Role::Strong, &text::visible(&state.filter.text)),
    }
}

/// `sort severity,path  group rule  3/1,284`; where the list has a frame, that shows the place.
fn order(state: &State, regions: &Regions) -> String {
    let sort: Vec<&str> = state.lens.sort.iter().map(|key| key.name()).collect();
    let mut out = format!("sort {}", sort.join(","));
    if let Some(group) = state.lens.group {
        out.push_str("  group ");
        out.push_str(group.name());
    }
    if !state.list.lines.is_empty() && !regions.is_framed {
        out.push_str(&format!("  {}/{}", thousands(state.list.at + 1), thousands(state.list.lines.len())));
    }
    out
}

/// `    ^^^^^ no such key; one of severity, path, …` below the bad term.
fn draw_error(pen: &mut Pen, area: Rect, typed: &str, error: &QueryError) {
    pen.clear(Rect { height: 1, ..area });
    let before = typed.get(..error.span.start).map_or(0, text::width);
    let marked = typed.get(error.span.clone()).map_or(1, text::width).max(1);
    let mut message = error.reason.clone();
    if !error.allowed.is_empty() {
        message.push_str("  (one of ");
        message.push_str(&error.allowed.join(", "));
        message.push(')');
    }
    let message = text::visible(&message).into_owned();
    // Words that do not fit behind the pointer would say nothing: it moves to the left for them.
    let room = usize::from(area.width.saturating_sub(INDENT)).saturating_sub(marked + 1);
    let indent = before.min(room.saturating_sub(text::width(&message).min(40)));
    let mut row = pen.row(area);
    row.skip(INDENT + u16::try_from(indent).unwrap_or(0));
    row.put(Role::Error, &"^".repeat(marked));
    row.put(Role::Text, " ");
    row.put(Role::Error, &message);
}

fn draw_completions(pen: &mut Pen, area: Rect, words: &[Completion]) {
    if words.is_empty() {
        return;
    }
    pen.clear(Rect { height: 1, ..area });
    let mut row = pen.row(area);
    row.skip(INDENT);
    row.put(Role::Key, "tab ");
    for word in words {
        let word = text::visible(&word.insert);
        if text::width(&word) + 2 > row.left() {
            break;
        }
        row.put(Role::Match, &word);
        row.put(Role::Text, "  ");
    }
}

//! The filter bar: the query in effect or being typed, and how the list is sorted and grouped. While typing, the
//! line below says what is wrong, pointing at it, or what could come next.

use ratatui::layout::Rect;

use crate::app::layout::Regions;
use crate::app::page::Role;
use crate::app::state::{Extent, Screen, State};
use crate::model::text;
use crate::query::{Completion, QueryError, SortKey};

use super::pen::{Pen, Row, thousands};

/// Columns before the text: `/ `.
const INDENT: u16 = 2;
/// What puts one finding before another of the same severity in the usual order (`model::order`).
const THEN: &str = "then a CWE, a flow, several tools";

pub(super) fn draw(pen: &mut Pen, regions: &Regions, state: &State) {
    let area = regions.filter;
    if !matches!(state.screen, Screen::Triage) || area.area() == 0 {
        return;
    }
    draw_bar(pen, area, state, regions);
    if let (Some(input), Some(error)) = (&state.filter.editing, &state.filter.error) {
        draw_error(pen, Rect { y: area.y + 1, ..area }, input.text(), error);
    }
}

fn draw_bar(pen: &mut Pen, area: Rect, state: &State, regions: &Regions) {
    let mut row = pen.row(area);
    let position = if regions.is_framed { String::new() } else { position(state) };
    let typed = state.filter.editing.as_ref().map_or(state.filter.text.as_str(), |input| input.text());
    if row.left() >= 50 {
        row.put_end(Role::Dim, if position.is_empty() { " " } else { &position });
    }
    // While a filter is typed, what could come next is worth more than the order.
    if row.left() >= 45 && state.filter.editing.is_none() {
        let room = row.left().saturating_sub(text::width(&text::visible(typed)) + 12);
        if let Some(order) = orders(state).iter().find(|order| text::width(order) <= room) {
            row.put_end(Role::Dim, &format!("  {order}"));
        }
    }
    row.put(Role::Key, "/ ");
    match &state.filter.editing {
        Some(input) => {
            row.put_input(Role::Text, input, true);
            draw_completions(&mut row, &state.filter.completions);
        }
        None if state.filter.text.is_empty() => row.put(Role::Dim, "no filter"),
        None => row.put(Role::Strong, &text::visible(&state.filter.text)),
    }
}

/// How the list is sorted and grouped, from the long form to the short: what comes first says why it does.
fn orders(state: &State) -> [String; 2] {
    let lens = state.lens_now();
    let sort: Vec<&str> = lens.sort.iter().map(|key| key.name()).collect();
    let group = state.lens.group.map(|group| format!("  group {}", group.name())).unwrap_or_default();
    let short = format!("sort {}{group}", sort.join(","));
    if state.extent == Extent::Part && !state.list.is_sorted {
        return [format!("as in the reports, sorted when all is there{group}"), short];
    }
    match lens.sort.as_slice() {
        [] | [SortKey::Lane] => [format!("sort lane, then score{group}"), format!("sort lane{group}")],
        [SortKey::Severity] => [format!("sort severity, {THEN}{group}"), short],
        _ => [short.clone(), short],
    }
}

/// `  3/1,284`: the line of the cursor, where no frame shows it.
fn position(state: &State) -> String {
    match state.list.lines.len() {
        0 => String::new(),
        lines => format!("  {}/{} ", thousands(state.list.at + 1), thousands(lines)),
    }
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

/// What Tab takes, first, and what else could come next, behind what is typed: nothing of the list is covered.
fn draw_completions(row: &mut Row, words: &[Completion]) {
    for (number, word) in words.iter().enumerate() {
        let word = text::visible(&word.insert);
        let lead = if number == 0 { "   Tab " } else { "  " };
        if text::width(lead) + text::width(&word) > row.left() {
            break;
        }
        row.put(if number == 0 { Role::Key } else { Role::Text }, lead);
        row.put(if number == 0 { Role::Match } else { Role::Dim }, &word);
    }
}

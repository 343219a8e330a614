//! Help and palette: commands to choose from, with their keys, and why one is not possible now.

use ratatui::layout::Rect;

use crate::app::command::Scope;
use crate::app::layout;
use crate::app::page::Role;
use crate::app::state::{Picker, PickerItem, State};
use crate::model::text;

use super::pen::{Pen, Row, first_line};

pub(super) fn draw_help(pen: &mut Pen, state: &State, picker: &Picker) {
    let title = format!("Help: {}", picker.scope.title());
    let mut inner = open(pen, state, picker, &title);
    if let Some((_, legend)) = LEGENDS.iter().find(|(scopes, _)| scopes.contains(&picker.scope))
        && inner.height >= 8
    {
        draw_legend(pen, inner, legend);
        inner.height -= 2;
    }
    draw_items(pen, inner, picker, ItemShape::Help);
}

/// Marks of a screen with their meanings.
type Legend = &'static [(&'static str, &'static str)];

const LEGENDS: &[(&[Scope], Legend)] = &[
    (
        &[Scope::List, Scope::Detail],
        &[
            ("!", "act now"),
            ("+", "this sprint"),
            ("●", "selected"),
            ("2x", "two tools"),
            ("f", "fix"),
            ("F", "fix kept"),
            ("t", "flow"),
        ],
    ),
    (
        &[Scope::Review],
        &[("[x]", "written"), ("[~]", "by hand"), ("[ ]", "dropped"), ("[!]", "left to you"), ("[-]", "cannot")],
    ),
];

/// The last line of help: what the marks of the list or the boxes of a review mean.
fn draw_legend(pen: &mut Pen, area: Rect, legend: Legend) {
    let mut row = pen.row(Rect { y: area.bottom() - 1, height: 1, ..area });
    row.put(Role::Title, "Marks  ");
    for (mark, meaning) in legend {
        row.put(Role::Key, mark);
        row.put(Role::Dim, &format!(" {meaning}"));
        row.skip(2);
    }
}

pub(super) fn draw_palette(pen: &mut Pen, state: &State, picker: &Picker) {
    let inner = open(pen, state, picker, "Commands");
    draw_items(pen, inner, picker, ItemShape::Palette);
}

/// Below so many columns a box shows one key and what it does, and no more.
const NARROW_BOX: u16 = 54;

/// What leads a line: the heading and keys, or the name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ItemShape {
    Help,
    Palette,
}

/// Draws the box with its input line and returns the place of the items.
fn open(pen: &mut Pen, state: &State, picker: &Picker, title: &str) -> Rect {
    let area = layout::picker(state);
    let note = if area.width < NARROW_BOX { "" } else { "type to filter, Enter runs" };
    let inner = pen.dialog_at(area, title, note);
    let mut row = pen.row(inner);
    row.put(Role::Key, ": ");
    row.put_input(Role::Text, &picker.input, true);
    Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner }
}

fn draw_items(pen: &mut Pen, area: Rect, picker: &Picker, shape: ItemShape) {
    if picker.items.is_empty() {
        pen.row(area).put(Role::Dim, "no command matches");
        return;
    }
    let height = usize::from(area.height);
    let first = first_line(picker.top, picker.at, height);
    let keys = picker.items.iter().map(|item| text::width(&item.keys)).max().unwrap_or(0).clamp(4, 18);
    let names = picker.items.iter().map(|item| text::width(item.name)).max().unwrap_or(0).clamp(8, 24);
    let is_narrow = area.width < NARROW_BOX;
    let mut section = "";
    for ((number, item), y) in picker.items.iter().enumerate().skip(first).take(height).zip(area.y..) {
        let line = Rect { y, height: 1, ..area };
        let role = if item.why_not.is_some() { Role::Dim } else { Role::Text };
        let mut row = pen.row(line);
        row.put(Role::Strong, if number == picker.at { "> " } else { "  " });
        if is_narrow {
            row.put_column(Role::Key, item.keys.split(' ').next().unwrap_or_default(), 7);
            put_help(&mut row, item, number == picker.at);
            if number == picker.at {
                pen.bar(line);
            }
            continue;
        }
        match shape {
            ItemShape::Help => {
                let heading = if item.section == section { "" } else { item.section };
                section = item.section;
                row.put_column(Role::Title, heading, 8);
            }
            ItemShape::Palette => row.put_column(role, item.name, names + 2),
        }
        row.put_column(if item.why_not.is_some() { Role::Dim } else { Role::Key }, &item.keys, keys + 2);
        put_help(&mut row, item, number == picker.at);
        if number == picker.at {
            pen.bar(line);
        }
    }
}

/// What a command does, and why it cannot now. Half a reason says nothing: where there is no room for both, only the
/// chosen line says it, in place of what it does.
fn put_help(row: &mut Row, item: &PickerItem, is_chosen: bool) {
    let Some(why) = &item.why_not else { return row.put(Role::Text, item.help) };
    let why = format!(" ({})", text::visible(why));
    let fits = text::width(item.help) + text::width(&why) <= row.left();
    if fits || !is_chosen {
        row.put(Role::Dim, item.help);
    }
    if fits || is_chosen {
        row.put(Role::Dim, if fits { &why } else { why.trim_start() });
    }
}

//! The last look at a frame, after everything is drawn: no cell may hold what a terminal obeys or hides,
//! and with `--ascii` nothing beyond ASCII. Text is made safe where it enters; this is the net below that.

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use crate::model::text;

/// Most characters of one cell: a letter with its accents. More is a stack that runs over other lines.
const MAX_CHARS: usize = 8;

/// What stands for the signs that we draw ourselves where only ASCII can be shown.
const ASCII: &[(char, &str)] = &[
    ('─', "-"),
    ('━', "="),
    ('│', "|"),
    ('┌', "+"),
    ('┐', "+"),
    ('└', "+"),
    ('┘', "+"),
    ('├', "+"),
    ('┤', "+"),
    ('▾', "v"),
    ('▸', ">"),
    ('●', "*"),
    ('•', "*"),
    ('·', "."),
    ('…', "~"),
    ('→', ">"),
    ('←', "<"),
    ('↑', "^"),
    ('↓', "v"),
    ('✓', "+"),
    ('×', "x"),
    ('–', "-"),
    ('—', "-"),
    ('‘', "'"),
    ('’', "'"),
    ('“', "\""),
    ('”', "\""),
];

/// Modifiers that show on a blank.
const SEEN_ON_BLANK: Modifier = Modifier::REVERSED.union(Modifier::UNDERLINED).union(Modifier::CROSSED_OUT);

/// Replaces what must not be shown by `?`, and makes blanks that look the same be the same, so that
/// they are not written again.
pub(super) fn secure(cells: &mut Buffer, is_ascii: bool) {
    for at in 0..cells.content.len() {
        let cell = &mut cells.content[at];
        match cell.symbol().as_bytes() {
            [] => {}
            [b' '] => plain_blank(cell),
            [byte] if !byte.is_ascii_control() => {}
            _ => {
                secure_cell(cell, is_ascii);
                if text::width(cell.symbol()) > 1 {
                    close_wide(&mut cells.content, at);
                }
            }
        }
    }
}

/// The second half of a wide sign is no blank: else the half would not be erased with its sign, and terminals that
/// keep halves apart would show the rest of the line one column off. What was drawn over the half ends the sign.
fn close_wide(cells: &mut [Cell], at: usize) {
    match cells.get_mut(at + 1) {
        Some(half) if half.symbol() == " " => {
            half.set_symbol("");
        }
        _ => {
            cells[at].set_symbol(" ");
        }
    }
}

fn plain_blank(cell: &mut Cell) {
    if !cell.modifier.intersects(SEEN_ON_BLANK) {
        cell.fg = Color::Reset;
        cell.modifier = Modifier::empty();
    }
}

fn secure_cell(cell: &mut Cell, is_ascii: bool) {
    let symbol = cell.symbol();
    if symbol.chars().any(text::is_unsafe) || symbol.chars().count() > MAX_CHARS {
        cell.set_symbol("?");
    } else if is_ascii && !symbol.is_ascii() {
        let stand_in = symbol.chars().next().and_then(|c| ASCII.iter().find(|(sign, _)| *sign == c));
        cell.set_symbol(stand_in.map_or("?", |(_, ascii)| ascii));
    }
}

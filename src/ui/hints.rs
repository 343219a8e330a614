//! The last line: which keys do what, here and now.

use ratatui::layout::Rect;

use crate::app::page::Role;
use crate::app::state::State;
use crate::app::update::{self, Hint};
use crate::model::text;

use super::pen::Pen;

pub(super) fn draw(pen: &mut Pen, area: Rect, state: &State) {
    if area.area() == 0 {
        return;
    }
    let mut row = pen.row(area);
    let mut gap = 1;
    for Hint { keys, words, is_possible } in update::hints(state) {
        // A hint is shown whole or not at all: half of one misleads.
        if usize::from(gap) + text::width(&keys) + 1 + text::width(words) > row.left() {
            break;
        }
        row.skip(gap);
        row.put(if is_possible { Role::Key } else { Role::Dim }, &keys);
        row.put(Role::Dim, &format!(" {words}"));
        gap = 2;
    }
}

//! What can follow the keys typed so far, shown at once.

use ratatui::layout::Rect;

use crate::app::page::Role;
use crate::app::state::State;
use crate::app::update;
use crate::model::text;

use super::pen::Pen;

/// What the default prefixes are about.
const ABOUT: &[(&str, &str)] = &[
    ("s", "decide"),
    ("g", "go"),
    ("b", "group the list"),
    ("v", "views of the list"),
    ("S", "sort the list"),
    ("y", "copy"),
    ("z", "fold"),
    ("]", "next"),
    ("[", "previous"),
];

pub(super) fn draw(pen: &mut Pen, state: &State) {
    if state.prefix.is_empty() {
        return;
    }
    let next = update::continuations(state);
    let screen = pen.cells.area;
    let typed: Vec<String> = state.prefix.iter().map(ToString::to_string).collect();
    let height = u16::try_from(next.len()).unwrap_or(u16::MAX).saturating_add(2).min(screen.height.saturating_sub(2));
    let width = 56.min(screen.width);
    if height < 3 {
        return;
    }
    let area = Rect::new(screen.width - width, screen.height - 2 - height, width, height);
    pen.clear(area);
    let title = typed.join(" ");
    let about = ABOUT.iter().find(|(prefix, _)| *prefix == title).map_or("", |(_, about)| about);
    pen.frame(area, Role::BorderFocus, format!("{title}  {about}").trim_end(), "Esc closes");
    for ((keys, help, why_not), y) in next.iter().zip(area.y + 1..area.bottom() - 1) {
        let mut row = pen.row(Rect::new(area.x + 2, y, width.saturating_sub(4), 1));
        let (key_role, role) = if why_not.is_some() { (Role::Dim, Role::Dim) } else { (Role::Key, Role::Text) };
        row.put_column(key_role, keys, 7);
        row.put(role, help);
        if let Some(why) = why_not {
            row.put(Role::Dim, &format!(" ({})", text::visible(why)));
        }
    }
}

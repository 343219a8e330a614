//! A question before something leaves the tool: the exact targets, and a number to type.

use ratatui::layout::Rect;

use crate::app::form::Confirm;
use crate::app::page::Role;
use crate::model::text;

use super::form::draw_about;
use super::pen::Pen;

pub(super) fn draw(pen: &mut Pen, confirm: &Confirm) {
    let about = u16::try_from(confirm.about.len()).unwrap_or(u16::MAX).min(200);
    let inner = pen.dialog(84, about.saturating_add(5), &text::visible(&confirm.title), "");
    let foot = 2.min(inner.height);
    draw_about(pen, Rect { height: inner.height.saturating_sub(foot + 1), ..inner }, &confirm.about);
    let mut row = pen.row(Rect { y: inner.bottom() - foot, height: 1.min(inner.height), ..inner });
    row.put(Role::Strong, &format!("Type {} and press Enter: [ ", text::visible(&confirm.expect)));
    row.put_end(Role::Key, " ]");
    row.put_input(Role::Strong, &confirm.input, true);
    let mut row = pen.row(Rect { y: inner.bottom().saturating_sub(1), height: u16::from(foot == 2), ..inner });
    match &confirm.error {
        Some(error) => row.put(Role::Error, &text::visible(error)),
        None => {
            row.put(Role::Key, "Esc");
            row.put(Role::Dim, " cancels, nothing is written");
        }
    }
}

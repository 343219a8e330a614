//! Text that was sent to the terminal's clipboard, whole, so that it can be taken by hand. Whether it arrived
//! cannot be known, and is not claimed.

use ratatui::layout::Rect;
use unicode_segmentation::UnicodeSegmentation;

use crate::app::page::Role;
use crate::model::text;

use super::pen::Pen;

pub(super) fn draw(pen: &mut Pen, sent: &str) {
    let width = pen.cells.area.width.saturating_sub(4).clamp(8, 100);
    let room = usize::from(width.saturating_sub(4).max(1));
    let lines: Vec<String> = text::visible_lines(sent).take(500).flat_map(|line| wrap(&line, room)).collect();
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(4);
    let height = height.min(pen.cells.area.height.saturating_sub(2).max(4));
    let inner = pen.dialog(width, height, "Sent to the terminal's clipboard", "any key closes");
    for (line, y) in lines.iter().zip(inner.y..inner.bottom().saturating_sub(2)) {
        pen.row(Rect { y, height: 1, ..inner }).put(Role::Text, line);
    }
    let last = Rect { y: inner.bottom().saturating_sub(1), height: 1.min(inner.height), ..inner };
    pen.row(last).put(Role::Dim, "Not every terminal takes it: then select it here.");
}

/// Cuts a line into pieces of at most so many columns, with nothing added or lost.
fn wrap(line: &str, columns: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut used = 0;
    for grapheme in line.graphemes(true) {
        let width = text::width(grapheme);
        if used + width > columns {
            pieces.push(String::new());
            used = 0;
        }
        used += width;
        if let Some(piece) = pieces.last_mut() {
            piece.push_str(grapheme);
        }
    }
    pieces
}

//! What every pane draws with: text in roles, rows, frames, and the place of the terminal's own cursor.
//! Everything is clipped here, so that no pane can draw outside its area or panic on a tiny screen.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use crate::app::page::{Line, Role};
use crate::model::text;
pub(super) use crate::model::text::thousands;

use super::theme::Theme;

/// The cells of a frame with the theme.
pub(super) struct Pen<'a> {
    pub(super) cells: &'a mut Buffer,
    pub(super) theme: &'a Theme,
    /// Where the terminal's cursor will stand: on the row or in the field that has the keys.
    pub(super) cursor: Option<Position>,
}

/// One line of the screen that is filled from both ends.
pub(super) struct Row<'p, 'a> {
    pen: &'p mut Pen<'a>,
    y: u16,
    x: u16,
    end: u16,
}

impl<'a> Pen<'a> {
    /// The first line of an area, to write on.
    pub(super) fn row(&mut self, area: Rect) -> Row<'_, 'a> {
        let area = area.intersection(self.cells.area);
        let end = if area.height == 0 { area.x } else { area.right() };
        Row { y: area.y, x: area.x, end, pen: self }
    }

    /// Puts a role over what stands in an area.
    pub(super) fn tint(&mut self, area: Rect, role: Role) {
        let area = area.intersection(self.cells.area);
        self.cells.set_style(area, self.theme.style(role));
    }

    /// Makes an area the cursor's row: one bar without other colours, which is read and written best.
    pub(super) fn bar(&mut self, area: Rect) {
        let area = area.intersection(self.cells.area);
        let style = self.theme.style(Role::Text).patch(self.theme.style(Role::Cursor));
        self.cells.set_style(area, Style::reset().patch(style));
    }

    /// Empties an area for something that lies over the screen.
    pub(super) fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.cells.area);
        for position in area.positions() {
            if let Some(cell) = self.cells.cell_mut(position) {
                cell.reset();
            }
        }
        self.tint(area, Role::Text);
    }

    /// Places the terminal's cursor, if the place is on the screen.
    pub(super) fn put_cursor(&mut self, x: u16, y: u16) {
        let position = Position::new(x, y);
        if self.cells.area.contains(position) {
            self.cursor = Some(position);
        }
    }

    /// One line of a page, cut at the right edge of the area.
    pub(super) fn line(&mut self, area: Rect, line: &Line) {
        let mut row = self.row(area);
        for span in &line.spans {
            let from = row.x;
            row.put(span.role, &span.text);
            if let Some(mark) = span.mark {
                let marked = Rect::new(from, row.y, row.x - from, 1);
                row.pen.tint(marked, mark);
            }
        }
        if let Some(fill) = line.fill {
            self.tint(Rect { height: 1, ..area }, fill);
        }
    }

    /// A frame with its title at the left and a note at the right.
    pub(super) fn frame(&mut self, area: Rect, role: Role, title: &str, note: &str) {
        if area.width < 2 || area.height < 2 {
            return;
        }
        let inner = "─".repeat(usize::from(area.width - 2));
        self.row(area).put(role, &format!("┌{inner}┐"));
        let last = Rect { y: area.bottom() - 1, height: 1, ..area };
        self.row(last).put(role, &format!("└{inner}┘"));
        for y in area.y + 1..area.bottom() - 1 {
            self.row(Rect::new(area.x, y, 1, 1)).put(role, "│");
            self.row(Rect::new(area.right() - 1, y, 1, 1)).put(role, "│");
        }
        let edge = Rect { x: area.x + 2, width: area.width.saturating_sub(4), height: 1, ..area };
        self.caption(edge, role, title, note);
    }

    /// A line across the area with a title at the left and a note at the right.
    pub(super) fn rule(&mut self, area: Rect, role: Role, title: &str, note: &str) {
        self.row(area).put(role, &"─".repeat(usize::from(area.width)));
        let edge = Rect { x: area.x + 1, width: area.width.saturating_sub(2), height: 1, ..area };
        self.caption(edge, role, title, note);
    }

    /// Title and note on a line that is already drawn.
    fn caption(&mut self, edge: Rect, role: Role, title: &str, note: &str) {
        let mut row = self.row(edge);
        if !note.is_empty() {
            row.put_end(role, &format!(" {note} "));
        }
        if !title.is_empty() {
            row.put(role, " ");
            row.put(Role::Title, &text::cut(title, row.left().saturating_sub(1)));
            row.put(role, " ");
        }
    }

    /// A box in the middle of the screen, emptied and framed; returns what is inside.
    pub(super) fn dialog(&mut self, width: u16, height: u16, title: &str, note: &str) -> Rect {
        let screen = self.cells.area;
        let (width, height) = (width.min(screen.width), height.min(screen.height));
        let area = Rect::new((screen.width - width) / 2, (screen.height - height) / 2, width, height);
        self.dialog_at(area, title, note)
    }

    /// The same at a place of its own. A tiny box has no frame.
    pub(super) fn dialog_at(&mut self, area: Rect, title: &str, note: &str) -> Rect {
        let area = area.intersection(self.cells.area);
        self.clear(area);
        if area.height < 4 || area.width < 12 {
            return area;
        }
        self.frame(area, Role::BorderFocus, title, note);
        Rect::new(area.x + 2, area.y + 1, area.width - 4, area.height - 2)
    }
}

impl Row<'_, '_> {
    /// Columns that are left.
    pub(super) fn left(&self) -> usize {
        usize::from(self.end.saturating_sub(self.x))
    }

    /// Writes a text that is safe to show, cut where the row ends.
    pub(super) fn put(&mut self, role: Role, safe: &str) {
        let room = self.left();
        if room == 0 || safe.is_empty() {
            return;
        }
        let style = self.pen.theme.style(role);
        let (x, _) = self.pen.cells.set_stringn(self.x, self.y, text::cut(safe, room), room, style);
        self.x = x;
    }

    /// Writes a text into a column of a fixed width.
    pub(super) fn put_column(&mut self, role: Role, safe: &str, width: usize) {
        let next = self.x + u16::try_from(width.min(self.left())).unwrap_or(0);
        self.put(role, &text::cut(safe, usize::from(next - self.x)));
        self.x = next;
    }

    /// Writes a text at the right end, if all of it fits; what is written later ends before it.
    pub(super) fn put_end(&mut self, role: Role, safe: &str) -> bool {
        let width = text::width(safe);
        let Some(x) = u16::try_from(width).ok().and_then(|width| self.end.checked_sub(width)) else { return false };
        if width == 0 || x < self.x {
            return false;
        }
        let style = self.pen.theme.style(role);
        self.pen.cells.set_stringn(x, self.y, safe, width, style);
        self.end = x;
        true
    }

    pub(super) fn skip(&mut self, columns: u16) {
        self.x = self.x.saturating_add(columns).min(self.end);
    }

    /// Writes text that is being typed, with the terminal's cursor in it; its end is shown where it is long.
    pub(super) fn put_input(&mut self, role: Role, input: &crate::app::input::LineInput, has_keys: bool) {
        let head = text::visible(input.text().get(..input.cursor()).unwrap_or_default()).into_owned();
        let tail = text::visible(input.text().get(input.cursor()..).unwrap_or_default()).into_owned();
        let shown = text::cut_start(&head, self.left().saturating_sub(1)).into_owned();
        self.put(role, &shown);
        if has_keys {
            let (x, y) = (self.x.min(self.end.saturating_sub(1)), self.y);
            self.pen.put_cursor(x, y);
        }
        self.put(role, &tail);
    }
}

/// First line to draw so that the line `at` is among the `height` drawn ones, as close to `top` as can be.
pub(super) fn first_line(top: usize, at: usize, height: usize) -> usize {
    top.min(at).max((at + 1).saturating_sub(height.max(1)))
}

/// `1 fix`, `2 fixes`: a number with its noun.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", thousands(number), if number == 1 { one } else { many })
}

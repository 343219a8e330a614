//! A short form for a decision.

use ratatui::layout::Rect;

use crate::app::form::{Field, FieldKind, Form};
use crate::app::page::{Line, Role};
use crate::model::text;

use super::pen::{Pen, first_line};

/// Columns of the labels.
const LABELS: usize = 15;

pub(super) fn draw(pen: &mut Pen, form: &Form) {
    let fields = u16::try_from(form.fields.len()).unwrap_or(u16::MAX);
    let about = u16::try_from(form.about.len()).unwrap_or(u16::MAX).min(10);
    let fixed = fields.saturating_add(5);
    let inner = pen.dialog(84, fixed.saturating_add(about), &text::visible(&form.title), "");
    let about_height = inner.height.saturating_sub(fixed.saturating_sub(2)).min(about);
    draw_about(pen, Rect { height: about_height, ..inner }, &form.about);
    let top = inner.y + about_height + u16::from(about_height > 0 && inner.height > about_height + fields + 1);
    let area = Rect { y: top, height: inner.bottom().saturating_sub(top), ..inner };
    let height = area.height.saturating_sub(1).min(fields);
    let first = first_line(0, form.at, usize::from(height));
    for ((number, field), y) in form.fields.iter().enumerate().skip(first).take(usize::from(height)).zip(area.y..) {
        draw_field(pen, Rect { y, height: 1, ..area }, field, number == form.at);
    }
    draw_foot(pen, Rect { y: inner.bottom().saturating_sub(1), height: 1, ..inner }, form.error.as_deref());
}

fn draw_field(pen: &mut Pen, area: Rect, field: &Field, has_keys: bool) {
    let mut row = pen.row(area);
    let role = if has_keys { Role::Strong } else { Role::Text };
    row.put(Role::Strong, if has_keys { "> " } else { "  " });
    row.put_column(role, &format!("{}{}", field.label, if field.is_required { "*" } else { "" }), LABELS);
    let hint = text::visible(&field.hint);
    if !hint.is_empty() && text::width(&hint) + 24 < row.left() {
        row.put_end(Role::Dim, &format!("  {hint}"));
    }
    let (open, close) = if field.kind == FieldKind::Justification { ("< ", " >") } else { ("[ ", " ]") };
    row.put(Role::Key, open);
    row.put_end(Role::Key, close);
    row.put_input(role, &field.input, has_keys);
}

/// What it is about, and how much of that does not fit.
pub(super) fn draw_about(pen: &mut Pen, area: Rect, about: &[Line]) {
    let height = usize::from(area.height);
    let shown = if about.len() <= height { about.len() } else { height.saturating_sub(1) };
    for (line, y) in about.iter().take(shown).zip(area.y..area.bottom()) {
        pen.line(Rect { y, height: 1, ..area }, line);
    }
    if shown < about.len() && area.height > 0 {
        let last = Rect { y: area.bottom() - 1, height: 1, ..area };
        pen.row(last).put(Role::Dim, &format!("and {} more", about.len() - shown));
    }
}

fn draw_foot(pen: &mut Pen, area: Rect, error: Option<&str>) {
    let mut row = pen.row(area);
    match error {
        Some(error) => row.put(Role::Error, &text::visible(error)),
        None => {
            for (key, help) in [("Enter", "decide"), ("Tab", "next field"), ("Esc", "close, text is kept")] {
                row.put(Role::Key, key);
                row.put(Role::Dim, &format!(" {help}"));
                row.skip(3);
            }
        }
    }
}

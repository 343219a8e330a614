//! Text to lines of a width.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;

use crate::app::page::{Line, Role, Span};
use crate::model::text;

/// Fewest columns of a row, whatever the width.
const MIN_ROOM: usize = 8;

/// Most characters of one text that a page shows; the rest is said.
const MAX_CHARS: usize = 20_000;

/// Breaks visible text at blanks to lines of at most `width` columns; words that are longer are cut.
pub fn wrap(untrusted: &str, width: usize) -> Vec<String> {
    let width = width.max(8);
    let mut lines = Vec::new();
    let (shown, is_cut) = match untrusted.char_indices().nth(MAX_CHARS) {
        Some((at, _)) => (untrusted.get(..at).unwrap_or_default(), true),
        None => (untrusted, false),
    };
    for line in text::visible_lines(shown) {
        wrap_line(&line, width, &mut lines);
    }
    if is_cut {
        lines.push(format!("… {} more characters; quell show prints them", untrusted.chars().count() - MAX_CHARS));
    }
    lines
}

fn wrap_line(line: &str, width: usize, lines: &mut Vec<String>) {
    let indent: String = line.chars().take_while(|c| *c == ' ').take(width / 2).collect();
    let mut current = indent.clone();
    let mut used = indent.len();
    let mut is_empty = true;
    for word in line.split_whitespace() {
        let columns = text::width(word);
        if !is_empty && used + 1 + columns > width {
            lines.push(std::mem::replace(&mut current, indent.clone()));
            used = indent.len();
            is_empty = true;
        }
        if !is_empty {
            current.push(' ');
            used += 1;
        }
        for piece in pieces(word, width.saturating_sub(used).max(1), width - indent.len()) {
            if used + text::width(&piece) > width && used > indent.len() {
                lines.push(std::mem::replace(&mut current, indent.clone()));
                used = indent.len();
            }
            used += text::width(&piece);
            current.push_str(&piece);
        }
        is_empty = false;
    }
    lines.push(current);
}

/// A word in pieces that fit: the first into what is left of the line, the others into whole lines.
fn pieces(word: &str, first: usize, width: usize) -> Vec<Cow<'_, str>> {
    if text::width(word) <= width {
        return vec![Cow::Borrowed(word)];
    }
    let mut pieces = Vec::new();
    let (mut piece, mut used, mut room) = (String::new(), 0, first);
    for grapheme in word.graphemes(true) {
        let columns = text::width(grapheme);
        if used + columns > room && !piece.is_empty() {
            pieces.push(Cow::Owned(std::mem::take(&mut piece)));
            (used, room) = (0, width);
        }
        piece.push_str(grapheme);
        used += columns;
    }
    pieces.push(Cow::Owned(piece));
    pieces
}

/// Spans over at most `most` rows of `room` columns each, cut wherever a row is full, but not inside a hidden character;
/// the last row ends with `…` where something is left out.
pub fn rows(spans: Vec<Span>, room: usize, most: usize) -> Vec<Vec<Span>> {
    let room = room.max(MIN_ROOM);
    let columns: usize = spans.iter().map(|span| text::width(&span.text)).sum();
    let is_cut = columns > room * most;
    let (mut rows, mut row, mut used) = (Vec::new(), Vec::new(), 0);
    for span in spans {
        let mut rest = span.text.as_str();
        while !rest.is_empty() {
            let is_last = rows.len() + 1 >= most;
            // The sign of a cut takes a column of the last row.
            let room = room - usize::from(is_last && is_cut);
            // What is written out for a character is read as a whole.
            let is_whole = span.role == Role::Hidden && used > 0 && text::width(rest) <= room;
            let left = room.saturating_sub(used);
            let (head, tail) =
                if is_whole && text::width(rest) > left { ("", rest) } else { split_at_column(rest, left) };
            if head.is_empty() && is_last {
                row.push(Span::new(Role::Dim, "…"));
                rows.push(row);
                return rows;
            }
            if head.is_empty() {
                rows.push(std::mem::take(&mut row));
                used = 0;
                continue;
            }
            used += text::width(head);
            row.push(Span { text: head.to_owned(), ..span });
            rest = tail;
        }
    }
    rows.push(row);
    rows
}

/// As much of a text as fits, and the rest.
fn split_at_column(text: &str, columns: usize) -> (&str, &str) {
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += text::width(grapheme);
        if used > columns {
            return text.split_at(at);
        }
    }
    (text, "")
}

/// Wrapped text as lines of one role.
pub fn paragraph(role: Role, untrusted: &str, width: usize) -> Vec<Line> {
    wrap(untrusted, width).into_iter().map(|line| Line::new(role, &line)).collect()
}

/// A label and wrapped text behind it, later lines below the text.
pub fn labelled(label: &str, role: Role, untrusted: &str, width: usize) -> Vec<Line> {
    const LABEL: usize = 11;
    let mut lines = Vec::new();
    for (at, line) in wrap(untrusted, width.saturating_sub(LABEL)).into_iter().enumerate() {
        let head = if at == 0 { format!("{label:<LABEL$}") } else { " ".repeat(LABEL) };
        lines.push(Line { spans: vec![Span::new(Role::Dim, &head), Span::new(role, &line)], ..Line::default() });
    }
    lines
}

/// Markdown as it reads best on a terminal: headings stand out, fences and link targets go, the rest stays.
pub fn markdown(untrusted: &str, width: usize) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut is_code = false;
    for line in untrusted.lines().take(400) {
        let trimmed = line.trim_start();
        if trimmed.starts_with("```") {
            is_code = !is_code;
        } else if is_code {
            lines.push(Line::new(Role::String, &format!("    {}", text::cut(line, width.saturating_sub(4)))));
        } else if let Some(heading) = trimmed.strip_prefix('#') {
            lines.extend(paragraph(Role::Strong, heading.trim_start_matches('#').trim(), width));
        } else if trimmed.is_empty() {
            if lines.last().is_some_and(|line| !line.spans.is_empty()) {
                lines.push(Line::blank());
            }
        } else {
            lines.extend(paragraph(Role::Text, &without_emphasis(line), width));
        }
    }
    lines
}

fn without_emphasis(line: &str) -> String {
    line.replace("**", "").replace("__", "").replace('`', "")
}

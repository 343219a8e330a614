//! Charts of text: bars and flows that any terminal draws, and two blocks side by side where there is room.

use crate::app::page::{Line, Role};
use crate::model::text::{thousands, width};

/// Columns of a name, of a number, and of the longest bar.
const NAME: usize = 21;
const NUMBER: usize = 8;
const BAR: usize = 24;
/// Columns from which on two blocks stand side by side, and of the left one then.
const WIDE: usize = 112;
const LEFT: usize = 58;

/// A name, a number, and a bar as long as the number is a part of `of`.
pub fn bar(name: &str, count: usize, of: usize, role: Role) -> Line {
    Line::new(role, &format!("{name:<NAME$}"))
        .with(Role::Text, &format!("{:>NUMBER$}  ", thousands(count)))
        .with(role, &"━".repeat(length(count, of)))
}

/// A span of time with what came in it and what went.
pub fn flow(name: &str, came: usize, went: usize, most: usize) -> Line {
    let half = |count: usize| "━".repeat(length(count, most).div_ceil(2));
    Line::new(Role::Text, &format!("{name:<NAME$}"))
        .with(Role::Text, &format!("{:>NUMBER$} ", thousands(came)))
        .with(Role::High, &format!("{:<12}", half(came)))
        .with(Role::Text, &format!("{:>6} ", thousands(went)))
        .with(Role::Good, &half(went))
}

pub fn title(name: &str, note: &str) -> Line {
    let line = Line::new(Role::Title, name).stop();
    if note.is_empty() { line } else { line.with(Role::Dim, &format!("  {note}")) }
}

/// Blocks under one another, or two in a row.
pub fn arranged(blocks: &[Vec<Line>], columns: usize) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let in_a_row = if columns >= WIDE { 2 } else { 1 };
    for row in blocks.chunks(in_a_row) {
        lines.push(Line::blank());
        match row {
            [left, right] => lines.extend(beside(left, right)),
            _ => lines.extend(row.iter().flatten().cloned()),
        }
    }
    lines
}

fn beside(left: &[Line], right: &[Line]) -> Vec<Line> {
    let joined = |at: usize| {
        let mut line = left.get(at).cloned().unwrap_or_default();
        if let Some(other) = right.get(at) {
            let used: usize = line.spans.iter().map(|span| width(&span.text)).sum();
            line = line.with(Role::Text, &" ".repeat(LEFT.saturating_sub(used).max(1)));
            line.spans.extend(other.spans.iter().cloned());
            line.is_stop |= other.is_stop;
        }
        line
    };
    (0..left.len().max(right.len())).map(joined).collect()
}

fn length(count: usize, of: usize) -> usize {
    if of == 0 { 0 } else { (count * BAR).div_ceil(of).min(BAR) }
}

//! Lines of code with numbers, colours and the flagged part.

use crate::app::page::{Line, Role, Span};
use crate::model::detail::Region;
use crate::model::snippet::{CodeLine, Origin, Snippet};
use crate::model::text;

use super::wrap::{paragraph, rows};

/// Columns that the line number takes, with its blanks.
const GUTTER: usize = 7;
/// Rows that a flagged line may take.
const ROWS: usize = 4;
/// Lines from which a flagged region is too long to be marked as text.
const LONG: u32 = 4;

/// The lines of a snippet, at most `around` of them above and below what is flagged. Long lines are cut at the right,
/// or at the left where that would hide the flagged part.
pub fn lines(snippet: &Snippet, width: usize, around: u32) -> Vec<Line> {
    let region = &snippet.flagged;
    let mut lines = Vec::new();
    match &snippet.origin {
        Origin::Pending => lines.push(Line::new(Role::Dim, "reading the code")),
        Origin::Missing(why) => lines.extend(paragraph(Role::Warning, why, width)),
        Origin::Tree { changed: true } => {
            lines.push(Line::new(Role::Warning, "the file has changed since the scan: the place may be off"));
        }
        Origin::Report => {
            lines.push(Line::new(Role::Dim, "the file is not here: this is the report's own copy"));
        }
        Origin::Tree { changed: false } => {}
    }
    for (at, line) in snippet.lines.iter().enumerate() {
        let number = snippet.first_line.saturating_add(u32::try_from(at).unwrap_or(u32::MAX));
        let is_near = number.saturating_add(around) >= region.line
            && number <= region.end_line.max(region.line).saturating_add(around);
        if region.line > 0 && !is_near {
            continue;
        }
        lines.extend(code_line(line, number, region, width.saturating_sub(GUTTER)));
    }
    lines
}

/// One row; what is flagged is what the page is about, and goes on below where it is longer.
fn code_line(line: &CodeLine, number: u32, region: &Region, room: usize) -> Vec<Line> {
    let is_flagged = region.line > 0 && (region.line..=region.end_line.max(region.line)).contains(&number);
    // A whole resource or function is marked at its line numbers alone.
    let is_long = region.end_line.saturating_sub(region.line) >= LONG;
    let flagged = if is_flagged && !is_long { flagged_bytes(line, number, region) } else { 0..0 };
    let most = if flagged.is_empty() { 1 } else { ROWS };
    let start = first_shown(&line.text, &flagged, room * most);
    let mut spans = Vec::new();
    if start > 0 {
        spans.push(Span::new(Role::Dim, "…"));
    }
    for (from, to, role, mark) in runs(line, &flagged).into_iter().filter(|(_, to, ..)| *to > start) {
        let raw = line.text.get(from.max(start)..to).unwrap_or_default();
        let role = if raw.chars().any(text::is_hidden) { Role::Hidden } else { role };
        spans.push(Span { mark, ..Span::new(role, raw) });
    }
    let (sign, gutter) = if is_flagged { (">", Role::Strong) } else { (" ", Role::LineNumber) };
    let numbered = std::iter::once(format!("{number:>4} {sign} ")).chain(std::iter::repeat(format!("{:>4} … ", "")));
    let rows = rows(spans, room, most).into_iter().zip(numbered);
    rows.map(|(mut spans, head)| {
        spans.insert(0, Span::new(gutter, &head));
        Line { spans, ..Line::default() }
    })
    .collect()
}

/// Bytes of the line that the region covers; columns count code points, 0 is "not stated".
fn flagged_bytes(code: &CodeLine, number: u32, region: &Region) -> std::ops::Range<usize> {
    let line = &*code.text;
    let byte_at = |column: u32| {
        let shown = column.saturating_sub(1).saturating_sub(code.skipped);
        line.char_indices().nth(shown as usize).map_or(line.len(), |(at, _)| at)
    };
    let indent = line.len() - line.trim_start().len();
    let start = if number == region.line && region.column > 0 { byte_at(region.column) } else { indent };
    let is_last = number == region.end_line.max(region.line);
    let end = if is_last && region.end_column > 0 { byte_at(region.end_column) } else { line.trim_end().len() };
    start..end.max(start)
}

/// First byte that is shown: 0 unless the flagged part begins beyond the right edge.
fn first_shown(line: &str, flagged: &std::ops::Range<usize>, room: usize) -> usize {
    let before = text::width(&text::visible(line.get(..flagged.start).unwrap_or_default()));
    if flagged.is_empty() || before + 8 < room {
        return 0;
    }
    let wanted = before.saturating_sub(room / 3);
    let mut used = 0;
    for (at, c) in line.char_indices() {
        if used >= wanted {
            return at;
        }
        used += text::width(&text::visible(c.encode_utf8(&mut [0; 4])));
    }
    0
}

/// The line in runs of one role, cut where the flagged part begins and ends.
fn runs(line: &CodeLine, flagged: &std::ops::Range<usize>) -> Vec<(usize, usize, Role, Option<Role>)> {
    let mut cuts: Vec<usize> = vec![flagged.start, flagged.end, line.text.len()];
    cuts.extend(line.roles.iter().map(|(end, _)| *end as usize));
    cuts.retain(|cut| *cut <= line.text.len() && line.text.is_char_boundary(*cut));
    cuts.sort_unstable();
    cuts.dedup();
    let mut runs = Vec::new();
    let mut from = 0;
    for to in cuts {
        if to > from {
            let role =
                line.roles.iter().find(|(end, _)| *end as usize > from).map_or(Role::Text, |(_, role)| (*role).into());
            let mark = flagged.contains(&from).then_some(Role::Flagged);
            runs.push((from, to, role, mark));
            from = to;
        }
    }
    runs
}

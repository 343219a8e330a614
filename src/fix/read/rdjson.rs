//! The Reviewdog Diagnostic Format: one JSON document, or one diagnostic a line (reviewdog, `proto/rdf/reviewdog.proto`).
//!
//! Columns count bytes of UTF-8 by that text; what a tool is known to count goes before it. A range without columns
//! means whole lines, one without an end is a place. Several suggestions of a diagnostic are other ways to do the
//! same, except with tools that are known to mean all of them.

use serde::Deserialize;

use crate::model::detail::Region;
use crate::model::fix::{ColumnUnit, TextEdit};

use super::document::Document;
use super::draft::{Draft, Drafts};

/// Tools whose suggestions of one diagnostic belong together (measured with ruff 0.17).
const ALL_OF: [&str; 1] = ["ruff"];

#[derive(Deserialize, Default)]
#[serde(default)]
struct Whole {
    diagnostics: Vec<Diagnostic>,
    source: Option<Source>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Diagnostic {
    message: String,
    location: Location,
    source: Option<Source>,
    code: Option<Code>,
    suggestions: Option<Vec<Suggestion>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Location {
    path: String,
    range: Option<Range>,
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Source {
    name: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Code {
    value: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Suggestion {
    range: Option<Range>,
    text: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Range {
    start: Position,
    end: Option<Position>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Position {
    line: u32,
    column: u32,
}

pub(super) fn is_whole(document: &Document<'_>) -> bool {
    let start = document.text.trim_ascii_start();
    start.starts_with(b"{") && serde_json::from_slice::<Marks>(start).is_ok_and(|marks| marks.diagnostics.is_some())
}

/// Every line is an object, and the first is a diagnostic.
pub(super) fn is_lines(document: &Document<'_>) -> bool {
    let mut lines = document.lines.iter().map(|line| line.trim_ascii()).filter(|line| !line.is_empty()).peekable();
    let is_first = lines.peek().and_then(|line| serde_json::from_slice::<Marks>(line).ok());
    let is_diagnostic = is_first.is_some_and(|marks| marks.message.is_some() && marks.location.is_some());
    is_diagnostic && lines.all(|line| line.starts_with(b"{"))
}

/// The keys that tell.
#[derive(Deserialize)]
struct Marks {
    diagnostics: Option<serde::de::IgnoredAny>,
    message: Option<serde::de::IgnoredAny>,
    location: Option<serde::de::IgnoredAny>,
}

pub(super) fn read_whole(document: &Document<'_>, drafts: &mut Drafts<'_>) {
    match serde_json::from_slice::<Whole>(document.text) {
        Ok(whole) => {
            for (number, diagnostic) in whole.diagnostics.into_iter().enumerate() {
                add(drafts, &format!("/diagnostics/{number}"), diagnostic, whole.source.as_ref());
            }
        }
        Err(error) => drafts.problem(error.line(), format!("it is no rdjson: {error}")),
    }
}

pub(super) fn read_lines(document: &Document<'_>, drafts: &mut Drafts<'_>) {
    for (number, line) in document.lines.iter().enumerate().filter(|(_, line)| !line.trim_ascii().is_empty()) {
        match serde_json::from_slice(line) {
            Ok(diagnostic) => add(drafts, &format!("/{number}"), diagnostic, None),
            Err(error) => drafts.problem(number + 1, format!("it is no diagnostic: {error}")),
        }
    }
}

fn add(drafts: &mut Drafts<'_>, place: &str, diagnostic: Diagnostic, whole: Option<&Source>) {
    let Diagnostic { message, location, source, code, suggestions } = diagnostic;
    let tool = source.as_ref().or(whole).map(|source| source.name.clone()).unwrap_or_default();
    let suggestions = suggestions.unwrap_or_default();
    let mut file = drafts.located(&location.path);
    file.flagged = location.range.iter().map(region).collect();
    let edits: Vec<TextEdit> = suggestions.iter().map(|one| text_edit(one, location.range.as_ref())).collect();
    let first = message.lines().next().unwrap_or_default();
    let title = code.map_or_else(|| first.to_owned(), |code| format!("{}: {first}", code.value));
    let draft = Draft { title, message, place: place.to_owned(), tool, ..Draft::default() };
    let is_whole = ALL_OF.iter().any(|name| draft.tool.to_lowercase().starts_with(name));
    if is_whole || edits.len() < 2 {
        file.edits = edits;
        drafts.add(Draft { files: vec![file], ..draft });
        return;
    }
    let unclear = "its source does not say whether this is one of several ways or a part of one";
    let warnings = if are_apart(&edits) { vec![unclear.to_owned()] } else { Vec::new() };
    for (alternative, edit) in edits.into_iter().enumerate() {
        let mut file = file.clone();
        file.edits = vec![edit];
        drafts.add(Draft { alternative, files: vec![file], warnings: warnings.clone(), ..draft.clone() });
    }
}

/// Whether suggestions are about different places, so that they may belong together.
fn are_apart(edits: &[TextEdit]) -> bool {
    edits.windows(2).any(|pair| matches!(pair, [a, b] if a.region != b.region))
}

fn text_edit(suggestion: &Suggestion, location: Option<&Range>) -> TextEdit {
    let region = suggestion.range.as_ref().or(location).map(region).unwrap_or_default();
    TextEdit { region, unit: Some(ColumnUnit::Byte), insert: suggestion.text.clone() }
}

fn region(range: &Range) -> Region {
    let Range { start, end } = range;
    let is_linewise = start.column == 0 && end.as_ref().is_none_or(|end| end.column == 0);
    let end = end.as_ref().unwrap_or(start);
    let (end_line, end_column) = if end.line == 0 { (start.line, start.column) } else { (end.line, end.column) };
    let column = if is_linewise { 0 } else { start.column.max(1) };
    Region { line: start.line, column, end_line, end_column, ..Region::default() }
}

//! Ruff's JSON (`crates/ruff_linter/src/message/json.rs`). Columns count code points from 1; a fix that has several
//! edits makes all of them.

use crate::ingest::json::{Int, List, Owned, Said, lenient};
use crate::model::fix::Applicability;
use crate::repo::Repo;

use super::original::Original;
use super::words::level;
use super::write::{Finding, Fix, Location, Log, Region, Rule, bag, text};

lenient! {
    Diagnostic {
        code: Owned = "code",
        name: Owned = "name",
        severity: Owned = "severity",
        file: Owned = "filename",
        cell: Int = "cell",
        start: Position = "location",
        end: Position = "endLocation",
        message: Owned = "message",
        url: Owned = "url",
        noqa: Int = "noqaRow",
        fix: Repair = "fix",
    }
}

lenient! {
    Position {
        row: Int = "row",
        column: Int = "column",
    }
}

lenient! {
    Repair {
        applicability: Owned = "applicability",
        edits: List<Edit> = "edits",
        message: Owned = "message",
    }
}

lenient! {
    Edit {
        content: Owned = "content",
        start: Position = "location",
        end: Position = "endLocation",
    }
}

pub(super) fn read(original: &mut Original<'_>, _: &Repo) -> Vec<Log> {
    let diagnostics: List<Diagnostic> = original.document();
    let mut log = Log::new("ruff");
    log.column_kind = Some("unicodeCodePoints");
    for (index, diagnostic) in diagnostics.0.into_iter().enumerate() {
        let rule = Rule {
            id: diagnostic.code.0.clone().unwrap_or_else(|| "invalid-syntax".to_owned()),
            name: diagnostic.name.0.clone(),
            help_uri: diagnostic.url.0.clone(),
            ..Rule::default()
        };
        log.push(rule, finding(index, diagnostic));
    }
    vec![log]
}

fn finding(index: usize, diagnostic: Diagnostic) -> Finding {
    let file = diagnostic.file.0.unwrap_or_default();
    // Cells of a notebook have lines of their own, which are no lines of the file.
    let is_notebook = diagnostic.cell.0.is_some();
    let mut location = Location::new(&file);
    if !is_notebook {
        location = location.at(region(&diagnostic.start, &diagnostic.end));
    }
    let fix = diagnostic.fix;
    let edits = fix.edits.0.into_iter();
    let edits: Vec<_> =
        edits.map(|edit| (file.clone(), region(&edit.start, &edit.end), edit.content.0.unwrap_or_default())).collect();
    let applicability = match fix.applicability.get().unwrap_or_default().to_ascii_lowercase().as_str() {
        "safe" | "automatic" | "always" => Applicability::Safe,
        // `display`: shown, but never made by ruff itself.
        "unsafe" | "suggested" | "sometimes" | "display" | "displayonly" => Applicability::Unsafe,
        _ => Applicability::Unknown,
    };
    let has_fix = !edits.is_empty() && !is_notebook;
    Finding {
        pointer: format!("/{index}"),
        level: Some(diagnostic.severity.get().map_or("error", |severity| level(Some(severity)))),
        message: text(diagnostic.message.0),
        locations: vec![location],
        fixes: has_fix.then(|| Fix::new(fix.message.0, applicability, edits)).into_iter().collect(),
        properties: bag([("noqa_row", diagnostic.noqa.0.into()), ("cell", diagnostic.cell.0.into())]),
        ..Finding::default()
    }
}

fn region(start: &Position, end: &Position) -> Region {
    Region::between((start.row.0, start.column.0), (end.row.0, end.column.0))
}

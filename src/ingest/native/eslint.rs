//! ESLint's JSON (`lib/cli-engine/formatters/json.js`). Columns and offsets count UTF-16 code units; offsets count from
//! 0 and do not see a byte order mark, but for −1, which is the mark.

use sha2::{Digest, Sha256};

use crate::ingest::json::{Int, List, Owned, Said, lenient};
use crate::ingest::open::hex;
use crate::model::fix::Applicability;
use crate::repo::Repo;

use super::original::Original;
use super::write::{Artifact, Finding, Fix, Location, Log, Region, Rule, Suppression, bag, text};

lenient! {
    FileResult {
        path: Owned = "filePath",
        messages: List<Problem> = "messages",
        suppressed: List<Problem> = "suppressedMessages",
        /// The file, where nothing was fixed.
        source: Owned = "source",
    }
}

lenient! {
    Problem {
        rule: Owned = "ruleId",
        severity: Int = "severity",
        is_fatal: Owned = "fatal",
        message: Owned = "message",
        line: Int = "line",
        column: Int = "column",
        end_line: Int = "endLine",
        end_column: Int = "endColumn",
        fix: Edit = "fix",
        suggestions: List<Suggestion> = "suggestions",
        suppressions: List<Directive> = "suppressions",
    }
}

lenient! {
    Edit {
        range: List<Int> = "range",
        text: Owned = "text",
    }
}

lenient! {
    Suggestion {
        description: Owned = "desc",
        fix: Edit = "fix",
    }
}

lenient! {
    Directive {
        kind: Owned = "kind",
        justification: Owned = "justification",
    }
}

pub(super) fn read(original: &mut Original<'_>, _: &Repo) -> Vec<Log> {
    let files: List<FileResult> = original.document();
    let mut log = Log::new("ESLint");
    log.column_kind = Some("utf16CodeUnits");
    for (index, file) in files.0.into_iter().enumerate() {
        let path = file.path.0.unwrap_or_default();
        let lines: Option<Vec<&str>> = file.source.get().map(|source| source.lines().collect());
        if let Some(source) = file.source.get() {
            log.artifacts.push(Artifact::new(&path, hex(&Sha256::digest(source))));
        }
        let groups = [("messages", file.messages.0), ("suppressedMessages", file.suppressed.0)];
        for (name, messages) in groups {
            for (number, message) in messages.into_iter().enumerate() {
                // What has no rule is no finding: the file could not be parsed, or was ignored.
                let Some(id) = message.rule.0.clone() else {
                    log.has_failed |= message.is_fatal.get() == Some("true");
                    continue;
                };
                let pointer = format!("/{index}/{name}/{number}");
                let finding = finding(pointer, &path, lines.as_deref(), message);
                log.push(Rule { id, ..Rule::default() }, finding);
            }
        }
    }
    vec![log]
}

fn finding(pointer: String, path: &str, lines: Option<&[&str]>, message: Problem) -> Finding {
    let region = Region::between(
        (message.line.0, message.column.0),
        (message.end_line.0.or(message.line.0), message.end_column.0),
    );
    let mut location = Location::new(path).at(region);
    if let Some((first, text)) = lines.and_then(|lines| around(lines, message.line.0?, message.end_line.0)) {
        location = location.among(first, text);
    }
    let fix = fix(path, None, message.fix, Applicability::Safe);
    let suggestions = message.suggestions.0.into_iter();
    let suggestions = suggestions
        .filter_map(|suggestion| self::fix(path, suggestion.description.0, suggestion.fix, Applicability::Unsafe));
    let suppressions = message.suppressions.0.into_iter().map(|directive| match directive.kind.get() {
        Some("directive") | None => Suppression::in_source(directive.justification.0),
        Some(_) => Suppression::external(directive.justification.0),
    });
    Finding {
        pointer,
        level: Some(if message.severity.0 == Some(1) { "warning" } else { "error" }),
        message: text(message.message.0),
        locations: vec![location],
        fixes: fix.into_iter().chain(suggestions).collect(),
        suppressions: suppressions.collect(),
        properties: bag([]),
        ..Finding::default()
    }
}

/// Lines that are shown around a place.
const AROUND: usize = 2;

/// Number of the first line and the lines around a place.
fn around(lines: &[&str], line: i64, end_line: Option<i64>) -> Option<(i64, String)> {
    let at = usize::try_from(line).ok()?.checked_sub(1)?;
    let end = end_line.and_then(|end| usize::try_from(end).ok()).unwrap_or(at + 1).max(at + 1);
    let first = at.saturating_sub(AROUND);
    let shown = lines.get(first..(end + AROUND).min(lines.len()))?;
    Some((i64::try_from(first).ok()? + 1, shown.join("\n")))
}

fn fix(path: &str, title: Option<String>, edit: Edit, applicability: Applicability) -> Option<Fix> {
    let [start, end] = edit.range.0.as_slice() else { return None };
    let (start, end) = (start.0?, end.0?);
    // The mark takes three bytes at the start of a file.
    let region = if start < 0 && end == 0 { Region::bytes(0, 3) } else { Region::chars(start, end) };
    (start <= end).then(|| Fix::new(title, applicability, [(path.to_owned(), region, edit.text.0.unwrap_or_default())]))
}

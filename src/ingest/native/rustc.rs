//! What `rustc --error-format json` and cargo around it write: one document a line. Offsets count bytes of the file,
//! columns code points from 1. The spans of one child that has replacements are one fix; children are alternatives.

use crate::ingest::json::{Int, List, Owned, Said, lenient};
use crate::model::fix::Applicability;
use crate::repo::Repo;

use super::original::Original;
use super::write::{Finding, Fix, Location, Log, Region, Rule, bag, text};

lenient! {
    /// A message of cargo with the diagnostic in it, or rustc's own diagnostic, whose message is a text.
    Line {
        inner: Diagnostic = "message",
        code: Code = "code",
        level: Owned = "level",
        spans: List<Span> = "spans",
        children: List<Child> = "children",
    }
}

lenient! {
    Diagnostic from message {
        code: Code = "code",
        level: Owned = "level",
        message: Owned = "message",
        spans: List<Span> = "spans",
        children: List<Child> = "children",
    }
}

lenient! {
    Code {
        code: Owned = "code",
        explanation: Owned = "explanation",
    }
}

lenient! {
    Child {
        level: Owned = "level",
        message: Owned = "message",
        spans: List<Span> = "spans",
    }
}

lenient! {
    Span {
        file: Owned = "fileName",
        start: Int = "byteStart",
        end: Int = "byteEnd",
        line: Int = "lineStart",
        end_line: Int = "lineEnd",
        column: Int = "columnStart",
        end_column: Int = "columnEnd",
        is_primary: Owned = "isPrimary",
        label: Owned = "label",
        lines: List<SpanLine> = "text",
        replacement: Owned = "suggestedReplacement",
        applicability: Owned = "suggestionApplicability",
    }
}

lenient! {
    SpanLine {
        text: Owned = "text",
    }
}

/// How clippy's help names its page.
const PAGE: &str = "for further information visit ";

pub(super) fn read(original: &mut Original<'_>, _: &Repo) -> Vec<Log> {
    // Both tools write the same, and what converts it to SARIF names it so.
    let mut log = Log::new("clippy");
    log.column_kind = Some("unicodeCodePoints");
    for (number, line) in original.lines::<Line>() {
        let diagnostic = diagnostic(line);
        // "aborting due to 2 previous errors" has no place.
        if !diagnostic.spans.0.is_empty() {
            log.push(rule(&diagnostic), finding(number, &diagnostic));
        }
    }
    vec![log]
}

fn diagnostic(line: Line) -> Diagnostic {
    let Line { inner, code, level, spans, children } = line;
    if spans.0.is_empty() { inner } else { Diagnostic { message: inner.message, code, level, spans, children } }
}

fn rule(diagnostic: &Diagnostic) -> Rule {
    let page = diagnostic.children.0.iter().find_map(|child| child.message.get()?.strip_prefix(PAGE));
    Rule {
        id: diagnostic.code.code.0.clone().unwrap_or_default(),
        help: text(diagnostic.code.explanation.0.clone()),
        help_uri: page.map(str::to_owned),
        ..Rule::default()
    }
}

fn finding(number: usize, diagnostic: &Diagnostic) -> Finding {
    let (primary, other): (Vec<&Span>, Vec<&Span>) =
        diagnostic.spans.0.iter().partition(|span| span.is_primary.get() == Some("true"));
    let notes = diagnostic.children.0.iter().filter(|child| child.spans.0.is_empty());
    let notes = notes.filter_map(|child| child.message.get()).filter(|note| !note.starts_with(PAGE));
    let notes: Vec<&str> = notes.collect();
    let related = other.into_iter().map(|span| location(span, span.label.get()));
    let of_child = |child: &Child| {
        let told = child.spans.0.iter().filter(|span| span.replacement.get().is_none());
        told.map(|span| location(span, child.message.get())).collect::<Vec<_>>()
    };
    let related = related.chain(diagnostic.children.0.iter().flat_map(of_child)).collect();
    let level = match diagnostic.level.get().unwrap_or_default() {
        "warning" => "warning",
        "note" | "help" | "failure-note" => "note",
        _ => "error",
    };
    Finding {
        pointer: format!("line {number}"),
        level: Some(level),
        locations: primary.into_iter().map(|span| location(span, span.label.get())).collect(),
        related_locations: related,
        fixes: diagnostic.children.0.iter().filter_map(fix).collect(),
        properties: bag([("notes", notes.into())]),
        message: text(diagnostic.message.0.clone()),
        ..Finding::default()
    }
}

fn location(span: &Span, message: Option<&str>) -> Location {
    let region = Region::between((span.line.0, span.column.0), (span.end_line.0, span.end_column.0));
    let lines: Vec<&str> = span.lines.0.iter().filter_map(|line| line.text.get()).collect();
    let location = Location::new(span.file.get().unwrap_or_default()).at(region).saying(message.map(str::to_owned));
    match span.line.0 {
        Some(first) => location.among(first, lines.join("\n")),
        None => location,
    }
}

fn fix(child: &Child) -> Option<Fix> {
    let mut edits = Vec::new();
    let mut applicability = Applicability::Safe;
    for span in &child.spans.0 {
        let Some(insert) = &span.replacement.0 else { continue };
        edits.push((span.file.0.clone()?, Region::bytes(span.start.0?, span.end.0?), insert.clone()));
        applicability = applicability.max(match span.applicability.get().unwrap_or_default() {
            "MachineApplicable" => Applicability::Safe,
            // A person has to fill something in.
            "HasPlaceholders" => Applicability::Advice,
            _ => Applicability::Unsafe,
        });
    }
    (!edits.is_empty()).then(|| Fix::new(child.message.0.clone(), applicability, edits))
}

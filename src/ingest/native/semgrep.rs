//! Semgrep's JSON (`cli_output` of `semgrep_output_v1`). Offsets count bytes from 0, columns bytes from 1. A fix
//! replaces the match; without a login the code of the match is the words `requires login`.

use crate::ingest::json::{Int, List, Owned, OwnedBag, Properties, Said, lenient};
use crate::model::fix::Applicability;
use crate::repo::Repo;

use super::original::Original;
use super::trace::Trace;
use super::words::{level, texts};
use super::write::{CodeFlow, Finding, Fix, Location, Log, Region, Rule, Suppression, bag, text};

lenient! {
    Report {
        version: Owned = "version",
        results: List<Match> = "results",
        errors: List<Failure> = "errors",
    }
}

lenient! {
    Failure {
        level: Owned = "level",
    }
}

lenient! {
    Match {
        id: Owned = "checkId",
        path: Owned = "path",
        start: Position = "start",
        end: Position = "end",
        extra: Extra = "extra",
    }
}

lenient! {
    /// A place in a file.
    Position {
        line: Int = "line",
        column: Int = "col",
        offset: Int = "offset",
    }
}

lenient! {
    Extra {
        message: Owned = "message",
        severity: Owned = "severity",
        lines: Owned = "lines",
        fix: Owned = "fix",
        is_ignored: Owned = "isIgnored",
        engine: Owned = "engineKind",
        validation: Owned = "validationState",
        metadata: OwnedBag = "metadata",
        trace: Trace = "dataflowTrace",
    }
}

/// What stands where code would need a login.
const NO_LOGIN: &str = "requires login";

pub(super) fn read(original: &mut Original<'_>, _: &Repo) -> Vec<Log> {
    let report: Report = original.document();
    let mut log = Log::new("Semgrep OSS");
    log.version = report.version.0;
    log.column_kind = Some("utf8CodeUnits");
    log.has_failed = report.errors.0.iter().any(|failure| failure.level.get() == Some("error"));
    for (index, found) in report.results.0.into_iter().enumerate() {
        log.push(rule(&found), finding(index, found));
    }
    vec![log]
}

fn rule(found: &Match) -> Rule {
    let metadata = &found.extra.metadata;
    let confidence = metadata.text("confidence").map(|text| format!("{text} CONFIDENCE"));
    let owasp = metadata.texts("owasp").into_iter().map(|name| format!("OWASP-{name}"));
    let tags = metadata.texts("cwe").into_iter().chain(confidence).chain(owasp).chain(metadata.texts("technology"));
    let references = metadata.texts("references").into_iter().map(|address| format!("- {address}"));
    let references: Vec<String> = references.collect();
    let id = found.id.0.clone().unwrap_or_default();
    Rule {
        name: Some(id.clone()),
        id,
        help: text((!references.is_empty()).then(|| format!("References:\n{}", references.join("\n")))),
        help_uri: metadata.text("source"),
        properties: bag([("tags", texts(tags))]),
        ..Rule::default()
    }
}

fn finding(index: usize, found: Match) -> Finding {
    let Match { path, start, end, extra, .. } = found;
    let path = path.0.unwrap_or_default();
    let lines = extra.lines.0.filter(|lines| lines != NO_LOGIN);
    let location = Location::new(&path).at(region(&start, &end).showing(lines));
    let fix = extra.fix.0.zip(start.offset.0.zip(end.offset.0));
    let fix = fix.map(|(text, (from, to))| {
        Fix::new(
            extra.message.0.clone(),
            Applicability::Unknown,
            [(path, region(&start, &end).in_bytes(from, to), text)],
        )
    });
    let steps = extra.trace.steps();
    let is_ignored = extra.is_ignored.get() == Some("true");
    Finding {
        pointer: format!("/results/{index}"),
        level: Some(level(extra.severity.get())),
        message: text(extra.message.0),
        locations: vec![location],
        code_flows: (!steps.is_empty()).then(|| CodeFlow::new(steps)).into_iter().collect(),
        fixes: fix.into_iter().collect(),
        suppressions: is_ignored.then(|| Suppression::in_source(None)).into_iter().collect(),
        properties: bag([
            ("confidence", extra.metadata.text("confidence").into()),
            ("likelihood", extra.metadata.text("likelihood").into()),
            ("impact", extra.metadata.text("impact").into()),
            ("engine", extra.engine.get().into()),
            ("validation", extra.validation.get().filter(|state| *state != "NO_VALIDATOR").into()),
        ]),
        ..Finding::default()
    }
}

pub(super) fn region(start: &Position, end: &Position) -> Region {
    Region::between((start.line.0, start.column.0), (end.line.0, end.column.0))
}

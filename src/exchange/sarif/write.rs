//! The log: one run for each run that was read, with all that its report says of it, and every result in its own as the
//! report has it. Runs are not joined, also those of one tool: results refer to the tables of their run by position,
//! and ids count equal results within a run. What is added is what Quell knows: ids, status, and the decisions
//! as suppressions.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Map, Value, json};

use crate::model::backlog::{FindingIdx, ResultIdx};
use crate::model::board::Board;
use crate::model::decision::Status;
use crate::model::grade::Baseline;

use super::{Source, rebuilt};
use crate::exchange::safe::json;
use crate::exchange::words::{decided, object, said};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// Name of a result's id among its fingerprints.
pub const FINGERPRINT: &str = "quell/v1";
/// Property that names the event of a suppression that we wrote.
pub(super) const DECISION: &str = "quell/decision";
/// Property of a result with all that was decided about it.
pub(super) const EVENT: &str = "quell/event";

/// Findings with the results that are written for them.
type Members = Vec<(FindingIdx, ResultIdx)>;

/// Writes all results of these findings. Text is as the reports have it, secrets too.
pub fn write(source: Source<'_>, findings: &[FindingIdx], out: &mut dyn Write) -> io::Result<()> {
    let backlog = &source.board.backlog;
    let mut runs: BTreeMap<u32, Members> = BTreeMap::new();
    for &finding in findings {
        for &result in backlog.members(finding) {
            runs.entry(backlog.record(result).run()).or_default().push((finding, result));
        }
    }
    out.write_all(format!("{{\"$schema\":\"{SCHEMA}\",\"version\":\"2.1.0\",\"runs\":[").as_bytes())?;
    for (number, (run, results)) in runs.iter().enumerate() {
        out.write_all(if number == 0 { b"\n" } else { b",\n" })?;
        let original = source.reader.original_run(backlog, *run);
        match original.filter(|run| run.contains_key("tool")) {
            Some(original) => write_original(source, original, results, out)?,
            None => write_rebuilt(source, *run, results, out)?,
        }
    }
    out.write_all(b"\n]}\n")
}

fn write_original(
    source: Source<'_>,
    mut run: Map<String, Value>,
    results: &Members,
    out: &mut dyn Write,
) -> io::Result<()> {
    if let Some(files) = run.get_mut("externalPropertyFileReferences").and_then(Value::as_object_mut) {
        // Results in other files were not read, so they are not among these.
        files.remove("results");
    }
    let is_compared = is_compared(source, results);
    write_run(&run, results, out, |finding, result| {
        let original = source.reader.original_result(&source.board.backlog, result);
        let mut known = original.unwrap_or_else(|| rebuilt::result(source, result, None));
        if !is_compared {
            known.remove("baselineState");
        }
        with_additions(source, known, finding, result)
    })
}

fn write_rebuilt(source: Source<'_>, run: u32, results: &Members, out: &mut dyn Write) -> io::Result<()> {
    let is_compared = is_compared(source, results);
    let (described, rules) = rebuilt::run(source, run, results.iter().map(|(_, result)| *result));
    write_run(&described, results, out, |finding, result| {
        let rule = rules.get(&source.board.backlog.record(result).rule).copied();
        let mut known = rebuilt::result(source, result, rule);
        if !is_compared {
            known.remove("baselineState");
        }
        with_additions(source, known, finding, result)
    })
}

/// Whether every result has a baseline state: for some of a run alone it is not valid (SARIF 2.1.0, 3.27.24).
fn is_compared(source: Source<'_>, results: &Members) -> bool {
    let backlog = &source.board.backlog;
    results.iter().all(|(_, result)| backlog.record(*result).baseline() != Baseline::Unstated)
}

/// A run with its results as they come, so that a long list costs no memory.
fn write_run(
    run: &Map<String, Value>,
    results: &Members,
    out: &mut dyn Write,
    result_of: impl Fn(FindingIdx, ResultIdx) -> Value,
) -> io::Result<()> {
    out.write_all(b"{")?;
    for (name, value) in run {
        json(out, name)?;
        out.write_all(b":")?;
        json(out, value)?;
        out.write_all(b",")?;
    }
    out.write_all(b"\"results\":[")?;
    for (number, (finding, result)) in results.iter().enumerate() {
        out.write_all(if number == 0 { b"\n" } else { b",\n" })?;
        json(out, &result_of(*finding, *result))?;
    }
    out.write_all(b"]}")
}

/// A result with what Quell knows of it.
fn with_additions(source: Source<'_>, mut result: Map<String, Value>, finding: FindingIdx, number: ResultIdx) -> Value {
    let board = source.board;
    let entry = board.backlog.finding(finding);
    let id = board.backlog.record(number).id.to_string();
    let mut fingerprints = taken(&mut result, "fingerprints");
    fingerprints.insert(FINGERPRINT.to_owned(), id.into());
    let mut properties = taken(&mut result, "properties");
    for (name, value) in [
        ("quell/id", board.backlog.id(finding).to_string()),
        ("quell/status", board.status(finding).name().to_owned()),
        ("quell/severity", entry.severity.name().to_owned()),
    ] {
        properties.insert(name.to_owned(), value.into());
    }
    // Also what takes nothing off the list, such as a confirmation.
    let line = decided(board, finding).map(said);
    properties.remove(DECISION);
    properties.remove(EVENT);
    line.map(|line| properties.insert(DECISION.to_owned(), line.into()));
    let whole = decided(board, finding).map(|event| object(board, finding, event));
    whole.map(|whole| properties.insert(EVENT.to_owned(), whole));
    result.insert("fingerprints".to_owned(), fingerprints.into());
    result.insert("properties".to_owned(), properties.into());
    if let Some(fixes) = result.get_mut("fixes").and_then(Value::as_array_mut) {
        // Advice without an edit, which other formats have, is no valid fix (SARIF 2.1.0, 3.55.3).
        let is_edit = |fix: &Value| fix["artifactChanges"].as_array().is_some_and(|changes| !changes.is_empty());
        fixes.retain(is_edit);
    }
    let stated = result.remove("suppressions");
    let mut suppressions: Vec<Value> = stated.and_then(|stated| stated.as_array().cloned()).unwrap_or_default();
    suppressions.retain(|stated| stated.pointer("/properties").and_then(|bag| bag.get(DECISION)).is_none());
    if board.backlog.mark_of(number).is_some() {
        // What a model has suppressed is a request: who reads this must not take it for a decision.
        let of_model = |stated: &&mut Value| stated["kind"] != "inSource" && stated["status"] != "rejected";
        for stated in suppressions.iter_mut().filter(of_model) {
            stated["status"] = "underReview".into();
        }
    }
    suppressions.extend(suppression(board, finding));
    // Absent would say that nobody has looked at suppressions; in one run it is absent for all or for none.
    result.insert("suppressions".to_owned(), suppressions.into());
    Value::Object(result)
}

/// Takes an object out of a result; an empty one where there is none.
fn taken(result: &mut Map<String, Value>, name: &str) -> Map<String, Value> {
    match result.remove(name) {
        Some(Value::Object(object)) => object,
        _ => Map::new(),
    }
}

/// The decision that takes a finding off the list, as a suppression (SARIF 2.1.0, 3.35).
fn suppression(board: &Board, finding: FindingIdx) -> Option<Value> {
    let status = match board.status(finding) {
        Status::Accepted
        | Status::FalsePositive
        | Status::NotAffected
        | Status::Mitigated
        | Status::Deferred
        | Status::Duplicate => "accepted",
        Status::Requested => "underReview",
        Status::Open | Status::Confirmed | Status::FixApplied | Status::Fixed => return None,
    };
    let event = decided(board, finding)?;
    Some(json!({
        "kind": "external",
        "status": status,
        "justification": said(event),
        "properties": { DECISION: event.id, "quell/author": event.author, "quell/at": event.at.to_string() },
    }))
}

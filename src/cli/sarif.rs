//! Findings as a SARIF 2.1.0 log: one run for each run that was read, every result in its own.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use serde_json::{Value, json};

use crate::model::backlog::{FindingIdx, Record, ResultIdx};
use crate::model::detail::Detail;
use crate::model::grade::Baseline;

use super::out::Out;
use super::work::Work;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// Writes all results of these findings. Text is as the reports have it, secrets too.
pub(super) fn write(work: &Work, findings: &[FindingIdx], out: &mut Out<'_>) -> io::Result<()> {
    let backlog = &work.loaded.board.backlog;
    let mut runs: BTreeMap<u32, Vec<(FindingIdx, ResultIdx)>> = BTreeMap::new();
    for &finding in findings {
        for &result in backlog.members(finding) {
            runs.entry(backlog.record(result).run).or_default().push((finding, result));
        }
    }
    out.raw(format!("{{\"$schema\":\"{SCHEMA}\",\"version\":\"2.1.0\",\"runs\":[").as_bytes())?;
    for (number, (run, results)) in runs.iter().enumerate() {
        out.raw(if number == 0 { b"\n" } else { b",\n" })?;
        write_run(work, *run, results, out)?;
    }
    out.raw(b"\n]}\n")
}

fn write_run(work: &Work, run: u32, results: &[(FindingIdx, ResultIdx)], out: &mut Out<'_>) -> io::Result<()> {
    let backlog = &work.loaded.board.backlog;
    let tool = &backlog.tools[backlog.runs[run as usize].tool as usize];
    let mut rules: BTreeMap<u32, usize> = BTreeMap::new();
    for (_, result) in results {
        rules.entry(backlog.record(*result).rule).or_default();
    }
    for (index, place) in rules.values_mut().enumerate() {
        *place = index;
    }
    let described: Vec<Value> = rules.keys().map(|&rule| rule_json(work, rule)).collect();
    let driver = without_null(json!({ "name": tool.name, "version": tool.version, "rules": described }));
    out.raw(b"{\"tool\":{\"driver\":")?;
    out.json(&driver)?;
    out.raw(b"},\"columnKind\":\"unicodeCodePoints\",\"results\":[")?;
    for (number, (finding, result)) in results.iter().enumerate() {
        out.raw(if number == 0 { b"\n" } else { b",\n" })?;
        let index = rules.get(&backlog.record(*result).rule).copied();
        out.json(&result_json(work, *finding, *result, index))?;
    }
    out.raw(b"]}")
}

fn rule_json(work: &Work, rule: u32) -> Value {
    let Some(rule) = work.loaded.board.backlog.rules.get(rule as usize) else { return json!({ "id": "" }) };
    let text = |text: &Option<String>| text.as_ref().map(|text| json!({ "text": text }));
    let mut tags = rule.tags.clone();
    tags.extend(rule.cwe.iter().map(|cwe| format!("external/cwe/cwe-{cwe}")).filter(|tag| !rule.tags.contains(tag)));
    without_null(json!({
        "id": rule.id,
        "name": rule.name,
        "shortDescription": text(&rule.summary),
        "fullDescription": text(&rule.description),
        "help": text(&rule.help),
        "helpUri": rule.help_uri,
        "properties": without_null(json!({
            "tags": tags,
            "security-severity": rule.score.map(|score| format!("{score:.1}")),
        })),
    }))
}

fn result_json(work: &Work, finding: FindingIdx, result: ResultIdx, rule_index: Option<usize>) -> Value {
    let board = &work.loaded.board;
    let backlog = &board.backlog;
    let record = backlog.record(result);
    let detail = work.loaded.reader.detail(backlog, result).ok();
    let message = detail.as_ref().map_or_else(|| backlog.messages.get(result), |detail| detail.message.clone());
    let baseline = Some(record.baseline).filter(|state| *state != Baseline::Unstated).map(Baseline::name);
    let fingerprints = |detail: &Detail| {
        let pairs = detail.fingerprints.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str())));
        Value::Object(pairs.collect())
    };
    without_null(json!({
        "ruleId": backlog.rules.get(record.rule as usize).map(|rule| &rule.id),
        "ruleIndex": rule_index,
        "level": record.level.name(),
        "kind": record.kind.name(),
        "message": { "text": message },
        "locations": location(work, record, detail.as_ref()),
        "baselineState": baseline,
        "partialFingerprints": detail.as_ref().map(fingerprints),
        "suppressions": record.is_suppressed.then(|| suppressions(detail.as_ref())),
        "properties": {
            "quell/id": backlog.finding(finding).id.to_string(),
            "quell/status": board.status(finding).name(),
            "quell/severity": backlog.finding(finding).severity.name(),
        },
    }))
}

fn location(work: &Work, record: &Record, detail: Option<&Detail>) -> Option<Value> {
    let path = work.loaded.board.backlog.paths.get(record.path as usize)?;
    let uri = if path.in_repo { encoded(&path.text) } else { path.text.clone() };
    let stated = |number: u32| Some(number).filter(|number| *number > 0);
    // The flagged text is part of a finding's identity.
    let snippet = detail.and_then(|detail| detail.locations.first()?.snippet.as_deref());
    let region = stated(record.line).map(|line| {
        without_null(json!({
            "startLine": line,
            "startColumn": stated(record.column),
            "endLine": stated(record.end_line),
            "endColumn": stated(record.end_column),
            "snippet": snippet.map(|text| json!({ "text": text })),
        }))
    });
    Some(json!([{ "physicalLocation": without_null(json!({ "artifactLocation": { "uri": uri }, "region": region })) }]))
}

fn suppressions(detail: Option<&Detail>) -> Value {
    let stated = detail.map(|detail| detail.suppressions.as_slice()).unwrap_or_default();
    let one = |suppression: &crate::model::detail::Suppression| {
        without_null(json!({
            "kind": suppression.kind,
            "status": suppression.status,
            "justification": suppression.justification,
        }))
    };
    if stated.is_empty() { json!([{ "kind": "external" }]) } else { stated.iter().map(one).collect() }
}

/// A path as a relative URI (RFC 3986, 3.3).
fn encoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            // Writing to a string does not fail.
            byte => drop(write!(out, "%{byte:02X}")),
        }
    }
    out
}

/// An object without the members that are null.
fn without_null(mut value: Value) -> Value {
    if let Some(object) = value.as_object_mut() {
        object.retain(|_, member| !member.is_null());
    }
    value
}

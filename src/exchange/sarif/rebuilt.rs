//! Runs and results of a report that cannot be passed on as it is, because it is not SARIF 2.1.0: from what was decoded.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::model::backlog::ResultIdx;
use crate::model::detail::{Detail, Flow, Location, Region, Suppression};
use crate::model::fix::{FileEdit, Proposal, TextEdit};
use crate::model::grade::Baseline;

use super::Source;

/// A run without its results, and the position of each rule in it.
pub(super) fn run(
    source: Source<'_>,
    run: u32,
    results: impl Iterator<Item = ResultIdx>,
) -> (Map<String, Value>, BTreeMap<u32, usize>) {
    let backlog = &source.board.backlog;
    let mut rules: BTreeMap<u32, usize> = results.map(|result| (backlog.record(result).rule, 0)).collect();
    for (index, place) in rules.values_mut().enumerate() {
        *place = index;
    }
    let tool = &backlog.tools[backlog.runs[run as usize].tool as usize];
    let described: Vec<Value> = rules.keys().map(|&rule| rule_json(source, rule)).collect();
    let driver = without_null(json!({ "name": tool.name, "version": tool.version, "rules": described }));
    (object(json!({ "tool": { "driver": driver }, "columnKind": "unicodeCodePoints" })), rules)
}

fn rule_json(source: Source<'_>, rule: u32) -> Value {
    let help = source.reader.help(&source.board.backlog, rule);
    let Some(rule) = source.board.backlog.rules.get(rule as usize) else { return json!({ "id": "" }) };
    let text = |text: &Option<String>| text.as_ref().map(|text| json!({ "text": text }));
    let mut tags = rule.tags.clone();
    tags.extend(rule.cwe.iter().map(|cwe| format!("external/cwe/cwe-{cwe}")).filter(|tag| !rule.tags.contains(tag)));
    without_null(json!({
        "id": rule.id,
        "name": rule.name,
        "shortDescription": text(&rule.summary),
        "fullDescription": text(&rule.description),
        "help": text(&help),
        "helpUri": rule.help_uri,
        "properties": without_null(json!({
            "tags": tags,
            "security-severity": rule.score.map(|score| format!("{score:.1}")),
        })),
    }))
}

/// One result, with its rule's position in the run if it is known.
pub(super) fn result(source: Source<'_>, result: ResultIdx, rule_index: Option<usize>) -> Map<String, Value> {
    let backlog = &source.board.backlog;
    let record = backlog.record(result);
    let detail = source.reader.detail(backlog, result).ok();
    let message = detail.as_ref().map_or_else(|| backlog.messages.get(result), |detail| detail.message.clone());
    let baseline = Some(record.baseline()).filter(|state| *state != Baseline::Unstated).map(Baseline::name);
    let mut out = object(without_null(json!({
        "ruleId": backlog.rules.get(record.rule as usize).map(|rule| &rule.id),
        "ruleIndex": rule_index,
        "level": record.level().name(),
        "kind": record.kind().name(),
        "message": { "text": message },
        "baselineState": baseline,
    })));
    let said = detail.as_ref().map(detail_json);
    out.extend(said.into_iter().flatten());
    out
}

fn detail_json(detail: &Detail) -> Map<String, Value> {
    let fingerprints = detail.fingerprints.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str())));
    let list = |values: Vec<Value>| Some(values).filter(|values| !values.is_empty());
    object(without_null(json!({
        "locations": list(detail.locations.iter().map(location).collect()),
        "relatedLocations": list(detail.related.iter().map(location).collect()),
        "codeFlows": list(detail.flows.iter().map(flow).collect()),
        "fixes": list(detail.fixes.iter().filter_map(fix).collect()),
        "partialFingerprints": Value::Object(fingerprints.collect()),
        "suppressions": list(detail.suppressions.iter().map(suppression).collect()),
    })))
}

fn location(location: &Location) -> Value {
    let region = region(&location.region, location.snippet.as_deref());
    without_null(json!({
        "physicalLocation": (!location.path.is_empty()).then(|| without_null(json!({
            "artifactLocation": { "uri": uri(&location.path, location.in_repo) },
            "region": region,
        }))),
        "message": location.message.as_ref().map(|text| json!({ "text": text })),
        "logicalLocations": location.logical.as_ref().map(|name| json!([{ "fullyQualifiedName": name }])),
    }))
}

fn region(region: &Region, snippet: Option<&str>) -> Option<Value> {
    let stated = |number: u32| Some(number).filter(|number| *number > 0);
    stated(region.line).map(|line| {
        without_null(json!({
            "startLine": line,
            "startColumn": stated(region.column),
            "endLine": stated(region.end_line),
            "endColumn": stated(region.end_column),
            "snippet": snippet.map(|text| json!({ "text": text })),
        }))
    })
}

fn flow(flow: &Flow) -> Value {
    let steps: Vec<Value> = flow.steps.iter().map(|step| json!({ "location": location(&step.location) })).collect();
    without_null(json!({
        "message": flow.message.as_ref().map(|text| json!({ "text": text })),
        "threadFlows": [{ "locations": steps }],
    }))
}

/// A fix whose every edit states its lines; half a fix is none.
fn fix(proposal: &Proposal) -> Option<Value> {
    let changes = proposal.edits.iter().map(change).collect::<Option<Vec<_>>>()?;
    let title = Some(&proposal.title).filter(|title| !title.is_empty());
    (!changes.is_empty()).then(|| {
        without_null(json!({
            "description": title.map(|title| json!({ "text": title })),
            "artifactChanges": changes,
        }))
    })
}

fn change(edit: &FileEdit) -> Option<Value> {
    let replacement = |edit: &TextEdit| {
        Some(json!({ "deletedRegion": region(&edit.region, None)?, "insertedContent": { "text": edit.insert } }))
    };
    let replacements = edit.edits.iter().map(replacement).collect::<Option<Vec<_>>>()?;
    let uri = uri(&edit.path, edit.in_repo);
    (!replacements.is_empty()).then(|| json!({ "artifactLocation": { "uri": uri }, "replacements": replacements }))
}

fn suppression(suppression: &Suppression) -> Value {
    let kind = if suppression.kind == "inSource" { "inSource" } else { "external" };
    without_null(json!({
        "kind": kind,
        "status": suppression.status,
        "justification": suppression.justification,
    }))
}

/// A path as a relative URI (RFC 3986, 3.3); a place outside the repository as its report names it.
fn uri(path: &str, in_repo: bool) -> String {
    if !in_repo {
        return path.to_owned();
    }
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

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

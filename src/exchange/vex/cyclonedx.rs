//! Reads CycloneDX 1.4 to 1.7 as JSON (<https://cyclonedx.org/docs/>) for what it decides.

use std::collections::HashMap;

use serde_json::Value;

use crate::exchange::entries::{Entry, list, string};
use crate::exchange::words::{self, Words, reason};
use crate::ingest::evidence::vex_generator;
use crate::model::decision::Op;

use super::{BY_TOOL, FIXED, NO_LABEL, NO_REASON, OURS, Stated, UNKNOWN, asked, fitting, latest, not_affected};

/// Justifications, and what they are in OpenVEX, which decisions have.
const LABELS: &[(&str, &str)] = &[
    ("code_not_present", "vulnerable_code_not_present"),
    ("code_not_reachable", "vulnerable_code_not_in_execute_path"),
    ("requires_dependency", "component_not_present"),
    ("requires_configuration", "vulnerable_code_cannot_be_controlled_by_adversary"),
    ("requires_environment", "vulnerable_code_cannot_be_controlled_by_adversary"),
    ("protected_by_compiler", "vulnerable_code_cannot_be_controlled_by_adversary"),
    ("protected_at_runtime", "vulnerable_code_cannot_be_controlled_by_adversary"),
    ("protected_at_perimeter", "vulnerable_code_cannot_be_controlled_by_adversary"),
    ("protected_by_mitigating_control", "inline_mitigations_already_exist"),
];

const SOME_VERSIONS: &str = "it is about some versions, which are not compared here";
const ELSEWHERE: &str = "it names a component of another document";

/// The entries of a document.
pub fn read(document: &Value) -> Vec<Entry> {
    let tools = tools(document);
    let is_generated = vex_generator(&tools.iter().map(String::as_str).collect::<Vec<_>>()).is_some();
    let is_ours = tools.iter().any(|tool| tool == OURS);
    let mut components = HashMap::new();
    collect(document, &mut components);
    let holder = string(document, "/metadata/component/name");
    let time = |value: &Value, at: &str| string(value, at).and_then(|text| text.parse().ok());
    let mut stated = Vec::new();
    for vulnerability in list(document, "vulnerabilities").into_iter().flatten() {
        let Some(analysis) = vulnerability.get("analysis").filter(|analysis| analysis.get("state").is_some()) else {
            continue;
        };
        let words = words_of(vulnerability, analysis, is_ours);
        let made = ["/analysis/lastUpdated", "/analysis/firstIssued", "/updated", "/published"];
        let made = made.iter().find_map(|at| time(vulnerability, at)).or_else(|| time(document, "/metadata/timestamp"));
        for affected in list(vulnerability, "affects").into_iter().flatten() {
            let Some(reference) = string(affected, "/ref") else { continue };
            let (subject, lack) = subject(&reference, &components, holder.as_deref(), document);
            let lack = affected.get("versions").map(|_| SOME_VERSIONS).or(lack).or(is_generated.then_some(BY_TOOL));
            let entry = asked(Entry { names: names(vulnerability), ..subject }, lack, words.as_ref());
            stated.push(Stated { made, entry });
        }
    }
    latest(stated)
}

/// Names of the tools: an array in older documents, an object with components in newer ones.
fn tools(document: &Value) -> Vec<String> {
    let Some(tools) = document.pointer("/metadata/tools") else { return Vec::new() };
    let all = tools.as_array().or_else(|| list(tools, "components"));
    all.into_iter().flatten().filter_map(|tool| string(tool, "/name")).collect()
}

/// Package URLs of all components by their references.
fn collect(holder: &Value, into: &mut HashMap<String, Option<String>>) {
    let mut todo: Vec<&Value> = list(holder, "components").into_iter().flatten().collect();
    while let Some(component) = todo.pop() {
        if let Some(reference) = string(component, "/bom-ref") {
            into.insert(reference, string(component, "/purl"));
        }
        todo.extend(list(component, "components").into_iter().flatten());
    }
}

/// What a reference means: a component, in the product that the document is about if it is about one.
fn subject(
    reference: &str,
    components: &HashMap<String, Option<String>>,
    holder: Option<&str>,
    document: &Value,
) -> (Entry, Option<&'static str>) {
    let product = holder.map(str::to_owned);
    if string(document, "/metadata/component/bom-ref").as_deref() == Some(reference) {
        return (Entry { product, ..Entry::default() }, None);
    }
    let purl = match components.get(reference) {
        Some(purl) => purl.clone(),
        None => Some(reference.to_owned()).filter(|reference| reference.starts_with("pkg:")),
    };
    match purl {
        Some(purl) => (Entry { purls: vec![purl], product, ..Entry::default() }, None),
        None => (Entry { purls: vec![reference.to_owned()], product, ..Entry::default() }, Some(ELSEWHERE)),
    }
}

fn names(vulnerability: &Value) -> Vec<String> {
    let references = list(vulnerability, "references").into_iter().flatten().filter_map(|one| string(one, "/id"));
    string(vulnerability, "/id").into_iter().chain(references).collect()
}

/// What an analysis decides; `None` where that is nothing.
fn words_of(vulnerability: &Value, analysis: &Value, is_ours: bool) -> Option<Result<Words, &'static str>> {
    let state = string(analysis, "/state").unwrap_or_default();
    if state == "in_triage" {
        return None;
    }
    let detail = string(analysis, "/detail");
    if is_ours {
        let own = detail.and_then(|line| words::parse_with(&line, &properties(vulnerability)));
        let denies = matches!(state.as_str(), "not_affected" | "false_positive");
        return Some(own.ok_or(FIXED).and_then(|words| fitting(words, denies)));
    }
    let label = string(analysis, "/justification");
    let responses: Vec<&str> = list(analysis, "response").into_iter().flatten().filter_map(Value::as_str).collect();
    let natives: Vec<&str> =
        std::iter::once(&*state).chain(label.as_deref()).chain(responses.iter().copied()).collect();
    let native = format!("CycloneDX: {}", natives.join(", "));
    let words = |op| Ok(Words::new(op, &reason(detail.clone(), &native)));
    Some(match (state.as_str(), label) {
        ("not_affected", None) => Err(NO_REASON),
        ("not_affected", Some(label)) => match LABELS.iter().find(|(known, _)| *known == label) {
            Some((_, ours)) => not_affected(ours, detail, &native),
            None => Err(NO_LABEL),
        },
        ("false_positive", _) => words(Op::FalsePositive),
        ("exploitable", _) if responses.iter().any(|one| matches!(*one, "will_not_fix" | "can_not_fix")) => {
            words(Op::AcceptRisk)
        }
        ("exploitable", _) => words(Op::Confirm),
        ("resolved" | "resolved_with_pedigree", _) => Err(FIXED),
        _ => Err(UNKNOWN),
    })
}

/// What our documents say in properties, without the prefix.
fn properties(vulnerability: &Value) -> Vec<(String, String)> {
    let all = list(vulnerability, "properties").into_iter().flatten();
    let own = |one: &Value| {
        let name = string(one, "/name")?.strip_prefix("quell:")?.to_owned();
        Some((name, one.get("value")?.as_str()?.to_owned()))
    };
    all.filter_map(own).collect()
}

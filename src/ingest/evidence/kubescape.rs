//! What Kubescape keeps in a cluster (<https://kubescape.io>), as `kubectl get … -A -o yaml` prints it: OpenVEX about
//! images, whose components it saw loaded into memory or not. Summaries, lists of vulnerabilities and neighbourhoods
//! of a workload in the network, are recognised and say nothing about a flaw.

use serde_json::Value;

use crate::ingest::native::original::Original;
use crate::ingest::notes::Oddity;
use crate::model::evidence::{Basis, Polarity, Rung, Statement, Subject};
use crate::model::yaml;

use super::draft::Draft;

const GROUP: &str = "softwarecomposition.kubescape.io/";
const LOADED: &str = "Vulnerable component is loaded into the memory";
/// How often a list may lie in a list.
const MAX_LISTS: u8 = 4;

pub(super) fn is_kubescape(head: &str) -> bool {
    let is_version = |line: &str| line.contains("apiVersion") && line.contains(GROUP);
    head.lines().any(is_version)
}

pub(super) fn read(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    draft.document.tool = "kubescape".into();
    draft.document.is_generated = true;
    let text = String::from_utf8_lossy(original.text());
    for (number, document) in yaml::documents(&text).take(yaml::MAX_DOCUMENTS).enumerate() {
        let pointer = if number == 0 { String::new() } else { format!("document {}", number + 1) };
        match document.value() {
            Ok(value) => object(&value, &pointer, MAX_LISTS, draft),
            Err(error) => {
                draft.odd(format!("line {}", document.line), Oddity::costly("no YAML that can be read", error));
            }
        }
    }
}

fn text<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer).and_then(Value::as_str)
}

fn list<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    value.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn object(value: &Value, pointer: &str, depth: u8, draft: &mut Draft<'_>) {
    if depth > 0 {
        for (number, item) in list(value, "/items").iter().enumerate() {
            object(item, &format!("{pointer}/items/{number}"), depth - 1, draft);
        }
    }
    if !text(value, "/apiVersion").is_some_and(|version| version.contains(GROUP)) {
        return;
    }
    let made = ["/spec/timestamp", "/spec/metadata/report/createdAt", "/metadata/creationTimestamp"];
    let made = made.into_iter().find_map(|at| text(value, at)?.parse().ok());
    draft.document.made = draft.document.made.max(made);
    draft.document.states_time = draft.document.made.is_some();
    let workload = text(value, "/metadata/labels/kubescape.io~1workload-name");
    for (number, one) in list(value, "/spec/statements").iter().enumerate() {
        statement(one, &format!("{pointer}/spec/statements/{number}"), workload, draft);
    }
}

/// A statement for each of its products.
fn statement(value: &Value, pointer: &str, workload: Option<&str>, draft: &mut Draft<'_>) {
    let Some(vuln) = text(value, "/vulnerability/name").or_else(|| text(value, "/vulnerability/@id")) else {
        draft.odd(pointer, Oddity::costly("a statement without a vulnerability", ""));
        return;
    };
    let aliases = list(value, "/vulnerability/aliases").iter().filter_map(Value::as_str);
    let vulns: Vec<Box<str>> = std::iter::once(vuln).chain(aliases).map(Box::from).collect();
    let status = text(value, "/status").unwrap_or_default();
    let words = ["/impact_statement", "/justification", "/status_notes"].into_iter().find_map(|at| text(value, at));
    // It saw the component in memory: a fact. That it did not see it is only that.
    let (polarity, strength) = match status {
        "affected" if words == Some(LOADED) => (Polarity::Yes, 4),
        "not_affected" => (Polarity::No, 1),
        _ => (Polarity::Unknown, 1),
    };
    let reason = words.map_or_else(|| format!("status {status}"), str::to_owned);
    for product in list(value, "/products") {
        draft.state(Statement {
            pointer: pointer.into(),
            subject: Subject {
                vulns: vulns.clone(),
                purl: text(product, "/identifiers/purl").map(Into::into),
                image: text(product, "/@id").map(Into::into),
                service: workload.map(Into::into),
                ..Subject::default()
            },
            rung: Rung::Loaded,
            polarity,
            basis: Basis::Dynamic,
            reason: Some(reason.as_str().into()),
            strength,
            made: text(value, "/timestamp").and_then(|time| time.parse().ok()),
            ..Statement::default()
        });
    }
}

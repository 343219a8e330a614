//! What a result of a log says that was decided about it.

use serde_json::Value;

use super::write::{DECISION, EVENT};
use crate::exchange::words::{self, Words};
use crate::model::decision::Op;

/// The decision: a whole one of ours, else what an accepted suppression says. What Quell wrote and nobody takes over from a
/// file is none: its suppression says no more than that.
pub fn decision_of(result: &Value) -> Option<Words> {
    own_decision_of(result).or_else(|| {
        let accepted = accepted(result).filter(|one| !is_own(result) && !is_own(one))?;
        let said = said_by(accepted);
        let kind = accepted.get("kind").and_then(Value::as_str).unwrap_or("external");
        let op = if said.to_lowercase().contains("false positive") { Op::FalsePositive } else { Op::AcceptRisk };
        Some(Words::new(op, format!("{said} (SARIF: {kind}, accepted)").trim()))
    })
}

/// The decision, if Quell wrote it.
pub fn own_decision_of(result: &Value) -> Option<Words> {
    if let Some(own) = property(result, EVENT) {
        return words::parse_object(own);
    }
    if let Some(own) = property(result, DECISION).and_then(Value::as_str) {
        return words::parse(own);
    }
    words::parse(said_by(accepted(result)?))
}

/// Whether Quell has written what was decided into this object.
fn is_own(object: &Value) -> bool {
    [EVENT, DECISION].iter().any(|name| property(object, name).is_some())
}

fn property<'v>(object: &'v Value, name: &str) -> Option<&'v Value> {
    object.get("properties")?.get(name)
}

/// The first suppression that is accepted. A status that is absent counts as that (SARIF 2.1.0, 3.35.3).
fn accepted(result: &Value) -> Option<&Value> {
    let is_accepted = |one: &&Value| one.get("status").is_none_or(|status| status == "accepted");
    result.get("suppressions")?.as_array()?.iter().find(is_accepted)
}

fn said_by(suppression: &Value) -> &str {
    suppression.get("justification").and_then(Value::as_str).unwrap_or_default()
}

//! What a result of a log says that was decided about it.

use serde_json::Value;

use crate::exchange::words::{self, Words};
use crate::model::decision::Op;

/// The decision: a whole one of ours, else what an accepted suppression says.
pub fn decision_of(result: &Value) -> Option<Words> {
    if let Some(own) = result.pointer("/properties/quell~1event") {
        return words::parse_object(own);
    }
    if let Some(own) = result.pointer("/properties/quell~1decision").and_then(Value::as_str) {
        return words::parse(own);
    }
    let suppressions = result.get("suppressions")?.as_array()?;
    // Absent counts as accepted (SARIF 2.1.0, 3.35.3).
    let status = |one: &&Value| one.get("status").is_none_or(|status| status == "accepted");
    let accepted = suppressions.iter().find(status)?;
    let said = accepted.get("justification").and_then(Value::as_str).unwrap_or_default();
    if let Some(own) = words::parse(said) {
        return Some(own);
    }
    let kind = accepted.get("kind").and_then(Value::as_str).unwrap_or("external");
    let op = if said.to_lowercase().contains("false positive") { Op::FalsePositive } else { Op::AcceptRisk };
    Some(Words::new(op, format!("{said} (SARIF: {kind}, accepted)").trim()))
}

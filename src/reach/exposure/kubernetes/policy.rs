//! Network policies. Whether a cluster enforces them is not known: what they say is a claim.

use serde_json::Value;

use crate::reach::exposure::facts::{Condition, Facts, Named, Place, Policy};
use crate::reach::exposure::value::{labels, list, text, texts};

pub(super) fn policy(value: &Value, id: &Named, _: &Place, facts: &mut Facts) {
    let types = texts(value, "/spec/policyTypes");
    if !types.is_empty() && !types.iter().any(|kind| kind == "Ingress") {
        return;
    }
    facts.policies.push(Policy {
        scope: id.scope.clone(),
        name: id.name.clone(),
        selector: labels(value, "/spec/podSelector/matchLabels"),
        conditions: list(value, "/spec/podSelector/matchExpressions").iter().map(condition).collect(),
        claim: claim(list(value, "/spec/ingress")),
    });
}

fn condition(value: &Value) -> Condition {
    let field = |pointer: &str| text(value, pointer).unwrap_or_default();
    Condition { key: field("/key"), operator: field("/operator"), values: texts(value, "/values") }
}

/// What the rules keep out; `None` where one lets in everybody.
fn claim(rules: &[Value]) -> Option<String> {
    if rules.is_empty() {
        return Some("lets in nobody".to_owned());
    }
    let mut blocks = Vec::new();
    for rule in rules {
        let from = list(rule, "/from");
        if from.is_empty() {
            return None;
        }
        for peer in from {
            match text(peer, "/ipBlock/cidr") {
                Some(block) if matches!(block.as_str(), "0.0.0.0/0" | "::/0") => return None,
                Some(block) => blocks.push(block),
                None => {}
            }
        }
    }
    Some(if blocks.is_empty() {
        "lets in only pods".to_owned()
    } else {
        format!("lets in only pods and {}", blocks.join(", "))
    })
}

//! Reads OpenVEX 0.2.0 (<https://github.com/openvex/spec>) for what it decides.

use serde_json::Value;

use crate::exchange::entries::{Entry, list, string, strings};
use crate::exchange::words::{self, Words, reason};
use crate::ingest::evidence::vex_generator;
use crate::model::decision::Op;

use super::{BY_TOOL, FIXED, NO_REASON, OURS, Stated, UNKNOWN, asked, fitting, latest, not_affected};

/// How documents name a product that nobody has named.
const UNKNOWN_PRODUCT: &str = "Unknown Product";

/// The entries of a document.
pub fn read(document: &Value) -> Vec<Entry> {
    let about = ["/author", "/tooling"].map(|pointer| string(document, pointer).unwrap_or_default());
    let is_generated = vex_generator(&[&about[0], &about[1]]).is_some();
    let is_ours = about[1] == OURS;
    let made = |value: &Value| ["/last_updated", "/timestamp"].iter().find_map(|at| string(value, at)?.parse().ok());
    let mut stated = Vec::new();
    for statement in list(document, "statements").into_iter().flatten() {
        let names = names(statement);
        let words = words_of(statement, is_ours);
        for about in subjects(document, statement) {
            let entry = Entry { names: names.clone(), ..about };
            let entry = asked(entry, is_generated.then_some(BY_TOOL), words.as_ref());
            stated.push(Stated { made: made(statement).or_else(|| made(document)), entry });
        }
    }
    latest(stated)
}

/// Name and aliases of the vulnerability; older documents have a bare text.
fn names(statement: &Value) -> Vec<String> {
    let vulnerability = statement.get("vulnerability").unwrap_or(&Value::Null);
    let bare = vulnerability.as_str().map(str::to_owned);
    let end = || string(vulnerability, "/@id").and_then(|id| id.rsplit('/').next().map(str::to_owned));
    let name = bare.or_else(|| string(vulnerability, "/name")).or_else(end);
    name.into_iter().chain(strings(vulnerability, "aliases")).collect()
}

/// What a statement decides; `None` where that is nothing.
fn words_of(statement: &Value, is_ours: bool) -> Option<Result<Words, &'static str>> {
    let text = |name: &str| string(statement, &format!("/{name}"));
    let status = text("status").unwrap_or_default();
    if status == "under_investigation" {
        return None;
    }
    if is_ours {
        // A line that is not taken over, such as that a fix was applied, is for no file to say.
        let own = text("status_notes").and_then(|notes| words::parse_notes(&notes));
        return Some(own.ok_or(FIXED).and_then(|words| fitting(words, status == "not_affected")));
    }
    let (impact, action) = (text("impact_statement"), text("action_statement"));
    let own = [&impact, &action].into_iter().flatten().find_map(|line| words::parse(line));
    let said = impact.clone().or(action).or_else(|| text("status_notes"));
    let native = format!("OpenVEX: {status}");
    Some(match (status.as_str(), text("justification")) {
        ("not_affected" | "affected", _) if own.is_some() => {
            own.ok_or(UNKNOWN).and_then(|words| fitting(words, status == "not_affected"))
        }
        ("not_affected", Some(label)) => not_affected(&label, said, &format!("{native}, {label}")),
        // What has no label is a false alarm in our words; they have to say why.
        ("not_affected", None) if impact.is_some() => Ok(Words::new(Op::FalsePositive, &reason(impact, &native))),
        ("not_affected", None) => Err(NO_REASON),
        ("affected", _) => Ok(Words::new(Op::Confirm, &reason(said, &native))),
        ("fixed", _) => Err(FIXED),
        _ => Err(UNKNOWN),
    })
}

/// The components that a statement is about, each with the product that holds it.
fn subjects(document: &Value, statement: &Value) -> Vec<Entry> {
    let own = list(statement, "products").filter(|products| !products.is_empty());
    let products = own.or_else(|| list(document, "products")).cloned().unwrap_or_default();
    let mut subjects = Vec::new();
    for product in &products {
        let holder = id(product).filter(|id| id != UNKNOWN_PRODUCT);
        let components = list(product, "subcomponents").or_else(|| list(statement, "subcomponents"));
        match components.map(Vec::as_slice) {
            None | Some([]) => subjects.extend(holder.map(of_product)),
            Some(components) => subjects.extend(components.iter().filter_map(id).map(|component| Entry {
                purls: vec![component],
                product: Some(holder.clone().unwrap_or_default()),
                ..Entry::default()
            })),
        }
    }
    subjects
}

/// A product without components: a package, or a whole that holds what it likes.
fn of_product(product: String) -> Entry {
    let is_package =
        product.starts_with("pkg:") && !["pkg:oci/", "pkg:docker/"].iter().any(|kind| product.starts_with(kind));
    if is_package {
        Entry { purls: vec![product], ..Entry::default() }
    } else {
        Entry { product: Some(product), ..Entry::default() }
    }
}

/// The package URL of a product, else its id; older documents have a bare text.
fn id(product: &Value) -> Option<String> {
    let bare = product.as_str().map(str::to_owned);
    let own = bare.or_else(|| string(product, "/@id"));
    let purl = own.clone().filter(|id| id.starts_with("pkg:")).or_else(|| string(product, "/identifiers/purl"));
    purl.or(own)
}

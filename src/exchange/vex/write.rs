//! Writes both formats.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::model::backlog::FindingIdx;
use crate::model::board::Board;
use crate::model::decision::{Event, Status};
use crate::model::grade::Category;

use crate::exchange::safe::{json, line};
use crate::exchange::words::{decided, event_pair, notes, pairs, said};

use super::OURS;

/// What is said about one vulnerability in one package.
struct Statement<'b> {
    status: Status,
    event: Option<&'b Event>,
    /// When it came to be so: also by what takes a decision back, approves it or lets it end.
    since: Option<Timestamp>,
    /// What the event says that VEX has no field for.
    more: Vec<(String, String)>,
    aliases: BTreeSet<&'b str>,
    name: &'b str,
    version: Option<&'b str>,
    severity: &'static str,
}

/// By advisory and purl.
type Statements<'b> = BTreeMap<(&'b str, String), Statement<'b>>;

/// What VEX cannot say, counted in findings.
#[derive(Default)]
pub struct LeftOut {
    /// About code, secrets or configuration; there is no form for these.
    pub code: usize,
    /// About packages whose purl or advisory is not known.
    pub unnamed: usize,
    pub duplicates: usize,
    /// What it does say.
    pub statements: usize,
}

fn statements<'b>(board: &'b Board, findings: &[FindingIdx]) -> (Statements<'b>, LeftOut) {
    let backlog = &board.backlog;
    let mut statements = Statements::new();
    let mut left_out = LeftOut::default();
    for &finding in findings {
        let (lead, members, status) = (backlog.lead(finding), backlog.members(finding), board.status(finding));
        if !lead.is_there() {
            continue;
        }
        let ids: BTreeSet<&str> =
            members.iter().flat_map(|&result| backlog.advisories_of(result)).map(|id| &**id).collect();
        let first = ids.iter().find(|id| id.starts_with("CVE-")).or_else(|| ids.iter().next()).copied();
        let package = members.iter().filter_map(|&result| backlog.package_of(result)).find(|one| one.purl.is_some());
        let (Some(id), Some(package)) = (first, package) else {
            let is_code = lead.category() != Category::Dependency;
            *(if is_code { &mut left_out.code } else { &mut left_out.unnamed }) += 1;
            continue;
        };
        if status == Status::Duplicate {
            left_out.duplicates += 1;
            continue;
        }
        let aliases = ids.into_iter().filter(|other| *other != id).collect();
        let new = Statement {
            status,
            event: decided(board, finding),
            since: since(board, finding),
            more: decided(board, finding).map(|event| pairs(board, finding, event)).unwrap_or_default(),
            aliases,
            name: &package.name,
            version: package.version.as_deref(),
            severity: backlog.finding(finding).severity.name(),
        };
        let key = (id, package.purl.clone().unwrap_or_default());
        match statements.get_mut(&key) {
            Some(known) => {
                let since = known.since.max(new.since);
                if new.status.openness() < known.status.openness() {
                    *known = new;
                } else {
                    known.aliases.extend(new.aliases);
                }
                known.since = since;
            }
            None => drop(statements.insert(key, new)),
        }
    }
    left_out.statements = statements.len();
    (statements, left_out)
}

/// Since when what is decided about a finding holds. Who reads several documents goes by the latest statement: one that took
/// an earlier one back must not look older than that.
fn since(board: &Board, finding: FindingIdx) -> Option<Timestamp> {
    let history = board.history(finding);
    let until = history.iter().filter_map(|past| past.event.until).filter(|until| *until < board.today);
    let ends = until.filter_map(|until| Some(until.tomorrow().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp()));
    let last = history.iter().map(|past| past.event.at).chain(ends).max()?;
    // What ended by a change has no time of its own: the reports show it.
    let is_ended = decided(board, finding).is_none();
    let reports = board.backlog.reports.iter().filter_map(|report| report.made).filter(|_| is_ended);
    reports.chain([last]).max()
}

/// When the newest of the decisions, or what ended one, came to be: a document that says the same has the same time.
fn newest(board: &Board, statements: &Statements<'_>) -> String {
    let events = board.events.iter().map(|event| event.at);
    let newest = statements.values().filter_map(|one| one.since).chain(events).max();
    time(newest.unwrap_or(Timestamp::UNIX_EPOCH))
}

fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn hash(value: &Value) -> String {
    let bytes = Sha256::digest(value.to_string());
    bytes.iter().fold(String::new(), |hash, byte| format!("{hash}{byte:02x}"))
}

/// Writes OpenVEX 0.2.0.
pub fn openvex(board: &Board, findings: &[FindingIdx], out: &mut dyn Write) -> io::Result<LeftOut> {
    let (statements, left_out) = statements(board, findings);
    let list: Vec<Value> = statements.iter().map(|((id, purl), one)| openvex_statement(id, purl, one)).collect();
    let newest_author = statements.values().filter_map(|one| one.event).max_by_key(|event| event.at);
    let author = newest_author.map_or(&*board.repo, |event| &event.author);
    let hash = hash(&json!(list));
    json(
        out,
        &json!({
            "@context": "https://openvex.dev/ns/v0.2.0",
            "@id": format!("https://openvex.dev/docs/public/vex-{hash}"),
            "author": author,
            "timestamp": newest(board, &statements),
            "version": 1,
            "tooling": OURS,
            "statements": list,
        }),
    )?;
    line(out, "")?;
    Ok(left_out)
}

fn openvex_statement(id: &str, purl: &str, one: &Statement<'_>) -> Value {
    let mut statement = Map::new();
    let mut set = |name: &str, value: Value| drop(statement.insert(name.to_owned(), value));
    let mut vulnerability = json!({ "name": id });
    if !one.aliases.is_empty() {
        vulnerability["aliases"] = json!(one.aliases);
    }
    set("vulnerability", vulnerability);
    set("products", json!([{ "@id": purl, "identifiers": { "purl": purl } }]));
    let line = one.event.map(said);
    let action = |text: &str| Value::from(line.clone().unwrap_or_else(|| text.to_owned()));
    match one.status {
        Status::Open | Status::Requested | Status::Duplicate => set("status", "under_investigation".into()),
        Status::Fixed => set("status", "fixed".into()),
        Status::NotAffected => {
            set("status", "not_affected".into());
            set("justification", json!(one.event.and_then(|event| event.justification.as_deref())));
        }
        Status::FalsePositive => {
            set("status", "not_affected".into());
            set("impact_statement", action("false-positive"));
        }
        Status::Confirmed | Status::Accepted | Status::Deferred | Status::Mitigated | Status::FixApplied => {
            set("status", "affected".into());
            set("action_statement", action("fix-applied: no scan has shown yet that it is gone"));
        }
    }
    if let Some(since) = one.since {
        set("timestamp", time(since).into());
    }
    if let Some(event) = one.event {
        // There are no properties in OpenVEX: its notes say the rest.
        set("status_notes", notes(event, &one.more).into());
    }
    Value::Object(statement)
}

/// Writes a CycloneDX 1.6 document with vulnerabilities and the packages that they are in.
pub fn cyclonedx(board: &Board, findings: &[FindingIdx], out: &mut dyn Write) -> io::Result<LeftOut> {
    let (statements, left_out) = statements(board, findings);
    let mut components: BTreeMap<&str, Value> = BTreeMap::new();
    for ((_, purl), one) in &statements {
        let mut component = json!({ "type": "library", "bom-ref": purl, "name": one.name, "purl": purl });
        if let Some(version) = one.version {
            component["version"] = version.into();
        }
        components.insert(purl, component);
    }
    let list: Vec<Value> = statements.iter().map(|((id, purl), one)| cyclonedx_entry(id, purl, one)).collect();
    let hash = hash(&json!(list));
    let part = |from: usize, to: usize| hash.get(from..to).unwrap_or_default();
    // A UUID of version 8, whose bits are free (RFC 9562, 5.8).
    let uuid = format!("{}-{}-8{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32));
    json(
        out,
        &json!({
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "serialNumber": format!("urn:uuid:{uuid}"),
            "version": 1,
            "metadata": {
                "timestamp": newest(board, &statements),
                "tools": { "components": [{ "type": "application", "name": OURS }] },
            },
            "components": components.into_values().collect::<Vec<_>>(),
            "vulnerabilities": list,
        }),
    )?;
    line(out, "")?;
    Ok(left_out)
}

fn cyclonedx_entry(id: &str, purl: &str, one: &Statement<'_>) -> Value {
    let label = one.event.and_then(|event| event.justification.as_deref());
    let (state, response) = match one.status {
        Status::Open | Status::Requested | Status::Duplicate => ("in_triage", None),
        Status::Confirmed | Status::FixApplied => ("exploitable", Some("update")),
        Status::Accepted | Status::Deferred => ("exploitable", Some("will_not_fix")),
        Status::Mitigated => ("exploitable", Some("workaround_available")),
        Status::Fixed => ("resolved", None),
        Status::NotAffected => ("not_affected", None),
        Status::FalsePositive => ("false_positive", None),
    };
    let mut analysis = json!({ "state": state });
    // What is accepted or deferred is not fixed now; of a deferral nobody said that it never will be.
    if let Some(response) = response.filter(|_| one.status != Status::Deferred) {
        analysis["response"] = json!([response]);
    }
    let mut properties = vec![json!({ "name": "quell:status", "value": one.status.name() })];
    if let Some(label) = label.filter(|_| one.status == Status::NotAffected) {
        analysis["justification"] = derived(label).into();
        properties.push(json!({ "name": "quell:justification", "value": label }));
        properties.push(json!({ "name": "quell:derived", "value": "analysis.justification" }));
    }
    let whole = one.event.and_then(|event| event_pair(event, &one.more));
    let more = one.more.iter().cloned().chain(whole);
    properties.extend(more.map(|(name, value)| json!({ "name": format!("quell:{name}"), "value": value })));
    if let Some(event) = one.event {
        analysis["detail"] = said(event).into();
        analysis["firstIssued"] = time(event.at).into();
    }
    if let Some(since) = one.since {
        analysis["lastUpdated"] = time(since).into();
    }
    let references: Vec<Value> =
        one.aliases.iter().map(|alias| json!({ "id": alias, "source": { "name": source(alias) } })).collect();
    let mut entry = json!({
        "id": id,
        "source": { "name": source(id) },
        "ratings": [{ "severity": one.severity }],
        "analysis": analysis,
        "affects": [{ "ref": purl }],
        "properties": properties,
    });
    if !references.is_empty() {
        entry["references"] = references.into();
    }
    entry
}

/// Who gives out ids like this.
fn source(id: &str) -> &str {
    match id.split_once('-') {
        Some(("CVE", _)) => "NVD",
        Some(("GHSA", _)) => "GitHub",
        Some((family, _)) => family,
        None => id,
    }
}

/// CycloneDX has other words than OpenVEX; the nearest, which the entry marks as derived.
fn derived(label: &str) -> &'static str {
    match label {
        "vulnerable_code_not_in_execute_path" => "code_not_reachable",
        "vulnerable_code_cannot_be_controlled_by_adversary" => "requires_environment",
        "inline_mitigations_already_exist" => "protected_by_mitigating_control",
        _ => "code_not_present",
    }
}

//! What the files say, entry by entry, in one shape. A value of another tool's vocabulary stays in the reason as it is.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

use crate::model::decision::Op;
use crate::model::yaml;

use super::vex;
use super::words::{self, Words, reason};

/// Parts of Trivy's ignore file.
const SECTIONS: [&str; 4] = ["vulnerabilities", "misconfigurations", "secrets", "licenses"];
/// Keys of Grype's rules that are compared. A rule that asks for more would be followed for too much.
const COMPARED: [&str; 5] = ["vulnerability", "reason", "package", "vex-status", "vex-justification"];

/// One entry: which findings, and what of them.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// Id of a result (`q1-…`), where the entry has one; nothing else is compared then.
    pub id: Option<String>,
    /// Ids of advisories or a rule; a finding has one of them. Empty: the place alone says which.
    pub names: Vec<String>,
    /// One of these, where there are any.
    pub purls: Vec<String>,
    pub package: Option<String>,
    pub version: Option<String>,
    /// Globs of paths of the repository; one of these, where there are any.
    pub paths: Vec<String>,
    pub line: Option<u64>,
    /// What it says; `None` where that is not a decision.
    pub words: Option<Words>,
    /// Why it cannot be followed as it stands.
    pub lack: Option<&'static str>,
    /// What holds the component, where the entry is about it there alone; empty where nobody knows what.
    pub product: Option<String>,
    /// Whether older entries about the same findings count no more, though it decides nothing itself.
    pub blocks: bool,
}

impl Entry {
    /// How it is named in a list.
    pub fn label(&self) -> String {
        let mut label = self.id.clone().unwrap_or_else(|| self.names.join(", "));
        for part in self.package.iter().chain(&self.purls).chain(&self.paths).chain(&self.product) {
            if part.is_empty() {
                continue;
            }
            label.push_str(if label.is_empty() { "" } else { " in " });
            label.push_str(part);
        }
        if let Some(line) = self.line {
            label.push_str(&format!(":{line}"));
        }
        label
    }
}

/// The entries of a file, by its content; an error in words for people.
pub fn entries(text: &str) -> Result<Vec<Entry>, String> {
    const UNKNOWN: &str = "it is none of the formats that can be imported";
    if text.trim_start().starts_with(['{', '[']) && !text.trim_start().starts_with("[[") {
        let value = yaml::json(text)?;
        return match &value {
            Value::Array(alerts) if alerts.iter().all(is_alert) => Ok(alerts.iter().filter_map(alert).collect()),
            Value::Object(_) if value.as_object().is_some_and(serde_json::Map::is_empty) => Ok(Vec::new()),
            Value::Object(_) if value["bomFormat"] == "CycloneDX" => Ok(vex::read_cyclonedx(&value)),
            Value::Object(_) if list(&value, "statements").is_some() && is_openvex(&value) => {
                Ok(vex::read_openvex(&value))
            }
            _ => {
                let findings = list(&value, "results").or_else(|| list(&value, "findings"));
                let findings = findings.filter(|all| all.iter().all(|one| one.get("false_p").is_some()));
                Ok(findings.ok_or(UNKNOWN)?.iter().filter_map(dojo).collect())
            }
        };
    }
    if text.lines().any(|line| line.trim().starts_with("[[")) {
        return osv(text);
    }
    if text.trim().is_empty() {
        return Err("it is empty".to_owned());
    }
    let mut documents = yaml::documents(text);
    let value = documents.next().ok_or(UNKNOWN)?.value()?;
    if let Some(rules) = list(&value, "ignore") {
        return Ok(rules.iter().map(grype).collect());
    }
    if !SECTIONS.iter().any(|section| value.get(section).is_some()) {
        return Err(UNKNOWN.to_owned());
    }
    let rules = SECTIONS.iter().filter_map(|section| list(&value, section)).flatten();
    Ok(rules.map(trivy).collect())
}

pub fn list<'v>(value: &'v Value, name: &str) -> Option<&'v Vec<Value>> {
    value.get(name)?.as_array()
}

pub fn string(value: &Value, pointer: &str) -> Option<String> {
    let text = value.pointer(pointer)?.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

pub fn strings(value: &Value, name: &str) -> Vec<String> {
    list(value, name).into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// A date or the day of a time.
fn day(text: &str) -> Option<Date> {
    let time = || text.parse::<Timestamp>().ok().map(|at| at.strftime("%Y-%m-%d").to_string());
    text.parse().ok().or_else(|| time()?.parse().ok())
}

/// A sentence beside an ignore rule: our own line, else an accepted risk.
fn ignored(text: Option<String>, until: Option<Date>, native: &str) -> Words {
    let own = text.as_deref().and_then(words::parse);
    own.unwrap_or_else(|| Words { until, ..Words::new(Op::AcceptRisk, &reason(text, native)) })
}

fn trivy(rule: &Value) -> Entry {
    let until = string(rule, "/expired_at").as_deref().and_then(day);
    Entry {
        names: string(rule, "/id").into_iter().collect(),
        purls: strings(rule, "purls"),
        paths: strings(rule, "paths"),
        words: Some(ignored(string(rule, "/statement"), until, "trivyignore")),
        ..Entry::default()
    }
}

fn grype(rule: &Value) -> Entry {
    let label = string(rule, "/vex-justification");
    let mut words = ignored(string(rule, "/reason"), None, "grype ignore");
    if let Some(label) = label.filter(|_| string(rule, "/vex-status").as_deref() == Some("not_affected")) {
        words =
            Words { justification: Some(label), ..Words::new(Op::NotAffected, words.reason.as_deref().unwrap_or("")) };
    }
    let keys = |value: &Value| value.as_object().map(|all| all.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
    let is_all = keys(rule).iter().all(|key| COMPARED.contains(&key.as_str()));
    let package = rule.get("package").cloned().unwrap_or_default();
    let is_known = keys(&package).iter().all(|key| ["name", "version"].contains(&key.as_str()));
    Entry {
        names: string(rule, "/vulnerability").into_iter().collect(),
        package: string(&package, "/name"),
        version: string(&package, "/version"),
        words: Some(words),
        lack: (!is_all || !is_known).then_some("it has conditions that cannot be compared here"),
        ..Entry::default()
    }
}

fn osv(text: &str) -> Result<Vec<Entry>, String> {
    let value: toml::Table = text.parse().map_err(|error: toml::de::Error| error.message().to_owned())?;
    let of = |name: &str| value.get(name).and_then(toml::Value::as_array).cloned().unwrap_or_default();
    let string = |rule: &toml::Value, name: &str| rule.get(name).and_then(toml::Value::as_str).map(str::to_owned);
    let ignored = of("IgnoredVulns").into_iter().map(|rule| {
        let until = rule.get("ignoreUntil").map(ToString::to_string).and_then(|until| day(until.trim_matches('"')));
        Entry {
            names: string(&rule, "id").into_iter().collect(),
            words: Some(ignored(string(&rule, "reason"), until, "osv-scanner IgnoredVulns")),
            ..Entry::default()
        }
    });
    let overrides = of("PackageOverrides").into_iter().map(|rule| Entry {
        package: string(&rule, "name"),
        lack: Some("a rule for all of a package is no decision about a finding"),
        ..Entry::default()
    });
    Ok(ignored.chain(overrides).collect())
}

/// By its context; some libraries write the key without its `@`.
fn is_openvex(value: &Value) -> bool {
    let context = value.get("@context").or_else(|| value.get("context")).and_then(Value::as_str);
    context.is_some_and(|context| context.contains("openvex"))
}

fn is_alert(alert: &Value) -> bool {
    alert.get("number").is_some() && alert.get("state").is_some()
}

/// An alert of code scanning, Dependabot or secret scanning; `None` where nobody has dismissed it.
fn alert(alert: &Value) -> Option<Entry> {
    let native = string(alert, "/dismissed_reason").or_else(|| string(alert, "/resolution"))?;
    let said = string(alert, "/dismissed_comment").or_else(|| string(alert, "/resolution_comment"));
    let place = ["/most_recent_instance/location", "/first_location_detected"];
    let place = place.iter().find_map(|pointer| alert.pointer(pointer)).cloned().unwrap_or_default();
    let names = ["/rule/id", "/security_advisory/ghsa_id", "/security_advisory/cve_id"];
    let words = Words::new(Op::AcceptRisk, &reason(said, &format!("GitHub: {native}")));
    let words = match native.as_str() {
        "false positive" | "false_positive" | "inaccurate" => Some(Words { op: Op::FalsePositive.name(), ..words }),
        "not_used" => Some(Words {
            op: Op::NotAffected.name(),
            justification: Some("vulnerable_code_not_in_execute_path".to_owned()),
            ..words
        }),
        "revoked" => Some(Words { op: Op::Mitigated.name(), ..words }),
        "won't fix" | "wont_fix" | "used in tests" | "used_in_tests" | "tolerable_risk" | "no_bandwidth" => Some(words),
        _ => None,
    };
    let path = string(&place, "/path").or_else(|| string(alert, "/dependency/manifest_path"));
    Some(Entry {
        names: names.iter().filter_map(|pointer| string(alert, pointer)).collect(),
        package: string(alert, "/dependency/package/name"),
        paths: path.iter().map(|path| globset::escape(path)).collect(),
        line: place.get("start_line").and_then(Value::as_u64),
        lack: words.is_none().then_some("its reason is not known here"),
        words,
        ..Entry::default()
    })
}

/// A finding of DefectDojo; `None` where it says nothing that is decided.
fn dojo(finding: &Value) -> Option<Entry> {
    let is = |name: &str| finding.get(name).and_then(Value::as_bool) == Some(true);
    let accepted = list(finding, "accepted_risks").and_then(|all| all.first()).cloned().unwrap_or_default();
    let said = string(&accepted, "/decision_details").or_else(|| string(&accepted, "/name"));
    let until = string(&accepted, "/expiration_date").as_deref().and_then(day);
    let words = |op, native: &str| Some(Words::new(op, &reason(said.clone(), &format!("DefectDojo: {native}"))));
    let (words, lack) = if is("false_p") {
        (words(Op::FalsePositive, "false_p"), None)
    } else if is("risk_accepted") {
        (words(Op::AcceptRisk, "risk_accepted").map(|words| Words { until, ..words }), None)
    } else if is("out_of_scope") {
        (None, Some("out_of_scope says neither that it is false nor for how long it is accepted"))
    } else if is("verified") && is("active") {
        (words(Op::Confirm, "verified"), None)
    } else {
        return None;
    };
    let ids = list(finding, "vulnerability_ids").into_iter().flatten();
    let mut names: Vec<String> = ids.filter_map(|id| string(id, "/vulnerability_id")).collect();
    names.extend(string(finding, "/vuln_id_from_tool"));
    Some(Entry {
        names,
        package: string(finding, "/component_name"),
        version: string(finding, "/component_version"),
        paths: string(finding, "/file_path").iter().map(|path| globset::escape(path)).collect(),
        line: finding.get("line").and_then(Value::as_u64),
        words,
        lack,
        ..Entry::default()
    })
}

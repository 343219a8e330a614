//! Every readable report of the collection against a plain reading of the specification over `serde_json::Value`.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use quell::ingest::input::Input;
use quell::ingest::load::{Loaded, Options, Progress, load};
use quell::model::backlog::Backlog;
use quell::repo::locate::Locator;
use serde_json::Value;

use crate::support::shared::shared;
use crate::support::tree::Tree;

/// What one result says.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    rule: String,
    path: String,
    line: u32,
    level: String,
    message: String,
}

#[test]
fn every_result_of_the_collection_is_in_one_finding_as_the_report_says() {
    let Some(folder) = shared("corpus/sarif") else { return };
    let tree = Tree::plain(&[]);
    let mut files: Vec<_> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut checked = 0;
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let Ok(log) = serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}')) else { continue };
        if log["version"] != "2.1.0" {
            continue;
        }
        checked += 1;
        check(&tree, &file, &log);
    }
    assert!(checked > 90, "only {checked} files were checked");
}

/// Loads one file and compares all of it.
fn check(tree: &Tree, file: &Path, log: &Value) {
    let name = file.file_name().unwrap().to_string_lossy();
    let inputs = [Input::File(file.to_path_buf())];
    let loaded = load(&tree.repo(), &inputs, &Options::default(), &Arc::new(Progress::default()));
    let backlog = &loaded.backlog;
    assert_each_result_is_in_one_finding(&name, backlog);
    let mut read: HashMap<String, Said> = HashMap::new();
    for number in (0..).take(backlog.results.len()) {
        read.insert(backlog.pointer(number), said(&loaded, number));
    }
    let mut locator = Locator::new(&tree.repo());
    for (run_index, run) in list(&log["runs"]).iter().enumerate() {
        for (index, result) in list(&run["results"]).iter().enumerate() {
            let pointer = format!("/runs/{run_index}/results/{index}");
            let expected = expect(run, result, &mut locator);
            assert_eq!(read.remove(&pointer), Some(expected), "{name} {pointer}");
        }
    }
    assert!(read.is_empty(), "{name}: results that the report does not have: {read:?}");
}

fn said(loaded: &Loaded, number: u32) -> Said {
    let backlog = &loaded.backlog;
    let record = backlog.record(number);
    let detail = loaded.reader.detail(backlog, number).unwrap();
    assert_eq!(detail.message.to_lowercase(), backlog.messages.get(number));
    Said {
        rule: backlog.rule(record).id.clone(),
        path: backlog.path(record).to_owned(),
        line: record.line,
        level: record.level().name().to_owned(),
        message: detail.message,
    }
}

fn assert_each_result_is_in_one_finding(name: &str, backlog: &Backlog) {
    let mut members = backlog.members.clone();
    members.sort_unstable();
    let all: Vec<u32> = (0..u32::try_from(backlog.results.len()).unwrap()).collect();
    assert_eq!(members, all, "{name}");
    let in_findings: usize = (0..).take(backlog.findings.len()).map(|finding| backlog.members(finding).len()).sum();
    assert_eq!(in_findings, members.len(), "{name}");
    for record in &backlog.results {
        assert!(backlog.find(record.id).is_some(), "{name}");
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn expect(run: &Value, result: &Value, locator: &mut Locator) -> Said {
    let rule = rule_of(run, result);
    let location = &result["locations"][0]["physicalLocation"];
    let line =
        location["region"]["startLine"].as_f64().or_else(|| location["region"]["startLine"].as_str()?.parse().ok());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range as compared")]
    let line = line.filter(|line| (1.0..=2_147_483_648.0).contains(line)).map_or(0, |line| line as u32);
    let ids = [&result["ruleId"], &result["rule"]["id"], &rule["id"]];
    Said {
        rule: ids.iter().find_map(|id| id.as_str().filter(|id| !id.is_empty())).unwrap_or_default().to_owned(),
        path: path_of(run, &location["artifactLocation"], locator),
        line,
        level: level_of(run, result, rule),
        message: message_of(run, result, rule),
    }
}

fn components(run: &Value) -> Vec<&Value> {
    std::iter::once(&run["tool"]["driver"]).chain(list(&run["tool"]["extensions"])).collect()
}

fn rule_of<'a>(run: &'a Value, result: &Value) -> &'a Value {
    let components = components(run);
    let reference = &result["rule"]["toolComponent"];
    let by_index = reference["index"].as_u64().and_then(|index| components.get(usize::try_from(index).unwrap() + 1));
    let same = |component: &Value, key: &str| reference[key].is_string() && component[key] == reference[key];
    let by_name = || components.iter().find(|component| same(component, "guid") || same(component, "name"));
    let component = by_index.or_else(by_name).unwrap_or(&components[0]);
    let index = result["ruleIndex"].as_f64().or(result["rule"]["index"].as_f64()).filter(|index| *index >= 0.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
    let by_index = index.and_then(|index| component["rules"].get(index as usize));
    let id = result["ruleId"].as_str().or(result["rule"]["id"].as_str());
    let Some(id) = id else { return by_index.unwrap_or(&Value::Null) };
    let has_id = |rule: &&Value| rule["id"].as_str().is_some_and(|own| id == own || id.starts_with(&format!("{own}/")));
    if let Some(rule) = by_index.filter(has_id) {
        return rule;
    }
    let all = || components.iter().flat_map(|component| list(&component["rules"]));
    let exact = all().find(|rule| rule["id"] == id);
    exact.or_else(|| all().rfind(has_id)).or(by_index).unwrap_or(&Value::Null)
}

fn level_of(run: &Value, result: &Value, rule: &Value) -> String {
    if let Some(level) = result["level"].as_str() {
        return match level.to_ascii_lowercase().as_str() {
            "info" => "note".to_owned(),
            other => other.to_owned(),
        };
    }
    let invocation = &run["invocations"][0]["ruleConfigurationOverrides"];
    let is_meant = |entry: &&Value| !rule.is_null() && entry["descriptor"]["id"] == rule["id"];
    let overridden = list(invocation).iter().find(is_meant).map(|entry| &entry["configuration"]["level"]);
    let levels = [overridden.unwrap_or(&Value::Null), &rule["defaultConfiguration"]["level"]];
    let implied =
        if result["kind"].as_str().is_none_or(|kind| kind.eq_ignore_ascii_case("fail")) { "warning" } else { "none" };
    levels.iter().find_map(|level| level.as_str()).unwrap_or(implied).to_lowercase()
}

fn message_of(run: &Value, result: &Value, rule: &Value) -> String {
    let message = &result["message"];
    let id = message["id"].as_str().unwrap_or("\0");
    let global = &run["tool"]["driver"]["globalMessageStrings"];
    let texts = [message, &rule["messageStrings"][id], &global[id]];
    let Some(mut text) = texts.iter().find_map(|text| text["text"].as_str()).map(str::to_owned) else {
        return message["markdown"].as_str().or(message.as_str()).unwrap_or_default().to_owned();
    };
    for (number, argument) in list(&message["arguments"]).iter().enumerate() {
        text = text.replace(&format!("{{{number}}}"), argument.as_str().unwrap_or_default());
    }
    without_links(&text)
}

/// Character by character, as the grammar of 3.11.6 reads.
fn without_links(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let (mut out, mut at) = (String::new(), 0);
    while at < chars.len() {
        if let Some((label, length)) = link(&chars[at..]) {
            out.push_str(&label);
            at += length;
        } else {
            out.push(chars[at]);
            at += 1;
        }
    }
    out
}

fn link(chars: &[char]) -> Option<(String, usize)> {
    let (mut label, mut at) = (String::new(), 1);
    (chars[0] == '[').then_some(())?;
    loop {
        match (chars.get(at)?, chars.get(at + 1)) {
            ('\\', Some(c @ ('[' | ']' | '\\'))) => {
                label.push(*c);
                at += 2;
            }
            (']', Some('(')) => break,
            ('[' | ']', _) => return None,
            (c, _) => {
                label.push(*c);
                at += 1;
            }
        }
    }
    let length = chars[at..].iter().position(|c| *c == ')')?;
    let target: String = chars[at + 2..at + length].iter().collect();
    let is_number = !target.is_empty() && target.chars().all(|c| c.is_ascii_digit());
    let is_uri = target.find(':').is_some_and(|colon| colon > 1) && !target.contains(' ');
    (is_number || is_uri).then_some((label, at + length + 1))
}

fn path_of(run: &Value, artifact: &Value, locator: &mut Locator) -> String {
    let shared = artifact["index"].as_u64().map(|index| &run["artifacts"][usize::try_from(index).unwrap()]["location"]);
    let stated = [Some(artifact), shared]
        .into_iter()
        .flatten()
        .find(|place| place["uri"].as_str().is_some_and(|uri| !uri.is_empty()));
    let Some(place) = stated else { return String::new() };
    let base = base_of(run, place["uriBaseId"].as_str());
    locator.locate(place["uri"].as_str().unwrap(), base.as_deref()).path
}

fn base_of(run: &Value, id: Option<&str>) -> Option<String> {
    let entry = run["originalUriBaseIds"].get(id?)?;
    let above = base_of(run, entry["uriBaseId"].as_str());
    match (entry["uri"].as_str(), above) {
        (Some(uri), Some(above)) if !uri.contains(':') && !uri.starts_with('/') => {
            Some(format!("{}/{uri}", above.trim_end_matches('/')))
        }
        (Some(uri), _) => Some(uri.to_owned()),
        (None, above) => above,
    }
}

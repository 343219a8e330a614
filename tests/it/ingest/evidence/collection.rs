//! Files of the collection, with the number of statements that a plain reading of each gives.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use quell::ingest::input::{Input, find};
use quell::model::evidence::{Polarity, Statement};
use serde_json::Value;

use super::said::{Read, read_file};
use crate::support::shared::shared;
use crate::support::tree::Tree;

/// How a file is counted by itself.
type Count = fn(&str) -> usize;

/// A file, its format, and the number of its statements or facts.
const FILES: &[(&str, &str, Count)] = &[
    ("coverage/cobertura-coverlet.xml", "Cobertura", cobertura),
    ("coverage/cobertura-java.xml", "Cobertura", cobertura),
    ("coverage/python-cobertura.xml", "Cobertura", cobertura),
    ("coverage/cpp-lcov.info", "lcov", lcov),
    ("coverage/csharp-lcov.info", "lcov", lcov),
    ("coverage/python.lcov", "lcov", |_| 5),
    ("coverage/go-cover.out", "Go cover", |_| 3),
    ("coverage/jacoco.xml", "JaCoCo", jacoco),
    ("coverage/python-coverage.json", "coverage.py", |_| 5),
    ("coverage/v8-coverage.json", "V8", |_| 0),
    ("epss/epss_scores-sample.csv", "EPSS", |text| text.lines().filter(|line| line.starts_with("CVE-")).count()),
    ("socket/nodegoat.socket.facts.json", "Socket", socket),
    ("socket/python.socket.facts.json", "Socket", socket),
    ("socket/webgoat-java.socket.facts.json", "Socket", socket),
    ("depscan/dosai-dataflows.json", "dosai", |text| json(text)["PackageReachability"].as_array().unwrap().len()),
    ("depscan/dosai-dotnet.json", "atom", atom),
    ("depscan/golem-go-reachability.json", "atom", atom),
    ("depscan/rusi-rust-reachability.json", "atom", atom),
    ("semgrep/ci-findings-sca_info.json", "Semgrep", |text| text.matches("\"sca_info\"").count()),
    ("semgrep/sca-deployments-api.json", "Semgrep deployments", |text| json(text)["vulns"].as_array().unwrap().len()),
    ("jfrog/audit_simple.json", "JFrog", jfrog),
    ("jfrog/xray-unified-applicability.json", "JFrog Xray", |text| text.matches("\"cve\":").count()),
    ("endor/endorlabs_one_vuln.json", "Endor Labs", |_| 2),
    ("misc/xygeni-sca.json", "Xygeni", |_| 0),
    ("runtime/falco.jsonl", "Falco", |text| text.lines().count()),
    ("runtime/hubble.jsonl", "Hubble", |text| text.matches("reserved:world").count()),
    ("runtime/tetragon-nginx-execution.json", "Tetragon", |_| 1),
    ("runtime/tetragon-nginx-listen.json", "Tetragon", |_| 1),
];

fn of_collection(folder: &Path, name: &str) -> Read {
    read_file(&Tree::plain(&[]), &folder.join(name))
}

#[test]
fn every_file_gives_what_a_plain_reading_of_it_gives() {
    let Some(folder) = shared("corpus/evidence") else { return };
    for (name, format, count) in FILES {
        let text = std::fs::read_to_string(folder.join(name)).unwrap();
        let read = of_collection(&folder, name);
        let evidence = &read.evidence;
        let [document] = evidence.documents.as_slice() else { panic!("{name}: {:?}", evidence.documents) };
        assert_eq!(document.format, *format, "{name}");
        assert_eq!(evidence.statements.len() + evidence.intel.len(), count(&text), "{name}");
        assert!(evidence.statements.iter().all(|said| points_at_something(&text, said)), "{name}");
    }
}

#[test]
fn every_file_is_found_in_a_folder() {
    let Some(folder) = shared("corpus/evidence") else { return };
    let tree = Tree::plain(&[]);
    for (name, ..) in FILES {
        let name = name.replace('/', "-");
        std::fs::copy(folder.join(name.replacen('-', "/", 1)), tree.root().join(&name)).unwrap();
    }
    let (found, problems) = find(&tree.repo(), tree.root(), &[".".to_owned()]);
    assert_eq!(problems, []);
    let missing = FILES.iter().map(|(name, ..)| name.replace('/', "-"));
    let missing: Vec<String> = missing.filter(|name| !found.contains(&Input::File(tree.root().join(name)))).collect();
    assert_eq!(missing, [""; 0]);
}

/// Whether the pointer of a statement leads somewhere.
fn points_at_something(text: &str, said: &Statement) -> bool {
    match said.pointer.strip_prefix("line ") {
        Some(line) => text.lines().nth(line.parse::<usize>().unwrap() - 1).is_some(),
        None => json(text).pointer(&said.pointer).is_some(),
    }
}

#[test]
fn what_socket_does_not_know_is_not_unreachable() {
    let Some(folder) = shared("corpus/evidence") else { return };
    let read = of_collection(&folder, "socket/nodegoat.socket.facts.json");
    let said = &read.evidence.statements;
    let count = |is: &dyn Fn(&Statement) -> bool| said.iter().filter(|said| is(said)).count();
    let because = |start: &str| {
        count(&|said| said.polarity == Polarity::Unknown && said.reason.as_deref().unwrap().starts_with(start))
    };
    assert_eq!(count(&|said| said.polarity == Polarity::No), 76);
    assert_eq!(count(&|said| said.polarity == Polarity::Yes), 26);
    assert_eq!(count(&|said| said.polarity == Polarity::Yes && said.entry.is_test()), 9);
    assert_eq!(count(&|said| said.polarity == Polarity::Unknown && said.strength == 0), 39);
    assert_eq!((because("error: "), because("undeterminable"), because("missing support")), (31, 6, 2));
    assert!(said.iter().filter(|said| said.polarity == Polarity::Yes).all(|said| said.path[0].is_own));
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Answers of each file by line.
type Answers = BTreeMap<String, BTreeMap<u32, bool>>;

/// How many runs these answers make.
fn runs(answers: &Answers) -> usize {
    let of_file = |lines: &BTreeMap<u32, bool>| {
        let lines: Vec<(u32, bool)> = lines.iter().map(|(line, ran)| (*line, *ran)).collect();
        usize::from(!lines.is_empty())
            + lines.windows(2).filter(|pair| pair[0].1 != pair[1].1 || pair[1].0 - pair[0].0 > 11).count()
    };
    answers.values().map(of_file).sum()
}

/// The value of an attribute.
fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    tag.split_once(&format!(" {name}=\""))?.1.split_once('"').map(|(value, _)| value)
}

/// Methods have all their lines here, so that one that did not run has none with hits. Nothing of Python is Python
/// whose functions are known.
fn cobertura(text: &str) -> usize {
    let mut answers = Answers::new();
    let mut file = "";
    for tag in text.split('<') {
        if tag.starts_with("class ") {
            file = attribute(tag, "filename").unwrap();
        } else if tag.starts_with("line ") {
            let line = attribute(tag, "number").unwrap().parse().unwrap();
            *answers.entry(file.to_owned()).or_default().entry(line).or_default() |=
                attribute(tag, "hits").unwrap() != "0";
        }
    }
    runs(&answers)
}

fn lcov(text: &str) -> usize {
    let (mut answers, mut starts) = (Answers::new(), BTreeSet::new());
    let mut ran: BTreeSet<(String, u32)> = BTreeSet::new();
    let mut file = "";
    let mut functions = BTreeMap::new();
    for line in text.lines() {
        match line.split_once(':').unwrap_or((line, "")) {
            ("SF", name) => (file, functions) = (name, BTreeMap::new()),
            ("FN", value) => {
                let (line, name) = value.split_once(',').unwrap();
                functions.insert(name, line.parse::<u32>().unwrap());
            }
            ("FNDA", value) => {
                let (count, name) = value.split_once(',').unwrap();
                starts.insert((file.to_owned(), functions[name]));
                if count != "0" {
                    ran.insert((file.to_owned(), functions[name]));
                }
            }
            ("DA", value) => {
                let (line, count) = value.split_once(',').unwrap();
                *answers.entry(file.to_owned()).or_default().entry(line.parse().unwrap()).or_default() |= count != "0";
            }
            _ => {}
        }
    }
    for (file, line) in starts.into_iter().filter(|start| !ran.contains(start)) {
        answers.get_mut(&file).unwrap().entry(line).and_modify(|ran| *ran = false);
    }
    runs(&answers)
}

/// No line here is shared by a method that ran and one that did not.
fn jacoco(text: &str) -> usize {
    let mut answers = Answers::new();
    let (mut package, mut file) = ("", "");
    for tag in text.split('<') {
        if tag.starts_with("package ") {
            package = attribute(tag, "name").unwrap();
        } else if tag.starts_with("sourcefile ") {
            file = attribute(tag, "name").unwrap();
        } else if tag.starts_with("line ") {
            let line = attribute(tag, "nr").unwrap().parse().unwrap();
            answers.entry(format!("{package}/{file}")).or_default().insert(line, attribute(tag, "ci").unwrap() != "0");
        }
    }
    runs(&answers)
}

/// One for each advisory of a package that is reached, or never reached, else one for each thing that is not known.
fn socket(text: &str) -> usize {
    let facts = json(text);
    let advisories = facts["components"].as_array().unwrap().iter();
    let advisories = advisories.filter_map(|component| component["reachability"].as_array()).flatten();
    let of_advisory = |advisory: &Value| {
        let kinds: Vec<&str> =
            advisory["reachability"].as_array().unwrap().iter().map(|one| one["type"].as_str().unwrap()).collect();
        if kinds.contains(&"reachable") || kinds.iter().all(|kind| *kind == "unreachable") {
            1
        } else {
            kinds.iter().filter(|kind| **kind != "unreachable").count()
        }
    };
    advisories.map(of_advisory).sum()
}

/// Packages, and once more where a path starts at an endpoint or at other input from outside.
fn atom(text: &str) -> usize {
    let mut known = BTreeSet::new();
    for reachable in json(text).as_array().unwrap() {
        let tags = reachable["flows"][0]["tags"].as_str().unwrap();
        let is_http = tags.split(", ").any(|tag| ["api", "http", "rpc"].contains(&tag));
        for purl in reachable["purls"].as_array().unwrap() {
            known.insert((purl.as_str().unwrap().to_owned(), is_http));
        }
    }
    known.len()
}

/// Pairs of an id and a package with what is said of them, and secrets.
fn jfrog(text: &str) -> usize {
    let audit = json(text);
    let rows = |key: &str| audit[key].as_array().cloned().unwrap_or_default();
    let mut known = BTreeSet::new();
    for row in [rows("vulnerabilities"), rows("securityViolations")].concat() {
        for cve in row["cves"].as_array().cloned().unwrap_or_default() {
            let status = cve["applicability"]["status"].as_str().or(row["applicable"].as_str()).unwrap_or_default();
            let kind = if ["Applicable", "Not Applicable"].contains(&status) { status } else { "" };
            known.insert(format!(
                "{} {} {} {kind}",
                cve["id"], row["impactedPackageName"], row["impactedPackageVersion"]
            ));
        }
        if row["cves"].as_array().is_none_or(Vec::is_empty) {
            known
                .insert(format!("{} {} {}", row["issueId"], row["impactedPackageName"], row["impactedPackageVersion"]));
        }
    }
    for secret in [rows("secrets"), rows("secretsViolations")].concat() {
        if let Some(status) = secret["applicability"]["status"].as_str().filter(|status| !status.is_empty()) {
            known.insert(format!("{} {} {status}", secret["file"], secret["startLine"]));
        }
    }
    known.len()
}

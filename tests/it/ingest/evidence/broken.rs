//! Evidence that is broken, hostile or large.

use quell::model::problem::Loss;

use super::{load, read, rows, sample};
use crate::ingest::reading::problems;

const SAMPLES: &[&str] = &[
    "cdxgen.json",
    "csaf.json",
    "cyclonedx.json",
    "depscan.json",
    "govulncheck.json",
    "grype.json",
    "openvex.json",
    "osv-scanner.json",
    "snyk-findings.json",
    "snyk-issues.json",
    "snyk.json",
    "spdx.json",
    "trivy.json",
];

#[test]
fn wherever_a_file_is_cut_off_it_is_told_and_statements_are_not_invented() {
    for name in SAMPLES {
        let text = sample(name);
        let whole = rows(&read(&text));
        for at in (1..text.len()).step_by(199).filter(|at| text.is_char_boundary(*at)) {
            let (start, rest) = text.split_at(at);
            let loaded = load(&[], start);
            assert!(loaded.backlog.evidence.statements.len() <= whole.len(), "{name} at {at}");
            let is_told = loaded.backlog.problems.iter().any(|problem| problem.loss == Loss::File);
            assert!(is_told || rest.trim().is_empty() || name.starts_with("govuln"), "{name} at {at}");
        }
    }
}

#[test]
fn of_a_file_that_is_cut_off_the_whole_statements_are_kept() {
    for (name, end, count) in [
        ("openvex.json", "upgrade lodash", 3),
        ("csaf.json", "EX-1-B", 6),
        ("cyclonedx.json", "CVE-2026-0003", 13),
        ("osv-scanner.json", "org.example:core", 3),
    ] {
        let text = sample(name);
        let (start, _) = text.split_once(end).unwrap();
        let loaded = load(&[], start);
        assert_eq!(loaded.backlog.evidence.statements.len(), count, "{name}: {:?}", rows(&loaded.backlog.evidence));
        assert_eq!(problems(&loaded), ["the end is missing [file]"], "{name}");
    }
}

#[test]
fn values_of_other_kinds_are_read_as_absent() {
    for name in SAMPLES {
        let mut value = sample(name);
        for (kind, other) in [("\"", "7"), ("[", "{"), ("7.5", "[]")] {
            value = value.replacen(&format!(": {kind}"), &format!(": {other}"), 3);
        }
        let loaded = load(&[], &value);
        assert!(loaded.backlog.problems.len() < 100, "{name}");
    }
    let text = r#"{"@context": 1, "statements": [3, null, [], "x", {"vulnerability": {"name": 5}, "products": {"@id": "pkg:npm/a"}, "status": ["affected"]}]}"#;
    assert_eq!(
        rows(&read(text)),
        ["/statements/4/products/0 | 5 | pkg:npm/a | present unknown 3 | no status"],
        "a number is taken for a text, an object for an array of one"
    );
}

#[test]
fn empty_files_state_nothing() {
    for text in [
        r#"{"@context": "https://openvex.dev/ns", "statements": []}"#,
        r#"{"document": {"csaf_version": "2.0"}, "vulnerabilities": []}"#,
        r#"{"bomFormat": "CycloneDX"}"#,
        r#"{"results": [], "experimental_config": {}}"#,
        r#"{"vulnerabilities": [], "dependencyCount": 3, "ok": true}"#,
        r#"{"config": {"protocol_version": "v1.0.0"}}"#,
    ] {
        let loaded = load(&[], text);
        assert!(loaded.backlog.evidence.statements.is_empty());
        assert_eq!(problems(&loaded), ["nothing in it says what is called, exposed or exploited"], "{text}");
    }
}

#[test]
fn a_hundred_thousand_statements_are_read() {
    let each = |number: usize| {
        format!(
            r#"{{"vulnerability": {{"name": "CVE-2026-{number}"}}, "products": ["pkg:npm/a@{number}"], "status": "affected"}}"#
        )
    };
    let statements: Vec<String> = (0..100_000).map(each).collect();
    let text = format!(r#"{{"@context": "x", "author": "A", "statements": [{}]}}"#, statements.join(","));
    let evidence = read(text);
    assert_eq!(evidence.statements.len(), 100_000);
    assert_eq!(&*evidence.statements[99_999].pointer, "/statements/99999/products/0");
}

#[test]
fn a_small_file_does_not_make_endless_statements() {
    let statements = vec![r#"{"vulnerability": "CVE-1", "status": "affected"}"#; 1001].join(",");
    let products = vec![r#""pkg:npm/a""#; 1000].join(",");
    let text = format!(r#"{{"@context": "x", "author": "A", "products": [{products}], "statements": [{statements}]}}"#);
    let loaded = load(&[], text);
    assert_eq!(loaded.backlog.evidence.statements.len(), 1_000_000);
    assert_eq!(problems(&loaded), ["too many statements were left out: 1000 behind the first 1000000 [result]"]);
}

#[test]
fn long_texts_are_cut_and_deep_files_end() {
    let long = "x".repeat(1 << 20);
    let text = format!(
        r#"{{"@context": "x", "statements": [{{"vulnerability": "CVE-1", "status": "affected", "impact_statement": "{long}"}}]}}"#
    );
    let evidence = read(text);
    assert!(evidence.statements[0].reason.as_ref().unwrap().len() <= 2048);
    let deep = format!(
        r#"{{"bomFormat": "CycloneDX", "components": {}{}}}"#,
        r#"[{"name": "a", "components": "#.repeat(5_000),
        "[]".to_owned() + &"}]".repeat(5_000)
    );
    let loaded = load(&[], deep);
    assert_eq!(loaded.backlog.evidence.documents.len(), 1);
    assert!(problems(&loaded).contains(&"values nested too deeply to be read [result]".to_owned()));
}

#[test]
fn other_files_are_not_taken_for_evidence() {
    for text in [
        r#"{"jsonapi": {"version": "1.0"}, "data": [{"type": "users", "attributes": {}}]}"#,
        r#"{"document": {"title": "x"}, "vulnerabilities": []}"#,
        r#"{"config": {"x": 1}}"#,
        r#"{"packages": [{"name": "a"}]}"#,
        r#"{"results": [{"file": "a"}]}"#,
        r#"{"@context": "https://schema.org", "name": "x"}"#,
        r#"{"@context": "https://schema.org", "@graph": [{"@type": "Person"}]}"#,
    ] {
        assert!(load(&[], text).backlog.evidence.is_empty(), "{text}");
    }
}

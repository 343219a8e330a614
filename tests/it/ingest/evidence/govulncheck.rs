//! The messages of govulncheck.

use quell::model::evidence::{Entry, Evidence};

use super::{described, load, path, read, rows, sample};
use crate::ingest::reading::problems;

#[test]
fn each_finding_is_a_statement_and_only_the_most_precise_denies() {
    insta::assert_snapshot!(described(&read(sample("govulncheck.json"))));
}

/// A stream of messages: how it was scanned, and findings with these traces.
fn scan(level: &str, mode: &str, traces: &[&str]) -> String {
    let config =
        format!(r#"{{"config": {{"protocol_version": "v1.0.0", "scan_level": "{level}", "scan_mode": "{mode}"}}}}"#);
    let finding = |trace: &&str| format!(r#"{{"finding": {{"osv": "GO-1", "trace": [{trace}]}}}}"#);
    std::iter::once(config).chain(traces.iter().map(finding)).collect::<Vec<_>>().join("\n")
}

fn verdicts(evidence: &Evidence) -> Vec<String> {
    let verdict = |row: String| row.splitn(4, " | ").last().unwrap().trim_end_matches(" |").to_owned();
    rows(evidence).into_iter().map(verdict).collect()
}

const MODULE: &str = r#"{"module": "m", "version": "v1"}"#;
const PACKAGE: &str = r#"{"module": "m", "version": "v1", "package": "m/p"}"#;
const SYMBOL: &str = r#"{"module": "m", "version": "v1", "package": "m/p", "function": "F"}"#;

#[test]
fn a_scan_that_did_not_look_further_denies_nothing() {
    for (level, traces, said) in [
        ("symbol", [MODULE].as_slice(), ["imported no 3 | required, not imported"].as_slice()),
        ("package", &[MODULE], &["imported no 3 | required, not imported"]),
        ("module", &[MODULE], &["imported unknown 3 | imports were not looked at"]),
        ("symbol", &[PACKAGE], &["called no 3 | imported, not called"]),
        ("package", &[PACKAGE], &["imported yes 3 | calls were not looked at"]),
        (
            "package",
            &[MODULE, PACKAGE],
            &[
                "imported unknown 3 | said more precisely by another finding",
                "imported yes 3 | calls were not looked at",
            ],
        ),
        ("symbol", &[SYMBOL], &["called yes 3"]),
        // A level of a version to come.
        ("quantum", &[MODULE], &["imported unknown 3 | imports were not looked at"]),
        ("quantum", &[PACKAGE], &["imported yes 3 | calls were not looked at"]),
    ] {
        assert_eq!(verdicts(&read(scan(level, "source", traces))), said, "{level}");
    }
}

#[test]
fn a_binary_is_worth_less_because_its_calls_are_not_known() {
    assert_eq!(
        verdicts(&read(scan("symbol", "binary", &[SYMBOL]))),
        ["called yes 2 | of a binary: what it contains, without its calls"]
    );
}

#[test]
fn paths_start_in_tests_by_file_or_function() {
    for (entry, function, file) in [
        (Entry::Unknown, "main", "main.go"),
        (Entry::Test, "helper", "main_test.go"),
        (Entry::Test, "TestIt", "main.go"),
        (Entry::Test, "BenchmarkIt", "main.go"),
        (Entry::Unknown, "Testify", "main.go"),
    ] {
        let own =
            format!(r#"{SYMBOL}, {{"module": "own", "function": "{function}", "position": {{"filename": "{file}"}}}}"#);
        let evidence = read(scan("symbol", "source", &[&own]));
        assert_eq!(evidence.statements[0].entry, entry, "{function} {file}");
    }
}

#[test]
fn files_of_the_scanned_module_lie_in_the_repository() {
    let own = format!(
        r#"{SYMBOL}, {{"module": "own", "function": "main", "position": {{"filename": "main.go", "line": 3}}}}"#
    );
    let loaded = load(&[("services/shop/main.go", "package main\n")], scan("symbol", "source", &[&own]));
    assert_eq!(
        path(&loaded.backlog.evidence.statements[0]),
        ["own own main services/shop/main.go:3:0", "m/p@v1 F :0:0"]
    );
}

#[test]
fn a_broken_stream_keeps_what_is_whole() {
    let text = sample("govulncheck.json");
    let (start, _) = text.split_once("/http").unwrap();
    let loaded = load(&[], start);
    assert_eq!(loaded.backlog.evidence.statements.len(), 5);
    assert_eq!(problems(&loaded), ["the end is missing [file]"]);
    let messages = scan("symbol", "source", &[MODULE, PACKAGE, SYMBOL]);
    let inside = messages.replacen("\"package\": \"m/p\"}]}}", "\"package\": \"m/p\"", 1);
    let loaded = load(&[], &inside);
    assert_eq!(rows(&loaded.backlog.evidence).len(), 2, "the one that is cut off in the middle is left out");
    assert_eq!(problems(&loaded), ["the end is missing [file]"]);
    let one_line = messages.replace('\n', "");
    assert_eq!(rows(&read(one_line)).len(), 3);
}

#[test]
fn a_finding_that_says_nothing_is_told() {
    let text = scan("symbol", "source", &[""]);
    assert_eq!(problems(&load(&[], text)), ["line 2: a finding without an advisory or a trace [result]"]);
}

#[test]
fn advisories_without_a_finding_are_no_statements() {
    let text = format!("{}\n{}", scan("symbol", "source", &[]), r#"{"osv": {"id": "GO-1", "aliases": ["CVE-1"]}}"#);
    let evidence = read(text);
    assert!(evidence.statements.is_empty());
    assert_eq!(super::aliases(&evidence), ["GO-1 CVE-1"]);
}

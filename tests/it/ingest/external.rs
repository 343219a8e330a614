//! Parts of a run that lie in other files, or at the end of the report.

use crate::ingest::reading::{load_files, problems, result, rows, run};
use crate::support::tree::Tree;

/// A report whose run refers to files, and what it says for itself.
fn referring(references: &str, more: &str) -> String {
    run(&format!(r#""tool": {{"driver": {{"name": "t"}}}}, "externalPropertyFileReferences": {{{references}}}{more}"#))
}

fn check(files: &[(&str, &str)], expected_rows: &[&str], expected_problems: &[&str]) {
    let tree = Tree::plain(files);
    let loaded = load_files(&tree, &["out/a.sarif"]);
    assert_eq!(rows(&loaded), expected_rows, "{files:?}");
    assert_eq!(problems(&loaded), expected_problems, "{files:?}");
    for number in 0..loaded.backlog.results.len() {
        let detail = loaded.reader.detail(&loaded.backlog, u32::try_from(number).unwrap()).unwrap();
        assert_eq!(detail.message, "m", "{files:?}");
    }
}

#[test]
fn results_rules_and_artifacts_of_files_beside_the_report_are_read() {
    let references = r#""results": [{"location": {"uri": "parts/r%201.json"}}, {"location": {"uri": "r2.json"}}],
        "artifacts": {"location": {"uri": "a.json"}}, "driver": {"location": {"uri": "d.json"}}"#;
    let report = referring(references, &format!(r#", "results": [{}]"#, result("r", "own.py", 1, "")));
    let first = format!(r#"{{"version": "2.1.0", "results": [{}]}}"#, result("r", "b.py", 2, ""));
    let second = r#"{"results": [{"ruleId": "r", "message": {"text": "m"}, "locations": [{"physicalLocation": {"artifactLocation": {"index": 0}}}]}]}"#;
    let files = [
        ("out/a.sarif", report.as_str()),
        ("out/parts/r 1.json", first.as_str()),
        ("out/r2.json", second),
        ("out/a.json", r#"{"artifacts": [{"location": {"uri": "c.py"}}]}"#),
        (
            "out/d.json",
            r#"{"driver": {"name": "t", "rules": [{"id": "r", "defaultConfiguration": {"level": "error"}}]}}"#,
        ),
    ];
    check(&files, &["r own.py:1:0 error high m", "r b.py:2:0 error high m", "r c.py:0:0 error high m"], &[]);
}

#[test]
fn what_is_not_beside_the_report_is_told_by_what_it_costs() {
    let place = "/runs/0/externalPropertyFileReferences";
    let cases = [
        (
            r#""results": [{"location": {"uri": "gone.json"}}]"#,
            "results/0: results in another file were not read: `gone.json` cannot be read: no such file in the repository [file]",
        ),
        (r#""results": [{}]"#, "results/0: results in another file were not read: no file is named [file]"),
        (
            r#""results": [{"location": {"uri": "../secret.json"}}]"#,
            "results/0: results in another file were not read: `../secret.json` cannot be read: the path leads outside the repository [file]",
        ),
        (
            r#""results": [{"location": {"uri": "/etc/hostname"}}]"#,
            "results/0: results in another file were not read: `/etc/hostname` cannot be read: the path leads outside the repository [file]",
        ),
        (
            r#""driver": {"location": {"uri": "file:///etc/hostname"}}"#,
            "driver/0: rules in another file were not read: `file:///etc/hostname` is not beside the report, and nothing is fetched [result]",
        ),
        (
            r#""taxonomies": [{"location": {"uri": "https://x.example/cwe.sarif"}}]"#,
            "taxonomies/0: a part of the run in another file was not read: `https://x.example/cwe.sarif` is not beside the report, and nothing is fetched",
        ),
        (
            r#""artifacts": {"location": {"uri": "broken.json"}}"#,
            "artifacts/0: a part of the run in another file was not read: `broken.json` is no valid JSON: EOF while parsing a value at line 1 column 0",
        ),
    ];
    for (references, problem) in cases {
        let files = [("out/a.sarif", &*referring(references, "")), ("out/broken.json", ""), ("secret.json", "{}")];
        check(&files, &[], &[&format!("{place}/{problem}")]);
    }
}

#[test]
fn a_symbolic_link_beside_the_report_is_not_followed() {
    let report = referring(r#""results": [{"location": {"uri": "link.json"}}]"#, "");
    let outside = Tree::plain(&[("r.json", &format!(r#"{{"results": [{}]}}"#, result("r", "b.py", 2, "")))]);
    let tree = Tree::plain(&[("out/a.sarif", &report)]);
    std::os::unix::fs::symlink(outside.root().join("r.json"), tree.root().join("out/link.json")).unwrap();
    let loaded = load_files(&tree, &["out/a.sarif"]);
    assert_eq!(rows(&loaded), [""; 0]);
    assert!(problems(&loaded)[0].ends_with("`link.json` cannot be read: it is a symbolic link, not a file [file]"));
}

#[test]
fn properties_at_the_end_of_the_report_go_to_their_run() {
    let one = result("r", "a.py", 1, "");
    let two_runs = |first: &str, second: &str, inline: &str| {
        format!(
            r#"{{"version": "2.1.0", "runs": [{{"tool": {{"driver": {{"name": "t"}}}}{first}}}, {{"tool": {{"driver": {{"name": "u"}}}}{second}}}], "inlineExternalProperties": [{inline}]}}"#
        )
    };
    let by_run = two_runs(
        "",
        r#", "automationDetails": {"guid": "RUN-2"}"#,
        &format!(r#"{{"runGuid": "run-2", "results": [{one}]}}"#),
    );
    let by_guid = two_runs(
        "",
        r#", "externalPropertyFileReferences": {"results": [{"guid": "P-1"}]}"#,
        &format!(r#"{{"guid": "p-1", "results": [{one}]}}"#),
    );
    for report in [by_run, by_guid] {
        let tree = Tree::plain(&[("out/a.sarif", &report)]);
        let loaded = load_files(&tree, &["out/a.sarif"]);
        assert_eq!(rows(&loaded), ["r a.py:1:0 warning medium m"], "{report}");
        assert_eq!(loaded.backlog.run(loaded.backlog.record(0)).index, 1, "{report}");
        assert!(loaded.backlog.problems.is_empty(), "{:?}", loaded.backlog.problems);
    }
    let only = run(r#""tool": {"driver": {"name": "t"}}"#);
    let only =
        format!(r#"{}, "inlineExternalProperties": [{{"results": [{one}]}}]}}"#, only.strip_suffix('}').unwrap());
    check(&[("out/a.sarif", &only)], &["r a.py:1:0 warning medium m"], &[]);
    let nobody = two_runs("", "", &format!(r#"{{"runGuid": "x", "results": [{one}]}}"#));
    check(
        &[("out/a.sarif", &nobody)],
        &[],
        &["/inlineExternalProperties/0: external properties of no run were not read [file]"],
    );
}

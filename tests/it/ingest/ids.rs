//! Ids: what changes them and what does not.

use quell::model::id::FindingId;

use crate::ingest::reading::{load_files, load_text, report, result};
use crate::support::tree::Tree;

fn ids(text: &str) -> Vec<FindingId> {
    load_text(text).backlog.results.iter().map(|record| record.id).collect()
}

fn snippet(line: u32, text: &str) -> String {
    result("r", "a.py", line, "")
        .replace(&format!("\"startLine\": {line}"), &format!(r#""startLine": {line}, "snippet": {{"text": "{text}"}}"#))
}

#[test]
fn moved_lines_and_white_space_change_no_id() {
    let before = ids(&report("t", &snippet(3, "x =  1")));
    assert_eq!(ids(&report("t", &snippet(90, "  x = 1"))), before);
    assert_ne!(ids(&report("t", &snippet(3, "x = 2"))), before);
    assert_ne!(ids(&report("u", &snippet(3, "x =  1"))), before);
    assert_eq!(ids(&report("T Pro 1.2", &snippet(3, "x =  1"))), before);
}

#[test]
fn equal_results_count_from_the_top_whatever_their_order() {
    let (first, second) = (snippet(3, "x"), snippet(9, "x"));
    let forward = ids(&report("t", &format!("{first},{second}")));
    let backward = ids(&report("t", &format!("{second},{first}")));
    assert_eq!(forward, backward.iter().rev().copied().collect::<Vec<_>>());
    assert_ne!(forward[0], forward[1]);
    let doubled = ids(&report("t", &format!("{first},{first}")));
    assert_ne!(doubled[0], doubled[1], "exact doubles keep slots of their own");
}

#[test]
fn other_reports_and_their_order_change_no_id() {
    let tree = Tree::plain(&[
        ("a.sarif", &report("t", &snippet(3, "x"))),
        ("b.sarif", &report("t", &format!("{},{}", snippet(1, "y"), snippet(3, "x")))),
    ]);
    let of = |files: &[&str]| {
        let mut ids: Vec<_> = load_files(&tree, files).backlog.results.iter().map(|record| record.id).collect();
        ids.sort_unstable();
        ids
    };
    let together = of(&["a.sarif", "b.sarif"]);
    assert_eq!(of(&["b.sarif", "a.sarif"]), together);
    assert!(of(&["a.sarif"]).iter().all(|id| together.contains(id)));
    let loaded = load_files(&tree, &["a.sarif", "b.sarif"]);
    assert_eq!(loaded.backlog.findings.len(), 2, "the same result in two reports is one finding");
}

#[test]
fn the_flagged_text_comes_from_snippet_context_embedded_file_and_source() {
    let place = |region: &str| {
        format!(
            r#"{{"ruleId": "r", "message": {{"text": "m"}}, "locations": [{{"physicalLocation": {{"artifactLocation": {{"uri": "a.py", "index": 0}}, {region}}}}}]}}"#
        )
    };
    let with = |artifacts: &str, region: &str| {
        crate::ingest::reading::run(&format!(
            r#""tool": {{"driver": {{"name": "t"}}}}, "artifacts": [{artifacts}], "results": [{}]"#,
            place(region)
        ))
    };
    let plain = r#"{"location": {"uri": "a.py"}}"#;
    let embedded = r#"{"location": {"uri": "a.py"}, "contents": {"text": "one\ntwo\nthree"}}"#;
    let by_snippet = with(plain, r#""region": {"startLine": 2, "snippet": {"text": "two"}}"#);
    let by_context = with(
        plain,
        r#""region": {"startLine": 2}, "contextRegion": {"startLine": 1, "snippet": {"text": "one\ntwo\n"}}"#,
    );
    let by_embedded = with(embedded, r#""region": {"startLine": 2}"#);
    let expected = ids(&by_snippet);
    assert_eq!(ids(&by_context), expected);
    assert_eq!(ids(&by_embedded), expected);
    let by_source = with(plain, r#""region": {"startLine": 2}"#);
    assert_ne!(ids(&by_source), expected, "without any text the message counts");
    let tree = Tree::plain(&[("a.sarif", &by_source), ("a.py", "one\r\n\ttwo\r\nthree")]);
    assert_eq!(load_files(&tree, &["a.sarif"]).backlog.record(0).id, expected[0]);
}

#[test]
fn numbers_in_a_message_change_no_id() {
    let with =
        |message: &str| ids(&report("t", &result("r", "a.py", 1, "").replace("\"m\"", &format!("\"{message}\""))));
    assert_eq!(with("12 bytes at 0"), with("7 bytes at 44"));
    assert_ne!(with("12 bytes at 0"), with("12 words at 0"));
}

#[test]
fn a_secret_cannot_be_guessed_from_an_id() {
    let with = |text: &str| ids(&report("gitleaks", &snippet(1, text)));
    assert_eq!(with("key = 'AKIA123'"), with("key = 'other'"));
    assert_eq!(with("key: AKIAIOSFODNN7EXAMPLE"), with("key: AKIAIOSFODNN7EXAMPLF"));
    assert_ne!(with("key = 'a'"), with("token = 'a'"));
}

#[test]
fn the_repository_key_goes_into_every_id() {
    let text = report("t", &snippet(1, "x"));
    let id = |config: &str| {
        let tree = Tree::plain(&[("a.sarif", &text), (".quell/config.toml", config)]);
        load_files(&tree, &["a.sarif"]).backlog.record(0).id
    };
    assert_eq!(id(""), ids(&text)[0]);
    assert_ne!(id("[repository]\nkey = \"shop\""), ids(&text)[0]);
}

//! A report is read in blocks: where they end, and in which order it is written, changes nothing.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use quell::ingest::input::Input;
use quell::ingest::load::{Loaded, Options, Progress, load};
use quell::repo::Repo;

use crate::ingest::reading::{Read, load_text, problems, result, rows, run};
use crate::support::tree::Tree;

/// Ids, rows and problems.
fn what(loaded: &Loaded) -> (Vec<String>, Vec<String>, Vec<String>) {
    let ids = loaded.backlog.results.iter().map(|record| record.id.to_string()).collect();
    (ids, rows(loaded), problems(loaded))
}

/// Looks at some results; their messages are the ones that were loaded.
fn look(read: &Read) {
    let count = u32::try_from(read.backlog.results.len()).unwrap();
    for number in (0..count).step_by(97).chain(count.checked_sub(1)) {
        assert_eq!(read.detail(number).message.to_lowercase(), read.backlog.messages.get(number), "{number}");
    }
}

#[test]
fn the_order_of_the_members_of_a_run_changes_nothing() {
    let tool = r#""tool": {"driver": {"name": "t", "rules": [{"id": "r", "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["security", "secret"]}, "messageStrings": {"one": {"text": "say {0}"}}}]}}"#;
    let artifacts = r#""artifacts": [{"location": {"uri": "b.py"}, "contents": {"text": "key = 'abc'\ntwo"}}]"#;
    let rest = r#""columnKind": "utf16CodeUnits", "invocations": [{"executionSuccessful": false, "endTimeUtc": "2024-01-01T00:00:00Z"}]"#;
    let results = format!(
        r#""results": [{}, {{"ruleId": "r", "message": {{"id": "one", "arguments": ["hi"]}}, "level": "LOUD",
            "locations": [{{"physicalLocation": {{"artifactLocation": {{"index": 0}}, "region": {{"startLine": 1}}}}}}]}}]"#,
        result("r", "a.py", 3, r#""ruleIndex": 7"#)
    );
    let first = load_text(run(&[tool, artifacts, rest, &results].join(", ")));
    let expected = what(&first);
    assert_eq!(expected.1, ["r a.py:3:0 error high m", "r b.py:1:0 warning medium say hi"]);
    assert_eq!(expected.2.len(), 3, "{:?}", expected.2);
    for order in [
        [&results, tool, artifacts, rest],
        [tool, &results, artifacts, rest],
        [tool, artifacts, &results, rest],
        [rest, artifacts, &results, tool],
    ] {
        let loaded = load_text(run(&order.join(", ")));
        assert_eq!(what(&loaded), expected, "{order:?}");
        look(&loaded);
    }
}

#[test]
fn names_of_places_may_stand_behind_the_results() {
    let tool = r#""tool": {"driver": {"name": "t"}}"#;
    let names = r#""logicalLocations": [{"fullyQualifiedName": "shop.list"}, {"name": "cart"}]"#;
    let at = |index: u32| {
        format!(
            r#"{{"ruleId": "r", "message": {{"text": "m"}}, "locations": [{{"logicalLocations": [{{"index": {index}}}]}}]}}"#
        )
    };
    let results = format!(r#""results": [{}, {}]"#, at(0), at(1));
    let before = load_text(run(&[tool, names, &results].join(", ")));
    let after = load_text(run(&[tool, &results, names].join(", ")));
    assert_eq!(what(&before), what(&after));
    assert_ne!(before.backlog.results[0].id, load_text(run(&[tool, &results].join(", "))).backlog.results[0].id);
}

#[test]
fn each_byte_is_counted_once() {
    let text = run(&format!(r#""results": [{}], "tool": {{"driver": {{"name": "t"}}}}"#, result("r", "a.py", 1, "")));
    let tree = Tree::plain(&[("a.sarif", &text)]);
    let (repo, _) = Repo::discover(tree.root(), false).unwrap();
    let progress = Arc::new(Progress::default());
    let loaded = load(&repo, &[Input::File(tree.root().join("a.sarif"))], &Options::default(), &progress);
    assert_eq!(loaded.backlog.results.len(), 1);
    assert_eq!(progress.bytes.load(Ordering::Relaxed), text.len() as u64);
    assert_eq!(progress.results.load(Ordering::Relaxed), 1);
}

#[test]
fn blocks_end_anywhere() {
    // Lengths that share no factor with any block, letters of several bytes, and now and then something to repair.
    let odd = ["", r#""rank": 1,"#, "\"rank\": 1 // }\n", r#""guid": "\ud800""#, r#""guid": "\"}]""#];
    let one = |number: usize| {
        let more = if number.is_multiple_of(50) { odd[number / 50 % odd.len()] } else { "" };
        let text = format!("Message {number}. {}", "é✓ [link](1) \\\" ".repeat(number % 61));
        let line = u32::try_from(number).unwrap() + 1;
        result("r", &format!("d/{}.py", number % 700), line, more).replace("\"m\"", &format!("\"{text}\""))
    };
    let results: Vec<String> = (0..3000).map(one).collect();
    let tool = r#""tool": {"driver": {"name": "t"}}"#;
    let results = format!("\"results\": [{}]", results.join(",\n"));
    assert!(results.len() > 1 << 20, "it is several blocks long");
    let tool_first = load_text(run(&format!("{tool}, {results}")));
    assert_eq!(tool_first.backlog.results.len(), 3000);
    for (number, record) in (0..).zip(&tool_first.backlog.results) {
        assert_eq!((tool_first.backlog.position(number), record.line), (number, number + 1));
        assert!(tool_first.backlog.messages.get(number).starts_with(&format!("message {number}. ")));
    }
    look(&tool_first);
    let results_first = load_text(run(&format!("{results}, {tool}")));
    look(&results_first);
    assert_eq!(what(&results_first), what(&tool_first));
}

#[test]
fn a_value_may_be_larger_than_a_block() {
    let large = "x. ".repeat(400_000);
    let text = run(&format!(
        r#""tool": {{"driver": {{"name": "t"}}}}, "properties": {{"text": "{large}"}}, "results": [{}, {}, {}], "language": "{large}""#,
        result("r", "a.py", 1, ""),
        result("r", "a.py", 2, "").replace("\"m\"", &format!("\"{large}\"")),
        result("r", "a.py", 3, &format!(r#""properties": {{"text": "{large}"}},"#)),
    ));
    let loaded = load_text(text);
    let lines: Vec<u32> = loaded.backlog.results.iter().map(|record| record.line).collect();
    assert_eq!(lines, [1, 2, 3]);
    assert_eq!(loaded.backlog.messages.get(1), large);
    look(&loaded);
}

#[test]
fn what_is_loaded_can_be_looked_at() {
    let good = result("r", "a.py", 1, "");
    let sound = format!(r#"{{"tool": {{"driver": {{"name": "t"}}}}, "results": [{good}]}}"#);
    let texts = [
        format!(r#"{{"version": "2.1.0", "runs": [{sound}], "runs": 5}}"#),
        format!(r#"{{"version": "2.1.0", "runs": [3, {sound}, [], {sound}]}}"#),
        format!(r#"[{{"version": "2.1.0", "runs": [{sound}, 4]}}, {{"version": "2.1.0", "runs": [{sound}]}}]"#),
        format!(r#"{{"version": "2.1.0", "runs": [{{"results": [{good}], "results": 5}}]}}"#),
        run(&format!(r#""results": [{}]"#, result("r", "a.py", 1, r#""rank": 1e999"#))),
        run(&format!(r#""results": [{}]"#, good.replace("\"m\"", r#""m", "text": "n""#))),
        run(&format!(r#""results": [{}]"#, good.replace(r#"{"text": "m"}"#, r#""m", "message": 5"#))),
        run(&format!(r#""results": [{}]"#, good.replace("\"m\"", r#"["m"], "markdown": 3.50"#))),
        run(&format!(r#""results": [{}]"#, good.replace("\"m\"", r#""m\ud800", "arguments": {"a": 1}"#))),
        run(&format!(r#""results": [{}]"#, good.replace("\"m\"", r#"1e999, "markdown": "x""#))),
    ];
    for text in texts {
        let loaded = load_text(&text);
        assert!(!loaded.backlog.results.is_empty(), "{text}");
        look(&loaded);
    }
}

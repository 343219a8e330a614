//! Broken and odd reports: what is kept, and what is said about the rest.

use std::io::Write as _;

use crate::ingest::reading::{load_files, load_text, problems, report, result, rows, run};
use crate::support::tree::Tree;

const ROW: &str = "r a.py:1:0 warning medium m";

fn good() -> String {
    report("t", &result("r", "a.py", 1, ""))
}

/// Loads a text and compares rows and problems.
fn check(text: impl AsRef<[u8]>, expected_rows: &[&str], expected_problems: &[&str]) {
    let loaded = load_text(text.as_ref());
    assert_eq!(rows(&loaded), expected_rows, "{}", String::from_utf8_lossy(text.as_ref()));
    assert_eq!(problems(&loaded), expected_problems, "{}", String::from_utf8_lossy(text.as_ref()));
}

#[test]
fn a_sound_report_has_no_problem() {
    check(good(), &[ROW], &[]);
}

#[test]
fn encodings_are_told_by_their_first_bytes() {
    let utf16 = |order: fn(u16) -> [u8; 2], mark: &[u8]| {
        mark.iter().copied().chain(good().encode_utf16().flat_map(order)).collect::<Vec<u8>>()
    };
    check(format!("\u{feff}{}", good()), &[ROW], &[]);
    check(utf16(u16::to_le_bytes, &[0xff, 0xfe]), &[ROW], &[]);
    check(utf16(u16::to_be_bytes, &[0xfe, 0xff]), &[ROW], &[]);
    check(utf16(u16::to_le_bytes, &[]), &[ROW], &[]);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(good().as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    check(&gzip, &[ROW], &[]);
    let loaded = load_text(&gzip);
    assert_eq!(loaded.reader.detail(&loaded.backlog, 0).unwrap().message, "m");
}

#[test]
fn what_unpacks_to_a_thousand_times_its_size_is_stopped() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(good().as_bytes()).unwrap();
    let mut raw = &*vec![b' '; 65 << 20];
    std::io::copy(&mut raw, &mut gzip).unwrap();
    let expected = "the compressed text is damaged, or too large when it is unpacked; its beginning was read [file]";
    check(gzip.finish().unwrap(), &[ROW], &[expected]);
}

#[test]
fn what_is_no_file_or_has_no_end_is_not_read() {
    let tree = Tree::plain(&[]);
    let sparse = std::fs::File::create(tree.root().join("sparse.sarif")).unwrap();
    sparse.set_len(5 << 30).unwrap();
    for (file, reason) in [("/dev/zero", "it is a device"), ("sparse.sarif", "it is larger than 4 GiB")] {
        let loaded = load_files(&tree, &[file]);
        assert_eq!(problems(&loaded), [format!("it cannot be read: {reason} [file]")], "{file}");
    }
}

#[test]
fn a_damaged_gzip_keeps_what_it_gave() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    gzip.write_all(good().as_bytes()).unwrap();
    let mut gzip = gzip.finish().unwrap();
    gzip.truncate(gzip.len() - 6);
    check(
        &gzip,
        &[ROW],
        &["the compressed text is damaged, or too large when it is unpacked; its beginning was read [file]"],
    );
}

#[test]
fn a_truncated_report_keeps_its_complete_results() {
    let text = report("t", &[result("r", "a.py", 1, ""), result("s", "b.py", 2, "")].join(","));
    let second = text.rfind(r#"{"ruleId": "s""#).unwrap();
    let place = format!("byte {second}: the report ends inside a value [file]");
    check(&text.as_bytes()[..second + 30], &[ROW], &[&place]);
    let end = format!("byte {}: the report ends inside a value [file]", text.len() - 1);
    check(&text.as_bytes()[..text.len() - 1], &[ROW, "s b.py:2:0 warning medium m"], &[&end]);
}

#[test]
fn key_order_is_free() {
    let text = format!(
        r#"{{"runs": [{{"results": [{}], "tool": {{"driver": {{"rules": [{{"id": "r", "defaultConfiguration": {{"level": "error"}}}}], "name": "t"}}}}}}], "version": "2.1.0"}}"#,
        result("r", "a.py", 1, "")
    );
    check(text, &["r a.py:1:0 error high m"], &[]);
}

#[test]
fn broken_json_inside_a_result_costs_at_most_its_text() {
    let with = |more: &str| report("t", &result("r", "a.py", 1, more));
    let note = |what: &str| format!("/runs/0/results/0: {what}");
    let comma = note("wrong punctuation, such as a trailing comma");
    check(with(r#""rank": 1,"#), &[ROW], &[&comma]);
    check(with(r#""rank": NaN"#), &[ROW], &[&note("a value that is no JSON, read as null [result]")]);
    check(with("\"rank\": 1 // \"quoted\" }\n"), &[ROW], &[&note("a comment, which JSON does not have")]);
    // What no row needs is not looked into at load.
    check(with("\"guid\": \"a\u{1}b\""), &[ROW], &[]);
    let lone = report("t", &result("r", "a.py", 1, "").replace("\"m\"", r#""m\ud800!""#));
    check(
        lone,
        &["r a.py:1:0 warning medium m\u{fffd}!"],
        &[&note("half of a surrogate pair in a string, read as U+FFFD [result]")],
    );
    let mut invalid = report("t", &result("r", "a.py", 1, "")).replace("\"m\"", "\"m?\"").into_bytes();
    let at = invalid.windows(2).position(|pair| pair == b"m?").unwrap() + 1;
    invalid[at] = 0xff;
    check(
        invalid,
        &["r a.py:1:0 warning medium m\u{fffd}"],
        &[&note("bytes that are not UTF-8, read as U+FFFD [result]")],
    );
    let control = report("t", &result("r", "a.py", 1, "").replace("\"m\"", "\"m\u{3}\""));
    check(control, &["r a.py:1:0 warning medium m\u{3}"], &[&note("a raw control character in a string")]);
}

#[test]
fn trailing_commas_between_results_do_no_harm() {
    check(report("t", &format!(",{},,", result("r", "a.py", 1, ""))), &[ROW], &[]);
}

#[test]
fn the_last_of_equal_keys_wins() {
    check(report("t", &result("x", "a.py", 1, r#""ruleId": "r""#)), &[ROW], &[]);
    let members = format!(
        r#""tool": {{"driver": {{"name": "t"}}}}, "results": [{{}}], "results": [{}]"#,
        result("r", "a.py", 1, "")
    );
    check(run(&members), &[ROW], &["a run has `results` twice, the last one was read [result]"]);
    let twice = good().replacen('{', "{\"runs\": [],", 1);
    check(twice, &[ROW], &["the report has `runs` twice, the last one was read [result]"]);
}

#[test]
fn numbers_may_be_texts_or_floats() {
    let text = good().replace("\"startLine\": 1", r#""startLine": "3", "startColumn": 4.0"#);
    check(text, &["r a.py:3:4 warning medium m"], &[]);
}

#[test]
fn impossible_positions_are_not_stated() {
    let odd = |what: &str| format!("/runs/0/results/0: a position that cannot be, read as not stated: {what}");
    for (value, what) in [
        ("0", "startLine 0"),
        ("-4", "startLine -4"),
        ("4294967297", "startLine 4294967297"),
        ("1e300", "startLine 9223372036854775807"),
    ] {
        let text = good().replace("\"startLine\": 1", &format!("\"startLine\": {value}"));
        check(text, &["r a.py:0:0 warning medium m"], &[&odd(what)]);
    }
}

#[test]
fn null_is_absent_everywhere() {
    let text = r#"{"version": "2.1.0", "runs": [{"tool": null, "results": [{"ruleId": null, "ruleIndex": null, "rule": null, "kind": null,
        "level": null, "message": null, "locations": null, "fixes": null, "codeFlows": null, "suppressions": null, "properties": null,
        "taxa": null, "baselineState": null, "provenance": null}], "artifacts": null, "invocations": null, "originalUriBaseIds": null}]}"#;
    check(text, &[" :0:0 warning medium "], &["/runs/0/tool: the run names no tool, shown as `unknown`"]);
    check(r#"{"version": "2.1.0", "runs": null}"#, &[], &["/runs: the report has no runs"]);
    check(run(r#""tool": {"driver": {"name": "t"}}, "results": null"#), &[], &[]);
    let stray = "/runs/0/results/0: a result that is no object was skipped [result]";
    check(report("t", &format!("null, {}", result("r", "a.py", 1, ""))), &[ROW], &[stray]);
}

#[test]
fn words_outside_an_enumeration_are_mapped_and_told() {
    let cases = [
        (r#""level": "ERROR""#, "error high", "level is not a SARIF value: `ERROR` read as error"),
        (r#""level": "info""#, "note low", "level is not a SARIF value: `info` read as note"),
        (r#""level": "strange""#, "warning medium", "level is not a SARIF value: `strange` read as warning"),
        (r#""kind": "FAIL""#, "warning medium", "kind is not a SARIF value: `FAIL` read as fail"),
        (r#""baselineState": "old""#, "warning medium", "baselineState is not a SARIF value: `old` read as absent"),
    ];
    for (more, grade, problem) in cases {
        let text = report("t", &result("r", "a.py", 1, more));
        check(text, &[&format!("r a.py:1:0 {grade} m")], &[&format!("/runs/0/results/0: {problem}")]);
    }
}

#[test]
fn snake_case_keys_are_read() {
    let text = good()
        .replace("ruleId", "rule_id")
        .replace("startLine", "start_line")
        .replace("physicalLocation", "physical_location");
    check(text.replace("artifactLocation", "artifact_location"), &[ROW], &[]);
}

#[test]
fn text_around_the_report_is_skipped() {
    let skipped = |at: usize| format!("byte {at}: text that does not belong to the report was skipped");
    check(format!("[INFO] scanning {{x}}\n{}", good()), &[ROW], &[&skipped(0)]);
    check(format!("{}\nDone in 3 s", good()), &[ROW], &[&skipped(good().len() + 1)]);
    check(format!("// made by a tool\n{}", good()), &[ROW], &[]);
}

#[test]
fn several_documents_are_all_read() {
    let told = "2 documents in one file; their runs are counted on";
    check(format!("{}\n{}", good(), good()), &[ROW, ROW], &[told]);
    check(format!("[{}, {}]", good(), good()), &[ROW, ROW], &[told]);
    check(format!("[{}]", good()), &[ROW], &[]);
    let loaded = load_text(format!("{}{}", good(), good()));
    assert_eq!(loaded.reader.detail(&loaded.backlog, 1).unwrap().message, "m");
}

#[test]
fn versions_are_told() {
    let with = |version: &str| good().replace("2.1.0", version);
    let refused = "SARIF 1.1.0 is not read [file]";
    check(with("1.1.0"), &[], &[refused]);
    check(with("2.2"), &[ROW], &["/version: SARIF 2.2 read as 2.1.0"]);
    check(good().replace(r#""version": "2.1.0", "#, ""), &[ROW], &["`version` is absent, read as SARIF 2.1.0"]);
    let old = r#"{"version": "2.0.0", "runs": [{"tool": {"name": "t"}, "resources": {"rules": {"r": {"configuration": {"defaultLevel": "error"},
        "messageStrings": {"one": "say {0}"}}}}, "results": [{"ruleId": "r", "ruleMessageId": "one", "message": {"arguments": ["hi"]},
        "locations": [{"physicalLocation": {"fileLocation": {"uri": "a.py"}, "region": {"startLine": 1}}}]}]}]}"#;
    check(old, &["r a.py:1:0 error high say hi"], &["/version: SARIF 2.0.0 read as 2.1.0"]);
}

#[test]
fn what_is_not_sarif_says_what_it_looks_like() {
    let cases = [
        ("", "it is empty"),
        (" \n ", "it is empty"),
        ("<!DOCTYPE html><html>", "it looks like an HTML page"),
        ("version https://git-lfs.github.com/spec/v1\n", "it looks like a Git LFS pointer"),
        ("{ this is not valid JSON }", "it is no valid JSON"),
        ("3", "it looks like plain text"),
        ("{}", "it is JSON without `runs`"),
        ("[", "it is no valid JSON"),
        ("\u{0}\u{1}\u{2}", "it looks like a binary file"),
    ];
    for (text, what) in cases {
        check(text, &[], &[&format!("not a report: {what} [file]")]);
    }
}

#[test]
fn broken_json_outside_of_results_is_told() {
    let text = good().replace(r#"{"name": "t"}"#, r#"{"name": "t",}"#);
    check(text, &[ROW], &["outside of the results: wrong punctuation, such as a trailing comma"]);
}

#[test]
fn deep_nesting_is_no_problem() {
    let deep = format!(r#""properties": {{"deep": {}1{}}}"#, "[".repeat(200_000), "]".repeat(200_000));
    check(report("t", &result("r", "a.py", 1, &deep)), &[ROW], &[]);
    let broken = format!(r#""properties": {{"deep": {}1{}}},"#, "[".repeat(200_000), "]".repeat(200_000));
    let loaded = load_text(report("t", &result("r", "a.py", 1, &broken)));
    assert_eq!(rows(&loaded), [ROW]);
    assert!(loaded.reader.detail(&loaded.backlog, 0).is_ok());
}

#[test]
fn many_problems_of_one_kind_are_counted() {
    let results: Vec<String> = (1..=50).map(|line| result("r", "a.py", line, r#""level": "ERROR""#)).collect();
    let found = problems(&load_text(report("t", &results.join(","))));
    assert_eq!(found.len(), 21);
    assert_eq!(found[20], "and 30 more: level is not a SARIF value");
}

#[test]
fn a_scan_that_failed_does_not_look_clean() {
    let failed = "the tool says that its run failed; findings may be missing";
    let error = "the tool reports an error; findings may be missing";
    let cases = [
        (r#"{"executionSuccessful": false}"#, vec![format!("invocations: {failed}")], false),
        (
            r#"{"executionSuccessful": false, "exitCode": 3, "exitCodeDescription": "out of memory"}"#,
            vec![format!("invocations: {failed}: exit code 3, out of memory")],
            false,
        ),
        (
            r#"{"executionSuccessful": true}, {"processStartFailureMessage": "no such program"}"#,
            vec![format!("invocations/1: {failed}: no such program")],
            false,
        ),
        (r#"{"executionSuccessful": true, "exitCode": 1}"#, vec![], true),
        (
            r#"{"toolExecutionNotifications": [{"level": "error", "message": {"text": "cannot parse"}, "locations": [{"physicalLocation": {"artifactLocation": {"uri": "a.py"}}}]},
             {"level": "note", "message": {"text": "hello"}}, {"level": "none"}]}"#,
            vec![format!("invocations/0/toolExecutionNotifications/0: {error}: a.py: cannot parse")],
            false,
        ),
        (
            r#"{"toolConfigurationNotifications": [{"message": {"text": "unknown rule"}}]}"#,
            vec!["invocations/0/toolConfigurationNotifications/0: the tool warns: unknown rule".to_owned()],
            true,
        ),
        (
            r#"{"toolExecutionNotifications": [{"descriptor": {"id": "N1"}, "message": {"id": "m", "arguments": ["x"]}}, {"descriptor": {"index": 1}, "exception": {"kind": "Boom"}}]}"#,
            vec![format!("invocations/0/toolExecutionNotifications/0: {error}: lost x")],
            false,
        ),
    ];
    for (invocations, expected, is_whole) in cases {
        let text = run(&format!(
            r#""tool": {{"driver": {{"name": "t", "notifications": [{{"id": "N1", "defaultConfiguration": {{"level": "error"}}, "messageStrings": {{"m": {{"text": "lost {{0}}"}}}}}}, {{"id": "N2", "defaultConfiguration": {{"level": "note"}}}}]}}}}, "invocations": [{invocations}], "results": []"#
        ));
        let expected: Vec<String> = expected.iter().map(|problem| format!("/runs/0/{problem}")).collect();
        let loaded = load_text(&text);
        assert_eq!(problems(&loaded), expected, "{invocations}");
        assert_eq!(loaded.backlog.runs[0].is_whole, is_whole, "{invocations}");
    }
}

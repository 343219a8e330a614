//! What producers really write: each oddity in a small report of our own, with the findings or problems it must give.
//! `collected_reports_give_their_results_and_problems` holds the same for reports of the tools themselves, where the collection is there.

use crate::ingest::reading::{load_text, problems, report, result, rows, run};
use crate::support::shared::shared;

/// A run of tool `t` with these members.
fn of_t(members: &str) -> String {
    run(&format!(r#""tool": {{"driver": {{"name": "t"}}}}, {members}"#))
}

/// One result at a location with these members.
fn located(location: &str) -> String {
    report("t", &format!(r#"{{"ruleId": "r", "message": {{"text": "m"}}, "locations": [{location}]}}"#))
}

/// One result in `a.py` with this region.
fn region(members: &str) -> String {
    located(&format!(r#"{{"physicalLocation": {{"artifactLocation": {{"uri": "a.py"}}, "region": {{{members}}}}}}}"#))
}

/// One result with these members beside its place.
fn said(members: &str) -> String {
    report("t", &result("r", "a.py", 1, members))
}

const ROW: &str = "r a.py:1:0 warning medium m";
const NOWHERE: &str = "r :0:0 warning medium m";

/// Loads a text, compares rows and problems, and decodes every result.
fn check(text: &str, expected_rows: &[&str], expected_problems: &[&str]) {
    let loaded = load_text(text);
    assert_eq!(rows(&loaded), expected_rows, "{text}");
    assert_eq!(problems(&loaded), expected_problems, "{text}");
    for number in 0..loaded.backlog.results.len() {
        loaded.detail(u32::try_from(number).unwrap());
    }
}

#[test]
fn runs_and_tools_may_be_missing() {
    let no_tool = "/runs/0/tool: the run names no tool, shown as `unknown`";
    let one = result("r", "a.py", 1, "");
    check(r#"{"version": "2.1.0", "runs": []}"#, &[], &["/runs: the report has no runs"]);
    check(&run(r#""tool": {"driver": {"name": "t"}}"#), &[], &[]);
    check(&of_t(r#""results": []"#), &[], &[]);
    check(&run(&format!(r#""tool": {{"driver": null}}, "results": [{one}]"#)), &[ROW], &[no_tool]);
    check(&run(&format!(r#""results": [{one}]"#)), &[ROW], &[no_tool]);
    check(&report("t", &one).replacen('{', r#"{"inlineExternalProperties": [], "#, 1), &[ROW], &[]);
    let none = r#"{"tool": {"driver": {"name": "none"}}}"#;
    check(&report("t", &one).replace("[{\"tool\"", &format!("[{none}, {{\"tool\"")), &[ROW], &[]);
}

#[test]
fn kinds_and_messages_have_their_meaning() {
    let kinds = [
        (r#""kind": "pass""#, "none info"),
        (r#""kind": "notApplicable""#, "none info"),
        (r#""kind": "open""#, "none info"),
        (r#""kind": "review""#, "none info"),
        (r#""kind": "informational", "level": "note""#, "note low"),
        (r#""kind": "fail", "level": "none""#, "none info"),
    ];
    for (members, grade) in kinds {
        check(&said(members), &[&format!("r a.py:1:0 {grade} m")], &[]);
    }
    let messages =
        [("", ""), (r#", "message": "m""#, "m"), (r#", "message": {"text": ""}"#, ""), (r#", "message": {}"#, "")];
    for (member, text) in messages {
        check(&report("t", &format!(r#"{{"ruleId": "r"{member}}}"#)), &[&format!("r :0:0 warning medium {text}")], &[]);
    }
}

#[test]
fn results_may_have_no_place_or_only_an_index() {
    let indexed = |artifacts: &str, index: u32| {
        of_t(&format!(
            r#""artifacts": [{artifacts}], "results": [{{"ruleId": "r", "message": {{"text": "m"}}, "locations": [{{"physicalLocation": {{"artifactLocation": {{"index": {index}}}}}}}]}}]"#
        ))
    };
    check(&report("t", r#"{"ruleId": "r", "message": {"text": "m"}}"#), &[NOWHERE], &[]);
    check(&located(""), &[NOWHERE], &[]);
    check(&located(r#"{"logicalLocations": [{"fullyQualifiedName": "a.b"}]}"#), &[NOWHERE], &[]);
    check(&indexed(r#"{"location": {"uri": "a.py"}}"#, 0), &["r a.py:0:0 warning medium m"], &[]);
    check(&indexed(r#"{"location": {"uri": "a.zip"}}, {"parentIndex": 0}"#, 1), &["r a.zip:0:0 warning medium m"], &[]);
    check(&indexed(r#"{"parentIndex": 0}"#, 0), &[NOWHERE], &[]);
    check(&indexed("", 3), &[NOWHERE], &[]);
}

#[test]
fn regions_may_be_impossible_or_counted_otherwise() {
    let impossible = |what: &str| format!("/runs/0/results/0: a position that cannot be, read as not stated: {what}");
    let whole_file = "r a.py:0:0 warning medium m";
    check(&region(""), &[whole_file], &[]);
    check(&region(r#""startLine": 0, "charOffset": 5"#), &[whole_file], &[&impossible("startLine 0")]);
    check(&region(r#""byteOffset": 5, "byteLength": 2"#), &[whole_file], &[]);
    check(&region(r#""startLine": 1, "startColumn": -1"#), &[ROW], &[&impossible("startColumn -1")]);
    let backwards = region(r#""startLine": 1, "startColumn": 9, "endColumn": 3"#);
    check(&backwards, &["r a.py:1:9 warning medium m"], &[]);
}

#[test]
fn uris_are_read_as_they_are_meant() {
    let cases = [
        ("/srv/scan/a.py", "/srv/scan/a.py"),
        ("./a.py", "a.py"),
        ("../a.py", "../a.py"),
        ("a b%20c.py", "a b c.py"),
        ("src\\\\a.py", "src/a.py"),
        ("https://x.example/a%20b", "https://x.example/a%20b"),
        ("benchmark:test", "benchmark:test"),
        ("src/", "src"),
        ("", ""),
    ];
    for (uri, path) in cases {
        let text = located(&format!(r#"{{"physicalLocation": {{"artifactLocation": {{"uri": "{uri}"}}}}}}"#));
        check(&text, &[&format!("r {path}:0:0 warning medium m")], &[]);
    }
    let based = |base: &str, bases: &str| {
        of_t(&format!(
            r#""originalUriBaseIds": {{{bases}}}, "results": [{{"ruleId": "r", "message": {{"text": "m"}}, "locations": [{{"physicalLocation": {{"artifactLocation": {{"uri": "a.py", "uriBaseId": "{base}"}}, "region": {{"startLine": 1}}}}}}]}}]"#
        ))
    };
    check(&based("%SRCROOT%", ""), &[ROW], &[]);
    check(&based("EXECUTIONROOT", r#""EXECUTIONROOT": {"description": {"text": "here"}}"#), &[ROW], &[]);
    check(&based("A", r#""A": {"uriBaseId": "B"}, "B": {"uriBaseId": "A"}"#), &[ROW], &[]);
}

#[test]
fn what_is_empty_or_of_another_type_does_no_harm() {
    for members in [
        r#""fingerprints": {"f": {"nested": [1]}}"#,
        r#""partialFingerprints": {"f": 1, "g": null}"#,
        r#""fixes": [{"description": {"text": "d"}}, {"artifactChanges": []}]"#,
        r#""attachments": [], "graphs": [], "stacks": [], "taxa": [], "workItemUris": [], "fixes": []"#,
        r#""rank": -1, "occurrenceCount": -1"#,
        r#""codeFlows": {}, "relatedLocations": "x", "graphTraversals": [1], "webRequest": [], "provenance": "p""#,
    ] {
        check(&said(members), &[ROW], &[]);
    }
}

#[test]
fn one_finding_has_all_exact_doubles_and_each_run_its_own_tool() {
    let twice = load_text(report("t", &[result("r", "a.py", 1, ""), result("r", "a.py", 1, "")].join(",")));
    assert_eq!((twice.backlog.results.len(), twice.backlog.findings.len()), (2, 1));
    let of = |tool: &str, results: &str| {
        format!(r#"{{"tool": {{"driver": {{"name": "{tool}"}}}}, "results": [{results}]}}"#)
    };
    let several = format!(
        r#"{{"version": "2.1.0", "runs": [{}, {}, {}]}}"#,
        of("t", &result("r", "a.py", 1, "")),
        of("u", &result("s", "b.py", 2, "")),
        of("t", &result("r", "c.py", 3, ""))
    );
    let loaded = load_text(several);
    let tools: Vec<&str> =
        loaded.backlog.results.iter().map(|record| loaded.backlog.tool(record).name.as_str()).collect();
    assert_eq!((tools, loaded.backlog.tools.len()), (vec!["t", "u", "t"], 2));
}

#[test]
fn a_component_that_is_named_has_the_rule_before_others() {
    let text = run(
        r#""tool": {"driver": {"name": "t", "rules": [{"id": "r", "name": "driver"}]}, "extensions": [{"name": "one", "rules": [{"id": "r", "name": "one"}]}, {"name": "two", "rules": [{"id": "r", "name": "two"}, {"id": "was", "name": "new", "deprecatedIds": ["old"]}]}]},
        "results": [{"rule": {"id": "r", "toolComponent": {"name": "two"}}}]"#,
    );
    let name = |text: &str| {
        let loaded = load_text(text);
        loaded.backlog.rule(loaded.backlog.record(0)).name.clone()
    };
    assert_eq!(name(&text).as_deref(), Some("two"));
    assert_eq!(name(&text.replace(r#"{"name": "two"}}}"#, r#"{"index": 0}}}"#)).as_deref(), Some("one"));
    assert_eq!(name(&text.replace(r#", "toolComponent": {"name": "two"}"#, "")).as_deref(), Some("driver"));
    assert_eq!(name(&text.replace(r#"[{"rule": {"id": "r""#, r#"[{"rule": {"id": "old""#)).as_deref(), Some("new"));
}

#[test]
fn collected_reports_give_their_results_and_problems() {
    let Some(folder) = shared("corpus/sarif") else { return };
    // (file, its results, a part of a problem)
    let cases = [
        ("hadolint--kubegoat.sarif", 54, ""),
        ("odd--all-kinds.sarif", 7, ""),
        ("multitool--driver-null.sarif", 0, "the run names no tool"),
        ("njsscan--dvna.sarif", 6, "the tool says that its run failed"),
        (
            "spotbugs--failed-inv.sarif",
            56,
            "run failed; findings may be missing: ERROR,MISSING CLASS,BUGS FOUND, exit code 3",
        ),
        (
            "tutorial--Catastrophic-execution-error.sarif",
            0,
            "the tool reports an error; findings may be missing: Out of memory.",
        ),
        ("tutorial--Catastrophic-configuration-error.sarif", 0, "no-such-ruleset.xml"),
        ("tutorial--Notifications.sarif", 0, "the tool warns"),
        ("semgrep--kubegoat-FIXES.sarif", 59, "the tool warns: Other syntax error"),
        ("flawfinder--dvcp.sarif", 92, "nothing is fetched"),
        ("scorecard--check2-startline0.sarif", 1, "startLine 0"),
        ("scorecard--check3-percent.sarif", 2, ""),
        ("derived--startline-huge.sarif", 18, "startLine"),
        ("odd--jenkins-no-tool-level-ERROR.sarif", 2, "level is not a SARIF value: `ERROR` read as error"),
        ("odd--inline-external-baseline-bash.sarif", 27, "external properties of no run"),
        ("jfrog--audit-multi-run.sarif", 13, "level is not a SARIF value: `info` read as note"),
        ("jfrog--applicability-no-locations.sarif", 5, ""),
        ("axe--basic-4.12.sarif", 1, ""),
        ("osv-scanner--hex.sarif", 2, ""),
        ("phpmd--native.sarif", 21, ""),
        ("fxcop--exceptions-no-text.sarif", 2, ""),
        ("mago--native-endcol-lt-startcol.sarif", 102, ""),
        ("validate--SARIF1007-regions.sarif", 2, ""),
        ("validate--SARIF1009-indices.sarif", 3, ""),
        ("derived--uri-zoo.sarif", 18, ""),
        ("multi-run--3-runs-2-tools.sarif", 4, ""),
        ("odd--fingerprints-nested-fix-no-changes.sarif", 5, ""),
        ("vscode-ext--rules-extensions.sarif", 5, ""),
        ("spec--appendix-k-2.1.sarif", 1, "`existing` read as unchanged"),
    ];
    for (file, results, problem) in cases {
        let loaded = load_text(std::fs::read(folder.join(file)).unwrap());
        assert_eq!(loaded.backlog.results.len(), results, "{file}");
        let told = problems(&loaded);
        assert!(problem.is_empty() || told.iter().any(|line| line.contains(problem)), "{file}: {told:?}");
    }
}

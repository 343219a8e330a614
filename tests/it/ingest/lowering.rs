//! What a result means: rule, level, severity, message, CWE, category, advisories, packages, suppression.

use quell::model::grade::Category;

use crate::ingest::reading::{Read, load_text, report, result, rows, run};

/// A report of tool `t` with these rules and results.
fn ruled(rules: &str, results: &str) -> String {
    run(&format!(r#""tool": {{"driver": {{"name": "t", "rules": [{rules}]}}}}, "results": [{results}]"#))
}

fn one(text: &str) -> Read {
    let loaded = load_text(text);
    assert_eq!(loaded.backlog.results.len(), 1, "{text}");
    loaded
}

#[test]
fn a_rule_is_found_by_id_index_reference_and_parent() {
    let rules = r#"{"id": "a", "name": "A"}, {"id": "b/c", "name": "C"}, {"id": "a", "name": "A2"}"#;
    let cases = [
        (r#""ruleId": "a""#, "a", "A"),
        (r#""ruleIndex": 1"#, "b/c", "C"),
        (r#""ruleId": "b/c/d""#, "b/c/d", "C"),
        (r#""ruleId": "a", "ruleIndex": 2"#, "a", "A2"),
        (r#""rule": {"id": "a", "index": 2}"#, "a", "A2"),
        (r#""rule": {"index": 1}"#, "b/c", "C"),
        (r#""ruleId": "a", "ruleIndex": 1"#, "a", "A"),
        (r#""ruleId": "a", "ruleIndex": -1"#, "a", "A"),
    ];
    for (members, id, name) in cases {
        let loaded = one(&ruled(rules, &format!("{{{members}}}")));
        let rule = loaded.backlog.rule(loaded.backlog.record(0));
        assert_eq!((rule.id.as_str(), rule.name.as_deref()), (id, Some(name)), "{members}");
    }
}

#[test]
fn rules_of_extensions_are_found_by_index_name_and_guid() {
    for reference in [r#""index": 0"#, r#""name": "more""#, r#""guid": "G1""#] {
        let text = run(&format!(
            r#""tool": {{"driver": {{"name": "t", "rules": [{{"id": "no"}}]}}, "extensions": [{{"name": "more", "guid": "G1", "rules": [{{"id": "x", "defaultConfiguration": {{"level": "note"}}}}]}}]}},
            "results": [{{"rule": {{"index": 0, "toolComponent": {{{reference}}}}}}}]"#
        ));
        assert_eq!(rows(&one(&text)), ["x :0:0 note low "], "{reference}");
    }
}

#[test]
fn a_level_comes_from_result_override_rule_and_kind_in_this_order() {
    let report = |result: &str, invocation: &str, rule: &str| {
        run(&format!(
            r#""tool": {{"driver": {{"name": "t", "rules": [{{"id": "r"{rule}}}]}}}}, "invocations": [{{{invocation}}}], "results": [{{"ruleId": "r"{result}}}]"#
        ))
    };
    let over = r#""ruleConfigurationOverrides": [{"descriptor": {"id": "r"}, "configuration": {"level": "error"}}]"#;
    let default = r#", "defaultConfiguration": {"level": "note"}"#;
    let cases = [
        (report(r#", "level": "none""#, over, default), "none info"),
        (report("", over, default), "error high"),
        (report("", "", default), "note low"),
        (report("", "", ""), "warning medium"),
        (report(r#", "kind": "pass""#, "", ""), "none info"),
        (report(r#", "kind": "review""#, "", default), "note low"),
    ];
    for (text, grade) in cases {
        assert_eq!(rows(&one(&text)), [format!("r :0:0 {grade} ")], "{text}");
    }
}

#[test]
fn a_severity_comes_from_score_own_word_and_level_in_this_order() {
    let report = |rule: &str, result: &str| {
        ruled(
            &format!(r#"{{"id": "r", "properties": {{{rule}}}}}"#),
            &format!(r#"{{"ruleId": "r", "level": "note", "properties": {{{result}}}}}"#),
        )
    };
    let cases = [
        ("", "", "low"),
        (r#""security-severity": "9.0""#, "", "critical"),
        (r#""security-severity": 7"#, "", "high"),
        (r#""security-severity": "9.0""#, r#""security-severity": "0.0""#, "info"),
        (r#""security-severity": "much""#, "", "low"),
        (r#""security-severity": "HIGH""#, "", "high"),
        (r#""problem.severity": "error""#, "", "high"),
        (r#""problem.severity": "recommendation""#, r#""issue_severity": "HIGH""#, "high"),
        ("", r#""severity": "Critical""#, "critical"),
        ("", r#""zizmor/severity": "Informational""#, "info"),
        (r#""security-severity": "4.0""#, r#""severity": "Critical""#, "medium"),
    ];
    for (rule, result, severity) in cases {
        assert_eq!(rows(&one(&report(rule, result))), [format!("r :0:0 note {severity} ")], "{rule} {result}");
    }
}

#[test]
fn a_message_is_plain_text() {
    let rule = r#"{"id": "r", "messageStrings": {"one": {"text": "of {0}"}, "mark": {"markdown": "*m*"}}}"#;
    let cases = [
        (r#"{"text": "plain {0} {{x}}"}"#, "plain {0} {{x}}"),
        (r#"{"text": "{1}, {0}, {{x}}, {9}", "arguments": ["a", "b"]}"#, "b, a, {x}, {9}"),
        (r#"{"id": "one", "arguments": ["a"]}"#, "of a"),
        (r#"{"id": "global"}"#, "everywhere"),
        (r#"{"id": "none"}"#, ""),
        (r#"{"text": "a [b](1) c [d](https://x.example/y) e"}"#, "a b c d e"),
        (r#"{"text": "an \\[escaped [li\\]nk](2)"}"#, "an \\[escaped li]nk"),
        (r#"{"text": "code[i](x) stays, [a](b c) too"}"#, "code[i](x) stays, [a](b c) too"),
        (r#"{"text": "[to {0}](3)", "arguments": ["here"]}"#, "to here"),
        (r#"{"text": "[[nested](1)](2)"}"#, "[nested](2)"),
        (r#""bare""#, "bare"),
        (r#"{"markdown": "**m**"}"#, "**m**"),
    ];
    for (message, plain) in cases {
        let text = run(&format!(
            r#""tool": {{"driver": {{"name": "t", "rules": [{rule}], "globalMessageStrings": {{"global": {{"text": "everywhere"}}}}}}}}, "results": [{{"ruleId": "r", "message": {message}}}]"#
        ));
        let loaded = one(&text);
        assert_eq!(loaded.detail(0).message, plain, "{message}");
        assert_eq!(loaded.backlog.messages.get(0), plain.to_lowercase(), "{message}");
    }
    let linked = one(&report("t", r#"{"message": {"text": "a [b](1) [c](https://x.example/y)"}}"#));
    assert_eq!(linked.detail(0).links, [("c".to_owned(), "https://x.example/y".to_owned())]);
}

#[test]
fn many_brackets_are_read_in_linear_time() {
    let loaded =
        one(&report("t", &format!(r#"{{"message": {{"text": "{}](1)", "arguments": ["x"]}}}}"#, "[{".repeat(200_000))));
    assert!(loaded.backlog.messages.get(0).len() > 200_000);
}

#[test]
fn cwe_numbers_are_read_wherever_a_tool_puts_them() {
    let cases = [
        (r#"{"id": "r", "properties": {"tags": ["external/cwe/cwe-089", "security"]}}"#, "", vec![89]),
        (r#"{"id": "r", "properties": {"tags": ["CWE-89: Injection", "cwe_79"]}}"#, "", vec![79, 89]),
        (r#"{"id": "r", "properties": {"cwe": ["CWE-22"]}}"#, r#", "properties": {"cwe": 78}"#, vec![22, 78]),
        (
            r#"{"id": "r", "relationships": [{"target": {"id": "502", "toolComponent": {"name": "CWE"}}}]}"#,
            "",
            vec![502],
        ),
        (r#"{"id": "r"}"#, r#", "taxa": [{"index": 0, "toolComponent": {"index": 0}}]"#, vec![611]),
        (r#"{"id": "r", "properties": {"tags": ["CAPEC-12", "xcwe-3"]}}"#, "", vec![]),
    ];
    for (rule, more, numbers) in cases {
        let text = run(&format!(
            r#""tool": {{"driver": {{"name": "t", "rules": [{rule}]}}}}, "taxonomies": [{{"name": "CWE", "taxa": [{{"id": "611"}}]}}], "results": [{{"ruleId": "r"{more}}}]"#
        ));
        assert_eq!(one(&text).backlog.cwe(0), numbers, "{rule} {more}");
    }
    for (tool, rule, number) in
        [("ruff", "S602", 78), ("ESLint", "security/detect-child-process", 78), ("Bandit", "B301", 502)]
    {
        assert_eq!(one(&report(tool, &result(rule, "a", 1, ""))).backlog.cwe(0), [number], "{tool}");
    }
}

#[test]
fn the_category_comes_from_tags_rule_and_tool() {
    let cases = [
        ("Gitleaks", "r", "", Category::Secret),
        ("Semgrep OSS", "generic.secrets.security.x", "", Category::Secret),
        ("Trivy", "r", r#""misconfiguration""#, Category::Iac),
        ("Trivy", "r", "", Category::Dependency),
        ("Snyk Open Source", "r", "", Category::Dependency),
        ("Hadolint", "r", "", Category::Iac),
        ("Other", "CVE-2021-1", "", Category::Dependency),
        ("Bandit", "r", r#""security""#, Category::Code),
        ("Other", "r", r#""vulnerability""#, Category::Code),
        ("checkov", "CKV_SECRET_6", "", Category::Secret),
        ("mcp-scan", "r", "", Category::Agent),
        ("Semgrep OSS", "r", r#""prompt-injection""#, Category::Agent),
    ];
    for (tool, rule, tags, category) in cases {
        let text = run(&format!(
            r#""tool": {{"driver": {{"name": "{tool}", "rules": [{{"id": "{rule}", "properties": {{"tags": [{tags}]}}}}]}}}}, "results": [{{"ruleId": "{rule}"}}]"#
        ));
        assert_eq!(one(&text).backlog.record(0).category(), category, "{tool} {rule} {tags}");
    }
}

#[test]
fn advisories_and_packages_are_read_where_they_are_plain() {
    let text = ruled(
        r#"{"id": "CVE-2021-23337-lodash", "name": "x", "deprecatedIds": ["GHSA-35JH-r3h4-6jhm"], "properties": {"tags": ["GO-2023-1840"]}}"#,
        r#"{"ruleId": "CVE-2021-23337-lodash", "message": {"text": "RUSTSEC-2020-0001: CVE-2 x"}, "properties": {"purl": "pkg:npm/%40a/lodash@4.17.0?x=1"}}"#,
    );
    let loaded = one(&text);
    let advisories: Vec<&str> = loaded.backlog.advisories_of(0).iter().map(AsRef::as_ref).collect();
    assert_eq!(advisories, ["CVE-2021-23337", "GHSA-35jh-r3h4-6jhm", "GO-2023-1840", "RUSTSEC-2020-0001"]);
    let package = loaded.backlog.package_of(0).unwrap();
    assert_eq!((package.name.as_str(), package.version.as_deref()), ("@a/lodash", Some("4.17.0")));
    let cases = [
        (r"Package: musl\nInstalled Version: 1.1.22\nVulnerability", "musl", Some("1.1.22")),
        ("Package 'hex@0.3.2' is vulnerable to x", "hex", Some("0.3.2")),
        ("This file introduces a vulnerable lodash package with a high severity vulnerability.", "lodash", None),
    ];
    for (message, name, version) in cases {
        let loaded = one(&report("t", &format!(r#"{{"message": {{"text": "{message}"}}}}"#)));
        let package = loaded.backlog.package_of(0).unwrap();
        assert_eq!((package.name.as_str(), package.version.as_deref()), (name, version));
    }
}

#[test]
fn suppressed_unless_none_or_all_rejected() {
    let cases = [
        ("[]", false),
        (r#"[{"kind": "inSource"}]"#, true),
        (r#"[{"status": "accepted"}]"#, true),
        (r#"[{"status": "rejected"}]"#, false),
        (r#"[{"status": "underReview"}]"#, false),
        (r#"[{"status": "rejected"}, {"kind": "external"}]"#, true),
        ("null", false),
    ];
    for (suppressions, expected) in cases {
        let loaded = one(&report("t", &format!(r#"{{"suppressions": {suppressions}}}"#)));
        assert_eq!(loaded.backlog.record(0).is_suppressed(), expected, "{suppressions}");
    }
}

#[test]
fn places_go_through_artifacts_and_base_ids() {
    let text = run(
        r#""tool": {"driver": {"name": "t"}}, "originalUriBaseIds": {"ROOT": {"uri": "file:///scan/"}, "SRC": {"uri": "src/", "uriBaseId": "ROOT"}, "LOOP": {"uriBaseId": "LOOP"}},
        "artifacts": [{"location": {"uri": "b.py", "uriBaseId": "SRC"}}], "results": [
        {"locations": [{"physicalLocation": {"artifactLocation": {"index": 0}}}]},
        {"locations": [{"physicalLocation": {"artifactLocation": {"uri": "a%20b.py", "uriBaseId": "LOOP"}}}]},
        {"locations": [{"physicalLocation": {"artifactLocation": {"index": 7}}}]},
        {"locations": []}]"#,
    );
    let tree = crate::support::tree::Tree::plain(&[("a.sarif", &text), ("src/b.py", "x"), ("a b.py", "x")]);
    let loaded = crate::ingest::reading::load_files(&tree, &["a.sarif"]);
    let paths: Vec<&str> = loaded.backlog.results.iter().map(|record| loaded.backlog.path(record)).collect();
    assert_eq!(paths, ["src/b.py", "a b.py", "", ""]);
}

#[test]
fn byte_columns_of_a_known_tool_become_code_points() {
    let text = run(
        r#""tool": {"driver": {"name": "Bandit"}}, "results": [{"locations": [{"physicalLocation": {"artifactLocation": {"uri": "a.py"},
        "region": {"startLine": 1, "startColumn": 6, "endColumn": 13, "snippet": {"text": "é = call(1)\n"}}}}]}]"#,
    );
    let tree = crate::support::tree::Tree::plain(&[("a.sarif", &text), ("a.py", "é = call(1)\n")]);
    let loaded = crate::ingest::reading::load_files(&tree, &["a.sarif"]);
    let record = loaded.backlog.record(0);
    assert_eq!((record.column, record.end_column), (5, 12));
}

#[test]
fn utf16_columns_become_code_points_where_the_line_can_be_read() {
    let text = run(
        r#""tool": {"driver": {"name": "t"}}, "columnKind": "utf16CodeUnits", "results": [{"locations": [{"physicalLocation": {"artifactLocation": {"uri": "a.py"},
        "region": {"startLine": 1, "startColumn": 4, "endColumn": 5}}}]}, {"locations": [{"physicalLocation": {"artifactLocation": {"uri": "gone.py"},
        "region": {"startLine": 1, "startColumn": 4, "endColumn": 5}}}]}]"#,
    );
    let tree = crate::support::tree::Tree::plain(&[("a.sarif", &text), ("a.py", "\u{1f438}xy = 1\n")]);
    let loaded = crate::ingest::reading::load_files(&tree, &["a.sarif"]);
    let columns: Vec<_> = loaded.backlog.results.iter().map(|record| (record.column, record.end_column)).collect();
    assert_eq!(columns, [(3, 4), (4, 5)]);
}

//! Which results become one finding.

use quell::ingest::load::Options;

use crate::ingest::reading::{load_with, run};
use crate::support::tree::Tree;

/// One result: tool, rule, CWE number (0 for none), line, columns.
type Row = (&'static str, &'static str, u32, u32, (u32, u32));

/// A run with one result, in a report of its own.
fn report(&(tool, rule, cwe, line, (from, to)): &Row) -> String {
    let columns = if from == 0 { String::new() } else { format!(r#", "startColumn": {from}, "endColumn": {to}"#) };
    run(&format!(
        r#""tool": {{"driver": {{"name": "{tool}", "rules": [{{"id": "{rule}", "properties": {{"tags": ["CWE-{cwe}"]}}}}]}}}}, "results": [{{"ruleId": "{rule}",
        "message": {{"text": "{tool} {rule}"}}, "locations": [{{"physicalLocation": {{"artifactLocation": {{"uri": "a.py"}}, "region": {{"startLine": {line}{columns}}}}}}}]}}]"#
    ))
}

/// Members of each finding by their place in `rows`.
fn grouped(reports: &[String], options: &Options) -> Vec<Vec<u32>> {
    let tree = Tree::plain(&[]);
    let names: Vec<String> = (0..reports.len()).map(|number| format!("{number}.sarif")).collect();
    for (name, text) in names.iter().zip(reports) {
        tree.write(name, text);
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let backlog = load_with(&tree, &names, options).backlog;
    let count = u32::try_from(backlog.findings.len()).unwrap();
    (0..count).map(|finding| backlog.members(finding).to_vec()).collect()
}

fn check(rows: &[Row], expected: &[&[u32]]) {
    let reports: Vec<String> = rows.iter().map(report).collect();
    assert_eq!(grouped(&reports, &Options::default()), expected, "{rows:?}");
    let alone: Vec<Vec<u32>> = (0..u32::try_from(rows.len()).unwrap()).map(|number| vec![number]).collect();
    assert_eq!(grouped(&reports, &Options { no_merge: true, ..Options::default() }), alone, "{rows:?}");
}

#[test]
fn tools_meet_at_a_line_in_a_family_of_cwe() {
    check(&[("b", "x", 78, 3, (5, 9)), ("a", "y", 77, 3, (1, 20))], &[&[1, 0]]);
    check(&[("b", "x", 78, 3, (5, 9)), ("a", "y", 77, 3, (0, 0))], &[&[1, 0]]);
    check(&[("b", "x", 20, 3, (5, 9)), ("a", "y", 20, 3, (5, 9))], &[&[1, 0]]);
}

#[test]
fn what_differs_stays_apart() {
    check(&[("a", "x", 78, 3, (5, 9)), ("b", "y", 89, 3, (5, 9))], &[&[0], &[1]]);
    check(&[("a", "x", 78, 3, (5, 9)), ("b", "y", 78, 4, (5, 9))], &[&[0], &[1]]);
    check(&[("a", "x", 78, 3, (5, 9)), ("b", "y", 78, 3, (9, 12))], &[&[0], &[1]]);
    check(&[("a", "x", 78, 3, (5, 9)), ("a", "y", 78, 3, (5, 9))], &[&[0], &[1]]);
    check(&[("a", "x", 0, 3, (5, 9)), ("b", "y", 0, 3, (5, 9))], &[&[0], &[1]]);
}

#[test]
fn a_line_with_several_places_of_one_tool_is_left_alone() {
    check(&[("a", "x", 78, 3, (5, 9)), ("a", "z", 78, 3, (15, 19)), ("b", "y", 78, 3, (0, 0))], &[&[0], &[1], &[2]]);
}

#[test]
fn exact_doubles_are_one_finding() {
    check(&[("a", "x", 78, 3, (5, 9)), ("a", "x", 78, 3, (5, 9))], &[&[0, 1]]);
}

#[test]
fn doubles_inside_one_run_are_one_finding_with_two_ids() {
    let one = r#"{"ruleId": "r", "message": {"text": "m"}, "locations": [{"physicalLocation": {"artifactLocation": {"uri": "a.py"}, "region": {"startLine": 1}}}]}"#;
    let other = one.replace("\"m\"", "\"n\"");
    let text = crate::ingest::reading::report("t", &format!("{one},{one},{other}"));
    assert_eq!(grouped(std::slice::from_ref(&text), &Options::default()), [vec![0, 1], vec![2]]);
    let backlog = &crate::ingest::reading::load_text(text).backlog;
    assert_eq!(backlog.id(0), backlog.record(0).id.min(backlog.record(1).id));
    assert_eq!(backlog.find(backlog.record(1).id), Some(0));
}

#[test]
fn the_lead_is_the_worst_then_has_fixes_then_flows() {
    let with = |tool: &str, more: &str| {
        report(&(Box::leak(tool.to_owned().into_boxed_str()), "x", 78, 3, (5, 9)))
            .replace("\"ruleId\"", &format!("{more}\"ruleId\""))
    };
    let fix = r#""fixes": [{"artifactChanges": [{"replacements": [{}]}]}], "#;
    let flow = r#""codeFlows": [{}], "#;
    let order = |reports: &[String]| grouped(reports, &Options::default());
    assert_eq!(order(&[with("a", ""), with("b", r#""level": "error", "#)]), [vec![1, 0]]);
    assert_eq!(order(&[with("a", flow), with("b", fix)]), [vec![1, 0]]);
    assert_eq!(order(&[with("a", ""), with("b", flow)]), [vec![1, 0]]);
}

#[test]
fn one_advisory_of_one_package_is_one_finding() {
    let sca = |tool: &str, rule: &str, purl: &str| {
        run(&format!(
            r#""tool": {{"driver": {{"name": "{tool}"}}}}, "results": [{{"ruleId": "{rule}", "message": {{"text": "{tool} {purl}"}}, "properties": {{"purl": "{purl}"}},
            "locations": [{{"physicalLocation": {{"artifactLocation": {{"uri": "package-lock.json"}}}}}}]}}]"#
        ))
    };
    let order = |reports: &[String]| grouped(reports, &Options::default());
    let (one, other) = ("pkg:npm/lodash@4.17.0", "pkg:npm/lodash@4.16.0");
    assert_eq!(order(&[sca("grype", "CVE-2021-1-lodash", one), sca("trivy", "CVE-2021-1", one)]), [vec![0, 1]]);
    assert_eq!(order(&[sca("grype", "CVE-2021-1", one), sca("trivy", "CVE-2021-1", other)]), [vec![0], vec![1]]);
    assert_eq!(order(&[sca("grype", "CVE-2021-1", one), sca("trivy", "CVE-2021-2", one)]), [vec![0], vec![1]]);
    assert_eq!(
        order(&[sca("grype", "CVE-2021-1", one), sca("trivy", "CVE-2021-1", "pkg:npm/hex@4.17.0")]),
        [vec![0], vec![1]]
    );
}

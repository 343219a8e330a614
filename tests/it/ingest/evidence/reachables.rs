//! What analyses of reachability say. The texts are by hand, in the form of the producers' own.

use quell::model::evidence::Fact;

use super::said::{read, read_in};

/// A file of Socket with one advisory of one package that has these verdicts.
fn socket(kind: &str, verdicts: &str) -> String {
    format!(
        r#"{{"tier1ReachabilityScanId": "1", "components": [{{"type": "{kind}", "namespace": "@acme", "name": "lib",
        "version": "1.2.3", "direct": true, "dev": true, "dead": true,
        "vulnerabilities": [{{"ghsaId": "GHSA-1", "cveId": "CVE-1"}}],
        "reachability": [{{"ghsa_id": "GHSA-1", "reachability": [{verdicts}]}}]}}]}}"#
    )
}

/// A path from a file of the workspace to the library.
fn reaches(file: &str, confidence: &str) -> String {
    format!(
        r#"{{"type": "reachable", "analysisLevel": "function-level", "workspacePath": ".", "matches": [[
        {{"package": "shop", "sourceLocation": {{"filename": "{file}", "start": {{"line": 3, "column": 1}}}}, "confidence": 1}},
        {{"package": "@acme/lib@1.2.3", "sourceLocation": {{"filename": "index.js", "start": {{"line": 9, "column": 0}}}}, "confidence": {confidence}}}]]}}"#
    )
}

const LIB: &str = "GHSA-1 CVE-1 pkg:npm/%40acme/lib@1.2.3";
const AT: &str = "/components/0/reachability/0/reachability";
const MORE: &str = "direct dependency, only for development, declared and not used";

#[test]
fn one_workspace_that_reaches_a_flaw_is_enough() {
    let verdicts =
        format!(r#"{{"type": "unreachable"}}, {{"type": "error", "error": "E"}}, {}"#, reaches("server.js", "1"));
    assert_eq!(
        read_in(&[("index.js", "")], "f.json", socket("npm", &verdicts)).statements(),
        [format!(
            "{AT}/2: {LIB} called yes 3 (function-level, {MORE}) [own shop server.js:3 > @acme/lib@1.2.3 index.js:9]"
        )]
    );
}

#[test]
fn a_heuristic_step_makes_a_path_weaker() {
    let statements = read(socket("npm", &reaches("server.js", "0.5"))).statements();
    assert!(statements[0].starts_with(&format!("{AT}/0: {LIB} called yes 2 (")), "{statements:?}");
}

#[test]
fn only_if_all_workspaces_say_so_a_flaw_is_not_reached() {
    let all = r#"{"type": "unreachable"}, {"type": "unreachable"}"#;
    assert_eq!(read(socket("npm", all)).statements(), [format!("{AT}/0: {LIB} called no 3 ({MORE})")]);
    let some = r#"{"type": "unreachable"}, {"type": "error", "error": "E"}, {"type": "new_word"}"#;
    assert_eq!(
        read(socket("npm", some)).statements(),
        [
            format!("{AT}/1: {LIB} called unknown 0 (error: E, {MORE})"),
            format!("{AT}/2: {LIB} called unknown 0 (new word, {MORE})"),
        ]
    );
    let java = read(socket("maven", r#"{"type": "unreachable"}"#)).statements();
    assert!(java[0].contains(" called no 2 "), "{java:?}");
}

#[test]
fn a_flaw_that_only_tests_reach_says_so() {
    for (files, entry) in [
        (&["test/a.js"][..], " from test"),
        (&["Gruntfile.js"], " from build"),
        (&["Gruntfile.js", "src/a.spec.ts"], " from test"),
        (&["test/a.js", "server.js"], ""),
    ] {
        let verdicts: Vec<String> = files.iter().map(|file| reaches(file, "1")).collect();
        // In one entry, and each in one of its own.
        let matches: Vec<&str> =
            verdicts.iter().map(|verdict| verdict.split_once("[[").unwrap().1.split_once("]]").unwrap().0).collect();
        let one = format!(r#"{{"type": "reachable", "matches": [[{}]]}}"#, matches.join("], ["));
        for verdicts in [verdicts.join(", "), one] {
            let statements = read(socket("npm", &verdicts)).statements();
            assert_eq!(statements.len(), 1);
            let expected = format!("{entry} (");
            assert!(statements[0].contains(&format!("called yes 3{expected}")), "{files:?} {statements:?}");
        }
    }
    let class = r#"{"type": "reachable", "analysisLevel": "class-level", "matches": [[{"package": "<app>", "class": "a.b.CartTest", "confidence": 1}]]}"#;
    let statements = read(socket("maven", class)).statements();
    assert!(statements[0].contains("called yes 2 from test (class-level"), "{statements:?}");
}

#[test]
fn reachables_of_atom_say_which_packages_are_called() {
    let step = |file: &str, line: u32, external: bool, tags: &str| {
        format!(
            r#"{{"fullName": "f{line}", "isExternal": {external}, "parentFileName": "{file}", "lineNumber": {line}, "columnNumber": null, "tags": "{tags}"}}"#
        )
    };
    let flow = |steps: &[String], purl: &str| format!(r#"{{"flows": [{}], "purls": ["{purl}"]}}"#, steps.join(", "));
    let call = step("app.js", 9, true, "pkg:npm/b@1");
    let all = [
        flow(&[step("app.js", 3, false, "framework-input, x"), call.clone()], "pkg:npm/a@1"),
        flow(&[step("test/app.js", 4, false, "api")], "pkg:npm/a@1"),
        flow(&[step("<empty>", 0, false, ""), call.clone()], "pkg:npm/a@1"),
        flow(&[step("other.js", 5, false, "endpoint-gin")], "pkg:npm/a@1"),
    ];
    assert_eq!(
        read_in(&[("src/app.js", "")], "r.json", format!("[{}]", all.join(", "))).statements(),
        [
            "/0: pkg:npm/a@1 called yes 2 from http [own f3 src/app.js:3 > own f9 src/app.js:9]",
            "/1: pkg:npm/a@1 called yes 2 from test [own f4 test/app.js:4]",
            "/2: pkg:npm/a@1 called yes 2 [f0 > own f9 src/app.js:9]",
        ]
    );
}

#[test]
fn slices_of_usages_are_known_and_not_read() {
    let read = read(r#"{"objectSlices": [], "userDefinedTypes": []}"#);
    assert_eq!(read.problems(), ["a format that is known, and not read yet: atom usages"]);
    assert_eq!(read.evidence.documents.len(), 1);
}

#[test]
fn packages_of_dosai_are_called() {
    let text = r#"{"Metadata": {"AnalyzerVersion": "3.0", "GeneratedAt": "2026-06-28T12:28:44.734309+00:00"}, "PackageReachability": [
        {"Purl": "pkg:nuget/A", "Reachable": true, "ReachabilityKind": "DataFlowNode", "Confidence": "High", "SourceLocations": [{"Path": "A.cs", "LineNumber": 11, "ColumnNumber": 9}]},
        {"Purl": "pkg:nuget/B", "Reachable": false}, {"Purl": "pkg:nuget/C", "Reachable": "maybe"}, {"Reachable": true}]}"#;
    let read = read(text);
    assert_eq!(
        read.statements(),
        [
            "/PackageReachability/0: pkg:nuget/A called yes 2 (DataFlowNode, confidence High) [own A.cs:11]",
            "/PackageReachability/1: pkg:nuget/B called no 1",
            "/PackageReachability/2: pkg:nuget/C called unknown 0",
        ]
    );
    assert!(read.evidence.documents[0].states_time);
}

/// A result of Semgrep with these answers.
fn sca(reachable: &str, rule: &str) -> String {
    format!(
        r#"{{"check_id": "ssc-1", "path": "src/a.py", "start": {{"line": 7, "col": 2}}, "end": {{"line": 7, "col": 9}}, "extra": {{
        "message": "m", "severity": "ERROR", "metadata": {{"sca-vuln-database-identifier": "CVE-1"}},
        "sca_info": {{"reachable": {reachable}, "reachability_rule": {rule}, "dependency_match": {{"found_dependency": {{
        "package": "lib", "version": "1.0", "ecosystem": "pypi", "transitivity": "direct"}}}}}}}}}}"#
    )
}

#[test]
fn semgrep_is_a_report_and_evidence_at_once() {
    let results =
        [sca("true", "true"), sca("true", "false"), sca("false", "true"), sca("false", "false"), sca("7", "1")];
    let read = read_in(
        &[("src/a.py", "")],
        "s.json",
        format!(r#"{{"version": "1.9", "errors": [], "paths": {{}}, "results": [{}]}}"#, results.join(", ")),
    );
    let of = |number: u32, rest: &str| format!("/results/{number}: CVE-1 pkg:pypi/lib@1.0 called {rest}");
    assert_eq!(
        read.statements(),
        [
            of(0, "yes 3 (a rule found its use, direct dependency) [own src/a.py:7]"),
            of(1, "yes 1 (any use counts as reachable, direct dependency)"),
            of(2, "no 2 (a rule found no use, direct dependency)"),
            of(3, "unknown 0 (lockfile only, direct dependency)"),
            of(4, "unknown 0 (7, direct dependency)"),
        ]
    );
    assert_eq!(read.results, 5);
    let cut = super::said::read(format!(
        r#"{{"errors": [], "paths": {{}}, "results": [{}, {{"check_id": "#,
        results.join(", ")
    ));
    assert_eq!((cut.statements().len(), cut.results), (5, 5));
    assert_eq!(cut.problems(), ["wrong punctuation, such as a trailing comma", "the end is missing"], "each once");
    let in_test = sca("true", "true").replace("src/a.py", "tests/test_a.py");
    let read = super::said::read(format!(r#"{{"findings": [{in_test}]}}"#));
    assert_eq!(
        read.statements(),
        [
            "/findings/0: CVE-1 pkg:pypi/lib@1.0 called yes 3 from test (a rule found its use, direct dependency) [own tests/test_a.py:7]"
        ]
    );
}

#[test]
fn a_report_of_semgrep_that_states_nothing_is_no_evidence() {
    let result = r#"{"check_id": "r", "path": "a.py", "start": {"line": 1, "col": 1}, "end": {"line": 1, "col": 2}, "extra": {"message": "m"}}"#;
    let read = read(format!(r#"{{"version": "1.9", "errors": [], "paths": {{}}, "results": [{result}]}}"#));
    assert_eq!(read.statements(), [""; 0]);
    assert_eq!(read.results, 1);
}

#[test]
fn verdicts_of_the_deployments_api_are_read() {
    let issue = |exposure: &str, kind: &str, usages: &str| {
        format!(
            r#"{{"advisory": {{"ruleId": "ssc-1", "ecosystem": "npm", "references": {{"cveIds": ["CVE-1"]}}, "reachability": "{kind}", "reachableIf": "you call f"}},
            "exposureType": "{exposure}", "matchedDependency": {{"name": "lib", "versionSpecifier": "1.0"}}, "transitivity": "TRANSITIVE", "usages": [{usages}]}}"#
        )
    };
    let usage = r#"{"location": {"path": "src/a.ts", "startLine": "24", "startCol": "57"}}"#;
    let issues = [
        issue("REACHABLE", "REACHABILITY", usage),
        issue("REACHABLE", "MANUAL_REVIEW_REACHABLE", ""),
        issue("UNREACHABLE", "REACHABILITY", ""),
        issue("SOMETHING", "REACHABILITY", ""),
    ];
    let of = |number: u32, rest: &str| format!("/vulns/{number}: CVE-1 pkg:npm/lib@1.0 called {rest}");
    assert_eq!(
        read(format!(r#"{{"vulns": [{}], "hasMore": true}}"#, issues.join(", "))).statements(),
        [
            of(0, "yes 3 (a rule found its use, indirect dependency) [own src/a.ts:24]"),
            of(1, "unknown 0 (to be reviewed: reachable if you call f, indirect dependency)"),
            of(2, "no 2 (a rule found no use, indirect dependency)"),
            of(3, "unknown 0 (SOMETHING, indirect dependency)"),
        ]
    );
}

#[test]
fn of_jfrog_four_of_six_states_say_that_nobody_knows() {
    let cve = |id: u32, status: &str, evidence: &str| {
        format!(r#"{{"id": "CVE-{id}", "applicability": {{"status": "{status}", "evidence": [{evidence}]}}}}"#)
    };
    let cves = [
        cve(1, "Applicable", r#"{"file": "src/a.js", "startLine": 3, "startColumn": 1}"#),
        cve(2, "Applicable", ""),
        cve(3, "Not Applicable", ""),
        cve(4, "Undetermined", ""),
        cve(5, "", ""),
    ];
    let row = format!(
        r#"{{"impactedPackageName": "org.acme:lib", "impactedPackageVersion": "1.0", "impactedPackageType": "Maven", "issueId": "XRAY-1", "cves": [{}]}}"#,
        cves.join(", ")
    );
    let secret = |status: &str, line: u32| {
        format!(
            r#"{{"file": "a.env", "startLine": {line}, "endLine": {line}, "applicability": {{"status": "{status}"}}}}"#
        )
    };
    let text = format!(
        r#"{{"vulnerabilities": [{row}], "securityViolations": [{row}], "secrets": [{}, {}, {}], "secretsViolations": [{}]}}"#,
        secret("Active", 1),
        secret("Inactive", 2),
        secret("Unavailable", 3),
        secret("Active", 1)
    );
    let of = |number: u32, rest: &str| {
        format!("/vulnerabilities/0/cves/{number}: CVE-{} pkg:maven/org.acme/lib@1.0 called {rest}", number + 1)
    };
    assert_eq!(
        read(text).statements(),
        [
            of(0, "yes 3 (applicable) [own src/a.js:3]"),
            of(1, "yes 2 (applicable)"),
            of(2, "no 2 (not applicable)"),
            of(3, "unknown 0 (undetermined)"),
            of(4, "unknown 0 (not scanned)"),
            "/secrets/0: a.env:1 controllable yes 4 (the secret works)".to_owned(),
            "/secrets/1: a.env:2 controllable no 2 (the secret is refused)".to_owned(),
            "/secrets/2: a.env:3 controllable unknown 0 (unavailable)".to_owned(),
        ]
    );
    // It may be about another package with the same flaw.
    let nameless = row_of_conda();
    let [statement] = &*read(nameless).statements() else { panic!("one statement") };
    assert_eq!(statement, "/vulnerabilities/0/cves/0: CVE-3 called no 1 (not applicable)");
    let xray = r#"{"total_rows": 2, "rows": [{"vulnerable_component": "npm://ip:2.0.0", "cves": [{"cve": "CVE-1"}], "applicability_result": "not_applicable"},
        {"vulnerable_component": "gav://a.b:c:1", "cves": [], "issue_id": "XRAY-2", "applicability_result": "not_scanned"}]}"#;
    assert_eq!(
        read(xray).statements(),
        [
            "/rows/0: CVE-1 pkg:npm/ip@2.0.0 called no 2 (not applicable)",
            "/rows/1: XRAY-2 pkg:maven/a.b/c@1 called unknown 0 (not scanned)",
        ]
    );
}

#[test]
fn of_endor_a_verdict_on_the_function_counts_most() {
    let object = |tags: &str| {
        format!(
            r#"{{"meta": {{"create_time": "2026-06-01T12:00:00.000Z"}}, "spec": {{"finding_tags": [{tags}], "target_dependency_package_name": "npm://lib",
            "target_dependency_version": "1.0", "finding_metadata": {{"vulnerability": {{"meta": {{"name": "CVE-1"}}, "spec": {{"aliases": ["GHSA-1", "CVE-1"],
            "epss_score": {{"probability_score": 0.5, "percentile_score": 0.75}}}}}}}}}}}}"#
        )
    };
    let tags = [
        r#""FINDING_TAGS_REACHABLE_DEPENDENCY", "FINDING_TAGS_UNREACHABLE_FUNCTION""#,
        r#""FINDING_TAGS_POTENTIALLY_REACHABLE_FUNCTION", "FINDING_TAGS_REACHABLE_DEPENDENCY", "FINDING_TAGS_TEST", "FINDING_TAGS_DIRECT""#,
        r#""FINDING_TAGS_SOMETHING""#,
        r#""FINDING_TAGS_UNREACHABLE_DEPENDENCY""#,
    ];
    let objects: Vec<String> = tags.iter().map(|tags| object(tags)).collect();
    let read = read(format!(r#"{{"list": {{"objects": [{}]}}}}"#, objects.join(", ")));
    let of = |number: u32, rest: &str| format!("/list/objects/{number}: CVE-1 GHSA-1 pkg:npm/lib@1.0 {rest}");
    assert_eq!(
        read.statements(),
        [
            of(0, "called no 3 (unreachable function)"),
            of(1, "called unknown 1 from test (potentially reachable function, direct dependency)"),
            of(3, "imported no 2 (unreachable dependency)"),
        ]
    );
    let aliases: Vec<Box<[Box<str>]>> = vec![["CVE-1".into(), "GHSA-1".into()].into()];
    assert_eq!(read.evidence.aliases, aliases, "of the finding without a statement");
    assert_eq!(read.evidence.intel[0].fact, Fact::Epss { probability: 0.5, percentile: 0.75 });
}

/// A package of an ecosystem that package URLs do not have.
fn row_of_conda() -> &'static str {
    r#"{"vulnerabilities": [{"impactedPackageName": "lib", "impactedPackageVersion": "1.0", "impactedPackageType": "Conda",
        "issueId": "XRAY-1", "cves": [{"id": "CVE-3", "applicability": {"status": "Not Applicable"}}]}], "securityViolations": []}"#
}

/// What is not reached in one of them may be reached in another, and which one is here is not known.
#[test]
fn of_several_projects_a_no_decides_nothing() {
    let endor = |project: &str| {
        format!(
            r#"{{"meta": {{}}, "spec": {{"finding_tags": ["FINDING_TAGS_UNREACHABLE_FUNCTION"], "project_uuid": "{project}",
            "target_dependency_package_name": "npm://lib", "target_dependency_version": "1.0",
            "finding_metadata": {{"vulnerability": {{"meta": {{"name": "CVE-1"}}}}}}}}}}"#
        )
    };
    let xray = |artifact: &str| {
        format!(
            r#"{{"vulnerable_component": "npm://ip:2.0.0", "cves": [{{"cve": "CVE-1"}}], "impacted_artifact": "{artifact}",
            "applicability_result": "not_applicable"}}"#
        )
    };
    let semgrep = |repository: &str| {
        format!(
            r#"{{"advisory": {{"ruleId": "ssc-1", "ecosystem": "npm", "references": {{"cveIds": ["CVE-1"]}}}},
            "exposureType": "UNREACHABLE", "repositoryName": "{repository}", "matchedDependency": {{"name": "lib",
            "versionSpecifier": "1.0"}}, "usages": []}}"#
        )
    };
    for other in ["one", "two"] {
        let texts = [
            format!(r#"{{"list": {{"objects": [{}, {}]}}}}"#, endor("one"), endor(other)),
            format!(r#"{{"total_rows": 2, "rows": [{}, {}]}}"#, xray("one"), xray(other)),
            format!(r#"{{"vulns": [{}, {}], "hasMore": false}}"#, semgrep("one"), semgrep(other)),
        ];
        for text in texts {
            let read = read(text);
            let strengths: Vec<u8> = read.evidence.statements.iter().map(|one| one.strength).collect();
            assert_eq!(strengths.len(), 2);
            assert_eq!(strengths.iter().all(|strength| *strength == 1), other == "two", "{strengths:?}");
        }
    }
}

/// Where not all paths are listed, one that is not may start elsewhere.
#[test]
fn paths_from_tests_that_are_cut_off_say_nothing_of_the_others() {
    let of = |file: &str| reaches(file, "1").replace(r#""workspacePath""#, r#""truncated": true, "workspacePath""#);
    let [statement] = &*read(socket("npm", &of("test/a.js"))).statements() else { panic!("one statement") };
    assert!(
        statement.contains("called yes 1 from test (from tests by those of its paths that are listed"),
        "{statement}"
    );
    let [statement] = &*read(socket("npm", &of("server.js"))).statements() else { panic!("one statement") };
    assert!(statement.contains("called yes 3 (function-level"), "{statement}");
}

//! From reports and evidence files to verdict, lane and score, through the door that commands and console use.

use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;

use quell::desk::{Desk, Loaded, Options};
use quell::ingest::Progress;
use quell::model::backlog::FindingIdx;
use quell::model::evidence::{Basis, Rung};
use quell::model::exposure::Exposure;
use quell::model::funnel::{Funnel, Step};
use quell::model::reach::{Held, Judged, Lane, Note, Reach, Why};

use crate::support::tree::Tree;

/// A tree that was loaded.
pub(crate) struct Case {
    pub(crate) tree: Tree,
    pub(crate) desk: Desk,
    pub(crate) loaded: Loaded,
}

impl Case {
    /// Files of a repository, all in one commit; those below `in/` are its inputs.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let tree = Tree::git(files);
        tree.commit("first", 1_700_000_000);
        Self::load(tree)
    }

    pub(crate) fn load(tree: Tree) -> Self {
        let options = Options {
            repo: Some(tree.root().to_path_buf()),
            inputs: vec![tree.root().join("in").to_string_lossy().into_owned()],
            ..Options::default()
        };
        let (desk, _) = Desk::open(options).unwrap();
        let loaded = desk.load(desk.find(), &Arc::new(Progress::default()));
        Self { tree, desk, loaded }
    }

    /// The only finding of a rule.
    pub(crate) fn finding(&self, rule: &str) -> FindingIdx {
        let backlog = &self.loaded.board.backlog;
        let is_meant = |finding: &FindingIdx| backlog.rule(backlog.lead(*finding)).id == rule;
        let found: Vec<FindingIdx> = (0..).take(backlog.findings.len()).filter(is_meant).collect();
        assert_eq!(found.len(), 1, "{rule}");
        found[0]
    }

    pub(crate) fn judged(&self, rule: &str) -> Judged {
        self.loaded.board.judged(self.finding(rule)).unwrap()
    }

    pub(crate) fn why(&self, rule: &str) -> Why {
        let why = self.desk.why(&self.loaded.board, self.finding(rule));
        assert_eq!(why.judged, self.judged(rule), "the reasons are those of the column");
        assert_eq!(why.judged.has(Note::Conflict), !why.conflicts.is_empty(), "a conflict is marked where it is told");
        let sum: i32 = why.terms.iter().map(|term| term.points).sum();
        assert_eq!(sum, i32::from(why.judged.score), "the terms add up: {:?}", why.terms);
        why
    }
}

/// A report of one run.
pub(crate) fn sarif(tool: &str, results: &[String]) -> String {
    format!(
        r#"{{"version": "2.1.0", "runs": [{{"tool": {{"driver": {{"name": "{tool}"}}}}, "results": [{}]}}]}}"#,
        results.join(",")
    )
}

/// A result at a line of a file, with more members.
pub(crate) fn result(rule: &str, level: &str, path: &str, more: &str) -> String {
    let place =
        format!(r#""physicalLocation": {{"artifactLocation": {{"uri": "{path}"}}, "region": {{"startLine": 1}}}}"#);
    format!(
        r#"{{"ruleId": "{rule}", "level": "{level}", "message": {{"text": "m {rule}"}}, "locations": [{{{place}}}]{more}}}"#
    )
}

fn flow_from(path: &str) -> String {
    let step = format!(r#"{{"location": {{"physicalLocation": {{"artifactLocation": {{"uri": "{path}"}}}}}}}}"#);
    format!(r#", "codeFlows": [{{"threadFlows": [{{"locations": [{step}]}}]}}]"#)
}

fn saying(property: &str, value: &str) -> String {
    format!(r#", "properties": {{"{property}": {value}}}"#)
}

/// Rule, what its result says, and what follows.
const SAID: &[(&str, &str, &str, Reach)] = &[
    ("semgrep-yes", "exposure", r#""reachable""#, Reach::Reachable),
    ("semgrep-no", "exposure", r#""unreachable""#, Reach::Unreached),
    ("semgrep-unknown", "exposure", r#""undetermined""#, Reach::Unknown),
    ("semgrep-new-word", "exposure", r#""probably""#, Reach::Unknown),
    ("jfrog-yes", "applicability", r#""Applicable""#, Reach::Reachable),
    ("jfrog-no", "applicability", r#""Not Applicable""#, Reach::Unreached),
    ("jfrog-not-covered", "applicability", r#""Not Covered""#, Reach::Unknown),
    ("jfrog-missing", "applicability", r#""Missing Context""#, Reach::Unknown),
    ("jfrog-empty", "applicability", r#""""#, Reach::Unknown),
    ("socket-yes", "reachability", r#""reachable""#, Reach::Reachable),
    ("socket-no", "reachability", r#""unreachable""#, Reach::Unreached),
    ("socket-error", "reachability", r#""error""#, Reach::Unknown),
    ("socket-unsupported", "reachability", r#""missing_support""#, Reach::Unknown),
    ("blackduck-no", "reachable", "false", Reach::Unreached),
    ("blackduck-unknown", "reachable", r#""unknown""#, Reach::Unknown),
    ("agent-tests", "ai/attackerPosition", r#""harness-only""#, Reach::Unknown),
    ("nothing", "other", r#""reachable""#, Reach::Unknown),
];

#[test]
fn what_scanners_say_of_reach_in_their_own_words_is_read() {
    let results: Vec<String> = SAID
        .iter()
        .enumerate()
        .map(|(at, (rule, property, value, _))| {
            result(rule, "error", &format!("src/{at}.py"), &saying(property, value))
        })
        .collect();
    let case = Case::of(&[("in/a.sarif", &sarif("scanner", &results))]);
    for (rule, _, _, reach) in SAID {
        assert_eq!(case.judged(rule).reach, *reach, "{rule}");
    }
    // What a tool could not tell is told to the user, and is no evidence against anything.
    let why = case.why("socket-error");
    assert!(why.verdict.contains("could not tell"), "{}", why.verdict);
    assert_eq!((why.evidence[0].strength, &*why.evidence[0].words), (0, "the analysis failed"));
    assert_eq!(case.judged("socket-error").lane, case.judged("nothing").lane, "unknown never lowers");
    assert!(case.judged("semgrep-no").lane > case.judged("nothing").lane);
}

/// What a tool that failed did not find may be there; what it found is.
#[test]
fn a_no_of_a_tool_that_failed_decides_nothing() {
    let said =
        |value: &str| result(value, "error", &format!("{value}/a.py"), &saying("exposure", &format!("\"{value}\"")));
    let plain = sarif("scanner", &[said("reachable"), said("unreachable")]);
    let failing = |more: &str| plain.replacen(r#""tool""#, &format!(r#""invocations": [{{{more}}}], "tool""#), 1);
    for (report, reach) in [
        (failing(r#""executionSuccessful": true"#), Reach::Unreached),
        (failing(r#""executionSuccessful": false"#), Reach::Unknown),
    ] {
        let case = Case::of(&[("in/a.sarif", &report)]);
        assert_eq!((case.judged("reachable").reach, case.judged("unreachable").reach), (Reach::Reachable, reach));
        let doubts = case.why("unreachable").evidence.into_iter().filter_map(|row| row.doubt);
        assert_eq!(doubts.into_iter().any(|doubt| doubt.contains("reports a failure")), reach == Reach::Unknown);
    }
    let sca = r#"{"results": [{"check_id": "ssc-1", "path": "package-lock.json", "start": {"line": 1}, "extra": {
        "metadata": {"sca-vuln-database-identifier": "CVE-2022-1001"}, "sca_info": {"reachable": false,
        "reachability_rule": true, "dependency_match": {"found_dependency": {"package": "left", "version": "1.0.0",
        "ecosystem": "npm"}}}}}], "errors": [{"level": "warn"}], "paths": {}, "version": "1"}"#;
    let report = sarif("s", &[of_package("CVE-2022-1001", "left", "1.0.0")]);
    for (level, reach) in [("warn", Reach::Unreached), ("error", Reach::Unknown)] {
        let text = sca.replace("\"warn\"", &format!("\"{level}\""));
        let case = Case::of(&[("in/a.sarif", &report), ("in/semgrep.json", &text)]);
        let backlog = &case.loaded.board.backlog;
        let about = (0..)
            .take(backlog.findings.len())
            .filter(|finding| case.loaded.board.reaches.statements(*finding).count() > 0);
        let reaches: Vec<Reach> = about.map(|finding| case.loaded.board.judged(finding).unwrap().reach).collect();
        assert!(!reaches.is_empty() && reaches.iter().all(|found| *found == reach), "{level}: {reaches:?}");
    }
}

#[test]
fn levels_of_govulncheck_say_what_it_found() {
    let of = |rule: &str, level: &str| result(rule, level, &format!("{rule}/go.mod"), "");
    let results = [of("GO-2021-0001", "error"), of("GO-2021-0002", "warning"), of("GO-2021-0003", "note")];
    let case = Case::of(&[("in/a.sarif", &sarif("govulncheck", &results))]);
    assert_eq!(case.judged("GO-2021-0001").reach, Reach::Reachable);
    assert_eq!(case.judged("GO-2021-0002").reach, Reach::Unreached);
    assert_eq!(case.judged("GO-2021-0003").reach, Reach::Unreached);
    assert_eq!(case.judged("GO-2021-0003").rungs.get(Rung::Imported), Held::No);
}

#[test]
fn a_flow_is_a_path_unless_it_starts_in_tests() {
    let results = [
        result("from-route", "error", "src/a.py", &flow_from("src/routes.py")),
        result("from-test", "error", "src/b.py", &flow_from("tests/test_b.py")),
        result("in-test", "error", "tests/test_c.py", ""),
        result("plain", "error", "src/d.py", ""),
    ];
    let case = Case::of(&[("in/a.sarif", &sarif("scanner", &results))]);
    assert_eq!(case.judged("from-route").reach, Reach::Reachable);
    assert_eq!(case.judged("from-test").reach, Reach::TestOnly);
    assert_eq!(case.judged("in-test").reach, Reach::TestOnly);
    assert_eq!(case.judged("plain").reach, Reach::Unknown);
    assert!(case.judged("from-test").lane > case.judged("from-route").lane);
    assert!(case.why("from-route").evidence[0].words.contains("src/routes.py"));
}

#[test]
fn two_tools_that_contradict_each_other_are_shown_and_the_worse_counts() {
    let yes = sarif("one", &[result("CVE-2021-1000", "error", "go.mod", &saying("exposure", r#""reachable""#))]);
    let no = sarif("two", &[result("CVE-2021-1000", "error", "go.mod", &saying("exposure", r#""unreachable""#))]);
    let package = r#", "properties": {"packageName": "lib", "packageVersion": "1.0.0", "exposure": "#;
    let with = |text: &str| text.replace(r#", "properties": {"exposure": "#, package);
    let case = Case::of(&[("in/a.sarif", &with(&yes)), ("in/b.sarif", &with(&no))]);
    let judged = case.judged("CVE-2021-1000");
    assert_eq!((judged.reach, judged.rungs.get(Rung::Called)), (Reach::Reachable, Held::Both));
    assert!(judged.has(Note::Conflict));
    assert_eq!(case.why("CVE-2021-1000").conflicts.len(), 1);
}

#[test]
fn no_call_into_a_framework_says_nothing() {
    let of = |rule: &str, name: &str| {
        let more = format!(r#", "properties": {{"packageName": "{name}", "exposure": "unreachable"}}"#);
        result(rule, "error", &format!("{name}/package.json"), &more)
    };
    let case = Case::of(&[("in/a.sarif", &sarif("s", &[of("CVE-2021-1001", "express"), of("CVE-2021-1002", "pad")]))]);
    assert_eq!(case.judged("CVE-2021-1001").reach, Reach::Unknown);
    assert_eq!(case.judged("CVE-2021-1002").reach, Reach::Unreached);
    assert!(case.why("CVE-2021-1001").verdict.contains("framework"));
    for name in ["@nestjs/core", "restify", "@babel/runtime", "webpack-dev-server", "pg", "apollo-server-express"] {
        let case = Case::of(&[("in/a.sarif", &sarif("s", &[of("CVE-2021-1003", name)]))]);
        assert_eq!(case.judged("CVE-2021-1003").reach, Reach::Unknown, "{name}");
    }
}

#[test]
fn what_is_in_the_catalogue_of_exploited_ones_goes_first() {
    let kev = r#"{"catalogVersion": "1", "vulnerabilities": [{"cveID": "CVE-2021-1003", "dateAdded": "2026-01-02"}]}"#;
    let results = [result("CVE-2021-1003", "note", "a/go.mod", ""), result("CVE-2021-1004", "note", "b/go.mod", "")];
    let case = Case::of(&[("in/a.sarif", &sarif("s", &results)), ("in/kev.json", kev)]);
    let (listed, other) = (case.judged("CVE-2021-1003"), case.judged("CVE-2021-1004"));
    assert!(listed.has(Note::Kev) && !other.has(Note::Kev));
    assert!(listed.lane < other.lane && listed.score == other.score + 20);
    let why = case.why("CVE-2021-1003");
    let term = why.terms.iter().find(|term| term.name == "threat").unwrap();
    assert_eq!((term.points, &*term.source), (20, "in/kev.json: /vulnerabilities/0"));
}

#[test]
fn a_catalogue_without_an_entry_is_none() {
    let report = sarif("s", &[result("CVE-2021-1003", "note", "a/go.mod", "")]);
    let empty = r#"{"catalogVersion": "1", "vulnerabilities": []}"#;
    let other = r#"{"catalogVersion": "1", "vulnerabilities": [{"cveID": "CVE-2020-1", "dateAdded": "2026-01-02"}]}"#;
    for (kev, why, is_doubted) in [(empty, "no catalogue was read", true), (other, "it is not in the catalogue", false)]
    {
        let found = Case::of(&[("in/a.sarif", &report), ("in/kev.json", kev)]).why("CVE-2021-1003");
        assert_eq!((&*found.inputs[0].value, &*found.inputs[0].why), ("no", why));
        assert_eq!(found.doubts.iter().any(|doubt| doubt.words.contains("exploited in the world")), is_doubted);
    }
}

/// A range has a way out of it.
#[test]
fn what_would_narrow_the_lane_is_named() {
    let flow = flow_from("src/routes.py");
    let report = sarif("s", &[result("R", "error", "src/a.py", &flow), result("CVE-2021-1003", "error", "go.mod", "")]);
    let case = Case::of(&[("in/a.sarif", &report)]);
    for (rule, command) in [("R", "zap-full-scan.py"), ("CVE-2021-1003", "grype")] {
        let why = case.why(rule);
        assert!(why.judged.lane < why.judged.lane_max, "{rule}");
        let mut commands = why.doubts.iter().filter_map(|doubt| doubt.command.as_deref());
        assert!(commands.any(|found| found.starts_with(command)), "{:?}", why.doubts);
    }
}

#[test]
fn a_secret_goes_by_whether_it_works() {
    let of = |rule: &str, value: &str| {
        let more = format!(r#", "properties": {{"tags": ["secret"], "tokenValidation": "{value}"}}"#);
        result(rule, "error", &format!("{rule}.env"), &more)
    };
    let results = [of("active", "Active"), of("dead", "Inactive"), of("unknown", "Unavailable")];
    let case = Case::of(&[("in/a.sarif", &sarif("gitleaks", &results))]);
    assert_eq!(case.judged("active").lane, Lane::ActNow);
    assert_eq!(case.judged("dead").lane, Lane::OnUpgrade);
    assert!(case.judged("unknown").lane < Lane::OnUpgrade);
}

#[test]
fn every_finding_stands_at_one_step_of_the_funnel_and_each_query_opens_its_step() {
    let results: Vec<String> = SAID
        .iter()
        .enumerate()
        .map(|(at, (rule, property, value, _))| {
            let level = ["error", "warning", "note"][at % 3];
            result(rule, level, &format!("{}/{at}.py", ["src", "tests"][at % 2]), &saying(property, value))
        })
        .collect();
    let secret = r#", "properties": {"tags": ["secret"], "tokenValidation": "Active"}"#;
    let denied = r#", "properties": {"exposure": "unreachable"}"#;
    let works = sarif("gitleaks", &[result("secret", "error", "tests/key.env", secret)]);
    let kev = r#"{"catalogVersion": "1", "vulnerabilities": [{"cveID": "CVE-2021-1003", "dateAdded": "2026-01-02"}]}"#;
    let results = [results, vec![result("CVE-2021-1003", "warning", "a/go.mod", denied)]].concat();
    let report = sarif("scanner", &results);
    let case = Case::of(&[("in/a.sarif", &report), ("in/b.sarif", &works), ("in/kev.json", kev)]);
    let board = &case.loaded.board;
    // What is urgent is not out of the way, whoever reaches it.
    for (rule, reach, step) in
        [("secret", Reach::TestOnly, Step::ActNow), ("CVE-2021-1003", Reach::Unreached, Step::ThisSprint)]
    {
        assert_eq!((case.judged(rule).reach, Step::of(board, case.finding(rule))), (reach, step), "{rule}");
    }
    let funnel = Funnel::of(board);
    let mut sum = 0;
    for step in Step::ALL {
        let query = quell::query::parse(step.query()).unwrap();
        let lens = quell::query::Lens { query, ..Default::default() };
        let found = quell::query::rows(board, &lens).findings;
        assert_eq!(found.len(), funnel.count(*step), "{}", step.name());
        assert!(found.iter().all(|finding| Step::of(board, *finding) == *step));
        sum += found.len();
    }
    assert_eq!(sum, board.backlog.findings.len());
}

/// An `OpenVEX` document of one statement about a package.
fn vex(author: &str, time: &str, id: &str, status: &str) -> String {
    format!(
        r#"{{"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://x.example/{id}", "author": "{author}",
        "timestamp": "{time}", "version": 1, "statements": [{{"vulnerability": {{"name": "{id}"}}, {status},
        "products": [{{"@id": "pkg:npm/left@1.0.0"}}]}}]}}"#
    )
}

const NOT_CALLED: &str = r#""status": "not_affected", "justification": "vulnerable_code_not_in_execute_path""#;

fn of_package(rule: &str, name: &str, version: &str) -> String {
    let more = format!(r#", "properties": {{"purl": "pkg:npm/{name}@{version}"}}"#);
    result(rule, "error", &format!("{name}-{version}/package.json"), &more)
}

#[test]
fn a_statement_is_about_its_package_in_its_version_under_any_id_of_the_advisory() {
    let results = [
        of_package("CVE-2022-1001", "left", "1.0.0"),
        of_package("CVE-2022-1002", "left", "1.0.0"),
        of_package("GHSA-aaaa-bbbb-cccc", "left", "2.0.0"),
        of_package("GHSA-aaaa-bbbb-dddd", "right", "1.0.0"),
    ];
    let of = |id: &str, alias: &str| {
        vex("Left Inc.", "2024-01-01T00:00:00Z", id, NOT_CALLED)
            .replace(&format!(r#"{{"name": "{id}"}}"#), &format!(r#"{{"name": "{id}", "aliases": ["{alias}"]}}"#))
    };
    let files = [
        ("in/a.sarif", sarif("s", &results)),
        ("in/1.json", of("GHSA-xxxx-xxxx-xxxx", "CVE-2022-1001")),
        ("in/2.json", of("GHSA-aaaa-bbbb-cccc", "CVE-2022-1003")),
        ("in/3.json", of("CVE-2022-1004", "GHSA-aaaa-bbbb-dddd")),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let case = Case::of(&files);
    assert_eq!(case.judged("CVE-2022-1001").reach, Reach::NotAffected, "{:?}", case.why("CVE-2022-1001"));
    assert_eq!(case.judged("CVE-2022-1002").reach, Reach::Unknown, "another advisory");
    assert_eq!(case.judged("GHSA-aaaa-bbbb-cccc").reach, Reach::Unknown, "another version");
    assert_eq!(case.judged("GHSA-aaaa-bbbb-dddd").reach, Reach::Unknown, "another package");
}

#[test]
fn a_no_ends_with_the_next_change_to_source_of_its_language_and_a_yes_does_not() {
    let results = [of_package("CVE-2022-1001", "left", "1.0.0"), of_package("CVE-2022-1002", "left", "1.0.0")];
    let report = sarif("s", &results);
    // Made after the only commit, which is of 2023.
    let no = vex("Left Inc.", "2024-01-01T00:00:00Z", "CVE-2022-1001", NOT_CALLED);
    let facts = r#"{"tier1ReachabilityScanId": "1", "components": [{"type": "npm", "name": "left", "version": "1.0.0",
        "vulnerabilities": [{"ghsaId": "GHSA-yyyy-yyyy-yyyy", "cveId": "CVE-2022-1002"}],
        "reachability": [{"ghsa_id": "GHSA-yyyy-yyyy-yyyy", "reachability": [{"type": "reachable", "matches": [[
            {"package": "<own>", "sourceLocation": {"filename": "src/app.js", "start": {"line": 1}}, "confidence": 1},
            {"package": "left@1.0.0", "sourceLocation": {"filename": "left/index.js", "start": {"line": 9}},
             "confidence": 1}]]}]}]}]}"#;
    let case = Case::of(&[
        ("in/a.sarif", &report),
        ("in/no.json", &no),
        ("in/socket.facts.json", facts),
        ("src/app.js", "left()\n"),
        ("src/other.js", "1\n"),
        ("lib/tool.py", "1\n"),
    ]);
    assert_eq!(case.judged("CVE-2022-1001").reach, Reach::NotAffected);
    assert_eq!(case.judged("CVE-2022-1002").reach, Reach::Reachable, "{:?}", case.why("CVE-2022-1002"));

    let frame = case.loaded.board.own_frame(case.finding("CVE-2022-1002")).unwrap();
    assert_eq!((&*frame.path, frame.line), ("src/app.js", 1));

    case.tree.write("lib/tool.py", "2\n");
    let case = Case::load(case.tree);
    assert_eq!(case.judged("CVE-2022-1001").reach, Reach::NotAffected, "no source of npm packages");

    assert!(case.desk.reach_again(&case.loaded.board).is_none(), "nothing changed since the load");
    case.tree.write("src/other.js", "2\n");
    let again = case.desk.reach_again(&case.loaded.board).unwrap();
    assert_eq!(again.of(case.finding("CVE-2022-1001")).unwrap().reach, Reach::Unknown, "without a load");
    let case = Case::load(case.tree);
    let judged = case.judged("CVE-2022-1001");
    assert_eq!(judged.reach, Reach::Unknown, "new code can open a path");
    assert!(judged.has(Note::Stale));
    assert!(case.why("CVE-2022-1001").evidence.iter().any(|row| row.doubt.is_some()));
    assert_eq!(case.judged("CVE-2022-1002").reach, Reach::Reachable, "its own files are as they were");

    case.tree.write("src/app.js", "right()\n");
    let case = Case::load(case.tree);
    assert_eq!(case.judged("CVE-2022-1002").reach, Reach::Unknown);
}

/// What is neither of a commit nor of a moment since the first one is of files that nobody knows; what says that it was
/// made in a time to come would be of every commit to come.
#[test]
fn a_no_that_nothing_ties_to_the_files_decides_nothing() {
    let report = sarif("s", &[of_package("CVE-2022-1001", "left", "1.0.0")]);
    for (made, reach) in [
        ("2024-01-01T00:00:00Z", Reach::NotAffected),
        ("2020-01-01T00:00:00Z", Reach::Unknown),
        ("2999-01-01T00:00:00Z", Reach::Unknown),
    ] {
        let no = vex("Left Inc.", made, "CVE-2022-1001", NOT_CALLED);
        let why = Case::of(&[("in/a.sarif", &report), ("in/no.json", &no)]).why("CVE-2022-1001");
        assert_eq!(why.judged.reach, reach, "{made}: {:?}", why.evidence);
        let mut doubts = why.evidence.iter().filter_map(|row| row.doubt.as_deref());
        assert_eq!(doubts.any(|doubt| doubt.contains("which state of the files")), reach == Reach::Unknown, "{made}");
        let again = why.doubts.first().is_some_and(|doubt| doubt.words.contains("what Left Inc. said still holds"));
        assert_eq!(again, reach == Reach::Unknown, "{:?}", why.doubts);
        // That the component is not there is no matter of code.
        let absent = no.replace("vulnerable_code_not_in_execute_path", "component_not_present");
        let case = Case::of(&[("in/a.sarif", &report), ("in/no.json", &absent)]);
        assert_eq!(case.judged("CVE-2022-1001").reach, Reach::NotAffected, "{made}");
    }
}

#[test]
fn without_git_a_no_ends_with_a_source_that_was_written_later() {
    let report = sarif("s", &[of_package("CVE-2022-1001", "left", "1.0.0")]);
    let no = vex("Left Inc.", "2024-01-01T00:00:00Z", "CVE-2022-1001", NOT_CALLED);
    let tree = Tree::plain(&[("in/a.sarif", &report), ("in/no.json", &no), ("src/app.js", "left()\n")]);
    let case = Case::load(tree);
    assert_eq!(case.judged("CVE-2022-1001").reach, Reach::Unknown);
    let before = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000);
    let source = std::fs::File::options().write(true).open(case.tree.root().join("src/app.js")).unwrap();
    source.set_modified(before).unwrap();
    assert_eq!(Case::load(case.tree).judged("CVE-2022-1001").reach, Reach::NotAffected);
}

#[test]
fn after_a_change_only_what_older_evidence_speaks_of_is_judged_again() {
    let results = [of_package("CVE-2022-1001", "left", "1.0.0"), result("R", "error", "src/app.js", "")];
    let no = vex("Left Inc.", "2024-01-01T00:00:00Z", "CVE-2022-1001", NOT_CALLED);
    let mut case = Case::of(&[("in/a.sarif", &sarif("s", &results)), ("in/no.json", &no), ("src/app.js", "left()\n")]);
    let (spoken_of, other) = (case.finding("CVE-2022-1001"), case.finding("R"));
    // A mark that judging would wipe out.
    let marked = Judged { score: 99, ..case.judged("R") };
    let mut reaches = (*case.loaded.board.reaches).clone();
    assert_ne!(reaches.of(other), Some(marked));
    reaches.verdicts.set(other, marked);
    case.loaded.board.reaches = Arc::new(reaches);

    case.tree.write("src/app.js", "right()\n");
    let again = case.desk.reach_again(&case.loaded.board).unwrap();
    assert_eq!(again.of(other), Some(marked));
    let fresh = Case::load(case.tree);
    assert_ne!(again.of(spoken_of), case.loaded.board.reaches.of(spoken_of));
    assert_eq!(again.of(spoken_of), fresh.loaded.board.reaches.of(spoken_of));
    assert_eq!((&again.links, &again.ages), (&fresh.loaded.board.reaches.links, &fresh.loaded.board.reaches.ages));
}

/// A statement about one version is about a package without one, but may be about another than is here.
#[test]
fn a_no_for_one_version_decides_nothing_where_the_version_is_not_known() {
    let no = vex("Left Inc.", "2024-01-01T00:00:00Z", "CVE-2022-1001", NOT_CALLED);
    let with = of_package("CVE-2022-1001", "left", "1.0.0");
    let without = with.replace("left@1.0.0", "left");
    for (result, no, reach) in [
        (&with, no.clone(), Reach::NotAffected),
        (&without, no.clone(), Reach::Unknown),
        (&without, no.replace("left@1.0.0", "left"), Reach::NotAffected),
    ] {
        let case = Case::of(&[("in/a.sarif", &sarif("s", std::slice::from_ref(result))), ("in/no.json", &no)]);
        let why = case.why("CVE-2022-1001");
        assert_eq!(why.judged.reach, reach, "{:?}", why.evidence);
        let mut doubts = why.evidence.iter().filter_map(|row| row.doubt.as_deref());
        assert_eq!(doubts.any(|doubt| doubt.contains("does not say which is here")), reach == Reach::Unknown);
    }
}

#[test]
fn a_no_for_another_platform_decides_nothing() {
    let of = |purl: &str| of_package("CVE-2022-1001", "left", "1.0.0").replace("pkg:npm/left@1.0.0", purl);
    let no = |purl: &str| {
        vex("Left Inc.", "2024-01-01T00:00:00Z", "CVE-2022-1001", NOT_CALLED).replace("pkg:npm/left@1.0.0", purl)
    };
    let here = "pkg:deb/debian/left@1.0?arch=amd64&distro=debian-11.7";
    for (stated, reach) in [
        ("pkg:deb/debian/left@1.0?arch=amd64&distro=debian-11", Reach::NotAffected),
        ("pkg:deb/debian/left@1.0?arch=all", Reach::NotAffected),
        ("pkg:deb/debian/left@1.0", Reach::NotAffected),
        ("pkg:deb/debian/left@1.0?arch=arm64", Reach::Unknown),
        ("pkg:deb/debian/left@1.0?arch=amd64&distro=debian-12", Reach::Unknown),
    ] {
        let case = Case::of(&[("in/a.sarif", &sarif("s", &[of(here)])), ("in/no.json", &no(stated))]);
        let why = case.why("CVE-2022-1001");
        assert_eq!(why.judged.reach, reach, "{stated}: {:?}", why.evidence);
        let mut doubts = why.evidence.iter().filter_map(|row| row.doubt.as_deref());
        assert_eq!(doubts.any(|doubt| doubt.contains("another platform")), reach == Reach::Unknown);
    }
}

/// A checkout gives files new times; what says no time itself is as old as the commit that brought it.
#[test]
fn evidence_that_is_committed_is_of_the_commit_that_brought_it() {
    let facts = r#"{"tier1ReachabilityScanId": "1", "components": [{"type": "npm", "name": "left", "version": "1.0.0",
        "vulnerabilities": [{"ghsaId": "GHSA-yyyy-yyyy-yyyy", "cveId": "CVE-2022-1001"}],
        "reachability": [{"ghsa_id": "GHSA-yyyy-yyyy-yyyy", "reachability": [{"type": "unreachable"}]}]}]}"#;
    let report = sarif("s", &[of_package("CVE-2022-1001", "left", "1.0.0")]);
    let case = Case::of(&[("in/a.sarif", &report), ("in/socket.facts.json", facts), ("src/app.js", "1\n")]);
    assert_eq!(case.judged("CVE-2022-1001").reach, Reach::Unreached);
    case.tree.write("src/app.js", "2\n");
    case.tree.commit("second", 1_700_000_100);
    let case = Case::load(case.tree);
    let why = case.why("CVE-2022-1001");
    assert_eq!(why.judged.reach, Reach::Unknown);
    let row = why.evidence.iter().find(|row| row.tool == "Socket").unwrap();
    assert!(row.is_guessed && row.distance == Some(1) && row.doubt.is_some(), "{row:?}");
}

/// What a scanner says of its own results is of a commit too.
#[test]
fn a_no_inside_a_report_ends_with_new_code_and_a_yes_does_not() {
    let saying = |value: &str| {
        let purl = r#""properties": {"purl": "pkg:npm/left@1.0.0"}"#;
        let properties = format!(r#""properties": {{"purl": "pkg:npm/left@1.0.0", "exposure": "{value}"}}"#);
        of_package(&format!("{value}-one"), "left", "1.0.0").replace(purl, &properties)
    };
    let plain = sarif("s", &[saying("unreachable"), saying("reachable")]);
    let of_commit = |commit: &str| {
        let provenance = format!(
            r#""versionControlProvenance": [{{"repositoryUri": "https://x", "revisionId": "{commit}"}}], "tool""#
        );
        plain.replacen(r#""tool""#, &provenance, 1)
    };
    let reach = |case: &Case| [case.judged("unreachable-one").reach, case.judged("reachable-one").reach];
    let (denied, unknown) = ([Reach::Unreached, Reach::Reachable], [Reach::Unknown, Reach::Reachable]);

    let mut case = Case::of(&[("in/a.sarif", &plain), ("src/app.js", "1\n"), ("lib/tool.py", "1\n")]);
    let head = case.desk.repo.head().unwrap();
    for (report, expected, doubt) in [
        (plain.clone(), denied, None),
        (of_commit(&head), denied, None),
        (of_commit("0123456789012345678901234567890123456789"), unknown, Some("does not have the commit")),
    ] {
        case.tree.write("in/a.sarif", &report);
        case = Case::load(case.tree);
        assert_eq!(reach(&case), expected);
        let why = case.why("unreachable-one");
        let doubts = why.evidence.iter().filter_map(|row| row.doubt.as_deref());
        assert_eq!(doubts.into_iter().any(|said| doubt.is_some_and(|doubt| said.contains(doubt))), doubt.is_some());
    }
    case.tree.write("in/a.sarif", &of_commit(&head));
    case.tree.write("lib/tool.py", "2\n");
    let mut case = Case::load(case.tree);
    assert_eq!(reach(&case), denied, "no source of npm packages");
    case.tree.write("src/app.js", "2\n");
    let again = case.desk.reach_again(&case.loaded.board).unwrap();
    case.loaded.board.reaches = Arc::new(again);
    assert_eq!(reach(&case), unknown, "without a load");
    assert!(case.judged("unreachable-one").has(Note::Stale));
    assert_eq!(reach(&Case::load(case.tree)), unknown);
}

#[test]
fn where_code_runs_is_told_by_the_deployment_files() {
    let results = [result("front", "error", "front/app.py", ""), result("back", "error", "back/app.py", "")];
    let compose = "services:\n  front:\n    build: ./front\n    ports: ['80:8080']\n  back:\n    build: ./back\n";
    let case = Case::of(&[
        ("in/a.sarif", &sarif("scanner", &results)),
        ("docker-compose.yml", compose),
        ("front/Dockerfile", "FROM scratch\nCOPY . .\n"),
        ("front/app.py", "1\n"),
        ("back/Dockerfile", "FROM scratch\nCOPY . .\n"),
        ("back/app.py", "1\n"),
    ]);
    assert_eq!(case.judged("front").exposure, Exposure::Internet);
    assert_eq!(case.judged("back").exposure, Exposure::Internal);
    assert!(case.judged("front").lane < case.judged("back").lane);
    let why = case.why("front");
    let row = why.evidence.iter().find(|row| row.rung == Rung::Exposed).unwrap();
    assert!(row.pointer.starts_with("docker-compose.yml") && row.path.len() > 2, "{row:?}");
}

/// What is too weak to decide is no contradiction either.
#[test]
fn a_statement_about_another_product_contradicts_nothing() {
    let reachable = of_package("CVE-2022-1001", "left", "1.0.0")
        .replace(r#""properties": {"#, r#""properties": {"exposure": "reachable", "#);
    let report = sarif("s", &[reachable]);
    for (product, is_conflict) in [("pkg:npm/shop@2.0.0", true), ("pkg:npm/bank@2.0.0", false)] {
        let about = vex("Left Inc.", "2024-01-01T00:00:00Z", "CVE-2022-1001", NOT_CALLED).replace(
            r#"[{"@id": "pkg:npm/left@1.0.0"}]"#,
            &format!(r#"[{{"@id": "{product}", "subcomponents": [{{"@id": "pkg:npm/left@1.0.0"}}]}}]"#),
        );
        let files = [("in/a.sarif", &*report), ("in/vex.json", &about), ("package.json", r#"{"name": "shop"}"#)];
        let why = Case::of(&files).why("CVE-2022-1001");
        assert_eq!((why.judged.reach, !why.conflicts.is_empty()), (Reach::Reachable, is_conflict), "{product}");
    }
}

/// Documents of VEX with their author, their time and what they say of one package, and what follows.
#[test]
fn of_one_author_the_latest_counts_and_of_several_the_worse() {
    let not = NOT_CALLED;
    let [affected, open, fixed] =
        [r#""status": "affected""#, r#""status": "under_investigation""#, r#""status": "fixed""#];
    for (documents, reach, is_conflict) in [
        (vec![("A", "2024-01-01", not)], Reach::NotAffected, false),
        (vec![("A", "2024-01-01", affected), ("A", "2024-02-01", not)], Reach::NotAffected, false),
        (vec![("A", "2024-01-01", not), ("A", "2024-02-01", affected)], Reach::Unknown, false),
        (vec![("A", "2024-01-01", not), ("A", "2024-02-01", open)], Reach::Unknown, false),
        (vec![("A", "2024-01-01", not), ("B", "2024-02-01", open)], Reach::NotAffected, false),
        (vec![("A", "2024-01-01", not), ("B", "2024-02-01", affected)], Reach::Unknown, true),
        (vec![("A", "2024-02-01", not), ("B", "2024-01-01", affected)], Reach::Unknown, true),
        (vec![("A", "2024-01-01", not), ("A", "2024-01-01", affected)], Reach::Unknown, true),
        (vec![("A", "2024-01-01", fixed), ("B", "2024-01-01", affected)], Reach::Unknown, true),
    ] {
        let report = sarif("s", &[of_package("CVE-2022-1001", "left", "1.0.0")]);
        let mut files = vec![("in/a.sarif".to_owned(), report)];
        for (number, (author, day, status)) in documents.iter().enumerate() {
            files
                .push((format!("in/{number}.json"), vex(author, &format!("{day}T00:00:00Z"), "CVE-2022-1001", status)));
        }
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let why = Case::of(&files).why("CVE-2022-1001");
        assert_eq!(
            (why.judged.reach, !why.conflicts.is_empty()),
            (reach, is_conflict),
            "{documents:?}: {:?}",
            why.evidence
        );
        assert_eq!(why.evidence.iter().filter(|row| row.basis == Basis::Vex).count(), documents.len());
    }
}

/// More statements about one finding than are kept.
#[test]
fn what_is_left_out_of_many_statements_is_not_what_says_the_worse() {
    let report = sarif("s", &[of_package("CVE-2022-1001", "left", "1.0.0")]);
    let one = vex("A", "2024-01-01T00:00:00Z", "CVE-2022-1001", NOT_CALLED);
    let (start, rest) = one.split_once(r#""statements": ["#).unwrap();
    let statement = rest.strip_suffix("]}").unwrap();
    let affected = statement.replace(NOT_CALLED, r#""status": "affected""#);
    let later = r#""status": "under_investigation", "timestamp": "2024-02-01T00:00:00Z""#;
    let open = statement.replace(NOT_CALLED, later);
    for (last, reach) in [(statement, Reach::NotAffected), (&affected, Reach::Unknown), (&open, Reach::Unknown)] {
        let all = format!("{start}\"statements\": [{}{last}]}}", format!("{statement},").repeat(300));
        let case = Case::of(&[("in/a.sarif", &report), ("in/many.json", &all)]);
        assert_eq!(case.judged("CVE-2022-1001").reach, reach);
        assert_eq!(case.loaded.board.reaches.links.len(), 256);
    }
}

#[test]
fn a_statement_about_no_product_that_is_named_decides_nothing() {
    let no = |product: &str| {
        vex("Left Inc.", "2024-01-01T00:00:00Z", "CVE-2022-1001", NOT_CALLED).replace("pkg:npm/left@1.0.0", product)
    };
    let report = sarif("s", &[of_package("CVE-2022-1001", "left", "1.0.0")]);
    for (product, reach) in [("pkg:npm/left@1.0.0", Reach::NotAffected), ("Unknown Product", Reach::Unknown)] {
        let case = Case::of(&[("in/a.sarif", &report), ("in/vex.json", &no(product))]);
        assert_eq!(case.judged("CVE-2022-1001").reach, reach, "{product}");
        assert_eq!(case.why("CVE-2022-1001").evidence.iter().filter(|row| row.basis == Basis::Vex).count(), 1);
    }
}

#[test]
fn a_vex_of_the_scanned_repository_is_capped_and_called_so() {
    let report = sarif("s", &[of_package("CVE-2022-1001", "left", "1.0.0")]);
    let own = vex("Left Inc.", "2024-01-01T00:00:00Z", "CVE-2022-1001", NOT_CALLED);
    for (no, strength) in [(own.clone(), 3), (own.replace("Left Inc.", "depscan"), 2)] {
        let case = Case::of(&[("in/a.sarif", &report), ("src/app.js", "1\n")]);
        let told = |case: &Case| {
            let why = case.why("CVE-2022-1001");
            let row = why.evidence.iter().find(|row| row.basis == Basis::Vex).unwrap();
            (why.judged.reach, row.strength, row.doubt.is_some(), why.verdict.contains("of itself"))
        };
        case.tree.write("in/no.json", &no);
        let case = Case::load(case.tree);
        assert_eq!(told(&case), (Reach::NotAffected, strength, false, false));
        case.tree.commit("second", 1_700_000_100);
        assert_eq!(told(&Case::load(case.tree)), (Reach::NotAffected, 2, true, true));
    }
}

/// References that lead nowhere, names and addresses of products, names of the CPE dictionary.
#[test]
fn a_product_that_is_no_package_is_another_one() {
    let report = sarif("s", &[of_package("CVE-2022-1001", "left", "1.0.0")]);
    for (product, reach) in [
        ("https://vendor.example/products/appliance", Reach::Unknown),
        ("Vendor Appliance 9", Reach::Unknown),
        ("urn:cdx:0a/1#left", Reach::Unknown),
        ("cpe:2.3:a:inc:left:1.0.0:*:*:*:*:*:*:*", Reach::NotAffected),
        ("cpe:/a:inc:left:1.0.0", Reach::NotAffected),
        ("cpe:2.3:a:inc:left:1.0.1:*:*:*:*:*:*:*", Reach::Unknown),
        ("cpe:2.3:a:inc:right:1.0.0:*:*:*:*:*:*:*", Reach::Unknown),
    ] {
        let no = vex("Left Inc.", "2024-01-01T00:00:00Z", "CVE-2022-1001", NOT_CALLED);
        let no = no.replace("pkg:npm/left@1.0.0", product);
        let case = Case::of(&[("in/a.sarif", &report), ("in/vex.json", &no)]);
        assert_eq!(case.judged("CVE-2022-1001").reach, reach, "{product}");
    }
}

#[test]
fn what_a_newer_version_of_a_format_denies_decides_nothing() {
    let report = sarif("s", &[of_package("CVE-2022-1001", "left", "1.0.0")]);
    let open = vex("Left Inc.", "2024-01-01T00:00:00Z", "CVE-2022-1001", NOT_CALLED);
    let bom = r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"timestamp": "2024-01-01T00:00:00Z"},
        "vulnerabilities": [{"id": "CVE-2022-1001", "affects": [{"ref": "pkg:npm/left@1.0.0"}],
        "analysis": {"state": "not_affected", "justification": "code_not_reachable"}}]}"#;
    let csaf = r#"{"document": {"category": "csaf_vex", "csaf_version": "2.0",
        "tracking": {"current_release_date": "2024-01-01T00:00:00Z"}}, "product_tree": {"full_product_names": [
        {"product_id": "P", "name": "P", "product_identification_helper": {"purl": "pkg:npm/left@1.0.0"}}]},
        "vulnerabilities": [{"cve": "CVE-2022-1001", "product_status": {"known_not_affected": ["P"]},
        "flags": [{"label": "vulnerable_code_not_in_execute_path", "product_ids": ["P"]}]}]}"#;
    for (text, known, newer) in [
        (&*open, "ns/v0.2.0", "ns/v1.0.0"),
        (bom, r#""specVersion": "1.6""#, r#""specVersion": "2.0""#),
        (csaf, r#""csaf_version": "2.0""#, r#""csaf_version": "3.0""#),
    ] {
        for (text, reach) in [(text.to_owned(), Reach::NotAffected), (text.replace(known, newer), Reach::Unknown)] {
            let case = Case::of(&[("in/a.sarif", &report), ("in/vex.json", &text)]);
            assert_eq!(case.judged("CVE-2022-1001").reach, reach, "{newer}");
            let told = case.loaded.problems.iter().any(|problem| problem.reason.contains("newer version"));
            assert_eq!(told, reach == Reach::Unknown, "{:?}", case.loaded.problems);
        }
    }
}

#[test]
fn a_statement_about_another_product_decides_nothing() {
    let of = |product: &str| {
        vex("Left Inc.", "2024-01-01T00:00:00Z", "CVE-2022-1001", NOT_CALLED).replace(
            r#"[{"@id": "pkg:npm/left@1.0.0"}]"#,
            &format!(r#"[{{"@id": "{product}", "subcomponents": [{{"@id": "pkg:npm/left@1.0.0"}}]}}]"#),
        )
    };
    let report = sarif("s", &[of_package("CVE-2022-1001", "left", "1.0.0")]);
    for (product, reach) in [
        ("pkg:npm/%40team/shop@2.0.0", Reach::NotAffected),
        ("pkg:oci/shop@sha256%3Aaa?repository_url=registry.example/team/shop", Reach::NotAffected),
        ("pkg:npm/bank@2.0.0", Reach::Unknown),
        ("pkg:oci/bank@sha256%3Aaa", Reach::Unknown),
    ] {
        let manifest = r#"{"name": "@team/shop", "version": "2.0.0"}"#;
        let case = Case::of(&[("in/a.sarif", &report), ("in/vex.json", &of(product)), ("package.json", manifest)]);
        assert_eq!(case.judged("CVE-2022-1001").reach, reach, "{product}");
        let why = case.why("CVE-2022-1001");
        let mut doubts = why.evidence.iter().filter_map(|row| row.doubt.as_deref());
        let is_said = doubts.any(|doubt| doubt.contains("another product"));
        assert_eq!(is_said, reach == Reach::Unknown, "{product}");
    }
}

/// That a path starts in tests says that no other was found.
#[test]
fn that_tests_alone_reach_it_ends_with_new_source() {
    let report = sarif("s", &[of_package("CVE-2022-1001", "left", "1.0.0")]);
    let facts = r#"{"tier1ReachabilityScanId": "1", "components": [{"type": "npm", "name": "left", "version": "1.0.0",
        "vulnerabilities": [{"ghsaId": "GHSA-yyyy-yyyy-yyyy", "cveId": "CVE-2022-1001"}],
        "reachability": [{"ghsa_id": "GHSA-yyyy-yyyy-yyyy", "reachability": [{"type": "reachable", "matches": [[
            {"package": "<own>", "sourceLocation": {"filename": "test/app.js", "start": {"line": 1}}, "confidence": 1}]]}]}]}]}"#;
    let flow = result("from-test", "error", "src/b.js", &flow_from("test/app.js"));
    let case = Case::of(&[
        ("in/a.sarif", &report),
        ("in/b.sarif", &sarif("scanner", &[flow])),
        ("in/socket.facts.json", facts),
        ("test/app.js", "left()\n"),
        ("src/other.js", "1\n"),
        ("README.md", "1\n"),
    ]);
    case.tree.write("README.md", "2\n");
    let case = Case::load(case.tree);
    for rule in ["CVE-2022-1001", "from-test"] {
        assert_eq!(case.judged(rule).reach, Reach::TestOnly, "{rule}: {:?}", case.why(rule).evidence);
    }
    case.tree.write("src/other.js", "left()\n");
    let again = case.desk.reach_again(&case.loaded.board).unwrap();
    for rule in ["CVE-2022-1001", "from-test"] {
        assert_eq!(again.of(case.finding(rule)).unwrap().reach, Reach::Unknown, "{rule}, without a load");
    }
    let case = Case::load(case.tree);
    for rule in ["CVE-2022-1001", "from-test"] {
        let judged = case.judged(rule);
        assert_eq!((judged.reach, judged.has(Note::Stale)), (Reach::Unknown, true), "{rule}");
        assert!(case.why(rule).verdict.contains("decides nothing here"), "{}", case.why(rule).verdict);
    }
}

/// Another version of a package on the way may open a path as well.
#[test]
fn a_no_ends_with_the_next_change_to_a_lock_file_of_its_ecosystem() {
    let report = sarif("s", &[of_package("CVE-2022-1001", "left", "1.0.0")]);
    let no = vex("Left Inc.", "2024-01-01T00:00:00Z", "CVE-2022-1001", NOT_CALLED);
    for (name, reach) in [("Cargo.lock", Reach::NotAffected), ("web/package-lock.json", Reach::Unknown)] {
        let case = Case::of(&[("in/a.sarif", &report), ("in/no.json", &no), (name, "{}\n")]);
        assert_eq!(case.judged("CVE-2022-1001").reach, Reach::NotAffected);
        case.tree.write(name, "{ }\n");
        assert_eq!(Case::load(case.tree).judged("CVE-2022-1001").reach, reach, "{name}");
    }
}

#[test]
fn a_source_whose_name_is_no_text_is_one() {
    let report = sarif("s", &[of_package("CVE-2022-1001", "left", "1.0.0")]);
    let no = vex("Left Inc.", "2024-01-01T00:00:00Z", "CVE-2022-1001", NOT_CALLED);
    let case = Case::of(&[("in/a.sarif", &report), ("in/no.json", &no)]);
    std::fs::write(case.tree.root().join(std::ffi::OsStr::from_bytes(b"\xff.js")), "left()\n").unwrap();
    assert_eq!(Case::load(case.tree).judged("CVE-2022-1001").reach, Reach::Unknown);
}

/// A document is made again and again, and nobody looks at each of its statements.
#[test]
fn a_no_of_vex_is_as_old_as_its_statement() {
    let report = sarif("s", &[of_package("CVE-2022-1001", "left", "1.0.0")]);
    let document = vex("Left Inc.", "2025-01-01T00:00:00Z", "CVE-2022-1001", NOT_CALLED);
    for (stated, reach) in [
        ("2024-01-01T00:00:00Z", Reach::NotAffected),
        ("2020-01-01T00:00:00Z", Reach::Unknown),
        ("2999-01-01T00:00:00Z", Reach::Unknown),
    ] {
        let no = document.replace(NOT_CALLED, &format!(r#"{NOT_CALLED}, "timestamp": "{stated}""#));
        let case = Case::of(&[("in/a.sarif", &report), ("in/no.json", &no), ("src/app.js", "1\n")]);
        assert_eq!(case.judged("CVE-2022-1001").reach, reach, "{stated}: {:?}", case.why("CVE-2022-1001").evidence);
        case.tree.write("src/app.js", "2\n");
        assert_eq!(Case::load(case.tree).judged("CVE-2022-1001").reach, Reach::Unknown, "{stated}");
    }
    // What claims to be of a time to come takes nothing back.
    let affected = vex("Left Inc.", "2024-01-01T00:00:00Z", "CVE-2022-1001", r#""status": "affected""#);
    let absent = NOT_CALLED.replace("vulnerable_code_not_in_execute_path", "component_not_present");
    let no = document.replace(NOT_CALLED, &format!(r#"{absent}, "timestamp": "2999-01-01T00:00:00Z""#));
    let case = Case::of(&[("in/a.sarif", &report), ("in/yes.json", &affected), ("in/no.json", &no)]);
    assert_eq!(case.judged("CVE-2022-1001").reach, Reach::Unknown);
}

#[test]
fn a_scope_of_npm_is_part_of_the_name() {
    let report = sarif("s", &[of_package("CVE-2022-1001", "left", "1.0.0")]);
    let no = vex("Left Inc.", "2024-01-01T00:00:00Z", "CVE-2022-1001", NOT_CALLED);
    let other = no.replace("pkg:npm/left@", "pkg:npm/%40other/left@");
    for (text, reach) in [(&no, Reach::NotAffected), (&other, Reach::Unknown)] {
        let case = Case::of(&[("in/a.sarif", &report), ("in/no.json", text)]);
        assert_eq!(case.judged("CVE-2022-1001").reach, reach);
    }
}

/// A measurement of one long run beside one of many short ones.
#[test]
fn a_long_run_of_lines_counts_however_many_short_ones_stand_in_it() {
    let lines = |hit: &dyn Fn(u32) -> u32| {
        let all: Vec<String> = (1..=4000).map(|line| format!("DA:{line},{}", hit(line))).collect();
        format!("TN:\nSF:src/app.js\n{}\nend_of_record\n", all.join("\n"))
    };
    let source = "x();\n".repeat(4000);
    let at = result("R", "error", "src/app.js", "").replace(r#""startLine": 1"#, r#""startLine": 3001"#);
    let case = Case::of(&[
        ("in/a.sarif", &sarif("s", &[at])),
        ("in/production.lcov.info", &lines(&|_| 1)),
        ("in/tests.lcov.info", &lines(&|line| line / 2 % 2)),
        ("src/app.js", &source),
    ]);
    assert_eq!(case.judged("R").reach, Reach::Executed, "{:?}", case.why("R").evidence);
}

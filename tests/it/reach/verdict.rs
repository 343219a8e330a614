//! From reports and evidence files to verdict, lane and score, through the door that commands and console use.

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
    let case = Case::of(&[("in/a.sarif", &sarif("scanner", &results))]);
    let board = &case.loaded.board;
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
    for (last, reach) in [(statement, Reach::NotAffected), (&affected, Reach::Unknown)] {
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

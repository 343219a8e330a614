//! Decisions about more than what was chosen.

use std::sync::Arc;

use quell::ledger;
use quell::ledger::scope::{scope_of, touched};
use quell::model::backlog::{Backlog, Package};
use quell::model::decision::{Flag, Op, Request, Status};
use quell::model::id::FindingId;
use quell::model::scope::Scope;

use super::support::{Desk, Hit, TODAY, at, hit, request};

fn desk() -> Desk {
    Desk::new(vec![hit(1, "a.py", 3), hit(2, "b.py", 3)])
}

/// A decision about the first finding, with a scope.
fn scoped(desk: &Desk, words: &str, op: Op) -> Request {
    let board = desk.board();
    let first = board.backlog.find(FindingId(1)).unwrap();
    Request { scope: scope_of(&board, &[first], words).unwrap(), ..request(op, &[1]) }
}

#[test]
fn a_rule_is_decided_for_findings_to_come() {
    let mut desk = desk();
    let decided = desk.decide(&scoped(&desk, "rule", Op::FalsePositive), at(0)).unwrap();
    assert!(decided.summary.ends_with("whatever matches its scope: 2 findings now"), "{}", decided.summary);
    desk.check(2, Status::FalsePositive, &[]);
    desk.hits.extend([hit(3, "a.py", 8), Hit { rule: "B101", ..hit(4, "a.py", 8) }]);
    desk.hits.push(Hit { tool: "semgrep", ..hit(5, "a.py", 8) });
    desk.check(3, Status::FalsePositive, &[]);
    desk.check(4, Status::Open, &[]);
    desk.check(5, Status::Open, &[]);
    // One of them can be opened again, by itself.
    desk.did(Op::Confirm, &[3], 1);
    desk.check(3, Status::Confirmed, &[]);
    desk.check(2, Status::FalsePositive, &[]);
    desk.revoke(&decided.event, 2);
    desk.check(2, Status::Open, &[]);
}

#[test]
fn a_rule_under_a_path_leaves_other_paths_open() {
    let mut desk = Desk::new(vec![hit(1, "old/a.py", 3), hit(2, "old/sub/b.py", 3), hit(3, "new/a.py", 3)]);
    desk.decide(&scoped(&desk, "rule:old/**", Op::AcceptRisk), at(0)).unwrap();
    desk.check(2, Status::Accepted, &[]);
    desk.check(3, Status::Open, &[]);
    // A decision of its own that disagrees is a conflict, as open as the most open.
    desk.hits.push(hit(4, "old/c.py", 3));
    desk.hits.retain(|hit| hit.id != 1);
    desk.check(4, Status::Accepted, &[]);
    let before = desk.did(Op::Confirm, &[4], -5);
    desk.check(4, Status::Confirmed, &[]);
    assert_eq!(before.supersedes.len(), 1, "it knows of the scoped one");
}

#[test]
fn a_decision_that_does_not_know_of_the_scoped_one_is_a_conflict() {
    let desk = desk();
    desk.did(Op::Confirm, &[2], 0);
    desk.decide(&scoped(&desk, "rule", Op::FalsePositive), at(1)).unwrap();
    desk.check(1, Status::FalsePositive, &[]);
    desk.check(2, Status::Confirmed, &[Flag::DecisionConflict]);
}

#[test]
fn the_preview_names_what_no_list_shows_too() {
    let desk = desk();
    desk.did(Op::FalsePositive, &[2], 0);
    let request = scoped(&desk, "rule", Op::AcceptRisk);
    let board = desk.board();
    let ids: Vec<u64> = touched(&board, &request).into_iter().map(|finding| board.backlog.id(finding).0).collect();
    assert_eq!(ids, [1, 2]);
    assert_eq!(ledger::log::matches(&board), [1]);
}

/// Packages and the ids of their flaw for results 0, 1, …
fn with_packages(backlog: &mut Backlog, packages: &[(&str, &str, &str)]) {
    for (result, (name, version, advisory)) in (0..).zip(packages) {
        let package = Package { name: (*name).to_owned(), version: Some((*version).to_owned()), purl: None };
        backlog.packages.push((result, Arc::new(package)));
        backlog.advisories.push((result, Arc::from([Box::from(*advisory)])));
    }
}

#[test]
fn a_package_in_a_range_of_versions_or_a_flaw_by_any_id() {
    let desk = Desk::new((1..=5).map(|id| hit(id, "a.py", 3)).collect());
    let decided = |scope: Scope| -> Vec<u64> {
        let decision = Request { scope: Some(scope), ..request(Op::AcceptRisk, &[1]) };
        let event = desk.decide(&decision, at(0)).unwrap().event;
        let mut backlog = super::support::backlog(&desk.hits, at(-60));
        let rows = [
            ("lodash", "4.17.0", "CVE-1"),
            ("lodash", "v4.17", "cve-1"),
            ("lodash", "5.0.1", "GHSA-1"),
            ("lodash", "2011-x", "CVE-2"),
            ("other", "4.17.0", "CVE-2"),
        ];
        with_packages(&mut backlog, &rows);
        let standings = ledger::standings(&desk.tree.repo(), &backlog, std::slice::from_ref(&event), TODAY);
        let accepted = (0..5).filter(|&finding| standings[finding].status == Status::Accepted);
        accepted.map(|finding| backlog.id(finding).0).collect()
    };
    let package = |versions: Option<&str>| Scope {
        package: Some("lodash".to_owned()),
        versions: versions.map(str::to_owned),
        ..Scope::default()
    };
    assert_eq!(decided(package(None)), [1, 2, 3, 4]);
    assert_eq!(decided(package(Some(">=4.17, <5"))), [1, 2], "a version of another kind is in no range");
    let flaw = Scope { advisories: vec!["CVE-1".to_owned(), "GHSA-1".to_owned()], ..Scope::default() };
    assert_eq!(decided(flaw), [1, 2, 3]);
}

#[test]
fn a_scope_that_says_nothing_or_too_much_is_refused() {
    let desk = desk();
    let refused = |scope: Scope| {
        let request = Request { scope: Some(scope), ..request(Op::AcceptRisk, &[1]) };
        desk.decide(&request, at(0)).unwrap_err().to_string()
    };
    assert!(refused(Scope::default()).contains("names neither"));
    assert!(refused(Scope { path: Some("**".to_owned()), ..Scope::default() }).contains("names neither"));
    let rule = || Scope { rule: Some("B602".to_owned()), ..Scope::default() };
    assert!(refused(Scope { path: Some("[".to_owned()), ..rule() }).contains("glob"));
    assert!(refused(Scope { versions: Some("1".to_owned()), ..rule() }).contains("versions of no package"));
    let comment = Request { scope: Some(rule()), ..request(Op::Comment, &[1]) };
    assert!(desk.decide(&comment, at(0)).unwrap_err().to_string().contains("has no scope"));
    let board = desk.board();
    for words in ["all", "package", "advisory", "advisory:x", ""] {
        assert!(scope_of(&board, &[0], words).unwrap_err().to_string().contains("no scope"), "{words}");
    }
    assert_eq!(scope_of(&board, &[0], "finding"), Ok(None));
}

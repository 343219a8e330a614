//! Two clones decide apart and are merged by git.

use std::path::Path;
use std::process::Command;

use quell::ledger;
use quell::model::decision::{Flag, Op, Status};

use super::support::{Desk, hit};
use crate::support::tree::Tree;

/// Runs git, which has to succeed; what it says.
#[track_caller]
pub(super) fn git(folder: &Path, arguments: &[&str]) -> String {
    let who = ["-c", "user.name=A Tester", "-c", "user.email=tester@example.org", "-c", "commit.gpgsign=false"];
    let output = Command::new("git").current_dir(folder).args(who).args(arguments).output().unwrap();
    let said = || String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{arguments:?}: {}", said());
    String::from_utf8(output.stdout).unwrap()
}

pub(super) fn commit(desk: &Desk) {
    git(desk.tree.root(), &["add", "-A"]);
    git(desk.tree.root(), &["commit", "-q", "-m", "decide"]);
}

fn desk() -> Desk {
    Desk::new(vec![hit(1, "a.py", 3), hit(2, "b.py", 3)])
}

pub(super) fn clone(desk: &Desk) -> Desk {
    let tree = Tree::plain(&[]);
    git(tree.root(), &["clone", "-q", desk.tree.root().to_str().unwrap(), "."]);
    Desk { tree, hits: desk.hits.clone(), made: desk.made }
}

/// Merges each into the other; both must come out the same.
fn merge(ours: &Desk, theirs: &Desk) {
    commit(ours);
    commit(theirs);
    let pull = |to: &Desk, from: &Desk| {
        git(to.tree.root(), &["pull", "-q", "--no-rebase", "--no-edit", from.tree.root().to_str().unwrap(), "main"]);
    };
    pull(ours, theirs);
    pull(theirs, ours);
    assert_eq!(ledger::read(&ours.tree.repo()).events, ledger::read(&theirs.tree.repo()).events);
    assert!(ledger::read(&ours.tree.repo()).problems.is_empty());
}

#[test]
fn decisions_about_other_findings_are_joined() {
    let ours = desk();
    let theirs = clone(&ours);
    ours.did(Op::AcceptRisk, &[1], 0);
    theirs.did(Op::FalsePositive, &[2], 0);
    merge(&ours, &theirs);
    ours.check(1, Status::Accepted, &[]);
    ours.check(2, Status::FalsePositive, &[]);
}

#[test]
fn decisions_that_disagree_are_a_conflict_as_open_as_the_most_open() {
    let ours = desk();
    ours.did(Op::Confirm, &[1], 0);
    commit(&ours);
    let theirs = clone(&ours);
    ours.did(Op::AcceptRisk, &[1], 1);
    theirs.did(Op::Reopen, &[1], 2);
    merge(&ours, &theirs);
    ours.check(1, Status::Open, &[Flag::DecisionConflict]);
    ours.did(Op::FalsePositive, &[1], 3);
    ours.check(1, Status::FalsePositive, &[]);
}

#[test]
fn the_same_decision_twice_is_no_conflict() {
    let ours = desk();
    let theirs = clone(&ours);
    ours.did(Op::FalsePositive, &[1], 0);
    theirs.did(Op::FalsePositive, &[1], 1);
    merge(&ours, &theirs);
    ours.check(1, Status::FalsePositive, &[]);
}

#[test]
fn a_revoke_is_never_lost() {
    let ours = desk();
    let accepted = ours.did(Op::AcceptRisk, &[1], 0);
    commit(&ours);
    let theirs = clone(&ours);
    // Ours goes back and forth; theirs takes it back once, under another name.
    git(theirs.tree.root(), &["config", "user.name", "Another"]);
    theirs.revoke(&accepted, 1);
    ours.revoke(&accepted, 2);
    ours.restore(&accepted, 3).unwrap();
    ours.check(1, Status::Accepted, &[]);
    merge(&ours, &theirs);
    ours.check(1, Status::Open, &[]);
    theirs.check(1, Status::Open, &[]);
}

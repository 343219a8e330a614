//! Where decisions are kept: drafts, a ref of their own, another repository, other branches.

use std::fs;

use quell::ledger;
use quell::ledger::home::unshared;
use quell::ledger::publish::publish;
use quell::model::decision::{Op, Origin, Status};
use quell::model::id::FindingId;

use super::merge::{clone, commit, git};
use super::support::{Desk, TODAY, at, hit, request};

fn desk() -> Desk {
    Desk::new(vec![hit(1, "a.py", 3), hit(2, "b.py", 3)])
}

fn with(config: &str) -> Desk {
    let desk = desk();
    desk.tree.write(".quell/config.toml", config);
    desk
}

fn origins(desk: &Desk) -> Vec<Origin> {
    ledger::read(&desk.tree.repo()).events.iter().map(|event| event.origin).collect()
}

/// Files of decisions in the tree.
fn files(desk: &Desk) -> usize {
    desk.tree.files().iter().filter(|path| path.starts_with(".quell/decisions/2")).count()
}

#[test]
fn drafts_are_private_until_they_are_published() {
    let desk = with("[ledger]\ndrafts = true\n");
    let decided = desk.decide(&request(Op::AcceptRisk, &[1]), at(0)).unwrap();
    assert_eq!((decided.origin, files(&desk)), (Origin::Draft, 0));
    desk.check(1, Status::Accepted, &[]);
    let words = unshared(&desk.tree.repo()).words();
    assert_eq!(words, ["1 decision is a draft: share it with quell ledger publish"]);
    let done = publish(&desk.tree.repo()).unwrap();
    assert_eq!((done.events, done.is_tree, files(&desk)), (1, true, 1));
    desk.check(1, Status::Accepted, &[]);
    assert_eq!(origins(&desk), [Origin::Tree]);
    let left = unshared(&desk.tree.repo());
    assert_eq!((left.drafts, left.uncommitted), (0, 1));
    assert_eq!(publish(&desk.tree.repo()).unwrap().events, 0);
}

#[test]
fn a_publication_that_was_interrupted_counts_once() {
    let desk = with("[ledger]\ndrafts = true\n");
    desk.did(Op::AcceptRisk, &[1], 0);
    let drafts = desk.tree.repo().state_dir().join("drafts/decisions");
    let file = fs::read_dir(&drafts).unwrap().next().unwrap().unwrap().path();
    let text = fs::read_to_string(&file).unwrap();
    publish(&desk.tree.repo()).unwrap();
    fs::write(&file, text).unwrap();
    let read = ledger::read(&desk.tree.repo());
    assert_eq!((read.events.len(), read.problems.len()), (1, 0));
    publish(&desk.tree.repo()).unwrap();
    assert!(!file.exists());
}

#[test]
fn a_ref_keeps_decisions_without_touching_the_tree() {
    let desk = with("[ledger]\nref = \"quell/decisions\"\n");
    let (before, head) = (desk.tree.files(), desk.tree.repo().head());
    let accepted = desk.decide(&request(Op::AcceptRisk, &[1]), at(0)).unwrap();
    desk.did(Op::FalsePositive, &[2], 1);
    assert_eq!((accepted.origin, origins(&desk)), (Origin::Ref, vec![Origin::Ref; 2]));
    desk.check(1, Status::Accepted, &[]);
    assert_eq!((desk.tree.files(), desk.tree.repo().head()), (before, head));
    assert_eq!(git(desk.tree.root(), &["rev-list", "--count", "quell/decisions"]), "2\n");
    assert_eq!(unshared(&desk.tree.repo()).count(), 0);

    // A clone has the branch of the remote, goes on from it, and both meet again.
    commit(&desk);
    let other = clone(&desk);
    other.check(1, Status::Accepted, &[]);
    other.did(Op::Reopen, &[1], 2);
    other.check(1, Status::Open, &[]);
    git(other.tree.root(), &["push", "-q", "origin", "quell/decisions"]);
    desk.check(1, Status::Open, &[]);
    let names = git(desk.tree.root(), &["ls-tree", "-r", "--name-only", "quell/decisions"]);
    assert_eq!(names.lines().count(), 4, "{names}");
    assert!(names.lines().all(|name| name.starts_with(".quell/decisions/")), "{names}");
}

#[test]
fn a_configuration_cannot_have_any_other_ref_written() {
    for name in
        ["main", "refs/heads/main", "quell/", "refs/tags/v1", "-x", "quell/../main", "refs/remotes/origin/quell"]
    {
        let desk = with(&format!("[ledger]\nref = \"{name}\"\n"));
        let head = git(desk.tree.root(), &["for-each-ref"]);
        let problem = desk.decide(&request(Op::AcceptRisk, &[1]), at(0)).unwrap_err();
        assert!(problem.to_string().contains("no ref that Quell writes"), "{problem}");
        assert_eq!(git(desk.tree.root(), &["for-each-ref"]), head);
        assert_eq!(ledger::read(&desk.tree.repo()).problems.len(), 1);
    }
    let desk = with("[ledger]\nref = \"quell/decisions\"\n");
    git(desk.tree.root(), &["checkout", "-q", "-b", "quell/decisions"]);
    let problem = desk.decide(&request(Op::AcceptRisk, &[1]), at(0)).unwrap_err();
    assert!(problem.to_string().contains("checked out"), "{problem}");
}

#[test]
fn a_configuration_that_is_not_understood_is_not_guessed() {
    for config in ["[ledger]\ndraft = true\n", "[ledger]\ndrafts = 1\n", "[ledger\n", "[ledger]\nrun = \"sh\"\n"] {
        let desk = with(config);
        let problem = desk.decide(&request(Op::AcceptRisk, &[1]), at(0)).unwrap_err();
        assert!(problem.to_string().contains(".quell/config.toml"), "{problem}");
        assert_eq!(files(&desk), 0);
    }
}

#[test]
fn another_repository_keeps_decisions_where_git_of_this_clone_says_so() {
    let (desk, other) = (desk(), desk());
    let path = other.tree.root().to_str().unwrap();
    git(desk.tree.root(), &["config", "quell.ledger", path]);
    desk.did(Op::AcceptRisk, &[1], 0);
    assert_eq!((files(&desk), files(&other)), (0, 1));
    desk.check(1, Status::Accepted, &[]);
    assert_eq!(unshared(&desk.tree.repo()).uncommitted, 1);
    // The tree itself cannot say so.
    let hostile = with(&format!("[ledger]\nrepository = \"{path}\"\n"));
    assert!(hostile.decide(&request(Op::AcceptRisk, &[1]), at(0)).is_err());
    assert_eq!(files(&other), 1);
    git(desk.tree.root(), &["config", "quell.ledger", "../not-there"]);
    assert!(desk.decide(&request(Op::AcceptRisk, &[1]), at(1)).is_err());
    desk.check(1, Status::Open, &[]);
    // What the tree brings along did not count while the other one was there, and does not now.
    git(desk.tree.root(), &["config", "--unset", "quell.ledger"]);
    desk.did(Op::AcceptRisk, &[2], 2);
    desk.check(2, Status::Accepted, &[]);
    for elsewhere in [path, "../not-there"] {
        git(desk.tree.root(), &["config", "quell.ledger", elsewhere]);
        desk.check(2, Status::Open, &[]);
    }
}

/// A repository with a release branch that reads what main decided, on that branch.
fn released(branches: &[&str]) -> Desk {
    let desk = with("[ledger]\nalso = [\"main\"]\n");
    commit(&desk);
    git(desk.tree.root(), &["branch", "release/1"]);
    let mut accept = request(Op::AcceptRisk, &[1]);
    accept.branches = branches.iter().map(|&branch| branch.to_owned()).collect();
    desk.decide(&accept, at(0)).unwrap();
    commit(&desk);
    git(desk.tree.root(), &["checkout", "-q", "release/1"]);
    desk
}

#[test]
fn what_main_accepted_a_release_branch_in_its_scope_sees() {
    let desk = released(&["main", "release/*"]);
    assert_eq!(files(&desk), 0);
    desk.check(1, Status::Accepted, &[]);
    assert_eq!(origins(&desk), [Origin::Elsewhere]);
    // Withdrawn on main, it is withdrawn here.
    git(desk.tree.root(), &["checkout", "-q", "main"]);
    desk.check(1, Status::Accepted, &[]);
    desk.did(Op::Reopen, &[1], 1);
    commit(&desk);
    git(desk.tree.root(), &["checkout", "-q", "release/1"]);
    desk.check(1, Status::Open, &[]);
}

#[test]
fn a_release_branch_out_of_its_scope_does_not() {
    released(&[]).check(1, Status::Open, &[]);
    released(&["main"]).check(1, Status::Open, &[]);
    released(&["release/2*"]).check(1, Status::Open, &[]);
}

#[test]
fn a_decision_bound_to_branches_leaves_the_others_as_they_were() {
    let desk = desk();
    desk.did(Op::AcceptRisk, &[1], 0);
    let mut reopen = request(Op::Reopen, &[1]);
    reopen.branches = vec!["release/*".to_owned()];
    desk.decide(&reopen, at(1)).unwrap();
    desk.check(1, Status::Accepted, &[]);
    git(desk.tree.root(), &["checkout", "-q", "-b", "release/1"]);
    desk.check(1, Status::Open, &[]);
    commit(&desk);
    // A build server has no branch, only a commit: the branches that stand there count, or the name that it is told.
    git(desk.tree.root(), &["checkout", "-q", "--detach"]);
    desk.check(1, Status::Open, &[]);
    git(desk.tree.root(), &["branch", "-q", "-D", "release/1"]);
    desk.check(1, Status::Accepted, &[]);
    let (repo, board) = (desk.tree.repo().on_branch("release/9"), desk.board());
    let standings = ledger::standings(&repo, &board.backlog, &board.events, TODAY);
    assert_eq!(standings[board.backlog.find(FindingId(1)).unwrap()].status, Status::Open);
    reopen.branches = vec!["[".to_owned()];
    assert!(desk.decide(&reopen, at(2)).unwrap_err().to_string().contains("glob"));
}

//! A report of a branch that is not checked out any more, or of changes that were put away: what stands there now was not
//! written since, and is not what was scanned.

use std::fs::{self, File};
use std::process::Command;
use std::time::{Duration, UNIX_EPOCH};

use quell::fix::{Choice, plan};
use quell::model::fix::Proposal;

use super::case::{FIRST, With, after, fix, line, outcome, planned, verdicts};
use crate::support::tree::Tree;

fn services(names: &[&str]) -> String {
    names.iter().map(|name| format!("{name}:\n  image: x\n  privileged: true\n")).collect()
}

/// A fix for the line of a service, by the text that the report shows, or without any.
fn fix_of(number: u32, made: i64, is_shown: bool) -> Proposal {
    let proposal = fix("a.yaml", line(number), "  privileged: false").made(made);
    if is_shown { proposal.seen(line(number), "  privileged: true") } else { proposal }
}

fn git(tree: &Tree, at: i64, words: &[&str]) {
    let date = format!("{at} +0000");
    let done = Command::new("git")
        .current_dir(tree.root())
        .args(words)
        .envs([("GIT_AUTHOR_DATE", &date), ("GIT_COMMITTER_DATE", &date)])
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(done.status.success(), "{words:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// `main` has one service; `feature` has another above it, and was checked out when it was scanned. Now it is `main` again.
fn switched() -> Tree {
    let tree = Tree::git(&[("a.yaml", &services(&["db"])), ("b.yaml", &services(&["mail"]))]);
    git(&tree, FIRST + 10, &["checkout", "-q", "-b", "feature"]);
    tree.write("a.yaml", &services(&["api", "db"]));
    tree.commit("one more", FIRST + 20);
    git(&tree, FIRST + 90, &["checkout", "-q", "main"]);
    tree
}

const SCANNED: i64 = FIRST + 60;

#[test]
fn the_look_alike_on_another_branch_is_not_written() {
    for is_shown in [true, false] {
        let tree = switched();
        let (verdict, why, after) = outcome(&tree, fix_of(3, SCANNED, is_shown));
        assert_eq!((verdict.as_str(), after), ("needs-you ambiguous", services(&["db"])), "{why}");
    }
    // The time of the report file says no more than that.
    let tree = switched();
    let old = File::options().write(true).open(tree.root().join("a.yaml")).unwrap();
    old.set_modified(UNIX_EPOCH + Duration::from_secs((SCANNED - 1).cast_unsigned())).unwrap();
    assert_eq!(outcome(&tree, fix_of(3, SCANNED, true).found(SCANNED)).0, "needs-you ambiguous");
}

#[test]
fn a_place_that_both_branches_have_is_written() {
    let tree = switched();
    let mail = Proposal { edits: fix("b.yaml", line(3), "  privileged: false").edits, ..fix_of(3, SCANNED, true) };
    let plan = planned(&tree, &[mail.seen(line(3), "  privileged: true")]);
    assert_eq!(verdicts(&plan), ["will-write exact"], "the branches do not differ in it: {}", plan.fixes[0].why);
    git(&tree, FIRST + 95, &["checkout", "-q", "feature"]);
    assert_eq!(outcome(&tree, fix_of(3, SCANNED, true)).0, "will-write exact", "and it is checked out again");
}

#[test]
fn the_block_is_found_on_the_other_branch() {
    // The scan was of `main`, and `feature` with a service more is checked out now.
    let tree = switched();
    git(&tree, FIRST + 200, &["checkout", "-q", "feature"]);
    let proposal = fix_of(3, FIRST + 150, true);
    let undecided = planned(&tree, std::slice::from_ref(&proposal));
    assert_eq!(verdicts(&undecided), ["needs-you ambiguous"], "{}", undecided.fixes[0].why);
    assert_eq!(undecided.fixes[0].places, [3, 6]);
    let choice = Choice { at: vec![(proposal.id, 6)], ..Choice::default() };
    let picked = plan(&tree.repo(), std::slice::from_ref(&proposal), &choice);
    let wanted = services(&["api", "db"]);
    let (head, _) = wanted.rsplit_once("true").unwrap();
    assert_eq!(after(&tree, &picked, "a.yaml"), format!("{head}false\n"));
}

#[test]
fn a_report_of_another_machine_is_exact_where_this_one_had_no_such_code() {
    // Another clone has scanned what is pulled here later.
    let tree = Tree::git(&[("a.yaml", "x: 1\n")]);
    git(&tree, FIRST + 10, &["checkout", "-q", "-b", "theirs"]);
    tree.write("a.yaml", &services(&["api", "db"]));
    tree.commit("theirs", FIRST + 20);
    git(&tree, FIRST + 30, &["checkout", "-q", "main"]);
    git(&tree, FIRST + 90, &["merge", "-q", "--ff-only", "theirs"]);
    assert_eq!(outcome(&tree, fix_of(6, SCANNED, true)).0, "will-write exact");
}

#[test]
fn a_commit_that_was_amended_is_still_what_was_scanned() {
    let tree = Tree::git(&[("a.yaml", &services(&["db"]))]);
    tree.write("a.yaml", &services(&["api", "db"]));
    tree.commit("second", FIRST + 20);
    tree.write("a.yaml", &services(&["web", "api", "db"]));
    git(
        &tree,
        FIRST + 90,
        &["-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qa", "--amend", "-m", "x"],
    );
    // By the times of commits the report would be of the first one, in which the only service stands at its line.
    let (verdict, why, after) = outcome(&tree, fix_of(3, SCANNED, true));
    assert!(verdict.starts_with("needs-you"), "{verdict}: {why}");
    assert_eq!(after, services(&["web", "api", "db"]));
}

#[test]
fn what_was_put_away_after_the_scan_is_not_looked_for_elsewhere() {
    let tree = Tree::git(&[("a.yaml", &services(&["db"]))]);
    let log = tree.root().join(".git/logs/HEAD");
    let at = |path: &std::path::Path, seconds: i64| {
        let file = File::options().write(true).open(path).unwrap();
        file.set_modified(UNIX_EPOCH + Duration::from_secs(seconds.cast_unsigned())).unwrap();
    };
    at(&log, FIRST);
    // A service more was there when it was scanned; `git checkout a.yaml` has taken it away.
    fs::write(tree.root().join("a.yaml"), services(&["db"])).unwrap();
    at(&tree.root().join("a.yaml"), SCANNED + 10);
    let (verdict, why, _) = outcome(&tree, fix_of(3, SCANNED, true));
    assert_eq!(verdict, "needs-you flagged", "{why}");
    assert!(why.contains("written after the report"), "{why}");
    at(&tree.root().join("a.yaml"), SCANNED - 10);
    assert_eq!(outcome(&tree, fix_of(3, SCANNED, true)).0, "will-write exact", "not written since");
    at(&log, SCANNED + 10);
    at(&tree.root().join("a.yaml"), SCANNED + 10);
    assert_eq!(outcome(&tree, fix_of(3, SCANNED, true)).0, "will-write exact", "git may have written it: a clone");
}

//! Repeated blocks: the base decides, or nobody does.

use std::process::Command;

use quell::fix::Choice;
use quell::fix::read::format::{self, Source};
use quell::model::plan::{FixState, Plan};

use super::{plan, read};
use crate::fix::case::{after, planned, verdicts};
use crate::support::tree::Tree;

/// Services that differ in nothing but their number of blocks.
fn blocks(count: usize) -> String {
    "- service:\n    image: x\n    privileged: true\n    user: root\n".repeat(count)
}

/// What git says of the working tree.
fn diff(tree: &Tree, arguments: &[&str]) -> String {
    let output =
        Command::new("git").args(["-C", tree.root().to_str().unwrap(), "diff"]).args(arguments).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// A tree with five blocks, and the diff that changes the one in the middle.
fn middle() -> (Tree, String, String) {
    let tree = Tree::git(&[("c.yml", &blocks(5))]);
    let fixed = blocks(2) + &blocks(1).replace("true", "false") + &blocks(2);
    tree.write("c.yml", &fixed);
    let made = diff(&tree, &[]);
    tree.write("c.yml", &blocks(5));
    (tree, made, fixed)
}

fn without_id(diff: &str) -> String {
    diff.lines().filter(|line| !line.starts_with("index ")).map(|line| format!("{line}\n")).collect()
}

#[test]
fn the_id_of_a_git_diff_is_the_base() {
    let (tree, diff, fixed) = middle();
    let plan = plan(&tree, diff.as_bytes());
    assert_eq!(verdicts(&plan), ["will-write exact"]);
    assert_eq!(after(&tree, &plan, "c.yml"), fixed);
}

#[test]
fn without_a_base_a_block_that_stands_several_times_is_refused() {
    let (tree, diff, _) = middle();
    let plan = plan(&tree, without_id(&diff).as_bytes());
    assert_eq!(verdicts(&plan), ["cannot ambiguous"]);
    assert!(plan.fixes[0].why.contains("stand at lines"), "{}", plan.fixes[0].why);
}

#[test]
fn a_block_that_is_alone_because_its_twin_went_is_left_to_a_person() {
    let two = blocks(1) + "- between\n- these\n- two\n- stand\n" + &blocks(1);
    let tree = Tree::git(&[("c.yml", &two)]);
    let of_second = "--- a/c.yml\n+++ b/c.yml\n@@ @@\n     image: x\n-    privileged: true\n+    privileged: false\n     user: root\n";
    tree.write("c.yml", two.strip_prefix(&blocks(1)).unwrap());
    let proposals = read(&tree, of_second.as_bytes()).proposals;
    let refused = planned(&tree, &proposals);
    assert_eq!(verdicts(&refused), ["needs-you ambiguous"], "{}", refused.fixes[0].why);
    let line = refused.fixes[0].places[0];
    let chosen = Choice { at: vec![(proposals[0].id, line)], ..Choice::default() };
    let chosen = quell::fix::plan(&tree.repo(), &proposals, &chosen);
    assert_eq!(verdicts(&chosen), ["will-write ambiguous"], "{}", chosen.fixes[0].why);
}

#[test]
fn never_the_wrong_block() {
    for count in 2..6 {
        for target in 0..count {
            let tree = Tree::git(&[("c.yml", &blocks(count))]);
            let fixed = |extra: usize| {
                blocks(target + extra) + &blocks(1).replace("true", "false") + &blocks(count - target - 1)
            };
            tree.write("c.yml", &fixed(0));
            let made = diff(&tree, &[]);
            // A block more above: what stands at the stated lines now is another one.
            tree.write("c.yml", &blocks(count + 1));
            if target % 2 == 0 {
                tree.commit("one more", 1_700_000_100);
            }
            for text in [made.clone(), without_id(&made)] {
                let plan = planned(&tree, &read(&tree, text.as_bytes()).proposals);
                let is_right = after(&tree, &plan, "c.yml") == fixed(1);
                assert!(plan.fixes[0].state != FixState::WillWrite || is_right, "{count} {target}\n{text}");
            }
        }
    }
}

#[test]
fn lines_that_moved_are_found_by_an_earlier_version() {
    let text = |head: &str| format!("{head}def f():\n    a()\n    b()\n\ndef g():\n    c()\n");
    let tree = Tree::git(&[("a.py", &text(""))]);
    tree.write("a.py", &text("").replace("b()", "safe()"));
    let made = without_id(&diff(&tree, &[]));
    tree.write("a.py", &text("import x\nimport y\n"));
    tree.commit("imports", 1_700_000_100);
    let plan = plan(&tree, made.as_bytes());
    assert_eq!(verdicts(&plan), ["will-write three-way"], "{}", plan.fixes[0].why);
    assert_eq!(after(&tree, &plan, "a.py"), text("import x\nimport y\n").replace("b()", "safe()"));
}

/// A hunk for the only block of these that has a line of its own near: without a number, or with that of the block.
fn for_last(number: Option<usize>) -> String {
    let at = number.map_or("@@ @@".to_owned(), |line| format!("@@ -{line},3 +{line},3 @@"));
    format!(
        "--- a/c.yml\n+++ b/c.yml\n{at}\n     image: x\n-    privileged: true\n+    privileged: false\n     user: root\n"
    )
}

/// The patch as it was read from a file that was written then.
fn written(tree: &Tree, text: &str, at: &str) -> Plan {
    let source = Source { name: "x.patch", made: at.parse().ok(), ..Source::default() };
    planned(tree, &format::read(&tree.repo(), &source, text.as_bytes()).unwrap().proposals)
}

#[test]
fn what_was_committed_when_the_patch_was_made_counts_more_than_what_is_now() {
    // The second block was meant. It went, and that was committed: the first stands where nothing else does.
    for patch in [for_last(None), for_last(Some(2))] {
        let tree = Tree::git(&[("c.yml", &blocks(2))]);
        tree.write("c.yml", &blocks(1));
        tree.commit("one less", 1_700_000_500);
        let plan = written(&tree, &patch, "2023-11-14T22:15:00Z");
        assert_eq!(verdicts(&plan), ["needs-you ambiguous"], "{}", plan.fixes[0].why);
        let plan = written(&tree, &patch, "2030-01-01T00:00:00Z");
        assert_eq!(verdicts(&plan), ["will-write unique"], "it was made of what is there: {}", plan.fixes[0].why);
    }
}

#[test]
fn a_block_that_took_the_place_of_the_last_one_is_left_to_a_person() {
    let list = |count: usize| format!("services:\n{}- end\n", blocks(count).trim_end_matches("    user: root\n"));
    let body = "     image: x\n-    privileged: true\n+    privileged: false\n - end\n";
    for at in ["@@ @@", "@@ -7,3 +7,3 @@"] {
        let patch = format!("--- a/c.yml\n+++ b/c.yml\n{at}\n{body}");
        let tree = Tree::git(&[("c.yml", &list(2).replacen("service", "first", 1))]);
        assert_eq!(verdicts(&written(&tree, &patch, "2100-01-01T00:00:00Z")), ["will-write unique"]);
        // The last of two was meant. It went, and what was the first is the last.
        tree.write("c.yml", &list(1).replacen("service", "first", 1));
        let plan = written(&tree, &patch, "2023-11-14T22:15:00Z");
        assert_eq!(verdicts(&plan), ["needs-you ambiguous"], "{}", plan.fixes[0].why);
    }
}

#[test]
fn lines_at_their_number_in_a_version_that_repeats_them_prove_nothing() {
    // The patch was made of a file that was never committed, with another block above.
    let tree = Tree::git(&[("c.yml", &blocks(3))]);
    tree.write("c.yml", &blocks(5));
    let plan = written(&tree, &for_last(Some(6)), "2023-11-14T22:15:00Z");
    assert_eq!(verdicts(&plan), ["cannot ambiguous"], "{}", plan.fixes[0].why);
}

#[test]
fn a_file_without_history_that_was_written_after_the_patch_needs_a_person() {
    let tree = Tree::plain(&[("c.yml", &blocks(1))]);
    let plan = written(&tree, &for_last(None), "2023-11-14T22:15:00Z");
    assert_eq!(verdicts(&plan), ["needs-you flagged"], "{}", plan.fixes[0].why);
    assert!(plan.fixes[0].why.contains("what was scanned cannot be found"), "{}", plan.fixes[0].why);
    let plan = written(&tree, &for_last(None), "2100-01-01T00:00:00Z");
    assert_eq!(verdicts(&plan), ["will-write unique"], "{}", plan.fixes[0].why);
}

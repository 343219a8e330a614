//! Repeated blocks: the base decides, or nobody does.

use std::process::Command;

use quell::model::plan::FixState;

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
fn a_block_that_is_alone_because_its_twin_went_is_refused() {
    let two = blocks(1) + "- between\n- these\n- two\n- stand\n" + &blocks(1);
    let tree = Tree::git(&[("c.yml", &two)]);
    let of_second = "--- a/c.yml\n+++ b/c.yml\n@@ @@\n     image: x\n-    privileged: true\n+    privileged: false\n     user: root\n";
    tree.write("c.yml", two.strip_prefix(&blocks(1)).unwrap());
    let plan = plan(&tree, of_second.as_bytes());
    assert_eq!(verdicts(&plan), ["cannot ambiguous"], "{}", plan.fixes[0].why);
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
    assert_eq!(verdicts(&plan), ["will-write unique"], "{}", plan.fixes[0].why);
    assert_eq!(after(&tree, &plan, "a.py"), text("import x\nimport y\n").replace("b()", "safe()"));
}

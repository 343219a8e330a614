//! What git makes of its own diffs is what Quell makes of them.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use proptest::prelude::*;
use quell::model::plan::FixState;

use super::read;
use crate::fix::case::kept;
use crate::support::thorough::count;
use crate::support::tree::Tree;

fn git(root: &Path, arguments: &[&str]) -> Output {
    Command::new("git")
        .arg("-C")
        .arg(root)
        .args(["-c", "core.autocrlf=false", "-c", "core.safecrlf=false"])
        .args(arguments)
        .output()
        .unwrap()
}

/// Lines of few kinds, so that they repeat, with some end or other.
fn text() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        Just("a"),
        Just("b"),
        Just(""),
        Just("  c = 1"),
        Just("\td"),
        Just("-- x"),
        Just("++ y"),
        Just("é"),
        Just("@@ z")
    ];
    let end = prop_oneof![4 => Just("\n"), 1 => Just("\r\n")];
    (proptest::collection::vec((line, end), 0..40), any::<bool>(), any::<bool>()).prop_map(
        |(lines, is_ended, has_mark)| {
            let text: String = lines.iter().map(|(line, end)| format!("{line}{end}")).collect();
            let text = if is_ended { text } else { text.trim_end().to_owned() };
            if has_mark { format!("\u{feff}{text}") } else { text }
        },
    )
}

/// Replaces some lines of a text.
fn edited(text: &str, at: usize, removed: usize, added: &str) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let at = at.min(lines.len());
    let end = (at + removed).min(lines.len());
    lines[..at].concat() + added + &lines[end..].concat()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: count(60), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_diff_of_git_gives_the_same_bytes(
        before in text(),
        other in text(),
        edits in proptest::collection::vec((0_usize..40, 0_usize..4, prop_oneof![Just("new\n"), Just("x\r\ny\n"), Just("")]), 1..4),
        context in prop_oneof![Just("-U3"), Just("-U1"), Just("-U0")],
        has_id in any::<bool>(),
    ) {
        prop_assume!(!before.is_empty());
        let after = edits.iter().fold(before.clone(), |text, (at, removed, added)| edited(&text, *at, *removed, added));
        prop_assume!(!after.is_empty() && after != before);
        let tree = Tree::git(&[("f.txt", &before), ("g.txt", &other)]);
        tree.write("f.txt", &after);
        let diff = git(tree.root(), &["diff", context, "--no-ext-diff"]).stdout;
        tree.write("f.txt", &before);
        let diff = if has_id {
            diff
        } else {
            diff.split_inclusive(|byte| *byte == b'\n').filter(|line| !line.starts_with(b"index ")).collect::<Vec<_>>().concat()
        };
        let plan = kept(&tree, &read(&tree, &diff).proposals);
        let shown = String::from_utf8_lossy(&diff).into_owned();
        if has_id {
            prop_assert_eq!(plan.fixes[0].state, FixState::WillWrite, "{}\n{}", &plan.fixes[0].why, shown);
        }
        if plan.fixes[0].state == FixState::WillWrite {
            let made = String::from_utf8(plan.files[0].after.to_vec()).unwrap();
            prop_assert_eq!(made, after, "{}", shown);
        }
    }
}

#[test]
fn git_applies_the_preview_of_a_diff() {
    let tree = Tree::git(&[("a b.txt", "one\r\ntwo\r\nthree")]);
    tree.write("a b.txt", "one\r\n2\r\nthree");
    let diff = git(tree.root(), &["diff"]).stdout;
    tree.write("a b.txt", "one\r\ntwo\r\nthree");
    let plan = kept(&tree, &read(&tree, &diff).proposals);
    let file = &plan.files[0];
    let preview = quell::fix::diff::unified(&file.path, &file.before, &file.after);
    fs::write(tree.root().join("p.diff"), preview).unwrap();
    let applied = git(tree.root(), &["apply", "p.diff"]);
    assert!(applied.status.success(), "{applied:?}");
    assert_eq!(tree.text("a b.txt"), "one\r\n2\r\nthree");
}

//! Diffs that are made to do harm.

use std::fs;
use std::os::unix::fs::symlink;

use proptest::prelude::*;
use quell::fix::read::format::{self, Source};
use quell::model::fix::FileOp;
use quell::model::plan::{FixState, PlannedFile};

use super::{FILE, plan, read};
use crate::support::thorough::count;
use crate::support::tree::Tree;

#[test]
fn no_path_leads_out_of_the_repository() {
    let outside = tempfile::TempDir::new().unwrap();
    fs::write(outside.path().join("a.txt"), FILE).unwrap();
    let tree = Tree::git(&[("a.txt", FILE), ("sub/a.txt", "x\n")]);
    symlink(outside.path(), tree.root().join("link")).unwrap();
    symlink(outside.path().join("a.txt"), tree.root().join("l.txt")).unwrap();
    fs::write(tree.root().join(".git/a.txt"), FILE).unwrap();
    let absolute = outside.path().join("a.txt").to_str().unwrap().to_owned();
    let up = format!("../{}/a.txt", outside.path().file_name().unwrap().to_str().unwrap());
    let names = [
        absolute.as_str(),
        up.as_str(),
        "sub/../../a.txt",
        ".git/a.txt",
        ".GIT/a.txt",
        "git~1/a.txt",
        ".git\u{200c}/a.txt",
        "link/a.txt",
        "l.txt",
        "sub\\..\\a.txt",
        "a.txt\0",
        "/dev/null",
        "",
    ];
    for name in names {
        let diffs = [
            format!("--- {name}\n+++ {name}\n@@ -1 +1 @@\n-one\n+1\n"),
            format!("--- a/{name}\n+++ b/{name}\n@@ -1 +1 @@\n-one\n+1\n"),
            format!("diff --git a/{name} b/{name}\n--- a/{name}\n+++ b/{name}\n@@ -1 +1 @@\n-one\n+1\n"),
            format!("*** Begin Patch\n*** Update File: {name}\n@@\n-one\n+1\n*** End Patch\n"),
            format!(
                "{{\"diagnostics\":[{{\"message\":\"m\",\"location\":{{\"path\":{name:?}}},\"suggestions\":[{{\"range\":{{\"start\":{{\"line\":1}}}},\"text\":\"1\"}}]}}]}}"
            ),
        ];
        for diff in &diffs {
            let source = Source { name: "x", ..Source::default() };
            let Some(read) = format::read(&tree.repo(), &source, diff.as_bytes()) else { continue };
            let plan = crate::fix::case::kept(&tree, &read.proposals);
            let paths: Vec<&str> = plan.files.iter().map(|file| file.path.as_str()).collect();
            // `diff -r` puts a folder in front of each name: without it, `.GIT/a.txt` may mean `a.txt`.
            assert!(paths.iter().all(|path| *path == "a.txt"), "{name}: {paths:?}");
        }
    }
    assert_eq!(fs::read_to_string(outside.path().join("a.txt")).unwrap(), FILE);
}

#[test]
fn a_link_that_a_diff_makes_is_not_followed() {
    let tree = Tree::git(&[("a.txt", FILE)]);
    let text = "diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/etc\n\\ No newline at end of file\n\
        diff --git a/l/x b/l/x\nnew file mode 100644\n--- /dev/null\n+++ b/l/x\n@@ -0,0 +1 @@\n+x\n";
    let plan = plan(&tree, text.as_bytes());
    assert_eq!(plan.fixes[0].state, FixState::Cannot);
    assert_eq!(tree.files(), ["a.txt"]);
}

#[test]
fn a_million_hunks_are_refused_and_many_are_read() {
    let tree = Tree::git(&[("a.txt", &"x\n".repeat(2_000))]);
    let many = |count: usize| "--- a.txt\n+++ a.txt\n".to_owned() + &"@@ -1 +1 @@\n-x\n+y\n".repeat(count);
    let refused = read(&tree, many(1_000_000).as_bytes());
    assert!(refused.proposals.is_empty() && refused.problems[0].reason.contains("more than 100000 changes"));
    let plan = plan(&tree, many(90_000).as_bytes());
    assert_eq!(plan.fixes[0].state, FixState::Cannot);
}

#[test]
fn odd_bytes_break_nothing() {
    let tree = Tree::git(&[("a.txt", FILE)]);
    let body: Vec<u8> = (0..=255_u8).filter(|byte| *byte != b'\n').collect();
    for head in [
        "--- a.txt\n+++ a.txt\n@@ -1 +1 @@\n-one\n+",
        "--- a.txt\n+++ a.txt\n@@ -99999999999999999999,1 +1 @@\n-",
        "diff --git ",
        "--- \"a\\",
        "@@ -1 +1 @@\n+",
    ] {
        let text = [head.as_bytes(), &body, b"\n"].concat();
        let source = Source { name: "x", ..Source::default() };
        let read = format::read(&tree.repo(), &source, &text).unwrap_or_default();
        let plan = crate::fix::case::planned(&tree, &read.proposals);
        // What adds control characters is for a person to look at.
        assert!(plan.files.is_empty(), "{head}");
    }
}

#[test]
fn a_binary_file_is_not_edited() {
    let tree = Tree::git(&[("a.txt", "one\n\0two\n")]);
    let plan = plan(&tree, b"--- a.txt\n+++ a.txt\n@@ -1 +1 @@\n-one\n+1\n");
    assert_eq!(plan.fixes[0].state, FixState::Cannot);
}

/// One text of each format.
const SAMPLES: [&str; 7] = [
    "diff --git a/a.txt b/b.txt\nrename from a.txt\nrename to b.txt\n--- a/a.txt\n+++ b/b.txt\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n\
     diff --git a/n/c.txt b/n/c.txt\nnew file mode 100644\n--- /dev/null\n+++ b/n/c.txt\n@@ -0,0 +1 @@\n+x\n",
    "From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\nSubject: [PATCH] x\n\n---\ndiff --git a/a.txt b/a.txt\n\
     index 1234567..89abcde 100644\n--- a/a.txt\n+++ b/a.txt\n@@ -1,3 +1,3 @@ one\n one\n-two\n+2\n three\n\\ No newline at end of file\n-- \n2.47.3\n",
    "--- \"a/\\141.txt\"\t2026-01-01\n+++ a.txt\n@@ @@\n one\n\n-two\n+2\n```\n",
    "a.txt\n```\n<<<<<<< SEARCH\ntwo\n=======\n2\n>>>>>>> REPLACE\n```\n",
    "*** Begin Patch\n*** Update File: a.txt\n@@ one\n-two\n+2\n*** End of File\n*** End Patch\n",
    "{\"message\":\"m\",\"location\":{\"path\":\"a.txt\"},\"suggestions\":[{\"range\":{\"start\":{\"line\":2,\"column\":1},\"end\":{\"line\":2,\"column\":4}},\"text\":\"2\"}]}\n",
    "---\nMainSourceFile: 'a.txt'\nDiagnostics:\n  - DiagnosticName: x\n    DiagnosticMessage:\n      Message: 'm'\n      Replacements:\n        \
     - FilePath: a.txt\n          Offset: 4\n          Length: 3\n          ReplacementText: \"2\\n\"\n...\n",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: count(100), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn broken_texts_change_nothing_but_files_that_are_there_or_new(
        sample in 0_usize..SAMPLES.len(),
        cuts in proptest::collection::vec((0_usize..400, 0_usize..12, "[ -~\\n]{0,6}|\u{202e}|\\.\\./|9999999999"), 1..6),
    ) {
        let tree = Tree::git(&[("a.txt", FILE)]);
        let mut text = SAMPLES[sample].as_bytes().to_vec();
        for (at, removed, added) in cuts {
            let at = at.min(text.len());
            let end = (at + removed).min(text.len());
            text.splice(at..end, added.into_bytes());
        }
        let source = Source { name: "x", made: "2100-01-01T00:00:00Z".parse().ok(), ..Source::default() };
        let read = format::read(&tree.repo(), &source, &text).unwrap_or_default();
        let plan = crate::fix::case::kept(&tree, &read.proposals);
        let is_known = |file: &PlannedFile| file.path == "a.txt" && *file.before == *FILE.as_bytes();
        let is_new = |file: &PlannedFile| file.op == FileOp::Create && !tree.root().join(&file.path).exists();
        prop_assert!(plan.files.iter().all(|file| is_known(file) || is_new(file)));
        prop_assert_eq!(tree.text("a.txt"), FILE);
    }
}

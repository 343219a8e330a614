//! `fix --fixes`: diffs and the like beside reports, and without any.

use std::fs::{self, File};
use std::io::Write;
use std::process::Stdio;

use super::shop::{RUN_PY, git_takes, id, program, quell, shop, status};
use crate::support::tree::Tree;

const DIFF: &str = "--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,2 @@\n-one\n+1\n two\n";

/// Changes a line that the report flags.
const RUN_DIFF: &str = "--- a/src/run.py\n+++ b/src/run.py\n@@ -1,3 +1,3 @@\n import subprocess\n subprocess.run(cmd,\n-    shell=True)\n+    shell=None)\n";

/// A repository without reports, and a file of fixes beside it.
fn bare(name: &str, text: &str) -> (Tree, String) {
    let tree = Tree::git(&[("a.txt", "one\ntwo\n"), ("sub/b.txt", "x\n")]);
    let file = tree.state().join(name);
    fs::write(&file, text).unwrap();
    (tree, file.to_str().unwrap().to_owned())
}

#[test]
fn a_diff_is_written_where_there_is_no_report() {
    let (tree, file) = bare("x.patch", DIFF);
    let preview = quell(&tree, &["fix", "--fixes", &file]).ok();
    assert!(git_takes(tree.root(), &preview.out), "{preview:?}");
    let listed = quell(&tree, &["fix", "--fixes", &file, "--format", "json"]).ok().json();
    let one = &listed[0];
    assert_eq!(
        (one["title"].as_str(), one["state"].as_str(), one["finding"].is_null()),
        (Some("x.patch"), Some("will-write"), true)
    );
    assert_eq!(one["applied"], false);
    quell(&tree, &["fix", "--fixes", &file, "--apply"]).ok();
    assert_eq!(tree.text("a.txt"), "1\ntwo\n");
    quell(&tree, &["undo"]).ok();
    assert_eq!(tree.text("a.txt"), "one\ntwo\n");
    let by_id = quell(&tree, &["fix", one["id"].as_str().unwrap(), "--fixes", &file, "--apply"]).ok();
    assert_eq!(tree.text("a.txt"), "1\ntwo\n", "{by_id:?}");
}

#[test]
fn a_diff_that_cannot_be_written_says_so_with_4() {
    let (tree, file) = bare("x.patch", &DIFF.replace("-one", "-eins"));
    let ran = quell(&tree, &["fix", "--fixes", &file, "--apply"]);
    assert!(ran.code == 4 && ran.err.contains("do not stand in the file"), "{ran:?}");
    assert_eq!(tree.text("a.txt"), "one\ntwo\n");
}

#[test]
fn an_answer_that_is_cut_off_is_no_success() {
    let (tree, file) = bare("x.txt", "*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+1\n");
    for more in [&[][..], &["--apply"]] {
        let ran = quell(&tree, &[&["fix", "--fixes", &file], more].concat());
        assert!(ran.code == 3 && ran.err.contains("may be cut off"), "{ran:?}");
    }
    let gone = quell(&tree, &["fix", "--fixes", "gone.patch"]);
    assert!(gone.code == 3 && gone.err.starts_with("gone.patch: no such file or directory; "), "{gone:?}");
}

#[test]
fn a_line_for_a_fix_that_has_one_place_is_refused() {
    let (tree, file) = bare("x.patch", DIFF);
    let id = quell(&tree, &["fix", "--fixes", &file, "--format", "json"]).ok().json()[0]["id"].clone();
    let at = format!("{}=2", id.as_str().unwrap());
    let ran = quell(&tree, &["fix", "--fixes", &file, "--at", &at, "--apply"]);
    assert!(ran.code == 2 && ran.err.contains("it has one place only (a.txt: line 1: "), "{ran:?}");
    assert_eq!(tree.text("a.txt"), "one\ntwo\n");
}

#[test]
fn nothing_to_show_is_said() {
    let (tree, file) = bare("x.patch", DIFF);
    let ran = quell(&tree, &["fix", "-q", "rule:none"]).ok();
    assert!(ran.out.is_empty() && ran.err.contains("there is no fix in what is asked for"), "{ran:?}");
    assert!(!quell(&tree, &["fix", "--fixes", &file]).ok().err.contains("there is no fix"));
}

#[test]
fn a_diff_belongs_to_the_findings_whose_lines_it_changes() {
    let tree = shop();
    let id = id(&tree, "rule:A1");
    tree.write("x.patch", RUN_DIFF);
    let listed = quell(&tree, &["fix", "--fixes", "x.patch", "--format", "json"]).ok().json();
    assert_eq!(listed.as_array().unwrap().len(), 1, "the fixes of reports were not asked for: {listed}");
    assert_eq!(listed[0]["finding"], id.as_str());
    // What a person names goes before what the report has.
    quell(&tree, &["fix", &id, "--fixes", "x.patch", "--apply"]).ok();
    assert_eq!(tree.text("src/run.py"), RUN_PY.replace("True", "None"));
    assert_eq!(status(&tree, &id), "fix-applied");
    quell(&tree, &["undo"]).ok();
    quell(&tree, &["fix", &id, "--fixes", "x.patch", "--alternative", "2", "--apply"]).ok();
    assert_eq!(tree.text("src/run.py"), RUN_PY.replace("True", "False"));
}

#[test]
fn one_patch_for_two_findings_is_written_once_and_recorded_for_both() {
    let tree = shop();
    let both = format!(
        "{RUN_DIFF}--- a/src/keys.py\n+++ b/src/keys.py\n@@ -1 +1 @@\n-key = 'AKIAQ7EXAMPLE9KEY0042'\n+key = load()\n"
    );
    tree.write("x.patch", &both);
    let listed = quell(&tree, &["fix", "--fixes", "x.patch", "--format", "json"]).ok().json();
    let findings: Vec<&str> =
        [&listed[0]["finding"], &listed[0]["also"][0]].iter().map(|id| id.as_str().unwrap()).collect();
    quell(&tree, &["fix", "--fixes", "x.patch", "--apply"]).ok();
    assert_eq!(tree.text("src/keys.py"), "key = load()\n");
    assert!(findings.iter().all(|id| status(&tree, id) == "fix-applied"), "{findings:?}");
}

#[test]
fn fixes_come_through_standard_input_once() {
    let (tree, _) = bare("x.patch", DIFF);
    let mut child = program(&tree)
        .args(["fix", "--fixes", "-", "--apply"])
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(DIFF.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(tree.text("a.txt"), "1\ntwo\n");
    for twice in [&["fix", "-", "--fixes", "-"][..], &["fix", "--fixes", "-", "--fixes", "-"]] {
        assert_eq!(quell(&tree, twice).code, 2);
    }
}

#[test]
fn folders_of_patches_and_paths_from_a_folder() {
    let (tree, file) = bare("x.patch", DIFF);
    let folder = tree.state().join("patches");
    fs::create_dir(&folder).unwrap();
    fs::copy(&file, folder.join("1.patch")).unwrap();
    fs::write(folder.join("2.diff"), "--- b.txt\n+++ b.txt\n@@ -1 +1 @@\n-x\n+y\n").unwrap();
    fs::write(folder.join("notes.txt"), DIFF.replace("one", "two")).unwrap();
    // As `git apply`, which takes names from where it is started.
    let ran = program(&tree)
        .current_dir(tree.root().join("sub"))
        .args(["fix", "--apply", "--fixes", folder.to_str().unwrap()])
        .output()
        .unwrap();
    assert!(ran.status.success(), "{ran:?}");
    assert_eq!((tree.text("a.txt"), tree.text("sub/b.txt")), ("1\ntwo\n".to_owned(), "y\n".to_owned()));
}

#[test]
fn a_report_can_be_given_for_its_fixes_alone() {
    let tree = Tree::git(&[("src/run.py", RUN_PY)]);
    let file = tree.state().join("alpha.sarif");
    fs::write(&file, super::shop::ALPHA).unwrap();
    let listed = quell(&tree, &["fix", "--fixes", file.to_str().unwrap(), "--format", "json"]).json();
    assert_eq!(listed[0]["files"][0], "src/run.py", "{listed}");
    assert!(listed[0]["finding"].is_null());
}

#[test]
fn what_cannot_be_read_is_said_with_3() {
    let (tree, prose) = bare("x.patch", "I could not find a fix.\n");
    let ran = quell(&tree, &["fix", "--fixes", &prose]);
    assert!(ran.code == 3 && ran.err.contains("none of rdjson"), "{ran:?}");
    let ran = quell(&tree, &["fix", "--fixes", "missing.patch"]);
    assert!(ran.code == 3 && ran.err.contains("missing.patch"), "{ran:?}");
    let large = tree.state().join("large.patch");
    File::create(&large).unwrap().set_len(100 << 20).unwrap();
    let ran = quell(&tree, &["fix", "--fixes", large.to_str().unwrap()]);
    assert!(ran.code == 3 && ran.err.contains("more than 64 MiB"), "{ran:?}");
}

#[test]
fn escapes_of_a_diff_do_not_reach_the_terminal() {
    let (tree, file) = bare("x.patch", "--- \x1b[31ma.txt\n+++ \x1b[31ma.txt\n@@ -1 +1 @@\n-one\n+1\n");
    let ran = quell(&tree, &["fix", "--fixes", &file]);
    assert!(!ran.err.contains('\x1b') && ran.err.contains("\\x1b[31ma.txt"), "{ran:?}");
    let json = quell(&tree, &["fix", "--fixes", &file, "--format", "json"]);
    assert!(!json.out.contains('\x1b') && json.out.contains("\\u001b"), "{json:?}");
}

//! `quell fix` with patches that make, remove and rename files: previews, index, commits, proof, undo.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::shop::{Ran, git_takes, program, quell, ran};
use super::yard::{git, lines, with, yard_with};
use crate::support::tree::Tree;

/// One file comes, one goes, one gets another name and another line.
const PATCH: &str = "diff --git a/app.py b/core/app.py\nsimilarity index 90%\nrename from app.py\nrename to core/app.py\n\
    --- a/app.py\n+++ b/core/app.py\n@@ -2,3 +2,3 @@\n line 2 of app\n-line 3 of app\n+fixed 3 of app\n line 4 of app\n\
    diff --git a/old.py b/old.py\ndeleted file mode 100644\n--- a/old.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-old\n\
    diff --git a/new/safe.py b/new/safe.py\nnew file mode 100644\n--- /dev/null\n+++ b/new/safe.py\n@@ -0,0 +1 @@\n+safe\n";

fn tree() -> Tree {
    let tree = yard_with(&["init", "-q", "-b", "main"], &[]);
    tree.write("old.py", "old\n");
    fs::set_permissions(tree.root().join("app.py"), fs::Permissions::from_mode(0o755)).unwrap();
    git(tree.root(), &["add", "-A"]);
    git(tree.root(), &["commit", "-q", "-m", "second"]);
    fs::write(tree.state().join("x.patch"), PATCH).unwrap();
    tree
}

#[track_caller]
fn fix(tree: &Tree, arguments: &[&str]) -> Ran {
    ran(program(tree).args(["fix", "--fixes"]).arg(tree.state().join("x.patch")).args(arguments))
}

fn fixed() -> String {
    with(&lines("app"), 3, "fixed 3 of app")
}

/// Whether the tree holds the outcome.
fn is_done(tree: &Tree) -> bool {
    let files: Vec<String> = tree.files().into_iter().filter(|path| !path.starts_with(".quell/")).collect();
    match files.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["core/app.py", "lib.py", "new/safe.py"] => {
            assert_eq!((tree.text("core/app.py"), tree.text("new/safe.py")), (fixed(), "safe\n".to_owned()));
            let mode = fs::metadata(tree.root().join("core/app.py")).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o755);
            true
        }
        ["app.py", "lib.py", "old.py"] => {
            assert_eq!((tree.text("app.py"), tree.text("old.py")), (lines("app"), "old\n".to_owned()));
            assert!(!tree.root().join("new").exists() && !tree.root().join("core").exists());
            false
        }
        other => unreachable!("{other:?}"),
    }
}

#[test]
fn the_preview_says_what_becomes_of_each_file() {
    let tree = tree();
    let diff = fix(&tree, &[]).ok().out;
    for line in ["rename from app.py\nrename to core/app.py\n", "deleted file mode 100644\n", "new file mode 100644\n"]
    {
        assert!(diff.contains(line), "{diff}");
    }
    assert!(git_takes(tree.root(), &diff));
    let json = fix(&tree, &["--format", "json"]).ok().json();
    let operations = serde_json::json!([
        { "op": "rename", "path": "app.py", "to": "core/app.py" },
        { "op": "create", "path": "new/safe.py", "to": null },
        { "op": "delete", "path": "old.py", "to": null },
    ]);
    assert_eq!(json[0]["operations"], operations, "{json}");
    assert_eq!(json[0]["files"], serde_json::json!(["app.py", "new/safe.py", "old.py", "core/app.py"]));
    let text = fix(&tree, &["--format", "markdown"]).ok().out;
    assert!(text.contains("; renames `app.py` to `core/app.py`; new file `new/safe.py`; removes `old.py`"), "{text}");
    assert!(!is_done(&tree));
}

#[test]
fn the_index_gets_the_entries_and_loses_them_at_undo() {
    let tree = tree();
    let status = || git(tree.root(), &["status", "--porcelain=v2"]);
    let mine = with(&lines("app"), 10, "my own work");
    tree.write("app.py", &mine);
    let before = status();
    for _ in 0..2 {
        fix(&tree, &["--apply", "--stage"]).ok();
        assert_eq!(tree.text("core/app.py"), with(&fixed(), 10, "my own work"));
        assert_eq!(git(tree.root(), &["show", ":core/app.py"]), fixed());
        let staged = git(tree.root(), &["diff", "--cached", "-M40%", "--raw", "--abbrev=1"]);
        let kinds: Vec<&str> =
            staged.lines().map(|line| line.split('\t').next().unwrap().rsplit(' ').next().unwrap()).collect();
        assert!(kinds[0].starts_with('R') && kinds[1..] == ["A", "D"], "{staged}");
        assert!(git(tree.root(), &["ls-files", "-s", "core/app.py"]).starts_with("100755 "));
        assert_eq!(git(tree.root(), &["diff", "--numstat"]), "1\t1\tcore/app.py\n");
        quell(&tree, &["undo"]).ok();
        assert_eq!((status(), tree.text("app.py")), (before.clone(), mine.clone()));
        quell(&tree, &["redo"]).ok();
        assert_eq!(git(tree.root(), &["show", ":new/safe.py"]), "safe\n");
        quell(&tree, &["undo", "--file", "core/app.py"]).ok();
        assert!(tree.root().join("app.py").exists() && !tree.root().join("core").exists(), "both names go together");
        quell(&tree, &["undo"]).ok();
        assert_eq!((status(), tree.text("app.py")), (before.clone(), mine.clone()));
    }
}

#[test]
fn what_the_index_cannot_take_is_refused_as_a_whole() {
    type Case = (&'static [&'static [&'static str]], &'static str);
    const CASES: [Case; 4] = [
        (
            &[&["update-index", "--add", "--cacheinfo", "100644,e69de29bb2d1d6434b8b29ae775ad8c2e48c5391,new/safe.py"]],
            "another file there",
        ),
        (
            &[&["update-index", "--add", "--cacheinfo", "100644,e69de29bb2d1d6434b8b29ae775ad8c2e48c5391,new"]],
            "another file there",
        ),
        (
            &[&["update-index", "--cacheinfo", "100644,e69de29bb2d1d6434b8b29ae775ad8c2e48c5391,old.py"]],
            "does not have",
        ),
        (&[&["rm", "-q", "--cached", "old.py"]], "git does not have it"),
    ];
    for (steps, reason) in CASES {
        let tree = tree();
        git(tree.root(), &["hash-object", "-w", "--stdin"]);
        for step in steps {
            git(tree.root(), step);
        }
        let before = git(tree.root(), &["ls-files", "-s"]);
        for arguments in [&["--apply", "--stage"][..], &["--apply", "--commit"]] {
            let ran = fix(&tree, arguments);
            assert!(ran.code == 4 && ran.err.contains(reason), "{reason}: {ran:?}");
            assert_eq!(git(tree.root(), &["ls-files", "-s"]), before);
            assert!(!is_done(&tree));
        }
        fix(&tree, &["--apply"]).ok();
        assert!(is_done(&tree), "the tree can be written all the same");
    }
}

#[test]
fn commits_hold_it_all_and_each_fix_its_own() {
    let tree = tree();
    tree.write("lib.py", &with(&lines("lib"), 5, "my own work"));
    fix(&tree, &["--apply", "--commit"]).ok();
    assert!(is_done(&tree));
    let shown = git(tree.root(), &["show", "--format=", "--name-status", "-M40%", "HEAD"]);
    let kinds: String = shown.lines().filter_map(|line| line.chars().next()).collect();
    assert_eq!(kinds, "RAD", "{shown}");
    assert_eq!(git(tree.root(), &["status", "--porcelain"]), " M lib.py\n");
    let said = quell(&tree, &["undo"]).ok().out;
    assert!(said.contains("its commit stays") && !is_done(&tree), "{said}");

    // A rename and a change of the same file by two fixes, in both orders.
    let rename = "diff --git a/app.py b/core/app.py\nrename from app.py\nrename to core/app.py\n";
    let change = "--- a/app.py\n+++ b/app.py\n@@ -2,3 +2,3 @@\n line 2 of app\n-line 3 of app\n+fixed 3 of app\n line 4 of app\n";
    for (one, other, between) in [(rename, change, "core/app.py"), (change, rename, "app.py")] {
        let tree = tree_with(&[("1.patch", one), ("2.patch", other)]);
        let mut command = program(&tree);
        command.args(["fix", "--fixes"]).arg(tree.state().join("fixes")).args(["--apply", "--commit=each"]);
        ran(&mut command).ok();
        assert_eq!(tree.text("core/app.py"), fixed());
        let names = |commit: &str| git(tree.root(), &["ls-tree", "-r", "--name-only", commit]);
        assert!(names("HEAD~1").contains(&format!("{between}\n")), "{}", names("HEAD~1"));
        assert_eq!(git(tree.root(), &["show", "HEAD:core/app.py"]), fixed());
        assert_eq!(git(tree.root(), &["status", "--porcelain"]), "");
    }
}

fn tree_with(patches: &[(&str, &str)]) -> Tree {
    let tree = tree();
    let folder = tree.state().join("fixes");
    fs::create_dir_all(&folder).unwrap();
    for (name, text) in patches {
        fs::write(folder.join(name), text).unwrap();
    }
    tree
}

/// The copy has the new files and not the old ones, and what a run leaves there is gone in the next.
#[test]
fn a_proof_sees_files_come_and_go() {
    let one =
        "diff --git a/old.py b/old.py\ndeleted file mode 100644\n--- a/old.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-old\n";
    let two = "--- /dev/null\n+++ b/new/safe.py\n@@ -0,0 +1 @@\n+safe\n";
    let three = "diff --git a/app.py b/core/app.py\nrename from app.py\nrename to core/app.py\n";
    let tree = tree_with(&[("1.patch", one), ("2.patch", two), ("3.patch", three)]);
    let temp = tempfile::TempDir::new().unwrap();
    let run = |test: &str, arguments: &[&str]| {
        let mut command = program(&tree);
        command.env("TMPDIR", temp.path()).args(["fix", "--fixes"]).arg(tree.state().join("fixes"));
        command.args(["--format", "json", "--verify"]).arg(format!("sh -c '{test}'")).args(arguments);
        ran(&mut command)
    };
    let all = "test -e old.py && exit 0; test -x core/app.py && ! test -e app.py && grep -q safe new/safe.py";
    let proved = run(all, &[]).ok().json();
    assert_eq!(proved["verify"]["verdict"], "proved", "{proved}");
    // Each of the three is found guilty where the command wants the tree as it is.
    for (test, title) in
        [("test -e old.py", "1.patch"), ("! test -e new/safe.py", "2.patch"), ("test -x app.py", "3.patch")]
    {
        let guilty = run(&format!("{test} && ! test -e left && touch left new/left 2>/dev/null; {test}"), &[]).json();
        assert_eq!(guilty["verify"]["verdict"], "guilty", "{guilty}");
        let fixes = guilty["fixes"].as_array().unwrap();
        let blamed: Vec<&str> =
            fixes.iter().filter(|fix| fix["reason"] == "guilty").map(|fix| fix["title"].as_str().unwrap()).collect();
        assert_eq!(blamed, [title]);
    }
    assert!(!is_done(&tree));
}

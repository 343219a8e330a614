//! `undo --file`: a batch is taken back file by file, and what was written since is kept.

use super::shop::{program, quell, ran, status};
use super::yard::{FIXES, lines, report, with};
use crate::support::thorough::is_thorough;
use crate::support::tree::Tree;

const FIXED_LIB: (usize, &str) = (2, "fixed 2 of lib");

/// A batch of three fixes in two files, from a report that is older than it.
fn batch() -> Tree {
    let report = report(&FIXES, "2026-11-01T10:00:00Z");
    let tree =
        Tree::git(&[("app.py", &lines("app")), ("lib.py", &lines("lib")), (".quell/reports/yard.sarif", &report)]);
    quell(&tree, &["fix", "--apply"]).ok();
    tree
}

fn fixed_app() -> String {
    with(&with(&lines("app"), 3, "fixed 3 of app"), 17, "fixed 17 of app")
}

fn fixed_lib() -> String {
    with(&lines("lib"), FIXED_LIB.0, FIXED_LIB.1)
}

/// Statuses of the three findings.
fn statuses(tree: &Tree) -> [String; 3] {
    let list = quell(tree, &["list", "--sort", "rule", "--format", "json"]).ok().json();
    let ids: Vec<String> = list.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
    [0, 1, 2].map(|at| status(tree, &ids[at]))
}

#[test]
fn one_file_of_a_batch_is_taken_back_and_brought_back() {
    let tree = batch();
    assert_eq!(statuses(&tree), ["fix-applied"; 3]);
    for _ in 0..2 {
        let ran = quell(&tree, &["undo", "--file", "lib.py"]).ok();
        assert_eq!(ran.out, "undone: 3 fixes in 2 files, only lib.py\n");
        assert_eq!((tree.text("app.py"), tree.text("lib.py")), (fixed_app(), lines("lib")));
        assert_eq!(statuses(&tree), ["fix-applied", "fix-applied", "open"]);
        let log = quell(&tree, &["undo", "--list"]).ok();
        assert!(log.out.ends_with("3 fixes in 2 files\n    app.py\n    lib.py  (undone)\n"), "{log:?}");
        assert_eq!(quell(&tree, &["undo", "--file", "lib.py"]).code, 4, "it is taken back already");

        quell(&tree, &["redo"]).ok();
        assert_eq!((tree.text("app.py"), tree.text("lib.py")), (fixed_app(), fixed_lib()));
        assert_eq!(statuses(&tree), ["fix-applied"; 3]);
    }
}

#[test]
fn what_is_left_of_a_batch_is_taken_back_by_undo_and_brought_back_by_file() {
    let tree = batch();
    quell(&tree, &["undo", "--file", "lib.py"]).ok();
    quell(&tree, &["undo"]).ok();
    assert_eq!((tree.text("app.py"), statuses(&tree)), (lines("app"), ["open"; 3].map(str::to_owned)));
    assert!(quell(&tree, &["undo", "--list"]).ok().out.contains("(undone)\n    app.py\n    lib.py\n"));
    quell(&tree, &["redo", "--file", "app.py"]).ok();
    assert_eq!((tree.text("app.py"), tree.text("lib.py")), (fixed_app(), lines("lib")));
    assert_eq!(statuses(&tree), ["fix-applied", "fix-applied", "open"]);
    quell(&tree, &["redo", "--file", "lib.py"]).ok();
    assert_eq!((tree.text("lib.py"), statuses(&tree)), (fixed_lib(), ["fix-applied"; 3].map(str::to_owned)));
}

#[test]
fn a_change_since_is_merged_there_and_back() {
    let tree = batch();
    tree.write("app.py", &with(&fixed_app(), 10, "my own work"));
    let ran = quell(&tree, &["undo", "--file", "app.py"]).ok();
    assert!(ran.out.contains("merged with later changes: app.py"), "{ran:?}");
    let mine = with(&lines("app"), 10, "my own work");
    assert_eq!((tree.text("app.py"), tree.text("lib.py")), (mine.clone(), fixed_lib()));
    quell(&tree, &["redo"]).ok();
    assert_eq!(tree.text("app.py"), with(&fixed_app(), 10, "my own work"));
    tree.write("app.py", &with(&tree.text("app.py"), 12, "more work"));
    quell(&tree, &["undo"]).ok();
    assert_eq!((tree.text("app.py"), tree.text("lib.py")), (with(&mine, 12, "more work"), lines("lib")));
    assert_eq!(statuses(&tree), ["open"; 3]);
    tree.write("lib.py", &with(&lines("lib"), 9, "work after the undo"));
    quell(&tree, &["redo"]).ok();
    assert_eq!(tree.text("lib.py"), with(&fixed_lib(), 9, "work after the undo"));
    assert_eq!(tree.text("app.py"), with(&with(&fixed_app(), 10, "my own work"), 12, "more work"));
}

#[test]
fn a_change_of_the_same_line_stops_it_with_the_reason() {
    let tree = batch();
    let mine = with(&fixed_app(), 3, "mine");
    tree.write("app.py", &mine);
    for arguments in [&["undo", "--file", "app.py"][..], &["undo"]] {
        let ran = quell(&tree, arguments);
        assert!(ran.code == 4 && ran.err.contains("app.py: it changed after the batch wrote it"), "{ran:?}");
        assert!(ran.err.contains("line 3 is another one there"), "{ran:?}");
        assert_eq!((tree.text("app.py"), tree.text("lib.py")), (mine.clone(), fixed_lib()));
    }
    assert_eq!(statuses(&tree)[2], "fix-applied");
    quell(&tree, &["undo", "--file", "lib.py"]).ok();
    assert_eq!((tree.text("app.py"), tree.text("lib.py")), (mine, lines("lib")));
}

#[test]
fn files_are_named_from_here_or_from_the_root_and_must_be_in_the_log() {
    let tree = batch();
    tree.write("sub/x", "");
    let here = ran(program(&tree).current_dir(tree.root().join("sub")).args(["undo", "--file", "../lib.py"]));
    assert_eq!((here.code, tree.text("lib.py")), (0, lines("lib")));
    let root = ran(program(&tree).current_dir(tree.root().join("sub")).args(["redo", "--file", "lib.py"]));
    assert_eq!((root.code, tree.text("lib.py")), (0, fixed_lib()));
    for name in ["none.py", "../../etc/passwd", ""] {
        let ran = quell(&tree, &["undo", "--file", name]);
        assert!(ran.code == 4 && ran.err.contains("no batch in the log wrote it"), "{name}: {ran:?}");
    }
    assert_eq!(quell(&tree, &["undo", "--list", "--file", "lib.py"]).code, 2);
}

#[test]
fn several_batches_of_one_file_are_taken_back_newest_first() {
    let tree = batch();
    let again = report(&[("R4", "app.py", 8, "line 8 of app", "fixed 8 of app")], "2099-01-01T00:00:00Z");
    tree.write("again.sarif", &again);
    quell(&tree, &["fix", "again.sarif", "--apply"]).ok();
    let ran = quell(&tree, &["undo", "2", "--file", "app.py"]).ok();
    assert_eq!(ran.out, "undone: 1 fix in 1 file\nundone: 3 fixes in 2 files, only app.py\n");
    assert_eq!((tree.text("app.py"), tree.text("lib.py")), (lines("app"), fixed_lib()));
    quell(&tree, &["redo", "2", "--file", "app.py"]).ok();
    assert_eq!(tree.text("app.py"), with(&fixed_app(), 8, "fixed 8 of app"));
}

#[test]
fn without_git_it_is_the_same() {
    let tree = batch();
    quell(&tree, &["undo"]).ok();
    quell(&tree, &["--no-git", "fix", "--apply", "--include-unsafe"]);
    let fixes = quell(&tree, &["--no-git", "fix", "--format", "json"]).ok().json();
    let names: Vec<&str> = fixes.as_array().unwrap().iter().map(|fix| fix["id"].as_str().unwrap()).collect();
    let apply = [&["--no-git", "fix", "--apply", "--include-unsafe"][..], &names].concat();
    quell(&tree, &apply).ok();
    tree.write("app.py", &with(&fixed_app(), 10, "my own work"));
    quell(&tree, &["--no-git", "undo", "--file", "app.py"]).ok();
    assert_eq!((tree.text("app.py"), tree.text("lib.py")), (with(&lines("app"), 10, "my own work"), fixed_lib()));
    quell(&tree, &["--no-git", "redo"]).ok();
    assert_eq!(tree.text("app.py"), with(&fixed_app(), 10, "my own work"));
    quell(&tree, &["--no-git", "undo"]).ok();
    let ran = quell(&tree, &[&apply[..], &["--stage"]].concat());
    assert!(ran.code == 4 && ran.err.contains("without git there is no index and no commit"), "{ran:?}");
}

/// Whatever a kill leaves, no finding is hidden whose fix is not there, and the next session goes on from it. Every ninth
/// step is tried, and each with `QUELL_THOROUGH`.
#[test]
fn killed_at_any_step_it_hides_no_finding_and_can_be_done_again() {
    let stride = if is_thorough() { 1 } else { 9 };
    for arguments in [&["undo"][..], &["redo"], &["undo", "--file", "app.py"]] {
        for step in (1..).step_by(stride) {
            let tree = batch();
            if arguments == ["redo"] {
                quell(&tree, &["undo"]).ok();
            }
            let fault = format!("kill:{step}");
            let status = program(&tree).args(arguments).env("QUELL_FAULT", &fault).output().unwrap().status;
            nothing_is_hidden(&tree, &format!("{arguments:?} {fault}"));
            quell(&tree, &["recover"]).ok();
            nothing_is_hidden(&tree, &format!("{arguments:?} {fault}, recovered"));
            quell(&tree, &["undo"]);
            assert_eq!((tree.text("app.py"), tree.text("lib.py")), (lines("app"), lines("lib")), "{fault}");
            assert_eq!(statuses(&tree), ["open"; 3], "{arguments:?} {fault}");
            for file in ["app.py", "lib.py"] {
                quell(&tree, &["redo", "--file", file]).ok();
            }
            assert_eq!((tree.text("app.py"), tree.text("lib.py")), (fixed_app(), fixed_lib()), "{fault}");
            assert_eq!(statuses(&tree), ["fix-applied"; 3], "{arguments:?} {fault}");
            if status.success() {
                assert!(step > 30, "{step} steps");
                break;
            }
        }
    }
}

fn nothing_is_hidden(tree: &Tree, when: &str) {
    let fixed = [("app.py", fixed_app()), ("app.py", fixed_app()), ("lib.py", fixed_lib())];
    for (status, (path, fixed)) in statuses(tree).into_iter().zip(fixed) {
        assert!(status == "open" || tree.text(path) == fixed, "{when}: {path} is not fixed, and its finding {status}");
    }
}

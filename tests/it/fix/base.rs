//! What was scanned and never committed stays known once a fix was looked at.

use std::fs;
use std::time::{Duration, UNIX_EPOCH};

use quell::model::fix::Proposal;

use super::case::{With, fix, line, outcome, planned};
use crate::support::tree::Tree;

/// Functions that say the same but for their names.
fn functions(names: &[&str]) -> String {
    names.iter().map(|name| format!("def {name}():\n    run(cmd, shell=True)\n\n")).collect()
}

const SCANNED: u64 = 1_700_000_060;

/// The call in the second function.
fn second() -> Proposal {
    let seen = "    run(cmd, shell=True)";
    fix("a.py", line(5), "    run(cmd)").made(SCANNED.cast_signed()).seen(line(5), seen)
}

/// A file that was written a minute before the scan.
fn scanned(tree: &Tree) {
    tree.write("a.py", &functions(&["one", "two", "three"]));
    let file = fs::File::options().write(true).open(tree.root().join("a.py")).unwrap();
    file.set_modified(UNIX_EPOCH + Duration::from_secs(SCANNED - 60)).unwrap();
}

fn changed(tree: &Tree) -> (String, String) {
    tree.write("a.py", &functions(&["zero", "one", "two", "three"]));
    let (verdict, _, after) = outcome(tree, second());
    (verdict, after)
}

fn fixed() -> String {
    functions(&["zero", "one", "two", "three"])
        .replace("def two():\n    run(cmd, shell=True)", "def two():\n    run(cmd)")
}

#[test]
fn a_fix_that_was_looked_at_finds_its_place_when_the_file_changes() {
    for tree in [Tree::plain(&[]), Tree::git(&[("other", "x")])] {
        scanned(&tree);
        assert_eq!(outcome(&tree, second()).0, "will-write exact");
        assert_eq!(changed(&tree), ("will-write three-way".to_owned(), fixed()));
    }
}

#[test]
fn without_a_look_it_needs_a_person() {
    let tree = Tree::plain(&[]);
    scanned(&tree);
    let (verdict, after) = changed(&tree);
    assert!(!verdict.starts_with("will-write"), "{verdict}");
    assert_eq!(after, functions(&["zero", "one", "two", "three"]));
}

#[test]
fn what_is_kept_is_private_limited_and_believed_only_whole() {
    let tree = Tree::plain(&[]);
    scanned(&tree);
    planned(&tree, &[second()]);
    let folder = tree.repo().state_dir().join("bases");
    let kept = || fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect::<Vec<_>>();
    let [file] = &kept()[..] else { panic!("{:?}", kept()) };
    let mode = |path: &std::path::Path| {
        std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).unwrap().permissions()) & 0o777
    };
    assert_eq!((mode(&folder), mode(file)), (0o700, 0o600));
    let bytes = fs::read(file).unwrap();
    for damaged in [&bytes[..10], &bytes[..bytes.len() - 1], b""] {
        fs::write(file, damaged).unwrap();
        assert!(!changed(&tree).0.starts_with("will-write"), "{}", damaged.len());
    }
    for number in 0..300 {
        fs::write(folder.join(number.to_string()), "").unwrap();
    }
    fs::remove_file(file).unwrap();
    scanned(&tree);
    planned(&tree, &[second()]);
    assert_eq!(kept().len(), 256);
    assert_eq!(changed(&tree), ("will-write three-way".to_owned(), fixed()), "the newest stays");
}

#[test]
fn what_git_has_is_not_kept() {
    let tree = Tree::git(&[("a.py", &functions(&["one", "two", "three"]))]);
    let proposal = second().made(1_900_000_000);
    assert_eq!(outcome(&tree, proposal).0, "will-write exact");
    assert!(!tree.repo().state_dir().join("bases").exists());
}

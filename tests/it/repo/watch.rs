//! What others change on the disk is noticed by size and time.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::process::Command;

use quell::repo::kept::Shelf;
use quell::repo::watch::{Look, Watch};

use crate::support::tree::Tree;

fn watch(tree: &Tree) -> (Watch, Look) {
    let root = tree.repo().root().to_owned();
    let watch = tree.repo().watch(vec![root.join("reports/a.sarif")], BTreeSet::from([root.join("reports")]));
    let look = watch.look();
    (watch, look)
}

/// Whether the reports and the decisions are seen as changed after this.
fn seen(change: impl FnOnce(&Tree)) -> (bool, bool) {
    let tree = Tree::git(&[("reports/a.sarif", "{}"), (".quell/decisions/2026-11/a.json", "{}")]);
    let (watch, before) = watch(&tree);
    change(&tree);
    let now = watch.look();
    (!now.has_same_reports(&before), !now.has_same_decisions(&before))
}

#[test]
fn reports_and_decisions_are_told_apart() {
    assert_eq!(seen(|_| ()), (false, false));
    assert_eq!(seen(|tree| tree.write("reports/a.sarif", "{ }")), (true, false));
    assert_eq!(seen(|tree| fs::remove_file(tree.root().join("reports/a.sarif")).unwrap()), (true, false));
    for name in ["b.sarif", "b.sarif.gz", "b.sarif.json"] {
        assert_eq!(seen(|tree| tree.write(&format!("reports/{name}"), "")), (true, false), "{name}");
    }
    for name in ["a.sarif.part", ".sarif", "notes.txt"] {
        assert_eq!(seen(|tree| tree.write(&format!("reports/{name}"), "")), (false, false), "{name}");
    }
    assert_eq!(seen(|tree| tree.write(".quell/decisions/2026-11/b.json", "{}")), (false, true));
    assert_eq!(seen(|tree| tree.write(".quell/decisions/2026-12/b.json", "{}")), (false, true));
    assert_eq!(seen(|tree| tree.write("src/a.py", "")), (false, false));
}

#[test]
fn decisions_can_be_looked_at_alone() {
    let tree = Tree::git(&[("reports/a.sarif", "{}")]);
    let (watch, mut before) = watch(&tree);
    tree.repo().create_kept(Shelf::Tree, "decisions/2026-11/a.json", b"{}").unwrap();
    tree.write("reports/b.sarif", "{}");
    watch.look_at_decisions(&mut before);
    let now = watch.look();
    assert!(now.has_same_decisions(&before) && !now.has_same_reports(&before));
}

#[test]
fn a_pipe_does_not_change_when_somebody_writes_to_it() {
    let tree = Tree::git(&[("a", "")]);
    let pipe = tree.root().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let watch = tree.repo().watch(vec![pipe.clone()], BTreeSet::new());
    let before = watch.look();
    // Open at both ends, so that nobody waits; the time of the pipe becomes another one.
    let mut both = fs::File::options().read(true).write(true).open(&pipe).unwrap();
    both.write_all(b"{}").unwrap();
    both.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    assert!(watch.look().has_same_reports(&before));
}

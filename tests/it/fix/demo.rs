//! The sample shop: the fixes of its reports make what the tools' own fix mode makes, byte for byte.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use quell::model::fix::Proposal;
use quell::model::plan::Plan;

use super::case::{FIRST, With, planned, verdicts};
use super::reports::proposals;
use crate::support::tree::Tree;

pub(super) fn demo() -> Option<PathBuf> {
    let demo = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/demo");
    demo.join("autofixed").is_dir().then_some(demo)
}

/// All files below a folder by their path.
pub(super) fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

fn shop(demo: &Path) -> Tree {
    let tree = Tree::plain(&[]);
    for (path, bytes) in files(&demo.join("shop")) {
        tree.write(&path, "");
        fs::write(tree.root().join(path), bytes).unwrap();
    }
    let git = git2::Repository::init(tree.root()).unwrap();
    git.config().unwrap().set_bool("core.autocrlf", false).unwrap();
    tree.commit("first", FIRST);
    tree
}

pub(super) fn fixes(demo: &Path, report: &str, family: &str) -> Vec<Proposal> {
    let report = serde_json::from_slice(&fs::read(demo.join("reports").join(report)).unwrap()).unwrap();
    let fixes = proposals(&report, family, "file:///src/shop/");
    fixes.into_iter().map(|fix| fix.made(FIRST + 60)).collect()
}

/// The files that a plan changes, as they would be.
fn written(plan: &Plan) -> BTreeMap<String, Vec<u8>> {
    plan.files.iter().map(|file| (file.path.clone(), file.after.to_vec())).collect()
}

pub(super) fn assert_same(made: &BTreeMap<String, Vec<u8>>, wanted: &BTreeMap<String, Vec<u8>>) {
    assert_eq!(made.keys().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>());
    for (path, bytes) in made {
        assert_eq!(String::from_utf8_lossy(bytes), String::from_utf8_lossy(&wanted[path]), "{path}");
    }
}

#[test]
fn semgrep_fixes_are_what_its_autofix_writes() {
    let Some(demo) = demo() else { return };
    let tree = shop(&demo);
    let plan = planned(&tree, &fixes(&demo, "semgrep.sarif", "semgrep"));
    assert!(verdicts(&plan).iter().all(|verdict| verdict == "will-write exact"), "{:#?}", plan.fixes);
    assert_same(&written(&plan), &files(&demo.join("autofixed/semgrep")));
}

#[test]
fn ruff_fixes_are_what_its_fix_mode_writes() {
    let Some(demo) = demo() else { return };
    let tree = shop(&demo);
    let fixes = fixes(&demo, "ruff.sarif", "ruff");
    // Its reports show no code and state no time.
    let found: Vec<Proposal> = fixes.iter().map(|fix| fix.clone().found(4_000_000_000)).collect();
    for fixes in [fixes, found] {
        let plan = planned(&tree, &fixes);
        assert!(verdicts(&plan).iter().all(|verdict| verdict == "will-write exact"), "{:#?}", plan.fixes);
        assert_same(&written(&plan), &files(&demo.join("autofixed/ruff")));
    }
}

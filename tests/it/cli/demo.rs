//! `demo`: the sample project comes out of the program as it stands in the tests' folder.

use std::fs;
use std::path::{Path, PathBuf};

use super::shop::{git_takes, program, quell, ran};
use crate::support::tree::Tree;

fn below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(below(&path)) } else { files.push(path) }
    }
    files
}

#[test]
fn the_project_is_made_whole_and_opens_to_findings_with_fixes() {
    let tree = Tree::plain(&[]);
    let made = quell(&tree, &["demo", "shop", "--no-open"]).ok();
    let root = tree.root().join("shop");
    assert_eq!(Path::new(made.out.trim_end()), root.canonicalize().unwrap());

    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/demo");
    for path in below(&source.join("shop")) {
        let relative = path.strip_prefix(source.join("shop")).unwrap();
        assert_eq!(fs::read(root.join(relative)).unwrap(), fs::read(&path).unwrap(), "{relative:?}");
    }
    for path in below(&source.join("reports")) {
        assert!(root.join(".quell/reports").join(path.file_name().unwrap()).exists(), "{path:?}");
    }
    let git = git2::Repository::open(&root).unwrap();
    let statuses = git.statuses(None).unwrap();
    let is_report = |path: Option<&str>| path.is_some_and(|path| path.starts_with(".quell/reports/"));
    assert!(statuses.iter().all(|entry| is_report(entry.path().ok())), "the tree is clean but for the reports");

    let status = ran(program(&tree).args(["status", "--format", "json", "--repo", "shop"])).ok().json();
    assert_eq!(status["results"], 161);
    let fix = ran(program(&tree).args(["fix", "--repo", "shop"])).ok();
    assert!(fix.err.is_empty() && git_takes(&root, &fix.out), "every fix is placed: {}", fix.err);
}

#[test]
fn a_folder_with_something_in_it_is_left_alone() {
    let tree = Tree::plain(&[("shop/mine", "")]);
    let ran = quell(&tree, &["demo", "shop", "--no-open"]);
    assert!(ran.code == 2 && ran.err.contains("not empty"), "{ran:?}");
    assert_eq!(tree.files(), ["shop/mine"]);
}

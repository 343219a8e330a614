//! Fixes that try to write where they must not, each beside one that is as it should be and is written.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::sync::atomic::{AtomicBool, Ordering};

use quell::fix::apply;
use quell::model::fix::Proposal;
use quell::repo::log::Note;
use quell::repo::write::WriteError;

use super::case::{With, fix, kept, line, planned};
use crate::support::tree::Tree;

const TEXT: &str = "one\ntwo\n";

fn of(path: &str) -> Proposal {
    fix(path, line(1), "1").of(TEXT)
}

/// A tree beside a folder that no fix may touch.
struct Yard {
    tree: Tree,
    outside: tempfile::TempDir,
}

impl Yard {
    fn new() -> Self {
        let yard =
            Self { tree: Tree::git(&[("a.txt", TEXT), ("d/b.txt", TEXT)]), outside: tempfile::tempdir().unwrap() };
        fs::write(yard.outside.path().join("b.txt"), TEXT).unwrap();
        yard
    }

    fn is_untouched(&self) -> bool {
        let git = fs::read_to_string(self.tree.root().join(".git/config")).unwrap();
        fs::read_to_string(self.outside.path().join("b.txt")).unwrap() == TEXT && git.contains("[core]")
    }

    /// Plans a fix as if a person had kept it, and writes what can be written.
    fn write(&self, proposal: Proposal) -> bool {
        let plan = kept(&self.tree, &[proposal]);
        !plan.files.is_empty() && apply(&self.tree.repo(), &plan, Note::default()).is_ok()
    }
}

#[test]
fn no_spelling_of_a_path_leads_out_of_the_tree_or_into_git() {
    let yard = Yard::new();
    let absolute = yard.outside.path().join("b.txt").to_str().unwrap().to_owned();
    let climbing = format!("d/../../{}/b.txt", yard.outside.path().file_name().unwrap().to_str().unwrap());
    let own = yard.tree.root().join("a.txt").to_str().unwrap().to_owned();
    let spellings = [
        absolute.as_str(),
        climbing.as_str(),
        own.as_str(),
        "../a.txt",
        "./a.txt",
        "d//b.txt",
        "d/../a.txt",
        "",
        "d",
        "d\\b.txt",
        "a.txt\0",
        "%2e%2e/a.txt",
        "%61.txt",
        "file:///etc/passwd",
        "https://example.org/a.txt",
        ".git/config",
        ".GIT/config",
        ".git./config",
        ".git /config",
        ".git::$INDEX_ALLOCATION/config",
        "git~1/config",
        "GIT~1/config",
        ".g\u{200c}it/config",
        "\u{feff}.git/config",
        "d/.git/config",
    ];
    for path in spellings {
        for text in [TEXT, "[core]\n"] {
            let mut proposal = fix(path, line(1), "1").of(text);
            proposal.edits[0].in_repo = true;
            assert!(!yard.write(proposal), "{path:?} was written");
        }
    }
    assert!(yard.is_untouched());
    assert!(yard.write(of("a.txt")) && yard.write(of("d/b.txt")));
}

#[test]
fn links_pipes_and_folders_are_not_written() {
    let yard = Yard::new();
    let root = yard.tree.root();
    symlink(yard.outside.path(), root.join("linked")).unwrap();
    symlink(yard.outside.path().join("b.txt"), root.join("link.txt")).unwrap();
    symlink("a.txt", root.join("inner.txt")).unwrap();
    for path in ["linked/b.txt", "link.txt", "inner.txt", "linked"] {
        assert!(!yard.write(of(path)), "{path} was written");
    }
    assert!(yard.is_untouched() && fs::symlink_metadata(root.join("link.txt")).unwrap().is_symlink());
    assert!(yard.write(of("a.txt")));
}

#[test]
fn a_folder_that_becomes_a_link_after_the_preview_is_not_followed() {
    let yard = Yard::new();
    let root = yard.tree.root();
    let plan = planned(&yard.tree, &[of("d/b.txt")]);
    fs::rename(root.join("d"), root.join("kept")).unwrap();
    symlink(yard.outside.path(), root.join("d")).unwrap();
    assert!(apply(&yard.tree.repo(), &plan, Note::default()).is_err());
    assert!(yard.is_untouched());
    fs::remove_file(root.join("d")).unwrap();
    fs::rename(root.join("kept"), root.join("d")).unwrap();
    apply(&yard.tree.repo(), &plan, Note::default()).unwrap();
    assert_eq!(yard.tree.text("d/b.txt"), "1\ntwo\n");
}

#[test]
fn a_folder_that_flips_to_a_link_is_never_written_through() {
    let yard = Yard::new();
    let root = yard.tree.root().to_owned();
    symlink(yard.outside.path(), root.join("other")).unwrap();
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_done.load(Ordering::Relaxed) {
                // Folder and link change places in one step.
                let (one, two) = (root.join("d"), root.join("other"));
                rustix::fs::renameat_with(
                    rustix::fs::CWD,
                    &one,
                    rustix::fs::CWD,
                    &two,
                    rustix::fs::RenameFlags::EXCHANGE,
                )
                .unwrap();
            }
        });
        for _ in 0..60 {
            let plan = kept(&yard.tree, &[of("d/b.txt")]);
            if !plan.files.is_empty() {
                // It may be refused; it must not go through the link.
                drop(apply(&yard.tree.repo(), &plan, Note::default()));
            }
            assert!(yard.is_untouched());
        }
        is_done.store(true, Ordering::Relaxed);
    });
    assert!(yard.is_untouched());
}

#[test]
fn a_file_that_changes_between_preview_and_write_is_not_overwritten() {
    let yard = Yard::new();
    let plan = planned(&yard.tree, &[of("a.txt")]);
    yard.tree.write("a.txt", "mine\n");
    assert_eq!(apply(&yard.tree.repo(), &plan, Note::default()).unwrap_err(), WriteError::Changed("a.txt".to_owned()));
    yard.tree.write("a.txt", TEXT);
    apply(&yard.tree.repo(), &plan, Note::default()).unwrap();
}

#[test]
fn modes_stay_as_they_are() {
    let yard = Yard::new();
    for mode in [0o755, 0o600, 0o644] {
        yard.tree.write("a.txt", TEXT);
        let path = yard.tree.root().join("a.txt");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        assert!(yard.write(of("a.txt")));
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, mode);
    }
}

//! Fixes that try to write where they must not, each beside one that is as it should be and is written.
//!
//! What an author of a report, a patch, an answer or a repository may try with fixes, where it is tested, and the twin that
//! must succeed (the same test where none is named):
//!
//! | tried | refused in | twin |
//! |---|---|---|
//! | `..`, absolute, encoded, UNC, NUL | here `no_spelling…`; `read::hostile::no_path…`; `repo::confine` | here `names_that_only_look_hostile…`; `cli::fixing` |
//! | links, swapped in between | here `links_pipes…`, `a_folder_that_becomes…`, `…flips…`; `files::…flips…`; `read::hostile::a_link…` | the same |
//! | `.git` in any spelling, other git directories, `.hg` and its like | here `no_spelling…`, `git_directories_of…`; `repo::confine` | here `names_that_only_look_hostile…` |
//! | reports of another branch, of what was put away | `elsewhere` | the same, as it was scanned |
//! | hard links, read-only files | here `a_file_with_two_names…`; `repo::batch::what_must_not…` | the same |
//! | submodules | `cli::unusual::a_file_of_a_submodule…` | the same, started there |
//! | modes, links, devices made by a patch | `files::what_leads_elsewhere…`; `read::diffs::what_quell_does_not_do…` | `files::what_git_diff_says…` |
//! | files that run later | `doubts::files_that_run…`, `files_in_the_hook_folder…`, `only_what_a_manifest_runs…` | the same, kept by a person |
//! | characters that nobody sees, keys, hosts | `doubts::hidden…`, `addresses…` | the same |
//! | sizes, depths, overflow | `read::hostile::a_million_hunks…`; `columns`; `repo::batch::a_file_does_not_grow…` | the same |
//! | a repository's own commands | here `a_repository_that_runs…`; `cli::unusual::nothing_that_a_repository_names…` | hooks of `--commit` |
//! | commands in a repository's configuration | `cli::asking`, `session` settings | the user's own configuration |
//! | filters and attributes | `cli::landing::what_cannot_be_staged…`; `cli::worktree::files_of_a_worktree…` | the same |
//! | two writers, a kill, a full disk | `repo::batch::a_second_writer…`; `repo::crash`; `repo::faults` | the same |

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::sync::atomic::{AtomicBool, Ordering};

use quell::fix::apply;
use quell::model::fix::Proposal;
use quell::repo::log::Note;
use quell::repo::write::WriteError;

use super::case::{FIRST, With, fix, kept, line, planned};
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
        "a.txt%00",
        "d%2fb.txt",
        "%2fetc%2fpasswd",
        "..%2fa.txt",
        "\\\\?\\C:\\a.txt",
        "\\\\host\\share\\a.txt",
        "C:/a.txt",
        "file://host/a.txt",
        "A.TXT",
        "a.txt ",
        "a.txt.",
        "a.txt::$DATA",
        ".git/../a.txt",
        "d/../.git/config",
        ".git%2fconfig",
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

/// A git directory may have any name: `.git` may be a file that says it, and a tree may hold a bare repository.
#[test]
fn git_directories_of_other_names_are_not_written() {
    const HOOK: &str = "#!/bin/sh\n";
    let tree = Tree::git(&[("a.txt", TEXT), ("notes/HEAD", "x\n"), ("notes/hook", HOOK)]);
    let git = tree.root().join("store");
    fs::rename(tree.root().join(".git"), &git).unwrap();
    fs::write(tree.root().join(".git"), "gitdir: store\n").unwrap();
    git2::Repository::init_bare(tree.root().join("bare")).unwrap();
    let worktree = tree.root().join("tree");
    git2::Repository::open(tree.root()).unwrap().worktree("other", &worktree, None).unwrap();
    let hooks = ["store/hooks/pre-commit", "bare/hooks/pre-commit", "store/worktrees/other/hook"];
    for path in hooks {
        tree.write(path, HOOK);
    }
    let write = |path: &str, text: &str| {
        let plan = kept(&tree, &[fix(path, line(1), "evil").of(text)]);
        !plan.files.is_empty() && apply(&tree.repo(), &plan, Note::default()).is_ok()
    };
    for path in hooks.into_iter().chain(["tree/.git"]) {
        let text = tree.text(path);
        assert!(!write(path, &text), "{path} was written");
        assert_eq!(tree.text(path), text);
    }
    assert!(write("a.txt", TEXT) && write("notes/hook", HOOK));
}

/// Everything that git may be told to run, with a canary that each of it would leave.
#[test]
fn a_repository_that_runs_things_runs_nothing() {
    let tree = Tree::git(&[("a.txt", TEXT), (".gitattributes", "* filter=trap diff=trap merge=trap\n")]);
    let canary = tree.state().join("canary");
    let trap = tree.state().join("trap");
    fs::write(&trap, format!("#!/bin/sh\ntouch '{}'\ncat\n", canary.display())).unwrap();
    fs::set_permissions(&trap, fs::Permissions::from_mode(0o755)).unwrap();
    let (git, trap) = (git2::Repository::open(tree.root()).unwrap(), trap.to_str().unwrap());
    let mut config = git.config().unwrap();
    for key in [
        "core.fsmonitor",
        "core.sshCommand",
        "core.editor",
        "core.pager",
        "core.askPass",
        "core.alternateRefsCommand",
        "credential.helper",
        "diff.external",
        "diff.trap.command",
        "diff.trap.textconv",
        "filter.trap.clean",
        "filter.trap.smudge",
        "filter.trap.process",
        "merge.trap.driver",
        "gpg.program",
        "gc.recentObjectsHook",
    ] {
        config.set_str(key, trap).unwrap();
    }
    let hooks = tree.root().join(".git/hooks");
    fs::create_dir_all(&hooks).unwrap();
    for hook in
        ["pre-commit", "post-checkout", "reference-transaction", "post-index-change", "pre-auto-gc", "fsmonitor"]
    {
        symlink(trap, hooks.join(hook)).or_else(|_| fs::remove_file(hooks.join(hook))).unwrap();
    }
    let repo = tree.repo();
    let seen = || fix("a.txt", line(2), "2").made(FIRST).seen(line(2), "two");
    // Changed since, so that the committed version is read and merged.
    tree.write("a.txt", "zero\none\ntwo\n");
    let plan = planned(&tree, &[seen().of(TEXT)]);
    let entry = apply(&repo, &plan, Note::default()).unwrap().entry;
    assert_eq!(tree.text("a.txt"), "zero\none\n2\n");
    repo.undo_entry(&entry).unwrap();
    repo.redo_entry(&entry).unwrap();
    assert!(!canary.exists(), "something was run");
    let status = std::process::Command::new("git").current_dir(tree.root()).args(["add", "a.txt"]).output().unwrap();
    assert!(canary.exists(), "the traps are set: {status:?}");
}

/// Names that a careless guard would take for an escape: files of them are as good as any.
#[test]
fn names_that_only_look_hostile_are_written() {
    let names = [
        "..a.txt",
        "a..txt",
        "...",
        "d/..b",
        ".gitkeep",
        "d/.gitkeep",
        ".gitx",
        ".git2/config",
        "git",
        "git~2",
        "a.git/config",
        "x.git",
        ".git_/config",
        "%2e%2e",
        "a%2fb.txt",
        "%00.txt",
        "a b.txt",
        "C:a.txt",
        "~root.txt",
        "$HOME",
        "`id`.txt",
        "-x.txt",
        "aux.txt",
        "\u{e9}/\u{fc}.txt",
        "\u{4e2d}.txt",
        "d/HEAD/a.txt",
        "objects/refs/a.txt",
        "file:/a.txt",
    ];
    let files: Vec<(&str, &str)> = names.iter().map(|name| (*name, TEXT)).collect();
    let tree = Tree::git(&files);
    for name in names {
        let plan = kept(&tree, &[of(name)]);
        let entry = apply(&tree.repo(), &plan, Note::default()).unwrap_or_else(|error| panic!("{name}: {error}")).entry;
        assert_eq!(tree.text(name), "1\ntwo\n", "{name}");
        tree.repo().undo_entry(&entry).unwrap();
        assert_eq!(tree.text(name), TEXT, "{name}");
    }
}

/// A second name may lie outside of the tree, and would keep the old bytes, or get the new ones.
#[test]
fn a_file_with_two_names_is_not_written_until_it_has_one() {
    let yard = Yard::new();
    let (inner, outer) = (yard.tree.root().join("a.txt"), yard.outside.path().join("twin.txt"));
    fs::hard_link(&inner, &outer).unwrap();
    assert!(!yard.write(of("a.txt")));
    assert_eq!((yard.tree.text("a.txt").as_str(), fs::read_to_string(&outer).unwrap().as_str()), (TEXT, TEXT));
    fs::copy(&outer, yard.tree.root().join("copy")).unwrap();
    fs::rename(yard.tree.root().join("copy"), &inner).unwrap();
    assert!(yard.write(of("a.txt")));
    assert_eq!((yard.tree.text("a.txt").as_str(), fs::read_to_string(&outer).unwrap().as_str()), ("1\ntwo\n", TEXT));
}

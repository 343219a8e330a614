//! A file that is written stays what it was beside its bytes: owner, group, permissions, access list, attributes.

use std::env;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use quell::repo::log::Note;
use quell::repo::write::{Batched, FileWrite};
use rustix::process::geteuid;

use crate::support::look::{Look, SOMEBODY, access_list, set_default_access};
use crate::support::tree::{Tree, session};

/// The user and the group that the tests go on as where root runs them.
const WORKER: u32 = 41_999;
const TEAM: u32 = 45_999;

fn change(path: &str) -> FileWrite {
    FileWrite::new(path, Some((*b"old").into()), Some((*b"new").into()))
}

/// A file that changes, one that goes, and one that gets another name: as they are looked at, before and after.
fn moves() -> [FileWrite; 4] {
    let mut named = FileWrite::new("named.py", None, Some((*b"name").into()));
    named.from = Some("name.py".to_owned());
    [
        change("a.py"),
        FileWrite::new("gone.py", Some((*b"gone").into()), None),
        FileWrite::new("name.py", Some((*b"name").into()), None),
        named,
    ]
}

#[test]
fn files_that_change_go_come_back_or_get_another_name_stay_what_they_were() {
    for with_git in [true, false] {
        let files = [("a.py", "old"), ("gone.py", "gone"), ("name.py", "name")];
        let tree = if with_git { Tree::git(&files) } else { Tree::plain(&files) };
        let looks = [
            Look { mode: 0o640, owner: SOMEBODY, note: Some(b"one".to_vec()), ..Look::default() },
            Look { mode: 0o2775, owner: SOMEBODY, note: Some(vec![0, 255]), ..Look::default() },
            Look { mode: 0o674, owner: SOMEBODY, access: Some(access_list([6, 7, 4, 7, 4])), ..Look::default() },
        ];
        let at = |path: &str| tree.root().join(path);
        for ((path, _), look) in files.iter().zip(&looks) {
            look.give(&at(path));
        }
        let before = files.map(|(path, _)| Look::of(&at(path)));
        if geteuid().is_root() {
            assert_eq!(before.clone().map(|look| look.owner), [SOMEBODY; 3]);
        }
        let repo = tree.repo();
        let name = repo.write_batch("moves", &moves(), &Note::default()).unwrap().entry;
        for _ in 0..2 {
            assert_eq!((tree.text("a.py"), tree.files()), ("new".into(), vec!["a.py".into(), "named.py".into()]));
            assert_eq!([Look::of(&at("a.py")), Look::of(&at("named.py"))], [before[0].clone(), before[2].clone()]);
            repo.undo_entry(&name).unwrap();
            assert_eq!(tree.files(), files.map(|(path, _)| path.to_owned()));
            assert_eq!(files.map(|(path, _)| Look::of(&at(path))), before);
            repo.redo_entry(&name).unwrap();
        }
    }
}

/// What somebody gave the file since is not taken back with the bytes.
#[test]
fn an_undo_keeps_what_a_file_has_become() {
    let tree = Tree::git(&[("a.py", "old")]);
    let repo = tree.repo();
    let name = repo.write_batch("a", &[change("a.py")], &Note::default()).unwrap().entry;
    let since = Look { mode: 0o755, owner: SOMEBODY, note: Some(b"since".to_vec()), ..Look::default() };
    since.give(&tree.root().join("a.py"));
    let since = Look::of(&tree.root().join("a.py"));
    repo.undo_entry(&name).unwrap();
    assert_eq!((tree.text("a.py"), Look::of(&tree.root().join("a.py"))), ("old".into(), since));
}

/// A folder may let others use all that is made in it.
#[test]
#[expect(clippy::print_stderr, reason = "a test says why it is skipped")]
fn a_file_gets_no_access_list_that_it_did_not_have() {
    let tree = Tree::git(&[("secret.py", "old")]);
    let path = tree.root().join("secret.py");
    Look { mode: 0o660, owner: SOMEBODY, ..Look::default() }.give(&path);
    let before = Look::of(&path);
    if !set_default_access(tree.root(), &access_list([7, 7, 7, 7, 0])) {
        eprintln!("skipped: this file system has no access lists");
        return;
    }
    let name = tree.repo().write_batch("a", &[change("secret.py")], &Note::default()).unwrap().entry;
    assert_eq!((Look::of(&path), tree.text("secret.py")), (before.clone(), "new".into()));
    tree.repo().undo_entry(&name).unwrap();
    assert_eq!(Look::of(&path), before);
}

/// What root makes in the tree of somebody belongs to them, with the folders that it needs.
#[test]
fn what_root_makes_belongs_to_the_owner_of_its_folder() {
    if !is_root() {
        return;
    }
    let tree = Tree::plain(&[]);
    let owner = |path: &str| {
        let known = fs::metadata(tree.root().join(path)).unwrap();
        (known.uid(), known.gid())
    };
    let make = |path: &str| [FileWrite::new(path, None, Some((*b"new").into()))];
    tree.repo().write_batch("own", &make("own.py"), &Note::default()).unwrap();
    assert_eq!(owner("own.py"), owner(""));
    chown(tree.root(), Some(SOMEBODY.0), Some(SOMEBODY.1)).unwrap();
    tree.repo().write_batch("theirs", &make("in/deep/theirs.py"), &Note::default()).unwrap();
    assert_eq!(["in", "in/deep", "in/deep/theirs.py"].map(owner), [SOMEBODY; 3]);
}

/// Files of others in a folder of a team, and who works there: the tests run as root and become that user.
#[test]
fn in_a_shared_folder_a_file_of_somebody_else_stays_open_to_all_who_had_it() {
    if !is_root() {
        return;
    }
    let (tree, before) = shared(SOMEBODY.0, TEAM, 0o664);
    assert_eq!(works(&tree), "; a.py belongs to you now (only root can give it back)");
    assert_eq!(Look::of(&before.1), Look { owner: (WORKER, TEAM), ..before.0 });
    assert_eq!(tree.text("a.py"), "new");

    let (tree, before) = shared(WORKER, TEAM, 0o640);
    assert_eq!((works(&tree), Look::of(&before.1)), (String::new(), before.0), "it is their own");
}

#[test]
fn a_file_that_this_user_may_not_write_or_would_open_to_others_is_refused() {
    if !is_root() {
        return;
    }
    let owner = SOMEBODY.0;
    for ((user, group, mode), why) in [
        ((owner, TEAM, 0o644), format!("a.py: it belongs to another user ({owner}), and you may not write it")),
        ((owner, SOMEBODY.1, 0o600), "a.py: permission denied".to_owned()),
        ((WORKER, SOMEBODY.1, 0o640), format!("a.py: its group ({}) cannot be kept", SOMEBODY.1)),
        ((owner, TEAM, 0o4775), format!("a.py: it runs as its owner (user {owner})")),
    ] {
        let (tree, before) = shared(user, group, mode);
        let said = works(&tree);
        assert!(said.contains(&why), "{mode:o}: {said}");
        assert_eq!((Look::of(&before.1), tree.text("a.py")), (before.0, "old".into()), "{mode:o}");
        assert_eq!(tree.files(), ["a.py"], "{mode:o}");
    }
}

#[expect(clippy::print_stderr, reason = "a test says why it is skipped")]
fn is_root() -> bool {
    let is_root = geteuid().is_root();
    if !is_root {
        eprintln!("skipped: only root can give files away");
    }
    is_root
}

/// A folder of the team with one file; what that is like, and where.
fn shared(user: u32, group: u32, mode: u32) -> (Tree, (Look, PathBuf)) {
    let tree = Tree::plain(&[("a.py", "old")]);
    let path = tree.root().join("a.py");
    Look { mode, owner: (user, group), ..Look::default() }.give(&path);
    for (folder, mode) in [(tree.root(), 0o2770), (tree.state(), 0o770)] {
        chown(folder, Some(SOMEBODY.0), Some(TEAM)).unwrap();
        fs::set_permissions(folder, fs::Permissions::from_mode(mode)).unwrap();
    }
    (tree, (Look::of(&path), path))
}

/// What is said of a batch that the worker writes.
fn works(tree: &Tree) -> String {
    let mut child = Command::new(env::current_exe().unwrap());
    child.args(["--exact", "repo::likeness::worker", "--nocapture"]).uid(WORKER).gid(TEAM).current_dir("/");
    child.env("QUELL_WORKER_ROOT", tree.root()).env("QUELL_WORKER_STATE", tree.state());
    let said = tree.state().join("said");
    let output = child.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    fs::read_to_string(said).unwrap()
}

/// The child; does nothing in a usual run of the tests.
#[test]
fn worker() {
    let Ok(root) = env::var("QUELL_WORKER_ROOT") else { return };
    let state = env::var("QUELL_WORKER_STATE").unwrap();
    let repo = session(Path::new(&root), Path::new(&state));
    let said = match repo.write_batch("work", &[change("a.py")], &Note::default()) {
        Ok(Batched { disowned, .. }) => quell::repo::write::disowned_note(&disowned),
        Err(error) => error.to_string(),
    };
    fs::write(Path::new(&state).join("said"), said).unwrap();
}

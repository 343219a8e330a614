//! The images of a large batch are one pack that git reads, keeps and forgets as its own.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use quell::repo::Repo;
use quell::repo::log::Note;
use quell::repo::write::FileWrite;

use crate::support::tree::{Tree, session};

/// Sizes at which the header of a packed object grows by a byte, and others.
const SIZES: [usize; 9] = [0, 1, 15, 16, 2047, 2048, 70_000, 262_143, 262_144];
/// Names whose order in a tree of git is not that of their bytes.
const NAMES: [&str; 6] = ["a/b/c.py", "a.py", "a-b.py", "a0.py", "a/b.py", "a/b-c/d e.py"];

/// More files than are loose objects.
fn many() -> Vec<FileWrite> {
    let sized = |size: usize| (format!("sizes/{size}.bin"), noise(size));
    let named = |name: &str| (name.to_owned(), name.as_bytes().to_vec());
    let plain = |number: usize| (format!("src/part{}/file{number}.py", number % 7), format!("old {number}\n").into());
    let files = SIZES.into_iter().map(sized).chain(NAMES.into_iter().map(named)).chain((0..30).map(plain));
    let write = |(path, before): (String, Vec<u8>)| {
        let after = [before.as_slice(), b"new\n"].concat();
        FileWrite::new(path, Some(before.into()), Some(after.into()))
    };
    files.map(write).collect()
}

/// Bytes that hardly get smaller, the same each time.
fn noise(size: usize) -> Vec<u8> {
    let next = |state: &mut u64| {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        Some(state.to_be_bytes()[0])
    };
    let mut state = size as u64;
    std::iter::from_fn(|| next(&mut state)).take(size).collect()
}

fn fill(root: &Path) {
    for file in many() {
        let path = root.join(&file.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, file.before.unwrap()).unwrap();
    }
}

/// A repository in which the files are committed, or only there.
fn tree(is_committed: bool) -> Tree {
    let tree = Tree::git(&[("first.txt", "first\n")]);
    fill(tree.root());
    if is_committed {
        tree.commit("second", 1_700_000_060);
    }
    tree
}

fn holds(root: &Path, side: fn(&FileWrite) -> Option<&[u8]>) -> bool {
    many().iter().all(|file| fs::read(root.join(&file.path)).ok().as_deref() == side(file))
}

fn is_before(root: &Path) -> bool {
    holds(root, |file| file.before.as_deref())
}

fn is_after(root: &Path) -> bool {
    holds(root, |file| file.after.as_deref())
}

fn git(root: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git").current_dir(root).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn packs(root: &Path) -> Vec<String> {
    let folder = fs::read_dir(root.join(".git/objects/pack")).unwrap();
    let mut names: Vec<String> = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn loose(root: &Path) -> String {
    git(root, &["count-objects"]).split(' ').next().unwrap().to_owned()
}

#[test]
fn git_reads_the_pack_of_a_batch() {
    for is_committed in [true, false] {
        let tree = tree(is_committed);
        let before = loose(tree.root());
        let name = tree.repo().write_batch("fixes", &many(), &Note::default()).unwrap().entry;
        assert!(is_after(tree.root()));
        assert_eq!(loose(tree.root()), before, "all of it is in the pack");
        let packs = packs(tree.root());
        assert_eq!(packs.len(), 2, "{packs:?}");
        for pack in &packs {
            let mode = fs::metadata(tree.root().join(".git/objects/pack").join(pack)).unwrap().permissions().mode();
            assert_eq!(mode & 0o222, 0, "{pack} is never written again");
        }
        let listed = git(tree.root(), &["verify-pack", "-v", &format!(".git/objects/pack/{}", packs[0])]);
        let blobs = listed.lines().filter(|line| line.contains(" blob ")).count();
        // The former content of a committed file is in git already.
        let kept = if is_committed { 0 } else { many().len() };
        assert_eq!(blobs, many().len() + kept, "{listed}");
        git(tree.root(), &["fsck", "--strict"]);
        let reference = format!("refs/worktree/quell/undo/{name}");
        let changed =
            git(tree.root(), &["diff", "--name-only", &format!("{reference}:before"), &format!("{reference}:after")]);
        assert_eq!(changed.lines().count(), many().len(), "{changed}");
        let shown = git(tree.root(), &["show", &format!("{reference}:before/a/b-c/d e.py")]);
        assert_eq!(shown, "a/b-c/d e.py");
    }
}

#[test]
fn a_batch_is_undone_after_git_has_collected() {
    for is_committed in [true, false] {
        let tree = tree(is_committed);
        let repo = tree.repo();
        let name = repo.write_batch("fixes", &many(), &Note::default()).unwrap().entry;
        git(tree.root(), &["prune", "--expire=now"]);
        git(tree.root(), &["repack", "-a", "-d", "-q"]);
        repo.undo_entry(&name).unwrap();
        assert!(is_before(tree.root()));
        git(tree.root(), &["gc", "--quiet", "--prune=now"]);
        repo.redo_entry(&name).unwrap();
        assert!(is_after(tree.root()));
        tree.repo().undo_entry(&name).unwrap();
        assert!(is_before(tree.root()));
    }
}

#[test]
fn what_was_committed_is_kept_when_its_branch_is_gone() {
    let tree = tree(true);
    let name = tree.repo().write_batch("fixes", &many(), &Note::default()).unwrap().entry;
    git(tree.root(), &["update-ref", "-d", "HEAD"]);
    git(tree.root(), &["read-tree", "--empty"]);
    git(tree.root(), &["reflog", "expire", "--expire=now", "--all"]);
    git(tree.root(), &["gc", "--quiet", "--prune=now"]);
    tree.repo().undo_entry(&name).unwrap();
    assert!(is_before(tree.root()));
}

#[test]
fn the_pack_of_a_forgotten_batch_goes_with_the_next_collection() {
    let tree = tree(false);
    let repo = tree.repo();
    let name = repo.write_batch("fixes", &many(), &Note::default()).unwrap().entry;
    let commit = git(tree.root(), &["rev-parse", &format!("refs/worktree/quell/undo/{name}")]);
    let packed = packs(tree.root());
    for number in 1..224 {
        repo.log_decision(&number.to_string(), &Note::default()).unwrap();
    }
    assert_eq!(repo.log().unwrap().len(), 200);
    git(tree.root(), &["gc", "--quiet", "--prune=now"]);
    let kept = packs(tree.root());
    assert!(packed.iter().all(|pack| !kept.contains(pack)), "{kept:?}");
    let found = Command::new("git").current_dir(tree.root()).args(["cat-file", "-e", commit.trim()]).status();
    assert!(!found.unwrap().success());
}

#[test]
fn a_worktree_packs_what_its_own_index_does_not_have() {
    let tree = tree(true);
    let other = tree.root().join("other");
    git2::Repository::open(tree.root()).unwrap().worktree("other", &other, None).unwrap();
    let (repo, _) = Repo::discover(&other, true).unwrap();
    let name = repo.write_batch("fixes", &many(), &Note::default()).unwrap().entry;
    assert!(is_after(&other) && is_before(tree.root()));
    assert_eq!(packs(tree.root()).len(), 2);
    git(&other, &["gc", "--quiet", "--prune=now"]);
    repo.undo_entry(&name).unwrap();
    assert!(is_before(&other));
}

/// Git collects for all worktrees, and looks at the references of one.
#[test]
fn a_collection_in_one_worktree_keeps_what_another_can_take_back() {
    let tree = tree(true);
    let other = tree.root().join("other");
    git2::Repository::open(tree.root()).unwrap().worktree("other", &other, None).unwrap();
    let (here, (there, _)) = (tree.repo(), Repo::discover(&other, true).unwrap());
    let names = [&here, &there].map(|repo| repo.write_batch("fixes", &many(), &Note::default()).unwrap().entry);
    for root in [tree.root(), &other] {
        git(root, &["gc", "--quiet", "--prune=now"]);
        git(root, &["prune", "--expire=now"]);
        git(root, &["fsck", "--strict"]);
    }
    here.undo_entry(&names[0]).unwrap();
    there.undo_entry(&names[1]).unwrap();
    assert!(is_before(tree.root()) && is_before(&other));
}

/// As when somebody lets git forget all logs: it is said, git can collect again, and the next batch is a usual one.
#[test]
fn what_git_has_collected_is_named_and_passed_over() {
    let tree = tree(true);
    let other = tree.root().join("other");
    git2::Repository::open(tree.root()).unwrap().worktree("other", &other, None).unwrap();
    let (repo, _) = Repo::discover(&other, true).unwrap();
    repo.log_decision("first", &Note::default()).unwrap();
    let name = repo.write_batch("fixes", &many(), &Note::default()).unwrap().entry;
    fs::remove_file(tree.root().join(".git/worktrees/other/logs/refs/worktree/quell/undo").join(&name)).unwrap();
    git(tree.root(), &["gc", "--quiet", "--prune=now"]);
    let states = || repo.log().unwrap().into_iter().map(|entry| (entry.is_lost, entry.is_undone)).collect::<Vec<_>>();
    assert_eq!(states(), [(false, false), (true, false)]);
    assert!(repo.log().unwrap()[1].title.starts_with("lost: git has collected"), "{:?}", repo.log());
    let collected =
        Command::new("git").current_dir(&other).args(["gc", "--quiet", "--prune=now"]).stderr(Stdio::null()).status();
    assert!(!collected.unwrap().success(), "git does not collect where a reference leads nowhere");
    repo.undo_entry(&name).unwrap();
    assert_eq!(states(), [(false, false), (true, true)]);
    assert!(is_after(&other), "the files stay as they are");
    assert!(repo.redo_entry(&name).is_err());
    git(&other, &["gc", "--quiet", "--prune=now"]);
    let back: Vec<FileWrite> =
        many().into_iter().map(|file| FileWrite::new(&file.path, file.after, file.before)).collect();
    let next = repo.write_batch("more", &back, &Note::default()).unwrap().entry;
    assert_eq!(next, "00000004", "no name is used twice");
    assert!(is_before(&other));
}

/// What libgit2 cannot open is a plain folder, with its log elsewhere.
#[test]
#[expect(clippy::print_stderr, reason = "a test says why it is skipped")]
fn repositories_of_other_formats_keep_the_images_of_a_batch_too() {
    for format in ["--object-format=sha256", "--ref-format=reftable"] {
        let tree = Tree::plain(&[]);
        let made =
            Command::new("git").current_dir(tree.root()).args(["init", "-q", format]).stderr(Stdio::null()).status();
        if !made.unwrap().success() {
            eprintln!("skipped: this git does not know {format}");
            continue;
        }
        fill(tree.root());
        git(tree.root(), &["add", "."]);
        let repo = Repo::discover(tree.root(), true).unwrap().0.with_state_home(tree.state());
        let name = repo.write_batch("fixes", &many(), &Note::default()).unwrap().entry;
        assert!(is_after(tree.root()), "{format}");
        git(tree.root(), &["gc", "--quiet", "--prune=now"]);
        repo.undo_entry(&name).unwrap();
        assert!(is_before(tree.root()), "{format}");
        assert_eq!(tree.leftovers(&repo), [""; 0], "{format}");
    }
}

/// A kill or a sick disk while the pack is written leaves the tree as it was, and a repository that git can use.
#[test]
fn stopped_at_any_step_before_the_first_file_is_written() {
    let mut is_packed = false;
    for step in 1.. {
        let is_written = stopped("kill", step, &mut is_packed);
        stopped(["fail", "io", "denied"][step % 3], step, &mut is_packed);
        if is_written {
            break;
        }
        assert!(step < 60, "files are written some time");
    }
    assert!(is_packed, "a pack was there");
}

/// Whether a batch that was stopped so had begun to write files.
fn stopped(kind: &str, step: usize, is_packed: &mut bool) -> bool {
    let when = format!("{kind}:{step}");
    let tree = tree(step.is_multiple_of(2));
    let mut child = Command::new(env::current_exe().unwrap());
    child.args(["--exact", "repo::packs::child"]).stdout(Stdio::null()).stderr(Stdio::null());
    child.env("QUELL_CHILD_ROOT", tree.root()).env("QUELL_CHILD_STATE", tree.state());
    child.env("QUELL_PACKS", "1").env("QUELL_FAULT", &when);
    assert!(!child.status().unwrap().success(), "{when}");
    let is_written = tree.files().iter().any(|path| path.contains(".quell-"));
    let is_half = |name: &String| name.starts_with("tmp_");
    *is_packed |= packs(tree.root()).len() == 2;
    assert!(kind == "kill" || !packs(tree.root()).iter().any(is_half), "{when}");
    let repo = tree.repo();
    repo.recover().unwrap();
    assert!(is_before(tree.root()), "{when}");
    assert_eq!(tree.leftovers(&repo), [""; 0], "{when}");
    git(tree.root(), &["fsck", "--strict"]);
    let name = repo.write_batch("again", &many(), &Note::default()).unwrap().entry;
    git(tree.root(), &["gc", "--quiet", "--prune=now"]);
    assert!(!packs(tree.root()).iter().any(is_half), "{when}");
    repo.undo_entry(&name).unwrap();
    assert!(is_before(tree.root()), "{when}");
    is_written
}

/// The child; does nothing in a usual run of the tests.
#[test]
fn child() {
    if env::var_os("QUELL_PACKS").is_none() {
        return;
    }
    let of = |name: &str| env::var(name).unwrap();
    let repo = session(Path::new(&of("QUELL_CHILD_ROOT")), Path::new(&of("QUELL_CHILD_STATE")));
    repo.write_batch("fixes", &many(), &Note::default()).map(drop).unwrap();
}

//! Killed or failing at any step, a batch is there as a whole or not at all.
//!
//! The test binary runs itself: the child does one job and is stopped by `QUELL_FAULT` (see `repo::fault`), the
//! parent looks at what is left, as the next session would.

use std::env;
use std::fs;
use std::io::{Read, Write};
use std::mem::MaybeUninit;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use quell::repo::Repo;
use quell::repo::kept::Shelf;
use quell::repo::log::{Note, Side};
use quell::repo::turn::{Changed, Turning};
use quell::repo::write::FileWrite;
use rustix::fs::inotify;

use crate::support::look::{Look, SOMEBODY};
use crate::support::thorough::is_thorough;
use crate::support::tree::{Tree, kept, session};

const UTF_16: &[u8] = b"\xff\xfea\0\n\0";

/// Path, mode, bytes before and after; `None` where there is no file.
pub(super) type File = (&'static str, u32, Option<&'static [u8]>, Option<&'static [u8]>);

const FILES: [File; 7] = [
    ("a.py", 0o644, Some(b"a\n"), Some(b"A\n")),
    ("key.pem", 0o600, Some(b"key"), Some(b"")),
    ("src/run.sh", 0o755, Some(b"#!/bin/sh\r\n"), Some(b"#!/bin/sh\r\nset -e\n")),
    (".hidden", 0o644, Some(b"h\n"), Some(b"H\n")),
    ("crlf.txt", 0o664, Some(b"one\r\ntwo\r\n"), Some(b"one\r\nTWO\r\n")),
    ("src/deep/er/b.py", 0o644, Some(b""), Some(b"new")),
    ("src/wide.txt", 0o644, Some(UTF_16), Some(b"\xff\xfeb\0\n\0")),
];

/// Files that change, come, go, and get another name (`OLD` is `NEW` afterwards).
const MOVED: [File; 5] = [
    ("a.py", 0o640, Some(b"a\n"), Some(b"A\n")),
    ("gone.pem", 0o600, Some(b"key"), None),
    (FRESH, 0o644, None, Some(b"made\n")),
    (OLD, 0o755, Some(b"#!/bin/sh\n"), None),
    (NEW, 0o755, None, Some(b"#!/bin/sh\nset -e\n")),
];
const FRESH: &str = "new/deep/er.py";
const OLD: &str = "old/run.sh";
const NEW: &str = "other/run.sh";

/// Two of those that change, which is enough to find one done and one not; all with `QUELL_THOROUGH` and where many steps
/// are taken in one process.
pub(super) fn files(job: Job) -> Vec<File> {
    let is_all = is_thorough() || env::var_os("QUELL_FAULTS").is_some();
    let count = if is_all { FILES.len() } else { 2 };
    let mut files = if job.moves { MOVED.to_vec() } else { FILES.get(..count).unwrap_or_default().to_vec() };
    files.sort_unstable_by_key(|file| file.0);
    files
}

/// All files of a tree: path, what they are like, bytes.
pub(super) type State = Vec<(String, Look, Vec<u8>)>;

/// What a job leaves, or finds.
pub(super) fn expected(job: Job, is_new: bool) -> State {
    let file = |(path, mode, before, after): File| {
        let bytes = if is_new { after } else { before };
        Some((path.to_owned(), look(path, mode), bytes?.to_vec()))
    };
    files(job).into_iter().filter_map(file).collect()
}

pub(super) fn state(tree: &Tree) -> State {
    let file = |path: String| {
        let whole = tree.root().join(&path);
        (path, Look::of(&whole), fs::read(whole).unwrap())
    };
    tree.files().into_iter().filter(|path| !path.contains(".quell-")).map(file).collect()
}

/// What a file is given or has in the tree: a file that is none of everybody's belongs to somebody else, where root runs
/// the tests, and has a note.
fn look(path: &str, mode: u32) -> Look {
    static NEW: LazyLock<Look> = LazyLock::new(|| {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("x");
        fs::OpenOptions::new().write(true).create_new(true).mode(0o644).open(&path).unwrap();
        Look::of(&path)
    });
    static MARKED: LazyLock<Look> = LazyLock::new(|| {
        let file = tempfile::NamedTempFile::new().unwrap();
        let marked = Look { owner: SOMEBODY, note: Some(b"seen".to_vec()), ..NEW.clone() };
        marked.give(file.path());
        Look::of(file.path())
    });
    let look = if mode == 0o644 { &NEW } else { &MARKED };
    Look { mode: if path == FRESH { NEW.mode } else { mode }, ..Look::clone(look) }
}

/// What the child does, and how its file system is.
#[derive(Clone, Copy)]
pub(super) struct Job {
    pub(super) name: &'static str,
    /// Whether files come, go and get other names.
    pub(super) moves: bool,
    pub(super) can_exchange: bool,
}

pub(super) const WRITE: Job = Job { name: "write", moves: false, can_exchange: true };
pub(super) const UNDO: Job = Job { name: "undo", ..WRITE };
pub(super) const MOVE: Job = Job { moves: true, ..WRITE };
pub(super) const MOVE_BACK: Job = Job { moves: true, ..UNDO };

#[test]
fn killed_while_writing_with_git() {
    check(WRITE, true);
}

#[test]
fn killed_while_writing_without_git() {
    check(WRITE, false);
}

#[test]
fn killed_while_writing_where_files_cannot_be_exchanged() {
    check(Job { can_exchange: false, ..WRITE }, true);
}

#[test]
fn killed_while_undoing() {
    check(UNDO, true);
}

#[test]
fn killed_while_files_come_and_go() {
    check(MOVE, true);
}

#[test]
fn killed_while_files_come_and_go_where_they_cannot_be_renamed_in_one_step() {
    check(Job { can_exchange: false, ..MOVE }, false);
}

#[test]
fn killed_while_files_go_and_come_back() {
    check(MOVE_BACK, true);
}

/// What a turn writes over somebody's change is in no record yet: it brings its own images.
#[test]
fn killed_while_undoing_what_was_changed_since() {
    const CHANGED: &str = "A\nmine\n";
    const MERGED: &str = "a\nmine\n";
    let job = Job { name: "merge", ..WRITE };
    for kind in ["kill", "fail"] {
        for step in 1.. {
            let tree = start(UNDO, true);
            tree.write("a.py", CHANGED);
            let is_done = run(&tree, job, &format!("{kind}:{step}")).success();
            let repo = tree.repo();
            repo.recover().unwrap();
            let when = format!("{kind} at step {step}");
            assert_eq!((tree.leftovers(&repo), repo.interrupted()), (vec![], None), "{when}");
            let is_undone = repo.log().unwrap()[0].is_undone;
            let expected = if is_undone { (MERGED, "key") } else { (CHANGED, "") };
            assert_eq!((tree.text("a.py").as_str(), tree.text("key.pem").as_str()), expected, "{when}");
            if !is_undone {
                merge(&repo);
            }
            repo.redo_entry(&repo.log().unwrap()[0].name).unwrap();
            assert_eq!((tree.text("a.py").as_str(), tree.text("key.pem").as_str()), (CHANGED, ""), "{when}");
            if is_done && step > 20 {
                break;
            }
        }
    }
}

/// Takes back the only entry, with what was changed since.
fn merge(repo: &Repo) {
    let entry = repo.log().unwrap().remove(0);
    let merge = |changed: &Changed<'_>| Ok([changed.wanted, b"mine\n"].concat());
    repo.turn(&Turning { entry: &entry, to: Side::Before, files: &[], events: &[], merge: &merge }).unwrap();
}

#[test]
fn a_session_that_only_reads_warns_and_leaves_an_interrupted_batch_alone() {
    for job in [WRITE, Job { can_exchange: false, ..WRITE }] {
        let tree = interrupted(job, "a.py");
        let repo = tree.repo();
        let warning = repo.interrupted().unwrap();
        assert_eq!(
            warning.to_string(),
            format!(
                "a batch was interrupted: fixes ({} files); the next write finishes it or takes it back; `quell recover` does so now",
                files(WRITE).len()
            )
        );
        assert_eq!(repo.log().unwrap(), []);
        assert_eq!((tree.text("a.py"), tree.text("key.pem")), ("A\n".into(), "key".into()));
        let lock = fs::File::open(repo.state_dir().join("lock")).unwrap();
        rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive).unwrap();
        assert_eq!(repo.interrupted(), None, "somebody is writing now");
        drop(lock);
        let recovery = repo.recover().unwrap().unwrap();
        assert_eq!(recovery.summary, format!("an interrupted batch was taken back ({} files)", files(WRITE).len()));
        assert_eq!((tree.text("a.py"), tree.text("key.pem")), ("a\n".into(), "key".into()));
        assert_eq!(repo.recover().unwrap(), None);
    }
}

#[test]
fn recovery_never_overwrites_what_was_edited_since() {
    let jobs = [WRITE, Job { can_exchange: false, ..WRITE }].into_iter().flat_map(|job| [(job, true), (job, false)]);
    for (job, with_git) in jobs {
        let tree = interrupted_in(job, "a.py", with_git);
        let repo = tree.repo();
        tree.write("a.py", "my work");
        let error = repo.recover().unwrap_err().to_string();
        let place = if with_git { "`git show ".to_owned() } else { repo.state_dir().display().to_string() };
        let expected =
            format!("a.py: a batch was interrupted, and then this file was changed; what it held before is in {place}");
        assert!(error.starts_with(&expected), "{error}");
        assert!(repo.write_batch("more", &writes(WRITE), &Note::default()).is_err(), "first things first");
        repo.log_decision("a decision", &Note::default()).unwrap();
        assert_eq!((tree.text("a.py"), tree.text("key.pem")), ("my work".into(), "key".into()));
        tree.write("a.py", "A\n");
        repo.recover().unwrap().unwrap();
        assert_eq!((tree.text("a.py"), tree.leftovers(&repo)), ("a\n".into(), vec![]));
        let titles: Vec<String> = repo.log().unwrap().into_iter().map(|entry| entry.title).collect();
        assert_eq!(titles, ["a decision"]);
    }
}

#[test]
fn recovery_finishes_what_was_written_as_a_whole() {
    let last = files(WRITE).last().unwrap().0;
    let tree = interrupted(WRITE, last);
    let repo = tree.repo();
    assert_eq!(repo.log().unwrap(), []);
    let summary = repo.recover().unwrap().unwrap().summary;
    assert_eq!(summary, format!("an interrupted batch was finished ({} files)", files(WRITE).len()));
    let log = repo.log().unwrap();
    assert_eq!(log.len(), 1);
    repo.undo_entry(&log[0].name).unwrap();
    assert_eq!((tree.text("a.py"), tree.text("key.pem")), ("a\n".into(), "key".into()));
}

/// A tree that a kill left with the files up to `last` written and those after it not.
fn interrupted(job: Job, last: &str) -> Tree {
    interrupted_in(job, last, true)
}

fn interrupted_in(job: Job, last: &str, with_git: bool) -> Tree {
    let (old, new) = (expected(job, false), expected(job, true));
    let wanted: State =
        old.into_iter().zip(new).map(|(old, new)| if old.0.as_str() <= last { new } else { old }).collect();
    for step in 1..1000 {
        let tree = start(job, with_git);
        assert!(!run(&tree, job, &format!("kill:{step}")).success(), "no step leaves the tree so");
        if state(&tree) == wanted {
            return tree;
        }
    }
    unreachable!("no step leaves the tree so")
}

/// As a loss of power may leave it: the record is on the disk, and some of what it speaks of is not.
#[test]
fn what_counts_as_done_is_made_good() {
    for job in [WRITE, MOVE] {
        let mut tried = 0;
        for step in 1.. {
            let tree = start(job, true);
            if run(&tree, job, &format!("kill:{step}")).success() {
                break;
            }
            let repo = tree.repo();
            if repo.log().unwrap().is_empty() || state(&tree) != expected(job, true) {
                continue;
            }
            let temp = |name: &str| {
                let start = format!(".{name}.quell-");
                fs::read_dir(tree.root())
                    .unwrap()
                    .map(|entry| entry.unwrap().path())
                    .find(|path| path.file_name().unwrap().to_str().unwrap().starts_with(&start))
            };
            // Exchanged only in memory.
            let Some(own) = temp("a.py") else { continue };
            tried += 1;
            let (path, aside) = (tree.root().join("a.py"), tree.root().join(".git/aside"));
            fs::rename(&path, &aside).unwrap();
            fs::rename(&own, &path).unwrap();
            fs::rename(&aside, &own).unwrap();
            if job.moves {
                fs::rename(temp("gone.pem").unwrap(), tree.root().join("gone.pem")).unwrap();
            }
            repo.recover().unwrap().unwrap();
            assert_eq!((state(&tree), tree.leftovers(&repo)), (expected(job, true), vec![]), "step {step}");
            repo.undo_entry(&repo.log().unwrap()[0].name).unwrap();
            assert_eq!(state(&tree), expected(job, false), "step {step}");
        }
        assert!(tried > 0);
    }
}

/// A journal that was cut or changed is never obeyed: it says which files are removed.
#[test]
fn a_journal_that_is_not_as_it_was_written_touches_nothing() {
    let tree = interrupted(WRITE, "a.py");
    let repo = tree.repo();
    let path = repo.state_dir().join("journal.json");
    let journal = fs::read_to_string(&path).unwrap();
    let temp = tree.files().into_iter().find(|path| path.starts_with(".a.py.quell-")).unwrap();
    tree.write("victim", "mine");
    tree.write(".victim.quell-1", "mine");
    let before = tree.bytes();
    let changed = ["victim", "../victim", ".victim.quell-1", "", ".", "src/../a.py", ".git/config", ".git"];
    let changed = changed.map(|name| journal.replace(&temp, name));
    let paths = ["../a.py", "/etc/passwd", ".git/config", "a.py/"]
        .map(|path| journal.replace("\"path\":\"a.py\"", &format!("\"path\":\"{path}\"")));
    let cut = (0..journal.len()).step_by(97).map(|length| journal.get(..length).unwrap().to_owned());
    for text in changed.into_iter().chain(paths).chain(cut) {
        fs::write(&path, &text).unwrap();
        let error = repo.recover().expect_err(&text).to_string();
        assert!(error.contains("journal"), "{error}");
        assert!(repo.write_batch("more", &writes(WRITE), &Note::default()).is_err());
        assert_eq!(tree.bytes(), before, "{text}");
    }
    fs::write(&path, journal).unwrap();
    repo.recover().unwrap().unwrap();
    assert_eq!((tree.text("a.py"), tree.text("victim")), ("a\n".into(), "mine".into()));
}

const LONG: &str = "z.bin";

fn long() -> Vec<u8> {
    vec![b'z'; 4 << 20]
}

/// A short file, and a long one that is looked at after it.
fn slow() -> [FileWrite; 2] {
    let change = |path: &str, before: &[u8]| FileWrite::new(path, Some(before.into()), Some((*b"A\n").into()));
    [change("a.py", b"a\n"), change(LONG, &long())]
}

/// An editor saves the short file while the batch, of which a step has failed, looks at the long one.
#[test]
fn a_save_while_a_batch_is_taken_back_stays() {
    let mut saves = 0;
    for step in 1.. {
        let tree = Tree::git(&[("a.py", "a\n"), (LONG, "")]);
        fs::write(tree.root().join(LONG), long()).unwrap();
        tree.write(".git/editor", "saved");
        let watch = inotify::init(inotify::CreateFlags::NONBLOCK).unwrap();
        inotify::add_watch(&watch, tree.root().join(LONG), inotify::WatchFlags::OPEN).unwrap();
        let is_done = AtomicBool::new(false);
        let (is_saved, status) = thread::scope(|scope| {
            let editor = scope.spawn(|| {
                let mut room = [MaybeUninit::uninit(); 4096];
                let mut events = inotify::Reader::new(&watch, &mut room);
                let mut opened = 0;
                while opened < 2 && !is_done.load(Ordering::SeqCst) {
                    opened += usize::from(events.next().is_ok());
                }
                opened == 2 && fs::rename(tree.root().join(".git/editor"), tree.root().join("a.py")).is_ok()
            });
            let status = run(&tree, Job { name: "slow", ..WRITE }, &format!("fail:{step}"));
            is_done.store(true, Ordering::SeqCst);
            (editor.join().unwrap(), status)
        });
        let _ = tree.repo().recover();
        if is_saved {
            saves += 1;
            assert_eq!(tree.text("a.py"), "saved", "step {step}: {status}");
        }
        if status.success() && step > 20 {
            break;
        }
    }
    assert!(saves > 5, "{saves}");
}

/// A program that has a file open since before the batch writes to it while the batch is at a step.
#[test]
fn what_is_written_through_an_old_handle_stays() {
    let mut exchanged = 0;
    for step in 1.. {
        let tree = start(WRITE, true);
        let mut handle = fs::OpenOptions::new().append(true).open(tree.root().join("a.py")).unwrap();
        let mut child = command(&tree, WRITE, &format!("stop:{step}"));
        let mut child = child.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        if child.stderr.as_mut().unwrap().read(&mut [0; 1]).unwrap() == 0 {
            assert!(child.wait().unwrap().success());
            break;
        }
        let is_exchanged = tree.text("a.py") == "A\n";
        let is_logged = !tree.repo().log().unwrap().is_empty();
        handle.write_all(b"more\n").unwrap();
        child.stdin.take().unwrap().write_all(b".").unwrap();
        let is_done = child.wait().unwrap().success();
        tree.repo().recover().unwrap();
        let text = tree.text("a.py");
        if is_logged {
            // When the last copies go, it is too late.
            assert!(text.starts_with(if is_done { "A\n" } else { "a\nmore\n" }), "step {step}: {text}");
        } else {
            exchanged += usize::from(is_exchanged);
            assert_eq!((text.as_str(), is_done), ("a\nmore\n", false), "step {step}");
        }
        assert_eq!(tree.leftovers(&tree.repo()), [""; 0], "step {step}");
    }
    assert!(exchanged > 0);
}

/// What libgit2 leaves when it is killed, or loses power, in the middle of a reference.
#[test]
fn halves_of_references_stop_nobody() {
    let tree = Tree::git(&[("a.py", "a")]);
    let repo = tree.repo();
    repo.log_decision("first", &Note::default()).unwrap();
    tree.write(".git/refs/worktree/quell/undo/00000002.lock", "");
    tree.write(".git/refs/worktree/quell/undo/00000003", "");
    repo.log_decision("second", &Note::default()).unwrap();
    tree.write(".git/refs/worktree/quell/undo/00000003.lock", "");
    let writes = [FileWrite::new("a.py", Some((*b"a").into()), Some((*b"b").into()))];
    repo.write_batch("third", &writes, &Note::default()).unwrap();
    let titles: Vec<String> = repo.log().unwrap().into_iter().map(|entry| entry.title).collect();
    assert_eq!(titles, ["first", "second", "third"]);
}

#[test]
fn killed_while_deciding() {
    for step in 1.. {
        let tree = Tree::plain(&[]);
        let status = run(&tree, Job { name: "decide", ..WRITE }, &format!("kill:{step}"));
        let (files, problems) = kept(&tree.repo(), "decisions");
        assert_eq!(problems, [], "step {step}");
        match files.as_slice() {
            [] => assert!(!status.success(), "step {step}: the decision is lost"),
            [(_, bytes)] => assert_eq!(bytes, b"a decision\n", "step {step}"),
            more => unreachable!("step {step}: {more:?}"),
        }
        tree.repo().create_kept(Shelf::Tree, "decisions/2027/b.json", b"the next\n").unwrap();
        assert_eq!(tree.leftovers(&tree.repo()), [""; 0], "step {step}");
        if status.success() {
            assert!(step > 5);
            break;
        }
    }
}

/// The child; does nothing in a usual run of the tests.
#[test]
fn child() {
    let Ok(job) = env::var("QUELL_CHILD") else { return };
    let repo =
        session(Path::new(&env::var("QUELL_CHILD_ROOT").unwrap()), Path::new(&env::var("QUELL_CHILD_STATE").unwrap()));
    let moves = env::var_os("QUELL_CHILD_MOVES").is_some();
    match job.as_str() {
        "write" => repo.write_batch("fixes", &writes(Job { moves, ..WRITE }), &Note::default()).map(|_| ()).unwrap(),
        "undo" => repo.undo_entry(&repo.log().unwrap()[0].name).map(|_| ()).unwrap(),
        "slow" => repo.write_batch("slow", &slow(), &Note::default()).map(|_| ()).unwrap(),
        "merge" => merge(&repo),
        "recover" => repo.recover().map(|_| ()).unwrap(),
        _ => repo.create_kept(Shelf::Tree, "decisions/2026/a.json", b"a decision\n").map(|_| ()).unwrap(),
    }
}

/// Stops the job at every step, once by killing it and once by letting the step fail.
fn check(job: Job, with_git: bool) {
    let mut steps = 0;
    for step in 1.. {
        let tree = start(job, with_git);
        let status = run(&tree, job, &format!("kill:{step}"));
        if status.success() {
            assert!(is_done(&tree, job, "at the end"), "it says that it is done");
            steps = step - 1;
            break;
        }
        assert_eq!(status.signal(), Some(9), "step {step}");
        // The next session may be killed as well.
        run(&tree, Job { name: "recover", ..job }, &format!("kill:{}", 1 + step % 11));
        is_done(&tree, job, &format!("killed at step {step}"));
    }
    assert!(steps > 20, "{steps} steps");
    for step in 1..=steps {
        let tree = start(job, with_git);
        let status = run(&tree, job, &format!("fail:{step}"));
        let is_new = |repo: &Repo| repo.read("a.py").unwrap() == if job.name == "undo" { b"a\n" } else { b"A\n" };
        let is_whole = [true, false].into_iter().any(|is_new| state(&tree) == expected(job, is_new));
        assert!(is_whole || status.success(), "step {step}: {:?}", tree.files());
        assert_eq!(is_new(&tree.repo()), status.success(), "step {step}: a failure undoes itself at once");
        assert_eq!(is_done(&tree, job, &format!("step {step} failed")), status.success());
    }
}

pub(super) fn start(job: Job, with_git: bool) -> Tree {
    let tree = if with_git { Tree::git(&[]) } else { Tree::plain(&[]) };
    for (path, mode, before, _) in files(job) {
        let (path, Some(before)) = (tree.root().join(path), before) else { continue };
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, before).unwrap();
        look(FILES[0].0, mode).give(&path);
    }
    if job.name == "undo" {
        tree.repo().write_batch("fixes", &writes(job), &Note::default()).unwrap();
    }
    tree
}

pub(super) fn writes(job: Job) -> Vec<FileWrite> {
    let write = |(path, _, before, after): File| {
        let mut write = FileWrite::new(path, before.map(Into::into), after.map(Into::into));
        write.from = (path == NEW).then(|| OLD.to_owned());
        write
    };
    files(job).into_iter().map(write).collect()
}

fn run(tree: &Tree, job: Job, fault: &str) -> ExitStatus {
    command(tree, job, fault).status().unwrap()
}

fn command(tree: &Tree, job: Job, fault: &str) -> Command {
    let mut child = Command::new(env::current_exe().unwrap());
    child.args(["--exact", "repo::crash::child"]).stdout(Stdio::null()).stderr(Stdio::null());
    child.env("QUELL_CHILD", job.name).env("QUELL_FAULT", fault);
    child.env("QUELL_CHILD_ROOT", tree.root()).env("QUELL_CHILD_STATE", tree.state());
    if !job.can_exchange {
        child.env("QUELL_NO_EXCHANGE", "1");
    }
    if job.moves {
        child.env("QUELL_CHILD_MOVES", "1");
    }
    child
}

/// Lets the next session recover, and checks that all is whole. Returns whether the job counts as done.
pub(super) fn is_done(tree: &Tree, job: Job, when: &str) -> bool {
    let repo = tree.repo();
    repo.recover().unwrap();
    assert_eq!(tree.leftovers(&repo), [""; 0], "{when}");
    assert_eq!(repo.interrupted(), None, "{when}");
    let (found, old, new) = (state(tree), expected(job, false), expected(job, true));
    let is_new = found == new;
    assert!(is_new || found == old, "{when}: {found:?}");
    if when.starts_with("killed") {
        let has_folder = |name: &str| tree.root().join(name).exists();
        assert_eq!((has_folder("new"), has_folder("other")), (is_new && job.moves, is_new && job.moves), "{when}");
    }
    let log = repo.log().unwrap();
    let states: Vec<bool> = log.iter().map(|entry| entry.is_undone).collect();
    let expected = match (job.name, is_new) {
        ("undo", _) => vec![!is_new],
        (_, true) => vec![false],
        (_, false) => vec![],
    };
    assert_eq!(states, expected, "{when}");
    let is_done = is_new != (job.name == "undo");
    // The tree can be worked on: there and back.
    if is_new {
        repo.undo_entry(&log[0].name).unwrap();
        repo.redo_entry(&log[0].name).unwrap();
    } else {
        repo.write_batch("again", &writes(job), &Note::default()).unwrap();
    }
    assert_eq!(state(tree), new, "{when}");
    is_done
}

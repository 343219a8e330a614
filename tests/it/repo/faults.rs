//! A disk that is full, broken or closed at any step, once or from then on: a batch of seven files is there as a whole
//! or not at all, and what the next session does about it is what it says.
//!
//! The test binary runs itself, since a fault counts for a whole process. Every seventh step is tried, and all of them in
//! all ways with `QUELL_THOROUGH`; then the calls of the system are made to fail as well, by strace, which also reaches
//! those of libgit2.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use quell::repo::Repo;
use quell::repo::fault::arm;
use quell::repo::log::Note;

use super::crash::{Job, MOVE, MOVE_BACK, UNDO, WRITE, expected, files, is_done, start, state, writes};
use crate::support::thorough::is_thorough;
use crate::support::tree::{Tree, session};

/// Every kind of fault with what the system says then, once and lasting.
const FAULTS: [(&str, &str, &str); 6] = [
    ("fail", "", "no space left on device"),
    ("io", "", "input/output error"),
    ("denied", "", "permission denied"),
    ("fail", "+", "no space left on device"),
    ("io", "+", "input/output error"),
    ("denied", "+", "permission denied"),
];

#[test]
fn writing_with_git() {
    check(WRITE, true);
}

#[test]
fn writing_without_git() {
    check(WRITE, false);
}

#[test]
fn writing_where_files_cannot_be_exchanged() {
    check(Job { can_exchange: false, ..WRITE }, true);
}

#[test]
fn undoing_with_git() {
    check(UNDO, true);
}

#[test]
fn undoing_without_git() {
    check(UNDO, false);
}

#[test]
fn undoing_where_files_cannot_be_exchanged() {
    check(Job { can_exchange: false, ..UNDO }, true);
}

#[test]
fn files_come_and_go() {
    check(MOVE, true);
    check(MOVE, false);
}

#[test]
fn files_come_and_go_where_they_cannot_be_renamed_in_one_step() {
    check(Job { can_exchange: false, ..MOVE }, true);
    check(Job { can_exchange: false, ..MOVE_BACK }, true);
}

#[test]
fn files_go_and_come_back() {
    check(MOVE_BACK, true);
    check(MOVE_BACK, false);
}

/// Lets a process of its own try the steps of a job.
fn check(job: Job, with_git: bool) {
    let mut child = Command::new(env::current_exe().unwrap());
    child.args(["--exact", "repo::faults::child", "--nocapture"]).env("QUELL_FAULTS", job.name);
    if with_git {
        child.env("QUELL_FAULTS_GIT", "1");
    }
    if !job.can_exchange {
        child.env("QUELL_NO_EXCHANGE", "1");
    }
    if job.moves {
        child.env("QUELL_FAULTS_MOVES", "1");
    }
    let output = child.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The child; does nothing in a usual run of the tests.
#[test]
fn child() {
    let Ok(name) = env::var("QUELL_FAULTS") else { return };
    let moves = env::var_os("QUELL_FAULTS_MOVES").is_some();
    let job = Job { moves, ..if name == "undo" { UNDO } else { WRITE } };
    if let Ok(root) = env::var("QUELL_FAULTS_ROOT") {
        drop(go(job, &session(Path::new(&root), Path::new(&env::var("QUELL_FAULTS_STATE").unwrap()))));
        return;
    }
    let is_thorough = is_thorough();
    let with_git = env::var_os("QUELL_FAULTS_GIT").is_some();
    for number in 0.. {
        let step = 1 + if is_thorough { number / FAULTS.len() } else { 7 * number };
        if !one(job, with_git, step, FAULTS[number % FAULTS.len()]) {
            assert!(step > 40, "{step} steps");
            break;
        }
    }
}

fn go(job: Job, repo: &Repo) -> Result<(), String> {
    let done = match job.name {
        "undo" => repo.undo_entry(&repo.log().unwrap()[0].name).map(drop),
        _ => repo.write_batch("fixes", &writes(job), &Note::default()).map(drop),
    };
    done.map_err(|error| error.to_string())
}

/// One job with one fault. Returns whether the job came to that step.
fn one(job: Job, with_git: bool, step: usize, (kind, lasting, words): (&str, &str, &str)) -> bool {
    let tree = start(job, with_git);
    let repo = tree.repo();
    let when = format!("{kind}:{step}{lasting}");
    arm(&when);
    let done = go(job, &repo);
    let steps = arm("none:0");
    if let Err(error) = &done {
        assert!(error.contains(words), "{when}: {error}");
    }
    if steps < step {
        assert_eq!(done, Ok(()), "{when}");
    }
    if lasting.is_empty() {
        let (old, new) = (state(&tree) == expected(job, false), state(&tree) == expected(job, true));
        let is_after = if job.name == "undo" { old } else { new };
        assert!(old || new, "{when}: half of it stands");
        assert_eq!(is_after, done.is_ok(), "{when}: a failure undoes itself at once: {done:?}");
    }
    whole(job, &tree, &when, done.is_ok());
    steps >= step
}

/// The next session makes the batch whole and says how.
fn whole(job: Job, tree: &Tree, when: &str, is_said: bool) {
    let repo = tree.repo();
    let recovery = repo.recover().unwrap();
    let is_after = state(tree) == expected(job, job.name != "undo");
    if is_said {
        assert!(is_after, "{when}: it was said to be done");
    }
    if let Some(recovery) = recovery {
        let all: BTreeSet<String> = files(job).into_iter().map(|(path, ..)| path.to_owned()).collect();
        assert_eq!(recovery.files.iter().cloned().collect::<BTreeSet<_>>(), all, "{when}");
        let outcome = if is_after { ["was complete", "was finished"] } else { ["was taken back"; 2] };
        let said = outcome.map(|outcome| format!("an interrupted batch {outcome} ({} files)", all.len()));
        assert!(said.contains(&recovery.summary), "{when}: {}", recovery.summary);
    }
    assert_eq!(is_done(tree, job, when), is_after, "{when}");
}

/// Calls that change something on the disk or wait for it.
const CALLS: [&str; 10] = [
    "openat",
    "write",
    "fsync,fdatasync",
    "syncfs",
    "renameat2,rename,linkat,link",
    "unlinkat,unlink",
    "fchmod",
    "flistxattr,fgetxattr",
    "fsetxattr",
    "mkdir",
];

/// Every call of each kind fails once, and from then on.
#[test]
#[expect(clippy::print_stderr, reason = "a test says why it is skipped")]
fn calls_of_the_system_that_fail() {
    if !is_thorough() {
        return;
    }
    if Command::new("strace").arg("-V").stdout(Stdio::null()).status().is_err() {
        eprintln!("skipped: strace is not installed");
        return;
    }
    for job in [WRITE, UNDO, MOVE, MOVE_BACK] {
        for (number, calls) in CALLS.iter().enumerate() {
            for at in 1.. {
                let error = ["ENOSPC", "EIO", "EACCES"][(at + number) % 3];
                let lasting = if at % 2 == 0 { "+" } else { "" };
                let (tree, is_hit) = traced(job, &format!("{calls}:error={error}:when={at}{lasting}"));
                whole(job, &tree, &format!("{calls} {error} {at}{lasting}"), false);
                if !is_hit {
                    break;
                }
            }
        }
    }
}

/// A job whose calls fail, and whether one did.
fn traced(job: Job, inject: &str) -> (Tree, bool) {
    let tree = start(job, true);
    let log = tree.state().join("calls");
    let calls = inject.split(':').next().unwrap_or_default();
    let mut child = Command::new("strace");
    child.args(["-f", "-qq", "-o"]).arg(&log).args([
        "-e",
        &format!("trace={calls}"),
        "-e",
        &format!("inject={inject}"),
    ]);
    child.arg(env::current_exe().unwrap()).args(["--exact", "repo::faults::child"]);
    child.env("QUELL_FAULTS", job.name).env("RAYON_NUM_THREADS", "1");
    if job.moves {
        child.env("QUELL_FAULTS_MOVES", "1");
    }
    child.env("QUELL_FAULTS_ROOT", tree.root()).env("QUELL_FAULTS_STATE", tree.state());
    child.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    let is_hit = fs::read_to_string(&log).unwrap().contains("(INJECTED)");
    fs::remove_file(log).unwrap();
    (tree, is_hit)
}

//! A batch of 1,000 fixes in 300 files of a git repository: placed, written, taken back, beside `git apply` of the
//! same diff in the same run.
//!
//! `cargo bench --bench fix` prints milliseconds (the median of seven) and the ratio to `git apply`, which varies less
//! from machine to machine. Quell keeps a journal and the images for undo, and waits until they and every file are on
//! the disk; `git apply` does none of this: what it wrote is on the disk when the system gets to it.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench that cannot go on stops; it prints a table")]

use std::borrow::Cow;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use quell::fix::diff::unified;
use quell::fix::{Choice, apply, plan};
use quell::model::backlog::MadeBy;
use quell::model::detail::Region;
use quell::model::fix::{Applicability, FileEdit, Proposal, ProposalSource, SeenText, TextEdit};
use quell::model::id::FixId;
use quell::repo::Repo;
use quell::repo::create::{self, Commit, NewFile};
use quell::repo::log::Note;
use tempfile::TempDir;

const FIXES: u32 = 1000;
const FILES: u32 = 300;
/// Lines of each file.
const LINES: u32 = 400;
const RUNS: usize = 7;
const COMMITTED: i64 = 1_700_000_000;

fn main() {
    let folder = TempDir::new().unwrap();
    let root = create::repository(&folder.path().join("bench"), &[commit()], |_| Ok(Vec::new())).unwrap();
    let repo = Repo::discover(&root, true).unwrap().0;
    let (mut planning, mut writing, mut undoing, mut git) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for run in 0..RUNS {
        // Another text each time, so that git has none of the outcomes yet.
        let proposals: Vec<Proposal> = (0..FIXES).map(|number| proposal(number, run)).collect();
        let planned = plan(&repo, &proposals, &Choice::default());
        assert_eq!(planned.totals(), (FIXES, FIXES), "every fix has its place");
        let files = planned.files.iter();
        let diff: Vec<u8> = files.flat_map(|file| unified(&file.path, &file.before, &file.after)).collect();
        std::fs::write(folder.path().join("fixes.diff"), diff).unwrap();

        planning.push(timed(|| drop(plan(&repo, &proposals, &Choice::default()))));
        let mut entry = String::new();
        writing.push(timed(|| {
            let planned = plan(&repo, &proposals, &Choice::default());
            entry = apply(&repo, &planned, Note::default()).unwrap().entry;
        }));
        undoing.push(timed(|| drop(repo.undo_entry(&entry).unwrap())));
        git.push(timed(|| git_apply(&root, &["../fixes.diff"])));
        git_apply(&root, &["-R", "../fixes.diff"]);
    }
    let peer = median(git);
    println!("{FIXES} fixes in {FILES} files of {LINES} lines");
    println!("{:24} {:>9} {:>12}", "", "ms", "of git apply");
    for (name, times) in [("plan", planning), ("plan and write", writing), ("undo", undoing)] {
        let time = median(times);
        println!("{name:24} {:>9.1} {:>12.2}", time * 1e3, time / peer);
    }
    println!("{:24} {:>9.1}", "git apply", peer * 1e3);
}

fn git_apply(root: &Path, arguments: &[&str]) {
    let done = Command::new("git").arg("apply").args(arguments).current_dir(root).status().unwrap();
    assert!(done.success());
}

fn timed(job: impl FnOnce()) -> Duration {
    let start = Instant::now();
    job();
    start.elapsed()
}

/// In seconds.
fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64()
}

fn path(file: u32) -> String {
    format!("src/part{}/file{file}.py", file % 20)
}

fn line(file: u32, number: u32) -> String {
    format!("    value_{number} = run(\"task {file}\", {number}, shell=True)")
}

fn commit() -> Commit<'static> {
    let file = |file: u32| {
        let text: String = (1..=LINES).map(|number| line(file, number) + "\n").collect();
        NewFile { path: path(file), bytes: Cow::Owned(text.into_bytes()), is_executable: false }
    };
    Commit {
        author: "A Tester".to_owned(),
        email: "tester@example.org".to_owned(),
        at: Timestamp::from_second(COMMITTED).unwrap(),
        offset_minutes: 0,
        message: "first".to_owned(),
        files: (0..FILES).map(file).collect(),
    }
}

/// Replaces the argument at the end of one line.
fn proposal(number: u32, run: usize) -> Proposal {
    let (file, at) = (number % FILES, 10 + number / FILES * 90);
    let text = line(file, at);
    let end = u32::try_from(text.len()).unwrap() + 1;
    let region = Region { line: at, column: end - 11, end_line: at, end_column: end - 1, ..Region::default() };
    let edit = FileEdit {
        path: path(file),
        in_repo: true,
        edits: vec![TextEdit { region, unit: None, insert: format!("shell=No{run:03}") }],
        seen: vec![SeenText { region: Region { line: at, ..Region::default() }, text }],
        ..FileEdit::default()
    };
    let source = ProposalSource {
        tool: "Acme".to_owned(),
        family: "acme".to_owned(),
        file: "acme.sarif".to_owned(),
        pointer: format!("/runs/0/results/{number}/fixes/0"),
        made: Timestamp::from_second(COMMITTED + 60).ok(),
        made_by: MadeBy::Stated,
        revision: None,
    };
    Proposal {
        id: FixId(u64::from(number)),
        finding: None,
        also: Vec::new(),
        source,
        title: "do not use a shell".to_owned(),
        message: String::new(),
        applicability: Applicability::Unknown,
        alternative: 0,
        edits: vec![edit],
        warnings: Vec::new(),
    }
}

//! A batch of 1,000 fixes in 300 files of a git repository: `quell fix --apply` of a report beside `git apply` of the
//! same diff, both as whole processes, in pairs, on the disk and in memory; then the steps of Quell alone.
//!
//! `cargo bench --bench fix` prints milliseconds, and ratios to `git apply`, which vary less from machine to machine.
//! Quell reads a report, places each fix, shows what it found, keeps a journal and the images for undo, records its
//! decision, and waits until all of it is on the disk. `git apply` does none of this: what it wrote is on the disk when
//! the system gets to it. So a third figure is that of `git apply` until its files are on the disk as well.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench that cannot go on stops; it prints a table")]

use std::borrow::Cow;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
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
use serde_json::json;
use tempfile::TempDir;

const FIXES: u32 = 1000;
const FILES: u32 = 300;
/// Lines of each file.
const LINES: u32 = 400;
const RUNS: usize = 7;
const COMMITTED: i64 = 1_700_000_000;

/// A file system in memory, where there is one.
const MEMORY: &str = "/dev/shm";

fn main() {
    println!("{FIXES} fixes in {FILES} files of {LINES} lines");
    for (name, folder) in [("on the disk", TempDir::new()), ("in memory", TempDir::new_in(MEMORY))] {
        match folder {
            Ok(folder) => processes(name, folder.path()),
            Err(error) => println!("\n{name}: not measured ({error})"),
        }
    }
    steps(TempDir::new().unwrap().path());
}

/// Whole processes, in pairs.
fn processes(name: &str, folder: &Path) {
    let root = create::repository(&folder.join("bench"), &[commit()], |_| Ok(Vec::new())).unwrap();
    let (mut quell, mut git, mut durable) = (Vec::new(), Vec::new(), Vec::new());
    // The first pair warms up.
    for run in 0..=RUNS {
        let diff = diff(&Repo::discover(&root, true).unwrap().0, run);
        fs::write(folder.join("fixes.diff"), diff).unwrap();
        fs::write(folder.join("report.sarif"), report(run)).unwrap();
        settled(folder);
        quell.push(timed(|| run_quell(&root, &["fix", "../report.sarif", "--apply"])));
        run_quell(&root, &["undo"]);
        fs::remove_dir_all(root.join(".quell")).unwrap();
        settled(folder);
        git.push(timed(|| git_apply(&root, &["../fixes.diff"])));
        git_apply(&root, &["-R", "../fixes.diff"]);
        settled(folder);
        durable.push(timed(|| {
            git_apply(&root, &["../fixes.diff"]);
            settled(folder);
        }));
        git_apply(&root, &["-R", "../fixes.diff"]);
    }
    let [quell, git, durable] = [quell, git, durable].map(|times| times[1..].to_vec());
    println!("\n{name:32} {:>9} {:>9}", "least", "median");
    for (name, times) in [("quell fix --apply", &quell), ("git apply", &git), ("git apply, then on the disk", &durable)]
    {
        let times = times.iter().map(|time| time.as_secs_f64() * 1e3).collect();
        let (least, median) = least_and_median(times);
        println!("{name:32} {least:>9.1} {median:>9.1} ms");
    }
    for (name, peer) in [("to git apply", &git), ("to git apply, then on the disk", &durable)] {
        let ratios = quell.iter().zip(peer).map(|(own, peer)| own.as_secs_f64() / peer.as_secs_f64());
        let (least, median) = least_and_median(ratios.collect());
        println!("{name:32} {least:>9.2} {median:>9.2} times, in pairs");
    }
}

fn diff(repo: &Repo, run: usize) -> Vec<u8> {
    let proposals: Vec<Proposal> = (0..FIXES).map(|number| proposal(number, run)).collect();
    let planned = plan(repo, &proposals, &Choice::default());
    assert_eq!(planned.totals(), (FIXES, FIXES), "every fix has its place");
    planned.files.iter().flat_map(|file| unified(&file.path, &file.before, &file.after)).collect()
}

fn run_quell(root: &Path, arguments: &[&str]) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quell"));
    let done = command.args(arguments).current_dir(root).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert!(done.success(), "{arguments:?}: {done}");
}

/// Everything that was written to the file system is on the disk.
fn settled(folder: &Path) {
    rustix::fs::syncfs(File::open(folder).unwrap()).unwrap();
}

fn least_and_median(mut values: Vec<f64>) -> (f64, f64) {
    values.sort_unstable_by(f64::total_cmp);
    (values[0], values[values.len() / 2])
}

/// What Quell does, without starting, loading and recording.
fn steps(folder: &Path) {
    let root = create::repository(&folder.join("bench"), &[commit()], |_| Ok(Vec::new())).unwrap();
    let repo = Repo::discover(&root, true).unwrap().0;
    let (mut planning, mut writing, mut undoing) = (Vec::new(), Vec::new(), Vec::new());
    for run in 0..RUNS {
        // Another text each time, so that git has none of the outcomes yet.
        let proposals: Vec<Proposal> = (0..FIXES).map(|number| proposal(number, run)).collect();
        planning.push(timed(|| drop(plan(&repo, &proposals, &Choice::default()))));
        let planned = plan(&repo, &proposals, &Choice::default());
        let mut entry = String::new();
        writing.push(timed(|| entry = apply(&repo, &planned, Note::default()).unwrap().entry));
        undoing.push(timed(|| drop(repo.undo_entry(&entry).unwrap())));
    }
    println!("\n{:32} {:>9} {:>9}", "steps of quell, on the disk", "least", "median");
    for (name, times) in [("plan", planning), ("write", writing), ("undo", undoing)] {
        let (least, median) = least_and_median(times.iter().map(|time| time.as_secs_f64() * 1e3).collect());
        println!("{name:32} {least:>9.1} {median:>9.1} ms");
    }
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

/// The report of a scanner with the same fixes.
fn report(run: usize) -> Vec<u8> {
    let results = (0..FIXES).map(|number| {
        let proposal = proposal(number, run);
        let FileEdit { path, edits, seen, .. } = &proposal.edits[0];
        let region = |region: &Region| {
            json!({
                "startLine": region.line, "startColumn": region.column,
                "endLine": region.end_line, "endColumn": region.end_column,
            })
        };
        let artifact = json!({ "uri": path });
        let mut flagged = region(&edits[0].region);
        flagged["snippet"] = json!({ "text": seen[0].text });
        let replacement =
            json!({ "deletedRegion": region(&edits[0].region), "insertedContent": { "text": edits[0].insert } });
        json!({
            "ruleId": "shell", "message": { "text": "a shell is started" },
            "locations": [{ "physicalLocation": { "artifactLocation": artifact, "region": flagged } }],
            "fixes": [{
                "description": { "text": proposal.title },
                "artifactChanges": [{ "artifactLocation": artifact, "replacements": [replacement] }],
            }],
        })
    });
    let results: Vec<serde_json::Value> = results.collect();
    let driver = json!({ "name": "Acme", "rules": [{ "id": "shell" }] });
    let report = json!({ "version": "2.1.0", "runs": [{ "tool": { "driver": driver }, "results": results }] });
    serde_json::to_vec(&report).unwrap()
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

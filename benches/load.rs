//! What it costs to load reports of 10,000, 100,000 and 1,000,000 results (about 1 kB each) and to count them, beside a
//! whole-file read, the best that a JSON library does for the same fields, and whatever peers are installed, all in one
//! run.
//!
//! `cargo bench --bench load` prints CPU seconds (the least of five rounds, interleaved), microseconds a result, peak
//! memory and its part of the file's size, and the ratio to the whole-file read. `-- FILE…` takes other reports.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench that cannot go on stops; it prints a table")]

#[path = "support/sample.rs"]
mod sample;
#[path = "support/typed.rs"]
mod typed;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use quell::ingest::input::Input;
use quell::ingest::{self, Loaded, Options};
use quell::repo::Repo;
use rustix::process::getpid;

const RESULTS: &[usize] = &[10_000, 100_000, 1_000_000];
const ROUNDS: usize = 5;
/// Reports larger than this are left to the programs that take less memory than the report, in bytes.
const LARGE: u64 = 400_000_000;

/// Programs that load a report, with their arguments before the report's path.
const PEERS: &[(&str, &str, &[&str])] = &[
    ("node JSON.parse", "node", &["-e", "JSON.parse(require('fs').readFileSync(process.argv[1], 'utf8'))"]),
    ("jq", "jq", &["[.runs[].results[].ruleId] | group_by(.) | map({(.[0]): length}) | add"]),
    ("sarif-tools", "sarif", &["summary"]),
    ("sarif-multitool", "Sarif.Multitool", &["query", "--expression", "RuleId == 'none'"]),
    ("sarif-tui", "sarif-tui", &["summary"]),
];

fn main() {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.as_slice() {
        // The bench runs itself for what is measured inside a process of its own.
        [work, report] if work == "--read" => read(Path::new(report)),
        [work, report] if work == "--index" => index(Path::new(report)),
        [work, report] if work == "--typed" => typed::parse(Path::new(report)),
        [work, report] if work == "--value" => parse(Path::new(report)),
        [] => {
            let folder = tempfile::tempdir().unwrap();
            let report = folder.path().join("bench.sarif");
            for results in RESULTS {
                sample::write(&report, *results, 5).unwrap();
                table(&report);
            }
        }
        reports => reports.iter().for_each(|report| table(Path::new(report))),
    }
}

/// One program to measure.
struct Entry {
    name: &'static str,
    command: Vec<OsString>,
}

/// The least CPU seconds and the most memory of its rounds.
#[derive(Clone, Copy)]
struct Cost {
    seconds: f64,
    peak: f64,
}

fn table(report: &Path) {
    let size = std::fs::metadata(report).unwrap().len();
    let results = count(report);
    let entries = entries(report, size);
    let mut costs = vec![Cost { seconds: f64::INFINITY, peak: 0.0 }; entries.len()];
    let elsewhere = tempfile::tempdir().unwrap();
    for _ in 0..ROUNDS {
        for (entry, cost) in entries.iter().zip(&mut costs) {
            let (seconds, peak) = run(entry, elsewhere.path());
            cost.seconds = cost.seconds.min(seconds);
            cost.peak = cost.peak.max(peak);
        }
    }
    println!("\n{} MB, {results} results, CPU seconds: the least of {ROUNDS} rounds", size / 1_000_000);
    println!(
        "{:24} {:>8} {:>12} {:>9} {:>14} {:>10}",
        "program", "CPU s", "us/result", "peak MB", "memory/report", "of a read"
    );
    let read = costs.first().map_or(1.0, |cost| cost.seconds.max(0.001));
    for (entry, Cost { seconds, peak }) in entries.iter().zip(costs) {
        #[expect(clippy::cast_precision_loss, reason = "ratios to print")]
        let (each, part) = (seconds * 1e6 / results.max(1) as f64, peak / size as f64);
        println!(
            "{:24} {seconds:>8.3} {each:>12.2} {:>9.0} {part:>14.2} {:>10.1}",
            entry.name,
            peak / 1e6,
            seconds / read
        );
    }
}

fn count(report: &Path) -> usize {
    let folder = tempfile::tempdir().unwrap();
    load(report, folder.path()).backlog.results.len()
}

fn load(report: &Path, folder: &Path) -> Loaded {
    let (repo, _) = Repo::discover(folder, false).unwrap();
    ingest::load(&repo, &[Input::File(report.to_path_buf())], &Options::default(), &Arc::default())
}

/// Everything up to ids and findings.
fn index(report: &Path) {
    let (repo, _) = Repo::discover(&std::env::current_dir().unwrap(), false).unwrap();
    let read = ingest::load::read(&repo, &[Input::File(report.to_path_buf())], &Options::default(), &Arc::default());
    std::hint::black_box(read);
}

fn entries(report: &Path, size: u64) -> Vec<Entry> {
    let own = std::env::current_exe().unwrap();
    let entry = |name, program: &Path, arguments: &[&str]| {
        let arguments = arguments.iter().map(OsString::from);
        let command = [program.into()].into_iter().chain(arguments).chain([report.into()]).collect();
        Entry { name, command }
    };
    let mut entries = vec![
        entry("whole-file read", &own, &["--read"]),
        entry("index alone", &own, &["--index"]),
        entry("quell status --no-git", Path::new(env!("CARGO_BIN_EXE_quell")), &["status", "--no-git"]),
    ];
    if size > LARGE {
        return entries;
    }
    entries.push(entry("typed single pass", &own, &["--typed"]));
    entries.push(entry("serde_json::Value", &own, &["--value"]));
    let installed = PEERS.iter().filter_map(|(name, program, arguments)| Some((name, find(program)?, arguments)));
    entries.extend(installed.map(|(name, program, arguments)| entry(name, &program, arguments)));
    entries
}

/// A program on the search path.
fn find(program: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// CPU seconds and peak memory in bytes of one run, by what GNU `time` says, from a folder without any source.
fn run(entry: &Entry, folder: &Path) -> (f64, f64) {
    let note = folder.join(format!("time-{}", getpid().as_raw_nonzero()));
    let mut command = Command::new("time");
    command.args(["-f", "%U %S %M", "-o"]).arg(&note).args(&entry.command).current_dir(folder);
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    let said = std::fs::read_to_string(&note).unwrap();
    // A program that fails has a line about that before the numbers.
    let numbers: Vec<f64> = said.lines().last().unwrap().split(' ').map(|word| word.parse().unwrap()).collect();
    (numbers[0] + numbers[1], numbers[2] * 1024.0)
}

fn read(report: &Path) {
    std::hint::black_box(std::fs::read(report).unwrap());
}

fn parse(report: &Path) {
    let value: serde_json::Value = serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
    assert!(value.get("runs").is_some());
}

//! What it costs to load a report of 100,000 results (about 100 MB) and count it, beside a whole-file read, a JSON
//! library and whatever peers are installed, all in one run.
//!
//! `cargo bench --bench load` prints CPU seconds (the least of three rounds, interleaved), peak memory over the size of
//! the file, and the ratio to the whole-file read. `-- FILE` takes another report.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench that cannot go on stops; it prints a table")]

#[path = "support/sample.rs"]
mod sample;

use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::process::getpid;

const RESULTS: usize = 100_000;
const ROUNDS: usize = 3;

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
        [work, report] if work == "--value" => parse(Path::new(report)),
        [report] => table(Path::new(report)),
        _ => {
            let folder = tempfile::tempdir().unwrap();
            let report = folder.path().join("bench.sarif");
            sample::write(&report, RESULTS, 5).unwrap();
            table(&report);
        }
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
    let entries = entries(report);
    let mut costs = vec![Cost { seconds: f64::INFINITY, peak: 0.0 }; entries.len()];
    let elsewhere = tempfile::tempdir().unwrap();
    for _ in 0..ROUNDS {
        for (entry, cost) in entries.iter().zip(&mut costs) {
            let (seconds, peak) = run(entry, elsewhere.path());
            cost.seconds = cost.seconds.min(seconds);
            cost.peak = cost.peak.max(peak);
        }
    }
    let megabytes = |bytes: u64| bytes / 1_000_000;
    println!("{} MB, CPU seconds: the least of {ROUNDS} rounds", megabytes(size));
    println!("{:22} {:>8} {:>14} {:>12}", "program", "CPU s", "memory/report", "of a read");
    let read = costs.first().map_or(1.0, |cost| cost.seconds.max(0.001));
    for (entry, Cost { seconds, peak }) in entries.iter().zip(costs) {
        #[expect(clippy::cast_precision_loss, reason = "a ratio to print")]
        let memory = peak / size as f64;
        println!("{:22} {seconds:>8.3} {memory:>14.2} {:>12.1}", entry.name, seconds / read);
    }
}

fn entries(report: &Path) -> Vec<Entry> {
    let own = std::env::current_exe().unwrap();
    let entry = |name, program: &Path, arguments: &[&str]| {
        let arguments = arguments.iter().map(OsString::from);
        let command = [program.into()].into_iter().chain(arguments).chain([report.into()]).collect();
        Entry { name, command }
    };
    let mut entries = vec![
        entry("whole-file read", &own, &["--read"]),
        entry("quell status --no-git", Path::new(env!("CARGO_BIN_EXE_quell")), &["status", "--no-git"]),
        entry("serde_json::Value", &own, &["--value"]),
    ];
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
    let mut file = std::fs::File::open(report).unwrap();
    let mut buffer = vec![0; 1 << 20];
    while file.read(&mut buffer).unwrap() > 0 {}
}

fn parse(report: &Path) {
    let value: serde_json::Value = serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
    assert!(value.get("runs").is_some());
}

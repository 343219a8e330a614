//! What one key press in the filter bar costs, beside `fuzzy-matcher` over every row in the same run.
//!
//! `cargo bench --bench query` prints milliseconds (the least of five) and the ratio to the peer, which varies
//! less from machine to machine. `-- 100000` runs one size only.
#![expect(clippy::print_stdout, reason = "a bench prints its table")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;
use jiff::civil::date;
use quell::model::backlog::{Backlog, Finding, MadeBy, PathEntry, Record, Report, Rule, Run, Tool};
use quell::model::board::Board;
use quell::model::decision::Standing;
use quell::model::grade::{Baseline, Category, Kind, Level, Severity};
use quell::model::id::FindingId;
use quell::query::{GroupKey, Lens, parse, rows};

const RUNS: usize = 5;
const SIZES: &[u32] = &[100_000, 1_000_000];
/// Key presses: short words that hit nearly everything, words that hit nothing, and what people type.
const QUERIES: &[&str] = &[
    "",
    "e",
    "er",
    "inj",
    "smh",
    "handler",
    "zqxj",
    "sql injection",
    "\"user input\"",
    "sev:>=high -path:tests/** smh",
    "path:src/**/*7.py rule:rule-1*",
    "age:>30d is:new",
];

fn main() {
    let wanted: Vec<u32> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    for &size in SIZES.iter().filter(|size| wanted.is_empty() || wanted.contains(size)) {
        for (name, files) in [("2,000 files", 2_000), ("nearly all paths distinct", size / 10 * 9)] {
            table(size, name, &board(size, files));
        }
    }
}

fn table(size: u32, name: &str, board: &Board) {
    let order = least(1, || {
        black_box(board.backlog.order());
    });
    let peer = least(2, || {
        black_box(peer(board, "smh"));
    });
    println!("\n{size} findings, {name}: orders made once in {order:.1} ms; fuzzy-matcher over every row {peer:.1} ms");
    let mut worst: f64 = 0.0;
    for text in QUERIES {
        let Ok(query) = parse(text) else { continue };
        let lens = Lens { query, open_only: true, ..Lens::default() };
        let found = rows(board, &lens).findings.len();
        let cost = least(RUNS, || drop(black_box(rows(board, &lens))));
        worst = worst.max(cost);
        println!("  {cost:8.2} ms  {:7.3} of the peer  {found:>8} rows  {text}", cost / peer);
    }
    println!("  {worst:8.2} ms  {:7.3} of the peer  is the worst key press", worst / peer);
    let lens = Lens { open_only: true, group: Some(GroupKey::Directory), ..Lens::default() };
    println!("  {:8.2} ms  grouped by directory", least(RUNS, || drop(black_box(rows(board, &lens)))));
}

/// Milliseconds of the quickest of some runs.
fn least(runs: usize, mut work: impl FnMut()) -> f64 {
    let times = (0..runs).map(|_| {
        let start = Instant::now();
        work();
        start.elapsed()
    });
    times.min().unwrap_or(Duration::ZERO).as_secs_f64() * 1000.0
}

/// The naive way: one matcher over the rule, path and message of every row.
fn peer(board: &Board, word: &str) -> usize {
    let matcher = SkimMatcherV2::default().ignore_case();
    let backlog = &board.backlog;
    let fits = |record: &Record| {
        matcher.fuzzy_match(&backlog.rule(record).id, word).is_some()
            || matcher.fuzzy_match(backlog.path(record), word).is_some()
    };
    backlog.results.iter().filter(|record| fits(record)).count()
}

/// A board of single findings in `files` files under 300 rules; nothing in it is random.
fn board(size: u32, files: u32) -> Board {
    let mut backlog = Backlog::default();
    backlog.reports.push(Report {
        name: "bench.sarif".to_owned(),
        bytes: 0,
        made: "2026-10-01T00:00:00Z".parse().ok(),
        made_by: MadeBy::Stated,
        is_complete: true,
    });
    backlog.tools.push(Tool { name: "bench".to_owned(), version: None, family: "bench".to_owned() });
    backlog.runs.push(Run { report: 0, index: 0, tool: 0, revision: None, results: size });
    for rule in 0..300 {
        backlog.rules.push(Rule { id: format!("python.lang.security.rule-{rule}.sql-format"), ..Rule::default() });
    }
    for file in 0..files.max(1) {
        let (top, middle) = (["src", "tests", "lib", "vendor"][file as usize % 4], file % 97);
        let text = format!("{top}/service_{middle}/module{}/handler_{file}.py", file % 1009);
        backlog.paths.push(PathEntry { text, in_repo: true });
    }
    for result in 0..size {
        add(&mut backlog, result);
    }
    let standings = vec![Standing::default(); backlog.findings.len()];
    Board { backlog: Arc::new(backlog), standings: Arc::new(standings), ..Board::empty(date(2026, 11, 20)) }
}

fn add(backlog: &mut Backlog, result: u32) {
    // A multiplier that shares no factor with the counts spreads neighbours over files and rules.
    let mixed = result.wrapping_mul(2_654_435_761);
    let severity = Severity::ALL[mixed as usize % Severity::ALL.len()];
    let id = FindingId(u64::from(mixed) << 32 | u64::from(result));
    let paths = u32::try_from(backlog.paths.len()).unwrap_or(1);
    backlog.results.push(Record {
        id,
        offset: 0,
        len: 0,
        run: 0,
        index: result,
        rule: mixed % 300,
        path: result % paths,
        line: mixed % 2_000 + 1,
        column: 1,
        end_line: 0,
        end_column: 0,
        level: Level::Warning,
        kind: Kind::Fail,
        severity,
        baseline: if result.is_multiple_of(7) { Baseline::New } else { Baseline::Unchanged },
        fixes: 0,
        flows: 0,
        category: Category::Code,
        is_suppressed: false,
    });
    backlog.messages.push(&format!("detected a query number {result} that is built from user input; use parameters"));
    backlog.members.push(result);
    backlog.findings.push(Finding {
        id,
        members: result..result + 1,
        severity,
        cwe: std::sync::Arc::default(),
        fixes: 0,
        flows: 0,
    });
}

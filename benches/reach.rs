//! What it costs to judge 100,000 findings of packages by 100,000 statements about them, beside the load of the
//! findings, in one run.
//!
//! `cargo bench --bench reach` prints CPU milliseconds, the least of five rounds: the load of the report; joining and
//! judging without a statement; with as many statements as findings, each about one advisory in one package, one of four
//! under another id of the advisory; and with a catalogue of 100,000 advisories as well.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench that cannot go on stops; it prints a table")]

#[path = "support/spent.rs"]
mod spent;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;

use quell::ingest::input::Input;
use quell::ingest::{self, Options, Progress};
use quell::model::backlog::Backlog;
use quell::model::board::Board;
use quell::model::evidence::{Document, Evidence, Fact, Intel, Polarity, Rung, Statement, Subject};
use quell::model::exposure::{Exposure, Graph};
use quell::model::priority::Priority;
use quell::model::reach::{Age, Ages, Reach, Reaches};
use quell::reach::usage::Usage;
use quell::reach::{Join, Known, Routed, judge_all, place_facts};
use quell::repo::Repo;

const COUNT: usize = 100_000;
const ROUNDS: usize = 5;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let (repo, _) = Repo::discover(folder.path(), false).unwrap();
    let path = folder.path().join("packages.sarif");
    std::fs::write(&path, report()).unwrap();
    let inputs = [Input::File(path)];
    let load = || ingest::load(&repo, &inputs, &Options::default(), &Progress::default());
    let (loading, loaded) = least(load);
    println!("{:<44}{:>9} ms", "load 100,000 findings", loading);
    let mut backlog = loaded.backlog;
    for (name, evidence) in [
        ("judge them without evidence", Evidence::default()),
        ("with 100,000 statements", evidence(COUNT, 0)),
        ("with 100,000 statements and 100,000 scores", evidence(COUNT, COUNT)),
    ] {
        backlog.evidence = evidence;
        let board = Board { backlog: Arc::new(std::mem::take(&mut backlog)), ..Board::empty(quell::desk::today()) };
        let (judging, reaches) = least(|| judge(&board));
        let judged = (0..).map_while(|finding| reaches.of(finding));
        let unreached = judged.filter(|judged| judged.reach == Reach::Unreached).count();
        println!(
            "{name:<44}{judging:>9} ms  {:>6.2} of the load  {} links, {unreached} unreached",
            judging / loading,
            reaches.links.len()
        );
        drop(reaches);
        backlog = Arc::into_inner(board.backlog).unwrap();
    }
}

fn judge(board: &Board) -> Reaches {
    let backlog: &Backlog = &board.backlog;
    let join = Join::new(&backlog.evidence);
    let places = place_facts(backlog, &|_| Exposure::Unknown);
    // Of the tree as it is.
    let age = Age { changed: Some(Arc::default()), distance: Some(0), ..Age::default() };
    let documents = vec![age; backlog.evidence.documents.len()].into();
    let graph = Graph::default();
    let homes = Arc::default();
    judge_all(&Known {
        backlog,
        join: &join,
        ages: Ages { documents, ..Ages::default() },
        own: &[],
        graph: &graph,
        usage: &Usage::default(),
        names: &BTreeSet::new(),
        places: &places,
        homes: &homes,
        built: &[],
        said: &[],
        routed: &Routed::default(),
        priority: &Priority::default(),
        board,
    })
}

/// CPU milliseconds of all threads, the least of some rounds, and what the last one made.
fn least<T>(work: impl Fn() -> T) -> (f64, T) {
    let mut best = f64::INFINITY;
    let mut made = None;
    for _ in 0..ROUNDS {
        drop(made.take());
        let start = spent::spent();
        made = Some(black_box(work()));
        best = best.min((spent::spent() - start) * 1e3);
    }
    ((best * 10.0).round() / 10.0, made.unwrap())
}

fn cve(number: usize) -> String {
    format!("CVE-2025-{}", 10_000 + number)
}

fn purl(number: usize) -> String {
    format!("pkg:npm/package-{}@1.{}.0", number % 5000, number % 7)
}

/// One run with as many findings: an advisory in a package, in one of 500 lock files.
fn report() -> String {
    let mut text =
        String::from(r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "bench"}}, "results": ["#);
    for number in 0..COUNT {
        if number > 0 {
            text.push(',');
        }
        let (cve, purl, file, line) = (cve(number), purl(number), number % 500, 1 + number / 500);
        write!(
            text,
            r#"{{"ruleId": "{cve}", "level": "error", "message": {{"text": "{cve} in {purl}: a flaw that somebody found"}},
            "locations": [{{"physicalLocation": {{"artifactLocation": {{"uri": "app{file}/package-lock.json"}},
            "region": {{"startLine": {line}}}}}}}], "properties": {{"purl": "{purl}", "security-severity": "7.5"}}}}"#
        )
        .unwrap();
    }
    text.push_str("]}]}");
    text
}

fn evidence(statements: usize, scores: usize) -> Evidence {
    let statement = |number: usize| {
        let id = if number.is_multiple_of(4) { format!("GHSA-{number}") } else { cve(number) };
        let aliases = number.is_multiple_of(4).then(|| cve(number).into());
        Statement {
            pointer: format!("/statements/{number}").into(),
            subject: Subject {
                vulns: std::iter::once(id.into()).chain(aliases).collect(),
                purl: Some(purl(number).into()),
                ..Subject::default()
            },
            rung: Rung::Called,
            polarity: if number.is_multiple_of(3) { Polarity::Yes } else { Polarity::No },
            strength: 3,
            ..Statement::default()
        }
    };
    let score = |number: usize| Intel {
        document: 0,
        pointer: format!("line {number}").into(),
        vuln: cve(number).into(),
        fact: Fact::Epss { probability: 0.01, percentile: 0.5 },
    };
    Evidence {
        documents: vec![Document { name: "bench".into(), ..Document::default() }],
        statements: (0..statements).map(statement).collect(),
        intel: (0..scores).map(score).collect(),
        ..Evidence::default()
    }
}

//! Which results of later commits decisions of a first one are about, over the history of a real project.
//!
//! `cargo bench --bench replay -- FOLDER`: `FOLDER/tree` is a clone, which is overwritten; `FOLDER/commits.json` lists
//! commits of it; `FOLDER/reports/00`, `01`, … hold the reports of each, made in that tree. All that is reported at the
//! first commit is decided upon. Then each later commit is checked out and its reports are loaded. What is known of every
//! decision is printed as a line of JSON: number of the commit, id at the first one, tie, and the result as the name of
//! its report and its position there. For the first commit a line tells where each id stands; for the others one tells
//! milliseconds of CPU that reading the ledger once more and working all of this out took.
#![expect(clippy::print_stdout, reason = "a bench prints its result")]
#![expect(clippy::unwrap_used, reason = "a bench stops where it cannot go on")]

#[path = "support/spent.rs"]
mod spent;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::Timestamp;
use quell::desk::{Desk, Loaded, Options};
use quell::ledger;
use quell::model::backlog::{Backlog, FindingIdx, ResultIdx};
use quell::model::decision::{Op, Request};
use quell::model::id::FindingId;

use spent::spent;

fn main() {
    let Some(folder) = std::env::args().skip(1).map(PathBuf::from).find(|path| path.is_dir()) else {
        return println!("replay: no folder was named, nothing to do");
    };
    let tree = folder.join("tree");
    let commits: Vec<String> = serde_json::from_slice(&fs::read(folder.join("commits.json")).unwrap()).unwrap();
    drop(fs::remove_dir_all(tree.join(".quell")));
    for (number, commit) in commits.iter().enumerate() {
        git(&tree, &["checkout", "--quiet", "--force", commit]);
        let (desk, loaded) = load(&tree, &folder.join(format!("reports/{number:02}")));
        if number == 0 {
            decide(&desk, &loaded);
            let backlog = &loaded.board.backlog;
            for result in (0..).take(backlog.results.len()) {
                say(backlog, number, backlog.record(result).id, "", result);
            }
        } else {
            tell(number, &desk, &loaded);
        }
    }
}

fn git(tree: &Path, words: &[&str]) {
    assert!(Command::new("git").current_dir(tree).args(words).status().unwrap().success());
}

fn load(tree: &Path, reports: &Path) -> (Desk, Loaded) {
    let options = Options {
        inputs: vec![reports.to_string_lossy().into_owned()],
        repo: Some(tree.to_owned()),
        no_verdicts: true,
        ..Options::default()
    };
    let desk = Desk::open(options).unwrap().0;
    let loaded = desk.load(desk.find(), &quell::ingest::Progress::default());
    (desk, loaded)
}

fn decide(desk: &Desk, loaded: &Loaded) {
    let backlog = &loaded.board.backlog;
    let all = (0..).take(backlog.findings.len()).map(|finding: FindingIdx| backlog.id(finding));
    let mut request = Request::new(Op::AcceptRisk, all.collect());
    request.reason = Some("to see where it goes".to_owned());
    request.until = Some(jiff::civil::date(2099, 1, 1));
    // Before the scans, so that each of them is a later one.
    let before: Timestamp = "2020-01-01T00:00:00Z".parse().unwrap();
    let seen = quell::desk::told(backlog, &loaded.reader);
    ledger::decide(&desk.repo, &loaded.board, &seen, &request, before).unwrap();
}

fn tell(number: usize, desk: &Desk, loaded: &Loaded) {
    let board = &loaded.board;
    let before = spent();
    desk.judge(board, &loaded.reader);
    let ms = (spent() - before) * 1000.0;
    println!("{}", serde_json::json!({ "at": number, "results": board.backlog.results.len(), "ms": ms.round() }));
    for hold in &board.standings.bound.holds {
        let anchor = &board.events[hold.event as usize].members[hold.member as usize];
        let results = (0..).zip(&board.backlog.results).filter(|(_, record)| record.id == hold.result);
        for (result, _) in results {
            say(&board.backlog, number, anchor.id, hold.tie.map_or("along", |tie| tie.name()), result);
        }
    }
}

fn say(backlog: &Backlog, number: usize, id: FindingId, tie: &str, result: ResultIdx) {
    let report = &backlog.report(backlog.record(result)).name;
    let at = backlog.position(result);
    println!(
        "{}",
        serde_json::json!({ "at": number, "id": id.to_string(), "tie": tie, "report": report, "position": at })
    );
}

//! What a large ledger costs at a load: CPU of this process, user and system, all threads.
//!
//! `cargo bench --bench ledger` prints milliseconds (the least of five) for 100,000 events as files of their own, read whole,
//! read from the cache, after one more decision, and as archives; and what follows from them for 100,000 results. `-- 10000`
//! takes so many events. Then in which time as many decisions find their results again in a later scan of 1,000 files: where
//! they were, a line below, in another folder. Then what the journal of scans costs at a million results: the first scan, the same again, what
//! `list` spends on it, a scan in which one result of a hundred is another, and its bytes.
#![expect(clippy::print_stdout, reason = "a bench prints its table")]
#![expect(clippy::unwrap_used, reason = "a bench stops where it cannot go on")]

#[path = "support/spent.rs"]
mod spent;

use std::fs;
use std::hash::BuildHasher;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use foldhash::quality::FixedState;
use jiff::{Timestamp, ToSpan};
use quell::desk::today;
use quell::ledger::compact::compact;
use quell::ledger::scans::{Inputs, Keep, sightings};
use quell::ledger::{self, Told, Trust, decide, read_at, standings};
use quell::model::backlog::{At, Backlog, Finding, MadeBy, NONE, Paths, Record, Report, Rule, Run, Tool};
use quell::model::board::Board;
use quell::model::bound::Tie;
use quell::model::decision::{Anchor, Event, Op, Request};
use quell::model::grade::{Baseline, Category, Graded, Grades, Kind, Level, Severity};
use quell::model::id::{FindingId, Hash64};
use quell::model::standings::Standings;
use quell::query::{Lens, parse, rows};
use quell::repo::Repo;

use spent::spent;

const EVENTS: u64 = 100_000;
const RUNS: usize = 5;

fn main() {
    let count = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(EVENTS);
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), &["init", "-q"]);
    write(folder.path(), count);
    let repo = Repo::discover(folder.path(), true).unwrap().0.with_state_home(folder.path());
    let later = SystemTime::now() + Duration::from_secs(60);
    println!("{:<44}{:>9}{:>9}", format!("{count} events"), "ms CPU", "allowed");
    say("every file read", least(|| read_at(&repo, Trust::Nothing, later).events), "1500");
    let events = read_at(&repo, Trust::Kept, later).events;
    let bytes = repo.remembered("tree").map_or(0, |bytes| bytes.len());
    say("from the cache", least(|| read_at(&repo, Trust::Kept, later).events), "150");
    let backlog = backlog(count);
    let today = jiff::civil::date(2026, 1, 1);
    say("what follows from them", least(|| standings(&repo, &backlog, &events, today)), "");
    let draft = decide::again(&Event { at: Timestamp::now(), ..events.first().unwrap().clone() });
    draft.write(&repo).unwrap();
    say("after one more decision", once(|| read_at(&repo, Trust::Kept, later).events), "");
    git(folder.path(), &["add", "-A"]);
    git(folder.path(), &["-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "a"]);
    let day = jiff::civil::date(2100, 1, 1);
    println!("{:?}, cache {bytes} bytes", compact(&repo, day).unwrap());
    say("archives read", least(|| read_at(&repo, Trust::Nothing, later).events), "");
    assert!(read_at(&repo, Trust::Kept, later).events.len() as u64 > count);
    say("archives from the cache", least(|| read_at(&repo, Trust::Kept, later).events), "");
    rematch(count);
    scans(&repo);
}

/// Lines of a part of a file in which one is reported.
const PART: u64 = 5;

fn rematch(count: u64) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let repo = || Repo::discover(root, true).unwrap().0.with_state_home(root);
    let commit = || {
        git(root, &["add", "-A"]);
        git(root, &["-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "a"]);
    };
    let files = || (0..1_000).map(|file| format!("src/module_{file}.py"));
    git(root, &["init", "-q"]);
    fs::create_dir_all(root.join("src")).unwrap();
    for (file, path) in files().enumerate() {
        let part = |n: u64| format!("def part_{file}_{n}():\n    value = {n}\n    run(value)\n    return value\n\n");
        fs::write(root.join(path), (0..count / 1_000).map(part).collect::<String>()).unwrap();
    }
    commit();
    let mut board = Board::empty(today());
    let first = spread(count, None);
    board.standings = Standings::open(first.findings.len()).into();
    board.backlog = first.into();
    println!("{:<44}{:>9}", format!("{count} decisions in a later scan"), "ms CPU");
    // One event holds not quite as many.
    for half in [0..count / 2, count / 2..count] {
        let mut request = Request::new(Op::AcceptRisk, half.map(FindingId).collect());
        (request.reason, request.until) = (Some("behind the gateway".to_owned()), Some(jiff::civil::date(2099, 1, 1)));
        let decided = || ledger::decide(&repo(), &board, &|_| Told::default(), &request, Timestamp::now()).unwrap();
        say("half of them decided", once(decided), "");
    }
    let events = read_at(&repo(), Trust::Nothing, SystemTime::now()).events;
    let mut later = spread(count, Some(Timestamp::now() + 1.hours()));
    let found = |later: &Backlog| {
        let (repo, mut sure) = (repo(), 0);
        let ms = once(|| {
            let standings = standings(&repo, later, &events, today());
            sure = standings.bound.holds.iter().filter(|hold| hold.tie.is_some_and(Tie::is_sure)).count();
        });
        assert_eq!(sure as u64, count);
        ms
    };
    say("where they were", found(&later), "");
    for path in files() {
        let text = fs::read_to_string(root.join(&path)).unwrap();
        fs::write(root.join(path), format!("import os\n{text}")).unwrap();
    }
    commit();
    later.results.iter_mut().for_each(|record| record.line += 1);
    say("a line below", found(&later), "");
    git(root, &["mv", "src", "lib"]);
    commit();
    later.paths = Paths::default();
    for path in files() {
        later.paths.push(&path.replace("src", "lib"), true);
    }
    later.results.iter_mut().for_each(|record| record.id.0 += count);
    say("in another folder", found(&later), "");
}

/// Results in the files that [`rematch`] writes.
fn spread(count: u64, made: Option<Timestamp>) -> Backlog {
    let mut backlog = backlog(count);
    backlog.reports[0].made = made;
    backlog.paths = Paths::default();
    for file in 0..1_000 {
        backlog.paths.push(&format!("src/module_{file}.py"), true);
    }
    for (number, record) in (0_u64..).zip(&mut backlog.results) {
        record.path = u32::try_from(number % 1_000).unwrap();
        record.line = u32::try_from(number / 1_000 * PART + 3).unwrap();
    }
    backlog
}

fn scans(repo: &Repo) {
    const RESULTS: u64 = 1_000_000;
    let now = Timestamp::now();
    let load = |backlog: &Backlog, keep| sightings(repo, backlog, Inputs::Own, keep, now);
    let file = repo.state_dir().join("scans");
    println!("{:<44}{:>9}", format!("{RESULTS} results"), "ms CPU");
    let first = hashed(RESULTS, 0, now - 48.hours());
    say("the first scan noted", once(|| load(&first, Keep::Noted)), "");
    println!("{:<44}{:>9}", "bytes of the journal", fs::metadata(&file).unwrap().len());
    say("the same again", least(|| load(&first, Keep::Noted)), "");
    let second = hashed(RESULTS, RESULTS / 100, now - 24.hours());
    say("another scan, compared", once(|| load(&second, Keep::Compared)), "");
    say("another scan, noted", once(|| load(&second, Keep::Noted)), "");
    println!("{:<44}{:>9}", "bytes of the journal", fs::metadata(&file).unwrap().len());
    say("the same again", least(|| load(&second, Keep::Noted)), "");
    let mut board = Board::empty(today());
    board.standings = Standings::open(second.findings.len()).into();
    board.sightings = load(&second, Keep::Compared).into();
    board.backlog = second.into();
    board.backlog.prepare();
    let count = |query: &str| {
        let lens = Lens { query: parse(query).unwrap(), ..Lens::default() };
        least(|| rows(&board, &lens).findings.len())
    };
    say("is:new", count("is:new"), "");
    say("age:>1d", count("age:>1d"), "");
}

/// Results with ids as they are, of which the first `new` are others than those of the scan before.
fn hashed(count: u64, new: u64, ended: Timestamp) -> Backlog {
    let mut backlog = backlog(count);
    backlog.reports[0].made = Some(ended);
    backlog.runs[0].ended = Some(ended);
    backlog.rules = (0..300).map(|rule| Rule { id: format!("rule-{rule}"), ..Rule::default() }).collect();
    backlog.paths = Paths::default();
    for path in 0..30_000 {
        backlog.paths.push(&format!("services/part-{}/src/module_{path}.py", path % 40), true);
    }
    for (number, record) in (0_u64..).zip(&mut backlog.results) {
        let number = if number < new { number + count } else { number };
        record.id = FindingId(FixedState::default().hash_one(number));
        record.rule = u32::try_from(number % 300).unwrap();
        record.path = u32::try_from(number % 30_000).unwrap();
        record.line = u32::try_from(number % 2_000).unwrap();
    }
    backlog
}

fn say(what: &str, ms: f64, allowed: &str) {
    println!("{what:<44}{ms:>9.0}{allowed:>9}");
}

fn git(folder: &Path, words: &[&str]) {
    assert!(Command::new("git").current_dir(folder).args(words).status().unwrap().success());
}

/// One acceptance of one result each, an hour after the other.
fn write(folder: &Path, count: u64) {
    let decisions = folder.join(".quell/decisions");
    fs::create_dir_all(&decisions).unwrap();
    let start: Timestamp = "2014-01-01T00:00:00Z".parse().unwrap();
    for number in 0..count {
        let event = Event {
            v: 1,
            op: "accept-risk".into(),
            at: start + i64::try_from(number).unwrap().hours(),
            author: "A Tester".into(),
            reason: Some("behind the gateway, which checks the token first".to_owned()),
            until: Some(jiff::civil::date(2027, 1, 31)),
            ticket: Some(format!("SEC-{number}")),
            members: vec![Anchor {
                context: Some(Hash64(number.wrapping_mul(0x9e37_79b9_7f4a_7c15))),
                id: FindingId(number),
                line: 17,
                path: format!("src/services/module_{}/handler.py", number % 997).into(),
                rule: "python.lang.security.audit.dangerous-subprocess-use".into(),
                tool: "semgrep".into(),
                ..Anchor::default()
            }],
            ..Event::default()
        };
        let draft = decide::again(&event);
        let at = draft.event.at;
        let name = format!("{}-{}.json", at.strftime("%Y%m%dT%H%M%S.%3fZ"), draft.event.id);
        fs::write(decisions.join(name), draft.text()).unwrap();
    }
}

fn backlog(count: u64) -> Backlog {
    let mut backlog = Backlog::default();
    let name = "report.sarif".into();
    backlog.reports.push(Report { name, bytes: 0, made: None, made_by: MadeBy::Written, is_complete: true });
    backlog.runs.push(Run { is_whole: true, ..Run::default() });
    backlog.tools.push(Tool { name: "semgrep".into(), version: None, family: "semgrep".into() });
    backlog.rules.push(Rule { id: "rule".into(), ..Rule::default() });
    let path = backlog.paths.push("a.py", true);
    for number in 0..count {
        let index = u32::try_from(number).unwrap();
        backlog.results.push(Record {
            id: FindingId(number),
            at: At::default(),
            len: 0,
            rule: 0,
            path,
            line: 1,
            column: 0,
            end_line: 0,
            end_column: 0,
            grades: Grades::new(Graded {
                level: Level::Error,
                kind: Kind::Fail,
                severity: Severity::High,
                baseline: Baseline::Unstated,
                category: Category::Code,
                is_suppressed: false,
            }),
            fixes: 0,
            flows: 0,
        });
        backlog.members.push(index);
        backlog.findings.push(Finding { first: index, severity: Severity::High, cwe: NONE, fixes: 0, flows: 0 });
    }
    backlog
}

/// Milliseconds of CPU, the least of some runs.
fn least<T>(mut job: impl FnMut() -> T) -> f64 {
    (0..RUNS).map(|_| once(&mut job)).fold(f64::MAX, f64::min)
}

fn once<T>(job: impl FnOnce() -> T) -> f64 {
    let before = spent();
    // Nobody waits for the end of what was loaded.
    let made = std::hint::black_box(job());
    let after = spent();
    drop(made);
    (after - before) * 1000.0
}

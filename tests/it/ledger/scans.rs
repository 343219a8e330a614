//! The journal of scans: what it says of new, gone and returned results, and that it is whole whatever happens to it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::sync::Barrier;

use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;
use quell::ledger::scans::{Inputs, Keep, sightings};
use quell::model::backlog::{At, Backlog, Finding, MadeBy, NONE, Record, Report, Rule, Run, Tool};
use quell::model::board::Board;
use quell::model::due::{Due, date_of, day};
use quell::model::grade::{Baseline, Category, Graded, Grades, Kind, Level, Severity};
use quell::model::id::FindingId;
use quell::model::reach::Lane;
use quell::model::sightings::{Fate, Sightings, Sign, Tide};

use super::support::TODAY;
use crate::support::tree::Tree;

/// One run in a report of its own.
#[derive(Clone, Debug)]
struct Scan {
    tool: &'static str,
    report: String,
    /// Hours after the first moment; `None` where the report does not say, and its file is an hour old.
    ended: Option<i64>,
    is_whole: bool,
    is_complete: bool,
    /// Ids of rules that it lists.
    lists: Vec<&'static str>,
    category: Option<&'static str>,
    image: Option<&'static str>,
    /// Id and rule of its results, which stand in one file.
    results: Vec<(u64, &'static str)>,
    path: &'static str,
}

fn hour(hours: i64) -> Timestamp {
    "2030-01-01T00:00:00Z".parse::<Timestamp>().unwrap() + hours.hours()
}

/// Long after all scans.
fn now() -> Timestamp {
    hour(24 * 365)
}

/// A scan of a tool that lists what it found only.
fn bandit(ended: i64, results: &[(u64, &'static str)]) -> Scan {
    Scan {
        tool: "bandit",
        report: ".quell/reports/bandit.sarif".to_owned(),
        ended: Some(ended),
        is_whole: true,
        is_complete: true,
        lists: results.iter().map(|(_, rule)| *rule).collect(),
        category: None,
        image: None,
        results: results.to_vec(),
        path: "a.py",
    }
}

/// A scan of a tool that lists all its rules.
fn semgrep(ended: i64, lists: &[&'static str], results: &[(u64, &'static str)]) -> Scan {
    let report = ".quell/reports/semgrep.sarif".to_owned();
    Scan { tool: "semgrep", report, lists: lists.to_vec(), ..bandit(ended, results) }
}

fn named(name: &str, scan: Scan) -> Scan {
    Scan { report: name.to_owned(), ..scan }
}

/// Each result a finding of its own, numbered in their order.
fn backlog(scans: &[Scan]) -> Backlog {
    let mut backlog = Backlog::default();
    for (number, scan) in (0..).zip(scans) {
        let path = backlog.paths.push(scan.path, true);
        let ended = scan.ended.map(hour);
        backlog.reports.push(Report {
            name: scan.report.clone(),
            bytes: 0,
            made: ended.or(Some(now() - 1.hours())),
            made_by: if ended.is_some() { MadeBy::Stated } else { MadeBy::Written },
            is_complete: scan.is_complete,
        });
        let family = scan.tool.to_owned();
        backlog.tools.push(Tool { name: scan.tool.to_owned(), version: None, family });
        let mut rules: Vec<u64> = scan.lists.iter().map(|rule| Rule::key(rule)).collect();
        rules.sort_unstable();
        backlog.runs.push(Run {
            report: number,
            tool: number,
            is_whole: scan.is_whole,
            ended,
            rules: rules.into(),
            category: scan.category.map(Box::from),
            image: scan.image.map(Box::from),
            ..Run::default()
        });
        for (id, rule) in &scan.results {
            backlog.rules.push(Rule { tool: number, id: (*rule).to_owned(), ..Rule::default() });
            let index = u32::try_from(backlog.results.len()).unwrap();
            backlog.results.push(Record {
                id: FindingId(*id),
                at: At::default().in_run(number),
                len: 0,
                rule: index,
                path,
                line: u32::try_from(*id % 1_000).unwrap(),
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
            let (severity, cwe) = (Severity::High, NONE);
            backlog.findings.push(Finding { first: index, severity, cwe, fixes: 0, flows: 0 });
        }
    }
    backlog
}

/// A clone in which reports are loaded one after the other.
struct Clone {
    tree: Tree,
}

impl Clone {
    fn new() -> Self {
        Self { tree: Tree::git(&[("a.py", "run(x)\n")]) }
    }

    fn file(&self) -> PathBuf {
        self.tree.repo().state_dir().join("scans")
    }

    fn bytes(&self) -> Vec<u8> {
        fs::read(self.file()).unwrap_or_default()
    }

    #[track_caller]
    fn load_as(&self, inputs: Inputs, keep: Keep, scans: &[Scan]) -> Sightings {
        let sightings = sightings(&self.tree.repo(), &backlog(scans), inputs, keep, now());
        assert_eq!(sightings.problem, None);
        sightings
    }

    /// All reports of the repository, noted.
    #[track_caller]
    fn load(&self, scans: &[Scan]) -> Sightings {
        self.load_as(Inputs::Own, Keep::Noted, scans)
    }
}

fn is(sightings: &Sightings, sign: Sign) -> Vec<u32> {
    (0..100).filter(|finding| sightings.has(*finding, sign)).collect()
}

fn fates(sightings: &Sightings) -> Vec<(u64, Fate)> {
    sightings.gone.iter().map(|gone| (gone.id.0, gone.fate)).collect()
}

const R: &str = "R1";

#[test]
fn what_a_first_scan_has_is_not_new_and_may_be_older() {
    let clone = Clone::new();
    let first = clone.load(&[bandit(1, &[(1, R), (2, R)])]);
    assert_eq!((is(&first, Sign::New), is(&first, Sign::Guessed)), (vec![], vec![0, 1]));
    assert_eq!((first.first(0), first.since), (Some(hour(1)), None));
    let second = clone.load(&[bandit(2, &[(1, R), (3, R)])]);
    assert_eq!((is(&second, Sign::New), is(&second, Sign::Guessed)), (vec![1], vec![0]));
    assert_eq!((second.first(0), second.first(1)), (Some(hour(1)), Some(hour(2))));
    assert_eq!((fates(&second), second.since), (vec![(2, Fate::Fixed)], Some(hour(1))));
    // A scan later it is not new any more, and the one that went is no news.
    let third = clone.load(&[bandit(3, &[(1, R), (3, R)])]);
    assert_eq!((is(&third, Sign::New), fates(&third), third.first(1)), (vec![], vec![], Some(hour(2))));
}

#[test]
fn the_same_reports_again_note_nothing() {
    let clone = Clone::new();
    let silent = |results: &[(u64, &'static str)]| Scan { ended: None, ..named("ruff.sarif", bandit(0, results)) };
    let scans = [bandit(1, &[(1, R)]), silent(&[(5, R)])];
    let first = clone.load(&scans);
    let bytes = clone.bytes();
    assert!(!bytes.is_empty());
    assert_eq!(clone.load(&scans), first);
    // In another order, and under another name with other numbers.
    assert_eq!(clone.load(&[scans[1].clone(), scans[0].clone()]).first(1), Some(hour(1)));
    assert_eq!(clone.bytes(), bytes);
    // A later scan that has the same is one line more: it can show what went before it.
    clone.load(&[bandit(2, &[(1, R)]), scans[1].clone()]);
    assert!(clone.bytes().starts_with(&bytes) && clone.bytes().len() < bytes.len() + 250);
    // A touched file of a tool that states no time is not.
    let bytes = clone.bytes();
    clone.load(&[bandit(2, &[(1, R)]), silent(&[(5, R)])]);
    assert_eq!(clone.bytes(), bytes);
}

#[test]
fn other_commands_compare_and_note_nothing() {
    let clone = Clone::new();
    let none = clone.load_as(Inputs::Own, Keep::Compared, &[bandit(1, &[(1, R)])]);
    assert_eq!((none, clone.file().exists()), (Sightings::default(), false));
    clone.load(&[bandit(1, &[(1, R)])]);
    let bytes = clone.bytes();
    let next = [bandit(2, &[(2, R)])];
    let compared = clone.load_as(Inputs::Own, Keep::Compared, &next);
    assert_eq!((is(&compared, Sign::New), fates(&compared)), (vec![0], vec![(1, Fate::Fixed)]));
    assert_eq!(clone.bytes(), bytes);
    assert_eq!(clone.load(&next), compared);
}

#[track_caller]
fn check_gone(before: &Scan, after: &[Scan], fate: Fate) {
    let clone = Clone::new();
    clone.load(std::slice::from_ref(before));
    assert_eq!(fates(&clone.load(after)), [(1, fate)], "{after:?}");
}

#[test]
fn gone_is_fixed_only_if_somebody_looked() {
    let all = &["R1", "R2"];
    let had = semgrep(1, all, &[(1, R)]);
    check_gone(&had, &[semgrep(2, all, &[])], Fate::Fixed);
    check_gone(&had, &[semgrep(2, &["R2"], &[])], Fate::NotScanned);
    check_gone(&had, &[semgrep(2, &[], &[])], Fate::NotScanned);
    check_gone(&had, &[Scan { is_whole: false, ..semgrep(2, all, &[]) }], Fate::NotScanned);
    check_gone(&had, &[Scan { is_complete: false, ..semgrep(2, all, &[]) }], Fate::NotScanned);
    check_gone(&had, &[named("other.sarif", semgrep(2, all, &[]))], Fate::NotScanned);
    check_gone(&had, &[bandit(2, &[])], Fate::NotScanned);
    check_gone(&had, &[], Fate::NotScanned);
    // A rule by the parent of its hierarchical id.
    check_gone(&semgrep(1, &["R1"], &[(1, "R1/a")]), &[semgrep(2, &["R1"], &[])], Fate::Fixed);
    // Another category or image of the same report is another scan.
    let web = |category| Scan { category, ..semgrep(2, all, &[]) };
    check_gone(&Scan { category: Some("web"), ..had.clone() }, &[web(Some("api"))], Fate::NotScanned);
    check_gone(&Scan { category: Some("web"), ..had.clone() }, &[web(Some("web"))], Fate::Fixed);
    let image = |image| Scan { image: Some(image), ..semgrep(2, all, &[]) };
    check_gone(&Scan { image: Some("a:1"), ..had.clone() }, &[image("b:1")], Fate::NotScanned);
    // Dates, numbers and hashes in the name of a report do not make it another.
    let dated = |day: &str, scan: Scan| named(&format!("scans/{day}/semgrep-1a2b3c{day}.sarif"), scan);
    check_gone(&dated("2026-11-01", had), &[dated("2026-11-20", semgrep(2, all, &[]))], Fate::Fixed);
}

#[test]
fn a_tool_that_ever_listed_a_rule_without_results_lists_all() {
    let clone = Clone::new();
    let own = |ended, lists: &[&'static str], results: &[(u64, &'static str)]| Scan {
        lists: lists.to_vec(),
        ..bandit(ended, results)
    };
    clone.load(&[own(1, &["R1", "R2"], &[(1, "R1")])]);
    // Its list is now what it found: the other rule was turned off.
    let off = clone.load(&[own(2, &["R2"], &[(2, "R2")])]);
    assert_eq!(fates(&off), [(1, Fate::NotScanned)]);
}

#[test]
fn results_of_a_renamed_file_are_the_ones_that_they_were() {
    let code = (0..40).map(|line| format!("call_{line}(x)\n")).collect::<Vec<_>>().concat();
    let clone = Clone { tree: Tree::git(&[("a.py", &code)]) };
    let renamed = |ended, results: &[(u64, &'static str)]| Scan { path: "b.py", ..bandit(ended, results) };
    clone.load(&[bandit(1, &[(1, R), (2, R)])]);
    let rename = |from: &str, to: &str| {
        fs::rename(clone.tree.root().join(from), clone.tree.root().join(to)).unwrap();
        clone.tree.commit("rename", 1_700_000_001);
    };
    rename("a.py", "b.py");
    let next = [renamed(2, &[(11, R), (12, R), (13, "R2")])];
    let compared = clone.load_as(Inputs::Own, Keep::Compared, &next);
    let second = clone.load(&next);
    assert_eq!(compared, second);
    assert_eq!((is(&second, Sign::New), fates(&second), is(&second, Sign::Guessed)), (vec![2], vec![], vec![0, 1]));
    assert_eq!((second.first(0), second.first(1), second.first(2)), (Some(hour(1)), Some(hour(1)), Some(hour(2))));
    let last = second.scans.last().unwrap();
    assert_eq!((last.inflow, last.outflow, last.present), (1, 0, 3));
    assert_eq!(clone.load(&next), second, "the same again notes nothing");
    // As a branch that is checked out does.
    rename("b.py", "a.py");
    let third = clone.load(&[bandit(3, &[(1, R), (2, R)])]);
    assert_eq!((is(&third, Sign::New), is(&third, Sign::CameBack), third.first(1)), (vec![], vec![], Some(hour(1))));
    assert_eq!(fates(&third), [(13, Fate::Fixed)]);
    // Fewer than there were: nobody knows which of them it is.
    rename("a.py", "b.py");
    let fourth = clone.load(&[renamed(4, &[(14, R)])]);
    assert_eq!((is(&fourth, Sign::New), fates(&fourth)), (vec![0], vec![(1, Fate::Fixed), (2, Fate::Fixed)]));
}

#[test]
fn results_of_a_file_that_is_still_there_did_not_go_to_another() {
    let code = (0..40).map(|line| format!("call_{line}(x)\n")).collect::<Vec<_>>().concat();
    let clone = Clone { tree: Tree::git(&[("a.py", &code)]) };
    clone.load(&[bandit(1, &[(1, R)])]);
    clone.tree.write("b.py", &code);
    let copied = clone.load(&[Scan { path: "b.py", ..bandit(2, &[(11, R)]) }]);
    assert_eq!((is(&copied, Sign::New), fates(&copied)), (vec![0], vec![(1, Fate::Fixed)]));
}

#[test]
fn what_one_scan_leaves_open_a_later_one_shows() {
    let clone = Clone::new();
    clone.load(&[bandit(1, &[(1, R), (2, R)])]);
    let failed = clone.load(&[Scan { is_whole: false, ..bandit(2, &[(2, R)]) }]);
    assert_eq!(fates(&failed), [(1, Fate::NotScanned)]);
    clone.load(&[bandit(3, &[(2, R)])]);
    // It was shown to be fixed, so this is a return; after the failed scan alone it would not be one.
    let again = clone.load(&[bandit(4, &[(1, R), (2, R)])]);
    assert_eq!((is(&again, Sign::CameBack), again.returned(0)), (vec![0], Some(hour(4))));
    assert_eq!((again.first(0), is(&again, Sign::New)), (Some(hour(1)), vec![]));
    // That stays so until it goes again.
    assert_eq!(is(&clone.load(&[bandit(5, &[(1, R), (2, R)])]), Sign::CameBack), [0]);
}

#[test]
fn a_result_that_a_failed_scan_missed_did_not_come_back() {
    let clone = Clone::new();
    clone.load(&[bandit(1, &[(1, R)])]);
    clone.load(&[Scan { is_whole: false, ..bandit(2, &[]) }]);
    let again = clone.load(&[bandit(3, &[(1, R)])]);
    assert_eq!((is(&again, Sign::CameBack), is(&again, Sign::New)), (vec![], vec![]));
}

#[test]
fn a_report_that_was_edited_is_of_the_scan_that_it_was_of() {
    let clone = Clone::new();
    clone.load(&[bandit(1, &[(1, R), (2, R), (3, R)])]);
    let filtered = clone.load(&[bandit(1, &[(2, R), (3, R)])]);
    assert_eq!((is(&filtered, Sign::New), fates(&filtered)), (vec![], vec![(1, Fate::Fixed)]));
    let later = clone.load(&[bandit(2, &[(2, R), (3, R), (4, R)])]);
    assert_eq!(is(&later, Sign::New), [2]);
    let filtered = clone.load(&[bandit(2, &[(3, R), (4, R)])]);
    assert_eq!(is(&filtered, Sign::New), [1], "what came with its scan came with it");
}

#[test]
fn another_input_says_nothing_of_what_it_does_not_name() {
    let clone = Clone::new();
    let own = [bandit(1, &[(1, R), (2, R)]), semgrep(1, &[R], &[(3, R)])];
    clone.load(&own);
    for other in [named("/tmp/other.sarif", bandit(2, &[(1, R)])), own[1].clone()] {
        let loaded = clone.load_as(Inputs::Named, Keep::Noted, &[other]);
        assert_eq!(fates(&loaded), []);
    }
    let mut loaded = clone.load(&own);
    loaded.series.retain(|series| !series.report.starts_with("/tmp"));
    assert_eq!((fates(&loaded), is(&loaded, Sign::CameBack), loaded.series.len()), (vec![], vec![], 2));
    // One of several parts of a scan is not the scan.
    let shards = |ended| [1, 2].map(|part| named(&format!("shard-{part}.sarif"), bandit(ended, &[(10 + part, R)])));
    clone.load(&[own.as_slice(), &shards(3)].concat());
    let part = clone.load_as(Inputs::Named, Keep::Noted, &shards(4)[..1]);
    assert_eq!(fates(&part), []);
    assert_eq!(fates(&clone.load(&[own.as_slice(), &shards(5)].concat())), []);
}

#[test]
fn a_report_that_is_missing_leaves_what_it_had_not_scanned_and_comes_again_without_news() {
    let clone = Clone::new();
    let both = [bandit(1, &[(1, R)]), semgrep(1, &[R], &[(2, R)])];
    clone.load(&both);
    let bytes = clone.bytes();
    let one = clone.load(&both[..1]);
    assert_eq!((fates(&one), one.series[1].is_missing), (vec![(2, Fate::NotScanned)], true));
    let again = clone.load(&both);
    assert_eq!((fates(&again), is(&again, Sign::New), is(&again, Sign::CameBack)), (vec![], vec![], vec![]));
    assert_eq!(clone.bytes(), bytes);
}

#[test]
fn fewer_runs_show_nothing_of_what_the_others_had() {
    let clone = Clone::new();
    let shard = |part: u64, ended| named(&format!("shard-{part}.sarif"), bandit(ended, &[(part, R)]));
    clone.load(&[shard(1, 1), shard(2, 1)]);
    assert_eq!(fates(&clone.load(&[shard(1, 2)])), [(2, Fate::NotScanned)]);
    clone.load(&[shard(1, 3)]);
    let again = clone.load(&[shard(1, 4), shard(2, 4)]);
    assert_eq!((is(&again, Sign::CameBack), is(&again, Sign::New)), (vec![], vec![]));
}

#[test]
fn an_older_scan_only_moves_the_first_sight_back() {
    let clone = Clone::new();
    clone.load(&[bandit(5, &[(1, R), (2, R)])]);
    clone.load(&[bandit(6, &[(1, R), (2, R), (3, R)])]);
    let old = clone.load(&[bandit(2, &[(1, R), (3, R), (4, R)])]);
    assert_eq!(fates(&old), []);
    assert_eq!((is(&old, Sign::New), is(&old, Sign::CameBack)), (vec![], vec![]));
    assert_eq!((old.first(0), old.first(1), old.first(2)), (Some(hour(2)), Some(hour(2)), Some(hour(2))));
    let bytes = clone.bytes();
    clone.load(&[bandit(2, &[(1, R), (3, R), (4, R)])]);
    assert_eq!(clone.bytes(), bytes, "it says nothing new");
    let newest = clone.load(&[bandit(7, &[(1, R), (2, R), (3, R)])]);
    assert_eq!(is(&newest, Sign::Guessed), [0, 1, 2], "the older scan may not have been the first");
    assert_eq!((newest.first(1), newest.first(2), fates(&newest)), (Some(hour(5)), Some(hour(2)), vec![]));
}

#[test]
fn a_time_in_the_future_is_now_and_standard_input_is_no_report() {
    let clone = Clone::new();
    let loaded = clone.load(&[bandit(24 * 5_000, &[(1, R)]), named("/dev/fd/63", bandit(1, &[(2, R)]))]);
    assert_eq!((loaded.first(0), loaded.first(1), loaded.series.len()), (Some(now()), None, 1));
    let next = clone.load(&[bandit(24 * 5_001, &[(3, R)])]);
    assert_eq!((is(&next, Sign::New), fates(&next)), (vec![], vec![(1, Fate::Fixed)]), "both are of the same moment");
}

#[test]
fn a_finding_of_several_results_is_as_old_as_the_oldest() {
    let clone = Clone::new();
    clone.load(&[bandit(1, &[(1, R)]), semgrep(1, &[R], &[])]);
    let mut joined = backlog(&[bandit(1, &[(1, R)]), semgrep(48, &[R], &[(2, R)])]);
    joined.findings.truncate(1);
    let loaded = sightings(&clone.tree.repo(), &joined, Inputs::Own, Keep::Noted, now());
    assert_eq!((loaded.first(0), is(&loaded, Sign::New)), (Some(hour(1)), vec![]));
    let apart = clone.load(&[bandit(1, &[(1, R)]), semgrep(48, &[R], &[(2, R)])]);
    assert_eq!(is(&apart, Sign::New), [1]);
}

#[test]
fn a_finding_came_back_when_all_of_it_was_gone() {
    let clone = Clone::new();
    let load = |bandit: Scan, semgrep: Scan| {
        let mut joined = backlog(&[bandit, semgrep]);
        joined.findings.truncate(1);
        sightings(&clone.tree.repo(), &joined, Inputs::Own, Keep::Noted, now())
    };
    let day = 24;
    let (one, two) = (&[(1, R)], &[(2, R)]);
    load(bandit(day, one), semgrep(day, &[R], two));
    load(bandit(2 * day, &[]), semgrep(2 * day, &[R], two));
    let partly = load(bandit(3 * day, one), semgrep(3 * day, &[R], two));
    assert!(is(&partly, Sign::CameBack).is_empty(), "the other tool had it all along");
    load(bandit(4 * day, &[]), semgrep(4 * day, &[R], &[]));
    let both = load(bandit(5 * day, one), semgrep(5 * day, &[R], two));
    assert_eq!((is(&both, Sign::CameBack), both.returned(0)), (vec![0], Some(hour(5 * day))));
    // What a third tool says of it later does not take that away.
    let mut third =
        backlog(&[bandit(6 * day, one), semgrep(6 * day, &[R], two), named("c", semgrep(6 * day, &[R], &[(3, R)]))]);
    third.findings.truncate(1);
    let third = sightings(&clone.tree.repo(), &third, Inputs::Own, Keep::Noted, now());
    assert_eq!((is(&third, Sign::CameBack), is(&third, Sign::New)), (vec![0], vec![]));
}

#[test]
fn weeks_add_up() {
    let clone = Clone::new();
    let week = |week: i64| 24 * 7 * week;
    clone.load(&[bandit(week(0), &[(1, R), (2, R)])]);
    clone.load(&[bandit(week(1), &[(2, R), (3, R), (4, R)])]);
    clone.load(&[bandit(week(1) + 24, &[(3, R), (4, R)])]);
    let loaded = clone.load(&[bandit(week(4), &[(3, R), (4, R), (5, R)])]);
    let until = date_of(day(jiff::civil::date(2030, 1, 1)) + 28).unwrap();
    let tides = loaded.tides(7, until);
    let numbers = |tide: &Tide| (tide.inflow, tide.outflow, tide.present);
    assert_eq!(
        tides.iter().map(numbers).collect::<Vec<_>>(),
        [(0, 0, 2), (2, 1, 3), (0, 1, 2), (0, 0, 2), (1, 0, 3)],
        "the first scan of a tool is no inflow"
    );
    assert_eq!((tides[0].date, tides[4].date), (jiff::civil::date(2030, 1, 1), until));
    assert_eq!(loaded.tides(7, date_of(day(until) - 1).unwrap()).len(), 4, "what comes later is left out");
    assert!(loaded.tides(1, until).iter().map(|tide| tide.inflow).sum::<u32>() == 3);
}

#[test]
fn days_are_counted_from_the_first_sight() {
    let clone = Clone::new();
    let scans = [bandit(0, &[(1, R)])];
    let sightings = clone.load(&scans);
    let mut board = Board { backlog: backlog(&scans).into(), sightings: sightings.into(), ..Board::empty(TODAY) };
    board.standings = quell::model::standings::Standings::open(1).into();
    assert_eq!(board.due(0), None, "nobody has looked for its lane");
    let mut reaches = quell::model::reach::Reaches::default();
    reaches.verdicts.push(quell::model::reach::Judged { lane: Lane::ThisSprint, ..Default::default() });
    board.reaches = reaches.into();
    let words = |board: &Board| (board.due_in_words(0).unwrap(), board.is_overdue(0));
    assert_eq!(words(&board), ("2030-01-15, 5 days left".to_owned(), false));
    board.due.set(Lane::ThisSprint, Some(9));
    assert_eq!(words(&board), ("2030-01-10, the last day".to_owned(), false));
    board.due.set(Lane::ThisSprint, Some(8));
    assert_eq!(words(&board), ("2030-01-09, 1 day overdue".to_owned(), true));
    board.due = Due::default();
    board.due.set(Lane::ThisSprint, None);
    assert_eq!((board.due(0), board.is_overdue(0)), (None, false));
}

#[test]
fn places_of_thousands_that_are_gone_are_told() {
    let clone = Clone::new();
    let all: Vec<(u64, &'static str)> = (1..=9_000).map(|id| (id * 7_919 % 9_001, R)).collect();
    let mut scans = backlog(&[bandit(1, &all)]);
    for (record, (id, _)) in scans.results.iter_mut().zip(&all) {
        record.path = scans.paths.push(&format!("src/{id}.py"), true);
    }
    let first = sightings(&clone.tree.repo(), &scans, Inputs::Own, Keep::Noted, now());
    assert_eq!((first.problem, first.gone.len()), (None, 0));
    let left = [bandit(2, &[all[0]])];
    let noted = clone.load(&left);
    let read = clone.load_as(Inputs::Own, Keep::Compared, &left);
    assert_eq!(noted, read);
    let mut gone: Vec<u64> = read.gone.iter().map(|gone| gone.id.0).collect();
    gone.sort_unstable();
    assert_eq!(gone, (1..=9_000).filter(|id| *id != all[0].0).collect::<Vec<_>>());
    for gone in &read.gone {
        let line = u32::try_from(gone.id.0 % 1_000).unwrap();
        assert_eq!((&*gone.path, gone.line, &*gone.rule), (&*format!("src/{}.py", gone.id.0), line, R));
    }
}

#[test]
fn a_journal_that_is_cut_off_anywhere_is_read_as_far_as_it_is_whole() {
    let clone = Clone::new();
    clone.load(&[bandit(1, &[(1, R), (2, R)])]);
    let first = clone.bytes();
    let second = [bandit(2, &[(2, R), (3, R)])];
    let expected = clone.load(&second);
    let whole = clone.bytes();
    assert!(whole.starts_with(&first));
    for cut in 0..=whole.len() {
        fs::write(clone.file(), &whole[..cut]).unwrap();
        let loaded = clone.load(&second);
        if cut >= first.len() {
            assert_eq!(loaded, expected, "cut at {cut}");
            assert_eq!(clone.bytes(), whole, "cut at {cut}");
        } else {
            assert_eq!((fates(&loaded), is(&loaded, Sign::New)), (vec![], vec![]), "cut at {cut}");
        }
    }
    // A byte that turned is the end of what is whole.
    for at in first.len()..whole.len() {
        let mut turned = whole.clone();
        turned[at] ^= 0x40;
        fs::write(clone.file(), turned).unwrap();
        assert_eq!(clone.load(&second), expected, "turned at {at}");
    }
}

#[test]
fn what_is_no_journal_of_this_version_is_left_alone() {
    let clone = Clone::new();
    clone.load(&[bandit(1, &[(1, R)])]);
    let whole = clone.bytes();
    for other in [b"quell scans 1\nabc".to_vec(), vec![0; 64], [&whole[..], &framed(&[9, 9])].concat()] {
        fs::write(clone.file(), &other).unwrap();
        for keep in [Keep::Noted, Keep::Compared] {
            let scans = backlog(&[bandit(2, &[])]);
            let loaded = sightings(&clone.tree.repo(), &scans, Inputs::Own, keep, now());
            let problem = loaded.problem.unwrap();
            assert!(problem.hint.contains("remove it"), "{problem}");
            assert_eq!(clone.bytes(), other);
        }
    }
}

fn framed(bytes: &[u8]) -> Vec<u8> {
    let mut sum = flate2::Crc::new();
    sum.update(bytes);
    let len = u32::try_from(bytes.len()).unwrap();
    [&len.to_le_bytes()[..], &sum.sum().to_le_bytes(), bytes].concat()
}

#[test]
fn many_loads_at_once_note_one_scan() {
    let clone = Clone::new();
    clone.load(&[bandit(1, &[(1, R)])]);
    let scans = backlog(&[bandit(2, &[(2, R)])]);
    let once = {
        let other = Clone::new();
        other.load(&[bandit(1, &[(1, R)])]);
        other.load(&[bandit(2, &[(2, R)])]).scans
    };
    let start = Barrier::new(4);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                start.wait();
                let loaded = sightings(&clone.tree.repo(), &scans, Inputs::Own, Keep::Noted, now());
                assert_eq!((is(&loaded, Sign::New), loaded.problem), (vec![0], None));
            });
        }
    });
    assert_eq!(clone.load(&[bandit(2, &[(2, R)])]).scans, once);
}

#[test]
fn a_long_history_stays_small_and_forgets_only_what_went_long_ago() {
    let clone = Clone::new();
    let results = |scan: u64| -> Vec<(u64, &'static str)> {
        let own = (0..20).map(move |part| 1_000_000 + scan * 20 + part);
        std::iter::once(7).chain(own).map(|id| (id, R)).collect()
    };
    // One a day: the last ones more than a year after the first.
    let mut last = Sightings::default();
    let mut largest = 0;
    for scan in 0..420_u64 {
        let hours = i64::try_from(scan).unwrap() * 24;
        let (at, backlog) = (hour(hours), backlog(&[bandit(hours, &results(scan))]));
        last = sightings(&clone.tree.repo(), &backlog, Inputs::Own, Keep::Noted, at);
        largest = largest.max(clone.bytes().len());
    }
    assert_eq!((last.problem.clone(), last.first(0), last.since), (None, Some(hour(0)), Some(hour(418 * 24))));
    assert_eq!((is(&last, Sign::New).len(), last.gone.len(), last.scans.len()), (20, 20, 420));
    // 365 scans of a year with 20 results each, about 16 bytes a result; and as much again at the most.
    assert!(largest < 400_000, "{largest}");
    // What went a year ago is not known to have been there.
    let again: Vec<(u64, &'static str)> = vec![(7, R), (1_000_000, R), (1_000_000 + 419 * 20 - 5, R)];
    let loaded = sightings(
        &clone.tree.repo(),
        &backlog(&[bandit(420 * 24, &again)]),
        Inputs::Own,
        Keep::Compared,
        hour(420 * 24),
    );
    assert_eq!((is(&loaded, Sign::New), is(&loaded, Sign::CameBack)), (vec![1], vec![2]));
}

/// One scan of a random history: which tool, whether it failed, rules that are off, results.
type Drawn = (bool, bool, BTreeSet<u8>, BTreeSet<u8>);

const RULES: [&str; 3] = ["R0", "R1", "R2"];

fn rule_of(id: u8) -> &'static str {
    RULES[usize::from(id % 3)]
}

/// What a plain reading of all scans of one tool says, worked out anew from the first on.
#[derive(Debug, Default, PartialEq)]
struct Said {
    first: BTreeMap<u64, i64>,
    guessed: BTreeSet<u64>,
    new: BTreeSet<u64>,
    back: BTreeSet<u64>,
    gone: BTreeMap<u64, bool>,
}

fn said(scans: &[Scan]) -> Said {
    let mut said = Said::default();
    let ids = |scan: &Scan| -> BTreeSet<u64> { scan.results.iter().map(|(id, _)| *id).collect() };
    let has_looked = |scan: &Scan, id: u64| {
        let rule = rule_of(u8::try_from(id % 100).unwrap());
        let fired = scan.results.iter().any(|(_, fired)| *fired == rule);
        scan.is_whole && (scan.tool == "bandit" || scan.lists.contains(&rule) || fired)
    };
    for id in scans.iter().flat_map(ids).collect::<BTreeSet<_>>() {
        let (mut is_fixed, mut is_back, mut was_there) = (false, false, false);
        let mut first = None;
        for (at, scan) in scans.iter().enumerate() {
            let is_there = ids(scan).contains(&id);
            if is_there && !was_there {
                is_back = is_fixed;
                is_fixed = false;
            }
            is_fixed |= !is_there && first.is_some() && has_looked(scan, id);
            is_back &= is_there;
            if is_there && first.is_none() {
                first = Some(at);
                if at == 0 || !has_looked(&scans[at - 1], id) {
                    said.guessed.insert(id);
                }
            }
            if at + 1 == scans.len() {
                if was_there && !is_there {
                    said.gone.insert(id, is_fixed);
                }
                if is_there {
                    said.first.insert(id, scans[first.unwrap()].ended.unwrap());
                } else {
                    said.guessed.remove(&id);
                }
                if is_there && at > 0 && first == Some(at) {
                    said.new.insert(id);
                }
                if is_there && is_back {
                    said.back.insert(id);
                }
            }
            was_there = is_there;
        }
    }
    said
}

/// The same as the journal has it, of the results with these ids.
fn told(sightings: &Sightings, scans: &[&Scan], is_own: impl Fn(u64) -> bool) -> Said {
    let mut said = Said::default();
    let results = scans.iter().flat_map(|scan| &scan.results).zip(0..).filter(|((id, _), _)| is_own(*id));
    for ((id, _), finding) in results {
        let hours = (sightings.first(finding).unwrap() - hour(0)).get_seconds() / 3_600;
        said.first.insert(*id, hours);
        for (sign, set) in
            [(Sign::Guessed, &mut said.guessed), (Sign::New, &mut said.new), (Sign::CameBack, &mut said.back)]
        {
            if sightings.has(finding, sign) {
                set.insert(*id);
            }
        }
    }
    let gone = sightings.gone.iter().filter(|gone| is_own(gone.id.0));
    said.gone = gone.map(|gone| (gone.id.0, gone.fate == Fate::Fixed)).collect();
    said
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn the_journal_says_what_all_scans_read_anew_say(
        drawn in proptest::collection::vec(
            (any::<bool>(), proptest::bool::weighted(0.2), proptest::collection::btree_set(0_u8..3, 0..2),
             proptest::collection::btree_set(0_u8..6, 0..6)),
            1..25,
        )
    ) {
        let drawn: Vec<Drawn> = drawn;
        let clone = Clone::new();
        let mut histories: [Vec<Scan>; 2] = [Vec::new(), Vec::new()];
        for (at, (is_semgrep, has_failed, off, ids)) in (0..).zip(drawn) {
            let tool = usize::from(is_semgrep);
            let results: Vec<(u64, &'static str)> =
                ids.iter().map(|id| (u64::from(*id) + 100 * tool as u64, rule_of(*id))).collect();
            let lists: Vec<&'static str> =
                (0..3_u8).filter(|rule| !off.contains(rule)).map(rule_of).collect();
            let scan = if is_semgrep { semgrep(at, &lists, &results) } else { bandit(at, &results) };
            histories[tool].push(Scan { is_whole: !has_failed, ..scan });
            let last: Vec<&Scan> = histories.iter().filter_map(|history| history.last()).collect();
            let loaded: Vec<Scan> = last.iter().map(|scan| (*scan).clone()).collect();
            let compared = clone.load_as(Inputs::Own, Keep::Compared, &loaded);
            let noted = clone.load(&loaded);
            prop_assert!(compared == noted || at == 0);
            for (tool, history) in (0_u64..).zip(&histories).filter(|(_, history)| !history.is_empty()) {
                let told = told(&noted, &last, |id| id / 100 == tool);
                prop_assert_eq!(told, said(history), "tool {} after scan {}", tool, at);
            }
        }
    }
}

//! Every finding's place among the values of one key, as a number: rows are sorted and grouped by counting.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use jiff::Timestamp;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

use crate::model::backlog::{Backlog, FindingIdx, NONE};
use crate::model::board::Board;
use crate::model::decision::Status;
use crate::model::due::day_of;
use crate::model::exposure::Exposure;
use crate::model::grade::{Baseline, Category, Severity};
use crate::model::order::Names;
use crate::model::reach::{Lane, Reach};
use crate::model::remedy::NO_REMEDY;
use crate::model::sightings::moment;

use super::group::{NO_CWE, NO_OWNER};
use super::part::part;
use super::rows::{GroupKey, SortKey};

/// What a rank costs at most: some are read from the results.
const EACH: usize = 4;
/// Findings of one parallel task.
const TASK: usize = 16_384;

/// The rank of each finding, below `len`; equal values have equal ranks. Found in parts.
#[derive(Debug)]
pub(super) struct Ranks {
    by: By,
    values: Values,
    of: Vec<u32>,
    pub(super) len: u32,
    /// Whose group comes last whatever is in it.
    pub(super) last: Option<u32>,
}

/// What the ranks are for.
#[derive(Clone, Copy, Debug)]
enum By {
    /// Smaller comes first: the worst, the oldest, the first name. What is not known comes last.
    Sort(SortKey),
    /// By the label of the group that a finding stands in, in the order of the labels.
    Group(GroupKey),
}

/// What is known of the values themselves, of which there are mostly few.
#[derive(Debug, Default)]
struct Values {
    /// The rank of each value, by its number.
    ranks: Vec<u32>,
    /// The rank of what has no value.
    none: u32,
    /// All of these are below.
    len: u32,
    /// The moments at which a finding can have been there first, in seconds, or the days on which it can be due; sorted.
    moments: Vec<i64>,
}

impl Ranks {
    pub(super) fn to_sort(board: &Board, key: SortKey) -> Self {
        let order = board.backlog.order();
        let moments = match key {
            SortKey::Age => moments(board),
            SortKey::Due => due_days(board),
            SortKey::Lane
            | SortKey::Score
            | SortKey::Reach
            | SortKey::Severity
            | SortKey::Path
            | SortKey::Rule
            | SortKey::Status
            | SortKey::Tool
            | SortKey::Report => Vec::new(),
        };
        let values = Values { moments, ..Values::default() };
        let len = match key {
            SortKey::Lane => rank(Lane::ALL.len()),
            SortKey::Score => 101,
            SortKey::Reach => rank(Reach::ALL.len()),
            SortKey::Severity => rank(Severity::ALL.len()),
            SortKey::Path => order.files.len + 1,
            SortKey::Rule => order.rules.len + 1,
            SortKey::Tool => order.tools.len + 1,
            SortKey::Report => rank(board.backlog.findings.len()),
            SortKey::Status => rank(Status::ALL.len()),
            SortKey::Age | SortKey::Due => rank(values.moments.len()) + 1,
        };
        Self::new(board, By::Sort(key), values, len)
    }

    pub(super) fn to_group(board: &Board, key: GroupKey) -> Self {
        let order = board.backlog.order();
        let values = match key {
            GroupKey::Severity => labels(Severity::ALL.iter().map(|value| value.name())),
            GroupKey::Lane => labels(Lane::ALL.iter().map(|value| value.name())),
            GroupKey::Reach => labels(Reach::ALL.iter().map(|value| value.name())),
            GroupKey::Exposure => labels(Exposure::ALL.iter().map(|value| value.name())),
            GroupKey::Category => labels(Category::ALL.iter().map(|value| value.name())),
            GroupKey::Status => labels(Status::ALL.iter().map(|value| value.name())),
            GroupKey::Baseline => labels(Baseline::ALL.iter().map(|value| value.name())),
            GroupKey::Cwe => cwe_sets(&board.backlog),
            GroupKey::Package => packages(&board.backlog),
            GroupKey::Service | GroupKey::Workload | GroupKey::Image => homes(board, key),
            GroupKey::Owner => owners(board),
            GroupKey::Remedy => remedies(board),
            GroupKey::Rule | GroupKey::File | GroupKey::Directory | GroupKey::Tool => Values::default(),
        };
        let len = match key {
            GroupKey::Rule => order.rules.len,
            GroupKey::File => order.files.len,
            GroupKey::Directory => order.folders.len,
            GroupKey::Tool => order.tools.len,
            GroupKey::Package => order.packages.len,
            GroupKey::Severity
            | GroupKey::Lane
            | GroupKey::Reach
            | GroupKey::Exposure
            | GroupKey::Category
            | GroupKey::Status
            | GroupKey::Baseline
            | GroupKey::Cwe
            | GroupKey::Remedy
            | GroupKey::Service
            | GroupKey::Workload
            | GroupKey::Image
            | GroupKey::Owner => values.len,
        };
        let comes_last = key == GroupKey::Remedy || key.part().is_some();
        let last = comes_last.then_some(values.none);
        Self { last, ..Self::new(board, By::Group(key), values, len) }
    }

    fn new(board: &Board, by: By, values: Values, len: u32) -> Self {
        Self { by, values, of: Vec::with_capacity(board.backlog.findings.len()), len, last: None }
    }

    /// The rank of a finding, once all are found.
    pub(super) fn of(&self, finding: FindingIdx) -> u32 {
        self.of[finding as usize]
    }

    /// Finds the next ranks, at most so many, and returns how many it looked at; `None` when all are found.
    pub(super) fn step(&mut self, board: &Board, room: usize) -> Option<usize> {
        let findings = board.backlog.findings.len();
        let start = self.of.len();
        let part = part(start, findings, room / EACH);
        if part.is_empty() {
            return None;
        }
        let cost = part.len() * EACH;
        self.of.resize(part.end, 0);
        match self.by {
            By::Sort(key) => self.find_to_sort(board, key, part),
            By::Group(key) => self.find_to_group(board, key, part),
        }
        Some(cost)
    }

    fn find_to_sort(&mut self, board: &Board, key: SortKey, part: Range<usize>) {
        let backlog = &board.backlog;
        let order = backlog.order();
        let leads = &order.leads;
        let last = |names: &Names, number: u32| names.rank.get(number as usize).copied().unwrap_or(names.len);
        let moments = &self.values.moments;
        let ranks = &mut self.of[part.start..];
        match key {
            SortKey::Lane => fill(ranks, part.start, |finding| {
                u32::from(board.judged(finding).map_or(Lane::OnUpgrade, |judged| judged.lane) as u8)
            }),
            SortKey::Score => fill(ranks, part.start, |finding| {
                board.judged(finding).map_or(100, |judged| 100 - u32::from(judged.score))
            }),
            SortKey::Reach => {
                fill(ranks, part.start, |finding| u32::from(board.judged(finding).unwrap_or_default().reach.rank()));
            }
            SortKey::Severity => fill(ranks, part.start, |finding| {
                u32::from(Severity::Critical as u8 - leads.severity[finding as usize] as u8)
            }),
            SortKey::Path => fill(ranks, part.start, |finding| last(&order.files, backlog.lead(finding).path)),
            SortKey::Rule => fill(ranks, part.start, |finding| last(&order.rules, leads.rule[finding as usize])),
            SortKey::Tool => {
                fill(ranks, part.start, |finding| last(&order.tools, backlog.run(backlog.lead(finding)).tool));
            }
            // Findings are numbered in the order of the reports.
            SortKey::Report => fill(ranks, part.start, |finding| finding),
            SortKey::Status => fill(ranks, part.start, |finding| u32::from(board.status(finding) as u8)),
            SortKey::Age => fill(ranks, part.start, |finding| match board.first_seen(finding) {
                Some(at) => rank(moments.partition_point(|other| *other < at.as_second())),
                None => rank(moments.len()),
            }),
            SortKey::Due => fill(ranks, part.start, |finding| match board.due_day(finding) {
                Some(due) => rank(moments.partition_point(|other| *other < due)),
                None => rank(moments.len()),
            }),
        }
    }

    fn find_to_group(&mut self, board: &Board, key: GroupKey, part: Range<usize>) {
        let backlog = &board.backlog;
        let order = backlog.order();
        let leads = &order.leads;
        let values = &self.values;
        let valued =
            |number: Option<usize>| number.and_then(|number| values.ranks.get(number)).copied().unwrap_or(values.none);
        let judged = |finding: FindingIdx| board.judged(finding).unwrap_or_default();
        let ranks = &mut self.of[part.start..];
        match key {
            GroupKey::Rule => fill(ranks, part.start, |finding| order.rules.rank(leads.rule[finding as usize])),
            GroupKey::File => fill(ranks, part.start, |finding| order.files.rank(leads.path[finding as usize])),
            GroupKey::Directory => {
                fill(ranks, part.start, |finding| order.folders.rank(leads.path[finding as usize]));
            }
            GroupKey::Tool => {
                fill(ranks, part.start, |finding| order.tools.rank(backlog.run(backlog.lead(finding)).tool));
            }
            GroupKey::Severity => {
                fill(ranks, part.start, |finding| valued(Some(leads.severity[finding as usize] as usize)));
            }
            GroupKey::Lane => fill(ranks, part.start, |finding| valued(Some(judged(finding).lane as usize))),
            GroupKey::Reach => fill(ranks, part.start, |finding| valued(Some(judged(finding).reach as usize))),
            GroupKey::Exposure => fill(ranks, part.start, |finding| valued(Some(judged(finding).exposure as usize))),
            GroupKey::Category => {
                fill(ranks, part.start, |finding| valued(Some(leads.category[finding as usize] as usize)));
            }
            GroupKey::Status => fill(ranks, part.start, |finding| valued(Some(board.status(finding) as usize))),
            GroupKey::Baseline => {
                fill(ranks, part.start, |finding| valued(Some(backlog.lead(finding).baseline() as usize)));
            }
            GroupKey::Cwe => fill(ranks, part.start, |finding| valued(Some(backlog.finding(finding).cwe as usize))),
            GroupKey::Package => fill(ranks, part.start, |finding| {
                let mut named = backlog.members(finding).iter().map(|result| valued(Some(*result as usize)));
                named.find(|rank| *rank != values.none).unwrap_or(values.none)
            }),
            // In the order of their texts; what has none comes where its label stands.
            GroupKey::Remedy => fill(ranks, part.start, |finding| {
                match board.remedies.as_ref().map_or(NONE, |remedies| remedies.number(finding)) {
                    NONE => values.none,
                    number => number + u32::from(number >= values.none),
                }
            }),
            GroupKey::Service | GroupKey::Workload | GroupKey::Image => {
                let homes = &board.reaches.homes;
                fill(ranks, part.start, |finding| {
                    let path = leads.path[finding as usize];
                    valued(Some(homes.number_by_path(path, || backlog.lead(finding)) as usize))
                });
            }
            GroupKey::Owner => {
                let decided = board.standings.decided();
                let given = |place: &usize| decided.get(*place).is_some_and(|standing| standing.owner.is_some());
                fill(ranks, part.start, |finding| {
                    let place = board.standings.place(finding).map(|place| place as usize).filter(given);
                    let owned = || Some(decided.len() + board.owners.place(leads.path[finding as usize])? as usize);
                    valued(place.or_else(owned))
                });
            }
        }
    }
}

/// Puts in the ranks of the findings from `first` on, on all cores.
fn fill(ranks: &mut [u32], first: usize, rank_of: impl Fn(FindingIdx) -> u32 + Sync) {
    ranks.par_chunks_mut(TASK).enumerate().for_each(|(part, ranks)| {
        for (finding, place) in (rank(first + part * TASK)..).zip(ranks) {
            *place = rank_of(finding);
        }
    });
}

fn rank(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The moments at which findings can have been there first.
fn moments(board: &Board) -> Vec<i64> {
    let mut moments: Vec<i64> = seen_at(board).map(Timestamp::as_second).collect();
    moments.sort_unstable();
    moments.dedup();
    moments
}

/// When reports were made, things decided and scans noted: each finding was there first at one of these.
fn seen_at(board: &Board) -> impl Iterator<Item = Timestamp> {
    let reports = board.backlog.reports.iter().filter_map(|report| report.made);
    let scans = board.sightings.moments().iter().map(|at| moment(*at));
    reports.chain(board.events.iter().map(|event| event.at)).chain(scans)
}

/// The days on which findings can be due.
fn due_days(board: &Board) -> Vec<i64> {
    let first: BTreeSet<i64> = seen_at(board).map(day_of).collect();
    let of_lane = |lane: &Lane| first.iter().filter_map(|first| board.due.day(*lane, *first)).collect::<Vec<_>>();
    let days: BTreeSet<i64> = Lane::ALL.iter().flat_map(of_lane).collect();
    days.into_iter().collect()
}

/// The rank of each label; nothing is without one.
fn labels<'l>(labels: impl Iterator<Item = &'l str>) -> Values {
    let labels: Vec<&str> = labels.collect();
    let mut sorted = labels.clone();
    sorted.sort_unstable();
    let ranks = labels.iter().map(|label| rank(sorted.partition_point(|other| other < label)));
    Values { ranks: ranks.collect(), len: rank(labels.len()), ..Values::default() }
}

/// The same where some have none, and stand under a label for that.
fn labels_or<'l>(some: impl Iterator<Item = &'l str>, none: &'l str) -> Values {
    let mut values = labels(some.chain([none]));
    values.none = values.ranks.pop().unwrap_or_default();
    values
}

/// By the first CWE of each set: `CWE-20` comes before `CWE-3`, as labels do.
fn cwe_sets(backlog: &Backlog) -> Values {
    let first = |set: &[u32]| set.first().map_or_else(|| NO_CWE.to_owned(), |number| format!("CWE-{number}"));
    let firsts: Vec<String> = backlog.cwe_sets.iter().map(|set| first(set)).collect();
    labels_or(firsts.iter().map(String::as_str), NO_CWE)
}

/// By result.
fn packages(backlog: &Backlog) -> Values {
    let names = &backlog.order().packages;
    let mut ranks = vec![names.none; if backlog.packages.is_empty() { 0 } else { backlog.results.len() }];
    for ((result, _), rank) in backlog.packages.iter().zip(&names.rank) {
        if let Some(place) = ranks.get_mut(*result as usize) {
            *place = *rank;
        }
    }
    Values { ranks, none: names.none, ..Values::default() }
}

/// By their numbers, of which only the place of those without is needed.
fn remedies(board: &Board) -> Values {
    let all = board.remedies.as_ref().map_or(&[][..], |remedies| remedies.all());
    let none = rank(all.partition_point(|remedy| *remedy.text < *NO_REMEDY));
    Values { none, len: rank(all.len()) + 1, ..Values::default() }
}

/// By number of a home.
fn homes(board: &Board, key: GroupKey) -> Values {
    let Some(part) = key.part() else { return Values::default() };
    let labels = board.reaches.homes.all().iter().map(|home| home.label(part));
    let labels: Vec<String> =
        labels.map(|label| if label.is_empty() { part.none().to_owned() } else { label }).collect();
    labels_or(labels.iter().map(String::as_str), part.none())
}

/// By place among the findings of which something was decided, and behind these by place among those who own files.
fn owners(board: &Board) -> Values {
    let mut numbers: HashMap<&str, usize> = HashMap::from([(NO_OWNER, 0)]);
    let mut names = vec![NO_OWNER];
    let mut last = ("", 0);
    let decided = board.standings.decided().iter().map(|standing| standing.owner.as_deref().unwrap_or(NO_OWNER));
    let of: Vec<usize> = decided
        .chain(board.owners.all().iter().map(|all| &*all.label))
        .map(|owner| {
            // Neighbours mostly have the same.
            if !std::ptr::eq(last.0, owner) {
                let number = *numbers.entry(owner).or_insert_with(|| {
                    names.push(owner);
                    names.len() - 1
                });
                last = (owner, number);
            }
            last.1
        })
        .collect();
    let named = labels(names.iter().copied());
    let ranks = of.into_iter().map(|number| named.ranks[number]).collect();
    Values { ranks, none: named.ranks[0], ..named }
}

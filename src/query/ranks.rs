//! Every finding's place among the values of one key, as a number: rows are sorted and grouped by counting.

use std::collections::HashMap;

use jiff::Timestamp;
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

use crate::model::backlog::{FindingIdx, NONE};
use crate::model::board::Board;
use crate::model::decision::Status;
use crate::model::grade::{Baseline, Category, Severity};
use crate::model::order::Names;
use crate::model::remedy::NO_REMEDY;

use super::group::{NO_CWE, NO_OWNER};
use super::rows::{GroupKey, SortKey};

/// Findings of one parallel task.
const TASK: usize = 16_384;

/// The rank of each finding, below `len`; equal values have equal ranks.
#[derive(Debug)]
pub(super) struct Ranks {
    pub(super) of: Vec<u32>,
    pub(super) len: u32,
    /// Whose group comes last whatever is in it.
    pub(super) last: Option<u32>,
}

impl Ranks {
    /// Smaller comes first: the worst, the oldest, the first name. What is not known comes last.
    pub(super) fn to_sort(board: &Board, key: SortKey) -> Self {
        let backlog = &board.backlog;
        let order = backlog.order();
        let last = |names: &Names, number: u32| names.rank.get(number as usize).copied().unwrap_or(names.len);
        match key {
            SortKey::Severity => {
                let worst = Severity::Critical as u8;
                let of = order.leads.severity.iter().map(|severity| u32::from(worst - *severity as u8)).collect();
                Self { of, len: u32::from(worst) + 1, last: None }
            }
            SortKey::Path => {
                Self::new(board, order.files.len + 1, |finding| last(&order.files, backlog.lead(finding).path))
            }
            SortKey::Rule => {
                let of = order.leads.rule.iter().map(|rule| last(&order.rules, *rule)).collect();
                Self { of, len: order.rules.len + 1, last: None }
            }
            SortKey::Tool => Self::new(board, order.tools.len + 1, |finding| {
                last(&order.tools, backlog.run(backlog.lead(finding)).tool)
            }),
            // Findings are numbered in the order of the reports.
            SortKey::Report => {
                let len = rank(backlog.findings.len());
                Self { of: (0..len).collect(), len, last: None }
            }
            SortKey::Status => {
                Self::new(board, rank(Status::ALL.len()), |finding| u32::from(board.status(finding) as u8))
            }
            SortKey::Age => {
                let reports = backlog.reports.iter().filter_map(|report| report.made);
                let seconds = reports.chain(board.events.iter().map(|event| event.at)).map(Timestamp::as_second);
                let mut known: Vec<i64> = seconds.collect();
                known.sort_unstable();
                known.dedup();
                let len = rank(known.len());
                Self::new(board, len + 1, |finding| match board.first_seen(finding) {
                    Some(at) => rank(known.partition_point(|other| *other < at.as_second())),
                    None => len,
                })
            }
        }
    }

    /// By the label of the group that a finding stands in, in the order of the labels.
    pub(super) fn to_group(board: &Board, key: GroupKey) -> Self {
        let backlog = &board.backlog;
        let order = backlog.order();
        let leads = &order.leads;
        let named = |names: &Names, numbers: &[u32]| Self {
            of: numbers.iter().map(|number| names.rank(*number)).collect(),
            len: names.len,
            last: None,
        };
        match key {
            GroupKey::Rule => named(&order.rules, &leads.rule),
            GroupKey::File => named(&order.files, &leads.path),
            GroupKey::Directory => named(&order.folders, &leads.path),
            GroupKey::Tool => {
                Self::new(board, order.tools.len, |finding| order.tools.rank(backlog.run(backlog.lead(finding)).tool))
            }
            GroupKey::Severity => {
                let labels = labels(Severity::ALL.iter().map(|value| value.name()));
                Self::new(board, rank(labels.len()), |finding| labels[leads.severity[finding as usize] as usize])
            }
            GroupKey::Category => {
                let labels = labels(Category::ALL.iter().map(|value| value.name()));
                Self::new(board, rank(labels.len()), |finding| labels[leads.category[finding as usize] as usize])
            }
            GroupKey::Status => {
                let labels = labels(Status::ALL.iter().map(|value| value.name()));
                Self::new(board, rank(labels.len()), |finding| labels[board.status(finding) as usize])
            }
            GroupKey::Baseline => {
                let labels = labels(Baseline::ALL.iter().map(|value| value.name()));
                Self::new(board, rank(labels.len()), |finding| labels[backlog.lead(finding).baseline as usize])
            }
            GroupKey::Cwe => by_cwe(&leads.cwe),
            GroupKey::Package => by_package(board),
            GroupKey::Remedy => by_remedy(board),
            GroupKey::Owner => by_owner(board),
        }
    }

    fn new(board: &Board, len: u32, rank_of: impl Fn(FindingIdx) -> u32 + Sync) -> Self {
        let mut of = vec![0; board.backlog.findings.len()];
        of.par_chunks_mut(TASK).enumerate().for_each(|(part, ranks)| {
            for (finding, place) in (rank(part * TASK)..).zip(ranks) {
                *place = rank_of(finding);
            }
        });
        Self { of, len, last: None }
    }
}

fn rank(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The rank of each label.
fn labels<'l>(labels: impl Iterator<Item = &'l str>) -> Vec<u32> {
    let labels: Vec<&str> = labels.collect();
    let mut sorted = labels.clone();
    sorted.sort_unstable();
    labels.iter().map(|label| rank(sorted.partition_point(|other| other < label))).collect()
}

/// By the first CWE of each finding: `CWE-20` comes before `CWE-3`, as labels do.
fn by_cwe(cwe: &[u32]) -> Ranks {
    let mut ranks: HashMap<u32, u32> = cwe.iter().map(|number| (*number, 0)).collect();
    let label = |number: u32| if number == NONE { NO_CWE.to_owned() } else { format!("CWE-{number}") };
    let mut sorted: Vec<u32> = ranks.keys().copied().collect();
    sorted.sort_unstable_by_key(|number| label(*number));
    for (rank, number) in (0..).zip(&sorted) {
        ranks.insert(*number, rank);
    }
    Ranks { of: cwe.iter().map(|number| ranks[number]).collect(), len: rank(sorted.len()), last: None }
}

/// By the package of the first result that names one.
fn by_package(board: &Board) -> Ranks {
    let backlog = &board.backlog;
    let names = &backlog.order().packages;
    let mut of_result = vec![names.none; if backlog.packages.is_empty() { 0 } else { backlog.results.len() }];
    for ((result, _), rank) in backlog.packages.iter().zip(&names.rank) {
        if let Some(place) = of_result.get_mut(*result as usize) {
            *place = *rank;
        }
    }
    Ranks::new(board, names.len, |finding| {
        let results = backlog.members(finding).iter();
        let mut ranks = results.filter_map(|result| of_result.get(*result as usize).copied());
        ranks.find(|rank| *rank != names.none).unwrap_or(names.none)
    })
}

/// Remedies are in the order of their texts; what has none comes where its label stands.
fn by_remedy(board: &Board) -> Ranks {
    let Some(remedies) = &board.remedies else { return Ranks::new(board, 1, |_| 0) };
    let none = rank(remedies.all().partition_point(|remedy| *remedy.text < *NO_REMEDY));
    let of = |finding| match remedies.number(finding) {
        NONE => none,
        number if number < none => number,
        number => number + 1,
    };
    Ranks { last: Some(none), ..Ranks::new(board, rank(remedies.all().len()) + 1, of) }
}

fn by_owner(board: &Board) -> Ranks {
    let mut numbers: HashMap<&str, u32> = HashMap::new();
    let owners = || board.standings.iter().map(|standing| standing.owner.as_deref().unwrap_or(NO_OWNER));
    let mut last = ("", 0);
    let of: Vec<u32> = owners()
        .map(|owner| {
            // Neighbours mostly have the same.
            if !std::ptr::eq(last.0, owner) {
                let next = rank(numbers.len());
                last = (owner, *numbers.entry(owner).or_insert(next));
            }
            last.1
        })
        .collect();
    let mut names = vec![""; numbers.len()];
    for (name, number) in &numbers {
        names[*number as usize] = name;
    }
    let ranks = labels(names.iter().copied());
    Ranks { of: of.into_iter().map(|number| ranks[number as usize]).collect(), len: rank(ranks.len()), last: None }
}

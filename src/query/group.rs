//! Rows under headings. Every finding stands under exactly one, so that the counts add up.

use std::borrow::Cow;
use std::sync::Arc;

use crate::model::backlog::FindingIdx;
use crate::model::bits::Bits;
use crate::model::board::Board;
use crate::model::counting::Counting;
use crate::model::decision::Status;
use crate::model::grade::{Baseline, Category, Severity};
use crate::model::order::{NO_FILE, NO_PACKAGE, NO_RULE, folder};
use crate::model::remedy::NO_REMEDY;

use super::part::part;
use super::ranks::Ranks;
use super::rows::{Group, GroupKey};

/// To put a finding to its place somewhere in memory takes as long as to look at so many in a row.
pub(super) const SCATTER: usize = 4;
pub(super) const NO_CWE: &str = "no CWE";
pub(super) const NO_OWNER: &str = "no owner";

/// The groups of some findings, found in parts: worst severity first, then the larger, then by label, which is the
/// order of the ranks.
#[derive(Debug)]
pub(super) struct Grouping {
    findings: Bits,
    stage: Stage,
    /// By rank: how many findings have it, and the worst severity of these.
    counts: Vec<(u32, Severity)>,
    /// The ranks that findings have, on their way into the order of the groups.
    met: Vec<u32>,
    counting: Counting,
    /// The largest count.
    most: u32,
    /// The next finding, or the next rank of `met`, that is looked at.
    at: usize,
    pub(super) groups: Arc<Vec<Group>>,
    /// By rank: where the first finding of its group goes.
    pub(super) starts: Vec<u32>,
}

#[derive(Clone, Copy, Debug)]
enum Stage {
    /// The findings of each rank.
    Count,
    /// Which ranks there are.
    Meet,
    /// The key that matters less goes first.
    SortByCount,
    SortBySeverity,
    /// Where each group starts.
    Start,
    Done,
}

impl Grouping {
    pub(super) fn new(findings: &Bits, ranks: &Ranks) -> Self {
        Self {
            findings: findings.clone(),
            stage: Stage::Count,
            counts: vec![(0, Severity::Info); ranks.len as usize],
            met: Vec::new(),
            counting: Counting::default(),
            most: 0,
            at: 0,
            groups: Arc::default(),
            starts: Vec::new(),
        }
    }

    /// Whether it is of these findings.
    pub(super) fn is_of(&self, findings: &Bits) -> bool {
        self.findings == *findings
    }

    /// Looks at the next findings or groups, about so many, and returns how many; `None` when all groups are found.
    pub(super) fn step(&mut self, severities: &[Severity], ranks: &Ranks, room: usize) -> Option<usize> {
        let counts = &mut self.counts;
        // At least one: a step that costs nothing would be taken again and again within one slice.
        let room = (room / SCATTER).max(1);
        let cost = room.min(self.met.len()) * SCATTER;
        match self.stage {
            Stage::Count => {
                let part = part(self.at, severities.len(), room);
                let first = FindingIdx::try_from(part.start).unwrap_or(FindingIdx::MAX);
                for (finding, found) in (first..).zip(&severities[part.clone()]) {
                    if self.findings.has(finding) {
                        let (count, severity) = &mut counts[ranks.of(finding) as usize];
                        *count += 1;
                        *severity = (*severity).max(*found);
                    }
                }
                self.at = part.end;
                if part.end == severities.len() {
                    self.stage = Stage::Meet;
                }
                return Some(part.len() * SCATTER);
            }
            Stage::Meet => {
                self.met = (0..).zip(&*counts).filter(|(_, (count, _))| *count > 0).map(|(rank, _)| rank).collect();
                self.most = counts.iter().map(|(count, _)| *count).max().unwrap_or(0);
                self.counting = Counting::new(self.met.len(), self.most + 1);
                self.stage = Stage::SortByCount;
                return Some(counts.len());
            }
            Stage::SortByCount => {
                let most = self.most;
                if self.counting.step(&self.met, |rank| most - counts[rank as usize].0, room) {
                    let severities = Severity::ALL.len();
                    let next = Counting::new(self.met.len(), u32::try_from(severities).unwrap_or(u32::MAX));
                    self.met = std::mem::replace(&mut self.counting, next).into_sorted();
                    self.stage = Stage::SortBySeverity;
                }
            }
            Stage::SortBySeverity => {
                let worst = Severity::Critical as u8;
                let better = |rank: u32| u32::from(worst - counts[rank as usize].1 as u8);
                if self.counting.step(&self.met, better, room) {
                    self.met = std::mem::take(&mut self.counting).into_sorted();
                    if let Some(at) = self.met.iter().position(|rank| ranks.last == Some(*rank)) {
                        self.met[at..].rotate_left(1);
                    }
                    self.groups = Arc::new(Vec::with_capacity(self.met.len()));
                    self.starts = vec![0; counts.len()];
                    self.at = 0;
                    self.stage = Stage::Start;
                }
            }
            Stage::Start => {
                let part = part(self.at, self.met.len(), room);
                let groups = Arc::make_mut(&mut self.groups);
                let mut start = groups.last().map_or(0, |group| group.start + group.len);
                for &rank in &self.met[part.clone()] {
                    let (len, severity) = counts[rank as usize];
                    groups.push(Group { severity, start, len, rank });
                    self.starts[rank as usize] = start;
                    start += len;
                }
                self.at = part.end;
                if part.end == self.met.len() {
                    (self.met, self.counts) = (Vec::new(), Vec::new());
                    self.stage = Stage::Done;
                }
            }
            Stage::Done => return None,
        }
        Some(cost)
    }
}

/// What the group is called that a finding stands in.
pub(super) fn label(board: &Board, finding: FindingIdx, key: GroupKey) -> Cow<'_, str> {
    let backlog = &board.backlog;
    let lead = backlog.lead(finding);
    let path = backlog.path(lead);
    let or = |text: &'static str| Cow::Borrowed(text);
    let judged = || board.judged(finding).unwrap_or_default();
    match key {
        GroupKey::Severity => or(backlog.finding(finding).severity.name()),
        GroupKey::Lane => or(judged().lane.name()),
        GroupKey::Reach => or(judged().reach.name()),
        GroupKey::Exposure => or(judged().exposure.name()),
        GroupKey::Rule => Cow::Borrowed(backlog.rules.get(lead.rule as usize).map_or(NO_RULE, |rule| &rule.id)),
        GroupKey::Cwe => match backlog.cwe(finding).first() {
            Some(number) => Cow::Owned(format!("CWE-{number}")),
            None => or(NO_CWE),
        },
        GroupKey::File | GroupKey::Directory if path.is_empty() => or(NO_FILE),
        GroupKey::File => Cow::Borrowed(path),
        GroupKey::Directory => Cow::Borrowed(folder(path)),
        GroupKey::Tool => Cow::Borrowed(&backlog.tool(lead).name),
        GroupKey::Category => or(Category::name(lead.category())),
        GroupKey::Status => or(Status::name(board.status(finding))),
        GroupKey::Baseline => or(Baseline::name(lead.baseline())),
        GroupKey::Remedy => Cow::Borrowed(board.remedy(finding).map_or(NO_REMEDY, |remedy| &remedy.text)),
        GroupKey::Package => Cow::Borrowed(package(board, finding).unwrap_or(NO_PACKAGE)),
        GroupKey::Service | GroupKey::Workload | GroupKey::Image => home(board, finding, key),
        GroupKey::Owner => Cow::Borrowed(board.owner(finding).unwrap_or(NO_OWNER)),
    }
}

/// By the shown result; a home with several names stands under all of them together.
fn home(board: &Board, finding: FindingIdx, key: GroupKey) -> Cow<'_, str> {
    let Some(part) = key.part() else { return Cow::Borrowed("") };
    let home = board.reaches.homes.of(board.lead(finding));
    let label = home.map(|home| home.label(part)).filter(|label| !label.is_empty());
    label.map_or(Cow::Borrowed(part.none()), Cow::Owned)
}

fn package(board: &Board, finding: FindingIdx) -> Option<&str> {
    let mut members = board.backlog.members(finding).iter();
    members.find_map(|&result| board.backlog.package_of(result)).map(|package| package.name.as_str())
}

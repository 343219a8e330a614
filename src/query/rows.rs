//! Filter, sort and group: from the board to the rows that a list shows.

use crate::model::backlog::FindingIdx;
use crate::model::board::Board;
use crate::model::grade::{Severity, vocabulary};

use super::bits::Bits;
use super::filter::narrow;
use super::group::grouped;
use super::term::Query;

vocabulary! {
    /// What findings can be grouped by.
    GroupKey {
        Severity = "severity", Rule = "rule", Cwe = "cwe", File = "file", Directory = "directory", Tool = "tool",
        Category = "category", Package = "package", Status = "status", Owner = "owner", Baseline = "baseline",
    }
}

vocabulary! {
    /// What findings can be sorted by. Ties are broken by path, line and id.
    SortKey { Severity = "severity", Path = "path", Rule = "rule", Age = "age", Status = "status", Tool = "tool" }
}

/// How the list is looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lens {
    pub query: Query,
    /// Only open findings, unless the query itself names a status, a kind or a suppression.
    pub open_only: bool,
    /// Worst severity first where it is empty.
    pub sort: Vec<SortKey>,
    pub group: Option<GroupKey>,
}

/// Findings in the order of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    pub findings: Vec<FindingIdx>,
    /// In the order of the list; empty without grouping. Groups with the worst severity come first, then the larger.
    pub groups: Vec<Group>,
    /// How many findings there were to choose from before the query (after `open_only`).
    pub total: usize,
}

impl Rows {
    /// The findings of the group with this number.
    pub fn of_group(&self, group: u32) -> &[FindingIdx] {
        let Some(group) = self.groups.get(group as usize) else { return &[] };
        let (start, len) = (group.start as usize, group.len as usize);
        self.findings.get(start..start + len).unwrap_or_default()
    }
}

/// Findings of one group: `start..start + len` of [`Rows::findings`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub label: String,
    pub severity: Severity,
    pub start: u32,
    pub len: u32,
}

/// The rows of a board through a lens.
pub fn rows(board: &Board, lens: &Lens) -> Rows {
    let mut chosen = Bits::all(board.backlog.findings.len());
    if lens.open_only && !lens.query.names_status() {
        chosen.retain(|finding| board.is_open(finding));
    }
    let total = chosen.len();
    narrow(board, &lens.query, &mut chosen);
    let findings = sorted(board, &chosen, &lens.sort);
    match lens.group {
        None => Rows { findings, groups: Vec::new(), total },
        Some(key) => {
            let (findings, groups) = grouped(board, &findings, key);
            Rows { findings, groups, total }
        }
    }
}

fn sorted(board: &Board, chosen: &Bits, keys: &[SortKey]) -> Vec<FindingIdx> {
    let order = board.backlog.order();
    let (base, keys) = match keys {
        [] | [SortKey::Severity] => (&order.by_severity, [].as_slice()),
        [SortKey::Path] => (&order.by_place, [].as_slice()),
        keys => (&order.by_place, keys),
    };
    let mut findings: Vec<FindingIdx> = base.iter().copied().filter(|&finding| chosen.has(finding)).collect();
    // Stable sorts from the last key to the first, over a base that is sorted by path, line and id.
    for key in keys.iter().rev() {
        let ranks = Ranks::of(board, *key);
        findings.sort_by_cached_key(|&finding| ranks.rank(board, finding));
    }
    findings
}

/// Where each rule or tool stands among all names.
struct Ranks {
    key: SortKey,
    names: Vec<u32>,
}

impl Ranks {
    fn of(board: &Board, key: SortKey) -> Self {
        let names = match key {
            SortKey::Rule => name_ranks(board.backlog.rules.iter().map(|rule| rule.id.as_str())),
            SortKey::Tool => name_ranks(board.backlog.tools.iter().map(|tool| tool.name.as_str())),
            SortKey::Severity | SortKey::Path | SortKey::Age | SortKey::Status => Vec::new(),
        };
        Self { key, names }
    }

    /// Smaller comes first: the worst, the oldest, the first name. What is not known comes last.
    fn rank(&self, board: &Board, finding: FindingIdx) -> i64 {
        let backlog = &board.backlog;
        let lead = backlog.lead(finding);
        let among = |ranks: &[u32], number: u32| ranks.get(number as usize).map_or(i64::MAX, |rank| i64::from(*rank));
        match self.key {
            SortKey::Severity => -i64::from(backlog.finding(finding).severity as u8),
            SortKey::Path => among(&backlog.order().path_rank, lead.path),
            SortKey::Rule => among(&self.names, lead.rule),
            SortKey::Tool => among(&self.names, backlog.run(lead).tool),
            SortKey::Status => i64::from(board.status(finding) as u8),
            SortKey::Age => board.first_seen(finding).map_or(i64::MAX, jiff::Timestamp::as_second),
        }
    }
}

/// The rank of each name; equal names have equal ranks.
fn name_ranks<'n>(names: impl Iterator<Item = &'n str>) -> Vec<u32> {
    let names: Vec<&str> = names.collect();
    let mut distinct = names.clone();
    distinct.sort_unstable();
    distinct.dedup();
    names.iter().map(|name| u32::try_from(distinct.partition_point(|other| other < name)).unwrap_or(u32::MAX)).collect()
}

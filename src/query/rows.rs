//! Filter, sort and group: from the board to the rows that a list shows.

use std::borrow::Cow;
use std::sync::Arc;

use crate::model::backlog::FindingIdx;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::model::bits::Bits;
use crate::model::board::Board;
use crate::model::grade::{Severity, vocabulary};
use crate::model::home::Part;
use crate::model::order::{NO_FILE, folder};
use crate::model::remedy::Remedy;

use super::finder::Finder;
use super::group::label;
use super::term::Query;

vocabulary! {
    /// What findings can be grouped by.
    GroupKey {
        Severity = "severity", Lane = "lane", Reach = "reach", Exposure = "exposure", Rule = "rule", Cwe = "cwe", File = "file", Directory = "directory", Tool = "tool",
        Category = "category", Package = "package", Remedy = "remedy", Status = "status", Owner = "owner", Baseline = "baseline",
        Service = "service", Workload = "workload", Image = "image",
    }
}

vocabulary! {
    /// What findings can be sorted by. Ties are broken by path, line and id.
    SortKey {
        Lane = "lane", Score = "score", Severity = "severity", Path = "path", Rule = "rule", Age = "age", Status = "status", Tool = "tool",
        Reach = "reach", Report = "report", Due = "due",
    }
}

/// How the list is looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lens {
    pub query: Query,
    /// Only open findings, unless the query itself names a status, a kind or a suppression.
    pub open_only: bool,
    /// What matters most first where it is empty: by lane, then score.
    pub sort: Vec<SortKey>,
    pub group: Option<GroupKey>,
}

impl GroupKey {
    /// What of a deployment it names.
    pub(super) fn part(self) -> Option<Part> {
        match self {
            Self::Service => Some(Part::Service),
            Self::Workload => Some(Part::Workload),
            Self::Image => Some(Part::Image),
            Self::Severity
            | Self::Lane
            | Self::Reach
            | Self::Exposure
            | Self::Rule
            | Self::Cwe
            | Self::File
            | Self::Directory
            | Self::Tool
            | Self::Category
            | Self::Package
            | Self::Remedy
            | Self::Status
            | Self::Owner
            | Self::Baseline => None,
        }
    }
}

impl Lens {
    /// Whether the rows depend on the remedies of the board, which are there only once somebody asked for them.
    pub fn reads_remedies(&self) -> bool {
        self.group == Some(GroupKey::Remedy) || self.query.reads_remedies()
    }
}

/// Findings in the order of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    pub findings: Vec<FindingIdx>,
    /// The same findings as a set.
    pub set: Bits,
    /// In the order of the list; empty without grouping. Groups with the worst severity come first, then the larger;
    /// what has no remedy, service, workload or image comes last.
    pub groups: Arc<Vec<Group>>,
    /// What the groups are by.
    pub key: Option<GroupKey>,
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

    /// What the group with this number is called. Made when it is asked for: there may be as many as findings.
    pub fn label<'b>(&self, board: &'b Board, group: u32) -> Cow<'b, str> {
        let first = self.of_group(group).first();
        self.key.zip(first).map_or(Cow::Borrowed(""), |(key, first)| label(board, *first, key))
    }

    /// What else a heading says: what the change clears that the group is about, whatever the query leaves of it.
    pub fn note(&self, board: &Board, group: u32) -> Option<String> {
        let first = self.of_group(group).first().filter(|_| self.key == Some(GroupKey::Remedy))?;
        board.remedy(*first).map(Remedy::clears)
    }

    /// The groups that are called one of some labels. Groups of files may be as many as findings: there each label is
    /// looked up, and no group is asked for its own.
    pub fn groups_called(&self, board: &Board, labels: &[&str]) -> Bits {
        let ranks: Vec<u32> = match self.key {
            Some(GroupKey::File) => labels.iter().filter_map(|label| rank_of_file(board, label)).collect(),
            Some(GroupKey::Directory) => labels.iter().filter_map(|label| rank_of_folder(board, label)).collect(),
            _ => return self.groups_where(|group| labels.contains(&&*self.label(board, group))),
        };
        self.groups_where(|group| self.groups.get(group as usize).is_some_and(|group| ranks.contains(&group.rank)))
    }

    fn groups_where(&self, passes: impl Fn(u32) -> bool + Sync) -> Bits {
        let mut groups = Bits::none(self.groups.len());
        groups.fill(0..self.groups.len(), passes);
        groups
    }
}

/// The rank of a path among the files of groups, if a finding has it.
fn rank_of_file(board: &Board, label: &str) -> Option<u32> {
    let backlog = &board.backlog;
    let order = backlog.order();
    if label == NO_FILE {
        return Some(order.files.none);
    }
    let path = |finding: FindingIdx| backlog.paths.get(backlog.lead(finding).path).map(|path| path.text);
    let at = order.by_place.partition_point(|finding| path(*finding).is_some_and(|path| path < label));
    let finding = order.by_place.get(at).filter(|finding| path(**finding) == Some(label))?;
    Some(order.files.rank(backlog.lead(*finding).path))
}

/// The rank of a folder among those of groups.
fn rank_of_folder(board: &Board, label: &str) -> Option<u32> {
    let backlog = &board.backlog;
    let folders = &backlog.order().folders;
    let texts = &backlog.paths.texts;
    let is_in = |path: &u32| !texts.get(*path).is_empty() && folder(texts.get(*path)) == label;
    let known = u32::try_from(backlog.paths.len()).unwrap_or(u32::MAX);
    let path = (0..known).into_par_iter().find_any(is_in).map(|path| folders.rank(path));
    path.or_else(|| (label == NO_FILE).then_some(folders.none))
}

/// Findings of one group: `start..start + len` of [`Rows::findings`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    pub severity: Severity,
    pub start: u32,
    pub len: u32,
    /// The place of its label among all that a board has for the key, in the order of the labels.
    pub rank: u32,
}

/// The rows of a board through a lens.
pub fn rows(board: &Board, lens: &Lens) -> Rows {
    let mut finder = Finder::default();
    finder.ask(board, lens);
    loop {
        if let Some(rows) = finder.go_on(board, usize::MAX) {
            return rows;
        }
    }
}

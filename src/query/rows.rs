//! Filter, sort and group: from the board to the rows that a list shows.

use std::borrow::Cow;

use crate::model::backlog::FindingIdx;
use crate::model::bits::Bits;
use crate::model::board::Board;
use crate::model::grade::{Severity, vocabulary};
use crate::model::order::{NO_FILE, Names, folder};
use crate::model::remedy::Remedy;

use super::finder::Finder;
use super::group::label;
use super::term::Query;

vocabulary! {
    /// What findings can be grouped by.
    GroupKey {
        Severity = "severity", Rule = "rule", Cwe = "cwe", File = "file", Directory = "directory", Tool = "tool",
        Category = "category", Package = "package", Remedy = "remedy", Status = "status", Owner = "owner", Baseline = "baseline",
    }
}

vocabulary! {
    /// What findings can be sorted by. Ties are broken by path, line and id.
    SortKey {
        Severity = "severity", Path = "path", Rule = "rule", Age = "age", Status = "status", Tool = "tool",
        Report = "report",
    }
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
    /// In the order of the list; empty without grouping. Groups with the worst severity come first, then the larger;
    /// what has no remedy comes last.
    pub groups: Vec<Group>,
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

    /// The group that a finding stands in.
    pub fn group_of(&self, finding: FindingIdx) -> Option<u32> {
        let at = self.findings.iter().position(|other| *other == finding)?;
        let after = self.groups.partition_point(|group| group.start as usize <= at);
        u32::try_from(after.checked_sub(1)?).ok()
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

    /// The groups whose label passes. Groups of files may be as many as findings: there each path is asked about once.
    pub fn groups_called(&self, board: &Board, passes: impl Fn(&str) -> bool + Sync) -> Bits {
        let order = board.backlog.order();
        let (names, called): (&Names, fn(&str) -> &str) = match self.key {
            Some(GroupKey::File) => (&order.files, |path| path),
            Some(GroupKey::Directory) => (&order.folders, folder),
            _ => return self.groups_where(|group| passes(&self.label(board, group))),
        };
        let mut ranks = Bits::none(names.len as usize);
        let paths = board.backlog.paths.iter().zip(&names.rank);
        for (_, rank) in paths.filter(|(path, _)| !path.text.is_empty() && passes(called(&path.text))) {
            ranks.insert(*rank);
        }
        if passes(NO_FILE) {
            ranks.insert(names.none);
        }
        let path_of = |finding: &FindingIdx| order.leads.path.get(*finding as usize);
        self.groups_where(|group| {
            self.of_group(group).first().and_then(path_of).is_some_and(|path| ranks.has(names.rank(*path)))
        })
    }

    fn groups_where(&self, passes: impl Fn(u32) -> bool + Sync) -> Bits {
        let mut groups = Bits::none(self.groups.len());
        groups.fill(0..self.groups.len(), passes);
        groups
    }
}

/// Findings of one group: `start..start + len` of [`Rows::findings`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    pub severity: Severity,
    pub start: u32,
    pub len: u32,
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

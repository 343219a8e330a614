//! Filter, sort and group: one pass over the board.

use crate::model::backlog::FindingIdx;
use crate::model::board::Board;
use crate::model::grade::{Severity, vocabulary};

use super::parse::Query;

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
    let _ = (board, lens);
    unimplemented!()
}

/// Whether one finding matches (for `gate`, tests and incremental updates).
pub fn matches(board: &Board, query: &Query, finding: FindingIdx) -> bool {
    let _ = (board, query, finding);
    unimplemented!()
}

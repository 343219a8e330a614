//! Rows under headings. Every finding stands under exactly one, so that the counts add up.

use std::borrow::Cow;
use std::cmp::Reverse;

use crate::model::backlog::FindingIdx;
use crate::model::board::Board;
use crate::model::decision::Status;
use crate::model::grade::{Baseline, Category, Severity};
use crate::model::order::{NO_FILE, NO_PACKAGE, NO_RULE, folder};
use crate::model::remedy::NO_REMEDY;

use super::ranks::Ranks;
use super::rows::{Group, GroupKey};

pub(super) const NO_CWE: &str = "no CWE";
pub(super) const NO_OWNER: &str = "no owner";

/// The groups of some rows: worst severity first, then the larger, then by label, which is the order of the ranks; what
/// has no remedy comes behind all that has one. With them, for each rank, where its first row goes.
pub(super) fn groups(severities: &[Severity], findings: &[FindingIdx], ranks: &Ranks) -> (Vec<Group>, Vec<u32>) {
    let mut counts = vec![(0, Severity::Info); ranks.len as usize];
    for &finding in findings {
        let (len, severity) = &mut counts[ranks.of[finding as usize] as usize];
        *len += 1;
        *severity = (*severity).max(severities[finding as usize]);
    }
    let met = (0..).zip(&counts).filter(|(_, (len, _))| *len > 0);
    let mut met: Vec<(u32, Group)> =
        met.map(|(rank, &(len, severity))| (rank, Group { severity, start: 0, len })).collect();
    met.sort_by_key(|(rank, group)| (ranks.last == Some(*rank), Reverse(group.severity), Reverse(group.len)));
    let mut starts = vec![0; counts.len()];
    let mut start = 0;
    for (rank, group) in &mut met {
        group.start = start;
        starts[*rank as usize] = start;
        start += group.len;
    }
    (met.into_iter().map(|(_, group)| group).collect(), starts)
}

/// The rows in the order of their groups; inside a group as they were.
pub(super) fn placed(findings: &[FindingIdx], ranks: &Ranks, mut next: Vec<u32>) -> Vec<FindingIdx> {
    let mut placed = vec![0; findings.len()];
    for &finding in findings {
        let place = &mut next[ranks.of[finding as usize] as usize];
        placed[*place as usize] = finding;
        *place += 1;
    }
    placed
}

/// What the group is called that a finding stands in.
pub(super) fn label(board: &Board, finding: FindingIdx, key: GroupKey) -> Cow<'_, str> {
    let backlog = &board.backlog;
    let lead = backlog.lead(finding);
    let path = backlog.path(lead);
    let or = |text: &'static str| Cow::Borrowed(text);
    match key {
        GroupKey::Severity => or(backlog.finding(finding).severity.name()),
        GroupKey::Rule => Cow::Borrowed(backlog.rules.get(lead.rule as usize).map_or(NO_RULE, |rule| &rule.id)),
        GroupKey::Cwe => match backlog.cwe(finding).first() {
            Some(number) => Cow::Owned(format!("CWE-{number}")),
            None => or(NO_CWE),
        },
        GroupKey::File | GroupKey::Directory if path.is_empty() => or(NO_FILE),
        GroupKey::File => Cow::Borrowed(path),
        GroupKey::Directory => Cow::Borrowed(folder(path)),
        GroupKey::Tool => Cow::Borrowed(&backlog.tool(lead).name),
        GroupKey::Category => or(Category::name(lead.category)),
        GroupKey::Status => or(Status::name(board.status(finding))),
        GroupKey::Baseline => or(Baseline::name(lead.baseline)),
        GroupKey::Remedy => Cow::Borrowed(board.remedy(finding).map_or(NO_REMEDY, |remedy| &remedy.text)),
        GroupKey::Package => Cow::Borrowed(package(board, finding).unwrap_or(NO_PACKAGE)),
        GroupKey::Owner => Cow::Borrowed(board.standing(finding).owner.as_deref().unwrap_or(NO_OWNER)),
    }
}

fn package(board: &Board, finding: FindingIdx) -> Option<&str> {
    let mut members = board.backlog.members(finding).iter();
    members.find_map(|&result| board.backlog.package_of(result)).map(|package| package.name.as_str())
}

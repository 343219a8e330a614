//! Rows under headings. Every finding stands under exactly one, so that the counts add up.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::HashMap;

use crate::model::backlog::{FindingIdx, NONE};
use crate::model::board::Board;
use crate::model::decision::Status;
use crate::model::grade::{Baseline, Category, Severity};

use super::rows::{Group, GroupKey};

/// The rows in the order of their groups, and the groups: worst severity first, then the larger, then by label. Inside a
/// group the order of the rows is kept.
pub(super) fn grouped(board: &Board, findings: &[FindingIdx], key: GroupKey) -> (Vec<FindingIdx>, Vec<Group>) {
    let (numbers, mut groups) = collect(board, findings, key);
    let ties = ties(board, &numbers, &groups, findings, key);
    let ranked = groups.iter().zip(ties).enumerate();
    let mut order: Vec<_> =
        ranked.map(|(at, (group, tie))| (Reverse(group.severity), Reverse(group.len), tie, at)).collect();
    order.sort_unstable();
    let mut start = 0;
    for &(.., at) in &order {
        groups[at].start = start;
        start += groups[at].len;
    }
    let mut next: Vec<u32> = groups.iter().map(|group| group.start).collect();
    let mut placed = vec![0; findings.len()];
    for (&finding, &number) in findings.iter().zip(&numbers) {
        placed[next[number] as usize] = finding;
        next[number] += 1;
    }
    groups.sort_by_cached_key(|group| group.start);
    (placed, groups)
}

/// The place of each group among all by its label. The order of the paths is known: there may be as many as findings.
fn ties(board: &Board, numbers: &[usize], groups: &[Group], findings: &[FindingIdx], key: GroupKey) -> Vec<u32> {
    let mut ties = vec![u32::MAX; groups.len()];
    if key == GroupKey::File {
        let ranks = &board.backlog.order().path_rank;
        for (&finding, &number) in findings.iter().zip(numbers) {
            let path = board.backlog.lead(finding).path;
            ties[number] = ties[number].min(ranks.get(path as usize).copied().unwrap_or(u32::MAX));
        }
        return ties;
    }
    let mut by_label: Vec<usize> = (0..groups.len()).collect();
    by_label.sort_unstable_by(|&a, &b| groups[a].label.cmp(&groups[b].label));
    for (rank, at) in (0..).zip(by_label) {
        ties[at] = rank;
    }
    ties
}

/// The group of each row, and the groups in the order in which they were met.
fn collect(board: &Board, findings: &[FindingIdx], key: GroupKey) -> (Vec<usize>, Vec<Group>) {
    let mut groups: Vec<Group> = Vec::new();
    let mut by_label: HashMap<Cow<'_, str>, usize> = HashMap::new();
    // The same rule or path gives the same label: most labels are made once for each of those.
    let mut by_value: Vec<Option<usize>> = Vec::new();
    let mut numbers = Vec::with_capacity(findings.len());
    for &finding in findings {
        let value = value(board, finding, key).map_or(0, |value| value as usize + 1);
        if by_value.len() <= value {
            by_value.resize(value + 1, None);
        }
        let number = *by_value[value].get_or_insert_with(|| {
            *by_label.entry(label(board, finding, key)).or_insert_with_key(|label| {
                groups.push(Group { label: label.to_string(), severity: Severity::Info, start: 0, len: 0 });
                groups.len() - 1
            })
        });
        let group = &mut groups[number];
        group.len += 1;
        group.severity = group.severity.max(board.backlog.finding(finding).severity);
        numbers.push(number);
    }
    (numbers, groups)
}

/// A small number that decides the label of a finding; `None` where it has no value for this key.
fn value(board: &Board, finding: FindingIdx, key: GroupKey) -> Option<u32> {
    let backlog = &board.backlog;
    let lead = backlog.lead(finding);
    match key {
        GroupKey::Severity => Some(backlog.finding(finding).severity as u32),
        GroupKey::Rule => Some(lead.rule).filter(|rule| *rule != NONE),
        GroupKey::File | GroupKey::Directory => Some(lead.path).filter(|path| *path != NONE),
        GroupKey::Tool => Some(backlog.run(lead).tool),
        GroupKey::Category => Some(lead.category as u32),
        GroupKey::Status => Some(board.status(finding) as u32),
        GroupKey::Baseline => Some(lead.baseline as u32),
        // Names that are not numbered: one value for each finding that has one.
        GroupKey::Cwe => backlog.finding(finding).cwe.first().map(|_| finding),
        GroupKey::Package => package(board, finding).map(|_| finding),
        GroupKey::Owner => board.standing(finding).owner.as_ref().map(|_| finding),
    }
}

fn label(board: &Board, finding: FindingIdx, key: GroupKey) -> Cow<'_, str> {
    let backlog = &board.backlog;
    let lead = backlog.lead(finding);
    let path = backlog.path(lead);
    let or = |text: &'static str| Cow::Borrowed(text);
    match key {
        GroupKey::Severity => or(backlog.finding(finding).severity.name()),
        GroupKey::Rule => Cow::Borrowed(backlog.rules.get(lead.rule as usize).map_or("no rule", |rule| &rule.id)),
        GroupKey::Cwe => match backlog.finding(finding).cwe.first() {
            Some(number) => Cow::Owned(format!("CWE-{number}")),
            None => or("no CWE"),
        },
        GroupKey::File | GroupKey::Directory if path.is_empty() => or("no file"),
        GroupKey::File => Cow::Borrowed(path),
        GroupKey::Directory => Cow::Borrowed(path.rsplit_once('/').map_or(".", |(directory, _)| directory)),
        GroupKey::Tool => Cow::Borrowed(&backlog.tool(lead).name),
        GroupKey::Category => or(Category::name(lead.category)),
        GroupKey::Status => or(Status::name(board.status(finding))),
        GroupKey::Baseline => or(Baseline::name(lead.baseline)),
        GroupKey::Package => Cow::Borrowed(package(board, finding).unwrap_or("no package")),
        GroupKey::Owner => Cow::Borrowed(board.standing(finding).owner.as_deref().unwrap_or("no owner")),
    }
}

fn package(board: &Board, finding: FindingIdx) -> Option<&str> {
    let mut members = board.backlog.members(finding).iter();
    members.find_map(|&result| board.backlog.package_of(result)).map(|package| package.name.as_str())
}

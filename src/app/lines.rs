//! The lines of the list, from top to bottom: the rows, under a heading for each group, without the rows of folded
//! groups. They are counted, not kept: there may be a million.

use std::ops::Range;

use crate::model::backlog::FindingIdx;
use crate::model::bits::Bits;
use crate::query::{Group, Rows};

use super::state::ListLine;

/// Where the headings are.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    /// The line of each group's heading. Empty without groups.
    headings: Vec<u32>,
    len: usize,
}

impl Lines {
    /// The lines of some rows; the groups of `closed` are folded.
    pub fn of(rows: &Rows, closed: &Bits) -> Self {
        if rows.groups.is_empty() {
            return Self { headings: Vec::new(), len: rows.findings.len() };
        }
        let mut len = 0;
        let heading = |(number, group): (u32, &Group)| {
            let line = len;
            len += if closed.has(number) { 1 } else { group.len + 1 };
            line
        };
        let headings = (0..).zip(rows.groups.iter()).map(heading).collect();
        Self { headings, len: len as usize }
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The number of the group whose heading or row a line is.
    pub fn group_at(&self, line: usize) -> Option<usize> {
        self.headings.partition_point(|heading| *heading as usize <= line).checked_sub(1)
    }

    /// The line of a group's heading.
    pub fn heading(&self, group: usize) -> Option<usize> {
        self.headings.get(group).map(|heading| *heading as usize)
    }

    /// What a line shows.
    pub fn get(&self, rows: &Rows, line: usize) -> Option<ListLine> {
        if line >= self.len {
            return None;
        }
        let group = self.group_at(line);
        if let Some(group) = group.filter(|group| self.heading(*group) == Some(line)) {
            return u32::try_from(group).ok().map(ListLine::Group);
        }
        let (first, findings) = self.rows_of(rows, group);
        findings.get(line - first).copied().map(ListLine::Finding)
    }

    /// The line that shows something; `None` where it is no row, or folded.
    pub fn find(&self, rows: &Rows, line: ListLine) -> Option<usize> {
        let finding = match line {
            ListLine::Group(group) => return self.heading(group as usize),
            ListLine::Finding(finding) => finding,
        };
        let at = rows.findings.iter().position(|other| *other == finding)?;
        let group = rows.groups.partition_point(|group| group.start as usize <= at).checked_sub(1);
        let (first, findings) = self.rows_of(rows, group);
        let start = group.and_then(|group| rows.groups.get(group)).map_or(0, |group| group.start as usize);
        (at - start < findings.len()).then_some(first + at - start)
    }

    /// The findings that a range of lines shows: those that stand side by side, with the line of the first.
    pub fn findings<'r>(
        &'r self,
        rows: &'r Rows,
        lines: Range<usize>,
    ) -> impl DoubleEndedIterator<Item = (usize, &'r [FindingIdx])> {
        let lines = lines.start..lines.end.min(self.len);
        let groups = match (self.group_at(lines.start), self.group_at(lines.end.saturating_sub(1))) {
            (Some(first), Some(last)) => first..last + 1,
            _ => 0..1,
        };
        let is_grouped = !self.headings.is_empty();
        groups.map(move |group| {
            let (first, findings) = self.rows_of(rows, is_grouped.then_some(group));
            let within = |line: usize| line.clamp(first, first + findings.len()) - first;
            let start = within(lines.start);
            (first + start, findings.get(start..within(lines.end)).unwrap_or_default())
        })
    }

    /// The rows of a group that are shown, with the line of the first; without groups, all rows.
    fn rows_of<'r>(&self, rows: &'r Rows, group: Option<usize>) -> (usize, &'r [FindingIdx]) {
        let Some(group) = group else { return (0, &rows.findings) };
        let heading = self.heading(group).unwrap_or(self.len);
        let next = self.heading(group + 1).unwrap_or(self.len);
        let findings = u32::try_from(group).map_or(&[][..], |group| rows.of_group(group));
        (heading + 1, findings.get(..next.saturating_sub(heading + 1)).unwrap_or_default())
    }
}

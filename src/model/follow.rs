//! The findings of one backlog in another that was read after it.

use std::collections::HashMap;

use super::backlog::{Backlog, FindingIdx, ResultIdx, Run};
use super::bits::Bits;
use super::id::FindingId;

/// What is searched beside a finding that is gone, for one that is there.
const NEAR: usize = 200;

/// From a backlog to the next.
pub struct Follow<'a> {
    from: &'a Backlog,
    to: &'a Backlog,
    /// By the runs of the first: the same run in the second. Empty where ids alone count.
    runs: Vec<Option<&'a Run>>,
}

impl<'a> Follow<'a> {
    /// By ids alone: reports were read again, and what stands at a place may be another result.
    pub fn by_id(from: &'a Backlog, to: &'a Backlog) -> Self {
        Self { from, to, runs: Vec::new() }
    }

    /// From the beginnings of reports to more of them. Ids can change while more is known, so a result is first looked
    /// for at its place in its report, and is the same where it says the same.
    pub fn from_beginning(from: &'a Backlog, to: &'a Backlog) -> Self {
        let name = |backlog: &'a Backlog, report: u32| backlog.reports.get(report as usize).map(|report| &*report.name);
        let mut runs = HashMap::new();
        for run in &to.runs {
            runs.entry((name(to, run.report), run.index)).or_insert(run);
        }
        let same = |run: &Run| runs.get(&(name(from, run.report), run.index)).copied();
        let runs = from.runs.iter().map(same).collect();
        Self { from, to, runs }
    }

    /// Where a finding is now.
    pub fn finding(&self, finding: FindingIdx) -> Option<FindingIdx> {
        let lead = self.from.members(finding).first().and_then(|lead| self.at_its_place(*lead));
        lead.or_else(|| self.to.find(self.from.id(finding)))
    }

    /// Where some findings are now; what is gone is left out.
    pub fn findings(&self, findings: &Bits) -> Bits {
        if self.runs.is_empty() {
            return self.to.find_all(&self.from.ids(findings));
        }
        findings.iter().filter_map(|finding| self.finding(finding)).collect()
    }

    /// The id of a finding now.
    pub fn id(&self, id: FindingId) -> Option<FindingId> {
        let finding = match self.from.find(id) {
            Some(finding) => self.finding(finding)?,
            None => self.to.find(id)?,
        };
        Some(self.to.id(finding))
    }

    /// The first of some findings that is still there, by the id that it has now.
    pub fn nearest(&self, findings: impl Iterator<Item = FindingIdx>) -> Option<FindingId> {
        let found = findings.take(NEAR).find_map(|finding| self.finding(finding))?;
        Some(self.to.id(found))
    }

    fn at_its_place(&self, result: ResultIdx) -> Option<FindingIdx> {
        let before = self.from.record(result);
        let run = (*self.runs.get(before.run() as usize)?)?;
        let number = self.to.at_position(run, self.from.position(result))?;
        let after = self.to.record(number);
        let is_same = (before.at.offset(), before.len, before.line) == (after.at.offset(), after.len, after.line)
            && self.from.messages.texts(result).eq(self.to.messages.texts(number));
        is_same.then(|| self.to.find(after.id)).flatten()
    }
}

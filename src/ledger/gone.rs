//! Whether a later scan shows that a result is gone: what makes *fixed* of *fix-applied*.
//!
//! Only a run counts that states when it ended, after the fix and after the scan that reported the result; of the same tool
//! family; that reports no failure, in a report that was read to its end; and that looked for the rule: it lists it and has
//! not turned it off, or has a result of it. It must not have the result, and nor must any run after it. A run is taken for
//! one of the whole tree: whether it scanned the file, few tools say. A report without a time (those of ruff, for one)
//! proves nothing, since a file's own time is new after each checkout.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use crate::model::backlog::{Backlog, Record, ResultIdx, Run};
use crate::model::id::FindingId;

/// The runs that state their time.
pub(super) struct Scans<'a> {
    backlog: &'a Backlog,
    /// Made when the first result needs them.
    seen: Option<HashMap<u32, Seen<'a>>>,
}

/// What one run has.
#[derive(Default)]
struct Seen<'a> {
    ids: HashSet<FindingId>,
    rules: HashSet<&'a str>,
    /// Its results by rule and path.
    at: HashMap<(&'a str, &'a str), Vec<ResultIdx>>,
}

impl<'a> Scans<'a> {
    pub(super) fn new(backlog: &'a Backlog) -> Self {
        Self { backlog, seen: None }
    }

    /// The results of the same rule and file that the first scan has which shows that a result is gone; `None` where no
    /// scan shows that. One of them may be the result itself, where equal ones have changed places.
    pub(super) fn after_fix(&mut self, record: &Record, fixed: Timestamp) -> Option<Vec<ResultIdx>> {
        let backlog = self.backlog;
        let own = backlog.run(record).ended.unwrap_or(fixed);
        let (family, rule) = (&backlog.tool(record).family, backlog.rule(record).id.as_str());
        let is_later = |run: &Run| run.ended.is_some_and(|ended| ended > fixed.max(own));
        let is_same_tool = |run: &Run| backlog.tools.get(run.tool as usize).is_some_and(|tool| tool.family == *family);
        let later = (0..).zip(&backlog.runs).filter(|(_, run)| is_later(run) && is_same_tool(run));
        let mut later: Vec<(u32, &Run)> = later.collect();
        if later.is_empty() {
            return None;
        }
        later.sort_by_key(|(_, run)| run.ended);
        let seen = self.seen.get_or_insert_with(|| seen(backlog));
        let has = |number: &u32| seen.get(number).is_some_and(|seen| seen.ids.contains(&record.id));
        let last_with = later.iter().rposition(|(number, _)| has(number)).map_or(0, |at| at + 1);
        let is_proof = |(number, run): &&(u32, &Run)| {
            let is_whole =
                run.is_whole && backlog.reports.get(run.report as usize).is_some_and(|report| report.is_complete);
            let has_rule = || seen.get(number).is_some_and(|seen| seen.rules.contains(rule));
            is_whole && (run.looked_for(rule) || has_rule())
        };
        let (number, _) = later.iter().skip(last_with).find(is_proof)?;
        let same = seen.get(number).and_then(|seen| seen.at.get(&(rule, backlog.path(record))));
        Some(same.cloned().unwrap_or_default())
    }
}

fn seen(backlog: &Backlog) -> HashMap<u32, Seen<'_>> {
    let mut seen: HashMap<u32, Seen<'_>> = HashMap::new();
    for (number, record) in (0..).zip(&backlog.results).filter(|(_, record)| backlog.run(record).ended.is_some()) {
        let run = seen.entry(record.run()).or_default();
        let rule = backlog.rule(record).id.as_str();
        run.rules.insert(rule);
        // A pass, or what the tool itself calls absent, is not there.
        if record.is_there() {
            run.ids.insert(record.id);
            run.at.entry((rule, backlog.path(record))).or_default().push(number);
        }
    }
    seen
}

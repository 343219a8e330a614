//! What the journal says when it is read to its end: every result that was seen, and every series of scans.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::model::backlog::{Arena, NONE, Rule};
use crate::model::sightings::Scanned;

/// Marks of [`Seen`].
pub(super) const GONE: u8 = 1;
/// A scan of the same tool looked for its rule, did not fail, and does not have it.
pub(super) const FIXED: u8 = 2;
/// It may have been there before it was first seen.
pub(super) const GUESSED: u8 = 4;
/// It was [`FIXED`], and is there again.
pub(super) const BACK: u8 = 8;
/// It went with a report that is missing: no scan of the others says anything of it.
pub(super) const LOST: u8 = 16;
/// An earlier scan had it than the one that it came with last.
pub(super) const KNOWN: u8 = 32;

/// The most scans that are kept for tables and charts.
const MAX_SCANS: usize = 2_000;

/// A result that a scan had. Moments are seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) id: u64,
    pub(super) first: u32,
    /// When it came, came back or went, the last of these.
    pub(super) changed: u32,
    /// Numbers in [`State::rules`], and in [`State::paths`] or [`NONE`].
    pub(super) rule: u32,
    pub(super) path: u32,
    pub(super) line: u32,
    /// The series that had it last.
    pub(super) series: u16,
    pub(super) marks: u8,
}

/// Scans that are compared with one another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Series {
    /// Tool family, name of the report with its numbers left open, category, image.
    pub(super) key: String,
    pub(super) tool: String,
    pub(super) report: String,
    /// Whether a load without an INPUT has it.
    pub(super) is_own: bool,
    pub(super) last: Option<Scan>,
    /// The scan before the last one.
    pub(super) before: Option<u32>,
    pub(super) scans: u32,
    /// When the last one was noted.
    pub(super) noted: u32,
}

/// One scan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Scan {
    pub(super) at: u32,
    /// How many runs it is made of.
    pub(super) runs: u32,
    /// Whether all of them report no failure, in reports that were read to their ends.
    pub(super) is_whole: bool,
    /// Keys of the rules that it looked for, sorted; `None` where the tool does not say.
    pub(super) rules: Option<Vec<u64>>,
    /// A hash of all that it has.
    pub(super) content: u64,
    pub(super) commit: String,
}

/// What one record is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A scan after all that are known of its series.
    Whole,
    /// Some of the reports of a series: what they do not have may be in the others.
    Part,
    /// A scan before the last one that is known.
    Early,
}

/// What a scan changes.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) kind: Kind,
    /// The number of its series, which may be the next one.
    pub(super) series: u16,
    pub(super) key: String,
    pub(super) tool: String,
    pub(super) report: String,
    pub(super) is_own: bool,
    pub(super) noted: u32,
    pub(super) scan: Scan,
    /// Tool family and id of rules, and paths, that get the next numbers.
    pub(super) rules: Vec<(String, String)>,
    pub(super) paths: Arena,
    /// Results that nobody knew.
    pub(super) came: Vec<Seen>,
    /// Known ones that are there again, or in this series from now on.
    pub(super) here: Vec<u64>,
    /// Known ones that are there no more.
    pub(super) gone: Vec<u64>,
    /// Known ones that it had before they were first seen.
    pub(super) early: Vec<u64>,
}

/// The journal, read to its end.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) seen: Vec<Seen>,
    /// So many of them, from the first on, are sorted by id.
    sorted: usize,
    index: Index,
    /// Where the others are.
    later: HashMap<u64, u32, RandomState>,
    pub(super) rules: Vec<(String, String)>,
    pub(super) paths: Arena,
    pub(super) series: Vec<Series>,
    pub(super) scans: Vec<Scanned>,
    /// What is gone and may yet be shown to be fixed.
    unproven: Vec<u32>,
    present: u32,
}

impl State {
    /// `seen` is sorted by id, each once.
    pub(super) fn new(
        seen: Vec<Seen>,
        rules: Vec<(String, String)>,
        paths: Arena,
        series: Vec<Series>,
        scans: Vec<Scanned>,
    ) -> Self {
        let present = count_open(&seen);
        let is_unproven = |seen: &Seen| seen.marks & (GONE | FIXED | LOST) == GONE;
        let unproven = (0..).zip(&seen).filter(|(_, seen)| is_unproven(seen)).map(|(at, _)| at).collect();
        let (sorted, index) = (seen.len(), Index::of(&seen));
        Self { sorted, index, seen, later: HashMap::default(), rules, paths, series, scans, unproven, present }
    }

    /// The place of a result.
    pub(super) fn find(&self, id: u64) -> Option<usize> {
        let sorted = self.seen.get(..self.sorted).unwrap_or_default();
        if let Some(at) = self.index.place(sorted, id) {
            return Some(at);
        }
        self.later.get(&id).map(|at| *at as usize)
    }

    pub(super) fn series_of(&self, seen: &Seen) -> Option<&Series> {
        self.series.get(usize::from(seen.series))
    }

    pub(super) fn number(&self, key: &str) -> Option<usize> {
        self.series.iter().position(|series| series.key == key)
    }

    /// Takes a record in; `false` for one that does not fit, which is then left out.
    pub(super) fn apply(&mut self, mut record: Record) -> bool {
        let (rules, paths) = (self.rules.len() + record.rules.len(), self.paths.ends.len() + record.paths.ends.len());
        let fits = |seen: &Seen| (seen.rule as usize) < rules && (seen.path == NONE || (seen.path as usize) < paths);
        let number = usize::from(record.series);
        if number > self.series.len() || !record.came.iter().all(fits) {
            return false;
        }
        if number == self.series.len() {
            let (key, tool, report) = (&mut record.key, &mut record.tool, &mut record.report);
            let [key, tool, report] = [key, tool, report].map(std::mem::take);
            self.series.push(Series { key, tool, report, ..Series::default() });
        }
        self.rules.append(&mut record.rules);
        self.paths.append(std::mem::take(&mut record.paths));
        let inflow = self.take(&mut record);
        self.lower(&record);
        if record.kind == Kind::Whole {
            let (series, outflow) = (record.series, self.lose(&record));
            self.note(record, (inflow, outflow));
            self.prove(series);
        }
        true
    }

    /// What came or is there again; returns how much that is.
    fn take(&mut self, record: &mut Record) -> u32 {
        let mut inflow = 0;
        let mut came = std::mem::take(&mut record.came);
        for seen in &mut came {
            seen.series = record.series;
        }
        if self.seen.is_empty() && came.is_sorted_by(|a, b| a.id < b.id) {
            self.seen = std::mem::take(&mut came);
            (self.sorted, self.index) = (self.seen.len(), Index::of(&self.seen));
            inflow = count_open(&self.seen);
            self.present = inflow;
        }
        for seen in came {
            if self.find(seen.id).is_some() {
                continue;
            }
            self.later.insert(seen.id, u32::try_from(self.seen.len()).unwrap_or(NONE));
            self.seen.push(seen);
            let is_there = u32::from(seen.marks & GONE == 0);
            self.present += is_there;
            inflow += is_there;
        }
        for at in record.here.iter().filter_map(|id| self.find(*id)).collect::<Vec<_>>() {
            let seen = &mut self.seen[at];
            seen.series = record.series;
            if seen.marks & GONE != 0 {
                let back = if seen.marks & FIXED != 0 { BACK } else { 0 };
                seen.marks = seen.marks & GUESSED | KNOWN | back;
                seen.changed = record.scan.at;
                self.present += 1;
                inflow += 1;
            }
        }
        inflow
    }

    fn lower(&mut self, record: &Record) {
        for at in record.early.iter().filter_map(|id| self.find(*id)).collect::<Vec<_>>() {
            let seen = &mut self.seen[at];
            seen.first = seen.first.min(record.scan.at);
            seen.marks |= GUESSED | KNOWN;
        }
    }

    /// What is there no more; returns how much that is.
    fn lose(&mut self, record: &Record) -> u32 {
        let runs_before = self.series[usize::from(record.series)].last.as_ref().map_or(0, |last| last.runs);
        let lost = if record.scan.runs < runs_before { LOST } else { 0 };
        let mut outflow = 0;
        for at in record.gone.iter().filter_map(|id| self.find(*id)).collect::<Vec<_>>() {
            let seen = &mut self.seen[at];
            if seen.marks & GONE != 0 {
                continue;
            }
            seen.marks = seen.marks & GUESSED | GONE | lost;
            seen.changed = record.scan.at;
            outflow += 1;
            if lost == 0 {
                self.unproven.push(u32::try_from(at).unwrap_or(NONE));
            }
        }
        self.present = self.present.saturating_sub(outflow);
        outflow
    }

    fn note(&mut self, record: Record, (inflow, outflow): (u32, u32)) {
        let present = self.present;
        let series = &mut self.series[usize::from(record.series)];
        let inflow = if series.scans == 0 { 0 } else { inflow };
        series.before = series.last.as_ref().map(|last| last.at);
        series.scans += 1;
        series.noted = record.noted;
        series.is_own |= record.is_own;
        let at = record.scan.at;
        series.last = Some(record.scan);
        self.scans.push(Scanned { at, inflow, outflow, present });
        if self.scans.len() > MAX_SCANS {
            self.scans.remove(0);
        }
    }

    /// Marks what the last scan of a series shows to be fixed.
    fn prove(&mut self, number: u16) {
        let Some(scan) = self.series.get(usize::from(number)).and_then(|series| series.last.as_ref()) else { return };
        if !scan.is_whole {
            return;
        }
        let Self { seen, rules, unproven, .. } = self;
        let mut looked_for: HashMap<u32, bool> = HashMap::new();
        unproven.retain(|at| {
            let Some(seen) = seen.get_mut(*at as usize).filter(|seen| seen.marks & (GONE | FIXED | LOST) == GONE)
            else {
                return false;
            };
            let is_proof = seen.series == number
                && *looked_for
                    .entry(seen.rule)
                    .or_insert_with(|| rules.get(seen.rule as usize).is_some_and(|(_, rule)| scan.looked_for(rule)));
            if is_proof {
                seen.marks |= FIXED;
            }
            !is_proof
        });
    }
}

impl Scan {
    /// Whether it looked for a rule, as far as its tool says.
    pub(super) fn looked_for(&self, rule: &str) -> bool {
        self.rules.as_ref().is_none_or(|rules| Rule::is_among(rule, rules))
    }
}

fn count_open(seen: &[Seen]) -> u32 {
    u32::try_from(seen.iter().filter(|seen| seen.marks & GONE == 0).count()).unwrap_or(u32::MAX)
}

/// Where ids lie among sorted ones. Ids are hashes: their first bits lead to a few of them.
#[derive(Debug, Default)]
struct Index {
    bits: u32,
    /// Where the ids with these first bits start.
    starts: Vec<u32>,
}

/// How many ids there are about for each value of the first bits.
const EACH: usize = 4;

impl Index {
    fn of(sorted: &[Seen]) -> Self {
        let bits = (sorted.len() / EACH).max(1).ilog2();
        let mut index = Self { bits, starts: Vec::with_capacity((1 << bits) + 1) };
        for (at, seen) in (0..).zip(sorted) {
            while index.starts.len() <= index.bucket(seen.id) {
                index.starts.push(at);
            }
        }
        index.starts.resize((1 << bits) + 1, u32::try_from(sorted.len()).unwrap_or(NONE));
        index
    }

    fn bucket(&self, id: u64) -> usize {
        id.checked_shr(u64::BITS - self.bits).and_then(|bucket| usize::try_from(bucket).ok()).unwrap_or(0)
    }

    fn place(&self, sorted: &[Seen], id: u64) -> Option<usize> {
        let bucket = self.bucket(id);
        let (start, end) = (*self.starts.get(bucket)? as usize, *self.starts.get(bucket + 1)? as usize);
        sorted.get(start..end)?.binary_search_by_key(&id, |seen| seen.id).ok().map(|at| at + start)
    }
}

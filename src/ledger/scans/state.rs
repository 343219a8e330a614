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
/// It is there under another id, in a file that was renamed.
pub(super) const MOVED: u8 = 64;

/// The most scans that are kept for tables and charts.
const MAX_SCANS: usize = 2_000;

/// A result that a scan had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) id: u64,
    /// A number in [`State::histories`].
    pub(super) history: u32,
    /// Numbers of a rule, and of a path or [`NONE`].
    pub(super) rule: u32,
    pub(super) path: u32,
    pub(super) line: u32,
}

/// What became of a result; most of them share few. Moments are seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct History {
    pub(super) first: u32,
    /// When it came, came back or went, the last of these.
    pub(super) changed: u32,
    /// The series that had it last.
    pub(super) series: u16,
    pub(super) marks: u8,
}

/// Histories, each once.
#[derive(Clone, Debug, Default)]
pub(super) struct Histories {
    all: Vec<History>,
    numbers: HashMap<History, u32, RandomState>,
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
    /// What the results that came have, in the series of this record.
    pub(super) histories: Histories,
    /// Results that nobody knew, sorted by id.
    pub(super) came: Vec<Seen>,
    /// Known ones that are there again, or in this series from now on.
    pub(super) here: Vec<u64>,
    /// Known ones that are there no more.
    pub(super) gone: Vec<u64>,
    /// Known ones that it had before they were first seen.
    pub(super) early: Vec<u64>,
    /// Known ones with the ids that they have now, which are among `came` or `here`.
    pub(super) moved: Vec<(u64, u64)>,
}

/// The journal, read to its end.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) seen: Vec<Seen>,
    pub(super) histories: Histories,
    /// So many results, from the first on, are sorted by id.
    sorted: usize,
    index: Index,
    /// Where the others are.
    later: HashMap<u64, u32, RandomState>,
    pub(super) rules: Vec<(String, String)>,
    /// The first so many paths are not read: only the texts of what is gone are asked for, until a scan is noted.
    pub(super) unread_paths: u32,
    pub(super) paths: Arena,
    pub(super) series: Vec<Series>,
    pub(super) scans: Vec<Scanned>,
    /// The frames of the file that say all that the first of them knew.
    pub(super) first_frames: usize,
    /// What is gone and may yet be shown to be fixed.
    unproven: Vec<u32>,
    present: u32,
}

impl History {
    /// Whether it is gone, and a later scan may yet show that it is fixed.
    fn is_unproven(&self) -> bool {
        self.marks & (GONE | FIXED | LOST | MOVED) == GONE
    }
}

impl Histories {
    /// The number of a history, which may be new.
    pub(super) fn number(&mut self, history: History) -> u32 {
        let next = u32::try_from(self.all.len()).unwrap_or(NONE);
        let number = *self.numbers.entry(history).or_insert(next);
        if number == next {
            self.all.push(history);
        }
        number
    }

    pub(super) fn get(&self, number: u32) -> Option<History> {
        self.all.get(number as usize).copied()
    }

    pub(super) fn all(&self) -> &[History] {
        &self.all
    }
}

impl State {
    /// `seen` is all that there is, sorted by id, each once.
    pub(super) fn begin(&mut self, seen: Vec<Seen>) {
        self.present = self.count_open(&seen);
        let is_unproven = |seen: &Seen| self.history(seen).is_some_and(|history| history.is_unproven());
        self.unproven = (0..).zip(&seen).filter(|(_, seen)| is_unproven(seen)).map(|(at, _)| at).collect();
        (self.sorted, self.index, self.seen) = (seen.len(), Index::of(&seen), seen);
    }

    /// What became of a result.
    pub(super) fn history(&self, seen: &Seen) -> Option<History> {
        self.histories.get(seen.history)
    }

    pub(super) fn marks(&self, seen: &Seen) -> u8 {
        self.history(seen).map_or(0, |history| history.marks)
    }

    fn change(&mut self, at: usize, change: impl FnOnce(&mut History)) {
        let Some(seen) = self.seen.get_mut(at) else { return };
        let Some(mut history) = self.histories.get(seen.history) else { return };
        change(&mut history);
        seen.history = self.histories.number(history);
    }

    /// How many paths have numbers.
    pub(super) fn count_paths(&self) -> u32 {
        self.unread_paths + self.paths.count()
    }

    /// The place of a result.
    pub(super) fn find(&self, id: u64) -> Option<usize> {
        let sorted = self.seen.get(..self.sorted).unwrap_or_default();
        if let Some(at) = self.index.place(sorted, id) {
            return Some(at);
        }
        self.later.get(&id).map(|at| *at as usize)
    }

    pub(super) fn series_of(&self, history: History) -> Option<&Series> {
        self.series.get(usize::from(history.series))
    }

    pub(super) fn number(&self, key: &str) -> Option<usize> {
        self.series.iter().position(|series| series.key == key)
    }

    /// Takes a record in; `false` for one that does not fit, which is then left out.
    pub(super) fn apply(&mut self, mut record: Record) -> bool {
        let (rules, paths) = (self.rules.len() + record.rules.len(), self.count_paths() + record.paths.count());
        let histories = record.histories.all().len();
        let fits = |seen: &Seen| {
            (seen.history as usize) < histories
                && (seen.rule as usize) < rules
                && (seen.path == NONE || seen.path < paths)
        };
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
        let inflow = self.take(&mut record).saturating_sub(self.rename(&record));
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
        let mut came = std::mem::take(&mut record.came);
        let own = |history: &History| History { series: record.series, ..*history };
        let numbers: Vec<u32> =
            record.histories.all().iter().map(|history| self.histories.number(own(history))).collect();
        for seen in &mut came {
            seen.history = numbers.get(seen.history as usize).copied().unwrap_or(NONE);
        }
        let mut inflow = self.add(came);
        for at in self.places(&record.here) {
            let mut is_back = false;
            self.change(at, |history| {
                history.series = record.series;
                is_back = history.marks & GONE != 0;
                if is_back {
                    let back = if history.marks & FIXED != 0 { BACK } else { 0 };
                    history.marks = history.marks & GUESSED | KNOWN | back;
                    history.changed = record.scan.at;
                }
            });
            self.present += u32::from(is_back);
            inflow += u32::from(is_back);
        }
        inflow
    }

    /// Adds results that nobody knew; returns how many of them are there. Where they are many, all are sorted anew.
    fn add(&mut self, mut came: Vec<Seen>) -> u32 {
        let before = self.present;
        if came.len() > self.seen.len() / 8 {
            came.retain(|seen| self.find(seen.id).is_none());
            let mut seen = std::mem::take(&mut self.seen);
            if seen.is_empty() {
                seen = came;
            } else {
                seen.reserve_exact(came.len());
                seen.append(&mut came);
            }
            seen.sort_unstable_by_key(|seen| seen.id);
            seen.dedup_by_key(|seen| seen.id);
            self.later = HashMap::default();
            self.begin(seen);
        } else {
            for seen in came {
                if self.find(seen.id).is_some() {
                    continue;
                }
                self.later.insert(seen.id, u32::try_from(self.seen.len()).unwrap_or(NONE));
                self.seen.push(seen);
                self.present += u32::from(self.marks(&seen) & GONE == 0);
            }
        }
        self.present.saturating_sub(before)
    }

    /// What has another id now; returns how much that is.
    fn rename(&mut self, record: &Record) -> u32 {
        let mut count = 0;
        for (old, new) in &record.moved {
            let (Some(old), Some(new)) = (self.find(*old), self.find(*new)) else { continue };
            let Some(was) = self.seen.get(old).and_then(|seen| self.history(seen)).filter(|was| was.marks & GONE == 0)
            else {
                continue;
            };
            self.change(new, |history| {
                history.marks = was.marks & (GUESSED | BACK) | KNOWN;
                history.first = history.first.min(was.first);
                history.changed = was.changed;
            });
            self.change(old, |history| {
                history.marks = history.marks & GUESSED | GONE | MOVED;
                history.changed = record.scan.at;
            });
            count += 1;
        }
        self.present = self.present.saturating_sub(count);
        count
    }

    /// Where results are that are known.
    fn places(&self, ids: &[u64]) -> Vec<usize> {
        ids.iter().filter_map(|id| self.find(*id)).collect()
    }

    fn lower(&mut self, record: &Record) {
        for at in self.places(&record.early) {
            self.change(at, |history| {
                history.first = history.first.min(record.scan.at);
                history.marks |= GUESSED | KNOWN;
            });
        }
    }

    /// What is there no more; returns how much that is.
    fn lose(&mut self, record: &Record) -> u32 {
        let runs_before = self.series[usize::from(record.series)].last.as_ref().map_or(0, |last| last.runs);
        let lost = if record.scan.runs < runs_before { LOST } else { 0 };
        let mut outflow = 0;
        for at in self.places(&record.gone) {
            let mut is_new = false;
            self.change(at, |history| {
                is_new = history.marks & GONE == 0;
                if is_new {
                    history.marks = history.marks & GUESSED | GONE | lost;
                    history.changed = record.scan.at;
                }
            });
            outflow += u32::from(is_new);
            if is_new && lost == 0 {
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
        // A report that was edited, filtered say, is of the scan that it was of.
        if series.last.as_ref().is_none_or(|last| last.at != record.scan.at) {
            series.before = series.last.as_ref().map(|last| last.at);
            series.scans += 1;
        }
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
        let mut looked_for: HashMap<u32, bool> = HashMap::new();
        let mut is_proof = |history: History, rule: u32| {
            let looked_for = looked_for.entry(rule);
            history.series == number
                && *looked_for
                    .or_insert_with(|| self.rules.get(rule as usize).is_some_and(|(_, rule)| scan.looked_for(rule)))
        };
        let (mut fixed, mut unproven) = (Vec::new(), std::mem::take(&mut self.unproven));
        unproven.retain(|at| {
            let Some(seen) = self.seen.get(*at as usize) else { return false };
            let Some(history) = self.history(seen).filter(History::is_unproven) else { return false };
            let is_fixed = is_proof(history, seen.rule);
            fixed.extend(is_fixed.then_some(*at as usize));
            !is_fixed
        });
        self.unproven = unproven;
        for at in fixed {
            self.change(at, |history| history.marks |= FIXED);
        }
    }

    fn count_open(&self, seen: &[Seen]) -> u32 {
        u32::try_from(seen.iter().filter(|seen| self.marks(seen) & GONE == 0).count()).unwrap_or(u32::MAX)
    }
}

impl Scan {
    /// Whether it looked for a rule, as far as its tool says.
    pub(super) fn looked_for(&self, rule: &str) -> bool {
        self.rules.as_ref().is_none_or(|rules| Rule::is_among(rule, rules))
    }
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

//! What earlier scans say of the findings: since when each is there, which are new or came back, and what is gone.
//!
//! Moments are seconds since 1970.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use super::backlog::FindingIdx;
use super::due::{date_of, day, day_of};
use super::grade::vocabulary;
use super::id::FindingId;
use super::problem::Problem;

/// The moment of a finding that no scan was noted of.
const NEVER: u32 = u32::MAX;

/// One entry for each finding of a backlog, and what no backlog holds any more. Empty without a journal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sightings {
    /// When a scan first had one of its results, by finding.
    first: Vec<u32>,
    /// Bits of [`Sign`], by finding.
    signs: Vec<u8>,
    /// The distinct moments in `first`, sorted.
    moments: Vec<u32>,
    /// When findings came back that did, sorted.
    returns: Vec<(FindingIdx, u32)>,
    /// What the last scan of each series has no more, and what was not scanned again.
    pub gone: Vec<Gone>,
    /// The scan before the last one; of several series the earliest. What is new, and what is gone, is so since then.
    pub since: Option<Timestamp>,
    /// The scans that are known, oldest first.
    pub scans: Vec<Scanned>,
    /// What is compared with what: by tool, report and category.
    pub series: Vec<Series>,
    /// Why the journal cannot be read or written.
    pub problem: Option<Problem>,
}

vocabulary! {
    /// What is to be known of the time that a finding is there.
    Sign {
        /// No earlier scan of the same tool has it.
        New = "new",
        /// A scan that looked for it did not have it, and a later one does.
        CameBack = "came-back",
        /// It may have been there before it was first seen: no earlier scan looked for it.
        Guessed = "guessed",
    }
}

/// What one finding is, to be put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sighting {
    pub first: u32,
    pub signs: u8,
    /// When it came back.
    pub returned: Option<u32>,
}

/// A result that is no longer reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    pub id: FindingId,
    /// The scan that does not have it; for what was not scanned again the last one that had it.
    pub since: Timestamp,
    pub fate: Fate,
    pub tool: Arc<str>,
    pub rule: Arc<str>,
    /// Empty where it has none.
    pub path: Box<str>,
    /// 0 where it has none.
    pub line: u32,
    pub report: Arc<str>,
}

vocabulary! {
    /// What became of a result that is no longer reported.
    Fate {
        /// The same tool looked for it with the same rule, did not fail, and does not have it.
        Fixed = "fixed",
        /// Nothing shows that somebody looked.
        NotScanned = "not-scanned",
    }
}

/// What one scan changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scanned {
    pub at: u32,
    /// Results that were not there before. Those of the first scan of a series are not counted.
    pub inflow: u32,
    /// Results that it has no more.
    pub outflow: u32,
    /// Results that are there after it, of all series, whatever was decided.
    pub present: u32,
}

/// The scans of one tool that are compared with one another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    pub tool: Arc<str>,
    pub report: Arc<str>,
    pub last: Timestamp,
    pub scans: u32,
    pub commit: Option<Box<str>>,
    /// Whether the last one reports no failure and was read to its end.
    pub is_whole: bool,
    /// Whether it should be part of the load and is not.
    pub is_missing: bool,
}

/// The scans of some days together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tide {
    /// The last of the days.
    pub date: Date,
    pub inflow: u32,
    pub outflow: u32,
    /// Results that were there at the end, whatever was decided.
    pub present: u32,
}

impl Sightings {
    /// One entry for each of so many findings, in their order.
    pub fn new(findings: usize, sightings: impl Iterator<Item = Option<Sighting>>) -> Self {
        let (first, signs) = (Vec::with_capacity(findings), Vec::with_capacity(findings));
        let mut all = Self { first, signs, ..Self::default() };
        for (finding, sighting) in (0..).zip(sightings) {
            let Sighting { first, signs, returned } =
                sighting.unwrap_or(Sighting { first: NEVER, signs: 0, returned: None });
            if first != NEVER && all.moments.last() != Some(&first) {
                all.moments.push(first);
            }
            all.first.push(first);
            all.signs.push(signs);
            all.returns.extend(returned.map(|at| (finding, at)));
        }
        all.moments.sort_unstable();
        all.moments.dedup();
        all.moments.shrink_to_fit();
        all
    }

    /// Of a journal that cannot be read.
    pub fn unknown(problem: Problem) -> Self {
        Self { problem: Some(problem), ..Self::default() }
    }

    /// When a scan first had a finding.
    pub fn first(&self, finding: FindingIdx) -> Option<Timestamp> {
        self.first.get(finding as usize).filter(|first| **first != NEVER).map(|first| moment(*first))
    }

    pub fn has(&self, finding: FindingIdx, sign: Sign) -> bool {
        self.signs.get(finding as usize).is_some_and(|signs| signs & sign.bit() != 0)
    }

    /// When a finding came back that did.
    pub fn returned(&self, finding: FindingIdx) -> Option<Timestamp> {
        let at = self.returns.binary_search_by_key(&finding, |(finding, _)| *finding).ok()?;
        Some(moment(self.returns[at].1))
    }

    /// The moments at which findings were first seen, each once, sorted.
    pub fn moments(&self) -> &[u32] {
        &self.moments
    }

    /// What is gone by its fate.
    pub fn count_gone(&self, fate: Fate) -> usize {
        self.gone.iter().filter(|gone| gone.fate == fate).count()
    }

    /// What came and went, in periods of so many days (of UTC), the last of which ends with `until`; the first one is that
    /// of the first scan that is known. Scans after `until` are left out. For tables and charts: 7 is a week.
    pub fn tides(&self, days: u8, until: Date) -> Vec<Tide> {
        let days = i64::from(days.max(1));
        let periods_back = |at: u32| {
            let between = day(until) - day_of(moment(at));
            (between >= 0).then_some(between / days)
        };
        let Some(most) = self.scans.iter().filter_map(|scan| periods_back(scan.at)).max() else { return Vec::new() };
        let mut scans = self.scans.iter().peekable();
        let mut present = 0;
        let period = |back: i64| {
            let date = date_of(day(until) - back * days).unwrap_or(until);
            let mut tide = Tide { date, inflow: 0, outflow: 0, present };
            while let Some(scan) = scans.next_if(|scan| periods_back(scan.at).is_some_and(|own| own >= back)) {
                tide.inflow += scan.inflow;
                tide.outflow += scan.outflow;
                tide.present = scan.present;
            }
            present = tide.present;
            tide
        };
        (0..=most).rev().map(period).collect()
    }
}

impl Sign {
    pub fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A moment as a time.
pub fn moment(at: u32) -> Timestamp {
    Timestamp::from_second(i64::from(at)).unwrap_or_default()
}

/// A time as a moment; the last that there is for one after it.
pub fn moment_of(at: Timestamp) -> u32 {
    u32::try_from(at.as_second().max(0)).unwrap_or(NEVER - 1).min(NEVER - 1)
}

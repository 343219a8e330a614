//! The journal of scans: what each load had, kept for this clone alone and never committed.
//!
//! From it follows since when a finding is there, what is new, what came back, and what is gone. It holds ids, rules and
//! places of results, no text of them.
//!
//! Scans are compared within a *series*: one tool, one report (its name with numbers, dates and hashes left open), one
//! category of `automationDetails.id`, one image. So a report of one service says nothing of another's, the report of the
//! next day goes on where that of the day before ended, and a load of some other report touches no series but its own.
//! What is gone is *fixed* if a scan of its series looked for its rule, reports no failure, and is made of no fewer runs
//! than the scan that had it; else it was not scanned. Most tools list only the rules that they found something for, and
//! so do not say what they looked for: then the same tool is enough.
//!
//! A record holds what a scan changes; one that changes nothing and is no later scan is not written. When the records are
//! more than what they began with, or many, all of it is written anew as one, without what went more than a year ago. A
//! scan that is older than the last one known of its series only moves back when results were first seen.

mod bytes;
mod load;
mod state;

use std::sync::Arc;

use jiff::Timestamp;
use rayon::prelude::*;

use crate::model::backlog::{Backlog, FindingIdx, NONE};
use crate::model::id::FindingId;
use crate::model::problem::{Loss, Problem};
use crate::model::sightings::{self, Fate, Gone, Sighting, Sightings, Sign, moment, moment_of};
use crate::repo::Repo;
use crate::repo::frames::{Change, Frames};

use load::{Load, held, is_there};
use state::{BACK, FIXED, GONE, GUESSED, KNOWN, Series, State};

const FILE: &str = "scans";
const MAGIC: &str = "quell scans 1\n";

/// The most records that are read one after the other, and bytes of them that are always let be.
const MAX_RECORDS: usize = 200;
const FEW_BYTES: usize = 256 << 10;
/// Seconds by which the scanners of one run of a pipeline end apart.
const APART: u32 = 3_600;

/// What a load is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inputs {
    /// What the repository itself names or holds: a report that is not among it is missing.
    Own,
    /// What was named: of other reports it says nothing.
    Named,
}

/// Whether a load is noted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    Noted,
    /// It is only compared with what is noted.
    #[default]
    Compared,
}

/// Compares a load with the scans that are noted, and notes it. A journal that cannot be read or written is a problem that
/// costs nothing else.
pub fn sightings(repo: &Repo, backlog: &Backlog, inputs: Inputs, keep: Keep, now: Timestamp) -> Sightings {
    let frames = match repo.frames(FILE, MAGIC) {
        Ok(frames) => frames,
        Err(problem) => return Sightings::unknown(problem),
    };
    if frames.is_empty() && keep == Keep::Compared {
        return Sightings::default();
    }
    let load = Load::of(backlog, inputs, now);
    let Some(mut state) = read(&frames) else { return Sightings::unknown(damaged(repo)) };
    let mut problem = None;
    match load.has_news(&state).then_some(keep) {
        Some(Keep::Noted) => (state, problem) = note(repo, frames, state, &load, now),
        Some(Keep::Compared) => take(&mut state, &load, &|| repo.head()),
        // As large as what was read of them.
        None => drop(frames),
    }
    let mut sightings = joined(backlog, &state, &load);
    sightings.problem = problem;
    sightings
}

/// All that the frames say; `None` where one cannot be read.
fn read(frames: &Frames) -> Option<State> {
    let mut state = State::default();
    frames.iter().try_for_each(|frame| bytes::take_in(&mut state, frame))?;
    Some(state)
}

fn take(state: &mut State, load: &Load<'_>, head: &dyn Fn() -> Option<String>) {
    for record in load.records(state, head) {
        state.apply(record);
    }
}

/// Notes a load under the lock, against what the journal says then.
fn note(repo: &Repo, frames: Frames, known: State, load: &Load<'_>, now: Timestamp) -> (State, Option<Problem>) {
    let head = || repo.head();
    let mut state = known;
    let mut is_damaged = false;
    let mut is_taken = false;
    let done = repo.change_frames(FILE, MAGIC, frames, |frames, is_known| {
        if !is_known {
            let Some(newer) = read(frames) else {
                is_damaged = true;
                return Change::Nothing;
            };
            state = newer;
        }
        is_taken = true;
        let mut added = Vec::new();
        for record in load.records(&state, &head) {
            let bytes = bytes::record(&record);
            added.extend(state.apply(record).then_some(bytes));
        }
        let is_much = frames.bytes_behind_first() > frames.bytes_of_first().max(FEW_BYTES)
            || frames.len() + added.len() > MAX_RECORDS;
        match added.len() {
            0 => Change::Nothing,
            _ if is_much => Change::Replace(bytes::whole(&state, moment_of(now))),
            _ => Change::Add(added),
        }
    });
    // What cannot be written, or is another's to write now, is compared all the same.
    if !is_taken && !is_damaged {
        take(&mut state, load, &head);
    }
    let unnoted = |problem: Problem| Problem { reason: format!("scans are not noted: {}", problem.reason), ..problem };
    (state, done.err().map(unnoted).or_else(|| is_damaged.then(|| damaged(repo))))
}

fn damaged(repo: &Repo) -> Problem {
    let path = repo.state_dir().join(FILE).display().to_string();
    Problem::at(path, "", "the journal of scans cannot be read", Loss::Nothing).hint("remove it to begin anew")
}

/// What the journal says of each finding, and of what is gone.
fn joined(backlog: &Backlog, state: &State, load: &Load<'_>) -> Sightings {
    let findings = FindingIdx::try_from(backlog.findings.len()).unwrap_or(NONE);
    let found: Vec<Option<Sighting>> =
        (0..findings).into_par_iter().map(|finding| sighting(backlog, state, finding)).collect();
    let mut scans = state.scans.clone();
    scans.sort_by_key(|scan| scan.at);
    let loaded = state.series.iter().filter(|series| load.has(series));
    let mut sightings = Sightings::new(found.into_iter());
    sightings.gone = gone(backlog, state, load);
    sightings.since = loaded.filter_map(|series| series.before).min().map(moment);
    sightings.scans = scans;
    sightings.series = state.series.iter().filter_map(|one| series(one, load)).collect();
    sightings
}

/// What is known of the results of a finding, together. A result that nobody noted says nothing.
fn sighting(backlog: &Backlog, state: &State, finding: FindingIdx) -> Option<Sighting> {
    let records = backlog.members(finding).iter().map(|&result| backlog.record(result));
    let places = records.filter(|record| is_there(record)).filter_map(|record| state.find(record.id.0));
    let mut first: Option<(u32, bool)> = None;
    // The first scan of a series says nothing of what is new in it, but that it was there then.
    let (mut came, mut unsaid, mut has_old) = (None, u32::MAX, false);
    let (mut returned, mut stayed) = (None, u32::MAX);
    for seen in places.filter_map(|place| state.seen.get(place)) {
        let own = (seen.first, seen.marks & GUESSED != 0);
        first = Some(first.map_or(own, |known| known.min(own)));
        let series = state.series_of(seen).filter(|series| series.scans > 1);
        let is_of_last = series.and_then(|series| series.last.as_ref()).map(|last| last.at == seen.changed);
        match is_of_last {
            _ if seen.marks & (GONE | KNOWN) != 0 => has_old = true,
            Some(true) => came = Some(came.map_or(seen.changed, |known: u32| known.min(seen.changed))),
            Some(false) => has_old = true,
            None => unsaid = unsaid.min(seen.changed),
        }
        if seen.marks & BACK != 0 {
            returned = Some(returned.map_or(seen.changed, |known: u32| known.min(seen.changed)));
        } else {
            stayed = stayed.min(seen.changed);
        }
    }
    let (first, is_guessed) = first?;
    let is_new = !has_old && came.is_some_and(|came| unsaid.saturating_add(APART) >= came);
    // A result that was there all along kept the finding there.
    let returned = returned.filter(|returned| stayed.saturating_add(APART) >= *returned);
    let signs = [(Sign::New, is_new), (Sign::CameBack, returned.is_some()), (Sign::Guessed, is_guessed)];
    let signs = signs.into_iter().filter(|(_, is_so)| *is_so).fold(0, |signs, (sign, _)| signs | sign.bit());
    Some(Sighting { first, signs, returned })
}

/// What the last scan of each series has no more, and all of a series whose reports are missing.
fn gone(backlog: &Backlog, state: &State, load: &Load<'_>) -> Vec<Gone> {
    let fates: Vec<Option<bool>> = state
        .series
        .iter()
        .map(|series| if load.has(series) { Some(true) } else { load.misses(series).then_some(false) })
        .collect();
    let fate = |seen: &state::Seen| {
        let series = state.series_of(seen)?;
        let at = series.last.as_ref()?.at;
        match (*fates.get(usize::from(seen.series))?)? {
            true if seen.marks & GONE != 0 && seen.changed == at => {
                Some((at, if seen.marks & FIXED != 0 { Fate::Fixed } else { Fate::NotScanned }))
            }
            false if seen.marks & GONE == 0 => Some((at, Fate::NotScanned)),
            _ => None,
        }
    };
    let mut places = (0_u32..).zip(&state.seen).filter_map(|(place, seen)| Some((place, seen, fate(seen)?))).peekable();
    if places.peek().is_none() {
        return Vec::new();
    }
    let held = held(backlog, state);
    let mut texts: Vec<Arc<str>> = Vec::new();
    let rules: Vec<Arc<str>> = state.rules.iter().map(|(_, rule)| Arc::from(rule.as_str())).collect();
    for series in &state.series {
        texts.extend([Arc::from(series.tool.as_str()), Arc::from(series.report.as_str())]);
    }
    let text = |number: usize| texts.get(number).cloned().unwrap_or_else(|| Arc::from(""));
    let gone = places.filter(|(place, ..)| !held.has(*place)).map(|(_, seen, (since, fate))| Gone {
        id: FindingId(seen.id),
        since: moment(since),
        fate,
        tool: text(2 * usize::from(seen.series)),
        rule: rules.get(seen.rule as usize).cloned().unwrap_or_else(|| Arc::from("")),
        path: state.paths.get(seen.path).into(),
        line: seen.line,
        report: text(2 * usize::from(seen.series) + 1),
    });
    let mut gone: Vec<Gone> = gone.collect();
    gone.sort_by(|a, b| (a.fate, &a.path, a.line, a.id).cmp(&(b.fate, &b.path, b.line, b.id)));
    gone
}

fn series(series: &Series, load: &Load<'_>) -> Option<sightings::Series> {
    let last = series.last.as_ref()?;
    Some(sightings::Series {
        tool: series.tool.as_str().into(),
        report: series.report.as_str().into(),
        last: moment(last.at),
        scans: series.scans,
        commit: Some(last.commit.as_str()).filter(|commit| !commit.is_empty()).map(Into::into),
        is_whole: last.is_whole,
        is_missing: load.misses(series),
    })
}

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
//! Results of a file that git takes for a renamed one are the ones that they were. A flagged line that was edited is another
//! result: the one that was there is gone, as a decision about it is.
//!
//! A record holds what a scan changes; one that changes nothing and is no later scan is not written. When the records are
//! more than what they began with, or many, all of it is written anew as one, without what went more than a year ago. A
//! scan that is older than the last one known of its series only moves back when results were first seen.

mod bytes;
mod load;
mod renamed;
mod state;

use std::sync::Arc;

use jiff::Timestamp;
use rayon::prelude::*;

use crate::memory;
use crate::model::backlog::{Backlog, FindingIdx, NONE};
use crate::model::id::FindingId;
use crate::model::problem::{Loss, Problem};
use crate::model::sightings::{self, Fate, Gone, Sighting, Sightings, Sign, moment, moment_of};
use crate::repo::Repo;
use crate::repo::frames::{Change, Frames};

use load::{Load, held};
use state::{BACK, FIXED, GONE, GUESSED, History, KNOWN, MOVED, Seen, Series, State};

const FILE: &str = "scans";
const MAGIC: &str = "quell scans 3\n";

/// The most records that are read one after the other, and bytes of them that are always let be.
const MAX_RECORDS: usize = 200;
const FEW_BYTES: u64 = 256 << 10;
/// Findings that are looked up before what was found is put away.
const SLICE: FindingIdx = 16 << 10;
/// Results of a first scan from which on what it was made of goes back to the system before it is written.
const MANY: usize = 50_000;
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
    compared(repo, backlog, &frames, &load, keep, now).unwrap_or_else(Sightings::unknown)
}

/// Fails where the journal cannot be read.
fn compared(
    repo: &Repo,
    backlog: &Backlog,
    frames: &Frames,
    load: &Load<'_>,
    keep: Keep,
    now: Timestamp,
) -> Result<Sightings, Problem> {
    let unreadable = || damaged(repo);
    let mut state = bytes::read(frames).ok_or_else(unreadable)?;
    let mut problem = None;
    if load.has_news(&state) {
        match keep {
            Keep::Noted => problem = note(repo, frames, &mut state, load, now)?,
            Keep::Compared => take(&mut state, frames, load, repo).ok_or_else(unreadable)?,
        }
    }
    let mut sightings = joined(backlog, &state, load);
    sightings.gone = gone(backlog, frames, &state, load).ok_or_else(unreadable)?;
    sightings.problem = problem;
    Ok(sightings)
}

/// Takes in what a load says; `None` where the journal cannot be read.
fn take(state: &mut State, frames: &Frames, load: &Load<'_>, repo: &Repo) -> Option<()> {
    state.complete(frames)?;
    for record in load.records(state, repo) {
        state.apply(record);
    }
    Some(())
}

/// Notes a load under the lock, against what the journal says then; the problem is why it is not noted. Fails where the
/// journal cannot be read.
fn note(
    repo: &Repo,
    frames: &Frames,
    state: &mut State,
    load: &Load<'_>,
    now: Timestamp,
) -> Result<Option<Problem>, Problem> {
    let (mut is_damaged, mut is_taken) = (false, false);
    let done = repo.change_frames(FILE, MAGIC, frames, |frames, is_known| {
        let added = (|| {
            if !is_known {
                *state = bytes::read(frames)?;
            }
            state.complete(frames)
        })();
        is_damaged = added.is_none();
        if is_damaged {
            return Change::Nothing;
        }
        is_taken = true;
        let is_anew = state.first_frames == 0;
        let (mut added, mut is_changed) = (Vec::new(), false);
        for record in load.records(state, repo) {
            let bytes = (!is_anew).then(|| bytes::record(&record));
            if state.apply(record) {
                is_changed = true;
                added.extend(bytes);
            }
        }
        if is_anew && state.seen.len() > MANY {
            memory::trim();
        }
        let (first, all) = (state.first_frames, frames.len());
        let is_much =
            frames.bytes(first..all) > frames.bytes(0..first).max(FEW_BYTES) || all - first + added.len() > MAX_RECORDS;
        match is_changed {
            false => Change::Nothing,
            true if is_anew || is_much => Change::Replace(Box::new(bytes::first(state, moment_of(now)))),
            true => Change::Add(added),
        }
    });
    // What cannot be written, or is another's to write now, is compared all the same.
    if is_damaged || !is_taken && take(state, frames, load, repo).is_none() {
        return Err(damaged(repo));
    }
    Ok(done.err().map(|problem| Problem { reason: format!("scans are not noted: {}", problem.reason), ..problem }))
}

fn damaged(repo: &Repo) -> Problem {
    let path = repo.state_dir().join(FILE).display().to_string();
    Problem::at(path, "", "the journal of scans cannot be read", Loss::Nothing).hint("remove it to begin anew")
}

/// What the journal says of each finding.
fn joined(backlog: &Backlog, state: &State, load: &Load<'_>) -> Sightings {
    let findings = FindingIdx::try_from(backlog.findings.len()).unwrap_or(NONE);
    let slice = |start: usize| {
        let start = FindingIdx::try_from(start).unwrap_or(NONE);
        let slice = start..start.saturating_add(SLICE).min(findings);
        slice.into_par_iter().map(|finding| sighting(backlog, state, finding)).collect::<Vec<_>>()
    };
    let mut scans = state.scans.clone();
    scans.sort_by_key(|scan| scan.at);
    let loaded = state.series.iter().filter(|series| load.has(series));
    let slices = (0..backlog.findings.len()).step_by(SLICE as usize);
    let mut sightings = Sightings::new(backlog.findings.len(), slices.flat_map(slice));
    sightings.since = loaded.filter_map(|series| series.before).min().map(moment);
    sightings.scans = scans;
    sightings.series = state.series.iter().filter_map(|one| series(one, load)).collect();
    sightings
}

/// What is known of the results of a finding, together. A result that nobody noted says nothing.
fn sighting(backlog: &Backlog, state: &State, finding: FindingIdx) -> Option<Sighting> {
    let records = backlog.members(finding).iter().map(|&result| backlog.record(result));
    let places = records.filter(|record| record.is_there()).filter_map(|record| state.find(record.id.0));
    let mut first: Option<(u32, bool)> = None;
    // The first scan of a series says nothing of what is new in it, but that it was there then.
    let (mut came, mut unsaid, mut has_old) = (None, u32::MAX, false);
    let (mut returned, mut stayed) = (None, u32::MAX);
    for seen in places.filter_map(|place| state.history(state.seen.get(place)?)) {
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

/// What the last scan of each series has no more, and all of a series whose reports are missing; `None` where the journal
/// cannot be read.
fn gone(backlog: &Backlog, frames: &Frames, state: &State, load: &Load<'_>) -> Option<Vec<Gone>> {
    let series_fates: Vec<Option<bool>> = state
        .series
        .iter()
        .map(|series| if load.has(series) { Some(true) } else { load.misses(series).then_some(false) })
        .collect();
    let fate = |history: &History| {
        let at = state.series_of(*history)?.last.as_ref()?.at;
        match (*series_fates.get(usize::from(history.series))?)? {
            true if history.marks & (GONE | MOVED) == GONE && history.changed == at => {
                Some((at, if history.marks & FIXED != 0 { Fate::Fixed } else { Fate::NotScanned }))
            }
            false if history.marks & GONE == 0 => Some((at, Fate::NotScanned)),
            _ => None,
        }
    };
    let fates: Vec<Option<(u32, Fate)>> = state.histories.all().iter().map(fate).collect();
    let fate = |seen: &Seen| *fates.get(seen.history as usize)?;
    let mut all = (0_u32..).zip(&state.seen).filter_map(|(place, seen)| Some((place, seen, fate(seen)?))).peekable();
    if all.peek().is_none() {
        return Some(Vec::new());
    }
    let held = held(backlog, state);
    let all: Vec<(&Seen, (u32, Fate))> =
        all.filter(|(place, ..)| !held.has(*place)).map(|(_, seen, fate)| (seen, fate)).collect();
    let mut unread: Vec<u32> =
        all.iter().map(|(seen, _)| seen.path).filter(|path| *path < state.unread_paths).collect();
    unread.sort_unstable();
    unread.dedup();
    let read = bytes::texts(frames, state, &unread)?;
    let path = |path: u32| match path.checked_sub(state.unread_paths) {
        Some(later) => state.paths.get(later),
        None => unread.binary_search(&path).map_or("", |at| read.get(u32::try_from(at).unwrap_or(NONE))),
    };
    let mut texts: Vec<Arc<str>> = Vec::new();
    let rules: Vec<Arc<str>> = state.rules.iter().map(|(_, rule)| Arc::from(rule.as_str())).collect();
    for series in &state.series {
        texts.extend([Arc::from(series.tool.as_str()), Arc::from(series.report.as_str())]);
    }
    let text = |number: usize| texts.get(number).cloned().unwrap_or_else(|| Arc::from(""));
    let gone = all.into_iter().map(|(seen, (since, fate))| {
        let series = state.history(seen).map_or(0, |history| usize::from(history.series));
        Gone {
            id: FindingId(seen.id),
            since: moment(since),
            fate,
            tool: text(2 * series),
            rule: rules.get(seen.rule as usize).cloned().unwrap_or_else(|| Arc::from("")),
            path: path(seen.path).into(),
            line: seen.line,
            report: text(2 * series + 1),
        }
    });
    let mut gone: Vec<Gone> = gone.collect();
    gone.sort_by(|a, b| (a.fate, &a.path, a.line, a.id).cmp(&(b.fate, &b.path, b.line, b.id)));
    Some(gone)
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

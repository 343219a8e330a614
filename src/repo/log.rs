//! One log of what was done and can be taken back: batches of fixes and decisions, newest last.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::problem::Problem;

use super::Repo;
use super::journal::{self, Journal, log_failed};
use super::lock::Lock;
pub use super::record::Side;
use super::record::{Record, Store, Turn, What, Written};
use super::stage::Staged;
use super::write::WriteError;

/// Entries that are kept at least; older ones go, with the bytes they hold.
const KEPT: usize = 200;
/// How many records are written between two looks at what is too old: to read all of them takes longer than to write one.
const PRUNED_EVERY: u64 = 32;

/// What an entry is called of which only the name is left.
const LOST: &str = "lost: git has collected what it held, so it cannot be taken back";

/// What an entry was, for its title and for what undo has to do besides restoring files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// `f1-…` of the fixes that the batch wrote.
    #[serde(default)]
    pub fixes: Vec<String>,
    /// Events of the ledger that belong to the entry: undo appends one that revokes them.
    #[serde(default)]
    pub events: Vec<String>,
    /// Which results are fixed by which files: what is left to say when only some of the files are taken back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// Fixes that a person changed before they were written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_hand: Vec<ByHand>,
    /// What the batch changes in the index.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub staged: Vec<Staged>,
}

/// A fix that was written otherwise than its source proposed it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByHand {
    /// `f1-…`.
    pub fix: String,
    /// How many hunks it has, how many of them a person left out, and how many he wrote otherwise.
    pub hunks: usize,
    pub dropped: usize,
    pub edited: usize,
}

/// One fix of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub files: Vec<String>,
    /// `q1-…` of the results of its findings.
    pub results: Vec<String>,
}

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    pub at: Timestamp,
    pub title: String,
    pub files: Vec<String>,
    /// Those of the files that are one under two names, the old and the new one.
    pub renamed: Vec<(String, String)>,
    /// Those of the files that are taken back.
    pub undone: Vec<String>,
    pub note: Note,
    /// Events of the ledger that speak for it as it is now.
    pub events: Vec<String>,
    /// Commits that were made of it.
    pub commits: Vec<String>,
    /// Whether all of it is taken back.
    pub is_undone: bool,
    /// Whether git has collected what it held: then nothing else is known of it.
    pub is_lost: bool,
}

impl Entry {
    /// Those of `files` that can be turned to a side: all of the entry's where none are named. A file that was renamed
    /// is turned under both of its names.
    pub fn turnable(&self, files: &[String], to: Side) -> Vec<String> {
        let is_named = |path: &String| files.contains(path) || self.twin(path).is_some_and(|twin| files.contains(twin));
        let is_wanted = |path: &&String| files.is_empty() || is_named(path);
        let is_other = |path: &&String| self.undone.contains(path) == (to == Side::After);
        self.files.iter().filter(is_wanted).filter(is_other).cloned().collect()
    }

    /// The other name of a file that was renamed.
    pub(super) fn twin(&self, path: &str) -> Option<&String> {
        self.renamed.iter().find_map(|(old, new)| match path {
            path if path == old => Some(new),
            path if path == new => Some(old),
            _ => None,
        })
    }

    /// Whether there is something to turn to a side.
    pub fn can_turn(&self, files: &[String], to: Side) -> bool {
        if self.is_lost && to == Side::After {
            return false;
        }
        let is_whole = self.files.is_empty() && files.is_empty() && self.is_undone == (to == Side::After);
        is_whole || !self.turnable(files, to).is_empty()
    }
}

impl Repo {
    /// Appends an entry without files (decisions).
    pub fn log_decision(&self, title: &str, note: &Note) -> Result<String, WriteError> {
        let _lock = Lock::take(&self.state_dir())?;
        let what = What::Done { title: title.to_owned(), note: note.clone(), files: Vec::new() };
        let name = append(self, what)?;
        prune(self, &name);
        Ok(name)
    }

    /// Says in the log that an entry was committed.
    pub fn log_commits(&self, entry: &str, commits: &[String]) -> Result<(), WriteError> {
        let _lock = Lock::take(&self.state_dir())?;
        append(self, What::Committed { of: entry.to_owned(), commits: commits.to_vec() }).map(drop)
    }

    /// Entries, oldest first.
    pub fn log(&self) -> Result<Vec<Entry>, Problem> {
        match records(self) {
            Ok(records) => Ok(fold(records).into_iter().map(|seat| seat.entry).collect()),
            Err(WriteError::Refused(problem)) => Err(problem),
            Err(error @ (WriteError::Locked(_) | WriteError::Changed(_))) => {
                Err(Problem::of_file(self.state_dir().display().to_string(), error.to_string(), ""))
            }
        }
    }
}

/// The events of an entry that is turned as a whole.
pub(super) fn default_events(entry: &Entry, to: Side) -> &[String] {
    if to == Side::After { &entry.note.events } else { &[] }
}

/// A name for the next record, behind those in the log and that of an interrupted batch.
pub(super) fn next_name(repo: &Repo) -> Result<String, WriteError> {
    let names = Store::of(repo)?.names().map_err(|error| log_failed(repo, &error))?;
    // A journal that cannot be read stops batches; a decision may still be logged, under the next free name.
    let pending = journal::load(repo).ok().flatten();
    let names = names.iter().map(String::as_str).chain(pending.iter().map(Journal::name));
    let last = names.filter_map(|name| name.parse::<u64>().ok()).max().unwrap_or(0);
    Ok(format!("{:08}", last + 1))
}

/// Drops what lies beyond the newest entries. What cannot be dropped now is tried again after the next entry.
/// `newest` is the name of the record that was just written.
pub(super) fn prune(repo: &Repo, newest: &str) {
    if newest.parse::<u64>().is_ok_and(|number| number % PRUNED_EVERY != 0) {
        return;
    }
    let Ok(store) = Store::of(repo) else { return };
    let Ok(records) = store.records() else { return };
    let is_entry = |record: &&Record| record.what.of().is_none();
    let done: Vec<&str> = records.iter().filter(is_entry).map(|record| record.name.as_str()).collect();
    let Some(first_kept) = done.len().checked_sub(KEPT).and_then(|surplus| done.get(surplus)) else { return };
    for record in &records {
        if record.what.of().unwrap_or(&record.name) < *first_kept {
            let _ = store.remove(&record.name);
        }
    }
}

pub(super) fn append(repo: &Repo, what: What) -> Result<String, WriteError> {
    let store = Store::of(repo)?;
    store.sweep().map_err(|error| log_failed(repo, &error))?;
    let name = next_name(repo)?;
    let record = Record { name: name.clone(), at: Timestamp::now(), what };
    store.append(&record).map_err(|error| log_failed(repo, &error))?;
    Ok(name)
}

pub(super) fn records(repo: &Repo) -> Result<Vec<Record>, WriteError> {
    Store::of(repo)?.records().map_err(|error| log_failed(repo, &error))
}

/// An entry with where each of its files is.
pub(super) struct Seat {
    pub(super) entry: Entry,
    /// In the order of the entry's files.
    pub(super) files: Vec<Held>,
}

/// The record that wrote a file last, and which of its two images stands there since. To turn the file is to take the
/// other one, whoever wrote it: what a merge did is undone as it was done.
pub(super) struct Held {
    pub(super) record: String,
    pub(super) written: Written,
    pub(super) side: Side,
}

/// The log as it reads: what was done, with what was undone and redone since.
pub(super) fn fold(records: Vec<Record>) -> Vec<Seat> {
    let mut seats: Vec<Seat> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for Record { name, at, what } in records {
        let (of, to, turn) = match what {
            What::Done { title, note, files } => {
                places.insert(name.clone(), seats.len());
                seats.push(done(name, at, title, note, files));
                continue;
            }
            What::Committed { of, commits } => {
                if let Some(seat) = places.get(&of).and_then(|&place| seats.get_mut(place)) {
                    seat.entry.commits = commits;
                }
                continue;
            }
            What::Lost => {
                places.insert(name.clone(), seats.len());
                let mut seat = done(name, at, LOST.to_owned(), Note::default(), Vec::new());
                seat.entry.is_lost = true;
                seats.push(seat);
                continue;
            }
            What::Undone { of, turn } => (of, Side::Before, turn),
            What::Redone { of, turn } => (of, Side::After, turn),
        };
        if let Some(seat) = places.get(&of).and_then(|&place| seats.get_mut(place)) {
            seat.take(&name, to, &turn);
        }
    }
    seats
}

fn done(name: String, at: Timestamp, title: String, note: Note, files: Vec<Written>) -> Seat {
    let paths = files.iter().map(|file| file.path.clone()).collect();
    let renamed = files.iter().filter_map(|file| Some((file.from.clone()?, file.path.clone()))).collect();
    let held = |written| Held { record: name.clone(), written, side: Side::After };
    let files = files.into_iter().map(held).collect();
    let events = note.events.clone();
    let (undone, commits) = (Vec::new(), Vec::new());
    Seat {
        entry: Entry {
            name,
            at,
            title,
            files: paths,
            renamed,
            undone,
            note,
            events,
            commits,
            is_undone: false,
            is_lost: false,
        },
        files,
    }
}

impl Seat {
    fn take(&mut self, record: &str, to: Side, turn: &Turn) {
        let names = self.entry.turnable(&turn.files, to);
        for file in self.files.iter_mut().filter(|file| names.contains(&file.written.path)) {
            match turn.written.iter().find(|own| own.path == file.written.path) {
                Some(own) => {
                    *file = Held { record: record.to_owned(), written: own.clone(), side: Side::After };
                }
                None => file.side = file.side.other(),
            }
        }
        let entry = &mut self.entry;
        match to {
            Side::Before => entry.undone.extend(names),
            Side::After => entry.undone.retain(|path| !names.contains(path)),
        }
        entry.is_undone =
            if entry.files.is_empty() { to == Side::Before } else { entry.undone.len() == entry.files.len() };
        entry.events = turn.events.clone().unwrap_or_else(|| default_events(entry, to).to_vec());
    }
}

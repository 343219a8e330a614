//! One log of what was done and can be taken back: batches of fixes and decisions, newest last.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::problem::Problem;

use super::Repo;
use super::journal::{self, Batch, Images, Journal, log_failed};
use super::lock::Lock;
use super::read::ReadError;
pub use super::record::Side;
use super::record::{Record, Store, Turn, What, Written};
use super::stage::Staged;
use super::swap::refuse;
use super::tree::sha256;
use super::write::{FileWrite, WriteError};

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
    fn twin(&self, path: &str) -> Option<&String> {
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

/// A file that somebody changed after the batch, or after the undo, had written it.
pub struct Changed<'a> {
    pub path: &'a str,
    /// What was written last.
    pub left: &'a [u8],
    /// What the turn would write had it not been changed.
    pub wanted: &'a [u8],
    pub now: &'a [u8],
}

/// What is turned, and how.
pub struct Turning<'a> {
    /// As [`Repo::log`] had it: where it is not so any more, nothing is turned.
    pub entry: &'a Entry,
    /// `Before` to undo, `After` to redo.
    pub to: Side,
    /// The files; empty for all.
    pub files: &'a [String],
    /// The events that speak for the entry then.
    pub events: &'a [String],
    /// The turn merged with what was changed, or why that cannot be, in words.
    pub merge: &'a dyn Fn(&Changed<'_>) -> Result<Vec<u8>, String>,
}

/// What an undo or redo wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turned {
    pub files: Vec<String>,
    /// Those that somebody had changed.
    pub merged: Vec<String>,
    /// Those that belong to this user now and to another one before.
    pub disowned: Vec<String>,
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

    /// Restores the files of an entry byte for byte and marks it undone. Refuses, naming the file, if one of
    /// them is not what the batch wrote. The caller revokes the entry's events.
    pub fn undo_entry(&self, name: &str) -> Result<Entry, WriteError> {
        self.turn_whole(name, Side::Before)
    }

    /// The opposite of `undo_entry`.
    pub fn redo_entry(&self, name: &str) -> Result<Entry, WriteError> {
        self.turn_whole(name, Side::After)
    }

    fn turn_whole(&self, name: &str, to: Side) -> Result<Entry, WriteError> {
        let find = || Ok(fold(records(self)?).into_iter().map(|seat| seat.entry).find(|entry| entry.name == name));
        let entry = find()?.ok_or_else(|| unknown(name))?;
        let events = if to == Side::After { entry.note.events.as_slice() } else { &[] };
        let (reason, _) = as_left(to);
        let merge = |_: &Changed<'_>| Err(reason.to_owned());
        self.turn(&Turning { entry: &entry, to, files: &[], events, merge: &merge })?;
        find()?.ok_or_else(|| unknown(name))
    }

    /// Brings files of an entry to one of its two sides, all of them or none, and says so in the log. The caller writes
    /// the events.
    pub fn turn(&self, turning: &Turning<'_>) -> Result<Turned, WriteError> {
        let Turning { entry, to, files, events, .. } = *turning;
        let lock = Lock::take(&self.state_dir())?;
        journal::recover(self, &lock)?;
        let records = records(self)?;
        Store::of(self)?.bury(&records).map_err(|error| log_failed(self, &error))?;
        let seat = fold(records).into_iter().find(|seat| seat.entry.name == entry.name);
        let seat = seat.ok_or_else(|| unknown(&entry.name))?;
        if !seat.entry.can_turn(files, to) {
            return Err(already(&seat.entry, to));
        }
        if seat.entry != *entry {
            return Err(refuse("", "the log has changed in this moment", "try again"));
        }
        let of = entry.name.clone();
        let names = entry.turnable(files, to);
        let is_all = names.len() == entry.files.len();
        let turn = Turn {
            files: if is_all { Vec::new() } else { names.clone() },
            written: Vec::new(),
            events: (!is_all || events != default_events(entry, to)).then(|| events.to_vec()),
        };
        let what = |turn| match to {
            Side::Before => What::Undone { of, turn },
            Side::After => What::Redone { of, turn },
        };
        if names.is_empty() {
            let name = append(self, what(turn))?;
            prune(self, &name);
            return Ok(Turned { files: names, merged: Vec::new(), disowned: Vec::new() });
        }
        let Writes { files: writes, images, merged } = writes_of(self, &seat, &names, turning)?;
        let name = next_name(self)?;
        let record = Record { name: name.clone(), at: Timestamp::now(), what: what(turn) };
        let written = journal::run(self, &lock, Batch { files: &writes, record, images });
        let disowned = written.map_err(|error| not_as_left(error, to))?;
        prune(self, &name);
        Ok(Turned { files: names, merged, disowned })
    }
}

/// The events of an entry that is turned as a whole.
fn default_events(entry: &Entry, to: Side) -> &[String] {
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

fn append(repo: &Repo, what: What) -> Result<String, WriteError> {
    let store = Store::of(repo)?;
    store.sweep().map_err(|error| log_failed(repo, &error))?;
    let name = next_name(repo)?;
    let record = Record { name: name.clone(), at: Timestamp::now(), what };
    let staged = store.stage(&record, &[]);
    staged.and_then(|place| store.publish(&name, &place)).map_err(|error| log_failed(repo, &error))?;
    Ok(name)
}

fn records(repo: &Repo) -> Result<Vec<Record>, WriteError> {
    Store::of(repo)?.records().map_err(|error| log_failed(repo, &error))
}

/// An entry with where each of its files is.
struct Seat {
    entry: Entry,
    /// In the order of the entry's files.
    files: Vec<Held>,
}

/// The record that wrote a file last, and which of its two images stands there since. To turn the file is to take the
/// other one, whoever wrote it: what a merge did is undone as it was done.
struct Held {
    record: String,
    written: Written,
    side: Side,
}

/// The log as it reads: what was done, with what was undone and redone since.
fn fold(records: Vec<Record>) -> Vec<Seat> {
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

/// What a turn writes.
struct Writes {
    files: Vec<FileWrite>,
    /// Where the bytes are that stand in the files now and then; `None` where the turn has to keep them itself.
    images: Option<Images>,
    merged: Vec<String>,
}

/// What has to be written to bring files of an entry to the other side.
fn writes_of(repo: &Repo, seat: &Seat, names: &[String], turning: &Turning<'_>) -> Result<Writes, WriteError> {
    let store = Store::of(repo)?;
    let files: Vec<&Held> = seat.files.iter().filter(|file| names.contains(&file.written.path)).collect();
    let mut writes = vec![None; files.len()];
    let mut later = Later::default();
    let mut records: Vec<(&str, Side)> = files.iter().map(|file| (file.record.as_str(), file.side)).collect();
    records.sort_unstable_by_key(|(record, side)| (*record, side.name()));
    records.dedup();
    let mut kept = None;
    for &(record, side) in &records {
        let place = store.published(record).map_err(|error| log_failed(repo, &error))?;
        let place = place.ok_or_else(|| unknown(&seat.entry.name))?;
        let images =
            |wanted: &[(&Written, Side)]| store.images(&place, wanted).map_err(|error| log_failed(repo, &error));
        let is_own = |file: &&&Held| file.record == record && file.side == side;
        let wanted: Vec<(&Written, Side)> =
            files.iter().filter(is_own).map(|file| (&file.written, side.other())).collect();
        let own = files.iter().zip(&mut writes).filter(|(file, _)| is_own(file));
        for ((file, write), wanted) in own.zip(images(&wanted)?) {
            let left = || Ok(images(&[(&file.written, side)])?.into_iter().flatten().next());
            let twin = seat.entry.twin(&file.written.path);
            let (before, after) = later.turned(repo, turning, file, twin, wanted, &left)?;
            let from = twin.filter(|_| before.is_none()).cloned();
            let (before, after) = (before.map(Arc::from), after.map(Arc::from));
            *write = Some(FileWrite {
                from,
                kept: file.written.kept.clone(),
                ..FileWrite::new(&file.written.path, before, after)
            });
        }
        let written = files.iter().filter(is_own).map(|file| file.written.clone()).collect();
        kept = Some(Images { place, files: written, to: side.other() });
    }
    let mut writes: Vec<FileWrite> = writes.into_iter().flatten().collect();
    let merged = later.carry_over(turning, &mut writes)?;
    let images = kept.filter(|_| merged.is_empty() && records.len() == 1);
    Ok(Writes { files: writes, images, merged })
}

/// What somebody has changed later in the files of a turn.
#[derive(Default)]
struct Later {
    merged: Vec<String>,
    /// Changes of a file that goes back to its other name: that name, what was left under this one, what stands there.
    carried: Vec<(String, Vec<u8>, Vec<u8>)>,
}

/// What stands at a path and is to stand there.
type Sides = (Option<Vec<u8>>, Option<Vec<u8>>);

impl Later {
    /// Both sides of one file. What the turn would lose is a reason to refuse it.
    fn turned(
        &mut self,
        repo: &Repo,
        turning: &Turning<'_>,
        file: &Held,
        twin: Option<&String>,
        wanted: Option<Vec<u8>>,
        left: &dyn Fn() -> Result<Option<Vec<u8>>, WriteError>,
    ) -> Result<Sides, WriteError> {
        let path = &file.written.path;
        let now = match repo.read(path) {
            Ok(bytes) if Some(sha256(&bytes).as_str()) == file.written.hash(file.side) => {
                return Ok((Some(bytes), wanted));
            }
            Ok(bytes) => bytes,
            // It is gone, as it was to be.
            Err(ReadError::Missing) if wanted.is_none() => return Ok((None, None)),
            // It cannot be read: to be found out, with the reason, when it is compared.
            Err(_) => return Ok((left()?, wanted)),
        };
        let (reason, hint) = as_left(turning.to);
        match (left()?, wanted, twin) {
            (_, Some(wanted), _) if wanted == now => Ok((Some(now), Some(wanted))),
            (Some(left), Some(wanted), _) => {
                let changed = Changed { path, left: &left, wanted: &wanted, now: &now };
                let after = (turning.merge)(&changed).map_err(|why| refuse(path, &why, hint))?;
                self.merged.push(path.clone());
                Ok((Some(now), Some(after)))
            }
            (Some(left), None, Some(twin)) => {
                self.carried.push((twin.clone(), left, now.clone()));
                Ok((Some(now), None))
            }
            (Some(_), None, None) => Err(refuse(path, &format!("{reason}, and now it would go"), hint)),
            (None, ..) => Err(refuse(path, "there is another file at its place now", "rename yours, then try again")),
        }
    }

    /// Gives what was changed under one name to the file under its other name. Returns all files that were merged.
    fn carry_over(mut self, turning: &Turning<'_>, writes: &mut [FileWrite]) -> Result<Vec<String>, WriteError> {
        for (path, left, now) in &self.carried {
            let write = writes.iter_mut().find(|write| write.path == *path && write.before.is_none());
            let Some((wanted, write)) = write.and_then(|write| Some((write.after.clone()?, write))) else {
                let (reason, hint) = as_left(turning.to);
                return Err(refuse(path, reason, hint));
            };
            let changed = Changed { path, left, wanted: &wanted, now };
            let after = (turning.merge)(&changed).map_err(|why| refuse(path, &why, as_left(turning.to).1))?;
            write.after = Some(after.into());
            self.merged.push(path.clone());
        }
        Ok(self.merged)
    }
}

fn unknown(name: &str) -> WriteError {
    refuse("", &format!("the undo log has no entry {name}"), "quell undo --list shows what there is")
}

fn already(entry: &Entry, to: Side) -> WriteError {
    let state = if to == Side::Before { "is undone already" } else { "is not undone" };
    refuse("", &format!("{} {state}", entry.title), "quell undo --list shows what there is")
}

/// Why a changed file stops an undo or redo, and what to do.
fn as_left(to: Side) -> (&'static str, &'static str) {
    match to {
        Side::Before => ("it changed after the batch wrote it", "take your change back first, or keep the batch"),
        Side::After => ("it changed after the undo", "take your change back first, or apply the fix anew"),
    }
}

/// A changed file stops an undo for another reason than a fix: there was no preview.
fn not_as_left(error: WriteError, to: Side) -> WriteError {
    match error {
        WriteError::Changed(path) => {
            let (reason, hint) = as_left(to);
            refuse(&path, reason, hint)
        }
        other => other,
    }
}

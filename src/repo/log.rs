//! One log of what was done and can be taken back: batches of fixes and decisions, newest last.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::problem::Problem;

use super::Repo;
use super::journal::{self, Batch, Images, Journal, log_failed};
use super::lock::Lock;
use super::record::{Record, Side, Store, What, Written};
use super::swap::refuse;
use super::tree::sha256;
use super::write::{FileWrite, WriteError};

/// Entries that are kept; older ones go, with the bytes they hold.
const KEPT: usize = 200;

/// What an entry was, for its title and for what undo has to do besides restoring files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// `f1-…` of the fixes that the batch wrote.
    #[serde(default)]
    pub fixes: Vec<String>,
    /// Events of the ledger that belong to the entry: undo appends one that revokes them.
    #[serde(default)]
    pub events: Vec<String>,
}

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub name: String,
    pub at: Timestamp,
    pub title: String,
    pub files: Vec<String>,
    pub note: Note,
    pub is_undone: bool,
}

impl Repo {
    /// Appends an entry without files (decisions).
    pub fn log_decision(&self, title: &str, note: &Note) -> Result<String, WriteError> {
        let _lock = Lock::take(&self.state_dir())?;
        let what = What::Done { title: title.to_owned(), note: note.clone(), files: Vec::new() };
        let name = append(self, what)?;
        prune(self);
        Ok(name)
    }

    /// Entries, oldest first.
    pub fn log(&self) -> Result<Vec<Entry>, Problem> {
        match records(self) {
            Ok(records) => Ok(entries(records)),
            Err(WriteError::Refused(problem)) => Err(problem),
            Err(error @ (WriteError::Locked(_) | WriteError::Changed(_))) => {
                Err(Problem::of_file(self.state_dir().display().to_string(), error.to_string(), ""))
            }
        }
    }

    /// Restores the files of an entry byte for byte and marks it undone. Refuses, naming the file, if one of
    /// them is not what the batch wrote. The caller revokes the entry's events.
    pub fn undo_entry(&self, name: &str) -> Result<Entry, WriteError> {
        self.turn(name, Side::Before)
    }

    /// The opposite of `undo_entry`.
    pub fn redo_entry(&self, name: &str) -> Result<Entry, WriteError> {
        self.turn(name, Side::After)
    }

    /// Brings the files of an entry to one of its two sides, and says so in the log.
    fn turn(&self, name: &str, to: Side) -> Result<Entry, WriteError> {
        let lock = Lock::take(&self.state_dir())?;
        journal::recover(self, &lock)?;
        let records = records(self)?;
        let files = files_of(&records, name);
        let mut entry = entries(records).into_iter().find(|entry| entry.name == name).ok_or_else(|| unknown(name))?;
        if entry.is_undone == (to == Side::Before) {
            return Err(already(&entry));
        }
        let of = name.to_owned();
        let what = match to {
            Side::Before => What::Undone { of },
            Side::After => What::Redone { of },
        };
        if files.is_empty() {
            append(self, what)?;
        } else {
            let (writes, images) = writes_of(self, name, files, to)?;
            let record = Record { name: next_name(self)?, at: Timestamp::now(), what };
            let batch = Batch { files: &writes, record, images: Some(images) };
            journal::run(self, &lock, batch).map_err(|error| not_as_left(error, to))?;
        }
        entry.is_undone = to == Side::Before;
        Ok(entry)
    }
}

/// A name for the next record, behind those in the log and that of an interrupted batch.
pub(super) fn next_name(repo: &Repo) -> Result<String, WriteError> {
    let records = records(repo)?;
    // A journal that cannot be read stops batches; a decision may still be logged, under the next free name.
    let pending = journal::load(repo).ok().flatten();
    let names = records.iter().map(|record| record.name.as_str()).chain(pending.iter().map(Journal::name));
    let last = names.filter_map(|name| name.parse::<u64>().ok()).max().unwrap_or(0);
    Ok(format!("{:08}", last + 1))
}

/// Drops what lies beyond the newest entries. What cannot be dropped now is tried again after the next entry.
pub(super) fn prune(repo: &Repo) {
    let Ok(records) = records(repo) else { return };
    let done: Vec<&str> = records.iter().filter(|record| is_entry(record)).map(|record| record.name.as_str()).collect();
    let Some(first_kept) = done.len().checked_sub(KEPT).and_then(|surplus| done.get(surplus)) else { return };
    let store = Store::of(repo);
    for record in &records {
        let entry = match &record.what {
            What::Done { .. } => &record.name,
            What::Undone { of } | What::Redone { of } => of,
        };
        if entry.as_str() < *first_kept {
            let _ = store.remove(&record.name);
        }
    }
}

fn is_entry(record: &Record) -> bool {
    matches!(record.what, What::Done { .. })
}

fn append(repo: &Repo, what: What) -> Result<String, WriteError> {
    let store = Store::of(repo);
    store.sweep().map_err(|error| log_failed(repo, &error))?;
    let name = next_name(repo)?;
    let record = Record { name: name.clone(), at: Timestamp::now(), what };
    let staged = store.stage(&record, &[]);
    staged.and_then(|place| store.publish(&name, &place)).map_err(|error| log_failed(repo, &error))?;
    Ok(name)
}

fn records(repo: &Repo) -> Result<Vec<Record>, WriteError> {
    Store::of(repo).records().map_err(|error| log_failed(repo, &error))
}

/// The log as it reads: what was done, with what was undone and redone since.
fn entries(records: Vec<Record>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for Record { name, at, what } in records {
        let (of, is_undone) = match what {
            What::Done { title, note, files } => {
                let files = files.into_iter().map(|file| file.path).collect();
                places.insert(name.clone(), entries.len());
                entries.push(Entry { name, at, title, files, note, is_undone: false });
                continue;
            }
            What::Undone { of } => (of, true),
            What::Redone { of } => (of, false),
        };
        if let Some(entry) = places.get(&of).and_then(|&place| entries.get_mut(place)) {
            entry.is_undone = is_undone;
        }
    }
    entries
}

fn files_of(records: &[Record], name: &str) -> Vec<Written> {
    let record = records.iter().find(|record| record.name == name);
    match record.map(|record| &record.what) {
        Some(What::Done { files, .. }) => files.clone(),
        Some(What::Undone { .. } | What::Redone { .. }) | None => Vec::new(),
    }
}

/// What has to be written to bring the files of an entry to a side.
fn writes_of(repo: &Repo, name: &str, files: Vec<Written>, to: Side) -> Result<(Vec<FileWrite>, Images), WriteError> {
    let store = Store::of(repo);
    let place = store.published(name).map_err(|error| log_failed(repo, &error))?.ok_or_else(|| unknown(name))?;
    let images = |wanted: &[(&Written, Side)]| store.images(&place, wanted).map_err(|error| log_failed(repo, &error));
    let wanted: Vec<(&Written, Side)> = files.iter().map(|file| (file, to)).collect();
    let mut writes = Vec::new();
    for (file, after) in files.iter().zip(images(&wanted)?) {
        let before = match repo.read(&file.path) {
            Ok(bytes) if sha256(&bytes) == file.hash(to.other()) => bytes,
            // Somebody changed it: to be found out by comparing.
            Ok(_) | Err(_) => images(&[(file, to.other())])?.concat(),
        };
        writes.push(FileWrite { path: file.path.clone(), before: before.into(), after: after.into() });
    }
    Ok((writes, Images { place, files, to }))
}

fn unknown(name: &str) -> WriteError {
    refuse("", &format!("the undo log has no entry {name}"), "quell undo --list shows what there is")
}

fn already(entry: &Entry) -> WriteError {
    let state = if entry.is_undone { "is undone already" } else { "is not undone" };
    refuse("", &format!("{} {state}", entry.title), "quell undo --list shows what there is")
}

/// A changed file stops an undo for another reason than a fix: there was no preview.
fn not_as_left(error: WriteError, to: Side) -> WriteError {
    match error {
        WriteError::Changed(path) => {
            let (reason, hint) = match to {
                Side::Before => {
                    ("it changed after the batch wrote it", "take your change back first, or keep the batch")
                }
                Side::After => ("it changed after the undo", "take your change back first, or apply the fix anew"),
            };
            refuse(&path, reason, hint)
        }
        other => other,
    }
}

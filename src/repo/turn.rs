//! Undo and redo: files of an entry are brought to one of its two sides, as a batch of its own.

use std::sync::Arc;

use jiff::Timestamp;

use super::Repo;
use super::journal::{self, Batch, Images, log_failed};
use super::lock::Lock;
use super::log::{Entry, Held, Seat, Side, append, default_events, fold, next_name, prune, records};
use super::read::ReadError;
use super::record::{Record, Store, Turn, What, Written};
use super::swap::refuse;
use super::tree::sha256;
use super::write::{FileWrite, WriteError};

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
        self.ready(turning)?.turn()
    }

    /// Looks at all that [`Self::turn`] would refuse, and writes nothing of it. What was interrupted is recovered first.
    pub fn ready<'r>(&'r self, turning: &Turning<'_>) -> Result<Ready<'r>, WriteError> {
        let Turning { entry, to, files, events, .. } = *turning;
        let lock = Lock::take(&self.state_dir())?;
        journal::recover(self, &lock)?;
        let records = records(self)?;
        let store = Store::of(self)?;
        store.bury(&records).map_err(|error| log_failed(self, &error))?;
        let log = names(self, &store)?;
        let seat = fold(records).into_iter().find(|seat| seat.entry.name == entry.name);
        let seat = seat.ok_or_else(|| unknown(&entry.name))?;
        if !seat.entry.can_turn(files, to) {
            return Err(already(&seat.entry, to));
        }
        if seat.entry != *entry {
            return Err(refuse("", LOG_CHANGED, "try again"));
        }
        let of = entry.name.clone();
        let files = entry.turnable(files, to);
        let is_all = files.len() == entry.files.len();
        let turn = Turn {
            files: if is_all { Vec::new() } else { files.clone() },
            written: Vec::new(),
            events: (!is_all || events != default_events(entry, to)).then(|| events.to_vec()),
        };
        let what = match to {
            Side::Before => What::Undone { of, turn },
            Side::After => What::Redone { of, turn },
        };
        let writes =
            if files.is_empty() { Writes::default() } else { writes_of(self, &store, &seat, &files, turning)? };
        Ok(Ready { repo: self, to, log, what, files, writes })
    }
}

const LOG_CHANGED: &str = "the log has changed in this moment";

/// Everything that was in the log, sorted.
fn names(repo: &Repo, store: &Store) -> Result<Vec<String>, WriteError> {
    let mut names = store.names().map_err(|error| log_failed(repo, &error))?;
    names.sort_unstable();
    Ok(names)
}

/// An undo or redo that nothing speaks against.
pub struct Ready<'r> {
    repo: &'r Repo,
    to: Side,
    /// What was in the log then.
    log: Vec<String>,
    what: What,
    files: Vec<String>,
    writes: Writes,
}

impl Ready<'_> {
    /// Writes it, if files and log are still as they were.
    pub fn turn(self) -> Result<Turned, WriteError> {
        let Self { repo, to, log, what, files, writes: Writes { files: writes, images, merged } } = self;
        let lock = Lock::take(&repo.state_dir())?;
        journal::recover(repo, &lock)?;
        // A record is never changed.
        if names(repo, &Store::of(repo)?)? != log {
            return Err(refuse("", LOG_CHANGED, "try again"));
        }
        let (name, disowned) = if files.is_empty() {
            (append(repo, what)?, Vec::new())
        } else {
            let name = next_name(repo)?;
            let record = Record { name: name.clone(), at: Timestamp::now(), what };
            let written = journal::run(repo, &lock, Batch { files: &writes, record, images });
            (name, written.map_err(|error| not_as_left(error, to))?)
        };
        prune(repo, &name);
        Ok(Turned { files, merged, disowned })
    }
}

/// What a turn writes.
#[derive(Default)]
struct Writes {
    files: Vec<FileWrite>,
    /// Where the bytes are that stand in the files now and then; `None` where the turn has to keep them itself.
    images: Option<Images>,
    merged: Vec<String>,
}

/// What has to be written to bring files of an entry to the other side.
fn writes_of(
    repo: &Repo,
    store: &Store,
    seat: &Seat,
    names: &[String],
    turning: &Turning<'_>,
) -> Result<Writes, WriteError> {
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
            Err(ReadError::Missing) if left()?.is_some() => {
                let (reason, hint) = is_gone(turning.to);
                return Err(refuse(path, reason, hint));
            }
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

fn is_gone(to: Side) -> (&'static str, &'static str) {
    match to {
        Side::Before => {
            ("it is gone since the batch wrote it", "put it back first, or take back the other files with --file")
        }
        Side::After => ("it is gone since the undo", "put it back first, or bring back the other files with --file"),
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

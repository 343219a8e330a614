//! A batch on its way, written down before anything is touched, so that whoever starts next can finish it or
//! take it back. The record of the batch being in the undo log is what makes it done: before that moment every
//! failure leads back, after it only cleaning up is left.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::model::problem::Problem;

use super::Repo;
use super::disk;
use super::lock::Lock;
use super::record::{Failure, Record, Side, Staged, Store, Unreadable, What, Written};
use super::swap::{Stand, Swap, check, disowned, each, make_folders, refuse, remove_folders, sync_folders, sync_temps};
use super::tree::plain;
use super::write::{FileWrite, Kept, Recovery, WriteError};

const FILE: &str = "journal.json";
const VERSION: u32 = 1;

/// What a batch is about to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Journal {
    version: u32,
    phase: Phase,
    /// Goes into the log when the swaps are done.
    record: Record,
    /// Where it is staged.
    staged: String,
    images: Images,
    swaps: Vec<Swap>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Phase {
    /// Files are written beside those of the tree, which are all still as they were.
    Preparing,
    /// Files of the tree are being exchanged.
    Committing,
}

/// Where the bytes of the batch are kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Images {
    pub(super) place: String,
    pub(super) files: Vec<Written>,
    /// Which side the swaps write.
    pub(super) to: Side,
}

/// What is written, and the record it makes, without its files. `images` is `None` for a batch that brings its own.
pub(super) struct Batch<'a> {
    pub(super) files: &'a [FileWrite],
    pub(super) record: Record,
    pub(super) images: Option<Images>,
}

/// Writes a batch and its record: all of it, or nothing. Returns the files that have another owner now.
pub(super) fn run(repo: &Repo, _held: &Lock, mut batch: Batch<'_>) -> Result<Vec<String>, WriteError> {
    let mut written: Vec<Written> = batch.files.par_iter().map(Written::of).collect();
    let swaps = check(&repo.root, batch.files, &written)?;
    if batch.images.is_none() {
        let mut kept: HashMap<&str, Kept> =
            swaps.iter().filter_map(|swap| Some((swap.path.as_str(), swap.kept()?))).collect();
        for file in &mut written {
            if let Some(kept) = kept.remove(file.path.as_str()) {
                file.kept = kept;
            }
        }
        batch.record.what.has_written(written);
    }
    let store = Store::of(repo)?;
    let own: &[FileWrite] = if batch.images.is_none() { batch.files } else { &[] };
    let staged = store.stage(&batch.record, own).map_err(|error| {
        // The next writer clears what cannot be cleared now.
        let _ = store.drop_staged();
        log_failed(repo, &error)
    })?;
    let images = batch.images.unwrap_or_else(|| Images {
        place: staged.place.clone(),
        files: batch.record.what.images().to_vec(),
        to: Side::After,
    });
    let phase = Phase::Preparing;
    let Staged { place, top, unsynced } = staged;
    let mut journal = Journal { version: VERSION, phase, record: batch.record, staged: place, images, swaps };
    match journal.go(repo, &store, batch.files, unsynced, &top) {
        Ok(disowned) => Ok(disowned),
        Err(error) => Err(match journal.roll_back(repo, &store) {
            Ok(()) => error,
            Err(stuck) => half_written(&error, stuck),
        }),
    }
}

/// The journal of a batch that was interrupted.
pub(super) fn load(repo: &Repo) -> Result<Option<Journal>, Problem> {
    let path = path_of(repo);
    let shown = path.display().to_string();
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Problem::of_file(shown, plain(&error), "make it readable, then run quell recover")),
    };
    let damaged = |why: &str| {
        let hint = "what stood in a file NAME may be beside it in .NAME.quell-…; remove these and the journal when the \
                    tree is as it should be";
        Err(Problem::of_file(&shown, format!("the journal of an interrupted batch is damaged: {why}"), hint))
    };
    match serde_json::from_slice::<Journal>(&bytes) {
        Ok(journal) if journal.version != VERSION => {
            Err(Problem::of_file(&shown, "another version of Quell wrote this journal", "run quell recover with it"))
        }
        Ok(journal) if !journal.swaps.iter().all(Swap::is_sound) => damaged("it names files that no batch writes"),
        Ok(journal) => Ok(Some(journal)),
        Err(error) => damaged(&error.to_string()),
    }
}

/// Finishes or takes back what was interrupted.
pub(super) fn recover(repo: &Repo, _held: &Lock) -> Result<Option<Recovery>, WriteError> {
    disk::remove_unsaved(&repo.state_dir(), FILE).map_err(|error| log_failed(repo, &error.into()))?;
    let store = Store::of(repo)?;
    store.sweep().map_err(|error| log_failed(repo, &error))?;
    let Some(mut journal) = load(repo).map_err(WriteError::Refused)? else {
        store.drop_staged().map_err(|error| log_failed(repo, &error))?;
        return Ok(None);
    };
    let files: Vec<String> = journal.swaps.iter().map(|swap| swap.path.clone()).collect();
    let count = files.len();
    let name = &journal.record.name;
    let is_published = store.published(name).map_err(|error| log_failed(repo, &error))?.is_some();
    let summary = if is_published {
        journal.swaps.iter().try_for_each(|swap| swap.make_good(&repo.root))?;
        journal.settle(repo, &store)?;
        journal.clean(repo)?;
        format!("an interrupted batch was complete ({count} files)")
    } else if journal.phase == Phase::Committing && journal.is_written(repo) {
        journal.publish(repo, &store)?;
        journal.settle(repo, &store)?;
        journal.clean(repo)?;
        format!("an interrupted batch was finished ({count} files)")
    } else {
        journal.roll_back(repo, &store)?;
        format!("an interrupted batch was taken back ({count} files)")
    };
    Ok(Some(Recovery { summary, files }))
}

impl Journal {
    pub(super) fn name(&self) -> &str {
        &self.record.name
    }

    /// In words, for a session that only reads.
    pub(super) fn describe(&self) -> String {
        let count = self.swaps.len();
        match &self.record.what {
            What::Done { title, .. } => format!("{title} ({count} files)"),
            What::Undone { .. } => format!("an undo ({count} files)"),
            What::Redone { .. } => format!("a redo ({count} files)"),
            What::Committed { .. } | What::Lost => "a commit".to_owned(),
        }
    }

    /// `unsynced` is what was staged, below `top`. The disk is waited for before the first file of the tree is touched, until
    /// it knows that they are, and before the batch counts as done.
    fn go(
        &mut self,
        repo: &Repo,
        store: &Store,
        files: &[FileWrite],
        mut unsynced: Vec<PathBuf>,
        top: &Path,
    ) -> Result<Vec<String>, WriteError> {
        let (root, state) = (&repo.root, repo.state_dir());
        let tops = [top, &state];
        let phase_at = self.begin(repo)?;
        let changes: Vec<&FileWrite> = files.iter().filter(|file| file.is_change()).collect();
        make_folders(root, &self.swaps)?;
        let after = |at: usize| changes.get(at).and_then(|file| file.after.as_deref());
        each(root, &self.swaps, |way, at, swap| after(at).map_or(Ok(()), |bytes| swap.write_temp(way, bytes)))?;
        unsynced.push(state.clone());
        sync_temps(root, &self.swaps, &unsynced, &tops)?;
        let disowned = disowned(root, &self.swaps);
        self.commits(repo, phase_at)?;
        let before = |at: usize| changes.get(at).and_then(|file| file.before.as_deref());
        each(root, &self.swaps, |way, at, swap| swap.commit(way, before(at)))?;
        self.publish(repo, store)?;
        sync_folders(root, &self.swaps, &store.unsynced(&self.record.name), &tops)?;
        // As late as can be: what was exchanged out of the tree goes now.
        each(root, &self.swaps, |way, _, swap| swap.is_untouched(way))?;
        // The batch is done; what cannot be cleaned up now is cleaned up by the next writer.
        let _ = self.close(repo);
        Ok(disowned)
    }

    fn bytes(&self, repo: &Repo) -> Result<Vec<u8>, WriteError> {
        serde_json::to_vec(self).map_err(|error| log_failed(repo, &error.into()))
    }

    fn save(&self, repo: &Repo) -> Result<(), WriteError> {
        disk::save(&repo.state_dir(), FILE, [self.bytes(repo)?]).map_err(|error| log_failed(repo, &error.into()))
    }

    /// Says what is about to be written, with room for [`Self::commits`]. Returns where the phase stands.
    fn begin(&self, repo: &Repo) -> Result<u64, WriteError> {
        let bytes = self.bytes(repo)?;
        let at = memchr::memmem::find(&bytes, PREPARING).unwrap_or(0);
        let (head, tail) = bytes.split_at_checked(at + PREPARING.len()).unwrap_or_default();
        let saved = disk::save_unsynced(&repo.state_dir(), FILE, [head, b" ", tail]);
        saved.map(|()| at as u64).map_err(|error| log_failed(repo, &error.into()))
    }

    /// Says that files are being exchanged from now on.
    fn commits(&mut self, repo: &Repo, phase_at: u64) -> Result<(), WriteError> {
        self.phase = Phase::Committing;
        let written = disk::overwrite(&repo.state_dir(), FILE, phase_at, COMMITTING);
        written.map_err(|error| log_failed(repo, &error.into()))
    }

    fn publish(&self, repo: &Repo, store: &Store) -> Result<(), WriteError> {
        store.publish(&self.record.name, &self.staged).map_err(|error| log_failed(repo, &error))
    }

    /// What counts as done is on the disk when it returns.
    fn settle(&self, repo: &Repo, store: &Store) -> Result<(), WriteError> {
        sync_folders(&repo.root, &self.swaps, &store.unsynced(self.name()), &[&repo.state_dir()])
    }

    fn is_written(&self, repo: &Repo) -> bool {
        self.swaps.iter().all(|swap| swap.stand(&repo.root) == Stand::Done)
    }

    /// Brings every file back to what it was. Looks at all of them first and touches nothing if one of them was
    /// changed by somebody else in between.
    fn roll_back(&mut self, repo: &Repo, store: &Store) -> Result<(), WriteError> {
        let root = &repo.root;
        if self.phase == Phase::Committing {
            let stands: Vec<Stand> = self.swaps.iter().map(|swap| swap.stand(root)).collect();
            if let Some((swap, _)) = self.swaps.iter().zip(&stands).find(|(_, stand)| **stand == Stand::Foreign) {
                return Err(self.stuck(repo, store, swap));
            }
            // Out of the log first: while its record is there, the batch counts as done.
            store.unpublish(&self.record.name).map_err(|error| log_failed(repo, &error))?;
            for (swap, stand) in self.swaps.iter().zip(stands) {
                if matches!(stand, Stand::Done | Stand::Caught) {
                    swap.take_back(root, || self.old_bytes(repo, store, swap)).map_err(|error| match error {
                        WriteError::Changed(_) => self.stuck(repo, store, swap),
                        error => error,
                    })?;
                }
            }
            sync_folders(root, &self.swaps, &[], &[])?;
            // From here on there is nothing to look at any more, whatever is saved to these files meanwhile.
            self.phase = Phase::Preparing;
            self.save(repo)?;
        }
        self.clean(repo)?;
        // The next batch clears what is left of it.
        let _ = store.drop_staged();
        Ok(())
    }

    /// Clears up behind a batch that was interrupted.
    fn clean(&self, repo: &Repo) -> Result<(), WriteError> {
        each(&repo.root, &self.swaps, |way, _, swap| swap.clean_spare(way))?;
        self.close(repo)
    }

    /// Removes what is beside the files, and then the journal.
    fn close(&self, repo: &Repo) -> Result<(), WriteError> {
        each(&repo.root, &self.swaps, |way, _, swap| swap.clean(way))?;
        remove_folders(&repo.root, &self.swaps);
        // Not waited for: a journal that comes back is that of a batch that is known to be done or taken back.
        let removed = disk::open(&repo.state_dir()).and_then(|state| disk::remove(&state, FILE));
        removed.map_err(|error| log_failed(repo, &error.into()))
    }

    fn old_bytes(&self, repo: &Repo, store: &Store, swap: &Swap) -> Result<Vec<u8>, WriteError> {
        let file = self.images.files.iter().find(|file| swap.is_of(file));
        let file = file.ok_or_else(|| log_failed(repo, &"the journal does not name its images".into()))?;
        let images = store.images(&self.images.place, &[(file, self.images.to.other())]);
        Ok(images.map_err(|error| log_failed(repo, &error))?.into_iter().flatten().flatten().collect())
    }

    fn stuck(&self, repo: &Repo, store: &Store, swap: &Swap) -> WriteError {
        let side = self.images.to.other();
        let file = self.images.files.iter().find(|file| swap.is_of(file) && file.hash(side).is_some());
        let kept = file.map_or_else(String::new, |file| {
            format!("; what it held before is in {}", store.describe(&self.images.place, file, side))
        });
        let reason = format!("a batch was interrupted, and then this file was changed{kept}");
        let journal = path_of(repo);
        let hint = format!(
            "put the former content back and run quell recover, or keep the files as they are and remove {}",
            journal.display()
        );
        refuse(&swap.path, &reason, &hint)
    }
}

/// The phases as a journal has them.
const PREPARING: &[u8] = b"\"preparing\"";
const COMMITTING: &[u8] = b"\"committing\"";

/// A batch that failed, and so did the way back: the journal stays, and what it says is the thing to know.
fn half_written(error: &WriteError, stuck: WriteError) -> WriteError {
    match stuck {
        WriteError::Refused(problem) => {
            let hint = format!("{}; then run quell recover: the batch is half written ({error})", problem.hint);
            WriteError::Refused(problem.hint(hint))
        }
        other @ (WriteError::Locked(_) | WriteError::Changed(_)) => other,
    }
}

fn path_of(repo: &Repo) -> PathBuf {
    repo.state_dir().join(FILE)
}

/// A failure of Quell's own state, as a refusal.
pub(super) fn log_failed(repo: &Repo, error: &Failure) -> WriteError {
    let folder: &Path = &repo.state_dir();
    if let Some(Unreadable { name, why, way_out }) = error.downcast_ref::<Unreadable>() {
        let reason = format!("record {name} of the undo log cannot be read ({why}): another version of Quell wrote it");
        return refuse(&folder.display().to_string(), &reason, &format!("use that; to forget the record, {way_out}"));
    }
    let (reason, hint) = match error.downcast_ref::<std::io::Error>() {
        Some(error) => (plain(error), disk::way_out(error)),
        // libgit2 passes on the words of the system only.
        None => match error.to_string().to_lowercase() {
            reason if reason.contains("no space left") => (reason, disk::FULL),
            reason => (reason, "see to that folder, then try again"),
        },
    };
    refuse(&folder.display().to_string(), &format!("the undo log cannot be kept: {reason}"), hint)
}

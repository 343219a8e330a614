//! All or nothing: a batch of files is written under a lock, beside its journal, and can be taken back.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::problem::{Loss, Problem};

use super::Repo;
use super::journal::{self, Batch, log_failed};
use super::likeness::Likeness;
use super::lock::{Lock, is_locked};
use super::log::{Note, next_name, prune};
use super::record::{Record, Store, What};

/// One file to be written, made or removed. A file that is renamed is removed here and made there.
#[derive(Clone, Debug)]
pub struct FileWrite {
    pub path: String,
    /// What must stand there now; `None` where nothing may.
    pub before: Option<Arc<[u8]>>,
    /// What stands there then; `None` for nothing.
    pub after: Option<Arc<[u8]>>,
    /// The file of the batch that this one goes on with: it is like it, and both are undone together.
    pub from: Option<String>,
    /// What the log knows of a file that comes back or goes again.
    pub(super) kept: Kept,
}

/// What is kept of a file that is not there, beside its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    /// `None` for what any new file is like.
    #[serde(flatten)]
    pub(super) likeness: Option<Likeness>,
    /// Folders that were made for it and go with it once they are empty, the outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) folders: Vec<String>,
}

/// A batch that stands in the tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batched {
    /// Name of its entry in the undo log.
    pub entry: String,
    /// Files that belong to this user now and to another one before: only root can give them back.
    pub disowned: Vec<String>,
}

/// Behind what a batch did, in words: files that have another owner now; nothing where none has.
pub fn disowned_note(paths: &[String]) -> String {
    match paths {
        [] => String::new(),
        [only] => format!("; {only} belongs to you now (only root can give it back)"),
        paths => format!("; these belong to you now (only root can give them back): {}", paths.join(", ")),
    }
}

/// Why nothing was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// Another Quell is writing.
    #[error("another Quell is writing here ({0}); try again when it is done")]
    Locked(String),
    /// A file is not what was previewed.
    #[error("{0}: the file changed after the preview; review it again")]
    Changed(String),
    #[error("{0}")]
    Refused(Problem),
}

/// What a recovery did; `None` from `Repo::recover` where there was nothing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// In words for the status line.
    pub summary: String,
    pub files: Vec<String>,
}

impl FileWrite {
    /// A file that gets other bytes, comes (`before` is `None`) or goes (`after` is `None`).
    pub fn new(path: impl Into<String>, before: Option<Arc<[u8]>>, after: Option<Arc<[u8]>>) -> Self {
        Self { path: path.into(), before, after, from: None, kept: Kept::default() }
    }

    pub(super) fn is_change(&self) -> bool {
        self.before != self.after
    }
}

impl Repo {
    /// Writes all files or none and appends one entry with `title` to the undo log. A file keeps its permissions, its
    /// access list, its group, and where that may be its owner. Recovers an interrupted batch first, under the same lock.
    pub fn write_batch(&self, title: &str, files: &[FileWrite], note: &Note) -> Result<Batched, WriteError> {
        let lock = Lock::take(&self.state_dir())?;
        journal::recover(self, &lock)?;
        let what = What::Done { title: title.to_owned(), note: note.clone(), files: Vec::new() };
        let name = next_name(self)?;
        let record = Record { name: name.clone(), at: Timestamp::now(), what };
        let disowned = journal::run(self, &lock, Batch { files, record, images: None })?;
        prune(self, &name);
        Ok(Batched { entry: name, disowned })
    }

    /// That a batch was interrupted, or why that cannot be seen (read only, keeps no lock).
    pub fn interrupted(&self) -> Option<Problem> {
        let problem = match journal::load(self) {
            Ok(journal) => {
                let reason = format!("a batch was interrupted: {}", journal?.describe());
                let hint = "the next write finishes it or takes it back; `quell recover` does so now";
                Problem::at("", "", reason, Loss::Nothing).hint(hint)
            }
            Err(problem) => Problem { loss: Loss::Nothing, ..problem },
        };
        // A journal under a lock belongs to somebody who is writing now.
        (!is_locked(&self.state_dir())).then_some(problem)
    }

    /// Finishes or rolls back an interrupted batch, under the lock.
    pub fn recover(&self) -> Result<Option<Recovery>, WriteError> {
        let lock = Lock::take(&self.state_dir())?;
        let recovery = journal::recover(self, &lock)?;
        let store = Store::of(self)?;
        store.records().and_then(|records| store.bury(&records)).map_err(|error| log_failed(self, &error))?;
        Ok(recovery)
    }
}

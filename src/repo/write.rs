//! All or nothing: a batch of files is written under a lock, beside its journal, and can be taken back.

use std::sync::Arc;

use crate::model::problem::Problem;

use super::Repo;

/// One file to be written.
#[derive(Clone, Debug)]
pub struct FileWrite {
    pub path: String,
    /// What must stand there now.
    pub before: Arc<[u8]>,
    pub after: Arc<[u8]>,
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

impl Repo {
    /// Writes all files or none, keeps modes, and appends one entry with `title` to the undo log.
    /// Returns the entry's name. Recovers an interrupted batch first, under the same lock.
    pub fn write_batch(&self, title: &str, files: &[FileWrite], note: &super::log::Note) -> Result<String, WriteError> {
        let _ = (title, files, note);
        unimplemented!()
    }

    /// Whether a batch was interrupted (read only, takes no lock).
    pub fn interrupted(&self) -> Option<String> {
        unimplemented!()
    }

    /// Finishes or rolls back an interrupted batch, under the lock.
    pub fn recover(&self) -> Result<Option<Recovery>, WriteError> {
        unimplemented!()
    }

    /// Creates one new file under `.quell/` (relative to the root) with these bytes, on disk before it returns;
    /// fails if it is there. In a tree that cannot be written it goes to the state folder: returns `false` then.
    pub fn create_in_quell(&self, path: &str, bytes: &[u8]) -> Result<bool, Problem> {
        let _ = (path, bytes);
        unimplemented!()
    }

    /// Every file below `.quell/<folder>` and its twin in the state folder, sorted by path: (path, bytes).
    pub fn read_in_quell(&self, folder: &str) -> (Vec<(String, Vec<u8>)>, Vec<Problem>) {
        let _ = folder;
        unimplemented!()
    }
}

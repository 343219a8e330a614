//! One log of what was done and can be taken back: batches of fixes and decisions, newest last.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::problem::Problem;

use super::Repo;
use super::write::WriteError;

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
        let _ = (title, note);
        unimplemented!()
    }

    /// Entries, oldest first.
    pub fn log(&self) -> Result<Vec<Entry>, Problem> {
        unimplemented!()
    }

    /// Restores the files of an entry byte for byte and marks it undone. Refuses, naming the file, if one of
    /// them is not what the batch wrote. The caller revokes the entry's events.
    pub fn undo_entry(&self, name: &str) -> Result<Entry, WriteError> {
        let _ = name;
        unimplemented!()
    }

    /// The opposite of `undo_entry`.
    pub fn redo_entry(&self, name: &str) -> Result<Entry, WriteError> {
        let _ = name;
        unimplemented!()
    }
}

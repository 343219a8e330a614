//! Event files: one canonical JSON object each, named by time and content hash.

use crate::model::decision::Event;
use crate::model::problem::Problem;
use crate::repo::Repo;

/// Every event that could be read, and what was wrong with the others (which suppress nothing).
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// Sorted by file name, so by time and hash.
    pub events: Vec<Event>,
    pub problems: Vec<Problem>,
}

/// Reads `.quell/decisions/` and, for a tree that cannot be written, its twin in the state folder.
pub fn read(repo: &Repo) -> Ledger {
    let _ = repo;
    unimplemented!()
}

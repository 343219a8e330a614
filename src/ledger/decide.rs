//! From a request to an event on disk.

use jiff::Timestamp;

use crate::model::board::Board;
use crate::model::decision::{Event, Request};
use crate::model::problem::Problem;
use crate::repo::Repo;

/// A decision that is on disk.
#[derive(Clone, Debug)]
pub struct Decided {
    pub event: Event,
    /// Name of the entry in the undo log.
    pub entry: String,
    /// In words for the status line: `accepted the risk of 3 findings until 2027-02-20`.
    pub summary: String,
    /// Whether the tree could not be written, so that the decision is in the user's state folder and not shared.
    pub is_private: bool,
}

/// Writes one event for the request; on disk before it returns. Refuses an incomplete request (`Request::lacks`),
/// an unknown finding, and a finding whose stored context does not fit.
pub fn decide(repo: &Repo, board: &Board, request: &Request, now: Timestamp) -> Result<Decided, Problem> {
    let _ = (repo, board, request, now);
    unimplemented!()
}

/// Appends an event that takes back these events (undo). Returns it.
pub fn revoke(repo: &Repo, events: &[Event], ids: &[String], now: Timestamp) -> Result<Event, Problem> {
    let _ = (repo, events, ids, now);
    unimplemented!()
}

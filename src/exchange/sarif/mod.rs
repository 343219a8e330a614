//! Findings as a SARIF 2.1.0 log, and the decisions that such a log carries.

mod rebuilt;
mod suppressed;
mod write;

pub use suppressed::{decision_of, own_decision_of};
pub use write::{FINGERPRINT, write};

use crate::ingest::Reader;
use crate::model::board::Board;

/// What a log is made from.
#[derive(Clone, Copy)]
pub struct Source<'b> {
    pub board: &'b Board,
    pub reader: &'b Reader,
}

//! Decisions: written as events, folded to a status, bound to findings across scans.
//!
//! An event is a file that is never edited. What is in effect follows from links between events, not from
//! their times, so clones that are merged by git agree whatever their clocks say. What cannot be read,
//! does not fit or contradicts itself suppresses nothing.

mod canonical;
mod context;
pub mod decide;
pub mod event;
pub mod fold;
mod gone;
mod graph;
pub mod undo;

pub use decide::{Decided, Seen, decide, fix_applied, fix_in_part, narrowed};
pub use event::{Draft, Ledger, read};
pub use fold::standings;
pub use undo::{restore, revoke};

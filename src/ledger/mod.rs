//! Decisions: written as events, folded to a status, bound to findings across scans.

pub mod decide;
pub mod event;
pub mod fold;

pub use decide::{Decided, decide, revoke};
pub use event::{Ledger, read};
pub use fold::standings;

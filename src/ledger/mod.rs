//! Decisions: written as events, folded to a status, bound to findings across scans.
//!
//! An event is a file that is never edited. What is in effect follows from links between events, not from
//! their times, so clones that are merged by git agree whatever their clocks say. What cannot be read,
//! does not fit or contradicts itself suppresses nothing.

mod anchor;
mod archive;
mod cache;
mod canonical;
pub mod compact;
mod context;
pub mod decide;
pub mod event;
mod facts;
mod fingerprint;
pub mod fold;
mod gone;
mod graph;
pub mod home;
mod keeps;
pub mod log;
pub mod policy;
pub mod publish;
pub mod read;
pub mod register;
mod rematch;
mod rungs;
pub mod scans;
pub mod scope;
mod sides;
pub mod since;
mod split;
pub mod strict;
pub mod undo;
pub mod verify;
mod walk;
mod window;

pub use anchor::{Seen, Told};
pub use decide::{Decided, decide, fix_applied, is_part, narrowed};
pub use event::Draft;
pub use fold::{Known, standings};
pub use home::Home;
pub use read::{Ledger, Trust, read, read_at, read_with};
pub use undo::{in_effect, restore, revoke};

//! From proposals to bytes: columns, placement, plan, preview. Pure but for reading the tree; `repo` writes.
//!
//! In reading order: `lines` cuts a file into lines, `columns` turns regions into byte ranges, `adapter` knows what
//! each producer means, `tree` is what a batch reads of the repository, `place` decides where an edit goes in the
//! file as it is now (`carry` follows it through later changes, `unseen`
//! weighs fixes whose report carries no code), `check` looks at the outcome, `plan` joins a batch.

mod adapter;
mod block;
mod carry;
mod check;
mod columns;
pub mod diff;
mod edit;
mod forced;
mod indent;
mod language;
mod lines;
mod place;
pub mod plan;
mod tree;
mod unseen;

pub use plan::{Choice, apply, plan};

//! From proposals to bytes: columns, placement, plan, preview. Pure but for reading the tree; `repo` writes.

pub mod diff;
pub mod plan;

pub use plan::{Choice, apply, plan};

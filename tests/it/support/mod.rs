//! What several tests need: real repositories in temporary folders.

pub(crate) mod shared;
pub(crate) mod tree;

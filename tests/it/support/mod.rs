//! What several tests need: real repositories in temporary folders.

pub(crate) mod tree;
pub(crate) mod shared;

//! What several tests need: a board built by hand, real repositories in temporary folders.

pub(crate) mod board;
pub(crate) mod tree;

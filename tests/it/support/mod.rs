//! What several tests need: real repositories in temporary folders.

pub(crate) mod tree;

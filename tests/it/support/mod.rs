//! What several tests need: boards built by hand, real repositories in temporary folders, screens and terminals.

pub(crate) mod board;
pub(crate) mod console;
pub(crate) mod keys;
pub(crate) mod look;
pub(crate) mod pty;
pub(crate) mod screen;
pub(crate) mod shared;
pub(crate) mod thorough;
pub(crate) mod tree;

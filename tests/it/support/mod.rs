//! What several tests need: a board built by hand, real repositories, screens, pseudo-terminals.

pub(crate) mod board;
pub(crate) mod console;
pub(crate) mod pty;
pub(crate) mod screen;
pub(crate) mod tree;
pub(crate) mod shared;

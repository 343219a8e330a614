//! What several tests need.

pub(crate) mod console;
pub(crate) mod pty;
pub(crate) mod screen;

//! The one door to the repository and to the disk: git, confined reads, atomic writes, the undo log.

mod as_of;
pub mod locate;
pub mod log;
pub mod read;
pub mod tree;
pub mod write;

pub use tree::Repo;

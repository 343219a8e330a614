//! The one door to the repository and to the disk: git, confined reads, atomic writes, the undo log.

mod as_of;
pub mod locate;
pub mod log;
pub mod read;
pub mod tree;
pub mod write;

mod history;
mod listing;
mod path;
mod uri;

pub use tree::Repo;

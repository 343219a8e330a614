//! The one door to the repository and to the disk: git, confined reads, atomic writes, the undo log.

mod as_of;
pub mod base;
mod branches;
mod changes;
pub mod codeowners;
pub mod command;
pub mod commit;
pub mod create;
pub mod fault;
pub mod frames;
pub mod fresh;
pub mod kept;
pub mod locate;
pub mod log;
pub mod read;
pub mod run;
pub mod scratch;
pub mod snapshot;
pub mod stage;
pub mod tree;
pub mod turn;
pub mod watch;
pub mod worktree;
pub mod write;

mod disk;
mod handed;
mod history;
mod journal;
mod likeness;
mod listing;
mod lock;
mod objects;
mod pack;
pub mod past;
mod path;
mod quell_folder;
mod record;
mod renames;
mod scratch_folder;
pub mod signature;
mod swap;
mod sync;
mod uri;

pub use handed::hand_over;
pub use tree::{Repo, sha256};

//! What the tree itself says of use, read off it as it is, at each load and batch, and only where a finding asks for it.
//!
//! - `packages`: whether a package is imported by own sources, by tests alone, or by nothing; whether a manifest or a lock
//!   file keeps it out of production; and where the code runs that imports it.
//! - `functions`: whether flagged code is in a function or a file that anything else names.
//!
//! A yes can be opened. A no is weak, and says how much was looked at: one about a package decides only where a lock file
//! tells that no other package needs it and nothing names it that may load it by its name. What comes with another package
//! is never a no, for nobody looked into that one. A search that was not finished says no nowhere.

mod declared;
mod ecosystem;
mod functions;
mod imports;
mod lock;
mod modules;
mod named;
mod npm_locks;
mod outline;
mod packages;
mod said;
mod texts;

pub use said::{Said, Usage};

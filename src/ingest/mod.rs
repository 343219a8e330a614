//! Report files to the backlog, tolerant: what was read, and what was wrong with the rest.

pub mod input;
pub mod load;

pub use load::{Loaded, Progress, Reader, load};

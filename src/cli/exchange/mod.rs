//! Decisions for other tools and from them: `quell export` and `quell import`. One table of formats serves both, the help
//! and the README.

mod entries;
mod export;
mod formats;
mod html;
mod ignores;
mod import;
mod read;
mod vex;
pub(super) mod words;

pub use formats::{FORMATS, Format};

pub(super) use export::run as export;
pub(super) use formats::{help, parse as format};
pub(super) use import::run as import;

//! Source code as it is shown: the lines around a place, and their colours.

pub mod highlight;
mod lines;
pub mod snippet;

pub use highlight::{colour, colour_lines, warm_up};
pub use snippet::{TreeFile, snippet};

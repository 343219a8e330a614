//! Source code as it is shown: the lines around a place, and their colours.

pub mod highlight;
pub mod snippet;

pub use highlight::colour;
pub use snippet::snippet;

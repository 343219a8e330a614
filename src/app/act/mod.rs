//! What commands do, one file per subject. Each takes the state and returns effects.

pub mod decide;
pub mod dialog;
pub mod filter;
pub mod fix;
pub mod go;
pub mod hunk;
pub mod keep;
pub mod list;
pub mod picker;
pub mod prove;
pub mod review;
pub mod see;
pub mod select;

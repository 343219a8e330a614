//! The query language, sorting and grouping: from the board to the rows that a list shows.

mod bits;
pub mod complete;
mod filter;
mod group;
pub mod parse;
pub mod rows;
pub mod term;
mod words;

pub use complete::{Completion, completions};
pub use filter::{matches, names_result};
pub use parse::{QueryError, parse};
pub use rows::{Group, GroupKey, Lens, Rows, SortKey, rows};
pub use term::Query;

//! The query language, sorting and grouping: from the board to the rows that a list shows.

pub mod complete;
mod filter;
mod finder;
mod group;
pub mod parse;
mod part;
mod ranks;
pub mod rows;
mod search;
mod sorting;
mod stars;
pub mod term;
mod words;

pub use complete::{Completion, completions};
pub use filter::{matches, names_result};
pub use finder::Finder;
pub use parse::{QueryError, parse};
pub use rows::{Group, GroupKey, Lens, Rows, SortKey, rows};
pub use term::Query;

//! The query language, sorting and grouping: from the board to the rows that a list shows.

pub mod parse;
pub mod rows;

pub use parse::{Query, QueryError, completions, parse, word_start};
pub use rows::{Group, GroupKey, Lens, Rows, SortKey, rows};

//! What follows from evidence.

mod lane;
mod verdict;

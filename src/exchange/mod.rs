//! What goes out to other people and tools and what comes in from them: documents as text, one file a format. Whatever
//! stands in a report is data in all of them. One table of formats serves commands, help and README.

pub mod chart;
pub mod entries;
pub mod formats;
pub mod ignores;
pub mod markup;
pub mod matching;
pub mod read;
pub mod register;
pub mod safe;
pub mod sarif;
pub mod table;
pub mod vex;
pub mod words;

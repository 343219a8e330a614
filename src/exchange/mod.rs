//! What goes out to other people and tools and what comes in from them: documents as text, one file a format. Whatever
//! stands in a report is data in all of them.

pub mod chart;
pub mod markup;
pub mod register;

//! Report files to the backlog, tolerant: what was read, and what was wrong with the rest.
//!
//! A report is read in two steps. At load, `walk` goes through the text once, block by block, `sarif::result` reads the
//! few fields of each result that every row needs (`cursor`), and `lower` makes a record of them. When somebody looks at a result,
//! `reader` reads its text again by position and `detail` decodes all of it. A report in another format is rewritten to
//! SARIF text before all that (`native`). No SARIF type leaves this layer.

pub mod input;
pub mod load;
pub mod reader;

mod advisory;
mod ai;
mod archive;
mod cursor;
mod cwe;
mod dates;
mod detail;
pub mod evidence;
mod external;
mod facts;
mod fixed;
mod flows;
mod group;
mod help;
mod identity;
mod index;
mod invocation;
mod json;
mod knowledge;
mod lower;
mod merge;
mod message;
pub mod native;
mod notes;
mod open;
mod package;
mod pipe;
mod places;
mod proposal;
mod repair;
mod rules;
mod run;
mod sarif;
mod scan;
mod severity;
mod sniff;
mod twice;
mod uri;
mod walk;
mod window;

pub use load::{Intake, Loaded, Options, Progress, load};
pub use open::Piped;
pub use reader::Reader;

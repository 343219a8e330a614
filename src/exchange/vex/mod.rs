//! OpenVEX and CycloneDX VEX: what is said about packages, written and read with one vocabulary. An accepted risk is
//! *affected*; only what was decided as not affected, or as a false alarm about a package, is *not affected*.

mod cyclonedx;
mod openvex;
mod write;

pub use cyclonedx::read as read_cyclonedx;
pub use openvex::read as read_openvex;
pub use write::{LeftOut, cyclonedx, openvex};

use jiff::Timestamp;

use crate::model::decision::{JUSTIFICATIONS, Op};

use super::entries::Entry;
use super::words::{Words, reason};

/// What a document is called by whom it is made.
const OURS: &str = "quell";

const BY_TOOL: &str = "a tool made the document of its own analysis: load it as a report, where it is evidence";
const NO_REASON: &str = "it says not affected, and not why";
const NO_LABEL: &str = "its justification is not known here";
const FIXED: &str = "that it is fixed is for a scan to show";
const CONTRADICTS: &str = "its words say something else than its status";
const UNKNOWN: &str = "its status is not known here";

/// A statement about a vulnerability in a component, with when it was made: a later one about the same takes its place.
struct Stated {
    made: Option<Timestamp>,
    entry: Entry,
}

/// The entries of a document, what holds now first: of several statements about the same the latest.
fn latest(mut stated: Vec<Stated>) -> Vec<Entry> {
    // Those without a time are as old as can be; of equal ones the later in the file counts.
    stated.reverse();
    stated.sort_by_key(|one| std::cmp::Reverse(one.made));
    let mut known = std::collections::HashSet::new();
    let about = |entry: &Entry| (entry.names.clone(), entry.purls.clone(), entry.product.clone());
    stated.into_iter().map(|one| one.entry).filter(|entry| known.insert(about(entry))).collect()
}

/// What `not_affected` with a label asks for.
fn not_affected(label: &str, text: Option<String>, native: &str) -> Result<Words, &'static str> {
    if !JUSTIFICATIONS.contains(&label) {
        return Err(NO_LABEL);
    }
    Ok(Words { justification: Some(label.to_owned()), ..Words::new(Op::NotAffected, &reason(text, native)) })
}

/// Words of ours in a statement, if they are what its status says: whether it denies the flaw.
fn fitting(words: Words, denies: bool) -> Result<Words, &'static str> {
    let is_denial = [Op::NotAffected, Op::FalsePositive].iter().any(|op| op.name() == words.op);
    if is_denial == denies { Ok(words) } else { Err(CONTRADICTS) }
}

/// Puts into an entry what it lacks, else what it asks for, if that is anything. What cannot be followed, and what decides
/// nothing, blocks older statements about the same findings: a verdict that somebody has taken back must not come in by a
/// back door.
fn asked(entry: Entry, lack: Option<&'static str>, words: Option<&Result<Words, &'static str>>) -> Entry {
    match (lack, words) {
        (Some(why), _) => Entry { lack: Some(why), ..entry },
        (None, Some(Ok(words))) => Entry { words: Some(words.clone()), ..entry },
        (None, Some(Err(why))) => Entry { lack: Some(why), blocks: true, ..entry },
        (None, None) => Entry { blocks: true, ..entry },
    }
}

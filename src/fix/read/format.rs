//! What is understood, and the way in.

use jiff::Timestamp;

use crate::model::fix::Proposal;
use crate::model::problem::{Loss, Problem};
use crate::repo::Repo;

use super::document::{Document, decoded};
use super::draft::{Drafts, Origin};
use super::{blocks, clang, codex, rdjson, unified};

pub use super::document::MAX_BYTES;

/// One format: how it is told from others, and who reads it.
struct Format {
    /// In messages, and as the tool of what it proposes where that has no name of its own.
    name: &'static str,
    is: fn(&Document<'_>) -> bool,
    read: fn(&Document<'_>, &mut Drafts<'_>),
}

/// In the order in which they are tried: the first whose marks stand in the text reads all of it.
const FORMATS: [Format; 6] = [
    Format { name: "rdjson", is: rdjson::is_whole, read: rdjson::read_whole },
    Format { name: "rdjsonl", is: rdjson::is_lines, read: rdjson::read_lines },
    Format { name: "clang-tidy", is: clang::is, read: clang::read },
    Format { name: "patch", is: codex::is, read: codex::read },
    Format { name: "search and replace", is: blocks::is, read: blocks::read },
    Format { name: "diff", is: unified::is, read: unified::read },
];

/// What stands before the name of a fix command as the tool of its proposals.
pub const PROPOSED_BY: &str = "proposed by ";

/// Where a text comes from.
#[derive(Clone, Debug, Default)]
pub struct Source<'a> {
    /// As problems and lists call it.
    pub name: &'a str,
    /// When the file was written, at least as late as it was made.
    pub made: Option<Timestamp>,
    /// Folder that relative paths may also start from, relative to the root with `/`; empty for the root alone.
    pub folder: &'a str,
    /// Who proposed it, where that was a fix command.
    pub provider: Option<&'a str>,
}

/// The proposals of one text, and what was wrong with it.
#[derive(Clone, Debug, Default)]
pub struct Read {
    pub proposals: Vec<Proposal>,
    pub problems: Vec<Problem>,
}

/// Reads a text; `None` if it is in none of the formats.
pub fn read(repo: &Repo, source: &Source<'_>, bytes: &[u8]) -> Option<Read> {
    let text = decoded(bytes);
    let document = Document::new(source.name, &text);
    let format = FORMATS.iter().find(|format| (format.is)(&document))?;
    let mut drafts = Drafts::new(repo, Origin { source: source.clone(), format: format.name });
    (format.read)(&document, &mut drafts);
    let mut read = drafts.finish();
    if read.proposals.is_empty() {
        // What is wrong with a part is wrong with all of it.
        read.problems.iter_mut().for_each(|problem| problem.loss = Loss::File);
    }
    if read.proposals.is_empty() && read.problems.is_empty() {
        let reason = format!("the {} proposes no change", format.name);
        read.problems.push(Problem::at(source.name, "", reason, Loss::Nothing));
    }
    Some(read)
}

/// The formats by name, for messages.
pub fn names() -> String {
    FORMATS.map(|format| format.name).join(", ")
}

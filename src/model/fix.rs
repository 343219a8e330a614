//! A proposed patch as its source states it, before anything is known about the tree.

use jiff::Timestamp;

use super::backlog::MadeBy;
use super::detail::Region;
use super::grade::vocabulary;
use super::id::{FindingId, FixId};

/// One proposed patch. It is atomic: all of its edits or none.
#[derive(Clone, Debug)]
pub struct Proposal {
    pub id: FixId,
    /// The finding it belongs to; `None` until it is attached.
    pub finding: Option<FindingId>,
    /// Other findings whose lines it changes.
    pub also: Vec<FindingId>,
    pub source: ProposalSource,
    pub title: String,
    /// What the result says, to be compared with the code.
    pub message: String,
    pub applicability: Applicability,
    /// Position among alternatives of the same result, 0 first.
    pub alternative: u32,
    pub edits: Vec<FileEdit>,
    /// Why a person has to look before it is written; empty for a sound proposal.
    pub warnings: Vec<String>,
}

/// Where a proposal comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProposalSource {
    pub tool: String,
    /// Tool family: decides the adapter (see `model::backlog::Tool`).
    pub family: String,
    pub file: String,
    pub pointer: String,
    /// When the scan ended, as well as it is known (`made_by`).
    pub made: Option<Timestamp>,
    pub made_by: MadeBy,
    /// Commit the run says it scanned.
    pub revision: Option<String>,
}

/// A program that proposes fixes, as the user's own configuration names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FixCommand {
    pub name: String,
    /// The program and its arguments, handed over as they are.
    pub run: Vec<String>,
    /// How long it may take.
    pub seconds: u64,
}

impl Proposal {
    /// All findings that it belongs to.
    pub fn findings(&self) -> impl Iterator<Item = FindingId> {
        self.finding.into_iter().chain(self.also.iter().copied())
    }
}

impl FileEdit {
    /// Whether it changes nothing and refuses nothing.
    pub fn is_empty(&self) -> bool {
        let has_lines = !self.edits.is_empty() || !self.passages.is_empty();
        self.op == FileOp::Change && !has_lines && self.refused.is_none()
    }
}

vocabulary! {
    /// What the source says about applying it blindly.
    Applicability { Safe = "safe", Unsafe = "unsafe", Unknown = "unknown", Advice = "advice" }
}

vocabulary! {
    /// What a column of a region counts.
    #[derive(Default)]
    ColumnUnit { #[default] Unknown = "unknown", CodePoint = "codePoint", Utf16 = "utf16", Byte = "byte" }
}

/// What becomes of a file, beside its lines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum FileOp {
    /// It stays where it is.
    #[default]
    Change,
    /// It is not there before.
    Create,
    /// It is not there afterwards.
    Delete,
    /// Its path is this one afterwards.
    Rename(String),
}

impl FileOp {
    /// For JSON.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::Create => "create",
            Self::Delete => "delete",
            Self::Rename(_) => "rename",
        }
    }

    /// The path with what becomes of the file: `new.py (renamed from old.py)`.
    #[must_use]
    pub fn heading(&self, path: &str) -> String {
        match self {
            Self::Change => path.to_owned(),
            Self::Create => format!("{path} (new file)"),
            Self::Delete => format!("{path} (deleted)"),
            Self::Rename(to) => format!("{to} (renamed from {path})"),
        }
    }

    /// The path that the file gets.
    #[must_use]
    pub fn new_path(&self) -> Option<&str> {
        match self {
            Self::Rename(to) => Some(to),
            Self::Change | Self::Create | Self::Delete => None,
        }
    }
}

/// The edits of one proposal in one file: regions with their new text, or passages.
#[derive(Clone, Debug, Default)]
pub struct FileEdit {
    /// Relative to the repository with `/` where the file is in it, else the URI as stated.
    pub path: String,
    pub in_repo: bool,
    pub op: FileOp,
    /// SHA-256 of the file that the scanner saw, in hex, where stated.
    pub sha256: Option<String>,
    /// Id in git of the file that a diff was made from, whole or its beginning, in hex.
    pub blob: Option<String>,
    pub edits: Vec<TextEdit>,
    /// What a diff or a search-and-replace answer says; with these, `edits` is empty.
    pub passages: Vec<Passage>,
    /// Why Quell does not make this change, in words: a link, a mode, bytes.
    pub refused: Option<String>,
    /// What the scanner saw at the finding: text with the line it starts at (region snippet or context
    /// region). Evidence for placement and for columns.
    pub seen: Vec<SeenText>,
    /// The places of the result in this file, with text or without.
    pub flagged: Vec<Region>,
}

/// Replace a region by a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextEdit {
    pub region: Region,
    pub unit: Option<ColumnUnit>,
    pub insert: String,
}

/// Lines that stand somewhere in a file, and the lines that take their place: a hunk, or a block to search for.
/// The text is its own evidence; line ends are those of the source, with `\n` at least.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passage {
    /// Passages of one step are about the same text, those of the next about what that step makes of it.
    pub step: u32,
    /// 1-based line at which `before` stands, or before which `after` is put where `before` is empty; 0 is "not stated".
    pub line: u32,
    pub before: Vec<u8>,
    pub after: Vec<u8>,
    /// A line that `before` stands below: a function or class.
    pub heading: Option<String>,
    /// Whether `before` ends the file.
    pub is_last: bool,
}

/// Text of the file as the report carries it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeenText {
    pub region: Region,
    pub text: String,
}

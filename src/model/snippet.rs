//! Source lines as they are shown, with the roles that colour them.

use std::sync::Arc;

use super::detail::Region;
use super::grade::vocabulary;

vocabulary! {
    /// What a piece of code is, as far as colour goes. A theme gives each role a colour.
    Syntax {
        Plain = "plain", Keyword = "keyword", String = "string", Number = "number", Comment = "comment",
        Function = "function", Type = "type", Constant = "constant", Variable = "variable", Operator = "operator",
    }
}

/// A part of a file, ready to draw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snippet {
    pub path: String,
    /// 1-based number of the first line in `lines`.
    pub first_line: u32,
    /// Lines of the whole file, 0 where unknown.
    pub total_lines: u32,
    pub lines: Vec<CodeLine>,
    /// What is flagged: lines as `first_line` counts them, columns in code points; 0 is "not stated".
    pub flagged: Region,
    /// Lines just above the shown ones, each with its line end: not shown, only where colouring starts.
    pub above: Arc<str>,
    /// Where the text comes from, or why there is none.
    pub origin: Origin,
    /// Whether `Syntax` roles are filled in yet.
    pub is_coloured: bool,
}

/// One line of code without its line end. Long lines are cut; the text is as in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CodeLine {
    pub text: Arc<str>,
    /// Code points of the line that were cut off before `text`; columns count from there.
    pub skipped: u32,
    /// Ends in bytes of `text` and the role up to there; empty while not coloured.
    pub roles: Vec<(u32, Syntax)>,
}

/// Where code comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// Read from the working tree; `changed` says that the file is not what was scanned, as far as can be told.
    Tree { changed: bool },
    /// The report's own copy of the text.
    Report,
    /// There is none; the reason in words with a next step.
    Missing(String),
    #[default]
    /// Not read yet.
    Pending,
}

impl Snippet {
    /// Whether a line is flagged, by its 1-based number.
    pub fn is_flagged(&self, number: u32) -> bool {
        let Region { line, end_line, .. } = self.flagged;
        line > 0 && (line..=end_line.max(line)).contains(&number)
    }
}

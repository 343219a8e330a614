//! Pages: lines of text with roles, ready to draw. What a pane shows is made here once when it changes;
//! a frame only draws the lines that are visible.

use crate::model::grade::{Severity, vocabulary};
use crate::model::snippet::Syntax;
use crate::model::text;

vocabulary! {
    /// What a piece of text is. A theme gives each role its colours; no other part knows colours.
    Role {
        Text = "text", Dim = "dim", Strong = "strong", Title = "title", Header = "header",
        Border = "border", BorderFocus = "border-focus", Cursor = "cursor", Selected = "selected",
        Key = "key", Link = "link", Good = "good", Warning = "warning", Error = "error",
        Critical = "critical", High = "high", Medium = "medium", Low = "low", Info = "info",
        Keyword = "keyword", String = "string", Number = "number", Comment = "comment", Function = "function",
        Type = "type", Constant = "constant", Variable = "variable", Operator = "operator",
        LineNumber = "line-number", Flagged = "flagged", Added = "added", Removed = "removed",
        AddedWord = "added-word", RemovedWord = "removed-word", Hunk = "hunk", Match = "match", Hidden = "hidden",
    }
}

impl From<Severity> for Role {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Critical => Self::Critical,
            Severity::High => Self::High,
            Severity::Medium => Self::Medium,
            Severity::Low => Self::Low,
            Severity::Info => Self::Info,
        }
    }
}

impl From<Syntax> for Role {
    fn from(syntax: Syntax) -> Self {
        match syntax {
            Syntax::Plain => Self::Text,
            Syntax::Keyword => Self::Keyword,
            Syntax::String => Self::String,
            Syntax::Number => Self::Number,
            Syntax::Comment => Self::Comment,
            Syntax::Function => Self::Function,
            Syntax::Type => Self::Type,
            Syntax::Constant => Self::Constant,
            Syntax::Variable => Self::Variable,
            Syntax::Operator => Self::Operator,
        }
    }
}

/// Text in one role. The text is safe to show (`model::text::visible`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    pub role: Role,
    pub text: String,
    /// Drawn on top of the role: the flagged region, a changed word, a match.
    pub mark: Option<Role>,
}

/// One line of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    pub spans: Vec<Span>,
    /// Fills the rest of the line, for the cursor's row.
    pub fill: Option<Role>,
    /// Whether moving by hunk, step or section stops here.
    pub is_stop: bool,
}

/// Lines that one pane scrolls over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    pub title: String,
    pub lines: Vec<Line>,
}

impl Span {
    /// Text from outside, made visible.
    pub fn new(role: Role, untrusted: &str) -> Self {
        Self { role, text: text::visible(untrusted).into_owned(), mark: None }
    }

    #[must_use]
    pub fn marked(mut self, mark: Role) -> Self {
        self.mark = Some(mark);
        self
    }
}

impl Line {
    pub fn new(role: Role, untrusted: &str) -> Self {
        Self { spans: vec![Span::new(role, untrusted)], ..Self::default() }
    }

    pub fn blank() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn with(mut self, role: Role, untrusted: &str) -> Self {
        self.spans.push(Span::new(role, untrusted));
        self
    }

    #[must_use]
    pub fn stop(mut self) -> Self {
        self.is_stop = true;
        self
    }

    /// Columns the line takes.
    pub fn width(&self) -> usize {
        self.spans.iter().map(|span| text::width(&span.text)).sum()
    }

    /// The line's text without roles.
    pub fn text(&self) -> String {
        self.spans.iter().map(|span| span.text.as_str()).collect()
    }
}

//! All that a report says about one result, decoded when somebody looks at it.

use super::fix::{ColumnUnit, Proposal};
use super::grade::vocabulary;
use super::problem::Problem;

/// One result, whole. Text is as the report has it: show it through `text::visible`.
#[derive(Clone, Debug, Default)]
pub struct Detail {
    /// Plain text with placeholders filled and embedded links as their text.
    pub message: String,
    /// Links of the message: text and target, which is an absolute URI or the place of a location of the result.
    pub links: Vec<(String, String)>,
    /// The same message in Markdown, where the report has it.
    pub markdown: Option<String>,
    /// Where it is; the first is the one that the record carries.
    pub locations: Vec<Location>,
    pub related: Vec<Location>,
    pub flows: Vec<Flow>,
    pub fixes: Vec<Proposal>,
    /// What clears a result about a package.
    pub fixed_in: FixedIn,
    /// `fingerprints` and `partialFingerprints`, name and value.
    pub fingerprints: Vec<(String, String)>,
    pub suppressions: Vec<Suppression>,
    /// What a model says of it.
    pub ai: Option<AiSaid>,
    /// Property bag as short texts, name and value, in the report's order; nested values as JSON.
    pub properties: Vec<(String, String)>,
    /// Help of its rule.
    pub help: Option<String>,
    /// `taxa` such as `CWE/89`, by name.
    pub taxa: Vec<String>,
    pub hosted_uri: Option<String>,
    pub work_items: Vec<String>,
    /// 0 to 100: the result's, else its rule's.
    pub rank: Option<f64>,
    /// What else the report says of the result, and of the scan that found it: SARIF's name and a short text.
    pub facts: Vec<(&'static str, String)>,
    /// What was odd about it, to be listed by `quell check`.
    pub problems: Vec<Problem>,
}

/// Versions of a package that clear a result, as its scanner says: the first good one of each line of releases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FixedIn {
    /// The package to upgrade where it is another one than the result's: the one that brings it in.
    pub by: Option<String>,
    /// As they were written, in the order of the report.
    pub versions: Vec<String>,
}

/// A place that a result names.
#[derive(Clone, Debug, Default)]
pub struct Location {
    /// Relative to the repository with `/` where the file is in it, else the URI.
    pub path: String,
    pub in_repo: bool,
    /// The URI as the report has it, where it is not the path.
    pub uri: Option<String>,
    /// Files that hold the file, innermost first: an archive, an image.
    pub inside: Vec<String>,
    /// As the report has it.
    pub region: Region,
    /// What its columns count, as far as the tool is known or the run says; see `model::column`.
    pub unit: ColumnUnit,
    /// The region in lines and code points, where the report counts from the start of the file and it can be read.
    pub resolved: Option<Region>,
    /// Text of the region, where the report carries it.
    pub snippet: Option<String>,
    /// Text around it and the line it starts at.
    pub context: Option<(u32, String)>,
    pub message: Option<String>,
    /// The number by which messages link to it.
    pub id: Option<usize>,
    /// Function, class or resource, where named (`logicalLocations`).
    pub logical: Option<String>,
    /// SHA-256 of the scanned file in hex, where the run's artifacts state it.
    pub sha256: Option<String>,
}

/// A part of a file as SARIF counts it; 0 is "not stated".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Region {
    /// 1-based.
    pub line: u32,
    /// 1-based, in the units of `ColumnUnit`.
    pub column: u32,
    /// Inclusive.
    pub end_line: u32,
    /// Exclusive.
    pub end_column: u32,
    /// Offset (0-based) and length in characters.
    pub char_span: Option<(u64, u64)>,
    /// Offset (0-based) and length in bytes.
    pub byte_span: Option<(u64, u64)>,
}

vocabulary! {
    /// What the steps of a flow are.
    FlowKind { Thread = "thread", Stack = "stack", Graph = "graph" }
}

/// Steps in their order: one way from a source to a sink, a call stack, a way through a graph.
#[derive(Clone, Debug)]
pub struct Flow {
    pub kind: FlowKind,
    /// The thread, where the report names one.
    pub thread: Option<String>,
    pub message: Option<String>,
    /// Values before the first step, by expression.
    pub state: Vec<(String, String)>,
    pub steps: Vec<Step>,
}

/// One step of a flow.
#[derive(Clone, Debug, Default)]
pub struct Step {
    pub location: Location,
    /// SARIF `importance`: essential, important, unimportant.
    pub importance: Option<String>,
    pub kinds: Vec<String>,
    pub nesting: u32,
    /// Module, library or assembly.
    pub module: Option<String>,
    /// Values at this step, by expression; the arguments of a call on a stack are numbered from 0.
    pub state: Vec<(String, String)>,
}

/// What a model says of a result in its report, in its own words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AiSaid {
    pub verdict: String,
    pub reason: Option<String>,
    /// Places in files, parts of the report.
    pub cites: Vec<String>,
}

/// One `suppressions` entry.
#[derive(Clone, Debug, Default)]
pub struct Suppression {
    pub kind: String,
    pub status: Option<String>,
    pub justification: Option<String>,
    /// Where it is written, as path and line.
    pub place: Option<String>,
}

impl Location {
    /// The line to go to; 0 where none is known.
    pub fn line(&self) -> u32 {
        self.resolved.map_or(self.region.line, |region| region.line)
    }

    /// `path:line`, or the path alone; empty without a path.
    pub fn place(&self) -> String {
        if self.line() > 0 && !self.path.is_empty() {
            return format!("{}:{}", self.path, self.line());
        }
        self.path.clone()
    }
}

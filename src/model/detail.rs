//! All that a report says about one result, decoded when somebody looks at it.

use super::fix::Proposal;
use super::problem::Problem;

/// One result, whole. Text is as the report has it: show it through `text::visible`.
#[derive(Clone, Debug, Default)]
pub struct Detail {
    /// Plain text with placeholders filled and embedded links as their text.
    pub message: String,
    /// Links of the message: text and target, where the target is an absolute URI.
    pub links: Vec<(String, String)>,
    /// The same message in Markdown, where the report has it.
    pub markdown: Option<String>,
    /// Where it is; the first is the one that the record carries.
    pub locations: Vec<Location>,
    pub related: Vec<Location>,
    pub flows: Vec<Flow>,
    pub fixes: Vec<Proposal>,
    /// `fingerprints` and `partialFingerprints`, name and value.
    pub fingerprints: Vec<(String, String)>,
    pub suppressions: Vec<Suppression>,
    /// Property bag as short texts, name and value, in the report's order; nested values as JSON.
    pub properties: Vec<(String, String)>,
    /// `taxa` such as `CWE/89`, by name.
    pub taxa: Vec<String>,
    pub hosted_uri: Option<String>,
    pub work_items: Vec<String>,
    pub rank: Option<f64>,
    /// What was odd about it, to be listed by `quell check`.
    pub problems: Vec<Problem>,
}

/// A place that a result names.
#[derive(Clone, Debug, Default)]
pub struct Location {
    /// Relative to the repository with `/` where the file is in it, else the URI.
    pub path: String,
    pub in_repo: bool,
    pub region: Region,
    /// Text of the region, where the report carries it.
    pub snippet: Option<String>,
    /// Text around it and the line it starts at.
    pub context: Option<(u32, String)>,
    pub message: Option<String>,
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

/// One way from a source to a sink.
#[derive(Clone, Debug, Default)]
pub struct Flow {
    pub message: Option<String>,
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
}

/// One `suppressions` entry.
#[derive(Clone, Debug, Default)]
pub struct Suppression {
    pub kind: String,
    pub status: Option<String>,
    pub justification: Option<String>,
}

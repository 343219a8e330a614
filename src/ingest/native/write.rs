//! The part of SARIF 2.1.0 that rewritten reports need, as it is written. Names follow the specification.
//!
//! A fix says where it goes by byte offsets (which count also where lines stand beside them), by character offsets, or
//! by lines with both columns, and inserts exactly what replaces that region.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use serde_json::Value;

use crate::model::fix::Applicability;

/// One run before it is text.
#[derive(Debug, Default)]
pub(super) struct Log {
    /// As the tool calls itself in its own SARIF, so that ids are the same.
    pub(super) tool: String,
    pub(super) version: Option<String>,
    pub(super) column_kind: Option<&'static str>,
    /// RFC 3339.
    pub(super) ended: Option<String>,
    /// The container image that was scanned.
    pub(super) image: Option<String>,
    /// Whether the tool could not look at all that it should have.
    pub(super) has_failed: bool,
    rules: Vec<Rule>,
    by_id: HashMap<String, usize>,
    pub(super) artifacts: Vec<Artifact>,
    pub(super) results: Vec<Finding>,
}

/// A property bag.
pub(super) type Bag = BTreeMap<&'static str, Value>;

/// Names with the values that there are: no nulls, no empty texts or lists.
pub(super) fn bag<const N: usize>(entries: [(&'static str, Value); N]) -> Bag {
    let is_stated = |value: &Value| match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => true,
    };
    entries.into_iter().filter(|(_, value)| is_stated(value)).collect()
}

impl Log {
    pub(super) fn new(tool: &str) -> Self {
        Self { tool: tool.to_owned(), ..Self::default() }
    }

    /// Adds a result with its rule, of which the first that has the id counts.
    pub(super) fn push(&mut self, rule: Rule, result: Finding) {
        let next = self.rules.len();
        let index = *self.by_id.entry(rule.id.clone()).or_insert(next);
        let rule_id = rule.id.clone();
        if index == next {
            self.rules.push(rule);
        }
        self.results.push(Finding { rule_id, rule_index: index, ..result });
    }

    fn run(self) -> Run {
        let Self { tool: name, version, rules, column_kind, ended, image, has_failed, artifacts, results, .. } = self;
        let invocations = if ended.is_some() || has_failed {
            vec![Invocation { execution_successful: !has_failed, end_time_utc: ended }]
        } else {
            Vec::new()
        };
        let tool = Tool { driver: Driver { name, version, rules } };
        let properties = bag([("imageName", image.into())]);
        Run { tool, invocations, column_kind, artifacts, properties, results }
    }
}

/// The text of a log with these runs, and for each where its results stand in the original.
pub(super) fn finish(runs: Vec<Log>) -> serde_json::Result<(Vec<u8>, Vec<Pointers>)> {
    let pointer = |result: &Finding| result.pointer.clone().into_boxed_str();
    let pointers = runs.iter().map(|run| run.results.iter().map(pointer).collect()).collect();
    let runs = runs.into_iter().map(Log::run).collect();
    Ok((serde_json::to_vec(&Root { version: "2.1.0", runs })?, pointers))
}

/// Where the results of a run stand, in their order.
pub(in crate::ingest) type Pointers = Vec<Box<str>>;

#[derive(Serialize)]
struct Root {
    version: &'static str,
    runs: Vec<Run>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    invocations: Vec<Invocation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column_kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    artifacts: Vec<Artifact>,
    #[serde(skip_serializing_if = "Bag::is_empty")]
    properties: Bag,
    results: Vec<Finding>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
struct Driver {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_time_utc: Option<String>,
}

/// `reportingDescriptor` (3.49).
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Rule {
    pub(super) id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) short_description: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) full_description: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) help: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) help_uri: Option<String>,
    #[serde(skip_serializing_if = "Bag::is_empty")]
    pub(super) properties: Bag,
}

/// `message` (3.11), `multiformatMessageString` (3.12) and `artifactContent` (3.3), as far as all are one text.
#[derive(Debug, Serialize)]
pub(super) struct Text {
    text: String,
}

/// A text if it says something.
pub(super) fn text(text: impl Into<Option<String>>) -> Option<Text> {
    text.into().filter(|text| !text.is_empty()).map(|text| Text { text })
}

/// `result` (3.27).
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Finding {
    /// Where it stands in the original.
    #[serde(skip)]
    pub(super) pointer: String,
    /// Given by [`Log::push`].
    pub(super) rule_id: String,
    pub(super) rule_index: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) level: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<Text>,
    pub(super) locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) related_locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) code_flows: Vec<CodeFlow>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) fixes: Vec<Fix>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) suppressions: Vec<Suppression>,
    #[serde(skip_serializing_if = "Bag::is_empty")]
    pub(super) properties: Bag,
}

/// `location` (3.28).
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Location {
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text>,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context_region: Option<Region>,
}

#[derive(Debug, Default, Serialize)]
struct ArtifactLocation {
    uri: String,
}

impl ArtifactLocation {
    /// A path as a URI that reads as this path again; an absolute one gets a scheme, as the tools' SARIF has it.
    fn of(path: &str) -> Self {
        let scheme = if path.starts_with('/') { "file://" } else { "" };
        Self { uri: format!("{scheme}{}", path.replace('%', "%25")) }
    }
}

impl Location {
    pub(super) fn new(path: &str) -> Self {
        let physical_location =
            PhysicalLocation { artifact_location: ArtifactLocation::of(path), ..Default::default() };
        Self { physical_location, message: None }
    }

    /// With a URI as another SARIF has it.
    pub(super) fn of_uri(uri: &str) -> Self {
        let artifact_location = ArtifactLocation { uri: uri.to_owned() };
        Self { physical_location: PhysicalLocation { artifact_location, ..Default::default() }, message: None }
    }

    pub(super) fn at(self, region: Region) -> Self {
        let physical_location = PhysicalLocation { region: Some(region), ..self.physical_location };
        Self { physical_location, ..self }
    }

    /// With the whole lines around the region; the first of them has this number.
    pub(super) fn among(self, first_line: i64, lines: String) -> Self {
        let snippet = text(lines);
        let context = snippet.is_some().then(|| Region { start_line: Some(first_line), snippet, ..Region::default() });
        let physical_location = PhysicalLocation { context_region: context, ..self.physical_location };
        Self { physical_location, ..self }
    }

    pub(super) fn saying(self, message: impl Into<Option<String>>) -> Self {
        Self { message: text(message), ..self }
    }
}

/// `region` (3.30): lines and columns from 1, offsets from 0.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Region {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) start_line: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) start_column: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) end_line: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) end_column: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    char_offset: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    char_length: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    byte_offset: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    byte_length: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) snippet: Option<Text>,
}

impl Region {
    /// From line and column to line and column, the end exclusive.
    pub(super) fn between(start: (Option<i64>, Option<i64>), end: (Option<i64>, Option<i64>)) -> Self {
        Self { start_line: start.0, start_column: start.1, end_line: end.0, end_column: end.1, ..Self::default() }
    }

    pub(super) fn lines(first: Option<i64>, last: Option<i64>) -> Self {
        Self::between((first, None), (last, None))
    }

    /// From an offset to an offset, in characters of the run's `columnKind`.
    pub(super) fn chars(start: i64, end: i64) -> Self {
        Self { char_offset: Some(start), char_length: end.checked_sub(start), ..Self::default() }
    }

    /// From an offset to an offset, in bytes.
    pub(super) fn bytes(start: i64, end: i64) -> Self {
        Self { byte_offset: Some(start), byte_length: end.checked_sub(start), ..Self::default() }
    }

    /// The same place with its offsets in bytes, which count.
    pub(super) fn in_bytes(self, start: i64, end: i64) -> Self {
        Self { byte_offset: Some(start), byte_length: end.checked_sub(start), ..self }
    }

    pub(super) fn showing(self, snippet: impl Into<Option<String>>) -> Self {
        Self { snippet: text(snippet), ..self }
    }
}

/// `artifact` (3.24), as far as it says which version of a file was scanned.
#[derive(Debug, Serialize)]
pub(super) struct Artifact {
    location: ArtifactLocation,
    hashes: Hashes,
}

#[derive(Debug, Serialize)]
struct Hashes {
    #[serde(rename = "sha-256")]
    sha256: String,
}

impl Artifact {
    pub(super) fn new(path: &str, sha256: String) -> Self {
        Self { location: ArtifactLocation::of(path), hashes: Hashes { sha256 } }
    }
}

/// `codeFlow` (3.36) with one thread.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CodeFlow {
    thread_flows: [ThreadFlow; 1],
}

#[derive(Debug, Serialize)]
struct ThreadFlow {
    locations: Vec<Step>,
}

#[derive(Debug, Serialize)]
struct Step {
    location: Location,
}

impl CodeFlow {
    pub(super) fn new(steps: Vec<Location>) -> Self {
        let locations = steps.into_iter().map(|location| Step { location }).collect();
        Self { thread_flows: [ThreadFlow { locations }] }
    }
}

/// `fix` (3.55). Its property `applicability` has a name of [`Applicability`].
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Fix {
    description: Option<Text>,
    artifact_changes: Vec<Change>,
    properties: Bag,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    artifact_location: ArtifactLocation,
    replacements: Vec<Replacement>,
}

/// `replacement` (3.57).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    deleted_region: Region,
    inserted_content: Text,
}

impl Fix {
    /// Replaces regions of files by texts, all of them together.
    pub(super) fn new(
        title: impl Into<Option<String>>,
        applicability: Applicability,
        edits: impl IntoIterator<Item = (String, Region, String)>,
    ) -> Self {
        let mut artifact_changes: Vec<Change> = Vec::new();
        for (path, deleted_region, text) in edits {
            let replacement = Replacement { deleted_region, inserted_content: Text { text } };
            let artifact_location = ArtifactLocation::of(&path);
            match artifact_changes.iter_mut().find(|change| change.artifact_location.uri == artifact_location.uri) {
                Some(change) => change.replacements.push(replacement),
                None => artifact_changes.push(Change { artifact_location, replacements: vec![replacement] }),
            }
        }
        let properties = bag([("applicability", applicability.name().into())]);
        Self { description: text(title), artifact_changes, properties }
    }

    /// Says what to do, without an edit.
    pub(super) fn advice(words: String) -> Self {
        Self::new(words, Applicability::Advice, [])
    }
}

/// `suppression` (3.35).
#[derive(Debug, Serialize)]
pub(super) struct Suppression {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    justification: Option<String>,
}

impl Suppression {
    /// By a comment in the code.
    pub(super) fn in_source(justification: Option<String>) -> Self {
        Self { kind: "inSource", justification: justification.filter(|text| !text.is_empty()) }
    }

    /// By a file or a database.
    pub(super) fn external(justification: Option<String>) -> Self {
        Self { kind: "external", justification: justification.filter(|text| !text.is_empty()) }
    }
}

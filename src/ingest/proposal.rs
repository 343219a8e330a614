//! Fixes of a report as proposals: what it states, not yet looked at with doubt (the fix layer does that).

use sha2::{Digest, Sha256};

use crate::model::column::known_unit;
use crate::model::detail::{Location, Region};
use crate::model::fix::{Applicability, ColumnUnit, FileEdit, Proposal, ProposalSource, SeenText};
use crate::model::id::{FindingId, FixId};

use super::detail::Context;
use super::identity::first_64_bits;
use super::json::Said;
use super::rules::Tables;

/// What a fix and its result say.
pub(super) struct Words<'a> {
    pub(super) title: Option<String>,
    pub(super) message: &'a str,
    /// A name of [`Applicability`], in the property of this name.
    pub(super) applicability: Option<&'a str>,
}

/// One fix. Without an edit it is advice.
pub(super) fn build(
    context: &Context<'_>,
    alternative: usize,
    Words { title, message, applicability }: Words<'_>,
    files: Vec<FileEdit>,
) -> Proposal {
    let Context { backlog, result, .. } = context;
    let record = backlog.record(*result);
    let stated = applicability.and_then(Applicability::parse).unwrap_or(Applicability::Unknown);
    let edits: Vec<FileEdit> = files.into_iter().filter(|file| !file.edits.is_empty()).collect();
    let report = backlog.report(record);
    let tool = backlog.tool(record);
    let rule = backlog.rule(record);
    let finding = backlog.find(record.id).map_or(record.id, |finding| backlog.id(finding));
    Proposal {
        id: id(record.id, title.as_deref(), &edits),
        finding: Some(finding),
        also: Vec::new(),
        source: ProposalSource {
            tool: tool.name.clone(),
            family: tool.family.clone(),
            file: report.name.clone(),
            pointer: format!("{}/fixes/{alternative}", backlog.pointer(*result)),
            made: report.made,
            made_by: report.made_by,
            revision: backlog.run(record).revision.clone(),
        },
        title: title.unwrap_or_else(|| format!("fix for {}", rule.name.as_ref().unwrap_or(&rule.id))),
        message: message.to_owned(),
        applicability: if edits.is_empty() { Applicability::Advice } else { stated },
        alternative: u32::try_from(alternative).unwrap_or(u32::MAX),
        edits,
        warnings: Vec::new(),
    }
}

/// What the columns of a run count: what its tool is known to count, else what it says.
pub(super) fn column_unit(tables: &Tables) -> ColumnUnit {
    known_unit(&tables.family).unwrap_or_else(|| declared_unit(tables.run.column_kind.get()))
}

/// What a run says its columns count.
pub(super) fn declared_unit(kind: Option<&str>) -> ColumnUnit {
    match kind {
        Some("utf16CodeUnits") => ColumnUnit::Utf16,
        Some("unicodeCodePoints") => ColumnUnit::CodePoint,
        Some("bytes" | "utf8CodeUnits") => ColumnUnit::Byte,
        Some(_) | None => ColumnUnit::Unknown,
    }
}

/// Text that the report carries of a file, at the places of the result.
pub(super) fn seen(locations: &[Location], path: &str) -> Vec<SeenText> {
    let mut seen = Vec::new();
    for location in locations.iter().filter(|location| location.path == path) {
        if let Some(text) = &location.snippet {
            seen.push(SeenText { region: location.region, text: text.clone() });
        }
        if let Some((line, text)) = location.context.as_ref().filter(|(line, _)| *line > 0) {
            seen.push(SeenText { region: Region { line: *line, ..Region::default() }, text: text.clone() });
        }
    }
    seen
}

/// The places of a result in one file.
pub(super) fn flagged(locations: &[Location], path: &str) -> Vec<Region> {
    locations.iter().filter(|location| location.path == path).map(|location| location.region).collect()
}

/// SHA-256 over the id of the result and every edit's path, region and text; for advice its words.
fn id(result: FindingId, title: Option<&str>, files: &[FileEdit]) -> FixId {
    let mut hash = Sha256::new();
    hash.update(result.0.to_le_bytes());
    let mut text = |text: &str| {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    };
    if files.is_empty() {
        text(title.unwrap_or_default());
    }
    for file in files {
        for edit in &file.edits {
            let Region { line, column, end_line, end_column, char_span, byte_span } = edit.region;
            let span = |span: Option<(u64, u64)>| {
                span.map(|(offset, length)| format!("{offset}+{length}")).unwrap_or_default()
            };
            text(&file.path);
            text(&format!("{line}:{column}:{end_line}:{end_column}:{}:{}", span(char_span), span(byte_span)));
            text(&edit.insert);
        }
    }
    FixId(first_64_bits(&hash.finalize()))
}

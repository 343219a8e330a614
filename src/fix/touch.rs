//! The lines that a proposal changes, to find the findings that it is for.

use std::ops::RangeInclusive;

use crate::model::detail::Region;
use crate::model::fix::{FileEdit, FileOp, Proposal};
use crate::repo::Repo;

use super::diff::compare;
use super::lines::Text;
use super::passage;

/// Lines of one file, 1-based.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touched {
    pub path: String,
    pub lines: Vec<RangeInclusive<u32>>,
}

/// The lines that a proposal changes or names, file by file. Lines that are only put between two others count as both.
pub fn touched(repo: &Repo, proposal: &Proposal) -> Vec<Touched> {
    let files = proposal.edits.iter().filter(|edit| edit.refused.is_none());
    files.map(|edit| Touched { path: edit.path.clone(), lines: lines(repo, edit) }).collect()
}

fn lines(repo: &Repo, edit: &FileEdit) -> Vec<RangeInclusive<u32>> {
    match (&edit.op, edit.passages.is_empty()) {
        (FileOp::Create, _) => return Vec::new(),
        (FileOp::Delete, true) => return vec![1..=u32::MAX],
        (FileOp::Change | FileOp::Rename(_) | FileOp::Delete, _) => {}
    }
    let regions = edit.edits.iter().map(|edit| edit.region).chain(edit.flagged.iter().copied());
    let mut lines: Vec<RangeInclusive<u32>> = regions.filter_map(of_region).collect();
    if edit.passages.is_empty() {
        return lines;
    }
    match repo.read(&edit.path).map(Text::new) {
        Ok(text) => match passage::search(&text.bytes, edit) {
            Ok(fitted) => {
                let last = |at: usize| at.min(text.lines.len().saturating_sub(1));
                lines.extend(fitted.edits.iter().map(|edit| {
                    let first = text.line_at(edit.start);
                    // What ends behind a line end does not touch the next line; what is put between two touches both.
                    if edit.start == edit.end {
                        return number(first)..=number(first) + 1;
                    }
                    number(first) + 1..=number(last(text.line_at(edit.end - 1))) + 1
                }));
            }
            Err(_) => lines.extend(stated(edit)),
        },
        Err(_) => lines.extend(stated(edit)),
    }
    lines
}

fn of_region(region: Region) -> Option<RangeInclusive<u32>> {
    (region.line > 0).then(|| region.line..=region.end_line.max(region.line))
}

/// The changed lines as the passages number them.
fn stated(edit: &FileEdit) -> Vec<RangeInclusive<u32>> {
    let mut lines = Vec::new();
    for passage in edit.passages.iter().filter(|passage| passage.line > 0) {
        let old: Vec<&[u8]> = passage.before.split_inclusive(|byte| *byte == b'\n').collect();
        let new: Vec<&[u8]> = passage.after.split_inclusive(|byte| *byte == b'\n').collect();
        for op in compare(&old, &new).iter().filter(|op| !matches!(op, similar::DiffOp::Equal { .. })) {
            let range = op.old_range();
            let first = passage.line.saturating_add(number(range.start));
            lines.push(if range.is_empty() {
                first.saturating_sub(1)..=first
            } else {
                first..=passage.line.saturating_add(number(range.end - 1))
            });
        }
    }
    lines
}

fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX - 1)
}

//! A change of one version of a file, made in another one: in what git has stored of it, or in the file after somebody has
//! gone on with it. It is placed as any fix is, and nothing that is in doubt is taken.

use std::sync::Arc;

use crate::model::fix::FileOp;
use crate::model::plan::{PlannedEdit, PlannedFile};

use super::block::Blocks;
use super::carry::{Lost, Versions};
use super::diff::edited_counts;
use super::edit::{ByteEdit, splice};
use super::language;
use super::lines::{Text, unix};
use super::passage::differences;
use super::place::listed;

/// Whether git has stored these bytes, perhaps with other line ends.
pub fn is_stored_as(bytes: &[u8], stored: &[u8]) -> bool {
    stored == bytes || (!stored.contains(&b'\r') && unix(bytes) == stored)
}

/// `other` with the change that makes `after` of `before`; its own line ends stay. `Err` says in words why the change has
/// no place there.
pub fn changed_alike(path: &str, before: &[u8], after: &[u8], other: &[u8]) -> Result<Vec<u8>, String> {
    if before == after {
        return Ok(other.to_vec());
    }
    if other == before || other == after {
        return Ok(after.to_vec());
    }
    // Line ends as git stores them where it converts them.
    if !other.contains(&b'\r') && (unix(before) == other || unix(after) == other) {
        return Ok(unix(after).into_owned());
    }
    let edits = carried(path, before, &differences(before, after), other)?;
    Ok(splice(other, &edits))
}

/// A file of a plan in another version of the tree, with all that the plan does to it. `Err` says in words why it has no
/// place there.
pub fn in_version(file: &PlannedFile, other: Arc<[u8]>) -> Result<PlannedFile, String> {
    if other == file.before {
        return Ok(PlannedFile { is_dirty: false, ..file.clone() });
    }
    if file.op == FileOp::Delete {
        return Err("it is another file there".to_owned());
    }
    let bytes = |edit: &PlannedEdit| ByteEdit::new(edit.range.clone(), edit.insert.as_slice());
    let all: Vec<ByteEdit> = file.edits.iter().map(bytes).collect();
    let moved = carried(&file.path, &file.before, &all, &other)?;
    let after = splice(&other, &moved).into();
    let diff = edited_counts(&file.path, &file.op, &other, &moved);
    let edit = |(edit, moved): (&PlannedEdit, ByteEdit)| PlannedEdit {
        range: moved.start..moved.end,
        insert: moved.insert,
        fixes: edit.fixes.clone(),
    };
    let edits = file.edits.iter().zip(moved).map(edit).collect();
    Ok(PlannedFile { before: other, after, is_dirty: false, edits, diff, ..file.clone() })
}

/// Edits of one version of a file as they are in another one.
fn carried(path: &str, before: &[u8], edits: &[ByteEdit], other: &[u8]) -> Result<Vec<ByteEdit>, String> {
    let (base, now) = (Text::new(before), Text::new(other));
    let kind = language::of(path).kind;
    let versions = Versions { base: Blocks::new(&base, kind), now: Blocks::new(&now, kind), pick: None };
    let carried = versions.carry(edits).map_err(|lost| match lost {
        Lost::Changed { line } => format!("line {} is another one there", line + 1),
        Lost::Applied { line } => format!("line {} has it already there", line + 1),
        Lost::Ambiguous(lines) => format!("it could belong to {} there", listed(&lines)),
    })?;
    if carried.is_adjusted {
        return Err("it fits there only with other white space".to_owned());
    }
    carried.doubts.into_iter().next().map_or(Ok(carried.edits), Err)
}

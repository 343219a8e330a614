//! A change of one version of a file, made in another one: in what git has stored of it, or in the file after somebody has
//! gone on with it. It is placed as any fix is, and nothing that is in doubt is taken.

use super::block::Blocks;
use super::carry::{Lost, Versions};
use super::edit::splice;
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
    let (base, now) = (Text::new(before), Text::new(other));
    let kind = language::of(path).kind;
    let versions = Versions { base: Blocks::new(&base, kind), now: Blocks::new(&now, kind), pick: None };
    let carried = versions.carry(&differences(before, after)).map_err(|lost| match lost {
        Lost::Changed { line } => format!("line {} is another one there", line + 1),
        Lost::Applied { line } => format!("line {} has it already there", line + 1),
        Lost::Ambiguous(lines) => format!("it could belong to {} there", listed(&lines)),
    })?;
    if carried.is_adjusted {
        return Err("it fits there only with other white space".to_owned());
    }
    match carried.doubts.first() {
        Some(doubt) => Err(doubt.clone()),
        None => Ok(splice(other, &carried.edits)),
    }
}

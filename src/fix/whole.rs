//! Files that come, go, or get another name: what a fix says of a whole file, beside its lines.
//!
//! A new file comes only where nothing stands. A file goes only if it is, byte for byte, what the fix says that it
//! removes; where the fix does not show that, a person has to look.

use std::sync::Arc;

use crate::model::fix::{FileEdit, FileOp};
use crate::model::plan::FixReason;
use crate::repo::fresh::NoRoom;
use crate::repo::read::ReadError;

use super::edit::{ByteEdit, splice};
use super::lines::{Text, unix};
use super::passage;
use super::place::{Case, Placed, Refusal, current};
use super::tree::Tree;

/// A file that the fix makes.
pub(super) fn create(tree: &Tree<'_>, case: &Case<'_>) -> Result<Placed, Refusal> {
    let edit = case.edit;
    let path = edit.path.as_str();
    let refuse = |reason, why: &str| Err(Refusal::new(reason, format!("{path}: {why}")));
    if !edit.in_repo {
        return refuse(FixReason::Flagged, "not a file of this repository; start Quell where the scan ran");
    }
    let empty = Arc::new(Text::new(Vec::new()));
    let (edits, mut doubts) = match passage::search(b"", edit) {
        Ok(fitted) if edit.edits.is_empty() => (fitted.edits, fitted.doubts),
        Ok(_) | Err(_) => {
            return refuse(FixReason::Flagged, "it is a new file, and the fix has lines that it would change in it");
        }
    };
    let content = Text::new(splice(b"", &edits));
    if let Some(why) = content.not_text() {
        return refuse(FixReason::Flagged, &format!("{why}; make it by hand"));
    }
    if tree.file(path).is_some_and(|file| file.text.as_ref().is_ok_and(|text| text.bytes == content.bytes)) {
        return refuse(FixReason::Stale, "already applied");
    }
    room(tree, path, None)?;
    doubts.extend(tree.ignored(path));
    let (path, op, reason, places) = (path.to_owned(), FileOp::Create, FixReason::Exact, Vec::new());
    Ok(Placed { path, op, text: empty, edits, reason, doubts, places })
}

/// A file that the fix removes.
pub(super) fn delete(tree: &Tree<'_>, case: &Case<'_>) -> Result<Placed, Refusal> {
    let edit = case.edit;
    let path = edit.path.as_str();
    if is_missing(tree, path) {
        return Err(Refusal::new(FixReason::Stale, format!("{path}: it is gone already")));
    }
    let now = current(tree, path)?;
    own(tree, path)?;
    let doubts = shown(tree, &now, edit)?.map(str::to_owned).into_iter().collect();
    let whole = ByteEdit::new(0..now.bytes.len(), Vec::new());
    let edits = if now.bytes.is_empty() { Vec::new() } else { vec![whole] };
    let (path, op, reason, places) = (path.to_owned(), FileOp::Delete, FixReason::Exact, Vec::new());
    Ok(Placed { path, op, text: now, edits, reason, doubts, places })
}

/// Whether the fix shows the bytes that it removes; what speaks against it, in words.
fn shown(tree: &Tree<'_>, now: &Text, edit: &FileEdit) -> Result<Option<&'static str>, Refusal> {
    let path = edit.path.as_str();
    let refuse = |reason, why: String| Err(Refusal::new(reason, format!("{path}: {why}")));
    let removed = match edit.passages.as_slice() {
        _ if !edit.edits.is_empty() => None,
        [] if now.bytes.is_empty() => return Ok(None),
        [] => {
            let named = edit.blob.as_deref().and_then(|id| tree.by_id(id));
            return match named {
                Some(base) if base.bytes == now.bytes => Ok(None),
                Some(_) => {
                    refuse(FixReason::Stale, "it is another one than the patch removes; make it again".to_owned())
                }
                None => Ok(Some("the patch does not show what it removes")),
            };
        }
        [only] if only.after.is_empty() => Some(only.before.as_slice()),
        _ => None,
    };
    let Some(removed) = removed else {
        return refuse(FixReason::Flagged, "the patch removes the file, but not all of its lines".to_owned());
    };
    if *removed == *now.bytes {
        return Ok(None);
    }
    let ended = |bytes: &[u8]| unix(bytes).trim_ascii_end().to_vec();
    if ended(removed) == ended(&now.bytes) {
        return Ok(Some("its line ends are others than those that the patch removes"));
    }
    let lines = |bytes: &'_ [u8]| bytes.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect::<Vec<_>>();
    let same = lines(removed).iter().zip(&lines(&now.bytes)).take_while(|(a, b)| a == b).count();
    refuse(FixReason::Stale, format!("line {} is not what the patch removes; make it again", same + 1))
}

/// The new name of a file, and why a person has to look at it.
pub(super) fn rename(tree: &Tree<'_>, from: &str, to: &str) -> Result<Vec<String>, Refusal> {
    let is_there = |path: &str| tree.repo.file_state(path).is_ok();
    if is_missing(tree, from) && is_there(to) {
        return Err(Refusal::new(FixReason::Stale, format!("{from}: already applied: it is {to} now")));
    }
    if !is_missing(tree, from) {
        own(tree, from)?;
        room(tree, to, Some(from))?;
    }
    let hidden =
        tree.repo.is_ignored(from).then(|| "git ignores it under this name, and commits may show it then".to_owned());
    Ok(tree.ignored(to).into_iter().chain(hidden).collect())
}

fn is_missing(tree: &Tree<'_>, path: &str) -> bool {
    tree.file(path).is_some_and(|file| matches!(file.text, Err(ReadError::Missing)))
}

/// Refuses what belongs to another repository: its git would not know.
fn own(tree: &Tree<'_>, path: &str) -> Result<(), Refusal> {
    if tree.repo.is_in_other_repository(path) {
        return Err(Refusal::new(FixReason::Flagged, format!("{path}: {}", NoRoom::Inner)));
    }
    Ok(())
}

fn room(tree: &Tree<'_>, path: &str, leaving: Option<&str>) -> Result<(), Refusal> {
    if tree.is_left_out(path) {
        let why = format!("{path}: {}; git sparse-checkout add checks its folder out", ReadError::NotCheckedOut);
        return Err(Refusal::new(FixReason::Stale, why));
    }
    if tree.file(path).is_some_and(|file| matches!(file.text, Err(ReadError::Unmerged))) {
        let why = format!("{path}: {}; resolve it first", ReadError::Unmerged);
        return Err(Refusal::new(FixReason::Stale, why));
    }
    tree.repo.has_room(path, leaving).map_err(|why| {
        let hint = match why {
            NoRoom::Taken(_) => "; take it away or change it by hand",
            NoRoom::Way(_) | NoRoom::Alike(_) | NoRoom::Name(..) => "; make it by hand",
            NoRoom::Inner => "",
        };
        Refusal::new(FixReason::Flagged, format!("{path}: {why}{hint}"))
    })
}

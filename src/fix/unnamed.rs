//! Diffs and blocks to search for, made from a version that nobody names.
//!
//! All their lines have to stand exactly once in the file as it is. That is not enough where there were several blocks
//! of the kind: the one that was meant may be gone. So they must not stand several times at HEAD either, and where a
//! committed version is known in which every line stands as stated, that version has to lead to the same place. That
//! the lines stand as stated in the file as it is says nothing: with one block more above, it is another one.

use std::sync::Arc;

use crate::model::fix::{FileOp, Proposal};
use crate::model::plan::FixReason;
use crate::model::text;

use super::block::Blocks;
use super::carry::{Lost, Versions};
use super::edit::ByteEdit;
use super::language;
use super::lines::Text;
use super::passage::{self, Fitted, Likeness, Misfit};
use super::place::{Case, Placed, Refusal, already, first_line, listed, moved, refusal, unknown_then};
use super::tree::Tree;

/// Columns of a line that a message quotes.
const QUOTED: usize = 40;

/// Finds the place of passages.
pub(super) fn place(tree: &Tree<'_>, now: &Arc<Text>, case: &Case<'_>) -> Result<Placed, Refusal> {
    let edit = case.edit;
    let path = edit.path.as_str();
    let found = passage::search(&now.bytes, edit);
    if passage::is_blind(edit) {
        return found
            .map(|fitted| Placed { doubts: fitted.doubts, ..unique(now, fitted.edits) })
            .map_err(|_| unfit(path, Misfit::Blank));
    }
    if let Err(
        misfit @ (Misfit::Done { .. } | Misfit::Nowhere { .. } | Misfit::Overlap | Misfit::Blank | Misfit::Elision),
    ) = found
    {
        return Err(unfit(path, misfit));
    }
    let past = Past::of(tree, now, case, found.as_ref().ok());
    let found = match found {
        Ok(Fitted { edits, likeness: Likeness::Lines, is_as_stated: true, doubts }) if past == Past::Alone => {
            return Ok(Placed { doubts, ..unique(now, edits) });
        }
        found => found,
    };
    let versions = tree.versions(path);
    if let Some(based) = by_version(&versions, now, case) {
        let based = based?;
        return match found {
            Ok(fitted) if fitted.edits != based.edits => doubtful(case, now, fitted.edits),
            Ok(_) | Err(_) => Ok(based),
        };
    }
    let fitted = found.map_err(|misfit| unfit(path, misfit))?;
    if past == Past::Repeated || versions.first().is_some_and(|head| passage::is_repeated(&head.bytes, edit)) {
        return doubtful(case, now, fitted.edits);
    }
    let mut placed = Placed { doubts: fitted.doubts, ..unique(now, fitted.edits) };
    if fitted.likeness == Likeness::Spaced {
        placed.reason = FixReason::Adjusted;
        placed.doubts.push("it fits only with other white space".to_owned());
    }
    if past == Past::Unknown {
        placed.doubts.push(unknown_then(tree.has_history()).to_owned());
    }
    Ok(placed)
}

/// What the file was when the patch was made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Past {
    /// The lines stood there once, and from there they came to where they are; as far as can be known.
    Alone,
    /// They stood there several times, or what stands now is not what they have become.
    Repeated,
    /// The file was written since, and no version that is known has them.
    Unknown,
}

impl Past {
    fn of(tree: &Tree<'_>, now: &Text, case: &Case<'_>, found: Option<&Fitted>) -> Self {
        let Case { proposal: Proposal { source, .. }, edit, .. } = case;
        let Some(made) = source.made else { return Self::Alone };
        let thens = tree.as_made(source, &edit.path);
        let (same, others): (Vec<_>, Vec<_>) = thens.into_iter().partition(|then| then.bytes == now.bytes);
        let kind = language::of(&edit.path).kind;
        let mut is_known = !same.is_empty();
        for then in others {
            match passage::search(&then.bytes, edit) {
                Err(Misfit::Several(_)) => return Self::Repeated,
                Err(_) => {}
                Ok(fitted) => {
                    let versions = Versions { base: Blocks::new(&then, kind), now: Blocks::new(now, kind), pick: None };
                    let is_other = match versions.carry(&fitted.edits) {
                        Ok(carried) => found.is_some_and(|found| found.edits != carried.edits),
                        Err(lost) => matches!(lost, Lost::Ambiguous(_)),
                    };
                    if is_other {
                        return Self::Repeated;
                    }
                    is_known = true;
                }
            }
        }
        let is_older = || tree.file(&edit.path).and_then(|file| file.written).is_some_and(|at| at <= made);
        if is_known || is_older() { Self::Alone } else { Self::Unknown }
    }
}

/// What the committed versions say in which every line stands as stated, and nowhere else; `None` where there are none. In one
/// where they stand at several places they may stand as stated by chance.
fn by_version(versions: &[Arc<Text>], now: &Arc<Text>, case: &Case<'_>) -> Option<Result<Placed, Refusal>> {
    let edit = case.edit;
    let is_base = |version: &&Arc<Text>| {
        version.bytes != now.bytes
            && passage::at_stated_lines(&version.bytes, edit).is_ok()
            && !passage::is_repeated(&version.bytes, edit)
    };
    let mut placed = versions.iter().filter(is_base).map(|version| moved(version, now, case));
    let first = placed.next()?;
    for other in placed {
        match (&first, other) {
            (Ok(first), Ok(other)) if first.edits == other.edits => {}
            (_, Err(refusal)) => return Some(Err(refusal)),
            (Err(_), Ok(_)) => break,
            (Ok(first), Ok(_)) => return Some(doubtful(case, now, first.edits.clone())),
        }
    }
    Some(first)
}

fn unique(now: &Arc<Text>, edits: Vec<ByteEdit>) -> Placed {
    Placed {
        path: String::new(),
        op: FileOp::Change,
        text: Arc::clone(now),
        edits,
        reason: FixReason::Unique,
        doubts: Vec::new(),
        places: Vec::new(),
    }
}

/// The only place that is left may not be the one that was meant: a person has to say so.
fn doubtful(case: &Case<'_>, now: &Arc<Text>, edits: Vec<ByteEdit>) -> Result<Placed, Refusal> {
    let line = first_line(now, &edits) - 1;
    let refusal = refusal(now, &case.edit.path, &Lost::Ambiguous(vec![line]));
    if case.pick != Some(line) {
        return Err(refusal);
    }
    Ok(Placed { reason: FixReason::Ambiguous, places: refusal.places, ..unique(now, edits) })
}

fn unfit(path: &str, misfit: Misfit) -> Refusal {
    let refuse = |reason, why: &str| Refusal::new(reason, format!("{path}: {why}"));
    match misfit {
        Misfit::Done { line } => already(path, line + 1),
        Misfit::Several(lines) => {
            let hint = "let it name its base (`git diff` does) or give it more context";
            refuse(FixReason::Ambiguous, &format!("the lines of the patch stand at {}; {hint}", listed(&lines)))
        }
        Misfit::Nowhere { line, first } => {
            let stated = line.map(|line| format!(" (line {} by the patch)", line + 1)).unwrap_or_default();
            let lines = format!("the lines from `{}` on{stated}", text::cut(&first, QUOTED));
            refuse(FixReason::Stale, &format!("{lines} do not stand in the file; make the patch again"))
        }
        Misfit::Blank => {
            refuse(FixReason::Flagged, "the patch has no lines to find its place by; make it again with context")
        }
        Misfit::Elision => refuse(
            FixReason::Flagged,
            "a line `...` stands on one side only, so that lines would go or stay unseen; write them out",
        ),
        Misfit::Overlap => refuse(FixReason::Flagged, "its own edits overlap; change it by hand"),
    }
}

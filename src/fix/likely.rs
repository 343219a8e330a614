//! Fixes whose scanned version nobody states: what the file was then is weighed by time, by what git has, and by the text that
//! the report shows. All that can be true has to lead to the same place.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::model::backlog::MadeBy;
use crate::model::fix::{FileEdit, Proposal, ProposalSource};
use crate::model::plan::FixReason;

use super::adapter::lower;
use super::carry::Lost;
use super::columns::{Fit, evidence};
use super::lines::{Text, unix};
use super::place::{Case, Placed, Refusal, by_text, first_line, moved, numbered, placed, refusal};
use super::tree::{File, Tree};

const REWRITTEN: &str = "the file was written after the report was made, though it is what git has: what was scanned may have \
                         been another one; scan again";

/// Bytes of the beginning of a text that are looked for first: as many as one comparison of a processor holds.
const PIECE: usize = 32;

/// Nothing is certain: weighs the file as it is now against those that were committed when the report was made.
pub(super) fn likely(tree: &Tree<'_>, case: &Case<'_>, now: &Arc<Text>, can_be_now: bool) -> Result<Placed, Refusal> {
    let Case { proposal: Proposal { source, .. }, edit, .. } = case;
    let age = tree.file(&edit.path).map_or(Age::Changed, |file| age(&file, source));
    let unmoved = if can_be_now { as_it_stands(now, case, age) } else { None };
    if let Some(placed) = &unmoved
        && matches!(age, Age::Untouched | Age::Unproven)
        && (source.made_by.is_of_scan() && age == Age::Untouched || placed.doubts.is_empty())
    {
        return borne_out(tree, case, now, placed.clone());
    }
    let thens = tree.as_made(source, &edit.path).into_iter().filter(|then| shows(then, edit, source));
    let carried: Vec<Result<Placed, Refusal>> = thens
        .map(|then| {
            let mut placed = moved(&then, now, case)?;
            if !is_distinct(&then, edit) {
                // It could stand there by chance if the scan was of something that was never committed.
                placed.doubts.push("the code of the report stood at several places when it was scanned".to_owned());
            }
            Ok(placed)
        })
        .collect();
    let is_split = carried.len() > 1 && carried.iter().any(Result::is_err);
    let mut lost = None;
    let found = carried.into_iter().filter_map(|carried| carried.map_err(|refusal| lost = Some(refusal)).ok());
    let found: Vec<Placed> = found.chain(unmoved).collect();
    match (found.is_empty(), lost) {
        (false, _) => agreed(now, case, found, is_split),
        (true, Some(refusal)) => Err(refusal),
        (true, None) => by_text(now, case, tree.has_history()),
    }
}

/// A place in a file that git has had as it is since before the report. Where this clone had another version of it checked
/// out then, which can be what was scanned, that one has to lead there as well.
fn borne_out(tree: &Tree<'_>, case: &Case<'_>, now: &Arc<Text>, mut placed: Placed) -> Result<Placed, Refusal> {
    let Case { proposal: Proposal { source, .. }, edit, .. } = case;
    if tree.was_other(source, &edit.path) {
        let can_be = |then: &Arc<Text>| {
            let lowered = lower(then, edit, &source.family);
            then.bytes != now.bytes && lowered.is_ok_and(|lowered| !matches!(lowered.fit, Fit::Differs(_)))
        };
        let thens = tree.as_made(source, &edit.path).into_iter().filter(can_be);
        let carried: Vec<Option<Placed>> = thens.map(|then| moved(&then, now, case).ok()).collect();
        let is_split = carried.iter().any(Option::is_none);
        let found = std::iter::once(placed).chain(carried.into_iter().flatten()).collect();
        return agreed(now, case, found, is_split);
    }
    let is_younger = |file: &File| {
        let written = file.written.zip(source.made);
        !file.is_dirty && written.is_some_and(|(written, made)| written.as_second() > made.as_second())
    };
    if tree.has_head_stood(source) && tree.file(&edit.path).is_some_and(|file| is_younger(&file)) {
        placed.doubts.push(REWRITTEN.to_owned());
    }
    Ok(placed)
}

/// The first of several places if all are the same, and `is_split` does not say that one is missing; else the one that a
/// person chose.
fn agreed(now: &Arc<Text>, case: &Case<'_>, found: Vec<Placed>, is_split: bool) -> Result<Placed, Refusal> {
    let is_one = found.windows(2).all(|pair| matches!(pair, [one, other] if one.edits == other.edits));
    let lines: Vec<usize> = found.iter().map(|placed| first_line(now, &placed.edits) - 1).collect();
    let places = numbered(&lines);
    let mut seated = found.into_iter().zip(&lines);
    let chosen = if is_one && !is_split { seated.next() } else { seated.find(|(_, line)| case.pick == Some(**line)) };
    match chosen {
        Some((placed, _)) if is_one && !is_split => Ok(placed),
        Some((placed, _)) => Ok(Placed { reason: FixReason::Ambiguous, places, ..placed }),
        None => Err(refusal(now, &case.edit.path, &Lost::Ambiguous(lines))),
    }
}

/// What can be said of a file against the time of a report.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Age {
    /// Neither committed to nor written since.
    Untouched,
    /// Probably untouched; but commits and reports give whole seconds, and what happened in the same one may have been
    /// before or after, or the file was only checked out since, or the report names a commit that is not here.
    Unproven,
    /// Not written since, but what git has is something else.
    Older,
    Changed,
}

/// Git decides for files that it has and that are clean: a checkout sets new times. For others the time of the last
/// write does, and where a report has no other time than that of its own file, it has to agree. Of a file that differs from
/// what git has nobody knows which of the two was scanned, unless the user vouches that it was that of the tree.
fn age(file: &File, source: &ProposalSource) -> Age {
    let Some(made) = source.made else { return Age::Changed };
    // Times of files come from one clock, which is finer than the seconds of reports and commits.
    let is_of_file = source.made_by.is_of_file();
    let by_clock = file
        .written
        .map(|written| if is_of_file { written.cmp(&made) } else { written.as_second().cmp(&made.as_second()) });
    let is_older = by_clock.is_some_and(Ordering::is_le);
    let is_before = by_clock == Some(Ordering::Less);
    let by_commit = file.last_commit.map(|at| at.as_second().cmp(&made.as_second()));
    let age = match (by_commit, file.is_dirty) {
        (Some(Ordering::Less), false) if !is_of_file || is_before => Age::Untouched,
        (Some(Ordering::Equal), false) if is_of_file && is_before => Age::Untouched,
        (Some(Ordering::Less | Ordering::Equal), false) => Age::Unproven,
        (None, _) if is_before => Age::Untouched,
        (Some(_), _) if is_before && source.made_by == MadeBy::Vouched => Age::Untouched,
        (None, _) if is_older => Age::Unproven,
        // A clean file that was committed after the report may have been scanned before that.
        (Some(_), _) if is_older => Age::Older,
        (Some(_) | None, _) => Age::Changed,
    };
    if age == Age::Untouched && source.revision.is_some() { Age::Unproven } else { age }
}

/// The edits where the report says, if the file can be what was scanned and shows the text of the report.
fn as_it_stands(now: &Arc<Text>, case: &Case<'_>, age: Age) -> Option<Placed> {
    let Case { proposal, edit, siblings, .. } = case;
    if age == Age::Changed {
        return None;
    }
    let mut lowered = lower(now, edit, &proposal.source.family).ok()?;
    let reason = if age == Age::Older { FixReason::Unique } else { FixReason::Exact };
    let is_certain = age == Age::Untouched && proposal.source.made_by.is_of_scan();
    match lowered.fit {
        Fit::Differs(_) => return None,
        Fit::Stands | Fit::Unseen if is_certain => {}
        Fit::Stands if is_distinct(now, edit) => {}
        Fit::Stands if age == Age::Untouched => lowered.doubts.extend(siblings.drift(now, proposal, edit)),
        Fit::Stands => {
            lowered.doubts.push("the code of the report stands at several places of a changed file".to_owned());
        }
        Fit::Unseen if proposal.source.revision.is_some() => lowered.doubts.push(
            "the report names a commit that is not here, and carries no code to find the place by; scan again"
                .to_owned(),
        ),
        Fit::Unseen if age == Age::Older => {
            let vouch = if proposal.source.made_by == MadeBy::Written {
                ", or vouch with --trust-file-times that the file was scanned as it is"
            } else {
                ""
            };
            lowered.doubts.push(format!(
                "the last commit has another version, which may be the one that was scanned, and the report carries no \
                 code to find the place by; commit and scan again{vouch}"
            ));
        }
        Fit::Unseen => lowered.doubts.extend(siblings.doubt(now, proposal, edit)),
    }
    Some(placed(now, lowered, reason))
}

/// Whether an earlier version shows the text of the report at its region.
fn shows(then: &Text, edit: &FileEdit, source: &ProposalSource) -> bool {
    lower(then, edit, &source.family).is_ok_and(|lowered| lowered.fit == Fit::Stands)
}

/// Whether one of the texts of the report stands exactly once in a file.
fn is_distinct(text: &Text, edit: &FileEdit) -> bool {
    let content = text.unix();
    evidence(edit).any(|seen| stands_once(&content, &unix(seen.text.trim().as_bytes())))
}

/// Whether a text stands exactly once in another.
fn stands_once(content: &[u8], wanted: &[u8]) -> bool {
    // Where lines are alike a short piece is found much faster.
    let piece = wanted.get(..PIECE).unwrap_or(wanted);
    let Some(first) = memchr::memmem::find(content, piece) else { return false };
    let (here, behind) = (content.get(first..), content.get(first + 1..));
    if behind.is_none_or(|behind| memchr::memmem::find(behind, piece).is_none()) {
        return here.is_some_and(|here| here.starts_with(wanted));
    }
    memchr::memmem::find_iter(content, wanted).take(2).count() == 1
}

//! What has changed since something was decided, in words.

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::model::backlog::{FindingIdx, ResultIdx};
use crate::model::board::Board;
use crate::model::decision::{Anchor, Event, Facts, Op};
use crate::model::grade::{Category, Severity};
use crate::model::reach::{Note, Reach};
use crate::model::tenure::Tenure;
use crate::model::text::counted;
use crate::repo::Repo;

use super::context::{Files, context_of, lines_of, squeezed_lines};
use super::facts::{reach, severity};

/// Larger files are not compared line by line, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// How often and how long a finding was put off, and what has changed since the last time: nothing for one that was not.
/// `fix` is the fix that there is now.
pub fn renewals(repo: &Repo, board: &Board, finding: FindingIdx, fix: Option<&str>) -> Option<String> {
    let last = last(board, finding)?;
    let tenure = Tenure::of(&board.history(finding), last, board.today).words();
    let since = since(repo, board, finding, last, fix);
    let since = (!since.is_empty()).then(|| format!("since then: {}", since.join(", ")));
    let words: Vec<String> = Some(tenure).filter(|words| !words.is_empty()).into_iter().chain(since).collect();
    (!words.is_empty()).then(|| words.join("; "))
}

/// The last time that a finding was put off, whether it has ended or not.
pub(super) fn last(board: &Board, finding: FindingIdx) -> Option<&Event> {
    let puts_off = |event: &&Event| [Op::AcceptRisk, Op::Defer].iter().any(|op| event.op == op.name());
    let history = board.history(finding).into_iter().rev();
    history.filter(|past| !past.is_taken_back).map(|past| past.event).find(puts_off)
}

/// What is not as it was when an event was made.
pub(super) fn since(repo: &Repo, board: &Board, finding: FindingIdx, event: &Event, fix: Option<&str>) -> Vec<String> {
    let backlog = &board.backlog;
    let mut changes: Vec<String> = Vec::new();
    let mut files = Files::new(repo);
    for &result in backlog.members(finding) {
        let id = backlog.record(result).id;
        let Some(anchor) = event.members.iter().find(|anchor| anchor.id == id) else { continue };
        let of_facts = anchor.facts.as_deref().map(|then| of_facts(board, finding, result, then, fix));
        for change in
            of_facts.unwrap_or_default().into_iter().chain(code(repo, &mut files, board, result, event, anchor))
        {
            if !changes.contains(&change) {
                changes.push(change);
            }
        }
    }
    changes
}

fn of_facts(board: &Board, finding: FindingIdx, result: ResultIdx, then: &Facts, fix: Option<&str>) -> Vec<String> {
    let judged = board.judged(finding);
    let package = board.backlog.package_of(result);
    let mut changes = Vec::new();
    let mut change = |what: &str, was: Option<&str>, is: Option<&str>| {
        if let (Some(was), Some(is)) = (was, is)
            && was != is
        {
            changes.push(format!("{what} {was} → {is}"));
        }
    };
    let is = board.backlog.finding(finding).severity;
    change("severity", severity(then).map(Severity::name), Some(is.name()));
    change("reach", reach(then).map(Reach::name), judged.map(|judged| judged.reach.name()));
    if let Some(package) = package {
        change(&package.name, then.version.as_deref(), package.version.as_deref());
    }
    if judged.is_some_and(|judged| judged.has(Note::Kev)) && !then.kev {
        changes.push("known to be exploited now".to_owned());
    }
    if let (None, Some(fix)) = (&then.fix, fix) {
        changes.push(format!("a fix exists now: {fix}"));
    }
    changes
}

/// How many lines are others than those that were decided upon; that the code is another where nobody has them any more.
fn code(
    repo: &Repo,
    files: &mut Files<'_>,
    board: &Board,
    result: ResultIdx,
    event: &Event,
    then: &Anchor,
) -> Option<String> {
    let backlog = &board.backlog;
    let (record, context) = (backlog.record(result), then.context?);
    let (path, made) = (backlog.path(record), backlog.report(record).made);
    if files.stands(path, record, made, context) {
        return None;
    }
    let (first, last) = lines_of(record)?;
    let count = || {
        let commit = event.commit.clone().or_else(|| repo.head_as_of(event.at))?;
        let old = repo.blob_at(&commit, &then.path)?;
        let start = then.line.checked_sub(1)? as usize;
        let (around, was) = context_of(&old, start, start + (last - first), record.category() == Category::Secret)?;
        let new = repo.read(path).ok()?;
        (was == context && old.len().max(new.len()) <= MAX_BYTES).then(|| changed(&old, &new, &around))
    };
    Some(
        count().map_or_else(
            || "its code changed".to_owned(),
            |count| format!("{} changed", counted(count, "line", "lines")),
        ),
    )
}

/// How many lines of a part of a file are others now, those that came into it counted too.
fn changed(old: &[u8], new: &[u8], part: &Range<usize>) -> usize {
    let (old, new) = (squeezed_lines(old), squeezed_lines(new));
    let lines = |op: &DiffOp| {
        let (_, was, is) = op.as_tag_tuple();
        let inside = was.start.max(part.start)..was.end.min(part.end);
        let is_inside = !inside.is_empty() || was.is_empty() && part.start < was.start && was.start < part.end;
        match op {
            DiffOp::Equal { .. } => 0,
            // Of what replaces only a part of them, no more than that.
            _ if is_inside && inside.len() == was.len() => was.len().max(is.len()),
            _ => inside.len(),
        }
    };
    capture_diff_slices(Algorithm::Myers, &old, &new).iter().map(lines).sum()
}

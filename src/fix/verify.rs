//! Which fixes of a batch break a command, by as few runs as that takes; and a batch without them.

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::fix::FileOp;
use crate::model::id::FixId;
use crate::model::plan::{FixReason, FixState, Plan, PlannedFile, PlannedFix};
use crate::model::proof::Guilt;
use crate::repo::write::FileWrite;

use super::diff::whole_diff;
use super::plan::{with_edits, writes};

/// Minimal sets of fixes with which the command fails, each found without the ones before: what is left of `0..count`
/// without all of them is good, and was asked as the last thing unless nothing is left.
///
/// `is_good` says whether the command does not fail with some of them, given in their order; with none it does not. Each
/// cause is found by bisection (`QuickXplain`, Junker 2004): the fewest first fixes that fail tell the last member, and
/// the question is then asked for those before it, together with the members that are known. That takes at most `1 +
/// log2(count)` questions for a member, whatever the answers are: also where they contradict each other.
pub fn causes<E>(count: usize, is_good: &mut dyn FnMut(&[usize]) -> Result<bool, E>) -> Result<Vec<Vec<usize>>, E> {
    let mut rest: Vec<usize> = (0..count).collect();
    let mut causes = Vec::new();
    while !rest.is_empty() && !is_good(&rest)? {
        let cause = cause(&rest, is_good)?;
        rest.retain(|fix| !cause.contains(fix));
        causes.push(cause);
    }
    Ok(causes)
}

/// About how many questions `causes` has yet to ask when it has been told that so many fixes fail, one of them guilty.
pub fn about(count: usize) -> usize {
    let halvings = usize::BITS - count.saturating_sub(1).leading_zeros();
    halvings as usize + 1
}

fn cause<E>(failing: &[usize], is_good: &mut dyn FnMut(&[usize]) -> Result<bool, E>) -> Result<Vec<usize>, E> {
    let mut cause: Vec<usize> = Vec::new();
    let mut before = failing.to_vec();
    // It fails with the cause and all that is before it, and does not with the cause alone.
    loop {
        let (mut good, mut bad) = (0, before.len());
        while bad - good > 1 {
            let middle = good.midpoint(bad);
            let tried = before.iter().take(middle).chain(cause.iter().rev()).copied().collect::<Vec<_>>();
            if is_good(&tried)? {
                good = middle;
            } else {
                bad = middle;
            }
        }
        cause.extend(before.get(good));
        before.truncate(good);
        let tried: Vec<usize> = cause.iter().rev().copied().collect();
        if before.is_empty() || !is_good(&tried)? {
            return Ok(tried);
        }
    }
}

/// The fixes of a plan that would be written, in its order.
pub fn candidates(plan: &Plan) -> Vec<FixId> {
    plan.in_state(FixState::WillWrite).map(|fix| fix.id).collect()
}

/// What would be written to the files of a plan with some of its fixes only.
pub fn with_only(plan: &Plan, is_wanted: impl Fn(FixId) -> bool) -> Vec<FileWrite> {
    plan.files.iter().flat_map(|file| writes(file, &is_wanted)).collect()
}

/// The plan without the guilty fixes, which are then a person's to look at.
pub fn without(plan: &Plan, guilty: &[Guilt]) -> Plan {
    let blamed: HashMap<FixId, &str> =
        guilty.iter().flat_map(|guilt| guilt.fixes.iter().map(|fix| (*fix, guilt.why.as_str()))).collect();
    let fix = |fix: &PlannedFix| match blamed.get(&fix.id) {
        Some(why) => {
            let (state, reason, why) = (FixState::NeedsYou, FixReason::Guilty, (*why).to_owned());
            PlannedFix { state, reason, why, ..fix.clone() }
        }
        None => fix.clone(),
    };
    let file = |file: &PlannedFile| {
        let fixes: Vec<FixId> = file.fixes.iter().filter(|fix| !blamed.contains_key(fix)).copied().collect();
        let mut edits = file.edits.clone();
        for edit in &mut edits {
            edit.fixes.retain(|fix| !blamed.contains_key(fix));
        }
        edits.retain(|edit| !edit.fixes.is_empty());
        let after: Arc<[u8]> = with_edits(&file.before, &edits, |_| true).into();
        let movers: Vec<FixId> = file.movers.iter().filter(|fix| !blamed.contains_key(fix)).copied().collect();
        let op = if movers.is_empty() { FileOp::Change } else { file.op.clone() };
        let diff = whole_diff(&file.path, &op, &file.before, &after);
        PlannedFile { op, movers, after, fixes, edits, diff, ..file.clone() }
    };
    let files = plan.files.iter().map(file).filter(|file| !file.fixes.is_empty());
    Plan { fixes: plan.fixes.iter().map(fix).collect(), files: files.collect() }
}

//! Fixes kept for a batch, and the way into its review.

use crate::app::effect::Effect;
use crate::app::review::Review;
use crate::app::state::{Pane, Screen, State, Tone};
use crate::model::id::FindingId;

use super::list;

fn fixable(state: &State, ids: &[FindingId]) -> Vec<FindingId> {
    let backlog = &state.board.backlog;
    let has_fix = |id: &FindingId| backlog.find(*id).is_some_and(|finding| backlog.finding(finding).fixes > 0);
    ids.iter().copied().filter(has_fix).collect()
}

pub fn has_fix(state: &State) -> Result<(), String> {
    if fixable(state, &state.targets()).is_empty() {
        return Err("no fix here; v f finds some".to_owned());
    }
    Ok(())
}

/// Keeps the fixes of the targets for the batch, or drops them if all are kept; then down.
pub fn toggle(state: &mut State) -> Vec<Effect> {
    let ids = state.in_list_order(&fixable(state, &state.targets()));
    if ids.iter().all(|id| state.is_kept(*id)) {
        state.kept.retain(|id| !ids.contains(id));
    } else {
        let new: Vec<FindingId> = ids.into_iter().filter(|id| !state.is_kept(*id)).collect();
        state.kept.extend(new);
    }
    if state.kept.is_empty() {
        state.say(Tone::Info, "no fix in the batch");
    }
    if state.selection.ids.is_empty() && state.pane == Pane::List { list::next_match(state) } else { Vec::new() }
}

pub fn can_review(state: &State) -> Result<(), String> {
    if state.kept.is_empty() && fixable(state, &state.targets()).is_empty() {
        return Err("the batch is empty; f keeps a fix".to_owned());
    }
    Ok(())
}

/// Opens the review of the kept fixes; with none kept, of those of the selection or the cursor.
pub fn review(state: &mut State) -> Vec<Effect> {
    if state.kept.is_empty() {
        state.kept = state.in_list_order(&fixable(state, &state.targets()));
    }
    let review = Review { findings: state.kept.clone(), ..Review::default() };
    state.screen = Screen::Review(Box::new(review));
    state.pane = Pane::List;
    state.is_zoomed = false;
    super::review::plan(state)
}

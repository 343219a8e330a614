//! Fixes kept for a batch, and the way into its review.

use crate::app::effect::Effect;
use crate::app::review::Review;
use crate::app::state::{Pane, Screen, State, Tone};
use crate::model::grade::Category;
use crate::model::id::{FindingId, IdSet};

use super::list;

fn fixable(state: &State, ids: &[FindingId]) -> Vec<FindingId> {
    let board = &state.board;
    let has_fix = |id: &FindingId| board.backlog.find(*id).is_some_and(|finding| board.fixes(finding) > 0);
    ids.iter().copied().filter(has_fix).collect()
}

pub fn has_fix(state: &State) -> Result<(), String> {
    if !state.has_fixable_target() {
        return Err("no fix here; v f finds some".to_owned());
    }
    Ok(())
}

/// Keeps the fixes of the targets for the batch, or drops them if all are kept; then down.
pub fn toggle(state: &mut State) -> Vec<Effect> {
    let ids = state.in_list_order(&fixable(state, &state.targets()));
    let kept: IdSet = state.kept.iter().copied().collect();
    if ids.iter().all(|id| kept.contains(id)) {
        let dropped: IdSet = ids.into_iter().collect();
        state.kept.retain(|id| !dropped.contains(id));
    } else {
        state.kept.extend(ids.into_iter().filter(|id| !kept.contains(id)));
    }
    if state.kept.is_empty() {
        state.say(Tone::Info, "no fix in the batch");
    }
    if state.selection.ids.is_empty() && state.pane == Pane::List { list::next_match(state) } else { Vec::new() }
}

pub fn can_review(state: &State) -> Result<(), String> {
    if state.kept.is_empty() && !state.has_fixable_target() {
        return Err("the batch is empty; f keeps a fix".to_owned());
    }
    Ok(())
}

/// Opens the review of the kept fixes; with none kept, of those of the selection or the cursor.
pub fn review(state: &mut State) -> Vec<Effect> {
    if state.kept.is_empty() {
        state.kept = state.in_list_order(&fixable(state, &state.targets()));
    }
    let backlog = &state.board.backlog;
    let is_secret =
        |id: &FindingId| backlog.find(*id).is_some_and(|finding| backlog.lead(finding).category == Category::Secret);
    let secrets = state.kept.iter().copied().filter(is_secret).collect();
    let review = Review { findings: state.kept.clone(), secrets, ..Review::default() };
    state.screen = Screen::Review(Box::new(review));
    state.pane = Pane::List;
    state.is_zoomed = false;
    super::review::plan(state)
}

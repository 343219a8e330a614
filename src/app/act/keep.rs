//! Keeping and dropping in a review: fixes, single hunks, all of a file, all the rest.

use std::collections::BTreeSet;

use crate::app::effect::Effect;
use crate::app::review::{DROPPED, Mark, Review, ReviewItem, hunk_mark, mark};
use crate::app::state::{Screen, State, Tone};
use crate::model::id::FixId;
use crate::model::plan::{FixState, HunkId};

use super::review::{go_to, plan, review};

/// What a key is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Fix(FixId),
    Hunk(FixId, HunkId),
}

impl Target {
    fn of(review: &Review, item: &ReviewItem) -> Option<Self> {
        match item {
            ReviewItem::File(_) => None,
            ReviewItem::Fix(_) => review.fix_of(item).map(|fix| Self::Fix(fix.id)),
            ReviewItem::Hunk { .. } => review.hunk_of(item).map(|(fix, _, hunk)| Self::Hunk(fix.id, hunk.id)),
        }
    }

    fn fix(self) -> FixId {
        match self {
            Self::Fix(id) | Self::Hunk(id, _) => id,
        }
    }
}

/// One fix or hunk, or the fixes of a file.
fn under_cursor(review: &Review) -> Vec<Target> {
    match review.items.get(review.at) {
        Some(ReviewItem::File(_)) => {
            let below = review.items.get(review.at + 1..).unwrap_or_default();
            let own = below.iter().take_while(|item| !matches!(item, ReviewItem::File(_)));
            own.filter(|item| matches!(item, ReviewItem::Fix(_))).filter_map(|item| Target::of(review, item)).collect()
        }
        Some(item) => Target::of(review, item).into_iter().collect(),
        None => Vec::new(),
    }
}

fn hunks_of(review: &Review, id: FixId) -> BTreeSet<(FixId, HunkId)> {
    let hunks = review.planned(id).into_iter().flat_map(|fix| &fix.diffs).flat_map(|diff| &diff.hunks);
    hunks.map(|hunk| (id, hunk.id)).collect()
}

fn keep_one(review: &mut Review, target: Target) {
    let id = target.fix();
    // Of what was dropped nobody has seen yet whether it does.
    let needs_person = review.planned(id).is_some_and(|fix| fix.state == FixState::NeedsYou && fix.why != DROPPED);
    let hunks = hunks_of(review, id);
    let was_dropped = review.choices.dropped.remove(&id);
    let is_by_hand = review.choices.is_by_hand(id);
    match target {
        // What was dropped comes back as it was; keeping what needs a person is a press of its own.
        Target::Fix(_) if was_dropped => {}
        Target::Fix(_) if needs_person => {
            let choices = &mut review.choices;
            // What the file does not have any more cannot be left out of it.
            choices.left_out.retain(|key| key.0 != id || hunks.contains(key));
            choices.edits.retain(|key, _| key.0 != id || hunks.contains(key));
            choices.included.insert(id);
        }
        // The hunks that come back were not part of what was kept.
        Target::Fix(_) => {
            if review.choices.take_all(id) {
                review.choices.included.remove(&id);
            }
        }
        Target::Hunk(_, hunk) => {
            let choices = &mut review.choices;
            if was_dropped || (needs_person && !is_by_hand) {
                choices.left_out.extend(hunks);
            }
            let was_left_out = choices.left_out.remove(&(id, hunk));
            if needs_person && !was_dropped && (!was_left_out || !is_by_hand) {
                choices.included.insert(id);
            }
        }
    }
}

fn drop_one(review: &mut Review, target: Target) {
    let id = target.fix();
    if let Target::Hunk(_, hunk) = target {
        if review.choices.dropped.contains(&id) {
            return;
        }
        review.choices.left_out.insert((id, hunk));
        let all = hunks_of(review, id);
        if !all.is_subset(&review.choices.left_out) {
            return;
        }
    }
    // A fix without a hunk is dropped.
    review.choices.dropped.insert(id);
    review.choices.included.remove(&id);
    review.choices.take_all(id);
}

/// Says why a fix that cannot be written stays out.
fn say_cannot(state: &mut State, targets: &[Target]) {
    let Some(review) = review(state) else { return };
    let fixes = targets.iter().filter_map(|target| review.planned(target.fix()));
    let cannot = fixes.into_iter().find(|fix| fix.state == FixState::Cannot);
    if let Some(why) = cannot.map(|fix| fix.why.clone()) {
        state.say(Tone::Warning, why);
    }
}

fn set_current(state: &mut State, is_kept: bool) -> Vec<Effect> {
    let Some(review) = review(state) else { return Vec::new() };
    let targets = under_cursor(review);
    // What needs a person is kept one by one, not with its file.
    let is_bulk = matches!(review.items.get(review.at), Some(ReviewItem::File(_)));
    for target in &targets {
        if !is_kept {
            drop_one(review, *target);
        } else if is_bulk {
            review.choices.dropped.remove(&target.fix());
        } else {
            keep_one(review, *target);
        }
    }
    let next = after(review);
    if is_kept {
        say_cannot(state, &targets);
    }
    let mut effects = go_to(state, next);
    effects.extend(plan(state));
    effects
}

/// What follows the item that the cursor is on; a heading would make the next press one for a whole file.
fn after(review: &Review) -> usize {
    let is_file = |item: &ReviewItem| matches!(item, ReviewItem::File(_));
    let is_fix = |item: &ReviewItem| matches!(item, ReviewItem::Fix(_));
    let below = || review.items.iter().enumerate().skip(review.at + 1);
    let next = match review.items.get(review.at) {
        Some(ReviewItem::File(_)) => {
            let next_file = below().find(|(_, item)| is_file(item)).map(|(at, _)| at);
            next_file.and_then(|file| below().find(|(at, item)| *at > file && is_fix(item)))
        }
        Some(ReviewItem::Fix(_)) => below().find(|(_, item)| is_fix(item)),
        Some(ReviewItem::Hunk { .. }) => below().find(|(_, item)| !is_file(item)),
        None => None,
    };
    next.map_or(review.at, |(at, _)| at)
}

pub fn keep(state: &mut State) -> Vec<Effect> {
    set_current(state, true)
}

pub fn drop(state: &mut State) -> Vec<Effect> {
    set_current(state, false)
}

pub fn toggle(state: &mut State) -> Vec<Effect> {
    let Screen::Review(review) = &state.screen else { return Vec::new() };
    let is_kept = |mark: Mark| matches!(mark, Mark::Kept | Mark::Part);
    let any_kept = match review.items.get(review.at) {
        Some(item @ ReviewItem::Hunk { .. }) => {
            review.hunk_of(item).is_some_and(|(fix, _, hunk)| is_kept(hunk_mark(review, fix, hunk)))
        }
        Some(ReviewItem::File(_) | ReviewItem::Fix(_)) | None => {
            let targets = under_cursor(review);
            let fixes = targets.iter().filter_map(|target| review.planned(target.fix()));
            fixes.into_iter().any(|fix| is_kept(mark(review, fix)))
        }
    };
    set_current(state, !any_kept)
}

/// All from the cursor on: in the middle of a fix, its other hunks and then the fixes behind it. What needs a person is
/// not kept in bulk.
fn set_rest(state: &mut State, is_kept: bool) -> Vec<Effect> {
    let Some(review) = review(state) else { return Vec::new() };
    let rest = review.items.get(review.at..).unwrap_or_default();
    let own = match rest.first() {
        Some(ReviewItem::Hunk { fix, .. }) => Some(*fix),
        Some(ReviewItem::File(_) | ReviewItem::Fix(_)) | None => None,
    };
    let is_target = |item: &&ReviewItem| match item {
        ReviewItem::File(_) => false,
        ReviewItem::Fix(_) => true,
        ReviewItem::Hunk { fix, .. } => own == Some(*fix),
    };
    let targets: Vec<Target> = rest.iter().filter(is_target).filter_map(|item| Target::of(review, item)).collect();
    for target in targets {
        let is_open = review.planned(target.fix()).is_some_and(|fix| fix.state == FixState::NeedsYou);
        if !is_kept {
            drop_one(review, target);
        } else if matches!(target, Target::Hunk(..)) && (!is_open || review.choices.dropped.contains(&target.fix())) {
            keep_one(review, target);
        } else {
            review.choices.dropped.remove(&target.fix());
        }
    }
    plan(state)
}

pub fn keep_rest(state: &mut State) -> Vec<Effect> {
    set_rest(state, true)
}

pub fn drop_rest(state: &mut State) -> Vec<Effect> {
    set_rest(state, false)
}

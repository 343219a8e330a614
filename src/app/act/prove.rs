//! Proof of a batch under review: the user's command runs in a copy of the tree before anything is written.

use std::sync::Arc;

use crate::app::effect::Effect;
use crate::app::page::{Line, Role};
use crate::app::review::Review;
use crate::app::state::{Screen, State, Tone};
use crate::model::plan::{FixState, Plan};
use crate::model::problem::Problem;
use crate::model::proof::{Proof, Step, Verdict};

use super::review;

pub fn can_prove(state: &State) -> Result<(), String> {
    if state.proving.is_some() {
        return Ok(());
    }
    if state.check.is_none() {
        return Err("no command; `verify` in [fix] of your configuration names one".to_owned());
    }
    review::can_write(state)
}

/// Proves the batch as it is shown; stops the proof that is under way.
pub fn prove(state: &mut State) -> Vec<Effect> {
    if state.proving.is_some() {
        return stop(state);
    }
    let Screen::Review(review) = &state.screen else { return Vec::new() };
    let Some(plan) = review.plan.clone() else { return Vec::new() };
    if review.plan_ticket != state.tickets.plan {
        state.say(Tone::Info, "the fixes are still being placed; try again");
        return Vec::new();
    }
    let ticket = state.ticket();
    state.proving = Some(ticket);
    let text = format!("copying the tree; {} stops it", key(state));
    state.say(Tone::Info, text);
    vec![Effect::Prove(ticket, plan)]
}

/// Stops a proof: what it is about has changed.
pub fn stop(state: &mut State) -> Vec<Effect> {
    if state.proving.take().is_none() {
        return Vec::new();
    }
    state.say(Tone::Info, "the proof is stopped");
    vec![Effect::StopProving]
}

/// The key of the command.
pub fn key(state: &State) -> String {
    state.keymap.shown("prove")
}

/// A run begins. What else there is to say goes first.
pub fn still_proving(state: &mut State, step: &Step) -> Vec<Effect> {
    if state.notice.as_ref().is_none_or(|notice| notice.tone == Tone::Info) {
        let check = state.check.clone().unwrap_or_default();
        let (run, about, what, key) = (step.run, step.about, &step.what, key(state));
        state.say(Tone::Info, format!("{check}: run {run} of about {about}: {what}; {key} stops it"));
    }
    Vec::new()
}

/// Takes what the proof says: guilty fixes leave the batch and are for a person, the others stay as they were proved.
pub fn proved(state: &mut State, answer: Result<(Proof, Arc<Plan>), Problem>) -> Vec<Effect> {
    state.proving = None;
    let (proof, plan) = match answer {
        Ok(answer) => answer,
        Err(problem) => {
            state.fail(problem);
            return Vec::new();
        }
    };
    if let Screen::Review(review) = &mut state.screen {
        review.choices.dropped.extend(proof.guilty.iter().flat_map(|guilt| &guilt.fixes));
        review.proof = Some((Arc::clone(&plan), proof.why.clone()));
        review::planned(state, plan);
    }
    let tone = if proof.verdict == Verdict::Proved { Tone::Done } else { Tone::Warning };
    let flaky = if proof.is_flaky { "; it failed and passed on the same files" } else { "" };
    state.say(tone, format!("{}{flaky}", proof.why));
    Vec::new()
}

/// What the question before writing says of the proof; nothing where there is no command for it.
pub fn about(state: &State, review: &Review, plan: &Arc<Plan>) -> Option<Line> {
    let check = state.check.as_ref()?;
    let is_this = |proved: &Plan| {
        let ids = |plan: &Plan| plan.in_state(FixState::WillWrite).map(|fix| fix.id).collect::<Vec<_>>();
        let bytes = |plan: &Plan| plan.files.iter().map(|file| Arc::clone(&file.after)).collect::<Vec<_>>();
        ids(proved) == ids(plan) && bytes(proved) == bytes(plan)
    };
    Some(match &review.proof {
        Some((proved, why)) if is_this(proved) => Line::new(Role::Text, &format!("{check}: {why}")),
        Some(_) | None => {
            Line::new(Role::Dim, &format!("not proved: {} runs {check} in a copy of the tree first", key(state)))
        }
    })
}

//! Fixes kept for a batch, and the way into its review.

use std::sync::Arc;

use crate::app::effect::Effect;
use crate::app::review::{Choices, Review};
use crate::app::state::{Asking, Pane, Screen, State, Tone};
use crate::model::id::{FindingId, IdSet};
use crate::model::kept::KeptBatch;
use crate::model::offer::Offers;
use crate::model::problem::Problem;
use crate::model::text::counted;

use super::{list, see};

/// Those of the targets that have a fix.
fn fixable(state: &State) -> Vec<FindingId> {
    let mut targets = state.targets().into_owned();
    targets.keep(&state.board.fixable());
    state.in_order(&targets).map(|finding| state.board.backlog.id(finding)).collect()
}

pub fn has_fix(state: &State) -> Result<(), String> {
    if !state.has_fixable_target() {
        return Err("no fix here; v f finds some".to_owned());
    }
    Ok(())
}

/// Keeps the fixes of the targets for the batch, or drops them if all are kept; then down.
pub fn toggle(state: &mut State) -> Vec<Effect> {
    let ids = fixable(state);
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
    let mut effects = vec![keep(state)];
    if state.selection.is_empty() && state.pane == Pane::List {
        effects.extend(list::next_match(state));
    }
    effects
}

/// Keeps the batch, as it is now, for the next console.
pub fn keep(state: &State) -> Effect {
    let choices = match &state.screen {
        Screen::Review(review) => &review.choices,
        Screen::Triage | Screen::Read(_) => &state.choices,
    };
    Effect::KeepBatch(Arc::new(choices.kept(&state.kept)))
}

/// Takes the batch that the last console was left with, as far as it is still there to be written.
pub fn kept(state: &mut State, batch: &KeptBatch) -> Vec<Effect> {
    if !state.kept.is_empty() || !matches!(state.screen, Screen::Triage) {
        return Vec::new();
    }
    let (backlog, fixable) = (&state.board.backlog, state.board.fixable());
    let is_there =
        |id: &FindingId| backlog.find(*id).is_some_and(|finding| fixable.has(finding) && state.board.is_open(finding));
    state.kept = batch.findings.iter().copied().filter(is_there).collect();
    if state.kept.is_empty() {
        return Vec::new();
    }
    state.choices = Choices::of_kept(batch);
    if state.notice.as_ref().is_none_or(|notice| notice.tone == Tone::Info) {
        let (fixes, key) = (counted(state.kept.len(), "fix is", "fixes are"), state.keymap.shown("review"));
        let them = if state.kept.len() == 1 { "it" } else { "them" };
        state.say(Tone::Info, format!("{fixes} kept since the last time; {key} reviews {them}"));
    }
    Vec::new()
}

pub fn can_ask(state: &State) -> Result<(), String> {
    if state.asking.is_some() {
        return Ok(());
    }
    if state.commands.is_empty() {
        return Err("no fix command; [fix.command.NAME] in your configuration names one".to_owned());
    }
    state.current().map(drop).ok_or_else(|| "the cursor is on no finding".to_owned())
}

/// Asks the first fix command, or the one of a count, for a fix of the finding; stops the one that is asked.
pub fn ask(state: &mut State) -> Vec<Effect> {
    if let Some(asking) = state.asking.take() {
        state.say(Tone::Info, format!("{} stopped", asking.command));
        return vec![Effect::StopAsking];
    }
    let number = state.count.take().unwrap_or(1).max(1) as usize - 1;
    let Some(finding) = state.current() else { return Vec::new() };
    let Some(name) = state.commands.get(number).cloned() else {
        let known = state.commands.join(", ");
        state.say(Tone::Warning, format!("there are {} fix commands: {known}", state.commands.len()));
        return Vec::new();
    };
    let ticket = state.ticket();
    state.asking = Some(Asking { ticket, finding, command: name });
    say_asking(state, 0);
    vec![Effect::Ask { ticket, finding, command: number }]
}

fn say_asking(state: &mut State, seconds: u64) {
    let Some(Asking { command, finding, .. }) = &state.asking else { return };
    let key = state.keymap.shown("ask");
    let text = format!("{command} looks for a fix of {finding}, {seconds} s; {key} stops it");
    state.say(Tone::Info, text);
}

/// A fix command is still at work. What else there is to say goes first.
pub fn still_asking(state: &mut State, seconds: u64) {
    if state.notice.as_ref().is_none_or(|notice| notice.tone == Tone::Info) {
        say_asking(state, seconds);
    }
}

/// Takes the answer of a fix command.
pub fn asked(state: &mut State, answer: Result<(Arc<Offers>, usize), Problem>) -> Vec<Effect> {
    let Some(asking) = state.asking.take() else { return Vec::new() };
    match answer {
        Ok((offers, count)) => {
            state.board.offers = offers;
            let mut effects = list::rebuild(state);
            let fixes = counted(count, "fix", "fixes");
            state.say(Tone::Done, format!("{} proposes {fixes} for {}", asking.command, asking.finding));
            if state.detail.finding == Some(asking.finding) {
                state.detail.preview = None;
                see::show(state);
                effects.push(see::preview(state, asking.finding));
            }
            effects
        }
        Err(problem) => {
            state.fail(problem);
            Vec::new()
        }
    }
}

pub fn can_upgrade(state: &State) -> Result<(), String> {
    if state.board.backlog.packages.is_empty() {
        return Err("no report names a package that could be upgraded".to_owned());
    }
    Ok(())
}

/// Looks for upgrades of packages, which are fixes as others are then.
pub fn upgrade(state: &mut State) -> Vec<Effect> {
    let ticket = state.ticket();
    state.tickets.upgrades = Some(ticket);
    state.say(Tone::Info, "looking for upgrades that clear findings…");
    vec![Effect::Upgrades(ticket)]
}

/// The upgrades are there.
pub fn upgraded(state: &mut State, offers: Arc<Offers>, count: usize, advice: usize) -> Vec<Effect> {
    state.tickets.upgrades = None;
    state.board.offers = offers;
    let mut effects = list::rebuild(state);
    let more = match advice {
        0 => String::new(),
        advice => format!("; {advice} more cannot be written: quell fix --upgrades says why"),
    };
    match counted(count, "upgrade is", "upgrades are") {
        _ if count == 0 => state.say(Tone::Info, format!("no new upgrade to write{more}")),
        said => state.say(Tone::Done, format!("{said} offered as fixes, v f shows them{more}")),
    }
    if let Some(finding) = state.detail.finding.filter(|finding| state.board.offers.count(*finding) > 0) {
        state.detail.preview = None;
        see::show(state);
        effects.push(see::preview(state, finding));
    }
    effects
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
        state.kept = fixable(state);
    }
    let backlog = &state.board.backlog;
    let is_secret = |id: &FindingId| backlog.find(*id).is_some_and(|finding| backlog.is_secret(finding));
    let secrets = state.kept.iter().copied().filter(is_secret).collect();
    let choices = std::mem::take(&mut state.choices);
    let review = Review { findings: state.kept.clone(), secrets, choices, ..Review::default() };
    state.screen = Screen::Review(Box::new(review));
    state.pane = Pane::List;
    state.is_zoomed = false;
    super::review::plan(state)
}

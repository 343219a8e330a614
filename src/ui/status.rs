//! The status line: what just happened at the left; at the right what waits to be written, and what `u` takes back.

use ratatui::layout::Rect;

use crate::app::layout::NARROW;
use crate::app::page::Role;
use crate::app::state::{Extent, Screen, State, Tone};
use crate::model::problem::tally;
use crate::model::text;

use super::empty;
use super::pen::{Pen, count, thousands};

const LEGEND: &str = "! act now  + this sprint  2x two tools  f fix  t flow";

pub(super) fn draw(pen: &mut Pen, area: Rect, state: &State) {
    let mut row = pen.row(area);
    let (role, news) = news(state).unwrap_or((Role::Dim, String::new()));
    // What just happened is read first, then what the next key acts on, then what `u` takes back, then the rest.
    let reserve = text::width(&news) + 3;
    let hurry = if state.notice.is_some() { reserve } else { 0 };
    let at_hand = at_hand(state).into_iter().map(|fact| (fact, hurry));
    for (fact, reserve) in at_hand.chain(facts(state).into_iter().map(|fact| (fact, reserve))) {
        let fact = format!("  {fact} ");
        if text::width(&fact) + reserve <= row.left() {
            row.put_end(Role::Dim, &fact);
        }
    }
    row.skip(1);
    row.put(role, &news);
}

/// What just happened, else what `u` takes back.
fn news(state: &State) -> Option<(Role, String)> {
    if let Some(notice) = &state.notice {
        let (role, word) = match notice.tone {
            Tone::Done => (Role::Good, ""),
            Tone::Info => (Role::Text, ""),
            Tone::Warning => (Role::Warning, "! "),
            Tone::Error => (Role::Error, "error: "),
        };
        return Some((role, format!("{word}{}", text::visible(&notice.text))));
    }
    // An empty list shows the progress in its own place.
    let progress = if state.list.lines.is_empty() { None } else { empty::progress(state).or_else(|| stopped(state)) };
    let undo = || state.undo.as_ref().map(|undo| format!("undo: {} (u)", text::visible(undo)));
    progress.or_else(undo).or_else(|| legend(state)).map(|text| (Role::Dim, text))
}

/// That the list is what was there when loading was stopped.
fn stopped(state: &State) -> Option<String> {
    let is_stopped = state.extent == Extent::Part && state.loading.is_none();
    is_stopped.then(|| "stopped: the list shows a part of the reports; R reads all".to_owned())
}

/// What the marks of the list mean, until there is something to say.
fn legend(state: &State) -> Option<String> {
    let is_list = matches!(state.screen, Screen::Triage) && state.overlay.is_none() && state.detail.flow.is_none();
    let is_list = is_list && !state.list.lines.is_empty() && state.size.0 >= NARROW;
    is_list.then(|| LEGEND.to_owned())
}

/// What the next key acts on, from the right end to the left: keys typed so far, the selection, the batch.
fn at_hand(state: &State) -> Vec<String> {
    let mut facts = Vec::new();
    let number = state.count.map(|number| number.to_string());
    let typed: Vec<String> = number.into_iter().chain(state.prefix.iter().map(ToString::to_string)).collect();
    if !typed.is_empty() {
        facts.push(format!("{} …", typed.join(" ")));
    }
    if !state.selection.is_empty() {
        let hidden = state.hidden_selected();
        let hidden = if hidden > 0 { format!(" ({} hidden)", thousands(hidden)) } else { String::new() };
        facts.push(format!("{} sel{hidden}", thousands(state.selection.len())));
    }
    if !state.kept.is_empty() && !matches!(state.screen, Screen::Review(_)) {
        facts.push(format!("{} kept: F reviews", count(state.kept.len(), "fix", "fixes")));
    }
    facts
}

/// Standing facts, the most needed first.
fn facts(state: &State) -> Vec<String> {
    let mut facts = Vec::new();
    if state.uncommitted > 0 {
        facts.push(format!("{} not committed", count(state.uncommitted, "decision file", "decision files")));
    }
    if !state.problems.is_empty() {
        facts.push(format!("{}: p", tally(&state.problems)));
    }
    facts
}

//! Leaving, undoing, reloading: what belongs to the program as a whole.

use crate::app::effect::Effect;
use crate::app::state::{Extent, Loading, Pane, State, Tone};

use super::{filter, select};

/// Closes the innermost thing, one a press. Never quits.
pub fn close(state: &mut State) -> Vec<Effect> {
    if state.is_zoomed {
        state.is_zoomed = false;
    } else if state.pane == Pane::Detail {
        state.pane = Pane::List;
    } else if !state.selection.is_empty() {
        let count = state.selection.len();
        select::clear(state);
        state.say(Tone::Info, format!("{count} unselected; u selects them again"));
    } else if !state.filter.text.is_empty() {
        return filter::set(state, "");
    } else if state.loading.take().is_some() {
        return stopped(state);
    } else {
        state.say(Tone::Info, "nothing to close; q quits");
    }
    Vec::new()
}

/// What is there stays.
fn stopped(state: &mut State) -> Vec<Effect> {
    let text = match state.extent {
        Extent::Nothing => "stopped: nothing is loaded; R reads the reports",
        Extent::Part => "stopped: the list shows a part of the reports; R reads all",
        Extent::Whole => "stopped: the list is as it was; R reads the reports again",
    };
    state.say(Tone::Warning, text);
    vec![Effect::StopLoading]
}

/// `q` closes a view; at the root it ends the program.
pub fn quit(state: &mut State) -> Vec<Effect> {
    if state.pane == Pane::Detail {
        state.pane = Pane::List;
        state.is_zoomed = false;
        return Vec::new();
    }
    quit_now(state)
}

pub fn quit_now(state: &mut State) -> Vec<Effect> {
    state.is_quitting = true;
    vec![Effect::Quit]
}

pub fn suspend(_: &mut State) -> Vec<Effect> {
    vec![Effect::Suspend]
}

/// A selection that was lost comes back without any report.
pub fn can_undo(state: &State) -> Result<(), String> {
    let is_selection = state.count.is_none() && state.selection.lost.is_some();
    match state.why_not_whole().filter(|_| !is_selection) {
        Some(why) => Err(why.to_owned()),
        None => Ok(()),
    }
}

pub fn undo(state: &mut State) -> Vec<Effect> {
    if state.count.is_none() && select::restore(state) {
        return Vec::new();
    }
    vec![Effect::Undo(state.count.take().unwrap_or(1).max(1))]
}

pub fn redo(state: &mut State) -> Vec<Effect> {
    vec![Effect::Redo(state.count.take().unwrap_or(1).max(1))]
}

pub fn reload(state: &mut State) -> Vec<Effect> {
    let ticket = state.ticket();
    state.tickets.load = ticket;
    state.loading = Some(Loading::default());
    vec![Effect::Load(ticket)]
}

pub fn mouse(state: &mut State) -> Vec<Effect> {
    state.mouse = !state.mouse;
    let text = if state.mouse { "mouse on: hold Shift to select text" } else { "mouse off" };
    state.say(Tone::Info, text);
    vec![Effect::MouseCapture(state.mouse)]
}

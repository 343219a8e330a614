//! Input and answers to state and effects. Pure.

use super::effect::{Effect, Msg};
use super::key::Key;
use super::state::State;

/// What the terminal sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    Key(Key),
    /// Pasted text: it goes into a field, and never runs commands.
    Paste(String),
    Resize(u16, u16),
    /// A click or wheel step at a column and row.
    Click(u16, u16),
    Wheel {
        down: bool,
        column: u16,
        row: u16,
    },
}

/// First effects after the start.
pub fn start(state: &mut State) -> Vec<Effect> {
    let ticket = state.ticket();
    state.tickets.load = ticket;
    vec![Effect::Load(ticket)]
}

/// Takes one input.
pub fn input(state: &mut State, input: Input) -> Vec<Effect> {
    let _ = (state, input);
    unimplemented!()
}

/// Takes one answer.
pub fn receive(state: &mut State, msg: Msg) -> Vec<Effect> {
    let _ = (state, msg);
    unimplemented!()
}

/// Whether a frame has to be written before this input may be taken, so that a decision key acts on
/// what was shown.
pub fn needs_frame(state: &State, input: &Input) -> bool {
    let _ = (state, input);
    unimplemented!()
}

/// Called when a frame is out. `is_settled` is false for a frame drawn in the middle of waiting input.
pub fn frame_is_out(state: &mut State, is_settled: bool) {
    let _ = (state, is_settled);
    unimplemented!()
}

/// A command for the footer: keys and hint, most useful first, `?` always the first.
pub fn hints(state: &State) -> Vec<(String, &'static str)> {
    let _ = state;
    unimplemented!()
}

/// What can follow the keys that were typed so far (`g`, `s`, …): (key, help, why not).
pub fn continuations(state: &State) -> Vec<(String, &'static str, Option<String>)> {
    let _ = state;
    unimplemented!()
}

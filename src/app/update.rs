//! Input and answers to state and effects. Pure.

use std::time::Duration;

use super::act::{dialog, filter, list, picker, review, see};
use super::command::{Command, Scope};
use super::effect::Effect;
use super::key::{Code, Key};
use super::keymap::Lookup;
use super::layout;
use super::state::{Extent, Overlay, Screen, State, Tone};
use super::table::COMMANDS;
use crate::model::text::counted;
use crate::query::Lens;

/// What the terminal sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    Key(Key),
    /// Pasted text: it goes into a field, and never runs commands.
    Paste(String),
    Resize(u16, u16),
    /// A click at a column and row.
    Click(u16, u16),
    Wheel {
        down: bool,
        column: u16,
        row: u16,
    },
}

/// Lines that one step of a mouse wheel scrolls.
const WHEEL: usize = 3;
/// Largest count that can be typed.
const MAX_COUNT: u32 = 10_000_000;

/// What a slice of a search should take.
const SLICE_TIME: Duration = Duration::from_millis(4);
/// The smallest and the largest slice.
const SLICES: (usize, usize) = (50_000, 500_000);

/// First effects after the start.
pub fn start(state: &mut State) -> Vec<Effect> {
    let ticket = state.ticket();
    state.tickets.load = ticket;
    vec![Effect::Load(ticket)]
}

/// Sets query, grouping and sorting before the first load.
pub fn look_through(state: &mut State, lens: Lens) {
    state.filter.text.clone_from(&lens.query.text);
    state.lens.query = lens.query;
    state.lens.group = lens.group;
    if !lens.sort.is_empty() {
        state.lens.sort = lens.sort;
    }
}

/// Before an input that acts on the list: ends a search for rows that is under way, so that keys typed ahead mean
/// what they mean when typed slowly. What is typed into the filter does not wait.
pub fn settle(state: &mut State, input: &Input) -> Vec<Effect> {
    match input {
        Input::Key(_) | Input::Paste(_) if state.scope() == Scope::Filter => Vec::new(),
        Input::Key(_) | Input::Paste(_) | Input::Click(..) | Input::Wheel { .. } => list::settle(state),
        Input::Resize(..) => Vec::new(),
    }
}

/// Takes one input.
pub fn input(state: &mut State, input: Input) -> Vec<Effect> {
    let mut effects = settle(state, &input);
    effects.extend(take(state, input));
    effects
}

fn take(state: &mut State, input: Input) -> Vec<Effect> {
    state.list.is_touched |= state.extent == Extent::Part && !matches!(input, Input::Resize(..));
    let panes = (layout::split(state), state.detail.width);
    let effects = match input {
        Input::Key(key) => take_key(state, key),
        Input::Paste(text) => {
            paste(state, &text);
            if state.filter.editing.is_some() { filter::typed(state) } else { Vec::new() }
        }
        Input::Resize(width, height) => {
            state.size = (width, height);
            list::keep_in_view(state);
            Vec::new()
        }
        Input::Click(column, row) if state.overlay.is_none() => list::click(state, column, row),
        Input::Wheel { down, column, row } if state.overlay.is_none() => wheel(state, down, column, row),
        Input::Click(..) | Input::Wheel { .. } => Vec::new(),
    };
    // Pages are made for a width and a height: zoom, focus and resize change both.
    if layout::split(state) != panes.0 {
        list::keep_in_view(state);
        remake_pages(state);
    }
    effects
}

fn remake_pages(state: &mut State) {
    match state.screen {
        Screen::Triage => see::show(state),
        Screen::Review(_) => review::show(state),
        Screen::Read(_) => see::show_reading(state),
    }
}

fn wheel(state: &mut State, down: bool, column: u16, row: u16) -> Vec<Effect> {
    let second = layout::split(state).second.outer;
    let over_detail = second.contains(ratatui::layout::Position::new(column, row));
    let mut effects = Vec::new();
    for _ in 0..WHEEL {
        effects = match (&state.screen, over_detail, down) {
            (Screen::Triage, true, true) => see::down(state),
            (Screen::Triage, true, false) => see::up(state),
            (Screen::Triage, false, true) => list::down(state),
            (Screen::Triage, false, false) => list::up(state),
            (Screen::Review(_), _, true) => review::down(state),
            (Screen::Review(_), _, false) => review::up(state),
            (Screen::Read(_), _, true) => see::read_down(state),
            (Screen::Read(_), _, false) => see::read_up(state),
        };
    }
    effects
}

fn take_key(state: &mut State, key: Key) -> Vec<Effect> {
    state.notice = None;
    let scope = state.scope();
    if state.prefix.is_empty() && takes_text(scope) {
        match type_key(state, key) {
            Typed::Taken(effects) => return effects,
            Typed::NotText => {}
        }
    }
    if key.code == Code::Esc && (!state.prefix.is_empty() || state.count.is_some()) {
        state.prefix.clear();
        state.count = None;
        return Vec::new();
    }
    if let Some(digit) = digit(state, key) {
        let count = state.count.unwrap_or(0).saturating_mul(10).saturating_add(digit);
        state.count = Some(count.min(MAX_COUNT));
        return Vec::new();
    }
    state.prefix.push(key);
    match state.keymap.look_up(scope, &state.prefix) {
        Lookup::Prefix => Vec::new(),
        Lookup::Nothing if let Some(command) = from_anywhere(state, key) => {
            state.prefix.clear();
            run(state, command)
        }
        Lookup::Nothing => {
            let keys: Vec<String> = state.prefix.iter().map(ToString::to_string).collect();
            state.prefix.clear();
            state.count = None;
            state.say(Tone::Info, format!("{} does nothing here; ? shows what does", keys.join(" ")));
            Vec::new()
        }
        Lookup::Command(command) => {
            state.prefix.clear();
            run(state, command)
        }
    }
}

/// A key with Ctrl that means nothing in a prompt or behind a prefix means what it means everywhere: whoever wants to
/// leave is not held.
fn from_anywhere(state: &State, key: Key) -> Option<&'static Command> {
    match state.keymap.look_up(Scope::Global, &[key]) {
        Lookup::Command(command) if key.ctrl => Some(command),
        Lookup::Command(_) | Lookup::Prefix | Lookup::Nothing => None,
    }
}

fn takes_text(scope: Scope) -> bool {
    matches!(scope, Scope::Filter | Scope::Picker | Scope::Form | Scope::Confirm)
}

/// A digit of a count: not where digits begin nothing, and not a leading zero.
fn digit(state: &State, key: Key) -> Option<u32> {
    let digit = key.typed()?.to_digit(10)?;
    let counts = matches!(state.scope(), Scope::List | Scope::Detail | Scope::Flow | Scope::Review);
    (counts && state.prefix.is_empty() && (digit > 0 || state.count.is_some())).then_some(digit)
}

enum Typed {
    Taken(Vec<Effect>),
    NotText,
}

fn type_key(state: &mut State, key: Key) -> Typed {
    // Keys that the prompt's own commands use are not text.
    if matches!(state.keymap.look_up(state.scope(), &[key]), Lookup::Command(_)) {
        return Typed::NotText;
    }
    let taken = match &mut state.overlay {
        Some(Overlay::Help(_) | Overlay::Palette(_)) => picker::typed(state, key),
        Some(Overlay::Form(form)) => dialog::type_in_form(form, key),
        Some(Overlay::Confirm(confirm)) => {
            confirm.error = None;
            confirm.input.take(key)
        }
        Some(Overlay::Copied(_)) => false,
        None => {
            let taken = state.filter.editing.as_mut().is_some_and(|input| input.take(key));
            return if taken { Typed::Taken(filter::typed(state)) } else { Typed::NotText };
        }
    };
    if taken { Typed::Taken(Vec::new()) } else { Typed::NotText }
}

fn paste(state: &mut State, text: &str) {
    match &mut state.overlay {
        Some(Overlay::Help(_) | Overlay::Palette(_)) => picker::pasted(state, text),
        Some(Overlay::Form(form)) => {
            if let Some(field) = form.fields.get_mut(form.at) {
                field.input.paste(text);
            }
        }
        Some(Overlay::Confirm(confirm)) => confirm.input.paste(text),
        Some(Overlay::Copied(_)) => {}
        None => match &mut state.filter.editing {
            Some(input) => input.paste(text),
            None => state.say(Tone::Warning, "pasted text is not run as commands; / takes it as a filter"),
        },
    }
}

/// Runs a command, or says why it is not possible.
pub fn run(state: &mut State, command: &'static Command) -> Vec<Effect> {
    if let Err(why) = command.check(state) {
        state.count = None;
        state.say(Tone::Warning, why);
        return Vec::new();
    }
    if command.is_decision {
        if state.shown.has_decided {
            state.shown.dropped += 1;
            let keys = counted(state.shown.dropped, "key", "keys");
            state.say(Tone::Warning, format!("{keys} dropped: typed before the next one was on the screen"));
            return Vec::new();
        }
        state.shown.has_decided = true;
    }
    let effects = (command.run)(state);
    state.count = None;
    // A finding's page comes with its text; a group's is made from what is known.
    if matches!(state.screen, Screen::Triage) && state.current().is_none() {
        see::show(state);
    }
    effects
}

/// The command that a key would run now.
fn command_of(state: &State, key: Key) -> Option<&'static Command> {
    let scope = state.scope();
    if takes_text(scope) {
        return None;
    }
    let mut keys = state.prefix.clone();
    keys.push(key);
    match state.keymap.look_up(scope, &keys) {
        Lookup::Command(command) => Some(command),
        Lookup::Prefix | Lookup::Nothing => None,
    }
}

/// Whether a frame has to be written before this input may be taken, so that a decision key acts on
/// what was shown.
pub fn needs_frame(state: &State, input: &Input) -> bool {
    let Input::Key(key) = input else { return false };
    !state.shown.has_decided
        && (state.shown.cursor != state.list.cursor || state.shown.seat != state.review_seat())
        && command_of(state, *key).is_some_and(|command| command.is_decision)
}

/// Called when a frame is out. `is_settled` is false for a frame drawn in the middle of waiting input.
pub fn frame_is_out(state: &mut State, is_settled: bool) {
    state.shown.cursor = state.list.cursor.clone();
    state.shown.seat = state.review_seat();
    if is_settled {
        state.shown.has_decided = false;
        state.shown.dropped = 0;
    }
}

/// Called with the time that a slice took. The next ones are made to take half of what a frame has, on any machine.
pub fn slice_took(state: &mut State, took: Duration) {
    let fitting = state.slice as u128 * SLICE_TIME.as_nanos() / took.as_nanos().max(1);
    let fitting = usize::try_from(fitting).unwrap_or(usize::MAX);
    // The last slice of a search has little left to look at.
    let was_last = state.tickets.rows.is_none() && state.tickets.counting.is_none();
    if fitting < state.slice || !was_last {
        state.slice = fitting.clamp(state.slice / 2, state.slice + state.slice / 8).clamp(SLICES.0, SLICES.1);
    }
}

/// A command in the footer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    pub keys: String,
    pub words: &'static str,
    /// What is not possible now keeps its place, so that the footer does not jump with the cursor.
    pub is_possible: bool,
}

/// Commands for the footer, help always the first, then in the order of the table. Where flows, reviews and pages
/// have keys of their own, those come first.
pub fn hints(state: &State) -> Vec<Hint> {
    let mut scopes = Vec::new();
    let mut at = Some(state.scope());
    while let Some(scope) = at {
        scopes.push(scope);
        at = scope.outer();
    }
    let mut found: Vec<&Command> =
        COMMANDS.iter().filter(|command| scopes.contains(&command.scope) && !command.hint.is_empty()).collect();
    if matches!(scopes.first(), Some(Scope::List | Scope::Detail)) {
        found.sort_by_key(|command| command.scope == Scope::Global);
    } else {
        found.sort_by_key(|command| scopes.iter().position(|scope| *scope == command.scope));
    }
    // A key means what the innermost scope says.
    let keys: Vec<String> = found.iter().map(|command| state.keymap.shown(command.name)).collect();
    let mut at = 0;
    found.retain(|_| {
        at += 1;
        !keys[..at - 1].contains(&keys[at - 1])
    });
    if let Some(help) = found.iter().position(|command| command.name == "help") {
        let help = found.remove(help);
        found.insert(0, help);
    }
    let hint = |command: &Command| Hint {
        keys: state.keymap.shown(command.name),
        words: command.hint,
        is_possible: command.check(state).is_ok(),
    };
    found.into_iter().map(hint).collect()
}

/// What can follow the keys that were typed so far (`g`, `s`, …): key, help, why not.
pub fn continuations(state: &State) -> Vec<(String, &'static str, Option<String>)> {
    if state.prefix.is_empty() {
        return Vec::new();
    }
    let found = state.keymap.continuations(state.scope(), &state.prefix);
    found.into_iter().map(|(key, command)| (key.to_string(), command.help, command.check(state).err())).collect()
}

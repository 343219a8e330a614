//! Help and palette: lists of commands that typing filters and Enter runs.

use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;

use crate::app::command::{Command, Scope};
use crate::app::effect::Effect;
use crate::app::key::Key;
use crate::app::state::{Overlay, Picker, PickerItem, State};
use crate::app::table::COMMANDS;
use crate::app::update;

pub fn palette(state: &mut State) -> Vec<Effect> {
    let scope = state.scope();
    let mut picker = Picker { scope, ..Picker::default() };
    fill(state, &mut picker, |command| reaches(scope, command.scope));
    state.overlay = Some(Overlay::Palette(picker));
    Vec::new()
}

pub fn help(state: &mut State) -> Vec<Effect> {
    let scope = state.scope();
    let mut picker = Picker { scope, ..Picker::default() };
    fill(state, &mut picker, |command| reaches(scope, command.scope));
    state.overlay = Some(Overlay::Help(picker));
    Vec::new()
}

/// Whether commands of `inner` work while keys go to `scope`.
fn reaches(scope: Scope, inner: Scope) -> bool {
    let mut at = Some(scope);
    while let Some(scope) = at {
        if scope == inner {
            return true;
        }
        at = scope.outer();
    }
    false
}

fn fill(state: &State, picker: &mut Picker, is_in: impl Fn(&Command) -> bool) {
    let wanted = picker.input.text().trim().to_owned();
    let matcher = SkimMatcherV2::default().ignore_case();
    let mut scored: Vec<(i64, PickerItem)> = COMMANDS
        .iter()
        .filter(|command| is_in(command))
        .filter_map(|command| {
            let keys = state.keymap.all_shown(command);
            let text = format!("{} {}", command.name, command.help);
            let score = if wanted.is_empty() {
                0
            } else if keys.split(' ').any(|keys| keys == wanted) {
                i64::MAX
            } else {
                matcher.fuzzy_match(&text, &wanted)?
            };
            let why_not = command.check(state).err();
            let section = command.section.title();
            Some((score, PickerItem { name: command.name, keys, help: command.help, section, why_not }))
        })
        .collect();
    // A stable sort keeps the order of the table among equals.
    if wanted.is_empty() {
        scored.sort_by_key(|(_, item)| COMMANDS.iter().find(|command| command.name == item.name).map(|c| c.section));
    } else {
        scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    }
    picker.items = scored.into_iter().map(|(_, item)| item).collect();
    picker.at = 0;
    picker.top = 0;
}

/// Typing filters; `false` if the key is not for the input.
pub fn typed(state: &mut State, key: Key) -> bool {
    let Some(mut overlay) = state.overlay.take() else { return false };
    let taken = match &mut overlay {
        Overlay::Help(picker) | Overlay::Palette(picker) => {
            let taken = picker.input.take(key);
            if taken {
                let scope = picker.scope;
                fill(state, picker, |command| reaches(scope, command.scope));
            }
            taken
        }
        Overlay::Form(_) | Overlay::Confirm(_) | Overlay::Copied(_) => false,
    };
    state.overlay = Some(overlay);
    taken
}

/// Pasted text filters too.
pub fn pasted(state: &mut State, text: &str) {
    for c in text.chars() {
        typed(state, Key::char(c));
    }
}

fn picker(state: &mut State) -> Option<&mut Picker> {
    match &mut state.overlay {
        Some(Overlay::Help(picker) | Overlay::Palette(picker)) => Some(picker),
        _ => None,
    }
}

fn step(state: &mut State, by: isize) -> Vec<Effect> {
    let height = usize::from(crate::app::layout::picker(state).height.saturating_sub(3).max(1));
    if let Some(picker) = picker(state) {
        let last = picker.items.len().saturating_sub(1);
        picker.at = picker.at.saturating_add_signed(by).min(last);
        let lowest = picker.at.saturating_sub(height - 1);
        picker.top = picker.top.clamp(lowest, picker.at.max(lowest));
    }
    Vec::new()
}

pub fn down(state: &mut State) -> Vec<Effect> {
    step(state, 1)
}

pub fn up(state: &mut State) -> Vec<Effect> {
    step(state, -1)
}

pub fn page_down(state: &mut State) -> Vec<Effect> {
    step(state, 10)
}

pub fn page_up(state: &mut State) -> Vec<Effect> {
    step(state, -10)
}

pub fn close(state: &mut State) -> Vec<Effect> {
    state.overlay = None;
    Vec::new()
}

pub fn run(state: &mut State) -> Vec<Effect> {
    let name = picker(state).and_then(|picker| picker.items.get(picker.at)).map(|item| item.name);
    let Some(command) = name.and_then(|name| COMMANDS.iter().find(|command| command.name == name)) else {
        return Vec::new();
    };
    state.overlay = None;
    update::run(state, command)
}

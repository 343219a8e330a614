//! Selection: verbs act on it, else on the line under the cursor. It survives filtering.

use crate::app::effect::Effect;
use crate::app::state::{ListLine, State, Tone};

use super::list;

/// On a group: all of its findings, or none of them if all are selected.
pub fn toggle(state: &mut State) -> Vec<Effect> {
    end_range(state);
    let mut selected = std::mem::take(&mut state.selection.findings);
    let findings = state.under_cursor().iter().copied();
    if findings.clone().all(|finding| selected.has(finding)) {
        findings.for_each(|finding| selected.remove(finding));
    } else {
        selected.extend(findings);
    }
    state.selection.findings = selected;
    changed(state);
    list::down(state)
}

/// After every change of the selection or the list: what was counted no longer holds.
pub fn changed(state: &mut State) {
    state.selection.count.take();
}

pub fn range(state: &mut State) -> Vec<Effect> {
    if state.selection.anchor.is_some() {
        end_range(state);
        return Vec::new();
    }
    if let Some(id) = state.current() {
        state.selection.anchor = Some(id);
        state.selection.before_range = state.selection.findings.clone();
        state.say(Tone::Info, "range: move to its other end, V ends it");
        extend_range(state);
    }
    Vec::new()
}

fn end_range(state: &mut State) {
    state.selection.anchor = None;
    state.selection.before_range.clear();
}

/// While a range is open, the selection is what it was plus all between the anchor and the cursor.
pub fn extend_range(state: &mut State) {
    let Some(anchor) = state.selection.anchor else { return };
    let Some(finding) = state.board.backlog.find(anchor) else { return };
    let Some(anchor_line) = state.list.lines.find(&state.rows, ListLine::Finding(finding)) else { return };
    let (from, to) = (anchor_line.min(state.list.at), anchor_line.max(state.list.at));
    let mut selected = state.selection.before_range.clone();
    let between = state.list.lines.findings(&state.rows, from..to + 1);
    selected.extend(between.flat_map(|(_, findings)| findings).copied());
    state.selection.findings = selected;
    changed(state);
}

/// All that the list shows, folded ones included.
pub fn all(state: &mut State) -> Vec<Effect> {
    end_range(state);
    state.selection.findings.add_all(&state.rows.set);
    changed(state);
    let count = state.selection.len();
    state.say(Tone::Info, format!("{count} selected; Esc clears, u brings them back"));
    Vec::new()
}

pub fn invert(state: &mut State) -> Vec<Effect> {
    end_range(state);
    let before = std::mem::replace(&mut state.selection.findings, state.rows.set.clone());
    state.selection.findings.drop_all(&before);
    changed(state);
    Vec::new()
}

/// Clears the selection, so that undo can bring it back.
pub fn clear(state: &mut State) {
    end_range(state);
    let findings = std::mem::take(&mut state.selection.findings);
    changed(state);
    if !findings.is_empty() {
        state.selection.lost = Some(findings);
    }
}

/// Brings a lost selection back; `false` if none was lost since the last decision.
pub fn restore(state: &mut State) -> bool {
    let Some(findings) = state.selection.lost.take() else { return false };
    state.say(Tone::Done, format!("{} selected again", findings.len()));
    state.selection.findings = findings;
    changed(state);
    true
}

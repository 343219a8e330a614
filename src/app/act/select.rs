//! Selection: verbs act on it, else on the line under the cursor. It survives filtering.

use crate::app::effect::Effect;
use crate::app::state::{ListLine, State, Tone};
use crate::model::id::{FindingId, IdSet};

use super::list;

/// Ids of all findings that the list shows, folded ones included.
fn matching(state: &State) -> impl Iterator<Item = FindingId> {
    state.rows.findings.iter().map(|finding| state.board.backlog.finding(*finding).id)
}

/// On a group: all of its findings, or none of them if all are selected.
pub fn toggle(state: &mut State) -> Vec<Effect> {
    end_range(state);
    let ids = state.under_cursor();
    let are_all_in = ids.iter().all(|id| state.selection.ids.contains(id));
    for id in ids {
        if are_all_in {
            state.selection.ids.remove(&id);
        } else {
            state.selection.ids.insert(id);
        }
    }
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
        state.selection.before_range = state.selection.ids.clone();
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
    let backlog = &state.board.backlog;
    let Some(finding) = backlog.find(anchor) else { return };
    let anchor_line = state.list.lines.iter().position(|line| *line == ListLine::Finding(finding));
    let Some(anchor_line) = anchor_line else { return };
    let (from, to) = (anchor_line.min(state.list.at), anchor_line.max(state.list.at));
    let lines = state.list.lines.get(from..=to).unwrap_or_default();
    let between = lines.iter().filter_map(|line| match line {
        ListLine::Finding(finding) => Some(backlog.finding(*finding).id),
        ListLine::Group(_) => None,
    });
    let mut ids = state.selection.before_range.clone();
    ids.reserve(lines.len());
    ids.extend(between);
    state.selection.ids = ids;
    changed(state);
}

pub fn all(state: &mut State) -> Vec<Effect> {
    end_range(state);
    let mut ids = std::mem::take(&mut state.selection.ids);
    ids.reserve(state.rows.findings.len());
    ids.extend(matching(state));
    state.selection.ids = ids;
    changed(state);
    let count = state.selection.ids.len();
    state.say(Tone::Info, format!("{count} selected; Esc clears, u brings them back"));
    Vec::new()
}

pub fn invert(state: &mut State) -> Vec<Effect> {
    end_range(state);
    let ids: IdSet = matching(state).filter(|id| !state.selection.ids.contains(id)).collect();
    state.selection.ids = ids;
    changed(state);
    Vec::new()
}

/// Clears the selection, so that undo can bring it back.
pub fn clear(state: &mut State) {
    end_range(state);
    let ids = std::mem::take(&mut state.selection.ids);
    changed(state);
    if !ids.is_empty() {
        state.selection.lost = Some(ids);
    }
}

/// Brings a lost selection back; `false` if none was lost since the last decision.
pub fn restore(state: &mut State) -> bool {
    let Some(ids) = state.selection.lost.take() else { return false };
    state.say(Tone::Done, format!("{} selected again", ids.len()));
    state.selection.ids = ids;
    changed(state);
    true
}

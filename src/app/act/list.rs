//! The findings list: what it shows, where its cursor is, how it is sorted and grouped.

use crate::app::effect::Effect;
use crate::app::layout;
use crate::app::state::{Detail, ListLine, Pane, Screen, State, Target};
use crate::model::id::FindingId;
use crate::query::{self, GroupKey, SortKey};

use super::select;

/// Most places that `^o` remembers.
const MAX_JUMPS: usize = 100;

/// Makes rows and lines anew after the board, the lens or the folds changed. The cursor stays on its
/// finding; if that is gone, it stays at its line.
pub fn rebuild(state: &mut State) {
    state.rows = query::rows(&state.board, &state.lens);
    select::changed(state);
    fold_lines(state);
}

/// Makes the lines anew from the rows, after a fold changed.
fn fold_lines(state: &mut State) {
    let mut lines = Vec::with_capacity(state.rows.findings.len() + state.rows.groups.len());
    if state.rows.groups.is_empty() {
        lines.extend(state.rows.findings.iter().map(|finding| ListLine::Finding(*finding)));
    }
    for (number, group) in (0..).zip(&state.rows.groups) {
        lines.push(ListLine::Group(number));
        if state.list.folded.is_empty() || !state.list.folded.contains(&group.label) {
            let findings = state.rows.of_group(number).iter();
            lines.extend(findings.map(|finding| ListLine::Finding(*finding)));
        }
    }
    state.list.lines = lines;
    let kept = state.list.cursor.clone().and_then(|cursor| line_of(state, &cursor));
    let last = state.list.lines.len().saturating_sub(1);
    let at = kept.unwrap_or_else(|| first_finding_from(state, state.list.at.min(last)));
    place(state, at);
}

/// The line of a target, if the list shows it.
fn line_of(state: &State, target: &Target) -> Option<usize> {
    let backlog = &state.board.backlog;
    match target {
        Target::Finding(id) => {
            let finding = backlog.find(*id)?;
            state.list.lines.iter().position(|line| *line == ListLine::Finding(finding))
        }
        Target::Group(label) => state.list.lines.iter().position(|line| match line {
            ListLine::Group(group) => state.rows.groups.get(*group as usize).is_some_and(|group| group.label == *label),
            ListLine::Finding(_) => false,
        }),
    }
}

/// A start on a group's heading would show nothing: take the finding below it.
fn first_finding_from(state: &State, at: usize) -> usize {
    let is_finding = |line: &ListLine| matches!(line, ListLine::Finding(_));
    let tail = state.list.lines.get(at..).unwrap_or_default();
    tail.iter().position(is_finding).map_or(at, |offset| at + offset)
}

/// Puts the cursor on a line and keeps it in view.
fn place(state: &mut State, at: usize) {
    let at = at.min(state.list.lines.len().saturating_sub(1));
    state.list.at = at;
    state.list.cursor = match state.list.lines.get(at) {
        Some(ListLine::Group(group)) => {
            state.rows.groups.get(*group as usize).map(|group| Target::Group(group.label.clone()))
        }
        Some(ListLine::Finding(finding)) => Some(Target::Finding(state.board.backlog.finding(*finding).id)),
        None => None,
    };
    keep_in_view(state);
    select::extend_range(state);
}

/// Scrolls so that the cursor's line is visible.
pub fn keep_in_view(state: &mut State) {
    let height = usize::from(layout::split(state).first.body.height.max(1));
    let last_top = state.list.lines.len().saturating_sub(height);
    let lowest = state.list.at.saturating_sub(height - 1);
    state.list.top = state.list.top.clamp(lowest, state.list.at.max(lowest)).min(last_top);
}

/// Moves the cursor to a line and asks for what it shows.
pub fn go_to(state: &mut State, at: usize) -> Vec<Effect> {
    place(state, at);
    open_current(state)
}

/// Asks for the detail of the finding under the cursor, unless it is there or on the way.
pub fn open_current(state: &mut State) -> Vec<Effect> {
    let Some(id) = state.current() else {
        state.detail = Detail { width: state.detail.width, ..Detail::default() };
        return Vec::new();
    };
    if state.detail.finding == Some(id) {
        return Vec::new();
    }
    open_again(state, id)
}

/// Asks for the detail of a finding even if it is shown.
pub fn open_again(state: &mut State, id: FindingId) -> Vec<Effect> {
    if state.detail.finding != Some(id) {
        state.detail.flow = None;
        state.detail.revealed = None;
        state.detail.top = 0;
    }
    state.detail.finding = Some(id);
    let ticket = state.ticket();
    state.tickets.open = ticket;
    vec![Effect::Open(ticket, id)]
}

/// Puts the cursor on a finding if the list shows it.
pub fn go_to_finding(state: &mut State, id: FindingId) -> Vec<Effect> {
    match line_of(state, &Target::Finding(id)) {
        Some(at) => go_to(state, at),
        None => Vec::new(),
    }
}

/// Remembers where the cursor is, for `^o`.
pub fn remember(state: &mut State) {
    if let Some(id) = state.current()
        && state.list.jumps.last() != Some(&id)
    {
        state.list.jumps.push(id);
        if state.list.jumps.len() > MAX_JUMPS {
            state.list.jumps.remove(0);
        }
    }
}

/// The count typed before the command, at least 1.
fn count(state: &mut State) -> usize {
    state.count.take().unwrap_or(1).max(1) as usize
}

fn page(state: &State) -> usize {
    usize::from(layout::split(state).first.body.height.max(2)) - 1
}

pub fn down(state: &mut State) -> Vec<Effect> {
    let at = state.list.at.saturating_add(count(state));
    go_to(state, at)
}

pub fn up(state: &mut State) -> Vec<Effect> {
    let at = state.list.at.saturating_sub(count(state));
    go_to(state, at)
}

pub fn first(state: &mut State) -> Vec<Effect> {
    remember(state);
    let at = state.count.take().map_or(0, |line| (line as usize).saturating_sub(1));
    go_to(state, at)
}

pub fn last(state: &mut State) -> Vec<Effect> {
    remember(state);
    let at = state.count.take().map_or(usize::MAX, |line| (line as usize).saturating_sub(1));
    go_to(state, at)
}

pub fn half_down(state: &mut State) -> Vec<Effect> {
    let at = state.list.at.saturating_add(page(state).div_ceil(2));
    go_to(state, at)
}

pub fn half_up(state: &mut State) -> Vec<Effect> {
    let at = state.list.at.saturating_sub(page(state).div_ceil(2));
    go_to(state, at)
}

pub fn page_down(state: &mut State) -> Vec<Effect> {
    let step = page(state);
    state.list.top = state.list.top.saturating_add(step);
    let at = state.list.at.saturating_add(step);
    go_to(state, at)
}

pub fn page_up(state: &mut State) -> Vec<Effect> {
    let step = page(state);
    state.list.top = state.list.top.saturating_sub(step);
    let at = state.list.at.saturating_sub(step);
    go_to(state, at)
}

pub fn has_groups(state: &State) -> Result<(), String> {
    if state.rows.groups.is_empty() { Err("the list has no groups: b groups it".to_owned()) } else { Ok(()) }
}

/// The next line from `at` in a direction that is what `is_it` says.
fn seek(state: &State, is_down: bool, is_it: impl Fn(&ListLine) -> bool) -> Option<usize> {
    let (lines, at) = (&state.list.lines, state.list.at);
    if is_down {
        let tail = lines.get(at + 1..).unwrap_or_default();
        tail.iter().position(is_it).map(|offset| at + 1 + offset)
    } else {
        lines.get(..at).unwrap_or_default().iter().rposition(is_it)
    }
}

fn step_to(state: &mut State, is_down: bool, is_it: fn(&ListLine) -> bool) -> Vec<Effect> {
    for _ in 0..count(state) {
        let Some(at) = seek(state, is_down, is_it) else { break };
        place(state, at);
    }
    open_current(state)
}

pub fn next_group(state: &mut State) -> Vec<Effect> {
    remember(state);
    step_to(state, true, |line| matches!(line, ListLine::Group(_)))
}

pub fn previous_group(state: &mut State) -> Vec<Effect> {
    remember(state);
    step_to(state, false, |line| matches!(line, ListLine::Group(_)))
}

pub fn next_match(state: &mut State) -> Vec<Effect> {
    step_to(state, true, |line| matches!(line, ListLine::Finding(_)))
}

pub fn previous_match(state: &mut State) -> Vec<Effect> {
    step_to(state, false, |line| matches!(line, ListLine::Finding(_)))
}

/// To the next finding that is open and not among those just decided.
pub fn advance(state: &mut State, decided: &[FindingId]) -> Vec<Effect> {
    remember(state);
    let board = &state.board;
    let is_next = |line: &ListLine| match line {
        ListLine::Finding(finding) => {
            let id = board.backlog.finding(*finding).id;
            board.is_open(*finding) && decided.binary_search(&id).is_err()
        }
        ListLine::Group(_) => false,
    };
    let next = seek(state, true, is_next).or_else(|| seek(state, false, is_next));
    next.map_or_else(Vec::new, |at| go_to(state, at))
}

pub fn open(state: &mut State) -> Vec<Effect> {
    match state.list.lines.get(state.list.at) {
        Some(ListLine::Group(_)) => toggle_fold(state),
        Some(ListLine::Finding(_)) => {
            remember(state);
            state.pane = Pane::Detail;
            open_current(state)
        }
        None => Vec::new(),
    }
}

/// Label of the group that the cursor is in.
fn group_label(state: &State) -> Option<String> {
    let groups = &state.rows.groups;
    let lines = state.list.lines.get(..=state.list.at)?;
    let group = lines.iter().rev().find_map(|line| match line {
        ListLine::Group(group) => groups.get(*group as usize),
        ListLine::Finding(_) => None,
    })?;
    Some(group.label.clone())
}

fn toggle_fold(state: &mut State) -> Vec<Effect> {
    let is_folded = group_label(state).is_some_and(|label| state.list.folded.contains(&label));
    if is_folded { unfold(state) } else { fold(state) }
}

pub fn fold(state: &mut State) -> Vec<Effect> {
    if let Some(label) = group_label(state) {
        state.list.cursor = Some(Target::Group(label.clone()));
        state.list.folded.insert(label);
        fold_lines(state);
    }
    open_current(state)
}

pub fn unfold(state: &mut State) -> Vec<Effect> {
    if let Some(label) = group_label(state) {
        state.list.folded.remove(&label);
        fold_lines(state);
    }
    open_current(state)
}

pub fn fold_all(state: &mut State) -> Vec<Effect> {
    state.list.cursor = group_label(state).map(Target::Group);
    state.list.folded = state.rows.groups.iter().map(|group| group.label.clone()).collect();
    fold_lines(state);
    open_current(state)
}

pub fn unfold_all(state: &mut State) -> Vec<Effect> {
    state.list.folded.clear();
    fold_lines(state);
    open_current(state)
}

pub fn has_jumps(state: &State) -> Result<(), String> {
    if state.list.jumps.is_empty() { Err("nowhere to go back to".to_owned()) } else { Ok(()) }
}

pub fn back(state: &mut State) -> Vec<Effect> {
    while let Some(id) = state.list.jumps.pop() {
        if Some(id) != state.current() {
            let effects = go_to_finding(state, id);
            if state.current() == Some(id) {
                return effects;
            }
        }
    }
    Vec::new()
}

pub fn other_pane(state: &mut State) -> Vec<Effect> {
    state.pane = match state.pane {
        Pane::List => Pane::Detail,
        Pane::Detail => Pane::List,
    };
    Vec::new()
}

pub fn zoom(state: &mut State) -> Vec<Effect> {
    state.is_zoomed = true;
    Vec::new()
}

pub fn unzoom(state: &mut State) -> Vec<Effect> {
    state.is_zoomed = false;
    Vec::new()
}

fn sort(state: &mut State, key: SortKey) -> Vec<Effect> {
    state.lens.sort = vec![key];
    rebuild(state);
    open_current(state)
}

pub fn sort_severity(state: &mut State) -> Vec<Effect> {
    sort(state, SortKey::Severity)
}

pub fn sort_path(state: &mut State) -> Vec<Effect> {
    sort(state, SortKey::Path)
}

pub fn sort_rule(state: &mut State) -> Vec<Effect> {
    sort(state, SortKey::Rule)
}

pub fn sort_tool(state: &mut State) -> Vec<Effect> {
    sort(state, SortKey::Tool)
}

pub fn sort_age(state: &mut State) -> Vec<Effect> {
    sort(state, SortKey::Age)
}

pub fn sort_status(state: &mut State) -> Vec<Effect> {
    sort(state, SortKey::Status)
}

/// Groups the list anew; folds belong to the old groups.
pub fn group(state: &mut State, key: Option<GroupKey>) -> Vec<Effect> {
    state.lens.group = key;
    state.list.folded.clear();
    rebuild(state);
    open_current(state)
}

pub fn group_none(state: &mut State) -> Vec<Effect> {
    group(state, None)
}

pub fn group_severity(state: &mut State) -> Vec<Effect> {
    group(state, Some(GroupKey::Severity))
}

pub fn group_rule(state: &mut State) -> Vec<Effect> {
    group(state, Some(GroupKey::Rule))
}

pub fn group_cwe(state: &mut State) -> Vec<Effect> {
    group(state, Some(GroupKey::Cwe))
}

pub fn group_file(state: &mut State) -> Vec<Effect> {
    group(state, Some(GroupKey::File))
}

pub fn group_directory(state: &mut State) -> Vec<Effect> {
    group(state, Some(GroupKey::Directory))
}

pub fn group_tool(state: &mut State) -> Vec<Effect> {
    group(state, Some(GroupKey::Tool))
}

pub fn group_category(state: &mut State) -> Vec<Effect> {
    group(state, Some(GroupKey::Category))
}

pub fn group_package(state: &mut State) -> Vec<Effect> {
    group(state, Some(GroupKey::Package))
}

pub fn group_status(state: &mut State) -> Vec<Effect> {
    group(state, Some(GroupKey::Status))
}

pub fn group_owner(state: &mut State) -> Vec<Effect> {
    group(state, Some(GroupKey::Owner))
}

pub fn group_baseline(state: &mut State) -> Vec<Effect> {
    group(state, Some(GroupKey::Baseline))
}

/// A click on a line of the list.
pub fn click(state: &mut State, column: u16, row: u16) -> Vec<Effect> {
    if !matches!(state.screen, Screen::Triage) {
        return Vec::new();
    }
    let regions = layout::split(state);
    let point = ratatui::layout::Position::new(column, row);
    if regions.first.body.contains(point) {
        state.pane = Pane::List;
        let line = state.list.top + usize::from(row - regions.first.body.y);
        if line < state.list.lines.len() {
            return go_to(state, line);
        }
    } else if regions.second.outer.contains(point) {
        state.pane = Pane::Detail;
    }
    Vec::new()
}

//! The findings list: what it shows, where its cursor is, how it is sorted and grouped.

use std::ops::Range;
use std::sync::Arc;

use crate::app::effect::{Effect, Opened};
use crate::app::layout;
use crate::app::lines::Lines;
use crate::app::state::{Detail, Extent, Folds, Ladder, ListLine, Pane, Screen, State, Target, Tone};
use crate::model::backlog::FindingIdx;
use crate::model::follow::Follow;
use crate::model::id::FindingId;
use crate::model::remedy::Remedies;
use crate::model::text;
use crate::query::{GroupKey, SortKey};

use super::select;

/// Most places that `^o` remembers.
const MAX_JUMPS: usize = 100;

/// Looks for the rows anew after the board or the lens changed. Small lists are there at once; for others the rows
/// stay as they are while [`go_on`] looks further, a slice between two frames.
pub fn rebuild(state: &mut State) -> Vec<Effect> {
    let mut effects = ask(state);
    effects.extend(go_on(state, state.slice));
    effects
}

/// The same, whatever it costs: when there is a new board, the rows of the old one mean nothing.
pub fn rebuild_now(state: &mut State) -> Vec<Effect> {
    let mut effects = ask(state);
    effects.extend(go_on(state, usize::MAX));
    effects
}

/// Asks for the remedies as well where the lens reads them and nobody has looked for them yet: until they are there no
/// finding has one.
fn ask(state: &mut State) -> Vec<Effect> {
    let lens = state.lens_now().into_owned();
    state.finder.ask(&state.board, &lens);
    let is_known = state.board.remedies.is_some() || state.tickets.remedies.is_some();
    if is_known || !lens.reads_remedies() || state.extent != Extent::Whole {
        return Vec::new();
    }
    let ticket = state.ticket();
    state.tickets.remedies = Some(ticket);
    state.say(Tone::Info, "looking for what one change would clear…");
    vec![Effect::Remedies(ticket)]
}

/// The remedies are there.
pub fn remedied(state: &mut State, remedies: Arc<Remedies>) -> Vec<Effect> {
    state.tickets.remedies = None;
    state.say(Tone::Done, text::counted(remedies.all().len(), "remedy", "remedies"));
    state.board.remedies = Some(remedies);
    count_remedies(state);
    rebuild(state)
}

/// Counts anew what each remedy clears of what is open now.
pub fn count_remedies(state: &mut State) {
    if let Some(mut remedies) = state.board.remedies.take() {
        Arc::make_mut(&mut remedies).count(&state.board);
        state.board.remedies = Some(remedies);
    }
}

/// Looks at some more findings, and shows the rows once they are found. The cursor stays on its finding; if that is
/// gone, it stays at its line, or goes to the first while a filter is typed.
pub fn go_on(state: &mut State, room: usize) -> Vec<Effect> {
    let Some(rows) = state.finder.go_on(&state.board, room) else {
        let ticket = state.ticket();
        state.tickets.rows = Some(ticket);
        return vec![Effect::GoOn(ticket)];
    };
    state.tickets.rows = None;
    if rows.key != state.rows.key {
        // Folds belong to the old groups.
        state.list.folds = Folds::default();
    }
    let group = state.list.lines.group_at(state.list.at).and_then(|group| state.rows.groups.get(group));
    let rank = group.map(|group| group.rank);
    state.rows = rows;
    select::changed(state);
    state.list.closed = state.list.folds.of(&state.rows, &state.board);
    let kept = state.list.cursor.clone().and_then(|cursor| shown(state, &cursor, rank));
    make_lines(state, kept);
    open_current(state)
}

/// Before a part that is shown makes room for more: everything that is known by its id gets the id that it has now. A
/// cursor whose finding is gone goes to the nearest; one that was never moved starts where the list starts.
pub fn follow(state: &mut State, follow: &Follow) {
    let id = |id: FindingId| follow.id(id);
    state.selection.move_along(follow);
    state.list.jumps = state.list.jumps.iter().filter_map(|jump| id(*jump)).collect();
    state.marked = state.marked.and_then(id);
    state.detail.revealed = state.detail.revealed.and_then(id);
    if let Some(opened) = state.detail.opened.take() {
        let moved = id(opened.finding).map(|finding| Opened { finding, ..(*opened).clone() });
        state.detail.opened = moved.map(Arc::new);
    }
    state.detail.finding = state.detail.finding.and_then(id);
    if !state.list.is_touched {
        state.list.cursor = None;
        (state.list.at, state.list.top) = (0, 0);
    } else if let Some(Target::Finding(_)) = state.list.cursor {
        let (lines, rows, at) = (&state.list.lines, &state.rows, state.list.at);
        let below = lines.findings(rows, at..lines.len()).flat_map(|(_, findings)| findings).copied();
        let above = lines.findings(rows, 0..at).rev().flat_map(|(_, findings)| findings.iter().rev()).copied();
        let near = follow.nearest(below).or_else(|| follow.nearest(above));
        state.list.cursor = near.map(Target::Finding);
    }
}

/// A target as a line of the rows, if it is among them. `rank` was that of the group that the cursor was on: mostly it
/// still is.
fn shown(state: &State, target: &Target, rank: Option<u32>) -> Option<ListLine> {
    let rows = &state.rows;
    match target {
        Target::Finding(id) => state.board.backlog.find(*id).map(ListLine::Finding),
        Target::Group(label) => {
            let near =
                (0..).zip(rows.groups.iter()).find(|(_, group)| Some(group.rank) == rank).map(|(number, _)| number);
            let near = near.filter(|group| rows.label(&state.board, *group) == *label);
            near.or_else(|| rows.groups_called(&state.board, &[label]).iter().next()).map(ListLine::Group)
        }
    }
}

/// Ends a search for rows that is under way.
pub fn settle(state: &mut State) -> Vec<Effect> {
    if state.tickets.rows.is_some() { go_on(state, usize::MAX) } else { Vec::new() }
}

/// Makes the lines anew, after the rows or a fold changed. The cursor goes to a line of them, if the list shows it.
fn make_lines(state: &mut State, cursor: Option<ListLine>) {
    state.list.lines = Lines::of(&state.rows, &state.list.closed);
    let at = cursor.and_then(|cursor| state.list.lines.find(&state.rows, cursor));
    let last = state.list.lines.len().saturating_sub(1);
    // Who types a filter looks at what it finds from the first on.
    let near = if state.filter.editing.is_some() { 0 } else { state.list.at.min(last) };
    let at = at.unwrap_or_else(|| first_finding_from(state, near));
    place(state, at);
}

/// A start on a group's heading would show nothing: take the finding below it.
fn first_finding_from(state: &State, at: usize) -> usize {
    seek(state, at..state.list.lines.len(), |_| true).unwrap_or(at)
}

/// Puts the cursor on a line and keeps it in view.
fn place(state: &mut State, at: usize) {
    let at = at.min(state.list.lines.len().saturating_sub(1));
    state.list.at = at;
    state.list.cursor = match state.line(at) {
        Some(ListLine::Group(group)) => Some(Target::Group(state.rows.label(&state.board, group).into_owned())),
        Some(ListLine::Finding(finding)) => Some(Target::Finding(state.board.backlog.id(finding))),
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
    let line = state.board.backlog.find(id).map(ListLine::Finding);
    match line.and_then(|line| state.list.lines.find(&state.rows, line)) {
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

/// The first of some lines with a finding that is what `is_it` says.
fn seek(state: &State, lines: Range<usize>, is_it: impl Fn(FindingIdx) -> bool) -> Option<usize> {
    let mut shown = state.list.lines.findings(&state.rows, lines);
    shown.find_map(|(line, findings)| Some(line + findings.iter().position(|finding| is_it(*finding))?))
}

/// The last of some lines with a finding that is what `is_it` says.
fn seek_back(state: &State, lines: Range<usize>, is_it: impl Fn(FindingIdx) -> bool) -> Option<usize> {
    let mut shown = state.list.lines.findings(&state.rows, lines).rev();
    shown.find_map(|(line, findings)| Some(line + findings.iter().rposition(|finding| is_it(*finding))?))
}

/// Goes to the next of some lines, as often as a count says.
fn step_to(state: &mut State, next: fn(&State) -> Option<usize>) -> Vec<Effect> {
    for _ in 0..count(state) {
        let Some(at) = next(state) else { break };
        place(state, at);
    }
    open_current(state)
}

pub fn next_group(state: &mut State) -> Vec<Effect> {
    step_to_heading(state, |state| {
        let lines = &state.list.lines;
        lines.heading(lines.group_at(state.list.at)? + 1)
    })
}

pub fn previous_group(state: &mut State) -> Vec<Effect> {
    step_to_heading(state, |state| {
        let lines = &state.list.lines;
        lines.heading(lines.group_at(state.list.at.checked_sub(1)?)?)
    })
}

/// A heading that was not in view comes to the top, so that its findings are seen.
fn step_to_heading(state: &mut State, next: fn(&State) -> Option<usize>) -> Vec<Effect> {
    remember(state);
    let before = state.list.top;
    let effects = step_to(state, next);
    if state.list.top != before {
        state.list.top = state.list.at;
        keep_in_view(state);
    }
    effects
}

pub fn next_match(state: &mut State) -> Vec<Effect> {
    step_to(state, |state| seek(state, state.list.at + 1..state.list.lines.len(), |_| true))
}

pub fn previous_match(state: &mut State) -> Vec<Effect> {
    step_to(state, |state| seek_back(state, 0..state.list.at, |_| true))
}

/// To the next finding that is open and not among those just decided.
pub fn advance(state: &mut State, decided: &[FindingId]) -> Vec<Effect> {
    remember(state);
    let (board, at) = (&state.board, state.list.at);
    let live = &board.backlog.order().live;
    let decided = board.backlog.find_all(decided);
    let is_next = |finding| live.has(finding) && !decided.has(finding) && board.status(finding).is_open();
    let next = seek(state, at + 1..state.list.lines.len(), is_next).or_else(|| seek_back(state, 0..at, is_next));
    next.map_or_else(Vec::new, |at| go_to(state, at))
}

pub fn open(state: &mut State) -> Vec<Effect> {
    match state.line(state.list.at) {
        Some(ListLine::Group(_)) => toggle_fold(state),
        Some(ListLine::Finding(_)) => {
            remember(state);
            state.pane = Pane::Detail;
            open_current(state)
        }
        None => Vec::new(),
    }
}

/// The group that the cursor is on or in.
fn group_here(state: &State) -> Option<u32> {
    state.list.lines.group_at(state.list.at).and_then(|group| u32::try_from(group).ok())
}

fn toggle_fold(state: &mut State) -> Vec<Effect> {
    let is_folded = group_here(state).is_some_and(|group| state.list.closed.has(group));
    if is_folded { unfold(state) } else { fold(state) }
}

pub fn fold(state: &mut State) -> Vec<Effect> {
    if let Some(group) = group_here(state) {
        let label = state.rows.label(&state.board, group).into_owned();
        state.list.folds.fold(label);
        state.list.closed.insert(group);
        make_lines(state, Some(ListLine::Group(group)));
    }
    open_current(state)
}

pub fn unfold(state: &mut State) -> Vec<Effect> {
    if let Some(group) = group_here(state) {
        let label = state.rows.label(&state.board, group).into_owned();
        state.list.folds.unfold(label);
        state.list.closed.remove(group);
        let line = state.line(state.list.at);
        make_lines(state, line);
    }
    open_current(state)
}

pub fn fold_all(state: &mut State) -> Vec<Effect> {
    let group = group_here(state);
    fold_every(state, true, group.map(ListLine::Group))
}

pub fn unfold_all(state: &mut State) -> Vec<Effect> {
    let line = state.line(state.list.at);
    fold_every(state, false, line)
}

fn fold_every(state: &mut State, are_folded: bool, cursor: Option<ListLine>) -> Vec<Effect> {
    state.list.folds = Folds { are_open: are_folded, ..Folds::default() };
    state.list.closed = state.list.folds.of(&state.rows, &state.board);
    make_lines(state, cursor);
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
    state.list.is_sorted = true;
    rebuild(state)
}

pub fn sort_severity(state: &mut State) -> Vec<Effect> {
    sort(state, SortKey::Severity)
}

pub fn sort_lane(state: &mut State) -> Vec<Effect> {
    sort(state, SortKey::Lane)
}

pub fn sort_score(state: &mut State) -> Vec<Effect> {
    sort(state, SortKey::Score)
}

pub fn sort_reach(state: &mut State) -> Vec<Effect> {
    sort(state, SortKey::Reach)
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

pub fn sort_due(state: &mut State) -> Vec<Effect> {
    sort(state, SortKey::Due)
}

pub fn sort_status(state: &mut State) -> Vec<Effect> {
    sort(state, SortKey::Status)
}

/// Groups the list anew, with nothing folded.
pub fn group(state: &mut State, key: Option<GroupKey>) -> Vec<Effect> {
    state.lens.group = key;
    state.list.folds = Folds::default();
    rebuild(state)
}

pub fn group_none(state: &mut State) -> Vec<Effect> {
    group(state, None)
}

pub fn group_severity(state: &mut State) -> Vec<Effect> {
    group(state, Some(GroupKey::Severity))
}

pub fn group_lane(state: &mut State) -> Vec<Effect> {
    group(state, Some(GroupKey::Lane))
}

pub fn group_reach(state: &mut State) -> Vec<Effect> {
    group(state, Some(GroupKey::Reach))
}

pub fn group_exposure(state: &mut State) -> Vec<Effect> {
    group(state, Some(GroupKey::Exposure))
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

pub fn group_remedy(state: &mut State) -> Vec<Effect> {
    group(state, Some(GroupKey::Remedy))
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

pub fn group_service(state: &mut State) -> Vec<Effect> {
    group(state, Some(GroupKey::Service))
}

pub fn group_workload(state: &mut State) -> Vec<Effect> {
    group(state, Some(GroupKey::Workload))
}

pub fn group_image(state: &mut State) -> Vec<Effect> {
    group(state, Some(GroupKey::Image))
}

/// Shows or hides the rungs of each finding.
pub fn ladder(state: &mut State) -> Vec<Effect> {
    state.list.ladder = match state.list.ladder {
        Ladder::Hidden => Ladder::Shown,
        Ladder::Shown => Ladder::Hidden,
    };
    if state.list.ladder == Ladder::Shown && !state.board.reaches.has_rungs() {
        state.say(Tone::Info, "nothing is known of any rung: no evidence was read");
    }
    Vec::new()
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

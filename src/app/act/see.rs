//! Looking: the detail pane, flows, pages to read, copying, the editor.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::app::effect::{Effect, Opened};
use crate::app::layout;
use crate::app::pages;
use crate::app::pages::dashboard::Counting;
use crate::app::state::{FlowCursor, Overlay, Pane, Reading, ReadingKind, Screen, State};
use crate::model::detail::{Flow, Location};
use crate::model::id::FindingId;
use crate::model::reach::Row;
use crate::model::secret::Cover;
use crate::model::snippet::Snippet;
use crate::model::text;

use super::list;

/// Takes the code around the step of a flow that is looked at.
pub fn code_of_step(state: &mut State, code: Arc<Snippet>) -> Vec<Effect> {
    if let Some(cursor) = &mut state.detail.flow {
        cursor.code = Some(code);
        show(state);
    }
    Vec::new()
}

/// Makes the detail's page anew for the width of its pane.
pub fn show(state: &mut State) {
    let regions = layout::split(state);
    let width = if regions.second.body.width == 0 { regions.first.body.width } else { regions.second.body.width };
    state.detail.width = width;
    state.detail.page = if state.detail.flow.is_some() {
        pages::flow::page(state, width, usize::from(regions.second.body.height))
    } else {
        pages::detail::page(state, width, usize::from(regions.second.body.height))
    };
    scroll(state, 0);
}

fn height(state: &State) -> usize {
    usize::from(layout::split(state).second.body.height.max(1))
}

/// Asks what the fix of a finding would write.
pub fn preview(state: &mut State, finding: FindingId) -> Effect {
    let ticket = state.ticket();
    state.tickets.preview = ticket;
    Effect::Preview(ticket, finding)
}

fn scroll(state: &mut State, by: isize) -> Vec<Effect> {
    let last = state.detail.page.lines.len().saturating_sub(height(state));
    state.detail.top = state.detail.top.saturating_add_signed(by).min(last);
    Vec::new()
}

fn count(state: &mut State) -> isize {
    isize::try_from(state.count.take().unwrap_or(1)).unwrap_or(isize::MAX)
}

pub fn down(state: &mut State) -> Vec<Effect> {
    let by = count(state);
    scroll(state, by)
}

pub fn up(state: &mut State) -> Vec<Effect> {
    let by = count(state);
    scroll(state, -by)
}

fn page_step(state: &State, part: usize) -> isize {
    isize::try_from(height(state) / part).unwrap_or(1).max(1)
}

pub fn half_down(state: &mut State) -> Vec<Effect> {
    scroll(state, page_step(state, 2))
}

pub fn half_up(state: &mut State) -> Vec<Effect> {
    scroll(state, -page_step(state, 2))
}

pub fn page_down(state: &mut State) -> Vec<Effect> {
    scroll(state, page_step(state, 1))
}

pub fn page_up(state: &mut State) -> Vec<Effect> {
    scroll(state, -page_step(state, 1))
}

pub fn top(state: &mut State) -> Vec<Effect> {
    scroll(state, isize::MIN)
}

pub fn bottom(state: &mut State) -> Vec<Effect> {
    scroll(state, isize::MAX)
}

/// What was read of the finding under the cursor.
fn opened(state: &State) -> Option<&Opened> {
    state.detail.opened.as_deref().filter(|opened| Some(opened.finding) == state.current())
}

pub fn has_finding(state: &State) -> Result<(), String> {
    if state.current().is_none() { Err("no finding under the cursor".to_owned()) } else { Ok(()) }
}

pub fn has_flow(state: &State) -> Result<(), String> {
    has_finding(state)?;
    let finding = state.current_idx().map(|finding| state.board.backlog.finding(finding));
    let has_path = opened(state).is_some_and(|opened| paths(opened).next().is_some());
    if has_path || finding.is_some_and(|finding| finding.flows > 0) {
        return Ok(());
    }
    Err("no report and no evidence gives a path for this finding".to_owned())
}

pub fn has_page_flow(state: &State) -> Result<(), String> {
    match &state.screen {
        Screen::Read(reading) if reading.kind == ReadingKind::Why => has_flow(state),
        _ => Err("this page shows no path".to_owned()),
    }
}

/// From the reasons of a finding to the steps of its path.
pub fn page_flow(state: &mut State) -> Vec<Effect> {
    state.screen = Screen::Triage;
    flow(state)
}

pub fn has_secret(state: &State) -> Result<(), String> {
    has_finding(state)?;
    match state.current_idx() {
        Some(finding) if state.board.backlog.is_secret(finding) => Ok(()),
        _ => Err("this finding is about no secret".to_owned()),
    }
}

/// Shows the secret of the finding until it is left, or covers it again.
pub fn reveal(state: &mut State) -> Vec<Effect> {
    let current = state.current();
    state.detail.revealed = if state.detail.revealed == current { None } else { current };
    show(state);
    Vec::new()
}

/// The paths of calls that the evidence of an open finding shows.
fn paths(opened: &Opened) -> impl Iterator<Item = Flow> {
    opened.why.iter().flat_map(|why| &why.evidence).filter_map(Row::flow)
}

/// Opens the first flow at its first step.
pub fn flow(state: &mut State) -> Vec<Effect> {
    let Some(opened) = state.detail.opened.clone().filter(|opened| Some(opened.finding) == state.current()) else {
        return Vec::new();
    };
    let details = opened.parts.iter().filter_map(|(_, detail)| detail.as_ref().ok());
    let mut flows: Vec<_> = details.flat_map(|detail| detail.flows.iter().cloned()).collect();
    flows.extend(paths(&opened));
    if flows.is_empty() {
        return Vec::new();
    }
    state.detail.flow = Some(FlowCursor { flows, ..FlowCursor::default() });
    show_step(state)
}

/// Asks for the code at the current step.
fn show_step(state: &mut State) -> Vec<Effect> {
    state.detail.top = 0;
    let ticket = state.ticket();
    state.tickets.code = ticket;
    show(state);
    let location = state.detail.flow.as_ref().and_then(FlowCursor::location).cloned();
    location.map_or_else(Vec::new, |location| vec![Effect::Code(ticket, Box::new(location))])
}

fn step(state: &mut State, by: isize) -> Vec<Effect> {
    if let Some(cursor) = &mut state.detail.flow {
        let last = cursor.flows.get(cursor.flow).map_or(0, |flow| flow.steps.len().saturating_sub(1));
        cursor.step = cursor.step.saturating_add_signed(by).min(last);
    }
    show_step(state)
}

pub fn next_step(state: &mut State) -> Vec<Effect> {
    let by = count(state);
    step(state, by)
}

pub fn previous_step(state: &mut State) -> Vec<Effect> {
    let by = count(state);
    step(state, -by)
}

fn other_flow(state: &mut State, by: isize) -> Vec<Effect> {
    if let Some(cursor) = &mut state.detail.flow {
        cursor.flow = cursor.flow.saturating_add_signed(by).min(cursor.flows.len().saturating_sub(1));
        cursor.step = 0;
    }
    show_step(state)
}

pub fn next_flow(state: &mut State) -> Vec<Effect> {
    other_flow(state, 1)
}

pub fn previous_flow(state: &mut State) -> Vec<Effect> {
    other_flow(state, -1)
}

pub fn leave_flow(state: &mut State) -> Vec<Effect> {
    state.detail.flow = None;
    state.detail.top = 0;
    show(state);
    Vec::new()
}

/// Where the editor and `y p` go: the flow's step, else the finding's place.
fn place(state: &State) -> Option<(String, u32, bool)> {
    if let Some(location) = state.detail.flow.as_ref().and_then(FlowCursor::location) {
        return Some((location.path.clone(), location.line().max(1), location.in_repo));
    }
    let backlog = &state.board.backlog;
    let finding = state.current_idx()?;
    let (id, record) = (backlog.id(finding), backlog.lead(finding));
    let path = backlog.paths.get(record.path)?;
    // Where the report counts bytes or characters, only the finding's own text tells the line.
    let opened = state.detail.opened.as_ref().filter(|opened| opened.finding == id);
    let detail = opened.and_then(|opened| opened.parts.first()?.1.as_ref().ok());
    let line = detail.and_then(|detail| detail.locations.first()).map_or(record.line, Location::line);
    Some((path.text.to_owned(), line.max(1), path.in_repo))
}

pub fn has_place(state: &State) -> Result<(), String> {
    if place(state).is_none() { Err("the finding names no file".to_owned()) } else { Ok(()) }
}

pub fn edit(state: &mut State) -> Vec<Effect> {
    match place(state) {
        Some((path, line, true)) => vec![Effect::Edit { path, line }],
        Some((path, ..)) => {
            state.say(
                crate::app::state::Tone::Warning,
                format!("{} is not a file of this repository", text::visible(&path)),
            );
            Vec::new()
        }
        None => Vec::new(),
    }
}

fn copy(state: &mut State, text: &str) -> Vec<Effect> {
    let shown = text.lines().map(|line| text::visible(line).into_owned()).collect::<Vec<_>>().join("\n");
    state.overlay = Some(Overlay::Copied(shown.clone()));
    vec![Effect::Copy(shown)]
}

pub fn copy_place(state: &mut State) -> Vec<Effect> {
    place(state).map_or_else(Vec::new, |(path, line, _)| copy(state, &format!("{path}:{line}")))
}

pub fn copy_id(state: &mut State) -> Vec<Effect> {
    state.current().map_or_else(Vec::new, |id| copy(state, &id.to_string()))
}

pub fn copy_rule(state: &mut State) -> Vec<Effect> {
    let Some(finding) = state.current_idx() else { return Vec::new() };
    let backlog = &state.board.backlog;
    let rule = backlog.rule(backlog.lead(finding)).id.clone();
    copy(state, &rule)
}

fn link(state: &State) -> Option<String> {
    let backlog = &state.board.backlog;
    backlog.rule(backlog.lead(state.current_idx()?)).help_uri.clone()
}

pub fn has_link(state: &State) -> Result<(), String> {
    has_finding(state)?;
    if link(state).is_none() { Err("the rule names no help page".to_owned()) } else { Ok(()) }
}

pub fn copy_link(state: &mut State) -> Vec<Effect> {
    link(state).map_or_else(Vec::new, |link| copy(state, &link))
}

pub fn copy_markdown(state: &mut State) -> Vec<Effect> {
    let Some(finding) = state.current_idx() else { return Vec::new() };
    let backlog = &state.board.backlog;
    let record = backlog.lead(finding);
    let mut out = format!(
        "**{}** `{}` {}:{}\n",
        backlog.finding(finding).severity.name(),
        backlog.rule(record).id,
        backlog.path(record),
        record.line
    );
    if let Some(opened) = opened(state) {
        let details = || opened.parts.iter().filter_map(|(_, part)| part.as_ref().ok());
        // What leaves the screen is covered also while the secret is revealed there.
        let cover = Cover::of(backlog.is_secret(finding), details());
        let cover = cover.with_code(&opened.snippet);
        let message = details().next().map(|detail| cover.text(&detail.message).into_owned());
        // Writing to a string does not fail.
        let _ = write!(out, "\n{}\n", message.unwrap_or_default());
    }
    let _ = write!(out, "\n{} ({})\n", backlog.id(finding), backlog.tool_names(finding).join(", "));
    copy(state, &out)
}

/// Opens a page over the whole screen.
fn read(state: &mut State, kind: ReadingKind) -> Vec<Effect> {
    state.screen = Screen::Read(Reading { kind, ..Reading::default() });
    state.pane = Pane::List;
    show_reading(state);
    Vec::new()
}

/// Makes the open page anew.
pub fn show_reading(state: &mut State) {
    let width = layout::split(state).first.body.width;
    let Screen::Read(reading) = &state.screen else { return };
    let page = match reading.kind {
        ReadingKind::Problems => pages::problems::page(state, width),
        ReadingKind::Dashboard => pages::dashboard::page(state, width),
        ReadingKind::History => pages::history::page(state, width),
        ReadingKind::Orphans => pages::orphans::page(state, width),
        ReadingKind::Why => pages::why::page(state, width),
    };
    if let Screen::Read(reading) = &mut state.screen {
        reading.page = page;
    }
    read_scroll(state, 0);
}

pub fn problems(state: &mut State) -> Vec<Effect> {
    read(state, ReadingKind::Problems)
}

pub fn dashboard(state: &mut State) -> Vec<Effect> {
    read(state, ReadingKind::Dashboard);
    count_anew(state)
}

/// Counts what the dashboard shows, if that is what is read.
pub fn count_anew(state: &mut State) -> Vec<Effect> {
    state.tickets.counting = None;
    match &state.screen {
        Screen::Read(reading) if reading.kind == ReadingKind::Dashboard => {
            state.counting = Some(Counting::new(&state.board));
            count_on(state)
        }
        _ => Vec::new(),
    }
}

/// Counts a slice more, and shows the charts once all is counted.
pub fn count_on(state: &mut State) -> Vec<Effect> {
    let Some(counting) = &mut state.counting else { return Vec::new() };
    counting.go_on(&state.board, state.slice);
    if counting.is_complete(&state.board) {
        state.tickets.counting = None;
        show_reading(state);
        return Vec::new();
    }
    let ticket = state.ticket();
    state.tickets.counting = Some(ticket);
    vec![Effect::GoOn(ticket)]
}

pub fn history(state: &mut State) -> Vec<Effect> {
    read(state, ReadingKind::History)
}

pub fn orphans(state: &mut State) -> Vec<Effect> {
    read(state, ReadingKind::Orphans)
}

pub fn why(state: &mut State) -> Vec<Effect> {
    read(state, ReadingKind::Why)
}

fn read_scroll(state: &mut State, by: isize) -> Vec<Effect> {
    let height = usize::from(layout::split(state).first.body.height.max(1));
    if let Screen::Read(reading) = &mut state.screen {
        let last = reading.page.lines.len().saturating_sub(height);
        reading.top = reading.top.saturating_add_signed(by).min(last);
    }
    Vec::new()
}

pub fn read_down(state: &mut State) -> Vec<Effect> {
    read_scroll(state, 1)
}

pub fn read_up(state: &mut State) -> Vec<Effect> {
    read_scroll(state, -1)
}

pub fn read_page_down(state: &mut State) -> Vec<Effect> {
    let by = isize::try_from(layout::split(state).first.body.height).unwrap_or(1);
    read_scroll(state, by)
}

pub fn read_page_up(state: &mut State) -> Vec<Effect> {
    let by = isize::try_from(layout::split(state).first.body.height).unwrap_or(1);
    read_scroll(state, -by)
}

pub fn read_top(state: &mut State) -> Vec<Effect> {
    read_scroll(state, isize::MIN)
}

pub fn read_bottom(state: &mut State) -> Vec<Effect> {
    read_scroll(state, isize::MAX)
}

pub fn leave_page(state: &mut State) -> Vec<Effect> {
    state.screen = Screen::Triage;
    (state.counting, state.tickets.counting) = (None, None);
    list::open_current(state)
}

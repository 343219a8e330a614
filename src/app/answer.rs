//! What an answer of the worker changes. Pure.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::civil::Date;

use super::act::{fix, hunk, list, prove, review, see};
use super::effect::{Effect, Judged, Msg, Opened, Ticket};
use super::lines::Lines;
use super::state::{Changed, Extent, Pane, Screen, State, Tone};
use crate::model::board::Board;
use crate::model::decision::Standing;
use crate::model::follow::Follow;
use crate::model::id::{FixId, IdSet};
use crate::model::plan::{PlannedFix, Written};
use crate::model::problem::{Loss, Problem, tally};
use crate::model::text::counted;
use crate::query::Rows;

/// Most reports that are named in the status line.
const MAX_NAMED: usize = 3;
/// Days in which an end is near: those of the view `ve`.
const SOON: i32 = 14;

/// Takes one answer.
pub fn receive(state: &mut State, msg: Msg) -> Vec<Effect> {
    if is_superseded(state, &msg) {
        return Vec::new();
    }
    match msg {
        Msg::Progress(loading) => {
            state.loading = Some(loading);
            Vec::new()
        }
        Msg::Loaded { board, problems, branch, .. } => {
            state.branch = branch;
            loaded(state, board, problems)
        }
        Msg::Begun { board, branch, .. } => {
            state.branch = branch;
            begun(state, board)
        }
        Msg::GoOn(ticket) => go_on(state, ticket),
        Msg::Opened(_, opened) => opened_finding(state, opened),
        Msg::Code(_, snippet) => see::code_of_step(state, snippet),
        Msg::Preview(_, plan) => {
            state.detail.preview = Some(plan);
            see::show(state);
            Vec::new()
        }
        Msg::Remedies(_, remedies) => list::remedied(state, remedies),
        Msg::Planned(ticket, plan) => {
            if let Screen::Review(review) = &mut state.screen {
                review.plan_ticket = ticket;
            }
            review::planned(state, plan);
            Vec::new()
        }
        Msg::Asking(_, seconds) => {
            fix::still_asking(state, seconds);
            Vec::new()
        }
        Msg::Asked(_, answer) => fix::asked(state, answer),
        Msg::Upgraded(_, offers, count, advice) => fix::upgraded(state, offers, count, advice),
        Msg::Proving(_, step) => prove::still_proving(state, &step),
        Msg::Proved(_, answer) => prove::proved(state, answer),
        Msg::Applied(answer) => applied(state, answer),
        Msg::KeptBatch(batch) => fix::kept(state, &batch),
        Msg::Decided(answer) => {
            let next = answer.as_ref().ok().map(|(summary, _)| summary.clone());
            judged(state, answer, next)
        }
        Msg::Undone(answer, next) => {
            let answer = answer.map(|(summary, news)| (with_next(&summary, next.as_deref()), news));
            let effects = judged(state, answer, next);
            with_fresh_detail(state, effects)
        }
        Msg::Redone(answer, next) => {
            let effects = judged(state, answer, next);
            with_fresh_detail(state, effects)
        }
        Msg::Changed(changed) => {
            state.changed = changed;
            Vec::new()
        }
        Msg::Uncommitted(count) => {
            state.uncommitted = count;
            Vec::new()
        }
        Msg::Edited(Ok(())) => with_fresh_detail(state, Vec::new()),
        Msg::HunkEdited(edit, saved) => hunk::edited(state, &edit, saved),
        Msg::Edited(Err(problem)) | Msg::Notice(problem) => {
            state.fail(problem);
            Vec::new()
        }
    }
}

/// Whether the answer is to a question that another one has replaced.
fn is_superseded(state: &State, msg: &Msg) -> bool {
    let wanted = &state.tickets;
    match msg {
        Msg::Progress(_) => state.loading.is_none(),
        Msg::Loaded { ticket, .. } => *ticket != wanted.load,
        Msg::Begun { ticket, .. } => *ticket != wanted.load || state.extent == Extent::Whole,
        Msg::GoOn(ticket) => ![wanted.rows, wanted.counting].contains(&Some(*ticket)),
        // A board that is not here yet is asked again when it is.
        Msg::Opened(ticket, opened) => *ticket != wanted.open || !Arc::ptr_eq(&opened.backlog, &state.board.backlog),
        Msg::Code(ticket, _) => *ticket != wanted.code,
        Msg::Preview(ticket, _) => *ticket != wanted.preview,
        Msg::Remedies(ticket, _) => Some(*ticket) != wanted.remedies,
        Msg::Upgraded(ticket, ..) => Some(*ticket) != wanted.upgrades,
        Msg::Planned(ticket, _) => *ticket != wanted.plan,
        Msg::Asking(ticket, _) | Msg::Asked(ticket, _) => {
            state.asking.as_ref().is_none_or(|asking| asking.ticket != *ticket)
        }
        Msg::Proving(ticket, _) | Msg::Proved(ticket, _) => state.proving != Some(*ticket),
        _ => false,
    }
}

/// Looks further for rows, or counts further.
fn go_on(state: &mut State, ticket: Ticket) -> Vec<Effect> {
    if Some(ticket) == state.tickets.counting {
        return see::count_on(state);
    }
    let effects = list::go_on(state, state.slice);
    if matches!(state.screen, Screen::Triage) && state.tickets.rows.is_none() {
        see::show(state);
    }
    effects
}

/// The beginnings of the reports, or more of them than before.
fn begun(state: &mut State, board: Board) -> Vec<Effect> {
    let mut effects = replace(state, board, Extent::Part);
    if matches!(state.screen, Screen::Read(_)) {
        effects.extend(see::count_anew(state));
        see::show_reading(state);
    }
    effects.extend(fresh_detail(state));
    effects
}

/// Puts a new board in place of the old one as a whole: cursor, selection and batch stay with their findings, and the
/// cursor at its place on the screen. Keys that decide and were pressed before it is drawn are dropped.
fn replace(state: &mut State, board: Board, extent: Extent) -> Vec<Effect> {
    state.list.has_status = has_status(&board);
    let before = std::mem::replace(&mut state.board, board);
    let was_part = state.extent == Extent::Part;
    state.extent = extent;
    // Those of the board before are of findings that are gone.
    state.tickets.remedies = None;
    state.shown.has_decided = true;
    let backlog = Arc::clone(&state.board.backlog);
    if was_part {
        list::follow(state, &Follow::from_beginning(&before.backlog, &backlog));
    } else {
        state.selection.move_along(&Follow::by_id(&before.backlog, &backlog));
    }
    // Its numbers are of findings that are gone.
    state.rows = Rows { key: state.rows.key, ..Rows::default() };
    state.list.lines = Lines::default();
    state.kept.retain(|id| backlog.find(*id).is_some());
    let above = state.list.at - state.list.top.min(state.list.at);
    let effects = list::rebuild_now(state);
    state.list.top = state.list.at.saturating_sub(above);
    list::keep_in_view(state);
    effects
}

/// All is loaded.
fn loaded(state: &mut State, board: Board, problems: Vec<Problem>) -> Vec<Effect> {
    let is_first = state.extent != Extent::Whole;
    // What was refused until now is possible.
    let refused = state.why_not_whole();
    state.notice.take_if(|notice| refused == Some(notice.text.as_str()));
    state.loading = None;
    state.changed = Changed::default();
    let gone = gone(&state.board, &board);
    state.problems = [state.own_problems.clone(), problems].concat();
    let mut effects = replace(state, board, Extent::Whole);
    let backlog = Arc::clone(&state.board.backlog);
    if let Some(names) = gone {
        state.say(Tone::Warning, format!("gone: {names}; scan again, then R"));
    } else if let Some(worst) = state.problems.iter().rev().max_by_key(|problem| problem.loss) {
        let tone = if worst.loss == Loss::Nothing { Tone::Info } else { Tone::Warning };
        let text = match state.problems.len() {
            1 => worst.to_string(),
            count if worst.loss == Loss::File => format!("{worst}; {} more: p lists them", count - 1),
            _ => format!("{} on the input; p lists them", tally(&state.problems)),
        };
        state.say(tone, text);
    } else {
        let again = (!is_first).then(|| format!("read again: {} findings", backlog.findings.len()));
        let tone = if is_first { Tone::Info } else { Tone::Done };
        let said: Vec<String> = again.into_iter().chain(ends(&state.board)).collect();
        if !said.is_empty() {
            state.say(tone, said.join("; "));
        }
    }
    if matches!(state.screen, Screen::Read(_)) {
        effects.extend(see::count_anew(state));
        see::show_reading(state);
    }
    // A batch under review stays what it was.
    effects.extend(fresh_detail(state));
    effects
}

/// How many decisions do not count any more, and how many end soon; nothing where none does.
fn ends(board: &Board) -> Option<String> {
    let decided = board.standings.decided();
    let lapsed = decided.iter().filter(|standing| standing.has_lapsed()).count();
    let is_near = |until: Date| board.today.until(until).is_ok_and(|span| (0..SOON).contains(&span.get_days()));
    let near =
        decided.iter().filter(|standing| !standing.has_lapsed() && standing.expires.is_some_and(is_near)).count();
    let count = |count| counted(count, "decision", "decisions");
    let lapsed = (lapsed > 0).then(|| format!("{} not in effect any more", count(lapsed)));
    let near = (near > 0).then(|| format!("{} to end within {SOON} days: ve", count(near)));
    let said: Vec<String> = lapsed.into_iter().chain(near).collect();
    (!said.is_empty()).then(|| said.join(", "))
}

/// Names of the reports that the last load had and this one has not, if there are any.
fn gone(before: &Board, after: &Board) -> Option<String> {
    let left: HashSet<&str> = after.backlog.reports.iter().map(|report| report.name.as_str()).collect();
    let names = before.backlog.reports.iter().map(|report| report.name.as_str());
    let gone: Vec<&str> = names.filter(|name| !left.contains(name)).collect();
    let named: Vec<&str> = gone.iter().take(MAX_NAMED).copied().collect();
    match gone.len() {
        0 => None,
        count if count > MAX_NAMED => Some(format!("{} and {} more", named.join(", "), count - MAX_NAMED)),
        _ => Some(named.join(", ")),
    }
}

/// Reads the open finding again, since the tree or the reports may have changed.
fn with_fresh_detail(state: &mut State, mut effects: Vec<Effect>) -> Vec<Effect> {
    effects.extend(fresh_detail(state));
    if matches!(state.screen, Screen::Review(_)) {
        effects.extend(review::plan(state));
    }
    effects
}

fn fresh_detail(state: &mut State) -> Vec<Effect> {
    if let Some(id) = state.current() {
        return list::open_again(state, id);
    }
    let effects = list::open_current(state);
    see::show(state);
    effects
}

fn opened_finding(state: &mut State, opened: Arc<Opened>) -> Vec<Effect> {
    let before = state.detail.opened.as_ref();
    let is_other = before.is_none_or(|before| before.finding != opened.finding);
    // In another backlog it may have other fixes.
    let is_new = is_other || before.is_none_or(|before| !Arc::ptr_eq(&before.backlog, &opened.backlog));
    let has_fix = opened.parts.iter().any(|(_, detail)| detail.as_ref().is_ok_and(|detail| !detail.fixes.is_empty()))
        || state.board.offers.count(opened.finding) > 0;
    let id = opened.finding;
    // The same finding comes twice: plain at once, then coloured. Only the first asks for its fix.
    let wants_preview = has_fix && (is_new || !opened.snippet.is_coloured);
    if is_other {
        state.detail.preview = None;
    }
    state.detail.opened = Some(opened);
    if state.detail.flow.is_none() {
        see::show(state);
    }
    if !wants_preview {
        return Vec::new();
    }
    vec![see::preview(state, id)]
}

/// Whether some finding has a decision, a flag or a baseline to tell: else the list needs no column for it.
fn has_status(board: &Board) -> bool {
    let is_told = |standing: &Standing| !standing.status.short().is_empty() || !standing.flags.is_empty();
    board.backlog.order().has_new || board.standings.decided().iter().any(is_told)
}

fn judge(state: &mut State, judged: Judged) -> Vec<Effect> {
    state.board.standings = judged.standings;
    state.board.events = judged.events;
    state.board.policies = judged.policies;
    state.board.funnel = judged.funnel;
    let is_fresh = judged.reaches.is_some();
    state.board.reaches = judged.reaches.unwrap_or_else(|| Arc::clone(&state.board.reaches));
    list::count_remedies(state);
    state.list.has_status = has_status(&state.board);
    let mut effects = list::rebuild(state);
    if is_fresh {
        effects.extend(fresh_detail(state));
    }
    effects
}

/// What an undo did, and what one more would do.
fn with_next(summary: &str, next: Option<&str>) -> String {
    match next {
        Some(next) => format!("{summary}; next u: {next}"),
        None => format!("{summary}; nothing more to undo"),
    }
}

/// Takes the new standings; `undo` is what `u` takes back from now on.
fn judged(state: &mut State, answer: Result<(String, Judged), Problem>, undo: Option<String>) -> Vec<Effect> {
    match answer {
        Ok((summary, news)) => {
            let effects = judge(state, news);
            state.undo = undo;
            state.say(Tone::Done, summary);
            if effects.is_empty() {
                see::show(state);
            }
            effects
        }
        Err(problem) => {
            state.fail(problem);
            Vec::new()
        }
    }
}

fn applied(state: &mut State, answer: Result<(Written, Judged), Problem>) -> Vec<Effect> {
    match answer {
        Ok((written, news)) => {
            if let Screen::Review(review) = &mut state.screen {
                let fixes: HashSet<FixId> = written.fixes.iter().copied().collect();
                let done = review.plan.iter().flat_map(|plan| &plan.fixes);
                let done = done.filter(|fix| fixes.contains(&fix.id));
                let done: IdSet = done.flat_map(PlannedFix::findings).collect();
                state.kept.retain(|id| !done.contains(id));
                state.choices = std::mem::take(&mut review.choices);
                state.choices.forget(|fix| fixes.contains(&fix));
            }
            state.screen = Screen::Triage;
            state.pane = Pane::List;
            let mut effects = judge(state, news);
            effects.push(fix::keep(state));
            state.undo = Some(written.summary.clone());
            state.say(Tone::Done, format!("{}; u takes it back", written.summary));
            with_fresh_detail(state, effects)
        }
        Err(problem) => {
            if let Screen::Review(review) = &mut state.screen {
                review.is_writing = false;
            }
            state.fail(problem);
            review::plan(state)
        }
    }
}

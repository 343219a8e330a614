//! The filter bar and the views that set it.

use crate::app::effect::Effect;
use crate::app::input::LineInput;
use crate::app::state::{ReadingKind, Screen, State, Tone};
use crate::model::funnel::Step;
use crate::model::home::{Home, Part};
use crate::query;

use super::list;

pub fn begin(state: &mut State) -> Vec<Effect> {
    let text = state.filter.text.clone();
    state.filter.editing = Some(LineInput::new(&text));
    state.filter.before = text;
    state.filter.error = None;
    update_completions(state);
    Vec::new()
}

/// After each key in the bar: results follow while the text can be read; a term that is not complete
/// keeps what was there.
pub fn typed(state: &mut State) -> Vec<Effect> {
    let Some(input) = &state.filter.editing else { return Vec::new() };
    let text = input.text().to_owned();
    update_completions(state);
    match query::parse(&text) {
        Ok(query) => {
            state.filter.error = None;
            state.lens.query = query;
            list::rebuild(state)
        }
        Err(error) => {
            state.filter.error = Some(error);
            Vec::new()
        }
    }
}

fn update_completions(state: &mut State) {
    let Some(input) = &state.filter.editing else { return };
    state.filter.completions = query::completions(input.text(), input.cursor(), &state.board);
}

pub fn keep(state: &mut State) -> Vec<Effect> {
    let Some(input) = state.filter.editing.clone() else { return Vec::new() };
    match query::parse(input.text()) {
        Ok(query) => {
            state.filter.editing = None;
            state.filter.error = None;
            input.text().trim().clone_into(&mut state.filter.text);
            state.lens.query = query;
            list::rebuild(state)
        }
        Err(error) => {
            state.say(Tone::Error, error.reason.clone());
            state.filter.error = Some(error);
            Vec::new()
        }
    }
}

pub fn cancel(state: &mut State) -> Vec<Effect> {
    state.filter.editing = None;
    state.filter.error = None;
    let before = state.filter.before.clone();
    set(state, &before)
}

pub fn complete(state: &mut State) -> Vec<Effect> {
    let Some(completion) = state.filter.completions.first().cloned() else { return Vec::new() };
    if let Some(input) = &mut state.filter.editing {
        input.replace(completion.span, &completion.insert);
    }
    typed(state)
}

/// Puts a query in effect.
pub fn set(state: &mut State, text: &str) -> Vec<Effect> {
    match query::parse(text) {
        Ok(query) => {
            text.clone_into(&mut state.filter.text);
            state.lens.query = query;
            list::rebuild(state)
        }
        Err(error) => {
            state.say(Tone::Error, error.reason);
            Vec::new()
        }
    }
}

/// The most services that one query names.
const MAX_NAMES: usize = 16;

/// A query for what runs in the same service as the finding under the cursor, or else workload or image.
fn of_its_service(state: &State) -> Option<String> {
    let finding = state.current_idx()?;
    let backlog = &state.board.backlog;
    let records = backlog.members(finding).iter().map(|&result| backlog.record(result));
    let mut home = Home::default();
    for other in records.filter_map(|record| state.board.reaches.homes.of(record)) {
        home.join(other);
    }
    let part = Part::ALL.iter().find(|part| !home.names(**part).is_empty())?;
    let quoted = |name: &str| if name.contains([' ', ',']) { format!("\"{name}\"") } else { name.to_owned() };
    let names: Vec<String> = home.distinct(*part).into_iter().take(MAX_NAMES).map(quoted).collect();
    Some(format!("{}:{}", part.name(), names.join(",")))
}

pub fn has_service(state: &State) -> Result<(), String> {
    match (&state.screen, of_its_service(state)) {
        (Screen::Read(reading), _) if !matches!(reading.kind, ReadingKind::Why | ReadingKind::History) => {
            Err("this page is about no finding".to_owned())
        }
        (_, None) => Err("no deployment file says what its code runs in".to_owned()),
        (_, Some(_)) => Ok(()),
    }
}

/// From a finding to all that its service has; `^o` goes back to it, `Esc` to the whole list.
pub fn same_service(state: &mut State) -> Vec<Effect> {
    let Some(query) = of_its_service(state) else { return Vec::new() };
    state.screen = Screen::Triage;
    list::remember(state);
    set(state, &query)
}

fn view(state: &mut State, text: &str, open_only: bool) -> Vec<Effect> {
    list::remember(state);
    state.lens.open_only = open_only;
    set(state, text)
}

pub fn view_open(state: &mut State) -> Vec<Effect> {
    view(state, "", true)
}

pub fn view_all(state: &mut State) -> Vec<Effect> {
    view(state, "", false)
}

pub fn view_fixable(state: &mut State) -> Vec<Effect> {
    view(state, "is:fixable", true)
}

pub fn view_new(state: &mut State) -> Vec<Effect> {
    view(state, "is:new", true)
}

pub fn view_came_back(state: &mut State) -> Vec<Effect> {
    view(state, "is:came-back", true)
}

pub fn view_proposed(state: &mut State) -> Vec<Effect> {
    set(state, "is:ai-proposed")
}

pub fn view_overdue(state: &mut State) -> Vec<Effect> {
    view(state, "is:overdue", true)
}

pub fn view_act_now(state: &mut State) -> Vec<Effect> {
    view(state, "lane:act-now", true)
}

pub fn view_sprint(state: &mut State) -> Vec<Effect> {
    view(state, "lane:act-now,this-sprint", true)
}

pub fn view_test_only(state: &mut State) -> Vec<Effect> {
    view_step(state, Step::TestOnly)
}

/// The findings of a step of the funnel.
fn view_step(state: &mut State, step: Step) -> Vec<Effect> {
    view(state, step.query(), false)
}

pub fn view_unreached(state: &mut State) -> Vec<Effect> {
    view_step(state, Step::Unreached)
}

pub fn view_scheduled(state: &mut State) -> Vec<Effect> {
    view_step(state, Step::Scheduled)
}

pub fn view_on_upgrade(state: &mut State) -> Vec<Effect> {
    view_step(state, Step::OnUpgrade)
}

pub fn view_contested(state: &mut State) -> Vec<Effect> {
    view(state, "is:conflict,outdated", true)
}

pub fn view_secrets(state: &mut State) -> Vec<Effect> {
    view(state, "is:secret", true)
}

pub fn view_high(state: &mut State) -> Vec<Effect> {
    view(state, "severity:>=high", true)
}

pub fn view_decided(state: &mut State) -> Vec<Effect> {
    view(state, "is:decided", false)
}

pub fn view_requested(state: &mut State) -> Vec<Effect> {
    view(state, "status:requested", true)
}

pub fn view_expiring(state: &mut State) -> Vec<Effect> {
    view(state, "expires:<14d", false)
}

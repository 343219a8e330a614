//! Keys inside forms and questions.

use std::str::FromStr;

use jiff::Span;
use jiff::civil::Date;

use crate::app::effect::Effect;
use crate::app::form::{FieldKind, Form, Release};
use crate::app::key::{Code, Key};
use crate::app::state::{Overlay, Screen, State};
use crate::model::board::Board;
use crate::model::decision::{JUSTIFICATIONS, Request};
use crate::model::id::{FindingId, id_range};
use crate::model::policy::drafted;
use crate::model::scope::SCOPES;

use super::decide;

/// Typing inside a form. `false` if the field does not take the key.
pub fn type_in_form(form: &mut Form, key: Key) -> bool {
    form.error = None;
    let Some(field) = form.fields.get_mut(form.at) else { return false };
    match field.kind {
        FieldKind::Justification => match key.code {
            Code::Left => field.input = next_label(field.input.text(), JUSTIFICATIONS.len() - 1),
            Code::Right | Code::Char(' ') => field.input = next_label(field.input.text(), 1),
            _ => return false,
        },
        FieldKind::Until => match key.typed() {
            Some('+') => move_date(field, 30),
            // A date holds `-` itself: it moves only where a whole date stands.
            Some('-') if Date::from_str(field.input.text()).is_ok() => move_date(field, -30),
            _ => return field.input.take(key),
        },
        _ => return field.input.take(key),
    }
    true
}

fn next_label(label: &str, step: usize) -> crate::app::input::LineInput {
    let at = JUSTIFICATIONS.iter().position(|known| *known == label).unwrap_or(0);
    crate::app::input::LineInput::new(JUSTIFICATIONS[(at + step) % JUSTIFICATIONS.len()])
}

fn move_date(field: &mut crate::app::form::Field, days: i64) {
    let moved = Date::from_str(field.input.text().trim())
        .ok()
        .and_then(|date| date.checked_add(Span::new().try_days(days).ok()?).ok());
    if let Some(date) = moved {
        field.input = crate::app::input::LineInput::new(&date.to_string());
    }
}

pub fn next_field(state: &mut State) -> Vec<Effect> {
    move_field(state, 1)
}

pub fn previous_field(state: &mut State) -> Vec<Effect> {
    move_field(state, usize::MAX)
}

fn move_field(state: &mut State, step: usize) -> Vec<Effect> {
    if let Some(Overlay::Form(form)) = &mut state.overlay {
        let count = form.fields.len().max(1);
        form.at = (form.at + if step == 1 { 1 } else { count - 1 }) % count;
    }
    Vec::new()
}

/// Releases the form if it is complete, else says what is missing and goes there.
pub fn submit(state: &mut State) -> Vec<Effect> {
    let Some(Overlay::Form(form)) = &mut state.overlay else { return Vec::new() };
    match filled(form, &state.board) {
        Ok(request) => {
            let name = form.name.clone();
            state.overlay = None;
            state.drafts.retain(|(draft, _)| *draft != name);
            decide::release(state, request)
        }
        Err((at, error)) => {
            form.at = at;
            form.error = Some(error);
            Vec::new()
        }
    }
}

/// The request with what was typed, or the field that is wrong and why.
fn filled(form: &Form, board: &Board) -> Result<Request, (usize, String)> {
    let mut request = form.request.clone();
    for (at, field) in form.fields.iter().enumerate() {
        let text = field.input.text().trim();
        if text.is_empty() {
            if field.is_required {
                return Err((at, format!("{} is needed", field.label.to_lowercase())));
            }
            continue;
        }
        let some = Some(text.to_owned());
        match field.kind {
            FieldKind::Reason => request.reason = some,
            FieldKind::Ticket => request.ticket = some,
            FieldKind::RiskOwner => request.risk_owner = some,
            FieldKind::Control => request.control = some,
            FieldKind::Scope => {
                let kind = text.split(':').next().unwrap_or_default().trim();
                if !SCOPES.contains(&kind) {
                    return Err((at, format!("{text} is no scope: {}", SCOPES.join(", "))));
                }
                request.scope_words = some.filter(|words| words != SCOPES[0]);
            }
            FieldKind::Owner => request.owner = some,
            FieldKind::Justification => request.justification = some,
            FieldKind::Until => {
                let date = Date::from_str(text).map_err(|_| (at, format!("{text} is no date like 2027-02-20")))?;
                request.until = Some(date);
            }
            FieldKind::DuplicateOf => {
                let id = FindingId::from_str(text).ok().or_else(|| id_range(text).map(|(low, _)| low));
                request.duplicate_of =
                    Some(id.ok_or_else(|| (at, format!("{text} is no id like q1-0123456789abcdef")))?);
            }
            FieldKind::Count if text != request.findings.len().to_string() => {
                return Err((at, format!("{text} is not the number of findings, {}", request.findings.len())));
            }
            FieldKind::Count => {}
        }
    }
    if let Some(lack) = request.lacks(board.today) {
        return Err((form.at, lack));
    }
    let policies = &board.policies;
    match policies.refuse(board, &request, &drafted(&request, policies.day), policies.day) {
        Some((_, breach)) => {
            let until = form.fields.iter().position(|field| field.kind == FieldKind::Until);
            let at = until.filter(|_| breach.latest.is_some()).unwrap_or(form.at);
            Err((at, format!("{}: {}", breach.allowed, breach.words())))
        }
        None => Ok(request),
    }
}

/// Closes the innermost dialog; what was typed into a form is kept for the next time.
pub fn close(state: &mut State) -> Vec<Effect> {
    if let Some(Overlay::Form(form)) = &state.overlay {
        let texts = form.fields.iter().map(|field| field.input.text().to_owned()).collect();
        let name = form.name.clone();
        state.drafts.retain(|(draft, _)| *draft != name);
        state.drafts.push((name, texts));
    }
    state.overlay = None;
    Vec::new()
}

/// Releases what a question holds, if its number was typed.
pub fn answer(state: &mut State) -> Vec<Effect> {
    let Some(Overlay::Confirm(confirm)) = &mut state.overlay else { return Vec::new() };
    if confirm.input.text().trim() != confirm.expect {
        confirm.error = Some(format!("type {} and Enter, or Esc", confirm.expect));
        return Vec::new();
    }
    let Some(Overlay::Confirm(confirm)) = state.overlay.take() else { return Vec::new() };
    match confirm.release {
        Release::Decide(request) => decide::release(state, *request),
        Release::Apply(plan) => {
            if let Screen::Review(review) = &mut state.screen {
                review.is_writing = true;
            }
            vec![Effect::Apply(plan)]
        }
    }
}

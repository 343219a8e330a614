//! Stepping through a flow: the steps above, the code at the current one below.

use crate::app::page::{Line, Page, Role};
use crate::app::state::State;
use crate::model::detail::{Flow, FlowKind};
use crate::model::text;

use super::{code, detail, wrap};

/// Steps that stay visible around the current one.
const STEPS: usize = 9;

/// The page of the current step in a pane of this size.
pub fn page(state: &State, width: u16, height: usize) -> Page {
    let width = usize::from(width.max(20));
    let Some(cursor) = &state.detail.flow else { return Page::default() };
    let Some(flow) = cursor.flows.get(cursor.flow) else { return Page::default() };
    let shown = STEPS.min(height.saturating_sub(6).max(3) / 2).max(3);
    let from = cursor.step.saturating_sub(shown / 2).min(flow.steps.len().saturating_sub(shown));
    let cover = state.current_idx().zip(state.detail.opened.as_ref());
    let cover = cover.map(|(finding, opened)| detail::cover(state, finding, opened)).unwrap_or_default();
    let mut lines = Vec::new();
    if let Some(message) = flow.message.as_deref().filter(|message| !message.is_empty()) {
        lines.extend(wrap::paragraph(Role::Dim, &cover.text(message), width).into_iter().take(2));
    }
    for (at, step) in flow.steps.iter().enumerate().skip(from).take(shown) {
        let mut line = detail::flow_line(at, step, width, &cover);
        if at == cursor.step {
            line.fill = Some(Role::Cursor);
        }
        lines.push(line);
    }
    let hidden = flow.steps.len().saturating_sub(from + shown);
    if hidden > 0 {
        lines.push(Line::new(Role::Dim, &format!("     {hidden} more steps")));
    }
    lines.push(Line::blank());
    if let Some(step) = flow.steps.get(cursor.step) {
        let said = cover.text(detail::said(&step.location));
        if text::width(&text::visible(&said)) > detail::room_for_text(&step.location, width) {
            lines.extend(wrap::paragraph(Role::Text, &said, width).into_iter().take(4));
        }
        lines.extend(wrap::paragraph(Role::Dim, &around_step(flow, cursor.step), width).into_iter().take(4));
        // The flagged line stands in the middle of what is left of the pane.
        let around = u32::try_from(height.saturating_sub(lines.len() + 1) / 2).unwrap_or(u32::MAX).max(1);
        match &cursor.code {
            Some(snippet) => lines.extend(code::lines(&cover.snippet(snippet), width, around)),
            None => lines.push(Line::new(Role::Dim, "reading the code")),
        }
    }
    let flows = if cursor.flows.len() > 1 {
        format!("flow {} of {} (< > others), ", cursor.flow + 1, cursor.flows.len())
    } else {
        "Flow: ".to_owned()
    };
    let flows = if flow.kind == FlowKind::Thread { flows } else { format!("{flows}{}, ", flow.kind.name()) };
    Page { title: format!("{flows}step {} of {}", cursor.step + 1, flow.steps.len()), lines }
}

/// What is known at a step beside its place: values, those from before the first step too; kinds and module. Empty
/// where nothing is.
fn around_step(flow: &Flow, at: usize) -> String {
    let Some(step) = flow.steps.get(at) else { return String::new() };
    let before = flow.state.iter().filter(|_| at == 0);
    let values = before.chain(&step.state).map(|(name, value)| format!("{name} = {value}"));
    let module = step.module.iter().map(|module| format!("in {module}"));
    let words: Vec<String> = step.kinds.iter().cloned().chain(module).chain(values).collect();
    words.join("; ")
}

//! The page of a group's heading: what is in it, and what keys do with all of it.

use crate::app::act::decide;
use crate::app::page::{Line, Page, Role};
use crate::app::state::{ListLine, State};
use crate::model::text;
use crate::query::GroupKey;

use super::detail::place;

/// Findings that are listed one by one.
const LISTED: usize = 40;

/// The page of the group under the cursor; empty where the cursor is on no group.
pub fn page(state: &State, width: usize) -> Page {
    let Some(ListLine::Group(number)) = state.line(state.list.at) else { return Page::default() };
    let findings = state.rows.of_group(number);
    let backlog = &state.board.backlog;
    let fixable = state.board.fixable();
    let fixable = findings.iter().filter(|finding| fixable.has(**finding)).count();
    let counts = state.board.backlog.order().count(findings.iter().copied());
    let kind = state.rows.key.map_or("group", |key| key.name());
    let mut lines = vec![
        Line::new(Role::Dim, &format!("{kind}  ")).with(Role::Strong, &state.rows.label(&state.board, number)),
        decide::severities(&counts).with(Role::Dim, &format!("; {fixable} with a fix")),
        Line::blank(),
        Line::new(Role::Dim, "Enter folds it; verdicts and f act on all of it"),
        Line::blank(),
    ];
    if let Some(note) = state.rows.note(&state.board, number) {
        lines.insert(1, Line::new(Role::Text, &note));
    }
    for finding in findings.iter().take(LISTED) {
        let (found, lead) = (backlog.finding(*finding), backlog.lead(*finding));
        let at = place(backlog.path(lead), lead);
        let at = text::cut_start(&at, width * 3 / 5).into_owned();
        let rule = if state.rows.key == Some(GroupKey::Rule) { "" } else { &backlog.rule(lead).id };
        let rule = text::cut(rule, width.saturating_sub(text::width(&at) + 7)).into_owned();
        lines.push(
            Line::new(found.severity.into(), &format!("{:<5}", found.severity.short()))
                .with(Role::Link, &at)
                .with(Role::Dim, &format!("  {rule}")),
        );
    }
    if findings.len() > LISTED {
        lines.push(Line::new(Role::Dim, &format!("and {} more", findings.len() - LISTED)));
    }
    Page { title: "Group".to_owned(), lines }
}

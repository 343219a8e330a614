//! Decisions that match nothing that is loaded: what may be cleaned up, or shows that a report is missing.

use std::collections::HashSet;

use crate::app::page::{Line, Page, Role};
use crate::app::state::{Extent, State};
use crate::model::board::Board;
use crate::model::decision::{Event, Op};
use crate::model::text::counted;

use super::wrap::paragraph;

pub fn page(state: &State, width: u16) -> Page {
    let width = usize::from(width.max(20));
    let orphans = orphans(&state.board);
    let mut lines = Vec::new();
    if state.extent != Extent::Whole {
        lines.push(Line::new(Role::Warning, "not everything is loaded yet: what is missing here may still come"));
    }
    let said = if orphans.is_empty() {
        "No decision is without a finding of the reports that are loaded.".to_owned()
    } else {
        let count = counted(orphans.len(), "decision matches", "decisions match");
        format!("{count} no finding of the reports that are loaded.")
    };
    lines.extend(paragraph(Role::Text, &said, width));
    for event in orphans {
        lines.push(Line::blank());
        lines.extend(row(event, width));
    }
    Page { title: "Decisions that match nothing".to_owned(), lines }
}

fn row(event: &Event, width: usize) -> Vec<Line> {
    let until = event.until.map(|until| format!(" until {until}")).unwrap_or_default();
    let head = Line::new(Role::Title, &event.op).stop();
    let mut lines = vec![
        head.with(Role::Text, &format!("{until} by {}", event.author))
            .with(Role::Dim, &format!("  {}  {}", event.at.strftime("%Y-%m-%d"), event.id)),
    ];
    if let Some(member) = event.members.first() {
        let more = event.members.len() - 1;
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let place = format!("  {}{more}", member.words());
        lines.extend(paragraph(Role::Link, &place, width));
    }
    lines.extend(event.reason.iter().flat_map(|reason| paragraph(Role::Dim, &format!("  {reason}"), width)));
    lines
}

/// Verdicts and treatments that nobody replaced or took back, that have not ended, and that no finding has.
fn orphans(board: &Board) -> Vec<&Event> {
    let standings = board.standings.decided();
    let matched: HashSet<u32> = standings.iter().flat_map(|standing| standing.events.iter().copied()).collect();
    let replaced: HashSet<&str> = board.events.iter().flat_map(|event| &event.supersedes).map(String::as_str).collect();
    let decides = |event: &Event| {
        let op = Op::parse(&event.op);
        let is_verdict = matches!(op, Some(Op::Confirm | Op::FalsePositive | Op::NotAffected | Op::Duplicate));
        is_verdict || op.is_some_and(Op::is_treatment)
    };
    let is_orphan = |(number, event): &(u32, &Event)| {
        decides(event)
            && !matched.contains(number)
            && !replaced.contains(event.id.as_str())
            && event.until.is_none_or(|until| until >= board.today)
    };
    (0..).zip(board.events.iter()).filter(is_orphan).map(|(_, event)| event).collect()
}

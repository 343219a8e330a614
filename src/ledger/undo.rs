//! Taking events back, and bringing them back: both only ever add an event.

use jiff::Timestamp;

use crate::model::decision::{Event, Op};
use crate::model::problem::Problem;
use crate::repo::Repo;

use super::decide::{blank, refuse};
use super::event::seal;
use super::fold::branches;
use super::graph::Graph;

/// Appends an event that takes back these events (undo). Returns it. What they replaced is in effect again.
pub fn revoke(repo: &Repo, events: &[Event], ids: &[String], now: Timestamp) -> Result<Event, Problem> {
    if ids.is_empty() {
        return Err(refuse("", "no decision is named", "choose one from the history"));
    }
    if let Some(id) = ids.iter().find(|id| !events.iter().any(|event| event.id == **id)) {
        return Err(refuse(id.as_str(), "no such decision in the ledger", "reload, then choose it from the history"));
    }
    let mut supersedes = ids.to_vec();
    supersedes.sort_unstable();
    supersedes.dedup();
    let draft = seal(Event { supersedes, ..blank(repo, Op::Revoke, now) });
    draft.write(repo)?;
    Ok(draft.event)
}

/// Those of these events that nobody has taken back.
pub fn in_effect(repo: &Repo, events: &[Event], ids: &[String]) -> Vec<String> {
    let graph = Graph::new(events, &branches(repo, events));
    let is_so = |(number, event): &(u32, &Event)| ids.contains(&event.id) && !graph.is_taken_back(*number);
    (0..).zip(events).filter(is_so).map(|(_, event)| event.id.clone()).collect()
}

/// Appends an event that takes back the revokes of these events (redo). Returns it. Refuses where somebody else has taken
/// one of them back too: a revoke of theirs is theirs to undo.
pub fn restore(repo: &Repo, events: &[Event], ids: &[String], now: Timestamp) -> Result<Event, Problem> {
    let graph = Graph::new(events, &branches(repo, events));
    let is_named = |event: &Event| event.supersedes.iter().any(|id| ids.contains(id));
    let in_effect: Vec<&Event> = (0..)
        .zip(events)
        .filter(|&(number, event)| {
            graph.op(number) == Some(Op::Revoke) && !graph.is_taken_back(number) && is_named(event)
        })
        .map(|(_, event)| event)
        .collect();
    let author = repo.author();
    if let Some(other) = in_effect.iter().find(|event| *event.author != *author) {
        let reason = format!("{} has taken the decision back too", other.author);
        return Err(refuse(other.id.as_str(), reason, "decide again"));
    }
    let revokes: Vec<String> = in_effect.iter().map(|event| event.id.clone()).collect();
    if revokes.is_empty() {
        return Err(refuse("", "nothing here was taken back", "reload to see the decisions in effect"));
    }
    revoke(repo, events, &revokes, now)
}

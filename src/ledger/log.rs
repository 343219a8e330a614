//! The events one by one, with what became of each.

use std::collections::HashSet;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::model::backlog::FindingIdx;
use crate::model::board::Board;
use crate::model::decision::{Event, Op};
use crate::model::grade::vocabulary;
use crate::model::policy::Policies;
use crate::repo::Repo;

use super::fold::{branches, names};
use super::graph::{Chain, Graph, chain};
use super::keeps::{Lack, lacks};
use super::policy;
use super::scope::mentions;

vocabulary! {
    /// What became of an event.
    State {
        InEffect = "in-effect",
        /// By later ones, for all that it is about.
        Replaced = "replaced",
        TakenBack = "taken-back", Denied = "denied", Expired = "expired",
        /// It counts for nothing, or not before another person approves it.
        AgainstPolicy = "against-policy", Requested = "requested",
        /// It holds on other branches.
        Elsewhere = "elsewhere",
    }
}

/// What became of each event, in their order, by what they say themselves: what ends by a change needs reports.
pub fn states(repo: &Repo, events: &[Event], today: Date) -> Vec<State> {
    states_by(repo, events, today, &policy::in_force(repo).0, Timestamp::now())
}

/// The same on another day and by the policies of that day; `now` is a time on it.
pub(super) fn states_by(repo: &Repo, events: &[Event], today: Date, policies: &Policies, now: Timestamp) -> Vec<State> {
    let graph = Graph::new(events, &branches(repo, events));
    let heads = heads(&graph);
    let state = |(number, event)| state_of(&graph, &heads, event, number, today);
    let mut states: Vec<State> = (0..).zip(events).map(state).collect();
    let (lacks, _) = lacks(repo, events, policies, now, &|event| Some(names(event)));
    for (number, lack) in lacks {
        states[number] = match lack {
            Lack::Breach(_) => State::AgainstPolicy,
            Lack::Approval(_) => State::Requested,
        };
    }
    states
}

/// The same of one event, whatever a policy says.
pub(super) fn state_of(graph: &Graph<'_>, heads: &HashSet<u32>, event: &Event, number: u32, today: Date) -> State {
    let op = graph.op(number);
    // What is also about results that are not named is replaced only for those that are.
    let is_replaced = op.and_then(chain).is_some() && event.scope.is_none() && !heads.contains(&number);
    if graph.is_taken_back(number) {
        State::TakenBack
    } else if !graph.holds(number) && op != Some(Op::Revoke) {
        State::Elsewhere
    } else if is_replaced {
        State::Replaced
    } else if graph.is_denied(number) {
        State::Denied
    } else if event.until.is_some_and(|until| until < today) {
        State::Expired
    } else {
        State::InEffect
    }
}

/// The events that are in effect for some result.
pub(super) fn heads(graph: &Graph<'_>) -> HashSet<u32> {
    let mut heads: HashSet<u32> = HashSet::new();
    for id in graph.named() {
        let mentions = graph.mentions(id);
        for chain in [Chain::Status, Chain::Owner] {
            heads.extend(graph.heads(mentions, chain).iter().map(|head| head.event));
        }
    }
    heads
}

/// How many findings of a board each of its events is about.
pub fn matches(board: &Board) -> Vec<usize> {
    let graph =
        Graph::new(&board.events, &[]).bound(&board.standings.bound).with(mentions(&board.backlog, &board.events));
    let mut found: Vec<(u32, FindingIdx)> = Vec::new();
    for id in graph.named() {
        let findings = board.backlog.find_range(id, id);
        let mentions = graph.mentions(id).iter();
        found.extend(mentions.flat_map(|mention| findings.iter().map(|&finding| (mention.event, finding))));
    }
    found.sort_unstable();
    found.dedup();
    let mut counts = vec![0; board.events.len()];
    for (event, _) in found {
        counts[event as usize] += 1;
    }
    counts
}

//! The events one by one, with what became of each.

use std::collections::HashSet;

use jiff::civil::Date;

use crate::model::backlog::FindingIdx;
use crate::model::board::Board;
use crate::model::decision::{Event, Op};
use crate::model::grade::vocabulary;
use crate::repo::Repo;

use super::fold::branches;
use super::graph::{Chain, Graph, chain};
use super::scope::mentions;

vocabulary! {
    /// What became of an event.
    State {
        InEffect = "in-effect",
        /// By later ones, for all that it is about.
        Replaced = "replaced",
        TakenBack = "taken-back", Denied = "denied", Expired = "expired",
        /// It holds on other branches.
        Elsewhere = "elsewhere",
    }
}

/// What became of each event, in their order.
pub fn states(repo: &Repo, events: &[Event], today: Date) -> Vec<State> {
    let graph = Graph::new(events, &branches(repo, events));
    let mut heads: HashSet<u32> = HashSet::new();
    for id in graph.named() {
        let mentions = graph.mentions(id);
        for chain in [Chain::Status, Chain::Owner] {
            heads.extend(graph.heads(mentions, chain).iter().map(|head| head.event));
        }
    }
    let state = |(number, event): (u32, &Event)| {
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
    };
    (0..).zip(events).map(state).collect()
}

/// How many findings of a board each of its events is about.
pub fn matches(board: &Board) -> Vec<usize> {
    let graph = Graph::new(&board.events, &[]).with(mentions(&board.backlog, &board.events));
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

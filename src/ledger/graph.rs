//! Events as a graph: which are taken back, which replace which, and what is left in effect for one result.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use rayon::slice::ParallelSliceMut;

use crate::model::bound::{Bound, Hold};
use crate::model::decision::{Event, Op, Origin};
use crate::model::id::FindingId;

use super::event::op_of;
use super::home::holds_on;

/// Decisions of one kind replace each other. A comment replaces nothing and has no chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chain {
    /// Verdicts, treatments and reopenings: what the status follows from.
    Status,
    Owner,
    /// That what a model proposes was rejected, which replaces nothing either, and goes where the result goes.
    Answer,
}

impl Chain {
    pub(super) const ALL: [Self; 3] = [Self::Status, Self::Owner, Self::Answer];
}

/// How an op acts on the status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Verdict,
    Treatment,
    Reopen,
    /// Not at all.
    None,
}

pub(super) fn part(op: Op) -> Part {
    match op {
        Op::Confirm | Op::FalsePositive | Op::NotAffected | Op::Duplicate => Part::Verdict,
        Op::AcceptRisk | Op::Mitigated | Op::Defer | Op::FixApplied => Part::Treatment,
        Op::Reopen => Part::Reopen,
        Op::Assign | Op::Comment | Op::Revoke | Op::Approve | Op::Deny => Part::None,
    }
}

/// The chain of what such a decision replaces.
pub(super) fn chain(op: Op) -> Option<Chain> {
    match part(op) {
        Part::Verdict | Part::Treatment | Part::Reopen => Some(Chain::Status),
        Part::None => (op == Op::Assign).then_some(Chain::Owner),
    }
}

fn chain_of(event: &Event) -> Option<Chain> {
    let op = op_of(event)?;
    chain(op).or_else(|| (op == Op::Comment && !event.ai.is_empty()).then_some(Chain::Answer))
}

/// That an event names a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mention {
    pub(super) id: FindingId,
    /// Number of the event.
    pub(super) event: u32,
    /// Position in the event's members.
    pub(super) member: u32,
}

/// All events with their links resolved. Links to events that are not here (yet) are left out.
pub(super) struct Graph<'a> {
    pub(super) events: &'a [Event],
    nodes: Vec<Node>,
    /// Sorted; each event once for a result.
    mentions: Vec<Mention>,
}

#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "four things that are asked apart")]
struct Node {
    op: Option<Op>,
    chain: Option<Chain>,
    is_taken_back: bool,
    /// Whether it is in effect on this branch, if nothing speaks against it; and whether it replaces what it names.
    holds: bool,
    replaces: bool,
    /// Whether a denial that is in effect is about it.
    is_denied: bool,
    /// Approvals in effect that are about it.
    approvals: Vec<u32>,
    /// Events that this one replaces or takes back, sorted.
    links: Vec<u32>,
    /// Revokes that name this event.
    revokes: Vec<u32>,
}

impl<'a> Graph<'a> {
    /// As things stand on these branches. What another branch decided for itself holds there alone, but what it replaced
    /// is replaced here too: a decision that was withdrawn where it was made is withdrawn.
    pub(super) fn new(events: &'a [Event], branches: &[String]) -> Self {
        let by_id: ById = events.iter().zip(0..).map(|(event, number)| (event.id.as_str(), number)).collect();
        let nodes = nodes(events, &by_id, branches);
        let mut graph = Self { events, nodes, mentions: mentions(events) };
        graph.take_back();
        graph.answer(&by_id);
        graph
    }

    /// Adds that events are about results which they do not name. What they name counts as named.
    #[must_use]
    pub(super) fn with(mut self, mentions: Vec<Mention>) -> Self {
        if !mentions.is_empty() {
            self.mentions.extend(mentions);
            self.mentions.par_sort_unstable();
            self.mentions.dedup_by_key(|mention| (mention.id, mention.event));
        }
        self
    }

    /// Takes it as it is known which results events are about.
    #[must_use]
    pub(super) fn bound(mut self, bound: &Bound) -> Self {
        self.mentions.retain(|mention| !bound.has_left(mention.id, mention.event));
        let held = |hold: &Hold| Mention { id: hold.result, event: hold.event, member: hold.member };
        self.with(bound.holds.iter().map(held).collect())
    }

    /// Gives acceptances the answers of others.
    fn answer(&mut self, by_id: &ById) {
        for (number, event) in (0..).zip(self.events).filter(|(_, event)| !event.about.is_empty()) {
            let node = &self.nodes[number as usize];
            let op = node.op.filter(|_| node.replaces && !node.is_taken_back);
            for target in event.about.iter().filter_map(|id| by_id.get(id.as_str())) {
                let target = &mut self.nodes[*target as usize];
                match op {
                    Some(Op::Deny) => target.is_denied = true,
                    Some(Op::Approve) => target.approvals.push(number),
                    _ => {}
                }
            }
        }
    }

    /// The approvals in effect of an acceptance, whoever made them.
    pub(super) fn approvals(&self, event: u32) -> &[u32] {
        &self.nodes[event as usize].approvals
    }

    pub(super) fn is_denied(&self, event: u32) -> bool {
        self.nodes[event as usize].is_denied
    }

    /// Whether it can be in effect on these branches.
    pub(super) fn holds(&self, event: u32) -> bool {
        self.nodes[event as usize].holds
    }

    /// The results that events name, each once.
    pub(super) fn named(&self) -> impl Iterator<Item = FindingId> {
        self.by_result().filter_map(|mentions| Some(mentions.first()?.id))
    }

    /// The mentions of each result.
    pub(super) fn by_result(&self) -> impl Iterator<Item = &[Mention]> {
        self.mentions.chunk_by(|a, b| a.id == b.id)
    }

    /// The events that name a result.
    pub(super) fn mentions(&self, id: FindingId) -> &[Mention] {
        let from = self.mentions.partition_point(|mention| mention.id < id);
        let rest = &self.mentions[from..];
        let count = rest.iter().take_while(|mention| mention.id == id).count();
        &rest[..count]
    }

    pub(super) fn op(&self, event: u32) -> Option<Op> {
        self.nodes[event as usize].op
    }

    pub(super) fn revokes(&self, event: u32) -> &[u32] {
        &self.nodes[event as usize].revokes
    }

    pub(super) fn is_taken_back(&self, event: u32) -> bool {
        self.nodes[event as usize].is_taken_back
    }

    /// The mentions of one chain that are in effect: not taken back, and replaced by none that is in effect. What a
    /// replacement replaced in its turn stays replaced, also when the one in the middle was taken back.
    pub(super) fn heads(&self, mentions: &[Mention], chain: Chain) -> Vec<Mention> {
        if let [only] = mentions {
            let node = &self.nodes[only.event as usize];
            let is_head = node.holds && !node.is_taken_back && node.chain == Some(chain);
            return if is_head { vec![*only] } else { Vec::new() };
        }
        let of_chain = |mention: &&Mention| self.nodes[mention.event as usize].chain == Some(chain);
        let mentions: Vec<Mention> = mentions.iter().filter(of_chain).copied().collect();
        let is_live = |at: &usize| {
            let node = &self.nodes[mentions[*at].event as usize];
            node.replaces && !node.is_taken_back
        };
        let live = (0..mentions.len()).filter(is_live);
        let mut is_replaced = vec![false; mentions.len()];
        let mut todo: Vec<usize> = live.clone().flat_map(|at| self.replaced_by(&mentions, at)).collect();
        while let Some(at) = todo.pop() {
            if !std::mem::replace(&mut is_replaced[at], true) {
                todo.extend(self.replaced_by(&mentions, at));
            }
        }
        live.filter(|&at| !is_replaced[at] && self.holds(mentions[at].event)).map(|at| mentions[at]).collect()
    }

    /// Whether a confirmation stands behind a decision that no longer holds: the nearest verdicts among what it replaced,
    /// past treatments and past what was taken back.
    pub(super) fn was_confirmed(&self, mentions: &[Mention], event: u32) -> bool {
        let Some(start) = position(mentions, event) else { return false };
        let mut is_seen = vec![false; mentions.len()];
        let mut todo: Vec<usize> = self.replaced_by(mentions, start).collect();
        while let Some(at) = todo.pop() {
            if std::mem::replace(&mut is_seen[at], true) {
                continue;
            }
            let event = mentions[at].event;
            match self.op(event).map_or(Part::None, part) {
                Part::Verdict | Part::Reopen if !self.is_taken_back(event) => {
                    if self.op(event) == Some(Op::Confirm) {
                        return true;
                    }
                }
                Part::Verdict | Part::Reopen | Part::Treatment | Part::None => {
                    todo.extend(self.replaced_by(mentions, at));
                }
            }
        }
        false
    }

    /// Positions in `mentions` that one of them links to: by whichever list is shorter, since a bulk decision links to
    /// thousands of events and one finding can have thousands of decisions, but hardly both.
    fn replaced_by<'b>(&'b self, mentions: &'b [Mention], at: usize) -> Box<dyn Iterator<Item = usize> + 'b> {
        let links = &self.nodes[mentions[at].event as usize].links;
        if links.len() <= mentions.len() {
            return Box::new(links.iter().filter_map(|&link| position(mentions, link)));
        }
        Box::new((0..mentions.len()).filter(|&other| links.binary_search(&mentions[other].event).is_ok()))
    }

    /// Marks what is taken back: named by a revoke that is not itself taken back. Revokes that nobody names come first,
    /// then those whose revokes are settled. Events in a circle, which no honest writer makes, all count as taken back.
    fn take_back(&mut self) {
        let is_revoke = |node: &Node| node.op == Some(Op::Revoke);
        let mut unsettled: Vec<usize> = self.nodes.iter().map(|node| node.revokes.len()).collect();
        let revokes: Vec<usize> = (0..self.nodes.len()).filter(|&at| is_revoke(&self.nodes[at])).collect();
        let mut ready: Vec<usize> = revokes.iter().copied().filter(|&at| unsettled[at] == 0).collect();
        let mut is_settled = vec![false; self.nodes.len()];
        while let Some(at) = ready.pop() {
            is_settled[at] = true;
            for link in self.nodes[at].links.clone() {
                let target = link as usize;
                self.nodes[target].is_taken_back |= !self.nodes[at].is_taken_back;
                unsettled[target] -= 1;
                if unsettled[target] == 0 && is_revoke(&self.nodes[target]) {
                    ready.push(target);
                }
            }
        }
        for at in revokes.into_iter().filter(|&at| !is_settled[at]) {
            for link in self.nodes[at].links.clone() {
                self.nodes[link as usize].is_taken_back = true;
            }
        }
    }
}

/// Numbers of events by their ids.
type ById<'e> = HashMap<&'e str, u32, RandomState>;

fn nodes(events: &[Event], by_id: &ById, branches: &[String]) -> Vec<Node> {
    let mut nodes: Vec<Node> = events.iter().map(|event| node(event, by_id, branches)).collect();
    for at in 0..nodes.len() {
        if nodes[at].op == Some(Op::Revoke) {
            for link in nodes[at].links.clone() {
                nodes[link as usize].revokes.push(u32::try_from(at).unwrap_or(u32::MAX));
            }
        }
    }
    nodes
}

fn node(event: &Event, by_id: &ById, branches: &[String]) -> Node {
    let mut links: Vec<u32> = event.supersedes.iter().filter_map(|id| by_id.get(id.as_str()).copied()).collect();
    links.sort_unstable();
    links.dedup();
    let replaces = holds_on(event, branches);
    let holds = replaces && (event.origin != Origin::Elsewhere || !event.branches.is_empty());
    Node { op: op_of(event), chain: chain_of(event), links, holds, replaces, ..Node::default() }
}

fn mentions(events: &[Event]) -> Vec<Mention> {
    let mut mentions = Vec::new();
    for (event, number) in events.iter().zip(0..) {
        for (anchor, member) in event.members.iter().zip(0..) {
            for id in std::iter::once(&anchor.id).chain(&anchor.was) {
                mentions.push(Mention { id: *id, event: number, member });
            }
        }
    }
    mentions.par_sort_unstable();
    mentions.dedup_by_key(|mention| (mention.id, mention.event));
    mentions
}

/// Where an event stands among the mentions of one result, which are sorted by event.
fn position(mentions: &[Mention], event: u32) -> Option<usize> {
    mentions.binary_search_by_key(&event, |mention| mention.event).ok()
}

//! Which results of what is loaded events are about: those that they name, where it is known to be the same still, and
//! those of other ids that are the same by what is known of them. One to one, what tells most first.
//!
//! An id counts equal results of one rule and text in a file, and changes with the path and the flagged lines. So where an
//! id is gone, or is there in a report younger than the decision, what stood around is compared, and git is asked where the
//! lines went. What is only likely leaves the result open, and a person confirms it. The work grows with the decisions that
//! what is loaded does not answer by id and place alone; what git compares is bounded.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

use crate::model::backlog::{Backlog, ResultIdx};
use crate::model::bound::{Bound, Hold, Tie};
use crate::model::decision::Event;
use crate::model::id::FindingId;
use crate::repo::Repo;

use super::anchor::Seen;
use super::graph::{Chain, Graph};
use super::rungs;
use super::sides::{Now, Sides, Then};

/// A member of an event that is in effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Slot {
    pub(super) event: u32,
    pub(super) member: u32,
}

/// What is known beside the ids that events name. Asked at every load and after every decision.
pub(super) fn bind(repo: &Repo, backlog: &Backlog, graph: &Graph, seen: Option<Seen>) -> Bound {
    let slots = slots(graph);
    let who = Who::of(graph.events);
    let mut sides = Sides::new(repo, backlog, graph, &slots, &who);
    if !sides.thens.is_empty() {
        rungs::by_place(&mut sides);
        sides.place_rewritten();
        rungs::by_place(&mut sides);
        sides.follow_lines();
        rungs::by_line(&mut sides);
        if let Some(seen) = seen {
            sides.read_fingerprints(seen);
            rungs::by_fingerprint(&mut sides);
        }
        rungs::by_id(&mut sides);
        sides.add_other_files();
        rungs::by_likeness(&mut sides);
    }
    bound(backlog, graph, &slots, &who, &sides)
}

/// The members of events that are in effect for a result, each once.
fn slots(graph: &Graph) -> Vec<Slot> {
    let mut slots: Vec<Slot> = Vec::new();
    for mentions in graph.by_result() {
        for chain in Chain::ALL {
            let heads = graph.heads(mentions, chain);
            slots.extend(heads.iter().map(|head| Slot { event: head.event, member: head.member }));
        }
    }
    slots.sort_unstable();
    slots.dedup();
    slots
}

/// Which ids are of one finding, by what decisions say that came over from another id.
pub(super) struct Who(HashMap<FindingId, FindingId>);

impl Who {
    fn of(events: &[Event]) -> Self {
        let mut who = Self(HashMap::new());
        for anchor in events.iter().flat_map(|event| &event.members).filter(|anchor| !anchor.was.is_empty()) {
            for was in &anchor.was {
                let (one, other) = (who.is(anchor.id), who.is(*was));
                who.0.insert(one.max(other), one.min(other));
            }
        }
        who
    }

    /// The least id of the finding.
    pub(super) fn is(&self, id: FindingId) -> FindingId {
        let mut id = id;
        while let Some(&less) = self.0.get(&id).filter(|less| **less < id) {
            id = less;
        }
        id
    }

    /// All ids of the findings that have several.
    fn all(&self) -> impl Iterator<Item = FindingId> {
        self.0.iter().flat_map(|(&id, &less)| [id, less])
    }
}

/// What was found, with the events that come along with it.
fn bound(backlog: &Backlog, graph: &Graph, slots: &[Slot], who: &Who, sides: &Sides) -> Bound {
    let mut bound = Bound::default();
    let mut moved: Vec<(FindingId, FindingId)> = Vec::new();
    for then in &sides.thens {
        let found = held(then, &sides.nows);
        if let Some((now, tie)) = found {
            bound.holds.push(Hold { result: now.id, event: then.event, member: then.member, tie });
            if now.id != then.id || !then.anchor.was.is_empty() {
                moved.push((then.who, now.id));
            }
        }
        let names = std::iter::once(then.id).chain(then.anchor.was.iter().copied());
        let is_other = |id: &FindingId| found.is_none_or(|(now, _)| now.id != *id) && result_of(backlog, *id).is_some();
        bound.left.extend(names.filter(is_other).map(|id| (id, then.event)));
    }
    along(graph, slots, who, &moved, &mut bound.holds);
    bound.holds.sort_unstable_by_key(|hold| (hold.result, hold.event, hold.tie.is_none()));
    bound.holds.dedup_by_key(|hold| (hold.result, hold.event));
    bound.left.sort_unstable();
    bound
}

/// The result that a decision is about: the one that was found, else the one with its id if no other has taken that.
fn held<'s>(then: &Then, nows: &'s [Now<'s>]) -> Option<(&'s Now<'s>, Option<Tie>)> {
    if let Some((at, tie)) = then.found {
        return Some((&nows[at], tie));
    }
    let own = then.own.map(|at| &nows[at])?;
    own.taken.is_none_or(|who| who == then.who).then_some((own, Some(Tie::IdAlone)))
}

/// Comments, and what was replaced: they are about a finding wherever it went.
fn along(graph: &Graph, slots: &[Slot], who: &Who, moved: &[(FindingId, FindingId)], holds: &mut Vec<Hold>) {
    let mut ids: HashMap<FindingId, Vec<FindingId>, RandomState> = HashMap::default();
    for id in who.all().chain(moved.iter().map(|(who, _)| *who)).collect::<HashSet<_>>() {
        ids.entry(who.is(id)).or_default().push(id);
    }
    for (finding, result) in moved {
        for mention in ids.get(finding).into_iter().flatten().flat_map(|id| graph.mentions(*id)) {
            let (event, member) = (mention.event, mention.member);
            if slots.binary_search(&Slot { event, member }).is_err() {
                holds.push(Hold { result: *result, event, member, tie: None });
            }
        }
    }
}

/// A result with this id.
pub(super) fn result_of(backlog: &Backlog, id: FindingId) -> Option<ResultIdx> {
    let finding = backlog.find(id)?;
    backlog.members(finding).iter().copied().find(|&result| backlog.record(result).id == id)
}

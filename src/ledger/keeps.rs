//! Which events do not keep to a policy, by what they say themselves: for those who have no report at hand.
//!
//! What the reports of today say of severity and exploitation is what the fold adds.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use crate::model::board::Past;
use crate::model::decision::{Anchor, Event, Op};
use crate::model::due::utc;
use crate::model::grade::Severity;
use crate::model::id::FindingId;
use crate::model::policy::{Breach, Policies, Subject, is_bulk};
use crate::model::tenure::Tenure;
use crate::repo::Repo;

use super::facts::severity;
use super::fold::branches;
use super::graph::Graph;
use super::log::{State, heads, state_of};

/// What an event does against a policy, or has not yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lack {
    Breach(Breach),
    /// The approval of another person, by the policy of this place.
    Approval(String),
}

/// Events in effect that do not keep to the policies, by their number; and how many say nothing of their severity, though
/// the policies ask for it. `names` are those under which somebody made an event: whoever has one in common is one person;
/// `None` leaves an event out.
pub(super) fn lacks<'e>(
    repo: &Repo,
    events: &'e [Event],
    policies: &Policies,
    now: Timestamp,
    names: &dyn Fn(&'e Event) -> Option<Vec<&'e str>>,
) -> (Vec<(usize, Lack)>, usize) {
    let today = utc(now);
    let graph = Graph::new(events, &branches(repo, events));
    if policies.is_empty() {
        return (Vec::new(), 0);
    }
    let heads = heads(&graph);
    let by_id: HashMap<&str, &Event> = events.iter().map(|event| (event.id.as_str(), event)).collect();
    let keeps = |op: Op, event: &'e Event, severity: Severity, by: &[&str]| {
        let is_bulk = is_bulk(event);
        let breach = |member: usize| {
            let anchor = event.members.get(member)?;
            let own = anchor.facts.as_deref().and_then(self::severity).unwrap_or(severity);
            let mentions = graph.mentions(anchor.id);
            let mut numbers: Vec<u32> = mentions.iter().map(|mention| mention.event).collect();
            numbers.extend(mentions.iter().flat_map(|mention| graph.revokes(mention.event)));
            let past =
                |&number: &u32| Past { event: &events[number as usize], is_taken_back: graph.is_taken_back(number) };
            let mut history: Vec<Past> = numbers.iter().map(past).collect();
            history.sort_by_key(|past| (past.event.at, &past.event.id));
            let rules = [&*anchor.rule];
            let is_kev = anchor.facts.as_deref().is_some_and(|facts| facts.kev);
            let tenure = Tenure::of(&history, event, today);
            policies.breach(op, event, &Subject { severity: own, is_kev, rules: &rules, is_bulk, tenure }, by, today)
        };
        (0..event.members.len()).filter_map(breach).min_by_key(|breach| breach.latest)
    };
    let (mut found, mut untold) = (Vec::new(), 0);
    for (number, event) in events.iter().enumerate() {
        let at = u32::try_from(number).unwrap_or(u32::MAX);
        let Some(op) = graph.op(at).filter(|op| policies.is_about(*op)) else { continue };
        if state_of(&graph, &heads, event, at, today) != State::InEffect {
            continue;
        }
        let Some(by) = names(event) else { continue };
        let about = event.about.iter().filter_map(|id| by_id.get(id.as_str()).copied());
        let stated = about.chain([event]).filter_map(worst).max();
        untold += usize::from(stated.is_none() && op.hides());
        let known = stated.unwrap_or(Severity::Info);
        if let Some(breach) = keeps(op, event, known, &by) {
            found.push((number, Lack::Breach(breach)));
            continue;
        }
        let asked = |member: &&Anchor| {
            let facts = member.facts.as_deref();
            let severity = facts.and_then(self::severity).unwrap_or(known);
            policies.approval(op, severity, facts.is_some_and(|facts| facts.kev)).is_some()
        };
        let waiting: Vec<&Anchor> = event.members.iter().filter(asked).collect();
        let Some(source) = policies.approval(op, Severity::Critical, true) else { continue };
        let is_valid = |approval: &&'e Event| {
            let others = names(approval).unwrap_or_default();
            let is_other = !others.is_empty() && !others.iter().any(|name| by.contains(name));
            is_other && keeps(Op::Approve, approval, known, &others).is_none()
        };
        let approvals = graph.approvals(at).iter().map(|number| &events[*number as usize]);
        // Who approves some of many has not looked at the others.
        let approved: HashSet<FindingId> =
            approvals.filter(is_valid).flat_map(|approval| &approval.members).map(|member| member.id).collect();
        if waiting.iter().any(|member| !approved.contains(&member.id)) {
            found.push((number, Lack::Approval(source.to_owned())));
        }
    }
    (found, untold)
}

/// The worst of the severities that an event was made upon.
fn worst(event: &Event) -> Option<Severity> {
    event.members.iter().filter_map(|member| severity(member.facts.as_deref()?)).max()
}

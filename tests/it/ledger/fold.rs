//! The fold itself: whatever the order, however many.

use proptest::prelude::*;
use quell::ledger::standings;
use quell::model::decision::{Anchor, Event, Op, Standing, Status};
use quell::model::id::FindingId;

use super::support::{TODAY, UNTIL, at, backlog, hit};
use crate::support::thorough::cases;
use crate::support::tree::Tree;

fn event(id: String, op: Op, minute: i64, supersedes: Vec<String>, members: &[u64]) -> Event {
    let anchor = |id: &u64| Anchor {
        id: FindingId(*id),
        tool: "bandit".into(),
        rule: "B602".into(),
        path: "a.py".into(),
        line: 3,
        ..Anchor::default()
    };
    Event {
        v: 1,
        id,
        op: op.name().into(),
        at: at(minute),
        author: "A Tester".into(),
        reason: None,
        until: (op == Op::AcceptRisk).then_some(if minute % 2 == 0 { UNTIL } else { TODAY.yesterday().unwrap() }),
        ticket: None,
        justification: None,
        owner: (op == Op::Assign).then(|| format!("owner {minute}")),
        duplicate_of: None,
        query: None,
        supersedes,
        members: members.iter().map(anchor).collect(),
        ..Event::default()
    }
}

/// Any history: each event links to some earlier ones, times are in no order.
fn history() -> impl Strategy<Value = Vec<Event>> {
    let one = (0..Op::ALL.len(), 0i64..5, prop::collection::vec(any::<prop::sample::Index>(), 0..3), 0u8..8);
    prop::collection::vec(one, 0..12).prop_map(|steps| {
        let mut events: Vec<Event> = Vec::new();
        for (number, (op, minute, links, members)) in steps.into_iter().enumerate() {
            let links = links.iter().filter(|_| number > 0).map(|link| events[link.index(number)].id.clone()).collect();
            let members: Vec<u64> = (0..3).filter(|bit| members & (1 << bit) != 0).collect();
            events.push(event(format!("{number:016x}"), Op::ALL[op], minute, links, &members));
        }
        events
    })
}

/// Standings with their events by id, so that two orders can be compared.
fn fold(events: &[Event]) -> Vec<(Standing, Vec<String>)> {
    let tree = Tree::plain(&[]);
    let backlog = backlog(&[hit(0, "a.py", 1), hit(1, "a.py", 2), hit(2, "a.py", 3)], at(-60));
    let named = |standing: Standing| {
        let ids = standing.events.iter().map(|&number| events[number as usize].id.clone()).collect();
        (Standing { events: Vec::new(), ..standing }, ids)
    };
    standings(&tree.repo(), &backlog, events, TODAY).iter().cloned().map(named).collect()
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn the_order_of_files_changes_nothing(events in history(), seed in any::<u64>()) {
        let mut other = events.clone();
        other.sort_by_key(|event| u64::from_str_radix(&event.id, 16).unwrap().wrapping_mul(seed | 1).reverse_bits());
        prop_assert_eq!(fold(&events), fold(&other));
    }

    #[test]
    fn taking_everything_back_leaves_everything_open(events in history()) {
        let mut events = events;
        let revokes: Vec<String> = events.iter().filter(|event| event.op == "revoke").map(|event| event.id.clone()).collect();
        let others = events.iter().filter(|event| event.op != "revoke").map(|event| event.id.clone()).collect();
        let honest = events.iter().all(|event| event.op != "revoke" || !event.supersedes.iter().any(|id| revokes.contains(id)));
        prop_assume!(honest);
        events.push(event("ffffffffffffffff".into(), Op::Revoke, 9, others, &[]));
        for (standing, _) in fold(&events) {
            prop_assert_eq!((standing.status, standing.owner), (Status::Open, None));
        }
    }
}

#[test]
fn events_in_a_circle_suppress_nothing() {
    let circle = [
        event("a".into(), Op::AcceptRisk, 0, vec!["b".into()], &[0]),
        event("b".into(), Op::FalsePositive, 0, vec!["a".into()], &[0]),
        event("c".into(), Op::FalsePositive, 0, vec![], &[1]),
        event("d".into(), Op::Revoke, 0, vec!["c".into(), "e".into()], &[]),
        event("e".into(), Op::Revoke, 0, vec!["d".into()], &[]),
    ];
    assert!(fold(&circle).iter().all(|(standing, _)| standing.status == Status::Open));
}

/// A fold that compares all with all would take minutes here.
#[test]
fn a_hundred_thousand_results_and_ten_thousand_events_are_folded() {
    let paths: Vec<&'static str> = (0..1000).map(|number| &*format!("src/{number}.py").leak()).collect();
    let results: Vec<_> = (0..100_000).zip(paths.iter().cycle()).map(|(id, path)| hit(id, path, 3)).collect();
    let backlog = backlog(&results, at(-60));
    let name = |number: u64| format!("{number:016x}");
    let mut events: Vec<Event> = (0..5000)
        .map(|number| event(name(number), Op::FalsePositive, 0, vec![], &[number * 10, number * 10 + 1]))
        .collect();
    let replaced: Vec<String> = (0..5000).map(name).collect();
    let bulk: Vec<u64> = (0..50_000).collect();
    events.push(event(name(5000), Op::Defer, 1, replaced, &bulk));
    events.extend((5001..10_000).map(|number| event(name(number), Op::Confirm, 2, vec![name(number - 1)], &[7])));
    let tree = Tree::plain(&[]);
    let standings = standings(&tree.repo(), &backlog, &events, TODAY);
    let count = |status: Status| standings.iter().filter(|standing| standing.status == status).count();
    assert_eq!((count(Status::Deferred), count(Status::Confirmed), count(Status::Open)), (49_999, 1, 50_000));
}

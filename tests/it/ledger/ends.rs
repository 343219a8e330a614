//! What a decision ends by beside its date, and what a renewal tells.

use jiff::civil::date;
use quell::ledger::since::renewals;
use quell::ledger::standings;
use quell::model::decision::{Change, Flag, Op, Request, Status};
use quell::model::id::FindingId;
use quell::model::reach::Reach;

use super::support::{CODE, Desk, Hit, TODAY, at, hit, request};

fn accepted(desk: &Desk, changes: &[Change]) {
    let request = Request { until_change: Some(changes.to_vec()), ..request(Op::AcceptRisk, &[1]) };
    desk.decide(&request, at(1)).unwrap();
    desk.check(1, Status::Accepted, &[]);
}

/// Expects that the decision about the first finding has ended, with these words.
#[track_caller]
fn ended(desk: &Desk, status: Status, words: &str) {
    desk.check(1, status, &[Flag::Expired]);
    assert_eq!(desk.standing(1).words().as_deref(), Some(words));
}

#[test]
fn a_way_into_the_code_that_nobody_had_seen_ends_it() {
    for (was, is, words) in [
        (Reach::Unreached, Reach::Reachable, Some("unreached and is reachable")),
        (Reach::Unknown, Reach::Executed, Some("unknown and is executed")),
        (Reach::Reachable, Reach::Exploited, Some("reachable and is exploited")),
        (Reach::Unknown, Reach::Unreached, None),
        (Reach::Executed, Reach::Reachable, None),
        (Reach::Unreached, Reach::TestOnly, None),
    ] {
        let mut desk = Desk::new(vec![Hit { reach: Some(was), ..hit(1, "a.py", 3) }]);
        desk.did(Op::Confirm, &[1], 0);
        accepted(&desk, &[Change::Reach]);
        desk.hits[0].reach = Some(is);
        match words {
            Some(words) => ended(&desk, Status::Confirmed, &format!("ended: its reach was {words} now")),
            None => desk.check(1, Status::Accepted, &[]),
        }
    }
}

#[test]
fn what_hides_a_problem_ends_by_reach_where_nobody_says_otherwise() {
    for (op, ends) in
        [(Op::AcceptRisk, true), (Op::NotAffected, true), (Op::Mitigated, true), (Op::FalsePositive, false)]
    {
        let mut desk = Desk::new(vec![Hit { reach: Some(Reach::Unreached), ..hit(1, "a.py", 3) }]);
        let event = desk.did(op, &[1], 0);
        assert_eq!(!event.until_change.is_empty(), ends, "{op:?}");
        desk.hits[0].reach = Some(Reach::Reachable);
        assert_eq!(desk.standing(1).flags.has(Flag::Expired), ends, "{op:?}");
    }
    let mut desk = Desk::new(vec![Hit { reach: Some(Reach::Unreached), ..hit(1, "a.py", 3) }]);
    accepted(&desk, &[]);
    desk.hits[0].reach = Some(Reach::Reachable);
    desk.check(1, Status::Accepted, &[]);
}

#[test]
fn what_was_not_known_ends_nothing() {
    let mut desk = Desk::new(vec![hit(1, "a.py", 3)]);
    let event = desk.did(Op::AcceptRisk, &[1], 0);
    assert!(event.until_change.is_empty(), "no evidence was read");
    desk.hits[0] = Hit { reach: Some(Reach::Exploited), fix: Some("a patch"), version: Some("2"), ..hit(1, "a.py", 3) };
    desk.check(1, Status::Accepted, &[]);
    for (change, words) in [
        (Change::Reach, "no evidence was looked for"),
        (Change::Version, "no version of a package is known"),
        (Change::Code, "its code is not in the tree"),
    ] {
        let desk = Desk::new(vec![hit(1, "gone.py", 3)]);
        let request = Request { until_change: Some(vec![change]), ..request(Op::AcceptRisk, &[1]) };
        let refused = desk.decide(&request, at(0)).unwrap_err();
        assert!(refused.reason.contains(words), "{refused}");
        assert!(desk.board().events.is_empty());
    }
}

#[test]
fn an_event_without_facts_is_read_as_ever() {
    let mut desk = Desk::new(vec![Hit { reach: Some(Reach::Unreached), ..hit(1, "a.py", 3) }]);
    let mut event = desk.did(Op::AcceptRisk, &[1], 0);
    event.members[0].facts = None;
    let older = quell::ledger::decide::again(&event);
    assert!(!older.text().contains("facts"));
    let (repo, board) = (desk.tree.repo(), desk.board());
    std::fs::remove_dir_all(desk.tree.root().join(".quell/decisions")).unwrap();
    older.write(&repo).unwrap();
    desk.hits[0].reach = Some(Reach::Exploited);
    desk.check(1, Status::Accepted, &[]);
    assert_eq!(standings(&repo, &board.backlog, &desk.board().events, TODAY)[0].status, Status::Accepted);
}

#[test]
fn another_version_of_the_package_ends_it() {
    let mut desk = Desk::new(vec![Hit { version: Some("4.17.0"), ..hit(1, "a.py", 3) }]);
    accepted(&desk, &[Change::Version]);
    desk.hits[0].version = Some("4.17.5");
    ended(&desk, Status::Open, "ended: lodash was 4.17.0 and is 4.17.5 now");
}

#[test]
fn a_fix_that_there_was_not_ends_it() {
    let mut desk = Desk::new(vec![hit(1, "a.py", 3), Hit { fix: Some("a patch by ruff"), ..hit(2, "b.py", 3) }]);
    accepted(&desk, &[Change::Fix]);
    desk.hits[0].fix = Some("lodash 4.17.21");
    ended(&desk, Status::Open, "ended: a fix exists now, lodash 4.17.21");
    let request = Request { until_change: Some(vec![Change::Fix]), ..request(Op::Defer, &[2]) };
    let refused = desk.decide(&request, at(2)).unwrap_err();
    assert_eq!(refused.reason, "there is a fix already: a patch by ruff");
}

#[test]
fn the_fix_of_one_result_is_that_of_its_finding() {
    let own = Hit { fix: Some("a patch by ruff"), finding: 1, tool: "ruff", ..hit(2, "a.py", 3) };
    let desk = Desk::new(vec![hit(1, "a.py", 3), own]);
    let request = Request { until_change: Some(vec![Change::Fix]), ..request(Op::AcceptRisk, &[1]) };
    assert!(desk.decide(&request, at(0)).unwrap_err().reason.contains("there is a fix already"));
    let event = desk.did(Op::AcceptRisk, &[1], 1);
    let facts: Vec<_> = event.members.iter().map(|member| member.facts.clone().unwrap()).collect();
    assert!(facts.iter().all(|facts| facts.fix.as_deref() == Some("a patch by ruff")), "{facts:?}");
    let findings: Vec<_> = facts.iter().map(|facts| facts.finding).collect();
    assert_eq!(findings, [None, Some(FindingId(1))]);
}

#[test]
fn changed_code_ends_it_and_moved_code_does_not() {
    let mut desk = Desk::new(vec![hit(1, "a.py", 4)]);
    desk.made = "2020-01-01T00:00:00Z".parse().unwrap();
    accepted(&desk, &[Change::Code]);
    // The report is older than the file: the lines may have moved.
    desk.tree.write("a.py", &format!("import os\n\n{CODE}"));
    desk.check(1, Status::Accepted, &[]);
    desk.tree.write("a.py", &CODE.replace("b = 2", "b = 3"));
    ended(&desk, Status::Open, "ended: the flagged code, or what stands around it, has changed");
    desk.tree.write("a.py", &format!("{CODE}{CODE}").replacen("b = 2", "b = 3", 1));
    // A younger report means what stands at its line, and git takes the copy for what was decided upon.
    desk.made = at(60 * 24 * 365 * 100);
    desk.check(1, Status::Open, &[Flag::Stale]);
    std::fs::remove_file(desk.tree.root().join("a.py")).unwrap();
    desk.check(1, Status::Open, &[Flag::Expired]);
}

#[test]
fn a_renewal_counts_and_says_what_changed_since() {
    let mut desk = Desk::new(vec![Hit { reach: Some(Reach::Unknown), version: Some("4.17.0"), ..hit(1, "a.py", 3) }]);
    desk.tree.commit("scan", at(-1).as_second());
    let until = |day| Request { until: Some(day), until_change: Some(Vec::new()), ..request(Op::AcceptRisk, &[1]) };
    let day = |days: i64| at(days * 24 * 60);
    let first = desk.decide(&until(date(2030, 2, 9)), day(0)).unwrap();
    assert_eq!(first.summary, "accepted the risk of 1 finding until 2030-02-09");
    // A renewal takes over where it starts; 20 days of the first are gone.
    let second = desk.decide(&until(date(2030, 3, 11)), day(20)).unwrap();
    assert_eq!(second.summary, "accepted the risk of 1 finding until 2030-03-11; renewed once, 60 days in total");
    assert_eq!(second.event.supersedes, [first.event.id]);
    // It ended on 11 March; between that and 1 April nothing was in effect.
    desk.tree.write("a.py", &CODE.replace("b = 2", "b = 3").replace("c = 3\n", "c = 4\nmore = 1\n"));
    desk.hits[0] = Hit {
        reach: Some(Reach::Reachable),
        version: Some("4.17.5"),
        fix: Some("lodash 4.17.21"),
        ..desk.hits[0].clone()
    };
    let repo = desk.tree.repo();
    let words = renewals(&repo, &desk.board(), 0, Some("lodash 4.17.21")).unwrap();
    let changes =
        "reach unknown → reachable, lodash 4.17.0 → 4.17.5, a fix exists now: lodash 4.17.21, 3 lines changed";
    assert_eq!(words, format!("renewed once, 60 days in total; since then: {changes}"));
    let third = desk.decide(&until(date(2030, 4, 11)), day(81)).unwrap();
    let told = format!("renewed twice, 70 days in total; since the last time: {changes}");
    assert_eq!(third.summary, format!("accepted the risk of 1 finding until 2030-04-11; {told}"));
    let words = renewals(&repo, &desk.board_on(date(2030, 4, 2)), 0, Some("lodash 4.17.21"));
    assert_eq!(words.as_deref(), Some("renewed twice, 70 days in total"));
    // What was taken back counts as long as it was in effect.
    desk.revoke(&third.event, 81 * 24 * 60 + 1);
    let words = renewals(&repo, &desk.board_on(date(2030, 4, 2)), 0, Some("lodash 4.17.21")).unwrap();
    assert!(words.starts_with("renewed once, 60 days in total; since then: "), "{words}");
}

#[test]
fn an_acceptance_that_has_ended_is_not_extended_but_renewed() {
    let mut desk = Desk::new(vec![Hit { reach: Some(Reach::Unreached), ..hit(1, "a.py", 3) }]);
    desk.did(Op::AcceptRisk, &[1], 0);
    desk.hits[0].reach = Some(Reach::Reachable);
    let refused = desk.decide(&Request::extend(vec![FindingId(1)]), at(1)).unwrap_err();
    assert!(refused.reason.contains("does not count any more"), "{refused}");
    desk.did(Op::AcceptRisk, &[1], 2);
    desk.check(1, Status::Accepted, &[]);
    desk.hits[0].reach = Some(Reach::Exploited);
    desk.check(1, Status::Open, &[Flag::Expired]);
}

#[test]
fn only_what_held_is_counted_and_only_a_later_date_renews() {
    let desk = Desk::new(vec![hit(1, "a.py", 3)]);
    let day = |days: i64| at(days * 24 * 60);
    let until = |day| Request { until: Some(day), ..request(Op::AcceptRisk, &[1]) };
    let told = |day, now| desk.decide(&until(day), now).unwrap().summary;
    assert!(!told(date(2030, 2, 9), day(0)).contains("renewed"));
    assert!(!told(date(2030, 2, 9), day(2)).contains("renewed"), "the same date again, for another reason");
    // It was opened again after 5 days, and denied 3 days after it was asked for anew.
    desk.did(Op::Reopen, &[1], 5 * 24 * 60);
    assert!(told(date(2030, 3, 1), day(20)).ends_with("; renewed once, 35 days in total"));
    desk.did(Op::Deny, &[1], 23 * 24 * 60);
    assert!(told(date(2030, 4, 10), day(80)).ends_with("; renewed twice, 18 days in total"));
}

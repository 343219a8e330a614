//! Decisions meet later scans.

use quell::model::decision::{Flag, Op, Request, Status};
use quell::model::grade::Kind;
use quell::model::id::FindingId;

use super::support::{CODE, Desk, Hit, at, hit};

#[test]
fn moved_lines_keep_the_decision() {
    let mut desk = Desk::new(vec![Hit { text: Some("run(x)"), ..hit(1, "a.py", 3) }]);
    desk.did(Op::AcceptRisk, &[1], 0);
    desk.tree.write("a.py", &format!("# new\n\n{CODE}"));
    desk.hits[0].line = 5;
    desk.made = at(10);
    desk.check(1, Status::Accepted, &[]);
}

#[test]
fn a_tool_that_joins_later_leaves_the_finding_open() {
    let mut desk = Desk::new(vec![hit(1, "a.py", 3)]);
    desk.did(Op::FalsePositive, &[1], 0);
    desk.hits.push(Hit { tool: "semgrep", finding: 1, ..hit(2, "a.py", 3) });
    desk.check(1, Status::Open, &[Flag::NewReportJoined]);
    desk.did(Op::FalsePositive, &[1], 1);
    desk.check(1, Status::FalsePositive, &[]);
    desk.hits.push(Hit { tool: "other", finding: 1, kind: Kind::Pass, ..hit(3, "a.py", 3) });
    desk.check(1, Status::FalsePositive, &[]);
}

#[test]
fn a_decision_is_extended_as_it_stands_to_what_joined() {
    let mut desk = Desk::new(vec![hit(1, "a.py", 3)]);
    let accepted = desk.did(Op::AcceptRisk, &[1], 0);
    let extend = || Request::extend(vec![FindingId(1)]);
    desk.hits.push(Hit { tool: "semgrep", finding: 1, ..hit(2, "a.py", 3) });
    desk.check(1, Status::Open, &[Flag::NewReportJoined]);
    let decided = desk.decide(&extend(), at(1)).unwrap();
    assert!(decided.summary.starts_with("extended to what joined: accepted the risk"), "{}", decided.summary);
    desk.check(1, Status::Accepted, &[]);
    let event = decided.event;
    assert_eq!((event.reason, event.until, &*event.op), (accepted.reason, accepted.until, &*accepted.op));
    assert_eq!((event.supersedes, event.members.len()), (vec![accepted.id], 2));
    // Two that disagree, or none, are no decision to extend.
    desk.hits.push(Hit { tool: "other", finding: 3, ..hit(3, "a.py", 3) });
    desk.did(Op::FalsePositive, &[3], 2);
    desk.hits[2].finding = 1;
    assert!(desk.decide(&extend(), at(3)).unwrap_err().reason.contains("several decisions"));
    let fresh = Desk::new(vec![hit(1, "a.py", 3)]);
    assert!(fresh.decide(&extend(), at(3)).unwrap_err().reason.contains("no decision here"));
}

#[test]
fn results_of_one_finding_that_were_decided_apart_disagree() {
    let mut desk = Desk::new(vec![hit(1, "a.py", 3), Hit { tool: "semgrep", ..hit(2, "a.py", 3) }]);
    desk.did(Op::FalsePositive, &[1], 0);
    desk.did(Op::AcceptRisk, &[2], 1);
    desk.hits[1].finding = 1;
    desk.check(1, Status::Accepted, &[Flag::DecisionConflict]);
    desk.did(Op::Confirm, &[2], 2);
    desk.check(1, Status::Confirmed, &[]);
}

/// Two equal findings in `a.py`; the first is decided, goes away, and the second gets its id in the next scan.
fn shifted(decided: &[u64]) -> Desk {
    let mut desk = Desk::new(vec![hit(1, "a.py", 3), hit(2, "a.py", 8)]);
    desk.did(Op::AcceptRisk, decided, 0);
    desk.tree.write("a.py", &CODE.replacen("run(x)\n", "", 1));
    desk.hits = vec![hit(1, "a.py", 7)];
    desk.made = at(10);
    desk
}

#[test]
fn a_result_that_got_the_id_of_another_is_not_decided_in_silence() {
    shifted(&[1]).check(1, Status::Open, &[Flag::Stale]);
    // Where the other one was decided too, it is known again.
    shifted(&[1, 2]).check(1, Status::Accepted, &[]);
    // Also where a new equal comes first, and the ledger knows only one.
    let mut desk = Desk::new(vec![hit(1, "a.py", 3)]);
    desk.did(Op::AcceptRisk, &[1], 0);
    desk.tree.write("a.py", &format!("run(x)\n{CODE}"));
    desk.hits = vec![hit(1, "a.py", 1), hit(2, "a.py", 4)];
    desk.made = at(10);
    desk.check(1, Status::Open, &[]);
    desk.check(2, Status::Accepted, &[]);
    desk.did(Op::AcceptRisk, &[1, 2], 11);
    desk.check(1, Status::Accepted, &[]);
}

#[test]
fn equals_that_stay_in_place_keep_their_decisions() {
    let mut desk = Desk::new(vec![hit(1, "a.py", 3), hit(2, "a.py", 8)]);
    desk.did(Op::AcceptRisk, &[2], 0);
    // An edit after the scan says nothing about the order of results in it.
    desk.tree.write("a.py", &format!("# new\n{}", CODE.replace("e = 5", "e = 6")));
    desk.check(2, Status::Accepted, &[]);
    desk.tree.write("a.py", &format!("# new\r\n\r\n{}", CODE.replace(" = ", "=").replace('\n', "\r\n")));
    (desk.hits[0].line, desk.hits[1].line, desk.made) = (5, 10, at(10));
    desk.check(2, Status::Accepted, &[]);
    desk.tree.write("a.py", &CODE.replace("e = 5", "e = 6"));
    (desk.hits[0].line, desk.hits[1].line) = (3, 8);
    desk.check(2, Status::Accepted, &[]);
    // Among lines that are all new it may be any.
    desk.tree.write("a.py", "k = 0\nl = 0\nm = 0\nn = 0\no = 0\np = 0\nq = 0\nrun(x)\ns = 0\nt = 0\n");
    desk.check(2, Status::Open, &[Flag::Stale]);
}

#[test]
fn text_that_is_no_longer_in_its_file_is_not_judged() {
    let desk = Desk::new(vec![Hit { text: Some("  run(x)"), ..hit(1, "a.py", 3) }]);
    desk.tree.write("a.py", &CODE.replace("run(x)", "safe(x)"));
    let desk = Desk { made: at(-60 * 24 * 365 * 5), ..desk };
    let refused = desk.decide(&super::support::request(Op::AcceptRisk, &[1]), at(0)).unwrap_err().to_string();
    assert!(refused.starts_with("q1-0000000000000001 a.py:3: the file has changed"), "{refused}");
    assert!(refused.ends_with("scan again, then decide"), "{refused}");
    desk.check(1, Status::Open, &[]);
    desk.did(Op::Comment, &[1], 1);
    desk.tree.write("a.py", &format!("{CODE}\n"));
    desk.did(Op::AcceptRisk, &[1], 2);
    desk.check(1, Status::Accepted, &[]);
}

#[test]
fn text_that_the_tool_shortened_is_judged_while_the_file_is_as_it_was() {
    let desk = Desk::new(vec![Hit { text: Some("run(…)"), ..hit(1, "a.py", 3) }]);
    assert_eq!(desk.did(Op::AcceptRisk, &[1], 0).members[0].context, None);
    desk.check(1, Status::Accepted, &[]);
}

#[test]
fn text_that_moved_is_found_where_it_is() {
    let desk = Desk::new(vec![Hit { text: Some("c = 3"), ..hit(1, "a.py", 1) }, hit(2, "b.py", 4)]);
    let moved = desk.did(Op::AcceptRisk, &[1], 0);
    let there = desk.did(Op::AcceptRisk, &[2], 1);
    assert!(moved.members[0].context.is_some());
    assert_eq!(moved.members[0].context, there.members[0].context);
    // In two other places: no context is claimed.
    let desk = Desk::new(vec![Hit { text: Some("run(x)"), ..hit(1, "a.py", 1) }]);
    assert_eq!(desk.did(Op::AcceptRisk, &[1], 0).members[0].context, None);
}

#[test]
fn a_fix_that_a_later_scan_still_reports_came_back() {
    let mut desk = Desk::new(vec![hit(1, "a.py", 3)]);
    desk.did(Op::Confirm, &[1], 0);
    let board = desk.board();
    let finding = board.backlog.id(0);
    let draft = quell::ledger::fix_applied(&desk.tree.repo(), &board, &[finding], None, &[], false, at(1)).unwrap();
    draft[0].write(&desk.tree.repo()).unwrap();
    desk.check(1, Status::FixApplied, &[]);
    desk.made = at(10);
    desk.check(1, Status::Confirmed, &[Flag::CameBack]);
}

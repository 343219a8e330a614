//! What each decision makes of a finding.

use jiff::civil::{Date, date};
use quell::model::decision::{Flag, Op, Origin, Status};
use quell::model::id::FindingId;

use super::support::{Desk, UNTIL, at, hit, request};

fn desk() -> Desk {
    Desk::new(vec![hit(1, "a.py", 3), hit(2, "b.py", 3)])
}

#[test]
fn each_decision_has_its_status() {
    for (op, status, words) in [
        (Op::Confirm, Status::Confirmed, "confirmed 1 finding"),
        (Op::FalsePositive, Status::FalsePositive, "marked 1 finding as a false positive"),
        (Op::NotAffected, Status::NotAffected, "marked 1 finding as not affected"),
        (Op::AcceptRisk, Status::Accepted, "accepted the risk of 1 finding until 2030-03-01"),
        (Op::Mitigated, Status::Mitigated, "marked 1 finding as mitigated"),
        (Op::Defer, Status::Deferred, "deferred 1 finding until 2030-03-01"),
        (Op::Comment, Status::Open, "commented on 1 finding"),
        (Op::Assign, Status::Open, "assigned 1 finding to @team"),
        (Op::Reopen, Status::Open, "reopened 1 finding"),
    ] {
        let desk = desk();
        let decided = desk.decide(&request(op, &[1]), at(0)).unwrap();
        assert_eq!((decided.summary.as_str(), decided.origin), (words, Origin::Tree));
        desk.check(1, status, &[]);
        desk.check(2, Status::Open, &[]);
    }
}

#[test]
fn a_duplicate_names_the_finding_that_stays() {
    let desk = desk();
    let mut duplicate = request(Op::Duplicate, &[1]);
    duplicate.duplicate_of = Some(FindingId(1));
    assert!(desk.decide(&duplicate, at(0)).unwrap_err().reason.contains("itself"));
    duplicate.duplicate_of = Some(FindingId(2));
    let decided = desk.decide(&duplicate, at(0)).unwrap();
    assert_eq!(decided.summary, "marked 1 finding as a duplicate of q1-0000000000000002");
    desk.check(1, Status::Duplicate, &[]);
}

#[test]
fn the_latest_decision_counts_whatever_the_clock_says() {
    let desk = desk();
    desk.did(Op::AcceptRisk, &[1], 10);
    desk.did(Op::FalsePositive, &[1], 5);
    desk.check(1, Status::FalsePositive, &[]);
    desk.did(Op::Reopen, &[1], 0);
    desk.check(1, Status::Open, &[]);
}

#[test]
fn a_comment_and_an_owner_leave_the_status() {
    let desk = desk();
    desk.did(Op::FalsePositive, &[1], 0);
    desk.did(Op::Comment, &[1], 1);
    desk.did(Op::Assign, &[1], 2);
    let mut assign = request(Op::Assign, &[1]);
    assign.owner = Some(" @other ".to_owned());
    desk.decide(&assign, at(3)).unwrap();
    desk.check(1, Status::FalsePositive, &[]);
    let standing = desk.standing(1);
    assert_eq!((standing.owner.as_deref(), standing.events), (Some("@other"), vec![0, 1, 2, 3]));
}

#[test]
fn a_date_holds_through_its_day_and_then_the_verdict_is_back() {
    let on = |desk: &Desk, today: Date| {
        let board = desk.board_on(today);
        let standing = board.standing(board.backlog.find(FindingId(1)).unwrap());
        (standing.status, standing.flags.has(Flag::Expired), standing.expires)
    };
    for op in [Op::AcceptRisk, Op::Defer] {
        for (verdict, after) in
            [(None, Status::Open), (Some(Op::Confirm), Status::Confirmed), (Some(Op::FalsePositive), Status::Open)]
        {
            let desk = desk();
            if let Some(verdict) = verdict {
                desk.did(verdict, &[1], 0);
            }
            desk.did(op, &[1], 1);
            let held = if op == Op::Defer { Status::Deferred } else { Status::Accepted };
            assert_eq!(on(&desk, UNTIL), (held, false, Some(UNTIL)));
            assert_eq!(on(&desk, UNTIL.tomorrow().unwrap()), (after, true, Some(UNTIL)));
        }
    }
}

#[test]
fn a_treatment_that_expired_does_not_bring_back_an_older_one() {
    let desk = desk();
    desk.did(Op::Confirm, &[1], 0);
    let mut long = request(Op::AcceptRisk, &[1]);
    long.until = Some(date(2031, 1, 1));
    desk.decide(&long, at(1)).unwrap();
    desk.did(Op::Defer, &[1], 2);
    let board = desk.board_on(UNTIL.tomorrow().unwrap());
    assert_eq!(board.status(0), Status::Confirmed);
    desk.did(Op::AcceptRisk, &[1], 3);
    desk.check(1, Status::Accepted, &[]);
}

#[test]
fn an_incomplete_or_unknown_request_writes_nothing() {
    let desk = desk();
    let lacks = |change: fn(&mut quell::model::decision::Request)| {
        let mut request = request(Op::AcceptRisk, &[1]);
        change(&mut request);
        desk.decide(&request, at(0)).unwrap_err().to_string()
    };
    assert!(lacks(|request| request.reason = Some("  ".into())).contains("needs a reason"));
    assert!(lacks(|request| request.until = None).contains("needs a date"));
    assert!(lacks(|request| request.until = Some(date(2030, 1, 1))).contains("not in the future"));
    assert!(lacks(|request| request.findings = vec![FindingId(9)]).contains("q1-0000000000000009: no such finding"));
    assert!(lacks(|request| request.findings.clear()).contains("no finding"));
    assert!(lacks(|request| request.op = Op::Revoke).contains("undo"));
    assert!(!desk.tree.root().join(".quell").exists());
}

#[test]
fn the_history_tells_what_was_taken_back() {
    let desk = desk();
    let accepted = desk.did(Op::AcceptRisk, &[1, 2], 0);
    desk.revoke(&accepted, 1);
    desk.did(Op::Comment, &[1], 2);
    let board = desk.board();
    let lines = |id: u64| -> Vec<(String, bool)> {
        let history = board.history(board.backlog.find(FindingId(id)).unwrap());
        history.iter().map(|past| (past.event.op.to_string(), past.is_taken_back)).collect()
    };
    let expected = [("accept-risk", true), ("revoke", false), ("comment", false)].map(|(op, is)| (op.to_owned(), is));
    assert_eq!((lines(1), lines(2)), (expected.to_vec(), expected[..2].to_vec()));
    desk.restore(&accepted, 3).unwrap();
    let board = desk.board();
    let taken: Vec<bool> = board.history(1).iter().map(|past| past.is_taken_back).collect();
    assert_eq!(taken, [false, true, false]);
}

#[test]
fn what_was_denied_is_what_it_was_before_and_ends_never() {
    let desk = desk();
    desk.did(Op::AcceptRisk, &[1], 0);
    desk.did(Op::Confirm, &[2], 0);
    desk.did(Op::AcceptRisk, &[2], 1);
    let denied = desk.did(Op::Deny, &[1, 2], 2);
    desk.check(1, Status::Open, &[]);
    desk.check(2, Status::Confirmed, &[]);
    assert_eq!(desk.standing(1).expires, None);
    desk.revoke(&denied, 3);
    desk.check(1, Status::Accepted, &[]);
    assert_eq!(desk.standing(1).expires, Some(UNTIL));
}

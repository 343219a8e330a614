//! Decisions are taken back and brought back by further events.

use quell::ledger;
use quell::model::decision::{Flag, Op, Status};

use super::support::{Desk, at, hit, request};

fn desk() -> Desk {
    Desk::new(vec![hit(1, "a.py", 3), hit(2, "b.py", 3)])
}

#[test]
fn undo_brings_back_what_was_replaced_and_redo_what_was_undone() {
    let desk = desk();
    desk.did(Op::Confirm, &[1], 0);
    let accepted = desk.did(Op::AcceptRisk, &[1, 2], 1);
    desk.revoke(&accepted, 2);
    desk.check(1, Status::Confirmed, &[]);
    desk.check(2, Status::Open, &[]);
    desk.restore(&accepted, 3).unwrap();
    desk.check(1, Status::Accepted, &[]);
    desk.check(2, Status::Accepted, &[]);
    desk.revoke(&accepted, 4);
    desk.check(1, Status::Confirmed, &[]);
}

#[test]
fn the_undo_log_leads_to_the_events_of_a_decision() {
    let desk = desk();
    let repo = desk.tree.repo();
    let decided = desk.decide(&request(Op::FalsePositive, &[1, 2]), at(0)).unwrap();
    let undone = repo.undo_entry(&decided.entry).unwrap();
    ledger::revoke(&repo, &desk.board().events, &undone.note.events, at(1)).unwrap();
    desk.check(2, Status::Open, &[]);
    let redone = repo.redo_entry(&decided.entry).unwrap();
    ledger::restore(&repo, &desk.board().events, &redone.note.events, at(2)).unwrap();
    desk.check(2, Status::FalsePositive, &[]);
}

#[test]
fn what_was_replaced_twice_stays_replaced_when_the_middle_is_undone() {
    let desk = desk();
    desk.did(Op::FalsePositive, &[1], 0);
    let middle = desk.did(Op::AcceptRisk, &[1], 1);
    desk.did(Op::Confirm, &[1], 2);
    desk.revoke(&middle, 3);
    desk.check(1, Status::Confirmed, &[]);
}

#[test]
fn a_decision_made_after_an_undo_disagrees_with_its_redo() {
    let desk = desk();
    let accepted = desk.did(Op::AcceptRisk, &[1], 0);
    desk.revoke(&accepted, 1);
    desk.did(Op::FalsePositive, &[1], 2);
    desk.restore(&accepted, 3).unwrap();
    desk.check(1, Status::Accepted, &[Flag::DecisionConflict]);
}

#[test]
fn only_known_decisions_are_taken_back_and_only_what_was_taken_back_is_restored() {
    let desk = desk();
    let accepted = desk.did(Op::AcceptRisk, &[1], 0);
    assert!(desk.restore(&accepted, 1).unwrap_err().to_string().contains("nothing here was taken back"));
    let (repo, events) = (desk.tree.repo(), desk.board().events);
    let unknown = ledger::revoke(&repo, &events, &["0123456789abcdef".to_owned()], at(1));
    assert!(unknown.unwrap_err().to_string().contains("no such decision"));
    assert!(ledger::revoke(&repo, &events, &[], at(1)).is_err());
}

#[test]
fn a_revoke_of_somebody_else_is_not_undone_by_redo() {
    let desk = desk();
    let accepted = desk.did(Op::AcceptRisk, &[1], 0);
    let git = git2::Repository::open(desk.tree.root()).unwrap();
    git.config().unwrap().set_str("user.name", "Another").unwrap();
    desk.revoke(&accepted, 1);
    git.config().unwrap().set_str("user.name", "A Tester").unwrap();
    assert!(desk.restore(&accepted, 2).unwrap_err().reason.contains("Another"));
    desk.check(1, Status::Open, &[]);
    desk.decide(&request(Op::AcceptRisk, &[1]), at(3)).unwrap();
    desk.check(1, Status::Accepted, &[]);
}

//! Each rule of a policy alone: what nothing but that rule refuses, asks for, or lets count for nothing.

use jiff::ToSpan;
use jiff::civil::date;
use quell::ledger::verify::verify;
use quell::model::decision::{Flag, Op, Request, Status};
use quell::model::grade::Severity;
use quell::model::policy::Limits;
use quell::model::scope::Scope;

use super::merge::git;
use super::policy::{CONFIG, accept, desk, forge};
use super::support::{Desk, Hit, TODAY, at, hit, request};

/// Findings of one rule, the first of them the least severe.
fn worse(policy: &str, severities: &[Severity]) -> Desk {
    let hits = (1..).zip(severities).map(|(id, &severity)| Hit { severity, ..hit(id, "a.py", 3) });
    let desk = Desk::new(hits.collect());
    desk.tree.write(CONFIG, policy);
    desk
}

fn limits(desk: &Desk, request: &Request) -> Limits {
    let board = desk.board();
    let policies = quell::model::policy::Policies { day: TODAY, ..(*board.policies).clone() };
    policies.limits(&board, request)
}

#[track_caller]
fn refused(desk: &Desk, request: &Request, reason: &str) {
    let problem = desk.decide(request, at(0)).unwrap_err();
    assert!(problem.to_string().contains(reason), "{problem}");
}

#[test]
fn of_several_findings_the_one_that_allows_the_least_counts() {
    let policy = "[policy.accept-risk]\nmax-days = { high = 30, critical = 14 }\n";
    let both = worse(policy, &[Severity::High, Severity::Critical]);
    refused(&both, &accept(&[1, 2], date(2030, 2, 20)), "until 2030-01-24 at the latest");
    // The same where one of them alone is too long.
    refused(&both, &accept(&[1, 2], date(2030, 2, 1)), "until 2030-01-24 at the latest");
    let latest = limits(&both, &request(Op::AcceptRisk, &[1, 2])).latest.unwrap();
    assert_eq!(latest.0, date(2030, 1, 24));
}

#[test]
fn of_several_limits_the_one_that_ends_first_counts() {
    let desk = worse("[policy.accept-risk]\nmax-days = 30\nmax-total-days = 40\n", &[Severity::High]);
    desk.decide(&accept(&[1], date(2030, 2, 9)), at(0)).unwrap();
    let problem = desk.decide(&accept(&[1], date(2030, 4, 1)), at(20 * 24 * 60)).unwrap_err();
    // 20 days are used, so that 20 are left of the total.
    assert_eq!(problem.hint, "until 2030-02-19 at the latest");
}

#[test]
fn what_was_put_off_before_is_told_apart_from_what_was_not() {
    let desk = worse("[policy.accept-risk]\nmax-total-days = 90\n", &[Severity::High, Severity::High]);
    desk.decide(&accept(&[2], date(2030, 4, 1)), at(0)).unwrap();
    let problem = desk.decide(&accept(&[1, 2], date(2030, 5, 15)), at(60 * 24 * 60)).unwrap_err();
    assert!(problem.reason.contains("over all renewals"), "{problem}");
    let limit = limits(&desk, &request(Op::AcceptRisk, &[1, 2])).latest.unwrap();
    assert_eq!(limit.1, "max-total-days of this tree: 90 for high");
}

#[test]
fn days_that_are_used_are_not_offered_again() {
    let desk = worse("[policy.accept-risk]\nmax-total-days = 14\n", &[Severity::High]);
    desk.decide(&accept(&[1], date(2030, 1, 24)), at(0)).unwrap();
    let on = |days: i64| {
        let board = desk.board();
        let day = TODAY.checked_add(days.days()).unwrap();
        let policies = quell::model::policy::Policies { day, ..(*board.policies).clone() };
        policies.limits(&board, &request(Op::AcceptRisk, &[1]))
    };
    assert_eq!(on(4).latest.unwrap().0, date(2030, 1, 24), "4 days are used");
    let over = on(60);
    let refusal = over.refusal.unwrap();
    assert_eq!(
        (refusal.reason.as_str(), refusal.allowed.as_str()),
        ("cannot hold any longer: 14 days are used of 14", "fix it: no day is left")
    );
}

#[test]
fn who_approves_is_asked_for_any_of_several_findings() {
    let policy = "[policy.accept-risk]\napproval = ['critical', 'kev']\n";
    let mut desk = worse(policy, &[Severity::Critical, Severity::High, Severity::High]);
    let approval = |desk: &Desk, ids: &[u64]| limits(desk, &request(Op::AcceptRisk, ids)).approval.is_some();
    assert_eq!((approval(&desk, &[1, 2]), approval(&desk, &[2, 3])), (true, false));
    // Two that only their use by attackers tells apart.
    desk.hits[2].is_kev = true;
    assert!(approval(&desk, &[2, 3]));
    let said = desk.decide(&request(Op::AcceptRisk, &[2, 3]), at(0)).unwrap().summary;
    assert!(said.ends_with("1 of them waits for the approval of another person (policy of this tree)"), "{said}");
    // It is in the catalogue no more; it was when it was decided.
    desk.hits[2].is_kev = false;
    desk.check(3, Status::Requested, &[]);
    desk.check(2, Status::Accepted, &[]);
    let notes = verify(&desk.tree.repo(), at(1)).problems;
    assert!(notes.iter().any(|note| note.reason.contains("names are not proved")), "{notes:?}");
}

#[test]
fn of_several_severities_that_are_approved_the_least_counts() {
    for order in ["['critical', 'medium']", "['medium', 'critical']"] {
        let desk = worse(&format!("[policy.accept-risk]\napproval = {order}\n"), &[Severity::High]);
        desk.did(Op::AcceptRisk, &[1], 0);
        desk.check(1, Status::Requested, &[]);
    }
}

#[test]
fn an_approval_by_somebody_who_may_not_counts_for_nothing() {
    let desk = worse("[policy.accept-risk]\napproval = ['low']\n[policy.approve]\nwho = ['Boss']\n", &[Severity::High]);
    desk.did(Op::AcceptRisk, &[1], 0);
    git(desk.tree.root(), &["config", "user.name", "Somebody"]);
    let forged = forge(&desk, &request(Op::Approve, &[1]), |_| {});
    assert_eq!(&*forged.author, "Somebody");
    desk.check(1, Status::Requested, &[]);
    forge(&desk, &request(Op::Approve, &[1]), |event| event.author = "Boss".into());
    desk.check(1, Status::Accepted, &[]);
}

#[test]
fn a_scope_is_a_bulk_and_so_is_each_rule_of_a_finding() {
    let policy = "[policy]\nnever-in-bulk = ['secret*']\n[policy.confirm]\nrequired = ['reason']\n";
    let mut desk = desk(policy);
    let scope = Scope { rule: Some("secret-key".to_owned()), ..Scope::default() };
    let scoped = Request { scope: Some(scope), ..request(Op::FalsePositive, &[3]) };
    refused(&desk, &scoped, "secret-key is never decided in bulk");
    // Nothing is hidden by a confirmation.
    desk.did(Op::Confirm, &[2, 3], 0);
    // What was written by hand counts for nothing.
    forge(&desk, &scoped, |_| {});
    desk.check(3, Status::Confirmed, &[Flag::AgainstPolicy]);
    // The rule of another result than the one that is shown.
    desk.hits = vec![
        hit(1, "a.py", 3),
        hit(2, "b.py", 3),
        Hit { finding: 2, tool: "other", rule: "secret-key", ..hit(4, "b.py", 3) },
    ];
    refused(&desk, &request(Op::FalsePositive, &[1, 2]), "secret-key is never decided in bulk");
}

#[test]
fn findings_of_several_rules_are_told_apart_by_all_of_them() {
    let joined = |id: u64, rule: &'static str| {
        [hit(id, "a.py", 3), Hit { finding: id, tool: "other", rule, ..hit(id + 10, "a.py", 3) }]
    };
    let desk = Desk::new([joined(1, "plain"), joined(2, "secret-key")].concat());
    desk.tree.write(CONFIG, "[policy]\nnever-in-bulk = ['secret*']\n");
    refused(&desk, &request(Op::FalsePositive, &[1, 2]), "secret-key is never decided in bulk");
}

#[test]
fn a_date_is_needed_where_one_is_required_or_something_is_counted_from_it() {
    for rule in ["required = ['until']", "max-days = 30", "max-total-days = 30"] {
        let desk = worse(&format!("[policy.false-positive]\n{rule}\n"), &[Severity::High]);
        refused(&desk, &request(Op::FalsePositive, &[1]), "false-positive needs a date until which it holds");
        let dated = Request { until: Some(date(2030, 1, 20)), ..request(Op::FalsePositive, &[1]) };
        desk.decide(&dated, at(0)).unwrap();
        desk.check(1, Status::FalsePositive, &[]);
    }
}

#[test]
fn blanks_are_no_reason() {
    let desk = worse("[policy.false-positive]\nrequired = ['reason']\n", &[Severity::High]);
    forge(&desk, &request(Op::FalsePositive, &[1]), |event| event.reason = Some(" \t".to_owned()));
    desk.check(1, Status::Open, &[Flag::AgainstPolicy]);
}

#[test]
fn days_are_counted_from_the_day_of_the_decision() {
    let desk = worse("[policy.accept-risk]\nmax-days = 30\n", &[Severity::High]);
    forge(&desk, &accept(&[1], date(2030, 3, 1)), |_| {});
    // Of its 50 days 10 are left, and it was too long all the same.
    let later = desk.board_on(date(2030, 2, 19));
    assert!(later.standings[0].flags.has(Flag::AgainstPolicy), "{:?}", later.standings[0]);
}

#[test]
fn what_counts_is_the_policy_as_it_is_when_it_is_decided() {
    let desk = worse("", &[Severity::High]);
    let board = desk.board();
    desk.tree.write(CONFIG, "[policy.accept-risk]\nmax-days = 14\n");
    let seen = |_| quell::ledger::Told::default();
    let asked = accept(&[1], date(2030, 3, 1));
    let problem = quell::ledger::decide(&desk.tree.repo(), &board, &seen, &asked, at(0)).unwrap_err();
    assert!(problem.reason.contains("at most 14 are allowed"), "{problem}");
}

#[test]
fn decisions_in_another_repository_keep_to_the_policies_of_both() {
    for is_in_other in [false, true] {
        let (code, other) = (worse("", &[Severity::High]), worse("", &[]));
        let strict = if is_in_other { &other } else { &code };
        strict.tree.write(CONFIG, "[policy.false-positive]\nrequired = ['ticket']\n");
        for tree in [&code.tree, &other.tree] {
            tree.commit("policy", at(-10).as_second());
            git(tree.root(), &["config", "quell.base", "main"]);
            std::fs::remove_file(tree.root().join(CONFIG)).unwrap();
        }
        git(code.tree.root(), &["config", "quell.ledger", other.tree.root().to_str().unwrap()]);
        refused(&code, &request(Op::FalsePositive, &[1]), "policy.false-positive.required of main");
        // Neither does what somebody wrote by hand, and --strict says so.
        git(code.tree.root(), &["config", "quell.base", "HEAD~1"]);
        git(other.tree.root(), &["config", "quell.base", "HEAD~1"]);
        code.did(Op::FalsePositive, &[1], 0);
        for tree in [&code.tree, &other.tree] {
            git(tree.root(), &["config", "quell.base", "main"]);
        }
        code.check(1, Status::Open, &[Flag::AgainstPolicy]);
        let (verified, _) = quell::ledger::strict::strict(&code.tree.repo(), None, at(1)).unwrap();
        let told: Vec<String> = verified.problems.iter().map(ToString::to_string).collect();
        assert!(told.iter().any(|told| told.contains("counts for nothing: it needs a ticket")), "{told:#?}");
    }
}

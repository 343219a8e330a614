//! What a policy forbids is refused before it is written, and counts for nothing where it was written all the same.

use jiff::civil::{Date, date};
use quell::ledger::decide::again;
use quell::ledger::policy::in_force;
use quell::ledger::strict::strict;
use quell::ledger::verify::verify;
use quell::model::decision::{Event, Flag, Op, Request, Status};
use quell::model::exhibit::Exhibits;
use quell::model::grade::Severity;
use quell::model::problem::{Loss, Problem};

use super::merge::git;
use super::strict::{Office, office};
use super::support::{Desk, Hit, at, hit, request};

pub(super) const CONFIG: &str = ".quell/config.toml";

/// A desk with a high and a critical finding, and a policy.
pub(super) fn desk(policy: &str) -> Desk {
    let critical = Hit { severity: Severity::Critical, rule: "secret-key", ..hit(2, "b.py", 3) };
    let desk = Desk::new(vec![hit(1, "a.py", 3), critical, Hit { rule: "secret-key", ..hit(3, "a.py", 8) }]);
    desk.tree.write(CONFIG, policy);
    desk
}

pub(super) fn accept(ids: &[u64], until: Date) -> Request {
    Request { until: Some(until), ..request(Op::AcceptRisk, ids) }
}

/// Expects a refusal with these words for reason and next step, and that nothing was written.
#[track_caller]
fn refused(desk: &Desk, request: &Request, reason: &str, hint: &str) {
    let before = desk.board().events.len();
    let problem = desk.decide(request, at(0)).unwrap_err();
    assert_eq!((problem.reason.as_str(), problem.hint.as_str()), (reason, hint));
    assert_eq!(desk.board().events.len(), before);
}

/// Writes an event as somebody would who does not ask Quell.
pub(super) fn forge(desk: &Desk, request: &Request, change: impl FnOnce(&mut Event)) -> Event {
    let policy = desk.tree.text(CONFIG);
    desk.tree.write(CONFIG, "");
    let mut event = desk.decide(request, at(0)).unwrap().event;
    desk.tree.write(CONFIG, &policy);
    let file = desk.tree.files().into_iter().find(|path| path.ends_with(&format!("{}.json", event.id))).unwrap();
    std::fs::remove_file(desk.tree.root().join(file)).unwrap();
    change(&mut event);
    event.id.clear();
    let draft = again(&event);
    draft.write(&desk.tree.repo()).unwrap();
    draft.event
}

/// Expects that what was decided about a finding counts for nothing, for this reason.
#[track_caller]
fn counts_for_nothing(desk: &Desk, id: u64, why: &str) {
    desk.check(id, Status::Open, &[Flag::AgainstPolicy]);
    assert_eq!(desk.standing(id).words().unwrap(), format!("counts for nothing: it {why}"));
    let problems = verify(&desk.tree.repo(), at(1)).problems;
    let reason = why.split(';').next().unwrap();
    let is_told = |problem: &Problem| problem.loss == Loss::File && problem.reason.contains(reason);
    assert!(problems.iter().any(is_told), "{reason}: {problems:#?}");
}

#[test]
fn a_decision_says_what_the_policy_requires() {
    let desk = desk(
        "[policy.accept-risk]\nrequired = ['ticket', 'risk-owner', 'control']\n[policy.false-positive]\nrequired = ['reason']\n",
    );
    let lacks = "accept-risk needs a ticket and a risk owner and a compensating control";
    refused(
        &desk,
        &request(Op::AcceptRisk, &[1]),
        &format!("{lacks} (policy.accept-risk.required of this tree)"),
        "add it and repeat",
    );
    let bare = Request { reason: Some(" ".to_owned()), ..request(Op::FalsePositive, &[1]) };
    refused(
        &desk,
        &bare,
        "false-positive needs a reason (policy.false-positive.required of this tree)",
        "add it and repeat",
    );
    let some = |text: &str| Some(text.to_owned());
    let whole = Request {
        ticket: some("SEC-1"),
        risk_owner: some("cto"),
        control: some("VPN"),
        ..request(Op::AcceptRisk, &[1])
    };
    desk.decide(&whole, at(1)).unwrap();
    desk.check(1, Status::Accepted, &[]);
    forge(&desk, &request(Op::AcceptRisk, &[2]), |_| {});
    counts_for_nothing(
        &desk,
        2,
        &format!(
            "{} (policy.accept-risk.required of this tree); add it and repeat",
            lacks.trim_start_matches("accept-risk ")
        ),
    );
}

#[test]
fn the_worse_a_finding_is_the_shorter_it_is_put_off() {
    let desk = desk("[policy.accept-risk]\nmax-days = { critical = 14, medium = 30 }\n");
    let over = |days: i64, most: u32, severity: &str| {
        format!(
            "accept-risk holds for {days} days; at most {most} are allowed for what is {severity} (policy.accept-risk.max-days of this tree)"
        )
    };
    // What is high is worse than medium.
    refused(&desk, &accept(&[1], date(2030, 2, 10)), &over(31, 30, "high"), "until 2030-02-09 at the latest");
    refused(&desk, &accept(&[1, 2], date(2030, 2, 9)), &over(30, 14, "critical"), "until 2030-01-24 at the latest");
    desk.decide(&accept(&[1], date(2030, 2, 9)), at(1)).unwrap();
    desk.check(1, Status::Accepted, &[]);
    desk.decide(&accept(&[2], date(2030, 1, 24)), at(1)).unwrap();
    desk.check(2, Status::Accepted, &[]);
}

#[test]
fn an_event_that_was_written_by_hand_counts_for_nothing() {
    let max = "[policy.accept-risk]\nmax-days = 30\n";
    let long = "holds for 50 days; at most 30 are allowed for what is high (policy.accept-risk.max-days of this tree); until 2030-02-09 at the latest";
    let plain = desk(max);
    plain.did(Op::Confirm, &[1], -1);
    forge(&plain, &accept(&[1], date(2030, 3, 1)), |_| {});
    plain.check(1, Status::Confirmed, &[Flag::AgainstPolicy]);
    let unsaid = desk(max);
    forge(&unsaid, &accept(&[1], date(2030, 3, 1)), |event| event.members[0].facts = None);
    unsaid.check(1, Status::Open, &[Flag::AgainstPolicy]);
    // A date in the future shortens nothing.
    let late = desk(max);
    forge(&late, &accept(&[1], date(2030, 3, 1)), |event| event.at = at(60 * 24 * 45));
    counts_for_nothing(&late, 1, long);
    let harmless = desk("[policy.accept-risk]\nmax-days = { critical = 14 }\n");
    forge(&harmless, &accept(&[2], date(2030, 3, 1)), |event| {
        event.members[0].facts.as_mut().unwrap().severity = Some("low".into());
    });
    harmless.check(2, Status::Open, &[Flag::AgainstPolicy]);
}

#[test]
fn what_a_later_scan_finds_worse_is_measured_anew() {
    let mut desk = desk("[policy.accept-risk]\nmax-days = { critical = 14 }\n");
    desk.did(Op::AcceptRisk, &[1], 0);
    desk.check(1, Status::Accepted, &[]);
    desk.hits[0].severity = Severity::Critical;
    desk.check(1, Status::Open, &[Flag::AgainstPolicy]);
    // What was worse when it was decided stays so.
    desk.tree.write(CONFIG, "[policy.accept-risk]\nmax-days = { high = 14 }\n");
    desk.hits[0].severity = Severity::Low;
    desk.check(1, Status::Open, &[Flag::AgainstPolicy]);
}

#[test]
fn renewals_add_up_whatever_was_taken_back_between_them() {
    let desk = desk("[policy.accept-risk]\nmax-total-days = 90\n");
    let on = |day: i64| at(day * 24 * 60);
    let first = desk.decide(&accept(&[1], date(2030, 3, 1)), on(0)).unwrap();
    let second = desk.decide(&accept(&[1], date(2030, 3, 31)), on(40)).unwrap();
    assert!(second.summary.ends_with("renewed once, 80 days in total"), "{}", second.summary);
    let refused = desk.decide(&accept(&[1], date(2030, 4, 15)), on(60)).unwrap_err();
    let words = "holds for 95 days over all renewals; at most 90 are allowed for what is high (policy.accept-risk.max-total-days of this tree)";
    assert_eq!(refused.reason, format!("accept-risk {words}"));
    assert_eq!(refused.hint, "until 2030-04-10 at the latest");
    desk.revoke(&second.event, 60 * 24 * 60);
    desk.revoke(&first.event, 60 * 24 * 60);
    desk.check(1, Status::Open, &[]);
    // 60 days were held, though nothing is in effect.
    let refused = desk.decide(&accept(&[1], date(2030, 5, 1)), on(70)).unwrap_err();
    assert_eq!(refused.hint, "until 2030-04-20 at the latest");
    desk.decide(&accept(&[1], date(2030, 4, 20)), on(70)).unwrap();
    assert_eq!(desk.board_on(date(2030, 3, 21)).standings[0].status, Status::Accepted);
}

#[test]
fn some_rules_are_decided_one_by_one() {
    let desk = desk("[policy]\nnever-in-bulk = ['secret*']\n");
    let words = "false-positive is about more than one finding, and secret-key is never decided in bulk (policy.never-in-bulk of this tree)";
    refused(&desk, &request(Op::FalsePositive, &[1, 3]), words, "decide about it alone");
    desk.did(Op::Confirm, &[1, 3], 0);
    desk.did(Op::FalsePositive, &[3], 1);
    desk.check(3, Status::FalsePositive, &[]);
    let forged = forge(&desk, &request(Op::FalsePositive, &[1, 2]), |_| {});
    assert_eq!(forged.members.len(), 2);
    desk.check(1, Status::FalsePositive, &[]);
    desk.check(2, Status::Open, &[Flag::AgainstPolicy]);
}

#[test]
fn results_of_one_finding_are_no_bulk() {
    let mut desk = desk("[policy]\nnever-in-bulk = ['secret*']\n");
    desk.hits.push(Hit { rule: "secret-key", tool: "other", finding: 2, ..hit(4, "b.py", 3) });
    desk.did(Op::FalsePositive, &[2], 0);
    desk.check(2, Status::FalsePositive, &[]);
}

#[test]
fn who_may_decide_is_said_by_name_or_address() {
    let desk = desk("[policy.accept-risk]\nwho = { critical = ['*@security.example.org'], low = ['A Tester'] }\n");
    git(desk.tree.root(), &["config", "user.email", "a@example.org"]);
    let words = "accept-risk is by A Tester, a@example.org, who may not accept the risk of what is critical (policy.accept-risk.who of this tree)";
    refused(&desk, &request(Op::AcceptRisk, &[2]), words, "*@security.example.org may");
    let event = desk.did(Op::AcceptRisk, &[1], 0);
    assert_eq!(event.mail.as_deref(), Some("a@example.org"));
    desk.check(1, Status::Accepted, &[]);
    git(desk.tree.root(), &["config", "user.email", "A@Security.example.org"]);
    desk.did(Op::AcceptRisk, &[2], 1);
    desk.check(2, Status::Accepted, &[]);
    let notes = verify(&desk.tree.repo(), at(1)).problems;
    assert!(
        notes.iter().any(|note| note.reason.contains("names are not proved") && note.loss == Loss::Nothing),
        "{notes:?}"
    );
    assert_eq!(desk.did(Op::Comment, &[1], 2).mail, None);
}

#[test]
fn another_person_approves_what_is_worse_or_exploited() {
    let mut desk =
        desk("[policy.accept-risk]\napproval = ['critical', 'kev']\n[policy.approve]\nwho = ['Boss', 'A Tester']\n");
    desk.did(Op::Confirm, &[2], 0);
    let decided = desk.decide(&request(Op::AcceptRisk, &[1, 2]), at(1)).unwrap();
    let waits = "1 of them waits for the approval of another person (policy of this tree)";
    assert!(decided.summary.ends_with(waits), "{}", decided.summary);
    desk.check(1, Status::Accepted, &[]);
    desk.check(2, Status::Requested, &[]);
    let words = "not in effect yet: another person has to approve it (policy of this tree)";
    assert_eq!(desk.standing(2).words().as_deref(), Some(words));
    assert!(desk.decide(&request(Op::Approve, &[2]), at(2)).is_err(), "one's own");
    git(desk.tree.root(), &["config", "user.name", "Somebody"]);
    let refused = desk.decide(&request(Op::Approve, &[2]), at(2)).unwrap_err();
    assert!(refused.reason.contains("is by Somebody"), "{refused}");
    git(desk.tree.root(), &["config", "user.name", "Boss"]);
    let approval = desk.did(Op::Approve, &[2], 3);
    desk.check(2, Status::Accepted, &[]);
    desk.revoke(&approval, 4);
    desk.check(2, Status::Requested, &[]);
    // An approval is that of one decision.
    desk.did(Op::Approve, &[2], 5);
    git(desk.tree.root(), &["config", "user.name", "A Tester"]);
    desk.did(Op::AcceptRisk, &[2], 6);
    desk.check(2, Status::Requested, &[]);
    desk.hits[0].is_kev = true;
    desk.check(1, Status::Requested, &[]);
}

#[test]
fn nobody_approves_what_is_ones_own_by_writing_the_file() {
    let desk = desk("[policy.accept-risk]\napproval = ['low']\nwho = ['*']\n[policy.approve]\nwho = ['*']\n");
    git(desk.tree.root(), &["config", "user.email", "a@example.org"]);
    let event = desk.did(Op::AcceptRisk, &[1], 0);
    git(desk.tree.root(), &["config", "user.name", "Another"]);
    let refused = desk.decide(&request(Op::Approve, &[1]), at(1)).unwrap_err().to_string();
    assert!(refused.contains("A Tester (a@example.org) accepted this risk: it takes another person"), "{refused}");
    let (until_change, exhibits) = (Vec::new(), Exhibits::default());
    let about = vec![event.id.clone()];
    let op = Op::Approve.name().into();
    let approval = Event { op, about, at: at(1), until: None, until_change, reason: None, exhibits, ..event.clone() };
    desk.check(1, Status::Requested, &[]);
    for (author, mail, status) in [
        ("A Tester", Some("b@example.org"), Status::Requested),
        ("Another", Some("a@example.org"), Status::Requested),
        ("Another", Some("b@example.org"), Status::Accepted),
    ] {
        let by = Event { author: author.into(), mail: mail.map(str::to_owned), id: String::new(), ..approval.clone() };
        let draft = again(&by);
        draft.write(&desk.tree.repo()).unwrap();
        desk.check(1, status, &[]);
    }
    assert_eq!(approval.about, [event.id]);
}

#[test]
fn a_policy_that_is_loosened_on_a_branch_is_that_of_the_base() {
    let desk = desk("[policy.accept-risk]\nmax-days = 30\n");
    desk.tree.commit("policy", at(-10).as_second());
    let root = desk.tree.root();
    git(root, &["branch", "-M", "main"]);
    git(root, &["config", "quell.base", "main"]);
    git(root, &["checkout", "-q", "-b", "feature"]);
    for loosened in ["", "[policy.accept-risk]\nmax-days = 900\n", "[policy]\n", "inputs = []\n"] {
        desk.tree.write(CONFIG, loosened);
        let refused = desk.decide(&accept(&[1], date(2030, 3, 1)), at(0)).unwrap_err();
        assert!(refused.reason.ends_with("(policy.accept-risk.max-days of main)"), "{refused}");
    }
    std::fs::remove_file(root.join(CONFIG)).unwrap();
    assert!(desk.decide(&accept(&[1], date(2030, 3, 1)), at(0)).is_err());
    // A change may restrict more.
    desk.tree.write(CONFIG, "[policy.accept-risk]\nmax-days = 10\n");
    let refused = desk.decide(&accept(&[1], date(2030, 2, 1)), at(0)).unwrap_err();
    assert!(refused.reason.ends_with("of this tree)"), "{refused}");
    desk.decide(&accept(&[1], date(2030, 1, 20)), at(0)).unwrap();
    desk.check(1, Status::Accepted, &[]);
    // What was written while nobody looked.
    git(root, &["config", "--unset", "quell.base"]);
    desk.tree.write(CONFIG, "");
    desk.decide(&accept(&[2], date(2030, 3, 1)), at(0)).unwrap();
    desk.check(2, Status::Accepted, &[]);
    git(root, &["config", "quell.base", "main"]);
    desk.check(2, Status::Open, &[Flag::AgainstPolicy]);
}

#[test]
fn a_policy_that_cannot_be_read_is_told_with_its_place_and_lets_nothing_hide() {
    for (text, problem) in [
        (
            "[policy.accept-risk]\nmax-dayz = 1\n",
            ".quell/config.toml: policy.accept-risk.max-dayz: it is none of required, who, max-days, max-total-days, approval",
        ),
        (
            "[policy.accept]\n",
            ".quell/config.toml: policy.accept: it is none of never-in-bulk, confirm, false-positive, not-affected, accept-risk, mitigated, defer, duplicate, approve",
        ),
        ("policy = 3\n", ".quell/config.toml: policy: it is no table"),
        (
            "[policy.defer]\nmax-days = 'x'\n",
            ".quell/config.toml: policy.defer.max-days: \"x\" is no number of days from 0 to 36500",
        ),
        (
            "[policy.defer]\nmax-days = -1\n",
            ".quell/config.toml: policy.defer.max-days: -1 is no number of days from 0 to 36500",
        ),
        (
            "[policy.defer]\nmax-days = 36501\n",
            ".quell/config.toml: policy.defer.max-days: 36501 is no number of days from 0 to 36500",
        ),
        (
            "[policy.defer]\nmax-days = { worst = 1 }\n",
            ".quell/config.toml: policy.defer.max-days: worst is none of info, low, medium, high, critical",
        ),
        (
            "[policy.defer]\nrequired = ['mood']\n",
            ".quell/config.toml: policy.defer.required: mood is none of reason, risk-owner, control, ticket, until",
        ),
        (
            "[policy.defer]\napproval = ['high']\n",
            ".quell/config.toml: policy.defer.approval: only accept-risk is approved by another person",
        ),
        (
            "[policy.accept-risk]\napproval = ['awful']\n",
            ".quell/config.toml: policy.accept-risk.approval: awful is none of info, low, medium, high, critical, kev",
        ),
        (
            "[policy.approve]\nmax-days = 1\n",
            ".quell/config.toml: policy.approve.max-days: it is none of required, who",
        ),
        ("[policy]\nnever-in-bulk = ['[']\n", ".quell/config.toml: policy.never-in-bulk: "),
        ("[policy]\nnever-in-bulk = 'x'\n", ".quell/config.toml: policy.never-in-bulk: \"x\" is no list of words"),
    ] {
        let desk = desk("");
        desk.did(Op::FalsePositive, &[1], 0);
        desk.did(Op::Confirm, &[2], 1);
        desk.tree.write(CONFIG, text);
        let problems = in_force(&desk.tree.repo()).1;
        assert_eq!(problems.len(), 1, "{problems:?}");
        let told = problems[0].to_string();
        assert!(
            told.starts_with(problem) && told.ends_with("until then nothing counts that hides a finding"),
            "{told}"
        );
        desk.check(1, Status::Open, &[Flag::AgainstPolicy]);
        desk.check(2, Status::Confirmed, &[]);
        assert!(
            desk.decide(&request(Op::FalsePositive, &[1]), at(2))
                .unwrap_err()
                .reason
                .contains("cannot be held against")
        );
        desk.did(Op::Confirm, &[1], 3);
    }
    let desk = desk("");
    desk.did(Op::FalsePositive, &[1], 0);
    desk.tree.write(CONFIG, "policy = [\n");
    desk.check(1, Status::Open, &[Flag::AgainstPolicy]);
}

#[test]
fn a_base_that_is_not_here_is_not_taken_for_one_without_a_policy() {
    let desk = desk("");
    desk.did(Op::FalsePositive, &[1], 0);
    let root = desk.tree.root();
    git(root, &["config", "quell.base", "main-of-old"]);
    let problems = in_force(&desk.tree.repo()).1;
    assert!(problems[0].to_string().contains("the protected branch main-of-old is not here"), "{problems:?}");
    desk.check(1, Status::Open, &[Flag::AgainstPolicy]);
    git(root, &["config", "--unset", "quell.base"]);
    // What a remote calls its own after it was renamed there.
    git(root, &["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/master"]);
    let problems = in_force(&desk.tree.repo()).1;
    assert!(problems[0].hint.contains("git remote set-head") && problems[0].loss == Loss::Nothing, "{problems:?}");
    desk.check(1, Status::FalsePositive, &[]);
    git(root, &["update-ref", "refs/remotes/origin/master", "HEAD"]);
    assert!(in_force(&desk.tree.repo()).1.is_empty());
    std::fs::remove_file(root.join(CONFIG)).unwrap();
    std::fs::create_dir(root.join(CONFIG)).unwrap();
    desk.check(1, Status::Open, &[Flag::AgainstPolicy]);
}

/// An office whose base has a policy, on a branch of its own.
fn office_with(policy: &str) -> Option<Office> {
    let office = office()?;
    office.desk.tree.write(CONFIG, policy);
    office.commit(0, None);
    office.git(&["checkout", "-q", "-b", "feature"]);
    Some(office)
}

#[test]
fn in_strict_mode_the_key_says_who_may() {
    let Some(office) = office_with("[policy.accept-risk]\nwho = ['alice@*']\nmax-days = 200\n") else { return };
    office.git(&["config", "user.email", "alice@example.org"]);
    office.desk.decide(&accept(&[1], date(2030, 6, 1)), at(1)).unwrap();
    office.commit(2, Some("bob"));
    office.expect(&["counts for nothing: it is by bob@example.org, SHA256:"]);
    office.git(&["reset", "-q", "--soft", "HEAD^"]);
    office.git(&["reflog", "expire", "--expire=now", "--all"]);
    office.commit(2, Some("alice"));
    office.expect(&[]);
    // The policy of the branch is nothing.
    office.desk.tree.write(CONFIG, "[policy.accept-risk]\nwho = ['bob@*']\n");
    office.commit(3, None);
    office.expect(&[]);
}

#[test]
fn a_name_that_anybody_can_write_may_not_decide() {
    let Some(office) = office_with("[policy.false-positive]\nwho = ['alice@*']\n") else { return };
    office.git(&["config", "user.email", "alice@example.org"]);
    office.desk.did(Op::FalsePositive, &[1], 1);
    office.commit(2, None);
    office.expect(&["the false-positive of A Tester is unsigned"]);
    office.git(&["config", "user.signingKey", office.key("alice").to_str().unwrap()]);
    assert_eq!(quell::ledger::strict::sign(&office.desk.tree.repo(), &[]).unwrap(), 1);
    office.commit(3, None);
    office.expect(&[]);
}

#[test]
fn in_strict_mode_one_key_under_two_names_is_one_person() {
    let Some(office) = office_with("[policy.accept-risk]\napproval = ['high']\n") else { return };
    office.desk.decide(&accept(&[1], date(2030, 6, 1)), at(1)).unwrap();
    office.commit(2, Some("alice"));
    office.git(&["config", "user.name", "Bob"]);
    office.desk.did(Op::Approve, &[1], 3);
    office.commit(4, Some("alice"));
    office.expect(&["is signed by the key that asked for it", "counts when another person approves it"]);
}

#[test]
fn in_strict_mode_another_key_approves() {
    let policy = "[policy.accept-risk]\napproval = ['high']\n[policy.approve]\nwho = ['bob@*']\n";
    let Some(office) = office_with(policy) else { return };
    office.desk.decide(&accept(&[1], date(2030, 6, 1)), at(1)).unwrap();
    office.commit(2, Some("alice"));
    let waiting = "counts when another person approves it (policy.accept-risk.approval of main)";
    office.expect(&[waiting]);
    office.git(&["config", "user.name", "Bob"]);
    office.git(&["config", "user.email", "bob@example.org"]);
    office.desk.did(Op::Approve, &[1], 3);
    // The names say that it was Bob, the key says who it was.
    office.desk.check(1, Status::Accepted, &[]);
    office.commit(4, Some("alice"));
    office.expect(&["is signed by the key that asked for it", "is by alice@example.org", waiting]);
    office.git(&["reset", "-q", "--soft", "HEAD^"]);
    office.git(&["reflog", "expire", "--expire=now", "--all"]);
    office.commit(4, Some("bob"));
    office.expect(&[]);
    // Loosened on the branch, taken out of the base: the base counts.
    office.git(&["rm", "-q", CONFIG]);
    office.commit(5, None);
    office.expect(&[]);
    let (verified, _) = strict(&office.desk.tree.repo(), Some("main"), at(100_000)).unwrap();
    assert!(verified.problems.is_empty());
}

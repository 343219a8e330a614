//! What a form asks for where a policy is in force.

use std::sync::Arc;

use jiff::civil::date;
use quell::app::form::{FieldKind, Form};
use quell::app::state::Overlay;
use quell::ledger::policy::in_force;
use quell::model::decision::Op;
use quell::model::policy::Policies;

use super::Console;
use crate::support::board::TODAY;
use crate::support::tree::Tree;

fn console(policy: &str) -> Console {
    let tree = Tree::git(&[(".quell/config.toml", policy)]);
    let (policies, problems) = in_force(&tree.repo());
    assert!(problems.is_empty(), "{problems:?}");
    let mut console = Console::new();
    console.state.board.policies = Arc::new(Policies { day: TODAY, ..policies });
    console
}

fn form(console: &Console) -> &Form {
    let Some(Overlay::Form(form)) = &console.state.overlay else { panic!("no form: {}", console.notice()) };
    form
}

fn error(console: &Console) -> &str {
    form(console).error.as_deref().unwrap_or_default()
}

#[test]
fn a_form_asks_for_what_is_required_and_offers_no_later_date() {
    let mut console = console("[policy.accept-risk]\nrequired = ['reason', 'risk-owner', 'ticket']\nmax-days = 14\n");
    console.keys("a");
    let fields: Vec<(FieldKind, bool)> =
        form(&console).fields.iter().map(|field| (field.kind, field.is_required)).collect();
    let asked = [FieldKind::Reason, FieldKind::Until, FieldKind::Ticket, FieldKind::RiskOwner].map(|kind| (kind, true));
    let required: Vec<(FieldKind, bool)> = fields.into_iter().filter(|(_, is_required)| *is_required).collect();
    assert_eq!(required, asked);
    let latest = TODAY.checked_add(jiff::Span::new().days(14)).unwrap();
    assert_eq!(form(&console).fields[1].input.text(), latest.to_string());
    assert_eq!(form(&console).fields[1].hint, format!("at most {latest}"));
    let about = form(&console).about.last().unwrap().text();
    assert!(about.starts_with(&format!("at most until {latest} (max-days of this tree: 14 for ")), "{about}");
    assert!(console.decisions("\"behind the VPN\" enter").is_empty());
    assert_eq!(error(&console), "ticket is needed");
    assert!(console.decisions("\"SEC-1\" enter").is_empty());
    assert_eq!(error(&console), "risk owner is needed");
    assert!(console.decisions("\"cto\" tab tab tab tab + enter").is_empty());
    assert!(
        error(&console).starts_with(&format!("until {latest} at the latest: holds for 44 days; at most 14")),
        "{}",
        error(&console)
    );
    assert_eq!(form(&console).at, 1, "the date is what is wrong");
    let decided = console.decisions("- enter");
    assert_eq!((decided[0].until, decided[0].risk_owner.as_deref()), (Some(latest), Some("cto")));
}

#[test]
fn a_key_that_decides_at_once_asks_first_where_it_has_to() {
    let mut console = console("[policy.false-positive]\nrequired = ['reason']\n");
    assert_eq!(console.decisions("c")[0].op, Op::Confirm, "nothing is asked of that");
    assert!(console.decisions("x enter").is_empty());
    assert_eq!(error(&console), "reason is needed");
    let decided = console.decisions("\"a constant\" enter");
    assert_eq!((decided[0].op, decided[0].reason.as_deref()), (Op::FalsePositive, Some("a constant")));
}

#[test]
fn what_may_not_be_decided_opens_no_form() {
    let mut console =
        console("[policy.accept-risk]\nwho = ['*@security.example.org']\n[policy]\nnever-in-bulk = ['*']\n");
    assert!(console.decisions("a").is_empty());
    assert!(console.state.overlay.is_none());
    let notice = console.notice();
    assert!(
        notice.contains("who may not accept the risk of") && notice.contains("*@security.example.org may"),
        "{notice}"
    );
    assert!(console.decisions("space space x").is_empty());
    assert!(console.notice().contains("is never decided in bulk"), "{}", console.notice());
    console.keys("esc esc");
    assert_eq!(console.decisions("x").len(), 1, "one by one");
}

#[test]
fn an_approval_that_is_asked_for_is_said_before() {
    let mut console = console("[policy.accept-risk]\napproval = ['low']\n");
    console.keys("a");
    let about: Vec<String> = form(&console).about.iter().map(quell::app::page::Line::text).collect();
    assert!(about.contains(&"another person has to approve it (policy of this tree)".to_owned()), "{about:?}");
    let decided = console.decisions("\"r\" enter");
    assert_eq!(decided[0].until, Some(date(2027, 2, 18)), "90 days where nothing shortens it");
}

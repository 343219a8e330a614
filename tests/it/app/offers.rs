//! Fixes that no report carries: they count as any other, and a fix command is asked by a key.

use std::sync::Arc;

use quell::app::answer;
use quell::app::effect::{Effect, Msg, Ticket};
use quell::model::fix::{Applicability, Proposal, ProposalSource};
use quell::model::id::{FindingId, FixId};
use quell::model::offer::Offers;
use quell::model::problem::Problem;

use super::Console;

fn offers(finding: FindingId) -> Arc<Offers> {
    let mut offers = Offers::default();
    let count = offers.add(vec![Proposal {
        id: FixId(7),
        finding: Some(finding),
        also: Vec::new(),
        source: ProposalSource { tool: "proposed by helper".to_owned(), ..ProposalSource::default() },
        title: "a fix".to_owned(),
        message: String::new(),
        applicability: Applicability::Unknown,
        alternative: 0,
        edits: Vec::new(),
        warnings: Vec::new(),
    }]);
    assert_eq!(count, 1);
    Arc::new(offers)
}

/// A console with two fix commands, the cursor on a finding without a fix, and the ticket of its question.
fn asking() -> (Console, FindingId, Ticket) {
    let mut console = Console::new();
    console.state.commands = vec!["helper".to_owned(), "other".to_owned()];
    let has_fix = |console: &Console| console.state.board.fixes(console.state.current_idx().unwrap()) > 0;
    while has_fix(&console) {
        console.keys("j");
    }
    let finding = console.state.current().unwrap();
    let effects = console.keys("A");
    let [Effect::Ask { ticket, finding: asked, command: 0 }] = effects[..] else { panic!("{effects:?}") };
    assert_eq!(asked, finding);
    (console, finding, ticket)
}

#[test]
fn a_fix_command_is_asked_and_its_fix_can_be_kept() {
    let (mut console, finding, ticket) = asking();
    assert!(console.notice().contains("helper looks for a fix"), "{}", console.notice());
    answer::receive(&mut console.state, Msg::Asking(ticket, 12));
    assert!(console.notice().contains("12 s; A stops it"), "{}", console.notice());
    assert!(console.state.kept.is_empty());
    let effects = answer::receive(&mut console.state, Msg::Asked(ticket, Ok((offers(finding), 1))));
    assert!(matches!(effects[..], [Effect::Preview(_, shown)] if shown == finding), "{effects:?}");
    assert!(console.notice().contains("helper proposes 1 fix"), "{}", console.notice());
    console.keys("f");
    assert_eq!(console.state.kept, [finding]);
    console.keys("/ \"is:fixable\" enter");
    assert!(console.state.rows.findings.iter().any(|at| console.state.board.backlog.id(*at) == finding));
}

#[test]
fn the_same_key_stops_it_and_a_late_answer_is_dropped() {
    let (mut console, finding, ticket) = asking();
    assert!(matches!(console.keys("A")[..], [Effect::StopAsking]));
    answer::receive(&mut console.state, Msg::Asked(ticket, Ok((offers(finding), 1))));
    answer::receive(&mut console.state, Msg::Asking(ticket, 3));
    assert_eq!(console.state.board.offers.count(finding), 0);
    assert!(console.notice().contains("helper stopped"), "{}", console.notice());
}

#[test]
fn what_went_wrong_is_said() {
    let (mut console, _, ticket) = asking();
    let problem = Problem::of_file("helper", "it was stopped after 120 s", "");
    answer::receive(&mut console.state, Msg::Asked(ticket, Err(problem)));
    assert!(console.notice().contains("stopped after 120 s"), "{}", console.notice());
    assert!(console.state.asking.is_none() && console.state.problems.len() == 1);
}

#[test]
fn a_count_chooses_the_command() {
    let mut console = Console::new();
    assert!(console.keys("A").is_empty());
    assert!(console.notice().contains("no fix command"), "{}", console.notice());
    console.state.commands = vec!["helper".to_owned(), "other".to_owned()];
    assert!(matches!(console.keys("2 A")[..], [Effect::Ask { command: 1, .. }]));
    console.keys("A");
    assert!(console.keys("3 A").is_empty());
    assert!(console.notice().contains("helper, other"), "{}", console.notice());
}

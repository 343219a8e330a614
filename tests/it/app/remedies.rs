//! Remedies in the console: looked for when a key asks for them, once for each load, and counted anew after a decision.

use std::sync::Arc;

use quell::app::answer;
use quell::app::effect::{Effect, Msg, Ticket};
use quell::app::state::Extent;
use quell::app::update;
use quell::model::decision::Status;
use quell::model::remedy::{Remedies, RemedyKind};

use super::Console;
use crate::support::board::board;

const TEXT: &str = "upgrade lodash to 4.17.21";

/// Findings 0 and 1 are cleared by one change.
fn remedies(console: &Console) -> Arc<Remedies> {
    let found = [0, 1].map(|finding| (finding, RemedyKind::Upgrade, TEXT.to_owned()));
    Arc::new(Remedies::new(&console.state.board, &found))
}

fn asked(effects: &[Effect]) -> Vec<Ticket> {
    let ticket = |effect: &Effect| if let Effect::Remedies(ticket) = effect { Some(*ticket) } else { None };
    effects.iter().filter_map(ticket).collect()
}

/// What the headings say.
fn headings(console: &Console) -> Vec<String> {
    let (rows, board) = (&console.state.rows, &console.state.board);
    let heading = |group| format!("{} {}", rows.label(board, group), rows.note(board, group).unwrap_or_default());
    (0..).take(rows.groups.len()).map(heading).collect()
}

#[test]
fn they_are_looked_for_once_when_a_key_asks() {
    let mut console = Console::new();
    let [ticket] = asked(&console.keys("b m"))[..] else { panic!("one question") };
    assert_eq!(headings(&console), ["no remedy "]);
    assert!(console.notice().contains("looking for"), "{}", console.notice());
    assert_eq!(asked(&console.keys("b s b m / \"remedy:\"")), [], "it is asked already");
    console.keys("esc esc");
    let all = remedies(&console);
    answer::receive(&mut console.state, Msg::Remedies(Ticket(ticket.0 + 1000), Arc::clone(&all)));
    assert_eq!(headings(&console), ["no remedy "], "an answer to another question");
    answer::receive(&mut console.state, Msg::Remedies(ticket, all));
    let both = format!("{TEXT} clears 2, of which 2 act-now");
    assert_eq!(headings(&console), [both.as_str(), "no remedy "]);
    console.keys("/ \"remedy:lodash\" enter");
    assert_eq!(console.listed(), [1, 0]);
    assert_eq!(asked(&console.keys("b n b m")), [], "they are known");
}

#[test]
fn a_decision_changes_what_they_clear_and_a_reload_asks_again() {
    let mut console = Console::new();
    let ticket = asked(&console.keys("b m"))[0];
    let all = remedies(&console);
    answer::receive(&mut console.state, Msg::Remedies(ticket, all));
    console.judge(&[1], Status::FalsePositive);
    let left = format!("{TEXT} clears 1, of which 1 act-now");
    assert_eq!(headings(&console), [left.as_str(), "no remedy "]);
    let ticket = console.state.tickets.load;
    let loaded = Msg::Loaded { ticket, board: board(), problems: Vec::new(), branch: None };
    let effects = answer::receive(&mut console.state, loaded);
    assert_eq!(asked(&effects).len(), 1, "{effects:?}");
    assert_eq!(headings(&console), ["no remedy "]);
}

#[test]
fn of_a_part_of_the_reports_nothing_is_looked_for() {
    let mut console = Console::new();
    console.state.extent = Extent::Part;
    assert_eq!(asked(&console.keys("b m")), []);
    let ticket = console.state.tickets.load;
    let loaded = Msg::Loaded { ticket, board: board(), problems: Vec::new(), branch: None };
    assert_eq!(asked(&answer::receive(&mut console.state, loaded)).len(), 1);
    update::frame_is_out(&mut console.state, true);
}

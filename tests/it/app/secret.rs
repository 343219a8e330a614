//! Secrets: covered, shown by a key, covered again.

use std::sync::Arc;

use quell::app::answer;
use quell::app::effect::{Effect, Msg, Opened};
use quell::model::detail::{Detail, Location};
use quell::model::snippet::{CodeLine, Origin, Snippet};

use super::Console;

const SECRET: &str = "correct horse";

/// A console with the finding of a secret open, as the worker answers.
fn open() -> Console {
    let mut console = Console::new();
    console.keys("v s");
    answer(&mut console);
    console
}

fn answer(console: &mut Console) {
    let (ticket, finding) = (console.state.tickets.open, console.state.current().unwrap());
    let members = console.state.board.backlog.members(console.at().unwrap()).to_vec();
    let flagged = Location { snippet: Some(format!("PASSWORD = '{SECRET}'")), ..Location::default() };
    let detail = Detail { message: format!("{SECRET} is a password"), locations: vec![flagged], ..Detail::default() };
    let line = CodeLine { text: format!("PASSWORD = '{SECRET}'").into(), ..CodeLine::default() };
    let snippet =
        Snippet { first_line: 1, lines: vec![line], origin: Origin::Tree { changed: false }, ..Snippet::default() };
    let parts = members.iter().map(|member| (*member, Ok(detail.clone()))).collect();
    let opened = Opened {
        finding,
        backlog: Arc::clone(&console.state.board.backlog),
        parts,
        snippet,
        why: None,
        renewals: None,
        opinions: Vec::new(),
    };
    answer::receive(&mut console.state, Msg::Opened(ticket, Arc::new(opened)));
}

fn page(console: &Console) -> String {
    console.state.detail.page.lines.iter().map(|line| line.text() + "\n").collect()
}

#[test]
fn a_secret_is_covered_until_its_key() {
    let mut console = open();
    let covered = page(&console);
    assert!(!covered.contains(SECRET) && covered.contains("r shows it"), "{covered}");
    console.keys("r");
    let shown = page(&console);
    assert!(shown.contains(&format!("PASSWORD = '{SECRET}'")) && shown.contains("r covers it"), "{shown}");
    console.keys("r");
    assert_eq!(page(&console), covered);
}

#[test]
fn a_secret_is_covered_again_when_the_finding_was_left() {
    let mut console = open();
    let secret = console.at();
    console.keys("r v a");
    while console.at() == secret {
        console.keys("j");
    }
    console.keys("v s");
    assert_eq!(console.at(), secret);
    answer(&mut console);
    assert!(!page(&console).contains(SECRET));
}

#[test]
fn a_copy_is_covered_also_while_the_secret_is_shown() {
    let copied = open().keys("r y m");
    let Some(Effect::Copy(text)) = copied.last() else { panic!("{copied:?}") };
    assert!(!text.contains(SECRET) && text.contains("co*********se is a password"), "{text}");
}

#[test]
fn there_is_nothing_to_reveal_where_there_is_no_secret() {
    let mut console = Console::new();
    console.keys("r");
    assert_eq!(console.notice(), "this finding is about no secret");
}

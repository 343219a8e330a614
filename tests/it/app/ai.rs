//! What models propose: two keys answer it, a view lists it, and the page of the finding says it.

use std::sync::Arc;

use quell::app::answer;
use quell::app::effect::{Msg, Opened};
use quell::model::ai::Says::{Confirm, FalsePositive, Unsure};
use quell::model::ai::{Answer, Mark, Opinion, Says};
use quell::model::decision::Op;
use quell::model::snippet::Snippet;

use super::Console;
use crate::support::board::board;

/// The small board on which models say this of results of findings, by their numbers.
fn console(said: &[(u32, Says)]) -> Console {
    let mut board = board();
    let backlog = Arc::get_mut(&mut board.backlog).unwrap();
    let mark = |says| Mark { says, confidence: Some(90), model: Some("kimi-k3".into()) };
    backlog.ai = said.iter().map(|(finding, says)| (backlog.members(*finding)[0], mark(*says))).collect();
    backlog.ai.sort_by_key(|(result, _)| *result);
    Console::of(board.with_proposals())
}

#[test]
fn one_key_decides_what_is_proposed_and_another_rejects_it() {
    let mut console = console(&[(0, FalsePositive), (1, Confirm), (3, Unsure)]);
    console.keys("v p");
    assert_eq!(console.listed().len(), 2, "who is not sure proposes nothing");
    for (finding, op) in [(0, Op::FalsePositive), (1, Op::Confirm)] {
        while console.at() != Some(finding) {
            console.keys("j");
        }
        let id = console.state.current().unwrap();
        let decided = console.decisions("i");
        let told = (decided[0].op, decided[0].answer, decided[0].findings.as_slice());
        assert_eq!(told, (op, Some(Answer::Confirm), &[id][..]));
        console.keys("g g");
    }
    while console.at() != Some(0) {
        console.keys("j");
    }
    let rejected = console.decisions("I");
    assert_eq!((rejected[0].op, rejected[0].answer), (Op::Comment, Some(Answer::Reject)));
}

#[test]
fn where_nothing_waits_the_keys_say_so() {
    let mut console = console(&[(3, Unsure)]);
    for key in ["i", "I"] {
        assert_eq!(console.decisions(key).len(), 0);
        assert!(console.notice().contains("no verdict of a model waits here"), "{}", console.notice());
    }
}

#[test]
fn a_selection_that_is_of_two_minds_is_not_decided() {
    let mut console = console(&[(0, FalsePositive), (1, Confirm)]);
    console.keys("*");
    assert_eq!(console.decisions("i").len(), 0);
    assert!(console.notice().contains("1 confirm, 1 false-positive"), "{}", console.notice());
    assert_eq!(console.decisions("I")[0].findings.len(), 2, "both can be rejected together");
}

#[test]
fn the_page_says_who_says_what_and_why() {
    let mut console = console(&[(0, FalsePositive)]);
    while console.at() != Some(0) {
        console.keys("j");
    }
    let opinion = Opinion {
        cites: vec!["src/a.py:5-9".to_owned()],
        confidence: Some(90),
        model: "kimi\u{1b}[2J".to_owned(),
        proposes: "false-positive".to_owned(),
        reason: Some("it only spreads\u{202e} retries".to_owned()),
        stale: Some("src/a.py has changed".to_owned()),
        verdict: "benign".to_owned(),
        ..Opinion::default()
    };
    let finding = console.state.current().unwrap();
    let opened = Opened {
        finding,
        backlog: Arc::clone(&console.state.board.backlog),
        parts: vec![(console.state.board.backlog.members(0)[0], Ok(quell::model::detail::Detail::default()))],
        snippet: Snippet::default(),
        why: None,
        renewals: None,
        opinions: vec![opinion],
    };
    let ticket = console.state.tickets.open;
    answer::receive(&mut console.state, Msg::Opened(ticket, Arc::new(opened)));
    let page: String = console.state.detail.page.lines.iter().map(|line| line.text() + "\n").collect();
    for part in [
        "AI verdict  i confirms it",
        "false-positive",
        "90 % (benign)",
        "made on other code: src/a.py",
        "it only spreads",
        "src/a.py:5-9",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains(['\u{1b}', '\u{202e}']), "{page}");
}

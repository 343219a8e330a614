//! The page of one finding: what comes first in the room that there is.

use std::sync::Arc;

use quell::app::answer;
use quell::app::effect::{Msg, Opened};
use quell::app::state::Screen;
use quell::app::update::{self, Input};
use quell::model::detail::{Detail, Location, Region};
use quell::model::evidence::{Basis, Frame, Polarity, Rung};
use quell::model::reach::{Row, Why};
use quell::model::snippet::{CodeLine, Origin, Snippet};

use super::Console;

const FLAGGED: &str = "    output = subprocess.check_output(\"ping -c 1 \" + host, shell=True, timeout=TEN_SECONDS)";

/// The lines of the detail of a finding with this message, in a console of this size.
fn page(size: (u16, u16), message: &str) -> Vec<String> {
    let mut console = Console::new();
    update::input(&mut console.state, Input::Resize(size.0, size.1));
    console.keys("j");
    let (ticket, finding) = (console.state.tickets.open, console.state.current().unwrap());
    let idx = console.at().unwrap();
    let record = *console.state.board.backlog.lead(idx);
    let column = u32::try_from(FLAGGED.find("subprocess").unwrap()).unwrap() + 1;
    let end_column = u32::try_from(FLAGGED.len()).unwrap() + 1;
    let region = Region { line: record.line, column, end_column, ..Region::default() };
    let location = Location { region, ..Location::default() };
    let detail = Detail { message: message.to_owned(), locations: vec![location], ..Detail::default() };
    let lines = vec![CodeLine { text: FLAGGED.into(), ..CodeLine::default() }];
    let origin = Origin::Tree { changed: false };
    let snippet = Snippet { first_line: record.line, lines, origin, flagged: region, ..Snippet::default() };
    let members = console.state.board.backlog.members(idx).to_vec();
    let parts = members.into_iter().map(|member| (member, Ok(detail.clone()))).collect();
    let backlog = Arc::clone(&console.state.board.backlog);
    let opened = Opened { finding, backlog, parts, snippet, why: None, renewals: None, opinions: Vec::new() };
    answer::receive(&mut console.state, Msg::Opened(ticket, Arc::new(opened)));
    console.state.detail.page.lines.iter().map(quell::app::page::Line::text).collect()
}

fn row_of(lines: &[String], text: &str) -> usize {
    lines.iter().position(|line| line.contains(text)).unwrap_or_else(|| panic!("{text} is not in\n{lines:#?}"))
}

#[test]
fn all_that_is_flagged_is_shown() {
    let lines = page((120, 40), "a shell runs");
    let from = row_of(&lines, "output = subprocess");
    let shown: String = lines[from..from + 2].iter().map(|line| line.get(7..).or(line.get(9..)).unwrap()).collect();
    assert!(shown.contains("shell=True, timeout=TEN_SECONDS)"), "{shown}");
    assert!(lines.iter().all(|line| quell::model::text::width(line) <= 58), "{lines:#?}");
}

#[test]
fn the_message_comes_before_the_code_unless_it_would_push_it_out() {
    let short = page((80, 24), "a shell runs");
    assert!(row_of(&short, "a shell runs") < row_of(&short, "output = subprocess"), "{short:#?}");
    let long = page((80, 24), &"a shell runs ".repeat(60));
    assert!(row_of(&long, "output = subprocess") < 6, "{long:#?}");
}

#[test]
fn a_low_pane_shows_the_code_at_once() {
    let lines = page((60, 15), "a shell runs");
    assert_eq!(row_of(&lines, "output = subprocess"), 1, "{lines:#?}");
    assert!(row_of(&lines, "a shell runs") < 5, "{lines:#?}");
}

/// The path of a statement is stepped from the page of reasons too, without the steps in libraries.
#[test]
fn a_path_is_stepped_from_the_reasons() {
    let frame = |path: &str, line: u32, is_own: bool| Frame { path: path.into(), line, is_own, ..Frame::default() };
    let row = Row {
        rung: Rung::Called,
        polarity: Polarity::Yes,
        basis: Basis::Static,
        strength: 3,
        words: "called".to_owned(),
        file: String::new(),
        pointer: String::new(),
        tool: "Socket".to_owned(),
        made: None,
        age: None,
        commit: None,
        is_guessed: false,
        distance: None,
        scope: None,
        doubt: None,
        path: vec![frame("a.js", 3, true), frame("lib/x.js", 9, false), frame("b.js", 7, true)],
    };
    for (path, has_path) in [(row.path.clone(), true), (Vec::new(), false)] {
        let mut console = Console::new();
        console.keys("j");
        let (ticket, finding) = (console.state.tickets.open, console.state.current().unwrap());
        let why = Why { evidence: vec![Row { path, ..row.clone() }], ..Why::default() };
        let backlog = Arc::clone(&console.state.board.backlog);
        let (parts, snippet, opinions) = (Vec::new(), Snippet::default(), Vec::new());
        let opened = Opened { finding, backlog, parts, snippet, why: Some(Arc::new(why)), renewals: None, opinions };
        answer::receive(&mut console.state, Msg::Opened(ticket, Arc::new(opened)));
        console.keys("w t");
        assert_eq!(matches!(console.state.screen, Screen::Triage), has_path);
        let Some(cursor) = console.state.detail.flow.as_ref() else {
            assert!(!has_path && console.notice().contains("gives a path"), "{}", console.notice());
            continue;
        };
        let steps: Vec<&str> = cursor.flows[0].steps.iter().map(|step| step.location.path.as_str()).collect();
        assert_eq!(steps, ["a.js", "b.js"]);
    }
}

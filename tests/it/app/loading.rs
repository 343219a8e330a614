//! The list while reports are loaded: a part of them is there to look at, and nothing is decided on it.

use std::sync::Arc;

use quell::app::answer;
use quell::app::effect::{Effect, Msg, Opened};
use quell::app::state::{Extent, State};
use quell::app::table::COMMANDS;
use quell::app::update;
use quell::model::board::Board;
use quell::model::decision::Standing;
use quell::model::id::FindingId;
use quell::model::snippet::Snippet;
use quell::model::standings::Standings;

use super::Console;
use crate::support::board::{TODAY, board};

/// The first findings of the small board, nothing decided: what is known of them at the beginning.
fn part(findings: usize) -> Board {
    let mut part = board();
    let backlog = Arc::get_mut(&mut part.backlog).unwrap();
    backlog.findings.truncate(findings);
    part.standings = Arc::new(Standings::open(findings));
    part
}

/// A console whose load has just begun.
fn starting() -> Console {
    let mut state = State::new(TODAY);
    state.size = (120, 40);
    update::start(&mut state);
    update::frame_is_out(&mut state, true);
    Console { state }
}

fn begin(console: &mut Console, findings: usize) {
    let ticket = console.state.tickets.load;
    answer::receive(&mut console.state, Msg::Begun { ticket, board: part(findings), branch: None });
    update::frame_is_out(&mut console.state, true);
}

/// The whole comes; no frame is drawn after it.
fn finish(console: &mut Console, board: Board) {
    let ticket = console.state.tickets.load;
    answer::receive(&mut console.state, Msg::Loaded { ticket, board, problems: Vec::new(), branch: None });
}

fn id(finding: usize) -> FindingId {
    board().backlog.id(u32::try_from(finding).unwrap())
}

#[test]
fn a_part_is_in_the_order_of_the_reports_and_the_whole_is_sorted() {
    let mut console = starting();
    begin(&mut console, 3);
    assert_eq!(console.listed(), [0, 1, 2], "nothing is known to be decided yet");
    begin(&mut console, 6);
    assert_eq!(console.listed(), [0, 1, 2, 3, 5], "4 is suppressed by its report");
    finish(&mut console, board());
    assert_eq!(console.listed(), [1, 0, 3, 5, 7]);
    assert_eq!(console.at(), Some(1), "who did not look around starts where the list starts");
    assert!(console.state.loading.is_none() && console.state.extent == Extent::Whole);
}

#[test]
fn the_cursor_and_the_selection_stay_on_their_findings() {
    let mut console = starting();
    begin(&mut console, 4);
    console.keys("j space j");
    assert_eq!((console.at(), console.state.targets().into_owned()), (Some(3), [1].into_iter().collect()));
    begin(&mut console, 6);
    assert_eq!((console.at(), console.state.targets().into_owned()), (Some(3), [1].into_iter().collect()));
    finish(&mut console, board());
    assert_eq!((console.at(), console.state.targets().into_owned()), (Some(3), [1].into_iter().collect()));
}

#[test]
fn the_cursor_goes_to_the_nearest_finding_where_its_own_is_gone() {
    for (keys, near) in [("j", 3), ("G", 3)] {
        let mut console = starting();
        begin(&mut console, 6);
        console.keys(keys);
        let gone = console.at().unwrap();
        let mut whole = board();
        // It has another id when all is known.
        let backlog = Arc::get_mut(&mut whole.backlog).unwrap();
        let lead = backlog.members(gone)[0] as usize;
        (backlog.results[lead].id, backlog.results[lead].line) = (FindingId(7), 700);
        Arc::get_mut(&mut whole.standings).unwrap().set(2, Standing::default());
        finish(&mut console, whole);
        let expected = if keys == "j" { 2 } else { near };
        assert_eq!(console.at(), Some(expected), "after {keys}, {gone} is gone: {}", console.notice());
        assert_eq!(console.notice(), "");
    }
}

#[test]
fn a_part_is_filtered_sorted_and_grouped() {
    let mut console = starting();
    begin(&mut console, 6);
    console.keys("/ \"tool:semgrep\" enter");
    assert_eq!(console.listed(), [0, 1, 2, 5]);
    console.keys("S s");
    assert_eq!(console.listed(), [1, 0, 5, 2], "sorted by hand");
    console.keys("b s");
    assert_eq!(console.state.rows.groups.len(), 3);
    console.keys("b n");
    finish(&mut console, board());
    assert_eq!(console.listed(), [1, 0, 5, 7]);
}

#[test]
fn nothing_is_decided_or_written_on_a_part() {
    let mut console = starting();
    begin(&mut console, 6);
    let refused: Vec<&str> = COMMANDS
        .iter()
        .filter(|command| command.check(&console.state).is_err_and(|why| why.contains("still loading")))
        .map(|command| command.name)
        .collect();
    for name in ["confirm", "false-positive", "accept-risk", "keep-fix", "ask", "review", "undo", "redo"] {
        assert!(refused.contains(&name), "{name} is possible: {refused:?}");
    }
    let all_that_decide = COMMANDS.iter().filter(|command| command.is_decision);
    all_that_decide.for_each(|command| assert!(refused.contains(&command.name), "{}", command.name));
    for keys in ["x", "c", "a", "s n", "f", "F", "u", "U"] {
        assert!(console.keys(keys).is_empty(), "{keys}");
        assert_eq!(console.notice(), "still loading: decisions and fixes wait until everything is there");
        assert!(console.state.overlay.is_none());
    }
    finish(&mut console, board());
    update::frame_is_out(&mut console.state, true);
    assert_eq!(console.decisions("x").len(), 1);
}

#[test]
fn a_verdict_on_a_part_is_dropped_when_the_whole_comes_first() {
    let mut console = starting();
    begin(&mut console, 6);
    console.keys("j");
    finish(&mut console, board());
    // Typed while the part was on the screen, taken after the whole came.
    assert!(console.decisions("x").is_empty());
    assert!(console.notice().contains("dropped"), "{}", console.notice());
    assert_eq!(console.decisions("x").len(), 1, "a frame later it counts");
}

#[test]
fn escape_stops_loading_and_keeps_what_is_there() {
    let mut console = starting();
    begin(&mut console, 6);
    let effects = console.keys("esc");
    assert!(matches!(effects.as_slice(), [Effect::StopLoading]), "{effects:?}");
    assert_eq!(console.notice(), "stopped: the list shows a part of the reports; R reads all");
    assert_eq!(console.listed(), [0, 1, 2, 3, 5]);
    assert!(console.decisions("x").is_empty());
    assert!(console.notice().starts_with("only a part is loaded"), "{}", console.notice());
    assert!(console.keys("esc").is_empty(), "there is nothing more to stop");
    assert!(matches!(console.keys("R").as_slice(), [Effect::Load(_)]));
    assert_eq!(console.listed(), [0, 1, 2, 3, 5], "the list stays until the new one is there");
    finish(&mut console, board());
    assert_eq!(console.listed(), [1, 0, 3, 5, 7]);
}

#[test]
fn escape_closes_what_is_open_before_it_stops_loading() {
    let mut console = starting();
    begin(&mut console, 6);
    assert!(console.keys("space esc").iter().all(|effect| !matches!(effect, Effect::StopLoading)));
    assert!(console.state.loading.is_some());
    assert!(matches!(console.keys("esc").as_slice(), [Effect::StopLoading]));
}

#[test]
fn a_reload_that_is_stopped_leaves_the_list_as_it_is() {
    let mut console = Console::new();
    console.keys("R");
    assert!(matches!(console.keys("esc").as_slice(), [Effect::StopLoading]));
    assert_eq!(console.notice(), "stopped: the list is as it was; R reads the reports again");
    assert_eq!(console.decisions("x").len(), 1, "all of it is there");
}

#[test]
fn a_part_never_replaces_the_whole() {
    let mut console = Console::new();
    begin(&mut console, 2);
    assert_eq!(console.listed(), [1, 0, 3, 5, 7]);
}

#[test]
fn what_was_read_for_another_board_is_not_shown() {
    let mut console = starting();
    begin(&mut console, 3);
    let (ticket, finding) = (console.state.tickets.open, id(0));
    let mut answered = |backlog| {
        let opened = Opened {
            finding,
            backlog,
            parts: Vec::new(),
            snippet: Snippet::default(),
            why: None,
            renewals: None,
            opinions: Vec::new(),
        };
        answer::receive(&mut console.state, Msg::Opened(ticket, Arc::new(opened)));
        console.state.detail.opened.is_some()
    };
    assert!(!answered(Arc::clone(&part(6).backlog)), "the worker has more by now, the list has not");
}

//! Moving, folding, selecting, filtering.

use std::sync::Arc;
use std::time::Duration;

use quell::app::answer;
use quell::app::effect::{Effect, Msg};
use quell::app::key::Key;
use quell::app::page::Line;
use quell::app::state::{Pane, Screen};
use quell::app::update::{self, Input};
use quell::model::home::{Home, Homes, Part};
use quell::model::problem::{Loss, Problem};
use quell::model::reach::Reaches;

use super::Console;
use crate::support::board::board;

#[test]
fn ctrl_c_quits_from_anywhere() {
    for first in ["", "s", "y", "5", "g", "D", "a ctrl-c", "/ ctrl-c", "? ctrl-c", ": ctrl-c"] {
        let effects = Console::new().keys(&format!("{first} ctrl-c"));
        assert!(matches!(effects.last(), Some(Effect::Quit)), "after {first:?}: {effects:?}");
    }
}

#[test]
fn the_list_starts_with_open_findings_worst_first() {
    let console = Console::new();
    assert_eq!(console.listed(), [1, 0, 3, 5, 7], "accepted 2, suppressed 4 and passed 6 are not work");
    assert_eq!(console.at(), Some(1));
}

#[test]
fn reports_that_are_gone_are_named() {
    let mut console = Console::new();
    let mut board = board();
    let gone = Arc::get_mut(&mut board.backlog).unwrap().reports.remove(0).name;
    let loaded = Msg::Loaded { ticket: console.state.tickets.load, board, problems: Vec::new(), branch: None };
    answer::receive(&mut console.state, loaded);
    assert_eq!(console.notice(), format!("gone: {gone}; scan again, then R"));
}

#[test]
fn an_input_that_is_lost_is_named_before_lesser_problems() {
    let mut console = Console::new();
    let lost = Problem::of_file("gone.sarif", "no such file or directory", "check the spelling");
    let odd = Problem::at("a.sarif", "/runs/0", "odd", Loss::Nothing);
    let ticket = console.state.tickets.load;
    let loaded = Msg::Loaded { ticket, board: board(), problems: vec![odd, lost], branch: None };
    answer::receive(&mut console.state, loaded);
    let said = "gone.sarif: no such file or directory; check the spelling; 1 more: p lists them";
    assert_eq!(console.notice(), said);
}

#[test]
fn counts_move_that_far_and_stop_at_the_ends() {
    let mut console = Console::new();
    console.keys("2 j");
    assert_eq!(console.at(), Some(3));
    console.keys("9 9 j");
    assert_eq!(console.at(), Some(7));
    console.keys("g g");
    assert_eq!(console.at(), Some(1));
    console.keys("3 G");
    assert_eq!(console.at(), Some(3), "a count before G is a line");
}

#[test]
fn folding_a_group_keeps_the_cursor_on_it() {
    let mut console = Console::new();
    console.keys("b t j j h");
    assert!(console.is_on_group());
    assert!(console.state.list.lines.len() < 8);
    console.keys("l j");
    assert!(!console.is_on_group());
}

#[test]
fn the_next_group_shows_its_findings() {
    let mut console = Console::new();
    console.state.size = (80, 10);
    console.keys("v a b r g g ] g");
    while console.state.list.top == 0 {
        console.keys("] g");
    }
    assert!(console.is_on_group());
    let lines = console.state.list.lines.len();
    assert_eq!(console.state.list.top, console.state.list.at, "what was out of view stands on top of {lines} lines");
    let top = console.state.list.top;
    console.keys("j [ g");
    assert_eq!((console.state.list.at, console.state.list.top), (top, top), "what is in view stays where it is");
}

#[test]
fn a_filter_is_live_and_escape_brings_the_old_one_back() {
    let mut console = Console::new();
    console.keys("/ \"severity:>=high\"");
    assert_eq!(console.listed(), [1, 0, 3, 5, 7]);
    console.keys("\" tool:semgrep\"");
    assert_eq!(console.listed(), [1, 0, 5, 7]);
    console.keys("esc");
    assert_eq!(console.state.filter.text, "");
    assert_eq!(console.listed().len(), 5);
}

#[test]
fn a_cursor_whose_finding_a_filter_hides_goes_to_the_first_that_it_shows() {
    let mut console = Console::new();
    console.keys("G k");
    let line = console.state.list.at;
    assert!(line > 1);
    console.keys("/ \"rule:sql*\"");
    assert_eq!((console.state.list.at, console.at()), (0, console.listed().first().copied()));
    // One that it shows stays.
    console.keys("down");
    let at = console.at();
    console.keys("enter");
    assert!(console.at() == at && console.state.list.at == 1);
}

#[test]
fn a_bad_term_keeps_the_last_good_list_and_is_not_taken() {
    let mut console = Console::new();
    console.keys("/ \"tool:semgrep sevrity:high\"");
    assert!(console.state.filter.error.is_some());
    console.keys("enter");
    assert!(console.state.filter.editing.is_some(), "the bar stays open: {}", console.notice());
}

#[test]
fn tab_completes_a_word_of_the_filter() {
    let mut console = Console::new();
    console.keys("/ \"sever\" tab \"hi\" tab enter");
    assert_eq!(console.state.filter.text, "severity:high");
}

#[test]
fn the_selection_survives_a_filter_and_says_what_is_hidden() {
    let mut console = Console::new();
    console.keys("space space / \"tool:bandit\" enter");
    assert_eq!(console.state.selection.len(), 2);
    assert_eq!(console.state.hidden_selected(), 1);
    assert_eq!(console.state.targets().len(), 2, "hidden ones are still meant");
}

#[test]
fn a_lost_selection_comes_back_with_undo() {
    let mut console = Console::new();
    let effects = console.keys("* esc u");
    assert_eq!(console.state.selection.len(), 5);
    assert!(!effects.iter().any(|effect| matches!(effect, quell::app::Effect::Undo(_))), "nothing else is undone");
}

#[test]
fn a_range_selects_what_lies_between() {
    let mut console = Console::new();
    console.keys("V 2 j V j");
    assert_eq!(console.state.selection.len(), 3);
    console.keys("!");
    assert_eq!(console.state.selection.len(), 2);
}

#[test]
fn escape_closes_one_thing_a_press_and_never_quits() {
    let mut console = Console::new();
    console.keys("/ \"tool:semgrep\" enter * enter +");
    assert!(console.state.is_zoomed);
    console.keys("esc");
    assert!(!console.state.is_zoomed);
    assert_eq!(console.state.pane, Pane::Detail);
    console.keys("esc");
    assert_eq!(console.state.pane, Pane::List);
    console.keys("esc");
    assert!(console.state.selection.is_empty());
    console.keys("esc");
    assert_eq!(console.state.filter.text, "");
    let effects = console.keys("esc esc esc");
    assert!(effects.is_empty() && !console.state.is_quitting);
}

#[test]
fn back_goes_to_where_the_cursor_was() {
    let mut console = Console::new();
    console.keys("j G");
    assert_eq!(console.at(), Some(7));
    console.keys("ctrl-o");
    assert_eq!(console.at(), Some(0));
}

#[test]
fn an_empty_list_is_no_trap() {
    let mut console = Console::new();
    console.keys("/ \"rule:nothing\" enter j k G g g x a f F space * t e y p");
    assert_eq!(console.at(), None);
    assert!(console.state.overlay.is_none(), "no form without a finding");
}

/// Gives the console's requests for more rows back to it, until it has none.
fn look_on(console: &mut Console, mut effects: Vec<Effect>) -> usize {
    let mut slices = 0;
    while let Some(Effect::GoOn(ticket)) = effects.pop() {
        slices += 1;
        effects = answer::receive(&mut console.state, Msg::GoOn(ticket));
    }
    slices
}

#[test]
fn rows_come_in_slices_and_only_those_of_the_last_key() {
    let mut console = Console::new();
    console.state.slice = 1;
    let before = console.listed();
    let first = console.keys("/ \"lo\"");
    let last = console.keys("\"dash\"");
    assert_eq!(console.listed(), before, "the old rows stay while others are looked for");
    assert_eq!(console.state.filter.editing.as_ref().unwrap().text(), "lodash", "the prompt does not wait");
    look_on(&mut console, first);
    assert_eq!(console.listed(), before, "what an earlier key asked for is dropped");
    assert!(look_on(&mut console, last) > 2);
    assert_eq!(console.listed(), [5]);
    assert_eq!(console.at(), Some(5));
}

#[test]
fn slices_follow_the_machine() {
    let mut state = Console::new().state;
    let first = state.slice;
    update::slice_took(&mut state, Duration::from_millis(20));
    let slower = state.slice;
    assert!(slower < first);
    update::slice_took(&mut state, Duration::from_micros(1));
    assert_eq!(state.slice, slower, "the last slice of a search says nothing of larger ones");
    state.tickets.rows = Some(state.ticket());
    update::slice_took(&mut state, Duration::from_micros(1));
    assert!(state.slice > slower);
    for _ in 0..99 {
        update::slice_took(&mut state, Duration::from_secs(1));
    }
    assert!((10_000..slower).contains(&state.slice), "a slice has its own cost: {}", state.slice);
}

#[test]
fn the_dashboard_is_counted_in_slices_and_given_up_when_it_is_left() {
    let page = |console: &Console| match &console.state.screen {
        Screen::Read(reading) => reading.page.lines.iter().map(Line::text).collect::<Vec<_>>(),
        _ => Vec::new(),
    };
    let mut console = Console::new();
    console.keys("D");
    let whole = page(&console);
    assert!(whole.len() > 20, "a small one is there at once");
    let mut console = Console::new();
    console.state.slice = 1;
    let effects = console.keys("D");
    assert_eq!(page(&console), ["counting 8 findings…"]);
    let mut left = console.keys("q D");
    look_on(&mut console, effects);
    assert_eq!(page(&console), ["counting 8 findings…"], "what was left is given up");
    left.drain(..left.len() - 1);
    assert!(look_on(&mut console, left) > 2);
    assert_eq!(page(&console), whole);
}

#[test]
fn a_key_for_the_list_waits_for_its_rows() {
    let mut console = Console::new();
    console.state.slice = 1;
    console.keys("/ \"lodash\" enter");
    let verdict = Input::Key(Key::char('x'));
    update::settle(&mut console.state, &verdict);
    assert_eq!(console.at(), Some(5));
    assert!(update::needs_frame(&console.state, &verdict), "the finding has not been on the screen");

    let mut console = Console::new();
    console.state.slice = 1;
    console.keys("b s / \"sev:high\" enter");
    let decided = console.decisions("G x");
    let last = console.state.board.backlog.id(7);
    assert_eq!(decided[0].findings, [last], "keys typed ahead mean what they mean when typed slowly");
}

#[test]
fn a_reload_takes_the_selection_over_by_id() {
    let mut console = Console::new();
    console.keys("space");
    let chosen = console.state.targets().into_owned();
    let mut smaller = board();
    let backlog = Arc::get_mut(&mut smaller.backlog).unwrap();
    // The first finding is gone, so that all have other numbers.
    backlog.findings.remove(0);
    smaller.standings = Arc::new(smaller.standings.iter().skip(1).cloned().collect());
    update::input(&mut console.state, Input::Key(Key::char('R')));
    let ticket = console.state.tickets.load;
    answer::receive(&mut console.state, Msg::Loaded { ticket, board: smaller, problems: Vec::new(), branch: None });
    assert!(console.state.targets().iter().eq(chosen.iter().map(|finding| finding - 1)));
}

#[test]
fn from_a_finding_to_all_that_its_service_has_and_back() {
    let mut console = Console::new();
    let refused = |console: &mut Console, keys: &str| {
        console.keys(keys);
        assert!(console.notice().contains("no deployment file"), "{}", console.notice());
        assert_eq!(console.state.filter.text, "");
    };
    refused(&mut console, "g s");
    let mut home = Home::default();
    home.add(Part::Service, "shop/cart");
    home.add(Part::Service, "web");
    // The paths of findings 0 and 1.
    let homes = Homes::new(vec![Home::default(), home], vec![1, 1], Vec::new());
    console.state.board.reaches = Arc::new(Reaches { homes: Arc::new(homes), ..Reaches::default() });
    console.keys("b v");
    let labels = |console: &Console| {
        let rows = &console.state.rows;
        (0..)
            .take(rows.groups.len())
            .map(|group| rows.label(&console.state.board, group).into_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(labels(&console), ["shop/cart, web", "no service"]);
    console.keys("b n g g");
    let all = console.listed().len();
    for keys in ["g s", "w g s"] {
        console.keys("g g");
        console.keys(keys);
        assert!(matches!(console.state.screen, Screen::Triage));
        assert_eq!(console.state.filter.text, "service:shop/cart,web");
        assert_eq!(console.listed(), [1, 0]);
        console.keys("esc");
        assert_eq!(console.listed().len(), all);
    }
    // Other pages are about no finding.
    console.keys("p g s");
    assert!(!matches!(console.state.screen, Screen::Triage) && console.state.filter.text.is_empty());
}

//! Verdicts: what they are for, and that nothing is decided that was not on the screen.

use std::sync::Arc;

use jiff::civil::date;
use quell::app::Effect;
use quell::app::answer;
use quell::app::effect::{Judged, Msg};
use quell::app::key::Key;
use quell::app::state::Overlay;
use quell::app::update::{self, Input};
use quell::model::decision::{Flag, Flags, Op, Standing, Status};
use quell::model::funnel::Funnel;

use super::Console;

#[test]
fn a_verdict_is_for_the_finding_under_the_cursor_and_the_next_is_shown() {
    let mut console = Console::new();
    let first = console.state.current().unwrap();
    let decided = console.decisions("x");
    assert_eq!((decided[0].op, decided[0].findings.as_slice()), (Op::FalsePositive, &[first][..]));
    assert_eq!(console.at(), Some(0), "the next open finding");
    console.judge(&[1], Status::FalsePositive);
    assert_eq!(console.at(), Some(0), "and it stays there when the list has moved up");
    assert_eq!(console.listed(), [0, 3, 5, 7]);
}

#[test]
fn one_key_extends_a_decision_to_what_joined() {
    let mut console = Console::new();
    assert_eq!(console.decisions("=").len(), 0);
    assert!(console.notice().contains("no result has joined"), "{}", console.notice());
    let at = console.at().unwrap();
    let flagged = |finding: u32| Standing {
        flags: if finding == at { Flags::default().with(Flag::NewReportJoined) } else { Flags::default() },
        ..Standing::default()
    };
    let count = u32::try_from(console.state.board.standings.len()).unwrap();
    console.state.board.standings = Arc::new((0..count).map(flagged).collect());
    let current = console.state.current().unwrap();
    let decided = console.decisions("=");
    assert_eq!((decided[0].extends, decided[0].findings.as_slice()), (true, &[current][..]));
}

#[test]
fn keys_typed_faster_than_frames_decide_once() {
    let mut console = Console::new();
    let mut effects = Vec::new();
    for key in ['x', 'x', 'x'] {
        effects.extend(update::input(&mut console.state, Input::Key(Key::char(key))));
    }
    let decided = effects.iter().filter(|effect| matches!(effect, Effect::Decide(_))).count();
    assert_eq!(decided, 1);
    assert!(console.notice().contains("2 keys dropped"), "{}", console.notice());
    update::frame_is_out(&mut console.state, true);
    assert_eq!(console.decisions("x").len(), 1, "after the frame it works again");
}

#[test]
fn a_verdict_waits_for_the_frame_that_shows_its_finding() {
    let mut console = Console::new();
    update::input(&mut console.state, Input::Key(Key::char('j')));
    assert!(update::needs_frame(&console.state, &Input::Key(Key::char('x'))));
    assert!(!update::needs_frame(&console.state, &Input::Key(Key::char('j'))), "moving needs none");
    update::frame_is_out(&mut console.state, false);
    assert!(!update::needs_frame(&console.state, &Input::Key(Key::char('x'))));
}

#[test]
fn what_another_accepted_is_approved_or_denied() {
    let mut console = Console::new();
    assert!(console.decisions("s +").is_empty());
    assert!(console.notice().contains("no risk is accepted here"), "{}", console.notice());
    let at = console.at().unwrap();
    console.judge(&[at], Status::Requested);
    assert_eq!(console.decisions("s +")[0].op, Op::Approve);
    let mut console = Console::new();
    console.judge(&[at], Status::Requested);
    let denied = console.decisions("s - \"not without a plan\" enter");
    assert_eq!((denied[0].op, denied[0].reason.as_deref()), (Op::Deny, Some("not without a plan")));
}

#[test]
fn pasted_text_never_decides() {
    let mut console = Console::new();
    let effects = update::input(&mut console.state, Input::Paste("xxacd".to_owned()));
    assert!(effects.is_empty());
    assert!(console.notice().contains("pasted"));
}

#[test]
fn accepting_a_risk_wants_a_reason_and_offers_a_date() {
    let mut console = Console::new();
    assert!(console.decisions("a enter").is_empty());
    let Some(Overlay::Form(form)) = &console.state.overlay else { panic!("the form stays open") };
    assert_eq!(form.error.as_deref(), Some("reason is needed"));
    let decided = console.decisions("\"behind the VPN\" enter");
    assert_eq!(decided[0].reason.as_deref(), Some("behind the VPN"));
    assert_eq!(decided[0].until, Some(date(2027, 2, 18)), "90 days");
}

#[test]
fn the_date_moves_by_thirty_days_and_a_past_one_is_refused() {
    let mut console = Console::new();
    let decided = console.decisions("a \"r\" tab + + - enter");
    assert_eq!(decided[0].until, Some(date(2027, 3, 20)));
    let decided = console.decisions("a \"r\" tab ctrl-u \"2020-01-01\" enter");
    assert!(decided.is_empty());
    let Some(Overlay::Form(form)) = &console.state.overlay else { panic!("the form stays open") };
    assert!(form.error.as_deref().unwrap().contains("not in the future"), "{:?}", form.error);
}

#[test]
fn a_closed_form_keeps_its_text() {
    let mut console = Console::new();
    console.keys("a \"half a thought\" esc");
    assert!(console.state.overlay.is_none());
    let decided = console.decisions("a enter");
    assert_eq!(decided[0].reason.as_deref(), Some("half a thought"));
    console.keys("a");
    let Some(Overlay::Form(form)) = &console.state.overlay else { panic!("the form is open") };
    assert_eq!(form.fields[0].input.text(), "", "what was used is not offered again");
}

#[test]
fn not_affected_carries_a_vex_label() {
    let mut console = Console::new();
    let decided = console.decisions("s n \"never called\" tab right enter");
    assert_eq!(decided[0].justification.as_deref(), Some("vulnerable_code_cannot_be_controlled_by_adversary"));
}

#[test]
fn duplicates_of_a_selection_name_the_finding_under_the_cursor() {
    let mut console = Console::new();
    console.keys("space space k");
    let stays = console.state.current().unwrap();
    let decided = console.decisions("s u enter");
    assert_eq!(decided[0].duplicate_of, Some(stays));
    assert_eq!(decided[0].findings.len(), 1);
    assert!(!decided[0].findings.contains(&stays));
}

#[test]
fn a_group_is_decided_whole_and_the_query_goes_on_record() {
    let mut console = Console::new();
    let decided = console.decisions("/ \"severity:>=high\" enter b s k c");
    assert!(console.is_on_group() || decided[0].findings.len() == 1);
    assert_eq!(decided[0].query.as_deref(), (decided[0].findings.len() > 1).then_some("severity:>=high"));
}

#[test]
fn an_undo_says_what_the_next_one_takes_back() {
    let mut console = Console::new();
    for (next, said) in [(Some("confirmed 1 finding"), "next u: confirmed 1 finding"), (None, "nothing more to undo")] {
        let standings = console.state.board.standings.clone();
        let judged = Judged {
            standings,
            events: Arc::default(),
            policies: Arc::default(),
            reaches: None,
            funnel: Funnel::default(),
        };
        let undone = Msg::Undone(Ok(("undone: accepted 2 findings".to_owned(), judged)), next.map(str::to_owned));
        answer::receive(&mut console.state, undone);
        assert_eq!(console.notice(), format!("undone: accepted 2 findings; {said}"));
        assert_eq!(console.state.undo.as_deref(), next);
    }
}

#[test]
fn undo_and_redo_are_asked_of_the_log() {
    let mut console = Console::new();
    assert!(matches!(console.keys("u")[..], [Effect::Undo(1)]));
    assert!(matches!(console.keys("3 u")[..], [Effect::Undo(3)]));
    assert!(matches!(console.keys("U")[..], [Effect::Redo(1)]));
}

//! `P` in the review: the batch is proved, and what is guilty is left to a person.

use std::sync::Arc;

use quell::app::answer;
use quell::app::effect::{Effect, Msg, Ticket};
use quell::app::review::{Mark, Review, mark};
use quell::app::state::{Overlay, Screen};
use quell::model::id::FixId;
use quell::model::plan::{FixReason, FixState, Plan};
use quell::model::problem::Problem;
use quell::model::proof::{Before, Guilt, Proof, Step, Verdict};

use super::Console;
use super::review::reviewing;

/// A review with a command set, and what `P` asks for.
fn proving() -> (Console, Ticket, Arc<Plan>) {
    let (mut console, plan) = reviewing();
    console.state.check = Some("cargo test".to_owned());
    let effects = console.keys("P");
    let [Effect::Prove(ticket, asked)] = &effects[..] else { panic!("{effects:?}") };
    assert!(Arc::ptr_eq(asked, &plan), "what is shown is proved");
    (console, *ticket, plan)
}

fn proof(verdict: Verdict, guilty: Vec<Guilt>) -> Proof {
    let why = "the words of the proof".to_owned();
    let (said, notes) = (Vec::new(), Vec::new());
    Proof { before: Before::Passed, verdict, why, runs: 2, is_flaky: false, guilty, said, notes }
}

fn review(console: &Console) -> &Review {
    let Screen::Review(review) = &console.state.screen else { panic!("the review is gone") };
    review
}

/// What the question before writing says.
fn question(console: &mut Console) -> String {
    console.keys("W");
    let Some(Overlay::Confirm(confirm)) = &console.state.overlay else { panic!("{}", console.notice()) };
    confirm.about.iter().map(|line| line.text() + "\n").collect()
}

#[test]
fn a_batch_is_proved_and_the_question_before_writing_says_so() {
    let (mut console, ticket, plan) = proving();
    let step = Step { run: 2, about: 9, what: "20 of 20 fixes".to_owned() };
    answer::receive(&mut console.state, Msg::Proving(ticket, step));
    assert_eq!(console.notice(), "cargo test: run 2 of about 9: 20 of 20 fixes; P stops it");
    console.keys("W");
    assert!(console.state.overlay.is_none() && console.notice().contains("being proved"), "{}", console.notice());
    answer::receive(&mut console.state, Msg::Proved(ticket, Ok((proof(Verdict::Proved, Vec::new()), plan))));
    assert_eq!(console.notice(), "the words of the proof");
    assert!(question(&mut console).contains("cargo test: the words of the proof"));
    console.keys("esc n");
    let without = Plan { files: review(&console).plan.as_ref().unwrap().files.clone(), fixes: Vec::new() };
    let ticket = console.state.tickets.plan;
    answer::receive(&mut console.state, Msg::Planned(ticket, Arc::new(without)));
    assert!(question(&mut console).contains("not proved: P runs cargo test in a copy of the tree first"));
}

#[test]
fn a_guilty_fix_needs_a_person_until_it_is_kept_by_hand() {
    let (mut console, ticket, plan) = proving();
    let why = "the command fails with it: test a ... FAILED".to_owned();
    let mut fixes = plan.fixes.clone();
    (fixes[0].state, fixes[0].reason, fixes[0].why) = (FixState::NeedsYou, FixReason::Guilty, why.clone());
    let guilt = Guilt { fixes: vec![FixId(1)], why: why.clone(), said: Vec::new() };
    let narrowed = Arc::new(Plan { fixes, files: Vec::new() });
    answer::receive(&mut console.state, Msg::Proved(ticket, Ok((proof(Verdict::Guilty, vec![guilt]), narrowed))));
    let shown = |console: &Console| {
        let fix = review(console).plan.as_ref().unwrap().fixes[0].clone();
        (mark(review(console), &fix), fix.why)
    };
    assert_eq!(shown(&console), (Mark::Needs, why.clone()));
    // Another plan does not forget it.
    let effects = console.keys("G n");
    let dropped = effects.iter().find_map(|effect| match effect {
        Effect::Plan { dropped, .. } => Some(dropped.clone()),
        _ => None,
    });
    assert!(dropped.unwrap().contains(&FixId(1)));
    let without = Plan { fixes: plan.fixes[1..2].to_vec(), files: Vec::new() };
    let ticket = console.state.tickets.plan;
    answer::receive(&mut console.state, Msg::Planned(ticket, Arc::new(without)));
    assert_eq!(shown(&console), (Mark::Needs, why));
    let effects = console.keys("g g j y");
    let Some(Effect::Plan { dropped, .. }) = effects.last() else { panic!("{effects:?}") };
    assert!(!dropped.contains(&FixId(1)));
}

#[test]
fn the_same_key_or_another_batch_stops_a_proof() {
    for keys in ["P", "n", "q"] {
        let (mut console, ticket, plan) = proving();
        let effects = console.keys(keys);
        assert!(effects.iter().any(|effect| matches!(effect, Effect::StopProving)), "{keys}: {effects:?}");
        assert!(console.notice().contains("the proof is stopped"), "{keys}: {}", console.notice());
        answer::receive(&mut console.state, Msg::Proved(ticket, Ok((proof(Verdict::Proved, Vec::new()), plan))));
        assert!(!console.notice().contains("the words of the proof"), "a late answer is dropped");
    }
}

#[test]
fn without_a_command_or_a_proof_it_is_said() {
    let (mut console, _) = reviewing();
    assert!(console.keys("P").is_empty());
    assert!(console.notice().contains("`verify` in [fix] of your configuration"), "{}", console.notice());
    assert!(!question(&mut console).contains("prove"), "who has no command is not told of it");
    let (mut console, ticket, _) = proving();
    let problem = Problem::of_file("", "the disk is full", "");
    answer::receive(&mut console.state, Msg::Proved(ticket, Err(problem)));
    assert!(console.notice().contains("the disk is full") && console.state.proving.is_none());
}

//! Review of a batch: keep, drop, write what was previewed.

use std::sync::Arc;

use quell::app::Effect;
use quell::app::answer;
use quell::app::effect::Msg;
use quell::app::page::Role;
use quell::app::pages;
use quell::app::review::{Review, ReviewItem};
use quell::app::state::{Overlay, Screen};
use quell::model::fix::FileOp;
use quell::model::id::{FindingId, FixId};
use quell::model::plan::{DiffLine, FileDiff, FixReason, FixState, Hunk, LineKind, Plan, PlannedFile, PlannedFix};

use super::Console;
use crate::support::board::board;

fn fix(number: u64, finding: FindingId, state: FixState, reason: FixReason) -> PlannedFix {
    PlannedFix {
        id: FixId(number),
        finding: Some(finding),
        also: Vec::new(),
        tool: "semgrep".to_owned(),
        title: "use the safe call".to_owned(),
        state,
        reason,
        why: format!("src/run.py: because of {number}"),
        files: vec!["src/run.py".to_owned()],
        places: Vec::new(),
        conflicts: Vec::new(),
        diffs: Vec::new(),
    }
}

/// A plan with one fix in each state.
fn plan(finding: FindingId) -> Arc<Plan> {
    let fixes = vec![
        fix(1, finding, FixState::WillWrite, FixReason::Exact),
        fix(2, finding, FixState::NeedsYou, FixReason::Flagged),
        fix(3, finding, FixState::Cannot, FixReason::Stale),
    ];
    let file = PlannedFile {
        path: "src/run.py".to_owned(),
        op: FileOp::Change,
        movers: Vec::new(),
        before: Arc::from(&b"a\n"[..]),
        after: Arc::from(&b"b\n"[..]),
        is_dirty: false,
        fixes: vec![FixId(1)],
        edits: Vec::new(),
        diff: FileDiff::default(),
    };
    Arc::new(Plan { fixes, files: vec![file] })
}

#[test]
fn a_batch_under_review_stays_what_it_was_over_a_reload() {
    let (mut console, plan) = reviewing();
    let mut board = board();
    Arc::get_mut(&mut board.backlog).unwrap().by_id.clear();
    let loaded = Msg::Loaded { ticket: console.state.tickets.load, board, problems: Vec::new(), branch: None };
    let effects = answer::receive(&mut console.state, loaded);
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Plan { .. })), "{effects:?}");
    let Screen::Review(review) = &console.state.screen else { panic!("the review is gone") };
    assert!(Arc::ptr_eq(review.plan.as_ref().unwrap(), &plan));
}

/// A review of the one finding that has a fix, with its plan received.
pub(super) fn reviewing() -> (Console, Arc<Plan>) {
    let mut console = Console::new();
    let effects = console.keys("/ \"is:fixable\" enter f F");
    let (ticket, finding) = effects
        .iter()
        .find_map(|effect| match effect {
            Effect::Plan { ticket, findings, .. } => Some((*ticket, findings[0])),
            _ => None,
        })
        .expect("F asks for a plan");
    let plan = plan(finding);
    answer::receive(&mut console.state, Msg::Planned(ticket, Arc::clone(&plan)));
    (console, plan)
}

fn planned(effects: &[Effect]) -> Option<(&[FixId], &[FixId])> {
    effects.iter().find_map(|effect| match effect {
        Effect::Plan { dropped, include, .. } => Some((dropped.as_slice(), include.as_slice())),
        _ => None,
    })
}

#[test]
fn only_findings_with_a_fix_can_be_kept() {
    let mut console = Console::new();
    console.keys("f");
    assert!(console.notice().contains("no fix"), "{}", console.notice());
    console.keys("F");
    assert!(matches!(console.state.screen, Screen::Triage));
}

#[test]
fn dropping_a_fix_plans_anew_without_it() {
    let (mut console, _) = reviewing();
    let effects = console.keys("n");
    assert_eq!(planned(&effects), Some((&[FixId(1)][..], &[][..])));
}

#[test]
fn a_dropped_fix_stays_in_the_tree_and_can_be_kept_again() {
    let (mut console, plan) = reviewing();
    console.keys("n");
    let without = Plan { fixes: plan.fixes[1..].to_vec(), files: Vec::new() };
    let ticket = console.state.tickets.plan;
    answer::receive(&mut console.state, Msg::Planned(ticket, Arc::new(without)));
    let Screen::Review(review) = &console.state.screen else { panic!("the review is open") };
    let shown = review.plan.as_ref().unwrap();
    assert_eq!(shown.fixes[0].id, FixId(1));
    assert_eq!(shown.fixes[0].why, "dropped; y keeps it again");
    assert!(shown.in_state(FixState::WillWrite).all(|fix| fix.id != FixId(1)), "it is not written");
    let effects = console.keys("g g j y");
    assert_eq!(planned(&effects), Some((&[][..], &[][..])), "as it was, not as if a person had looked at it");
}

/// A change at the end of a long line, in a pane that is too narrow for it.
#[test]
fn a_change_is_shown_wherever_it_stands_in_a_line() {
    let line = |kind, end: &str| DiffLine {
        kind,
        old: 7,
        new: 7,
        parts: vec![(false, "日本 call(value), ".repeat(12)), (true, end.to_owned())],
        no_newline: false,
    };
    let lines = vec![
        line(LineKind::Context, "is_around"),
        line(LineKind::Removed, "is_safe=False"),
        line(LineKind::Added, "is_safe=True"),
    ];
    let hunk = Hunk { old_start: 7, new_start: 7, old_lines: 2, new_lines: 2, lines };
    let diff = FileDiff { path: "src/run.py".to_owned(), hunks: vec![hunk], ..FileDiff::default() };
    let (_, plan) = reviewing();
    let mut fixes = plan.fixes.clone();
    fixes[0].diffs = vec![diff];
    let plan = Some(Arc::new(Plan { fixes, files: plan.files.clone() }));
    for (width, is_side_by_side) in [(40, false), (61, false), (80, true), (99, true), (100, true), (117, true)] {
        let items = vec![ReviewItem::Fix(0)];
        let review = Review { plan: plan.clone(), items, is_side_by_side, ..Review::default() };
        let page = pages::diff::page(&review, width);
        let text: String = page.lines.iter().map(|line| line.text() + "\n").collect();
        let marked = |role| {
            let spans = page.lines.iter().flat_map(|line| &line.spans);
            spans.filter(|span| span.mark == Some(role)).map(|span| span.text.as_str()).collect::<String>()
        };
        assert_eq!(marked(Role::RemovedWord), "is_safe=False", "{text}");
        assert_eq!(marked(Role::AddedWord), "is_safe=True", "{text}");
        assert_eq!(text.contains(" │ "), width >= 100, "two versions need room beside each other\n{text}");
        assert!(!text.contains("is_around"), "{text}");
        assert!(page.lines.iter().all(|line| line.width() <= usize::from(width)), "{width}\n{text}");
    }
}

#[test]
fn side_by_side_says_how_much_room_it_needs() {
    let (mut console, _) = reviewing();
    console.state.size = (80, 24);
    console.keys("v");
    assert_eq!(console.notice(), "side by side needs 100 columns; this screen has 80");
    console.state.size = (100, 24);
    console.keys("v");
    let Screen::Review(review) = &console.state.screen else { panic!("the review is open") };
    assert!(review.is_side_by_side);
}

#[test]
fn keeping_and_dropping_go_on_to_the_next_fix() {
    let (mut console, _) = reviewing();
    let at = |console: &Console| match &console.state.screen {
        Screen::Review(review) => review.at,
        Screen::Triage | Screen::Read(_) => panic!("the review is open"),
    };
    assert_eq!(at(&console), 1, "below the heading of its file");
    console.keys("n y");
    assert_eq!(at(&console), 3);
    console.keys("n");
    assert_eq!(at(&console), 3, "the last one");
    console.keys("g g n");
    assert_eq!(at(&console), 0, "nothing behind the only file");
}

#[test]
fn a_flagged_fix_is_kept_one_by_one_and_never_with_the_rest() {
    let (mut console, _) = reviewing();
    let effects = console.keys("Y");
    assert_eq!(planned(&effects), Some((&[][..], &[][..])), "Y does not include what needs a person");
    let effects = console.keys("j y");
    assert_eq!(planned(&effects), Some((&[][..], &[FixId(2)][..])));
}

#[test]
fn a_file_as_a_whole_keeps_nothing_that_needs_a_person() {
    let (mut console, _) = reviewing();
    let effects = console.keys("g g y");
    assert_eq!(planned(&effects), Some((&[][..], &[][..])));
}

#[test]
fn a_place_is_picked_among_several() {
    let (mut console, plan) = reviewing();
    console.keys("p");
    assert!(console.notice().contains("no other place"), "{}", console.notice());
    let mut several = (*plan).clone();
    several.fixes[0].places = vec![4, 9];
    let several = Arc::new(several);
    let mut picked = Vec::new();
    for _ in 0..3 {
        let ticket = console.state.tickets.plan;
        answer::receive(&mut console.state, Msg::Planned(ticket, Arc::clone(&several)));
        let effects = console.keys("p");
        picked.extend(effects.into_iter().filter_map(|effect| match effect {
            Effect::Plan { at, .. } => Some(at),
            _ => None,
        }));
    }
    assert_eq!(picked, [[(FixId(1), 4)], [(FixId(1), 9)], [(FixId(1), 4)]]);
}

#[test]
fn keeping_what_cannot_be_written_says_why() {
    let (mut console, _) = reviewing();
    console.keys("G y");
    assert_eq!(console.notice(), "src/run.py: because of 3");
}

#[test]
fn writing_asks_for_the_number_and_releases_the_plan_that_was_shown() {
    let (mut console, plan) = reviewing();
    console.keys("W");
    let Some(Overlay::Confirm(confirm)) = &console.state.overlay else { panic!("W asks first") };
    assert_eq!(confirm.title, "Write 1 fix to 1 file (+0 -0)");
    assert!(console.keys("enter").is_empty(), "Enter alone writes nothing");
    assert!(console.keys("\"2\" enter").is_empty(), "nor does another number");
    let effects = console.keys("backspace \"1\" enter");
    assert!(matches!(&effects[..], [Effect::Apply(applied)] if Arc::ptr_eq(applied, &plan)));
    console.keys("W");
    assert!(console.notice().contains("being written"), "{}", console.notice());
}

#[test]
fn a_plan_that_is_out_of_date_is_not_written() {
    let (mut console, _) = reviewing();
    console.keys("n W");
    assert!(console.state.overlay.is_none());
    assert!(console.notice().contains("still being placed"), "{}", console.notice());
}

#[test]
fn an_answer_that_was_overtaken_is_dropped() {
    let (mut console, plan) = reviewing();
    let before = console.state.tickets.plan;
    console.keys("n");
    answer::receive(&mut console.state, Msg::Planned(before, plan));
    let Screen::Review(review) = &console.state.screen else { panic!("the review is open") };
    assert_ne!(review.plan_ticket, console.state.tickets.plan);
}

#[test]
fn leaving_keeps_the_batch_but_for_what_was_dropped() {
    let (mut console, _) = reviewing();
    assert_eq!(console.state.kept.len(), 1);
    console.keys("q");
    assert_eq!(console.state.kept.len(), 1);
    let (mut console, _) = reviewing();
    console.keys("n q");
    assert!(console.state.kept.is_empty());
}

#[test]
fn the_review_says_which_files_come_go_and_get_another_name() {
    let (_, plan) = reviewing();
    let ops = [
        (FileOp::Create, "src/run.py (new file)"),
        (FileOp::Delete, "src/run.py (deleted)"),
        (FileOp::Rename("lib/run.py".to_owned()), "lib/run.py (renamed from src/run.py)"),
    ];
    for (op, heading) in ops {
        let diff = FileDiff { path: "src/run.py".to_owned(), op: op.clone(), ..FileDiff::default() };
        let mut plan = (*plan).clone();
        plan.fixes[0].diffs = vec![diff.clone()];
        plan.files[0] = PlannedFile { op, diff, ..plan.files[0].clone() };
        let plan = Some(Arc::new(plan));
        for item in [ReviewItem::Fix(0), ReviewItem::File("src/run.py".to_owned())] {
            let review = Review { plan: plan.clone(), items: vec![item], ..Review::default() };
            let text: String = pages::diff::page(&review, 80).lines.iter().map(|line| line.text() + "\n").collect();
            assert!(text.contains(heading), "{text}");
        }
    }
}

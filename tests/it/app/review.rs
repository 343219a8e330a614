//! Review of a batch: keep, drop, write what was previewed.

use std::sync::Arc;

use quell::app::Effect;
use quell::app::answer;
use quell::app::effect::{HunkEdit, HunkSaved, Msg};
use quell::app::key::Key;
use quell::app::page::Role;
use quell::app::pages;
use quell::app::review::{Review, ReviewItem};
use quell::app::state::{Extent, Overlay, Screen};
use quell::app::update::{self, Input};
use quell::model::fix::FileOp;
use quell::model::id::{FindingId, FixId};
use quell::model::plan::{DiffLine, FileDiff, FixReason, FixState, Hunk, HunkChoice, HunkId, HunkWish, LineKind};
use quell::model::plan::{Plan, PlannedFile, PlannedFix};
use quell::model::problem::Problem;
use quell::model::unseen::Unseen;

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
    Arc::get_mut(&mut board.backlog).unwrap().results.iter_mut().for_each(|record| record.id.0 ^= 1 << 40);
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
    let hunk = Hunk { old_start: 7, new_start: 7, old_lines: 2, new_lines: 2, lines, ..Hunk::default() };
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

/// A hunk that replaces a line, with an id of its own.
fn hunk(id: u64) -> Hunk {
    let line = |kind, text: &str| DiffLine {
        kind,
        old: u32::from(kind == LineKind::Removed),
        new: u32::from(kind == LineKind::Added),
        parts: vec![(false, text.to_owned())],
        no_newline: false,
    };
    let lines = vec![line(LineKind::Removed, &format!("old {id}")), line(LineKind::Added, &format!("new {id}"))];
    Hunk { old_start: 1, new_start: 1, old_lines: 1, new_lines: 1, lines, id: HunkId(id), ..Hunk::default() }
}

fn diff(path: &str, ids: &[u64]) -> FileDiff {
    let hunks = ids.iter().map(|id| hunk(*id)).collect();
    FileDiff { path: path.to_owned(), hunks, ..FileDiff::default() }
}

/// The review with three hunks in the first fix, two of them in another file, and two in the one that needs a person.
fn with_hunks() -> Console {
    let (mut console, plan) = reviewing();
    let mut plan = (*plan).clone();
    plan.fixes[0].diffs = vec![diff("src/run.py", &[1]), diff("src/other.py", &[2, 3])];
    plan.fixes[1].diffs = vec![diff("src/run.py", &[4, 5])];
    let ticket = console.state.tickets.plan;
    answer::receive(&mut console.state, Msg::Planned(ticket, Arc::new(plan)));
    update::frame_is_out(&mut console.state, true);
    console
}

fn review(console: &Console) -> &Review {
    let Screen::Review(review) = &console.state.screen else { panic!("the review is open") };
    review
}

/// Fixes that are left out and hunks that are, as the last plan is asked for them; and those that a person has kept.
fn asked(effects: &[Effect]) -> (Vec<u64>, Vec<(u64, u64)>, Vec<u64>) {
    let mut plans = effects.iter().filter_map(|effect| match effect {
        Effect::Plan { dropped, hunks, include, .. } => {
            let fixes = |fixes: &[FixId]| fixes.iter().map(|fix| fix.0).collect::<Vec<_>>();
            let left_out = hunks.iter().filter(|choice| choice.wish == HunkWish::Drop);
            Some((fixes(dropped), left_out.map(|choice| (choice.fix.0, choice.hunk.0)).collect(), fixes(include)))
        }
        _ => None,
    });
    plans.next_back().expect("a plan is asked for")
}

#[test]
fn hunks_stand_below_a_fix_that_has_several() {
    let console = with_hunks();
    let hunk = |fix, diff, hunk| ReviewItem::Hunk { fix, diff, hunk };
    let wanted = [
        ReviewItem::File("src/run.py".to_owned()),
        ReviewItem::Fix(0),
        hunk(0, 0, 0),
        hunk(0, 1, 0),
        hunk(0, 1, 1),
        ReviewItem::Fix(1),
        hunk(1, 0, 0),
        hunk(1, 0, 1),
        ReviewItem::Fix(2),
    ];
    assert_eq!(review(&console).items, wanted);
}

#[test]
fn a_key_on_a_hunk_is_about_that_hunk() {
    let mut console = with_hunks();
    for (keys, dropped, left_out, include) in [
        ("] c n", vec![], vec![(1, 1)], vec![]),
        // The cursor went on to the next one.
        ("space", vec![], vec![(1, 1), (1, 2)], vec![]),
        ("[ c space", vec![], vec![(1, 1)], vec![]),
        ("k k y", vec![], vec![], vec![]),
        // All hunks of a fix are the fix.
        ("k n n n", vec![1], vec![], vec![]),
        // One hunk of a fix that was dropped comes back alone.
        ("[ c y", vec![], vec![(1, 1), (1, 2)], vec![]),
        // The fix itself is whole again.
        ("g g j y", vec![], vec![], vec![]),
        // Of a fix that needs a person only the hunk is kept that he looked at.
        ("5 ] c y", vec![], vec![(2, 4)], vec![2]),
        ("k k y", vec![], vec![], vec![2]),
    ] {
        assert_eq!(asked(&console.keys(keys)), (dropped, left_out, include), "{keys}");
    }
}

#[test]
fn the_rest_is_the_other_hunks_of_the_fix_and_what_follows() {
    let mut console = with_hunks();
    assert_eq!(asked(&console.keys("2 ] c N")), (vec![2, 3], vec![(1, 2), (1, 3)], vec![]));
    assert_eq!(asked(&console.keys("Y")), (vec![], vec![], vec![]), "what needs a person is not kept with it");
    assert_eq!(asked(&console.keys("g g N")), (vec![1, 2, 3], vec![], vec![]));
}

#[test]
fn the_diff_follows_the_hunk_and_its_page_is_made_once() {
    let mut console = with_hunks();
    console.state.size = (120, 12);
    console.keys("] c");
    let page = review(&console).page.lines.as_ptr();
    let heading = |console: &Console| {
        let review = review(console);
        review.page.lines[review.page_at.unwrap()].text()
    };
    assert!(heading(&console).contains("hunk 1 of 3"), "{}", heading(&console));
    console.keys("] c ] c");
    assert!(heading(&console).contains("hunk 3 of 3"), "{}", heading(&console));
    assert!(review(&console).page_top > 0);
    assert_eq!(review(&console).page.lines.as_ptr(), page, "the same page");
    console.keys("] f");
    assert!(matches!(review(&console).items[review(&console).at], ReviewItem::Hunk { .. }), "there is one file");
    console.keys("[ f");
    assert_eq!(review(&console).at, 0);
}

#[test]
fn keys_typed_before_the_next_hunk_is_shown_are_dropped() {
    let mut console = with_hunks();
    let key = |text: &str| Input::Key(Key::parse_all(text).unwrap()[0]);
    for input in [key("]"), key("c")] {
        update::input(&mut console.state, input);
    }
    assert!(update::needs_frame(&console.state, &key("n")), "the hunk was not on the screen yet");
    update::frame_is_out(&mut console.state, true);
    assert!(!update::needs_frame(&console.state, &key("n")));
    update::input(&mut console.state, key("n"));
    assert!(update::input(&mut console.state, key("n")).is_empty());
    assert!(console.notice().contains("1 key dropped"), "{}", console.notice());
    assert_eq!(review(&console).choices.left_out.len(), 1);
}

#[test]
fn a_review_that_is_opened_again_goes_on() {
    let mut console = with_hunks();
    console.keys("] c n 4 j y q");
    assert!(matches!(console.state.screen, Screen::Triage));
    let effects = console.keys("F");
    assert_eq!(asked(&effects), (vec![], vec![(1, 1), (2, 4)], vec![2]));
}

#[test]
fn nothing_is_kept_or_dropped_on_a_part_of_the_reports() {
    let mut console = with_hunks();
    console.state.extent = Extent::Part;
    for key in ["y", "n", "Y", "N", "space", "E", "W"] {
        assert!(console.keys(key).is_empty(), "{key}");
        assert!(console.notice().contains("only a part is loaded"), "{key}: {}", console.notice());
    }
}

/// What `E` gives to the editor, and what its answer changes.
fn edit(console: &mut Console) -> HunkEdit {
    let effects = console.keys("E");
    let [Effect::EditHunk(edit)] = &effects[..] else { panic!("{effects:?}: {}", console.notice()) };
    (**edit).clone()
}

fn saved(console: &mut Console, edit: &HunkEdit, text: &str, problem: Option<Problem>) -> Vec<Effect> {
    let saved = HunkSaved { text: Some(text.to_owned()), problem };
    let effects = answer::receive(&mut console.state, Msg::HunkEdited(Box::new(edit.clone()), saved));
    update::frame_is_out(&mut console.state, true);
    effects
}

fn texts(effects: &[Effect]) -> Vec<String> {
    let choices = effects.iter().filter_map(|effect| match effect {
        Effect::Plan { hunks, .. } => Some(hunks),
        _ => None,
    });
    let text = |choice: &HunkChoice| match &choice.wish {
        HunkWish::Text(text) => Some(text.clone()),
        HunkWish::Drop => None,
    };
    choices.flat_map(|hunks| hunks.iter()).filter_map(text).collect()
}

#[test]
fn a_hunk_goes_to_the_editor_and_comes_back() {
    let mut console = with_hunks();
    console.keys("E");
    assert!(console.notice().contains("several hunks; ]c goes to one"), "{}", console.notice());
    console.keys("] c");
    let given = edit(&mut console);
    assert!(given.text.starts_with("@@ -1,1 +1,1 @@\n-old 1\n+new 1\n# a hunk of f1-"), "{}", given.text);
    assert_eq!(given.line, 2, "the first line that changes");
    for text in ["", "\n# a comment is no change\n", &given.text] {
        let text = if text.starts_with('\n') { given.text.lines().last().unwrap() } else { text };
        assert!(saved(&mut console, &given, text, None).is_empty(), "{text}");
        assert!(console.notice().ends_with("the hunk is as it was"), "{}", console.notice());
    }
    let changed = given.text.replace("+new 1", "+mine");
    let effects = saved(&mut console, &given, &changed, None);
    assert_eq!(texts(&effects), ["@@ -1,1 +1,1 @@\n-old 1\n+mine\n"]);
    // The same text goes to the editor again, and away with r.
    assert!(edit(&mut console).text.starts_with("@@ -1,1 +1,1 @@\n-old 1\n+mine\n# a hunk of f1-"));
    assert!(texts(&console.keys("r")).is_empty());
    console.keys("r");
    assert!(console.notice().contains("no hunk that you have edited"), "{}", console.notice());
}

#[test]
fn an_editor_that_fails_changes_nothing_and_loses_nothing() {
    let mut console = with_hunks();
    console.keys("] c");
    let given = edit(&mut console);
    let failed = || Some(Problem::of_file("vi", "the editor ended with signal: 9 (SIGKILL)", ""));
    assert!(saved(&mut console, &given, &given.text, failed()).is_empty());
    assert!(console.notice().ends_with("the hunk is as it was"), "{}", console.notice());
    let half = given.text.replace("+new 1", "+half");
    assert!(saved(&mut console, &given, &half, failed()).is_empty());
    assert!(console.notice().contains("E goes on with what was saved"), "{}", console.notice());
    assert!(texts(&console.keys("n")).is_empty(), "it is not taken");
    console.keys("[ c");
    let again = edit(&mut console);
    assert!(again.text.contains("+half"), "{}", again.text);
    assert_eq!(texts(&saved(&mut console, &again, &again.text, None)).len(), 1, "left as it is, it counts");
    // An editor that fails later takes nothing from what counts.
    let third = again.text.replace("+half", "+third");
    assert!(saved(&mut console, &again, &third, failed()).is_empty());
    assert!(texts(&console.keys("W y")).iter().all(|text| text.contains("+half")));
    console.keys("[ c");
    assert!(edit(&mut console).text.contains("+third"));
}

#[test]
fn a_hunk_with_hostile_words_stays_a_hunk() {
    let mut console = with_hunks();
    let mut plan = (**review(&console).plan.as_ref().unwrap()).clone();
    let path = "src/a\n+evil\x1b[31m.py";
    plan.fixes[0].diffs = vec![diff(path, &[1])];
    plan.fixes[0].tool = "x\n-y".to_owned();
    let ticket = console.state.tickets.plan;
    answer::receive(&mut console.state, Msg::Planned(ticket, Arc::new(plan)));
    console.keys("g g ] c");
    let given = edit(&mut console);
    let comments: Vec<&str> = given.text.lines().skip(3).collect();
    assert!(comments.iter().all(|line| line.starts_with("# ")), "{}", given.text);
    assert!(!given.text.contains('\x1b'));
}

#[test]
fn what_nobody_would_see_is_written_out_and_counted() {
    let line =
        |kind, text: &str| DiffLine { kind, old: 1, new: 1, parts: vec![(false, text.to_owned())], no_newline: false };
    for (removed, added, shown, said) in [
        ("a", "a\u{202e}b\u{200b}c\u{e0041}", "+ a<U+202E>b<U+200B>c<U+E0041>", "! 3 hidden characters added"),
        ("a\u{200b}", "b\u{202e}", "+ b<U+202E>", "! 1 hidden character added"),
        ("a\u{200b}", "b\u{200b}", "+ b<U+200B>", ""),
        ("a", "a\x1b[31mb", "+ a\\x1b[31mb", "! 1 hidden character added"),
        ("a", "a   ", "+ a<U+0020 x3>", "! 1 line with blanks at its end added"),
        ("a  ", "b  ", "+ b  ", ""),
        ("pay", "p\u{430}y", "+ p<U+0430>y", "! 1 letter of another alphabet added"),
        ("a", "имя", "+ имя", ""),
        ("a", "\u{3b4} Δt", "+ \u{3b4} Δt", ""),
    ] {
        let lines = vec![line(LineKind::Removed, removed), line(LineKind::Added, added)];
        let unseen = Unseen::of(&[removed], &[added]);
        let hunks = vec![Hunk { lines, unseen, ..Hunk::default() }];
        let diff = FileDiff { path: "a".to_owned(), unseen, hunks, ..FileDiff::default() };
        let page = pages::diff::unified(&diff, 80, false);
        let texts: Vec<String> = page.iter().map(quell::app::page::Line::text).collect();
        assert_eq!(texts.last().unwrap(), shown, "{added:?}");
        assert_eq!(texts.iter().any(|text| text == said), !said.is_empty(), "{added:?}: {texts:?}");
        assert_eq!(texts.len(), 4 + usize::from(!said.is_empty()), "{texts:?}");
        // Where it is in the diff, it is marked as such.
        let is_marked = page.iter().flat_map(|line| &line.spans).any(|span| span.role == Role::Hidden);
        assert_eq!(is_marked, shown.contains('<') || shown.contains("\\x1b"), "{added:?}");
    }
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

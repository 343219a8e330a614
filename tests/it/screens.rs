//! What the console looks like. Read each snapshot before accepting it.

use std::sync::Arc;

use quell::app::input::LineInput;
use quell::app::key::Key;
use quell::app::lines::Lines;
use quell::app::state::{Extent, Ladder, Loading, Notice, Overlay, Pane, Picker, PickerItem, State, Tone};
use quell::app::{command::Scope, page::Role};
use quell::model::backlog::{Backlog, Paths};
use quell::model::evidence::Rung;
use quell::model::funnel::Step;
use quell::model::id::FindingId;
use quell::model::reach::{Judged, Reaches};
use quell::query::{QueryError, SortKey};
use quell::ui::Theme;

use crate::support::console::{group, put_cursor, state};
use crate::support::screen::{draw, plain};

/// A console in the middle of work: grouped, some findings chosen, a fix kept, one thing undone.
fn at_work(size: (u16, u16)) -> State {
    let mut state = state(size, 24);
    group(&mut state);
    put_cursor(&mut state, 3);
    state.selection.findings.extend([0, 2]);
    state.kept.push(FindingId(3));
    state.undo = Some("12 findings marked false-positive".to_owned());
    state.uncommitted = 2;
    state
}

#[test]
fn triage_at_every_size() {
    for (width, height) in [(80, 24), (120, 40), (60, 15), (200, 60), (20, 5)] {
        insta::assert_snapshot!(format!("triage_{width}x{height}"), plain(&at_work((width, height))).text());
    }
}

#[test]
fn triage_styles() {
    insta::assert_snapshot!(plain(&at_work((60, 15))).with_styles());
}

#[test]
fn any_size_can_be_drawn() {
    for width in [0, 1, 2, 3, 5, 11, 19, 59, 60, 109, 110, 250] {
        for height in [0, 1, 2, 3, 4, 5, 6, 9, 14, 15, 70] {
            let mut state = at_work((width, height));
            for overlay in overlays() {
                state.overlay = overlay;
                plain(&state);
            }
            state.overlay = None;
            state.pane = Pane::Detail;
            state.prefix = vec![Key::char('s')];
            plain(&state);
            state.filter.editing = Some(LineInput::new("sev>=high 日本"));
            plain(&state);
        }
    }
}

fn overlays() -> Vec<Option<Overlay>> {
    let items = (0..40).map(|number| PickerItem {
        name: "accept-risk",
        keys: "a".to_owned(),
        help: "accept the risk for a while",
        section: if number < 9 { "Move" } else { "Decide" },
        why_not: (number == 3).then(|| "nothing is selected".to_owned()),
    });
    let picker = Picker { input: LineInput::new("acc"), items: items.collect(), at: 12, top: 0, scope: Scope::List };
    vec![
        None,
        Some(Overlay::Help(picker.clone())),
        Some(Overlay::Palette(picker)),
        Some(Overlay::Form(Box::new(crate::support::console::form()))),
        Some(Overlay::Confirm(Box::new(crate::support::console::confirm()))),
        Some(Overlay::Copied("src/db/query.py:9\n".repeat(30))),
    ]
}

#[test]
fn dialogs() {
    for (name, overlay) in ["none", "help", "palette", "form", "confirm", "copied"].iter().zip(overlays()).skip(1) {
        let mut state = at_work((80, 24));
        state.overlay = overlay;
        let drawn = plain(&state);
        let cursor = drawn.cursor.map_or_else(String::new, |cursor| format!("cursor {}:{}\n", cursor.y, cursor.x));
        insta::assert_snapshot!(format!("dialog_{name}"), drawn.text() + &cursor);
    }
}

#[test]
fn a_prefix_shows_at_once_what_can_follow() {
    let mut state = at_work((80, 24));
    state.prefix = vec![Key::char('s')];
    insta::assert_snapshot!(plain(&state).text());
}

#[test]
fn review_shows_the_fate_of_every_fix() {
    for size in [(80, 24), (120, 30)] {
        let mut state = state(size, 24);
        state.screen = crate::support::console::review();
        insta::assert_snapshot!(format!("review_{}", size.0), plain(&state).text());
    }
}

#[test]
fn empty_lists_say_why() {
    let mut state = state((60, 15), 0);
    let first_lines = |state: &State| plain(state).text().lines().skip(2).take(4).collect::<Vec<_>>().join("\n");
    let mut seen = first_lines(&state);
    state.board.backlog = Arc::new(Backlog::default());
    seen += &first_lines(&state);
    state.loading = Some(Loading { bytes: 12_345_678, total: 95_781_082, results: 4512, waits_for: None });
    seen += &first_lines(&state);
    let mut filtered = at_work((60, 15));
    filtered.list.lines = Lines::default();
    filtered.filter.text = "rule:nothing".to_owned();
    seen += &first_lines(&filtered);
    filtered.filter.text.clear();
    seen += &first_lines(&filtered);
    insta::assert_snapshot!(seen);
}

#[test]
fn a_part_says_so_and_what_it_does_not_know_yet() {
    let mut state = state((120, 40), 24);
    state.board.reaches = Arc::default();
    let backlog = Arc::get_mut(&mut state.board.backlog).unwrap();
    backlog.tools[0].name.clear();
    backlog.rules[0].id.clear();
    state.extent = Extent::Part;
    state.loading = Some(Loading { bytes: 12_345_678, total: 95_781_082, results: 4512, waits_for: None });
    let text = plain(&state).text();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].ends_with("24 so far, loading"), "{text}");
    assert!(lines[1].contains("as in the reports, sorted when all is there"), "{text}");
    assert!(lines[3].contains(">   …    …     "), "neither severity nor rule: {text}");
    assert!(lines[6].contains("    …    sql-injection"), "results say which rule they mean: {text}");
    let status = "loading 12.3 of 95.7 MB, 4,512 results; counts are of a part; Esc stops";
    assert!(text.contains(status), "{text}");
    state.loading = None;
    let text = plain(&state).text();
    assert!(text.contains("24 of a part, stopped") && text.contains("R reads all"), "{text}");
}

#[test]
fn the_status_has_a_column_only_where_there_is_one() {
    let mut state = at_work((120, 40));
    let with = plain(&state).text();
    state.list.has_status = false;
    state.board.reaches = Arc::default();
    let without = plain(&state).text();
    assert!(with.contains(" new ") && !without.contains(" new "), "{without}");
    let cuts = |text: &str| text.matches('…').count();
    assert!(cuts(&without) < cuts(&with), "the room goes to rules and places\n{without}");
}

#[test]
fn the_heading_of_a_rule_says_its_name() {
    let mut state = at_work((120, 40));
    let mut backlog = crate::support::console::board(24).backlog;
    let rules = Arc::get_mut(&mut backlog).unwrap().rules.iter_mut();
    for rule in rules {
        rule.summary = Some(format!("About {} 日本", rule.id.len()));
    }
    state.board.backlog = backlog;
    let group = state.rows.groups[1];
    let backlog = &state.board.backlog;
    let rule = backlog.rule(backlog.lead(state.rows.findings[group.start as usize])).id.clone();
    let title = format!("  About {} 日本", rule.len());
    let named = format!("{rule} ({}){title}", group.len);
    assert!(!plain(&state).text().contains(&title), "severities are no rules");
    state.rows.key = Some(quell::query::GroupKey::Rule);
    assert!(plain(&state).text().contains(&named), "{}", plain(&state).text());
}

#[test]
fn completions_stand_behind_what_is_typed_and_cover_no_finding() {
    let mut state = at_work((80, 24));
    let before = plain(&state).line(2);
    state.filter.editing = Some(LineInput::new("sev"));
    let word = |insert: &str| quell::query::Completion { span: 0..3, insert: insert.to_owned() };
    state.filter.completions = vec![word("severity:"), word("sev:")];
    let drawn = plain(&state);
    assert!(drawn.line(1).starts_with("/ sev   Tab severity:  sev: "), "{}", drawn.line(1));
    assert_eq!(drawn.line(2), before);
    assert_eq!(drawn.cursor.map(|cursor| (cursor.y, cursor.x)), Some((1, 5)));
}

#[test]
fn the_usual_order_says_what_it_is_where_there_is_room() {
    let mut state = at_work((80, 24));
    state.lens.group = None;
    assert!(plain(&state).line(1).contains("sort lane, then score  4/"));
    state.lens.sort = vec![SortKey::Severity];
    assert!(plain(&state).line(1).contains("sort severity, then a CWE, a flow, several tools  4/"));
    state.filter.text = "severity:>=high reach:unknown".to_owned();
    assert!(plain(&state).line(1).contains("  sort severity  4/"), "{}", plain(&state).line(1));
}

#[test]
fn the_first_line_says_where_findings_stand_as_far_as_there_is_room() {
    for (width, said) in [
        (160, "  20 act-now  1,050 this-sprint  3 unreached  1 decided  of 1,074 findings in 32 results  2 reports"),
        (110, "  20 act-now  1,050 this-sprint  3 unreached  1 decided  of 1,074  "),
        (80, "  20 act-now  1,050 this-sprint  "),
    ] {
        let mut state = at_work((width, 24));
        assert!(!plain(&state).line(0).contains("act-now"), "nothing was counted");
        for (step, count) in [(Step::ActNow, 20), (Step::ThisSprint, 1_050), (Step::Unreached, 3), (Step::Decided, 1)] {
            state.board.funnel.add(step, count);
        }
        assert!(plain(&state).line(0).contains(said), "{}", plain(&state).line(0));
    }
}

#[test]
fn help_says_why_not_only_where_it_can_be_read() {
    let mut state = at_work((80, 24));
    let item = |why: &str| PickerItem {
        name: "fold",
        keys: "h Left".to_owned(),
        help: "fold the group",
        section: "Move",
        why_not: Some(why.to_owned()),
    };
    let long = "the list has no groups, and this reason goes on for longer than a line";
    let mut picker = Picker { items: vec![item("no groups"), item(long)], ..Picker::default() };
    let lines = |picker: &Picker, state: &mut State| {
        state.overlay = Some(Overlay::Help(picker.clone()));
        let drawn = plain(state);
        (drawn.line(4), drawn.line(5))
    };
    let (short, cut) = lines(&picker, &mut state);
    assert!(short.contains("fold the group (no groups)"), "{short}");
    assert!(cut.contains("fold the group  ") && !cut.contains("the list has"), "{cut}");
    picker.at = 1;
    let (_, chosen) = lines(&picker, &mut state);
    assert!(chosen.contains("(the list has no groups, and this reason"), "{chosen}");
}

#[test]
fn a_bad_query_is_pointed_at() {
    let mut state = at_work((80, 24));
    state.filter.editing = Some(LineInput::new("sev:high sevrity:low"));
    let allowed = vec!["severity", "status"];
    state.filter.error =
        Some(QueryError { span: 9..20, reason: "no key sevrity".to_owned(), allowed, is_unfinished: false });
    let drawn = plain(&state);
    assert_eq!(drawn.line(2).trim_end(), "           ^^^^^^^^^^^ no key sevrity  (one of severity, status)");
    assert_eq!(drawn.cursor.map(|cursor| (cursor.y, cursor.x)), Some((1, 22)));
}

#[test]
fn the_cursor_row_is_marked_without_colour() {
    for (name, _) in quell::ui::theme::BUILTIN {
        let mut state = at_work((80, 24));
        state.selection.findings.clear();
        let drawn = draw(&state, &Theme::builtin(name).unwrap());
        assert!(drawn.line(5).starts_with('>'), "{name}: {}", drawn.line(5));
        assert_eq!(drawn.cursor.map(|cursor| (cursor.y, cursor.x)), Some((5, 0)), "{name}");
        assert_ne!(drawn.cells[(20, 5)].style(), drawn.cells[(20, 6)].style(), "{name}");
    }
}

#[test]
fn hints_are_never_cut_in_the_middle() {
    for width in 20..130 {
        let state = at_work((width, 24));
        let hints = plain(&state).line(23);
        let all = quell::app::update::hints(&state);
        let whole = all.iter().map(|hint| format!("{} {}", hint.keys, hint.words)).collect::<Vec<_>>().join("  ");
        let shown = hints.trim();
        assert!(whole.starts_with(shown), "{width}: {shown}");
        let rest = whole.get(shown.len()..).unwrap();
        assert!(rest.is_empty() || rest.starts_with("  "), "{width}: {shown}");
    }
}

/// Text that a report could carry to play tricks on a terminal or a reader.
const HOSTILE: &str = "k\u{200d}l\u{1f469}\u{200d}\u{1f4bb}a\u{1b}[31mb\u{202e}c\u{200b}d\u{9b}e\tf\ng\u{7f}\u{feff}\u{e0041}h\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}";

#[test]
fn nothing_hostile_reaches_a_cell() {
    let mut state = at_work((120, 40));
    let mut backlog = crate::support::console::board(24).backlog;
    let changed = Arc::get_mut(&mut backlog).unwrap();
    changed.rules.iter_mut().for_each(|rule| rule.id = HOSTILE.to_owned());
    let count = changed.paths.len();
    changed.paths = Paths::default();
    for _ in 0..count {
        changed.paths.push(HOSTILE, true);
    }
    changed.tools.iter_mut().for_each(|tool| tool.name = HOSTILE.to_owned());
    changed.reports.iter_mut().for_each(|report| report.name = HOSTILE.to_owned());
    state.board.backlog = backlog;
    state.board.repo = Arc::from(HOSTILE);
    state.branch = Some(HOSTILE.to_owned());
    state.rows.key = Some(quell::query::GroupKey::Rule);
    state.notice = Some(Notice { tone: Tone::Error, text: HOSTILE.to_owned() });
    state.filter.text = HOSTILE.to_owned();
    // A page is safe when it is made; the last look at the cells holds even where it is not.
    state.detail.page.title = HOSTILE.to_owned();
    for line in &mut state.detail.page.lines {
        line.spans.iter_mut().for_each(|span| HOSTILE.clone_into(&mut span.text));
    }
    let mut screens = vec![(plain(&state), "triage")];
    for overlay in [Overlay::Copied(HOSTILE.to_owned()), crate::support::console::hostile_form(HOSTILE)] {
        state.overlay = Some(overlay);
        screens.push((plain(&state), "overlay"));
    }
    for (drawn, name) in screens {
        for cell in &drawn.cells.content {
            let symbol = cell.symbol();
            assert!(!symbol.chars().any(quell::model::text::is_unsafe), "{name}: {symbol:?}");
            assert!(symbol.chars().count() <= 8, "{name}: {symbol:?}");
        }
        assert!(drawn.text().contains("\\x1b[31mb<U+202E>"), "{name}:\n{}", drawn.text());
    }
}

#[test]
fn ascii_is_only_ascii() {
    let mut theme = Theme::builtin("ansi").unwrap();
    theme.is_ascii = true;
    let drawn = draw(&at_work((120, 40)), &theme);
    assert!(drawn.text().is_ascii(), "{}", drawn.text());
    assert!(drawn.line(2).starts_with("+- Findings --"), "{}", drawn.line(2));
    assert!(drawn.text().contains("v CRIT critical"), "{}", drawn.text());
}

#[test]
fn added_and_removed_differ_in_more_than_red_and_green() {
    let drawn = plain(&at_work((120, 40)));
    let text = drawn.text();
    assert!(
        text.contains("-    subprocess.run(cmd, shell=True)") && text.contains("+    subprocess.run([\"ls\", name])")
    );
    assert_ne!(Role::Added.name(), Role::Removed.name());
}

#[test]
fn the_rungs_of_each_finding_are_a_column_for_who_wants_it() {
    let mut state = state((120, 40), 3);
    let mut judged = Judged::default();
    for (rung, is_yes) in [(Rung::Present, true), (Rung::Called, false), (Rung::Exposed, true), (Rung::Exposed, false)]
    {
        judged.rungs.add(rung, is_yes);
    }
    let mut reaches = Reaches::default();
    for judged in [judged, Judged::default(), judged] {
        reaches.verdicts.push(judged);
    }
    state.board.reaches = Arc::new(reaches);
    let shown = |state: &State| plain(state).text().matches("+·-···!·").count();
    assert_eq!(shown(&state), 0);
    state.list.ladder = Ladder::Shown;
    assert_eq!(shown(&state), 2);
    // Where there is no room for it, the place of the finding matters more.
    state.size = (40, 15);
    assert_eq!(shown(&state), 0);
}

//! Pages to read: the dashboard, the history of a finding, decisions that match nothing.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::date;
use quell::app::page::Page;
use quell::app::state::{Overlay, Screen};
use quell::model::decision::{Anchor, Event, Op, Standing, Status};
use quell::model::exhibit::{Exhibit, Exhibits, Said, Source};
use quell::model::id::FindingId;
use quell::model::reach::{Judged, Lane, Reaches};
use quell::model::sightings::{Scanned, Sightings, moment_of};

use super::Console;
use crate::support::screen::plain;

fn event(id: &str, op: Op, day: &str, member: FindingId) -> Event {
    Event {
        at: format!("{day}T09:30:00Z").parse::<Timestamp>().unwrap(),
        author: "mo".into(),
        id: id.to_owned(),
        members: vec![Anchor {
            id: member,
            rule: "B602".into(),
            path: "src/run.py".into(),
            line: 7,
            ..Anchor::default()
        }],
        op: op.name().into(),
        v: 1,
        ..Event::default()
    }
}

/// A finding that was confirmed, accepted and accepted once more, and a decision about something that is gone.
fn decided() -> Console {
    let mut console = Console::new();
    let finding = console.at().unwrap();
    let id = console.state.board.backlog.id(finding);
    let exhibit = Exhibit {
        code: vec!["run(cmd)".to_owned(), "<U+202E>".to_owned()],
        evidence: vec![Said { origin: "coverage.json".to_owned(), words: "executed yes: in production".to_owned() }],
        finding: id.to_string(),
        first_line: 12,
        reach: "executed".to_owned(),
        reports: vec![Source {
            file: "a.sarif".to_owned(),
            sha256: Some("ab".repeat(32)),
            tool: "bandit 1.9".to_owned(),
        }],
        score: Some(67),
        severity: "high".to_owned(),
        ..Exhibit::default()
    };
    let first = Event { until: Some(date(2026, 11, 1)), ..event("aaaa", Op::AcceptRisk, "2026-08-01", id) };
    let renewed = Event {
        until: Some(date(2027, 2, 1)),
        reason: Some("behind a gateway \u{1b}[2J".to_owned()),
        control: Some("WAF rule 12".to_owned()),
        risk_owner: Some("cto".to_owned()),
        supersedes: vec!["aaaa".to_owned()],
        exhibits: Exhibits::of(&[exhibit]),
        ..event("bbbb", Op::AcceptRisk, "2026-10-20", id)
    };
    let gone = Event {
        reason: Some("moved away".to_owned()),
        ..event("cccc", Op::FalsePositive, "2026-09-01", FindingId(0xff))
    };
    let ended = Event { until: Some(date(2026, 1, 1)), ..event("dddd", Op::Defer, "2025-09-01", FindingId(0xfe)) };
    let board = &mut console.state.board;
    let mut standings: Vec<Standing> = board.standings.iter().cloned().collect();
    standings[finding as usize] = Standing {
        status: Status::Accepted,
        expires: Some(date(2027, 2, 1)),
        events: vec![0, 1],
        ..Standing::default()
    };
    board.standings = Arc::new(standings.into_iter().collect());
    board.events = Arc::new(vec![first, renewed, gone, ended]);
    console
}

fn page(console: &Console) -> &Page {
    let Screen::Read(reading) = &console.state.screen else { panic!("a page is open") };
    &reading.page
}

fn text(console: &Console) -> String {
    page(console).lines.iter().map(|line| line.text() + "\n").collect()
}

#[test]
fn a_history_has_every_event_in_full_the_newest_first() {
    for size in [(80, 24), (120, 40)] {
        let mut console = decided();
        console.state.size = size;
        console.keys("H");
        insta::assert_snapshot!(format!("history_{}", size.0), plain(&console.state).text());
        assert!(!text(&console).contains('\u{1b}'));
        console.keys("q");
        assert!(matches!(console.state.screen, Screen::Triage));
    }
    let mut console = Console::new();
    console.keys("H");
    assert!(text(&console).contains("nothing was decided about it yet"));
}

#[test]
fn a_decision_without_a_finding_is_named_until_it_ends() {
    let mut console = decided();
    console.keys("v x");
    let text = text(&console);
    assert!(text.contains("1 decision matches no finding") && text.contains("moved away"), "{text}");
    assert!(!text.contains("dddd") && !text.contains("bbbb") && !text.contains("aaaa"), "{text}");
    let mut console = Console::new();
    console.keys("v x");
    assert!(self::text(&console).contains("No decision is without a finding"), "{}", self::text(&console));
}

#[test]
fn the_dashboard_draws_charts_at_every_size() {
    for size in [(80, 24), (120, 40), (40, 10)] {
        let mut console = decided();
        console.state.size = size;
        console.keys("D");
        let text = text(&console);
        for title in ["Open by lane", "Open by reach", "Open by age", "Came in and closed", "ends"] {
            assert!(text.contains(title), "{title}: {text}");
        }
        insta::assert_snapshot!(format!("dashboard_{}", size.0), text);
    }
}

#[test]
fn the_dashboard_counts_what_scans_brought_and_what_is_late() {
    let mut console = Console::new();
    let board = &mut console.state.board;
    let scan = |day: &str, inflow, outflow, present| {
        let at = moment_of(format!("{day}T08:00:00Z").parse::<Timestamp>().unwrap());
        Scanned { at, inflow, outflow, present }
    };
    let scans = vec![scan("2026-11-02", 0, 0, 40), scan("2026-11-10", 12, 3, 49), scan("2026-11-18", 0, 7, 42)];
    let mut sightings = Sightings::default();
    sightings.scans = scans;
    board.sightings = Arc::new(sightings);
    let mut reaches = Reaches::default();
    for _ in 0..board.backlog.findings.len() {
        reaches.verdicts.push(Judged { lane: Lane::ActNow, ..Judged::default() });
    }
    board.reaches = Arc::new(reaches);
    board.due.set(Lane::ActNow, Some(3));
    let late = (0..).take(board.backlog.findings.len()).filter(|finding| board.is_overdue(*finding)).count();
    console.keys("D");
    let text = text(&console);
    let row = |start: &str| text.lines().find(|line| line.contains(start)).unwrap().to_owned();
    assert!(late > 0 && row("overdue").contains(&format!("{late:>8}")), "{text}");
    let scans: Vec<&str> = text.split("scans found new").nth(1).unwrap().lines().take(4).collect();
    assert!(scans.iter().any(|line| line.contains("12 ━━━━━━━━━━━━") && line.contains("     3 ")), "{scans:?}");
}

#[test]
fn an_acceptance_names_owner_control_and_scope() {
    let mut console = Console::new();
    console.keys("a \"why\" tab tab tab \"cto\" tab \"waf\" tab");
    let asked = console.decisions("ctrl-u \"rule:src/**\" enter");
    assert_eq!(asked.len(), 1, "{:?}", console.state.overlay);
    let one = &asked[0];
    let said = (one.risk_owner.as_deref(), one.control.as_deref(), one.scope_words.as_deref(), one.reason.as_deref());
    assert_eq!(said, (Some("cto"), Some("waf"), Some("rule:src/**"), Some("why")));

    let mut console = Console::new();
    console.keys("a \"why\" tab tab tab tab tab");
    assert!(console.decisions("ctrl-u \"everything\" enter").is_empty());
    let Some(Overlay::Form(form)) = &console.state.overlay else { panic!("the form stays") };
    assert!(form.error.as_deref().is_some_and(|error| error.contains("finding, rule, package, advisory")));

    let mut console = Console::new();
    assert_eq!(console.decisions("a \"why\" enter")[0].scope_words, None, "the findings alone");
}

#[test]
fn a_view_shows_where_approval_is_asked_for() {
    let mut console = Console::new();
    console.judge(&[2], Status::Requested);
    console.keys("v r");
    assert_eq!(console.listed(), [2]);
}

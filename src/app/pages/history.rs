//! Every decision about one finding, the newest first, in full: who, when, what, why, and what was known then.

use crate::app::page::{Line, Page, Role};
use crate::app::state::State;
use crate::model::board::Past;
use crate::model::exhibit::Exhibit;
use crate::model::text::counted;

use super::wrap::paragraph;

/// The page of the finding under the cursor.
pub fn page(state: &State, width: u16) -> Page {
    let width = usize::from(width.max(20));
    let Some(finding) = state.current_idx() else {
        return Page { title: "History".to_owned(), lines: vec![Line::new(Role::Dim, "no finding under the cursor")] };
    };
    let (board, backlog) = (&state.board, &state.board.backlog);
    let mut lines = vec![
        Line::new(Role::Strong, &backlog.rule(backlog.lead(finding)).id)
            .with(Role::Dim, &format!("  {}", backlog.id(finding))),
        Line::new(Role::Link, &super::detail::place(backlog.path(backlog.lead(finding)), backlog.lead(finding))),
        Line::new(Role::Good, board.status(finding).name()),
    ];
    let history = board.history(finding);
    if history.is_empty() {
        lines.push(Line::blank());
        lines.push(Line::new(Role::Dim, "nothing was decided about it yet"));
    }
    let results = board.result_ids(finding);
    for past in history.iter().rev() {
        lines.push(Line::blank());
        lines.extend(event(past, &results, width));
    }
    Page { title: "History".to_owned(), lines }
}

fn event(past: &Past<'_>, results: &[String], width: usize) -> Vec<Line> {
    let event = past.event;
    let role = if past.is_taken_back { Role::Dim } else { Role::Title };
    let mut head = Line::new(role, &event.op).stop().with(Role::Text, &format!(" by {}", event.author));
    if let Some(until) = event.until {
        head = head.with(Role::Text, &format!(" until {until}"));
    }
    head = head.with(Role::Dim, &format!("  {}", event.at.strftime("%Y-%m-%d %H:%M:%SZ")));
    if past.is_taken_back {
        head = head.with(Role::Warning, "  taken back");
    }
    let mut lines = vec![head];
    let scope = event.scope.as_deref().map(|scope| {
        let texts = [&scope.rule, &scope.path, &scope.package, &scope.versions];
        let texts = texts.into_iter().flatten().chain(&scope.advisories);
        texts.map(String::as_str).collect::<Vec<_>>().join(" ")
    });
    let many = (event.members.len() > results.len()).then(|| counted(event.members.len(), "result", "results"));
    let list = |texts: &[String]| (!texts.is_empty()).then(|| texts.join(", "));
    let facts = [
        ("reason", event.reason.clone()),
        ("AI verdict", list(&event.answers(results))),
        ("justification", event.justification.clone()),
        ("control", event.control.clone()),
        ("risk owner", event.risk_owner.clone()),
        ("owner", event.owner.clone()),
        ("ticket", event.ticket.clone()),
        ("duplicate of", event.duplicate_of.clone()),
        ("scope", scope),
        ("branches", list(&event.branches)),
        ("together", many),
        ("query", event.query.clone()),
        ("about", list(&event.about)),
        ("replaces", list(&event.supersedes)),
        ("event", Some(format!("{} ({})", event.id, event.origin.name()))),
    ];
    for (name, text) in facts {
        lines.extend(text.iter().flat_map(|text| fact(name, text, width)));
    }
    let own = event.exhibits.list().into_iter().find(|exhibit| results.contains(&exhibit.finding));
    lines.extend(own.iter().flat_map(|own| exhibit(own, width)));
    lines
}

/// Columns of the names.
const NAME: usize = 16;

fn fact(name: &str, text: &str, width: usize) -> Vec<Line> {
    let mut lines = paragraph(Role::Text, text, width.saturating_sub(NAME));
    for (number, line) in lines.iter_mut().enumerate() {
        let head = if number == 0 { format!("  {name:<14}") } else { " ".repeat(NAME) };
        line.spans.insert(0, crate::app::page::Span::new(Role::Dim, &head));
    }
    lines
}

/// What was known when it was decided.
fn exhibit(exhibit: &Exhibit, width: usize) -> Vec<Line> {
    let score = exhibit.score.map(|score| format!("score {score}")).unwrap_or_default();
    let words = [&exhibit.severity, &exhibit.reach, &exhibit.exposure, &exhibit.lane, &score];
    let words: Vec<&str> = words.into_iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
    let mut lines = fact("known then", &words.join(", "), width);
    lines.extend(
        (exhibit.first_line..)
            .zip(&exhibit.code)
            .map(|(number, code)| Line::new(Role::LineNumber, &format!("  {number:>5} ")).with(Role::Text, code)),
    );
    for said in &exhibit.evidence {
        lines.extend(fact("", &format!("{} ({})", said.words, said.origin), width));
    }
    for report in &exhibit.reports {
        let hash = report.sha256.as_deref().unwrap_or("gone");
        lines.extend(fact("", &format!("{}, {}, SHA-256 {hash}", report.tool, report.file), width));
    }
    lines
}

//! Why a finding stands where it stands: verdict, lane, evidence, score, and what would change it.

use crate::app::page::{Line, Page, Role, Span};
use crate::app::state::State;
use crate::model::evidence::{Basis, Polarity, Rung};
use crate::model::exposure::Exposure;
use crate::model::home::Part;
use crate::model::reach::{Held, Judged, Lane, Reach, Row, Why};
use crate::model::text::visible;

use super::wrap;

/// Words of strangers, in which a line break would look like a line of this page.
fn paragraph(role: Role, text: &str, width: usize) -> Vec<Line> {
    wrap::paragraph(role, &visible(text), width)
}

/// The page of the open finding.
pub fn page(state: &State, width: u16) -> Page {
    let width = usize::from(width.max(20));
    let why = state.detail.opened.as_ref().and_then(|opened| opened.why.as_deref());
    let lines = why.map_or_else(|| vec![Line::new(Role::Dim, "reading")], |why| lines(why, width));
    Page { title: "Why".to_owned(), lines }
}

fn lines(why: &Why, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    lines.extend(paragraph(Role::Text, &why.verdict, width));
    lines.push(Line::blank());
    lines.push(title("Lane"));
    lines.extend(paragraph(Role::Text, &why.lane, width));
    if let Some(settings) = &why.settings {
        lines.extend(paragraph(Role::Dim, &format!("  {settings}"), width));
    }
    for input in &why.inputs {
        let text = format!("  {} {}: {}", input.name, input.value, input.why);
        lines.extend(paragraph(Role::Dim, &text, width));
    }
    lines.extend(runs(why, width));
    lines.push(Line::blank());
    lines.push(title("Ladder"));
    lines.push(ladder(why.judged));
    for conflict in &why.conflicts {
        lines.extend(paragraph(Role::Warning, conflict, width));
    }
    lines.push(Line::blank());
    let number = crate::model::text::counted(why.evidence.len(), "statement", "statements");
    let has_path = why.evidence.iter().any(|row| row.flow().is_some());
    let steps = if has_path { "; t steps through its path" } else { "" };
    lines.push(title("Evidence").with(Role::Dim, &format!("  {number}{steps}")));
    for row in &why.evidence {
        lines.extend(evidence(row, width));
    }
    lines.push(Line::blank());
    lines.push(title("Score").with(Role::Strong, &format!("  {}", why.judged.score)));
    for term in &why.terms {
        let source = if term.source.is_empty() { String::new() } else { format!(" ({})", term.source) };
        let text = format!("{:>+4} {}: {}{source}", term.points, term.name, term.why);
        lines.extend(paragraph(Role::Text, &text, width));
    }
    if !why.doubts.is_empty() {
        lines.push(Line::blank());
        lines.push(title("What would change this"));
        for doubt in &why.doubts {
            lines.extend(paragraph(Role::Text, &doubt.words, width));
            if let Some(command) = &doubt.command {
                lines.extend(paragraph(Role::Link, &format!("  {command}"), width));
            }
        }
    }
    lines
}

/// The way from the internet to its code, or from what runs it.
fn runs(why: &Why, width: usize) -> Vec<Line> {
    if why.chains.is_empty() && why.home.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![Line::blank(), title("Where it runs").with(Role::Dim, "  gs lists what else its service has")];
    for chain in &why.chains {
        let role = match chain.exposure {
            Exposure::Internet => Role::High,
            Exposure::Internal => Role::Good,
            Exposure::Unknown => Role::Dim,
        };
        lines.extend(paragraph(role, &format!("{}: {}", chain.exposure.name(), chain.words), width));
        for (depth, frame) in chain.frames.iter().enumerate() {
            let branch = if depth == 0 { String::new() } else { format!("{}└ ", "  ".repeat(depth - 1)) };
            lines.push(
                Line::new(Role::Dim, &format!("  {branch}"))
                    .with(Role::Text, &format!("{} ", frame.step()))
                    .with(Role::Link, &frame.place()),
            );
        }
    }
    if why.chains.is_empty() {
        for part in Part::ALL.iter().filter(|part| !why.home.names(**part).is_empty()) {
            let text = format!("{} {}", part.name(), why.home.names(*part).join(", "));
            lines.extend(paragraph(Role::Text, &text, width));
        }
    }
    lines
}

fn title(name: &str) -> Line {
    Line::new(Role::Title, name).stop()
}

/// Lane and score, with reach and exposure where they are known: also at the head of the detail.
pub fn verdict(judged: Judged) -> Vec<Span> {
    let mut spans = vec![
        Span::new(lane_role(judged.lane), &format!("  {}", judged.lane.name())),
        Span::new(Role::Strong, &format!(" {}", judged.score)),
    ];
    if judged.reach != Reach::Unknown {
        spans.push(Span::new(reach_role(judged.reach), &format!("  {}", judged.reach.name())));
    }
    if judged.exposure != Exposure::Unknown {
        spans.push(Span::new(Role::Text, &format!("  {}", judged.exposure.name())));
    }
    spans
}

/// How urgent a lane looks.
pub fn lane_role(lane: Lane) -> Role {
    match lane {
        Lane::ActNow => Role::Critical,
        Lane::ThisSprint => Role::High,
        Lane::Scheduled => Role::Medium,
        Lane::OnUpgrade => Role::Dim,
    }
}

/// How a verdict looks.
pub fn reach_role(reach: Reach) -> Role {
    match reach {
        Reach::Exploited | Reach::Executed => Role::Critical,
        Reach::Reachable => Role::High,
        Reach::TestOnly | Reach::Unreached | Reach::NotAffected => Role::Good,
        Reach::Unknown => Role::Dim,
    }
}

/// How what a rung holds looks.
pub fn held_role(held: Held) -> Role {
    match held {
        Held::Nothing => Role::Dim,
        Held::Yes => Role::High,
        Held::No => Role::Good,
        Held::Both => Role::Warning,
    }
}

fn ladder(judged: Judged) -> Line {
    let mut line = Line::new(Role::Text, "");
    for rung in Rung::ALL {
        let held = judged.rungs.get(*rung);
        line = line.with(held_role(held), &format!("{}{} ", rung.name(), held.name()));
    }
    line
}

fn evidence(row: &Row, width: usize) -> Vec<Line> {
    let role = match (row.polarity, row.strength) {
        (Polarity::Unknown, _) | (_, 0) => Role::Dim,
        (Polarity::Yes, _) => Role::High,
        (Polarity::No, _) => Role::Good,
    };
    let mut lines = paragraph(role, &format!("{} {}", row.strength, row.words), width);
    lines.extend(paragraph(Role::Dim, &format!("  {}", row.origin()), width));
    if let Some(scope) = &row.scope {
        lines.extend(paragraph(Role::Dim, &format!("  {scope}"), width));
    }
    if let Some(doubt) = &row.doubt {
        lines.extend(paragraph(Role::Warning, &format!("  {doubt}"), width));
    }
    // What the deployment files say is drawn above.
    if row.basis != Basis::Deployment {
        lines.extend(path(row));
    }
    lines
}

/// The path with steps in libraries folded.
fn path(row: &Row) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut folded = 0;
    for frame in &row.path {
        if !frame.is_own && row.path.iter().any(|frame| frame.is_own) {
            folded += 1;
            continue;
        }
        lines.extend(library(&mut folded));
        lines.push(Line::new(Role::Text, &format!("    {} ", frame.function)).with(Role::Link, &frame.place()));
    }
    lines.extend(library(&mut folded));
    lines
}

fn library(folded: &mut usize) -> Option<Line> {
    let count = std::mem::take(folded);
    (count > 0).then(|| {
        Line::new(Role::Dim, &format!("    {} in libraries", crate::model::text::counted(count, "step", "steps")))
    })
}

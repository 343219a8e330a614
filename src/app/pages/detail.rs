//! The page of one finding: what it is, where, the code, the fix, who else says so, what was decided.

use crate::app::effect::Opened;
use crate::app::page::{Line, Page, Role};
use crate::app::state::State;
use crate::model::backlog::{FindingIdx, Record, Rule};
use crate::model::decision::Status;
use crate::model::detail::{Detail, Location};
use crate::model::grade::Category;
use crate::model::plan::{FixState, PlannedFix};
use crate::model::secret;
use crate::model::snippet::Snippet;
use crate::model::text;

use super::wrap::{labelled, markdown, paragraph};
use super::{code, diff, group};

/// Related places, properties and sources that are listed one by one.
const LISTED: usize = 12;

/// Lines of a fix's title that are shown.
const TITLE: usize = 4;

/// The page of the finding under the cursor. While its text is on the way, what the index knows.
pub fn page(state: &State, width: u16, height: usize) -> Page {
    let width = usize::from(width.max(20));
    let Some(finding) = state.detail.finding.and_then(|id| state.board.backlog.find(id)) else {
        return group::page(state, width);
    };
    let id = state.board.backlog.finding(finding).id;
    let mut lines = head(state, finding, width);
    match state.detail.opened.as_ref().filter(|opened| opened.finding == id) {
        Some(opened) => lines.extend(body(state, finding, opened, (width, height))),
        None => lines.push(Line::new(Role::Dim, "reading")),
    }
    Page { title: "Detail".to_owned(), lines }
}

/// Severity, tool, rule, place, status: known without reading the report.
fn head(state: &State, finding: FindingIdx, width: usize) -> Vec<Line> {
    let (backlog, board) = (&state.board.backlog, &state.board);
    let (group, record) = (backlog.finding(finding), backlog.lead(finding));
    let rule = backlog.rule(record);
    let mut first = Line::new(group.severity.into(), group.severity.name());
    if let Some(score) = rule.score {
        first = first.with(group.severity.into(), &format!(" {score:.1}"));
    }
    first = first.with(Role::Dim, &format!("  {}", backlog.tool_names(finding).join(" + ")));
    let cwe: Vec<String> = group.cwe.iter().map(|cwe| format!("CWE-{cwe}")).collect();
    if !cwe.is_empty() {
        first = first.with(Role::Text, &format!("  {}", cwe.join(" ")));
    }
    let mut lines = vec![first];
    // Some tools only write the id once more.
    let names = !rule.title().contains(&rule.id) && text::width(&rule.id) + text::width(rule.title()) + 2 <= width;
    let name = if names { rule.title() } else { "" };
    let mut ids = paragraph(Role::Strong, &rule.id, width);
    if let Some(last) = ids.pop() {
        lines.extend(ids);
        lines.push(last.with(Role::Text, &format!("  {name}")));
    }
    lines.push(Line::new(Role::Link, &text::cut_start(&place(backlog.path(record), record), width)));
    let standing = board.standing(finding);
    if standing.status != Status::Open || !standing.flags.is_empty() || standing.owner.is_some() {
        let mut line = Line::new(Role::Good, standing.status.name());
        if let Some(until) = standing.expires {
            line = line.with(Role::Text, &format!(" until {until}"));
        }
        if let Some(owner) = &standing.owner {
            line = line.with(Role::Text, &format!("  owner {owner}"));
        }
        for flag in standing.flags.iter() {
            line = line.with(Role::Warning, &format!("  {}", flag.name()));
        }
        lines.push(line);
    }
    lines
}

/// `path:line:column-endColumn`, with what is stated.
pub fn place(path: &str, record: &Record) -> String {
    if path.is_empty() {
        return "no place in a file".to_owned();
    }
    let mut place = path.to_owned();
    if record.line > 0 {
        place.push_str(&format!(":{}", record.line));
        if record.column > 0 {
            place.push_str(&format!(":{}", record.column));
        }
        if record.end_line > record.line {
            place.push_str(&format!(" to line {}", record.end_line));
        }
    }
    place
}

/// `(width, height)` of the pane: a low one shows less code, so that the fix is not below its edge.
fn body(state: &State, finding: FindingIdx, opened: &Opened, (width, height): (usize, usize)) -> Vec<Line> {
    let backlog = &state.board.backlog;
    let rule = backlog.rule(backlog.lead(finding));
    let mut lines = vec![Line::blank()];
    let Some((_, part)) = opened.parts.first() else { return lines };
    let detail = match part {
        Ok(detail) => detail,
        Err(problem) => {
            lines.extend(paragraph(Role::Error, &problem.to_string(), width));
            return lines;
        }
    };
    let is_secret = backlog.lead(finding).category == Category::Secret;
    let message = if is_secret { secret::covered(&detail.message, flagged(detail)) } else { (&*detail.message).into() };
    lines.extend(paragraph(Role::Text, &message, width));
    lines.push(Line::blank().stop());
    let region = detail.locations.first().map(|location| location.region).unwrap_or_default();
    let around = u32::try_from(height / 7).unwrap_or(2).clamp(1, 6);
    let covered;
    let snippet = if is_secret {
        covered = without_secrets(&opened.snippet);
        &covered
    } else {
        &opened.snippet
    };
    lines.extend(code::lines(snippet, &region, width, around));
    lines.push(Line::blank());
    lines.extend(fixes(state, opened, width, is_secret));
    lines.extend(flows(opened, width));
    lines.extend(sources(state, finding, opened, width));
    lines.extend(history(state, finding, width));
    lines.extend(places(detail, width));
    lines.extend(facts(detail, rule, width));
    lines.extend(help(detail, rule, width));
    lines
}

fn flagged(detail: &Detail) -> Option<&str> {
    detail.locations.first()?.snippet.as_deref()
}

/// Code as it may be shown where a secret was found: literals and keys are covered, and lose their colours.
fn without_secrets(snippet: &Snippet) -> Snippet {
    let mut safe = snippet.clone();
    for line in &mut safe.lines {
        let covered = secret::covered_code(&line.text);
        if *covered != *line.text {
            line.text = covered.as_ref().into();
            line.roles.clear();
        }
    }
    safe
}

fn title(name: &str) -> Line {
    Line::new(Role::Title, name).stop()
}

fn fixes(state: &State, opened: &Opened, width: usize, is_secret: bool) -> Vec<Line> {
    let count: usize = opened.parts.iter().filter_map(|(_, detail)| detail.as_ref().ok()).map(|d| d.fixes.len()).sum();
    let count = count + state.board.offers.count(opened.finding);
    if count == 0 {
        return Vec::new();
    }
    let mut lines = Vec::new();
    let kept = if state.is_kept(opened.finding) { "kept for the batch" } else { "f keeps it for the batch" };
    lines.push(title("Fix").with(Role::Dim, &format!("  {kept}")));
    match &state.detail.preview {
        None => lines.push(Line::new(Role::Dim, "placing it")),
        Some(plan) => {
            for fix in &plan.fixes {
                lines.extend(planned(fix, width, is_secret));
            }
        }
    }
    lines.push(Line::blank());
    lines
}

/// One fix with its state, its reason and its diff.
pub fn planned(fix: &PlannedFix, width: usize, is_secret: bool) -> Vec<Line> {
    let role = match fix.state {
        FixState::WillWrite => Role::Good,
        FixState::NeedsYou => Role::Warning,
        FixState::Cannot => Role::Error,
    };
    let mut lines = labelled(&fix.state.name().replace('-', " "), role, &fix.why, width);
    // Later lines of a title are the tool's own boilerplate.
    if let Some(title) = fix.title.lines().find(|line| !line.trim().is_empty()) {
        let mut title = paragraph(Role::Dim, title.trim(), width);
        if title.len() > TITLE {
            title.truncate(TITLE);
            title.push(Line::new(Role::Dim, "…"));
        }
        lines.extend(title);
    }
    for file in &fix.diffs {
        lines.extend(diff::unified(&diff::shown(file, is_secret), width, false));
    }
    lines
}

fn flows(opened: &Opened, width: usize) -> Vec<Line> {
    let details = opened.parts.iter().filter_map(|(_, detail)| detail.as_ref().ok());
    let flows: Vec<_> = details.flat_map(|detail| &detail.flows).collect();
    let Some(first) = flows.first() else { return Vec::new() };
    let count = if flows.len() == 1 { "1 flow".to_owned() } else { format!("{} flows", flows.len()) };
    let mut lines =
        vec![title("Flow").with(Role::Dim, &format!("  {count}, {} steps; t steps through", first.steps.len()))];
    for (at, step) in first.steps.iter().take(LISTED).enumerate() {
        lines.push(step_line(at, &step.location, width));
    }
    if first.steps.len() > LISTED {
        lines.push(Line::new(Role::Dim, &format!("    and {} more", first.steps.len() - LISTED)));
    }
    lines.push(Line::blank());
    lines
}

/// One step of a flow in one line.
pub fn step_line(at: usize, location: &Location, width: usize) -> Line {
    let place = step_place(location, width);
    let room = room_for_text(location, width);
    Line::new(Role::Dim, &format!("{:>3}. ", at + 1))
        .with(Role::Link, &place)
        .with(Role::Text, &format!("  {}", text::cut(&text::visible(said(location)), room)))
}

/// What is said of a place, or its text. Some tools repeat the place behind it: `Source: 'x' @ 'src/a.py:61'`.
pub fn said(location: &Location) -> &str {
    let said = location.message.as_deref().or(location.snippet.as_deref()).unwrap_or_default().trim();
    let place = bare_place(location);
    match said.rsplit_once(" @ '") {
        Some((head, tail)) if tail.strip_suffix('\'') == Some(place.as_str()) => head,
        _ => said,
    }
}

/// Columns that `step_line` has for what is said.
pub fn room_for_text(location: &Location, width: usize) -> usize {
    width.saturating_sub(text::width(&step_place(location, width)) + 7)
}

fn step_place(location: &Location, width: usize) -> String {
    text::cut_start(&text::visible(&bare_place(location)), width / 2).into_owned()
}

fn bare_place(location: &Location) -> String {
    if location.region.line > 0 { format!("{}:{}", location.path, location.region.line) } else { location.path.clone() }
}

/// What each report itself says, where there is more than one.
fn sources(state: &State, finding: FindingIdx, opened: &Opened, width: usize) -> Vec<Line> {
    let backlog = &state.board.backlog;
    if opened.parts.len() < 2 {
        let record = backlog.lead(finding);
        let from = format!("{} {}", backlog.report(record).name, backlog.pointer(record));
        return labelled("from", Role::Dim, &from, width);
    }
    let mut lines = vec![title("Reported by").with(Role::Dim, &format!("  {} results", opened.parts.len()))];
    for (result, detail) in opened.parts.iter().take(LISTED) {
        let record = backlog.record(*result);
        let rule = backlog.rule(record);
        let head = format!("{} {}", backlog.tool(record).name, rule.id);
        lines.push(Line::new(record.severity.into(), &text::cut(&text::visible(&head), width)));
        if let Ok(detail) = detail {
            let message = match record.category {
                Category::Secret => secret::covered(&detail.message, flagged(detail)),
                _ => (&*detail.message).into(),
            };
            lines.extend(paragraph(Role::Dim, &format!("  {message}"), width).into_iter().take(3));
        }
    }
    lines.push(Line::blank());
    lines
}

fn history(state: &State, finding: FindingIdx, width: usize) -> Vec<Line> {
    let history = state.board.history(finding);
    if history.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![title("History")];
    for past in history.iter().rev() {
        let event = past.event;
        let day = event.at.to_string().chars().take(10).collect::<String>();
        let mut said = format!("{} by {}", event.op, event.author);
        if let Some(until) = event.until {
            said.push_str(&format!(" until {until}"));
        }
        for text in [&event.ticket, &event.justification, &event.owner, &event.reason].into_iter().flatten() {
            said.push_str(&format!(": {text}"));
        }
        if past.is_taken_back {
            said.push_str(" (taken back)");
        }
        let role = if past.is_taken_back { Role::Dim } else { Role::Text };
        lines.extend(labelled(&day, role, &said, width));
    }
    lines.push(Line::blank());
    lines
}

fn places(detail: &Detail, width: usize) -> Vec<Line> {
    let others: Vec<&Location> = detail.locations.iter().skip(1).chain(&detail.related).collect();
    if others.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![title("Related places")];
    for (at, location) in others.iter().take(LISTED).enumerate() {
        lines.push(step_line(at, location, width));
    }
    if others.len() > LISTED {
        lines.push(Line::new(Role::Dim, &format!("    and {} more", others.len() - LISTED)));
    }
    lines.push(Line::blank());
    lines
}

fn facts(detail: &Detail, rule: &Rule, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut fact = |label: &str, role: Role, text: &str| {
        if !text.is_empty() {
            lines.extend(labelled(label, role, text, width));
        }
    };
    fact("in", Role::Text, detail.locations.first().and_then(|at| at.logical.as_deref()).unwrap_or_default());
    fact("tags", Role::Dim, &rule.tags.join(", "));
    for suppression in &detail.suppressions {
        let status = suppression.status.as_deref().unwrap_or("accepted");
        let why = suppression.justification.as_deref().unwrap_or("no justification");
        fact("suppressed", Role::Warning, &format!("{} {status}: {why}", suppression.kind));
    }
    for (name, value) in detail.properties.iter().take(LISTED) {
        fact("", Role::Dim, &format!("{name}: {}", text::cut(value, 200)));
    }
    for (text, uri) in detail.links.iter().take(LISTED) {
        fact("link", Role::Link, &format!("{text} {uri}"));
    }
    fact("rule help", Role::Link, rule.help_uri.as_deref().unwrap_or_default());
    fact("online", Role::Link, detail.hosted_uri.as_deref().unwrap_or_default());
    for item in &detail.work_items {
        fact("ticket", Role::Link, item);
    }
    if !lines.is_empty() {
        lines.push(Line::blank());
    }
    lines
}

fn help(detail: &Detail, rule: &Rule, width: usize) -> Vec<Line> {
    let said = rule.help.as_deref().or(rule.description.as_deref()).or(rule.summary.as_deref());
    // Many tools repeat the message as the rule's text.
    let Some(said) = said.filter(|said| said.trim() != detail.message.trim()) else { return Vec::new() };
    let mut lines =
        vec![title("Rule").with(Role::Dim, &format!("  {}", text::cut(rule.name.as_deref().unwrap_or_default(), 60)))];
    lines.extend(markdown(said, width));
    lines
}

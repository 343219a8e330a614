//! The page of one finding: what it is, where, the code, the fix, who else says so, what was decided.

use crate::app::effect::Opened;
use crate::app::page::{Line, Page, Role};
use crate::app::state::State;
use crate::model::backlog::{FindingIdx, Record, Rule};
use crate::model::board::Board;
use crate::model::bound::Tie;
use crate::model::decision::{Anchor, Status};
use crate::model::detail::{Detail, FlowKind, Location, Step};
use crate::model::due::day;
use crate::model::plan::{FixState, PlannedFix};
use crate::model::secret::Cover;
use crate::model::text;

use super::wrap::{labelled, markdown, paragraph};
use super::{code, diff, group, why};

/// Related places, properties and sources that are listed one by one.
const LISTED: usize = 12;

/// Rows below which the code comes before all that the line of the list says too.
const LOW: usize = 8;

/// Days in which a due date is news.
const SOON: i64 = 7;

/// The most lines of a model's reason, and places that it cites, that are shown.
const REASON: usize = 12;
const CITED: usize = 6;

/// Lines of a fix's title that are shown.
const TITLE: usize = 4;

/// The page of the finding under the cursor. While its text is on the way, what the index knows.
pub fn page(state: &State, width: u16, height: usize) -> Page {
    let width = usize::from(width.max(20));
    let Some(finding) = state.detail.finding.and_then(|id| state.board.backlog.find(id)) else {
        return group::page(state, width);
    };
    let id = state.board.backlog.id(finding);
    let mut lines = head(state, finding, width);
    let Some(opened) = state.detail.opened.as_ref().filter(|opened| opened.finding == id) else {
        lines.push(Line::new(Role::Dim, "reading"));
        return Page { title: "Detail".to_owned(), lines };
    };
    let Body { asked, message, code, rest } = body(state, finding, opened, (width, height));
    if height < LOW {
        let said = lines.split_off(1);
        lines.extend(asked);
        lines.extend(code.into_iter().chain(message).chain(said));
    } else {
        // A message that fills the pane would push the code out of it.
        let is_long = message.len() > height / 2;
        let (first, second) = if is_long { (code, message) } else { (message, code) };
        lines.push(Line::blank());
        lines.extend(asked);
        lines.extend(first);
        lines.push(Line::blank().stop());
        lines.extend(second);
    }
    lines.push(Line::blank());
    lines.extend(rest);
    Page { title: "Detail".to_owned(), lines }
}

/// What is known once the report was read, in the order of a pane with room.
#[derive(Default)]
struct Body {
    /// What waits for an answer, before all else.
    asked: Vec<Line>,
    message: Vec<Line>,
    code: Vec<Line>,
    rest: Vec<Line>,
}

/// Severity, tool, rule, place, status: known without reading the report.
fn head(state: &State, finding: FindingIdx, width: usize) -> Vec<Line> {
    let (backlog, board) = (&state.board.backlog, &state.board);
    let (group, record) = (backlog.finding(finding), backlog.lead(finding));
    let rule = backlog.rule(record);
    if backlog.tool(record).name.is_empty() {
        let why = Line::new(Role::Dim, "severity and rule stand behind the results: not read yet");
        let place = Line::new(Role::Link, &text::cut_start(&place(backlog.path(record), record), width));
        return vec![why, Line::new(Role::Strong, &rule.id), place];
    }
    let mut first = Line::new(group.severity.into(), group.severity.name());
    if let Some(score) = rule.score {
        first = first.with(group.severity.into(), &format!(" {score:.1}"));
    }
    first.spans.extend(board.judged(finding).into_iter().flat_map(why::verdict));
    first = first.with(Role::Dim, &format!("  {}", backlog.tool_names(finding).join(" + ")));
    let cwe: Vec<String> = backlog.cwe(finding).iter().map(|cwe| format!("CWE-{cwe}")).collect();
    if !cwe.is_empty() {
        first = first.with(Role::Text, &format!("  {}", cwe.join(" ")));
    }
    let time = time(board, finding);
    let used: usize = first.spans.iter().map(|span| text::width(&span.text)).sum();
    let (beside, below) = match time {
        Some((role, said)) if used + text::width(&said) + 2 > width => (None, Some(Line::new(role, &said))),
        beside => (beside, None),
    };
    if let Some((role, said)) = beside {
        first = first.with(role, &format!("  {said}"));
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
    if let Some(remedy) = board.remedy(finding) {
        lines.extend(paragraph(Role::Dim, &format!("{} ({})", remedy.text, remedy.clears()), width));
    }
    let standing = board.standing(finding);
    if standing.status != Status::Open || !standing.flags.is_empty() || board.owner(finding).is_some() {
        let mut line = Line::new(Role::Good, standing.status.name());
        if let Some(until) = standing.expires {
            line = line.with(Role::Text, &format!(" until {until}"));
        }
        if let Some(owner) = board.owner(finding) {
            line = line.with(Role::Text, &format!("  owner {owner}"));
        }
        for flag in standing.flags.iter() {
            line = line.with(Role::Warning, &format!("  {}", flag.name()));
        }
        lines.push(line);
        lines.extend(standing.words().iter().flat_map(|words| paragraph(Role::Warning, words, width)));
    }
    if let Some((tie, anchor)) = board.tied(finding) {
        let role = if tie.is_sure() { Role::Dim } else { Role::Warning };
        lines.extend(paragraph(role, &tied(state, tie, anchor), width));
    }
    lines.extend(below);
    lines
}

/// Where it was when it was decided upon, and why that is thought to be this finding.
fn tied(state: &State, tie: Tie, anchor: &Anchor) -> String {
    let place = format!("{}:{}", anchor.path, anchor.line);
    if tie.is_sure() {
        return format!("decided at {place}: {}", tie.words());
    }
    format!("perhaps decided at {place}: {}; {} says that it is", tie.words(), state.keymap.shown("extend"))
}

/// When it was first seen and is due, where one of them is news: the history has it always.
fn time(board: &Board, finding: FindingIdx) -> Option<(Role, String)> {
    let left = board.due_day(finding).map(|due| due - day(board.today));
    let is_late = left.is_some_and(|left| left < 0);
    let is_soon = left.is_some_and(|left| left <= SOON);
    let news = board.news_in_words(finding);
    if !is_soon && news.is_none() {
        return None;
    }
    let due = board.due_in_words(finding).map(|due| format!("due {due}"));
    let role = if is_late { Role::Error } else { Role::Warning };
    Some((role, due.into_iter().chain(news).collect::<Vec<_>>().join("; ")))
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
fn body(state: &State, finding: FindingIdx, opened: &Opened, (width, height): (usize, usize)) -> Body {
    let backlog = &state.board.backlog;
    let rule = backlog.rule(backlog.lead(finding));
    let detail = match opened.parts.first() {
        Some((_, Ok(detail))) => detail,
        Some((_, Err(problem))) => {
            return Body { message: paragraph(Role::Error, &problem.to_string(), width), ..Body::default() };
        }
        None => return Body::default(),
    };
    let cover = cover(state, finding, opened);
    let around = u32::try_from(height / 7).unwrap_or(2).clamp(1, 6);
    let mut code = code::lines(&cover.snippet(&opened.snippet), width, around);
    code.extend(secrecy(state, finding));
    let mut lines = Vec::new();
    let (asked, answered) = opinions(state, finding, opened, (width, height));
    lines.extend(answered);
    lines.extend(fixes(state, opened, width, &cover));
    lines.extend(flows(opened, width, &cover));
    lines.extend(sources(state, finding, opened, width, &cover));
    lines.extend(history(state, finding, width));
    lines.extend(places(detail, width, &cover));
    lines.extend(facts(detail, rule, width, &cover));
    lines.extend(help(detail, rule, width));
    Body { asked, message: paragraph(Role::Text, &cover.text(&detail.message), width), code, rest: lines }
}

/// What has to be covered of the open finding; nothing while it is revealed.
pub fn cover(state: &State, finding: FindingIdx, opened: &Opened) -> Cover {
    let backlog = &state.board.backlog;
    let is_covered = backlog.is_secret(finding) && state.detail.revealed != Some(opened.finding);
    let details = opened.parts.iter().filter_map(|(_, part)| part.as_ref().ok());
    Cover::of(is_covered, details).with_code(&opened.snippet)
}

/// Whether the secret is covered, and the key that changes it.
fn secrecy(state: &State, finding: FindingIdx) -> Option<Line> {
    if !state.board.backlog.is_secret(finding) {
        return None;
    }
    let is_revealed = state.detail.revealed == Some(state.board.backlog.id(finding));
    let text = if is_revealed { "the secret is shown; r covers it" } else { "the secret is covered; r shows it" };
    Some(Line::new(Role::Dim, text))
}

fn title(name: &str) -> Line {
    Line::new(Role::Title, name).stop()
}

/// What models say of it: above, what waits for an answer, in few lines, for the code is to be seen with it; below, all of
/// it where that was cut, and what does not wait.
fn opinions(
    state: &State,
    finding: FindingIdx,
    opened: &Opened,
    (width, height): (usize, usize),
) -> (Vec<Line>, Vec<Line>) {
    let waits = state.board.is_proposed(finding);
    let (few, is_cut) = opinions_in(opened, "i confirms it, I rejects it", (height / 4).clamp(1, REASON), width);
    match waits {
        true if is_cut => (few, opinions_in(opened, "in full", REASON, width).0),
        true => (few, Vec::new()),
        false => (Vec::new(), opinions_in(opened, "nothing waits for you", REASON, width).0),
    }
}

/// The same with so many lines of each reason, and whether there are more. The text is cut: it is as long as models like.
fn opinions_in(opened: &Opened, hint: &str, most: usize, width: usize) -> (Vec<Line>, bool) {
    let mut is_cut = false;
    if opened.opinions.is_empty() {
        return (Vec::new(), is_cut);
    }
    let mut lines = vec![title("AI verdict").with(Role::Dim, &format!("  {hint}"))];
    for opinion in &opened.opinions {
        let by = format!("{} by {} ({})", opinion.proposes, opinion.by(), opinion.verdict);
        lines.extend(paragraph(Role::Strong, &by, width));
        if let Some(why) = &opinion.stale {
            lines.extend(paragraph(Role::Warning, &format!("made on other code: {why}"), width));
        }
        let mut reason = paragraph(Role::Text, opinion.reason.as_deref().unwrap_or_default(), width);
        if reason.len() > most {
            is_cut = true;
            reason.truncate(most);
            reason.push(Line::new(Role::Dim, "…"));
        }
        lines.extend(reason);
        if !opinion.cites.is_empty() {
            let more = opinion.cites.len().saturating_sub(CITED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let cited = opinion.cites.iter().take(CITED).cloned().collect::<Vec<_>>().join(", ");
            lines.extend(labelled("cites", Role::Link, &format!("{cited}{more}"), width));
        }
    }
    lines.push(Line::blank());
    (lines, is_cut)
}

fn fixes(state: &State, opened: &Opened, width: usize, cover: &Cover) -> Vec<Line> {
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
                lines.extend(planned(fix, width, cover));
            }
        }
    }
    lines.push(Line::blank());
    lines
}

/// One fix with its state, its reason and its diff.
pub fn planned(fix: &PlannedFix, width: usize, cover: &Cover) -> Vec<Line> {
    let role = match fix.state {
        FixState::WillWrite => Role::Good,
        FixState::NeedsYou => Role::Warning,
        FixState::Cannot => Role::Error,
    };
    let mut lines = labelled(&fix.state.name().replace('-', " "), role, &fix.why, width);
    // Later lines of a title are the tool's own boilerplate.
    if let Some(title) = fix.title.lines().find(|line| !line.trim().is_empty()) {
        let mut title = paragraph(Role::Dim, &cover.text(title.trim()), width);
        if title.len() > TITLE {
            title.truncate(TITLE);
            title.push(Line::new(Role::Dim, "…"));
        }
        lines.extend(title);
    }
    for file in &fix.diffs {
        lines.extend(diff::unified(&cover.diff(file), width, false));
    }
    lines
}

fn flows(opened: &Opened, width: usize, cover: &Cover) -> Vec<Line> {
    let details = opened.parts.iter().filter_map(|(_, detail)| detail.as_ref().ok());
    let flows: Vec<_> = details.flat_map(|detail| &detail.flows).collect();
    let Some(first) = flows.first() else { return Vec::new() };
    let count = text::counted(flows.len(), "flow", "flows");
    let name = match first.kind {
        FlowKind::Thread => "Flow",
        FlowKind::Stack => "Call stack",
        FlowKind::Graph => "Graph",
    };
    let mut lines =
        vec![title(name).with(Role::Dim, &format!("  {count}, {} steps; t steps through", first.steps.len()))];
    for (at, step) in first.steps.iter().take(LISTED).enumerate() {
        lines.push(flow_line(at, step, width, cover));
    }
    if first.steps.len() > LISTED {
        lines.push(Line::new(Role::Dim, &format!("    and {} more", first.steps.len() - LISTED)));
    }
    lines.push(Line::blank());
    lines
}

/// The deepest nesting of steps that is drawn.
const NESTED: u32 = 6;

/// One step of a flow in one line: nested steps are indented, what the report calls unimportant stands back.
pub fn flow_line(at: usize, step: &Step, width: usize, cover: &Cover) -> Line {
    let indent = step.nesting.min(NESTED) as usize;
    let mut line = step_line(at, &step.location, width.saturating_sub(indent), cover);
    if let Some(number) = line.spans.first_mut() {
        number.text.push_str(&" ".repeat(indent));
    }
    let role = match step.importance.as_deref() {
        Some("essential") => Role::Strong,
        Some("unimportant") => Role::Dim,
        Some(_) | None => Role::Text,
    };
    if let Some(said) = line.spans.last_mut() {
        said.role = role;
    }
    line
}

/// One place in one line.
fn step_line(at: usize, location: &Location, width: usize, cover: &Cover) -> Line {
    let place = step_place(location, width);
    let room = room_for_text(location, width);
    Line::new(Role::Dim, &format!("{:>3}. ", at + 1))
        .with(Role::Link, &place)
        .with(Role::Text, &format!("  {}", text::cut(&text::visible(&cover.text(said(location))), room)))
}

/// What is said of a place, or its text. Some tools repeat the place behind it: `Source: 'x' @ 'src/a.py:61'`.
pub fn said(location: &Location) -> &str {
    let said = location.message.as_deref().or(location.snippet.as_deref()).unwrap_or_default().trim();
    let place = location.place();
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
    text::cut_start(&text::visible(&location.place()), width / 2).into_owned()
}

/// What each report itself says, where there is more than one.
fn sources(state: &State, finding: FindingIdx, opened: &Opened, width: usize, cover: &Cover) -> Vec<Line> {
    if opened.parts.len() < 2 {
        let backlog = &state.board.backlog;
        let record = backlog.lead(finding);
        let from = format!("{} {}", backlog.report(record).name, backlog.pointer(backlog.members(finding)[0]));
        return labelled("from", Role::Dim, &from, width);
    }
    let mut lines = vec![title("Reported by").with(Role::Dim, &format!("  {} results", opened.parts.len()))];
    for (number, (result, detail)) in opened.parts.iter().take(LISTED).enumerate() {
        let backlog = &opened.backlog;
        let record = backlog.record(*result);
        let rule = backlog.rule(record);
        let head = format!("{} {}", backlog.tool(record).name, rule.id);
        lines.push(Line::new(record.severity().into(), &text::cut(&text::visible(&head), width)));
        // What the first says stands above.
        if let (Ok(detail), true) = (detail, number > 0) {
            let message = format!("  {}", cover.text(&detail.message));
            lines.extend(paragraph(Role::Dim, &message, width).into_iter().take(3));
        }
    }
    lines.push(Line::blank());
    lines
}

fn history(state: &State, finding: FindingIdx, width: usize) -> Vec<Line> {
    let history = state.board.history(finding);
    let seen = state.board.seen_in_words(finding).filter(|_| state.board.sightings.first(finding).is_some());
    if history.is_empty() && seen.is_none() {
        return Vec::new();
    }
    let mut lines = vec![title("History")];
    let opened = state.detail.opened.as_deref().filter(|opened| opened.finding == state.board.backlog.id(finding));
    for words in opened.iter().filter_map(|opened| opened.renewals.as_deref()) {
        lines.extend(paragraph(Role::Warning, words, width));
    }
    let due = state.board.due_in_words(finding).map(|due| format!("due {due}"));
    if let Some(seen) = seen {
        let news = state.board.news_in_words(finding);
        let said = std::iter::once(seen).chain(news).chain(due).collect::<Vec<_>>().join("; ");
        lines.extend(paragraph(Role::Text, &said, width));
    }
    let results = state.board.result_ids(finding);
    for past in history.iter().rev() {
        let event = past.event;
        let day = event.at.to_string().chars().take(10).collect::<String>();
        let mut said = format!("{} by {}", event.op, event.author);
        if let Some(end) = event.end() {
            said.push_str(&format!(" until {end}"));
        }
        for text in [&event.ticket, &event.justification, &event.owner, &event.reason].into_iter().flatten() {
            said.push_str(&format!(": {text}"));
        }
        for answer in event.answers(&results) {
            said.push_str(&format!("; {answer}"));
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

fn places(detail: &Detail, width: usize, cover: &Cover) -> Vec<Line> {
    let others: Vec<&Location> = detail.locations.iter().skip(1).chain(&detail.related).collect();
    if others.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![title("Related places")];
    for (at, location) in others.iter().take(LISTED).enumerate() {
        lines.push(step_line(at, location, width, cover));
    }
    if others.len() > LISTED {
        lines.push(Line::new(Role::Dim, &format!("    and {} more", others.len() - LISTED)));
    }
    lines.push(Line::blank());
    lines
}

fn facts(detail: &Detail, rule: &Rule, width: usize, cover: &Cover) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut fact = |label: &str, role: Role, text: &str| {
        if !text.is_empty() {
            lines.extend(labelled(label, role, text, width));
        }
    };
    if let Some(first) = detail.locations.first() {
        fact("in", Role::Text, first.logical.as_deref().unwrap_or_default());
        fact("inside", Role::Text, &first.inside.join(", in "));
        fact("report has", Role::Dim, first.uri.as_deref().unwrap_or_default());
    }
    fact("rank", Role::Text, &detail.rank.map(|rank| rank.to_string()).unwrap_or_default());
    fact("taxa", Role::Dim, &detail.taxa.join(", "));
    fact("tags", Role::Dim, &rule.tags.join(", "));
    for suppression in &detail.suppressions {
        let status = suppression.status.as_deref().unwrap_or("accepted");
        let why = suppression.justification.as_deref().unwrap_or("no justification");
        let place = suppression.place.as_ref().map(|place| format!(" in {place}")).unwrap_or_default();
        fact("suppressed", Role::Warning, &format!("{} {status}{place}: {why}", suppression.kind));
    }
    for (name, value) in &detail.facts {
        fact("", Role::Dim, &format!("{name}: {}", text::cut(&cover.text(value), 200)));
    }
    let lists = [(&detail.properties, 200), (&detail.fingerprints, 80)];
    for ((name, value), most) in
        lists.iter().flat_map(|(list, most)| list.iter().take(LISTED).zip(std::iter::repeat(*most)))
    {
        fact("", Role::Dim, &format!("{name}: {}", text::cut(&cover.text(value), most)));
    }
    for (text, uri) in detail.links.iter().take(LISTED) {
        fact("link", Role::Link, &format!("{} {uri}", cover.text(text)));
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
    let said = detail.help.as_deref().or(rule.description.as_deref()).or(rule.summary.as_deref());
    // Many tools repeat the message as the rule's text.
    let Some(said) = said.filter(|said| said.trim() != detail.message.trim()) else { return Vec::new() };
    let mut lines =
        vec![title("Rule").with(Role::Dim, &format!("  {}", text::cut(rule.name.as_deref().unwrap_or_default(), 60)))];
    lines.extend(markdown(said, width));
    lines
}

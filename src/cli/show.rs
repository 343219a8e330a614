//! `quell show`: one finding, whole.

use std::io;

use serde::Serialize;

use crate::desk::finding::{self, Finding, Read, Timing};
use crate::model::ai::Opinion;
use crate::model::backlog::{FindingIdx, Rule};
use crate::model::board::Board;
use crate::model::decision::Event;
use crate::model::detail::{Detail, Flow, Location, Suppression};
use crate::model::fix::FileOp;
use crate::model::plan::{FileDiff, LineKind, PlannedFix};
use crate::model::reach::Why;
use crate::model::secret::Cover;
use crate::model::snippet::{Origin, Snippet};
use crate::model::text::{visible, visible_lines};
use crate::source::snippet;

use super::args::{Common, TextFormat};
use super::exit::Outcome;
use super::explain::{self, WhyJson};
use super::out::{Ink, Out};
use super::work::Work;

/// Lines of code above and below the flagged one.
const AROUND: u32 = 4;
/// The most steps of a flow that are printed as text; JSON has all.
const MAX_STEPS: usize = 40;
/// The most lines of a rule's help that are printed.
const MAX_HELP: usize = 30;

/// `show --format json`: the finding as in a list, and what a list has no room for.
#[derive(Serialize)]
struct Shown<'b> {
    #[serde(flatten)]
    finding: &'b Finding<'b>,
    why: WhyJson<'b>,
    help: Help<'b>,
    links: Vec<(String, String)>,
    properties: Vec<(String, String)>,
    code: Option<Code>,
    #[serde(flatten)]
    said: Option<Said<'b>>,
    related: Vec<PlaceJson>,
    /// What the steps of `steps` are, in the same order.
    traces: Vec<TraceJson<'b>>,
    steps: Vec<Vec<StepJson>>,
    proposals: Vec<ProposalJson>,
    /// What models say of it, word by word.
    opinions: &'b [Opinion],
    history: Vec<EventJson<'b>>,
    /// How often and how long it was put off, and what has changed since, in words.
    renewals: Option<&'b str>,
    problems: Vec<String>,
}

/// What the shown result says beside that.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Said<'b> {
    markdown: Option<&'b str>,
    rank: Option<f64>,
    locations: Vec<PlaceJson>,
    taxa: &'b [String],
    fingerprints: &'b [(String, String)],
    suppressions: Vec<SuppressionJson<'b>>,
    hosted_viewer_uri: Option<&'b str>,
    work_item_uris: &'b [String],
    facts: &'b [(&'static str, String)],
}

#[derive(Serialize)]
struct SuppressionJson<'b> {
    kind: &'b str,
    status: Option<&'b str>,
    justification: Option<&'b str>,
    place: Option<&'b str>,
}

#[derive(Serialize)]
struct TraceJson<'b> {
    kind: &'static str,
    thread: Option<&'b str>,
    message: Option<&'b str>,
    state: &'b [(String, String)],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Help<'b> {
    summary: Option<&'b str>,
    description: Option<&'b str>,
    text: Option<&'b str>,
    uri: Option<&'b str>,
    tags: &'b [String],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Code {
    path: String,
    first_line: u32,
    lines: Vec<String>,
    /// Why there are no lines.
    missing: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PlaceJson {
    path: String,
    /// The URI as the report has it, where it is not the path.
    uri: Option<String>,
    /// What holds the file, innermost first.
    inside: Vec<String>,
    line: Option<u32>,
    column: Option<u32>,
    end_line: Option<u32>,
    end_column: Option<u32>,
    snippet: Option<String>,
    logical: Option<String>,
    message: Option<String>,
}

#[derive(Serialize)]
struct StepJson {
    #[serde(flatten)]
    place: PlaceJson,
    importance: Option<String>,
    nesting: u32,
    kinds: Vec<String>,
    module: Option<String>,
    state: Vec<(String, String)>,
}

#[derive(Serialize)]
struct ProposalJson {
    id: String,
    tool: String,
    title: String,
    state: &'static str,
    reason: &'static str,
    why: String,
    files: Vec<String>,
    diff: String,
}

#[derive(Serialize)]
struct EventJson<'b> {
    #[serde(flatten)]
    event: &'b Event,
    #[serde(rename = "isTakenBack")]
    is_taken_back: bool,
}

/// One finding with everything that is printed about it.
struct Whole<'b> {
    board: &'b Board,
    finding: FindingIdx,
    why: Why,
    read: Read<'b>,
    code: Option<Snippet>,
    fixes: Vec<PlannedFix>,
    renewals: Option<String>,
    opinions: Vec<Opinion>,
    /// What people may not read of it.
    cover: Cover,
}

pub(super) fn run(
    common: &Common,
    id: &str,
    format: TextFormat,
    inputs: Vec<String>,
    out: &mut Out<'_>,
    err: &mut Out<'_>,
) -> Outcome {
    let mut work = Work::load(common, inputs, false, err)?;
    let finding = work.find(id)?;
    work.look_for_remedies(Some(finding));
    let board = &work.loaded.board;
    let mut read = finding::read(board, &work.loaded.reader, finding);
    let why = work.desk.why(board, finding);
    read.json.explain(&why);
    for problem in &read.problems {
        err.line(&problem.to_string())?;
    }
    let report = board.backlog.report(board.lead(finding));
    let place = read.parts.first().and_then(|(_, part)| part.as_ref().ok()).and_then(|detail| detail.locations.first());
    let code = place.map(|place| snippet(&work.desk.repo, place, report.made, AROUND, AROUND));
    let fixes = work.desk.preview(board, &work.loaded.reader, finding).0.fixes;
    let cover = match &code {
        Some(code) => read.cover.clone().with_code(code),
        None => read.cover.clone(),
    };
    let renewals = work.desk.renewals(board, &work.loaded.reader, finding);
    let opinions = work.desk.opinions(board, &work.loaded.reader, finding);
    let whole = Whole { board, finding, why, read, code, fixes, renewals, opinions, cover };
    match format {
        TextFormat::Json => {
            out.json(&whole.json())?;
            out.line("")?;
        }
        TextFormat::Text => whole.print(out)?,
    }
    Ok(work.exit())
}

impl Whole<'_> {
    fn rule(&self) -> Option<&Rule> {
        self.board.backlog.rules.get(self.board.lead(self.finding).rule as usize)
    }

    fn detail(&self) -> Option<&Detail> {
        self.read.parts.first()?.1.as_ref().ok()
    }

    fn flows(&self) -> impl Iterator<Item = &Flow> {
        self.read.parts.iter().filter_map(|(_, part)| part.as_ref().ok()).flat_map(|detail| &detail.flows)
    }

    fn json(&self) -> Shown<'_> {
        let rule = self.rule();
        let detail = self.detail();
        Shown {
            finding: &self.read.json,
            why: explain::json(&self.why),
            help: Help {
                summary: rule.and_then(|rule| rule.summary.as_deref()),
                description: rule.and_then(|rule| rule.description.as_deref()),
                text: detail.and_then(|detail| detail.help.as_deref()),
                uri: rule.and_then(|rule| rule.help_uri.as_deref()),
                tags: rule.map(|rule| rule.tags.as_slice()).unwrap_or_default(),
            },
            links: detail.map(|detail| detail.links.clone()).unwrap_or_default(),
            properties: detail.map(|detail| detail.properties.clone()).unwrap_or_default(),
            code: self.code.as_ref().map(code_json),
            said: detail.map(said_json),
            traces: self.flows().map(trace_json).collect(),
            related: detail.map(|detail| detail.related.iter().map(place_json).collect()).unwrap_or_default(),
            steps: self.flows().map(flow_json).collect(),
            proposals: self.fixes.iter().map(proposal_json).collect(),
            history: self
                .board
                .history(self.finding)
                .into_iter()
                .map(|past| EventJson { event: past.event, is_taken_back: past.is_taken_back })
                .collect(),
            renewals: self.renewals.as_deref(),
            opinions: &self.opinions,
            problems: self.read.problems.iter().map(ToString::to_string).collect(),
        }
    }

    fn print(&self, out: &mut Out<'_>) -> io::Result<()> {
        self.print_head(out)?;
        self.print_rule(out)?;
        self.print_code(out)?;
        self.print_opinions(out)?;
        self.print_flows(out)?;
        self.print_fixes(out)?;
        self.print_history(out)
    }

    fn print_opinions(&self, out: &mut Out<'_>) -> io::Result<()> {
        if self.opinions.is_empty() {
            return Ok(());
        }
        let waits = if self.board.is_proposed(self.finding) { "  nobody has answered" } else { "" };
        out.line("")?;
        out.ink(Ink::Title, "AI verdict")?;
        out.line(waits)?;
        for opinion in &self.opinions {
            out.line(&visible(&format!("  {} by {} ({})", opinion.proposes, opinion.by(), opinion.verdict)))?;
            let stale = opinion.stale.iter().map(|why| format!("made on other code: {why}"));
            let cites = opinion.cites.iter().map(|cited| format!("cites {cited}"));
            for text in stale.chain(opinion.reason.clone()).chain(cites) {
                for line in visible_lines(&text) {
                    out.line(&format!("    {line}"))?;
                }
            }
        }
        Ok(())
    }

    fn print_head(&self, out: &mut Out<'_>) -> io::Result<()> {
        let json = &self.read.json;
        let severity = self.board.backlog.finding(self.finding).severity;
        out.ink(Ink::Title, &json.id)?;
        out.text("  ")?;
        out.ink(Ink::Severity(severity), json.severity)?;
        let mut words = vec![json.status];
        words.extend(&json.flags);
        words.extend(json.suppressed.then_some("suppressed in the source"));
        out.line(&format!("  {}", words.join(", ")))?;
        for line in visible_lines(&self.cover.text(&json.message)) {
            out.line(&line)?;
        }
        out.line("")?;
        let cwe: Vec<String> = json.cwe.iter().map(|cwe| format!("CWE-{cwe}")).collect();
        let package = json.package.map(|package| match package.version {
            Some(version) => format!("{} {version}", package.name),
            None => package.name.to_owned(),
        });
        for (name, value) in [
            ("rule", json.rule.to_owned()),
            ("tools", json.tools.join(", ")),
            ("place", place_text(json.path, json.line)),
            ("category", json.category.to_owned()),
            ("CWE", cwe.join(", ")),
            ("advisories", json.advisories.join(", ")),
            ("package", package.unwrap_or_default()),
            ("remedy", self.remedy()),
            ("baseline", json.baseline.unwrap_or_default().to_owned()),
            ("because", self.board.standing(self.finding).words().unwrap_or_default()),
            ("first seen", first_seen(&json.timing)),
            ("due", self.board.due_in_words(self.finding).unwrap_or_default()),
            ("expires", json.expires.map(|date| date.to_string()).unwrap_or_default()),
            ("owner", json.owner.unwrap_or_default().to_owned()),
            ("decided at", self.decided_at()),
        ] {
            field(out, name, &value)?;
        }
        if json.sources.len() > 1 {
            for source in &json.sources {
                let text = format!("{} {} in {} {}", source.tool, source.rule, source.file, source.pointer);
                field(out, "result", &text)?;
            }
        }
        Ok(())
    }

    /// `src/a.py:12: git knows the flagged lines from then`.
    fn decided_at(&self) -> String {
        self.board.tied(self.finding).map_or_else(String::new, |(tie, anchor)| {
            let ask = if tie.is_sure() { "" } else { " (not sure: quell decide extend confirms it)" };
            format!("{}:{}: {}{ask}", anchor.path, anchor.line, tie.words())
        })
    }

    /// `upgrade lodash to 4.17.21 (clears 3, of which 1 act-now)`.
    fn remedy(&self) -> String {
        let remedy = self.board.remedy(self.finding);
        remedy.map(|remedy| format!("{} ({})", remedy.text, remedy.clears())).unwrap_or_default()
    }

    fn print_rule(&self, out: &mut Out<'_>) -> io::Result<()> {
        let Some(rule) = self.rule() else { return Ok(()) };
        let help = self.detail().and_then(|detail| detail.help.as_deref());
        let help = help.or(rule.description.as_deref()).or(rule.summary.as_deref());
        field(out, "tags", &rule.tags.join(", "))?;
        field(out, "help", rule.help_uri.as_deref().unwrap_or_default())?;
        for (text, uri) in self.detail().map(|detail| detail.links.as_slice()).unwrap_or_default() {
            field(out, "link", &format!("{}: {uri}", self.cover.text(text)))?;
        }
        for work_item in self.detail().map(|detail| detail.work_items.as_slice()).unwrap_or_default() {
            field(out, "work item", work_item)?;
        }
        if let Some(detail) = self.detail() {
            self.print_facts(detail, out)?;
        }
        // Many tools repeat the message as the rule's text.
        if let Some(help) = help.filter(|help| help.trim() != self.read.json.message.trim()) {
            title(out, "Rule")?;
            for line in visible_lines(help).take(MAX_HELP) {
                out.line(&line)?;
            }
            if help.lines().count() > MAX_HELP {
                out.line("… (--format json has all of it)")?;
            }
        }
        Ok(())
    }

    fn print_facts(&self, detail: &Detail, out: &mut Out<'_>) -> io::Result<()> {
        if let Some(first) = detail.locations.first() {
            field(out, "in", first.logical.as_deref().unwrap_or_default())?;
            field(out, "inside", &first.inside.join(", in "))?;
            field(out, "report has", first.uri.as_deref().unwrap_or_default())?;
        }
        field(out, "taxa", &detail.taxa.join(", "))?;
        field(out, "online", detail.hosted_uri.as_deref().unwrap_or_default())?;
        for suppression in &detail.suppressions {
            let status = suppression.status.as_deref().unwrap_or("accepted");
            let why = suppression.justification.as_deref().unwrap_or("no justification");
            field(out, "suppressed", &format!("{} {status}: {why}", suppression.kind))?;
        }
        let named = detail.facts.iter().map(|(name, value)| (*name, value));
        for (name, value) in named.chain(detail.fingerprints.iter().map(|(name, value)| (name.as_str(), value))) {
            field(out, "", &format!("{name}: {}", self.cover.text(value)))?;
        }
        Ok(())
    }

    fn print_code(&self, out: &mut Out<'_>) -> io::Result<()> {
        let Some(code) = &self.code else { return Ok(()) };
        title(out, "Code")?;
        match &code.origin {
            Origin::Missing(reason) => return out.line(reason),
            Origin::Tree { changed: true } => {
                out.ink(Ink::Dim, "the file has changed since the scan: the place may be off")?;
                out.line("")?;
            }
            Origin::Report => {
                out.ink(Ink::Dim, "as the report has it")?;
                out.line("")?;
            }
            Origin::Tree { changed: false } | Origin::Pending => {}
        }
        for (number, line) in (code.first_line..).zip(&self.cover.snippet(code).lines) {
            let sign = if code.is_flagged(number) { '>' } else { ' ' };
            out.line(format!("{sign} {number:>5}  {}", visible(&line.text)).trim_end())?;
        }
        Ok(())
    }

    fn print_flows(&self, out: &mut Out<'_>) -> io::Result<()> {
        for (number, flow) in self.flows().enumerate() {
            title(out, &format!("Flow {}", number + 1))?;
            if let Some(message) = &flow.message {
                out.line(&visible(&self.cover.text(message)))?;
            }
            for (number, step) in flow.steps.iter().take(MAX_STEPS).enumerate() {
                let place = place_text(Some(&step.location.path), some(step.location.line()));
                let message = step.location.message.as_deref().unwrap_or_default();
                let message = self.cover.text(message);
                out.line(format!("{:>3}  {}  {}", number + 1, visible(&place), visible(&message)).trim_end())?;
            }
            if flow.steps.len() > MAX_STEPS {
                out.line(&format!("and {} more steps", flow.steps.len() - MAX_STEPS))?;
            }
        }
        Ok(())
    }

    fn print_fixes(&self, out: &mut Out<'_>) -> io::Result<()> {
        for planned in &self.fixes {
            title(out, &format!("Fix {} by {}: {}", planned.id, planned.tool, planned.state.name()))?;
            for line in visible_lines(&self.cover.text(&planned.title)) {
                out.line(&line)?;
            }
            if !planned.why.is_empty() {
                out.line(&visible(&planned.why))?;
            }
            for diff in planned.diffs.iter().map(|diff| self.cover.diff(diff)) {
                out.line(&visible(&diff.op.heading(&diff.path)))?;
                for line in diff.hunks.iter().flat_map(|hunk| &hunk.lines) {
                    let text: String = line.parts.iter().map(|(_, part)| part.as_str()).collect();
                    let text = visible(&text).into_owned();
                    match line.kind {
                        LineKind::Context => out.text(&format!("  {text}"))?,
                        LineKind::Removed => out.ink(Ink::Removed, &format!("- {text}"))?,
                        LineKind::Added => out.ink(Ink::Added, &format!("+ {text}"))?,
                    }
                    out.line("")?;
                }
            }
        }
        Ok(())
    }

    fn print_history(&self, out: &mut Out<'_>) -> io::Result<()> {
        let history = self.board.history(self.finding);
        if history.is_empty() {
            return Ok(());
        }
        title(out, "History")?;
        if let Some(words) = &self.renewals {
            out.line(&visible(words))?;
        }
        let results = self.board.result_ids(self.finding);
        for past in history {
            let event = past.event;
            let mut line = format!("{}  {}  {}", event.at, event.author, event.op);
            for part in [event.end().map(|end| format!("until {end}")), event.reason.clone(), event.ticket.clone()] {
                line.extend(part.into_iter().flat_map(|part| [String::from("  "), part]));
            }
            for answer in event.answers(&results) {
                line.push_str(&format!("  {answer}"));
            }
            line.push_str(if past.is_taken_back { "  (taken back)" } else { "" });
            out.line(&visible(&line))?;
        }
        Ok(())
    }
}

fn title(out: &mut Out<'_>, text: &str) -> io::Result<()> {
    out.line("")?;
    out.ink(Ink::Title, &visible(text))?;
    out.line("")
}

/// With a word where it is only known since when at the latest.
fn first_seen(timing: &Timing) -> String {
    let or_before = if timing.first_seen_guessed { " or before" } else { "" };
    timing.first_seen.as_ref().map(|at| format!("{at}{or_before}")).unwrap_or_default()
}

fn field(out: &mut Out<'_>, name: &str, value: &str) -> io::Result<()> {
    if value.is_empty() { Ok(()) } else { out.line(&format!("{name:<12}{}", visible(value))) }
}

fn place_text(path: Option<&str>, line: Option<u32>) -> String {
    match (path, line) {
        (Some(path), Some(line)) => format!("{path}:{line}"),
        (path, _) => path.unwrap_or_default().to_owned(),
    }
}

fn some(number: u32) -> Option<u32> {
    Some(number).filter(|number| *number > 0)
}

fn place_json(location: &Location) -> PlaceJson {
    let region = location.resolved.unwrap_or(location.region);
    PlaceJson {
        path: location.path.clone(),
        uri: location.uri.clone(),
        inside: location.inside.clone(),
        line: some(region.line),
        column: some(region.column),
        end_line: some(region.end_line),
        end_column: some(region.end_column),
        snippet: location.snippet.clone(),
        logical: location.logical.clone(),
        message: location.message.clone(),
    }
}

fn said_json(detail: &Detail) -> Said<'_> {
    Said {
        markdown: detail.markdown.as_deref(),
        rank: detail.rank,
        locations: detail.locations.iter().map(place_json).collect(),
        taxa: &detail.taxa,
        fingerprints: &detail.fingerprints,
        suppressions: detail.suppressions.iter().map(suppression_json).collect(),
        hosted_viewer_uri: detail.hosted_uri.as_deref(),
        work_item_uris: &detail.work_items,
        facts: &detail.facts,
    }
}

fn suppression_json(suppression: &Suppression) -> SuppressionJson<'_> {
    SuppressionJson {
        kind: &suppression.kind,
        status: suppression.status.as_deref(),
        justification: suppression.justification.as_deref(),
        place: suppression.place.as_deref(),
    }
}

fn trace_json(flow: &Flow) -> TraceJson<'_> {
    TraceJson {
        kind: flow.kind.name(),
        thread: flow.thread.as_deref(),
        message: flow.message.as_deref(),
        state: &flow.state,
    }
}

fn flow_json(flow: &Flow) -> Vec<StepJson> {
    let step = |step: &crate::model::detail::Step| StepJson {
        place: place_json(&step.location),
        importance: step.importance.clone(),
        nesting: step.nesting,
        kinds: step.kinds.clone(),
        module: step.module.clone(),
        state: step.state.clone(),
    };
    flow.steps.iter().map(step).collect()
}

fn code_json(code: &Snippet) -> Code {
    Code {
        path: code.path.clone(),
        first_line: code.first_line,
        lines: code.lines.iter().map(|line| line.text.to_string()).collect(),
        missing: match &code.origin {
            Origin::Missing(reason) => Some(reason.clone()),
            Origin::Tree { .. } | Origin::Report | Origin::Pending => None,
        },
    }
}

fn proposal_json(planned: &PlannedFix) -> ProposalJson {
    ProposalJson {
        id: planned.id.to_string(),
        tool: planned.tool.clone(),
        title: planned.title.clone(),
        state: planned.state.name(),
        reason: planned.reason.name(),
        why: planned.why.clone(),
        files: planned.files.clone(),
        diff: planned.diffs.iter().map(diff_text).collect(),
    }
}

/// A difference as text in the unified format, to be read.
fn diff_text(diff: &FileDiff) -> String {
    let (path, new_path) = (diff.path.as_str(), diff.op.new_path().unwrap_or(&diff.path));
    let old = if diff.op == FileOp::Create { "/dev/null".to_owned() } else { format!("a/{path}") };
    let new = if diff.op == FileOp::Delete { "/dev/null".to_owned() } else { format!("b/{new_path}") };
    let mut out = format!("--- {old}\n+++ {new}\n");
    for hunk in &diff.hunks {
        out.push_str(&(hunk.heading() + "\n"));
        for line in &hunk.lines {
            out.push(line.kind.sign());
            out.push_str(&line.text());
            out.push('\n');
        }
    }
    out
}

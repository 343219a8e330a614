//! `quell status`: everything that was loaded, counted.

use jiff::civil::Date;
use serde::Serialize;

use crate::desk::Keep;
use crate::model::backlog::{Backlog, FindingIdx, Run};
use crate::model::board::Board;
use crate::model::decision::{Flag, Standing, Status};
use crate::model::funnel::{Funnel, Step};
use crate::model::grade::{Category, Severity};
use crate::model::problem::{self, Problem};
use crate::model::text::{counted, visible};

use super::args::{Common, TextFormat};
use super::exit::Outcome;
use super::out::{Ink, Out};
use super::scans::{self, Scans};
use super::work::{Work, open};

/// Days in which an end is near.
const SOON: i32 = 30;
/// The most findings that are named one by one.
const MAX_NAMED: usize = 10;

/// `status --format json`. Counts are of findings but for `results`; the counts of each table add up to `findings`,
/// `tools` apart, since several tools can report one finding.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Counts<'b> {
    repo: &'b str,
    reports: usize,
    results: usize,
    findings: usize,
    /// What is left to do: where the console and the gate start.
    open: usize,
    fixable: usize,
    /// Open findings about which a model proposes a decision that nobody has answered, and how many of those proposals were
    /// made on other code.
    ai_proposed: usize,
    ai_proposed_stale: usize,
    /// From what is out of the way to what is urgent.
    funnel: Vec<StepJson>,
    lane: Vec<Count<'static>>,
    reach: Vec<Count<'static>>,
    exposure: Vec<Count<'static>>,
    status: Vec<Count<'static>>,
    severity: Vec<Count<'static>>,
    category: Vec<Count<'static>>,
    tools: Vec<Count<'b>>,
    /// Decisions that end within 30 days, the earliest first.
    expires_soon: Vec<End>,
    /// Decisions that count no more, or for nothing by the policy, the worst finding first.
    ended: Vec<Ended>,
    flags: Vec<Count<'static>>,
    scans: Scans<'b>,
    uncommitted: usize,
    /// Decisions that are only here until they are published.
    drafts: usize,
    /// The same in words.
    #[serde(skip)]
    unshared: Vec<String>,
    /// Scans whose tool reports a failure or an error.
    incomplete: Vec<Incomplete<'b>>,
    problems: &'b [Problem],
}

/// One step of the funnel, with the query that opens its findings.
#[derive(Debug, Serialize)]
struct StepJson {
    name: &'static str,
    findings: usize,
    query: &'static str,
}

/// A scan that may have missed something.
#[derive(Debug, Serialize)]
pub(super) struct Incomplete<'b> {
    tool: &'b str,
    file: &'b str,
}

/// How many findings have a value, and how many of them are open.
#[derive(Debug, Serialize)]
struct Count<'b> {
    name: &'b str,
    open: usize,
    all: usize,
}

#[derive(Debug, Serialize)]
struct End {
    id: String,
    status: &'static str,
    expires: Date,
}

#[derive(Debug, Serialize)]
struct Ended {
    id: String,
    status: &'static str,
    /// `ended: …` or `counts for nothing: …`.
    why: String,
}

pub(super) fn run(
    common: &Common,
    format: TextFormat,
    inputs: Vec<String>,
    out: &mut Out<'_>,
    err: &mut Out<'_>,
) -> Outcome {
    let mut desk = open(common, inputs, false, err)?;
    desk.options.scans = Keep::Noted;
    let work = Work::of(desk, err)?;
    let counts = count(&work);
    match format {
        TextFormat::Json => {
            out.json(&counts)?;
            out.line("")?;
        }
        TextFormat::Text => print(&counts, out)?,
    }
    Ok(work.exit())
}

/// Adds one finding under a name, at its place in the table.
fn tally<'b>(table: &mut Vec<Count<'b>>, place: usize, name: &'b str, is_open: bool) {
    if table.len() <= place {
        table.resize_with(place + 1, || Count { name: "", open: 0, all: 0 });
    }
    let count = &mut table[place];
    count.name = name;
    count.all += 1;
    count.open += usize::from(is_open);
}

fn count(work: &Work) -> Counts<'_> {
    let board = &work.loaded.board;
    let backlog = &board.backlog;
    let (mut status, mut severity, mut category, mut flags, mut tools) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut lane, mut reach, mut exposure) = (Vec::new(), Vec::new(), Vec::new());
    let mut funnel = Funnel::default();
    let (mut open, mut fixable, mut numbers) = (0, 0, Vec::new());
    for (finding, entry) in (0..).zip(&backlog.findings) {
        let is_open = board.is_open(finding);
        open += usize::from(is_open);
        fixable += usize::from(is_open && entry.fixes > 0);
        let standing = board.standing(finding);
        tally(&mut status, standing.status as usize, Status::name(standing.status), is_open);
        tally(&mut severity, Severity::ALL.len() - entry.severity as usize, Severity::name(entry.severity), is_open);
        let judged = board.judged(finding).unwrap_or_default();
        tally(&mut lane, judged.lane as usize, judged.lane.name(), is_open);
        tally(&mut reach, judged.reach as usize, judged.reach.name(), is_open);
        tally(&mut exposure, judged.exposure as usize, judged.exposure.name(), is_open);
        funnel.add(Step::of(board, finding), 1);
        let kind = board.lead(finding).category();
        tally(&mut category, kind as usize, Category::name(kind), is_open);
        for flag in board.flags(finding).iter() {
            tally(&mut flags, flag as usize, Flag::name(flag), is_open);
        }
        let members = backlog.members(finding);
        numbers.clear();
        numbers.extend(members.iter().map(|&result| backlog.run(backlog.record(result)).tool));
        numbers.sort_unstable();
        numbers.dedup();
        for &tool in &numbers {
            tally(&mut tools, tool as usize, &backlog.tools[tool as usize].name, is_open);
        }
    }
    let unshared = work.desk.unshared();
    let waiting = board.standings.proposals.all();
    let mut waiting_stale = waiting.clone();
    waiting_stale.keep(&board.ai_stale);
    Counts {
        repo: &board.repo,
        reports: backlog.reports.len(),
        results: backlog.results.len(),
        findings: backlog.findings.len(),
        open,
        fixable,
        ai_proposed: waiting.len(),
        ai_proposed_stale: waiting_stale.len(),
        funnel: Step::ALL
            .iter()
            .map(|step| StepJson { name: step.name(), findings: funnel.count(*step), query: step.query() })
            .collect(),
        lane: without_empty(lane),
        reach: without_empty(reach),
        exposure: without_empty(exposure),
        status: without_empty(status),
        severity: without_empty(severity),
        category: without_empty(category),
        tools: without_empty(tools),
        expires_soon: ends(board),
        ended: ended(board),
        flags: without_empty(flags),
        scans: scans::of(board),
        uncommitted: unshared.uncommitted,
        drafts: unshared.drafts,
        unshared: unshared.words(),
        incomplete: incomplete(backlog),
        problems: &work.loaded.problems,
    }
}

/// Scans whose tool says that something went wrong, each tool and report once.
pub(super) fn incomplete(backlog: &Backlog) -> Vec<Incomplete<'_>> {
    let runs = backlog.runs.iter().filter(|run| !run.is_whole);
    let scan = |run: &Run| {
        let (tool, report) = (backlog.tools.get(run.tool as usize), backlog.reports.get(run.report as usize));
        Some(Incomplete { tool: &tool?.name, file: &report?.name })
    };
    let mut scans: Vec<Incomplete<'_>> = runs.filter_map(scan).collect();
    scans.dedup_by(|a, b| (a.tool, a.file) == (b.tool, b.file));
    scans
}

fn without_empty(mut table: Vec<Count<'_>>) -> Vec<Count<'_>> {
    table.retain(|count| count.all > 0);
    table
}

fn ends(board: &Board) -> Vec<End> {
    let days = |date: Date| board.today.until(date).map_or(i32::MAX, |span| span.get_days());
    let mut ends: Vec<(Date, FindingIdx)> = (0..)
        .zip(board.standings.iter())
        .filter(|(_, standing)| !standing.has_lapsed())
        .filter_map(|(finding, standing)| Some((standing.expires?, finding)))
        .filter(|(date, _)| (0..=SOON).contains(&days(*date)))
        .collect();
    ends.sort_unstable();
    let end = |(expires, finding): (Date, FindingIdx)| End {
        id: board.backlog.id(finding).to_string(),
        status: board.status(finding).name(),
        expires,
    };
    ends.into_iter().map(end).collect()
}

fn ended(board: &Board) -> Vec<Ended> {
    // Mostly none has, and the order of all is not made for nothing.
    if !board.standings.decided().iter().any(Standing::has_lapsed) {
        return Vec::new();
    }
    let lapsed = board.worst_first().iter().filter(|&&finding| board.standing(finding).has_lapsed());
    let ended = |&finding: &FindingIdx| {
        let standing = board.standing(finding);
        let id = board.backlog.id(finding).to_string();
        Some(Ended { id, status: standing.status.name(), why: standing.words()? })
    };
    lapsed.filter_map(ended).collect()
}

fn print(counts: &Counts<'_>, out: &mut Out<'_>) -> std::io::Result<()> {
    out.ink(Ink::Title, counts.repo)?;
    out.line(&format!(
        ": {} in {} from {}",
        counted(counts.findings, "finding", "findings"),
        counted(counts.results, "result", "results"),
        counted(counts.reports, "report", "reports")
    ))?;
    out.line(&format!("{} open, {} of them with a fix", counts.open, counts.fixable))?;
    if counts.ai_proposed > 0 {
        let waiting = counted(counts.ai_proposed, "finding waits", "findings wait");
        let stale = match counts.ai_proposed_stale {
            0 => String::new(),
            count => format!(", {count} of them by verdicts on other code (is:ai-stale)"),
        };
        out.line(&format!("{waiting} for an answer to what a model proposes{stale}: quell ai lists them"))?;
    }
    print_funnel(counts, out)?;
    for (title, table) in [
        ("lane", &counts.lane),
        ("reach", &counts.reach),
        ("exposure", &counts.exposure),
        ("status", &counts.status),
        ("severity", &counts.severity),
        ("category", &counts.category),
        ("flag", &counts.flags),
        ("tool", &counts.tools),
    ] {
        print_table(title, table, out)?;
    }
    for Ended { id, status, why } in counts.ended.iter().take(MAX_NAMED) {
        out.line(&visible(&format!("{id} is {status}, {why}")))?;
    }
    if counts.ended.len() > MAX_NAMED {
        let count = counts.ended.len() - MAX_NAMED;
        out.line(&format!("and {count} more decisions that do not count: flag:expired,against-policy"))?;
    }
    counts.scans.print(out)?;
    for end in counts.expires_soon.iter().take(MAX_NAMED) {
        out.line(&format!("{} is {} until {}", end.id, end.status, end.expires))?;
    }
    if counts.expires_soon.len() > MAX_NAMED {
        out.line(&format!("and {} more decisions end within {SOON} days", counts.expires_soon.len() - MAX_NAMED))?;
    }
    for line in &counts.unshared {
        out.line(line)?;
    }
    print_incomplete(&counts.incomplete, out)?;
    if !counts.problems.is_empty() {
        out.line(&format!("{}: run `quell check` to see them", problem::tally(counts.problems)))?;
    }
    Ok(())
}

/// A scan that failed must not look clean.
pub(super) fn print_incomplete(scans: &[Incomplete<'_>], out: &mut Out<'_>) -> std::io::Result<()> {
    for Incomplete { tool, file } in scans.iter().take(MAX_NAMED) {
        out.line(&visible(&format!("{tool} reports a failure in {file}: findings may be missing")))?;
    }
    if scans.len() > MAX_NAMED {
        out.line(&format!("and {} more scans that report a failure", scans.len() - MAX_NAMED))?;
    }
    Ok(())
}

/// Every finding stands at one step; the query opens its list.
fn print_funnel(counts: &Counts<'_>, out: &mut Out<'_>) -> std::io::Result<()> {
    out.line("")?;
    out.ink(Ink::Title, &format!("{:<24}{:>9}{:>9}", "funnel", "findings", "left"))?;
    out.line("")?;
    let mut left = counts.findings;
    for step in &counts.funnel {
        out.line(&format!("{:<24}{:>9}{left:>9}  {}", step.name, step.findings, step.query))?;
        left -= step.findings;
    }
    Ok(())
}

fn print_table(title: &str, table: &[Count<'_>], out: &mut Out<'_>) -> std::io::Result<()> {
    if table.is_empty() {
        return Ok(());
    }
    out.line("")?;
    out.ink(Ink::Title, &format!("{title:<24}{:>9}{:>9}", "open", "all"))?;
    out.line("")?;
    for count in table {
        let name = crate::model::text::visible(count.name);
        out.line(&format!("{name:<24}{:>9}{:>9}", count.open, count.all))?;
    }
    Ok(())
}

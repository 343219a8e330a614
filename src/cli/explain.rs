//! `quell explain`: why a finding stands where it stands.

use std::io;

use serde::Serialize;

use crate::model::evidence::{Basis, Frame};
use crate::model::home::Part;
use crate::model::reach::{Chain, Doubt, LaneInput, Row, RungState, Term, Why};

use super::args::{Common, TextFormat};
use super::exit::Outcome;
use super::out::{Ink, Out};
use super::work::Work;

/// `explain --format json`, and `why` of `show --format json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WhyJson<'w> {
    reach: &'static str,
    exposure: &'static str,
    lane: &'static str,
    lane_max: &'static str,
    score: u8,
    /// Each rung with what it holds (`yes`, `no`, `both`, null), by which strength, and why.
    rungs: Vec<RungJson<'w>>,
    services: &'w [Box<str>],
    workloads: &'w [Box<str>],
    images: &'w [Box<str>],
    /// How the deployment files lead to its code.
    exposure_paths: Vec<ChainJson<'w>>,
    verdict: &'w str,
    rule: &'w str,
    table: &'static str,
    settings: Option<&'w str>,
    inputs: &'w [LaneInput],
    evidence: Vec<RowJson<'w>>,
    conflicts: &'w [String],
    terms: &'w [Term],
    doubts: &'w [Doubt],
}

#[derive(Serialize)]
struct RungJson<'w> {
    rung: &'static str,
    holds: Option<&'static str>,
    strength: Option<u8>,
    reason: Option<&'w str>,
}

#[derive(Serialize)]
struct ChainJson<'w> {
    exposure: &'static str,
    why: &'w str,
    /// `module` is what each step is: internet, entry, service, workload, container, image, folder.
    path: Vec<FrameJson<'w>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RowJson<'w> {
    rung: &'static str,
    polarity: &'static str,
    basis: &'static str,
    strength: u8,
    words: &'w str,
    scope: Option<&'w str>,
    file: &'w str,
    pointer: &'w str,
    tool: &'w str,
    made: Option<String>,
    age_days: Option<i64>,
    commit: Option<&'w str>,
    is_guessed: bool,
    commit_distance: Option<usize>,
    doubt: Option<&'w str>,
    path: Vec<FrameJson<'w>>,
}

/// A step of a path of calls.
#[derive(Serialize)]
pub(super) struct FrameJson<'w> {
    module: &'w str,
    function: &'w str,
    path: &'w str,
    line: Option<u32>,
    own: bool,
}

pub(super) fn run(
    common: &Common,
    id: &str,
    format: TextFormat,
    inputs: Vec<String>,
    out: &mut Out<'_>,
    err: &mut Out<'_>,
) -> Outcome {
    let work = Work::load(common, inputs, false, err)?;
    let finding = work.find(id)?;
    let board = &work.loaded.board;
    let why = work.desk.why(board, finding);
    match format {
        TextFormat::Json => {
            out.json(&json(&why))?;
            out.line("")?;
        }
        TextFormat::Text => {
            let lead = board.backlog.lead(finding);
            out.ink(Ink::Title, &board.backlog.id(finding).to_string())?;
            let rule = board.backlog.rules.get(lead.rule as usize).map_or("", |rule| rule.id.as_str());
            out.line(&format!("  {rule}  {}:{}", board.backlog.path(lead), lead.line))?;
            print(&why, out)?;
        }
    }
    Ok(work.exit())
}

pub(super) fn json(why: &Why) -> WhyJson<'_> {
    let judged = why.judged;
    WhyJson {
        reach: judged.reach.name(),
        exposure: judged.exposure.name(),
        lane: judged.lane.name(),
        lane_max: judged.lane_max.name(),
        score: judged.score,
        rungs: why.rungs.iter().map(rung).collect(),
        services: &why.home.services,
        workloads: &why.home.workloads,
        images: &why.home.images,
        exposure_paths: why.chains.iter().map(chain).collect(),
        verdict: &why.verdict,
        rule: &why.lane,
        table: why.table.name(),
        settings: why.settings.as_deref(),
        inputs: &why.inputs,
        evidence: why.evidence.iter().map(row).collect(),
        conflicts: &why.conflicts,
        terms: &why.terms,
        doubts: &why.doubts,
    }
}

fn rung(state: &RungState) -> RungJson<'_> {
    let RungState { rung, held, strength, reason } = state;
    RungJson { rung: rung.name(), holds: held.word(), strength: *strength, reason: reason.as_deref() }
}

fn chain(chain: &Chain) -> ChainJson<'_> {
    let Chain { exposure, words, frames } = chain;
    ChainJson { exposure: exposure.name(), why: words, path: frames.iter().map(frame).collect() }
}

fn row(row: &Row) -> RowJson<'_> {
    RowJson {
        rung: row.rung.name(),
        polarity: row.polarity.name(),
        basis: row.basis.name(),
        strength: row.strength,
        words: &row.words,
        scope: row.scope.as_deref(),
        file: &row.file,
        pointer: &row.pointer,
        tool: &row.tool,
        made: row.made.map(|made| made.to_string()),
        age_days: row.age,
        commit: row.commit.as_deref(),
        is_guessed: row.is_guessed,
        commit_distance: row.distance,
        doubt: row.doubt.as_deref(),
        path: row.path.iter().map(frame).collect(),
    }
}

pub(super) fn frame(frame: &Frame) -> FrameJson<'_> {
    let Frame { module, function, path, line, is_own, .. } = frame;
    FrameJson { module, function, path, line: (*line > 0).then_some(*line), own: *is_own }
}

/// The reasons as text, for `explain` and `show`.
pub(super) fn print(why: &Why, out: &mut Out<'_>) -> io::Result<()> {
    out.one_line(&why.verdict)?;
    out.one_line(&why.lane)?;
    if let Some(settings) = &why.settings {
        out.one_line(&format!("  {settings}"))?;
    }
    for input in &why.inputs {
        out.one_line(&format!("  {:<13} {:<8} {}", input.name, input.value, input.why))?;
    }
    print_chains(why, out)?;
    section("Ladder", out)?;
    let held = |state: &RungState| format!("{}{}", state.rung.name(), state.held.name());
    out.one_line(&format!("  {}", why.rungs.iter().map(held).collect::<Vec<_>>().join(" ")))?;
    if !why.conflicts.is_empty() {
        section("Conflicts", out)?;
        for conflict in &why.conflicts {
            out.one_line(&format!("  {conflict}"))?;
        }
    }
    section("Evidence", out)?;
    if why.evidence.is_empty() {
        out.line("  none was read; `quell evidence` lists what there is")?;
    }
    for row in &why.evidence {
        print_row(row, out)?;
    }
    section(&format!("Score {}", why.judged.score), out)?;
    for term in &why.terms {
        let source = if term.source.is_empty() { String::new() } else { format!("  ({})", term.source) };
        out.one_line(&format!("  {:>+4}  {:<9} {}{source}", term.points, term.name, term.why))?;
    }
    if !why.doubts.is_empty() {
        section("What would change this", out)?;
        for doubt in &why.doubts {
            out.one_line(&format!("  {}", doubt.words))?;
            if let Some(command) = &doubt.command {
                out.one_line(&format!("    {command}"))?;
            }
        }
    }
    Ok(())
}

fn section(name: &str, out: &mut Out<'_>) -> io::Result<()> {
    out.line("")?;
    out.ink(Ink::Title, name)?;
    out.line("")
}

/// How the internet comes to its code, or who runs it.
fn print_chains(why: &Why, out: &mut Out<'_>) -> io::Result<()> {
    if why.chains.is_empty() && why.home.is_empty() {
        return Ok(());
    }
    section("Where it runs", out)?;
    for part in Part::ALL.iter().filter(|part| !why.home.names(**part).is_empty()) {
        out.one_line(&format!("  {:<13} {}", part.name(), why.home.names(*part).join(", ")))?;
    }
    for chain in &why.chains {
        out.one_line(&format!("  {:<13} {}", chain.exposure.name(), chain.words))?;
        for (depth, frame) in chain.frames.iter().enumerate() {
            let place = frame.place();
            let place = if place.is_empty() { place } else { format!("  {place}") };
            out.one_line(&format!("    {}{}{place}", "  ".repeat(depth), frame.step()))?;
        }
    }
    Ok(())
}

fn print_row(row: &Row, out: &mut Out<'_>) -> io::Result<()> {
    out.one_line(&format!("  {} {}", row.strength, row.words))?;
    let doubt = row.doubt.as_deref().map(|doubt| format!("; {doubt}")).unwrap_or_default();
    out.one_line(&format!("    {}{doubt}", row.origin()))?;
    if let Some(scope) = &row.scope {
        out.one_line(&format!("    {scope}"))?;
    }
    // What the deployment files say stands above.
    for step in row.path.iter().filter(|_| row.basis != Basis::Deployment) {
        out.one_line(&format!("      {} {} {}", step.module, step.function, step.place()))?;
    }
    Ok(())
}

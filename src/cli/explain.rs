//! `quell explain`: why a finding stands where it stands.

use std::io;

use serde::Serialize;

use crate::model::evidence::{Frame, Rung};
use crate::model::reach::{Doubt, LaneInput, Row, Term, Why};

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
    /// Each rung with what it holds: `yes`, `no`, `both`, null.
    rungs: Vec<RungJson>,
    verdict: &'w str,
    rule: &'w str,
    inputs: Vec<InputJson<'w>>,
    evidence: Vec<RowJson<'w>>,
    conflicts: &'w [String],
    terms: Vec<TermJson<'w>>,
    doubts: Vec<DoubtJson<'w>>,
}

#[derive(Serialize)]
struct RungJson {
    rung: &'static str,
    holds: Option<&'static str>,
}

#[derive(Serialize)]
struct InputJson<'w> {
    name: &'static str,
    value: &'static str,
    why: &'w str,
}

#[derive(Serialize)]
struct RowJson<'w> {
    rung: &'static str,
    polarity: &'static str,
    strength: u8,
    words: &'w str,
    file: &'w str,
    pointer: &'w str,
    tool: &'w str,
    made: Option<String>,
    commit: Option<&'w str>,
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

/// One term of the score.
#[derive(Serialize)]
struct TermJson<'w> {
    name: &'static str,
    points: i32,
    why: &'w str,
    source: &'w str,
}

#[derive(Serialize)]
struct DoubtJson<'w> {
    words: &'w str,
    command: Option<&'w str>,
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
        rungs: Rung::ALL
            .iter()
            .map(|rung| RungJson { rung: rung.name(), holds: judged.rungs.get(*rung).word() })
            .collect(),
        verdict: &why.verdict,
        rule: &why.lane,
        inputs: why.inputs.iter().map(|LaneInput { name, value, why }| InputJson { name, value, why }).collect(),
        evidence: why.evidence.iter().map(row).collect(),
        conflicts: &why.conflicts,
        terms: terms(&why.terms),
        doubts: why
            .doubts
            .iter()
            .map(|Doubt { words, command }| DoubtJson { words, command: command.as_deref() })
            .collect(),
    }
}

fn terms(terms: &[Term]) -> Vec<TermJson<'_>> {
    terms.iter().map(|Term { name, points, why, source }| TermJson { name, points: *points, why, source }).collect()
}

fn row(row: &Row) -> RowJson<'_> {
    RowJson {
        rung: row.rung.name(),
        polarity: row.polarity.name(),
        strength: row.strength,
        words: &row.words,
        file: &row.file,
        pointer: &row.pointer,
        tool: &row.tool,
        made: row.made.map(|made| made.to_string()),
        commit: row.commit.as_deref(),
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
    out.line(&why.verdict)?;
    out.line(&why.lane)?;
    for input in &why.inputs {
        out.line(&format!("  {:<13} {:<8} {}", input.name, input.value, input.why))?;
    }
    section("Ladder", out)?;
    let held = |rung: &Rung| format!("{}{}", rung.name(), why.judged.rungs.get(*rung).name());
    out.line(&format!("  {}", Rung::ALL.iter().map(held).collect::<Vec<_>>().join(" ")))?;
    if !why.conflicts.is_empty() {
        section("Conflicts", out)?;
        for conflict in &why.conflicts {
            out.line(&format!("  {conflict}"))?;
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
        out.line(&format!("  {:>+4}  {:<9} {}{source}", term.points, term.name, term.why))?;
    }
    if !why.doubts.is_empty() {
        section("What would change this", out)?;
        for doubt in &why.doubts {
            out.line(&format!("  {}", doubt.words))?;
            if let Some(command) = &doubt.command {
                out.line(&format!("    {command}"))?;
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

fn print_row(row: &Row, out: &mut Out<'_>) -> io::Result<()> {
    out.line(&format!("  {} {}", row.strength, row.words))?;
    let by = if row.tool.is_empty() { String::new() } else { format!("{}: ", row.tool) };
    let day = row.made.map(|made| made.strftime(", %Y-%m-%d").to_string()).unwrap_or_default();
    let commit = row.commit.as_deref().map(|id| format!(", at {id}")).unwrap_or_default();
    let doubt = row.doubt.as_deref().map(|doubt| format!("; {doubt}")).unwrap_or_default();
    out.line(&format!("    {by}{} {}{day}{commit}{doubt}", row.file, row.pointer))?;
    for step in &row.path {
        let line = if step.line > 0 { format!(":{}", step.line) } else { String::new() };
        out.line(&format!("      {} {} {}{line}", step.module, step.function, step.path))?;
    }
    Ok(())
}

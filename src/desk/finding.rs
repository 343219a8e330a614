//! A finding as JSON: the contract that scripts rely on. Every key is present; what is not known is null.

use jiff::civil::Date;
use serde::Serialize;

use crate::ingest::Reader;
use crate::model::backlog::{FindingIdx, Package, Record, ResultIdx};
use crate::model::board::Board;
use crate::model::decision::Flag;
use crate::model::detail::{Detail, Location};
use crate::model::grade::{Baseline, Category};
use crate::model::home::Part;
use crate::model::problem::Problem;
use crate::model::reach::{Term, Why};
use crate::model::secret::Cover;

use super::{Parts, details};

/// One finding (`list --format json` is an array of these).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding<'b> {
    pub id: String,
    pub repo: &'b str,
    pub tool: &'b str,
    pub tools: Vec<&'b str>,
    pub rule: &'b str,
    pub rule_name: Option<&'b str>,
    pub severity: &'static str,
    pub level: &'static str,
    pub kind: &'static str,
    pub message: String,
    pub cwe: &'b [u32],
    pub category: &'static str,
    pub path: Option<&'b str>,
    pub line: Option<u32>,
    pub column: Option<u32>,
    pub end_line: Option<u32>,
    pub end_column: Option<u32>,
    pub place: Option<Place<'b>>,
    pub package: Option<PackageJson<'b>>,
    pub advisories: Vec<&'b str>,
    pub remedy: Option<String>,
    pub status: &'static str,
    /// Why a decision does not count any more, or not yet.
    pub status_why: Option<&'b str>,
    pub flags: Vec<&'static str>,
    pub baseline: Option<&'static str>,
    pub suppressed: bool,
    #[serde(flatten)]
    pub timing: Timing,
    pub expires: Option<Date>,
    pub owner: Option<&'b str>,
    pub decided_at: Option<DecidedAt<'b>>,
    pub reach: Option<&'static str>,
    pub exposure: Option<&'static str>,
    pub services: Vec<&'b str>,
    pub workloads: Vec<&'b str>,
    pub images: Vec<&'b str>,
    pub lane: Option<&'static str>,
    pub lane_max: Option<&'static str>,
    pub score: Option<u8>,
    pub terms: Vec<Term>,
    pub fixes: u8,
    pub flows: u8,
    pub twins: usize,
    /// What models say of it.
    pub ai: Vec<AiJson<'b>>,
    pub lineage: Option<String>,
    pub fingerprint: Option<String>,
    pub sources: Vec<Source<'b>>,
}

/// Since when a finding is there, and until when it may be.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Timing {
    /// Whether no earlier scan has it, or its report calls it new.
    pub new: bool,
    pub first_seen: Option<String>,
    /// Whether it may have been there before.
    pub first_seen_guessed: bool,
    pub due: Option<Date>,
    pub overdue: bool,
}

/// What a model says of a finding.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct AiJson<'b> {
    pub model: &'b str,
    /// A decision, or `unsure`.
    pub proposes: &'static str,
    /// In percent.
    pub confidence: Option<u8>,
    /// Whether nobody has answered.
    pub waits: bool,
}

/// Where the console goes for a finding.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Place<'b> {
    pub path: &'b str,
    pub line: Option<u32>,
    pub why: &'static str,
}

/// A package as JSON.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct PackageJson<'b> {
    pub name: &'b str,
    pub version: Option<&'b str>,
    pub purl: Option<&'b str>,
}

/// One result of a finding, with what it says itself.
#[derive(Debug, Serialize)]
pub struct Source<'b> {
    pub file: &'b str,
    pub pointer: String,
    pub tool: &'b str,
    pub rule: &'b str,
    pub path: Option<&'b str>,
    pub line: Option<u32>,
    pub level: &'static str,
    pub message: String,
}

impl Finding<'_> {
    /// Adds the terms of its score.
    pub fn explain(&mut self, why: &Why) {
        self.terms.clone_from(&why.terms);
    }
}

/// A finding with what could not be decoded of it.
pub struct Read<'b> {
    pub json: Finding<'b>,
    pub problems: Vec<Problem>,
    pub parts: Parts,
    /// What people may not read of it.
    pub cover: Cover,
}

/// Decodes a finding.
pub fn read<'b>(board: &'b Board, reader: &Reader, finding: FindingIdx) -> Read<'b> {
    let parts = details(board, reader, finding);
    let problems = parts.iter().filter_map(|(_, part)| part.as_ref().err().cloned()).collect();
    let details = parts.iter().filter_map(|(_, part)| part.as_ref().ok());
    let cover = Cover::of(board.backlog.is_secret(finding), details);
    Read { json: of(board, finding, &parts), problems, parts, cover }
}

fn of<'b>(board: &'b Board, finding: FindingIdx, parts: &Parts) -> Finding<'b> {
    let backlog = &board.backlog;
    let (entry, lead, standing) = (backlog.finding(finding), backlog.lead(finding), board.standing(finding));
    let members = backlog.members(finding);
    let judged = board.judged(finding);
    let rule = backlog.rules.get(lead.rule as usize);
    let path = path(board, lead);
    let package = members.iter().find_map(|&result| backlog.package_of(result));
    let mut advisories: Vec<&str> = Vec::new();
    for id in members.iter().flat_map(|&result| backlog.advisories_of(result)) {
        if !advisories.contains(&&**id) {
            advisories.push(id);
        }
    }
    Finding {
        id: backlog.id(finding).to_string(),
        repo: &board.repo,
        tool: &backlog.tool(lead).name,
        tools: backlog.tool_names(finding),
        rule: rule.map_or("", |rule| &rule.id),
        rule_name: rule.and_then(|rule| rule.name.as_deref()),
        severity: entry.severity.name(),
        level: lead.level().name(),
        kind: lead.kind().name(),
        message: message(board, members[0], parts),
        cwe: backlog.cwe(finding),
        category: lead.category().name(),
        path,
        line: stated(lead.line),
        column: stated(lead.column),
        end_line: stated(lead.end_line),
        end_column: stated(lead.end_column),
        place: place(board, finding, path, line_to_go(lead, members[0], parts)),
        package: package.map(package_json),
        advisories,
        remedy: board.remedy(finding).map(|remedy| remedy.text.to_string()),
        status: standing.status.name(),
        status_why: standing.why.as_deref(),
        flags: board.flags(finding).iter().map(Flag::name).collect(),
        baseline: Some(lead.baseline()).filter(|state| *state != Baseline::Unstated).map(Baseline::name),
        suppressed: members.iter().all(|&result| backlog.record(result).is_suppressed()),
        timing: timing(board, finding),
        expires: standing.expires,
        owner: board.owner(finding),
        decided_at: board.tied(finding).map(|(tie, anchor)| DecidedAt {
            path: &anchor.path,
            line: stated(anchor.line),
            by: tie.name(),
            is_sure: tie.is_sure(),
        }),
        reach: judged.map(|judged| judged.reach.name()),
        exposure: judged.map(|judged| judged.exposure.name()),
        services: home(board, finding, Part::Service),
        workloads: home(board, finding, Part::Workload),
        images: home(board, finding, Part::Image),
        lane: judged.map(|judged| judged.lane.name()),
        lane_max: judged.map(|judged| judged.lane_max.name()),
        score: judged.map(|judged| judged.score),
        terms: Vec::new(),
        fixes: entry.fixes,
        flows: entry.flows,
        twins: members.len() - 1,
        ai: ai(board, finding),
        lineage: None,
        fingerprint: detail(parts, members[0]).and_then(|detail| Some(detail.fingerprints.first()?.1.clone())),
        sources: members.iter().map(|&result| source(board, result, parts)).collect(),
    }
}

fn ai(board: &Board, finding: FindingIdx) -> Vec<AiJson<'_>> {
    let waiting = board.proposed(finding);
    let told = board.verdicts(finding).into_iter().map(|verdict| AiJson {
        model: verdict.model,
        proposes: verdict.says.name(),
        confidence: verdict.confidence,
        waits: waiting.contains(&verdict),
    });
    told.collect()
}

fn timing(board: &Board, finding: FindingIdx) -> Timing {
    Timing {
        new: board.is_new(finding),
        first_seen: board.first_seen(finding).map(|at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
        first_seen_guessed: board.is_first_seen_guessed(finding),
        due: board.due(finding),
        overdue: board.is_overdue(finding),
    }
}

/// Where a finding was when it was decided upon, and what shows that.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DecidedAt<'b> {
    pub path: &'b str,
    pub line: Option<u32>,
    pub by: &'static str,
    pub is_sure: bool,
}

/// What its code runs in, of all its results.
fn home(board: &Board, finding: FindingIdx, part: Part) -> Vec<&str> {
    let records = board.backlog.members(finding).iter().map(|&result| board.backlog.record(result));
    let homes = records.filter_map(|record| board.reaches.homes.of(record));
    let mut names: Vec<&str> = homes.flat_map(|home| home.names(part)).map(|name| &**name).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Where to go: for a package to the code that uses it, where the evidence shows it, else to its line in the manifest.
fn place<'b>(board: &'b Board, finding: FindingIdx, path: Option<&'b str>, line: Option<u32>) -> Option<Place<'b>> {
    let is_package = board.lead(finding).category() == Category::Dependency;
    if let Some(frame) = board.own_frame(finding).filter(|_| is_package) {
        return Some(Place { path: &frame.path, line: stated(frame.line), why: "first own frame" });
    }
    let why = if is_package { "manifest line" } else { "report" };
    path.map(|path| Place { path, line, why })
}

fn source<'b>(board: &'b Board, result: ResultIdx, parts: &Parts) -> Source<'b> {
    let backlog = &board.backlog;
    let record = backlog.record(result);
    Source {
        file: &backlog.report(record).name,
        pointer: backlog.pointer(result),
        tool: &backlog.tool(record).name,
        rule: backlog.rules.get(record.rule as usize).map_or("", |rule| &rule.id),
        path: path(board, record),
        line: stated(record.line),
        level: record.level().name(),
        message: message(board, result, parts),
    }
}

/// The message of a result; where it cannot be decoded, the words that were kept for search.
fn message(board: &Board, result: ResultIdx, parts: &Parts) -> String {
    match detail(parts, result) {
        Some(detail) => detail.message.clone(),
        None => board.backlog.messages.get(result),
    }
}

fn detail(parts: &Parts, result: ResultIdx) -> Option<&Detail> {
    parts.iter().find(|(part, _)| *part == result)?.1.as_ref().ok()
}

fn path<'b>(board: &'b Board, record: &Record) -> Option<&'b str> {
    board.backlog.paths.get(record.path).map(|path| path.text)
}

/// The line of the record; where the report counts bytes or characters, the line that they lead to.
fn line_to_go(lead: &Record, result: ResultIdx, parts: &Parts) -> Option<u32> {
    let resolved = || detail(parts, result)?.locations.first().map(Location::line);
    stated(lead.line).or_else(|| stated(resolved()?))
}

/// A line or column; `None` for 0, which is "not stated".
fn stated(number: u32) -> Option<u32> {
    Some(number).filter(|number| *number > 0)
}

fn package_json(package: &Package) -> PackageJson<'_> {
    PackageJson { name: &package.name, version: package.version.as_deref(), purl: package.purl.as_deref() }
}

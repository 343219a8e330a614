//! The verdict, the lane and the score of a finding, from all that is said of it.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;
use rayon::prelude::*;

use crate::model::backlog::{Backlog, FindingIdx, NONE, Record, ResultIdx};
use crate::model::bits::Bits;
use crate::model::board::Board;
use crate::model::claim::Claim;
use crate::model::evidence::{Basis, Document, Entry, Polarity, Ran, Rung, Statement};
use crate::model::exposure::{Exposure, Graph, Reached};
use crate::model::grade::{Category, Severity};
use crate::model::home::{self, Homes, Part};
use crate::model::priority::{Impact, Priority, Table, Weight};
use crate::model::reach::{Age, Ages, Judged, Lane, Note, Reach, Reaches, Verdicts, own_time};
use crate::model::role::Role;

use super::deployed;
use super::join::{Join, Threat};
use super::ladder::{Ladder, Piece};
use super::lane::{Deployer, Exploitation, Inputs, Surface, Tri, deployer_lanes, lanes};
use super::routes::Routed;
use super::score::{self, Parts};
use super::usage::Usage;
use super::worth::{Weakness, weakness_of_claim, weakness_of_run, worths};

/// All that verdicts are made of.
pub struct Known<'a> {
    pub backlog: &'a Backlog,
    pub join: &'a Join,
    pub ages: Ages,
    /// Documents that the scanned repository itself holds, by number: whoever can commit can write them.
    pub own: &'a [bool],
    pub graph: &'a Graph,
    /// Which packages the tree imports.
    pub usage: &'a Usage,
    /// What the repository and what is built from it are called (`product_name`).
    pub names: &'a BTreeSet<String>,
    /// By number of a path.
    pub places: &'a [PlaceFacts],
    /// What the code of each path and image runs in.
    pub homes: &'a Arc<Homes>,
    /// By number of a run: the context of the graph that the image is built from which it scanned.
    pub built: &'a [Option<u32>],
    /// By number of a home: statements that name only what runs there.
    pub said: &'a [Vec<u32>],
    /// Attacks that met the handler that a finding lies in.
    pub routed: &'a Routed,
    /// The table of the lanes and the weights of the score.
    pub priority: &'a Priority,
    pub board: &'a Board,
}

/// What a path itself says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PlaceFacts {
    pub role: Role,
    pub exposure: Exposure,
}

/// Where something that is said stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Origin {
    Statement(u32, Scope),
    Claim(ResultIdx, Claim),
    Flow(ResultIdx),
    Role(ResultIdx),
    Deployment(ResultIdx),
    Usage(ResultIdx),
}

/// How a statement came to be about a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// It names the advisory, the package or the line.
    Named,
    /// It names a program that the package is, or is part of.
    Program,
    /// It names what the code goes into.
    Deployed,
    /// It names an address whose handler the finding lies in.
    Route,
}

/// A finding as it is judged.
#[derive(Debug, Default)]
pub(super) struct Case {
    pub(super) judged: Judged,
    pub(super) ladder: Ladder,
    pub(super) parts: Parts,
    pub(super) inputs: Inputs,
    /// Where the deployer's table gives the lane.
    pub(super) deployer: Option<Deployer>,
    pub(super) threat: Threat,
    pub(super) role: Role,
    /// What decided the lane beside the table.
    pub(super) rule: Option<Beside>,
    /// Whether a statement of not affected was not taken because another one says affected.
    pub(super) is_contradicted: bool,
    /// Whether a no was not taken because the package is a framework, a server or a runtime.
    pub(super) is_runtime: bool,
}

/// Rules of the lane beside the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beside {
    /// Somebody was seen to exploit it here.
    SeenHere,
    /// A secret that works.
    WorkingSecret,
    /// A secret that does not work any more.
    DeadSecret,
    /// A weakness of low severity in code is scheduled at most.
    Minor,
    /// So is what linters say without a CWE: their levels are about style and mistakes.
    Lint,
}

/// Judges every finding; a few hundredths of a microsecond for one that nothing is said of.
pub fn judge_all(known: &Known<'_>) -> Reaches {
    let backlog = known.backlog;
    let mut links = known.join.links(backlog);
    if !known.routed.is_empty() {
        links.extend(known.routed.links());
        links.sort_unstable();
        links.dedup();
    }
    let mut verdicts = Verdicts::with_capacity(backlog.findings.len());
    let mut kinds: HashMap<Kind, Judged, RandomState> = HashMap::default();
    let mut rest = links.as_slice();
    for finding in (0..).take(backlog.findings.len()) {
        let (own, after) = rest.split_at(rest.iter().take_while(|(owner, _)| *owner == finding).count());
        rest = after;
        let judge = || case(known, finding, own.iter().map(|(_, statement)| *statement)).judged;
        let kind = Kind::of(known, finding).filter(|_| own.is_empty());
        verdicts.push(kind.map_or_else(judge, |kind| *kinds.entry(kind).or_insert_with(judge)));
    }
    let (ages, homes) = (known.ages.clone(), Arc::clone(known.homes));
    Reaches { verdicts, links, ages, homes, ..Reaches::default() }
}

/// Judges again what is said by documents and runs that came to be of another state of the files than they were, and the
/// results of which the tree now says something else; all else stays. What is said where code runs, and of attacks, is as
/// it was.
pub fn judge_again(known: &Known<'_>, before: &Reaches, mut results: Bits) -> Reaches {
    let backlog = known.backlog;
    let evidence = &backlog.evidence;
    let is_other = |now: &[Age], before: &[Age], number: usize| {
        now.get(number).map(|age| &age.changed) != before.get(number).map(|age| &age.changed)
    };
    let is_other_document = |number| is_other(&known.ages.documents, &before.ages.documents, number);
    let others: Vec<bool> = (0..evidence.documents.len()).map(is_other_document).collect();
    let is_other_run = |number| is_other(&known.ages.runs, &before.ages.runs, number);
    let runs: Vec<bool> = (0..backlog.runs.len()).map(is_other_run).collect();
    if runs.contains(&true) {
        let said = backlog.claims.iter().map(|(result, _)| *result).chain(starting_in_tests(backlog));
        results.extend(said.filter(|result| runs.get(backlog.record(*result).run() as usize) == Some(&true)));
    }
    let is_other_state = known.ages.stated != before.ages.stated;
    let is_of_other = |number: &u32| {
        evidence.statements.get(*number as usize).is_some_and(|statement| {
            others.get(statement.document as usize).is_some_and(|is| *is)
                || is_other_state && own_time(evidence, statement).is_some()
        })
    };
    let mut findings = Bits::none(backlog.findings.len());
    findings.extend(before.links.iter().filter(|(_, number)| is_of_other(number)).map(|(finding, _)| *finding));
    if !results.is_empty() {
        let is_meant = |finding: &FindingIdx| backlog.members(*finding).iter().any(|result| results.has(*result));
        findings.extend((0..).take(backlog.findings.len()).filter(is_meant));
    }
    let homes: Vec<bool> = known.said.iter().map(|said| said.iter().any(is_of_other)).collect();
    if homes.contains(&true) {
        let is_in = |record: &Record| homes.get(known.homes.number(record) as usize).is_some_and(|is| *is);
        let is_meant = |finding: &FindingIdx| backlog.members(*finding).iter().any(|at| is_in(backlog.record(*at)));
        findings.extend((0..).take(backlog.findings.len()).filter(is_meant));
    }
    let mut verdicts = before.verdicts.clone();
    for finding in findings.iter() {
        verdicts.set(finding, case(known, finding, before.statements(finding)).judged);
    }
    let (ages, homes) = (known.ages.clone(), Arc::clone(&before.homes));
    Reaches { verdicts, links: before.links.clone(), ages, homes, ..Reaches::default() }
}

/// All that the verdict of a finding is made of that nothing was said of: a million have few kinds.
#[derive(PartialEq, Eq, Hash)]
struct Kind {
    rule: u32,
    cwe: u32,
    tool: u32,
    severity: Severity,
    category: Category,
    place: PlaceFacts,
    /// Where something depends on it.
    home: u32,
    is_fixable: bool,
}

impl Kind {
    /// `None` for a finding of several results, or one with a flow, a claim, an advisory or a package.
    fn of(known: &Known<'_>, finding: FindingIdx) -> Option<Self> {
        let backlog = known.backlog;
        let [result] = backlog.members(finding) else { return None };
        let record = backlog.record(*result);
        let is_said = record.flows > 0
            || backlog.claims_of(*result).next().is_some()
            || !backlog.advisories_of(*result).is_empty()
            || backlog.package_of(*result).is_some()
            || known.usage.of(*result).is_some();
        let entry = backlog.finding(finding);
        (!is_said).then(|| Self {
            rule: record.rule,
            cwe: entry.cwe,
            tool: backlog.run(record).tool,
            severity: entry.severity,
            category: record.category(),
            place: place(known, record),
            home: if is_by_home(known, record) { known.homes.number(record) } else { 0 },
            is_fixable: known.board.fixes(finding) > 0,
        })
    }
}

/// Judges one finding by its statements.
pub(super) fn case(known: &Known<'_>, finding: FindingIdx, statements: impl Iterator<Item = u32>) -> Case {
    let backlog = known.backlog;
    let mut case = Case { role: role(known, finding), ..Case::default() };
    let mut is_stale = false;
    pieces(known, finding, statements, &mut |piece, doubt, _| {
        is_stale |= matches!(doubt, Some(Weakness::Stale | Weakness::OtherCommit | Weakness::Undated));
        case.is_contradicted |= doubt == Some(Weakness::Contradicted);
        case.ladder.add(piece);
    });
    let is_denied = |rung: Rung| case.ladder.no(rung).is_some();
    case.is_runtime = (is_denied(Rung::Called) || is_denied(Rung::Imported)) && is_runtime(known, finding);
    case.threat = known.join.threat(backlog, &backlog.evidence, finding);
    let exposure = exposure(&case.ladder);
    let reach = verdict(&case);
    let judged = &mut case.judged;
    (judged.rungs, judged.reach, judged.exposure) = (case.ladder.rungs(), reach, exposure);
    let is_contested = case.ladder.is_contested(Rung::Called)
        || case.ladder.is_contested(Rung::Exposed)
        || case.is_contradicted
        || reach.is_reached() && case.ladder.is_not_affected();
    for (is, note) in [(is_contested, Note::Conflict), (is_stale, Note::Stale), (case.ladder.is_in_kev, Note::Kev)] {
        if is {
            judged.note(note);
        }
    }
    case.inputs = inputs(known, finding, &case);
    case.deployer = (known.priority.table == Table::SsvcDeployer).then(|| deployer(known, finding, &case));
    let (lane, lane_max) = case.deployer.as_ref().map_or_else(|| lanes(case.inputs), deployer_lanes);
    case.rule = beside(backlog, finding, &case.ladder);
    let (lane, lane_max) = match case.rule {
        Some(Beside::SeenHere | Beside::WorkingSecret) => (Lane::ActNow, Lane::ActNow),
        Some(Beside::DeadSecret) => (Lane::OnUpgrade, Lane::OnUpgrade),
        Some(Beside::Minor | Beside::Lint) => (lane.max(Lane::Scheduled), lane_max.max(Lane::Scheduled)),
        None => (lane, lane_max),
    };
    case.parts = parts(known, finding, &case);
    let judged = &mut case.judged;
    (judged.lane, judged.lane_max, judged.score) = (lane, lane_max, case.parts.score());
    case
}

/// The first rule that holds.
fn verdict(case: &Case) -> Reach {
    let Case { ladder, role, is_runtime, .. } = case;
    let is_no = ladder.denies(Rung::Called) || ladder.denies(Rung::Imported);
    if ladder.is_exploited_here {
        Reach::Exploited
    } else if ladder.ran == Ran::Production {
        Reach::Executed
    } else if is_of_tests(*role) {
        Reach::TestOnly
    } else if ladder.is_called_outside_tests || ladder.ran == Ran::Staging {
        Reach::Reachable
    } else if ladder.is_called_by_tests || ladder.is_used_aside {
        Reach::TestOnly
    } else if ladder.is_not_affected() {
        Reach::NotAffected
    } else if is_no && !is_runtime {
        Reach::Unreached
    } else {
        Reach::Unknown
    }
}

/// Whether files of this role never run in production.
fn is_of_tests(role: Role) -> bool {
    match role {
        Role::Test | Role::Example | Role::Documentation => true,
        Role::Source | Role::Generated | Role::Vendored | Role::Build => false,
    }
}

/// Everything that is said of a finding, as it counts.
pub(super) fn pieces(
    known: &Known<'_>,
    finding: FindingIdx,
    statements: impl Iterator<Item = u32>,
    take: &mut dyn FnMut(Piece, Option<Weakness>, Origin),
) {
    let backlog = known.backlog;
    let plain = Piece {
        rung: Rung::Called,
        polarity: Polarity::Yes,
        strength: 2,
        basis: Basis::Static,
        entry: Entry::Unknown,
        ran: Ran::Unknown,
    };
    for &result in backlog.members(finding) {
        let entry = entry_of_flows(backlog, result);
        if !backlog.claims.is_empty() {
            for claim in backlog.claims_of(result) {
                let row = claim.dialect();
                let (rung, polarity) = (row.rung, row.polarity);
                // What a scanner calls reachable is so by the flows that it shows.
                let entry = if rung == Rung::Called { row.entry.max(entry) } else { row.entry };
                let weakness = weakness_of_claim(known, finding, result, row, entry);
                let strength = if weakness.is_some() { row.strength.min(1) } else { row.strength };
                take(Piece { rung, polarity, strength, entry, ..plain }, weakness, Origin::Claim(result, claim));
            }
        }
        if backlog.record(result).flows > 0 && !says_by_level(backlog, result) {
            let weakness = if entry.is_test() { weakness_of_run(known, finding, result) } else { None };
            let strength = if weakness.is_some() { 1 } else { plain.strength };
            take(Piece { strength, entry, ..plain }, weakness, Origin::Flow(result));
        }
        let said = known.usage.of(result);
        let by_imports = said.and_then(|said| said.exposure);
        let by_files = match by_imports.unwrap_or(place(known, backlog.record(result)).exposure) {
            Exposure::Internet => Some((Polarity::Yes, 3)),
            Exposure::Internal => Some((Polarity::No, 2)),
            Exposure::Unknown => None,
        };
        if let Some((polarity, strength)) = by_files {
            let piece = Piece { rung: Rung::Exposed, polarity, strength, basis: Basis::Deployment, ..plain };
            let origin = if by_imports.is_some() { Origin::Usage(result) } else { Origin::Deployment(result) };
            take(piece, None, origin);
        }
        if is_of_tests(place(known, backlog.record(result)).role) {
            let entry = Entry::Test;
            take(Piece { rung: Rung::Present, basis: Basis::Tree, entry, ..plain }, None, Origin::Role(result));
        }
        if let Some(said) = said {
            let (rung, polarity, strength, entry) = (said.rung, said.polarity, said.strength, said.entry);
            let piece = Piece { rung, polarity, strength, entry, basis: Basis::Tree, ..plain };
            take(piece, None, Origin::Usage(result));
        }
    }
    pieces_of_statements(known, finding, statements, take);
}

/// What files of evidence say of a finding, as it counts.
fn pieces_of_statements(
    known: &Known<'_>,
    finding: FindingIdx,
    statements: impl Iterator<Item = u32>,
    take: &mut dyn FnMut(Piece, Option<Weakness>, Origin),
) {
    let backlog = known.backlog;
    let evidence = &backlog.evidence;
    let records = backlog.members(finding).iter().map(|result| backlog.record(*result));
    let mut of_homes: Vec<u32> = records.flat_map(|record| said_of(known, record)).copied().collect();
    of_homes.sort_unstable();
    of_homes.dedup();
    let of_homes = of_homes.into_iter().map(|number| (number, Scope::Deployed));
    let scoped = statements.map(|number| (number, scope(known, finding, number))).chain(of_homes);
    let said = scoped.filter_map(|(number, scope)| Some(((number, evidence.statements.get(number as usize)?), scope)));
    let (said, scopes): (Vec<(u32, &Statement)>, Vec<Scope>) = said.unzip();
    let worths = worths(known, finding, &said);
    for (((number, statement), scope), (strength, weakness)) in said.into_iter().zip(scopes).zip(worths) {
        let document = evidence.document(statement);
        let rung = match scope {
            Scope::Named | Scope::Route => statement.rung,
            Scope::Program => Rung::Loaded,
            Scope::Deployed => deployed::rung_of_code(statement),
        };
        let piece = Piece {
            rung,
            polarity: statement.polarity,
            strength,
            basis: statement.basis,
            entry: entry_of(statement),
            ran: ran(document),
        };
        take(piece, weakness, Origin::Statement(number, scope));
    }
}

/// Whether what follows for a result depends on what its code goes into.
fn is_by_home(known: &Known<'_>, record: &Record) -> bool {
    !known.priority.impacts.is_empty() || !said_of(known, record).is_empty()
}

/// What is said of what the code of a result goes into.
fn said_of<'a>(known: &Known<'a>, record: &Record) -> &'a [u32] {
    if known.said.is_empty() {
        return &[];
    }
    known.said.get(known.homes.number(record) as usize).map_or(&[], Vec::as_slice)
}

/// How a statement that is joined with a finding came to be about it.
fn scope(known: &Known<'_>, finding: FindingIdx, number: u32) -> Scope {
    let statement = known.backlog.evidence.statements.get(number as usize);
    if statement.is_some_and(|statement| deployed::is_of_what_runs(&statement.subject)) {
        Scope::Program
    } else if known.routed.place(finding, number).is_some() {
        Scope::Route
    } else {
        Scope::Named
    }
}

/// The results with flows all of which start in tests.
pub fn starting_in_tests(backlog: &Backlog) -> impl Iterator<Item = ResultIdx> {
    let by_result = backlog.starts.chunk_by(|(one, _), (other, _)| one == other);
    let results = by_result.filter_map(|starts| starts.first()).map(|(result, _)| *result);
    results.filter(|result| entry_of_flows(backlog, *result).is_test())
}

/// Where the flows of a result start: in tests, if all of them do.
fn entry_of_flows(backlog: &Backlog, result: ResultIdx) -> Entry {
    if backlog.record(result).flows == 0 {
        return Entry::Unknown;
    }
    let mut starts = backlog.starts_of(result).peekable();
    let is_test = starts.peek().is_some() && starts.all(|path| is_of_tests(Role::of(path)));
    if is_test { Entry::Test } else { Entry::Unknown }
}

/// Where the path of a statement starts; by the file of its first own frame where it says nothing.
pub(super) fn entry_of(statement: &Statement) -> Entry {
    let own = statement.path.iter().find(|frame| frame.is_own && !frame.path.is_empty());
    match own {
        Some(frame) if statement.entry == Entry::Unknown && is_of_tests(Role::of(&frame.path)) => Entry::Test,
        _ => statement.entry,
    }
}

/// What ran; a measurement that does not say it was most likely one of tests.
fn ran(document: Option<&Document>) -> Ran {
    document.map_or(Ran::Unknown, |document| document.ran).max(Ran::Tests)
}

/// Whether the flows of a result are the paths of govulncheck, which says by the level whether there is a call.
fn says_by_level(backlog: &Backlog, result: ResultIdx) -> bool {
    backlog.tool(backlog.record(result)).family == "govulncheck"
}

/// What the place of a result says: its path, or the image that was scanned.
pub(super) fn place(known: &Known<'_>, record: &Record) -> PlaceFacts {
    if known.backlog.run(record).image.is_some() {
        let exposure = reached(known, record).filter(|reached| reached.decides());
        return PlaceFacts { role: Role::Source, exposure: exposure.map_or(Exposure::Unknown, |found| found.exposure) };
    }
    known.places.get(record.path as usize).copied().unwrap_or_default()
}

/// What the deployment files say of the place of a result.
pub(super) fn reached<'a>(known: &Known<'a>, record: &Record) -> Option<&'a Reached> {
    if known.backlog.run(record).image.is_some() {
        let context = (*known.built.get(record.run() as usize)?)?;
        return known.graph.contexts.get(context as usize);
    }
    known.graph.of(known.backlog.path(record))
}

/// The role of a finding: of tests only if all its results lie in files of tests.
fn role(known: &Known<'_>, finding: FindingIdx) -> Role {
    let mut roles = known.backlog.members(finding).iter().map(|result| {
        let record = known.backlog.record(*result);
        if record.path == NONE { Role::Source } else { place(known, record).role }
    });
    let first = roles.next().unwrap_or_default();
    if is_of_tests(first) { roles.find(|role| !is_of_tests(*role)).unwrap_or(first) } else { first }
}

/// By what decides, a yes before a no.
fn exposure(ladder: &Ladder) -> Exposure {
    if ladder.affirms(Rung::Exposed) {
        Exposure::Internet
    } else if ladder.denies(Rung::Exposed) {
        Exposure::Internal
    } else {
        Exposure::Unknown
    }
}

/// Weaknesses whose impact is total: code, commands or queries of an attacker run, memory is written, nobody is asked who
/// he is.
const TOTAL: &[u32] =
    &[77, 78, 89, 94, 95, 96, 98, 119, 120, 121, 122, 287, 306, 416, 434, 502, 564, 787, 798, 917, 1336];

fn inputs(known: &Known<'_>, finding: FindingIdx, case: &Case) -> Inputs {
    let Case { ladder, threat, judged, .. } = case;
    let vector = known.join.vector(threat);
    let is_exposed = match (judged.reach, judged.exposure) {
        (Reach::Unreached | Reach::NotAffected | Reach::TestOnly, _) | (_, Exposure::Internal) => Tri::No,
        (Reach::Exploited, _) | (_, Exposure::Internet) => Tri::Yes,
        (_, Exposure::Unknown) => Tri::Unknown,
    };
    let stated = threat.automatable.or(vector.map(|vector| vector.is_automatable));
    let is_automatable = match stated {
        Some(is) => Tri::of(is),
        None if ladder.yes(Rung::Controllable).is_some() => Tri::Yes,
        None => Tri::Unknown,
    };
    let stated = threat.is_total.or(vector.map(|vector| vector.is_total));
    let is_total = stated.map_or_else(|| is_total(known.backlog, finding), Tri::of);
    Inputs { in_kev: Tri::of(ladder.is_in_kev), is_exposed, is_automatable, is_total }
}

/// The inputs of the deployer's table. That nobody is known to exploit it does not say that nobody could.
fn deployer(known: &Known<'_>, finding: FindingIdx, case: &Case) -> Deployer {
    let Case { ladder, threat, judged, inputs, .. } = case;
    let is_shown = threat.poc_from.is_some() || ladder.affirms(Rung::Controllable) && !known.backlog.is_secret(finding);
    let exploitation = match (inputs.in_kev == Tri::Yes || ladder.is_exploited_here, is_shown) {
        (true, _) => vec![Exploitation::Active],
        (false, true) => vec![Exploitation::Poc],
        (false, false) => vec![Exploitation::None, Exploitation::Poc],
    };
    let surface = match (inputs.is_exposed, judged.exposure) {
        (Tri::Yes, _) => vec![Surface::Open],
        (Tri::Unknown, _) => Surface::ALL.to_vec(),
        (Tri::No, Exposure::Internal) => vec![Surface::Controlled],
        (Tri::No, _) => vec![Surface::Small],
    };
    let impact = impact(known, finding).map_or_else(|| Impact::ALL.to_vec(), |impact| vec![impact]);
    Deployer { exploitation, surface, is_automatable: inputs.is_automatable, impact }
}

/// The highest that is stated for a service of a finding, else what is stated for all.
pub(super) fn impact(known: &Known<'_>, finding: FindingIdx) -> Option<Impact> {
    let Priority { impact, impacts, .. } = known.priority;
    if impacts.is_empty() {
        return *impact;
    }
    let records = known.backlog.members(finding).iter().map(|result| known.backlog.record(*result));
    let homes = records.filter_map(|record| known.homes.of(record));
    let services: Vec<&str> = homes.flat_map(|home| home.names(Part::Service)).map(|name| &**name).collect();
    let is_meant = |name: &str| services.iter().any(|service| *service == name || home::short(service) == name);
    impacts.iter().filter(|(name, _)| is_meant(name)).map(|(_, impact)| *impact).max().or(*impact)
}

/// Whether the impact of a weakness without an advisory is total.
fn is_total(backlog: &Backlog, finding: FindingIdx) -> Tri {
    let severity = backlog.finding(finding).severity;
    let cwe = backlog.cwe(finding);
    let score = cvss_of_rules(backlog, finding);
    match severity {
        Severity::Critical => Tri::Yes,
        Severity::High if cwe.iter().any(|number| TOTAL.contains(number)) => Tri::Yes,
        // A setting of a deployment opens a way and does no harm by itself.
        Severity::High if score.is_none() && cwe.is_empty() && backlog.lead(finding).category() != Category::Iac => {
            Tri::Unknown
        }
        _ => Tri::No,
    }
}

/// The highest score that the rules of a finding state.
#[expect(clippy::cast_possible_truncation, reason = "a score has one digit behind the point")]
fn cvss_of_rules(backlog: &Backlog, finding: FindingIdx) -> Option<f32> {
    let records = backlog.members(finding).iter().map(|result| backlog.record(*result));
    let scores = records.filter_map(|record| backlog.rules.get(record.rule as usize)?.score);
    scores.map(|score| score as f32).max_by(f32::total_cmp)
}

fn beside(backlog: &Backlog, finding: FindingIdx, ladder: &Ladder) -> Option<Beside> {
    let category = backlog.lead(finding).category();
    if ladder.is_exploited_here {
        return Some(Beside::SeenHere);
    }
    if backlog.is_secret(finding) {
        if ladder.affirms(Rung::Controllable) {
            return Some(Beside::WorkingSecret);
        }
        return ladder.denies(Rung::Controllable).then_some(Beside::DeadSecret);
    }
    let is_weakness = category != Category::Dependency;
    if is_weakness && backlog.finding(finding).severity <= Severity::Low {
        return Some(Beside::Minor);
    }
    let is_lint =
        |result: &ResultIdx| LINTERS.iter().any(|name| backlog.tool(backlog.record(*result)).family.starts_with(name));
    let says_nothing = is_weakness && backlog.cwe(finding).is_empty() && cvss_of_rules(backlog, finding).is_none();
    (says_nothing && backlog.members(finding).iter().all(is_lint)).then_some(Beside::Lint)
}

/// Families of tools that look for style and mistakes; where they find a weakness, they state its CWE.
const LINTERS: &[&str] = &[
    "ruff",
    "eslint",
    "clippy",
    "rustc",
    "pylint",
    "flake8",
    "pycodestyle",
    "stylelint",
    "rubocop",
    "hadolint",
    "shellcheck",
    "ktlint",
    "checkstyle",
    "detekt",
    "pmd",
    "markdownlint",
    "golangci",
    "staticcheck",
    "biome",
    "oxlint",
    "mypy",
    "pyright",
];

fn parts(known: &Known<'_>, finding: FindingIdx, case: &Case) -> Parts {
    let backlog = known.backlog;
    let Case { ladder, threat, judged, rule, .. } = case;
    let weights = &known.priority.weights;
    let cvss = known.join.vector(threat).map(|vector| vector.score).or_else(|| cvss_of_rules(backlog, finding));
    Parts {
        severity: score::severity(weights, backlog.finding(finding).severity, cvss),
        threat: score::threat(
            weights,
            ladder.is_in_kev || ladder.is_exploited_here,
            threat.epss,
            threat.poc_from.is_some(),
        ),
        reach: score::reach(weights, judged.reach),
        exposure: score::exposure(weights, judged.exposure),
        secret: if *rule == Some(Beside::WorkingSecret) { weights.get(Weight::Secret) } else { 0 },
        fix: if known.board.fixes(finding) > 0 { weights.get(Weight::Fix) } else { 0 },
    }
}

/// Packages that run what they are given, or are loaded by a name in a setting, without a call that could be seen:
/// frameworks, servers, drivers, runtimes, systems.
const RUNTIMES: &[&str] = &[
    "express",
    "fastify",
    "koa",
    "next",
    "nuxt",
    "hapi",
    "restify",
    "polka",
    "connect",
    "sails",
    "meteor",
    "gatsby",
    "astro",
    "vite",
    "parcel",
    "ws",
    "socket.io",
    "http-server",
    "serve",
    "webpack-dev-server",
    "react-scripts",
    "pm2",
    "nodemon",
    "forever",
    "ts-node",
    "tsx",
    "electron",
    "core-js",
    "regenerator-runtime",
    "tslib",
    "@babel/runtime",
    "@babel/polyfill",
    "@swc/helpers",
    "@apollo/server",
    "react",
    "react-dom",
    "vue",
    "svelte",
    "pg",
    "mysql",
    "mysql2",
    "mariadb",
    "sqlite3",
    "better-sqlite3",
    "tedious",
    "oracledb",
    "django",
    "flask",
    "fastapi",
    "starlette",
    "litestar",
    "tornado",
    "aiohttp",
    "sanic",
    "quart",
    "bottle",
    "falcon",
    "pyramid",
    "cherrypy",
    "twisted",
    "channels",
    "celery",
    "gunicorn",
    "uvicorn",
    "hypercorn",
    "waitress",
    "daphne",
    "uwsgi",
    "granian",
    "gevent",
    "eventlet",
    "werkzeug",
    "whitenoise",
    "python-multipart",
    "newrelic",
    "ddtrace",
    "psycopg",
    "psycopg2",
    "psycopg2-binary",
    "asyncpg",
    "mysqlclient",
    "pymysql",
    "aiomysql",
    "cx-oracle",
    "aiosqlite",
    "setuptools",
    "rails",
    "railties",
    "actionpack",
    "rack",
    "puma",
    "unicorn",
    "thin",
    "passenger",
    "sinatra",
    "hanami",
    "grape",
    "spring-core",
    "spring-web",
    "spring-webmvc",
    "undertow-core",
    "log4j-core",
    "logback-classic",
    "hibernate-core",
    "actix-web",
    "axum",
    "rocket",
    "warp",
    "hyper",
    "tokio",
    "stdlib",
    "toolchain",
    "go",
    "node",
    "nodejs",
    "python",
    "openssl",
    "libssl3",
    "glibc",
    "libc6",
    "musl",
    "busybox",
    "nginx",
    "httpd",
    "apache2",
    "openjdk",
    "dotnet",
    "linux",
];

/// How the names of others begin.
const FAMILIES: &[&str] = &[
    "@nestjs/",
    "@hapi/",
    "@fastify/",
    "@koa/",
    "@feathersjs/",
    "@loopback/",
    "@adonisjs/",
    "@remix-run/",
    "@sveltejs/",
    "@angular/",
    "apollo-server",
    "org.springframework",
    "spring-boot",
    "io.quarkus",
    "io.micronaut",
    "tomcat-",
    "jetty-",
    "netty",
    "laravel/",
    "illuminate/",
    "symfony/",
    "microsoft.aspnetcore",
    "microsoft.netcore",
];

fn is_runtime(known: &Known<'_>, finding: FindingIdx) -> bool {
    if known.backlog.packages.is_empty() {
        return false;
    }
    let packages = known.backlog.members(finding).iter().filter_map(|result| known.backlog.package_of(*result));
    let mut names = packages.map(|package| package.name.to_lowercase());
    names.any(|name| {
        let last = name.rsplit(['/', ':']).next().unwrap_or(&name);
        let is_of = |name: &str| RUNTIMES.contains(&name) || FAMILIES.iter().any(|start| name.starts_with(start));
        is_of(&name) || is_of(last)
    })
}

/// Paths that are worth a thread of their own.
const MANY: usize = 1 << 16;

/// What every path of a backlog says by itself.
pub fn place_facts(backlog: &Backlog, exposure: &(dyn Fn(&str) -> Exposure + Sync)) -> Vec<PlaceFacts> {
    let facts = |number: u32| {
        let path = backlog.paths.texts.get(number);
        PlaceFacts { role: Role::of(path), exposure: exposure(path) }
    };
    (0..backlog.paths.texts.count()).into_par_iter().with_min_len(MANY).map(facts).collect()
}

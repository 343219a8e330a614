//! Why a finding stands where it stands, in words, with the place of each thing that is said.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::model::backlog::{Backlog, FindingIdx, ResultIdx};
use crate::model::due::utc;
use crate::model::evidence::{Basis, Entry, Frame, Polarity, Ran, Rung, Statement};
use crate::model::exposure::Exposure;
use crate::model::grade::Category;
use crate::model::home::Home;
use crate::model::priority::Table;
use crate::model::reach::{Chain, Doubt, Held, Lane, LaneInput, Note, Reach, Row, RungState, Term, Why};

use super::judge::{Beside, Case, Known, Origin, Scope, case, pieces, place, reached};
use super::ladder::{DECIDES, Piece};
use super::lane::{Deployer, Exploitation, Tri, outcome};
use super::score;
use super::usage::Said;
use super::worth::Weakness;

/// All reasons of one finding, with the numbers of the statements about it.
pub fn why(known: &Known<'_>, finding: FindingIdx, statements: &[u32]) -> Why {
    let own = case(known, finding, statements.iter().copied());
    let mut evidence = Vec::new();
    let mut reasons = Vec::new();
    let mut is_own_word = own.judged.reach == Reach::NotAffected;
    pieces(known, finding, statements.iter().copied(), &mut |piece, weakness, origin| {
        let row = row(known, finding, piece, weakness, origin);
        if is_reason(piece, own.judged.reach) {
            is_own_word &= weakness == Some(Weakness::Own);
            reasons.push((piece.strength, source_of(&row)));
        }
        evidence.push(row);
    });
    let reason = reasons.into_iter().rev().max_by_key(|(strength, _)| *strength).map(|(_, source)| source);
    evidence.sort_by_key(|row: &Row| {
        (row.polarity == Polarity::Unknown, std::cmp::Reverse(row.rung), std::cmp::Reverse(row.strength))
    });
    // Several results of a finding often lie in one file.
    evidence.dedup();
    let inputs = inputs(known, finding, &own);
    Why {
        judged: own.judged,
        verdict: verdict(&own, is_own_word),
        lane: lane(known.priority.table, &own, &inputs),
        table: known.priority.table,
        settings: known.priority.words(),
        inputs,
        rungs: rungs(&own, &evidence),
        home: home(known, finding),
        chains: chains(known, finding),
        conflicts: conflicts(&own),
        terms: terms(known, finding, &own, &evidence, reason.unwrap_or_default()),
        doubts: doubts(known, finding, &own, &evidence),
        evidence,
    }
}

/// What each rung holds, by which strength, and in the words of whom.
fn rungs(case: &Case, evidence: &[Row]) -> Vec<RungState> {
    let state = |rung: Rung| {
        let held = case.judged.rungs.get(rung);
        let (yes, no) = (case.ladder.yes(rung), case.ladder.no(rung));
        let meant = match held {
            Held::Yes | Held::Both => Polarity::Yes,
            Held::No => Polarity::No,
            Held::Nothing => Polarity::Unknown,
        };
        let of_rung = evidence.iter().filter(|row| row.rung == rung);
        let row = of_rung.filter(|row| row.polarity == meant).max_by_key(|row| row.strength);
        RungState { rung, held, strength: yes.or(no), reason: row.map(|row| row.words.clone()) }
    };
    Rung::ALL.iter().copied().map(state).collect()
}

/// What the code of all results runs in.
fn home(known: &Known<'_>, finding: FindingIdx) -> Home {
    let records = known.backlog.members(finding).iter().map(|result| known.backlog.record(*result));
    let mut home = Home::default();
    records.filter_map(|record| known.homes.of(record)).for_each(|other| home.join(other));
    home
}

/// How the deployment files lead to each place of a finding.
fn chains(known: &Known<'_>, finding: FindingIdx) -> Vec<Chain> {
    let records = known.backlog.members(finding).iter().map(|result| known.backlog.record(*result));
    let mut chains: Vec<Chain> = Vec::new();
    for reached in records.filter_map(|record| reached(known, record)) {
        let frames = known.graph.steps(reached);
        let chain = Chain { exposure: reached.exposure, words: reached.reason(), frames };
        if !chains.contains(&chain) {
            chains.push(chain);
        }
    }
    chains
}

fn row(known: &Known<'_>, finding: FindingIdx, piece: Piece, weakness: Option<Weakness>, origin: Origin) -> Row {
    let Piece { rung, polarity, strength, basis, .. } = piece;
    let row = Row {
        rung,
        polarity,
        basis,
        strength,
        words: String::new(),
        file: String::new(),
        pointer: String::new(),
        tool: String::new(),
        made: None,
        age: None,
        commit: None,
        is_guessed: false,
        distance: None,
        scope: None,
        doubt: weakness.map(|weakness| weakness.words().to_owned()),
        path: Vec::new(),
    };
    match origin {
        Origin::Statement(number, scope) => {
            Row { scope: scope_words(known, finding, number, scope), ..of_statement(known, number, piece, row) }
        }
        Origin::Claim(result, claim) => {
            Row { words: claim.dialect().words.to_owned(), ..of_result(known, result, row) }
        }
        Origin::Flow(result) => {
            let starts: Vec<&str> = known.backlog.starts_of(result).filter(|start| !start.is_empty()).collect();
            let from = if starts.is_empty() { String::new() } else { format!(" from {}", starts.join(", ")) };
            let words = format!("the scanner shows a flow{from}");
            Row { words, ..of_result(known, result, row) }
        }
        Origin::Deployment(result) => of_deployment(known, result, piece, row),
        Origin::Role(result) => {
            let record = known.backlog.record(result);
            let role = place(known, record).role;
            let path = known.backlog.path(record);
            Row { words: format!("by its path it is {}", role.words()), file: path.to_owned(), ..row }
        }
        Origin::Usage(result) => known.usage.of(result).map_or_else(|| row.clone(), |said| of_usage(said, row.clone())),
    }
}

/// A row that a result of a report says.
fn of_result(known: &Known<'_>, result: ResultIdx, row: Row) -> Row {
    let backlog = known.backlog;
    let record = backlog.record(result);
    let report = backlog.report(record);
    let state = known.ages.runs.get(record.run() as usize);
    let commit = state.and_then(|state| state.commit.as_deref().map(str::to_owned));
    Row {
        file: report.name.clone(),
        pointer: backlog.pointer(result),
        tool: backlog.tool(record).name.clone(),
        made: report.made,
        age: report.made.map(|made| age(known, made)),
        commit: commit.or_else(|| backlog.run(record).revision.clone()),
        is_guessed: state.is_some_and(|state| state.is_guessed),
        distance: state.and_then(|state| state.distance),
        ..row
    }
}

/// What the tree says of the package of a result.
fn of_usage(said: &Said, row: Row) -> Row {
    let frame = Frame { path: said.file.as_str().into(), line: said.line, is_own: true, ..Frame::default() };
    // What follows from an import for where its code runs is no second path.
    let is_import = row.rung == Rung::Imported && said.polarity == Polarity::Yes;
    let not = if row.polarity == Polarity::No { "not " } else { "" };
    Row {
        words: if row.rung == said.rung {
            said.words.clone()
        } else {
            format!("{not}{}: {}", row.rung.name(), said.words)
        },
        file: said.file.clone(),
        pointer: if said.line > 0 { format!("line {}", said.line) } else { String::new() },
        tool: "sources of the tree".to_owned(),
        path: if is_import { vec![frame] } else { Vec::new() },
        ..row
    }
}

/// What the deployment files say of the file of a result.
fn of_deployment(known: &Known<'_>, result: ResultIdx, piece: Piece, row: Row) -> Row {
    let Some(reached) = reached(known, known.backlog.record(result)) else { return row };
    let statement = known.graph.statement(reached);
    let claims: Vec<&str> = reached.claims.iter().map(|claim| &**claim).collect();
    Row {
        words: words(&statement, piece),
        pointer: statement.pointer.to_string(),
        tool: "deployment files".to_owned(),
        doubt: (!claims.is_empty()).then(|| claims.join("; ")),
        path: statement.path,
        ..row
    }
}

fn of_statement(known: &Known<'_>, number: u32, piece: Piece, row: Row) -> Row {
    let evidence = &known.backlog.evidence;
    let Some(statement) = evidence.statements.get(number as usize) else { return row };
    let Some(document) = evidence.document(statement) else { return row };
    let state = known.ages.of(evidence, statement);
    let commit = document.commit.as_deref().or(state.and_then(|state| state.commit.as_deref()));
    let made = statement.made.or(document.made);
    Row {
        words: words(statement, piece),
        file: document.name.to_string(),
        pointer: statement.pointer.to_string(),
        tool: document.tool.to_string(),
        made,
        age: made.map(|made| age(known, made)),
        commit: commit.map(str::to_owned),
        is_guessed: state.is_some_and(|state| state.is_guessed),
        distance: state.and_then(|state| state.distance),
        path: statement.path.clone(),
        ..row
    }
}

/// Why a statement is about a finding that it does not name.
fn scope_words(known: &Known<'_>, finding: FindingIdx, number: u32, scope: Scope) -> Option<String> {
    let subject = &known.backlog.evidence.statements.get(number as usize)?.subject;
    let image = || subject.image.as_deref().map(|image| format!("the image {image}"));
    match scope {
        Scope::Named => None,
        Scope::Program => {
            let program = subject.path.as_deref().unwrap_or_default();
            Some(format!("it names {program} of {}, which the package is in", image().unwrap_or_default()))
        }
        Scope::Deployed => {
            let workload = subject.service.as_deref().filter(|name| name.contains('/'));
            let what = workload.map(|name| format!("the workload {name}")).or_else(image).unwrap_or_default();
            Some(format!("it names {what}, which by the deployment files runs this code"))
        }
        Scope::Route => {
            let (route, place) = (subject.symbol.as_deref()?, known.routed.place(finding, number)?);
            Some(format!(
                "it names {route}, whose handler at {place} this stands in, for a weakness of the same family"
            ))
        }
    }
}

/// Days from a moment to the day of the board.
fn age(known: &Known<'_>, made: Timestamp) -> i64 {
    let day = utc(made);
    day.until(known.board.today).map_or(0, |span| i64::from(span.get_days()))
}

/// What a statement says, in a sentence of few words.
fn words(statement: &Statement, piece: Piece) -> String {
    if piece.rung != statement.rung {
        let of_code = match piece.rung {
            Rung::Loaded => "its program runs",
            _ => "what it goes into runs",
        };
        let reason = statement.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
        return format!("{}: {of_code}{reason}", piece.rung.name());
    }
    let ran = match (statement.rung, piece.ran) {
        (Rung::Executed, Ran::Production) => " in production",
        (Rung::Executed, Ran::Staging) => " in staging",
        (Rung::Executed, _) if statement.basis == Basis::Dynamic => " by tests, as far as it says",
        _ => "",
    };
    let said = match statement.polarity {
        Polarity::Yes => format!("{}{ran}", statement.rung.name()),
        Polarity::No => format!("not {}{ran}", statement.rung.name()),
        Polarity::Unknown => format!("whether it is {} is not known", statement.rung.name()),
    };
    let from = entry(statement).map(|frame| format!(", from {}", place_of(frame))).unwrap_or_default();
    let reason = statement.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
    format!("{said}{from}{reason}")
}

fn entry(statement: &Statement) -> Option<&Frame> {
    statement.path.iter().find(|frame| frame.is_own)
}

fn place_of(frame: &Frame) -> String {
    let function = if frame.function.is_empty() { &frame.module } else { &frame.function };
    if frame.path.is_empty() { function.to_string() } else { frame.place() }
}

impl Weakness {
    fn words(self) -> &'static str {
        match self {
            Self::Stale => "files changed since, so it decides nothing",
            Self::OtherCommit => "the repository does not have the commit that it is of, so it decides nothing",
            Self::Undated => "of which state of the files it is, is not known, so it decides nothing",
            Self::Failed => "its scan reports a failure, so it decides nothing",
            Self::UnknownVersion => {
                "it is about one version, and the report does not say which is here, so it decides nothing"
            }
            Self::Superseded => "its author says something else later, so it decides nothing",
            Self::Contradicted => "another statement says that it is affected, so it decides nothing",
            Self::OtherPlatform => "it is about another platform, and decides nothing here",
            Self::Own => "the scanned repository says it of itself",
            Self::OtherImage => "it is about another image than this code goes into, and decides nothing here",
            Self::OtherProduct => "it is about another product, and decides nothing here",
        }
    }
}

/// The verdict in a sentence; whether nobody but the scanned repository says that it is not affected is said.
fn verdict(case: &Case, is_own_word: bool) -> String {
    let said = match case.judged.reach {
        Reach::Exploited => "somebody was seen to exploit it here",
        Reach::Executed => "its code runs in production",
        Reach::Reachable => "there is a path to it that does not start in tests",
        Reach::TestOnly if case.ladder.is_used_aside => "only tests, examples, documentation or builds use it",
        Reach::TestOnly => "only tests, examples or documentation reach it",
        Reach::Unreached => "an analysis of the tree as it is found no way to it",
        Reach::NotAffected if is_own_word => "the scanned repository says of itself that it is not affected",
        Reach::NotAffected => "a statement says that this code is not affected",
        Reach::Unknown => {
            let reason = if case.is_runtime && case.ladder.no(Rung::Called).is_some() {
                "no call was found, which says nothing of a framework, a server or a runtime"
            } else if case.ladder.has_failed {
                "an analysis was made and could not tell"
            } else if case.ladder.yes(Rung::Executed).is_some() {
                "only tests were seen to run it"
            } else if case.ladder.yes(Rung::Called).is_some() || case.ladder.no(Rung::Called).is_some() {
                "what is said of its calls decides nothing here"
            } else if case.ladder.yes(Rung::Imported).is_some() {
                "it is imported, and nobody looked for calls"
            } else if case.ladder.yes(Rung::Present).is_some() {
                "it is there, and nobody looked for calls"
            } else {
                "no call analysis was read"
            };
            return format!("unknown: {reason}");
        }
    };
    format!("{}: {said}", case.judged.reach.name())
}

fn lane(table: Table, case: &Case, inputs: &[LaneInput]) -> String {
    let by = match case.rule {
        Some(Beside::SeenHere) => "somebody was seen to exploit it here".to_owned(),
        Some(Beside::WorkingSecret) => "a secret that works".to_owned(),
        Some(Beside::DeadSecret) => "a secret that does not work any more".to_owned(),
        rule => {
            let all: Vec<String> = inputs.iter().map(|input| format!("{} {}", input.name, input.value)).collect();
            let minor = match rule {
                Some(Beside::Minor) => "; of low severity, so scheduled at the soonest",
                Some(Beside::Lint) => "; a linter names no weakness, so scheduled at the soonest",
                _ => "",
            };
            format!("{} with {}{minor}", table.title(), all.join(", "))
        }
    };
    let name = |lane: Lane| match table {
        Table::Bod2604 => lane.name().to_owned(),
        Table::SsvcDeployer => format!("{} ({})", lane.name(), outcome(lane)),
    };
    let (soonest, latest) = (case.judged.lane, case.judged.lane_max);
    if soonest == latest {
        format!("{}: {by}", name(soonest))
    } else {
        format!("{}, at best {}: {by}", name(soonest), name(latest))
    }
}

/// Whether it is a published vulnerability.
fn is_advised(known: &Known<'_>, finding: FindingIdx) -> bool {
    let backlog = known.backlog;
    backlog.members(finding).iter().any(|result| !backlog.advisories_of(*result).is_empty())
}

fn inputs(known: &Known<'_>, finding: FindingIdx, case: &Case) -> Vec<LaneInput> {
    let kev = match (case.inputs.in_kev, is_advised(known, finding), has_kev(known)) {
        (Tri::Yes, ..) => "it is in the catalogue",
        (_, false, _) => "it is no published vulnerability",
        (_, true, true) => "it is not in the catalogue",
        (_, true, false) => "no catalogue was read",
    };
    let exposed = match (case.judged.reach, case.judged.exposure) {
        (Reach::Unreached | Reach::NotAffected | Reach::TestOnly, _) => {
            format!("it is {}", case.judged.reach.name())
        }
        (_, Exposure::Internet) => "its code runs in something that the internet reaches".to_owned(),
        (_, Exposure::Internal) => "its code runs in something that the internet does not reach".to_owned(),
        (_, Exposure::Unknown) => "no deployment file says where its code runs".to_owned(),
    };
    let derived = if case.threat.vector_from.is_some() { "derived from its CVSS vector" } else { "" };
    let of = |stated: bool| if stated { "as CISA states" } else { derived };
    let automatable = match case.inputs.is_automatable {
        Tri::Unknown => "nothing says from where it can be used",
        _ if derived.is_empty() && case.threat.automatable.is_none() => "an attacker controls it",
        _ => of(case.threat.automatable.is_some()),
    };
    let total = match case.inputs.is_total {
        Tri::Unknown => "neither a score nor a CWE says it",
        _ if derived.is_empty() && case.threat.is_total.is_none() => "by its severity and CWE",
        _ => of(case.threat.is_total.is_some()),
    };
    let input = |name, value: &str, why: &str| LaneInput { name, value: value.to_owned(), why: why.to_owned() };
    if let Some(Deployer { exploitation, surface, impact, .. }) = &case.deployer {
        let exploited = match exploitation.as_slice() {
            [Exploitation::Active] if case.ladder.is_exploited_here => "it was seen here",
            [Exploitation::Active] => kev,
            [Exploitation::Poc] => "it was shown that it can be used",
            _ => "nobody is known to exploit it, which does not say that nobody could",
        };
        let stated = if impact.len() == 1 { "by the settings" } else { "the settings do not say it" };
        return vec![
            input("exploitation", &words_of(exploitation.iter().map(|one| one.name())), exploited),
            input("exposure", &words_of(surface.iter().map(|one| one.name())), &exposed),
            input("automatable", case.inputs.is_automatable.name(), automatable),
            input("human impact", &words_of(impact.iter().map(|one| one.name())), stated),
        ];
    }
    let input = |name, tri: Tri, why: &str| input(name, tri.name(), why);
    vec![
        input("KEV", case.inputs.in_kev, kev),
        input("exposed", case.inputs.is_exposed, &exposed),
        input("automatable", case.inputs.is_automatable, automatable),
        input("total impact", case.inputs.is_total, total),
    ]
}

/// What a value is, or may be.
fn words_of<'w>(words: impl Iterator<Item = &'w str>) -> String {
    words.collect::<Vec<_>>().join(" or ")
}

/// Whether a catalogue of known exploited vulnerabilities was read that has an entry.
fn has_kev(known: &Known<'_>) -> bool {
    let evidence = &known.backlog.evidence;
    let is_kev = |number: u32| {
        let document = evidence.documents.get(number as usize);
        document.is_some_and(|document| document.format == "KEV")
    };
    evidence.statements.iter().any(|statement| is_kev(statement.document))
}

fn conflicts(case: &Case) -> Vec<String> {
    let mut conflicts = Vec::new();
    for rung in [Rung::Called, Rung::Exposed] {
        if case.ladder.is_contested(rung) {
            conflicts
                .push(format!("one says that it is {0}, another that it is not {0}; the worse counts", rung.name()));
        }
    }
    if case.is_contradicted {
        conflicts.push("one statement says affected, another not affected; the worse counts".to_owned());
    }
    if case.judged.reach.is_reached() && case.ladder.is_not_affected() {
        conflicts.push("a statement says not affected, and there is a path to it; the path counts".to_owned());
    }
    conflicts
}

fn terms(known: &Known<'_>, finding: FindingIdx, case: &Case, evidence: &[Row], reach: String) -> Vec<Term> {
    let backlog = known.backlog;
    let parts = case.parts;
    let judged = case.judged;
    let report = backlog.report(backlog.lead(finding)).name.clone();
    let by = |rung: Rung, polarity: Polarity| {
        let row = evidence.iter().find(|row| (row.rung, row.polarity) == (rung, polarity));
        row.map(source_of).unwrap_or_default()
    };
    let severity = of_intel(known, case.threat.vector_from)
        .unwrap_or_else(|| (backlog.finding(finding).severity.name().to_owned(), report));
    let exposed = match judged.exposure {
        Exposure::Internet => by(Rung::Exposed, Polarity::Yes),
        Exposure::Internal => by(Rung::Exposed, Polarity::No),
        Exposure::Unknown => String::new(),
    };
    let all = [
        ("severity", parts.severity, severity),
        ("threat", parts.threat, threat(known, case, evidence)),
        ("reach", parts.reach, (judged.reach.name().to_owned(), reach)),
        ("exposure", parts.exposure, (judged.exposure.name().to_owned(), exposed)),
        ("secret", parts.secret, ("it works".to_owned(), by(Rung::Controllable, Polarity::Yes))),
        ("fix", parts.fix, ("a fix is there".to_owned(), of_fix(backlog, finding))),
        ("cap", parts.cap(), ("a score is 0 to 100".to_owned(), String::new())),
    ];
    let is_said = |points: i32, name: &str| points != 0 || matches!(name, "severity" | "reach" | "exposure");
    let said = all.into_iter().filter(|(name, points, _)| is_said(*points, name));
    said.map(|(name, points, (why, source))| Term { name, points, why, source }).collect()
}

/// The file that a row was read off, with the place in it.
fn source_of(row: &Row) -> String {
    let parts = [row.file.as_str(), row.pointer.as_str()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ")
}

/// What is known about an advisory, and where that stands.
fn of_intel(known: &Known<'_>, number: Option<u32>) -> Option<(String, String)> {
    let evidence = &known.backlog.evidence;
    let intel = evidence.intel.get(number? as usize)?;
    let document = evidence.documents.get(intel.document as usize)?;
    Some((intel.fact.words(), format!("{}: {}", document.name, intel.pointer)))
}

/// What the points of the threat are given for: what counts most of all that is known.
fn threat(known: &Known<'_>, case: &Case, evidence: &[Row]) -> (String, String) {
    let exploited = |is_intel: bool| {
        let is_it = |row: &&Row| row.rung == Rung::Exploited && (row.basis == Basis::Intel) == is_intel;
        let row = evidence.iter().find(|row| is_it(row) && row.polarity == Polarity::Yes);
        row.map(source_of).unwrap_or_default()
    };
    if case.ladder.is_in_kev {
        return ("in the KEV catalogue".to_owned(), exploited(true));
    }
    if case.ladder.is_exploited_here {
        return ("somebody was seen to exploit it here".to_owned(), exploited(false));
    }
    let by_epss = score::threat(&known.priority.weights, false, case.threat.epss, false);
    let from = if case.parts.threat > by_epss { case.threat.poc_from } else { case.threat.epss_from };
    of_intel(known, from).unwrap_or_else(|| ("nobody is known to exploit it".to_owned(), String::new()))
}

/// Whether a verdict follows from what is said.
fn is_reason(piece: Piece, reach: Reach) -> bool {
    let Piece { rung, polarity, strength, basis, entry, ran } = piece;
    let is_yes = polarity == Polarity::Yes && strength >= DECIDES;
    let is_no = polarity == Polarity::No && strength >= DECIDES;
    match (reach, rung) {
        (Reach::Exploited, Rung::Exploited) => is_yes && basis != Basis::Intel,
        (Reach::Executed, Rung::Executed) => is_yes && ran == Ran::Production,
        (Reach::Reachable, Rung::Called) => is_yes && !entry.is_test(),
        (Reach::Reachable, Rung::Controllable) => is_yes && entry == Entry::Http,
        (Reach::Reachable, Rung::Executed) => is_yes && ran == Ran::Staging,
        (Reach::TestOnly, Rung::Called) => is_yes && entry.is_test(),
        (Reach::TestOnly, Rung::Present | Rung::Imported) => is_yes && basis == Basis::Tree,
        (Reach::NotAffected, rung) => is_no && basis == Basis::Vex && rung != Rung::Exposed,
        (Reach::Unreached, rung) => is_no && rung <= Rung::Called,
        _ => false,
    }
}

/// The report that a fix stands in; empty for one that another file or a program proposes.
fn of_fix(backlog: &Backlog, finding: FindingIdx) -> String {
    let mut records = backlog.members(finding).iter().map(|result| backlog.record(*result));
    records.find(|record| record.fixes > 0).map(|record| backlog.report(record).name.clone()).unwrap_or_default()
}

/// What is not known and would change the lane, the one that would change it most first.
fn doubts(known: &Known<'_>, finding: FindingIdx, case: &Case, evidence: &[Row]) -> Vec<Doubt> {
    let backlog = known.backlog;
    let judged = case.judged;
    let mut doubts = Vec::new();
    if judged.lane == Lane::OnUpgrade {
        return doubts;
    }
    if judged.has(Note::Stale) && judged.reach == Reach::Unknown {
        doubts.push(Doubt { words: again(evidence), command: None });
    }
    if case.inputs.is_exposed == Tri::Unknown {
        doubts.push(Doubt {
            words:
                "whether the internet reaches it: keep the deployment files in the repository, or name a dump of the \
                    cluster"
                    .to_owned(),
            command: Some("kubectl get service,ingress,deployment,pod -A -o json > cluster.json".to_owned()),
        });
    }
    if judged.reach == Reach::Unknown {
        let kind = backlog
            .members(finding)
            .iter()
            .find_map(|result| Some(super::package::Coordinates::of(backlog.package_of(*result)?).kind().to_owned()));
        let is_dependency = backlog.lead(finding).category() == Category::Dependency;
        let path = backlog.path(backlog.lead(finding));
        let command = if is_dependency { by_package(kind.as_deref().unwrap_or_default(), path) } else { by_code(path) };
        let words = if is_dependency { "whether its code is called" } else { "whether its lines run" };
        doubts.push(Doubt { words: words.to_owned(), command: command.map(str::to_owned) });
    }
    if case.inputs.is_automatable == Tri::Unknown && judged.lane != judged.lane_max {
        doubts.push(by_attack(is_advised(known, finding)));
    }
    if is_advised(known, finding) && !has_kev(known) && judged.lane_max != Lane::ActNow {
        let words =
            "whether it is exploited in the world: give known_exploited_vulnerabilities.json of CISA as an input";
        doubts.push(Doubt { words: words.to_owned(), command: None });
    }
    doubts
}

/// What the tools whose statements are outdated have to be asked again.
fn again(evidence: &[Row]) -> String {
    let outdated =
        |row: &&Row| row.doubt.as_deref().is_some_and(|doubt| OUTDATED.iter().any(|one| one.words() == doubt));
    let named = evidence.iter().filter(outdated).map(|row| if row.tool.is_empty() { &row.file } else { &row.tool });
    let names: BTreeSet<&str> = named.map(String::as_str).collect();
    let names: Vec<&str> = names.into_iter().collect();
    format!("whether what {} said still holds: make it again from the files as they are", names.join(" and "))
}

/// What takes all weight from a statement until it is made again.
const OUTDATED: &[Weakness] = &[Weakness::Stale, Weakness::OtherCommit, Weakness::Undated];

/// What tells whether it can be used from outside without anybody's help.
fn by_attack(is_advised: bool) -> Doubt {
    let (words, command) = if is_advised {
        (
            "whether an attack can be automated: name a report that has its CVSS vector",
            "grype dir:. -o json > grype.json",
        )
    } else {
        (
            "whether an attacker can use it: attack it as it runs",
            "zap-full-scan.py -t http://localhost:8080 -J zap.json",
        )
    };
    Doubt { words: words.to_owned(), command: Some(command.to_owned()) }
}

/// The command that finds calls into a package.
fn by_package(kind: &str, path: &str) -> Option<&'static str> {
    let ends = |names: &[&str]| names.iter().any(|name| path.ends_with(name));
    match kind {
        "golang" => Some("govulncheck -format json ./... > govulncheck.json"),
        "cargo" => Some("osv-scanner scan source --call-analysis=rust --format json . > osv.json"),
        "npm" | "pypi" | "maven" => Some("depscan --reachability-analyzer SemanticReachability --reports-dir reports"),
        _ if ends(&["go.mod", "go.sum"]) => Some("govulncheck -format json ./... > govulncheck.json"),
        _ => None,
    }
}

/// The command that measures which lines run.
fn by_code(path: &str) -> Option<&'static str> {
    match path.rsplit_once('.')?.1 {
        "py" => Some("coverage run -m your_server && coverage json -o staging.coverage.json"),
        "js" | "ts" | "mjs" | "cjs" => Some("NODE_V8_COVERAGE=staging node server.js"),
        "go" => {
            Some("go build -cover && GOCOVERDIR=staging ./server && go tool covdata textfmt -i staging -o staging.out")
        }
        "java" | "kt" => Some("java -javaagent:jacocoagent.jar -jar server.jar"),
        _ => None,
    }
}

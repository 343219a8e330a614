//! One result of a report to what the backlog keeps of it. Pure: the same text gives the same draft on any thread.

use std::borrow::Cow;

use crate::model::ai::Mark;
use crate::model::backlog::Package;
use crate::model::claim::{self, Claim};
use crate::model::grade::{Baseline, Kind, Level, Severity};
use crate::model::problem::Loss;

use super::cursor::{self, Broken};
use super::identity;
use super::json::{Int, Owned, Properties, Said, Text};
use super::message::{self, Parts, Template};
use super::notes::Oddity;
use super::repair::{Flaw, repair};
use super::rules::{Facts, Resolved, RuleAt, Tables};
use super::sarif::part::{ArtifactLocation, Location, Reference, Region};
use super::sarif::result::IndexResult;
use super::severity::{self, Stated};
use super::{advisory, ai, package, rules};

/// A place before it is looked for in the repository: URI and base id as the report has them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Place<'a> {
    pub(super) uri: Cow<'a, str>,
    pub(super) base: Option<Cow<'a, str>>,
}

impl Place<'_> {
    /// The same place with text of its own.
    pub(super) fn into_owned(self) -> Place<'static> {
        let own = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        Place { uri: own(self.uri), base: self.base.map(own) }
    }
}

/// A region as a record has it; 0 is "not stated".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Extent {
    pub(super) line: u32,
    pub(super) column: u32,
    pub(super) end_line: u32,
    pub(super) end_column: u32,
}

/// One result before rules and places have numbers. What becomes a number is borrowed from the report.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    pub(super) rule_id: Cow<'a, str>,
    pub(super) rule_at: Option<RuleAt>,
    /// Whether that is the rule with just this id.
    pub(super) is_by_id: bool,
    pub(super) place: Option<Place<'a>>,
    pub(super) extent: Extent,
    pub(super) level: Level,
    pub(super) kind: Kind,
    pub(super) severity: Severity,
    pub(super) baseline: Baseline,
    pub(super) fixes: u8,
    pub(super) flows: u8,
    pub(super) is_suppressed: bool,
    pub(super) message: Cow<'a, str>,
    /// Text of the flagged place, where the result carries it.
    pub(super) flagged: Option<Cow<'a, str>>,
    /// Position in the run's artifacts, as stated.
    pub(super) artifact: Option<usize>,
    /// Function or resource, for results without a file.
    pub(super) logical: Option<String>,
    /// Advisories that the message names; those of the rule come to them.
    pub(super) advisories: Vec<Box<str>>,
    /// The package that the result names itself.
    pub(super) package: Option<Package>,
    /// CWE numbers that the result states itself.
    pub(super) cwe: Vec<u32>,
    /// Places where its flows start, each once.
    pub(super) starts: Vec<Place<'a>>,
    /// What it says itself of its reach.
    pub(super) claims: Vec<Claim>,
    /// What a model says of it.
    pub(super) ai: Option<Mark>,
    pub(super) oddities: Vec<Oddity>,
}

/// Reads the text of one result. Broken text is repaired first; fails if it cannot be.
pub(super) fn draft<'a>(text: &'a [u8], tables: &'a Tables) -> Result<Draft<'a>, String> {
    if let Some(result) = std::str::from_utf8(text).ok().and_then(|text| cursor::read(text).ok()) {
        return Ok(lower(&result, tables));
    }
    let (repaired, flaws) = repair(text);
    let result = cursor::read(&repaired).map_err(|Broken| "it is no JSON, nor can it be repaired".to_owned())?;
    let draft = lower(&result, tables);
    let mut oddities = draft.oddities;
    oddities.extend(flaws.into_iter().map(oddity_of));
    let own = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
    Ok(Draft {
        rule_id: own(draft.rule_id),
        place: draft.place.map(Place::into_owned),
        message: own(draft.message),
        flagged: draft.flagged.map(own),
        starts: draft.starts.into_iter().map(Place::into_owned).collect(),
        oddities,
        ..draft
    })
}

fn oddity_of(flaw: Flaw) -> Oddity {
    Oddity { kind: flaw.words(), what: String::new(), loss: if flaw.is_loss() { Loss::Result } else { Loss::Nothing } }
}

/// What the backlog keeps of a result that was parsed.
pub(super) fn lower<'a>(result: &IndexResult<'a>, tables: &'a Tables) -> Draft<'a> {
    let mut oddities = Vec::new();
    let Resolved { at, is_by_id, oddity } = rule_of(result, tables);
    oddities.extend(oddity);
    let facts = at.and_then(|at| tables.facts(at));
    let kind = kind_of(result, &mut oddities);
    let ai = ai::mark(result, tables);
    let level = ai::at_least_original(result, ai.as_ref(), level_of(result, at, kind, tables, &mut oddities));
    let location = result.locations.0.as_ref();
    let extent = location.map(|location| extent(&location.physical.region, &mut oddities)).unwrap_or_default();
    let message = message(result, at, tables);
    let stated = Stated::in_properties(&result.properties);
    let mut advisories = Vec::new();
    advisory::collect_start(&message, &mut advisories);
    let package = package::in_properties(&result.properties).or_else(|| package::in_message(&message));
    Draft {
        rule_at: at,
        is_by_id,
        place: location.and_then(|location| place(&location.physical.artifact, tables)),
        extent,
        level,
        kind,
        severity: severity::resolve(stated, facts.map(|facts| facts.stated).unwrap_or_default(), level),
        baseline: baseline_of(result, &mut oddities),
        fixes: small(
            result.fixes.0.iter().filter(|fix| fix.changes.0.iter().any(|change| change.replacements.0 > 0)).count(),
        ),
        flows: small(result.code_flows.0.len()),
        starts: starts(result, tables),
        claims: claims(result, level, facts, tables),
        is_suppressed: is_suppressed(result, ai.is_some() || ai::judges_all(tables)),
        ai,
        flagged: location.and_then(|location| flagged(location, extent)),
        artifact: location.and_then(|location| location.physical.artifact.index.position()),
        logical: location.and_then(|location| logical_name(location, tables)),
        message,
        advisories,
        package,
        cwe: cwe_of(result, tables),
        rule_id: rule_id(result, at, tables),
        oddities,
    }
}

/// The rule, at load and whenever the result is looked at.
pub(super) fn rule_of(result: &IndexResult<'_>, tables: &Tables) -> Resolved {
    tables.resolve(Reference::of_result(&result.rule, &result.rule_id, result.rule_index))
}

/// The rule's id as the result writes it, else as the rule does; empty where neither says.
fn rule_id<'a>(result: &IndexResult<'a>, at: Option<RuleAt>, tables: &'a Tables) -> Cow<'a, str> {
    let stated = [&result.rule_id.0, &result.rule.id.0].into_iter().flatten().find(|id| !id.is_empty());
    let of_rule = || Cow::Borrowed(at.and_then(|at| tables.rule(at)?.id.get()).unwrap_or_default());
    stated.cloned().unwrap_or_else(of_rule)
}

fn small(count: usize) -> u8 {
    u8::try_from(count).unwrap_or(u8::MAX)
}

/// Other words that tools write where SARIF has an enumeration.
const LEVELS: &[(Level, &[&str])] = &[
    (Level::Error, &["critical", "high", "fatal", "severe", "blocker"]),
    (Level::Warning, &["medium", "moderate", "warn"]),
    (
        Level::Note,
        &["info", "information", "informational", "low", "recommendation", "hint", "style", "suggestion", "notice"],
    ),
    (Level::None, &["pass", "notapplicable", "open", "review", "off", "ignore"]),
];

/// The level that a text means, and whether it is written as SARIF has it.
pub(super) fn level(text: &str) -> (Level, bool) {
    if let Some(level) = Level::parse(text) {
        return (level, level.name() == text);
    }
    let is_meant = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    let known = LEVELS.iter().find(|(_, words)| is_meant(words)).map(|(level, _)| *level);
    (known.unwrap_or(Level::Warning), false)
}

/// `kind`; SARIF 2.0.0 has some of its values in `level`.
fn kind_of(result: &IndexResult<'_>, oddities: &mut Vec<Oddity>) -> Kind {
    let Some(text) = result.kind.get() else {
        return result.level.get().and_then(Kind::parse).unwrap_or(Kind::Fail);
    };
    let kind = Kind::parse(text);
    if kind.is_none_or(|kind| kind.name() != text) {
        let read = kind.unwrap_or(Kind::Fail).name();
        oddities.push(Oddity::harmless("kind is not a SARIF value", format!("{} read as {read}", short(text))));
    }
    kind.unwrap_or(Kind::Fail)
}

/// The result's own level, else the invocation's override, else the rule's default, else what `kind` implies.
fn level_of(
    result: &IndexResult<'_>,
    at: Option<RuleAt>,
    kind: Kind,
    tables: &Tables,
    oddities: &mut Vec<Oddity>,
) -> Level {
    if let Some(text) = result.level.get() {
        let (level, is_exact) = level(text);
        if !is_exact {
            oddities.push(Oddity::harmless(
                "level is not a SARIF value",
                format!("{} read as {}", short(text), level.name()),
            ));
        }
        return level;
    }
    let of_rule = at.and_then(|at| tables.level(at, result.provenance.invocation));
    of_rule.unwrap_or(if kind == Kind::Fail { Level::Warning } else { Level::None })
}

fn baseline_of(result: &IndexResult<'_>, oddities: &mut Vec<Oddity>) -> Baseline {
    let Some(text) = result.baseline.get() else { return Baseline::Unstated };
    let known = Baseline::parse(text).or_else(|| text.eq_ignore_ascii_case("existing").then_some(Baseline::Unchanged));
    let baseline = known.filter(|baseline| *baseline != Baseline::Unstated);
    if baseline.is_none_or(|baseline| baseline.name() != text) {
        let read = baseline.map_or("absent", Baseline::name);
        oddities
            .push(Oddity::harmless("baselineState is not a SARIF value", format!("{} read as {read}", short(text))));
    }
    baseline.unwrap_or(Baseline::Unstated)
}

/// Suppressed if one suppression is accepted or has no status. One that is under review is a request.
///
/// With `suppressions` empty or absent, or all rejected, nothing is suppressed (2.1.0, 3.27.23 and 3.35.3). What a model has
/// suppressed is not: that is what it proposes.
fn is_suppressed(result: &IndexResult<'_>, is_judged: bool) -> bool {
    let holds = |status: Option<&str>| {
        status.is_none_or(|status| {
            !status.eq_ignore_ascii_case("rejected") && !status.eq_ignore_ascii_case("underReview")
        })
    };
    let stated = &result.suppressions.0;
    let of_people = stated.iter().filter(|suppression| !ai::is_by_model(suppression, stated, is_judged));
    of_people.map(|suppression| suppression.status.get()).any(holds) || !result.suppression_states.0.is_empty()
}

/// What the message is made of, at load and whenever the result is looked at: text and arguments.
pub(super) fn message_of<'t>(
    result: &'t IndexResult<'_>,
    at: Option<RuleAt>,
    tables: &'t Tables,
) -> Option<(Template<'t>, Vec<&'t str>)> {
    let parts = Parts {
        text: result.message.text.get(),
        markdown: result.message.markdown.get(),
        id: result.message.id.get().or(result.rule_message_id.get()),
    };
    let template = tables.template(parts, at)?;
    Some((template, result.message.arguments.0.iter().map(|text| text.get().unwrap_or_default()).collect()))
}

/// The message as plain text, borrowed from the report where it stands there as it is.
fn message<'a>(result: &IndexResult<'a>, at: Option<RuleAt>, tables: &Tables) -> Cow<'a, str> {
    // A text of the result's own without arguments and links is most of them.
    if let Some(Cow::Borrowed(own)) = result.message.text.0
        && result.message.arguments.0.is_empty()
        && let Cow::Borrowed(plain) = message::text(Template::own(own), &[])
        && !plain.is_empty()
    {
        return Cow::Borrowed(plain);
    }
    let message = message_of(result, at, tables);
    let message = message.map(|(template, arguments)| message::text(template, &arguments).into_owned());
    Cow::Owned(message.unwrap_or_default())
}

/// Whether a property of a result says something of its row.
pub(super) fn is_telling(name: &str) -> bool {
    name == "tags"
        || severity::is_telling(name)
        || package::is_telling(name)
        || claim::is_telling(name)
        || ai::is_telling(name)
        || rules::CWE.contains(&name)
}

fn cwe_of(result: &IndexResult<'_>, tables: &Tables) -> Vec<u32> {
    let mut numbers = Vec::new();
    if !result.properties.is_empty() {
        rules::cwe_in(&result.properties, &mut numbers);
        for tag in result.properties.texts("tags") {
            super::cwe::collect(&tag, &mut numbers);
        }
    }
    for taxon in &result.taxa.0 {
        tables.cwe_of_taxon(taxon.pointer(), &mut numbers);
    }
    super::cwe::tidy(&mut numbers);
    numbers
}

/// The most flows of a result whose starts are looked at.
const MAX_FLOWS: usize = 16;

/// Where the flows of a result start; the steps of some lie in the run.
fn starts<'a>(result: &IndexResult<'a>, tables: &'a Tables) -> Vec<Place<'a>> {
    let mut starts: Vec<Place<'_>> = Vec::new();
    for flow in result.code_flows.0.iter().take(MAX_FLOWS) {
        let Some(step) = flow.threads.0.as_ref().and_then(|thread| thread.steps.0.as_ref()) else { continue };
        let own = place(&step.location.physical.artifact, tables);
        let start = own.or_else(|| {
            let shared = tables.run.thread_flow_locations.0.get(step.index.position()?)?;
            place_of_run(&shared.location.physical.artifact, tables)
        });
        starts.extend(start.filter(|start| !starts.contains(start)));
    }
    starts
}

/// What a result says itself of its reach, or its rule for all results.
fn claims(result: &IndexResult<'_>, level: Level, facts: Option<&Facts>, tables: &Tables) -> Vec<Claim> {
    let mut claims: Vec<Claim> = Vec::new();
    if !result.properties.is_empty() {
        let own = result.properties.names().filter(|name| claim::is_telling(name));
        claims.extend(own.filter_map(|name| Claim::of(name, &result.properties.text(name).unwrap_or_default())));
    }
    if claims.is_empty() {
        claims.extend(facts.and_then(|facts| facts.claim));
    }
    if tables.family == "govulncheck" {
        claims.extend(Claim::of(claim::GOVULNCHECK, level.name()));
    }
    claims
}

/// Name of the first logical location.
fn logical_name(location: &Location<Text<'_>>, tables: &Tables) -> Option<String> {
    let logical = location.logical.0.first()?;
    let shared = || tables.run.logical_locations.0.get(logical.index.position()?)?.called();
    logical.called().or_else(shared).map(str::to_owned)
}

/// The place that an artifact location names, through the run's artifacts if it has only an index.
fn place<'a>(artifact: &ArtifactLocation<Text<'a>>, tables: &'a Tables) -> Option<Place<'a>> {
    if let Some(uri) = artifact.uri.0.clone().filter(|uri| !uri.is_empty()) {
        return Some(Place { uri, base: artifact.base.0.clone() });
    }
    let known = tables.artifact_location(artifact.index.position()?)?;
    Some(Place { uri: Cow::Borrowed(known.uri.get()?), base: known.base.get().map(Cow::Borrowed) })
}

/// The same for a step that the run holds for several results.
fn place_of_run<'a>(artifact: &'a ArtifactLocation<Owned>, tables: &'a Tables) -> Option<Place<'a>> {
    let is_stated = artifact.uri.get().is_some_and(|uri| !uri.is_empty());
    let artifact = if is_stated { artifact } else { tables.artifact_location(artifact.index.position()?)? };
    Some(Place { uri: Cow::Borrowed(artifact.uri.get()?), base: artifact.base.get().map(Cow::Borrowed) })
}

/// Numbers above this cannot be lines or columns.
const MAX_POSITION: i64 = 1 << 31;

/// A position, or 0 with a note where it cannot be one.
pub(super) fn position(value: Int, name: &str, oddities: &mut Vec<Oddity>) -> u32 {
    let Some(number) = value.0 else { return 0 };
    if (1..=MAX_POSITION).contains(&number) {
        return u32::try_from(number).unwrap_or(0);
    }
    oddities.push(Oddity::harmless("a position that cannot be, read as not stated", format!("{name} {number}")));
    0
}

fn extent(region: &Region<Text<'_>>, oddities: &mut Vec<Oddity>) -> Extent {
    Extent {
        line: position(region.start_line, "startLine", oddities),
        column: position(region.start_column, "startColumn", oddities),
        end_line: position(region.end_line, "endLine", oddities),
        end_column: position(region.end_column, "endColumn", oddities),
    }
}

/// Text of the flagged place as the result carries it: the region's snippet, else its lines out of the
/// context region.
fn flagged<'a>(location: &Location<Text<'a>>, extent: Extent) -> Option<Cow<'a, str>> {
    let physical = &location.physical;
    let is_text = |text: &&str| !text.trim().is_empty();
    if physical.region.snippet.text.get().as_ref().is_some_and(is_text) {
        return physical.region.snippet.text.0.clone();
    }
    let context = physical.context.snippet.text.get().filter(is_text)?;
    let first = physical.context.start_line.0.and_then(|line| u32::try_from(line).ok())?;
    let lines: Vec<&str> = context.lines().collect();
    flagged_lines(&lines, first, extent).map(Cow::Owned)
}

/// Normalised lines of an extent out of a text that starts at line `first`; `None` where they are not in it or blank.
pub(super) fn flagged_lines(lines: &[&str], first: u32, extent: Extent) -> Option<String> {
    let skip = extent.line.checked_sub(first).filter(|_| extent.line > 0)? as usize;
    let count = (extent.end_line.max(extent.line) - extent.line + 1).min(MAX_FLAGGED_LINES) as usize;
    let wanted = lines.get(skip..)?;
    let text = identity::normalise(&wanted.get(..count).unwrap_or(wanted).join("\n"));
    (!text.is_empty()).then_some(text)
}

/// Lines of a region that count for identity; a region may span a whole file.
const MAX_FLAGGED_LINES: u32 = 100;

fn short(text: &str) -> String {
    let mut short: String = text.chars().take(40).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    format!("`{short}`")
}

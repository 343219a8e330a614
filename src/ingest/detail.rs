//! One result decoded whole.

use crate::model::backlog::{Backlog, Record};
use crate::model::detail::{Detail, Flow, Location, Region, Step, Suppression};
use crate::model::problem::{Loss, Problem};
use crate::repo::locate::{Located, Locator};

use super::json::{Int, List, OwnedBag, Properties};
use super::lower;
use super::message::{self, Parts, Plain};
use super::notes::Oddity;
use super::proposal;
use super::repair::repair;
use super::rules::{RuleAt, Tables};
use super::sarif::full;
use super::sarif::result::IndexResult;
use super::uri;

/// What a result is decoded with.
pub(super) struct Context<'a> {
    pub(super) backlog: &'a Backlog,
    pub(super) record: &'a Record,
    pub(super) tables: &'a Tables,
    pub(super) locator: &'a mut Locator,
}

/// Lines of an embedded file that are kept around a place that has no snippet.
const CONTEXT: u32 = 3;

/// The longest property value that is kept, in characters.
const MAX_PROPERTY: usize = 4000;

/// Decodes the text of a result, repaired where it is broken. What cannot be read is left out.
pub(super) fn decode(text: &[u8], context: &mut Context<'_>) -> Detail {
    let sound = std::str::from_utf8(text).ok();
    if let Some(result) = sound.and_then(|text| serde_json::from_str::<full::FullResult>(text).ok()) {
        let at = sound.and_then(|text| rule_of(text, context.tables));
        return Decoder { context, at, oddities: Vec::new() }.detail(result);
    }
    let (repaired, flaws) = repair(text);
    let result = serde_json::from_str(&repaired).unwrap_or_default();
    let at = rule_of(&repaired, context.tables);
    let oddities = flaws.into_iter().map(|flaw| Oddity::harmless(flaw.words(), "")).collect();
    Decoder { context, at, oddities }.detail(result)
}

/// The rule, resolved as at load.
fn rule_of(text: &str, tables: &Tables) -> Option<RuleAt> {
    let result: IndexResult<'_> = serde_json::from_str(text).ok()?;
    tables.resolve(&result).at
}

struct Decoder<'a, 'b> {
    context: &'a mut Context<'b>,
    at: Option<RuleAt>,
    oddities: Vec<Oddity>,
}

impl Decoder<'_, '_> {
    fn detail(mut self, result: full::FullResult) -> Detail {
        let id = result.rule_message_id.get();
        let Plain { text, links } = self.plain(&result.message, id).unwrap_or_default();
        let mut locations: Vec<Location> = result.locations.0.iter().map(|location| self.location(location)).collect();
        self.use_path_of_record(locations.first_mut());
        let flows = self.flows(&result);
        let fixes = self.fixes(&result.fixes, &locations, &text);
        let taxa = result.taxa.0.iter().filter_map(|taxon| {
            let taxonomy = (taxon.component.name.get(), taxon.component.index);
            self.context.tables.taxon_name(taxon.id.get(), taxon.index, taxonomy)
        });
        let mut fingerprints = properties(&result.fingerprints);
        fingerprints.extend(properties(&result.partial_fingerprints));
        Detail {
            message: text,
            links,
            markdown: result.message.markdown.0.clone(),
            taxa: taxa.collect(),
            related: result.related.0.iter().map(|location| self.location(location)).collect(),
            locations,
            flows,
            fixes,
            fingerprints,
            suppressions: result.suppressions.0.into_iter().map(suppression).collect(),
            properties: properties(&result.properties),
            hosted_uri: result.hosted_uri.0,
            work_items: result.work_items.0.into_iter().filter_map(|uri| uri.0).collect(),
            rank: result.rank.0.filter(|rank| *rank >= 0.0),
            problems: self.problems(),
        }
    }

    fn problems(&self) -> Vec<Problem> {
        let Context { backlog, record, .. } = &self.context;
        let at = |oddity: &Oddity| {
            Problem::at(&*backlog.report(record).name, backlog.pointer(record), oddity.reason(), Loss::Nothing)
        };
        self.oddities.iter().map(at).collect()
    }

    fn plain(&self, message: &full::Message, other_id: Option<&str>) -> Option<Plain> {
        let parts =
            Parts { text: message.text.get(), markdown: message.markdown.get(), id: message.id.get().or(other_id) };
        let arguments: Vec<&str> = message.arguments.0.iter().map(|text| text.get().unwrap_or_default()).collect();
        Some(message::plain(self.context.tables.template(parts, self.at)?, &arguments))
    }

    fn text(&self, message: &full::Message) -> Option<String> {
        self.plain(message, None).map(|plain| plain.text).filter(|text| !text.is_empty())
    }

    /// The first location is the record's, whatever has been learnt about paths since.
    fn use_path_of_record(&self, first: Option<&mut Location>) {
        let Context { backlog, record, .. } = &self.context;
        if let (Some(first), Some(path)) = (first, backlog.paths.get(record.path as usize)) {
            first.path.clone_from(&path.text);
            first.in_repo = path.in_repo;
        }
    }

    fn location(&mut self, location: &full::Location) -> Location {
        let physical = &location.physical;
        let Located { path, in_repo } = self.locate(&physical.artifact);
        let artifact = self.artifact(&physical.artifact);
        let region = self.region(&physical.region);
        let snippet = physical.region.snippet.text.0.clone();
        let stated = physical.context.snippet.text.0.clone().map(|text| {
            let first = lower::position(physical.context.start_line, "contextRegion.startLine", &mut self.oddities);
            (first, text)
        });
        let embedded = || artifact.and_then(|at| embedded_context(self.context.tables, at, region));
        Location {
            path,
            in_repo,
            region,
            context: if snippet.is_some() { stated } else { stated.or_else(embedded) },
            snippet,
            message: self.text(&location.message),
            logical: self.logical(location),
            sha256: artifact.and_then(|at| self.sha256(at)),
        }
    }

    fn logical(&self, location: &full::Location) -> Option<String> {
        let own = location.logical.0.first();
        let shared = own
            .and_then(|logical| logical.index.position())
            .and_then(|index| self.context.tables.run.logical_locations.0.get(index));
        let names = |logical: &full::LogicalLocation| logical.full_name.0.clone().or_else(|| logical.name.0.clone());
        own.and_then(names).or_else(|| shared.and_then(names)).or_else(|| location.logical_name.0.clone())
    }

    fn locate(&mut self, artifact: &full::ArtifactLocation) -> Located {
        let run = &self.context.tables.run;
        let stated = |location: &full::ArtifactLocation| location.uri.get().is_some_and(|uri| !uri.is_empty());
        let shared =
            artifact.index.position().and_then(|index| run.artifacts.0.get(index)).map(|artifact| &artifact.location);
        let Some(location) = [Some(artifact), shared].into_iter().flatten().find(|location| stated(location)) else {
            return Located { path: String::new(), in_repo: false };
        };
        let base = location.base.get().and_then(|base| uri::base_uri(&run.base_ids, base));
        self.context.locator.locate(location.uri.get().unwrap_or_default(), base.as_deref())
    }

    /// Position in the run's artifacts, by index, else by URI.
    fn artifact(&self, location: &full::ArtifactLocation) -> Option<usize> {
        let artifacts = &self.context.tables.run.artifacts.0;
        let by_index = location.index.position().filter(|index| *index < artifacts.len());
        let uri = location.uri.get();
        by_index.or_else(|| artifacts.iter().position(|artifact| uri.is_some() && artifact.location.uri.get() == uri))
    }

    fn sha256(&self, artifact: usize) -> Option<String> {
        let hash = self.context.tables.run.artifacts.0.get(artifact)?.hashes.sha256.get()?;
        Some(hash.to_ascii_lowercase())
    }

    fn region(&mut self, region: &full::Region) -> Region {
        let mut number = |value: Int, name: &str| lower::position(value, name, &mut self.oddities);
        Region {
            line: number(region.start_line, "startLine"),
            column: number(region.start_column, "startColumn"),
            end_line: number(region.end_line, "endLine"),
            end_column: number(region.end_column, "endColumn"),
            char_span: span(region.char_offset, region.char_length),
            byte_span: span(region.byte_offset, region.byte_length),
        }
    }

    fn flows(&mut self, result: &full::FullResult) -> Vec<Flow> {
        let mut flows = Vec::new();
        for flow in &result.code_flows.0 {
            for thread in &flow.threads.0 {
                let message = self.text(&flow.message).or_else(|| self.text(&thread.message));
                flows.push(Flow { message, steps: thread.steps.0.iter().map(|step| self.step(step)).collect() });
            }
        }
        for stack in &result.stacks.0 {
            let steps = stack.frames.0.iter();
            let steps =
                steps.map(|frame| Step { location: self.location(&frame.location), ..Step::default() }).collect();
            flows.push(Flow { message: self.text(&stack.message).or_else(|| Some("call stack".to_owned())), steps });
        }
        flows
    }

    /// A step, or the shared one that it names, with what it says itself before that.
    fn step(&mut self, step: &full::ThreadFlowLocation) -> Step {
        let tables = self.context.tables;
        let shared = step.index.position().and_then(|index| tables.run.thread_flow_locations.0.get(index));
        let own = self.location(&step.location);
        let is_stated = !own.path.is_empty() || own.message.is_some() || own.logical.is_some();
        let location = shared.filter(|_| !is_stated).map(|shared| self.location(&shared.location)).unwrap_or(own);
        let kinds =
            |step: &full::ThreadFlowLocation| step.kinds.0.iter().filter_map(|kind| kind.0.clone()).collect::<Vec<_>>();
        let own_kinds = kinds(step);
        let nesting = step.nesting.0.or(shared.and_then(|shared| shared.nesting.0)).unwrap_or(0);
        Step {
            location,
            importance: step.importance.0.clone().or_else(|| shared.and_then(|shared| shared.importance.0.clone())),
            kinds: if own_kinds.is_empty() { shared.map(kinds).unwrap_or_default() } else { own_kinds },
            nesting: u32::try_from(nesting).unwrap_or(0),
        }
    }

    fn fixes(
        &mut self,
        fixes: &List<full::Fix>,
        locations: &[Location],
        message: &str,
    ) -> Vec<crate::model::fix::Proposal> {
        let read = fixes.0.iter().enumerate().map(|(alternative, fix)| {
            let edits = fix.changes.0.iter().map(|change| self.file_edit(change, locations)).collect();
            let applicability = fix.properties.text("applicability");
            let words = proposal::Words {
                title: self.text(&fix.description),
                message,
                applicability: applicability.as_deref(),
            };
            proposal::build(self.context, alternative, words, edits)
        });
        read.collect()
    }

    fn file_edit(&mut self, change: &full::Change, locations: &[Location]) -> crate::model::fix::FileEdit {
        let Located { path, in_repo } = self.locate(&change.artifact);
        let sha256 = self.artifact(&change.artifact).and_then(|at| self.sha256(at));
        let unit = proposal::column_unit(self.context.tables.run.column_kind.get());
        let edits = change.replacements.0.iter().map(|replacement| crate::model::fix::TextEdit {
            region: self.region(&replacement.deleted),
            unit: Some(unit),
            insert: replacement.inserted.text.0.clone().unwrap_or_default(),
        });
        let edits = edits.collect();
        let seen = proposal::seen(locations, &path);
        let flagged = proposal::flagged(locations, &path);
        crate::model::fix::FileEdit { path, in_repo, sha256, edits, seen, flagged }
    }
}

/// Offset and length; without a length it is a place between two characters.
fn span(offset: Int, length: Int) -> Option<(u64, u64)> {
    let offset = u64::try_from(offset.0?).ok()?;
    Some((offset, u64::try_from(length.0.unwrap_or(0)).unwrap_or(0)))
}

/// Lines around a region of a file that the run carries, and the number of the first.
fn embedded_context(tables: &Tables, artifact: usize, region: Region) -> Option<(u32, String)> {
    let text = tables.run.artifacts.0.get(artifact)?.contents.text.get()?;
    let line = region.line.checked_sub(1)?;
    let first = line.saturating_sub(CONTEXT);
    let last = region.end_line.max(region.line).saturating_add(CONTEXT);
    let lines: Vec<&str> = text.lines().skip(first as usize).take((last - first).min(200) as usize).collect();
    (!lines.is_empty()).then(|| (first + 1, lines.join("\n")))
}

fn suppression(suppression: full::Suppression) -> Suppression {
    Suppression {
        kind: suppression.kind.0.unwrap_or_default(),
        status: suppression.status.0,
        justification: suppression.justification.0,
    }
}

/// Names and values as short texts.
fn properties(bag: &OwnedBag) -> Vec<(String, String)> {
    let value = |name: &str, raw: &str| bag.text(name).unwrap_or_else(|| raw.to_owned());
    bag.0
        .iter()
        .map(|(name, raw)| (name.clone(), value(name, raw.get()).chars().take(MAX_PROPERTY).collect()))
        .collect()
}

//! One result decoded whole: its message, its places, its fixes. Flows and lesser facts have files of their own.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::model::backlog::{Backlog, ResultIdx};
use crate::model::column;
use crate::model::detail::{Detail, FixedIn, Location, Region, Suppression};
use crate::model::fix::{ColumnUnit, FileEdit, Proposal, TextEdit};
use crate::model::problem::{Loss, Problem};
use crate::repo::locate::{Located, Locator};

use super::cursor;
use super::json::{Int, List, Owned, OwnedBag, Properties, Rare, Said};
use super::lower;
use super::message::{self, Parts, Plain};
use super::notes::Oddity;
use super::reader::lock;
use super::repair::repair;
use super::rules::{RuleAt, Tables};
use super::sarif::full;
use super::sarif::part;
use super::sarif::result::IndexResult;
use super::{ai, facts, flows, proposal, uri};

/// What a result is decoded with.
pub(super) struct Context<'a> {
    pub(super) backlog: &'a Backlog,
    pub(super) result: ResultIdx,
    pub(super) tables: &'a Tables,
    pub(super) locator: &'a Mutex<Locator>,
}

/// Lines of an embedded file that are kept around a place that has no snippet.
const CONTEXT: u32 = 3;

/// The longest property value that is kept, in characters.
const MAX_PROPERTY: usize = 4000;

/// Decodes the text of a result, repaired where it is broken. What cannot be read is left out. Which text is broken, and
/// what the message is, is decided by what was read at load, so that the two can never differ.
pub(super) fn decode(text: &[u8], context: &Context<'_>) -> Detail {
    let sound = std::str::from_utf8(text).ok();
    let indexed = sound.and_then(|text| cursor::read::<IndexResult<'_>>(text).ok());
    let full = sound.filter(|_| indexed.is_some()).and_then(|text| serde_json::from_str(text).ok());
    if let (Some(indexed), Some(full)) = (&indexed, full) {
        return Decoder::new(context, indexed, Vec::new()).detail(full);
    }
    let (repaired, flaws) = repair(text);
    let indexed = indexed.or_else(|| cursor::read(&repaired).ok()).unwrap_or_default();
    let full = serde_json::from_str(&repaired).unwrap_or_default();
    let oddities = flaws.into_iter().map(|flaw| Oddity::harmless(flaw.words(), "")).collect();
    Decoder::new(context, &indexed, oddities).detail(full)
}

/// One result on its way to a detail.
pub(super) struct Decoder<'a, 'b> {
    pub(super) context: &'a Context<'b>,
    /// The rule, resolved as at load.
    pub(super) at: Option<RuleAt>,
    message: Plain,
    oddities: Vec<Oddity>,
    /// Files of the repository that were read, by path.
    texts: HashMap<String, Option<String>>,
}

impl<'a, 'b> Decoder<'a, 'b> {
    /// With rule and message as they were read at load.
    fn new(context: &'a Context<'b>, indexed: &IndexResult<'_>, oddities: Vec<Oddity>) -> Self {
        let at = lower::rule_of(indexed, context.tables).at;
        let message = lower::message_of(indexed, at, context.tables);
        let message = message.map(|(template, arguments)| message::plain(template, &arguments)).unwrap_or_default();
        Self { context, at, message, oddities, texts: HashMap::new() }
    }

    fn detail(mut self, result: full::FullResult) -> Detail {
        let Plain { text, links } = std::mem::take(&mut self.message);
        let mut locations = self.locations(&result.locations);
        self.use_path_of_record(locations.first_mut());
        let mut related = self.locations(&result.related);
        let links = resolve_links(links, &locations, &related);
        related.extend(self.annotations(&result.locations));
        let fixes = self.fixes(&result.fixes, &locations, &text);
        let rank = || self.context.tables.rank(self.at?, result.provenance.invocation);
        let rank = result.rank.0.filter(|rank| *rank >= 0.0).or_else(rank);
        let mut fingerprints = properties(&result.fingerprints);
        fingerprints.extend(properties(&result.partial_fingerprints));
        Detail {
            message: text,
            links,
            markdown: markdown(&result.message),
            help: None,
            taxa: self.taxa(&result),
            related,
            locations,
            flows: flows::of(&mut self, &result),
            fixes,
            fixed_in: FixedIn::default(),
            fingerprints,
            suppressions: self.suppressions(&result),
            ai: self.context.backlog.mark_of(self.context.result).map(|_| ai::said(&result)),
            properties: properties(&result.properties),
            facts: facts::of(&mut self, &result),
            hosted_uri: result.hosted_uri.0,
            work_items: result.work_items.0.into_iter().filter_map(|uri| uri.0).collect(),
            rank,
            problems: self.problems(),
        }
    }

    fn problems(&self) -> Vec<Problem> {
        let Context { backlog, result, .. } = &self.context;
        let report = backlog.report(backlog.record(*result));
        let at = |oddity: &Oddity| Problem::at(&*report.name, backlog.pointer(*result), oddity.reason(), Loss::Nothing);
        self.oddities.iter().map(at).collect()
    }

    pub(super) fn text(&self, message: &part::Message<Owned>) -> Option<String> {
        let parts = Parts { text: message.text.get(), markdown: message.markdown.get(), id: message.id.get() };
        let template = self.context.tables.template(parts, self.at)?;
        Some(message::text(template, &arguments(message)).into_owned()).filter(|text| !text.is_empty())
    }

    fn rare(&self, message: &Rare<part::Message<Owned>>) -> Option<String> {
        self.text(message.get()?)
    }

    fn taxa(&self, result: &full::FullResult) -> Vec<String> {
        result.taxa.0.iter().filter_map(|taxon| self.context.tables.taxon_name(taxon.pointer())).collect()
    }

    /// The first location is the record's, whatever has been learnt about paths since.
    fn use_path_of_record(&self, first: Option<&mut Location>) {
        let backlog = self.context.backlog;
        let record = backlog.record(self.context.result);
        if let (Some(first), Some(path)) = (first, backlog.paths.get(record.path)) {
            path.text.clone_into(&mut first.path);
            first.in_repo = path.in_repo;
        }
    }

    fn locations(&mut self, locations: &List<part::Location<Owned>>) -> Vec<Location> {
        locations.0.iter().map(|location| self.location(location)).collect()
    }

    pub(super) fn location(&mut self, location: &part::Location<Owned>) -> Location {
        let physical = &location.physical;
        let Located { path, in_repo } = self.locate(&physical.artifact);
        let artifact = self.artifact(&physical.artifact);
        let unit = self.unit();
        let region = self.region(&physical.region);
        let snippet = physical.region.snippet.text.0.clone();
        let stated = physical.context.snippet.text.0.clone().map(|text| {
            let first = lower::position(physical.context.start_line, "contextRegion.startLine", &mut self.oddities);
            (first, text)
        });
        let resolved = self.resolved(&path, in_repo, artifact, region);
        let embedded = || artifact.and_then(|at| embedded_context(self.context.tables, at, resolved.unwrap_or(region)));
        let uri = physical.artifact.uri.get().filter(|uri| !uri.is_empty() && *uri != path).map(str::to_owned);
        Location {
            in_repo,
            uri,
            inside: artifact.map(|at| self.inside(at)).unwrap_or_default(),
            region,
            unit,
            resolved,
            context: if snippet.is_some() { stated } else { stated.or_else(embedded) },
            snippet,
            message: self.rare(&location.message).or_else(|| self.rare(&physical.region.message)),
            id: location.id.position(),
            logical: self.logical(location),
            sha256: artifact.and_then(|at| self.sha256(at)),
            path,
        }
    }

    /// Regions that a location points out beside its own, as places of their own.
    fn annotations(&mut self, locations: &List<part::Location<Owned>>) -> Vec<Location> {
        let mut places = Vec::new();
        for location in &locations.0 {
            for annotation in &location.annotations.0 {
                let artifact = location.physical.artifact.clone();
                let physical = part::PhysicalLocation {
                    artifact,
                    region: annotation.clone(),
                    ..part::PhysicalLocation::default()
                };
                places.push(self.location(&part::Location { physical, ..part::Location::default() }));
            }
        }
        places
    }

    /// What the columns of the run count.
    fn unit(&self) -> ColumnUnit {
        proposal::column_unit(self.context.tables)
    }

    /// Lines and columns of a region that counts from the start of its file: of the file, else of the run's copy.
    fn resolved(&mut self, path: &str, in_repo: bool, artifact: Option<usize>, region: Region) -> Option<Region> {
        if region.line > 0 || (region.byte_span.is_none() && region.char_span.is_none()) {
            return None;
        }
        let unit = self.unit();
        if in_repo && !self.texts.contains_key(path) {
            let bytes = lock(self.context.locator).read(path);
            self.texts.insert(path.to_owned(), bytes.and_then(|bytes| String::from_utf8(bytes).ok()));
        }
        let own = self.texts.get(path).and_then(Option::as_deref);
        let copy = || self.context.tables.run.artifacts.0.get(artifact?)?.contents.text.get();
        column::resolve(own.or_else(copy)?, &region, unit)
    }

    fn logical(&self, location: &part::Location<Owned>) -> Option<String> {
        let own = location.logical.0.first();
        let shared = || self.context.tables.run.logical_locations.0.get(own?.index.position()?)?.called();
        let name = own.and_then(part::LogicalLocation::called).or_else(shared).or(location.logical_name.get());
        name.map(str::to_owned)
    }

    pub(super) fn locate(&mut self, artifact: &part::ArtifactLocation<Owned>) -> Located {
        let tables = self.context.tables;
        let has_uri = artifact.uri.get().is_some_and(|uri| !uri.is_empty());
        let shared = || tables.artifact_location(artifact.index.position()?);
        let Some(location) = Some(artifact).filter(|_| has_uri).or_else(shared) else {
            return Located { path: String::new(), in_repo: false };
        };
        let base = location.base.get().and_then(|base| uri::base_uri(&tables.run.base_ids, base));
        lock(self.context.locator).locate(location.uri.get().unwrap_or_default(), base.as_deref())
    }

    /// Position in the run's artifacts, by index, else by URI.
    fn artifact(&self, location: &part::ArtifactLocation<Owned>) -> Option<usize> {
        let artifacts = &self.context.tables.run.artifacts.0;
        let by_index = location.index.position().filter(|index| *index < artifacts.len());
        let uri = location.uri.get();
        by_index.or_else(|| artifacts.iter().position(|artifact| uri.is_some() && artifact.location.uri.get() == uri))
    }

    /// What holds an artifact, innermost first.
    fn inside(&mut self, artifact: usize) -> Vec<String> {
        let tables = self.context.tables;
        let chain = tables.artifact_chain(artifact).skip(1);
        let places = chain.map(|holder| self.locate(&holder.location).path).filter(|path| !path.is_empty());
        places.collect()
    }

    fn sha256(&self, artifact: usize) -> Option<String> {
        let hash = self.context.tables.run.artifacts.0.get(artifact)?.hashes.sha256.get()?;
        Some(hash.to_ascii_lowercase())
    }

    fn region(&mut self, region: &part::Region<Owned>) -> Region {
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

    fn fixes(&mut self, fixes: &List<full::Fix>, locations: &[Location], message: &str) -> Vec<Proposal> {
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

    fn file_edit(&mut self, change: &full::Change, locations: &[Location]) -> FileEdit {
        let Located { path, in_repo } = self.locate(&change.artifact);
        let sha256 = self.artifact(&change.artifact).and_then(|at| self.sha256(at));
        let unit = proposal::declared_unit(self.context.tables.run.column_kind.get());
        let edits = change.replacements.0.iter().map(|replacement| TextEdit {
            region: self.region(&replacement.deleted),
            unit: Some(unit),
            insert: replacement.inserted.text.0.clone().unwrap_or_default(),
        });
        let edits = edits.collect();
        let seen = proposal::seen(locations, &path);
        let flagged = proposal::flagged(locations, &path);
        FileEdit { path, in_repo, sha256, edits, seen, flagged, ..FileEdit::default() }
    }

    fn suppressions(&mut self, result: &full::FullResult) -> Vec<Suppression> {
        let stated = result.suppressions.0.iter().map(|suppression| {
            let place = suppression.location.get().map(|place| self.location(place).place()).unwrap_or_default();
            Suppression {
                kind: suppression.kind.0.clone().unwrap_or_default(),
                status: suppression.status.0.clone(),
                justification: suppression.justification.0.clone(),
                place: Some(place).filter(|place| !place.is_empty()),
            }
        });
        let mut suppressions: Vec<Suppression> = stated.collect();
        let states = result.suppression_states.0.iter().filter_map(|state| state.0.clone());
        suppressions.extend(states.map(|kind| Suppression { kind, ..Suppression::default() }));
        suppressions
    }
}

fn markdown(message: &part::Message<Owned>) -> Option<String> {
    let text = message.markdown.get().filter(|text| !text.is_empty())?;
    Some(message::fill(message::Template::own(text), &arguments(message)).into_owned())
}

fn arguments(message: &part::Message<Owned>) -> Vec<&str> {
    message.arguments.0.iter().map(|text| text.get().unwrap_or_default()).collect()
}

/// Links to URIs as they are, links to locations with the place that the number names; others are no links.
fn resolve_links(links: Vec<(String, String)>, locations: &[Location], related: &[Location]) -> Vec<(String, String)> {
    let resolve = |(text, target): (String, String)| {
        let Ok(number) = target.parse::<usize>() else { return Some((text, target)) };
        let place = related.iter().chain(locations).find(|location| location.id == Some(number))?.place();
        (!place.is_empty()).then_some((text, place))
    };
    links.into_iter().filter_map(resolve).collect()
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

/// Names and values as short texts.
fn properties(bag: &OwnedBag) -> Vec<(String, String)> {
    let value = |name: &str, raw: &str| bag.text(name).unwrap_or_else(|| raw.to_owned());
    bag.0.iter().map(|(name, raw)| (name.clone(), short(&value(name, raw.get())))).collect()
}

/// The start of a text that may be very long.
pub(super) fn short(text: &str) -> String {
    text.chars().take(MAX_PROPERTY).collect()
}

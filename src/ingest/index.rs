//! One input to its part of the backlog: what every row needs of each result.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use jiff::Timestamp;

use crate::model::ai::Mark;
use crate::model::backlog::{MadeBy, NONE, Package, Record, Report, Rule};
use crate::model::claim::Claim;
use crate::model::evidence::Evidence;
use crate::model::fix::ColumnUnit;
use crate::model::messages::Gather;
use crate::model::problem::{Loss, Problem};
use crate::repo::Repo;
use crate::repo::locate::{Files, Locator};

use super::identity::Flagged;
use super::input::Input;
use super::json::{Properties, Said};
use super::load::Progress;
use super::lower::Draft;
use super::native::Rewritten;
use super::notes::{Notes, Oddity};
use super::open::{self, Opened, Piped, Source, Spool};
use super::places::LocatedPlaces;
use super::repair::Flaw;
use super::rules::Tables;
use super::run::RunBuilder;
use super::scan::Stop;
use super::walk::{self, Document, Outline, Span};
use super::window::Skeleton;
use super::{ai, evidence, external, native, proposal, sniff};

/// What one input gave.
pub(super) struct Part {
    pub(super) report: Report,
    pub(super) problems: Vec<Problem>,
    pub(super) runs: Vec<PartRun>,
    pub(super) columns: Columns,
    pub(super) source: Source,
    pub(super) raw: Source,
    /// Whether it is of the version that is written today, 2.1.0; others name and nest things differently.
    pub(super) is_current: bool,
    pub(super) locator: Locator,
    pub(super) evidence: Evidence,
}

/// One run; rules and places are numbered within it.
pub(super) struct PartRun {
    pub(super) tool: String,
    /// Whether the run itself names its tool.
    names_tool: bool,
    pub(super) family: String,
    pub(super) version: Option<String>,
    pub(super) revision: Option<String>,
    pub(super) image: Option<Box<str>>,
    pub(super) model: Option<Arc<str>>,
    /// What its columns count, as far as it is known.
    pub(super) unit: ColumnUnit,
    /// Whether the tool reports no failure.
    pub(super) is_whole: bool,
    pub(super) rules: Vec<Rule>,
    pub(super) places: LocatedPlaces,
    /// Its part of the columns.
    pub(super) results: Range<usize>,
    /// Positions of results that could not be read.
    pub(super) lost: Box<[u32]>,
    /// Where the text outside its results lies.
    pub(super) skeleton: Vec<(u64, usize)>,
    /// Where each result stands in the report, if that is not SARIF.
    pub(super) pointers: native::Pointers,
    /// The end of the scan, as it states it.
    pub(super) ended: Option<Timestamp>,
    /// See [`Run::rules`](crate::model::backlog::Run::rules).
    pub(super) looked_for: Arc<[u64]>,
    pub(super) category: Option<Box<str>>,
    notes: Notes,
}

/// The results of all runs, one after the other. `rule` and `path` of a record are numbers within its run.
#[derive(Default)]
pub(super) struct Columns {
    pub(super) records: Vec<Record>,
    /// Digests of flagged texts, where the report carries them.
    pub(super) flagged: Flagged,
    pub(super) messages: Gather,
    /// What few results have, with their numbers.
    pub(super) logical: Vec<(u32, Box<str>)>,
    pub(super) advisories: Vec<(u32, Arc<[Box<str>]>)>,
    pub(super) packages: Vec<(u32, Arc<Package>)>,
    pub(super) cwe: Vec<(u32, Box<[u32]>)>,
    pub(super) claims: Vec<(u32, Claim)>,
    pub(super) ai: Vec<(u32, Mark)>,
    /// Where flows start; numbers of places as `path` of a record.
    pub(super) starts: Vec<(u32, u32)>,
}

impl Columns {
    fn truncate(&mut self, count: usize) {
        let number = short(count);
        self.records.truncate(count);
        self.flagged.truncate(count);
        self.messages.truncate(count);
        self.logical.truncate(self.logical.partition_point(|(at, _)| *at < number));
        self.advisories.truncate(self.advisories.partition_point(|(at, _)| *at < number));
        self.packages.truncate(self.packages.partition_point(|(at, _)| *at < number));
        self.cwe.truncate(self.cwe.partition_point(|(at, _)| *at < number));
        self.claims.truncate(self.claims.partition_point(|(at, _)| *at < number));
        self.ai.truncate(self.ai.partition_point(|(at, _)| *at < number));
        self.starts.truncate(self.starts.partition_point(|(at, _)| *at < number));
    }
}

/// What the reports of one load share.
pub(super) struct Shared<'a> {
    pub(super) piped: &'a Piped,
    pub(super) spool: Spool,
    pub(super) files: Files,
}

/// Reads one input whole.
pub(super) fn index(repo: &Repo, input: &Input, shared: &Shared<'_>, progress: &Progress) -> Part {
    let name = input.name(repo);
    let mut notes = Notes::new(&name);
    let locator = Locator::sharing(repo, shared.files.clone());
    let opened = match open::open(input, shared.piped, &shared.spool, &mut notes, progress) {
        Ok(opened) => opened,
        Err(reason) => {
            notes.file(format!("it cannot be read: {reason}"), "check the path and its permissions");
            let report = Report { name, bytes: 0, made: None, made_by: MadeBy::default(), is_complete: false };
            let (problems, columns) = (notes.finish(), Columns::default());
            let (source, raw) = (Source::Lost, Source::Lost);
            return Part {
                report,
                problems,
                runs: Vec::new(),
                columns,
                source,
                raw,
                is_current: true,
                locator,
                evidence: Evidence::default(),
            };
        }
    };
    let Opened { text, bytes, written, mut source, raw, mut is_whole } = opened;
    let rewritten;
    let mut runs = Runs::new(&name, progress, locator);
    let mut outline = walk::walk(&text, &mut runs);
    let evidence = states(&text, &outline, &mut runs, &mut notes);
    if let Some(other) = rewrite(repo, input, &text, (&outline, &runs), &mut notes) {
        rewritten = shared.spool.keep(other.sarif);
        source = Source::Kept(rewritten.clone());
        is_whole &= !other.is_cut;
        outline = walk::walk(&rewritten, &mut runs);
        for (run, pointers) in runs.done.iter_mut().zip(other.pointers) {
            run.pointers = pointers;
        }
    }
    let was_read = evidence.is_some() && outline.documents.iter().all(|document| !is_sarif(document))
        || note(&text, &outline, &mut notes);
    let is_complete = is_whole && was_read && outline.stop.is_none() && !progress.is_cancelled();
    let Runs { done: mut runs, columns, locator, told, .. } = runs;
    progress.bytes.fetch_add(bytes.saturating_sub(told), Ordering::Relaxed);
    for run in &mut runs {
        notes.absorb(std::mem::replace(&mut run.notes, Notes::new("")));
    }
    let evidence = evidence.unwrap_or_default();
    let (made, made_by) = match runs.iter().filter_map(|run| run.ended).max() {
        Some(made) => (Some(made), MadeBy::Stated),
        None => (written, MadeBy::Written),
    };
    let report = Report { name, bytes, made, made_by, is_complete };
    notes.mapped(&locator.learnt());
    let problems = notes.finish();
    let is_current = outline.is_current();
    Part { report, problems, runs, columns, source, raw, is_current, locator, evidence }
}

/// Reads the first `most` bytes of an input, if it is a file of SARIF; also returns how many that were. What is
/// wrong with it is not told, and of a run whose tool is not among them nobody knows what its rules mean.
pub(super) fn begin(
    repo: &Repo,
    input: &Input,
    most: u64,
    shared: &Shared<'_>,
    progress: &Progress,
) -> Option<(Part, u64)> {
    let Input::File(path) = input else { return None };
    let Opened { text, bytes, written, source, raw, .. } = open::begin(path, most, &shared.spool)?;
    if !sniff::begins_sarif(&text) {
        return None;
    }
    let name = input.name(repo);
    let mut runs = Runs::new(&name, progress, Locator::sharing(repo, shared.files.clone()));
    let outline = walk::walk(&text, &mut runs);
    let Runs { done: mut runs, columns, locator, .. } = runs;
    for run in runs.iter_mut().filter(|run| !run.names_tool) {
        run.tool.clear();
    }
    let report = Report { name, bytes, made: written, made_by: MadeBy::Written, is_complete: false };
    let is_current = outline.is_current();
    let (problems, evidence) = (Vec::new(), Evidence::default());
    let part = Part { report, problems, runs, columns, source, raw, is_current, locator, evidence };
    Some((part, text.len))
}

/// What a text says as evidence, if it is no SARIF.
fn states(text: &open::Text, outline: &Outline, runs: &mut Runs<'_>, notes: &mut Notes) -> Option<Evidence> {
    if runs.progress.is_cancelled() || outline.documents.iter().any(is_sarif) {
        return None;
    }
    evidence::read(&text.whole()?, runs.name, &mut runs.locator, notes)
}

/// The text that is read in place of one that is no SARIF, or whose parts lie elsewhere.
fn rewrite(
    repo: &Repo,
    input: &Input,
    text: &open::Text,
    (outline, runs): (&Outline, &Runs<'_>),
    notes: &mut Notes,
) -> Option<Rewritten> {
    if runs.progress.is_cancelled() {
        return None;
    }
    let documents = outline.documents.as_slice();
    if !documents.iter().any(|document| is_sarif(document) && !document.is_too_old()) {
        return native::rewrite(&text.whole()?, repo, notes);
    }
    // Whose parts those of several documents in one file are is not told apart.
    let [only] = documents else { return None };
    if !runs.has_files && only.log.inline.0.is_empty() {
        return None;
    }
    let folder = match input {
        Input::File(path) => path.parent(),
        Input::Member { .. } | Input::Stdin => None,
    };
    let sarif = external::inlined(&text.whole()?, folder, notes)?;
    Some(Rewritten { sarif, ..Rewritten::default() })
}

/// Says what was wrong around the results; `false` if the text is no report that can be read.
fn note(text: &open::Text, outline: &Outline, notes: &mut Notes) -> bool {
    if !outline.documents.iter().any(is_sarif) {
        let keys = outline.documents.first().map(|document| document.keys.as_slice()).unwrap_or_default();
        let (what, hint) = sniff::looks_like(text, keys);
        notes.file(format!("not a report: {what}"), hint);
        return false;
    }
    note_outline(outline, notes);
    let flaws: BTreeSet<Flaw> = outline.documents.iter().flat_map(|document| document.flaws.iter().copied()).collect();
    for flaw in flaws.into_iter().filter(|flaw| outline.stop.is_none() || *flaw != Flaw::Cut) {
        notes.at("", format!("outside of the results: {}", flaw.words()), "", Loss::Nothing);
    }
    let mut was_read = true;
    for document in outline.documents.iter().filter(|document| is_sarif(document)) {
        was_read &= note_document(document, notes);
    }
    was_read
}

fn note_outline(outline: &Outline, notes: &mut Notes) {
    let cut = "results up to there were read; make the report again";
    match outline.stop {
        Some(Stop::Cut(at)) => notes.at(format!("byte {at}"), "the report ends inside a value", cut, Loss::File),
        Some(Stop::Junk(at)) => notes.at(format!("byte {at}"), "no valid JSON from here on", cut, Loss::File),
        None => {}
    }
    if let Some(at) = outline.stray_text {
        notes.at(format!("byte {at}"), "text that does not belong to the report was skipped", "", Loss::Nothing);
    }
    if outline.documents.len() > 1 {
        let reason = format!("{} documents in one file; their runs are counted on", outline.documents.len());
        notes.at("", reason, "", Loss::Nothing);
    }
    let twice = [
        (outline.documents.iter().any(|document| document.has_runs_twice), "the report has `runs` twice"),
        (outline.documents.iter().any(|document| document.has_results_twice), "a run has `results` twice"),
    ];
    for (_, what) in twice.iter().filter(|(is_so, _)| *is_so) {
        let reason = format!("{what}, the last one was read");
        notes.at("", reason, "make the report again", Loss::Result);
    }
}

/// Says what is odd about a document; `false` if it is of a version that is not read.
fn note_document(document: &Document, notes: &mut Notes) -> bool {
    let log = &document.log;
    let version = document.version();
    if document.is_too_old() {
        let reason = format!("SARIF {version} is not read");
        notes.file(reason, "convert it with `sarif-multitool transform`, or let the scanner write 2.1.0");
        return false;
    }
    match version {
        "2.1.0" => {}
        "" => notes.at("", "`version` is absent, read as SARIF 2.1.0", "", Loss::Nothing),
        other => notes.at("/version", format!("SARIF {other} read as 2.1.0"), "", Loss::Nothing),
    }
    if log.inline.0.iter().any(|inline| !inline.results.0.is_empty()) {
        let hint = "let the scanner write one file with all results";
        notes.at("/inlineExternalProperties", "results outside of runs are not read", hint, Loss::Result);
    }
    if document.runs.is_empty() {
        notes.at("/runs", "the report has no runs", "", Loss::Nothing);
    }
    true
}

/// Whether a document is SARIF: it has runs, or says so by its schema.
fn is_sarif(document: &Document) -> bool {
    let names_schema = document.log.schema.get().is_some_and(|schema| schema.to_ascii_lowercase().contains("sarif"));
    let has_key = |name: &str| document.keys.iter().any(|key| key == name);
    document.has_runs || names_schema || (has_key("runs") && has_key("version"))
}

/// The runs of one input, as they are read.
pub(super) struct Runs<'a> {
    name: &'a str,
    pub(super) progress: &'a Progress,
    locator: Locator,
    done: Vec<PartRun>,
    /// Whether a run has parts in other files.
    has_files: bool,
    columns: Columns,
    /// The run that is being read.
    run: RunBuilder,
    /// Bytes and results that progress was told of.
    told: u64,
    told_results: usize,
    has_room: bool,
}

/// Results by which the number of all is estimated.
const SAMPLE: usize = 500;
/// Bytes that a result has at least, for that estimate.
const MIN_RESULT: u64 = 200;

impl<'a> Runs<'a> {
    fn new(name: &'a str, progress: &'a Progress, locator: Locator) -> Self {
        Self {
            name,
            progress,
            locator,
            done: Vec::new(),
            has_files: false,
            columns: Columns::default(),
            run: RunBuilder::new(name, 0),
            told: 0,
            told_results: 0,
            has_room: false,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.done.len()
    }

    /// Forgets the runs from this one on.
    pub(super) fn truncate(&mut self, count: usize) {
        self.done.truncate(count);
        self.restart();
    }

    /// Forgets what was read of the run that is being read.
    pub(super) fn restart(&mut self) {
        self.columns.truncate(self.first());
        self.run = RunBuilder::new(self.name, self.done.len());
    }

    /// The first result of the run that is being read.
    fn first(&self) -> usize {
        self.done.last().map_or(0, |run| run.results.end)
    }

    /// Makes room for the results of a text, by those that were read up to a position. Memory that is asked for once
    /// is not left behind in pieces, and what is not used is not counted.
    pub(super) fn make_room(&mut self, at: u64, text: u64) {
        let results = self.columns.records.len();
        if self.has_room || results < SAMPLE || at == 0 {
            return;
        }
        self.has_room = true;
        let rest = text.saturating_sub(at);
        let more = ((results as u64).saturating_mul(rest) / at).min(rest / MIN_RESULT);
        let more = usize::try_from(more + more / 16).unwrap_or_default();
        // Where there is no room for all at once there may be room as they come.
        let _ = self.columns.records.try_reserve_exact(more);
        self.columns.flagged.try_reserve(more);
        self.columns.messages.try_reserve(more);
    }

    /// Tells how far reading has come.
    pub(super) fn tell(&mut self, at: u64) {
        let (bytes, results) = (at.saturating_sub(self.told), self.columns.records.len());
        self.progress.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.progress.results.fetch_add(results.saturating_sub(self.told_results) as u64, Ordering::Relaxed);
        self.told += bytes;
        self.told_results = self.told_results.max(results);
    }

    pub(super) fn stray(&mut self, index: u32) {
        self.run.odd(index, &Oddity::costly("a result that is no object was skipped", ""));
    }

    /// Adds a result that needed a closer look.
    pub(super) fn read(&mut self, span: Span, draft: Result<Draft<'_>, String>, tables: &Tables) {
        match draft {
            Ok(draft) => self.push(span, draft, tables),
            Err(reason) => {
                self.run.odd(span.index, &Oddity::costly("a result that cannot be read was skipped", reason));
            }
        }
    }

    pub(super) fn push(&mut self, span: Span, draft: Draft<'_>, tables: &Tables) {
        self.run.push(span, draft, tables, &mut self.columns);
    }

    /// Ends the run that is being read.
    pub(super) fn finish(&mut self, tables: &Tables, skeleton: Skeleton) {
        let next = RunBuilder::new(self.name, self.done.len() + 1);
        let mut run = std::mem::replace(&mut self.run, next);
        let results = self.first()..self.columns.records.len();
        run.fill_from_embedded(tables, &mut self.columns);
        let places = if self.progress.is_cancelled() {
            LocatedPlaces::default()
        } else {
            run.places.locate(tables, &mut self.locator)
        };
        let mut notes = Notes::new(self.name);
        note_run(self.done.len(), tables, &mut notes);
        notes.absorb(run.notes);
        let metadata = &tables.run;
        self.has_files |= !metadata.external.is_empty();
        let ends = metadata.invocations.0.iter().filter_map(|run| run.end.get().or(run.start.get()));
        self.done.push(PartRun {
            tool: tables.tool.clone(),
            names_tool: names_tool(tables),
            family: tables.family.clone(),
            version: tables.version.clone(),
            revision: metadata.versions.0.iter().find_map(|version| version.revision.0.clone()),
            image: image_of(tables, &results, &mut self.columns.messages),
            model: ai::model(tables),
            unit: proposal::column_unit(tables),
            is_whole: !tables.troubles.iter().any(|trouble| trouble.is_error),
            rules: run.rules,
            places,
            results,
            lost: run.lost.into(),
            skeleton: skeleton.pieces,
            pointers: Vec::new(),
            ended: ends.filter_map(time).max(),
            looked_for: rules_of(tables),
            category: metadata.automation.id.get().and_then(|id| Some(id.rsplit_once('/')?.0.into())),
            notes,
        });
    }
}

fn names_tool(tables: &Tables) -> bool {
    let tool = &tables.run.tool;
    [tool.driver.name.get(), tool.name.get()].into_iter().flatten().any(|name| !name.trim().is_empty())
}

/// The container image that a run scanned: Trivy states it, Grype says it in each message.
fn image_of(tables: &Tables, results: &Range<usize>, messages: &mut Gather) -> Option<Box<str>> {
    let stated = tables.run.properties.image.get().filter(|name| !name.is_empty());
    if stated.is_some() || tables.family != "grype" || results.is_empty() {
        return stated.map(Into::into);
    }
    let message = messages.get(short(results.start));
    let (_, behind) = message.rsplit_once(" was found in image ")?;
    Some(behind.split_once(" at: ")?.0.into())
}

/// Keys of the rules that were looked for, sorted.
fn rules_of(tables: &Tables) -> Arc<[u64]> {
    let mut rules: Vec<u64> = tables.looked_for().map(Rule::key).collect();
    rules.sort_unstable();
    rules.dedup();
    rules.into()
}

fn note_run(index: usize, tables: &Tables, notes: &mut Notes) {
    let run = &tables.run;
    if !names_tool(tables) {
        notes.at(format!("/runs/{index}/tool"), "the run names no tool, shown as `unknown`", "", Loss::Nothing);
    }
    for trouble in &tables.troubles {
        notes.odd(|| format!("/runs/{index}/{}", trouble.place), &trouble.oddity);
    }
    if run.external.raw("results").is_some() {
        let place = format!("/runs/{index}/externalPropertyFileReferences");
        notes.at(place, "results in other files are not read", "let the scanner write one file", Loss::Result);
    }
}

pub(super) fn short(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(NONE)
}

fn time(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

//! One input to its part of the backlog: where each result lies, and what every row needs of it.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use jiff::Timestamp;
use rayon::prelude::*;

use crate::model::backlog::{Arena, MadeBy, NONE, Package, Record, Report, Rule};
use crate::model::grade::Category;
use crate::model::id::FindingId;
use crate::model::problem::{Loss, Problem};
use crate::repo::Repo;
use crate::repo::locate::{Files, Located, Locator};

use super::input::Input;
use super::load::Progress;
use super::lower::{self, Draft, Place};
use super::notes::{Notes, Oddity};
use super::open::{self, Opened, Piped, Source, Spool};
use super::repair::{Flaw, repair};
use super::rules::Tables;
use super::sarif::run::{Log, Run};
use super::scan::{self, Document, Outline, RunSpans, Span, Stop};
use super::{sniff, uri};

/// What one input gave.
pub(super) struct Part {
    pub(super) report: Report,
    pub(super) problems: Vec<Problem>,
    pub(super) runs: Vec<PartRun>,
    pub(super) source: Source,
    /// The text outside the results, for each document: positions and lengths.
    pub(super) skeletons: Vec<Vec<(u64, usize)>>,
    pub(super) locator: Locator,
}

/// One run; rules and places are numbered within it.
pub(super) struct PartRun {
    pub(super) index: u32,
    pub(super) tool: String,
    pub(super) family: String,
    pub(super) version: Option<String>,
    pub(super) revision: Option<String>,
    pub(super) is_utf16: bool,
    pub(super) rules: Vec<Rule>,
    pub(super) places: Vec<Located>,
    pub(super) results: Vec<PartResult>,
    /// Lower-case message text of every result, in the order of `results`.
    pub(super) messages: Arena,
    /// Where each result stands in the report, if that is not SARIF.
    pub(super) pointers: Vec<Box<str>>,
}

/// One result. `rule` and `path` of the record are numbers within the run.
pub(super) struct PartResult {
    pub(super) record: Record,
    pub(super) flagged: Option<String>,
    pub(super) logical: Option<String>,
    pub(super) advisories: Vec<Box<str>>,
    pub(super) package: Option<Package>,
    pub(super) cwe: Vec<u32>,
}

/// What the reports of one load share.
pub(super) struct Shared<'a> {
    pub(super) piped: &'a Piped,
    pub(super) spool: Arc<Spool>,
    pub(super) files: Files,
}

/// Results that are lowered at a time: enough for all threads, few enough to stay small.
const CHUNK: usize = 8192;

/// Reads one input whole.
pub(super) fn index(repo: &Repo, input: &Input, shared: &Shared<'_>, progress: &Progress) -> Part {
    let name = input.name(repo);
    let mut notes = Notes::new(&name);
    let locator = Locator::sharing(repo, shared.files.clone());
    let opened = match open::open(repo, input, shared.piped, &shared.spool, &mut notes) {
        Ok(opened) => opened,
        Err(reason) => {
            notes.file(format!("it cannot be read: {reason}"), "check the path and its permissions");
            let report = Report {
                name,
                bytes: 0,
                made: None,
                made_by: MadeBy::default(),
                sha256: String::new(),
                is_complete: false,
            };
            let problems = notes.finish();
            return Part { report, problems, runs: Vec::new(), source: Source::Lost, skeletons: Vec::new(), locator };
        }
    };
    progress.bytes.fetch_add(opened.bytes, Ordering::Relaxed);
    Indexer { progress, notes, locator, made: None, runs: Vec::new(), skeletons: Vec::new() }.run(name, opened)
}

struct Indexer<'a> {
    progress: &'a Progress,
    notes: Notes,
    locator: Locator,
    /// The latest end of a scan that a run states.
    made: Option<Timestamp>,
    runs: Vec<PartRun>,
    skeletons: Vec<Vec<(u64, usize)>>,
}

impl Indexer<'_> {
    fn run(mut self, name: String, opened: Opened) -> Part {
        let Opened { text, bytes, sha256, written, source, is_whole, pointers } = opened;
        let outline = scan::scan(&text);
        let was_read = self.read(&text, &outline);
        for (run, pointers) in self.runs.iter_mut().zip(pointers) {
            run.pointers = pointers;
        }
        let is_complete = is_whole && was_read && outline.stop.is_none() && !self.progress.is_cancelled();
        let (made, made_by) = match self.made {
            Some(made) => (Some(made), MadeBy::Stated),
            None => (written, MadeBy::Written),
        };
        let report = Report { name, bytes, made, made_by, sha256, is_complete };
        let problems = self.notes.finish();
        Part { report, problems, runs: self.runs, source, skeletons: self.skeletons, locator: self.locator }
    }

    /// Reads all documents; `false` if the text is no report that can be read.
    fn read(&mut self, text: &[u8], outline: &Outline) -> bool {
        let (logs, flaws): (Vec<Log>, Vec<_>) = outline.documents.iter().map(|document| log(text, document)).unzip();
        if !outline.documents.iter().zip(&logs).any(|(document, log)| is_sarif(document, log)) {
            let keys = outline.documents.first().map(|document| document.keys.as_slice()).unwrap_or_default();
            let (what, hint) = sniff::looks_like(text, keys);
            self.notes.file(format!("not a report: {what}"), hint);
            return false;
        }
        self.note_outline(outline);
        for flaw in flaws.into_iter().flatten().filter(|flaw| outline.stop.is_none() || *flaw != Flaw::Cut) {
            self.notes.at("", format!("outside of the results: {}", flaw.words()), "", Loss::Nothing);
        }
        let mut was_read = true;
        for (document, log) in outline.documents.iter().zip(logs) {
            if is_sarif(document, &log) {
                was_read &= self.document(text, document, log);
            }
        }
        was_read
    }

    fn note_outline(&mut self, outline: &Outline) {
        let cut = "results up to there were read; make the report again";
        match outline.stop {
            Some(Stop::Cut(at)) => {
                self.notes.at(format!("byte {at}"), "the report ends inside a value", cut, Loss::File);
            }
            Some(Stop::Junk(at)) => self.notes.at(format!("byte {at}"), "no valid JSON from here on", cut, Loss::File),
            None => {}
        }
        if let Some(at) = outline.stray_text {
            self.notes.at(
                format!("byte {at}"),
                "text that does not belong to the report was skipped",
                "",
                Loss::Nothing,
            );
        }
        if outline.documents.len() > 1 {
            let reason = format!("{} documents in one file; their runs are counted on", outline.documents.len());
            self.notes.at("", reason, "", Loss::Nothing);
        }
        let twice = [
            (outline.documents.iter().any(|document| document.has_runs_twice), "the report has `runs` twice"),
            (outline.documents.iter().any(|document| document.has_results_twice), "a run has `results` twice"),
        ];
        for (_, what) in twice.iter().filter(|(is_so, _)| *is_so) {
            let reason = format!("{what}, the last one was read");
            self.notes.at("", reason, "make the report again", Loss::Result);
        }
    }

    fn document(&mut self, text: &[u8], document: &Document, log: Log) -> bool {
        let version = log.version.get().unwrap_or_default();
        if version.starts_with("1.") {
            let reason = format!("SARIF {version} is not read");
            self.notes.file(reason, "convert it with `sarif-multitool transform`, or let the scanner write 2.1.0");
            return false;
        }
        match version {
            "2.1.0" => {}
            "" => self.notes.at("", "`version` is absent, read as SARIF 2.1.0", "", Loss::Nothing),
            other => self.notes.at("/version", format!("SARIF {other} read as 2.1.0"), "", Loss::Nothing),
        }
        if log.inline.0.iter().any(|inline| !inline.results.0.is_empty()) {
            let hint = "let the scanner write one file with all results";
            self.notes.at("/inlineExternalProperties", "results outside of runs are not read", hint, Loss::Result);
        }
        if document.runs.is_empty() {
            self.notes.at("/runs", "the report has no runs", "", Loss::Nothing);
        }
        let pieces = document.skeleton.iter().map(|piece| (piece.start as u64, piece.len())).collect();
        self.skeletons.push(pieces);
        let mut runs = log.runs.0.into_iter();
        for spans in &document.runs {
            self.one_run(text, spans, runs.next().unwrap_or_default());
        }
        true
    }

    fn one_run(&mut self, text: &[u8], spans: &RunSpans, run: Run) {
        let index = u32::try_from(self.runs.len()).unwrap_or(u32::MAX);
        self.note_run(index, &run);
        for stray in &spans.strays {
            let place = || format!("/runs/{index}/results/{stray}");
            self.notes.odd(place, &Oddity::costly("a result that is no object was skipped", ""));
        }
        let ended = run.invocations.0.iter().filter_map(|run| run.end.get().or(run.start.get())).filter_map(time);
        self.made = self.made.into_iter().chain(ended).max();
        let tables = Tables::new(run);
        let mut builder = RunBuilder::new(&tables);
        for chunk in spans.results.chunks(CHUNK) {
            if self.progress.is_cancelled() {
                break;
            }
            let drafts: Vec<_> = chunk.par_iter().map(|span| lower::draft(slice(text, *span), &tables)).collect();
            for (span, draft) in chunk.iter().zip(drafts) {
                let place = || format!("/runs/{index}/results/{}", span.index);
                match draft {
                    Ok(draft) => {
                        for oddity in &draft.oddities {
                            self.notes.odd(place, oddity);
                        }
                        builder.push(*span, draft);
                    }
                    Err(reason) => {
                        self.notes.odd(place, &Oddity::costly("a result that cannot be read was skipped", reason));
                    }
                }
            }
            self.progress.results.fetch_add(chunk.len() as u64, Ordering::Relaxed);
        }
        self.runs.push(builder.finish(index, &mut self.locator));
    }

    fn note_run(&mut self, index: u32, run: &Run) {
        let named = [run.tool.driver.name.get(), run.tool.name.get()];
        if !named.into_iter().flatten().any(|name| !name.trim().is_empty()) {
            self.notes.at(
                format!("/runs/{index}/tool"),
                "the run names no tool, shown as `unknown`",
                "",
                Loss::Nothing,
            );
        }
        if run.invocations.0.iter().any(|run| run.is_successful.get() == Some("false")) {
            let reason = "the tool says that its run failed; findings may be missing";
            self.notes.at(format!("/runs/{index}/invocations"), reason, "look at the scanner's own log", Loss::Nothing);
        }
        if !run.external.results.0.is_empty() {
            let place = format!("/runs/{index}/externalPropertyFileReferences");
            self.notes.at(place, "results in other files are not read", "let the scanner write one file", Loss::Result);
        }
    }
}

/// Numbers rules and places of one run.
struct RunBuilder<'a> {
    tables: &'a Tables,
    rules: Vec<Rule>,
    rule_numbers: HashMap<String, u32>,
    places: Vec<Place<'static>>,
    place_numbers: HashMap<Place<'static>, u32>,
    results: Vec<PartResult>,
    messages: Arena,
    /// Position in the run's artifacts of results whose flagged text only an embedded file may have.
    embedded: Vec<(usize, usize)>,
}

impl<'a> RunBuilder<'a> {
    fn new(tables: &'a Tables) -> Self {
        Self {
            tables,
            rules: Vec::new(),
            rule_numbers: HashMap::new(),
            places: Vec::new(),
            place_numbers: HashMap::new(),
            results: Vec::new(),
            messages: Arena::default(),
            embedded: Vec::new(),
        }
    }

    fn push(&mut self, span: Span, mut draft: Draft<'_>) {
        let rule = self.rule(&draft);
        let path = draft.place.take().map_or(NONE, |place| self.place(place));
        if let Some(artifact) = draft.artifact.filter(|_| draft.flagged.is_none() && draft.extent.line > 0) {
            self.embedded.push((artifact, self.results.len()));
        }
        let category = self.rules.get(rule as usize).and_then(|rule| rule.category).unwrap_or(Category::Code);
        let record = Record {
            id: FindingId::default(),
            offset: span.offset as u64,
            len: u32::try_from(span.len).unwrap_or(u32::MAX),
            run: 0,
            index: span.index,
            rule,
            path,
            line: draft.extent.line,
            column: draft.extent.column,
            end_line: draft.extent.end_line,
            end_column: draft.extent.end_column,
            level: draft.level,
            kind: draft.kind,
            severity: draft.severity,
            baseline: draft.baseline,
            fixes: draft.fixes,
            flows: draft.flows,
            category,
            is_suppressed: draft.is_suppressed,
        };
        let Draft { message, flagged, logical, advisories, package, cwe, .. } = draft;
        self.messages.push(&message);
        self.results.push(PartResult { record, flagged, logical, advisories, package, cwe });
    }

    fn rule(&mut self, draft: &Draft<'_>) -> u32 {
        if let Some(number) = self.rule_numbers.get(&*draft.rule_id) {
            return *number;
        }
        let number = u32::try_from(self.rules.len()).unwrap_or(u32::MAX);
        self.rules.push(self.tables.describe(&draft.rule_id, draft.rule_at));
        self.rule_numbers.insert(draft.rule_id.clone().into_owned(), number);
        number
    }

    fn place<'p>(&mut self, place: Place<'p>) -> u32 {
        let numbers: &HashMap<Place<'p>, u32> = &self.place_numbers;
        if let Some(number) = numbers.get(&place) {
            return *number;
        }
        let number = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
        let place = place.into_owned();
        self.places.push(place.clone());
        self.place_numbers.insert(place, number);
        number
    }

    fn finish(mut self, index: u32, locator: &mut Locator) -> PartRun {
        self.fill_from_embedded();
        let run = &self.tables.run;
        let places = self.locate(locator);
        PartRun {
            index,
            tool: self.tables.tool.clone(),
            family: self.tables.family.clone(),
            version: self.tables.version.clone(),
            revision: run.versions.0.iter().find_map(|version| version.revision.0.clone()),
            is_utf16: run.column_kind.get() == Some("utf16CodeUnits"),
            rules: self.rules,
            places,
            results: self.results,
            messages: self.messages,
            pointers: Vec::new(),
        }
    }

    /// Takes the flagged text of results without a snippet from the files that the run carries.
    fn fill_from_embedded(&mut self) {
        self.embedded.sort_unstable();
        for group in self.embedded.chunk_by(|a, b| a.0 == b.0) {
            let artifact = group.first().and_then(|(artifact, _)| self.tables.run.artifacts.0.get(*artifact));
            let Some(text) = artifact.and_then(|artifact| artifact.contents.text.get()) else { continue };
            let lines: Vec<&str> = text.lines().collect();
            for (_, result) in group {
                if let Some(result) = self.results.get_mut(*result) {
                    let record = &result.record;
                    let extent =
                        lower::Extent { line: record.line, end_line: record.end_line, ..lower::Extent::default() };
                    result.flagged = lower::flagged_lines(&lines, 1, extent);
                }
            }
        }
    }

    /// Looks places up in the order of their text, so that the order of results changes no answer.
    fn locate(&self, locator: &mut Locator) -> Vec<Located> {
        let mut order: Vec<usize> = (0..self.places.len()).collect();
        order.sort_by_key(|&at| self.places.get(at).map(|place| (&place.base, &place.uri)));
        let base_of = |place: &Place<'_>| uri::base_uri(&self.tables.run.base_ids, place.base.as_deref()?);
        let sorted: Vec<&Place<'_>> = order.iter().filter_map(|&at| self.places.get(at)).collect();
        let bases: Vec<Option<String>> = sorted.iter().map(|place| base_of(place)).collect();
        let uris = sorted.iter().zip(&bases).map(|(place, base)| (&*place.uri, base.as_deref()));
        let mut located = vec![Located { path: String::new(), in_repo: false }; self.places.len()];
        for (at, answer) in order.iter().zip(locator.locate_all(uris)) {
            if let Some(slot) = located.get_mut(*at) {
                *slot = answer;
            }
        }
        located
    }
}

fn slice(text: &[u8], span: Span) -> &[u8] {
    text.get(span.offset..span.offset + span.len).unwrap_or_default()
}

fn time(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// Everything of a document but its results.
fn log(text: &[u8], document: &Document) -> (Log, BTreeSet<Flaw>) {
    let pieces: Vec<&[u8]> = document.skeleton.iter().filter_map(|piece| text.get(piece.clone())).collect();
    parse_log(&pieces.concat())
}

/// Reads a skeleton, repaired where it does not parse as it is, with what was wrong.
fn parse_log(skeleton: &[u8]) -> (Log, BTreeSet<Flaw>) {
    let text = std::str::from_utf8(skeleton).ok();
    if let Some(log) = text.and_then(|text| serde_json::from_str(text).ok()) {
        return (log, BTreeSet::new());
    }
    let (repaired, flaws) = repair(skeleton);
    (serde_json::from_str(&repaired).unwrap_or_default(), flaws)
}

/// Whether a document is SARIF: it has runs, or says so by its schema.
fn is_sarif(document: &Document, log: &Log) -> bool {
    let names_schema = log.schema.get().is_some_and(|schema| schema.to_ascii_lowercase().contains("sarif"));
    let has_key = |name: &str| document.keys.iter().any(|key| key == name);
    document.has_runs || names_schema || (has_key("runs") && has_key("version"))
}

/// The runs of a report as details need them.
pub(super) fn tables(source: &Source, skeletons: &[Vec<(u64, usize)>]) -> Option<Vec<Tables>> {
    let mut all = Vec::new();
    for pieces in skeletons {
        let (log, _) = parse_log(&source.read(pieces)?);
        all.extend(log.runs.0.into_iter().map(Tables::new));
    }
    Some(all)
}

//! Through a text in one pass: documents, their runs, the results of each, and what is around them.
//!
//! A result is parsed where it lies. What it means depends on the metadata of its run (rules, artifacts), which may
//! stand behind it: then the results are passed first, and read when the run is at its end.

use std::collections::BTreeSet;

use super::ai;
use super::cursor::{Cursor, Read};
use super::index::Runs;
use super::json::{Key, Said};
use super::load::Progress;
use super::lower;
use super::open::Text;
use super::repair::{Flaw, repair};
use super::rules::Tables;
use super::sarif::result::IndexResult;
use super::sarif::run::{Log, Run};
use super::scan::{self, Stop};
use super::window::{Skeleton, Window};

/// One JSON document of a file.
#[derive(Debug, Default)]
pub(super) struct Document {
    /// The document without its runs.
    pub(super) log: Log,
    /// Keys of the root object, as far as they were read.
    pub(super) keys: Vec<String>,
    /// Numbers of its runs among those of the file.
    pub(super) runs: std::ops::Range<usize>,
    pub(super) has_runs: bool,
    pub(super) has_runs_twice: bool,
    pub(super) has_results_twice: bool,
    /// What was repaired outside of the results.
    pub(super) flaws: BTreeSet<Flaw>,
}

impl Document {
    /// As it states it; empty if it does not.
    pub(super) fn version(&self) -> &str {
        self.log.version.get().unwrap_or_default()
    }

    /// Whether it is of a version that has another form.
    pub(super) fn is_too_old(&self) -> bool {
        self.version().starts_with("1.")
    }
}

/// All documents of a text, and why reading ended if not at the end.
#[derive(Debug, Default)]
pub(super) struct Outline {
    pub(super) documents: Vec<Document>,
    pub(super) stop: Option<Stop>,
    /// First byte before or after the documents that belongs to none.
    pub(super) stray_text: Option<u64>,
}

impl Outline {
    /// Whether all of it is of the version that is written today, 2.1.0.
    pub(super) fn is_current(&self) -> bool {
        self.documents.iter().all(|document| matches!(document.version(), "" | "2.1.0"))
    }
}

/// Where one result lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) offset: u64,
    pub(super) len: usize,
    /// Position in `results`.
    pub(super) index: u32,
}

/// How many places are tried for the start of a document in text that does not start with one.
const MAX_STARTS: usize = 20;
/// Keys of a root object that are remembered.
const MAX_KEYS: usize = 64;
/// How much text is taken at most and at least to look for sound results.
const VIEW: usize = 256 << 10;
const MIN_VIEW: usize = 4 << 10;
/// Members of a run that say what its results mean.
const METADATA: &[&str] =
    &["tool", "resources", "invocations", "invocation", "artifacts", "taxonomies", "logicalLocations"];

/// Reads a whole text; its runs go to `runs`.
pub(super) fn walk<'t>(text: &'t Text, runs: &mut Runs<'t>) -> Outline {
    let mut mark = [0; 3];
    let has_mark = text.read(0, &mut mark).is_ok() && mark == *b"\xef\xbb\xbf";
    let mut walk_from = |at: u64| {
        runs.truncate(0);
        let window = Window::new(text, at, runs.progress);
        Walk { text, window, runs: &mut *runs, view: VIEW }.documents()
    };
    let first = walk_from(if has_mark { 3 } else { 0 });
    let is_whole = first.stop.is_none() && first.stray_text.is_none();
    if is_whole || first.documents.iter().any(|document| document.has_runs) {
        return first;
    }
    let progress = Progress::default();
    for at in starts(&mut Window::new(text, 0, &progress)) {
        let mut found = walk_from(at);
        if found.documents.first().is_some_and(|document| document.has_runs) {
            found.stray_text = found.stray_text.or(Some(0));
            return found;
        }
    }
    first
}

/// The first places where an object may start: a brace before a key or another brace.
fn starts(text: &mut Window<'_>) -> Vec<u64> {
    let mut starts = Vec::new();
    while starts.len() < MAX_STARTS && text.peek().is_some() {
        match memchr::memchr(b'{', text.rest()) {
            None => text.skip_all(),
            Some(at) => {
                text.skip(at);
                let start = text.position();
                text.skip(1);
                while text.peek().is_some_and(scan::is_blank) {
                    text.skip(1);
                }
                if matches!(text.peek(), Some(b'"' | b'}')) {
                    starts.push(start);
                }
            }
        }
    }
    starts
}

impl Skeleton {
    /// The metadata of a run whose results are about to come, if it is sound so far; its text is let go then.
    fn read_open(&mut self) -> Option<Tables> {
        let len = self.bytes.len();
        self.bytes.extend(b"]}");
        let run = sound(&self.bytes);
        self.bytes.truncate(len);
        let run = run?;
        self.bytes = Vec::new();
        Some(Tables::new(run))
    }
}

/// The metadata of a run, repaired where it does not parse as it is, with what was wrong.
pub(super) fn read_run(skeleton: &[u8]) -> (Run, BTreeSet<Flaw>) {
    if skeleton.is_empty() {
        return (Run::default(), BTreeSet::new());
    }
    parse(skeleton)
}

/// Reads what is around runs or results, repaired where it does not parse as it is, with what was wrong.
pub(super) fn parse<T: serde::de::DeserializeOwned + Default>(skeleton: &[u8]) -> (T, BTreeSet<Flaw>) {
    if let Some(read) = sound(skeleton) {
        return (read, BTreeSet::new());
    }
    let (repaired, flaws) = repair(skeleton);
    (serde_json::from_str(&repaired).unwrap_or_default(), flaws)
}

fn sound<T: serde::de::DeserializeOwned>(skeleton: &[u8]) -> Option<T> {
    serde_json::from_str(std::str::from_utf8(skeleton).ok()?).ok()
}

struct Walk<'t, 'r> {
    text: &'t Text,
    window: Window<'t>,
    runs: &'r mut Runs<'t>,
    /// How much text is taken at a time to look for sound results.
    view: usize,
}

/// What is known of a run while it is read.
#[derive(Default)]
struct Members {
    /// Members before its results.
    before: Vec<String>,
    /// Where its results begin.
    results: Option<u64>,
    /// Its metadata, if it stood before the results and these are read.
    tables: Option<Tables>,
    /// Whether metadata stands behind the results.
    is_late: bool,
    has_results_twice: bool,
}

impl Members {
    fn add(&mut self, key: &str) {
        let key = Key(key.into()).camel().into_owned();
        if self.results.is_none() {
            self.before.push(key);
        } else {
            self.is_late |= METADATA.contains(&&*key) || self.before.contains(&key);
        }
    }
}

impl Walk<'_, '_> {
    fn documents(mut self) -> Outline {
        let mut outline = Outline::default();
        loop {
            scan::blank(&mut self.window);
            match self.window.peek() {
                Some(b'{') => self.document(&mut outline),
                Some(b'[') => self.array_of_documents(&mut outline),
                Some(_) => {
                    outline.stray_text = Some(self.window.position());
                    return outline;
                }
                None => return outline,
            }
            if outline.stop.is_some() {
                return outline;
            }
        }
    }

    fn array_of_documents(&mut self, outline: &mut Outline) {
        self.window.skip(1);
        while outline.stop.is_none() {
            scan::blank(&mut self.window);
            match self.window.peek() {
                Some(b',') => self.window.skip(1),
                Some(b'{') => self.document(outline),
                Some(b']') => return self.window.skip(1),
                Some(_) => outline.stop = scan::value(&mut self.window).err(),
                None => outline.stop = Some(scan::stop(&mut self.window)),
            }
        }
    }

    fn document(&mut self, outline: &mut Outline) {
        let mut document = Document { runs: self.runs.len()..self.runs.len(), ..Document::default() };
        self.window.keep();
        outline.stop = self.log(&mut document).err();
        self.window.keep_no_more();
        let (log, flaws) = parse(&self.window.take_skeleton().bytes);
        document.log = log;
        document.flaws.extend(flaws);
        if document.is_too_old() {
            self.runs.truncate(document.runs.start);
        }
        document.runs.end = self.runs.len();
        outline.documents.push(document);
    }

    fn log(&mut self, document: &mut Document) -> Result<(), Stop> {
        self.window.skip(1);
        while let Some(key) = scan::next_key(&mut self.window)? {
            if key != "runs" || self.window.peek() != Some(b'[') {
                if document.keys.len() < MAX_KEYS {
                    document.keys.push(key.into_owned());
                }
                scan::value(&mut self.window)?;
                continue;
            }
            document.has_runs_twice |= std::mem::replace(&mut document.has_runs, true);
            self.runs.truncate(document.runs.start);
            self.window.skip(1);
            self.window.keep_no_more();
            while scan::next_element(&mut self.window, b']')? {
                if self.window.peek() == Some(b'{') {
                    self.run(document)?;
                } else {
                    scan::value(&mut self.window)?;
                    self.runs.finish(&Tables::new(Run::default()), Skeleton::default());
                }
            }
            self.window.keep_last();
        }
        Ok(())
    }

    fn run(&mut self, document: &mut Document) -> Result<(), Stop> {
        let root = self.window.take_skeleton();
        let mut members = Members::default();
        self.window.keep();
        let ended = self.members(&mut members);
        self.window.keep_no_more();
        let skeleton = self.window.take_skeleton();
        self.window.resume_skeleton(root);
        document.has_results_twice |= members.has_results_twice;
        let known = members.tables.take().filter(|_| !members.is_late);
        let (tables, flaws) = if let Some(mut tables) = known {
            // What stood before the results was read by then, and let go.
            let (late, flaws) = read_run(&[br#"{"results":["#, skeleton.bytes.as_slice()].concat());
            let was_known = ai::judges_all(&tables);
            tables.run.take_late(late);
            if let Some(results) = members.results.filter(|_| !was_known && ai::judges_all(&tables)) {
                self.read_again(results, &tables);
            }
            (tables, flaws)
        } else {
            let all = self.text.parts(&skeleton.pieces).unwrap_or_default();
            let (run, flaws) = read_run(&all);
            drop(all);
            let tables = Tables::new(run);
            if let Some(results) = members.results {
                self.read_again(results, &tables);
            }
            (tables, flaws)
        };
        document.flaws.extend(flaws);
        self.runs.finish(&tables, skeleton);
        ended
    }

    /// Reads the results of a run that is at its end. If they end too early, that is known by now.
    fn read_again(&mut self, at: u64, tables: &Tables) {
        self.runs.restart();
        let window = Window::new(self.text, at, self.runs.progress);
        let ahead = std::mem::replace(&mut self.window, window);
        let _ = self.results(Some(tables));
        self.window = ahead;
    }

    fn members(&mut self, members: &mut Members) -> Result<(), Stop> {
        self.window.skip(1);
        while let Some(key) = scan::next_key(&mut self.window)? {
            if key != "results" || self.window.peek() != Some(b'[') {
                members.add(&key);
                scan::value(&mut self.window)?;
                continue;
            }
            self.window.skip(1);
            members.has_results_twice |= members.results.replace(self.window.position()).is_some();
            // All of the run is read at its end if it has its results twice.
            members.is_late |= members.has_results_twice;
            let has_tool = members.before.iter().any(|key| matches!(key.as_str(), "tool" | "resources"));
            let head = self.window.skeleton();
            members.tables = if has_tool && !members.is_late { head.read_open() } else { None };
            self.window.keep_no_more();
            let ended = self.results(members.tables.as_ref());
            self.runs.tell(self.window.position());
            ended?;
            self.window.keep_last();
        }
        Ok(())
    }

    /// Passes the elements of `results` and its end, and reads them if the run's metadata is known.
    fn results(&mut self, tables: Option<&Tables>) -> Result<(), Stop> {
        let mut index = 0;
        loop {
            if let Some(tables) = tables {
                self.sound_results(&mut index, tables);
            }
            let at = self.window.position();
            self.runs.tell(at);
            self.runs.make_room(at, self.text.len);
            if !scan::next_element(&mut self.window, b']')? {
                return Ok(());
            }
            let offset = self.window.position();
            let is_object = self.window.peek() == Some(b'{');
            let Some(tables) = tables else {
                scan::value(&mut self.window)?;
                continue;
            };
            self.window.hold();
            let ended = scan::value(&mut self.window);
            let text = self.window.release();
            ended?;
            if is_object {
                self.runs.read(Span { offset, len: text.len(), index }, lower::draft(text, tables), tables);
            } else {
                self.runs.stray(index);
            }
            index += 1;
        }
    }

    /// Reads results for as long as they are in memory and nothing is wrong with them.
    fn sound_results(&mut self, index: &mut u32, tables: &Tables) {
        let bytes = self.window.rest();
        let view = bytes.get(..self.view.min(bytes.len())).unwrap_or_default();
        let text = match std::str::from_utf8(view) {
            Ok(text) => text,
            Err(error) => {
                view.get(..error.valid_up_to()).and_then(|view| str::from_utf8(view).ok()).unwrap_or_default()
            }
        };
        let mut at = 0;
        loop {
            let rest = text.get(at..).unwrap_or_default();
            let before = rest.bytes().take_while(|byte| scan::is_blank(*byte) || *byte == b',').count();
            let rest = rest.get(before..).unwrap_or_default();
            if !rest.starts_with('{') {
                break;
            }
            let mut cursor = Cursor::new(rest);
            let mut result = IndexResult::default();
            if result.read(&mut cursor).is_err() {
                break;
            }
            let len = cursor.position();
            let offset = self.window.position() + (at + before) as u64;
            self.runs.push(Span { offset, len, index: *index }, lower::lower(&result, tables), tables);
            *index += 1;
            at += before + len;
        }
        // Text that was looked at in vain is looked at again: less of it each time.
        self.view = if at * 2 > view.len() { VIEW } else { (self.view / 4).max(MIN_VIEW) };
        self.window.skip(at);
    }
}

//! The journal as bytes: a first part that says all that was known when it was written, and one record behind the other.
//!
//! The first part is a frame with series, rules and histories, then frames with so many results each, then frames with so
//! many paths each: they are read and written one at a time, and paths only where they are asked for. A record is one
//! frame.

use crate::ledger::cache::{Bytes, Writer};
use crate::model::backlog::{Arena, NONE};
use crate::model::sightings::Scanned;
use crate::repo::frames::Frames;

use super::state::{GONE, Histories, History, Kind, Record, Scan, Seen, Series, State};

/// What the first byte of a frame says of it.
const FIRST: u64 = 0;
const KINDS: &[Kind] = &[Kind::Whole, Kind::Part, Kind::Early];

/// Results, and paths, in one frame of the first part.
const EACH: usize = 4_096;
/// The fewest bytes that a result takes.
const LEAST: u64 = 12;
/// Seconds for which what is gone is remembered, and series that nobody loads.
const YEAR: u32 = 365 * 86_400;
/// The most series.
pub(super) const MAX_SERIES: usize = 1_000;

/// What is known when all of it is read; `None` where a frame cannot be. A first part that is cut off says nothing.
pub(super) fn read(frames: &Frames) -> Option<State> {
    let mut bytes = Vec::new();
    if frames.is_empty() {
        return Some(State::default());
    }
    frames.read(0, &mut bytes).ok()?;
    let (mut state, results) = first_of(&mut Bytes::of(&bytes))?;
    if frames.len() < state.first_frames {
        return Some(State::default());
    }
    let last = results.div_ceil(EACH);
    if frames.bytes(1..last + 1) < (results as u64).saturating_mul(LEAST) {
        return None;
    }
    let mut seen = Vec::with_capacity(results);
    for frame in 1..=last {
        frames.read(frame, &mut bytes).ok()?;
        seen_of(&mut Bytes::of(&bytes), results.saturating_sub(seen.len()).min(EACH), &mut seen)?;
    }
    let fits = |seen: &Seen| {
        state.history(seen).is_some()
            && (seen.rule as usize) < state.rules.len()
            && (seen.path == NONE || seen.path < state.unread_paths)
    };
    if !seen.is_sorted_by(|a, b| a.id < b.id) || !seen.iter().all(fits) {
        return None;
    }
    state.begin(seen);
    for frame in state.first_frames..frames.len() {
        frames.read(frame, &mut bytes).ok()?;
        if !state.apply(record_of(&mut Bytes::of(&bytes))?) {
            return None;
        }
    }
    Some(state)
}

/// The texts of some of the paths that are not read yet, sorted and each once; in the same order.
pub(super) fn texts(frames: &Frames, state: &State, paths: &[u32]) -> Option<Arena> {
    let first = state.first_frames - (state.unread_paths as usize).div_ceil(EACH);
    let (mut texts, mut bytes) = (Arena::default(), Vec::new());
    for paths in paths.chunk_by(|a, b| *a as usize / EACH == *b as usize / EACH) {
        let frame = paths.first().map_or(0, |path| *path as usize / EACH);
        frames.read(first + frame, &mut bytes).ok()?;
        let all = paths_of(&mut Bytes::of(&bytes))?;
        for path in paths {
            texts.push(all.get(u32::try_from(*path as usize % EACH).ok()?));
        }
    }
    Some(texts)
}

impl State {
    /// Reads all paths, as is needed to note a scan; `None` where a frame cannot be read.
    pub(super) fn complete(&mut self, frames: &Frames) -> Option<()> {
        if self.unread_paths > 0 {
            let all: Vec<u32> = (0..self.unread_paths).collect();
            let mut paths = texts(frames, self, &all)?;
            paths.append(std::mem::take(&mut self.paths));
            (self.paths, self.unread_paths) = (paths, 0);
        }
        Some(())
    }
}

pub(super) fn record(record: &Record) -> Vec<u8> {
    let mut out = Writer::default();
    let kind = KINDS.iter().position(|kind| *kind == record.kind).unwrap_or(0);
    out.number(kind as u64 + 1);
    out.number(u64::from(record.series));
    for text in [&record.key, &record.tool, &record.report] {
        out.text(text);
    }
    out.number(u64::from(record.is_own));
    out.number(u64::from(record.noted));
    put_scan(&mut out, &record.scan);
    put_rules(&mut out, &record.rules.iter().collect::<Vec<_>>());
    out.number(record.paths.ends.len() as u64);
    for path in record.paths.iter() {
        out.text(path);
    }
    put_histories(&mut out, record.histories.all().iter().copied());
    out.number(record.came.len() as u64);
    record.came.iter().for_each(|seen| put_seen(&mut out, *seen));
    for ids in [&record.here, &record.gone, &record.early] {
        out.number(ids.len() as u64);
        for id in ids {
            out.word(*id);
        }
    }
    out.number(record.moved.len() as u64);
    for (old, new) in &record.moved {
        out.word(*old);
        out.word(*new);
    }
    out.bytes
}

fn record_of(bytes: &mut Bytes<'_>) -> Option<Record> {
    let kind = *KINDS.get(usize::try_from(bytes.number()?).ok()?.checked_sub(1)?)?;
    let mut record = Record {
        kind,
        series: bytes.number()?.try_into().ok()?,
        key: bytes.text()?.to_owned(),
        tool: bytes.text()?.to_owned(),
        report: bytes.text()?.to_owned(),
        is_own: bytes.number()? != 0,
        noted: small(bytes)?,
        scan: scan_of(bytes)?,
        rules: rules_of(bytes)?,
        paths: paths_of(bytes)?,
        histories: histories_of(bytes)?,
        came: Vec::new(),
        here: Vec::new(),
        gone: Vec::new(),
        early: Vec::new(),
        moved: Vec::new(),
    };
    let came = bytes.count()?;
    seen_of(bytes, came, &mut record.came)?;
    (record.here, record.gone, record.early) = (ids_of(bytes)?, ids_of(bytes)?, ids_of(bytes)?);
    record.moved = (0..bytes.count()?).map(|_| Some((bytes.word()?, bytes.word()?))).collect::<Option<_>>()?;
    Some(record)
}

/// All that is known, without what nobody will ask for any more at this moment, as the frames of a first part. Its paths
/// are read.
pub(super) fn first(state: &State, now: u32) -> impl Iterator<Item = Vec<u8>> {
    let first = First::of(state, now);
    (0..first.frames()).map(move |frame| first.frame(frame))
}

/// What goes into a first part.
struct First<'s> {
    state: &'s State,
    series: Vec<usize>,
    /// Results by id.
    results: Vec<u32>,
    histories: Numbers,
    rules: Numbers,
    paths: Numbers,
}

impl<'s> First<'s> {
    fn of(state: &'s State, now: u32) -> Self {
        let is_old = |at: u32| at < now.saturating_sub(YEAR);
        let mut newest: Vec<(u32, usize)> = state.series.iter().map(|series| series.noted).zip(0..).collect();
        newest.sort_unstable_by(|a, b| b.cmp(a));
        let newest = newest.into_iter().filter(|(noted, _)| !is_old(*noted)).take(MAX_SERIES);
        let mut series: Vec<usize> = newest.map(|(_, number)| number).collect();
        series.sort_unstable();
        let is_kept = |history: &History| {
            series.binary_search(&usize::from(history.series)).is_ok()
                && (history.marks & GONE == 0 || !is_old(history.changed))
        };
        let kept: Vec<bool> = state.histories.all().iter().map(is_kept).collect();
        let results =
            (0..).zip(&state.seen).filter(|(_, seen)| kept.get(seen.history as usize).is_some_and(|kept| *kept));
        let mut results: Vec<u32> = results.map(|(at, _)| at).collect();
        results.sort_unstable_by_key(|at| state.seen.get(*at as usize).map(|seen| seen.id));
        let (histories, rules) = (Numbers::none(state.histories.all().len()), Numbers::none(state.rules.len()));
        let paths = Numbers::none(state.paths.ends.len());
        let mut first = Self { state, series, results, histories, rules, paths };
        for seen in first.results.iter().filter_map(|at| state.seen.get(*at as usize)) {
            first.histories.take(seen.history);
            first.rules.take(seen.rule);
            first.paths.take(seen.path);
        }
        first
    }

    fn frames(&self) -> usize {
        1 + self.results.len().div_ceil(EACH) + self.paths.used.len().div_ceil(EACH)
    }

    fn frame(&self, frame: usize) -> Vec<u8> {
        let mut out = Writer::default();
        let results = self.results.len().div_ceil(EACH);
        match frame.checked_sub(1) {
            None => self.head(&mut out),
            Some(part) if part < results => {
                for at in self.results.chunks(EACH).nth(part).unwrap_or_default() {
                    self.result(&mut out, *at);
                }
            }
            Some(part) => {
                let paths = self.paths.used.chunks(EACH).nth(part - results).unwrap_or_default();
                out.number(paths.len() as u64);
                for path in paths {
                    out.text(self.state.paths.get(*path));
                }
            }
        }
        out.bytes
    }

    fn head(&self, out: &mut Writer) {
        let state = self.state;
        out.number(FIRST);
        out.number(self.results.len() as u64);
        out.number(self.paths.used.len() as u64);
        out.number(self.series.len() as u64);
        self.series.iter().filter_map(|number| state.series.get(*number)).for_each(|series| put_series(out, series));
        let rules = self.rules.used.iter().filter_map(|rule| state.rules.get(*rule as usize));
        put_rules(out, rules.collect::<Vec<_>>().as_slice());
        out.number(state.scans.len() as u64);
        for Scanned { at, inflow, outflow, present } in &state.scans {
            for number in [at, inflow, outflow, present] {
                out.number(u64::from(*number));
            }
        }
        let series = |number: u16| self.series.binary_search(&usize::from(number)).ok()?.try_into().ok();
        let history = |number: &u32| {
            let history = state.histories.get(*number)?;
            Some(History { series: series(history.series)?, ..history })
        };
        put_histories(out, self.histories.used.iter().filter_map(history));
    }

    fn result(&self, out: &mut Writer, at: u32) {
        let Some(seen) = self.state.seen.get(at as usize) else { return };
        let (history, rule) = (self.histories.of(seen.history), self.rules.of(seen.rule));
        put_seen(out, Seen { history, rule, path: self.paths.of(seen.path), ..*seen });
    }
}

/// New numbers for those that are in use, from 0 on.
struct Numbers {
    /// The new number of each, or [`NONE`].
    new: Vec<u32>,
    /// The old number of each.
    used: Vec<u32>,
}

impl Numbers {
    fn none(count: usize) -> Self {
        Self { new: vec![NONE; count], used: Vec::new() }
    }

    fn take(&mut self, number: u32) {
        if let Some(new) = self.new.get_mut(number as usize).filter(|new| **new == NONE) {
            *new = u32::try_from(self.used.len()).unwrap_or(NONE);
            self.used.push(number);
        }
    }

    fn of(&self, number: u32) -> u32 {
        self.new.get(number as usize).copied().unwrap_or(NONE)
    }
}

/// The first frame, and how many results the next ones hold.
fn first_of(bytes: &mut Bytes<'_>) -> Option<(State, usize)> {
    if bytes.number()? != FIRST {
        return None;
    }
    let (results, paths) = (usize::try_from(bytes.number()?).ok()?, small(bytes)?);
    let series: Vec<Series> = (0..bytes.count()?).map(|_| series_of(bytes)).collect::<Option<_>>()?;
    let rules = rules_of(bytes)?;
    let scan = |bytes: &mut Bytes<'_>| {
        Some(Scanned { at: small(bytes)?, inflow: small(bytes)?, outflow: small(bytes)?, present: small(bytes)? })
    };
    let scans = (0..bytes.count()?).map(|_| scan(bytes)).collect::<Option<_>>()?;
    let histories = histories_of(bytes)?;
    let is_good = histories.all().iter().all(|history| usize::from(history.series) < series.len());
    let first_frames = 1 + results.div_ceil(EACH) + (paths as usize).div_ceil(EACH);
    let mut state = State::default();
    (state.unread_paths, state.first_frames) = (paths, first_frames);
    (state.series, state.rules, state.scans, state.histories) = (series, rules, scans, histories);
    is_good.then_some((state, results))
}

fn put_series(out: &mut Writer, series: &Series) {
    for text in [&series.key, &series.tool, &series.report] {
        out.text(text);
    }
    for number in [u32::from(series.is_own), series.scans, series.noted, series.before.map_or(0, |at| at + 1)] {
        out.number(u64::from(number));
    }
    out.number(u64::from(series.last.is_some()));
    series.last.iter().for_each(|scan| put_scan(out, scan));
}

fn series_of(bytes: &mut Bytes<'_>) -> Option<Series> {
    Some(Series {
        key: bytes.text()?.to_owned(),
        tool: bytes.text()?.to_owned(),
        report: bytes.text()?.to_owned(),
        is_own: bytes.number()? != 0,
        scans: small(bytes)?,
        noted: small(bytes)?,
        before: small(bytes)?.checked_sub(1),
        last: if bytes.number()? == 0 { None } else { Some(scan_of(bytes)?) },
    })
}

fn put_scan(out: &mut Writer, scan: &Scan) {
    for number in [scan.at, scan.runs, u32::from(scan.is_whole)] {
        out.number(u64::from(number));
    }
    out.number(scan.rules.as_ref().map_or(0, |rules| rules.len() as u64 + 1));
    scan.rules.iter().flatten().for_each(|rule| out.word(*rule));
    out.word(scan.content);
    out.text(&scan.commit);
}

fn scan_of(bytes: &mut Bytes<'_>) -> Option<Scan> {
    let (at, runs, is_whole) = (small(bytes)?, small(bytes)?, bytes.number()? != 0);
    let rules = match bytes.number()?.checked_sub(1) {
        None => None,
        Some(count) => Some((0..count).map(|_| bytes.word()).collect::<Option<_>>()?),
    };
    Some(Scan { at, runs, is_whole, rules, content: bytes.word()?, commit: bytes.text()?.to_owned() })
}

fn put_rules(out: &mut Writer, rules: &[&(String, String)]) {
    out.number(rules.len() as u64);
    for (tool, rule) in rules {
        out.text(tool);
        out.text(rule);
    }
}

fn rules_of(bytes: &mut Bytes<'_>) -> Option<Vec<(String, String)>> {
    (0..bytes.count()?).map(|_| Some((bytes.text()?.to_owned(), bytes.text()?.to_owned()))).collect()
}

fn paths_of(bytes: &mut Bytes<'_>) -> Option<Arena> {
    let mut paths = Arena::default();
    for _ in 0..bytes.count()? {
        paths.push(bytes.text()?);
    }
    Some(paths)
}

fn put_histories(out: &mut Writer, histories: impl Iterator<Item = History>) {
    let histories: Vec<History> = histories.collect();
    out.number(histories.len() as u64);
    for History { first, changed, series, marks } in histories {
        for number in [first, changed, u32::from(series), u32::from(marks)] {
            out.number(u64::from(number));
        }
    }
}

fn histories_of(bytes: &mut Bytes<'_>) -> Option<Histories> {
    let mut histories = Histories::default();
    for number in 0..small(bytes)? {
        let (first, changed) = (small(bytes)?, small(bytes)?);
        let (series, marks) = (bytes.number()?.try_into().ok()?, bytes.number()?.try_into().ok()?);
        if histories.number(History { first, changed, series, marks }) != number {
            return None;
        }
    }
    Some(histories)
}

fn put_seen(out: &mut Writer, seen: Seen) {
    out.word(seen.id);
    // No path is the largest number there is: one more, it is the smallest.
    for number in [seen.history, seen.rule, seen.path.wrapping_add(1), seen.line] {
        out.number(u64::from(number));
    }
}

fn seen_of(bytes: &mut Bytes<'_>, count: usize, seen: &mut Vec<Seen>) -> Option<()> {
    for _ in 0..count {
        seen.push(Seen {
            id: bytes.word()?,
            history: small(bytes)?,
            rule: small(bytes)?,
            path: small(bytes)?.wrapping_sub(1),
            line: small(bytes)?,
        });
    }
    Some(())
}

fn ids_of(bytes: &mut Bytes<'_>) -> Option<Vec<u64>> {
    (0..bytes.count()?).map(|_| bytes.word()).collect()
}

fn small(bytes: &mut Bytes<'_>) -> Option<u32> {
    bytes.number()?.try_into().ok()
}

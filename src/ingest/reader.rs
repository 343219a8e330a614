//! Results read again by position, for whoever looks at one.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use rayon::prelude::*;
use serde_json::{Map, Value};

use crate::model::backlog::{Backlog, ResultIdx};
use crate::model::detail::Detail;
use crate::model::problem::{Loss, Problem};
use crate::repo::locate::Locator;

use super::detail;
use super::fixed;
use super::help::Help;
use super::open::Source;
use super::repair::repair;
use super::rules::Tables;
use super::walk;

/// Where a report is read again, and the way from its URIs to paths.
pub(super) struct ReportSource {
    source: Source,
    raw: Source,
    /// Its SHA-256, once somebody has asked.
    sha256: OnceLock<String>,
    /// Where the text outside the results of each run lies: positions and lengths.
    skeletons: Vec<Vec<(u64, usize)>>,
    /// Whether it is of the version that is written today.
    is_current: bool,
    locator: Mutex<Locator>,
}

impl ReportSource {
    pub(super) fn new(
        (source, raw): (Source, Source),
        is_current: bool,
        skeletons: Vec<Vec<(u64, usize)>>,
        locator: Locator,
    ) -> Self {
        Self { source, raw, sha256: OnceLock::new(), skeletons, is_current, locator: Mutex::new(locator) }
    }

    /// The text of a run without its results.
    fn skeleton(&self, run: u32) -> Option<Vec<u8>> {
        self.source.read(self.skeletons.get(run as usize)?)
    }
}

/// Runs whose metadata is kept decoded.
const KEPT: usize = 8;

/// Reads results again by position. Safe to share between threads.
pub struct Reader {
    reports: Vec<ReportSource>,
    recent: Recent<Tables>,
    help: Recent<Help>,
}

/// Results that are read from one report.
#[derive(Default)]
struct Wanted {
    /// Which of those that were asked for.
    seats: Vec<usize>,
    /// Where each lies: offset and length.
    parts: Vec<(u64, usize)>,
}

impl Reader {
    pub(super) fn new(reports: Vec<ReportSource>) -> Self {
        Self { reports, recent: Mutex::default(), help: Mutex::default() }
    }

    /// Decodes one result. Fails if the report changed since it was loaded.
    pub fn detail(&self, backlog: &Backlog, result: ResultIdx) -> Result<Detail, Problem> {
        let text = backlog.results.get(result as usize).and_then(|record| {
            let report = self.reports.get(backlog.run(record).report as usize)?;
            report.source.read(&[(record.at.offset(), record.len as usize)])
        });
        self.decoded(backlog, result, text)
    }

    /// As [`Reader::detail`], for many results, in their order: each report is opened once.
    pub fn details(&self, backlog: &Backlog, results: &[ResultIdx]) -> Vec<Result<Detail, Problem>> {
        let mut texts: Vec<Option<Vec<u8>>> = vec![None; results.len()];
        let mut by_report: BTreeMap<u32, Wanted> = BTreeMap::new();
        for (seat, &result) in results.iter().enumerate() {
            if let Some(record) = backlog.results.get(result as usize) {
                let wanted = by_report.entry(backlog.run(record).report).or_default();
                wanted.seats.push(seat);
                wanted.parts.push((record.at.offset(), record.len as usize));
            }
        }
        for (report, Wanted { seats, parts }) in by_report {
            let read = self.reports.get(report as usize).and_then(|report| report.source.read_each(&parts));
            for (seat, text) in seats.into_iter().zip(read.into_iter().flatten()) {
                if let Some(free) = texts.get_mut(seat) {
                    *free = Some(text);
                }
            }
        }
        let pairs = results.par_iter().zip(texts);
        pairs.map(|(&result, text)| self.decoded(backlog, result, text)).collect()
    }

    fn decoded(&self, backlog: &Backlog, result: ResultIdx, text: Option<Vec<u8>>) -> Result<Detail, Problem> {
        let changed = || {
            let name = backlog.results.get(result as usize).map(|record| backlog.report(record).name.clone());
            let problem =
                Problem::at(name.unwrap_or_default(), "", "the report changed after it was loaded", Loss::Result);
            problem.hint("reload it")
        };
        let text = text.ok_or_else(changed)?;
        let record = backlog.results.get(result as usize).ok_or_else(changed)?;
        let run = backlog.run(record);
        let report = self.reports.get(run.report as usize).ok_or_else(changed)?;
        let tables = self.tables(record.run(), run.index, report).ok_or_else(changed)?;
        let context = detail::Context { backlog, result, tables: &tables, locator: &report.locator };
        let mut detail = detail::decode(&text, &context);
        detail.help = self.help(backlog, record.rule);
        detail.fixed_in = backlog.package_of(result).map(|package| fixed::of(&detail, package)).unwrap_or_default();
        // Size and time can stay the same while the text changes; the message was kept and tells.
        let is_same = detail.message.to_lowercase() == backlog.messages.get(result);
        if is_same { Ok(detail) } else { Err(changed()) }
    }

    /// The help of a rule; nothing if its report changed since it was loaded.
    pub fn help(&self, backlog: &Backlog, rule: u32) -> Option<String> {
        let at = backlog.rules.get(rule as usize)?.help?;
        let run = backlog.runs.get(at.run as usize)?;
        let report = self.reports.get(run.report as usize)?;
        let help = kept(&self.help, at.run, || Some(Help::read(&report.skeleton(run.index)?)))?;
        help.of((at.component as usize, at.index as usize)).map(str::to_owned)
    }

    /// All that a run says of itself outside its results, to be passed on whole. `None` if the report changed since it
    /// was loaded, or is of another version than 2.1.0, which names and nests things differently.
    pub fn original_run(&self, backlog: &Backlog, run: u32) -> Option<Map<String, Value>> {
        let run = backlog.runs.get(run as usize)?;
        let report = self.reports.get(run.report as usize).filter(|report| report.is_current)?;
        let mut original = object(&report.source.read(report.skeletons.get(run.index as usize)?)?);
        original.remove("results");
        Some(original)
    }

    /// One result as its report has it; nothing if the report changed since it was loaded.
    pub fn original_result(&self, backlog: &Backlog, result: ResultIdx) -> Option<Map<String, Value>> {
        // The whole result is decoded first, because that notices a report that changed.
        self.detail(backlog, result).ok()?;
        let record = backlog.results.get(result as usize)?;
        let report = self.reports.get(backlog.run(record).report as usize)?;
        Some(object(&report.source.read(&[(record.at.offset(), record.len as usize)])?))
    }

    /// SHA-256 of a report as it was read, before anything was unpacked, in hex. `None` if it is there no longer.
    pub fn sha256(&self, report: usize) -> Option<String> {
        let report = self.reports.get(report)?;
        if report.sha256.get().is_none() {
            // Another thread may have been faster, with the same.
            let _ = report.sha256.set(report.raw.sha256()?);
        }
        report.sha256.get().cloned()
    }

    fn tables(&self, number: u32, index: u32, report: &ReportSource) -> Option<Arc<Tables>> {
        kept(&self.recent, number, || Some(Tables::new(walk::read_run(&report.skeleton(index)?).0)))
    }
}

/// What was decoded of some runs, by their numbers.
type Recent<T> = Mutex<VecDeque<(u32, Arc<T>)>>;

/// What is kept of a run, or is read now and kept.
fn kept<T>(recent: &Recent<T>, run: u32, read: impl FnOnce() -> Option<T>) -> Option<Arc<T>> {
    if let Some((_, known)) = lock(recent).iter().find(|(kept, _)| *kept == run) {
        return Some(Arc::clone(known));
    }
    let known = Arc::new(read()?);
    let mut recent = lock(recent);
    if recent.len() == KEPT {
        recent.pop_front();
    }
    recent.push_back((run, Arc::clone(&known)));
    Some(known)
}

/// An object, repaired where it does not parse as it is.
fn object(text: &[u8]) -> Map<String, Value> {
    serde_json::from_slice(text).or_else(|_| serde_json::from_str(&repair(text).0)).unwrap_or_default()
}

/// What is locked here is only ever a cache: a panic elsewhere leaves nothing half done in it.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

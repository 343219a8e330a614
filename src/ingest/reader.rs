//! Results read again by position, for whoever looks at one.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value};

use crate::model::backlog::{Backlog, ResultIdx};
use crate::model::detail::Detail;
use crate::model::problem::{Loss, Problem};
use crate::repo::locate::Locator;

use super::detail;
use super::index::{self, Skeleton};
use super::open::Source;
use super::repair::repair;
use super::rules::Tables;

/// Where a report is read again, and the way from its URIs to paths.
pub(super) struct ReportSource {
    source: Source,
    skeletons: Vec<Skeleton>,
    locator: Mutex<Locator>,
}

impl ReportSource {
    pub(super) fn new(source: Source, skeletons: Vec<Skeleton>, locator: Locator) -> Self {
        Self { source, skeletons, locator: Mutex::new(locator) }
    }
}

/// Reports whose metadata is kept decoded.
const KEPT: usize = 4;

/// The runs of one report.
type Runs = Arc<Vec<Tables>>;

/// What a report says itself, as JSON, to be passed on whole.
#[derive(Clone, Debug, Default)]
pub struct Original {
    /// Whether it is of the version that is written today, 2.1.0; others name and nest things differently.
    pub is_current: bool,
    /// Its runs without their results, in the order of `Run::index`.
    pub runs: Vec<Map<String, Value>>,
}

/// Reads results again by position. Safe to share between threads.
pub struct Reader {
    reports: Vec<ReportSource>,
    recent: Mutex<VecDeque<(usize, Runs)>>,
}

impl Reader {
    pub(super) fn new(reports: Vec<ReportSource>) -> Self {
        Self { reports, recent: Mutex::default() }
    }

    /// Decodes one result. Fails if the report changed since it was loaded.
    pub fn detail(&self, backlog: &Backlog, result: ResultIdx) -> Result<Detail, Problem> {
        let changed = || {
            let name = backlog.results.get(result as usize).map(|record| backlog.report(record).name.clone());
            let problem =
                Problem::at(name.unwrap_or_default(), "", "the report changed after it was loaded", Loss::Result);
            problem.hint("reload it")
        };
        let record = backlog.results.get(result as usize).ok_or_else(changed)?;
        let run = backlog.run(record);
        let report = self.reports.get(run.report as usize).ok_or_else(changed)?;
        if matches!(report.source, Source::Lost) {
            let name = backlog.report(record).name.clone();
            let reason = "there was no temporary file to keep its text in";
            return Err(Problem::at(name, "", reason, Loss::Result).hint("free some space for temporary files, reload"));
        }
        let text = report.source.read(&[(record.offset, record.len as usize)]).ok_or_else(changed)?;
        let runs = self.runs(run.report as usize, report).ok_or_else(changed)?;
        let tables = runs.get(run.index as usize).ok_or_else(changed)?;
        let mut locator = lock(&report.locator);
        let detail = detail::decode(&text, &mut detail::Context { backlog, record, tables, locator: &mut locator });
        // Size and time can stay the same while the text changes; the message was kept and tells.
        let is_same = detail.message.to_lowercase() == backlog.messages.get(result);
        if is_same { Ok(detail) } else { Err(changed()) }
    }

    /// All that a report says outside its results; empty if it changed since it was loaded.
    pub fn original(&self, report: u32) -> Original {
        let Some(report) = self.reports.get(report as usize) else { return Original::default() };
        let mut original = Original { is_current: true, runs: Vec::new() };
        for skeleton in &report.skeletons {
            let mut log = report.source.read(&skeleton.pieces).map(|text| object(&text)).unwrap_or_default();
            let version = log.get("version").and_then(Value::as_str).unwrap_or("2.1.0");
            original.is_current &= version == "2.1.0";
            let mut runs = log.get_mut("runs").and_then(Value::as_array_mut).map(std::mem::take).unwrap_or_default();
            runs.resize(skeleton.runs, Value::Null);
            original.runs.extend(runs.into_iter().map(|run| match run {
                Value::Object(mut run) => {
                    run.remove("results");
                    run
                }
                _ => Map::new(),
            }));
        }
        original
    }

    /// One result as its report has it; nothing if the report changed since it was loaded.
    pub fn original_result(&self, backlog: &Backlog, result: ResultIdx) -> Option<Map<String, Value>> {
        // The whole result is decoded first, because that notices a report that changed.
        self.detail(backlog, result).ok()?;
        let record = backlog.results.get(result as usize)?;
        let report = self.reports.get(backlog.run(record).report as usize)?;
        Some(object(&report.source.read(&[(record.offset, record.len as usize)])?))
    }

    fn runs(&self, number: usize, report: &ReportSource) -> Option<Runs> {
        if let Some((_, runs)) = lock(&self.recent).iter().find(|(kept, _)| *kept == number) {
            return Some(Arc::clone(runs));
        }
        let runs = Arc::new(index::tables(&report.source, &report.skeletons)?);
        let mut recent = lock(&self.recent);
        if recent.len() == KEPT {
            recent.pop_front();
        }
        recent.push_back((number, Arc::clone(&runs)));
        Some(runs)
    }
}

/// An object, repaired where it does not parse as it is.
fn object(text: &[u8]) -> Map<String, Value> {
    serde_json::from_slice(text).or_else(|_| serde_json::from_str(&repair(text).0)).unwrap_or_default()
}

/// What is locked here is only ever a cache: a panic elsewhere leaves nothing half done in it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

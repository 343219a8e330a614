//! The parts of all inputs as one backlog: common numbers for tools, rules and paths, then ids, then findings.

use std::borrow::Cow;
use std::collections::HashMap;

use jiff::Timestamp;
use rayon::prelude::*;

use crate::model::backlog::{Backlog, NONE, PathEntry, Record, ResultIdx, Rule, Run, Tool};
use crate::model::grade::Category;
use crate::repo::Repo;
use crate::repo::snapshot::Snapshot;

use super::column;
use super::cwe;
use super::group::{self, Equals};
use super::identity::{self, Key};
use super::index::{Part, PartResult, PartRun};
use super::input;
use super::load::Options;
use super::lower::{self, Extent};
use super::reader::ReportSource;

/// What is known of results beyond their records, until ids and findings are made.
#[derive(Default)]
struct Side {
    flagged: Vec<Option<String>>,
    logical: HashMap<ResultIdx, String>,
    cwe: HashMap<ResultIdx, Vec<u32>>,
    is_utf16: Vec<bool>,
}

#[derive(Default)]
struct Numbers {
    tools: HashMap<String, u32>,
    rules: HashMap<(u32, String), u32>,
    paths: HashMap<(String, bool), u32>,
}

/// Joins the parts in their order.
pub(super) fn merge(repo: &Repo, parts: Vec<Part>, options: &Options) -> (Backlog, Vec<ReportSource>) {
    let mut backlog = Backlog::default();
    let mut side = Side::default();
    let mut numbers = Numbers::default();
    let mut sources = Vec::with_capacity(parts.len());
    for part in parts {
        let report = short(backlog.reports.len());
        backlog.reports.push(part.report);
        backlog.problems.extend(part.problems);
        sources.push(ReportSource::new(part.source, part.skeletons, part.locator));
        for run in part.runs {
            add_run(&mut backlog, &mut side, &mut numbers, report, run);
        }
    }
    let (config, problems) = input::config(repo);
    backlog.problems.extend(problems);
    read_sources(repo, &mut backlog, &mut side);
    let (keys, order) = give_ids(&mut backlog, &side, &config.repository.key);
    group::group(&mut backlog, &Equals { keys: &keys, order: &order }, &side.cwe, options);
    (backlog, sources)
}

fn short(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(NONE)
}

fn add_run(backlog: &mut Backlog, side: &mut Side, numbers: &mut Numbers, report: u32, run: PartRun) {
    let tool = number_tool(backlog, numbers, &run);
    let run_number = short(backlog.runs.len());
    let rules: Vec<u32> = run.rules.into_iter().map(|rule| number_rule(backlog, numbers, tool, rule)).collect();
    let paths: Vec<u32> = run
        .places
        .into_iter()
        .map(|place| {
            let next = short(backlog.paths.len());
            *numbers.paths.entry((place.path, place.in_repo)).or_insert_with_key(|(text, in_repo)| {
                backlog.paths.push(PathEntry { text: text.clone(), in_repo: *in_repo });
                next
            })
        })
        .collect();
    side.is_utf16.push(run.is_utf16);
    backlog.runs.push(Run {
        report,
        index: run.index,
        tool,
        revision: run.revision,
        results: short(run.results.len()),
    });
    backlog.messages.append(run.messages);
    if !run.pointers.is_empty() {
        backlog.pointers.push((run_number, run.pointers));
    }
    for result in run.results {
        add_result(backlog, side, run_number, (&rules, &paths), result);
    }
}

fn add_result(backlog: &mut Backlog, side: &mut Side, run: u32, (rules, paths): (&[u32], &[u32]), result: PartResult) {
    let number = short(backlog.results.len());
    let PartResult { mut record, flagged, logical, advisories, package, cwe } = result;
    record.run = run;
    record.rule = rules.get(record.rule as usize).copied().unwrap_or(NONE);
    record.path = paths.get(record.path as usize).copied().unwrap_or(NONE);
    side.flagged.push(flagged);
    if let Some(logical) = logical {
        side.logical.insert(number, logical);
    }
    if !cwe.is_empty() {
        side.cwe.insert(number, cwe);
    }
    if !advisories.is_empty() {
        backlog.advisories.push((number, advisories));
    }
    if let Some(package) = package {
        backlog.packages.push((number, package));
    }
    backlog.results.push(record);
}

fn number_tool(backlog: &mut Backlog, numbers: &mut Numbers, run: &PartRun) -> u32 {
    let next = short(backlog.tools.len());
    let number = *numbers.tools.entry(run.tool.clone()).or_insert(next);
    if number == next {
        backlog.tools.push(Tool { name: run.tool.clone(), version: run.version.clone(), family: run.family.clone() });
    } else if let Some(tool) = backlog.tools.get_mut(number as usize) {
        tool.version = tool.version.take().or_else(|| run.version.clone());
    }
    number
}

/// The number of a rule; what another run says of it is added.
fn number_rule(backlog: &mut Backlog, numbers: &mut Numbers, tool: u32, rule: Rule) -> u32 {
    let next = short(backlog.rules.len());
    let number = *numbers.rules.entry((tool, rule.id.clone())).or_insert(next);
    if number == next {
        backlog.rules.push(Rule { tool, ..rule });
    } else if let Some(known) = backlog.rules.get_mut(number as usize) {
        complete(known, rule);
    }
    number
}

fn complete(known: &mut Rule, other: Rule) {
    known.name = known.name.take().or(other.name);
    known.summary = known.summary.take().or(other.summary);
    known.description = known.description.take().or(other.description);
    known.help = known.help.take().or(other.help);
    known.help_uri = known.help_uri.take().or(other.help_uri);
    known.score = known.score.or(other.score);
    for tag in other.tags {
        if !known.tags.contains(&tag) {
            known.tags.push(tag);
        }
    }
    known.cwe.extend(other.cwe);
    cwe::tidy(&mut known.cwe);
}

/// What a source file says about a result.
struct FromSource {
    result: usize,
    flagged: Option<String>,
    columns: Option<(u32, u32)>,
}

/// The commit that a report was made on: the one it states, else the branch as of its time.
fn bases(repo: &Repo, backlog: &Backlog) -> Vec<Option<String>> {
    let mut as_of: HashMap<Option<Timestamp>, Option<String>> = HashMap::new();
    let base = |run: &Run| {
        if let Some(revision) = run.revision.as_ref().filter(|revision| repo.snapshot(revision).is_some()) {
            return Some(revision.clone());
        }
        let made = backlog.reports.get(run.report as usize)?.made;
        as_of.entry(made).or_insert_with(|| repo.head_as_of(made?)).clone()
    };
    backlog.runs.iter().map(base).collect()
}

/// Reads the source files that are needed, each once for each commit that was scanned: for flagged text that no
/// report carries, and to turn UTF-16 columns into code points. A file that was written since the report was made is
/// taken as it was at that commit, so that an edit (a fix, say) changes no id.
fn read_sources(repo: &Repo, backlog: &mut Backlog, side: &mut Side) {
    let mut wanted: Vec<(u32, u32, usize)> = Vec::new();
    for (number, record) in backlog.results.iter().enumerate() {
        let in_repo = backlog.paths.get(record.path as usize).is_some_and(|path| path.in_repo);
        let lacks_text = side.flagged.get(number).is_some_and(Option::is_none);
        if in_repo && record.line > 0 && (lacks_text || counts_utf16(record, side)) {
            wanted.push((record.path, record.run, number));
        }
    }
    if wanted.is_empty() {
        return;
    }
    wanted.sort_unstable();
    let bases = bases(repo, backlog);
    let groups: Vec<&[(u32, u32, usize)]> = wanted.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).collect();
    let (view, beside): (&Backlog, &Side) = (backlog, side);
    let found: Vec<FromSource> = groups
        .into_par_iter()
        .map_init(HashMap::new, |open, group| {
            let Some((path, run, _)) = group.first() else { return Vec::new() };
            let base = bases.get(*run as usize).and_then(Option::as_deref);
            let bytes = scanned(repo, view, (*path, *run), base, open).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes);
            let lines: Vec<&str> = text.lines().collect();
            let results = group.iter().filter_map(|(.., at)| Some((*at, view.results.get(*at)?)));
            results.filter_map(|(at, record)| from_source(at, record, beside, &lines)).collect()
        })
        .flatten_iter()
        .collect();
    for FromSource { result, flagged, columns } in found {
        if let (Some(flagged), Some(slot)) = (flagged, side.flagged.get_mut(result)) {
            slot.get_or_insert(flagged);
        }
        if let (Some((column, end_column)), Some(record)) = (columns, backlog.results.get_mut(result)) {
            (record.column, record.end_column) = (column, end_column);
        }
    }
}

/// A file as a run saw it: the working file if it was not written since, else the file at the run's commit, else
/// the working file all the same.
fn scanned<'a>(
    repo: &Repo,
    backlog: &Backlog,
    (path, run): (u32, u32),
    base: Option<&'a str>,
    open: &mut HashMap<&'a str, Option<Snapshot>>,
) -> Option<Vec<u8>> {
    let path = &backlog.paths.get(path as usize)?.text;
    let made = backlog.reports.get(backlog.runs.get(run as usize)?.report as usize)?.made;
    let is_as_scanned = repo.file_state(path).is_ok_and(|state| made.is_some_and(|made| state.written <= made));
    let at_commit = |base: &'a str| open.entry(base).or_insert_with(|| repo.snapshot(base)).as_ref()?.read(path);
    match base.filter(|_| !is_as_scanned).and_then(at_commit) {
        Some(bytes) => Some(bytes),
        None => repo.read(path).ok(),
    }
}

fn counts_utf16(record: &Record, side: &Side) -> bool {
    side.is_utf16.get(record.run as usize) == Some(&true) && record.column.max(record.end_column) > 1
}

fn from_source(result: usize, record: &Record, side: &Side, lines: &[&str]) -> Option<FromSource> {
    let extent = Extent { line: record.line, end_line: record.end_line, ..Extent::default() };
    let flagged = match side.flagged.get(result)? {
        Some(_) => None,
        None => lower::flagged_lines(lines, 1, extent),
    };
    let line = |number: u32| lines.get((number as usize).checked_sub(1)?).copied();
    let columns = counts_utf16(record, side).then(|| {
        let start = line(record.line).map_or(record.column, |text| column::of_utf16(text, record.column));
        let end = line(record.end_line.max(record.line));
        (start, end.map_or(record.end_column, |text| column::of_utf16(text, record.end_column)))
    });
    Some(FromSource { result, flagged, columns })
}

/// Gives every result its id. Returns the keys, equal where only the place differs, and the results with equal ones
/// side by side: by run, key, region and message.
fn give_ids(backlog: &mut Backlog, side: &Side, repository: &str) -> (Vec<Key>, Vec<ResultIdx>) {
    let view: &Backlog = backlog;
    let keys: Vec<Key> = (0..view.results.len()).into_par_iter().map(|at| key_of(view, side, repository, at)).collect();
    let order = by_key(view, &keys);
    let mut ids = Vec::with_capacity(order.len());
    let (mut before, mut ordinal) = (None, 0);
    for &at in &order {
        let Some(key) = keys.get(at as usize) else { continue };
        let same = view.results.get(at as usize).map(|record| (record.run, key));
        ordinal = if same == before { ordinal + 1 } else { 0 };
        before = same;
        ids.push((at, identity::id(key, ordinal)));
    }
    for (at, id) in ids {
        if let Some(record) = backlog.results.get_mut(at as usize) {
            record.id = id;
        }
    }
    (keys, order)
}

/// All results by run, key, region and message. The first bytes of a key nearly always decide.
fn by_key(backlog: &Backlog, keys: &[Key]) -> Vec<ResultIdx> {
    let mut order: Vec<(u32, u64, ResultIdx)> = (0..)
        .zip(backlog.results.iter().zip(keys))
        .map(|(at, (record, key))| (record.run, identity::first_64_bits(key), at))
        .collect();
    let rest = |at: ResultIdx| {
        let record = backlog.results.get(at as usize)?;
        let message = backlog.messages.get(at);
        Some((keys.get(at as usize)?, record.line, record.column, record.end_line, record.end_column, message, at))
    };
    order.par_sort_unstable_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then_with(|| rest(a.2).cmp(&rest(b.2))));
    order.into_iter().map(|(.., at)| at).collect()
}

fn key_of(backlog: &Backlog, side: &Side, repository: &str, at: usize) -> Key {
    let Some(record) = backlog.results.get(at) else { return Key::default() };
    let number = short(at);
    let flagged = match side.flagged.get(at).and_then(Option::as_deref) {
        Some(text) => Cow::Borrowed(text),
        None => Cow::Owned(identity::without_numbers(backlog.messages.get(number))),
    };
    let flagged =
        if record.category == Category::Secret { Cow::Owned(identity::cover_secrets(&flagged)) } else { flagged };
    let path = backlog.path(record);
    let logical = side.logical.get(&number).map_or("", String::as_str);
    identity::key(identity::Parts {
        repository,
        family: &backlog.tool(record).family,
        rule: &backlog.rule(record).id,
        path: if path.is_empty() { logical } else { path },
        flagged: &flagged,
    })
}

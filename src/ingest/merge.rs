//! The parts of all inputs as one backlog: common numbers for tools, rules and paths, then ids, then findings.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use foldhash::fast::RandomState;
use rayon::prelude::*;

use crate::model::backlog::{Arena, Backlog, HelpAt, NONE, PathEntry, Record, ResultIdx, Rule, Run, Tool};
use crate::model::column;
use crate::model::detail::Region;
use crate::model::fix::ColumnUnit;
use crate::model::hashed::{Hashed, Print, Printer};
use crate::model::messages::Gather;
use crate::repo::Repo;
use crate::repo::snapshot::Snapshot;

use super::cwe;
use super::group::{self, Equal};
use super::identity::{self, Digest, Flagged, Key};
use super::index::{Columns, Part, PartRun};
use super::load::Progress;
use super::lower::{self, Extent};
use super::reader::ReportSource;
use super::twice::Twice;

/// What is known of results beyond their records, until ids and findings are made. By number of the result, sorted.
#[derive(Default)]
struct Side {
    flagged: Flagged,
    messages: Gather,
    logical: Vec<(ResultIdx, Box<str>)>,
    cwe: Vec<(ResultIdx, Box<[u32]>)>,
    /// What the columns of each run count.
    units: Vec<ColumnUnit>,
}

#[derive(Default)]
struct Numbers {
    tools: HashMap<String, u32>,
    rules: HashMap<(u32, String), u32, RandomState>,
    /// Lists of rules that runs looked for.
    rule_sets: HashSet<Arc<[u64]>, RandomState>,
    paths: Hashed<Print, u32>,
    printer: Printer,
}

/// How parts are joined.
pub(super) struct How<'a> {
    /// The key that ids are made with.
    pub(super) repository: &'a str,
    /// Every result is a finding of its own.
    pub(super) no_merge: bool,
    /// Whether files of the repository may be read for ids.
    pub(super) reads_sources: bool,
}

/// Joins the parts in their order. `None` when that is called off.
pub(super) fn merge(
    repo: &Repo,
    parts: Vec<Part>,
    how: &How<'_>,
    progress: &Progress,
) -> Option<(Backlog, Vec<ReportSource>)> {
    let go_on = || (!progress.is_cancelled()).then_some(());
    let mut backlog = Backlog::default();
    let mut side = Side::default();
    let mut numbers = Numbers::default();
    let mut sources = Vec::with_capacity(parts.len());
    for mut part in parts {
        go_on()?;
        let report = short(backlog.reports.len());
        backlog.reports.push(part.report);
        backlog.problems.extend(part.problems);
        backlog.evidence.absorb(part.evidence);
        let first = short(backlog.results.len());
        add_columns(&mut backlog, &mut side, part.columns);
        let skeletons = part.runs.iter_mut().map(|run| std::mem::take(&mut run.skeleton)).collect();
        for (index, run) in (0..).zip(part.runs) {
            add_run(&mut backlog, &mut side, &mut numbers, (report, index, first), run);
        }
        sources.push(ReportSource::new((part.source, part.raw), part.is_current, skeletons, part.locator));
    }
    drop(numbers);
    backlog.messages = std::mem::take(&mut side.messages).finish();
    if how.reads_sources {
        read_sources(repo, &mut backlog, &mut side, progress);
    }
    go_on()?;
    let keys = Keys::new(&mut backlog, side.flagged, &side.logical, how.repository);
    go_on()?;
    let equals = give_ids(&mut backlog, &keys);
    drop(keys);
    go_on()?;
    group::group(&mut backlog, &equals, &side.cwe, how.no_merge, progress);
    go_on()?;
    Some((backlog, sources))
}

fn short(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(NONE)
}

/// Adds the results of a part; rules and paths keep the numbers of their runs for now.
fn add_columns(backlog: &mut Backlog, side: &mut Side, columns: Columns) {
    let first = short(backlog.results.len());
    append(&mut backlog.results, columns.records);
    side.flagged.append(columns.flagged);
    side.messages.append(columns.messages);
    backlog.advisories.extend(columns.advisories.into_iter().map(|(at, ids)| (first + at, ids)));
    backlog.packages.extend(columns.packages.into_iter().map(|(at, package)| (first + at, package)));
    side.logical.extend(columns.logical.into_iter().map(|(at, name)| (first + at, name)));
    backlog.claims.extend(columns.claims.into_iter().map(|(at, claim)| (first + at, claim)));
    backlog.ai.extend(columns.ai.into_iter().map(|(at, mark)| (first + at, mark)));
    backlog.starts.extend(columns.starts.into_iter().map(|(at, place)| (first + at, place)));
    side.cwe.extend(columns.cwe.into_iter().map(|(at, numbers)| (first + at, numbers)));
}

fn append<T>(all: &mut Vec<T>, mut more: Vec<T>) {
    if all.is_empty() {
        *all = more;
    } else {
        all.append(&mut more);
    }
}

/// Gives a run and its results their numbers. `place` is the report, the position in it, and its first result.
fn add_run(
    backlog: &mut Backlog,
    side: &mut Side,
    numbers: &mut Numbers,
    (report, index, first): (u32, u32, u32),
    run: PartRun,
) {
    let tool = number_tool(backlog, numbers, &run);
    let run_number = short(backlog.runs.len());
    let own = |rule: Rule| Rule { help: rule.help.map(|at| HelpAt { run: run_number, ..at }), ..rule };
    let rules = run.rules.into_iter().map(|rule| number_rule(backlog, numbers, tool, own(rule)));
    let rules: Vec<u32> = rules.collect();
    let paths: Vec<u32> = run.places.paths.iter().map(|path| number_path(backlog, numbers, path)).collect();
    let path_of = |place: u32| paths.get(*run.places.path_of.get(place as usize)? as usize).copied();
    side.units.push(run.unit);
    let results = run.results.start + first as usize..run.results.end + first as usize;
    let PartRun { revision, image, model, is_whole, pointers, ended, looked_for, category, lost, .. } = run;
    let looked_for = shared(numbers, looked_for);
    if !pointers.is_empty() {
        backlog.pointers.push((run_number, pointers));
    }
    let (first, count) = (short(results.start), short(results.len()));
    backlog.runs.push(Run {
        report,
        index,
        tool,
        revision,
        image,
        model,
        is_whole,
        ended,
        rules: looked_for,
        category,
        first,
        results: count,
        lost,
    });
    let of_run = |(at, _): &(ResultIdx, u32)| results.contains(&(*at as usize));
    let from = backlog.starts.partition_point(|(at, _)| (*at as usize) < results.start);
    for (_, path) in backlog.starts.get_mut(from..).unwrap_or_default().iter_mut().take_while(|start| of_run(start)) {
        *path = path_of(*path).unwrap_or(NONE);
    }
    for record in backlog.results.get_mut(results).unwrap_or_default() {
        record.at = record.at.in_run(run_number);
        record.rule = rules.get(record.rule as usize).copied().unwrap_or(NONE);
        record.path = path_of(record.path).unwrap_or(NONE);
    }
}

/// The list that another run has already, if one has the same: a thousand reports of one tool list the same rules.
fn shared(numbers: &mut Numbers, rules: Arc<[u64]>) -> Arc<[u64]> {
    if let Some(known) = numbers.rule_sets.get(&rules) {
        return Arc::clone(known);
    }
    numbers.rule_sets.insert(Arc::clone(&rules));
    rules
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

fn number_path(backlog: &mut Backlog, numbers: &mut Numbers, path: PathEntry<'_>) -> u32 {
    let print = numbers.printer.print(&path);
    *numbers.paths.entry(print).or_insert_with(|| backlog.paths.push(path.text, path.in_repo))
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
    flagged: Option<Digest>,
    columns: Option<(u32, u32)>,
}

/// Reads the source files that are needed, each once for each commit that was scanned: for flagged text that no
/// report carries, and to turn columns that count something else into code points. A file that was written since the
/// report was made is taken as it was at that commit, so that an edit (a fix, say) changes no id.
fn read_sources(repo: &Repo, backlog: &mut Backlog, side: &mut Side, progress: &Progress) {
    let mut wanted: Vec<(u32, u32, usize)> = Vec::new();
    for (number, record) in backlog.results.iter().enumerate() {
        let in_repo = backlog.paths.get(record.path).is_some_and(|path| path.in_repo);
        let lacks_text = side.flagged.get(number, record).is_none();
        if in_repo && record.line > 0 && (lacks_text || counts_other(record, side)) {
            wanted.push((record.path, record.run(), number));
        }
    }
    if wanted.is_empty() {
        return;
    }
    wanted.sort_unstable();
    let bases = repo.scanned(backlog);
    let groups: Vec<&[(u32, u32, usize)]> = wanted.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).collect();
    let (view, beside): (&Backlog, &Side) = (backlog, side);
    let found: Vec<FromSource> = groups
        .into_par_iter()
        .map_init(HashMap::new, |open, group| {
            let Some((path, run, _)) = group.first().filter(|_| !progress.is_cancelled()) else { return Vec::new() };
            let base = bases.get(*run as usize).and_then(Option::as_deref);
            let bytes = scanned(repo, view, (*path, *run), base, open).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes);
            let lines: Vec<&str> = text.lines().collect();
            let results = group.iter().filter_map(|(.., at)| Some((*at, view.results.get(*at)?)));
            results.map(|(at, record)| from_source(at, record, beside, &lines)).collect()
        })
        .flatten_iter()
        .collect();
    for FromSource { result, flagged, columns } in found {
        let Some(record) = backlog.results.get_mut(result) else { continue };
        if flagged.is_some() && side.flagged.get(result, record).is_none() {
            side.flagged.set(result, record, flagged);
        }
        if let Some((column, end_column)) = columns {
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
    let path = backlog.paths.get(path)?.text;
    let made = backlog.reports.get(backlog.runs.get(run as usize)?.report as usize)?.made;
    let is_as_scanned = repo.file_state(path).is_ok_and(|state| made.is_some_and(|made| state.written <= made));
    let at_commit = |base: &'a str| open.entry(base).or_insert_with(|| repo.snapshot(base)).as_ref()?.read(path);
    match base.filter(|_| !is_as_scanned).and_then(at_commit) {
        Some(bytes) => Some(bytes),
        None => repo.read(path).ok(),
    }
}

/// Whether the columns of a result may count something else than code points.
fn counts_other(record: &Record, side: &Side) -> bool {
    let unit = side.units.get(record.run() as usize);
    matches!(unit, Some(ColumnUnit::Utf16 | ColumnUnit::Byte)) && record.column.max(record.end_column) > 1
}

fn from_source(result: usize, record: &Record, side: &Side, lines: &[&str]) -> FromSource {
    let extent = Extent { line: record.line, end_line: record.end_line, ..Extent::default() };
    let flagged = match side.flagged.get(result, record) {
        Some(_) => None,
        None => lower::flagged_lines(lines, 1, extent).map(|text| identity::flagged(&text, record.category())),
    };
    let line = |number: u32| lines.get((number as usize).checked_sub(1)?).copied();
    let columns = line(record.line).zip(line(record.end_line.max(record.line)));
    let columns = columns.filter(|_| counts_other(record, side)).map(|(first, last)| {
        let Record { line, column, end_line, end_column, .. } = *record;
        let region = Region { line, column, end_line, end_column, ..Region::default() };
        let unit = side.units.get(record.run() as usize).copied().unwrap_or_default();
        let shown = column::shown(column::Lines { first, last }, &region, unit, None);
        (shown.column, shown.end_column)
    });
    FromSource { result, flagged, columns }
}

/// The keys of all results, by their parts.
struct Keys {
    /// By number of the rule, of the path, of the result.
    rules: Vec<Digest>,
    paths: Vec<Digest>,
    flagged: Flagged,
    /// What stands for the path of results without one, sorted by result.
    logical: Vec<(ResultIdx, Digest)>,
}

impl Keys {
    fn new(backlog: &mut Backlog, mut flagged: Flagged, logical: &[(ResultIdx, Box<str>)], repository: &str) -> Self {
        // Pieces of a message end in white space: what is left of them is what is left of the message.
        let mut pieces = Arena::default();
        let lacks_text = |(at, record): (usize, &Record)| flagged.get(at, record).is_none();
        if backlog.results.iter().enumerate().any(lacks_text) {
            pieces.text.reserve(backlog.messages.pieces().text.len());
            for piece in backlog.messages.pieces().iter() {
                identity::without_numbers(piece, &mut pieces.text);
                pieces.end();
            }
        }
        let mut words = String::new();
        for (at, record) in (0..).zip(&mut backlog.results) {
            if flagged.get(at as usize, record).is_some() {
                continue;
            }
            words.clear();
            for piece in backlog.messages.row(at).iter().map(|piece| pieces.get(*piece)) {
                if !words.is_empty() && !piece.is_empty() {
                    words.push(' ');
                }
                words.push_str(piece);
            }
            flagged.set(at as usize, record, Some(identity::flagged(&words, record.category())));
        }
        let family = |rule: &Rule| backlog.tools.get(rule.tool as usize).map_or("", |tool| tool.family.as_str());
        Self {
            rules: backlog.rules.iter().map(|rule| identity::rule(repository, family(rule), &rule.id)).collect(),
            paths: backlog.paths.texts.iter().map(identity::place).collect(),
            flagged,
            logical: logical.iter().map(|(at, name)| (*at, identity::place(name))).collect(),
        }
    }

    /// Equal for two results where only the place in the file differs.
    fn of(&self, record: &Record, at: ResultIdx) -> Key {
        let place = self.paths.get(record.path as usize).copied().unwrap_or_else(|| {
            let found = self.logical.binary_search_by_key(&at, |(owner, _)| *owner).ok();
            found.and_then(|found| self.logical.get(found)).map_or_else(|| identity::place(""), |(_, name)| *name)
        });
        let rule = self.rules.get(record.rule as usize).copied().unwrap_or_default();
        [rule, place, self.flagged.get(at as usize, record).unwrap_or_default()]
    }
}

/// Gives every result its id. Returns all results that share a key, side by side: by run, key, region and message.
fn give_ids(backlog: &mut Backlog, keys: &Keys) -> Vec<Equal> {
    let (mut before, mut ordinal) = (None, 0);
    let numbered = equals(backlog, keys).into_iter().map(|at| {
        let same = backlog.results.get(at as usize).map(|record| (record.run(), keys.of(record, at)));
        ordinal = if same == before { ordinal + 1 } else { 0 };
        before = same;
        Equal { at, ordinal }
    });
    let equals: Vec<Equal> = numbered.collect();
    let mut ordinals: Vec<(ResultIdx, u32)> = equals.iter().map(|equal| (equal.at, equal.ordinal)).collect();
    ordinals.sort_unstable();
    let mut ordinals = ordinals.into_iter().peekable();
    for (at, record) in (0..).zip(&mut backlog.results) {
        let ordinal = ordinals.next_if(|(owner, _)| *owner == at).map_or(0, |(_, ordinal)| ordinal);
        record.id = identity::id(&keys.of(record, at), ordinal);
    }
    equals
}

/// The results whose key is likely to be another's of their run as well, sorted by run, key, region and message.
fn equals(backlog: &Backlog, keys: &Keys) -> Vec<ResultIdx> {
    let mixed = |(at, record): (ResultIdx, &Record)| identity::mixed(record.run(), &keys.of(record, at));
    let mut twice = Twice::new(backlog.results.len());
    (0..).zip(&backlog.results).for_each(|entry| twice.add(mixed(entry)));
    let numbered = (0..).zip(&backlog.results).map(|entry| (mixed(entry), entry.0));
    let mut order: Vec<(u32, ResultIdx)> = numbered.filter(|(mixed, _)| twice.has(*mixed)).collect();
    drop(twice);
    order.sort_unstable();
    let shared = order.chunk_by(|one, other| one.0 == other.0).filter(|group| group.len() > 1);
    let mut equals: Vec<ResultIdx> = shared.flatten().map(|(_, at)| *at).collect();
    drop(order);
    let region = |at: ResultIdx| {
        let record = backlog.results.get(at as usize)?;
        Some((record.run(), keys.of(record, at), record.line, record.column, record.end_line, record.end_column))
    };
    equals.sort_unstable_by(|&a, &b| {
        region(a).cmp(&region(b)).then_with(|| backlog.messages.compare(a, b)).then(a.cmp(&b))
    });
    equals
}

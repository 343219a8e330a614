//! One load as scans: which series its runs belong to, and what is new in each.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;
use jiff::Timestamp;
use rayon::slice::ParallelSliceMut;

use crate::model::backlog::{Arena, Backlog, NONE, Record as ResultRecord, Rule, Run};
use crate::model::bits::Bits;
use crate::model::sightings::moment_of;
use crate::repo::Repo;

use super::Inputs;
use super::bytes::MAX_SERIES;
use super::renamed;
use super::state::{GONE, GUESSED, Histories, History, Kind, LOST, Record, Scan, Seen, Series, State};

/// Tools that list all the rules they look for, also when each of them happens to have found something.
const LIST_ALL: &[&str] = &["codeql", "gitleaks", "opengrep", "semgrep"];
/// No series, no place: 16 bits of ones.
const NOWHERE: u16 = u16::MAX;
/// The fewest digits of a hash in the name of a report.
const HASH: usize = 7;

/// The scans of a load, by series.
pub(super) struct Load<'b> {
    backlog: &'b Backlog,
    inputs: Inputs,
    now: u32,
    pub(super) scans: Vec<Now>,
    /// The number in `scans` of each run.
    of_run: Vec<u16>,
}

/// A scan as it was loaded.
#[derive(Debug, Default)]
pub(super) struct Now {
    pub(super) key: String,
    tool: String,
    report: String,
    /// Whether its time is that which the report itself states.
    is_stated: bool,
    listed: HashSet<u64, RandomState>,
    fired: HashSet<u64, RandomState>,
    /// The sum of the hashes of its results: the same in any order.
    sum: u64,
    scan: Scan,
}

impl<'b> Load<'b> {
    pub(super) fn of(backlog: &'b Backlog, inputs: Inputs, now: Timestamp) -> Self {
        let now = moment_of(now);
        let mut load = Self { backlog, inputs, now, scans: Vec::new(), of_run: Vec::new() };
        let mut numbers: HashMap<String, u16> = HashMap::new();
        for run in &backlog.runs {
            let number = load.add(run, &mut numbers).unwrap_or(NOWHERE);
            load.of_run.push(number);
        }
        for rule in load.fired() {
            let Some(scan) = load.scans.get_mut(usize::from(rule.0)) else { continue };
            scan.fired.insert(rule.1);
        }
        for record in &backlog.results {
            let Some(scan) = load.of_run.get(record.run() as usize).and_then(|at| load.scans.get_mut(usize::from(*at)))
            else {
                continue;
            };
            if record.is_there() {
                scan.sum = scan.sum.wrapping_add(mixed(record.id.0));
            }
        }
        load.scans.iter_mut().for_each(Now::finish);
        load
    }

    /// Takes a run in; `None` for one whose report cannot come again under its name.
    fn add(&mut self, run: &Run, numbers: &mut HashMap<String, u16>) -> Option<u16> {
        let backlog = self.backlog;
        let (report, tool) = (backlog.reports.get(run.report as usize)?, backlog.tools.get(run.tool as usize)?);
        let written = report.made?;
        if report.name.starts_with("/dev/") || report.name.starts_with("/proc/") {
            return None;
        }
        let category = run.category.as_deref().unwrap_or_default();
        let image = run.image.as_deref().unwrap_or_default();
        let key = [&tool.family, &name_of(&report.name), category, image].join("\n");
        let next = u16::try_from(self.scans.len()).ok().filter(|next| usize::from(*next) < MAX_SERIES);
        let number = if let Some(number) = numbers.get(&key) {
            *number
        } else {
            let next = next?;
            numbers.insert(key.clone(), next);
            let scan = Scan { is_whole: true, ..Scan::default() };
            let (tool, report) = (tool.name.clone(), report.name.clone());
            self.scans.push(Now { key, tool, report, scan, is_stated: true, ..Now::default() });
            next
        };
        let now = self.scans.get_mut(usize::from(number))?;
        let at = moment_of(run.ended.unwrap_or(written)).min(self.now);
        now.is_stated &= run.ended.is_some();
        now.listed.extend(run.rules.iter());
        now.scan.runs += 1;
        now.scan.is_whole &= run.is_whole && report.is_complete && run.lost.is_empty();
        if at >= now.scan.at {
            now.scan.at = at;
            now.report.clone_from(&report.name);
            now.scan.commit = run.revision.clone().unwrap_or_default();
        }
        Some(number)
    }

    /// The rules of the results of each series.
    fn fired(&self) -> HashSet<(u16, u64), RandomState> {
        let mut known: HashSet<(u32, u32), RandomState> = HashSet::default();
        let mut last = (NONE, NONE);
        for record in &self.backlog.results {
            let next = (record.run(), record.rule);
            if next != last {
                known.insert(next);
                last = next;
            }
        }
        let key = |(run, rule): (u32, u32)| {
            let number = *self.of_run.get(run as usize)?;
            Some((number, Rule::key(&self.backlog.rules.get(rule as usize)?.id)))
        };
        known.into_iter().filter_map(key).collect()
    }

    /// What there is to note, by the series of the load; `None` where that is nothing.
    fn kinds(&self, state: &State) -> Vec<Option<Kind>> {
        let kind = |now: &Now| {
            let Some(series) = state.number(&now.key).map(|number| &state.series[number]) else {
                return Some(Kind::Whole);
            };
            let Some(last) = &series.last else { return Some(Kind::Whole) };
            let is_later = now.scan.at > last.at;
            if now.scan.content == last.content && !(now.is_stated && is_later) {
                return None;
            }
            if self.inputs == Inputs::Named && now.scan.runs < last.runs {
                return Some(Kind::Part);
            }
            if now.scan.at < last.at { Some(Kind::Early) } else { Some(Kind::Whole) }
        };
        self.scans.iter().map(kind).collect()
    }

    /// Whether there may be something to note.
    pub(super) fn has_news(&self, state: &State) -> bool {
        self.kinds(state).iter().any(Option::is_some)
    }

    /// Whether a series is part of the load.
    pub(super) fn has(&self, series: &Series) -> bool {
        self.scans.iter().any(|now| now.key == series.key)
    }

    /// Whether a series should be part of the load and is not.
    pub(super) fn misses(&self, series: &Series) -> bool {
        self.inputs == Inputs::Own && series.is_own && !self.has(series)
    }

    /// What is to be noted, one record for each series with something new. All paths of the journal are read.
    pub(super) fn records(&self, state: &State, repo: &Repo) -> Vec<Record> {
        let kinds = self.kinds(state);
        let mut numbers: Vec<u16> = Vec::new();
        let mut next = state.series.len();
        for now in &self.scans {
            let number = state.number(&now.key).unwrap_or_else(|| {
                next += 1;
                next - 1
            });
            numbers.push(u16::try_from(number).unwrap_or(NOWHERE));
        }
        let mut names = Names::of(state);
        let mut records: Vec<Option<Record>> = Vec::new();
        for ((now, kind), series) in self.scans.iter().zip(&kinds).zip(&numbers) {
            let kind = kind.filter(|_| *series < NOWHERE);
            records.push(kind.map(|kind| self.record(state, now, kind, *series, repo)));
        }
        let homes = self.homes(state, &numbers);
        know(state, &homes, &mut records);
        self.meet(state, &mut names, &mut records);
        let is_news = |record: &Record| {
            record.kind == Kind::Whole || !record.came.is_empty() || !record.here.is_empty() || !record.early.is_empty()
        };
        // Those that make a series come in the order of their numbers.
        let mut records: Vec<Record> = records.into_iter().flatten().filter(is_news).collect();
        records.sort_by_key(|record| record.series);
        renamed::follow(repo, state, &names, &mut records);
        names.give(&mut records);
        records
    }

    fn record(&self, state: &State, now: &Now, kind: Kind, series: u16, repo: &Repo) -> Record {
        let mut scan = now.scan.clone();
        let known = state.series.get(usize::from(series));
        // A tool that once listed a rule without results lists all.
        if known.and_then(|series| series.last.as_ref()).is_some_and(|last| last.rules.is_some()) {
            scan.rules = Some(now.rules());
        }
        if scan.commit.is_empty() {
            scan.commit = repo.head().unwrap_or_default();
        }
        Record {
            kind,
            series,
            key: now.key.clone(),
            tool: now.tool.clone(),
            report: now.report.clone(),
            is_own: self.inputs == Inputs::Own,
            noted: self.now,
            scan,
            rules: Vec::new(),
            paths: Arena::default(),
            histories: Histories::default(),
            came: Vec::new(),
            here: Vec::new(),
            gone: Vec::new(),
            early: Vec::new(),
            moved: Vec::new(),
        }
    }

    /// Where each known result is now: the number of a scan of the load, that of its own series if that has it.
    fn homes(&self, state: &State, numbers: &[u16]) -> Vec<u16> {
        let mut homes = vec![NOWHERE; state.seen.len()];
        for (record, at) in self.there() {
            let Some(place) = state.find(record.id.0) else { continue };
            let known = state.seen.get(place).and_then(|seen| state.history(seen));
            let is_own = known.is_some_and(|known| numbers.get(usize::from(at)) == Some(&known.series));
            if homes[place] == NOWHERE || is_own {
                homes[place] = at;
            }
        }
        homes
    }

    /// The results that are there, with the scan that each is of.
    fn there(&self) -> impl Iterator<Item = (&'b ResultRecord, u16)> {
        let records = self.backlog.results.iter().filter(|record| record.is_there());
        let at = |record: &ResultRecord| self.of_run.get(record.run() as usize).copied().filter(|at| *at != NOWHERE);
        records.filter_map(move |record| Some((record, at(record)?)))
    }

    /// Notes results that nobody knew.
    fn meet(&self, state: &State, names: &mut Names<'_>, records: &mut [Option<Record>]) {
        let backlog = self.backlog;
        // The number of each rule of each scan, and its history.
        let mut rules: HashMap<(u16, u32), (u32, u32), RandomState> = HashMap::default();
        let mut paths = vec![NONE; backlog.paths.len()];
        for (result, at) in self.there() {
            let Some(record) = records.get_mut(usize::from(at)).and_then(Option::as_mut) else { continue };
            if state.find(result.id.0).is_some() {
                continue;
            }
            let (rule, history) = *rules.entry((at, result.rule)).or_insert_with(|| {
                let id = backlog.rules.get(result.rule as usize).map_or("", |rule| &rule.id);
                let history = first_history(state, record, id);
                (names.rule(&backlog.tool(result).family, id), record.histories.number(history))
            });
            let path = paths.get_mut(result.path as usize).map_or(NONE, |number| {
                if *number == NONE {
                    *number = names.path(backlog.path(result));
                }
                *number
            });
            record.came.push(Seen { id: result.id.0, history, rule, path, line: result.line });
        }
        for record in records.iter_mut().flatten() {
            record.came.par_sort_unstable_by_key(|seen| (seen.id, seen.path, seen.line, seen.rule));
            record.came.dedup_by_key(|seen| seen.id);
        }
    }
}

/// What is to be said of a result that nobody knew, of this rule.
fn first_history(state: &State, record: &Record, rule: &str) -> History {
    let last = state.series.get(usize::from(record.series)).and_then(|series| series.last.as_ref());
    let has_looked = |last: &Scan| last.is_whole && last.runs >= record.scan.runs && last.looked_for(rule);
    let is_known_since = record.kind == Kind::Whole && last.is_some_and(has_looked);
    let (first, marks) = (record.scan.at, if is_known_since { 0 } else { GUESSED });
    let known = History { first, changed: first, series: record.series, marks };
    match record.kind {
        Kind::Early => History { changed: last.map_or(first, |last| last.at), marks: marks | GONE | LOST, ..known },
        _ => known,
    }
}

/// Notes what became of known results.
fn know(state: &State, homes: &[u16], records: &mut [Option<Record>]) {
    let mut by_series: Vec<Option<usize>> = vec![None; state.series.len()];
    for (at, record) in records.iter().enumerate() {
        if let Some((record, slot)) =
            record.as_ref().and_then(|record| Some((record, by_series.get_mut(usize::from(record.series))?)))
        {
            *slot = (record.kind == Kind::Whole).then_some(at);
        }
    }
    for (seen, home) in state.seen.iter().zip(homes) {
        let Some(history) = state.history(seen) else { continue };
        if let Some(record) = records.get_mut(usize::from(*home)).and_then(Option::as_mut) {
            if record.scan.at < history.first {
                record.early.push(seen.id);
            }
            let is_elsewhere = history.series != record.series || history.marks & GONE != 0;
            if is_elsewhere && record.kind != Kind::Early {
                record.here.push(seen.id);
            }
        } else if *home == NOWHERE && history.marks & GONE == 0 {
            let at = by_series.get(usize::from(history.series)).copied().flatten();
            if let Some(record) = at.and_then(|at| records.get_mut(at)?.as_mut()) {
                record.gone.push(seen.id);
            }
        }
    }
}

impl Now {
    /// What follows once all of it is there.
    fn finish(&mut self) {
        let tool = self.key.split('\n').next().unwrap_or_default();
        let lists_all = LIST_ALL.contains(&tool) || !self.listed.is_subset(&self.fired);
        self.scan.rules = (lists_all && !self.listed.is_empty()).then(|| self.rules());
        let rules = self.rules();
        let start = self.sum ^ u64::from(self.scan.runs) << 1 ^ u64::from(self.scan.is_whole);
        self.scan.content = rules.iter().fold(mixed(start), |content, rule| mixed(content ^ rule));
    }

    /// Keys of all rules that it is known to have looked for, sorted.
    fn rules(&self) -> Vec<u64> {
        let mut rules: Vec<u64> = self.listed.union(&self.fired).copied().collect();
        rules.sort_unstable();
        rules
    }
}

/// Numbers of rules and paths, those of the journal first.
pub(super) struct Names<'b> {
    rules: HashMap<(String, String), u32, RandomState>,
    known_paths: HashMap<&'b str, u32, RandomState>,
    first_path: u32,
    new_rules: Vec<(String, String)>,
    new_paths: Arena,
}

impl<'b> Names<'b> {
    fn of(state: &'b State) -> Self {
        let rules = state.rules.iter().cloned().zip(0..).collect();
        let (known_paths, first_path) = (state.paths.iter().zip(0..).collect(), state.count_paths());
        Self { rules, known_paths, first_path, new_rules: Vec::new(), new_paths: Arena::default() }
    }

    fn rule(&mut self, tool: &str, rule: &str) -> u32 {
        let next = u32::try_from(self.rules.len()).unwrap_or(NONE);
        let name = (tool.to_owned(), rule.to_owned());
        let number = *self.rules.entry(name.clone()).or_insert(next);
        if number == next {
            self.new_rules.push(name);
        }
        number
    }

    /// To be asked once for each path.
    fn path(&mut self, path: &str) -> u32 {
        match self.known_paths.get(path) {
            _ if path.is_empty() => NONE,
            Some(number) => *number,
            None => self.first_path + self.new_paths.push(path),
        }
    }

    /// The numbers of those among some paths that have one.
    pub(super) fn numbers_of<'p>(&self, paths: impl Iterator<Item = &'p String>) -> HashMap<&'p str, u32> {
        let new: HashMap<&str, u32> = self.new_paths.iter().zip(self.first_path..).collect();
        let number = |path: &str| self.known_paths.get(path).or_else(|| new.get(path)).copied();
        paths.filter_map(|path| Some((path.as_str(), number(path)?))).collect()
    }

    /// Gives the new ones to the first record, which is read before the others.
    fn give(self, records: &mut [Record]) {
        if let Some(first) = records.first_mut() {
            (first.rules, first.paths) = (self.new_rules, self.new_paths);
        }
    }
}

/// The name of a report without what changes from one scan to the next: numbers, dates, hashes.
fn name_of(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_ascii_alphanumeric();
        let length = rest.find(|c| is_word(c) != is_word(first)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(length);
        out.push_str(&open_numbers(word));
        rest = after;
    }
    out
}

fn open_numbers(word: &str) -> String {
    let has_digit = word.bytes().any(|byte| byte.is_ascii_digit());
    if has_digit && word.len() >= HASH && word.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return "#".to_owned();
    }
    let mut out = String::new();
    for c in word.chars() {
        match c {
            '0'..='9' if out.ends_with('#') => {}
            '0'..='9' => out.push('#'),
            other => out.push(other),
        }
    }
    out
}

/// An id is a hash already; sums of them as they are would be the same for ids that differ by as much.
fn mixed(id: u64) -> u64 {
    let id = (id ^ id >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    id ^ id >> 29
}

/// The results of the journal that a load has.
pub(super) fn held(backlog: &Backlog, state: &State) -> Bits {
    let mut held = Bits::none(state.seen.len());
    let places = backlog.results.iter().filter(|record| record.is_there()).filter_map(|record| state.find(record.id.0));
    held.extend(places.filter_map(|place| u32::try_from(place).ok()));
    held
}

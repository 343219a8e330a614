//! Results to findings. Two results are one finding only if
//!
//! 1. they have the same id (the same result in two reports);
//! 2. or one run reports one rule twice at one region with the same flagged text and message (in two runs they
//!    have the same id, or one of them has the id of another place: then joining them would join the places);
//! 3. or different tools flag the same path and start line, with column ranges that overlap or are not stated,
//!    for a CWE of one family (`model::cwe`), both as problems;
//! 4. or they name the same advisory for the same package in the same path.
//!
//! A wrong merge is worse than none: in 3 nothing is merged for a line and family where not all ranges overlap,
//! in 4 nothing where one tool has several different findings for the key or where versions differ.
//! `no_merge` leaves every result alone.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::model::backlog::{Backlog, Finding, FindingIdx, NONE, Record, ResultIdx};
use crate::model::cwe as weakness;
use crate::model::grade::Severity;

use super::cwe;
use super::load::Progress;
use super::twice::Twice;

/// One of several results with equal keys in one run (see `identity`).
pub(super) struct Equal {
    pub(super) at: ResultIdx,
    /// How many of them stand before it.
    pub(super) ordinal: u32,
}

/// CWE numbers that results state, sorted by result.
type Own = [(ResultIdx, Box<[u32]>)];

fn own_of(own: &Own, at: ResultIdx) -> &[u32] {
    own.binary_search_by_key(&at, |(owner, _)| *owner).ok().and_then(|found| own.get(found)).map_or(&[], |(_, cwe)| cwe)
}

/// Fills `findings` and `members`, unless that is called off. `equals` holds all results with
/// equal keys, those of one run and key side by side and sorted by region and message. `own` are CWE numbers that
/// results state.
pub(super) fn group(backlog: &mut Backlog, equals: &[Equal], own: &Own, no_merge: bool, progress: &Progress) {
    let mut sets = Sets::new(backlog.results.len());
    if !no_merge {
        let view: &Backlog = backlog;
        join_equal_ids(view, &mut sets);
        join_exact_doubles(view, equals, &mut sets);
        join_by_cwe(view, own, &mut sets);
        join_by_advisory(view, &mut sets);
    }
    if progress.is_cancelled() {
        return;
    }
    fill(backlog, own, sets);
}

/// Disjoint sets of results; the smallest number stands for its set.
struct Sets {
    parent: Vec<u32>,
}

impl Sets {
    fn new(len: usize) -> Self {
        Self { parent: (0..u32::try_from(len).unwrap_or(NONE)).collect() }
    }

    fn find(&mut self, mut at: u32) -> u32 {
        loop {
            let up = self.parent.get(at as usize).copied().unwrap_or(at);
            if up == at {
                return at;
            }
            let above = self.parent.get(up as usize).copied().unwrap_or(up);
            if let Some(slot) = self.parent.get_mut(at as usize) {
                *slot = above;
            }
            at = above;
        }
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.find(a), self.find(b));
        if let Some(slot) = self.parent.get_mut(a.max(b) as usize) {
            *slot = a.min(b);
        }
    }

    /// The number of each result's set, in the order of the sets' first results.
    fn numbered(mut self) -> Vec<FindingIdx> {
        for at in 0..short(self.parent.len()) {
            let root = self.find(at);
            if let Some(slot) = self.parent.get_mut(at as usize) {
                *slot = root;
            }
        }
        // The first result of a set is its root, and has its number when the others come.
        let mut count = 0;
        for at in 0..self.parent.len() {
            let root = self.parent.get(at).map_or(at, |root| *root as usize);
            let number = if root == at { count } else { self.parent.get(root).copied().unwrap_or(NONE) };
            count += FindingIdx::from(root == at);
            if let Some(slot) = self.parent.get_mut(at) {
                *slot = number;
            }
        }
        self.parent
    }

    fn join_all(&mut self, members: &[u32]) {
        for pair in members.windows(2) {
            if let [a, b] = pair {
                self.join(*a, *b);
            }
        }
    }
}

fn numbered(backlog: &Backlog) -> impl Iterator<Item = (u32, &Record)> {
    (0..NONE).zip(&backlog.results)
}

/// The results whose id is likely to be another's as well, sorted by id.
fn by_id(backlog: &Backlog) -> Vec<ResultIdx> {
    let mut twice = Twice::new(backlog.results.len());
    backlog.results.iter().for_each(|record| twice.add(record.id.upper_half()));
    let shared = numbered(backlog).filter(|(_, record)| twice.has(record.id.upper_half()));
    let mut shared: Vec<ResultIdx> = shared.map(|(at, _)| at).collect();
    shared.sort_unstable_by_key(|at| (backlog.record(*at).id, *at));
    shared
}

fn join_equal_ids(backlog: &Backlog, sets: &mut Sets) {
    for pair in by_id(backlog).windows(2) {
        if let [a, b] = pair
            && backlog.record(*a).id == backlog.record(*b).id
        {
            sets.join(*a, *b);
        }
    }
}

fn join_exact_doubles(backlog: &Backlog, equals: &[Equal], sets: &mut Sets) {
    let region = |record: &Record| (record.run(), record.line, record.column, record.end_line, record.end_column);
    let is_same = |a: u32, b: u32| {
        region(backlog.record(a)) == region(backlog.record(b)) && backlog.messages.compare(a, b).is_eq()
    };
    for pair in equals.windows(2) {
        if let [one, next] = pair
            && next.ordinal > 0
            && is_same(one.at, next.at)
        {
            sets.join(one.at, next.at);
        }
    }
}

/// Families of CWE numbers, each once.
fn families<'n>(numbers: impl Iterator<Item = &'n u32>) -> Vec<u16> {
    let family = |number: &u32| u16::try_from(weakness::family(*number)?).ok();
    let mut families: Vec<u16> = numbers.filter_map(family).collect();
    families.sort_unstable();
    families.dedup();
    families
}

fn join_by_cwe(backlog: &Backlog, own: &Own, sets: &mut Sets) {
    let first = backlog.tools.first().map(|tool| &tool.family);
    if backlog.tools.iter().all(|tool| Some(&tool.family) == first) {
        return;
    }
    let of_rules: Vec<Vec<u16>> = backlog.rules.iter().map(|rule| families(rule.cwe.iter())).collect();
    let mut by_place: Vec<(u32, u32, u16, u32)> = Vec::new();
    for (at, record) in
        numbered(backlog).filter(|(_, record)| record.path != NONE && record.line > 0 && record.is_there())
    {
        let mut add = |family: &u16| by_place.push((record.path, record.line, *family, at));
        match own_of(own, at) {
            [] => of_rules.get(record.rule as usize).into_iter().flatten().for_each(&mut add),
            stated => families(backlog.rule(record).cwe.iter().chain(stated)).iter().for_each(&mut add),
        }
    }
    by_place.sort_unstable();
    for key in by_place.chunk_by(|a, b| (a.0, a.1, a.2) == (b.0, b.1, b.2)).filter(|key| key.len() > 1) {
        let members: Vec<u32> = key.iter().map(|entry| entry.3).collect();
        if has_several_tools(backlog, &members) && all_overlap(backlog, &members) {
            sets.join_all(&members);
        }
    }
}

fn has_several_tools(backlog: &Backlog, members: &[u32]) -> bool {
    let mut families = members.iter().map(|&at| backlog.tool(backlog.record(at)).family.as_str());
    let first = families.next();
    families.any(|family| Some(family) != first)
}

/// Whether every two of the column ranges share a column. Ranges that are not stated share all.
fn all_overlap(backlog: &Backlog, members: &[u32]) -> bool {
    let ranges = members.iter().filter_map(|&at| columns(backlog.record(at)));
    let (start, end) = ranges.fold((0, u32::MAX), |(start, end), range| (start.max(range.0), end.min(range.1)));
    start < end
}

/// Columns of a result in its first line, from and to; `None` where they are not stated.
fn columns(record: &Record) -> Option<(u32, u32)> {
    if record.column == 0 {
        return None;
    }
    let is_one_line = record.end_line <= record.line;
    let end = if is_one_line && record.end_column > 0 { record.end_column.max(record.column + 1) } else { u32::MAX };
    Some((record.column, end))
}

fn join_by_advisory(backlog: &Backlog, sets: &mut Sets) {
    let mut by_key: HashMap<(u32, String, &str), Vec<u32>> = HashMap::new();
    for (at, package) in &backlog.packages {
        let record = backlog.record(*at);
        if record.path == NONE || !record.is_there() || package.name.is_empty() {
            continue;
        }
        for advisory in backlog.advisories_of(*at) {
            by_key.entry((record.path, package.name.to_lowercase(), advisory)).or_default().push(*at);
        }
    }
    let mut groups: Vec<Vec<u32>> = by_key.into_values().filter(|members| members.len() > 1).collect();
    groups.sort_unstable();
    for members in groups {
        if is_one_finding_a_tool(backlog, &members, sets) && has_one_version(backlog, &members) {
            sets.join_all(&members);
        }
    }
}

fn is_one_finding_a_tool(backlog: &Backlog, members: &[u32], sets: &mut Sets) -> bool {
    let mut of_tool: HashMap<&str, u32> = HashMap::new();
    members.iter().all(|&at| {
        let set = sets.find(at);
        *of_tool.entry(backlog.tool(backlog.record(at)).family.as_str()).or_insert(set) == set
    })
}

fn has_one_version(backlog: &Backlog, members: &[u32]) -> bool {
    let mut versions = members.iter().filter_map(|&at| backlog.package_of(at)?.version.as_deref());
    let first = versions.next();
    versions.all(|version| Some(version) == first)
}

fn fill(backlog: &mut Backlog, own: &Own, sets: Sets) {
    let finding_of = sets.numbered();
    let mut ends: Vec<u32> = vec![0; finding_of.iter().max().map_or(0, |last| *last as usize + 1)];
    for finding in &finding_of {
        if let Some(size) = ends.get_mut(*finding as usize) {
            *size += 1;
        }
    }
    let mut end = 0;
    for size in &mut ends {
        end += std::mem::replace(size, end);
    }
    // What was the start of each finding's part moves to its end while the part is filled.
    let mut members: Vec<ResultIdx> = vec![0; backlog.results.len()];
    for (at, finding) in (0..).zip(&finding_of) {
        if let Some(end) = ends.get_mut(*finding as usize) {
            if let Some(slot) = members.get_mut(*end as usize) {
                *slot = at;
            }
            *end += 1;
        }
    }
    let mut cwe = CweSets::default();
    let mut findings = Vec::with_capacity(ends.len());
    let mut start = 0;
    for end in ends {
        let results = members.get_mut(start as usize..end as usize).unwrap_or_default();
        put_lead_first(backlog, results);
        findings.push(finding(backlog, own, results, start, &mut cwe));
        start = end;
    }
    (backlog.findings, backlog.members, backlog.cwe_sets) = (findings, members, cwe.sets);
}

fn short(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(NONE)
}

/// Sets of CWE numbers, each once.
#[derive(Default)]
struct CweSets {
    sets: Vec<Box<[u32]>>,
    numbers: HashMap<Box<[u32]>, u32, RandomState>,
    /// The number of a rule's own set, by that of the rule.
    of_rules: HashMap<u32, u32, RandomState>,
}

impl CweSets {
    fn number(&mut self, mut cwe: Vec<u32>) -> u32 {
        if cwe.is_empty() {
            return NONE;
        }
        cwe::tidy(&mut cwe);
        let next = short(self.sets.len());
        let set = cwe.into_boxed_slice();
        *self.numbers.entry(set).or_insert_with_key(|set| {
            self.sets.push(set.clone());
            next
        })
    }

    fn of_rule(&mut self, backlog: &Backlog, rule: u32) -> u32 {
        if let Some(known) = self.of_rules.get(&rule) {
            return *known;
        }
        let number = self.number(backlog.rules.get(rule as usize).map_or_else(Vec::new, |rule| rule.cwe.clone()));
        self.of_rules.insert(rule, number);
        number
    }
}

/// The lead: highest severity, then has fixes, then has flows, then tool name, then order.
fn put_lead_first(backlog: &Backlog, results: &mut [u32]) {
    if results.len() < 2 {
        return;
    }
    let rank = |at: u32| {
        let record = backlog.record(at);
        (std::cmp::Reverse(record.severity()), record.fixes == 0, record.flows == 0, &backlog.tool(record).name, at)
    };
    let lead = (0..results.len()).min_by_key(|&place| results.get(place).map(|&at| rank(at)));
    if let Some(head) = lead.and_then(|lead| results.get_mut(..=lead)) {
        head.rotate_right(1);
    }
}

fn finding(backlog: &Backlog, own: &Own, results: &[u32], start: u32, sets: &mut CweSets) -> Finding {
    let (mut severity, mut fixes, mut flows) = (Severity::Info, 0_u8, 0_u8);
    for &at in results {
        let record = backlog.record(at);
        severity = severity.max(record.severity());
        fixes = fixes.saturating_add(record.fixes);
        flows = flows.saturating_add(record.flows);
    }
    let cwe = match results {
        [only] if own_of(own, *only).is_empty() => sets.of_rule(backlog, backlog.record(*only).rule),
        _ => {
            let stated = results.iter().flat_map(|&at| own_of(own, at));
            let by_rule = results.iter().flat_map(|&at| &backlog.rule(backlog.record(at)).cwe);
            sets.number(stated.chain(by_rule).copied().collect())
        }
    };
    Finding { first: start, severity, cwe, fixes, flows }
}

//! The results of one run as they come: its rules and places get numbers, its rows are added to the columns.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::model::backlog::{At, NONE, Record, Rule};
use crate::model::grade::{Category, Graded, Grades};
use crate::model::id::FindingId;

use super::index::{Columns, short};
use super::json::Said;
use super::lower::{self, Draft};
use super::notes::{Notes, Oddity};
use super::places::Places;
use super::rules::Tables;
use super::walk::Span;
use super::{advisory, identity};

/// Numbers rules and places of one run.
pub(super) struct RunBuilder {
    index: usize,
    pub(super) notes: Notes,
    pub(super) rules: Vec<Rule>,
    /// Advisories that the rules name, by their ids and metadata.
    advisories: Vec<Arc<[Box<str>]>>,
    rule_numbers: HashMap<String, u32, RandomState>,
    /// Numbers of the rules that results name by their ids, by component and position in it.
    numbers_at: Vec<Vec<u32>>,
    /// What each rule is about, side by side: a rule is large, and each result asks.
    categories: Vec<Category>,
    pub(super) places: Places,
    /// Position in the run's artifacts of results whose flagged text only an embedded file may have.
    embedded: Vec<(usize, usize)>,
    /// Room for one text after the other.
    words: String,
    /// The position that the next result has, if none before it is lost.
    next: u32,
    /// Positions of results that could not be read.
    pub(super) lost: Vec<u32>,
}

impl RunBuilder {
    pub(super) fn new(name: &str, index: usize) -> Self {
        Self {
            index,
            notes: Notes::new(name),
            rules: Vec::new(),
            advisories: Vec::new(),
            rule_numbers: HashMap::default(),
            numbers_at: Vec::new(),
            categories: Vec::new(),
            places: Places::default(),
            embedded: Vec::new(),
            words: String::new(),
            next: 0,
            lost: Vec::new(),
        }
    }

    pub(super) fn odd(&mut self, result: u32, oddity: &Oddity) {
        let run = self.index;
        self.notes.odd(|| format!("/runs/{run}/results/{result}"), oddity);
    }

    pub(super) fn push(&mut self, span: Span, mut draft: Draft<'_>, tables: &Tables, columns: &mut Columns) {
        let Some(at) = At::new(0, span.offset) else {
            self.odd(span.index, &Oddity::costly("a result behind the first terabyte of a report was skipped", ""));
            return;
        };
        self.lost.extend(self.next..span.index);
        self.next = span.index.saturating_add(1);
        for oddity in std::mem::take(&mut draft.oddities) {
            self.odd(span.index, &oddity);
        }
        let rule = self.rule(&draft, tables);
        let path = draft.place.take().map_or(NONE, |place| self.places.number(&place));
        let number = columns.records.len();
        if let Some(artifact) = draft.artifact.filter(|_| draft.flagged.is_none() && draft.extent.line > 0) {
            self.embedded.push((artifact, number));
        }
        let category = self.categories.get(rule as usize).copied().unwrap_or(Category::Code);
        let Draft { message, flagged, logical, advisories, package, cwe, .. } = draft;
        let mut record = Record {
            id: FindingId::default(),
            at,
            len: u32::try_from(span.len).unwrap_or(u32::MAX),
            rule,
            path,
            line: draft.extent.line,
            column: draft.extent.column,
            end_line: draft.extent.end_line,
            end_column: draft.extent.end_column,
            grades: Grades::new(Graded {
                level: draft.level,
                kind: draft.kind,
                severity: draft.severity,
                baseline: draft.baseline,
                category,
                is_suppressed: draft.is_suppressed,
            }),
            fixes: draft.fixes,
            flows: draft.flows,
        };
        let digest = flagged.map(|text| {
            identity::normalise_into(&text, &mut self.words);
            identity::flagged(&self.words, category)
        });
        columns.flagged.push(&mut record, digest);
        columns.records.push(record);
        columns.messages.push(&message);
        let number = short(number);
        columns.logical.extend(logical.filter(|_| path == NONE).map(|name| (number, name.into_boxed_str())));
        let facts = draft.rule_at.and_then(|at| tables.facts(at));
        let package = package.map(Arc::new).or_else(|| facts.and_then(|facts| facts.package.clone()));
        columns.packages.extend(package.map(|package| (number, package)));
        if let Some(advisories) = self.advisories_of(rule, advisories) {
            columns.advisories.push((number, advisories));
        }
        columns.claims.extend(draft.claims.into_iter().map(|claim| (number, claim)));
        columns.ai.extend(draft.ai.map(|mark| (number, mark)));
        columns.starts.extend(draft.starts.iter().map(|start| (number, self.places.number(start))));
        if !cwe.is_empty() {
            columns.cwe.push((number, cwe.into_boxed_slice()));
        }
    }

    fn rule(&mut self, draft: &Draft<'_>, tables: &Tables) -> u32 {
        let Some((component, index)) = draft.rule_at.filter(|_| draft.is_by_id) else {
            return self.rule_by_id(draft, tables);
        };
        let known = self.numbers_at.get(component).and_then(|numbers| numbers.get(index));
        if let Some(number) = known.copied().filter(|number| *number != NONE) {
            return number;
        }
        let number = self.rule_by_id(draft, tables);
        *slot(slot(&mut self.numbers_at, component, Vec::new()), index, NONE) = number;
        number
    }

    fn rule_by_id(&mut self, draft: &Draft<'_>, tables: &Tables) -> u32 {
        if let Some(number) = self.rule_numbers.get(&*draft.rule_id) {
            return *number;
        }
        let number = short(self.rules.len());
        let rule = tables.describe(&draft.rule_id, draft.rule_at);
        self.categories.push(rule.category.unwrap_or(Category::Code));
        self.rules.push(rule);
        let mut advisories = Vec::new();
        advisory::collect(&draft.rule_id, &mut advisories);
        let facts = draft.rule_at.and_then(|at| tables.facts(at));
        advisories.extend(facts.into_iter().flat_map(|facts| facts.advisories.iter().cloned()));
        self.advisories.push(sorted(advisories));
        self.rule_numbers.insert(draft.rule_id.clone().into_owned(), number);
        number
    }

    /// The advisories of a result: those that its message names, and those of its rule, which most results share.
    fn advisories_of(&self, rule: u32, named: Vec<Box<str>>) -> Option<Arc<[Box<str>]>> {
        let of_rule = self.advisories.get(rule as usize)?;
        if named.iter().all(|id| of_rule.contains(id)) {
            return (!of_rule.is_empty()).then(|| Arc::clone(of_rule));
        }
        Some(sorted(named.into_iter().chain(of_rule.iter().cloned()).collect()))
    }

    /// Takes the flagged text of results without a snippet from the files that the run carries.
    pub(super) fn fill_from_embedded(&mut self, tables: &Tables, columns: &mut Columns) {
        self.embedded.sort_unstable();
        for group in self.embedded.chunk_by(|a, b| a.0 == b.0) {
            let artifact = group.first().and_then(|(artifact, _)| tables.run.artifacts.0.get(*artifact));
            let Some(text) = artifact.and_then(|artifact| artifact.contents.text.get()) else { continue };
            let lines: Vec<&str> = text.lines().collect();
            for (_, result) in group {
                if let Some(record) = columns.records.get_mut(*result) {
                    let extent =
                        lower::Extent { line: record.line, end_line: record.end_line, ..lower::Extent::default() };
                    let text = lower::flagged_lines(&lines, 1, extent);
                    let digest = text.map(|text| identity::flagged(&text, record.category()));
                    columns.flagged.set(*result, record, digest);
                }
            }
        }
    }
}

/// The slot at a position; those before it are made.
fn slot<T: Clone>(slots: &mut Vec<T>, at: usize, empty: T) -> &mut T {
    if slots.len() <= at {
        slots.resize(at + 1, empty);
    }
    &mut slots[at]
}

fn sorted(mut advisories: Vec<Box<str>>) -> Arc<[Box<str>]> {
    advisories.sort_unstable();
    advisories.dedup();
    advisories.into()
}

//! Which findings pass one term, found in parts, so that a key press never waits for all of a large backlog. Names are
//! tested once for each distinct rule, path and tool, then joined to the findings.

use std::ops::Range;
use std::sync::Arc;

use crate::model::backlog::{Record, ResultIdx, Rule};
use crate::model::bits::Bits;
use crate::model::board::Board;

use super::filter::{advisory_fits, fits, holds, package_fits, remedy_fits, rule_fits, tool_fits};
use super::term::{Name, Test};
use super::words::Word;

/// Texts or findings of one part, a multiple of 64.
const PART: usize = 1 << 17;
/// A glob or a fuzzy word looks at a path as long as at so many findings.
const PATH: usize = 8;
/// As many messages are searched by their pieces in the time in which one is put together.
const LOOK_UP: usize = 8;

/// A term under way.
#[derive(Debug)]
pub(super) struct Search {
    pub(super) test: Test,
    word: Option<Word>,
    sets: Sets,
    /// Paths in which the letters of the word stand apart.
    near: Vec<(usize, u32)>,
    /// The pieces of messages that have the word.
    pieces: Bits,
    found: Bits,
    stage: Stage,
    /// Where the next part of the stage starts.
    at: usize,
}

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Paths,
    /// Findings, by the sets of names.
    Names,
    /// The distinct pieces of messages.
    Pieces,
    Messages,
    /// Findings, each for itself.
    Findings,
    Done,
}

/// Sets of numbers of a backlog; a finding is held if it, or one of its results, is in one of them.
#[derive(Debug, Default)]
struct Sets {
    findings: Bits,
    results: Bits,
    rules: Bits,
    paths: Bits,
    tools: Bits,
}

impl Search {
    pub(super) fn new(board: &Board, test: &Test) -> Self {
        let backlog = &board.backlog;
        let word = match test {
            Test::Word(said) => Some(Word::new(said, true)),
            Test::Text(said) => Some(Word::new(said, false)),
            Test::Choice(..) | Test::Number(..) | Test::Name(..) | Test::Id(..) => None,
        };
        let stage = match test {
            Test::Word(_) | Test::Text(_) | Test::Name(Name::Path, _) => Stage::Paths,
            Test::Name(..) | Test::Id(..) => Stage::Names,
            Test::Choice(..) | Test::Number(..) => Stage::Findings,
        };
        Self {
            test: test.clone(),
            sets: Sets::of(board, test, word.as_ref()),
            word,
            near: Vec::new(),
            pieces: Bits::default(),
            found: Bits::none(backlog.findings.len()),
            stage,
            at: 0,
        }
    }

    /// The findings that pass, once all parts are done.
    pub(super) fn found(&mut self) -> Option<Bits> {
        (self.stage == Stage::Done).then(|| std::mem::take(&mut self.found))
    }

    /// Does one part of at most about `room` texts or findings, and returns how many it looked at. `within` holds all
    /// findings whose messages can have the word.
    pub(super) fn step(&mut self, board: &Board, within: Option<&Bits>, room: usize) -> usize {
        let backlog = &board.backlog;
        let findings = backlog.findings.len();
        match self.stage {
            Stage::Paths => {
                let (range, is_last) = self.part(backlog.paths.len(), room / PATH);
                let cost = range.len() * PATH;
                self.paths(board, range);
                if is_last {
                    self.score(board);
                    self.stage = Stage::Names;
                }
                cost
            }
            Stage::Names => {
                self.sets.join(board, &mut self.found);
                self.stage = if self.word.is_some() { Stage::Pieces } else { Stage::Done };
                findings
            }
            Stage::Pieces if self.at == 0 => {
                self.few_messages(board, within).unwrap_or_else(|| self.pieces(board, room))
            }
            Stage::Pieces => self.pieces(board, room),
            Stage::Messages => self.messages(board, room),
            Stage::Findings => {
                let (range, is_last) = self.part(findings, room);
                let cost = range.len();
                let test = &self.test;
                self.found.fill(range, |finding| holds(board, test, finding));
                if is_last {
                    self.stage = Stage::Done;
                }
                cost
            }
            Stage::Done => 0,
        }
    }

    /// The next part of a stage over so many things, and whether it is the last.
    fn part(&mut self, len: usize, room: usize) -> (Range<usize>, bool) {
        let start = self.at;
        let end = len.min(start + (room.min(PART) / 64).max(1) * 64);
        self.at = if end == len { 0 } else { end };
        (start..end, end == len)
    }

    fn paths(&mut self, board: &Board, range: Range<usize>) {
        let backlog = &board.backlog;
        match (&self.word, &self.test) {
            (Some(word), _) => {
                let lower = &backlog.order().paths;
                word.inside(lower, range.clone(), &mut self.sets.paths);
                self.near.extend(word.near(lower, range, &self.sets.paths));
            }
            (None, Test::Name(Name::Path, patterns)) => {
                self.sets.paths.fill(range, |path| fits(patterns, &backlog.paths[path as usize].text));
            }
            (None, _) => {}
        }
    }

    fn score(&mut self, board: &Board) {
        let Some(word) = &self.word else { return };
        let near = std::mem::take(&mut self.near);
        for path in word.scored(near, |path| &board.backlog.paths[path as usize].text) {
            self.sets.paths.insert(path);
        }
    }

    /// Looks up the messages of those findings whose names do not have the word, if they are few; else returns `None`.
    fn few_messages(&mut self, board: &Board, within: Option<&Bits>) -> Option<usize> {
        let backlog = &board.backlog;
        let word = self.word.as_ref()?;
        let mut left = within.cloned().unwrap_or_else(|| Bits::all(backlog.findings.len()));
        left.drop_all(&self.found);
        let cost = left.len() * LOOK_UP;
        if cost > backlog.findings.len() {
            return None;
        }
        let says = |result: &ResultIdx| word.is_in(&backlog.messages.get(*result));
        for finding in left.iter().filter(|finding| backlog.members(*finding).iter().any(says)) {
            self.found.insert(finding);
        }
        self.stage = Stage::Done;
        Some(cost)
    }

    fn pieces(&mut self, board: &Board, room: usize) -> usize {
        let pieces = board.backlog.messages.pieces();
        // A word that can be split is looked for in whole messages.
        let is_wanted = self.word.as_ref().is_some_and(|word| !word.may_be_split());
        let (range, is_last) = if is_wanted { self.part(pieces.ends.len(), room) } else { (0..0, true) };
        let cost = range.len();
        if range.start == 0 {
            self.pieces = Bits::none(pieces.ends.len());
        }
        if let Some(word) = &self.word {
            word.inside(pieces, range, &mut self.pieces);
        }
        if is_last {
            self.sets.results = Bits::none(board.backlog.results.len());
            self.stage = Stage::Messages;
        }
        cost
    }

    fn messages(&mut self, board: &Board, room: usize) -> usize {
        let messages = &board.backlog.messages;
        let is_split = self.word.as_ref().is_some_and(Word::may_be_split);
        let each = if is_split { LOOK_UP } else { 1 };
        let (range, is_last) = self.part(messages.len(), room / each);
        let cost = range.len() * each;
        if let Some(word) = &self.word {
            word.said(messages, (!is_split).then_some(&self.pieces), range, &mut self.sets.results);
        }
        if !is_last {
            return cost;
        }
        self.sets.rules = Bits::default();
        self.sets.paths = Bits::default();
        self.sets.join(board, &mut self.found);
        self.stage = Stage::Done;
        cost + board.backlog.findings.len()
    }
}

impl Sets {
    /// What a test says of names, but for the paths and messages, of which there may be many.
    fn of(board: &Board, test: &Test, word: Option<&Word>) -> Self {
        let backlog = &board.backlog;
        let mut sets = Self { paths: Bits::none(backlog.paths.len()), ..Self::default() };
        let set_results = |passing: &mut dyn Iterator<Item = ResultIdx>| {
            let mut results = Bits::none(backlog.results.len());
            passing.for_each(|result| results.insert(result));
            results
        };
        match test {
            Test::Choice(..) | Test::Number(..) | Test::Name(Name::Path, _) => {}
            Test::Name(Name::Owner, patterns) => {
                // Findings that were assigned together share one name.
                let mut last: (Option<Arc<str>>, bool) = (None, false);
                sets.findings = Bits::none(backlog.findings.len());
                for (finding, standing) in (0..).zip(board.standings.iter()) {
                    let Some(owner) = &standing.owner else { continue };
                    if !last.0.as_ref().is_some_and(|known| Arc::ptr_eq(known, owner)) {
                        last = (Some(Arc::clone(owner)), fits(patterns, owner));
                    }
                    if last.1 {
                        sets.findings.insert(finding);
                    }
                }
            }
            Test::Name(Name::Remedy, patterns) => {
                sets.findings = Bits::none(backlog.findings.len());
                if let Some(remedies) = &board.remedies {
                    let passing = Bits::of(remedies.all(), |remedy| remedy_fits(patterns, &remedy.text));
                    sets.findings.fill(0..backlog.findings.len(), |finding| passing.has(remedies.number(finding)));
                }
            }
            Test::Name(Name::Tool, patterns) => sets.tools = Bits::of(&backlog.tools, |tool| tool_fits(patterns, tool)),
            Test::Name(Name::Rule, patterns) => sets.rules = Bits::of(&backlog.rules, |rule| rule_fits(patterns, rule)),
            Test::Name(Name::Package, patterns) => {
                let named = backlog.packages.iter().map(|(result, _)| *result);
                sets.results = set_results(&mut named.filter(|result| package_fits(board, patterns, *result)));
            }
            Test::Id(ranges, patterns) => {
                sets.findings = Bits::none(backlog.findings.len());
                for finding in ranges.iter().flat_map(|range| backlog.find_range(*range.start(), *range.end())) {
                    sets.findings.insert(finding);
                }
                let advised = backlog.advisories.iter().map(|(result, _)| *result);
                sets.results = set_results(&mut advised.filter(|result| advisory_fits(board, patterns, *result)));
            }
            Test::Word(_) | Test::Text(_) => {
                sets.rules = word.map_or_else(Bits::default, |word| rules_with(board, word));
            }
        }
        sets
    }

    fn join(&self, board: &Board, found: &mut Bits) {
        let backlog = &board.backlog;
        let order = backlog.order();
        let leads = &order.leads;
        let (has_tools, has_results) = (!self.tools.is_empty(), !self.results.is_empty());
        let tool = |record: &Record| has_tools && self.tools.has(backlog.run(record).tool);
        found.fill(0..backlog.findings.len(), |finding| {
            let at = finding as usize;
            self.findings.has(finding)
                || self.rules.has(leads.rule[at])
                || self.paths.has(leads.path[at])
                || (has_results && self.results.has(leads.result[at]))
                || (has_tools && tool(backlog.lead(finding)))
        });
        for &(finding, result) in &order.others {
            let record = backlog.record(result);
            if self.rules.has(record.rule) || self.paths.has(record.path) || self.results.has(result) || tool(record) {
                found.insert(finding);
            }
        }
    }
}

/// The rules whose id or name has a word.
fn rules_with(board: &Board, word: &Word) -> Bits {
    let rules = &board.backlog.rules;
    let ids = &board.backlog.order().rule_ids;
    let mut found = Bits::none(rules.len());
    word.inside(ids, 0..rules.len(), &mut found);
    for rule in word.scored(word.near(ids, 0..rules.len(), &found), |rule| &rules[rule as usize].id) {
        found.insert(rule);
    }
    let has_name = |(_, rule): &(u32, &Rule)| rule.name.as_deref().is_some_and(|name| word.fits(name));
    for (rule, _) in (0..).zip(rules).filter(has_name) {
        found.insert(rule);
    }
    found
}

/// Whether what passes a test changes with decisions and the day.
pub(super) fn reads_standings(test: &Test) -> bool {
    use super::term::{Choice, Number};
    match test {
        Test::Choice(Choice::Status | Choice::Flag | Choice::Is, _)
        | Test::Number(Number::Age | Number::Expires, _)
        | Test::Name(Name::Owner, _) => true,
        Test::Choice(Choice::Severity | Choice::Level | Choice::Kind | Choice::Baseline | Choice::Category, _)
        | Test::Number(Number::Line | Number::Twins | Number::Cwe, _)
        | Test::Name(Name::Tool | Name::Rule | Name::Path | Name::Package | Name::Remedy, _)
        | Test::Id(..)
        | Test::Word(_)
        | Test::Text(_) => false,
    }
}

/// Whether every message that has one bare word or quoted text has the other.
pub(super) fn is_within(test: &Test, other: &Test) -> bool {
    match (test, other) {
        (Test::Word(said) | Test::Text(said), Test::Word(other) | Test::Text(other)) => said.contains(other.as_str()),
        (Test::Choice(..) | Test::Number(..) | Test::Name(..) | Test::Id(..) | Test::Word(_) | Test::Text(_), _) => {
            false
        }
    }
}

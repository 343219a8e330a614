//! Which findings pass one term, found in parts, so that a key press never waits for all of a large backlog. Names are
//! tested once for each distinct rule, path and tool, then joined to the findings.

use std::ops::Range;
use std::sync::Arc;

use crate::model::backlog::{FindingIdx, ResultIdx, Rule};
use crate::model::bits::Bits;
use crate::model::board::Board;

use super::filter::{advisory_fits, fits, holds, homes_fit, owned_by, package_fits, remedy_fits, rule_fits, tool_fits};
use super::part::part;
use super::term::{Name, Test};
use super::words::Word;

/// Texts or findings of one part, a multiple of 64.
const PART: usize = 1 << 17;
/// A glob or a fuzzy word looks at a path as long as at so many findings.
const PATH: usize = 8;
/// To ask a finding and its results themselves takes as long as to ask so many for their names.
const FINDING: usize = 4;
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
    /// The findings whose messages are looked up.
    left: Bits,
    found: Bits,
    stage: Stage,
    /// Where the next part of the stage starts.
    at: usize,
}

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Paths,
    /// The list that the test is about: packages, advisories, or what was decided.
    Listed,
    /// Findings, by the sets of names.
    Names,
    /// The messages of those findings whose names do not have the word, if they are few.
    Few,
    /// The distinct pieces of messages.
    Pieces,
    Messages,
    /// Findings, by the messages.
    Said,
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
    /// Numbers of [`Homes`](crate::model::home::Homes).
    homes: Bits,
    /// Places among the findings of which something was decided.
    decided: Bits,
    /// Places in [`Owners::all`](crate::model::owners::Owners::all), which count for findings that were given to nobody.
    owners: Bits,
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
            Test::Name(Name::Package | Name::Owner, _) | Test::Id(..) => Stage::Listed,
            Test::Name(Name::Tool | Name::Rule | Name::Remedy | Name::Service | Name::Workload | Name::Image, _) => {
                Stage::Names
            }
            Test::Choice(..) | Test::Number(..) | Test::Name(Name::Model, _) => Stage::Findings,
        };
        Self {
            test: test.clone(),
            sets: Sets::of(board, test, word.as_ref()),
            word,
            near: Vec::new(),
            pieces: Bits::default(),
            left: Bits::default(),
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
            Stage::Listed => self.listed(board, room),
            Stage::Names => self.join(board, room, |search| {
                if search.word.is_none() {
                    search.stage = Stage::Done;
                    return;
                }
                search.left = within.cloned().unwrap_or_else(|| Bits::all(backlog.findings.len()));
                search.left.drop_all(&search.found);
                let are_few = search.left.len() * LOOK_UP <= backlog.findings.len();
                search.stage = if are_few { Stage::Few } else { Stage::Pieces };
            }),
            Stage::Few => {
                let (range, is_last) = self.part(backlog.findings.len(), room / LOOK_UP);
                let cost = self.left.iter_in(range.clone()).count() * LOOK_UP + range.len() / 64;
                let (word, left) = (self.word.as_ref(), &self.left);
                let says = |result: &ResultIdx| word.is_some_and(|word| word.is_in(&backlog.messages.get(*result)));
                self.found.fill(range, |finding| left.has(finding) && backlog.members(finding).iter().any(says));
                if is_last {
                    self.stage = Stage::Done;
                }
                cost
            }
            Stage::Pieces => self.pieces(board, room),
            Stage::Messages => self.messages(board, room),
            Stage::Said => self.join(board, room, |search| search.stage = Stage::Done),
            Stage::Findings => {
                let (range, is_last) = self.part(backlog.findings.len(), room / FINDING);
                let cost = range.len() * FINDING;
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
        let part = part(self.at, len, room.min(PART));
        let is_last = part.end == len;
        self.at = if is_last { 0 } else { part.end };
        (part, is_last)
    }

    /// A part of the findings, and behind them of the results that are not the shown ones of theirs, by the sets.
    fn join(&mut self, board: &Board, room: usize, then: impl FnOnce(&mut Self)) -> usize {
        let findings = board.backlog.findings.len();
        // So that a part of the others starts where none of the findings is left.
        let rounded = findings.next_multiple_of(64);
        let (range, is_last) = self.part(rounded + board.backlog.order().others.len(), room);
        let cost = range.len();
        self.sets.join(board, range.start..range.end.min(findings), &mut self.found);
        let others = range.start.saturating_sub(rounded)..range.end.saturating_sub(rounded);
        self.sets.join_others(board, others, &mut self.found);
        if is_last {
            then(self);
        }
        cost
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
                self.sets.paths.fill(range, |path| fits(patterns, backlog.paths.texts.get(path)));
            }
            (None, _) => {}
        }
    }

    /// A part of the list that the test is about.
    fn listed(&mut self, board: &Board, room: usize) -> usize {
        let backlog = &board.backlog;
        let decided = board.standings.decided();
        let len = match &self.test {
            Test::Name(Name::Package, _) => backlog.packages.len(),
            Test::Id(..) => backlog.advisories.len(),
            _ => decided.len(),
        };
        let (range, is_last) = self.part(len, room / PATH);
        let cost = range.len() * PATH;
        let mut listed = Bits::none(range.end);
        let results = &mut self.sets.results;
        match &self.test {
            Test::Name(Name::Package, patterns) => {
                listed.fill(range.clone(), |at| package_fits(patterns, &backlog.packages[at as usize].1));
                results.extend(listed.iter_in(range).map(|at| backlog.packages[at as usize].0));
            }
            Test::Id(_, patterns) => {
                listed.fill(range.clone(), |at| advisory_fits(patterns, &backlog.advisories[at as usize].1));
                results.extend(listed.iter_in(range).map(|at| backlog.advisories[at as usize].0));
            }
            Test::Name(_, patterns) => {
                // Findings that were assigned together share one name.
                let mut last: (Option<&Arc<str>>, bool) = (None, false);
                for at in range {
                    let Some(owner) = &decided[at].owner else { continue };
                    if !last.0.is_some_and(|known| Arc::ptr_eq(known, owner)) {
                        last = (Some(owner), fits(patterns, owner));
                    }
                    if last.1
                        && let Ok(place) = u32::try_from(at)
                    {
                        self.sets.decided.insert(place);
                    }
                }
            }
            Test::Choice(..) | Test::Number(..) | Test::Word(_) | Test::Text(_) => {}
        }
        if is_last {
            self.stage = Stage::Names;
        }
        cost
    }

    fn score(&mut self, board: &Board) {
        let Some(word) = &self.word else { return };
        let near = std::mem::take(&mut self.near);
        for path in word.scored(near, |path| board.backlog.paths.texts.get(path)) {
            self.sets.paths.insert(path);
        }
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
        self.stage = Stage::Said;
        cost
    }
}

impl Sets {
    /// What a test says of names, but for those of which there may be many.
    fn of(board: &Board, test: &Test, word: Option<&Word>) -> Self {
        let backlog = &board.backlog;
        let mut sets = Self { paths: Bits::none(backlog.paths.len()), ..Self::default() };
        match test {
            Test::Choice(..) | Test::Number(..) | Test::Name(Name::Path | Name::Package | Name::Model, _) => {}
            Test::Name(Name::Owner, patterns) => {
                sets.owners = Bits::of(board.owners.all(), |all| owned_by(patterns, all));
            }
            Test::Name(Name::Remedy, patterns) => {
                sets.findings = Bits::none(backlog.findings.len());
                if let Some(remedies) = &board.remedies {
                    let passing = Bits::of(remedies.all(), |remedy| remedy_fits(patterns, &remedy.text));
                    sets.findings.fill(0..backlog.findings.len(), |finding| passing.has(remedies.number(finding)));
                }
            }
            Test::Name(name @ (Name::Service | Name::Workload | Name::Image), patterns) => {
                sets.homes = homes_fit(board, *name, patterns);
            }
            Test::Name(Name::Tool, patterns) => sets.tools = Bits::of(&backlog.tools, |tool| tool_fits(patterns, tool)),
            Test::Name(Name::Rule, patterns) => sets.rules = Bits::of(&backlog.rules, |rule| rule_fits(patterns, rule)),
            Test::Id(ranges, _) => {
                sets.findings = Bits::none(backlog.findings.len());
                for finding in ranges.iter().flat_map(|range| backlog.find_range(*range.start(), *range.end())) {
                    sets.findings.insert(finding);
                }
            }
            Test::Word(_) | Test::Text(_) => {
                sets.rules = word.map_or_else(Bits::default, |word| rules_with(board, word));
            }
        }
        sets
    }

    /// The findings of a range that are held by themselves or their shown result.
    fn join(&self, board: &Board, range: Range<usize>, found: &mut Bits) {
        if range.is_empty() {
            return;
        }
        let backlog = &board.backlog;
        let leads = &backlog.order().leads;
        let (has_tools, has_results) = (!self.tools.is_empty(), !self.results.is_empty());
        let (has_decided, has_homes) = (!self.decided.is_empty(), !self.homes.is_empty());
        let decided = |finding: FindingIdx| board.standings.place(finding).is_some_and(|at| self.decided.has(at));
        let has_owners = !self.owners.is_empty();
        let owned = |finding: FindingIdx| {
            let is_free = board.standing(finding).owner.is_none();
            is_free && board.owners.place(leads.path[finding as usize]).is_some_and(|place| self.owners.has(place))
        };
        let homes = &board.reaches.homes;
        found.fill(range, |finding| {
            let at = finding as usize;
            let home = || homes.number_by_path(leads.path[at], || backlog.lead(finding));
            self.findings.has(finding)
                || self.rules.has(leads.rule[at])
                || self.paths.has(leads.path[at])
                || (has_results && self.results.has(leads.result[at]))
                || (has_homes && self.homes.has(home()))
                || (has_tools && self.tools.has(backlog.run(backlog.lead(finding)).tool))
                || (has_decided && decided(finding))
                || (has_owners && owned(finding))
        });
    }

    /// The findings that are held by another of their results, some of `Order::others`.
    fn join_others(&self, board: &Board, range: Range<usize>, found: &mut Bits) {
        let backlog = &board.backlog;
        for &(finding, result) in backlog.order().others.get(range).unwrap_or_default() {
            let record = backlog.record(result);
            if self.rules.has(record.rule)
                || self.paths.has(record.path)
                || self.results.has(result)
                || self.tools.has(backlog.run(record).tool)
                || self.homes.has(board.reaches.homes.number(record))
            {
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

/// Whether what passes a test changes with decisions, the day and the remedies that are known.
pub(super) fn reads_standings(test: &Test) -> bool {
    use super::term::{Choice, Number};
    match test {
        Test::Choice(
            Choice::Status
            | Choice::Flag
            | Choice::Is
            | Choice::Reach
            | Choice::Exposure
            | Choice::Lane
            | Choice::LaneMax
            | Choice::Rung,
            _,
        )
        | Test::Number(Number::Age | Number::Due | Number::Expires | Number::Score, _)
        | Test::Name(Name::Owner | Name::Remedy | Name::Service | Name::Workload | Name::Image, _) => true,
        Test::Choice(
            Choice::Severity | Choice::Level | Choice::Kind | Choice::Baseline | Choice::Category | Choice::Ai,
            _,
        )
        | Test::Number(Number::Line | Number::Twins | Number::Cwe, _)
        | Test::Name(Name::Tool | Name::Rule | Name::Path | Name::Package | Name::Model, _)
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

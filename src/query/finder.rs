//! The rows of one lens after another, in parts: each answer keeps what the next can use, and no part takes longer than
//! a frame. The answers are those of [`rows`](super::rows()).

use std::sync::Arc;

use jiff::civil::Date;

use crate::model::backlog::{Backlog, FindingIdx};
use crate::model::bits::Bits;
use crate::model::board::Board;
use crate::model::decision::Event;
use crate::model::offer::Offers;
use crate::model::order::sorted_by;
use crate::model::remedy::Remedies;
use crate::model::standings::Standings;

use super::group::{groups, placed};
use super::ranks::Ranks;
use super::rows::{Group, GroupKey, Lens, Rows, SortKey};
use super::search::{Search, is_within, reads_standings};
use super::term::{Name, Term, Test};

/// The most terms that are kept beside those of the lens: one bit for each finding and term.
const KEPT: usize = 32;

/// Looks for the rows of a lens on a board. What is kept is dropped when the board it was read from is another.
#[derive(Debug, Default)]
pub struct Finder {
    basis: Option<Basis>,
    lens: Lens,
    open: Option<Bits>,
    /// The findings that pass a term without its negation, the last used at the end.
    terms: Vec<(Test, Bits)>,
    search: Option<Search>,
    /// All findings by keys for which the backlog has no order.
    sorted: Option<(Vec<SortKey>, Vec<FindingIdx>)>,
    ranks: Option<(GroupKey, Ranks)>,
    rows: Option<Rows>,
    grouping: Option<(Vec<Group>, Vec<u32>)>,
}

/// What the answers were read from.
#[derive(Debug)]
struct Basis {
    backlog: Arc<Backlog>,
    standings: Arc<Standings>,
    events: Arc<Vec<Event>>,
    offers: Arc<Offers>,
    remedies: Option<Arc<Remedies>>,
    today: Date,
}

/// One part of the work: how many findings it looked at.
enum Step {
    Spent(usize),
    Found(Rows),
}

impl Finder {
    /// Sets what to look for. What was being looked for and is not part of it is given up.
    pub fn ask(&mut self, board: &Board, lens: &Lens) {
        self.keep_what_holds(board);
        self.lens = lens.clone();
        self.rows = None;
        self.grouping = None;
        let tests = || self.lens.query.terms.iter().map(|term| &term.test);
        if self.search.as_ref().is_some_and(|search| !tests().any(|test| *test == search.test)) {
            self.search = None;
        }
        // Those of the lens go to the end, so that they are not dropped.
        self.terms.sort_by_key(|(known, _)| tests().any(|test| test == known));
        self.terms.drain(..self.terms.len().saturating_sub(KEPT.max(self.lens.query.terms.len())));
        if self.sorted.as_ref().is_some_and(|(keys, _)| *keys != self.lens.sort) {
            self.sorted = None;
        }
        if self.ranks.as_ref().is_some_and(|(key, _)| Some(*key) != self.lens.group) {
            self.ranks = None;
        }
    }

    /// Looks at about `room` findings, at least at some, and returns the rows once they are found. The board is the one
    /// that was asked about.
    pub fn go_on(&mut self, board: &Board, room: usize) -> Option<Rows> {
        let mut left = room;
        loop {
            match self.step(board, left) {
                Step::Found(rows) => return Some(rows),
                Step::Spent(cost) => left = left.saturating_sub(cost),
            }
            if left == 0 {
                return None;
            }
        }
    }

    fn keep_what_holds(&mut self, board: &Board) {
        let same_backlog = self.basis.as_ref().is_some_and(|basis| Arc::ptr_eq(&basis.backlog, &board.backlog));
        if !same_backlog {
            *self = Self::default();
        }
        if !same_backlog
            || !self.basis.as_ref().is_some_and(|basis| is_same(basis.remedies.as_ref(), board.remedies.as_ref()))
        {
            let is_other = |test: &Test| !matches!(test, Test::Name(Name::Remedy, _));
            self.terms.retain(|(test, _)| is_other(test));
            self.search = self.search.take().filter(|search| is_other(&search.test));
            self.ranks = self.ranks.take().filter(|(key, _)| *key != GroupKey::Remedy);
        }
        let same_standings = self.basis.as_ref().is_some_and(|basis| {
            Arc::ptr_eq(&basis.standings, &board.standings)
                && Arc::ptr_eq(&basis.events, &board.events)
                && Arc::ptr_eq(&basis.offers, &board.offers)
                && is_same(basis.remedies.as_ref(), board.remedies.as_ref())
                && basis.today == board.today
        });
        if same_standings {
            return;
        }
        self.basis = Some(Basis {
            backlog: Arc::clone(&board.backlog),
            standings: Arc::clone(&board.standings),
            events: Arc::clone(&board.events),
            offers: Arc::clone(&board.offers),
            remedies: board.remedies.clone(),
            today: board.today,
        });
        self.open = None;
        self.terms.retain(|(test, _)| !reads_standings(test));
        self.search = self.search.take().filter(|search| !reads_standings(&search.test));
        self.sorted = self.sorted.take().filter(|(keys, _)| {
            keys.iter().all(|key| match key {
                SortKey::Severity | SortKey::Path | SortKey::Rule | SortKey::Tool | SortKey::Report => true,
                SortKey::Age | SortKey::Status => false,
            })
        });
        self.ranks = self.ranks.take().filter(|(key, _)| !matches!(key, GroupKey::Status | GroupKey::Owner));
    }

    /// Whatever is missing first.
    fn step(&mut self, board: &Board, room: usize) -> Step {
        let findings = board.backlog.findings.len();
        if self.wants_open() && self.open.is_none() {
            self.open = Some(open(board));
            return Step::Spent(findings);
        }
        if let Some(cost) = self.look_for_terms(board, room) {
            return Step::Spent(cost);
        }
        if self.rows.is_none() {
            return Step::Spent(self.filter(board));
        }
        let Some(key) = self.lens.group else { return Step::Found(self.rows.take().unwrap_or_default()) };
        let Some((_, ranks)) = &self.ranks else {
            self.ranks = Some((key, Ranks::to_group(board, key)));
            return Step::Spent(findings);
        };
        let rows = self.rows.get_or_insert_default();
        let Some((groups, starts)) = self.grouping.take() else {
            let found = groups(&board.backlog.order().leads.severity, &rows.findings, ranks);
            self.grouping = Some(found);
            return Step::Spent(2 * rows.findings.len());
        };
        let findings = placed(&rows.findings, ranks, starts);
        let total = rows.total;
        self.rows = None;
        Step::Found(Rows { findings, groups, key: Some(key), total })
    }

    fn wants_open(&self) -> bool {
        self.lens.open_only && !self.lens.query.names_status()
    }

    /// A part of the first term that is not known; `None` when all are.
    fn look_for_terms(&mut self, board: &Board, room: usize) -> Option<usize> {
        let is_known = |test: &Test| self.terms.iter().any(|(known, _)| known == test);
        let unknown = self.lens.query.terms.iter().map(|term| &term.test).find(|test| !is_known(test))?;
        if self.search.as_ref().is_none_or(|search| search.test != *unknown) {
            self.search = Some(Search::new(board, unknown));
        }
        let search = self.search.as_mut()?;
        let wider = self.terms.iter().filter(|(known, _)| is_within(unknown, known)).map(|(_, found)| found);
        let cost = search.step(board, wider.min_by_key(|found| found.len()), room);
        if let Some(found) = search.found() {
            self.terms.push((unknown.clone(), found));
            self.search = None;
        }
        Some(cost)
    }

    /// Takes the findings that pass out of those in order.
    fn filter(&mut self, board: &Board) -> usize {
        let order = board.backlog.order();
        let findings = board.backlog.findings.len();
        let all = match (self.lens.sort.as_slice(), &self.sorted) {
            ([] | [SortKey::Severity], _) => &order.by_severity,
            ([SortKey::Path], _) => &order.by_place,
            (_, Some((_, sorted))) => sorted,
            (keys, None) => {
                // Stable sorts from the last key to the first, over an order by path, line and id.
                let sorted = keys.iter().rev().fold(order.by_place.clone(), |sorted, key| {
                    let ranks = Ranks::to_sort(board, *key);
                    sorted_by(&sorted, &ranks.of, ranks.len)
                });
                self.sorted = Some((keys.to_vec(), sorted));
                return findings * keys.len();
            }
        };
        let mut chosen = self.open.as_ref().filter(|_| self.wants_open()).cloned();
        let chosen = chosen.get_or_insert_with(|| Bits::all(findings));
        let total = chosen.len();
        for Term { test, is_negated, .. } in &self.lens.query.terms {
            let Some((_, found)) = self.terms.iter().find(|(known, _)| known == test) else { continue };
            if *is_negated { chosen.drop_all(found) } else { chosen.keep(found) }
        }
        let kept = all.iter().copied().filter(|&finding| chosen.has(finding)).collect();
        self.rows = Some(Rows { findings: kept, groups: Vec::new(), key: None, total });
        findings
    }
}

fn is_same(one: Option<&Arc<Remedies>>, two: Option<&Arc<Remedies>>) -> bool {
    match (one, two) {
        (Some(one), Some(two)) => Arc::ptr_eq(one, two),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

fn open(board: &Board) -> Bits {
    let live = &board.backlog.order().live;
    let mut open = Bits::none(board.backlog.findings.len());
    open.fill(0..board.backlog.findings.len(), |finding| live.has(finding) && board.status(finding).is_open());
    open
}

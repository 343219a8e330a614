//! The rows of one lens after another, in parts: each answer keeps what the next can use, and no part takes longer than
//! a frame. The answers are those of [`rows`](super::rows()).

use std::sync::Arc;

use jiff::civil::Date;

use crate::model::backlog::{Backlog, FindingIdx};
use crate::model::bits::Bits;
use crate::model::board::Board;
use crate::model::decision::Event;
use crate::model::offer::Offers;
use crate::model::reach::Reaches;
use crate::model::remedy::Remedies;
use crate::model::standings::Standings;

use super::group::{Grouping, SCATTER};
use super::part::part;
use super::ranks::Ranks;
use super::rows::{GroupKey, Lens, Rows, SortKey};
use super::search::{Search, is_within, reads_standings};
use super::sorting::Sorting;
use super::term::{Term, Test};

/// The most terms that are kept beside those of the lens: one bit for each finding and term.
const KEPT: usize = 32;

/// Looks for the rows of a lens on a board. What is kept is dropped when the board it was read from is another.
#[derive(Debug, Default)]
pub struct Finder {
    basis: Option<Basis>,
    lens: Lens,
    open: Option<Open>,
    /// The findings that pass a term without its negation, the last used at the end.
    terms: Vec<(Test, Bits)>,
    search: Option<Search>,
    /// All findings by keys for which the backlog has no order.
    sorting: Option<Sorting>,
    grouped: Option<Grouped>,
    placing: Option<Placing>,
}

/// All findings by a key. What is known of their groups goes with it.
#[derive(Debug)]
struct Grouped {
    key: GroupKey,
    ranks: Ranks,
    /// The groups of the rows that were found last.
    grouping: Option<Grouping>,
}

/// The open findings, found in parts.
#[derive(Debug)]
struct Open {
    findings: Bits,
    /// The next finding that is looked at.
    at: usize,
}

/// The findings that pass, on their way into the order of the list.
#[derive(Debug, Default)]
struct Placing {
    set: Bits,
    total: usize,
    placed: Vec<FindingIdx>,
    /// By rank: where the next finding of a group goes. Empty until the groups are known.
    next: Vec<u32>,
    /// The next finding, in the order of the sort, that is looked at.
    at: usize,
}

/// What the answers were read from.
#[derive(Debug)]
struct Basis {
    backlog: Arc<Backlog>,
    standings: Arc<Standings>,
    events: Arc<Vec<Event>>,
    offers: Arc<Offers>,
    reaches: Arc<Reaches>,
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
        self.placing = None;
        let tests = || self.lens.query.terms.iter().map(|term| &term.test);
        if self.search.as_ref().is_some_and(|search| !tests().any(|test| *test == search.test)) {
            self.search = None;
        }
        // Those of the lens go to the end, so that they are not dropped.
        self.terms.sort_by_key(|(known, _)| tests().any(|test| test == known));
        self.terms.drain(..self.terms.len().saturating_sub(KEPT.max(self.lens.query.terms.len())));
        if self.sorting.as_ref().is_some_and(|sorting| sorting.keys != self.lens.sort) {
            self.sorting = None;
        }
        self.grouped.take_if(|grouped| Some(grouped.key) != self.lens.group);
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
            *self = Self { basis: self.basis.take(), ..Self::default() };
        }
        let same_standings = self.basis.as_ref().is_some_and(|basis| {
            Arc::ptr_eq(&basis.standings, &board.standings)
                && Arc::ptr_eq(&basis.events, &board.events)
                && Arc::ptr_eq(&basis.offers, &board.offers)
                && Arc::ptr_eq(&basis.reaches, &board.reaches)
                && is_same(basis.remedies.as_ref(), board.remedies.as_ref())
                && basis.today == board.today
        });
        if same_backlog && same_standings {
            return;
        }
        let before = self.basis.replace(Basis {
            backlog: Arc::clone(&board.backlog),
            standings: Arc::clone(&board.standings),
            events: Arc::clone(&board.events),
            offers: Arc::clone(&board.offers),
            reaches: Arc::clone(&board.reaches),
            remedies: board.remedies.clone(),
            today: board.today,
        });
        // To give back what a million findings had takes longer than a frame.
        rayon::spawn(|| drop(before));
        self.open = None;
        self.terms.retain(|(test, _)| !reads_standings(test));
        self.search = self.search.take().filter(|search| !reads_standings(&search.test));
        self.sorting.take_if(|sorting| {
            sorting.keys.iter().any(|key| match key {
                SortKey::Severity | SortKey::Path | SortKey::Rule | SortKey::Tool | SortKey::Report => false,
                SortKey::Age | SortKey::Due | SortKey::Status | SortKey::Lane | SortKey::Score | SortKey::Reach => true,
            })
        });
        self.grouped.take_if(|Grouped { key, .. }| {
            matches!(
                key,
                GroupKey::Status
                    | GroupKey::Owner
                    | GroupKey::Remedy
                    | GroupKey::Lane
                    | GroupKey::Reach
                    | GroupKey::Exposure
                    | GroupKey::Service
                    | GroupKey::Workload
                    | GroupKey::Image
            )
        });
    }

    /// Whatever is missing first.
    fn step(&mut self, board: &Board, room: usize) -> Step {
        let looked = self.look_for_open(board, room).or_else(|| self.look_for_terms(board, room));
        if let Some(cost) = looked.or_else(|| self.sort(board, room)) {
            return Step::Spent(cost);
        }
        if self.placing.is_none() {
            self.placing = Some(self.choose(board));
        }
        match self.group(board, room) {
            Some(cost) => Step::Spent(cost),
            None => self.place(board, room),
        }
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

    /// A part of the open findings; `None` when all are known, or not asked for.
    fn look_for_open(&mut self, board: &Board, room: usize) -> Option<usize> {
        let findings = board.backlog.findings.len();
        let live = &board.backlog.order().live;
        if !self.wants_open() {
            return None;
        }
        let open = self.open.get_or_insert_with(|| Open { findings: Bits::none(findings), at: 0 });
        let part = part(open.at, findings, room);
        open.at = part.end;
        let cost = part.len();
        open.findings.fill(part, |finding| live.has(finding) && board.status(finding).is_open());
        (cost > 0).then_some(cost)
    }

    /// A part of the order by keys for which the backlog has none; `None` when it is known.
    fn sort(&mut self, board: &Board, room: usize) -> Option<usize> {
        match self.lens.sort.as_slice() {
            [] | [SortKey::Severity | SortKey::Path | SortKey::Lane] => None,
            keys => self.sorting.get_or_insert_with(|| Sorting::new(keys)).step(board, room),
        }
    }

    /// The findings that pass.
    fn choose(&self, board: &Board) -> Placing {
        let open = self.open.as_ref().filter(|_| self.wants_open());
        let mut set = open.map_or_else(|| Bits::all(board.backlog.findings.len()), |open| open.findings.clone());
        let total = set.len();
        for Term { test, is_negated, .. } in &self.lens.query.terms {
            let Some((_, found)) = self.terms.iter().find(|(known, _)| known == test) else { continue };
            if *is_negated { set.drop_all(found) } else { set.keep(found) }
        }
        let placed = Vec::with_capacity(set.len());
        Placing { set, total, placed, next: Vec::new(), at: 0 }
    }

    /// A part of the groups; `None` when they are known, or not asked for.
    fn group(&mut self, board: &Board, room: usize) -> Option<usize> {
        let key = self.lens.group?;
        let Grouped { ranks, grouping, .. } =
            self.grouped.get_or_insert_with(|| Grouped { key, ranks: Ranks::to_group(board, key), grouping: None });
        if let Some(cost) = ranks.step(board, room) {
            return Some(cost);
        }
        let placing = self.placing.as_mut()?;
        grouping.take_if(|grouping| !grouping.is_of(&placing.set));
        let grouping = grouping.get_or_insert_with(|| Grouping::new(&placing.set, ranks));
        let cost = grouping.step(&board.backlog.order().leads.severity, ranks, room);
        if cost.is_none() && placing.next.is_empty() {
            placing.next.clone_from(&grouping.starts);
            placing.placed.resize(placing.set.len(), 0);
        }
        cost
    }

    /// Puts the next of the findings in order that pass to their places: side by side, or each under its group.
    fn place(&mut self, board: &Board, room: usize) -> Step {
        let order = board.backlog.order();
        let all = match (self.lens.sort.as_slice(), &self.sorting) {
            ([SortKey::Path], _) => &order.by_place,
            ([SortKey::Severity], _) => &order.by_severity,
            ([] | [SortKey::Lane], _) | (_, None) => board.worst_first(),
            (_, Some(sorting)) => sorting.sorted(),
        };
        let Some(placing) = &mut self.placing else { return Step::Found(Rows::default()) };
        let each = if self.grouped.is_some() { SCATTER } else { 1 };
        let part = part(placing.at, all.len(), room / each);
        let cost = part.len() * each;
        placing.at = part.end;
        let chosen = all[part].iter().copied().filter(|finding| placing.set.has(*finding));
        match &self.grouped {
            Some(Grouped { ranks, .. }) => {
                for finding in chosen {
                    let place = &mut placing.next[ranks.of(finding) as usize];
                    placing.placed[*place as usize] = finding;
                    *place += 1;
                }
            }
            None => placing.placed.extend(chosen),
        }
        if placing.at < all.len() {
            return Step::Spent(cost);
        }
        let grouping = self.grouped.as_ref().and_then(|grouped| grouped.grouping.as_ref());
        let groups = grouping.map(|grouping| Arc::clone(&grouping.groups)).unwrap_or_default();
        let Placing { set, total, placed: findings, .. } = std::mem::take(placing);
        self.placing = None;
        Step::Found(Rows { findings, groups, key: self.lens.group, total, set })
    }
}

fn is_same(one: Option<&Arc<Remedies>>, two: Option<&Arc<Remedies>>) -> bool {
    match (one, two) {
        (Some(one), Some(two)) => Arc::ptr_eq(one, two),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

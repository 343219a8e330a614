//! All findings in an order that the backlog does not have, in parts.

use crate::model::backlog::FindingIdx;
use crate::model::board::Board;
use crate::model::counting::Counting;

use super::group::SCATTER;
use super::ranks::Ranks;
use super::rows::SortKey;

/// Stable sorts from the last key to the first, over an order by path, line and id.
#[derive(Debug)]
pub(super) struct Sorting {
    pub(super) keys: Vec<SortKey>,
    /// How many of the keys, from the first on, are still to come.
    left: usize,
    /// By the keys that are done; empty before the first.
    sorted: Vec<FindingIdx>,
    under_way: Option<(Ranks, Counting)>,
}

impl Sorting {
    pub(super) fn new(keys: &[SortKey]) -> Self {
        Self { keys: keys.to_vec(), left: keys.len(), sorted: Vec::new(), under_way: None }
    }

    /// All findings in order, once they are sorted.
    pub(super) fn sorted(&self) -> &[FindingIdx] {
        &self.sorted
    }

    /// Looks at the next findings, at most so many, and returns how many; `None` when all are sorted.
    pub(super) fn step(&mut self, board: &Board, room: usize) -> Option<usize> {
        let key = *self.keys.get(self.left.checked_sub(1)?)?;
        let findings = board.backlog.findings.len();
        let (ranks, counting) = self.under_way.get_or_insert_with(|| {
            let ranks = Ranks::to_sort(board, key);
            let counting = Counting::new(findings, ranks.len);
            (ranks, counting)
        });
        if let Some(cost) = ranks.step(board, room) {
            return Some(cost);
        }
        let before = if self.left == self.keys.len() { &board.backlog.order().by_place } else { &self.sorted };
        // At least one: a step that costs nothing would be taken again and again within one slice.
        let room = (room / SCATTER).max(1);
        if counting.step(before, |finding| ranks.of(finding), room) {
            let (_, counting) = self.under_way.take()?;
            self.sorted = counting.into_sorted();
            self.left -= 1;
        }
        Some(room.min(findings) * SCATTER)
    }
}

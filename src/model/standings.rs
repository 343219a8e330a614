//! Where every finding of a backlog stands. Most stand where nothing was decided, and cost next to nothing.

use std::ops::Index;
use std::sync::LazyLock;

use super::ai::Proposals;
use super::backlog::FindingIdx;
use super::bound::Bound;
use super::decision::Standing;

/// One standing for each finding of a backlog, in its order.
#[derive(Clone, Debug, Default)]
pub struct Standings {
    len: usize,
    /// By finding: 0 for one that is open, else the place in `decided` and one. Empty where all are open.
    numbers: Vec<u32>,
    decided: Vec<Standing>,
    /// Why decisions are about them.
    pub bound: Bound,
    /// What models propose and nobody has answered.
    pub proposals: Proposals,
}

/// Where a finding stands that nothing was decided about.
static OPEN: LazyLock<Standing> = LazyLock::new(Standing::default);

impl Standings {
    /// For so many findings, all of them open.
    pub fn open(len: usize) -> Self {
        Self { len, ..Self::default() }
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Puts a finding somewhere else. A finding that is not there is left out.
    pub fn set(&mut self, finding: FindingIdx, standing: Standing) {
        if self.numbers.is_empty() {
            self.numbers = vec![0; self.len];
        }
        let Some(number) = self.numbers.get_mut(finding as usize) else { return };
        if let Some(known) = number.checked_sub(1).and_then(|place| self.decided.get_mut(place as usize)) {
            *known = standing;
        } else {
            self.decided.push(standing);
            *number = u32::try_from(self.decided.len()).unwrap_or(0);
        }
    }

    /// Where a finding stands; `None` if there is no such finding.
    pub fn get(&self, finding: FindingIdx) -> Option<&Standing> {
        if finding as usize >= self.len {
            return None;
        }
        Some(self.place(finding).and_then(|place| self.decided.get(place as usize)).unwrap_or(&OPEN))
    }

    /// The place of a finding in [`decided`](Self::decided); `None` where it is just open.
    pub fn place(&self, finding: FindingIdx) -> Option<u32> {
        self.numbers.get(finding as usize).and_then(|number| number.checked_sub(1))
    }

    pub fn iter(&self) -> impl Iterator<Item = &Standing> {
        (0..).map_while(|finding| self.get(finding))
    }

    /// Where those stand that are not just open, in no order.
    pub fn decided(&self) -> &[Standing] {
        &self.decided
    }
}

impl Index<FindingIdx> for Standings {
    type Output = Standing;

    fn index(&self, finding: FindingIdx) -> &Standing {
        self.get(finding).expect("a number of a finding is of this backlog")
    }
}

impl FromIterator<Standing> for Standings {
    fn from_iter<I: IntoIterator<Item = Standing>>(standings: I) -> Self {
        let all: Vec<Standing> = standings.into_iter().collect();
        let mut standings = Self::open(all.len());
        for (finding, standing) in (0..).zip(all).filter(|(_, standing)| *standing != *OPEN) {
            standings.set(finding, standing);
        }
        standings
    }
}

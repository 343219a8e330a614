//! From all results to what has to be dealt with now: every finding stands at exactly one step, so the numbers add up.

use rayon::prelude::*;

use super::backlog::FindingIdx;
use super::board::Board;
use super::grade::vocabulary;
use super::reach::{Judged, Lane, Reach};

vocabulary! {
    /// Where a finding stands, from what is out of the way to what is urgent.
    Step {
        Decided = "decided or set aside", TestOnly = "test-only", Unreached = "unreached", OnUpgrade = "on-upgrade",
        Scheduled = "scheduled", ThisSprint = "this-sprint", ActNow = "act-now",
    }
}

/// Fewer findings than this are not worth a thread.
const MIN: usize = 16_384;

/// How many findings stand at each step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Funnel {
    counts: [usize; Step::ALL.len()],
}

impl Step {
    /// Where a finding of a board stands.
    pub fn of(board: &Board, finding: FindingIdx) -> Self {
        if board.is_open(finding) { Self::of_open(board.judged(finding).unwrap_or_default()) } else { Self::Decided }
    }

    /// Where an open finding stands. What is urgent whoever reaches it, as a secret that works or what is in KEV, is out of
    /// the way for nothing.
    fn of_open(judged: Judged) -> Self {
        match (judged.lane, judged.reach) {
            (Lane::ActNow, _) => Self::ActNow,
            (Lane::ThisSprint, _) => Self::ThisSprint,
            (_, Reach::TestOnly) => Self::TestOnly,
            (_, Reach::Unreached | Reach::NotAffected) => Self::Unreached,
            (Lane::Scheduled, _) => Self::Scheduled,
            (Lane::OnUpgrade, _) => Self::OnUpgrade,
        }
    }

    /// Its name where there is little room.
    pub fn short(self) -> &'static str {
        if self == Self::Decided { "decided" } else { self.name() }
    }

    /// The query that opens the findings of a step.
    pub fn query(self) -> &'static str {
        match self {
            Self::Decided => "-is:open",
            Self::TestOnly => "is:open reach:test-only lane:scheduled,on-upgrade",
            Self::Unreached => "is:open reach:unreached,not-affected lane:scheduled,on-upgrade",
            Self::OnUpgrade => "is:open lane:on-upgrade -reach:test-only,unreached,not-affected",
            Self::Scheduled => "is:open lane:scheduled -reach:test-only,unreached,not-affected",
            Self::ThisSprint => "is:open lane:this-sprint",
            Self::ActNow => "is:open lane:act-now",
        }
    }
}

impl Funnel {
    pub fn of(board: &Board) -> Self {
        let findings = FindingIdx::try_from(board.backlog.findings.len()).unwrap_or(FindingIdx::MAX);
        let add = |mut funnel: Self, finding| {
            funnel.add(Step::of(board, finding), 1);
            funnel
        };
        let parts = (0..findings).into_par_iter().with_min_len(MIN).fold(Self::default, add);
        parts.reduce(Self::default, Self::with)
    }

    /// The sum of two parts.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        self.counts.iter_mut().zip(other.counts).for_each(|(count, more)| *count += more);
        self
    }

    /// How many there are.
    pub fn total(&self) -> usize {
        self.counts.iter().sum()
    }

    /// Adds some findings to a step.
    pub fn add(&mut self, step: Step, findings: usize) {
        self.counts[step as usize] += findings;
    }

    pub fn count(&self, step: Step) -> usize {
        self.counts[step as usize]
    }
}

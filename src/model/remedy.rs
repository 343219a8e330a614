//! Remedies: what one change would clear. A finding has at most one; most have none.

use super::backlog::{FindingIdx, NONE};
use super::board::Board;
use super::grade::vocabulary;

/// What a finding is called that no shared change clears.
pub const NO_REMEDY: &str = "no remedy";

vocabulary! {
    /// What is changed.
    RemedyKind {
        /// The version of a package in one manifest.
        Upgrade = "upgrade",
        /// A text that one fix replaces in several places in the same way.
        Snippet = "snippet",
        /// A line of code through which the flows of several findings go.
        Helper = "helper",
    }
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remedy {
    pub kind: RemedyKind,
    /// `upgrade lodash to 4.17.21`. Text of a report: show it through `text::visible`.
    pub text: Box<str>,
    /// Open findings that it clears, and how many of them are to be dealt with at once.
    pub clears: u32,
    pub act_now: u32,
}

/// The remedies of a backlog: made when somebody asks, 4 bytes a finding.
#[derive(Clone, Debug, Default)]
pub struct Remedies {
    /// In the order of their texts, each once.
    all: Vec<Remedy>,
    /// Number of the remedy of each finding; [`NONE`] without.
    of: Vec<u32>,
}

impl Remedies {
    /// Of what was found, a finding named twice has the first.
    pub fn new(board: &Board, found: &[(FindingIdx, RemedyKind, String)]) -> Self {
        let mut texts: Vec<(&str, RemedyKind)> = found.iter().map(|(_, kind, text)| (text.as_str(), *kind)).collect();
        texts.sort_unstable();
        texts.dedup_by_key(|(text, _)| *text);
        let mut of = vec![NONE; board.backlog.findings.len()];
        for (finding, _, text) in found {
            let number = texts.partition_point(|(known, _)| *known < text.as_str());
            if let Some(place) = of.get_mut(*finding as usize).filter(|place| **place == NONE) {
                *place = u32::try_from(number).unwrap_or(NONE);
            }
        }
        let remedy = |(text, kind): (&str, RemedyKind)| Remedy { kind, text: text.into(), clears: 0, act_now: 0 };
        let mut remedies = Self { all: texts.into_iter().map(remedy).collect(), of };
        remedies.count(board);
        remedies
    }

    /// Counts anew what each clears: after a decision.
    pub fn count(&mut self, board: &Board) {
        for remedy in &mut self.all {
            (remedy.clears, remedy.act_now) = (0, 0);
        }
        for (finding, number) in (0..).zip(&self.of) {
            let Some(remedy) = self.all.get_mut(*number as usize).filter(|_| board.is_open(finding)) else { continue };
            remedy.clears += 1;
            remedy.act_now += u32::from(board.is_act_now(finding));
        }
    }

    pub fn all(&self) -> &[Remedy] {
        &self.all
    }

    pub fn of(&self, finding: FindingIdx) -> Option<&Remedy> {
        self.all.get(self.number(finding) as usize)
    }

    /// The number of a finding's remedy in [`Remedies::all`]; [`NONE`] without.
    pub fn number(&self, finding: FindingIdx) -> u32 {
        self.of.get(finding as usize).copied().unwrap_or(NONE)
    }
}

impl Remedy {
    /// `clears 12, of which 3 act-now`.
    pub fn clears(&self) -> String {
        cleared(self.clears as usize, self.act_now as usize)
    }
}

/// `clears 12, of which 3 act-now`.
pub fn cleared(findings: usize, act_now: usize) -> String {
    format!("clears {findings}, of which {act_now} act-now")
}

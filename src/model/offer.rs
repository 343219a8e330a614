//! Proposals that no report carries: from files of fixes, and from fix commands.

use std::collections::{HashMap, HashSet};

use super::fix::Proposal;
use super::id::{FindingId, FixId};

/// Proposals, and which findings they belong to.
#[derive(Clone, Debug, Default)]
pub struct Offers {
    proposals: Vec<Proposal>,
    known: HashSet<FixId>,
    /// Numbers of the proposals of a finding, in their order.
    by_finding: HashMap<FindingId, Vec<usize>>,
}

impl Offers {
    /// Adds proposals behind those that are there; one that is known already is left out. Returns how many are new.
    pub fn add(&mut self, proposals: Vec<Proposal>) -> usize {
        let before = self.proposals.len();
        for proposal in proposals {
            if !self.known.insert(proposal.id) {
                continue;
            }
            for finding in proposal.findings() {
                self.by_finding.entry(finding).or_default().push(self.proposals.len());
            }
            self.proposals.push(proposal);
        }
        self.proposals.len() - before
    }

    pub fn is_empty(&self) -> bool {
        self.proposals.is_empty()
    }

    pub fn all(&self) -> &[Proposal] {
        &self.proposals
    }

    /// Those that belong to no finding.
    pub fn loose(&self) -> impl Iterator<Item = &Proposal> {
        self.proposals.iter().filter(|proposal| proposal.finding.is_none())
    }

    /// The proposals of a finding, each as one of this finding first of all.
    pub fn of(&self, finding: FindingId) -> impl Iterator<Item = Proposal> {
        let own = self.by_finding.get(&finding).map(Vec::as_slice).unwrap_or_default();
        own.iter().filter_map(|number| self.proposals.get(*number)).map(move |proposal| {
            let also = proposal.findings().filter(|other| *other != finding).collect();
            Proposal { finding: Some(finding), also, ..proposal.clone() }
        })
    }

    /// The findings that have proposals, in no order.
    pub fn findings(&self) -> impl Iterator<Item = FindingId> {
        self.by_finding.keys().copied()
    }

    /// How many proposals a finding has.
    pub fn count(&self, finding: FindingId) -> usize {
        self.by_finding.get(&finding).map_or(0, Vec::len)
    }
}

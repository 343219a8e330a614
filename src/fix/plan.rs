//! What a batch would write.

use crate::model::fix::Proposal;
use crate::model::id::FixId;
use crate::model::plan::{Plan, Written};
use crate::repo::Repo;
use crate::repo::write::WriteError;

/// How far a batch goes.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// Fixes to leave out.
    pub dropped: Vec<FixId>,
    /// Also write fixes that need a person: flagged or called unsafe by their source. A console passes
    /// those that the person has looked at and kept one by one.
    pub include: Vec<FixId>,
}

/// Places every proposal on the tree as it is now and joins those that can be written. Proposals earlier in the
/// list win over later ones that overlap them. Nothing is written.
pub fn plan(repo: &Repo, proposals: &[Proposal], choice: &Choice) -> Plan {
    let _ = (repo, proposals, choice);
    unimplemented!()
}

/// Writes exactly the files of a plan, all or none, as one entry of the undo log.
pub fn apply(repo: &Repo, plan: &Plan, events: Vec<String>) -> Result<Written, WriteError> {
    let _ = (repo, plan, events);
    unimplemented!()
}

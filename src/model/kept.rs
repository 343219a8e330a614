//! A batch of fixes that a person has chosen and not written yet.

use super::id::{FindingId, FixId};
use super::plan::HunkId;

/// What outlives the console. What a person approved although something spoke against it, and lines that were chosen, do not:
/// they were about files as they were on the screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptBatch {
    /// Findings whose fixes are kept, in the order in which they were chosen.
    pub findings: Vec<FindingId>,
    pub dropped: Vec<FixId>,
    /// Hunks that are left out of fixes that are kept.
    pub left_out: Vec<(FixId, HunkId)>,
    pub edits: Vec<KeptEdit>,
}

/// A hunk as the person typed it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptEdit {
    pub fix: FixId,
    pub hunk: HunkId,
    /// What is to be written.
    pub text: Option<String>,
    /// What the next edit goes on with.
    pub draft: Option<String>,
}

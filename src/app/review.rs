//! Review of a batch of fixes: which are kept, and what exactly would be written.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::id::{FindingId, FixId};
use crate::model::plan::{FixReason, FixState, Plan, PlannedFix};

use super::effect::Ticket;
use super::page::Page;

/// The review screen.
#[derive(Clone, Debug, Default)]
pub struct Review {
    /// Findings whose fixes are in the review.
    pub findings: Vec<FindingId>,
    /// The newest plan; `None` while the first is on the way.
    pub plan: Option<Arc<Plan>>,
    /// Ticket of `plan`.
    pub plan_ticket: Ticket,
    /// Findings of secrets among them: their text is covered in diffs.
    pub secrets: BTreeSet<FindingId>,
    /// Fixes that the person dropped.
    pub dropped: BTreeSet<FixId>,
    /// Fixes that need a person and were kept one by one.
    pub included: BTreeSet<FixId>,
    /// The line, from 1, that the person chose for fixes that fit in several places.
    pub chosen: BTreeMap<FixId, u32>,
    /// What the tree on the left shows from top to bottom.
    pub items: Vec<ReviewItem>,
    pub at: usize,
    pub top: usize,
    /// Diff of the item under the cursor.
    pub page: Page,
    pub page_top: usize,
    pub page_width: u16,
    pub is_side_by_side: bool,
    pub is_writing: bool,
    /// The plan that was proved last, and what the proof says of it.
    pub proof: Option<(Arc<Plan>, String)>,
}

/// One line of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReviewItem {
    /// A file with its fixes below.
    File(String),
    /// A fix, by its number in `Plan::fixes`.
    Fix(usize),
}

/// What the box before a fix shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Will be written.
    Kept,
    /// Dropped by the person.
    Dropped,
    /// Needs a person to keep it.
    Needs,
    /// Cannot be written.
    Cannot,
}

/// What the box before a fix shows.
pub fn mark(review: &Review, fix: &PlannedFix) -> Mark {
    if is_dropped(review, fix) {
        return Mark::Dropped;
    }
    match fix.state {
        FixState::WillWrite => Mark::Kept,
        FixState::NeedsYou => Mark::Needs,
        FixState::Cannot => Mark::Cannot,
    }
}

/// Whether the person dropped it; a guilty fix was dropped by a proof, and is the person's to look at.
pub fn is_dropped(review: &Review, fix: &PlannedFix) -> bool {
    review.dropped.contains(&fix.id) && fix.reason != FixReason::Guilty
}

/// The fix under the cursor.
pub fn current_fix(review: &Review) -> Option<&PlannedFix> {
    match review.items.get(review.at)? {
        ReviewItem::Fix(at) => review.plan.as_ref()?.fixes.get(*at),
        ReviewItem::File(_) => None,
    }
}

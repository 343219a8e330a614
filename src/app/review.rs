//! Review of a batch of fixes: which are kept, and what exactly would be written.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::id::{FindingId, FixId};
use crate::model::kept::{KeptBatch, KeptEdit};
use crate::model::plan::{FileDiff, FixReason, FixState, Hunk, HunkChoice, HunkId, HunkState, HunkWish};
use crate::model::plan::{Plan, PlannedFix};

use super::effect::Ticket;
use super::page::Page;

/// Why a fix that the person dropped is not written.
pub const DROPPED: &str = "dropped; y keeps it again";

/// The review screen.
#[derive(Clone, Debug, Default)]
pub struct Review {
    /// Findings whose fixes are in the review.
    pub findings: Vec<FindingId>,
    /// The newest plan; `None` while the first is on the way.
    pub plan: Option<Arc<Plan>>,
    /// Ticket of `plan`.
    pub plan_ticket: Ticket,
    /// Whether a newer plan is on its way.
    pub is_pending: bool,
    /// Findings of secrets among them: their text is covered in diffs.
    pub secrets: BTreeSet<FindingId>,
    pub choices: Choices,
    /// What the tree on the left shows from top to bottom.
    pub items: Vec<ReviewItem>,
    pub at: usize,
    pub top: usize,
    pub tally: Tally,
    /// Diff of the item under the cursor, made once for what it is of.
    pub page: Page,
    pub page_of: Option<PageOf>,
    pub page_top: usize,
    /// Line of the page at which the hunk under the cursor begins.
    pub page_at: Option<usize>,
    pub is_side_by_side: bool,
    pub is_writing: bool,
    /// A fix with a hunk that was edited: the next plan says what came of it.
    pub edited: Option<FixId>,
    /// The plan that was proved last, and what the proof says of it.
    pub proof: Option<(Arc<Plan>, String)>,
}

/// What the person made of the fixes. It outlives the screen: a review that is opened again goes on with it.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    pub dropped: BTreeSet<FixId>,
    /// Fixes that need a person and were kept one by one.
    pub included: BTreeSet<FixId>,
    /// The line, from 1, that the person chose for fixes that fit in several places.
    pub lines: BTreeMap<FixId, u32>,
    /// Hunks that are left out of fixes that are written.
    pub left_out: BTreeSet<(FixId, HunkId)>,
    /// Hunks that are written as the person typed them, or that he is not done with.
    pub edits: BTreeMap<(FixId, HunkId), Edit>,
}

/// A hunk as the person typed it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edit {
    /// What is to be written.
    pub text: Option<String>,
    /// What an editor that was broken off had saved: the next one goes on with it.
    pub draft: Option<String>,
}

impl Choices {
    /// What is asked of single hunks.
    pub fn hunks(&self) -> Vec<HunkChoice> {
        let choice = |(fix, hunk): (FixId, HunkId), wish| HunkChoice { fix, hunk, wish };
        let left_out = self.left_out.iter().map(|key| choice(*key, HunkWish::Drop));
        let edits = self.edits.iter().filter(|(key, _)| !self.left_out.contains(*key));
        let edits = edits.filter_map(|(key, edit)| Some(choice(*key, HunkWish::Text(edit.text.clone()?))));
        left_out.chain(edits).collect()
    }

    /// Whether a fix is written otherwise than its source proposes it.
    pub fn is_by_hand(&self, fix: FixId) -> bool {
        let of_fix = (fix, HunkId(0))..=(fix, HunkId(u64::MAX));
        self.left_out.range(of_fix.clone()).next().is_some()
            || self.edits.range(of_fix).any(|(_, edit)| edit.text.is_some())
    }

    /// What of them outlives the console, with the findings that they are about.
    pub fn kept(&self, findings: &[FindingId]) -> KeptBatch {
        let edit = |(&(fix, hunk), edit): (&(FixId, HunkId), &Edit)| {
            let Edit { text, draft } = edit.clone();
            KeptEdit { fix, hunk, text, draft }
        };
        KeptBatch {
            findings: findings.to_vec(),
            dropped: self.dropped.iter().copied().collect(),
            left_out: self.left_out.iter().copied().collect(),
            edits: self.edits.iter().map(edit).collect(),
        }
    }

    /// Those of a console before this one.
    pub fn of_kept(batch: &KeptBatch) -> Self {
        let edit = |edit: &KeptEdit| {
            let KeptEdit { fix, hunk, text, draft } = edit.clone();
            ((fix, hunk), Edit { text, draft })
        };
        Self {
            dropped: batch.dropped.iter().copied().collect(),
            left_out: batch.left_out.iter().copied().collect(),
            edits: batch.edits.iter().map(edit).collect(),
            ..Self::default()
        }
    }

    /// Takes all hunks of a fix again; what was typed stays. Whether one had been left out.
    pub fn take_all(&mut self, fix: FixId) -> bool {
        let before = self.left_out.len();
        self.left_out.retain(|(of, _)| *of != fix);
        self.left_out.len() < before
    }

    /// Forgets all about these fixes.
    pub fn forget(&mut self, is_gone: impl Fn(FixId) -> bool) {
        self.dropped.retain(|fix| !is_gone(*fix));
        self.included.retain(|fix| !is_gone(*fix));
        self.lines.retain(|fix, _| !is_gone(*fix));
        self.left_out.retain(|(fix, _)| !is_gone(*fix));
        self.edits.retain(|(fix, _), _| !is_gone(*fix));
    }
}

/// One line of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReviewItem {
    /// A file with its fixes below.
    File(String),
    /// A fix, by its number in `Plan::fixes`.
    Fix(usize),
    /// A hunk of a fix that has several: numbers in `PlannedFix::diffs` and in `FileDiff::hunks`.
    Hunk { fix: usize, diff: usize, hunk: usize },
}

/// What a line of the tree is of, over plans: a file, or a fix or one of its hunks by its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seat {
    File(String),
    Fix(FixId, Option<HunkId>),
}

/// What a page was made of.
#[derive(Clone, Debug)]
pub struct PageOf {
    pub plan: Arc<Plan>,
    /// A file or a fix.
    pub item: ReviewItem,
    pub width: u16,
    pub is_side_by_side: bool,
}

/// How many fixes have each mark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Those that are written, in part too.
    pub kept: usize,
    pub part: usize,
    pub dropped: usize,
    pub needs: usize,
    pub cannot: usize,
}

/// What the box before a fix or a hunk shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Will be written.
    Kept,
    /// Will be written, but not as its source proposes it.
    Part,
    /// Dropped by the person.
    Dropped,
    /// Needs a person to keep it.
    Needs,
    /// Cannot be written.
    Cannot,
}

/// What the box before a fix shows. While a plan is on its way, it is what the person said.
pub fn mark(review: &Review, fix: &PlannedFix) -> Mark {
    let choices = &review.choices;
    if is_dropped(review, fix) {
        return Mark::Dropped;
    }
    let kept = if choices.is_by_hand(fix.id) { Mark::Part } else { Mark::Kept };
    let is_kept_now = review.is_pending && (choices.included.contains(&fix.id) || fix.why == DROPPED);
    match fix.state {
        FixState::WillWrite => kept,
        FixState::NeedsYou if is_kept_now => kept,
        FixState::NeedsYou => Mark::Needs,
        FixState::Cannot => Mark::Cannot,
    }
}

/// What the box before a hunk shows.
pub fn hunk_mark(review: &Review, fix: &PlannedFix, hunk: &Hunk) -> Mark {
    if review.choices.left_out.contains(&(fix.id, hunk.id)) {
        return Mark::Dropped;
    }
    match mark(review, fix) {
        Mark::Part if hunk.state == HunkState::Edited => Mark::Part,
        Mark::Part => Mark::Kept,
        mark => mark,
    }
}

/// Whether the person dropped it; a guilty fix was dropped by a proof, and is the person's to look at.
pub fn is_dropped(review: &Review, fix: &PlannedFix) -> bool {
    review.choices.dropped.contains(&fix.id) && fix.reason != FixReason::Guilty
}

/// Counts the marks.
pub fn tally(review: &Review) -> Tally {
    let mut tally = Tally::default();
    for fix in review.plan.iter().flat_map(|plan| &plan.fixes) {
        match mark(review, fix) {
            Mark::Kept => tally.kept += 1,
            Mark::Part => {
                tally.kept += 1;
                tally.part += 1;
            }
            Mark::Dropped => tally.dropped += 1,
            Mark::Needs => tally.needs += 1,
            Mark::Cannot => tally.cannot += 1,
        }
    }
    tally
}

impl Review {
    /// The fix with this id, as it is planned.
    pub fn planned(&self, id: FixId) -> Option<&PlannedFix> {
        self.plan.as_ref()?.fixes.iter().find(|fix| fix.id == id)
    }

    /// The fix of a line of the tree.
    pub fn fix_of(&self, item: &ReviewItem) -> Option<&PlannedFix> {
        match item {
            ReviewItem::Fix(at) | ReviewItem::Hunk { fix: at, .. } => self.plan.as_ref()?.fixes.get(*at),
            ReviewItem::File(_) => None,
        }
    }

    pub fn seat_of(&self, item: &ReviewItem) -> Option<Seat> {
        match item {
            ReviewItem::File(path) => Some(Seat::File(path.clone())),
            ReviewItem::Fix(_) => self.fix_of(item).map(|fix| Seat::Fix(fix.id, None)),
            ReviewItem::Hunk { .. } => self.hunk_of(item).map(|(fix, _, hunk)| Seat::Fix(fix.id, Some(hunk.id))),
        }
    }

    /// What the cursor is on.
    pub fn seat(&self) -> Option<Seat> {
        self.seat_of(self.items.get(self.at)?)
    }

    /// The hunk of a line of the tree; a fix with one hunk stands for it.
    pub fn hunk_of(&self, item: &ReviewItem) -> Option<(&PlannedFix, &FileDiff, &Hunk)> {
        let fix = self.fix_of(item)?;
        let (diff, hunk) = match item {
            ReviewItem::Hunk { diff, hunk, .. } => {
                let diff = fix.diffs.get(*diff)?;
                (diff, diff.hunks.get(*hunk)?)
            }
            ReviewItem::Fix(_) | ReviewItem::File(_) => {
                let mut all = fix.diffs.iter().flat_map(|diff| diff.hunks.iter().map(move |hunk| (diff, hunk)));
                let only = all.next()?;
                if all.next().is_some() {
                    return None;
                }
                only
            }
        };
        Some((fix, diff, hunk))
    }
}

/// The fix under the cursor.
pub fn current_fix(review: &Review) -> Option<&PlannedFix> {
    review.fix_of(review.items.get(review.at)?)
}

/// The hunk under the cursor.
pub fn current_hunk(review: &Review) -> Option<(&PlannedFix, &FileDiff, &Hunk)> {
    review.hunk_of(review.items.get(review.at)?)
}

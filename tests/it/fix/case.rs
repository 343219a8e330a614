//! Proposals made by hand, and what a plan says of them.

use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::Timestamp;
use quell::fix::{Choice, plan};
use quell::model::backlog::MadeBy;
use quell::model::detail::Region;
use quell::model::fix::{Applicability, FileEdit, Proposal, ProposalSource, SeenText, TextEdit};
use quell::model::id::FixId;
use quell::model::plan::{FixReason, FixState, Plan};
use sha2::{Digest, Sha256};

use crate::support::tree::Tree;

/// When the first commit of a test repository was made.
pub(super) const FIRST: i64 = 1_700_000_000;

/// Lines and columns from 1, the end column exclusive; 0 where it is not stated.
pub(super) fn region(line: u32, column: u32, end_line: u32, end_column: u32) -> Region {
    Region { line, column, end_line, end_column, ..Region::default() }
}

/// One line without its line end.
pub(super) fn line(line: u32) -> Region {
    region(line, 0, 0, 0)
}

/// A proposal of a scanner that nothing is known of.
pub(super) fn fix(path: &str, region: Region, insert: &str) -> Proposal {
    let edit = TextEdit { region, unit: None, insert: insert.to_owned() };
    let edit = FileEdit { path: path.to_owned(), in_repo: true, edits: vec![edit], ..FileEdit::default() };
    of_edits(vec![edit])
}

pub(super) fn of_edits(edits: Vec<FileEdit>) -> Proposal {
    let mut hasher = DefaultHasher::new();
    format!("{edits:?}").hash(&mut hasher);
    Proposal {
        id: FixId(hasher.finish()),
        finding: None,
        also: Vec::new(),
        source: ProposalSource { tool: "Acme".to_owned(), family: "acme".to_owned(), ..ProposalSource::default() },
        title: "use the safe call".to_owned(),
        message: String::new(),
        applicability: Applicability::Unknown,
        alternative: 0,
        edits,
        warnings: Vec::new(),
    }
}

/// What a test says about a proposal.
pub(super) trait With: Sized {
    fn family(self, family: &str) -> Self;
    /// The report states that it was made then, in seconds.
    fn made(self, at: i64) -> Self;
    /// The report file was written then.
    fn found(self, at: i64) -> Self;
    fn revision(self, revision: &str) -> Self;
    /// Text that the report shows at a region.
    fn seen(self, region: Region, text: &str) -> Self;
    /// The report states the hash of this content.
    fn of(self, content: &str) -> Self;
}

impl With for Proposal {
    fn family(mut self, family: &str) -> Self {
        family.clone_into(&mut self.source.family);
        self
    }

    fn made(mut self, at: i64) -> Self {
        self.source.made = Timestamp::from_second(at).ok();
        self.source.made_by = MadeBy::Stated;
        self
    }

    fn found(self, at: i64) -> Self {
        let mut found = self.made(at);
        found.source.made_by = MadeBy::Written;
        found
    }

    fn revision(mut self, revision: &str) -> Self {
        self.source.revision = Some(revision.to_owned());
        self
    }

    fn seen(mut self, region: Region, text: &str) -> Self {
        let seen = SeenText { region, text: text.to_owned() };
        self.edits.iter_mut().for_each(|edit| edit.seen.push(seen.clone()));
        self
    }

    fn of(mut self, content: &str) -> Self {
        let hash: String = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
        self.edits.iter_mut().for_each(|edit| edit.sha256 = Some(hash.clone()));
        self
    }
}

pub(super) fn planned(tree: &Tree, proposals: &[Proposal]) -> Plan {
    plan(&tree.repo(), proposals, &Choice::default())
}

/// The plan when a person has kept every proposal.
pub(super) fn kept(tree: &Tree, proposals: &[Proposal]) -> Plan {
    let include = proposals.iter().map(|proposal| proposal.id).collect();
    plan(&tree.repo(), proposals, &Choice { include, ..Choice::default() })
}

/// States and reasons in the order of the proposals, as they are written: `will-write exact`.
pub(super) fn verdicts(plan: &Plan) -> Vec<String> {
    plan.fixes.iter().map(|fix| format!("{} {}", fix.state.name(), fix.reason.name())).collect()
}

/// What one proposal comes to: verdict, reason in words, and the file as it would be (as it is, if not written).
pub(super) fn outcome(tree: &Tree, proposal: Proposal) -> (String, String, String) {
    let path = proposal.edits.first().map(|edit| edit.path.clone()).unwrap_or_default();
    let plan = planned(tree, &[proposal]);
    let verdict = verdicts(&plan).concat();
    (verdict, plan.fixes[0].why.clone(), after(tree, &plan, &path))
}

/// A file as the plan would leave it.
pub(super) fn after(tree: &Tree, plan: &Plan, path: &str) -> String {
    let file = plan.files.iter().find(|file| file.path == path);
    file.map_or_else(|| tree.text(path), |file| String::from_utf8(file.after.to_vec()).unwrap())
}

/// Whether the first fix of a plan would be written, and why.
pub(super) fn is_written(plan: &Plan) -> bool {
    plan.fixes[0].state == FixState::WillWrite && plan.fixes[0].reason != FixReason::Flagged
}

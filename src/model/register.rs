//! The register of risks: what is put up with, since when, by whom and until when, as it stood at a moment.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use super::decision::{Event, Origin};
use super::due::utc;
use super::problem::Problem;

/// All risks that were ever treated, as they stood.
#[derive(Clone, Debug, Default)]
pub struct Register {
    pub repo: String,
    /// The day that ends are counted from.
    pub day: Date,
    /// The commit that the files are in; `None` without git or a commit.
    pub commit: Option<Commit>,
    /// Whether it is what `commit` holds; else what the disk holds now.
    pub is_of_commit: bool,
    /// The branch, ref or revision that was read, as git knows it.
    pub name: String,
    /// By [`PARTS`]; within each the worst first, then the one that ends first.
    pub risks: Vec<Risk>,
    /// Event files that were read, and what was wrong with others.
    pub files: usize,
    pub problems: Vec<Problem>,
}

/// The commit of a register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    pub id: String,
    /// By the clock of its committer.
    pub at: Timestamp,
}

/// One decision to put up with something, with what led to it and what became of it.
#[derive(Clone, Debug)]
pub struct Risk {
    pub event: Arc<Event>,
    pub filed: Filed,
    /// A word for what became of it: `in-effect`, `expired`, `taken-back`, …
    pub state: &'static str,
    pub is_in_force: bool,
    /// The worst severity of its findings when it was decided; empty where nobody kept it.
    pub severity: String,
    /// How many of the results that it names it still decides.
    pub held: usize,
    /// Who owns the code or the finding: by an assignment, else by CODEOWNERS.
    pub owner: String,
    /// The acceptances that it renewed, the oldest first.
    pub renewed: Vec<Step>,
    /// Approvals and denials of it.
    pub approvals: Vec<Step>,
    /// What ended it, where a decision did.
    pub ended: Option<Step>,
}

/// Another event of the story of a risk.
#[derive(Clone, Debug)]
pub struct Step {
    pub event: Arc<Event>,
    pub filed: Filed,
    pub is_taken_back: bool,
}

/// The file of an event, so that anybody can check it with git alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filed {
    /// From the root of the repository.
    pub path: String,
    /// SHA-256 of the file in hex.
    pub sha256: String,
    /// Whether the commit of the register has it so.
    pub is_committed: bool,
    /// Where it is, if the commit does not have it.
    pub origin: Origin,
}

impl Filed {
    /// What a reader has to know about where it is; empty for what the commit has.
    pub fn mark(&self) -> &'static str {
        match self.origin {
            _ if self.is_committed => "",
            Origin::Tree | Origin::Archive | Origin::Ref => "not committed",
            Origin::Elsewhere => "on another branch",
            Origin::Private | Origin::Draft => "a draft of this clone",
        }
    }

    /// The mark as it stands behind a name.
    pub fn suffix(&self) -> String {
        let mark = self.mark();
        if mark.is_empty() { String::new() } else { format!(" ({mark})") }
    }
}

/// The parts of a register, by what became of a decision.
pub const PARTS: [&str; 4] =
    ["In force", "Not in force before another person approves it", "In force on other branches", "Ended"];

impl Risk {
    /// Which of [`PARTS`] it belongs to.
    pub fn part(&self) -> &'static str {
        let [in_force, requested, elsewhere, ended] = PARTS;
        match self.state {
            "in-effect" => in_force,
            "requested" => requested,
            "elsewhere" => elsewhere,
            _ => ended,
        }
    }

    /// When it was first put up with.
    pub fn since(&self) -> Timestamp {
        self.renewed.first().map_or(self.event.at, |step| step.event.at)
    }

    /// Days from then to its end, where it has one.
    pub fn days(&self) -> Option<i32> {
        let since = utc(self.since());
        Some(since.until(self.event.until?).ok()?.get_days())
    }

    /// Approvals that stand.
    pub fn approved(&self) -> impl Iterator<Item = &Step> {
        self.approvals.iter().filter(|step| !step.is_taken_back && step.event.op == "approve")
    }

    /// The days from which on and through which it held, before and after renewals.
    pub fn spans(&self) -> Vec<(Date, Date)> {
        let steps: Vec<&Event> = self.renewed.iter().map(|step| &*step.event).chain([&*self.event]).collect();
        let starts = steps.iter().skip(1).map(|next| utc(next.at)).map(Some);
        let last = self.ended.as_ref().map(|step| utc(step.event.at));
        let ends = starts.chain([last]);
        let span = |(event, end): (&&Event, Option<Date>)| {
            let until = event.until.unwrap_or(Date::MAX);
            (utc(event.at), end.map_or(until, |end| end.min(until)))
        };
        steps.iter().zip(ends).map(span).collect()
    }
}

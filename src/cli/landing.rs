//! `quell fix --stage`, `--commit`: where fixes go besides the tree.

use std::io;

use crate::desk::{ApplyError, Landed, Landing, Wish, commit_range};
use crate::model::plan::Plan;
use crate::model::problem::{Loss, Problem};

use super::args::{CommitHow, LandingArgs};
use super::cancel::Cancel;
use super::exit::Stop;
use super::out::Out;
use super::work::Work;

impl LandingArgs {
    pub(super) fn is_staged(&self) -> bool {
        self.stage || self.commit.is_some()
    }

    /// Interrupts are held back while git commits: a hook gets them, and then all is taken back.
    pub(super) fn land(&self, work: &Work, plan: &Plan) -> Result<Landed, Stop> {
        let cancel = self.commit.map(|_| Cancel::listen()).transpose()?;
        self.try_to_land(work, plan).map_err(|error| {
            let stopped = cancel.and_then(|cancel| cancel.check().err());
            stopped.unwrap_or_else(|| stop(&error))
        })
    }

    fn try_to_land(&self, work: &Work, plan: &Plan) -> Result<Landed, ApplyError> {
        let landing = match self.commit {
            Some(how) => Landing::Commits(Wish {
                each: how == CommitHow::Each,
                message: self.message.as_deref(),
                branch: self.branch.as_deref(),
            }),
            None if self.stage => Landing::Index,
            None => Landing::Tree,
        };
        work.desk.land(&work.loaded.board, plan, landing)
    }
}

fn stop(error: &ApplyError) -> Stop {
    let problem = Problem::at("", "", error.to_string(), Loss::Nothing);
    match error {
        ApplyError::Unrecorded { .. } => Stop::Problem(problem),
        ApplyError::Write(_) | ApplyError::Ledger(_) => Stop::Refused(problem),
    }
}

/// What was done, and the way back.
pub(super) fn report(landed: &Landed, args: &LandingArgs, err: &mut Out<'_>) -> io::Result<()> {
    let summary = &landed.written.summary;
    let staged = if args.stage && landed.commits.is_empty() { ", staged" } else { "" };
    let range = commit_range(&landed.commits);
    let committed = if range.is_empty() { range } else { format!(", committed as {range}") };
    err.line(&format!("{summary}{staged}{committed}; `quell undo` takes it back"))?;
    landed.notes.iter().try_for_each(|note| err.line(note))
}

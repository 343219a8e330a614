//! `quell fix --stage`, `--commit`, `--worktree`: where fixes go besides the tree, or in place of it.

use std::io;
use std::path::Path;

use crate::desk::{ApplyError, Landed, Landing, Site, Wish, commit_range};
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

    /// Interrupts are held back while git works: it or a hook gets them, and then all is taken back.
    pub(super) fn land(&self, work: &Work, plan: &Plan) -> Result<Landed, Stop> {
        let is_of_git = self.commit.is_some() || self.worktree.is_some();
        let cancel = is_of_git.then(Cancel::listen).transpose()?;
        self.try_to_land(work, plan).map_err(|error| {
            let stopped = cancel.and_then(|cancel| cancel.check().err());
            stopped.unwrap_or_else(|| stop(&error))
        })
    }

    fn try_to_land(&self, work: &Work, plan: &Plan) -> Result<Landed, ApplyError> {
        let (desk, board, branch) = (&work.desk, &work.loaded.board, self.branch.as_deref());
        let message = self.message.as_deref();
        let landing = |branch| match self.commit {
            Some(how) => Landing::Commits(Wish { each: how == CommitHow::Each, message, branch }),
            None if self.stage => Landing::Index,
            None => Landing::Tree,
        };
        match &self.worktree {
            Some(folder) => desk.land_beside(board, plan, landing(None), Site { folder, branch }),
            None => desk.land(board, plan, landing(branch)),
        }
    }

    /// How to go on in the new worktree, and how to be rid of it.
    fn ways_on(&self, work: &Work, folder: &Path) -> [String; 2] {
        let quoted = |path: &Path| shell_words::quote(&path.to_string_lossy()).into_owned();
        let (root, folder) = (quoted(work.desk.repo.root()), quoted(folder));
        let (on, with_branch) = match (&self.branch, self.commit) {
            (Some(branch), None) => {
                let own = shell_words::quote(branch);
                (format!(" on the new branch {branch}"), format!(" && git -C {root} branch -d {own}"))
            }
            (Some(branch), Some(_)) => (format!(" on the new branch {branch}, which stays without it"), String::new()),
            (None, _) => (String::new(), String::new()),
        };
        [
            format!("to go on{on}: cd {folder}"),
            format!("to be rid of it: git -C {root} worktree remove --force {folder}{with_branch}"),
        ]
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
pub(super) fn report(landed: &Landed, args: &LandingArgs, work: &Work, err: &mut Out<'_>) -> io::Result<()> {
    let summary = &landed.written.summary;
    let staged = if args.stage && landed.commits.is_empty() { ", staged" } else { "" };
    let range = commit_range(&landed.commits);
    let committed = if range.is_empty() { range } else { format!(", committed as {range}") };
    let folder = args.worktree.as_ref().and_then(|folder| work.desk.cwd().join(folder).canonicalize().ok());
    let (place, there) = if folder.is_some() { (" in a new worktree", " there") } else { ("", "") };
    err.line(&format!("{summary}{staged}{committed}{place}; `quell undo`{there} takes it back"))?;
    landed.notes.iter().try_for_each(|note| err.line(note))?;
    let ways_on = folder.map(|folder| args.ways_on(work, &folder));
    ways_on.iter().flatten().try_for_each(|way| err.line(way))
}

//! A batch in a new worktree: on HEAD, beside the tree, which stays as it is.

use std::path::Path;
use std::sync::Arc;

use crate::fix::in_version;
use crate::model::board::Board;
use crate::model::fix::FileOp;
use crate::model::plan::{Plan, PlannedFile};
use crate::model::problem::Problem;
use crate::repo::Repo;
use crate::repo::write::WriteError;

use super::land::no_place;
use super::{ApplyError, Desk, Landed, Landing, refusal};

/// A worktree that is to be made.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a> {
    /// A folder that is not there yet.
    pub folder: &'a Path,
    /// A new branch for it; without one it is on none.
    pub branch: Option<&'a str>,
}

impl Desk {
    /// As [`Desk::land`] in a new worktree of HEAD, where each fix is placed in what the last commit has of its file. Where
    /// one has no place there, or anything else fails, there is no worktree.
    pub fn land_beside(
        &self,
        board: &Board,
        plan: &Plan,
        landing: Landing<'_>,
        site: Site<'_>,
    ) -> Result<Landed, ApplyError> {
        let refused = |problem| ApplyError::Write(WriteError::Refused(problem));
        let git = self.git_command("worktree").map_err(refused)?;
        let worktree = git.add_worktree(&self.cwd.join(site.folder), site.branch).map_err(refused)?;
        let desk = Self { repo: worktree.repo.clone(), ..self.clone() };
        let landed = at_head(&desk.repo, plan).map_err(refused).and_then(|plan| desk.land(board, &plan, landing));
        match landed {
            Ok(landed) => Ok(Landed { notes: [worktree.notes, landed.notes].concat(), ..landed }),
            Err(error) => Err(refused(git.take_away(&worktree, problem(error)))),
        }
    }
}

/// The plan for a tree that is as it was committed.
fn at_head(tree: &Repo, plan: &Plan) -> Result<Plan, Problem> {
    let paths: Vec<String> = plan.files.iter().map(|file| file.path.clone()).collect();
    let files = plan.files.iter().zip(tree.read_all(&paths)).map(|(file, read)| {
        if file.op == FileOp::Create {
            return Ok(file.clone());
        }
        let (bytes, _) = read.map_err(|error| {
            Problem::of_file(&file.path, format!("in the last commit: {error}"), "commit it first, then try again")
        })?;
        in_version(file, Arc::from(bytes)).map_err(|why| no_place(&file.path, "the last commit", &format!(": {why}")))
    });
    Ok(Plan { files: files.collect::<Result<Vec<PlannedFile>, Problem>>()?, fixes: plan.fixes.clone() })
}

/// Why nothing is left of a batch.
fn problem(error: ApplyError) -> Problem {
    match error {
        ApplyError::Write(error) => refusal(error),
        ApplyError::Ledger(problem) => problem,
        ApplyError::Unrecorded { problem, .. } => *problem,
    }
}

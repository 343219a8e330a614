//! One repository (or plain folder): where it is, what git knows of it.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::model::problem::Problem;

/// A working tree. Cheap to clone and to send to a worker; each job opens its own `git2::Repository`.
#[derive(Clone, Debug)]
pub struct Repo {
    pub(super) root: PathBuf,
    /// The worktree's git directory; `None` without git or with `--no-git`.
    pub(super) git_dir: Option<PathBuf>,
}

impl Repo {
    /// The repository around `start`, or `start` itself as a plain folder where there is none, where
    /// `use_git` is false, or where git2 cannot open it (then with a problem that says so).
    pub fn discover(start: &Path, use_git: bool) -> Result<(Self, Option<Problem>), Problem> {
        let _ = (start, use_git);
        unimplemented!()
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Last component of the root, for headers and JSON.
    pub fn name(&self) -> String {
        unimplemented!()
    }

    /// `user.name` of git, else the login name, else `unknown`.
    pub fn author(&self) -> String {
        unimplemented!()
    }

    /// Short name of the branch, or the first 7 digits of a detached head; `None` without git.
    pub fn branch(&self) -> Option<String> {
        unimplemented!()
    }

    /// Commit id of HEAD in hex.
    pub fn head(&self) -> Option<String> {
        unimplemented!()
    }

    /// Which of these paths differ from HEAD in the working tree or index.
    pub fn dirty(&self, paths: &[String]) -> Vec<String> {
        let _ = paths;
        unimplemented!()
    }

    /// Bytes of a path at a revision; `None` where the revision, the path or git is missing.
    pub fn blob_at(&self, revision: &str, path: &str) -> Option<Vec<u8>> {
        let _ = (revision, path);
        unimplemented!()
    }

    /// When each of these paths was last changed by a commit reachable from HEAD (committer time), in one
    /// walk of the history; a path that no commit touched, or that was not reached in 10,000 commits, is `None`.
    pub fn last_commits(&self, paths: &[String]) -> Vec<Option<Timestamp>> {
        let _ = paths;
        unimplemented!()
    }

    /// Files under `.quell` that are new or changed against HEAD (what a person still has to commit).
    pub fn uncommitted_decisions(&self) -> usize {
        unimplemented!()
    }

    /// Where journal, undo log, spool and console state live: `<gitdir>/quell`, else the user's state folder.
    pub fn state_dir(&self) -> PathBuf {
        unimplemented!()
    }
}

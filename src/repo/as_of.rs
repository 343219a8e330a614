//! What the branch was at a time.

use jiff::Timestamp;

use super::Repo;

/// Commits looked at.
const MAX_COMMITS: usize = 10_000;

impl Repo {
    /// Id of the newest commit of HEAD's own line (first parents) that was made not later than `at` (committer
    /// time); `None` without git, or where there is none in 10,000 commits.
    pub fn head_as_of(&self, at: Timestamp) -> Option<String> {
        self.as_of("HEAD", at)
    }

    /// The same of the line that a ref or commit ends.
    pub fn as_of(&self, name: &str, at: Timestamp) -> Option<String> {
        let git = self.git()?;
        let mut commit = git.revparse_single(name).ok()?.peel_to_commit().ok()?;
        for _ in 0..MAX_COMMITS {
            if commit.time().seconds() <= at.as_second() {
                return Some(commit.id().to_string());
            }
            commit = commit.parent(0).ok()?;
        }
        None
    }

    /// How many commits HEAD has that a commit has not; `None` where git or the commit is missing.
    pub fn commits_since(&self, commit: &str) -> Option<usize> {
        let git = self.git()?;
        let (head, commit) = (git.head().ok()?.peel_to_commit().ok()?, git.revparse_single(commit).ok()?);
        let (ahead, _) = git.graph_ahead_behind(head.id(), commit.peel_to_commit().ok()?.id()).ok()?;
        Some(ahead)
    }
}

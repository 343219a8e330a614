//! What changed since a commit.

use git2::{DiffOptions, Repository};
use jiff::Timestamp;

use super::Repo;
use super::snapshot::is_plain_revision;

/// The most files that are told apart; where more changed, which did is not known.
const MAX_CHANGED: usize = 100_000;

impl Repo {
    /// Files that differ between the tree of a commit and the working tree, new ones that are not ignored too, sorted;
    /// `None` where git or the commit is missing, or too many differ. About 0.2 s for 50,000 files.
    pub fn changed_since(&self, commit: &str) -> Option<Vec<Box<str>>> {
        let git = self.git().filter(|_| is_plain_revision(commit))?;
        let commit = git.revparse_single(commit).ok()?.peel_to_commit().ok()?;
        let mut changed = changed(&git, &commit).ok()??;
        changed.sort_unstable();
        changed.dedup();
        Some(changed)
    }

    /// Files that were written after a moment, sorted: all that is known of a tree without git.
    pub fn written_since(&self, at: Timestamp) -> Vec<Box<str>> {
        let files = self.files().into_iter();
        let is_later = |path: &String| self.file_state(path).map_or(true, |state| state.written > at);
        files.filter(is_later).map(Into::into).collect()
    }
}

fn changed(git: &Repository, commit: &git2::Commit<'_>) -> Result<Option<Vec<Box<str>>>, git2::Error> {
    let mut options = DiffOptions::new();
    options.include_untracked(true).recurse_untracked_dirs(true).ignore_submodules(true);
    let diff = git.diff_tree_to_workdir_with_index(Some(&commit.tree()?), Some(&mut options))?;
    if diff.deltas().len() > MAX_CHANGED {
        return Ok(None);
    }
    let mut changed = Vec::new();
    for delta in diff.deltas() {
        let paths = [delta.old_file().path(), delta.new_file().path()];
        changed.extend(paths.into_iter().flatten().map(|path| path.to_string_lossy().into()));
    }
    Ok(Some(changed))
}

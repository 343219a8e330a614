//! What git knows of single paths: their bytes at a revision, their last commit, whether they are committed.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use git2::{DiffOptions, IndexEntryExtendedFlag, Oid, Repository, Sort, Status, StatusOptions, Tree};
use jiff::Timestamp;
use rayon::prelude::*;

use super::Repo;
use super::objects::{self, Kind};
use super::path::components;
use super::read::Known;

/// Commits that `last_commits` looks at before it gives up.
const MAX_COMMITS: usize = 10_000;

impl Repo {
    /// Which of these paths differ from HEAD in the working tree or index.
    pub fn dirty(&self, paths: &[String]) -> Vec<String> {
        if paths.is_empty() {
            return Vec::new();
        }
        // Of what git cannot be asked about nothing is known to be as it was.
        let Some(changed) = self.changed(paths.iter().map(String::as_str)) else { return paths.to_vec() };
        paths.iter().filter(|path| changed.binary_search(path).is_ok()).cloned().collect()
    }

    /// As [`Repo::dirty`], for files that were read: those that are bit by bit what git has need not be read and converted
    /// again to be compared.
    pub fn dirty_among(&self, files: &[(&str, Option<Known<'_>>)]) -> Vec<String> {
        let paths = || files.iter().map(|(path, _)| *path);
        let stored = self.git().and_then(|git| stored(&git, paths()).ok()).unwrap_or_default();
        let is_stored = |(path, known): &(&str, Option<Known<'_>>)| {
            let Some(((bytes, state), (id, mode))) = known.zip(stored.get(path).copied()) else { return false };
            let own = if state.is_executable { 0o100_755 } else { 0o100_644 };
            mode == own && id.as_bytes() == objects::id(Kind::Blob, bytes)
        };
        let are_stored: Vec<bool> = files.par_iter().map(is_stored).collect();
        let others = paths().zip(are_stored).filter(|(_, is_stored)| !is_stored);
        self.dirty(&others.map(|(path, _)| path.to_owned()).collect::<Vec<_>>())
    }

    /// Which of these paths git has, in HEAD, as they are in the working tree.
    pub fn committed(&self, paths: &[String]) -> Vec<String> {
        let Some(index) = self.git().and_then(|git| git.index().ok()) else { return Vec::new() };
        let is_tracked = |path: &&String| components(path).is_ok() && index.get_path(path.as_ref(), 0).is_some();
        let tracked: Vec<String> = paths.iter().filter(is_tracked).cloned().collect();
        let dirty = self.dirty(&tracked);
        tracked.into_iter().filter(|path| !dirty.contains(path)).collect()
    }

    /// Which of these paths have a merge conflict that is not resolved.
    pub fn unmerged(&self, paths: &[String]) -> Vec<String> {
        let index = self.git().and_then(|git| git.index().ok()).filter(git2::Index::has_conflicts);
        let is_unmerged = |path: &&String| {
            index.as_ref().is_some_and(|index| (1..=3).any(|stage| index.get_path(path.as_ref(), stage).is_some()))
        };
        paths.iter().filter(is_unmerged).cloned().collect()
    }

    /// Whether git has a path and leaves it out of the working tree: a sparse checkout.
    pub fn is_left_out(&self, path: &str) -> bool {
        let index = self.git().filter(|_| components(path).is_ok()).and_then(|git| git.index().ok());
        let entry = index.and_then(|index| index.get_path(path.as_ref(), 0));
        entry.is_some_and(|entry| entry.flags_extended & IndexEntryExtendedFlag::SKIP_WORKTREE.bits() != 0)
    }

    /// Decision files that are new or changed against HEAD: what a person still has to commit.
    pub fn uncommitted_decisions(&self) -> usize {
        let changed = self.changed([".quell/decisions"].into_iter()).unwrap_or_default();
        changed.iter().filter(|path| !path.ends_with(".gitattributes")).count()
    }

    /// When each of these paths was last changed by a commit reachable from HEAD (committer time), in one
    /// walk of the history; a path that no commit touched, or that was not reached in 10,000 commits, is `None`.
    pub fn last_commits(&self, paths: &[String]) -> Vec<Option<Timestamp>> {
        let mut times: BTreeMap<&str, Option<Timestamp>> = paths.iter().map(|path| (path.as_str(), None)).collect();
        if let Some(git) = self.git() {
            // A history that breaks off (a shallow clone, a missing object) leaves the rest unknown.
            let _ = walk(&git, &mut times);
        }
        paths.iter().map(|path| times.get(path.as_str()).copied().flatten()).collect()
    }

    /// Paths with a status other than clean among `paths` and below them, sorted; none without git, `None` where it fails.
    fn changed<'a>(&self, paths: impl Iterator<Item = &'a str>) -> Option<Vec<String>> {
        let Some(git) = self.git() else { return Some(Vec::new()) };
        let mut options = StatusOptions::new();
        options.include_untracked(true).recurse_untracked_dirs(true).exclude_submodules(true);
        options.disable_pathspec_match(true);
        // No file has a name with NUL, and git2 cannot be asked for one.
        paths.filter(|path| !path.contains('\0')).for_each(|path| {
            options.pathspec(path);
        });
        let statuses = git.statuses(Some(&mut options)).ok()?;
        let mut changed: Vec<String> = statuses
            .iter()
            .filter(|entry| !entry.status().intersects(Status::IGNORED) && entry.status() != Status::CURRENT)
            .map(|entry| String::from_utf8_lossy(entry.path_bytes()).into_owned())
            .collect();
        changed.sort();
        Some(changed)
    }
}

/// What git has of those of these paths that the index has as HEAD has them: id and mode.
fn stored<'a>(
    git: &Repository,
    paths: impl Iterator<Item = &'a str>,
) -> Result<HashMap<&'a str, (Oid, u32)>, git2::Error> {
    let (head, index) = (git.head()?.peel_to_tree()?, git.index()?);
    let entry = |path: &'a str| index.get_path(path.as_ref(), 0).map(|entry| (path, (entry.id, entry.mode)));
    let mut stored: HashMap<&str, (Oid, u32)> =
        paths.filter(|path| components(path).is_ok()).filter_map(entry).collect();
    if stored.is_empty() {
        // Without a path git would compare all.
        return Ok(stored);
    }
    let mut options = DiffOptions::new();
    options.disable_pathspec_match(true);
    for path in stored.keys() {
        options.pathspec(path);
    }
    for change in git.diff_tree_to_index(Some(&head), Some(&index), Some(&mut options))?.deltas() {
        for side in [change.old_file(), change.new_file()] {
            if let Some(path) = side.path().and_then(Path::to_str) {
                stored.remove(path);
            }
        }
    }
    Ok(stored)
}

/// From the newest commit to older ones, until every path of `times` has its time.
fn walk(git: &Repository, times: &mut BTreeMap<&str, Option<Timestamp>>) -> Result<(), git2::Error> {
    let mut commits = git.revwalk()?;
    commits.set_sorting(Sort::TIME)?;
    commits.push_head()?;
    let mut wanted: Vec<&str> = times.keys().copied().collect();
    for id in commits.take(MAX_COMMITS) {
        if wanted.is_empty() {
            break;
        }
        let commit = git.find_commit(id?)?;
        let tree = commit.tree()?;
        let mut touched = wanted.clone();
        // A merge touches what differs from every parent, a first commit what it holds.
        for parent in commit.parents() {
            let old = parent.tree()?;
            touched = differing(git, Some(&tree), Some(&old), "", &touched);
        }
        if commit.parent_count() == 0 {
            touched = differing(git, Some(&tree), None, "", &touched);
        }
        let time = Timestamp::from_second(commit.time().seconds()).ok();
        for path in &touched {
            times.insert(path, time);
        }
        // `differing` keeps the order of `wanted`.
        wanted.retain(|path| touched.binary_search(path).is_err());
    }
    Ok(())
}

/// Which of `paths` (sorted, all below `prefix`) are different in two trees. Only folders that differ and hold
/// one of the paths are opened, so a commit costs what it changed and not what the repository holds.
pub(super) fn differing<'a>(
    git: &Repository,
    new: Option<&Tree<'_>>,
    old: Option<&Tree<'_>>,
    prefix: &str,
    paths: &[&'a str],
) -> Vec<&'a str> {
    let mut found = Vec::new();
    let head = |path: &&'a str| path.get(prefix.len()..).and_then(|rest| rest.split('/').next());
    for group in paths.chunk_by(|a, b| head(a) == head(b)) {
        let Some(name) = group.first().and_then(head) else { continue };
        let (new_id, old_id) = (entry_id(new, name), entry_id(old, name));
        if new_id == old_id {
            continue;
        }
        let whole = format!("{prefix}{name}");
        let (here, below): (Vec<&str>, Vec<&str>) = group.iter().partition(|path| path.len() == whole.len());
        found.extend(here);
        if !below.is_empty() {
            let (new, old) = (subtree(git, new_id), subtree(git, old_id));
            found.extend(differing(git, new.as_ref(), old.as_ref(), &format!("{whole}/"), &below));
        }
    }
    found
}

fn entry_id(tree: Option<&Tree<'_>>, name: &str) -> Option<Oid> {
    tree?.get_name(name).map(|entry| entry.id())
}

fn subtree(git: &Repository, id: Option<Oid>) -> Option<Tree<'_>> {
    git.find_tree(id?).ok()
}

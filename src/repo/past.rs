//! What a folder ever held, in every commit that can be reached.

use std::collections::{BTreeMap, HashMap, HashSet};

use git2::{Commit, Oid, Repository, Sort};
use jiff::Timestamp;

use crate::model::problem::Problem;

use super::Repo;

/// A file of one content, with the commits that brought it and the last that took it away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PastFile {
    /// Id of its content.
    pub blob: String,
    pub brought: Vec<String>,
    pub removed: Option<String>,
}

/// What is known of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommitTimes {
    /// When it was made, by the clock of its committer.
    pub at: Timestamp,
    /// The latest of its parents.
    pub parent: Option<Timestamp>,
}

/// Seconds by which the clocks of people may differ.
const CLOCKS_APART: i64 = 3_600;

impl CommitTimes {
    /// The time of the parent, where the commit says that it is older than that: then it may not have been there by then.
    pub fn back_dated(&self) -> Option<Timestamp> {
        self.parent.filter(|parent| self.at.as_second() + CLOCKS_APART < parent.as_second())
    }
}

/// A folder through all of history: files by their paths in it.
#[derive(Clone, Debug, Default)]
pub struct Past {
    pub files: BTreeMap<String, Vec<PastFile>>,
}

impl Repo {
    /// Every file below a folder in any commit that can be reached from these. A clone without its whole history is refused.
    pub fn past(&self, starts: &[String], folder: &str) -> Result<Past, Problem> {
        let failed = |error: &git2::Error| {
            let reason = format!("the history cannot be read: {}", error.message().to_lowercase());
            Problem::of_file(folder, reason, "run git fsck")
        };
        let Some(git) = self.git() else {
            return Err(Problem::of_file(folder, "there is no git history here", "run it in a clone"));
        };
        if git.is_shallow() {
            let hint = "fetch all of it: git fetch --unshallow (fetch-depth: 0)";
            return Err(Problem::of_file(folder, "only a part of the history is here", hint));
        }
        past(&git, starts, folder).map_err(|error| failed(&error))
    }

    /// Old ends of a ref that its present one does not lead back to: it was rewritten since.
    pub fn rewritten(&self, name: &str) -> Vec<String> {
        let Some(git) = self.git() else { return Vec::new() };
        let Ok(now) = git.find_reference(name).and_then(|one| one.peel_to_commit()) else { return Vec::new() };
        let Ok(log) = git.reflog(name) else { return Vec::new() };
        let ids = log.iter().flat_map(|entry| [entry.id_old(), entry.id_new()]);
        let mut known = HashSet::new();
        let is_lost = |id: &Oid| {
            let is_kept = *id == now.id() || git.graph_descendant_of(now.id(), *id).unwrap_or(false);
            !is_kept && git.find_commit(*id).is_ok()
        };
        ids.filter(|id| !id.is_zero() && known.insert(*id)).filter(is_lost).map(|id| id.to_string()).collect()
    }

    /// The id of a commit by any name of it.
    pub fn commit_id(&self, revision: &str) -> Option<String> {
        if revision.starts_with('-') || revision.is_empty() {
            return None;
        }
        Some(self.git()?.revparse_single(revision).ok()?.peel_to_commit().ok()?.id().to_string())
    }

    /// When a commit and its parents were made.
    pub fn commit_times(&self, id: &str) -> Option<CommitTimes> {
        let git = self.git()?;
        let commit = git.find_commit(Oid::from_str(id).ok()?).ok()?;
        let at = |commit: &Commit| Timestamp::from_second(commit.time().seconds()).ok();
        Some(CommitTimes { at: at(&commit)?, parent: commit.parents().filter_map(|parent| at(&parent)).max() })
    }

    /// The signature of a commit, and what it signs.
    pub fn commit_signature(&self, id: &str) -> Option<(Vec<u8>, Vec<u8>)> {
        let (signature, signed) = self.git()?.extract_signature(&Oid::from_str(id).ok()?, None).ok()?;
        Some((signature.to_vec(), signed.to_vec()))
    }

    /// The branch that a remote calls its own: `refs/remotes/origin/main`.
    pub fn base_of_remote(&self) -> Option<String> {
        let git = self.git()?;
        let head = git.find_reference("refs/remotes/origin/HEAD").ok()?;
        head.symbolic_target().ok().flatten().map(str::to_owned)
    }
}

fn past(git: &Repository, starts: &[String], folder: &str) -> Result<Past, git2::Error> {
    let mut walk = git.revwalk()?;
    walk.set_sorting(Sort::TOPOLOGICAL | Sort::REVERSE)?;
    for start in starts {
        walk.push(Oid::from_str(start)?)?;
    }
    let mut past = Past::default();
    let mut trees: HashMap<Oid, Option<Oid>> = HashMap::new();
    for id in walk {
        let id = id?;
        let commit = git.find_commit(id)?;
        let tree = commit.tree()?.get_path(folder.as_ref()).ok().map(|entry| entry.id());
        trees.insert(id, tree);
        let parents: Vec<Option<Oid>> = commit.parent_ids().map(|id| trees.get(&id).copied().flatten()).collect();
        if parents.contains(&tree) || parents.is_empty() && tree.is_none() {
            continue;
        }
        let none = [None];
        let parents: &[Option<Oid>] = if parents.is_empty() { &none } else { &parents };
        past.add(git, &id.to_string(), tree, parents)?;
    }
    Ok(past)
}

impl Past {
    /// What a commit brings is in none of its parents; what it takes away is in one of them and not in it.
    fn add(
        &mut self,
        git: &Repository,
        commit: &str,
        tree: Option<Oid>,
        parents: &[Option<Oid>],
    ) -> Result<(), git2::Error> {
        let tree = tree.map(|id| git.find_tree(id)).transpose()?;
        let mut brought: Option<HashSet<(String, String)>> = None;
        let mut removed = HashSet::new();
        for parent in parents {
            let parent = parent.map(|id| git.find_tree(id)).transpose()?;
            let diff = git.diff_tree_to_tree(parent.as_ref(), tree.as_ref(), None)?;
            let mut new = HashSet::new();
            for delta in diff.deltas() {
                for (file, list) in [(delta.old_file(), &mut removed), (delta.new_file(), &mut new)] {
                    if let Some(path) = file.path().and_then(|path| path.to_str()).filter(|_| !file.id().is_zero()) {
                        list.insert((path.to_owned(), file.id().to_string()));
                    }
                }
            }
            brought = Some(match brought {
                None => new,
                Some(known) => known.intersection(&new).cloned().collect(),
            });
        }
        for (path, blob) in brought.unwrap_or_default() {
            self.file(path, blob).brought.push(commit.to_owned());
        }
        for (path, blob) in removed {
            self.file(path, blob).removed = Some(commit.to_owned());
        }
        Ok(())
    }

    fn file(&mut self, path: String, blob: String) -> &mut PastFile {
        let files = self.files.entry(path).or_default();
        let at = files.iter().position(|file| file.blob == blob).unwrap_or_else(|| {
            files.push(PastFile { blob, ..PastFile::default() });
            files.len() - 1
        });
        &mut files[at]
    }
}

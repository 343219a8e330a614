//! Files as they were at a commit.

use std::collections::HashSet;

use git2::{FileMode, Oid, Repository};

use super::Repo;
use super::path::components;
use super::read::MAX_SOURCE;

/// Commits and versions that `versions` looks at.
const MAX_COMMITS: usize = 300;
const MAX_VERSIONS: usize = 10;

/// The tree of one commit, open for many reads. Not shared between threads: each opens its own.
pub struct Snapshot {
    git: Repository,
    tree: Oid,
}

impl Repo {
    /// The tree at a revision; `None` where the revision or git is missing. `revision` may come from a report:
    /// ids, names and `~` or `^` are understood, searches through messages and reflogs are not.
    pub fn snapshot(&self, revision: &str) -> Option<Snapshot> {
        if !is_plain_revision(revision) {
            return None;
        }
        let git = self.git()?;
        let tree = git.revparse_single(revision).ok()?.peel_to_tree().ok()?.id();
        Some(Snapshot { git, tree })
    }

    /// Bytes of one path at a revision; `None` where the revision, the path or git is missing.
    pub fn blob_at(&self, revision: &str, path: &str) -> Option<Vec<u8>> {
        self.snapshot(revision)?.read(path)
    }

    /// Bytes of a file by its id in git, whole or its first seven digits at least; `None` where it or git is missing,
    /// or several begin so.
    pub fn blob(&self, id: &str) -> Option<Vec<u8>> {
        let is_id = (7..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        let git = self.git().filter(|_| is_id)?;
        let id = git.odb().ok()?.exists_prefix(Oid::from_str(id).ok()?, id.len()).ok()?;
        blob(&git, id)
    }

    /// What was committed at a path: the version at HEAD and those before it on HEAD's own line, newest first, each
    /// once, as far as a few hundred commits go.
    pub fn versions(&self, path: &str) -> Vec<Vec<u8>> {
        let Some(git) = self.git() else { return Vec::new() };
        let mut commit = git.head().and_then(|head| head.peel_to_commit()).ok();
        let mut known = HashSet::new();
        let mut versions = Vec::new();
        for _ in 0..MAX_COMMITS {
            let Some(at) = commit.take().filter(|_| versions.len() < MAX_VERSIONS) else { break };
            let entry = at.tree().and_then(|tree| tree.get_path(path.as_ref())).ok();
            let id = entry.filter(|entry| is_file(entry.filemode())).map(|entry| entry.id());
            if let Some(id) = id.filter(|id| known.insert(*id)) {
                versions.extend(blob(&git, id));
            }
            commit = at.parent(0).ok();
        }
        versions
    }
}

impl Snapshot {
    /// Bytes of a regular file, by its path relative to the root.
    pub fn read(&self, path: &str) -> Option<Vec<u8>> {
        if components(path).is_err() {
            return None;
        }
        let tree = self.git.find_tree(self.tree).ok()?;
        let entry = tree.get_path(path.as_ref()).ok()?;
        if !is_file(entry.filemode()) {
            return None;
        }
        blob(&self.git, entry.id())
    }
}

/// Bytes of an object that is a file, and not larger than what Quell reads.
fn blob(git: &Repository, id: Oid) -> Option<Vec<u8>> {
    let (size, _) = git.odb().ok()?.read_header(id).ok()?;
    (size as u64 <= MAX_SOURCE).then(|| git.find_blob(id).ok().map(|blob| blob.content().to_vec()))?
}

pub(super) fn is_plain_revision(revision: &str) -> bool {
    let is_allowed = |b: u8| b.is_ascii_alphanumeric() || b"._-/~^".contains(&b);
    !revision.is_empty() && revision.len() <= 200 && !revision.starts_with('-') && revision.bytes().all(is_allowed)
}

fn is_file(mode: i32) -> bool {
    [FileMode::Blob, FileMode::BlobExecutable, FileMode::BlobGroupWritable]
        .into_iter()
        .any(|kind| i32::from(kind) == mode)
}

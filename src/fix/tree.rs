//! What a batch reads of the repository: each file once, and what git knows of all of them in one question.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use jiff::Timestamp;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::model::fix::{Proposal, ProposalSource};
use crate::repo::Repo;
use crate::repo::heads::Heads;
use crate::repo::read::{FileState, ReadError};

use super::lines::Text;

/// The files of a batch as they are, and earlier versions of them on demand. Fixes are placed side by side, and what one
/// of them has asked is there for the others.
pub(super) struct Tree<'a> {
    pub(super) repo: &'a Repo,
    files: RwLock<HashMap<String, Arc<File>>>,
    /// Not to be held where work is shared out: the thread that holds it would be given a fix that asks for it.
    history: Mutex<History>,
    /// The folder of the tree in which git looks for hooks, with `/` behind it.
    hooks: Option<String>,
}

/// What was asked of git.
#[derive(Default)]
struct History {
    /// Versions by (revision, path).
    blobs: HashMap<(String, String), Option<Arc<Text>>>,
    /// The committed versions of a path, newest first.
    versions: HashMap<String, Vec<Arc<Text>>>,
    /// Versions that were kept, by path and time of the report.
    kept: HashMap<(String, Timestamp), Option<Arc<Text>>>,
    /// Versions by their id in git.
    by_id: HashMap<String, Option<Arc<Text>>>,
    /// The commit that was at the head at a time, by the times of commits.
    heads: HashMap<Timestamp, Option<String>>,
    /// What this clone had checked out at a time, and the paths that HEAD has otherwise.
    checked_out: HashMap<Timestamp, Arc<CheckedOut>>,
    /// Where files went since a commit.
    renames: HashMap<String, BTreeMap<String, String>>,
}

/// What git's log of HEAD says of a time.
struct CheckedOut {
    heads: Heads,
    /// Paths of the tree that one of these commits has otherwise than HEAD.
    others: HashSet<String>,
}

/// One file of the tree.
pub(super) struct File {
    pub(super) text: Result<Arc<Text>, ReadError>,
    pub(super) is_dirty: bool,
    pub(super) last_commit: Option<Timestamp>,
    pub(super) written: Option<Timestamp>,
    sha256: OnceLock<String>,
}

/// A file as it was read, and what it was like just before.
type Read = (Result<Arc<Text>, ReadError>, Option<FileState>);

impl File {
    /// SHA-256 of the file in hex; empty if it could not be read.
    pub(super) fn sha256(&self) -> &str {
        self.sha256.get_or_init(|| self.text.as_ref().map(|text| sha256(&text.bytes)).unwrap_or_default())
    }
}

impl<'a> Tree<'a> {
    /// Whether there is a git that can know earlier versions.
    pub(super) fn has_history(&self) -> bool {
        self.repo.has_git()
    }

    /// Reads every file that these proposals edit.
    pub(super) fn read(repo: &'a Repo, proposals: &[&Proposal]) -> Self {
        let hooks = repo.hooks_in_tree().map(|folder| folder + "/");
        let tree = Self { repo, files: RwLock::default(), history: Mutex::default(), hooks };
        let paths: BTreeSet<&str> = proposals
            .iter()
            .flat_map(|proposal| &proposal.edits)
            .filter(|edit| edit.in_repo && !edit.path.contains('\0'))
            .map(|edit| edit.path.as_str())
            .collect();
        tree.add(&paths.into_iter().map(str::to_owned).collect::<Vec<_>>());
        tree
    }

    fn add(&self, paths: &[String]) {
        let repo = self.repo;
        let unmerged = repo.unmerged(paths);
        let read = |(path, known): (&String, _)| {
            let (bytes, state) = match known {
                Ok((bytes, state)) => (Ok(bytes), Some(state)),
                Err(ReadError::Missing) if repo.is_left_out(path) => (Err(ReadError::NotCheckedOut), None),
                Err(error) => (Err(error), repo.file_state(path).ok()),
            };
            let bytes = if unmerged.contains(path) { Err(ReadError::Unmerged) } else { bytes };
            (bytes.map(|bytes| Arc::new(Text::new(bytes))), state)
        };
        let read: Vec<Read> = paths.par_iter().zip(repo.read_all(paths)).map(read).collect();
        let known = paths.iter().zip(&read).map(|(path, (text, state))| {
            let bytes = text.as_ref().ok().map(|text| &*text.bytes);
            (path.as_str(), bytes.zip(*state))
        });
        let dirty: BTreeSet<String> = repo.dirty_among(&known.collect::<Vec<_>>()).into_iter().collect();
        let file = |((path, (text, state)), last_commit): ((&String, Read), _)| {
            let (is_dirty, written) = (dirty.contains(path), state.map(|state| state.written));
            (path.clone(), Arc::new(File { text, is_dirty, last_commit, written, sha256: OnceLock::new() }))
        };
        let files: Vec<(String, Arc<File>)> = paths.iter().zip(read).zip(repo.last_commits(paths)).map(file).collect();
        self.files.write().unwrap_or_else(PoisonError::into_inner).extend(files);
    }

    fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether git has a file that it does not check out here.
    pub(super) fn is_left_out(&self, path: &str) -> bool {
        self.repo.is_left_out(path)
    }

    /// Paths of the files that differ from what git has.
    pub(super) fn dirty(&self) -> HashSet<String> {
        let files = self.files.read().unwrap_or_else(PoisonError::into_inner);
        files.iter().filter(|(_, file)| file.is_dirty).map(|(path, _)| path.clone()).collect()
    }

    /// Whether git runs what stands in a file at its own commands.
    pub(super) fn is_hook(&self, path: &str) -> bool {
        self.hooks.as_ref().is_some_and(|folder| path.starts_with(folder))
    }

    /// What a new file that git ignores has against it, in words.
    pub(super) fn ignored(&self, path: &str) -> Option<String> {
        self.repo.is_ignored(path).then(|| "git ignores a file of this name, and no commit would have it".to_owned())
    }

    pub(super) fn file(&self, path: &str) -> Option<Arc<File>> {
        self.files.read().unwrap_or_else(PoisonError::into_inner).get(path).cloned()
    }

    /// The file at the commit that the report says it scanned.
    pub(super) fn at_revision(&self, source: &ProposalSource, path: &str) -> Option<Arc<Text>> {
        let revision = revision(source)?;
        self.history().blob(self.repo, revision, path)
    }

    /// The file as it was committed when the report was made: as this clone had it checked out, and as HEAD's own line had
    /// it. More than one where these were different, as for a report of another branch or of another machine.
    pub(super) fn as_made(&self, source: &ProposalSource, path: &str) -> Vec<Arc<Text>> {
        let Some(made) = source.made else { return Vec::new() };
        let mut commits = self.checked_out(made).heads.commits.clone();
        let mut history = self.history();
        commits.extend(history.head(self.repo, made));
        let mut found: Vec<Arc<Text>> = Vec::new();
        for commit in commits {
            let blob = history.blob(self.repo, commit, path);
            found.extend(blob.filter(|blob| found.iter().all(|known| known.bytes != blob.bytes)));
        }
        found
    }

    /// Whether this clone had another version of a file checked out when the report was made.
    pub(super) fn was_other(&self, source: &ProposalSource, path: &str) -> bool {
        source.made.is_some_and(|made| self.checked_out(made).others.contains(path))
    }

    /// Whether git has done nothing since the report was made.
    pub(super) fn has_head_stood(&self, source: &ProposalSource) -> bool {
        source.made.is_some_and(|made| self.checked_out(made).heads.has_stood)
    }

    fn checked_out(&self, made: Timestamp) -> Arc<CheckedOut> {
        let known = self.history().checked_out.get(&made).cloned();
        known.unwrap_or_else(|| {
            let heads = self.repo.heads_at(made);
            let files = self.files.read().unwrap_or_else(PoisonError::into_inner);
            let mut paths: Vec<&str> = files.keys().map(String::as_str).collect();
            paths.sort_unstable();
            let others = heads.commits.iter().flat_map(|commit| self.repo.differing_from(commit, &paths)).collect();
            let found = Arc::new(CheckedOut { heads, others });
            self.history().checked_out.insert(made, Arc::clone(&found));
            found
        })
    }

    /// The file as it was when the report was made, where it was looked at before it was changed.
    pub(super) fn kept(&self, source: &ProposalSource, path: &str) -> Option<Arc<Text>> {
        let key = (path.to_owned(), source.made?);
        let read = || self.repo.kept_base(path, key.1).map(|bytes| Arc::new(Text::new(bytes)));
        self.history().kept.entry(key.clone()).or_insert_with(read).clone()
    }

    /// The file with this id in git.
    pub(super) fn by_id(&self, id: &str) -> Option<Arc<Text>> {
        let read = || self.repo.blob(id).map(|bytes| Arc::new(Text::new(bytes)));
        self.history().by_id.entry(id.to_ascii_lowercase()).or_insert_with(read).clone()
    }

    /// What was committed at a path lately, newest first; the first is the one at HEAD.
    pub(super) fn versions(&self, path: &str) -> Vec<Arc<Text>> {
        let read = || self.repo.versions(path).into_iter().map(|bytes| Arc::new(Text::new(bytes))).collect();
        self.history().versions.entry(path.to_owned()).or_insert_with(read).clone()
    }

    /// Where a file that is not at its place went since it was scanned. It is among the files of the tree then.
    pub(super) fn moved_to(&self, source: &ProposalSource, path: &str) -> Option<String> {
        let new = self.history().moved_to(self.repo, source, path)?;
        if self.file(&new).is_none() {
            self.add(std::slice::from_ref(&new));
        }
        Some(new)
    }
}

impl History {
    fn moved_to(&mut self, repo: &Repo, source: &ProposalSource, path: &str) -> Option<String> {
        let scanned = revision(source).filter(|revision| repo.blob_at(revision, path).is_some());
        let since = match (scanned, source.made) {
            (Some(revision), _) => revision,
            (None, Some(made)) => self.head(repo, made)?,
            (None, None) => return None,
        };
        let renames = self.renames.entry(since.clone()).or_insert_with(|| repo.renames_since(&since));
        renames.get(path).cloned()
    }

    fn head(&mut self, repo: &Repo, made: Timestamp) -> Option<String> {
        self.heads.entry(made).or_insert_with(|| repo.head_as_of(made)).clone()
    }

    fn blob(&mut self, repo: &Repo, revision: String, path: &str) -> Option<Arc<Text>> {
        let read = |key: &(String, String)| repo.blob_at(&key.0, &key.1).map(|bytes| Arc::new(Text::new(bytes)));
        let key = (revision, path.to_owned());
        if let Some(known) = self.blobs.get(&key) {
            return known.clone();
        }
        let blob = read(&key);
        self.blobs.insert(key, blob.clone());
        blob
    }
}

/// The commit that the report says it scanned. Names do not count: a branch moves on.
fn revision(source: &ProposalSource) -> Option<String> {
    let is_id = |revision: &String| revision.len() >= 7 && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
    source.revision.clone().filter(is_id)
}

/// SHA-256 in hex.
pub(super) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

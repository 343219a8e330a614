//! What a batch reads of the repository: each file once, and what git knows of all of them in one question.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::sync::Arc;

use jiff::Timestamp;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::model::fix::{Proposal, ProposalSource};
use crate::repo::Repo;
use crate::repo::read::ReadError;

use super::lines::Text;

/// The files of a batch as they are, and earlier versions of them on demand.
pub(super) struct Tree<'a> {
    pub(super) repo: &'a Repo,
    files: HashMap<String, File>,
    /// Versions by (revision, path).
    blobs: HashMap<(String, String), Option<Arc<Text>>>,
    /// The committed versions of a path, newest first.
    versions: HashMap<String, Vec<Arc<Text>>>,
    /// Versions by their id in git.
    by_id: HashMap<String, Option<Arc<Text>>>,
    /// The commit that was at the head at a time.
    heads: HashMap<Timestamp, Option<String>>,
    /// Where files went since a commit.
    renames: HashMap<String, BTreeMap<String, String>>,
}

/// One file of the tree.
pub(super) struct File {
    pub(super) text: Result<Arc<Text>, ReadError>,
    pub(super) is_dirty: bool,
    pub(super) last_commit: Option<Timestamp>,
    pub(super) written: Option<Timestamp>,
    sha256: OnceCell<String>,
}

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
        let mut tree = Self {
            repo,
            files: HashMap::new(),
            blobs: HashMap::new(),
            by_id: HashMap::new(),
            versions: HashMap::new(),
            heads: HashMap::new(),
            renames: HashMap::new(),
        };
        let paths: BTreeSet<&str> = proposals
            .iter()
            .flat_map(|proposal| &proposal.edits)
            .filter(|edit| edit.in_repo && !edit.path.contains('\0'))
            .map(|edit| edit.path.as_str())
            .collect();
        tree.add(&paths.into_iter().map(str::to_owned).collect::<Vec<_>>());
        tree
    }

    fn add(&mut self, paths: &[String]) {
        let repo = self.repo;
        let dirty = repo.dirty(paths);
        let dirty: BTreeSet<&str> = dirty.iter().map(String::as_str).collect();
        let unmerged = repo.unmerged(paths);
        let commits = repo.last_commits(paths);
        let read = |(path, last_commit): (&String, Option<Timestamp>)| {
            // The time is taken before the bytes: a write in between makes the file look newer, never older.
            let written = repo.file_state(path).ok().map(|state| state.written);
            let bytes = match repo.read(path) {
                _ if unmerged.contains(path) => Err(ReadError::Unmerged),
                Err(ReadError::Missing) if repo.is_left_out(path) => Err(ReadError::NotCheckedOut),
                bytes => bytes,
            };
            let file = File {
                written,
                text: bytes.map(|bytes| Arc::new(Text::new(bytes))),
                is_dirty: dirty.contains(path.as_str()),
                last_commit,
                sha256: OnceCell::new(),
            };
            (path.clone(), file)
        };
        self.files.par_extend(paths.par_iter().zip(commits).map(read));
    }

    /// Whether git has a file that it does not check out here.
    pub(super) fn is_left_out(&self, path: &str) -> bool {
        self.repo.is_left_out(path)
    }

    /// Paths of the files that differ from what git has.
    pub(super) fn dirty(&self) -> impl Iterator<Item = &str> {
        self.files.iter().filter(|(_, file)| file.is_dirty).map(|(path, _)| path.as_str())
    }

    /// What a new file that git ignores has against it, in words.
    pub(super) fn ignored(&self, path: &str) -> Option<String> {
        self.repo.is_ignored(path).then(|| "git ignores a file of this name, and no commit would have it".to_owned())
    }

    pub(super) fn file(&self, path: &str) -> Option<&File> {
        self.files.get(path)
    }

    /// The file at the commit that the report says it scanned.
    pub(super) fn at_revision(&mut self, source: &ProposalSource, path: &str) -> Option<Arc<Text>> {
        let revision = revision(source)?;
        self.blob(revision, path)
    }

    /// The file as it was committed when the report was made.
    pub(super) fn as_made(&mut self, source: &ProposalSource, path: &str) -> Option<Arc<Text>> {
        let head = self.head(source.made?)?;
        self.blob(head, path)
    }

    /// The file with this id in git.
    pub(super) fn by_id(&mut self, id: &str) -> Option<Arc<Text>> {
        let repo = self.repo;
        let read = || repo.blob(id).map(|bytes| Arc::new(Text::new(bytes)));
        self.by_id.entry(id.to_ascii_lowercase()).or_insert_with(read).clone()
    }

    /// What was committed at a path lately, newest first; the first is the one at HEAD.
    pub(super) fn versions(&mut self, path: &str) -> Vec<Arc<Text>> {
        let read = || self.repo.versions(path).into_iter().map(|bytes| Arc::new(Text::new(bytes))).collect();
        self.versions.entry(path.to_owned()).or_insert_with(read).clone()
    }

    /// Where a file that is not at its place went since it was scanned. It is among the files of the tree then.
    pub(super) fn moved_to(&mut self, source: &ProposalSource, path: &str) -> Option<String> {
        let repo = self.repo;
        let scanned = revision(source).filter(|revision| repo.blob_at(revision, path).is_some());
        let since = match (scanned, source.made) {
            (Some(revision), _) => revision,
            (None, Some(made)) => self.head(made)?,
            (None, None) => return None,
        };
        let renames = self.renames.entry(since.clone()).or_insert_with(|| repo.renames_since(&since));
        let new = renames.get(path)?.clone();
        if !self.files.contains_key(&new) {
            self.add(std::slice::from_ref(&new));
        }
        Some(new)
    }

    fn head(&mut self, made: Timestamp) -> Option<String> {
        let repo = self.repo;
        self.heads.entry(made).or_insert_with(|| repo.head_as_of(made)).clone()
    }

    fn blob(&mut self, revision: String, path: &str) -> Option<Arc<Text>> {
        let repo = self.repo;
        let key = (revision, path.to_owned());
        let read = |key: &(String, String)| repo.blob_at(&key.0, &key.1).map(|bytes| Arc::new(Text::new(bytes)));
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

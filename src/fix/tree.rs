//! What a batch reads of the repository: each file once, and what git knows of all of them in one question.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::sync::Arc;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::model::fix::{Proposal, ProposalSource};
use crate::repo::Repo;
use crate::repo::read::ReadError;

use super::lines::Text;

/// The files of a batch as they are, and earlier versions of them on demand.
pub(super) struct Tree<'a> {
    repo: &'a Repo,
    files: HashMap<String, File>,
    /// Versions by (revision, path).
    blobs: HashMap<(String, String), Option<Arc<Text>>>,
    /// Files by their id in git, and the committed versions of a path, newest first.
    named: HashMap<String, Option<Arc<Text>>>,
    versions: HashMap<String, Vec<Arc<Text>>>,
    /// The commit that was at the head at a time.
    heads: HashMap<Timestamp, Option<String>>,
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
        let paths: BTreeSet<&str> = proposals
            .iter()
            .flat_map(|proposal| &proposal.edits)
            .filter(|edit| edit.in_repo)
            .map(|edit| edit.path.as_str())
            .collect();
        let paths: Vec<String> = paths.into_iter().map(str::to_owned).collect();
        let dirty = repo.dirty(&paths);
        let dirty: BTreeSet<&str> = dirty.iter().map(String::as_str).collect();
        let unmerged = repo.unmerged(&paths);
        let commits = repo.last_commits(&paths);
        let mut files = HashMap::with_capacity(paths.len());
        for (at, path) in paths.iter().enumerate() {
            // The time is taken before the bytes: a write in between makes the file look newer, never older.
            let written = repo.file_state(path).ok().map(|state| state.written);
            let bytes = if unmerged.contains(path) { Err(ReadError::Unmerged) } else { repo.read(path) };
            let file = File {
                written,
                text: bytes.map(|bytes| Arc::new(Text::new(bytes))),
                is_dirty: dirty.contains(path.as_str()),
                last_commit: commits.get(at).copied().flatten(),
                sha256: OnceCell::new(),
            };
            files.insert(path.clone(), file);
        }
        Self {
            repo,
            files,
            blobs: HashMap::new(),
            named: HashMap::new(),
            versions: HashMap::new(),
            heads: HashMap::new(),
        }
    }

    pub(super) fn file(&self, path: &str) -> Option<&File> {
        self.files.get(path)
    }

    /// The file at the commit that the report says it scanned. Names do not count: a branch moves on.
    pub(super) fn at_revision(&mut self, source: &ProposalSource, path: &str) -> Option<Arc<Text>> {
        let is_id = |revision: &String| revision.len() >= 7 && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
        let revision = source.revision.clone().filter(is_id)?;
        self.blob(revision, path)
    }

    /// The file as it was committed when the report was made.
    pub(super) fn as_made(&mut self, source: &ProposalSource, path: &str) -> Option<Arc<Text>> {
        let made = source.made?;
        let repo = self.repo;
        let head = self.heads.entry(made).or_insert_with(|| repo.head_as_of(made));
        let head = head.clone()?;
        self.blob(head, path)
    }

    /// The file with this id in git.
    pub(super) fn by_id(&mut self, id: &str) -> Option<Arc<Text>> {
        let read = || self.repo.blob(id).map(|bytes| Arc::new(Text::new(bytes)));
        self.named.entry(id.to_owned()).or_insert_with(read).clone()
    }

    /// What was committed at a path lately, newest first; the first is the one at HEAD.
    pub(super) fn versions(&mut self, path: &str) -> Vec<Arc<Text>> {
        let read = || self.repo.versions(path).into_iter().map(|bytes| Arc::new(Text::new(bytes))).collect();
        self.versions.entry(path.to_owned()).or_insert_with(read).clone()
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

/// SHA-256 in hex.
pub(super) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

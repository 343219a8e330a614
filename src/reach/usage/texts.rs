//! The texts of the tree, read within bounds.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use rayon::prelude::*;

use crate::model::backlog::Backlog;
use crate::model::role::Role;
use crate::model::text::counted;
use crate::repo::Repo;
use crate::repo::read::ReadError;

use super::ecosystem::source_of;

/// The most files that are read in one search, and how long it may take: a search that was not finished is never a no.
const MAX_FILES: usize = 50_000;
const MAX_TIME: Duration = Duration::from_secs(5);
/// The largest source that is read, in bytes.
const MAX_SOURCE: u64 = 4 << 20;
/// The largest other text that is read; a larger file holds data.
const MAX_OTHER: u64 = 256 << 10;

/// The files of the repository but those of others and the reports: a report names everything, and uses nothing.
pub(super) struct Texts<'r> {
    repo: &'r Repo,
    files: &'r [String],
    reports: HashSet<&'r str>,
}

/// What was read.
pub(super) struct Looked<'t, T> {
    /// What each file says, in the order of their paths.
    pub(super) files: Vec<(&'t str, T)>,
    /// Why the search is not finished, where it is not.
    pub(super) unread: Option<String>,
}

impl<'r> Texts<'r> {
    pub(super) fn new(repo: &'r Repo, files: &'r [String], backlog: &'r Backlog) -> Self {
        let evidence = backlog.evidence.documents.iter().map(|document| &*document.name);
        let reports = backlog.reports.iter().map(|report| report.name.as_str()).chain(evidence).collect();
        Self { repo, files, reports }
    }

    /// Paths of all files, also those of others.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(String::as_str)
    }

    /// Paths of own files.
    pub(super) fn own(&self) -> impl Iterator<Item = &str> {
        self.paths().filter(|path| !self.reports.contains(path) && Role::of(path) != Role::Vendored)
    }

    /// A text of at most so many bytes; `None` where it cannot be read.
    pub(super) fn text(&self, path: &str, most: u64) -> Option<String> {
        let bytes = self.repo.read_small(path, most).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// What own files say.
    pub(super) fn each<T: Send>(
        &self,
        is_read: impl Fn(&str) -> bool,
        visit: impl Fn(&str, &str) -> T + Sync,
    ) -> Looked<'_, T> {
        let mut read: Vec<&str> = self.own().filter(|path| is_read(path)).collect();
        let mut late = read.len().saturating_sub(MAX_FILES);
        read.truncate(MAX_FILES);
        let start = Instant::now();
        let of_file = |path: &&str| {
            if start.elapsed() > MAX_TIME {
                return Err(Unread::Late);
            }
            self.visit(path, &visit)
        };
        let each: Vec<Result<T, Unread>> = read.par_iter().map(of_file).collect();
        let mut looked = Looked { files: Vec::new(), unread: None };
        for (path, said) in read.into_iter().zip(each) {
            match said {
                Ok(said) => looked.files.push((path, said)),
                Err(Unread::Late) => late += 1,
                Err(Unread::Lost) => looked.unread = looked.unread.or(Some(format!("{path} could not be read"))),
                Err(Unread::Nothing) => {}
            }
        }
        if late > 0 {
            looked.unread = Some(format!("{} were not looked at: there are too many", counted(late, "file", "files")));
        }
        looked
    }

    fn visit<T>(&self, path: &str, visit: &impl Fn(&str, &str) -> T) -> Result<T, Unread> {
        let is_source = source_of(path).is_some();
        match self.repo.read_small(path, if is_source { MAX_SOURCE } else { MAX_OTHER }) {
            Ok(bytes) => Ok(visit(path, &String::from_utf8_lossy(&bytes))),
            // One that is gone says nothing, and what a link leads to is read in its own place.
            Err(ReadError::Missing) if !self.repo.is_left_out(path) => Err(Unread::Nothing),
            Err(ReadError::NotAFile(_) | ReadError::Outside) => Err(Unread::Nothing),
            Err(ReadError::TooLarge(_)) if !is_source => Err(Unread::Nothing),
            Err(_) => Err(Unread::Lost),
        }
    }
}

/// Why a file was not read.
enum Unread {
    Late,
    /// What it says is missed.
    Lost,
    Nothing,
}

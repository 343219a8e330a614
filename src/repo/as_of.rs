//! What the branch was at a time.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::model::backlog::{Backlog, Run};

use super::Repo;
use super::snapshot::is_plain_revision;

/// Commits looked at.
const MAX_COMMITS: usize = 10_000;

impl Repo {
    /// Id of the newest commit of HEAD's own line (first parents) that was made not later than `at` (committer
    /// time); `None` without git, or where there is none in 10,000 commits.
    pub fn head_as_of(&self, at: Timestamp) -> Option<String> {
        self.as_of("HEAD", at)
    }

    /// The same for several times, sorted, in one walk.
    pub fn heads_as_of(&self, times: &[Timestamp]) -> Vec<Option<String>> {
        self.all_as_of("HEAD", times)
    }

    /// The same of the line that a ref or commit ends.
    pub fn as_of(&self, name: &str, at: Timestamp) -> Option<String> {
        self.all_as_of(name, &[at]).pop()?
    }

    fn all_as_of(&self, name: &str, times: &[Timestamp]) -> Vec<Option<String>> {
        let mut found = vec![None; times.len()];
        let git = self.git();
        let mut commit = git.as_ref().and_then(|git| git.revparse_single(name).ok()?.peel_to_commit().ok());
        let mut steps = 0;
        for (at, found) in times.iter().zip(&mut found).rev() {
            while let Some(known) = commit.as_ref().filter(|commit| commit.time().seconds() > at.as_second()) {
                steps += 1;
                commit = known.parent(0).ok().filter(|_| steps < MAX_COMMITS);
            }
            *found = commit.as_ref().map(|commit| commit.id().to_string());
        }
        found
    }

    /// For each run of a backlog the commit that it scanned: the one that it states, else that of the branch at the time of
    /// its report.
    pub fn scanned(&self, backlog: &Backlog) -> Vec<Option<String>> {
        let mut as_of: HashMap<Option<Timestamp>, Option<String>> = HashMap::new();
        let base = |run: &Run| {
            if let Some(revision) = run.revision.as_ref().filter(|revision| self.snapshot(revision).is_some()) {
                return Some(revision.clone());
            }
            let made = backlog.reports.get(run.report as usize)?.made;
            as_of.entry(made).or_insert_with(|| self.head_as_of(made?)).clone()
        };
        backlog.runs.iter().map(base).collect()
    }

    /// How many commits HEAD has that a commit has not; `None` where git or the commit is missing.
    pub fn commits_since(&self, commit: &str) -> Option<usize> {
        let git = self.git().filter(|_| is_plain_revision(commit))?;
        let (head, commit) = (git.head().ok()?.peel_to_commit().ok()?, git.revparse_single(commit).ok()?);
        let (ahead, _) = git.graph_ahead_behind(head.id(), commit.peel_to_commit().ok()?.id()).ok()?;
        Some(ahead)
    }
}

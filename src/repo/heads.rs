//! What this clone had checked out at a time, by git's log of HEAD.

use std::collections::HashSet;
use std::time::UNIX_EPOCH;

use git2::{Oid, Repository};
use jiff::Timestamp;

use super::Repo;
use super::history::differing;

/// Where HEAD was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heads {
    /// Ids of commits, the newest first: more than one where HEAD moved in that second. Empty where the log does not reach
    /// back so far.
    pub commits: Vec<String>,
    /// Whether HEAD has stood there since. Not said where the log itself was written later, as its entries have the times
    /// that somebody gave to commits.
    pub has_stood: bool,
}

impl Repo {
    /// Where HEAD was in the second of `at`.
    pub fn heads_at(&self, at: Timestamp) -> Heads {
        let heads = || heads_at(&self.git()?, at.as_second());
        heads().unwrap_or_default()
    }

    /// Which of these paths (sorted) a commit has otherwise than HEAD; none where the commit is not here.
    pub fn differing_from(&self, commit: &str, paths: &[&str]) -> HashSet<String> {
        let differing = || {
            let git = self.git()?;
            let old = git.find_commit(Oid::from_str(commit).ok()?).ok()?.tree().ok()?;
            let new = git.head().ok()?.peel_to_tree().ok()?;
            if old.id() == new.id() {
                return None;
            }
            Some(differing(&git, Some(&new), Some(&old), "", paths).into_iter().map(str::to_owned).collect())
        };
        differing().unwrap_or_default()
    }
}

fn heads_at(git: &Repository, at: i64) -> Option<Heads> {
    let log = git.reflog("HEAD").ok()?;
    let (mut commits, mut is_whole) = (Vec::new(), false);
    for entry in log.iter() {
        let when = entry.committer().when().seconds();
        if when <= at {
            commits.push(entry.id_new());
        }
        if when < at {
            is_whole = true;
            break;
        }
    }
    let oldest = log.len().checked_sub(1).and_then(|last| log.get(last));
    if let Some(oldest) = oldest.filter(|_| !is_whole && !commits.is_empty()) {
        commits.push(oldest.id_old());
    }
    commits.retain(|id| !id.is_zero());
    commits.dedup();
    let newest = log.get(0).map(|entry| entry.committer().when().seconds());
    let written = git.path().join("logs/HEAD").metadata().ok()?.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    let is_older = i64::try_from(written.as_secs()).is_ok_and(|written| written < at);
    let has_stood = is_older && newest.is_some_and(|newest| newest < at);
    Some(Heads { commits: commits.iter().map(Oid::to_string).collect(), has_stood })
}

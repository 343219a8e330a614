//! What a console keeps for later: the batch that it was left with, and files as they were scanned.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::fix::{self, Choice};
use crate::ingest::Reader;
use crate::model::backlog::FindingIdx;
use crate::model::board::Board;
use crate::model::id::{FindingId, FixId};
use crate::model::kept::{KeptBatch, KeptEdit};
use crate::model::plan::HunkId;
use crate::model::problem::Problem;
use crate::repo::tree::plain;

use super::{Desk, Pick, proposals};

const VERSION: u32 = 1;
/// Most results whose files are asked about, and most findings whose fixes are looked at.
const MAX_RESULTS: usize = 10_000;
const MAX_FINDINGS: usize = 1_000;

/// As it is on disk, with ids as numbers.
#[derive(Serialize, Deserialize)]
struct Stored {
    version: u32,
    findings: Vec<u64>,
    dropped: Vec<u64>,
    left_out: Vec<(u64, u64)>,
    edits: Vec<StoredEdit>,
}

#[derive(Serialize, Deserialize)]
struct StoredEdit {
    fix: u64,
    hunk: u64,
    text: Option<String>,
    draft: Option<String>,
}

impl Desk {
    /// Keeps a batch for the next console; an empty one is forgotten.
    pub fn keep_batch(&self, batch: &KeptBatch) -> Result<(), Problem> {
        let bytes = (!batch.findings.is_empty()).then(|| serde_json::to_vec(&Stored::of(batch)).unwrap_or_default());
        self.repo.keep_pending(bytes.as_deref()).map_err(|error| {
            let reason = format!("the batch cannot be kept for the next start: {}", plain(&error));
            Problem::of_file(self.repo.state_dir().display().to_string(), reason, "write it before you quit")
        })
    }

    /// The batch that the last console was left with; `None` where there was none, or another version wrote it.
    pub fn kept_batch(&self) -> Option<KeptBatch> {
        let stored: Stored = serde_json::from_slice(&self.repo.pending()?).ok()?;
        (stored.version == VERSION).then(|| stored.batch())
    }

    /// Keeps the files of fixes that git does not have as they are, while they are what was scanned: a fix finds its place in
    /// them when they change. Those that git has are known anyway.
    pub fn keep_scanned(&self, board: &Board, reader: &Reader) {
        let backlog = &board.backlog;
        let is_fixable = |result: u32| backlog.record(result).fixes > 0;
        let of = |finding: FindingIdx| backlog.members(finding).iter().copied().filter(|result| is_fixable(*result));
        let all = || board.backlog.order().fixable.iter();
        let paths = all().flat_map(of).map(|result| backlog.path(backlog.record(result)));
        let paths: BTreeSet<&str> = paths.take(MAX_RESULTS).collect();
        let paths: Vec<String> = paths.into_iter().map(str::to_owned).collect();
        let unknown = if self.repo.has_git() { self.repo.dirty(&paths) } else { paths };
        let is_unknown = |result: u32| {
            let path = backlog.path(backlog.record(result));
            unknown.binary_search_by(|known| known.as_str().cmp(path)).is_ok()
        };
        let findings: Vec<FindingIdx> =
            all().filter(|finding| of(*finding).any(is_unknown)).take(MAX_FINDINGS).collect();
        if !findings.is_empty() {
            let (proposals, _) = proposals(board, reader, &findings, Pick::First, &|_| true);
            // What it says is not asked for: it keeps what it finds to be as it was scanned.
            drop(fix::plan(&self.repo, &proposals, &Choice { is_brief: true, ..Choice::default() }));
        }
    }
}

impl Stored {
    fn of(batch: &KeptBatch) -> Self {
        let edit = |edit: &KeptEdit| {
            let KeptEdit { fix, hunk, text, draft } = edit.clone();
            StoredEdit { fix: fix.0, hunk: hunk.0, text, draft }
        };
        Self {
            version: VERSION,
            findings: batch.findings.iter().map(|id| id.0).collect(),
            dropped: batch.dropped.iter().map(|id| id.0).collect(),
            left_out: batch.left_out.iter().map(|(fix, hunk)| (fix.0, hunk.0)).collect(),
            edits: batch.edits.iter().map(edit).collect(),
        }
    }

    fn batch(self) -> KeptBatch {
        let edit =
            |StoredEdit { fix, hunk, text, draft }| KeptEdit { fix: FixId(fix), hunk: HunkId(hunk), text, draft };
        KeptBatch {
            findings: self.findings.into_iter().map(FindingId).collect(),
            dropped: self.dropped.into_iter().map(FixId).collect(),
            left_out: self.left_out.into_iter().map(|(fix, hunk)| (FixId(fix), HunkId(hunk))).collect(),
            edits: self.edits.into_iter().map(edit).collect(),
        }
    }
}

//! What a batch of fixes would write: decided before anything is written, and written as decided.

use std::ops::Range;
use std::sync::Arc;

use super::fix::FileOp;
use super::grade::vocabulary;
use super::id::{FindingId, FixId};
use super::unseen::Unseen;

vocabulary! {
    /// The three states of a fix.
    FixState { WillWrite = "will-write", NeedsYou = "needs-you", Cannot = "cannot" }
}

vocabulary! {
    /// Why a fix has its state.
    FixReason {
        /// The file is what the scanner saw.
        Exact = "exact",
        /// Merged with the scanned base.
        ThreeWay = "three-way",
        /// The flagged text with its surroundings stands exactly once in the file.
        Unique = "unique",
        /// It fits in several places.
        Ambiguous = "ambiguous",
        /// It fits only with other white space.
        Adjusted = "adjusted",
        /// The file has changed where the fix belongs.
        Stale = "stale",
        /// It overlaps another fix of the batch.
        Conflict = "conflict",
        /// The source gives advice, not a patch.
        Advice = "advice",
        /// Something about it looks wrong.
        Flagged = "flagged",
        /// Its source calls it unsafe.
        Unsafe = "unsafe",
        /// A command that was to prove the batch fails with it.
        Guilty = "guilty",
    }
}

/// What would be written, byte for byte, and what would not.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub fixes: Vec<PlannedFix>,
    pub files: Vec<PlannedFile>,
}

/// One proposal of the batch.
#[derive(Clone, Debug)]
pub struct PlannedFix {
    pub id: FixId,
    pub finding: Option<FindingId>,
    /// Other findings whose lines it changes.
    pub also: Vec<FindingId>,
    pub tool: String,
    pub title: String,
    pub state: FixState,
    pub reason: FixReason,
    /// The reason in words, with file and line: `src/a.py: line 40 has changed since the scan; scan again`.
    pub why: String,
    /// Paths it writes, makes or removes.
    pub files: Vec<String>,
    /// Lines, from 1, among which a person has to choose.
    pub places: Vec<u32>,
    /// Other fixes of the batch that change the same lines in another way.
    pub conflicts: Vec<FixId>,
    /// This fix alone against the tree as it is, with the hunks that a person dropped; empty where it cannot be placed.
    pub diffs: Vec<FileDiff>,
}

/// One file of the batch.
#[derive(Clone, Debug, Default)]
pub struct PlannedFile {
    /// As it is called now.
    pub path: String,
    pub op: FileOp,
    /// The fixes that make, remove or rename it.
    pub movers: Vec<FixId>,
    /// Empty where it is not there before, or after.
    pub before: Arc<[u8]>,
    pub after: Arc<[u8]>,
    /// Whether git says that the file has changes that are not committed.
    pub is_dirty: bool,
    /// All fixes of the batch in this file.
    pub fixes: Vec<FixId>,
    /// What makes `after` of `before`: sorted, apart from each other.
    pub edits: Vec<PlannedEdit>,
    pub diff: FileDiff,
}

/// Bytes of a file that are replaced, and who wants that: several fixes may make the same edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedEdit {
    /// Bytes of `before`.
    pub range: Range<usize>,
    pub insert: Vec<u8>,
    pub fixes: Vec<FixId>,
}

/// Difference of one file as it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileDiff {
    /// As it is called now.
    pub path: String,
    pub op: FileOp,
    pub added: u32,
    pub removed: u32,
    /// What is written brings in of what nobody sees.
    pub unseen: Unseen,
    pub hunks: Vec<Hunk>,
}

/// Lines that change together, with their surroundings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hunk {
    /// 1-based first line before and after.
    pub old_start: u32,
    pub new_start: u32,
    pub old_lines: u32,
    pub new_lines: u32,
    pub lines: Vec<DiffLine>,
    pub unseen: Unseen,
    /// Which hunk of its fix it is.
    pub id: HunkId,
    pub state: HunkState,
}

/// Identity of a hunk inside its fix: a hash of its path, of the lines that it changes, and of its number among equals.
/// It stays the same where the file changes around it, and where a person changes what it writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HunkId(pub u64);

vocabulary! {
    /// What a person made of a hunk.
    #[derive(Default)]
    HunkState {
        /// It is written with its fix.
        #[default]
        Whole = "whole",
        /// It is left out, and the rest of the fix is not.
        Dropped = "dropped",
        /// It is written as the person changed it.
        Edited = "edited",
        /// What the person made of it cannot be used, so the fix is not written.
        Broken = "broken",
    }
}

/// What a person wants of a hunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HunkChoice {
    pub fix: FixId,
    pub hunk: HunkId,
    pub wish: HunkWish,
}

/// To leave a hunk out, or to write other lines in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HunkWish {
    Drop,
    /// Lines with the signs of a diff, as the person left them.
    Text(String),
}

/// How many hunks a fix has, and what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hunks {
    pub all: usize,
    pub dropped: usize,
    pub edited: usize,
}

impl Hunks {
    /// `1 of 2 hunks, 1 edited`; empty where the fix is what its source proposed.
    pub fn words(&self) -> String {
        let edited = if self.edited > 0 { format!("{} edited", self.edited) } else { String::new() };
        if self.dropped == 0 {
            return edited;
        }
        let part = format!("{} of {} hunks", self.all - self.dropped, self.all);
        if edited.is_empty() { part } else { format!("{part}, {edited}") }
    }

    pub fn is_changed(&self) -> bool {
        self.dropped + self.edited > 0
    }
}

/// One line of a hunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffLine {
    pub kind: LineKind,
    /// 1-based line number before; 0 for added lines.
    pub old: u32,
    /// 1-based line number after; 0 for removed lines.
    pub new: u32,
    /// Text without its line end, as it is in the file, in parts; `true` marks what changed inside the line. Where only
    /// the line end changes, its `\r` is a part.
    pub parts: Vec<(bool, String)>,
    /// Whether the line ends the file without a line end.
    pub no_newline: bool,
}

vocabulary! {
    /// What a line of a diff is.
    LineKind { Context = "context", Removed = "removed", Added = "added" }
}

impl PlannedFix {
    /// All findings that it is for.
    pub fn findings(&self) -> impl Iterator<Item = FindingId> {
        self.finding.into_iter().chain(self.also.iter().copied())
    }

    /// What a person made of its hunks.
    pub fn hunks(&self) -> Hunks {
        let mut count = Hunks::default();
        for hunk in self.diffs.iter().flat_map(|diff| &diff.hunks) {
            count.all += 1;
            count.dropped += usize::from(hunk.state == HunkState::Dropped);
            count.edited += usize::from(hunk.state == HunkState::Edited);
        }
        count
    }
}

impl Hunk {
    /// `@@ -1,2 +1,3 @@`, as it stands above its lines.
    pub fn heading(&self) -> String {
        format!("@@ -{},{} +{},{} @@", self.old_start, self.old_lines, self.new_start, self.new_lines)
    }
}

impl LineKind {
    /// What stands before the line in a diff.
    pub fn sign(self) -> char {
        match self {
            Self::Context => ' ',
            Self::Removed => '-',
            Self::Added => '+',
        }
    }
}

impl DiffLine {
    /// Its text without marks.
    pub fn text(&self) -> String {
        self.parts.iter().map(|(_, part)| part.as_str()).collect()
    }
}

impl Plan {
    /// Fixes in one of the three states.
    pub fn in_state(&self, state: FixState) -> impl Iterator<Item = &PlannedFix> {
        self.fixes.iter().filter(move |fix| fix.state == state)
    }

    /// Lines added and removed over all files.
    pub fn totals(&self) -> (u32, u32) {
        self.files.iter().fold((0, 0), |(added, removed), file| (added + file.diff.added, removed + file.diff.removed))
    }
}

/// A batch that was written, undone or redone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Name of the log entry.
    pub entry: String,
    /// What happened, in words for the status line.
    pub summary: String,
    pub files: Vec<String>,
    pub fixes: Vec<FixId>,
}

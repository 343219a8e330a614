//! What a batch would write.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;

use crate::model::fix::{Applicability, FileEdit, FileOp, Proposal};
use crate::model::id::FixId;
use crate::model::plan::{
    FileDiff, FixReason, FixState, HunkChoice, HunkId, HunkState, Hunks, Plan, PlannedEdit, PlannedFile, PlannedFix,
    Written,
};
use crate::model::problem::Problem;
use crate::model::text;
use crate::repo::Repo;
use crate::repo::base::Base;
use crate::repo::log::{ByHand, Note};
use crate::repo::write::{Batched, FileWrite, WriteError, disowned_note};

use super::adapter::{advice, refused, relies_on, removes_unused};
use super::check;
use super::diff::{edited_counts, edited_diff};
use super::edit::{ByteEdit, splice};
use super::hand::{self, Wishes};
use super::language;
use super::lines::Text;
use super::place::{Case, Placed, Refusal, place};
use super::sensitive;
use super::syntax;
use super::tree::Tree;
use super::unseen::Siblings;

/// Columns of a title inside a message.
const TITLE: usize = 60;

/// Fixes that a message names.
const NAMED: usize = 5;

/// How far a batch goes.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// Fixes to leave out: the plan does not name them.
    pub dropped: Vec<FixId>,
    /// Also write fixes that need a person: flagged or called unsafe by their source. A console passes
    /// those that the person has looked at and kept one by one. An alternative that stands here is taken
    /// instead of the first one of its result.
    pub include: Vec<FixId>,
    /// The line, from 1, that a person chose for a fix among its `places`.
    pub at: Vec<(FixId, u32)>,
    /// What a person made of single hunks. A fix is atomic but for this.
    pub hunks: Vec<HunkChoice>,
    /// Leaves out hunks, which take most of the time and only a person looks at: diffs say what becomes of a file, and those
    /// of the batch how many lines come and go.
    pub is_brief: bool,
}

/// Places every proposal on the tree as it is now and joins those that can be written. Proposals earlier in the
/// list win over later ones that overlap them. Nothing of the tree is written; what git does not have of the files that were
/// scanned is kept among Quell's own ([`crate::repo::base`]).
pub fn plan(repo: &Repo, proposals: &[Proposal], choice: &Choice) -> Plan {
    let dropped: HashSet<FixId> = choice.dropped.iter().copied().collect();
    let included: HashSet<FixId> = choice.include.iter().copied().collect();
    let picks: HashMap<FixId, u32> = choice.at.iter().copied().collect();
    let mut wishes: HashMap<FixId, Wishes<'_>> = HashMap::new();
    for HunkChoice { fix, hunk, wish } in &choice.hunks {
        wishes.entry(*fix).or_default().insert(*hunk, wish);
    }
    let kept: Vec<&Proposal> = proposals.iter().filter(|proposal| !dropped.contains(&proposal.id)).collect();
    let decided: HashSet<ResultKey<'_>> =
        kept.iter().filter(|proposal| included.contains(&proposal.id)).map(|proposal| result_key(proposal)).collect();

    let tree = Tree::read(repo, &kept);
    let siblings = Siblings::new(&kept);
    let asked = kept.into_par_iter().map(|proposal| {
        let is_included = included.contains(&proposal.id);
        let assent = match (is_included, proposal.alternative) {
            (true, _) => Assent::Person,
            (false, 0) if !decided.contains(&result_key(proposal)) => Assent::Bulk,
            (false, _) => Assent::Other,
        };
        let pick = picks.get(&proposal.id).and_then(|line| line.checked_sub(1)).map(|line| line as usize);
        Asked { proposal, assent, pick, wishes: wishes.get(&proposal.id), is_brief: choice.is_brief }
    });
    // What each does to its files alone does not depend on the others.
    let drafts: Vec<Draft<'_>> =
        asked.map(|asked| Draft::new(&tree, &siblings, &asked).looked(asked.is_brief)).collect();
    repo.keep_bases(&scanned(&tree, &drafts));
    let mut batch = Batch::default();
    let mut fixes: Vec<(usize, PlannedFix)> = in_turn(drafts).map(|(at, draft)| (at, batch.add(draft))).collect();
    fixes.sort_unstable_by_key(|(at, _)| *at);
    let mut fixes: Vec<PlannedFix> = fixes.into_iter().map(|(_, fix)| fix).collect();
    batch.keep_whole(&mut fixes);
    batch.name_conflicts(&mut fixes);
    let dirty = tree.dirty();
    let diff = if choice.is_brief { edited_counts } else { edited_diff };
    Plan { files: batch.files(|path| dirty.contains(path), diff), fixes }
}

/// Drafts with their places: first those that others depend on.
fn in_turn(drafts: Vec<Draft<'_>>) -> impl Iterator<Item = (usize, Draft<'_>)> {
    let (first, others): (Vec<_>, Vec<_>) =
        drafts.into_iter().enumerate().partition(|(_, draft)| relies_on(draft.proposal).is_some());
    first.into_iter().chain(others)
}

/// The files that are just what was scanned, by the time that the report states or by the code that it shows, and that git
/// does not have so.
fn scanned(tree: &Tree<'_>, drafts: &[Draft<'_>]) -> Vec<Base> {
    let mut known = HashSet::new();
    let mut scanned = Vec::new();
    for draft in drafts {
        let Proposal { source, edits, .. } = draft.proposal;
        let is_shown = source.made_by.is_of_scan() || edits.iter().all(|edit| !edit.seen.is_empty());
        let (Some(files), Some(made), true) = (&draft.files, source.made, is_shown) else { continue };
        let is_certain = |placed: &Placed| {
            placed.reason == FixReason::Exact && placed.op == FileOp::Change && placed.doubts.is_empty()
        };
        let is_unknown = |path: &str| tree.file(path).is_some_and(|file| file.is_dirty || file.last_commit.is_none());
        for (path, placed) in files.iter().filter(|(path, placed)| is_certain(placed) && is_unknown(path)) {
            if known.insert((path, made)) {
                scanned.push(Base { path: path.clone(), made, bytes: Arc::clone(&placed.text.bytes) });
            }
        }
    }
    scanned
}

/// Writes exactly the files of a plan, all or none, as one entry of the undo log, with what `note` says beside the
/// fixes.
pub fn apply(repo: &Repo, plan: &Plan, note: Note) -> Result<Written, WriteError> {
    if plan.files.is_empty() {
        return Err(WriteError::Refused(Problem::of_file("", "there is nothing to write", "")));
    }
    let fixes: Vec<FixId> = plan.in_state(FixState::WillWrite).map(|fix| fix.id).collect();
    let by_hand: Vec<ByHand> = plan.in_state(FixState::WillWrite).filter_map(by_hand).collect();
    let changed = if by_hand.is_empty() { String::new() } else { format!(", {} changed by hand", by_hand.len()) };
    let counted = format!(
        "{} in {}{changed}",
        text::counted(fixes.len(), "fix", "fixes"),
        text::counted(plan.files.len(), "file", "files")
    );
    let writes: Vec<FileWrite> = plan.files.iter().flat_map(all_writes).collect();
    let note = Note { fixes: fixes.iter().map(FixId::to_string).collect(), by_hand, ..note };
    let Batched { entry, disowned } = repo.write_batch(&counted, &writes, &note)?;
    let (added, removed) = plan.totals();
    Ok(Written {
        entry,
        summary: format!("wrote {counted} (+{added} -{removed}){}", disowned_note(&disowned)),
        files: writes.into_iter().map(|write| write.path).collect(),
        fixes,
    })
}

/// What the log says of a fix whose hunks are not all written as its source has them.
fn by_hand(fix: &PlannedFix) -> Option<ByHand> {
    let hunks = fix.hunks();
    let Hunks { all, dropped, edited } = hunks;
    hunks.is_changed().then(|| ByHand { fix: fix.id.to_string(), hunks: all, dropped, edited })
}

/// What becomes of a file, and its bytes, as some of the fixes of its batch leave it; `None` where it is not made.
pub fn with_fixes(file: &PlannedFile, is_wanted: impl Fn(FixId) -> bool) -> Option<(FileOp, Vec<u8>)> {
    let is_moved = file.movers.iter().any(|fix| is_wanted(*fix));
    let op = match (&file.op, is_moved) {
        (FileOp::Create, false) => return None,
        (_, false) => FileOp::Change,
        (op, true) => op.clone(),
    };
    Some((op, with_edits(&file.before, &file.edits, is_wanted)))
}

/// What is written at each path that a file of a plan has, where some of the fixes are made.
pub fn writes(file: &PlannedFile, is_wanted: impl Fn(FixId) -> bool) -> Vec<FileWrite> {
    writes_of(file, with_fixes(file, is_wanted).map(|(op, bytes)| (op, bytes.into())))
}

fn all_writes(file: &PlannedFile) -> Vec<FileWrite> {
    writes_of(file, Some((file.op.clone(), Arc::clone(&file.after))))
}

fn writes_of(file: &PlannedFile, made: Option<(FileOp, Arc<[u8]>)>) -> Vec<FileWrite> {
    let before = (file.op != FileOp::Create).then(|| Arc::clone(&file.before));
    let (op, bytes) = made.unzip();
    let is_renamed = matches!(op, Some(FileOp::Rename(_)));
    let after = if is_renamed || op == Some(FileOp::Delete) { None } else { bytes.clone() };
    let mut writes = vec![FileWrite::new(&file.path, before, after)];
    if let Some(to) = file.op.new_path() {
        let after = bytes.filter(|_| is_renamed);
        let mut write = FileWrite::new(to, None, after);
        write.from = is_renamed.then(|| file.path.clone());
        writes.push(write);
    }
    writes
}

/// A file with those of its edits that a fix makes which is wanted.
pub(super) fn with_edits(before: &[u8], edits: &[PlannedEdit], is_wanted: impl Fn(FixId) -> bool) -> Vec<u8> {
    let wanted = edits.iter().filter(|edit| edit.fixes.iter().any(|fix| is_wanted(*fix)));
    let edits: Vec<ByteEdit> = wanted.map(|edit| ByteEdit::new(edit.range.clone(), edit.insert.clone())).collect();
    splice(before, &edits)
}

/// Who wants a proposal in the batch.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Assent {
    /// It is part of the selection: written if nothing speaks against it.
    Bulk,
    /// A person has looked at it.
    Person,
    /// An alternative that nobody chose, or the first one where another was chosen.
    Other,
}

/// One proposal of the batch, with what a person said of it.
struct Asked<'a> {
    proposal: &'a Proposal,
    assent: Assent,
    /// The line that was chosen, 0-based.
    pick: Option<usize>,
    /// What is wanted of its hunks.
    wishes: Option<&'a Wishes<'a>>,
    is_brief: bool,
}

/// One proposal with the places of its edits; without files where it has none, and then the fix says why.
struct Draft<'a> {
    proposal: &'a Proposal,
    assent: Assent,
    wishes: Option<&'a Wishes<'a>>,
    fix: PlannedFix,
    files: Option<Files>,
    /// What a person has to look at, in words; empty where nothing speaks against the fix.
    doubts: String,
}

impl<'a> Draft<'a> {
    fn new(tree: &Tree<'_>, siblings: &Siblings<'_>, asked: &Asked<'a>) -> Self {
        let Asked { proposal, assent, wishes, .. } = *asked;
        let mut fix = outline(proposal);
        let mut files = None;
        if let Some(why) = refused(proposal) {
            (fix.reason, fix.why) = (FixReason::Flagged, why);
        } else if let Some(why) = advice(proposal) {
            (fix.reason, fix.why) = (FixReason::Advice, why);
        } else {
            match place_all(tree, siblings, asked) {
                Ok(placed) => {
                    fix.places = placed.values().flat_map(|placed| &placed.places).copied().collect();
                    files = Some(placed);
                }
                Err(Refusal { reason, why, places }) => {
                    fix.state = if places.is_empty() { FixState::Cannot } else { FixState::NeedsYou };
                    (fix.reason, fix.why, fix.places) = (reason, why, places);
                }
            }
        }
        Self { proposal, assent, wishes, fix, files, doubts: String::new() }
    }

    /// With what the fix alone does to its files.
    fn looked(mut self, is_brief: bool) -> Self {
        let Some(files) = &mut self.files else { return self };
        let (proposal, fix) = (self.proposal, &mut self.fix);
        // What its source proposes needs a person also where only a part of it is left.
        let whole = if self.wishes.is_some() { all_doubts(proposal, files) } else { String::new() };
        let problem = match self.wishes {
            None => {
                let diff = |(path, placed): (&String, &Placed)| {
                    if is_brief {
                        FileDiff { path: path.clone(), op: placed.op.clone(), ..FileDiff::default() }
                    } else {
                        edited_diff(path, &placed.op, &placed.text.bytes, &placed.edits)
                    }
                };
                fix.diffs = files.iter().map(diff).collect();
                None
            }
            Some(wishes) => shaped(fix, files, wishes),
        };
        fix.files = paths_of(files);
        if let Some(why) = problem {
            (fix.state, fix.reason, fix.why) = (FixState::NeedsYou, FixReason::Flagged, why);
            self.files = None;
            return self;
        }
        self.doubts = all_doubts(proposal, files);
        if self.doubts.is_empty() && !whole.is_empty() {
            self.doubts = format!("y keeps what is left of it; as a whole it was left to you: {whole}");
        }
        self
    }
}

/// Fixes of one result are alternatives: report, finding and the pointer of the result.
type ResultKey<'a> = (&'a str, &'a str);

fn result_key(proposal: &Proposal) -> ResultKey<'_> {
    let pointer = proposal.source.pointer.as_str();
    (&proposal.source.file, pointer.split_once("/fixes/").map_or(pointer, |(result, _)| result))
}

/// What has been accepted so far, by path.
#[derive(Default)]
struct Batch {
    files: BTreeMap<String, Joined>,
    /// Paths that files get, in lower case: where letter case does not count two of them would be one.
    claims: BTreeMap<String, Claim>,
    /// Fixes that are left out, each with one that is written and that it meets.
    conflicts: Vec<(FixId, FixId)>,
    /// Lines of files that have to stay as the report has them, for which fix.
    needed: HashMap<(String, u32), FixId>,
}

/// Accepted edits of one file by their range, which do not meet unless one fix made both.
struct Joined {
    text: Arc<Text>,
    edits: BTreeMap<(usize, usize), Accepted>,
    fixes: Vec<FixId>,
    op: FileOp,
    /// Those who want the operation, with the title of the first.
    movers: Vec<FixId>,
    mover: String,
}

/// A path that a file of the batch gets.
struct Claim {
    /// The path that the file has now.
    seat: String,
    path: String,
    owner: FixId,
    title: String,
}

struct Accepted {
    insert: Vec<u8>,
    owner: FixId,
    title: String,
    /// Other fixes that make the same edit.
    same: Vec<FixId>,
}

impl Batch {
    fn add(&mut self, draft: Draft<'_>) -> PlannedFix {
        let Some(files) = &draft.files else { return draft.fix };
        let (state, reason, why) = self.decide(&draft, files);
        let Draft { proposal, mut fix, files, .. } = draft;
        (fix.state, fix.reason, fix.why) = (state, reason, why);
        let changed = fix.hunks().words();
        if !changed.is_empty() {
            fix.why.push_str(&format!("; {changed}, as you chose"));
        }
        if let Some(files) = files.filter(|_| state == FixState::WillWrite) {
            self.accept(proposal, files);
        }
        fix
    }

    /// Both fixes of a conflict name the other.
    fn name_conflicts(&self, fixes: &mut [PlannedFix]) {
        for fix in fixes {
            let others = self.conflicts.iter().filter_map(|(out, in_it)| match fix.id {
                id if id == *out => Some(*in_it),
                id if id == *in_it => Some(*out),
                _ => None,
            });
            fix.conflicts = others.collect();
            if fix.state == FixState::WillWrite && !fix.conflicts.is_empty() {
                let named: Vec<String> = fix.conflicts.iter().take(NAMED).map(FixId::to_string).collect();
                let more = if fix.conflicts.len() > NAMED { ", …" } else { "" };
                fix.why = format!("{}; left out for it: {}{more}", fix.why, named.join(", "));
            }
        }
    }

    /// State, reason and the reason in words.
    fn decide(&mut self, draft: &Draft<'_>, files: &Files) -> (FixState, FixReason, String) {
        let Draft { proposal, assent, doubts, .. } = draft;
        let (proposal, assent) = (*proposal, *assent);
        if assent == Assent::Other {
            let why = "another way to fix the same result; choose it by its id".to_owned();
            return (FixState::NeedsYou, FixReason::Flagged, why);
        }
        let reason = weakest(files);
        if assent != Assent::Person && !doubts.is_empty() {
            let reason = if reason == FixReason::Adjusted { reason } else { FixReason::Flagged };
            return (FixState::NeedsYou, reason, doubts.clone());
        }
        if assent != Assent::Person && proposal.applicability == Applicability::Unsafe {
            let why =
                format!("{}{} calls it unsafe; look at it before it is written", seat(files), proposal.source.tool);
            return (FixState::NeedsYou, FixReason::Unsafe, why);
        }
        if assent != Assent::Person && reason == FixReason::Adjusted {
            let why = format!("{}; look at the indentation before it is written", places(files));
            return (FixState::NeedsYou, FixReason::Adjusted, why);
        }
        if let Some((owner, why)) = self.conflict(files).or_else(|| self.is_needed(proposal)) {
            self.conflicts.push((proposal.id, owner));
            return (FixState::Cannot, FixReason::Conflict, why);
        }
        (FixState::WillWrite, reason, places(files))
    }

    /// A fix of the batch that relies on what this one removes, and what it does in words.
    fn is_needed(&self, proposal: &Proposal) -> Option<(FixId, String)> {
        let line = removes_unused(proposal)?;
        let path = &proposal.edits.first()?.path;
        let owner = *self.needed.get(&(path.clone(), line))?;
        Some((
            owner,
            format!("{path}: line {line} is what is left when {owner} removes the other one; scan again after it"),
        ))
    }

    /// Takes fixes out that leave a file in pieces together, each of which does not so alone: two that empty a block, say.
    fn keep_whole(&mut self, fixes: &mut [PlannedFix]) {
        let is_shared = |joined: &Joined| joined.fixes.len() > 1 && joined.op != FileOp::Delete;
        loop {
            let shared: Vec<(&String, &Joined)> = self.files.iter().filter(|(_, joined)| is_shared(joined)).collect();
            let broken = shared.into_par_iter().find_map_first(|(path, joined)| {
                let (fix, why) = joined.broken(path)?;
                Some((fix, format!("{path}: with the other fixes of the file {why}; scan again after them")))
            });
            let Some((id, why)) = broken else { return };
            for fix in fixes.iter_mut().filter(|fix| fix.id == id) {
                (fix.state, fix.reason, fix.why) = (FixState::Cannot, FixReason::Conflict, why.clone());
            }
            self.files.retain(|_, joined| joined.withdraw(id));
        }
    }

    /// What of the batch does not go together with these: its fix, and what it does in words.
    fn conflict(&self, files: &Files) -> Option<(FixId, String)> {
        files.iter().find_map(|(path, placed)| {
            let of_file = self.files.get(path).and_then(|joined| joined.conflict(path, placed));
            of_file.or_else(|| self.claimed(path, placed))
        })
    }

    /// A file of the batch that gets the path that this one gets, or one that does not go together with it.
    fn claimed(&self, seat: &str, placed: &Placed) -> Option<(FixId, String)> {
        let path = gets(seat, placed)?;
        let key = path.to_lowercase();
        let is_other = |claim: &&Claim| claim.seat != seat || claim.path != path;
        let above = key.match_indices('/').find_map(|(at, _)| self.claims.get(key.get(..at)?));
        let below =
            || self.claims.range(format!("{key}/")..).next().filter(|(other, _)| other.starts_with(&format!("{key}/")));
        let same = || self.claims.get(&key).filter(is_other);
        let claim = above.or_else(|| below().map(|(_, claim)| claim)).or_else(same)?;
        let (title, owner) = (text::cut(&claim.title, TITLE), claim.owner);
        let other = if claim.path == path { String::new() } else { format!(" as {}", claim.path) };
        Some((owner, format!("{path}: {owner} ({title}) makes it{other}; drop one of the two")))
    }

    /// Notes the path that a file gets.
    fn claim(&mut self, seat: &str, placed: &Placed, owner: FixId, title: &str) {
        let Some(path) = gets(seat, placed) else { return };
        let claim = Claim { seat: seat.to_owned(), path: path.to_owned(), owner, title: title.to_owned() };
        self.claims.entry(path.to_lowercase()).or_insert(claim);
    }

    fn accept(&mut self, proposal: &Proposal, files: Files) {
        let title = proposal.title.lines().next().unwrap_or_default().to_owned();
        for (path, placed) in files {
            self.claim(&path, &placed, proposal.id, &title);
            if let Some(line) = relies_on(proposal) {
                self.needed.insert((path.clone(), line), proposal.id);
            }
            let joined = self.files.entry(path).or_insert_with(|| Joined {
                text: Arc::clone(&placed.text),
                edits: BTreeMap::new(),
                fixes: Vec::new(),
                op: FileOp::Change,
                movers: Vec::new(),
                mover: String::new(),
            });
            for edit in placed.edits {
                match joined.edits.entry((edit.start, edit.end)) {
                    Entry::Vacant(free) => {
                        let (title, same) = (title.clone(), Vec::new());
                        free.insert(Accepted { insert: edit.insert, owner: proposal.id, title, same });
                    }
                    Entry::Occupied(mut known) => known.get_mut().same.push(proposal.id),
                }
            }
            joined.fixes.push(proposal.id);
            if placed.op != FileOp::Change {
                if joined.movers.is_empty() {
                    joined.mover.clone_from(&title);
                }
                joined.op = placed.op;
                joined.movers.push(proposal.id);
            }
        }
    }

    fn files(
        self,
        is_dirty: impl Fn(&str) -> bool + Sync,
        diff: fn(&str, &FileOp, &[u8], &[ByteEdit]) -> FileDiff,
    ) -> Vec<PlannedFile> {
        self.files
            .into_par_iter()
            .map(|(path, joined)| {
                let edit = |((start, end), accepted): ((usize, usize), Accepted)| PlannedEdit {
                    range: start..end,
                    insert: accepted.insert,
                    fixes: std::iter::once(accepted.owner).chain(accepted.same).collect(),
                };
                let edits: Vec<PlannedEdit> = joined.edits.into_iter().map(edit).collect();
                let before = Arc::clone(&joined.text.bytes);
                let Joined { op, movers, fixes, .. } = joined;
                let as_bytes = |edit: &PlannedEdit| ByteEdit::new(edit.range.clone(), edit.insert.as_slice());
                let all: Vec<ByteEdit> = edits.iter().map(as_bytes).collect();
                let (after, diff) = (splice(&before, &all).into(), diff(&path, &op, &before, &all));
                PlannedFile { is_dirty: is_dirty(&path), path, op, movers, before, after, fixes, edits, diff }
            })
            .collect()
    }
}

/// The paths that a fix is about, then the new names of those that it renames.
fn paths_of(files: &Files) -> Vec<String> {
    let new_paths = files.values().filter_map(|placed| placed.op.new_path());
    files.keys().map(String::as_str).chain(new_paths).map(str::to_owned).collect()
}

/// The path that a file gets: that of a new one, or the new one of another.
fn gets<'p>(path: &'p str, placed: &'p Placed) -> Option<&'p str> {
    if placed.op == FileOp::Create { Some(path) } else { placed.op.new_path() }
}

impl Joined {
    /// The first fix with which the file is in pieces, in words, where none of them leaves it so alone.
    fn broken(&self, path: &str) -> Option<(FixId, String)> {
        let before = &self.text.bytes;
        let grammar = language::of(path).grammar;
        let edits = |wanted: &[FixId]| {
            let is_wanted = |accepted: &Accepted| {
                wanted.contains(&accepted.owner) || accepted.same.iter().any(|same| wanted.contains(same))
            };
            let edits = self.edits.iter().filter(|(_, accepted)| is_wanted(accepted));
            edits
                .map(|((start, end), accepted)| ByteEdit::new(*start..*end, accepted.insert.clone()))
                .collect::<Vec<_>>()
        };
        let all = edits(&self.fixes);
        if all.iter().all(|edit| syntax::is_plain(grammar, edit.replaced(before), &edit.insert)) {
            return None;
        }
        let breaks = |wanted: &[FixId]| syntax::broken(grammar, before, &splice(before, &edits(wanted)));
        let why = breaks(&self.fixes)?;
        let upto = |count: usize| self.fixes.get(..count).unwrap_or_default();
        // Some number of them is whole and one more is not: all of them are not.
        let (mut whole, mut torn) = (0, self.fixes.len());
        while torn - whole > 1 {
            let middle = usize::midpoint(whole, torn);
            if breaks(upto(middle)).is_some() { torn = middle } else { whole = middle }
        }
        let last = *self.fixes.get(torn - 1)?;
        breaks(&[last]).is_none().then_some((last, why))
    }

    /// Takes a fix out. Whether anything is left.
    fn withdraw(&mut self, id: FixId) -> bool {
        self.fixes.retain(|fix| *fix != id);
        self.movers.retain(|fix| *fix != id);
        if self.movers.is_empty() {
            self.op = FileOp::Change;
        }
        self.edits.retain(|_, accepted| {
            accepted.same.retain(|fix| *fix != id);
            if accepted.owner == id && !accepted.same.is_empty() {
                accepted.owner = accepted.same.remove(0);
            }
            accepted.owner != id
        });
        !self.fixes.is_empty()
    }

    /// What of the file does not go together with another fix of it: the fix, and what it does in words. A file that is
    /// renamed can be changed as well.
    fn conflict(&self, path: &str, placed: &Placed) -> Option<(FixId, String)> {
        let is_same = self.op == placed.op && (self.op != FileOp::Create || self.has_all(&placed.edits));
        let goes_together = |one: &FileOp, other: &FileOp| {
            *one == FileOp::Change && matches!(other, FileOp::Change | FileOp::Rename(_))
        };
        let does = match &self.op {
            _ if is_same || goes_together(&self.op, &placed.op) || goes_together(&placed.op, &self.op) => None,
            FileOp::Create => Some("is made"),
            FileOp::Delete => Some("is removed"),
            FileOp::Rename(_) => Some("is renamed"),
            FileOp::Change => None,
        };
        if let (Some(does), Some(owner)) = (does, self.movers.first()) {
            let title = text::cut(&self.mover, TITLE);
            return Some((*owner, format!("{path}: it {does} by {owner} ({title}); drop one of the two")));
        }
        let first = || self.edits.iter().next().map(|((start, _), first)| (*start, first));
        let met = placed.edits.iter().find_map(|edit| self.meeting(edit));
        let (start, other) = met.or_else(|| if placed.op == FileOp::Delete && !is_same { first() } else { None })?;
        let line = self.text.line_at(start) + 1;
        let title = text::cut(&other.title, TITLE);
        Some((other.owner, format!("{path}: line {line} is changed by {} ({title}); drop one of the two", other.owner)))
    }

    /// Whether these are all of its edits.
    fn has_all(&self, edits: &[ByteEdit]) -> bool {
        let is_known =
            |edit: &ByteEdit| self.edits.get(&(edit.start, edit.end)).is_some_and(|known| known.insert == edit.insert);
        self.edits.len() == edits.len() && edits.iter().all(is_known)
    }

    /// The accepted edit that meets this one and is another edit. It is enough to look at the last one that starts
    /// before this one ends: those before it end earlier.
    fn meeting(&self, edit: &ByteEdit) -> Option<(usize, &Accepted)> {
        if self.edits.get(&(edit.start, edit.end)).is_some_and(|same| same.insert == edit.insert) {
            return None;
        }
        let ((start, end), accepted) = self.edits.range(..=(edit.end, usize::MAX)).next_back()?;
        let other = ByteEdit::new(*start..*end, Vec::new());
        other.meets(edit).then_some((*start, accepted))
    }
}

/// Placed edits by path.
type Files = BTreeMap<String, Placed>;

/// A proposal is atomic: all of its files or none.
fn place_all(tree: &Tree<'_>, siblings: &Siblings<'_>, asked: &Asked<'_>) -> Result<Files, Refusal> {
    let mut files = Files::new();
    let mut own = Batch::default();
    let Asked { proposal, mut pick, .. } = *asked;
    for edit in by_path(&proposal.edits) {
        let mut placed = place(tree, &Case { proposal, edit: &edit, siblings, pick })?;
        if [Some(placed.path.as_str()), placed.op.new_path()].into_iter().flatten().any(|path| tree.is_hook(path)) {
            placed.doubts.push(sensitive::RUNS.to_owned());
        }
        if placed.reason == FixReason::Ambiguous {
            // One choice is for one file.
            pick = None;
        }
        if let Some(twice) = files.insert(placed.path.clone(), placed) {
            let why = format!("{}: two files of the fix are this one now; change it by hand", twice.path);
            return Err(Refusal::new(FixReason::Flagged, why));
        }
    }
    for (path, placed) in &files {
        let Some(target) = gets(path, placed) else { continue };
        if own.claimed(path, placed).is_some() {
            let why = format!("{target}: two files of the fix would be this one; change it by hand");
            return Err(Refusal::new(FixReason::Flagged, why));
        }
        own.claim(path, placed, proposal.id, "");
    }
    Ok(files)
}

/// Makes of a fix what a person wants of its hunks. Why that cannot be, in words.
fn shaped(fix: &mut PlannedFix, files: &mut Files, wishes: &Wishes<'_>) -> Option<String> {
    let mut problem = None;
    for (path, placed) in files.iter_mut() {
        let shaped = hand::shape(path, &placed.text.bytes, &placed.edits, wishes);
        let is_changed = shaped.diff.hunks.iter().any(|hunk| hunk.state != HunkState::Whole);
        if matches!(placed.op, FileOp::Create | FileOp::Delete) && is_changed {
            problem = problem.or_else(|| Some(format!("{path}: a file comes or goes as a whole; y takes all hunks")));
        }
        placed.edits = shaped.edits;
        fix.diffs.push(FileDiff { op: placed.op.clone(), ..shaped.diff });
        problem = problem.or(shaped.problem);
    }
    files.retain(|_, placed| placed.op != FileOp::Change || !placed.edits.is_empty());
    let known: HashSet<HunkId> = fix.diffs.iter().flat_map(|diff| &diff.hunks).map(|hunk| hunk.id).collect();
    if wishes.keys().any(|id| !known.contains(id)) {
        return Some("a hunk that you chose is not there any more: the file has changed; y takes all hunks".to_owned());
    }
    let is_empty = files.is_empty();
    problem.or_else(|| is_empty.then(|| "all of its hunks are dropped".to_owned()))
}

/// The least certain way in which a file of a fix was placed.
fn weakest(files: &Files) -> FixReason {
    let order = [FixReason::Ambiguous, FixReason::Adjusted, FixReason::Unique, FixReason::ThreeWay];
    let has = |reason: &FixReason| files.values().any(|placed| placed.reason == *reason);
    order.into_iter().find(has).unwrap_or(FixReason::Exact)
}

/// One entry a path: a report may name a file twice.
fn by_path(edits: &[FileEdit]) -> Vec<FileEdit> {
    let mut merged: Vec<FileEdit> = Vec::with_capacity(edits.len());
    let mut seats: HashMap<&str, usize> = HashMap::new();
    for edit in edits.iter().filter(|edit| !edit.is_empty()) {
        let same = seats.get(edit.path.as_str()).and_then(|seat| merged.get_mut(*seat));
        if let Some(same) = same.filter(|same| same.op == FileOp::Change && edit.op == FileOp::Change) {
            same.edits.extend(edit.edits.iter().cloned());
            same.passages.extend(edit.passages.iter().cloned());
            same.seen.extend(edit.seen.iter().cloned());
        } else {
            seats.insert(&edit.path, merged.len());
            merged.push(edit.clone());
        }
    }
    merged
}

fn all_doubts(proposal: &Proposal, files: &Files) -> String {
    let mut doubts: Vec<String> = proposal.warnings.clone();
    for (path, placed) in files {
        let checked = check::doubts(path, &placed.op, &placed.text, &placed.edits);
        doubts.extend(placed.doubts.iter().chain(&checked).map(|doubt| format!("{path}: {doubt}")));
    }
    doubts.join("; ")
}

/// `src/a.py: line 3: `, where a fix begins.
fn seat(files: &Files) -> String {
    files.iter().next().map_or_else(String::new, |(path, placed)| {
        let line = placed.edits.first().map_or(0, |edit| placed.text.line_at(edit.start)) + 1;
        format!("{path}: line {line}: ")
    })
}

/// Where a fix goes, in words.
fn places(files: &Files) -> String {
    let place = |(path, placed): (&String, &Placed)| {
        match &placed.op {
            FileOp::Create => return format!("{path}: a new file"),
            FileOp::Delete => return format!("{path}: removed, as it is what the fix removes"),
            FileOp::Rename(to) if placed.edits.is_empty() => return format!("{path}: renamed to {to}"),
            FileOp::Change | FileOp::Rename(_) => {}
        }
        let line = placed.edits.first().map_or(0, |edit| placed.text.line_at(edit.start)) + 1;
        let why = match placed.reason {
            FixReason::Exact => "the file is what the scanner saw",
            FixReason::ThreeWay => "the file has changed, merged with what the scanner saw",
            FixReason::Adjusted => "the code stands here with other indentation, to which the fix was adjusted",
            FixReason::Ambiguous => "the place that you chose",
            FixReason::Unique
            | FixReason::Stale
            | FixReason::Conflict
            | FixReason::Advice
            | FixReason::Flagged
            | FixReason::Unsafe
            | FixReason::Guilty => "the code stands here and nowhere else",
        };
        let renamed = placed.op.new_path().map(|to| format!(", renamed to {to}")).unwrap_or_default();
        format!("{path}: line {line}: {why}{renamed}")
    };
    files.iter().map(place).collect::<Vec<_>>().join("; ")
}

/// The fix as it is reported if it cannot be written.
fn outline(proposal: &Proposal) -> PlannedFix {
    let mut files: Vec<String> = proposal.edits.iter().map(|edit| edit.path.clone()).collect();
    files.sort_unstable();
    files.dedup();
    PlannedFix {
        id: proposal.id,
        finding: proposal.finding,
        also: proposal.also.clone(),
        tool: proposal.source.tool.clone(),
        title: proposal.title.clone(),
        state: FixState::Cannot,
        reason: FixReason::Stale,
        why: String::new(),
        files,
        places: Vec::new(),
        conflicts: Vec::new(),
        diffs: Vec::new(),
    }
}

//! Where the edits of one file go in the file as it is now.
//!
//! A fix in the wrong place is the worst that can happen, and repeated blocks make it likely. So the first
//! question is which version the scanner saw. It is *known* if the report states its hash or its revision; else
//! it is the file as it is now, if that was neither committed to nor written since the report was made; else what
//! was committed then. A version that is only likely must show the text that the report carries, and where two
//! versions are possible they must lead to the same place.
//!
//! From the version that was scanned, `carry` merges the edit into the file as it is now; git says where a file went
//! that has another name now. Where several places are possible a person chooses.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::model::fix::{FileEdit, FileOp, Proposal, ProposalSource, SeenText};
use crate::model::plan::FixReason;
use crate::model::text::counted;
use crate::repo::read::ReadError;

use super::adapter::{Lowered, NotLowered, lower};
use super::block::Blocks;
use super::carry::{Carried, Lost, Versions};
use super::columns::{Fit, evidence};
use super::edit::ByteEdit;
use super::indent;
use super::language;
use super::likely::likely;
use super::lines::{Text, unix, with_line_ends};
use super::passage;
use super::tree::{Tree, sha256};
use super::unnamed;
use super::unseen::{self, Siblings};
use super::whole;

/// Lines that a message lists.
const MAX_LISTED: usize = 5;

/// Most lines that a person can choose from.
const MAX_PLACES: usize = 100;

/// Most lines above a text of a report, and columns before it, that stand for those it does not show.
const MAX_MARGIN: usize = 1 << 20;

const NOT_IN_HISTORY: &str = "the file has changed and what was scanned is not in its history";
const WITHOUT_GIT: &str = "the file has changed, and without git what was scanned cannot be found; scan again";

/// Shorter texts, in bytes, stand on a line by chance.
const MIN_APPLIED: usize = 4;

/// The edits of one file on its bytes as they are now.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    /// The file as it is called now.
    pub(super) path: String,
    pub(super) op: FileOp,
    pub(super) text: Arc<Text>,
    pub(super) edits: Vec<ByteEdit>,
    /// `Exact`, `ThreeWay`, `Unique`, `Adjusted`, or `Ambiguous` where a person chose among several places.
    pub(super) reason: FixReason,
    pub(super) doubts: Vec<String>,
    /// Lines, from 1, among which a person chose.
    pub(super) places: Vec<u32>,
}

/// Why edits have no place; `why` names file, line and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) reason: FixReason,
    pub(super) why: String,
    /// Lines, from 1, among which a person can choose.
    pub(super) places: Vec<u32>,
}

impl Refusal {
    pub(super) fn new(reason: FixReason, why: String) -> Self {
        Self { reason, why, places: Vec::new() }
    }
}

/// What is placed: the edits that a proposal has for one file, among the others of its batch.
#[derive(Clone, Copy)]
pub(super) struct Case<'a> {
    pub(super) proposal: &'a Proposal,
    pub(super) edit: &'a FileEdit,
    pub(super) siblings: &'a Siblings<'a>,
    /// The line that a person chose, 0-based.
    pub(super) pick: Option<usize>,
}

/// Finds the place of the edits of one file.
pub(super) fn place(tree: &Tree<'_>, case: &Case<'_>) -> Result<Placed, Refusal> {
    let Case { proposal: Proposal { source, .. }, edit, .. } = case;
    let doubts = match &edit.op {
        FileOp::Create => return whole::create(tree, case),
        FileOp::Delete => return whole::delete(tree, case),
        FileOp::Rename(to) => whole::rename(tree, &edit.path, to)?,
        FileOp::Change => Vec::new(),
    };
    let path = path_now(tree, source, edit);
    let (now, is_renamed) = (current(tree, &path)?, path != edit.path);
    if let (FileOp::Rename(_), true) = (&edit.op, is_renamed) {
        return Err(Refusal::new(FixReason::Stale, format!("{}: it is {path} now; make the patch again", edit.path)));
    }
    if edit.edits.is_empty() && edit.passages.is_empty() {
        let (path, op, reason, places) = (path.to_string(), edit.op.clone(), FixReason::Exact, Vec::new());
        return Ok(Placed { path, op, text: now, edits: Vec::new(), reason, doubts, places });
    }
    let placed = match known_base(tree, source, edit, &now) {
        Base::Known(base) if base.bytes == now.bytes => as_scanned(&now, edit, source),
        Base::Known(base) => moved(&base, &now, case),
        Base::Unknown { .. } if !edit.passages.is_empty() => unnamed::place(tree, &now, case),
        Base::Unknown { can_be_now } => likely(tree, case, &now, can_be_now && !is_renamed),
    };
    let placed = placed.map(|placed| Placed {
        path: path.to_string(),
        op: edit.op.clone(),
        doubts: [doubts, placed.doubts].concat(),
        ..placed
    });
    let placed = placed.map_err(|refusal| if is_renamed { renamed(refusal, &path) } else { refusal })?;
    let is_done = edit.op == FileOp::Change && placed.edits.iter().all(|edit| edit.replaced(&now.bytes) == edit.insert);
    if is_done { Err(already(&path, first_line(&now, &placed.edits))) } else { Ok(placed) }
}

/// The path of the file, which git may know under another name since it was scanned.
fn path_now<'e>(tree: &Tree<'_>, source: &ProposalSource, edit: &'e FileEdit) -> Cow<'e, str> {
    let path = edit.path.as_str();
    let is_there = edit.in_repo && tree.file(path).is_some_and(|file| !matches!(file.text, Err(ReadError::Missing)));
    let moved = if is_there { None } else { tree.moved_to(source, path) };
    moved.map_or(Cow::Borrowed(path), Cow::Owned)
}

fn renamed(refusal: Refusal, path: &str) -> Refusal {
    Refusal { why: format!("{} (the file is {path} now)", refusal.why), ..refusal }
}

/// What is certain about the version that was scanned.
enum Base {
    Known(Arc<Text>),
    Unknown { can_be_now: bool },
}

pub(super) fn current(tree: &Tree<'_>, path: &str) -> Result<Arc<Text>, Refusal> {
    let refuse = |reason, why: String| Err(Refusal::new(reason, why));
    let left_out = || {
        let why = ReadError::NotCheckedOut;
        refuse(FixReason::Stale, format!("{path}: {why}; git sparse-checkout add checks its folder out"))
    };
    let Some(file) = tree.file(path) else {
        if tree.is_left_out(path) {
            return left_out();
        }
        return refuse(
            FixReason::Flagged,
            format!("{path}: not a file of this repository; start Quell where the scan ran"),
        );
    };
    let text = match &file.text {
        Ok(text) => Arc::clone(text),
        Err(error @ ReadError::Missing) => {
            return refuse(FixReason::Stale, format!("{path}: {error}; scan again"));
        }
        Err(error @ ReadError::Unmerged) => {
            return refuse(FixReason::Stale, format!("{path}: {error}; resolve it and scan again"));
        }
        Err(ReadError::NotCheckedOut) => return left_out(),
        Err(error) => return refuse(FixReason::Flagged, format!("{path}: {error}; change it by hand")),
    };
    match text.not_text() {
        Some(reason) => refuse(FixReason::Flagged, format!("{path}: {reason}; change it by hand")),
        None => Ok(text),
    }
}

/// The version that the report states by hash, id in git or revision.
fn known_base(tree: &Tree<'_>, source: &ProposalSource, edit: &FileEdit, now: &Arc<Text>) -> Base {
    let path = edit.path.as_str();
    // The id that a diff states is that of its base if its lines stand there where it says.
    let named = edit.blob.as_deref().and_then(|id| tree.by_id(id));
    if let Some(base) = named.filter(|base| passage::at_stated_lines(&base.bytes, edit).is_ok()) {
        return Base::Known(base);
    }
    let stated = edit.sha256.as_deref().map(str::to_ascii_lowercase);
    if let Some(stated) = &stated
        && tree.file(path).is_some_and(|file| file.sha256() == stated)
    {
        return Base::Known(Arc::clone(now));
    }
    let fits = |base: &Arc<Text>| stated.as_ref().is_none_or(|stated| sha256(&base.bytes) == *stated);
    if let Some(base) = tree.at_revision(source, path).filter(|base| fits(base)) {
        return Base::Known(base);
    }
    if stated.is_some() {
        let base = tree.as_made(source, path).into_iter().find(|base| fits(base));
        return base.map_or(Base::Unknown { can_be_now: false }, Base::Known);
    }
    if let Some(base) = tree.kept(source, path) {
        return Base::Known(base);
    }
    Base::Unknown { can_be_now: true }
}

/// The file is what the scanner saw.
fn as_scanned(now: &Arc<Text>, edit: &FileEdit, source: &ProposalSource) -> Result<Placed, Refusal> {
    let lowered = lowered(now, edit, source)?;
    Ok(placed(now, lowered, FixReason::Exact))
}

/// The edits on the version that was scanned.
fn lowered(base: &Text, edit: &FileEdit, source: &ProposalSource) -> Result<Lowered, Refusal> {
    let mut lowered = lower(base, edit, &source.family)
        .map_err(|error| Refusal::new(FixReason::Flagged, format!("{}: {error}; change it by hand", edit.path)))?;
    if let Fit::Differs(line) = lowered.fit {
        lowered.doubts.push(format!("the report shows other text for line {line} than the file that it scanned"));
    }
    Ok(lowered)
}

/// The file has changed since; what the scanner saw is at hand.
pub(super) fn moved(base: &Text, now: &Arc<Text>, case: &Case<'_>) -> Result<Placed, Refusal> {
    let Case { proposal, edit, pick, .. } = case;
    let Lowered { edits, mut doubts, .. } = lowered(base, edit, &proposal.source)?;
    let kind = language::of(&edit.path).kind;
    let versions = Versions { base: Blocks::new(base, kind), now: Blocks::new(now, kind), pick: *pick };
    let carried = versions.carry(&edits).map_err(|lost| refusal(now, &edit.path, &lost))?;
    let reason = reason_of(&carried);
    doubts.extend(carried.doubts);
    let places = numbered(&carried.choices);
    Ok(Placed {
        path: String::new(),
        op: FileOp::Change,
        text: Arc::clone(now),
        edits: carried.edits,
        reason,
        doubts,
        places,
    })
}

fn reason_of(carried: &Carried) -> FixReason {
    match (carried.choices.is_empty(), carried.is_adjusted) {
        (false, _) => FixReason::Ambiguous,
        (true, true) => FixReason::Adjusted,
        (true, false) => FixReason::ThreeWay,
    }
}

/// The report's own text is all that is left. How often it stood in the file that was scanned is not known, so a
/// person has to look even where it stands exactly once.
pub(super) fn by_text(now: &Arc<Text>, case: &Case<'_>, has_history: bool) -> Result<Placed, Refusal> {
    let Case { proposal: Proposal { source, .. }, edit, .. } = case;
    let line = edit.edits.iter().map(|edit| edit.region.line).find(|line| *line > 0).unwrap_or(1) as usize;
    let doubt = || unknown_then(has_history).to_owned();
    let lost = |lost| refusal(now, &edit.path, &lost);
    let changed = || match lower(now, edit, &source.family) {
        Err(overlap @ NotLowered::Overlap) => {
            Refusal::new(FixReason::Flagged, format!("{}: {overlap}; change it by hand", edit.path))
        }
        Ok(_) | Err(_) => lost(Lost::Changed { line: line - 1 }),
    };
    let longest = evidence(edit).filter(|seen| seen.region.line > 0).max_by_key(|seen| seen.text.len());
    let longest = longest.ok_or_else(changed)?;
    let first = longest.region.line as usize - 1;
    let wanted = longest.text.trim_start_matches('\u{feff}').trim_end_matches(['\n', '\r']);
    let wanted = with_line_ends(wanted.as_bytes(), now.line_end_at(0));
    let found: Vec<usize> = memchr::memmem::find_iter(&now.bytes, &wanted).map(|at| now.line_at(at)).collect();
    let of_edit = |at: usize| (at + line).saturating_sub(first + 1);
    let choices: Vec<usize> = found.iter().map(|at| of_edit(*at)).collect();
    let (at, reason) = match found.as_slice() {
        [] if is_applied(now, edit) => return Err(already(&edit.path, line)),
        [] => return by_other_margin(now, edit, longest, source, doubt()).ok_or_else(changed),
        [at] => (*at, FixReason::Unique),
        several => match several.iter().find(|at| case.pick == Some(of_edit(**at))) {
            Some(at) => (*at, FixReason::Ambiguous),
            None => return Err(lost(Lost::Ambiguous(choices))),
        },
    };
    let moved = unseen::moved(edit, first, at).ok_or_else(changed)?;
    let mut lowered = lower(now, &moved, &source.family).map_err(|_| changed())?;
    if lowered.fit != Fit::Stands {
        return by_other_margin(now, edit, longest, source, doubt()).ok_or_else(changed);
    }
    lowered.doubts.push(doubt());
    let places = if reason == FixReason::Ambiguous { numbered(&choices) } else { Vec::new() };
    Ok(Placed { places, ..placed(now, lowered, reason) })
}

/// Why it is not known how often a text stood in the file that was scanned.
pub(super) fn unknown_then(has_history: bool) -> &'static str {
    if has_history { NOT_IN_HISTORY } else { WITHOUT_GIT }
}

/// The text of the report stands once, with other white space at the ends of its lines.
fn by_other_margin(
    now: &Arc<Text>,
    edit: &FileEdit,
    seen: &SeenText,
    source: &ProposalSource,
    doubt: String,
) -> Option<Placed> {
    // What the report shows, at its line and column: all that is known of the file that was scanned.
    let above = (seen.region.line as usize).checked_sub(1)?.min(MAX_MARGIN);
    let before = (seen.region.column as usize).saturating_sub(1).min(MAX_MARGIN);
    let base = Text::new(("\n".repeat(above) + &" ".repeat(before) + &seen.text).into_bytes());
    let lowered = lower(&base, edit, &source.family).ok()?;
    let kind = language::of(&edit.path).kind;
    let (then, blocks) = (Blocks::new(&base, kind), Blocks::new(now, kind));
    let adjusted = |edit: &ByteEdit| indent::adjusted(&then, &blocks, edit, &edit.lines(&base));
    let edits = lowered.edits.iter().map(adjusted).collect::<Option<Vec<_>>>()?;
    let is_sorted = edits.windows(2).all(|pair| matches!(pair, [one, two] if one.end <= two.start));
    let doubts = [lowered.doubts, vec![doubt]].concat();
    let text = Arc::clone(now);
    let (path, op, places) = (String::new(), FileOp::Change, Vec::new());
    is_sorted.then_some(Placed { path, op, text, edits, reason: FixReason::Adjusted, doubts, places })
}

/// Whether what the edits insert stands at their lines already.
fn is_applied(now: &Text, edit: &FileEdit) -> bool {
    edit.edits.iter().all(|edit| {
        let wanted = edit.insert.trim().as_bytes();
        let own = now.lines.get((edit.region.line as usize).saturating_sub(1));
        let here = own.and_then(|own| now.bytes.get(own.start..)).unwrap_or_default();
        let reach = own.map_or(0, |own| own.end - own.start).saturating_add(edit.insert.len());
        let here = unix(here.get(..reach).unwrap_or(here)).into_owned();
        wanted.len() >= MIN_APPLIED && memchr::memmem::find(&here, &unix(wanted)).is_some()
    })
}

pub(super) fn placed(now: &Arc<Text>, lowered: Lowered, reason: FixReason) -> Placed {
    let Lowered { edits, doubts, .. } = lowered;
    let (path, op, text, places) = (String::new(), FileOp::Change, Arc::clone(now), Vec::new());
    Placed { path, op, text, edits, reason, doubts, places }
}

/// 1-based line of the first edit.
pub(super) fn first_line(text: &Text, edits: &[ByteEdit]) -> usize {
    edits.first().map_or(0, |edit| text.line_at(edit.start)) + 1
}

pub(super) fn already(path: &str, line: usize) -> Refusal {
    Refusal::new(FixReason::Stale, format!("{path}: line {line}: already applied"))
}

pub(super) fn refusal(now: &Text, path: &str, lost: &Lost) -> Refusal {
    match lost {
        Lost::Applied { line } => already(path, line + 1),
        Lost::Changed { line } if *line >= now.lines.len() => {
            let (lines, line) = (counted(now.lines.len(), "line", "lines"), line + 1);
            let why = format!("{path}: the file has only {lines}, and the fix is for line {line}; scan again");
            Refusal::new(FixReason::Stale, why)
        }
        Lost::Changed { line } => {
            let why = format!("{path}: line {} has changed since the scan; scan again", line + 1);
            Refusal::new(FixReason::Stale, why)
        }
        Lost::Ambiguous(lines) => {
            let why = format!(
                "{path}: the file has changed and the fix could belong to {}; choose one, or scan again",
                listed(lines)
            );
            Refusal { reason: FixReason::Ambiguous, why, places: numbered(lines) }
        }
    }
}

/// `lines 3, 9, …` of 0-based lines.
pub(super) fn listed(lines: &[usize]) -> String {
    let mut numbers: Vec<usize> = lines.iter().map(|line| line + 1).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let listed: Vec<String> = numbers.iter().take(MAX_LISTED).map(usize::to_string).collect();
    let more = if numbers.len() > MAX_LISTED { ", …" } else { "" };
    let noun = if numbers.len() == 1 { "line" } else { "lines" };
    format!("{noun} {}{more}", listed.join(", "))
}

/// 0-based lines as a person counts them, in order.
pub(super) fn numbered(lines: &[usize]) -> Vec<u32> {
    let lines: BTreeSet<u32> = lines.iter().filter_map(|line| u32::try_from(line + 1).ok()).collect();
    lines.into_iter().take(MAX_PLACES).collect()
}

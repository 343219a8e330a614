//! Where passages stand: lines to search for, and the lines that take their place.
//!
//! On the file that a diff was made from its numbers hold. On any other, all lines of a passage have to stand exactly
//! once, there and in every version that may have been the base: of repeated blocks the one that was meant may be
//! gone. No line is ever given up. Line ends are forgiven, and the file keeps its own; white space is forgiven only
//! to be shown to a person.

use std::cell::OnceCell;
use std::collections::HashMap;

use similar::DiffOp;

use crate::model::fix::{FileEdit, Passage};

use super::diff::compare;
use super::edit::{ByteEdit, splice};
use super::elision;
use super::lines::BOM;

/// Places that are looked for: more are only named as more.
const MAX_PLACES: usize = 6;

/// Why passages have no place. Lines are 0-based and of the text in question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Misfit {
    /// The lines stand at several places.
    Several(Vec<usize>),
    /// They stand nowhere; the line is the stated one.
    Nowhere { line: Option<usize>, first: String },
    /// What the passages make of them stands there already, from this line on.
    Done { line: usize },
    /// Nothing but white space to search for.
    Blank,
    /// Two passages change the same lines.
    Overlap,
    /// A line `...` stands on one side only.
    Elision,
}

/// How exactly the lines of a file are those of a passage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Likeness {
    /// With other white space.
    Spaced,
    /// With other line ends at most.
    Lines,
}

/// Edits of a text, and how well they fit.
#[derive(Clone, Debug)]
pub(super) struct Fitted {
    pub(super) edits: Vec<ByteEdit>,
    pub(super) likeness: Likeness,
    /// Whether every passage stands at its stated line.
    pub(super) is_as_stated: bool,
    /// Why a person has to look, in words.
    pub(super) doubts: Vec<String>,
}

/// The passages at the lines that they state; the 1-based first line where one does not stand.
pub(super) fn at_stated_lines(bytes: &[u8], edit: &FileEdit) -> Result<Fitted, u32> {
    fit(bytes, edit, By::Number).map_err(|(line, _)| line)
}

/// The passages wherever they stand, if each stands at one place.
pub(super) fn search(bytes: &[u8], edit: &FileEdit) -> Result<Fitted, Misfit> {
    fit(bytes, edit, By::Lines).map_err(|(_, misfit)| misfit)
}

/// Whether some passage has nothing to search for, so that only its number says where it goes.
pub(super) fn is_blind(edit: &FileEdit) -> bool {
    edit.passages.iter().any(|passage| passage.before.trim_ascii().is_empty())
}

/// Whether a passage of the first step stands at several places of a version.
pub(super) fn is_repeated(bytes: &[u8], edit: &FileEdit) -> bool {
    let page = Page::new(bytes);
    let first = edit.passages.iter().take_while(|passage| passage.step == 0);
    first.into_iter().any(|passage| match page.elided(passage) {
        Some(parts) => matches!(parts, Err(Misfit::Several(_))),
        None => page.narrowed(passage, Likeness::Lines).len() > 1,
    })
}

/// What a passage is placed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Number,
    Lines,
}

/// Places the passages of one step after the other, each on what the one before has made.
fn fit(bytes: &[u8], edit: &FileEdit, by: By) -> Result<Fitted, (u32, Misfit)> {
    let (edits, doubts) = (Vec::new(), Vec::new());
    let mut fitted = Fitted { edits, likeness: Likeness::Lines, is_as_stated: true, doubts };
    let mut text = None;
    for step in edit.passages.chunk_by(|a, b| a.step == b.step) {
        let now = text.as_deref().unwrap_or(bytes);
        let page = Page::new(now);
        let mut edits = Vec::new();
        for passage in step {
            if elision::adds_mark(passage) {
                fitted.doubts.push("it writes `...` where it leaves code out".to_owned());
            }
            if by == By::Lines
                && let Some(parts) = page.elided(passage)
            {
                let parts = parts.map_err(|misfit| (1, misfit))?;
                fitted.doubts.extend(page.crossed(&parts));
                fitted.is_as_stated = false;
                edits.extend(parts.iter().flat_map(|(at, part)| page.edits(*at, part, Likeness::Lines)));
                continue;
            }
            let placed = match by {
                By::Number => page.at_number(passage),
                By::Lines => page.place(passage),
            };
            let (at, likeness) = placed.map_err(|misfit| (passage.line.max(1), misfit))?;
            fitted.likeness = fitted.likeness.min(likeness);
            fitted.is_as_stated &= at + 1 == passage.line as usize;
            edits.extend(page.edits(at, passage, likeness));
        }
        edits.sort_by_key(|edit| (edit.start, edit.end));
        let overlap =
            |pair: &[ByteEdit]| matches!(pair, [a, b] if a.end > b.start || (a.start, a.end) == (b.start, b.end));
        if edits.windows(2).any(overlap) {
            return Err((step.first().map_or(1, |passage| passage.line.max(1)), Misfit::Overlap));
        }
        text = Some(splice(now, &edits));
        fitted.edits = edits;
    }
    let is_one_step = edit.passages.iter().all(|passage| passage.step == 0);
    if !is_one_step {
        fitted.edits = text.map(|text| differences(bytes, &text)).unwrap_or_default();
    }
    Ok(fitted)
}

/// A text with its lines, line ends included, as `\n` ends them.
struct Page<'t> {
    lines: Vec<&'t [u8]>,
    /// Offset of each line, and of the end.
    starts: Vec<usize>,
    /// Places of each line by what it says, without its end, and without white space around it; made when asked for.
    index: OnceCell<Index<'t>>,
    spaced: OnceCell<Index<'t>>,
}

type Index<'t> = HashMap<&'t [u8], Vec<usize>>;

impl<'t> Page<'t> {
    fn new(bytes: &'t [u8]) -> Self {
        let lines = split(bytes);
        let mut starts = Vec::with_capacity(lines.len() + 1);
        let mut offset = 0;
        for line in &lines {
            starts.push(offset);
            offset += line.len();
        }
        starts.push(offset);
        Self { lines, starts, index: OnceCell::new(), spaced: OnceCell::new() }
    }

    /// The line that a passage states, if it stands there.
    fn at_number(&self, passage: &Passage) -> Result<(usize, Likeness), Misfit> {
        let at = (passage.line as usize).checked_sub(1).filter(|at| self.has(*at, passage, Likeness::Lines));
        at.map(|at| (at, Likeness::Lines)).ok_or(Misfit::Nowhere { line: None, first: String::new() })
    }

    /// The one place of a passage.
    fn place(&self, passage: &Passage) -> Result<(usize, Likeness), Misfit> {
        if passage.before.trim_ascii().is_empty() {
            let is_new = self.lines.is_empty() && passage.before.is_empty();
            return if is_new { Ok((0, Likeness::Lines)) } else { Err(Misfit::Blank) };
        }
        let found = self.narrowed(passage, Likeness::Lines);
        if let [at] = found.as_slice() {
            // An insertion below a line that stays finds that line again when it has been made.
            let done = if bares(&passage.before) == bares(&passage.after) { None } else { self.done(passage) };
            return match done {
                Some(line) if line <= *at && *at < line + count(&passage.after) => Err(Misfit::Done { line }),
                _ => Ok((*at, Likeness::Lines)),
            };
        }
        if found.len() > 1 {
            return Err(Misfit::Several(found));
        }
        if let Some(line) = self.done(passage) {
            return Err(Misfit::Done { line });
        }
        let nowhere = || Misfit::Nowhere {
            line: (passage.line as usize).checked_sub(1),
            first: String::from_utf8_lossy(split(&passage.before).first().copied().unwrap_or_default())
                .trim()
                .to_owned(),
        };
        match self.narrowed(passage, Likeness::Spaced).as_slice() {
            [at] if self.shift(*at, passage).is_some() => Ok((*at, Likeness::Spaced)),
            [_] | [] => Err(nowhere()),
            several => Err(Misfit::Several(several.to_vec())),
        }
    }

    /// The places of the parts between lines `...`, where these mean lines that are left out.
    fn elided(&self, passage: &Passage) -> Option<Result<Vec<(usize, Passage)>, Misfit>> {
        let parts = elision::parts(passage)?;
        if !self.places(passage, Likeness::Lines).is_empty() {
            return None;
        }
        let Ok(parts) = parts else { return Some(Err(Misfit::Elision)) };
        if parts.iter().any(|part| part.before.trim_ascii().is_empty()) {
            return Some(Err(Misfit::Blank));
        }
        let outcome = parts.iter().map(|part| Passage { before: part.after.clone(), ..part.clone() });
        let outcome: Vec<Passage> = outcome.filter(|part| !part.before.trim_ascii().is_empty()).collect();
        let done = || self.in_order(&outcome).ok().filter(|_| outcome.len() == parts.len());
        Some(match self.in_order(&parts) {
            Err(lines) if !lines.is_empty() => Err(Misfit::Several(lines)),
            found => match (found, done()) {
                (_, Some(places)) => Err(Misfit::Done { line: places.first().copied().unwrap_or(0) }),
                (Ok(places), None) => Ok(places.into_iter().zip(parts).collect()),
                (Err(_), None) => {
                    let first = parts.first().and_then(|part| split(&part.before).first().copied());
                    let first = String::from_utf8_lossy(first.unwrap_or_default()).trim().to_owned();
                    Err(Misfit::Nowhere { line: None, first })
                }
            },
        })
    }

    /// The only way in which passages stand below each other: their first lines. Else lines at which one could stand, or
    /// none where there is no way.
    fn in_order(&self, parts: &[Passage]) -> Result<Vec<usize>, Vec<usize>> {
        let places: Vec<Vec<usize>> = parts
            .iter()
            .map(|part| {
                let mut places = self.all_places(part, Likeness::Lines, usize::MAX);
                places.sort_unstable();
                places.retain(|at| {
                    part.heading.as_ref().is_none_or(|heading| self.is_below(*at, heading.trim().as_bytes()))
                });
                places
            })
            .collect();
        // Each as far up as the ones above let it, and as far down as the ones below do: where both are the same for
        // all, there is no other way.
        let (mut first, mut end) = (Vec::with_capacity(parts.len()), 0);
        for (part, places) in parts.iter().zip(&places) {
            let at = *places.iter().find(|at| **at >= end).ok_or_else(Vec::new)?;
            first.push(at);
            end = at + count(&part.before);
        }
        let mut below = usize::MAX;
        for ((part, places), first) in parts.iter().zip(&places).zip(&first).rev() {
            let length = count(&part.before);
            let last = places.iter().rev().find(|at| **at + length <= below).copied().unwrap_or(*first);
            if last != *first {
                return Err(vec![*first, last]);
            }
            below = last;
        }
        Ok(first)
    }

    /// What is left out between two parts goes beyond the block that the lower one is in.
    fn crossed(&self, parts: &[(usize, Passage)]) -> Option<String> {
        let is_blank = |line: &&&[u8]| line.trim_ascii().is_empty();
        parts.windows(2).find_map(|pair| {
            let [(upper, part), (lower, _)] = pair else { return None };
            let between = upper + count(&part.before)..*lower;
            let depth = self.lines.get(*lower).map_or(0, |line| indent(line));
            let left_out = self.lines.get(between.clone()).unwrap_or_default().iter();
            let leaves = left_out.filter(|line| !is_blank(line)).any(|line| indent(line) < depth);
            let (first, last) = (between.start + 1, between.end);
            leaves.then(|| format!("`...` stands for lines {first} to {last}, which are not all of one block"))
        })
    }

    /// Where the outcome of a passage stands, if at one place.
    fn done(&self, passage: &Passage) -> Option<usize> {
        let after = Passage { before: passage.after.clone(), ..passage.clone() };
        let is_addition = count(&passage.after) > 0 && !passage.after.trim_ascii().is_empty();
        match self.narrowed(&after, Likeness::Lines).as_slice() {
            [at] if is_addition => Some(*at),
            _ => None,
        }
    }

    /// The places of a passage; below its heading, where it names one.
    fn narrowed(&self, passage: &Passage, likeness: Likeness) -> Vec<usize> {
        let mut found = self.places(passage, likeness);
        if let Some(heading) = &passage.heading {
            found.retain(|at| self.is_below(*at, heading.trim().as_bytes()));
        }
        found
    }

    /// First lines of the places where a passage stands, in their order, at most [`MAX_PLACES`] unless a heading
    /// chooses among them.
    fn places(&self, passage: &Passage, likeness: Likeness) -> Vec<usize> {
        self.all_places(passage, likeness, if passage.heading.is_some() { usize::MAX } else { MAX_PLACES })
    }

    fn all_places(&self, passage: &Passage, likeness: Likeness, most: usize) -> Vec<usize> {
        let wanted = split(&passage.before);
        // The line that the file has least often is where to look.
        let seats =
            wanted.iter().enumerate().map(|(offset, line)| (offset, self.seats(content(line, offset), likeness)));
        let Some((offset, seats)) = seats.min_by_key(|(_, seats)| seats.len()) else { return Vec::new() };
        let starts = seats.iter().filter_map(|seat| seat.checked_sub(offset));
        starts.filter(|at| self.has(*at, passage, likeness)).take(most).collect()
    }

    fn seats(&self, line: &[u8], likeness: Likeness) -> &[usize] {
        let seats = match likeness {
            Likeness::Lines => self.index.get_or_init(|| self.indexed(<[u8]>::as_ref)).get(line),
            Likeness::Spaced => self.spaced.get_or_init(|| self.indexed(<[u8]>::trim_ascii)).get(line.trim_ascii()),
        };
        seats.map(Vec::as_slice).unwrap_or_default()
    }

    fn indexed(&self, key: fn(&[u8]) -> &[u8]) -> Index<'t> {
        let mut index = Index::new();
        for (at, line) in self.lines.iter().enumerate() {
            index.entry(key(content(line, at))).or_default().push(at);
        }
        index
    }

    /// Whether all lines of a passage stand from a line on.
    fn has(&self, at: usize, passage: &Passage, likeness: Likeness) -> bool {
        let wanted = split(&passage.before);
        let end = at + wanted.len();
        let is_open = self.lines.last().is_some_and(|line| !line.ends_with(b"\n"));
        if wanted.is_empty() && at == self.lines.len() && is_open {
            // What is put behind a line without an end would go on with it.
            return false;
        }
        if end > self.lines.len() || at > self.lines.len() || (passage.is_last && end != self.lines.len()) {
            return false;
        }
        wanted.iter().enumerate().all(|(offset, line)| {
            let own = self.lines.get(at + offset).map_or(&b""[..], |line| content(line, at + offset));
            match likeness {
                Likeness::Lines => own == content(line, at + offset),
                Likeness::Spaced => own.trim_ascii() == content(line, at + offset).trim_ascii(),
            }
        })
    }

    /// Whether a line is indented below another: the nearest lines above with less and less indentation hold it.
    fn is_below(&self, at: usize, heading: &[u8]) -> bool {
        let mut depth = usize::MAX;
        for above in (0..=at).rev() {
            let line = self.lines.get(above).map_or(&b""[..], |line| content(line, above));
            let own = indent(line);
            if line.trim_ascii().is_empty() || own >= depth {
                continue;
            }
            if line.trim_ascii() == heading {
                return true;
            }
            depth = own;
        }
        false
    }

    /// What changes of the window at a line: whole lines, and only those that differ.
    fn edits(&self, at: usize, passage: &Passage, likeness: Likeness) -> Vec<ByteEdit> {
        let end = (at + split(&passage.before).len()).min(self.lines.len());
        let window = self.lines.get(at..end).unwrap_or_default();
        let is_verbatim = window.concat() == passage.before;
        let made = if is_verbatim {
            split(&passage.after).into_iter().map(<[u8]>::to_vec).collect()
        } else {
            self.adapted(at, window, passage, likeness)
        };
        let made: Vec<&[u8]> = made.iter().map(Vec::as_slice).collect();
        let offset = self.starts.get(at).copied().unwrap_or_default();
        line_edits(window, &made, offset)
    }

    /// The lines of `after` as the file would have them: its own lines where they stay, its line ends, its white space
    /// in front, and its last line as it is ended.
    fn adapted(&self, at: usize, window: &[&[u8]], passage: &Passage, likeness: Likeness) -> Vec<Vec<u8>> {
        let after = split(&passage.after);
        let line_end = self.line_end(at);
        let shift = if likeness == Likeness::Spaced { self.shift(at, passage) } else { None }.unwrap_or_default();
        let new = |line: &[u8]| [shift.apply(bare(line)).as_slice(), line_end].concat();
        let mut made: Vec<Vec<u8>> = Vec::with_capacity(after.len());
        for op in compare(&bares(&passage.before), &bares(&passage.after)) {
            match op {
                DiffOp::Equal { .. } => {
                    made.extend(window.get(op.old_range()).unwrap_or_default().iter().map(|line| line.to_vec()));
                }
                DiffOp::Delete { .. } | DiffOp::Insert { .. } | DiffOp::Replace { .. } => {
                    made.extend(after.get(op.new_range()).unwrap_or_default().iter().map(|line| new(line)));
                }
            }
        }
        let has_mark = at == 0 && window.first().is_some_and(|line| line.starts_with(BOM));
        if let Some(first) = made.first_mut().filter(|line| has_mark && !line.starts_with(BOM)) {
            first.splice(0..0, BOM.iter().copied());
        }
        let ends_file = at + window.len() == self.lines.len();
        let is_ended = window.last().is_none_or(|line| line.ends_with(b"\n"));
        let last = made.len().saturating_sub(1);
        for (number, line) in made.iter_mut().enumerate() {
            let is_open = number == last && ends_file && !is_ended;
            if is_open {
                line.truncate(bare(line).len());
            } else if !line.ends_with(b"\n") {
                line.extend_from_slice(line_end);
            }
        }
        made
    }

    /// The line end of a line, else of the first line of the file that has one.
    fn line_end(&self, at: usize) -> &'t [u8] {
        let ended = self.lines.get(at).into_iter().chain(&self.lines).find(|line| line.ends_with(b"\n"));
        if ended.is_some_and(|line| line.ends_with(b"\r\n")) { b"\r\n" } else { b"\n" }
    }

    /// What the lines of the file have in front that those of a passage have not, or the other way round; `None` where
    /// that is not the same for all.
    fn shift(&self, at: usize, passage: &Passage) -> Option<Shift> {
        let mut shift: Option<Shift> = None;
        for (offset, line) in split(&passage.before).into_iter().enumerate() {
            let own = content(self.lines.get(at + offset)?, at + offset);
            let stated = content(line, at + offset);
            if own.trim_ascii().is_empty() {
                continue;
            }
            let (own, stated) = (own.get(..indent(own))?, stated.get(..indent(stated))?);
            let this = match (own.strip_suffix(stated), stated.strip_suffix(own)) {
                (Some(more), _) => Shift { added: more.to_vec(), removed: 0 },
                (None, Some(less)) => Shift { added: Vec::new(), removed: less.len() },
                (None, None) => return None,
            };
            if shift.as_ref().is_some_and(|known| *known != this) {
                return None;
            }
            shift = Some(this);
        }
        shift
    }
}

/// How new lines are indented to stand among those of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Shift {
    added: Vec<u8>,
    removed: usize,
}

impl Shift {
    fn apply(&self, line: &[u8]) -> Vec<u8> {
        if line.trim_ascii().is_empty() {
            return line.to_vec();
        }
        let kept = line.get(self.removed.min(indent(line))..).unwrap_or_default();
        [self.added.as_slice(), kept].concat()
    }
}

/// Edits that make one text of another, by lines.
pub(super) fn differences(old: &[u8], new: &[u8]) -> Vec<ByteEdit> {
    line_edits(&split(old), &split(new), 0)
}

/// Edits that make some lines of others; the first line stands at `offset`.
fn line_edits(old: &[&[u8]], new: &[&[u8]], offset: usize) -> Vec<ByteEdit> {
    let mut starts = vec![offset];
    for line in old {
        starts.push(starts.last().copied().unwrap_or(offset) + line.len());
    }
    let start_of = |line: usize| starts.get(line).copied().unwrap_or(offset);
    let changes = compare(old, new).into_iter().filter(|op| !matches!(op, DiffOp::Equal { .. }));
    changes
        .map(|op| {
            let range = start_of(op.old_range().start)..start_of(op.old_range().end);
            ByteEdit::new(range, new.get(op.new_range()).unwrap_or_default().concat())
        })
        .collect()
}

/// The lines of a text, line ends included.
fn split(bytes: &[u8]) -> Vec<&[u8]> {
    bytes.split_inclusive(|byte| *byte == b'\n').collect()
}

fn count(bytes: &[u8]) -> usize {
    bytes.split_inclusive(|byte| *byte == b'\n').count()
}

/// A line without its end.
fn bare(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// A line without its end and, as the first of a file, without a byte order mark.
fn content(line: &[u8], at: usize) -> &[u8] {
    let line = bare(line);
    if at == 0 { line.strip_prefix(BOM).unwrap_or(line) } else { line }
}

fn bares(bytes: &[u8]) -> Vec<&[u8]> {
    split(bytes).into_iter().map(bare).collect()
}

fn indent(line: &[u8]) -> usize {
    line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

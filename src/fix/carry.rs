//! From the file that was scanned to the file as it is now: a three-way merge of one edit that knows blocks.
//!
//! A merge by lines alone takes the nearest lines that look right, and where a block is gone that is its neighbour. So
//! the lines of an edit must stand in the block in which they stood (see `block`), and one of these must hold:
//!
//! - they stand there once, then and now;
//! - with three lines on both sides they stand once in the whole file, then and now;
//! - every longest common subsequence of the block then and now gives them the same place.
//!
//! Where the lines stand with other indentation only, or one has changed beside the edit, the outcome is offered to a
//! person. In code, where names change, the block is not asked for lines that are like no others.

use std::ops::Range;

use super::block::{Blocks, Kind};
use super::edit::{ByteEdit, splice};
use super::forced::{Part, partner};
use super::indent;
use super::lines::{BOM, Text, with_line_ends};

/// Lines on both sides of an edit that show that it is done.
const SURROUNDINGS: usize = 3;

/// Why an edit did not find its place. Lines are 0-based.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lost {
    /// The lines stand at several places, now or when they were scanned, or in another block.
    Ambiguous(Vec<usize>),
    /// They stand nowhere.
    Changed { line: usize },
    /// What the edit makes of them stands there.
    Applied { line: usize },
}

/// Edits on the file as it is now.
#[derive(Clone, Debug, Default)]
pub(super) struct Carried {
    pub(super) edits: Vec<ByteEdit>,
    /// Whether white space had to be changed for them to fit.
    pub(super) is_adjusted: bool,
    /// The places among which a person chose, 0-based; empty where there was nothing to choose.
    pub(super) choices: Vec<usize>,
    /// Why a person has to look, in words.
    pub(super) doubts: Vec<String>,
}

/// Both versions of a file, and the line that a person chose (0-based) where there are several.
pub(super) struct Versions<'t> {
    pub(super) base: Blocks<'t>,
    pub(super) now: Blocks<'t>,
    pub(super) pick: Option<usize>,
}

impl Versions<'_> {
    /// The edits on the file as it is now.
    pub(super) fn carry(&self, edits: &[ByteEdit]) -> Result<Carried, Lost> {
        let mut carried = Carried::default();
        let mut shift = None;
        for edit in edits {
            let region = edit.lines(self.base.text);
            let moved = match self.place(edit, &region) {
                Err(Lost::Ambiguous(lines)) => {
                    let Some(line) = self.picked(&lines, &region, shift) else { return Err(Lost::Ambiguous(lines)) };
                    shift = Some((region.start, line));
                    if carried.choices.is_empty() {
                        carried.choices = lines;
                    }
                    self.shifted(edit, region.start, line).ok_or(Lost::Changed { line: region.start })?
                }
                Err(lost @ Lost::Changed { .. }) => {
                    if let Some(moved) = indent::adjusted(&self.base, &self.now, edit, &region) {
                        carried.is_adjusted = true;
                        moved
                    } else {
                        let (moved, line) = self.beside(edit, &region).ok_or(lost)?;
                        carried.doubts.push(format!("line {} has changed beside the fix since the scan", line + 1));
                        moved
                    }
                }
                moved => moved?,
            };
            carried.edits.push(moved);
        }
        let is_sorted = carried.edits.windows(2).all(|pair| matches!(pair, [one, two] if one.end <= two.start));
        match carried.edits.first() {
            Some(first) if !is_sorted => Err(Lost::Changed { line: self.now.text.line_at(first.start) }),
            _ => Ok(carried),
        }
    }

    /// The chosen line for the first edit that needs one; later edits keep their distance from it.
    fn picked(&self, lines: &[usize], region: &Range<usize>, shift: Option<(usize, usize)>) -> Option<usize> {
        let line = match shift {
            Some((from, to)) => (region.start + to).checked_sub(from)?,
            None => self.pick?,
        };
        lines.contains(&line).then_some(line)
    }

    fn place(&self, edit: &ByteEdit, region: &Range<usize>) -> Result<ByteEdit, Lost> {
        let changed = Lost::Changed { line: region.start };
        let lines: Vec<&[u8]> = region.clone().map(|line| self.base.text.line(line)).collect();
        let found = self.now.places(&lines);
        let same = self.now.same_places(&found, &self.base, region);
        let at = self.lone(&lines, &found, region).or_else(|| self.only(&lines, &same, region));
        let at = at.or_else(|| self.by_surroundings(region)).or_else(|| self.forced(&lines, region));
        match at {
            Some(at) => self.shifted(edit, region.start, at).ok_or(changed),
            None if lines.iter().all(|line| is_blank(line)) => Err(changed),
            None if !same.is_empty() => Err(Lost::Ambiguous(same)),
            None => Err(match self.applied(edit, region) {
                Some(line) => Lost::Applied { line },
                None if found.is_empty() => changed,
                None => Lost::Ambiguous(found),
            }),
        }
    }

    /// The lines stand once in the file, then and now, and are code.
    fn lone(&self, lines: &[&[u8]], found: &[usize], region: &Range<usize>) -> Option<usize> {
        let [at] = *found else { return None };
        (has_word(lines) && self.now.is_lone(at, &self.base, region)).then_some(at)
    }

    /// The lines stand once in their block, then and now.
    fn only(&self, lines: &[&[u8]], same: &[usize], region: &Range<usize>) -> Option<usize> {
        let [at] = *same else { return None };
        let then = self.base.same_places(&self.base.places(lines), &self.base, region);
        let is_sure = has_word(lines) && then.len() == 1 && self.now.is_anchored(at, &self.base, region);
        is_sure.then_some(at)
    }

    /// The lines with those around them stand once in the file, then and now.
    fn by_surroundings(&self, region: &Range<usize>) -> Option<usize> {
        let window = widened(self.base.text, region);
        let lines: Vec<&[u8]> = window.clone().map(|line| self.base.text.line(line)).collect();
        if lines.iter().all(|line| is_blank(line)) || self.base.places(&lines).len() > 1 {
            return None;
        }
        let [from] = *self.now.places(&lines) else { return None };
        let at = from + region.start - window.start;
        (self.now.kind == Kind::Code || self.now.is_same(at, &self.base, region)).then_some(at)
    }

    /// The lines have one place only in the innermost block that is known in both versions.
    fn forced(&self, lines: &[&[u8]], region: &Range<usize>) -> Option<usize> {
        let (old, new) = self.base.around(region.start).into_iter().find_map(|(head, body)| {
            let Some(head) = head else { return Some((body, 0..self.now.text.lines.len())) };
            let twin = self.now.twin(&self.base, head)?;
            Some((body, self.now.body(twin)))
        })?;
        let base = Part { text: self.base.text, lines: old };
        let now = Part { text: self.now.text, lines: new };
        let at = partner(&base, &now, region.start)?;
        let stands = lines.iter().enumerate().all(|(index, line)| self.now.text.line(at + index) == *line);
        (stands && self.now.is_same(at, &self.base, region)).then_some(at)
    }

    /// The edit when its first line is line `at` of the file as it is now.
    fn shifted(&self, edit: &ByteEdit, first: usize, at: usize) -> Option<ByteEdit> {
        let place = |offset| follow(self.base.text, self.now.text, offset, first, at);
        let (start, end) = place(edit.start).zip(place(edit.end))?;
        let insert = with_line_ends(&edit.insert, self.now.text.line_end_at(start));
        Some(ByteEdit::new(start..end.max(start), insert))
    }

    /// Where what the edit makes of its lines stands: with its surroundings once in the file, or once in its block.
    fn applied(&self, edit: &ByteEdit, region: &Range<usize>) -> Option<usize> {
        let base = self.base.text;
        let window = widened(base, region);
        let (start, end) = (base.start_of(window.start), base.start_of(window.end));
        let inside =
            ByteEdit::new(edit.start.checked_sub(start)?..edit.end.checked_sub(start)?, edit.insert.as_slice());
        let after = Text::new(splice(base.bytes.get(start..end)?, &[inside]));
        let wide: Vec<&[u8]> = (0..after.lines.len()).map(|line| after.line(line)).collect();
        if let [at] = *self.now.places(&wide) {
            return Some(at + region.start - window.start);
        }
        let to = after.lines.len().checked_sub(window.end - region.end)?;
        let lines = wide.get(region.start - window.start..to)?;
        if lines.iter().all(|line| is_blank(line)) {
            return None;
        }
        let then = self.base.same_places(&self.base.places(lines), &self.base, region);
        let now = self.now.same_places(&self.now.places(lines), &self.base, region);
        match *now {
            [at] if then.is_empty() => Some(at),
            _ => None,
        }
    }

    /// The edit on its one line as somebody changed it at another end, and that line.
    fn beside(&self, edit: &ByteEdit, region: &Range<usize>) -> Option<(ByteEdit, usize)> {
        let base = self.base.text;
        let line = region.start;
        if region.len() != 1 {
            return None;
        }
        let [at] = *self.between(&self.now, region) else { return None };
        if self.between(&self.base, region) != [line] {
            return None;
        }
        let (old, new) = (base.line(line), self.now.text.line(at));
        let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
        let tail = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
        let content = content_start(base, line);
        let (start, end) = (edit.start.checked_sub(content)?, edit.end.checked_sub(content)?);
        let there = content_start(self.now.text, at);
        // What changed must not even touch the edit.
        let moved = if end < head {
            start..end
        } else if start > old.len().checked_sub(tail)? && end <= old.len() {
            (start + new.len()).checked_sub(old.len())?..(end + new.len()).checked_sub(old.len())?
        } else {
            return None;
        };
        let insert = with_line_ends(&edit.insert, self.now.text.line_end_at(there));
        Some((ByteEdit::new(there + moved.start..there + moved.end, insert), at))
    }

    /// Lines of the same block between the two that the edited line stood between.
    fn between(&self, text: &Blocks<'_>, region: &Range<usize>) -> Vec<usize> {
        let wanted = neighbours(self.base.text, region.start);
        let is_telling = |line: &&[u8]| !is_blank(line);
        let below = |line| text.saying(line).iter().filter_map(|above| above.checked_add(1)).collect();
        let above = |line| text.saying(line).iter().filter_map(|below| below.checked_sub(1)).collect();
        let ways = [wanted.0.filter(is_telling).map(below), wanted.1.filter(is_telling).map(above)];
        let candidates: Vec<usize> = ways.into_iter().flatten().min_by_key(Vec::len).unwrap_or_default();
        let is_between = |line: &usize| *line < text.text.lines.len() && neighbours(text.text, *line) == wanted;
        candidates.into_iter().filter(is_between).filter(|&line| text.is_same(line, &self.base, region)).collect()
    }
}

/// The lines above and below a line.
fn neighbours(text: &Text, line: usize) -> (Option<&[u8]>, Option<&[u8]>) {
    let above = line.checked_sub(1).map(|above| text.line(above));
    (above, (line + 1 < text.lines.len()).then(|| text.line(line + 1)))
}

fn widened(text: &Text, region: &Range<usize>) -> Range<usize> {
    region.start.saturating_sub(SURROUNDINGS)..(region.end + SURROUNDINGS).min(text.lines.len())
}

/// The place of an offset when line `from` of one text is line `at` of the other.
fn follow(base: &Text, now: &Text, offset: usize, from: usize, at: usize) -> Option<usize> {
    let line = base.line_at(offset);
    let within = offset.checked_sub(content_start(base, line))?;
    let is_in_line = within <= base.line(line).len();
    let there = line.checked_sub(from)?.checked_add(at)?;
    is_in_line.then(|| content_start(now, there) + within)
}

fn content_start(text: &Text, line: usize) -> usize {
    let has_mark = line == 0 && text.bytes.starts_with(BOM);
    text.start_of(line) + if has_mark { BOM.len() } else { 0 }
}

fn has_word(lines: &[&[u8]]) -> bool {
    lines.iter().any(|line| line.iter().any(u8::is_ascii_alphanumeric))
}

fn is_blank(line: &[u8]) -> bool {
    line.iter().all(u8::is_ascii_whitespace)
}

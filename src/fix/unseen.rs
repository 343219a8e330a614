//! Fixes of reports that carry no code, as ruff's do, on a file that may or may not be what was scanned.
//!
//! The time of a report file is an upper bound: what was downloaded or committed is younger than its scan. So what
//! stands at the place now has to look like what the fix was made for:
//!
//! - no edit, and no place that the result names, is out of bounds, blank, or begins or ends inside a word;
//! - of the code that the message or the title quotes in backticks, a word stands in the lines, or all of it is new;
//!   a word quoted alone that is not new does;
//! - a replacement keeps at least half of the words, in every line that it replaces; one that sorts keeps all;
//! - something speaks for the place: a quoted word that goes, words that stay, a name of the inserted code in the
//!   lines, or an argument that is removed whole;
//! - the same fix looks like that at no other line of the surroundings, unless the report has it for that line, too;
//! - every fix of the same report for the file that is in the batch passes as well. One that does not says that the
//!   file has drifted.
//!
//! The last but one makes the others safe: where lines were inserted or removed above, the code that was meant is
//! still there and passes, so that there are two places and nothing is written unseen.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::OnceLock;

use crate::model::backlog::MadeBy;
use crate::model::fix::{FileEdit, Proposal};

use super::adapter::{Lowered, lower};
use super::columns::{self, Fit};
use super::edit::ByteEdit;
use super::lines::Text;

/// How far up and down another place is looked for, in lines.
const REACH: usize = 200;

/// Words of messages about imports and other lists whose order is all that changes.
const SORTING: [&str; 4] = ["sort", "order", "organize", "organise"];

/// The proposals of a batch by report and file.
pub(super) struct Siblings<'a> {
    files: HashMap<(&'a str, &'a str), Group<'a>>,
}

/// The fixes that one report has for one file.
#[derive(Default)]
struct Group<'a> {
    members: Vec<(&'a Proposal, &'a FileEdit)>,
    /// The first line at which one does not fit.
    misfit: OnceLock<Option<u32>>,
}

impl<'a> Siblings<'a> {
    pub(super) fn new(proposals: &[&'a Proposal]) -> Self {
        let mut files: HashMap<(&str, &str), Group<'_>> = HashMap::new();
        for proposal in proposals {
            for edit in proposal.edits.iter().filter(|edit| !edit.edits.is_empty()) {
                let key = (proposal.source.file.as_str(), edit.path.as_str());
                files.entry(key).or_default().members.push((proposal, edit));
            }
        }
        Self { files }
    }

    /// Why a fix whose report carries no code cannot be trusted to be about this text.
    pub(super) fn doubt(&self, now: &Text, proposal: &Proposal, edit: &FileEdit) -> Option<String> {
        let claim = Claim::of(proposal);
        let next = if proposal.source.made_by == MadeBy::Written {
            "scan again, or vouch with --trust-file-times that nothing was edited since"
        } else {
            "scan again"
        };
        let Some(line) = first_line(edit) else {
            return Some(format!("the report carries neither code nor lines to check the place by; {next}"));
        };
        if !claim.fits(now, edit) {
            return Some(format!(
                "the report carries no code, and the fix does not look right for line {line}; {next}"
            ));
        }
        if let Some(line) = self.second_place(&claim, now, edit, line) {
            return Some(format!(
                "the report carries no code, and the fix looks right for line {line} as well; {next}"
            ));
        }
        self.drift(now, proposal, edit)
    }

    /// Why the file is not what the report is about, by the other fixes that it has for the file.
    pub(super) fn drift(&self, now: &Text, proposal: &Proposal, edit: &FileEdit) -> Option<String> {
        let group = self.files.get(&(proposal.source.file.as_str(), edit.path.as_str()))?;
        let line = (*group.misfit.get_or_init(|| group.misfit(now)))?;
        Some(format!(
            "another fix of the report does not look right for line {line}, so the file has changed; scan again"
        ))
    }

    /// Another line at which the fix fits and for which the report does not have it.
    fn second_place(&self, claim: &Claim<'_>, now: &Text, edit: &FileEdit, line: u32) -> Option<usize> {
        let group = self.files.get(&(claim.proposal.source.file.as_str(), edit.path.as_str()));
        // What is moved is counted in lines alone.
        let is_stated = |at: usize, other: &FileEdit| {
            let here = |member: &FileEdit| first_line(member).is_some_and(|line| line as usize == at);
            let is_same = |member: &FileEdit| moved(member, at, at).is_some_and(|member| member.edits == other.edits);
            group.is_some_and(|group| group.members.iter().any(|(_, member)| here(member) && is_same(member)))
        };
        let first = line as usize;
        let lines = first.saturating_sub(REACH).max(1)..=first.saturating_add(REACH).min(now.lines.len());
        lines.filter(|line| *line != first).find(|&line| {
            moved(edit, first, line).is_some_and(|other| claim.fits(now, &other) && !is_stated(line, &other))
        })
    }
}

impl Group<'_> {
    fn misfit(&self, now: &Text) -> Option<u32> {
        let is_misfit = |(proposal, edit): &&(&Proposal, &FileEdit)| !Claim::of(proposal).fits(now, edit);
        let found = self.members.iter().find(is_misfit)?;
        Some(first_line(found.1).unwrap_or(1))
    }
}

/// What a proposal says of the code that it was made for.
struct Claim<'a> {
    proposal: &'a Proposal,
    quoted: HashSet<&'a [u8]>,
    /// Words that are quoted alone: names, not shapes of code.
    names: HashSet<&'a [u8]>,
    is_sorting: bool,
}

impl<'a> Claim<'a> {
    fn of(proposal: &'a Proposal) -> Self {
        let said = [proposal.title.as_str(), proposal.message.as_str()];
        let is_sorting = said.iter().any(|text| {
            let text = text.to_lowercase();
            SORTING.iter().any(|word| text.contains(word))
        });
        let mut claim = Self { proposal, quoted: HashSet::new(), names: HashSet::new(), is_sorting };
        for code in said.into_iter().flat_map(|text| text.split('`').skip(1).step_by(2)) {
            let code = code.as_bytes();
            claim.quoted.extend(words(code));
            if !code.is_empty() && code.iter().all(|byte| is_word_byte(*byte)) {
                claim.names.insert(code);
            }
        }
        claim
    }

    /// Whether the text at the place can be what the fix was made for.
    fn fits(&self, now: &Text, edit: &FileEdit) -> bool {
        let family = &self.proposal.source.family;
        let Ok(lowered) = lower(now, edit, family) else { return false };
        match lowered.fit {
            Fit::Stands => true,
            Fit::Differs(_) => false,
            Fit::Unseen => {
                columns::flagged(now, edit, family).is_ok_and(|named| self.looks_right(now, &lowered, &named))
            }
        }
    }

    fn looks_right(&self, now: &Text, lowered: &Lowered, named: &[Range<usize>]) -> bool {
        let edits = lowered.edits.as_slice();
        let ranges: Vec<Range<usize>> = edits.iter().map(|edit| edit.start..edit.end).chain(named.to_vec()).collect();
        if ranges.iter().any(|range| cuts_word(now, range) || is_blank(now, range)) {
            return false;
        }
        let lines: HashSet<&[u8]> = ranges.iter().flat_map(|range| words(whole_lines(now, range))).collect();
        let new: HashSet<&[u8]> = edits.iter().flat_map(|edit| words(&edit.insert)).collect();
        let is_quoted_here = self.quoted.iter().any(|word| lines.contains(word));
        if !self.quoted.is_empty() && !is_quoted_here && !self.quoted.is_subset(&new) {
            return false;
        }
        if self.names.iter().any(|name| !new.contains(name) && !lines.contains(name)) {
            return false;
        }
        let kept: Option<Vec<bool>> = edits.iter().map(|edit| self.keeps_words(now, edit)).collect();
        let Some(kept) = kept else { return false };
        let goes = |word: &[u8]| self.quoted.contains(word) && !new.contains(word);
        let has_quoted_that_goes = ranges.iter().flat_map(|range| words(part(now, range))).any(goes);
        let has_name = new.iter().any(|word| word.len() > 2 && !self.quoted.contains(word) && lines.contains(word));
        let is_argument = edits.iter().all(|edit| edit.insert.is_empty() && is_argument(now, edit));
        kept.contains(&true) || has_quoted_that_goes || has_name || is_argument
    }

    /// Whether a replacement keeps words of what it replaces; `None` if it should and does not.
    fn keeps_words(&self, now: &Text, edit: &ByteEdit) -> Option<bool> {
        let replaced = edit.replaced(&now.bytes);
        let old: HashSet<&[u8]> = words(replaced).collect();
        let new: HashSet<&[u8]> = words(&edit.insert).collect();
        if edit.insert.is_empty() || old.len() < 2 {
            return Some(false);
        }
        if self.is_sorting {
            return (old == new).then_some(true);
        }
        let is_kept = |words: HashSet<&[u8]>| words.intersection(&new).count() * 2 >= words.len();
        let keeps_lines = replaced.split(|byte| *byte == b'\n').all(|line| is_kept(words(line).collect()));
        (keeps_lines && is_kept(old)).then_some(true)
    }
}

/// The smallest line that an edit names; `None` where one is counted in another way.
fn first_line(edit: &FileEdit) -> Option<u32> {
    edit.edits.iter().map(|edit| edit.region.line).min().filter(|line| *line > 0)
}

/// The same edits, texts and places with all lines moved; `None` where one is counted in another way than lines.
pub(super) fn moved(edit: &FileEdit, from: usize, to: usize) -> Option<FileEdit> {
    let mut moved = edit.clone();
    let regions = moved.edits.iter_mut().map(|edit| &mut edit.region);
    let regions = regions.chain(moved.seen.iter_mut().map(|seen| &mut seen.region));
    for region in regions.chain(moved.flagged.iter_mut().filter(|region| region.line > 0)) {
        if region.line == 0 {
            return None;
        }
        let line = |line: u32| u32::try_from((line as usize + to).checked_sub(from)?).ok().filter(|line| *line > 0);
        region.line = line(region.line)?;
        region.end_line = if region.end_line == 0 { 0 } else { line(region.end_line)? };
        (region.char_span, region.byte_span) = (None, None);
    }
    Some(moved)
}

fn part<'t>(now: &'t Text, range: &Range<usize>) -> &'t [u8] {
    now.bytes.get(range.clone()).unwrap_or_default()
}

/// The lines that a range touches.
fn whole_lines<'t>(now: &'t Text, range: &Range<usize>) -> &'t [u8] {
    let start = now.start_of(now.line_at(range.start));
    // What ends behind a line end does not touch the next line.
    let last = if range.end > range.start { range.end - 1 } else { range.end };
    let end = now.lines.get(now.line_at(last)).map_or(now.bytes.len(), |line| line.end);
    now.bytes.get(start..end).unwrap_or_default()
}

fn is_blank(now: &Text, range: &Range<usize>) -> bool {
    !range.is_empty() && part(now, range).trim_ascii().is_empty()
}

fn cuts_word(now: &Text, range: &Range<usize>) -> bool {
    let is_word_at = |at: usize| now.bytes.get(at).copied().is_some_and(is_word_byte);
    [range.start, range.end].into_iter().any(|at| at > 0 && is_word_at(at - 1) && is_word_at(at))
}

/// Identifiers and numbers; what is not ASCII belongs to them.
fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| !is_word_byte(*byte)).filter(|word| !word.is_empty())
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Whether a removed part is one argument with the comma before it, and the list goes on or ends behind it.
fn is_argument(now: &Text, edit: &ByteEdit) -> bool {
    let removed = edit.replaced(&now.bytes);
    let behind = now.bytes.get(edit.end..).unwrap_or_default().trim_ascii_start();
    let is_followed = behind.first().is_some_and(|byte| b",)]}".contains(byte));
    let argument = removed.strip_prefix(b",").unwrap_or_default().trim_ascii();
    let count = |wanted: &[u8]| argument.iter().filter(|byte| wanted.contains(byte)).count();
    let is_whole = count(b"([{") == count(b")]}") && count(b"\"") % 2 == 0 && count(b"'") % 2 == 0;
    is_followed && is_whole && !argument.is_empty()
}

//! From the file that was scanned to the file as it is now: an edit follows its lines if they, with their
//! surroundings, stand exactly once in both. No line of the surroundings is ever given up: in files of repeated
//! blocks a looser rule writes into the wrong block without a word.

use std::collections::HashMap;

use super::edit::{ByteEdit, splice};
use super::lines::{BOM, Text, with_line_ends};

/// Lines on both sides of an edit that have to be the same.
const SURROUNDINGS: usize = 3;

/// Most headings that are compared.
const MAX_HEADINGS: usize = 64;

/// Keys whose values tell blocks of the same shape apart.
const NAMES: [&str; 10] =
    ["name", "id", "kind", "type", "key", "namespace", "container_name", "service", "host", "resource"];

/// Why an edit did not find its place. Lines are 0-based.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lost {
    /// The same lines stand at several places, now or when they were scanned.
    Ambiguous(Vec<usize>),
    /// They stand nowhere.
    Changed { line: usize },
    /// What the edit makes of them stands there.
    Applied { line: usize },
}

/// The edits on the file as it is now.
pub(super) fn carry(base: &Text, now: &Text, edits: &[ByteEdit]) -> Result<Vec<ByteEdit>, Lost> {
    let moved = edits.iter().map(|edit| carry_one(base, now, edit)).collect::<Result<Vec<_>, _>>()?;
    if !keeps_names(base, now) {
        return Err(Lost::Ambiguous(moved.iter().map(|edit| now.line_at(edit.start)).collect()));
    }
    let is_sorted = moved.windows(2).all(|pair| matches!(pair, [before, after] if before.end <= after.start));
    match (is_sorted, moved.first()) {
        (false, Some(first)) => Err(Lost::Changed { line: now.line_at(first.start) }),
        _ => Ok(moved),
    }
}

/// First lines of all places where these lines stand, compared without line ends.
fn places(text: &Text, lines: &[&[u8]]) -> Vec<usize> {
    let Some(last) = text.lines.len().checked_sub(lines.len()) else { return Vec::new() };
    let stands = |at: &usize| lines.iter().enumerate().all(|(index, line)| text.line(at + index) == *line);
    (0..=last).filter(stands).collect()
}

/// The lines above that a line stands under, the nearest first: each is indented less than the one before.
fn headings(text: &Text, line: usize) -> Vec<&[u8]> {
    let mut found = Vec::new();
    let mut depth = indent(text.line(line));
    for above in (0..line).rev().map(|index| text.line(index)).filter(|above| !is_blank(above)) {
        if depth == 0 || found.len() == MAX_HEADINGS {
            break;
        }
        let own = indent(above);
        if own < depth {
            depth = own;
            found.push(above);
        }
    }
    found
}

/// Whether every line that names something stands in the later text, too. Where blocks are alike, a block that is
/// gone and one that is new are told apart by their names alone, and in manifests no heading has them.
fn keeps_names(base: &Text, now: &Text) -> bool {
    let mut names: HashMap<&[u8], i64> = HashMap::new();
    for line in (0..base.lines.len()).map(|index| base.line(index)).filter(|line| is_name(line)) {
        *names.entry(line.trim_ascii()).or_default() += 1;
    }
    for line in (0..now.lines.len()).map(|index| now.line(index)) {
        if let Some(left) = names.get_mut(line.trim_ascii()) {
            *left -= 1;
        }
    }
    names.values().all(|left| *left <= 0)
}

/// `name: x`, `- "id": x`, `key = x`, `[section]`.
fn is_name(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    if line.starts_with(b"[") && line.ends_with(b"]") {
        return true;
    }
    let line = line.strip_prefix(b"- ").unwrap_or(line).trim_ascii_start();
    let Some(end) = line.iter().position(|byte| matches!(byte, b':' | b'=')) else { return false };
    let key = line.get(..end).unwrap_or_default().trim_ascii();
    let key = key.strip_prefix(b"\"").and_then(|key| key.strip_suffix(b"\"")).unwrap_or(key);
    NAMES.iter().any(|name| key.eq_ignore_ascii_case(name.as_bytes()))
}

fn carry_one(base: &Text, now: &Text, edit: &ByteEdit) -> Result<ByteEdit, Lost> {
    let first = base.line_at(edit.start).min(base.lines.len().saturating_sub(1));
    let changed = Lost::Changed { line: first };
    let end = base.line_at(edit.end);
    let ends_before = edit.end > edit.start && edit.end == base.start_of(end);
    let last = if ends_before { end.saturating_sub(1) } else { end }.min(base.lines.len().saturating_sub(1));
    let from = first.saturating_sub(SURROUNDINGS);
    let to = (last + SURROUNDINGS + 1).min(base.lines.len());
    let window: Vec<&[u8]> = (from..to).map(|index| base.line(index)).collect();
    if window.iter().all(|line| is_blank(line)) {
        return Err(changed);
    }
    let is_repeated = places(base, &window).len() > 1;
    let found = places(now, &window);
    let at = match found.as_slice() {
        [] => return Err(applied(base, now, edit, from..to).unwrap_or(changed)),
        [at] if !is_repeated => *at,
        several => return Err(Lost::Ambiguous(several.iter().map(|at| at + first - from).collect())),
    };
    if headings(base, first) != headings(now, at + first - from) {
        return Err(Lost::Ambiguous(vec![at + first - from]));
    }
    let place = |offset| follow(base, now, offset, from, at);
    let (start, end) = place(edit.start).zip(place(edit.end)).ok_or(changed)?;
    let insert = with_line_ends(&edit.insert, now.line_end_at(start));
    Ok(ByteEdit::new(start..end.max(start), insert))
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

fn applied(base: &Text, now: &Text, edit: &ByteEdit, window: std::ops::Range<usize>) -> Option<Lost> {
    let after = Text::new(splice(&base.bytes, std::slice::from_ref(edit)));
    let kept_below = base.lines.len() - window.end;
    let to = after.lines.len().checked_sub(kept_below)?;
    let lines: Vec<&[u8]> = (window.start..to).map(|index| after.line(index)).collect();
    match places(now, &lines).as_slice() {
        [at] if !lines.is_empty() => Some(Lost::Applied { line: *at + base.line_at(edit.start) - window.start }),
        _ => None,
    }
}

fn indent(line: &[u8]) -> usize {
    line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

fn is_blank(line: &[u8]) -> bool {
    line.iter().all(u8::is_ascii_whitespace)
}

//! Edits as bytes: what placement makes and the plan joins.

use std::ops::Range;

use memchr::{memchr_iter, memrchr_iter};

use super::lines::Text;
use crate::model::column::is_boundary;

/// Replace a range of a file by other bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ByteEdit {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) insert: Vec<u8>,
}

impl ByteEdit {
    pub(super) fn new(range: Range<usize>, insert: impl Into<Vec<u8>>) -> Self {
        Self { start: range.start, end: range.end, insert: insert.into() }
    }

    /// The bytes it replaces.
    pub(super) fn replaced<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// The lines of a text that it touches: at least one.
    pub(super) fn lines(&self, text: &Text) -> Range<usize> {
        let last = text.lines.len().saturating_sub(1);
        let first = text.line_at(self.start).min(last);
        let end = text.line_at(self.end);
        let ends_before = self.end > self.start && self.end == text.start_of(end);
        first..(if ends_before { end.saturating_sub(1) } else { end }).clamp(first, last) + 1
    }

    /// Whether two edits meet: they overlap, or the end of one is the start of the other, so that the outcome
    /// would depend on their order.
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.start <= other.end && other.start <= self.end
    }

    /// The same change without the bytes that stay as they are at both ends, never inside a UTF-8 character.
    pub(super) fn reduced(&self, bytes: &[u8]) -> Self {
        let old = self.replaced(bytes);
        let new = self.insert.as_slice();
        let mut head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
        while !(is_boundary(old, head) && is_boundary(new, head)) {
            head -= 1;
        }
        let (old, new) = (old.get(head..).unwrap_or_default(), new.get(head..).unwrap_or_default());
        let mut tail = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
        while !(is_boundary(old, old.len() - tail) && is_boundary(new, new.len() - tail)) {
            tail -= 1;
        }
        let insert = new.get(..new.len() - tail).unwrap_or_default();
        Self::new(self.start + head..self.end - tail, insert)
    }
}

/// The part of a file that sorted edits change, in whole lines that end with `\n` with some more around: where it starts,
/// its bytes, and the edits as they are in it. A fix is small, its file may not be.
pub(super) fn window<'b>(bytes: &'b [u8], edits: &[ByteEdit], around: usize) -> (usize, &'b [u8], Vec<ByteEdit>) {
    let first = edits.iter().map(|edit| edit.start).min().unwrap_or_default().min(bytes.len());
    let last = edits.iter().map(|edit| edit.end).max().unwrap_or_default().clamp(first, bytes.len());
    let (head, tail) = (bytes.get(..first).unwrap_or_default(), bytes.get(last..).unwrap_or_default());
    // The first of these line ends stands before the line of the first edit or ends that of the last one.
    let start = memrchr_iter(b'\n', head).nth(around).map_or(0, |at| at + 1);
    let end = memchr_iter(b'\n', tail).nth(around).map_or(bytes.len(), |at| last + at + 1);
    let moved =
        |edit: &ByteEdit| ByteEdit::new(edit.start - start..edit.end.saturating_sub(start), edit.insert.as_slice());
    (start, bytes.get(start..end).unwrap_or_default(), edits.iter().map(moved).collect())
}

/// A file with edits made. They are sorted and do not overlap; one that does not fit is left out.
pub(super) fn splice(bytes: &[u8], edits: &[ByteEdit]) -> Vec<u8> {
    let grown: usize = edits.iter().map(|edit| edit.insert.len()).sum();
    let mut out = Vec::with_capacity(bytes.len() + grown);
    let mut at = 0;
    for edit in edits {
        let Some(kept) = bytes.get(at..edit.start) else { continue };
        out.extend_from_slice(kept);
        out.extend_from_slice(&edit.insert);
        at = edit.end;
    }
    out.extend_from_slice(bytes.get(at..).unwrap_or_default());
    out
}

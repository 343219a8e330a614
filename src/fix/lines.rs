//! The bytes of a file and where its lines are.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use super::block::Kind;
use super::outline::Outline;

/// UTF-8 byte order mark.
pub(super) const BOM: &[u8] = b"\xef\xbb\xbf";

/// How a pointer of Git LFS begins, and how long it is at most (its specification, version 1).
const POINTER: &[u8] = b"version https://git-lfs.github.com/spec/v1\n";
const MAX_POINTER: usize = 1024;

/// A file and its lines, which end with `\n`, `\r\n` or a lone `\r` (SARIF 2.1.0, 3.30.1).
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) bytes: Arc<[u8]>,
    pub(super) lines: Vec<Line>,
    /// Asked by each fix of the file.
    refusal: OnceLock<Option<&'static str>>,
    is_dos: OnceLock<bool>,
    code: OnceLock<Outline>,
    data: OnceLock<Outline>,
}

/// Offsets of one line in the bytes of its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) start: usize,
    /// End without the line end.
    pub(super) end: usize,
    /// Start of the next line, or the end of the file.
    pub(super) next: usize,
}

impl Text {
    pub(super) fn new(bytes: impl Into<Arc<[u8]>>) -> Self {
        let bytes = bytes.into();
        let lines = split(&bytes);
        let (refusal, is_dos) = (OnceLock::new(), OnceLock::new());
        Self { bytes, lines, refusal, is_dos, code: OnceLock::new(), data: OnceLock::new() }
    }

    /// Its blocks, if it is of this kind.
    pub(super) fn outline(&self, kind: Kind) -> &Outline {
        let known = match kind {
            Kind::Code => &self.code,
            Kind::Data => &self.data,
        };
        known.get_or_init(|| Outline::new(self, kind))
    }

    /// Bytes of a line without its line end and without a byte order mark; empty where there is no such line.
    pub(super) fn line(&self, index: usize) -> &[u8] {
        let content = self.lines.get(index).and_then(|line| self.bytes.get(line.start..line.end)).unwrap_or_default();
        if index == 0 { content.strip_prefix(BOM).unwrap_or(content) } else { content }
    }

    /// 0-based line that holds an offset; the end of the file belongs to the last line unless that line is ended.
    pub(super) fn line_at(&self, offset: usize) -> usize {
        let index = self.lines.partition_point(|line| line.next <= offset);
        let is_open = self.lines.last().is_some_and(|last| last.end == last.next);
        if is_open { index.min(self.lines.len() - 1) } else { index }
    }

    /// Start of a line, or the end of the file behind the last one.
    pub(super) fn start_of(&self, index: usize) -> usize {
        self.lines.get(index).map_or(self.bytes.len(), |line| line.start)
    }

    /// The line end that new lines at this offset should have: of its own line, else of the line before it.
    pub(super) fn line_end_at(&self, offset: usize) -> &[u8] {
        let index = self.line_at(offset).min(self.lines.len().saturating_sub(1));
        let own = self.lines.get(index);
        let before = index.checked_sub(1).and_then(|before| self.lines.get(before));
        [own, before]
            .into_iter()
            .flatten()
            .filter_map(|line| self.bytes.get(line.end..line.next))
            .find(|end| !end.is_empty())
            .unwrap_or(b"\n")
    }

    /// Why the file cannot be edited as text, in words.
    pub(super) fn not_text(&self) -> Option<&'static str> {
        *self.refusal.get_or_init(|| self.is_not_text())
    }

    /// As [`unix`].
    pub(super) fn unix(&self) -> Cow<'_, [u8]> {
        let is_dos = *self.is_dos.get_or_init(|| matches!(unix(&self.bytes), Cow::Owned(_)));
        if is_dos { unix(&self.bytes) } else { Cow::Borrowed(&self.bytes) }
    }

    fn is_not_text(&self) -> Option<&'static str> {
        if self.bytes.len() < MAX_POINTER && self.bytes.starts_with(POINTER) {
            return Some("it is a pointer of Git LFS and not the file itself, which git lfs pull fetches");
        }
        if self.bytes.starts_with(b"\xff\xfe") || self.bytes.starts_with(b"\xfe\xff") {
            return Some("it is UTF-16, which Quell does not edit");
        }
        memchr::memchr(0, &self.bytes).map(|_| "it is a binary file")
    }
}

/// The bytes with every `\r\n` as `\n`, for comparisons that forgive line ends.
pub(super) fn unix(bytes: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memmem::find(bytes, b"\r\n").is_none() {
        return Cow::Borrowed(bytes);
    }
    Cow::Owned(with_line_ends(bytes, b"\n"))
}

/// The bytes with every `\r\n` and `\n` as `end`.
pub(super) fn with_line_ends(bytes: &[u8], end: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
        match piece.strip_suffix(b"\n") {
            Some(line) => {
                out.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
                out.extend_from_slice(end);
            }
            None => out.extend_from_slice(piece),
        }
    }
    out
}

fn split(bytes: &[u8]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut start = 0;
    for end in memchr::memchr2_iter(b'\n', b'\r', bytes) {
        if end < start {
            // The `\n` of a `\r\n` that is done already.
            continue;
        }
        let is_pair = bytes.get(end..).is_some_and(|rest| rest.starts_with(b"\r\n"));
        let next = end + if is_pair { 2 } else { 1 };
        lines.push(Line { start, end, next });
        start = next;
    }
    if start < bytes.len() {
        lines.push(Line { start, end: bytes.len(), next: bytes.len() });
    }
    lines
}

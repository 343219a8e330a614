//! A part of a text in memory: read forward in blocks, so that a report costs no more memory than its largest value.
//!
//! What is passed while something is kept (see [`Window::keep`]) is copied out: the skeleton of a report.

use super::load::Progress;
use super::open::Text;

/// Bytes that are read at a time: small enough to stay in a processor's cache until they are parsed.
const BLOCK: usize = 256 << 10;

/// Bytes of a text, in pieces, with their positions.
#[derive(Clone, Debug, Default)]
pub(super) struct Skeleton {
    pub(super) bytes: Vec<u8>,
    /// Position in the text and length of each piece.
    pub(super) pieces: Vec<(u64, usize)>,
}

pub(super) struct Window<'t> {
    text: &'t Text,
    progress: &'t Progress,
    bytes: Vec<u8>,
    /// How many of `bytes` are of the text.
    filled: usize,
    /// Position in the text of the first byte.
    start: u64,
    /// Where reading goes on.
    at: usize,
    /// What must stay in memory, from here on.
    held: Option<usize>,
    /// Where the bytes begin that are to be copied out and are not yet.
    kept: Option<usize>,
    skeleton: Skeleton,
    is_end: bool,
}

impl<'t> Window<'t> {
    pub(super) fn new(text: &'t Text, at: u64, progress: &'t Progress) -> Self {
        Self {
            text,
            progress,
            bytes: Vec::new(),
            filled: 0,
            start: at,
            at: 0,
            held: None,
            kept: None,
            skeleton: Skeleton::default(),
            is_end: false,
        }
    }

    /// What is in memory from here on; may be less than there is.
    pub(super) fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..self.filled).unwrap_or_default()
    }

    pub(super) fn peek(&mut self) -> Option<u8> {
        loop {
            if let Some(byte) = self.rest().first() {
                return Some(*byte);
            }
            if !self.more() {
                return None;
            }
        }
    }

    /// Goes forward over bytes that are in memory.
    pub(super) fn skip(&mut self, count: usize) {
        self.at = self.filled.min(self.at + count);
    }

    pub(super) fn skip_all(&mut self) {
        self.at = self.filled;
    }

    /// Position in the text.
    pub(super) fn position(&self) -> u64 {
        self.start + self.at as u64
    }

    /// Keeps everything from here on in memory, until [`Self::release`].
    pub(super) fn hold(&mut self) {
        self.held = Some(self.at);
    }

    /// What was passed since [`Self::hold`].
    pub(super) fn release(&mut self) -> &[u8] {
        let from = self.held.take().unwrap_or(self.at);
        self.bytes.get(from..self.at).unwrap_or_default()
    }

    /// Copies out what is passed from here on.
    pub(super) fn keep(&mut self) {
        self.kept = Some(self.at);
    }

    /// Copies out what is passed from here on, and the byte before, which has just been skipped.
    pub(super) fn keep_last(&mut self) {
        self.kept = Some(self.at.saturating_sub(1));
    }

    /// Ends [`Self::keep`].
    pub(super) fn keep_no_more(&mut self) {
        self.copy_to(self.at);
        self.kept = None;
    }

    /// What was copied out, which is then forgotten here.
    pub(super) fn take_skeleton(&mut self) -> Skeleton {
        self.copy_to(self.at);
        std::mem::take(&mut self.skeleton)
    }

    /// Goes on with what was copied out before.
    pub(super) fn resume_skeleton(&mut self, skeleton: Skeleton) {
        self.skeleton = skeleton;
    }

    /// What was copied out so far.
    pub(super) fn skeleton(&mut self) -> &mut Skeleton {
        self.copy_to(self.at);
        &mut self.skeleton
    }

    fn copy_to(&mut self, to: usize) {
        let Some(from) = self.kept.filter(|from| *from < to) else { return };
        let at = self.start + from as u64;
        match self.skeleton.pieces.last_mut() {
            Some((start, len)) if *start + *len as u64 == at => *len += to - from,
            _ => self.skeleton.pieces.push((at, to - from)),
        }
        self.skeleton.bytes.extend_from_slice(self.bytes.get(from..to).unwrap_or_default());
        self.kept = Some(to);
    }

    /// Reads on; `false` at the end of the text, or when the load is cancelled. A text that cannot be read any further
    /// ends there.
    pub(super) fn more(&mut self) -> bool {
        if self.is_end || self.progress.is_cancelled() {
            return false;
        }
        let from = self.held.unwrap_or(self.at);
        self.copy_to(from);
        self.bytes.copy_within(from..self.filled, 0);
        self.start += from as u64;
        self.filled -= from;
        self.at -= from;
        self.held = self.held.map(|_| 0);
        self.kept = self.kept.map(|kept| kept - from);
        // A value that does not fit is met again after as much has been read: no byte is looked at more than a few times.
        let room = self.filled.max(BLOCK);
        self.bytes.resize(self.bytes.len().max(self.filled + room), 0);
        let into = self.bytes.get_mut(self.filled..self.filled + room).unwrap_or_default();
        let count = self.text.read(self.start + self.filled as u64, into).unwrap_or_default();
        self.filled += count;
        self.is_end = count == 0;
        !self.is_end
    }
}

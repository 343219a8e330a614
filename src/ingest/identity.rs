//! The id of a result: what stays the same when lines move, reports are added or input is reordered.
//!
//! An id is the first 64 bits of SHA-256 over the digests of rule, place and flagged text, and an ordinal. The digest of
//! a rule is over repository key, tool family and rule id, that of a place over its path, that of flagged text over the
//! text as it was normalised; each is the first half of SHA-256. The ordinal counts results with equal digests inside
//! one run, in the order of their lines and columns.

use std::borrow::Cow;

use sha2::{Digest as _, Sha256};

use crate::model::backlog::Record;
use crate::model::covered::covered;
use crate::model::grade::Category;
use crate::model::id::FindingId;

/// Half of SHA-256.
pub(super) type Digest = [u8; 16];

/// The digests of the flagged texts of all results, until ids are given. The first half of each waits in the id of its
/// record, which has no other use as long.
#[derive(Debug, Default)]
pub(super) struct Flagged {
    second: Vec<u64>,
}

impl Flagged {
    /// Adds that of the next result; `None` where its text is not known yet.
    pub(super) fn push(&mut self, record: &mut Record, digest: Option<Digest>) {
        let at = self.second.len();
        self.second.push(0);
        self.set(at, record, digest);
    }

    pub(super) fn set(&mut self, at: usize, record: &mut Record, digest: Option<Digest>) {
        let whole = u128::from_be_bytes(digest.unwrap_or_default());
        #[expect(clippy::cast_possible_truncation, reason = "each half is one")]
        let (first, second) = ((whole >> 64) as u64, whole as u64);
        record.id = FindingId(first);
        if let Some(slot) = self.second.get_mut(at) {
            *slot = second;
        }
    }

    pub(super) fn get(&self, at: usize, record: &Record) -> Option<Digest> {
        let whole = u128::from(record.id.0) << 64 | u128::from(self.second.get(at).copied().unwrap_or_default());
        (whole != 0).then(|| whole.to_be_bytes())
    }

    pub(super) fn truncate(&mut self, count: usize) {
        self.second.truncate(count);
    }

    /// Makes room for so many more, if there is any.
    pub(super) fn try_reserve(&mut self, more: usize) {
        let _ = self.second.try_reserve_exact(more);
    }

    pub(super) fn append(&mut self, mut more: Self) {
        if self.second.is_empty() {
            *self = more;
        } else {
            self.second.append(&mut more.second);
        }
    }
}

/// What is the same for equal results of one rule at one text: rule, place, flagged text.
pub(super) type Key = [Digest; 3];

/// The digest of a rule.
pub(super) fn rule(repository: &str, family: &str, rule: &str) -> Digest {
    let mut hash = Sha256::new();
    for part in [repository, family, rule] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    half(&hash.finalize())
}

/// The digest of a path, or of what stands for one.
pub(super) fn place(path: &str) -> Digest {
    half(&Sha256::digest(path))
}

/// The digest of normalised flagged text.
pub(super) fn flagged(text: &str, category: Category) -> Digest {
    let text = if category == Category::Secret { Cow::Owned(covered(text)) } else { Cow::Borrowed(text) };
    half(&Sha256::digest(text.as_bytes()))
}

pub(super) fn id(key: &Key, ordinal: u32) -> FindingId {
    let mut block = [0; 52];
    let (digests, count) = block.split_at_mut(48);
    digests.copy_from_slice(key.as_flattened());
    count.copy_from_slice(&ordinal.to_le_bytes());
    FindingId(first_64_bits(&Sha256::digest(block)))
}

fn half(digest: &[u8]) -> Digest {
    let mut half = Digest::default();
    half.iter_mut().zip(digest).for_each(|(to, from)| *to = *from);
    half
}

/// The first eight bytes of a digest as a number.
pub(super) fn first_64_bits(digest: &[u8]) -> u64 {
    digest.iter().take(8).fold(0, |bits, byte| bits << 8 | u64::from(*byte))
}

/// A number that is mostly different for different runs and keys, the same on every machine.
pub(super) fn mixed(run: u32, key: &Key) -> u32 {
    let mixed = key.iter().fold(0, |mixed: u64, digest| mixed.rotate_left(21) ^ first_64_bits(digest));
    FindingId(mixed).upper_half() ^ run
}

/// Runs of white space as one blank, none at the ends: indentation and line ends do not change an id.
pub(super) fn normalise(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    normalise_into(text, &mut out);
    out
}

/// The same, in the place of what `out` holds.
pub(super) fn normalise_into(text: &str, out: &mut String) {
    out.clear();
    if text.is_ascii() {
        let is_blank = |byte: u8| matches!(byte, b'\t'..=b'\r' | b' ');
        let mut rest = text;
        while let Some(start) = rest.bytes().position(|byte| !is_blank(byte)) {
            let from = rest.get(start..).unwrap_or_default();
            let (word, after) = from.split_at(from.bytes().position(is_blank).unwrap_or(from.len()));
            add_word(word, out);
            rest = after;
        }
    } else {
        text.split_whitespace().for_each(|word| add_word(word, out));
    }
}

fn add_word(word: &str, out: &mut String) {
    if !out.is_empty() {
        out.push(' ');
    }
    out.push_str(word);
}

/// Adds a message without its numbers, which count lines and bytes more often than they name anything, with white space as
/// [`normalise`] leaves it.
pub(super) fn without_numbers(message: &str, out: &mut String) {
    let start = out.len();
    for word in message.split_whitespace() {
        if out.len() > start {
            out.push(' ');
        }
        let mut rest = word;
        while let Some(at) = rest.bytes().position(|byte| byte.is_ascii_digit()) {
            let (before, number) = rest.split_at(at);
            out.push_str(before);
            out.push('#');
            rest = number.trim_start_matches(|c: char| c.is_ascii_digit());
        }
        out.push_str(rest);
    }
}

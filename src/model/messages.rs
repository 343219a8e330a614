//! The messages of all results, for search: a million of them say much the same, so each sentence is kept once.

use std::cmp::Ordering;
use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::fast::RandomState;

use super::backlog::{Arena, NONE};
use super::hashed::Hashed;

/// The shortest piece that is kept by itself.
const MIN_PIECE: usize = 16;

/// Texts one after the other, each a row of pieces. A piece ends after a line, or after the blank behind the end of a
/// sentence.
#[derive(Debug, Default)]
pub struct Messages {
    pieces: Arena,
    /// Numbers of pieces, of all texts.
    rows: Vec<u32>,
    /// End of each text in `rows`.
    ends: Vec<u32>,
    known: Known,
}

/// Pieces by two hashes of their text, 96 random bits that nobody can aim at, while texts are added. To compare the
/// texts as well would cost more than everything else: they lie anywhere in memory.
#[derive(Debug, Default)]
struct Known {
    numbers: Hashed<Key, u32>,
    hashers: (RandomState, RandomState),
}

impl Known {
    fn key(&self, piece: &str) -> Key {
        #[expect(clippy::cast_possible_truncation, reason = "half of a hash is one")]
        let second = self.hashers.1.hash_one(piece) as u32;
        Key(self.hashers.0.hash_one(piece), second)
    }
}

/// Two hashes of a piece.
#[derive(Debug, PartialEq, Eq)]
struct Key(u64, u32);

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0);
    }
}

impl Messages {
    /// Adds a text.
    pub fn push(&mut self, text: &str) {
        let mut rest = text;
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(end_of_piece(rest));
            let number = self.number(piece);
            self.rows.push(number);
            rest = after;
        }
        self.ends.push(u32::try_from(self.rows.len()).unwrap_or(NONE));
    }

    /// Makes room for so many more texts, if there is any.
    pub fn try_reserve(&mut self, more: usize) {
        let each = self.rows.len() / self.ends.len().max(1) + 1;
        // Without it, room is made as texts come.
        let _ = self.ends.try_reserve_exact(more);
        let _ = self.rows.try_reserve_exact(more.saturating_mul(each));
    }

    /// Adds all texts of another, in their order.
    pub fn append(&mut self, other: Self) {
        if self.ends.is_empty() {
            *self = other;
            return;
        }
        let numbers: Vec<u32> = other.pieces.iter().map(|piece| self.number(piece)).collect();
        let start = u32::try_from(self.rows.len()).unwrap_or(NONE);
        self.rows.extend(other.rows.iter().map(|piece| numbers.get(*piece as usize).copied().unwrap_or(NONE)));
        self.ends.extend(other.ends.iter().map(|end| end.saturating_add(start)));
    }

    /// Forgets the last texts; what they were made of stays.
    pub fn truncate(&mut self, count: usize) {
        self.ends.truncate(count);
        self.rows.truncate(self.ends.last().map_or(0, |end| *end as usize));
    }

    /// Gives back the memory that only adding needs.
    pub fn seal(&mut self) {
        self.known = Known::default();
        self.pieces.text.shrink_to_fit();
        self.rows.shrink_to_fit();
        self.ends.shrink_to_fit();
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The text with this number; empty if there is none.
    pub fn get(&self, number: u32) -> String {
        let mut text = String::new();
        self.add_to(number, &mut text);
        text
    }

    /// The text with this number, piece by piece; equal texts have equal pieces.
    pub fn texts(&self, number: u32) -> impl Iterator<Item = &str> {
        self.row(number).iter().map(|piece| self.pieces.get(*piece))
    }

    /// Adds the text with this number to another.
    pub fn add_to(&self, number: u32, text: &mut String) {
        text.extend(self.texts(number));
    }

    /// The order of two texts.
    pub fn compare(&self, one: u32, other: u32) -> Ordering {
        if self.row(one) == self.row(other) { Ordering::Equal } else { self.get(one).cmp(&self.get(other)) }
    }

    /// The distinct pieces.
    pub fn pieces(&self) -> &Arena {
        &self.pieces
    }

    /// The pieces that a text is made of, in their order.
    pub fn row(&self, number: u32) -> &[u32] {
        let number = number as usize;
        let start = number.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied());
        let end = self.ends.get(number).copied();
        start.zip(end).and_then(|(start, end)| self.rows.get(start as usize..end as usize)).unwrap_or_default()
    }

    fn number(&mut self, piece: &str) -> u32 {
        let key = self.known.key(piece);
        *self.known.numbers.entry(key).or_insert_with(|| self.pieces.push(piece))
    }
}

/// Whether a text can stand in two pieces: whether one could end inside of it. A blank at its start may be the last of
/// a piece.
pub fn may_be_split(text: &str) -> bool {
    let bytes = text.as_bytes();
    let inside = bytes.get(..bytes.len().saturating_sub(1)).unwrap_or_default();
    inside.first() == Some(&b' ') || (1..=inside.len()).any(|end| ends_piece(inside.get(..end).unwrap_or_default()))
}

/// Where the first piece of a text ends.
fn end_of_piece(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut from = MIN_PIECE - 2;
    while let Some(found) = bytes.get(from..).and_then(|rest| memchr::memchr2(b'.', b'\n', rest)) {
        from += found + 1;
        let end = if bytes.get(from) == Some(&b' ') { from + 1 } else { from };
        if bytes.get(..end).is_some_and(ends_piece) {
            return end;
        }
    }
    text.len()
}

fn ends_piece(bytes: &[u8]) -> bool {
    matches!(bytes, [.., b'\n'] | [.., b'.', b' '])
}

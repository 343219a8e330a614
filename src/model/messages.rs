//! The messages of all results, for search: a million of them say much the same, so each sentence is kept once.

use std::cmp::Ordering;

use super::backlog::{Arena, NONE};
use super::hashed::{Hashed, Print, Printer};

/// The shortest piece that is kept by itself.
const MIN_PIECE: usize = 16;

/// Texts in lower case, one after the other, each a row of pieces. A piece ends after a line, or after the blank behind the end of a
/// sentence.
#[derive(Debug, Default)]
pub struct Messages {
    pieces: Arena,
    /// Numbers of pieces, of all texts.
    rows: Vec<u32>,
    /// End of each text in `rows`.
    ends: Vec<u32>,
}

/// Messages while texts are added.
#[derive(Debug, Default)]
pub struct Gather {
    messages: Messages,
    numbers: Hashed<Print, u32>,
    printer: Printer,
    waiting: Waiting,
}

/// The last pieces, whose numbers are not looked up yet: those of several are, at once, so that a processor waits for
/// its memory once.
#[derive(Debug, Default)]
struct Waiting {
    text: String,
    /// The print of each, and where it ends.
    pieces: Vec<(Print, usize)>,
}

/// Pieces that are looked up together.
const TOGETHER: usize = 32;

impl Gather {
    /// Adds a text, in lower case.
    pub fn push(&mut self, text: &str) {
        let waiting = &mut self.waiting;
        let mut at = waiting.text.len();
        if text.is_ascii() {
            waiting.text.push_str(text);
            if let Some(added) = waiting.text.get_mut(at..) {
                added.make_ascii_lowercase();
            }
        } else {
            waiting.text.push_str(&text.to_lowercase());
        }
        while let Some(rest) = waiting.text.get(at..).filter(|rest| !rest.is_empty()) {
            let end = end_of_piece(rest);
            let print = self.printer.print(rest.get(..end).unwrap_or_default());
            at += end;
            waiting.pieces.push((print, at));
            self.messages.rows.push(NONE);
        }
        self.messages.ends.push(u32::try_from(self.messages.rows.len()).unwrap_or(NONE));
        if self.waiting.pieces.len() >= TOGETHER {
            self.settle();
        }
    }

    /// A text that was added; empty if there is none.
    pub fn get(&mut self, number: u32) -> String {
        self.settle();
        self.messages.get(number)
    }

    /// Makes room for so many more texts, if there is any.
    pub fn try_reserve(&mut self, more: usize) {
        let Messages { rows, ends, .. } = &mut self.messages;
        let each = rows.len() / ends.len().max(1) + 1;
        // Without it, room is made as texts come.
        let _ = ends.try_reserve_exact(more);
        let _ = rows.try_reserve_exact(more.saturating_mul(each));
    }

    /// Adds all texts of another, in their order.
    pub fn append(&mut self, mut other: Self) {
        if self.messages.is_empty() {
            *self = other;
            return;
        }
        self.settle();
        other.settle();
        let Messages { pieces, rows, ends } = other.messages;
        let numbers: Vec<u32> = pieces.iter().map(|piece| self.number(self.printer.print(piece), piece)).collect();
        let start = u32::try_from(self.messages.rows.len()).unwrap_or(NONE);
        self.messages.rows.extend(rows.iter().map(|piece| numbers.get(*piece as usize).copied().unwrap_or(NONE)));
        self.messages.ends.extend(ends.iter().map(|end| end.saturating_add(start)));
    }

    /// Forgets the last texts; what they were made of stays.
    pub fn truncate(&mut self, count: usize) {
        self.settle();
        let Messages { rows, ends, .. } = &mut self.messages;
        ends.truncate(count);
        rows.truncate(ends.last().map_or(0, |end| *end as usize));
    }

    /// All of it, without the memory that only adding needs.
    pub fn finish(mut self) -> Messages {
        self.settle();
        let mut messages = self.messages;
        messages.pieces.text.shrink_to_fit();
        messages.rows.shrink_to_fit();
        messages.ends.shrink_to_fit();
        messages
    }

    /// Gives the pieces that wait their numbers.
    fn settle(&mut self) {
        let Waiting { mut text, mut pieces } = std::mem::take(&mut self.waiting);
        let mut at = self.messages.rows.len() - pieces.len();
        let mut start = 0;
        for together in pieces.chunks(TOGETHER) {
            let mut known = [None; TOGETHER];
            for (known, (print, _)) in known.iter_mut().zip(together) {
                *known = self.numbers.get(print).copied();
            }
            for ((print, end), known) in together.iter().zip(known) {
                let number = known.unwrap_or_else(|| self.number(*print, text.get(start..*end).unwrap_or_default()));
                if let Some(slot) = self.messages.rows.get_mut(at) {
                    *slot = number;
                }
                (at, start) = (at + 1, *end);
            }
        }
        text.clear();
        pieces.clear();
        self.waiting = Waiting { text, pieces };
    }

    fn number(&mut self, print: Print, piece: &str) -> u32 {
        *self.numbers.entry(print).or_insert_with(|| self.messages.pieces.push(piece))
    }
}

impl From<Messages> for Gather {
    /// Goes on with messages that were finished.
    fn from(messages: Messages) -> Self {
        let printer = Printer::default();
        let numbers = (0..).zip(messages.pieces.iter()).map(|(number, piece)| (printer.print(piece), number)).collect();
        Self { messages, numbers, printer, waiting: Waiting::default() }
    }
}

impl Messages {
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

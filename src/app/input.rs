//! One line of text that is being typed.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::key::{Code, Key};

/// Most bytes that a field takes; a paste beyond it is cut.
const MAX: usize = 4096;

/// A text with a cursor. Line breaks and control characters never get in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineInput {
    text: String,
    /// Byte position of the cursor, always at a grapheme boundary.
    cursor: usize,
}

impl LineInput {
    pub fn new(text: &str) -> Self {
        let mut input = Self::default();
        input.paste(text);
        input
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// Byte position of the cursor in the text.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    pub fn paste(&mut self, text: &str) {
        for c in text.chars() {
            let c = if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c };
            if !c.is_control() && self.text.len() + c.len_utf8() <= MAX {
                self.text.insert(self.cursor, c);
                self.cursor += c.len_utf8();
            }
        }
    }

    /// Replaces a byte range of the text and puts the cursor behind what came in.
    pub fn replace(&mut self, span: Range<usize>, text: &str) {
        if self.text.get(span.clone()).is_some() {
            self.delete(span.start, span.end);
            self.paste(text);
        }
    }

    /// Takes an editing key; `false` if the key means nothing here.
    pub fn take(&mut self, key: Key) -> bool {
        if let Some(c) = key.typed() {
            self.paste(c.encode_utf8(&mut [0; 4]));
            return true;
        }
        match (key.code, key.ctrl) {
            (Code::Left, false) | (Code::Char('b'), true) => self.cursor = self.before(),
            (Code::Right, false) | (Code::Char('f'), true) => self.cursor = self.after(),
            (Code::Home, _) | (Code::Char('a'), true) => self.cursor = 0,
            (Code::End, _) | (Code::Char('e'), true) => self.cursor = self.text.len(),
            (Code::Backspace, false) | (Code::Char('h'), true) => self.delete(self.before(), self.cursor),
            (Code::Delete, _) | (Code::Char('d'), true) => self.delete(self.cursor, self.after()),
            (Code::Char('u'), true) => self.delete(0, self.cursor),
            (Code::Char('k'), true) => self.delete(self.cursor, self.text.len()),
            (Code::Char('w') | Code::Backspace, true) => self.delete(self.word_before(), self.cursor),
            _ => return false,
        }
        true
    }

    fn delete(&mut self, from: usize, to: usize) {
        self.text.replace_range(from..to, "");
        self.cursor = from;
    }

    fn head(&self) -> &str {
        self.text.get(..self.cursor).unwrap_or_default()
    }

    fn before(&self) -> usize {
        self.head().grapheme_indices(true).next_back().map_or(0, |(at, _)| at)
    }

    fn after(&self) -> usize {
        let tail = self.text.get(self.cursor..).unwrap_or_default();
        self.cursor + tail.graphemes(true).next().map_or(0, str::len)
    }

    fn word_before(&self) -> usize {
        let trimmed = self.head().trim_end();
        trimmed.rfind(char::is_whitespace).map_or(0, |at| at + 1)
    }
}

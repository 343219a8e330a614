//! The quick way through JSON text: what a row needs is read where it lies, everything else is passed without looking
//! into it. A text that is not sound where it is read is `Broken`, and for `repair`.
//!
//! A library parses and checks every value; a load reads a small part of each result, and this is where its time goes
//! (`benches/load.rs` has both side by side).

use std::borrow::Cow;

use super::json::Scalar;

/// The text is not JSON where it was read, or ends there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Broken;

pub(super) type Step<T> = Result<T, Broken>;

/// A value that is read in place. It must be as it was made by `default`.
pub(super) trait Read<'a>: Default {
    fn read(&mut self, from: &mut Cursor<'a>) -> Step<()>;
}

/// The one value at the start of a text, whatever follows it.
pub(super) fn read<'a, T: Read<'a>>(text: &'a str) -> Step<T> {
    let mut value = T::default();
    value.read(&mut Cursor::new(text)).map(|()| value)
}

/// What kind of value comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Object,
    Array,
    Text,
    Number,
    /// `true`, `false`, `null`.
    Word,
}

/// Objects and arrays that may lie in one another where they are read, as many as `serde_json` takes.
const MAX_DEPTH: u32 = 128;

/// A place in a text.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    /// How much of the text was passed.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// What comes next, white space passed.
    #[inline]
    pub(super) fn next(&mut self) -> Step<Next> {
        match self.peek()? {
            b'{' => Ok(Next::Object),
            b'[' => Ok(Next::Array),
            b'"' => Ok(Next::Text),
            b'-' | b'0'..=b'9' => Ok(Next::Number),
            b't' | b'f' | b'n' => Ok(Next::Word),
            _ => Err(Broken),
        }
    }

    /// Reads an object; `field` reads or skips the value of each key.
    #[inline]
    pub(super) fn object(&mut self, mut field: impl FnMut(&mut Self, &str) -> Step<()>) -> Step<()> {
        self.enter()?;
        if self.peek()? != b'}' {
            loop {
                if self.peek()? != b'"' {
                    return Err(Broken);
                }
                let other;
                let key = if let Some(key) = self.plain_key() {
                    key
                } else {
                    other = self.escaped()?;
                    &other
                };
                if self.peek()? != b':' {
                    return Err(Broken);
                }
                self.at += 1;
                field(self, key)?;
                match self.peek()? {
                    b',' => self.at += 1,
                    b'}' => break,
                    _ => return Err(Broken),
                }
            }
        }
        self.leave();
        Ok(())
    }

    /// Reads an array; `element` reads or skips each of its values.
    #[inline]
    pub(super) fn array(&mut self, mut element: impl FnMut(&mut Self) -> Step<()>) -> Step<()> {
        self.enter()?;
        if self.peek()? != b']' {
            loop {
                element(self)?;
                match self.peek()? {
                    b',' => self.at += 1,
                    b']' => break,
                    _ => return Err(Broken),
                }
            }
        }
        self.leave();
        Ok(())
    }

    /// Reads a text.
    #[inline]
    pub(super) fn string(&mut self) -> Step<Cow<'a, str>> {
        let start = self.at + 1;
        let end = plain_end(self.text.as_bytes(), start).ok_or(Broken)?;
        if self.text.as_bytes().get(end) == Some(&b'"') {
            self.at = end + 1;
            return self.text.get(start..end).map(Cow::Borrowed).ok_or(Broken);
        }
        self.escaped()
    }

    /// Reads a key as nearly all are: short and plain. Passes nothing if it is another.
    #[inline]
    fn plain_key(&mut self) -> Option<&'a str> {
        let bytes = self.text.as_bytes();
        let start = self.at + 1;
        let mut at = start;
        loop {
            let Some(found) = first_of(words_at(bytes, at)?, not_plain) else {
                at += STRIDE;
                continue;
            };
            let end = at + found;
            if bytes.get(end) != Some(&b'"') {
                return None;
            }
            self.at = end + 1;
            return self.text.get(start..end);
        }
    }

    #[cold]
    fn escaped(&mut self) -> Step<Cow<'a, str>> {
        let start = self.at;
        self.skip_string()?;
        let quoted = self.text.get(start..self.at).ok_or(Broken)?;
        serde_json::from_str(quoted).map(Cow::Owned).map_err(|_| Broken)
    }

    /// Reads what is neither object nor array; those are passed.
    #[inline]
    pub(super) fn scalar(&mut self) -> Step<Scalar<'a>> {
        match self.next()? {
            Next::Text => self.string().map(Scalar::Text),
            Next::Number | Next::Word => self.word(),
            Next::Object | Next::Array => self.skip_nested().map(|()| Scalar::Nested),
        }
    }

    /// Reads a whole number of the plain form that lines and columns have; passes nothing if it is something else.
    #[inline]
    pub(super) fn plain_number(&mut self) -> Option<i64> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let (mut number, mut len) = (0_i64, 0);
        for digit in rest.iter().take(18).map(|byte| byte.wrapping_sub(b'0')).take_while(|digit| *digit < 10) {
            number = number * 10 + i64::from(digit);
            len += 1;
        }
        let is_zero_padded = rest.first() == Some(&b'0') && len > 1;
        if len == 0 || is_zero_padded || rest.get(len).is_none_or(|byte| is_part_of_word(*byte)) {
            return None;
        }
        self.at += len;
        Some(number)
    }

    fn word(&mut self) -> Step<Scalar<'a>> {
        if let Some(number) = self.plain_number() {
            return Ok(Scalar::Int(number));
        }
        let start = self.at;
        self.skip_word();
        let word = self.text.get(start..self.at).ok_or(Broken)?;
        serde_json::from_str(word).map_err(|_| Broken)
    }

    /// Passes a value without looking into it.
    pub(super) fn skip(&mut self) -> Step<()> {
        match self.next()? {
            Next::Text => self.skip_string(),
            Next::Object | Next::Array => self.skip_nested(),
            Next::Number | Next::Word => {
                self.skip_word();
                Ok(())
            }
        }
    }

    /// Passes a value and returns its text.
    pub(super) fn raw(&mut self) -> Step<&'a str> {
        self.peek()?;
        let start = self.at;
        self.skip()?;
        self.text.get(start..self.at).ok_or(Broken)
    }

    #[inline]
    fn peek(&mut self) -> Step<u8> {
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.at) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                Some(byte) => return Ok(*byte),
                None => return Err(Broken),
            }
        }
    }

    #[inline]
    fn enter(&mut self) -> Step<()> {
        self.depth += 1;
        self.at += 1;
        if self.depth > MAX_DEPTH { Err(Broken) } else { Ok(()) }
    }

    #[inline]
    fn leave(&mut self) {
        self.depth -= 1;
        self.at += 1;
    }

    fn skip_word(&mut self) {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        self.at += rest.iter().position(|byte| !is_part_of_word(*byte)).unwrap_or(rest.len());
    }

    fn skip_string(&mut self) -> Step<()> {
        self.at = string_end(self.text.as_bytes(), self.at + 1).ok_or(Broken)?;
        Ok(())
    }

    /// Passes an object or array by its brackets alone, as `scan` does.
    fn skip_nested(&mut self) -> Step<()> {
        let bytes = self.text.as_bytes();
        let (mut at, mut depth) = (self.at, 0_usize);
        loop {
            match bytes.get(at).ok_or(Broken)? {
                b'"' => {
                    at = string_end(bytes, at + 1).ok_or(Broken)?;
                    // What follows most strings is another one.
                    while let Some([b':' | b',', b'"']) = bytes.get(at..at + 2) {
                        at = string_end(bytes, at + 2).ok_or(Broken)?;
                    }
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => {
                    depth -= 1;
                    if depth == 0 {
                        self.at = at + 1;
                        return Ok(());
                    }
                }
                // A comment may hold quotes and brackets.
                b'/' => return Err(Broken),
                _ => {}
            }
            at += 1;
        }
    }
}

#[inline]
fn is_part_of_word(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'+' | b'-' | b'.')
}

/// Where the plain text of a string ends: at its quote, an escape, or a control character.
#[inline]
fn plain_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    // Most strings are short; for a long one it pays to begin a search of its own.
    for _ in 0..SHORT {
        let Some(words) = words_at(bytes, at) else { break };
        if let Some(found) = first_of(words, not_plain) {
            return Some(at + found);
        }
        at += STRIDE;
    }
    let rest = bytes.get(at..)?;
    let end = memchr::memchr2(b'"', b'\\', rest)?;
    let plain = rest.get(..end)?;
    // The least of all, and not the first one, so that many are compared at once.
    if plain.iter().fold(u8::MAX, |least, byte| least.min(*byte)) >= b' ' {
        return Some(at + end);
    }
    plain.iter().position(|byte| *byte < b' ').map(|control| at + control)
}

/// Strides of a string that are looked at one by one.
const SHORT: usize = 3;

/// Position after the quote that ends a string, from a place inside it.
#[inline]
fn string_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    while let Some(words) = words_at(bytes, at) {
        let Some(found) = first_of(words, |word| equal(word, b'"') | equal(word, b'\\')) else {
            at += STRIDE;
            continue;
        };
        at += found;
        if bytes.get(at) == Some(&b'"') {
            return Some(at + 1);
        }
        // What follows a backslash ends nothing.
        at += 2;
    }
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// Bytes that are looked at in one step: the length of most strings, so that a processor guesses right how many steps
/// it will take.
const STRIDE: usize = 16;

/// The bytes at a place in two words, the first byte lowest.
#[inline]
fn words_at(bytes: &[u8], at: usize) -> Option<[u64; 2]> {
    let all = u128::from_le_bytes(*bytes.get(at..)?.first_chunk::<STRIDE>()?);
    #[expect(clippy::cast_possible_truncation, reason = "each half is one")]
    let words = [all as u64, (all >> 64) as u64];
    Some(words)
}

/// Which byte is the first that a test finds, by the high bits that it sets.
#[inline]
fn first_of([low, high]: [u64; 2], test: impl Fn(u64) -> u64) -> Option<usize> {
    let found = u128::from(test(low)) | u128::from(test(high)) << 64;
    (found != 0).then(|| (found.trailing_zeros() / 8) as usize)
}

/// The high bit of the first byte that does not stand for itself in a string; higher ones may be set wrongly.
#[inline]
fn not_plain(word: u64) -> u64 {
    equal(word, b'"') | equal(word, b'\\') | below_blank(word)
}

const LOW: u64 = u64::from_le_bytes([0x01; 8]);
const HIGH: u64 = u64::from_le_bytes([0x80; 8]);

/// The high bit of the first byte that is equal; higher ones may be set wrongly.
#[inline]
fn equal(word: u64, byte: u8) -> u64 {
    let differs = word ^ (LOW * u64::from(byte));
    differs.wrapping_sub(LOW) & !differs & HIGH
}

/// The high bit of the first byte below a blank; higher ones may be set wrongly.
#[inline]
fn below_blank(word: u64) -> u64 {
    word.wrapping_sub(LOW * 0x20) & !word & HIGH
}

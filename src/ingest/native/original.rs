//! The text of a report in another format: what it looks like, and its content even where it is broken.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::ingest::repair::{Flaw, end_of_string, repair};

/// What the first document of a text has: `{` or `[` for its root, the keys of its root, as `key.inner` those of the
/// objects in it, and after a dot the keys of the first object in each array that is the root or in it. Beside a key
/// with a short text stands also `key=text`.
#[derive(Debug, Default)]
pub(in crate::ingest) struct Look(BTreeSet<String>);

impl Look {
    pub(in crate::ingest) fn of(text: &[u8]) -> Self {
        let mut look = Self::default();
        let mut deserializer = serde_json::Deserializer::from_slice(text);
        // Where a document is broken, what was seen up to there has to do.
        let _ = deserializer.deserialize_any(Level { look: &mut look, key: None, depth: 0 });
        look
    }

    pub(in crate::ingest) fn has(&self, sign: &str) -> bool {
        self.0.contains(sign)
    }
}

/// The longest text, in bytes, that counts as a sign.
const SHORT: usize = 16;
/// The most signs that are kept.
const MAX_SIGNS: usize = 1000;

/// A value at a depth: the root, a value in it, an element of such a value, a value in that.
struct Level<'a> {
    look: &'a mut Look,
    /// How its key is written as a sign.
    key: Option<String>,
    depth: u8,
}

impl Level<'_> {
    fn add(&mut self, sign: String) {
        if self.look.0.len() < MAX_SIGNS {
            self.look.0.insert(sign);
        }
    }
}

impl<'de> DeserializeSeed<'de> for Level<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        if self.depth == 0 {
            self.add("{".to_owned());
        }
        while let Some(key) = map.next_key::<String>()? {
            let (sign, depth) = match self.depth {
                0 => (key, 1),
                1 => (format!("{}.{key}", self.key.as_deref().unwrap_or_default()), 3),
                2 => (format!(".{key}"), 3),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            self.add(sign.clone());
            map.next_value_seed(Level { look: &mut *self.look, key: Some(sign), depth })?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        if self.depth == 0 {
            self.add("[".to_owned());
        }
        if self.depth < 2 {
            seq.next_element_seed(Level { look: &mut *self.look, key: None, depth: 2 })?;
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_str<E>(mut self, text: &str) -> Result<(), E> {
        if let Some(key) = self.key.take().filter(|_| text.len() <= SHORT) {
            self.add(format!("{key}={text}"));
        }
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
}

/// How many lines are tried for the start of a document in text that does not start with one.
const MAX_STARTS: usize = 100;

/// Where the first document may start: at the first bracket, or on a later line after a scanner's own words.
pub(in crate::ingest) fn starts(text: &[u8]) -> impl Iterator<Item = usize> {
    let line_starts = memchr::memchr_iter(b'\n', text).map(|end| end + 1);
    let bracket = |start: usize| {
        let rest = text.get(start..)?;
        let blank = rest.iter().position(|byte| !byte.is_ascii_whitespace())?;
        matches!(rest.get(blank)?, b'{' | b'[').then_some(start + blank)
    };
    std::iter::once(0).chain(line_starts).take(MAX_STARTS).filter_map(bracket)
}

/// A report in another format while it is read.
pub(in crate::ingest) struct Original<'a> {
    text: &'a [u8],
    /// Brackets that are open around a result.
    depth: usize,
    pub(in crate::ingest) flaws: BTreeSet<Flaw>,
}

impl<'a> Original<'a> {
    pub(in crate::ingest) fn new(text: &'a [u8], depth: usize) -> Self {
        Self { text, depth, flaws: BTreeSet::new() }
    }

    /// All of it as it is.
    pub(in crate::ingest) fn text(&self) -> &'a [u8] {
        self.text
    }

    /// The first document. Of one that is cut off, all results that are whole.
    pub(in crate::ingest) fn document<T: DeserializeOwned + Default>(&mut self) -> T {
        if let Some(document) = sound(self.text) {
            return document;
        }
        let (mut repaired, flaws) = repair(self.text);
        self.flaws.extend(&flaws);
        if flaws.contains(&Flaw::Cut) {
            let whole = self.text.get(..end_of_last_result(self.text, self.depth)).unwrap_or_default();
            repaired = repair(whole).0;
        }
        // What is repaired parses, and nothing in it has a wrong type.
        serde_json::from_str(&repaired).unwrap_or_else(|_| {
            self.flaws.insert(Flaw::Deep);
            T::default()
        })
    }

    /// Each line that is a document, with its number from 1. A last line that is cut off is left out.
    pub(in crate::ingest) fn lines<T: DeserializeOwned + Default>(&mut self) -> Vec<(usize, T)> {
        let lines = (1..).zip(self.text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii));
        let documents = lines.filter(|(_, line)| line.starts_with(b"{"));
        documents.filter_map(|(number, line)| Some((number, self.whole(line)?))).collect()
    }

    /// Each of the objects that stand one after the other, with the line that it starts on, from 1. One that is cut off
    /// is left out, be it the last or one that the next begins in.
    pub(in crate::ingest) fn stream<T: DeserializeOwned + Default>(&mut self) -> Vec<(usize, T)> {
        let (mut documents, mut at, mut line) = (Vec::new(), 0, 1);
        while let Some(rest) = self.text.get(at..)
            && let Some(blank) = memchr::memchr(b'{', rest)
        {
            let rest = rest.get(blank..).unwrap_or_default();
            let document = rest.get(..length_of_object(rest)).unwrap_or_default();
            line += count_lines(self.text.get(at..at + blank).unwrap_or_default());
            documents.extend(self.whole(document).map(|read| (line, read)));
            line += count_lines(document);
            at += blank + document.len();
        }
        documents
    }

    /// A document, unless it is cut off.
    fn whole<T: DeserializeOwned + Default>(&mut self, text: &[u8]) -> Option<T> {
        if let Some(document) = sound(text) {
            return Some(document);
        }
        let (repaired, flaws) = repair(text);
        let is_cut = flaws.contains(&Flaw::Cut);
        self.flaws.extend(flaws);
        serde_json::from_str(&repaired).ok().filter(|_| !is_cut)
    }
}

fn count_lines(text: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', text).count()
}

/// How far the object reaches that a text starts with: to its last bracket, or to where another object starts that
/// cannot be a part of it, or to the end.
fn length_of_object(text: &[u8]) -> usize {
    let (mut open, mut at, mut last) = (0_usize, 0, b',');
    while let Some(&byte) = text.get(at) {
        match byte {
            b'"' => match end_of_string(text, at) {
                Some(after) => {
                    (at, last) = (after, byte);
                    continue;
                }
                None => break,
            },
            b'{' if open > 0 && !matches!(last, b',' | b':' | b'[') => return at,
            b'{' | b'[' => open += 1,
            b'}' | b']' => {
                open = open.saturating_sub(1);
                if open == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
        if !byte.is_ascii_whitespace() {
            last = byte;
        }
        at += 1;
    }
    text.len()
}

fn sound<T: DeserializeOwned>(text: &[u8]) -> Option<T> {
    let text = std::str::from_utf8(text).ok()?;
    T::deserialize(&mut serde_json::Deserializer::from_str(text)).ok()
}

/// Position after the last value that is closed with so many brackets still open.
fn end_of_last_result(text: &[u8], depth: usize) -> usize {
    let (mut open, mut at, mut end) = (0_usize, 0, 0);
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => match end_of_string(text, at) {
                Some(after) => {
                    at = after;
                    continue;
                }
                None => break,
            },
            b'{' | b'[' => open += 1,
            b'}' | b']' => {
                open = open.saturating_sub(1);
                if open <= depth {
                    end = at + 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    end
}

//! YAML and JSON of strangers as values, one document after another: the parser is a crate's; what a document may cost,
//! and where it begins, is decided here.
//!
//! The crate bounds how deep values lie and how often aliases are followed, but not how much they repeat: a list of
//! aliases of a long list grows with the square of the text. Here a document may be a fixed number of times as large as
//! its text, and no larger.

use std::cell::Cell;
use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde_json::{Map, Number, Value};

/// The most documents of one text that are read.
pub const MAX_DOCUMENTS: usize = 10_000;
/// How deep flow brackets may lie: the parser takes a time that grows with the square of it.
const MAX_BRACKETS: usize = 1_000;
/// The largest document: it takes some fifty times as much memory.
const MAX_BYTES: usize = 32 << 20;
/// What a value costs beside its text.
const WEIGHT: usize = 16;
/// What a document may cost: this, and so many times its text. Without aliases it is at most eight times.
const ALLOWANCE: usize = 4 << 20;
const GROWTH: usize = 10;

/// One document of a text.
#[derive(Debug)]
pub struct Document<'t> {
    /// The line on which its content begins, 1-based.
    pub line: u32,
    pub text: &'t str,
}

/// The documents of a YAML text that have any content, in their order. `---` and `...` at the start of a line end a
/// document wherever they stand (YAML 1.2.2, 9.1.2), so that one that is broken costs itself alone.
pub fn documents(text: &str) -> impl Iterator<Item = Document<'_>> {
    let mut rest = text;
    let mut line = 1;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let (document, after) = rest.split_at(end_of_document(rest));
            let first = line;
            line += count_lines(document);
            rest = after;
            if let Some(before) = content(document) {
                return Some(Document { line: first + before, text: document });
            }
        }
        None
    })
}

/// Where the next document starts: at a mark that is not at the very beginning.
fn end_of_document(text: &str) -> usize {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let is_mark = |mark: &str| {
            line.strip_prefix(mark).is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
        };
        if at > 0 && is_mark("---") {
            return at;
        }
        at += line.len();
        if is_mark("...") {
            return at;
        }
    }
    at
}

fn count_lines(text: &str) -> u32 {
    u32::try_from(memchr::memchr_iter(b'\n', text.as_bytes()).count()).unwrap_or(u32::MAX / 2)
}

/// How many lines stand before the first with content; `None` where there is none.
fn content(document: &str) -> Option<u32> {
    let is_content = |line: &str| {
        let line = line.strip_prefix("---").unwrap_or(line).trim();
        !line.is_empty() && !line.starts_with(['#', '%']) && line != "..."
    };
    document.lines().position(is_content).and_then(|before| u32::try_from(before).ok())
}

impl Document<'_> {
    /// Its value; the error is for people. Merge keys (`<<`) are carried out, tags are dropped.
    pub fn value(&self) -> Result<Value, String> {
        if self.text.len() > MAX_BYTES {
            return Err(format!("it is larger than {} MiB; JSON may be", MAX_BYTES >> 20));
        }
        let budget = Budget::of(self.text);
        if brackets(self.text) > MAX_BRACKETS {
            return Err(format!("more than {MAX_BRACKETS} brackets lie in each other"));
        }
        let value = budget.seed().deserialize(serde_yaml_ng::Deserializer::from_str(self.text));
        value.map_err(|error| {
            let inner = error.location().map_or(0, |location| location.line());
            let words = error.to_string();
            let words = words.split(" at line ").next().unwrap_or_default().to_owned();
            if inner == 0 { words } else { format!("{words} (line {})", self.line_of(inner)) }
        })
    }

    /// The line of the whole text for a line of the document.
    fn line_of(&self, inner: usize) -> usize {
        self.line as usize - content(self.text).unwrap_or(0) as usize + inner - 1
    }

    /// The line on which a key of nested block maps stands, or that of the last outer one that was found.
    pub fn line_at(&self, keys: &[&str]) -> u32 {
        let mut lines = (self.line - content(self.text).unwrap_or(0)..).zip(self.text.lines());
        let (mut found, mut outer) = (self.line, None);
        for key in keys {
            let at =
                lines.by_ref().find(|(_, line)| outer.is_none_or(|outer| indent(line) > outer) && is_key(line, key));
            let Some((number, line)) = at else { break };
            (found, outer) = (number, Some(indent(line)));
        }
        found
    }
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

fn is_key(line: &str, key: &str) -> bool {
    let line = line.trim_start();
    let bare = line.strip_prefix(['"', '\'']).unwrap_or(line);
    bare.strip_prefix(key).is_some_and(|rest| rest.trim_start_matches(['"', '\'']).starts_with(':'))
}

/// The documents of a JSON text, one behind the other, as most programs write several; the last is the rest where that is
/// none.
pub fn json_documents(text: &str) -> impl Iterator<Item = Document<'_>> {
    let mut rest = text;
    let mut line = 1;
    std::iter::from_fn(move || {
        let start = rest.len() - rest.trim_start().len();
        let (blank, from) = rest.split_at(start);
        line += count_lines(blank);
        let mut values = serde_json::Deserializer::from_str(from).into_iter::<IgnoredAny>();
        let end = match values.next()? {
            Ok(IgnoredAny) => values.byte_offset(),
            Err(_) => from.len(),
        };
        let (document, after) = from.split_at(end);
        let first = line;
        line += count_lines(document);
        rest = after;
        Some(Document { line: first, text: document })
    })
}

/// The value of a JSON text.
pub fn json(text: &str) -> Result<Value, String> {
    let value = Budget::of(text).seed().deserialize(&mut serde_json::Deserializer::from_str(text));
    value.map_err(|error| error.to_string())
}

/// How deep brackets lie in a text, whatever is a string.
fn brackets(text: &str) -> usize {
    let (mut depth, mut most) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        most = most.max(depth);
    }
    most
}

/// What is left for the values of a document.
struct Budget(Cell<usize>);

impl Budget {
    fn of(text: &str) -> Self {
        Self(Cell::new(ALLOWANCE + GROWTH * text.len()))
    }

    fn seed(&self) -> Seed<'_> {
        Seed(&self.0)
    }
}

#[derive(Clone, Copy)]
struct Seed<'b>(&'b Cell<usize>);

impl Seed<'_> {
    fn pay<E: Error>(self, bytes: usize) -> Result<(), E> {
        let left = self.0.get().checked_sub(WEIGHT + bytes);
        self.0.set(left.ok_or_else(|| E::custom("its aliases make it many times as large as its text"))?);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        self.pay(0).map(|()| Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        self.pay(0).map(|()| value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        self.pay(0).map(|()| value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        self.pay(0).map(|()| Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        self.pay(text.len()).map(|()| Value::String(text.to_owned()))
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        self.pay(0).map(|()| Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        self.pay(0)?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        self.pay(0)?;
        let mut map = Map::new();
        let mut merged = Value::Null;
        while let Some(key) = entries.next_key_seed(self)? {
            let value = entries.next_value_seed(self)?;
            match key {
                Value::String(key) if key == "<<" => merged = value,
                Value::String(key) => drop(map.insert(key, value)),
                Value::Null => drop(map.insert("null".to_owned(), value)),
                Value::Bool(_) | Value::Number(_) => drop(map.insert(key.to_string(), value)),
                // No format that is read here has them.
                Value::Array(_) | Value::Object(_) => {}
            }
        }
        merge(&mut map, merged);
        Ok(Value::Object(map))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, tagged: A) -> Result<Value, A::Error> {
        let ((), content) = tagged.variant_seed(Tag)?;
        content.newtype_variant_seed(self)
    }
}

/// Puts what a map of aliases has, or each of a list of such maps, where the map itself has no such key.
fn merge(map: &mut Map<String, Value>, merged: Value) {
    match merged {
        Value::Object(other) => {
            for (key, value) in other {
                map.entry(key).or_insert(value);
            }
        }
        Value::Array(several) => several.into_iter().for_each(|one| merge(map, one)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The name of a tag, which says nothing here.
struct Tag;

impl<'de> DeserializeSeed<'de> for Tag {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Tag {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a tag")
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
}

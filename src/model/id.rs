//! Identities that survive reloads, and how they are written.

use std::collections::HashSet;
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Identity of a result or finding: the first 64 bits of a SHA-256, written `q1-` and 16 hex digits.
///
/// A finding carries the smallest id of its results and answers to all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FindingId(pub u64);

/// Identity of a fix: the first 64 bits of the SHA-256 of its canonical edits, written `f1-` and 16 hex digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FixId(pub u64);

/// The first 64 bits of a SHA-256 of anything else, written as 16 hex digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash64(pub u64);

/// A set of findings: a hundred thousand are put in or looked up in a millisecond.
pub type IdSet = HashSet<FindingId, BuildHasherDefault<IdHasher>>;

/// An id is a hash already: one multiplication is enough.
#[derive(Clone, Copy, Debug, Default)]
pub struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, value: u64) {
        // The multiplier of FxHash spreads ids that differ in few bits, as those of small tests do.
        self.0 = (self.0.rotate_left(5) ^ value).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}

impl FindingId {
    /// The first half of its bits.
    pub fn upper_half(self) -> u32 {
        u32::try_from(self.0 >> 32).unwrap_or(u32::MAX)
    }
}

impl fmt::Display for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "q1-{:016x}", self.0)
    }
}

impl fmt::Display for FixId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "f1-{:016x}", self.0)
    }
}

impl fmt::Display for Hash64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// Text that is not a whole id: wrong prefix, wrong length or a digit that is not hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnId;

impl FromStr for FindingId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        parse_hex(text, "q1-").map(Self)
    }
}

impl FromStr for FixId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        parse_hex(text, "f1-").map(Self)
    }
}

impl FromStr for Hash64 {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        parse_hex(text, "").map(Self)
    }
}

impl Serialize for FindingId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Hash64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FindingId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Parsed("an id like q1-0123456789abcdef", PhantomData))
    }
}

impl<'de> Deserialize<'de> for Hash64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Parsed("16 hex digits", PhantomData))
    }
}

/// Reads a text without a copy of it; holds what is expected.
struct Parsed<T>(&'static str, PhantomData<T>);

impl<T: FromStr> de::Visitor<'_> for Parsed<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
    }
}

fn parse_hex(text: &str, prefix: &str) -> Result<u64, NotAnId> {
    let digits = text.strip_prefix(prefix).ok_or(NotAnId)?;
    if digits.len() != 16 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(NotAnId);
    }
    u64::from_str_radix(digits, 16).map_err(|_| NotAnId)
}

/// An id prefix as a person types it: `q1-` and 1 to 16 hex digits, as a range of ids it can mean.
///
/// Returns `None` for text that is no id prefix.
pub fn id_range(text: &str) -> Option<(FindingId, FindingId)> {
    let digits = text.strip_prefix("q1-")?;
    if digits.is_empty() || digits.len() > 16 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let value = u64::from_str_radix(digits, 16).ok()?;
    let shift = u32::try_from(16 - digits.len()).ok()? * 4;
    let low = if shift == 64 { 0 } else { value << shift };
    let rest = if shift == 0 { 0 } else { u64::MAX >> (64 - shift) };
    Some((FindingId(low), FindingId(low | rest)))
}

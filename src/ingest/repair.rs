//! Broken JSON to JSON that parses: one pass over the bytes, no recursion, never fails.
//!
//! What is repaired is what real reports get wrong: comments, missing or trailing commas, `NaN`, raw control
//! characters and bad escapes in strings, lone surrogates, invalid UTF-8, and an end that is missing.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;

/// What was wrong, in words for a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Flaw {
    Comment,
    Number,
    Control,
    Escape,
    Surrogate,
    Encoding,
    Syntax,
    Deep,
    Cut,
}

impl Flaw {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Comment => "a comment, which JSON does not have",
            Self::Number => "a value that is no JSON, read as null",
            Self::Control => "a raw control character in a string",
            Self::Escape => "an unknown escape in a string",
            Self::Surrogate => "half of a surrogate pair in a string, read as U+FFFD",
            Self::Encoding => "bytes that are not UTF-8, read as U+FFFD",
            Self::Syntax => "wrong punctuation, such as a trailing comma",
            Self::Deep => "values nested too deeply to be read",
            Self::Cut => "the end is missing",
        }
    }

    /// Whether some of the text was lost, not only its spelling.
    pub(super) fn is_loss(self) -> bool {
        matches!(self, Self::Number | Self::Surrogate | Self::Encoding | Self::Deep | Self::Cut)
    }
}

/// JSON that parses, with what was wrong. The value is `null` where there was none.
pub(super) fn repair(bytes: &[u8]) -> (String, BTreeSet<Flaw>) {
    let mut writer =
        Writer { bytes, at: 0, out: String::with_capacity(bytes.len()), open: Vec::new(), flaws: BTreeSet::new() };
    writer.run();
    (writer.out, writer.flaws)
}

/// What the innermost open object or array waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wait {
    /// An element; `true` once there was one.
    Element(bool),
    /// A key; `true` once there was one.
    Key(bool),
    /// The value of a key; the `:` was seen if `true`.
    Value(bool),
}

struct Writer<'a> {
    bytes: &'a [u8],
    at: usize,
    out: String,
    open: Vec<Wait>,
    flaws: BTreeSet<Flaw>,
}

impl Writer<'_> {
    fn run(&mut self) {
        let mut had_comma = false;
        while let Some(&byte) = self.bytes.get(self.at) {
            if self.open.is_empty() && !self.out.is_empty() {
                break;
            }
            let was_comma = std::mem::take(&mut had_comma);
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => {
                    self.at += 1;
                    had_comma = was_comma;
                }
                b'/' => {
                    self.comment();
                    had_comma = was_comma;
                }
                b',' => {
                    self.at += 1;
                    had_comma = true;
                    self.fill_value();
                    if was_comma
                        || self.open.last().is_some_and(|wait| matches!(wait, Wait::Element(false) | Wait::Key(false)))
                    {
                        self.flaws.insert(Flaw::Syntax);
                    }
                }
                b':' => self.colon(),
                b'}' | b']' => {
                    if was_comma {
                        self.flaws.insert(Flaw::Syntax);
                    }
                    self.close(byte);
                }
                b'{' | b'[' => self.begin(byte),
                b'"' => self.string(),
                _ => self.word(),
            }
        }
        self.finish();
    }

    fn comment(&mut self) {
        self.flaws.insert(Flaw::Comment);
        self.at = end_of_comment(self.bytes, self.at).unwrap_or(self.at + 1);
    }

    fn colon(&mut self) {
        self.at += 1;
        match self.open.last_mut() {
            Some(wait @ Wait::Value(false)) => {
                *wait = Wait::Value(true);
                self.out.push(':');
            }
            _ => {
                self.flaws.insert(Flaw::Syntax);
            }
        }
    }

    /// Gives a key that has no value one.
    fn fill_value(&mut self) {
        if let Some(Wait::Value(has_colon)) = self.open.last().copied() {
            self.flaws.insert(Flaw::Syntax);
            self.out.push_str(if has_colon { "null" } else { ":null" });
            self.end_value();
        }
    }

    /// Writes what must stand before a value. Returns `false` where a value cannot stand.
    fn before_value(&mut self) -> bool {
        match self.open.last().copied() {
            None => true,
            Some(Wait::Element(had_one)) => {
                if had_one {
                    self.out.push(',');
                }
                true
            }
            Some(Wait::Value(has_colon)) => {
                if !has_colon {
                    self.flaws.insert(Flaw::Syntax);
                    self.out.push(':');
                }
                true
            }
            Some(Wait::Key(_)) => false,
        }
    }

    fn end_value(&mut self) {
        if let Some(wait) = self.open.last_mut() {
            *wait = match *wait {
                Wait::Element(_) => Wait::Element(true),
                Wait::Key(_) | Wait::Value(_) => Wait::Key(true),
            };
        }
    }

    fn begin(&mut self, byte: u8) {
        self.at += 1;
        if !self.before_value() {
            // An object where a key should be: give it a key, so that its own content keeps its depth.
            self.flaws.insert(Flaw::Syntax);
            self.separate_key();
            self.out.push_str("\"\":");
        }
        self.out.push(char::from(byte));
        self.open.push(if byte == b'{' { Wait::Key(false) } else { Wait::Element(false) });
    }

    fn separate_key(&mut self) {
        if self.open.last() == Some(&Wait::Key(true)) {
            self.out.push(',');
        }
    }

    fn close(&mut self, byte: u8) {
        self.at += 1;
        let is_array = matches!(self.open.last(), Some(Wait::Element(_)));
        if self.open.is_empty() || is_array != (byte == b']') {
            self.flaws.insert(Flaw::Syntax);
            return;
        }
        self.fill_value();
        self.open.pop();
        self.out.push(char::from(byte));
        self.end_value();
    }

    fn string(&mut self) {
        let end = end_of_string(self.bytes, self.at);
        if end.is_none() {
            self.flaws.insert(Flaw::Cut);
        }
        let from = self.at + 1;
        let (to, next) = end.map_or((self.bytes.len(), self.bytes.len()), |end| (end - 1, end));
        self.at = next;
        let content = self.bytes.get(from..to).unwrap_or_default();
        if let Some(Wait::Key(_)) = self.open.last() {
            self.separate_key();
            self.write_string(content);
            if let Some(wait) = self.open.last_mut() {
                *wait = Wait::Value(false);
            }
        } else if self.before_value() {
            self.write_string(content);
            self.end_value();
        }
    }

    fn write_string(&mut self, content: &[u8]) {
        self.out.push('"');
        for chunk in content.utf8_chunks() {
            self.write_text(chunk.valid());
            if !chunk.invalid().is_empty() {
                self.flaws.insert(Flaw::Encoding);
                self.out.push('\u{fffd}');
            }
        }
        self.out.push('"');
    }

    fn write_text(&mut self, text: &str) {
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' => self.write_escape(&mut chars),
                c if c < ' ' => {
                    self.flaws.insert(Flaw::Control);
                    self.push_escaped(c);
                }
                c => self.out.push(c),
            }
        }
    }

    /// An escape whose backslash has been read.
    fn write_escape(&mut self, chars: &mut std::str::Chars<'_>) {
        let rest = chars.as_str();
        match chars.next() {
            Some(c @ ('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't')) => {
                self.out.push('\\');
                self.out.push(c);
            }
            Some('u') => {
                let (length, unit) = match (hex4(rest, 1), surrogate_pair(rest)) {
                    (_, Some(pair)) => (11, Some(pair)),
                    (unit, None) => (5, unit),
                };
                let Some(unit) = unit else {
                    self.flaws.insert(Flaw::Escape);
                    self.out.push_str("\\\\u");
                    return;
                };
                *chars = rest.get(length..).unwrap_or_default().chars();
                if let Some(c) = char::from_u32(unit) {
                    self.push_escaped(c);
                } else {
                    self.flaws.insert(Flaw::Surrogate);
                    self.out.push('\u{fffd}');
                }
            }
            Some(c) => {
                self.flaws.insert(Flaw::Escape);
                self.out.push_str("\\\\");
                if c < ' ' { self.push_escaped(c) } else { self.out.push(c) }
            }
            None => self.out.push_str("\\\\"),
        }
    }

    fn push_escaped(&mut self, c: char) {
        if c < ' ' || c == '"' || c == '\\' {
            // Writing to a string cannot fail.
            let _ = write!(self.out, "\\u{:04x}", u32::from(c));
        } else {
            self.out.push(c);
        }
    }

    /// A number, a literal or rubbish.
    fn word(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let is_end = |byte: &u8| {
            matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',' | b':' | b'{' | b'}' | b'[' | b']' | b'"' | b'/')
        };
        let length = rest.iter().position(is_end).unwrap_or(rest.len()).max(1);
        self.at += length;
        let word = rest.get(..length).and_then(|word| std::str::from_utf8(word).ok()).unwrap_or_default();
        if matches!(self.open.last(), Some(Wait::Key(_))) || !self.before_value() {
            self.flaws.insert(Flaw::Syntax);
            return;
        }
        self.write_word(word);
        self.end_value();
    }

    fn write_word(&mut self, word: &str) {
        if matches!(word, "true" | "false" | "null") {
            self.out.push_str(word);
            return;
        }
        // `from_str::<f64>` refuses what is out of range; its digits are kept, so that long numbers stay exact.
        if serde_json::from_str::<f64>(word).is_ok() {
            self.out.push_str(word);
            return;
        }
        let number = word.parse::<f64>().ok().filter(|number| number.is_finite());
        match (word, number) {
            ("True" | "TRUE", _) => self.out.push_str("true"),
            ("False" | "FALSE", _) => self.out.push_str("false"),
            (_, Some(number)) => self.out.push_str(&Value::from(number).to_string()),
            (_, None) => self.out.push_str("null"),
        }
        self.flaws.insert(Flaw::Number);
    }

    fn finish(&mut self) {
        if !self.open.is_empty() {
            self.flaws.insert(Flaw::Cut);
        }
        while let Some(wait) = self.open.last().copied() {
            self.fill_value();
            self.open.pop();
            self.out.push(if matches!(wait, Wait::Element(_)) { ']' } else { '}' });
            self.end_value();
        }
        if self.out.is_empty() {
            self.out.push_str("null");
        }
    }
}

/// Position after the string that starts at `at`; `None` where it does not end.
pub(super) fn end_of_string(bytes: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        let found = memchr::memchr2(b'"', b'\\', bytes.get(at..)?)? + at;
        if bytes.get(found) == Some(&b'"') {
            return Some(found + 1);
        }
        at = found + 2;
    }
}

/// Position after the comment that starts at `at`; `None` where none does.
pub(super) fn end_of_comment(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at + 2..)?;
    match bytes.get(at + 1)? {
        b'/' => Some(memchr::memchr(b'\n', rest).map_or(bytes.len(), |end| at + 2 + end)),
        b'*' => Some(memchr::memmem::find(rest, b"*/").map_or(bytes.len(), |end| at + 4 + end)),
        _ => None,
    }
}

fn hex4(text: &str, at: usize) -> Option<u32> {
    let digits = text.get(at..at + 4)?;
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
}

/// The character of `uD83D\uDE00`, from its first `u`.
fn surrogate_pair(text: &str) -> Option<u32> {
    let high = hex4(text, 1).filter(|unit| (0xd800..0xdc00).contains(unit))?;
    let low = text.get(5..7).filter(|next| *next == "\\u").and_then(|_| hex4(text, 7))?;
    (0xdc00..0xe000).contains(&low).then(|| 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))
}

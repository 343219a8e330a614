//! Writing text that may hold what it likes: no control or hidden character gets through as it is.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

use serde::Serialize;

use crate::model::text::{is_unsafe, push_visible};

/// Text as it is, but for control and hidden characters, which are written so that they can be seen.
pub fn text(to: &mut dyn Write, text: &str) -> io::Result<()> {
    if !text.chars().any(|c| c != '\n' && is_unsafe(c)) {
        return to.write_all(text.as_bytes());
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if c == '\n' { safe.push(c) } else { push_visible(&mut safe, c) }
    }
    to.write_all(safe.as_bytes())
}

/// The same with a line end.
pub fn line(to: &mut dyn Write, line: &str) -> io::Result<()> {
    text(to, line)?;
    to.write_all(b"\n")
}

/// One value as JSON, with `\uXXXX` for every control, bidirectional or zero-width character.
pub fn json(to: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    let json = serde_json::to_string(value)?;
    to.write_all(escaped(&json).as_bytes())
}

/// JSON text with unsafe characters as escapes. They can only stand inside strings.
fn escaped(json: &str) -> Cow<'_, str> {
    if !json.chars().any(is_unsafe) {
        return json.into();
    }
    let mut out = String::with_capacity(json.len() + 32);
    for c in json.chars() {
        if is_unsafe(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string does not fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out.into()
}

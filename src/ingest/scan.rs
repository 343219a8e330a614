//! Steps through JSON text without parsing it: strings are masked and brackets counted, without recursion over the
//! content. Comments, missing and additional commas do not matter.

use std::borrow::Cow;

use super::window::Window;

/// Why a scan ended early, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The text ends inside a value.
    Cut(u64),
    /// Something that cannot stand there.
    Junk(u64),
}

/// Skips white space and comments.
pub(super) fn blank(text: &mut Window<'_>) {
    while let Some(byte) = text.peek() {
        match byte {
            byte if is_blank(byte) => {
                let blanks = text.rest().iter().take_while(|byte| is_blank(**byte)).count();
                text.skip(blanks);
            }
            b'/' if is_comment(text) => comment(text),
            _ => return,
        }
    }
}

pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// The stop for a byte that cannot stand here, or for the end.
pub(super) fn stop(text: &mut Window<'_>) -> Stop {
    let at = text.position();
    if text.peek().is_some() { Stop::Junk(at) } else { Stop::Cut(at) }
}

/// Goes to the next element of an array; `false` at its end, which is skipped.
pub(super) fn next_element(text: &mut Window<'_>, end: u8) -> Result<bool, Stop> {
    loop {
        blank(text);
        match text.peek() {
            Some(b',') => text.skip(1),
            Some(byte) if byte == end => {
                text.skip(1);
                return Ok(false);
            }
            Some(b'}' | b']' | b':') | None => return Err(stop(text)),
            Some(_) => return Ok(true),
        }
    }
}

/// Goes to the value of the next key of an object; `None` at its end, which is skipped.
pub(super) fn next_key(text: &mut Window<'_>) -> Result<Option<Cow<'static, str>>, Stop> {
    if !next_element(text, b'}')? {
        return Ok(None);
    }
    if text.peek() != Some(b'"') {
        return Err(stop(text));
    }
    text.hold();
    let ended = string(text);
    let key = key_text(text.release());
    ended?;
    blank(text);
    if text.peek() != Some(b':') {
        return Err(stop(text));
    }
    text.skip(1);
    blank(text);
    Ok(Some(key))
}

/// Skips one value.
pub(super) fn value(text: &mut Window<'_>) -> Result<(), Stop> {
    match text.peek() {
        Some(b'"') => string(text),
        Some(b'{' | b'[') => nested(text),
        Some(b',' | b'}' | b']' | b':') | None => Err(stop(text)),
        Some(_) => {
            word(text);
            Ok(())
        }
    }
}

/// The keys that matter, unescaped; any other key as far as it is text.
fn key_text(quoted: &[u8]) -> Cow<'static, str> {
    match quoted {
        b"\"runs\"" => Cow::Borrowed("runs"),
        b"\"results\"" => Cow::Borrowed("results"),
        _ => Cow::Owned(serde_json::from_slice(quoted).unwrap_or_default()),
    }
}

/// Skips what is no string, array or object, and is not looked at.
fn word(text: &mut Window<'_>) {
    let is_end = |byte: &u8| is_blank(*byte) || matches!(byte, b',' | b']' | b'}' | b'{' | b'[' | b'"' | b'/');
    let starts_with_end = text.rest().first().is_some_and(is_end);
    text.skip(1);
    while !starts_with_end && text.peek().is_some() {
        if let Some(end) = text.rest().iter().position(is_end) {
            text.skip(end);
            return;
        }
        text.skip_all();
    }
}

/// Skips a string.
fn string(text: &mut Window<'_>) -> Result<(), Stop> {
    let start = text.position();
    text.skip(1);
    while text.peek().is_some() {
        let rest = text.rest();
        let Some(found) = memchr::memchr2(b'"', b'\\', rest) else {
            text.skip_all();
            continue;
        };
        let is_quote = rest.get(found) == Some(&b'"');
        text.skip(found + 1);
        if is_quote {
            return Ok(());
        }
        // What follows a backslash ends nothing.
        if text.peek().is_some() {
            text.skip(1);
        }
    }
    Err(Stop::Cut(start))
}

/// Skips an object or array with all that is in it.
fn nested(text: &mut Window<'_>) -> Result<(), Stop> {
    let start = text.position();
    let mut depth = 0_usize;
    while text.peek().is_some() {
        let rest = text.rest();
        let mut at = 0;
        while let Some(&byte) = rest.get(at) {
            match byte {
                b'"' => match end_of_plain(rest, at + 1) {
                    Some(end) => {
                        at = end;
                        continue;
                    }
                    None => break,
                },
                b'{' | b'[' => depth += 1,
                b'}' | b']' => {
                    depth -= 1;
                    if depth == 0 {
                        text.skip(at + 1);
                        return Ok(());
                    }
                }
                b'/' => break,
                _ => {}
            }
            at += 1;
        }
        let odd = rest.get(at).copied();
        text.skip(at);
        match odd {
            Some(b'"') => string(text).map_err(|_| Stop::Cut(start))?,
            Some(b'/') if is_comment(text) => comment(text),
            Some(_) => text.skip(1),
            None => {}
        }
    }
    Err(Stop::Cut(start))
}

/// Position after a string, from a place inside it; `None` where its end is not in memory.
fn end_of_plain(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes.get(at) == Some(&b'"') {
            return Some(at + 1);
        }
        at += 2;
    }
}

fn is_comment(text: &mut Window<'_>) -> bool {
    while text.rest().len() < 2 && text.more() {}
    matches!(text.rest(), [b'/', b'/' | b'*', ..])
}

/// Skips a comment; one without an end reaches to the end of the text.
fn comment(text: &mut Window<'_>) {
    let is_line = text.rest().get(1) == Some(&b'/');
    text.skip(2);
    while text.peek().is_some() {
        let end = if is_line { b'\n' } else { b'*' };
        match memchr::memchr(end, text.rest()) {
            // The end of the line itself is blank.
            Some(at) if is_line => return text.skip(at),
            Some(at) => {
                text.skip(at + 1);
                if text.peek() == Some(b'/') {
                    return text.skip(1);
                }
            }
            None => text.skip_all(),
        }
    }
}

//! Whether a file is whole: a small lexer for code, the parsers of this program for data. It answers for one version
//! of a file; a change is to blame only where the version before was whole.

use serde::de::IgnoredAny;

use super::language::{Grammar, Quote, Tokens};
use super::yaml;

/// Most bytes that are looked at.
const MAX_BYTES: usize = 4 << 20;

/// What an edit would break, in words; `None` where the file was not whole before, or stays so.
pub(super) fn broken(grammar: Grammar, before: &[u8], after: &[u8]) -> Option<String> {
    if before.len().max(after.len()) > MAX_BYTES {
        return None;
    }
    let (name, is_whole): (&str, fn(&[u8]) -> bool) = match grammar {
        Grammar::Json => ("JSON", |bytes| serde_json::from_slice::<IgnoredAny>(bytes).is_ok()),
        Grammar::Toml => ("TOML", is_toml),
        Grammar::Yaml => ("YAML", yaml::is_whole),
        Grammar::Tokens(tokens) => {
            let now = scan(tokens, after).err()?;
            return scan(tokens, before).is_ok().then(|| match now {
                EMPTY => "it leaves a block with nothing in it".to_owned(),
                now => format!("it leaves {now} without their match"),
            });
        }
        Grammar::None => return None,
    };
    (!is_whole(after) && is_whole(before)).then(|| format!("the file would no longer be {name}"))
}

fn is_toml(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| toml::from_str::<toml::Table>(text).is_ok())
}

/// Bytes that brackets, strings and comments of all languages begin with, beside blanks.
const MARKS: &[u8] = b"()[]{}\"'`\\/#-*r";

/// Whether a text for another changes nothing that is looked at here.
pub(super) fn is_plain(grammar: Grammar, old: &[u8], new: &[u8]) -> bool {
    let Grammar::Tokens(tokens) = grammar else { return false };
    let is_mark = |byte: &u8| b"()[]{}\"'`\\/#-*\n".contains(byte) || (tokens.has_indents && *byte == b':');
    let marks = |text: &[u8]| text.iter().copied().filter(is_mark).collect::<Vec<u8>>();
    let is_empty =
        |line: &[u8]| line.split(|byte| *byte == b'#').next().is_none_or(|code| code.trim_ascii().is_empty());
    let lines = |text: &[u8]| text.split(|byte| *byte == b'\n').map(is_empty).collect::<Vec<bool>>();
    marks(old) == marks(new) && (!tokens.has_indents || lines(old) == lines(new))
}

/// The kind of bracket or quote without its match, in the plural, or [`EMPTY`].
type Odd = &'static str;

const EMPTY: Odd = "blocks";

/// Blocks by their indentation.
#[derive(Default)]
struct Blocks {
    /// Where the line begins that is read, in bytes; `None` while nothing of it is there but blanks.
    indent: Option<usize>,
    /// The indentation of a line above that begins a block of which nothing is there yet.
    head: Option<usize>,
}

impl Blocks {
    /// What is no blank and no comment stands behind so many bytes of its line.
    fn begin(&mut self, indent: usize) -> Result<(), Odd> {
        if self.indent.is_none() {
            self.indent = Some(indent);
            if self.head.take().is_some_and(|head| indent <= head) {
                return Err(EMPTY);
            }
        }
        Ok(())
    }

    /// The line ends with this byte.
    fn end(&mut self, last: u8) {
        if let Some(indent) = self.indent.take()
            && last == b':'
        {
            self.head = Some(indent);
        }
    }
}

/// Whether every bracket, string and comment of a text is closed by its own kind.
fn scan(tokens: &Tokens, bytes: &[u8]) -> Result<(), Odd> {
    let mut open = Vec::new();
    let mut at = 0;
    // The last byte that is no blank: it says whether a value can begin.
    let mut last = b'\n';
    let (mut blocks, mut line) = (Blocks::default(), 0);
    while let Some(&byte) = bytes.get(at) {
        if tokens.has_indents && open.is_empty() {
            match byte {
                b'\n' => {
                    blocks.end(last);
                    line = at + 1;
                }
                b'#' => {
                    at = memchr::memchr(b'\n', bytes.get(at..).unwrap_or_default()).map_or(bytes.len(), |end| at + end);
                    continue;
                }
                byte if !byte.is_ascii_whitespace() => blocks.begin(at - line)?,
                _ => {}
            }
        }
        if !MARKS.contains(&byte) && !byte.is_ascii_whitespace() {
            last = byte;
            at += 1;
            continue;
        }
        if let Some(length) = skipped(tokens, bytes, at, last)? {
            at += length;
            last = b'"';
            continue;
        }
        match byte {
            b'(' | b'[' | b'{' => open.push(byte),
            b')' | b']' | b'}' if open.pop() != opening(byte) => return Err(odd(byte)),
            b'\\' => at += 1,
            _ => {}
        }
        if !byte.is_ascii_whitespace() {
            last = byte;
        }
        at += 1;
    }
    blocks.end(last);
    match open.pop() {
        Some(byte) => Err(odd(byte)),
        None if blocks.head.is_some() => Err(EMPTY),
        None => Ok(()),
    }
}

/// Bytes of the comment or string that begins here; `None` where none does.
fn skipped(tokens: &Tokens, bytes: &[u8], at: usize, last: u8) -> Result<Option<usize>, Odd> {
    let rest = bytes.get(at..).unwrap_or_default();
    // A mark with a blank before it is found at the blank, so that a line or a text may begin with it.
    let is_comment =
        |mark: &&str| rest.starts_with(mark.as_bytes()) || (at == 0 && rest.starts_with(mark.trim_start().as_bytes()));
    if tokens.line_comments.iter().any(is_comment) {
        let skipped = usize::from(rest.first() == Some(&b'\n'));
        let end = memchr::memchr(b'\n', rest.get(skipped..).unwrap_or_default());
        return Ok(Some(end.map_or(rest.len(), |end| (end + skipped).max(1))));
    }
    for (from, to) in tokens.block_comments {
        if let Some(body) = rest.strip_prefix(from.as_bytes()) {
            let end = memchr::memmem::find(body, to.as_bytes()).ok_or("comments")?;
            return Ok(Some(from.len() + end + to.len()));
        }
    }
    if tokens.has_raw
        && let Some(length) = raw_string(rest)
    {
        return length.map(Some);
    }
    for quote in tokens.strings {
        if let Some(body) = rest.strip_prefix(quote.mark.as_bytes()) {
            return string(quote, body).map(|length| Some(quote.mark.len() + length));
        }
    }
    let length = match rest.first() {
        Some(b'\'') if tokens.has_chars => character(rest),
        Some(b'/') if tokens.has_patterns && can_begin(last) => pattern(rest),
        _ => None,
    };
    Ok(length)
}

/// Bytes behind the opening mark, the closing mark among them.
fn string(quote: &Quote, body: &[u8]) -> Result<usize, Odd> {
    let mut at = 0;
    while let Some(&byte) = body.get(at) {
        match byte {
            b'\\' if quote.has_escapes => at += 1,
            b'\n' if !quote.is_multiline => return Err("quotes"),
            _ if body.get(at..).is_some_and(|rest| rest.starts_with(quote.mark.as_bytes())) => {
                return Ok(at + quote.mark.len());
            }
            _ => {}
        }
        at += 1;
    }
    Err("quotes")
}

/// `r"…"`, `r#"…"#`, `br##"…"##`; `None` where none begins here.
fn raw_string(rest: &[u8]) -> Option<Result<usize, Odd>> {
    let hashes = rest.strip_prefix(b"r")?;
    let count = hashes.iter().take_while(|byte| **byte == b'#').count();
    let body = hashes.get(count..)?.strip_prefix(b"\"")?;
    let end = [&b"\""[..], &b"#".repeat(count)].concat();
    let found = memchr::memmem::find(body, &end).ok_or("quotes");
    Some(found.map(|at| 1 + count + 1 + at + end.len()))
}

/// `'a'`, `'\n'`, `'é'`; `None` for a lifetime, a label or a digit separator.
fn character(rest: &[u8]) -> Option<usize> {
    let body = rest.get(1..)?;
    let from = if body.first() == Some(&b'\\') { 2 } else { 1 };
    // Escapes are as long as `\u{10ffff}`, characters at most four bytes.
    let most = if from == 2 { 12 } else { 5 };
    let end = body.iter().take(most).skip(from).position(|byte| *byte == b'\'')? + from;
    let is_one = from == 2 || std::str::from_utf8(body.get(..end)?).is_ok_and(|text| text.chars().count() == 1);
    is_one.then_some(end + 2)
}

/// `/…/` on one line, in which `[…]` may hold a slash.
fn pattern(rest: &[u8]) -> Option<usize> {
    let mut is_in_class = false;
    let mut at = 1;
    while let Some(&byte) = rest.get(at) {
        match byte {
            b'\n' => return None,
            b'\\' => at += 1,
            b'[' => is_in_class = true,
            b']' => is_in_class = false,
            b'/' if !is_in_class => return Some(at + 1),
            _ => {}
        }
        at += 1;
    }
    None
}

/// Whether a value, and not an operator, comes behind this byte.
fn can_begin(last: u8) -> bool {
    b"(,=:[!&|?{};+-*%<>~^\n".contains(&last)
}

fn opening(closing: u8) -> Option<u8> {
    match closing {
        b')' => Some(b'('),
        b']' => Some(b'['),
        b'}' => Some(b'{'),
        _ => None,
    }
}

fn odd(bracket: u8) -> Odd {
    match bracket {
        b'(' | b')' => "round brackets",
        b'[' | b']' => "square brackets",
        _ => "curly brackets",
    }
}

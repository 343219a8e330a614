//! Statements whose brackets go over several lines, as one line each.

use std::borrow::Cow;

/// The most lines of one.
const MAX_LINES: usize = 30;

/// A line, with those that belong to it: to where its round brackets are closed, or to where a function begins in them.
pub(super) struct Head<'t> {
    pub(super) text: Cow<'t, str>,
    /// The position of its last line.
    pub(super) last: usize,
    /// Whether its brackets are closed, so that no body follows in them.
    pub(super) is_closed: bool,
}

/// One for each line of a file.
pub(super) fn heads<'t>(lines: &[&'t str]) -> Vec<Head<'t>> {
    (0..).zip(lines).map(|(at, line)| head(lines, at, line)).collect()
}

fn head<'t>(lines: &[&'t str], at: usize, line: &'t str) -> Head<'t> {
    let mut open = opened(line);
    let goes_on = open > 0 && line.trim_end().ends_with(['(', ',']);
    let mut head = Head { text: Cow::Borrowed(line), last: at, is_closed: open <= 0 };
    if !goes_on {
        return head;
    }
    for (last, line) in lines.iter().enumerate().skip(at + 1).take(MAX_LINES) {
        let code = line.trim();
        if !is_comment(code) {
            let text = head.text.to_mut();
            text.push(' ');
            text.push_str(code);
            open += opened(code);
        }
        head.last = last;
        head.is_closed = open <= 0;
        if head.is_closed || code.ends_with('{') && is_function(code) {
            break;
        }
    }
    head
}

pub(super) fn is_comment(code: &str) -> bool {
    ["//", "#", "*", "--"].iter().any(|sign| code.starts_with(sign))
}

/// Whether a function without a name is written in it.
pub(super) fn is_function(code: &str) -> bool {
    ["=>", "function", "func("].iter().any(|sign| code.contains(sign))
}

/// How many round brackets a line opens and does not close, outside of its texts and of the comment at its end.
fn opened(line: &str) -> i32 {
    let (mut open, mut quote, mut before) = (0, None, b' ');
    let mut bytes = line.bytes();
    while let Some(byte) = bytes.next() {
        match (quote, byte) {
            (Some(_), b'\\') => drop(bytes.next()),
            (Some(mark), byte) if mark == byte => quote = None,
            (None, b'"' | b'\'' | b'`') => quote = Some(byte),
            (None, b'(') => open += 1,
            (None, b')') => open -= 1,
            (None, b'/') if before == b'/' => break,
            (None, b'#') if before.is_ascii_whitespace() => break,
            _ => {}
        }
        before = byte;
    }
    open
}

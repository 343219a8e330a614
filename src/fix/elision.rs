//! A line `...` in the text that an answer searches for: it stands for lines that are left out and stay as they are.
//!
//! What is around it has to stand in the file, in its order, in exactly one way. Where the file has such a line itself,
//! it means itself.

use crate::model::fix::Passage;

/// How comments begin in which a model says that it left code out.
const COMMENTS: [&str; 9] = ["//", "/*", "<!--", "--", "#", "*", ";", "%", "{/*"];

/// Whether a line says nothing but that something is left out.
pub(super) fn is_mark(line: &[u8]) -> bool {
    matches!(line.trim_ascii(), b"..." | b"\xe2\x80\xa6")
}

/// The parts between the marks, each a passage of its own; `None` without a mark, or where numbers say what is meant.
/// `Err` where a mark stands on one side only.
pub(super) fn parts(passage: &Passage) -> Option<Result<Vec<Passage>, Unpaired>> {
    let before = split(&passage.before);
    if passage.line > 0 || before.len() < 2 {
        return None;
    }
    let after = split(&passage.after);
    if before.len() != after.len() {
        return Some(Err(Unpaired));
    }
    let last = before.len() - 1;
    let part = |(number, (before, after)): (usize, (Vec<u8>, Vec<u8>))| Passage {
        before,
        after,
        heading: passage.heading.clone().filter(|_| number == 0),
        is_last: passage.is_last && number == last,
        ..passage.clone()
    };
    let parts = before.into_iter().zip(after).enumerate().map(part);
    let is_blank = |part: &Passage| part.before.trim_ascii().is_empty() && part.before == part.after;
    Some(Ok(parts.filter(|part| !is_blank(part)).collect()))
}

/// A mark on one side only: what it stands for would go or come unseen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unpaired;

/// Whether more is left out of what is put there than of what it replaces: the answer is not whole.
pub(super) fn adds_mark(passage: &Passage) -> bool {
    let count = |text: &[u8]| text.split(|byte| *byte == b'\n').filter(|line| is_left_out(line)).count();
    passage.line == 0 && count(&passage.after) > count(&passage.before)
}

/// A mark, alone or in a comment: `# ... existing code ...`.
fn is_left_out(line: &[u8]) -> bool {
    let text = String::from_utf8_lossy(line);
    let text = text.trim();
    let comment = COMMENTS.iter().find_map(|start| text.strip_prefix(start));
    let is_dots = |rest: &str| rest.trim_start().starts_with("...") || rest.trim_start().starts_with('…');
    is_mark(line) || comment.is_some_and(is_dots)
}

fn split(text: &[u8]) -> Vec<Vec<u8>> {
    let mut parts = vec![Vec::new()];
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        match parts.last_mut() {
            Some(part) if !is_mark(line) => part.extend_from_slice(line),
            _ => parts.push(Vec::new()),
        }
    }
    parts
}

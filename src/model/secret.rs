//! Secrets in text that people read: what a scanner of secrets found is covered, also inside its message.

use std::borrow::Cow;

use super::text::mask;

/// The shortest word that is covered for its look alone.
const MIN_KEY: usize = 16;
/// The shortest flagged text that is covered wherever it stands.
const MIN_FLAGGED: usize = 4;

/// The text with the flagged text, and every word that looks like a key, covered.
pub fn covered<'t>(text: &'t str, flagged: Option<&str>) -> Cow<'t, str> {
    let mut out = Cow::Borrowed(text);
    for line in flagged.into_iter().flat_map(str::lines).map(str::trim).filter(|line| line.len() >= MIN_FLAGGED) {
        if out.contains(line) {
            out = Cow::Owned(out.replace(line, &mask(line)));
        }
    }
    if !out.split(|c| !is_key_char(c)).any(is_key) {
        return out;
    }
    let mut safe = String::with_capacity(out.len());
    for piece in out.split_inclusive(|c| !is_key_char(c)) {
        let word = piece.trim_end_matches(|c| !is_key_char(c));
        let rest = piece.strip_prefix(word).unwrap_or_default();
        safe.push_str(&if is_key(word) { mask(word) } else { word.to_owned() });
        safe.push_str(rest);
    }
    Cow::Owned(safe)
}

/// A line of code with the inside of its quoted literals, and every word that looks like a key, covered.
pub fn covered_code(line: &str) -> Cow<'_, str> {
    let mut literals = Vec::new();
    let mut rest = line;
    while let Some((_, from)) = rest.split_once(['"', '\'', '`']) {
        let quote = rest.as_bytes().get(rest.len() - from.len() - 1).copied().map_or('"', char::from);
        let (inside, after) = from.split_once(quote).unwrap_or((from, ""));
        literals.push(inside);
        rest = after;
    }
    let literals = literals.join("\n");
    Cow::Owned(covered(line, Some(&literals)).into_owned())
}

fn is_key_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '=' | '_' | '-' | '~')
}

/// Long, and letters and digits mixed: what keys are and words are not.
fn is_key(word: &str) -> bool {
    word.len() >= MIN_KEY && word.bytes().any(|b| b.is_ascii_digit()) && word.bytes().any(|b| b.is_ascii_alphabetic())
}

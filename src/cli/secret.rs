//! Secrets in text that people read: what a scanner of secrets found is covered, also inside its message.

use std::borrow::Cow;

use crate::model::text::mask;

/// The shortest word that is covered for its look alone.
const MIN_KEY: usize = 16;
/// The shortest flagged text that is covered wherever it stands.
const MIN_FLAGGED: usize = 4;

/// The text with the flagged text, and every word that looks like a key, covered.
pub(super) fn covered<'t>(text: &'t str, flagged: Option<&str>) -> Cow<'t, str> {
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

fn is_key_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '=' | '_' | '-' | '~')
}

/// Long, and letters and digits mixed: what keys are and words are not.
fn is_key(word: &str) -> bool {
    word.len() >= MIN_KEY && word.bytes().any(|b| b.is_ascii_digit()) && word.bytes().any(|b| b.is_ascii_alphabetic())
}

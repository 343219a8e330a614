//! The id of a result: what stays the same when lines move, reports are added or input is reordered.
//!
//! An id is the first 64 bits of SHA-256 over (key, ordinal), where key is SHA-256 over repository key, tool
//! family, rule, path and normalised flagged text, each with its length before it. The ordinal counts results
//! with an equal key inside one run, in the order of their lines and columns.

use sha2::{Digest, Sha256};

use crate::model::id::FindingId;

/// What is the same for equal results of one rule at one text.
pub(super) type Key = [u8; 32];

/// The parts of a key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts<'a> {
    pub(super) repository: &'a str,
    pub(super) family: &'a str,
    pub(super) rule: &'a str,
    pub(super) path: &'a str,
    pub(super) flagged: &'a str,
}

pub(super) fn key(parts: Parts<'_>) -> Key {
    let mut hash = Sha256::new();
    for part in [parts.repository, parts.family, parts.rule, parts.path, parts.flagged] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().into()
}

pub(super) fn id(key: &Key, ordinal: u32) -> FindingId {
    let digest = Sha256::new().chain_update(key).chain_update(ordinal.to_le_bytes()).finalize();
    FindingId(first_64_bits(&digest))
}

/// The first eight bytes of a digest as a number.
pub(super) fn first_64_bits(digest: &[u8]) -> u64 {
    digest.iter().take(8).fold(0, |bits, byte| bits << 8 | u64::from(*byte))
}

/// Runs of white space as one blank, none at the ends: indentation and line ends do not change an id.
pub(super) fn normalise(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// A message without its numbers, which count lines and bytes more often than they name anything.
pub(super) fn without_numbers(message: &str) -> String {
    let mut out = String::with_capacity(message.len());
    for word in message.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        let mut rest = word;
        while let Some(at) = rest.bytes().position(|byte| byte.is_ascii_digit()) {
            let (before, number) = rest.split_at(at);
            out.push_str(before);
            out.push('#');
            rest = number.trim_start_matches(|c: char| c.is_ascii_digit());
        }
        out.push_str(rest);
    }
    out
}

/// The shortest run of characters that is taken for a secret.
const SECRET: usize = 8;

/// A text whose quoted literals and token-like runs are covered, so that a secret cannot be guessed from an id.
pub(super) fn cover_secrets(text: &str) -> String {
    cover_tokens(&cover_quoted(text))
}

fn cover_quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['"', '\'', '`']) {
        let (before, from) = rest.split_at(at);
        let quote = from.chars().next().unwrap_or('"');
        let inside = from.get(1..).unwrap_or_default();
        out.push_str(before);
        let Some((_, after)) = inside.split_once(quote) else {
            // A literal that does not end is covered to the end of the text.
            out.push(quote);
            out.push('*');
            return out;
        };
        out.push(quote);
        out.push('*');
        out.push(quote);
        rest = after;
    }
    out.push_str(rest);
    out
}

fn cover_tokens(text: &str) -> String {
    let is_token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '_' | '=' | '-');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = rest.find(|c| is_token(c) != is_token(first)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(length);
        out.push_str(if is_token(first) && run.len() >= SECRET { "*" } else { run });
        rest = after;
    }
    out
}

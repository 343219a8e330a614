//! What edits bring into a file that an ordinary fix does not bring: an address on the net, what looks like a key, a name
//! with letters of two alphabets. What stands in the file already does not count, wherever it stands.

use std::borrow::Cow;
use std::cell::LazyCell;

use crate::model::text::cut;
use crate::model::unseen::{is_mixed, names, told};

use super::edit::{ByteEdit, splice, window};

/// Columns of an address or a name inside a message.
const SHOWN: usize = 60;

/// How keys of well-known services begin, with the least length of a whole one.
const KEYS: [(&str, usize); 16] = [
    ("AKIA", 20),
    ("ASIA", 20),
    ("AIza", 39),
    ("ghp_", 40),
    ("gho_", 40),
    ("ghs_", 40),
    ("ghu_", 40),
    ("github_pat_", 40),
    ("glpat-", 26),
    ("npm_", 40),
    ("pypi-AgE", 40),
    ("rk_live_", 24),
    ("sk_live_", 24),
    ("xoxb-", 24),
    ("xoxp-", 24),
    ("sk-", 40),
];
/// How the hash of a pinned file begins: as random as a key, and no secret.
const HASHES: [&str; 4] = ["sha1-", "sha256-", "sha384-", "sha512-"];
/// The shortest word that is taken for a key because it looks random.
const RANDOM: usize = 32;

/// Why a person has to look, in words without the path.
pub(super) fn doubts(before: &[u8], edits: &[ByteEdit]) -> Vec<String> {
    let (_, lines, edits) = window(before, edits, 0);
    let after = splice(lines, &edits);
    // Most edits bring nothing that would have to be looked for.
    let before = LazyCell::new(|| String::from_utf8_lossy(before));
    let mut doubts = Vec::new();
    for lines in touched(&after, &edits) {
        let is_new_host = |host: &&str| !is_own(host) && !hosts(&before).any(|known| known.eq_ignore_ascii_case(host));
        if let Some(host) = hosts(&lines).find(is_new_host) {
            doubts.push(format!("it adds an address on the net: {}", cut(host, SHOWN)));
        }
        if keys(&lines).any(|key| !before.contains(key)) {
            doubts.push("it adds what looks like a key".to_owned());
        }
        if let Some(name) = names(&lines).find(|name| is_mixed(name) && !before.contains(name)) {
            doubts.push(format!("it adds a name with letters of two alphabets: {}", told(&cut(name, SHOWN))));
        }
    }
    doubts.sort_unstable();
    doubts.dedup();
    doubts
}

/// The lines of the outcome in which something was inserted: two edits may make one address together.
fn touched<'a>(after: &'a [u8], edits: &'a [ByteEdit]) -> impl Iterator<Item = Cow<'a, str>> {
    let (mut grown, mut shrunk) = (0, 0);
    edits.iter().filter_map(move |edit| {
        let start = (edit.start + grown).checked_sub(shrunk)?;
        let end = start + edit.insert.len();
        (grown, shrunk) = (grown + edit.insert.len(), shrunk + edit.end.saturating_sub(edit.start));
        let head = after.get(..start)?.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let tail = after.get(end..)?.iter().position(|&byte| byte == b'\n').map_or(after.len(), |at| end + at);
        Some(String::from_utf8_lossy(after.get(head..tail)?))
    })
}

/// The hosts of the addresses in a text.
fn hosts(text: &str) -> impl Iterator<Item = &str> {
    let is_end = |c: char| c.is_whitespace() || "/?#\\\"'`<>()[]{},;|".contains(c);
    let host = move |at: usize| {
        let authority = text.get(at..)?.split(is_end).next()?;
        // What stands before the last `@` is a user, whatever it looks like.
        let host = authority.rsplit('@').next()?;
        Some(host.split(':').next().unwrap_or(host).trim_end_matches('.'))
    };
    text.match_indices("://").filter_map(move |(at, mark)| host(at + mark.len())).filter(|host| !host.is_empty())
}

/// Whether a host is this machine, or a placeholder for one.
fn is_own(host: &str) -> bool {
    host == "localhost" || host.starts_with("127.") || host.starts_with(['$', '%', '*'])
}

/// The words that look like keys.
fn keys(text: &str) -> impl Iterator<Item = &str> {
    let is_key_char = |c: char| c.is_ascii_alphanumeric() || "+/=_-".contains(c);
    let marks = text.match_indices("PRIVATE KEY-----").map(|(_, mark)| mark);
    text.split(move |c| !is_key_char(c)).filter(|word| is_key(word)).chain(marks)
}

fn is_key(word: &str) -> bool {
    let is_known = |(start, least): &(&str, usize)| word.len() >= *least && word.starts_with(start);
    KEYS.iter().any(is_known)
        || (word.len() >= RANDOM && !HASHES.iter().any(|hash| word.starts_with(hash)) && is_random(word))
}

/// Whether capitals, small letters and digits change places as they do by chance, and not as in names made of words.
fn is_random(word: &str) -> bool {
    let kind = |byte: u8| match byte {
        b'0'..=b'9' => Some(0),
        b'a'..=b'z' => Some(1),
        b'A'..=b'Z' => Some(2),
        _ => None,
    };
    let kinds: Vec<Option<usize>> = word.bytes().map(kind).collect();
    let turns = kinds.windows(2).filter(|pair| matches!(pair, [Some(one), Some(next)] if one != next)).count();
    let count = |kind: usize| kinds.iter().filter(|one| **one == Some(kind)).count();
    // By chance every sixth is a digit, and two of three differ in kind from the one before.
    (0..3).all(|kind| count(kind) > 2) && count(0) * 12 >= word.len() && turns * 20 >= word.len() * 9
}

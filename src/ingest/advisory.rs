//! Ids of published advisories inside other text.

/// How an id starts, and how many groups of digits or letters follow at least.
const PREFIXES: &[(&str, usize)] = &[("CVE-", 2), ("GHSA-", 3), ("GO-", 2), ("PYSEC-", 2), ("RUSTSEC-", 2)];

/// How far into a message ids are looked for: at its start they name the advisory, later they are mentioned.
const MESSAGE_START: usize = 200;

/// Adds every advisory id that a text names, in upper case but for the letters of GHSA ids.
pub(super) fn collect(text: &str, into: &mut Vec<Box<str>>) {
    // Every id has a hyphen after its first word; most texts have none there.
    let bytes = text.as_bytes();
    let is_first = |word: &str, at: usize| {
        let start = at.checked_sub(word.len() - 1);
        start.and_then(|start| bytes.get(start..=at)).is_some_and(|head| head.eq_ignore_ascii_case(word.as_bytes()))
    };
    if !memchr::memchr_iter(b'-', bytes).any(|at| PREFIXES.iter().any(|(prefix, _)| is_first(prefix, at))) {
        return;
    }
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    let may_be_id = |word: &&[u8]| {
        word.len() > 6
            && matches!(word, [b'C' | b'c' | b'G' | b'g' | b'P' | b'p' | b'R' | b'r', ..])
            && word.contains(&b'-')
    };
    let words = text.as_bytes().split(|byte| !is_part(byte)).filter(may_be_id);
    for word in words.filter_map(|word| std::str::from_utf8(word).ok()) {
        let id = PREFIXES.iter().find_map(|prefix| parse(word, *prefix));
        into.extend(id.filter(|id| !into.contains(id)));
    }
}

/// Adds the ids at the start of a message.
pub(super) fn collect_start(message: &str, into: &mut Vec<Box<str>>) {
    // Every id has a hyphen; most messages have none.
    let start = message.as_bytes().get(..4 * MESSAGE_START).unwrap_or(message.as_bytes());
    if memchr::memchr(b'-', start).is_none() {
        return;
    }
    let is_plain = message.as_bytes().get(..MESSAGE_START).is_some_and(<[u8]>::is_ascii);
    let mut starts = message.char_indices().map(|(at, _)| at);
    let end = if is_plain { Some(MESSAGE_START) } else { starts.nth(MESSAGE_START) };
    collect(end.and_then(|end| message.get(..end)).unwrap_or(message), into);
}

/// Whether a text starts with an advisory id.
pub(super) fn starts_with_id(text: &str) -> bool {
    PREFIXES.iter().any(|prefix| parse(text, *prefix).is_some())
}

/// The id at the start of a word; what follows it (a package, a suffix) is left out.
fn parse(word: &str, (prefix, groups): (&str, usize)) -> Option<Box<str>> {
    let head = word.get(..prefix.len()).filter(|head| head.eq_ignore_ascii_case(prefix))?;
    let mut parts = word.get(head.len()..)?.split('-');
    let parts: Vec<&str> = parts.by_ref().take(groups).collect();
    let is_ghsa = prefix == "GHSA-";
    let is_sound = |part: &&str| {
        if is_ghsa { part.len() == 4 } else { !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()) }
    };
    let has_year = is_ghsa || parts.first().is_some_and(|year| year.len() == 4);
    if parts.len() != groups || !has_year || !parts.iter().all(is_sound) {
        return None;
    }
    let tail = parts.join("-");
    Some(format!("{prefix}{}", if is_ghsa { tail.to_ascii_lowercase() } else { tail }).into())
}

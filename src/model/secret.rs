//! Secrets in text that people read: what a scanner of secrets found is covered at every door, also inside messages,
//! code around it and proposed patches. Machine formats carry it (JSON, SARIF).

use std::borrow::Cow;

use super::detail::{Detail, Location};
use super::plan::{FileDiff, LineKind};
use super::snippet::Snippet;
use super::text::mask;

/// The shortest word that is covered for its look alone.
const MIN_KEY: usize = 16;
/// The shortest text that is covered wherever it stands.
const MIN_WORD: usize = 4;
const QUOTES: [char; 3] = ['"', '\'', '`'];

/// What has to be covered of one finding: nothing, unless it is about a secret.
#[derive(Clone, Debug, Default)]
pub struct Cover {
    is_on: bool,
    /// What the flagged lines hold, the longest first.
    words: Vec<String>,
}

impl Cover {
    /// The cover of a finding with what its results flag, where that is known.
    pub fn of<'d>(is_secret: bool, details: impl IntoIterator<Item = &'d Detail>) -> Self {
        if !is_secret {
            return Self::default();
        }
        let flagged = details.into_iter().filter_map(|detail| detail.locations.first()).flat_map(snippet_lines);
        let mut words: Vec<String> = flagged.flat_map(values).map(str::to_owned).collect();
        words.sort_by_key(|word| (std::cmp::Reverse(word.len()), word.clone()));
        words.dedup();
        Self { is_on: true, words }
    }

    /// The same, with what stands in the flagged lines of the code as well.
    #[must_use]
    pub fn with_code(mut self, snippet: &Snippet) -> Self {
        if self.is_on {
            let lines = (snippet.first_line..).zip(&snippet.lines);
            let flagged = lines.filter(|(number, _)| snippet.is_flagged(*number));
            self.words.extend(flagged.flat_map(|(_, line)| values(&line.text)).map(str::to_owned));
            self.words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        }
        self
    }

    pub fn is_on(&self) -> bool {
        self.is_on
    }

    /// A message or a title: with the flagged text, what stands in quotes, and every word that looks like a key covered.
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if !self.is_on {
            return Cow::Borrowed(text);
        }
        let quoted = quoted(text).map(str::to_owned);
        let words: Vec<String> = self.words.iter().cloned().chain(quoted).collect();
        Cow::Owned(without_keys(&masked(text, words.iter().map(String::as_str))).into_owned())
    }

    /// A line of code: with the inside of its literals covered too.
    pub fn code<'t>(&self, line: &'t str) -> Cow<'t, str> {
        if !self.is_on {
            return Cow::Borrowed(line);
        }
        let words = self.words.iter().map(String::as_str).chain(literals(line).map(|(word, _)| word));
        Cow::Owned(without_keys(&masked(line, words)).into_owned())
    }

    /// A line that is flagged, or that a patch changes: what is assigned in it is covered also without quotes.
    pub fn flagged_code<'t>(&self, line: &'t str) -> Cow<'t, str> {
        if !self.is_on {
            return Cow::Borrowed(line);
        }
        Cow::Owned(self.code(&masked(line, values(line))).into_owned())
    }

    /// Code as it may be shown; lines that are covered lose their colours.
    pub fn snippet<'s>(&self, snippet: &'s Snippet) -> Cow<'s, Snippet> {
        if !self.is_on {
            return Cow::Borrowed(snippet);
        }
        let mut safe = snippet.clone();
        for (number, line) in (safe.first_line..).zip(&mut safe.lines) {
            let is_flagged = snippet.is_flagged(number);
            let covered = if is_flagged { self.flagged_code(&line.text) } else { self.code(&line.text) };
            if *covered != *line.text {
                line.text = covered.as_ref().into();
                line.roles.clear();
            }
        }
        Cow::Owned(safe)
    }

    /// A difference as it may be shown; lines that are covered lose their changed words.
    pub fn diff<'d>(&self, diff: &'d FileDiff) -> Cow<'d, FileDiff> {
        if !self.is_on {
            return Cow::Borrowed(diff);
        }
        let mut safe = diff.clone();
        for line in safe.hunks.iter_mut().flat_map(|hunk| &mut hunk.lines) {
            let text: String = line.parts.iter().map(|(_, part)| part.as_str()).collect();
            let covered = match line.kind {
                LineKind::Context => self.code(&text),
                LineKind::Removed | LineKind::Added => self.flagged_code(&text),
            };
            if *covered != *text {
                line.parts = vec![(false, covered.into_owned())];
            }
        }
        Cow::Owned(safe)
    }
}

fn snippet_lines(location: &Location) -> impl Iterator<Item = &str> {
    location.snippet.iter().flat_map(|snippet| snippet.lines())
}

/// What a flagged line holds: its literals that are not names of something, else what is assigned, else all of it.
fn values(line: &str) -> impl Iterator<Item = &str> {
    let is_name = |after: &str| after.trim_start().starts_with([':', ']', '=']);
    let mut found: Vec<&str> = literals(line).filter(|(_, after)| !is_name(after)).map(|(word, _)| word).collect();
    if found.is_empty() {
        let assigned = line.split_once(['=', ':']).map(|(_, value)| value.trim());
        found.push(assigned.filter(|value| value.len() >= MIN_WORD).unwrap_or(line));
    }
    found.into_iter().map(str::trim).filter(|word| word.len() >= MIN_WORD)
}

/// The inside of the quoted literals of a line of code, each with what follows it. One that does not end goes to the
/// end of the line.
fn literals(line: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let at = rest.find(QUOTES)?;
        let (quote, from) = rest.get(at..)?.split_at(1);
        let (inside, after) = from.split_once(quote).unwrap_or((from, ""));
        rest = after;
        Some((inside, after))
    })
    .filter(|(inside, _)| inside.len() >= MIN_WORD)
}

/// What stands in quotes in a sentence; an apostrophe inside a word is none.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    let mut before = ' ';
    std::iter::from_fn(move || {
        loop {
            let at = rest.find(QUOTES)?;
            let last = rest.get(..at)?.chars().next_back().unwrap_or(before);
            let (quote, from) = rest.get(at..)?.split_at(1);
            rest = from;
            before = quote.chars().next().unwrap_or(' ');
            if last.is_alphanumeric() {
                continue;
            }
            let ends = from.match_indices(quote).map(|(at, _)| at);
            let is_end = |at: &usize| !from.get(at + 1..).is_some_and(|after| after.starts_with(char::is_alphanumeric));
            let Some(end) = ends.into_iter().find(is_end) else { continue };
            let (inside, after) = from.split_at(end);
            rest = after.get(1..).unwrap_or_default();
            return Some(inside);
        }
    })
    .filter(|inside| inside.len() >= MIN_WORD)
}

/// The text with these words covered wherever they stand.
fn masked<'w>(text: &str, words: impl Iterator<Item = &'w str>) -> String {
    words.fold(text.to_owned(), |text, word| if text.contains(word) { text.replace(word, &mask(word)) } else { text })
}

/// The text with every word that looks like a key covered, whatever it is about.
pub fn without_keys(text: &str) -> Cow<'_, str> {
    if !text.split(|c| !is_key_char(c)).any(is_key) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len());
    for piece in text.split_inclusive(|c| !is_key_char(c)) {
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

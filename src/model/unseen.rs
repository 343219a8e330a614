//! What a reader of changed lines does not see: hidden characters, blanks at the ends of lines, letters that look like
//! those of another alphabet. Where they stand, how they are written instead, and how many a change brings in.

use std::collections::HashMap;
use std::iter::Sum;
use std::ops::Range;

use super::text::{counted, is_unsafe, push_visible};

/// What a change brings in that its reader does not see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unseen {
    /// Hidden and control characters.
    pub hidden: usize,
    /// Lines that end with blanks.
    pub blanks: usize,
    /// Letters of another alphabet inside Latin names.
    pub alike: usize,
}

impl Unseen {
    /// What added lines have more than the removed ones. One that only moves is not counted.
    pub fn of(removed: &[&str], added: &[&str]) -> Self {
        let blanks = |lines: &[&str]| lines.iter().filter(|line| !trailing(line).is_empty()).count();
        Self {
            hidden: more(removed, added, |line| line.chars().filter(|c| is_hidden(*c)).collect()),
            blanks: blanks(added).saturating_sub(blanks(removed)),
            alike: more(removed, added, |line| alike(line).collect()),
        }
    }

    /// One word for it; empty where there is nothing.
    pub fn word(&self) -> &'static str {
        match self {
            Self { hidden: 1.., .. } => "hidden",
            Self { alike: 1.., .. } => "letters",
            Self { blanks: 1.., .. } => "blanks",
            Self { hidden: 0, alike: 0, blanks: 0 } => "",
        }
    }

    /// `3 hidden characters and 1 line with blanks at its end added`; `None` where there is nothing.
    pub fn words(&self) -> Option<String> {
        let parts = [
            (self.hidden, "hidden character", "hidden characters"),
            (self.alike, "letter of another alphabet", "letters of another alphabet"),
            (self.blanks, "line with blanks at its end", "lines with blanks at their ends"),
        ];
        let said: Vec<String> = parts
            .iter()
            .filter(|(number, ..)| *number > 0)
            .map(|(number, one, many)| counted(*number, one, many))
            .collect();
        (!said.is_empty()).then(|| format!("{} added", said.join(" and ")))
    }
}

impl Sum for Unseen {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            hidden: sum.hidden + one.hidden,
            blanks: sum.blanks + one.blanks,
            alike: sum.alike + one.alike,
        })
    }
}

/// Characters that are more often in what is added than in what is removed, and how much more often.
fn more(removed: &[&str], added: &[&str], of: impl Fn(&str) -> Vec<char>) -> usize {
    let mut balance: HashMap<char, usize> = HashMap::new();
    for c in added.iter().flat_map(|line| of(line)) {
        *balance.entry(c).or_default() += 1;
    }
    for c in removed.iter().flat_map(|line| of(line)) {
        balance.entry(c).and_modify(|number| *number = number.saturating_sub(1));
    }
    balance.values().sum()
}

/// Places in a part of a line, in their order, that are to be written as [`shown`] does: what is hidden, and letters
/// of another alphabet.
pub fn odd(part: &str) -> Vec<Range<usize>> {
    if part.is_ascii() && !part.contains(is_hidden) {
        return Vec::new();
    }
    let place = |(at, c): (usize, char)| at..at + c.len_utf8();
    let hidden = part.char_indices().filter(|(_, c)| is_hidden(*c)).map(place);
    let mut places: Vec<Range<usize>> = hidden.collect();
    let mut start = 0;
    for word in part.split_inclusive(is_between) {
        let name = word.trim_end_matches(is_between);
        if is_mixed(name) {
            let letters = name.char_indices().filter(|(_, c)| is_alike(*c));
            places.extend(letters.map(place).map(|place| start + place.start..start + place.end));
        }
        start += word.len();
    }
    places.sort_unstable_by_key(|place| place.start);
    places
}

/// A part of a line with what is odd in it as [`shown`] writes it.
pub fn told(part: &str) -> String {
    let (mut out, mut at) = (String::new(), 0);
    for place in odd(part) {
        out.push_str(part.get(at..place.start).unwrap_or_default());
        at = place.end;
        out.push_str(&shown(part.get(place).unwrap_or_default()));
    }
    out + part.get(at..).unwrap_or_default()
}

/// The blanks at the end of a line.
pub fn trailing(line: &str) -> &str {
    line.get(line.trim_end_matches([' ', '\t', '\u{a0}']).len()..).unwrap_or_default()
}

/// Every character of a text by its number, the same ones together: `<U+202E>`, `<U+0020 x4>`, `\x1b`.
pub fn shown(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let mut times = 1;
        while chars.next_if_eq(&c).is_some() {
            times += 1;
        }
        if c.is_control() && c != '\t' {
            (0..times).for_each(|_| push_visible(&mut out, c));
        } else if times == 1 {
            out.push_str(&format!("<U+{:04X}>", u32::from(c)));
        } else {
            out.push_str(&format!("<U+{:04X} x{times}>", u32::from(c)));
        }
    }
    out
}

/// A tab is seen, and a line has no line end here.
fn is_hidden(c: char) -> bool {
    is_unsafe(c) && c != '\t'
}

fn alike(line: &str) -> impl Iterator<Item = char> {
    names(line).filter(|name| is_mixed(name)).flat_map(str::chars).filter(|c| is_alike(*c))
}

/// Names and words that are not plain ASCII.
pub fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_between).filter(|word| !word.is_ascii())
}

fn is_between(c: char) -> bool {
    !c.is_alphanumeric() && c != '_'
}

/// Latin letters beside those of an alphabet that has the same shapes.
pub fn is_mixed(name: &str) -> bool {
    let is_latin = |c: char| c.is_ascii_alphabetic() || matches!(c, '\u{c0}'..='\u{24f}');
    name.chars().any(is_latin) && name.chars().any(is_alike)
}

/// A letter of an alphabet that has shapes of Latin ones. Of the Greek ones only those count that look Latin: `Δt` and
/// `μs` are ordinary.
fn is_alike(c: char) -> bool {
    matches!(c, '\u{400}'..='\u{58f}' | '\u{13a0}'..='\u{13ff}' | '\u{ff21}'..='\u{ff5a}' | '\u{1d400}'..='\u{1d7ff}')
        || "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧανορυχι".contains(c)
}

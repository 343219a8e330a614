//! Bare words: fuzzy over names and paths, plain over messages.
//!
//! A word fits a name where it stands in it as it is, in any case. A word of three letters or more also fits where
//! its letters stand in it in their order and the score of `fuzzy-matcher` is at least [`PER_LETTER`] for each: what
//! letters side by side earn. Gaps have to be paid for by starts of words, so `smh` finds `src/module/handler` and
//! `srl` does not. Only distinct names are looked at, and of those that fit fuzzily the [`MAX_SCORED`] whose letters
//! stand closest together.

use std::fmt;
use std::ops::Range;

use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;
use memchr::memmem::Finder;
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

use crate::model::backlog::Arena;
use crate::model::bits::Bits;
use crate::model::messages::{Messages, may_be_split};

/// 16 for a letter and 4 for standing next to the one before, in the scale of `SkimMatcherV2`.
const PER_LETTER: i64 = 20;
/// The shortest word that fits fuzzily.
const MIN_FUZZY: usize = 3;
/// The most names that are scored for one word: about 5 ms.
const MAX_SCORED: usize = 5_000;
/// Texts of one parallel task, a multiple of 64.
const TASK: usize = 16_384;

/// A bare word, ready to look for.
pub(super) struct Word {
    /// In lower case.
    text: String,
    letters: usize,
    /// Whether letters may stand apart; quoted text is taken as it is.
    is_fuzzy: bool,
    finder: Finder<'static>,
    matcher: SkimMatcherV2,
}

impl fmt::Debug for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Word").field(&self.text).finish()
    }
}

impl Word {
    /// `text` in lower case.
    pub(super) fn new(text: &str, is_fuzzy: bool) -> Self {
        let letters = text.chars().count();
        Self {
            text: text.to_owned(),
            letters,
            is_fuzzy: is_fuzzy && letters >= MIN_FUZZY,
            finder: Finder::new(text).into_owned(),
            matcher: SkimMatcherV2::default().ignore_case(),
        }
    }

    /// Whether it fits one name.
    pub(super) fn fits(&self, name: &str) -> bool {
        let lower = name.to_lowercase();
        self.is_in(&lower) || (self.is_fuzzy && self.spread(&lower).is_some() && self.scores(name))
    }

    /// Whether it stands in a lower-case text as it is.
    pub(super) fn is_in(&self, lower: &str) -> bool {
        self.finder.find(lower.as_bytes()).is_some()
    }

    /// Those of some texts in which it stands as it is: one search over their part of the arena, in parallel. The
    /// range starts at a multiple of 64.
    pub(super) fn inside(&self, arena: &Arena, range: Range<usize>, found: &mut Bits) {
        if self.text.is_empty() {
            return found.fill(range, |_| true);
        }
        let Some(words) = found.words_mut().get_mut(range.start / 64..range.end.div_ceil(64)) else { return };
        words.par_chunks_mut(TASK / 64).enumerate().for_each(|(part, words)| {
            let first = range.start + part * TASK;
            self.mark(arena, first..range.end.min(first + TASK), words);
        });
    }

    /// Those of some texts in which its letters stand in order though apart, each with the bytes that they take there.
    pub(super) fn near(&self, lower: &Arena, range: Range<usize>, found: &Bits) -> Vec<(usize, u32)> {
        if !self.is_fuzzy {
            return Vec::new();
        }
        range
            .into_par_iter()
            .with_min_len(TASK / 16)
            .filter_map(|number| u32::try_from(number).ok())
            .filter(|number| !found.has(*number))
            .filter_map(|number| Some((self.spread(lower.get(number))?, number)))
            .collect()
    }

    /// Those of the nearest names that score high enough.
    pub(super) fn scored<'n>(&self, mut near: Vec<(usize, u32)>, name: impl Fn(u32) -> &'n str + Sync) -> Vec<u32> {
        if near.len() > MAX_SCORED {
            near.select_nth_unstable(MAX_SCORED);
            near.truncate(MAX_SCORED);
        }
        let numbers = near.into_par_iter().with_min_len(64).map(|(_, number)| number);
        numbers.filter(|&number| self.scores(name(number))).collect()
    }

    /// Whether it can stand in a message and in none of its pieces. What is empty stands in one without pieces too.
    pub(super) fn may_be_split(&self) -> bool {
        self.text.is_empty() || may_be_split(&self.text)
    }

    /// Those messages of a range in which it stands as it is: one of their pieces is among those in which it stands
    /// (`pieces`), or it is looked for in all of their text. The range starts at a multiple of 64.
    pub(super) fn said(&self, messages: &Messages, pieces: Option<&Bits>, range: Range<usize>, found: &mut Bits) {
        match pieces {
            Some(pieces) => found.fill(range, |row| messages.row(row).iter().any(|piece| pieces.has(*piece))),
            None => found.fill(range, |row| self.is_in(&messages.get(row))),
        }
    }

    /// Sets the bits of the texts of a range, from the first of `words` on. After a hit the rest of its text is passed
    /// over.
    fn mark(&self, arena: &Arena, range: Range<usize>, words: &mut [u64]) {
        let mut at = range.start.checked_sub(1).map_or(0, |before| arena.ends[before] as usize);
        let ends = &arena.ends[range];
        let text = arena.text.as_bytes();
        let stop = ends.last().map_or(at, |end| *end as usize);
        let mut number = 0;
        while let Some(hit) = text.get(at..stop).and_then(|rest| self.finder.find(rest)) {
            at += hit;
            while ends[number] as usize <= at {
                number += 1;
            }
            let end = ends[number] as usize;
            if at + self.text.len() <= end {
                words[number / 64] |= 1 << (number % 64);
                at = end;
            } else {
                // It runs over the end of a text into the next.
                at += 1;
            }
        }
    }

    fn scores(&self, name: &str) -> bool {
        let wanted = PER_LETTER * i64::try_from(self.letters).unwrap_or(i64::MAX / PER_LETTER);
        self.matcher.fuzzy_match(name, &self.text).is_some_and(|score| score >= wanted)
    }

    /// How many bytes the letters take in a text in which they stand in order: first from the left to find an end,
    /// then back from there. `None` where they do not.
    fn spread(&self, lower: &str) -> Option<usize> {
        let (text, word) = (lower.as_bytes(), self.text.as_bytes());
        let mut at = 0;
        for &byte in word {
            at += memchr::memchr(byte, text.get(at..)?)? + 1;
        }
        let end = at;
        for &byte in word.iter().rev() {
            at = memchr::memrchr(byte, text.get(..at)?)?;
        }
        Some(end - at)
    }
}

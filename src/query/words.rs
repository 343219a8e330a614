//! Bare words: fuzzy over names and paths, plain over messages.
//!
//! A word fits a name where it stands in it as it is, in any case. A word of three letters or more also fits where
//! its letters stand in it in their order and the score of `fuzzy-matcher` is at least [`PER_LETTER`] for each: what
//! letters side by side earn. Gaps have to be paid for by starts of words, so `smh` finds `src/module/handler` and
//! `srl` does not. Only distinct names are looked at, and of those that fit fuzzily the [`MAX_SCORED`] whose letters
//! stand closest together.

use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;
use memchr::memmem::Finder;
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

use crate::model::backlog::Arena;
use crate::model::messages::{Messages, may_be_split};

use super::bits::Bits;

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

    /// The names that it fits. `lower` holds the same names in lower case.
    pub(super) fn among<'n>(&self, lower: &Arena, name: impl Fn(u32) -> &'n str + Sync) -> Bits {
        let mut found = self.inside(lower);
        if !self.is_fuzzy {
            return found;
        }
        let mut spread: Vec<(usize, u32)> = (0..lower.ends.len())
            .into_par_iter()
            .with_min_len(TASK / 16)
            .filter_map(|number| u32::try_from(number).ok())
            .filter(|number| !found.has(*number))
            .filter_map(|number| Some((self.spread(lower.get(number))?, number)))
            .collect();
        if spread.len() > MAX_SCORED {
            spread.select_nth_unstable(MAX_SCORED);
            spread.truncate(MAX_SCORED);
        }
        let scored: Vec<u32> = spread
            .into_par_iter()
            .with_min_len(64)
            .map(|(_, number)| number)
            .filter(|&number| self.scores(name(number)))
            .collect();
        for number in scored {
            found.insert(number);
        }
        found
    }

    /// The texts in which it stands as it is: one search over the whole arena, in parallel parts.
    pub(super) fn inside(&self, arena: &Arena) -> Bits {
        let mut found = Bits::none(arena.ends.len());
        found.words_mut().par_chunks_mut(TASK / 64).enumerate().for_each(|(part, words)| {
            self.mark(arena, part * TASK, words);
        });
        found
    }

    /// The messages in which it stands as it is: those with a piece in which it stands, unless it could be in two.
    pub(super) fn said(&self, messages: &Messages) -> Bits {
        let mut found = Bits::none(messages.len());
        let pieces = if may_be_split(&self.text) { None } else { Some(self.inside(messages.pieces())) };
        let is_in = |number: u32| match &pieces {
            Some(pieces) => messages.row(number).iter().any(|piece| pieces.has(*piece)),
            None => self.is_in(&messages.get(number)),
        };
        found.words_mut().par_chunks_mut(TASK / 64).enumerate().for_each(|(part, words)| {
            let first = part * TASK;
            for number in first..messages.len().min(first + words.len() * 64) {
                if u32::try_from(number).is_ok_and(is_in) {
                    words[(number - first) / 64] |= 1 << (number % 64);
                }
            }
        });
        found
    }

    /// Sets the bits of the texts from number `first` on. After a hit the rest of its text is passed over.
    fn mark(&self, arena: &Arena, first: usize, words: &mut [u64]) {
        let ends = &arena.ends[first..arena.ends.len().min(first + words.len() * 64)];
        let mut at = if first == 0 { 0 } else { arena.ends[first - 1] as usize };
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

//! Sets of numbered things: one bit each.

use std::ops::Range;

use rayon::iter::{IndexedParallelIterator, IntoParallelRefMutIterator, ParallelIterator};

/// Words of one parallel task: 16,384 numbers.
const TASK: usize = 256;

/// A set of numbers. Asking for one beyond its length says no; putting one in there makes it longer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bits {
    words: Vec<u64>,
}

impl Bits {
    pub fn none(len: usize) -> Self {
        Self { words: vec![0; len.div_ceil(64)] }
    }

    pub fn all(len: usize) -> Self {
        let mut bits = Self { words: vec![u64::MAX; len.div_ceil(64)] };
        if let Some(last) = bits.words.last_mut().filter(|_| !len.is_multiple_of(64)) {
            *last = (1 << (len % 64)) - 1;
        }
        bits
    }

    /// The numbers of those values that pass, in the order of `values`.
    pub fn of<T>(values: &[T], mut passes: impl FnMut(&T) -> bool) -> Self {
        let mut bits = Self::none(values.len());
        for (number, _) in (0..).zip(values).filter(|(_, value)| passes(value)) {
            bits.insert(number);
        }
        bits
    }

    pub fn insert(&mut self, number: u32) {
        let at = number as usize / 64;
        if at >= self.words.len() {
            self.words.resize(at + 1, 0);
        }
        self.words[at] |= 1 << (number % 64);
    }

    pub fn clear(&mut self) {
        self.words.clear();
    }

    pub fn remove(&mut self, number: u32) {
        self.take(number);
    }

    /// Takes a number out, and says whether it was there.
    pub fn take(&mut self, number: u32) -> bool {
        let Some(word) = self.words.get_mut(number as usize / 64) else { return false };
        let bit = 1 << (number % 64);
        let had = *word & bit != 0;
        *word &= !bit;
        had
    }

    pub fn has(&self, number: u32) -> bool {
        self.words.get(number as usize / 64).is_some_and(|word| word & (1 << (number % 64)) != 0)
    }

    pub fn len(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// The numbers in the set, from the smallest on.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        self.iter_in(0..self.words.len() * 64)
    }

    /// Those of a range, which starts at a multiple of 64 and ends at one, or behind all numbers.
    pub fn iter_in(&self, range: Range<usize>) -> impl Iterator<Item = u32> {
        let first = range.start / 64;
        let last = range.end.div_ceil(64).min(self.words.len());
        let words = self.words.get(first..last).unwrap_or_default();
        (0..).step_by(64).skip(first).zip(words).flat_map(|(base, &word)| {
            let rest = std::iter::successors(Some(word), |word| Some(word & word.wrapping_sub(1)));
            rest.take_while(|word| *word != 0).map(move |word: u64| base + word.trailing_zeros())
        })
    }

    /// Whether the other set has one of these.
    pub fn meets(&self, other: &Self) -> bool {
        self.words.iter().zip(&other.words).any(|(word, other)| word & other != 0)
    }

    /// Puts in what the other set has.
    pub fn add_all(&mut self, other: &Self) {
        if self.words.len() < other.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word |= other;
        }
    }

    /// Takes out what the other set does not have.
    pub fn keep(&mut self, other: &Self) {
        for (at, word) in self.words.iter_mut().enumerate() {
            *word &= other.words.get(at).unwrap_or(&0);
        }
    }

    /// Takes out what the other set has.
    pub fn drop_all(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= !other;
        }
    }

    /// Puts in the numbers of a range that are not there and pass, on all cores. The range starts at a multiple of 64.
    pub fn fill(&mut self, range: Range<usize>, passes: impl Fn(u32) -> bool + Sync) {
        let first = range.start / 64;
        let last = range.end.div_ceil(64).min(self.words.len());
        let Some(words) = self.words.get_mut(first..last) else { return };
        words.par_iter_mut().with_min_len(TASK).enumerate().for_each(|(at, word)| {
            let base = (first + at) * 64;
            let mut left = if range.end - base < 64 { !*word & !(u64::MAX << (range.end - base)) } else { !*word };
            while left != 0 {
                let bit = left.trailing_zeros();
                left &= left - 1;
                *word |= u64::from(u32::try_from(base).is_ok_and(|base| passes(base + bit))) << bit;
            }
        });
    }

    /// The words of 64 numbers each.
    pub fn words_mut(&mut self) -> &mut [u64] {
        &mut self.words
    }
}

impl Extend<u32> for Bits {
    fn extend<I: IntoIterator<Item = u32>>(&mut self, numbers: I) {
        for number in numbers {
            self.insert(number);
        }
    }
}

impl FromIterator<u32> for Bits {
    fn from_iter<I: IntoIterator<Item = u32>>(numbers: I) -> Self {
        let mut bits = Self::default();
        bits.extend(numbers);
        bits
    }
}

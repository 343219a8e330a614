//! Sets of numbered things: one bit each.

use rayon::iter::{IndexedParallelIterator, IntoParallelRefMutIterator, ParallelIterator};

/// Words of one parallel task: 16,384 numbers.
const TASK: usize = 256;

/// A set of numbers below a length. Asking for one at or beyond it says no.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Bits {
    words: Vec<u64>,
}

impl Bits {
    pub(super) fn none(len: usize) -> Self {
        Self { words: vec![0; len.div_ceil(64)] }
    }

    pub(super) fn all(len: usize) -> Self {
        let mut bits = Self { words: vec![u64::MAX; len.div_ceil(64)] };
        if let Some(last) = bits.words.last_mut().filter(|_| !len.is_multiple_of(64)) {
            *last = (1 << (len % 64)) - 1;
        }
        bits
    }

    /// The numbers of those values that pass, in the order of `values`.
    pub(super) fn of<T>(values: &[T], mut passes: impl FnMut(&T) -> bool) -> Self {
        let mut bits = Self::none(values.len());
        for (number, _) in (0..).zip(values).filter(|(_, value)| passes(value)) {
            bits.insert(number);
        }
        bits
    }

    /// The same on all cores.
    pub(super) fn of_many<T: Sync>(values: &[T], passes: impl Fn(&T) -> bool + Sync) -> Self {
        let mut bits = Self::all(values.len());
        bits.retain(|number| passes(&values[number as usize]));
        bits
    }

    pub(super) fn insert(&mut self, number: u32) {
        if let Some(word) = self.words.get_mut(number as usize / 64) {
            *word |= 1 << (number % 64);
        }
    }

    pub(super) fn has(&self, number: u32) -> bool {
        self.words.get(number as usize / 64).is_some_and(|word| word & (1 << (number % 64)) != 0)
    }

    pub(super) fn len(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Keeps the numbers that pass, on all cores.
    pub(super) fn retain(&mut self, passes: impl Fn(u32) -> bool + Sync) {
        self.words.par_iter_mut().with_min_len(TASK).enumerate().for_each(|(at, word)| {
            let base = u32::try_from(at * 64).unwrap_or(u32::MAX);
            let mut left = *word;
            while left != 0 {
                let bit = left.trailing_zeros();
                left &= left - 1;
                if !passes(base + bit) {
                    *word &= !(1 << bit);
                }
            }
        });
    }

    /// The words of 64 numbers each, to be filled in parallel.
    pub(super) fn words_mut(&mut self) -> &mut [u64] {
        &mut self.words
    }
}

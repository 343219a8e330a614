//! Which of many numbers are likely to be there more than once, in a few bytes a number and without a sort.

/// Two bits for each of some slots: met, and met again. Different numbers may share a slot.
pub(super) struct Twice {
    met: Vec<u64>,
    again: Vec<u64>,
}

/// Slots for each number, at least: of nine numbers that are there once, one shares its slot.
const SLOTS: usize = 8;

impl Twice {
    /// For so many numbers.
    pub(super) fn new(count: usize) -> Self {
        let words = (count * SLOTS).div_ceil(64).next_power_of_two();
        Self { met: vec![0; words], again: vec![0; words] }
    }

    /// Adds a number whose bits are as good as random.
    pub(super) fn add(&mut self, number: u32) {
        let (word, bit) = self.place(number);
        if let (Some(met), Some(again)) = (self.met.get_mut(word), self.again.get_mut(word)) {
            *again |= *met & bit;
            *met |= bit;
        }
    }

    /// Whether a number that was added may have been added more than once.
    pub(super) fn has(&self, number: u32) -> bool {
        let (word, bit) = self.place(number);
        self.again.get(word).is_some_and(|again| again & bit != 0)
    }

    fn place(&self, number: u32) -> (usize, u64) {
        let slot = number as usize & (self.met.len() * 64 - 1);
        (slot / 64, 1 << (slot % 64))
    }
}

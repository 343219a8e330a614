//! Maps by numbers that are hashes already.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher};

use foldhash::fast::RandomState;

/// A map whose keys write one number, a hash, when they are hashed.
pub type Hashed<K, V> = HashMap<K, V, BuildHasherDefault<Taken>>;

/// Takes a number as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Taken(u64);

impl Hasher for Taken {
    fn write(&mut self, _: &[u8]) {}

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// A value by two hashes of it, 96 random bits that nobody can aim at: what is equal by them is taken for equal. To compare
/// the values as well would cost more than all else: they lie anywhere in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Print([u32; 3]);

impl Hash for Print {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self([high, low, _]) = *self;
        state.write_u64(u64::from(high) << 32 | u64::from(low));
    }
}

/// Makes prints, others in each process.
#[derive(Clone, Debug, Default)]
pub struct Printer(RandomState, RandomState);

impl Printer {
    pub fn print(&self, value: &(impl Hash + ?Sized)) -> Print {
        let (first, second) = (self.0.hash_one(value), self.1.hash_one(value));
        #[expect(clippy::cast_possible_truncation, reason = "each half of a hash is one")]
        let print = [(first >> 32) as u32, first as u32, second as u32];
        Print(print)
    }
}

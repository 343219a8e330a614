//! Maps by numbers that are hashes already.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A map whose keys write one number, a hash, when they are hashed.
pub type Hashed<K, V> = HashMap<K, V, BuildHasherDefault<Taken>>;

/// A map by a hash.
pub type ByHash<V> = Hashed<u64, V>;

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

//! Ids that are the same flaw: CVE, GHSA, GO, PYSEC, RUSTSEC and others.

use std::collections::HashMap;

use foldhash::fast::RandomState;

/// Disjoint sets of ids. Case does not tell ids apart.
#[derive(Debug, Default)]
pub(super) struct Aliases {
    numbers: HashMap<String, u32, RandomState>,
    parent: Vec<u32>,
}

impl Aliases {
    /// Says that some ids are one flaw; returns the number of their set as it is now.
    pub(super) fn join<'i>(&mut self, ids: impl IntoIterator<Item = &'i str>) -> Option<u32> {
        let mut ids = ids.into_iter();
        let first = self.number(ids.next()?);
        let first = self.root(first);
        for id in ids {
            let other = self.number(id);
            let other = self.root(other);
            if let Some(parent) = self.parent.get_mut(other as usize) {
                *parent = first;
            }
        }
        Some(first)
    }

    /// The set of an id; `None` for an id that was never named.
    pub(super) fn set(&self, id: &str) -> Option<u32> {
        let mut at = match self.numbers.get(id) {
            Some(number) => *number,
            None => *self.numbers.get(&id.to_ascii_uppercase())?,
        };
        while let Some(up) = self.parent.get(at as usize).filter(|up| **up != at) {
            at = *up;
        }
        Some(at)
    }

    fn number(&mut self, id: &str) -> u32 {
        let next = u32::try_from(self.parent.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(id.to_ascii_uppercase()).or_insert(next);
        if number == next {
            self.parent.push(next);
        }
        number
    }

    fn root(&mut self, mut at: u32) -> u32 {
        while let Some(up) = self.parent.get(at as usize).copied().filter(|up| *up != at) {
            let above = self.parent.get(up as usize).copied().unwrap_or(up);
            if let Some(parent) = self.parent.get_mut(at as usize) {
                *parent = above;
            }
            at = above;
        }
        at
    }
}

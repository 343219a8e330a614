//! The distinct places that the results of one run name, each once and numbered in the order in which it was met.
//! There may be nearly as many as results, so their texts lie side by side.

use std::cmp::Ordering;

use crate::model::backlog::{Arena, NONE, Paths};
use crate::model::hashed::{Hashed, Print, Printer};
use crate::repo::locate::Locator;

use super::lower::Place;
use super::rules::Tables;
use super::uri;

/// Places of a run.
#[derive(Default)]
pub(super) struct Places {
    uris: Arena,
    /// Number of the base of each place in `bases`.
    base_of: Vec<u32>,
    /// Base ids as results have them; a run has few.
    bases: Vec<Option<String>>,
    numbers: Hashed<Print, u32>,
    printer: Printer,
    last: u32,
}

/// Where the places of a run are.
#[derive(Default)]
pub(super) struct LocatedPlaces {
    /// In the order of the places' text.
    pub(super) paths: Paths,
    /// By number of the place.
    pub(super) path_of: Vec<u32>,
}

impl Places {
    /// The number of a place; results of one file often stand together.
    pub(super) fn number(&mut self, place: &Place<'_>) -> u32 {
        if self.is_same(self.last, place) {
            return self.last;
        }
        let print = self.printer.print(place);
        self.last = self.numbers.get(&print).copied().unwrap_or_else(|| {
            let number = self.uris.push(&place.uri);
            let base = self.base(place.base.as_deref());
            self.base_of.push(base);
            self.numbers.insert(print, number);
            number
        });
        self.last
    }

    fn is_same(&self, number: u32, place: &Place<'_>) -> bool {
        let base = self.base_of.get(number as usize).and_then(|base| self.bases.get(*base as usize));
        base.is_some_and(|base| base.as_deref() == place.base.as_deref()) && self.uris.get(number) == place.uri
    }

    fn base(&mut self, base: Option<&str>) -> u32 {
        let known = self.bases.iter().position(|known| known.as_deref() == base);
        let at = known.unwrap_or_else(|| {
            self.bases.push(base.map(str::to_owned));
            self.bases.len() - 1
        });
        u32::try_from(at).unwrap_or(NONE)
    }

    /// Looks all up in the order of their text, so that the order of results changes no answer.
    pub(super) fn locate(mut self, tables: &Tables, locator: &mut Locator) -> LocatedPlaces {
        self.numbers = Hashed::default();
        let resolved: Vec<Option<String>> =
            self.bases.iter().map(|id| uri::base_uri(&tables.run.base_ids, id.as_deref()?)).collect();
        let order = self.order();
        let uris = order.iter().map(|&number| {
            let base = self.base_of.get(number as usize).and_then(|base| resolved.get(*base as usize));
            (self.uris.get(number), base.and_then(Option::as_deref))
        });
        let mut located = LocatedPlaces { paths: Paths::default(), path_of: vec![NONE; order.len()] };
        locator.locate_all(uris, |path, in_repo| {
            located.paths.push(path, in_repo);
        });
        for (path, place) in (0..).zip(order) {
            if let Some(slot) = located.path_of.get_mut(place as usize) {
                *slot = path;
            }
        }
        located
    }

    /// Numbers of the places, sorted by base and URI.
    fn order(&self) -> Vec<u32> {
        let mut by_text: Vec<usize> = (0..self.bases.len()).collect();
        by_text.sort_unstable_by_key(|&at| self.bases.get(at));
        let mut ranks: Vec<u32> = vec![0; self.bases.len()];
        for (rank, at) in (0..).zip(by_text) {
            if let Some(slot) = ranks.get_mut(at) {
                *slot = rank;
            }
        }
        let rank = |number: u32| {
            let base = self.base_of.get(number as usize)?;
            ranks.get(*base as usize)
        };
        let shared = self.shared_start();
        // Nearly all are told apart by twelve bytes, without a look at texts that lie anywhere in memory.
        let mut keys: Vec<(u64, u32, u32)> = (0..self.uris.count())
            .map(|number| {
                let uri = self.uris.get(number);
                let next = eight_bytes(uri, shared + 8) >> 32;
                (eight_bytes(uri, shared), u32::try_from(next).unwrap_or_default(), number)
            })
            .collect();
        keys.sort_unstable_by(|a, b| {
            let by_base = if self.bases.len() > 1 { rank(a.2).cmp(&rank(b.2)) } else { Ordering::Equal };
            let by_key = by_base.then_with(|| (a.0, a.1).cmp(&(b.0, b.1)));
            if by_key == Ordering::Equal { self.uris.get(a.2).cmp(self.uris.get(b.2)) } else { by_key }
        });
        keys.into_iter().map(|(.., number)| number).collect()
    }

    /// How many bytes all URIs start with in common.
    fn shared_start(&self) -> usize {
        let first = self.uris.get(0).as_bytes();
        let common =
            |uri: &str, most: usize| first.iter().take(most).zip(uri.as_bytes()).take_while(|(a, b)| a == b).count();
        self.uris.iter().fold(first.len(), |shared, uri| common(uri, shared))
    }
}

/// The bytes of a text from a place on, as a number that sorts as they do; a text that ends is filled up with zeros.
fn eight_bytes(text: &str, from: usize) -> u64 {
    let rest = text.as_bytes().get(from..).unwrap_or_default();
    if let Some(bytes) = rest.first_chunk() {
        return u64::from_be_bytes(*bytes);
    }
    let mut bytes = [0; 8];
    bytes.iter_mut().zip(rest).for_each(|(to, byte)| *to = *byte);
    u64::from_be_bytes(bytes)
}

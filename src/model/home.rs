//! What the code of a finding runs in, by name: the services, workloads and images that it goes into.
//!
//! Found for each distinct path and each scanned image, never for each finding; how is in `reach::homes`.

use std::collections::HashSet;

use super::backlog::{NONE, Record};
use super::bits::Bits;
use super::grade::vocabulary;

vocabulary! {
    /// What a deployment consists of.
    Part { Service = "service", Workload = "workload", Image = "image" }
}

/// The most names in a label.
const MAX_LABELLED: usize = 16;

impl Part {
    /// The heading of what belongs to none.
    pub fn none(self) -> &'static str {
        match self {
            Self::Service => "no service",
            Self::Workload => "no workload",
            Self::Image => "no image",
        }
    }
}

/// The names that one place belongs to, each list sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Home {
    /// `shop/backend`, with its namespace unless that goes without saying.
    pub services: Vec<Box<str>>,
    /// `Deployment shop/backend`.
    pub workloads: Vec<Box<str>>,
    /// As they are written: `registry.example/shop/backend:1.2`.
    pub images: Vec<Box<str>>,
}

impl Home {
    pub fn names(&self, part: Part) -> &[Box<str>] {
        match part {
            Part::Service => &self.services,
            Part::Workload => &self.workloads,
            Part::Image => &self.images,
        }
    }

    fn names_mut(&mut self, part: Part) -> &mut Vec<Box<str>> {
        match part {
            Part::Service => &mut self.services,
            Part::Workload => &mut self.workloads,
            Part::Image => &mut self.images,
        }
    }

    /// Adds a name.
    pub fn add(&mut self, part: Part, name: &str) {
        let names = self.names_mut(part);
        if let Err(at) = names.binary_search_by(|known| (**known).cmp(name)) {
            names.insert(at, name.into());
        }
    }

    /// Adds the names of another.
    pub fn join(&mut self, other: &Self) {
        for part in Part::ALL {
            other.names(*part).iter().for_each(|name| self.add(*part, name));
        }
    }

    pub fn is_empty(&self) -> bool {
        Part::ALL.iter().all(|part| self.names(*part).is_empty())
    }

    /// The names in one text, of many the first; empty without names.
    pub fn label(&self, part: Part) -> String {
        let names = self.distinct(part);
        let shown = names.get(..MAX_LABELLED).unwrap_or(&names).join(", ");
        match names.len().saturating_sub(MAX_LABELLED) {
            0 => shown,
            more => format!("{shown} and {more} more"),
        }
    }

    /// The names; of two that differ by a namespace, a registry or a tag alone, the longer.
    pub fn distinct(&self, part: Part) -> Vec<&str> {
        let names = || self.names(part).iter().map(|name| &**name);
        let longer: HashSet<&str> = names().filter(|name| bare(name) != short(name)).map(short).collect();
        names().filter(|name| bare(name) != short(name) || !longer.contains(short(name))).collect()
    }
}

/// Without the kind that stands before it: `shop/backend` of `Deployment shop/backend`.
pub fn bare(name: &str) -> &str {
    name.rsplit(' ').next().unwrap_or(name)
}

/// Without kind, namespace, registry, tag and digest: `backend`.
pub fn short(name: &str) -> &str {
    let whole = bare(name).split('@').next().unwrap_or_default();
    let last = whole.rsplit('/').next().unwrap_or(whole);
    last.split(':').next().unwrap_or(last)
}

/// The homes of all findings of a backlog.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Homes {
    /// Each once; the first is empty.
    all: Vec<Home>,
    /// By number of a path: number in `all`. Empty where nothing is deployed.
    of_path: Vec<u32>,
    /// By number of a run: where it is one of an image, which counts before the path; else [`NONE`].
    of_run: Vec<u32>,
}

impl Homes {
    /// Of some homes, the first of which is empty, the number of one for each path, and one for each run of an image.
    pub fn new(all: Vec<Home>, of_path: Vec<u32>, of_run: Vec<u32>) -> Self {
        Self { all, of_path, of_run }
    }

    pub fn all(&self) -> &[Home] {
        &self.all
    }

    /// The number of a result's home in [`Homes::all`]; 0, which is empty, where it has none.
    pub fn number(&self, record: &Record) -> u32 {
        match self.of_run.get(record.run() as usize) {
            Some(number) if *number != NONE => *number,
            _ => self.of_path.get(record.path as usize).copied().unwrap_or(0),
        }
    }

    /// The same of a result of which the path is known: where no image was scanned, its record is not looked at, which of a
    /// million takes longer than all else.
    pub fn number_by_path<'r>(&self, path: u32, record: impl FnOnce() -> &'r Record) -> u32 {
        if self.of_run.is_empty() {
            self.of_path.get(path as usize).copied().unwrap_or(0)
        } else {
            self.number(record())
        }
    }

    pub fn of(&self, record: &Record) -> Option<&Home> {
        self.all.get(self.number(record) as usize).filter(|home| !home.is_empty())
    }

    /// The numbers of the homes with a name that passes, in one of its spellings: whole, without its kind, or by its
    /// last component alone.
    pub fn with(&self, part: Part, passes: impl Fn(&str) -> bool) -> Bits {
        let fits = |name: &str| {
            let untagged = bare(name).split('@').next().unwrap_or_default();
            [name, bare(name), untagged, short(name)].into_iter().any(&passes)
        };
        Bits::of(&self.all, |home| home.names(part).iter().any(|name| fits(name)))
    }
}

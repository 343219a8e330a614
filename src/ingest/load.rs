//! One load: all inputs into one backlog, and the way back to each result's own text.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rayon::prelude::*;

use crate::model::backlog::Backlog;
use crate::repo::Repo;
use crate::repo::locate::Files;

use super::archive;
use super::dates;
use super::index::{self, Part, Shared};
use super::input::Input;
use super::merge;
use super::open::{Piped, Spool};
use super::reader::Reader;

/// Counters that a screen may read while a load runs, and the switch that stops it.
#[derive(Debug, Default)]
pub struct Progress {
    pub bytes: AtomicU64,
    pub results: AtomicU64,
    pub cancel: AtomicBool,
}

impl Progress {
    pub(super) fn is_cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }
}

/// How to load.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Keep every result a finding of its own (`--no-merge`).
    pub no_merge: bool,
    /// Standard input of the session, the same for each of its loads.
    pub piped: Piped,
}

/// A backlog and the reader for its details.
pub struct Loaded {
    pub backlog: Backlog,
    pub reader: Reader,
}

/// Reads all inputs. Never fails: what cannot be read is a problem of the backlog. The same inputs give the
/// same backlog, whatever the number of threads.
pub fn load(repo: &Repo, inputs: &[Input], options: &Options, progress: &Arc<Progress>) -> Loaded {
    let shared = Shared { piped: &options.piped, spool: Arc::new(Spool::default()), files: Files::default() };
    let mut parts: Vec<Part> = archive::expand(inputs)
        .par_iter()
        .filter(|_| !progress.is_cancelled())
        .map(|input| index::index(repo, input, &shared, progress))
        .collect();
    dates::date(repo, parts.iter_mut().map(|part| &mut part.report).collect());
    let (backlog, sources) = merge::merge(repo, parts, options);
    Loaded { backlog, reader: Reader::new(sources) }
}

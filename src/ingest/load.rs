//! One load: all inputs into one backlog, and the way back to each result's own text.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use rayon::prelude::*;

use crate::model::backlog::Backlog;
use crate::model::problem::Problem;
use crate::repo::Repo;
use crate::repo::locate::Files;

use super::archive;
use super::dates;
use super::index::{self, Part, Shared};
use super::input::{self, Config, Input};
use super::merge;
use super::open::{Piped, Spool};
use super::reader::Reader;

/// Counters that a screen may read while a load runs, and the switch that stops it.
#[derive(Debug, Default)]
pub struct Progress {
    pub bytes: AtomicU64,
    pub results: AtomicU64,
    pub cancel: AtomicBool,
    /// The pipe whose writer has nothing to say yet.
    pub waits_for: Mutex<Option<String>>,
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

/// What was read of each input, before ids and findings are made.
pub struct Parts {
    inputs: Vec<Part>,
    config: Config,
    /// What is wrong with the configuration.
    problem: Option<Problem>,
}

/// Reads all inputs. Never fails: what cannot be read is a problem of the backlog. The same inputs give the
/// same backlog, whatever the number of threads.
pub fn load(repo: &Repo, inputs: &[Input], options: &Options, progress: &Arc<Progress>) -> Loaded {
    let Parts { inputs: mut parts, config, problem } = read(repo, inputs, options, progress);
    if progress.is_cancelled() {
        parts.clear();
    }
    dates::date(repo, parts.iter_mut().map(|part| &mut part.report).collect());
    let (mut backlog, sources) = merge::merge(repo, parts, &config.repository.key, options);
    backlog.problems.extend(problem);
    Loaded { backlog, reader: Reader::new(sources) }
}

/// The first half of [`load`], which grows with the inputs' size.
pub fn read(repo: &Repo, inputs: &[Input], options: &Options, progress: &Progress) -> Parts {
    let (config, problem) = input::config(repo);
    let files = Files::mapping(config.paths.iter().map(|(from, to)| (from.as_str(), to.as_str())));
    let shared = Shared { piped: &options.piped, spool: Spool::default(), files };
    let read = |input: &Input| (!progress.is_cancelled()).then(|| index::index(repo, input, &shared, progress));
    let inputs = archive::expand(inputs);
    let inputs = match inputs.as_slice() {
        // Other threads would only be woken to find nothing to do.
        [only] => read(only).into_iter().collect(),
        several => several.par_iter().filter_map(read).collect(),
    };
    Parts { inputs, config, problem }
}

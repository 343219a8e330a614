//! One load: all inputs into one backlog, and the way back to each result's own text.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};

use crate::model::backlog::{Backlog, ResultIdx};
use crate::model::detail::Detail;
use crate::model::problem::Problem;
use crate::repo::Repo;

use super::input::Input;

/// Counters that a screen may read while a load runs, and the switch that stops it.
#[derive(Debug, Default)]
pub struct Progress {
    pub bytes: AtomicU64,
    pub results: AtomicU64,
    pub cancel: AtomicBool,
}

/// How to load.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Keep every result a finding of its own (`--no-merge`).
    pub no_merge: bool,
}

/// A backlog and the reader for its details.
pub struct Loaded {
    pub backlog: Backlog,
    pub reader: Reader,
}

/// Reads results again by position. Safe to share between threads.
pub struct Reader {}

/// Reads all inputs. Never fails: what cannot be read is a problem of the backlog.
pub fn load(repo: &Repo, inputs: &[Input], options: Options, progress: &Arc<Progress>) -> Loaded {
    let _ = (repo, inputs, options, progress);
    unimplemented!()
}

impl Reader {
    /// Decodes one result. Fails if the report changed since it was loaded.
    pub fn detail(&self, backlog: &Backlog, result: ResultIdx) -> Result<Detail, Problem> {
        let _ = (backlog, result);
        unimplemented!()
    }
}

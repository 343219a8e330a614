//! One load: all inputs into one backlog, and the way back to each result's own text.

use std::os::unix::fs::FileTypeExt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use rayon::prelude::*;

use crate::memory;
use crate::model::backlog::Backlog;
use crate::model::problem::Problem;
use crate::repo::Repo;
use crate::repo::locate::Files;

use super::archive;
use super::dates;
use super::index::{self, Part, Shared};
use super::input::{self, Config, Input};
use super::merge::{self, How};
use super::open::{Piped, Spool};
use super::reader::Reader;

/// Counters that a screen may read while a load runs, and the switch that stops it.
#[derive(Debug, Default)]
pub struct Progress {
    pub bytes: AtomicU64,
    pub results: AtomicU64,
    /// Bytes of all inputs, as far as files say so; 0 while that is not known.
    pub total: AtomicU64,
    /// May be the switch of several jobs.
    pub cancel: Arc<AtomicBool>,
    /// The pipe whose writer has nothing to say yet.
    pub waits_for: Mutex<Option<String>>,
}

impl Progress {
    /// Counters of another job that the same switch stops.
    #[must_use]
    pub fn beside(&self) -> Self {
        Self { cancel: Arc::clone(&self.cancel), ..Self::default() }
    }

    pub fn is_cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }
}

/// How to load.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Keep every result a finding of its own (`--no-merge`).
    pub no_merge: bool,
    /// A report that states no time was made when its file was written (`--trust-file-times`).
    pub trusts_file_times: bool,
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
}

/// All inputs of one load, and what reading them needs: looked up once for their beginnings and for the whole.
pub struct Intake {
    repo: Repo,
    inputs: Vec<Input>,
    /// Bytes of text in all that are files, about.
    size: u64,
    /// The same where it is known.
    exact: Option<u64>,
    /// Whether some come through a pipe: nobody knows how much, or when.
    has_pipe: bool,
    options: Options,
    config: Config,
    /// What is wrong with the configuration.
    problem: Option<Problem>,
    files: Files,
}

/// Bytes of text from which on memory that is not in use is worth a thought.
const LARGE: u64 = 16 << 20;
/// Bytes of the beginnings that are read first: some 250 results.
const FIRST: u64 = 256 << 10;
/// How much larger the next beginnings are.
const GROWTH: u64 = 8;
/// Beginnings are at most this part of all: together they cost a fourteenth of the load.
const SHARE: u64 = 16;
/// As much is begun while others are waited for.
const MEANWHILE: u64 = FIRST * GROWTH;
/// The least that is read of an input that is begun.
const LEAST: u64 = 64 << 10;

/// Reads all inputs. Never fails: what cannot be read is a problem of the backlog. The same inputs give the
/// same backlog, whatever the number of threads. Of a load that is cancelled nothing is left.
pub fn load(repo: &Repo, inputs: &[Input], options: &Options, progress: &Progress) -> Loaded {
    Intake::new(repo, inputs, options).load(progress)
}

/// The first half of [`load`], which grows with the inputs' size.
pub fn read(repo: &Repo, inputs: &[Input], options: &Options, progress: &Progress) -> Parts {
    Intake::new(repo, inputs, options).read(progress)
}

impl Intake {
    pub fn new(repo: &Repo, inputs: &[Input], options: &Options) -> Self {
        let (config, problem) = input::config(repo);
        let files = Files::mapping(config.paths.iter().map(|(from, to)| (from.as_str(), to.as_str())));
        let inputs = archive::expand(inputs);
        let sizes: Vec<Size> = inputs.iter().map(size_of).collect();
        let size = sizes.iter().map(Size::about).sum();
        let exact = sizes.iter().map(Size::exact).sum();
        let has_pipe = sizes.contains(&Size::Pipe);
        Self { repo: repo.clone(), inputs, size, exact, has_pipe, options: options.clone(), config, problem, files }
    }

    /// See [`load`].
    pub fn load(&self, progress: &Progress) -> Loaded {
        self.trim();
        let Parts { inputs: mut parts } = self.read(progress);
        if progress.is_cancelled() {
            parts.clear();
        }
        self.trim();
        let reports = parts.iter_mut().map(|part| &mut part.report).collect();
        dates::date(&self.repo, reports, self.options.trusts_file_times);
        for part in &mut parts {
            for document in part.evidence.documents.iter_mut().filter(|document| document.made.is_none()) {
                document.made = part.report.made;
            }
        }
        let mut loaded = self.merge(parts, true, progress);
        loaded.backlog.problems.extend(self.problem.clone());
        loaded
    }

    /// Between two steps of a large load: each runs code of its own, and what it took is not in use in the next. A small
    /// load has nothing to gain; how much a pipe brings nobody knows.
    pub fn trim(&self) {
        if self.size >= LARGE || self.has_pipe {
            memory::trim();
        }
    }

    /// Sizes of the beginnings that are worth reading before all is there, the smallest first: none where all is there
    /// as soon.
    pub fn beginnings(&self) -> Vec<u64> {
        let most = (self.size / SHARE).max(if self.has_pipe { MEANWHILE } else { 0 });
        let mut sizes = Vec::new();
        let mut next = FIRST;
        // The last one may be all that there is in files.
        while next <= most && sizes.last().is_none_or(|size| *size < self.size) {
            sizes.push(next);
            next *= GROWTH;
        }
        sizes
    }

    /// Results at the beginnings of SARIF files, `room` bytes of them all in all, in the order of the inputs:
    /// for a look at them. Ids and findings may be others when all is read; nothing that takes longer is asked of the
    /// repository, and nothing that is wrong is told.
    pub fn begin(&self, room: u64, progress: &Progress) -> Loaded {
        let shared = self.shared();
        let each = (room / self.inputs.len().max(1) as u64).max(LEAST);
        let mut left = room;
        let mut parts = Vec::new();
        for input in &self.inputs {
            let most = each.min(left);
            if most == 0 || progress.is_cancelled() {
                break;
            }
            if let Some((part, read)) = index::begin(&self.repo, input, most, &shared, progress) {
                parts.push(part);
                left = left.saturating_sub(read);
            }
        }
        self.merge(parts, false, progress)
    }

    fn read(&self, progress: &Progress) -> Parts {
        progress.total.store(self.exact.unwrap_or(0), Ordering::Relaxed);
        let shared = self.shared();
        let read =
            |input: &Input| (!progress.is_cancelled()).then(|| index::index(&self.repo, input, &shared, progress));
        let inputs = match self.inputs.as_slice() {
            // Other threads would only be woken to find nothing to do.
            [only] => read(only).into_iter().collect(),
            several => several.par_iter().filter_map(read).collect(),
        };
        Parts { inputs }
    }

    fn merge(&self, parts: Vec<Part>, reads_sources: bool, progress: &Progress) -> Loaded {
        let how = How { repository: &self.config.repository.key, no_merge: self.options.no_merge, reads_sources };
        let (backlog, sources) = merge::merge(&self.repo, parts, &how, progress).unwrap_or_default();
        Loaded { backlog, reader: Reader::new(sources) }
    }

    fn shared(&self) -> Shared<'_> {
        Shared { piped: &self.options.piped, spool: Spool::default(), files: self.files.clone() }
    }
}

/// How many bytes of text an input is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Size {
    Plain(u64),
    /// Bytes of the packed file.
    Packed(u64),
    Pipe,
}

/// Half of all packed reports are so many times as long.
const UNPACKED: u64 = 9;

impl Size {
    fn about(&self) -> u64 {
        match self {
            Self::Plain(bytes) => *bytes,
            Self::Packed(bytes) => bytes.saturating_mul(UNPACKED),
            Self::Pipe => 0,
        }
    }

    fn exact(&self) -> Option<u64> {
        match self {
            Self::Plain(bytes) => Some(*bytes),
            Self::Packed(_) | Self::Pipe => None,
        }
    }
}

fn size_of(input: &Input) -> Size {
    let Input::File(path) = input else {
        return if *input == Input::Stdin { Size::Pipe } else { Size::Packed(0) };
    };
    // What is not there is told when it is read.
    let Ok(state) = path.metadata() else { return Size::Plain(0) };
    let is_packed = path.extension().is_some_and(|end| end == "gz" || end == "zst");
    match (state.file_type().is_fifo(), is_packed) {
        (true, _) => Size::Pipe,
        (false, true) => Size::Packed(state.len()),
        (false, false) => Size::Plain(state.len()),
    }
}

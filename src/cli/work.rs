//! What commands on findings have in common: open, load, choose.

use std::io::{self, IsTerminal};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, PoisonError};
use std::thread;
use std::time::Duration;

use crate::desk::{self, Desk, Loaded};
use crate::ingest::Progress;
use crate::model::backlog::FindingIdx;
use crate::model::board::Board;
use crate::model::id::{FindingId, id_range};
use crate::model::problem::{Loss, Problem};
use crate::query::{Lens, Query, parse, rows};
use crate::session;

use super::args::Common;
use super::exit::{Exit, Stop};
use super::out::Out;

/// The most problems that a command prints; `quell check` prints all.
const MAX_PROBLEMS: usize = 10;
/// The most candidates that are named for an id that is not unique.
const MAX_CANDIDATES: usize = 10;

/// Silence before a terminal is told what a load waits for.
const PATIENCE: Duration = Duration::from_secs(1);

/// Everything that was loaded for one command.
pub(super) struct Work {
    pub(super) desk: Desk,
    pub(super) loaded: Loaded,
}

/// Positional words: ids of findings, ids of fixes, and the rest, which are inputs. `./q1-ab` is a file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Names {
    pub(super) findings: Vec<String>,
    pub(super) fixes: Vec<String>,
    pub(super) inputs: Vec<String>,
}

impl Names {
    pub(super) fn is_empty(&self) -> bool {
        self.findings.is_empty() && self.fixes.is_empty() && self.inputs.is_empty()
    }

    pub(super) fn of(words: Vec<String>) -> Self {
        let mut names = Self::default();
        for word in words {
            if id_range(&word).is_some() {
                names.findings.push(word);
            } else if is_fix_id(&word) {
                names.fixes.push(word);
            } else {
                names.inputs.push(word);
            }
        }
        names
    }
}

fn is_fix_id(word: &str) -> bool {
    word.strip_prefix("f1-").is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Opens the repository, without reading any report.
pub(super) fn open(common: &Common, inputs: Vec<String>, no_merge: bool, err: &mut Out<'_>) -> Result<Desk, Stop> {
    let settings = session::settings();
    for problem in &settings.amiss {
        err.line(&problem.to_string())?;
    }
    let options = desk::Options {
        repo: common.repo.clone(),
        no_git: common.no_git,
        inputs,
        no_merge,
        trusts_file_times: common.trust_file_times,
        priority: settings.priority,
        due: settings.due,
        ..desk::Options::default()
    };
    let (mut desk, problem) = Desk::open(options).map_err(Stop::usage)?;
    if let Some(problem) = problem {
        err.line(&problem.to_string())?;
    }
    if let Some(branch) = &common.on_branch {
        desk.repo = desk.repo.on_branch(branch);
    }
    Ok(desk)
}

impl Work {
    /// Opens and loads; what was wrong is said on standard error.
    pub(super) fn load(common: &Common, inputs: Vec<String>, no_merge: bool, err: &mut Out<'_>) -> Result<Self, Stop> {
        Self::of(open(common, inputs, no_merge, err)?, err)
    }

    /// Loads for a desk that is open.
    pub(super) fn of(desk: Desk, err: &mut Out<'_>) -> Result<Self, Stop> {
        let work = Self::of_quietly(desk, err)?;
        let lossy: Vec<&Problem> = work.loaded.problems.iter().filter(|problem| problem.loss > Loss::Nothing).collect();
        for problem in lossy.iter().take(MAX_PROBLEMS) {
            err.line(&problem.to_string())?;
        }
        if lossy.len() > MAX_PROBLEMS {
            let rest = lossy.len() - MAX_PROBLEMS;
            err.line(&format!("and {rest} more problems: run `quell check` to see them all"))?;
        }
        Ok(work)
    }

    /// Opens and loads for a command that prints the problems itself.
    pub(super) fn load_quietly(
        common: &Common,
        inputs: Vec<String>,
        no_merge: bool,
        err: &mut Out<'_>,
    ) -> Result<Self, Stop> {
        Self::of_quietly(open(common, inputs, no_merge, err)?, err)
    }

    fn of_quietly(desk: Desk, err: &mut Out<'_>) -> Result<Self, Stop> {
        if let Some(batch) = desk.repo.interrupted() {
            err.line(&batch.to_string())?;
        }
        let loaded = load(&desk, err)?;
        Ok(Self { desk, loaded })
    }

    /// 3 if some input could not be read, else 0.
    pub(super) fn exit(&self) -> Exit {
        let is_unread = self.loaded.problems.iter().any(|problem| problem.loss == Loss::File);
        if is_unread { Exit::Unread } else { Exit::Done }
    }

    /// The finding with this id, or the only one whose id begins so.
    pub(super) fn find(&self, id: &str) -> Result<FindingIdx, Stop> {
        if id.is_empty() {
            return Err(Stop::Usage(String::from("the id is empty; `quell list` names the findings")));
        }
        let backlog = &self.loaded.board.backlog;
        let found = id_range(id).map(|(low, high)| backlog.find_range(low, high)).unwrap_or_default();
        match found.as_slice() {
            [only] => Ok(*only),
            [] => Err(Stop::Usage(format!("{id}: no such finding in what is loaded; `quell list` names them"))),
            several => {
                let mut reason = format!("{id} is not unique; it begins the ids of {} findings:", several.len());
                for &finding in several.iter().take(MAX_CANDIDATES) {
                    let lead = backlog.lead(finding);
                    let rule = backlog.rules.get(lead.rule as usize).map_or("", |rule| rule.id.as_str());
                    reason.push_str(&format!(
                        "\n  {}  {}  {}:{}",
                        backlog.id(finding),
                        rule,
                        backlog.path(lead),
                        lead.line
                    ));
                }
                Err(Stop::Usage(reason))
            }
        }
    }

    /// The findings that are named, and the open ones that a query keeps (all of its statuses where it names some);
    /// `None` where neither is given. Each once, in the order of the list.
    pub(super) fn choose(&self, ids: &[String], query: Option<&str>) -> Result<Option<Vec<FindingIdx>>, Stop> {
        if ids.is_empty() && query.is_none() {
            return Ok(None);
        }
        let mut chosen = ids.iter().map(|id| self.find(id)).collect::<Result<Vec<_>, _>>()?;
        if let Some(text) = query {
            chosen.extend(self.open(parsed(text)?));
        }
        let mut known = std::collections::HashSet::new();
        chosen.retain(|finding| known.insert(*finding));
        Ok(Some(chosen))
    }

    /// The open findings that a query keeps, in the order of the list.
    pub(super) fn open(&self, query: Query) -> Vec<FindingIdx> {
        let lens = Lens { query, open_only: true, ..Lens::default() };
        if !lens.reads_remedies() || self.loaded.board.remedies.is_some() {
            return rows(&self.loaded.board, &lens).findings;
        }
        let remedies = Some(Arc::new(self.desk.remedies(&self.loaded.board, &self.loaded.reader, None)));
        rows(&Board { remedies, ..self.loaded.board.clone() }, &lens).findings
    }

    /// Looks for what one change would clear; with `only`, for what is said of one finding alone.
    pub(super) fn look_for_remedies(&mut self, only: Option<FindingIdx>) {
        let remedies = self.desk.remedies(&self.loaded.board, &self.loaded.reader, only);
        self.loaded.board.remedies = Some(Arc::new(remedies));
    }

    pub(super) fn ids(&self, findings: &[FindingIdx]) -> Vec<FindingId> {
        findings.iter().map(|&finding| self.loaded.board.backlog.id(finding)).collect()
    }
}

/// Loads; a terminal is told when that waits for the writer of a pipe.
fn load(desk: &Desk, err: &mut Out<'_>) -> io::Result<Loaded> {
    let progress = Arc::new(Progress::default());
    let mut is_told = !io::stderr().is_terminal();
    thread::scope(|scope| {
        let (done, loaded) = mpsc::sync_channel(1);
        let job = &progress;
        // Who waits for it is this thread, until it is there.
        scope.spawn(move || drop(done.send(desk.load(desk.find(), job))));
        loop {
            match loaded.recv_timeout(PATIENCE) {
                Ok(loaded) => return Ok(loaded),
                Err(RecvTimeoutError::Disconnected) => return Err(io::Error::other("the load ended without a word")),
                Err(RecvTimeoutError::Timeout) if is_told => {}
                Err(RecvTimeoutError::Timeout) => {
                    let waits_for = progress.waits_for.lock().unwrap_or_else(PoisonError::into_inner).clone();
                    if let Some(pipe) = waits_for {
                        err.line(&format!("waiting for somebody to write to the pipe {pipe}; ctrl-c ends it"))?;
                        is_told = true;
                    }
                }
            }
        }
    })
}

/// A query of the command line; a bad one is a usage error that points at the term.
pub(super) fn parsed(text: &str) -> Result<Query, Stop> {
    parse(text).map_err(|error| Stop::query(text, &error))
}

/// Standard input can be read once: as one report, or as one file of fixes.
pub(super) fn one_standard_input(inputs: &[String], fixes: &[String]) -> Result<(), Stop> {
    let is_input = usize::from(inputs.iter().any(|input| input == "-"));
    let count = is_input + fixes.iter().filter(|file| *file == "-").count();
    if count > 1 {
        return Err(Stop::Usage("`-` can be named once: standard input can be read only once".to_owned()));
    }
    Ok(())
}

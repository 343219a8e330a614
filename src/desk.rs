//! The desk: the jobs that the console and the command line share, from the layers below put together.
//!
//! Open the repository, read the inputs and the ledger, decode findings, place and write fixes, decide, take back.
//! Every job blocks; the console runs them on its worker. It holds no state of a session: what was loaded goes in.

mod ask;
mod offers;
mod verify;

pub use ask::is_answer;
pub use verify::VerifyError;

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use jiff::civil::Date;
use jiff::{Timestamp, Zoned};

use crate::fix::{self, Choice};
use crate::ingest::input::Input;
use crate::ingest::{self, Piped, Progress, Reader};
use crate::ledger::{self, Decided};
use crate::model::backlog::{Backlog, FindingIdx, ResultIdx};
use crate::model::board::Board;
use crate::model::decision::{Event, Request, Standing};
use crate::model::detail::Detail;
use crate::model::fix::{Applicability, FixCommand, Proposal};
use crate::model::id::FindingId;
use crate::model::plan::{FixState, Plan, PlannedFix, Written};
use crate::model::problem::{Loss, Problem};
use crate::model::proof::Check;
use crate::repo::Repo;
use crate::repo::log::Entry;
use crate::repo::watch::{Look, Watch};
use crate::repo::write::WriteError;

/// What a session works on.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Where to look for the repository; the working directory if `None`.
    pub repo: Option<PathBuf>,
    pub no_git: bool,
    /// INPUT arguments; empty for what the configuration or `.quell/reports` holds.
    pub inputs: Vec<String>,
    /// Every result is a finding of its own.
    pub no_merge: bool,
    /// Files and folders of proposals beside the reports, `-` for standard input.
    pub fixes: Vec<String>,
    /// Programs that propose fixes, from the user's own configuration.
    pub commands: Vec<FixCommand>,
    /// The command that proves a batch in the console, from the user's own configuration.
    pub check: Option<Check>,
}

/// A repository with the inputs of a session. Cheap to clone and to send to a worker.
#[derive(Clone, Debug)]
pub struct Desk {
    pub repo: Repo,
    pub options: Options,
    /// What inputs and `--repo` are relative to.
    cwd: PathBuf,
    piped: Piped,
    /// Fixes that came through standard input, which can be read only once.
    piped_fixes: Arc<OnceLock<Result<Vec<u8>, String>>>,
}

/// One load: the board, the way back to each result's own text, and all that was wrong.
pub struct Loaded {
    pub board: Board,
    pub reader: Arc<Reader>,
    /// Inputs first, then reports, then the ledger. A `Loss::File` among them makes a command exit with 3.
    pub problems: Vec<Problem>,
    /// What it was loaded from, and how that was just before.
    pub watch: Watch,
    pub look: Look,
}

/// Where every finding stands, by the ledger as it is on disk now.
#[derive(Clone, Debug)]
pub struct Judgement {
    pub standings: Arc<Vec<Standing>>,
    pub events: Arc<Vec<Event>>,
    pub problems: Vec<Problem>,
}

/// The results of a finding, decoded, the shown one first.
pub type Parts = Vec<(ResultIdx, Result<Detail, Problem>)>;

/// Which of several proposals of one finding is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pick {
    /// The first of each finding: what a batch writes.
    #[default]
    First,
    /// The one with this number, from 0, of findings that have so many; it stands for the first.
    Nth(usize),
    /// All of them, to choose from.
    All,
}

impl Desk {
    /// Opens the repository around `options.repo` or the working directory; the problem says what git could not do.
    pub fn open(options: Options) -> Result<(Self, Option<Problem>), Problem> {
        let cwd = std::env::current_dir().map_err(|error| {
            Problem::of_file(".", format!("the working directory cannot be read: {error}"), "change to another folder")
        })?;
        let start = options.repo.as_ref().map_or_else(|| cwd.clone(), |dir| cwd.join(dir));
        let (repo, problem) = Repo::discover(&start, !options.no_git)?;
        Ok((Self { repo, options, cwd, piped: Piped::default(), piped_fixes: Arc::default() }, problem))
    }

    /// The folder that relative inputs are found from.
    pub fn cwd(&self) -> &Path {
        &self.cwd
    }

    /// Reads all inputs and the ledger. Never fails: what could not be read is a problem. A console asks the
    /// backlog for its `order` next, before the first list is drawn.
    pub fn load(&self, progress: &Arc<Progress>) -> Loaded {
        let (inputs, mut problems) = ingest::input::find(&self.repo, &self.cwd, &self.options.inputs);
        let watch = self.watch(&inputs);
        let look = watch.look();
        let options = ingest::load::Options { no_merge: self.options.no_merge, piped: self.piped.clone() };
        let loaded = ingest::load(&self.repo, &inputs, &options, progress);
        let backlog = Arc::new(loaded.backlog);
        let judgement = self.judge(&backlog);
        problems.extend(backlog.problems.iter().cloned());
        problems.extend(judgement.problems);
        let mut board = Board {
            backlog,
            standings: judgement.standings,
            events: judgement.events,
            offers: Arc::default(),
            today: today(),
            repo: Arc::from(self.repo.name()),
        };
        let (offers, wrong) = self.offers(&board);
        problems.extend(wrong);
        problems.extend(offers::loose(&offers));
        board.offers = Arc::new(offers);
        Loaded { board, reader: Arc::new(loaded.reader), problems, watch, look }
    }

    /// The reports, and their folders unless each report was named: then no new one belongs to the session.
    fn watch(&self, inputs: &[Input]) -> Watch {
        let path = |input: &Input| match input {
            Input::File(path) | Input::Member { archive: path, .. } => Some(path.clone()),
            Input::Stdin => None,
        };
        let reports: Vec<PathBuf> = inputs.iter().filter_map(path).collect();
        let named = &self.options.inputs;
        let mut folders = BTreeSet::new();
        if named.is_empty() || named.iter().any(|name| self.cwd.join(name).is_dir()) {
            folders.extend(reports.iter().filter_map(|path| path.parent()).map(Path::to_owned));
        }
        if named.is_empty() {
            folders.insert(self.repo.root().join(ingest::input::REPORTS));
        }
        self.repo.watch(reports, folders)
    }

    /// Reads the ledger again: after a decision, a batch, an undo.
    pub fn judge(&self, backlog: &Backlog) -> Judgement {
        let ledger = ledger::read(&self.repo);
        let standings = ledger::standings(&self.repo, backlog, &ledger.events, today());
        Judgement { standings: Arc::new(standings), events: Arc::new(ledger.events), problems: ledger.problems }
    }

    /// Places one fix of each finding on the tree as it is: the ones that `choice.include` names, else the first.
    /// Ids that are not loaded have no fix.
    pub fn plan(
        &self,
        board: &Board,
        reader: &Reader,
        findings: &[FindingId],
        choice: &Choice,
    ) -> (Plan, Vec<Problem>) {
        let findings: Vec<FindingIdx> = findings.iter().filter_map(|&id| board.backlog.find(id)).collect();
        let (all, problems) = proposals(board, reader, &findings, Pick::All, &|_| true);
        let chosen: HashSet<Option<FindingId>> =
            all.iter().filter(|one| choice.include.contains(&one.id)).map(|one| one.finding).collect();
        let mut served = HashSet::new();
        let mut picked: Vec<Proposal> = all
            .into_iter()
            .filter(|one| {
                if chosen.contains(&one.finding) {
                    choice.include.contains(&one.id)
                } else {
                    served.insert(one.finding)
                }
            })
            .collect();
        // A proposal that is for several findings is one.
        let mut known = HashSet::new();
        picked.retain(|one| known.insert(one.id));
        (fix::plan(&self.repo, &picked, choice), problems)
    }

    /// Places every fix of one finding, each as if it were alone, to choose from. There is nothing to write in it.
    pub fn preview(&self, board: &Board, reader: &Reader, finding: FindingIdx) -> (Plan, Vec<Problem>) {
        let (proposals, problems) = proposals(board, reader, &[finding], Pick::All, &|_| true);
        let alone =
            |proposal: &Proposal| fix::plan(&self.repo, std::slice::from_ref(proposal), &Choice::default()).fixes;
        (Plan { fixes: proposals.iter().flat_map(alone).collect(), files: Vec::new() }, problems)
    }

    /// Writes a plan, all or none, and then the event that says which findings it was for.
    pub fn apply(&self, board: &Board, plan: &Plan) -> Result<Written, ApplyError> {
        let mut findings: Vec<FindingId> = plan.in_state(FixState::WillWrite).flat_map(PlannedFix::findings).collect();
        findings.sort_unstable();
        findings.dedup();
        let draft = if findings.is_empty() {
            None
        } else {
            let draft = ledger::fix_applied(&self.repo, board, &findings, None, Timestamp::now());
            Some(draft.map_err(ApplyError::Ledger)?)
        };
        let events = draft.iter().map(|draft| draft.event.id.clone()).collect();
        let written = fix::apply(&self.repo, plan, events).map_err(ApplyError::Write)?;
        if let Some(draft) = draft {
            draft.write(&self.repo).map_err(|problem| ApplyError::Unrecorded {
                written: Box::new(written.clone()),
                problem: Box::new(problem),
            })?;
        }
        Ok(written)
    }

    /// Writes one decision; on disk before it returns. A batch that was interrupted is settled first: its files may be
    /// what the decision is about.
    pub fn decide(&self, board: &Board, reader: &Reader, request: &Request) -> Result<Decided, Problem> {
        if self.repo.interrupted().is_some() {
            self.repo.recover().map_err(refusal)?;
        }
        let seen = |result: ResultIdx| {
            let detail = reader.detail(&board.backlog, result).ok()?;
            detail.locations.into_iter().next()?.snippet
        };
        ledger::decide(&self.repo, board, &seen, request, Timestamp::now())
    }

    /// Everything that can be taken back or was, oldest first.
    pub fn log(&self) -> Result<Vec<Entry>, Problem> {
        self.repo.log()
    }

    /// Takes back the last `count` entries that are in effect, newest first. Stops at the first that cannot be; what was
    /// taken back until then is in [`Undone::summaries`].
    pub fn undo(&self, count: usize) -> Undone {
        let log = match self.log() {
            Ok(log) => log,
            Err(problem) => return Undone { problem: Some(problem), ..Undone::default() },
        };
        let mut entries: Vec<Entry> =
            log.into_iter().rev().filter(|entry| !entry.is_undone).take(count.saturating_add(1)).collect();
        let after = if entries.len() > count { entries.pop() } else { None };
        let mut undone = step_through(&entries, "nothing to undo", |entry| self.undo_entry(entry));
        undone.next = entries.into_iter().nth(undone.summaries.len()).or(after).map(|entry| entry.title);
        undone
    }

    /// Brings back the last `count` entries that were taken back since anything else was done, in their first order.
    pub fn redo(&self, count: usize) -> Undone {
        let log = match self.log() {
            Ok(log) => log,
            Err(problem) => return Undone { problem: Some(problem), ..Undone::default() },
        };
        let first = log.iter().rposition(|entry| !entry.is_undone).map_or(0, |at| at + 1);
        let entries: Vec<Entry> = log.into_iter().skip(first).take(count).collect();
        let mut undone = step_through(&entries, "nothing to redo", |entry| self.redo_entry(entry));
        let last = undone.summaries.len().checked_sub(1);
        undone.next = last.and_then(|last| entries.into_iter().nth(last)).map(|entry| entry.title);
        undone
    }

    fn undo_entry(&self, entry: &Entry) -> Result<String, Problem> {
        self.repo.undo_entry(&entry.name).map_err(refusal)?;
        if let Err(problem) = self.take_back(&entry.note.events) {
            // The decision is still in effect, so the log must go on saying so.
            self.repo.redo_entry(&entry.name).map_err(refusal)?;
            return Err(problem);
        }
        Ok(format!("undone: {}", entry.title))
    }

    fn redo_entry(&self, entry: &Entry) -> Result<String, Problem> {
        self.repo.redo_entry(&entry.name).map_err(refusal)?;
        if let Err(problem) = self.bring_back(&entry.note.events) {
            self.repo.undo_entry(&entry.name).map_err(refusal)?;
            return Err(problem);
        }
        Ok(format!("done again: {}", entry.title))
    }

    fn take_back(&self, ids: &[String]) -> Result<(), Problem> {
        let (events, known) = self.known(ids);
        if known.is_empty() { Ok(()) } else { ledger::revoke(&self.repo, &events, &known, Timestamp::now()).map(drop) }
    }

    fn bring_back(&self, ids: &[String]) -> Result<(), Problem> {
        let (events, known) = self.known(ids);
        if known.is_empty() { Ok(()) } else { ledger::restore(&self.repo, &events, &known, Timestamp::now()).map(drop) }
    }

    /// The ledger, and those of the ids that stand in it: an event that a crash kept from the disk needs no undo.
    fn known(&self, ids: &[String]) -> (Vec<Event>, Vec<String>) {
        let events = ledger::read(&self.repo).events;
        let written: HashSet<&str> = events.iter().map(|event| event.id.as_str()).collect();
        let known = ids.iter().filter(|id| written.contains(id.as_str())).cloned().collect();
        (events, known)
    }
}

/// Why a batch was not written, or not recorded.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ApplyError {
    /// Nothing was written: the tree.
    #[error("{}", refusal(.0.clone()))]
    Write(WriteError),
    /// Nothing was written: the decision that would record it cannot be made.
    #[error("{0}")]
    Ledger(Problem),
    /// The files are written and can be undone; the findings stay open, because the decision could not be written.
    #[error("{}, but the decision that records it could not be written: {problem}", .written.summary)]
    Unrecorded { written: Box<Written>, problem: Box<Problem> },
}

/// What an undo or redo did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Undone {
    /// One line for each entry, in the order in which they were done.
    pub summaries: Vec<String>,
    /// Why it stopped.
    pub problem: Option<Problem>,
    /// What the next undo takes back, in words.
    pub next: Option<String>,
}

/// The day in the system's time zone.
pub fn today() -> Date {
    Zoned::now().date()
}

/// All results of a finding, decoded, the shown one first.
pub fn details(board: &Board, reader: &Reader, finding: FindingIdx) -> Parts {
    let backlog = &board.backlog;
    backlog.members(finding).iter().map(|&result| (result, reader.detail(backlog, result))).collect()
}

/// The proposals of findings in their order, each with its finding, and what could not be decoded. The same edits
/// proposed by several results of a finding are one proposal; others are alternatives in the order of the results.
/// Only results that `is_wanted` count: a finding joins what several tools say, and each has fixes of its own.
pub fn proposals(
    board: &Board,
    reader: &Reader,
    findings: &[FindingIdx],
    pick: Pick,
    is_wanted: &dyn Fn(ResultIdx) -> bool,
) -> (Vec<Proposal>, Vec<Problem>) {
    let (mut picked, mut problems) = (Vec::new(), Vec::new());
    for &finding in findings {
        let own = alternatives(board, reader, finding, is_wanted, &mut problems);
        match pick {
            Pick::First => picked.extend(own.into_iter().next()),
            Pick::Nth(number) => {
                picked.extend(own.into_iter().nth(number).map(|proposal| Proposal { alternative: 0, ..proposal }));
            }
            Pick::All => picked.extend(own),
        }
    }
    (picked, problems)
}

/// Why nothing was written, as a problem.
pub fn refusal(error: WriteError) -> Problem {
    match error {
        WriteError::Refused(problem) => problem,
        WriteError::Locked(_) | WriteError::Changed(_) => Problem::at("", "", error.to_string(), Loss::Nothing),
    }
}

fn alternatives(
    board: &Board,
    reader: &Reader,
    finding: FindingIdx,
    is_wanted: &dyn Fn(ResultIdx) -> bool,
    problems: &mut Vec<Problem>,
) -> Vec<Proposal> {
    let backlog = &board.backlog;
    let id = backlog.finding(finding).id;
    // What the user named goes first.
    let mut own: Vec<Proposal> = board.offers.of(id).collect();
    let has_fix = |result: &&ResultIdx| backlog.record(**result).fixes > 0 && is_wanted(**result);
    for &result in backlog.members(finding).iter().filter(has_fix) {
        match reader.detail(backlog, result) {
            Ok(detail) => own.extend(detail.fixes),
            Err(problem) => problems.push(problem),
        }
    }
    let mut distinct: Vec<Proposal> = Vec::new();
    for proposal in own {
        match distinct.iter_mut().find(|known| known.id == proposal.id) {
            // One report may say what the other leaves open.
            Some(known) if known.applicability == Applicability::Unknown => {
                known.applicability = proposal.applicability;
            }
            Some(_) => {}
            None => distinct.push(Proposal { finding: Some(id), ..proposal }),
        }
    }
    distinct
}

fn step_through(entries: &[Entry], nothing: &str, step: impl Fn(&Entry) -> Result<String, Problem>) -> Undone {
    let mut undone = Undone::default();
    if entries.is_empty() {
        undone.problem = Some(Problem::at("", "", nothing, Loss::Nothing));
    }
    for entry in entries {
        match step(entry) {
            Ok(summary) => undone.summaries.push(summary),
            Err(problem) => {
                undone.problem = Some(problem);
                break;
            }
        }
    }
    undone
}

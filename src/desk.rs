//! The desk: the jobs that the console and the command line share, from the layers below put together.
//!
//! Open the repository, read the inputs and the ledger, decode findings, place and write fixes, decide, take back.
//! Every job blocks; the console runs them on its worker. It holds no state of a session: what was loaded goes in.

mod account;
mod ai;
mod ai_code;
mod ask;
mod exhibits;
pub mod export;
pub mod finding;
mod import;
mod kept;
mod land;
mod offers;
mod owners;
mod reach;
mod register;
mod remedies;
mod scans;
mod turn;
mod verify;
mod worktree;

pub use crate::ledger::home::Unshared;
pub use crate::ledger::scans::Keep;
pub use account::{Account, commit_range};
pub use ask::is_answer;
pub use import::Imported;
pub use land::{Landed, Landing, Wish};
pub use turn::{Here, Undone};
pub use verify::VerifyError;
pub use worktree::Site;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use jiff::civil::Date;
use jiff::{Timestamp, Zoned};

use crate::fix::{self, Choice};
use crate::ingest::input::Input;
use crate::ingest::{self, Intake, Piped, Progress, Reader};
use crate::ledger::{self, Decided, Draft, Told};
use crate::model::ai::left_out;
use crate::model::backlog::{Backlog, FindingIdx, ResultIdx};
use crate::model::board::Board;
use crate::model::decision::{Event, Request};
use crate::model::detail::Detail;
use crate::model::due::{Due, utc};
use crate::model::fix::{Applicability, FixCommand, Proposal};
use crate::model::id::FindingId;
use crate::model::plan::{FixState, Plan, PlannedFix, Written};
use crate::model::policy::Policies;
use crate::model::priority::Priority;
use crate::model::problem::{Loss, Problem};
use crate::model::proof::Check;
use crate::model::standings::Standings;
use crate::repo::Repo;
use crate::repo::log::Note;
use crate::repo::stage::Staged;
use crate::repo::watch::{Look, Watch};
use crate::repo::write::WriteError;

use reach::Grounds;

/// What a session works on.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "switches of the command line, which go with each other")]
pub struct Options {
    /// Where to look for the repository; the working directory if `None`.
    pub repo: Option<PathBuf>,
    pub no_git: bool,
    /// INPUT arguments; empty for what the configuration or `.quell/reports` holds.
    pub inputs: Vec<String>,
    /// Every result is a finding of its own.
    pub no_merge: bool,
    /// Reports that state no time were made when their file was written.
    pub trusts_file_times: bool,
    /// Files and folders of proposals beside the reports, `-` for standard input.
    pub fixes: Vec<String>,
    /// Programs that propose fixes, from the user's own configuration.
    pub commands: Vec<FixCommand>,
    /// The command that proves a batch in the console, from the user's own configuration.
    pub check: Option<Check>,
    /// A load leaves out verdicts and lanes, for a job that may not ask for them: they cost a walk through the whole tree.
    pub no_verdicts: bool,
    /// The table of the lanes and the weights of the score; the same holds for it, so that no change to a repository
    /// lowers its own findings.
    pub priority: Priority,
    /// The days that findings may take, by lane.
    pub due: Due,
    /// Whether loads are noted in the journal of scans.
    pub scans: Keep,
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
    grounds: Grounds,
}

/// What a load will read.
pub struct Found {
    pub intake: Arc<Intake>,
    problems: Vec<Problem>,
    watch: Watch,
    look: Look,
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
    pub standings: Arc<Standings>,
    pub events: Arc<Vec<Event>>,
    pub policies: Arc<Policies>,
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

impl Judgement {
    /// Puts it on a board.
    pub fn put(&self, board: &mut Board) {
        board.standings = Arc::clone(&self.standings);
        board.events = Arc::clone(&self.events);
        board.policies = Arc::clone(&self.policies);
    }
}

impl Desk {
    /// Opens the repository around `options.repo` or the working directory; the problem says what git could not do.
    pub fn open(options: Options) -> Result<(Self, Option<Problem>), Problem> {
        let cwd = std::env::current_dir().map_err(|error| {
            Problem::of_file(".", format!("the working directory cannot be read: {error}"), "change to another folder")
        })?;
        let start = options.repo.as_ref().map_or_else(|| cwd.clone(), |dir| cwd.join(dir));
        let (repo, problem) = Repo::discover(&start, !options.no_git)?;
        Ok((
            Self {
                repo,
                options,
                cwd,
                piped: Piped::default(),
                piped_fixes: Arc::default(),
                grounds: Grounds::default(),
            },
            problem,
        ))
    }

    /// The folder that relative inputs are found from.
    pub fn cwd(&self) -> &Path {
        &self.cwd
    }

    /// Finds what there is to load.
    pub fn find(&self) -> Found {
        let (inputs, problems) = ingest::input::find(&self.repo, &self.cwd, &self.options.inputs);
        let watch = self.watch(&inputs);
        let look = watch.look();
        let options = ingest::load::Options {
            no_merge: self.options.no_merge,
            trusts_file_times: self.options.trusts_file_times,
            piped: self.piped.clone(),
        };
        Found { intake: Arc::new(Intake::new(&self.repo, &inputs, &options)), problems, watch, look }
    }

    /// What the first `room` bytes of the inputs hold, for a look before all is there: without decisions and offers.
    pub fn begin(&self, intake: &Intake, room: u64, progress: &Progress) -> (Board, Reader) {
        let ingest::Loaded { backlog, reader } = intake.begin(room, progress);
        let standings = Standings::open(backlog.findings.len());
        (Board { standings: Arc::new(standings), ..self.board(backlog) }.with_proposals(), reader)
    }

    fn board(&self, backlog: Backlog) -> Board {
        let (backlog, repo) = (Arc::new(backlog), Arc::from(self.repo.name()));
        Board { backlog, repo, due: self.options.due, ..Board::empty(today()) }
    }

    /// Reads all inputs and the ledger. Never fails: what could not be read is a problem. A console asks the
    /// backlog for its `order` next, before the first list is drawn.
    pub fn load(&self, found: Found, progress: &Progress) -> Loaded {
        let Found { intake, mut problems, watch, look } = found;
        let loaded = intake.load(progress);
        intake.trim();
        let mut board = self.board(loaded.backlog);
        problems.extend(board.backlog.problems.iter().cloned());
        // Of a load that was stopped nothing is left to compare.
        if !progress.is_cancelled() {
            board.sightings = Arc::new(self.sightings(&board.backlog));
            problems.extend(board.sightings.problem.clone());
        }
        board.owners = Arc::new(self.owners(&board.backlog));
        board.attached = self.attached(&board.backlog, &loaded.reader);
        let (offers, wrong) = self.offers(&board);
        problems.extend(wrong);
        problems.extend(offers::loose(&offers));
        board.offers = Arc::new(offers);
        intake.trim();
        if !self.options.no_verdicts {
            problems.extend(self.exposure_problems(&board));
            intake.trim();
            board.reaches = Arc::new(self.reach(&board));
            intake.trim();
        }
        board.ai_stale = Arc::new(self.made_on_other_code(&board, &loaded.reader));
        problems.extend(ai::not_compared(&board));
        let judgement = self.judge(&board, &loaded.reader);
        problems.extend(judgement.problems.iter().cloned());
        judgement.put(&mut board);
        intake.trim();
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

    /// Reads the ledger and its policies again: after a decision, a batch, an undo. What the evidence of the board says is
    /// what decisions are held against.
    pub fn judge(&self, board: &Board, reader: &Reader) -> Judgement {
        let ledger = ledger::read(&self.repo);
        let (policies, mut problems) = ledger::policy::in_force(&self.repo);
        let known = ledger::Known {
            today: today(),
            utc: utc(Timestamp::now()),
            reaches: Some(&board.reaches),
            fix: Some(&|finding| fix_of(board, reader, finding)),
            policies: Some(&policies),
            seen: Some(&told(&board.backlog, reader)),
        };
        let standings = ledger::standings(&self.repo, &board.backlog, &ledger.events, known);
        problems.extend(ledger.problems);
        let (standings, events) = (Arc::new(standings), Arc::new(ledger.events));
        let Board { standings, events, .. } = Board { standings, events, ..board.clone() }.with_proposals();
        Judgement { standings, events, policies: Arc::new(policies), problems }
    }

    /// How often and how long a finding was put off, and what has changed since the last time; nothing for most.
    pub fn renewals(&self, board: &Board, reader: &Reader, finding: FindingIdx) -> Option<String> {
        if board.standing(finding).events.is_empty() {
            return None;
        }
        let fix = fix_of(board, reader, finding);
        ledger::since::renewals(&self.repo, board, finding, fix.as_deref())
    }

    /// Which decisions others do not have yet.
    pub fn unshared(&self) -> Unshared {
        ledger::home::unshared(&self.repo)
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
        self.apply_then(board, plan, Vec::new(), |_| Ok(()))
    }

    /// As [`Desk::apply`], with something between the files and the event that takes them back where it fails. `staged` is
    /// what it changes in the index.
    fn apply_then(
        &self,
        board: &Board,
        plan: &Plan,
        staged: Vec<Staged>,
        then: impl FnOnce(&Written) -> Result<(), Problem>,
    ) -> Result<Written, ApplyError> {
        let (drafts, left_open) = self.drafts(board, plan)?;
        let events = drafts.iter().map(|draft| draft.event.id.clone()).collect();
        let note = Note { events, parts: account::parts(board, plan), staged, ..Note::default() };
        let mut written = fix::apply(&self.repo, plan, note).map_err(ApplyError::Write)?;
        written.summary.push_str(&stays_open(left_open));
        if let Err(problem) = then(&written) {
            let problem = match self.repo.undo_entry(&written.entry) {
                Ok(_) => problem,
                Err(stuck) => problem.hint(format!("the files could not be put back ({stuck}): run quell undo")),
            };
            return Err(ApplyError::Write(WriteError::Refused(problem)));
        }
        for draft in drafts {
            draft.write(&self.repo).map_err(|problem| ApplyError::Unrecorded {
                written: Box::new(written.clone()),
                problem: Box::new(problem),
            })?;
        }
        Ok(written)
    }

    /// The events that say which findings a plan is for. Where a person changed all fixes of a finding by hand, an event
    /// of its own says so; where he left out a part of them, it stays open. With them how many stay so.
    fn drafts(&self, board: &Board, plan: &Plan) -> Result<(Vec<Draft>, usize), ApplyError> {
        let (by_hand, as_proposed): (Vec<&PlannedFix>, Vec<&PlannedFix>) =
            plan.in_state(FixState::WillWrite).partition(|fix| fix.hunks().is_changed());
        let whole: BTreeSet<FindingId> = as_proposed.into_iter().flat_map(PlannedFix::findings).collect();
        let mut told: BTreeMap<(bool, Option<String>), BTreeSet<FindingId>> = BTreeMap::new();
        told.entry((false, None)).or_default().extend(whole.iter().copied());
        for fix in by_hand {
            let is_part = fix.hunks().dropped > 0;
            let reason = format!("changed by hand: {}", fix.hunks().words());
            let findings = fix.findings().filter(|id| !whole.contains(id));
            told.entry((is_part, Some(reason))).or_default().extend(findings);
        }
        let mut known = BTreeSet::new();
        let (mut drafts, mut left_open) = (Vec::new(), 0);
        for ((is_part, reason), findings) in told {
            let findings: Vec<FindingId> = findings.into_iter().filter(|id| known.insert(*id)).collect();
            if !findings.is_empty() {
                left_open += if is_part { findings.len() } else { 0 };
                let now = Timestamp::now();
                let draft = ledger::fix_applied(&self.repo, board, &findings, reason, &plan.files, is_part, now);
                drafts.extend(draft.map_err(ApplyError::Ledger)?);
            }
        }
        Ok((drafts, left_open))
    }

    /// Writes one decision, with what is known of its findings where it is a treatment; on disk before it returns. A batch
    /// that was interrupted is settled first: its files may be what the decision is about.
    pub fn decide(&self, board: &Board, reader: &Reader, request: &Request) -> Result<Decided, Problem> {
        if self.repo.interrupted().is_some() {
            self.repo.recover().map_err(refusal)?;
        }
        let exhibits = self.exhibits(board, reader, request);
        let scope = match &request.scope_words {
            None => request.scope.clone(),
            Some(words) => {
                let findings: Vec<FindingIdx> =
                    request.findings.iter().filter_map(|&id| board.backlog.find(id)).collect();
                ledger::scope::scope_of(board, &findings, words)?
            }
        };
        let (request, left) = self.answered(board, reader, request)?;
        let request = Request { scope, exhibits, ..request };
        let decided = ledger::decide(&self.repo, board, &told(&board.backlog, reader), &request, Timestamp::now())?;
        Ok(Decided { summary: decided.summary + &ai::as_proposed(&request) + &left_out(left), ..decided })
    }
}

/// What reports say of results beside what the backlog keeps.
pub fn told<'s>(backlog: &'s Backlog, reader: &'s Reader) -> impl Fn(ResultIdx) -> Told + Sync + 's {
    |result| {
        let Ok(detail) = reader.detail(backlog, result) else { return Told::default() };
        let fix = fix_by(backlog, result, &detail);
        let text = detail.locations.into_iter().next().and_then(|location| location.snippet);
        Told { text, fix, fingerprints: detail.fingerprints }
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

/// `; 1 finding stays open: a part of its fix was left out`; nothing where none does.
fn stays_open(count: usize) -> String {
    match count {
        0 => String::new(),
        1 => "; 1 finding stays open: a part of its fix was left out".to_owned(),
        count => format!("; {count} findings stay open: a part of their fixes was left out"),
    }
}

/// The fix that the reports know of a finding, in a few words.
fn fix_of(board: &Board, reader: &Reader, finding: FindingIdx) -> Option<String> {
    let backlog = &board.backlog;
    let may = |result: &ResultIdx| backlog.record(*result).fixes > 0 || backlog.package_of(*result).is_some();
    let mut results = backlog.members(finding).iter().copied().filter(may);
    results.find_map(|result| fix_by(backlog, result, &reader.detail(backlog, result).ok()?))
}

/// The same of one result: the versions that clear it, else that its tool has a patch.
fn fix_by(backlog: &Backlog, result: ResultIdx, detail: &Detail) -> Option<String> {
    let (record, fixed) = (backlog.record(result), &detail.fixed_in);
    let name = fixed.by.as_deref().or_else(|| Some(&backlog.package_of(result)?.name));
    if let (Some(name), false) = (name, fixed.versions.is_empty()) {
        return Some(format!(
            "{name} {}",
            fixed.versions.iter().take(NAMED_VERSIONS).cloned().collect::<Vec<_>>().join(" or ")
        ));
    }
    (record.fixes > 0).then(|| format!("a patch by {}", backlog.tool(record).name))
}

/// Versions that are named of those that clear a result.
const NAMED_VERSIONS: usize = 3;

/// The day in the system's time zone.
pub fn today() -> Date {
    Zoned::now().date()
}

/// Findings whose texts are in memory together.
const DECODED_AT_ONCE: usize = 4096;

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
    is_wanted: &(dyn Fn(ResultIdx) -> bool + Sync),
) -> (Vec<Proposal>, Vec<Problem>) {
    let (mut picked, mut problems) = (Vec::new(), Vec::new());
    for findings in findings.chunks(DECODED_AT_ONCE) {
        for (own, wrong) in alternatives(board, reader, findings, is_wanted) {
            problems.extend(wrong);
            match pick {
                Pick::First => picked.extend(own.into_iter().next()),
                Pick::Nth(number) => {
                    picked.extend(own.into_iter().nth(number).map(|proposal| Proposal { alternative: 0, ..proposal }));
                }
                Pick::All => picked.extend(own),
            }
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

/// The proposals of each of these findings, and what could not be decoded.
fn alternatives(
    board: &Board,
    reader: &Reader,
    findings: &[FindingIdx],
    is_wanted: &(dyn Fn(ResultIdx) -> bool + Sync),
) -> Vec<(Vec<Proposal>, Vec<Problem>)> {
    let backlog = &board.backlog;
    let has_fix = |result: &ResultIdx| backlog.record(*result).fixes > 0 && is_wanted(*result);
    let results_of = |finding: &FindingIdx| backlog.members(*finding).iter().copied().filter(has_fix);
    let results: Vec<ResultIdx> = findings.iter().flat_map(results_of).collect();
    let mut details = reader.details(backlog, &results).into_iter();
    let of_finding = |finding: &FindingIdx| {
        let mut problems = Vec::new();
        let id = backlog.id(*finding);
        // What the user named goes first.
        let mut own: Vec<Proposal> = board.offers.of(id).collect();
        for detail in details.by_ref().take(results_of(finding).count()) {
            match detail {
                Ok(detail) => own.extend(detail.fixes),
                Err(problem) => problems.push(problem),
            }
        }
        (distinct(own, id), problems)
    };
    findings.iter().map(of_finding).collect()
}

fn distinct(own: Vec<Proposal>, finding: FindingId) -> Vec<Proposal> {
    let mut distinct: Vec<Proposal> = Vec::new();
    for proposal in own {
        match distinct.iter_mut().find(|known| known.id == proposal.id) {
            // One report may say what the other leaves open.
            Some(known) if known.applicability == Applicability::Unknown => {
                known.applicability = proposal.applicability;
            }
            Some(_) => {}
            None => distinct.push(Proposal { finding: Some(finding), ..proposal }),
        }
    }
    distinct
}

//! What `update` asks of the world, and what the world answers.

use std::sync::Arc;

use crate::app::state::{Changed, Loading};
use crate::model::ai::Opinion;
use crate::model::backlog::{Backlog, ResultIdx};
use crate::model::board::Board;
use crate::model::decision::{Event, Request};
use crate::model::detail::{Detail, Location};
use crate::model::funnel::Funnel;
use crate::model::id::{FindingId, FixId};
use crate::model::kept::KeptBatch;
use crate::model::offer::Offers;
use crate::model::plan::{HunkChoice, HunkId, Plan, Written};
use crate::model::policy::Policies;
use crate::model::problem::Problem;
use crate::model::proof::{Proof, Step};
use crate::model::reach::{Reaches, Why};
use crate::model::remedy::Remedies;
use crate::model::snippet::Snippet;
use crate::model::standings::Standings;

/// Orders requests of one kind: an answer whose ticket is not the newest is dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// Work for the worker or the session. Plain data: it can be printed, compared and dropped.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Read all inputs and the ledger again.
    Load(Ticket),
    /// Give up the load that is under way.
    StopLoading,
    /// Decode a finding, with its code.
    Open(Ticket, FindingId),
    /// Read and colour the code around a place (a flow step).
    Code(Ticket, Box<Location>),
    /// Place the fixes of one finding, to be shown in its detail.
    Preview(Ticket, FindingId),
    /// Look for what one change would clear, in all that is loaded.
    Remedies(Ticket),
    /// Place the fixes of a batch.
    Plan {
        ticket: Ticket,
        findings: Vec<FindingId>,
        dropped: Vec<FixId>,
        include: Vec<FixId>,
        /// Lines that a person chose.
        at: Vec<(FixId, u32)>,
        /// What a person made of single hunks.
        hunks: Arc<Vec<HunkChoice>>,
    },
    /// Ask a fix command, by its number, for a fix of a finding; one that is asked already is stopped.
    Ask {
        ticket: Ticket,
        finding: FindingId,
        command: usize,
    },
    /// Offer the upgrades that open findings ask for as fixes.
    Upgrades(Ticket),
    /// Stop the fix command that is asked.
    StopAsking,
    /// Prove a plan by the user's command, in a copy of the tree.
    Prove(Ticket, Arc<Plan>),
    /// Stop the proof that is under way.
    StopProving,
    /// Write a plan, byte for byte.
    Apply(Arc<Plan>),
    /// Keep the batch for the next console.
    KeepBatch(Arc<KeptBatch>),
    Decide(Box<Request>),
    /// Take back, or bring back, the last so many entries of the log.
    Undo(u32),
    Redo(u32),
    /// Open the user's editor at a line. The session does it: it needs the terminal.
    Edit {
        path: String,
        line: u32,
    },
    /// Let the user edit a hunk in a private file of its own. The session does it, too.
    EditHunk(Box<HunkEdit>),
    /// Send text to the terminal's clipboard.
    Copy(String),
    MouseCapture(bool),
    /// Look further for rows, or count further, once no input waits. The session sends it back: between two slices it draws.
    GoOn(Ticket),
    Suspend,
    Quit,
}

/// A hunk as it is given to the user's editor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HunkEdit {
    pub fix: FixId,
    pub hunk: HunkId,
    /// What the file holds: lines with the signs of a diff, and what there is to know about them.
    pub text: String,
    /// Line of the text, from 1, at which the editor starts.
    pub line: u32,
}

/// How the editor of a hunk ended.
#[derive(Clone, Debug)]
pub struct HunkSaved {
    /// What the file holds now; without it, it could not be read.
    pub text: Option<String>,
    /// Why that does not count.
    pub problem: Option<Problem>,
}

/// Everything about one finding that its page shows.
#[derive(Clone, Debug)]
pub struct Opened {
    pub finding: FindingId,
    /// What the numbers in `parts` are of.
    pub backlog: Arc<Backlog>,
    /// One for each result of the finding, the shown one first.
    pub parts: Vec<(ResultIdx, Result<Detail, Problem>)>,
    /// Code at the shown result's first location.
    pub snippet: Snippet,
    /// Why it stands where it stands; `None` as long as only a part is loaded.
    pub why: Option<Arc<Why>>,
    /// How often and how long it was put off, and what has changed since, in words.
    pub renewals: Option<String>,
    /// What models say of it.
    pub opinions: Vec<Opinion>,
}

/// New standings after a decision, a batch, an undo.
#[derive(Clone, Debug)]
pub struct Judged {
    pub standings: Arc<Standings>,
    pub events: Arc<Vec<Event>>,
    pub policies: Arc<Policies>,
    /// The verdicts, where files that changed make some evidence old.
    pub reaches: Option<Arc<Reaches>>,
    /// Where the findings stand by both.
    pub funnel: Funnel,
}

/// An answer, or news.
#[derive(Clone, Debug)]
pub enum Msg {
    Progress(Loading),
    Loaded {
        ticket: Ticket,
        board: Board,
        /// Everything that was wrong: inputs, ledger, repository.
        problems: Vec<Problem>,
        branch: Option<String>,
    },
    /// Beginnings of the reports, while all is loaded.
    Begun {
        ticket: Ticket,
        board: Board,
        branch: Option<String>,
    },
    GoOn(Ticket),
    Opened(Ticket, Arc<Opened>),
    Code(Ticket, Arc<Snippet>),
    Preview(Ticket, Arc<Plan>),
    Remedies(Ticket, Arc<Remedies>),
    Planned(Ticket, Arc<Plan>),
    /// A fix command is at work, for so many seconds.
    Asking(Ticket, u64),
    /// What a fix command proposed: all offers with the new ones among them, and how many these are.
    Asked(Ticket, Result<(Arc<Offers>, usize), Problem>),
    /// The upgrades that can be written: all offers with them, how many are new, and how many more are advice.
    Upgraded(Ticket, Arc<Offers>, usize, usize),
    /// A run of a proof begins.
    Proving(Ticket, Step),
    /// What the proof says, and the plan without the guilty fixes.
    Proved(Ticket, Result<(Proof, Arc<Plan>), Problem>),
    Applied(Result<(Written, Judged), Problem>),
    /// The batch that the last console was left with.
    KeptBatch(Box<KeptBatch>),
    /// Summary in words and the new standings.
    Decided(Result<(String, Judged), Problem>),
    /// An undo or redo: the same, and what the next undo would take back.
    Undone(Result<(String, Judged), Problem>, Option<String>),
    Redone(Result<(String, Judged), Problem>, Option<String>),
    /// How many files under `.quell/decisions` git has not committed.
    Uncommitted(usize),
    /// What others have changed on the disk since the load.
    Changed(Changed),
    /// The editor came back.
    Edited(Result<(), Problem>),
    /// The editor of a hunk came back.
    HunkEdited(Box<HunkEdit>, HunkSaved),
    /// Something to say in the status line (recovery of a batch, a second instance).
    Notice(Problem),
}

//! What follows from the evidence of a finding: the ladder, the verdict, the lane, the score; and why.
//!
//! A column holds the short form for every finding ([`Judged`]); the reasons are made when somebody looks ([`Why`]).

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use foldhash::fast::RandomState;
use jiff::Timestamp;
use serde::Serialize;

use super::backlog::{Backlog, FindingIdx};
use super::counting::sorted_by;
use super::detail::{Flow, FlowKind, Location, Region, Step};
use super::evidence::{Basis, Evidence, Frame, Polarity, Rung, Statement, Strength};
use super::exposure::Exposure;
use super::grade::vocabulary;
use super::home::{Home, Homes};
use super::priority::Table;
use super::text::counted;

vocabulary! {
    /// The verdict over all evidence of a finding, in one word.
    #[derive(Default)]
    Reach {
        Exploited = "exploited", Executed = "executed", Reachable = "reachable", TestOnly = "test-only",
        Unreached = "unreached", NotAffected = "not-affected", #[default] Unknown = "unknown",
    }
}

impl Reach {
    /// Whether a way into it was seen that does not start in tests.
    pub fn is_reached(self) -> bool {
        matches!(self, Self::Exploited | Self::Executed | Self::Reachable)
    }

    /// Its place in a list that begins with the worst; what is not known may be reached.
    pub fn rank(self) -> u8 {
        match self {
            Self::Exploited => 0,
            Self::Executed => 1,
            Self::Reachable => 2,
            Self::Unknown => 3,
            Self::TestOnly => 4,
            Self::Unreached => 5,
            Self::NotAffected => 6,
        }
    }

    /// At most five letters for a column; nothing for what is not known.
    pub fn short(self) -> &'static str {
        match self {
            Self::Exploited => "explt",
            Self::Executed => "runs",
            Self::Reachable => "reach",
            Self::TestOnly => "test",
            Self::Unreached => "unrch",
            Self::NotAffected => "n/aff",
            Self::Unknown => "",
        }
    }
}

vocabulary! {
    /// When it has to be dealt with, the soonest first: the timelines of CISA's directive BOD 26-04. Three days (with
    /// or without an investigation) are act-now, 14 days this-sprint, 60 days scheduled, else with the next upgrade.
    #[derive(Default)]
    Lane { ActNow = "act-now", ThisSprint = "this-sprint", #[default] Scheduled = "scheduled", OnUpgrade = "on-upgrade" }
}

vocabulary! {
    /// What a rung holds.
    #[derive(Default)]
    Held { #[default] Nothing = "·", Yes = "+", No = "-", Both = "!" }
}

impl Held {
    /// The word in JSON; `None` for nothing.
    pub fn word(self) -> Option<&'static str> {
        match self {
            Self::Nothing => None,
            Self::Yes => Some("yes"),
            Self::No => Some("no"),
            Self::Both => Some("both"),
        }
    }
}

/// What each rung of a finding's ladder holds: two bits a rung.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Rungs(u16);

impl Rungs {
    pub fn get(self, rung: Rung) -> Held {
        match self.0 >> (2 * rung as u16) & 3 {
            0 => Held::Nothing,
            1 => Held::Yes,
            2 => Held::No,
            _ => Held::Both,
        }
    }

    /// Adds a yes or a no.
    pub fn add(&mut self, rung: Rung, is_yes: bool) {
        self.0 |= if is_yes { 1 } else { 2 } << (2 * rung as u16);
    }
}

vocabulary! {
    /// Something to know about the evidence of a finding.
    Note { Conflict = "reach-conflict", Stale = "stale-evidence", Kev = "kev" }
}

/// What is known of a finding, short: one kind of [`Verdicts`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Judged {
    pub rungs: Rungs,
    pub reach: Reach,
    pub exposure: Exposure,
    /// When it has to be dealt with, what is not known taken for the worst.
    pub lane: Lane,
    /// The same with what is not known taken for the best.
    pub lane_max: Lane,
    /// The order inside a lane, 0 to 100.
    pub score: u8,
    /// Bits of [`Note`].
    pub notes: u8,
}

impl Judged {
    pub fn has(self, note: Note) -> bool {
        self.notes & 1 << note as u8 != 0
    }

    pub fn note(&mut self, note: Note) {
        self.notes |= 1 << note as u8;
    }
}

/// What is known of each finding. Of a million most are alike: each kind is kept once, and a number for each finding.
#[derive(Clone, Debug, Default)]
pub struct Verdicts {
    kinds: Vec<Judged>,
    known: HashMap<Judged, u32, RandomState>,
    numbers: Numbers,
}

#[derive(Clone, Debug)]
enum Numbers {
    Short(Vec<u16>),
    /// Where there are more kinds than that.
    Long(Vec<u32>),
}

impl Default for Numbers {
    fn default() -> Self {
        Self::Short(Vec::new())
    }
}

impl Verdicts {
    /// Makes room for so many findings.
    pub fn with_capacity(count: usize) -> Self {
        Self { numbers: Numbers::Short(Vec::with_capacity(count)), ..Self::default() }
    }

    /// Adds the next finding.
    pub fn push(&mut self, judged: Judged) {
        let at = self.len();
        self.put(at, judged);
    }

    /// Puts another verdict in the place of that of a finding, which is there.
    pub fn set(&mut self, finding: FindingIdx, judged: Judged) {
        if (finding as usize) < self.len() {
            self.put(finding as usize, judged);
        }
    }

    fn put(&mut self, at: usize, judged: Judged) {
        let next = u32::try_from(self.kinds.len()).unwrap_or(u32::MAX);
        let number = *self.known.entry(judged).or_insert(next);
        if number == next {
            self.kinds.push(judged);
        }
        if let Numbers::Short(numbers) = &self.numbers
            && u16::try_from(number).is_err()
        {
            self.numbers = Numbers::Long(numbers.iter().copied().map(u32::from).collect());
        }
        match &mut self.numbers {
            Numbers::Short(numbers) => place(numbers, at, u16::try_from(number).unwrap_or(u16::MAX)),
            Numbers::Long(numbers) => place(numbers, at, number),
        }
    }

    pub fn len(&self) -> usize {
        match &self.numbers {
            Numbers::Short(numbers) => numbers.len(),
            Numbers::Long(numbers) => numbers.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn get(&self, finding: FindingIdx) -> Option<Judged> {
        let at = finding as usize;
        let number = match &self.numbers {
            Numbers::Short(numbers) => usize::from(*numbers.get(at)?),
            Numbers::Long(numbers) => *numbers.get(at)? as usize,
        };
        self.kinds.get(number).copied()
    }

    /// The kinds that there are.
    pub fn kinds(&self) -> &[Judged] {
        &self.kinds
    }
}

/// Puts a number in its place, which may be the next one.
fn place<T>(numbers: &mut Vec<T>, at: usize, number: T) {
    match numbers.get_mut(at) {
        Some(known) => *known = number,
        None => numbers.push(number),
    }
}

/// The column of all findings, and which statements each has.
#[derive(Clone, Debug, Default)]
pub struct Reaches {
    pub verdicts: Verdicts,
    /// See [`Reaches::order`].
    pub order: OnceLock<Vec<FindingIdx>>,
    /// Which statement of the evidence is about which finding, sorted.
    pub links: Vec<(FindingIdx, u32)>,
    /// How far what is said is from the tree.
    pub ages: Ages,
    /// What the code of each finding runs in.
    pub homes: Arc<Homes>,
}

/// Scores there are.
const SCORES: u32 = 101;

/// How far what is said is from the tree as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ages {
    /// By number of a document of the evidence.
    pub documents: Arc<[Age]>,
    /// By number of a run; empty where no result says of itself that it is not reached, or only from tests.
    pub runs: Arc<[Age]>,
    /// Of the times that statements state before that of their document, sorted.
    pub stated: Arc<[(Timestamp, Age)]>,
}

impl Ages {
    /// How far what a statement describes is from the tree.
    pub fn of(&self, evidence: &Evidence, statement: &Statement) -> Option<&Age> {
        let own = own_time(evidence, statement).map(|made| self.stated.partition_point(|(known, _)| *known < made));
        let own = own.and_then(|at| self.stated.get(at)).map(|(_, age)| age);
        own.or_else(|| self.documents.get(statement.document as usize))
    }
}

/// When a no of a VEX was stated, where that was before its document was made: a document is made again and again, and
/// nobody looks at each statement.
pub fn own_time(evidence: &Evidence, statement: &Statement) -> Option<Timestamp> {
    let document = evidence.document(statement).filter(|document| document.commit.is_none())?;
    let is_no = statement.basis == Basis::Vex && statement.polarity == Polarity::No;
    statement.made.filter(|made| is_no && document.made.is_some_and(|document| *made < document))
}

/// How far a document or a run is from the tree as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Age {
    /// The commit that it describes, and whether it says so itself or it was guessed by time.
    pub commit: Option<Box<str>>,
    pub is_guessed: bool,
    /// Files that changed since, sorted; `None` where that is not known, so that a no decides nothing.
    pub changed: Option<Arc<[Box<str>]>>,
    /// What their names end with, each once: `py`.
    pub ends: Arc<[Box<str>]>,
    /// How many commits of HEAD came after it.
    pub distance: Option<usize>,
    /// Whether it states a commit that the repository does not have.
    pub is_elsewhere: bool,
}

impl Reaches {
    /// Whether the reach of some finding is known.
    pub fn has_reach(&self) -> bool {
        self.verdicts.kinds().iter().any(|judged| judged.reach != Reach::Unknown)
    }

    /// Whether some rung of some finding is known.
    pub fn has_rungs(&self) -> bool {
        self.verdicts.kinds().iter().any(|judged| judged.rungs != Rungs::default())
    }

    /// What is known of a finding; `None` as long as nothing was looked for.
    pub fn of(&self, finding: FindingIdx) -> Option<Judged> {
        self.verdicts.get(finding)
    }

    /// All findings, the most urgent lane first, then the highest score, then as the backlog has them; made at the first
    /// call, which is to be made off the drawing path.
    pub fn order(&self, backlog: &Backlog) -> &[FindingIdx] {
        self.order.get_or_init(|| {
            let rank = |judged: Judged| u32::from(judged.lane as u8) * SCORES + SCORES - 1 - u32::from(judged.score);
            let ranks: Vec<u32> = (0..).map_while(|finding| self.of(finding)).map(rank).collect();
            sorted_by(&backlog.order().by_severity, &ranks, SCORES * 4)
        })
    }

    /// The numbers of the statements about a finding.
    pub fn statements(&self, finding: FindingIdx) -> impl Iterator<Item = u32> {
        let from = self.links.partition_point(|(owner, _)| *owner < finding);
        let own = self.links.get(from..).unwrap_or_default();
        own.iter().take_while(move |(owner, _)| *owner == finding).map(|(_, statement)| *statement)
    }
}

/// Why a finding stands where it stands.
#[derive(Clone, Debug, Default)]
pub struct Why {
    pub judged: Judged,
    /// The verdict in a sentence.
    pub verdict: String,
    /// The rule that gave the lane, and its inputs with where each comes from.
    pub lane: String,
    /// The table that gave it.
    pub table: Table,
    /// What the user's settings say of table and weights, and which file that is.
    pub settings: Option<String>,
    pub inputs: Vec<LaneInput>,
    /// Each rung of the ladder.
    pub rungs: Vec<RungState>,
    /// What its code runs in.
    pub home: Home,
    /// How the deployment files lead to its code, one for each place of it.
    pub chains: Vec<Chain>,
    pub evidence: Vec<Row>,
    pub conflicts: Vec<String>,
    pub terms: Vec<Term>,
    /// What would change this, the one that would remove most doubt first: a sentence, and a command if there is one.
    pub doubts: Vec<Doubt>,
}

/// What is known of one rung.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RungState {
    pub rung: Rung,
    pub held: Held,
    /// Of the strongest statement for what it holds, a yes before a no; itself or on a rung that decides for it.
    pub strength: Option<Strength>,
    /// What the strongest statement on the rung itself says, also one that could not tell.
    pub reason: Option<String>,
}

/// A way through the deployment files.
#[derive(Clone, Debug, PartialEq)]
pub struct Chain {
    pub exposure: Exposure,
    /// Why the way is open or not, and what is claimed against it.
    pub words: String,
    /// From the internet, or from what runs it, to the folder of the code: `module` is what each is.
    pub frames: Vec<Frame>,
}

/// One input of the table that gives the lane.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LaneInput {
    pub name: &'static str,
    /// `yes`, `no`, `unknown`; one of the words of its table.
    pub value: String,
    pub why: String,
}

/// One statement as it counts for a finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub rung: Rung,
    pub polarity: Polarity,
    pub basis: Basis,
    /// As it counts here: less than stated where it is stale or made by the scanned repository itself.
    pub strength: Strength,
    /// What it says, and what takes weight from it.
    pub words: String,
    /// File and pointer, or what else it was read off.
    pub file: String,
    pub pointer: String,
    pub tool: String,
    pub made: Option<Timestamp>,
    /// Days from then to today.
    pub age: Option<i64>,
    pub commit: Option<String>,
    /// Whether the commit was guessed by the time.
    pub is_guessed: bool,
    /// How many commits of HEAD came after it.
    pub distance: Option<usize>,
    /// How it came to be about this finding, where it names neither its package nor its line.
    pub scope: Option<String>,
    /// Why it counts less, if it does.
    pub doubt: Option<String>,
    pub path: Vec<Frame>,
}

impl Row {
    /// Who says it and where: `govulncheck: reports/g.json line 12, 2026-01-02, at 0123456789ab, 3 commits ago`.
    pub fn origin(&self) -> String {
        let mut parts = Vec::new();
        let by = [self.file.as_str(), self.pointer.as_str()];
        let by = by.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        parts.push(match (self.tool.as_str(), by) {
            ("", by) => by,
            (tool, by) if by.is_empty() => tool.to_owned(),
            (tool, by) => format!("{tool}: {by}"),
        });
        parts.extend(self.made.map(|made| made.strftime("%Y-%m-%d").to_string()));
        if let Some(commit) = &self.commit {
            let guessed = if self.is_guessed { " (guessed by time)" } else { "" };
            parts.push(format!("at {}{guessed}", commit.get(..12).unwrap_or(commit)));
        }
        let distance = self.distance.filter(|distance| *distance > 0);
        parts.extend(distance.map(|distance| format!("{} ago", counted(distance, "commit", "commits"))));
        parts.join(", ")
    }

    /// Its path as a flow that can be stepped through, steps in libraries left out; `None` without a step in the
    /// repository.
    pub fn flow(&self) -> Option<Flow> {
        let steps: Vec<Step> =
            self.path.iter().filter(|frame| frame.is_own && !frame.path.is_empty()).map(step).collect();
        let doubt = self.doubt.as_deref().map(|doubt| format!("; {doubt}")).unwrap_or_default();
        let message = format!("{}: {}{doubt}", self.tool, self.words);
        let flow = Flow { kind: FlowKind::Stack, thread: None, message: Some(message), state: Vec::new(), steps };
        (!flow.steps.is_empty()).then_some(flow)
    }
}

fn step(frame: &Frame) -> Step {
    let Frame { module, function, path, line, column, .. } = frame;
    let location = Location {
        path: path.to_string(),
        in_repo: true,
        region: Region { line: *line, column: *column, ..Region::default() },
        message: (!function.is_empty()).then(|| function.to_string()),
        ..Location::default()
    };
    Step { location, module: (!module.is_empty()).then(|| module.to_string()), ..Step::default() }
}

/// One term of the score.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Term {
    pub name: &'static str,
    pub points: i32,
    pub why: String,
    pub source: String,
}

/// Something that is not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Doubt {
    pub words: String,
    pub command: Option<String>,
}

//! Decisions as events, and the status that follows from them.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::ai::{Answer, Opinion};
use super::exhibit::{Exhibit, Exhibits};
use super::grade::vocabulary;
use super::id::{FindingId, Hash64};
use super::scope::Scope;

vocabulary! {
    /// What a decision does.
    Op {
        Confirm = "confirm", FalsePositive = "false-positive", NotAffected = "not-affected",
        AcceptRisk = "accept-risk", Mitigated = "mitigated", Defer = "defer", Duplicate = "duplicate",
        Assign = "assign", Comment = "comment", Reopen = "reopen", Revoke = "revoke",
        /// Written by a batch of fixes; not offered as a decision.
        FixApplied = "fix-applied",
        /// Both are about an acceptance, by its id.
        Approve = "approve", Deny = "deny",
    }
}

vocabulary! {
    /// What a finding is, by its decisions.
    Status {
        Open = "open", Confirmed = "confirmed", FixApplied = "fix-applied", Fixed = "fixed",
        Accepted = "accepted", FalsePositive = "false-positive", NotAffected = "not-affected",
        Mitigated = "mitigated", Deferred = "deferred", Duplicate = "duplicate", Requested = "requested",
    }
}

vocabulary! {
    /// Something to know about a finding.
    Flag {
        Stale = "stale", Expired = "expired", CameBack = "came-back", ReachConflict = "reach-conflict",
        DecisionConflict = "decision-conflict", FixConflict = "fix-conflict",
        NewReportJoined = "new-report-joined", HiddenCharacters = "hidden-characters",
        /// What was decided is not what the policy allows, and does not count.
        AgainstPolicy = "against-policy",
    }
}

vocabulary! {
    /// What a decision can end by before its date: a change of what was known when it was made.
    Change {
        /// Of the flagged lines or the three on both sides of them.
        Code = "code",
        /// A way into the code, or its use by an attacker, that was not seen then.
        Reach = "reach",
        /// Another version of the package.
        Version = "version",
        /// A fix, where there was none.
        Fix = "fix",
    }
}

impl Op {
    /// Whether what it is about is work no longer, though nothing was changed.
    pub fn hides(self) -> bool {
        match self {
            Self::FalsePositive
            | Self::NotAffected
            | Self::AcceptRisk
            | Self::Mitigated
            | Self::Defer
            | Self::Duplicate => true,
            Self::Confirm
            | Self::Assign
            | Self::Comment
            | Self::Reopen
            | Self::Revoke
            | Self::FixApplied
            | Self::Approve
            | Self::Deny => false,
        }
    }

    /// What it ends by where nobody says otherwise: what hides a problem is to be looked at again when somebody shows a way
    /// into it.
    pub fn default_changes(self) -> &'static [Change] {
        let ends = self.hides() && !matches!(self, Self::FalsePositive | Self::Duplicate);
        if ends { &[Change::Reach] } else { &[] }
    }
}

impl Serialize for Change {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Change {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let word = Cow::<str>::deserialize(from)?;
        let known = Self::ALL.iter().copied().find(|change| change.name() == word);
        known.ok_or_else(|| serde::de::Error::custom(format!("the change `{word}` is unknown")))
    }
}

impl Op {
    /// Whether it leaves a problem where it is, for reasons that somebody may ask for later.
    pub fn is_treatment(self) -> bool {
        matches!(self, Self::AcceptRisk | Self::Mitigated | Self::Defer)
    }
}

impl Status {
    /// Whether a person still has to do something: what the console and the gate start from.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::Confirmed | Self::Requested)
    }

    /// The more open, the lower: what wins where several speak of the same thing.
    pub fn openness(self) -> u8 {
        match self {
            Self::Open => 0,
            Self::Confirmed => 1,
            Self::Requested => 2,
            Self::FixApplied => 3,
            Self::Deferred => 4,
            Self::Accepted => 5,
            Self::Mitigated => 6,
            Self::NotAffected => 7,
            Self::FalsePositive => 8,
            Self::Duplicate => 9,
            Self::Fixed => 10,
        }
    }

    /// Few letters for a column; blank for `open`, which is the normal case.
    pub fn short(self) -> &'static str {
        match self {
            Self::Open => "",
            Self::Confirmed => "conf",
            Self::FixApplied => "fix~",
            Self::Fixed => "fixed",
            Self::Accepted => "acc",
            Self::FalsePositive => "fp",
            Self::NotAffected => "n/a",
            Self::Mitigated => "mitig",
            Self::Deferred => "defer",
            Self::Duplicate => "dup",
            Self::Requested => "req",
        }
    }
}

/// VEX justification labels (OpenVEX 0.2.0) that `not-affected` asks for.
pub const JUSTIFICATIONS: &[&str] = &[
    "component_not_present",
    "vulnerable_code_not_present",
    "vulnerable_code_not_in_execute_path",
    "vulnerable_code_cannot_be_controlled_by_adversary",
    "inline_mitigations_already_exist",
];

/// A decision as a person asks for it: the console's forms and `quell decide` both make one of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub op: Op,
    /// The findings it is for, as they were on the screen when the key was pressed.
    pub findings: Vec<FindingId>,
    pub reason: Option<String>,
    pub until: Option<Date>,
    /// What it ends by before that; `None` for what is usual (`Op::default_changes`).
    pub until_change: Option<Vec<Change>>,
    pub ticket: Option<String>,
    pub justification: Option<String>,
    /// New owner for `assign`.
    pub owner: Option<String>,
    /// The finding that stays, for `duplicate`.
    pub duplicate_of: Option<FindingId>,
    /// The query that chose the findings, for the record of a bulk decision.
    pub query: Option<String>,
    /// What lowers the risk instead.
    pub control: Option<String>,
    /// Who answers for the risk.
    pub risk_owner: Option<String>,
    /// Globs of the branches on which it is to hold.
    pub branches: Vec<String>,
    /// What it is about beside the findings.
    pub scope: Option<Scope>,
    /// The same in the words of a person, for who writes the decision to look up: `rule:src/**`.
    pub scope_words: Option<String>,
    /// What is decided about some results of the findings is to hold for all of them: everything else that is asked for is
    /// that of the decision in effect.
    pub extends: bool,
    /// What is known of the findings, for the record of a treatment.
    pub exhibits: Vec<Exhibit>,
    /// It answers what models propose.
    pub answer: Option<Answer>,
    /// What models say of the findings, sorted by result, for the record of a verdict.
    pub ai: Vec<Opinion>,
}

impl Request {
    pub fn new(op: Op, findings: Vec<FindingId>) -> Self {
        Self {
            op,
            findings,
            reason: None,
            until: None,
            until_change: None,
            ticket: None,
            justification: None,
            owner: None,
            duplicate_of: None,
            query: None,
            control: None,
            risk_owner: None,
            branches: Vec::new(),
            scope: None,
            scope_words: None,
            extends: false,
            exhibits: Vec::new(),
            answer: None,
            ai: Vec::new(),
        }
    }

    /// Extends what is decided about these findings to results that joined them since.
    pub fn extend(findings: Vec<FindingId>) -> Self {
        Self { extends: true, ..Self::new(Op::Confirm, findings) }
    }

    /// Rejects what models propose about these findings, and decides nothing else.
    pub fn reject(findings: Vec<FindingId>) -> Self {
        let reason = Some("what a model says of it was looked at, and is not so".to_owned());
        Self { reason, answer: Some(Answer::Reject), ..Self::new(Op::Comment, findings) }
    }

    /// What is missing before this can be written; `None` when it is complete. The same rules bind
    /// the console's forms and the command line.
    pub fn lacks(&self, today: Date) -> Option<String> {
        let blank = |text: &Option<String>| text.as_deref().is_none_or(|text| text.trim().is_empty());
        if self.extends {
            return None;
        }
        let name = self.op.name();
        if matches!(self.op, Op::AcceptRisk | Op::Mitigated | Op::NotAffected) && blank(&self.reason) {
            return Some(format!("{name} needs a reason"));
        }
        if matches!(self.op, Op::AcceptRisk | Op::Defer) {
            match self.until {
                None => return Some(format!("{name} needs a date until which it holds")),
                Some(until) if until <= today => {
                    return Some(format!("{until} is not in the future; {name} needs a later date"));
                }
                Some(_) => {}
            }
        }
        if self.op == Op::NotAffected {
            match self.justification.as_deref() {
                None => return Some(format!("{name} needs a justification: one of {}", JUSTIFICATIONS.join(", "))),
                Some(label) if !JUSTIFICATIONS.contains(&label) => {
                    return Some(format!("{label} is no VEX justification; use one of {}", JUSTIFICATIONS.join(", ")));
                }
                Some(_) => {}
            }
        }
        match self.op {
            Op::Assign if blank(&self.owner) => Some(format!("{name} needs an owner")),
            Op::Comment if blank(&self.reason) => Some(format!("{name} needs a text")),
            Op::Duplicate if self.duplicate_of.is_none() => {
                Some(format!("{name} needs the finding that stays, by its id"))
            }
            _ => None,
        }
    }
}

/// One immutable event of the ledger, as it stands in its file. A member that is not listed here could narrow what the
/// event means, so a file that has one is not read. The fields stand in the order of their names: written out, an event
/// is canonical.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// For `approve` and `deny`: the events that they are about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<String>,
    /// What models said of its findings, sorted by result: a person has confirmed what proposes the same decision, and
    /// rejected what does not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ai: Vec<Opinion>,
    pub at: Timestamp,
    /// A label, taken from git's `user.name`; what counts is who committed or signed the file.
    pub author: Arc<str>,
    /// Globs of the branches on which it holds; empty for those in whose tree it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub branches: Vec<String>,
    /// Id of the commit that was checked out: from there git knows where its lines went.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// What lowers the risk instead, for `accept-risk` and `mitigated`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicate_of: Option<String>,
    /// What was known of its findings, for treatments: of at most [`MAX_EXHIBITS`](super::exhibit::MAX_EXHIBITS).
    #[serde(default, skip_serializing_if = "Exhibits::is_empty")]
    pub exhibits: Exhibits,
    /// First 16 hex digits of the SHA-256 of the canonical JSON without this field.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub justification: Option<String>,
    /// Address of the author by git's `user.email`, where a policy asks who it was; a label as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<String>,
    /// What it is about: every result of every finding that was chosen. Empty for a revoke.
    pub members: Vec<Anchor>,
    /// Name of an [`Op`]; an unknown one suppresses nothing and is reported.
    pub op: Cow<'static, str>,
    #[serde(skip)]
    pub origin: Origin,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who answers for an accepted risk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk_owner: Option<String>,
    /// What else it is about: also results that nobody had seen when it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Box<Scope>>,
    /// Events that this one replaces for the same members; status is a fold over these links, never over clocks.
    /// For a revoke, the events that it takes back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub supersedes: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// What it ends by before that, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub until_change: Vec<Change>,
    /// Format version, 1.
    pub v: u32,
}

impl Event {
    /// What it answers of what models say of these results.
    pub fn answers(&self, results: &[String]) -> Vec<String> {
        let own = self.ai.iter().filter(|opinion| results.contains(&opinion.result));
        own.map(|opinion| opinion.answer(self)).collect()
    }

    /// `2027-01-31, or a change of reach, fix`: when it ends; `None` for what does not.
    pub fn end(&self) -> Option<String> {
        let changes: Vec<&str> = self.until_change.iter().map(|change| change.name()).collect();
        let changes = (!changes.is_empty()).then(|| format!("a change of {}", changes.join(", ")));
        let parts: Vec<String> = self.until.map(|until| until.to_string()).into_iter().chain(changes).collect();
        (!parts.is_empty()).then(|| parts.join(", or "))
    }
}

vocabulary! {
    /// Where an event was found, the best place first: what is there twice counts from the first.
    Origin {
        Tree = "tree", Archive = "archive",
        /// A ref that the configuration names, or the decisions of another branch.
        Ref = "ref", Elsewhere = "elsewhere",
        /// Only here: the tree cannot be written.
        Private = "private",
        /// Only here, until it is published.
        Draft = "draft",
    }
}

impl Origin {
    /// What a person has to know about a decision that was just written; empty for one that is where all see it.
    pub fn note(self) -> &'static str {
        match self {
            Self::Private => " (kept for you alone: the tree cannot be written)",
            Self::Draft => " (a draft: quell ledger publish shares it)",
            Self::Tree | Self::Archive | Self::Ref | Self::Elsewhere => "",
        }
    }
}

#[expect(clippy::derivable_impls, reason = "the macro that makes vocabularies derives no default")]
impl Default for Origin {
    fn default() -> Self {
        Self::Tree
    }
}

/// Enough of a result to find it again in a later scan. A hash is the first 16 hex digits of a SHA-256. Of a result about a
/// secret, what may be the secret is covered before anything is hashed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    /// Where the flagged text starts in its first line: so many characters that are no white space stand before it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub column: u32,
    /// Hash of the flagged lines and up to three on both sides, without white space, each ended by LF.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<Hash64>,
    /// Last flagged line, where it is not the first.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub end_line: u32,
    /// How many other lines of the file have a result that could not be told from it by rule, `text`, `context`, `column`
    /// and `message`.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub equals: u32,
    /// What was known of it, for what hides something; older events have none, and cannot end by a change of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facts: Option<Box<Facts>>,
    /// What the tool itself tells its results apart by, `name=value`, where that is known to be good for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// Of the result.
    pub id: FindingId,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub line: u32,
    /// Hash of the message in lower case without its numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Hash64>,
    #[serde(default, skip_serializing_if = "is_blank")]
    pub path: Arc<str>,
    pub rule: Arc<str>,
    /// Hash of the flagged lines, each ended by LF: white space counts as one blank, and as none at the ends of a line and,
    /// outside of quotes, around brackets, commas and semicolons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Hash64>,
    /// Tool family, which identity compares (see `model::backlog::Tool`).
    pub tool: Arc<str>,
    /// How many other lines of the file have a result of the same rule that flags the same text.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub twins: u32,
    /// Ids that it had when decisions named it that came over to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub was: Vec<FindingId>,
    /// Hash of the first flagged line and what follows, as `codeql-action` makes its `primaryLocationLineHash`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<String>,
}

impl Anchor {
    /// The finding that the result was part of, as far as it is stated.
    pub fn finding(&self) -> FindingId {
        self.facts.as_deref().and_then(|facts| facts.finding).unwrap_or(self.id)
    }

    /// `B602 src/run.py:12`, as far as it is stated.
    pub fn words(&self) -> String {
        let line = if self.line > 0 { format!(":{}", self.line) } else { String::new() };
        format!("{} {}{line}", self.rule, self.path).trim_end().to_owned()
    }
}

/// What was known of a result and its finding when it was decided. What is not stated was not known, or not there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// Its finding, where that has another id than the result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<FindingId>,
    /// The fix that there was: `lodash 4.17.21`, `a fix by ruff`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<Arc<str>>,
    /// Whether the flaw was in the catalogue of those that are known to be exploited.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub kev: bool,
    /// Word of a `model::reach::Reach`, where evidence was looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reach: Option<Arc<str>>,
    /// Word of a `model::grade::Severity`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Arc<str>>,
    /// Version of the package.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Arc<str>>,
}

fn is_blank(text: &Arc<str>) -> bool {
    text.is_empty()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands fields over by reference")]
fn is_zero(line: &u32) -> bool {
    *line == 0
}

/// A set of [`Flag`]s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(u16);

impl Flags {
    #[must_use]
    pub fn with(self, flag: Flag) -> Self {
        Self(self.0 | 1 << flag as u16)
    }

    pub fn has(self, flag: Flag) -> bool {
        self.0 & (1 << flag as u16) != 0
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn iter(self) -> impl Iterator<Item = Flag> {
        Flag::ALL.iter().copied().filter(move |flag| self.has(*flag))
    }
}

/// Where a finding stands by its decisions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub status: Status,
    pub flags: Flags,
    pub expires: Option<Date>,
    /// Why a decision does not count any more, or not yet.
    pub why: Option<Arc<str>>,
    pub owner: Option<Arc<str>>,
    /// Events about it, oldest first, as numbers into [`Board::events`](super::board::Board::events).
    pub events: Vec<u32>,
}

impl Standing {
    /// `ended: a fix exists now, lodash 4.17.21`: why a decision does not count any more, or not yet.
    pub fn words(&self) -> Option<String> {
        let why = self.why.as_ref()?;
        let head = match self.status {
            Status::Requested => "not in effect yet",
            _ if self.flags.has(Flag::AgainstPolicy) => "counts for nothing",
            _ => "ended",
        };
        Some(format!("{head}: {why}"))
    }

    /// Whether a decision was in effect and is not any more, or never was.
    pub fn has_lapsed(&self) -> bool {
        self.flags.has(Flag::Expired) || self.flags.has(Flag::AgainstPolicy)
    }
}

impl Default for Standing {
    fn default() -> Self {
        Self {
            status: Status::Open,
            flags: Flags::default(),
            expires: None,
            why: None,
            owner: None,
            events: Vec::new(),
        }
    }
}

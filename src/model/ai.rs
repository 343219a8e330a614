//! What models say of results: verdicts that count for nothing until a person has confirmed them.
//!
//! A finding whose verdict nobody has answered waits in a queue. The answer is an ordinary decision, which keeps the verdict
//! word by word; how often people agree with a model is counted from these events alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::backlog::{FindingIdx, ResultIdx};
use super::bits::Bits;
use super::board::Board;
use super::bound::{Hold, Tie};
use super::decision::{Event, Op, Status};
use super::grade::vocabulary;
use super::text::counted;

vocabulary! {
    /// What a model makes of a result, in our words.
    Says { Confirm = "confirm", FalsePositive = "false-positive", Unsure = "unsure" }
}

impl Says {
    /// The decision that it proposes; `None` where it leaves the verdict to a person.
    pub fn op(self) -> Option<Op> {
        match self {
            Self::Confirm => Some(Op::Confirm),
            Self::FalsePositive => Some(Op::FalsePositive),
            Self::Unsure => None,
        }
    }
}

/// What a report carries of a model's verdict on one of its results: as much as rows and queries need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    pub says: Says,
    /// In percent.
    pub confidence: Option<u8>,
    /// Where the result itself names it.
    pub model: Option<Arc<str>>,
}

/// A verdict on one result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict<'b> {
    pub result: ResultIdx,
    pub says: Says,
    /// In percent.
    pub confidence: Option<u8>,
    /// The tool where nobody names the model.
    pub model: &'b str,
    /// Its entry in a cache, if it does not stand in the report.
    pub cached: Option<&'b Attached>,
    /// The hash of what the model has read, where an entry of a cache states it.
    pub evidence: Option<&'b str>,
    /// See [`Opinion::code`].
    pub code: Option<&'b str>,
}

/// An entry of a cache of verdicts: what a model once said of a result of some report. See
/// [`Evidence::cached`](super::evidence::Evidence::cached).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cached {
    /// Number in [`Evidence::documents`](super::evidence::Evidence::documents).
    pub document: u32,
    /// Under which the cache keeps it: the fingerprint of the result.
    pub key: Box<str>,
    pub rule: Box<str>,
    /// As the cache has it, and relative to the repository where it lies in it.
    pub file: Box<str>,
    pub path: Box<str>,
    pub mark: Mark,
    pub opinion: Opinion,
}

/// An entry of a cache that belongs to a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attached {
    /// Number in [`Evidence::cached`](super::evidence::Evidence::cached).
    pub entry: u32,
    /// Why it is about other code; `None` for code that is as the model has read it.
    pub stale: Option<Box<str>>,
    /// See [`Opinion::code`].
    pub code: Option<Box<str>>,
}

/// A verdict with all that it says, as people read it and events keep it. Text is word by word as it was, with secrets
/// covered. The fields stand in the order of their names: see [`Event`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opinion {
    /// What it cites: `src/app.py:12-20`, a part of the report.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cites: Vec<String>,
    /// A hash of the lines that the model has read, without their names and numbers: those of tools change with a file that
    /// is renamed and lines that move. Only where it is known that they are the lines that are there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// In percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<u8>,
    /// Of the finding.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cwe: Vec<u32>,
    /// The hash of what the model has read, as its tool wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    pub model: String,
    /// Word of a [`Says`].
    pub proposes: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// `q1-…` of the result.
    pub result: String,
    /// Why it was made on other code than was there when it was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale: Option<String>,
    /// In the tool's own word.
    pub verdict: String,
}

impl Opinion {
    pub fn says(&self) -> Option<Says> {
        Says::parse(&self.proposes)
    }

    /// `confirms benign by kimi-k3, 95 %`: what became of it by a decision.
    pub fn answer(&self, event: &Event) -> String {
        let is_confirmed = self.says().and_then(Says::op).is_some_and(|op| event.op == op.name());
        let answer = if is_confirmed { "confirms" } else { "rejects" };
        let stale = if self.stale.is_some() { ", made on other code" } else { "" };
        format!("{answer} {} by {}{stale}", self.verdict, self.by())
    }

    /// `kimi-k3, 95 %`.
    pub fn by(&self) -> String {
        let confidence = self.confidence.map(|percent| format!(", {percent} %")).unwrap_or_default();
        format!("{}{confidence}", self.model)
    }
}

/// The findings about which models propose a decision that waits for a person. It follows from reports and decisions, and is
/// made once with the standings, so that no key and no row has to ask each finding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proposals {
    confirm: Bits,
    false_positive: Bits,
}

impl Proposals {
    fn add(&mut self, finding: FindingIdx, op: Op) {
        match op {
            Op::FalsePositive => self.false_positive.insert(finding),
            _ => self.confirm.insert(finding),
        }
    }

    pub fn has(&self, finding: FindingIdx) -> bool {
        self.confirm.has(finding) || self.false_positive.has(finding)
    }

    /// All of them.
    pub fn all(&self) -> Bits {
        let mut all = self.confirm.clone();
        all.add_all(&self.false_positive);
        all
    }

    /// Those among some that wait with the same proposal, and that. Those about which models disagree with each other are
    /// left out; an error in words where nothing is left, or where several decisions are proposed.
    pub fn among(&self, findings: &Bits) -> Result<(Op, Bits), String> {
        let [mut confirm, mut false_positive] = [&self.confirm, &self.false_positive].map(|waiting| {
            let mut waiting = waiting.clone();
            waiting.keep(findings);
            waiting
        });
        let mut contested = confirm.clone();
        contested.keep(&false_positive);
        confirm.drop_all(&contested);
        false_positive.drop_all(&contested);
        match (confirm.is_empty(), false_positive.is_empty(), contested.is_empty()) {
            (false, true, _) => Ok((Op::Confirm, confirm)),
            (true, false, _) => Ok((Op::FalsePositive, false_positive)),
            (true, true, true) => Err(NOTHING_WAITS.to_owned()),
            (true, true, false) => Err("models disagree with each other here: decide for yourself".to_owned()),
            (false, false, _) => Err(format!(
                "models propose several things here, {} confirm, {} false-positive: narrow it, with ai:false-positive",
                confirm.len(),
                false_positive.len()
            )),
        }
    }
}

/// Why there is nothing to answer.
pub const NOTHING_WAITS: &str = "no verdict of a model waits here";

/// How a person answers what a model proposes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is decided as the model proposes.
    Confirm,
    /// It is not; nothing else is decided by that.
    Reject,
}

impl Board {
    /// What models say of the results of a finding.
    pub fn verdicts(&self, finding: FindingIdx) -> Vec<Verdict<'_>> {
        let backlog = &self.backlog;
        if backlog.ai.is_empty() && self.attached.is_empty() {
            return Vec::new();
        }
        let of_result = |result: ResultIdx| {
            let record = backlog.record(result);
            let named = backlog.run(record).model.as_deref().unwrap_or(&backlog.tool(record).name);
            let own = backlog.mark_of(result).map(move |mark| Verdict {
                result,
                says: mark.says,
                confidence: mark.confidence,
                model: mark.model.as_deref().unwrap_or(named),
                cached: None,
                evidence: None,
                code: None,
            });
            let from = self.attached.partition_point(|(owner, _)| *owner < result);
            let attached = self.attached.get(from..).unwrap_or_default().iter();
            let cached = attached.take_while(move |(owner, _)| *owner == result).filter_map(move |(_, cached)| {
                let Cached { mark, opinion, .. } = backlog.evidence.cached.get(cached.entry as usize)?;
                let model = mark.model.as_deref().unwrap_or_default();
                let evidence = opinion.evidence.as_deref();
                let code = cached.code.as_deref();
                let Mark { says, confidence, .. } = *mark;
                Some(Verdict { result, says, confidence, model, cached: Some(cached), evidence, code })
            });
            own.into_iter().chain(cached)
        };
        backlog.members(finding).iter().flat_map(|&result| of_result(result)).collect()
    }

    /// Whether a model proposes a decision that waits for a person.
    pub fn is_proposed(&self, finding: FindingIdx) -> bool {
        self.standings.proposals.has(finding)
    }

    /// The board with what waits by its standings: asks each finding of which a model has said something.
    #[must_use]
    pub fn with_proposals(mut self) -> Self {
        let told = self.backlog.ai.iter().map(|(result, _)| *result);
        let told: Bits = told.chain(self.attached.iter().map(|(result, _)| *result)).collect();
        if told.is_empty() {
            return self;
        }
        let ids = told.iter().map(|result| self.backlog.record(result).id);
        let findings: Bits = ids.filter_map(|id| self.backlog.find(id)).collect();
        let mut proposals = Proposals::default();
        for finding in findings.iter() {
            for op in self.proposed(finding).iter().filter_map(|verdict| verdict.says.op()) {
                proposals.add(finding, op);
            }
        }
        Arc::make_mut(&mut self.standings).proposals = proposals;
        self
    }

    /// Those that propose a decision and wait for a person: of a finding about which nothing is decided, and that nobody
    /// has answered for the code as it is.
    pub fn proposed(&self, finding: FindingIdx) -> Vec<Verdict<'_>> {
        if self.status(finding) != Status::Open || !self.is_open(finding) {
            return Vec::new();
        }
        let mut verdicts = self.verdicts(finding);
        verdicts.retain(|verdict| verdict.says.op().is_some());
        let history = if verdicts.is_empty() { Vec::new() } else { self.history(finding) };
        for past in history.iter().filter(|past| !past.is_taken_back && !past.event.ai.is_empty()) {
            verdicts.retain(|verdict| !self.is_answered(past.event, verdict));
        }
        verdicts
    }

    /// Whether an event answers a verdict: on the result as it is called now, or as it was when somebody answered, if that is
    /// known to be the same. Where an entry of a cache says what the model has read, that has to be the same too.
    fn is_answered(&self, event: &Event, verdict: &Verdict<'_>) -> bool {
        let id = self.backlog.record(verdict.result).id;
        let is_same = |opinion: &Opinion| {
            let is_same_code = match (verdict.code, &opinion.code) {
                (Some(now), Some(then)) => now == then,
                _ => verdict.evidence.is_none_or(|hash| opinion.evidence.as_deref() == Some(hash)),
            };
            opinion.model == verdict.model && opinion.proposes == verdict.says.name() && is_same_code
        };
        let about = |name: &str| {
            let from = event.ai.partition_point(|opinion| *opinion.result < *name);
            let mut own = event.ai.get(from..).unwrap_or_default().iter().take_while(|opinion| opinion.result == name);
            own.any(is_same)
        };
        let is_held = |hold: &&Hold| {
            let held = self.events.get(hold.event as usize);
            held.is_some_and(|held| held.id == event.id) && hold.tie.is_none_or(Tie::is_sure)
        };
        let holds = self.standings.bound.of(id).filter(is_held);
        let mut before = holds.filter_map(|hold| event.members.get(hold.member as usize));
        about(&id.to_string()) || before.any(|anchor| about(&anchor.id.to_string()))
    }
}

/// How often people agreed with what a model proposed about one kind of flaw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Agreement {
    pub model: String,
    /// `None` for findings without one.
    pub cwe: Option<u32>,
    /// Word of a [`Says`].
    pub proposes: String,
    pub confirmed: usize,
    pub rejected: usize,
}

impl Agreement {
    pub fn answered(&self) -> usize {
        self.confirmed + self.rejected
    }

    /// `9 of 10 confirmed, 90 %`.
    pub fn words(&self) -> String {
        let percent = (self.confirmed * 100).checked_div(self.answered()).unwrap_or(0);
        format!("{} of {} confirmed, {percent} %", self.confirmed, self.answered())
    }
}

/// The answers that events keep, by model, CWE and what was proposed. Of several answers to one verdict the last counts, and
/// none about code that the model had not read. A finding with several CWE counts for each.
pub fn agreement(events: &[Event]) -> Vec<Agreement> {
    let mut rows: BTreeMap<(String, Option<u32>, String), (usize, usize)> = BTreeMap::new();
    for (key, (is_confirmed, cwe)) in answers(events) {
        let (_, model, proposes) = key;
        let cwe: Vec<Option<u32>> = if cwe.is_empty() { vec![None] } else { cwe.iter().copied().map(Some).collect() };
        for cwe in cwe {
            let row = rows.entry((model.to_owned(), cwe, proposes.to_owned())).or_default();
            *(if is_confirmed { &mut row.0 } else { &mut row.1 }) += 1;
        }
    }
    let row = |((model, cwe, proposes), (confirmed, rejected))| Agreement { model, cwe, proposes, confirmed, rejected };
    rows.into_iter().map(row).collect()
}

/// The same by model alone, each verdict once.
pub fn agreement_by_model(events: &[Event]) -> Vec<Agreement> {
    let mut rows: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
    for ((_, model, proposes), (is_confirmed, _)) in answers(events) {
        let row = rows.entry((model, proposes)).or_default();
        *(if is_confirmed { &mut row.0 } else { &mut row.1 }) += 1;
    }
    let row = |((model, proposes), (confirmed, rejected)): ((&str, &str), (usize, usize))| Agreement {
        model: model.to_owned(),
        cwe: None,
        proposes: proposes.to_owned(),
        confirmed,
        rejected,
    };
    rows.into_iter().map(row).collect()
}

/// Result, model and proposal, with whether it was confirmed, and the CWE.
type Answers<'e> = BTreeMap<(&'e str, &'e str, &'e str), (bool, &'e [u32])>;

fn answers(events: &[Event]) -> Answers<'_> {
    let mut in_time: Vec<&Event> = events.iter().collect();
    in_time.sort_unstable_by_key(|event| (event.at, &event.id));
    let mut taken_back: BTreeSet<&str> = BTreeSet::new();
    // A revoke is younger than what it names, so the youngest is settled first.
    for event in in_time.iter().rev().filter(|event| event.op == Op::Revoke.name()) {
        if !taken_back.contains(event.id.as_str()) {
            taken_back.extend(event.supersedes.iter().map(String::as_str));
        }
    }
    let mut answers = Answers::new();
    for event in in_time.into_iter().filter(|event| !event.ai.is_empty() && !taken_back.contains(event.id.as_str())) {
        for opinion in event.ai.iter().filter(|opinion| opinion.stale.is_none()) {
            let Some(op) = opinion.says().and_then(Says::op) else { continue };
            let key = (opinion.result.as_str(), opinion.model.as_str(), opinion.proposes.as_str());
            answers.insert(key, (event.op == op.name(), &opinion.cwe));
        }
    }
    answers
}

/// `3 findings left as they are: the code is not what the model has read`.
pub fn left_out(count: usize) -> String {
    match count {
        0 => String::new(),
        count => {
            let findings = counted(count, "finding", "findings");
            format!("; {findings} left as they were: the code is not what the model has read, look at each alone")
        }
    }
}

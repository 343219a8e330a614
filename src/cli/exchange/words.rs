//! A decision in one line, which formats carry that have room for a sentence only:
//! `accept-risk until 2027-02-18: test fixture; SEC-4411`. What is written here is read again here.

use jiff::civil::Date;

use crate::model::backlog::FindingIdx;
use crate::model::board::Board;
use crate::model::decision::{Event, JUSTIFICATIONS, Op, Request, Status};

/// What a decision says, without whom it is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Words {
    /// Name of its [`Op`].
    pub(super) op: &'static str,
    pub(super) until: Option<Date>,
    pub(super) justification: Option<String>,
    pub(super) reason: Option<String>,
}

impl Words {
    pub(super) fn new(op: Op, reason: &str) -> Self {
        let reason = Some(reason.trim().to_owned()).filter(|reason| !reason.is_empty());
        Self { op: op.name(), until: None, justification: None, reason }
    }

    /// The decision that they ask for, about nothing yet.
    pub(super) fn request(&self) -> Option<Request> {
        Some(Request {
            reason: self.reason.clone(),
            until: self.until,
            justification: self.justification.clone(),
            ..Request::new(Op::parse(self.op)?, Vec::new())
        })
    }

    /// Whether an event says the same.
    pub(super) fn is_of(&self, event: &Event) -> bool {
        let said = (&*event.op, event.until, &event.justification, &event.reason);
        said == (self.op, self.until, &self.justification, &self.reason)
    }
}

/// The event that a finding's status comes from; `None` where it is open.
pub(in crate::cli) fn decided(board: &Board, finding: FindingIdx) -> Option<&Event> {
    let op = match board.status(finding) {
        Status::Accepted | Status::Requested => Op::AcceptRisk,
        Status::FalsePositive => Op::FalsePositive,
        Status::NotAffected => Op::NotAffected,
        Status::Mitigated => Op::Mitigated,
        Status::Deferred => Op::Defer,
        Status::Duplicate => Op::Duplicate,
        Status::Confirmed => Op::Confirm,
        Status::Open | Status::FixApplied | Status::Fixed => return None,
    };
    let history = board.history(finding);
    let past = history.iter().rev().find(|past| !past.is_taken_back && past.event.op == op.name())?;
    Some(past.event)
}

/// Whether a status takes a finding off the lists of other tools too.
pub(super) fn is_ignored(status: Status) -> bool {
    matches!(
        status,
        Status::Accepted | Status::FalsePositive | Status::NotAffected | Status::Mitigated | Status::Deferred
    )
}

/// An event in one line.
pub(in crate::cli) fn said(event: &Event) -> String {
    let mut said = event.op.to_string();
    if let Some(until) = event.until {
        said.push_str(&format!(" until {until}"));
    }
    let parts = [&event.justification, &event.duplicate_of, &event.reason, &event.ticket];
    let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    if !parts.is_empty() {
        said.push_str(&format!(": {}", parts.join("; ")));
    }
    said
}

/// Reads such a line; `None` where it is a sentence of somebody else. A duplicate names a finding, which a line of
/// another place does not have.
pub(super) fn parse(text: &str) -> Option<Words> {
    let (head, rest) = text.split_once(": ").unwrap_or((text, ""));
    let (name, until) = match head.split_once(" until ") {
        Some((name, until)) => (name, Some(until.parse::<Date>().ok()?)),
        None => (head, None),
    };
    let op = Op::parse(name).filter(|op| op.name() == name)?;
    if matches!(
        op,
        Op::Duplicate | Op::Assign | Op::Comment | Op::Reopen | Op::Revoke | Op::FixApplied | Op::Approve | Op::Deny
    ) {
        return None;
    }
    let (justification, reason) = match rest.split_once("; ") {
        Some((label, reason)) if op == Op::NotAffected && JUSTIFICATIONS.contains(&label) => {
            (Some(label.to_owned()), reason)
        }
        _ => (None, rest),
    };
    Some(Words { until, justification, ..Words::new(op, reason) })
}

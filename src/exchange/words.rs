//! A decision in one line, which formats carry that have room for a sentence only:
//! `accept-risk until 2027-02-18: test fixture; SEC-4411`. What is written here is read again here.

use jiff::civil::Date;
use serde_json::{Map, Value, json};

use crate::model::backlog::FindingIdx;
use crate::model::board::Board;
use crate::model::decision::{Event, JUSTIFICATIONS, Op, Request, Status};
use crate::model::scope::Scope;

/// What a decision says, without whom it is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Words {
    /// Name of its [`Op`].
    pub op: &'static str,
    pub until: Option<Date>,
    pub justification: Option<String>,
    pub reason: Option<String>,
    /// What only formats with fields of their own carry.
    pub more: More,
}

/// What else a decision says.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct More {
    pub ticket: Option<String>,
    pub control: Option<String>,
    pub risk_owner: Option<String>,
    pub branches: Vec<String>,
    /// Members of [`Scope`], as JSON.
    pub scope: Option<String>,
    /// The finding that stays, where a format names findings.
    pub duplicate_of: Option<String>,
}

impl Words {
    pub fn new(op: Op, reason: &str) -> Self {
        let reason = Some(reason.trim().to_owned()).filter(|reason| !reason.is_empty());
        Self { op: op.name(), until: None, justification: None, reason, more: More::default() }
    }

    /// What an event says; `None` for one that nobody takes over from a file.
    fn of(event: &Event) -> Option<Self> {
        let op = Op::parse(&event.op).filter(|op| is_whole(*op))?;
        let (until, justification, reason) = (event.until, event.justification.clone(), event.reason.clone());
        Some(Self { op: op.name(), until, justification, reason, more: More::of(event) })
    }

    /// The decision that they ask for, about nothing yet.
    pub fn request(&self) -> Option<Request> {
        Some(Request {
            reason: self.reason.clone(),
            until: self.until,
            justification: self.justification.clone(),
            ticket: self.more.ticket.clone(),
            control: self.more.control.clone(),
            risk_owner: self.more.risk_owner.clone(),
            branches: self.more.branches.clone(),
            scope: self.more.scope.as_deref().and_then(|scope| serde_json::from_str(scope).ok()),
            duplicate_of: self.more.duplicate_of.as_deref().and_then(|id| id.parse().ok()),
            ..Request::new(Op::parse(self.op)?, Vec::new())
        })
    }

    /// Whether an event says the same.
    pub fn is_of(&self, event: &Event) -> bool {
        let said = (&*event.op, event.until, &event.justification, &event.reason);
        let has_more = self.more == More::default() || self.more == More::of(event);
        has_more && said == (self.op, self.until, &self.justification, &self.reason)
    }
}

impl More {
    fn of(event: &Event) -> Self {
        Self {
            ticket: event.ticket.clone(),
            control: event.control.clone(),
            risk_owner: event.risk_owner.clone(),
            branches: event.branches.clone(),
            scope: event.scope.as_deref().and_then(|scope| serde_json::to_string(scope).ok()),
            duplicate_of: event.duplicate_of.clone(),
        }
    }
}

/// All that a decision says, for formats that take an object; with it whom the finding belongs to and who approved it, which
/// nobody takes over from a file.
pub fn object(board: &Board, finding: FindingIdx, event: &Event) -> Value {
    let mut object = said_of(event);
    object.extend(board.owner(finding).map(|owner| ("owner".to_owned(), owner.into())));
    let approvals = approvals(board, event);
    if !approvals.is_empty() {
        object.insert("approvedBy".to_owned(), json!(approvals));
    }
    Value::Object(object)
}

/// All that a decision says itself.
fn said_of(event: &Event) -> Map<String, Value> {
    let texts = [
        ("op", Some(event.op.to_string())),
        ("until", event.until.map(|until| until.to_string())),
        ("justification", event.justification.clone()),
        ("reason", event.reason.clone()),
        ("ticket", event.ticket.clone()),
        ("control", event.control.clone()),
        ("riskOwner", event.risk_owner.clone()),
        ("duplicateOf", event.duplicate_of.clone()),
    ];
    let mut object: Map<String, Value> =
        texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?.into()))).collect();
    let mut put = |name: &str, value: Value| drop(object.insert(name.to_owned(), value));
    if !event.branches.is_empty() {
        put("branches", json!(event.branches));
    }
    if let Some(scope) = &event.scope {
        put("scope", json!(scope));
    }
    object
}

/// Who approved an acceptance, by approvals that stand.
fn approvals(board: &Board, event: &Event) -> Vec<String> {
    let is_taken_back =
        |id: &String| board.events.iter().any(|other| other.op == Op::Revoke.name() && other.supersedes.contains(id));
    let approves = |other: &&Event| other.op == Op::Approve.name() && other.about.contains(&event.id);
    let standing = board.events.iter().filter(approves).filter(|other| !is_taken_back(&other.id));
    standing.map(|other| other.author.to_string()).collect()
}

/// Members that the line of an event says too.
const IN_LINE: [&str; 5] = ["op", "until", "reason", "justification", "duplicateOf"];

/// Names and values of what an event says beside its line, for formats that take such pairs.
pub fn pairs(board: &Board, finding: FindingIdx, event: &Event) -> Vec<(String, String)> {
    let Value::Object(object) = object(board, finding, event) else { return Vec::new() };
    let text = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    let more = object.into_iter().filter(|(name, _)| !IN_LINE.contains(&name.as_str()));
    more.map(|(name, value)| (name, text(value))).collect()
}

/// How many findings of an ignore file have a decision that says more than its one line.
pub fn say_more(board: &Board, findings: &[FindingIdx]) -> usize {
    let is_more = |finding: &&FindingIdx| {
        let event = decided(board, **finding).filter(|_| is_ignored(board.status(**finding)));
        event.is_some_and(|event| !pairs(board, **finding, event).is_empty())
    };
    findings.iter().filter(is_more).count()
}

/// Reads what [`object`] wrote.
pub fn parse_object(value: &Value) -> Option<Words> {
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let op = Op::parse(&text("op")?).filter(|op| is_whole(*op))?;
    let until = match text("until") {
        Some(until) => Some(until.parse::<Date>().ok()?),
        None => None,
    };
    let branches = value.get("branches").and_then(Value::as_array).into_iter().flatten();
    // What else it is about must be understood: without it the decision would be another.
    let scope = match value.get("scope") {
        Some(scope) => Some(serde_json::to_string(&serde_json::from_value::<Scope>(scope.clone()).ok()?).ok()?),
        None => None,
    };
    let more = More {
        ticket: text("ticket"),
        control: text("control"),
        risk_owner: text("riskOwner"),
        branches: branches.filter_map(Value::as_str).map(str::to_owned).collect(),
        scope,
        duplicate_of: text("duplicateOf"),
    };
    let reason = text("reason").unwrap_or_default();
    Some(Words { until, justification: text("justification"), more, ..Words::new(op, &reason) })
}

/// The event that a finding's status comes from; `None` where it is open.
pub fn decided(board: &Board, finding: FindingIdx) -> Option<&Event> {
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
pub fn is_ignored(status: Status) -> bool {
    matches!(
        status,
        Status::Accepted | Status::FalsePositive | Status::NotAffected | Status::Mitigated | Status::Deferred
    )
}

/// An event in one line.
pub fn said(event: &Event) -> String {
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
pub fn parse(text: &str) -> Option<Words> {
    let (head, rest) = text.split_once(": ").unwrap_or((text, ""));
    let (name, until) = match head.split_once(" until ") {
        Some((name, until)) => (name, Some(until.parse::<Date>().ok()?)),
        None => (head, None),
    };
    let op = Op::parse(name).filter(|op| op.name() == name)?;
    if !is_taken_over(op) {
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

/// Words of a person, with the native value behind them.
pub fn reason(text: Option<String>, native: &str) -> String {
    text.map_or_else(|| format!("({native})"), |text| format!("{text} ({native})"))
}

/// Name of the pair with all that an event says as JSON, where its line and the other pairs leave that open.
const WHOLE: &str = "event";
/// Names of pairs that [`pairs`] writes.
const NAMES: [&str; 7] = ["approvedBy", "branches", "control", "owner", "riskOwner", "scope", "ticket"];

/// The line of an event with what it says beside that: `accept-risk until 2027-02-18: so; control: VPN`.
pub fn notes(event: &Event, more: &[(String, String)]) -> String {
    let text = |more: &[(String, String)]| {
        more.iter().fold(said(event), |text, (name, value)| format!("{text}; {name}: {value}"))
    };
    let notes = text(more);
    if parse_notes(&notes) == Words::of(event) {
        return notes;
    }
    notes + &text(&[whole(event)]).split_off(said(event).len())
}

/// The pair with all that an event says, where its line and these pairs would be read as something else.
pub fn event_pair(event: &Event, more: &[(String, String)]) -> Option<(String, String)> {
    (parse_with(&said(event), more) != Words::of(event)).then(|| whole(event))
}

fn whole(event: &Event) -> (String, String) {
    (WHOLE.to_owned(), Value::Object(said_of(event)).to_string())
}

/// Reads what [`notes`] wrote.
pub fn parse_notes(text: &str) -> Option<Words> {
    // Texts of the event itself stand in it as JSON strings, and what looks like it in a reason goes on behind its end.
    let frame = format!("; {WHOLE}: ");
    let mut tails = text.match_indices(&frame).filter_map(|(at, _)| text.get(at + frame.len()..));
    if let Some(whole) = tails.find_map(|tail| serde_json::from_str(tail).ok()) {
        return parse_object(&whole);
    }
    let (mut line, mut pairs) = (text, Vec::new());
    while let Some((at, name)) =
        NAMES.iter().filter_map(|name| Some((line.rfind(&format!("; {name}: "))?, *name))).max()
    {
        let (head, tail) = line.split_at(at);
        pairs.push((name.to_owned(), tail.get(name.len() + "; : ".len()..)?.to_owned()));
        line = head;
    }
    parse_with(line, &pairs)
}

/// Reads the line of an event and the pairs beside it. What else it is about must be understood: without it the decision
/// would be another.
pub fn parse_with(line: &str, pairs: &[(String, String)]) -> Option<Words> {
    let value = |name: &str| pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    if let Some(whole) = value(WHOLE) {
        return parse_object(&serde_json::from_str(&whole).ok()?);
    }
    let words = parse(line)?;
    let scope = match value("scope") {
        Some(scope) => Some(serde_json::to_string(&serde_json::from_str::<Scope>(&scope).ok()?).ok()?),
        None => None,
    };
    let branches = match value("branches") {
        Some(branches) => serde_json::from_str(&branches).ok()?,
        None => Vec::new(),
    };
    let ticket = value("ticket");
    // The line says the ticket too, behind the reason.
    let of_line = words.reason.as_deref();
    let reason = match (&ticket, of_line) {
        (Some(ticket), Some(reason)) if reason == ticket => None,
        (Some(ticket), Some(reason)) => Some(reason.strip_suffix(&format!("; {ticket}")).unwrap_or(reason)),
        _ => of_line,
    };
    let reason = reason.map(str::to_owned);
    let (control, risk_owner) = (value("control"), value("riskOwner"));
    let more = More { ticket, control, risk_owner, branches, scope, duplicate_of: None };
    Some(Words { reason, more, ..words })
}

/// Whether an event is written whole and read again: what is taken over, and what names another finding.
fn is_whole(op: Op) -> bool {
    is_taken_over(op) || op == Op::Duplicate
}

/// Whether what a file says so can be decided here.
fn is_taken_over(op: Op) -> bool {
    use Op::{AcceptRisk, Confirm, Defer, FalsePositive, Mitigated, NotAffected};
    matches!(op, Confirm | FalsePositive | NotAffected | AcceptRisk | Mitigated | Defer)
}

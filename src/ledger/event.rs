//! Event files: one canonical JSON object each, named by time and content hash.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

use crate::model::decision::{Event, Facts, Op, Request};
use crate::model::grade::Severity;
use crate::model::problem::Problem;
use crate::model::reach::Reach;

use super::{canonical, scope};

/// The format version that is written, and the only one that is read.
pub(super) const VERSION: u32 = 1;

/// An event that has its id and is not on disk yet.
#[derive(Clone, Debug)]
pub struct Draft {
    pub event: Event,
    /// Its file.
    pub(super) text: String,
}

impl Draft {
    /// The text of its file.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// The event with its time cut to milliseconds, as its file name has it, and its id.
pub(super) fn seal(mut event: Event) -> Draft {
    event.at = Timestamp::from_millisecond(event.at.as_millisecond()).unwrap_or(event.at);
    let text = canonical::seal(&mut event);
    Draft { event, text }
}

/// The name of an event's file. All lie in one folder: git takes a folder whose files are not on a branch for one that was
/// renamed to where similar files are, and then finds conflicts in what others add to it.
pub(super) fn path_of(event: &Event) -> String {
    let time = event.at.strftime("%Y%m%dT%H%M%S.%3fZ");
    format!("{time}-{}.json", event.id)
}

/// Why an event is not believed, and what to do about it.
type Fault = (String, &'static str);

const RESTORE: &str = "events are never edited: restore the file with git, or remove it and decide again";
const UPDATE: &str = "update Quell";

/// The event in a file of this name.
pub(super) fn parse(shown: &str, bytes: &[u8]) -> Result<Event, Problem> {
    let event = quick(bytes).map_or_else(|| slow(bytes), Ok).and_then(|event| {
        let is_own = shown.strip_suffix(".json").and_then(|name| name.strip_suffix(event.id.as_str()));
        if is_own.is_some_and(|name| name.ends_with('-')) {
            Ok(event)
        } else {
            Err((format!("the file was renamed: its event is {}", event.id), RESTORE))
        }
    });
    event.map_err(|(reason, hint)| Problem::of_file(shown, reason, hint))
}

/// The event on one line of an archive.
pub(super) fn parse_line(line: &str) -> Result<Event, String> {
    let event: Event = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let is_as_written = serde_json::to_string(&event).is_ok_and(|text| text == line);
    if event.v != VERSION {
        return Err(format!("it has format version {}, which this Quell does not know", event.v));
    }
    if !is_as_written || event.id != canonical::id_of(canonical::text(&event).as_bytes()) {
        return Err("it was edited".to_owned());
    }
    check(&event).map_err(|(reason, _)| reason)?;
    Ok(event)
}

/// The event of a text that is as it should be in every way.
fn quick(bytes: &[u8]) -> Option<Event> {
    let event: Event = serde_json::from_slice(bytes).ok()?;
    // The text is compared too: JSON that says a thing twice would be read one way and reviewed another.
    let is_genuine = canonical::text(&event).as_bytes() == bytes && canonical::id_of(bytes) == event.id;
    (is_genuine && event.v == VERSION && check(&event).is_ok()).then_some(event)
}

/// The event of any other text, or what is wrong with it.
fn slow(bytes: &[u8]) -> Result<Event, Fault> {
    let text = std::str::from_utf8(bytes).map_err(|_| ("the event is not UTF-8".to_owned(), RESTORE))?;
    if text.lines().any(|line| line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> ")) {
        return Err(("the event holds conflict markers of a merge".to_owned(), RESTORE));
    }
    let value: Value =
        serde_json::from_str(text).map_err(|error| (format!("the event is no JSON: {error}"), RESTORE))?;
    let version = value.get("v").and_then(Value::as_u64);
    if version != Some(u64::from(VERSION)) {
        let said = version.map_or_else(|| "no format version".to_owned(), |v| format!("format version {v}"));
        return Err((format!("the event has {said}, which this Quell does not know"), UPDATE));
    }
    let text = text.replace("\r\n", "\n");
    let (id, stated) = (canonical::id_of(text.as_bytes()), value.get("id").and_then(Value::as_str));
    let edited = || (format!("the event was edited: its content has the hash {id}"), RESTORE);
    if stated != Some(&id) {
        return Err(edited());
    }
    let event: Event = serde_json::from_value(value)
        .map_err(|error| (format!("the event says what this Quell does not know: {error}"), UPDATE))?;
    if canonical::text(&event) != text {
        return Err(edited());
    }
    check(&event)?;
    Ok(event)
}

/// Whether the event may bind: the rules of a decision hold for files too, whoever wrote them.
fn check(event: &Event) -> Result<(), Fault> {
    let op = op_of(event).ok_or_else(|| (format!("the decision `{}` is unknown", event.op), UPDATE))?;
    let again = "remove the file and decide again";
    if let Some(word) = event.members.iter().find_map(|member| unknown(member.facts.as_deref()?)) {
        return Err((format!("the event says what this Quell does not know: `{word}`"), UPDATE));
    }
    if let Some(reason) = event.scope.as_deref().and_then(scope::wrong) {
        return Err((reason, again));
    }
    match request_of(op, event).lacks(Date::MIN) {
        Some(lack) => Err((format!("the event is not complete: {lack}"), again)),
        None => Ok(()),
    }
}

/// A word among facts that is none of its vocabulary.
fn unknown(facts: &Facts) -> Option<&str> {
    let is_known = |word: &&str| Reach::ALL.iter().any(|reach| reach.name() == *word);
    let is_severity = |word: &&str| Severity::ALL.iter().any(|severity| severity.name() == *word);
    let reach = facts.reach.as_deref().filter(|word| !is_known(word));
    reach.or_else(|| facts.severity.as_deref().filter(|word| !is_severity(word)))
}

/// The op of an event by its exact name.
pub(super) fn op_of(event: &Event) -> Option<Op> {
    Op::parse(&event.op).filter(|op| op.name() == event.op)
}

/// The request that an event answers, without its findings.
pub(super) fn request_of(op: Op, event: &Event) -> Request {
    Request {
        reason: event.reason.clone(),
        until: event.until,
        until_change: Some(event.until_change.clone()),
        ticket: event.ticket.clone(),
        justification: event.justification.clone(),
        owner: event.owner.clone(),
        duplicate_of: event.duplicate_of.as_deref().and_then(|id| id.parse().ok()),
        control: event.control.clone(),
        risk_owner: event.risk_owner.clone(),
        branches: event.branches.clone(),
        scope: event.scope.as_deref().cloned(),
        ..Request::new(op, Vec::new())
    }
}

//! Event files: one canonical JSON object each, named by time and content hash.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

use crate::model::decision::{Event, Op, Request};
use crate::model::id::FindingId;
use crate::model::problem::Problem;
use crate::repo::Repo;

use super::canonical;

/// Folder of the events below `.quell`.
const FOLDER: &str = "decisions";
/// Largest event file, in bytes: some hundred thousand members.
const MAX_EVENT: usize = 32 << 20;
/// The format version that is written, and the only one that is read.
pub(super) const VERSION: u32 = 1;

/// Every event that could be read, and what was wrong with the others (which suppress nothing).
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// Sorted by time and hash, as their file names are.
    pub events: Vec<Event>,
    pub problems: Vec<Problem>,
}

/// Reads `.quell/decisions/` and, for a tree that cannot be written, its twin in the state folder. Files that do not
/// end in `.json` are not looked at.
pub fn read(repo: &Repo) -> Ledger {
    let (files, problems) = repo.read_in_quell(FOLDER);
    let mut ledger = Ledger { events: Vec::new(), problems };
    let mut seen: HashMap<String, String> = HashMap::new();
    for (path, bytes) in files.into_iter().filter(|(path, _)| is_event_file(path)) {
        match parse(&path, &bytes) {
            Ok(event) => {
                if let Some(first) = seen.insert(event.id.clone(), path.clone()) {
                    ledger.problems.push(twin(&path, &first));
                } else {
                    ledger.events.push(event);
                }
            }
            Err(problem) => ledger.problems.push(problem),
        }
    }
    ledger.events.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
    ledger
}

/// Writes one sealed event; on disk before it returns. Returns whether it is in the tree, and so shared.
pub(super) fn write(repo: &Repo, event: &Event) -> Result<bool, Problem> {
    let path = path_of(event);
    let text = canonical::text(&value_of(event));
    if text.len() > MAX_EVENT {
        let reason = format!("the decision has {} members, too many for one event", event.members.len());
        return Err(Problem::of_file(path, reason, "narrow the selection and decide in parts"));
    }
    keep_bytes(repo)?;
    repo.create_in_quell(&path, text.as_bytes())
}

/// The event with its time cut to milliseconds, as its file name has it, and its id.
pub(super) fn seal(mut event: Event) -> Event {
    event.at = Timestamp::from_millisecond(event.at.as_millisecond()).unwrap_or(event.at);
    event.id = canonical::id(&value_of(&event));
    event
}

fn is_event_file(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, extension)| extension == "json")
}

fn value_of(event: &Event) -> Value {
    // An event holds only strings, numbers and lists of them, which always have a JSON form.
    serde_json::to_value(event).unwrap_or_default()
}

fn path_of(event: &Event) -> String {
    let month = event.at.strftime("%Y-%m");
    let time = event.at.strftime("%Y%m%dT%H%M%S.%3fZ");
    format!(".quell/{FOLDER}/{month}/{time}-{}.json", event.id)
}

/// Tells git to leave line ends alone, before the first event is written.
fn keep_bytes(repo: &Repo) -> Result<(), Problem> {
    let path = format!(".quell/{FOLDER}/.gitattributes");
    let text = b"# Events are named by the hash of their bytes: no line end is converted.\n* -text\n";
    match repo.file_state(&path) {
        Ok(_) => Ok(()),
        // Where another Quell was faster, or the tree cannot be written, the file is there now or is not needed.
        Err(_) => repo.create_in_quell(&path, text).map(|_| ()).or_else(|problem| {
            let (files, _) = repo.read_in_quell(FOLDER);
            if files.iter().any(|(path, _)| path.ends_with(".gitattributes")) { Ok(()) } else { Err(problem) }
        }),
    }
}

fn parse(path: &str, bytes: &[u8]) -> Result<Event, Problem> {
    let bad = |reason: String, hint: &str| Problem::of_file(path, reason, hint);
    let restore = "events are never edited: restore the file with git, or remove it and decide again";
    if bytes.len() > MAX_EVENT {
        return Err(bad(format!("the event has {} bytes, more than Quell reads", bytes.len()), restore));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| bad("the event is not UTF-8".into(), restore))?;
    if text.lines().any(|line| line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> ")) {
        return Err(bad("the event holds conflict markers of a merge".into(), restore));
    }
    let value: Value =
        serde_json::from_str(text).map_err(|error| bad(format!("the event is no JSON: {error}"), restore))?;
    let version = value.get("v").and_then(Value::as_u64);
    if version != Some(u64::from(VERSION)) {
        let said = version.map_or_else(|| "no format version".to_owned(), |v| format!("format version {v}"));
        return Err(bad(format!("the event has {said}, which this Quell does not know"), "update Quell"));
    }
    let id = canonical::id(&value);
    // The text is compared too: JSON that says a thing twice would be read one way and reviewed another.
    let is_as_written = text.replace("\r\n", "\n") == canonical::text(&value);
    if value.get("id").and_then(Value::as_str) != Some(&id) || !is_as_written {
        return Err(bad(format!("the event was edited: its content has the hash {id}"), restore));
    }
    if !path.ends_with(&format!("-{id}.json")) {
        return Err(bad(format!("the file was renamed: its event is {id}"), restore));
    }
    let event: Event = serde_json::from_value(value)
        .map_err(|error| bad(format!("the event says what this Quell does not know: {error}"), "update Quell"))?;
    check(&event).map_err(|(reason, hint)| bad(reason, hint))?;
    Ok(event)
}

/// Whether the event may bind: the rules of a decision hold for files too, whoever wrote them.
fn check(event: &Event) -> Result<(), (String, &'static str)> {
    let op = op_of(event).ok_or_else(|| (format!("the decision `{}` is unknown", event.op), "update Quell"))?;
    if let Some(member) = event.members.iter().find(|member| member.id.parse::<FindingId>().is_err()) {
        return Err((format!("the member `{}` is no id", member.id), "remove the file and decide again"));
    }
    let lack = request_of(op, event).lacks(Date::MIN);
    lack.map_or(Ok(()), |lack| Err((format!("the event is not complete: {lack}"), "remove the file and decide again")))
}

/// The op of an event by its exact name.
pub(super) fn op_of(event: &Event) -> Option<Op> {
    Op::parse(&event.op).filter(|op| op.name() == event.op)
}

fn request_of(op: Op, event: &Event) -> Request {
    Request {
        op,
        findings: Vec::new(),
        reason: event.reason.clone(),
        until: event.until,
        ticket: event.ticket.clone(),
        justification: event.justification.clone(),
        owner: event.owner.clone(),
        duplicate_of: event.duplicate_of.as_deref().and_then(|id| id.parse().ok()),
        query: None,
    }
}

fn twin(path: &str, first: &str) -> Problem {
    Problem::of_file(path, format!("the event is there twice, also as {first}"), "remove one of the two files")
}

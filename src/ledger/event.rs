//! Event files: one canonical JSON object each, named by time and content hash.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use jiff::Timestamp;
use jiff::civil::Date;
use rayon::prelude::*;
use serde_json::Value;

use crate::model::decision::{Event, Op, Request};
use crate::model::id::FindingId;
use crate::model::problem::Problem;
use crate::repo::Repo;

use super::canonical;

/// Folder of the events below `.quell`.
const FOLDER: &str = "decisions";
/// Largest event file, in bytes: some hundred thousand members. `repo` reads no larger one.
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

/// An event that has its id and is not on disk yet.
#[derive(Clone, Debug)]
pub struct Draft {
    pub event: Event,
    /// Its file.
    text: String,
}

/// Reads `.quell/decisions/` and, for a tree that cannot be written, its twin in the state folder. Files that do not
/// end in `.json` are not looked at.
pub fn read(repo: &Repo) -> Ledger {
    let (files, problems) = repo.read_in_quell(FOLDER);
    let hint = "what it holds does not count; restore it with git, then reload";
    let problems = problems.into_iter().map(|problem| problem.hint(hint)).collect();
    let mut ledger = Ledger { events: Vec::new(), problems };
    let mut seen: HashMap<String, String> = HashMap::new();
    let files: Vec<(String, Vec<u8>)> = files.into_iter().filter(|(path, _)| is_event_file(path)).collect();
    let parsed: Vec<Result<Event, Problem>> = files.par_iter().map(|(path, bytes)| parse(path, bytes)).collect();
    for ((path, _), event) in files.into_iter().zip(parsed) {
        match event {
            Ok(event) => match seen.entry(event.id.clone()) {
                Entry::Occupied(first) => ledger.problems.push(twin(&path, first.get())),
                Entry::Vacant(place) => {
                    place.insert(path);
                    ledger.events.push(event);
                }
            },
            Err(problem) => ledger.problems.push(problem),
        }
    }
    ledger.events.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
    ledger
}

impl Draft {
    /// Writes the event; on disk before it returns. Returns whether it is in the tree, and so shared.
    pub fn write(&self, repo: &Repo) -> Result<bool, Problem> {
        let path = path_of(&self.event);
        if self.text.len() > MAX_EVENT {
            let reason = format!("the decision has {} members, too many for one event", self.event.members.len());
            return Err(Problem::of_file(path, reason, "narrow the selection and decide in parts"));
        }
        keep_bytes(repo);
        repo.create_in_quell(&path, self.text.as_bytes())
    }
}

/// The event with its time cut to milliseconds, as its file name has it, and its id.
pub(super) fn seal(mut event: Event) -> Draft {
    event.at = Timestamp::from_millisecond(event.at.as_millisecond()).unwrap_or(event.at);
    let mut value = value_of(&event);
    let text = canonical::seal(&mut value);
    id_of(&value).clone_into(&mut event.id);
    Draft { event, text }
}

fn is_event_file(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, extension)| extension == "json")
}

fn value_of(event: &Event) -> Value {
    // An event holds only strings, numbers and lists of them, which always have a JSON form.
    serde_json::to_value(event).unwrap_or_default()
}

fn id_of(value: &Value) -> &str {
    value.get("id").and_then(Value::as_str).unwrap_or_default()
}

fn path_of(event: &Event) -> String {
    let month = event.at.strftime("%Y-%m");
    let time = event.at.strftime("%Y%m%dT%H%M%S.%3fZ");
    format!(".quell/{FOLDER}/{month}/{time}-{}.json", event.id)
}

/// Tells git to leave line ends alone, before the first event is written.
fn keep_bytes(repo: &Repo) {
    let path = format!(".quell/{FOLDER}/.gitattributes");
    let text = b"# Events are named by the hash of their bytes: no line end is converted.\n* -text\n";
    if repo.file_state(&path).is_err() {
        // A failure costs nothing here: it is there already, or the event itself cannot be written either; and a reader
        // takes CRLF for LF.
        let _ = repo.create_in_quell(&path, text);
    }
}

/// Why an event is not believed, and what to do about it.
type Fault = (String, &'static str);

const RESTORE: &str = "events are never edited: restore the file with git, or remove it and decide again";
const UPDATE: &str = "update Quell";

fn parse(path: &str, bytes: &[u8]) -> Result<Event, Problem> {
    let event = text_of(bytes).and_then(|text| {
        let value = genuine(path, text)?;
        let event: Event = serde_json::from_value(value)
            .map_err(|error| (format!("the event says what this Quell does not know: {error}"), UPDATE))?;
        check(&event)?;
        Ok(event)
    });
    event.map_err(|(reason, hint)| Problem::of_file(path, reason, hint))
}

fn text_of(bytes: &[u8]) -> Result<&str, Fault> {
    let text = std::str::from_utf8(bytes).map_err(|_| ("the event is not UTF-8".to_owned(), RESTORE))?;
    if text.lines().any(|line| line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> ")) {
        return Err(("the event holds conflict markers of a merge".to_owned(), RESTORE));
    }
    Ok(text)
}

/// The JSON of an event whose id is its hash, whose text is the canonical one, and whose file has its name.
fn genuine(path: &str, text: &str) -> Result<Value, Fault> {
    let mut value: Value =
        serde_json::from_str(text).map_err(|error| (format!("the event is no JSON: {error}"), RESTORE))?;
    let version = value.get("v").and_then(Value::as_u64);
    if version != Some(u64::from(VERSION)) {
        let said = version.map_or_else(|| "no format version".to_owned(), |v| format!("format version {v}"));
        return Err((format!("the event has {said}, which this Quell does not know"), UPDATE));
    }
    let stated = id_of(&value).to_owned();
    // The text is compared too: JSON that says a thing twice would be read one way and reviewed another.
    let is_as_written = text.replace("\r\n", "\n") == canonical::seal(&mut value);
    let id = id_of(&value);
    if stated != id || !is_as_written {
        return Err((format!("the event was edited: its content has the hash {id}"), RESTORE));
    }
    if !path.ends_with(&format!("-{id}.json")) {
        return Err((format!("the file was renamed: its event is {id}"), RESTORE));
    }
    Ok(value)
}

/// Whether the event may bind: the rules of a decision hold for files too, whoever wrote them.
fn check(event: &Event) -> Result<(), Fault> {
    let op = op_of(event).ok_or_else(|| (format!("the decision `{}` is unknown", event.op), UPDATE))?;
    let again = "remove the file and decide again";
    if let Some(member) = event.members.iter().find(|member| member.id.parse::<FindingId>().is_err()) {
        return Err((format!("the member `{}` is no id", member.id), again));
    }
    match request_of(op, event).lacks(Date::MIN) {
        Some(lack) => Err((format!("the event is not complete: {lack}"), again)),
        None => Ok(()),
    }
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

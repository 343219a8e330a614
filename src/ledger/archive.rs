//! Many settled events in one file: `archive-<month>-<hash>.jsonl`, one event a line as its canonical members without blanks,
//! sorted by time and id. The hash is that of the file. Events of one chain lie in one archive, so that no decision comes
//! back because what took it back was lost.

use crate::model::decision::{Event, Origin};
use crate::model::problem::{Loss, Problem};

use super::canonical::hash64;
use super::event::parse_line;

/// Whether a file is an archive, by its name.
pub(super) fn is_archive(name: &str) -> bool {
    name.starts_with("archive-") && has_ending(name, "jsonl")
}

/// Whether a name has this extension.
pub(super) fn has_ending(name: &str, ending: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| extension == ending)
}

/// The name and bytes of an archive of these events of a month.
pub(super) fn pack<'e>(month: &str, events: impl IntoIterator<Item = &'e Event>) -> (String, Vec<u8>) {
    let mut events: Vec<&Event> = events.into_iter().collect();
    events.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
    let mut text = String::new();
    for event in events {
        // An event always has a JSON form.
        text.push_str(&serde_json::to_string(event).unwrap_or_default());
        text.push('\n');
    }
    (format!("archive-{month}-{}.jsonl", hash64(text.as_bytes())), text.into_bytes())
}

/// The events of an archive; nothing of one that is not as it was written.
pub(super) fn unpack(shown: &str, bytes: &[u8]) -> Result<Vec<Event>, Problem> {
    let hint = "nothing in it counts; restore the file with git, then reload";
    let text = std::str::from_utf8(bytes).unwrap_or_default().replace("\r\n", "\n");
    let hash = hash64(text.as_bytes());
    if !shown.ends_with(&format!("-{hash}.jsonl")) {
        let reason = format!("the archive was edited: its content has the hash {hash}");
        return Err(Problem::of_file(shown, reason, hint));
    }
    let mut events = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let event = parse_line(line).map_err(|reason| {
            Problem::at(shown, format!("line {number}"), format!("the event: {reason}"), Loss::File).hint(hint)
        })?;
        events.push(Event { origin: Origin::Archive, ..event });
    }
    Ok(events)
}

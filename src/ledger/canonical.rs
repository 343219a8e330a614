//! The one way an event is written, so that its hash is the same everywhere: keys sorted by code point, two blanks of
//! indent, LF, a final LF. The id is the first 16 hex digits of the SHA-256 of that text without the member `id`.

use sha2::{Digest, Sha256};

use crate::model::decision::Event;
use crate::model::id::Hash64;

/// Starts the line of an event's own id. No string of JSON holds a line end, and members are indented further.
const ID_LINE: &[u8] = b"\n  \"id\": \"";

/// Gives an event its id and returns its text.
pub(super) fn seal(event: &mut Event) -> String {
    event.id.clear();
    event.id = hash64(text(event).as_bytes()).to_string();
    text(event)
}

/// The text of an event that has its id.
pub(super) fn text(event: &Event) -> String {
    // Writing to a string cannot fail: keys are strings, and there are no numbers but whole ones.
    let mut text = serde_json::to_string_pretty(event).unwrap_or_default();
    text.push('\n');
    text
}

/// The id that follows from a canonical text.
pub(super) fn id_of(text: &[u8]) -> String {
    let Some(at) = memchr::memmem::find(text, ID_LINE) else { return hash64(text).to_string() };
    let (before, line) = text.split_at(at + 1);
    let end = memchr::memchr(b'\n', line).map_or(line.len(), |end| end + 1);
    let mut hash = Sha256::new();
    hash.update(before);
    hash.update(line.get(end..).unwrap_or_default());
    first64(&hash.finalize()).to_string()
}

/// The beginning of a SHA-256.
pub(super) fn hash64(bytes: &[u8]) -> Hash64 {
    first64(&Sha256::digest(bytes))
}

fn first64(hash: &[u8]) -> Hash64 {
    Hash64(hash.iter().take(8).fold(0, |all, byte| all << 8 | u64::from(*byte)))
}

//! The one way an event is written, so that its hash is the same everywhere.

use serde_json::Value;
use sha2::{Digest, Sha256};

/// Gives an event its id and returns its canonical text: keys sorted by code point, two blanks of indent, LF, a final LF.
/// The id is the first 16 hex digits of the SHA-256 of that text without the member `id`.
pub(super) fn seal(event: &mut Value) -> String {
    // Keys are sorted already unless some crate of the build asks `serde_json` to keep their order: hashes must not
    // depend on that.
    event.sort_all_objects();
    if let Some(members) = event.as_object_mut() {
        members.remove("id");
    }
    let id = hex16(text(event).as_bytes());
    if let Some(members) = event.as_object_mut() {
        members.insert("id".to_owned(), Value::String(id));
        event.sort_all_objects();
    }
    text(event)
}

/// First 16 hex digits of a SHA-256.
pub(super) fn hex16(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut hex = String::with_capacity(16);
    for byte in Sha256::digest(bytes).iter().take(8) {
        // Writing to a `String` cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

fn text(value: &Value) -> String {
    // Writing a `Value` to a string cannot fail: its keys are strings and its numbers finite.
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}

//! The one way an event is written, so that its hash is the same everywhere.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// Keys sorted by code point, two blanks of indent, LF, a final LF.
pub(super) fn text(value: &Value) -> String {
    // Writing a `Value` to a string cannot fail: its keys are strings and its numbers finite.
    let mut text = serde_json::to_string_pretty(&sorted(value)).unwrap_or_default();
    text.push('\n');
    text
}

/// First 16 hex digits of the SHA-256 of the canonical text without the member `id`.
pub(super) fn id(value: &Value) -> String {
    let mut value = value.clone();
    if let Some(object) = value.as_object_mut() {
        object.remove("id");
    }
    hex16(text(&value).as_bytes())
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

/// `serde_json` keeps keys sorted unless some crate of the build asks it not to; hashes must not depend on that.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let mut members: Vec<(&String, &Value)> = object.iter().collect();
            members.sort_unstable_by_key(|(key, _)| *key);
            Value::Object(members.into_iter().map(|(key, value)| (key.clone(), sorted(value))).collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

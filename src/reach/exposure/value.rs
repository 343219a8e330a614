//! Questions to a value whose shape nobody vouches for.

use serde_json::Value;

use super::facts::Labels;

/// The text at a JSON pointer; numbers and truth values as they are written.
pub(super) fn text(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer).and_then(plain)
}

/// A scalar as text.
pub(super) fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(is) => Some(is.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

pub(super) fn is_true(value: &Value, pointer: &str) -> bool {
    text(value, pointer).as_deref() == Some("true")
}

/// The elements of the list at a pointer; none where there is no list.
pub(super) fn list<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    value.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The entries of the map at a pointer; none where there is no map.
pub(super) fn entries<'v>(value: &'v Value, pointer: &str) -> impl Iterator<Item = (&'v String, &'v Value)> {
    value.pointer(pointer).and_then(Value::as_object).into_iter().flatten()
}

/// The texts of a list, or the one text that stands in its place.
pub(super) fn texts(value: &Value, pointer: &str) -> Vec<String> {
    match value.pointer(pointer) {
        Some(Value::Array(items)) => items.iter().filter_map(plain).collect(),
        Some(one) => plain(one).into_iter().collect(),
        None => Vec::new(),
    }
}

/// The map of texts at a pointer.
pub(super) fn labels(value: &Value, pointer: &str) -> Labels {
    entries(value, pointer).filter_map(|(key, value)| Some((key.clone(), plain(value)?))).collect()
}

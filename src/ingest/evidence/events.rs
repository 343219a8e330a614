//! Files of many small documents: one on each line, all in one array, one after the other, or only one.

use serde::de::DeserializeOwned;

use crate::ingest::json::List;
use crate::ingest::native::original::Original;

/// Each document with where it stands: `line 3`, `/2`, or nothing for the only one.
pub(super) fn read<T: DeserializeOwned + Default>(original: &mut Original<'_>) -> Vec<(String, T)> {
    let text = original.text().trim_ascii_start();
    if text.starts_with(b"[") {
        let all: List<T> = original.document();
        return (0..).zip(all.0).map(|(number, one): (usize, T)| (format!("/{number}"), one)).collect();
    }
    let first = text.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii_end();
    if first.ends_with(b"}") {
        let lines = original.lines().into_iter();
        return lines.map(|(number, one)| (format!("line {number}"), one)).collect();
    }
    let documents: Vec<(usize, T)> = original.stream();
    if documents.len() < 2 {
        // Of one document all is read that can be repaired.
        return vec![(String::new(), original.document())];
    }
    documents.into_iter().map(|(line, one)| (format!("line {line}"), one)).collect()
}

/// A name in its namespace, as deployment files are joined by: `shop/web`.
pub(super) fn scoped(namespace: &str, name: &str) -> String {
    if namespace.is_empty() { name.to_owned() } else { format!("{namespace}/{name}") }
}

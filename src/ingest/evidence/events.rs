//! Files of many small documents: one on each line, all in one array, one after the other, or only one.

use serde::de::DeserializeOwned;

use crate::ingest::json::List;
use crate::ingest::native::original::Original;
use crate::ingest::repair::Flaw;

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
    let mut documents = stream(text);
    if documents.len() < 2 {
        // Of one document all is read that can be repaired.
        return vec![(String::new(), original.document())];
    }
    if documents.iter().any(|(_, document)| document.is_none()) {
        original.flaws.insert(Flaw::Cut);
    }
    documents.drain(..).filter_map(|(line, document)| Some((format!("line {line}"), document?))).collect()
}

/// Documents over several lines each, with the lines on which they start; none for one that cannot be read.
fn stream<T: DeserializeOwned>(text: &[u8]) -> Vec<(usize, Option<T>)> {
    let mut documents = Vec::new();
    let mut stream = serde_json::Deserializer::from_slice(text).into_iter::<T>();
    let (mut line, mut counted) = (1, 0);
    loop {
        let rest = text.get(stream.byte_offset()..).unwrap_or_default();
        let at = stream.byte_offset() + rest.len() - rest.trim_ascii_start().len();
        line += memchr::memchr_iter(b'\n', text.get(counted..at).unwrap_or_default()).count();
        counted = at;
        match stream.next() {
            Some(Ok(document)) => documents.push((line, Some(document))),
            Some(Err(_)) => {
                documents.push((line, None));
                return documents;
            }
            None => return documents,
        }
    }
}

//! What a file that is not SARIF looks like, so that its problem can say it.

use super::open::Text;

/// Text at the start of a file, what it is a sign of, and what to do.
const STARTS: &[(&str, &str, &str)] = &[
    ("version https://git-lfs", "a Git LFS pointer", "fetch the file with `git lfs pull`"),
    ("<!doctype html", "an HTML page", "download the report again"),
    ("<html", "an HTML page", "download the report again"),
    ("<?xml", "XML", "let the scanner write SARIF"),
    ("<", "markup", "let the scanner write SARIF"),
    ("diff --git", "a patch", "give it with `--fixes`"),
    ("--- ", "a patch", "give it with `--fixes`"),
    ("PK\u{3}\u{4}", "a ZIP archive", "unpack it first"),
    ("%PDF", "a PDF document", "let the scanner write SARIF"),
];

/// Keys of a root object, what they are a sign of, and what to do.
const KEYS: &[(&str, &str, &str)] = &[
    ("bomFormat", "a CycloneDX document", "let the scanner write SARIF"),
    ("spdxVersion", "an SPDX document", "let the scanner write SARIF"),
    ("SchemaVersion", "Trivy's own JSON", "scan with `--format sarif`"),
    ("matches", "Grype's own JSON", "scan with `-o sarif`"),
    ("results", "a scanner's own JSON", "let the scanner write SARIF"),
    ("vulnerabilities", "a list of vulnerabilities", "let the scanner write SARIF"),
];

/// How far into a text its first word is looked for.
const MAX_BEGIN: usize = 64 << 10;

/// What a text looks like, and a next step.
pub(super) fn looks_like(text: &Text, keys: &[String]) -> (String, &'static str) {
    let mut begin = vec![0; MAX_BEGIN];
    let read = text.read(0, &mut begin).unwrap_or_default();
    begin.truncate(read);
    let start: Vec<u8> = begin.iter().copied().skip_while(u8::is_ascii_whitespace).take(64).collect();
    if start.is_empty() {
        return ("it is empty".to_owned(), "run the scanner again");
    }
    let start = String::from_utf8_lossy(&start).to_lowercase();
    let by_start = STARTS.iter().find(|(sign, ..)| start.starts_with(&sign.to_lowercase()));
    let by_key = || KEYS.iter().find(|(sign, ..)| keys.iter().any(|key| key == sign));
    if let Some((_, what, hint)) = by_start.or_else(by_key) {
        return (format!("it looks like {what}"), hint);
    }
    let is_binary = start.chars().any(|c| c.is_control() && !c.is_whitespace());
    let (what, hint) = match start.chars().next() {
        Some('{' | '[') if keys.is_empty() && !is_json(text) => ("it is no valid JSON", "make the report again"),
        Some('{' | '[') => ("it is JSON without `runs`", SWITCH),
        _ if is_binary => ("it looks like a binary file", "name the report itself"),
        _ => ("it looks like plain text", SWITCH),
    };
    (what.to_owned(), hint)
}

fn is_json(text: &Text) -> bool {
    serde_json::from_reader::<_, serde::de::IgnoredAny>(text.reading()).is_ok()
}

/// The next step where a scanner wrote something else.
const SWITCH: &str = "let the scanner write SARIF";

/// Whether a text may be SARIF, by its first 64 KiB: an object with one of the keys that only SARIF has.
pub(super) fn may_be_sarif(start: &[u8]) -> bool {
    let has = |needle: &[u8]| memchr::memmem::find(start, needle).is_some();
    has(b"\"runs\"") || (has(b"\"version\"") && has(b"sarif"))
}

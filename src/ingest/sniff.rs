//! What a file that is not SARIF looks like, so that its problem can say it.

/// Text at the start of a file and what it is a sign of.
const STARTS: &[(&str, &str)] = &[
    ("version https://git-lfs", "a Git LFS pointer; fetch the file with `git lfs pull`"),
    ("<!doctype html", "an HTML page; download the report again"),
    ("<html", "an HTML page; download the report again"),
    ("<?xml", "XML; let the scanner write SARIF"),
    ("<", "markup; let the scanner write SARIF"),
    ("diff --git", "a patch; give it with `--fixes`"),
    ("--- ", "a patch; give it with `--fixes`"),
    ("PK\u{3}\u{4}", "a ZIP archive; unpack it first"),
    ("%PDF", "a PDF document; let the scanner write SARIF"),
];

/// Keys of a root object and what they are a sign of.
const KEYS: &[(&str, &str)] = &[
    ("bomFormat", "a CycloneDX document; let the scanner write SARIF"),
    ("spdxVersion", "an SPDX document; let the scanner write SARIF"),
    ("SchemaVersion", "Trivy's own JSON; scan with `--format sarif`"),
    ("matches", "Grype's own JSON; scan with `-o sarif`"),
    ("results", "a scanner's own JSON; let the scanner write SARIF"),
    ("vulnerabilities", "a list of vulnerabilities; let the scanner write SARIF"),
];

/// What a text looks like, with a next step.
pub(super) fn looks_like(text: &[u8], keys: &[String]) -> String {
    let start: Vec<u8> = text.iter().copied().skip_while(u8::is_ascii_whitespace).take(64).collect();
    if start.is_empty() {
        return "it is empty; run the scanner again".to_owned();
    }
    let start = String::from_utf8_lossy(&start).to_lowercase();
    if let Some((_, what)) = STARTS.iter().find(|(sign, _)| start.starts_with(&sign.to_lowercase())) {
        return format!("it looks like {what}");
    }
    if let Some((_, what)) = KEYS.iter().find(|(sign, _)| keys.iter().any(|key| key == sign)) {
        return format!("it looks like {what}");
    }
    match start.chars().next() {
        Some('{' | '[') if keys.is_empty() => "it is no valid JSON; make the report again".to_owned(),
        Some('{' | '[') => "it is JSON without `runs`; let the scanner write SARIF".to_owned(),
        _ if start.chars().any(|c| c.is_control() && !c.is_whitespace()) => {
            "it looks like a binary file; name the report itself".to_owned()
        }
        _ => "it looks like plain text; let the scanner write SARIF".to_owned(),
    }
}

/// Whether a text may be SARIF, by its first 64 KiB: an object with one of the keys that only SARIF has.
pub(super) fn may_be_sarif(start: &[u8]) -> bool {
    let has = |needle: &[u8]| memchr::memmem::find(start, needle).is_some();
    has(b"\"runs\"") || (has(b"\"version\"") && has(b"sarif"))
}

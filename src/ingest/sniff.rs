//! What a file that is no report looks like, so that its problem can say it.

use super::open::Text;

/// What a file is, and what to do.
type Guess = (&'static str, &'static str);

const SWITCH: &str = "let the scanner write SARIF";
const AGAIN: &str = "download the report again";

/// Text at the start of a file.
const STARTS: &[(&str, Guess)] = &[
    ("version https://git-lfs", ("a Git LFS pointer", "fetch the file with `git lfs pull`")),
    ("<!doctype html", ("an HTML page", AGAIN)),
    ("<html", ("an HTML page", AGAIN)),
    ("<?xml", ("XML", SWITCH)),
    ("<", ("markup", SWITCH)),
    ("diff --git", ("a patch", "give it with `--fixes`")),
    ("--- ", ("a patch", "give it with `--fixes`")),
    ("pk\u{3}\u{4}", ("a ZIP archive without a report that can be read", "unpack it and name the report")),
    ("pk\u{5}\u{6}", ("an empty ZIP archive", "put the report into it")),
    ("bzh", ("a bzip2 archive", "unpack it first")),
    ("7z", ("a 7-Zip archive", "unpack it first")),
    ("%pdf", ("a PDF document", SWITCH)),
    ("%yaml", ("YAML", SWITCH)),
    ("---\n", ("YAML", SWITCH)),
];

/// Keys of a root object.
const KEYS: &[(&str, Guess)] = &[
    ("Golang errors", ("gosec's own JSON", "scan with `-fmt sarif`")),
    ("check_type", ("Checkov's own JSON", "scan with `-o sarif`")),
    ("results", ("the JSON of a scanner that is not known", SWITCH)),
    ("vulnerabilities", ("a list of vulnerabilities", SWITCH)),
    ("error", ("an error that a tool reports", "read it, and run the scanner again")),
];

/// Words inside what scanners print for people.
const PRINTED: &[(&str, Guess)] = &[
    ("Code Finding", ("what Semgrep prints for people", "scan with `--json` or `--sarif`")),
    (">> Issue: [", ("what Bandit prints for people", "scan with `-f json` or `-f sarif`")),
    ("\u{2716} ", ("what ESLint prints for people", "lint with `-f json`")),
    ("\n  --> ", ("what a Rust compiler prints for people", "use `--message-format json`")),
    ("\n --> ", ("what a tool prints for people", "use its JSON or SARIF format")),
    ("0:Source:", ("the coverage of gcov", "let `gcovr --lcov` or `lcov` write it")),
    ("services:\n", ("a compose file", "keep it in the repository, where it is read without being named")),
];

/// Words of the lines of a log.
const LOG_WORDS: &[&str] = &["INFO", "DEBUG", "WARN", "WARNING", "TRACE", "ERROR"];

/// How far into a text its first word is looked for.
const MAX_BEGIN: usize = 64 << 10;
/// How much of a text is looked at from there on.
const LOOKED_AT: usize = 4 << 10;
/// Where a tar archive names itself.
const TAR: std::ops::Range<usize> = 257..262;

/// What a text looks like, and a next step.
pub(super) fn looks_like(text: &Text, keys: &[String]) -> (String, &'static str) {
    let mut begin = vec![0; MAX_BEGIN];
    let read = text.read(0, &mut begin).unwrap_or_default();
    begin.truncate(read);
    if begin.get(TAR) == Some(b"ustar") {
        return looks("a tar archive", "unpack it and name the report");
    }
    let begin = begin.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&begin).trim_ascii_start();
    let head = String::from_utf8_lossy(begin.get(..LOOKED_AT).unwrap_or(begin));
    let head = &*head;
    if head.is_empty() {
        return ("it is empty".to_owned(), "run the scanner again");
    }
    let start = head.chars().take(64).collect::<String>().to_lowercase();
    let by_start = STARTS.iter().find(|(sign, _)| start.starts_with(sign));
    let by_key = || KEYS.iter().find(|(sign, _)| keys.iter().any(|key| key == sign));
    if let Some((_, (what, hint))) = by_start.or_else(by_key) {
        return looks(what, hint);
    }
    if head.starts_with(['{', '[']) {
        let is_broken = keys.is_empty() && !is_json(text);
        let (what, hint) = if is_broken {
            ("it is no valid JSON", "make the report again")
        } else {
            ("it is JSON without `runs`", SWITCH)
        };
        return (what.to_owned(), hint);
    }
    if start.chars().any(|c| c.is_control() && !c.is_whitespace() && c != '\u{1b}') {
        return looks("a binary file", "name the report itself");
    }
    let printed = PRINTED.iter().find(|(sign, _)| head.contains(sign)).map(|(_, guess)| *guess);
    let (what, hint) = printed.unwrap_or_else(|| of_lines(head));
    looks(what, hint)
}

fn looks(what: &str, hint: &'static str) -> (String, &'static str) {
    (format!("it looks like {what}"), hint)
}

/// Plain text by its first lines.
fn of_lines(head: &str) -> Guess {
    let line = head.lines().next().unwrap_or_default();
    let is_log = |line: &str| {
        line.split(|c: char| !c.is_ascii_alphabetic()).any(|word| LOG_WORDS.contains(&word))
            && line.contains([':', '[', ']'])
    };
    let key = line.split_once(':').filter(|(_, rest)| rest.is_empty() || rest.starts_with(' ')).map(|(key, _)| key);
    let is_key = |key: &str| !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || "_-.\"'".contains(c));
    match key {
        _ if head.lines().take(5).any(is_log) => ("a log", "name the scanner's report, not its log"),
        Some(key) if is_key(key) => ("YAML", SWITCH),
        _ => ("plain text", SWITCH),
    }
}

fn is_json(text: &Text) -> bool {
    serde_json::from_reader::<_, serde::de::IgnoredAny>(text.reading()).is_ok()
}

/// Whether a text is likely SARIF, by its first bytes.
pub(super) fn begins_sarif(text: &Text) -> bool {
    let mut start = vec![0; MAX_BEGIN];
    let read = text.read(0, &mut start).unwrap_or_default();
    may_be_sarif(start.get(..read).unwrap_or_default())
}

/// Whether a text may be SARIF, by its first 64 KiB: an object with one of the keys that only SARIF has.
pub(super) fn may_be_sarif(start: &[u8]) -> bool {
    let has = |needle: &[u8]| memchr::memmem::find(start, needle).is_some();
    has(b"\"runs\"") || (has(b"\"version\"") && has(b"sarif"))
}

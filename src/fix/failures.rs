//! What a command says when it fails, so that two failing runs can be compared.
//!
//! A test that was red before must not hide one that a fix breaks, so runs are compared by their lines and not by the exit
//! status alone. A line counts by its shape: numbers, temporary paths and hashes differ from run to run and are left out,
//! names are kept with their digits (`test_7`). Where the runs before say failures in words (`FAILED`, `error:`, `not
//! ok`), only such lines are compared, since a fix may well change what else is printed; a command that has no such words
//! is compared by all its lines. A run is worse if it ends otherwise, says a failure more often than the runs before, or
//! fails and says none of what it said before. What a test runner does not get to because it stops at the first failure,
//! nobody can compare.

use std::collections::HashMap;
use std::env;
use std::path::Path;

use crate::repo::run::Trial;

/// Words of a line that tells of a failure, in lower case.
const WORDS: &[&str] = &[
    "fail",
    "error",
    "panic",
    "not ok",
    "exception",
    "traceback",
    "fatal",
    "abort",
    "assert",
    "crash",
    "segmentation fault",
    "killed",
    "timed out",
    "timeout",
    "broken",
    "✗",
    "✘",
    "✖",
    "✕",
    "❌",
    "×",
];

/// Fewest hex digits that are taken for a hash or an address.
const HASH: usize = 8;

/// Characters of a line that count.
const LONGEST: usize = 400;

/// Fewest equal signs that are a bar.
const BAR: usize = 4;

/// What runs on the tree as it is have said.
#[derive(Debug, Default)]
pub struct Failures {
    statuses: Vec<String>,
    /// Shapes with the most that one run said of each.
    shapes: HashMap<String, usize>,
    /// Whether only lines that tell of a failure are compared.
    is_by_words: bool,
}

impl Failures {
    /// Of runs in a copy with this root.
    pub fn of(runs: &[Trial], root: &Path) -> Self {
        let all: Vec<Vec<String>> = runs.iter().map(|run| lines(&run.output)).collect();
        let is_by_words = all.iter().flatten().any(|line| tells_failure(line));
        let mut failures =
            Self { statuses: runs.iter().map(|run| run.status.clone()).collect(), is_by_words, ..Self::default() };
        for lines in &all {
            for (shape, (count, _)) in failures.counted(lines, root) {
                let most = failures.shapes.entry(shape).or_default();
                *most = count.max(*most);
            }
        }
        failures
    }

    /// Whether they say nothing by which another run can be compared.
    pub fn is_silent(&self) -> bool {
        self.shapes.is_empty()
    }

    /// In what a failing run is worse than these; empty where it is not.
    pub fn news(&self, run: &Trial, root: &Path) -> Vec<String> {
        let mut news = Vec::new();
        if !self.statuses.contains(&run.status) {
            news.push(format!("it ended with {}, before with {}", run.status, self.statuses.join(" or ")));
        }
        let said = self.counted(&lines(&run.output), root);
        let is_known = said.keys().any(|shape| self.shapes.contains_key(shape));
        let mut more: Vec<(usize, String)> = said
            .into_iter()
            .filter(|(shape, (count, _))| *count > self.shapes.get(shape).copied().unwrap_or(0))
            .flat_map(|(_, (_, lines))| lines)
            .collect();
        more.sort_unstable();
        news.extend(more.into_iter().map(|(_, line)| line));
        if news.is_empty() && !is_known {
            news.push("it fails and says nothing of what it said before".to_owned());
        }
        news
    }

    /// What a failing run says of it, where the runs before have passed: lines that tell of a failure and are new, else its
    /// last ones, else how it ended.
    pub fn reasons(&self, run: &Trial, root: &Path, most: usize) -> Vec<String> {
        let is_new = |line: &&String| tells_failure(line) && !self.shapes.contains_key(&shape(line, root));
        let telling: Vec<String> = lines(&run.output).iter().filter(is_new).take(most).cloned().collect();
        let reasons = if telling.is_empty() { tail(&run.output, most) } else { telling };
        if reasons.is_empty() { vec![format!("it ended with {}", run.status)] } else { reasons }
    }

    /// Shapes of the lines that count, with how often each stands there, and the lines with their numbers.
    fn counted(&self, lines: &[String], root: &Path) -> HashMap<String, (usize, Vec<(usize, String)>)> {
        let mut counted: HashMap<String, (usize, Vec<(usize, String)>)> = HashMap::new();
        for (number, line) in lines.iter().enumerate().filter(|(_, line)| !self.is_by_words || tells_failure(line)) {
            let seat = counted.entry(shape(line, root)).or_default();
            seat.0 += 1;
            seat.1.push((number, line.clone()));
        }
        counted
    }
}

/// The lines of two runs of the same files that both say; the first ones where they have none in common.
pub fn common(first: &[String], second: &[String], root: &Path) -> Vec<String> {
    let shapes: Vec<String> = second.iter().map(|line| shape(line, root)).collect();
    let both: Vec<String> = first.iter().filter(|line| shapes.contains(&shape(line, root))).cloned().collect();
    if both.is_empty() { first.to_vec() } else { both }
}

/// The last lines of an output.
pub fn tail(output: &[u8], most: usize) -> Vec<String> {
    last(lines(output), most)
}

fn last(mut lines: Vec<String>, most: usize) -> Vec<String> {
    let surplus = lines.len().saturating_sub(most);
    lines.drain(..surplus);
    lines
}

/// Lines that are not blank, without the sequences that a terminal would obey, as they stand after `\r`.
fn lines(output: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(output);
    let shown = |line: &str| {
        let plain = without_sequences(line);
        let plain = plain.trim_end();
        let last = plain.rsplit('\r').next().unwrap_or_default();
        last.chars().take(LONGEST).collect::<String>().trim_end().to_owned()
    };
    text.split('\n').map(shown).filter(|line| !line.trim().is_empty()).collect()
}

/// ECMA-48: `ESC [ … letter`, `ESC ] … BEL or ESC \`, `ESC` and one more.
fn without_sequences(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\u{1b}' {
            plain.push(c);
            continue;
        }
        match chars.next() {
            Some('[') => while chars.next().is_some_and(|c| !('\u{40}'..='\u{7e}').contains(&c)) {},
            Some(']') => while chars.next().is_some_and(|c| !matches!(c, '\u{7}' | '\\')) {},
            Some(_) | None => {}
        }
    }
    plain
}

fn tells_failure(line: &str) -> bool {
    let lower = line.to_lowercase();
    WORDS.iter().any(|word| lower.contains(word))
}

/// A line without what differs from run to run.
fn shape(line: &str, root: &Path) -> String {
    let line = line.replace(&format!("{}/", root.display()), "");
    let temp = env::temp_dir().display().to_string();
    let line = without_bars(&line);
    let words = line.split_whitespace().map(|word| match word.find(&temp) {
        Some(at) => format!("{}…", without_numbers(word.get(..at).unwrap_or_default())),
        None => without_numbers(word),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Bars (`=====`), whose length is what the text leaves of a line, as one sign.
fn without_bars(line: &str) -> String {
    let mut shape = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        let end = rest.find(|other| other != c).unwrap_or(rest.len());
        let (run, tail) = rest.split_at(end);
        let is_bar = !c.is_alphanumeric() && run.len() >= BAR * c.len_utf8();
        shape.push_str(if is_bar { run.get(..c.len_utf8()).unwrap_or_default() } else { run });
        rest = tail;
    }
    shape
}

/// `#` for each number that is not part of a name, and for each hash.
fn without_numbers(word: &str) -> String {
    let mut shape = String::with_capacity(word.len());
    let mut rest = word;
    while let Some(c) = rest.chars().next() {
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len()).max(c.len_utf8());
        let (part, tail) = rest.split_at(end);
        let digits = part.strip_prefix("0x").unwrap_or(part);
        let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_hash = is_hex && digits.len() >= HASH && digits.bytes().any(|byte| byte.is_ascii_digit());
        if is_hash || part.starts_with("0x") && is_hex {
            shape.push('#');
        } else if c.is_ascii_digit() {
            // A unit stays: `3ms` and `3s` are two things.
            shape.push('#');
            shape.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit()));
        } else {
            shape.push_str(part);
        }
        rest = tail;
    }
    shape
}

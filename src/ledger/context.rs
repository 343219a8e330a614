//! What stands around a flagged place, as a hash that survives moved lines and other white space.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::OnceLock;

use jiff::Timestamp;
use rayon::prelude::*;

use crate::model::backlog::Record;
use crate::repo::Repo;

use super::canonical::hex16;

/// Lines on both sides of the flagged ones that belong to its context.
const AROUND: usize = 3;

/// A file by lines.
struct File<'a> {
    lines: Lines<'a>,
    /// Without white space, which only a search needs as a whole. Every line ends with LF.
    squeezed: OnceLock<Lines<'static>>,
}

struct Lines<'a> {
    text: Cow<'a, [u8]>,
    /// Where each line starts, and one more: the end.
    starts: Vec<usize>,
}

/// Files of the tree, each read once.
pub(super) struct Files<'a> {
    pub(super) repo: &'a Repo,
    read: HashMap<String, Option<File<'a>>>,
}

/// Where the text of a result stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Here, with this context.
    Found(String),
    /// The file cannot be read, or the text stands in several other places.
    Unknown,
    /// The file is there and the text is not in it.
    Gone,
}

impl<'a> Files<'a> {
    pub(super) fn new(repo: &'a Repo) -> Self {
        Self { repo, read: HashMap::new() }
    }

    /// Takes files whose bytes are at hand.
    pub(super) fn add_all(&mut self, files: &[(&str, &'a [u8])]) {
        self.read.par_extend(files.par_iter().map(|(path, bytes)| ((*path).to_owned(), Some(File::new(*bytes)))));
    }

    /// Reads many files side by side.
    pub(super) fn read_all(&mut self, paths: &HashSet<&str>) {
        let repo = self.repo;
        let unread: Vec<&str> = paths.iter().copied().filter(|path| !self.read.contains_key(*path)).collect();
        self.read.par_extend(unread.into_par_iter().map(|path| (path.to_owned(), File::read(repo, path))));
    }

    /// The context at the lines that a record names.
    pub(super) fn context(&mut self, path: &str, record: &Record) -> Option<String> {
        let (first, last) = lines_of(record)?;
        self.file(path)?.context(first, last)
    }

    /// Whether a record still stands in this context: at its lines or, where the file was written after the report, in one
    /// other place of it.
    pub(super) fn stands(&mut self, path: &str, record: &Record, made: Option<Timestamp>, context: &str) -> bool {
        let Some((first, last)) = lines_of(record) else { return false };
        let is_rewritten = || {
            let written = self.repo.file_state(path).ok().map(|state| state.written);
            written.zip(made).is_none_or(|(written, made)| written > made)
        };
        let may_move = is_rewritten();
        let Some(file) = self.file(path) else { return false };
        if file.context(first, last).as_deref() == Some(context) {
            return true;
        }
        let down = last - first;
        let stands = |first: &usize| file.context(*first, first + down).as_deref() == Some(context);
        may_move && (0..file.lines.count()).filter(stands).count() == 1
    }

    /// Looks for the flagged text as the report has it: at the record's lines, else in one other place of the file, which
    /// was read or added before. Without such a text the record's lines are believed.
    pub(super) fn place(&self, path: &str, record: &Record, seen: Option<&str>) -> Place {
        let file = self.read.get(path).and_then(Option::as_ref);
        let (Some((first, last)), Some(file)) = (lines_of(record), file) else { return Place::Unknown };
        let Some((needle, down)) = seen.and_then(longest_line) else { return file.found(first, last) };
        match file.lines_with(&needle).as_slice() {
            [] => Place::Gone,
            lines if lines.iter().any(|line| (first..=last).contains(line)) => file.found(first, last),
            [line] => {
                let moved = line.saturating_sub(down);
                file.found(moved, moved + (last - first))
            }
            [_, _, ..] => Place::Unknown,
        }
    }

    fn file(&mut self, path: &str) -> Option<&File<'a>> {
        if !self.read.contains_key(path) {
            self.read.insert(path.to_owned(), File::read(self.repo, path));
        }
        self.read.get(path).and_then(Option::as_ref)
    }
}

impl<'a> Lines<'a> {
    fn new(text: impl Into<Cow<'a, [u8]>>) -> Self {
        let text = text.into();
        let mut starts = vec![0];
        starts.extend(memchr::memchr_iter(b'\n', &text).map(|at| at + 1));
        if !text.is_empty() && !text.ends_with(b"\n") {
            starts.push(text.len());
        }
        Self { text, starts }
    }

    fn count(&self) -> usize {
        self.starts.len() - 1
    }

    /// Lines from `first` on and before `end`, without white space.
    fn squeezed(&self, first: usize, end: usize) -> Option<Vec<u8>> {
        let text = self.text.get(*self.starts.get(first)?..*self.starts.get(end)?)?;
        let mut squeezed = Vec::with_capacity(text.len());
        for line in text.split_inclusive(|&byte| byte == b'\n') {
            squeezed.extend(squeeze(line));
            squeezed.push(b'\n');
        }
        Some(squeezed)
    }
}

impl<'a> File<'a> {
    fn read(repo: &Repo, path: &str) -> Option<Self> {
        repo.read(path).ok().map(Self::new)
    }

    fn new(bytes: impl Into<Cow<'a, [u8]>>) -> Self {
        Self { lines: Lines::new(bytes), squeezed: OnceLock::new() }
    }

    /// Hash of 0-based lines `first..=last` and those around them; `None` where the file has no such lines.
    fn context(&self, first: usize, last: usize) -> Option<String> {
        let count = self.lines.count();
        let end = (last + 1 + AROUND).min(count);
        let text = if last < count { self.lines.squeezed(first.saturating_sub(AROUND), end) } else { None };
        text.map(|text| hex16(&text))
    }

    fn found(&self, first: usize, last: usize) -> Place {
        self.context(first, last).map_or(Place::Unknown, Place::Found)
    }

    /// 0-based lines that hold a text, each once.
    fn lines_with(&self, needle: &[u8]) -> Vec<usize> {
        let whole = || Lines::new(self.lines.squeezed(0, self.lines.count()).unwrap_or_default());
        let squeezed = self.squeezed.get_or_init(whole);
        let line_at = |at: usize| squeezed.starts.partition_point(|&start| start <= at) - 1;
        let mut lines: Vec<usize> = memchr::memmem::find_iter(&squeezed.text, needle).map(line_at).collect();
        lines.dedup();
        lines
    }
}

/// Lines around a flagged one that belong to its context, and the context at 0-based lines of a file.
pub(super) fn context_of(bytes: &[u8], first: usize, last: usize) -> Option<(Range<usize>, String)> {
    let file = File::new(bytes);
    let end = (last + 1 + AROUND).min(file.lines.count());
    file.context(first, last).map(|context| (first.saturating_sub(AROUND)..end, context))
}

/// The lines of a file without white space.
pub(super) fn squeezed_lines(bytes: &[u8]) -> Vec<Vec<u8>> {
    bytes.split(|&byte| byte == b'\n').map(|line| squeeze(line).collect()).collect()
}

/// First and last line of a record, 0-based.
pub(super) fn lines_of(record: &Record) -> Option<(usize, usize)> {
    let first = record.line.checked_sub(1)? as usize;
    Some((first, (record.end_line.max(record.line) - 1) as usize))
}

/// The longest line of a text without white space, and how many lines stand above it. `None` for a blank text.
fn longest_line(text: &str) -> Option<(Vec<u8>, usize)> {
    let lines = text.lines().enumerate().map(|(down, line)| (squeeze(line.as_bytes()).collect::<Vec<u8>>(), down));
    lines.max_by_key(|(line, _)| line.len()).filter(|(line, _)| !line.is_empty())
}

fn squeeze(line: &[u8]) -> impl Iterator<Item = u8> + '_ {
    line.iter().copied().filter(|byte| !byte.is_ascii_whitespace())
}

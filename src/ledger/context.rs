//! What stands around a flagged place, as a hash that survives moved lines and other white space.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;

use crate::model::backlog::Record;
use crate::repo::Repo;

use super::canonical::hex16;

/// Lines on both sides of the flagged ones that belong to its context.
const AROUND: usize = 3;

/// A file without white space, by lines.
struct Squeezed {
    /// Every line ends with LF.
    text: Vec<u8>,
    /// Where each line starts, and one more: the end.
    starts: Vec<usize>,
}

/// Files of the tree, each read once.
pub(super) struct Files<'a> {
    repo: &'a Repo,
    read: HashMap<String, Option<Squeezed>>,
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

    /// Reads many files side by side.
    pub(super) fn read_all(&mut self, paths: &HashSet<&str>) {
        let repo = self.repo;
        self.read.par_extend(paths.par_iter().map(|&path| (path.to_owned(), Squeezed::read(repo, path))));
    }

    /// The context at the lines that a record names.
    pub(super) fn context(&mut self, path: &str, record: &Record) -> Option<String> {
        let (first, last) = lines_of(record)?;
        self.file(path)?.context(first, last)
    }

    /// Looks for the flagged text as the report has it: at the record's lines, else in one other place of the file.
    /// Without such a text the record's lines are believed.
    pub(super) fn place(&mut self, path: &str, record: &Record, seen: Option<&str>) -> Place {
        let (Some((first, last)), Some(file)) = (lines_of(record), self.file(path)) else { return Place::Unknown };
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

    fn file(&mut self, path: &str) -> Option<&Squeezed> {
        if !self.read.contains_key(path) {
            self.read.insert(path.to_owned(), Squeezed::read(self.repo, path));
        }
        self.read.get(path).and_then(Option::as_ref)
    }
}

impl Squeezed {
    fn read(repo: &Repo, path: &str) -> Option<Self> {
        repo.read(path).ok().map(|bytes| Self::new(&bytes))
    }

    fn new(bytes: &[u8]) -> Self {
        let mut squeezed = Self { text: Vec::with_capacity(bytes.len()), starts: vec![0] };
        for line in bytes.split_inclusive(|&byte| byte == b'\n') {
            line.split(u8::is_ascii_whitespace).for_each(|piece| squeezed.text.extend_from_slice(piece));
            squeezed.text.push(b'\n');
            squeezed.starts.push(squeezed.text.len());
        }
        squeezed
    }

    fn count(&self) -> usize {
        self.starts.len() - 1
    }

    /// Hash of 0-based lines `first..=last` and those around them; `None` where the file has no such lines.
    fn context(&self, first: usize, last: usize) -> Option<String> {
        let start = *self.starts.get(first.saturating_sub(AROUND))?;
        let end = *self.starts.get((last + 1 + AROUND).min(self.count()))?;
        (last < self.count()).then(|| self.text.get(start..end).map(hex16)).flatten()
    }

    fn found(&self, first: usize, last: usize) -> Place {
        self.context(first, last).map_or(Place::Unknown, Place::Found)
    }

    /// 0-based lines that hold a text, each once.
    fn lines_with(&self, needle: &[u8]) -> Vec<usize> {
        let line_at = |at: usize| self.starts.partition_point(|&start| start <= at) - 1;
        let mut lines: Vec<usize> = memchr::memmem::find_iter(&self.text, needle).map(line_at).collect();
        lines.dedup();
        lines
    }
}

/// First and last line of a record, 0-based.
fn lines_of(record: &Record) -> Option<(usize, usize)> {
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

//! What stands at and around a flagged place, as hashes that survive moved lines and other white space.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::OnceLock;

use jiff::Timestamp;
use rayon::prelude::*;

use crate::model::backlog::Record;
use crate::model::covered::covered;
use crate::model::grade::Category;
use crate::model::id::Hash64;
use crate::repo::Repo;
use crate::repo::line_map::squeezed;

use super::canonical::hash64;
use super::window;

/// Lines on both sides of the flagged ones that belong to its context.
const AROUND: usize = 3;

/// A file by lines.
pub(super) struct File<'a> {
    lines: Lines<'a>,
    /// Without white space, which only a search needs as a whole. Every line ends with LF.
    squeezed: OnceLock<Lines<'static>>,
    /// See [`Self::contexts`].
    contexts: HashMap<(usize, bool), HashMap<Hash64, u32>>,
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

/// What stands at a place: see [`Anchor`](crate::model::decision::Anchor).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) column: u32,
    pub(super) context: Hash64,
    pub(super) text: Hash64,
    /// `None` for what may be a secret.
    pub(super) window: Option<String>,
}

/// Where the text of a result stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// At this line, with this look.
    Found(u32, Look),
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

    /// What stands at the lines that a record names, in a file that was read or added before.
    pub(super) fn look(&self, path: &str, record: &Record) -> Option<Look> {
        let (first, last) = lines_of(record)?;
        self.read.get(path)?.as_ref()?.look(first, last, record)
    }

    /// The bytes of a file that was read or added before.
    pub(super) fn bytes(&self, path: &str) -> Option<&[u8]> {
        Some(&self.read.get(path)?.as_ref()?.lines.text)
    }

    /// Whether a record still stands in this context: at its lines or, where the file was written after the report, in one
    /// other place of it.
    pub(super) fn stands(&mut self, path: &str, record: &Record, made: Option<Timestamp>, context: Hash64) -> bool {
        let Some((first, last)) = lines_of(record) else { return false };
        let is_rewritten = || {
            let written = self.repo.file_state(path).ok().map(|state| state.written);
            written.zip(made).is_none_or(|(written, made)| written > made)
        };
        let may_move = is_rewritten();
        self.read_all(&HashSet::from([path]));
        let Some(file) = self.read.get_mut(path).and_then(Option::as_mut) else { return false };
        let is_secret = record.category() == Category::Secret;
        if file.context(first, last, is_secret) == Some(context) {
            return true;
        }
        may_move && file.contexts(last - first, is_secret).get(&context) == Some(&1)
    }

    /// Looks for the flagged text as the report has it: at the record's lines, else in one other place of the file, which
    /// was read or added before. Without such a text the record's lines are believed.
    pub(super) fn place(&self, path: &str, record: &Record, seen: Option<&str>) -> Place {
        let file = self.read.get(path).and_then(Option::as_ref);
        let (Some((first, last)), Some(file)) = (lines_of(record), file) else { return Place::Unknown };
        let Some((needle, down)) = seen.and_then(longest_line) else {
            return file.found(first, last, record);
        };
        match file.lines_with(&needle).as_slice() {
            [] => Place::Gone,
            lines if lines.iter().any(|line| (first..=last).contains(line)) => file.found(first, last, record),
            [line] => {
                let moved = line.saturating_sub(down);
                file.found(moved, moved + (last - first), record)
            }
            [_, _, ..] => Place::Unknown,
        }
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

    /// Lines from `first` on and before `end`.
    fn range(&self, first: usize, end: usize) -> Option<&[u8]> {
        self.text.get(*self.starts.get(first)?..*self.starts.get(end)?)
    }
}

impl<'a> File<'a> {
    fn read(repo: &Repo, path: &str) -> Option<Self> {
        repo.read(path).ok().map(Self::new)
    }

    pub(super) fn new(bytes: impl Into<Cow<'a, [u8]>>) -> Self {
        Self { lines: Lines::new(bytes), squeezed: OnceLock::new(), contexts: HashMap::new() }
    }

    /// What stands at 0-based lines `first..=last`; `None` where the file has no such lines.
    fn look(&self, first: usize, last: usize, record: &Record) -> Option<Look> {
        let lines = &self.lines;
        let is_secret = record.category() == Category::Secret;
        let context = self.context(first, last, is_secret)?;
        let flagged = lines.range(first, last + 1)?;
        let after = || Some(window::hash(lines.text.get(*lines.starts.get(first)?..)?));
        Some(Look {
            column: before(flagged, record.column),
            context,
            text: hash(flagged, is_secret, evened),
            window: if is_secret { None } else { after() },
        })
    }

    /// Hash of 0-based lines `first..=last` and those around them; `None` where the file has no such lines.
    pub(super) fn context(&self, first: usize, last: usize, is_secret: bool) -> Option<Hash64> {
        let count = self.lines.count();
        let around = |first: usize| self.lines.range(first, (last + 1 + AROUND).min(count));
        if last < count { around(first.saturating_sub(AROUND)).map(|text| hash(text, is_secret, bare)) } else { None }
    }

    /// At how many places of the file, so many lines long and one, each context is.
    fn contexts(&mut self, down: usize, is_secret: bool) -> &HashMap<Hash64, u32> {
        if !self.contexts.contains_key(&(down, is_secret)) {
            let mut counts = HashMap::new();
            for context in (0..self.lines.count()).filter_map(|first| self.context(first, first + down, is_secret)) {
                *counts.entry(context).or_default() += 1;
            }
            self.contexts.insert((down, is_secret), counts);
        }
        &self.contexts[&(down, is_secret)]
    }

    fn found(&self, first: usize, last: usize, record: &Record) -> Place {
        let line = u32::try_from(first + 1).unwrap_or(u32::MAX);
        self.look(first, last, record).map_or(Place::Unknown, |look| Place::Found(line, look))
    }

    /// 0-based lines that hold a text, each once.
    fn lines_with(&self, needle: &[u8]) -> Vec<usize> {
        let whole = || Lines::new(bare(&self.lines.text));
        let squeezed = self.squeezed.get_or_init(whole);
        let line_at = |at: usize| squeezed.starts.partition_point(|&start| start <= at) - 1;
        let mut lines: Vec<usize> = memchr::memmem::find_iter(&squeezed.text, needle).map(line_at).collect();
        lines.dedup();
        lines
    }
}

/// Lines around a flagged one that belong to its context, and the context at 0-based lines of a file.
pub(super) fn context_of(bytes: &[u8], first: usize, last: usize, is_secret: bool) -> Option<(Range<usize>, Hash64)> {
    let file = File::new(bytes);
    let end = (last + 1 + AROUND).min(file.lines.count());
    file.context(first, last, is_secret).map(|context| (first.saturating_sub(AROUND)..end, context))
}

/// The lines of a file without white space.
pub(super) fn squeezed_lines(bytes: &[u8]) -> Vec<Vec<u8>> {
    bytes.split(|&byte| byte == b'\n').map(|line| squeezed(line).collect()).collect()
}

/// First and last line of a record, 0-based.
pub(super) fn lines_of(record: &Record) -> Option<(usize, usize)> {
    let first = record.line.checked_sub(1)? as usize;
    Some((first, (record.end_line.max(record.line) - 1) as usize))
}

/// The longest line of a text without white space, and how many lines stand above it. `None` for a blank text.
fn longest_line(text: &str) -> Option<(Vec<u8>, usize)> {
    let lines = text.lines().enumerate().map(|(down, line)| (squeezed(line.as_bytes()).collect::<Vec<u8>>(), down));
    lines.max_by_key(|(line, _)| line.len()).filter(|(line, _)| !line.is_empty())
}

fn hash(text: &[u8], is_secret: bool, plain: impl Fn(&[u8]) -> Vec<u8>) -> Hash64 {
    let covered = is_secret.then(|| covered(&String::from_utf8_lossy(text)));
    hash64(&plain(covered.as_deref().map_or(text, str::as_bytes)))
}

/// Where blanks around it say nothing, outside of quotes. Not so operators: `rm -r / tmp` is another command.
const SEPARATORS: &[u8] = b"()[]{},;";

/// A text, each line ended by LF, without white space at the ends of a line and around separators outside of quotes; with
/// one blank for all other that stands together.
fn evened(text: &[u8]) -> Vec<u8> {
    let mut evened = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        let (mut quote, mut last) = (None, None);
        let (mut is_apart, mut is_escaped) = (false, false);
        for &byte in line {
            if byte.is_ascii_whitespace() {
                is_apart = last.is_some();
                continue;
            }
            let is_separator = |byte: u8| quote.is_none() && SEPARATORS.contains(&byte);
            let is_blank = is_apart && !is_separator(byte) && !last.is_some_and(is_separator);
            evened.extend(is_blank.then_some(b' '));
            evened.push(byte);
            match quote {
                _ if is_escaped => is_escaped = false,
                Some(_) if byte == b'\\' => is_escaped = true,
                Some(open) if byte == open => quote = None,
                None if matches!(byte, b'"' | b'\'' | b'`') => quote = Some(byte),
                _ => {}
            }
            (last, is_apart) = (Some(byte), false);
        }
        evened.push(b'\n');
    }
    evened
}

/// A text without white space, each line ended by LF.
fn bare(text: &[u8]) -> Vec<u8> {
    let mut bare = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        bare.extend(squeezed(line));
        bare.push(b'\n');
    }
    bare
}

/// How many characters that are no white space stand before a 1-based column of a text's first line.
fn before(text: &[u8], column: u32) -> u32 {
    let line = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    let count = line.chars().take(column.saturating_sub(1) as usize).filter(|c| !c.is_whitespace()).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::evened;

    #[test]
    fn spacing_says_nothing_but_in_quotes_and_between_words() {
        let evened = |text: &str| String::from_utf8(evened(text.as_bytes())).unwrap();
        assert_eq!(evened("\tif ( a [ i ] ) {\r\n  b( c , d ) ;"), "if(a[i]){\nb(c,d);\n");
        assert_eq!(evened("run('a , b',\t'c')"), "run('a , b','c')\n");
        assert_eq!(evened(r"run('\\', 'a\' , b') , c"), "run('\\\\','a\\' , b'),c\n");
        assert_eq!(evened("rm  -r / tmp"), "rm -r / tmp\n");
        assert_eq!(evened("  \n"), "\n");
    }
}

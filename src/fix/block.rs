//! Which block of a file a line belongs to, and whether it is the same block in another version of the file.
//!
//! In files of repeated blocks (manifests, pipelines, Terraform) the lines of a fix say nothing about where it goes:
//! every sibling has them. What tells siblings apart are the lines above that a line is indented under, and in data
//! the keys that name a block (`name:`, `metadata: name:`, `"id":`, `<artifactId>`), or else whatever only this block
//! says. Structure is read from indentation alone, so that it works for every format that people indent.

use std::collections::HashSet;
use std::ops::Range;

use super::lines::Text;
use super::outline::Outline;

/// Most levels of one line.
const MAX_LEVELS: usize = 64;

/// Most places of equal lines that are compared by their blocks.
const MAX_PLACES: usize = 300;

/// Keys whose values tell blocks of the same shape apart.
const NAMES: [&str; 14] = [
    "name",
    "id",
    "kind",
    "type",
    "key",
    "namespace",
    "container_name",
    "service",
    "host",
    "hosts",
    "resource",
    "uses",
    "groupid",
    "artifactid",
];

/// What stands in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A function that got another name, with all around it as it was, is the same function.
    Code,
    /// Blocks are known by their names, and a name that changed makes another block.
    Data,
}

/// A text and its blocks.
pub(super) struct Blocks<'t> {
    pub(super) text: &'t Text,
    pub(super) kind: Kind,
    outline: &'t Outline,
}

/// One block around a line, the line's own first if it has one.
#[derive(Clone, Debug)]
struct Level {
    /// The line that the others are indented under; `None` for a document as a whole.
    head: Option<usize>,
    body: Range<usize>,
}

impl<'t> Blocks<'t> {
    pub(super) fn new(text: &'t Text, kind: Kind) -> Self {
        Self { text, kind, outline: text.outline(kind) }
    }

    /// First lines of places where these lines stand, compared without line ends: all, or more than [`MAX_PLACES`].
    pub(super) fn places(&self, lines: &[&[u8]]) -> Vec<usize> {
        let stands = |at: &usize| lines.iter().enumerate().all(|(index, line)| self.text.line(at + index) == *line);
        self.candidates(lines).filter(stands).take(MAX_PLACES + 1).collect()
    }

    /// As [`Self::places`], whatever white space is at the ends of the lines.
    pub(super) fn spaced_places(&self, lines: &[&[u8]]) -> Vec<usize> {
        let same = |at: usize, line: &[u8]| self.text.line(at).trim_ascii() == line.trim_ascii();
        let stands = |at: &usize| lines.iter().enumerate().all(|(index, line)| same(at + index, line));
        self.candidates(lines).filter(stands).take(MAX_PLACES + 1).collect()
    }

    /// Where lines can stand: at the places of the one that is said least often.
    fn candidates(&self, lines: &[&[u8]]) -> impl Iterator<Item = usize> + '_ {
        let seats = lines.iter().enumerate().map(|(offset, line)| (offset, self.saying(line)));
        let (offset, seats) = seats.min_by_key(|(_, seats)| seats.len()).unwrap_or_default();
        let (count, all) = (lines.len(), self.text.lines.len());
        seats.iter().filter_map(move |seat| seat.checked_sub(offset)).filter(move |at| at + count <= all)
    }

    /// The lines that say the same, but for indentation and the comma of all but the last.
    pub(super) fn saying(&self, line: &[u8]) -> &'t [usize] {
        self.outline.saying(self.text, line)
    }

    /// Those of `places` that lie in the same block as the lines `region` of another version.
    pub(super) fn same_places(&self, places: &[usize], other: &Blocks<'_>, region: &Range<usize>) -> Vec<usize> {
        if places.len() > MAX_PLACES {
            return Vec::new();
        }
        places.iter().copied().filter(|&at| self.is_same(at, other, region)).collect()
    }

    /// Whether line `at` of this version lies in the block that holds the lines `region` of another one.
    pub(super) fn is_same(&self, at: usize, other: &Blocks<'_>, region: &Range<usize>) -> bool {
        let (own, theirs) = (self.levels(at), other.levels(region.start));
        own.len() == theirs.len()
            && own.iter().zip(&theirs).all(|(level, was)| {
                self.has_head_of(level, other, was)
                    && (self.kind == Kind::Code || self.has_names_of(level, other, was, region))
            })
    }

    /// Whether the lines `region` of another version, which are code, are nothing like any others in both, and a line
    /// beside them is still there: then it does not matter what the block is called.
    pub(super) fn is_lone(&self, at: usize, other: &Blocks<'_>, region: &Range<usize>) -> bool {
        let lines: Vec<&[u8]> = region.clone().map(|line| other.text.line(line)).collect();
        self.kind == Kind::Code
            && self.places(&lines) == [at]
            && other.places(&lines) == [region.start]
            && self.is_beside(at, other, region)
    }

    /// Whether the line above or the one below is the same in both versions.
    fn is_beside(&self, at: usize, other: &Blocks<'_>, region: &Range<usize>) -> bool {
        let above = at.checked_sub(1).zip(region.start.checked_sub(1));
        let is_above = above.is_some_and(|(here, there)| self.text.line(here) == other.text.line(there));
        is_above || self.text.line(at + region.len()) == other.text.line(region.end)
    }

    /// Whether more than its own text speaks for line `at`: all heads as they were, or a line beside it.
    pub(super) fn is_anchored(&self, at: usize, other: &Blocks<'_>, region: &Range<usize>) -> bool {
        if self.kind == Kind::Data {
            return true;
        }
        let own = self.heads(at);
        (!own.is_empty() && own == other.heads(region.start)) || self.is_beside(at, other, region)
    }

    /// The heads of all blocks around a line, from the inside out.
    fn heads(&self, line: usize) -> Vec<(&'t [u8], &'t [u8])> {
        let heads = self.levels(line).into_iter().filter_map(|level| level.head).filter(|head| *head != line);
        heads.map(|head| self.head(head)).collect()
    }

    /// The line that heads the same block as line `head` of another version, if there is one such block in both.
    pub(super) fn twin(&self, other: &Blocks<'_>, head: usize) -> Option<usize> {
        let region = head..head + 1;
        let line = [other.text.line(head)];
        let [_] = *other.same_places(&other.places(&line), other, &region) else { return None };
        match *self.same_places(&self.places(&line), other, &region) {
            [twin] => Some(twin),
            _ => None,
        }
    }

    /// The blocks around a line in which it can be looked for, from the inside out; the last is the whole text.
    pub(super) fn around(&self, line: usize) -> Vec<(Option<usize>, Range<usize>)> {
        let levels = self.levels(line).into_iter();
        let heads = levels.filter(|level| level.head.is_some_and(|head| head != line));
        let whole = (None, 0..self.text.lines.len());
        heads.map(|level| (level.head, level.body)).chain([whole]).collect()
    }

    /// The body of the block that a line heads.
    pub(super) fn body(&self, head: usize) -> Range<usize> {
        head + 1..self.outline.end(head)
    }

    fn levels(&self, line: usize) -> Vec<Level> {
        let mut levels = Vec::new();
        if self.outline.end(line) > line + 1 {
            levels.push(Level { head: Some(line), body: self.body(line) });
        }
        let mut at = line;
        while let Some(head) = self.outline.parent(at).filter(|_| levels.len() < MAX_LEVELS) {
            levels.push(Level { head: Some(head), body: self.body(head) });
            at = head;
        }
        levels.push(Level { head: None, body: self.outline.document(line) });
        levels
    }

    fn has_head_of(&self, level: &Level, other: &Blocks<'_>, was: &Level) -> bool {
        let (Some(head), Some(old)) = (level.head, was.head) else { return level.head == was.head };
        if self.head(head) == other.head(old) {
            return true;
        }
        let is_between = |near: fn(usize) -> Option<usize>| {
            near(head).zip(near(old)).is_some_and(|(here, there)| {
                here < self.text.lines.len() && self.text.line(here) == other.text.line(there)
            })
        };
        self.kind == Kind::Code && is_between(|line| line.checked_sub(1)) && is_between(|line| line.checked_add(1))
    }

    /// A bracket alone stands for the line above it.
    fn head(&self, line: usize) -> (&'t [u8], &'t [u8]) {
        let own = bare(self.text.line(line));
        let is_bracket = own == b"{" && self.kind == Kind::Code;
        let above = if is_bracket { line.checked_sub(1).map(|above| bare(self.text.line(above))) } else { None };
        (own, above.unwrap_or_default())
    }

    /// Whether a block still has the names that it had, or if it has none, all that only it said.
    fn has_names_of(&self, level: &Level, other: &Blocks<'_>, was: &Level, region: &Range<usize>) -> bool {
        let names = other.names(was, region);
        let own: HashSet<&[u8]> = self.children(&level.body).map(|line| bare(self.text.line(line))).collect();
        if !names.is_empty() {
            let kept: HashSet<&[u8]> = self.names(level, &(0..0)).into_iter().collect();
            return names.iter().all(|name| kept.contains(name));
        }
        let is_named = was.head.is_some_and(|head| other.count(head) == 1);
        if is_named {
            return true;
        }
        let only: Vec<&[u8]> = other
            .children(&was.body)
            .filter(|&line| !region.contains(&line) && other.is_own_word(line))
            .map(|line| bare(other.text.line(line)))
            .collect();
        let kept = only.iter().filter(|line| own.contains(*line)).count();
        // A file as a whole may change in many places and is still the same.
        let is_file = was.body.len() == other.text.lines.len();
        if is_file { only.is_empty() || kept * 2 > only.len() } else { kept == only.len() }
    }

    /// A line without lines below it that stands once in its text and is no entry of a list.
    fn is_own_word(&self, line: usize) -> bool {
        let text = bare(self.text.line(line));
        self.count(line) == 1
            && self.outline.end(line) == line + 1
            && !text.starts_with(b"- ")
            && text.iter().any(u8::is_ascii_alphanumeric)
    }

    fn count(&self, line: usize) -> usize {
        self.saying(self.text.line(line)).len()
    }

    /// The lines that name a block, among them those below `metadata:`.
    fn names(&self, level: &Level, region: &Range<usize>) -> Vec<&'t [u8]> {
        let mut names = Vec::new();
        for line in self.children(&level.body) {
            let text = bare(self.text.line(line));
            if key(text).is_some_and(|key| key.eq_ignore_ascii_case(b"metadata")) {
                names.extend(
                    self.children(&self.body(line)).map(|line| bare(self.text.line(line))).filter(|line| is_name(line)),
                );
            } else if is_name(text) && !text.starts_with(b"- ") && !region.contains(&line) {
                names.push(text);
            }
        }
        names
    }

    /// The lines of a block that are not below others of it.
    fn children(&self, body: &Range<usize>) -> impl Iterator<Item = usize> + '_ {
        let child = body.clone().find_map(|line| self.outline.depth(line));
        body.clone().filter(move |&line| child.is_some() && self.outline.depth(line) == child)
    }
}

/// Depth 0 ends a document, 1 heads a section of an INI file, the rest is indentation. The entries of a YAML list lie
/// between a key and its other keys, however they are indented.
pub(super) fn depth(line: &[u8], kind: Kind) -> Option<usize> {
    let text = line.trim_ascii();
    // Comments and directives stand anywhere.
    if text.is_empty() || text.starts_with(b"#") || text.starts_with(b"//") {
        return None;
    }
    let indent = line.len() - line.trim_ascii_start().len();
    match kind {
        Kind::Data if indent == 0 && (text == b"---" || text.starts_with(b"--- ")) => Some(0),
        Kind::Data if indent == 0 && text.starts_with(b"[") && text.ends_with(b"]") => Some(1),
        Kind::Code | Kind::Data => Some(2 + 2 * indent + usize::from(text == b"-" || text.starts_with(b"- "))),
    }
}

/// A line without what may differ where the same thing stands: indentation, and the comma of all but the last.
pub(super) fn bare(line: &[u8]) -> &[u8] {
    let line = line.trim_ascii();
    line.strip_suffix(b",").unwrap_or(line)
}

/// `name: x`, `"id": x`, `key = x`, `<name>x`.
fn is_name(line: &[u8]) -> bool {
    key(line).is_some_and(|key| NAMES.iter().any(|name| key.eq_ignore_ascii_case(name.as_bytes())))
}

fn key(line: &[u8]) -> Option<&[u8]> {
    if let Some(tag) = line.strip_prefix(b"<") {
        let end = tag.iter().position(|byte| *byte == b'>')?;
        return tag.get(..end);
    }
    let end = line.iter().position(|byte| matches!(byte, b':' | b'='))?;
    let key = line.get(..end)?.trim_ascii();
    Some(key.strip_prefix(b"\"").and_then(|key| key.strip_suffix(b"\"")).unwrap_or(key))
}

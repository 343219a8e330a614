//! Two versions of a file as hunks, and hunks as text.
//!
//! Lines end with `\n`, as git counts them; a `\r` before it belongs to the line end.

use std::collections::HashMap;
use std::ops::Range;

use memchr::memchr_iter;
use sha2::{Digest, Sha256};
use similar::{Algorithm, DiffOp, capture_diff_slices, group_diff_ops};

use crate::model::fix::FileOp;
use crate::model::plan::{DiffLine, FileDiff, Hunk, HunkId, HunkState, LineKind};
use crate::model::unseen::Unseen;

use super::edit::{ByteEdit, splice, window};

/// Lines of context around a change.
pub const CONTEXT: usize = 3;

/// More changed lines than this are shown as all removed and all added, without a search for what they share.
const MAX_COMPARED: usize = 20_000;

/// Longest line, in bytes, in which changes are marked.
const MAX_MARKED: usize = 2_000;

/// Least part of two lines that has to be the same for the rest to be marked.
const MIN_SHARED: f32 = 0.3;

/// The difference of two versions of a file, with what changed inside lines marked.
pub fn file_diff(path: &str, before: &[u8], after: &[u8]) -> FileDiff {
    of_sides(path, &Sides::new(before, after))
}

fn of_sides(path: &str, sides: &Sides<'_>) -> FileDiff {
    let groups = sides.groups();
    let hunks = groups.iter().zip(ids(path, sides, &groups)).map(|(ops, id)| Hunk { id, ..hunk(sides, ops) });
    of_hunks(path, hunks.collect())
}

/// As [`whole_diff`] of a file and what sorted edits make of it. Only the lines that they change are looked at, with their
/// context.
pub(super) fn edited_diff(path: &str, op: &FileOp, before: &[u8], edits: &[ByteEdit]) -> FileDiff {
    FileDiff { op: op.clone(), ..around(before, edits, |sides| of_sides(path, sides)) }
}

/// As [`edited_diff`], without hunks: how many lines come and go.
pub(super) fn edited_counts(path: &str, op: &FileOp, before: &[u8], edits: &[ByteEdit]) -> FileDiff {
    let (removed, added) = around(before, edits, |sides| {
        let ops = compare(&sides.old, &sides.new).into_iter().filter(|op| !matches!(op, DiffOp::Equal { .. }));
        ops.fold((0, 0), |(removed, added), op| (removed + op.old_range().len(), added + op.new_range().len()))
    });
    let (path, op) = (path.to_owned(), op.clone());
    FileDiff { path, op, added: number(added), removed: number(removed), ..FileDiff::default() }
}

/// Looks at both sides of what lies between the first and the last edit, with context.
fn around<T>(before: &[u8], edits: &[ByteEdit], look: impl FnOnce(&Sides<'_>) -> T) -> T {
    let (start, old, edits) = window(before, edits, CONTEXT);
    let new = splice(old, &edits);
    let above = memchr_iter(b'\n', before.get(..start).unwrap_or_default()).count();
    look(&Sides { above, ..Sides::new(old, &new) })
}

/// As [`file_diff`], with what becomes of the file.
pub fn whole_diff(path: &str, op: &FileOp, before: &[u8], after: &[u8]) -> FileDiff {
    FileDiff { op: op.clone(), ..file_diff(path, before, after) }
}

/// The difference that these hunks are; those that are not written do not count.
pub(super) fn of_hunks(path: &str, hunks: Vec<Hunk>) -> FileDiff {
    let written = || hunks.iter().filter(|hunk| matches!(hunk.state, HunkState::Whole | HunkState::Edited));
    let count = |kind| number(written().flat_map(|hunk| &hunk.lines).filter(|line| line.kind == kind).count());
    FileDiff {
        path: path.to_owned(),
        op: FileOp::Change,
        added: count(LineKind::Added),
        removed: count(LineKind::Removed),
        unseen: written().map(|hunk| hunk.unseen).sum(),
        hunks,
    }
}

/// The identities of hunks, each a list of what changes with its surroundings.
pub(super) fn ids(path: &str, sides: &Sides<'_>, groups: &[Vec<DiffOp>]) -> Vec<HunkId> {
    let mut seen: HashMap<[u8; 8], u64> = HashMap::new();
    let id = |ops: &Vec<DiffOp>| {
        let mut hash = Sha256::new_with_prefix(path);
        for op in ops.iter().filter(|op| !matches!(op, DiffOp::Equal { .. })) {
            for (mark, lines, range) in [(b"-", &sides.old, op.old_range()), (b"+", &sides.new, op.new_range())] {
                for line in lines.get(range).unwrap_or_default() {
                    hash.update(mark);
                    hash.update(line);
                }
            }
        }
        let mut head = [0; 8];
        head.iter_mut().zip(hash.finalize()).for_each(|(byte, hashed)| *byte = hashed);
        let number = seen.entry(head).or_default();
        *number += 1;
        HunkId(u64::from_be_bytes(head).wrapping_add(*number))
    };
    groups.iter().map(id).collect()
}

/// A unified diff that `git apply` takes, raw bytes (`diff --git` header, `a/` and `b/`, no-newline markers).
/// Empty where nothing changes.
pub fn unified(path: &str, before: &[u8], after: &[u8]) -> Vec<u8> {
    patch(path, &FileOp::Change, before, after)
}

/// As [`unified`], with what becomes of the file.
pub fn patch(path: &str, op: &FileOp, before: &[u8], after: &[u8]) -> Vec<u8> {
    let sides = Sides::new(before, after);
    let groups = sides.groups();
    if groups.is_empty() && *op == FileOp::Change {
        return Vec::new();
    }
    let new_path = op.new_path().unwrap_or(path);
    let (old, new) = (quoted("a/", path), quoted("b/", new_path));
    let mut out = format!("diff --git {old} {new}\n{}", header(path, op)).into_bytes();
    if !groups.is_empty() {
        // As git does: a name with blanks is ended by a tab where nothing else ends it.
        let end = |path: &str| if path.contains(' ') { "\t" } else { "" };
        let old = if *op == FileOp::Create { "/dev/null".to_owned() } else { old + end(path) };
        let new = if *op == FileOp::Delete { "/dev/null".to_owned() } else { new + end(new_path) };
        out.extend_from_slice(format!("--- {old}\n+++ {new}\n").as_bytes());
    }
    for ops in &groups {
        let (old, new) = extent(ops);
        let [old, new] = [old, new].map(|lines| sides.counted(&lines));
        out.extend_from_slice(format!("@@ -{old} +{new} @@\n").as_bytes());
        for op in ops {
            let (old, new) = (op.old_range(), op.new_range());
            if let DiffOp::Equal { .. } = op {
                sides.old.iter().take(old.end).skip(old.start).for_each(|line| push_line(&mut out, b' ', line));
                continue;
            }
            sides.old.iter().take(old.end).skip(old.start).for_each(|line| push_line(&mut out, b'-', line));
            sides.new.iter().take(new.end).skip(new.start).for_each(|line| push_line(&mut out, b'+', line));
        }
    }
    out
}

/// What git says of a file that comes, goes or gets another name.
fn header(path: &str, op: &FileOp) -> String {
    match op {
        FileOp::Change => String::new(),
        FileOp::Create => "new file mode 100644\n".to_owned(),
        FileOp::Delete => "deleted file mode 100644\n".to_owned(),
        FileOp::Rename(to) => format!("rename from {}\nrename to {}\n", quoted("", path), quoted("", to)),
    }
}

/// The lines of both versions, line ends included.
pub(super) struct Sides<'a> {
    pub(super) old: Vec<&'a [u8]>,
    pub(super) new: Vec<&'a [u8]>,
    /// Lines that both have in front of these.
    pub(super) above: usize,
}

impl<'a> Sides<'a> {
    pub(super) fn new(before: &'a [u8], after: &'a [u8]) -> Self {
        Self { old: lines(before), new: lines(after), above: 0 }
    }

    /// The number of a line, from 1.
    fn number(&self, index: usize) -> u32 {
        number(self.above + index + 1)
    }

    /// First line as unified diffs count it: from 1, but the line before where there are none.
    fn first(&self, lines: &Range<usize>) -> u32 {
        self.number(lines.start) - u32::from(lines.is_empty())
    }

    fn counted(&self, lines: &Range<usize>) -> String {
        match lines.len() {
            1 => self.first(lines).to_string(),
            count => format!("{},{count}", self.first(lines)),
        }
    }

    /// Changes with their context, one entry a hunk.
    pub(super) fn groups(&self) -> Vec<Vec<DiffOp>> {
        let ops = compare(&self.old, &self.new);
        if ops.iter().all(|op| matches!(op, DiffOp::Equal { .. })) {
            return Vec::new();
        }
        group_diff_ops(ops, CONTEXT)
    }
}

/// The lines of a file with their line ends.
pub(super) fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    let mut start = 0;
    let ends = memchr_iter(b'\n', bytes).map(|at| at + 1).chain([bytes.len()]);
    let line = |end| bytes.get(std::mem::replace(&mut start, end)..end).unwrap_or_default();
    ends.map(line).filter(|line| !line.is_empty()).collect()
}

/// What changes between two lists of lines. Lines that both share at their ends are never compared again: a fix is
/// small, its file may not be.
pub(super) fn compare(old: &[&[u8]], new: &[&[u8]]) -> Vec<DiffOp> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old, new) = (old.get(head..).unwrap_or_default(), new.get(head..).unwrap_or_default());
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
    let old = old.get(..old.len() - tail).unwrap_or_default();
    let new = new.get(..new.len() - tail).unwrap_or_default();
    let mut ops = vec![DiffOp::Equal { old_index: 0, new_index: 0, len: head }];
    if old.len() + new.len() > MAX_COMPARED {
        let (old_len, new_len) = (old.len(), new.len());
        ops.push(DiffOp::Replace { old_index: head, old_len, new_index: head, new_len });
    } else if !(old.is_empty() && new.is_empty()) {
        ops.extend(capture_diff_slices(Algorithm::Myers, old, new).into_iter().map(|op| moved(op, head)));
    }
    ops.push(DiffOp::Equal { old_index: head + old.len(), new_index: head + new.len(), len: tail });
    ops.retain(|op| !matches!(op, DiffOp::Equal { len: 0, .. }));
    ops
}

fn moved(op: DiffOp, by: usize) -> DiffOp {
    match op {
        DiffOp::Equal { old_index, new_index, len } => {
            DiffOp::Equal { old_index: old_index + by, new_index: new_index + by, len }
        }
        DiffOp::Delete { old_index, old_len, new_index } => {
            DiffOp::Delete { old_index: old_index + by, old_len, new_index: new_index + by }
        }
        DiffOp::Insert { old_index, new_index, new_len } => {
            DiffOp::Insert { old_index: old_index + by, new_index: new_index + by, new_len }
        }
        DiffOp::Replace { old_index, old_len, new_index, new_len } => {
            DiffOp::Replace { old_index: old_index + by, old_len, new_index: new_index + by, new_len }
        }
    }
}

/// The lines of both versions that a hunk covers.
pub(super) fn extent(ops: &[DiffOp]) -> (Range<usize>, Range<usize>) {
    let range = |of: fn(&DiffOp) -> Range<usize>| {
        let start = ops.first().map_or(0, |op| of(op).start);
        start..ops.last().map_or(start, |op| of(op).end)
    };
    (range(DiffOp::old_range), range(DiffOp::new_range))
}

fn push_line(out: &mut Vec<u8>, mark: u8, line: &[u8]) {
    out.push(mark);
    out.extend_from_slice(line);
    if !line.ends_with(b"\n") {
        out.extend_from_slice(b"\n\\ No newline at end of file\n");
    }
}

/// A name as git writes it in a diff: in quotes with octal escapes if it holds a quote, a backslash, a control
/// character or anything beyond ASCII (git's `quote_c_style` with `core.quotePath`, its default).
fn quoted(prefix: &str, path: &str) -> String {
    let is_plain = |byte: u8| (b' '..0x7f).contains(&byte) && byte != b'"' && byte != b'\\';
    if path.bytes().all(is_plain) {
        return format!("{prefix}{path}");
    }
    let mut out = format!("\"{prefix}");
    for byte in path.bytes() {
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\t' => out.push_str("\\t"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            byte if is_plain(byte) => out.push(char::from(byte)),
            byte => {
                let digits = [byte >> 6, byte >> 3 & 7, byte & 7].map(|digit| char::from(b'0' + digit));
                out.push('\\');
                out.extend(digits);
            }
        }
    }
    out.push('"');
    out
}

/// What changes as it is shown, without an identity.
pub(super) fn hunk(sides: &Sides<'_>, ops: &[DiffOp]) -> Hunk {
    let (old, new) = extent(ops);
    let mut lines = Vec::with_capacity(old.len() + new.len());
    for op in ops {
        match *op {
            DiffOp::Equal { old_index, new_index, len } => {
                let pair =
                    |index| (LineKind::Context, sides.number(old_index + index), sides.number(new_index + index));
                lines.extend(sides.old.iter().skip(old_index).take(len).enumerate().map(|(index, line)| {
                    let (kind, old, new) = pair(index);
                    diff_line(kind, old, new, line, Vec::new())
                }));
            }
            DiffOp::Delete { old_index, old_len, new_index } => {
                push_change(&mut lines, sides, old_index..old_index + old_len, new_index..new_index);
            }
            DiffOp::Insert { old_index, new_index, new_len } => {
                push_change(&mut lines, sides, old_index..old_index, new_index..new_index + new_len);
            }
            DiffOp::Replace { old_index, old_len, new_index, new_len } => {
                push_change(&mut lines, sides, old_index..old_index + old_len, new_index..new_index + new_len);
            }
        }
    }
    let texts: Vec<(LineKind, String)> = lines.iter().map(|line| (line.kind, line.text())).collect();
    let of = |wanted| {
        let texts = texts.iter().filter(|(kind, _)| *kind == wanted);
        texts.map(|(_, text)| text.as_str()).collect::<Vec<_>>()
    };
    Hunk {
        old_start: sides.first(&old),
        new_start: sides.first(&new),
        old_lines: number(old.len()),
        new_lines: number(new.len()),
        unseen: Unseen::of(&of(LineKind::Removed), &of(LineKind::Added)),
        lines,
        id: HunkId::default(),
        state: HunkState::Whole,
    }
}

/// Removed lines, then added ones; the first of one pair with the first of the other, and so on.
fn push_change(lines: &mut Vec<DiffLine>, sides: &Sides<'_>, old: Range<usize>, new: Range<usize>) {
    let removed = sides.old.get(old.clone()).unwrap_or_default();
    let added = sides.new.get(new.clone()).unwrap_or_default();
    let mut marks: Vec<(Parts, Parts)> = removed.iter().zip(added).map(|(old, new)| marked(old, new)).collect();
    let mut take = |index: usize, is_old: bool| {
        let pair = marks.get_mut(index).map(|(old, new)| if is_old { old } else { new });
        pair.map(std::mem::take).unwrap_or_default()
    };
    for (index, line) in removed.iter().enumerate() {
        lines.push(diff_line(LineKind::Removed, sides.number(old.start + index), 0, line, take(index, true)));
    }
    for (index, line) in added.iter().enumerate() {
        lines.push(diff_line(LineKind::Added, 0, sides.number(new.start + index), line, take(index, false)));
    }
}

/// Text in parts; `true` marks what changed.
type Parts = Vec<(bool, String)>;

fn diff_line(kind: LineKind, old: u32, new: u32, line: &[u8], parts: Parts) -> DiffLine {
    let parts = if parts.is_empty() { vec![(false, shown(line))] } else { parts };
    DiffLine { kind, old, new, parts, no_newline: !line.ends_with(b"\n") }
}

/// A line without its line end.
pub(super) fn shown(line: &[u8]) -> String {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line)).into_owned()
}

/// Both lines of a pair with what differs marked; both empty where they are too long or share too little.
fn marked(old: &[u8], new: &[u8]) -> (Parts, Parts) {
    if old.len().max(new.len()) > MAX_MARKED {
        return (Vec::new(), Vec::new());
    }
    let (is_old_dos, is_new_dos) = (old.ends_with(b"\r\n"), new.ends_with(b"\r\n"));
    let (old, new) = (shown(old), shown(new));
    if old == new && is_old_dos != is_new_dos {
        // Only the line end changes: nobody would see what.
        let parts = |text: String, is_dos: bool| {
            let end = is_dos.then(|| (true, "\r".to_owned()));
            std::iter::once((false, text)).chain(end).collect::<Parts>()
        };
        return (parts(old, is_old_dos), parts(new, is_new_dos));
    }
    let (old, new) = (words(&old), words(&new));
    let ops = capture_diff_slices(Algorithm::Myers, &old, &new);
    let size = |words: &[&str]| words.iter().map(|word| word.trim().len()).sum::<usize>();
    let shared: usize = ops
        .iter()
        .filter(|op| matches!(op, DiffOp::Equal { .. }))
        .map(|op| size(old.get(op.old_range()).unwrap_or_default()))
        .sum();
    #[expect(clippy::cast_precision_loss, reason = "lengths of at most 2,000")]
    let ratio = 2.0 * shared as f32 / (size(&old) + size(&new)).max(1) as f32;
    if ratio < MIN_SHARED {
        return (Vec::new(), Vec::new());
    }
    let (mut before, mut after) = (Parts::new(), Parts::new());
    for op in ops {
        let is_changed = !matches!(op, DiffOp::Equal { .. });
        push_part(&mut before, is_changed, old.get(op.old_range()).unwrap_or_default());
        push_part(&mut after, is_changed, new.get(op.new_range()).unwrap_or_default());
    }
    (before, after)
}

fn push_part(parts: &mut Parts, is_changed: bool, words: &[&str]) {
    let text = words.concat();
    match parts.last_mut() {
        _ if text.is_empty() => {}
        Some((changed, last)) if *changed == is_changed => last.push_str(&text),
        _ => parts.push((is_changed, text)),
    }
}

/// Names and numbers, runs of blanks, and single other characters.
fn words(line: &str) -> Vec<&str> {
    let class = |c: char| if c.is_alphanumeric() || c == '_' { 0 } else { 1 + u8::from(!c.is_whitespace()) };
    let mut words = Vec::new();
    let mut rest = line;
    while let Some(head) = rest.chars().next() {
        let kind = class(head);
        let end = if kind == 2 { head.len_utf8() } else { rest.find(|c| class(c) != kind).unwrap_or(rest.len()) };
        let (word, after) = rest.split_at(end);
        words.push(word);
        rest = after;
    }
    words
}

fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

//! What a person makes of the hunks of a fix: some are left out, some are written otherwise. The outcome is edits of
//! the same file again, which pass every check that the fix itself passes, and the difference as it is shown.
//!
//! An edited hunk is placed anew: its lines with a blank or `-` have to stand in the file where the hunk stands, and
//! nothing else is taken from its numbers.

use std::collections::HashMap;
use std::ops::Range;

use similar::DiffOp;

use crate::model::plan::{DiffLine, FileDiff, Hunk, HunkId, HunkState, HunkWish};
use crate::model::text::cut;

use super::diff::{Sides, compare, extent, hunk, ids, lines, of_hunks, shown};
use super::edit::{ByteEdit, splice};

/// Columns of a line inside a message.
const SHOWN: usize = 60;

/// What a person wants of the hunks of one fix.
pub(super) type Wishes<'a> = HashMap<HunkId, &'a HunkWish>;

/// A file of a fix with the wishes of a person.
pub(super) struct Shaped {
    pub(super) edits: Vec<ByteEdit>,
    /// All of its hunks, also those that are left out.
    pub(super) diff: FileDiff,
    /// Why a wish cannot be met, in words.
    pub(super) problem: Option<String>,
}

/// One hunk of the fix as its source has it.
struct Cut<'a> {
    ops: &'a [DiffOp],
    id: HunkId,
    old: Range<usize>,
    edits: Vec<ByteEdit>,
}

/// Makes of the edits of a file what a person wants.
pub(super) fn shape(path: &str, before: &[u8], edits: &[ByteEdit], wishes: &Wishes<'_>) -> Shaped {
    let after = splice(before, edits);
    let sides = Sides::new(before, &after);
    let groups = sides.groups();
    let cuts = cuts(path, before, &sides, &groups, edits);
    let mut shaped = Shaped { edits: Vec::new(), diff: FileDiff::default(), problem: None };
    let mut hunks = Vec::with_capacity(cuts.len());
    // Lines that the file has grown by: as written, and as its source would have it.
    let (mut grown, mut whole) = (0, 0);
    for (number, cut) in cuts.iter().enumerate() {
        let own = Hunk { id: cut.id, ..hunk(&sides, cut.ops) };
        let (shown, edits) = match wishes.get(&cut.id) {
            None => (moved(own.clone(), 0, grown - whole), cut.edits.clone()),
            Some(HunkWish::Drop) => {
                let hunk = moved(own.clone(), 0, grown - whole);
                (Hunk { state: HunkState::Dropped, ..hunk }, Vec::new())
            }
            Some(HunkWish::Text(text)) => match edited(text, &sides, &cuts, number) {
                Ok((hunk, edits)) => (moved(hunk, 0, grown), edits),
                Err(why) => {
                    let line = own.old_start;
                    shaped.problem =
                        Some(format!("{path}: your hunk at line {line}: {why}; E opens it again, r forgets it"));
                    let hunk = moved(own.clone(), 0, grown - whole);
                    (Hunk { state: HunkState::Broken, ..hunk }, Vec::new())
                }
            },
        };
        whole += growth(&own);
        if matches!(shown.state, HunkState::Whole | HunkState::Edited) {
            grown += growth(&shown);
        }
        hunks.push(shown);
        shaped.edits.extend(edits);
    }
    shaped.edits.sort_unstable();
    shaped.diff = of_hunks(path, hunks);
    shaped
}

fn growth(hunk: &Hunk) -> i64 {
    i64::from(hunk.new_lines) - i64::from(hunk.old_lines)
}

/// The hunk with its lines numbered elsewhere.
fn moved(mut hunk: Hunk, old: i64, new: i64) -> Hunk {
    let add = |number: &mut u32, by: i64| {
        *number = u32::try_from(i64::from(*number) + by).unwrap_or(*number);
    };
    add(&mut hunk.old_start, old);
    add(&mut hunk.new_start, new);
    for DiffLine { old: old_line, new: new_line, .. } in &mut hunk.lines {
        for (line, by) in [(old_line, old), (new_line, new)] {
            if *line > 0 {
                add(line, by);
            }
        }
    }
    hunk
}

/// The hunks, each with its own edits. Where an edit of the source is of several hunks, the lines that differ are.
fn cuts<'g>(
    path: &str,
    before: &[u8],
    sides: &Sides<'_>,
    groups: &'g [Vec<DiffOp>],
    edits: &[ByteEdit],
) -> Vec<Cut<'g>> {
    let starts = starts(&sides.old);
    let bytes = |lines: &Range<usize>| starts.get(lines.start).copied()..starts.get(lines.end).copied();
    let mut cuts: Vec<Cut<'g>> = groups
        .iter()
        .zip(ids(path, sides, groups))
        .map(|(ops, id)| Cut { ops, id, old: extent(ops).0, edits: Vec::new() })
        .collect();
    let is_inside = |edit: &ByteEdit, cut: &Cut<'_>| {
        let own = bytes(&cut.old);
        own.start.is_some_and(|start| start <= edit.start) && own.end.is_some_and(|end| edit.end <= end)
    };
    for edit in edits.iter().filter(|edit| edit.replaced(before) != edit.insert) {
        if let Some(cut) = cuts.iter_mut().find(|cut| is_inside(edit, cut)) {
            cut.edits.push(edit.clone());
            continue;
        }
        for cut in &mut cuts {
            cut.edits = of_ops(cut.ops, sides, &starts, before);
        }
        break;
    }
    cuts
}

/// Where lines start in their file, and where the last one ends.
fn starts(lines: &[&[u8]]) -> Vec<usize> {
    let mut at = 0;
    let mut starts = vec![0];
    starts.extend(lines.iter().map(|line| {
        at += line.len();
        at
    }));
    starts
}

fn of_ops(ops: &[DiffOp], sides: &Sides<'_>, starts: &[usize], before: &[u8]) -> Vec<ByteEdit> {
    let changes = ops.iter().filter(|op| !matches!(op, DiffOp::Equal { .. }));
    let edit = |op: &DiffOp| {
        let (old, new) = (op.old_range(), op.new_range());
        let range = *starts.get(old.start)?..*starts.get(old.end)?;
        Some(ByteEdit::new(range, sides.new.get(new)?.concat()).reduced(before))
    };
    changes.filter_map(edit).collect()
}

/// The hunk as a person changed it, with its edits; why that cannot be, in words.
fn edited(text: &str, sides: &Sides<'_>, cuts: &[Cut<'_>], number: usize) -> Result<(Hunk, Vec<ByteEdit>), String> {
    let cut = cuts.get(number).ok_or("it is gone")?;
    let typed = typed(text)?;
    let own = own_lines(cut, sides);
    let start = place(&typed, &own, cut, sides)?;
    let old = start..start + typed.iter().filter(|line| line.sign != Sign::Added).count();
    let mut new = sides.old.get(cut.old.start.min(old.start)..old.start).unwrap_or_default().concat();
    new.extend(written(&typed, &own, &old, sides)?);
    new.extend(sides.old.get(old.end..cut.old.end.max(old.end)).unwrap_or_default().concat());
    let region = cut.old.start.min(old.start)..cut.old.end.max(old.end);

    let old_lines = sides.old.get(region.clone()).unwrap_or_default().to_vec();
    let part = Sides { old: old_lines, new: lines(&new), above: region.start };
    let ops = compare(&part.old, &part.new);
    if ops.iter().all(|op| matches!(op, DiffOp::Equal { .. })) {
        return Err("it changes nothing; n leaves the hunk out".to_owned());
    }
    let part_before: Vec<u8> = part.old.concat();
    let offset = starts(&sides.old).get(region.start).copied().unwrap_or_default();
    let edits: Vec<ByteEdit> = of_ops(&ops, &part, &starts(&part.old), &part_before)
        .into_iter()
        .map(|edit| ByteEdit::new(edit.start + offset..edit.end + offset, edit.insert))
        .collect();
    let others = cuts.iter().enumerate().filter(|(other, _)| *other != number).flat_map(|(_, cut)| &cut.edits);
    if others.into_iter().any(|other| edits.iter().any(|edit| edit.meets(other))) {
        return Err("it reaches into another hunk of the fix".to_owned());
    }
    Ok((Hunk { id: cut.id, state: HunkState::Edited, ..hunk(&part, &ops) }, edits))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    Context,
    Removed,
    Added,
}

/// One line of a hunk as a person left it.
struct Typed<'t> {
    sign: Sign,
    text: &'t str,
    /// Whether the file ends with it, without a line end.
    is_open: bool,
}

fn typed(text: &str) -> Result<Vec<Typed<'_>>, String> {
    let mut typed: Vec<Typed<'_>> = Vec::new();
    let mut has_header = false;
    for line in text.trim_end_matches(['\n', '\r']).split('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let (sign, rest) = match line.split_at_checked(1) {
            Some((" ", rest)) => (Sign::Context, rest),
            Some(("-", rest)) => (Sign::Removed, rest),
            Some(("+", rest)) => (Sign::Added, rest),
            Some(("@", _)) if !has_header => {
                has_header = true;
                continue;
            }
            Some(("@", _)) => return Err("it has two hunks; write one".to_owned()),
            Some(("\\", _)) => {
                if let Some(last) = typed.last_mut() {
                    last.is_open = true;
                }
                continue;
            }
            // Editors take the blank from an empty line.
            None if line.is_empty() => (Sign::Context, ""),
            Some(_) | None => {
                return Err(format!("`{}` begins with none of blank, - and +", cut(line, SHOWN)));
            }
        };
        typed.push(Typed { sign, text: rest, is_open: false });
    }
    Ok(typed)
}

/// What the hunk has of its file, and what its source would write.
struct Own<'a> {
    old: Vec<&'a [u8]>,
    added: Vec<&'a [u8]>,
}

fn own_lines<'a>(cut: &Cut<'_>, sides: &Sides<'a>) -> Own<'a> {
    let changes = cut.ops.iter().filter(|op| !matches!(op, DiffOp::Equal { .. }));
    Own {
        old: sides.old.get(cut.old.clone()).unwrap_or_default().to_vec(),
        added: changes.flat_map(|op| sides.new.get(op.new_range()).unwrap_or_default()).copied().collect(),
    }
}

/// The line of the file at which the typed lines of it stand: those of the hunk, or next to them.
fn place(typed: &[Typed<'_>], own: &Own<'_>, cut: &Cut<'_>, sides: &Sides<'_>) -> Result<usize, String> {
    let old: Vec<&str> = typed.iter().filter(|line| line.sign != Sign::Added).map(|line| line.text).collect();
    // Editors cut blanks at the ends of lines. What is written are the lines of the file.
    let is_same = |line: &&[u8], text: &&str| shown(line).trim_end() == text.trim_end();
    let stands = |lines: &[&[u8]]| lines.len() == old.len() && lines.iter().zip(&old).all(|(a, b)| is_same(a, b));
    if stands(&own.old) {
        return Ok(cut.old.start);
    }
    if old.is_empty() {
        return Err("leave a line of the file in it, one that begins with a blank or -".to_owned());
    }
    let first = cut.old.start.saturating_sub(old.len());
    let fitting = |start: &usize| sides.old.get(*start..start + old.len()).is_some_and(stands);
    let places: Vec<usize> = (first..=cut.old.end).filter(fitting).collect();
    match places.as_slice() {
        [only] => Ok(*only),
        [] => {
            let known: Vec<String> =
                own.old.iter().map(|line| shown(line)).map(|line| line.trim_end().to_owned()).collect();
            let other = old.iter().find(|text| !known.iter().any(|line| line == text.trim_end()));
            Err(match other {
                Some(text) => format!(
                    "`{}` is not a line of the file there, and lines that begin with a blank or - have to be; begin \
                     it with +",
                    cut_line(text)
                ),
                None => "its lines that begin with a blank or - do not stand in the file in this order".to_owned(),
            })
        }
        [..] => Err("it fits in several places; leave more lines of the file in it".to_owned()),
    }
}

fn cut_line(text: &str) -> String {
    cut(text, SHOWN).into_owned()
}

/// The bytes that stand in the place of `old` then. Lines of the file, and lines that the source had, keep their bytes.
fn written(typed: &[Typed<'_>], own: &Own<'_>, old: &Range<usize>, sides: &Sides<'_>) -> Result<Vec<u8>, String> {
    let mut of_source = own.added.clone();
    let mut from_file = sides.old.get(old.clone()).unwrap_or_default().iter();
    let nearby = sides.old.get(old.start.saturating_sub(1)..).and_then(|lines| lines.first());
    let mut end = nearby.map_or("\n", |line| line_end(line));
    let mut lines: Vec<Vec<u8>> = Vec::new();
    for line in typed {
        let mut bytes = match line.sign {
            Sign::Removed => {
                end = from_file.next().map_or(end, |line| line_end(line));
                continue;
            }
            Sign::Context => {
                let line = from_file.next().copied().unwrap_or_default();
                end = line_end(line);
                lines.push(line.to_vec());
                continue;
            }
            Sign::Added => match of_source.iter().position(|own| shown(own) == line.text) {
                Some(at) => of_source.remove(at).to_vec(),
                None if line.text.contains('\u{fffd}') => {
                    return Err("it has characters that are not UTF-8; e opens the file itself".to_owned());
                }
                None => format!("{}{end}", line.text).into_bytes(),
            },
        };
        if line.is_open {
            let len = bytes.strip_suffix(b"\n").map_or(bytes.len(), <[u8]>::len);
            bytes.truncate(len);
            let len = bytes.strip_suffix(b"\r").map_or(bytes.len(), <[u8]>::len);
            bytes.truncate(len);
        } else if !bytes.ends_with(b"\n") {
            bytes.extend_from_slice(end.as_bytes());
        }
        lines.push(bytes);
    }
    // Only the last line of a file can be without a line end.
    let is_last = old.end >= sides.old.len();
    let count = lines.len();
    for (number, line) in lines.iter_mut().enumerate() {
        let ends_file = is_last && number + 1 == count;
        if !ends_file && !line.ends_with(b"\n") {
            line.extend_from_slice(end.as_bytes());
        }
    }
    Ok(lines.concat())
}

/// The line end of a line; of an open one, the usual one.
fn line_end(line: &[u8]) -> &'static str {
    if line.ends_with(b"\r\n") { "\r\n" } else { "\n" }
}

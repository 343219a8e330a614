//! Edits of lines that stand in the file with other white space at their ends.

use std::ops::Range;

use super::block::Blocks;
use super::edit::ByteEdit;
use super::lines::{BOM, Text, with_line_ends};

/// The edit with the indentation of the file as it is now, if its lines stand once, then and now, whatever white space
/// is at their ends. A person has to look at it: where indentation has a meaning it has another one.
pub(super) fn adjusted(
    base: &Blocks<'_>,
    now: &Blocks<'_>,
    edit: &ByteEdit,
    region: &Range<usize>,
) -> Option<ByteEdit> {
    let wanted: Vec<&[u8]> = region.clone().map(|line| base.text.line(line)).collect();
    if wanted.iter().all(|line| line.trim_ascii().is_empty()) || base.spaced_places(&wanted).len() != 1 {
        return None;
    }
    let [at] = *now.spaced_places(&wanted) else { return None };
    let last = region.end - 1;
    let (old, new) = (indentation(base.text.line(region.start)), indentation(now.text.line(at)));
    let start = shifted(base.text, now.text, edit.start, region.start, at)?;
    let ends_with_line = edit.end > edit.start && edit.end == base.text.start_of(region.end);
    let end = if ends_with_line {
        now.text.start_of(at + region.len())
    } else {
        shifted(base.text, now.text, edit.end, last, at + last - region.start)?
    };
    let is_in_margin = edit.start < base.text.start_of(region.start) + old.len();
    let insert = indented(&edit.insert, old, new, is_in_margin);
    Some(ByteEdit::new(start..end.max(start), with_line_ends(&insert, now.text.line_end_at(start))))
}

/// The place of an offset in a line whose margins differ.
fn shifted(base: &Text, now: &Text, offset: usize, line: usize, at: usize) -> Option<usize> {
    let mark = |text: &Text, line| if line == 0 && text.bytes.starts_with(BOM) { BOM.len() } else { 0 };
    let within = offset.checked_sub(base.start_of(line) + mark(base, line))?;
    let (old, new) = (base.line(line), now.line(at));
    let start = now.start_of(at) + mark(now, at);
    let margin = indentation(old).len();
    Some(match within.checked_sub(margin) {
        None => start,
        Some(_) if within >= old.trim_ascii_end().len() && within == old.len() => start + new.len(),
        Some(inside) => start + (indentation(new).len() + inside).min(new.len()),
    })
}

/// A text whose lines have another indentation, except for the first unless it brings its own.
fn indented(insert: &[u8], old: &[u8], new: &[u8], is_in_margin: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(insert.len());
    for (number, line) in insert.split_inclusive(|byte| *byte == b'\n').enumerate() {
        match line.strip_prefix(old) {
            Some(rest) if (number > 0 || is_in_margin) && !line.trim_ascii().is_empty() => {
                out.extend_from_slice(new);
                out.extend_from_slice(rest);
            }
            _ => out.extend_from_slice(line),
        }
    }
    out
}

fn indentation(line: &[u8]) -> &[u8] {
    let end = line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    line.get(..end).unwrap_or_default()
}

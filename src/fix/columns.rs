//! From the regions of a report to byte ranges of a file.
//!
//! SARIF 2.1.0 (3.30) counts columns from 1 with an exclusive end, in the unit that the run's `columnKind` names;
//! producers rarely name it and often count something else. Where the units disagree, the text that the scanner saw
//! decides, then what the tool is known to count, then what the run declares.

use std::ops::Range;

use crate::model::column::{Missed, UNITS, advance, is_boundary, known_unit};
use crate::model::detail::Region;
use crate::model::fix::{ColumnUnit, FileEdit, SeenText};

use super::lines::{BOM, Text, unix};

/// Why a region is no part of a text; `Display` goes after the name of the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoRange {
    #[error("the report names no region")]
    NoRegion,
    #[error("there is no line {0}")]
    Line(u32),
    #[error("line {line} has no column {column}")]
    Column { line: u32, column: u32 },
    #[error("column {column} of line {line} lies inside a character")]
    InsideCharacter { line: u32, column: u32 },
    #[error("the region of line {0} ends before it starts")]
    Backwards(u32),
    #[error("there is no offset {0}")]
    Offset(u64),
}

/// What columns count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Counting {
    pub(super) unit: ColumnUnit,
    /// Whether a byte order mark takes columns of the first line.
    pub(super) counts_bom: bool,
}

/// The ranges of the edits of one file, in their order.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    pub(super) ranges: Vec<Range<usize>>,
    pub(super) fit: Fit,
    /// Whether several units give different ranges and nothing decides between them.
    pub(super) is_ambiguous: bool,
}

/// How the text that the scanner saw stands in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// The report carries no text.
    Unseen,
    /// All of it stands where the report says.
    Stands,
    /// Something else stands at this line.
    Differs(u32),
}

fn stated_unit(edit: &FileEdit, family: &str) -> Option<ColumnUnit> {
    let declared = edit.edits.iter().find_map(|edit| edit.unit).filter(|unit| *unit != ColumnUnit::Unknown);
    known_unit(family).or(declared)
}

fn likeliest(edit: &FileEdit, family: &str) -> ColumnUnit {
    stated_unit(edit, family).unwrap_or(ColumnUnit::CodePoint)
}

fn counts_bom(family: &str) -> bool {
    family.starts_with("semgrep")
}

/// Reads all regions of the edits of one file. Where no unit gives a range, the error is that of the likeliest unit.
pub(super) fn read(text: &Text, edit: &FileEdit, family: &str) -> Result<Reading, NoRange> {
    let stated = stated_unit(edit, family);
    let likeliest = likeliest(edit, family);
    let counts_bom = counts_bom(family);
    let readings: Vec<(ColumnUnit, Result<Attempt, NoRange>)> =
        UNITS.into_iter().map(|unit| (unit, attempt(text, edit, Counting { unit, counts_bom }))).collect();
    let possible: Vec<(ColumnUnit, &Attempt)> =
        readings.iter().filter_map(|(unit, reading)| reading.as_ref().ok().map(|reading| (*unit, reading))).collect();
    let fitting: Vec<(ColumnUnit, &Attempt)> =
        possible.iter().copied().filter(|(_, reading)| !matches!(reading.fit, Fit::Differs(_))).collect();
    let confirmed: Vec<(ColumnUnit, &Attempt)> =
        fitting.iter().copied().filter(|(_, reading)| reading.is_confirmed).collect();
    let kept = [&confirmed, &fitting, &possible].into_iter().find(|kept| !kept.is_empty()).unwrap_or(&possible);

    let Some((unit, reading)) = kept.iter().find(|(unit, _)| *unit == likeliest).or(kept.first()) else {
        let of_likeliest = readings.iter().find(|(unit, _)| *unit == likeliest);
        let error = of_likeliest.and_then(|(_, reading)| reading.as_ref().err());
        return Err(error.cloned().unwrap_or(NoRange::NoRegion));
    };
    let agree = kept.iter().all(|(_, other)| other.ranges == reading.ranges);
    // A unit that is stated but impossible leaves no reason to trust another, unless the text confirms it.
    let is_trusted = stated == Some(*unit) || (agree && (stated.is_none() || reading.is_confirmed));
    Ok(Reading { ranges: reading.ranges.clone(), fit: reading.fit, is_ambiguous: !is_trusted })
}

/// The ranges of the places that the result names in the file, counted as its tool is known to count.
pub(super) fn flagged(text: &Text, edit: &FileEdit, family: &str) -> Result<Vec<Range<usize>>, NoRange> {
    let counting = Counting { unit: likeliest(edit, family), counts_bom: counts_bom(family) };
    let named = edit.flagged.iter().filter(|region| **region != Region::default());
    named.map(|region| range(text, region, counting)).collect()
}

/// The byte range of a region. Defaults as in SARIF: `startColumn` 1, `endLine` = `startLine`, `endColumn` behind the
/// last character. Byte offsets win over lines, lines over character offsets. The place behind the last line is
/// column 1 of the line after it.
pub(super) fn range(text: &Text, region: &Region, counting: Counting) -> Result<Range<usize>, NoRange> {
    if let Some((offset, length)) = region.byte_span {
        return byte_range(text, offset, length);
    }
    if region.line == 0 {
        let (offset, length) = region.char_span.ok_or(NoRange::NoRegion)?;
        return char_range(text, offset, length, counting);
    }
    let start = position(text, region.line, region.column.max(1), counting)?;
    let end_line = if region.end_line == 0 { region.line } else { region.end_line };
    let end = match region.end_column {
        0 => line_end(text, end_line)?,
        column => position(text, end_line, column, counting)?,
    };
    if start > end {
        return Err(NoRange::Backwards(region.line));
    }
    Ok(start..end)
}

/// Whether a text that the report carries stands at its region, or as whole lines from its first line on (several
/// scanners state columns beside a snippet of whole lines). Line ends may differ.
pub(super) fn stands(text: &Text, seen: &SeenText, counting: Counting) -> Option<How> {
    let wanted = unix(seen.text.as_bytes());
    if let Ok(range) = range(text, &seen.region, counting) {
        let found = unix(text.bytes.get(range).unwrap_or_default()).into_owned();
        if found.as_slice() == wanted.as_ref() || Some(found.as_slice()) == wanted.strip_suffix(b"\n") {
            return Some(How::Region);
        }
    }
    let first = usize::try_from(seen.region.line).ok()?.checked_sub(1)?;
    let wanted = Text::new(wanted.into_owned());
    let is_there = first + wanted.lines.len() <= text.lines.len();
    let same = (0..wanted.lines.len()).all(|index| wanted.line(index) == text.line(first + index));
    (is_there && same).then_some(How::Lines)
}

/// How a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    Region,
    Lines,
}

/// Texts of a report that say something: not blank.
pub(super) fn evidence(edit: &FileEdit) -> impl Iterator<Item = &SeenText> {
    edit.seen.iter().filter(|seen| !seen.text.trim().is_empty())
}

struct Attempt {
    ranges: Vec<Range<usize>>,
    fit: Fit,
    /// Whether a text stands exactly at its columns, counted so.
    is_confirmed: bool,
}

fn attempt(text: &Text, edit: &FileEdit, counting: Counting) -> Result<Attempt, NoRange> {
    let ranges = edit.edits.iter().map(|edit| range(text, &edit.region, counting)).collect::<Result<Vec<_>, _>>()?;
    let mut fit = Fit::Unseen;
    let mut is_confirmed = false;
    for seen in evidence(edit) {
        match stands(text, seen, counting) {
            Some(how) => is_confirmed |= how == How::Region,
            None => return Ok(Attempt { ranges, fit: Fit::Differs(seen.region.line), is_confirmed: false }),
        }
        fit = Fit::Stands;
    }
    Ok(Attempt { ranges, fit, is_confirmed })
}

fn byte_range(text: &Text, offset: u64, length: u64) -> Result<Range<usize>, NoRange> {
    let start = usize::try_from(offset).map_err(|_| NoRange::Offset(offset))?;
    let end = offset.checked_add(length).and_then(|end| usize::try_from(end).ok()).ok_or(NoRange::Offset(offset))?;
    let fits = end <= text.bytes.len() && is_boundary(&text.bytes, start) && is_boundary(&text.bytes, end);
    if fits { Ok(start..end) } else { Err(NoRange::Offset(offset)) }
}

/// Characters from the start of the file, line ends included, the byte order mark not.
fn char_range(text: &Text, offset: u64, length: u64, counting: Counting) -> Result<Range<usize>, NoRange> {
    let wanted_end = offset.checked_add(length).ok_or(NoRange::Offset(offset))?;
    let skipped = if text.bytes.starts_with(BOM) && !counting.counts_bom { BOM.len() } else { 0 };
    let content = text.bytes.get(skipped..).unwrap_or_default();
    let place = |units: u64| {
        let units = usize::try_from(units).map_err(|_| NoRange::Offset(units))?;
        advance(content, units, counting.unit).map(|at| at + skipped).map_err(|_| NoRange::Offset(offset))
    };
    Ok(place(offset)?..place(wanted_end)?)
}

fn position(text: &Text, line: u32, column: u32, counting: Counting) -> Result<usize, NoRange> {
    let index = line as usize - 1;
    let units = column as usize - 1;
    let Some(found) = text.lines.get(index) else {
        let is_end = index == text.lines.len() && units == 0;
        return if is_end { Ok(text.bytes.len()) } else { Err(NoRange::Line(line)) };
    };
    let has_mark = index == 0 && text.bytes.starts_with(BOM);
    let start = if has_mark && !counting.counts_bom { found.start + BOM.len() } else { found.start };
    let content = text.bytes.get(start..found.end).unwrap_or_default();
    match advance(content, units, counting.unit) {
        Ok(at) => Ok(start + at),
        Err(Missed::PastEnd) => Err(NoRange::Column { line, column }),
        Err(Missed::Inside) => Err(NoRange::InsideCharacter { line, column }),
    }
}

fn line_end(text: &Text, line: u32) -> Result<usize, NoRange> {
    let index = line as usize - 1;
    match text.lines.get(index) {
        Some(found) => Ok(found.end),
        None if index == text.lines.len() => Ok(text.bytes.len()),
        None => Err(NoRange::Line(line)),
    }
}

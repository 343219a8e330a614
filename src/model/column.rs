//! What columns count, and how to tell: code points, UTF-16 code units or bytes.
//!
//! SARIF 2.1.0 (3.14.17) lets a run say it with `columnKind`. Few runs do, and some say it wrongly, so the line itself
//! is asked where the answers differ.

use super::detail::Region;
use super::fix::ColumnUnit;

/// What the tools of a family are known to count, where they do not say it or say it wrongly. Measured with semgrep
/// 1.182, ruff 0.17, bandit 1.9 (the offsets of Python's syntax tree are bytes); `ESLint` counts `JavaScript` string
/// units, gitleaks counts Go bytes.
const FAMILIES: [(&str, ColumnUnit); 6] = [
    ("semgrep", ColumnUnit::Byte),
    ("bandit", ColumnUnit::Byte),
    ("gitleaks", ColumnUnit::Byte),
    ("ruff", ColumnUnit::CodePoint),
    ("eslint", ColumnUnit::Utf16),
    ("datadog", ColumnUnit::Utf16),
];

/// All that a column can count.
pub const UNITS: [ColumnUnit; 3] = [ColumnUnit::CodePoint, ColumnUnit::Utf16, ColumnUnit::Byte];

/// What the columns of a tool's family count. The first letters are enough: `semgrep`, `semgrep pro`.
pub fn known_unit(family: &str) -> Option<ColumnUnit> {
    FAMILIES.iter().find(|(name, _)| family.starts_with(name)).map(|(_, unit)| *unit)
}

/// Why there is no place so many units from the start of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missed {
    PastEnd,
    /// Inside a character.
    Inside,
}

/// Bytes that so many units take from the start of a text. What is not UTF-8 can only be counted in bytes.
pub fn advance(content: &[u8], units: usize, unit: ColumnUnit) -> Result<usize, Missed> {
    if content.get(..units).is_some_and(<[u8]>::is_ascii) && is_boundary(content, units) {
        return Ok(units);
    }
    if unit == ColumnUnit::Byte {
        return match units {
            units if units > content.len() => Err(Missed::PastEnd),
            units if is_boundary(content, units) => Ok(units),
            _ => Err(Missed::Inside),
        };
    }
    let (valid, is_whole) = match std::str::from_utf8(content) {
        Ok(valid) => (valid, true),
        Err(error) => {
            let head = content.get(..error.valid_up_to()).unwrap_or_default();
            (std::str::from_utf8(head).unwrap_or_default(), false)
        }
    };
    let mut left = units;
    for (at, character) in valid.char_indices() {
        if left == 0 {
            return Ok(at);
        }
        let width = if unit == ColumnUnit::Utf16 { character.len_utf16() } else { 1 };
        left = left.checked_sub(width).ok_or(Missed::Inside)?;
    }
    if left == 0 && is_whole { Ok(valid.len()) } else { Err(Missed::PastEnd) }
}

/// Whether a UTF-8 character starts (or the text ends) at this offset.
pub fn is_boundary(bytes: &[u8], offset: usize) -> bool {
    offset == 0 || bytes.get(offset).is_none_or(|byte| byte & 0xc0 != 0x80)
}

/// A 1-based column of a line in code points; past the end it keeps its distance from it, and inside a character it
/// is that character's. 0 stays "not stated".
pub fn in_points(line: &str, column: u32, unit: ColumnUnit) -> u32 {
    if column < 2 || line.is_ascii() {
        return column;
    }
    let (mut units, mut points) = (1_u32, 1_u32);
    for c in line.chars() {
        let width = match unit {
            ColumnUnit::Utf16 => c.len_utf16(),
            ColumnUnit::Byte => c.len_utf8(),
            ColumnUnit::CodePoint | ColumnUnit::Unknown => 1,
        };
        let next = units.saturating_add(u32::try_from(width).unwrap_or(1));
        if next > column {
            return points;
        }
        (units, points) = (next, points + 1);
    }
    points + column.saturating_sub(units)
}

/// First and last line of a region, without line ends.
#[derive(Clone, Copy, Debug)]
pub struct Lines<'a> {
    pub first: &'a str,
    pub last: &'a str,
}

/// The columns of a region in code points. `unit` is what they should count, `seen` the text of the region as the
/// report has it. Where the units differ, that text decides, then whether the region ends with the line and whether it
/// cuts words, then `unit`.
pub fn shown(lines: Lines<'_>, region: &Region, unit: ColumnUnit, seen: Option<&str>) -> Region {
    let likeliest = if unit == ColumnUnit::Unknown { ColumnUnit::CodePoint } else { unit };
    let best = if lines.first.is_ascii() && lines.last.is_ascii() {
        likeliest
    } else {
        // The last of equal ones wins, so the likeliest comes last.
        let others = UNITS.into_iter().filter(|unit| *unit != likeliest).chain([likeliest]);
        others.max_by_key(|unit| weight(lines, region, *unit, seen)).unwrap_or(likeliest)
    };
    Region {
        column: in_points(lines.first, region.column, best),
        end_column: in_points(lines.last, region.end_column, best),
        ..*region
    }
}

/// How much speaks for a unit.
fn weight(lines: Lines<'_>, region: &Region, unit: ColumnUnit, seen: Option<&str>) -> i32 {
    let at = |line: &str, column: u32| advance(line.as_bytes(), column.max(1) as usize - 1, unit);
    let start = at(lines.first, region.column);
    let end = if region.end_column > 0 { at(lines.last, region.end_column) } else { Ok(lines.last.len()) };
    let (Ok(start), Ok(end)) = (start, end) else { return -8 };
    let is_one_line = region.end_line <= region.line;
    let text = if is_one_line { lines.first.get(start..end) } else { lines.first.get(start..) };
    let is_seen = seen.zip(text).is_some_and(|(seen, text)| {
        let seen = seen.lines().next().unwrap_or_default();
        !text.trim().is_empty() && seen.trim_end() == text.trim_end()
    });
    let is_trimmed = text.is_none_or(|text| !text.is_empty() && text.trim() == text);
    let ends_line = region.end_column > 0 && end == lines.last.len();
    let weigh = |holds: bool, weight: i32| if holds { weight } else { 0 };
    weigh(is_seen, 8)
        + weigh(ends_line, 2)
        + weigh(is_trimmed, 1)
        + weigh(!cuts_word(lines.first, start), 1)
        + weigh(!cuts_word(lines.last, end), 1)
}

fn cuts_word(line: &str, at: usize) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let before = line.get(..at).and_then(|head| head.chars().next_back());
    let after = line.get(at..).and_then(|tail| tail.chars().next());
    before.is_some_and(is_word) && after.is_some_and(is_word)
}

/// The lines and code point columns of a region that counts bytes or characters from the start of the file. `None` if
/// it does not, or if the file ends before it. Bytes count more than characters.
pub fn resolve(text: &str, region: &Region, unit: ColumnUnit) -> Option<Region> {
    let of_chars = |units: u64| advance(text.as_bytes(), usize::try_from(units).ok()?, unit).ok();
    let (start, end) = match (region.byte_span, region.char_span) {
        (Some((offset, length)), _) => {
            (usize::try_from(offset).ok()?, usize::try_from(offset.checked_add(length)?).ok()?)
        }
        (None, Some((offset, length))) => (of_chars(offset)?, of_chars(offset.checked_add(length)?)?),
        (None, None) => return None,
    };
    let ((line, column), (end_line, end_column)) = (place(text, start)?, place(text, end)?);
    Some(Region { line, column, end_line, end_column, ..*region })
}

/// The 1-based line and code point column of an offset. Lines end at `\n`, `\r\n` or a lone `\r` (3.30.2).
fn place(text: &str, offset: usize) -> Option<(u32, u32)> {
    let head = text.get(..offset)?;
    let bytes = head.as_bytes();
    let is_end = |at: usize| bytes[at] == b'\n' || text.as_bytes().get(at + 1) != Some(&b'\n');
    let ends = memchr::memchr2_iter(b'\n', b'\r', bytes).filter(|at| is_end(*at));
    let (count, start) = ends.fold((0_usize, 0), |(count, _), at| (count + 1, at + 1));
    let column = head.get(start..)?.chars().count();
    Some((u32::try_from(count + 1).ok()?, u32::try_from(column + 1).ok()?))
}

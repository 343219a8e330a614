//! lcov's tracefile (`man geninfo`, "FILES"): one record of `KEY:value` lines for each file. Functions have their last
//! line in newer versions, and one leader with several names from 2.2 on.

use std::collections::{BTreeSet, HashMap};

use crate::ingest::evidence::draft::Draft;
use crate::ingest::native::original::Original;
use crate::ingest::notes::Oddity;
use crate::ingest::repair::Flaw;

use super::measured::{Files, Function, Line};
use super::ran;

pub(in crate::ingest::evidence) fn is_text(head: &str) -> bool {
    let mut lines = head.trim_start_matches('\u{feff}').lines().map(str::trim);
    let first = lines.find(|line| {
        !line.is_empty() && !line.starts_with("TN:") && !line.starts_with("VER:") && !line.starts_with('#')
    });
    first.is_some_and(|line| line.starts_with("SF:"))
}

/// The functions of a record, by name or by the number of their leader.
#[derive(Default)]
struct Record<'t> {
    file: Option<&'t str>,
    ranges: Vec<(&'t str, u32, u32)>,
    counts: HashMap<&'t str, bool>,
}

pub(in crate::ingest::evidence) fn read(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    let text = String::from_utf8_lossy(original.text());
    let mut files = Files::default();
    let mut record = Record::default();
    let mut said = BTreeSet::new();
    // A last line without its end may have lost digits.
    let whole = match text.rsplit_once('\n') {
        Some((whole, last)) if !matches!(last.trim(), "" | "end_of_record") => whole,
        _ => &text,
    };
    for (number, line) in (1..).zip(whole.lines()) {
        let line = line.trim();
        if line == "end_of_record" {
            end(&mut files, std::mem::take(&mut record));
            continue;
        }
        let Some((key, value)) = line.split_once(':') else { continue };
        let is_read = match (key, record.file) {
            ("TN", _) => {
                said.extend(ran::of_name(value));
                true
            }
            ("SF", _) => {
                end(&mut files, std::mem::take(&mut record));
                record.file = Some(value);
                true
            }
            ("DA", Some(file)) => line_of(value, number).map(|line| files.of(file).lines.push(line)).is_some(),
            ("FN" | "FNL", Some(_)) => range(key, value).map(|range| record.ranges.push(range)).is_some(),
            ("FNDA" | "FNA", Some(_)) => count(key, value).map(|(name, ran)| record.count(name, ran)).is_some(),
            _ => true,
        };
        if !is_read {
            draft.odd(format!("line {number}"), Oddity::costly("a line of coverage that cannot be read", line));
        }
    }
    if record.file.is_some() {
        original.flaws.insert(Flaw::Cut);
        end(&mut files, record);
    }
    ran::set(draft, &said);
    files.state(draft, &[], |line| format!("line {}", line.at));
}

impl<'t> Record<'t> {
    fn count(&mut self, name: &'t str, ran: bool) {
        *self.counts.entry(name).or_default() |= ran;
    }
}

/// Takes over the functions of a record.
fn end(files: &mut Files, record: Record<'_>) {
    let Some(file) = record.file else { return };
    let functions = record.ranges.into_iter().map(|(name, first, last)| {
        let ran = record.counts.get(name).copied();
        Function { first, last, ran }
    });
    files.of(file).functions.extend(functions.filter(|function| function.ran.is_some()));
}

/// `DA:12,3` or `DA:12,3,checksum`.
fn line_of(value: &str, at: u32) -> Option<Line> {
    let mut parts = value.split(',');
    let line = parts.next()?.trim().parse().ok()?;
    Some(Line::one(line, is_positive(parts.next()?)?, at))
}

/// `FN:3,name`, `FN:3,7,name`, `FNL:0,3,7`. A name may hold commas.
fn range<'t>(key: &str, value: &'t str) -> Option<(&'t str, u32, u32)> {
    let (first, rest) = value.split_once(',')?;
    if key == "FNL" {
        let (start, end) = rest.split_once(',').unwrap_or((rest, rest));
        return Some((first, start.trim().parse().ok()?, end.trim().parse().ok()?));
    }
    let start = first.trim().parse().ok()?;
    let end = rest.split_once(',').and_then(|(end, name)| Some((end.trim().parse::<u32>().ok()?, name)));
    let (end, name) = end.unwrap_or((start, rest));
    Some((name, start, end.max(start)))
}

/// `FNDA:5,name`, `FNA:0,5,name`.
fn count<'t>(key: &str, value: &'t str) -> Option<(&'t str, bool)> {
    let (first, rest) = value.split_once(',')?;
    if key == "FNA" {
        return Some((first, is_positive(rest.split(',').next()?)?));
    }
    Some((rest, is_positive(first)?))
}

/// Counts may be larger than any number, or written as `1e+09`.
fn is_positive(count: &str) -> Option<bool> {
    count.trim().parse::<f64>().ok().filter(|count| !count.is_nan()).map(|count| count > 0.0)
}

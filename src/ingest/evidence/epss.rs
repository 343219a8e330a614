//! The daily scores of EPSS (<https://www.first.org/epss/data_stats>): a comment with the model and the day, a line of
//! names, and one line for each CVE.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::ingest::native::original::Original;
use crate::ingest::notes::Oddity;
use crate::model::evidence::Fact;

use super::draft::Draft;

pub(super) fn is_csv(head: &str) -> bool {
    let mut lines = head.trim_start_matches('\u{feff}').lines().filter(|line| !line.starts_with('#'));
    let names = lines.next().unwrap_or_default().to_ascii_lowercase();
    names.starts_with("cve,") && names.contains("epss")
}

pub(super) fn read(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    let text = original.text();
    draft.document.tool = "EPSS".into();
    comment(text, draft);
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).flexible(true).from_reader(text);
    let names = reader.byte_headers().cloned().unwrap_or_default();
    let place = |name: &[u8]| names.iter().position(|known| known.trim_ascii().eq_ignore_ascii_case(name));
    let (cve, epss, percentile) = (place(b"cve"), place(b"epss"), place(b"percentile"));
    let mut row = csv::ByteRecord::new();
    let mut count = 0;
    while reader.read_byte_record(&mut row).unwrap_or(false) {
        let line = row.position().map_or(0, csv::Position::line);
        let number = |place: Option<usize>| -> Option<f32> {
            std::str::from_utf8(row.get(place?)?).ok()?.trim().parse().ok().filter(|share| (0.0..=1.0).contains(share))
        };
        let id = cve.and_then(|place| std::str::from_utf8(row.get(place)?).ok()).map(str::trim);
        // A last line that is cut off may have lost digits.
        let is_whole = row.len() >= names.len();
        let (Some(id), Some(probability), true) = (id.filter(|id| !id.is_empty()), number(epss), is_whole) else {
            draft.odd(format!("line {line}"), Oddity::costly("a line without an id and a probability", ""));
            continue;
        };
        let percentile = number(percentile).unwrap_or_default();
        draft.know(format!("line {line}"), id, Fact::Epss { probability, percentile });
        count += 1;
    }
    if count == 0 {
        draft.odd("", Oddity::costly("there is no score", "nothing is known about how likely flaws are exploited"));
    }
}

/// `#model_version:v2025.03.14,score_date:2026-08-18T00:00:00+0000`.
fn comment(text: &[u8], draft: &mut Draft<'_>) {
    let Some(line) = text.strip_prefix(b"#").and_then(|text| text.split(|byte| *byte == b'\n').next()) else { return };
    let line = String::from_utf8_lossy(line);
    for part in line.trim().split(',') {
        match part.split_once(':') {
            Some(("model_version", version)) => draft.document.version = Some(version.into()),
            Some(("score_date", date)) => {
                draft.document.made = day(date);
                draft.document.states_time = draft.document.made.is_some();
            }
            _ => {}
        }
    }
}

/// The start of a day; older files write the day alone, newer ones an offset without a colon.
fn day(text: &str) -> Option<Timestamp> {
    let date: Date = text.get(..10)?.parse().ok()?;
    date.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

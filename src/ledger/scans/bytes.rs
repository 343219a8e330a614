//! The journal as bytes: records one behind the other, or all that they say in one.

use crate::model::backlog::{Arena, NONE};
use crate::model::sightings::Scanned;

use crate::ledger::cache::{Bytes, Writer};

use super::state::{GONE, Kind, Record, Scan, Seen, Series, State};

/// What the first byte of a frame says of it.
const WHOLE_STATE: u64 = 0;
const KINDS: &[Kind] = &[Kind::Whole, Kind::Part, Kind::Early];

/// Seconds for which what is gone is remembered, and series that nobody loads.
const YEAR: u32 = 365 * 86_400;
/// The most series.
pub(super) const MAX_SERIES: usize = 1_000;

/// Takes in one frame; `None` where it cannot be read.
pub(super) fn take_in(state: &mut State, frame: &[u8]) -> Option<()> {
    let mut bytes = Bytes::of(frame);
    match bytes.number()? {
        WHOLE_STATE => *state = state_of(&mut bytes)?,
        kind => {
            let kind = *KINDS.get(usize::try_from(kind).ok()?.checked_sub(1)?)?;
            let record = record_of(&mut bytes, kind)?;
            if !state.apply(record) {
                return None;
            }
        }
    }
    Some(())
}

pub(super) fn record(record: &Record) -> Vec<u8> {
    let mut out = Writer::default();
    let kind = KINDS.iter().position(|kind| *kind == record.kind).unwrap_or(0);
    out.number(kind as u64 + 1);
    out.number(u64::from(record.series));
    for text in [&record.key, &record.tool, &record.report] {
        out.text(text);
    }
    out.number(u64::from(record.is_own));
    out.number(u64::from(record.noted));
    put_scan(&mut out, &record.scan);
    put_rules(&mut out, &record.rules);
    out.number(record.paths.ends.len() as u64);
    for path in record.paths.iter() {
        out.text(path);
    }
    put_seen(&mut out, &record.came);
    for ids in [&record.here, &record.gone, &record.early] {
        out.number(ids.len() as u64);
        for id in ids {
            out.word(*id);
        }
    }
    out.bytes
}

fn record_of(bytes: &mut Bytes<'_>, kind: Kind) -> Option<Record> {
    Some(Record {
        kind,
        series: bytes.number()?.try_into().ok()?,
        key: bytes.text()?.to_owned(),
        tool: bytes.text()?.to_owned(),
        report: bytes.text()?.to_owned(),
        is_own: bytes.number()? != 0,
        noted: small(bytes)?,
        scan: scan_of(bytes)?,
        rules: rules_of(bytes)?,
        paths: paths_of(bytes)?,
        came: seen_of(bytes)?,
        here: ids_of(bytes)?,
        gone: ids_of(bytes)?,
        early: ids_of(bytes)?,
    })
}

/// All that is known, without what nobody will ask for any more at this moment.
pub(super) fn whole(state: &State, now: u32) -> Vec<u8> {
    let is_old = |at: u32| at < now.saturating_sub(YEAR);
    let mut newest: Vec<(u32, usize)> = state.series.iter().map(|series| series.noted).zip(0..).collect();
    newest.sort_unstable_by(|a, b| b.cmp(a));
    let mut series_numbers = vec![None; state.series.len()];
    let mut kept: Vec<usize> =
        newest.into_iter().filter(|(noted, _)| !is_old(*noted)).take(MAX_SERIES).map(|(_, number)| number).collect();
    kept.sort_unstable();
    for (number, old) in (0..).zip(&kept) {
        series_numbers[*old] = Some(number);
    }
    let mut seen: Vec<Seen> = state
        .seen
        .iter()
        .filter(|seen| seen.marks & GONE == 0 || !is_old(seen.changed))
        .filter_map(|seen| Some(Seen { series: (*series_numbers.get(usize::from(seen.series))?)?, ..*seen }))
        .collect();
    seen.sort_unstable_by_key(|seen| seen.id);
    let rules = renumber(&mut seen, state.rules.len(), |seen| &mut seen.rule);
    let paths = renumber(&mut seen, state.paths.ends.len(), |seen| &mut seen.path);
    let mut out = Writer::default();
    out.number(WHOLE_STATE);
    out.number(kept.len() as u64);
    kept.iter().filter_map(|number| state.series.get(*number)).for_each(|series| put_series(&mut out, series));
    let rules: Vec<_> = rules.iter().filter_map(|rule| state.rules.get(*rule as usize)).cloned().collect();
    put_rules(&mut out, &rules);
    out.number(paths.len() as u64);
    for path in paths {
        out.text(state.paths.get(path));
    }
    out.number(state.scans.len() as u64);
    for Scanned { at, inflow, outflow, present } in &state.scans {
        for number in [at, inflow, outflow, present] {
            out.number(u64::from(*number));
        }
    }
    put_seen(&mut out, &seen);
    out.bytes
}

fn state_of(bytes: &mut Bytes<'_>) -> Option<State> {
    let series: Vec<Series> = (0..bytes.count()?).map(|_| series_of(bytes)).collect::<Option<_>>()?;
    let rules = rules_of(bytes)?;
    let paths = paths_of(bytes)?;
    let scan = |bytes: &mut Bytes<'_>| {
        Some(Scanned { at: small(bytes)?, inflow: small(bytes)?, outflow: small(bytes)?, present: small(bytes)? })
    };
    let scans = (0..bytes.count()?).map(|_| scan(bytes)).collect::<Option<_>>()?;
    let seen = seen_of(bytes)?;
    let fits = |seen: &Seen| {
        usize::from(seen.series) < series.len()
            && (seen.rule as usize) < rules.len()
            && (seen.path == NONE || (seen.path as usize) < paths.ends.len())
    };
    let is_good = seen.is_sorted_by(|a, b| a.id < b.id) && seen.iter().all(fits);
    is_good.then(|| State::new(seen, rules, paths, series, scans))
}

/// Gives the numbers that are in use new ones, from 0 on; returns the old number of each.
fn renumber(seen: &mut [Seen], count: usize, field: impl Fn(&mut Seen) -> &mut u32) -> Vec<u32> {
    let (mut numbers, mut used) = (vec![NONE; count], Vec::new());
    for seen in seen {
        let number = field(seen);
        let Some(new) = numbers.get_mut(*number as usize) else { continue };
        if *new == NONE {
            *new = u32::try_from(used.len()).unwrap_or(NONE);
            used.push(*number);
        }
        *number = *new;
    }
    used
}

fn put_series(out: &mut Writer, series: &Series) {
    for text in [&series.key, &series.tool, &series.report] {
        out.text(text);
    }
    for number in [u32::from(series.is_own), series.scans, series.noted, series.before.map_or(0, |at| at + 1)] {
        out.number(u64::from(number));
    }
    out.number(u64::from(series.last.is_some()));
    series.last.iter().for_each(|scan| put_scan(out, scan));
}

fn series_of(bytes: &mut Bytes<'_>) -> Option<Series> {
    Some(Series {
        key: bytes.text()?.to_owned(),
        tool: bytes.text()?.to_owned(),
        report: bytes.text()?.to_owned(),
        is_own: bytes.number()? != 0,
        scans: small(bytes)?,
        noted: small(bytes)?,
        before: small(bytes)?.checked_sub(1),
        last: if bytes.number()? == 0 { None } else { Some(scan_of(bytes)?) },
    })
}

fn put_scan(out: &mut Writer, scan: &Scan) {
    for number in [scan.at, scan.runs, u32::from(scan.is_whole)] {
        out.number(u64::from(number));
    }
    out.number(scan.rules.as_ref().map_or(0, |rules| rules.len() as u64 + 1));
    scan.rules.iter().flatten().for_each(|rule| out.word(*rule));
    out.word(scan.content);
    out.text(&scan.commit);
}

fn scan_of(bytes: &mut Bytes<'_>) -> Option<Scan> {
    let (at, runs, is_whole) = (small(bytes)?, small(bytes)?, bytes.number()? != 0);
    let rules = match bytes.number()?.checked_sub(1) {
        None => None,
        Some(count) => Some((0..count).map(|_| bytes.word()).collect::<Option<_>>()?),
    };
    Some(Scan { at, runs, is_whole, rules, content: bytes.word()?, commit: bytes.text()?.to_owned() })
}

fn put_rules(out: &mut Writer, rules: &[(String, String)]) {
    out.number(rules.len() as u64);
    for (tool, rule) in rules {
        out.text(tool);
        out.text(rule);
    }
}

fn rules_of(bytes: &mut Bytes<'_>) -> Option<Vec<(String, String)>> {
    (0..bytes.count()?).map(|_| Some((bytes.text()?.to_owned(), bytes.text()?.to_owned()))).collect()
}

fn paths_of(bytes: &mut Bytes<'_>) -> Option<Arena> {
    let mut paths = Arena::default();
    for _ in 0..bytes.count()? {
        paths.push(bytes.text()?);
    }
    Some(paths)
}

/// Moments first, each once: most results share few of them.
fn put_seen(out: &mut Writer, all: &[Seen]) {
    let mut moments: Vec<u32> = all.iter().flat_map(|seen| [seen.first, seen.changed]).collect();
    moments.sort_unstable();
    moments.dedup();
    out.number(moments.len() as u64);
    for at in &moments {
        out.number(u64::from(*at));
    }
    let number = |at: u32| moments.partition_point(|other| *other < at) as u64;
    out.number(all.len() as u64);
    for seen in all {
        out.word(seen.id);
        out.number(number(seen.first));
        out.number(number(seen.changed));
        out.number(u64::from(seen.rule));
        // No path is the largest number there is: one more, it is the smallest.
        out.number(u64::from(seen.path.wrapping_add(1)));
        for number in [seen.line, u32::from(seen.series), u32::from(seen.marks)] {
            out.number(u64::from(number));
        }
    }
}

fn seen_of(bytes: &mut Bytes<'_>) -> Option<Vec<Seen>> {
    let moments: Vec<u32> = (0..bytes.count()?).map(|_| small(bytes)).collect::<Option<_>>()?;
    let count = bytes.count()?;
    let mut seen = Vec::with_capacity(count);
    let moment = |bytes: &mut Bytes<'_>| moments.get(usize::try_from(bytes.number()?).ok()?).copied();
    for _ in 0..count {
        seen.push(Seen {
            id: bytes.word()?,
            first: moment(bytes)?,
            changed: moment(bytes)?,
            rule: small(bytes)?,
            path: small(bytes)?.wrapping_sub(1),
            line: small(bytes)?,
            series: bytes.number()?.try_into().ok()?,
            marks: bytes.number()?.try_into().ok()?,
        });
    }
    Some(seen)
}

fn ids_of(bytes: &mut Bytes<'_>) -> Option<Vec<u64>> {
    (0..bytes.count()?).map(|_| bytes.word()).collect()
}

fn small(bytes: &mut Bytes<'_>) -> Option<u32> {
    bytes.number()?.try_into().ok()
}

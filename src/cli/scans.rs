//! What `quell status` says of time: what is new, came back, is gone or late since the scan before.

use std::collections::HashSet;
use std::io;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use crate::model::backlog::FindingIdx;
use crate::model::board::Board;
use crate::model::decision::Op;
use crate::model::id::FindingId;
use crate::model::sightings::{Fate, Gone, Series, Tide};
use crate::model::text::visible;

use super::out::{Ink, Out};

/// Results that are named one by one for people, and in JSON.
const MAX_NAMED: usize = 10;
const MAX_LISTED: usize = 1_000;
/// Weeks that are shown for people, and in JSON.
const WEEKS: usize = 6;
const MAX_WEEKS: usize = 104;

/// `scans` of `status --format json`. Findings but for `gone`, `weeks` and `series`, which count results.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Scans<'b> {
    /// The scan that new and gone are compared with; null where there was none before.
    since: Option<Timestamp>,
    new: Open,
    came_back: Open,
    overdue: usize,
    fixed: usize,
    not_scanned: usize,
    /// The first thousand of these.
    gone: Vec<GoneJson<'b>>,
    weeks: Vec<Week>,
    series: Vec<SeriesJson<'b>>,
    /// Why the journal cannot be read or written.
    #[serde(skip)]
    problem: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, Serialize)]
struct Open {
    open: usize,
    all: usize,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct GoneJson<'b> {
    id: String,
    fate: &'static str,
    since: Timestamp,
    tool: &'b str,
    rule: &'b str,
    path: Option<&'b str>,
    line: Option<u32>,
    report: &'b str,
    /// Whether Quell wrote a fix for it.
    fix_applied: bool,
}

#[derive(Debug, Serialize)]
struct Week {
    /// Its last day.
    date: Date,
    inflow: u32,
    outflow: u32,
    present: u32,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SeriesJson<'b> {
    tool: &'b str,
    report: &'b str,
    last: Timestamp,
    scans: u32,
    commit: Option<&'b str>,
    complete: bool,
    /// Whether its report is not there any more.
    missing: bool,
}

pub(super) fn of(board: &Board) -> Scans<'_> {
    let sightings = &board.sightings;
    let (mut new, mut came_back, mut overdue) = (Open::default(), Open::default(), 0);
    for finding in (0..).take(board.backlog.findings.len()) {
        count(&mut new, board, finding, board.is_new(finding));
        count(&mut came_back, board, finding, board.came_back(finding));
        overdue += usize::from(board.is_overdue(finding));
    }
    let weeks = sightings.tides(7, board.today);
    Scans {
        since: sightings.since,
        new,
        came_back,
        overdue,
        fixed: sightings.count_gone(Fate::Fixed),
        not_scanned: sightings.count_gone(Fate::NotScanned),
        gone: gone(board),
        weeks: weeks.iter().skip(weeks.len().saturating_sub(MAX_WEEKS)).map(week).collect(),
        series: sightings.series.iter().map(series).collect(),
        problem: sightings.problem.as_ref().map(ToString::to_string),
    }
}

fn count(open: &mut Open, board: &Board, finding: FindingIdx, is_it: bool) {
    if is_it {
        open.all += 1;
        open.open += usize::from(board.is_open(finding));
    }
}

fn gone(board: &Board) -> Vec<GoneJson<'_>> {
    let gone = &board.sightings.gone;
    if gone.is_empty() {
        return Vec::new();
    }
    let applied = board.events.iter().filter(|event| event.op == Op::FixApplied.name());
    let applied: HashSet<FindingId> = applied.flat_map(|event| &event.members).map(|member| member.id).collect();
    gone.iter().take(MAX_LISTED).map(|gone| gone_json(gone, &applied)).collect()
}

fn gone_json<'b>(gone: &'b Gone, applied: &HashSet<FindingId>) -> GoneJson<'b> {
    GoneJson {
        fix_applied: applied.contains(&gone.id),
        id: gone.id.to_string(),
        fate: gone.fate.name(),
        since: gone.since,
        tool: &gone.tool,
        rule: &gone.rule,
        path: Some(&*gone.path).filter(|path| !path.is_empty()),
        line: Some(gone.line).filter(|line| *line > 0),
        report: &gone.report,
    }
}

fn week(tide: &Tide) -> Week {
    let Tide { date, inflow, outflow, present } = *tide;
    Week { date, inflow, outflow, present }
}

fn series(series: &Series) -> SeriesJson<'_> {
    SeriesJson {
        tool: &series.tool,
        report: &series.report,
        last: series.last,
        scans: series.scans,
        commit: series.commit.as_deref(),
        complete: series.is_whole,
        missing: series.is_missing,
    }
}

impl Scans<'_> {
    pub(super) fn print(&self, out: &mut Out<'_>) -> io::Result<()> {
        if let Some(problem) = &self.problem {
            out.line("")?;
            out.line(&visible(problem))?;
        }
        self.print_counts(out)?;
        self.print_gone(out)?;
        self.print_weeks(out)
    }

    fn print_counts(&self, out: &mut Out<'_>) -> io::Result<()> {
        let rows = [
            ("new", self.new.open, self.new.all),
            ("came back", self.came_back.open, self.came_back.all),
            ("overdue", self.overdue, self.overdue),
        ];
        let rows: Vec<_> = rows.into_iter().filter(|(.., all)| *all > 0).collect();
        if rows.is_empty() {
            return Ok(());
        }
        out.line("")?;
        let title = self.since.map_or_else(|| "time".to_owned(), |since| format!("since {}", date(since)));
        out.ink(Ink::Title, &format!("{title:<24}{:>9}{:>9}", "open", "all"))?;
        out.line("")?;
        for (name, open, all) in rows {
            out.line(&format!("{name:<24}{open:>9}{all:>9}"))?;
        }
        Ok(())
    }

    fn print_gone(&self, out: &mut Out<'_>) -> io::Result<()> {
        let count = self.fixed + self.not_scanned;
        if count == 0 {
            return Ok(());
        }
        let since = self.since.map_or_else(String::new, |since| format!(" since {}", date(since)));
        out.line("")?;
        out.ink(Ink::Title, &format!("{count} gone{since}"))?;
        out.line(&format!(": fixed {}, not scanned {}", self.fixed, self.not_scanned))?;
        for gone in self.gone.iter().take(MAX_NAMED) {
            let line = gone.line.map(|line| format!(":{line}")).unwrap_or_default();
            let by = if gone.fix_applied { "  a fix was applied" } else { "" };
            let place = gone.path.unwrap_or(gone.report);
            out.line(&visible(&format!(
                "{:<12}{}  {} {}  {place}{line}{by}",
                gone.fate.replace('-', " "),
                gone.id,
                gone.tool,
                gone.rule
            )))?;
        }
        if count > MAX_NAMED {
            out.line(&format!("and {} more", count - MAX_NAMED))?;
        }
        for series in self.series.iter().filter(|series| series.missing).take(MAX_NAMED) {
            let SeriesJson { tool, report, last, .. } = series;
            out.line(&visible(&format!("no report of {tool} any more: {report}, last scan {}", date(*last))))?;
        }
        Ok(())
    }

    fn print_weeks(&self, out: &mut Out<'_>) -> io::Result<()> {
        if self.weeks.iter().all(|week| week.inflow == 0 && week.outflow == 0) {
            return Ok(());
        }
        out.line("")?;
        out.ink(Ink::Title, &format!("{:<24}{:>9}{:>9}{:>9}", "results, week to", "came", "went", "there"))?;
        out.line("")?;
        for week in self.weeks.iter().skip(self.weeks.len().saturating_sub(WEEKS)) {
            let Week { date, inflow, outflow, present } = week;
            out.line(&format!("{:<24}{inflow:>9}{outflow:>9}{present:>9}", date.to_string()))?;
        }
        Ok(())
    }
}

fn date(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

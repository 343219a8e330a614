//! `quell list`: findings as a table or as data.

use std::io;

use crate::desk::export;
use crate::desk::finding::{self, Finding, Read};
use crate::exchange::sarif::{self, Source};
use crate::model::backlog::FindingIdx;
use crate::model::board::Board;
use crate::model::text::{cut, cut_start, visible, width};
use crate::query::{Lens, Rows, rows};

use super::args::{Common, LensArgs, ListFormat};
use super::exit::{Exit, Outcome};
use super::out::{Ink, Out};
use super::status::{incomplete, print_incomplete};
use super::work::{Work, parsed};

/// The widest that a rule or a place gets in the table of a terminal.
const MAX_CELL: usize = 48;
/// The fewest columns in which a message says something.
const MIN_MESSAGE: usize = 20;
/// Columns of id and severity with the blanks between.
const HEAD: usize = 19 + 2 + 8;

pub(super) fn run(
    common: &Common,
    lens: &LensArgs,
    format: ListFormat,
    inputs: Vec<String>,
    out: &mut Out<'_>,
    err: &mut Out<'_>,
) -> Outcome {
    let query = parsed(lens.query.as_deref().unwrap_or_default())?;
    let mut work = Work::load(common, inputs, lens.no_merge, err)?;
    let lens = Lens { query, open_only: false, sort: lens.sort.clone(), group: lens.group_by };
    if lens.reads_remedies() || matches!(format, ListFormat::Json | ListFormat::Jsonl) {
        work.look_for_remedies(None);
    }
    let rows = rows(&work.loaded.board, &lens);
    let (board, reader) = (&work.loaded.board, &work.loaded.reader);
    let mut list = List { work: &work, problem: None };
    match format {
        ListFormat::Table => list.table(&rows, out)?,
        ListFormat::Json => out.json_array(rows.findings.iter().map(|&finding| list.finding(finding)))?,
        ListFormat::Jsonl => list.lines(&rows, out)?,
        ListFormat::Csv => list.told(export::csv(board, reader, &rows, out.writer())?),
        ListFormat::Markdown => list.told(export::markdown(board, reader, &rows, out.writer())?),
        ListFormat::Sarif => sarif::write(Source { board, reader }, &rows.findings, out.writer())?,
    }
    let problem = list.problem.take();
    if matches!(format, ListFormat::Table) && rows.findings.is_empty() {
        err.line(&format!("no finding matches; {} were loaded", rows.total))?;
    }
    print_incomplete(&incomplete(&board.backlog), err)?;
    match problem {
        Some(problem) => {
            err.line(&problem)?;
            Ok(Exit::Unread)
        }
        None => Ok(work.exit()),
    }
}

/// A list that is being written. Findings are decoded one at a time, so that it costs no memory.
struct List<'w> {
    work: &'w Work,
    /// The first thing that could not be decoded: a report that changed while it was read.
    problem: Option<String>,
}

impl<'w> List<'w> {
    fn board(&self) -> &'w Board {
        &self.work.loaded.board
    }

    fn told(&mut self, problem: Option<String>) {
        self.problem = self.problem.take().or(problem);
    }

    fn read(&mut self, finding: FindingIdx) -> Read<'w> {
        let read = finding::read(self.board(), &self.work.loaded.reader, finding);
        if self.problem.is_none() {
            self.problem = read.problems.first().map(ToString::to_string);
        }
        read
    }

    fn finding(&mut self, finding: FindingIdx) -> Finding<'w> {
        let mut json = self.read(finding).json;
        json.explain(&self.work.desk.why(self.board(), finding));
        json
    }

    /// A finding for people: with its secrets covered.
    fn shown(&mut self, finding: FindingIdx) -> Finding<'w> {
        let Read { mut json, cover, .. } = self.read(finding);
        if cover.is_on() {
            json.message = cover.text(&json.message).into_owned();
        }
        json
    }

    fn lines(&mut self, rows: &Rows, out: &mut Out<'_>) -> io::Result<()> {
        for &finding in &rows.findings {
            out.json(&self.finding(finding))?;
            out.line("")?;
        }
        Ok(())
    }

    fn table(&mut self, rows: &Rows, out: &mut Out<'_>) -> io::Result<()> {
        let mut widths = Widths::of(self.board(), &rows.findings);
        if let Some(columns) = out.columns {
            widths.fit(columns);
        }
        if rows.groups.is_empty() {
            return self.table_part(&rows.findings, &widths, out);
        }
        for (number, group) in (0..).zip(rows.groups.iter()) {
            if number > 0 {
                out.line("")?;
            }
            out.ink(Ink::Title, &visible(&rows.label(self.board(), number)))?;
            let note = rows.note(self.board(), number).map(|note| format!("  {note}"));
            out.line(&format!("  {}{}", group.len, note.unwrap_or_default()))?;
            self.table_part(rows.of_group(number), &widths, out)?;
        }
        Ok(())
    }

    fn table_part(&mut self, findings: &[FindingIdx], widths: &Widths, out: &mut Out<'_>) -> io::Result<()> {
        for &finding in findings {
            let severity = self.board().backlog.finding(finding).severity;
            let json = self.shown(finding);
            out.text(&format!("{}  ", json.id))?;
            out.ink(Ink::Severity(severity), &format!("{:<8}", json.severity))?;
            let place = place(&json);
            let cells = [(json.status, widths.status), (json.rule, widths.rule), (place.as_str(), widths.place)];
            let mut line = String::new();
            for (text, columns) in cells {
                line.push_str("  ");
                line.push_str(&padded(text, columns, out.columns.is_some()));
            }
            let room = out.columns.map(|columns| columns.saturating_sub(HEAD + width(&line) + 2));
            if room.is_none_or(|room| room >= MIN_MESSAGE) {
                line.push_str("  ");
                line.push_str(&cut(&visible(&json.message), room.unwrap_or(usize::MAX)));
            }
            out.line(line.trim_end())?;
        }
        Ok(())
    }
}

/// `src/run.py:12`, without what is not stated.
fn place(json: &Finding<'_>) -> String {
    match (json.path, json.line) {
        (Some(path), Some(line)) => format!("{path}:{line}"),
        (Some(path), None) => path.to_owned(),
        (None, _) => String::from("-"),
    }
}

/// Columns of the table's middle cells.
struct Widths {
    status: usize,
    rule: usize,
    place: usize,
}

impl Widths {
    /// Wide enough for all rows, up to a bound.
    fn of(board: &Board, findings: &[FindingIdx]) -> Self {
        let backlog = &board.backlog;
        let widest = |cell: &dyn Fn(FindingIdx) -> usize| {
            findings.iter().map(|&finding| cell(finding)).max().unwrap_or_default().min(MAX_CELL)
        };
        Self {
            status: widest(&|finding| board.status(finding).name().len()),
            rule: widest(&|finding| {
                let rule = backlog.rules.get(backlog.lead(finding).rule as usize);
                rule.map_or(0, |rule| width(&visible(&rule.id)))
            }),
            place: widest(&|finding| {
                let lead = backlog.lead(finding);
                let digits = lead.line.checked_ilog10().map_or(0, |digits| digits as usize + 2);
                width(&visible(backlog.path(lead))) + digits
            }),
        }
    }

    /// Narrowed so that rule and place fit a line, and a message where there is room for some words of it.
    fn fit(&mut self, columns: usize) {
        let room = columns.saturating_sub(HEAD + 2 + self.status + 2 + 2);
        let names = if room >= 3 * MIN_MESSAGE { room * 2 / 3 } else { room };
        self.place = self.place.min(names.saturating_sub(self.rule).max(names * 3 / 5));
        self.rule = self.rule.min(names.saturating_sub(self.place));
    }
}

/// A cell filled up with blanks, and cut on a terminal only: of paths and dotted rules the end says most.
fn padded(text: &str, columns: usize, is_cut: bool) -> String {
    let text = visible(text);
    let text = match (is_cut, text.contains(['/', '.'])) {
        (false, _) => text,
        (true, true) => cut_start(&text, columns),
        (true, false) => cut(&text, columns),
    };
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(&text))))
}

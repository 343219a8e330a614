//! What is known of findings whose risk is about to be treated, for the record: as people see it, with secrets covered.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::ingest::Reader;
use crate::model::backlog::{Backlog, FindingIdx};
use crate::model::board::Board;
use crate::model::decision::Request;
use crate::model::exhibit::{Exhibit, MAX_EXHIBITS, Points, Said, Source};
use crate::model::grade::Category;
use crate::model::reach::Row;
use crate::model::secret::{Cover, without_keys};
use crate::model::snippet::Snippet;
use crate::model::text::{cut, visible};
use crate::source;

use super::{Desk, details};

/// Lines of code on both sides of the flagged ones, and all of them.
const AROUND: u32 = 3;
const MAX_LINES: usize = 15;
/// Columns of a line of code, and of a message.
const MAX_COLUMNS: usize = 160;
const MAX_MESSAGE: usize = 600;
/// Statements of the evidence.
const MAX_SAID: usize = 12;

/// What many exhibits have in common.
struct Bench<'b> {
    board: &'b Board,
    reader: &'b Reader,
    /// Reports by the names that rows of evidence have for them.
    reports: HashMap<&'b str, usize>,
    /// Lines in which a scanner has seen a secret.
    secrets: HashSet<(&'b str, u32)>,
}

impl Desk {
    /// Exhibits of the findings of a request, the worst first; none where it is no treatment.
    pub(super) fn exhibits(&self, board: &Board, reader: &Reader, request: &Request) -> Vec<Exhibit> {
        if !request.op.is_treatment() && !request.extends {
            return Vec::new();
        }
        let backlog = &board.backlog;
        let secret = |record: &&crate::model::backlog::Record| record.category() == Category::Secret;
        let secrets = backlog.results.iter().filter(secret).flat_map(|record| {
            let lines = record.line..=record.end_line.max(record.line);
            lines.take(MAX_LINES).map(|line| (backlog.path(record), line))
        });
        let reports = (0..).zip(&backlog.reports).map(|(number, report)| (report.name.as_str(), number));
        let bench = Bench { board, reader, reports: reports.collect(), secrets: secrets.collect() };
        let mut findings: Vec<FindingIdx> = request.findings.iter().filter_map(|&id| backlog.find(id)).collect();
        findings.sort_by_key(|&finding| (std::cmp::Reverse(backlog.finding(finding).severity), finding));
        findings.dedup();
        findings.into_iter().take(MAX_EXHIBITS).map(|finding| self.exhibit(&bench, finding)).collect()
    }

    fn exhibit(&self, bench: &Bench<'_>, finding: FindingIdx) -> Exhibit {
        let (board, backlog) = (bench.board, &bench.board.backlog);
        let parts = details(board, bench.reader, finding);
        let decoded = || parts.iter().filter_map(|(_, part)| part.as_ref().ok());
        let snippet = decoded().next().and_then(|detail| detail.locations.first()).map(|location| {
            let made = backlog.report(backlog.lead(finding)).made;
            source::snippet(&self.repo, location, made, AROUND, AROUND)
        });
        let snippet = snippet.unwrap_or_default();
        let cover = Cover::of(backlog.is_secret(finding), decoded()).with_code(&snippet);
        let shown = |text: &str, columns: usize| {
            let safe = cover.text(text);
            cut(&visible(&without_keys(&safe)), columns).into_owned()
        };
        let message = decoded().next().map(|detail| shown(&detail.message, MAX_MESSAGE)).unwrap_or_default();
        let why = board.judged(finding).map(|judged| (judged, self.why(board, finding)));
        let rows = why.as_ref().map(|(_, why)| why.evidence.as_slice()).unwrap_or_default();
        let code: Vec<String> = bench.code(backlog.path(backlog.lead(finding)), &cover.snippet(&snippet));
        Exhibit {
            first_line: if code.is_empty() { 0 } else { snippet.first_line },
            code,
            evidence: rows.iter().take(MAX_SAID).map(|row| said(row, &shown)).collect(),
            exposure: why.as_ref().map(|(judged, _)| judged.exposure.name().to_owned()).unwrap_or_default(),
            finding: backlog.id(finding).to_string(),
            lane: why.as_ref().map(|(judged, _)| judged.lane.name().to_owned()).unwrap_or_default(),
            message,
            reach: why.as_ref().map(|(judged, _)| judged.reach.name().to_owned()).unwrap_or_default(),
            reports: bench.sources(finding, rows),
            score: why.as_ref().map(|(judged, _)| judged.score),
            severity: backlog.finding(finding).severity.name().to_owned(),
            terms: why.iter().flat_map(|(_, why)| &why.terms).map(|term| points(term, &shown)).collect(),
        }
    }
}

fn points(term: &crate::model::reach::Term, shown: &dyn Fn(&str, usize) -> String) -> Points {
    Points { name: term.name.to_owned(), points: term.points, why: shown(&term.why, MAX_COLUMNS) }
}

fn said(row: &Row, shown: &dyn Fn(&str, usize) -> String) -> Said {
    let words = format!("{} {}: {}", row.rung.name(), row.polarity.name(), row.words);
    Said { origin: cut(&visible(&row.origin()), MAX_COLUMNS).into_owned(), words: shown(&words, MAX_COLUMNS) }
}

impl Bench<'_> {
    /// Lines that may be kept: what any scanner has called a secret is covered in them.
    fn code(&self, path: &str, snippet: &Snippet) -> Vec<String> {
        let cover = Cover::of(true, []);
        let kept = |(number, text): (u32, &str)| {
            let is_secret = self.secrets.contains(&(path, number));
            let safe = if is_secret { cover.flagged_code(text) } else { without_keys(text) };
            cut(&visible(&safe), MAX_COLUMNS).trim_end().to_owned()
        };
        let lines = (snippet.first_line..).zip(snippet.lines.iter().map(|line| &*line.text));
        lines.take(MAX_LINES).map(kept).collect()
    }

    /// The files of the results of a finding and of what is said about it, each once.
    fn sources(&self, finding: FindingIdx, rows: &[Row]) -> Vec<Source> {
        let backlog: &Backlog = &self.board.backlog;
        let of_results = backlog.members(finding).iter().map(|&result| {
            let record = backlog.record(result);
            let tool = backlog.tool(record);
            let version = tool.version.as_deref().map(|version| format!(" {version}")).unwrap_or_default();
            (backlog.report(record).name.clone(), format!("{}{version}", tool.name))
        });
        let documents = &backlog.evidence.documents;
        let of_rows = rows.iter().filter(|row| self.reports.contains_key(row.file.as_str())).map(|row| {
            let document = documents.iter().find(|document| *document.name == *row.file);
            let version = document.and_then(|document| document.version.as_deref());
            let version = version.map(|version| format!(" {version}")).unwrap_or_default();
            (row.file.clone(), format!("{}{version}", row.tool))
        });
        let results: BTreeSet<(String, String)> = of_results.collect();
        let named: HashSet<String> = results.iter().map(|(file, _)| file.clone()).collect();
        let others: BTreeSet<(String, String)> = of_rows.filter(|(file, _)| !named.contains(file)).collect();
        let source = |(file, tool): (String, String)| Source {
            sha256: self.reports.get(file.as_str()).and_then(|&number| self.reader.sha256(number)),
            file: visible(&file).into_owned(),
            tool: visible(tool.trim()).into_owned(),
        };
        results.into_iter().chain(others).map(source).collect()
    }
}

//! `quell check`: everything that is wrong with the input.

use serde::Serialize;

use crate::model::problem::{Loss, Problem, tally};

use super::args::{Common, TextFormat};
use super::exit::Outcome;
use super::out::Out;
use super::status::{Incomplete, incomplete};
use super::work::Work;

/// `check --format json`.
#[derive(Serialize)]
struct Checked<'w> {
    reports: Vec<ReportJson<'w>>,
    results: usize,
    findings: usize,
    /// Scans whose tool reports a failure or an error.
    incomplete: Vec<Incomplete<'w>>,
    problems: &'w [Problem],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReportJson<'w> {
    file: &'w str,
    bytes: u64,
    /// Null where the file changed since it was read.
    sha256: Option<String>,
    is_complete: bool,
}

pub(super) fn run(
    common: &Common,
    format: TextFormat,
    inputs: Vec<String>,
    out: &mut Out<'_>,
    err: &mut Out<'_>,
) -> Outcome {
    let work = Work::load_quietly(common, inputs, false, err)?;
    let (backlog, problems) = (&work.loaded.board.backlog, &work.loaded.problems);
    match format {
        TextFormat::Json => {
            let reports = (0..).zip(&backlog.reports).map(|(number, report)| ReportJson {
                file: &report.name,
                bytes: report.bytes,
                sha256: work.loaded.reader.sha256(number),
                is_complete: report.is_complete,
            });
            out.json(&Checked {
                reports: reports.collect(),
                results: backlog.results.len(),
                findings: backlog.findings.len(),
                incomplete: incomplete(backlog),
                problems,
            })?;
            out.line("")?;
        }
        TextFormat::Text => {
            for problem in problems {
                out.line(&problem.to_string())?;
            }
            let lost = problems.iter().filter(|problem| problem.loss == Loss::File).count();
            let failed = incomplete(backlog).len();
            if failed > 0 {
                out.line(&format!("{failed} of the scans report a failure or an error: findings may be missing"))?;
            }
            let (reports, results) = (backlog.reports.len(), backlog.results.len());
            let verdict = match problems.len() {
                0 => "nothing was wrong".to_owned(),
                _ if lost == 0 => tally(problems),
                _ => format!("{}; {lost} of them with a file or a part of it lost", tally(problems)),
            };
            out.line(&format!("{results} results in {reports} reports; {verdict}"))?;
        }
    }
    Ok(work.exit())
}

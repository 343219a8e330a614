//! Bandit's JSON (1.7 and later, `bandit/formatters/json.py`). Columns count UTF-8 bytes from 0.

use crate::ingest::json::{Int, List, Owned, Said, lenient};
use crate::repo::Repo;

use super::original::Original;
use super::words::level;
use super::write::{Finding, Location, Log, Region, Rule, bag, text};

lenient! {
    Report {
        generated: Owned = "generatedAt",
        errors: List<Failure> = "errors",
        results: List<Issue> = "results",
    }
}

lenient! {
    Failure {
        file: Owned = "filename",
    }
}

lenient! {
    Issue {
        code: Owned = "code",
        column: Int = "colOffset",
        end_column: Int = "endColOffset",
        file: Owned = "filename",
        confidence: Owned = "issueConfidence",
        cwe: Cwe = "issueCwe",
        severity: Owned = "issueSeverity",
        message: Owned = "issueText",
        lines: List<Int> = "lineRange",
        line: Int = "lineNumber",
        more: Owned = "moreInfo",
        id: Owned = "testId",
        name: Owned = "testName",
    }
}

lenient! {
    Cwe {
        id: Int = "id",
    }
}

pub(super) fn read(original: &mut Original<'_>, _: &Repo) -> Vec<Log> {
    let report: Report = original.document();
    let mut log = Log::new("Bandit");
    log.ended = report.generated.0;
    log.has_failed = report.errors.0.iter().any(|failure| failure.file.get().is_some());
    for (index, issue) in report.results.0.into_iter().enumerate() {
        let cwe = issue.cwe.id.0.filter(|number| *number > 0).map(|number| format!("CWE-{number}"));
        let rule = Rule {
            id: issue.id.0.clone().unwrap_or_default(),
            name: issue.name.0.clone(),
            help_uri: issue.more.0.clone(),
            properties: bag([
                ("tags", cwe.into_iter().collect::<Vec<_>>().into()),
                ("precision", issue.confidence.get().into()),
            ]),
            ..Rule::default()
        };
        log.push(rule, finding(index, issue));
    }
    vec![log]
}

fn finding(index: usize, issue: Issue) -> Finding {
    let first = issue.lines.0.first().copied().unwrap_or(issue.line).0;
    let last = issue.lines.0.last().copied().unwrap_or(issue.line).0;
    let column = |offset: Int| offset.0.filter(|offset| *offset >= 0).map(|offset| offset + 1);
    let code = issue.code.get().and_then(numbered);
    let flagged = code.as_ref().and_then(|(start, lines)| {
        let skip = usize::try_from(first? - start).ok()?;
        lines.get(skip).map(|line| format!("{line}\n"))
    });
    let region = Region::between((first, column(issue.column)), (last, column(issue.end_column))).showing(flagged);
    let mut location = Location::new(issue.file.get().unwrap_or_default()).at(region);
    if let Some((start, lines)) = code {
        location = location.among(start, lines.join("\n"));
    }
    Finding {
        pointer: format!("/results/{index}"),
        level: Some(level(issue.severity.get())),
        message: text(issue.message.0),
        locations: vec![location],
        properties: bag([
            ("issue_confidence", issue.confidence.get().into()),
            ("issue_severity", issue.severity.get().into()),
        ]),
        ..Finding::default()
    }
}

/// Lines that each have their number in front, and the first number.
fn numbered(code: &str) -> Option<(i64, Vec<&str>)> {
    let split: Vec<(&str, &str)> =
        code.lines().map(|line| line.split_once([' ', '\t']).unwrap_or((line, ""))).collect();
    let first = split.first()?.0.parse().ok()?;
    Some((first, split.into_iter().map(|(_, text)| text).collect()))
}

//! A small board, built by hand: eight findings of three tools.

use std::sync::Arc;

use jiff::civil::{Date, date};
use quell::model::backlog::{At, Backlog, Finding, MadeBy, NONE, Package, Record, Report, ResultIdx, Rule, Run, Tool};
use quell::model::board::Board;
use quell::model::decision::{Flag, Flags, Standing, Status};
use quell::model::grade::{Baseline, Category, Graded, Grades, Kind, Level, Severity};
use quell::model::id::FindingId;
use quell::model::messages::Gather;

/// The day of the test.
pub(crate) const TODAY: Date = date(2026, 11, 20);

/// One result as a test states it.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    pub(crate) tool: u32,
    pub(crate) rule: &'static str,
    pub(crate) path: &'static str,
    pub(crate) line: u32,
    pub(crate) severity: Severity,
    pub(crate) message: &'static str,
}

pub(crate) const fn case(
    tool: u32,
    rule: &'static str,
    path: &'static str,
    line: u32,
    severity: Severity,
    message: &'static str,
) -> Case {
    Case { tool, rule, path, line, severity, message }
}

/// Adds one result, as a finding of its own if `is_first`, else to the last finding.
pub(crate) fn add(backlog: &mut Backlog, case: &Case, is_first: bool) {
    let result = ResultIdx::try_from(backlog.results.len()).unwrap();
    let record = Record {
        id: FindingId(0x1111_0000_0000_0000 + u64::from(result)),
        at: At::default().in_run(case.tool),
        len: 0,
        rule: rule(backlog, case),
        path: path(backlog, case.path),
        line: case.line,
        column: 0,
        end_line: 0,
        end_column: 0,
        grades: Grades::new(Graded {
            level: Level::Warning,
            kind: Kind::Fail,
            severity: case.severity,
            baseline: Baseline::Unstated,
            category: Category::Code,
            is_suppressed: false,
        }),
        fixes: 0,
        flows: 0,
    };
    backlog.results.push(record);
    let mut messages = Gather::from(std::mem::take(&mut backlog.messages));
    messages.push(case.message);
    backlog.messages = messages.finish();
    backlog.members.push(result);
    if is_first {
        let first = u32::try_from(backlog.members.len()).unwrap() - 1;
        backlog.findings.push(Finding { first, severity: case.severity, cwe: NONE, fixes: 0, flows: 0 });
    } else {
        let finding = backlog.findings.last_mut().unwrap();
        finding.severity = finding.severity.max(case.severity);
    }
}

fn regrade(backlog: &mut Backlog, result: usize, change: impl FnOnce(&mut Graded)) {
    let record = &mut backlog.results[result];
    let mut graded = record.grades.parts();
    change(&mut graded);
    record.grades = Grades::new(graded);
}

fn rule(backlog: &mut Backlog, case: &Case) -> u32 {
    let at = backlog.rules.iter().position(|rule| rule.id == case.rule && rule.tool == case.tool);
    let at = at.unwrap_or_else(|| {
        backlog.rules.push(Rule { tool: case.tool, id: case.rule.to_owned(), ..Rule::default() });
        backlog.rules.len() - 1
    });
    u32::try_from(at).unwrap()
}

fn path(backlog: &mut Backlog, text: &str) -> u32 {
    if text.is_empty() {
        return NONE;
    }
    let known = (0..).zip(backlog.paths.iter()).find(|(_, path)| path.text == text).map(|(number, _)| number);
    known.unwrap_or_else(|| backlog.paths.push(text, true))
}

/// A backlog with its tools and runs and no result yet. The reports were made 40, 10 and 0 days before [`TODAY`].
pub(crate) fn tools() -> Backlog {
    let mut backlog = Backlog::default();
    for (number, (name, family, made)) in (0..).zip([
        ("Bandit", "bandit", "2026-10-11T08:00:00Z"),
        ("Semgrep OSS", "semgrep", "2026-11-10T08:00:00Z"),
        ("gitleaks", "gitleaks", "2026-11-20T08:00:00Z"),
    ]) {
        backlog.reports.push(Report {
            name: format!("{family}.sarif"),
            bytes: 0,
            made: Some(made.parse().unwrap()),
            made_by: MadeBy::Stated,
            is_complete: true,
        });
        backlog.tools.push(Tool { name: name.to_owned(), version: None, family: family.to_owned() });
        backlog.runs.push(Run {
            report: number,
            index: 0,
            tool: number,
            revision: None,
            is_whole: true,
            ..Run::default()
        });
    }
    backlog
}

/// The board of the tables in this module: its findings are numbered from 0.
pub(crate) fn board() -> Board {
    use Severity::{Critical, High, Info, Low, Medium};
    let mut backlog = tools();
    let own = |backlog: &mut Backlog, case: Case| add(backlog, &case, true);
    own(&mut backlog, case(0, "B602", "src/run.py", 12, High, "subprocess call with shell=True, a \"pipe\""));
    add(&mut backlog, &case(1, "shell-true", "src/run.py", 12, Medium, "Shell injection by a command string"), false);
    own(&mut backlog, case(1, "sql-injection", "src/store/query.py", 7, Critical, "Query built from user input"));
    own(&mut backlog, case(1, "sql-format", "tests/store/query.py", 40, Medium, "Query built by format"));
    own(&mut backlog, case(2, "aws-key", "deploy/env", 3, High, "A key of AWS"));
    own(&mut backlog, case(0, "B101", "src/module/handler.py", 5, Low, "Use of assert"));
    own(&mut backlog, case(1, "CVE-2021-23337", "package-lock.json", 900, High, "lodash has a command injection"));
    own(&mut backlog, case(0, "B999", "", 0, Info, "About the whole run"));
    own(&mut backlog, case(1, "sql-injection", "src/Store/Other.py", 7, High, "Query built from user input"));

    backlog.results[1].fixes = 2;
    backlog.findings[0].fixes = 2;
    backlog.cwe_sets = vec![[78].into(), [20, 89].into()];
    (backlog.findings[0].cwe, backlog.findings[1].cwe) = (0, 1);
    regrade(&mut backlog, 2, |of| (of.baseline, of.level) = (Baseline::New, Level::Error));
    regrade(&mut backlog, 4, |of| of.category = Category::Secret);
    regrade(&mut backlog, 5, |of| of.is_suppressed = true);
    regrade(&mut backlog, 6, |of| of.category = Category::Dependency);
    regrade(&mut backlog, 7, |of| of.kind = Kind::Pass);
    backlog.advisories = vec![(6, ["CVE-2021-23337".into(), "GHSA-35jh-r3h4-6jhm".into()].into())];
    let lodash = Package { name: "lodash".to_owned(), version: None, purl: Some("pkg:npm/lodash@4.17.0".to_owned()) };
    backlog.packages = vec![(6, Arc::new(lodash))];

    let mut standings = vec![Standing::default(); backlog.findings.len()];
    standings[2].status = Status::Accepted;
    standings[2].expires = Some(date(2026, 11, 30));
    standings[3].owner = Some(Arc::from("@platform"));
    standings[3].flags = Flags::default().with(Flag::Stale);
    standings[7].status = Status::Confirmed;
    Board {
        backlog: Arc::new(backlog),
        standings: Arc::new(standings.into_iter().collect()),
        repo: Arc::from("shop"),
        ..Board::empty(TODAY)
    }
}

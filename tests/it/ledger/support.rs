//! A small backlog over a real tree, decided upon as the console does.

use std::sync::Arc;

use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan};
use quell::ledger;
use quell::ledger::policy::in_force;
use quell::ledger::{Decided, Known, Told};
use quell::model::backlog::{At, Backlog, Finding, MadeBy, NONE, Package, Record, Report, ResultIdx, Rule, Run, Tool};
use quell::model::board::Board;
use quell::model::decision::{Event, Flag, Op, Request, Standing, Status};
use quell::model::grade::{Baseline, Category, Graded, Grades, Kind, Level, Severity};
use quell::model::id::FindingId;
use quell::model::problem::Problem;
use quell::model::reach::{Judged, Note, Reach, Reaches};

use crate::support::tree::Tree;

/// One result: everything that binds a decision.
#[derive(Clone, Debug)]
pub(crate) struct Hit {
    pub(crate) id: u64,
    /// Results with the same number are one finding.
    pub(crate) finding: u64,
    pub(crate) tool: &'static str,
    pub(crate) rule: &'static str,
    pub(crate) path: &'static str,
    pub(crate) line: u32,
    pub(crate) kind: Kind,
    pub(crate) text: Option<&'static str>,
    pub(crate) severity: Severity,
    /// Version of the package `lodash`.
    pub(crate) version: Option<&'static str>,
    pub(crate) fix: Option<&'static str>,
    /// What the evidence says, and whether the flaw is known to be exploited.
    pub(crate) reach: Option<Reach>,
    pub(crate) is_kev: bool,
}

pub(crate) fn hit(id: u64, path: &'static str, line: u32) -> Hit {
    Hit {
        id,
        finding: id,
        tool: "bandit",
        rule: "B602",
        path,
        line,
        kind: Kind::Fail,
        text: None,
        severity: Severity::High,
        version: None,
        fix: None,
        reach: None,
        is_kev: false,
    }
}

/// A day on which nothing has expired yet.
pub(crate) const TODAY: Date = date(2030, 1, 10);

/// The time of the n-th action of a test.
pub(crate) fn at(minute: i64) -> Timestamp {
    "2030-01-10T12:00:00Z".parse::<Timestamp>().unwrap() + minute.minutes()
}

/// Results of one report, which was made at this time.
pub(crate) fn backlog(hits: &[Hit], made: Timestamp) -> Backlog {
    let mut backlog = Backlog::default();
    backlog.reports.push(Report {
        name: "report.sarif".into(),
        bytes: 0,
        made: Some(made),
        made_by: MadeBy::Stated,
        is_complete: true,
    });
    let mut order: Vec<&Hit> = hits.iter().collect();
    order.sort_by_key(|hit| hit.finding);
    for of_finding in order.chunk_by(|a, b| a.finding == b.finding) {
        let start = u32::try_from(backlog.members.len()).unwrap();
        for hit in of_finding {
            let record = record(&mut backlog, hit);
            let result = u32::try_from(backlog.results.len()).unwrap();
            backlog.members.push(result);
            backlog.results.push(record);
            if let Some(version) = hit.version {
                let (name, version) = ("lodash".to_owned(), Some(version.to_owned()));
                backlog.packages.push((result, Arc::new(Package { name, version, purl: None })));
            }
        }
        let severity = of_finding.iter().map(|hit| hit.severity).max().unwrap();
        let cwe = NONE;
        backlog.findings.push(Finding { first: start, severity, cwe, fixes: 0, flows: 0 });
    }
    backlog
}

fn record(backlog: &mut Backlog, hit: &Hit) -> Record {
    let tool = number(
        &mut backlog.tools,
        |tool| tool.family == hit.tool,
        || Tool { name: hit.tool.to_owned(), version: None, family: hit.tool.to_owned() },
    );
    let run = number(
        &mut backlog.runs,
        |run| run.tool == tool,
        || Run { index: tool, tool, is_whole: true, ..Run::default() },
    );
    let rule = number(
        &mut backlog.rules,
        |rule| rule.tool == tool && rule.id == hit.rule,
        || Rule { tool, id: hit.rule.to_owned(), ..Rule::default() },
    );
    let known = (0..).zip(backlog.paths.iter()).find(|(_, path)| path.text == hit.path).map(|(number, _)| number);
    let path = known.unwrap_or_else(|| backlog.paths.push(hit.path, true));
    Record {
        id: FindingId(hit.id),
        at: At::default().in_run(run),
        len: 0,
        rule,
        path: if hit.path.is_empty() { NONE } else { path },
        line: hit.line,
        column: 0,
        end_line: 0,
        end_column: 0,
        grades: Grades::new(Graded {
            level: Level::Error,
            kind: hit.kind,
            severity: hit.severity,
            baseline: Baseline::Unstated,
            category: Category::Code,
            is_suppressed: false,
        }),
        fixes: 0,
        flows: 0,
    }
}

fn number<T>(items: &mut Vec<T>, is_it: impl Fn(&T) -> bool, make: impl FnOnce() -> T) -> u32 {
    let at = items.iter().position(is_it).unwrap_or_else(|| {
        items.push(make());
        items.len() - 1
    });
    u32::try_from(at).unwrap()
}

/// A tree and the results of its last scan.
pub(crate) struct Desk {
    pub(crate) tree: Tree,
    pub(crate) hits: Vec<Hit>,
    pub(crate) made: Timestamp,
}

/// Three lines above and below, so that each flagged line has a context of its own.
pub(crate) const CODE: &str = "a = 1\nb = 2\nrun(x)\nc = 3\nd = 4\ne = 5\nf = 6\nrun(x)\ng = 7\nh = 8\n";

impl Desk {
    /// A git repository with `a.py` and `b.py`, scanned before the first decision of any test.
    pub(crate) fn new(hits: Vec<Hit>) -> Self {
        Self { tree: Tree::git(&[("a.py", CODE), ("b.py", CODE)]), hits, made: at(-60) }
    }

    pub(crate) fn board(&self) -> Board {
        self.board_on(TODAY)
    }

    /// Everything read again from disk.
    pub(crate) fn board_on(&self, today: Date) -> Board {
        let (repo, backlog) = (self.tree.repo(), backlog(&self.hits, self.made));
        let events = ledger::read(&repo).events;
        let (reaches, policies) = (self.reaches(&backlog), in_force(&repo).0);
        let fix = |finding| {
            let id = backlog.id(finding).0;
            self.hits.iter().filter(|hit| hit.finding == id).find_map(|hit| hit.fix).map(str::to_owned)
        };
        let known = Known {
            utc: today,
            today,
            reaches: Some(&reaches),
            fix: Some(&fix),
            policies: Some(&policies),
            ..TODAY.into()
        };
        let standings = ledger::standings(&repo, &backlog, &events, known);
        Board {
            reaches: Arc::new(reaches),
            policies: Arc::new(policies),
            backlog: Arc::new(backlog),
            standings: Arc::new(standings),
            events: Arc::new(events),
            repo: Arc::from("shop"),
            ..Board::empty(today)
        }
    }

    /// What the evidence says of each finding; nothing where no result says anything.
    fn reaches(&self, backlog: &Backlog) -> Reaches {
        let mut reaches = Reaches::default();
        if self.hits.iter().all(|hit| hit.reach.is_none() && !hit.is_kev) {
            return reaches;
        }
        for finding in 0..u32::try_from(backlog.findings.len()).unwrap() {
            let id = backlog.id(finding).0;
            let hit = self.hits.iter().find(|hit| hit.id == id).unwrap();
            let mut judged = Judged { reach: hit.reach.unwrap_or_default(), ..Judged::default() };
            if hit.is_kev {
                judged.note(Note::Kev);
            }
            reaches.verdicts.push(judged);
        }
        reaches
    }

    pub(crate) fn decide(&self, request: &Request, now: Timestamp) -> Result<Decided, Problem> {
        let board = self.board();
        let seen = |result: ResultIdx| {
            let id = board.backlog.record(result).id.0;
            let hit = self.hits.iter().find(|hit| hit.id == id).unwrap();
            Told { text: hit.text.map(str::to_owned), fix: hit.fix.map(str::to_owned), ..Told::default() }
        };
        ledger::decide(&self.tree.repo(), &board, &seen, request, now)
    }

    /// A decision that has all that it needs.
    pub(crate) fn did(&self, op: Op, ids: &[u64], minute: i64) -> Event {
        self.decide(&request(op, ids), at(minute)).unwrap().event
    }

    pub(crate) fn revoke(&self, event: &Event, minute: i64) -> Event {
        ledger::revoke(&self.tree.repo(), &self.board().events, std::slice::from_ref(&event.id), at(minute)).unwrap()
    }

    pub(crate) fn restore(&self, event: &Event, minute: i64) -> Result<Event, Problem> {
        ledger::restore(&self.tree.repo(), &self.board().events, std::slice::from_ref(&event.id), at(minute))
    }

    pub(crate) fn standing(&self, id: u64) -> Standing {
        let board = self.board();
        board.standing(board.backlog.find(FindingId(id)).unwrap()).clone()
    }

    #[track_caller]
    pub(crate) fn check(&self, id: u64, status: Status, flags: &[Flag]) {
        let standing = self.standing(id);
        assert_eq!((standing.status, standing.flags.iter().collect::<Vec<_>>()), (status, flags.to_vec()));
    }
}

pub(crate) const UNTIL: Date = date(2030, 3, 1);

pub(crate) fn request(op: Op, ids: &[u64]) -> Request {
    let mut request = Request::new(op, ids.iter().copied().map(FindingId).collect());
    request.reason = Some("because".to_owned());
    request.until = matches!(op, Op::AcceptRisk | Op::Defer).then_some(UNTIL);
    request.justification = (op == Op::NotAffected).then(|| "component_not_present".to_owned());
    request.owner = (op == Op::Assign).then(|| "@team".to_owned());
    request
}

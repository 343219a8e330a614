//! A console with findings, built by hand: for drawing without reports, files or a worker.

use std::sync::Arc;

use jiff::civil::date;
use quell::app::form::{Confirm, Field, FieldKind, Form, Release};
use quell::app::input::LineInput;
use quell::app::lines::Lines;
use quell::app::page::{Line, Page, Role, Span};
use quell::app::review::{Choices, Review, ReviewItem, tally};
use quell::app::state::{Extent, ListLine, Overlay, Screen, State, Target};
use quell::model::backlog::{At, Backlog, Finding, MadeBy, Record, Report, Rule, Run, Tool};
use quell::model::bits::Bits;
use quell::model::board::Board;
use quell::model::decision::{Op, Request, Standing, Status};
use quell::model::fix::FileOp;
use quell::model::grade::{Baseline, Category, Graded, Grades, Kind, Level, Severity};
use quell::model::id::{FindingId, FixId};
use quell::model::plan::{DiffLine, FileDiff, FixReason, FixState, Hunk, HunkId, LineKind};
use quell::model::plan::{Plan, PlannedFile, PlannedFix};
use quell::model::reach::{Judged, Lane, Reach, Reaches};
use quell::query::{Group, GroupKey};

/// Rules of the sample: id and severity, worst first.
const RULES: &[(&str, Severity)] = &[
    ("python.lang.security.audit.subprocess-shell-true", Severity::Critical),
    ("sql-injection", Severity::Critical),
    ("B602", Severity::High),
    ("generic.secrets.security.detected-aws-access-key-id-value", Severity::High),
    ("path-traversal", Severity::Medium),
    ("CVE-2021-23337", Severity::Medium),
    ("weak-hash", Severity::Low),
    ("todo-comment", Severity::Info),
];

const PATHS: &[&str] = &[
    "src/db/query.py",
    "src/api/users.py",
    "deploy/charts/payments/templates/network/ingress-controller.yaml",
    "package-lock.json",
    "tests/fixtures/keys/test_rsa_private_key_material.pem",
    "src/日本語/設定.py",
];

/// A console of this size with so many findings, the cursor on the first.
pub(crate) fn state(size: (u16, u16), findings: u32) -> State {
    let mut state = State::new(date(2026, 11, 20));
    state.size = size;
    state.loading = None;
    state.extent = Extent::Whole;
    state.board = board(findings);
    state.branch = Some("main".to_owned());
    state.rows.findings = (0..findings).collect();
    state.rows.set = Bits::all(findings as usize);
    state.rows.total = findings as usize;
    state.list.has_status = true;
    state.list.lines = Lines::of(&state.rows, &Bits::default());
    put_cursor(&mut state, 0);
    state.detail.page = detail_page();
    state
}

/// Puts the cursor on a line, as a key would.
pub(crate) fn put_cursor(state: &mut State, at: usize) {
    state.list.at = at;
    state.list.cursor = match state.line(at) {
        Some(ListLine::Finding(finding)) => Some(Target::Finding(state.board.backlog.id(finding))),
        Some(ListLine::Group(group)) => Some(Target::Group(state.rows.label(&state.board, group).into_owned())),
        None => None,
    };
}

/// Groups the list by severity, with the second group folded.
pub(crate) fn group(state: &mut State) {
    state.lens.group = Some(GroupKey::Severity);
    state.rows.key = state.lens.group;
    let mut groups = Vec::new();
    let mut start = 0;
    for severity in Severity::ALL.iter().rev() {
        let backlog = &state.board.backlog;
        let has = |finding: &&u32| backlog.finding(**finding).severity == *severity;
        let len = u32::try_from(state.rows.findings.iter().filter(has).count()).unwrap();
        let rank = u32::try_from(groups.len()).unwrap();
        if rank == 1 {
            state.list.folds.fold(severity.name().to_owned());
            state.list.closed.insert(rank);
        }
        groups.push(Group { severity: *severity, start, len, rank });
        start += len;
    }
    state.rows.groups = Arc::new(groups);
    state.list.lines = Lines::of(&state.rows, &state.list.closed);
}

/// A board whose findings are sorted by severity and vary in everything that a row shows.
pub(crate) fn board(findings: u32) -> Board {
    let mut backlog = Backlog::default();
    for name in ["semgrep.sarif", "reports/bandit.sarif"] {
        backlog.reports.push(Report {
            name: name.to_owned(),
            bytes: 1000,
            made: None,
            made_by: MadeBy::Written,
            is_complete: true,
        });
    }
    for (number, name) in [(0, "Semgrep OSS"), (1, "Bandit")] {
        backlog.tools.push(Tool { name: name.to_owned(), version: None, family: name.to_lowercase() });
        backlog.runs.push(Run {
            report: number,
            index: 0,
            tool: number,
            revision: None,
            is_whole: true,
            ..Run::default()
        });
    }
    backlog.rules = RULES.iter().map(|(id, _)| Rule { id: (*id).to_owned(), ..Rule::default() }).collect();
    for path in PATHS {
        backlog.paths.push(path, true);
    }
    backlog.cwe_sets.push([78].into());
    let per_rule = findings.div_ceil(u32::try_from(RULES.len()).unwrap()).max(1);
    for number in 0..findings {
        push_finding(&mut backlog, number, number / per_rule);
    }
    let mut standings = vec![Standing::default(); findings as usize];
    for (number, standing) in standings.iter_mut().enumerate() {
        standing.status = match number % 9 {
            4 => Status::Confirmed,
            7 => Status::FalsePositive,
            _ => Status::Open,
        };
    }
    Board {
        backlog: Arc::new(backlog),
        standings: Arc::new(standings.into_iter().collect()),
        reaches: Arc::new(reaches(findings)),
        repo: Arc::from("payments-api"),
        ..Board::empty(date(2026, 11, 20))
    }
}

/// Verdicts of all kinds; most are not known.
fn reaches(findings: u32) -> Reaches {
    let mut reaches = Reaches::default();
    for number in 0..findings {
        let reach =
            if number.is_multiple_of(2) { Reach::Unknown } else { Reach::ALL[number as usize / 2 % Reach::ALL.len()] };
        let lane = Lane::ALL[number as usize % Lane::ALL.len()];
        let score = u8::try_from(90 - number % 80).unwrap();
        reaches.verdicts.push(Judged { reach, lane, score, ..Judged::default() });
    }
    reaches
}

/// Every third finding has a second result from the other tool.
fn push_finding(backlog: &mut Backlog, number: u32, rule: u32) {
    let id = FindingId(u64::from(number) + 1);
    let first = u32::try_from(backlog.members.len()).unwrap();
    let results = if number.is_multiple_of(3) { 2 } else { 1 };
    for run in 0..results {
        backlog.members.push(u32::try_from(backlog.results.len()).unwrap());
        backlog.results.push(record(id, number, rule, run));
    }
    let (_, severity) = RULES[rule as usize];
    let fixes = u8::from(number.is_multiple_of(2));
    let flows = u8::from(number % 4 == 1);
    backlog.findings.push(Finding { first, severity, cwe: 0, fixes, flows });
}

fn record(id: FindingId, number: u32, rule: u32, run: u32) -> Record {
    Record {
        id,
        at: At::default().in_run(run),
        len: 0,
        rule,
        path: number % u32::try_from(PATHS.len()).unwrap(),
        line: 7 + number * 13 % 900,
        column: 5,
        end_line: 0,
        end_column: 0,
        grades: Grades::new(Graded {
            level: Level::Error,
            kind: Kind::Fail,
            severity: RULES[rule as usize].1,
            baseline: if number.is_multiple_of(5) { Baseline::New } else { Baseline::Unchanged },
            category: Category::Code,
            is_suppressed: false,
        }),
        fixes: 0,
        flows: 0,
    }
}

/// Message, code and a diff, in the roles that the console's own pages use.
pub(crate) fn detail_page() -> Page {
    let code = |number: u32, spans: &[(Role, &str)]| {
        let line = Line::new(Role::LineNumber, &format!("{number:>4}  "));
        spans.iter().fold(line, |line, (role, text)| line.with(*role, text))
    };
    let mut flagged = code(9, &[(Role::Text, "    "), (Role::Function, "subprocess"), (Role::Operator, ".")]);
    flagged.spans.push(Span::new(Role::Function, "run(cmd, shell=True)").marked(Role::Flagged));
    let lines = vec![
        Line::new(Role::Critical, "CRIT 9.8").with(Role::Text, "  Semgrep OSS, Bandit").with(Role::Dim, "  CWE-78"),
        Line::new(Role::Link, "src/db/query.py:9:5"),
        Line::blank(),
        Line::new(Role::Text, "A request reaches a shell: `cmd` is built from user input."),
        Line::blank(),
        code(7, &[(Role::Keyword, "def "), (Role::Function, "run"), (Role::Text, "(name):")]),
        code(8, &[(Role::Text, "    cmd = "), (Role::String, "f\"ls {name}\""), (Role::Comment, "  # build it")]),
        flagged,
        Line::blank(),
        Line::new(Role::Strong, "Fix").with(Role::Good, "  1 will be written").with(Role::Dim, "  exact").stop(),
        Line::new(Role::Hunk, "@@ -9,1 +9,1 @@"),
        Line::new(Role::Removed, "-    subprocess.run(cmd, shell=True)"),
        Line::new(Role::Added, "+    subprocess.run([\"ls\", name])"),
    ];
    Page { title: "CRIT subprocess-shell-true".to_owned(), lines }
}

/// A form to accept a risk, with its second field in use.
pub(crate) fn form() -> Form {
    let field = |label, kind, text: &str, is_required, hint: &str| Field {
        label,
        kind,
        input: LineInput::new(text),
        is_required,
        hint: hint.to_owned(),
    };
    Form {
        name: "accept-risk".to_owned(),
        title: "Accept risk: 12 findings (2 CRIT, 10 HIGH)".to_owned(),
        fields: vec![
            field("Reason", FieldKind::Reason, "test fixture, never shipped", true, ""),
            field("Until", FieldKind::Until, "2027-02-18", true, "+ and - move by 30 days"),
            field("Ticket", FieldKind::Ticket, "", false, ""),
            field("Justification", FieldKind::Justification, "component_not_present", false, "left, right"),
            field("Number", FieldKind::Count, "", true, "type 12"),
        ],
        at: 1,
        request: Request::new(Op::AcceptRisk, Vec::new()),
        about: (0..12).map(|number| Line::new(Role::Text, &format!("CRIT sql-injection  src/a.py:{number}"))).collect(),
        error: None,
    }
}

pub(crate) fn hostile_form(text: &str) -> Overlay {
    let mut form = form();
    text.clone_into(&mut form.title);
    text.clone_into(&mut form.fields[0].hint);
    form.error = Some(text.to_owned());
    Overlay::Form(Box::new(form))
}

pub(crate) fn confirm() -> Confirm {
    Confirm {
        title: "Write 3 fixes in 2 files".to_owned(),
        about: (0..3).map(|number| Line::new(Role::Text, &format!("src/a.py:{number}  sql-injection"))).collect(),
        input: LineInput::new("3"),
        expect: "3".to_owned(),
        release: Release::Apply(Arc::default()),
        error: Some("that is not 3".to_owned()),
    }
}

/// A review of four fixes, one of each fate.
pub(crate) fn review() -> Screen {
    let fix = |number: u64, title: &str, state, reason| PlannedFix {
        id: FixId(number),
        finding: None,
        also: Vec::new(),
        tool: "Semgrep OSS".to_owned(),
        title: title.to_owned(),
        state,
        reason,
        why: String::new(),
        files: vec!["src/db/query.py".to_owned()],
        places: Vec::new(),
        conflicts: Vec::new(),
        diffs: Vec::new(),
    };
    let file = |path: &str, is_dirty| PlannedFile {
        path: path.to_owned(),
        op: FileOp::Change,
        movers: Vec::new(),
        before: Arc::from(&b""[..]),
        after: Arc::from(&b""[..]),
        is_dirty,
        fixes: Vec::new(),
        edits: Vec::new(),
        diff: FileDiff { path: path.to_owned(), added: 3, removed: 1, ..FileDiff::default() },
    };
    let plan = Plan {
        fixes: vec![
            fix(1, "use a list of arguments", FixState::WillWrite, FixReason::Exact),
            fix(2, "bind the parameter", FixState::WillWrite, FixReason::Unique),
            fix(3, "upgrade lodash to 4.17.21", FixState::NeedsYou, FixReason::Unsafe),
            fix(4, "escape the path", FixState::Cannot, FixReason::Stale),
        ],
        files: vec![file("src/db/query.py", false), file("package-lock.json", true)],
    };
    let (query, lock) = ("src/db/query.py".to_owned(), "package-lock.json".to_owned());
    let mut review = Review {
        plan: Some(Arc::new(plan)),
        choices: Choices { dropped: [FixId(2)].into(), ..Choices::default() },
        items: vec![
            ReviewItem::File(query),
            ReviewItem::Fix(0),
            ReviewItem::Fix(1),
            ReviewItem::File(lock),
            ReviewItem::Fix(2),
            ReviewItem::Fix(3),
        ],
        at: 1,
        page: detail_page(),
        ..Review::default()
    };
    review.tally = tally(&review);
    Screen::Review(Box::new(review))
}

/// A review of a thousand fixes in three hundred files, each with two hunks, as a plan answers it.
pub(crate) fn many_fixes() -> Plan {
    let line = |kind, number: u32, text: &str| DiffLine {
        kind,
        old: if kind == LineKind::Added { 0 } else { number },
        new: if kind == LineKind::Removed { 0 } else { number },
        parts: vec![(false, "    ".to_owned()), (kind != LineKind::Context, text.to_owned())],
        no_newline: false,
    };
    let hunk = |fix: u64, number: u32| {
        let at = number * 40 + 3;
        let mut lines: Vec<DiffLine> = (0..6)
            .map(|row| line(LineKind::Context, at + row, &format!("value_{row} = load(source, {fix})")))
            .collect();
        lines.insert(3, line(LineKind::Removed, at + 3, &format!("digest = hashlib.md5(value_{fix}).hexdigest()")));
        lines.insert(4, line(LineKind::Added, at + 3, &format!("digest = hashlib.sha256(value_{fix}).hexdigest()")));
        let id = HunkId(fix * 10 + u64::from(number));
        Hunk { old_start: at, new_start: at, old_lines: 7, new_lines: 7, lines, id, ..Hunk::default() }
    };
    let path = |fix: u64| format!("src/services/payments/handlers/module_{:03}.py", fix % 300);
    let fix = |number: u64| {
        let hunks = vec![hunk(number, 0), hunk(number, 1)];
        PlannedFix {
            id: FixId(number),
            finding: None,
            also: Vec::new(),
            tool: "Semgrep OSS".to_owned(),
            title: format!("md5 is broken: two different texts can have the same hash ({number})"),
            state: FixState::WillWrite,
            reason: FixReason::Exact,
            why: format!("{}: line {number}: the file is what the scanner saw", path(number)),
            files: vec![path(number)],
            places: Vec::new(),
            conflicts: Vec::new(),
            diffs: vec![FileDiff { path: path(number), added: 2, removed: 2, hunks, ..FileDiff::default() }],
        }
    };
    let file = |number: u64| PlannedFile {
        path: path(number),
        op: FileOp::Change,
        movers: Vec::new(),
        before: Arc::from(&b""[..]),
        after: Arc::from(&b""[..]),
        is_dirty: false,
        fixes: (0..1000).filter(|fix| fix % 300 == number).map(FixId).collect(),
        edits: Vec::new(),
        diff: FileDiff {
            path: path(number),
            added: 8,
            removed: 8,
            hunks: vec![hunk(number, 0)],
            ..FileDiff::default()
        },
    };
    Plan { fixes: (0..1000).map(fix).collect(), files: (0..300).map(file).collect() }
}

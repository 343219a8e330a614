//! A console with findings, built by hand: for drawing without reports, files or a worker.

use std::sync::Arc;

use jiff::civil::date;
use quell::app::form::{Confirm, Field, FieldKind, Form, Release};
use quell::app::input::LineInput;
use quell::app::page::{Line, Page, Role, Span};
use quell::app::review::{Review, ReviewItem};
use quell::app::state::{Extent, ListLine, Overlay, Screen, State, Target};
use quell::model::backlog::{Backlog, Finding, MadeBy, PathEntry, Record, Report, Rule, Run, Tool};
use quell::model::board::Board;
use quell::model::decision::{Op, Request, Standing, Status};
use quell::model::fix::FileOp;
use quell::model::grade::{Baseline, Category, Kind, Level, Severity};
use quell::model::id::{FindingId, FixId};
use quell::model::plan::{FileDiff, FixReason, FixState, Plan, PlannedFile, PlannedFix};
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
    state.rows.total = findings as usize;
    state.list.has_status = true;
    state.list.lines = (0..findings).map(ListLine::Finding).collect();
    put_cursor(&mut state, 0);
    state.detail.page = detail_page();
    state
}

/// Puts the cursor on a line, as a key would.
pub(crate) fn put_cursor(state: &mut State, at: usize) {
    state.list.at = at;
    state.list.cursor = match state.list.lines.get(at) {
        Some(ListLine::Finding(finding)) => Some(Target::Finding(state.board.backlog.finding(*finding).id)),
        Some(ListLine::Group(group)) => Some(Target::Group(state.rows.label(&state.board, *group).into_owned())),
        None => None,
    };
}

/// Groups the list by severity, with the second group folded.
pub(crate) fn group(state: &mut State) {
    state.lens.group = Some(GroupKey::Severity);
    state.rows.key = state.lens.group;
    state.list.lines.clear();
    let mut start = 0;
    for severity in Severity::ALL.iter().rev() {
        let backlog = &state.board.backlog;
        let has = |finding: &&u32| backlog.finding(**finding).severity == *severity;
        let len = u32::try_from(state.rows.findings.iter().filter(has).count()).unwrap();
        let number = u32::try_from(state.rows.groups.len()).unwrap();
        state.list.lines.push(ListLine::Group(number));
        if number == 1 {
            state.list.folds.fold(severity.name().to_owned());
            state.list.closed.insert(number);
        } else {
            state.list.lines.extend((start..start + len).map(ListLine::Finding));
        }
        state.rows.groups.push(Group { severity: *severity, start, len });
        start += len;
    }
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
            scan: None,
            results: 0,
        });
    }
    backlog.rules = RULES.iter().map(|(id, _)| Rule { id: (*id).to_owned(), ..Rule::default() }).collect();
    backlog.paths = PATHS.iter().map(|path| PathEntry { text: (*path).to_owned(), in_repo: true }).collect();
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
        events: Arc::default(),
        offers: Arc::default(),
        today: date(2026, 11, 20),
        repo: Arc::from("payments-api"),
    }
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
    backlog.findings.push(Finding { id, members: first..first + results, severity, cwe: 0, fixes, flows });
    backlog.by_id.push((id, number));
}

fn record(id: FindingId, number: u32, rule: u32, run: u32) -> Record {
    Record {
        id,
        offset: 0,
        len: 0,
        run,
        index: number,
        rule,
        path: number % u32::try_from(PATHS.len()).unwrap(),
        line: 7 + number * 13 % 900,
        column: 5,
        end_line: 0,
        end_column: 0,
        level: Level::Error,
        kind: Kind::Fail,
        severity: RULES[rule as usize].1,
        baseline: if number.is_multiple_of(5) { Baseline::New } else { Baseline::Unchanged },
        fixes: 0,
        flows: 0,
        category: Category::Code,
        is_suppressed: false,
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
    let review = Review {
        plan: Some(Arc::new(plan)),
        dropped: [FixId(2)].into(),
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
    Screen::Review(Box::new(review))
}

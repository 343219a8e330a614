//! Counts of everything that was loaded. The numbers of each block add up to the total.

use std::ops::Range;

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::app::page::{Line, Page, Role};
use crate::app::state::State;
use crate::model::backlog::{Backlog, FindingIdx};
use crate::model::bits::Bits;
use crate::model::board::Board;
use crate::model::decision::Status;
use crate::model::funnel::{Funnel, Step};
use crate::model::grade::{Category, Severity};

/// Columns of the longest bar.
const BAR: usize = 30;
/// Tools that are listed one by one.
const LISTED: usize = 12;

/// Findings of one parallel task.
const TASK: FindingIdx = 16_384;

/// Counts of one pass over the findings. The arrays are in the order of `ALL`.
#[derive(Clone, Copy, Default)]
struct Tally {
    open: usize,
    fixable: usize,
    set_aside: usize,
    funnel: Funnel,
    open_by_severity: [usize; Severity::ALL.len()],
    /// Without those set aside.
    by_status: [usize; Status::ALL.len()],
    by_category: [usize; Category::ALL.len()],
}

impl Tally {
    /// On all cores.
    fn of(board: &Board) -> Self {
        let findings = FindingIdx::try_from(board.backlog.findings.len()).unwrap_or(FindingIdx::MAX);
        let fixable = board.fixable();
        let tasks = (0..findings.div_ceil(TASK)).into_par_iter().map(|task| {
            let first = task * TASK;
            Self::of_some(board, &fixable, first..findings.min(first.saturating_add(TASK)))
        });
        tasks.reduce(Self::default, Self::with)
    }

    fn of_some(board: &Board, fixable: &Bits, findings: Range<FindingIdx>) -> Self {
        let order = board.backlog.order();
        let mut tally = Self::default();
        for number in findings {
            let status = board.status(number);
            tally.funnel.add(Step::of(board, number), 1);
            tally.by_category[order.leads.category[number as usize] as usize] += 1;
            if status.is_open() && order.live.has(number) {
                tally.open += 1;
                tally.fixable += usize::from(fixable.has(number));
                tally.open_by_severity[order.leads.severity[number as usize] as usize] += 1;
            } else if status.is_open() {
                // No decision says so: the report itself takes it out.
                tally.set_aside += 1;
                continue;
            }
            tally.by_status[status as usize] += 1;
        }
        tally
    }

    fn with(mut self, other: Self) -> Self {
        self.open += other.open;
        self.fixable += other.fixable;
        self.set_aside += other.set_aside;
        for step in Step::ALL {
            self.funnel.add(*step, other.funnel.count(*step));
        }
        add(&mut self.open_by_severity, &other.open_by_severity);
        add(&mut self.by_status, &other.by_status);
        add(&mut self.by_category, &other.by_category);
        self
    }
}

fn add(counts: &mut [usize], others: &[usize]) {
    for (count, other) in counts.iter_mut().zip(others) {
        *count += other;
    }
}

/// The dashboard.
pub fn page(state: &State) -> Page {
    let backlog = &state.board.backlog;
    let total = backlog.findings.len();
    let tally = Tally::of(&state.board);
    let mut lines = vec![
        count("results", backlog.results.len(), "what the scanners wrote"),
        count("findings", total, "one problem at one place"),
        count("open", tally.open, "what is left to do"),
        count("with a fix", tally.fixable, "of the open ones; v f shows them"),
    ];
    heading(&mut lines, "From all findings to what is urgent");
    for step in Step::ALL {
        let line = bar(step.name(), tally.funnel.count(*step), total, step_role(*step));
        lines.push(line.with(Role::Dim, &format!("  / {}", step.query())));
    }
    heading(&mut lines, "Open findings by severity");
    for severity in Severity::ALL.iter().rev() {
        let count = tally.open_by_severity[*severity as usize];
        lines.push(bar(severity.name(), count, tally.open, (*severity).into()));
    }
    heading(&mut lines, "All findings by status");
    let statuses = Status::ALL.iter().map(|status| (status.name(), tally.by_status[*status as usize]));
    lines.extend(statuses.filter(|(_, count)| *count > 0).map(|(name, count)| bar(name, count, total, Role::Text)));
    if tally.set_aside > 0 {
        let why = "  by the reports themselves; v a shows them";
        lines.push(bar("set aside", tally.set_aside, total, Role::Text).with(Role::Dim, why));
    }
    heading(&mut lines, "All findings by category");
    let categories = Category::ALL.iter().map(|category| (category.name(), tally.by_category[*category as usize]));
    lines.extend(categories.filter(|(_, count)| *count > 0).map(|(name, count)| bar(name, count, total, Role::Text)));
    heading(&mut lines, "Results by tool");
    for (tool, count) in results_by_tool(backlog).into_iter().take(LISTED) {
        lines.push(bar(tool, count, backlog.results.len(), Role::Text));
    }
    Page { title: "Dashboard".to_owned(), lines }
}

fn step_role(step: Step) -> Role {
    match step {
        Step::Decided | Step::OnUpgrade => Role::Dim,
        Step::TestOnly | Step::Unreached => Role::Good,
        Step::Scheduled => Role::Medium,
        Step::ThisSprint => Role::High,
        Step::ActNow => Role::Critical,
    }
}

fn heading(lines: &mut Vec<Line>, title: &str) {
    lines.push(Line::blank());
    lines.push(Line::new(Role::Title, title).stop());
}

/// Names of the tools with the number of their results, most first.
fn results_by_tool(backlog: &Backlog) -> Vec<(&str, usize)> {
    let mut tools: Vec<(&str, usize)> = backlog.tools.iter().map(|tool| (tool.name.as_str(), 0)).collect();
    for run in &backlog.runs {
        if let Some((_, count)) = tools.get_mut(run.tool as usize) {
            *count += run.results as usize;
        }
    }
    tools.retain(|(_, count)| *count > 0);
    tools.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    tools
}

fn count(label: &str, count: usize, meaning: &str) -> Line {
    Line::new(Role::Text, &format!("{label:<22}"))
        .with(Role::Strong, &format!("{count:>8}"))
        .with(Role::Dim, &format!("  {meaning}"))
}

fn bar(label: &str, count: usize, of: usize, role: Role) -> Line {
    let columns = if of == 0 { 0 } else { (count * BAR).div_ceil(of) };
    Line::new(role, &format!("{label:<22}")).with(Role::Text, &format!("{count:>8}  ")).with(role, &"━".repeat(columns))
}

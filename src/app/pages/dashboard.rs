//! Charts of everything that was loaded, counted once, in parts between two frames. The numbers of a block that is about
//! all findings add up to their total.

use std::ops::Range;

use jiff::civil::Date;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::app::page::{Line, Page, Role};
use crate::app::state::State;
use crate::model::ai::{Says, agreement_by_model};
use crate::model::backlog::{Backlog, FindingIdx};
use crate::model::bits::Bits;
use crate::model::board::Board;
use crate::model::decision::Status;
use crate::model::due::{day, day_of};
use crate::model::funnel::{Funnel, Step};
use crate::model::grade::{Category, Severity};
use crate::model::reach::{Lane, Reach};
use crate::model::sightings::Tide;
use crate::model::text::{cut, visible};

use super::charts::{arranged, bar, flow, title};

/// Tools that are listed one by one.
const LISTED: usize = 12;

/// Findings of one parallel task.
const TASK: FindingIdx = 8_192;

/// How many findings a filter looks at while one is counted.
const COST: usize = 8;

/// Counts of one pass over the findings. The arrays are in the order of `ALL`.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    open: usize,
    fixable: usize,
    set_aside: usize,
    funnel: Funnel,
    open_by_severity: [usize; Severity::ALL.len()],
    /// Without those set aside.
    by_status: [usize; Status::ALL.len()],
    by_category: [usize; Category::ALL.len()],
    open_by_lane: [usize; Lane::ALL.len()],
    open_by_reach: [usize; Reach::ALL.len()],
    /// Open ones by the days since they were first seen; the last is not known.
    ages: [usize; AGES.len() + 2],
    /// Decisions by the days that are left of them; the first have ended.
    ends: [usize; ENDS.len() + 2],
    /// By weeks, the last one of today.
    came: [usize; WEEKS],
    went: [usize; WEEKS],
    closed: usize,
    fixed: usize,
    overdue: usize,
    /// Open ones about which a model proposes a decision that nobody has answered.
    proposed: usize,
}

/// Upper bounds in days, exclusive.
const AGES: [(i64, &str); 4] =
    [(7, "under a week"), (30, "under 30 days"), (90, "under 90 days"), (365, "under a year")];
/// Upper bounds in days, inclusive.
const ENDS: [(i64, &str); 3] = [(7, "within 7 days"), (30, "within 30 days"), (90, "within 90 days")];
const WEEKS: usize = 8;

/// All findings on their way into the counts.
#[derive(Clone, Debug, Default)]
pub struct Counting {
    tally: Tally,
    fixable: Bits,
    /// The next finding that is counted.
    at: usize,
}

impl Counting {
    pub fn new(board: &Board) -> Self {
        Self { fixable: board.fixable().into_owned(), ..Self::default() }
    }

    /// Counts some more, on all cores; `room` is what a filter looks at in the same time.
    pub fn go_on(&mut self, board: &Board, room: usize) {
        let end = board.backlog.findings.len().min(self.at.saturating_add((room / COST).max(1)));
        let [first, end] = [self.at, end].map(|at| FindingIdx::try_from(at).unwrap_or(FindingIdx::MAX));
        let tasks = (0..(end - first).div_ceil(TASK)).into_par_iter().map(|task| {
            let first = first + task * TASK;
            Tally::of_some(board, &self.fixable, first..end.min(first.saturating_add(TASK)))
        });
        self.tally = self.tally.with(tasks.reduce(Tally::default, Tally::with));
        self.at = end as usize;
    }

    pub fn is_complete(&self, board: &Board) -> bool {
        self.at >= board.backlog.findings.len()
    }
}

impl Tally {
    fn of_some(board: &Board, fixable: &Bits, findings: Range<FindingIdx>) -> Self {
        let order = board.backlog.order();
        let today = day(board.today);
        let mut tally = Self::default();
        for number in findings {
            let status = board.status(number);
            tally.funnel.add(Step::of(board, number), 1);
            tally.by_category[order.leads.category[number as usize] as usize] += 1;
            let first = board.first_seen(number).map(day_of);
            tally.moves(board, number, today, first);
            if status.is_open() && order.live.has(number) {
                tally.open += 1;
                tally.fixable += usize::from(fixable.has(number));
                tally.open_by_severity[order.leads.severity[number as usize] as usize] += 1;
                tally.overdue += usize::from(board.is_overdue(number));
                tally.proposed += usize::from(board.is_proposed(number));
                let judged = board.judged(number).unwrap_or_default();
                tally.open_by_lane[judged.lane as usize] += 1;
                tally.open_by_reach[judged.reach as usize] += 1;
                let within = |first: i64| AGES.iter().position(|(most, _)| today - first < *most).unwrap_or(AGES.len());
                tally.ages[first.map_or(AGES.len() + 1, within)] += 1;
            } else if status.is_open() {
                // No decision says so: the report itself takes it out.
                tally.set_aside += 1;
                continue;
            }
            tally.by_status[status as usize] += 1;
        }
        tally
    }

    /// When it came, and when it went; and when what was decided about it ends.
    fn moves(&mut self, board: &Board, number: FindingIdx, today: i64, first: Option<i64>) {
        let standing = board.standing(number);
        let week = |day: i64| usize::try_from((today - day).div_euclid(7)).ok().filter(|week| *week < WEEKS);
        if let Some(week) = first.and_then(week) {
            self.came[WEEKS - 1 - week] += 1;
        }
        if let Some(expires) = standing.expires {
            let left = day(expires) - today;
            let place = ENDS.iter().position(|(most, _)| left <= *most).map_or(ENDS.len() + 1, |at| at + 1);
            self.ends[if left < 0 { 0 } else { place }] += 1;
        }
        if standing.status.is_open() {
            return;
        }
        self.closed += 1;
        self.fixed += usize::from(matches!(standing.status, Status::Fixed | Status::FixApplied));
        let last = standing.events.last().and_then(|event| board.events.get(*event as usize));
        if let Some(week) = last.and_then(|event| week(day_of(event.at))) {
            self.went[WEEKS - 1 - week] += 1;
        }
    }

    fn with(mut self, other: Self) -> Self {
        self.closed += other.closed;
        self.fixed += other.fixed;
        self.overdue += other.overdue;
        self.proposed += other.proposed;
        add(&mut self.open_by_lane, &other.open_by_lane);
        add(&mut self.open_by_reach, &other.open_by_reach);
        add(&mut self.ages, &other.ages);
        add(&mut self.ends, &other.ends);
        add(&mut self.came, &other.came);
        add(&mut self.went, &other.went);
        self.open += other.open;
        self.fixable += other.fixable;
        self.set_aside += other.set_aside;
        self.funnel = self.funnel.with(other.funnel);
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
pub fn page(state: &State, width: u16) -> Page {
    let backlog = &state.board.backlog;
    let total = backlog.findings.len();
    let title = "Dashboard".to_owned();
    let Some(counting) = state.counting.as_ref().filter(|counting| counting.is_complete(&state.board)) else {
        return Page { title, lines: vec![Line::new(Role::Dim, &format!("counting {total} findings…"))] };
    };
    let tally = &counting.tally;
    let mut lines = vec![
        count("results", backlog.results.len(), "what the scanners wrote"),
        count("findings", total, "one problem at one place"),
        count("open", tally.open, "what is left to do"),
        count("with a fix", tally.fixable, "of the open ones; v f shows them"),
    ];
    lines.push(Line::blank());
    lines.extend(funnel(tally, total));
    let blocks = vec![
        by_lane(tally),
        by_reach(tally),
        by_age(tally),
        by_week(tally, state.board.today),
        by_scans(&state.board),
        by_end(tally),
        by_severity(tally),
        by_status(tally, total),
        by_category(tally, total),
        by_tool(backlog),
    ];
    let blocks: Vec<Vec<Line>> = blocks.into_iter().chain(by_model(&state.board, tally)).collect();
    lines.extend(arranged(&blocks, usize::from(width)));
    Page { title, lines }
}

fn funnel(tally: &Tally, total: usize) -> Vec<Line> {
    let mut lines = vec![title("From all findings to what is urgent", "")];
    lines.extend(Step::ALL.iter().map(|step| {
        let line = bar(step.name(), tally.funnel.count(*step), total, step_role(*step));
        line.with(Role::Dim, &format!("  / {}", step.query()))
    }));
    lines
}

fn by_lane(tally: &Tally) -> Vec<Line> {
    let mut lines = vec![title("Open by lane", "b l groups by it")];
    lines.extend(Lane::ALL.iter().map(|lane| {
        let role = match lane {
            Lane::ActNow => Role::Critical,
            Lane::ThisSprint => Role::High,
            Lane::Scheduled => Role::Medium,
            Lane::OnUpgrade => Role::Low,
        };
        bar(lane.name(), tally.open_by_lane[*lane as usize], tally.open, role)
    }));
    lines
}

fn by_reach(tally: &Tally) -> Vec<Line> {
    let mut lines = vec![title("Open by reach", "b e groups by it")];
    let known = Reach::ALL.iter().map(|reach| (reach.name(), tally.open_by_reach[*reach as usize]));
    lines.extend(known.filter(|(_, count)| *count > 0).map(|(name, count)| bar(name, count, tally.open, Role::Text)));
    lines
}

fn by_age(tally: &Tally) -> Vec<Line> {
    let mut lines = vec![title("Open by age", "S a sorts by it")];
    let names = AGES.iter().map(|(_, name)| *name).chain(["older", "not known"]);
    let rows = names.zip(tally.ages).filter(|(name, count)| *name != "not known" || *count > 0);
    lines.extend(rows.map(|(name, count)| bar(name, count, tally.open, Role::Text)));
    lines.push(bar("overdue", tally.overdue, tally.open, Role::Error).with(Role::Dim, " v l lists it"));
    lines
}

/// What scans found new and no longer, by the journal of scans.
fn by_scans(board: &Board) -> Vec<Line> {
    let tides = board.sightings.tides(7, board.today);
    let tides = tides.get(tides.len().saturating_sub(WEEKS)..).unwrap_or_default();
    let number = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
    let most = tides.iter().map(|tide| number(tide.inflow.max(tide.outflow))).max().unwrap_or(0);
    let mut lines = vec![title("Results that scans found new, and gone", "")];
    let row = |tide: &Tide| flow(&format!("to {}", tide.date), number(tide.inflow), number(tide.outflow), most);
    lines.extend(tides.iter().map(row));
    if tides.is_empty() {
        lines.push(Line::new(Role::Dim, "no earlier scan is known yet"));
    }
    lines
}

/// What was first seen and what was closed in the last weeks.
fn by_week(tally: &Tally, today: Date) -> Vec<Line> {
    let most = tally.came.iter().chain(&tally.went).copied().max().unwrap_or(0);
    let mut lines = vec![title("Came in and closed, by week", "")];
    for (number, (came, went)) in tally.came.iter().zip(tally.went).enumerate() {
        let days = i64::try_from((WEEKS - 1 - number) * 7).unwrap_or(0);
        let end = today.checked_sub(jiff::Span::new().days(days)).unwrap_or(today);
        lines.push(flow(&format!("to {end}"), *came, went, most));
    }
    lines.push(bar("closed by a fix", tally.fixed, tally.closed, Role::Good).with(
        Role::Dim,
        &match (tally.fixed * 100).checked_div(tally.closed) {
            Some(rate) => format!(" {rate}% of {}", tally.closed),
            None => " nothing is closed yet".to_owned(),
        },
    ));
    lines
}

fn by_end(tally: &Tally) -> Vec<Line> {
    let all: usize = tally.ends.iter().sum();
    let mut lines = vec![title("What was decided for a while ends", "v e lists it")];
    let names = ["has ended"].into_iter().chain(ENDS.iter().map(|(_, name)| *name)).chain(["later"]);
    let roles = [Role::Error, Role::Warning, Role::Warning, Role::Text, Role::Text];
    let rows = names.zip(tally.ends).zip(roles);
    lines.extend(rows.map(|((name, count), role)| bar(name, count, all, role)));
    lines
}

fn by_severity(tally: &Tally) -> Vec<Line> {
    let mut lines = vec![title("Open by severity", "")];
    for severity in Severity::ALL.iter().rev() {
        let count = tally.open_by_severity[*severity as usize];
        lines.push(bar(severity.name(), count, tally.open, (*severity).into()));
    }
    lines
}

fn by_status(tally: &Tally, total: usize) -> Vec<Line> {
    let mut lines = vec![title("All by status", "")];
    let statuses = Status::ALL.iter().map(|status| (status.name(), tally.by_status[*status as usize]));
    lines.extend(statuses.filter(|(_, count)| *count > 0).map(|(name, count)| bar(name, count, total, Role::Text)));
    if tally.set_aside > 0 {
        lines.push(bar("set aside", tally.set_aside, total, Role::Text).with(Role::Dim, " by the reports; v a"));
    }
    lines
}

fn by_category(tally: &Tally, total: usize) -> Vec<Line> {
    let mut lines = vec![title("All by category", "")];
    let categories = Category::ALL.iter().map(|category| (category.name(), tally.by_category[*category as usize]));
    lines.extend(categories.filter(|(_, count)| *count > 0).map(|(name, count)| bar(name, count, total, Role::Text)));
    lines
}

fn by_tool(backlog: &Backlog) -> Vec<Line> {
    let mut lines = vec![title("Results by tool", "")];
    for (tool, count) in results_by_tool(backlog).into_iter().take(LISTED) {
        lines.push(bar(&cut(tool, 15), count, backlog.results.len(), Role::Text));
    }
    lines
}

/// What models propose, and how often people agreed with each; nothing where none has said anything.
fn by_model(board: &Board, tally: &Tally) -> Option<Vec<Line>> {
    let rows = agreement_by_model(&board.events);
    if rows.is_empty() && tally.proposed == 0 {
        return None;
    }
    let mut lines = vec![title("AI verdicts that people confirmed", "")];
    lines.push(bar("wait for you", tally.proposed, tally.open, Role::Warning).with(Role::Dim, " v p lists them"));
    for row in rows.iter().take(LISTED) {
        let short = if row.proposes == Says::FalsePositive.name() { "fp" } else { "real" };
        let name = format!("{} {short}", cut(&visible(&row.model), 20 - short.len()));
        let line = bar(&name, row.confirmed, row.answered(), Role::Text);
        lines.push(line.with(Role::Dim, &format!(" of {}", row.answered())));
    }
    Some(lines)
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

//! Counts of everything that was loaded. The numbers of each block add up to the total.

use std::collections::BTreeMap;

use crate::app::page::{Line, Page, Role};
use crate::app::state::State;
use crate::model::board::Board;
use crate::model::decision::Status;
use crate::model::grade::{Category, Severity};

/// Columns of the longest bar.
const BAR: usize = 30;
/// Tools that are listed one by one.
const LISTED: usize = 12;

/// The dashboard.
pub fn page(state: &State) -> Page {
    let board = &state.board;
    let backlog = &board.backlog;
    let total = backlog.findings.len();
    let findings = || (0..total).filter_map(|finding| u32::try_from(finding).ok());
    let left: Vec<u32> = findings().filter(|finding| board.is_open(*finding)).collect();
    let open = left.len();
    let fixable = left.iter().filter(|finding| backlog.finding(**finding).fixes > 0).count();
    let mut lines = vec![
        count("results", backlog.results.len(), "what the scanners wrote"),
        count("findings", total, "one problem at one place"),
        count("open", open, "what is left to do"),
        count("with a fix", fixable, "of the open ones; v f shows them"),
        Line::blank(),
        Line::new(Role::Title, "Open findings by severity").stop(),
    ];
    for severity in Severity::ALL.iter().rev() {
        let in_it = |finding: &&u32| backlog.finding(**finding).severity == *severity;
        lines.push(bar(severity.name(), left.iter().filter(in_it).count(), open, (*severity).into()));
    }
    lines.push(Line::blank());
    lines.push(Line::new(Role::Title, "All findings by status").stop());
    for status in Status::ALL {
        let has_it = |finding: &u32| board.status(*finding) == *status && !is_set_aside(board, *finding);
        let count = findings().filter(has_it).count();
        if count > 0 {
            lines.push(bar(status.name(), count, total, Role::Text));
        }
    }
    let set_aside = findings().filter(|finding| is_set_aside(board, *finding)).count();
    if set_aside > 0 {
        let why = "  by the reports themselves; v a shows them";
        lines.push(bar("set aside", set_aside, total, Role::Text).with(Role::Dim, why));
    }
    lines.push(Line::blank());
    lines.push(Line::new(Role::Title, "All findings by category").stop());
    for category in Category::ALL {
        let count = findings().filter(|finding| board.lead(*finding).category == *category).count();
        if count > 0 {
            lines.push(bar(category.name(), count, total, Role::Text));
        }
    }
    lines.push(Line::blank());
    lines.push(Line::new(Role::Title, "Results by tool").stop());
    let mut tools: BTreeMap<&str, usize> = BTreeMap::new();
    for record in &backlog.results {
        *tools.entry(backlog.tool(record).name.as_str()).or_default() += 1;
    }
    let mut tools: Vec<_> = tools.into_iter().collect();
    tools.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for (tool, count) in tools.into_iter().take(LISTED) {
        lines.push(bar(tool, count, backlog.results.len(), Role::Text));
    }
    Page { title: "Dashboard".to_owned(), lines }
}

/// Not open although no decision says so: the report itself takes it out.
fn is_set_aside(board: &Board, finding: u32) -> bool {
    board.status(finding).is_open() && !board.is_open(finding)
}

fn count(label: &str, count: usize, meaning: &str) -> Line {
    Line::new(Role::Text, &format!("{label:<14}"))
        .with(Role::Strong, &format!("{count:>8}"))
        .with(Role::Dim, &format!("  {meaning}"))
}

fn bar(label: &str, count: usize, of: usize, role: Role) -> Line {
    let columns = if of == 0 { 0 } else { (count * BAR).div_ceil(of) };
    Line::new(role, &format!("{label:<14}")).with(Role::Text, &format!("{count:>8}  ")).with(role, &"━".repeat(columns))
}

//! The first line: where the findings stand, which reports they come from, how many of them the list shows.

use ratatui::layout::Rect;

use crate::app::page::Role;
use crate::app::state::{Extent, State};
use crate::model::funnel::Step;
use crate::model::text;

use super::pen::{Pen, Row, count, thousands};

/// Most reports that are named one by one.
const NAMED: usize = 8;

pub(super) fn draw(pen: &mut Pen, area: Rect, state: &State) {
    pen.tint(area, Role::Header);
    let mut row = pen.row(area);
    row.put_end(Role::Header, &format!("  {} ", counts(state)));
    row.put(Role::Header, &format!(" quell  {}  ", place(state)));
    if let Some(what) = changed(state) {
        row.put(Role::Header, &format!("{what} changed: R reloads  "));
    }
    funnel(&mut row, state);
    let reports = &state.board.backlog.reports;
    let number = count(reports.len(), "report", "reports");
    // A part of it says less than nothing.
    if reports.is_empty() || state.board.funnel.total() > 0 && text::width(&number) > row.left() {
        return;
    }
    row.put(Role::Header, &number);
    // Names that would be cut say less than their number.
    if reports.len() <= NAMED {
        let names: Vec<&str> = reports.iter().map(|report| file_name(&report.name)).collect();
        let names = format!(": {}", text::visible(&names.join(" ")));
        if text::width(&names) <= row.left() {
            row.put(Role::Header, &names);
        }
    }
}

/// Where the findings stand, what is urgent first, as far as there is room.
fn funnel(row: &mut Row<'_, '_>, state: &State) {
    let total = state.board.funnel.total();
    let stands = |step: &Step| (state.board.funnel.count(*step), step.short());
    let steps = Step::ALL.iter().rev().map(stands).filter(|(count, _)| *count > 0);
    for step in steps.map(|(count, name)| format!("{} {name}  ", thousands(count))) {
        if text::width(&step) > row.left() {
            return;
        }
        row.put(Role::Header, &step);
    }
    let (findings, results) = (thousands(total), thousands(state.board.backlog.results.len()));
    let wholes = [format!("of {findings} findings in {results} results  "), format!("of {findings}  ")];
    let whole = wholes.iter().find(|whole| total > 0 && text::width(whole) <= row.left());
    row.put(Role::Header, whole.map_or("", String::as_str));
}

/// What others have changed since the load.
fn changed(state: &State) -> Option<&'static str> {
    match (state.changed.reports, state.changed.decisions) {
        (true, true) => Some("reports and decisions"),
        (true, false) => Some("reports"),
        (false, true) => Some("decisions"),
        (false, false) => None,
    }
}

/// `1,284 of 5,902 open`, or `all` where decided findings are shown too; of a part `loading, 1,284 so far`.
fn counts(state: &State) -> String {
    let kind = match (state.extent, &state.loading, state.lens.open_only) {
        (Extent::Part, Some(_), _) => "so far, loading",
        (Extent::Part, None, _) => "of a part, stopped",
        (_, _, true) => "open",
        (_, _, false) => "all",
    };
    let (shown, total) = (thousands(state.rows.findings.len()), thousands(state.rows.total));
    if shown == total { format!("{total} {kind}") } else { format!("{shown} of {total} {kind}") }
}

fn place(state: &State) -> String {
    let repo = text::visible(&state.board.repo);
    match &state.branch {
        Some(branch) => format!("{repo}@{}", text::visible(branch)),
        None => repo.into_owned(),
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

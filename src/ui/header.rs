//! The first line: what is open, which reports it comes from, how much of it the list shows.

use ratatui::layout::Rect;

use crate::app::page::Role;
use crate::app::state::{Extent, State};
use crate::model::text;

use super::pen::{Pen, count, thousands};

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
    let reports = &state.board.backlog.reports;
    if reports.is_empty() {
        return;
    }
    row.put(Role::Header, &count(reports.len(), "report", "reports"));
    // Names that would be cut say less than their number.
    if reports.len() <= NAMED {
        let names: Vec<&str> = reports.iter().map(|report| file_name(&report.name)).collect();
        let names = format!(": {}", text::visible(&names.join(" ")));
        if text::width(&names) <= row.left() {
            row.put(Role::Header, &names);
        }
    }
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

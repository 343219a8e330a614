//! What stands in place of an empty list: why it is empty, and what to press.

use ratatui::layout::Rect;

use crate::app::page::Role;
use crate::app::state::{Extent, State};
use crate::model::problem::tally;
use crate::model::text;

use super::pen::{Pen, count, thousands};

pub(super) fn draw(pen: &mut Pen, area: Rect, state: &State) {
    let mut area = Rect { y: area.y + u16::from(area.height > 4), ..area };
    for (role, text) in lines(state) {
        let mut row = pen.row(Rect { height: 1.min(area.height), ..area });
        row.skip(1);
        row.put(role, &text);
        area = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    }
}

/// Why the list is empty, most likely reason first.
fn lines(state: &State) -> Vec<(Role, String)> {
    let backlog = &state.board.backlog;
    let typed = state.filter.editing.as_ref().map_or(state.filter.text.as_str(), |input| input.text());
    let escape =
        if state.filter.editing.is_some() { "Esc goes back to the filter before" } else { "Esc clears the filter" };
    if let Some(progress) = progress(state) {
        return vec![(Role::Text, progress)];
    }
    let mut out = if state.extent == Extent::Nothing {
        vec![(Role::Strong, "loading was stopped".to_owned()), (Role::Text, "R reads the reports".to_owned())]
    } else if backlog.reports.is_empty() {
        vec![
            (Role::Strong, "no report is loaded".to_owned()),
            (Role::Text, "name one: quell FILE, or quell - for standard input".to_owned()),
            (Role::Text, "or put reports in .quell/reports/ and press R".to_owned()),
        ]
    } else if !typed.trim().is_empty() && state.rows.total > 0 {
        vec![
            (Role::Strong, format!("0 of {} match", thousands(state.rows.total))),
            (Role::Text, escape.to_owned()),
            (Role::Text, String::new()),
            (Role::Dim, "words match rule, path and message; terms name a field:".to_owned()),
            (Role::Dim, "severity:>=high  is:fixable  tool:semgrep".to_owned()),
            (Role::Dim, "rule:*sql*  -path:tests/**  status:accepted".to_owned()),
        ]
    } else if backlog.findings.is_empty() {
        let reports = count(backlog.reports.len(), "report", "reports");
        vec![(Role::Strong, format!("{reports} read, and nothing was found"))]
    } else {
        let all = count(backlog.findings.len(), "finding", "findings");
        vec![
            (Role::Strong, "nothing is open".to_owned()),
            (Role::Text, format!("{all} loaded; v shows the other views")),
        ]
    };
    if !state.problems.is_empty() {
        out.push((Role::Warning, format!("{}: press p", tally(&state.problems))));
    }
    out
}

/// `reading reports: 12.3 of 95.8 MB, 4,512 results; Esc stops` while a load is under way.
pub(super) fn progress(state: &State) -> Option<String> {
    let loading = state.loading.as_ref()?;
    if let Some(pipe) = &loading.waits_for {
        return Some(format!("waiting for somebody to write to the pipe {}; q quits", text::visible(pipe)));
    }
    if loading.bytes == 0 {
        return Some("reading reports…".to_owned());
    }
    let results = usize::try_from(loading.results).unwrap_or(usize::MAX);
    let results = count(results, "result", "results");
    let (words, is_part) = match state.extent {
        Extent::Part => ("loading", "; counts are of a part"),
        Extent::Nothing | Extent::Whole => ("reading reports:", ""),
    };
    let bytes = match (loading.bytes, loading.total) {
        // What is packed is more than its file.
        (bytes, total) if bytes > total => format!("{words} {} MB, ", megabytes(bytes)),
        (bytes, total) if bytes == total => "joining ".to_owned(),
        (bytes, total) => format!("{words} {} of {} MB, ", megabytes(bytes), megabytes(total)),
    };
    Some(format!("{bytes}{results}{is_part}; Esc stops"))
}

/// To one decimal place.
fn megabytes(bytes: u64) -> String {
    let tenths = bytes / 100_000;
    format!("{}.{}", tenths / 10, tenths % 10)
}

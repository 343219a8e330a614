//! One page for people without a terminal: nothing in it runs or is fetched, and everything of a report is text.

use std::io;

use crate::cli::finding::{self, Finding};
use crate::cli::out::Out;
use crate::cli::work::Work;
use crate::exchange::markup::{PAGE_END, html, page_head};
use crate::model::backlog::FindingIdx;

use super::words::{decided, said};

const COLUMNS: &str = "<table>\n<thead><tr><th>severity</th><th>status</th><th>rule</th><th>place</th><th>message</th>\
<th>decision</th><th>id</th></tr></thead>\n<tbody>";

/// Writes the page.
pub(super) fn write(work: &Work, findings: &[FindingIdx], out: &mut Out<'_>) -> io::Result<()> {
    let board = &work.loaded.board;
    out.text(&page_head("Findings", ""))?;
    out.line(&format!("<h1>{}: {} findings</h1>\n{COLUMNS}", html(&board.repo), findings.len()))?;
    for &finding in findings {
        let read = finding::read(board, &work.loaded.reader, finding);
        let decision = decided(board, finding).map(said).unwrap_or_default();
        let Finding { severity, status, rule, message, path, line, id, .. } = &read.json;
        let line = line.map(|line| format!(":{line}")).unwrap_or_default();
        let place = format!("{}{line}", path.unwrap_or("-"));
        let (message, decision) = (read.cover.text(message), read.cover.text(&decision));
        let cells = [severity, status, rule, place.as_str(), &message, &decision, id].map(html);
        out.line(&format!("<tr><td>{}</td></tr>", cells.join("</td><td>")))?;
    }
    out.line("</tbody>\n</table>")?;
    out.text(PAGE_END)
}

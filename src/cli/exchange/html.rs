//! One page for people without a terminal: nothing in it runs or is fetched, and everything of a report is text.

use std::io;

use crate::cli::finding::{self, Finding};
use crate::cli::out::Out;
use crate::cli::work::Work;
use crate::model::backlog::FindingIdx;
use crate::model::text::visible;

use super::words::{decided, said};

const HEAD: &str = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
<meta name=\"viewport\" content=\"width=device-width\">\n<title>Findings</title>\n<style>\n\
body{font:14px/1.4 sans-serif;margin:2em}table{border-collapse:collapse;width:100%}\n\
th,td{border-bottom:1px solid #ccc;padding:.3em .6em;text-align:left;vertical-align:top;overflow-wrap:anywhere}\n\
@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}}\n</style>\n</head>\n<body>\n";
const COLUMNS: &str = "<table>\n<thead><tr><th>severity</th><th>status</th><th>rule</th><th>place</th><th>message</th>\
<th>decision</th><th>id</th></tr></thead>\n<tbody>";

/// Writes the page.
pub(super) fn write(work: &Work, findings: &[FindingIdx], out: &mut Out<'_>) -> io::Result<()> {
    let board = &work.loaded.board;
    out.text(HEAD)?;
    out.line(&format!("<h1>{}: {} findings</h1>\n{COLUMNS}", escaped(&board.repo), findings.len()))?;
    for &finding in findings {
        let read = finding::read(board, &work.loaded.reader, finding);
        let decision = decided(board, finding).map(said).unwrap_or_default();
        let Finding { severity, status, rule, message, path, line, id, .. } = &read.json;
        let line = line.map(|line| format!(":{line}")).unwrap_or_default();
        let place = format!("{}{line}", path.unwrap_or("-"));
        let (message, decision) = (read.cover.text(message), read.cover.text(&decision));
        let cells = [severity, status, rule, place.as_str(), &message, &decision, id].map(escaped);
        out.line(&format!("<tr><td>{}</td></tr>", cells.join("</td><td>")))?;
    }
    out.line("</tbody>\n</table>\n</body>\n</html>")
}

/// Text in which nothing is markup.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in visible(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

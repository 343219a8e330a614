//! Findings for people, one row each, with secrets covered: as CSV, Markdown and one page of HTML.

use std::io::{self, Write};

use super::markup::{self, PAGE_END, page_head};
use super::safe::{line, text};

/// A finding as a row shows it.
#[derive(Clone, Debug, Default)]
pub struct Row<'b> {
    pub id: String,
    pub severity: &'static str,
    pub status: &'static str,
    pub tools: Vec<&'b str>,
    pub rule: &'b str,
    pub path: Option<&'b str>,
    pub line: Option<u32>,
    pub category: &'static str,
    pub cwe: &'b [u32],
    pub fixes: u8,
    pub flows: u8,
    pub first_seen: Option<String>,
    pub expires: Option<String>,
    pub owner: Option<&'b str>,
    pub message: String,
    /// What was decided, in one line.
    pub decision: String,
}

impl Row<'_> {
    /// `src/run.py:12`, without what is not stated.
    fn place(&self) -> String {
        match (self.path, self.line) {
            (Some(path), Some(line)) => format!("{path}:{line}"),
            (Some(path), None) => path.to_owned(),
            (None, _) => String::from("-"),
        }
    }
}

/// Writes the names of the columns.
pub fn csv_head(to: &mut dyn Write) -> io::Result<()> {
    line(to, "id,severity,status,tools,rule,path,line,category,cwe,fixes,flows,first seen,expires,owner,message")
}

pub fn csv(to: &mut dyn Write, row: Row<'_>) -> io::Result<()> {
    let cells = [
        row.id,
        row.severity.to_owned(),
        row.status.to_owned(),
        row.tools.join(" "),
        row.rule.to_owned(),
        row.path.unwrap_or_default().to_owned(),
        row.line.map(|line| line.to_string()).unwrap_or_default(),
        row.category.to_owned(),
        row.cwe.iter().map(|cwe| format!("CWE-{cwe}")).collect::<Vec<_>>().join(" "),
        row.fixes.to_string(),
        row.flows.to_string(),
        row.first_seen.unwrap_or_default(),
        row.expires.unwrap_or_default(),
        row.owner.unwrap_or_default().to_owned(),
        row.message,
    ];
    line(to, &cells.iter().map(|cell| markup::csv(cell)).collect::<Vec<_>>().join(","))
}

/// Writes the head of a table; of a group with its label and a note, if it is one of several.
pub fn markdown_head(to: &mut dyn Write, group: Option<(&str, u32, Option<String>)>) -> io::Result<()> {
    const HEAD: &str = "| severity | status | rule | place | message | id |\n|---|---|---|---|---|---|";
    let Some((label, count, note)) = group else { return line(to, HEAD) };
    let note = note.map(|note| format!("{note}.\n\n")).unwrap_or_default();
    line(to, &format!("## {} ({count})\n\n{note}{HEAD}", markup::markdown(label)))
}

pub fn markdown(to: &mut dyn Write, row: &Row<'_>) -> io::Result<()> {
    let (rule, place) = (markup::markdown(row.rule), markup::markdown(&row.place()));
    let message = markup::markdown(&row.message);
    line(to, &format!("| {} | {} | {rule} | {place} | {message} | {} |", row.severity, row.status, row.id))
}

/// Writes the page up to its rows: nothing in it runs or is fetched.
pub fn html_head(to: &mut dyn Write, repo: &str, findings: usize) -> io::Result<()> {
    const COLUMNS: &str = "<table>\n<thead><tr><th>severity</th><th>status</th><th>rule</th><th>place</th>\
<th>message</th><th>decision</th><th>id</th></tr></thead>\n<tbody>";
    text(to, &page_head("Findings", ""))?;
    line(to, &format!("<h1>{}: {findings} findings</h1>\n{COLUMNS}", markup::html(repo)))
}

pub fn html(to: &mut dyn Write, row: &Row<'_>) -> io::Result<()> {
    let place = row.place();
    let cells = [row.severity, row.status, row.rule, &place, &row.message, &row.decision, &row.id].map(markup::html);
    line(to, &format!("<tr><td>{}</td></tr>", cells.join("</td><td>")))
}

pub fn html_end(to: &mut dyn Write) -> io::Result<()> {
    line(to, "</tbody>\n</table>")?;
    text(to, PAGE_END)
}

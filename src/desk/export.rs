//! Findings and decisions as other tools and people read them: one format, to a file, to a file for each group, or to whoever
//! takes it.

use std::collections::HashSet;
use std::io::{self, Write};
use std::path::Path;

use crate::exchange::formats::Format;
use crate::exchange::ignores::{self, Tool};
use crate::exchange::sarif::{self, Source};
use crate::exchange::table::{self, Row};
use crate::exchange::{vex, words};
use crate::ingest::Reader;
use crate::model::backlog::FindingIdx;
use crate::model::board::Board;
use crate::model::problem::{Loss, Problem};
use crate::model::text::counted;
use crate::query::Rows;
use crate::repo::hand_over;

use super::finding::{self, Read};

/// What is written from.
#[derive(Clone, Copy)]
pub struct Export<'b> {
    pub board: &'b Board,
    pub reader: &'b Reader,
    pub format: &'static Format,
}

/// A file of a group.
pub struct PartFile {
    pub name: String,
    pub label: String,
    pub findings: usize,
}

/// Characters of a label that a file is named by.
const MAX_STEM: usize = 60;

impl Export<'_> {
    /// Writes these rows; returns what has to be said about it.
    pub fn write(&self, rows: &Rows, to: &mut dyn Write) -> io::Result<Vec<String>> {
        let Self { board, reader, format } = *self;
        let findings = &rows.findings;
        match format.name {
            "openvex" | "cyclonedx" => vex(format.name, board, findings, to),
            "trivyignore" | "grype" | "osv" => ignore_rules(format.name, board, findings, to),
            "csv" => csv(board, reader, rows, to).map(|problem| problem.into_iter().collect()),
            "markdown" => markdown(board, reader, rows, to).map(|problem| problem.into_iter().collect()),
            "html" => html(board, reader, findings, to).map(|()| Vec::new()),
            _ => sarif::write(Source { board, reader }, findings, to).map(|()| Vec::new()),
        }
    }

    /// Writes a file, whole or not at all.
    pub fn write_file(&self, rows: &Rows, path: &Path) -> Result<Vec<String>, Problem> {
        let mut said = Vec::new();
        let done = hand_over(path, self.format.is_private, |to| {
            said = self.write(rows, to)?;
            Ok::<(), io::Error>(())
        });
        done.map_err(|error| {
            let hint = "it was not written; name another file";
            Problem::at(path.display().to_string(), "", error.to_string(), Loss::Nothing).hint(hint)
        })?;
        Ok(said)
    }

    /// Writes a file for each group into a folder, named by its label; returns the files, and what has to be said.
    pub fn write_parts(&self, rows: &Rows, folder: &Path) -> Result<(Vec<PartFile>, Vec<String>), Problem> {
        let (mut files, mut said) = (Vec::new(), Vec::new());
        let mut known = HashSet::new();
        for number in (0..).take(rows.groups.len()) {
            let label = rows.label(self.board, number);
            let name = format!("{}.{}", file_stem(&label, &mut known), self.format.ending);
            let part = Rows { findings: rows.of_group(number).to_vec(), ..Rows::default() };
            let notes = self.write_file(&part, &folder.join(&name))?;
            said.extend(notes.into_iter().map(|note| format!("{name}: {note}")));
            files.push(PartFile { name, label: label.into_owned(), findings: part.findings.len() });
        }
        Ok((files, said))
    }
}

/// A name of a file that no other group has: letters and digits of a label, never a way out of the folder.
fn file_stem(label: &str, known: &mut HashSet<String>) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    let name: String = label.chars().map(plain).take(MAX_STEM).collect();
    let name = name.trim_matches(['-', '.']).to_ascii_lowercase();
    let name = if name.is_empty() { "unnamed".to_owned() } else { name };
    let names = (1..).map(|number| if number == 1 { name.clone() } else { format!("{name}-{number}") });
    names.into_iter().find(|name| known.insert(name.clone())).unwrap_or(name.clone())
}

fn left_out(count: usize, why: &str) -> Option<String> {
    (count > 0).then(|| format!("left out: {} {why}", counted(count, "finding", "findings")))
}

fn vex(format: &str, board: &Board, findings: &[FindingIdx], to: &mut dyn Write) -> io::Result<Vec<String>> {
    let is_open = format == "openvex";
    let missing = if is_open { vex::openvex(board, findings, to)? } else { vex::cyclonedx(board, findings, to)? };
    let is_empty = is_open && missing.statements == 0;
    let none = is_empty.then(|| "no statement: OpenVEX asks for one at least, and others may refuse this".to_owned());
    let all = [
        none,
        left_out(missing.code, "about code, secrets or configuration, which VEX has no form for"),
        left_out(missing.unnamed, "about packages without a purl or an advisory"),
        left_out(missing.duplicates, "that are duplicates of others"),
    ];
    Ok(all.into_iter().flatten().collect())
}

fn ignore_rules(format: &str, board: &Board, findings: &[FindingIdx], to: &mut dyn Write) -> io::Result<Vec<String>> {
    let tool = match format {
        "trivyignore" => Tool::Trivy,
        "grype" => Tool::Grype,
        _ => Tool::Osv,
    };
    let count = ignores::write(tool, board, findings, to)?;
    let left_out = left_out(count, "whose rule the format has no form for, or would hide others too");
    let bare = words::say_more(board, findings);
    let bare = (bare > 0).then(|| {
        format!(
            "{} say more than a rule can: risk owner, control, scope, branches or approvals",
            counted(bare, "decision", "decisions")
        )
    });
    Ok(left_out.into_iter().chain(bare).collect())
}

/// Writes rows as CSV; returns what could not be decoded.
pub fn csv(board: &Board, reader: &Reader, rows: &Rows, to: &mut dyn Write) -> io::Result<Option<String>> {
    let mut problem = None;
    table::csv_head(to)?;
    for &finding in &rows.findings {
        table::csv(to, row(board, reader, finding, &mut problem))?;
    }
    Ok(problem)
}

/// Writes rows as Markdown, under their groups where there are some; returns what could not be decoded.
pub fn markdown(board: &Board, reader: &Reader, rows: &Rows, to: &mut dyn Write) -> io::Result<Option<String>> {
    let mut problem = None;
    let mut part = |findings: &[FindingIdx], to: &mut dyn Write| {
        findings.iter().try_for_each(|&finding| table::markdown(to, &row(board, reader, finding, &mut problem)))
    };
    if rows.groups.is_empty() {
        table::markdown_head(to, None)?;
        part(&rows.findings, to)?;
    }
    for (number, group) in (0..).zip(rows.groups.iter()) {
        let label = rows.label(board, number);
        table::markdown_head(to, Some((&label, group.len, rows.note(board, number))))?;
        part(rows.of_group(number), to)?;
        writeln!(to)?;
    }
    Ok(problem)
}

fn html(board: &Board, reader: &Reader, findings: &[FindingIdx], to: &mut dyn Write) -> io::Result<()> {
    table::html_head(to, &board.repo, findings.len())?;
    for &finding in findings {
        table::html(to, &row(board, reader, finding, &mut None))?;
    }
    table::html_end(to)
}

/// A finding as a row, with its secrets covered. The first thing that cannot be decoded is kept.
fn row<'b>(board: &'b Board, reader: &Reader, finding: FindingIdx, problem: &mut Option<String>) -> Row<'b> {
    let Read { json, problems, cover, .. } = finding::read(board, reader, finding);
    if problem.is_none() {
        *problem = problems.first().map(ToString::to_string);
    }
    let decision = words::decided(board, finding).map(words::said).unwrap_or_default();
    Row {
        severity: json.severity,
        status: json.status,
        rule: json.rule,
        path: json.path,
        line: json.line,
        category: json.category,
        cwe: json.cwe,
        fixes: json.fixes,
        flows: json.flows,
        first_seen: json.timing.first_seen,
        expires: json.expires.map(|date| date.to_string()),
        owner: json.owner,
        message: if cover.is_on() { cover.text(&json.message).into_owned() } else { json.message },
        decision: cover.text(&decision).into_owned(),
        tools: json.tools,
        id: json.id,
    }
}

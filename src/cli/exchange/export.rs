//! `quell export`: findings and decisions as other tools and people read them.

use std::collections::HashSet;
use std::io;
use std::path::Path;

use crate::cli::args::{Common, ExportArgs};
use crate::cli::exit::{Outcome, Stop};
use crate::cli::out::Out;
use crate::cli::work::{Work, parsed};
use crate::cli::{list, sarif};
use crate::model::problem::{Loss, Problem};
use crate::model::text::counted;
use crate::query::{Lens, Rows, rows};
use crate::repo::hand_over;

use super::formats::Format;
use super::ignores::{self, Tool};
use super::{html, vex, words};

pub(in crate::cli) fn run(common: &Common, args: &ExportArgs, out: &mut Out<'_>, err: &mut Out<'_>) -> Outcome {
    let query = parsed(args.query.as_deref().unwrap_or_default())?;
    let mut work = Work::load(common, args.inputs.inputs.clone(), false, err)?;
    if args.split_by.is_some() && args.output.is_none() {
        return Err(Stop::Usage(String::from("--split-by needs -o with the folder that the files go to")));
    }
    let lens = Lens { query, open_only: false, group: args.split_by, ..Lens::default() };
    if lens.reads_remedies() {
        work.look_for_remedies(None);
    }
    let rows = rows(&work.loaded.board, &lens);
    let said = match (&args.output, args.split_by) {
        (Some(folder), Some(_)) => split(&work, &rows, args.format, &work.desk.cwd().join(folder), out)?,
        (Some(path), None) => write_file(&work, &rows, args.format, &work.desk.cwd().join(path))?,
        (None, _) => write(&work, &rows, args.format.name, out)?,
    };
    for line in said {
        err.line(&line)?;
    }
    Ok(work.exit())
}

/// Writes a file, whole or not at all.
fn write_file(work: &Work, rows: &Rows, format: &Format, path: &Path) -> Result<Vec<String>, Stop> {
    let mut said = Vec::new();
    let done = hand_over(path, format.is_private, |to| {
        said = write(work, rows, format.name, &mut Out::new(to, false, None))?;
        Ok::<(), io::Error>(())
    });
    done.map_err(|error| {
        let hint = "it was not written; name another file";
        Stop::Problem(Problem::at(path.display().to_string(), "", error.to_string(), Loss::Nothing).hint(hint))
    })?;
    Ok(said)
}

/// Writes a file for each group, named by its label; says which.
fn split(work: &Work, rows: &Rows, format: &Format, folder: &Path, out: &mut Out<'_>) -> Result<Vec<String>, Stop> {
    if !folder.is_dir() {
        return Err(Stop::Usage(format!("{}: name a folder that is there, for a file each", folder.display())));
    }
    let mut said = Vec::new();
    let mut known = HashSet::new();
    for number in (0..).take(rows.groups.len()) {
        let label = rows.label(&work.loaded.board, number);
        let stem = file_stem(&label, &mut known);
        let file = format!("{stem}.{}", format.ending);
        let part = Rows { findings: rows.of_group(number).to_vec(), ..Rows::default() };
        let notes = write_file(work, &part, format, &folder.join(&file))?;
        said.extend(notes.into_iter().map(|note| format!("{file}: {note}")));
        out.line(&format!("{file}  {}  {label}", counted(part.findings.len(), "finding", "findings")))?;
    }
    Ok(said)
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

/// Characters of a label that a file is named by.
const MAX_STEM: usize = 60;

/// Writes it; returns what has to be said about it.
fn write(work: &Work, rows: &Rows, format: &str, out: &mut Out<'_>) -> io::Result<Vec<String>> {
    let (board, findings) = (&work.loaded.board, &rows.findings);
    let left_out = |count: usize, why: &str| {
        (count > 0).then(|| format!("left out: {} {why}", counted(count, "finding", "findings")))
    };
    let ignored = |count| left_out(count, "whose rule the format has no form for, or would hide others too");
    Ok(match format {
        "openvex" | "cyclonedx" => {
            let write = if format == "openvex" { vex::openvex } else { vex::cyclonedx };
            let missing = write(board, findings, out)?;
            let is_empty = format == "openvex" && missing.statements == 0;
            let none =
                is_empty.then(|| "no statement: OpenVEX asks for one at least, and others may refuse this".to_owned());
            let all = [
                none,
                left_out(missing.code, "about code, secrets or configuration, which VEX has no form for"),
                left_out(missing.unnamed, "about packages without a purl or an advisory"),
                left_out(missing.duplicates, "that are duplicates of others"),
            ];
            all.into_iter().flatten().collect()
        }
        "trivyignore" | "grype" | "osv" => {
            let tool = match format {
                "trivyignore" => Tool::Trivy,
                "grype" => Tool::Grype,
                _ => Tool::Osv,
            };
            let left_out = ignored(ignores::write(tool, board, findings, out)?);
            let bare = words::say_more(board, findings);
            let bare = (bare > 0).then(|| {
                format!(
                    "{} say more than a rule can: risk owner, control, scope, branches or approvals",
                    counted(bare, "decision", "decisions")
                )
            });
            left_out.into_iter().chain(bare).collect()
        }
        "html" => html::write(work, findings, out).map(|()| Vec::new())?,
        "csv" | "markdown" => list::export(work, rows, format == "csv", out)?.into_iter().collect(),
        _ => sarif::write(work, findings, out).map(|()| Vec::new())?,
    })
}

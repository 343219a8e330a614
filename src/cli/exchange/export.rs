//! `quell export`: findings and decisions as other tools and people read them.

use std::io;

use crate::cli::args::{Common, ExportArgs};
use crate::cli::exit::{Outcome, Stop};
use crate::cli::out::Out;
use crate::cli::work::{Work, parsed};
use crate::cli::{list, sarif};
use crate::model::problem::{Loss, Problem};
use crate::model::text::counted;
use crate::query::{Lens, Rows, rows};
use crate::repo::hand_over;

use super::ignores::{self, Tool};
use super::{html, vex};

pub(in crate::cli) fn run(common: &Common, args: &ExportArgs, out: &mut Out<'_>, err: &mut Out<'_>) -> Outcome {
    let query = parsed(args.query.as_deref().unwrap_or_default())?;
    let mut work = Work::load(common, args.inputs.inputs.clone(), false, err)?;
    let lens = Lens { query, open_only: false, ..Lens::default() };
    if lens.reads_remedies() {
        work.look_for_remedies(None);
    }
    let rows = rows(&work.loaded.board, &lens);
    let mut said = Vec::new();
    match &args.output {
        None => said = write(&work, &rows, args.format.name, out)?,
        Some(path) => {
            let path = work.desk.cwd().join(path);
            let done = hand_over(&path, args.format.is_private, |to| {
                said = write(&work, &rows, args.format.name, &mut Out::new(to, false, None))?;
                Ok::<(), io::Error>(())
            });
            done.map_err(|error| {
                let hint = "nothing was written; name another file";
                Stop::Problem(Problem::at(path.display().to_string(), "", error.to_string(), Loss::Nothing).hint(hint))
            })?;
        }
    }
    for line in said {
        err.line(&line)?;
    }
    Ok(work.exit())
}

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
            let all = [
                left_out(missing.code, "about code, secrets or configuration, which VEX has no form for"),
                left_out(missing.unnamed, "about packages without a purl or an advisory"),
                left_out(missing.duplicates, "that are duplicates of others"),
            ];
            all.into_iter().flatten().collect()
        }
        "trivyignore" => ignored(ignores::write(Tool::Trivy, board, findings, out)?).into_iter().collect(),
        "grype" => ignored(ignores::write(Tool::Grype, board, findings, out)?).into_iter().collect(),
        "osv" => ignored(ignores::write(Tool::Osv, board, findings, out)?).into_iter().collect(),
        "html" => html::write(work, findings, out).map(|()| Vec::new())?,
        "csv" | "markdown" => list::export(work, rows, format == "csv", out)?.into_iter().collect(),
        _ => sarif::write(work, findings, out).map(|()| Vec::new())?,
    })
}

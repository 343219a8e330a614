//! `quell undo`, `redo`, `recover`: the log of what was done.

use crate::desk::{Desk, Undone, commit_range, refusal};

use super::args::Common;
use super::exit::{Exit, Outcome, Stop};
use super::out::Out;
use super::work::open;

pub(super) fn undo(common: &Common, count: u32, files: &[String], out: &mut Out<'_>, err: &mut Out<'_>) -> Outcome {
    let desk = open(common, Vec::new(), false, err)?;
    report(desk.undo(count as usize, files), out)
}

pub(super) fn redo(common: &Common, count: u32, files: &[String], out: &mut Out<'_>, err: &mut Out<'_>) -> Outcome {
    let desk = open(common, Vec::new(), false, err)?;
    report(desk.redo(count as usize, files), out)
}

/// Everything that can be taken back, newest first, and what was.
pub(super) fn list(common: &Common, out: &mut Out<'_>, err: &mut Out<'_>) -> Outcome {
    let desk: Desk = open(common, Vec::new(), false, err)?;
    let log = desk.log().map_err(Stop::Problem)?;
    let here = desk.here();
    for entry in log.iter().rev() {
        let range = commit_range(&entry.commits);
        let committed = if range.is_empty() { range } else { format!("  (committed: {range})") };
        let away = if here.has(entry) { "" } else { "  (not in this tree)" };
        let state = if entry.is_undone { "  (undone)" } else { away };
        out.line(&format!("{}  {}{committed}{state}", entry.at.strftime("%Y-%m-%d %H:%M:%SZ"), entry.title))?;
        for file in &entry.files {
            let state = if !entry.is_undone && entry.undone.contains(file) { "  (undone)" } else { "" };
            out.line(&format!("    {file}{state}"))?;
        }
    }
    Ok(Exit::Done)
}

pub(super) fn recover(common: &Common, out: &mut Out<'_>, err: &mut Out<'_>) -> Outcome {
    let desk = open(common, Vec::new(), false, err)?;
    match desk.repo.recover().map_err(|error| Stop::Refused(refusal(error)))? {
        Some(recovery) => {
            out.line(&recovery.summary)?;
            for file in &recovery.files {
                out.line(&format!("    {file}"))?;
            }
        }
        None => out.line("no batch was interrupted")?,
    }
    Ok(Exit::Done)
}

fn report(undone: Undone, out: &mut Out<'_>) -> Outcome {
    for summary in &undone.summaries {
        out.line(summary)?;
    }
    match undone.problem {
        None => Ok(Exit::Done),
        Some(problem) => Err(Stop::Refused(problem)),
    }
}

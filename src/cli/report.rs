//! `quell report`: the register of risks as it stands, or stood.

use std::io;

use crate::exchange::register::{self, Form};
use crate::model::problem::{Loss, Problem};
use crate::repo::hand_over;

use super::args::{Common, ReportArgs};
use super::exit::{Exit, Outcome, Stop};
use super::out::Out;
use super::work::open;

pub(super) fn run(common: &Common, args: &ReportArgs, out: &mut Out<'_>, err: &mut Out<'_>) -> Outcome {
    let desk = open(common, Vec::new(), false, err)?;
    let register = desk.register(args.as_of.as_deref()).map_err(Stop::usage)?;
    let form = args.format.unwrap_or_else(|| by_name(args));
    match &args.output {
        None => register::write(&register, form, out.writer())?,
        Some(path) => {
            let path = desk.cwd().join(path);
            let done = hand_over(&path, false, |to| register::write(&register, form, to));
            done.map_err(|error: io::Error| {
                let hint = "nothing was written; name another file";
                let problem = Problem::at(path.display().to_string(), "", error.to_string(), Loss::Nothing).hint(hint);
                Stop::usage(problem)
            })?;
        }
    }
    if let Some(commit) = register.commit.as_ref().filter(|_| register.is_of_commit) {
        let at = commit.at.strftime("%Y-%m-%d %H:%M:%SZ");
        err.line(&format!("as of commit {} of {at}, the day {}", commit.id, register.day))?;
    }
    for problem in &register.problems {
        err.line(&problem.to_string())?;
    }
    Ok(if register.problems.iter().any(|problem| problem.loss == Loss::File) { Exit::Unread } else { Exit::Done })
}

/// By the ending of the file, where that says it.
fn by_name(args: &ReportArgs) -> Form {
    match args.output.as_ref().and_then(|path| path.extension()).and_then(|ending| ending.to_str()) {
        Some("csv") => Form::Csv,
        Some("html" | "htm") => Form::Html,
        _ => Form::Markdown,
    }
}

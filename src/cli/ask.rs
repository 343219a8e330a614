//! `quell fix --ask NAME`: the user's own fix commands, on the command line.

use std::io::IsTerminal;

use crate::model::backlog::FindingIdx;
use crate::model::fix::{FixCommand, Proposal};
use crate::session;

use super::cancel::Cancel;
use super::exit::Stop;
use super::out::Out;
use super::work::Work;

/// The command with this name; a repository's configuration has no say in it.
pub(super) fn command(name: &str) -> Result<FixCommand, Stop> {
    let settings = session::settings();
    if let Some(command) = settings.commands.iter().find(|command| command.name == name) {
        return Ok(command.clone());
    }
    let known: Vec<&str> = settings.commands.iter().map(|command| command.name.as_str()).collect();
    let wrong: Vec<String> = settings.problems.iter().map(|problem| format!("\n  {problem}")).collect();
    let file = session::settings_files().first().map(|file| file.display().to_string()).unwrap_or_default();
    let known = if known.is_empty() { "none is there".to_owned() } else { format!("known: {}", known.join(", ")) };
    Err(Stop::Usage(format!("{name}: no such fix command in {file} ([fix.command.{name}]); {known}{}", wrong.concat())))
}

/// Asks about one finding after the other. What one question comes to nothing for is said, and the next is asked.
pub(super) fn ask(
    work: &Work,
    findings: &[FindingIdx],
    command: &FixCommand,
    err: &mut Out<'_>,
) -> Result<Vec<Proposal>, Stop> {
    let cancel = Cancel::listen()?;
    let (board, reader) = (&work.loaded.board, &work.loaded.reader);
    let mut proposals = Vec::new();
    let mut problems = Vec::new();
    for (number, finding) in findings.iter().enumerate() {
        if std::io::stderr().is_terminal() {
            let id = board.backlog.id(*finding);
            err.line(&format!("asking {} about {id} ({} of {})", command.name, number + 1, findings.len()))?;
        }
        match work.desk.ask(board, reader, *finding, command, &cancel.flag) {
            Ok(more) => proposals.extend(more),
            Err(problem) => problems.push(problem),
        }
        cancel.check()?;
    }
    match problems.pop() {
        Some(problem) if proposals.is_empty() => Err(Stop::Refused(problem)),
        last => {
            for problem in problems.iter().chain(&last) {
                err.line(&problem.to_string())?;
            }
            Ok(proposals)
        }
    }
}

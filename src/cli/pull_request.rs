//! `quell fix --format markdown`: the text of a pull request. Whatever comes from a report or a path stands in code spans,
//! where no forge finds a link, a mention, an issue or HTML.

use std::collections::HashSet;
use std::io;

use crate::desk::{Account, Landed, commit_range};
use crate::model::board::Board;
use crate::model::fix::FileOp;
use crate::model::id::FindingId;
use crate::model::plan::{FileDiff, FixState, Plan, PlannedFix};
use crate::model::text::{counted, cut, visible};

use super::out::Out;

/// Columns of one text of a report.
const TEXT: usize = 300;

/// Prints what a plan fixes and what not. `proof` says how it was found to work, as a paragraph of Markdown.
pub(super) fn print(
    board: &Board,
    plan: &Plan,
    landed: Option<&Landed>,
    proof: Option<&str>,
    out: &mut Out<'_>,
) -> io::Result<()> {
    let (fixed, left): (Vec<&PlannedFix>, Vec<&PlannedFix>) =
        plan.fixes.iter().partition(|fix| fix.state == FixState::WillWrite);
    let findings: HashSet<FindingId> = fixed.iter().flat_map(|fix| fix.findings()).collect();
    let what = match findings.len() {
        0 => counted(fixed.len(), "place", "places"),
        number => counted(number, "finding", "findings"),
    };
    let (added, removed) = plan.totals();
    let verb = if landed.is_some() { "Fixes" } else { "Would fix" };
    out.line(&format!("{verb} {what} in {} (+{added} -{removed}).", counted(plan.files.len(), "file", "files")))?;
    if !fixed.is_empty() {
        out.line("\n## Fixed\n")?;
        for fix in &fixed {
            out.line(&(fixed_line(&Account::of(board, fix)) + &operations(fix)))?;
        }
    }
    if let Some(proof) = proof {
        out.line(&format!("\n## Proof\n\n{proof}"))?;
    }
    if !left.is_empty() {
        out.line("\n## Not fixed\n")?;
        for fix in &left {
            let account = Account::of(board, fix);
            let is_secret =
                fix.finding.and_then(|id| board.backlog.find(id)).is_some_and(|one| board.backlog.is_secret(one));
            // The reason may quote lines of a patch.
            let why =
                if is_secret { fix.reason.name().to_owned() } else { format!("{}: {}", fix.reason.name(), fix.why) };
            out.line(&format!("- {}: {}", place(&account), code(&why)))?;
        }
    }
    if let Some(landed) = landed {
        out.line("\n## Way back\n")?;
        out.line(&way_back(landed))?;
    }
    Ok(())
}

/// What is left to be run by hand, if something is.
pub(super) fn commands(commands: &[(&str, &str)], out: &mut Out<'_>) -> io::Result<()> {
    if commands.is_empty() {
        return Ok(());
    }
    out.line("\n## Then run\n")?;
    commands.iter().try_for_each(|(command, folder)| match *folder {
        "" => out.line(&format!("- {}", code(command))),
        folder => out.line(&format!("- {} in {}", code(command), code(folder))),
    })
}

/// One fix, as a line of a list.
fn fixed_line(account: &Account) -> String {
    let severity = account.severity.map(|severity| format!("**{}** ", severity.name())).unwrap_or_default();
    let ids: Vec<String> = account.findings.iter().map(|id| format!("`{id}`")).collect();
    let ids = if ids.is_empty() { String::new() } else { format!(", {}", ids.join(", ")) };
    format!("- {severity}{}: {} ({}{ids})", place(account), code(&account.title), code(&account.tool))
}

/// The files that it makes, removes or renames.
fn operations(fix: &PlannedFix) -> String {
    let said = |diff: &FileDiff| match &diff.op {
        FileOp::Change => None,
        FileOp::Create => Some(format!("; new file {}", code(&diff.path))),
        FileOp::Delete => Some(format!("; removes {}", code(&diff.path))),
        FileOp::Rename(to) => Some(format!("; renames {} to {}", code(&diff.path), code(to))),
    };
    fix.diffs.iter().filter_map(said).collect()
}

/// Rule and place.
fn place(account: &Account) -> String {
    let place = code(&account.place());
    if account.rule.is_empty() { place } else { format!("{} in {place}", code(&account.rule)) }
}

fn way_back(landed: &Landed) -> String {
    if landed.commits.is_empty() {
        return "`quell undo` in the working tree that it was made in.".to_owned();
    }
    format!("`git revert {}`.", commit_range(&landed.commits))
}

/// A text as a code span: fenced by more backticks than stand in it next to each other (`CommonMark` 0.31, 6.1).
pub(super) fn code(text: &str) -> String {
    let text = visible(text);
    let text = cut(text.trim(), TEXT);
    if text.is_empty() {
        return "-".to_owned();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

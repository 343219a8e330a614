//! `quell fix --verify CMD`: a batch is proved in a copy of the tree before it is written.

use std::io::{self, IsTerminal};

use serde::Serialize;

use crate::desk::VerifyError;
use crate::fix::verify::without;
use crate::model::id::FixId;
use crate::model::plan::{FixState, Plan};
use crate::model::proof::{Before, Check, Proof, Verdict};
use crate::model::text::counted;

use super::args::FixArgs;
use super::cancel::Cancel;
use super::exit::{Exit, Stop};
use super::out::Out;
use super::pull_request;
use super::work::Work;

/// `verify` of `fix --format json`.
#[derive(Serialize)]
pub(super) struct ProofJson<'p> {
    command: &'p [String],
    baseline: &'static str,
    verdict: &'static str,
    why: &'p str,
    runs: usize,
    flaky: bool,
    guilty: Vec<GuiltJson<'p>>,
    said: &'p [String],
    notes: &'p [String],
}

#[derive(Serialize)]
struct GuiltJson<'p> {
    fixes: Vec<String>,
    why: &'p str,
    said: &'p [String],
}

/// The command with what it says of the batch.
pub(super) struct Proved {
    check: Check,
    proof: Proof,
}

/// The command of `--verify`.
pub(super) fn check(args: &FixArgs) -> Result<Option<Check>, Stop> {
    let Some(text) = &args.verify.verify else { return Ok(None) };
    let command = shell_words::split(text).map_err(|error| Stop::Usage(format!("--verify {text}: {error}")))?;
    if command.first().is_none_or(String::is_empty) {
        return Err(Stop::Usage("--verify names no command".to_owned()));
    }
    Ok(Some(Check { command, seconds: args.verify.verify_seconds }))
}

/// Proves a plan, and gives it back without the guilty fixes. Nothing runs where nothing would be written anyway.
pub(super) fn prove(
    work: &Work,
    plan: Plan,
    check: Option<Check>,
    args: &FixArgs,
    err: &mut Out<'_>,
) -> Result<(Plan, Option<Proved>), Stop> {
    let Some(check) = check else { return Ok((plan, None)) };
    let is_any_refused = plan.fixes.iter().any(|fix| fix.state != FixState::WillWrite);
    if plan.files.is_empty() || (args.apply && is_any_refused && !args.keep_going) {
        return Ok((plan, None));
    }
    let cancel = Cancel::listen()?;
    let is_told = io::stderr().is_terminal();
    let mut told = Ok(());
    let proof = work.desk.verify(&plan, &check, &cancel.flag, &mut |step| {
        if is_told && told.is_ok() {
            told = err.line(&format!("run {} of about {}: {}", step.run, step.about, step.what));
        }
    });
    cancel.check()?;
    told?;
    let proof = proof.map_err(|error| match error {
        VerifyError::Command(_) => Stop::Usage(format!("--verify {error}")),
        VerifyError::Cancelled => Stop::Signal(Exit::Interrupted),
        VerifyError::Failed(problem) => Stop::Refused(problem),
    })?;
    say(&proof, err)?;
    let plan = without(&plan, &proof.guilty);
    Ok((plan, Some(Proved { check, proof })))
}

fn say(proof: &Proof, err: &mut Out<'_>) -> io::Result<()> {
    for note in &proof.notes {
        err.line(&format!("note: {note}"))?;
    }
    err.line(&format!("{} ({})", proof.why, counted(proof.runs, "run", "runs")))?;
    if proof.before == Before::Failed && proof.verdict != Verdict::Unproved {
        err.line(
            "it fails on the tree as it is, too: only failures that it says and did not say there were looked at",
        )?;
    }
    if proof.is_flaky {
        err.line("it failed and passed on the same files: only what failed twice was looked at")?;
    }
    if !proof.said.is_empty() {
        err.line("its last lines, where it failed:")?;
    }
    proof.said.iter().try_for_each(|line| err.line(&format!("  {line}")))
}

impl Proved {
    /// Whether the batch must not be written, in words. What is guilty is not in it any more.
    pub(super) fn objection(&self, args: &FixArgs) -> Option<&'static str> {
        match self.proof.verdict {
            Verdict::Unproved => Some("the fixes are not proved"),
            Verdict::NoWorse if !args.keep_going => {
                Some("the command failed before; --keep-going writes fixes that bring no new failure")
            }
            Verdict::Proved | Verdict::NoWorse | Verdict::Guilty => None,
        }
    }

    pub(super) fn is_any_guilty(&self) -> bool {
        !self.proof.guilty.is_empty()
    }

    /// The proof as a paragraph of Markdown.
    pub(super) fn paragraph(&self) -> String {
        let Self { check, proof } = self;
        let command = pull_request::code(&shell_words::join(&check.command));
        let runs = counted(proof.runs, "run", "runs");
        format!(
            "{command} was run in a copy of the tree, without and with these fixes ({runs}): {}.",
            proof.verdict.name()
        )
    }

    pub(super) fn json(&self) -> ProofJson<'_> {
        let Self { check, proof } = self;
        let guilty = proof.guilty.iter().map(|guilt| GuiltJson {
            fixes: guilt.fixes.iter().map(FixId::to_string).collect(),
            why: &guilt.why,
            said: &guilt.said,
        });
        ProofJson {
            command: &check.command,
            baseline: proof.before.name(),
            verdict: proof.verdict.name(),
            why: &proof.why,
            runs: proof.runs,
            flaky: proof.is_flaky,
            guilty: guilty.collect(),
            said: &proof.said,
            notes: &proof.notes,
        }
    }
}

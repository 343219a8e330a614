//! `quell fix`: preview or write proposed patches.

use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::Arc;

use serde::Serialize;

use crate::desk::{self, Landed, Pick};
use crate::fix::upgrade::Upgrade;
use crate::fix::{self, Choice, diff::patch};
use crate::model::backlog::FindingIdx;
use crate::model::fix::{FileOp, Proposal};
use crate::model::id::{FindingId, FixId};
use crate::model::plan::{FileDiff, FixReason, FixState, Plan, PlannedFix};
use crate::query::{Query, names_result};

use super::args::{Common, FixArgs, FixFormat};
use super::exit::{Exit, Outcome, Stop};
use super::out::{Ink, Out};
use super::upgrades::{self, UpgradeJson};
use super::verify::{self, ProofJson, Proved};
use super::work::{Names, Work, one_standard_input, open, parsed};
use super::{ask, landing, pull_request};

/// The most upgrades without an edit that are named; a scan of an image has thousands.
pub(super) const MAX_ADVICE: usize = 20;

/// One proposal of `fix --format json`.
#[derive(Serialize)]
struct ProposalJson<'p> {
    id: String,
    finding: Option<String>,
    /// Other findings whose lines it changes.
    also: Vec<String>,
    tool: &'p str,
    title: &'p str,
    state: &'static str,
    reason: &'static str,
    why: &'p str,
    files: &'p [String],
    /// Files that it makes, removes or renames.
    operations: Vec<OperationJson<'p>>,
    /// Lines among which `--at` can choose.
    places: &'p [u32],
    conflicts: Vec<String>,
    applied: bool,
    /// Whether it is in the index as well.
    staged: bool,
    /// The commit that has it.
    commit: Option<&'p str>,
    /// With `--upgrades`.
    upgrade: Option<UpgradeJson<'p>>,
}

/// What becomes of a file: `create`, `delete`, `rename`.
#[derive(Serialize)]
struct OperationJson<'p> {
    op: &'static str,
    path: &'p str,
    /// Its new path.
    to: Option<&'p str>,
}

/// `fix --verify CMD --format json`.
#[derive(Serialize)]
struct ProvedJson<'p> {
    /// `null` where nothing would be written anyway, so that nothing ran.
    verify: Option<ProofJson<'p>>,
    fixes: Vec<ProposalJson<'p>>,
}

/// What is asked for, and what of it a person named by its own id.
struct Asked {
    proposals: Vec<Proposal>,
    by_id: Vec<FixId>,
    /// What proposals are upgrades of.
    upgrades: Vec<Upgrade>,
}

pub(super) fn run(common: &Common, args: &FixArgs, out: &mut Out<'_>, err: &mut Out<'_>) -> Outcome {
    let names = Names::of(args.names.clone());
    one_standard_input(&names.inputs, &args.more.fixes)?;
    let check = verify::check(args)?;
    let mut desk = open(common, names.inputs.clone(), false, err)?;
    desk.options.fixes.clone_from(&args.more.fixes);
    desk.options.no_verdicts = is_order_free(&names, args);
    let mut work = Work::of(desk, err)?;
    let mut asked = choose(&work, &names, args, err)?;
    // Only these name the lines that a fix changes.
    let is_brief = args.format != FixFormat::Markdown && args.landing.commit.is_none();
    let mut choice = Choice { at: chosen(&args.at, &asked.proposals)?, is_brief, ..Choice::default() };
    if args.include_unsafe {
        choice.include = unsafe_ones(&work, &asked, &choice);
    }
    let mut plan = fix::plan(&work.desk.repo, &asked.proposals, &choice);
    if work.desk.options.no_verdicts && plan.fixes.iter().any(|fix| fix.reason == FixReason::Conflict) {
        most_urgent_first(&mut work, &mut asked);
        plan = fix::plan(&work.desk.repo, &asked.proposals, &choice);
    }
    chosen_in_vain(&plan, &choice)?;
    let (plan, proved) = verify::prove(&work, plan, check, args, err)?;
    let objection = proved.as_ref().and_then(|proved| proved.objection(args));
    let landed = match objection {
        Some(why) => {
            err.line(&format!("nothing was written: {why}"))?;
            None
        }
        None if args.apply => write(&work, &plan, args, err)?,
        None => None,
    };
    let is_staged = args.landing.is_staged();
    let upgrades = asked.upgrades.as_slice();
    let fixes = plan.fixes.iter().map(|fix| ProposalJson {
        upgrade: upgrades::json(&work, upgrades, fix),
        ..proposal_json(fix, landed.as_ref(), is_staged)
    });
    match args.format {
        FixFormat::Json if args.verify.verify.is_some() => {
            let verify = proved.as_ref().map(Proved::json);
            out.json(&ProvedJson { verify, fixes: fixes.collect() })?;
            out.line("")?;
        }
        FixFormat::Json => out.json_array(fixes)?,
        FixFormat::Diff if !args.apply && plan.fixes.is_empty() && !args.instead.upgrades => {
            err.line("there is no fix in what is asked for")?;
        }
        FixFormat::Diff if !args.apply => print_diff(&plan, out)?,
        FixFormat::Diff => {}
        FixFormat::Markdown => {
            let proof = proved.as_ref().map(Proved::paragraph);
            pull_request::print(&work.loaded.board, &plan, landed.as_ref(), proof.as_deref(), out)?;
            pull_request::commands(&upgrades::commands(upgrades, &plan), out)?;
        }
    }
    name_refused(&plan, args, err)?;
    upgrades::report(&work, upgrades, &plan, err)?;
    let is_refused = refused(&plan, args) > 0 || (args.apply && landed.is_none() && !plan.fixes.is_empty());
    let is_unproved = objection.is_some() || proved.is_some_and(|proved| proved.is_any_guilty());
    let exit = if is_unproved || (args.apply && is_refused) { Exit::Refused } else { work.exit() };
    // The process is about to end: the system takes memory back as a whole, faster than it is let go piece by piece.
    std::mem::forget((work, asked.proposals, plan));
    Ok(exit)
}

/// Whether nothing is asked for by its lane, and the order of the fixes is not shown: then it counts only where two of
/// them meet.
fn is_order_free(names: &Names, args: &FixArgs) -> bool {
    let is_all =
        names.findings.is_empty() && names.fixes.is_empty() && args.query.is_none() && args.more.fixes.is_empty();
    is_all && args.format == FixFormat::Diff && !args.instead.upgrades && args.instead.ask.is_none()
}

/// Brings proposals into the order of the list, in which the earlier of two that meet is written.
fn most_urgent_first(work: &mut Work, asked: &mut Asked) {
    work.loaded.board.reaches = Arc::new(work.desk.reach(&work.loaded.board));
    let order: HashMap<FindingId, usize> =
        work.ids(&work.open(Query::default())).into_iter().enumerate().map(|(place, id)| (id, place)).collect();
    let place = |proposal: &Proposal| proposal.finding.and_then(|id| order.get(&id)).copied().unwrap_or(usize::MAX);
    asked.proposals.sort_by_key(place);
}

fn proposal_json<'p>(fix: &'p PlannedFix, landed: Option<&'p Landed>, is_staged: bool) -> ProposalJson<'p> {
    let applied = landed.is_some() && fix.state == FixState::WillWrite;
    ProposalJson {
        id: fix.id.to_string(),
        finding: fix.finding.map(|finding| finding.to_string()),
        also: fix.also.iter().map(ToString::to_string).collect(),
        tool: &fix.tool,
        title: &fix.title,
        state: fix.state.name(),
        reason: fix.reason.name(),
        why: &fix.why,
        files: &fix.files,
        operations: fix.diffs.iter().filter(|diff| diff.op != FileOp::Change).map(operation_json).collect(),
        places: &fix.places,
        conflicts: fix.conflicts.iter().map(FixId::to_string).collect(),
        applied,
        staged: applied && is_staged,
        commit: landed.and_then(|landed| landed.of_fix.get(&fix.id)).map(String::as_str),
        upgrade: None,
    }
}

fn operation_json(diff: &FileDiff) -> OperationJson<'_> {
    OperationJson { op: diff.op.name(), path: &diff.path, to: diff.op.new_path() }
}

fn choose(work: &Work, names: &Names, args: &FixArgs, err: &mut Out<'_>) -> Result<Asked, Stop> {
    let (board, reader) = (&work.loaded.board, &work.loaded.reader);
    if args.instead.upgrades {
        let (upgrades, by_id) = upgrades::choose(work, names, args)?;
        if upgrades.is_empty() {
            err.line("there is no upgrade: of what is asked for, no scanner names a version that clears it")?;
        }
        let proposals = upgrades.iter().map(|upgrade| upgrade.proposal.clone()).collect();
        return Ok(Asked { proposals, by_id, upgrades });
    }
    let mut asked = Asked { proposals: Vec::new(), by_id: Vec::new(), upgrades: Vec::new() };
    let mut problems = Vec::new();
    let mut take = |findings: &[FindingIdx], pick, query: &Query| {
        let is_wanted = |result| names_result(board, query, result);
        let (more, wrong) = desk::proposals(board, reader, findings, pick, &is_wanted);
        problems.extend(wrong);
        more
    };
    let all = Query::default();
    let pick = match args.alternative {
        Some(number) if number > 1 => Pick::Nth(number as usize - 1),
        Some(_) | None => Pick::First,
    };
    if let Some(name) = &args.instead.ask {
        let findings = work.choose(&names.findings, args.query.as_deref())?;
        let findings = findings.ok_or_else(|| {
            Stop::Usage("--ask needs findings to ask about: ids (`quell list` names them) or a query".to_owned())
        })?;
        let proposals = ask::ask(work, &findings, &ask::command(name)?, err)?;
        // Who asks about a finding by hand has chosen what comes back.
        let by_id = proposals.iter().map(|proposal| proposal.id).collect();
        return Ok(Asked { proposals, by_id, upgrades: Vec::new() });
    }
    if let Some(findings) = work.choose(&names.findings, None)? {
        asked.proposals = take(&findings, pick, &all);
    }
    match args.query.as_deref().map(parsed).transpose()? {
        Some(query) => asked.proposals.extend(take(&work.open(query.clone()), pick, &query)),
        // Nothing but files of fixes is named: what is not, is not written.
        None if names.is_empty() && !args.more.fixes.is_empty() => asked.proposals = board.offers.all().to_vec(),
        None if names.findings.is_empty() && names.fixes.is_empty() => {
            asked.proposals = take(&work.open(all.clone()), pick, &all);
            asked.proposals.extend(board.offers.loose().cloned());
        }
        None => {}
    }
    if !names.fixes.is_empty() {
        let every: Vec<FindingIdx> = (0..).take(board.backlog.findings.len()).collect();
        let mut every = take(&every, Pick::All, &all);
        every.extend(board.offers.loose().cloned());
        for name in &names.fixes {
            let proposal = find(name, &every)?;
            asked.by_id.push(proposal.id);
            asked.proposals.push(Proposal { alternative: 0, ..proposal.clone() });
        }
    }
    for problem in &problems {
        err.line(&problem.to_string())?;
    }
    let mut known = HashSet::new();
    asked.proposals.retain(|proposal| known.insert(proposal.id));
    Ok(asked)
}

/// The fix with this id, or the only one whose id begins so.
pub(super) fn find<'p>(name: &str, all: &'p [Proposal]) -> Result<&'p Proposal, Stop> {
    let lower = name.to_ascii_lowercase();
    let mut found: Vec<&Proposal> = all.iter().filter(|proposal| proposal.id.to_string().starts_with(&lower)).collect();
    found.sort_by_key(|proposal| proposal.id);
    found.dedup_by_key(|proposal| proposal.id);
    match found.as_slice() {
        [only] => Ok(only),
        [] => Err(Stop::Usage(format!("{name}: no such fix in what is loaded; `quell fix --format json` names them"))),
        several => {
            let ids: Vec<String> = several.iter().take(10).map(|proposal| format!("\n  {}", proposal.id)).collect();
            Err(Stop::Usage(format!("{name} is not unique; it begins:{}", ids.concat())))
        }
    }
}

/// The lines of `--at`.
fn chosen(pairs: &[String], all: &[Proposal]) -> Result<Vec<(FixId, u32)>, Stop> {
    let read = |pair: &String| {
        let (name, line) = pair.split_once('=').unwrap_or((pair, ""));
        let line = line.parse().ok().filter(|line| *line > 0);
        let line =
            line.ok_or_else(|| Stop::Usage(format!("--at {pair}: write it as f1-…=LINE, with a line from 1")))?;
        Ok((find(name, all)?.id, line))
    };
    pairs.iter().map(read).collect()
}

/// Refuses a line for a fix that has one place only: it would be written there all the same.
fn chosen_in_vain(plan: &Plan, choice: &Choice) -> Result<(), Stop> {
    let is_sure = |fix: &&PlannedFix| fix.state == FixState::WillWrite && fix.places.is_empty();
    for (id, line) in &choice.at {
        if let Some(fix) = plan.fixes.iter().filter(is_sure).find(|fix| fix.id == *id) {
            return Err(Stop::Usage(format!("--at {id}={line}: it has one place only ({}); leave out --at", fix.why)));
        }
    }
    Ok(())
}

/// What `--include-unsafe` adds: what its source calls unsafe, and what looks wrong where it was asked for by its own id.
fn unsafe_ones(work: &Work, asked: &Asked, choice: &Choice) -> Vec<FixId> {
    let plan = fix::plan(&work.desk.repo, &asked.proposals, choice);
    let is_added = |fix: &&PlannedFix| match fix.reason {
        FixReason::Unsafe => true,
        FixReason::Flagged | FixReason::Adjusted => asked.by_id.contains(&fix.id),
        FixReason::Exact
        | FixReason::ThreeWay
        | FixReason::Unique
        | FixReason::Ambiguous
        | FixReason::Stale
        | FixReason::Conflict
        | FixReason::Advice
        | FixReason::Guilty => false,
    };
    plan.fixes.iter().filter(is_added).map(|fix| fix.id).collect()
}

/// How many fixes cannot be written that were meant to be.
fn refused(plan: &Plan, args: &FixArgs) -> usize {
    let is_refused = |fix: &&PlannedFix| fix.state != FixState::WillWrite && !upgrades::is_advice(args, fix);
    plan.fixes.iter().filter(is_refused).count()
}

/// Writes the plan if nothing in it is refused, or if the rest may be written. `None` where it was not written.
fn write(work: &Work, plan: &Plan, args: &FixArgs, err: &mut Out<'_>) -> Result<Option<Landed>, Stop> {
    let refused = if plan.files.is_empty() { plan.fixes.len() } else { refused(plan, args) };
    if plan.fixes.is_empty() {
        err.line("there is no fix to write")?;
        return Ok(None);
    }
    if plan.files.is_empty() || (refused > 0 && !args.keep_going) {
        let hint = if plan.files.is_empty() { "" } else { "; --keep-going writes the others" };
        err.line(&format!("nothing was written: {refused} of {} fixes cannot be{hint}", plan.fixes.len()))?;
        return Ok(None);
    }
    let landed = args.landing.land(work, plan)?;
    landing::report(&landed, &args.landing, work, err)?;
    Ok(Some(landed))
}

/// One unified diff: raw bytes for a pipe, so that `git apply` takes it; text that can be trusted for a terminal.
fn print_diff(plan: &Plan, out: &mut Out<'_>) -> io::Result<()> {
    for file in &plan.files {
        let diff = patch(&file.path, &file.op, &file.before, &file.after);
        if out.columns.is_none() {
            out.raw(&diff)?;
            continue;
        }
        for line in String::from_utf8_lossy(&diff).lines() {
            match line.as_bytes().first() {
                Some(b'+') => out.ink(Ink::Added, line)?,
                Some(b'-') => out.ink(Ink::Removed, line)?,
                Some(_) | None => out.text(line)?,
            }
            out.line("")?;
        }
    }
    Ok(())
}

/// What would not be written, and why.
fn name_refused(plan: &Plan, args: &FixArgs, err: &mut Out<'_>) -> io::Result<()> {
    let is_named = |fix: &&PlannedFix| fix.state != FixState::WillWrite && !upgrades::is_advice(args, fix);
    let advice = plan.fixes.iter().filter(|fix| upgrades::is_advice(args, fix));
    for fix in plan.fixes.iter().filter(is_named).chain(advice.clone().take(MAX_ADVICE)) {
        err.line(&format!("{} {}: {}: {}", fix.id, fix.state.name(), fix.reason.name(), fix.why))?;
    }
    if let Some(more) = advice.count().checked_sub(MAX_ADVICE).filter(|more| *more > 0) {
        err.line(&format!("and {more} more upgrades that are advice: --format json names them"))?;
    }
    if let Some(fix) = plan.in_state(FixState::NeedsYou).find(|fix| fix.reason == FixReason::Ambiguous) {
        let (id, line) = (fix.id, fix.places.first().copied().unwrap_or(1));
        err.line(&format!("`quell fix {id} --at {id}={line}` puts one at a line that its message lists"))?;
    }
    let needs_look = |fix: &&PlannedFix| !matches!(fix.reason, FixReason::Ambiguous | FixReason::Guilty);
    if let Some(fix) = plan.in_state(FixState::NeedsYou).find(needs_look) {
        let files = args.more.fixes.iter().map(|file| format!(" --fixes {}", shell_words::quote(file)));
        let files = files.collect::<Vec<_>>().concat();
        let what = match &args.instead.ask {
            Some(_) => "--include-unsafe".to_owned(),
            None if args.instead.upgrades => format!("`quell fix {} --upgrades --include-unsafe`", fix.id),
            None => format!("`quell fix {}{files} --include-unsafe`", fix.id),
        };
        err.line(&format!("{what} shows one that needs you, and --apply with it writes it"))?;
    }
    Ok(())
}

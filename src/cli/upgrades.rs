//! `quell fix --upgrades`: which upgrades are meant, and what is said of each beside its diff.

use std::collections::HashSet;
use std::io;

use serde::Serialize;

use crate::fix::upgrade::Upgrade;
use crate::model::id::{FindingId, FixId};
use crate::model::plan::{FixReason, FixState, Plan, PlannedFix};
use crate::model::remedy::cleared;
use crate::model::text::visible;

use super::args::FixArgs;
use super::exit::Stop;
use super::fix::{MAX_ADVICE, find};
use super::out::Out;
use super::work::{Names, Work};

/// Advisories that a line names.
const NAMED: usize = 5;

/// The upgrade of a proposal of `fix --upgrades --format json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UpgradeJson<'u> {
    package: &'u str,
    manifest: &'u str,
    from: Option<&'u str>,
    to: Option<&'u str>,
    /// Findings that it clears, and how many of them are to be dealt with at once.
    clears: usize,
    act_now: usize,
    /// Findings of the package that stay.
    stays: Vec<String>,
    /// The command to run afterwards, and the folder to run it in.
    then: Option<&'u str>,
    folder: &'u str,
}

/// The upgrades that ids and the query mean; all of them where neither is given. With them the fixes that were named by
/// their own ids.
pub(super) fn choose(work: &Work, names: &Names, args: &FixArgs) -> Result<(Vec<Upgrade>, Vec<FixId>), Stop> {
    let mut upgrades = work.desk.upgrades(&work.loaded.board, &work.loaded.reader);
    let all: Vec<_> = upgrades.iter().map(|upgrade| upgrade.proposal.clone()).collect();
    let by_id = names.fixes.iter().map(|name| Ok(find(name, &all)?.id)).collect::<Result<Vec<FixId>, Stop>>()?;
    let findings = work.choose(&names.findings, args.query.as_deref())?;
    if findings.is_none() && by_id.is_empty() {
        return Ok((upgrades, by_id));
    }
    let wanted: HashSet<FindingId> = work.ids(&findings.unwrap_or_default()).into_iter().collect();
    upgrades.retain(|upgrade| {
        by_id.contains(&upgrade.proposal.id) || upgrade.proposal.findings().any(|finding| wanted.contains(&finding))
    });
    Ok((upgrades, by_id))
}

/// What is said of the upgrade that a fix is, if it is one.
pub(super) fn json<'u>(work: &Work, upgrades: &'u [Upgrade], fix: &PlannedFix) -> Option<UpgradeJson<'u>> {
    let upgrade = of(upgrades, fix)?;
    Some(UpgradeJson {
        package: &upgrade.package,
        manifest: &upgrade.place,
        from: upgrade.from.as_deref(),
        to: upgrade.to.as_deref(),
        clears: upgrade.clears.len(),
        act_now: act_now(work, upgrade),
        stays: upgrade.stays.iter().map(ToString::to_string).collect(),
        then: upgrade.then.as_deref(),
        folder: folder(upgrade),
    })
}

/// Says what each upgrade clears, what stays, and what to run then.
pub(super) fn report(work: &Work, upgrades: &[Upgrade], plan: &Plan, err: &mut Out<'_>) -> io::Result<()> {
    for fix in plan.in_state(FixState::WillWrite) {
        let Some(upgrade) = of(upgrades, fix) else { continue };
        let said = cleared(upgrade.clears.len(), act_now(work, upgrade));
        err.line(&format!("{}: {}: {said}{}", visible(&upgrade.place), visible(&fix.title), staying(work, upgrade)))?;
    }
    for (command, folder) in commands(upgrades, plan) {
        err.line(&format!("then run {}", at(command, folder)))?;
    }
    let advice = plan.fixes.iter().filter(|fix| fix.reason == FixReason::Advice);
    let helped =
        advice.filter_map(|fix| of(upgrades, fix)).filter_map(|upgrade| Some((upgrade, upgrade.then.as_ref()?)));
    for (upgrade, command) in helped.take(MAX_ADVICE) {
        err.line(&format!("{} may be upgraded by {}", visible(&upgrade.package), at(command, folder(upgrade))))?;
    }
    Ok(())
}

/// The commands that bring lock files up to date after what is written, each once, with the folders to run them in.
pub(super) fn commands<'u>(upgrades: &'u [Upgrade], plan: &Plan) -> Vec<(&'u str, &'u str)> {
    let mut commands = Vec::new();
    for upgrade in plan.in_state(FixState::WillWrite).filter_map(|fix| of(upgrades, fix)) {
        let command = upgrade.then.as_deref().map(|command| (command, folder(upgrade)));
        commands.extend(command.filter(|command| !commands.contains(command)));
    }
    commands
}

/// Whether a fix is an upgrade that no edit could make: it is told, and stops nothing.
pub(super) fn is_advice(args: &FixArgs, fix: &PlannedFix) -> bool {
    args.instead.upgrades && fix.reason == FixReason::Advice
}

fn of<'u>(upgrades: &'u [Upgrade], fix: &PlannedFix) -> Option<&'u Upgrade> {
    upgrades.iter().find(|upgrade| upgrade.proposal.id == fix.id)
}

fn folder(upgrade: &Upgrade) -> &str {
    upgrade.place.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn at(command: &str, folder: &str) -> String {
    if folder.is_empty() { format!("`{command}`") } else { format!("`{command}` in {}", visible(folder)) }
}

fn act_now(work: &Work, upgrade: &Upgrade) -> usize {
    let board = &work.loaded.board;
    let findings = upgrade.clears.iter().filter_map(|id| board.backlog.find(*id));
    findings.filter(|finding| board.is_act_now(*finding)).count()
}

/// `; CVE-2021-1 stays`: by advisory, else by id.
fn staying(work: &Work, upgrade: &Upgrade) -> String {
    let backlog = &work.loaded.board.backlog;
    let name = |id: &FindingId| {
        let results = backlog.find(*id).map(|finding| backlog.members(finding)).unwrap_or_default();
        let advisory = results.iter().find_map(|result| backlog.advisories_of(*result).first());
        advisory.map_or_else(|| id.to_string(), ToString::to_string)
    };
    let names: Vec<String> = upgrade.stays.iter().take(NAMED).map(name).collect();
    let more =
        if upgrade.stays.len() > NAMED { format!(" and {} more", upgrade.stays.len() - NAMED) } else { String::new() };
    match upgrade.stays.len() {
        0 => String::new(),
        1 => format!("; {} stays", names.join(", ")),
        _ => format!("; {}{more} stay", names.join(", ")),
    }
}

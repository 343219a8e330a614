//! What was known of findings when they were decided, and what of it has changed since.

use std::collections::HashMap;

use crate::model::backlog::{FindingIdx, ResultIdx};
use crate::model::board::Board;
use crate::model::decision::{Anchor, Change, Facts, Op, Request};
use crate::model::grade::Severity;
use crate::model::id::FindingId;
use crate::model::problem::Problem;
use crate::model::reach::{Note, Reach};
use crate::model::text::counted;

use super::decide::refuse;

/// Completes the facts of members: what is true of their findings. What hides nothing keeps none.
pub(super) fn add(board: &Board, findings: &[FindingIdx], op: Op, members: &mut [Anchor]) {
    if !op.hides() {
        for member in members {
            member.facts = None;
        }
        return;
    }
    let backlog = &board.backlog;
    let mut of_finding: HashMap<FindingId, usize> = HashMap::new();
    let mut known = Vec::new();
    for &finding in findings {
        let judged = board.judged(finding);
        let facts = Facts {
            finding: Some(backlog.id(finding)),
            kev: judged.is_some_and(|judged| judged.has(Note::Kev)),
            reach: judged.map(|judged| judged.reach.name().into()),
            severity: Some(backlog.finding(finding).severity.name().into()),
            ..Facts::default()
        };
        let ids = backlog.members(finding).iter().map(|&result| backlog.record(result).id);
        of_finding.extend(ids.map(|id| (id, known.len())));
        known.push(facts);
    }
    let finding_of = |member: &Anchor| of_finding.get(&member.id).copied();
    for member in members.iter() {
        let own = member.facts.as_ref().and_then(|facts| facts.fix.clone());
        if let (Some(at), Some(fix)) = (finding_of(member), own) {
            known[at].fix.get_or_insert(fix);
        }
    }
    for member in members {
        let Some(at) = finding_of(member) else { continue };
        let version = member.facts.take().and_then(|facts| facts.version);
        let facts = Facts { version, ..known[at].clone() };
        let finding = facts.finding.filter(|id| *id != member.id);
        member.facts = Some(Box::new(Facts { finding, ..facts }));
    }
}

/// What a decision is to end by. Refused is what it could never end by, because that is not known, or is so already.
pub(super) fn until_change(request: &Request, members: &[Anchor]) -> Result<Vec<Change>, Problem> {
    let Some(asked) = &request.until_change else {
        let has_reach = members.iter().any(|member| member.facts.as_ref().is_some_and(|facts| facts.reach.is_some()));
        return Ok(if has_reach { request.op.default_changes().to_vec() } else { Vec::new() });
    };
    if !asked.is_empty() && !request.op.hides() {
        return Err(refuse("", format!("{} does not end by a change", request.op.name()), "leave out --until-change"));
    }
    let mut changes = asked.clone();
    changes.sort_unstable();
    changes.dedup();
    let facts = |member: &Anchor| member.facts.as_deref().cloned().unwrap_or_default();
    for change in &changes {
        let has = |member: &&Anchor| match change {
            Change::Code => member.context.is_some(),
            Change::Reach => facts(member).reach.is_some(),
            Change::Version => facts(member).version.is_some(),
            Change::Fix => facts(member).fix.is_none(),
        };
        let Some(lacking) = members.iter().find(|member| !has(member)) else { continue };
        let fix = facts(lacking).fix;
        let is_any = members.iter().any(|member| has(&member));
        // Of many, those of which a thing is known end by it.
        if is_any && *change != Change::Fix {
            continue;
        }
        let (reason, hint) = match (change, fix) {
            (Change::Code, _) => (
                "its code is not in the tree, so that it cannot end by a change of it".to_owned(),
                "name its date alone",
            ),
            (Change::Reach, _) => (
                "no evidence was looked for, so that it cannot end by a change of reach".to_owned(),
                "load reports of a reachability tool",
            ),
            (Change::Version, _) => ("no version of a package is known of it".to_owned(), "name its date alone"),
            (Change::Fix, Some(fix)) => {
                let count = members.iter().filter(|member| !has(member)).count();
                let more = if count > 1 {
                    format!(", and {} more have one", counted(count - 1, "result", "results"))
                } else {
                    String::new()
                };
                (format!("there is a fix already: {fix}{more}"), "apply it, or leave out --until-change fix")
            }
            (Change::Fix, None) => continue,
        };
        return Err(refuse(lacking.id.to_string(), reason, hint));
    }
    Ok(changes)
}

/// What is known of a finding now.
pub(super) struct Now<'a> {
    pub(super) reach: Option<Reach>,
    pub(super) version: Option<&'a str>,
    pub(super) package: Option<&'a str>,
    pub(super) fix: Option<&'a str>,
}

/// In words, by which of these changes a decision has ended; `code` says whether its code still stands.
pub(super) fn ended(changes: &[Change], then: &Facts, now: &Now<'_>, code: impl FnOnce() -> bool) -> Option<String> {
    let by = |change: Change| changes.contains(&change);
    if let (true, Some(was), Some(is)) = (by(Change::Reach), reach(then), now.reach)
        && rank(is) > rank(was)
    {
        return Some(format!("its reach was {} and is {} now", was.name(), is.name()));
    }
    if let (true, Some(was), Some(is)) = (by(Change::Version), then.version.as_deref(), now.version)
        && was != is
    {
        return Some(format!("{} was {was} and is {is} now", now.package.unwrap_or("the package")));
    }
    if let (true, None, Some(fix)) = (by(Change::Fix), &then.fix, now.fix) {
        return Some(format!("a fix exists now, {fix}"));
    }
    (by(Change::Code) && !code()).then(|| "the flagged code, or what stands around it, has changed".to_owned())
}

/// How far a way into the code has been seen: what is not known is no more than not reached, so that news of it count.
fn rank(reach: Reach) -> u8 {
    match reach {
        Reach::Unknown | Reach::NotAffected | Reach::Unreached | Reach::TestOnly => 0,
        Reach::Reachable => 1,
        Reach::Executed => 2,
        Reach::Exploited => 3,
    }
}

pub(super) fn reach(facts: &Facts) -> Option<Reach> {
    Reach::parse(facts.reach.as_deref()?)
}

pub(super) fn severity(facts: &Facts) -> Option<Severity> {
    Severity::parse(facts.severity.as_deref()?)
}

/// Version and name of the package of a result.
pub(super) fn package(board: &crate::model::backlog::Backlog, result: ResultIdx) -> (Option<&str>, Option<&str>) {
    let package = board.package_of(result);
    (package.and_then(|package| package.version.as_deref()), package.map(|package| package.name.as_str()))
}

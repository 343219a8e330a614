//! Decisions about more than the results that were chosen: a rule, a rule under a glob, a package, the ids of one flaw.

use std::collections::HashMap;

use globset::{GlobBuilder, GlobMatcher};
use semver::{Version, VersionReq};

use crate::model::backlog::{Backlog, FindingIdx, Package, ResultIdx};
use crate::model::board::Board;
use crate::model::decision::{Event, Request};
use crate::model::problem::Problem;
use crate::model::scope::Scope;

use super::decide::refuse;
use super::graph::Mention;

/// The member of a mention by scope: there is none.
pub(super) const BY_SCOPE: u32 = u32::MAX;

const HINT: &str = "name rule, rule:GLOB, package, package:RANGE (as >=1.2, <2) or advisory";

/// A scope, ready to be asked.
struct Ready<'s> {
    scope: &'s Scope,
    path: Option<GlobMatcher>,
    versions: Option<VersionReq>,
    /// What was asked of paths, by their number.
    paths: HashMap<u32, bool>,
}

impl<'s> Ready<'s> {
    /// Why a scope cannot be asked, in words.
    fn of(scope: &'s Scope) -> Result<Self, String> {
        if scope.rule.is_none() && scope.package.is_none() && scope.advisories.is_empty() {
            return Err("the scope names neither a rule nor a package nor a flaw".to_owned());
        }
        if scope.versions.is_some() && scope.package.is_none() {
            return Err("the scope names versions of no package".to_owned());
        }
        let glob =
            |glob: &String| GlobBuilder::new(glob).literal_separator(true).build().map_err(|error| error.to_string());
        let path = scope.path.as_ref().map(glob).transpose()?.map(|glob| glob.compile_matcher());
        let versions =
            scope.versions.as_deref().map(VersionReq::parse).transpose().map_err(|error| error.to_string())?;
        Ok(Self { scope, path, versions, paths: HashMap::new() })
    }

    fn has_rule(&self, backlog: &Backlog, rule: u32) -> bool {
        let Some(rule) = backlog.rules.get(rule as usize) else { return false };
        let tool = backlog.tools.get(rule.tool as usize).map(|tool| tool.family.as_str());
        let is_stated = |stated: &Option<String>, value: Option<&str>| stated.is_none() || stated.as_deref() == value;
        is_stated(&self.scope.rule, Some(&rule.id)) && is_stated(&self.scope.tool, tool)
    }

    fn has_package(&self, package: &Package) -> bool {
        let is_named = self.scope.package.as_ref().is_none_or(|name| name.eq_ignore_ascii_case(&package.name));
        let has_version = |range: &VersionReq| {
            package.version.as_deref().and_then(version).is_some_and(|version| range.matches(&version))
        };
        is_named && self.versions.as_ref().is_none_or(has_version)
    }

    fn matches(&mut self, backlog: &Backlog, result: ResultIdx) -> bool {
        let record = backlog.record(result);
        let scope = self.scope;
        if !self.has_rule(backlog, record.rule) {
            return false;
        }
        if scope.package.is_some() && !backlog.package_of(result).is_some_and(|package| self.has_package(package)) {
            return false;
        }
        let is_meant = |id: &str| scope.advisories.iter().any(|other| other.eq_ignore_ascii_case(id));
        if !scope.advisories.is_empty() && !backlog.advisories_of(result).iter().any(|id| is_meant(id)) {
            return false;
        }
        let Some(glob) = &self.path else { return true };
        *self.paths.entry(record.path).or_insert_with(|| glob.is_match(backlog.path(record)))
    }
}

/// Why a scope cannot be, in words.
pub(super) fn wrong(scope: &Scope) -> Option<String> {
    Ready::of(scope).err()
}

/// The results that scopes of events match. Each result is looked at once, and only those rules are asked that a scope can
/// be about.
pub(super) fn mentions(backlog: &Backlog, events: &[Event]) -> Vec<Mention> {
    let scoped =
        (0..).zip(events).filter_map(|(number, event)| Some((number, Ready::of(event.scope.as_deref()?).ok()?)));
    let mut scoped: Vec<(u32, Ready)> = scoped.collect();
    if scoped.is_empty() {
        return Vec::new();
    }
    let count = u32::try_from(backlog.rules.len()).unwrap_or(u32::MAX);
    let of_rule = |rule: u32| -> Vec<usize> {
        let about = scoped.iter().enumerate().filter(|(_, (_, ready))| ready.has_rule(backlog, rule));
        about.map(|(at, _)| at).collect()
    };
    let by_rule: Vec<Vec<usize>> = (0..count).map(of_rule).collect();
    let mut mentions = Vec::new();
    for (result, record) in (0..).zip(&backlog.results) {
        for &at in by_rule.get(record.rule as usize).map(Vec::as_slice).unwrap_or_default() {
            if let Some((event, ready)) = scoped.get_mut(at)
                && ready.matches(backlog, result)
            {
                mentions.push(Mention { id: record.id, event: *event, member: BY_SCOPE });
            }
        }
    }
    mentions
}

/// A scope in words, for findings that it starts from: `rule`, `rule:GLOB`, `package`, `package:RANGE`, `advisory`.
pub fn scope_of(board: &Board, findings: &[FindingIdx], words: &str) -> Result<Option<Scope>, Problem> {
    let backlog = &board.backlog;
    let (kind, rest) = words.split_once(':').map_or((words, None), |(kind, rest)| (kind, Some(rest.trim().to_owned())));
    let one = |finding: &FindingIdx| -> Option<Scope> {
        let result = *backlog.members(*finding).first()?;
        let record = backlog.record(result);
        let package = || backlog.package_of(result).map(|package| package.name.clone());
        match kind {
            "rule" => Some(Scope {
                rule: Some(backlog.rule(record).id.clone()),
                tool: Some(backlog.tool(record).family.clone()),
                path: rest.clone(),
                ..Scope::default()
            }),
            "package" => Some(Scope { package: Some(package()?), versions: rest.clone(), ..Scope::default() }),
            "advisory" if rest.is_none() => {
                let mut ids: Vec<String> = backlog.advisories_of(result).iter().map(ToString::to_string).collect();
                ids.sort();
                ids.dedup();
                Some(Scope { advisories: ids, ..Scope::default() }).filter(|scope| !scope.advisories.is_empty())
            }
            _ => None,
        }
    };
    if words == "finding" {
        return Ok(None);
    }
    let mut scopes: Vec<Option<Scope>> = findings.iter().map(one).collect();
    scopes.dedup();
    let scope = match scopes.as_slice() {
        [Some(only)] => only.clone(),
        [_, _, ..] => return Err(refuse(words, "the findings differ in it", "choose findings of one")),
        _ => return Err(refuse(words, "it is no scope of this finding", HINT)),
    };
    match wrong(&scope) {
        None => Ok(Some(scope)),
        Some(reason) => Err(refuse(words, reason, HINT)),
    }
}

/// The findings that a request is about now, whatever their status, and whether the list shows them or not.
pub fn touched(board: &Board, request: &Request) -> Vec<FindingIdx> {
    let backlog = &board.backlog;
    let mut touched: Vec<FindingIdx> = request.findings.iter().filter_map(|&id| backlog.find(id)).collect();
    if let Some(scope) = &request.scope {
        let event = Event { scope: Some(Box::new(scope.clone())), ..Event::default() };
        let mentions = mentions(backlog, std::slice::from_ref(&event));
        touched.extend(mentions.iter().flat_map(|mention| backlog.find_range(mention.id, mention.id)));
    }
    touched.sort_unstable();
    touched.dedup();
    touched
}

/// A version as semver has it, with what is missing filled up: `v1.2` is `1.2.0`. One of another kind is none, and in no
/// range.
fn version(text: &str) -> Option<Version> {
    let text = text.trim_start_matches(['v', 'V']);
    let dots = text.split(['-', '+']).next().unwrap_or_default().matches('.').count();
    let end = text.find(['-', '+']).unwrap_or(text.len());
    let (numbers, rest) = text.split_at(end);
    let filled = format!("{numbers}{}{rest}", ".0".repeat(2_usize.saturating_sub(dots)));
    Version::parse(&filled).ok()
}

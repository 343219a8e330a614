//! What one change would clear: one upgrade of a package, one text that fixes replace in the same way, one line through
//! which flows go. Results are decoded for it when somebody asks, and only those that name a package, a fix or a flow.

use std::collections::{BTreeMap, HashMap, HashSet};

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use crate::fix::alike::Alike;
use crate::fix::upgrade::choose::{Claim, clears};
use crate::fix::upgrade::{Need, Upgrade, upgrade};
use crate::ingest::Reader;
use crate::model::backlog::{FindingIdx, NONE, ResultIdx};
use crate::model::board::Board;
use crate::model::detail::{Detail, FlowKind};
use crate::model::fix::{Applicability, Proposal};
use crate::model::grade::Category;
use crate::model::id::FindingId;
use crate::model::remedy::{Remedies, RemedyKind};

use super::Desk;

/// Findings that are decoded together.
const PART: usize = 4096;

/// What one finding says of remedies.
#[derive(Default)]
struct Clue {
    package: Option<(Need, Claim)>,
    snippet: Option<String>,
    /// Places that all of its flows go through, the last first.
    steps: Vec<(String, u32)>,
}

/// A package at one place, with the findings that name it.
struct Wanted {
    need: Need,
    claims: Vec<(FindingIdx, Claim)>,
}

impl Desk {
    /// What one change would clear, of all findings; with `only`, of those that can share one with this finding.
    pub fn remedies(&self, board: &Board, reader: &Reader, only: Option<FindingIdx>) -> Remedies {
        let findings: Vec<FindingIdx> = match only {
            None => board.backlog.order().by_place.clone(),
            Some(finding) => akin(board, finding),
        };
        let mut found = Vec::new();
        let mut packages = BTreeMap::new();
        let mut snippets: HashMap<String, Vec<FindingIdx>> = HashMap::new();
        let mut helpers = Helpers::default();
        self.clues(board, reader, &findings, |finding, clue| {
            if let Some((need, claim)) = clue.package {
                add(&mut packages, need, finding, claim);
                return;
            }
            if let Some(words) = clue.snippet {
                let rule = board.backlog.rules.get(board.lead(finding).rule as usize);
                let words = format!("{words} ({})", rule.map_or("", |rule| &rule.id));
                snippets.entry(words).or_default().push(finding);
            }
            helpers.add(board, finding, clue.steps);
        });
        for wanted in packages.into_values() {
            found.extend(wanted.remedies(board));
        }
        for (words, findings) in snippets.into_iter().filter(|(_, findings)| findings.len() > 1) {
            helpers.leave_out(&findings);
            found.extend(findings.into_iter().map(|finding| (finding, RemedyKind::Snippet, words.clone())));
        }
        found.extend(helpers.remedies());
        Remedies::new(board, &found)
    }

    /// The upgrades that open findings ask for, each as a proposal on the tree as it is now.
    pub fn upgrades(&self, board: &Board, reader: &Reader) -> Vec<Upgrade> {
        let is_open = |finding: &FindingIdx| board.is_open(*finding);
        let findings: Vec<FindingIdx> = board.backlog.order().by_place.iter().copied().filter(is_open).collect();
        let mut packages = BTreeMap::new();
        self.clues(board, reader, &findings, |finding, clue| {
            if let Some((need, claim)) = clue.package {
                add(&mut packages, need, finding, claim);
            }
        });
        // What nobody names a good version of is nothing that an upgrade could be about.
        let fixable = packages.into_values().filter(Wanted::is_fixable);
        fixable.map(|wanted| upgrade(&self.repo, &wanted.need(board, |_| true))).collect()
    }

    /// Those of the upgrades that edit a manifest, with the command to run then in their titles, and how many do not.
    pub fn upgrades_to_write(&self, board: &Board, reader: &Reader) -> (Vec<Proposal>, usize) {
        let (written, advice): (Vec<Upgrade>, Vec<Upgrade>) =
            self.upgrades(board, reader).into_iter().partition(|upgrade| !upgrade.proposal.edits.is_empty());
        let proposal = |Upgrade { proposal, then, .. }: Upgrade| {
            let then = then.map(|command| format!("; then run {command}")).unwrap_or_default();
            Proposal { title: proposal.title.clone() + &then, ..proposal }
        };
        (written.into_iter().map(proposal).collect(), advice.len())
    }

    /// Decodes findings part by part, in parallel, and hands on what they say, in their order.
    fn clues(&self, board: &Board, reader: &Reader, findings: &[FindingIdx], mut take: impl FnMut(FindingIdx, Clue)) {
        let telling = findings.iter().copied().filter(|finding| is_telling(board, *finding));
        let findings: Vec<FindingIdx> = telling.collect();
        for part in findings.chunks(PART) {
            let read = |alike: &mut Alike<'_>, finding: &FindingIdx| clue(board, reader, *finding, alike);
            let clues: Vec<Clue> = part.par_iter().map_init(|| Alike::new(&self.repo), read).collect();
            for (finding, clue) in part.iter().zip(clues) {
                take(*finding, clue);
            }
        }
    }
}

/// Whether the results of a finding may say something of remedies, as far as it is known without decoding them.
fn is_telling(board: &Board, finding: FindingIdx) -> bool {
    let found = board.backlog.finding(finding);
    found.fixes > 0 || found.flows > 0 || package_of(board, finding).is_some()
}

/// The findings that can share a remedy with this one: those that name a package too, or are of its rule or weakness.
fn akin(board: &Board, finding: FindingIdx) -> Vec<FindingIdx> {
    if !is_telling(board, finding) {
        return Vec::new();
    }
    let backlog = &board.backlog;
    let name = |finding| package_of(board, finding).and_then(|result| Some(backlog.package_of(result)?.name.as_str()));
    let (own, rule, cwe) = (name(finding), backlog.lead(finding).rule, backlog.cwe(finding).first());
    let is_akin = |other: &FindingIdx| match own {
        // What brings a package in may be asked for by the findings of others.
        Some(_) => name(*other).is_some(),
        None => backlog.lead(*other).rule == rule || cwe.is_some() && backlog.cwe(*other).first() == cwe,
    };
    backlog.order().by_place.iter().copied().filter(is_akin).collect()
}

/// The first result of a finding that names a package.
fn package_of(board: &Board, finding: FindingIdx) -> Option<ResultIdx> {
    let mut members = board.backlog.members(finding).iter().copied();
    members.find(|result| board.backlog.package_of(*result).is_some())
}

fn clue(board: &Board, reader: &Reader, finding: FindingIdx, alike: &mut Alike<'_>) -> Clue {
    let backlog = &board.backlog;
    // What cannot be decoded says nothing, and is told when it is opened.
    let details =
        backlog.members(finding).iter().filter_map(|&result| Some((result, reader.detail(backlog, result).ok()?)));
    let details: Vec<(ResultIdx, Detail)> = details.collect();
    // Other results may name a package as well, as the place that they are in.
    let is_dependency = backlog.lead(finding).category() == Category::Dependency;
    let package = package(board, &details).filter(|(_, claim)| is_dependency || !claim.fixed.is_empty());
    if package.is_some() {
        return Clue { package, ..Clue::default() };
    }
    if backlog.is_secret(finding) {
        return Clue::default();
    }
    let fixes = details.iter().flat_map(|(_, detail)| &detail.fixes);
    let is_patch = |fix: &&Proposal| fix.applicability != Applicability::Advice && fix.alternative == 0;
    let snippet = fixes.filter(is_patch).find_map(|fix| alike.words(fix));
    Clue { package: None, snippet, steps: steps(&details) }
}

/// The package that has to be upgraded, and what all results of a finding say of it. What brings a package in goes
/// before the package itself, because a manifest asks for it.
fn package(board: &Board, details: &[(ResultIdx, Detail)]) -> Option<(Need, Claim)> {
    let backlog = &board.backlog;
    let mut named: Vec<(Need, Claim, bool)> = Vec::new();
    for (result, detail) in details {
        let Some(package) = backlog.package_of(*result) else { continue };
        let (by, versions) = (detail.fixed_in.by.as_deref(), &detail.fixed_in.versions);
        let path = backlog.path(backlog.record(*result));
        let need = Need::new(package.purl.as_deref(), by.unwrap_or(&package.name), path);
        let installed = package.version.clone().filter(|version| by.is_none() && !version.is_empty());
        let is_same =
            |(known, ..): &&mut (Need, Claim, bool)| (&known.package, &known.place) == (&need.package, &need.place);
        match named.iter_mut().find(is_same) {
            Some((_, claim, _)) => claim.fixed.extend_from_slice(versions),
            None => named.push((need, Claim { installed, fixed: versions.clone() }, by.is_some())),
        }
    }
    let first = named.into_iter().min_by_key(|(_, claim, is_by)| (claim.fixed.is_empty(), !is_by));
    first.map(|(need, claim, _)| (need, claim))
}

fn add(packages: &mut BTreeMap<(String, String), Wanted>, need: Need, finding: FindingIdx, claim: Claim) {
    let key = (need.place.clone(), need.package.clone());
    packages.entry(key).or_insert_with(|| Wanted { need, claims: Vec::new() }).claims.push((finding, claim));
}

impl Wanted {
    fn is_fixable(&self) -> bool {
        self.claims.iter().any(|(_, claim)| !claim.fixed.is_empty())
    }

    fn need(&self, board: &Board, is_wanted: impl Fn(FindingIdx) -> bool) -> Need {
        let id = |finding: FindingIdx| -> FindingId { board.backlog.id(finding) };
        let claims = self.claims.iter().filter(|(finding, _)| is_wanted(*finding));
        Need { claims: claims.map(|(finding, claim)| (id(*finding), claim.clone())).collect(), ..self.need.clone() }
    }

    /// The version is the one that clears the most of what is open, if something is.
    fn remedies(&self, board: &Board) -> Vec<(FindingIdx, RemedyKind, String)> {
        let is_any_open = self.claims.iter().any(|(finding, _)| board.is_open(*finding));
        let chosen = self.need(board, |finding| !is_any_open || board.is_open(finding)).chosen();
        let chosen = chosen.ok().map(|(ecosystem, chosen)| (ecosystem, chosen.version));
        let words = self.need.remedy(chosen.as_ref().map(|(_, version)| version.text.as_str()));
        let is_cleared = |claim: &Claim| match &chosen {
            Some((ecosystem, version)) => clears(*ecosystem, claim, version),
            None => !claim.fixed.is_empty(),
        };
        let cleared = self.claims.iter().filter(|(_, claim)| is_cleared(claim));
        cleared.map(|(finding, _)| (*finding, RemedyKind::Upgrade, words.clone())).collect()
    }
}

/// The places in the repository that all flows of a finding go through behind their source, the last first.
fn steps(details: &[(ResultIdx, Detail)]) -> Vec<(String, u32)> {
    let flows = details.iter().flat_map(|(_, detail)| &detail.flows).filter(|flow| flow.kind == FlowKind::Thread);
    let mut flows = flows.map(|flow| {
        let behind = flow.steps.iter().skip(1).rev().map(|step| &step.location);
        let own = behind.filter(|place| place.in_repo && place.line() > 0);
        own.map(|place| (place.path.as_str(), place.line())).collect::<Vec<(&str, u32)>>()
    });
    let mut common = flows.next().unwrap_or_default();
    for other in flows {
        let other: HashSet<(&str, u32)> = other.into_iter().collect();
        common.retain(|place| other.contains(place));
    }
    let mut known = HashSet::new();
    common.retain(|place| known.insert(*place));
    common.into_iter().map(|(path, line)| (path.to_owned(), line)).collect()
}

/// Lines through which the flows of findings go, by weakness or rule.
#[derive(Default)]
struct Helpers {
    paths: Vec<String>,
    numbers: HashMap<String, u32>,
    steps: Vec<(FindingIdx, Class, Vec<Line>)>,
    left_out: HashSet<FindingIdx>,
    names: HashMap<Class, String>,
}

/// Number of a path, and a line of it.
type Line = (u32, u32);

/// A line that findings of one class go through: class, number of the path, line.
type Place = (Class, u32, u32);

/// The first weakness of a finding; where it has none, its rule.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Class {
    Cwe(u32),
    Rule(u32),
}

impl Helpers {
    fn add(&mut self, board: &Board, finding: FindingIdx, steps: Vec<(String, u32)>) {
        if steps.is_empty() {
            return;
        }
        let backlog = &board.backlog;
        let rule = backlog.lead(finding).rule;
        let class = backlog.cwe(finding).first().map_or(Class::Rule(rule), |cwe| Class::Cwe(*cwe));
        self.names.entry(class).or_insert_with(|| match class {
            Class::Cwe(cwe) => format!("CWE-{cwe}"),
            Class::Rule(rule) => backlog.rules.get(rule as usize).map(|rule| rule.id.clone()).unwrap_or_default(),
        });
        let steps: Vec<Line> = steps.into_iter().map(|(path, line)| (self.number(path), line)).collect();
        self.steps.push((finding, class, steps));
    }

    /// Findings that have a remedy already.
    fn leave_out(&mut self, findings: &[FindingIdx]) {
        self.left_out.extend(findings);
    }

    fn number(&mut self, path: String) -> u32 {
        let next = u32::try_from(self.paths.len()).unwrap_or(NONE);
        let number = *self.numbers.entry(path.clone()).or_insert(next);
        if number == next {
            self.paths.push(path);
        }
        number
    }

    /// The last line of each finding that another one of its class goes through as well.
    fn remedies(&self) -> Vec<(FindingIdx, RemedyKind, String)> {
        let mut counts: HashMap<Place, u32> = HashMap::new();
        for place in self.places().flat_map(|(_, places)| places) {
            *counts.entry(place).or_default() += 1;
        }
        let mut shared: HashMap<Place, Vec<FindingIdx>> = HashMap::new();
        for (finding, mut places) in self.places() {
            if let Some(place) = places.find(|place| counts.get(place).is_some_and(|count| *count > 1)) {
                shared.entry(place).or_default().push(finding);
            }
        }
        let mut found = Vec::new();
        for ((class, path, line), findings) in shared.into_iter().filter(|(_, findings)| findings.len() > 1) {
            let path = self.paths.get(path as usize).map_or("", String::as_str);
            let class = self.names.get(&class).map_or("", String::as_str);
            let words = format!("change {path}:{line} ({class})");
            found.extend(findings.into_iter().map(|finding| (finding, RemedyKind::Helper, words.clone())));
        }
        found
    }

    fn places(&self) -> impl Iterator<Item = (FindingIdx, impl Iterator<Item = Place>)> {
        let left = self.steps.iter().filter(|(finding, ..)| !self.left_out.contains(finding));
        left.map(|(finding, class, steps)| (*finding, steps.iter().map(|(path, line)| (*class, *path, *line))))
    }
}

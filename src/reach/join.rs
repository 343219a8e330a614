//! Which statements are about which finding. All that a statement names has to fit: the advisory under any of its ids,
//! the package in this version, the line.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use rayon::prelude::*;

use crate::model::backlog::{Backlog, FindingIdx, Record, ResultIdx};
use crate::model::evidence::{Evidence, Fact, Polarity, Statement};

use super::aliases::Aliases;
use super::deployed;
use super::package::Coordinates;

/// The most statements that are kept for one finding.
const MAX_LINKS: usize = 256;

/// The statements of a load by what they are about.
#[derive(Debug, Default)]
pub struct Join {
    pub(super) aliases: Aliases,
    /// By set of ids.
    by_vuln: HashMap<u32, Vec<u32>, RandomState>,
    /// Those without an advisory, by package name.
    by_package: HashMap<String, Vec<u32>, RandomState>,
    /// Those without either, by file.
    by_path: HashMap<Box<str>, Lines, RandomState>,
    /// Those about programs of images.
    programs: Vec<u32>,
    /// Of each statement that names one.
    packages: HashMap<u32, Coordinates, RandomState>,
    /// What is known about advisories, by set of ids.
    intel: HashMap<u32, Vec<u32>, RandomState>,
    /// What the vectors among them say, by number.
    vectors: HashMap<u32, Vector, RandomState>,
}

/// Statements about lines of a file.
#[derive(Debug, Default)]
struct Lines {
    /// First line, last line, statement, sorted.
    all: Vec<(u32, u32, u32)>,
    /// The last line of each [`BLOCK`] of them: a long run may stand far in front of many short ones.
    ends: Vec<u32>,
}

const BLOCK: usize = 64;

impl Lines {
    fn sort(&mut self) {
        self.all.sort_unstable();
        self.ends =
            self.all.chunks(BLOCK).map(|block| block.iter().map(|(_, end, _)| *end).max().unwrap_or(0)).collect();
    }

    /// Adds the statements about some of the lines from `first` to `last`.
    fn add(&self, first: u32, last: u32, own: &mut Vec<u32>) {
        let upto = self.all.partition_point(|(start, ..)| *start <= last);
        let before = self.all.get(..upto).unwrap_or_default();
        let blocks = before.chunks(BLOCK).zip(&self.ends).filter(|(_, end)| **end >= first);
        let met = blocks.flat_map(|(block, _)| block).filter(|(_, end, _)| *end >= first);
        own.extend(met.map(|(.., number)| *number));
    }
}

/// A CVSS vector as far as lanes and scores need it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Vector {
    /// 0 to 10.
    pub(super) score: f32,
    /// From the network, without trouble, rights or anybody's help: what SSVC calls automatable, derived.
    pub(super) is_automatable: bool,
    /// Confidentiality, integrity and availability are lost altogether.
    pub(super) is_total: bool,
}

impl Vector {
    /// Reads `CVSS:3.1/AV:N/…` (2.0, 3.0, 3.1, 4.0).
    #[expect(clippy::cast_possible_truncation, reason = "a score has one digit behind the point")]
    fn parse(text: &str) -> Option<Self> {
        let cvss: cvss::Cvss = text.parse().ok()?;
        let has = |metric: &str| text.split('/').any(|part| part == metric);
        let all = |metrics: &[&str]| metrics.iter().all(|metric| has(metric));
        let is_four = text.starts_with("CVSS:4");
        let impact: &[&str] = if is_four { &["VC:H", "VI:H", "VA:H"] } else { &["C:H", "I:H", "A:H"] };
        Some(Self {
            score: cvss.score() as f32,
            is_automatable: all(&["AV:N", "AC:L", "PR:N", "UI:N"]),
            is_total: all(impact),
        })
    }
}

/// What is known about the advisories of a finding.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Threat {
    pub(super) epss: Option<f32>,
    /// Number in `Evidence::intel` of what it was read off.
    pub(super) epss_from: Option<u32>,
    pub(super) vector_from: Option<u32>,
    pub(super) poc_from: Option<u32>,
    pub(super) automatable: Option<bool>,
    pub(super) is_total: Option<bool>,
}

impl Join {
    /// Sorts the evidence of a load.
    pub fn new(evidence: &Evidence) -> Self {
        let mut join = Self::default();
        for ids in &evidence.aliases {
            join.aliases.join(ids.iter().map(|id| &**id));
        }
        for statement in &evidence.statements {
            join.aliases.join(statement.subject.vulns.iter().map(|id| &**id));
        }
        for intel in &evidence.intel {
            join.aliases.join([&*intel.vuln]);
        }
        for (number, statement) in (0..).zip(&evidence.statements) {
            join.add(number, statement);
        }
        for (number, intel) in (0..).zip(&evidence.intel) {
            if let Fact::Cvss(vector) = &intel.fact {
                join.vectors.extend(Vector::parse(vector).map(|vector| (number, vector)));
            }
            if let Some(set) = join.aliases.set(&intel.vuln) {
                join.intel.entry(set).or_default().push(number);
            }
        }
        join.by_path.values_mut().for_each(Lines::sort);
        join
    }

    fn add(&mut self, number: u32, statement: &Statement) {
        let subject = &statement.subject;
        let package = subject.purl.as_deref().and_then(Coordinates::of_id);
        if let Some(set) = subject.vulns.first().and_then(|id| self.aliases.set(id)) {
            self.by_vuln.entry(set).or_default().push(number);
        } else if let Some(package) = &package {
            self.by_package.entry(package.name().to_owned()).or_default().push(number);
        } else if deployed::is_of_what_runs(subject) {
            if subject.path.is_some() {
                self.programs.push(number);
            }
        } else if let Some(path) = subject.path.as_ref().filter(|path| !path.ends_with('/')) {
            let first = subject.line.unwrap_or(0);
            let last = subject.end_line.or(subject.line).unwrap_or(u32::MAX);
            self.by_path.entry(path.clone()).or_default().all.push((first, last, number));
        }
        self.packages.extend(package.map(|package| (number, package)));
    }

    /// The package that a statement names.
    pub(super) fn package(&self, statement: u32) -> Option<&Coordinates> {
        self.packages.get(&statement)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_vuln.is_empty() && self.by_package.is_empty() && self.by_path.is_empty() && self.programs.is_empty()
    }

    /// Each finding with the statements about it, sorted.
    pub fn links(&self, backlog: &Backlog) -> Vec<(FindingIdx, u32)> {
        if self.is_empty() {
            return Vec::new();
        }
        let findings: Vec<FindingIdx> = (0..).take(backlog.findings.len()).collect();
        let of = |finding: &FindingIdx| {
            let own = kept(&backlog.evidence, self.of(backlog, *finding));
            own.into_iter().map(|statement| (*finding, statement)).collect::<Vec<_>>()
        };
        findings.par_iter().with_min_len(1024).flat_map_iter(of).collect()
    }

    /// The statements about one finding, sorted.
    fn of(&self, backlog: &Backlog, finding: FindingIdx) -> Vec<u32> {
        let mut own = Vec::new();
        for &result in backlog.members(finding) {
            let record = backlog.record(result);
            if !self.by_vuln.is_empty() || !self.by_package.is_empty() {
                self.add_of_package(backlog, result, &mut own);
            }
            if !self.by_path.is_empty() {
                self.add_of_lines(backlog, record, &mut own);
            }
            if !self.programs.is_empty() && backlog.run(record).image.is_some() {
                let statements = &backlog.evidence.statements;
                let runs = |number: &&u32| {
                    let statement = statements.get(**number as usize);
                    statement.is_some_and(|one| deployed::runs_package(one, backlog, result))
                };
                own.extend(self.programs.iter().filter(runs));
            }
        }
        own.sort_unstable();
        own.dedup();
        own
    }

    fn add_of_package(&self, backlog: &Backlog, result: ResultIdx, own: &mut Vec<u32>) {
        let advisories = backlog.advisories_of(result);
        let package = backlog.package_of(result);
        if advisories.is_empty() && package.is_none() {
            return;
        }
        let package = package.map(Coordinates::of);
        let fits = |number: &u32| match (self.packages.get(number), &package) {
            (Some(stated), Some(package)) => stated.may_be(package),
            _ => true,
        };
        let sets = advisories.iter().filter_map(|id| self.aliases.set(id));
        for numbers in sets.filter_map(|set| self.by_vuln.get(&set)) {
            own.extend(numbers.iter().copied().filter(fits));
        }
        let Some(package) = &package else { return };
        if let Some(numbers) = self.by_package.get(package.name()) {
            own.extend(numbers.iter().copied().filter(fits));
        }
    }

    /// Statements about a line of the record; a region of a whole file is judged by its first line.
    fn add_of_lines(&self, backlog: &Backlog, record: &Record, own: &mut Vec<u32>) {
        let Some(lines) = self.by_path.get(backlog.path(record)).filter(|_| record.line > 0) else { return };
        let last = record.end_line.max(record.line).min(record.line + MAX_REGION);
        lines.add(record.line, last, own);
    }

    /// The vector of what is known about a finding.
    pub(super) fn vector(&self, threat: &Threat) -> Option<Vector> {
        self.vectors.get(&threat.vector_from?).copied()
    }

    /// What is known about the advisories of a finding: the worst of each.
    pub(super) fn threat(&self, backlog: &Backlog, evidence: &Evidence, finding: FindingIdx) -> Threat {
        let mut threat = Threat::default();
        if self.intel.is_empty() {
            return threat;
        }
        let ids = backlog.members(finding).iter().flat_map(|result| backlog.advisories_of(*result));
        for number in ids.filter_map(|id| self.intel.get(&self.aliases.set(id)?)).flatten() {
            let Some(intel) = evidence.intel.get(*number as usize) else { continue };
            match &intel.fact {
                Fact::Epss { probability, .. } => {
                    if threat.epss.is_none_or(|known| known < *probability) {
                        (threat.epss, threat.epss_from) = (Some(*probability), Some(*number));
                    }
                }
                Fact::Cvss(_) => {
                    let score = |number: u32| self.vectors.get(&number).map(|vector| vector.score);
                    if score(*number) > threat.vector_from.and_then(score) {
                        threat.vector_from = Some(*number);
                    }
                }
                Fact::Poc => threat.poc_from = Some(*number),
                Fact::Automatable(is) => threat.automatable = Some(threat.automatable.unwrap_or(false) || *is),
                Fact::IsTotal(is) => threat.is_total = Some(threat.is_total.unwrap_or(false) || *is),
            }
        }
        threat
    }
}

/// At most [`MAX_LINKS`] of the statements about a finding: what says yes first, what says no last.
fn kept(evidence: &Evidence, mut own: Vec<u32>) -> Vec<u32> {
    if own.len() > MAX_LINKS {
        // What is under investigation may take back a no.
        let rank = |number: &u32| match evidence.statements.get(*number as usize).map(|one| one.polarity) {
            Some(Polarity::Yes) => 0,
            Some(Polarity::Unknown) => 1,
            Some(Polarity::No) | None => 2,
        };
        own.sort_by_key(rank);
        own.truncate(MAX_LINKS);
        own.sort_unstable();
    }
    own
}

/// Lines of a region that are looked at.
const MAX_REGION: u32 = 100;

//! Everything that was loaded: reports, runs, rules, paths, results, and the findings they form.
//!
//! A million results are normal. A result is one 48-byte record of interned numbers; its message and
//! the rest are decoded from the report when somebody looks (`detail`). Nothing here changes after load.

use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use rayon::slice::ParallelSliceMut;

use super::ai::Mark;
use super::bits::Bits;
use super::claim::Claim;
use super::evidence::Evidence;
use super::grade::{Baseline, Category, Grades, Kind, Level, Severity};
use super::id::FindingId;
use super::messages::Messages;
use super::order::Order;
use super::problem::Problem;

/// Number of a result in [`Backlog::results`].
pub type ResultIdx = u32;
/// Number of a finding in [`Backlog::findings`]. Valid for one backlog only; across reloads use [`FindingId`].
pub type FindingIdx = u32;

/// "No path", "no rule": the value of an interned number that is absent.
pub const NONE: u32 = u32::MAX;

/// One of so many findings is many: then all are looked at.
const MANY: usize = 16;

/// All reports of one load, joined.
#[derive(Debug, Default)]
pub struct Backlog {
    pub reports: Vec<Report>,
    pub runs: Vec<Run>,
    pub tools: Vec<Tool>,
    pub rules: Vec<Rule>,
    pub paths: Paths,
    pub results: Vec<Record>,
    /// Lower-case message text of every result, in the order of `results`, for search.
    pub messages: Messages,
    /// Advisory ids (`CVE-…`, `GHSA-…`) of results that have some: sorted by result.
    pub advisories: Vec<(ResultIdx, Arc<[Box<str>]>)>,
    /// Packages of results that name one: sorted by result.
    pub packages: Vec<(ResultIdx, Arc<Package>)>,
    /// What results say themselves of their reach: sorted by result.
    pub claims: Vec<(ResultIdx, Claim)>,
    /// What models say of results in their own reports: sorted by result.
    pub ai: Vec<(ResultIdx, Mark)>,
    /// The places where the flows of results start, each once, as numbers in `paths`: sorted by result.
    pub starts: Vec<(ResultIdx, u32)>,
    pub findings: Vec<Finding>,
    /// The distinct sets of CWE numbers that findings have, each sorted.
    pub cwe_sets: Vec<Box<[u32]>>,
    /// Results of the findings, those of one finding side by side, the shown one first.
    pub members: Vec<ResultIdx>,
    pub problems: Vec<Problem>,
    pub evidence: Evidence,
    /// See [`Backlog::order`].
    pub order: OnceLock<Order>,
    /// See [`Backlog::by_id`].
    pub by_id: OnceLock<Vec<(FindingId, FindingIdx)>>,
    /// Where results stand in reports that are not SARIF: by run, in the order of the run.
    pub pointers: Vec<(u32, Vec<Box<str>>)>,
}

/// One input file.
#[derive(Clone, Debug)]
pub struct Report {
    /// As the user named it, or relative to the repository.
    pub name: String,
    pub bytes: u64,
    /// When the scan ended, as well as it is known (`made_by`).
    pub made: Option<Timestamp>,
    pub made_by: MadeBy,
    /// Whether everything in it was read.
    pub is_complete: bool,
}

/// How it is known when a report was made. Only a time that is stated or vouched for is that of the scan; by the others the
/// scan was before them, and nobody knows how long: files are copied, downloaded and committed later.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MadeBy {
    /// The report itself says when the scan ended; of several runs the latest counts.
    Stated,
    /// The last commit that touched the report, which git has as it is. A checkout gives files new times.
    Committed,
    /// The file was last written then.
    #[default]
    Written,
    /// The same, and the user vouches that this was the scan (`--trust-file-times`).
    Vouched,
}

impl MadeBy {
    /// Whether the time is that of the scan itself.
    pub fn is_of_scan(self) -> bool {
        matches!(self, Self::Stated | Self::Vouched)
    }

    /// Whether the time comes from the clock of the files, which is finer than the seconds of reports and commits.
    pub fn is_of_file(self) -> bool {
        matches!(self, Self::Written | Self::Vouched)
    }
}

/// One run of a report.
#[derive(Clone, Debug, Default)]
pub struct Run {
    pub report: u32,
    /// Position in the report's `runs`.
    pub index: u32,
    pub tool: u32,
    /// Commit that the run says it scanned (`versionControlProvenance`).
    pub revision: Option<String>,
    /// The container image that it scanned, as the scanner was given it; `None` for files of a tree.
    pub image: Option<Box<str>>,
    /// The model that has looked at its results, where the run names it.
    pub model: Option<Arc<str>>,
    /// Whether the tool reports neither a failure nor an error. Where it does, results may be missing.
    pub is_whole: bool,
    /// When it ended, if it says so.
    pub ended: Option<Timestamp>,
    /// [`Rule::key`] of the rules that it lists and has not turned off, sorted. Runs with the same rules share them.
    pub rules: Arc<[u64]>,
    /// Which of several scans of one tool it is: the category of `automationDetails.id`, the part before its last `/`.
    pub category: Option<Box<str>>,
    /// Its results are so many, from the first on, one after the other in the order of the run.
    pub first: ResultIdx,
    pub results: u32,
    /// Positions in the run's `results` that could not be read, sorted.
    pub lost: Box<[u32]>,
}

/// A scanner, one entry for each distinct name.
#[derive(Clone, Debug)]
pub struct Tool {
    pub name: String,
    pub version: Option<String>,
    /// Name in lower case without edition or version words: what identity and merging compare.
    pub family: String,
}

/// A check that produced results, one entry for each distinct (tool, id as the results write it).
#[derive(Clone, Debug, Default)]
pub struct Rule {
    pub tool: u32,
    pub id: String,
    pub name: Option<String>,
    pub summary: Option<String>,
    pub description: Option<String>,
    /// Where its help stands; it is read when somebody looks (`ingest::Reader::help`).
    pub help: Option<HelpAt>,
    pub help_uri: Option<String>,
    pub tags: Vec<String>,
    /// CWE numbers, sorted: stated by the report, or known for this rule of this tool.
    pub cwe: Vec<u32>,
    /// `security-severity`, 0 to 10.
    pub score: Option<f64>,
    pub category: Option<Category>,
}

/// Where the help of a rule stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HelpAt {
    /// The run, in [`Backlog::runs`].
    pub run: u32,
    /// The run's tool component (0 is the driver, then the extensions), and the position in its rules.
    pub component: u32,
    pub index: u32,
}

/// The places that results name, each distinct path once.
#[derive(Debug, Default)]
pub struct Paths {
    pub texts: Arena,
    in_repo: Vec<bool>,
}

/// A place that results name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PathEntry<'a> {
    /// Relative to the repository root with `/`, decoded; else the URI as the report has it.
    pub text: &'a str,
    /// Whether it is a file of the repository.
    pub in_repo: bool,
}

/// One result: 48 bytes, never changed after load. Lines and columns are 1-based, columns in code points,
/// `end_column` exclusive; 0 is "not stated".
#[derive(Clone, Copy, Debug)]
pub struct Record {
    pub id: FindingId,
    pub at: At,
    /// Bytes of its text.
    pub len: u32,
    pub rule: u32,
    pub path: u32,
    pub line: u32,
    pub column: u32,
    pub end_line: u32,
    pub end_column: u32,
    pub grades: Grades,
    /// Number of fixes with at least one edit; 255 is "or more".
    pub fixes: u8,
    /// Number of code flows; 255 is "or more".
    pub flows: u8,
}

const _: () = assert!(size_of::<Record>() == 48, "a million results must stay 48 MB");

/// The run of a result, and where its text lies in the report as it is read again (see `ingest::Reader`).
#[derive(Clone, Copy, Debug, Default)]
pub struct At(u64);

/// Texts one after the other in one buffer.
#[derive(Debug, Default)]
pub struct Arena {
    pub text: String,
    /// End of each text in `text`.
    pub ends: Vec<u32>,
}

/// A package that a result names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Package {
    pub name: String,
    pub version: Option<String>,
    pub purl: Option<String>,
}

/// One problem at one place: a group of results. Its id is the smallest of theirs: [`Backlog::id`].
#[derive(Clone, Debug)]
pub struct Finding {
    /// Where its part of [`Backlog::members`] starts; it ends where the next finding's starts.
    pub first: u32,
    /// The highest of its results.
    pub severity: Severity,
    /// CWE numbers of all its results: a number in [`Backlog::cwe_sets`]; [`NONE`] if there are none.
    pub cwe: u32,
    /// Sum over its results, 255 is "or more".
    pub fixes: u8,
    pub flows: u8,
}

impl Arena {
    /// Adds a text and returns its number.
    pub fn push(&mut self, text: &str) -> u32 {
        self.text.push_str(text);
        self.end()
    }

    /// Ends the text that was added to `text` itself, and returns its number.
    pub fn end(&mut self) -> u32 {
        let number = self.count();
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        number
    }

    /// Adds all texts of another, in their order.
    pub fn append(&mut self, other: Self) {
        if self.ends.is_empty() {
            *self = other;
        } else {
            other.iter().for_each(|text| {
                self.push(text);
            });
        }
    }

    /// How many texts there are.
    pub fn count(&self) -> u32 {
        u32::try_from(self.ends.len()).unwrap_or(NONE)
    }

    /// All texts, in their order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..).take(self.ends.len()).map(|number| self.get(number))
    }

    /// The text with this number; empty if there is none.
    pub fn get(&self, number: u32) -> &str {
        let number = number as usize;
        let start = number.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied());
        let end = self.ends.get(number).copied();
        start.zip(end).and_then(|(start, end)| self.text.get(start as usize..end as usize)).unwrap_or_default()
    }
}

impl Paths {
    /// Adds a path and returns its number.
    pub fn push(&mut self, text: &str, in_repo: bool) -> u32 {
        self.in_repo.push(in_repo);
        self.texts.push(text)
    }

    pub fn len(&self) -> usize {
        self.in_repo.len()
    }

    pub fn is_empty(&self) -> bool {
        self.in_repo.is_empty()
    }

    pub fn get(&self, number: u32) -> Option<PathEntry<'_>> {
        let in_repo = *self.in_repo.get(number as usize)?;
        Some(PathEntry { text: self.texts.get(number), in_repo })
    }

    /// All paths, in their order.
    pub fn iter(&self) -> impl Iterator<Item = PathEntry<'_>> {
        self.texts.iter().zip(&self.in_repo).map(|(text, in_repo)| PathEntry { text, in_repo: *in_repo })
    }
}

impl Run {
    /// Whether it lists a rule, or the parent of a hierarchical id (SARIF 2.1.0, 3.27.5).
    pub fn looked_for(&self, rule: &str) -> bool {
        Rule::is_among(rule, &self.rules)
    }
}

impl Rule {
    /// The id of a rule as a number that is the same in every version and on every machine: FNV-1a, 64 bits.
    pub fn key(id: &str) -> u64 {
        id.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }

    /// Whether sorted keys hold that of a rule, or of the parent of a hierarchical id.
    pub fn is_among(id: &str, keys: &[u64]) -> bool {
        let parents = std::iter::successors(Some(id), |id| Some(id.rsplit_once('/')?.0));
        parents.into_iter().any(|id| keys.binary_search(&Self::key(id)).is_ok())
    }

    /// What it is about in a few words: its name if that says more than the id, else its summary; may be empty.
    pub fn title(&self) -> &str {
        let name = self.name.as_deref().filter(|name| !self.id.contains(name));
        name.or(self.summary.as_deref()).or(self.description.as_deref()).unwrap_or_default()
    }
}

impl At {
    /// Bits of the offset: a terabyte.
    const OFFSET: u32 = 40;

    /// `None` behind the first terabyte of a report.
    pub fn new(run: u32, offset: u64) -> Option<Self> {
        (offset >> Self::OFFSET == 0).then_some(Self(offset).in_run(run))
    }

    /// The same in another run, one of sixteen million.
    #[must_use]
    pub fn in_run(self, run: u32) -> Self {
        Self(u64::from(run) << Self::OFFSET | self.offset())
    }

    pub fn offset(self) -> u64 {
        self.0 & ((1 << Self::OFFSET) - 1)
    }
}

impl Record {
    /// Its run, in [`Backlog::runs`].
    pub fn run(&self) -> u32 {
        (self.at.0 >> At::OFFSET) as u32
    }

    pub fn level(&self) -> Level {
        self.grades.level()
    }

    pub fn kind(&self) -> Kind {
        self.grades.kind()
    }

    pub fn severity(&self) -> Severity {
        self.grades.severity()
    }

    pub fn baseline(&self) -> Baseline {
        self.grades.baseline()
    }

    pub fn category(&self) -> Category {
        self.grades.category()
    }

    /// Whether it says that something is wrong now: no pass, and not what the report itself calls absent.
    pub fn is_there(&self) -> bool {
        self.kind().is_problem() && self.baseline() != Baseline::Absent
    }

    /// Whether it counts for its finding: it is there, and the report does not suppress it.
    pub fn is_live(&self) -> bool {
        self.is_there() && !self.is_suppressed()
    }

    /// Whether its report suppresses it.
    pub fn is_suppressed(&self) -> bool {
        self.grades.is_suppressed()
    }
}

impl Backlog {
    /// The orders that lists need, made at the first call: about 0.1 s for 200,000 findings. See [`Self::prepare`].
    pub fn order(&self) -> &Order {
        self.order.get_or_init(|| Order::of(self))
    }

    /// Whether a result of a finding is a problem by its kind, and neither suppressed nor absent.
    pub fn is_live(&self, finding: FindingIdx) -> bool {
        // Which spares reading the records, where all are asked.
        let known = self.order.get().map(|order| order.live.has(finding));
        known.unwrap_or_else(|| self.members(finding).iter().any(|&result| self.record(result).is_live()))
    }

    /// Makes what lists and questions need, so that no frame has to: to be called off the drawing path when a load is
    /// complete.
    pub fn prepare(&self) {
        self.order();
        self.by_id();
    }

    /// Every result's id with its finding, sorted by id; made at the first call: about 0.02 s for 200,000 results. See
    /// [`Self::prepare`].
    pub fn by_id(&self) -> &[(FindingId, FindingIdx)] {
        self.by_id.get_or_init(|| {
            let of = |finding: FindingIdx| self.members(finding).iter().map(move |&at| (self.record(at).id, finding));
            let mut by_id: Vec<_> = (0..).take(self.findings.len()).flat_map(of).collect();
            by_id.par_sort_unstable();
            by_id.dedup();
            by_id
        })
    }

    /// The smallest id of the results of a finding.
    pub fn id(&self, finding: FindingIdx) -> FindingId {
        self.members(finding).iter().map(|result| self.record(*result).id).min().unwrap_or_default()
    }

    pub fn finding(&self, finding: FindingIdx) -> &Finding {
        &self.findings[finding as usize]
    }

    pub fn record(&self, result: ResultIdx) -> &Record {
        &self.results[result as usize]
    }

    /// CWE numbers of all results of a finding, sorted.
    pub fn cwe(&self, finding: FindingIdx) -> &[u32] {
        self.cwe_sets.get(self.finding(finding).cwe as usize).map_or(&[], |set| set)
    }

    /// The results of a finding, the shown one first.
    pub fn members(&self, finding: FindingIdx) -> &[ResultIdx] {
        let start = self.finding(finding).first as usize;
        let end = self.findings.get(finding as usize + 1).map_or(self.members.len(), |next| next.first as usize);
        &self.members[start..end]
    }

    /// The result that is shown for a finding.
    pub fn lead(&self, finding: FindingIdx) -> &Record {
        self.record(self.members(finding)[0])
    }

    /// Whether one of its results is about a secret: then the text of all of them is covered where people read it.
    pub fn is_secret(&self, finding: FindingIdx) -> bool {
        self.members(finding).iter().any(|&result| self.record(result).category() == Category::Secret)
    }

    pub fn rule(&self, record: &Record) -> &Rule {
        &self.rules[record.rule as usize]
    }

    pub fn tool(&self, record: &Record) -> &Tool {
        &self.tools[self.runs[record.run() as usize].tool as usize]
    }

    pub fn run(&self, record: &Record) -> &Run {
        &self.runs[record.run() as usize]
    }

    pub fn report(&self, record: &Record) -> &Report {
        &self.reports[self.run(record).report as usize]
    }

    /// The path of a result; empty where it has none.
    pub fn path(&self, record: &Record) -> &str {
        self.paths.texts.get(record.path)
    }

    /// The finding that holds the result with this id.
    pub fn find(&self, id: FindingId) -> Option<FindingIdx> {
        self.with_ids(id, id).next()
    }

    /// The ids of some findings, sorted. Those of many are read off the order of all ids.
    pub fn ids(&self, findings: &Bits) -> Vec<FindingId> {
        let count = findings.len();
        if count < self.by_id().len() / MANY {
            let mut ids: Vec<FindingId> = findings.iter().map(|finding| self.id(finding)).collect();
            ids.sort_unstable();
            return ids;
        }
        // The smallest id of its results is that of the finding.
        let mut left = findings.clone();
        let mut ids = Vec::with_capacity(count);
        ids.extend(self.by_id().iter().filter(|(_, finding)| left.take(*finding)).map(|(id, _)| *id));
        ids
    }

    /// The findings that hold results with these ids, which are sorted. Many are found in one pass over all ids.
    pub fn find_all(&self, ids: &[FindingId]) -> Bits {
        let mut found = Bits::none(self.findings.len());
        if ids.len() < self.by_id().len() / MANY {
            found.extend(ids.iter().filter_map(|id| self.find(*id)));
            return found;
        }
        let mut all = self.by_id().iter();
        let mut next = all.next();
        for id in ids {
            while next.is_some_and(|(other, _)| other < id) {
                next = all.next();
            }
            if let Some((_, finding)) = next.filter(|(other, _)| other == id) {
                found.insert(*finding);
            }
        }
        found
    }

    /// All findings that hold a result with an id in this range, each once.
    pub fn find_range(&self, low: FindingId, high: FindingId) -> Vec<FindingIdx> {
        let mut found: Vec<FindingIdx> = self.with_ids(low, high).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The findings of the results with ids from one to another.
    fn with_ids(&self, low: FindingId, high: FindingId) -> impl Iterator<Item = FindingIdx> {
        let by_id = self.by_id();
        let from = by_id.partition_point(|(other, _)| *other < low);
        by_id[from..].iter().take_while(move |(other, _)| *other <= high).map(|(_, finding)| *finding)
    }

    /// The distinct tool names of a finding, the shown result's first.
    pub fn tool_names(&self, finding: FindingIdx) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for &result in self.members(finding) {
            let name = self.tool(self.record(result)).name.as_str();
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// Position of a result in its run's `results`.
    pub fn position(&self, result: ResultIdx) -> u32 {
        let run = self.run(self.record(result));
        // Of what could not be read there is no record: all behind it stands earlier here.
        run.lost.iter().fold(result - run.first, |at, lost| at + u32::from(*lost <= at))
    }

    /// The result of a run with this position in it.
    pub fn at_position(&self, run: &Run, position: u32) -> Option<ResultIdx> {
        let before = run.lost.partition_point(|lost| *lost < position);
        let is_lost = run.lost.get(before) == Some(&position);
        let at = position.checked_sub(u32::try_from(before).ok()?)?;
        (at < run.results && !is_lost).then_some(run.first + at)
    }

    /// JSON pointer of a result in its report, or its line where the report has a document a line.
    pub fn pointer(&self, result: ResultIdx) -> String {
        let record = self.record(result);
        let position = self.position(result);
        let own = self.pointers.iter().find(|(run, _)| *run == record.run());
        if let Some(pointer) = own.and_then(|(_, pointers)| pointers.get(position as usize)) {
            return pointer.to_string();
        }
        format!("/runs/{}/results/{position}", self.run(record).index)
    }

    pub fn advisories_of(&self, result: ResultIdx) -> &[Box<str>] {
        match self.advisories.binary_search_by_key(&result, |(owner, _)| *owner) {
            Ok(at) => &self.advisories[at].1,
            Err(_) => &[],
        }
    }

    /// What a result says itself of its reach.
    pub fn claims_of(&self, result: ResultIdx) -> impl Iterator<Item = Claim> {
        of_result(&self.claims, result).iter().map(|(_, claim)| *claim)
    }

    /// What a model says of a result in its own report.
    pub fn mark_of(&self, result: ResultIdx) -> Option<&Mark> {
        of_result(&self.ai, result).first().map(|(_, mark)| mark)
    }

    /// The paths of the places where its flows start, each once.
    pub fn starts_of(&self, result: ResultIdx) -> impl Iterator<Item = &str> {
        of_result(&self.starts, result).iter().map(|(_, path)| self.paths.texts.get(*path))
    }

    pub fn package_of(&self, result: ResultIdx) -> Option<&Package> {
        let at = self.packages.binary_search_by_key(&result, |(owner, _)| *owner).ok()?;
        Some(&self.packages[at].1)
    }
}

/// What belongs to one result, in a list that is sorted by result.
fn of_result<T>(sorted: &[(ResultIdx, T)], result: ResultIdx) -> &[(ResultIdx, T)] {
    let from = sorted.partition_point(|(owner, _)| *owner < result);
    let own = sorted.get(from..).unwrap_or_default();
    own.get(..own.iter().take_while(|(owner, _)| *owner == result).count()).unwrap_or_default()
}

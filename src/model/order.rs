//! What every query over a backlog needs and no query changes: the orders of the list, where each name stands among
//! all, and what is asked of every finding side by side.

use rayon::slice::ParallelSliceMut;

use super::backlog::{Arena, Backlog, FindingIdx, NONE, ResultIdx};
use super::bits::Bits;
use super::counting::sorted_by;
use super::grade::{Baseline, Category, Severity};

/// What a finding is called that has no rule, file or package.
pub const NO_RULE: &str = "no rule";
pub const NO_FILE: &str = "no file";
pub const NO_PACKAGE: &str = "no package";

/// Made once for a backlog, when it is first asked for ([`Backlog::order`]); about 22 bytes a finding.
#[derive(Debug, Default)]
pub struct Order {
    /// All findings by path, line and id. Those without a path come last.
    pub by_place: Vec<FindingIdx>,
    /// All findings, worst severity first, among equals those with a CWE (a weakness) before those without (style,
    /// hygiene), those with a flow before those without, those with several results before those with one, then as in
    /// `by_place`: the list as it stands without a sort.
    pub by_severity: Vec<FindingIdx>,
    /// Paths and ids of rules in lower case, in the orders of the backlog.
    pub paths: Arena,
    pub rule_ids: Arena,
    /// In the orders of the backlog's rules, tools, paths, paths again, and packages.
    pub rules: Names,
    pub tools: Names,
    pub files: Names,
    pub folders: Names,
    pub packages: Names,
    pub leads: Leads,
    /// Results that are not the shown one of their finding.
    pub others: Vec<(FindingIdx, ResultIdx)>,
    /// Findings with a result that is a problem, not suppressed and not absent.
    pub live: Bits,
    /// Findings with a fix.
    pub fixable: Bits,
    /// Whether a report calls one of its results new.
    pub has_new: bool,
}

/// Where each of some names stands among all of them; equal names stand at the same place.
#[derive(Debug, Default)]
pub struct Names {
    pub rank: Vec<u32>,
    /// Where a thing without a name stands, by what it is called then.
    pub none: u32,
    /// All ranks are below.
    pub len: u32,
}

/// Of every finding what it and its shown result have, in the order of `Backlog::findings`.
#[derive(Debug, Default)]
pub struct Leads {
    pub result: Vec<ResultIdx>,
    pub rule: Vec<u32>,
    /// [`NONE`] for an empty path too.
    pub path: Vec<u32>,
    pub severity: Vec<Severity>,
    pub category: Vec<Category>,
}

impl Order {
    /// Sorts a backlog.
    pub(super) fn of(backlog: &Backlog) -> Self {
        let (mut paths, mut rule_ids) = (Arena::default(), Arena::default());
        for path in backlog.paths.texts.iter() {
            paths.push(&path.to_lowercase());
        }
        for rule in &backlog.rules {
            rule_ids.push(&rule.id.to_lowercase());
        }
        let texts = || backlog.paths.texts.iter();
        let files = Names::of(texts(), NO_FILE);
        let by_place = by_place(backlog, &files);
        let importance: Vec<u32> =
            (0..).take(backlog.findings.len()).map(|finding| importance(backlog, finding)).collect();
        Self {
            by_severity: sorted_by(&by_place, &importance, IMPORTANCES),
            by_place,
            paths,
            rule_ids,
            rules: Names::of(backlog.rules.iter().map(|rule| rule.id.as_str()), NO_RULE),
            tools: Names::of(backlog.tools.iter().map(|tool| tool.name.as_str()), ""),
            folders: Names::of(texts().map(|path| if path.is_empty() { NO_FILE } else { folder(path) }), NO_FILE),
            files,
            packages: Names::of(backlog.packages.iter().map(|(_, package)| package.name.as_str()), NO_PACKAGE),
            leads: Leads::of(backlog),
            others: others(backlog),
            live: live(backlog),
            has_new: backlog.results.iter().any(|record| record.baseline() == Baseline::New),
            fixable: Bits::of(&backlog.findings, |finding| finding.fixes > 0),
        }
    }

    /// How many of some findings have each severity, in the order of `Severity::ALL`.
    pub fn count(&self, findings: impl Iterator<Item = FindingIdx>) -> [usize; Severity::ALL.len()] {
        let mut counts = [0; Severity::ALL.len()];
        for finding in findings {
            counts[self.leads.severity[finding as usize] as usize] += 1;
        }
        counts
    }
}

impl Names {
    fn of<'n>(names: impl Iterator<Item = &'n str>, none: &'n str) -> Self {
        let mut sorted: Vec<(&str, u32)> = names.chain([none]).zip(0..).collect();
        let last = sorted.len() - 1;
        sorted.par_sort_unstable();
        let mut rank = vec![0; sorted.len()];
        let mut len = 0;
        for equal in sorted.chunk_by(|(one, _), (two, _)| one == two) {
            for (_, number) in equal {
                rank[*number as usize] = len;
            }
            len += 1;
        }
        let none = rank[last];
        rank.truncate(last);
        Self { rank, none, len }
    }

    /// Where the name with this number stands.
    pub fn rank(&self, number: u32) -> u32 {
        self.rank.get(number as usize).copied().unwrap_or(self.none)
    }
}

impl Leads {
    fn of(backlog: &Backlog) -> Self {
        let mut leads = Self::default();
        for (number, finding) in (0..).zip(&backlog.findings) {
            let lead = backlog.lead(number);
            leads.result.extend(backlog.members(number).first());
            leads.rule.push(lead.rule);
            leads.path.push(if backlog.path(lead).is_empty() { NONE } else { lead.path });
            leads.severity.push(finding.severity);
            leads.category.push(lead.category());
        }
        leads
    }
}

/// The folder of a path; `.` where it names none.
pub fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or(".", |(folder, _)| folder)
}

/// Ranks of [`importance`].
const IMPORTANCES: u32 = 40;

/// What comes first in the list without a sort: the smallest.
fn importance(backlog: &Backlog, number: FindingIdx) -> u32 {
    let finding = backlog.finding(number);
    let severity = u32::from(Severity::Critical as u8 - finding.severity as u8);
    let lacks = [finding.cwe == NONE, finding.flows == 0, backlog.members(number).len() < 2];
    lacks.iter().fold(severity, |rank, lacks| rank * 2 + u32::from(*lacks))
}

fn by_place(backlog: &Backlog, files: &Names) -> Vec<FindingIdx> {
    let mut keys: Vec<_> = (0..)
        .take(backlog.findings.len())
        .map(|finding| {
            let lead = backlog.lead(finding);
            let rank = files.rank.get(lead.path as usize).copied().unwrap_or(u32::MAX);
            (rank, lead.line, backlog.id(finding), finding)
        })
        .collect();
    keys.par_sort_unstable();
    keys.into_iter().map(|(.., finding)| finding).collect()
}

fn others(backlog: &Backlog) -> Vec<(FindingIdx, ResultIdx)> {
    let findings = (0..).take(backlog.findings.len());
    findings.flat_map(|finding| backlog.members(finding).iter().skip(1).map(move |result| (finding, *result))).collect()
}

fn live(backlog: &Backlog) -> Bits {
    let mut live = Bits::none(backlog.findings.len());
    live.fill(0..backlog.findings.len(), |finding| backlog.is_live(finding));
    live
}

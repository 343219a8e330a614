//! What the finder keeps from one answer to the next changes no answer: each is compared with one from a slow and
//! obvious way, on random boards and lenses, in slices of any size, also after decisions and a reload.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::date;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use quell::model::backlog::{FindingIdx, NONE, Package};
use quell::model::bits::Bits;
use quell::model::board::Board;
use quell::model::decision::{Flag, Flags, Standing, Status};
use quell::model::evidence::Rung;
use quell::model::exposure::Exposure;
use quell::model::grade::{Baseline, Category, Graded, Grades, Kind, Severity};
use quell::model::home::{Home, Homes, Part};
use quell::model::id::FindingId;
use quell::model::reach::{Judged, Lane, Note, Reach, Reaches};
use quell::model::remedy::{Remedies, RemedyKind};
use quell::model::sightings::{Sighting, Sightings, Sign, moment_of};
use quell::model::standings::Standings;
use quell::query::{Finder, Group, GroupKey, Lens, Rows, SortKey, matches, parse};

use crate::support::board::{TODAY, add, case, tools};

const RULES: &[&str] = &["sql-injection", "B602", "python.lang.shell-true", "no rule", "x"];
const PATHS: &[&str] =
    &["", "src/run.py", "src/store/query.py", "tests/store/query.py", "README", "no file", "lib/é.rs"];
const MESSAGES: &[&str] = &[
    "query built from user input",
    "a shell is run",
    "ß and sql",
    "",
    "input",
    "A query is built from text. Input of a user is in it.\nUse parameters.",
];
const OWNERS: &[&str] = &["@platform", "ann", "no owner"];

/// Terms as they are typed, letter by letter too.
const TERMS: &[&str] = &[
    "s",
    "sq",
    "sql",
    "sqli",
    "q",
    "qu",
    "query",
    "input",
    "\"user input\"",
    "\"from text. input\"",
    "\". \"",
    "\"\"",
    "smh",
    "zz",
    "-sql",
    "-input",
    "severity:>=high",
    "-severity:medium",
    "status:open",
    "status:accepted",
    "is:new",
    "is:stale",
    "is:suppressed",
    "is:came-back",
    "is:overdue",
    "due:<7d",
    "-due:>=0d",
    "flag:stale",
    "tool:bandit",
    "-tool:semgrep",
    "rule:sql*",
    "path:src",
    "path:store",
    "path:./README",
    "path:\"query.py\"",
    "path:SRC/store/",
    "path:src/**/*.py",
    "path:**/store/*",
    "path:src/*/q*,lib/*.rs",
    "path:{src}/**/query.py",
    "path:[lt]*/*",
    "path:é.rs",
    "path:lib/É*",
    "path:ru?.py",
    "-path:*.py",
    "path:*",
    "package:lodash",
    "package:*o*",
    "remedy:lodash",
    "-remedy:change*",
    "owner:@*",
    "owner:ann,\"no owner\"",
    "is:open",
    "is:decided,secret",
    "cwe:89",
    "twins:>0",
    "line:<4",
    "age:>30d",
    "expires:<14d",
    "kind:pass",
    "id:q1-1111000000000002",
    "id:CVE-*",
    "baseline:absent",
    "category:secret",
    "lane:act-now,scheduled",
    "-lane:this-sprint",
    "laneMax:scheduled -lane:scheduled",
    "reach:unreached,test-only",
    "exposure:internet",
    "score:>=50",
    "rung:called",
    "rung:not-called,not-executed",
    "is:kev,conflict",
    "flag:reach-conflict",
    "service:cart",
    "-service:*",
    "service:shop/c*,web",
    "workload:\"Deployment shop/cart\"",
    "workload:web",
    "image:registry.example/cart",
    "image:nginx*",
];

/// What varies from finding to finding, as numbers to pick by.
#[derive(Clone, Debug)]
struct Draw {
    picks: [Index; 6],
    line: u32,
    /// A result more of the same finding.
    is_twin: bool,
    is_odd: bool,
}

fn draw() -> impl Strategy<Value = Draw> {
    let picks = proptest::array::uniform6(any::<Index>());
    (picks, 0..9_u32, proptest::bool::weighted(0.2), any::<bool>()).prop_map(|(picks, line, is_twin, is_odd)| Draw {
        picks,
        line,
        is_twin,
        is_odd,
    })
}

fn pick(index: Index, among: &[&'static str]) -> &'static str {
    among[index.index(among.len())]
}

/// A board of these findings. Numbers of the paths and packages are not in the order of their names.
fn board(draws: &[Draw], standings: &[Index]) -> Board {
    let mut backlog = tools();
    backlog.cwe_sets = vec![[79, 89].into(), [1004].into(), [89].into()];
    for (number, draw) in draws.iter().enumerate() {
        let [rule, path, message, severity, tool, other] = draw.picks;
        let path = pick(path, PATHS);
        let tool = u32::try_from(tool.index(3)).unwrap();
        let (rule, message) = (pick(rule, RULES), pick(message, MESSAGES));
        let case = case(tool, rule, path, draw.line, *severity.get(Severity::ALL), message);
        add(&mut backlog, &case, number == 0 || !draw.is_twin);
        let result = backlog.results.len() - 1;
        let record = &mut backlog.results[result];
        record.grades = Grades::new(Graded {
            kind: if other.index(7) == 0 { Kind::Pass } else { Kind::Fail },
            baseline: *other.get(Baseline::ALL),
            category: *other.get(Category::ALL),
            is_suppressed: draw.is_odd && other.index(5) == 0,
            ..record.grades.parts()
        });
        if draw.is_odd && path.is_empty() {
            record.rule = NONE;
        }
        let finding = backlog.findings.last_mut().unwrap();
        if draw.is_odd && finding.cwe == NONE {
            finding.cwe = *other.get(&[NONE, 0, 1, 2]);
        }
        if other.index(4) == 0 {
            let ids = [["CVE-2026-1"], ["GHSA-x"]][other.index(8) / 4];
            backlog.advisories.push((u32::try_from(result).unwrap(), ids.map(Box::from).into()));
        }
        if other.index(3) == 0 {
            let name = ["lodash", "no package", "axios"][other.index(9) / 3].to_owned();
            let package = Package { name, version: None, purl: None };
            backlog.packages.push((u32::try_from(result).unwrap(), Arc::new(package)));
        }
    }
    let findings = backlog.findings.len();
    let (backlog, standings) = (Arc::new(backlog), judged(findings, standings));
    Board { backlog, standings, sightings: Arc::new(sightings(draws, findings)), ..Board::empty(TODAY) }
}

/// First seen within forty days before the day of the board, or never.
fn sightings(draws: &[Draw], findings: usize) -> Sightings {
    let today = moment_of("2026-11-20T00:00:00Z".parse().unwrap());
    let sighting = |draw: &Draw| {
        let pick = draw.picks[5].index(50);
        let first = today - u32::try_from(pick).unwrap() * 86_400;
        let signs = if pick.is_multiple_of(3) { Sign::New.bit() } else { Sign::Guessed.bit() };
        (pick < 40).then_some(Sighting { first, signs, returned: (pick.is_multiple_of(7)).then_some(first + 9) })
    };
    Sightings::new(findings, draws.iter().cycle().take(findings).map(sighting))
}

fn judged(findings: usize, picks: &[Index]) -> Arc<Standings> {
    let owner = |pick: Index| (pick.index(3) == 0).then(|| Arc::from(self::pick(pick, OWNERS)));
    let standing = |finding: usize| {
        let pick = picks[finding % picks.len()];
        Standing {
            status: if pick.index(2) == 0 { Status::Open } else { *pick.get(Status::ALL) },
            flags: if pick.index(4) == 0 { Flags::default().with(Flag::Stale) } else { Flags::default() },
            expires: (pick.index(5) == 0).then_some(date(2026, 11, 30)),
            owner: owner(pick),
            ..Standing::default()
        }
    };
    Arc::new((0..findings).map(standing).collect())
}

/// Names of services, workloads and images; those of one kind may be the same in two homes.
const HOMES: &[[&[&str]; 3]] = &[
    [&["shop/cart"], &["Deployment shop/cart"], &["registry.example/cart:1.2"]],
    [&["shop/cart", "web"], &["Deployment shop/cart", "compose service web"], &["registry.example/cart:1.2", "web"]],
    [&[], &["CronJob shop/cart"], &["registry.example/cart:1.2"]],
    [&["cart", "shop/cart"], &["compose service cart"], &[]],
    [&[], &[], &["nginx:1@sha256:00"]],
    [&["no service"], &[], &[]],
];

/// A home for each path, and one for the last run.
fn homes(picks: &[Index]) -> Homes {
    let home = |names: &[&[&str]; 3]| {
        let mut home = Home::default();
        for (part, names) in Part::ALL.iter().zip(names) {
            names.iter().for_each(|name| home.add(*part, name));
        }
        home
    };
    let all = std::iter::once(Home::default()).chain(HOMES.iter().map(home)).collect();
    let number = |pick: &Index| u32::try_from(pick.index(HOMES.len() + 1)).unwrap();
    Homes::new(all, picks.iter().map(number).collect(), vec![NONE, NONE, number(&picks[0])])
}

/// What is known of each finding.
fn reaches(findings: usize, picks: &[Index]) -> Arc<Reaches> {
    let mut reaches = Reaches { homes: Arc::new(homes(picks)), ..Reaches::default() };
    for finding in 0..findings {
        let pick = picks[finding % picks.len()];
        let mut judged = Judged {
            reach: *pick.get(Reach::ALL),
            exposure: *pick.get(Exposure::ALL),
            lane: *pick.get(Lane::ALL),
            lane_max: *pick.get(&[Lane::Scheduled, Lane::OnUpgrade]),
            score: u8::try_from(pick.index(101)).unwrap(),
            ..Judged::default()
        };
        if pick.index(3) == 0 {
            judged.rungs.add(Rung::Called, true);
            judged.rungs.add(Rung::Executed, pick.index(2) == 0);
            judged.note(Note::Conflict);
        }
        reaches.verdicts.push(judged);
    }
    Arc::new(reaches)
}

/// Texts before and behind that of a finding without one.
const REMEDIES: &[&str] = &["", "change src/a.py:3 (CWE-89)", "upgrade lodash to 4.17.21", "upgrade axios to 1.2"];

fn remedies(board: &Board, picks: &[Index]) -> Arc<Remedies> {
    let findings = 0..FindingIdx::try_from(board.backlog.findings.len()).unwrap();
    let text = |finding: FindingIdx| pick(picks[finding as usize % picks.len()], REMEDIES).to_owned();
    let found = findings.map(|finding| (finding, RemedyKind::Upgrade, text(finding)));
    let found: Vec<(FindingIdx, RemedyKind, String)> = found.filter(|(.., text)| !text.is_empty()).collect();
    Arc::new(Remedies::new(board, &found))
}

/// What is done to a console: the lens is changed, things are decided, reports are read again.
#[derive(Clone, Debug)]
enum Act {
    Look(Lens, usize),
    /// A lens whose rows are not waited for, since another key follows.
    Begin(Lens),
    Judge(Vec<Index>),
    /// The remedies are there.
    Remedies(Vec<Index>),
    /// The evidence is there.
    Reach(Vec<Index>),
    Reload(Vec<Draw>, Vec<Index>),
}

fn lens() -> impl Strategy<Value = Lens> {
    let terms = proptest::collection::vec(select(TERMS), 0..4);
    let sort = proptest::collection::vec(select(SortKey::ALL), 0..3);
    (terms, any::<bool>(), sort, proptest::option::of(select(GroupKey::ALL))).prop_map(
        |(terms, open_only, sort, group)| Lens { query: parse(&terms.join(" ")).unwrap(), open_only, sort, group },
    )
}

fn picks() -> impl Strategy<Value = Vec<Index>> {
    proptest::collection::vec(any::<Index>(), 1..40)
}

fn draws() -> impl Strategy<Value = Vec<Draw>> {
    proptest::collection::vec(draw(), 0..200)
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (lens(), select([1_usize, 64, 200, usize::MAX].as_slice())).prop_map(|(lens, room)| Act::Look(lens, room)),
        2 => lens().prop_map(Act::Begin),
        1 => picks().prop_map(Act::Judge),
        1 => picks().prop_map(Act::Remedies),
        1 => picks().prop_map(Act::Reach),
        1 => (draws(), picks()).prop_map(|(draws, picks)| Act::Reload(draws, picks)),
    ]
}

/// The rows by looking at each finding alone and by comparing text, with the labels of the groups.
fn slowly(board: &Board, lens: &Lens) -> (Rows, Vec<String>) {
    let backlog = &board.backlog;
    let all = 0..FindingIdx::try_from(backlog.findings.len()).unwrap();
    let wants_open = lens.open_only && !lens.query.names_status();
    let mut findings: Vec<FindingIdx> = all.filter(|&finding| !wants_open || board.is_open(finding)).collect();
    let total = findings.len();
    findings.retain(|&finding| matches(board, &lens.query, finding));
    let lead = |finding: FindingIdx| backlog.lead(finding);
    // `None` is not less than anything, so what is not known is told apart first.
    let path = |finding| backlog.paths.get(lead(finding).path).map(|path| path.text);
    let rule = |finding| backlog.rules.get(lead(finding).rule as usize).map(|rule| rule.id.as_str());
    findings.sort_by_key(|&finding| (path(finding).is_none(), path(finding), lead(finding).line, backlog.id(finding)));
    let severity = |finding: FindingIdx| Reverse(backlog.finding(finding).severity);
    if matches!(lens.sort.as_slice(), [] | [SortKey::Severity | SortKey::Lane]) {
        findings.sort_by_key(|&finding| {
            let found = backlog.finding(finding);
            (severity(finding), found.cwe == NONE, found.flows == 0, backlog.members(finding).len() < 2)
        });
    }
    if matches!(lens.sort.as_slice(), [] | [SortKey::Lane]) {
        let urgency = |finding: FindingIdx| board.judged(finding).map(|judged| (judged.lane, Reverse(judged.score)));
        findings.sort_by_key(|&finding| urgency(finding));
    }
    for key in lens.sort.iter().rev().filter(|_| lens.sort != [SortKey::Severity]) {
        match key {
            SortKey::Lane if lens.sort == [SortKey::Lane] => {}
            SortKey::Lane => findings.sort_by_key(|&finding| board.judged(finding).map(|judged| judged.lane)),
            SortKey::Score => {
                findings.sort_by_key(|&finding| Reverse(board.judged(finding).map(|judged| judged.score)));
            }
            SortKey::Reach => {
                findings.sort_by_key(|&finding| board.judged(finding).unwrap_or_default().reach.rank());
            }
            SortKey::Severity => findings.sort_by_key(|&finding| severity(finding)),
            SortKey::Path => findings.sort_by_key(|&finding| (path(finding).is_none(), path(finding))),
            SortKey::Rule => findings.sort_by_key(|&finding| (rule(finding).is_none(), rule(finding))),
            SortKey::Tool => findings.sort_by_key(|&finding| &backlog.tool(lead(finding)).name),
            SortKey::Status => findings.sort_by_key(|&finding| board.status(finding)),
            SortKey::Report => findings.sort_unstable(),
            SortKey::Age => {
                findings.sort_by_key(|&finding| (board.first_seen(finding).is_none(), board.first_seen(finding)));
            }
            SortKey::Due => findings.sort_by_key(|&finding| (board.due(finding).is_none(), board.due(finding))),
        }
    }
    let mut set = Bits::none(backlog.findings.len());
    set.extend(findings.iter().copied());
    let Some(key) = lens.group else { return (Rows { findings, total, set, ..Rows::default() }, Vec::new()) };
    let mut by_label: BTreeMap<String, Vec<FindingIdx>> = BTreeMap::new();
    for finding in findings {
        by_label.entry(label(board, finding, key)).or_default().push(finding);
    }
    let worst = |findings: &[FindingIdx]| findings.iter().map(|&finding| backlog.finding(finding).severity).max();
    let mut parts: Vec<(String, Vec<FindingIdx>)> = by_label.into_iter().collect();
    parts.sort_by_key(|(label, findings)| (is_no_group(key, label), Reverse(worst(findings)), Reverse(findings.len())));
    let mut rows = Rows { key: Some(key), total, set, ..Rows::default() };
    let mut groups = Vec::new();
    for (_, findings) in &parts {
        let (start, len) = (u32::try_from(rows.findings.len()).unwrap(), u32::try_from(findings.len()).unwrap());
        groups.push(Group { severity: worst(findings).unwrap(), start, len, rank: 0 });
        rows.findings.extend(findings);
    }
    rows.groups = Arc::new(groups);
    (rows, parts.into_iter().map(|(label, _)| label).collect())
}

/// The findings that are in no group, which come last.
fn is_no_group(key: GroupKey, label: &str) -> bool {
    matches!(
        (key, label),
        (GroupKey::Remedy, "no remedy")
            | (GroupKey::Service, "no service")
            | (GroupKey::Workload, "no workload")
            | (GroupKey::Image, "no image")
    )
}

fn label(board: &Board, finding: FindingIdx, key: GroupKey) -> String {
    let backlog = &board.backlog;
    let lead = backlog.lead(finding);
    let path = backlog.path(lead);
    let homes = &board.reaches.homes;
    let named = |part: Part| homes.of(lead).map(|home| home.label(part)).filter(|label| !label.is_empty());
    let mut packages = backlog.members(finding).iter().filter_map(|result| backlog.package_of(*result));
    let label = match key {
        GroupKey::Severity => backlog.finding(finding).severity.name(),
        GroupKey::Lane => board.judged(finding).unwrap_or_default().lane.name(),
        GroupKey::Reach => board.judged(finding).unwrap_or_default().reach.name(),
        GroupKey::Exposure => board.judged(finding).unwrap_or_default().exposure.name(),
        GroupKey::Rule => backlog.rules.get(lead.rule as usize).map_or("no rule", |rule| rule.id.as_str()),
        GroupKey::Cwe => {
            let first = backlog.cwe(finding).first();
            return first.map_or("no CWE".to_owned(), |number| format!("CWE-{number}"));
        }
        GroupKey::File | GroupKey::Directory if path.is_empty() => "no file",
        GroupKey::File => path,
        GroupKey::Directory => path.rsplit_once('/').map_or(".", |(folder, _)| folder),
        GroupKey::Tool => &backlog.tool(lead).name,
        GroupKey::Category => lead.category().name(),
        GroupKey::Package => packages.next().map_or("no package", |package| package.name.as_str()),
        GroupKey::Remedy => board.remedy(finding).map_or("no remedy", |remedy| &remedy.text),
        GroupKey::Status => board.status(finding).name(),
        GroupKey::Owner => board.standing(finding).owner.as_deref().unwrap_or("no owner"),
        GroupKey::Baseline => lead.baseline().name(),
        GroupKey::Service => return named(Part::Service).unwrap_or("no service".to_owned()),
        GroupKey::Workload => return named(Part::Workload).unwrap_or("no workload".to_owned()),
        GroupKey::Image => return named(Part::Image).unwrap_or("no image".to_owned()),
    };
    label.to_owned()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn what_is_kept_changes_no_answer(
        draws in draws(),
        standings in picks(),
        acts in proptest::collection::vec(act(), 1..12),
    ) {
        let mut board = board(&draws, &standings);
        let mut finder = Finder::default();
        for act in acts {
            match act {
                Act::Judge(picks) => board.standings = judged(board.backlog.findings.len(), &picks),
                Act::Remedies(picks) => board.remedies = Some(remedies(&board, &picks)),
                Act::Reach(picks) => board.reaches = reaches(board.backlog.findings.len(), &picks),
                Act::Reload(draws, picks) => board = self::board(&draws, &picks),
                Act::Begin(lens) => {
                    finder.ask(&board, &lens);
                    drop(finder.go_on(&board, 1));
                }
                Act::Look(lens, room) => {
                    finder.ask(&board, &lens);
                    let mut found = std::iter::repeat_with(|| finder.go_on(&board, room)).flatten().next().unwrap();
                    let (rows, labels) = slowly(&board, &lens);
                    let by_label: BTreeMap<&String, u32> =
                        labels.iter().zip(found.groups.iter().map(|group| group.rank)).collect();
                    prop_assert!(by_label.values().is_sorted_by(|one, two| one < two), "{:?}", by_label);
                    let ranked = Arc::clone(&found.groups);
                    found.groups = Arc::new(ranked.iter().map(|group| Group { rank: 0, ..*group }).collect());
                    prop_assert_eq!(&found, &rows, "{:?}", lens);
                    found.groups = ranked;
                    let named = (0..).take(found.groups.len()).map(|group| found.label(&board, group).into_owned());
                    prop_assert_eq!(named.collect::<Vec<_>>(), labels.as_slice());
                    for label in &labels {
                        let called = found.groups_called(&board, &[label, "of no group"]);
                        let numbers = (0..).zip(&labels).filter(|(_, other)| *other == label).map(|(number, _)| number);
                        prop_assert!(called.iter().eq(numbers), "{} {:?}", label, lens);
                    }
                }
            }
        }
    }
}

proptest! {
    /// Few are looked up, many are read off the order of all ids.
    #[test]
    fn ids_of_some_findings_lead_back_to_them(draws in draws(), chosen in picks(), every in 1..40_u32) {
        let board = board(&draws, &chosen);
        let backlog = &board.backlog;
        let mut some = Bits::none(backlog.findings.len());
        some.extend((0..).take(backlog.findings.len()).filter(|finding| finding % every == 0));
        let mut ids: Vec<FindingId> = some.iter().map(|finding| backlog.id(finding)).collect();
        ids.sort_unstable();
        prop_assert_eq!(backlog.ids(&some), ids.as_slice());
        prop_assert_eq!(backlog.find_all(&ids), some.clone());
        ids.push(FindingId(u64::MAX));
        prop_assert_eq!(backlog.find_all(&ids), some);
    }
}

/// Findings in files of their own.
fn many(count: u32) -> Board {
    let mut backlog = tools();
    for number in 0..count {
        add(&mut backlog, &case(number % 3, "rule", "", number, Severity::ALL[number as usize % 4], "a message"), true);
        backlog.paths.push(&format!("src/{}/file_{number}.py", number % 7), true);
        let result = backlog.results.last_mut().unwrap();
        result.path = number;
        let package = Package { name: format!("package-{number}"), ..Package::default() };
        backlog.packages.push((number, Arc::new(package)));
    }
    let mut home = Home::default();
    home.add(Part::Service, "web");
    let homes = Homes::new(vec![Home::default(), home], vec![1; backlog.paths.texts.count() as usize], Vec::new());
    let findings = backlog.findings.len();
    let standing = |number: usize| Standing { owner: Some(OWNERS[number % 2].into()), ..Standing::default() };
    Board {
        backlog: Arc::new(backlog),
        standings: Arc::new((0..findings).map(standing).collect()),
        reaches: Arc::new(Reaches { homes: Arc::new(homes), ..Reaches::default() }),
        ..Board::empty(TODAY)
    }
}

#[test]
fn no_slice_does_more_than_its_part() {
    const FINDINGS: u32 = 6_400;
    const ROOM: usize = 640;
    let board = many(FINDINGS);
    let slices = |lens: &Lens| {
        let mut finder = Finder::default();
        finder.ask(&board, lens);
        1 + std::iter::repeat_with(|| finder.go_on(&board, ROOM)).take_while(Option::is_none).count()
    };
    // Every finding is looked at so often, at least.
    let check = |lens: Lens, times: usize| {
        let (slices, least) = (slices(&lens), times * FINDINGS as usize / ROOM);
        assert!(slices >= least, "{slices} of {least} slices: {lens:?}");
    };
    check(Lens::default(), 1);
    check(Lens { open_only: true, ..Lens::default() }, 2);
    for key in SortKey::ALL.iter().filter(|key| !matches!(key, SortKey::Severity | SortKey::Path)) {
        check(Lens { sort: vec![*key, SortKey::Rule], ..Lens::default() }, 7);
    }
    for key in GroupKey::ALL {
        check(Lens { group: Some(*key), ..Lens::default() }, 3);
    }
    // The groups are as many as the findings: these are counted, and the groups sorted twice and numbered.
    check(Lens { group: Some(GroupKey::File), ..Lens::default() }, 8);
    for (text, times) in [
        ("path:*3.py", 3),
        ("package:*3", 3),
        ("owner:a*", 3),
        ("is:new", 2),
        ("sev:high", 2),
        ("zzz", 4),
        ("message", 3),
        ("\"a message\"", 3),
        ("tool:bandit", 2),
        ("service:web", 2),
        ("-workload:*", 2),
        ("image:*web*", 2),
        ("exposure:internet", 2),
        ("rung:not-called", 2),
    ] {
        check(Lens { query: parse(text).unwrap(), ..Lens::default() }, times);
    }
}

#[test]
fn a_slice_of_almost_nothing_does_almost_nothing() {
    let mut backlog = tools();
    for number in 0..300_u32 {
        let path: &'static str = Box::leak(format!("src/{number}.py").into_boxed_str());
        add(&mut backlog, &case(0, "B602", path, 1, Severity::High, "m"), true);
    }
    let board = Board { standings: Arc::new(Standings::open(300)), backlog: Arc::new(backlog), ..Board::empty(TODAY) };
    for lens in
        [Lens { group: Some(GroupKey::File), ..Lens::default() }, Lens { sort: vec![SortKey::Rule], ..Lens::default() }]
    {
        let mut finder = Finder::default();
        finder.ask(&board, &lens);
        let slices = std::iter::repeat_with(|| finder.go_on(&board, 2)).take_while(Option::is_none).count();
        // Each of the findings or groups is put to its place in a slice of its own.
        assert!(slices >= 300, "{slices} slices");
    }
}

//! Three projects whose flaws are known: what comes first with all evidence, and with reports and checkout alone.
//!
//! `cargo test --test it -- reach::truth --nocapture` prints recall and precision beside those of severity alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use quell::desk::{Desk, Options};
use quell::ingest::Progress;
use quell::model::backlog::{Backlog, FindingIdx, NONE};
use quell::model::board::Board;
use quell::model::grade::Severity;
use quell::model::problem::{Loss, Problem};
use quell::model::reach::{Judged, Lane};
use serde::Deserialize;

use crate::support::tree::Tree;

#[derive(Deserialize)]
struct Truth {
    flaw: Vec<Flaw>,
}

/// One flaw, as it is.
#[derive(Deserialize)]
struct Flaw {
    /// A file, and what stands in the flagged line and in no other.
    file: Option<String>,
    code: Option<String>,
    /// A package with an advisory.
    package: Option<String>,
    advisory: Option<String>,
    what: String,
    reach: String,
    exposed: bool,
    total: bool,
}

impl Flaw {
    fn is_reachable(&self) -> bool {
        self.reach == "reachable"
    }

    /// What has to be dealt with soon.
    fn matters(&self) -> bool {
        self.is_reachable() && self.exposed
    }

    fn name(&self) -> String {
        let [file, package] = [&self.file, &self.package].map(|name| name.as_deref().unwrap_or_default());
        format!("{file}{package}: {}", self.what)
    }
}

/// A project with what is known of it, loaded with some of its reports.
struct Project {
    truth: Truth,
    board: Board,
    /// Of each flaw its findings.
    findings: Vec<Vec<FindingIdx>>,
    _tree: Tree,
}

fn folder(language: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/truth").join(language)
}

fn files_below(root: &Path, folder: &str, take: &mut dyn FnMut(&str, String)) {
    for entry in fs::read_dir(root.join(folder)).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
        if entry.file_type().unwrap().is_dir() {
            files_below(root, &path, take);
        } else {
            take(&path, fs::read_to_string(entry.path()).unwrap());
        }
    }
}

/// Whether a report only says what was found.
fn is_plain(report: &Path) -> bool {
    let name = report.file_name().unwrap().to_str().unwrap();
    [".sarif", "audit.json"].iter().any(|end| name.ends_with(end))
}

impl Project {
    fn load(language: &str, is_wanted: fn(&Path) -> bool) -> Self {
        let folder = folder(language);
        let tree = Tree::git(&[]);
        files_below(&folder.join("project"), "", &mut |path, text| tree.write(path, &text));
        tree.commit("the project", 1_700_000_001);
        let mut reports: Vec<PathBuf> =
            fs::read_dir(folder.join("reports")).unwrap().map(|entry| entry.unwrap().path()).collect();
        reports.extend(Some(folder.join("team.openvex.json")).filter(|path| path.exists()));
        reports.retain(|report| is_wanted(report));
        reports.sort();
        let options = Options {
            repo: Some(tree.root().to_path_buf()),
            inputs: reports.iter().map(|report| report.to_string_lossy().into_owned()).collect(),
            ..Options::default()
        };
        let (desk, _) = Desk::open(options).unwrap();
        let loaded = desk.load(desk.find(), &Arc::new(Progress::default()));
        let is_loss = |problem: &&Problem| problem.loss != Loss::Nothing;
        assert_eq!(loaded.problems.iter().find(is_loss), None, "{language}");
        let truth: Truth = toml::from_str(&fs::read_to_string(folder.join("truth.toml")).unwrap()).unwrap();
        let backlog = &loaded.board.backlog;
        let findings = truth.flaw.iter().map(|flaw| findings_of(backlog, &tree, flaw)).collect();
        Self { truth, findings, board: loaded.board, _tree: tree }
    }

    fn judged(&self, finding: FindingIdx) -> Judged {
        self.board.judged(finding).unwrap()
    }

    /// The soonest lane of a flaw, and the highest severity.
    fn of_flaw(&self, number: usize) -> (Lane, Severity) {
        let own = &self.findings[number];
        let lane = own.iter().map(|finding| self.judged(*finding).lane).min().unwrap();
        (lane, own.iter().map(|finding| self.board.backlog.finding(*finding).severity).max().unwrap())
    }

    fn all(&self) -> impl Iterator<Item = FindingIdx> {
        (0..).take(self.board.backlog.findings.len())
    }

    fn is_on_top(&self, finding: FindingIdx) -> bool {
        self.judged(finding).lane <= Lane::ThisSprint
    }

    fn is_severe(&self, finding: FindingIdx) -> bool {
        self.board.backlog.finding(finding).severity >= Severity::High
    }

    /// How many findings are on top, the share of the flaws that matter among them, and the share of them that matter.
    fn measure(&self, is_on_top: &dyn Fn(FindingIdx) -> bool) -> Measure {
        let flaws = || self.truth.flaw.iter().zip(&self.findings);
        let matters: Vec<&Vec<FindingIdx>> = flaws().filter(|(flaw, _)| flaw.matters()).map(|(_, own)| own).collect();
        let top: Vec<FindingIdx> = self.all().filter(|finding| is_on_top(*finding)).collect();
        let met = matters.iter().filter(|own| own.iter().any(|finding| is_on_top(*finding))).count();
        let right = top.iter().filter(|finding| matters.iter().any(|own| own.contains(finding))).count();
        Measure { top: top.len(), met, matters: matters.len(), right }
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Measure {
    top: usize,
    met: usize,
    matters: usize,
    right: usize,
}

impl Measure {
    fn line(self, name: &str) -> String {
        let percent = |part: usize, whole: usize| 100 * part / whole.max(1);
        let Self { top, met, matters, right } = self;
        format!(
            "{name:<44}{top:>4} on top, recall {met:>2} of {matters:>2} ({:>3} %), precision {right:>2} of {top:>2} ({:>3} %)",
            percent(met, matters),
            percent(right, top)
        )
    }

    fn add(&mut self, other: Self) {
        self.top += other.top;
        self.met += other.met;
        self.matters += other.matters;
        self.right += other.right;
    }
}

fn findings_of(backlog: &Backlog, tree: &Tree, flaw: &Flaw) -> Vec<FindingIdx> {
    let line = flaw.file.as_ref().map(|file| {
        let (text, code) = (tree.text(file), flaw.code.as_ref().unwrap());
        let lines: Vec<usize> =
            (1..).zip(text.lines()).filter(|(_, line)| line.contains(code)).map(|(at, _)| at).collect();
        assert_eq!(lines.len(), 1, "{code} stands in one line of {file}");
        u32::try_from(lines[0]).unwrap()
    });
    let is_meant = |finding: &FindingIdx| {
        backlog.members(*finding).iter().any(|result| {
            let record = backlog.record(*result);
            if let (Some(file), Some(line)) = (&flaw.file, line)
                && record.path != NONE
                && backlog.path(record) == file
                && (record.line..=record.end_line.max(record.line)).contains(&line)
            {
                return true;
            }
            if flaw.package.is_none() {
                return false;
            }
            let name = backlog.package_of(*result).map(|package| &package.name);
            // The SARIF of govulncheck names advisories alone.
            name.is_none_or(|name| Some(name) == flaw.package.as_ref())
                && backlog.advisories_of(*result).iter().any(|id| Some(&**id) == flaw.advisory.as_deref())
        })
    };
    let found: Vec<FindingIdx> = (0..).take(backlog.findings.len()).filter(is_meant).collect();
    assert!(!found.is_empty(), "a scanner found: {}", flaw.name());
    found
}

const LANGUAGES: &[&str] = &["python", "javascript", "go"];

#[test]
fn with_all_evidence_what_matters_is_on_top_and_nothing_that_cannot_be_reached() {
    let mut wrong = Vec::new();
    for language in LANGUAGES {
        let project = Project::load(language, |_| true);
        for (number, flaw) in project.truth.flaw.iter().enumerate() {
            let (lane, _) = project.of_flaw(number);
            let is_right = match (flaw.is_reachable(), flaw.exposed, flaw.total) {
                (true, true, true) => lane == Lane::ActNow,
                (true, true, false) => lane <= Lane::ThisSprint,
                (true, false, _) => true,
                (false, ..) => lane > Lane::ThisSprint,
            };
            if !is_right {
                wrong.push(format!("{language} {} ({}) is {}", flaw.name(), flaw.reach, lane.name()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn without_evidence_half_of_what_is_severe_is_on_top_and_nothing_that_matters_is_lost() {
    let mut wrong = Vec::new();
    for language in LANGUAGES {
        let project = Project::load(language, is_plain);
        for (number, flaw) in project.truth.flaw.iter().enumerate() {
            let (lane, _) = project.of_flaw(number);
            let is_on_top = lane <= Lane::ThisSprint;
            if flaw.matters() && !is_on_top || flaw.reach == "test-only" && is_on_top {
                wrong.push(format!("{language} {} ({}) is {}", flaw.name(), flaw.reach, lane.name()));
            }
        }
        let top = project.all().filter(|finding| project.is_on_top(*finding)).count();
        let severe = project.all().filter(|finding| project.is_severe(*finding)).count();
        if top * 2 > severe {
            wrong.push(format!("{language}: {top} on top, {severe} are severe"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Against severity alone: what is high or critical.
#[test]
#[expect(clippy::print_stdout, reason = "the table is for people")]
fn lanes_find_more_of_what_matters_than_severity() {
    let mut sums: [(&str, Measure); 3] = [
        ("severity high and critical", Measure::default()),
        ("act-now and this-sprint, reports and checkout", Measure::default()),
        ("act-now and this-sprint, all evidence", Measure::default()),
    ];
    let mut table = String::new();
    for language in LANGUAGES {
        let (plain, whole) = (Project::load(language, is_plain), Project::load(language, |_| true));
        let each = [
            plain.measure(&|finding| plain.is_severe(finding)),
            plain.measure(&|finding| plain.is_on_top(finding)),
            whole.measure(&|finding| whole.is_on_top(finding)),
        ];
        table += &format!("{language}: {} findings, {} flaws\n", plain.all().count(), plain.truth.flaw.len());
        for ((name, sum), measure) in sums.iter_mut().zip(each) {
            table += &format!("  {}\n", measure.line(name));
            sum.add(measure);
        }
    }
    table += "all\n";
    for (name, sum) in &sums {
        table += &format!("  {}\n", sum.line(name));
    }
    println!("{table}");
    let [(_, severity), (_, plain), (_, whole)] = sums;
    assert_eq!((plain.met, whole.met), (plain.matters, whole.matters), "nothing that matters is lost");
    assert!(severity.met < severity.matters, "severity alone loses some");
    assert!(plain.right * severity.top > severity.right * plain.top, "more of what is on top matters");
    assert!(whole.right * plain.top > plain.right * whole.top, "and still more with evidence");
}

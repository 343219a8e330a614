//! Fixes of reports in a scanner's own format: what they leave is what the tool's own fix mode leaves.

use std::fs;
use std::sync::Arc;

use quell::desk::{self, Pick};
use quell::fix::{Choice, plan};
use quell::model::board::Board;
use quell::model::fix::{Applicability, Proposal};
use quell::model::standings::Standings;

use super::{details, folder, loaded, tree};

/// Writes the fixes of a report that are wanted, and compares the files with what the tool made of them.
fn check(report: &str, fixed: &str, files: &[&str], is_wanted: impl Fn(&str, &Proposal) -> bool) {
    let tree = tree("code", &[report]);
    let loaded = loaded(&tree, &[report]);
    let results = loaded.backlog.results.iter().zip(details(&loaded));
    let wanted =
        |rule: &str, fixes: Vec<Proposal>| fixes.into_iter().filter(|fix| is_wanted(rule, fix)).collect::<Vec<_>>();
    let proposals: Vec<Proposal> =
        results.flat_map(|(record, detail)| wanted(&loaded.backlog.rule(record).id, detail.fixes)).collect();
    let include = proposals.iter().map(|proposal| proposal.id).collect();
    let plan = plan(&tree.repo(), &proposals, &Choice { include, ..Choice::default() });
    for fix in &plan.fixes {
        assert_eq!(fix.state.name(), "will-write", "{fix:?}");
    }
    assert_eq!(plan.files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), files);
    for file in &plan.files {
        let expected = fs::read(folder().join("fixed").join(fixed).join(&file.path)).unwrap();
        assert_eq!(String::from_utf8_lossy(&file.after), String::from_utf8_lossy(&expected), "{}", file.path);
    }
}

#[test]
fn of_ruff() {
    let rules = ["F401", "F841", "E711", "UP003"];
    check("ruff.json", "ruff", &["shop/app.py"], |rule, _| rules.contains(&rule));
}

#[test]
fn of_semgrep() {
    check("semgrep.json", "semgrep", &["shop/app.py"], |_, _| true);
    let tree = tree("code", &["semgrep.json"]);
    let region = details(&loaded(&tree, &["semgrep.json"]))[0].fixes[0].edits[0].edits[0].region;
    assert_eq!((region.line, region.column, region.byte_span), (9, 23, Some((149, 41))));
}

#[test]
fn of_eslint_past_a_byte_order_mark_and_pairs_of_surrogates() {
    let is_fix = |_: &str, fix: &Proposal| fix.applicability == Applicability::Safe;
    check("eslint.json", "eslint", &["web/cart.js", "web/list.js"], is_fix);
}

#[test]
fn of_clippy() {
    let is_fix = |_: &str, fix: &Proposal| fix.applicability == Applicability::Safe;
    check("clippy.json", "clippy", &["src/lib.rs"], is_fix);
}

#[test]
fn what_the_tool_calls_unsafe_is_unsafe() {
    let tree = tree("code", &["ruff.json", "eslint.json", "clippy.json", "semgrep.json"]);
    let of = |report: &str, rule: &str| -> Vec<&'static str> {
        let loaded = loaded(&tree, &[report]);
        let results = loaded.backlog.results.iter().zip(details(&loaded));
        let meant = results.filter(|(record, _)| loaded.backlog.rule(record).id == rule);
        meant.flat_map(|(_, detail)| detail.fixes).map(|fix| fix.applicability.name()).collect()
    };
    assert_eq!(of("ruff.json", "F401"), ["safe"]);
    assert_eq!(of("ruff.json", "E711"), ["unsafe"]);
    assert_eq!(of("eslint.json", "no-useless-escape"), ["unsafe"; 4]);
    assert_eq!(of("eslint.json", "no-extra-semi"), ["safe"]);
    assert_eq!(of("clippy.json", "clippy::ptr_arg"), ["unsafe"]);
    assert_eq!(of("semgrep.json", "rules.weak-hash"), ["unknown"]);
}

#[test]
fn a_fix_that_two_reports_propose_is_as_safe_as_the_one_that_says_so() {
    let tree = tree("code", &["ruff.json", "ruff.sarif"]);
    let loaded = loaded(&tree, &["ruff.sarif", "ruff.json"]);
    let findings = 0..u32::try_from(loaded.backlog.findings.len()).unwrap();
    let findings: Vec<u32> = findings.filter(|&finding| loaded.backlog.finding(finding).fixes > 0).collect();
    let backlog = Arc::new(loaded.backlog);
    let board = Board {
        standings: Arc::new(Standings::open(backlog.findings.len())),
        backlog,
        ..Board::empty(jiff::civil::date(2026, 11, 20))
    };
    let (proposals, _) = desk::proposals(&board, &loaded.reader, &findings, Pick::All, &|_| true);
    assert_eq!(proposals.len(), findings.len());
    assert!(proposals.iter().all(|proposal| proposal.applicability != Applicability::Unknown));
}

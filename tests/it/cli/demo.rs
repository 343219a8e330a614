//! `demo`: the sample project comes out of the program as it stands in the tests' folder.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::shop::{git_takes, program, quell, ran};
use crate::support::tree::Tree;

fn below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(below(&path)) } else { files.push(path) }
    }
    files
}

#[test]
fn the_project_is_made_whole_and_opens_to_findings_with_fixes() {
    let tree = Tree::plain(&[]);
    let made = quell(&tree, &["demo", "shop", "--no-open"]).ok();
    let root = tree.root().join("shop");
    assert_eq!(Path::new(made.out.trim_end()), root.canonicalize().unwrap());

    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/demo");
    for path in below(&source.join("shop")) {
        let relative = path.strip_prefix(source.join("shop")).unwrap();
        assert_eq!(fs::read(root.join(relative)).unwrap(), fs::read(&path).unwrap(), "{relative:?}");
    }
    for path in ["reports", "evidence"].into_iter().flat_map(|folder| below(&source.join(folder))) {
        assert!(root.join(".quell/reports").join(path.file_name().unwrap()).exists(), "{path:?}");
    }
    let git = git2::Repository::open(&root).unwrap();
    let statuses = git.statuses(None).unwrap();
    let is_report = |path: Option<&str>| path.is_some_and(|path| path.starts_with(".quell/reports/"));
    assert!(statuses.iter().all(|entry| is_report(entry.path().ok())), "the tree is clean but for the reports");

    let status = ran(program(&tree).args(["status", "--format", "json", "--repo", "shop"])).ok().json();
    assert_eq!(status["results"], 168);
    let fix = ran(program(&tree).args(["fix", "--repo", "shop"])).ok();
    assert!(fix.err.is_empty() && git_takes(&root, &fix.out), "every fix is placed: {}", fix.err);
}

/// The findings of a query, by rule and line, with their verdicts.
fn verdicts(tree: &Tree, query: &str) -> Vec<String> {
    let listed = ran(program(tree).args(["list", "--repo", "shop", "--sort", "rule", "--format", "json", "-q", query]));
    let all = listed.ok().json();
    let said = |one: &Value| format!("{} {}", one["rule"].as_str().unwrap(), one["reach"].as_str().unwrap());
    all.as_array().unwrap().iter().map(said).collect()
}

#[test]
fn there_is_evidence_for_every_verdict() {
    let tree = Tree::plain(&[]);
    quell(&tree, &["demo", "shop", "--no-open"]).ok();
    assert_eq!(
        verdicts(&tree, "category:dependency"),
        [
            "CVE-2024-45296 unreached",
            "CVE-2024-45590 reachable",
            "CVE-2024-47081 exploited",
            "CVE-2024-47764 test-only",
            "CVE-2024-56201 not-affected",
            "CVE-2024-56326 reachable",
            "CVE-2025-27516 unknown",
        ]
    );
    assert_eq!(verdicts(&tree, "is:conflict"), ["CVE-2024-56326 reachable"]);
    assert_eq!(verdicts(&tree, "is:outdated"), ["CVE-2025-27516 unknown"]);
    assert!(verdicts(&tree, "reach:executed").contains(&"shop.python.sql-from-input executed".to_owned()));
    assert_eq!(verdicts(&tree, "rung:controllable"), ["shop.python.sql-from-input executed"]);
    assert_eq!(verdicts(&tree, "reach:exploited lane:act-now"), ["CVE-2024-47081 exploited"]);
    let explain = |query: &str| {
        let listed = ran(program(&tree).args(["list", "--repo", "shop", "--format", "json", "-q", query])).ok().json();
        let id = listed[0]["id"].as_str().unwrap().to_owned();
        ran(program(&tree).args(["explain", &id, "--repo", "shop", "--format", "json"])).ok().json()
    };
    let rows = |json: &Value| json["evidence"].as_array().unwrap().clone();
    let attacked = explain("rung:controllable");
    let id = ran(program(&tree).args(["list", "--repo", "shop", "--format", "json", "-q", "rung:controllable"])).json();
    let id = id[0]["id"].as_str().unwrap().to_owned();
    let shown = ran(program(&tree).args(["show", &id, "--repo", "shop", "--format", "json"])).ok().json();
    assert_eq!(
        (&shown["why"], &shown["terms"], &shown["laneMax"]),
        (&attacked, &attacked["terms"], &attacked["laneMax"])
    );
    let row = rows(&attacked).into_iter().find(|row| row["rung"] == "controllable").unwrap();
    assert!(row["scope"].as_str().unwrap().contains("handler at backend/orders.py:46"), "{row}");
    assert_eq!(attacked["rungs"][4]["rung"], "executed");
    assert_eq!(
        (attacked["rungs"][4]["holds"].as_str(), attacked["rungs"][4]["strength"].as_u64()),
        (Some("yes"), Some(4))
    );
    let path = attacked["exposurePaths"][0]["path"].as_array().unwrap();
    assert_eq!(path.first().unwrap()["module"], "internet");
    assert_eq!(path.last().unwrap()["function"], "backend/");
    let outdated = explain("is:outdated");
    let row = rows(&outdated).into_iter().find(|row| row["basis"] == "vex").unwrap();
    assert_eq!((row["commitDistance"].as_u64(), row["isGuessed"].as_bool()), (Some(3), Some(true)));
    assert!(row["doubt"].as_str().unwrap().contains("changed since"), "{row}");
    // A finding of an image belongs to the workload that runs it, whose traffic was seen.
    let of_image = explain("rule:CVE-2024-45590");
    let row = rows(&of_image).into_iter().find(|row| row["tool"] == "Hubble").unwrap();
    assert!(row["scope"].as_str().unwrap().contains("workload shop/storefront"), "{row}");
}

#[test]
fn each_step_opens_what_it_counts_and_each_term_names_what_it_follows_from() {
    let tree = Tree::plain(&[]);
    quell(&tree, &["demo", "shop", "--no-open"]).ok();
    // What a step of the funnel says opens it, also where its query starts with a minus.
    let status = ran(program(&tree).args(["status", "--repo", "shop", "--format", "json"])).ok().json();
    for step in status["funnel"].as_array().unwrap() {
        let count = step["findings"].as_u64().unwrap();
        assert_eq!(verdicts(&tree, step["query"].as_str().unwrap()).len() as u64, count, "{step}");
    }
    let explain = |query: &str| {
        let listed = ran(program(&tree).args(["list", "--repo", "shop", "--format", "json", "-q", query])).ok().json();
        let id = listed[0]["id"].as_str().unwrap().to_owned();
        ran(program(&tree).args(["explain", &id, "--repo", "shop", "--format", "json"])).ok().json()
    };
    // And not what says the opposite.
    let sources = |query: &str| {
        let terms = explain(query)["terms"].as_array().unwrap().clone();
        let line = |term: &Value| format!("{}: {}", term["name"].as_str().unwrap(), term["source"].as_str().unwrap());
        terms.iter().map(line).collect::<Vec<_>>()
    };
    for (query, source) in [
        ("reach:exploited", "threat: .quell/reports/falco.json: line 1"),
        ("reach:exploited", "reach: .quell/reports/falco.json: line 1"),
        ("is:conflict", "reach: .quell/reports/socket.facts.json: /components/0/"),
        ("reach:not-affected", "reach: .quell/reports/backend.openvex.json: /statements/0/"),
        ("rule:B324 path:backend/accounts.py", "reach: backend/tests/test_accounts.py: line 4"),
        ("rule:B324 path:backend/accounts.py", "fix: .quell/reports/semgrep.sarif"),
    ] {
        let found = sources(query);
        assert!(found.iter().any(|line| line.starts_with(source)), "{query}: {found:?}");
    }
}

#[test]
fn a_folder_with_something_in_it_is_left_alone() {
    let tree = Tree::plain(&[("shop/mine", "")]);
    let ran = quell(&tree, &["demo", "shop", "--no-open"]);
    assert!(ran.code == 2 && ran.err.contains("not empty"), "{ran:?}");
    assert_eq!(tree.files(), ["shop/mine"]);
}

//! What `quell status`, `list` and `show` say of time, on the reports that Bandit and Semgrep wrote of a small project:
//! as it was, after one flaw was mended and another was written, and after the first came back and a rule was turned off.

use std::fs::{self, File};
use std::time::{Duration, UNIX_EPOCH};

use serde_json::{Value, json};

use super::shop::{id, program, quell, ran};
use crate::support::tree::Tree;

const BANDIT: [&str; 3] = [
    include_str!("../../data/scans/bandit-1.sarif"),
    include_str!("../../data/scans/bandit-2.sarif"),
    include_str!("../../data/scans/bandit-3.sarif"),
];
const SEMGREP: [&str; 3] = [
    include_str!("../../data/scans/semgrep-1.sarif"),
    include_str!("../../data/scans/semgrep-2.sarif"),
    include_str!("../../data/scans/semgrep-3.sarif"),
];
const CODE: &str = include_str!("../../data/scans/send.py");
/// The seconds at which the first of the reports was written, and between two of them.
const WRITTEN: u64 = 1_795_894_036;
const BETWEEN: u64 = 6;

fn project() -> Tree {
    Tree::git(&[("send.py", CODE)])
}

/// Puts a report where the repository has its own, written as the one with this number was.
fn put(tree: &Tree, name: &str, text: &str, number: u64) {
    let path = format!(".quell/reports/{name}.sarif");
    tree.write(&path, text);
    let file = File::options().write(true).open(tree.root().join(path)).unwrap();
    file.set_modified(UNIX_EPOCH + Duration::from_secs(WRITTEN + number * BETWEEN)).unwrap();
}

/// The reports of both tools of one of the three scans.
fn scan(tree: &Tree, number: usize) {
    put(tree, "bandit", BANDIT[number], number as u64);
    put(tree, "semgrep", SEMGREP[number], number as u64);
}

fn scans(tree: &Tree) -> Value {
    quell(tree, &["status", "--format", "json"]).ok().json()["scans"].clone()
}

/// Fate, tool and rule of what is gone.
fn gone(scans: &Value) -> Vec<(String, String)> {
    let word = |gone: &Value, key: &str| gone[key].as_str().unwrap().to_owned();
    let mut gone: Vec<(String, String)> = scans["gone"]
        .as_array()
        .unwrap()
        .iter()
        .map(|gone| (word(gone, "fate"), format!("{} {}", word(gone, "tool"), word(gone, "rule"))))
        .collect();
    gone.sort();
    gone
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(fate, what)| ((*fate).to_owned(), (*what).to_owned())).collect()
}

/// Rules of the findings that a query keeps.
fn rules(tree: &Tree, query: &str) -> Vec<String> {
    let list = quell(tree, &["list", "-q", query, "--format", "json"]).ok().json();
    let mut rules: Vec<String> =
        list.as_array().unwrap().iter().map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect();
    rules.sort();
    rules
}

#[test]
fn three_scans_of_two_tools() {
    let tree = project();
    scan(&tree, 0);
    let first = scans(&tree);
    assert_eq!((&first["since"], &first["new"]["all"], &first["gone"]), (&json!(null), &json!(0), &json!([])));
    assert_eq!(first["series"].as_array().unwrap().len(), 2);

    scan(&tree, 1);
    assert_eq!(rules(&tree, "is:new"), ["B307", "B603", "B607"], "before anything notes it");
    let second = scans(&tree);
    assert_eq!((&second["new"], &second["fixed"]), (&json!({"open": 3, "all": 3}), &json!(2)));
    assert_eq!(gone(&second), pairs(&[("fixed", "Bandit B602"), ("fixed", "Semgrep OSS shell-true")]));
    assert_eq!(rules(&tree, "is:new"), ["B307", "B603", "B607"]);
    let text = quell(&tree, &["status"]).ok().out;
    let part = text.split_once("\nsince 2026-11-28").unwrap().1;
    assert!(part.contains("\nnew                             3        3\n"), "{text}");
    assert!(part.contains("\n2 gone since 2026-11-28: fixed 2, not scanned 0\nfixed       q1-"), "{text}");
    assert!(part.contains("  Bandit B602  send.py:6\n"), "{text}");
    let new = quell(&tree, &["list", "-q", "rule:B307", "--format", "json"]).ok().json();
    assert_eq!((&new[0]["new"], &new[0]["firstSeenGuessed"]), (&json!(true), &json!(false)));
    assert_eq!(new[0]["firstSeen"], "2026-11-28T19:27:22Z");
    let old = quell(&tree, &["show", &id(&tree, "rule:B404")]).ok().out;
    assert!(old.contains("2026-11-28T19:27:16Z or before"), "{old}");

    scan(&tree, 2);
    let third = scans(&tree);
    assert_eq!((&third["cameBack"], &third["new"]["all"]), (&json!({"open": 2, "all": 2}), &json!(0)));
    let expected = [("fixed", "Bandit B603"), ("fixed", "Bandit B607"), ("not-scanned", "Semgrep OSS unpickled")];
    assert_eq!(gone(&third), pairs(&expected), "the rule of the last one was turned off");
    let back = quell(&tree, &["list", "-q", "is:came-back rule:B602", "--format", "json"]).ok().json();
    assert_eq!((&back[0]["line"], &back[0]["flags"]), (&json!(6), &json!(["came-back"])));
    assert_eq!(back[0]["firstSeen"], "2026-11-28T19:27:16Z", "as old as it is");
    // A decision about it is one about what came back.
    let id = back[0]["id"].as_str().unwrap();
    quell(&tree, &["decide", "confirm", id]).ok();
    assert_eq!(rules(&tree, "is:came-back"), ["shell-true"]);
    let weeks = third["weeks"].as_array().unwrap();
    assert_eq!(weeks.iter().map(|week| week["inflow"].as_u64().unwrap()).sum::<u64>(), 3 + 2);
}

#[test]
fn a_scan_that_failed_fixes_nothing() {
    let tree = project();
    scan(&tree, 0);
    scans(&tree);
    let mut failed: Value = serde_json::from_str(BANDIT[1]).unwrap();
    failed["runs"][0]["invocations"][0]["executionSuccessful"] = false.into();
    put(&tree, "bandit", &failed.to_string(), 1);
    let second = scans(&tree);
    assert_eq!(gone(&second), pairs(&[("not-scanned", "Bandit B602")]));
    let bandit = &second["series"][0];
    assert_eq!((&bandit["tool"], &bandit["complete"]), (&json!("Bandit"), &json!(false)));
}

#[test]
fn another_input_makes_nothing_absent() {
    let tree = project();
    scan(&tree, 0);
    scans(&tree);
    tree.write("one.sarif", BANDIT[1]);
    let one = quell(&tree, &["status", "one.sarif", "--format", "json"]).ok().json();
    assert_eq!(one["scans"]["gone"], json!([]));
    let named = quell(&tree, &["status", ".quell/reports/semgrep.sarif", "--format", "json"]).ok().json();
    assert_eq!(named["scans"]["gone"], json!([]));
    fs::remove_file(tree.root().join("one.sarif")).unwrap();
    let all = scans(&tree);
    assert_eq!((&all["gone"], &all["cameBack"]["all"]), (&json!([]), &json!(0)));
    // What the repository itself has no more is told.
    fs::remove_file(tree.root().join(".quell/reports/semgrep.sarif")).unwrap();
    let text = quell(&tree, &["status"]).ok().out;
    assert!(text.contains("fixed 0, not scanned 2\n"), "{text}");
    assert!(text.contains("no report of Semgrep OSS any more: .quell/reports/semgrep.sarif, last scan"), "{text}");
}

#[test]
fn a_fix_that_was_written_and_is_seen_no_more_is_told() {
    let tree = Tree::git(&[("run.py", "import os\nos.system(cmd)\n")]);
    let report = |results: Value, end: &str| {
        let run = json!({
            "tool": {"driver": {"name": "bandit", "rules": [{"id": "R1"}, {"id": "R2"}]}}, "results": results,
            "invocations": [{"executionSuccessful": true, "endTimeUtc": end}],
        });
        json!({"version": "2.1.0", "runs": [run]}).to_string()
    };
    let place = json!({"artifactLocation": {"uri": "run.py"},
        "region": {"startLine": 2, "snippet": {"text": "os.system(cmd)"}}});
    let edit = json!({"artifactLocation": {"uri": "run.py"}, "replacements": [{
        "deletedRegion": {"startLine": 2}, "insertedContent": {"text": "subprocess.run(cmd)"}}]});
    let result = json!([{"ruleId": "R1", "message": {"text": "m"},
        "locations": [{"physicalLocation": place}], "fixes": [{"artifactChanges": [edit]}]}]);
    put(&tree, "bandit", &report(result, "2025-01-01T00:00:00Z"), 0);
    scans(&tree);
    quell(&tree, &["fix", "-q", "rule:R1", "--apply"]).ok();
    put(&tree, "bandit", &report(json!([]), "2025-02-01T00:00:00Z"), 1);
    let text = quell(&tree, &["status"]).ok().out;
    assert!(text.contains("  bandit R1  run.py:2  a fix was applied\n"), "{text}");
    assert_eq!(scans(&tree)["gone"][0]["fixApplied"], true);
}

#[test]
fn days_are_the_users_own() {
    let tree = project();
    scan(&tree, 0);
    let due = |query: &str| quell(&tree, &["list", "-q", query, "--sort", "due", "--format", "json"]).ok().json();
    let all = due("");
    let days = |finding: &Value| {
        let first: jiff::civil::Date =
            finding["firstSeen"].as_str().unwrap().split('T').next().unwrap().parse().unwrap();
        let due: jiff::civil::Date = finding["due"].as_str()?.parse().unwrap();
        Some((finding["lane"].as_str().unwrap().to_owned(), (due - first).get_days()))
    };
    let own: Vec<Option<(String, i32)>> = all.as_array().unwrap().iter().map(days).collect();
    let known = [("act-now", 3), ("this-sprint", 14), ("scheduled", 60)];
    assert!(own.iter().flatten().all(|(lane, days)| known.contains(&(lane.as_str(), *days))), "{own:?}");
    assert!(own.iter().flatten().count() > 1);
    let dates: Vec<&str> = all.as_array().unwrap().iter().filter_map(|finding| finding["due"].as_str()).collect();
    assert!(dates.is_sorted(), "{dates:?}");

    fs::create_dir_all(tree.state().join("quell")).unwrap();
    let config = "[due]\nact-now = 0\nthis-sprint = \"never\"\nscheduled = -1\nsoon = 3\n";
    fs::write(tree.state().join("quell/config.toml"), config).unwrap();
    let changed = quell(&tree, &["list", "--format", "json"]);
    assert!(changed.err.contains("due.scheduled is -1, and takes days from 0 to 3650, or \"never\""), "{changed:?}");
    assert!(changed.err.contains("due.soon is none of act-now, this-sprint, scheduled, on-upgrade"), "{changed:?}");
    let lanes = |finding: &Value| (finding["lane"].as_str().unwrap().to_owned(), days(finding).map(|(_, days)| days));
    for (lane, days) in changed.json().as_array().unwrap().iter().map(lanes) {
        let expected = match lane.as_str() {
            "act-now" => Some(0),
            "scheduled" => Some(60),
            _ => None,
        };
        assert_eq!(days, expected, "{lane}");
    }
    // A repository's own file says nothing of it.
    fs::remove_file(tree.state().join("quell/config.toml")).unwrap();
    tree.write(".quell/config.toml", "[due]\nact-now = 999\n");
    assert_eq!(due(""), all);
}

#[test]
fn late_is_what_is_open_and_past_its_day() {
    let tree = project();
    let old = BANDIT[0].replace("2026-11-28T", "2020-11-28T");
    put(&tree, "bandit", &old, 0);
    let late = rules(&tree, "is:overdue");
    assert!(late.contains(&"B602".to_owned()), "{late:?}");
    assert_eq!(rules(&tree, "due:<0d"), late);
    assert_eq!(rules(&tree, "due:>=0d"), Vec::<String>::new());
    assert_eq!(scans(&tree)["overdue"], late.len());
    let id = id(&tree, "rule:B602");
    let shown = quell(&tree, &["show", &id]).ok().out;
    assert!(shown.contains("days overdue"), "{shown}");
    quell(&tree, &["decide", "false-positive", &id]).ok();
    assert_eq!(rules(&tree, "is:overdue").len(), late.len() - 1);
}

#[test]
fn a_journal_that_cannot_be_written_is_said_and_nothing_else() {
    let tree = project();
    scan(&tree, 0);
    let denied = ran(program(&tree).args(["status"]).env("QUELL_FAULT", "denied:1+")).ok();
    assert!(
        denied.out.contains("6 open") && denied.out.contains("scans are not noted: the lock for writing"),
        "{denied:?}"
    );
    assert!(!tree.root().join(".git/quell/scans").exists());
    let full = ran(program(&tree).args(["status"]).env("QUELL_FAULT", "fail:1+")).ok();
    assert!(full.out.contains("the disk is full"), "{full:?}");
    tree.write(".git/quell/scans/file", "a folder in its place");
    let taken = quell(&tree, &["status"]).ok();
    assert!(taken.out.contains("make it a file that can be read, or remove it"), "{taken:?}");
    quell(&tree, &["list", "-q", "is:new"]).ok();
}

#[test]
fn killed_at_any_moment_it_is_as_before_or_as_after() {
    let tree = project();
    scan(&tree, 0);
    scans(&tree);
    let journal = tree.root().join(".git/quell/scans");
    let before = fs::read(&journal).unwrap();
    scan(&tree, 1);
    let expected = scans(&tree);
    let mut kills = 0;
    // As it is added to, and as the first one is made.
    for start in [Some(&before), None] {
        for step in 1.. {
            match start {
                Some(bytes) => fs::write(&journal, bytes).unwrap(),
                None => drop(fs::remove_file(&journal)),
            }
            let killed = program(&tree).args(["status"]).env("QUELL_FAULT", format!("kill:{step}")).output().unwrap();
            let after = scans(&tree);
            if start.is_some() {
                assert_eq!(after, expected, "killed at {step}");
            } else {
                assert_eq!((&after["gone"], &after["new"]["all"]), (&json!([]), &json!(0)), "killed at {step}");
            }
            if killed.status.success() {
                break;
            }
            kills += 1;
        }
    }
    assert!(kills > 6, "{kills}");
}

#[test]
fn two_at_once_note_one_scan() {
    let tree = project();
    scan(&tree, 0);
    scans(&tree);
    scan(&tree, 1);
    let status = || program(&tree).args(["status", "--format", "json"]).stdout(std::process::Stdio::piped()).spawn();
    let both = [status().unwrap(), status().unwrap()];
    for one in both {
        let output = one.wait_with_output().unwrap();
        let scans = &serde_json::from_slice::<Value>(&output.stdout).unwrap()["scans"];
        assert_eq!((&scans["fixed"], &scans["new"]["all"]), (&json!(2), &json!(3)));
    }
    let series = scans(&tree)["series"].clone();
    assert_eq!((&series[0]["scans"], &series[1]["scans"]), (&json!(2), &json!(2)));
}

//! *fixed* against *fix-applied*: a fix is believed when a later scan no longer has the finding.

use serde_json::{Value, json};

use super::shop::{id, quell, status};
use crate::support::tree::Tree;

const CODE: &str = "import os\nos.system(cmd)\n";

/// A report of a tool with one run that ended in a year, about these lines of `run.py`.
fn report(tool: &str, year: Option<u32>, lines: &[u32]) -> Value {
    let result = |line: &u32| {
        json!({"ruleId": "R1", "level": "error", "message": {"text": "m"}, "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": "run.py"}, "region": {"startLine": line, "snippet": {"text": "os.system(cmd)"}}}}],
            "fixes": [{"artifactChanges": [{"artifactLocation": {"uri": "run.py"}, "replacements": [{
                "deletedRegion": {"startLine": line}, "insertedContent": {"text": "subprocess.run(cmd)"}}]}]}]})
    };
    let mut run = json!({
        "tool": {"driver": {"name": tool, "rules": [{"id": "R1"}, {"id": "R2"}]}},
        "results": lines.iter().map(result).collect::<Vec<_>>(),
    });
    if let Some(year) = year {
        run["invocations"] = json!([{"executionSuccessful": true, "endTimeUtc": format!("{year}-01-01T00:00:00Z")}]);
    }
    json!({"version": "2.1.0", "runs": [run]})
}

fn put(tree: &Tree, name: &str, report: &Value) {
    tree.write(&format!(".quell/reports/{name}.sarif"), &report.to_string());
}

/// A tree in which the fix of the only finding was written.
fn applied() -> (Tree, String) {
    let tree = Tree::git(&[("run.py", CODE)]);
    put(&tree, "old", &report("bandit", Some(2025), &[2]));
    let id = id(&tree, "rule:R1");
    quell(&tree, &["fix", &id, "--apply"]).ok();
    assert_eq!(status(&tree, &id), "fix-applied");
    (tree, id)
}

#[track_caller]
fn check(new: &Value, expected: &str) {
    let (tree, id) = applied();
    put(&tree, "new", new);
    assert_eq!(status(&tree, &id), expected, "{new}");
}

/// The same report with a change of its run.
fn with(mut report: Value, change: impl Fn(&mut Value)) -> Value {
    change(&mut report["runs"][0]);
    report
}

#[test]
fn a_later_scan_of_the_same_tool_and_rule_without_the_finding_makes_it_fixed() {
    let clean = || report("bandit", Some(2101), &[]);
    check(&clean(), "fixed");
    // A tool that does not list its rules has to report one of the rule elsewhere.
    let elsewhere = with(report("bandit", Some(2101), &[1]), |run| {
        run["tool"]["driver"]["rules"] = json!([]);
        run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] = "other.py".into();
    });
    check(&elsewhere, "fixed");
    let absent = with(report("bandit", Some(2101), &[2]), |run| run["results"][0]["baselineState"] = "absent".into());
    check(&absent, "fixed");
}

#[test]
fn what_proves_nothing_leaves_a_fix_applied() {
    let clean = || report("bandit", Some(2101), &[]);
    check(&report("semgrep", Some(2101), &[]), "fix-applied");
    check(&report("bandit", Some(2026), &[]), "fix-applied");
    check(&report("bandit", None, &[]), "fix-applied");
    check(&with(clean(), |run| run["tool"]["driver"]["rules"] = json!([{"id": "R2"}])), "fix-applied");
    let off = json!([{"id": "R1", "defaultConfiguration": {"enabled": false}}]);
    check(&with(clean(), |run| run["tool"]["driver"]["rules"] = off.clone()), "fix-applied");
    let by_run = json!([{"descriptor": {"id": "R1"}, "configuration": {"enabled": false}}]);
    check(&with(clean(), |run| run["invocations"][0]["ruleConfigurationOverrides"] = by_run.clone()), "fix-applied");
    check(&with(clean(), |run| run["invocations"][0]["executionSuccessful"] = false.into()), "fix-applied");
}

#[test]
fn a_report_that_is_cut_off_proves_nothing() {
    let (tree, id) = applied();
    let whole = report("bandit", Some(2101), &[]).to_string();
    tree.write(".quell/reports/new.sarif", whole.trim_end_matches('}'));
    let listed = quell(&tree, &["list", "-q", &format!("id:{id}"), "--format", "json"]);
    assert_eq!((listed.code, &listed.json()[0]["status"]), (3, &"fix-applied".into()));
}

#[test]
fn a_scan_after_that_which_has_it_again_opens_it() {
    let (tree, id) = applied();
    put(&tree, "clean", &report("bandit", Some(2101), &[]));
    put(&tree, "again", &report("bandit", Some(2102), &[2]));
    assert_eq!(status(&tree, &id), "open");
    put(&tree, "last", &report("bandit", Some(2103), &[]));
    assert_eq!(status(&tree, &id), "fixed");
}

#[test]
fn two_tools_have_to_agree() {
    let tree = Tree::git(&[("run.py", CODE)]);
    let cwe = |report: Value| {
        let tag = json!([{"id": "R1", "properties": {"tags": ["CWE-78"]}}]);
        with(report, |run| run["tool"]["driver"]["rules"] = tag.clone())
    };
    put(&tree, "bandit", &cwe(report("bandit", Some(2025), &[2])));
    put(&tree, "semgrep", &cwe(report("semgrep", Some(2025), &[2])));
    let id = id(&tree, "rule:R1");
    quell(&tree, &["fix", &id, "--apply"]).ok();
    put(&tree, "new", &cwe(report("bandit", Some(2101), &[])));
    assert_eq!(status(&tree, &id), "fix-applied");
    put(&tree, "newer", &cwe(report("semgrep", Some(2101), &[])));
    assert_eq!(status(&tree, &id), "fixed");
}

/// Equal findings are told apart by their order: when one goes, the last of the ids goes with it.
#[test]
fn an_equal_finding_that_took_the_place_is_not_taken_for_a_fix() {
    let tree = Tree::git(&[(
        "run.py",
        "import os\na = 1\nb = 2\nc = 3\nos.system(cmd)\nd = 4\ne = 5\nf = 6\nos.system(cmd)\n",
    )]);
    put(&tree, "old", &report("bandit", Some(2025), &[5, 9]));
    let listed = quell(&tree, &["list", "--sort", "path", "--format", "json"]).ok().json();
    let at = |line: u64| {
        let found = listed.as_array().unwrap().iter().find(|finding| finding["line"] == line).unwrap();
        found["id"].as_str().unwrap().to_owned()
    };
    let (first, second) = (at(5), at(9));
    quell(&tree, &["fix", &second, "--apply"]).ok();
    // Somebody undid that by hand and fixed the first one: the scan reports one, and its id is the first's.
    tree.write("run.py", "import os\na = 1\nb = 2\nc = 3\npass\nd = 4\ne = 5\nf = 6\nos.system(cmd)\n");
    put(&tree, "new", &report("bandit", Some(2101), &[9]));
    assert_eq!(status(&tree, &second), "fix-applied");
    assert_eq!(status(&tree, &first), "open");
    // Where the first one is what is left, the second is fixed.
    tree.write("run.py", "import os\na = 1\nb = 2\nc = 3\nos.system(cmd)\nd = 4\ne = 5\nf = 6\npass\n");
    put(&tree, "new", &report("bandit", Some(2101), &[5]));
    assert_eq!(status(&tree, &second), "fixed");
}

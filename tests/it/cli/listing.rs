//! `list`, `show`, `status`, `check`, and what the program does without a terminal.

use std::io::Read;
use std::process::Stdio;

use serde_json::json;

use super::shop::{id, program, quell, shop};
use crate::support::tree::Tree;

#[test]
fn json_of_a_finding_has_every_key_of_the_contract() {
    const KEYS: &[&str] = &[
        "id",
        "repo",
        "tool",
        "tools",
        "rule",
        "ruleName",
        "severity",
        "level",
        "kind",
        "message",
        "cwe",
        "decidedAt",
        "category",
        "path",
        "line",
        "column",
        "endLine",
        "endColumn",
        "place",
        "package",
        "advisories",
        "ai",
        "remedy",
        "status",
        "statusWhy",
        "flags",
        "baseline",
        "suppressed",
        "new",
        "firstSeen",
        "firstSeenGuessed",
        "due",
        "overdue",
        "expires",
        "owner",
        "reach",
        "exposure",
        "services",
        "workloads",
        "images",
        "lane",
        "laneMax",
        "score",
        "terms",
        "fixes",
        "flows",
        "twins",
        "lineage",
        "fingerprint",
        "sources",
    ];
    let tree = shop();
    let list = quell(&tree, &["list", "--format", "json"]).ok().json();
    for finding in list.as_array().unwrap() {
        let mut keys: Vec<&str> = finding.as_object().unwrap().keys().map(String::as_str).collect();
        let mut expected = KEYS.to_vec();
        keys.sort_unstable();
        expected.sort_unstable();
        assert_eq!(keys, expected);
    }
}

#[test]
fn json_of_a_finding_says_what_the_reports_say() {
    let tree = shop();
    let list = quell(&tree, &["list", "--format", "json", "-q", "tool:alpha rule:A1"]).ok().json();
    let finding = &list[0];
    for (key, value) in [
        ("tool", json!("Alpha")),
        ("tools", json!(["Alpha", "Beta"])),
        ("rule", json!("A1")),
        ("ruleName", json!("shellTrue")),
        ("severity", json!("high")),
        ("level", json!("error")),
        ("kind", json!("fail")),
        ("message", json!("shell=True runs a shell")),
        ("cwe", json!([78])),
        ("category", json!("code")),
        ("path", json!("src/run.py")),
        ("line", json!(3)),
        ("column", json!(5)),
        ("endColumn", json!(15)),
        ("place", json!({ "path": "src/run.py", "line": 3, "why": "report" })),
        ("package", json!(null)),
        ("status", json!("open")),
        ("suppressed", json!(false)),
        ("new", json!(false)),
        ("firstSeen", json!("2026-11-01T10:00:00Z")),
        ("firstSeenGuessed", json!(true)),
        ("due", json!("2026-11-04")),
        ("fixes", json!(2)),
        ("flows", json!(1)),
        ("twins", json!(1)),
        ("reach", json!("reachable")),
        ("exposure", json!("unknown")),
        ("lane", json!("act-now")),
        ("laneMax", json!("on-upgrade")),
        ("score", json!(50)),
    ] {
        assert_eq!(finding[key], value, "{key}");
    }
    assert_eq!(finding["sources"].as_array().unwrap().len(), 2);
    assert_eq!(
        finding["sources"][1],
        json!({
            "file": ".quell/reports/beta.sarif", "pointer": "/runs/0/results/0", "tool": "Beta", "rule": "B/shell",
            "path": "src/run.py", "line": 3, "level": "warning", "message": "a shell is started",
        })
    );
}

#[test]
fn a_list_has_everything_that_was_loaded() {
    let tree = shop();
    let count = |args: &[&str]| quell(&tree, args).ok().lines().len();
    assert_eq!(count(&["list"]), 3, "also what is of kind pass");
    assert_eq!(count(&["list", "--no-merge"]), 4);
    assert_eq!(count(&["list", "-q", "tool:beta"]), 1);
    assert_eq!(count(&["list", ".quell/reports/beta.sarif"]), 1);
    assert_eq!(count(&["list", "--format", "jsonl"]), 3);
    assert_eq!(count(&["list", "--format", "csv"]), 4);
    assert_eq!(count(&["list", "--format", "markdown"]), 5);
    let grouped = quell(&tree, &["list", "--group-by", "severity"]).ok();
    assert!(grouped.out.starts_with("high  1\nq1-"), "{grouped:?}");
    let sorted = quell(&tree, &["list", "--sort", "path,rule", "--format", "json"]).ok().json();
    assert_eq!(sorted[0]["path"], "src/keys.py");
}

#[test]
fn standard_input_is_a_report() {
    let tree = shop();
    let file = std::fs::File::open(tree.root().join(".quell/reports/beta.sarif")).unwrap();
    let ran = super::shop::ran(program(&tree).args(["list", "-", "--format", "json"]).stdin(file)).ok();
    assert_eq!(ran.json().as_array().unwrap().len(), 1);
}

#[test]
fn sarif_goes_out_and_comes_back() {
    let tree = shop();
    let ids = |list: serde_json::Value| {
        let ids = list.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned());
        ids.collect::<std::collections::BTreeSet<String>>()
    };
    tree.write("back/out.sarif", &quell(&tree, &["list", "--format", "sarif"]).ok().out);
    let back = std::fs::File::open(tree.root().join("back/out.sarif")).unwrap();
    let back = super::shop::ran(program(&tree).args(["list", "-", "--format", "json"]).stdin(back)).ok().json();
    assert_eq!(ids(back), ids(quell(&tree, &["list", "--format", "json"]).ok().json()));
}

#[test]
fn sarif_carries_what_the_report_says_whole() {
    let tree = shop();
    let report: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(tree.root().join(".quell/reports/alpha.sarif")).unwrap())
            .unwrap();
    let ours = quell(&tree, &["list", "--format", "sarif", "-q", "rule:A1"]).ok().json();
    let (before, after) = (&report["runs"][0], &ours["runs"][0]);
    for (name, value) in before.as_object().unwrap().iter().filter(|(name, _)| *name != "results") {
        assert_eq!(&after[name], value, "{name} of the run");
    }
    let of_rule = |run: &serde_json::Value| {
        run["results"].as_array().unwrap().iter().find(|result| result["ruleId"] == "A1").unwrap().clone()
    };
    let (before, after) = (of_rule(before), of_rule(after));
    assert!(before["codeFlows"].is_array() && before["fixes"].is_array());
    for (name, value) in before.as_object().unwrap().iter().filter(|(name, _)| *name != "properties") {
        assert_eq!(&after[name], value, "{name} of the result");
    }
    // A finding has the smallest id of its results.
    let id = after["properties"]["quell/id"].as_str().unwrap();
    let results = ours["runs"].as_array().unwrap().iter().flat_map(|run| run["results"].as_array().unwrap());
    let of_finding = results.filter(|result| result["properties"]["quell/id"] == id);
    assert_eq!(of_finding.map(|result| result["fingerprints"]["quell/v1"].as_str().unwrap()).min(), Some(id));
    assert_eq!(after["suppressions"], json!([]));
}

#[test]
fn sarif_says_decisions_as_suppressions_once() {
    let tree = shop();
    let id = id(&tree, "rule:A1");
    let until = "2999-01-31";
    quell(&tree, &["decide", "accept-risk", &id, "--reason", "behind a VPN", "--until", until, "--ticket", "SEC-7"])
        .ok();
    let query = ["list", "--format", "sarif", "-q", "rule:A1"];
    let first = quell(&tree, &query).ok();
    tree.write("back/out.sarif", &first.out);
    let second = quell(&tree, &[&query[..], &["back"]].concat()).ok();
    for ran in [first, second] {
        let suppressions = &ran.json()["runs"][0]["results"][0]["suppressions"];
        assert_eq!(suppressions.as_array().unwrap().len(), 1, "{suppressions}");
        assert_eq!(suppressions[0]["status"], "accepted");
        assert_eq!(suppressions[0]["justification"], format!("accept-risk until {until}: behind a VPN; SEC-7"));
    }
}

#[test]
fn secrets_are_covered_for_people_and_kept_for_machines() {
    const KEY: &str = "AKIAQ7EXAMPLE9KEY0042";
    let tree = shop();
    let id = id(&tree, "rule:A2");
    for args in [&["list"][..], &["list", "--format", "csv"], &["list", "--format", "markdown"], &["show", &id]] {
        let ran = quell(&tree, args).ok();
        assert!(!ran.out.contains(KEY) && ran.out.replace('\\', "").contains("AK****"), "{ran:?}");
    }
    for args in [&["list", "--format", "json"][..], &["list", "--format", "sarif"], &["show", &id, "--format", "json"]]
    {
        assert!(quell(&tree, args).ok().out.contains(KEY));
    }
}

/// One password, flagged by a scanner of secrets and by one of code, with a fix and a flow that hold it too.
#[test]
fn no_format_for_people_shows_a_secret_anywhere() {
    const SECRET: &str = "correct horse";
    let line = format!("PASSWORD = '{SECRET}'\n");
    let place = json!({ "physicalLocation": { "artifactLocation": { "uri": "src/settings.py" },
        "region": { "startLine": 1, "snippet": { "text": line.trim() } } } });
    let mut said = place.clone();
    said["message"] = json!({ "text": format!("Source: {SECRET}") });
    let result = json!({
        "ruleId": "B105", "level": "error", "message": { "text": format!("Possible password: '{SECRET}'") },
        "locations": [place], "relatedLocations": [said.clone()],
        "properties": { "match": SECRET },
        "codeFlows": [{ "threadFlows": [{ "locations": [{ "location": said }] }] }],
        "fixes": [{ "description": { "text": format!("Take '{SECRET}' out") }, "artifactChanges": [{
            "artifactLocation": { "uri": "src/settings.py" },
            "replacements": [{ "deletedRegion": { "startLine": 1, "startColumn": 12, "endColumn": 27 },
                "insertedContent": { "text": "os.environ['PASSWORD']" } }] }] }],
    });
    let mut other = result.clone();
    other["ruleId"] = "hardcoded-password".into();
    let run = |tool: &str, result| json!({ "tool": { "driver": { "name": tool } }, "results": [result] });
    let report = json!({ "version": "2.1.0", "runs": [run("Bandit", result), run("gitleaks", other)] });
    let tree = Tree::git(&[("src/settings.py", &line), ("secrets.sarif", &report.to_string())]);
    let list = quell(&tree, &["list", "--format", "json"]).ok();
    assert!(list.out.contains(SECRET), "{list:?}");
    for finding in list.json().as_array().unwrap() {
        let ran = quell(&tree, &["show", finding["id"].as_str().unwrap()]).ok();
        assert!(ran.out.contains("- PASSWORD = 'co") && ran.out.contains("Flow 1"), "{ran:?}");
        assert!(!ran.out.contains(SECRET), "{ran:?}");
    }
    for args in
        [&["list"][..], &["list", "--format", "csv"], &["list", "--format", "markdown"], &["check"], &["status"]]
    {
        let ran = quell(&tree, args).ok();
        assert!(!ran.out.contains(SECRET) && !ran.err.contains(SECRET), "{ran:?}");
    }
}

#[test]
fn show_has_code_flow_fix_and_help() {
    let tree = shop();
    let id = id(&tree, "rule:A1");
    let text = quell(&tree, &["show", &id]).ok().out;
    for part in [
        "shell=True runs a shell",
        "CWE-78",
        "Give the program and its arguments as a list.",
        ">     3      shell=True)",
        "  1  src/run.py:1  the source",
        "+     shell=False)",
        "result      Beta B/shell in .quell/reports/beta.sarif /runs/0/results/0",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    let json = quell(&tree, &["show", &id, "--format", "json"]).ok().json();
    assert_eq!(json["id"], id.as_str());
    assert_eq!(json["steps"][0][1]["message"], "the sink");
    assert_eq!(json["proposals"].as_array().unwrap().len(), 2);
    assert_eq!(json["help"]["uri"], "https://example.org/A1");
}

#[test]
fn ids_may_be_begun_and_must_be_unique() {
    let tree = shop();
    let id = id(&tree, "rule:A1");
    assert_eq!(quell(&tree, &["show", id.get(..11).unwrap()]).code, 0);
    let empty = quell(&tree, &["show", ""]);
    assert!(empty.code == 2 && empty.err.contains("the id is empty"), "{empty:?}");
    let several = quell(&tree, &["show", "q1-"]);
    assert_eq!(several.code, 2);
    let none = quell(&tree, &["show", "q1-0000000000000000"]);
    assert_eq!(none.code, 2);
    assert!(none.err.contains("no such finding"), "{none:?}");
}

#[test]
fn a_bad_query_points_at_the_term() {
    let tree = shop();
    let ran = quell(&tree, &["list", "-q", "is:open sev:hihg"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    let expected = "quell: hihg is no severity; allowed: info, low, medium, high, critical\n  is:open sev:hihg\n              ^^^^\n";
    assert_eq!(ran.err, expected);
    let later = quell(&tree, &["list", "-q", "agent:claude"]);
    assert!(later.code == 2 && later.err.contains("not built yet"), "{later:?}");
}

#[test]
fn unread_input_costs_itself_and_exits_with_3() {
    let tree = shop();
    assert_eq!(quell(&tree, &["check"]).code, 0);
    tree.write("broken.sarif", "{\"version\": \"2.1.0\", \"runs\": [{\"results\": [");
    let ran = quell(&tree, &["list", "--format", "json", "broken.sarif", ".quell/reports", "nowhere.sarif"]);
    assert_eq!(ran.code, 3);
    assert_eq!(ran.json().as_array().unwrap().len(), 3, "the rest is used and the JSON whole");
    assert!(ran.err.contains("broken.sarif") && ran.err.contains("nowhere.sarif"), "{ran:?}");
    let check = quell(&tree, &["check", "broken.sarif", "nowhere.sarif", "--format", "json"]);
    assert_eq!(check.code, 3);
    let problems = check.json()["problems"].as_array().unwrap().clone();
    for problem in &problems {
        assert!(!problem["file"].as_str().unwrap().is_empty() && !problem["reason"].as_str().unwrap().is_empty());
    }
    assert!(problems.len() >= 2);
}

#[test]
fn a_scan_that_failed_is_named_by_status_list_and_check() {
    let tree = shop();
    let failed = r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "gamma"}}, "results": [],
        "invocations": [{"executionSuccessful": false, "exitCode": 2}]}]}"#;
    tree.write(".quell/reports/gamma.sarif", failed);
    let expected = json!([{"tool": "gamma", "file": ".quell/reports/gamma.sarif"}]);
    for command in ["status", "check"] {
        let json = quell(&tree, &[command, "--format", "json"]).ok().json();
        assert_eq!(json["incomplete"], expected, "{command}");
    }
    let status = quell(&tree, &["status"]).ok().out;
    let told = "gamma reports a failure in .quell/reports/gamma.sarif: findings may be missing";
    assert!(status.contains(told), "{status}");
    let list = quell(&tree, &["list", "--format", "json", "--query", "rule:none"]).ok();
    assert!(list.err.contains(told), "a list of nothing looks clean: {list:?}");
    let check = quell(&tree, &["check"]).ok().out;
    assert!(check.contains("1 of the scans report a failure or an error: findings may be missing"), "{check}");
}

#[test]
fn status_counts_everything() {
    let tree = shop();
    let json = quell(&tree, &["status", "--format", "json"]).ok().json();
    assert_eq!(
        (&json["results"], &json["findings"], &json["open"], &json["fixable"]),
        (&json!(4), &json!(3), &json!(2), &json!(1))
    );
    for table in ["status", "severity", "category"] {
        let sum: u64 = json[table].as_array().unwrap().iter().map(|count| count["all"].as_u64().unwrap()).sum();
        assert_eq!(sum, 3, "{table} adds up");
    }
    let text = quell(&tree, &["status"]).ok().out;
    assert!(text.contains("3 findings in 4 results from 2 reports\n2 open, 1 of them with a fix"), "{text}");
}

#[test]
fn without_a_terminal_the_status_is_printed() {
    let tree = shop();
    for args in [&[][..], &["review"], &[".quell/reports/beta.sarif"]] {
        let ran = quell(&tree, args).ok();
        assert!(ran.out.contains(" findings in ") || ran.out.contains("1 finding in "), "{ran:?}");
        assert!(ran.err.contains("no terminal"), "{ran:?}");
    }
}

#[test]
fn a_closed_pipe_is_no_error() {
    let tree = shop();
    let results: Vec<String> = (0..5_000)
        .map(|line| {
            let place = format!("{{\"physicalLocation\":{{\"artifactLocation\":{{\"uri\":\"a.py\"}},\"region\":{{\"startLine\":{}}}}}}}", line + 1);
            format!("{{\"ruleId\":\"R{line}\",\"message\":{{\"text\":\"m\"}},\"locations\":[{place}]}}")
        })
        .collect();
    let log = format!(
        "{{\"version\":\"2.1.0\",\"runs\":[{{\"tool\":{{\"driver\":{{\"name\":\"many\"}}}},\"results\":[{}]}}]}}",
        results.join(",")
    );
    tree.write("many.sarif", &log);
    for format in ["table", "json", "csv"] {
        let mut child = program(&tree)
            .args(["list", "many.sarif", "--format", format])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = [0; 16];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]), "{format}");
    }
}

#[test]
fn usage_errors_exit_with_2_and_help_with_0() {
    let tree = shop();
    for args in [&["list", "--format", "xml"][..], &["show"], &["list", "--group-by", "agent"], &["undo", "0"]] {
        let ran = quell(&tree, args);
        assert!(ran.code == 2 && ran.out.is_empty() && !ran.err.is_empty(), "{ran:?}");
    }
    for args in [&["--help"][..], &["fix", "--help"], &["--version"], &["man"], &["completions", "bash"]] {
        let ran = quell(&tree, args).ok();
        assert!(!ran.out.is_empty() && ran.err.is_empty(), "{ran:?}");
    }
}

//! `fix --upgrades` and remedies, on repositories with reports of dependencies.

use std::fs;

use serde_json::{Value, json};

use super::shop::{git_takes, quell, status};
use crate::support::tree::Tree;

const PACKAGE_JSON: &str =
    "{\n  \"name\": \"shop\",\n  \"dependencies\": {\n    \"lodash\": \"^4.17.0\",\n    \"debug\": \"3.0.1\"\n  }\n}\n";

/// One entry of Trivy's JSON: advisory, package, installed, fixed, severity.
fn flaw((id, package, installed, fixed, severity): (&str, &str, &str, &str, &str)) -> Value {
    json!({
        "VulnerabilityID": id, "PkgName": package, "PkgIdentifier": {"PURL": format!("pkg:npm/{package}@{installed}")},
        "InstalledVersion": installed, "FixedVersion": fixed, "Severity": severity, "Title": "bad",
    })
}

/// Trivy's JSON about one lock file.
fn trivy(target: &str, flaws: &[(&str, &str, &str, &str, &str)]) -> String {
    let flaws: Vec<Value> = flaws.iter().copied().map(flaw).collect();
    let target = json!({"Target": target, "Class": "lang-pkgs", "Type": "npm", "Vulnerabilities": flaws});
    json!({
        "SchemaVersion": 2, "CreatedAt": "2026-11-20T08:00:00Z", "ArtifactName": ".", "Results": [target],
    })
    .to_string()
}

const FLAWS: &[(&str, &str, &str, &str, &str)] = &[
    ("CVE-2019-10744", "lodash", "4.17.0", "4.17.12", "CRITICAL"),
    ("CVE-2021-23337", "lodash", "4.17.0", "4.17.21", "HIGH"),
    ("CVE-2020-28500", "lodash", "4.17.0", "4.17.21", "MEDIUM"),
    ("CVE-2026-00001", "lodash", "4.17.0", "", "LOW"),
    ("CVE-2024-45296", "path-to-regexp", "0.1.7", "0.1.10, 1.9.0, 3.3.0", "HIGH"),
];

fn npm(flaws: &[(&str, &str, &str, &str, &str)]) -> Tree {
    Tree::git(&[
        ("package.json", PACKAGE_JSON),
        ("package-lock.json", "{}\n"),
        ("trivy.json", &trivy("package-lock.json", flaws)),
    ])
}

#[test]
fn an_upgrade_is_previewed_written_recorded_and_taken_back() {
    let tree = npm(FLAWS);
    let preview = quell(&tree, &["fix", "--upgrades", "trivy.json"]).ok();
    assert!(git_takes(tree.root(), &preview.out), "{preview:?}");
    assert!(preview.out.contains("-    \"lodash\": \"^4.17.0\",\n+    \"lodash\": \"^4.17.21\",\n"), "{preview:?}");
    for said in [
        "package.json: upgrade lodash from 4.17.0 to 4.17.21: clears 3, of which 2 act-now; CVE-2026-00001 stays",
        "then run `npm install`",
        "package.json does not ask for path-to-regexp: another package brings it in",
        "path-to-regexp may be upgraded by `npm update path-to-regexp`",
    ] {
        assert!(preview.err.contains(said), "{said}: {preview:?}");
    }
    assert_eq!(tree.text("package.json"), PACKAGE_JSON);

    let written = quell(&tree, &["fix", "--upgrades", "trivy.json", "--apply", "--format", "json"]).ok();
    assert_eq!(tree.text("package.json"), PACKAGE_JSON.replace("^4.17.0", "^4.17.21"));
    assert_eq!(tree.text("package-lock.json"), "{}\n");
    let fixes = written.json();
    let [lodash, other] = fixes.as_array().unwrap().as_slice() else { panic!("{fixes}") };
    assert_eq!(
        (&lodash["state"], &lodash["reason"], &lodash["applied"]),
        (&json!("will-write"), &json!("exact"), &json!(true))
    );
    let upgrade = &lodash["upgrade"];
    assert_eq!(
        (
            &upgrade["package"],
            &upgrade["from"],
            &upgrade["to"],
            &upgrade["clears"],
            &upgrade["actNow"],
            &upgrade["then"]
        ),
        (&json!("lodash"), &json!("4.17.0"), &json!("4.17.21"), &json!(3), &json!(2), &json!("npm install"))
    );
    assert_eq!((&other["state"], &other["reason"]), (&json!("cannot"), &json!("advice")));
    let stays = upgrade["stays"][0].as_str().unwrap();
    let statuses: Vec<Value> = listed(&tree).iter().map(|one| one["status"].clone()).collect();
    assert_eq!(statuses.iter().filter(|status| **status == "fix-applied").count(), 3, "{statuses:?}");
    quell(&tree, &["list", "trivy.json", "-q", &format!("id:{stays} status:open"), "--format", "json"]).ok();

    quell(&tree, &["undo"]).ok();
    assert_eq!(tree.text("package.json"), PACKAGE_JSON);
    assert!(listed(&tree).iter().all(|one| one["status"] == "open"));
}

fn listed(tree: &Tree) -> Vec<Value> {
    quell(tree, &["list", "trivy.json", "--format", "json"]).ok().json().as_array().unwrap().clone()
}

#[test]
fn findings_are_grouped_asked_for_and_shown_by_remedy() {
    let tree = npm(FLAWS);
    let grouped = quell(&tree, &["list", "trivy.json", "--group-by", "remedy"]).ok();
    for said in [
        "upgrade lodash to 4.17.21  3  clears 3, of which 2 act-now\n",
        "upgrade path-to-regexp to 0.1.10  1  clears 1, of which 1 act-now\n",
        "no remedy  1\n",
    ] {
        assert!(grouped.out.contains(said), "{said}: {}", grouped.out);
    }
    let remedies: Vec<Value> = listed(&tree).iter().map(|one| one["remedy"].clone()).collect();
    assert_eq!(remedies.iter().filter(|remedy| **remedy == "upgrade lodash to 4.17.21").count(), 3, "{remedies:?}");
    assert_eq!(remedies.iter().filter(|remedy| remedy.is_null()).count(), 1);
    for (query, count) in
        [("remedy:lodash", 3), ("remedy:\"upgrade lodash to 4.17.21\"", 3), ("remedy:upgrade*", 4), ("-remedy:*", 1)]
    {
        let found = quell(&tree, &["list", "trivy.json", &format!("--query={query}"), "--format", "jsonl"]).ok();
        assert_eq!(found.lines().len(), count, "{query}");
    }
    let id = listed(&tree).iter().find(|one| one["remedy"] == "upgrade lodash to 4.17.21").unwrap()["id"].clone();
    let shown = quell(&tree, &["show", id.as_str().unwrap(), "trivy.json"]).ok();
    assert!(
        shown.out.contains("remedy      upgrade lodash to 4.17.21 (clears 3, of which 2 act-now)"),
        "{}",
        shown.out
    );
    // What is decided is no longer cleared; the group stays.
    quell(&tree, &["decide", "false-positive", id.as_str().unwrap(), "trivy.json"]).ok();
    let grouped = quell(&tree, &["list", "trivy.json", "--group-by", "remedy", "-q", "remedy:lodash"]).ok();
    assert!(grouped.out.contains("upgrade lodash to 4.17.21  3  clears 2, of which 1 act-now\n"), "{}", grouped.out);
    let decided = quell(&tree, &["decide", "confirm", "trivy.json", "-q", "remedy:lodash"]).ok();
    assert!(decided.err.contains('2') || decided.out.contains('2'), "{decided:?}");
}

#[test]
fn upgrades_are_chosen_by_finding_query_and_fix() {
    let flaws = [FLAWS[0], FLAWS[1], ("CVE-2017-20165", "debug", "3.0.1", "3.1.0, 2.6.9", "HIGH")];
    let tree = npm(&flaws);
    let ids = |args: &[&str]| {
        let args = [&["fix", "--upgrades", "trivy.json", "--format", "json"], args].concat();
        let fixes = quell(&tree, &args).ok().json();
        fixes
            .as_array()
            .unwrap()
            .iter()
            .map(|fix| fix["upgrade"]["package"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&[]), ["debug", "lodash"]);
    assert_eq!(ids(&["-q", "package:debug"]), ["debug"]);
    // One finding of two: the upgrade is the one that clears both.
    assert_eq!(ids(&["-q", "id:CVE-2019-10744"]), ["lodash"]);
    let all = quell(&tree, &["fix", "--upgrades", "trivy.json", "--format", "json"]).ok().json();
    let id = all[0]["id"].as_str().unwrap();
    quell(&tree, &["fix", id, "--upgrades", "trivy.json", "--apply"]).ok();
    assert_eq!(tree.text("package.json"), PACKAGE_JSON.replace("3.0.1", "3.1.0"));
    assert_eq!(quell(&tree, &["fix", "f1-00", "--upgrades", "trivy.json"]).code, 2);
    let none = quell(&tree, &["fix", "--upgrades", "trivy.json", "-q", "severity:low"]).ok();
    assert!(none.err.contains("there is no upgrade"), "{none:?}");
}

#[test]
fn a_version_that_may_break_needs_a_person() {
    let tree = npm(&[("CVE-1-1", "debug", "3.0.1", "4.3.1", "HIGH")]);
    let ran = quell(&tree, &["fix", "--upgrades", "trivy.json", "--apply"]);
    assert!(ran.code == 4 && ran.err.contains("unsafe") && ran.err.contains("--upgrades --include-unsafe"), "{ran:?}");
    assert_eq!(tree.text("package.json"), PACKAGE_JSON);
    quell(&tree, &["fix", "--upgrades", "trivy.json", "--apply", "--include-unsafe"]).ok();
    assert_eq!(tree.text("package.json"), PACKAGE_JSON.replace("3.0.1", "4.3.1"));
}

#[test]
fn only_advice_writes_nothing_with_4() {
    let tree = npm(&[FLAWS[4]]);
    let ran = quell(&tree, &["fix", "--upgrades", "trivy.json", "--apply"]);
    assert!(ran.code == 4 && ran.err.contains("nothing was written: 1 of 1 fixes cannot be"), "{ran:?}");
}

#[test]
fn manifests_in_folders_name_theirs() {
    let tree = Tree::git(&[
        ("web/package.json", PACKAGE_JSON),
        ("web/yarn.lock", ""),
        ("package.json", PACKAGE_JSON),
        ("trivy.json", &trivy("web/yarn.lock", &FLAWS[..2])),
    ]);
    let ran = quell(&tree, &["fix", "--upgrades", "trivy.json", "--apply", "--format", "markdown"]).ok();
    assert!(ran.err.contains("then run `yarn install` in web"), "{ran:?}");
    assert!(ran.out.contains("## Then run\n\n- `yarn install` in `web`\n"), "{ran:?}");
    assert_eq!(tree.text("web/package.json"), PACKAGE_JSON.replace("^4.17.0", "^4.17.21"));
    assert_eq!(tree.text("package.json"), PACKAGE_JSON);
    assert!(listed(&tree).iter().all(|one| one["remedy"] == "upgrade lodash to 4.17.21 in web/package.json"));
}

#[test]
fn hostile_names_versions_and_places_reach_no_command_and_no_file() {
    let outside = Tree::plain(&[("package.json", PACKAGE_JSON)]);
    let place = format!("../{}/package-lock.json", outside.root().file_name().unwrap().to_str().unwrap());
    for (target, package, fixed) in [
        ("package-lock.json", "lodash", "4.17.21\n; touch /tmp/x"),
        ("package-lock.json", "lodash", "4.17.21\";touch x;\""),
        ("package-lock.json", "lodash", "4.17.21\u{1b}[2J"),
        ("package-lock.json", "lodash", "--prefix=/tmp"),
        ("package-lock.json", "lodash", "../../4.17.21"),
        ("package-lock.json", "--flag", "4.17.21"),
        ("package-lock.json", "$(touch x)", "4.17.21"),
        ("package-lock.json", "lod\nash", "4.17.21"),
        ("package-lock.json", "../../lodash", "4.17.21"),
        (&place, "lodash", "4.17.21"),
        ("/etc/package-lock.json", "lodash", "4.17.21"),
        (".git/package-lock.json", "lodash", "4.17.21"),
    ] {
        let tree = npm(&[]);
        tree.write(".git/package.json", PACKAGE_JSON);
        tree.write("trivy.json", &trivy(target, &[("CVE-1-1", package, "4.17.0", fixed, "HIGH")]));
        let ran = quell(&tree, &["fix", "--upgrades", "trivy.json", "--apply", "--include-unsafe"]);
        let text = [tree.text("package.json"), tree.text(".git/package.json"), outside.text("package.json")];
        let is_whole = |text: &String| *text == PACKAGE_JSON || *text == PACKAGE_JSON.replace("^4.17.0", "^4.17.21");
        assert!(is_whole(&text[0]), "{package} {fixed}: {ran:?}");
        assert!(text[1..].iter().all(|text| text == PACKAGE_JSON), "{target}: {ran:?}");
        for line in ran.err.lines().filter(|line| line.contains('`')) {
            assert!(!line.contains("touch") || !line.contains("run `"), "{line}");
            assert!(!line.contains("npm install --") && !line.contains("npm update -"), "{line}");
        }
        assert!(!ran.err.contains('\u{1b}') && !ran.out.contains('\u{1b}'), "{ran:?}");
        let listed = quell(&tree, &["list", "trivy.json", "--group-by", "remedy"]).ok();
        assert!(!listed.out.contains('\u{1b}'), "{listed:?}");
    }
}

#[test]
fn a_link_to_a_manifest_outside_is_not_followed() {
    let outside = Tree::plain(&[("package.json", PACKAGE_JSON)]);
    let tree = npm(&FLAWS[..1]);
    fs::remove_file(tree.root().join("package.json")).unwrap();
    std::os::unix::fs::symlink(outside.root().join("package.json"), tree.root().join("package.json")).unwrap();
    let ran = quell(&tree, &["fix", "--upgrades", "trivy.json", "--apply"]);
    assert_eq!(ran.code, 4, "{ran:?}");
    assert_eq!(outside.text("package.json"), PACKAGE_JSON);
}

/// A repository with one report beside a manifest and lock files, and what becomes of the manifest.
#[track_caller]
fn takes(report: &Value, (manifest, before, after): (&str, &str, &str), then: &str) {
    let lock = "[[package]]\nname = \"time\"\nversion = \"0.1.43\"\n";
    let node = |name: &str, version: &str| format!("\"node_modules/{name}\": {{\n\"version\": \"{version}\"\n}}");
    let nodes = format!("{{\n\"packages\": {{\n{},\n{}\n}}\n}}\n", node("ms", "1.0.0"), node("lodash", "4.17.0"));
    let tree = Tree::git(&[
        (manifest, before),
        ("Cargo.lock", lock),
        ("package-lock.json", &nodes),
        ("report.json", &report.to_string()),
    ]);
    let ran = quell(&tree, &["fix", "--upgrades", "report.json", "--apply", "--include-unsafe"]);
    assert_eq!(tree.text(manifest), after, "{ran:?}");
    assert!(ran.code == 0 && ran.err.contains(then), "{ran:?}");
}

const TIME: (&str, &str, &str) =
    ("Cargo.toml", "[dependencies]\ntime = \"0.1\"\n", "[dependencies]\ntime = \"0.2.23\"\n");

#[test]
fn grype_says_what_to_take() {
    let report = json!({
        "matches": [{
            "vulnerability": {"id": "GHSA-wcg3-cvx6-7396", "severity": "High",
                              "fix": {"versions": ["0.2.23"], "state": "fixed"}},
            "artifact": {"name": "time", "version": "0.1.43", "type": "rust-crate", "purl": "pkg:cargo/time@0.1.43",
                         "locations": [{"path": "/Cargo.lock"}]},
        }],
        "source": {"type": "directory", "target": "."}, "descriptor": {"name": "grype", "version": "1"},
    });
    takes(&report, TIME, "cargo update -p time --precise 0.2.23");
}

#[test]
fn cargo_audit_says_what_to_take() {
    let report = json!({
        "database": {}, "lockfile": {"dependency-count": 1}, "settings": {}, "warnings": {},
        "vulnerabilities": {"found": true, "count": 1, "list": [{
            "advisory": {"id": "RUSTSEC-2020-0071", "title": "t"}, "versions": {"patched": [">=0.2.23"]},
            "package": {"name": "time", "version": "0.1.43"},
        }]},
    });
    takes(&report, TIME, "cargo update -p time --precise 0.2.23");
}

#[test]
fn pip_audit_says_what_to_take() {
    let report = json!({"dependencies": [{"name": "pyyaml", "version": "5.3.1", "vulns": [
        {"id": "PYSEC-2021-142", "fix_versions": ["5.4"], "aliases": [], "description": "d"}]}], "fixes": []});
    takes(&report, ("requirements.txt", "six\nPyYAML==5.3.1\n", "six\nPyYAML==5.4\n"), "");
}

#[test]
fn npm_audit_says_what_to_take_and_what_brings_it_in() {
    let flaw = |name: &str, range: &str, fix: Value| {
        let url = format!("https://github.com/advisories/GHSA-{name}");
        let via = json!({"source": 1, "name": name, "title": "t", "url": url, "severity": "high", "range": range});
        json!({"name": name, "severity": "high", "range": range, "nodes": [format!("node_modules/{name}")],
               "via": [via], "fixAvailable": fix})
    };
    let debug = json!({"name": "debug", "version": "3.1.0", "isSemVerMajor": false});
    let report = json!({"auditReportVersion": 2, "vulnerabilities": {
        "ms": flaw("ms", "<2.0.0", debug), "lodash": flaw("lodash", "<4.17.21", json!(true)),
    }});
    let after = PACKAGE_JSON.replace("^4.17.0", "^4.17.21").replace("3.0.1", "3.1.0");
    takes(&report, ("package.json", PACKAGE_JSON, &after), "npm install");
}

#[test]
fn osv_scanner_says_what_to_take() {
    let help = "### Fixed Versions\n\n| Vulnerability ID | Package Name | Fixed Version |\n| --- | --- | --- |\n\
                | GHSA-35jh-r3h4-6jhm | lodash | 4.17.21, 3.10.2 |\n\nIf";
    let report = json!({"version": "2.1.0", "runs": [{
        "tool": {"driver": {"name": "osv-scanner", "rules": [{"id": "CVE-2021-23337", "help": {"markdown": help}}]}},
        "results": [{"ruleId": "CVE-2021-23337", "ruleIndex": 0, "level": "warning",
            "message": {"text": "Package 'lodash@4.17.0' is vulnerable to 'CVE-2021-23337'."},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": "package-lock.json"}}}]}],
    }]});
    let after = PACKAGE_JSON.replace("^4.17.0", "^4.17.21");
    takes(&report, ("package.json", PACKAGE_JSON, &after), "npm install");
}

#[test]
fn snyk_says_what_to_take() {
    let upgrade = json!({"artifactLocation": {"uri": "package.json"}, "replacements": [
        {"deletedRegion": {"startLine": 1}, "insertedContent": {"text": "lodash@4.17.21"}}]});
    let report = json!({"version": "2.1.0", "runs": [{
        "tool": {"driver": {"name": "Snyk Open Source", "rules": []}},
        "results": [{"ruleId": "SNYK-JS-LODASH-1", "level": "error",
            "message": {"text": "This file introduces a vulnerable lodash package with a high severity vulnerability."},
            "locations": [{"physicalLocation": {
                "artifactLocation": {"uri": "package.json"}, "region": {"startLine": 1}}}],
            "fixes": [{"description": {"text": "Upgrade to lodash@4.17.21"}, "artifactChanges": [upgrade]}]}],
    }]});
    let after = PACKAGE_JSON.replace("^4.17.0", "^4.17.21");
    takes(&report, ("package.json", PACKAGE_JSON, &after), "npm install");
}

#[test]
fn one_helper_and_one_snippet_are_remedies() {
    let step = |path: &str, line: u32| {
        json!({"location": {"physicalLocation": {
        "artifactLocation": {"uri": path}, "region": {"startLine": line}}}})
    };
    let flow = |steps: &[(&str, u32)]| {
        json!([{"threadFlows": [{"locations":
        steps.iter().map(|(path, line)| step(path, *line)).collect::<Vec<_>>()}]}])
    };
    let at = |path: &str, line: u32| json!([step(path, line)["location"]]);
    let result = |rule: &str, path: &str, line: u32, flows: Value| {
        json!({
            "ruleId": rule, "level": "error", "message": {"text": format!("{rule} {path} {line}")},
            "locations": at(path, line), "codeFlows": flows,
        })
    };
    let fix = |line: u32| {
        json!([{"description": {"text": "safe"}, "artifactChanges": [{
        "artifactLocation": {"uri": "c.py"},
        "replacements": [{"deletedRegion": {"startLine": line, "startColumn": 1, "endColumn": 10},
                          "insertedContent": {"text": "safe_load"}}]}]}])
    };
    let mut results = vec![
        result("sql", "a.py", 9, flow(&[("a.py", 1), ("help.py", 3), ("a.py", 9)])),
        result("sql", "b.py", 9, flow(&[("b.py", 1), ("help.py", 3), ("b.py", 9)])),
        // The source alone is shared, and the rule is another one.
        result("sql", "d.py", 9, flow(&[("a.py", 1), ("d.py", 9)])),
        result("xss", "e.py", 9, flow(&[("e.py", 1), ("help.py", 3), ("e.py", 9)])),
        // One of its two flows goes another way.
        json!({"ruleId": "sql", "message": {"text": "two"}, "locations": at("f.py", 9), "codeFlows": [
            flow(&[("f.py", 1), ("help.py", 3), ("f.py", 9)])[0], flow(&[("f.py", 2), ("f.py", 9)])[0]]}),
    ];
    for line in [1, 3] {
        let mut one = result("yaml", "c.py", line, json!([]));
        one["fixes"] = fix(line);
        results.push(one);
    }
    let report = json!({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t"}}, "results": results}]});
    let lines = "x\n".repeat(12);
    let tree = Tree::git(&[
        ("a.py", &lines),
        ("b.py", &lines),
        ("c.py", "yaml.load(1)\nx\nyaml.load(2)\n"),
        ("d.py", &lines),
        ("e.py", &lines),
        ("f.py", &lines),
        ("help.py", &lines),
        ("r.sarif", &report.to_string()),
    ]);
    let list = quell(&tree, &["list", "r.sarif", "--sort", "path", "--format", "json"]).ok().json();
    let remedies: Vec<(&str, Option<&str>)> =
        list.as_array().unwrap().iter().map(|one| (one["path"].as_str().unwrap(), one["remedy"].as_str())).collect();
    let (helper, snippet) = (Some("change help.py:3 (sql)"), Some("replace `yaml.load` by `safe_load` (yaml)"));
    assert_eq!(
        remedies,
        [
            ("a.py", helper),
            ("b.py", helper),
            ("c.py", snippet),
            ("c.py", snippet),
            ("d.py", None),
            ("e.py", None),
            ("f.py", None)
        ]
    );
    let id = list[0]["id"].as_str().unwrap();
    let shown = quell(&tree, &["show", id, "r.sarif", "--format", "json"]).ok().json();
    assert_eq!(shown["remedy"], "change help.py:3 (sql)");
    assert_eq!(status(&tree, id), "open");
}

/// What is act-now is said by the lane, not by the severity.
#[test]
fn what_an_upgrade_clears_of_act_now_is_counted_by_lanes() {
    let tree = npm(FLAWS);
    tree.write(
        "kev.json",
        r#"{"title": "Known Exploited Vulnerabilities Catalog", "catalogVersion": "2026.11.20",
            "dateReleased": "2026-11-20T08:00:00Z", "count": 1, "vulnerabilities": [{"cveID": "CVE-2020-28500",
            "vendorProject": "lodash", "product": "lodash", "vulnerabilityName": "a flaw", "dateAdded": "2026-11-19",
            "shortDescription": "bad", "requiredAction": "upgrade", "dueDate": "2026-12-10"}]}"#,
    );
    let preview = quell(&tree, &["fix", "--upgrades", "trivy.json", "kev.json"]).ok();
    assert!(preview.err.contains("clears 3, of which 3 act-now"), "{preview:?}");
}

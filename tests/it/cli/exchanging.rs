//! `export` and `import`: what goes out means the same to others, and comes back as it was.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use quell::exchange::formats::FORMATS;
use serde_json::{Value, json};

use super::shop::{Ran, quell, shop};
use crate::support::shared::shared;
use crate::support::tree::Tree;

const PURL: &str = "pkg:npm/lodash@4.17.15";
/// Advisories of the fixture, each with what is decided about it.
const DECIDED: [(&str, &str); 5] = [
    ("CVE-2020-8203", "accepted"),
    ("CVE-2021-23337", "not-affected"),
    ("CVE-2022-0155", "false-positive"),
    ("CVE-2022-0536", "deferred"),
    ("CVE-2023-26159", "open"),
];

fn report() -> String {
    let one = |(id, _): &(&str, &str)| {
        json!({ "VulnerabilityID": id, "PkgName": "lodash", "PkgIdentifier": { "PURL": PURL },
                "InstalledVersion": "4.17.15", "Title": "a flaw", "Severity": "HIGH" })
    };
    let found: Vec<Value> = DECIDED.iter().map(one).collect();
    json!({ "SchemaVersion": 2, "CreatedAt": "2026-01-01T10:00:00Z", "ArtifactName": ".", "ArtifactType": "repository",
            "Results": [{ "Target": "package-lock.json", "Class": "lang-pkgs", "Type": "npm",
                          "Vulnerabilities": found }] })
    .to_string()
}

fn tree() -> Tree {
    Tree::git(&[("package-lock.json", "{}\n"), (".quell/reports/trivy.json", &report())])
}

fn decided() -> Tree {
    let tree = tree();
    let decide = |op: &str, id: &str, more: &[&str]| {
        let query = format!("id:{id}");
        quell(&tree, &[&["decide", op, "-q", &query, "--reason", "said <b>so</b>; twice"], more].concat()).ok();
    };
    decide("accept-risk", "CVE-2020-8203", &["--until", "2099-01-31"]);
    decide("not-affected", "CVE-2021-23337", &["--justification", "vulnerable_code_not_in_execute_path"]);
    decide("false-positive", "CVE-2022-0155", &[]);
    decide("defer", "CVE-2022-0536", &["--until", "2099-02-28"]);
    tree
}

#[track_caller]
fn export(tree: &Tree, format: &str) -> Ran {
    quell(tree, &["export", "--format", format]).ok()
}

fn statuses(tree: &Tree) -> Vec<(String, String)> {
    let list = quell(tree, &["list", "--format", "json"]).ok().json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut all: Vec<(String, String)> =
        list.as_array().unwrap().iter().map(|one| (text(&one["rule"]), text(&one["status"]))).collect();
    all.sort();
    all
}

fn import(tree: &Tree, name: &str, text: impl AsRef<[u8]>, more: &[&str]) -> Ran {
    let file = tree.state().join(name);
    fs::write(&file, text).unwrap();
    quell(tree, &[&["import", file.to_str().unwrap()], more].concat())
}

#[test]
fn what_goes_out_comes_back_as_it_was_and_only_once() {
    let from = decided();
    let expected: Vec<(String, String)> = DECIDED.iter().map(|(id, is)| ((*id).to_owned(), (*is).to_owned())).collect();
    assert_eq!(statuses(&from), expected);
    for format in FORMATS.iter().filter(|format| format.is_exported && format.is_imported) {
        let to = tree();
        let text = export(&from, format.name).out;
        assert_eq!(text, export(&from, format.name).out, "{}: the same twice", format.name);
        import(&to, "export", &text, &[]).ok();
        assert_eq!(statuses(&to), expected, "{}", format.name);
        let files = to.files();
        let again = import(&to, "export", &text, &[]).ok();
        assert_eq!((again.out.as_str(), to.files()), ("nothing new was decided\n", files), "{}", format.name);
    }
}

#[test]
fn an_accepted_risk_is_affected_and_a_derived_word_says_so() {
    let tree = decided();
    let vex = export(&tree, "openvex").json();
    let of =
        |id: &str| vex["statements"].as_array().unwrap().iter().find(|one| one["vulnerability"]["name"] == id).unwrap();
    assert_eq!(of("CVE-2020-8203")["status"], "affected");
    assert!(of("CVE-2020-8203")["action_statement"].as_str().unwrap().contains("2099-01-31"));
    assert_eq!(of("CVE-2020-8203")["products"][0]["@id"], PURL);
    assert_eq!(of("CVE-2021-23337")["justification"], "vulnerable_code_not_in_execute_path");
    assert_eq!(of("CVE-2022-0155")["status"], "not_affected");
    assert_eq!(of("CVE-2023-26159")["status"], "under_investigation");
    let bom = export(&tree, "cyclonedx").json();
    let of = |id: &str| bom["vulnerabilities"].as_array().unwrap().iter().find(|one| one["id"] == id).unwrap();
    assert_eq!(of("CVE-2020-8203")["analysis"]["state"], "exploitable");
    assert_eq!(of("CVE-2021-23337")["analysis"]["justification"], "code_not_reachable");
    assert!(of("CVE-2021-23337")["properties"].to_string().contains("quell:derived"));
    let code = export(&shop(), "openvex");
    assert!(code.err.contains("which VEX has no form for") && code.json()["statements"] == json!([]), "{code:?}");
}

#[test]
fn advice_without_an_edit_is_no_fix_of_a_log() {
    let tree = tree();
    let fixed = report().replace("\"Title\"", "\"FixedVersion\":\"4.17.21\",\"Title\"");
    tree.write(".quell/reports/trivy.json", &fixed);
    let log = export(&tree, "sarif").json();
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), DECIDED.len());
    for fix in results.iter().filter_map(|result| result["fixes"].as_array()).flatten() {
        assert!(!fix["artifactChanges"].as_array().unwrap().is_empty(), "{fix}");
    }
}

#[test]
fn a_rule_that_would_hide_an_open_finding_is_left_out() {
    let tree = decided();
    tree.write(".quell/reports/more.json", &report().replace("package-lock.json", "app/package-lock.json"));
    for format in ["trivyignore", "grype", "osv"] {
        let out = export(&tree, format);
        assert!(!out.out.contains("CVE-2020-8203") && out.err.contains("left out: 4 findings"), "{format}: {out:?}");
    }
}

#[test]
fn a_page_holds_no_markup_of_others_and_no_secret() {
    let page = export(&decided(), "html").out;
    assert!(
        page.contains("said &lt;b&gt;so&lt;/b&gt;") && !page.contains("<b>") && !page.contains("<script"),
        "{page}"
    );
    for format in ["html", "csv", "markdown"] {
        assert!(!export(&shop(), format).out.contains("AKIAQ7EXAMPLE9KEY0042"), "{format}");
    }
}

#[test]
fn a_file_is_written_whole_and_secrets_are_for_its_owner() {
    let tree = shop();
    for format in FORMATS.iter().filter(|format| format.is_exported) {
        let path = tree.state().join(format.name);
        quell(&tree, &["export", "--format", format.name, "-o", path.to_str().unwrap()]).ok();
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, if format.is_private { 0o600 } else { 0o644 }, "{}", format.name);
    }
    let refused = quell(&tree, &["export", "--format", "sarif", "-o", "src"]);
    assert!(refused.code == 2 && refused.err.contains("no plain file"), "{refused:?}");
}

#[test]
fn words_of_others_become_decisions_with_their_own_value() {
    let tree = tree();
    let alerts = json!([
        { "number": 1, "state": "dismissed", "dismissed_reason": "inaccurate", "dismissed_comment": "no such call",
          "security_advisory": { "cve_id": "CVE-2020-8203" }, "dependency": { "package": { "name": "lodash" } } },
        { "number": 2, "state": "dismissed", "dismissed_reason": "tolerable_risk",
          "security_advisory": { "cve_id": "CVE-2021-23337" } },
        { "number": 3, "state": "open", "dismissed_reason": null, "security_advisory": { "cve_id": "CVE-2022-0155" } },
        { "number": 4, "state": "dismissed", "dismissed_reason": "won't fix", "rule": { "id": "gone" } },
    ]);
    let ran = import(&tree, "alerts.json", alerts.to_string(), &[]).ok();
    assert!(ran.err.contains("--until gives one") && ran.out.contains("false positive"), "{ran:?}");
    let ran = import(&tree, "alerts.json", alerts.to_string(), &["--until", "2099-03-01"]).ok();
    assert!(ran.err.contains("gone: it matches no finding"), "{ran:?}");
    let dojo = json!({ "results": [
        { "id": 7, "false_p": true, "vulnerability_ids": [{ "vulnerability_id": "CVE-2022-0155" }] },
        { "id": 8, "false_p": false, "risk_accepted": true, "component_name": "lodash",
          "vulnerability_ids": [{ "vulnerability_id": "CVE-2022-0536" }],
          "accepted_risks": [{ "expiration_date": "2099-05-01T00:00:00Z", "name": "board" }] },
    ]});
    import(&tree, "dojo.json", dojo.to_string(), &[]).ok();
    let now = statuses(&tree);
    let now: Vec<&str> = now.iter().map(|(_, status)| status.as_str()).collect();
    assert_eq!(now, ["false-positive", "accepted", "false-positive", "accepted", "open"]);
    let id = super::shop::id(&tree, "id:CVE-2020-8203");
    let shown = quell(&tree, &["show", &id, "--format", "json"]).ok().json();
    assert_eq!(shown["history"][0]["reason"], "no such call (GitHub: inaccurate)");
}

#[test]
fn bad_files_change_nothing() {
    let tree = tree();
    let files = tree.files();
    let cases: [(&str, &[u8]); 8] = [
        ("empty", b""),
        ("cut", b"{\"results\": [{\"false_p\": tr"),
        ("latin", b"ignore:\n  - reason: \xe9\n"),
        ("toml", b"[[IgnoredVulns]\nid = 1"),
        ("yaml", b"vulnerabilities: [*nothing]"),
        ("other", b"a: 1\n"),
        ("list", b"[1, 2]"),
        ("sarif", b"{\"runs\": 5"),
    ];
    for (name, bytes) in cases {
        let ran = import(&tree, name, bytes, &[]);
        assert_eq!(ran.code, 3, "{name}: {ran:?}");
    }
    let outside = "vulnerabilities:\n  - id: CVE-2020-8203\n    paths: ['../../etc/passwd']\n    statement: 'false-positive'\n\
                   misconfigurations:\n  - id: \"\\e[2J\u{202e}\"\n    statement: 'false-positive'\n";
    let ran = import(&tree, "outside", outside, &[]).ok();
    assert!(ran.err.contains("matches no finding") && !ran.err.contains(['\u{1b}', '\u{202e}']), "{ran:?}");
    assert_eq!(quell(&tree, &["import", "nowhere.json"]).code, 3);
    assert_eq!(tree.files(), files);
}

#[test]
fn readme_and_help_name_every_format() {
    let readme = include_str!("../../../README.md");
    let help = quell(&tree(), &["export", "--help"]).ok().out;
    for format in FORMATS {
        let ways = [(format.is_exported, "export"), (format.is_imported, "import")];
        let ways: Vec<&str> = ways.into_iter().filter(|(is, _)| *is).map(|(_, way)| way).collect();
        let row = format!("| `{}` | {} | {} | {} |", format.name, format.title, ways.join(", "), format.holds);
        assert!(readme.contains(&row), "README lacks: {row}");
        assert!(help.contains(format.name), "{}: {help}", format.name);
    }
}

#[test]
fn all_that_a_decision_says_comes_back_from_a_log() {
    let from = tree();
    let words = ["--reason", "behind; the VPN", "--until", "2099-01-31", "--ticket", "SEC-1", "--control", "VPN"];
    let more = ["--risk-owner", "cto", "--scope", "package:<5", "--on", "main", "--on", "release/*"];
    quell(&from, &[&["decide", "accept-risk", "-q", "id:CVE-2020-8203"], words.as_slice(), &more].concat()).ok();
    from.write("CODEOWNERS", "* @all\n");
    git2::Repository::open(from.root()).unwrap().config().unwrap().set_str("user.name", "Another").unwrap();
    quell(&from, &["decide", "approve", "-q", "id:CVE-2020-8203 status:accepted"]).ok();
    let log = export(&from, "sarif");
    let event = &log.json()["runs"][0]["results"];
    let event = event.as_array().unwrap().iter().find(|one| one["ruleId"] == "CVE-2020-8203").unwrap();
    let event = &event["properties"]["quell/event"];
    assert_eq!((&event["approvedBy"], &event["owner"]), (&json!(["Another"]), &json!("@all")));

    for format in ["sarif", "openvex", "cyclonedx"] {
        comes_back(&from, format);
    }

    let notes = export(&from, "openvex").json();
    let notes = notes["statements"].to_string();
    for text in ["control: VPN", "riskOwner: cto", "approvedBy: [\\\"Another\\\"]", "branches"] {
        assert!(notes.contains(text), "{text}: {notes}");
    }
    let properties = export(&from, "cyclonedx").json()["vulnerabilities"].to_string();
    assert!(properties.contains("quell:control") && properties.contains("quell:scope"), "{properties}");
    for format in ["trivyignore", "grype", "osv"] {
        let ran = export(&from, format);
        assert!(ran.err.contains("say more than a rule can"), "{format}: {ran:?}");
    }
}

/// Checks that all decisions of a tree are the same, word by word, in another that imports its export, and only once.
#[track_caller]
fn comes_back(from: &Tree, format: &str) {
    let said = |tree: &Tree| {
        let log = quell(tree, &["ledger", "log", "--format", "json"]).ok().json();
        let events = log.as_array().unwrap().iter().map(|one| one["event"].clone());
        let names = ["op", "reason", "until", "ticket", "control", "risk_owner", "scope", "branches", "justification"];
        let decided = events.filter(|event| event["op"] != "approve");
        let mut said: Vec<String> =
            decided.map(|event| json!(names.map(|name| event[name].clone())).to_string()).collect();
        said.sort();
        said
    };
    let text = export(from, format).out;
    let to = tree();
    import(&to, "export", &text, &[]).ok();
    assert_eq!(said(&to), said(from), "{format}: {text}");
    let files = to.files();
    assert_eq!(import(&to, "export", &text, &[]).ok().out, "nothing new was decided\n", "{format}");
    assert_eq!(to.files(), files, "{format}");
}

#[test]
fn words_that_look_like_our_own_frame_come_back_as_they_were() {
    let reasons = [
        "so; ticket: T-1",
        "so; T-1",
        "vulnerable_code_not_present; so",
        "until 2099-01-01: so",
        "so; event: {\"op\": \"confirm\"}",
        "so; control: ; scope: {}",
        "\u{1b}[2J; riskOwner: \u{202e}x\ny",
    ];
    for reason in reasons {
        let from = tree();
        let more = ["--reason", reason, "--ticket", "T-1"];
        quell(&from, &[["decide", "mitigated", "-q", "id:CVE-2020-8203"].as_slice(), &more].concat()).ok();
        quell(&from, &["decide", "confirm", "-q", "id:CVE-2021-23337", "--reason", reason]).ok();
        let label = ["--justification", "component_not_present"];
        quell(
            &from,
            &[["decide", "not-affected", "-q", "id:CVE-2022-0155", "--reason", reason].as_slice(), &label].concat(),
        )
        .ok();
        for format in ["openvex", "cyclonedx"] {
            comes_back(&from, format);
        }
    }
}

/// An OpenVEX statement of somebody else about lodash.
fn statement(id: &str, more: &Value) -> Value {
    let mut statement = json!({ "vulnerability": { "name": id }, "products": [{ "@id": PURL }] });
    statement.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    statement
}

fn openvex(statements: &[Value]) -> String {
    json!({ "@context": "https://openvex.dev/ns/v0.2.0", "@id": "x", "author": "Somebody",
            "timestamp": "2026-01-01T00:00:00Z", "version": 1, "statements": statements })
    .to_string()
}

#[track_caller]
fn status_of(tree: &Tree, id: &str) -> String {
    statuses(tree).into_iter().find(|(rule, _)| rule == id).unwrap().1
}

#[test]
fn statements_of_others_are_decisions_in_their_own_words() {
    const ID: &str = "CVE-2020-8203";
    let cases = [
        (
            json!({ "status": "not_affected", "justification": "vulnerable_code_not_present", "impact_statement": "cut out" }),
            "not-affected",
            "cut out (OpenVEX: not_affected, vulnerable_code_not_present)",
        ),
        (
            json!({ "status": "not_affected", "impact_statement": "no such call" }),
            "false-positive",
            "no such call (OpenVEX: not_affected)",
        ),
        (
            json!({ "status": "affected", "action_statement": "update it" }),
            "confirmed",
            "update it (OpenVEX: affected)",
        ),
    ];
    for (more, status, reason) in cases {
        let tree = tree();
        import(&tree, "vex.json", openvex(&[statement(ID, &more)]), &[]).ok();
        let id = super::shop::id(&tree, &format!("id:{ID}"));
        let shown = quell(&tree, &["show", &id, "--format", "json"]).ok().json();
        assert_eq!((&shown["status"], &shown["history"][0]["reason"]), (&status.into(), &reason.into()));
    }
    let cases = [
        ("not_affected", "code_not_reachable", "not-affected", "vulnerable_code_not_in_execute_path"),
        ("not_affected", "protected_at_perimeter", "not-affected", "vulnerable_code_cannot_be_controlled_by_adversary"),
        ("false_positive", "", "false-positive", ""),
        ("exploitable", "", "confirmed", ""),
    ];
    for (state, label, status, justification) in cases {
        let tree = tree();
        let analysis = if label.is_empty() {
            json!({ "state": state })
        } else {
            json!({ "state": state, "justification": label })
        };
        let bom = json!({ "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
            "components": [{ "type": "library", "name": "lodash", "bom-ref": "l", "purl": PURL }],
            "vulnerabilities": [{ "id": "GHSA-x", "references": [{ "id": ID }], "analysis": analysis, "affects": [{ "ref": "l" }] }] });
        import(&tree, "vex.cdx.json", bom.to_string(), &[]).ok();
        let id = super::shop::id(&tree, &format!("id:{ID}"));
        let shown = quell(&tree, &["show", &id, "--format", "json"]).ok().json();
        let said = shown["history"][0]["justification"].as_str().unwrap_or_default();
        assert_eq!((shown["status"].as_str(), said), (Some(status), justification), "{state} {label}");
    }
}

#[test]
fn no_statement_makes_a_flaw_less_than_it_is_said_to_be() {
    const ID: &str = "CVE-2020-8203";
    let denied = json!({ "status": "not_affected", "justification": "component_not_present" });
    let with = |more: Value| {
        let mut statement = statement(ID, &denied);
        statement.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        openvex(&[statement])
    };
    let inside = |product: &str| with(json!({ "products": [{ "@id": product, "subcomponents": [{ "@id": PURL }] }] }));
    let later = |status: &str| {
        let newer = json!({ "status": status, "timestamp": "2026-06-01T00:00:00Z", "action_statement": "x" });
        let (old, new) = (statement(ID, &denied), statement(ID, &newer));
        // Whichever stands first.
        [openvex(&[old.clone(), new.clone()]), openvex(&[new, old])]
    };
    let cases = [
        (with(json!({ "justification": "because" })), "its justification is not known here"),
        (with(json!({ "justification": null })), "it says not affected, and not why"),
        (with(json!({ "status": "fixed" })), "for a scan to show"),
        (with(json!({ "status": "not_exploitable" })), "its status is not known here"),
        (
            with(json!({ "status": "affected", "action_statement": "false-positive: x" })),
            "something else than its status",
        ),
        (with(json!({ "products": [{ "@id": "pkg:npm/lodash@4.17.16" }] })), "it matches no finding"),
        (with(json!({ "products": [{ "@id": "pkg:npm/lodash@4.17.15?arch=x" }] })), "it matches no finding"),
        (with(json!({ "products": [{ "@id": "pkg:oci/other-shop" }] })), "it is about another product"),
        (inside("pkg:oci/other-shop"), "it is about another product"),
        (inside("Unknown Product"), "nobody knows which product"),
        (with(json!({})).replace("Somebody", "govulncheck"), "a tool made the document"),
    ];
    for (text, why) in cases {
        let tree = tree();
        let ran = import(&tree, "vex.json", &text, &[]).ok();
        assert!(ran.err.contains(why) && ran.out == "nothing new was decided\n", "{text}: {ran:?}");
    }
    for (status, expected) in [("under_investigation", "open"), ("affected", "confirmed"), ("fixed", "open")] {
        for text in later(status) {
            let tree = tree();
            import(&tree, "vex.json", &text, &[]).ok();
            assert_eq!(status_of(&tree, ID), expected, "{text}");
        }
    }
    // What is built here is ours.
    let tree = tree();
    tree.write("package.json", "{\"name\": \"@team/shop\"}");
    import(&tree, "vex.json", inside("pkg:npm/%40team/shop@1.0.0"), &[]).ok();
    assert_eq!(status_of(&tree, ID), "not-affected");
}

#[test]
fn real_documents_about_other_products_decide_nothing_here() {
    for folder in ["openvex", "cyclonedx", "depscan", "govulncheck"] {
        let Some(folder) = shared(&format!("corpus/evidence/{folder}")) else { return };
        for file in fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.to_string_lossy().contains("vex"))
        {
            let tree = tree();
            let text = fs::read(&file).unwrap();
            // Every id of theirs is one of ours here, and so is every package.
            let text = String::from_utf8(text).unwrap().replace("CVE-2021-44228", "CVE-2020-8203");
            let ran = import(&tree, "vex.json", &text, &[]);
            assert!(matches!(ran.code, 0 | 3), "{}: {ran:?}", file.display());
            assert!(statuses(&tree).iter().all(|(_, status)| status == "open"), "{}: {ran:?}", file.display());
        }
    }
}

#[test]
fn a_scope_of_a_log_that_is_not_understood_decides_nothing() {
    let from = decided();
    let log =
        export(&from, "sarif").out.replace("\"op\":\"accept-risk\"", "\"scope\":{\"x\":1},\"op\":\"accept-risk\"");
    let to = tree();
    import(&to, "log.sarif", &log, &[]).ok();
    assert!(!statuses(&to).iter().any(|(_, status)| status == "accepted"));
}

#[test]
fn what_the_scanner_suppressed_is_no_decision_of_a_log_of_ours() {
    let result = |rule: &str, more: &str| {
        format!(
            r#"{{"ruleId": "{rule}", "level": "error", "message": {{"text": "{rule}"}}, "locations": [{{"physicalLocation":
            {{"artifactLocation": {{"uri": "a.py"}}, "region": {{"startLine": 1}}}}}}]{more}}}"#
        )
    };
    let suppressed = r#", "suppressions": [{"kind": "inSource", "justification": "nosec"}]"#;
    let results = [result("R1", suppressed), result("R2", ""), result("R3", "")].join(",");
    let report = format!(
        r#"{{"version": "2.1.0", "runs": [{{"tool": {{"driver": {{"name": "Bandit"}}}}, "results": [{results}]}}]}}"#
    );
    let made = |report: &str| Tree::git(&[("a.py", "run(x)\n"), (".quell/reports/bandit.sarif", report)]);
    let tree = made(&report);
    quell(&tree, &["decide", "false-positive", "-q", "rule:R2"]).ok();
    let exported = export(&tree, "sarif").out;
    // The same state, also where an end is given for what names none.
    let other = made(&report);
    import(&other, "log.sarif", &exported, &["--until", "2099-01-31"]).ok();
    assert_eq!(statuses(&other), statuses(&tree));
    // Where the report here does not say so, it is news.
    let unsaid = made(&report.replace(suppressed, ""));
    import(&unsaid, "log.sarif", &exported, &["--until", "2099-01-31"]).ok();
    let told = statuses(&unsaid);
    assert_eq!(told.iter().filter(|(_, status)| status == "accepted").count(), 1, "{told:?}");
}

#[test]
fn what_was_imported_and_taken_back_says_how_it_comes_again() {
    let tree = tree();
    let rule = "[[IgnoredVulns]]\nid = \"CVE-2020-8203\"\nreason = \"not reached\"\n";
    import(&tree, "osv-scanner.toml", rule, &["--until", "2099-01-31"]).ok();
    let decided = statuses(&tree);
    quell(&tree, &["undo"]).ok();
    let again = import(&tree, "osv-scanner.toml", rule, &["--until", "2099-01-31"]).ok();
    assert!(again.err.contains("was decided so and that was taken back: quell redo, or decide it"), "{again:?}");
    quell(&tree, &["redo"]).ok();
    let again = import(&tree, "osv-scanner.toml", rule, &["--until", "2099-01-31"]).ok();
    assert!(again.err.is_empty(), "{again:?}");
    assert_eq!(statuses(&tree), decided);
}

#[test]
fn a_duplicate_comes_back_as_one_and_never_as_an_accepted_risk() {
    let tree = tree();
    let of = |id: &str| quell(&tree, &["list", "-q", &format!("id:{id}"), "--format", "json"]).ok().json()[0].clone();
    let (one, stays) = (of("CVE-2020-8203")["id"].clone(), of("CVE-2021-23337")["id"].clone());
    let (one, stays) = (one.as_str().unwrap(), stays.as_str().unwrap());
    quell(&tree, &["decide", "duplicate", one, "--of", stays, "--reason", "the same"]).ok();
    let log = export(&tree, "sarif").out;
    let to = self::tree();
    let said = import(&to, "log.sarif", &log, &["--until", "2099-01-31"]).ok();
    assert!(said.out.contains(&format!("a duplicate of {stays}")), "{said:?}");
    assert_eq!(statuses(&to), statuses(&tree));
    assert_eq!(import(&to, "log.sarif", &log, &["--until", "2099-01-31"]).ok().out, "nothing new was decided\n");
    // One that does not say of what it is a duplicate is no decision at all.
    let bare = log.replace("duplicateOf", "other");
    let to = self::tree();
    import(&to, "log.sarif", bare, &["--until", "2099-01-31"]);
    assert!(statuses(&to).iter().all(|(_, status)| status == "open"), "{:?}", statuses(&to));
}

#[test]
fn what_takes_a_statement_back_is_younger_than_it() {
    let tree = decided();
    let time = |value: &Value| value.as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    let of = |vex: &Value, id: &str| {
        let all = vex["statements"].as_array().unwrap();
        all.iter().find(|one| one["vulnerability"]["name"] == id).unwrap().clone()
    };
    let before = export(&tree, "openvex").json();
    let denied = of(&before, "CVE-2021-23337");
    assert_eq!(denied["status"], "not_affected");
    quell(&tree, &["decide", "reopen", "-q", "id:CVE-2020-8203", "--reason", "x"]);
    let reopened = quell(&tree, &["list", "-q", "id:CVE-2021-23337", "--format", "json"]).ok().json();
    quell(&tree, &["decide", "reopen", reopened[0]["id"].as_str().unwrap()]).ok();
    let after = export(&tree, "openvex").json();
    let open = of(&after, "CVE-2021-23337");
    assert_eq!(open["status"], "under_investigation");
    assert!(time(&open["timestamp"]) >= time(&denied["timestamp"]), "{open} {denied}");
    assert!(time(&after["timestamp"]) >= time(&before["timestamp"]), "{after} {before}");
    let bom = export(&tree, "cyclonedx").json();
    let open = bom["vulnerabilities"].as_array().unwrap().iter().find(|one| one["id"] == "CVE-2021-23337").unwrap();
    assert!(time(&open["analysis"]["lastUpdated"]) >= time(&denied["timestamp"]), "{open}");
}

//! `quell fix` on the sample shop, as it is run.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::demo::{assert_same, demo, files};

/// The sample project as `quell demo` makes it.
struct Shop {
    folder: TempDir,
}

impl Shop {
    fn new() -> Self {
        let shop = Self { folder: TempDir::new().unwrap() };
        let made = shop.command(env!("CARGO_BIN_EXE_quell"), &["demo", "shop", "--no-open"]);
        assert!(made.status.success(), "{made:?}");
        shop
    }

    fn root(&self) -> std::path::PathBuf {
        self.folder.path().join("shop")
    }

    /// Runs a program beside the project, without what this machine is set up to do.
    fn command(&self, program: &str, arguments: &[&str]) -> Output {
        let home = self.folder.path();
        let mut command = Command::new(program);
        command.args(arguments).current_dir(home).env("HOME", home).env("GIT_CONFIG_NOSYSTEM", "1");
        for name in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{name}_NAME"), "A Tester").env(format!("GIT_{name}_EMAIL"), "tester@example.org");
        }
        command.output().unwrap()
    }

    fn fix(&self, arguments: &[&str]) -> Output {
        let own = ["--repo", "shop", "fix"];
        self.command(env!("CARGO_BIN_EXE_quell"), &[&own, arguments].concat())
    }

    /// Changes each report that is not compressed.
    fn reports(&self, change: impl Fn(&str, &mut Value)) {
        for entry in fs::read_dir(self.root().join(".quell/reports")).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if path.extension().is_some_and(|kind| kind == "sarif") {
                let mut report = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
                change(&name, &mut report);
                fs::write(&path, report.to_string()).unwrap();
            }
        }
    }

    /// Takes from the reports which commit they scanned: all that is left is when they were written.
    fn forget_revisions(&self) {
        self.reports(|_, report| {
            let runs = report["runs"].as_array_mut().unwrap();
            for run in runs {
                run.as_object_mut().unwrap().remove("versionControlProvenance");
            }
        });
    }

    fn commit_all(&self) {
        for arguments in [&["-C", "shop", "add", "-A"][..], &["-C", "shop", "commit", "-qm", "reports"]] {
            let done = self.command("git", arguments);
            assert!(done.status.success(), "{done:?}");
        }
    }
}

/// Writes the fixes of a tool without any other option; they must be those that the tool itself wrote.
fn check(shop: &Shop, tool: &str) {
    let demo = demo().unwrap();
    let written = shop.fix(&["-q", &format!("tool:{tool}"), "--apply"]);
    assert_eq!(written.status.code(), Some(0), "{}", String::from_utf8_lossy(&written.stderr));
    let mut wanted = files(&demo.join("shop"));
    wanted.extend(files(&demo.join("autofixed").join(tool)));
    let mut made = files(&shop.root());
    made.retain(|path, _| !path.starts_with(".git/") && !path.starts_with(".quell/"));
    assert_same(&made, &wanted);
    for path in files(&demo.join("autofixed").join(tool)).keys() {
        assert_parses(shop, &Path::new("shop").join(path));
    }
}

/// Python compiles and JavaScript parses, where there is a program to ask.
fn assert_parses(shop: &Shop, path: &Path) {
    let path = path.to_str().unwrap();
    let (program, arguments) = match path.rsplit_once('.') {
        Some((_, "py")) => ("python3", ["-c", "import ast, sys; ast.parse(open(sys.argv[1], 'rb').read())", path]),
        Some((_, "js")) => ("node", ["--no-warnings", "--check", path]),
        _ => return,
    };
    let is_there = Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success());
    if is_there {
        let parsed = shop.command(program, &arguments);
        assert!(parsed.status.success(), "{path}: {}", String::from_utf8_lossy(&parsed.stderr));
    } else {
        eprintln!("skipped: {program} is not here to read {path}");
    }
}

#[test]
fn a_batch_writes_what_the_tool_itself_would() {
    for tool in ["semgrep", "ruff"] {
        check(&Shop::new(), tool);
    }
}

#[test]
fn the_time_of_a_report_file_is_enough() {
    for tool in ["semgrep", "ruff"] {
        let shop = Shop::new();
        shop.forget_revisions();
        check(&shop, tool);
    }
}

#[test]
fn a_committed_report_is_as_old_as_its_commit() {
    for tool in ["semgrep", "ruff"] {
        let shop = Shop::new();
        shop.forget_revisions();
        shop.commit_all();
        // As in a fresh clone: sources and reports in any order.
        let now = std::time::SystemTime::now();
        for path in files(&shop.root()).keys().filter(|path| path.starts_with("backend/")) {
            fs::File::options().append(true).open(shop.root().join(path)).unwrap().set_modified(now).unwrap();
        }
        check(&shop, tool);
    }
}

#[test]
fn a_query_for_a_tool_takes_the_fixes_of_that_tool() {
    let shop = Shop::new();
    // Bandit has no fixes of its own: one for a finding that semgrep reports and fixes, too.
    shop.reports(|name, report| {
        if name != "bandit.sarif" {
            return;
        }
        let results = report["runs"][0]["results"].as_array_mut().unwrap();
        let result = results.iter_mut().find(|result| result["ruleId"] == "B701").unwrap();
        let place = result["locations"][0]["physicalLocation"].clone();
        let line = place["region"]["startLine"].clone();
        let replacement = json!({"deletedRegion": {"startLine": line}, "insertedContent": {"text": "BANDIT = 1"}});
        let change = json!({"artifactLocation": place["artifactLocation"], "replacements": [replacement]});
        result["fixes"] = json!([{"artifactChanges": [change]}]);
    });
    let diff = |query: &str| String::from_utf8(shop.fix(&["-q", query]).stdout).unwrap();
    let (bandit, semgrep) = (diff("rule:B701 tool:bandit"), diff("path:backend/exports.py tool:semgrep"));
    assert!(bandit.contains("+BANDIT = 1"), "{bandit}");
    assert!(!semgrep.is_empty() && !semgrep.contains("BANDIT"), "{semgrep}");
    assert!(diff("rule:B701").contains("+BANDIT = 1"));
    assert!(!diff("tool:semgrep -rule:B701").contains("BANDIT"));
}

/// What `fix` says of one proposal in a file of equal blocks to which one was added.
#[test]
fn a_line_is_chosen_with_at() {
    let shop = Shop::new();
    let block = "- a: 1\n  run: x\n  b: 2\n";
    let root = shop.folder.path().join("shop");
    fs::write(root.join("jobs.yaml"), block.repeat(2)).unwrap();
    shop.commit_all();
    let head = shop.command("git", &["-C", "shop", "rev-parse", "HEAD"]);
    let revision = String::from_utf8(head.stdout).unwrap().trim().to_owned();
    fs::write(root.join("jobs.yaml"), block.repeat(3)).unwrap();
    let place = json!({"artifactLocation": {"uri": "jobs.yaml"}, "region": {"startLine": 5}});
    let change = json!({"artifactLocation": {"uri": "jobs.yaml"},
        "replacements": [{"deletedRegion": {"startLine": 5}, "insertedContent": {"text": "  run: y"}}]});
    let report = json!({"version": "2.1.0", "runs": [{
        "tool": {"driver": {"name": "acme"}},
        "versionControlProvenance": [{"repositoryUri": "https://example.org/shop", "revisionId": revision}],
        "results": [{"ruleId": "r", "message": {"text": "m"}, "locations": [{"physicalLocation": place}],
            "fixes": [{"description": {"text": "do y"}, "artifactChanges": [change]}]}]}]});
    fs::write(shop.folder.path().join("acme.sarif"), report.to_string()).unwrap();

    let listed = shop.fix(&["acme.sarif", "--format", "json"]);
    let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!((&listed[0]["state"], &listed[0]["reason"]), (&json!("needs-you"), &json!("ambiguous")), "{listed}");
    assert_eq!(listed[0]["places"], json!([2, 5, 8]));
    let id = listed[0]["id"].as_str().unwrap();
    let refused = shop.fix(&["acme.sarif", "--apply"]);
    assert_eq!(refused.status.code(), Some(4));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains(&format!("--at {id}=2")), "{said}");
    assert_eq!(shop.fix(&["acme.sarif", "--at", &format!("{id}=none")]).status.code(), Some(2));
    let done = shop.fix(&["acme.sarif", "--at", &format!("{id}=8"), "--apply"]);
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    let written = fs::read_to_string(root.join("jobs.yaml")).unwrap();
    assert_eq!(written, format!("{}{}", block.repeat(2), block.replace('x', "y")));
}

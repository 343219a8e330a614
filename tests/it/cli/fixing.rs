//! `fix`, `undo`, `redo`: a preview is what is written, and there is a way back.

use std::fs;
use std::time::{Duration, SystemTime};

use serde_json::json;

use super::shop::{RUN_PY, git_takes, id, program, quell, ran, shop, status};
use crate::support::tree::Tree;

const FIXED: &str = "import subprocess\nsubprocess.run(cmd,\n    shell=False)\n";

#[test]
fn a_preview_is_a_patch_and_writes_nothing() {
    let tree = shop();
    let before = tree.bytes();
    let ran = quell(&tree, &["fix"]).ok();
    assert!(ran.out.starts_with("diff --git a/src/run.py b/src/run.py\n"), "{ran:?}");
    assert!(ran.out.contains("-    shell=True)\n+    shell=False)\n"), "{ran:?}");
    assert!(git_takes(tree.root(), &ran.out));
    assert_eq!(tree.bytes(), before);
}

#[test]
fn a_fix_is_written_recorded_and_taken_back() {
    let tree = shop();
    let id = id(&tree, "rule:A1");
    let ran = quell(&tree, &["fix", &id, "--apply"]).ok();
    assert_eq!((tree.text("src/run.py").as_str(), ran.out.as_str()), (FIXED, ""));
    assert!(ran.err.contains("`quell undo` takes it back"), "{ran:?}");
    assert_eq!(status(&tree, &id), "fix-applied");

    let log = quell(&tree, &["undo", "--list"]).ok();
    assert!(log.out.contains("1 fix in 1 file\n    src/run.py\n"), "{log:?}");

    assert!(quell(&tree, &["undo"]).ok().out.starts_with("undone: "));
    assert_eq!((tree.text("src/run.py").as_str(), status(&tree, &id).as_str()), (RUN_PY, "open"));
    assert!(quell(&tree, &["undo", "--list"]).ok().out.contains("(undone)"));

    assert!(quell(&tree, &["redo"]).ok().out.starts_with("done again: "));
    assert_eq!((tree.text("src/run.py").as_str(), status(&tree, &id).as_str()), (FIXED, "fix-applied"));
    assert_eq!(quell(&tree, &["redo"]).code, 4, "there is nothing more to redo");
}

#[test]
fn a_full_disk_is_called_so() {
    let tree = shop();
    for step in [1, 2] {
        let ran = ran(program(&tree).args(["recover"]).env("QUELL_FAULT", format!("fail:{step}")));
        assert!(ran.code == 4 && ran.err.contains("the disk is full: free some space"), "{ran:?}");
    }
}

#[test]
fn undo_refuses_a_file_that_was_changed_since() {
    let tree = shop();
    quell(&tree, &["fix", "--apply"]).ok();
    tree.write("src/run.py", "mine\n");
    let ran = quell(&tree, &["undo"]);
    assert!(ran.code == 4 && ran.err.contains("src/run.py"), "{ran:?}");
    assert_eq!(tree.text("src/run.py"), "mine\n");
}

#[test]
fn nothing_is_written_where_one_fix_cannot_be() {
    let tree = shop();
    tree.write("src/run.py", "import os\nos.system(cmd)\n");
    let preview = quell(&tree, &["fix"]).ok();
    assert!(preview.out.is_empty() && preview.err.contains("src/run.py"), "{preview:?}");
    for args in [&["fix", "--apply"][..], &["fix", "--apply", "--keep-going"]] {
        let ran = quell(&tree, args);
        assert!(ran.code == 4 && ran.err.contains("nothing was written"), "{ran:?}");
    }
    assert_eq!(tree.text("src/run.py"), "import os\nos.system(cmd)\n");
}

#[test]
fn fixes_are_listed_and_chosen_by_their_own_id() {
    let tree = shop();
    let id = id(&tree, "rule:A1");
    let list = quell(&tree, &["fix", "--format", "json"]).ok().json();
    assert_eq!(list.as_array().unwrap().len(), 1);
    let fix = &list[0];
    assert_eq!(
        (&fix["finding"], &fix["state"], &fix["applied"]),
        (&id.as_str().into(), &"will-write".into(), &false.into())
    );
    assert_eq!(fix["files"][0], "src/run.py");

    let second = quell(&tree, &["fix", &id, "--alternative", "2", "--format", "json"]).ok().json();
    let second = second[0]["id"].as_str().unwrap();
    assert_ne!(second, fix["id"].as_str().unwrap());
    let ran = quell(&tree, &["fix", second, "--apply", "--format", "json"]).ok();
    assert_eq!(ran.json()[0]["applied"], true);
    assert!(tree.text("src/run.py").contains("check=True"));
    assert_eq!(quell(&tree, &["fix", "f1-0000000000000000"]).code, 2);
}

/// Known to be exploited goes before a severity that the scanner calls critical.
#[test]
fn of_two_fixes_that_meet_the_more_urgent_one_is_written() {
    let tree = Tree::git(&[("a.py", "a = 1\nb = 2\nc = 3\n")]);
    let result = |rule: &str, text: &str| {
        let region = json!({"startLine": 2, "startColumn": 5, "endLine": 2, "endColumn": 6});
        let mut flagged = region.clone();
        flagged["snippet"] = json!({"text": "2"});
        let artifact = json!({"uri": "a.py"});
        json!({
            "ruleId": rule, "message": {"text": rule},
            "locations": [{"physicalLocation": {"artifactLocation": artifact, "region": flagged}}],
            "fixes": [{"artifactChanges": [{
                "artifactLocation": artifact,
                "replacements": [{"deletedRegion": region, "insertedContent": {"text": text}}],
            }]}],
        })
    };
    let rule = |id: &str, severity: &str| json!({"id": id, "properties": {"security-severity": severity}});
    let rules = [rule("loud", "9.5"), rule("CVE-2020-28500", "5.0")];
    let results = [result("loud", "7"), result("CVE-2020-28500", "8")];
    let run = json!({"tool": {"driver": {"name": "Acme", "rules": rules}}, "results": results});
    tree.write("r.sarif", &json!({"version": "2.1.0", "runs": [run]}).to_string());
    let known = json!({"cveID": "CVE-2020-28500", "dateAdded": "2026-11-19", "dueDate": "2026-12-10"});
    let catalog = json!({
        "title": "Known Exploited Vulnerabilities Catalog", "catalogVersion": "2026.11.20", "count": 1,
        "dateReleased": "2026-11-20T08:00:00Z", "vulnerabilities": [known],
    });
    tree.write("kev.json", &catalog.to_string());
    let ran = quell(&tree, &["fix", "r.sarif", "kev.json", "--apply", "--keep-going"]);
    assert!(ran.code == 4 && ran.err.contains("line 2 is changed by"), "{ran:?}");
    assert_eq!(tree.text("a.py"), "a = 1\nb = 8\nc = 3\n");
}

#[test]
fn a_report_without_time_and_code_is_of_the_files_as_they_are_if_the_user_vouches() {
    let tree = Tree::git(&[("a.py", "a = 1\nb = 1\nc = 1\n")]);
    let region = json!({"startLine": 2, "startColumn": 5, "endLine": 2, "endColumn": 6});
    let artifact = json!({"uri": "a.py"});
    let result = json!({
        "ruleId": "one", "message": {"text": "a one"},
        "locations": [{"physicalLocation": {"artifactLocation": artifact, "region": region}}],
        "fixes": [{"artifactChanges": [{
            "artifactLocation": artifact,
            "replacements": [{"deletedRegion": region, "insertedContent": {"text": "7"}}],
        }]}],
    });
    let run = json!({"tool": {"driver": {"name": "Acme"}}, "results": [result]});
    let scan = || tree.write("r.sarif", &json!({"version": "2.1.0", "runs": [run]}).to_string());
    scan();
    let ran = quell(&tree, &["fix", "r.sarif", "--apply"]);
    assert!(ran.code == 4 && ran.err.contains("--trust-file-times"), "{ran:?}");

    // Written since: nobody can vouch for that.
    tree.write("a.py", "a = 1\nb = 1\nc = 1\n# edited\n");
    assert_eq!(quell(&tree, &["fix", "r.sarif", "--apply", "--trust-file-times"]).code, 4);
    let write_before_scan = |text: &str| {
        tree.write("a.py", text);
        scan();
        let file = fs::File::options().write(true).open(tree.root().join("a.py")).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(60)).unwrap();
    };
    write_before_scan("a = 1\nb = 1\nc = 1\n");
    quell(&tree, &["fix", "r.sarif", "--apply", "--trust-file-times"]).ok();
    assert_eq!(tree.text("a.py"), "a = 1\nb = 7\nc = 1\n");

    // The next round, of a file that is not committed: without the word of the user it may be HEAD that was scanned.
    write_before_scan("a = 1\nb = 2\nc = 1\n");
    let ran = quell(&tree, &["fix", "r.sarif", "--apply"]);
    assert!(ran.code == 4 && ran.err.contains("commit and scan again, or vouch with --trust-file-times"), "{ran:?}");
    quell(&tree, &["fix", "r.sarif", "--apply", "--trust-file-times"]).ok();
    assert_eq!(tree.text("a.py"), "a = 1\nb = 7\nc = 1\n");
}

/// What ruff says of two files of which it makes the fixes in several passes: all at once they would leave an import out
/// that is used, and a block without a line.
#[test]
fn fixes_that_their_tool_makes_one_after_the_other_leave_the_files_whole() {
    let names = "\"\"\"Names that are imported twice.\"\"\"\n\nimport json\n\nVALUE = 1\n\n\n\
                 def load(text: str) -> object:\n    \"\"\"Read one.\"\"\"\n    import json\n\n    return json.loads(text)\n";
    let checks = "\"\"\"Imports for type checkers alone.\"\"\"\n\nfrom typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    \
                  import os\n\n    import sys\n";
    let report = include_str!("../../data/cli/ruff-passes.json");
    let tree = Tree::git(&[("names.py", names), ("checks.py", checks), ("r.json", report)]);
    for name in ["names.py", "checks.py"] {
        let file = fs::File::options().write(true).open(tree.root().join(name)).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(60)).unwrap();
    }
    let ran = quell(&tree, &["fix", "r.json", "--apply", "--keep-going", "--trust-file-times"]);
    assert!(ran.err.contains("names.py: line 3 is what is left when f1-"), "{ran:?}");
    assert!(
        ran.err.contains("checks.py: with the other fixes of the file it leaves a block with nothing in it"),
        "{ran:?}"
    );
    assert_eq!(tree.text("names.py"), names.replace("    import json\n", ""));
    assert_eq!(tree.text("checks.py"), checks.replace("    import os\n", ""));
}

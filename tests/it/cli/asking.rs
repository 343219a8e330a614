//! `fix --ask`: a program of the user's own proposes fixes, and a repository's never does.

use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::Value;

use super::shop::{RUN_PY, id, program, quell, shop, status};
use crate::support::tree::Tree;

const DIFF: &str =
    "--- a/src/run.py\n+++ b/src/run.py\n@@ -2,2 +2,2 @@\n subprocess.run(cmd,\n-    shell=True)\n+    shell=None)\n";

/// A program with this script, as the fix command `fixer` of the user's configuration.
fn configured(tree: &Tree, script: &str, more: &str) -> PathBuf {
    let file = tree.state().join("fixer.sh");
    fs::write(&file, format!("#!/bin/sh\n{script}")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    let folder = tree.state().join("quell");
    fs::create_dir_all(&folder).unwrap();
    let config = format!("[fix.command.fixer]\nrun = [{:?}, \"a b\", \"$HOME; x\"]\n{more}", file.to_str().unwrap());
    fs::write(folder.join("config.toml"), config).unwrap();
    file
}

fn beside(tree: &Tree, name: &str) -> String {
    tree.state().join(name).to_str().unwrap().to_owned()
}

fn answering(tree: &Tree, answer: &str) {
    fs::write(tree.state().join("answer"), answer).unwrap();
    let (question, answer, words) = (beside(tree, "question"), beside(tree, "answer"), beside(tree, "words"));
    configured(tree, &format!("cat > {question}\nprintf '%s|' \"$@\" > {words}\ncat {answer}\n"), "");
}

fn question(tree: &Tree) -> Value {
    serde_json::from_slice(&fs::read(tree.state().join("question")).unwrap()).unwrap()
}

#[test]
fn a_command_is_asked_and_its_fix_is_written_as_any_other() {
    let tree = shop();
    answering(&tree, &format!("Sure:\n```diff\n{DIFF}```\n"));
    let id = id(&tree, "rule:A1");
    let listed = quell(&tree, &["fix", &id, "--ask", "fixer", "--format", "json"]).ok().json();
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(listed[0]["tool"], "proposed by fixer");
    assert_eq!(listed[0]["title"], "fix for shellTrue");
    assert_eq!(listed[0]["finding"], id.as_str());
    let asked = question(&tree);
    assert_eq!(
        (asked["finding"]["id"].as_str(), asked["finding"]["path"].as_str()),
        (Some(id.as_str()), Some("src/run.py"))
    );
    assert_eq!((asked["code"]["startLine"].as_u64(), asked["code"]["text"].as_str()), (Some(1), Some(RUN_PY)));
    // Arguments go as they are: there is no shell.
    assert_eq!(fs::read_to_string(tree.state().join("words")).unwrap(), "a b|$HOME; x|");
    quell(&tree, &["fix", &id, "--ask", "fixer", "--apply"]).ok();
    assert_eq!(tree.text("src/run.py"), RUN_PY.replace("True", "None"));
    assert_eq!(status(&tree, &id), "fix-applied");
}

#[test]
fn blocks_and_rdjson_are_answers_as_well() {
    let block = "src/run.py\n<<<<<<< SEARCH\n    shell=True)\n=======\n    shell=None)\n>>>>>>> REPLACE\n";
    let rdjson = r#"{"diagnostics":[{"message":"m","location":{"path":"src/run.py"},"suggestions":
        [{"range":{"start":{"line":3,"column":11},"end":{"line":3,"column":15}},"text":"None"}]}]}"#;
    for answer in [block, rdjson] {
        let tree = shop();
        answering(&tree, answer);
        let id = id(&tree, "rule:A1");
        quell(&tree, &["fix", &id, "--ask", "fixer", "--include-unsafe", "--apply"]).ok();
        assert_eq!(tree.text("src/run.py"), RUN_PY.replace("True", "None"), "{answer}");
    }
}

#[test]
fn a_change_of_another_file_is_for_a_person() {
    let tree = shop();
    answering(
        &tree,
        &format!("{DIFF}--- a/src/keys.py\n+++ b/src/keys.py\n@@ -1 +1 @@\n-key = 'AKIAQ7EXAMPLE9KEY0042'\n+key = 1\n"),
    );
    let id = id(&tree, "rule:A1");
    let ran = quell(&tree, &["fix", &id, "--ask", "fixer", "--apply"]);
    assert!(ran.code == 4 && ran.err.contains("src/keys.py: outside the finding's file"), "{ran:?}");
    assert_eq!(tree.text("src/run.py"), RUN_PY);
    quell(&tree, &["fix", &id, "--ask", "fixer", "--include-unsafe", "--apply"]).ok();
    assert_eq!(tree.text("src/keys.py"), "key = 1\n");
}

#[test]
fn a_secret_does_not_leave_with_the_question() {
    let tree = shop();
    answering(&tree, "no\n");
    let listed = quell(&tree, &["list", "-q", "category:secret", "--format", "json"]).ok().json();
    let id = listed[0]["id"].as_str().unwrap();
    assert_eq!(listed[0]["path"], "src/keys.py");
    let ran = quell(&tree, &["fix", id, "--ask", "fixer"]);
    assert!(ran.code == 4 && ran.err.contains("no fix in its answer"), "{ran:?}");
    let asked = fs::read_to_string(tree.state().join("question")).unwrap();
    assert!(asked.contains("src/keys.py") && !asked.contains("AKIAQ7EXAMPLE9KEY0042"), "{asked}");
}

#[test]
fn what_goes_wrong_is_said_and_writes_nothing() {
    let tree = shop();
    let id = id(&tree, "rule:A1");
    for (script, reason) in [
        ("echo first >&2; echo 'no key' >&2; exit 3\n", "exit status: 3: no key"),
        ("echo nothing to do\n", "no fix in its answer"),
        ("cat /dev/zero\n", "more than 8 MiB"),
        ("printf 'a.py\\n<<<<<<< SEARCH\\nx\\n'\n", "cannot be read"),
    ] {
        configured(&tree, script, "");
        let ran = quell(&tree, &["fix", &id, "--ask", "fixer", "--apply"]);
        assert!(ran.code == 4 && ran.err.contains(reason), "{script}: {ran:?}");
    }
    assert_eq!(tree.text("src/run.py"), RUN_PY);
    assert_eq!(quell(&tree, &["fix", "--ask", "fixer"]).code, 2, "nobody is asked about everything");
    let unknown = quell(&tree, &["fix", &id, "--ask", "other"]);
    assert!(unknown.code == 2 && unknown.err.contains("known: fixer"), "{unknown:?}");
}

/// Whether a process is still there, by the number that a script has written. One that was killed may take a moment
/// to go.
fn is_running(file: &str) -> bool {
    let number = fs::read_to_string(file).unwrap().trim().parse().unwrap();
    let is_there = || test_kill_process(Pid::from_raw(number).unwrap()).is_ok() && !is_zombie(number);
    let patience = Instant::now() + Duration::from_secs(20);
    while is_there() && Instant::now() < patience {
        std::thread::yield_now();
    }
    is_there()
}

/// A process that was killed and waits for whoever takes its end.
fn is_zombie(number: i32) -> bool {
    fs::read_to_string(format!("/proc/{number}/stat")).is_ok_and(|stat| stat.contains(") Z "))
}

#[test]
fn a_command_that_takes_too_long_ends_with_all_that_it_started() {
    let tree = shop();
    let id = id(&tree, "rule:A1");
    let file = beside(&tree, "child");
    configured(&tree, &format!("sleep 1000 &\necho $! > {file}\nwait\n"), "seconds = 1\n");
    let ran = quell(&tree, &["fix", &id, "--ask", "fixer"]);
    assert!(ran.code == 4 && ran.err.contains("stopped after 1 s"), "{ran:?}");
    assert!(!is_running(&file));
}

#[test]
fn a_command_ends_with_the_program_that_asked() {
    let tree = shop();
    let id = id(&tree, "rule:A1");
    let (pipe, file) = (beside(&tree, "pipe"), beside(&tree, "child"));
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    configured(&tree, &format!("sleep 1000 &\necho $! > {file}\necho ready > {pipe}\nwait\n"), "");
    let mut child = program(&tree)
        .args(["fix", &id, "--ask", "fixer"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut said = String::new();
    fs::File::open(&pipe).unwrap().read_to_string(&mut said).unwrap();
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(!is_running(&file));
}

/// A repository that would like to run a program: by its configuration, by a name in it, and by a name in `PATH`.
fn hostile() -> (Tree, String) {
    let tree = shop();
    let marker = beside(&tree, "marker");
    let script = format!("#!/bin/sh\ntouch {marker}\n");
    for name in ["evil.sh", "agent"] {
        tree.write(name, &script);
        fs::set_permissions(tree.root().join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let run = |name: &str| format!("[fix.command.{name}]\nrun = [\"{}\"]\n", tree.root().join("evil.sh").display());
    tree.write(".quell/config.toml", &(run("evil") + &run("fixer")));
    (tree, marker)
}

fn configure(tree: &Tree, program: &str) {
    let folder = tree.state().join("quell");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("config.toml"), format!("[fix.command.fixer]\nrun = [{program:?}]\n")).unwrap();
}

#[test]
fn a_repository_runs_nothing() {
    let (tree, marker) = hostile();
    let id = id(&tree, "rule:A1");
    assert_eq!(quell(&tree, &["fix", &id, "--ask", "evil"]).code, 2);
    for (program_name, reason) in [("./evil.sh", "relative to the repository"), ("agent", "not in PATH")] {
        configure(&tree, program_name);
        let path = format!(".::{}", std::env::var("PATH").unwrap());
        let ran = program(&tree).env("PATH", path).args(["fix", &id, "--ask", "fixer"]).output().unwrap();
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(ran.status.code() == Some(4) && said.contains(reason), "{said}");
    }
    assert!(!Path::new(&marker).exists());
}

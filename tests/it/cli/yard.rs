//! A repository made by `git` itself, with a report whose fixes are certain, to be staged and committed.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::support::tree::Tree;

/// A fix of a report: rule, path, line from 1, the line as it is, the line as it is to be.
pub(super) type Fix<'a> = (&'a str, &'a str, usize, &'a str, &'a str);

pub(super) const FIXES: [Fix<'static>; 3] = [
    ("R1", "app.py", 3, "line 3 of app", "fixed 3 of app"),
    ("R2", "app.py", 17, "line 17 of app", "fixed 17 of app"),
    ("R3", "lib.py", 2, "line 2 of lib", "fixed 2 of lib"),
];

/// Twenty lines that say where they are.
pub(super) fn lines(name: &str) -> String {
    (1..=20).map(|number| format!("line {number} of {name}\n")).collect::<Vec<_>>().concat()
}

/// The text with this line in place of one that says `line N of …`.
pub(super) fn with(text: &str, number: usize, line: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    lines[number - 1] = line;
    lines.join("\n") + "\n"
}

/// Two files in one commit, and a report of all fixes that is not committed.
pub(super) fn yard() -> Tree {
    yard_with(&["init", "-q", "-b", "main"], &FIXES)
}

pub(super) fn yard_with(init: &[&str], fixes: &[Fix<'_>]) -> Tree {
    let tree = Tree::plain(&[("app.py", &lines("app")), ("lib.py", &lines("lib"))]);
    git(tree.root(), init);
    configure(tree.root());
    git(tree.root(), &["add", "app.py", "lib.py"]);
    git(tree.root(), &["commit", "-q", "-m", "first"]);
    add_report(&tree, fixes);
    tree
}

/// What a commit needs, and a place for the report where nobody sees it.
pub(super) fn configure(root: &Path) {
    for (key, value) in [("user.name", "A Tester"), ("user.email", "tester@example.org")] {
        git(root, &["config", key, value]);
    }
    let exclude = git(root, &["rev-parse", "--path-format=absolute", "--git-path", "info/exclude"]);
    fs::create_dir_all(Path::new(exclude.trim()).parent().unwrap()).unwrap();
    fs::write(exclude.trim(), ".quell/\n").unwrap();
}

pub(super) fn add_report(tree: &Tree, fixes: &[Fix<'_>]) {
    tree.write(".quell/reports/yard.sarif", &report(fixes, "2099-01-01T00:00:00Z"));
}

/// A report that was made at a time, which names the lines that it is about.
pub(super) fn report(fixes: &[Fix<'_>], made: &str) -> String {
    let result = |(rule, path, line, old, new): &Fix<'_>| {
        serde_json::json!({
            "ruleId": rule, "level": "error", "message": { "text": format!("{old} is bad") },
            "locations": [{ "physicalLocation": {
                "artifactLocation": { "uri": path }, "region": { "startLine": line, "snippet": { "text": old } } } }],
            "fixes": [{ "description": { "text": format!("write `{new}`") }, "artifactChanges": [{
                "artifactLocation": { "uri": path },
                "replacements": [{ "deletedRegion": { "startLine": line }, "insertedContent": { "text": new } }] }] }],
        })
    };
    let results: Vec<serde_json::Value> = fixes.iter().map(result).collect();
    serde_json::json!({ "version": "2.1.0", "runs": [{
        "tool": { "driver": { "name": "Yard" } },
        "invocations": [{ "executionSuccessful": true, "endTimeUtc": made }],
        "results": results }] })
    .to_string()
}

/// Runs `git` and gives its standard output.
#[track_caller]
pub(super) fn git(root: &Path, arguments: &[&str]) -> String {
    let output = command(root, arguments).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// `git` with no configuration but that of the repository.
pub(super) fn command(root: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.current_dir(root).args(["-c", "protocol.file.allow=always"]).args(arguments);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    command
}

/// A file that runs, such as a hook.
pub(super) fn script(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

//! A small repository with two reports, and the program run in it.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::tree::Tree;

pub(super) const ALPHA: &str = include_str!("../../data/cli/alpha.sarif");
pub(super) const BETA: &str = include_str!("../../data/cli/beta.sarif");
pub(super) const HOSTILE: &str = include_str!("../../data/cli/hostile.sarif");
pub(super) const RUN_PY: &str = "import subprocess\nsubprocess.run(cmd,\n    shell=True)\n";

/// What a run of the program left behind.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) code: i32,
    pub(super) out: String,
    pub(super) err: String,
}

impl Ran {
    #[track_caller]
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// Lines of standard output.
    pub(super) fn lines(&self) -> Vec<&str> {
        self.out.lines().collect()
    }

    #[track_caller]
    pub(super) fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }
}

/// A git repository with the reports of two tools in `.quell/reports`.
pub(super) fn shop() -> Tree {
    Tree::git(&[
        ("src/run.py", RUN_PY),
        ("src/keys.py", "key = 'AKIAQ7EXAMPLE9KEY0042'\n"),
        (".quell/reports/alpha.sarif", ALPHA),
        (".quell/reports/beta.sarif", BETA),
    ])
}

/// The program with its state and configuration in temporary folders.
pub(super) fn program(tree: &Tree) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quell"));
    let home = tree.state();
    command.current_dir(tree.root()).stdin(Stdio::null());
    for (name, value) in [("XDG_STATE_HOME", home), ("XDG_CONFIG_HOME", home), ("HOME", home)] {
        command.env(name, value);
    }
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("TZ", "UTC").env_remove("NO_COLOR").env_remove("QUELL_CONFIG");
    command
}

/// Runs the program in a tree.
#[track_caller]
pub(super) fn quell(tree: &Tree, args: &[&str]) -> Ran {
    ran(program(tree).args(args))
}

#[track_caller]
pub(super) fn ran(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The only finding that a query keeps.
#[track_caller]
pub(super) fn id(tree: &Tree, query: &str) -> String {
    let list = quell(tree, &["list", "-q", query, "--format", "json"]).ok().json();
    let list = list.as_array().unwrap();
    assert_eq!(list.len(), 1, "{query}: {list:?}");
    list[0]["id"].as_str().unwrap().to_owned()
}

/// Its status.
#[track_caller]
pub(super) fn status(tree: &Tree, id: &str) -> String {
    quell(tree, &["list", "-q", &format!("id:{id}"), "--format", "json"]).ok().json()[0]["status"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// Whether `git` of this machine takes a patch.
pub(super) fn git_takes(root: &Path, patch: &str) -> bool {
    let mut git =
        Command::new("git").args(["apply", "--check", "-"]).current_dir(root).stdin(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut git.stdin.take().unwrap(), patch.as_bytes()).unwrap();
    git.wait().unwrap().success()
}

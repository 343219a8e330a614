//! The `git` command, for what libgit2 does not do or cannot read. But for a commit, nothing that a repository names is
//! started by it: no hook, no filter, no monitor of files, no pager, no transport.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;

use crate::model::problem::{Loss, Problem};

use super::Repo;
use super::run::found;
use super::tree::plain;

/// Most paths that one command is given, so that its arguments stay far below what the system takes.
pub(super) const MAX_PATHS: usize = 500;

/// Variables that would lead git to another repository.
const MISLEADING: [&str; 8] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
];

/// The `git` command in one working tree.
pub struct Git {
    program: PathBuf,
    pub(super) repo: Repo,
    /// Of this working tree.
    pub(super) folder: PathBuf,
    pub(super) index: PathBuf,
}

impl Repo {
    /// The `git` command in this working tree. It also reads repositories that libgit2 cannot open; why it cannot be used
    /// is a problem.
    pub fn git_command(&self) -> Result<Git, Problem> {
        let program = found("git").map_err(|error| cannot(&format!("git: {error}"), "install git"))?;
        let mut git = Git { program, repo: self.clone(), folder: PathBuf::new(), index: PathBuf::new() };
        let places = ["rev-parse", "--path-format=absolute", "--show-toplevel", "--git-dir", "--git-path", "index"];
        let said = git.text(&places)?;
        let mut lines = said.lines().map(PathBuf::from);
        let (Some(top), Some(folder), Some(index)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(cannot("git does not say where the repository is", "run git status there"));
        };
        if top.canonicalize().ok().as_ref() != Some(&self.root) {
            let shown = top.display();
            return Err(cannot(&format!("git takes {shown} for the root of the repository"), "start Quell there"));
        }
        (git.folder, git.index) = (folder, index);
        Ok(git)
    }
}

impl Git {
    /// A command that starts nothing which the repository names.
    pub(super) fn quiet(&self, index: Option<&Path>) -> Command {
        let mut command = self.plain(index);
        command.args(["-c", "core.hooksPath=/dev/null", "-c", "submodule.recurse=false"]);
        command.env("LC_ALL", "C").env("GIT_NO_LAZY_FETCH", "1").env("GIT_ALLOW_PROTOCOL", "");
        command.env("GIT_NO_REPLACE_OBJECTS", "1");
        command.env("GIT_LITERAL_PATHSPECS", "1").env("GIT_OPTIONAL_LOCKS", "0").env("GIT_TERMINAL_PROMPT", "0");
        command
    }

    /// A command as the person would start it, but for a monitor of files and collecting garbage.
    pub(super) fn plain(&self, index: Option<&Path>) -> Command {
        let mut command = Command::new(&self.program);
        for name in MISLEADING {
            command.env_remove(name);
        }
        if let Some(index) = index {
            command.env("GIT_INDEX_FILE", index);
        }
        command.arg("-C").arg(&self.repo.root).arg("--no-pager");
        command.args(["-c", "core.fsmonitor=false", "-c", "gc.auto=0", "-c", "maintenance.auto=false"]);
        command
    }

    /// What a command answers; its own words are the reason where it fails.
    pub(super) fn ask(&self, index: Option<&Path>, words: &[&str], input: &[u8]) -> Result<Vec<u8>, Problem> {
        let mut command = self.quiet(index);
        command.args(words);
        answer(command, input)
    }

    /// Whether a command succeeds.
    pub(super) fn holds(&self, words: &[&str]) -> bool {
        self.ask(None, words, b"").is_ok()
    }

    /// What a command answers, as text without the last line end.
    pub(super) fn text(&self, words: &[&str]) -> Result<String, Problem> {
        let said = self.ask(None, words, b"")?;
        Ok(String::from_utf8_lossy(&said).trim_end_matches('\n').to_owned())
    }

    /// The records, each ended by NUL, that a command answers about paths.
    pub(super) fn records(
        &self,
        index: Option<&Path>,
        words: &[&str],
        paths: &[String],
    ) -> Result<Vec<String>, Problem> {
        let mut records = Vec::new();
        for part in paths.chunks(MAX_PATHS) {
            let all: Vec<&str> = words.iter().copied().chain(["--"]).chain(part.iter().map(String::as_str)).collect();
            records.extend(nul_ended(&self.ask(index, &all, b"")?));
        }
        Ok(records)
    }
}

/// What a command of git answers; its own words are the reason where it fails.
pub(super) fn answer(command: Command, input: &[u8]) -> Result<Vec<u8>, Problem> {
    let output = fed(command, input).map_err(|error| cannot(&format!("git: {error}"), ""))?;
    if output.status.success() { Ok(output.stdout) } else { Err(cannot(&reason(&output), "")) }
}

/// The texts between NUL bytes.
pub(super) fn nul_ended(bytes: &[u8]) -> Vec<String> {
    let parts = bytes.split(|byte| *byte == 0).filter(|part| !part.is_empty());
    parts.map(|part| String::from_utf8_lossy(part).into_owned()).collect()
}

/// Runs a command with `input`; it need not read it.
pub(super) fn fed(mut command: Command, input: &[u8]) -> Result<Output, String> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| plain(&error))?;
    let stdin = child.stdin.take();
    thread::scope(|scope| {
        // A command that does not read to the end says itself what is wrong.
        scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(input)));
        child.wait_with_output().map_err(|error| plain(&error))
    })
}

/// The line of its errors that says most, without git's own `fatal:`.
fn reason(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    let named = said.lines().find_map(|line| line.strip_prefix("fatal: ").or_else(|| line.strip_prefix("error: ")));
    let last = || said.lines().rev().find(|line| !line.trim().is_empty());
    let why = named.or_else(last).map_or_else(|| output.status.to_string(), str::to_owned);
    format!("git: {}", why.trim())
}

pub(super) fn cannot(reason: &str, hint: &str) -> Problem {
    Problem::at("", "", reason, Loss::Nothing).hint(hint)
}

//! Runs a program that the user named: its arguments as they are, never through a shell, in a process group of its
//! own that ends with it, within a time and an amount of output.

use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use super::Repo;
use super::tree::plain;

/// Most bytes that a program may answer.
const MAX_OUTPUT: u64 = 8 << 20;
/// What is kept of its errors: the end.
const MAX_ERRORS: usize = 4 << 10;
/// Between two looks at whether it is to be stopped.
const TICK: Duration = Duration::from_millis(20);
const SOON: Duration = Duration::from_millis(2);
/// How long the end of the output is waited for when the program has ended.
const GRACE: Duration = Duration::from_secs(2);

/// Why there is no answer; `Display` goes after the name of the program.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    #[error("it is not installed, or not in PATH")]
    NotFound,
    #[error("a program is named by its name alone or by its whole path: one relative to the repository is not yours")]
    Relative,
    #[error("it could not be started: {0}")]
    NotStarted(String),
    #[error("it was stopped after {0} s")]
    TimedOut(u64),
    #[error("it was stopped")]
    Cancelled,
    #[error("it answers more than {} MiB", MAX_OUTPUT >> 20)]
    TooMuch,
    #[error("it ended with {0}")]
    Failed(String),
}

/// A program that was tried out, and ended by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trial {
    pub is_success: bool,
    /// `exit status: 1`, `signal: 9 (SIGKILL)`.
    pub status: String,
    /// Standard output and standard error as they came; the middle is missing where it is very long.
    pub output: Vec<u8>,
}

impl Repo {
    /// Runs a program in the root with `input` on its standard input; what it writes to its standard output is the
    /// answer. When it ends, and when it is stopped, whatever it has started in its group ends as well.
    pub fn run(&self, words: &[String], input: &[u8], seconds: u64, cancel: &AtomicBool) -> Result<Vec<u8>, RunError> {
        let (program, arguments) = words.split_first().ok_or(RunError::NotFound)?;
        let program = found(program)?;
        let child = Command::new(program)
            .args(arguments)
            .current_dir(&self.root)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|error| RunError::NotStarted(plain(&error)))?;
        let mut job = Job::start(child, input);
        let end = job.wait(seconds, cancel);
        job.finish(end)
    }
}

/// Variables by which git, in a hook, tells its children which repository they are in (`git rev-parse
/// --local-env-vars`): a program in another folder would change that one.
const OF_GIT: &[&str] = &[
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_CONFIG",
    "GIT_CONFIG_PARAMETERS",
    "GIT_CONFIG_COUNT",
    "GIT_OBJECT_DIRECTORY",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_GRAFT_FILE",
    "GIT_INDEX_FILE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_REPLACE_REF_BASE",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_COMMON_DIR",
];

/// Runs a program in a folder, with nothing on its standard input, to see how it ends and what it says. One named by a
/// relative path with `/` is the folder's own. Ends like [`Repo::run`], with all that it has started in its group.
pub(super) fn try_out(folder: &Path, words: &[String], seconds: u64, cancel: &AtomicBool) -> Result<Trial, RunError> {
    let (program, arguments) = words.split_first().ok_or(RunError::NotFound)?;
    let program = if program.contains('/') { folder.join(program) } else { found(program)? };
    if !is_program(&program) {
        return Err(RunError::NotFound);
    }
    let not_started = |error: io::Error| RunError::NotStarted(plain(&error));
    let (output, to) = io::pipe().map_err(not_started)?;
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).env("PWD", folder).env_remove("OLDPWD");
    for name in OF_GIT {
        command.env_remove(name);
    }
    let errors = to.try_clone().map_err(not_started)?;
    command.stdin(Stdio::null()).stdout(to).stderr(errors).process_group(0);
    let child = command.spawn().map_err(not_started)?;
    // It holds the ends of the pipe to which the program writes.
    drop(command);
    let mut job = Job::reading(child, output, read_ends);
    let end = job.wait(seconds, cancel);
    let (status, output) = job.end(end)?;
    let status = status?;
    Ok(Trial { is_success: status.success(), status: status.to_string(), output: output? })
}

/// The program, by its whole path or by its name in the absolute folders of `PATH`: a repository must not be able to
/// put its own in front.
pub(super) fn found(program: &str) -> Result<PathBuf, RunError> {
    let path = Path::new(program);
    if path.is_absolute() {
        return Ok(path.to_owned());
    }
    if program.contains('/') {
        return Err(RunError::Relative);
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let candidates = std::env::split_paths(&folders).filter(|folder| folder.is_absolute());
    candidates.map(|folder| folder.join(program)).find(|path| is_program(path)).ok_or(RunError::NotFound)
}

fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|known| known.is_file() && known.permissions().mode() & 0o111 != 0)
}

/// What a program has written.
type Answer = Result<Vec<u8>, RunError>;

/// A program that runs, with what reads its output.
struct Job {
    child: Child,
    output: Receiver<Answer>,
    errors: Receiver<Vec<u8>>,
    answer: Option<Answer>,
}

impl Job {
    fn start(mut child: Child, input: &[u8]) -> Self {
        if let Some(mut stdin) = child.stdin.take() {
            let input = input.to_vec();
            // A program that does not read to the end is none the worse for it.
            thread::spawn(move || drop(stdin.write_all(&input)));
        }
        let (to, errors) = channel();
        if let Some(stderr) = child.stderr.take() {
            thread::spawn(move || drop(to.send(read_end(stderr))));
        }
        match child.stdout.take() {
            Some(stdout) => Self { errors, ..Self::reading(child, stdout, read_all) },
            None => Self { errors, ..Self::reading(child, io::empty(), read_all) },
        }
    }

    /// A program with all that it says in one place.
    fn reading<R: Read + Send + 'static>(child: Child, from: R, read: fn(R) -> Answer) -> Self {
        let (to, output) = channel();
        thread::spawn(move || drop(to.send(read(from))));
        Self { child, output, errors: channel().1, answer: None }
    }

    /// Until it has ended, or has to.
    fn wait(&mut self, seconds: u64, cancel: &AtomicBool) -> Result<(), RunError> {
        let begin = Instant::now();
        loop {
            match self.output.recv_timeout(TICK) {
                Ok(Err(error)) => return Err(error),
                Ok(answer) => self.answer = Some(answer),
                Err(RecvTimeoutError::Timeout) => {}
                // Its output has ended, and mostly it has too.
                Err(RecvTimeoutError::Disconnected) => thread::sleep(SOON),
            }
            if cancel.load(Ordering::Relaxed) {
                return Err(RunError::Cancelled);
            }
            if begin.elapsed() >= Duration::from_secs(seconds) {
                return Err(RunError::TimedOut(seconds));
            }
            if self.has_ended() {
                return Ok(());
            }
        }
    }

    /// Whether it has ended; it is not reaped yet, so that its group keeps its number.
    fn has_ended(&self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        !matches!(waitid(WaitId::Pid(self.pid()), options), Ok(None))
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Ends the group; how the program ended and what it said, unless it had to be stopped.
    fn end(&mut self, end: Result<(), RunError>) -> Result<(Result<ExitStatus, RunError>, Answer), RunError> {
        // Where everything has ended there is nobody to be killed.
        let _ = kill_process_group(self.pid(), Signal::KILL);
        let status = self.child.wait().map_err(|error| RunError::Failed(plain(&error)));
        end?;
        let answer = match self.answer.take() {
            Some(answer) => answer,
            None => self.output.recv_timeout(GRACE).unwrap_or_else(|_| Ok(Vec::new())),
        };
        Ok((status, answer))
    }

    /// Ends the group and gives the answer.
    fn finish(mut self, end: Result<(), RunError>) -> Answer {
        let (status, answer) = self.end(end)?;
        let status = status?;
        if status.success() {
            return answer;
        }
        let said = self.errors.recv_timeout(GRACE).unwrap_or_default();
        let said = String::from_utf8_lossy(&said);
        let last = said.lines().rev().find(|line| !line.trim().is_empty());
        Err(RunError::Failed(last.map_or_else(|| status.to_string(), |line| format!("{status}: {}", line.trim()))))
    }
}

fn read_all<R: Read>(from: R) -> Answer {
    let mut bytes = Vec::new();
    match from.take(MAX_OUTPUT + 1).read_to_end(&mut bytes) {
        Ok(_) if bytes.len() as u64 > MAX_OUTPUT => Err(RunError::TooMuch),
        Ok(_) => Ok(bytes),
        Err(error) => Err(RunError::Failed(plain(&error))),
    }
}

fn read_end(from: impl Read) -> Vec<u8> {
    read_tail(from, MAX_ERRORS)
}

/// The beginning and the end: what lies between is read and dropped, so that the program does not wait.
#[expect(clippy::unnecessary_wraps, reason = "read like `read_all`, which can fail")]
fn read_ends<R: Read>(mut from: R) -> Answer {
    let mut kept = Vec::new();
    // What cannot be read any more is the end.
    let _ = from.by_ref().take(MAX_OUTPUT / 2).read_to_end(&mut kept);
    kept.extend(read_tail(from, usize::try_from(MAX_OUTPUT / 2).unwrap_or(usize::MAX)));
    Ok(kept)
}

fn read_tail(mut from: impl Read, most: usize) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut piece = [0; 4 << 10];
    loop {
        match from.read(&mut piece) {
            Ok(0) => break,
            Ok(count) => kept.extend_from_slice(piece.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => break,
        }
        // Not at each piece: to move the rest costs as much as it is long.
        if kept.len() > most.saturating_mul(2) {
            kept.drain(..kept.len() - most);
        }
    }
    kept.drain(..kept.len().saturating_sub(most));
    kept
}

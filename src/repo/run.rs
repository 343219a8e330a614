//! Runs a program that the user named: its arguments as they are, never through a shell, in a process group of its
//! own that ends with it, within a time and an amount of output.

use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
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
    let is_program =
        |path: &PathBuf| path.metadata().is_ok_and(|known| known.is_file() && known.permissions().mode() & 0o111 != 0);
    candidates.map(|folder| folder.join(program)).find(is_program).ok_or(RunError::NotFound)
}

/// A program that runs, with what reads its output.
struct Job {
    child: Child,
    output: Receiver<Result<Vec<u8>, RunError>>,
    errors: Receiver<Vec<u8>>,
    answer: Option<Result<Vec<u8>, RunError>>,
}

impl Job {
    fn start(mut child: Child, input: &[u8]) -> Self {
        if let Some(mut stdin) = child.stdin.take() {
            let input = input.to_vec();
            // A program that does not read to the end is none the worse for it.
            thread::spawn(move || drop(stdin.write_all(&input)));
        }
        let (to, output) = channel();
        if let Some(stdout) = child.stdout.take() {
            thread::spawn(move || drop(to.send(read_all(stdout))));
        }
        let (to, errors) = channel();
        if let Some(stderr) = child.stderr.take() {
            thread::spawn(move || drop(to.send(read_end(stderr))));
        }
        Self { child, output, errors, answer: None }
    }

    /// Until it has ended, or has to.
    fn wait(&mut self, seconds: u64, cancel: &AtomicBool) -> Result<(), RunError> {
        let begin = Instant::now();
        loop {
            match self.output.recv_timeout(TICK) {
                Ok(Err(error)) => return Err(error),
                Ok(answer) => self.answer = Some(answer),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => thread::sleep(TICK),
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

    /// Ends the group and gives the answer.
    fn finish(mut self, end: Result<(), RunError>) -> Result<Vec<u8>, RunError> {
        // Where everything has ended there is nobody to be killed.
        let _ = kill_process_group(self.pid(), Signal::KILL);
        let status = self.child.wait();
        end?;
        let answer = match self.answer.take() {
            Some(answer) => answer,
            None => self.output.recv_timeout(GRACE).unwrap_or_else(|_| Ok(Vec::new())),
        };
        let status = status.map_err(|error| RunError::Failed(plain(&error)))?;
        if status.success() {
            return answer;
        }
        let said = self.errors.recv_timeout(GRACE).unwrap_or_default();
        let said = String::from_utf8_lossy(&said);
        let last = said.lines().rev().find(|line| !line.trim().is_empty());
        Err(RunError::Failed(last.map_or_else(|| status.to_string(), |line| format!("{status}: {}", line.trim()))))
    }
}

fn read_all(from: impl Read) -> Result<Vec<u8>, RunError> {
    let mut bytes = Vec::new();
    match from.take(MAX_OUTPUT + 1).read_to_end(&mut bytes) {
        Ok(_) if bytes.len() as u64 > MAX_OUTPUT => Err(RunError::TooMuch),
        Ok(_) => Ok(bytes),
        Err(error) => Err(RunError::Failed(plain(&error))),
    }
}

fn read_end(mut from: impl Read) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut piece = [0; 4 << 10];
    loop {
        match from.read(&mut piece) {
            Ok(0) => return kept,
            Ok(count) => kept.extend_from_slice(piece.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return kept,
        }
        let surplus = kept.len().saturating_sub(MAX_ERRORS);
        kept.drain(..surplus);
    }
}

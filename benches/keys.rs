//! Every key answered on the screen: bytes and milliseconds from a key to the last byte of its first frame, and of the
//! last one (detail, code), in the real program in a real terminal of 120x40 with 100,000 findings.
//!
//! `cargo bench --bench keys`. Times are those of a machine that does nothing else.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench that cannot go on stops; it prints a table")]

#[path = "support/sample.rs"]
mod sample;

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};

const RESULTS: usize = 100_000;
/// Files that are really there: those of the first results.
const FILES: usize = 2_000;
/// Nothing more comes after so long a silence: findings are read 35 ms after the last key.
const QUIET: Duration = Duration::from_millis(250);
/// The end of a frame.
const END: &[u8] = b"\x1b[?2026l";

/// What is done, the keys, and how often.
const SCRIPT: &[(&str, &str, usize)] = &[
    ("cursor down", "j", 20),
    ("page down", "\x1b[6~", 10),
    ("last line", "G", 1),
    ("first line", "gg", 1),
    ("filter: begin", "/", 1),
    ("filter: first letter", "s", 1),
    ("filter: second letter", "e", 1),
    ("filter: third letter", "r", 1),
    ("filter: cancel", "\x1b", 1),
    ("select all", "*", 1),
    ("cursor down, all selected", "j", 6),
    ("clear", "\x1b", 1),
    ("select and down", " ", 6),
    ("clear", "\x1b", 1),
    ("range: begin", "V", 1),
    ("range: to the last line", "G", 1),
    ("range: cursor up", "k", 4),
    ("range: end", "V", 1),
    ("clear", "\x1b", 1),
    ("first line", "gg", 1),
    ("group by rule", "br", 1),
    ("fold", "h", 1),
    ("unfold", "l", 1),
    ("group by file", "bf", 1),
    ("fold all", "zM", 1),
    ("no groups", "bn", 1),
    ("sort by path", "Sp", 1),
    ("sort by severity", "Ss", 1),
    ("decide", "x", 4),
    ("undo", "u", 4),
    ("open", "\r", 1),
];

fn main() {
    let tree = tempfile::tempdir().unwrap();
    make_tree(tree.path());
    let mut terminal = Terminal::start(tree.path());
    println!("{:28} {:>8} {:>8} {:>9} {:>9}", "key at 120x40", "ms", "bytes", "last ms", "all bytes");
    for (what, keys, times) in SCRIPT {
        let mut answers: Vec<Answer> = (0..*times).filter_map(|_| terminal.press(keys)).collect();
        answers.sort_by_key(|answer| answer.first);
        let Some(answer) = answers.get(answers.len() / 2) else {
            println!("{what:28} no answer");
            continue;
        };
        let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
        let (first, last) = (milliseconds(answer.first), milliseconds(answer.last));
        println!("{what:28} {first:>8.2} {:>8} {last:>9.1} {:>9}", answer.first_bytes, answer.bytes);
    }
    terminal.child.kill().unwrap();
}

/// A repository with a report and the files of its first results.
fn make_tree(root: &Path) {
    fs::create_dir_all(root.join(".quell/reports")).unwrap();
    sample::write(&root.join(".quell/reports/bench.sarif"), RESULTS).unwrap();
    let line = "    query = \"SELECT * FROM orders WHERE name = '%s'\" % request.args[\"name\"]  # a comment\n";
    for number in (0..FILES).map(|file| file * 5) {
        let path = root.join(sample::path_of(number));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, line.repeat(220)).unwrap();
    }
    let git = |arguments: &[&str]| {
        let author = ["-c", "user.name=Bench", "-c", "user.email=bench@example.org"];
        assert!(Command::new("git").args(author).args(arguments).current_dir(root).status().unwrap().success());
    };
    fs::write(root.join(".gitignore"), ".quell/reports/\n").unwrap();
    git(&["init", "--quiet"]);
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "--message", "start"]);
    git(&["config", "user.name", "Bench"]);
    git(&["config", "user.email", "bench@example.org"]);
}

/// The program in its terminal.
struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    output: Receiver<(Instant, Vec<u8>)>,
}

/// What came after a key.
struct Answer {
    first: Duration,
    first_bytes: usize,
    last: Duration,
    bytes: usize,
}

impl Terminal {
    /// Starts the console and waits until it has nothing more to draw.
    fn start(root: &Path) -> Self {
        let size = PtySize { rows: 40, cols: 120, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_quell"));
        command.cwd(root);
        command.env("TERM", "xterm-256color");
        command.env("XDG_STATE_HOME", root.join(".git/state"));
        let child = pair.slave.spawn_command(command).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let keys = pair.master.take_writer().unwrap();
        let (sender, output) = channel();
        std::thread::spawn(move || {
            // The terminal stays open as long as somebody reads from it.
            let _master = pair.master;
            let mut buffer = vec![0; 1 << 16];
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                if sender.send((Instant::now(), buffer[..read].to_vec())).is_err() {
                    return;
                }
            }
        });
        let terminal = Self { child, keys, output };
        while terminal.output.recv_timeout(Duration::from_secs(3)).is_ok() {}
        terminal
    }

    /// Sends keys and takes all that follows; `None` where nothing does.
    fn press(&mut self, keys: &str) -> Option<Answer> {
        let start = Instant::now();
        // Of a sequence only the last key is measured.
        let (before, last) = keys.split_at(if keys.starts_with('\x1b') { 0 } else { keys.len() - 1 });
        if !before.is_empty() {
            self.keys.write_all(before.as_bytes()).unwrap();
            while self.output.recv_timeout(QUIET).is_ok() {}
        }
        let start = if before.is_empty() { start } else { Instant::now() };
        self.keys.write_all(last.as_bytes()).unwrap();
        let (mut bytes, mut frame, mut first) = (Vec::new(), None, None);
        while let Ok((at, read)) = self.output.recv_timeout(if frame.is_some() { QUIET } else { 4 * QUIET }) {
            bytes.extend(read);
            frame = Some(at);
            let end = memchr::memmem::find(&bytes, END).map(|end| end + END.len());
            first = first.or(end.map(|end| (at - start, end)));
        }
        let ((first, first_bytes), last) = (first?, frame? - start);
        Some(Answer { first, first_bytes, last, bytes: bytes.len() })
    }
}

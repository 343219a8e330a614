//! Every key answered on the screen: bytes and milliseconds from a key to the last byte of its first frame, beside what
//! is allowed, and of the last one (detail, code), in the real program in a real terminal of 120x40.
//!
//! `cargo bench --bench keys` does it with 100,000 and with 1,000,000 findings, five and one in a file; `-- 100000` with
//! one size only. A million take some gigabytes of memory and disk. Times are those of a machine that does nothing
//! else.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench that cannot go on stops; it prints a table")]

#[path = "support/sample.rs"]
mod sample;
#[path = "support/terminal.rs"]
mod terminal;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use portable_pty::Child;

use terminal::{Opened, console, open};

/// Findings, and the milliseconds in which a key has to be answered.
const SIZES: &[(usize, f64)] = &[(100_000, 16.0), (1_000_000, 50.0)];
/// Findings that share a file.
const PER_FILE: &[usize] = &[5, 1];
/// Files that are really there: those of the first results.
const FILES: usize = 2_000;
/// Nothing more comes after so long a silence: findings are read 35 ms after the last key.
const QUIET: Duration = Duration::from_millis(250);
/// The end of a frame.
const END: &[u8] = b"\x1b[?2026l";

/// What is done, the keys of which the last is measured, and how often.
type Script = &'static [(&'static str, &'static str, usize)];

const MOVES: Script = &[
    ("cursor down", "j", 20),
    ("page down", "\x1b[6~", 10),
    ("last line", "G", 1),
    ("first line", "gg", 1),
    ("select all", "*", 1),
    ("cursor down, all selected", "j", 6),
    ("decide on all: asks", "x", 1),
    ("no", "\x1b", 1),
    ("invert", "!", 1),
    ("select all", "*", 1),
    ("clear", "\x1b", 1),
    ("select and down", " ", 6),
    ("clear", "\x1b", 1),
    ("range: begin", "V", 1),
    ("range: to the last line", "G", 1),
    ("range: cursor up", "k", 4),
    ("range: end", "V", 1),
    ("clear", "\x1b", 1),
    ("first line", "gg", 1),
];

/// Filters, typed letter by letter, shortened by a letter and cancelled.
const FILTERS: &[&str] = &[
    "sql",
    "smh",
    "request parameter 12",
    "\"user-provided value\" zqxj e",
    "sev:high path:src tool:bench",
    "-path:tests rule:*format-1* is:open",
];

const VIEWS: Script = &[
    ("view: all", "va", 1),
    ("view: high", "vh", 1),
    ("view: fixable", "vf", 1),
    ("view: decided", "vd", 1),
    ("view: open", "vo", 1),
    ("group by severity", "bs", 1),
    ("group by rule", "br", 1),
    ("fold", "h", 1),
    ("unfold", "l", 1),
    ("group by CWE", "bc", 1),
    ("group by directory", "bd", 1),
    ("group by tool", "bt", 1),
    ("group by category", "bg", 1),
    ("group by package", "bp", 1),
    ("group by status", "bu", 1),
    ("group by owner", "bo", 1),
    ("group by baseline", "bb", 1),
    ("group by file", "bf", 1),
    ("last line", "G", 1),
    ("fold", "h", 1),
    ("sort by rule, one folded", "Sr", 1),
    ("unfold", "l", 1),
    ("fold all", "zM", 1),
    ("unfold all", "zR", 1),
    ("no groups", "bn", 1),
    ("sort by path", "Sp", 1),
    ("sort by rule", "Sr", 1),
    ("sort by tool", "St", 1),
    ("sort by age", "Sa", 1),
    ("sort by status", "Su", 1),
    ("sort by severity", "Ss", 1),
    ("confirm", "c", 2),
    ("false positive", "x", 4),
    ("undo", "u", 4),
    ("dashboard", "D", 1),
    ("leave it", "q", 1),
];

/// Where code runs, and why a finding stands where it stands.
const REACH: Script = &[
    ("group by service", "bv", 1),
    ("next group", "]g", 4),
    ("cursor down", "j", 6),
    ("page down", "\x1b[6~", 3),
    ("group by workload", "bw", 1),
    ("group by image", "bi", 1),
    ("group by reach", "be", 1),
    ("group by lane", "bl", 1),
    ("no groups", "bn", 1),
    ("sort by reach", "Se", 1),
    ("sort by lane", "Sl", 1),
    ("view: act now", "vu", 1),
    ("view: open", "vo", 1),
    ("ladder in the list", "zl", 1),
    ("cursor down", "j", 6),
    ("no ladder", "zl", 1),
    ("all of its service", "gs", 1),
    ("clear", "\x1b", 1),
    ("filter: has a path", "/rung:called\r", 1),
    ("why", "w", 1),
    ("why: down", "j", 6),
    ("why: page down", "\x1b[6~", 1),
    ("why: path", "t", 1),
    ("path: next step", "n", 5),
    ("path: back", "t", 1),
    ("cursor down, why", "jw", 1),
    ("leave it", "q", 1),
    ("clear", "\x1b", 1),
    ("open", "\r", 1),
];

fn main() {
    let wanted: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    for &(size, budget) in SIZES.iter().filter(|(size, _)| wanted.is_empty() || wanted.contains(size)) {
        for &per_file in PER_FILE {
            let tree = tempfile::tempdir().unwrap();
            make_tree(tree.path(), size, per_file);
            println!("\n{size} findings, {per_file} in a file");
            println!(
                "{:32} {:>8} {:>8} {:>8} {:>9} {:>9}",
                "key at 120x40", "ms", "at most", "bytes", "last ms", "all bytes"
            );
            let mut terminal = Terminal::start(tree.path());
            terminal.play(MOVES, budget);
            for filter in FILTERS {
                terminal.filter(filter, budget);
            }
            terminal.play(VIEWS, budget);
            terminal.play(REACH, budget);
            terminal.child.kill().unwrap();
        }
    }
}

/// A repository with a report and the files of its first results.
fn make_tree(root: &Path, results: usize, per_file: usize) {
    fs::create_dir_all(root.join(".quell/reports")).unwrap();
    sample::write(&root.join(".quell/reports/bench.sarif"), results, per_file).unwrap();
    let line = "    query = \"SELECT * FROM orders WHERE name = '%s'\" % request.args[\"name\"]  # a comment\n";
    for number in (0..FILES).map(|file| file * per_file) {
        let path = root.join(sample::path_of(number, per_file));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, line.repeat(220)).unwrap();
    }
    deploy(root);
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

/// A compose file by which every folder of `src` runs, each second one open to the internet.
fn deploy(root: &Path) {
    let mut compose = "services:\n".to_owned();
    for part in 0..97 {
        let folder = format!("src/service_{part}");
        if !root.join(&folder).is_dir() {
            continue;
        }
        fs::write(root.join(&folder).join("Dockerfile"), "FROM debian\nCOPY . .\n").unwrap();
        compose += &format!("  part-{part}:\n    build: ./{folder}\n");
        if part % 2 == 0 {
            compose += &format!("    ports: ['{}:80']\n", 8000 + part);
        }
    }
    fs::write(root.join("docker-compose.yml"), compose).unwrap();
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
        let mut command = console(root);
        command.env("XDG_STATE_HOME", root.join(".git/state"));
        let Opened { child, keys, output } = open(command);
        let terminal = Self { child, keys, output };
        while terminal.output.recv_timeout(Duration::from_secs(3)).is_ok() {}
        terminal
    }

    fn play(&mut self, script: Script, budget: f64) {
        for &(what, keys, times) in script {
            self.measure(what, keys, times, budget);
        }
    }

    fn filter(&mut self, filter: &str, budget: f64) {
        self.measure("filter: begin", "/", 1, budget);
        for (at, letter) in filter.char_indices() {
            let typed = filter.get(..at + letter.len_utf8()).unwrap();
            self.measure(&format!("  {typed}"), letter.encode_utf8(&mut [0; 4]), 1, budget);
        }
        self.measure("  a letter back", "\x7f", 1, budget);
        self.measure("  cancel", "\x1b", 1, budget);
    }

    /// Prints the median of some presses.
    fn measure(&mut self, what: &str, keys: &str, times: usize, budget: f64) {
        let mut answers: Vec<Answer> = (0..times).filter_map(|_| self.press(keys)).collect();
        answers.sort_by_key(|answer| answer.first);
        let Some(answer) = answers.get(answers.len() / 2) else {
            println!("{what:32} no answer");
            return;
        };
        let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
        let (first, last) = (milliseconds(answer.first), milliseconds(answer.last));
        let (first_bytes, bytes) = (answer.first_bytes, answer.bytes);
        let over = if first > budget { "  OVER" } else { "" };
        println!("{what:32} {first:>8.2} {budget:>8} {first_bytes:>8} {last:>9.1} {bytes:>9}{over}");
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

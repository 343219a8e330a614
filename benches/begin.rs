//! What a person waits for while large reports are loaded, in the real program in a real terminal of 120x40: from the
//! first frame to the first rows and to all of them, the slowest key in between, and to the end after a `q` in the
//! middle. Beside it the CPU that the beginnings cost, and that of the load itself.
//!
//! `cargo bench --bench begin` does it with reports of 100,000 and 1,000,000 results, about 1 kB each, and with four at
//! once; `-- FILE…` with other reports, all at once. A million take some gigabytes of memory and disk. Times are those
//! of a machine that does nothing else.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench that cannot go on stops; it prints a table")]

#[path = "support/sample.rs"]
mod sample;
#[path = "support/terminal.rs"]
mod terminal;

#[path = "support/spent.rs"]
mod spent;

use std::io::Write;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use portable_pty::Child;
use quell::ingest::input::Input;
use quell::ingest::{Intake, Options, Progress};
use quell::repo::Repo;

use terminal::{COLUMNS, Opened, ROWS, console, open};

/// Milliseconds in which the first rows have to be there, and in which a key has to be answered.
const FIRST: f64 = 20.0;
const KEY: f64 = 16.0;
const ROUNDS: usize = 5;
/// CPU seconds that tell a mean: Linux counts in ticks of some milliseconds.
const ENOUGH: f64 = 1.0;
/// At so many moments a load is stopped.
const MOMENTS: u32 = 25;
/// The end of a frame.
const END: &[u8] = b"\x1b[?2026l";

fn main() {
    let named: Vec<PathBuf> = std::env::args().skip(1).filter(|name| name != "--bench").map(PathBuf::from).collect();
    if !named.is_empty() {
        let named: Vec<PathBuf> = named.iter().map(|name| name.canonicalize().unwrap()).collect();
        return table(&named);
    }
    let folder = tempfile::tempdir().unwrap();
    for (results, files) in [(100_000, 1), (25_000, 4), (1_000_000, 1), (250_000, 4)] {
        let reports: Vec<PathBuf> = (0..files).map(|file| folder.path().join(format!("{file}.sarif"))).collect();
        for report in &reports {
            sample::write(report, results, 5).unwrap();
        }
        table(&reports);
    }
}

fn table(reports: &[PathBuf]) {
    let bytes: u64 = reports.iter().map(|report| report.metadata().unwrap().len()).sum();
    println!("\n{} MB in {}", bytes / 1_000_000, reports.len());
    let elsewhere = tempfile::tempdir().unwrap();
    let mut waits: Vec<Wait> = (0..ROUNDS).map(|_| wait(reports, elsewhere.path())).collect();
    waits.sort_by(|one, two| one.first_rows.total_cmp(&two.first_rows));
    let (median, worst) = (&waits[ROUNDS / 2], &waits[ROUNDS - 1]);
    let over = |figure: f64, budget: f64| if figure > budget { "  OVER" } else { "" };
    let (first, slowest) = (median.first_rows, waits.iter().map(|wait| wait.slowest_key).fold(0.0, f64::max));
    println!("first frame to first rows     {first:>8.1} ms, at most {:.1}{}", worst.first_rows, over(first, FIRST));
    println!("first frame to all of them    {:>8.1} ms", median.all_rows);
    let keys: usize = waits.iter().map(|wait| wait.keys).sum();
    println!("slowest of {keys:>5} keys between {slowest:>7.1} ms{}", over(slowest, KEY));
    println!("from q to the end of it       {:>8.1} ms", quit(reports, elsewhere.path()));
    let (repo, _) = Repo::discover(elsewhere.path(), false).unwrap();
    let inputs: Vec<Input> = reports.iter().cloned().map(Input::File).collect();
    let intake = Intake::new(&repo, &inputs, &Options::default());
    stop(&intake);
    cpu(&intake);
}

/// Stops a load at many moments; prints the longest that its threads went on.
fn stop(intake: &Intake) {
    let load = |progress: &Progress| {
        let loaded = intake.load(progress);
        if !progress.is_cancelled() {
            std::hint::black_box(loaded.backlog.order());
        }
        drop(loaded);
        Instant::now()
    };
    let start = Instant::now();
    let whole = load(&Progress::default()) - start;
    let longest = (1..MOMENTS).map(|moment| {
        let progress = Progress::default();
        std::thread::scope(|scope| {
            let job = scope.spawn(|| load(&progress));
            std::thread::sleep(whole * moment / MOMENTS);
            progress.cancel.store(true, Ordering::Relaxed);
            let stopped = Instant::now();
            (job.join().unwrap().saturating_duration_since(stopped), moment)
        })
    });
    let (longest, moment) = longest.max().unwrap();
    let part = moment * 100 / MOMENTS;
    println!("from a stop to the end of it  {:>8.1} ms at most, at {part} % of the load", milliseconds(longest));
}

fn cpu(intake: &Intake) {
    let mean = |work: &dyn Fn() -> quell::ingest::Loaded| {
        let (before, mut rounds) = (spent::spent(), 0.0);
        while spent::spent() - before < ENOUGH {
            std::hint::black_box(work().backlog.order());
            rounds += 1.0;
        }
        (spent::spent() - before) / rounds
    };
    let mut begun = 0.0;
    for size in intake.beginnings() {
        let seconds = mean(&|| intake.begin(size, &Progress::default()));
        println!("CPU of the first {:>6} KiB     {:>8.1} ms", size >> 10, seconds * 1e3);
        begun += seconds;
    }
    let whole = mean(&|| intake.load(&Progress::default()));
    println!(
        "CPU of the load               {:>8.1} ms, the beginnings are {:.1} % of it",
        whole * 1e3,
        begun * 100.0 / whole
    );
}

/// Milliseconds.
struct Wait {
    first_rows: f64,
    all_rows: f64,
    slowest_key: f64,
    keys: usize,
}

fn wait(reports: &[PathBuf], folder: &Path) -> Wait {
    let mut terminal = Terminal::start(reports, folder);
    let first_frame = terminal.until(|terminal| terminal.frames > 0);
    let first_rows = terminal.until(|terminal| !terminal.header().contains("  0 open"));
    let (mut keys, mut slowest_key) = (0, 0.0_f64);
    while terminal.header().contains("loading") {
        let (before, start) = (terminal.cursor(), Instant::now());
        terminal.keys.write_all(if keys % 2 == 0 { b"j" } else { b"k" }).unwrap();
        let answered = terminal.until(|terminal| terminal.cursor() != before);
        slowest_key = slowest_key.max(milliseconds(answered - start));
        keys += 1;
    }
    let all_rows = milliseconds(terminal.now - first_frame);
    terminal.child.kill().unwrap();
    terminal.child.wait().unwrap();
    Wait { first_rows: milliseconds(first_rows - first_frame), all_rows, slowest_key, keys }
}

fn quit(reports: &[PathBuf], folder: &Path) -> f64 {
    let mut terminal = Terminal::start(reports, folder);
    terminal.until(|terminal| !terminal.header().contains("  0 open"));
    let start = Instant::now();
    terminal.keys.write_all(b"q").unwrap();
    terminal.child.wait().unwrap();
    milliseconds(start.elapsed())
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The program in its terminal, and what that shows.
struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    output: Receiver<(Instant, Vec<u8>)>,
    screen: vt100::Parser,
    frames: usize,
    /// When the last output came.
    now: Instant,
}

impl Terminal {
    fn start(reports: &[PathBuf], folder: &Path) -> Self {
        let mut command = console(folder);
        command.args(reports);
        let Opened { child, keys, output } = open(command);
        let screen = vt100::Parser::new(NonZero::new(ROWS).unwrap(), NonZero::new(COLUMNS).unwrap(), 0);
        Self { child, keys, output, screen, frames: 0, now: Instant::now() }
    }

    /// Takes output until something holds after a whole frame; when that came.
    fn until(&mut self, holds: impl Fn(&Self) -> bool) -> Instant {
        while !holds(self) {
            let (at, bytes) = self.output.recv_timeout(Duration::from_secs(60)).unwrap();
            self.frames += memchr::memmem::find_iter(&bytes, END).count();
            self.screen.process(&bytes);
            self.now = at;
        }
        self.now
    }

    fn header(&self) -> String {
        self.screen.screen().contents_between(0, 0, 0, COLUMNS)
    }

    /// The number of the line that the cursor is on.
    fn cursor(&self) -> Option<String> {
        let frame = self.screen.screen().contents_between(2, 0, 2, COLUMNS);
        frame.split(' ').find_map(|word| word.split_once('/')).map(|(at, _)| at.to_owned())
    }
}

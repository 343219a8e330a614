//! What each kind of key costs the console without its terminal: from the key until the rows of its answer are there,
//! and the longest time between two frames, beside what is allowed.
//!
//! `cargo bench --bench query` prints milliseconds (the least of three consoles). `-- 100000` runs one size only.
#![expect(clippy::print_stdout, clippy::panic, reason = "a bench prints its table and stops where it cannot go on")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::civil::date;
use quell::app::answer;
use quell::app::effect::{Effect, Judged, Msg};
use quell::app::key::Key;
use quell::app::state::{Overlay, State};
use quell::app::update::{self, Input};
use quell::model::backlog::{At, Backlog, Finding, FindingIdx, MadeBy, NONE, Package, Record, Report, Rule, Run, Tool};
use quell::model::board::Board;
use quell::model::decision::{Standing, Status};
use quell::model::evidence::Rung;
use quell::model::exposure::Exposure;
use quell::model::funnel::Funnel;
use quell::model::grade::{Baseline, Category, Graded, Grades, Kind, Level, Severity};
use quell::model::home::{Home, Homes, Part};
use quell::model::id::FindingId;
use quell::model::messages::Gather;
use quell::model::reach::{Judged as Judgement, Lane, Note, Reach, Reaches, Rungs, Verdicts};
use quell::model::standings::Standings;

const RUNS: usize = 3;
/// Findings, and the milliseconds in which a key has to be answered.
const SIZES: &[(u32, f64)] = &[(100_000, 16.0), (1_000_000, 50.0)];
/// The milliseconds after which a frame has to be drawn, answered or not.
const FRAME: f64 = 8.0;
const TOOLS: &[&str] = &["bench", "probe", "audit"];

/// What a row of the table measures.
enum Step {
    /// The last of these keys.
    Keys(&'static str),
    /// Each letter, typed into the filter.
    Typed(&'static str),
    /// New standings after a decision on the finding under the cursor.
    Decided(Status),
    /// The number that a question wants and its "yes".
    Answered,
    /// New standings after a decision on all findings.
    AllDecided(Status),
}
use Step::{AllDecided, Answered, Decided, Keys, Typed};

const WALK: &[Step] = &[
    Keys("j"),
    Keys("ctrl-d"),
    Keys("G"),
    Keys("g g"),
    Keys("space"),
    Keys("*"),
    Keys("j"),
    Keys("x"),
    Keys("esc"),
    Keys("!"),
    Keys("esc"),
    Keys("V"),
    Keys("G"),
    Keys("k"),
    Keys("V"),
    Keys("esc"),
    Keys("g g"),
    Keys("/"),
    Typed("smh"),
    Keys("esc"),
    Keys("/"),
    Typed("built query 12"),
    Keys("backspace"),
    Keys("enter"),
    Keys("esc"),
    Keys("/"),
    Typed("\"user input\" zqxj e"),
    Keys("esc"),
    Keys("/"),
    Typed("sev:>=high -path:tests tool:pro"),
    Keys("esc"),
    Keys("/"),
    Typed("path:src/**/*7.py rule:*rule-1* age:>30d is:new"),
    Keys("esc"),
    Keys("/"),
    Typed("path:*_1*"),
    Keys("esc"),
    Keys("/"),
    Typed("package:*-12*"),
    Keys("esc"),
    Keys("/"),
    Typed("owner:@plat*"),
    Keys("esc"),
    Keys("/"),
    Typed("service:shop/part-1* -workload:*part-12"),
    Keys("esc"),
    Keys("/"),
    Typed("image:*/part-7 exposure:internet rung:called"),
    Keys("esc"),
    Keys("v u"),
    Keys("v i"),
    Keys("v S"),
    Keys("v G"),
    Keys("v t"),
    Keys("v U"),
    Keys("v k"),
    Keys("v l"),
    Keys("v a"),
    Keys("v h"),
    Keys("v n"),
    Keys("v f"),
    Keys("v s"),
    Keys("v d"),
    Keys("v e"),
    Keys("v o"),
    Keys("S l"),
    Keys("S o"),
    Keys("S e"),
    Keys("S d"),
    Keys("S p"),
    Keys("S r"),
    Keys("S t"),
    Keys("S a"),
    Keys("S u"),
    Keys("S s"),
    Keys("b s"),
    Keys("b r"),
    Keys("b c"),
    Keys("b d"),
    Keys("b t"),
    Keys("b g"),
    Keys("b p"),
    Keys("b u"),
    Keys("b o"),
    Keys("b b"),
    Keys("b l"),
    Keys("b e"),
    Keys("b x"),
    Keys("b v"),
    Keys("b w"),
    Keys("b i"),
    Keys("g s"),
    Keys("esc"),
    Keys("b f"),
    Keys("G"),
    Keys("h"),
    Keys("/"),
    Typed("user"),
    Keys("esc"),
    Keys("S r"),
    Keys("l"),
    Keys("g g"),
    Keys("z M"),
    Keys("z R"),
    Keys("/"),
    Typed("handler"),
    Keys("esc"),
    Keys("b n"),
    Keys("c"),
    Decided(Status::Confirmed),
    Keys("x"),
    Decided(Status::FalsePositive),
    Decided(Status::Open),
    Keys("D"),
    Keys("q"),
    Keys("*"),
    Keys("x"),
    Answered,
    AllDecided(Status::Confirmed),
    Keys("b u"),
    Keys("g g"),
    Keys("space"),
    Keys("S u"),
    Keys("v d"),
    Keys("D"),
    Keys("q"),
    Keys("*"),
    Keys("x"),
    Answered,
    AllDecided(Status::FalsePositive),
];

fn main() {
    let wanted: Vec<u32> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    for (size, budget) in SIZES.iter().filter(|(size, _)| wanted.is_empty() || wanted.contains(size)) {
        for (name, files) in [("2,000 files", 2_000), ("nearly all files distinct", size / 10 * 9)] {
            table(name, *budget, &board(*size, files));
        }
    }
}

fn table(name: &str, budget: f64, board: &Board) {
    let start = Instant::now();
    board.prepare();
    let order = milliseconds(start.elapsed());
    println!("\n{} findings, {name}; made once at load: {order:.0} ms", board.backlog.findings.len());
    println!("{:>10} {:>8} {:>12} {:>8}  {:>9}  key", "ms", "at most", "a frame, ms", "at most", "rows");
    let mut runs = (0..RUNS).map(|_| Console::new(board).walk());
    let mut least = runs.next().unwrap_or_default();
    for run in runs {
        for (least, row) in least.iter_mut().zip(run) {
            least.whole = least.whole.min(row.whole);
            least.frame = least.frame.min(row.frame);
        }
    }
    for Row { key, whole, frame, rows } in &least {
        let (whole, frame) = (milliseconds(*whole), milliseconds(*frame));
        let over = if whole > budget || frame > FRAME { "  OVER" } else { "" };
        println!("{whole:>10.2} {budget:>8} {frame:>12.2} {FRAME:>8}  {rows:>9}  {key}{over}");
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// What a key cost.
struct Row {
    key: String,
    /// Until the rows were there.
    whole: Duration,
    /// The longest part of it between two frames.
    frame: Duration,
    rows: usize,
}

struct Console {
    state: State,
    rows: Vec<Row>,
}

impl Console {
    fn new(board: &Board) -> Self {
        let mut state = State::new(board.today);
        state.size = (120, 40);
        update::start(&mut state);
        let ticket = state.tickets.load;
        let loaded = Msg::Loaded { ticket, board: board.clone(), problems: Vec::new(), branch: None };
        answer::receive(&mut state, loaded);
        Self { state, rows: Vec::new() }
    }

    fn walk(mut self) -> Vec<Row> {
        for step in WALK {
            match step {
                Keys(keys) => {
                    let Some(mut parsed) = Key::parse_all(keys) else { panic!("{keys} are keys") };
                    let last = parsed.pop();
                    for key in parsed {
                        self.press(key);
                    }
                    if let Some(key) = last {
                        self.measure(keys, |state| input(state, key));
                    }
                }
                Typed(text) => {
                    for (at, letter) in text.char_indices() {
                        let typed = text.get(..at + letter.len_utf8()).unwrap_or_default();
                        self.measure(&format!("/{typed}"), |state| input(state, Key::char(letter)));
                    }
                }
                Decided(status) => {
                    let finding = self.state.current_idx();
                    self.judge(&format!("  decided: {}", status.name()), *status, finding);
                }
                AllDecided(status) => {
                    let all = 0..FindingIdx::try_from(self.state.board.backlog.findings.len()).unwrap_or(0);
                    self.judge(&format!("  all decided: {}", status.name()), *status, all);
                }
                Answered => {
                    let Some(Overlay::Confirm(confirm)) = &self.state.overlay else { panic!("there is a question") };
                    for digit in confirm.expect.clone().chars() {
                        self.press(Key::char(digit));
                    }
                    if let Some(enter) = Key::parse("enter") {
                        self.measure("  its number, enter", |state| input(state, enter));
                    }
                }
            }
        }
        self.rows
    }

    fn press(&mut self, key: Key) {
        drop(input(&mut self.state, key));
        update::frame_is_out(&mut self.state, true);
    }

    /// Does something as the session does: slices of a search follow one another, with a frame in between.
    fn measure(&mut self, key: &str, act: impl FnOnce(&mut State) -> Vec<Effect>) {
        let start = Instant::now();
        let mut effects = act(&mut self.state);
        let mut frame = start.elapsed();
        while let Some(Effect::GoOn(ticket)) = effects.pop() {
            let slice = Instant::now();
            effects = answer::receive(&mut self.state, Msg::GoOn(ticket));
            let took = slice.elapsed();
            update::slice_took(&mut self.state, took);
            frame = frame.max(took);
        }
        let whole = start.elapsed();
        update::frame_is_out(&mut self.state, true);
        self.rows.push(Row { key: key.to_owned(), whole, frame, rows: self.state.rows.findings.len() });
    }

    /// Takes the standings with another status for some findings, as the worker sends them.
    fn judge(&mut self, key: &str, status: Status, findings: impl IntoIterator<Item = FindingIdx>) {
        let mut standings = Standings::clone(&self.state.board.standings);
        for finding in findings {
            standings.set(finding, Standing { status, ..self.state.board.standing(finding).clone() });
        }
        let judged = Judged {
            standings: Arc::new(standings),
            events: Arc::default(),
            policies: Arc::default(),
            reaches: None,
            funnel: self.state.board.funnel,
        };
        let msg = Msg::Decided(Ok((status.name().to_owned(), judged)));
        self.measure(key, |state| answer::receive(state, msg));
    }
}

fn input(state: &mut State, key: Key) -> Vec<Effect> {
    update::input(state, Input::Key(key))
}

/// A board of single findings in `files` files under 300 rules; nothing in it is random.
fn board(size: u32, files: u32) -> Board {
    let cwe_sets = (0..200).map(|cwe| [cwe].into()).collect();
    let mut backlog = Backlog { cwe_sets, ..Backlog::default() };
    for (number, name) in (0..).zip(TOOLS) {
        backlog.reports.push(Report {
            name: format!("{name}.sarif"),
            bytes: 0,
            made: format!("2026-10-0{}T00:00:00Z", number + 1).parse().ok(),
            made_by: MadeBy::Stated,
            is_complete: true,
        });
        backlog.tools.push(Tool { name: (*name).to_owned(), version: None, family: (*name).to_owned() });
        backlog.runs.push(Run {
            report: number,
            index: 0,
            tool: number,
            revision: None,
            is_whole: true,
            results: size / 3,
            ..Run::default()
        });
    }
    for rule in 0..300 {
        let id = format!("python.lang.security.rule-{rule}.sql-format");
        backlog.rules.push(Rule { tool: rule % 3, id, ..Rule::default() });
    }
    for file in 0..files.max(1) {
        let (top, middle) = (["src", "tests", "lib", "vendor"][file as usize % 4], file % 97);
        let text = format!("{top}/service_{middle}/module{}/handler_{file}.py", file % 1009);
        backlog.paths.push(&text, true);
    }
    let mut messages = Gather::default();
    for result in 0..size {
        add(&mut backlog, result);
        messages.push(&format!("detected a query number {result} that is built from user input; use parameters"));
    }
    backlog.messages = messages.finish();
    let owner: Arc<str> = Arc::from("@platform");
    let owned = |finding: u32| Standing {
        owner: finding.is_multiple_of(50).then(|| Arc::clone(&owner)),
        ..Standing::default()
    };
    let standings = (0..size).map(owned).collect();
    let mut verdicts = Verdicts::with_capacity(size as usize);
    (0..size).for_each(|finding| verdicts.push(judged(finding)));
    let reaches = Reaches { verdicts, homes: homes(&backlog), ..Reaches::default() };
    let (backlog, standings, reaches) = (Arc::new(backlog), Arc::new(standings), Arc::new(reaches));
    let board = Board { backlog, standings, reaches, ..Board::empty(date(2026, 11, 20)) };
    Board { funnel: Funnel::of(&board), ..board }
}

/// One of 5,000 different verdicts.
fn judged(finding: FindingIdx) -> Judgement {
    let mixed = (finding.wrapping_mul(2_246_822_519) >> 8) % 5_000;
    let of = |count: usize, shift: u32| (mixed >> shift) as usize % count;
    let mut rungs = Rungs::default();
    for rung in Rung::ALL {
        if mixed >> (*rung as u32) & 3 != 0 {
            rungs.add(*rung, mixed >> (*rung as u32) & 1 == 0);
        }
    }
    let mut judged = Judgement {
        rungs,
        reach: Reach::ALL[of(Reach::ALL.len(), 3)],
        exposure: Exposure::ALL[of(Exposure::ALL.len(), 5)],
        lane: Lane::ALL[of(Lane::ALL.len(), 7)],
        lane_max: Lane::OnUpgrade,
        score: u8::try_from(mixed % 101).unwrap_or(0),
        notes: 0,
    };
    if mixed.is_multiple_of(9) {
        judged.note(Note::Conflict);
    }
    judged
}

/// Parts of a deployment.
const PARTS: u32 = 2_000;

/// What the code of the paths goes into: three in four to one service, some to two, the rest to none.
fn homes(backlog: &Backlog) -> Arc<Homes> {
    let mut all = vec![Home::default()];
    for part in 0..PARTS {
        let mut home = Home::default();
        for part in [part, part / 10 * 10].into_iter().take(1 + usize::from(part % 5 == 0)) {
            home.add(Part::Service, &format!("shop/part-{part}"));
            home.add(Part::Workload, &format!("Deployment shop/part-{part}"));
            home.add(Part::Image, &format!("registry.example/shop/part-{part}:1.{part}"));
        }
        all.push(home);
    }
    let paths = 0..u32::try_from(backlog.paths.len()).unwrap_or(0);
    let of_path = paths.map(|path| if path % 4 == 0 { 0 } else { 1 + path % PARTS });
    Arc::new(Homes::new(all, of_path.collect(), Vec::new()))
}

fn add(backlog: &mut Backlog, result: u32) {
    // A multiplier that shares no factor with the counts spreads neighbours over files and rules.
    let mixed = result.wrapping_mul(2_654_435_761);
    let severity = Severity::ALL[mixed as usize % Severity::ALL.len()];
    let id = FindingId(u64::from(mixed) << 32 | u64::from(result));
    let paths = u32::try_from(backlog.paths.len()).unwrap_or(1);
    let rule = mixed % 300;
    backlog.results.push(Record {
        id,
        at: At::default().in_run(rule % 3),
        len: 0,
        rule,
        path: result % paths,
        line: mixed % 2_000 + 1,
        column: 1,
        end_line: 0,
        end_column: 0,
        grades: Grades::new(Graded {
            level: Level::Warning,
            kind: Kind::Fail,
            severity,
            baseline: if result.is_multiple_of(7) { Baseline::New } else { Baseline::Unchanged },
            category: Category::Code,
            is_suppressed: false,
        }),
        fixes: 0,
        flows: 0,
    });
    backlog.members.push(result);
    let cwe = if mixed.is_multiple_of(3) { NONE } else { mixed % 200 };
    backlog.findings.push(Finding { first: result, severity, cwe, fixes: 0, flows: 0 });
    if mixed.is_multiple_of(10) {
        let package = Package { name: format!("package-{}", mixed % 5_000), version: None, purl: None };
        backlog.packages.push((result, Arc::new(package)));
    }
}

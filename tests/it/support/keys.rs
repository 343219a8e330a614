//! Keys through `update` and a real frame into a sink that counts: what a key costs in bytes and time.

use std::cell::Cell;
use std::io::{self, Write};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use quell::app::answer;
use quell::app::key::Key;
use quell::app::page::{Line, Page, Role};
use quell::app::review::Review;
use quell::app::state::Screen;
use quell::app::update::{self, Input};
use quell::app::{Effect, Msg, State};
use quell::model::id::FindingId;
use quell::model::plan::{FixState, Plan, PlannedFix};
use quell::model::text;
use quell::ui::backend::Painter;
use quell::ui::{Theme, view};
use ratatui::Terminal;
use ratatui::backend::Backend;
use ratatui::layout::Size;

use super::console;

/// One thing that a person does again and again.
pub(crate) struct Scene {
    pub(crate) name: &'static str,
    /// Keys before, not counted.
    before: &'static str,
    /// Keys that are counted, one frame each.
    keys: &'static str,
    times: usize,
    /// Whether the detail follows the cursor: another finding's page with each key.
    is_settled: bool,
    /// Whether it is in the review of a thousand fixes in three hundred files.
    in_review: bool,
}

const SCENE: Scene = Scene { name: "", before: "", keys: "", times: 20, is_settled: false, in_review: false };
const REVIEW: Scene = Scene { in_review: true, ..SCENE };

pub(crate) const SCENES: &[Scene] = &[
    Scene { name: "cursor down", keys: "j", ..SCENE },
    Scene { name: "cursor down, detail follows", keys: "j", is_settled: true, ..SCENE },
    Scene { name: "scroll by one", before: "5 0 0 j", keys: "j", ..SCENE },
    Scene { name: "page down", keys: "ctrl-d", ..SCENE },
    Scene { name: "page down, detail follows", keys: "ctrl-d", is_settled: true, ..SCENE },
    Scene { name: "select", keys: "space", ..SCENE },
    Scene { name: "filter, a letter", before: "/", keys: "s e c r e t s", times: 1, ..SCENE },
    Scene { name: "help opens and closes", keys: "? esc", times: 5, ..SCENE },
    Scene { name: "review: next hunk", before: "] c", keys: "] c", ..REVIEW },
    Scene { name: "review: next hunk, far down", before: "9 0 0 j", keys: "] c", ..REVIEW },
    Scene { name: "review: drop", keys: "n", ..REVIEW },
    Scene { name: "review: keep and drop a hunk", before: "j", keys: "space", ..REVIEW },
    Scene { name: "review: next file", keys: "] f", ..REVIEW },
    Scene { name: "review: side by side", keys: "v", ..REVIEW },
    Scene { name: "review: drop and keep all", before: "g g", keys: "N Y", times: 5, ..REVIEW },
];

/// What one key cost.
pub(crate) struct Frame {
    pub(crate) bytes: usize,
    #[allow(dead_code, reason = "the bench reads it, the test does not")]
    pub(crate) time: Duration,
}

/// A sink that counts.
#[derive(Clone, Default)]
pub(crate) struct Bytes(Rc<Cell<usize>>);

impl Write for Bytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.set(self.0.get() + bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A console that draws into the sink.
pub(crate) struct Console<B: Backend> {
    state: State,
    theme: Theme,
    screen: Terminal<B>,
    bytes: Bytes,
}

impl Console<Painter<Bytes>> {
    pub(crate) fn new((width, height): (u16, u16), findings: u32) -> Self {
        Self::with_backend((width, height), findings, |bytes| Painter::new(bytes, Size { width, height }))
    }
}

impl<B: Backend> Console<B> {
    pub(crate) fn with_backend((width, height): (u16, u16), findings: u32, backend: impl Fn(Bytes) -> B) -> Self {
        let bytes = Bytes::default();
        let options = ratatui::TerminalOptions {
            viewport: ratatui::Viewport::Fixed(ratatui::layout::Rect::new(0, 0, width, height)),
        };
        let screen = Terminal::with_options(backend(bytes.clone()), options).ok().unwrap();
        let state = console::state((width, height), findings);
        let mut console = Self { state, theme: Theme::builtin("ansi").unwrap(), screen, bytes };
        console.draw();
        console
    }

    /// Plays a scene and returns what each of its keys cost.
    pub(crate) fn play(&mut self, scene: &Scene) -> Vec<Frame> {
        if scene.in_review {
            let review = Review { findings: vec![FindingId(1)], ..Review::default() };
            self.state.screen = Screen::Review(Box::new(review));
            self.answer(Arc::new(console::many_fixes()));
        }
        for key in Key::parse_all(scene.before).unwrap() {
            self.press(key, scene);
        }
        let keys = Key::parse_all(scene.keys).unwrap();
        (0..scene.times).flat_map(|_| keys.clone()).map(|key| self.press(key, scene)).collect()
    }

    fn press(&mut self, key: Key, scene: &Scene) -> Frame {
        let plan = match &self.state.screen {
            Screen::Review(review) => review.plan.clone(),
            Screen::Triage | Screen::Read(_) => None,
        };
        let before = self.bytes.0.get();
        let start = Instant::now();
        let effects = update::input(&mut self.state, Input::Key(key));
        // The page of the next finding comes from the worker, once the cursor rests.
        self.state.detail.page = page(if scene.is_settled { self.state.list.at } else { 0 });
        self.draw();
        let mut time = start.elapsed();
        if let Some(plan) = plan.filter(|_| effects.iter().any(|effect| matches!(effect, Effect::Plan { .. }))) {
            // The worker makes it meanwhile, and what comes of it is drawn as well.
            let made = Arc::new(self.without_dropped(&plan));
            let start = Instant::now();
            self.answer(made);
            time = time.max(start.elapsed());
        }
        Frame { bytes: self.bytes.0.get() - before, time }
    }

    fn answer(&mut self, plan: Arc<Plan>) {
        let ticket = self.state.tickets.plan;
        answer::receive(&mut self.state, Msg::Planned(ticket, plan));
        self.draw();
    }

    fn without_dropped(&self, plan: &Plan) -> Plan {
        let Screen::Review(review) = &self.state.screen else { return Plan::default() };
        let kept = |fix: &&PlannedFix| !review.choices.dropped.contains(&fix.id);
        let fixes = plan.fixes.iter().filter(kept).cloned();
        let fixes = fixes.map(|fix| PlannedFix { state: FixState::WillWrite, ..fix }).collect();
        Plan { fixes, files: plan.files.clone() }
    }

    fn draw(&mut self) {
        let (state, theme) = (&self.state, &self.theme);
        self.screen.draw(|frame| view(frame, state, theme)).ok().unwrap();
        update::frame_is_out(&mut self.state, true);
    }
}

/// Half of the keys cost at most this.
pub(crate) fn median_bytes(frames: &[Frame]) -> usize {
    let mut bytes: Vec<usize> = frames.iter().map(|frame| frame.bytes).collect();
    bytes.sort_unstable();
    bytes[bytes.len() / 2]
}

/// A page like a finding's: words, coloured code, a diff; all of it different for every number.
fn page(number: usize) -> Page {
    let words = ["request", "reaches", "shell", "query", "header", "secret", "user", "token", "path", "format"];
    let word = |at: usize| words[(number * 7 + at * 3) % words.len()];
    let mut lines = vec![
        Line::new(Role::Critical, "critical 9.8")
            .with(Role::Dim, "  Semgrep OSS + Bandit")
            .with(Role::Text, "  CWE-78"),
        Line::new(Role::Strong, &format!("python.lang.security.{}.{}", word(1), word(2))),
        Line::new(Role::Link, &format!("src/{}/{}.py:{}:5-40", word(3), word(4), number % 900)),
        Line::blank(),
    ];
    lines.extend(
        (0..3).map(|at| Line::new(Role::Text, &format!("The {} {} a {}.", word(at), word(at + 1), word(at + 2)))),
    );
    lines.push(Line::blank());
    for at in 0..18 {
        let indent = " ".repeat((number + at) % 3 * 4);
        lines.push(
            Line::new(Role::LineNumber, &format!("{:>5}  ", number % 900 + at))
                .with(Role::Text, &indent)
                .with(Role::Variable, word(at))
                .with(Role::Operator, " = ")
                .with(Role::Function, word(at + 2))
                .with(Role::Operator, "(")
                .with(Role::String, &format!("\"{} {}\"", word(at + 4), word(at + 5)))
                .with(Role::Text, ")")
                .with(Role::Comment, &format!("  # {}", word(at + 6))),
        );
    }
    lines.push(Line::blank());
    for at in 0..4 {
        lines.push(Line::new(Role::Removed, &text::cut(&format!("-    {}.{}(cmd)", word(at), word(at + 1)), 50)));
        lines.push(Line::new(Role::Added, &text::cut(&format!("+    {}.{}([cmd])", word(at), word(at + 1)), 50)));
    }
    Page { title: "Detail".to_owned(), lines }
}

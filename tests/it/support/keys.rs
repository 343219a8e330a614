//! Keys through `update` and a real frame into a sink that counts: what a key costs in bytes and time.

use std::cell::Cell;
use std::io::{self, Write};
use std::rc::Rc;
use std::time::{Duration, Instant};

use quell::app::State;
use quell::app::key::Key;
use quell::app::page::{Line, Page, Role};
use quell::app::update::{self, Input};
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
}

pub(crate) const SCENES: &[Scene] = &[
    Scene { name: "cursor down", before: "", keys: "j", times: 20, is_settled: false },
    Scene { name: "cursor down, detail follows", before: "", keys: "j", times: 20, is_settled: true },
    Scene { name: "scroll by one", before: "5 0 0 j", keys: "j", times: 20, is_settled: false },
    Scene { name: "page down", before: "", keys: "ctrl-d", times: 20, is_settled: false },
    Scene { name: "page down, detail follows", before: "", keys: "ctrl-d", times: 20, is_settled: true },
    Scene { name: "select", before: "", keys: "space", times: 20, is_settled: false },
    Scene { name: "filter, a letter", before: "/", keys: "s e c r e t s", times: 1, is_settled: false },
    Scene { name: "help opens and closes", before: "", keys: "? esc", times: 5, is_settled: false },
];

/// What one key cost.
pub(crate) struct Frame {
    pub(crate) bytes: usize,
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
        for key in Key::parse_all(scene.before).unwrap() {
            self.press(key, scene);
        }
        let keys = Key::parse_all(scene.keys).unwrap();
        (0..scene.times).flat_map(|_| keys.clone()).map(|key| self.press(key, scene)).collect()
    }

    fn press(&mut self, key: Key, scene: &Scene) -> Frame {
        let before = self.bytes.0.get();
        let start = Instant::now();
        update::input(&mut self.state, Input::Key(key));
        // The page of the next finding comes from the worker, once the cursor rests.
        self.state.detail.page = page(if scene.is_settled { self.state.list.at } else { 0 });
        self.draw();
        Frame { bytes: self.bytes.0.get() - before, time: start.elapsed() }
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

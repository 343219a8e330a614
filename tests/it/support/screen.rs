//! A frame as text: what a person reads, and below it which role styles stand where.

use std::fmt::Write;

use quell::app::State;
use quell::ui::{Theme, view};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use ratatui::style::{Color, Modifier, Style};

/// One drawn frame.
pub(crate) struct Drawn {
    pub(crate) cells: Buffer,
    pub(crate) cursor: Option<Position>,
}

/// Draws the state at its size.
pub(crate) fn draw(state: &State, theme: &Theme) -> Drawn {
    let (width, height) = state.size;
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| view(frame, state, theme)).unwrap();
    let cursor = terminal.backend().cursor_visible().then(|| terminal.get_cursor_position().unwrap());
    Drawn { cells: terminal.backend().buffer().clone(), cursor }
}

/// The frame in the default theme.
pub(crate) fn plain(state: &State) -> Drawn {
    draw(state, &Theme::builtin("ansi").unwrap())
}

impl Drawn {
    /// The lines of the screen without blanks at their ends.
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        for y in 0..self.cells.area.height {
            out.push_str(self.line(y).trim_end());
            out.push('\n');
        }
        out
    }

    pub(crate) fn line(&self, y: u16) -> String {
        let mut skip = 0;
        let mut out = String::new();
        for x in 0..self.cells.area.width {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let symbol = self.cells[(x, y)].symbol();
            skip = quell::model::text::width(symbol).saturating_sub(1);
            out.push_str(symbol);
        }
        out
    }

    /// The text, then a line for each run of a style: `3:8-11 red bold`, and the cursor.
    pub(crate) fn with_styles(&self) -> String {
        let mut out = self.text();
        out.push_str("---\n");
        for y in 0..self.cells.area.height {
            self.styles_of_line(y, &mut out);
        }
        if let Some(cursor) = self.cursor {
            writeln!(out, "cursor {}:{}", cursor.y, cursor.x).unwrap();
        }
        out
    }

    fn styles_of_line(&self, y: u16, out: &mut String) {
        let mut from = 0;
        for x in 1..=self.cells.area.width {
            let style = self.cells[(from, y)].style();
            if x < self.cells.area.width && self.cells[(x, y)].style() == style {
                continue;
            }
            let name = style_name(style);
            if !name.is_empty() {
                writeln!(out, "{y}:{from}-{} {name}", x - 1).unwrap();
            }
            from = x;
        }
    }
}

fn style_name(style: Style) -> String {
    let mut words = Vec::new();
    if let Some(fg) = style.fg.filter(|fg| *fg != Color::Reset) {
        words.push(fg.to_string().to_lowercase());
    }
    if let Some(bg) = style.bg.filter(|bg| *bg != Color::Reset) {
        words.push(format!("on {}", bg.to_string().to_lowercase()));
    }
    let modifiers = [
        (Modifier::BOLD, "bold"),
        (Modifier::DIM, "dim"),
        (Modifier::ITALIC, "italic"),
        (Modifier::UNDERLINED, "underline"),
        (Modifier::REVERSED, "reverse"),
    ];
    words.extend(
        modifiers.iter().filter(|(on, _)| style.add_modifier.contains(*on)).map(|(_, name)| (*name).to_owned()),
    );
    words.join(" ")
}

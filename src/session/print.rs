//! One frame as text, for tests, scripts and bug reports.

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Size;

use crate::app::state::State;
use crate::ui::backend::Painter;
use crate::ui::{Theme, view};

/// What a printed frame is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// Text alone, without blanks at the ends of lines.
    Plain,
    /// The bytes that a terminal would get.
    Ansi,
}

/// Draws the state once, at its size, without a terminal.
pub fn print(state: &State, theme: &Theme, paint: Paint) -> String {
    let (width, height) = state.size;
    match paint {
        Paint::Plain => {
            let Ok(mut terminal) = Terminal::new(TestBackend::new(width, height));
            let Ok(_) = terminal.draw(|frame| view(frame, state, theme));
            plain(&terminal)
        }
        Paint::Ansi => {
            let painter = Painter::new(Vec::new(), Size { width, height });
            let drawn = Terminal::new(painter).and_then(|mut terminal| {
                terminal.draw(|frame| view(frame, state, theme))?;
                Ok(String::from_utf8_lossy(terminal.backend().out()).into_owned())
            });
            // Writing into memory does not fail.
            drawn.unwrap_or_default()
        }
    }
}

fn plain(terminal: &Terminal<TestBackend>) -> String {
    let cells = terminal.backend().buffer();
    let mut out = String::new();
    for y in 0..cells.area.height {
        let mut line = String::new();
        let mut x = 0;
        while let Some(cell) = cells.cell((x, y)) {
            line.push_str(cell.symbol());
            x += u16::try_from(crate::model::text::width(cell.symbol())).unwrap_or(1).max(1);
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

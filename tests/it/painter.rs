//! The bytes of a frame, read by a terminal emulator, give the cells that were drawn.

use std::cell::RefCell;
use std::io::{self, Write};
use std::num::NonZero;
use std::rc::Rc;

use proptest::prelude::{ProptestConfig, Strategy, any, prop, proptest};
use quell::app::State;
use quell::app::key::Key;
use quell::app::page::{Line, Page, Role};
use quell::app::state::{Reading, Screen};
use quell::app::update::{self, Input};
use quell::ui::backend::Painter;
use quell::ui::{Theme, view};
use ratatui::Terminal;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Size;
use ratatui::style::{Color, Modifier};

use crate::support::console::{group, state};

const SIZE: (u16, u16) = (80, 24);

/// A terminal that keeps what it shows.
#[derive(Clone)]
struct Emulator(Rc<RefCell<vt100::Parser>>);

impl Write for Emulator {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().process(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn start((width, height): (u16, u16)) -> (Emulator, Terminal<Painter<Emulator>>) {
    let parser = vt100::Parser::new(NonZero::new(height).unwrap(), NonZero::new(width).unwrap(), 0);
    let emulator = Emulator(Rc::new(RefCell::new(parser)));
    let terminal = Terminal::new(Painter::new(emulator.clone(), Size { width, height })).unwrap();
    (emulator, terminal)
}

/// Every cell of the emulator looks as it was drawn.
fn compare(emulator: &Emulator, drawn: &Buffer) {
    let parser = emulator.0.borrow();
    for position in drawn.area.positions() {
        let shown = parser.screen().cell(position.y, position.x).unwrap();
        if !shown.is_wide_continuation() {
            assert_eq!(look_of_shown(shown), look_of_drawn(&drawn[position]), "at {position}");
        }
    }
}

/// Draws the state after each key and compares all cells.
fn check(state: &mut State, theme: &Theme, keys: &str) {
    let (emulator, mut terminal) = start(SIZE);
    for key in Key::parse_all(keys).unwrap() {
        update::input(state, Input::Key(key));
        let drawn = terminal.draw(|frame| view(frame, state, theme)).unwrap().buffer.clone();
        update::frame_is_out(state, true);
        compare(&emulator, &drawn);
        let parser = emulator.0.borrow();
        let cursor = terminal.get_cursor_position().unwrap();
        assert_eq!(parser.screen().cursor_position(), (cursor.y, cursor.x), "cursor after {key}");
    }
}

/// Symbol, colours and what shows of the modifiers.
type Look = (String, vt100::Color, vt100::Color, [bool; 5]);

fn look_of_shown(cell: &vt100::Cell) -> Look {
    let symbol = if cell.has_contents() { cell.contents().to_owned() } else { " ".to_owned() };
    let modifiers = [cell.bold(), cell.dim(), cell.italic(), cell.underline(), cell.inverse()];
    look(symbol, cell.fgcolor(), cell.bgcolor(), modifiers)
}

fn look_of_drawn(cell: &Cell) -> Look {
    let has = |modifier| cell.modifier.contains(modifier);
    let modifiers = [
        has(Modifier::BOLD),
        has(Modifier::DIM),
        has(Modifier::ITALIC),
        has(Modifier::UNDERLINED),
        has(Modifier::REVERSED),
    ];
    look(cell.symbol().to_owned(), color(cell.fg), color(cell.bg), modifiers)
}

/// The colour and weight of a letter do not show on a blank.
fn look(symbol: String, fg: vt100::Color, bg: vt100::Color, modifiers: [bool; 5]) -> Look {
    let [_, _, _, underline, reverse] = modifiers;
    if symbol == " " && !underline && !reverse {
        return (symbol, vt100::Color::Default, bg, [false; 5]);
    }
    (symbol, fg, bg, modifiers)
}

fn color(color: Color) -> vt100::Color {
    match color {
        Color::Reset => vt100::Color::Default,
        Color::Rgb(r, g, b) => vt100::Color::Rgb(r, g, b),
        Color::Indexed(index) => vt100::Color::Idx(index),
        named => {
            let names = [
                Color::Black,
                Color::Red,
                Color::Green,
                Color::Yellow,
                Color::Blue,
                Color::Magenta,
                Color::Cyan,
                Color::Gray,
                Color::DarkGray,
                Color::LightRed,
                Color::LightGreen,
                Color::LightYellow,
                Color::LightBlue,
                Color::LightMagenta,
                Color::LightCyan,
                Color::White,
            ];
            let index = names.iter().position(|name| *name == named).unwrap();
            vt100::Color::Idx(u8::try_from(index).unwrap())
        }
    }
}

#[test]
fn a_terminal_shows_what_was_drawn() {
    let keys = "j j space space G g g ctrl-d ? down down esc : esc / s q l enter esc a tab esc tab j + _ tab s esc";
    for theme in ["ansi", "dark", "light", "mono"] {
        let mut state = state(SIZE, 60);
        group(&mut state);
        check(&mut state, &Theme::builtin(theme).unwrap(), keys);
    }
}

/// One change of a frame: place, symbol, colours, modifiers.
type Change = (u16, u16, usize, usize, usize, u8);

const SMALL: (u16, u16) = (24, 6);
const SYMBOLS: &[&str] = &[" ", " ", "a", "b", "│", "é"];
const COLORS: &[Color] = &[Color::Reset, Color::Red, Color::LightBlue, Color::Indexed(200), Color::Rgb(1, 2, 3)];
const MODIFIERS: &[Modifier] =
    &[Modifier::BOLD, Modifier::DIM, Modifier::ITALIC, Modifier::UNDERLINED, Modifier::REVERSED];

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let change = (0..SMALL.0, 0..SMALL.1, 0..SYMBOLS.len(), 0..COLORS.len(), 0..COLORS.len(), any::<u8>());
    prop::collection::vec(change, 0..60)
}

fn apply(cells: &mut Buffer, changes: &[Change]) {
    for &(x, y, symbol, fg, bg, modifiers) in changes {
        let cell = &mut cells[(x, y)];
        cell.set_symbol(SYMBOLS[symbol]);
        (cell.fg, cell.bg) = (COLORS[fg], COLORS[bg]);
        let chosen = MODIFIERS.iter().enumerate().filter(|(bit, _)| modifiers & (1 << bit) != 0);
        cell.modifier = chosen.map(|(_, modifier)| *modifier).collect();
        // The emulator knows bold or dim, not both.
        if cell.modifier.contains(Modifier::BOLD) {
            cell.modifier.remove(Modifier::DIM);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_change_reaches_the_terminal(frames in prop::collection::vec(changes(), 1..6)) {
        let (emulator, mut terminal) = start(SMALL);
        let mut cells = Buffer::empty(ratatui::layout::Rect::new(0, 0, SMALL.0, SMALL.1));
        for frame in frames {
            apply(&mut cells, &frame);
            terminal.draw(|frame| frame.buffer_mut().clone_from(&cells)).unwrap();
            compare(&emulator, &cells);
        }
    }
}

/// Erasing that ends inside a wide sign leaves half of it in some terminals, and moves the rest of the line.
#[test]
fn a_wide_sign_is_erased_whole() {
    let theme = Theme::builtin("ansi").unwrap();
    let mut state = state(SIZE, 0);
    let mut terminal = Terminal::new(Painter::new(Vec::new(), Size { width: SIZE.0, height: SIZE.1 })).unwrap();
    for text in ["fifteen-columns\u{9818}", ""] {
        let page = Page { title: String::new(), lines: vec![Line::new(Role::Text, text)] };
        state.screen = Screen::Read(Reading { page, ..Reading::default() });
        terminal.backend_mut().out_mut().clear();
        terminal.draw(|frame| view(frame, &state, &theme)).unwrap();
    }
    let bytes = String::from_utf8(terminal.backend().out().clone()).unwrap();
    assert!(bytes.contains("\x1b[17X"), "{bytes:?}");
}

//! From changed cells to bytes: as few as possible, one write a frame, between the marks that make terminals show
//! it at once (DEC private mode 2026). The stock backend of ratatui writes four to ten times as many,
//! most of them colours that are already set.

use std::io::{self, Write};

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use ratatui::style::{Color, Modifier};

const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// Blanks from which erasing (`ESC [ n X` and a move) is shorter than writing them.
const ERASE_FROM: u16 = 10;

/// Writes frames to a terminal. It never asks the terminal anything: the size is what it was told last.
#[derive(Debug)]
pub struct Painter<W: Write> {
    out: W,
    frame: Vec<u8>,
    size: Size,
    /// Where the next character would go, if that is known.
    at: Option<Position>,
    look: Look,
    cursor: Position,
    is_cursor_shown: Option<bool>,
    blanks: Option<Blanks>,
}

/// How text looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Look {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

/// Blanks side by side that are not written yet.
#[derive(Clone, Copy, Debug)]
struct Blanks {
    from: Position,
    len: u16,
}

/// Modifiers that show on a blank.
const SEEN_ON_BLANK: Modifier = Modifier::REVERSED.union(Modifier::UNDERLINED).union(Modifier::CROSSED_OUT);

impl<W: Write> Painter<W> {
    pub fn new(out: W, size: Size) -> Self {
        Self {
            out,
            frame: Vec::with_capacity(64 << 10),
            size,
            at: None,
            look: Look::default(),
            cursor: Position::ORIGIN,
            is_cursor_shown: None,
            blanks: None,
        }
    }

    pub fn resize(&mut self, size: Size) {
        self.size = size;
    }

    /// Forgets what the terminal looks like, after something else has written to it.
    pub fn forget(&mut self) {
        self.at = None;
        self.is_cursor_shown = None;
        self.frame.clear();
        self.frame.extend_from_slice(b"\x1b[m");
        self.look = Look::default();
    }

    pub fn out(&self) -> &W {
        &self.out
    }

    pub fn out_mut(&mut self) -> &mut W {
        &mut self.out
    }

    fn put(&mut self, position: Position, cell: &Cell) {
        let look = Look { fg: cell.fg, bg: cell.bg, modifier: cell.modifier };
        let is_blank = cell.symbol() == " " && !look.modifier.intersects(SEEN_ON_BLANK);
        if is_blank && look.bg == self.look.bg && !self.look.modifier.intersects(SEEN_ON_BLANK) {
            self.put_blank(position);
            return;
        }
        self.flush_blanks();
        if is_blank {
            // The colour of letters does not show on a blank: only what shows is changed.
            let rest = self.look.modifier.difference(SEEN_ON_BLANK);
            self.restyle(Look { fg: self.look.fg, bg: look.bg, modifier: rest });
            self.put_blank(position);
            return;
        }
        self.move_to(position);
        self.restyle(look);
        self.frame.extend_from_slice(cell.symbol().as_bytes());
        self.advance(position, columns(cell.symbol()));
        // Terminals disagree on how wide a sign made of several is (a flag, an emoji with a variant): what follows is
        // placed anew, so that nothing shifts.
        if cell.symbol().chars().nth(1).is_some() {
            self.at = None;
        }
    }

    fn put_blank(&mut self, position: Position) {
        match &mut self.blanks {
            Some(blanks) if blanks.from.y == position.y && blanks.from.x + blanks.len == position.x => blanks.len += 1,
            _ => {
                self.flush_blanks();
                self.blanks = Some(Blanks { from: position, len: 1 });
            }
        }
    }

    fn flush_blanks(&mut self) {
        let Some(Blanks { from, len }) = self.blanks.take() else { return };
        self.move_to(from);
        // Not every terminal erases with the background that is set.
        if len >= ERASE_FROM && self.look.bg == Color::Reset {
            self.frame.extend_from_slice(format!("\x1b[{len}X").as_bytes());
            return;
        }
        self.frame.extend(std::iter::repeat_n(b' ', usize::from(len)));
        self.advance(from, len);
    }

    /// Behind the last column the terminal waits for the next character to wrap: no place to count from.
    fn advance(&mut self, from: Position, columns: u16) {
        let x = from.x.saturating_add(columns);
        self.at = (x < self.size.width).then_some(Position { x, y: from.y });
    }

    fn move_to(&mut self, to: Position) {
        let text = match self.at {
            Some(at) if at == to => return,
            Some(at) if at.y == to.y && at.x + 1 == to.x => "\x1b[C".to_owned(),
            Some(at) if at.y == to.y && at.x < to.x => format!("\x1b[{}C", to.x - at.x),
            Some(at) if at.y + 1 == to.y && to.x == 0 => "\r\n".to_owned(),
            _ if to.x == 0 => format!("\x1b[{}H", to.y + 1),
            _ => format!("\x1b[{};{}H", to.y + 1, to.x + 1),
        };
        self.frame.extend_from_slice(text.as_bytes());
        self.at = Some(to);
    }

    /// Changes the look with one sequence: the differences, or everything from the start where that is shorter.
    fn restyle(&mut self, look: Look) {
        if look == self.look {
            return;
        }
        let changes = changes(self.look, look);
        let afresh = afresh(look);
        let codes = if changes.len() <= afresh.len() { changes } else { afresh };
        self.frame.extend_from_slice(b"\x1b[");
        self.frame.extend_from_slice(codes.as_bytes());
        self.frame.push(b'm');
        self.look = look;
    }
}

/// Codes from one look to another.
fn changes(from: Look, to: Look) -> String {
    let mut codes = String::new();
    let gone = from.modifier.difference(to.modifier);
    let mut kept = from.modifier.difference(gone);
    for (modifiers, off) in OFF {
        if gone.intersects(*modifiers) {
            push(&mut codes, off);
            // Bold and dim share their end.
            kept = kept.difference(*modifiers);
        }
    }
    push_modifiers(&mut codes, to.modifier.difference(kept));
    if from.fg != to.fg {
        push_color(&mut codes, to.fg, Ground::Text);
    }
    if from.bg != to.bg {
        push_color(&mut codes, to.bg, Ground::Back);
    }
    codes
}

/// Codes from the terminal's defaults; the default itself is the empty sequence `ESC [ m`.
fn afresh(to: Look) -> String {
    if to == Look::default() {
        return String::new();
    }
    let mut codes = "0".to_owned();
    push_modifiers(&mut codes, to.modifier);
    if to.fg != Color::Reset {
        push_color(&mut codes, to.fg, Ground::Text);
    }
    if to.bg != Color::Reset {
        push_color(&mut codes, to.bg, Ground::Back);
    }
    codes
}

const ON: &[(Modifier, &str)] = &[
    (Modifier::BOLD, "1"),
    (Modifier::DIM, "2"),
    (Modifier::ITALIC, "3"),
    (Modifier::UNDERLINED, "4"),
    (Modifier::REVERSED, "7"),
    (Modifier::CROSSED_OUT, "9"),
];

const OFF: &[(Modifier, &str)] = &[
    (Modifier::BOLD.union(Modifier::DIM), "22"),
    (Modifier::ITALIC, "23"),
    (Modifier::UNDERLINED, "24"),
    (Modifier::REVERSED, "27"),
    (Modifier::CROSSED_OUT, "29"),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ground {
    Text,
    Back,
}

fn push(codes: &mut String, code: &str) {
    if !codes.is_empty() {
        codes.push(';');
    }
    codes.push_str(code);
}

fn push_modifiers(codes: &mut String, modifier: Modifier) {
    for (_, code) in ON.iter().filter(|(on, _)| modifier.contains(*on)) {
        push(codes, code);
    }
}

fn push_color(codes: &mut String, color: Color, ground: Ground) {
    let back = if ground == Ground::Back { 10 } else { 0 };
    let code = match color {
        Color::Reset => (39 + back).to_string(),
        Color::Black => (30 + back).to_string(),
        Color::Red => (31 + back).to_string(),
        Color::Green => (32 + back).to_string(),
        Color::Yellow => (33 + back).to_string(),
        Color::Blue => (34 + back).to_string(),
        Color::Magenta => (35 + back).to_string(),
        Color::Cyan => (36 + back).to_string(),
        Color::Gray => (37 + back).to_string(),
        Color::DarkGray => (90 + back).to_string(),
        Color::LightRed => (91 + back).to_string(),
        Color::LightGreen => (92 + back).to_string(),
        Color::LightYellow => (93 + back).to_string(),
        Color::LightBlue => (94 + back).to_string(),
        Color::LightMagenta => (95 + back).to_string(),
        Color::LightCyan => (96 + back).to_string(),
        Color::White => (97 + back).to_string(),
        Color::Indexed(index) => format!("{};5;{index}", 38 + back),
        Color::Rgb(r, g, b) => format!("{};2;{r};{g};{b}", 38 + back),
    };
    push(codes, &code);
}

fn columns(symbol: &str) -> u16 {
    u16::try_from(crate::model::text::width(symbol)).unwrap_or(1)
}

impl<W: Write> Backend for Painter<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        for (x, y, cell) in content {
            self.put(Position { x, y }, cell);
        }
        self.flush_blanks();
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        if self.is_cursor_shown != Some(false) {
            self.frame.extend_from_slice(b"\x1b[?25l");
            self.is_cursor_shown = Some(false);
        }
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        if self.is_cursor_shown != Some(true) {
            self.frame.extend_from_slice(b"\x1b[?25h");
            self.is_cursor_shown = Some(true);
        }
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.cursor)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.cursor = position.into();
        self.move_to(self.cursor);
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    /// Only the whole screen is ever cleared: after a resize, and when the screen was given away.
    fn clear_region(&mut self, _: ClearType) -> io::Result<()> {
        self.look = Look::default();
        self.frame.extend_from_slice(b"\x1b[m\x1b[2J");
        self.at = None;
        Ok(())
    }

    fn size(&self) -> io::Result<Size> {
        Ok(self.size)
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: self.size, pixels: Size::ZERO })
    }

    /// Writes the frame, if anything has changed.
    fn flush(&mut self) -> io::Result<()> {
        if self.frame.is_empty() {
            return Ok(());
        }
        self.frame.splice(0..0, BEGIN.iter().copied());
        self.frame.extend_from_slice(END);
        let written = self.out.write_all(&self.frame).and_then(|()| self.out.flush());
        self.frame.clear();
        written
    }
}

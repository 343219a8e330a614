//! Keys as the command table and the config write them: `j`, `G`, `ctrl-d`, `space`, `enter`, `g g`.

use std::fmt;

/// One key press. Letters carry their case; `shift` is only set for keys that have no upper case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    pub code: Code,
    pub ctrl: bool,
    pub shift: bool,
}

/// Which key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    Char(char),
    Enter,
    Esc,
    Tab,
    Backspace,
    Delete,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
}

const NAMES: &[(&str, Code)] = &[
    ("enter", Code::Enter),
    ("esc", Code::Esc),
    ("tab", Code::Tab),
    ("backspace", Code::Backspace),
    ("delete", Code::Delete),
    ("up", Code::Up),
    ("down", Code::Down),
    ("left", Code::Left),
    ("right", Code::Right),
    ("home", Code::Home),
    ("end", Code::End),
    ("pgup", Code::PageUp),
    ("pgdn", Code::PageDown),
    ("space", Code::Char(' ')),
];

impl Key {
    pub const fn char(c: char) -> Self {
        Self { code: Code::Char(c), ctrl: false, shift: false }
    }

    pub const fn code(code: Code) -> Self {
        Self { code, ctrl: false, shift: false }
    }

    pub const fn ctrl(c: char) -> Self {
        Self { code: Code::Char(c), ctrl: true, shift: false }
    }

    /// One key as it is written; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (ctrl, rest) = match text.strip_prefix("ctrl-") {
            Some(rest) if !rest.is_empty() => (true, rest),
            _ => (false, text),
        };
        let (shift, rest) = match rest.strip_prefix("shift-") {
            Some(rest) if !rest.is_empty() => (true, rest),
            _ => (false, rest),
        };
        if let Some((_, code)) = NAMES.iter().find(|(name, _)| *name == rest) {
            return Some(Self { code: *code, ctrl, shift });
        }
        let mut chars = rest.chars();
        match (chars.next(), chars.next()) {
            (Some(c), None) => Some(Self { code: Code::Char(c), ctrl, shift }),
            _ => None,
        }
    }

    /// A sequence of keys separated by blanks.
    pub fn parse_all(text: &str) -> Option<Vec<Self>> {
        text.split_whitespace().map(Self::parse).collect()
    }

    /// The character that typing this key enters into a field.
    pub fn typed(self) -> Option<char> {
        match self.code {
            Code::Char(c) if !self.ctrl && !c.is_control() => Some(c),
            _ => None,
        }
    }
}

/// As help and hints show it: `^d`, `Space`, `PgDn`, `j`.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("^")?;
        }
        if self.shift {
            f.write_str("Shift-")?;
        }
        match NAMES.iter().find(|(_, code)| *code == self.code) {
            Some((name, code)) => f.write_str(label(name, *code)),
            None => match self.code {
                Code::Char(c) => write!(f, "{c}"),
                _ => Ok(()),
            },
        }
    }
}

/// The name of a key as it stands on keyboards.
fn label(name: &'static str, code: Code) -> &'static str {
    match code {
        Code::Enter => "Enter",
        Code::Esc => "Esc",
        Code::Tab => "Tab",
        Code::Backspace => "Backspace",
        Code::Delete => "Delete",
        Code::Up => "Up",
        Code::Down => "Down",
        Code::Left => "Left",
        Code::Right => "Right",
        Code::Home => "Home",
        Code::End => "End",
        Code::PageUp => "PgUp",
        Code::PageDown => "PgDn",
        Code::Char(' ') => "Space",
        Code::Char(_) => name,
    }
}

//! Themes: from roles to colours. The four that come along are in `themes/`; a person's own is the same kind of file.

use std::str::FromStr;

use ratatui::style::{Color, Modifier, Style};

use crate::app::page::Role;
use crate::model::problem::Problem;

/// Themes that come along, by name.
pub const BUILTIN: &[(&str, &str)] = &[
    ("ansi", include_str!("../../themes/ansi.toml")),
    ("dark", include_str!("../../themes/dark.toml")),
    ("light", include_str!("../../themes/light.toml")),
    ("mono", include_str!("../../themes/mono.toml")),
];

/// How many colours a terminal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// None: only bold, underline and reverse.
    Mono,
    Ansi16,
    Ansi256,
    True,
}

/// A style for each role, and whether only ASCII is drawn.
#[derive(Clone, Debug)]
pub struct Theme {
    styles: Vec<Style>,
    /// Frames from `+-|` and marks from ASCII, for `--ascii` and locales without UTF-8.
    pub is_ascii: bool,
}

impl Theme {
    /// The theme of this name that comes along; `None` for any other name.
    pub fn builtin(name: &str) -> Option<Self> {
        let (name, text) = BUILTIN.iter().find(|(known, _)| *known == name)?;
        Self::parse(name, text).ok()
    }

    /// Reads a theme file. Every role has to be set, unless the file names one of our themes to start
    /// from (`inherits = "dark"`). The error names the file and the role.
    pub fn parse(file: &str, text: &str) -> Result<Self, Problem> {
        let problem = |reason: String, hint: &str| Problem::of_file(file, reason, hint);
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            problem(format!("it is no TOML: {}", error.message()), "see `themes/` for examples")
        })?;
        let mut styles: Vec<Option<Style>> = match table.get("inherits") {
            None => vec![None; Role::ALL.len()],
            Some(base) => {
                let base = base.as_str().and_then(Self::builtin);
                let base =
                    base.ok_or_else(|| problem("inherits names no theme".into(), "use ansi, dark, light or mono"))?;
                base.styles.into_iter().map(Some).collect()
            }
        };
        for (name, value) in table.iter().filter(|(name, _)| *name != "inherits") {
            let role = Role::parse(name)
                .ok_or_else(|| problem(format!("unknown role {name}"), "`themes/ansi.toml` lists all roles"))?;
            let style = value.as_str().map_or_else(|| Err("is not a text".to_owned()), parse_style);
            styles[role as usize] = Some(style.map_err(|reason| problem(format!("role {name} {reason}"), ""))?);
        }
        let set = |role: &Role| {
            styles[*role as usize].ok_or_else(|| {
                problem(format!("role {} is not set", role.name()), "set it, or add inherits = \"ansi\"")
            })
        };
        Ok(Self { styles: Role::ALL.iter().map(set).collect::<Result<_, _>>()?, is_ascii: false })
    }

    /// The same theme with only the colours that the terminal has. The nearest of 16 colours can be anything, because
    /// terminals differ in them: there a role with other colours looks as in the theme `ansi`.
    #[must_use]
    pub fn reduced(mut self, depth: Depth) -> Self {
        let plain = Self::builtin("ansi").filter(|_| depth == Depth::Ansi16);
        for (style, plain) in self.styles.iter_mut().zip(plain.iter().flat_map(|ansi| &ansi.styles)) {
            if style.fg.is_some_and(is_beyond_16) || style.bg.is_some_and(is_beyond_16) {
                *style = *plain;
            }
        }
        for style in &mut self.styles {
            style.fg = style.fg.map(|color| reduce(color, depth));
            style.bg = style.bg.map(|color| reduce(color, depth));
        }
        self
    }

    pub fn style(&self, role: Role) -> Style {
        self.styles.get(role as usize).copied().unwrap_or_default()
    }
}

/// What the environment says about colours (<https://no-color.org>, `COLORTERM`, `TERM`). Nothing is
/// asked of the terminal: its answers arrive as typed text when a link is slow.
pub fn depth(no_color: Option<&str>, colorterm: Option<&str>, term: Option<&str>) -> Depth {
    let term = term.unwrap_or_default();
    if no_color.is_some_and(|value| !value.is_empty()) || term == "dumb" {
        Depth::Mono
    } else if matches!(colorterm, Some("truecolor" | "24bit")) || term.ends_with("-direct") {
        Depth::True
    } else if term.contains("256color") {
        Depth::Ansi256
    } else {
        Depth::Ansi16
    }
}

const NAMES: &[(&str, Color)] = &[
    ("default", Color::Reset),
    ("black", Color::Black),
    ("red", Color::Red),
    ("green", Color::Green),
    ("yellow", Color::Yellow),
    ("blue", Color::Blue),
    ("magenta", Color::Magenta),
    ("cyan", Color::Cyan),
    ("white", Color::Gray),
    ("bright-black", Color::DarkGray),
    ("bright-red", Color::LightRed),
    ("bright-green", Color::LightGreen),
    ("bright-yellow", Color::LightYellow),
    ("bright-blue", Color::LightBlue),
    ("bright-magenta", Color::LightMagenta),
    ("bright-cyan", Color::LightCyan),
    ("bright-white", Color::White),
];

const MODIFIERS: &[(&str, Modifier)] = &[
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("italic", Modifier::ITALIC),
    ("underline", Modifier::UNDERLINED),
    ("reverse", Modifier::REVERSED),
    ("strike", Modifier::CROSSED_OUT),
];

/// `[FG] [on BG] [MODIFIER…]`; the error goes on after the role's name.
fn parse_style(text: &str) -> Result<Style, String> {
    let mut style = Style::new();
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        if let Some((_, modifier)) = MODIFIERS.iter().find(|(name, _)| *name == word) {
            style = style.add_modifier(*modifier);
        } else if word == "on" {
            let color = words.next().ok_or("has no colour behind `on`")?;
            style = style.bg(parse_color(color)?);
        } else {
            style = style.fg(parse_color(word)?);
        }
    }
    // A letter is bold or dim: terminals differ on both at once, so the style on top decides.
    let (bold, dim) = (style.add_modifier.contains(Modifier::BOLD), style.add_modifier.contains(Modifier::DIM));
    Ok(match (bold, dim) {
        (true, _) => style.remove_modifier(Modifier::DIM),
        (false, true) => style.remove_modifier(Modifier::BOLD),
        (false, false) => style,
    })
}

fn parse_color(word: &str) -> Result<Color, String> {
    if let Some((_, color)) = NAMES.iter().find(|(name, _)| *name == word) {
        return Ok(*color);
    }
    if let Ok(index) = word.parse::<u8>() {
        return Ok(Color::Indexed(index));
    }
    if word.starts_with('#')
        && word.len() == 7
        && let Ok(color) = Color::from_str(word)
    {
        return Ok(color);
    }
    Err(format!("has the unknown colour or modifier {word}"))
}

fn reduce(color: Color, depth: Depth) -> Color {
    match (color, depth) {
        (Color::Reset, _) | (_, Depth::Mono) => Color::Reset,
        (Color::Rgb(r, g, b), Depth::Ansi256) => Color::Indexed(nearest_256((r, g, b))),
        (_, Depth::True | Depth::Ansi256 | Depth::Ansi16) => color,
    }
}

fn is_beyond_16(color: Color) -> bool {
    matches!(color, Color::Rgb(..) | Color::Indexed(16..))
}

type Rgb = (u8, u8, u8);

/// Steps of the 6x6x6 cube of the 256 colours.
const CUBE: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// Colour of an index from 16 on: the cube, then the greys.
fn rgb_of_index(index: u8) -> Rgb {
    if index >= 232 {
        let grey = 8 + 10 * (index - 232);
        return (grey, grey, grey);
    }
    let cube = usize::from(index.saturating_sub(16));
    (CUBE[cube / 36], CUBE[cube / 6 % 6], CUBE[cube % 6])
}

/// The closest of the cube and the greys; the first 16 vary from terminal to terminal.
fn nearest_256(color: Rgb) -> u8 {
    (16..=255).min_by_key(|index| distance(color, rgb_of_index(*index))).unwrap_or(16)
}

/// Squared distance, weighted as the eye weighs red, green and blue.
fn distance(a: Rgb, b: Rgb) -> i32 {
    let part = |a: u8, b: u8, weight: i32| (i32::from(a) - i32::from(b)).pow(2) * weight;
    part(a.0, b.0, 3) + part(a.1, b.1, 6) + part(a.2, b.2, 1)
}

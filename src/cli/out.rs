//! The door to a terminal or a pipe. Whatever a command prints as text passes here, and no control or hidden
//! character of a report gets through; colour is the only thing that the door itself adds.

use std::io::{self, Write};

use serde::Serialize;

use crate::exchange::safe;
use crate::model::grade::Severity;
use crate::model::text::visible;

/// Where a command prints.
pub(super) struct Out<'w> {
    to: &'w mut dyn Write,
    has_colour: bool,
    /// Columns of the terminal; `None` where lines are not cut.
    pub(super) columns: Option<usize>,
}

/// What a piece of text is, as far as colour goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    Title,
    Dim,
    Severity(Severity),
    Added,
    Removed,
}

impl<'w> Out<'w> {
    pub(super) fn new(to: &'w mut dyn Write, has_colour: bool, columns: Option<usize>) -> Self {
        Self { to, has_colour, columns }
    }

    /// Text as it is, but for control and hidden characters, which are written so that they can be seen.
    pub(super) fn text(&mut self, text: &str) -> io::Result<()> {
        safe::text(self.to, text)
    }

    pub(super) fn line(&mut self, text: &str) -> io::Result<()> {
        self.text(text)?;
        self.to.write_all(b"\n")
    }

    /// A line with words of strangers, in which a line break would look like a line of ours.
    pub(super) fn one_line(&mut self, text: &str) -> io::Result<()> {
        self.line(&visible(text))
    }

    /// Text in a colour, where there is colour.
    pub(super) fn ink(&mut self, ink: Ink, text: &str) -> io::Result<()> {
        if !self.has_colour {
            return self.text(text);
        }
        write!(self.to, "\x1b[{}m", ink.code())?;
        self.text(text)?;
        self.to.write_all(b"\x1b[0m")
    }

    /// Bytes that are not for a terminal: a diff in a pipe.
    pub(super) fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.to.write_all(bytes)
    }

    /// One value as JSON, with `\uXXXX` for every control, bidirectional or zero-width character.
    pub(super) fn json(&mut self, value: &impl Serialize) -> io::Result<()> {
        safe::json(self.to, value)
    }

    /// An array of values, one a line, written as they come.
    pub(super) fn json_array<T: Serialize>(&mut self, values: impl Iterator<Item = T>) -> io::Result<()> {
        self.to.write_all(b"[")?;
        for (number, value) in values.enumerate() {
            self.to.write_all(if number == 0 { b"\n" } else { b",\n" })?;
            self.json(&value)?;
        }
        self.to.write_all(b"\n]\n")
    }

    /// The way out itself, for documents that are safe by their own rules.
    pub(super) fn writer(&mut self) -> &mut dyn Write {
        self.to
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

impl Ink {
    /// Parameters of the terminal sequence, of the 16 colours that every theme has.
    fn code(self) -> &'static str {
        match self {
            Self::Title => "1",
            Self::Dim | Self::Severity(Severity::Info) => "2",
            Self::Severity(Severity::Critical) => "1;31",
            Self::Severity(Severity::High) | Self::Removed => "31",
            Self::Severity(Severity::Medium) => "33",
            Self::Severity(Severity::Low) => "34",
            Self::Added => "32",
        }
    }
}

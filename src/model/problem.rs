//! What went wrong with an input, said so that a person can act.

use std::fmt;

use serde::Serialize;

use super::text::counted;

/// One thing that is wrong with an input. The session goes on without it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file it is about, as it was named.
    pub file: String,
    /// Where in the file: a JSON pointer, `line 12`, `byte 4096`; empty for the whole file.
    pub place: String,
    /// What is wrong, lower case, no final stop.
    pub reason: String,
    /// What to do next; empty where nothing can be done.
    pub hint: String,
    /// How much was lost.
    pub loss: Loss,
}

/// What a problem cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Loss {
    /// Nothing: something odd was read with a stated meaning.
    Nothing,
    /// One result, or a part of one.
    Result,
    /// The rest of the file, or all of it. Makes commands exit with 3.
    File,
}

impl Problem {
    /// A problem of a whole file.
    pub fn of_file(file: impl Into<String>, reason: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { file: file.into(), place: String::new(), reason: reason.into(), hint: hint.into(), loss: Loss::File }
    }

    /// A problem at a place inside a file.
    pub fn at(file: impl Into<String>, place: impl Into<String>, reason: impl Into<String>, loss: Loss) -> Self {
        Self { file: file.into(), place: place.into(), reason: reason.into(), hint: String::new(), loss }
    }

    /// The same problem with a next step.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}

/// One line: `file: place: reason; hint`.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if !self.place.is_empty() {
            write!(f, ": {}", self.place)?;
        }
        if !self.file.is_empty() || !self.place.is_empty() {
            f.write_str(": ")?;
        }
        f.write_str(&self.reason)?;
        if !self.hint.is_empty() {
            write!(f, "; {}", self.hint)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}

/// How many there are: `2 problems, 1 note`. What cost nothing is a note. Empty for none.
pub fn tally(problems: &[Problem]) -> String {
    let notes = problems.iter().filter(|problem| problem.loss == Loss::Nothing).count();
    let parts = [(problems.len() - notes, "problem", "problems"), (notes, "note", "notes")];
    let parts = parts.into_iter().filter(|(count, ..)| *count > 0);
    parts.map(|(count, one, many)| counted(count, one, many)).collect::<Vec<String>>().join(", ")
}

//! How a command ends.

use std::io;

use crate::model::problem::Problem;
use crate::query::QueryError;

/// Exit codes (see the README).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    #[default]
    Done = 0,
    /// What was to hold does not.
    Failed = 1,
    Usage = 2,
    /// Some input could not be read; the rest was used.
    Unread = 3,
    /// A fix or decision was refused.
    Refused = 4,
    Internal = 5,
    /// Stopped by a signal, as a shell counts it.
    HungUp = 129,
    Interrupted = 130,
}

/// Why a command stopped.
#[derive(Debug, thiserror::Error)]
pub(super) enum Stop {
    #[error("{0}")]
    Usage(String),
    #[error("{0}")]
    Refused(Problem),
    #[error("{0}")]
    Problem(Problem),
    #[error("stopped")]
    Signal(Exit),
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// What a command returns.
pub(super) type Outcome = Result<Exit, Stop>;

impl Stop {
    /// The exit code. A closed pipe is no error: the reader has seen enough.
    pub(super) fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) => Exit::Usage,
            Self::Refused(_) => Exit::Refused,
            Self::Signal(exit) => *exit,
            Self::Io(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
            Self::Io(_) | Self::Problem(_) => Exit::Internal,
        }
    }

    /// What was named is wrong, in the words of a problem.
    #[expect(clippy::needless_pass_by_value, reason = "it takes the place of the problem")]
    pub(super) fn usage(why: impl ToString) -> Self {
        Self::Usage(why.to_string())
    }

    /// A bad query, with a mark below the term.
    pub(super) fn query(text: &str, error: &QueryError) -> Self {
        let before = text.get(..error.span.start).map_or(0, |before| before.chars().count());
        let marked = text.get(error.span.clone()).map_or(1, |term| term.chars().count().max(1));
        let mark = format!("{}{}", " ".repeat(before), "^".repeat(marked));
        Self::Usage(format!("{error}\n  {text}\n  {mark}"))
    }
}

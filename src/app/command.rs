//! The command table: one row for everything a person can do. Key lookup, footer hints, help, palette and the
//! key table of the README come from it.

use std::fmt;

use super::effect::Effect;
use super::state::State;

/// One command.
pub struct Command {
    /// As the palette and the config name it.
    pub name: &'static str,
    /// Default keys, each a key or a sequence (`g g`); the first is the one that is shown.
    pub keys: &'static [&'static str],
    pub scope: Scope,
    /// Heading in help.
    pub section: Section,
    /// What it does, for help and palette.
    pub help: &'static str,
    /// One or two words for the footer; empty where it is not shown there.
    pub hint: &'static str,
    /// Whether it gives a verdict: such keys act only on what the last frame has shown.
    pub is_decision: bool,
    /// Whether it decides or writes, so that all of the reports must be there.
    pub needs_whole: bool,
    /// Why it is not possible now; see [`Command::check`].
    pub when: fn(&State) -> Result<(), String>,
    pub run: fn(&mut State) -> Vec<Effect>,
}

/// Where a command's keys work. A key is looked up in the innermost scope, then in those it contains (`outer`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Wherever no text is typed.
    #[default]
    Global,
    /// List and detail pane alike.
    Triage,
    List,
    Detail,
    Flow,
    Filter,
    Review,
    Read,
    Picker,
    Form,
    Confirm,
    Popup,
}

impl Scope {
    /// The next scope to look in.
    pub fn outer(self) -> Option<Self> {
        match self {
            Self::List | Self::Detail | Self::Flow => Some(Self::Triage),
            Self::Triage | Self::Review | Self::Read => Some(Self::Global),
            Self::Global | Self::Filter | Self::Picker | Self::Form | Self::Confirm | Self::Popup => None,
        }
    }

    /// Name in the title of help.
    pub fn title(self) -> &'static str {
        match self {
            Self::Global | Self::Triage => "Everywhere",
            Self::List => "Findings list",
            Self::Detail => "Detail",
            Self::Flow => "Flow steps",
            Self::Filter => "Filter",
            Self::Review => "Fix review",
            Self::Read => "Page",
            Self::Picker => "Choose a command",
            Self::Form => "Form",
            Self::Confirm => "Question",
            Self::Popup => "Popup",
        }
    }
}

/// Headings of help, in their order: what a person came to do first, moving about last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    Decide,
    Fix,
    See,
    Select,
    List,
    Move,
    Go,
}

impl Section {
    pub fn title(self) -> &'static str {
        match self {
            Self::Move => "Move",
            Self::Select => "Select",
            Self::Decide => "Decide",
            Self::Fix => "Fix",
            Self::See => "See",
            Self::List => "List",
            Self::Go => "Quell",
        }
    }
}

impl Command {
    /// Why it is not possible now.
    pub fn check(&self, state: &State) -> Result<(), String> {
        match state.why_not_whole().filter(|_| self.needs_whole) {
            Some(why) => Err(why.to_owned()),
            None => (self.when)(state),
        }
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

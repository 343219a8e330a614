//! Which results of later scans decisions are about, and what shows it.

use super::grade::vocabulary;
use super::id::FindingId;

vocabulary! {
    /// What shows that a decision is about a result of a later scan, what tells most first. The rule is always the same.
    Tie {
        /// File, flagged lines and the lines around them are the same.
        Place = "same-place",
        /// The flagged lines are the same, and by git they are those that were decided upon.
        Line = "same-line",
        /// File and flagged lines are the same, and so is what the tool itself tells its results apart by.
        Fingerprint = "tool-fingerprint",
        /// The id is the same, and the rule has one result in the file.
        Id = "same-id",
        /// By git the flagged lines may have been moved into another file, or copied; or others may be them as well.
        Moved = "moved-line",
        /// The flagged lines and the lines around them are the same, in another file.
        Context = "same-context",
        /// File, flagged lines and message are the same.
        Text = "same-text",
        /// The file is the same, and so is what begins at the flagged line.
        Window = "same-start",
        /// The id is the same, and what stands around is not.
        IdAlone = "id-alone",
    }
}

impl Tie {
    /// Whether a decision holds by it. Else a person has to say that it does.
    pub fn is_sure(self) -> bool {
        matches!(self, Self::Place | Self::Line | Self::Fingerprint | Self::Id)
    }

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Place => "the flagged lines and those around them are the same",
            Self::Line => "git knows the flagged lines from then",
            Self::Fingerprint => "the tool gives it the same fingerprint, and the flagged lines are the same",
            Self::Id => "it has the same id, and its rule has no other result in the file",
            Self::Moved => "by git the flagged lines may be these, or others like them",
            Self::Context => "the flagged lines and those around them are the same, in another file",
            Self::Text => "the flagged lines are the same, elsewhere in the file",
            Self::Window => "what begins at the flagged line is the same",
            Self::IdAlone => "it has the same id, among other lines",
        }
    }
}

/// That an event is about a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hold {
    pub result: FindingId,
    /// Number of the event.
    pub event: u32,
    /// Position in the event's members.
    pub member: u32,
    /// `None` where the event was made about the same report, or only comes along: it was replaced, or it is a comment.
    pub tie: Option<Tie>,
}

/// What is known of events and results beside the ids that events name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bound {
    /// Sorted, one for an event and a result.
    pub holds: Vec<Hold>,
    /// Events, by number, that name the id of a result and are not about it, with that id; sorted.
    pub left: Vec<(FindingId, u32)>,
}

impl Bound {
    pub fn hold(&self, result: FindingId, event: u32) -> Option<&Hold> {
        let at = self.holds.binary_search_by_key(&(result, event), |hold| (hold.result, hold.event)).ok()?;
        self.holds.get(at)
    }

    /// What events are about a result.
    pub fn of(&self, result: FindingId) -> impl Iterator<Item = &Hold> {
        let from = self.holds.partition_point(|hold| hold.result < result);
        self.holds.iter().skip(from).take_while(move |hold| hold.result == result)
    }

    /// What shows that an event is about a result; `None` where they have the id in common and nothing else was asked.
    pub fn tie(&self, result: FindingId, event: u32) -> Option<Tie> {
        self.hold(result, event)?.tie
    }

    pub fn has_left(&self, result: FindingId, event: u32) -> bool {
        self.left.binary_search(&(result, event)).is_ok()
    }
}

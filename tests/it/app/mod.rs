//! The console as a pure function: keys in, state and effects out.

mod ai;
mod decide;
mod detail;
mod lines;
mod list;
mod loading;
mod offers;
mod pages;
mod policy;
mod prove;
mod remedies;
mod review;
mod secret;
mod table;
mod text;

use std::sync::Arc;

use quell::app::answer;
use quell::app::effect::{Effect, Judged, Msg};
use quell::app::key::Key;
use quell::app::state::{State, Target};
use quell::app::update::{self, Input};
use quell::model::board::Board;
use quell::model::decision::{Request, Standing, Status};
use quell::model::funnel::Funnel;

use crate::support::board::{TODAY, board};

/// A console without a terminal.
pub(crate) struct Console {
    pub(crate) state: State,
}

impl Console {
    /// The small board, loaded and drawn once, 120x40.
    pub(crate) fn new() -> Self {
        Self::of(board())
    }

    /// The same with a board of its own.
    pub(crate) fn of(board: Board) -> Self {
        let mut state = State::new(TODAY);
        state.size = (120, 40);
        let Some(Effect::Load(ticket)) = update::start(&mut state).pop() else { panic!("a start loads") };
        let loaded = Msg::Loaded { ticket, board, problems: Vec::new(), branch: None };
        answer::receive(&mut state, loaded);
        update::frame_is_out(&mut state, true);
        Self { state }
    }

    /// Types keys (`j`, `ctrl-d`, `s n`), a frame after each; `"text"` types its letters. Returns all effects.
    pub(crate) fn keys(&mut self, keys: &str) -> Vec<Effect> {
        let mut effects = Vec::new();
        for (at, part) in keys.split('"').enumerate() {
            let keys: Vec<Key> = if at % 2 == 1 {
                part.chars().map(Key::char).collect()
            } else {
                Key::parse_all(part).expect("keys as the table writes them")
            };
            for key in keys {
                effects.extend(update::input(&mut self.state, Input::Key(key)));
                update::frame_is_out(&mut self.state, true);
            }
        }
        effects
    }

    /// The decisions among the effects of some keys.
    pub(crate) fn decisions(&mut self, keys: &str) -> Vec<Request> {
        let effects = self.keys(keys);
        effects
            .into_iter()
            .filter_map(|effect| match effect {
                Effect::Decide(request) => Some(*request),
                _ => None,
            })
            .collect()
    }

    /// The number in the small board of the finding under the cursor.
    pub(crate) fn at(&self) -> Option<u32> {
        self.state.current_idx()
    }

    /// Answers a decision as the worker does: these findings now have this status.
    pub(crate) fn judge(&mut self, findings: &[u32], status: Status) {
        let mut standings: Vec<Standing> = self.state.board.standings.iter().cloned().collect();
        for finding in findings {
            standings[*finding as usize].status = status;
        }
        let judged = Judged {
            standings: Arc::new(standings.into_iter().collect()),
            events: Arc::default(),
            policies: Arc::default(),
            reaches: None,
            funnel: Funnel::default(),
        };
        answer::receive(&mut self.state, Msg::Decided(Ok(("decided".to_owned(), judged))));
        update::frame_is_out(&mut self.state, true);
    }

    pub(crate) fn notice(&self) -> &str {
        self.state.notice.as_ref().map_or("", |notice| notice.text.as_str())
    }

    /// Findings that the list shows, in its order.
    pub(crate) fn listed(&self) -> Vec<u32> {
        self.state.rows.findings.clone()
    }

    pub(crate) fn is_on_group(&self) -> bool {
        matches!(self.state.list.cursor, Some(Target::Group(_)))
    }
}

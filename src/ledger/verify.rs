//! Whether the ledger is as its writers left it: every file is read, nothing is believed.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::model::decision::{Event, Origin};
use crate::model::problem::{Loss, Problem};
use crate::repo::Repo;

use super::event::path_of;
use super::home::in_tree;
use super::read::{Ledger, Trust, read_with};

/// How far a clock may run ahead before that is told, in seconds.
pub(super) const AHEAD: i64 = 300;

/// What was looked at, and what is wrong with it. A problem that costs nothing is a note.
#[derive(Clone, Debug, Default)]
pub struct Verified {
    pub ledger: Ledger,
    pub problems: Vec<Problem>,
}

/// Reads every file, and looks at what events say of each other.
pub fn verify(repo: &Repo, now: Timestamp) -> Verified {
    let mut ledger = read_with(repo, Trust::Nothing);
    let mut problems = std::mem::take(&mut ledger.problems);
    let by_id: HashMap<&str, &Event> = ledger.events.iter().map(|event| (event.id.as_str(), event)).collect();
    for event in &ledger.events {
        for id in event.supersedes.iter().chain(&event.about) {
            match by_id.get(id.as_str()) {
                None => problems.push(
                    told(event, &format!("names the event {id}, which is not here"), Loss::File)
                        .hint("restore it with git, or merge the branch that has it"),
                ),
                Some(older) if older.at > event.at => {
                    let reason =
                        format!("is dated {}, before the event {id} of {}, which it names", event.at, older.at);
                    problems
                        .push(told(event, &reason, Loss::File).hint("a clock was wrong, or the event is back-dated"));
                }
                Some(_) => {}
            }
        }
        if event.at.as_second() > now.as_second() + AHEAD {
            let reason = format!("is dated {}, which is in the future", event.at);
            problems.push(told(event, &reason, Loss::File).hint("a clock was wrong"));
        }
    }
    Verified { ledger, problems }
}

/// What is wrong with an event, at its file.
pub(super) fn told(event: &Event, reason: &str, loss: Loss) -> Problem {
    let file = in_tree(&path_of(event));
    let place = if event.origin == Origin::Tree { String::new() } else { event.origin.name().to_owned() };
    Problem::at(file, place, format!("the {} of {} {reason}", event.op, event.author), loss)
}

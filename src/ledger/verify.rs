//! Whether the ledger is as its writers left it: every file is read, nothing is believed.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::model::decision::{Event, Origin};
use crate::model::policy::{OPS, Policies};
use crate::model::problem::{Loss, Problem};
use crate::model::text::counted;
use crate::repo::Repo;

use super::event::path_of;
use super::fold::names;
use super::home::{CONFIG, in_tree};
use super::keeps::{Lack, lacks};
use super::policy;
use super::read::{Ledger, Trust, read_with};

/// How far a clock may run ahead before that is told, in seconds.
pub(super) const AHEAD: i64 = 300;

/// What was looked at, and what is wrong with it. A problem that costs nothing is a note.
#[derive(Clone, Debug, Default)]
pub struct Verified {
    pub ledger: Ledger,
    pub problems: Vec<Problem>,
}

/// Reads every file, and looks at what events say of each other and of the policies.
pub fn verify(repo: &Repo, now: Timestamp) -> Verified {
    let mut verified = verify_files(repo, now);
    let (policies, wrong) = policy::in_force(repo);
    let events = &verified.ledger.events;
    verified.problems.extend(wrong);
    verified.problems.extend(keeping(repo, events, &policies, now, &|event| Some(names(event))));
    if !events.is_empty() && OPS.iter().any(|op| policies.asks_who(*op) || policies.asks_approval(*op)) {
        let reason = "the policy asks who decides and approves, and names are not proved: anybody can write them";
        let problem = Problem::at(CONFIG, "policy", reason, Loss::Nothing);
        verified.problems.push(problem.hint("quell ledger verify --strict goes by keys"));
    }
    verified
}

/// Which events do not keep to a policy, and which wait for somebody; see [`lacks`].
pub(super) fn keeping<'e>(
    repo: &Repo,
    events: &'e [Event],
    policies: &Policies,
    now: Timestamp,
    names: &dyn Fn(&'e Event) -> Option<Vec<&'e str>>,
) -> Vec<Problem> {
    let (lacks, untold) = lacks(repo, events, policies, now, names);
    let told_of = |(number, lack): (usize, Lack)| match (events.get(number)?, lack) {
        (event, Lack::Breach(breach)) => {
            let problem = told(event, &format!("counts for nothing: it {}", breach.words()), Loss::File);
            Some(problem.hint(breach.allowed))
        }
        (event, Lack::Approval(source)) => {
            let reason = format!("counts when another person approves it (policy.accept-risk.approval of {source})");
            Some(told(event, &reason, Loss::Nothing).hint("quell decide approve ID"))
        }
    };
    let mut problems: Vec<Problem> = lacks.into_iter().filter_map(told_of).collect();
    if untold > 0 {
        let events = counted(untold, "event does", "events do");
        let reason =
            format!("{events} not say how severe its findings are: what the policy asks by severity is not looked at");
        problems.push(
            Problem::at(in_tree(""), "", reason, Loss::Nothing).hint("quell status, which reads the reports, does"),
        );
    }
    problems
}

/// Reads every file, and looks at what events say of each other.
pub(super) fn verify_files(repo: &Repo, now: Timestamp) -> Verified {
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

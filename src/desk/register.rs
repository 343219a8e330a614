//! The register of risks as it stands, or stood.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::ledger;
use crate::ledger::register::{Filing, Then, beside, folder_of, kept_at};
use crate::model::due::utc;
use crate::model::problem::{Loss, Problem};
use crate::model::register::{Commit, Register};
use crate::model::text::counted;
use crate::repo::Repo;

use super::{Desk, today};

/// Which moment is meant, in the words of a person.
enum Moment {
    Time(Timestamp),
    Revision(String),
}

impl Moment {
    /// A day ends with its last second in UTC. What is neither a day nor a time is a revision.
    fn of(text: &str) -> Self {
        let day = text.parse::<Date>().ok().filter(|_| text.len() == "2027-01-31".len());
        let next = day.and_then(|day| day.checked_add(1.day()).ok()?.to_zoned(TimeZone::UTC).ok());
        let end = next.and_then(|next| next.timestamp().checked_sub(1.second()).ok());
        match end.or_else(|| text.parse::<Timestamp>().ok()) {
            Some(at) => Self::Time(at),
            None => Self::Revision(text.to_owned()),
        }
    }
}

impl Desk {
    /// The register now, by the files on the disk; or as of a day, a time, or a revision, by what git has.
    pub fn register(&self, as_of: Option<&str>) -> Result<Register, Problem> {
        let (keeper, reference) = kept_at(&self.repo);
        let name = reference.clone().unwrap_or_else(|| "HEAD".to_owned());
        let Some(text) = as_of else { return Ok(self.register_now(&keeper, &name)) };
        if !keeper.has_git() {
            return Err(refused(text, "without git only the register of now is known", "leave out --as-of"));
        }
        let (id, time) = match Moment::of(text) {
            Moment::Time(at) => {
                let found = keeper.as_of(&name, at);
                let none = || refused(text, &format!("{name} has no commit as old as that"), "name a later day");
                (found.ok_or_else(none)?, at)
            }
            Moment::Revision(revision) => {
                let hint = "name a day (2027-01-31), a time (2027-01-31T12:00:00Z), or a revision of git";
                let id = keeper.commit_id(&revision).ok_or_else(|| refused(text, "there is no such revision", hint))?;
                let at = keeper.commit_times(&id).map(|times| times.at);
                (id, at.unwrap_or_else(Timestamp::now))
            }
        };
        let mut filing = Filing::of_tree(&keeper, folder_of(&keeper, &id).as_deref());
        filing.ledger.problems.extend(back_dated(&keeper, &id));
        let others = beside(&self.repo, &filing, time).into_iter().map(|(name, commit, count)| {
            let events = counted(count, "event", "events");
            let reason = format!("this register is without {events} that counted too");
            refused(&name, &reason, &format!("quell report --as-of {commit}"))
        });
        filing.ledger.problems.extend(others);
        let is_of_code = reference.is_none() && keeper.root() == self.repo.root();
        let code = if is_of_code { Some(id.as_str()) } else { None };
        let of_then = Then { code, time };
        Ok(Register { is_of_commit: true, ..self.filled(&keeper, &filing, Some(&of_then), name, Some(id.clone())) })
    }

    fn register_now(&self, keeper: &Repo, name: &str) -> Register {
        let commit = keeper.commit_id(name);
        let tree = commit.as_ref().and_then(|commit| folder_of(keeper, commit));
        let filing = Filing::now(keeper, ledger::read(&self.repo), tree.as_deref());
        self.filled(keeper, &filing, None, name.to_owned(), commit)
    }

    fn filled(
        &self,
        keeper: &Repo,
        filing: &Filing,
        then: Option<&Then<'_>>,
        name: String,
        commit: Option<String>,
    ) -> Register {
        let day = then.map_or_else(today, |then| utc(then.time));
        let rules = self.repo.codeowners(then.and_then(|then| then.code));
        let commit = commit.and_then(|id| Some(Commit { at: keeper.commit_times(&id)?.at, id }));
        Register {
            repo: self.repo.name(),
            day,
            commit,
            is_of_commit: false,
            name,
            risks: filing.risks(&self.repo, day, then, &|path| rules.of(path).join(" ")),
            files: filing.ledger.events.len(),
            problems: filing.ledger.problems.clone(),
        }
    }
}

/// That a commit says that it is older than what it was made on: then it may not have been there on that day.
fn back_dated(repo: &Repo, commit: &str) -> Option<Problem> {
    let times = repo.commit_times(commit)?;
    let parent = times.back_dated()?;
    let reason = format!("the commit says {}, and its parent {parent}: it may be back-dated", times.at);
    Some(refused(commit, &reason, "quell ledger verify --strict looks at all clocks"))
}

fn refused(text: &str, reason: &str, hint: &str) -> Problem {
    Problem::at(text, "", reason, Loss::Nothing).hint(hint)
}

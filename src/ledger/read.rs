//! Reads every event there is: files, archives, drafts, what refs hold.
//!
//! What was read is kept, so that a large ledger is not parsed again. A folder that says the same of itself as before is
//! not listed; in one that does not, only what is new is read. Up to [`MAX_ASKED`] files are each asked whether they are
//! as they were; of more, a share at each load, so that an edit in place, which changes no folder, is found within a few
//! loads. Until then what counts is the event as it was written: never what the edit says.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::model::decision::{Event, Origin};
use crate::model::problem::Problem;
use crate::repo::Repo;
use crate::repo::kept::Shelf;

use super::archive::{has_ending, is_archive, unpack};
use super::cache::{Shared, Writer, opened, sealed};
use super::event::parse;
use super::home::{FOLDER, Home, Source};
use super::walk::{Known, Walk};

/// The least number of events that are worth keeping.
const MIN_KEPT: usize = 500;
/// Files that are asked at one load.
const MAX_ASKED: usize = 10_000;

/// Every event that could be read, and what was wrong with the others (which suppress nothing).
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// Sorted by time and hash, as their file names are.
    pub events: Vec<Event>,
    pub problems: Vec<Problem>,
}

/// What is believed without a look at the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// What was kept, where nothing says that it has changed.
    Kept,
    /// Nothing: every file is read.
    Nothing,
}

/// Reads the decisions of the repository, wherever it keeps them.
pub fn read(repo: &Repo) -> Ledger {
    read_with(repo, Trust::Kept)
}

/// As [`read`].
pub fn read_with(repo: &Repo, trust: Trust) -> Ledger {
    read_at(repo, trust, SystemTime::now())
}

/// As [`read`], at this time by the clock of the disk.
pub fn read_at(repo: &Repo, trust: Trust, now: SystemTime) -> Ledger {
    let now = nanoseconds(now);
    let (home, problem) = Home::of(repo);
    let mut found = Found { problems: problem.into_iter().collect(), ..Found::default() };
    for source in home.sources() {
        match source {
            Source::Shelf(repo, shelf, origin) => found.read_shelf(repo, shelf, origin, trust, now),
            Source::Ref(name, origin) => found.read_ref(repo, &name, origin, trust),
        }
    }
    found.ledger()
}

/// Names of the archives of a tree.
pub(super) fn archives(repo: &Repo) -> Vec<String> {
    let Ok(Some(folder)) = repo.open_kept(Shelf::Tree, FOLDER) else { return Vec::new() };
    let names = folder.entries().unwrap_or_default().into_iter().map(|file| file.name);
    names.filter(|name| is_archive(name)).collect()
}

/// Events with where they lie, if that is not where they should.
#[derive(Default)]
struct Found {
    events: Vec<Event>,
    /// Path and id.
    odd: Vec<(String, String)>,
    problems: Vec<Problem>,
}

impl Found {
    fn ledger(self) -> Ledger {
        let hint = "what it holds does not count; restore it with git, then reload";
        let Self { mut events, odd, problems } = self;
        let key = |event: &Event| (event.at, event.id.clone(), event.origin);
        if !events.is_sorted_by(|a, b| (a.at, &a.id, a.origin) <= (b.at, &b.id, b.origin)) {
            events.sort_by_cached_key(key);
        }
        let mut twice: Vec<String> = Vec::new();
        events.dedup_by(|b, a| {
            let is_same = a.id == b.id;
            if is_same && b.origin == Origin::Tree {
                twice.push(b.id.clone());
            }
            is_same
        });
        let mut problems: Vec<Problem> = problems
            .into_iter()
            .map(|problem| if problem.hint.is_empty() { problem.hint(hint) } else { problem })
            .collect();
        let copies = odd.into_iter().filter(|(_, id)| twice.contains(id));
        problems.extend(copies.map(|(path, id)| twin(path, &id)));
        Ledger { events, problems }
    }

    fn read_shelf(&mut self, repo: &Repo, shelf: Shelf, origin: Origin, trust: Trust, now: i64) {
        let folder = match repo.open_kept(shelf, FOLDER) {
            Ok(Some(folder)) => folder,
            Ok(None) => return,
            Err(problem) => return self.problems.push(problem),
        };
        let name = format!("{shelf:?}").to_ascii_lowercase();
        let kept = if trust == Trust::Kept { repo.remembered(&name) } else { None };
        let known = kept.as_deref().and_then(Known::of).unwrap_or_default();
        let first = self.events.len();
        let share = known.files.div_ceil(MAX_ASKED).max(1);
        let mut walk = Walk::new(known, share, now);
        walk.folder(&folder, "", 0);
        if trust == Trust::Kept && walk.has_changed && walk.events.len() >= MIN_KEPT {
            repo.remember(&name, &walk.kept());
        }
        self.odd.extend(walk.odd);
        self.problems.extend(walk.problems);
        if self.events.is_empty() {
            self.events = walk.events;
        } else {
            self.events.extend(walk.events);
        }
        if origin != Origin::Tree {
            self.set_origin(first, origin);
        }
    }

    fn read_ref(&mut self, repo: &Repo, name: &str, origin: Origin, trust: Trust) {
        let Some(tree) = repo.folder_at(name, &format!(".quell/{FOLDER}")) else { return };
        let first = self.events.len();
        let own = name.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        let kept = if trust == Trust::Kept { repo.remembered(&own) } else { None };
        if let Some(events) = kept.as_deref().and_then(|kept| events_of(kept, &tree)) {
            self.events.extend(events);
        } else {
            let problems = self.problems.len();
            for (path, bytes) in repo.files_of(&tree) {
                let shown = format!("{name}:{path}");
                match read_file(&shown, &path, &bytes) {
                    Ok(events) => self.events.extend(events),
                    Err(problem) => self.problems.push(problem),
                }
            }
            let events = self.events.get(first..).unwrap_or_default();
            if problems == self.problems.len() && events.len() >= MIN_KEPT {
                repo.remember(&own, &sealed(&ref_bytes(&tree, events)));
            }
        }
        self.set_origin(first, origin);
    }

    fn set_origin(&mut self, first: usize, origin: Origin) {
        for event in self.events.iter_mut().skip(first).filter(|event| event.origin == Origin::Tree) {
            event.origin = origin;
        }
    }
}

/// The events of one file; none of what is no event file. `name` decides what it is.
pub(super) fn read_file(shown: &str, name: &str, bytes: &[u8]) -> Result<Vec<Event>, Problem> {
    let last = name.rsplit('/').next().unwrap_or(name);
    if is_archive(last) {
        unpack(shown, bytes)
    } else if is_read(last) {
        parse(shown, bytes).map(|event| vec![event])
    } else {
        Ok(Vec::new())
    }
}

/// Whether a file belongs to the ledger, by its name.
pub(super) fn is_read(name: &str) -> bool {
    is_archive(name) || has_ending(name, "json")
}

fn twin(path: String, id: &str) -> Problem {
    Problem::of_file(path, format!("the event {id} is there twice"), "remove one of the two files")
}

fn nanoseconds(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
}

/// What is kept of a ref: the id of its folder, and the events.
fn ref_bytes(tree: &str, events: &[Event]) -> Vec<u8> {
    let mut body = Writer::default();
    body.text(tree);
    for event in events {
        body.number(u64::from(event.origin == Origin::Archive));
        body.event(event);
    }
    body.bytes
}

fn events_of(kept: &[u8], tree: &str) -> Option<Vec<Event>> {
    let mut bytes = opened(kept)?;
    if bytes.text()? != tree {
        return None;
    }
    let (mut events, mut shared) = (Vec::new(), Shared::new());
    while !bytes.is_empty() {
        let origin = if bytes.number()? == 0 { Origin::Tree } else { Origin::Archive };
        events.push(Event { origin, ..bytes.event(&mut shared)? });
    }
    Some(events)
}

//! Taking back and bringing back: what the log says, the files, and the decisions that belong to them.

use std::collections::HashSet;
use std::path::{Component, Path};

use jiff::Timestamp;

use crate::fix::changed_alike;
use crate::ledger::{self, Draft};
use crate::model::decision::Event;
use crate::model::id::FindingId;
use crate::model::problem::{Loss, Problem};
use crate::repo::log::{Entry, Part, Side};
use crate::repo::stage::Staged;
use crate::repo::turn::{Changed, Turned, Turning};
use crate::repo::write::disowned_note;

use super::account::commit_range;
use super::{Desk, refusal};

/// What an undo or redo did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Undone {
    /// One line for each entry, in the order in which they were done.
    pub summaries: Vec<String>,
    /// Why it stopped.
    pub problem: Option<Problem>,
    /// What the next undo takes back, in words.
    pub next: Option<String>,
}

impl Undone {
    /// Says which decisions were left as they are, because they are not here to be taken back.
    fn pass_over(&mut self, away: &[String]) {
        let said = match away {
            [] => return,
            [only] => format!("passed over, as it is not in this tree: {only}"),
            [last, ..] => format!("passed over {} decisions that are not in this tree, the last: {last}", away.len()),
        };
        match &mut self.problem {
            Some(problem) if self.summaries.is_empty() => problem.hint = said,
            _ => self.summaries.push(said),
        }
    }
}

/// The events that are in this tree, or wherever else it keeps them.
pub struct Here(HashSet<String>);

impl Here {
    /// Whether what an entry did is here: a decision can be on another branch alone, and its file can have been removed. To
    /// take it back here would do nothing.
    pub fn has(&self, entry: &Entry) -> bool {
        let own = &entry.note.events;
        !entry.files.is_empty() || own.is_empty() || own.iter().any(|id| self.0.contains(id))
    }
}

/// One way through the log.
#[derive(Clone, Copy)]
struct Way {
    to: Side,
    /// What is said of an entry that was turned.
    done: &'static str,
    nothing: &'static str,
}

const UNDO: Way = Way { to: Side::Before, done: "undone", nothing: "nothing to undo" };
const REDO: Way = Way { to: Side::After, done: "done again", nothing: "nothing to redo" };

impl Desk {
    /// Everything that can be taken back or was, oldest first.
    pub fn log(&self) -> Result<Vec<Entry>, Problem> {
        self.repo.log()
    }

    /// Takes back the last `count` entries that are in effect, newest first. Stops at the first that cannot be; what was
    /// taken back until then is in [`Undone::summaries`]. With `files` it is the last entries that wrote one of them, and
    /// of those only these files.
    pub fn undo(&self, count: usize, files: &[String]) -> Undone {
        let (log, files) = match self.log_of(files) {
            Ok(found) => found,
            Err(problem) => return Undone { problem: Some(problem), ..Undone::default() },
        };
        let here = self.here();
        let (mut entries, mut away) = (Vec::new(), Vec::new());
        for entry in log.into_iter().rev().filter(|entry| entry.can_turn(&files, UNDO.to)) {
            if here.has(&entry) {
                entries.push(entry);
            } else if entries.len() < count {
                away.push(entry.title);
            }
            if entries.len() > count {
                break;
            }
        }
        let after = if entries.len() > count { entries.pop() } else { None };
        let mut undone = self.step_through(&entries, UNDO, &files);
        undone.next = entries.into_iter().nth(undone.summaries.len()).or(after).map(|entry| entry.title);
        undone.pass_over(&away);
        undone
    }

    /// Brings back the last `count` entries that were taken back since anything else was done, in their first order. With
    /// `files` it is the entries that wrote one of them, and of those only these files.
    pub fn redo(&self, count: usize, files: &[String]) -> Undone {
        let (log, files) = match self.log_of(files) {
            Ok(found) => found,
            Err(problem) => return Undone { problem: Some(problem), ..Undone::default() },
        };
        let is_older = log.iter().any(|entry| entry.can_turn(&files, REDO.to));
        let here = self.here();
        let is_about = |entry: &Entry| {
            here.has(entry) && (files.is_empty() || entry.files.iter().any(|path| files.contains(path)))
        };
        let log: Vec<Entry> = log.into_iter().filter(is_about).collect();
        let is_whole = |entry: &Entry| !entry.can_turn(&files, REDO.to);
        let first = log.iter().rposition(is_whole).map_or(0, |at| at + 1);
        let entries: Vec<Entry> = log.into_iter().skip(first).take(count).collect();
        let mut undone = self.step_through(&entries, REDO, &files);
        if entries.is_empty() && is_older {
            let hint = "files of an older batch come back with quell redo --file PATH";
            undone.problem = undone.problem.map(|problem| problem.hint(hint));
        }
        let last = undone.summaries.len().checked_sub(1);
        undone.next = last.and_then(|last| entries.into_iter().nth(last)).map(|entry| entry.title);
        undone
    }

    /// What of the log is in this tree.
    pub fn here(&self) -> Here {
        Here(ledger::read(&self.repo).events.into_iter().map(|event| event.id).collect())
    }

    /// The log, and files as it names them. They are relative to the working directory, or else to the root.
    fn log_of(&self, files: &[String]) -> Result<(Vec<Entry>, Vec<String>), Problem> {
        let log = self.log()?;
        let is_known = |path: &String| log.iter().any(|entry| entry.files.contains(path));
        let find = |name: &String| {
            let ways = [self.as_from_root(name), Some(name.trim_start_matches("./").to_owned())];
            let unknown =
                || Problem::of_file(name, "no batch in the log wrote it", "quell undo --list names the files");
            ways.into_iter().flatten().find(is_known).ok_or_else(unknown)
        };
        let files = files.iter().map(find).collect::<Result<_, _>>()?;
        Ok((log, files))
    }

    fn as_from_root(&self, name: &str) -> Option<String> {
        let mut path = self.cwd().canonicalize().ok()?;
        for part in Path::new(name).components() {
            match part {
                Component::ParentDir => drop(path.pop()),
                Component::CurDir => {}
                part => path.push(part),
            }
        }
        Some(path.strip_prefix(self.repo.root()).ok()?.to_string_lossy().into_owned())
    }

    fn step_through(&self, entries: &[Entry], way: Way, files: &[String]) -> Undone {
        let mut undone = Undone::default();
        if entries.is_empty() {
            undone.problem = Some(Problem::at("", "", way.nothing, Loss::Nothing));
        }
        for entry in entries {
            match self.turn(entry, way, files) {
                Ok(summary) => undone.summaries.push(summary),
                Err(problem) => {
                    undone.problem = Some(problem);
                    break;
                }
            }
        }
        undone
    }

    /// Turns files of an entry, its decisions and what it staged. The ledger never says more than the files hold, whenever
    /// this is interrupted: it speaks before an undo and after a redo.
    fn turn(&self, entry: &Entry, way: Way, files: &[String]) -> Result<String, Problem> {
        let known = ledger::read(&self.repo).events;
        let names = entry.turnable(files, way.to);
        let wanted = Wanted::of(entry, &names, way.to, &known);
        let turning = Turning {
            entry,
            to: way.to,
            files: &names,
            events: &wanted.events,
            merge: &|changed| merged(changed, way.to),
        };
        let ready = self.repo.ready(&turning).map_err(refusal)?;
        let turned = match way.to {
            Side::Before => {
                let spoken = self.speak(entry, &known, &wanted)?;
                ready.turn().map_err(|error| self.unspeak(&spoken, refusal(error)))?
            }
            Side::After => {
                let turned = ready.turn().map_err(refusal)?;
                if let Err(problem) = self.speak(entry, &known, &wanted) {
                    self.turn_back(entry, &turned, way.to.other())?;
                    return Err(problem);
                }
                turned
            }
        };
        let staged = if entry.commits.is_empty() { self.turn_staged(entry, &turned, way.to) } else { None };
        Ok(summary(entry, &turned, way, staged.as_deref()))
    }

    /// Lets the log go on saying what the ledger does.
    fn turn_back(&self, entry: &Entry, turned: &Turned, to: Side) -> Result<(), Problem> {
        let Some(now) = self.log()?.into_iter().find(|other| other.name == entry.name) else { return Ok(()) };
        let merge = |changed: &Changed<'_>| merged(changed, to);
        let turning = Turning { entry: &now, to, files: &turned.files, events: &entry.events, merge: &merge };
        self.repo.turn(&turning).map(drop).map_err(refusal)
    }

    /// Lets the ledger say what is wanted: takes back what spoke for the entry, brings back or writes what does now. What a
    /// crash kept from the disk, or has already said, needs no event. Returns those that it wrote; where one fails, those
    /// before it are taken back.
    fn speak(&self, entry: &Entry, known: &[Event], wanted: &Wanted) -> Result<Vec<String>, Problem> {
        let is_known = |id: &&String| known.iter().any(|event| event.id == **id);
        let own: Vec<&Event> = known.iter().filter(|event| entry.note.events.contains(&event.id)).collect();
        let is_own = |event: &&Event| own.iter().any(|own| ledger::is_part(event, own));
        let old: Vec<String> = known.iter().filter(is_own).map(|event| event.id.clone()).collect();
        let mut old = ledger::in_effect(&self.repo, known, &old);
        old.retain(|id| !wanted.events.contains(id));
        let new: Vec<String> = wanted.events.iter().filter(is_known).cloned().collect();
        let spoken = ledger::in_effect(&self.repo, known, &new);
        let back: Vec<String> = new.into_iter().filter(|id| !spoken.contains(id)).collect();
        let mut said = Vec::new();
        let mut write = || {
            if !old.is_empty() {
                said.push(ledger::revoke(&self.repo, known, &old, Timestamp::now())?.id);
            }
            if !back.is_empty() {
                said.push(ledger::restore(&self.repo, known, &back, Timestamp::now())?.id);
            }
            for draft in wanted.drafts.iter().filter(|draft| !is_known(&&draft.event.id)) {
                draft.write(&self.repo)?;
                said.push(draft.event.id.clone());
            }
            Ok(())
        };
        match write() {
            Ok(()) => Ok(said),
            Err(problem) => Err(self.unspeak(&said, problem)),
        }
    }

    /// Takes back what was said for something that failed then. Returns why it did.
    fn unspeak(&self, said: &[String], problem: Problem) -> Problem {
        if said.is_empty() {
            return problem;
        }
        let known = ledger::read(&self.repo).events;
        match ledger::revoke(&self.repo, &known, said, Timestamp::now()) {
            Ok(_) => problem,
            Err(stuck) => problem.hint(format!("its findings count as open until it works ({stuck})")),
        }
    }

    /// Takes what the entry staged out of the index again, or puts it back, where nothing else was staged since. Returns
    /// what did not work, in words.
    fn turn_staged(&self, entry: &Entry, turned: &Turned, to: Side) -> Option<String> {
        let own = entry.note.staged.iter().filter(|change| turned.files.contains(&change.path));
        let now: Vec<Staged> =
            own.map(|change| if to == Side::Before { change.reversed() } else { change.clone() }).collect();
        if now.is_empty() {
            return None;
        }
        let outcome = self.repo.git_command().and_then(|git| {
            let paths = |changes: &[Staged]| changes.iter().map(|change| change.path.clone()).collect::<Vec<_>>();
            let ready = git.still_staged(&now.iter().map(Staged::reversed).collect::<Vec<_>>())?;
            let ready: Vec<Staged> = ready.iter().map(Staged::reversed).collect();
            git.stage(&ready)?;
            let left: Vec<String> = paths(&now).into_iter().filter(|path| !paths(&ready).contains(path)).collect();
            Ok(left)
        });
        match outcome {
            Ok(left) if left.is_empty() => None,
            Ok(left) => Some(format!("the index has other content since and stays: {}", left.join(", "))),
            Err(problem) => Some(format!("the index stays as it is: {problem}")),
        }
    }
}

/// Which events are to speak for an entry, and those among them that may not be written yet.
#[derive(Default)]
struct Wanted {
    events: Vec<String>,
    drafts: Vec<Draft>,
}

impl Wanted {
    /// A result counts as fixed when no file of its fixes is taken back.
    fn of(entry: &Entry, names: &[String], to: Side, known: &[Event]) -> Self {
        let is_left = |path: &String| {
            if names.contains(path) { to == Side::After } else { !entry.undone.contains(path) }
        };
        let is_whole = if entry.files.is_empty() { to == Side::After } else { entry.files.iter().all(is_left) };
        if is_whole {
            return Self { events: entry.note.events.clone(), ..Self::default() };
        }
        let (left, back): (Vec<&Part>, Vec<&Part>) =
            entry.note.parts.iter().partition(|part| part.files.iter().all(is_left));
        let results = |parts: Vec<&Part>| -> HashSet<FindingId> {
            parts.into_iter().flat_map(|part| part.results.iter().filter_map(|id| id.parse().ok())).collect()
        };
        let (fixed, open) = (results(left), results(back));
        let is_fixed = |id: FindingId| fixed.contains(&id) && !open.contains(&id);
        let own = known.iter().filter(|event| entry.note.events.contains(&event.id));
        let drafts: Vec<Draft> = own.filter_map(|event| ledger::narrowed(event, is_fixed)).collect();
        Self { events: drafts.iter().map(|draft| draft.event.id.clone()).collect(), drafts }
    }
}

/// The turn of a file that somebody has changed since, placed in what it is now.
fn merged(changed: &Changed<'_>, to: Side) -> Result<Vec<u8>, String> {
    let what = if to == Side::Before { "after the batch wrote it" } else { "after the undo" };
    changed_alike(changed.path, changed.left, changed.wanted, changed.now)
        .map_err(|why| format!("it changed {what}, and the two do not go together: {why}"))
}

fn summary(entry: &Entry, turned: &Turned, way: Way, staged: Option<&str>) -> String {
    if entry.is_lost {
        return format!("passed over: {}; git diff shows what stands in the tree", entry.title);
    }
    let mut said = format!("{}: {}", way.done, entry.title);
    if turned.files.len() < entry.files.len() {
        said.push_str(&format!(", only {}", turned.files.join(", ")));
    }
    if !turned.merged.is_empty() {
        said.push_str(&format!("; merged with later changes: {}", turned.merged.join(", ")));
    }
    said.push_str(&disowned_note(&turned.disowned));
    if way.to == Side::Before && !entry.commits.is_empty() {
        let stays = if entry.commits.len() == 1 { "its commit stays" } else { "its commits stay" };
        let range = commit_range(&entry.commits);
        said.push_str(&format!("; {stays}: commit this too, or `quell redo` and then `git revert {range}`"));
    }
    if let Some(staged) = staged {
        said.push_str(&format!("; {staged}"));
    }
    said
}

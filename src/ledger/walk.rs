//! One reading of a folder of event files, with what is kept of the last one.

use std::borrow::Cow;
use std::collections::HashMap;

use rayon::prelude::*;

use crate::model::decision::{Event, Origin};
use crate::model::problem::{Loss, Problem};
use crate::repo::kept::{Entry, EntryKind, Folder, Mark};

use super::archive::is_archive;
use super::cache::{Bytes, Shared, Writer, opened, sealed};
use super::event::path_of;
use super::read::{is_read, read_file};

/// Most files of one shelf, and how deep its folders may be.
const MAX_FILES: usize = 500_000;
const MAX_DEPTH: usize = 8;
/// What was written so shortly before a look may change again without saying so, in nanoseconds.
const UNSURE: i64 = 2_000_000_000;
const UNKNOWN: Mark = Mark { inode: 0, bytes: 0, written: 0, changed: 0 };

/// The events of a file, and what the file said of itself.
type Held = (Vec<Event>, Mark);
/// The same, or what is wrong with the file.
type Read = Result<Held, Problem>;

/// What is kept of a shelf: its folders by their paths.
#[derive(Default)]
pub(super) struct Known<'k> {
    pub(super) files: usize,
    folders: HashMap<&'k str, KnownFolder<'k>>,
}

#[derive(Clone, Copy)]
struct KnownFolder<'k> {
    mark: Mark,
    /// As it was written.
    whole: &'k [u8],
    /// Names of folders, then files.
    rest: Bytes<'k>,
}

struct KnownFile<'k> {
    name: &'k str,
    mark: Mark,
    /// How many events follow.
    events: usize,
}

impl<'k> Known<'k> {
    pub(super) fn of(bytes: &'k [u8]) -> Option<Self> {
        let mut bytes = opened(bytes)?;
        let mut known = Self { files: usize::try_from(bytes.number()?).ok()?, ..Self::default() };
        while !bytes.is_empty() {
            let count = usize::try_from(bytes.word()?).ok()?;
            let mut rest = bytes.part(count)?;
            let whole = rest.all();
            let path = rest.text()?;
            known.folders.insert(path, KnownFolder { mark: rest.mark()?, whole, rest });
        }
        Some(known)
    }
}

impl<'k> KnownFolder<'k> {
    /// The folders in it, and where its files start.
    fn folders(mut self) -> Option<(Vec<&'k str>, Bytes<'k>)> {
        let folders = (0..self.rest.count()?).map(|_| self.rest.text()).collect::<Option<_>>()?;
        Some((folders, self.rest))
    }
}

fn next_file<'k>(bytes: &mut Bytes<'k>) -> Option<KnownFile<'k>> {
    Some(KnownFile { name: bytes.text()?, mark: bytes.mark()?, events: bytes.count()? })
}

/// Adds the events of a file; `None` where the bytes end too early.
fn next_events(
    bytes: &mut Bytes<'_>,
    file: &KnownFile<'_>,
    shared: &mut Shared,
    events: &mut Vec<Event>,
) -> Option<()> {
    let origin = if is_archive(file.name) { Origin::Archive } else { Origin::Tree };
    for _ in 0..file.events {
        let mut event = bytes.event(shared)?;
        event.origin = origin;
        events.push(event);
    }
    Some(())
}

/// One reading of a shelf.
#[derive(Default)]
pub(super) struct Walk<'k> {
    known: Known<'k>,
    /// Nanoseconds since 1970.
    now: i64,
    share: usize,
    files: usize,
    pub(super) has_changed: bool,
    pub(super) events: Vec<Event>,
    /// Files that are not where they should be, with their event.
    pub(super) odd: Vec<(String, String)>,
    pub(super) problems: Vec<Problem>,
    /// What is to be kept, by folder.
    sections: Vec<Cow<'k, [u8]>>,
}

impl<'k> Walk<'k> {
    /// Asks of so many files that are known one.
    pub(super) fn new(known: Known<'k>, share: usize, now: i64) -> Self {
        Self { known, now, share, ..Self::default() }
    }

    /// Reads a folder with all below it. `path` is that from the shelf.
    pub(super) fn folder(&mut self, folder: &Folder, path: &str, depth: usize) {
        if depth > MAX_DEPTH || self.files > MAX_FILES {
            let reason = "too many files or folders; the rest is not read";
            return self.problems.push(Problem::at(&folder.shown, "", reason, Loss::File));
        }
        let known = self.known.folders.get(path).copied();
        let same = known.filter(|known| known.mark == folder.mark);
        let below = match same.and_then(|known| self.take_same(folder, known)) {
            Some(folders) => folders,
            None => self.look(folder, path, known),
        };
        for name in below {
            let whole = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
            match folder.folder(&name) {
                Ok(below) => self.folder(&below, &whole, depth + 1),
                Err(problem) => self.problems.push(problem),
            }
        }
    }

    /// Which files of a folder are asked at this load.
    fn turn(&self) -> usize {
        usize::try_from(self.now).unwrap_or(0) % self.share
    }

    /// Takes a folder as it was; `None` where a file in it has changed. Returns the folders in it.
    fn take_same(&mut self, folder: &Folder, known: KnownFolder<'k>) -> Option<Vec<String>> {
        let (folders, mut bytes) = known.folders()?;
        let first = self.events.len();
        if first == 0 {
            self.events.reserve_exact(self.known.files + 1);
        }
        let turn = self.turn();
        let mut files = 0;
        let mut shared = Shared::new();
        while !bytes.is_empty() {
            let is_asked = files % self.share == turn;
            let is_as_it_was =
                |file: &KnownFile| file.mark.is_known() && (!is_asked || folder.mark(file.name) == Some(file.mark));
            let file = next_file(&mut bytes).filter(is_as_it_was);
            if file.and_then(|file| next_events(&mut bytes, &file, &mut shared, &mut self.events)).is_none() {
                self.events.truncate(first);
                return None;
            }
            files += 1;
        }
        self.files += files;
        self.sections.push(known.whole.into());
        Some(folders.into_iter().map(str::to_owned).collect())
    }

    /// Lists a folder and reads what is new in it. Returns the folders in it.
    fn look(&mut self, folder: &Folder, path: &str, known: Option<KnownFolder<'k>>) -> Vec<String> {
        self.has_changed = true;
        let entries = match folder.entries() {
            Ok(entries) => entries,
            Err(problem) => {
                self.problems.push(problem);
                return Vec::new();
            }
        };
        let (below, files): (Vec<Entry>, Vec<Entry>) =
            entries.into_iter().partition(|entry| entry.kind == EntryKind::Folder);
        let below: Vec<String> = below.into_iter().map(|folder| folder.name).collect();
        let read = self.read(folder, files, known);
        let (mut files, mut is_settled) = (Writer::default(), is_settled(&folder.mark, self.now));
        for (name, read) in read {
            match read {
                Ok((events, mark)) => is_settled &= self.take(&mut files, folder, path, &name, events, &mark),
                Err(problem) => {
                    is_settled = false;
                    self.problems.push(problem);
                }
            }
        }
        let mut section = Writer::default();
        section.text(path);
        section.mark(if is_settled { &folder.mark } else { &UNKNOWN });
        section.number(below.len() as u64);
        for name in &below {
            section.text(name);
        }
        section.bytes.extend(files.bytes);
        self.sections.push(section.bytes.into());
        below
    }

    /// The files among these that are of the ledger, read where they are not known.
    fn read(&mut self, folder: &Folder, files: Vec<Entry>, known: Option<KnownFolder<'k>>) -> Vec<(String, Read)> {
        let mut old: HashMap<&str, Held> = HashMap::new();
        if let Some((_, mut bytes)) = known.and_then(KnownFolder::folders) {
            let mut shared = Shared::new();
            while let Some(file) = next_file(&mut bytes) {
                let mut events = Vec::with_capacity(file.events);
                if next_events(&mut bytes, &file, &mut shared, &mut events).is_none() {
                    break;
                }
                old.insert(file.name, (events, file.mark));
            }
        }
        let is_of_ledger = |entry: &Entry| entry.kind == EntryKind::Other || is_read(&entry.name);
        let names = files.into_iter().filter(is_of_ledger).map(|file| file.name);
        let names: Vec<(Option<Held>, String)> = names.map(|name| (old.remove(name.as_str()), name)).collect();
        self.files += names.len();
        let (share, turn) = (self.share, self.turn());
        let read = |(number, (old, name)): (usize, (Option<Held>, String))| {
            let is_same =
                |(_, mark): &Held| mark.is_known() && (number % share != turn || folder.mark(&name) == Some(*mark));
            let read = match old.filter(is_same) {
                Some(old) => Ok(old),
                None => folder.read(&name).and_then(|(bytes, mark)| {
                    let shown = format!("{}/{name}", folder.shown);
                    read_file(&shown, &name, &bytes).map(|events| (events, mark))
                }),
            };
            (name, read)
        };
        names.into_par_iter().enumerate().map(read).collect()
    }

    /// Takes the events of a file, and writes what is kept of it. Returns whether that is all there is to say.
    fn take(
        &mut self,
        kept: &mut Writer,
        folder: &Folder,
        path: &str,
        name: &str,
        events: Vec<Event>,
        mark: &Mark,
    ) -> bool {
        let is_odd = |event: &&Event| event.origin == Origin::Tree && (!path.is_empty() || path_of(event) != name);
        let odd = events.iter().find(is_odd).map(|event| event.id.clone());
        if odd.is_none() {
            kept.text(name);
            kept.mark(if is_settled(mark, self.now) { mark } else { &UNKNOWN });
            kept.number(events.len() as u64);
            for event in &events {
                kept.event(event);
            }
        }
        self.events.extend(events);
        match odd {
            None => true,
            Some(id) => {
                self.odd.push((format!("{}/{name}", folder.shown), id));
                false
            }
        }
    }

    /// What is to be kept, as bytes.
    pub(super) fn kept(&self) -> Vec<u8> {
        let mut body = Writer::default();
        body.number(self.files as u64);
        for section in &self.sections {
            body.word(section.len() as u64);
            body.bytes.extend_from_slice(section);
        }
        sealed(&body.bytes)
    }
}

/// Whether something cannot change any more without saying so.
fn is_settled(mark: &Mark, now: i64) -> bool {
    mark.written.max(mark.changed) < now.saturating_sub(UNSURE)
}

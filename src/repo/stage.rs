//! What git has of files in its index and at HEAD, and new content for the index: all of a batch under the lock of the
//! index, or nothing. The files of the tree are neither read nor added: what else was changed in them stays unstaged.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::problem::Problem;

use super::command::{Git, cannot, nul_ended};
use super::disk;
use super::lock::Lock;
use super::tree::plain;

/// How often and how long to wait for another git, about a second in all.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(100);
/// What the lock of the index holds while Quell has it.
const OWNER: &[u8] = b"quell";
/// How the copies of the index that are changed are called (see `disk::beside`).
const COPY: &str = ".index.quell-";

/// A file as git stores it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub path: String,
    /// As git writes it: `100644`.
    pub mode: String,
    /// Of the object, in hex.
    pub id: String,
    pub bytes: Vec<u8>,
}

/// A change of one entry of the index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staged {
    pub path: String,
    pub mode: String,
    /// Objects, in hex; only zeros where there is no entry.
    pub from: String,
    pub to: String,
}

/// Whether an id stands for no object.
pub(super) fn is_none(id: &str) -> bool {
    id.bytes().all(|byte| byte == b'0')
}

/// Whether an entry, or none, has this id.
fn has_id(entry: Option<&Entry>, id: &str) -> bool {
    entry.map_or(is_none(id), |entry| entry.id == id)
}

impl Staged {
    /// An entry that comes.
    pub fn added(path: &str, mode: &str, to: String) -> Self {
        Self { path: path.to_owned(), mode: mode.to_owned(), from: "0".repeat(to.len()), to }
    }

    /// The entry of a stored file that goes.
    pub fn removed(stored: &Stored) -> Self {
        let (path, mode, from) = (stored.path.clone(), stored.mode.clone(), stored.id.clone());
        Self { path, mode, to: "0".repeat(from.len()), from }
    }

    /// The change that takes this one back.
    #[must_use]
    pub fn reversed(&self) -> Self {
        let Self { path, mode, from, to } = self.clone();
        Self { path, mode, from: to, to: from }
    }
}

/// An entry of the index or of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) mode: String,
    pub(super) id: String,
    /// `H` for an entry like any other, as `git ls-files -v` has it.
    tag: char,
    /// 0, or one of the three sides of a conflict.
    side: char,
}

impl Git {
    /// Files as the index has them. Refuses, with the reason, what cannot be staged bit by bit.
    pub fn in_index(&self, paths: &[String]) -> Result<Vec<Stored>, Problem> {
        let entries = self.index_entries(None, paths)?;
        let promised = self.records(None, &["diff-files", "-z", "--name-only", "--diff-filter=A"], paths)?;
        for path in paths {
            let reason = match entries.get(path) {
                Some(_) if promised.contains(path) => Some("git add -N has announced it, without content"),
                Some(entry) => entry.unfit(),
                None => Some(self.absent(path, "git does not have it: git add it first")),
            };
            if let Some(reason) = reason {
                return Err(cannot_stage(path, reason));
            }
        }
        self.filtered(paths)?;
        self.contents(paths, &entries)
    }

    /// Files as they are at HEAD.
    pub fn at_head(&self, paths: &[String]) -> Result<Vec<Stored>, Problem> {
        let entries = self.head_entries(paths)?;
        for path in paths {
            let reason = match entries.get(path) {
                Some(entry) => entry.unfit(),
                None => Some(self.absent(path, "it is not in the last commit: commit it first")),
            };
            if let Some(reason) = reason {
                return Err(cannot_stage(path, reason));
            }
        }
        self.contents(paths, &entries)
    }

    /// Refuses paths of new files that the index has no room for, and what git would store of them in another form.
    pub fn has_room_in_index(&self, files: &[(String, &[u8])]) -> Result<(), Problem> {
        let paths: Vec<String> = files.iter().map(|(path, _)| path.clone()).collect();
        // A path stands for what lies below it, too.
        let taken = self.index_entries(None, &paths)?;
        let above = above(&paths);
        let asked: String = above.iter().flat_map(|(folder, _)| [":0:", folder, "\n"]).collect();
        let said = self.ask(None, &["cat-file", "--batch-check"], asked.as_bytes())?;
        let said = String::from_utf8_lossy(&said);
        let is_file = |answer: &str| !answer.ends_with(" missing");
        let blocked = said.lines().zip(&above).find(|(answer, _)| is_file(answer)).map(|(_, (_, path))| path);
        if let Some(path) = blocked.or_else(|| paths.iter().find(|path| is_at_or_below(&taken, path))) {
            return Err(cannot_stage(path, "git has another file there: commit its removal first"));
        }
        self.filtered(&paths)?;
        self.converted(files)
    }

    /// The same at HEAD, but for the form.
    pub fn has_room_at_head(&self, paths: &[String]) -> Result<(), Problem> {
        let taken = self.head_entries(paths)?;
        let above = above(paths);
        let folders: Vec<String> = above.iter().map(|(folder, _)| folder.clone()).collect();
        let known = self.head_entries(&folders)?;
        let is_file = |folder: &str| known.get(folder).is_some_and(|entry| entry.mode != "040000");
        let blocked = above.iter().find(|(folder, _)| is_file(folder)).map(|(_, path)| path);
        match blocked.or_else(|| paths.iter().find(|path| taken.contains_key(*path))) {
            Some(path) => Err(cannot_stage(path, "the last commit has another file there: commit its removal first")),
            None => Ok(()),
        }
    }

    /// Refuses new files whose line ends git would convert: Quell stores bytes as they are.
    fn converted(&self, files: &[(String, &[u8])]) -> Result<(), Problem> {
        let windows = files.iter().filter(|(_, bytes)| memchr::memmem::find(bytes, b"\r\n").is_some());
        let windows: Vec<&String> = windows.map(|(path, _)| path).collect();
        let Some(first) = windows.first() else { return Ok(()) };
        let reason = "git would store it with other line ends: stage it with git add";
        if self.text(&["config", "--get", "core.autocrlf"]).is_ok_and(|value| value != "false") {
            return Err(cannot_stage(first, reason));
        }
        let names = windows.iter().flat_map(|path| [path.as_str(), "\0"]).collect::<String>();
        let said = self.ask(None, &["check-attr", "-z", "--stdin", "text", "eol", "crlf"], names.as_bytes())?;
        let is_set = |fields: &&[String]| matches!(fields, [_, _, value] if value != "unspecified" && value != "unset");
        match nul_ended(&said).chunks(3).find(is_set) {
            Some([path, ..]) => Err(cannot_stage(path, reason)),
            Some([]) | None => Ok(()),
        }
    }

    /// Stores bytes as they are: no filter sees them.
    pub fn store(&self, bytes: &[u8]) -> Result<String, Problem> {
        // Without a process for each of many files, where that can be.
        if let Some(id) = self.repo.git().and_then(|git| git.blob(bytes).ok()) {
            return Ok(id.to_string());
        }
        let said = self.ask(None, &["hash-object", "-w", "--stdin"], bytes)?;
        Ok(String::from_utf8_lossy(&said).trim().to_owned())
    }

    /// Makes these changes in the index, all or none. Refuses where an entry is not `from` any more.
    pub fn stage(&self, changes: &[Staged]) -> Result<(), Problem> {
        if changes.is_empty() {
            return Ok(());
        }
        let _turn = Lock::take(&self.repo.state_dir()).map_err(|error| cannot(&error.to_string(), ""))?;
        let lock = IndexLock::take(&self.index)?;
        let outcome = self.stage_locked(changes, &lock);
        lock.release();
        outcome
    }

    /// Those of the changes whose entry is still what they made of it.
    pub fn still_staged(&self, changes: &[Staged]) -> Result<Vec<Staged>, Problem> {
        let paths: Vec<String> = changes.iter().map(|change| change.path.clone()).collect();
        let entries = self.index_entries(None, &paths)?;
        let is_still = |change: &&Staged| has_id(entries.get(&change.path), &change.to);
        Ok(changes.iter().filter(is_still).cloned().collect())
    }

    fn stage_locked(&self, changes: &[Staged], lock: &IndexLock<'_>) -> Result<(), Problem> {
        let next = lock.copy()?;
        let next = next.as_path();
        let paths: Vec<String> = changes.iter().map(|change| change.path.clone()).collect();
        let entries = self.index_entries(Some(next), &paths)?;
        for change in changes {
            if !has_id(entries.get(&change.path), &change.from) {
                return Err(cannot_stage(&change.path, "the index has changed in this moment; try again"));
            }
        }
        self.put(next, changes)?;
        lock.put_in_place(next)
    }

    /// Writes entries into an index file that nobody else writes.
    pub(super) fn put(&self, index: &Path, changes: &[Staged]) -> Result<(), Problem> {
        let mode = |change: &'_ Staged| if is_none(&change.to) { "0".to_owned() } else { change.mode.clone() };
        let lines = changes.iter().map(|change| format!("{} {} 0\t{}\0", mode(change), change.to, change.path));
        let lines = lines.collect::<Vec<_>>().concat();
        self.ask(Some(index), &["update-index", "-z", "--index-info"], lines.as_bytes()).map(drop)
    }

    /// The entries of paths; of one in conflict any of its sides.
    pub(super) fn index_entries(
        &self,
        index: Option<&Path>,
        paths: &[String],
    ) -> Result<HashMap<String, Entry>, Problem> {
        let records = self.records(index, &["ls-files", "-s", "-v", "-z"], paths)?;
        Ok(records.iter().filter_map(|record| index_entry(record)).collect())
    }

    pub(super) fn head_entries(&self, paths: &[String]) -> Result<HashMap<String, Entry>, Problem> {
        let records = self.records(None, &["ls-tree", "-z", "--full-tree", "HEAD"], paths)?;
        Ok(records.iter().filter_map(|record| tree_entry(record)).collect())
    }

    /// Why git does not have a file.
    fn absent(&self, path: &str, otherwise: &'static str) -> &'static str {
        if self.repo.is_in_other_repository(path) {
            return "it belongs to another repository in this one (a submodule): start Quell there";
        }
        otherwise
    }

    /// Refuses files whose stored content is another one than that of the tree, beyond line ends.
    fn filtered(&self, paths: &[String]) -> Result<(), Problem> {
        // Nothing is configured where git ends with 1.
        let drivers = self.text(&["config", "--name-only", "--get-regexp", r"^filter\..*\.(clean|process)$"]);
        let drivers = drivers.unwrap_or_default();
        let has_driver = |name: &str| {
            let key = |line: &str| line.strip_prefix("filter.")?.rsplit_once('.').map(|(driver, _)| driver == name);
            drivers.lines().filter_map(key).any(|is_it| is_it)
        };
        let names = paths.iter().map(|path| format!("{path}\0")).collect::<Vec<_>>().concat();
        let words = ["check-attr", "-z", "--stdin", "filter", "working-tree-encoding"];
        let said = nul_ended(&self.ask(None, &words, names.as_bytes())?);
        for fields in said.chunks(3) {
            let [path, attribute, value] = fields else { continue };
            let is_set = !matches!(value.as_str(), "unspecified" | "unset" | "set");
            if attribute == "filter" && is_set && has_driver(value) {
                let reason = format!("the filter {value} decides what git stores of it, and Quell runs no filters");
                return Err(Problem::of_file(path, reason, "stage it with git add"));
            }
            if attribute == "working-tree-encoding" && is_set {
                let reason = format!("git stores it in another encoding than {value}");
                return Err(Problem::of_file(path, reason, "stage it with git add"));
            }
        }
        Ok(())
    }

    /// The stored bytes of paths, which all have an entry.
    fn contents(&self, paths: &[String], entries: &HashMap<String, Entry>) -> Result<Vec<Stored>, Problem> {
        let found: Vec<(&String, &Entry)> =
            paths.iter().filter_map(|path| entries.get(path).map(|entry| (path, entry))).collect();
        let ids = found.iter().map(|(_, entry)| format!("{}\n", entry.id)).collect::<Vec<_>>().concat();
        let said = self.ask(None, &["cat-file", "--batch"], ids.as_bytes())?;
        let mut rest = said.as_slice();
        let mut stored = Vec::with_capacity(found.len());
        for (path, entry) in found {
            let bytes = object(&mut rest).ok_or_else(|| {
                cannot_stage(path, "its stored content is not here (a partial clone): fetch it first, as git show does")
            })?;
            let (path, mode, id) = (path.clone(), entry.mode.clone(), entry.id.clone());
            stored.push(Stored { path, mode, id, bytes });
        }
        Ok(stored)
    }
}

/// The folders above paths, each with one of the paths.
fn above(paths: &[String]) -> Vec<(String, String)> {
    let folders = |path: &String| {
        let ends = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
        ends.map(|folder| (folder.to_owned(), path.clone())).collect::<Vec<_>>()
    };
    paths.iter().flat_map(folders).collect()
}

fn is_at_or_below(entries: &HashMap<String, Entry>, path: &str) -> bool {
    entries.keys().any(|other| other.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

impl Entry {
    /// Why it cannot be staged.
    fn unfit(&self) -> Option<&'static str> {
        match (self.side, self.tag, self.mode.as_str()) {
            ('1'..='3', ..) => Some("it is in the middle of a merge: resolve it first"),
            (_, 'S' | 's', _) => Some("it lies outside of the sparse checkout (skip-worktree)"),
            (_, 'a'..='z', _) => Some("git is told to take it as unchanged (assume-unchanged)"),
            (_, _, "100644" | "100755") => None,
            (_, _, "160000") => Some("it is a submodule"),
            _ => Some("it is no regular file in git"),
        }
    }
}

/// `H 100644 <id> 0\t<path>`.
fn index_entry(record: &str) -> Option<(String, Entry)> {
    let (head, path) = record.split_once('\t')?;
    let mut fields = head.split(' ');
    let tag = fields.next()?.chars().next()?;
    let (mode, id) = (fields.next()?.to_owned(), fields.next()?.to_owned());
    let side = fields.next()?.chars().next()?;
    Some((path.to_owned(), Entry { mode, id, tag, side }))
}

/// `100644 blob <id>\t<path>`.
fn tree_entry(record: &str) -> Option<(String, Entry)> {
    let (head, path) = record.split_once('\t')?;
    let mut fields = head.split(' ');
    let mode = fields.next()?.to_owned();
    let id = fields.nth(1)?.to_owned();
    Some((path.to_owned(), Entry { mode, id, tag: 'H', side: '0' }))
}

/// The next object of `git cat-file --batch`: `<id> blob <size>`, a line end, the bytes, a line end. `None` for `<id>
/// missing`.
fn object(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let end = memchr::memchr(b'\n', rest)?;
    let (head, after) = rest.split_at_checked(end)?;
    let after = after.get(1..)?;
    let mut fields = std::str::from_utf8(head).ok()?.split(' ').skip(1);
    let size: Option<usize> = fields.nth(1).and_then(|size| size.parse().ok());
    let Some(size) = size else {
        *rest = after;
        return None;
    };
    let bytes = after.get(..size)?.to_vec();
    *rest = after.get(size + 1..)?;
    Some(bytes)
}

/// The lock that every git takes to write the index.
struct IndexLock<'a> {
    index: &'a Path,
}

impl<'a> IndexLock<'a> {
    /// Waits a second for another git. What a Quell that was killed has left is removed: the caller holds Quell's lock.
    fn take(index: &'a Path) -> Result<Self, Problem> {
        let lock = Self { index };
        lock.sweep().map_err(|error| lock.failed(&error))?;
        let folder = disk::open(lock.folder()).map_err(|error| lock.failed(&error))?;
        // Written first: a lock that is there says at any moment whose it is.
        let own = disk::beside("index");
        disk::create(&folder, &own, OWNER, 0o644).map_err(|error| lock.failed(&error))?;
        for _ in 0..TRIES {
            match disk::rename_new(&folder, &own, &lock.name()) {
                Ok(()) => return Ok(lock),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => sleep(PAUSE),
                Err(error) => return Err(lock.failed(&error)),
            }
        }
        // What cannot be removed now is removed by the next Quell.
        let _ = lock.sweep_copies();
        let path = lock.path();
        let hint = format!("wait for it; if no git runs, remove {path}");
        Err(Problem::of_file(path, "another git is writing the index", hint))
    }

    fn release(self) {
        // What cannot be removed now is removed by the next Quell.
        let _ = self.sweep_copies();
        let _ = disk::open(self.folder()).and_then(|folder| disk::remove(&folder, &self.name()));
    }

    /// A copy of the index beside it, to be changed; a name without a file where there is none yet, which git takes for an
    /// empty one.
    fn copy(&self) -> Result<PathBuf, Problem> {
        let name = disk::beside("index");
        let bytes = match fs::read(self.index) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(self.folder().join(name)),
            read => read.map_err(|error| self.failed(&error))?,
        };
        let folder = disk::open(self.folder()).map_err(|error| self.failed(&error))?;
        disk::write(&folder, &name, &bytes, 0o644).map_err(|error| self.failed(&error))?;
        Ok(self.folder().join(name))
    }

    fn put_in_place(&self, next: &Path) -> Result<(), Problem> {
        let put = || {
            let folder = disk::open(self.folder())?;
            let name = next.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            rustix::fs::fsync(disk::open_file(&folder, &name)?)?;
            let own = self.index.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            disk::rename(&folder, &name, &own)?;
            disk::sync(&folder)
        };
        put().map_err(|error| self.failed(&error))
    }

    fn sweep(&self) -> std::io::Result<()> {
        if fs::read(self.path()).is_ok_and(|bytes| bytes == OWNER) {
            disk::remove(&disk::open(self.folder())?, &self.name())?;
        }
        self.sweep_copies()
    }

    fn sweep_copies(&self) -> std::io::Result<()> {
        let folder = disk::open(self.folder())?;
        for entry in fs::read_dir(self.folder())? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name.starts_with(COPY) {
                disk::remove(&folder, &name)?;
            }
        }
        Ok(())
    }

    fn folder(&self) -> &Path {
        self.index.parent().unwrap_or(self.index)
    }

    fn name(&self) -> String {
        format!("{}.lock", self.index.file_name().map(|name| name.to_string_lossy()).unwrap_or_default())
    }

    fn path(&self) -> String {
        self.folder().join(self.name()).display().to_string()
    }

    fn failed(&self, error: &std::io::Error) -> Problem {
        let reason = format!("the index cannot be written: {}", plain(error));
        Problem::of_file(self.index.display().to_string(), reason, disk::way_out(error))
    }
}

fn cannot_stage(path: &str, reason: &str) -> Problem {
    Problem::of_file(path, format!("it cannot be staged: {reason}"), "")
}

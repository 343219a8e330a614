//! The records behind the undo log, one for each thing done, undone or redone. A record is never changed.
//!
//! With git a record is a commit that `refs/worktree/quell/undo/<name>` keeps from being collected: its message
//! is a subject and the record, its tree has the files of a batch below `before/` and `after/`, so that
//! `git diff <ref>:before <ref>:after` shows what was done. References below `refs/worktree` belong to one worktree
//! and are never pushed. Git does not look at those of one worktree when it collects in another, but at the logs of all
//! references, so each has one. Without git a record is a folder `undo/<name>` in the state folder, its files named by hash.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use git2::{ErrorCode, Oid, Reference, Repository, TreeWalkMode, TreeWalkResult};
use jiff::Timestamp;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::Repo;
use super::disk;
use super::fault::step;
use super::journal::log_failed;
use super::log::Note;
use super::objects;
use super::sync::{open_path, sync_all, with_folders};
use super::tree::sha256;
use super::write::{FileWrite, Kept, WriteError};

const REFS: &str = "refs/worktree/quell/undo";
const LOGS: &str = "logs/refs/worktree/quell/undo";
/// How the folder of a record begins that is not in the log, or not any more.
const STAGED: &str = ".staged";
const FILE: &str = "record.json";
/// Fewer files than this are not worth a thread, which opens the repository anew.
const MIN_PER_THREAD: usize = 32;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Record {
    /// Counts up, with leading zeros: the order of the names is the order of the log.
    pub(super) name: String,
    pub(super) at: Timestamp,
    pub(super) what: What,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum What {
    Done {
        title: String,
        note: Note,
        files: Vec<Written>,
    },
    Undone {
        of: String,
        #[serde(default)]
        turn: Turn,
    },
    Redone {
        of: String,
        #[serde(default)]
        turn: Turn,
    },
    /// The batch was committed.
    Committed {
        of: String,
        commits: Vec<String>,
    },
    /// Git has collected what the record was.
    Lost,
}

/// What an undo or redo did.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Turn {
    /// The files that it was for; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) files: Vec<String>,
    /// Its files with their own images, where what it wrote is not just what the batch had.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) written: Vec<Written>,
    /// The events of the ledger that speak for the entry since; `None` for those of its note, all of them or none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) events: Option<Vec<String>>,
}

impl What {
    /// For those who look at all references of a repository (`git log --all`).
    fn subject(&self) -> String {
        let what = match self {
            Self::Done { title, .. } => title.lines().next().unwrap_or_default(),
            Self::Undone { .. } => "undo",
            Self::Redone { .. } => "redo",
            Self::Committed { .. } => "the batch was committed",
            Self::Lost => "lost",
        };
        format!("quell: {what}")
    }

    /// The entry that the record is about, unless it is one itself.
    pub(super) fn of(&self) -> Option<&str> {
        match self {
            Self::Done { .. } | Self::Lost => None,
            Self::Undone { of, .. } | Self::Redone { of, .. } | Self::Committed { of, .. } => Some(of),
        }
    }

    /// The files that the record has images of.
    pub(super) fn images(&self) -> &[Written] {
        match self {
            Self::Done { files, .. } => files,
            Self::Undone { turn, .. } | Self::Redone { turn, .. } => &turn.written,
            Self::Committed { .. } | Self::Lost => &[],
        }
    }

    /// Takes the files of a batch that brings its own images. A file of a turn that was so already goes on with the images
    /// that it had.
    pub(super) fn has_written(&mut self, written: Vec<Written>) {
        match self {
            Self::Done { files, .. } => *files = written,
            Self::Undone { turn, .. } | Self::Redone { turn, .. } => {
                turn.written = written.into_iter().filter(|file| file.before != file.after).collect();
            }
            Self::Committed { .. } | Self::Lost => {}
        }
    }
}

/// One file of a batch.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Written {
    pub(super) path: String,
    /// SHA-256 in hex of the bytes that were there, and of those that the batch wrote; `None` where there is no file.
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
    /// The file that it goes on with under another name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) from: Option<String>,
    /// For a file that is not there on one side.
    #[serde(flatten)]
    pub(super) kept: Kept,
}

/// The two images of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    Before,
    After,
}

impl Side {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
        }
    }

    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Before => Self::After,
            Self::After => Self::Before,
        }
    }
}

impl Written {
    pub(super) fn of(file: &FileWrite) -> Self {
        let hash = |bytes: &Option<Arc<[u8]>>| bytes.as_deref().map(sha256);
        let (before, after) = (hash(&file.before), hash(&file.after));
        Self { path: file.path.clone(), before, after, from: file.from.clone(), kept: file.kept.clone() }
    }

    /// `None` where the side has no such file.
    pub(super) fn hash(&self, side: Side) -> Option<&str> {
        match side {
            Side::Before => self.before.as_deref(),
            Side::After => self.after.as_deref(),
        }
    }
}

/// Where records are kept. A record is staged with its images first; it is in the log once it is published.
pub(super) enum Store {
    Git(Repository),
    Folder(PathBuf),
}

/// A record that was written and is not in the log.
pub(super) struct Staged {
    pub(super) place: String,
    /// A folder on the file system that all of it lies on.
    pub(super) top: PathBuf,
    /// What has to be on the disk before anybody counts on it.
    pub(super) unsynced: Vec<PathBuf>,
}

/// Anything that git or the disk may say.
pub(super) type Failure = Box<dyn std::error::Error + Send + Sync>;

impl Store {
    /// Where git cannot be opened in this moment the records are not looked for elsewhere: a batch must not be logged where
    /// no later session looks.
    pub(super) fn of(repo: &Repo) -> Result<Self, WriteError> {
        match &repo.git_dir {
            Some(git_dir) => Repository::open(git_dir).map(Self::Git).map_err(|error| log_failed(repo, &error.into())),
            None => Ok(Self::Folder(repo.state_dir().join("undo"))),
        }
    }

    /// Removes what a kill or a loss of power in the middle of a write leaves among the references: the lock file of
    /// libgit2, or a reference without content. Only the holder of Quell's own lock writes there.
    pub(super) fn sweep(&self) -> Result<(), Failure> {
        let Self::Git(git) = self else { return Ok(()) };
        let Ok(references) = fs::read_dir(git.path().join(REFS)) else { return Ok(()) };
        for reference in references {
            let reference = reference?;
            let is_lock = reference.path().extension().is_some_and(|extension| extension == "lock");
            if is_lock || reference.metadata()?.len() == 0 {
                step()?;
                fs::remove_file(reference.path())?;
            }
        }
        Ok(())
    }

    /// Gives references to what git has collected a record that says so: git does not collect where one leads nowhere.
    pub(super) fn bury(&self, records: &[Record]) -> Result<(), Failure> {
        for record in records.iter().filter(|record| matches!(record.what, What::Lost)) {
            if !self.is_there(&record.name)? {
                self.append(record)?;
            }
        }
        Ok(())
    }

    fn is_there(&self, name: &str) -> Result<bool, Failure> {
        let Self::Git(git) = self else { return Ok(true) };
        Ok(git.find_commit(git.refname_to_id(&format!("{REFS}/{name}"))?).is_ok())
    }

    /// Puts a record without files into the log, on disk before it returns.
    pub(super) fn append(&self, record: &Record) -> Result<(), Failure> {
        let staged = self.stage(record, &[])?;
        sync_all(&staged.unsynced, |path| open_path(path))?;
        self.publish(&record.name, &staged.place)?;
        Ok(sync_all(&self.unsynced(&record.name), |path| open_path(path))?)
    }

    /// Writes a record with the images of its files.
    pub(super) fn stage(&self, record: &Record, files: &[FileWrite]) -> Result<Staged, Failure> {
        step()?;
        match self {
            Self::Git(git) => {
                let message = format!("{}\n\n{}", record.what.subject(), serde_json::to_string(record)?);
                objects::write(git, &message, record.at, files)
            }
            Self::Folder(undo) => {
                let place = staged(&record.name);
                let unsynced = stage_in_folder(&undo.join(&place), record, files)?;
                Ok(Staged { place, top: undo.clone(), unsynced })
            }
        }
    }

    /// Puts a staged record into the log. It is there on the disk when what [`Self::unsynced`] names is.
    pub(super) fn publish(&self, name: &str, place: &str) -> Result<(), Failure> {
        step()?;
        match self {
            Self::Git(git) => {
                let (reference, id) = (format!("{REFS}/{name}"), Oid::from_str(place)?);
                write_log(git, name, id)?;
                git.reference(&reference, id, true, "quell")?;
            }
            Self::Folder(undo) => disk::rename(&disk::open(undo)?, place, name)?,
        }
        Ok(())
    }

    /// The files and folders that say whether a record is in the log.
    pub(super) fn unsynced(&self, name: &str) -> Vec<PathBuf> {
        match self {
            Self::Git(git) => {
                let files = vec![git.path().join(REFS).join(name), git.path().join(LOGS).join(name)];
                with_folders(files, git.path())
            }
            Self::Folder(undo) => vec![undo.clone()],
        }
    }

    /// The place of a published record.
    pub(super) fn published(&self, name: &str) -> Result<Option<String>, Failure> {
        match self {
            Self::Git(git) => match git.refname_to_id(&format!("{REFS}/{name}")) {
                Ok(id) => Ok(Some(id.to_string())),
                Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
                Err(error) => Err(error.into()),
            },
            Self::Folder(undo) => Ok(undo.join(name).join(FILE).exists().then(|| name.to_owned())),
        }
    }

    /// Takes a record out of the log and keeps it staged; it need not be there.
    pub(super) fn unpublish(&self, name: &str) -> Result<(), Failure> {
        if self.published(name)?.is_none() {
            return Ok(());
        }
        match self {
            Self::Git(_) => self.remove(name),
            Self::Folder(undo) => {
                let folder = disk::open(undo)?;
                disk::rename(&folder, name, &staged(name))?;
                Ok(disk::sync(&folder)?)
            }
        }
    }

    /// Removes a record from the log; it need not be there.
    pub(super) fn remove(&self, name: &str) -> Result<(), Failure> {
        step()?;
        match self {
            Self::Git(git) => {
                let reference = format!("{REFS}/{name}");
                match git.find_reference(&reference) {
                    Ok(mut found) => found.delete()?,
                    Err(error) if error.code() == ErrorCode::NotFound => return Ok(()),
                    Err(error) => return Err(error.into()),
                }
                let logs = git.path().join(LOGS);
                if logs.is_dir() {
                    disk::remove(&disk::open(&logs)?, name)?;
                }
                Ok(sync_all(&self.unsynced(name), |path| open_path(path))?)
            }
            Self::Folder(undo) if undo.join(name).exists() => {
                // In one step: of half a record nobody would find the rest.
                let place = staged(name);
                disk::remove_private(&undo.join(&place))?;
                disk::rename(&disk::open(undo)?, name, &place)?;
                Ok(disk::remove_private(&undo.join(place))?)
            }
            Self::Folder(_) => Ok(()),
        }
    }

    /// Forgets what is staged.
    pub(super) fn drop_staged(&self) -> Result<(), Failure> {
        match self {
            // A commit that nothing names goes with the next collection.
            Self::Git(_) => {}
            Self::Folder(undo) => {
                for name in self.names()?.into_iter().filter(|name| name.starts_with(STAGED)) {
                    disk::remove_private(&undo.join(name))?;
                }
            }
        }
        Ok(())
    }

    /// The names of published records, and of what else lies there. Asked of the disk: libgit2 passes over what it cannot
    /// read, and a name must not be given twice.
    pub(super) fn names(&self) -> Result<Vec<String>, Failure> {
        let folder = match self {
            Self::Git(git) => git.path().join(REFS),
            Self::Folder(undo) => undo.clone(),
        };
        let entries = match fs::read_dir(folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
    }

    /// Every published record, oldest first.
    pub(super) fn records(&self) -> Result<Vec<Record>, Failure> {
        let mut records = match self {
            Self::Git(git) => records_in_git(git)?,
            Self::Folder(undo) => records_in_folder(undo)?,
        };
        records.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(records)
    }

    /// The bytes of files in the record at `place`, in their order, `None` where the side has no such file; an error if
    /// they are not what the record says.
    pub(super) fn images(&self, place: &str, wanted: &[(&Written, Side)]) -> Result<Vec<Option<Vec<u8>>>, Failure> {
        let there = |(file, side): &(&'_ Written, Side)| file.hash(*side).is_some();
        let kept: Vec<(&Written, Side)> = wanted.iter().copied().filter(there).collect();
        let images = match self {
            Self::Git(git) => images_in_git(git, place, &kept)?,
            Self::Folder(undo) => {
                let folder = undo.join(place);
                let read =
                    |(file, side): &(&Written, Side)| fs::read(folder.join(file.hash(*side).unwrap_or_default()));
                kept.iter().map(read).collect::<Result<_, _>>()?
            }
        };
        let is_whole =
            |(bytes, (file, side)): (&Vec<u8>, &(&Written, Side))| Some(sha256(bytes).as_str()) == file.hash(*side);
        if !images.par_iter().zip(&kept).all(is_whole) {
            return Err("a kept copy is damaged".into());
        }
        let mut images = images.into_iter();
        Ok(wanted.iter().map(|one| if there(one) { images.next() } else { None }).collect())
    }

    /// Where a person finds the bytes of a file, in words.
    pub(super) fn describe(&self, place: &str, file: &Written, side: Side) -> String {
        match self {
            Self::Git(_) => {
                let object = format!("{place}:{}/{}", side.name(), file.path);
                format!("`git show {}`", shell_words::quote(&object))
            }
            Self::Folder(undo) => undo.join(place).join(file.hash(side).unwrap_or_default()).display().to_string(),
        }
    }
}

/// The answers for all things, in their order. A repository belongs to one thread: each opens its own.
fn in_parallel<T: Sync, A: Send>(
    git: &Repository,
    things: &[T],
    job: impl Fn(&Repository, &T) -> Result<A, git2::Error> + Sync,
) -> Result<Vec<A>, git2::Error> {
    let path = git.path();
    let open = || Repository::open(path);
    let on = |git: &mut Result<Repository, git2::Error>, thing: &T| match git {
        Ok(git) => job(git, thing),
        Err(error) => Err(git2::Error::from_str(error.message())),
    };
    things.par_iter().with_min_len(MIN_PER_THREAD).map_init(open, on).collect()
}

fn images_in_git(git: &Repository, place: &str, wanted: &[(&Written, Side)]) -> Result<Vec<Vec<u8>>, Failure> {
    let tree = git.find_commit(Oid::from_str(place)?)?.tree()?;
    let mut blobs: HashMap<String, Oid> = HashMap::new();
    tree.walk(TreeWalkMode::PreOrder, |folder, entry| {
        blobs.insert(format!("{folder}{}", String::from_utf8_lossy(entry.name_bytes())), entry.id());
        TreeWalkResult::Ok
    })?;
    let ids: Result<Vec<Oid>, Failure> = wanted
        .iter()
        .map(|(file, side)| {
            let blob = blobs.get(&format!("{}/{}", side.name(), file.path));
            blob.copied().ok_or_else(|| "a kept copy is missing".into())
        })
        .collect();
    Ok(in_parallel(git, &ids?, |git, id| Ok(git.find_blob(*id)?.content().to_vec()))?)
}

/// A record that is none to this Quell.
#[derive(Debug, thiserror::Error)]
#[error("record {name} of the undo log cannot be read: {why}")]
pub(super) struct Unreadable {
    pub(super) name: String,
    pub(super) why: String,
    /// What removes it, in words.
    pub(super) way_out: String,
}

fn parse(name: &str, bytes: &[u8], way_out: impl FnOnce() -> String) -> Result<Record, Unreadable> {
    serde_json::from_slice(bytes).map_err(|error| Unreadable {
        name: name.to_owned(),
        why: error.to_string(),
        way_out: way_out(),
    })
}

fn records_in_git(git: &Repository) -> Result<Vec<Record>, Failure> {
    let mut records = Vec::new();
    for reference in git.references_glob(&format!("{REFS}/*"))? {
        let reference = reference?;
        match reference.peel_to_commit() {
            Ok(commit) => {
                let path = String::from_utf8_lossy(reference.name_bytes()).into_owned();
                let name = path.rsplit('/').next().unwrap_or_default();
                let message = commit.message_raw_bytes();
                let body = memchr::memmem::find(message, b"\n{").and_then(|at| message.get(at..));
                records.push(parse(name, body.unwrap_or(message), || format!("git update-ref -d {path}"))?);
            }
            Err(error) if error.code() == ErrorCode::NotFound => records.push(lost(git, &reference)?),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(records)
}

/// Writes the log of a reference that is about to be made. By hand: for all worktrees libgit2
/// keeps the logs in one place, which git takes for that of the main one.
fn write_log(git: &Repository, name: &str, id: Oid) -> Result<(), Failure> {
    let logs = git.path().join(LOGS);
    fs::create_dir_all(&logs)?;
    let folder = disk::open(&logs)?;
    let (nothing, now) = (Oid::ZERO_SHA1, Timestamp::now().as_second());
    let line = format!("{nothing} {id} quell <quell@localhost> {now} +0000\tquell\n");
    // What a kill left of one.
    disk::remove(&folder, name)?;
    disk::write_new(&folder, name, line.as_bytes())?;
    Ok(())
}

/// The record of a reference that leads nowhere.
fn lost(git: &Repository, reference: &Reference<'_>) -> Result<Record, Failure> {
    let path = String::from_utf8_lossy(reference.name_bytes()).into_owned();
    let at = Timestamp::try_from(fs::metadata(git.path().join(&path))?.modified()?)?;
    let name = path.rsplit('/').next().unwrap_or_default().to_owned();
    Ok(Record { name, at, what: What::Lost })
}

/// Where a record is staged without git. Not one place for all: that of a batch that was interrupted has to stay.
fn staged(name: &str) -> String {
    format!("{STAGED}-{name}")
}

fn stage_in_folder(folder: &Path, record: &Record, files: &[FileWrite]) -> Result<Vec<PathBuf>, Failure> {
    disk::remove_private(folder)?;
    disk::make_private(folder)?;
    let open = disk::open(folder)?;
    // Not every file of a turn has images of its own.
    let by_path: HashMap<&str, &FileWrite> = files.iter().map(|file| (file.path.as_str(), file)).collect();
    let sides = record.what.images().iter().filter_map(|own| Some((own, *by_path.get(own.path.as_str())?)));
    let sides = sides.flat_map(|(hashes, file)| [(&hashes.before, &file.before), (&hashes.after, &file.after)]);
    let sides = sides.filter_map(|(name, bytes)| Some((name.as_ref()?, bytes.as_ref()?)));
    let mut written = HashSet::new();
    let images: Vec<(&String, &Arc<[u8]>)> = sides.filter(|(name, _)| written.insert(*name)).collect();
    images.par_iter().try_for_each(|(name, bytes)| disk::write(&open, name, bytes, 0o600).map(drop))?;
    disk::write(&open, FILE, &serde_json::to_vec(record)?, 0o600)?;
    let names = images.iter().map(|(name, _)| name.as_str()).chain([FILE]);
    Ok(names.map(|name| folder.join(name)).chain([folder.to_owned()]).collect())
}

fn records_in_folder(undo: &Path) -> Result<Vec<Record>, Failure> {
    let Ok(folders) = fs::read_dir(undo) else { return Ok(Vec::new()) };
    let mut records = Vec::new();
    for folder in folders {
        let folder = folder?;
        let file = folder.path().join(FILE);
        let name = folder.file_name().to_string_lossy().into_owned();
        if !name.starts_with(STAGED) && file.exists() {
            let way_out = format!("remove {}", folder.path().display());
            records.push(parse(&name, &fs::read(file)?, || way_out)?);
        }
    }
    Ok(records)
}

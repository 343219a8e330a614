//! One file of a batch: checked, written beside itself, exchanged, made or taken away, looked at again, put back.

use std::collections::HashSet;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use rustix::fs::{Access, AtFlags, Stat, accessat};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use crate::model::problem::Problem;

use super::disk;
use super::fresh::{NoRoom, missing_folders};
use super::likeness::{Likeness, Unlike};
use super::path::components;
use super::read::{
    MAX_SOURCE, OpenFolders, ReadError, open_at, open_parent, open_source, read_at, read_open, stat_file,
};
use super::record::Written;
use super::sync::{open_path, sync_made_in};
use super::tree::{plain, sha256};
use super::write::{FileWrite, Kept, WriteError};

/// A file on its way from one content to another, either of which may be none.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Swap {
    pub(super) path: String,
    /// Name of the file beside it: first it holds the new bytes, then what stood there.
    temp: String,
    /// Name for the old bytes, where they have to be written anew. Not `temp`: half of them there would look like
    /// an editor's save that was exchanged out.
    spare: String,
    /// What it is like; `None` for any new file.
    #[serde(flatten)]
    likeness: Option<Likeness>,
    /// SHA-256 of the bytes in hex; `None` where there is no file.
    old: Option<String>,
    new: Option<String>,
    /// Folders that are made for it, or may go with it, the outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    folders: Vec<String>,
    /// What the old file was like when it was read.
    #[serde(skip)]
    seen: Option<State>,
}

/// What the system says of a file that stays as it is: device, number, size, times of its content and of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct State([i128; 7]);

impl State {
    fn of(stat: &Stat) -> Self {
        let (content, itself) = ((stat.st_mtime, stat.st_mtime_nsec), (stat.st_ctime, stat.st_ctime_nsec));
        Self([
            stat.st_dev.into(),
            stat.st_ino.into(),
            stat.st_size.into(),
            content.0.into(),
            content.1.into(),
            itself.0.into(),
            itself.1.into(),
        ])
    }

    /// Whether the two are of one file that was not written in between: a new name alone changes the last two.
    fn has_same_bytes(self, other: Self) -> bool {
        self.0.iter().zip(other.0).take(5).all(|(one, other)| *one == other)
    }
}

/// Fewer files than this are not worth a thread.
const MIN_PER_THREAD: usize = 32;

/// What one name holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Old,
    New,
    Missing,
    Other,
}

/// How far a swap is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stand {
    /// It was not done, or is as good as undone: whatever stands there is not its work.
    Open,
    Done,
    /// It was done, and what it took away is what somebody saved in that moment: it belongs back.
    Caught,
    /// It was done, and then somebody changed what it made: to go back would lose that.
    Foreign,
}

/// The swaps of a batch in the order of its files, after every file has been found to be what it must be. Files that
/// stay the same have none. `written` says of each file what its bytes hash to.
pub(super) fn check(root: &Path, files: &[FileWrite], written: &[Written]) -> Result<Vec<Swap>, WriteError> {
    let checked: Vec<Result<Checked, WriteError>> = files
        .par_iter()
        .zip(written)
        .with_min_len(MIN_PER_THREAD)
        .map_init(|| OpenFolders::for_source(root), |folders, (file, written)| check_one(root, folders, file, written))
        .collect();
    let (mut seen, mut made) = (HashSet::new(), HashSet::new());
    let mut swaps = Vec::new();
    for (file, checked) in files.iter().zip(checked) {
        let (stat, swap) = checked?;
        let is_new = match stat {
            Some(stat) => seen.insert((stat.st_dev, stat.st_ino)),
            None => made.insert(&file.path),
        };
        if !is_new {
            return Err(refuse(&file.path, "the batch names this file twice", "take one of the two fixes"));
        }
        swaps.extend(swap);
    }
    Ok(swaps)
}

/// A file that is there, and what is to be done with it.
type Checked = (Option<Stat>, Option<Swap>);

/// The way to the files of a batch, or why there is none.
type Way = Result<OpenFolders, ReadError>;

/// The folder of a file, and its name there.
fn way_to<'w, 'p>(way: &'w mut Way, path: &'p str) -> Result<(&'w OwnedFd, &'p str), WriteError> {
    let folders = way.as_mut().map_err(|error| unreadable(path, error))?;
    folders.parent(path).map_err(|error| unreadable(path, &error))
}

fn check_one(root: &Path, way: &mut Way, file: &FileWrite, written: &Written) -> Result<Checked, WriteError> {
    let Some(before) = &file.before else { return check_new(root, file, written).map(|swap| (None, swap)) };
    let (folder, name) = way_to(way, &file.path)?;
    let open = || {
        let (open, stat) = open_at(folder, name)?;
        let bytes = read_open(&open, &stat, MAX_SOURCE)?;
        Ok((open, stat, bytes))
    };
    let (open, stat, bytes) = open().map_err(|error| unreadable(&file.path, &error))?;
    if bytes != **before {
        return Err(WriteError::Changed(file.path.clone()));
    }
    if !file.is_change() {
        return Ok((Some(stat), None));
    }
    is_replaceable(&file.path, folder, name, &stat)?;
    let likeness = Likeness::of(&open, &stat).map_err(|why| unlike(&file.path, &why))?;
    let kept = Kept { likeness: Some(likeness), folders: file.kept.folders.clone() };
    let swap = Swap { seen: Some(State::of(&stat)), ..Swap::of(file, written, name, kept)? };
    Ok((Some(stat), Some(swap)))
}

/// A file that is not there yet.
fn check_new(root: &Path, file: &FileWrite, written: &Written) -> Result<Option<Swap>, WriteError> {
    let folders = missing_folders(root, &file.path).map_err(|why| no_room(&file.path, &why))?;
    if !file.is_change() {
        return Ok(None);
    }
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    let twin = file.from.as_ref().and_then(|from| {
        match open_source(root, from).and_then(|(folder, name)| open_at(&folder, name)) {
            Ok((open, stat)) => Some(Likeness::of(&open, &stat).map_err(|why| unlike(from, &why))),
            // It is a file of the batch: what is wrong with it is said there.
            Err(ReadError::Missing | ReadError::NotAFile(_) | ReadError::Outside) => None,
            Err(error) => Some(Err(unreadable(from, &error))),
        }
    });
    let likeness = twin.transpose()?.or_else(|| file.kept.likeness.clone());
    Swap::of(file, written, name, Kept { likeness, folders }).map(Some)
}

fn no_room(path: &str, why: &NoRoom) -> WriteError {
    match why {
        NoRoom::Way(error) => unreadable(path, error),
        NoRoom::Taken(_) => refuse(path, &why.to_string(), "take it away, then try again"),
        NoRoom::Alike(_) | NoRoom::Name(..) | NoRoom::Inner => refuse(path, &why.to_string(), "make the file by hand"),
    }
}

/// Refuses what would not be the same file any more, and what this user could not write in its place: to have the folder
/// is not to have what others keep in it.
fn is_replaceable(path: &str, folder: &OwnedFd, name: &str, stat: &Stat) -> Result<(), WriteError> {
    if stat.st_nlink > 1 {
        let reason = format!("it has {} names (hard links), and only this one would change", stat.st_nlink);
        return Err(refuse(path, &reason, "copy it over itself to give it one name, then try again"));
    }
    if stat.st_mode & 0o222 == 0 {
        return Err(refuse(path, "the file is read-only", "make it writable (chmod u+w), then try again"));
    }
    let is_own = stat.st_uid == rustix::process::geteuid().as_raw();
    if !is_own && accessat(folder, name, Access::WRITE_OK, AtFlags::EACCESS) == Err(Errno::ACCESS) {
        let reason = format!("it belongs to another user ({}), and you may not write it", stat.st_uid);
        return Err(refuse(path, &reason, AS_OWNER));
    }
    Ok(())
}

/// What to do about a file that would not be the same any more.
const AS_OWNER: &str = "run Quell as its owner, or change it by hand";

fn unlike(path: &str, why: &Unlike) -> WriteError {
    match why {
        Unlike::Io(error) => cannot_write(path, error),
        Unlike::Owner(_) | Unlike::Group(_) | Unlike::Attribute(..) | Unlike::Bits(_) => {
            refuse(path, &why.to_string(), AS_OWNER)
        }
    }
}

pub(super) fn refuse(path: &str, reason: &str, hint: &str) -> WriteError {
    WriteError::Refused(Problem::of_file(path, reason, hint))
}

fn unreadable(path: &str, error: &ReadError) -> WriteError {
    let hint = match error {
        ReadError::Missing => "scan again: the report is older than the tree",
        ReadError::Outside | ReadError::NotAFile(_) => {
            "such a path is never written; change it by hand if you trust it"
        }
        ReadError::TooLarge(_) => "change it by hand",
        ReadError::Unmerged => "resolve it, then try again",
        ReadError::NotCheckedOut => "git sparse-checkout add checks its folder out",
        ReadError::Io(_) => "make it readable, then try again",
    };
    refuse(path, &error.to_string(), hint)
}

/// Does the same for each file of a batch, side by side: what one of them needs of the disk does not depend on another.
/// Nothing of it goes on when this returns; the error is that of a file that failed. Neighbours have the handle of their
/// folder in common, and none is kept from one step of a batch to the next.
pub(super) fn each(
    root: &Path,
    swaps: &[Swap],
    job: impl Fn(&mut Way, usize, &Swap) -> Result<(), WriteError> + Sync,
) -> Result<(), WriteError> {
    let swaps = swaps.par_iter().enumerate().with_min_len(MIN_PER_THREAD);
    swaps.try_for_each_init(|| OpenFolders::new(root), |way, (at, swap)| job(way, at, swap))
}

/// What one step of a batch has written.
enum Thing<'s> {
    /// Of Quell's own.
    Own(&'s Path),
    /// Beside a file of the tree.
    Temp(&'s Swap),
    /// The folder of a file of the tree.
    Folder(&'s Swap),
}

/// What was written beside the files of a batch is on disk when it returns, and these files and folders of Quell's own,
/// which lie below `tops`.
pub(super) fn sync_temps(root: &Path, swaps: &[Swap], own: &[PathBuf], tops: &[&Path]) -> Result<(), WriteError> {
    let temps = swaps.iter().filter(|swap| swap.new.is_some()).map(Thing::Temp);
    sync_things(root, swaps, temps.collect(), own, tops)
}

/// Every folder in which a batch makes names is on disk when it returns, and these files and folders of Quell's own, which
/// lie below `tops`.
pub(super) fn sync_folders(root: &Path, swaps: &[Swap], own: &[PathBuf], tops: &[&Path]) -> Result<(), WriteError> {
    sync_things(root, swaps, one_each(swaps).map(Thing::Folder).collect(), own, tops)
}

fn sync_things<'s>(
    root: &Path,
    swaps: &'s [Swap],
    mut things: Vec<Thing<'s>>,
    own: &'s [PathBuf],
    tops: &[&'s Path],
) -> Result<(), WriteError> {
    things.extend(own.iter().map(|path| Thing::Own(path)));
    // A file that was made in a folder lies on the file system of the folder.
    let folders = one_each(swaps).map(Thing::Folder).chain(tops.iter().map(|top| Thing::Own(top)));
    let open = |thing: &Thing<'_>| {
        let enter = |swap: &Swap| open_parent(root, &swap.path).map(|(folder, _)| folder);
        match thing {
            Thing::Own(path) => open_path(path),
            Thing::Folder(swap) => match enter(swap) {
                // It went with its last file.
                Err(ReadError::Missing) => Ok(None),
                entered => entered.map(Some).map_err(|error| disk::unreadable(&error)),
            },
            Thing::Temp(swap) => {
                let folder = enter(swap).map_err(|error| disk::unreadable(&error))?;
                disk::open_file(&folder, &swap.temp).map(Some)
            }
        }
    };
    sync_made_in(&folders.collect::<Vec<_>>(), &things, open)
        .map_err(|error| cannot_write(&root.display().to_string(), &error))
}

/// The files of a batch, as written beside them, that another user owns than before.
pub(super) fn disowned(root: &Path, swaps: &[Swap]) -> Vec<String> {
    let is_disowned = |swap: &&Swap| {
        let Some(likeness) = swap.likeness.as_ref().filter(|likeness| likeness.is_of_another()) else { return false };
        let temp = open_parent(root, &swap.path).and_then(|(folder, _)| stat_file(&folder, &swap.temp));
        temp.is_ok_and(|stat| !likeness.is_owned_as(&stat))
    };
    swaps.iter().filter(is_disowned).map(|swap| swap.path.clone()).collect()
}

/// One swap for each folder.
fn one_each(swaps: &[Swap]) -> impl Iterator<Item = &Swap> {
    let mut seen = HashSet::new();
    swaps.iter().filter(move |swap| seen.insert(swap.path.rsplit_once('/').map(|(folder, _)| folder)))
}

/// Makes the folders that new files of a batch need, on disk before it returns; none of them through a link.
pub(super) fn make_folders(root: &Path, swaps: &[Swap]) -> Result<(), WriteError> {
    let mut made = HashSet::new();
    for swap in swaps.iter().filter(|swap| swap.new.is_some()) {
        for path in swap.folders.iter().filter(|path| made.insert(path.as_str())) {
            let (folder, name) = open_parent(root, path).map_err(|error| unreadable(path, &error))?;
            disk::make_folder(&folder, name).map_err(|error| cannot_write(path, &error))?;
        }
    }
    Ok(())
}

/// Removes what a batch made or had made of folders, where nothing is in them. One that stays is no harm.
pub(super) fn remove_folders(root: &Path, swaps: &[Swap]) {
    let mut folders: Vec<&String> = swaps.iter().flat_map(|swap| &swap.folders).collect();
    // A longer path of the same beginning lies deeper.
    folders.sort_unstable_by(|a, b| b.cmp(a));
    folders.dedup();
    for path in folders {
        let _ = open_parent(root, path)
            .map_err(|error| disk::unreadable(&error))
            .and_then(|(folder, name)| disk::remove_folder(&folder, name));
    }
}

impl Swap {
    fn of(
        file: &FileWrite,
        written: &Written,
        name: &str,
        Kept { likeness, folders }: Kept,
    ) -> Result<Self, WriteError> {
        let length = file.after.as_ref().map_or(0, |after| after.len() as u64);
        if length > MAX_SOURCE {
            return Err(unreadable(&file.path, &ReadError::TooLarge(length)));
        }
        let (old, new) = (written.before.clone(), written.after.clone());
        let (temp, spare, path) = (disk::beside(name), disk::beside(name), file.path.clone());
        Ok(Self { path, temp, spare, likeness, old, new, folders, seen: None })
    }

    /// Whether a record means the same file.
    pub(super) fn is_of(&self, file: &Written) -> bool {
        self.path == file.path
    }

    /// What the log has to keep beside the bytes; `None` for a file that is there before and after.
    pub(super) fn kept(&self) -> Option<Kept> {
        let stays = self.old.is_some() && self.new.is_some();
        (!stays).then(|| Kept { likeness: self.likeness.clone(), folders: self.folders.clone() })
    }

    /// Writes the new bytes beside the file, like it; on disk only when they are synced ([`sync_temps`]).
    pub(super) fn write_temp(&self, way: &mut Way, bytes: &[u8]) -> Result<(), WriteError> {
        let (folder, _) = way_to(way, &self.path)?;
        let written = match &self.likeness {
            Some(likeness) => disk::write_alike(folder, &self.temp, bytes, likeness),
            None => disk::write_new(folder, &self.temp, bytes).map_err(Unlike::from),
        };
        written.map(drop).map_err(|why| unlike(&self.path, &why))
    }

    /// Puts the new state in place, and only if the old one, with the bytes `before`, stands there at that very moment.
    pub(super) fn commit(&self, way: &mut Way, before: Option<&[u8]>) -> Result<(), WriteError> {
        let (folder, name) = way_to(way, &self.path)?;
        match (before, &self.new) {
            (None, _) => self.make(folder, name),
            (Some(_), None) => self.take_away(folder, name),
            (Some(before), Some(_)) => self.exchange(folder, name, before),
        }
    }

    /// The new file gets its name where nothing has it.
    fn make(&self, folder: &OwnedFd, name: &str) -> Result<(), WriteError> {
        disk::rename_new(folder, &self.temp, name).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => WriteError::Changed(self.path.clone()),
            _ => self.cannot_write(&error),
        })
    }

    /// The old file is moved aside in one step, and back again if what was moved is something else (an editor's save).
    fn take_away(&self, folder: &OwnedFd, name: &str) -> Result<(), WriteError> {
        if self.look(folder, name) != Found::Old {
            return Err(WriteError::Changed(self.path.clone()));
        }
        disk::rename(folder, name, &self.temp).map_err(|error| self.cannot_write(&error))?;
        if self.look(folder, &self.temp) == Found::Old {
            return Ok(());
        }
        disk::rename_new(folder, &self.temp, name).map_err(|error| self.cannot_write(&error))?;
        Err(WriteError::Changed(self.path.clone()))
    }

    /// The two files are exchanged in one step, and back again if what came out is something else. What comes out is read:
    /// sizes and times do not tell a save in the same tick of the clock. What goes in need not be: a file that has changed
    /// since it was read would come back.
    fn exchange(&self, folder: &OwnedFd, name: &str, before: &[u8]) -> Result<(), WriteError> {
        let is_seen = stat_file(folder, name).is_ok_and(|stat| self.seen == Some(State::of(&stat)));
        if !is_seen && (self.look(folder, name) != Found::Old || !self.is_alike(folder, name)) {
            return Err(WriteError::Changed(self.path.clone()));
        }
        if !disk::exchange(folder, &self.temp, name).map_err(|error| self.cannot_write(&error))? {
            // Nothing comes out to be read.
            if self.look(folder, name) != Found::Old {
                return Err(WriteError::Changed(self.path.clone()));
            }
            return disk::rename(folder, &self.temp, name).map_err(|error| self.cannot_write(&error));
        }
        if read_at(folder, &self.temp, MAX_SOURCE).is_ok_and(|(bytes, _)| bytes == before) {
            return Ok(());
        }
        disk::exchange(folder, &self.temp, name).map_err(|error| self.cannot_write(&error))?;
        Err(WriteError::Changed(self.path.clone()))
    }

    /// Does what a batch that counts as done was to do, and what a loss of power has kept from the disk.
    pub(super) fn make_good(&self, root: &Path) -> Result<(), WriteError> {
        let way = &mut OpenFolders::new(root);
        let Ok((folder, name)) = way_to(way, &self.path) else { return Ok(()) };
        let (at, beside) = (self.look(folder, name), self.look(folder, &self.temp));
        let is_lost = match (&self.old, &self.new) {
            (None, _) => (at, beside) == (Found::Missing, Found::New),
            (Some(_), None) => (at, beside) == (Found::Old, Found::Missing),
            (Some(_), Some(_)) => (at, beside) == (Found::Old, Found::New),
        };
        if !is_lost {
            return Ok(());
        }
        let before = self.old.as_ref().map(|_| read_at(folder, name, MAX_SOURCE)).transpose();
        let before = before.map_err(|error| unreadable(&self.path, &error))?;
        self.commit(way, before.as_ref().map(|(bytes, _)| bytes.as_slice()))
    }

    /// How far it is, by what stands at the path and beside it.
    pub(super) fn stand(&self, root: &Path) -> Stand {
        use Found::{Missing, New, Old, Other};
        let opened = self.open(root);
        let (at, beside) = match &opened {
            Ok((folder, name)) => (self.look(folder, name), self.look(folder, &self.temp)),
            Err(_) => (Missing, Missing),
        };
        // A file system that cannot rename in one step gives a second name first.
        let is_one = || opened.as_ref().is_ok_and(|(folder, name)| is_one_file(folder, name, &self.temp));
        match (&self.old, &self.new) {
            (None, _) => match (at, beside) {
                (New, Missing) => Stand::Done,
                (New, New) if is_one() => Stand::Done,
                (Other, Missing) => Stand::Foreign,
                (Other, Other) if is_one() => Stand::Foreign,
                _ => Stand::Open,
            },
            // Where its folder went, the old file went with it.
            (Some(_), None) if opened.is_err() => Stand::Foreign,
            (Some(_), None) => match (at, beside) {
                (Missing, Old) => Stand::Done,
                (Missing, Other) => Stand::Caught,
                (_, Missing) | (Old, Old) => Stand::Open,
                _ => Stand::Foreign,
            },
            (Some(_), Some(_)) => match (at, beside) {
                (New, Old | Missing) => Stand::Done,
                (New, Other) => Stand::Caught,
                (Other | Missing, Old | Other | Missing) => Stand::Foreign,
                (New | Other | Missing, New) | (Old, _) => Stand::Open,
            },
        }
    }

    /// Brings back what stood there; `image` gives its bytes where they are not beside it.
    pub(super) fn take_back(
        &self,
        root: &Path,
        image: impl FnOnce() -> Result<Vec<u8>, WriteError>,
    ) -> Result<(), WriteError> {
        let (folder, name) = self.open(root)?;
        match (&self.old, &self.new) {
            (None, _) => self.unmake(&folder, name),
            (Some(_), None) => disk::rename_new(&folder, &self.temp, name).map_err(|error| self.cannot_write(&error)),
            (Some(_), Some(_)) if self.look(&folder, &self.temp) == Found::Missing => self.restore(root, &image()?),
            (Some(_), Some(_)) => self.exchange_back(&folder, name),
        }
    }

    /// Moves a file that was made aside again, if it is still what was made.
    fn unmake(&self, folder: &OwnedFd, name: &str) -> Result<(), WriteError> {
        // A second name of the same file would stay where it is moved to.
        disk::remove(folder, &self.temp).map_err(|error| self.cannot_write(&error))?;
        disk::rename(folder, name, &self.temp).map_err(|error| self.cannot_write(&error))?;
        if self.look(folder, &self.temp) == Found::New {
            return Ok(());
        }
        disk::rename_new(folder, &self.temp, name).map_err(|error| self.cannot_write(&error))?;
        Err(WriteError::Changed(self.path.clone()))
    }

    /// Puts what was exchanged out of its place back into it, and goes back if what came out is not what was made (an
    /// editor's save).
    fn exchange_back(&self, folder: &OwnedFd, name: &str) -> Result<(), WriteError> {
        let exchange = || disk::exchange(folder, &self.temp, name).map_err(|error| self.cannot_write(&error));
        if exchange()? {
            if self.look(folder, &self.temp) == Found::New {
                return Ok(());
            }
            exchange()?;
            return Err(WriteError::Changed(self.path.clone()));
        }
        self.is_as_made(folder, name)?;
        disk::rename(folder, &self.temp, name).map_err(|error| self.cannot_write(&error))
    }

    /// For file systems that cannot exchange: nothing comes out to be looked at.
    fn is_as_made(&self, folder: &OwnedFd, name: &str) -> Result<(), WriteError> {
        if self.look(folder, name) == Found::New { Ok(()) } else { Err(WriteError::Changed(self.path.clone())) }
    }

    /// Whether what was exchanged out of the tree is still what it was: a program that had it open may write to it.
    pub(super) fn is_untouched(&self, way: &mut Way) -> Result<(), WriteError> {
        let (folder, _) = way_to(way, &self.path)?;
        match (self.seen, stat_file(folder, &self.temp)) {
            (Some(seen), Ok(stat)) if !seen.has_same_bytes(State::of(&stat)) => {
                Err(WriteError::Changed(self.path.clone()))
            }
            _ => Ok(()),
        }
    }

    /// Whether it is one that a batch makes.
    pub(super) fn is_sound(&self) -> bool {
        components(&self.path).is_ok() && [&self.temp, &self.spare].into_iter().all(|name| disk::is_beside(name))
    }

    /// Writes the old bytes from their image, where the file system could not exchange.
    fn restore(&self, root: &Path, bytes: &[u8]) -> Result<(), WriteError> {
        let (folder, name) = self.open(root)?;
        let restore = || -> Result<(), Unlike> {
            disk::remove(&folder, &self.spare)?;
            let file = match &self.likeness {
                Some(likeness) => disk::write_alike(&folder, &self.spare, bytes, likeness)?,
                None => disk::write(&folder, &self.spare, bytes, 0o600)?,
            };
            Ok(disk::sync_file(&file)?)
        };
        restore().map_err(|why| unlike(&self.path, &why))?;
        self.is_as_made(&folder, name)?;
        disk::rename(&folder, &self.spare, name).map_err(|error| self.cannot_write(&error))
    }

    /// Removes what was exchanged out of the tree, or not exchanged.
    pub(super) fn clean(&self, way: &mut Way) -> Result<(), WriteError> {
        self.remove(way, &self.temp)
    }

    /// Removes what a restoring that was interrupted leaves.
    pub(super) fn clean_spare(&self, way: &mut Way) -> Result<(), WriteError> {
        self.remove(way, &self.spare)
    }

    fn remove(&self, way: &mut Way, name: &str) -> Result<(), WriteError> {
        let folder = match way.as_mut().map(|folders| folders.parent(&self.path)) {
            Ok(Ok((folder, _))) => folder,
            Ok(Err(error @ ReadError::Io(_))) => return Err(unreadable(&self.path, &error)),
            Err(error @ ReadError::Io(_)) => return Err(unreadable(&self.path, error)),
            // Where the folder is gone, so is what was in it.
            Ok(Err(_)) | Err(_) => return Ok(()),
        };
        disk::remove(folder, name).map_err(|error| self.cannot_write(&error))
    }

    fn open(&self, root: &Path) -> Result<(OwnedFd, &str), WriteError> {
        open_parent(root, &self.path).map_err(|error| unreadable(&self.path, &error))
    }

    fn look(&self, folder: &OwnedFd, name: &str) -> Found {
        match read_at(folder, name, MAX_SOURCE) {
            Ok((bytes, _)) => match Some(sha256(&bytes)) {
                hash if hash == self.old => Found::Old,
                hash if hash == self.new => Found::New,
                _ => Found::Other,
            },
            Err(ReadError::Missing) => Found::Missing,
            Err(_) => Found::Other,
        }
    }

    /// Whether a file is still like that which the batch was checked against.
    fn is_alike(&self, folder: &OwnedFd, name: &str) -> bool {
        let now = open_at(folder, name).ok().and_then(|(file, stat)| Likeness::of(&file, &stat).ok());
        now == self.likeness
    }

    fn cannot_write(&self, error: &io::Error) -> WriteError {
        cannot_write(&self.path, error)
    }
}

/// Whether two names of a folder are those of one file.
fn is_one_file(folder: &OwnedFd, one: &str, other: &str) -> bool {
    let number = |name| stat_file(folder, name).ok().map(|stat| (stat.st_dev, stat.st_ino));
    number(one).is_some_and(|one| number(other) == Some(one))
}

fn cannot_write(path: &str, error: &io::Error) -> WriteError {
    let hint = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => disk::FULL,
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "make its folder writable, then try again"
        }
        _ => "see to the disk, then try again",
    };
    refuse(path, &format!("cannot be written: {}", plain(error)), hint)
}

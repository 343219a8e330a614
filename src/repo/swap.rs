//! One file of a batch: checked, written beside itself, exchanged, looked at again, put back.

use std::collections::HashSet;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use rayon::prelude::*;
use rustix::fs::Stat;
use serde::{Deserialize, Serialize};

use crate::model::problem::Problem;

use super::disk;
use super::read::{MAX_SOURCE, ReadError, open_parent, open_source, read_at};
use super::record::Written;
use super::sync::{sync_all, sync_made_in};
use super::tree::{plain, sha256};
use super::write::{FileWrite, WriteError};

/// A file on its way from one content to another.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Swap {
    pub(super) path: String,
    /// Name of the file beside it: first it holds the new bytes, after the exchange what stood there.
    temp: String,
    /// Name for the old bytes, where they have to be written anew. Not `temp`: half of them there would look like
    /// an editor's save that was exchanged out.
    spare: String,
    /// Permission bits.
    mode: u32,
    /// SHA-256 of the bytes in hex.
    old: String,
    new: String,
}

/// Fewer files than this are not worth a thread.
const MIN_PER_THREAD: usize = 32;

/// What the disk holds for one swap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Old,
    New,
    Missing,
    Other,
}

/// The swaps of a batch in the order of its files, after every file has been found to be what it must be. Files that
/// stay the same have none.
pub(super) fn check(root: &Path, files: &[FileWrite]) -> Result<Vec<Swap>, WriteError> {
    let checked: Vec<Result<(Stat, Option<Swap>), WriteError>> =
        files.par_iter().map(|file| check_one(root, file)).collect();
    let mut seen = HashSet::new();
    let mut swaps = Vec::new();
    for (file, checked) in files.iter().zip(checked) {
        let (stat, swap) = checked?;
        if !seen.insert((stat.st_dev, stat.st_ino)) {
            return Err(refuse(&file.path, "the batch names this file twice", "take one of the two fixes"));
        }
        swaps.extend(swap);
    }
    Ok(swaps)
}

fn check_one(root: &Path, file: &FileWrite) -> Result<(Stat, Option<Swap>), WriteError> {
    let (folder, name) = open_source(root, &file.path).map_err(|error| unreadable(&file.path, &error))?;
    let (bytes, stat) = read_at(&folder, name, MAX_SOURCE).map_err(|error| unreadable(&file.path, &error))?;
    if bytes != *file.before {
        return Err(WriteError::Changed(file.path.clone()));
    }
    if !file.is_change() {
        return Ok((stat, None));
    }
    if file.after.len() as u64 > MAX_SOURCE {
        return Err(unreadable(&file.path, &ReadError::TooLarge(file.after.len() as u64)));
    }
    is_replaceable(&file.path, &stat)?;
    let (old, new) = (sha256(&file.before), sha256(&file.after));
    let (temp, spare, mode) = (disk::beside(name), disk::beside(name), stat.st_mode & 0o7777);
    Ok((stat, Some(Swap { path: file.path.clone(), temp, spare, mode, old, new })))
}

fn is_replaceable(path: &str, stat: &Stat) -> Result<(), WriteError> {
    if stat.st_nlink > 1 {
        let reason = format!("it has {} names (hard links), and only this one would change", stat.st_nlink);
        return Err(refuse(path, &reason, "copy it over itself to give it one name, then try again"));
    }
    if stat.st_mode & 0o222 == 0 {
        return Err(refuse(path, "the file is read-only", "make it writable (chmod u+w), then try again"));
    }
    Ok(())
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
/// Nothing of it goes on when this returns; the error is that of a file that failed.
pub(super) fn each(
    swaps: &[Swap],
    job: impl Fn(usize, &Swap) -> Result<(), WriteError> + Sync,
) -> Result<(), WriteError> {
    swaps.par_iter().enumerate().with_min_len(MIN_PER_THREAD).try_for_each(|(at, swap)| job(at, swap))
}

/// What was written beside the files of a batch, on disk.
pub(super) fn sync_temps(root: &Path, swaps: &[Swap]) -> Result<(), WriteError> {
    // A file that was made in a folder lies on the file system of the folder.
    let open_file = |swap: &Swap| {
        let (folder, _) = open_parent(root, &swap.path).map_err(|error| disk::unreadable(&error))?;
        disk::open_file(&folder, &swap.temp).map(Some)
    };
    let folders = one_each(swaps);
    sync_made_in(swaps.len(), &folders, |swap| open_folder_of(root, swap))
        .and_then(|is_done| if is_done { Ok(()) } else { sync_all(swaps, open_file) })
        .map_err(|error| cannot_write(&root.display().to_string(), &error))
}

/// Every folder in which a batch makes names, on disk.
pub(super) fn sync_folders(root: &Path, swaps: &[Swap]) -> Result<(), WriteError> {
    sync_all(&one_each(swaps), |swap| open_folder_of(root, swap))
        .map_err(|error| cannot_write(&root.display().to_string(), &error))
}

/// One swap for each folder.
fn one_each(swaps: &[Swap]) -> Vec<&Swap> {
    let mut seen = HashSet::new();
    swaps.iter().filter(|swap| seen.insert(swap.path.rsplit_once('/').map(|(folder, _)| folder))).collect()
}

fn open_folder_of(root: &Path, swap: &Swap) -> io::Result<Option<OwnedFd>> {
    open_parent(root, &swap.path).map(|(folder, _)| Some(folder)).map_err(|error| disk::unreadable(&error))
}

impl Swap {
    /// Whether a record means the same file.
    pub(super) fn is_of(&self, file: &Written) -> bool {
        self.path == file.path
    }

    /// Writes the new bytes beside the file, with its mode; on disk only when they are synced ([`sync_temps`]).
    pub(super) fn write_temp(&self, root: &Path, bytes: &[u8]) -> Result<(), WriteError> {
        let (folder, _) = self.open(root)?;
        disk::write(&folder, &self.temp, bytes, self.mode).map(drop).map_err(|error| self.cannot_write(&error))
    }

    /// Puts the new bytes in place, and only if the old ones stand there at that very moment: the two files
    /// are exchanged in one step, and back again if what came out is something else (an editor's save).
    pub(super) fn commit(&self, root: &Path) -> Result<(), WriteError> {
        let (folder, name) = self.open(root)?;
        if self.look(&folder, name) != Found::Old {
            return Err(WriteError::Changed(self.path.clone()));
        }
        if !disk::exchange(&folder, &self.temp, name).map_err(|error| self.cannot_write(&error))? {
            return disk::rename(&folder, &self.temp, name).map_err(|error| self.cannot_write(&error));
        }
        if self.look(&folder, &self.temp) == Found::Old {
            return Ok(());
        }
        disk::exchange(&folder, &self.temp, name).map_err(|error| self.cannot_write(&error))?;
        Err(WriteError::Changed(self.path.clone()))
    }

    /// What stands at the path, and beside it.
    pub(super) fn found(&self, root: &Path) -> (Found, Found) {
        match self.open(root) {
            Ok((folder, name)) => (self.look(&folder, name), self.look(&folder, &self.temp)),
            Err(_) => (Found::Missing, Found::Missing),
        }
    }

    /// Puts what was exchanged out of its place back into it.
    pub(super) fn exchange_back(&self, root: &Path) -> Result<(), WriteError> {
        let (folder, name) = self.open(root)?;
        let done = disk::exchange(&folder, &self.temp, name);
        let done = done.and_then(|is_done| if is_done { Ok(()) } else { disk::rename(&folder, &self.temp, name) });
        done.map_err(|error| self.cannot_write(&error))
    }

    /// Writes the old bytes from their image, where the file system could not exchange.
    pub(super) fn restore(&self, root: &Path, bytes: &[u8]) -> Result<(), WriteError> {
        let (folder, name) = self.open(root)?;
        disk::remove(&folder, &self.spare)
            .and_then(|()| disk::create(&folder, &self.spare, bytes, self.mode))
            .and_then(|()| disk::rename(&folder, &self.spare, name))
            .map_err(|error| self.cannot_write(&error))
    }

    /// Removes what was exchanged out of the tree, or not exchanged.
    pub(super) fn clean(&self, root: &Path) -> Result<(), WriteError> {
        self.remove(root, &self.temp)
    }

    /// Removes what a restoring that was interrupted leaves.
    pub(super) fn clean_spare(&self, root: &Path) -> Result<(), WriteError> {
        self.remove(root, &self.spare)
    }

    fn remove(&self, root: &Path, name: &str) -> Result<(), WriteError> {
        let folder = match open_parent(root, &self.path) {
            Ok((folder, _)) => folder,
            Err(error @ ReadError::Io(_)) => return Err(unreadable(&self.path, &error)),
            // Where the folder is gone, so is what was in it.
            Err(_) => return Ok(()),
        };
        disk::remove(&folder, name).map_err(|error| self.cannot_write(&error))
    }

    fn open(&self, root: &Path) -> Result<(OwnedFd, &str), WriteError> {
        open_parent(root, &self.path).map_err(|error| unreadable(&self.path, &error))
    }

    fn look(&self, folder: &OwnedFd, name: &str) -> Found {
        match read_at(folder, name, MAX_SOURCE) {
            Ok((bytes, _)) => match sha256(&bytes) {
                hash if hash == self.old => Found::Old,
                hash if hash == self.new => Found::New,
                _ => Found::Other,
            },
            Err(ReadError::Missing) => Found::Missing,
            Err(_) => Found::Other,
        }
    }

    fn cannot_write(&self, error: &io::Error) -> WriteError {
        cannot_write(&self.path, error)
    }
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

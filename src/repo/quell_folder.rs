//! The folder `.quell` of the tree, where decisions live, and its twin for a tree that cannot be written.

use std::os::fd::OwnedFd;

use rustix::fs::{AtFlags, Dir, FileType, Mode, mkdirat, statat};
use rustix::io::Errno;

use crate::model::problem::{Loss, Problem};

use super::Repo;
use super::disk;
use super::fault::step;
use super::lock::Lock;
use super::path::components;
use super::read::{ReadError, open_folder, open_root, read_at};
use super::tree::plain;
use super::write::WriteError;

const FOLDER: &str = ".quell";
/// Largest file in `.quell`, in bytes.
const MAX_IN_QUELL: u64 = 32 << 20;
/// Most files that are read from one folder, and how deep it may be.
const MAX_FILES: usize = 200_000;
const MAX_DEPTH: usize = 8;

/// Files and problems of one reading.
#[derive(Default)]
struct Found {
    files: Vec<(String, Vec<u8>)>,
    problems: Vec<Problem>,
}

impl Repo {
    /// Creates one new file under `.quell/` (relative to the root) with these bytes, on disk before it returns;
    /// fails if it is there. In a tree that cannot be written it goes to the state folder: returns `false` then.
    /// Removes what a writer that was killed has left beside such files.
    pub fn create_in_quell(&self, path: &str, bytes: &[u8]) -> Result<bool, Problem> {
        let inside = path.strip_prefix(".quell/").filter(|inside| components(inside).is_ok());
        let inside = inside.ok_or_else(|| Problem::of_file(path, "the path leads outside .quell", ""))?;
        // Under the lock no other Quell is in the middle of a file. Where there can be no lock, nothing is removed.
        let _lock = match Lock::take(&self.state_dir()) {
            Ok(lock) => {
                self.sweep(inside);
                Some(lock)
            }
            Err(error @ WriteError::Locked(_)) => return Err(Problem::of_file(path, error.to_string(), "")),
            Err(WriteError::Refused(_) | WriteError::Changed(_)) => None,
        };
        let in_tree = open_root(&self.root)
            .map_err(|error| disk::unreadable(&error))
            .and_then(|root| create_below(root, path, bytes));
        match in_tree {
            Ok(()) => Ok(true),
            Err(error) if is_read_only(&error) => {
                let state = self.user_dir();
                disk::make_private(&state)
                    .and_then(|()| create_below(disk::open(&state)?, inside, bytes))
                    .map(|()| false)
                    .map_err(|error| cannot_create(&state.join(inside).display().to_string(), &error))
            }
            Err(error) => Err(cannot_create(path, &error)),
        }
    }

    /// Removes unfinished files from the folder below `.quell` that `inside` lies in, and from its twin. What cannot be
    /// removed now is tried again by the next writer: readers pass over it.
    fn sweep(&self, inside: &str) {
        let (folder, _) = inside.split_once('/').unwrap_or_default();
        for (top, path) in [(&self.root, format!("{FOLDER}/{folder}")), (&self.user_dir(), folder.to_owned())] {
            let opened =
                open_root(top).and_then(|top| path.split('/').try_fold(top, |folder, name| open_folder(&folder, name)));
            if let Ok(opened) = opened {
                sweep_below(&opened, 0);
            }
        }
    }

    /// Every file below `.quell/<folder>` and its twin in the state folder, sorted by path: (path, bytes).
    pub fn read_in_quell(&self, folder: &str) -> (Vec<(String, Vec<u8>)>, Vec<Problem>) {
        let mut found = Found::default();
        if components(folder).is_err() {
            found.problems.push(Problem::of_file(folder, "the path leads outside .quell", ""));
            return (found.files, found.problems);
        }
        let state = self.user_dir();
        let places = [
            (open_root(&self.root), format!("{FOLDER}/{folder}"), String::new()),
            (open_root(&state), folder.to_owned(), format!("{}/", state.display())),
        ];
        for (top, path, shown) in places {
            // A folder that is not there holds nothing.
            match top.and_then(|top| path.split('/').try_fold(top, |folder, name| open_own(&folder, name))) {
                Ok(open) => found.read_below(&open, &format!("{shown}{path}"), 0),
                Err(ReadError::Missing) => {}
                Err(error) => {
                    found.problems.push(Problem::at(format!("{shown}{path}"), "", error.to_string(), Loss::File));
                }
            }
        }
        found.files.sort();
        (found.files, found.problems)
    }
}

impl Found {
    fn read_below(&mut self, folder: &OwnedFd, path: &str, depth: usize) {
        let names = match names(folder) {
            Ok(names) => names,
            Err(error) => {
                self.problems.push(Problem::at(path, "", plain(&error.into()), Loss::File));
                return;
            }
        };
        for name in names {
            let whole = format!("{path}/{name}");
            if self.files.len() >= MAX_FILES || depth > MAX_DEPTH {
                self.problems.push(Problem::at(
                    path,
                    "",
                    "too many files or folders; the rest is not read",
                    Loss::File,
                ));
                return;
            }
            let kind = statat(folder, name.as_str(), AtFlags::SYMLINK_NOFOLLOW)
                .map(|stat| FileType::from_raw_mode(stat.st_mode));
            if kind == Ok(FileType::Directory) {
                match open_folder(folder, &name) {
                    Ok(below) => self.read_below(&below, &whole, depth + 1),
                    Err(error) => self.problems.push(Problem::at(whole, "", error.to_string(), Loss::File)),
                }
                continue;
            }
            match read_at(folder, &name, MAX_IN_QUELL) {
                Ok((bytes, _)) => self.files.push((whole, bytes)),
                Err(error) => self.problems.push(Problem::at(whole, "", error.to_string(), Loss::File)),
            }
        }
    }
}

/// Names in a folder in order, without those that no path may have and those of files that are being written.
fn names(folder: &OwnedFd) -> Result<Vec<String>, Errno> {
    let mut names = Vec::new();
    for entry in Dir::read_from(folder)? {
        if let Ok(name) = entry?.file_name().to_str()
            && components(name).is_ok()
            && !disk::is_beside(name)
        {
            names.push(name.to_owned());
        }
    }
    names.sort();
    Ok(names)
}

fn sweep_below(folder: &OwnedFd, depth: usize) {
    let Ok(entries) = Dir::read_from(folder) else { return };
    for entry in entries.flatten() {
        let Ok(name) = entry.file_name().to_str() else { continue };
        let kind = match entry.file_type() {
            FileType::Unknown => statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)
                .map_or(FileType::Unknown, |stat| FileType::from_raw_mode(stat.st_mode)),
            known => known,
        };
        match kind {
            FileType::RegularFile if disk::is_beside(name) => drop(disk::remove(folder, name)),
            FileType::Directory if depth < MAX_DEPTH && components(name).is_ok() => {
                if let Ok(below) = open_folder(folder, name) {
                    sweep_below(&below, depth + 1);
                }
            }
            _ => {}
        }
    }
}

/// Creates a file with the folders above it, none of them through a symbolic link.
fn create_below(top: OwnedFd, path: &str, bytes: &[u8]) -> std::io::Result<()> {
    let mut parts = path.split('/');
    let name = parts.next_back().unwrap_or_default();
    let folder = parts.try_fold(top, |folder, part| make_folder(&folder, part))?;
    let temp = disk::beside(name);
    disk::create(&folder, &temp, bytes, 0o644)?;
    if let Err(error) = disk::rename_new(&folder, &temp, name) {
        // The first error is the one to report.
        let _ = disk::remove(&folder, &temp);
        return Err(error);
    }
    disk::sync(&folder)
}

/// As `open_folder`, but a file in the place of the folder is told from nothing there: decisions cannot be in it.
fn open_own(folder: &OwnedFd, name: &str) -> Result<OwnedFd, ReadError> {
    open_folder(folder, name).map_err(|error| match statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(_) if error == ReadError::Missing => ReadError::Io(format!("{name} is a file, not a folder")),
        _ => error,
    })
}

fn make_folder(folder: &OwnedFd, name: &str) -> std::io::Result<OwnedFd> {
    match open_own(folder, name) {
        Err(ReadError::Missing) => {}
        opened => return opened.map_err(|error| disk::unreadable(&error)),
    }
    step()?;
    match mkdirat(folder, name, Mode::from_raw_mode(0o755)) {
        Ok(()) => disk::sync(folder)?,
        // Another Quell made it.
        Err(Errno::EXIST) => {}
        Err(error) => return Err(error.into()),
    }
    open_folder(folder, name).map_err(|error| disk::unreadable(&error))
}

fn is_read_only(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem)
}

fn cannot_create(path: &str, error: &std::io::Error) -> Problem {
    Problem::of_file(path, format!("cannot be created: {}", plain(error)), disk::way_out(error))
}

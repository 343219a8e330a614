//! The folder `.quell` of the tree, where decisions live, and its twin for a tree that cannot be written.

use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, Dir, FileType, Mode, mkdirat, statat};
use rustix::io::Errno;

use crate::model::problem::Problem;

use super::Repo;
use super::disk;
use super::fault::step;
use super::kept::{Shelf, open_own};
use super::likeness::adopt;
use super::lock::Lock;
use super::path::components;
use super::read::{ReadError, open_folder, open_root};
use super::tree::plain;
use super::write::WriteError;

const FOLDER: &str = ".quell";
/// How deep a folder may be that is swept.
const MAX_DEPTH: usize = 8;

impl Repo {
    /// Creates one new file on a shelf with these bytes, on disk before it returns; fails if it is there. What is for a
    /// tree that cannot be written goes to [`Shelf::Private`]. Returns where it went. Removes what a writer that was killed
    /// has left beside such files.
    pub fn create_kept(&self, shelf: Shelf, path: &str, bytes: &[u8]) -> Result<Shelf, Problem> {
        let made = self.create_all_kept(shelf, vec![(path.to_owned(), bytes.to_vec())])?;
        Ok(made.into_iter().next().unwrap_or(shelf))
    }

    /// The same for files of one folder, all of them or none.
    pub fn create_all_kept(&self, shelf: Shelf, files: Vec<(String, Vec<u8>)>) -> Result<Vec<Shelf>, Problem> {
        let Some((first, _)) = files.first() else { return Ok(Vec::new()) };
        if let Some((path, _)) = files.iter().find(|(path, _)| components(path).is_err() || !path.contains('/')) {
            return Err(Problem::of_file(path, "the path leads outside .quell", ""));
        }
        // Under the lock no other Quell is in the middle of a file. Where there can be no lock, nothing is removed.
        let _lock = match Lock::take(&self.state_dir()) {
            Ok(lock) => {
                self.sweep(first);
                Some(lock)
            }
            Err(error @ WriteError::Locked(_)) => return Err(Problem::of_file(first, error.to_string(), "")),
            Err(WriteError::Refused(_) | WriteError::Changed(_)) => None,
        };
        let mut made: Vec<(Shelf, String)> = Vec::new();
        for (path, bytes) in files {
            match self.create_one(shelf, &path, &bytes) {
                Ok(shelf) => made.push((shelf, path)),
                Err(problem) => {
                    let stays = |(shelf, path): &&(Shelf, String)| {
                        self.remove_kept(*shelf, std::slice::from_ref(path)).is_err()
                    };
                    return Err(match made.iter().filter(stays).count() {
                        0 => problem,
                        count => problem.hint(format!("{count} files of it are written and stay; try again")),
                    });
                }
            }
        }
        Ok(made.into_iter().map(|(shelf, _)| shelf).collect())
    }

    fn create_one(&self, shelf: Shelf, path: &str, bytes: &[u8]) -> Result<Shelf, Problem> {
        let own = |shelf: Shelf, top: &Path| {
            let made = disk::make_private(top).and_then(|()| create_below(disk::open(top)?, path, bytes));
            made.map(|()| shelf).map_err(|error| cannot_create(&top.join(path).display().to_string(), &error))
        };
        match shelf {
            Shelf::Drafts => return own(shelf, &self.drafts_dir()),
            Shelf::Private => return own(shelf, &self.user_dir()),
            Shelf::Tree => {}
        }
        let whole = format!("{FOLDER}/{path}");
        let in_tree = open_root(&self.root)
            .map_err(|error| disk::unreadable(&error))
            .and_then(|root| create_below(root, &whole, bytes));
        match in_tree {
            Ok(()) => Ok(Shelf::Tree),
            // What lies there already is to be shared now, and cannot be.
            Err(error) if is_read_only(&error) && is_held(&self.user_dir().join(path), bytes) => {
                Err(cannot_create(&whole, &error))
            }
            Err(error) if is_read_only(&error) => own(Shelf::Private, &self.user_dir()),
            Err(error) => Err(cannot_create(&whole, &error)),
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
    let mut unsynced = Vec::new();
    let folder = parts.try_fold(top, |folder, part| {
        let (below, is_new) = make_folder(&folder, part)?;
        unsynced.extend(is_new.then_some(folder));
        Ok::<_, std::io::Error>(below)
    })?;
    let temp = disk::beside(name);
    disk::create(&folder, &temp, bytes, 0o644)?;
    if let Err(error) = disk::rename_new(&folder, &temp, name) {
        // The first error is the one to report.
        let _ = disk::remove(&folder, &temp);
        return Err(error);
    }
    unsynced.push(folder);
    unsynced.iter().rev().try_for_each(disk::sync)
}

/// Opens a folder, and makes it where it is not there; whether it did.
fn make_folder(folder: &OwnedFd, name: &str) -> std::io::Result<(OwnedFd, bool)> {
    match open_own(folder, name) {
        Err(ReadError::Missing) => {}
        opened => return opened.map(|below| (below, false)).map_err(|error| disk::unreadable(&error)),
    }
    step()?;
    let is_new = match mkdirat(folder, name, Mode::from_raw_mode(0o755)) {
        Ok(()) => true,
        // Another Quell made it.
        Err(Errno::EXIST) => false,
        Err(error) => return Err(error.into()),
    };
    let below = open_folder(folder, name).map_err(|error| disk::unreadable(&error))?;
    if is_new {
        adopt(folder, &below);
    }
    Ok((below, is_new))
}

fn is_read_only(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem)
}

/// Whether a file of the user's own state has these bytes.
fn is_held(path: &Path, bytes: &[u8]) -> bool {
    std::fs::read(path).is_ok_and(|held| held == bytes)
}

fn cannot_create(path: &str, error: &std::io::Error) -> Problem {
    Problem::of_file(path, format!("cannot be created: {}", plain(error)), disk::way_out(error))
}

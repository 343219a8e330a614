//! Folders of small files that Quell keeps: below `.quell` in the tree, and in its own state.

use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat, fstat, openat, statat};

use crate::model::problem::{Loss, Problem};

use super::Repo;
use super::disk;
use super::path::components;
use super::read::{ReadError, open_folder, open_root};
use super::tree::plain;

const FOLDER: &str = ".quell";
/// Largest file that is read, in bytes.
const MAX_BYTES: u64 = 32 << 20;

/// Where such folders are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// Below `.quell` in the tree.
    Tree,
    /// In the user's state folder, for a tree that cannot be written.
    Private,
    /// In the state of this clone, until it is published.
    Drafts,
}

impl Shelf {
    pub const ALL: [Self; 3] = [Self::Tree, Self::Private, Self::Drafts];
}

/// What a file or folder says of itself: if that is the same, so are its bytes, or the names in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    pub inode: u64,
    pub bytes: u64,
    /// Nanoseconds since 1970, of its bytes and of all that is said of it.
    pub written: i64,
    pub changed: i64,
}

/// An open folder.
#[derive(Debug)]
pub struct Folder {
    handle: OwnedFd,
    /// As problems name it.
    pub shown: String,
    pub mark: Mark,
}

/// A name in a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    pub name: String,
    pub kind: EntryKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    File,
    Folder,
    /// A link, a pipe or a device, which is never read.
    Other,
}

impl Repo {
    /// Opens a folder of a shelf; `None` where it is not there.
    pub fn open_kept(&self, shelf: Shelf, folder: &str) -> Result<Option<Folder>, Problem> {
        let (top, below, shown) = self.place(shelf, folder);
        if components(folder).is_err() {
            return Err(unread(folder, &ReadError::Outside));
        }
        let opened = open_root(&top)
            .and_then(|top| below.split('/').try_fold(top, |folder, name| open_own(&folder, name)))
            .and_then(|handle| Folder::new(handle, shown.clone()));
        match opened {
            Ok(folder) => Ok(Some(folder)),
            // A folder that is not there holds nothing.
            Err(ReadError::Missing) => Ok(None),
            Err(error) => Err(unread(&shown, &error)),
        }
    }

    /// Removes files of a shelf of Quell's own state; they need not be there.
    pub fn remove_kept(&self, shelf: Shelf, paths: &[String]) -> std::io::Result<()> {
        for path in paths {
            let (top, below, _) = self.place(shelf, path);
            let Some((folder, name)) = below.rsplit_once('/').filter(|_| components(path).is_ok()) else { continue };
            let opened =
                open_root(&top).and_then(|top| folder.split('/').try_fold(top, |folder, name| open_own(&folder, name)));
            if let Ok(folder) = opened {
                disk::remove(&folder, name)?;
                disk::sync(&folder)?;
            }
        }
        Ok(())
    }

    /// Where a path below a shelf lies: a folder that is opened as it is, the way from there, and how it is shown.
    fn place(&self, shelf: Shelf, path: &str) -> (PathBuf, String, String) {
        let own = |top: PathBuf| {
            let shown = top.join(path).display().to_string();
            (top, path.to_owned(), shown)
        };
        match shelf {
            Shelf::Tree => (self.root.clone(), format!("{FOLDER}/{path}"), format!("{FOLDER}/{path}")),
            Shelf::Private => own(self.user_dir()),
            Shelf::Drafts => own(self.drafts_dir()),
        }
    }

    pub(super) fn drafts_dir(&self) -> PathBuf {
        self.state_dir().join("drafts")
    }

    /// What was kept under a name to save work; what cannot be read was not kept.
    pub fn remembered(&self, name: &str) -> Option<Vec<u8>> {
        std::fs::read(self.state_dir().join("cache").join(name)).ok()
    }

    /// Keeps something to save work. A failure costs only that work: it is not told.
    pub fn remember(&self, name: &str, bytes: &[u8]) {
        let folder = self.state_dir().join("cache");
        let _ = disk::make_private(&folder).and_then(|()| {
            let folder = disk::open(&folder)?;
            let fresh = disk::beside(name);
            drop(disk::write(&folder, &fresh, bytes, 0o600)?);
            disk::rename(&folder, &fresh, name).inspect_err(|_| drop(disk::remove(&folder, &fresh)))
        });
    }
}

impl Folder {
    fn new(handle: OwnedFd, shown: String) -> Result<Self, ReadError> {
        let mark = Mark::of(&fstat(&handle)?);
        Ok(Self { handle, shown, mark })
    }

    /// Names in order, without those that no path may have and those of files that are being written.
    pub fn entries(&self) -> Result<Vec<Entry>, Problem> {
        let mut entries = Vec::new();
        let failed = |error: rustix::io::Errno| unread(&self.shown, &error.into());
        for entry in Dir::read_from(&self.handle).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let Some(name) = entry.file_name().to_str().ok().filter(|name| components(name).is_ok()) else { continue };
            if disk::is_beside(name) {
                continue;
            }
            let kind = match entry.file_type() {
                FileType::Unknown => statat(&self.handle, name, AtFlags::SYMLINK_NOFOLLOW)
                    .map_or(FileType::Unknown, |stat| FileType::from_raw_mode(stat.st_mode)),
                known => known,
            };
            let kind = match kind {
                FileType::RegularFile => EntryKind::File,
                FileType::Directory => EntryKind::Folder,
                _ => EntryKind::Other,
            };
            entries.push(Entry { name: name.to_owned(), kind });
        }
        entries.sort_unstable();
        Ok(entries)
    }

    /// Opens a folder in this one.
    pub fn folder(&self, name: &str) -> Result<Self, Problem> {
        let shown = format!("{}/{name}", self.shown);
        let opened = open_folder(&self.handle, name).and_then(|handle| Self::new(handle, shown.clone()));
        opened.map_err(|error| unread(&shown, &error))
    }

    /// What a regular file says of itself; `None` if there is none.
    pub fn mark(&self, name: &str) -> Option<Mark> {
        let stat = statat(&self.handle, name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
        (FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile).then(|| Mark::of(&stat))
    }

    /// The bytes of a regular file, and what it said of itself before they were read.
    pub fn read(&self, name: &str) -> Result<(Vec<u8>, Mark), Problem> {
        self.read_file(name).map_err(|error| unread(&format!("{}/{name}", self.shown), &error))
    }

    fn read_file(&self, name: &str) -> Result<(Vec<u8>, Mark), ReadError> {
        // A pipe is opened without waiting for its other end, and refused then.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = File::from(openat(&self.handle, name, flags, Mode::empty())?);
        let stat = fstat(&file)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(ReadError::NotAFile("folder, pipe or device"));
        }
        let mark = Mark::of(&stat);
        if mark.bytes > MAX_BYTES {
            return Err(ReadError::TooLarge(mark.bytes));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(mark.bytes).unwrap_or(0) + 1);
        (&file).take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| ReadError::Io(plain(&error)))?;
        if bytes.len() as u64 > MAX_BYTES { Err(ReadError::TooLarge(bytes.len() as u64)) } else { Ok((bytes, mark)) }
    }
}

impl Mark {
    /// Whether it says anything: it is not that of a file that may have changed since.
    pub fn is_known(&self) -> bool {
        *self != Self::default()
    }

    pub(super) fn of(stat: &Stat) -> Self {
        let time = |seconds: i64, part| seconds.saturating_mul(1_000_000_000).saturating_add_unsigned(part);
        Self {
            inode: stat.st_ino,
            bytes: u64::try_from(stat.st_size).unwrap_or(0),
            written: time(stat.st_mtime, stat.st_mtime_nsec),
            changed: time(stat.st_ctime, stat.st_ctime_nsec),
        }
    }
}

/// As `open_folder`, but a file in the place of the folder is told from nothing there: decisions cannot be in it.
pub(super) fn open_own(folder: &OwnedFd, name: &str) -> Result<OwnedFd, ReadError> {
    open_folder(folder, name).map_err(|error| match statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(_) if error == ReadError::Missing => ReadError::Io(format!("{name} is a file, not a folder")),
        _ => error,
    })
}

fn unread(shown: &str, error: &ReadError) -> Problem {
    Problem::at(Path::new(shown).display().to_string(), "", error.to_string(), Loss::File)
}

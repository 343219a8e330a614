//! Confined reads: never outside the root, never through a symbolic link, regular files only.

use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::path::Path;

use jiff::Timestamp;
use rayon::prelude::*;
use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, Stat, fstat, openat, statat};
use rustix::io::Errno;

use super::Repo;
use super::path::components;
use super::tree::plain;

/// Largest source file that is read for code or fixes, in bytes.
pub const MAX_SOURCE: u64 = 64 << 20;

/// Fewer files than this are not worth a thread.
const MIN_PER_THREAD: usize = 32;

/// Why a file of the repository could not be read; `Display` is a sentence for people without the path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    #[error("no such file in the repository")]
    Missing,
    #[error("the path leads outside the repository")]
    Outside,
    #[error("it is a {0}, not a file")]
    NotAFile(&'static str),
    #[error("it has {0} bytes, more than Quell reads")]
    TooLarge(u64),
    #[error("it is in the middle of a merge")]
    Unmerged,
    #[error("it is not checked out here (sparse checkout)")]
    NotCheckedOut,
    #[error("{0}")]
    Io(String),
}

/// What is known of a file without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileState {
    pub bytes: u64,
    pub written: Timestamp,
    /// Whether its owner may run it.
    pub is_executable: bool,
}

/// The bytes of a file, and what it was like just before they were read.
pub type Known<'a> = (&'a [u8], FileState);

impl Repo {
    /// All bytes of a file, by its path relative to the root with `/`.
    pub fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        self.read_small(path, MAX_SOURCE)
    }

    /// All bytes of a file that has at most so many.
    pub fn read_small(&self, path: &str, most: u64) -> Result<Vec<u8>, ReadError> {
        let (folder, name) = open_source(&self.root, path)?;
        read_at(&folder, name, most).map(|(bytes, _)| bytes)
    }

    /// The first bytes of a file, at most so many.
    pub fn read_start(&self, path: &str, most: u64) -> Result<Vec<u8>, ReadError> {
        let (folder, name) = open_source(&self.root, path)?;
        let mut bytes = Vec::new();
        let (file, _) = open_at(&folder, name)?;
        file.take(most).read_to_end(&mut bytes).map_err(|error| ReadError::Io(plain(&error)))?;
        Ok(bytes)
    }

    /// Many files, in their order, with what each was like just before it was read: a write in between makes it look newer,
    /// never older. Those of one folder should follow each other.
    pub fn read_all(&self, paths: &[String]) -> Vec<Result<(Vec<u8>, FileState), ReadError>> {
        let read = |folders: &mut Result<OpenFolders, ReadError>, path: &String| {
            let (folder, name) = folders.as_mut().map_err(|error| error.clone())?.parent(path)?;
            read_at(folder, name, MAX_SOURCE).map(|(bytes, stat)| (bytes, FileState::of(&stat)))
        };
        let paths = paths.par_iter().with_min_len(MIN_PER_THREAD);
        paths.map_init(|| OpenFolders::for_source(&self.root), read).collect()
    }

    /// Size and time of a regular file.
    pub fn file_state(&self, path: &str) -> Result<FileState, ReadError> {
        let (folder, name) = open_parent(&self.root, path)?;
        stat_file(&folder, name).map(|stat| FileState::of(&stat))
    }
}

impl FileState {
    fn of(stat: &Stat) -> Self {
        Self { bytes: size(stat), written: modified(stat), is_executable: stat.st_mode & 0o100 != 0 }
    }
}

/// Most folders that are held open between two questions.
const MAX_OPEN: usize = 32;

/// The way to many files, in the order of their paths: the folders of the last one stay open for the next. For one step of
/// a batch only: a folder may be replaced later.
pub(super) struct OpenFolders {
    root: OwnedFd,
    open: Vec<(String, OwnedFd)>,
    /// The folder that was found missing last, with `/` behind it; empty before. Below it nothing is asked.
    missing: String,
    /// Whether what lies in a git directory is refused.
    is_for_source: bool,
}

impl OpenFolders {
    pub(super) fn new(root: &Path) -> Result<Self, ReadError> {
        Ok(Self { root: open_root(root)?, open: Vec::new(), missing: String::new(), is_for_source: false })
    }

    pub(super) fn for_source(root: &Path) -> Result<Self, ReadError> {
        Ok(Self { is_for_source: true, ..Self::new(root)? })
    }

    /// As [`open_parent`], or as [`open_source`].
    pub(super) fn parent<'p>(&mut self, path: &'p str) -> Result<(&OwnedFd, &'p str), ReadError> {
        let parts = components(path)?;
        let (name, folders) = parts.split_last().ok_or(ReadError::Outside)?;
        Ok((self.enter(folders).map_err(|(_, error)| error)?, name))
    }

    /// Whether a regular file is there: what [`Repo::file_state`] says. `None` for a path that is too deep to be asked so.
    pub(super) fn is_file(&mut self, path: &str) -> Option<bool> {
        // The folder of the last path that was missing holds many of the next, which come in order.
        if !self.missing.is_empty() && path.starts_with(&self.missing) {
            return Some(false);
        }
        let Ok(parts) = components(path) else { return Some(false) };
        let (name, folders) = parts.split_last()?;
        if folders.len() > MAX_OPEN {
            return None;
        }
        match self.enter(folders) {
            Ok(folder) => Some(stat_file(folder, name).is_ok()),
            Err((depth, _)) => {
                self.missing = folders.iter().take(depth + 1).fold(String::new(), |path, name| path + name + "/");
                Some(false)
            }
        }
    }

    /// An error comes with the number of the folder that cannot be entered.
    fn enter(&mut self, folders: &[&str]) -> Result<&OwnedFd, (usize, ReadError)> {
        let shared = self.open.iter().zip(folders).take_while(|((name, _), folder)| name == *folder).count();
        self.open.truncate(shared);
        for (depth, name) in folders.iter().enumerate().skip(shared) {
            let above = self.open.last().map_or(&self.root, |(_, folder)| folder);
            let folder = open_folder(above, name).map_err(|error| (depth, error))?;
            if self.is_for_source && is_of_git(&folder) {
                return Err((depth, ReadError::Outside));
            }
            if depth > MAX_OPEN {
                // Its name is none of one folder: the next path does not share it.
                self.open.truncate(MAX_OPEN);
                self.open.push((String::new(), folder));
            } else {
                self.open.push(((*name).to_owned(), folder));
            }
        }
        Ok(self.open.last().map_or(&self.root, |(_, folder)| folder))
    }
}

/// Opens the folder that holds `path`, one component at a time, so that a symbolic link anywhere on the way is
/// refused and not followed. Returns the folder and the last component.
pub(super) fn open_parent<'a>(root: &Path, path: &'a str) -> Result<(OwnedFd, &'a str), ReadError> {
    let parts = components(path)?;
    let (name, folders) = parts.split_last().ok_or(ReadError::Outside)?;
    let mut folder = open_root(root)?;
    for part in folders {
        folder = open_folder(&folder, part)?;
    }
    Ok((folder, name))
}

/// As [`open_parent`], and refuses what lies in a git directory, whatever that is called: a bare repository in the tree,
/// or the one that a `.git` file names.
pub(super) fn open_source<'a>(root: &Path, path: &'a str) -> Result<(OwnedFd, &'a str), ReadError> {
    let parts = components(path)?;
    let (name, folders) = parts.split_last().ok_or(ReadError::Outside)?;
    let mut folder = open_root(root)?;
    for part in folders {
        folder = open_folder(&folder, part)?;
        if is_of_git(&folder) {
            return Err(ReadError::Outside);
        }
    }
    Ok((folder, name))
}

/// Whether git takes a folder for a git directory (`is_git_directory` in its `setup.c`), or for that of a worktree.
pub(super) fn is_of_git(folder: &OwnedFd) -> bool {
    let has = |name: &str| statat(folder, name, AtFlags::SYMLINK_NOFOLLOW).is_ok();
    has("HEAD") && (has("commondir") || (has("objects") && has("refs")))
}

/// The root itself, which may be a symbolic link: it is what the user named.
pub(super) fn open_root(root: &Path) -> Result<OwnedFd, ReadError> {
    Ok(openat(CWD, root, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?)
}

/// One folder below another, not followed if it is a symbolic link.
pub(super) fn open_folder(folder: &OwnedFd, name: &str) -> Result<OwnedFd, ReadError> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(folder, name, flags, Mode::empty()).map_err(|error| match error {
        Errno::NOTDIR | Errno::LOOP if is_link(folder, name) => ReadError::NotAFile("path through a symbolic link"),
        Errno::NOTDIR => ReadError::Missing,
        other => other.into(),
    })
}

/// Opens the regular file `name` in `folder`, with what it says of itself.
pub(super) fn open_at(folder: &OwnedFd, name: &str) -> Result<(File, Stat), ReadError> {
    // Asked before it is opened: to open a device or a pipe can have effects or block.
    stat_file(folder, name)?;
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = File::from(openat(folder, name, flags, Mode::empty())?);
    let stat = fstat(&file)?;
    regular(&stat)?;
    Ok((file, stat))
}

/// All bytes of the regular file `name` in `folder`, at most `cap` of them, with what the open file says of itself.
pub(super) fn read_at(folder: &OwnedFd, name: &str, cap: u64) -> Result<(Vec<u8>, Stat), ReadError> {
    let (file, stat) = open_at(folder, name)?;
    read_open(&file, &stat, cap).map(|bytes| (bytes, stat))
}

/// All bytes of a file that was just opened, at most `cap` of them.
pub(super) fn read_open(file: &File, stat: &Stat, cap: u64) -> Result<Vec<u8>, ReadError> {
    if size(stat) > cap {
        return Err(ReadError::TooLarge(size(stat)));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size(stat)).unwrap_or(0));
    // One more than allowed, for a file that grows while it is read.
    file.take(cap + 1).read_to_end(&mut bytes).map_err(|error| ReadError::Io(plain(&error)))?;
    match bytes.len() as u64 {
        length if length > cap => Err(ReadError::TooLarge(length)),
        _ => Ok(bytes),
    }
}

/// What `name` in `folder` is, not followed; an error unless it is a regular file.
pub(super) fn stat_file(folder: &OwnedFd, name: &str) -> Result<Stat, ReadError> {
    let stat = statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
    regular(&stat)?;
    Ok(stat)
}

fn regular(stat: &Stat) -> Result<(), ReadError> {
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Ok(()),
        FileType::Directory => Err(ReadError::NotAFile("folder")),
        FileType::Symlink => Err(ReadError::NotAFile("symbolic link")),
        FileType::Fifo => Err(ReadError::NotAFile("pipe")),
        FileType::Socket => Err(ReadError::NotAFile("socket")),
        _ => Err(ReadError::NotAFile("device")),
    }
}

fn is_link(folder: &OwnedFd, name: &str) -> bool {
    statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)
        .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Symlink)
}

fn size(stat: &Stat) -> u64 {
    u64::try_from(stat.st_size).unwrap_or(0)
}

fn modified(stat: &Stat) -> Timestamp {
    let nanoseconds = i32::try_from(stat.st_mtime_nsec).unwrap_or(0);
    Timestamp::new(stat.st_mtime, nanoseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

impl From<Errno> for ReadError {
    fn from(error: Errno) -> Self {
        match error {
            Errno::NOENT | Errno::NAMETOOLONG => Self::Missing,
            Errno::LOOP => Self::NotAFile("symbolic link"),
            other => Self::Io(plain(&other.into())),
        }
    }
}

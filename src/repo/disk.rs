//! Effects on the disk, each one small enough to be whole or not there: nothing else in Quell writes a file.

use std::fs::{self, DirBuilder, File};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt, FileExt};
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Mode, OFlags, RenameFlags, fchmod, mkdirat, openat, renameat, renameat_with, unlinkat};
use rustix::io::Errno;

use super::fault::{is_exchange_off, step};
use super::likeness::{Likeness, Unlike, adopt};
use super::read::{ReadError, open_folder};

/// A new file in `folder` with these bytes and this mode, on disk before it returns. Fails if the name is taken;
/// leaves nothing behind if it fails otherwise.
pub(super) fn create(folder: &OwnedFd, name: &str, bytes: &[u8], mode: u32) -> io::Result<()> {
    let file = write(folder, name, bytes, mode)?;
    sync_file(&file).inspect_err(|_| undo(folder, name))
}

/// What was written to a file is on disk when it returns.
pub(super) fn sync_file(file: &File) -> io::Result<()> {
    step()?;
    file.sync_all()
}

/// As [`create`], but on disk only when it is synced.
pub(super) fn write(folder: &OwnedFd, name: &str, bytes: &[u8], mode: u32) -> io::Result<File> {
    let file = open_new(folder, name, Mode::RUSR | Mode::WUSR)?;
    let filled = fill(&file, bytes).and_then(|()| Ok(fchmod(&file, Mode::from_raw_mode(mode))?));
    filled.inspect_err(|_| undo(folder, name))?;
    Ok(file)
}

/// As [`write`], with the permission bits that any new file of this user has, and never those of a program.
pub(super) fn write_new(folder: &OwnedFd, name: &str, bytes: &[u8]) -> io::Result<File> {
    let file = open_new(folder, name, Mode::from_raw_mode(0o644))?;
    fill(&file, bytes).inspect_err(|_| undo(folder, name))?;
    Ok(file)
}

/// As [`write`], like another file.
pub(super) fn write_alike(folder: &OwnedFd, name: &str, bytes: &[u8], likeness: &Likeness) -> Result<File, Unlike> {
    let file = open_new(folder, name, Mode::RUSR | Mode::WUSR)?;
    let filled = fill(&file, bytes).map_err(Unlike::from).and_then(|()| likeness.give(&file));
    filled.inspect_err(|_| undo(folder, name))?;
    Ok(file)
}

fn open_new(folder: &OwnedFd, name: &str, mode: Mode) -> io::Result<File> {
    step()?;
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = File::from(openat(folder, name, flags, mode)?);
    adopt(folder, &file);
    Ok(file)
}

fn fill(mut file: &File, bytes: &[u8]) -> io::Result<()> {
    step()?;
    file.write_all(bytes)
}

fn undo(folder: &OwnedFd, name: &str) {
    // The first error is the one to report.
    let _ = remove(folder, name);
}

/// `from` becomes `to`, which is replaced if it is there.
pub(super) fn rename(folder: &OwnedFd, from: &str, to: &str) -> io::Result<()> {
    step()?;
    Ok(renameat(folder, from, folder, to)?)
}

/// `from` becomes `to`; fails with `AlreadyExists` if that is there.
pub(super) fn rename_new(folder: &OwnedFd, from: &str, to: &str) -> io::Result<()> {
    step()?;
    let done = if is_exchange_off() {
        Err(Errno::INVAL)
    } else {
        renameat_with(folder, from, folder, to, RenameFlags::NOREPLACE)
    };
    match done {
        // A second name is never made over a first one either, and then the first can go.
        Err(error) if is_unsupported(error) => {
            rustix::fs::linkat(folder, from, folder, to, AtFlags::empty())?;
            remove(folder, from)
        }
        done => Ok(done?),
    }
}

/// Two files of a folder change their names in one step. `false` where the file system cannot do that.
pub(super) fn exchange(folder: &OwnedFd, one: &str, other: &str) -> io::Result<bool> {
    step()?;
    if is_exchange_off() {
        return Ok(false);
    }
    match renameat_with(folder, one, folder, other, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(true),
        Err(error) if is_unsupported(error) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn is_unsupported(error: Errno) -> bool {
    matches!(error, Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP)
}

/// Removes a file; it need not be there.
pub(super) fn remove(folder: &OwnedFd, name: &str) -> io::Result<()> {
    step()?;
    match unlinkat(folder, name, AtFlags::empty()) {
        Err(Errno::NOENT) => Ok(()),
        done => Ok(done?),
    }
}

/// Goes on writing a file of Quell's own state behind its first `keep` bytes. What is not whole if that is interrupted,
/// its reader finds out.
pub(super) fn append(folder: &OwnedFd, name: &str, keep: u64, bytes: &[u8]) -> io::Result<()> {
    step()?;
    let file = File::from(openat(folder, name, OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?);
    file.set_len(keep)?;
    step()?;
    file.write_all_at(bytes, keep)
}

/// Makes a folder of the tree, on disk before it returns; it may be there.
pub(super) fn make_folder(folder: &OwnedFd, name: &str) -> io::Result<()> {
    step()?;
    match mkdirat(folder, name, Mode::from_raw_mode(0o777)) {
        Err(Errno::EXIST) => Ok(()),
        Err(error) => Err(error.into()),
        Ok(()) => {
            adopt_folder(folder, name);
            sync(folder)
        }
    }
}

fn adopt_folder(folder: &OwnedFd, name: &str) {
    if let Ok(made) = open_folder(folder, name) {
        adopt(folder, made);
    }
}

/// Removes a folder of the tree that holds nothing.
pub(super) fn remove_folder(folder: &OwnedFd, name: &str) -> io::Result<()> {
    step()?;
    Ok(unlinkat(folder, name, AtFlags::REMOVEDIR)?)
}

/// Names made and removed in a folder are on disk when it returns.
pub(super) fn sync(folder: &OwnedFd) -> io::Result<()> {
    step()?;
    Ok(rustix::fs::fsync(folder)?)
}

/// A file to be synced.
pub(super) fn open_file(folder: &OwnedFd, name: &str) -> io::Result<OwnedFd> {
    Ok(openat(folder, name, OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC, Mode::empty())?)
}

pub(super) const FULL: &str = "the disk is full: free some space, then try again";

/// What to do about a file or folder of Quell's own that cannot be written.
pub(super) fn way_out(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => FULL,
        io::ErrorKind::ReadOnlyFilesystem => "the disk is mounted read-only: make it writable, then try again",
        io::ErrorKind::PermissionDenied => "make that folder writable, or run Quell as the owner of the repository",
        _ => "see to that folder, then try again",
    }
}

/// A folder that could not be entered, for those who speak of [`io::Error`].
pub(super) fn unreadable(error: &ReadError) -> io::Error {
    io::Error::other(error.to_string())
}

/// A folder of Quell's own state, by its path.
pub(super) fn open(folder: &Path) -> io::Result<OwnedFd> {
    Ok(openat(CWD, folder, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?)
}

/// Makes a folder of Quell's own state with those above it, for this user alone, on disk before it returns.
pub(super) fn make_private(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder.parent() {
        make_private(parent)?;
        step()?;
        match DirBuilder::new().mode(0o700).create(folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {
                let parent = open(parent)?;
                adopt(&parent, open(folder)?);
                sync(&parent)?;
            }
        }
    }
    Ok(())
}

/// Writes a file of Quell's own state so that it holds the old or the new bytes at any moment. They come in parts, each
/// made when those before it are written.
pub(super) fn save(folder: &Path, name: &str, parts: impl IntoIterator<Item = impl AsRef<[u8]>>) -> io::Result<()> {
    save_unsynced(folder, name, parts)?;
    sync(&open(folder)?)
}

/// As [`save`]; which bytes a loss of power leaves is certain once the folder is synced.
pub(super) fn save_unsynced(
    folder: &Path,
    name: &str,
    parts: impl IntoIterator<Item = impl AsRef<[u8]>>,
) -> io::Result<()> {
    let folder = open(folder)?;
    let fresh = unsaved(name);
    remove(&folder, &fresh)?;
    let file = open_new(&folder, &fresh, Mode::RUSR | Mode::WUSR)?;
    let filled = parts.into_iter().try_for_each(|part| fill(&file, part.as_ref()));
    filled.and_then(|()| sync_file(&file)).inspect_err(|_| undo(&folder, &fresh))?;
    rename(&folder, &fresh, name)
}

/// Writes some bytes of a file over others, on disk before it returns. Few enough for a disk to have all of them or none.
pub(super) fn overwrite(folder: &Path, name: &str, at: u64, bytes: &[u8]) -> io::Result<()> {
    step()?;
    let flags = OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = File::from(openat(open(folder)?, name, flags, Mode::empty())?);
    file.write_all_at(bytes, at)?;
    step()?;
    file.sync_data()
}

/// Removes what an interrupted `save` left.
pub(super) fn remove_unsaved(folder: &Path, name: &str) -> io::Result<()> {
    remove(&open(folder)?, &unsaved(name))
}

fn unsaved(name: &str) -> String {
    format!("{name}.new")
}

/// Removes a folder of Quell's own state with all that is in it; it need not be there.
pub(super) fn remove_private(folder: &Path) -> io::Result<()> {
    step()?;
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A name beside `name` that nobody else has: `.name.quell-` and 16 random digits.
pub(super) fn beside(name: &str) -> String {
    // Names have at most 255 bytes; a code point has at most four.
    let stem: String = name.chars().take(50).collect();
    format!(".{stem}.quell-{:016x}", RandomState::new().hash_one(std::process::id()))
}

/// Whether a name is one of `beside`.
pub(super) fn is_beside(name: &str) -> bool {
    let digits = name.rsplit_once(".quell-").map(|(_, digits)| digits);
    name.starts_with('.')
        && digits.is_some_and(|digits| digits.len() == 16 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

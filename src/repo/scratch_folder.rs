//! A temporary folder that does not outlive its use: removed when dropped, and swept by the next one where the process was
//! killed. Who lives is told by a lock on the folder itself.

use std::env;
use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock, fstat};

use crate::model::problem::{Loss, Problem};

use super::disk;
use super::tree::plain;

const PREFIX: &str = "quell-verify-";
/// How often another name is tried where a sweep of another process was quicker than the lock.
const TRIES: u32 = 5;

pub(super) struct Folder {
    path: PathBuf,
    /// Closed in every program that is started.
    _lock: OwnedFd,
}

impl Folder {
    /// A new folder of this user alone in the temporary folder, which must lie outside of `tree`.
    pub(super) fn make(tree: &Path) -> Result<Self, Problem> {
        let temp = env::temp_dir();
        let refuse = |reason: String| {
            Problem::at(temp.display().to_string(), "", reason, Loss::Nothing)
                .hint("set TMPDIR to a folder outside of the repository that can be written")
        };
        let failed = |error: io::Error| refuse(format!("no folder can be made there: {}", plain(&error)));
        let real = temp.canonicalize().map_err(failed)?;
        if real.starts_with(tree) {
            return Err(refuse("the temporary folder lies in the repository".to_owned()));
        }
        sweep(&real);
        for _ in 0..TRIES {
            let made = tempfile::Builder::new().prefix(PREFIX).tempdir_in(&real).map_err(failed)?.keep();
            if let Some(lock) = locked(&made) {
                return Ok(Self { path: made, _lock: lock });
            }
        }
        Err(refuse("no folder can be locked there".to_owned()))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed now is swept by the next run.
        let _ = remove_all(&self.path);
    }
}

/// Removes what killed processes of this user have left.
fn sweep(temp: &Path) {
    let user = rustix::process::geteuid().as_raw();
    let entries = fs::read_dir(temp).into_iter().flatten().filter_map(Result::ok);
    for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX)) {
        let is_own = fs::symlink_metadata(entry.path()).is_ok_and(|known| known.is_dir() && known.uid() == user);
        if is_own && let Some(_lock) = locked(&entry.path()) {
            let _ = remove_all(&entry.path());
        }
    }
}

/// The lock of a folder that is there, if nobody else has it.
fn locked(folder: &Path) -> Option<OwnedFd> {
    let lock = disk::open(folder).ok()?;
    flock(&lock, FlockOperation::NonBlockingLockExclusive).ok()?;
    // A folder that was removed in between can be locked too.
    let is_there = fstat(&lock).is_ok_and(|known| known.st_nlink > 0) && folder.is_dir();
    is_there.then_some(lock)
}

/// Removes a file, a link or a folder with all that is in it, also where a program took away its own right to do so, as
/// Go does in its module cache. It need not be there.
pub(super) fn remove_all(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(known) if known.is_dir() => fs::remove_dir_all(path).or_else(|_| {
            make_writable(path);
            fs::remove_dir_all(path)
        }),
        Ok(_) => fs::remove_file(path),
    }
}

fn make_writable(folder: &Path) {
    // What stays as it is cannot be removed, and that is then said.
    let _ = fs::set_permissions(folder, fs::Permissions::from_mode(0o700));
    for entry in fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok) {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            make_writable(&entry.path());
        }
    }
}

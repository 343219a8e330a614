//! What was written is on disk: many files and folders at the price of one where the file system can do that.

use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;
use rustix::fs::{Dev, fstat, fsync};

use super::fault::step;

/// Fewer than these are synced one by one: to sync a whole file system also waits for what others wrote to it.
const MANY: usize = 32;

/// Everything that was written to these files, and every name in these folders, is on disk when it returns. `open` gives
/// `None` for what is not there any more.
pub(super) fn sync_all<T: Sync>(things: &[T], open: impl Fn(&T) -> Opened + Sync) -> io::Result<()> {
    step()?;
    let devices = Mutex::new(HashMap::new());
    // Side by side, since a disk writes for many who wait as fast as for one.
    things.par_iter().try_for_each(|thing| {
        let Some(file) = open(thing)? else { return Ok(()) };
        if things.len() >= MANY && is_synced_as_a_whole(&devices, &file)? { Ok(()) } else { Ok(fsync(&file)?) }
    })
}

/// As [`sync_all`], without opening each thing where they are many and all of these folders, which they were made in, lie on
/// file systems that are synced as a whole.
pub(super) fn sync_made_in<T: Sync>(folders: &[T], things: &[T], open: impl Fn(&T) -> Opened + Sync) -> io::Result<()> {
    if things.len() >= MANY {
        step()?;
        let devices = Mutex::new(HashMap::new());
        let is_synced = |folder: &T| open(folder)?.map_or(Ok(false), |folder| is_synced_as_a_whole(&devices, &folder));
        if folders
            .iter()
            .map(is_synced)
            .try_fold(true, |are_synced, is_synced| Ok::<_, io::Error>(are_synced && is_synced?))?
        {
            return Ok(());
        }
    }
    sync_all(things, open)
}

/// A file or folder to be synced; `None` for what is not there any more.
pub(super) type Opened = io::Result<Option<OwnedFd>>;

/// Opens a file or folder of Quell's own by its path.
pub(super) fn open_path(path: &Path) -> Opened {
    match File::open(path) {
        Ok(file) => Ok(Some(file.into())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// These files with the folders above them up to `top`.
pub(super) fn with_folders(files: Vec<PathBuf>, top: &Path) -> Vec<PathBuf> {
    let above = |path: &'_ PathBuf| path.ancestors().skip(1).map(Path::to_owned).collect::<Vec<_>>();
    let folders: BTreeSet<PathBuf> = files.iter().flat_map(above).filter(|folder| folder.starts_with(top)).collect();
    files.into_iter().chain(folders).collect()
}

/// Whether the file system that the file lies on is one that is synced as a whole; the first to ask does so.
fn is_synced_as_a_whole(devices: &Mutex<HashMap<Dev, bool>>, file: &OwnedFd) -> io::Result<bool> {
    let device = fstat(file)?.st_dev;
    let mut devices = devices.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(&is_synced) = devices.get(&device) {
        return Ok(is_synced);
    }
    let is_synced = sync_file_system(file)?;
    devices.insert(device, is_synced);
    Ok(is_synced)
}

/// Syncs the file system of a file; `false` where that is not known to reach the disk: a server (NFS) or another process
/// (FUSE) may still hold the data.
#[cfg(target_os = "linux")]
fn sync_file_system(file: &OwnedFd) -> io::Result<bool> {
    /// `f_type` of `statfs(2)`: ext2 to ext4, XFS, Btrfs, F2FS, overlayfs, tmpfs.
    const LOCAL: [u64; 6] = [0xef53, 0x5846_5342, 0x9123_683e, 0xf2f5_2010, 0x794c_7630, 0x0102_1994];
    let kind = rustix::fs::fstatfs(file)?.f_type;
    let is_local = u64::try_from(kind).is_ok_and(|kind| LOCAL.contains(&kind));
    if is_local {
        rustix::fs::syncfs(file)?;
    }
    Ok(is_local)
}

#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "the same signature as on Linux")]
fn sync_file_system(_: &OwnedFd) -> io::Result<bool> {
    Ok(false)
}

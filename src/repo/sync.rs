//! What was written is on disk: many files and folders at the price of one where the file system can do that.

use std::collections::HashMap;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;
use rustix::fs::{Dev, fstat, fsync};

use super::fault::step;

/// Fewer than these are synced one by one: to sync a whole file system also waits for what others wrote to it.
const MANY: usize = 16;

/// Everything that was written to these files, and every name in these folders, is on disk when it returns. `open` gives
/// `None` for what is not there any more.
pub(super) fn sync_all<T: Sync>(
    things: &[T],
    open: impl Fn(&T) -> io::Result<Option<OwnedFd>> + Sync,
) -> io::Result<()> {
    step()?;
    let devices = Mutex::new(HashMap::new());
    // Side by side, since a disk writes for many who wait as fast as for one.
    things.par_iter().try_for_each(|thing| {
        let Some(file) = open(thing)? else { return Ok(()) };
        if things.len() >= MANY && is_synced_as_a_whole(&devices, &file)? { Ok(()) } else { Ok(fsync(&file)?) }
    })
}

/// As [`sync_all`] for `count` files that were made in these folders, without opening each of them: where they are many and
/// all lie on file systems that are synced as a whole. `false` where that is not so.
pub(super) fn sync_made_in<T>(
    count: usize,
    folders: &[T],
    open: impl Fn(&T) -> io::Result<Option<OwnedFd>>,
) -> io::Result<bool> {
    if count < MANY {
        return Ok(false);
    }
    step()?;
    let devices = Mutex::new(HashMap::new());
    let is_synced = |folder: &T| open(folder)?.map_or(Ok(false), |folder| is_synced_as_a_whole(&devices, &folder));
    folders.iter().map(is_synced).try_fold(true, |are_synced, is_synced| Ok(are_synced && is_synced?))
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

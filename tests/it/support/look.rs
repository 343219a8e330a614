//! What a file is beside its bytes.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;

use rustix::fs::{XattrFlags, lgetxattr, setxattr};
use rustix::process::geteuid;

/// A user and a group that nobody is.
pub(crate) const SOMEBODY: (u32, u32) = (41_234, 45_678);

/// The extended attribute that stands for all that people attach to files.
const NOTE: &str = "user.note";
const ACCESS: &str = "system.posix_acl_access";

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) mode: u32,
    pub(crate) owner: (u32, u32),
    pub(crate) note: Option<Vec<u8>>,
    pub(crate) access: Option<Vec<u8>>,
}

impl Look {
    pub(crate) fn of(path: &Path) -> Self {
        let known = fs::symlink_metadata(path).unwrap();
        Self {
            mode: known.permissions().mode() & 0o7777,
            owner: (known.uid(), known.gid()),
            note: attribute(path, NOTE),
            access: attribute(path, ACCESS),
        }
    }

    /// Gives it to a file, as far as this process and the file system can: only root gives files away, and not every file
    /// system keeps notes.
    pub(crate) fn give(&self, path: &Path) {
        for (name, value) in [(NOTE, &self.note), (ACCESS, &self.access)] {
            if let Some(value) = value {
                let _ = setxattr(path, name, value, XattrFlags::empty());
            }
        }
        if geteuid().is_root() {
            chown(path, Some(self.owner.0), Some(self.owner.1)).unwrap();
        }
        fs::set_permissions(path, fs::Permissions::from_mode(self.mode)).unwrap();
    }
}

/// An access list: permissions of the owner, of one user, of the group, the most of both, and of all others.
pub(crate) fn access_list([owner, user, group, most, others]: [u16; 5]) -> Vec<u8> {
    let nobody = u32::MAX;
    let entries =
        [(1, owner, nobody), (2, user, SOMEBODY.0), (4, group, nobody), (0x10, most, nobody), (0x20, others, nobody)];
    let mut list = 2_u32.to_le_bytes().to_vec();
    for (kind, permissions, id) in entries {
        list.extend(u16::to_le_bytes(kind).into_iter().chain(permissions.to_le_bytes()).chain(u32::to_le_bytes(id)));
    }
    list
}

/// Gives new files of a folder an access list; `false` where the file system has none.
pub(crate) fn set_default_access(folder: &Path, list: &[u8]) -> bool {
    setxattr(folder, "system.posix_acl_default", list, XattrFlags::empty()).is_ok()
}

fn attribute(path: &Path, name: &str) -> Option<Vec<u8>> {
    let mut value = vec![0; 4096];
    let read = lgetxattr(path, name, value.as_mut_slice()).map_err(io::Error::from);
    value.truncate(read.ok()?);
    Some(value)
}

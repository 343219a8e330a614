//! What a file is beside its bytes: its owner and group, who may use it, and what others have attached to it. A batch puts
//! a new file in the place of the old one, which has to be like it.

use std::ffi::CString;
use std::fs::File;
use std::io;
use std::os::fd::AsFd;

use rustix::fs::{Gid, Mode, Stat, Uid, fchmod, fchown, fstat};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use super::tree::plain;

/// Bits of a mode that `chmod` sets, and the one among them that runs a program as its owner.
const BITS: u32 = 0o7777;
const AS_OWNER: u32 = 0o4000;

/// The access list of a file, as Linux keeps it.
const ACCESS: &[u8] = b"system.posix_acl_access";
/// Attached by a person or a program of theirs.
const OF_USER: &[u8] = b"user.";
/// What the system takes off a file that is written to, because it vouches for the bytes or trusts them.
const OF_BYTES: [&[u8]; 3] = [b"security.capability", b"security.ima", b"security.evm"];

/// What a new file is to have of another one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Likeness {
    /// Permission bits.
    mode: u32,
    /// User and group; `None` in a log of a version that did not keep them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner: Option<(u32, u32)>,
    /// Extended attributes, the access list among them: name and value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    attributes: Vec<(CString, Vec<u8>)>,
}

/// Why a file cannot be made like another one; `Display` is a sentence for people without the path.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unlike {
    #[error("{}", plain(.0))]
    Io(#[from] io::Error),
    #[error("it runs as its owner (user {0}), whom only root can give it to")]
    Owner(u32),
    #[error("its group ({0}) cannot be kept: you are not in it, and yours would get its permissions")]
    Group(u32),
    #[error("what is attached to it ({0}) cannot be kept: {1}")]
    Attribute(String, String),
    #[error("its permission bits ({0:o}) cannot be kept")]
    Bits(u32),
}

impl Likeness {
    /// Of an open file.
    pub(super) fn of(file: &File, stat: &Stat) -> Result<Self, Unlike> {
        let mut attributes = attributes_of(file)?;
        attributes.retain(|(name, _)| !OF_BYTES.contains(&name.as_bytes()));
        Ok(Self { mode: stat.st_mode & BITS, owner: Some((stat.st_uid, stat.st_gid)), attributes })
    }

    /// Makes a new file of this process like this. Nobody else may use it before. An owner that cannot be given stays away
    /// ([`Self::is_owned_as`] tells), which takes nothing from those who may use the file.
    pub(super) fn give(&self, file: &File) -> Result<(), Unlike> {
        self.give_attributes(file)?;
        let stat = fstat(file).map_err(io::Error::from)?;
        let is_given = match self.owner {
            Some((user, group)) if (user, group) != (stat.st_uid, stat.st_gid) => give_owner(file, user, group, &stat)?,
            Some(_) | None => true,
        };
        if let (false, true, Some((user, _))) = (is_given, self.mode & AS_OWNER != 0, self.owner) {
            return Err(Unlike::Owner(user));
        }
        // Last: a change of the owner takes some bits away.
        fchmod(file, Mode::from_raw_mode(self.mode)).map_err(io::Error::from)?;
        // The system leaves out special bits without a word.
        let is_special = self.mode & !0o777 != 0;
        if is_special && fstat(file).map_err(io::Error::from)?.st_mode & BITS != self.mode {
            return Err(Unlike::Bits(self.mode));
        }
        Ok(())
    }

    fn give_attributes(&self, file: &File) -> Result<(), Unlike> {
        let own = attributes_of(file)?;
        // A folder may give new files an access list that this one does not have.
        let surplus = own.iter().find(|(name, _)| name.as_bytes() == ACCESS);
        if let Some((name, _)) = surplus.filter(|(name, _)| !self.attributes.iter().any(|(kept, _)| kept == name)) {
            remove(file, name).map_err(io::Error::from)?;
        }
        for attribute in self.attributes.iter().filter(|attribute| !own.contains(attribute)) {
            let (name, value) = attribute;
            match set(file, name, value) {
                // Labels of the system are as the system gives them where they are not for this user to give.
                Err(error) if must_be(name) => {
                    return Err(Unlike::Attribute(name.to_string_lossy().into_owned(), plain(&error.into())));
                }
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }

    /// Whether a file has this owner; `true` where none was kept.
    pub(super) fn is_owned_as(&self, stat: &Stat) -> bool {
        self.owner.is_none_or(|(user, _)| user == stat.st_uid)
    }

    /// Whether the owner is somebody else than the user of this process.
    pub(super) fn is_of_another(&self) -> bool {
        self.owner.is_some_and(|(user, _)| user != rustix::process::geteuid().as_raw())
    }
}

/// Whether a file without the attribute is another one for those who use it.
fn must_be(name: &CString) -> bool {
    name.as_bytes() == ACCESS || name.as_bytes().starts_with(OF_USER)
}

/// Gives a file its group, and its owner where that may be: whether it has both.
fn give_owner(file: &File, user: u32, group: u32, stat: &Stat) -> Result<bool, Unlike> {
    if fchown(file, Some(Uid::from_raw(user)), Some(Gid::from_raw(group))).is_ok() {
        return Ok(true);
    }
    if group != stat.st_gid {
        fchown(file, None, Some(Gid::from_raw(group))).map_err(|_| Unlike::Group(group))?;
    }
    Ok(user == stat.st_uid)
}

/// What root makes in somebody's folder is theirs: else they could not change what is in their own tree.
pub(super) fn adopt(folder: impl AsFd, made: impl AsFd) {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    if let Ok(stat) = fstat(folder)
        && stat.st_uid != 0
    {
        // Where root may not, it is as root made it.
        let _ = fchown(made, Some(Uid::from_raw(stat.st_uid)), Some(Gid::from_raw(stat.st_gid)));
    }
}

/// Where there are extended attributes.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
mod system {
    use rustix::fs::{XattrFlags, fgetxattr, fgetxattr_query, flistxattr, flistxattr_query, fremovexattr, fsetxattr};

    use super::{CString, Errno, File, io, must_be};

    /// Bytes that the names of most files fit into.
    const MOST: usize = 512;

    pub(super) fn attributes_of(file: &File) -> io::Result<Vec<(CString, Vec<u8>)>> {
        let mut names = vec![0; MOST];
        let length = match flistxattr(file, names.as_mut_slice()) {
            Err(Errno::OPNOTSUPP | Errno::NOSYS) => return Ok(Vec::new()),
            Err(Errno::RANGE) => {
                names = vec![0; flistxattr_query(file)?];
                flistxattr(file, names.as_mut_slice())?
            }
            length => length?,
        };
        let names = names.get(..length).unwrap_or_default().split_inclusive(|byte| *byte == 0);
        let names = names.filter_map(|name| CString::from_vec_with_nul(name.to_vec()).ok());
        let mut attributes = Vec::new();
        for name in names {
            match value_of(file, &name) {
                Ok(value) => attributes.push((name, value)),
                Err(error) if must_be(&name) => return Err(error.into()),
                // One of the system's, which this user may not read.
                Err(_) => {}
            }
        }
        Ok(attributes)
    }

    fn value_of(file: &File, name: &CString) -> rustix::io::Result<Vec<u8>> {
        let mut value = vec![0; fgetxattr_query(file, name)?];
        let length = fgetxattr(file, name, value.as_mut_slice())?;
        value.truncate(length);
        Ok(value)
    }

    pub(super) fn set(file: &File, name: &CString, value: &[u8]) -> rustix::io::Result<()> {
        fsetxattr(file, name, value, XattrFlags::empty())
    }

    pub(super) fn remove(file: &File, name: &CString) -> rustix::io::Result<()> {
        fremovexattr(file, name)
    }
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
mod system {
    use super::{CString, Errno, File, io};

    #[expect(clippy::unnecessary_wraps, reason = "the same signature as where there are some")]
    pub(super) fn attributes_of(_: &File) -> io::Result<Vec<(CString, Vec<u8>)>> {
        Ok(Vec::new())
    }

    pub(super) fn set(_: &File, _: &CString, _: &[u8]) -> rustix::io::Result<()> {
        Err(Errno::OPNOTSUPP)
    }

    pub(super) fn remove(_: &File, _: &CString) -> rustix::io::Result<()> {
        Ok(())
    }
}

use system::{attributes_of, remove, set};

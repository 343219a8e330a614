//! Where a new file may be made: nothing stands there, no link leads there, and the name is one that every system has.

use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, Dir, FileType, statat};

use crate::model::text::is_unsafe;

use super::Repo;
use super::disk;
use super::path::components;
use super::read::{ReadError, is_of_git, open_folder, open_root};

/// Longest name of a file or folder, in bytes.
const MAX_NAME: usize = 255;

/// Names that are devices on Windows, with any ending.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];
const NUMBERED: [&str; 2] = ["com", "lpt"];

/// Why no file can be made at a path; `Display` is a sentence for people without the path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRoom {
    #[error(transparent)]
    Way(#[from] ReadError),
    /// What stands there.
    #[error("there is a {0} already")]
    Taken(&'static str),
    /// A neighbour's name.
    #[error("{0} is there, which is the same name where letter case does not count")]
    Alike(String),
    #[error("{0} is no name for a new file: {1}")]
    Name(String, &'static str),
    #[error("it belongs to another repository in this one (a submodule): start Quell there")]
    Inner,
}

impl Repo {
    /// Whether a new file may be made at a path. `leaving` is a file that goes when it comes.
    pub fn has_room(&self, path: &str, leaving: Option<&str>) -> Result<(), NoRoom> {
        if let Some((name, why)) = components(path)?.into_iter().find_map(|part| Some((part, unfit(part)?))) {
            return Err(NoRoom::Name(name.to_owned(), why));
        }
        if self.is_in_other_repository(path) {
            return Err(NoRoom::Inner);
        }
        walk(&self.root, path, |folder, way, name| alike(folder, way, name, leaving)).map(drop)
    }

    /// Whether a path lies in a repository below this one: a submodule, or a clone.
    pub fn is_in_other_repository(&self, path: &str) -> bool {
        let above = Path::new(path).ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
        let mut inner = above.map(|folder| self.root.join(folder).join(".git"));
        inner.any(|inner| inner.symlink_metadata().is_ok())
    }

    /// Whether git would leave a path out of what is committed.
    pub fn is_ignored(&self, path: &str) -> bool {
        self.git().is_some_and(|git| git.is_path_ignored(path).unwrap_or(false))
    }
}

/// The folders above a new file that are not there yet, the outermost first. What was there before may come back
/// whatever its name is.
pub(super) fn missing_folders(root: &Path, path: &str) -> Result<Vec<String>, NoRoom> {
    walk(root, path, |_, _, _| Ok(()))
}

/// As [`missing_folders`]. `is_free` is asked about the first name on the way that nothing has: folder, its path with
/// `/` behind it, name.
fn walk(
    root: &Path,
    path: &str,
    is_free: impl FnOnce(&OwnedFd, &str, &str) -> Result<(), NoRoom>,
) -> Result<Vec<String>, NoRoom> {
    let parts = components(path)?;
    let (name, folders) = parts.split_last().ok_or(ReadError::Outside)?;
    let mut folder = open_root(root)?;
    let mut way = String::new();
    for (depth, part) in folders.iter().enumerate() {
        if kind(&folder, part).is_none() {
            is_free(&folder, &way, part)?;
            let whole = |depth: usize| folders.get(..=depth).unwrap_or_default().join("/");
            return Ok((depth..folders.len()).map(whole).collect());
        }
        folder = open_folder(&folder, part).map_err(|error| match error {
            ReadError::Missing => NoRoom::Taken("file where its folder would be"),
            other => other.into(),
        })?;
        way = format!("{way}{part}/");
        if is_of_git(&folder) {
            return Err(ReadError::Outside.into());
        }
    }
    match kind(&folder, name) {
        Some(FileType::RegularFile) => Err(NoRoom::Taken("file")),
        Some(FileType::Directory) => Err(NoRoom::Taken("folder")),
        Some(FileType::Symlink) => Err(NoRoom::Taken("symbolic link")),
        Some(_) => Err(NoRoom::Taken("pipe, socket or device")),
        None => is_free(&folder, &way, name).map(|()| Vec::new()),
    }
}

/// What stands in a folder under a name, not followed.
fn kind(folder: &OwnedFd, name: &str) -> Option<FileType> {
    statat(folder, name, AtFlags::SYMLINK_NOFOLLOW).ok().map(|stat| FileType::from_raw_mode(stat.st_mode))
}

/// Refuses a name whose neighbour has the same one in other letters.
fn alike(folder: &OwnedFd, way: &str, name: &str, leaving: Option<&str>) -> Result<(), NoRoom> {
    let wanted = name.to_lowercase();
    for entry in Dir::read_from(folder).map_err(ReadError::from)? {
        let entry = entry.map_err(ReadError::from)?;
        let other = entry.file_name().to_string_lossy();
        let is_leaving = || leaving.is_some_and(|leaving| leaving.strip_prefix(way) == Some(&*other));
        if other != name && other.to_lowercase() == wanted && !is_leaving() {
            return Err(NoRoom::Alike(other.into_owned()));
        }
    }
    Ok(())
}

/// Why a name is none for a new file or folder.
fn unfit(name: &str) -> Option<&'static str> {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    let is_numbered =
        |device: &&str| stem.strip_prefix(*device).is_some_and(|end| matches!(end.as_bytes(), [b'1'..=b'9']));
    if name.len() > MAX_NAME {
        Some("it is too long")
    } else if name.chars().any(is_unsafe) {
        Some("it has characters that nobody sees")
    } else if name.starts_with('-') {
        Some("programs take a dash at its start for an option")
    } else if disk::is_beside(name) {
        Some("Quell itself uses such names")
    } else if name.contains(['<', '>', ':', '"', '|', '?', '*'])
        || name.ends_with(['.', ' '])
        || DEVICES.contains(&stem.as_str())
        || NUMBERED.iter().any(is_numbered)
    {
        Some("Windows does not have it")
    } else {
        None
    }
}

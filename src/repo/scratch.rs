//! A copy of the working tree in the temporary folder, in which a command may do what it likes: nothing of it is a link
//! to the tree, and what the command changes is put back before the next try.
//!
//! Everything is copied as it is on disk, changes that are not committed too. What git ignores is copied as well, since
//! tests need what is installed and generated (`node_modules`, `.venv`, `target`), up to [`MAX_IGNORED`] and to half of
//! what is free; it is not put back between two tries, so that a build goes on where the last one was. Git in the copy
//! has the same HEAD, branches, tags and index, and reads the objects of the repository; what it writes stays in the copy.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use ignore::WalkBuilder;
use rayon::prelude::*;
use rustix::fs::{Access, AtFlags, CWD, Timespec, Timestamps, access, statvfs, utimensat};

use crate::model::problem::{Loss, Problem};
use crate::model::text::counted;

use super::Repo;
use super::path::is_git_dir;
use super::run::{RunError, Trial, try_out};
use super::scratch_folder::{Folder, remove_all};
use super::tree::{plain, sha256};
use super::write::FileWrite;

/// Most bytes of ignored files that are copied; the largest folders are left out.
const MAX_IGNORED: u64 = 8 << 30;

/// Left-out folders that a note names.
const NAMED: usize = 3;

/// The copy. It is removed when the value is dropped, and by the next one where this process was killed.
pub struct Scratch {
    root: PathBuf,
    /// What the files were, for putting them back: in it nothing runs.
    seed: PathBuf,
    /// Folders and files that are put back, relative to the root.
    folders: BTreeSet<PathBuf>,
    files: BTreeMap<PathBuf, Known>,
    /// Files that the copy was given and that the tree does not have.
    made: Vec<PathBuf>,
    /// The time that was given to files last, in seconds.
    clock: i64,
    /// What of the tree is not in the copy, in words.
    pub notes: Vec<String>,
    _folder: Folder,
}

/// Why there is no copy, or it cannot be used.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ScratchError {
    #[error("it was stopped")]
    Cancelled,
    #[error("{0}")]
    Failed(Problem),
}

/// What a file of the copy holds, and how it looked when that was written.
#[derive(Clone, Debug, Default)]
struct Known {
    /// SHA-256 of the bytes that it was given, empty where it is not to be there; `None` for those of the seed.
    given: Option<String>,
    look: Option<Look>,
}

/// Changes whenever somebody changes the file.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Look {
    inode: u64,
    mode: u32,
    bytes: u64,
    written: (i64, i64),
    changed: (i64, i64),
}

/// The files of a tree, relative to its root.
#[derive(Default)]
struct Listed {
    folders: BTreeSet<PathBuf>,
    files: BTreeSet<PathBuf>,
}

impl Repo {
    /// Copies the working tree. Copies that killed processes left behind are removed first.
    pub fn scratch(&self, cancel: &AtomicBool) -> Result<Scratch, ScratchError> {
        let folder = Folder::make(&self.root).map_err(ScratchError::Failed)?;
        let name = self.root.file_name().unwrap_or(OsStr::new("tree"));
        let (seed, root) = (folder.path().join("seed"), folder.path().join("tree").join(name));
        let failed = |error: io::Error| if is_cancelled(cancel) { ScratchError::Cancelled } else { cannot(&error) };
        let mut listed = listed(&self.root);
        listed.add(&self.root, indexed(self));
        let most = free(folder.path()).map_or(MAX_IGNORED, |free| MAX_IGNORED.min(free / 2));
        let (mut ignored, mut notes) = ignored(&self.root, &listed, most);
        let unreadable = unreadable(&self.root, [&mut listed.files, &mut ignored.files]);
        notes.extend(unreadable);
        let make = || {
            make_folders(&seed, &listed.folders)?;
            make_folders(&root, &listed.folders)?;
            let from_tree = |path: &Path, to: &Path| copy_of_tree(&self.root, &root, path, to);
            for_all(&listed.files, cancel, |path| from_tree(path, &seed))?;
            // The seed, and not the tree: somebody may save a file in between.
            for_all(&listed.files, cancel, |path| copy(&seed.join(path), &root.join(path)))?;
            make_folders(&root, &ignored.folders)?;
            for_all(&ignored.files, cancel, |path| from_tree(path, &root))
        };
        make().map_err(failed)?;
        if let Err(error) = give_git(self, &root) {
            notes.push(format!("git does not work in the copy: {error}"));
        }
        // What was removed while it was copied is not there.
        let known = |path: PathBuf| {
            let look = Some(Look::at(&root.join(&path))?);
            Some((path, Known { given: None, look }))
        };
        let files = listed.files.into_iter().filter_map(known).collect();
        Ok(Scratch { root, seed, folders: listed.folders, files, made: Vec::new(), clock: 0, notes, _folder: folder })
    }
}

impl Scratch {
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The bytes that a file had when it was copied.
    pub fn seen(&self, path: &str) -> io::Result<Vec<u8>> {
        fs::read(self.seed.join(path))
    }

    /// Makes the tree what it was, but for these files, which get these bytes, or come or go; what stays as it is, is not
    /// touched.
    ///
    /// Every file that is written gets a time in whole seconds that no file had before, which may lie some seconds
    /// ahead: Python takes a compiled file for the newest where size and second are the same, and make would not see a
    /// change within one second on some disks.
    pub fn set(&mut self, writes: &[FileWrite]) -> Result<(), ScratchError> {
        self.put_back(writes).map_err(|error| cannot(&error))
    }

    /// Runs a command in it: see [`try_out`].
    pub fn run(&self, words: &[String], seconds: u64, cancel: &AtomicBool) -> Result<Trial, RunError> {
        try_out(&self.root, words, seconds, cancel)
    }

    fn put_back(&mut self, writes: &[FileWrite]) -> io::Result<()> {
        let given: BTreeMap<&str, &FileWrite> = writes.iter().map(|write| (write.path.as_str(), write)).collect();
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        self.clock = i64::try_from(now).unwrap_or(0).max(self.clock).saturating_add(1);
        // The command may have put links in their places, through which another folder would be written.
        for folder in &self.folders {
            let path = self.root.join(folder);
            if !fs::symlink_metadata(&path).is_ok_and(|known| known.is_dir()) {
                remove_all(&path)?;
                fs::create_dir(&path)?;
            }
        }
        for (path, known) in &mut self.files {
            let write = path.to_str().and_then(|path| given.get(path));
            let wanted = write.map(|write| write.after.as_deref().map(sha256).unwrap_or_default());
            let there = self.root.join(path);
            let is_gone = wanted.as_ref().is_some_and(String::is_empty);
            if known.given == wanted && known.look.is_some() != is_gone && Look::at(&there) == known.look {
                continue;
            }
            remove_all(&there)?;
            if !is_gone {
                copy(&self.seed.join(path), &there)?;
                if let Some(bytes) = write.and_then(|write| write.after.as_deref()) {
                    overwrite(&there, bytes)?;
                }
                set_time(&there, Timespec { tv_sec: self.clock, tv_nsec: 0 })?;
            }
            *known = Known { given: wanted, look: Look::at(&there) };
        }
        self.make(writes)
    }

    /// Removes what is there beyond the tree, and makes the files that it does not have.
    fn make(&mut self, writes: &[FileWrite]) -> io::Result<()> {
        for path in std::mem::take(&mut self.made) {
            remove_all(&self.root.join(path))?;
        }
        self.remove_new()?;
        for write in writes {
            let (path, Some(bytes)) = (Path::new(&write.path), &write.after) else { continue };
            if self.files.contains_key(path) {
                continue;
            }
            self.made.push(path.to_owned());
            let above: Vec<&Path> = path.ancestors().skip(1).filter(|path| !path.as_os_str().is_empty()).collect();
            for folder in above.into_iter().rev().map(|folder| self.root.join(folder)) {
                // What git ignores stays between two runs: the command may have left a link there.
                if !fs::symlink_metadata(&folder).is_ok_and(|known| known.is_dir()) {
                    remove_all(&folder)?;
                    fs::create_dir(&folder)?;
                }
            }
            let there = self.root.join(path);
            remove_all(&there)?;
            match &write.from {
                Some(from) => {
                    copy(&self.seed.join(from), &there)?;
                    overwrite(&there, bytes)?;
                }
                None => fs::write(&there, bytes)?,
            }
            set_time(&there, Timespec { tv_sec: self.clock, tv_nsec: 0 })?;
        }
        Ok(())
    }

    /// Removes what the command has made, unless git would ignore it.
    fn remove_new(&self) -> io::Result<()> {
        let now = listed(&self.root);
        for path in now.files.iter().filter(|path| !self.files.contains_key(*path)) {
            remove_all(&self.root.join(path))?;
        }
        for path in now.folders.iter().rev().filter(|path| !self.folders.contains(*path)) {
            // One that holds ignored files stays.
            let _ = fs::remove_dir(self.root.join(path));
        }
        Ok(())
    }
}

impl Look {
    fn at(path: &Path) -> Option<Self> {
        let known = fs::symlink_metadata(path).ok()?;
        Some(Self {
            inode: known.ino(),
            mode: known.mode(),
            bytes: known.size(),
            written: (known.mtime(), known.mtime_nsec()),
            changed: (known.ctime(), known.ctime_nsec()),
        })
    }
}

impl Listed {
    /// Adds files that are there, with the folders above them; not those below a link, which are another folder's.
    fn add(&mut self, root: &Path, paths: impl Iterator<Item = PathBuf>) {
        let is_below_link = |path: &PathBuf| path.ancestors().skip(1).any(|above| self.files.contains(above));
        let paths: Vec<PathBuf> = paths.filter(|path| !is_below_link(path)).collect();
        for path in
            paths.into_iter().filter(|path| fs::symlink_metadata(root.join(path)).is_ok_and(|known| is_copied(&known)))
        {
            self.folders.extend(path.ancestors().skip(1).map(Path::to_owned));
            self.files.insert(path);
        }
    }
}

/// Regular files and links; a pipe or a socket is nobody's source.
fn is_copied(known: &Metadata) -> bool {
    known.is_file() || known.is_symlink()
}

/// What is not ignored. A folder that cannot be read costs its own files.
fn listed(root: &Path) -> Listed {
    let mut walk = WalkBuilder::new(root);
    walk.hidden(false).parents(false).ignore(false).require_git(false).follow_links(false);
    walked(root, &walk)
}

fn walked(root: &Path, walk: &WalkBuilder) -> Listed {
    let mut listed = Listed::default();
    let mut walk = walk.clone();
    walk.filter_entry(|entry| entry.depth() == 0 || !entry.file_name().to_str().is_some_and(is_git_dir));
    for entry in walk.build().filter_map(Result::ok) {
        let Ok(path) = entry.path().strip_prefix(root) else { continue };
        match entry.file_type() {
            Some(kind) if kind.is_dir() => drop(listed.folders.insert(path.to_owned())),
            Some(kind) if kind.is_file() || kind.is_symlink() => drop(listed.files.insert(path.to_owned())),
            Some(_) | None => {}
        }
    }
    listed
}

/// Files that git tracks, also where it would ignore them.
fn indexed(repo: &Repo) -> impl Iterator<Item = PathBuf> {
    let index = repo.git().and_then(|git| git.index().ok());
    let paths = index.iter().flat_map(git2::Index::iter).map(|entry| PathBuf::from(OsStr::from_bytes(&entry.path)));
    let is_inside = |path: &PathBuf| path.components().all(|part| matches!(part, Component::Normal(_)));
    paths.filter(is_inside).collect::<Vec<_>>().into_iter()
}

/// Ignored files by the topmost folder that holds nothing else, the smallest first, and what is too much, in words.
fn ignored(root: &Path, listed: &Listed, most: u64) -> (Listed, Vec<String>) {
    let mut walk = WalkBuilder::new(root);
    walk.standard_filters(false).follow_links(false);
    let all = walked(root, &walk);
    let mut groups: BTreeMap<PathBuf, (u64, Listed)> = BTreeMap::new();
    let top =
        |path: &Path| path.ancestors().take_while(|path| !listed.folders.contains(*path)).last().map(Path::to_owned);
    for path in all.files.into_iter().filter(|path| !listed.files.contains(path)) {
        let group = groups.entry(top(&path).unwrap_or_default()).or_default();
        group.0 += fs::symlink_metadata(root.join(&path)).map_or(0, |known| known.len());
        group.1.files.insert(path);
    }
    for path in all.folders.into_iter().filter(|path| !listed.folders.contains(path)) {
        groups.entry(top(&path).unwrap_or_default()).or_default().1.folders.insert(path);
    }
    let mut groups: Vec<(PathBuf, (u64, Listed))> = groups.into_iter().collect();
    groups.sort_by_key(|(_, (bytes, _))| *bytes);
    let (mut taken, mut total, mut left) = (Listed::default(), 0, Vec::new());
    for (path, (bytes, group)) in groups {
        total += bytes;
        if total <= most {
            taken.folders.extend(group.folders);
            taken.files.extend(group.files);
        } else {
            left.push(format!("{} ({} MiB)", path.display(), bytes >> 20));
        }
    }
    let notes = (!left.is_empty()).then(|| {
        let named = left.iter().rev().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        let count = counted(left.len(), "ignored file or folder", "ignored files and folders");
        format!("{count} not copied, beyond {} MiB: {named}", most >> 20)
    });
    (taken, notes.into_iter().collect())
}

/// Bytes that are free where a folder lies.
fn free(folder: &Path) -> Option<u64> {
    let disk = statvfs(folder).ok()?;
    disk.f_bavail.checked_mul(disk.f_frsize)
}

/// Leaves out what this user cannot read, and says so.
fn unreadable(root: &Path, lists: [&mut BTreeSet<PathBuf>; 2]) -> Option<String> {
    let mut left = Vec::new();
    for files in lists {
        files.retain(|path| {
            let whole = root.join(path);
            let is_readable = whole.is_symlink() || access(&whole, Access::READ_OK).is_ok();
            if !is_readable {
                left.push(path.display().to_string());
            }
            is_readable
        });
    }
    let named = left.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    (!left.is_empty()).then(|| format!("{} not copied, not readable: {named}", counted(left.len(), "file", "files")))
}

fn make_folders(root: &Path, folders: &BTreeSet<PathBuf>) -> io::Result<()> {
    folders.iter().try_for_each(|folder| fs::create_dir_all(root.join(folder)))
}

fn for_all(
    files: &BTreeSet<PathBuf>,
    cancel: &AtomicBool,
    copy: impl Fn(&Path) -> io::Result<()> + Sync,
) -> io::Result<()> {
    files.par_iter().try_for_each(|path| {
        if is_cancelled(cancel) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        match copy(path) {
            // Removed since the list was made.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            done => done.map_err(|error| named(path, &error)),
        }
    })
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {}", path.display(), plain(error)))
}

/// One file with its mode and time, or one link. The system shares the blocks where the disk can do that.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let known = fs::symlink_metadata(from)?;
    if known.is_symlink() {
        return symlink(fs::read_link(from)?, to);
    }
    fs::copy(from, to)?;
    set_time(to, Timespec { tv_sec: known.mtime(), tv_nsec: known.mtime_nsec() as _ })
}

/// One file or link of the tree, by its relative path, below `to`. Links lead into the copy where they led into the tree,
/// and where they led otherwise.
fn copy_of_tree(tree: &Path, root: &Path, path: &Path, to: &Path) -> io::Result<()> {
    let (from, to) = (tree.join(path), to.join(path));
    let Ok(target) = fs::read_link(&from) else { return copy(&from, &to) };
    if target.is_relative() && is_below(path, &target) {
        return symlink(target, to);
    }
    let whole = from.parent().unwrap_or(tree).join(&target);
    let real = whole.canonicalize().unwrap_or(whole);
    symlink(real.strip_prefix(tree).map_or(real.clone(), |inside| root.join(inside)), to)
}

/// Whether a relative link stays below the root on its whole way.
fn is_below(link: &Path, target: &Path) -> bool {
    let above = link.components().count().saturating_sub(1);
    let step = |depth: usize, part: Component<'_>| match part {
        Component::ParentDir => depth.checked_sub(1),
        Component::CurDir => Some(depth),
        Component::Normal(_) | Component::RootDir | Component::Prefix(_) => Some(depth + 1),
    };
    target.components().try_fold(above, step).is_some()
}

/// Other bytes in a file that was just copied; the mode stays.
fn overwrite(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mode = fs::symlink_metadata(path)?.permissions();
    fs::set_permissions(path, fs::Permissions::from_mode(mode.mode() | 0o200))?;
    fs::OpenOptions::new().write(true).truncate(true).open(path)?.write_all(bytes)?;
    fs::set_permissions(path, mode)
}

fn set_time(path: &Path, time: Timespec) -> io::Result<()> {
    let times = Timestamps { last_access: time, last_modification: time };
    Ok(utimensat(CWD, path, &times, AtFlags::SYMLINK_NOFOLLOW)?)
}

/// A repository of the copy's own: HEAD, branches, tags and index are what they are, the objects are read where they lie.
/// Hooks and settings are not taken along.
fn give_git(repo: &Repo, root: &Path) -> Result<(), String> {
    let Some(git) = repo.git() else { return Ok(()) };
    let say = |error: git2::Error| error.message().to_lowercase();
    let mut options = git2::RepositoryInitOptions::new();
    options.external_template(false);
    let own = git2::Repository::init_opts(root, &options).map_err(say)?.path().to_owned();
    let mut refs = Vec::new();
    for reference in git.references().map_err(say)?.filter_map(Result::ok) {
        if let Some(id) = reference.target() {
            refs.push(format!("{id} {}\n", String::from_utf8_lossy(reference.name_bytes())));
        }
    }
    let write = || {
        let objects = git.commondir().join("objects").canonicalize()?;
        fs::create_dir_all(own.join("objects/info"))?;
        fs::write(own.join("objects/info/alternates"), [objects.as_os_str().as_bytes(), b"\n"].concat())?;
        fs::write(own.join("packed-refs"), refs.concat())?;
        fs::create_dir_all(own.join("info"))?;
        for (from, name) in [(git.path(), "HEAD"), (git.path(), "index"), (git.commondir(), "shallow")] {
            copy_if_there(&from.join(name), &own.join(name))?;
        }
        for name in ["info/exclude", "info/attributes"] {
            copy_if_there(&git.commondir().join(name), &own.join(name))?;
        }
        // A split index has its larger part in files of its own.
        let parts = fs::read_dir(git.path())?.filter_map(Result::ok).map(|entry| entry.file_name());
        for name in parts.filter(|name| name.as_bytes().starts_with(b"sharedindex.")) {
            copy_if_there(&git.path().join(&name), &own.join(&name))?;
        }
        Ok(())
    };
    write().map_err(|error: io::Error| plain(&error))
}

fn copy_if_there(from: &Path, to: &Path) -> io::Result<()> {
    match fs::copy(from, to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn is_cancelled(cancel: &AtomicBool) -> bool {
    cancel.load(Ordering::Relaxed)
}

fn cannot(error: &io::Error) -> ScratchError {
    let hint = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "free some space there, or set TMPDIR to a folder on a larger disk"
        }
        _ => "make it readable, or set TMPDIR to another folder",
    };
    let reason = format!("the copy of the tree in which the command would run cannot be made: {}", plain(error));
    ScratchError::Failed(Problem::at("", "", reason, Loss::Nothing).hint(hint))
}

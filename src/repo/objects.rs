//! What a record is in git: images, the trees that name them, and a commit with the record as its message. Built in
//! memory, then written at once.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use git2::{ObjectType, OdbLookupFlags, Repository};
use jiff::Timestamp;
use rayon::prelude::*;
use sha1::{Digest, Sha1};

use super::fault::step;
use super::pack;
use super::record::{Failure, Side, Staged};
use super::sync::with_folders;
use super::tree::hex;
use super::write::FileWrite;

/// Fewer objects than this are loose ones, as git makes them: it collects packs when there are fifty.
const MANY: usize = 32;
/// Nor are more bytes than this packed, which is done in memory.
const MAX_PACKED: usize = 256 << 20;

/// SHA-1 of an object.
pub(super) type Id = [u8; 20];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Commit,
    Tree,
    Blob,
}

/// One object of git.
pub(super) struct Object<'a> {
    pub(super) id: Id,
    pub(super) kind: Kind,
    pub(super) bytes: Cow<'a, [u8]>,
}

impl Kind {
    /// As it is written in packs.
    pub(super) fn number(self) -> u8 {
        match self {
            Self::Commit => 1,
            Self::Tree => 2,
            Self::Blob => 3,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Tree => "tree",
            Self::Blob => "blob",
        }
    }

    fn of_git(self) -> ObjectType {
        match self {
            Self::Commit => ObjectType::Commit,
            Self::Tree => ObjectType::Tree,
            Self::Blob => ObjectType::Blob,
        }
    }
}

impl<'a> Object<'a> {
    fn new(kind: Kind, bytes: impl Into<Cow<'a, [u8]>>) -> Self {
        let bytes = bytes.into();
        Self { id: id(kind, &bytes), kind, bytes }
    }
}

/// The id that git gives an object.
pub(super) fn id(kind: Kind, bytes: &[u8]) -> Id {
    let mut hash = Sha1::new();
    hash.update(format!("{} {}\0", kind.name(), bytes.len()));
    hash.update(bytes);
    hash.finalize().into()
}

/// Writes a commit with `message` and the files below `before/` and `after/`. It is not on the disk yet.
pub(super) fn write(git: &Repository, message: &str, at: Timestamp, files: &[FileWrite]) -> Result<Staged, Failure> {
    let sides = files.iter().flat_map(|file| [(file, Side::Before, &file.before), (file, Side::After, &file.after)]);
    let sides = sides.filter_map(|(file, side, bytes)| Some((file, side, bytes.as_deref()?)));
    let sides: Vec<(&FileWrite, Side, &[u8])> = sides.collect();
    let blobs: Vec<Object<'_>> = sides.par_iter().map(|(.., bytes)| Object::new(Kind::Blob, *bytes)).collect();
    let paths = sides.iter().map(|(file, side, _)| format!("{}/{}", side.name(), file.path));
    let named: BTreeMap<String, Id> = paths.zip(blobs.iter().map(|blob| blob.id)).collect();
    let kept = kept_by(git, files)?;
    let (mut loose, mut objects): (Vec<_>, Vec<_>) =
        blobs.into_iter().partition(|blob| kept.contains(blob.id.as_slice()));
    let named: Vec<(&str, Id)> = named.iter().map(|(path, id)| (path.as_str(), *id)).collect();
    let tree = add_tree(&mut objects, &named);
    let commit = commit(message, at, tree);
    let id = hex(&commit.id);
    objects.push(commit);
    let mut known = HashSet::new();
    objects.retain(|object| known.insert(object.id));
    step()?;
    let folder = git.commondir().join("objects");
    let size: usize = objects.iter().map(|object| object.bytes.len()).sum();
    let mut unsynced = Vec::new();
    if (MANY..).contains(&objects.len()) && size <= MAX_PACKED {
        unsynced = pack::write(&folder, &objects)?;
    } else {
        let odb = git.odb()?;
        for object in &objects {
            odb.write(object.kind.of_git(), &object.bytes)?;
        }
        loose.extend(objects);
    }
    // What is not there is an object in a pack.
    let path = |object: &Object<'_>| {
        let hex = hex(&object.id);
        let (start, rest) = hex.split_at(2);
        folder.join(start).join(rest)
    };
    unsynced.extend(with_folders(loose.iter().map(path).collect(), &folder));
    Ok(Staged { place: id, top: folder, unsynced })
}

/// What the index names and git has: the content of files that are as they were committed. No collection takes that away,
/// what cannot be said of other objects.
fn kept_by(git: &Repository, files: &[FileWrite]) -> Result<HashSet<Vec<u8>>, Failure> {
    let odb = git.odb()?;
    // Some ways of git to write its index are unknown to libgit2.
    let Ok(index) = git.index() else { return Ok(HashSet::new()) };
    let kept = |file: &FileWrite| {
        let entry = index.get_path(file.path.as_ref(), 0)?;
        odb.exists_ext(entry.id, OdbLookupFlags::NO_REFRESH).then(|| entry.id.as_bytes().to_vec())
    };
    Ok(files.iter().filter_map(kept).collect())
}

/// Adds the tree of files by their paths, sorted, with the trees below it. Returns its id.
fn add_tree(objects: &mut Vec<Object<'_>>, files: &[(&str, Id)]) -> Id {
    fn head<'p>((path, _): &(&'p str, Id)) -> &'p str {
        path.split('/').next().unwrap_or(path)
    }
    let mut entries = Vec::new();
    for group in files.chunk_by(|a, b| head(a) == head(b)) {
        let Some(name) = group.first().map(head) else { continue };
        match group {
            [(path, id)] if *path == name => entries.push((name.to_owned(), "100644", *id)),
            _ => {
                let below = group.iter().filter_map(|(path, id)| Some((path.split_once('/')?.1, *id)));
                let below: Vec<(&str, Id)> = below.collect();
                // A folder has its place among the others as if `/` ended its name.
                entries.push((format!("{name}/"), "40000", add_tree(objects, &below)));
            }
        }
    }
    entries.sort_unstable();
    let mut bytes = Vec::new();
    for (name, mode, id) in entries {
        bytes.extend_from_slice(format!("{mode} {}\0", name.trim_end_matches('/')).as_bytes());
        bytes.extend(id);
    }
    let tree = Object::new(Kind::Tree, bytes);
    let id = tree.id;
    objects.push(tree);
    id
}

fn commit(message: &str, at: Timestamp, tree: Id) -> Object<'static> {
    let who = format!("quell <quell@localhost> {} +0000", at.as_second());
    let text = format!("tree {}\nauthor {who}\ncommitter {who}\n\n{message}", hex(&tree));
    Object::new(Kind::Commit, text.into_bytes())
}

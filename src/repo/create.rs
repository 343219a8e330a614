//! A new repository with a history, for the sample project and for tests that need one.

use std::borrow::Cow;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use git2::{Index, IndexEntry, IndexTime, Oid, Repository, RepositoryInitOptions, Signature, Time};
use jiff::Timestamp;

use crate::model::problem::Problem;

/// One commit to be made.
#[derive(Clone, Debug)]
pub struct Commit<'f> {
    pub author: String,
    pub email: String,
    /// Time of author and committer.
    pub at: Timestamp,
    /// Minutes east of Greenwich.
    pub offset_minutes: i32,
    pub message: String,
    /// Files that it writes; the others stay as they were.
    pub files: Vec<NewFile<'f>>,
}

/// One file to be written. `path` is relative to the root, with `/`.
#[derive(Clone, Debug)]
pub struct NewFile<'f> {
    pub path: String,
    pub bytes: Cow<'f, [u8]>,
    pub is_executable: bool,
}

/// Makes a git repository in a folder that is empty or not there: the commits on branch `main`, their last state as
/// the working tree, each file as old as its commit, and `loose` files that no commit has, for the id of the last
/// commit. Returns the path of the folder.
pub fn repository<'f>(
    dir: &Path,
    commits: &[Commit<'f>],
    loose: impl FnOnce(&str) -> Result<Vec<NewFile<'f>>, Problem>,
) -> Result<PathBuf, Problem> {
    let shown = dir.display().to_string();
    let failed = |reason: String| Problem::of_file(&shown, reason, "name another folder");
    let is_taken = match fs::read_dir(dir) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
        Err(error) => return Err(failed(error.to_string())),
    };
    if is_taken {
        return Err(failed(String::from("the folder is not empty")));
    }
    DirBuilder::new().recursive(true).create(dir).map_err(|error| failed(error.to_string()))?;
    let git = init(dir).map_err(|error| failed(error.message().to_owned()))?;
    let (head, tree) = history(&git, commits).map_err(|error| failed(error.message().to_owned()))?;
    for (file, at) in &tree {
        write(dir, file, Some(*at)).map_err(|error| failed(format!("{}: {error}", file.path)))?;
    }
    stage(&git, &tree).map_err(|error| failed(error.message().to_owned()))?;
    for file in loose(&head)? {
        write(dir, &file, None).map_err(|error| failed(format!("{}: {error}", file.path)))?;
    }
    dir.canonicalize().map_err(|error| failed(error.to_string()))
}

/// Without templates of the person's machine, whose hooks would run here, and without conversion of line ends.
fn init(dir: &Path) -> Result<Repository, git2::Error> {
    let mut options = RepositoryInitOptions::new();
    options.initial_head("main").external_template(false).no_reinit(true);
    let git = Repository::init_opts(dir, &options)?;
    git.config()?.set_bool("core.autocrlf", false)?;
    Ok(git)
}

/// Files and when they were committed.
type Tree<'f> = Vec<(NewFile<'f>, Timestamp)>;

/// Makes the commits; returns the id and the files of the last one.
fn history<'f>(git: &Repository, commits: &[Commit<'f>]) -> Result<(String, Tree<'f>), git2::Error> {
    let mut index = Index::new()?;
    let mut tree: Tree<'f> = Vec::new();
    let mut parent: Option<Oid> = None;
    for commit in commits {
        for file in &commit.files {
            index.add(&entry(file, git.blob(&file.bytes)?))?;
            tree.retain(|(known, _)| known.path != file.path);
            tree.push((file.clone(), commit.at));
        }
        let time = Time::new(commit.at.as_second(), commit.offset_minutes);
        let who = Signature::new(&commit.author, &commit.email, &time)?;
        let written = git.find_tree(index.write_tree_to(git)?)?;
        let parent_commit = parent.map(|oid| git.find_commit(oid)).transpose()?;
        let parents: Vec<&git2::Commit<'_>> = parent_commit.iter().collect();
        parent = Some(git.commit(Some("HEAD"), &who, &who, &commit.message, &written, &parents)?);
    }
    Ok((parent.map(|head| head.to_string()).unwrap_or_default(), tree))
}

fn entry(file: &NewFile<'_>, id: Oid) -> IndexEntry {
    IndexEntry {
        ctime: IndexTime::new(0, 0),
        mtime: IndexTime::new(0, 0),
        dev: 0,
        ino: 0,
        mode: if file.is_executable { 0o100_755 } else { 0o100_644 },
        uid: 0,
        gid: 0,
        file_size: 0,
        id,
        flags: 0,
        flags_extended: 0,
        path: file.path.clone().into_bytes(),
    }
}

fn write(root: &Path, file: &NewFile<'_>, at: Option<Timestamp>) -> std::io::Result<()> {
    let path = root.join(&file.path);
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).create(folder)?;
    }
    let mode = if file.is_executable { 0o755 } else { 0o644 };
    let mut written = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    written.write_all(&file.bytes)?;
    at.map_or(Ok(()), |at| written.set_modified(SystemTime::from(at)))
}

/// Puts the written files into the index, so that git sees a clean tree at once.
fn stage(git: &Repository, tree: &Tree<'_>) -> Result<(), git2::Error> {
    let mut index = git.index()?;
    for (file, _) in tree {
        index.add_path(Path::new(&file.path))?;
    }
    index.write()
}

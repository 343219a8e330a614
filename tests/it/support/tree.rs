//! Temporary working trees.

use std::fs;
use std::path::Path;

use git2::{IndexAddOption, Repository, Signature, Time};
use quell::model::problem::Problem;
use quell::repo::Repo;
use quell::repo::kept::{EntryKind, Folder, Shelf};
use tempfile::TempDir;

/// A working tree that vanishes with the value.
pub(crate) struct Tree {
    folder: TempDir,
    /// In place of the user's state folder.
    state: TempDir,
}

impl Tree {
    /// A plain folder with these files.
    pub(crate) fn plain(files: &[(&str, &str)]) -> Self {
        let tree = Self { folder: TempDir::new().unwrap(), state: TempDir::new().unwrap() };
        for (path, text) in files {
            tree.write(path, text);
        }
        tree
    }

    /// A git repository on branch `main` with these files in one commit.
    pub(crate) fn git(files: &[(&str, &str)]) -> Self {
        let tree = Self::plain(files);
        let mut options = git2::RepositoryInitOptions::new();
        let git = Repository::init_opts(tree.root(), options.initial_head("main")).unwrap();
        let mut config = git.config().unwrap();
        config.set_str("user.name", "A Tester").unwrap();
        config.set_str("user.email", "tester@example.org").unwrap();
        tree.commit("first", 1_700_000_000);
        tree
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn state(&self) -> &Path {
        self.state.path()
    }

    /// A new session in this tree, with git where the folder has it.
    pub(crate) fn repo(&self) -> Repo {
        session(self.root(), self.state())
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn text(&self, path: &str) -> String {
        fs::read_to_string(self.root().join(path)).unwrap()
    }

    /// The bytes of all files outside `.git`, by path.
    pub(crate) fn bytes(&self) -> Vec<Vec<u8>> {
        let files = self.files().into_iter();
        files.map(|path| fs::read(self.root().join(path)).unwrap()).collect()
    }

    /// Paths of all files outside `.git`, sorted.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        below(self.root(), "", &mut files);
        files.sort();
        files
    }

    /// Files that a batch should have removed: temporary ones, the journal, what was staged, locks of git.
    pub(crate) fn leftovers(&self, repo: &Repo) -> Vec<String> {
        let mut found: Vec<String> = self.files().into_iter().filter(|path| path.contains(".quell-")).collect();
        let mut own = Vec::new();
        for (root, is_left) in [(repo.state_dir(), is_left as fn(&str) -> bool), (self.root().join(".git"), is_lock)] {
            if root.is_dir() {
                below(&root, "", &mut own);
            }
            found.extend(own.drain(..).filter(|path| is_left(path)));
        }
        found
    }

    /// Commits everything, at a time in seconds.
    pub(crate) fn commit(&self, message: &str, seconds: i64) -> git2::Oid {
        let git = Repository::open(self.root()).unwrap();
        let mut index = git.index().unwrap();
        index.add_all(["*"], IndexAddOption::DEFAULT, None).unwrap();
        index.update_all(["*"], None).unwrap();
        index.write().unwrap();
        let tree = git.find_tree(index.write_tree().unwrap()).unwrap();
        let author = Signature::new("A Tester", "tester@example.org", &Time::new(seconds, 0)).unwrap();
        let parent = git.head().ok().map(|head| head.peel_to_commit().unwrap());
        git.commit(Some("HEAD"), &author, &author, message, &tree, parent.iter().collect::<Vec<_>>().as_slice())
            .unwrap()
    }
}

/// Every file of a folder that Quell keeps, in the tree or for a tree that cannot be written, sorted: path and bytes; and
/// what could not be read.
pub(crate) fn kept(repo: &Repo, folder: &str) -> (Vec<(String, Vec<u8>)>, Vec<Problem>) {
    fn read(folder: &Folder, files: &mut Vec<(String, Vec<u8>)>, problems: &mut Vec<Problem>) {
        for entry in folder.entries().unwrap() {
            if entry.kind == EntryKind::Folder {
                read(&folder.folder(&entry.name).unwrap(), files, problems);
                continue;
            }
            match folder.read(&entry.name) {
                Ok((bytes, _)) => files.push((format!("{}/{}", folder.shown, entry.name), bytes)),
                Err(problem) => problems.push(problem),
            }
        }
    }
    let (mut files, mut problems) = (Vec::new(), Vec::new());
    for shelf in [Shelf::Tree, Shelf::Private] {
        match repo.open_kept(shelf, folder) {
            Ok(Some(folder)) => read(&folder, &mut files, &mut problems),
            Ok(None) => {}
            Err(problem) => problems.push(problem),
        }
    }
    (files, problems)
}

/// A session as another process would start it.
pub(crate) fn session(root: &Path, state: &Path) -> Repo {
    Repo::discover(root, true).unwrap().0.with_state_home(state)
}

fn is_left(path: &str) -> bool {
    path.contains("journal") || path.contains(".staged")
}

fn is_lock(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "lock")
}

fn below(root: &Path, folder: &str, files: &mut Vec<String>) {
    for entry in fs::read_dir(root.join(folder)).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        match entry.file_type().unwrap().is_dir() {
            true if name == ".git" => {}
            true => below(root, &path, files),
            false => files.push(path),
        }
    }
}

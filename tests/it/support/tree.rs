//! Temporary working trees.

use std::fs;
use std::path::Path;

use git2::{IndexAddOption, Repository, Signature, Time};
use quell::repo::Repo;
use tempfile::TempDir;

/// A working tree that vanishes with the value.
pub(crate) struct Tree {
    pub(crate) folder: TempDir,
}

impl Tree {
    /// A plain folder with these files.
    pub(crate) fn plain(files: &[(&str, &str)]) -> Self {
        let tree = Self { folder: TempDir::new().unwrap() };
        files.iter().for_each(|(path, text)| tree.write(path, text));
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

    /// With git where the folder has it.
    pub(crate) fn repo(&self) -> Repo {
        Repo::discover(self.root(), true).unwrap().0
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn text(&self, path: &str) -> String {
        fs::read_to_string(self.root().join(path)).unwrap()
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

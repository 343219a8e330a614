//! What Quell knows of a repository from git.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use jiff::Timestamp;
use quell::repo::Repo;

use crate::support::tree::Tree;

#[test]
fn a_repository_is_found_from_a_folder_inside() {
    let tree = Tree::git(&[("src/deep/a.py", "a")]);
    let (repo, problem) = Repo::discover(&tree.root().join("src/deep"), true).unwrap();
    assert_eq!(problem, None);
    assert_eq!(repo.root(), tree.root().canonicalize().unwrap());
    assert_eq!(repo.state_dir(), tree.root().canonicalize().unwrap().join(".git/quell"));
    assert_eq!(repo.author(), "A Tester");
    assert_eq!(repo.branch().as_deref(), Some("main"));
    assert_eq!(repo.head().unwrap().len(), 40);
}

#[test]
fn without_git_a_folder_is_its_own_root() {
    let tree = Tree::git(&[("src/a.py", "a")]);
    let (repo, problem) = Repo::discover(&tree.root().join("src"), false).unwrap();
    assert_eq!((problem, repo.name().as_str()), (None, "src"));
    assert_eq!((repo.branch(), repo.head()), (None, None));
    assert_eq!(repo.blob_at("HEAD", "a.py"), None);
    assert!(!repo.state_dir().starts_with(tree.root()));
    assert_eq!(repo.read("a.py").unwrap(), b"a");
}

#[test]
fn a_repository_that_git2_cannot_open_is_a_plain_folder_with_a_problem() {
    let tree = Tree::git(&[("src/a.py", "a")]);
    let mut config = git2::Config::open(&tree.root().join(".git/config")).unwrap();
    config.set_i32("core.repositoryformatversion", 1).unwrap();
    config.set_str("extensions.unheard", "of").unwrap();
    let (repo, problem) = Repo::discover(&tree.root().join("src"), true).unwrap();
    let problem = problem.unwrap().to_string();
    assert!(problem.contains("unheard") && problem.contains("going on without git"), "{problem}");
    assert_eq!(repo.root(), tree.root().canonicalize().unwrap());
    assert_eq!(repo.head(), None);
    assert_eq!(repo.read("src/a.py").unwrap(), b"a");
}

#[test]
fn a_git_that_leads_nowhere_is_said() {
    for is_file in [true, false] {
        let tree = Tree::plain(&[("src/a.py", "a")]);
        if is_file {
            tree.write(".git", "gitdir: /nowhere/at/all");
        } else {
            fs::create_dir(tree.root().join(".git")).unwrap();
        }
        let (repo, problem) = Repo::discover(&tree.root().join("src"), true).unwrap();
        let problem = problem.unwrap().to_string();
        assert!(
            problem.contains(".git: it is no git repository, and leads to none; going on without git"),
            "{problem}"
        );
        assert_eq!(repo.root(), tree.root().canonicalize().unwrap());
        assert_eq!(repo.read("src/a.py").unwrap(), b"a");
    }
}

#[test]
fn a_bare_repository_and_a_missing_folder_are_refused() {
    let tree = Tree::plain(&[]);
    git2::Repository::init_bare(tree.root()).unwrap();
    let problem = Repo::discover(tree.root(), true).unwrap_err().to_string();
    assert!(problem.contains("no working tree; run Quell in a clone"), "{problem}");
    let problem = Repo::discover(&tree.root().join("none"), true).unwrap_err().to_string();
    assert!(problem.contains("none: no such file or directory; "), "{problem}");
}

#[test]
fn a_worktree_has_its_own_state() {
    let tree = Tree::git(&[("a.py", "a")]);
    let other = tree.root().join("other");
    git2::Repository::open(tree.root()).unwrap().worktree("other", &other, None).unwrap();
    let (repo, _) = Repo::discover(&other, true).unwrap();
    assert_eq!(repo.root(), other.canonicalize().unwrap());
    assert!(repo.state_dir().ends_with(".git/worktrees/other/quell"), "{:?}", repo.state_dir());
    assert_eq!(repo.branch().as_deref(), Some("other"));
}

#[test]
fn a_submodule_is_a_repository_with_its_own_state() {
    let inner = Tree::git(&[("lib.py", "x")]);
    let outer = Tree::git(&[("a.py", "a")]);
    let url = inner.root().to_str().unwrap();
    let arguments = ["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", url, "sub"];
    assert!(Command::new("git").current_dir(outer.root()).args(arguments).status().unwrap().success());
    let (repo, _) = Repo::discover(&outer.root().join("sub"), true).unwrap();
    assert!(repo.root().ends_with("sub") && repo.state_dir().ends_with(".git/modules/sub/quell"));
    assert_eq!(repo.read("lib.py").unwrap(), b"x");
}

#[test]
fn blobs_come_from_plain_revisions_only() {
    let tree = Tree::git(&[("a.py", "one\n")]);
    let first = tree.repo().head().unwrap();
    tree.write("a.py", "two\n");
    tree.commit("second", 1_700_000_100);
    tree.write("a.py", "three\n");
    let repo = tree.repo();
    for (revision, text) in [("HEAD", "two\n"), ("HEAD~1", "one\n"), ("main", "two\n"), (&first, "one\n")] {
        assert_eq!(repo.blob_at(revision, "a.py").as_deref(), Some(text.as_bytes()), "{revision}");
    }
    for revision in ["", ":/second", "HEAD@{0}", "HEAD:a.py", "--all", "0000000000000000000000000000000000000000"] {
        assert_eq!(repo.blob_at(revision, "a.py"), None, "{revision}");
    }
    for path in ["none", "../a.py", "/a.py", ""] {
        assert_eq!(repo.blob_at("HEAD", path), None, "{path}");
    }
}

#[test]
fn dirty_means_different_from_head() {
    let tree = Tree::git(&[("a.py", "a"), ("b[1].py", "b"), ("c.py", "c"), ("b1.py", "b")]);
    tree.write("b[1].py", "changed");
    tree.write("new.py", "new");
    let paths = ["a.py", "b[1].py", "b1.py", "new.py", "none.py"].map(str::to_owned);
    assert_eq!(tree.repo().dirty(&paths), ["b[1].py", "new.py"]);
    assert_eq!(tree.repo().dirty(&[]), [""; 0]);
    assert_eq!(tree.repo().uncommitted_decisions(), 0);
    tree.write(".quell/decisions/ab/1.json", "{}");
    tree.write(".quell/decisions/cd/2.json", "{}");
    assert_eq!(tree.repo().uncommitted_decisions(), 2);
}

#[test]
fn what_git_cannot_be_asked_about_is_not_clean() {
    let tree = Tree::git(&[("a.py", "a")]);
    let paths = ["a.py".to_owned()];
    assert_eq!(tree.repo().dirty(&paths), [""; 0]);
    fs::write(tree.root().join(".git/index"), "no index").unwrap();
    assert_eq!(tree.repo().dirty(&paths), paths);
}

#[test]
fn what_is_bit_by_bit_what_git_has_is_clean() {
    let names = ["a.py", "changed.py", "run.sh", "staged.py", "touched.py"];
    let tree = Tree::git(&names.map(|name| (name, "1\n")));
    tree.write("changed.py", "2\n");
    tree.write("staged.py", "2\n");
    assert!(Command::new("git").current_dir(tree.root()).args(["add", "staged.py"]).status().unwrap().success());
    tree.write("staged.py", "1\n");
    tree.write("touched.py", "1\n");
    tree.write("new.py", "1\n");
    fs::set_permissions(tree.root().join("run.sh"), Permissions::from_mode(0o755)).unwrap();
    let read = ["changed.py", "new.py", "staged.py", "a.py", "touched.py", "run.sh"].map(|path| {
        let (bytes, state) = tree.repo().read_all(&[path.to_owned()]).remove(0).unwrap();
        (path, bytes, state)
    });
    let mut files: Vec<_> = read.iter().map(|(path, bytes, state)| (*path, Some((&**bytes, *state)))).collect();
    files.extend([("none.py", None), ("../a.py", None), ("", None), ("/a.py", None)]);
    assert_eq!(tree.repo().dirty_among(&files), ["changed.py", "new.py", "staged.py", "run.sh"]);
    let paths: Vec<String> = read.iter().map(|(path, ..)| (*path).to_owned()).collect();
    assert_eq!(tree.repo().dirty(&paths), ["changed.py", "new.py", "staged.py", "run.sh"], "git says the same");
    assert_eq!(tree.repo().dirty_among(&[]), [""; 0]);
}

#[test]
fn last_commits_are_found_in_one_walk() {
    let tree = Tree::git(&[("a.py", "1"), ("src/b.py", "1"), ("src/deep/c.py", "1"), ("src-x/d.py", "1")]);
    tree.write("src/b.py", "2");
    tree.commit("second", 1_700_000_100);
    tree.write("a.py", "2");
    tree.write("src-x/d.py", "2");
    tree.commit("third", 1_700_000_200);
    tree.write("src/deep/c.py", "not committed");
    let paths =
        ["src/b.py", "a.py", "src/deep/c.py", "src-x/d.py", "none.py", "a.py", "src", "../a.py"].map(str::to_owned);
    let seconds: Vec<Option<i64>> =
        tree.repo().last_commits(&paths).into_iter().map(|time| time.map(Timestamp::as_second)).collect();
    let after = |seconds: i64| Some(1_700_000_000 + seconds);
    assert_eq!(seconds, [after(100), after(200), after(0), after(200), None, after(200), after(100), None]);
}

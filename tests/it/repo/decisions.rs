//! Files below `.quell`: whole, never replaced, never outside.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use quell::repo::kept::Shelf;

use crate::support::tree::{Tree, kept};

#[test]
fn a_file_is_created_once() {
    let tree = Tree::git(&[("a.py", "")]);
    let repo = tree.repo();
    assert_eq!(repo.create_kept(Shelf::Tree, "decisions/2026-11/one.json", b"{}\n"), Ok(Shelf::Tree));
    assert_eq!(repo.create_kept(Shelf::Tree, "decisions/2026-11/two.json", b"2"), Ok(Shelf::Tree));
    let error = repo.create_kept(Shelf::Tree, "decisions/2026-11/one.json", b"other").unwrap_err();
    assert!(error.to_string().contains("one.json: cannot be created: file exists"), "{error}");
    let (files, problems) = kept(&repo, "decisions");
    assert_eq!(problems, []);
    let expected = [(".quell/decisions/2026-11/one.json", "{}\n"), (".quell/decisions/2026-11/two.json", "2")];
    assert_eq!(files, expected.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec())));
    assert_eq!(tree.leftovers(&repo), [""; 0]);
    assert_eq!(kept(&repo, "none"), (vec![], vec![]));
}

#[test]
fn only_what_a_killed_writer_left_is_removed() {
    let kept = [
        ".quell/decisions/2026-11/.a.json.quell-0123456789abcde",
        ".quell/decisions/2026-11/.a.json.quell-0123456789abcdefa",
        ".quell/decisions/2026-11/a.json.quell-0123456789abcdef",
        ".quell/reports/.a.sarif.quell-0123456789abcdef",
        "src/.a.py.quell-0123456789abcdef",
    ];
    let left =
        [".quell/decisions/2025-01/.a.json.quell-0123456789abcdef", ".quell/decisions/.b.quell-00000000ffffffff"];
    let tree = Tree::git(&[]);
    for path in kept.iter().chain(&left) {
        tree.write(path, "half");
    }
    tree.repo().create_kept(Shelf::Tree, "decisions/2026-11/one.json", b"{}\n").unwrap();
    for path in kept {
        assert!(tree.root().join(path).exists(), "{path}");
    }
    for path in left {
        assert!(!tree.root().join(path).exists(), "{path}");
    }
}

#[test]
fn what_another_writer_is_writing_stays() {
    let half = ".quell/decisions/2026-11/.a.json.quell-0123456789abcdef";
    let tree = Tree::git(&[(half, "half")]);
    let repo = tree.repo();
    repo.recover().unwrap();
    let lock = fs::File::open(repo.state_dir().join("lock")).unwrap();
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive).unwrap();
    let error = repo.create_kept(Shelf::Tree, "decisions/2026-11/one.json", b"{}\n").unwrap_err().to_string();
    assert!(error.contains("another Quell is writing here"), "{error}");
    assert!(tree.root().join(half).exists());
}

#[test]
fn nothing_is_created_or_read_outside() {
    let outside = Tree::plain(&[("secret.json", "key")]);
    let tree = Tree::git(&[("a.py", ""), (".quell/decisions/x", "x")]);
    symlink(outside.root(), tree.root().join(".quell/decisions/out")).unwrap();
    symlink(outside.root(), tree.root().join(".quell/views")).unwrap();
    symlink(outside.root().join("secret.json"), tree.root().join(".quell/decisions/link.json")).unwrap();
    let repo = tree.repo();
    for path in [
        "a.json",
        "",
        "/",
        "../a.json",
        "decisions/../../a.json",
        "/.quell/a",
        ".git/a",
        "decisions/out/a.json",
        "views/a.json",
        "decisions/x/a.json",
    ] {
        assert!(repo.create_kept(Shelf::Tree, path, b"x").is_err(), "{path}");
    }
    assert_eq!(fs::read_dir(outside.root()).unwrap().count(), 1);
    let (files, problems) = kept(&repo, "decisions");
    assert_eq!(files, [(".quell/decisions/x".to_owned(), b"x".to_vec())]);
    let named: Vec<&str> = problems.iter().map(|problem| problem.file.as_str()).collect();
    assert_eq!(named, [".quell/decisions/link.json", ".quell/decisions/out"]);
    let (files, problems) = kept(&repo, "views");
    assert_eq!((files.len(), problems.len()), (0, 1));
    assert_eq!(kept(&repo, "../..").0, []);
}

#[test]
fn a_file_instead_of_the_folder_is_told() {
    let tree = Tree::git(&[("a.py", ""), (".quell/decisions", "")]);
    let (files, problems) = kept(&tree.repo(), "decisions");
    assert_eq!(files, []);
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(told, [".quell/decisions: decisions is a file, not a folder"]);
    let error = tree.repo().create_kept(Shelf::Tree, "decisions/a.json", b"x").unwrap_err().to_string();
    assert!(error.contains("decisions is a file, not a folder"), "{error}");
}

#[test]
fn a_link_instead_of_the_folder_is_refused() {
    let outside = Tree::plain(&[]);
    let tree = Tree::git(&[("a.py", "")]);
    symlink(outside.root(), tree.root().join(".quell")).unwrap();
    assert!(tree.repo().create_kept(Shelf::Tree, "decisions/a.json", b"x").is_err());
    assert_eq!(fs::read_dir(outside.root()).unwrap().count(), 0);
}

#[test]
#[expect(clippy::print_stdout, reason = "a test that cannot run says so")]
fn in_a_tree_that_cannot_be_written_it_goes_to_the_state_folder() {
    if rustix::process::geteuid().is_root() {
        println!("skipped: root can write everywhere");
        return;
    }
    let tree = Tree::git(&[("a.py", "")]);
    let set = |mode| fs::set_permissions(tree.root(), fs::Permissions::from_mode(mode)).unwrap();
    let repo = tree.repo();
    set(0o555);
    assert_eq!(repo.create_kept(Shelf::Tree, "decisions/2026/a.json", b"{}"), Ok(Shelf::Private));
    let again = repo.create_kept(Shelf::Tree, "decisions/2026/a.json", b"other");
    let (files, problems) = kept(&repo, "decisions");
    set(0o755);
    assert!(again.unwrap_err().to_string().contains("file exists"));
    let [(path, bytes)] = files.as_slice() else { unreachable!("{files:?}") };
    assert!(path.starts_with(tree.state().to_str().unwrap()) && path.ends_with("/decisions/2026/a.json"), "{path}");
    assert_eq!((bytes.as_slice(), problems), (b"{}".as_slice(), vec![]));
}

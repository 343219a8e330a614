//! Reads stay inside the root, whatever a report calls a file.

use std::fs;
use std::os::unix::fs::symlink;

use quell::repo::read::ReadError;

use crate::support::tree::Tree;

#[test]
fn no_spelling_leads_out_of_the_root_or_into_git() {
    let tree = Tree::git(&[("src/a.py", "a\n")]);
    // On Linux these are ordinary folders; elsewhere they are .git.
    for name in [".GIT", "git~1", ".git.", ".git ", ".g\u{200c}it", ".git::$INDEX_ALLOCATION"] {
        tree.write(&format!("{name}/config"), "secret");
    }
    let repo = tree.repo();
    let root = tree.root().to_str().unwrap();
    for path in [
        "",
        "/",
        "/etc/passwd",
        &format!("{root}/src/a.py"),
        "..",
        "../x",
        "src/../../x",
        "src/../src/a.py",
        "./src/a.py",
        "src//a.py",
        "src/a.py/",
        "src\\a.py",
        "..\\x",
        "src/a.py\0",
        ".git/config",
        ".git",
        ".GIT/config",
        ".Git/config",
        "git~1/config",
        "GIT~1/config",
        ".git./config",
        ".git.../config",
        ".git /config",
        ".git . ./config",
        ".git::$INDEX_ALLOCATION/config",
        ".git:x/config",
        ".g\u{200c}it/config",
        "\u{feff}.git\u{200f}/config",
        "sub/.git/config",
        "src/.git",
        ".hg/hgrc",
        "sub/.HG/hgrc",
        ".jj/repo/config.toml",
        ".svn. /wc.db",
    ] {
        assert_eq!(repo.read(path), Err(ReadError::Outside), "{path:?}");
        assert_eq!(repo.file_state(path), Err(ReadError::Outside), "{path:?}");
    }
    assert_eq!(repo.read("src/a.py").unwrap(), b"a\n");
    assert_eq!(repo.file_state("src/a.py").unwrap().bytes, 2);
}

#[test]
fn names_that_only_look_like_git_are_read() {
    let names = [
        ".gitignore",
        ".github/workflows/ci.yml",
        "git",
        "git~2",
        ".gitx",
        "a.git",
        "é/ü.py",
        "aux.c",
        "a b",
        ".hgignore",
        "hg",
        ".jjx",
    ];
    let files: Vec<(&str, &str)> = names.iter().map(|name| (*name, "x")).collect();
    let repo = Tree::git(&files);
    for name in names {
        assert_eq!(repo.repo().read(name).unwrap(), b"x", "{name}");
    }
}

#[test]
fn links_are_never_followed() {
    let outside = Tree::plain(&[("secret", "key"), ("folder/secret", "key")]);
    let tree = Tree::git(&[("src/a.py", "a")]);
    symlink(outside.root().join("secret"), tree.root().join("link")).unwrap();
    symlink(outside.root(), tree.root().join("out")).unwrap();
    symlink("src", tree.root().join("in")).unwrap();
    symlink("link", tree.root().join("again")).unwrap();
    let repo = tree.repo();
    assert_eq!(repo.read("link"), Err(ReadError::NotAFile("symbolic link")));
    assert_eq!(repo.read("again"), Err(ReadError::NotAFile("symbolic link")));
    for path in ["out/secret", "out/folder/secret", "in/a.py"] {
        assert_eq!(repo.read(path), Err(ReadError::NotAFile("path through a symbolic link")), "{path}");
    }
}

#[test]
fn only_regular_files_are_read_and_nothing_blocks() {
    let tree = Tree::git(&[("src/a.py", "a")]);
    rustix::fs::mknodat(
        rustix::fs::CWD,
        tree.root().join("pipe"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(tree.root().join("socket")).unwrap();
    let huge = fs::File::create(tree.root().join("huge")).unwrap();
    huge.set_len(quell::repo::read::MAX_SOURCE + 1).unwrap();
    let repo = tree.repo();
    for (path, error) in [
        ("pipe", ReadError::NotAFile("pipe")),
        ("socket", ReadError::NotAFile("socket")),
        ("src", ReadError::NotAFile("folder")),
        ("huge", ReadError::TooLarge(quell::repo::read::MAX_SOURCE + 1)),
        ("none", ReadError::Missing),
        ("none/none", ReadError::Missing),
        ("src/a.py/b", ReadError::Missing),
        (&"x".repeat(300), ReadError::Missing),
    ] {
        assert_eq!(repo.read(path), Err(error), "{path}");
    }
}

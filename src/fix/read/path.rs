//! The file that a diff or a block means. Nothing is guessed by the end of a path: a diff for a file that is gone must
//! not find another of the same name.

use crate::repo::Repo;
use crate::repo::read::ReadError;

/// Prefixes of git's diffs: `a/` and `b/`, and those of `diff.mnemonicPrefix`.
const PREFIXES: [&str; 6] = ["a/", "b/", "c/", "i/", "o/", "w/"];

/// A path of the repository, or as it was stated with the reason why it is not one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Meant {
    pub(super) path: String,
    pub(super) refused: Option<String>,
}

impl Meant {
    fn refused(path: &str, reason: &str) -> Self {
        Self { path: path.to_owned(), refused: Some(reason.to_owned()) }
    }
}

/// The file that the two names of a diff mean. Where both have a prefix it is taken off; else the names as they stand
/// come first, then without their first component, as `diff -r old new` writes them.
pub(super) fn of_names(repo: &Repo, folder: &str, old: &[u8], new: &[u8]) -> Meant {
    let (Ok(old), Ok(new)) = (std::str::from_utf8(old), std::str::from_utf8(new)) else {
        return Meant::refused(&String::from_utf8_lossy(new), "its path is not UTF-8");
    };
    let bare = |name: &str| PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix)).map(str::to_owned);
    if let (Some(old), Some(new)) = (bare(old), bare(new))
        && old == new
    {
        return of_path(repo, folder, &new);
    }
    let shorter = |name: &str| name.split_once('/').map(|(_, rest)| rest.to_owned());
    let names = [Some(new.to_owned()), Some(old.to_owned()), shorter(new), shorter(old)];
    let mut names = names.into_iter().flatten();
    let found = names.find(|name| is_file(repo, folder, name));
    of_path(repo, folder, found.as_deref().unwrap_or(new))
}

/// A name of a diff without the prefix of git.
pub(super) fn without_prefix(name: &str) -> &str {
    PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name)
}

/// The file that a path means: below the root, or below the folder, or absolute and below the root.
pub(super) fn of_path(repo: &Repo, folder: &str, stated: &str) -> Meant {
    let path = local(repo, stated);
    let below = format!("{folder}/{path}");
    match repo.file_state(&path) {
        Err(ReadError::Outside) if path.is_empty() => Meant::refused(stated, "it names no file"),
        Err(error @ (ReadError::Outside | ReadError::NotAFile(_))) => Meant::refused(stated, &error.to_string()),
        Err(ReadError::Missing) if !folder.is_empty() && repo.file_state(&below).is_ok() => {
            Meant { path: below, refused: None }
        }
        Ok(_) | Err(_) => Meant { path, refused: None },
    }
}

fn is_file(repo: &Repo, folder: &str, stated: &str) -> bool {
    let path = local(repo, stated);
    repo.file_state(&path).is_ok() || (!folder.is_empty() && repo.file_state(&format!("{folder}/{path}")).is_ok())
}

/// Without `./` and, where the path is absolute, without the root.
fn local(repo: &Repo, stated: &str) -> String {
    let below = repo.root().to_str().and_then(|root| stated.strip_prefix(root)?.strip_prefix('/'));
    let mut path = below.unwrap_or(stated);
    while let Some(rest) = path.strip_prefix("./") {
        path = rest;
    }
    path.to_owned()
}

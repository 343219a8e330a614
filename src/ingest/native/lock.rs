//! The line of a package in a lock file of the repository, found by plain text.

use crate::repo::Repo;

use super::write::{Location, Region};

/// A line, from 1, in a file of the repository.
#[derive(Debug, Default)]
pub(super) struct Pinned {
    pub(super) path: String,
    pub(super) line: Option<i64>,
    /// The version that the file names.
    pub(super) version: Option<String>,
}

impl Pinned {
    /// The file, at the line if that is known.
    pub(super) fn location(&self) -> Location {
        let location = Location::new(&self.path);
        match self.line {
            Some(line) => location.at(Region::lines(Some(line), Some(line))),
            None => location,
        }
    }
}

/// The lines of a file, numbered from 1.
pub(super) struct Lock {
    path: String,
    text: String,
}

impl Lock {
    /// The first of these files that the repository has.
    pub(super) fn first(repo: &Repo, paths: &[&str]) -> Option<Self> {
        paths.iter().find_map(|path| {
            let bytes = repo.read(path).ok()?;
            Some(Self { path: (*path).to_owned(), text: String::from_utf8_lossy(&bytes).into_owned() })
        })
    }

    /// The files of the repository whose name fits, at most so many.
    pub(super) fn all(repo: &Repo, is_meant: impl Fn(&str) -> bool, most: usize) -> Vec<Self> {
        let files = repo.files();
        let paths: Vec<&str> = files.iter().map(String::as_str).filter(|path| is_meant(path)).take(most).collect();
        paths.iter().filter_map(|path| Self::first(repo, &[path])).collect()
    }

    fn lines(&self) -> impl Iterator<Item = (i64, &str)> {
        (1..).zip(self.text.lines().map(str::trim))
    }

    fn pinned(&self, line: i64, version: Option<String>) -> Pinned {
        Pinned { path: self.path.clone(), line: Some(line), version }
    }

    /// A node of `package-lock.json` from version 2 on, such as `node_modules/a/node_modules/b`.
    pub(super) fn npm_node(&self, node: &str) -> Option<Pinned> {
        let start = format!("\"{node}\":");
        let mut rest = self.lines().skip_while(|(_, text)| !text.starts_with(&start));
        let (line, _) = rest.next()?;
        let version = rest.take_while(|(_, text)| !text.starts_with('}')).find_map(|(_, text)| {
            let value = text.strip_prefix("\"version\":")?;
            Some(value.trim().trim_end_matches(',').trim_matches('"').to_owned())
        });
        Some(self.pinned(line, version))
    }

    /// A `[[package]]` of the lock files of cargo, poetry, pdm and uv.
    pub(super) fn toml_package(&self, name: &str, version: &str) -> Option<Pinned> {
        let (name_line, version_line) = (format!("name = \"{name}\""), format!("version = \"{version}\""));
        let mut before = "";
        let (line, _) = self.lines().find(|(_, text)| {
            let is_meant = before == name_line && *text == version_line;
            before = text;
            is_meant
        })?;
        Some(self.pinned(line - 1, Some(version.to_owned())))
    }

    /// `name==version` of a requirements file.
    pub(super) fn requirement(&self, name: &str, version: &str) -> Option<Pinned> {
        let is_meant = |text: &str| {
            let (stated, pin) = text.split_once("==")?;
            let stated = stated.split('[').next()?.trim();
            let pin = pin.split([' ', ';', '#', '\\']).next()?.trim();
            (plain(stated) == plain(name) && pin == version).then_some(())
        };
        let (line, _) = self.lines().find(|(_, text)| is_meant(text).is_some())?;
        Some(self.pinned(line, Some(version.to_owned())))
    }

    /// The file alone.
    pub(super) fn file(&self) -> Pinned {
        Pinned { path: self.path.clone(), ..Pinned::default() }
    }
}

/// A Python package's name as PEP 503 compares it.
fn plain(name: &str) -> String {
    name.to_ascii_lowercase().replace(['_', '.'], "-")
}

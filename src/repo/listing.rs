//! The list of the repository's files, ordered from the last component to the first.

use std::collections::BTreeSet;
use std::ops::Range;

use ignore::WalkBuilder;

use super::Repo;
use super::path::components;

/// Most files that are listed; what lies behind is found only by its whole path.
const MAX_FILES: usize = 500_000;

/// Tracked files, and untracked ones that are not ignored.
pub(super) struct Listing {
    /// Each path backwards, every component ended by `/` (`models.py/app/`), sorted: the files that end in the
    /// same components lie side by side.
    backwards: Vec<String>,
}

impl Listing {
    pub(super) fn read(repo: &Repo) -> Self {
        let mut backwards: Vec<String> = repo.files().iter().map(|path| backward(path.split('/'))).collect();
        backwards.sort_unstable();
        Self { backwards }
    }

    /// The one file that shares the most last components with `path` (with `/`), and how many; `None` if no file shares
    /// any, or several share as many.
    pub(super) fn by_suffix(&self, path: &str) -> Option<(String, usize)> {
        if self.backwards.is_empty() {
            return None;
        }
        let mut suffix = String::new();
        let mut best = (0..0, 0);
        let mut range = 0..self.backwards.len();
        for (count, component) in path.rsplit('/').filter(|component| !component.is_empty()).enumerate() {
            suffix.push_str(component);
            suffix.push('/');
            range = self.starting_with(&suffix, range);
            if range.is_empty() {
                break;
            }
            best = (range.clone(), count + 1);
        }
        let (range, shared) = best;
        match self.backwards.get(range)? {
            [only] => Some((forward(only), shared)),
            _ => None,
        }
    }

    fn starting_with(&self, suffix: &str, within: Range<usize>) -> Range<usize> {
        let slice = self.backwards.get(within.clone()).unwrap_or_default();
        let start = slice.partition_point(|path| path.as_str() < suffix);
        let length = slice.get(start..).unwrap_or_default().partition_point(|path| path.starts_with(suffix));
        within.start + start..within.start + start + length
    }
}

impl Repo {
    /// Paths of the tracked files, and of untracked ones that are not ignored, sorted; whether they are there, and are
    /// files, is not asked of those that git tracks.
    pub fn files(&self) -> Vec<String> {
        let paths: BTreeSet<String> = indexed(self).into_iter().chain(walked(self)).take(MAX_FILES).collect();
        paths.into_iter().collect()
    }
}

fn backward<'a>(components: impl DoubleEndedIterator<Item = &'a str>) -> String {
    components.rev().fold(String::new(), |path, component| path + component + "/")
}

fn forward(backwards: &str) -> String {
    let mut components: Vec<&str> = backwards.split_terminator('/').collect();
    components.reverse();
    components.join("/")
}

fn indexed(repo: &Repo) -> Vec<String> {
    let Some(index) = repo.git().and_then(|git| git.index().ok()) else { return Vec::new() };
    index.iter().filter_map(|entry| String::from_utf8(entry.path).ok()).filter(|path| is_listed(path)).collect()
}

fn walked(repo: &Repo) -> impl Iterator<Item = String> {
    let root = repo.root.clone();
    let walk = WalkBuilder::new(&root).hidden(false).require_git(false).follow_links(false).build();
    // A folder that cannot be read costs its own files.
    walk.filter_map(Result::ok).filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file())).filter_map(
        move |entry| {
            let path = entry.path().strip_prefix(&root).ok()?.to_str()?.to_owned();
            is_listed(&path).then_some(path)
        },
    )
}

fn is_listed(path: &str) -> bool {
    components(path).is_ok() && !path.starts_with(".quell/")
}

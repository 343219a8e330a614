//! Where files went: from a commit to the working tree, by what they hold.
//!
//! Git pairs each file that is gone with the new one that is most like it. Here a file goes nowhere rather than to
//! one of two that are nearly as like, such as the same file of another environment, or whose paths say otherwise.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use git2::{Delta, DiffOptions};

use super::Repo;
use super::path::components;

/// Least part of a file that has to be the same.
const SIMILAR: f64 = 0.6;

/// How much more the right file is alike than any other.
const MARGIN: f64 = 0.1;

/// Most files on either side that are compared.
const MAX_COMPARED: usize = 1_000;

/// Largest file that is compared, in bytes.
const MAX_BYTES: usize = 1 << 20;

impl Repo {
    /// Where the files of a commit went that are not at their place in the working tree any more, untracked files
    /// included: old path to new. Empty where the revision or git is missing, and where more than 1,000 files are gone
    /// or new. `revision` is a commit id.
    pub fn renames_since(&self, revision: &str) -> BTreeMap<String, String> {
        let Some((gone, new)) = self.gone_and_new(revision) else { return BTreeMap::new() };
        let snapshot = self.snapshot(revision);
        let gone = sketched(gone, |path| snapshot.as_ref()?.read(path));
        let new = sketched(new, |path| self.read(path).ok());
        let found = gone.iter().filter_map(|old| {
            let there = best(old, &new)?;
            let back = best(there, &gone)?;
            (back.path == old.path).then(|| (old.path.clone(), there.path.clone()))
        });
        found.collect()
    }

    fn gone_and_new(&self, revision: &str) -> Option<(Vec<String>, Vec<String>)> {
        let git = self.git()?;
        let tree = git.revparse_single(revision).ok()?.peel_to_tree().ok()?;
        let mut options = DiffOptions::new();
        options.include_untracked(true).recurse_untracked_dirs(true).ignore_submodules(true);
        let diff = git.diff_tree_to_workdir_with_index(Some(&tree), Some(&mut options)).ok()?;
        let (mut gone, mut new) = (Vec::new(), Vec::new());
        for delta in diff.deltas() {
            let (side, list) = match delta.status() {
                Delta::Deleted => (delta.old_file(), &mut gone),
                Delta::Added | Delta::Untracked => (delta.new_file(), &mut new),
                _ => continue,
            };
            let path = side.path_bytes().and_then(|path| std::str::from_utf8(path).ok());
            list.extend(path.filter(|path| components(path).is_ok()).map(str::to_owned));
        }
        (gone.len() <= MAX_COMPARED && new.len() <= MAX_COMPARED).then_some((gone, new))
    }
}

/// A file as far as it is compared: bytes by line, whatever the line ends.
struct Sketch {
    path: String,
    lines: HashMap<u64, usize>,
    bytes: usize,
}

fn sketched(paths: Vec<String>, read: impl Fn(&str) -> Option<Vec<u8>>) -> Vec<Sketch> {
    let sketch = |path: String| {
        let bytes = read(&path).filter(|bytes| bytes.len() <= MAX_BYTES)?;
        let mut lines = HashMap::new();
        for line in bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end).filter(|line| !line.is_empty()) {
            let mut hasher = DefaultHasher::new();
            line.hash(&mut hasher);
            *lines.entry(hasher.finish()).or_default() += line.len();
        }
        let bytes = lines.values().sum();
        Some(Sketch { path, lines, bytes })
    };
    paths.into_iter().filter_map(sketch).collect()
}

/// The one that is most like a file, or nearly so, and that shares more of its path than any other that is like it.
fn best<'a>(file: &Sketch, others: &'a [Sketch]) -> Option<&'a Sketch> {
    let alike = others.iter().map(|other| (similarity(file, other), shared_end(&file.path, &other.path), other));
    let alike: Vec<(f64, usize, &Sketch)> = alike.filter(|(part, ..)| *part >= SIMILAR).collect();
    let most = alike.iter().map(|(part, ..)| *part).max_by(f64::total_cmp)?;
    let nearest = alike.iter().map(|(_, end, _)| *end).max()?;
    let mut winners = alike.iter().filter(|(part, end, _)| *part > most - MARGIN && *end == nearest);
    match (winners.next(), winners.next()) {
        (Some((.., only)), None) => Some(only),
        _ => None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "at most a million bytes")]
fn similarity(one: &Sketch, two: &Sketch) -> f64 {
    let shared: usize =
        one.lines.iter().map(|(line, bytes)| (*bytes).min(two.lines.get(line).copied().unwrap_or(0))).sum();
    shared as f64 / one.bytes.max(two.bytes).max(1) as f64
}

/// Components that two paths have in common at their ends.
fn shared_end(one: &str, two: &str) -> usize {
    one.rsplit('/').zip(two.rsplit('/')).take_while(|(a, b)| a == b).count()
}

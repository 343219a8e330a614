//! Lines that a commit took out of one place and put in at another, in the same file or in another one.

use std::collections::HashMap;
use std::path::Path;

use git2::{Delta, Repository, Tree};

use super::follow::bytes;
use super::line_map::{LineMap, TOGETHER, by_lines, in_one_piece, squeezed};

/// Lines that have to go together into another file: three are soon the same by chance.
const INTO_ANOTHER: usize = 4;

/// Most files of a commit that are looked through.
const MAX_FILES: usize = 300;
/// Most places that a line is compared with: one of so many says little.
const MAX_PLACES: usize = 100;

/// The lines that a commit added.
pub(super) struct Added {
    files: Vec<File>,
}

struct File {
    path: String,
    text: Vec<Vec<u8>>,
    /// Numbers of added lines, 1-based, by their text without white space.
    lines: HashMap<Vec<u8>, Vec<u32>>,
}

impl Added {
    pub(super) fn by(git: &Repository, old: &Tree<'_>, new: &Tree<'_>) -> Result<Self, git2::Error> {
        let diff = git.diff_tree_to_tree(Some(old), Some(new), None)?;
        let changed = diff.deltas().filter(|delta| matches!(delta.status(), Delta::Added | Delta::Modified));
        let path = |delta: git2::DiffDelta<'_>| String::from_utf8(delta.new_file().path_bytes()?.to_vec()).ok();
        let file = |path: String| {
            let text = bytes(git, new, &path)?;
            let before = bytes(git, old, &path).unwrap_or_default();
            let map = LineMap::between(&before, &text)?;
            let mut lines: HashMap<Vec<u8>, Vec<u32>> = HashMap::new();
            for (number, line) in map.added() {
                lines.entry(squeezed(line).collect()).or_default().push(number);
            }
            let text = by_lines(&text).map(<[u8]>::to_vec).collect();
            Some(File { path, text, lines })
        };
        Ok(Self { files: changed.filter_map(path).take(MAX_FILES).filter_map(file).collect() })
    }

    /// Where a 1-based line of a file went in one piece with enough of the lines around it, and where no other place has as
    /// many. A file of another kind is none.
    pub(super) fn place_of(&self, path: &str, lines: &[&[u8]], line: u32) -> Option<(&str, u32)> {
        let own: Vec<u8> = squeezed(lines.get(line.checked_sub(1)? as usize)?).collect();
        let kind = Path::new(path).extension();
        let files = self.files.iter().filter(|file| Path::new(&file.path).extension() == kind);
        let places = files.filter_map(|file| Some((file, file.lines.get(&own)?)));
        let places = places.flat_map(|(file, numbers)| numbers.iter().map(move |number| (file, *number)));
        let places: Vec<(&File, u32)> = places.take(MAX_PLACES + 1).collect();
        if places.len() > MAX_PLACES {
            return None;
        }
        let shared = |file: &File, number: u32| in_one_piece(lines, line as usize, &file.text, number as usize);
        let mut places: Vec<(usize, &str, u32)> =
            places.into_iter().map(|(file, number)| (shared(file, number), file.path.as_str(), number)).collect();
        places.sort_unstable_by(|a, b| b.cmp(a));
        match places.as_slice() {
            [(shared, to, line), rest @ ..] if rest.first().is_none_or(|(other, ..)| other < shared) => {
                let least = if *to == path { TOGETHER } else { INTO_ANOTHER };
                (*shared >= least).then_some((to, *line))
            }
            _ => None,
        }
    }
}

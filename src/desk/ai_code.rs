//! Whether code is what a model has read.

use std::collections::HashMap;

use crate::model::ai::{Cached, Opinion, Says};
use crate::model::backlog::{Backlog, ResultIdx};
use crate::model::detail::{Detail, Location};
use crate::repo::Repo;
use crate::repo::tree::sha256;
use crate::source::TreeFile;

/// Lines on both sides of the flagged ones that have to be as they were at the commit that was scanned.
const AROUND: usize = 3;

/// Bytes by lines, each of which ends at a line feed.
struct Text {
    bytes: Vec<u8>,
    /// Where each line starts, and one more, as if the end were a line feed.
    starts: Vec<usize>,
}

impl Text {
    fn new(bytes: Vec<u8>) -> Self {
        let ends = memchr::memchr_iter(b'\n', &bytes).map(|at| at + 1);
        let starts = std::iter::once(0).chain(ends).chain([bytes.len() + 1]).collect();
        Self { bytes, starts }
    }

    /// Lines `first..=last`, from 1, without the last line feed; `None` where it has no such lines.
    fn part(&self, first: usize, last: usize) -> Option<&[u8]> {
        self.bytes.get(*self.starts.get(first.checked_sub(1)?)?..*self.starts.get(last)? - 1)
    }

    /// Lines `first..=last`, from 1, and those around them, as far as it has them, without white space at their ends.
    fn around(&self, first: usize, last: usize) -> Vec<&[u8]> {
        let last = last.saturating_add(AROUND).min(self.starts.len() - 1);
        let lines = first.saturating_sub(AROUND).max(1)..=last;
        lines.filter_map(|line| self.part(line, line)).map(<[u8]>::trim_ascii).collect()
    }
}

/// Files of the tree that entries of caches cite, each read once.
pub(super) struct Texts<'r> {
    repo: &'r Repo,
    /// `None` for one that cannot be read.
    read: HashMap<String, Option<Text>>,
}

impl<'r> Texts<'r> {
    pub(super) fn new(repo: &'r Repo) -> Self {
        Self { repo, read: HashMap::new() }
    }

    fn of(&mut self, path: &str) -> Option<&Text> {
        if !self.read.contains_key(path) {
            self.read.insert(path.to_owned(), self.repo.read(path).ok().map(Text::new));
        }
        self.read.get(path)?.as_ref()
    }

    /// The hash of the code that an entry is about (see [`Opinion::code`]), or why that is not the code which is there: its
    /// own hash is that of the flagged lines and of all that it cites.
    pub(super) fn read_by(&mut self, cached: &Cached, location: &Location) -> Result<String, &'static str> {
        let Opinion { evidence, cites, .. } = &cached.opinion;
        if cached.mark.says == Says::FalsePositive && cites.is_empty() {
            return Err("it cites no line for what it says");
        }
        let first = location.region.line;
        let flagged = (cached.file.to_string(), first, location.region.end_line.max(first));
        match self.hashes_of(flagged, cites) {
            Some((named, bare)) if evidence.as_ref() == Some(&named) => Ok(bare),
            _ => Err("the lines that it cites are not as the model has read them"),
        }
    }

    /// Two hashes of the flagged lines and of those that are cited: `codeHash` of sast-triage, SHA-256 over each part's name
    /// and lines, and one of the lines alone. `None` where one cannot be read.
    fn hashes_of(&mut self, flagged: (String, u32, u32), cites: &[String]) -> Option<(String, String)> {
        let (mut named, mut bare) = (Vec::new(), Vec::new());
        let parts = std::iter::once(Some(flagged)).chain(cites.iter().map(|cited| part_of(cited)));
        for part in parts {
            let (path, first, last) = part?;
            let text = self.of(&path)?.part(usize::try_from(first).ok()?, usize::try_from(last).ok()?)?;
            let name = if last > first { format!("{path}:{first}-{last}") } else { format!("{path}:{first}") };
            named.extend([name.as_bytes(), b"\n", text, b"\0"].concat());
            bare.extend([text, b"\0"].concat());
        }
        Some((format!("sha256:{}", sha256(&named)), sha256(&bare)))
    }
}

/// `src/app.py:12-20` as path, first and last line.
fn part_of(cited: &str) -> Option<(String, u32, u32)> {
    let (path, lines) = cited.rsplit_once(':')?;
    let (first, last) = lines.split_once('-').unwrap_or((lines, lines));
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (first > 0 && last >= first && !path.is_empty()).then(|| (path.to_owned(), first, last))
}

/// Why the code of each of some results, which stand in one file, is not what its report was made on, as well as the report
/// tells it: by the hash of the file, the commit, the flagged text, and where it has none of these by the time of the file.
pub(super) fn changed(repo: &Repo, backlog: &Backlog, of_file: &[(ResultIdx, &Detail)]) -> Vec<Option<String>> {
    let Some(first) = of_file.iter().find_map(|(_, detail)| place(detail)) else { return vec![None; of_file.len()] };
    let path = &first.path;
    let now = repo.read(path).ok().map(Text::new);
    let hash = now.as_ref().map(|now| sha256(&now.bytes));
    let mut commits: HashMap<&str, Option<Text>> = HashMap::new();
    let mut file: Option<Result<TreeFile<'_>, String>> = None;
    let mut why = |result: ResultIdx, location: &Location| -> Option<String> {
        if let (Some(stated), Some(hash)) = (&location.sha256, &hash) {
            return (hash != stated).then(|| format!("{path} is not the file that the report was made on"));
        }
        let record = backlog.record(result);
        let commit = backlog.run(record).revision.as_deref().unwrap_or_default();
        let then = commits.entry(commit).or_insert_with(|| repo.blob_at(commit, path).map(Text::new));
        if let Some(then) = then {
            let first = location.line();
            let (first, last) = (first as usize, location.region.end_line.max(first) as usize);
            let is_same = match &now {
                Some(now) if first > 0 => then.around(first, last) == now.around(first, last),
                now => now.as_ref().map(|now| &now.bytes) == Some(&then.bytes),
            };
            let commit: String = commit.chars().take(10).collect();
            return (!is_same)
                .then(|| format!("{path} is not here as it was at {commit}, which the report was made on"));
        }
        let file = file.get_or_insert_with(|| TreeFile::read(repo, first)).as_ref().map_err(String::clone);
        match file.and_then(|file| file.is_changed(location, backlog.report(record).made)) {
            Ok(false) => None,
            // The report's own copy of the code is of another file than the one that is there.
            Err(reason) if location.snippet.is_none() && location.context.is_none() => Some(reason),
            Ok(true) | Err(_) => Some(format!("{path} has changed since the report was made")),
        }
    };
    of_file.iter().map(|&(result, detail)| place(detail).and_then(|location| why(result, location))).collect()
}

/// Where a result stands, if that is in a file.
fn place(detail: &Detail) -> Option<&Location> {
    detail.locations.first().filter(|location| !location.path.is_empty())
}

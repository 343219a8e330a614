//! What the tree says about results.

use crate::model::backlog::{Backlog, ResultIdx};
use crate::model::evidence::{Entry, Polarity, Rung, Strength};
use crate::model::exposure::Exposure;
use crate::model::role::Role;
use crate::reach::judge::PlaceFacts;
use crate::repo::Repo;

use super::declared::Place;
use super::texts::Texts;
use super::{functions, packages};

/// What the tree says of one package, function or file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    pub rung: Rung,
    pub polarity: Polarity,
    pub strength: Strength,
    pub entry: Entry,
    /// In words.
    pub words: String,
    /// Where it says so, relative to the repository; empty where that is in no one place.
    pub file: String,
    /// 1-based, 0 where it is no line.
    pub line: u32,
    /// Of a package, what follows from where it is imported: better known than from the manifest that asks for it.
    pub exposure: Option<Exposure>,
}

impl Said {
    pub(super) fn of(rung: Rung, words: String) -> Self {
        Self { rung, words, ..Self::default() }
    }

    pub(super) fn at(self, place: &Place) -> Self {
        Self { file: place.file.clone(), line: place.line, ..self }
    }
}

/// What the tree says of the results of a backlog.
#[derive(Debug, Default, PartialEq)]
pub struct Usage {
    said: Vec<Said>,
    /// Sorted by result.
    of: Vec<(ResultIdx, u32)>,
}

impl Usage {
    /// Searches the files of a repository, where a result is about a package whose imports can be read, or about a source
    /// that runs somewhere by `places`, which has each path of the backlog, as `exposure` has each file of the tree.
    pub fn search(
        repo: &Repo,
        files: &[String],
        backlog: &Backlog,
        places: &[PlaceFacts],
        exposure: &dyn Fn(&str) -> Exposure,
    ) -> Self {
        let wanted = packages::wanted(backlog);
        let is_running_source = |path: u32| {
            let facts = places.get(path as usize);
            facts.is_some_and(|facts| facts.role == Role::Source && facts.exposure != Exposure::Unknown)
        };
        let flagged = functions::flagged(backlog, &is_running_source);
        let mut usage = Self::default();
        if wanted.is_empty() && flagged.is_empty() {
            return usage;
        }
        let texts = Texts::new(repo, files, backlog);
        packages::search(&texts, wanted, exposure, &mut |said, results| usage.add(said, results));
        functions::search(&texts, &flagged, &mut |said, results| usage.add(said, results));
        usage.of.sort_unstable();
        usage
    }

    fn add(&mut self, said: Said, results: &[ResultIdx]) {
        let number = u32::try_from(self.said.len()).unwrap_or(u32::MAX);
        self.said.push(said);
        self.of.extend(results.iter().map(|result| (*result, number)));
    }

    /// Results of the backlog of which this says something else than another one.
    pub fn differences<'u>(&'u self, other: &'u Self) -> impl Iterator<Item = ResultIdx> + 'u {
        let results = self.of.iter().chain(&other.of).map(|(result, _)| *result);
        results.filter(|result| self.of(*result) != other.of(*result))
    }

    /// What the tree says of what a result is about.
    pub fn of(&self, result: ResultIdx) -> Option<&Said> {
        let at = self.of.binary_search_by_key(&result, |(owner, _)| *owner).ok()?;
        self.said.get(self.of.get(at)?.1 as usize)
    }
}

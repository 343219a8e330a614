//! Results of files that were renamed between two scans: they have other ids, and are not new.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::RandomState;

use crate::repo::Repo;

use super::load::Names;
use super::state::{Kind, MOVED, Record, Seen, State};

/// Most files that went with their results which are looked for.
const MAX_FILES: usize = 1_000;

/// By path and rule: line and id of results.
type ByPlace = BTreeMap<(u32, u32), Vec<(u32, u64)>>;

/// Takes results out of what is gone that are there in a file which git takes for the one they were in: as many of a rule in
/// the one as in the other. Flagged lines that were edited make other results.
pub(super) fn follow(repo: &Repo, state: &State, names: &Names<'_>, records: &mut [Record]) {
    let mut renames: HashMap<String, BTreeMap<String, String>> = HashMap::new();
    for record in records.iter_mut().filter(|record| record.kind == Kind::Whole && !record.gone.is_empty()) {
        let last = state.series.get(usize::from(record.series)).and_then(|series| series.last.as_ref());
        let Some(commit) = last.map(|last| last.commit.clone()).filter(|commit| !commit.is_empty()) else { continue };
        let known = |id: &u64| state.find(*id).and_then(|at| state.seen.get(at));
        let gone = by_place(record.gone.iter().filter_map(known));
        let returned = record.here.iter().filter_map(known).filter(|seen| state.marks(seen) & MOVED != 0);
        let here = by_place(record.came.iter().chain(returned));
        let mut paths: Vec<u32> = gone.keys().map(|(path, _)| *path).collect();
        paths.dedup();
        let is_gone = |path: &&str| !path.is_empty() && repo.file_state(path).is_err();
        let is_any = paths.iter().take(MAX_FILES).any(|path| is_gone(&state.paths.get(*path)));
        if here.is_empty() || !is_any {
            continue;
        }
        let renamed = renames.entry(commit).or_insert_with_key(|commit| repo.renames_since(commit));
        let numbers = names.numbers_of(renamed.values());
        for ((path, rule), old) in &gone {
            let new = renamed.get(state.paths.get(*path)).and_then(|new| numbers.get(new.as_str()));
            let new = new.and_then(|path| here.get(&(*path, *rule))).filter(|new| new.len() == old.len());
            record.moved.extend(old.iter().zip(new.into_iter().flatten()).map(|((_, old), (_, new))| (*old, *new)));
        }
        let moved: HashMap<u64, u64, RandomState> = record.moved.iter().copied().collect();
        record.gone.retain(|id| !moved.contains_key(id));
    }
}

fn by_place<'s>(all: impl Iterator<Item = &'s Seen>) -> ByPlace {
    let mut places = ByPlace::new();
    for seen in all {
        places.entry((seen.path, seen.rule)).or_default().push((seen.line, seen.id));
    }
    for results in places.values_mut() {
        results.sort_unstable();
    }
    places
}

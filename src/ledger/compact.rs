//! Old events move into archives, one for each month: fewer files, the same decisions.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;

use crate::model::decision::{Event, Origin};
use crate::model::due::utc;
use crate::model::problem::Problem;
use crate::repo::Repo;
use crate::repo::kept::Shelf;

use super::archive::pack;
use super::decide::refuse;
use super::event::path_of;
use super::home::{FOLDER, Home, in_tree};
use super::read::{Trust, archives, read_with};

/// What was moved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compacted {
    /// Events that had a file of their own.
    pub events: usize,
    /// Archives that were written.
    pub archives: usize,
}

/// Moves events into archives that are older than a day and committed, with all that is linked to them: a chain moves as a
/// whole or stays. The archives hold the same whoever makes them. Nothing is lost if it is interrupted: an event that is in
/// both places is one.
pub fn compact(repo: &Repo, before: Date) -> Result<Compacted, Problem> {
    let home = Home::of(repo).0;
    let Some(tree) = home.tree() else {
        return Err(refuse(home.place(), "the decisions lie on a ref, which is not compacted", ""));
    };
    let ledger = read_with(repo, Trust::Nothing);
    if let Some(problem) = ledger.problems.into_iter().next() {
        return Err(Problem { hint: "put that right first; nothing was moved".to_owned(), ..problem });
    }
    let own = |event: &&Event| matches!(event.origin, Origin::Tree | Origin::Archive);
    let events: Vec<&Event> = ledger.events.iter().filter(own).collect();
    let file = |event: &Event| in_tree(&path_of(event));
    let loose: Vec<String> =
        events.iter().filter(|event| event.origin == Origin::Tree).map(|event| file(event)).collect();
    let committed: BTreeSet<String> = tree.committed(&loose).into_iter().collect();
    let is_old =
        |event: &Event| event.origin == Origin::Archive || utc(event.at) < before && committed.contains(&file(event));
    let mut months: BTreeMap<String, Vec<&Event>> = BTreeMap::new();
    for mut chain in chains(&events) {
        if !chain.iter().all(|event| is_old(event)) {
            // What went into an archive before somebody linked to it stays in one.
            chain.retain(|event| event.origin == Origin::Archive);
        }
        let Some(last) = chain.iter().map(|event| event.at).max() else { continue };
        months.entry(last.strftime("%Y-%m").to_string()).or_default().extend(chain);
    }
    let old = archives(tree);
    let mut compacted = Compacted::default();
    let (mut kept, mut moved) = (BTreeSet::new(), Vec::new());
    for (month, events) in &months {
        let (path, bytes) = pack(month, events.iter().copied());
        if !old.contains(&path) {
            tree.create_kept(Shelf::Tree, &format!("{FOLDER}/{path}"), &bytes)?;
            compacted.archives += 1;
        }
        kept.insert(path);
        moved.extend(events.iter().filter(|event| event.origin == Origin::Tree).map(|event| path_of(event)));
    }
    compacted.events = moved.len();
    let gone: Vec<String> = old.into_iter().filter(|path| !kept.contains(path)).chain(moved).collect();
    let gone: Vec<String> = gone.into_iter().map(|path| format!("{FOLDER}/{path}")).collect();
    let left = tree.remove_kept(Shelf::Tree, &gone);
    left.map_err(|error| Problem::of_file(FOLDER, format!("cannot be removed: {error}"), "run it again"))?;
    Ok(compacted)
}

/// Events that are linked to each other, by any number of links.
fn chains<'e>(events: &[&'e Event]) -> Vec<Vec<&'e Event>> {
    let by_id: HashMap<&str, usize> = events.iter().enumerate().map(|(at, event)| (event.id.as_str(), at)).collect();
    let mut above: Vec<usize> = (0..events.len()).collect();
    for (at, event) in events.iter().enumerate() {
        for link in event.supersedes.iter().chain(&event.about).filter_map(|id| by_id.get(id.as_str())) {
            let (one, other) = (top(&mut above, at), top(&mut above, *link));
            above[one] = other;
        }
    }
    let mut chains: BTreeMap<usize, Vec<&Event>> = BTreeMap::new();
    for (at, event) in events.iter().enumerate() {
        chains.entry(top(&mut above, at)).or_default().push(event);
    }
    chains.into_values().collect()
}

fn top(above: &mut [usize], mut at: usize) -> usize {
    while above[at] != at {
        above[at] = above[above[at]];
        at = above[at];
    }
    at
}

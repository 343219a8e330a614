//! Drafts become decisions that all see.

use std::collections::HashSet;

use crate::model::decision::Origin;
use crate::model::problem::Problem;
use crate::repo::Repo;
use crate::repo::kept::Shelf;

use super::event::{parse, path_of};
use super::home::{FOLDER, Home, drafts};

/// What was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    pub events: usize,
    /// Where to, in words.
    pub place: String,
    /// Whether that has to be committed.
    pub is_tree: bool,
    /// Drafts that are no events, and stay.
    pub problems: Vec<Problem>,
}

/// Writes drafts where decisions are shared, and what a tree that could not be written has left in the user's state folder.
/// A crash leaves them in both places, which is the same; nothing is lost and nothing counts twice.
pub fn publish(repo: &Repo) -> Result<Published, Problem> {
    let (home, wrong) = Home::of(repo);
    if let Some(problem) = wrong {
        return Err(problem);
    }
    let (mut files, mut done, mut problems) = (Vec::new(), Vec::new(), Vec::new());
    let mut known = HashSet::new();
    for (shelf, path, bytes) in drafts(repo) {
        match parse(&path, &bytes) {
            Ok(event) => {
                // One that could not be published is on both shelves.
                if known.insert(event.id.clone()) {
                    files.push((path_of(&event), bytes));
                }
                done.push((shelf, format!("{FOLDER}/{path}")));
            }
            Err(problem) => problems.push(problem),
        }
    }
    let (events, mut origin) = (files.len(), Origin::Tree);
    if events > 0 {
        let about = if events == 1 { "quell: 1 decision".to_owned() } else { format!("quell: {events} decisions") };
        origin = home.put(files, &about)?;
    }
    if origin == Origin::Private {
        return Err(Problem::of_file(
            home.place(),
            "the tree cannot be written",
            "the drafts stay; try again when it can",
        ));
    }
    for shelf in [Shelf::Drafts, Shelf::Private] {
        let paths: Vec<String> = done.iter().filter(|(at, _)| *at == shelf).map(|(_, path)| path.clone()).collect();
        let left = repo.remove_kept(shelf, &paths);
        left.map_err(|error| Problem::of_file("drafts", format!("cannot be removed: {error}"), "publish again"))?;
    }
    Ok(Published { events, place: home.place(), is_tree: origin == Origin::Tree, problems })
}

//! How the tests of this layer load reports.

use std::sync::Arc;

use quell::ingest::input::Input;
use quell::ingest::load::{Loaded, Options, Progress, load};
use quell::model::problem::Loss;

use crate::support::tree::Tree;

/// Loads files of a tree, in this order.
pub(crate) fn load_files(tree: &Tree, files: &[&str]) -> Loaded {
    load_with(tree, files, Options::default())
}

pub(crate) fn load_with(tree: &Tree, files: &[&str], options: Options) -> Loaded {
    let root = tree.repo().root().to_path_buf();
    let inputs: Vec<Input> = files.iter().map(|file| Input::File(root.join(file))).collect();
    load(&tree.repo(), &inputs, options, &Arc::new(Progress::default()))
}

/// Problems as `place: reason`, with the loss where there is one.
pub(crate) fn problems(loaded: &Loaded) -> Vec<String> {
    let line = |problem: &quell::model::problem::Problem| {
        let loss = match problem.loss {
            Loss::Nothing => "",
            Loss::Result => " [result]",
            Loss::File => " [file]",
        };
        let place = if problem.place.is_empty() { String::new() } else { format!("{}: ", problem.place) };
        format!("{place}{}{loss}", problem.reason)
    };
    loaded.backlog.problems.iter().map(line).collect()
}

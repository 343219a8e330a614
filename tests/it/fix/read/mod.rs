//! Proposals from diffs, from answers of coding agents and from other tools' files.

mod answers;
mod base;
mod diffs;
mod git;
mod hostile;
mod tools;

use quell::fix::read::format::{self, Read, Source};
use quell::model::plan::Plan;

use super::case::{planned, verdicts};
use crate::support::tree::Tree;

/// The file that the tables change: `three` becomes `3`.
const FILE: &str = "one\ntwo\nthree\nfour\nfive\nsix\nseven\n";
const FIXED: &str = "one\ntwo\n3\nfour\nfive\nsix\nseven\n";

fn read(tree: &Tree, text: &[u8]) -> Read {
    // As if the file was written after those of the tree.
    let source = Source { name: "x.patch", made: "2100-01-01T00:00:00Z".parse().ok(), ..Source::default() };
    format::read(&tree.repo(), &source, text).expect("the format is known")
}

fn plan(tree: &Tree, text: &[u8]) -> Plan {
    let read = read(tree, text);
    assert!(read.problems.is_empty(), "{:?}", read.problems);
    planned(tree, &read.proposals)
}

/// Verdicts of all proposals of a text, and the file `a.txt` as they leave it.
fn outcome(file: &str, text: &str) -> (String, String) {
    let tree = Tree::git(&[("a.txt", file)]);
    let plan = plan(&tree, text.as_bytes());
    (verdicts(&plan).join(", "), super::case::after(&tree, &plan, "a.txt"))
}

/// One row of a table: what it is, the file, the text, the verdicts, the file after.
type Row<'a> = (&'a str, &'a str, &'a str, &'a str, &'a str);

fn check(rows: &[Row<'_>]) {
    for (what, file, text, verdict, after) in rows {
        assert_eq!(outcome(file, text), ((*verdict).to_owned(), (*after).to_owned()), "{what}");
    }
}

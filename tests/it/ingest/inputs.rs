//! From what is named to the list of files.

use quell::ingest::input::{Input, find};

use crate::ingest::reading::{load_files, problems, report};
use crate::support::tree::Tree;

/// Files below the tree that are found, and the problems.
fn found(tree: &Tree, named: &[&str]) -> (Vec<String>, Vec<String>) {
    let root = tree.repo().root().to_path_buf();
    let named: Vec<String> = named.iter().map(|name| (*name).to_owned()).collect();
    let (inputs, problems) = find(&tree.repo(), &root, &named);
    let name = |input: &Input| match input {
        Input::Member { name, .. } => name.clone(),
        Input::Stdin => "-".to_owned(),
        Input::File(path) => path.strip_prefix(&root).unwrap_or(path).to_string_lossy().into_owned(),
    };
    (inputs.iter().map(name).collect(), problems.iter().map(ToString::to_string).collect())
}

fn check(tree: &Tree, named: &[&str], expected: &[&str], problems: &[&str]) {
    assert_eq!(
        found(tree, named),
        (
            expected.iter().map(|name| (*name).to_owned()).collect(),
            problems.iter().map(|name| (*name).to_owned()).collect()
        ),
        "{named:?}"
    );
}

fn tree() -> Tree {
    let sarif = report("t", "");
    Tree::git(&[
        (".gitignore", "ignored/\n.quell/reports/\n"),
        ("a.sarif", &sarif),
        ("b.sarif.json", &sarif),
        ("c.json", &sarif),
        ("package.json", "{\"version\": \"1\"}"),
        ("deep/d.sarif", &sarif),
        ("deep/e.sarif.gz", ""),
        ("ignored/f.sarif", &sarif),
        (".quell/reports/scan/g.sarif", &sarif),
    ])
}

#[test]
fn nothing_named_means_reports_and_the_root() {
    check(&tree(), &[], &[".quell/reports/scan/g.sarif", "a.sarif", "b.sarif.json", "c.json"], &[]);
}

#[test]
fn a_directory_is_searched_as_its_ignore_files_say() {
    check(
        &tree(),
        &["."],
        &["a.sarif", "b.sarif.json", "c.json", "deep/d.sarif", "deep/e.sarif.gz", ".quell/reports/scan/g.sarif"],
        &[],
    );
    check(&tree(), &["deep"], &["deep/d.sarif", "deep/e.sarif.gz"], &[]);
}

#[test]
fn files_globs_and_standard_input_are_named_as_they_are() {
    check(&tree(), &["ignored/f.sarif", "-", "a.sarif", "./a.sarif", "-"], &["ignored/f.sarif", "-", "a.sarif"], &[]);
    check(&tree(), &["*.sarif"], &["a.sarif"], &[]);
    check(&tree(), &["**/*.sarif"], &["a.sarif", "deep/d.sarif"], &[]);
    check(&tree(), &["deep/*.sarif*"], &["deep/d.sarif", "deep/e.sarif.gz"], &[]);
}

#[test]
fn what_is_not_there_is_a_problem() {
    check(
        &tree(),
        &["gone.sarif", "a.sarif"],
        &["a.sarif"],
        &["gone.sarif: no such file or directory; check the spelling, or run the scanner first"],
    );
    check(&tree(), &[""], &[], &["'': the name is empty; check the spelling, or run the scanner first"]);
    check(&tree(), &["x*.sarif"], &[], &["x*.sarif: no file matches; check the spelling, or run the scanner first"]);
}

#[test]
fn a_configuration_that_cannot_be_read_is_told() {
    let told = |tree: &Tree| problems(&load_files(tree, &["a.sarif"]));
    let tree = tree();
    tree.write(".quell/config.toml", "inputs = [\n 5 ]");
    assert_eq!(told(&tree), ["line 2: invalid type: integer `5`, expected a string [file]"]);
    std::fs::remove_file(tree.root().join(".quell/config.toml")).unwrap();
    std::fs::create_dir(tree.root().join(".quell/config.toml")).unwrap();
    assert_eq!(told(&tree), ["it is a folder, not a file [file]"]);
}

#[test]
fn the_configuration_names_inputs_inside_the_repository_only() {
    let tree = tree();
    tree.write(".quell/config.toml", "inputs = [\"deep\", \"a.sarif\", \"../other.sarif\", \"/etc/hosts\"]");
    let outside = |name: &str| {
        format!(
            ".quell/config.toml: inputs: `{name}` leads outside the repository; name it on the command line instead"
        )
    };
    check(
        &tree,
        &[],
        &["deep/d.sarif", "deep/e.sarif.gz", "a.sarif"],
        &[&outside("../other.sarif"), &outside("/etc/hosts")],
    );
}

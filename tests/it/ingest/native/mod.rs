//! Reports in a scanner's own format.
//!
//! `code/` was scanned with the tools in `remake.sh`, which wrote `reports/` as the tools write it, and `fixed/`, the
//! files that the tools' own fix mode leaves. Reports about dependencies and secrets need a network or an advisory
//! database: those in `samples/` were put together by hand, about `locks/`, in the form of Gitleaks 8.30, Trivy 0.68
//! (schema 2), Grype 0.104, npm 10 and 6, pip-audit 2.9 and cargo-audit 0.22.

mod broken;
mod dependencies;
mod drafts;
mod fixes;
mod packed;
mod same;

use std::fs;
use std::path::{Path, PathBuf};

use quell::ingest::load::Loaded;
use quell::model::detail::Detail;

use crate::ingest::reading::load_files;
use crate::support::tree::Tree;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/ingest/native")
}

/// The text of a report.
fn text(report: &str) -> String {
    let folders = ["reports", "samples"].map(|name| folder().join(name).join(report));
    fs::read_to_string(folders.iter().find(|path| path.exists()).unwrap()).unwrap()
}

/// A repository with the files of a folder, in one commit, and reports below `reports/`.
fn tree(files: &str, reports: &[&str]) -> Tree {
    let tree = Tree::plain(&[]);
    copy(&folder().join(files), tree.root());
    git2::Repository::init(tree.root()).unwrap().config().unwrap().set_bool("core.autocrlf", false).unwrap();
    tree.commit("first", 1_700_000_000);
    tree.write(".gitignore", "reports/\n");
    fs::create_dir(tree.root().join("reports")).unwrap();
    for report in reports {
        fs::write(tree.root().join("reports").join(report), text(report)).unwrap();
    }
    tree
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::write(&to, fs::read(entry.path()).unwrap()).unwrap();
        }
    }
}

/// Loads reports of the folder together.
fn loaded(tree: &Tree, reports: &[&str]) -> Loaded {
    let files: Vec<String> = reports.iter().map(|report| format!("reports/{report}")).collect();
    load_files(tree, &files.iter().map(String::as_str).collect::<Vec<_>>())
}

fn details(loaded: &Loaded) -> Vec<Detail> {
    let results = 0..u32::try_from(loaded.backlog.results.len()).unwrap();
    results.map(|result| loaded.reader.detail(&loaded.backlog, result).unwrap()).collect()
}

fn property<'a>(detail: &'a Detail, name: &str) -> &'a str {
    detail.properties.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
}

//! From what the user named to the list of files to read.

use std::path::{Path, PathBuf};

use crate::model::problem::Problem;
use crate::repo::Repo;

/// One file to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    File(PathBuf),
    /// Standard input.
    Stdin,
}

/// The most files that a directory or glob may give.
pub const MAX_FILES: usize = 10_000;

/// Files for INPUT arguments (files, globs, directories, `-`), relative to `cwd`; with none, what
/// `.quell/config.toml` names under `inputs`, else `.quell/reports/` recursively and report files in the repository root.
pub fn find(repo: &Repo, cwd: &Path, named: &[String]) -> (Vec<Input>, Vec<Problem>) {
    let _ = (repo, cwd, named);
    unimplemented!()
}

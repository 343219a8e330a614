//! The console's loop: terminal in, screen out.

use std::path::PathBuf;

use crate::model::problem::Problem;
use crate::query::{GroupKey, SortKey};

/// How a console starts.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Where to look for the repository; the working directory if `None`.
    pub repo: Option<PathBuf>,
    pub no_git: bool,
    /// INPUT arguments.
    pub inputs: Vec<String>,
    pub no_merge: bool,
    pub theme: Option<String>,
    pub ascii: bool,
    /// `None` for what the terminal and `NO_COLOR` say.
    pub color: Option<bool>,
    /// The first filter.
    pub query: Option<String>,
    pub group_by: Option<GroupKey>,
    pub sort: Vec<SortKey>,
    pub log_file: Option<PathBuf>,
}

/// Runs a console until the person leaves it; returns the exit code.
pub fn run(options: &Options) -> Result<i32, Problem> {
    Err(Problem::of_file(
        "",
        format!("the console is not here yet for {} inputs", options.inputs.len()),
        "use `quell list`",
    ))
}

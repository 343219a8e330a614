//! The lines around a place, from the tree or from the report's own copy.

use crate::model::detail::Location;
use crate::model::snippet::Snippet;
use crate::repo::Repo;

/// Longest part of a line that is shown, in bytes.
pub const MAX_LINE: usize = 4096;

/// The lines around `location`, at most `before` above and `after` below; the tree first, then the report's
/// own snippet. Never fails: a missing, binary or changed file is said in `Snippet::origin`.
/// `made` is when the scan ended, to tell a changed file.
pub fn snippet(repo: &Repo, location: &Location, made: Option<jiff::Timestamp>, before: u32, after: u32) -> Snippet {
    let _ = (repo, location, made, before, after);
    unimplemented!()
}

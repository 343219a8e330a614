//! From the URIs of a report to files of the repository.

use super::Repo;

/// Maps the URIs of reports to paths of one repository. Answers are cached; the list of the repository's
/// files is read once, when the first URI is not found as it stands.
pub struct Locator {
    repo: Repo,
}

/// Where a URI leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// Relative to the root with `/` if `in_repo`, else the URI, decoded once.
    pub path: String,
    pub in_repo: bool,
}

impl Locator {
    pub fn new(repo: &Repo) -> Self {
        Self { repo: repo.clone() }
    }

    /// `uri` as the report has it (percent-encoded, `file://`, absolute, with backslashes or a drive, or relative),
    /// `base` the resolved `uriBaseId` if there is one. Tried in this order: relative to the root as it stands;
    /// absolute under the root; known scan roots stripped (what already mapped in this report); the longest
    /// suffix of at least one component that names exactly one file of the repository. Never `..` out of it.
    pub fn locate(&mut self, uri: &str, base: Option<&str>) -> Located {
        let _ = (uri, base, &self.repo);
        unimplemented!()
    }
}

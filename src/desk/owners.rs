//! Who owns what, by the rules of the repository.

use rayon::prelude::*;

use crate::model::backlog::Backlog;
use crate::model::owners::Owners;

use super::Desk;

impl Desk {
    /// The owners of all paths of a backlog; each is asked once.
    pub(super) fn owners(&self, backlog: &Backlog) -> Owners {
        let rules = self.repo.codeowners(None);
        if rules.is_empty() {
            return Owners::default();
        }
        let paths: Vec<&str> = backlog.paths.iter().map(|path| if path.in_repo { path.text } else { "" }).collect();
        let of = |path: &&str| if path.is_empty() { Vec::new() } else { rules.of(path).to_vec() };
        Owners::new(paths.par_iter().map(of).collect::<Vec<_>>())
    }
}

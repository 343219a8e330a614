//! When the reports of a load were made: what they state, else the commit that brought them, else their file's time.

use std::path::Path;

use crate::model::backlog::{MadeBy, Report};
use crate::repo::Repo;

/// Gives reports that state no time that of the last commit that touched them, where git has them as they are. The
/// others keep the time of their file, and so do all whose files' times the user vouches for. One walk of the history for
/// all, and none where no report is committed.
pub(super) fn date(repo: &Repo, mut reports: Vec<&mut Report>, trusts_file_times: bool) {
    reports.retain(|report| report.made_by == MadeBy::Written);
    if trusts_file_times {
        for report in reports {
            report.made_by = MadeBy::Vouched;
        }
        return;
    }
    let mut named: Vec<(String, &mut Report)> =
        reports.into_iter().filter_map(|report| Some((path_in(repo, &report.name)?, report))).collect();
    let paths: Vec<String> = named.iter().map(|(path, _)| path.clone()).collect();
    let committed = repo.committed(&paths);
    named.retain(|(path, _)| committed.contains(path));
    let times = repo.last_commits(&committed);
    for (path, report) in named {
        let at = committed.iter().position(|committed| *committed == path);
        if let Some(time) = at.and_then(|at| times.get(at).copied().flatten()) {
            (report.made, report.made_by) = (Some(time), MadeBy::Committed);
        }
    }
}

/// The path of a report below the root; `None` for one that lies elsewhere.
fn path_in(repo: &Repo, name: &str) -> Option<String> {
    let root = repo.root();
    let place = root.join(Path::new(name)).canonicalize().ok()?;
    place.strip_prefix(root).ok()?.to_str().map(str::to_owned)
}

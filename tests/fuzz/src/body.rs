//! What must hold for any bytes that are given as a report.

use std::fs;
use std::sync::{Arc, OnceLock};

use quell::ingest::input::Input;
use quell::ingest::load::{Options, Progress, load};
use quell::repo::Repo;
use tempfile::TempDir;

/// Loads the bytes as a file and looks at every result: nothing panics, every result can be looked at and belongs to
/// exactly one finding.
pub(crate) fn load_and_look(bytes: &[u8]) {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| TempDir::new().expect("a temporary folder"));
    let (repo, _) = Repo::discover(folder.path(), false).expect("a plain folder");
    // Cases may run side by side.
    let report = folder.path().join(format!("{:?}.sarif", std::thread::current().id()));
    fs::write(&report, bytes).expect("a file in a temporary folder");

    let loaded = load(&repo, &[Input::File(report)], &Options::default(), &Arc::new(Progress::default()));
    let backlog = &loaded.backlog;
    for result in (0..).take(backlog.results.len()) {
        if let Err(problem) = loaded.reader.detail(backlog, result) {
            panic!("{} is loaded but cannot be looked at: {}", backlog.pointer(result), problem.reason);
        }
    }
    let mut members = backlog.members.clone();
    members.sort_unstable();
    assert!(members.into_iter().eq((0..).take(backlog.results.len())), "each result is in one finding");
    for problem in &backlog.problems {
        assert!(!problem.reason.is_empty(), "a problem says what is wrong");
    }
}

//! When a report was made, and how that is known.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use quell::model::backlog::MadeBy;

use crate::ingest::reading::{load_files, report, result};
use crate::support::tree::Tree;

/// When `Tree::git` commits, in seconds.
const COMMITTED: i64 = 1_700_000_000;

/// How and when (in seconds) each of the files counts as made.
fn dates(tree: &Tree, files: &[&str]) -> Vec<(MadeBy, i64)> {
    let loaded = load_files(tree, files);
    loaded.backlog.reports.iter().map(|report| (report.made_by, report.made.unwrap().as_second())).collect()
}

/// Gives a file a time of its own.
fn set_time(tree: &Tree, file: &str, seconds: u64) {
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    std::fs::File::options().append(true).open(tree.root().join(file)).unwrap().set_modified(at).unwrap();
}

fn plain() -> String {
    report("t", &result("r", "a.py", 1, ""))
}

#[test]
fn the_latest_end_that_a_report_states_counts() {
    let ended =
        |at: &str| format!(r#"{{"tool": {{"driver": {{"name": "t"}}}}, "invocations": [{{{at}}}], "results": []}}"#);
    let runs = [
        ended(r#""startTimeUtc": "2026-01-01T00:00:00Z", "endTimeUtc": "2026-01-01T00:01:00Z""#),
        ended(r#""endTimeUtc": "2026-01-02T00:00:00.5Z""#),
        ended(r#""endTimeUtc": "yesterday""#),
    ];
    let tree = Tree::git(&[("a.sarif", &format!(r#"{{"version": "2.1.0", "runs": [{}]}}"#, runs.join(",")))]);
    let ended: Timestamp = "2026-01-02T00:00:00Z".parse().unwrap();
    assert_eq!(dates(&tree, &["a.sarif"]), [(MadeBy::Stated, ended.as_second())]);
}

#[test]
fn a_report_without_a_time_is_as_old_as_its_commit_or_else_its_file() {
    let tree = Tree::git(&[("clean.sarif", &plain()), ("changed.sarif", "{}"), (".gitignore", "ignored.sarif\n")]);
    for file in ["changed.sarif", "ignored.sarif", "new.sarif"] {
        tree.write(file, &plain());
    }
    let files = ["clean.sarif", "changed.sarif", "ignored.sarif", "new.sarif"];
    for file in files {
        set_time(&tree, file, 1_800_000_000);
    }
    let written = (MadeBy::Written, 1_800_000_000);
    assert_eq!(dates(&tree, &files), [(MadeBy::Committed, COMMITTED), written, written, written]);
    tree.commit("second", COMMITTED + 60);
    let both = [(MadeBy::Committed, COMMITTED), (MadeBy::Committed, COMMITTED + 60)];
    assert_eq!(dates(&tree, &files)[..2], both);
}

#[test]
fn a_report_elsewhere_is_as_old_as_its_file() {
    let (tree, other) = (Tree::git(&[("a.py", "x")]), Tree::git(&[("a.sarif", &plain())]));
    set_time(&other, "a.sarif", 1_800_000_000);
    let path = other.root().join("a.sarif");
    assert_eq!(dates(&tree, &[path.to_str().unwrap()]), [(MadeBy::Written, 1_800_000_000)]);
}

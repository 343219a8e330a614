//! Whether files are still what they were, by size and time alone: nothing is read, and no more than so many are asked.

use std::collections::BTreeSet;
use std::fs::Metadata;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::Repo;

/// Most files, folders, and names in a folder that are looked at.
const MAX: usize = 2000;
const DECISIONS: &str = ".quell/decisions";
/// How the names of reports end that are reports by their names.
const ENDS: [&str; 3] = [".sarif", ".sarif.json", ".sarif.gz"];

/// What is watched: reports, folders in which new ones may appear, and the decisions of the repository.
#[derive(Clone, Debug)]
pub struct Watch {
    reports: Vec<PathBuf>,
    folders: Vec<PathBuf>,
    decisions: PathBuf,
}

/// What was there at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    reports: Vec<Option<Stamp>>,
    names: BTreeSet<PathBuf>,
    decisions: Vec<Option<Stamp>>,
}

/// Size in bytes and time of the last change.
type Stamp = (u64, Option<SystemTime>);

impl Repo {
    /// Watches these reports and folders.
    pub fn watch(&self, reports: Vec<PathBuf>, folders: BTreeSet<PathBuf>) -> Watch {
        let folders = folders.into_iter().take(MAX).collect();
        Watch { reports, folders, decisions: self.root().join(DECISIONS) }
    }
}

impl Watch {
    pub fn look(&self) -> Look {
        let reports = self.reports.iter().take(MAX).map(|path| stamp(path)).collect();
        let names = self.folders.iter().flat_map(|folder| below(folder, is_report)).collect();
        let mut look = Look { reports, names, decisions: Vec::new() };
        self.look_at_decisions(&mut look);
        look
    }

    /// Brings what a look knows of the decisions up to date.
    pub fn look_at_decisions(&self, look: &mut Look) {
        // An event is a new file: the time of its folder says so.
        let months = below(&self.decisions, |_| true).filter(|path| path.is_dir());
        let folders: BTreeSet<PathBuf> = months.chain([self.decisions.clone()]).collect();
        look.decisions = folders.iter().map(|folder| stamp(folder)).collect();
    }
}

impl Look {
    pub fn has_same_reports(&self, other: &Self) -> bool {
        self.reports == other.reports && self.names == other.names
    }

    pub fn has_same_decisions(&self, other: &Self) -> bool {
        self.decisions == other.decisions
    }
}

/// A pipe has a new time whenever somebody writes to it, which says nothing of what was read from it.
fn stamp(path: &Path) -> Option<Stamp> {
    let stamp =
        |meta: Metadata| if meta.file_type().is_fifo() { (0, None) } else { (meta.len(), meta.modified().ok()) };
    path.metadata().ok().map(stamp)
}

fn below(folder: &Path, is_wanted: fn(&str) -> bool) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = folder.read_dir().into_iter().flatten().flatten().take(MAX);
    entries.filter(move |entry| entry.file_name().to_str().is_some_and(is_wanted)).map(|entry| entry.path())
}

fn is_report(name: &str) -> bool {
    ENDS.iter().any(|end| name.len() > end.len() && name.ends_with(end))
}

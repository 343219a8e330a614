//! Where fixes go in files of repeated blocks that have changed since the scan: 10,000 files, one fix each, with the
//! scanned version in git. Counted beside `git apply`, `git apply --3way`, `git merge-file` and GNU patch on the same
//! files.
//!
//! `cargo bench --bench place` prints how many fixes each program put in their block, in another one without a word,
//! and refused; a number after `--` is another count of files. Where the flagged block is gone, to refuse is right.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench that cannot go on stops; it prints a table")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use jiff::Timestamp;
use quell::fix::diff::unified;
use quell::fix::{Choice, plan};
use quell::model::backlog::MadeBy;
use quell::model::detail::Region;
use quell::model::fix::{Applicability, FileEdit, Proposal, ProposalSource, SeenText, TextEdit};
use quell::model::id::FixId;
use quell::model::plan::FixState;
use quell::repo::Repo;
use tempfile::TempDir;

#[path = "support/blocks.rs"]
mod blocks;

use blocks::{Case, Fate, cases};

const FILES: usize = 10_000;
const SEED: u64 = 1;

/// What a program made of all files: the new content of those that it wrote.
type Written = BTreeMap<String, String>;

fn main() {
    let count = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(FILES);
    let cases = cases(SEED, count);
    let work = Work::new(&cases);
    let start = Instant::now();
    let quell = work.quell(&cases);
    let time = start.elapsed();
    let is_gone = |case: &&Case| case.fate != Fate::Kept;
    println!("{count} files, the flagged block is gone from {}", cases.iter().filter(is_gone).count());
    println!("{:20} {:>8} {:>16} {:>8}", "", "right", "silently wrong", "refused");
    show("quell", &cases, &quell);
    show("git apply", &cases, &work.peer(&cases, "git", &["apply", "--reject"]));
    show("git apply --3way", &cases, &work.peer(&cases, "git", &["apply", "--3way"]));
    show("git merge-file", &cases, &work.merged(&cases));
    if Command::new("patch").arg("--version").stdout(Stdio::null()).status().is_ok() {
        show("patch", &cases, &work.peer(&cases, "patch", &["-p1", "--batch", "--no-backup-if-mismatch", "-i"]));
    }
    let is_refused = |case: &&Case| case.wanted.is_some() && !quell.contains_key(&case.path);
    let mut by_style: BTreeMap<String, usize> = BTreeMap::new();
    for case in cases.iter().filter(is_refused) {
        *by_style.entry(format!("{:?}", case.style)).or_default() += 1;
    }
    println!("refused by quell: {by_style:?}");
    println!("quell placed all of them in {:.2} s", time.as_secs_f64());
}

fn show(name: &str, cases: &[Case], written: &Written) {
    let (mut right, mut wrong, mut refused) = (0, 0, 0);
    for case in cases {
        match (written.get(&case.path), &case.wanted) {
            (None, None) => right += 1,
            (Some(after), Some(wanted)) if after == wanted => right += 1,
            (Some(_), _) => wrong += 1,
            (None, Some(_)) => refused += 1,
        }
    }
    println!("{name:20} {right:>8} {wrong:>16} {refused:>8}");
}

/// A repository with the scanned files in its first commit and those of now in its second.
struct Work {
    folder: TempDir,
    scanned: String,
}

impl Work {
    fn new(cases: &[Case]) -> Self {
        let work = Self { folder: TempDir::new().unwrap(), scanned: String::new() };
        work.git(&["init", "-q"]);
        work.git(&["config", "core.autocrlf", "false"]);
        for case in cases {
            work.write(&case.path, &case.base);
        }
        work.commit();
        let scanned = work.git(&["rev-parse", "HEAD"]).trim().to_owned();
        for case in cases {
            fs::remove_file(work.root().join(&case.path)).unwrap();
            work.write(&case.new_path, &case.now);
        }
        work.commit();
        Self { scanned, ..work }
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn git(&self, arguments: &[&str]) -> String {
        let who = ["-c", "user.name=A Tester", "-c", "user.email=tester@example.org", "-c", "gc.auto=0"];
        let mut command = Command::new("git");
        command.args(who).args(arguments).current_dir(self.root()).stderr(Stdio::null());
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    }

    fn commit(&self) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-qm", "state"]);
    }

    /// Files that are not as they were committed, by the path that was scanned. What has conflict markers is no output.
    fn changed(&self, cases: &[Case]) -> Written {
        let read = |case: &Case| {
            let text = fs::read_to_string(self.root().join(&case.new_path)).ok()?;
            (text != case.now && !text.contains("<<<<<<<")).then(|| (case.path.clone(), text))
        };
        cases.iter().filter_map(read).collect()
    }

    fn quell(&self, cases: &[Case]) -> Written {
        let repo = Repo::discover(self.root(), true).unwrap().0;
        let proposals: Vec<Proposal> = (0..).zip(cases).map(|(id, case)| self.proposal(id, case)).collect();
        let planned = plan(&repo, &proposals, &Choice::default());
        let after: BTreeMap<&str, &[u8]> =
            planned.files.iter().map(|file| (file.path.as_str(), file.after.as_ref())).collect();
        let written = planned.fixes.iter().zip(cases).filter(|(fix, _)| fix.state == FixState::WillWrite);
        // A fix that went to another file has no text for its own.
        let bytes = |case: &Case| after.get(case.new_path.as_str()).copied().unwrap_or_default();
        let text = |case: &Case| String::from_utf8_lossy(bytes(case)).into_owned();
        written.map(|(_, case)| (case.path.clone(), text(case))).collect()
    }

    fn proposal(&self, id: u64, case: &Case) -> Proposal {
        let region = Region { line: case.line, ..Region::default() };
        let edit = FileEdit {
            path: case.path.clone(),
            in_repo: case.path == case.new_path,
            edits: vec![TextEdit { region, unit: None, insert: case.insert.clone() }],
            seen: vec![SeenText { region, text: case.seen.clone() }],
            ..FileEdit::default()
        };
        let source = ProposalSource {
            tool: "Acme".to_owned(),
            family: "acme".to_owned(),
            file: "acme.sarif".to_owned(),
            pointer: format!("/runs/0/results/{id}/fixes/0"),
            made: Some(Timestamp::now()),
            made_by: MadeBy::Stated,
            revision: Some(self.scanned.clone()),
        };
        Proposal {
            id: FixId(id),
            also: Vec::new(),
            finding: None,
            source,
            title: "drop the privilege".to_owned(),
            message: String::new(),
            applicability: Applicability::Unknown,
            alternative: 0,
            edits: vec![edit],
            warnings: Vec::new(),
        }
    }

    /// One diff of all files that are still at their place, given to a program that goes on where it fails.
    fn peer(&self, cases: &[Case], program: &str, arguments: &[&str]) -> Written {
        let at_place: Vec<Case> = cases.iter().filter(|case| case.path == case.new_path).cloned().collect();
        let diff: Vec<u8> = at_place.iter().flat_map(Self::diff).collect();
        fs::write(self.root().join(".git/fixes.diff"), diff).unwrap();
        let mut command = Command::new(program);
        command.args(arguments).arg(".git/fixes.diff").current_dir(self.root());
        command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
        let written = self.changed(&at_place);
        self.git(&["reset", "-q", "--hard"]);
        self.git(&["clean", "-qfd"]);
        written
    }

    /// With the ids of both versions, so that a three-way merge finds them.
    fn diff(case: &Case) -> Vec<u8> {
        let diff = unified(&case.path, case.base.as_bytes(), case.fixed.as_bytes());
        let id = |text: &str| git2::Oid::hash_object(git2::ObjectType::Blob, text.as_bytes()).unwrap();
        let index = format!("index {}..{} 100644\n--- ", id(&case.base), id(&case.fixed));
        String::from_utf8(diff).unwrap().replacen("--- ", &index, 1).into_bytes()
    }

    fn merged(&self, cases: &[Case]) -> Written {
        let folder = self.root().join(".git");
        let mut written = Written::new();
        for case in cases.iter().filter(|case| case.path == case.new_path) {
            for (name, text) in [("now", &case.now), ("base", &case.base), ("theirs", &case.fixed)] {
                fs::write(folder.join(name), text).unwrap();
            }
            let merge = ["merge-file", "-p", "-q", "now", "base", "theirs"];
            let output = Command::new("git").args(merge).current_dir(&folder).output().unwrap();
            let text = String::from_utf8(output.stdout).unwrap();
            if output.status.success() && text != case.now {
                written.insert(case.path.clone(), text);
            }
        }
        written
    }
}

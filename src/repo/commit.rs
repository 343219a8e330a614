//! Commits by the `git` command, so that hooks and signing are those that the person has. What is committed is HEAD with
//! the changes that are named, from an index of its own: whatever else is staged or changed stays so.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::{Duration, SystemTime};

use crate::model::problem::Problem;

use super::command::{Git, cannot, fed, nul_ended};
use super::disk;
use super::stage::{Staged, is_none};
use super::tree::plain;

/// Lines of a hook that are repeated where it refuses.
const SAID: usize = 8;
/// How the index files of commits are called (see `disk::beside`).
const COPY: &str = ".commit.quell-";
/// Older index files of commits belong to nobody any more.
const STALE: Duration = Duration::from_secs(24 * 60 * 60);

/// What a commit under way leaves in the folder of git, with what it is called.
const BUSY: [(&str, &str); 3] =
    [("rebase-merge", "a rebase"), ("rebase-apply", "a rebase, or git am,"), ("sequencer", "a cherry-pick or revert")];
const BUSY_REFS: [(&str, &str); 3] =
    [("MERGE_HEAD", "a merge"), ("CHERRY_PICK_HEAD", "a cherry-pick"), ("REVERT_HEAD", "a revert")];

/// One commit: the changes of HEAD, and the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub changes: Vec<Staged>,
    pub message: String,
}

/// Where HEAD is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub id: String,
    /// The whole name of its branch; `None` where it is detached.
    pub reference: Option<String>,
}

/// A file that a commit holds in another form than it was asked to: a hook has changed it.
type Surprise = Staged;

/// What was committed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Committed {
    /// Ids in hex, in the order of the steps.
    pub commits: Vec<String>,
    /// Files that hooks have changed in them.
    pub by_hooks: Vec<String>,
    /// Why the index does not have what hooks have changed.
    pub behind: Option<String>,
}

impl Git {
    /// Where a commit would go. Refuses, with the reason, where there can be none now.
    pub fn can_commit(&self, branch: Option<&str>) -> Result<Head, Problem> {
        let busy = BUSY.iter().find(|(name, _)| self.folder.join(name).exists());
        let busy =
            busy.or_else(|| BUSY_REFS.iter().find(|(name, _)| self.holds(&["rev-parse", "-q", "--verify", name])));
        if let Some((_, what)) = busy {
            return Err(cannot(&format!("{what} is under way here"), "finish or abort it before you commit fixes"));
        }
        let id = self.first_head()?;
        branch.map_or(Ok(()), |branch| self.can_branch(branch))?;
        Ok(Head { id, reference: self.text(&["symbolic-ref", "-q", "HEAD"]).ok() })
    }

    /// Refuses the name of a new branch that cannot be one.
    pub(super) fn can_branch(&self, branch: &str) -> Result<(), Problem> {
        let name = format!("refs/heads/{branch}");
        if branch.starts_with('-') || branch == "HEAD" || !self.holds(&["check-ref-format", &name]) {
            return Err(cannot(&format!("{branch} cannot be the name of a branch"), "choose another one"));
        }
        if self.holds(&["show-ref", "--verify", "-q", &name]) {
            return Err(cannot(&format!("there is a branch {branch} already"), "choose another name"));
        }
        Ok(())
    }

    /// Makes the commits, all or none, on the branch of HEAD or on a new one that starts there; the tree is not touched,
    /// since it begins where HEAD is. Where a hook or the signing refuses, branch and HEAD are as they were.
    pub fn commit(&self, head: &Head, branch: Option<&str>, steps: &[Step]) -> Result<Committed, Problem> {
        if self.head()? != head.id {
            return Err(cannot("HEAD has moved in this moment", "try again"));
        }
        let index = self.index_of_head()?;
        let outcome = self.commit_from(&index, head, branch, steps);
        // What stays is removed by a later commit.
        let _ = remove(&index);
        outcome
    }

    fn commit_from(
        &self,
        index: &Path,
        head: &Head,
        branch: Option<&str>,
        steps: &[Step],
    ) -> Result<Committed, Problem> {
        if let Some(branch) = branch {
            self.switch(&format!("refs/heads/{branch}"), &head.id)?;
        }
        let mut done = Committed::default();
        let mut surprises: Vec<Surprise> = Vec::new();
        for step in steps {
            let before = done.commits.last().unwrap_or(&head.id).clone();
            match self.put(index, &step.changes).and_then(|()| self.commit_one(index, step, &before)) {
                Ok((id, more)) => {
                    done.commits.push(id);
                    surprises.extend(more);
                }
                Err(problem) => {
                    let back = self.go_back(head, branch, &before);
                    return Err(match back {
                        Ok(()) => problem,
                        Err(stuck) => problem.hint(format!("HEAD could not be put back ({stuck}): see git reflog")),
                    });
                }
            }
        }
        done.by_hooks = surprises.iter().map(|change| change.path.clone()).collect();
        // The commits are there: that the index stays behind is to be told, and no reason to take them back.
        done.behind = self.follow(&surprises).err().map(|problem| problem.to_string());
        Ok(done)
    }

    /// One commit. Returns its id and what a hook changed in it.
    fn commit_one(&self, index: &Path, step: &Step, before: &str) -> Result<(String, Vec<Surprise>), Problem> {
        let mut command = self.plain(Some(index));
        command.args(["commit", "-q", "--no-status", "--cleanup=whitespace", "-F", "-"]);
        let output = fed(command, step.message.as_bytes()).map_err(|error| cannot(&format!("git: {error}"), ""))?;
        let now = self.head()?;
        if now == before {
            return Err(refused(&output));
        }
        // The commit is there: what cannot be said of it is no reason to take it back.
        let surprises = self.surprises(before, &now, step).unwrap_or_default();
        Ok((now, surprises))
    }

    /// What a commit changes beside what it was asked to.
    fn surprises(&self, before: &str, now: &str, step: &Step) -> Result<Vec<Surprise>, Problem> {
        let said = self.ask(None, &["diff-tree", "-r", "-z", "--no-renames", before, now], b"")?;
        let fields = nul_ended(&said);
        let read = |pair: &[String]| {
            let [head, path] = pair else { return None };
            let mut head = head.strip_prefix(':')?.split(' ').skip(1);
            let (mode, from, to) = (head.next()?.to_owned(), head.next()?.to_owned(), head.next()?.to_owned());
            Some(Staged { path: path.clone(), mode, from, to })
        };
        let is_same = |one: &str, other: &str| one == other || (is_none(one) && is_none(other));
        let is_asked =
            |change: &Staged| step.changes.iter().any(|own| own.path == change.path && is_same(&own.to, &change.to));
        Ok(fields.chunks(2).filter_map(read).filter(|change| !is_asked(change)).collect())
    }

    /// Lets the index follow what hooks have committed, where nothing else was staged for these files.
    fn follow(&self, surprises: &[Surprise]) -> Result<(), Problem> {
        let paths: Vec<String> = surprises.iter().map(|change| change.path.clone()).collect();
        if paths.is_empty() {
            return Ok(());
        }
        let entries = self.index_entries(None, &paths)?;
        let follows = |change: &&Surprise| {
            let own = entries.get(&change.path);
            !is_none(&change.to) && own.is_some_and(|own| own.id == change.from)
        };
        self.stage(&surprises.iter().filter(follows).cloned().collect::<Vec<_>>())
    }

    /// The commit at HEAD, or what to do where there is none.
    pub(super) fn first_head(&self) -> Result<String, Problem> {
        const WHY: &str = "there is no commit yet that the fixes could follow";
        self.head().map_err(|_| cannot(WHY, "make the first one, then try again"))
    }

    /// The commit at HEAD.
    fn head(&self) -> Result<String, Problem> {
        self.text(&["rev-parse", "-q", "--verify", "HEAD^{commit}"])
    }

    /// Lets HEAD name a new branch that starts where it is.
    pub(super) fn switch(&self, name: &str, head: &str) -> Result<(), Problem> {
        const WHY: &str = "quell: a branch for fixes";
        self.ask(None, &["update-ref", "-m", WHY, name, head, ""], b"")?;
        let switched = self.ask(None, &["symbolic-ref", "-m", WHY, "HEAD", name], b"").map(drop);
        if switched.is_err() {
            // The first error is the one to report.
            let _ = self.ask(None, &["update-ref", "-d", name, head], b"");
        }
        switched
    }

    fn go_back(&self, head: &Head, branch: Option<&str>, now: &str) -> Result<(), Problem> {
        const WHY: &str = "quell: taken back";
        let Some(branch) = branch else {
            return self.ask(None, &["update-ref", "-m", WHY, "HEAD", &head.id, now], b"").map(drop);
        };
        match &head.reference {
            Some(name) => self.ask(None, &["symbolic-ref", "-m", WHY, "HEAD", name], b"")?,
            None => self.ask(None, &["update-ref", "--no-deref", "-m", WHY, "HEAD", &head.id], b"")?,
        };
        self.ask(None, &["update-ref", "-d", &format!("refs/heads/{branch}"), now], b"").map(drop)
    }

    /// An index file that holds HEAD, made from the real one so that git need not look at the whole tree.
    fn index_of_head(&self) -> Result<PathBuf, Problem> {
        let folder = self.index.parent().unwrap_or(&self.folder);
        let failed = |error: std::io::Error| {
            let reason = format!("an index for the commit cannot be written: {}", plain(&error));
            Problem::of_file(folder.display().to_string(), reason, disk::way_out(&error))
        };
        sweep(folder).map_err(failed)?;
        let name = disk::beside("commit");
        let bytes = fs::read(&self.index).map_err(failed)?;
        disk::open(folder).and_then(|folder| disk::write(&folder, &name, &bytes, 0o644)).map_err(failed)?;
        let index = folder.join(name);
        match self.ask(Some(&index), &["read-tree", "--reset", "HEAD"], b"") {
            Ok(_) => Ok(index),
            Err(problem) => {
                let _ = remove(&index);
                Err(problem)
            }
        }
    }
}

/// Why there is no commit: the last lines that a hook, or git, has said.
fn refused(output: &Output) -> Problem {
    let said = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    let lines: Vec<&str> = said.iter().flat_map(|said| said.lines()).filter(|line| !line.trim().is_empty()).collect();
    let last = lines.get(lines.len().saturating_sub(SAID)..).unwrap_or_default();
    let said = last.iter().map(|line| format!("\n  {line}")).collect::<Vec<_>>().concat();
    let end = if said.is_empty() { format!(" ({})", output.status) } else { String::from("\n") };
    cannot(&format!("git did not commit:{said}{end}"), "files, index and branch are as they were")
}

fn remove(index: &Path) -> std::io::Result<()> {
    let (Some(folder), Some(name)) = (index.parent(), index.file_name()) else { return Ok(()) };
    disk::remove(&disk::open(folder)?, &name.to_string_lossy())
}

/// Removes what commits have left that were killed.
fn sweep(folder: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let is_ours = entry.file_name().to_string_lossy().starts_with(COPY);
        let age = || entry.metadata()?.modified().map(|at| SystemTime::now().duration_since(at).unwrap_or_default());
        if is_ours && age()? > STALE {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

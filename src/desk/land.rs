//! Where a batch goes besides the tree: into the index, and into commits of its own.

use std::collections::{HashMap, HashSet};

use crate::fix::{changed_alike, is_stored_as, with_fixes};
use crate::model::board::Board;
use crate::model::fix::FileOp;
use crate::model::id::FixId;
use crate::model::plan::{FixState, Plan, PlannedFile, Written};
use crate::model::problem::{Loss, Problem};
use crate::model::text::{counted, cut, visible};
use crate::repo::command::Git;
use crate::repo::commit::{Committed, Head, Step};
use crate::repo::stage::{Staged, Stored};
use crate::repo::write::WriteError;

use super::{Account, ApplyError, Desk};

/// Columns of a subject, and of a line of the body.
const SUBJECT: usize = 72;
const LINE: usize = 200;

/// How far a batch goes.
#[derive(Clone, Copy, Debug)]
pub enum Landing<'a> {
    /// Into the files of the tree; the index stays as it is.
    Tree,
    /// Into the index as well.
    Index,
    /// And into commits.
    Commits(Wish<'a>),
}

/// How a batch is committed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish<'a> {
    /// A commit for each fix, not one for all.
    pub each: bool,
    /// In place of what Quell would say; the findings are named below it.
    pub message: Option<&'a str>,
    /// A new branch for it, which HEAD is on afterwards.
    pub branch: Option<&'a str>,
}

/// A batch that is where it was to go.
#[derive(Clone, Debug)]
pub struct Landed {
    pub written: Written,
    /// Ids in hex, oldest first.
    pub commits: Vec<String>,
    pub of_fix: HashMap<FixId, String>,
    /// What else there is to know, in words.
    pub notes: Vec<String>,
}

/// Everything that is known to fit before the first file is written.
struct Ready {
    git: Git,
    staged: Vec<Staged>,
    commits: Option<Commits>,
}

struct Commits {
    head: Head,
    branch: Option<String>,
    steps: Vec<Step>,
    /// The fixes of each step.
    fixes: Vec<Vec<FixId>>,
}

impl Desk {
    /// Writes a plan, all or none, and lets it go as far as is asked: where the index or HEAD has another version of a file
    /// in which a fix has no place, or a hook refuses the commit, nothing is done.
    pub fn land(&self, board: &Board, plan: &Plan, landing: Landing<'_>) -> Result<Landed, ApplyError> {
        let none = |written| Landed { written, commits: Vec::new(), of_fix: HashMap::new(), notes: Vec::new() };
        let wish = match landing {
            Landing::Tree => return self.apply(board, plan).map(none),
            Landing::Index => None,
            Landing::Commits(wish) => Some(wish),
        };
        let ready = self.ready(board, plan, wish).map_err(|problem| ApplyError::Write(WriteError::Refused(problem)))?;
        let mut committed = Committed::default();
        let written = self.apply_then(board, plan, ready.staged.clone(), |written| {
            committed = ready.carry_out()?;
            if !committed.commits.is_empty() {
                // The commits are there; without this line undo does not name them.
                let _ = self.repo.log_commits(&written.entry, &committed.commits);
            }
            Ok(())
        })?;
        let mut landed = none(written);
        if let Some(commits) = &ready.commits {
            let by_step = commits.fixes.iter().zip(&committed.commits);
            landed.of_fix = by_step.flat_map(|(fixes, id)| fixes.iter().map(|fix| (*fix, id.clone()))).collect();
            landed.notes = commits.notes(&committed);
        }
        landed.commits = committed.commits;
        Ok(landed)
    }

    /// `git` for what is not there without it.
    pub(super) fn git_command(&self, what: &str) -> Result<Git, Problem> {
        if self.options.no_git {
            let reason = format!("without git there is no {what}");
            return Err(Problem::at("", "", reason, Loss::Nothing).hint("leave out --no-git"));
        }
        self.repo.git_command()
    }

    fn ready(&self, board: &Board, plan: &Plan, wish: Option<Wish<'_>>) -> Result<Ready, Problem> {
        let git = self.git_command("index and no commit")?;
        let head = wish.map(|wish| git.can_commit(wish.branch)).transpose()?;
        let (old, new) = paths(plan);
        let stored = by_path(git.in_index(&old)?);
        git.has_room_in_index(&new)?;
        let staged = changes(&git, plan.files.iter(), &stored, "the index", |_| true)?;
        let commits = match wish.zip(head) {
            Some((wish, head)) => Some(commits(&git, board, plan, wish, head)?),
            None => None,
        };
        Ok(Ready { git, staged, commits })
    }
}

impl Ready {
    /// Index and commits, all or nothing.
    fn carry_out(&self) -> Result<Committed, Problem> {
        self.git.stage(&self.staged)?;
        let Some(Commits { head, branch, steps, .. }) = &self.commits else { return Ok(Committed::default()) };
        self.git.commit(head, branch.as_deref(), steps).map_err(|problem| match self.unstage() {
            Ok(()) => problem,
            Err(stuck) => problem.hint(format!("the index could not be put back ({stuck}): see git status")),
        })
    }

    fn unstage(&self) -> Result<(), Problem> {
        let still = self.git.still_staged(&self.staged)?;
        self.git.stage(&still.iter().map(Staged::reversed).collect::<Vec<_>>())
    }
}

impl Commits {
    fn notes(&self, committed: &Committed) -> Vec<String> {
        let mut notes = Vec::new();
        match (&self.branch, &self.head.reference) {
            (Some(branch), _) => notes.push(format!("on the new branch {branch}")),
            (None, Some(_)) => {}
            (None, None) => {
                notes.push("HEAD is detached: no branch has the commit, make one with git branch".to_owned());
            }
        }
        notes.extend(committed.behind.iter().map(|why| format!("the index does not follow the commit: {why}")));
        if !committed.by_hooks.is_empty() {
            notes.push(format!("a hook has changed more in it: {}", committed.by_hooks.join(", ")));
        }
        notes
    }
}

/// What a change of the tree is in the versions that git has stored. What changes nothing there is left out.
fn changes<'p>(
    git: &Git,
    files: impl Iterator<Item = &'p PlannedFile>,
    stored: &HashMap<String, Stored>,
    place: &str,
    is_wanted: impl Fn(FixId) -> bool,
) -> Result<Vec<Staged>, Problem> {
    let mut changes = Vec::new();
    for file in files {
        let Some((op, after)) = with_fixes(file, &is_wanted) else { continue };
        let Some(stored) = stored.get(&file.path) else {
            changes.push(Staged::added(&file.path, "100644", git.store(&after)?));
            continue;
        };
        let cannot = |why: &str| no_place(&file.path, place, why);
        if op == FileOp::Delete {
            if !is_stored_as(&file.before, &stored.bytes) {
                return Err(cannot(""));
            }
            changes.push(Staged::removed(stored));
            continue;
        }
        let bytes = changed_alike(&file.path, &file.before, &after, &stored.bytes);
        let bytes = bytes.map_err(|why| cannot(&format!(": {why}")))?;
        if let Some(to) = op.new_path() {
            changes.push(Staged::removed(stored));
            changes.push(Staged::added(to, &stored.mode, git.store(&bytes)?));
        } else if bytes != stored.bytes {
            let (path, mode, from) = (stored.path.clone(), stored.mode.clone(), stored.id.clone());
            changes.push(Staged { path, mode, from, to: git.store(&bytes)? });
        }
    }
    Ok(changes)
}

/// Why a change of the tree cannot be made in what git has of a file.
pub(super) fn no_place(path: &str, place: &str, why: &str) -> Problem {
    let reason = format!("it has changes that {place} does not have, and the fix has no place there{why}");
    Problem::of_file(path, reason, "commit or take back your own changes of it first")
}

fn by_path(stored: Vec<Stored>) -> HashMap<String, Stored> {
    stored.into_iter().map(|file| (file.path.clone(), file)).collect()
}

fn commits(git: &Git, board: &Board, plan: &Plan, wish: Wish<'_>, head: Head) -> Result<Commits, Problem> {
    let (old, new) = paths(plan);
    git.has_room_at_head(&new.into_iter().map(|(path, _)| path).collect::<Vec<_>>())?;
    let stored = by_path(git.at_head(&old)?);
    let mut now: HashMap<String, String> = stored.values().map(|file| (file.path.clone(), file.id.clone())).collect();
    let (mut steps, mut fixes) = (Vec::new(), Vec::<Vec<FixId>>::new());
    let mut done: HashSet<FixId> = HashSet::new();
    for group in groups(plan, wish.each) {
        done.extend(&group);
        let own = plan.files.iter().filter(|file| file.fixes.iter().any(|fix| group.contains(fix)));
        let mut changes = changes(git, own, &stored, "the last commit", |fix| done.contains(&fix))?;
        changes.retain(|change| now.insert(change.path.clone(), change.to.clone()).as_ref() != Some(&change.to));
        match fixes.last_mut() {
            // It makes no edit that another one does not make.
            Some(before) if changes.is_empty() => before.extend(group),
            _ => {
                steps.push(Step { changes, message: String::new() });
                fixes.push(group);
            }
        }
    }
    if steps.iter().all(|step| step.changes.is_empty()) {
        let reason = "the last commit has the fixes already";
        return Err(Problem::at("", "", reason, Loss::Nothing).hint("leave out --commit"));
    }
    for (step, group) in steps.iter_mut().zip(&fixes) {
        step.message = message(board, plan, group, wish.message);
    }
    Ok(Commits { head, branch: wish.branch.map(str::to_owned), steps, fixes })
}

/// The fixes of each commit.
fn groups(plan: &Plan, each: bool) -> Vec<Vec<FixId>> {
    let written: Vec<FixId> = plan.in_state(FixState::WillWrite).map(|fix| fix.id).collect();
    if each { written.into_iter().map(|fix| vec![fix]).collect() } else { vec![written] }
}

/// The paths that git has to have, and those that it must not have, with what would stand there.
fn paths(plan: &Plan) -> (Vec<String>, Vec<(String, &[u8])>) {
    let is_made = |file: &&PlannedFile| file.op == FileOp::Create;
    let old = plan.files.iter().filter(|file| !is_made(file)).map(|file| file.path.clone());
    let made = plan.files.iter().filter(is_made).map(|file| (file.path.clone(), &*file.after));
    // What git stores of a file that is renamed has the line ends that git stores now.
    let renamed = plan.files.iter().filter_map(|file| Some((file.op.new_path()?.to_owned(), &b""[..])));
    (old.collect(), made.chain(renamed).collect())
}

/// What was fixed, a line for each fix, and a trailer for each finding.
fn message(board: &Board, plan: &Plan, group: &[FixId], own: Option<&str>) -> String {
    let fixes = plan.fixes.iter().filter(|fix| group.contains(&fix.id));
    let accounts: Vec<Account> = fixes.map(|fix| Account::of(board, fix)).collect();
    let mut findings: Vec<_> = accounts.iter().flat_map(|account| account.findings.iter().copied()).collect();
    findings.sort_unstable();
    findings.dedup();
    let own = own.map(str::trim).filter(|own| !own.is_empty());
    let mut text = match (own, accounts.as_slice()) {
        (Some(own), _) => own.to_owned(),
        (None, [only]) => format!("{}\n\n{}", subject(only), line(only)),
        (None, several) => {
            let files: HashSet<&String> = several.iter().flat_map(|account| &account.files).collect();
            let what = match findings.len() {
                0 => format!("Apply {}", counted(several.len(), "fix", "fixes")),
                number => format!("Fix {}", counted(number, "finding", "findings")),
            };
            let lines: Vec<String> = several.iter().map(line).collect();
            format!("{what} in {}\n\n{}", counted(files.len(), "file", "files"), lines.join("\n"))
        }
    };
    let trailers: Vec<String> = findings.iter().map(|id| format!("Quell-Finding: {id}\n")).collect();
    text.push_str(if trailers.is_empty() { "\n" } else { "\n\n" });
    text + &trailers.concat()
}

/// `Fix B602 in run.py`.
fn subject(account: &Account) -> String {
    let name = account.path.rsplit('/').next().unwrap_or_default();
    let what = if account.rule.is_empty() { "Apply a fix".to_owned() } else { format!("Fix {}", account.rule) };
    plain(&cut(&visible(&format!("{what} in {name}")), SUBJECT))
}

/// `- B602 in src/run.py:12 (bandit): use a list of arguments`.
fn line(account: &Account) -> String {
    let what = if account.rule.is_empty() { String::new() } else { format!("{} in ", account.rule) };
    let said = format!("{what}{} ({}): {}", account.place(), account.tool, account.title);
    format!("- {}", plain(&cut(&visible(&said), LINE)))
}

/// Text of a report in which a forge finds nothing to obey: no mention, no number or address of an issue to close, no
/// `[skip ci]`.
fn plain(text: &str) -> String {
    text.replace('@', "(at)").replace('#', "no. ").replace('[', "(").replace(']', ")").replace("://", ": //")
}

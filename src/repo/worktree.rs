//! A new worktree of the repository, made by the `git` command and taken away again as a whole.
//!
//! Nothing that the repository names runs for it: its files are written without filters, so that those that have one are
//! there as git stores them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::model::problem::Problem;
use crate::model::text::counted;

use super::Repo;
use super::command::{Git, answer, nul_ended};
use super::tree::plain;

/// A variable that holds nothing: what a filter is set to.
const NOTHING: &str = "QUELL_NO_FILTER";
/// What of a filter is a program, and what it must not be: without it no file could be written.
const PROGRAMS: [&str; 3] = ["smudge", "clean", "process"];
const REQUIRED: &str = "required";

/// A worktree that was just made, on a new branch or on none.
pub struct Worktree {
    /// The worktree as a tree of its own.
    pub repo: Repo,
    /// What of it is not as a checkout would have it, in words.
    pub notes: Vec<String>,
    made: Made,
}

/// What there is to be taken away.
struct Made {
    folder: String,
    /// The whole name of the branch, and where it starts.
    branch: Option<(String, String)>,
}

impl Git {
    /// Makes a worktree of HEAD in a folder that is not there yet. Where it fails there is nothing of it.
    pub fn add_worktree(&self, folder: &Path, branch: Option<&str>) -> Result<Worktree, Problem> {
        let folder = self.room_for_worktree(folder)?;
        let head = self.first_head()?;
        branch.map_or(Ok(()), |branch| self.can_branch(branch))?;
        self.ask(None, &["worktree", "add", "--quiet", "--no-checkout", "--detach", &folder, &head], b"")?;
        let mut made = Made { folder, branch: None };
        let mut fill = || {
            let (repo, notes) = self.filled(&made.folder)?;
            // Last, since git keeps a branch also where it can make no worktree.
            if let Some(branch) = branch {
                let name = format!("refs/heads/{branch}");
                repo.git_command()?.switch(&name, &head)?;
                made.branch = Some((name, head.clone()));
            }
            Ok((repo, notes))
        };
        match fill() {
            Ok((repo, notes)) => Ok(Worktree { repo, notes, made }),
            Err(problem) => Err(self.without(&made, problem)),
        }
    }

    /// Takes a worktree away with its branch, because of a problem, which then says what is left.
    pub fn take_away(&self, worktree: &Worktree, why: Problem) -> Problem {
        self.without(&worktree.made, why)
    }

    fn without(&self, made: &Made, why: Problem) -> Problem {
        let mut gone = self.ask(None, &["worktree", "remove", "--force", &made.folder], b"");
        if let Some((name, head)) = &made.branch {
            gone = gone.and(self.ask(None, &["update-ref", "-d", name, head], b""));
        }
        match gone {
            Ok(_) => why,
            Err(stuck) => {
                why.hint(format!("the new worktree could not be taken away ({stuck}): see git worktree list"))
            }
        }
    }

    /// The whole path of a folder that git can make a worktree of without a trace in this one.
    fn room_for_worktree(&self, folder: &Path) -> Result<String, Problem> {
        let refuse = |reason: &str, hint: &str| Problem::of_file(folder.display().to_string(), reason, hint);
        let Some(name) = folder.file_name() else { return Err(refuse("it is not the name of a new folder", "")) };
        let above = folder.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let above = above.canonicalize().map_err(|error| {
            refuse(&format!("the folder above it cannot be entered: {}", plain(&error)), "make that folder first")
        })?;
        let whole = above.join(name);
        if whole.symlink_metadata().is_ok() {
            return Err(refuse("something is there already", "name a new folder"));
        }
        let path = whole.to_str().filter(|path| !path.contains('\n'));
        let path = path.ok_or_else(|| refuse("git takes no folder of such a name", "name another folder"))?;
        let own = PathBuf::from(self.text(&["rev-parse", "--path-format=absolute", "--git-common-dir"])?);
        if own.canonicalize().is_ok_and(|own| whole.starts_with(own)) {
            return Err(refuse("it lies in the folder of git", "name a folder beside the repository"));
        }
        let inside = whole.strip_prefix(&self.repo.root).ok().map(|inside| format!("{}/", inside.display()));
        if inside.is_some_and(|inside| !self.repo.is_ignored(&inside)) {
            let reason = "it lies in the tree, where git does not ignore it";
            return Err(refuse(reason, "name a folder beside the repository"));
        }
        Ok(path.to_owned())
    }

    /// The worktree with its files.
    fn filled(&self, folder: &str) -> Result<(Repo, Vec<String>), Problem> {
        let repo = self.repo.beside(Path::new(folder))?;
        let git = repo.git_command()?;
        let filters = git.filters()?;
        let mut command = git.quiet(None);
        command.env(NOTHING, "");
        for filter in &filters {
            command.args(PROGRAMS.map(|program| format!("--config-env=filter.{filter}.{program}={NOTHING}")));
            command.arg(format!("--config-env=filter.{filter}.{REQUIRED}={NOTHING}"));
        }
        command.args(["reset", "--hard", "--quiet", "--no-recurse-submodules"]);
        answer(command, b"")?;
        let notes = if filters.is_empty() { None } else { git.unfiltered(&filters)? };
        Ok((repo, notes.into_iter().collect()))
    }

    /// The filters that are set up on this machine or for this repository.
    fn filters(&self) -> Result<BTreeSet<String>, Problem> {
        let said = self.ask(None, &["config", "--list", "--name-only", "-z"], b"")?;
        let keys = nul_ended(&said);
        let name = |key: &String| Some(key.strip_prefix("filter.")?.rsplit_once('.')?.0.to_owned());
        Ok(keys.iter().filter_map(name).collect())
    }

    /// How many files would look otherwise behind one of these filters, in words.
    fn unfiltered(&self, filters: &BTreeSet<String>) -> Result<Option<String>, Problem> {
        let paths = self.ask(None, &["ls-files", "-z"], b"")?;
        let said = nul_ended(&self.ask(None, &["check-attr", "-z", "--stdin", "filter"], &paths)?);
        let of_path = said.chunks(3).filter_map(|fields| fields.get(2)).filter(|value| filters.contains(*value));
        let found: Vec<&str> = of_path.map(String::as_str).collect();
        let names = found.iter().copied().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(", ");
        let count = counted(found.len(), "file is as git stores it", "files are as git stores them");
        Ok((!found.is_empty()).then(|| format!("{count}, since Quell runs no filter: {names}")))
    }
}

//! One repository (or plain folder): where it is, and what git says of it as a whole.

use std::env;
use std::fmt::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use git2::{ErrorCode, Repository};
use sha2::{Digest, Sha256};

use crate::model::problem::{Loss, Problem};

use super::follow::Memo;

/// A working tree. Cheap to clone and to send to a worker; each job opens its own `git2::Repository`.
#[derive(Clone, Debug)]
pub struct Repo {
    pub(super) root: PathBuf,
    /// The root as the user reached it, where symbolic links make that another path.
    pub(super) alias: Option<PathBuf>,
    /// The worktree's git directory; `None` without git or with `--no-git`.
    pub(super) git_dir: Option<PathBuf>,
    /// Used instead of the user's state folder.
    state_home: Option<PathBuf>,
    /// Taken for the branch that is checked out.
    pub(super) branch: Option<String>,
    pub(super) followed: Arc<Mutex<Memo>>,
}

impl Repo {
    /// The repository around `start`, or `start` itself as a plain folder where there is none, where
    /// `use_git` is false, or where git2 cannot open it (then with a problem that says so).
    pub fn discover(start: &Path, use_git: bool) -> Result<(Self, Option<Problem>), Problem> {
        let shown = start.display().to_string();
        let folder = start
            .canonicalize()
            .map_err(|error| Problem::of_file(&shown, plain(&error), "name a folder that can be read"))?;
        if !folder.is_dir() {
            return Err(Problem::of_file(shown, "it is not a folder", "name the folder of the repository"));
        }
        if !use_git {
            return Ok((Self::new(folder, start, None), None));
        }
        match Repository::discover(&folder) {
            Ok(git) => Self::of_git(&git, start).map(|repo| (repo, None)),
            Err(error) if error.code() == ErrorCode::NotFound => {
                let root = own_git_root(&folder);
                let problem = root.as_ref().map(|root| {
                    let shown = root.join(".git").display().to_string();
                    Problem::at(shown, "", "it is no git repository, and leads to none", Loss::Nothing).hint(WITHOUT)
                });
                Ok((Self::new(root.unwrap_or(folder), start, None), problem))
            }
            Err(error) => {
                let root = own_git_root(&folder).unwrap_or(folder);
                Ok((Self::new(root, start, None), Some(cannot_open(&shown, &error))))
            }
        }
    }

    /// Keeps what would go to the user's state folder below `folder`: for a demonstration, and for tests.
    #[must_use]
    pub fn with_state_home(mut self, folder: &Path) -> Self {
        self.state_home = Some(folder.to_owned());
        self
    }

    /// Takes a name for that of the branch that is checked out: a build server has none.
    #[must_use]
    pub fn on_branch(mut self, name: &str) -> Self {
        self.branch = Some(name.to_owned());
        self
    }

    /// Another working tree of the same user.
    pub(super) fn beside(&self, folder: &Path) -> Result<Self, Problem> {
        let (repo, _) = Self::discover(folder, true)?;
        Ok(Self { state_home: self.state_home.clone(), ..repo })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Last component of the root, for headers and JSON.
    pub fn name(&self) -> String {
        self.root.file_name().map_or_else(|| "/".to_owned(), |name| name.to_string_lossy().into_owned())
    }

    /// `user.name` of git, else the login name, else `unknown`.
    pub fn author(&self) -> String {
        let config = match self.git() {
            Some(git) => git.config(),
            None => git2::Config::open_default(),
        };
        let configured = config.and_then(|mut config| config.snapshot()?.get_string("user.name")).ok();
        let login = ["LOGNAME", "USER"].into_iter().filter_map(|name| env::var(name).ok());
        configured
            .into_iter()
            .chain(login)
            .map(|name| name.trim().to_owned())
            .find(|name| !name.is_empty())
            .unwrap_or_else(|| "unknown".to_owned())
    }

    /// Short name of the branch, or the first 7 digits of a detached head; `None` without git.
    pub fn branch(&self) -> Option<String> {
        let git = self.git()?;
        let head = git.find_reference("HEAD").ok()?;
        match head.symbolic_target_bytes() {
            // Read from HEAD itself: a branch without a commit has a name too.
            Some(target) => {
                let target = String::from_utf8_lossy(target);
                Some(target.strip_prefix("refs/heads/").unwrap_or(&target).to_owned())
            }
            None => head.target().map(|id| id.to_string().chars().take(7).collect()),
        }
    }

    /// Commit id of HEAD in hex.
    pub fn head(&self) -> Option<String> {
        Some(self.git()?.head().ok()?.peel_to_commit().ok()?.id().to_string())
    }

    pub fn has_git(&self) -> bool {
        self.git_dir.is_some()
    }

    /// Where journal, undo log, spool and console state live: `<gitdir>/quell`, else a folder of this root in the
    /// user's state folder.
    pub fn state_dir(&self) -> PathBuf {
        match &self.git_dir {
            Some(git_dir) => git_dir.join("quell"),
            None => self.user_dir(),
        }
    }

    /// `quell/<16 hex digits of the SHA-256 of the root>` in the user's state folder. `XDG_STATE_HOME` counts on
    /// every system; where the system knows no state folder, its folder for local data does.
    pub(super) fn user_dir(&self) -> PathBuf {
        let named = env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let state = self.state_home.clone().or(named).or_else(|| {
            let folders = directories::BaseDirs::new()?;
            Some(folders.state_dir().unwrap_or_else(|| folders.data_local_dir()).to_owned())
        });
        let digits: String = sha256(self.root.as_os_str().as_encoded_bytes()).chars().take(16).collect();
        // Without a home folder there is nowhere but the folder for temporary files.
        state.unwrap_or_else(env::temp_dir).join("quell").join(digits)
    }

    /// A handle of its own for this thread.
    pub(super) fn git(&self) -> Option<Repository> {
        Repository::open(self.git_dir.as_ref()?).ok()
    }

    fn of_git(git: &Repository, start: &Path) -> Result<Self, Problem> {
        let git_dir = git.path().to_owned();
        let root = git.workdir().and_then(|root| root.canonicalize().ok()).ok_or_else(|| {
            let shown = git_dir.display().to_string();
            Problem::of_file(shown, "this repository has no working tree", HAS_NO_TREE)
        })?;
        Ok(Self::new(root, start, Some(git_dir)))
    }

    fn new(root: PathBuf, start: &Path, git_dir: Option<PathBuf>) -> Self {
        let alias = alias_of(&root, start);
        Self { root, alias, git_dir, state_home: None, branch: None, followed: Arc::default() }
    }
}

/// The folder at or above `start`, as the user spelled it, that is `root` but is spelled differently.
fn alias_of(root: &Path, start: &Path) -> Option<PathBuf> {
    let here = env::var_os("PWD").map(PathBuf::from).filter(|path| path.is_absolute());
    let spelled = if start.is_absolute() { start.to_owned() } else { here?.join(start) };
    let found = spelled.ancestors().find(|path| path.canonicalize().is_ok_and(|real| real == root))?;
    (found != root).then(|| found.to_owned())
}

/// The nearest folder with a `.git` at or above `folder`, if it belongs to this user: a foreign one may have been
/// put there to have its settings read.
fn own_git_root(folder: &Path) -> Option<PathBuf> {
    let root = folder.ancestors().find(|path| path.join(".git").symlink_metadata().is_ok())?;
    let owner = root.metadata().ok()?.uid();
    (owner == rustix::process::geteuid().as_raw()).then(|| root.to_owned())
}

const HAS_NO_TREE: &str =
    "run Quell in a clone or a worktree of it; a worktree that was moved is found again after git worktree repair";
const WITHOUT: &str = "going on without git: no branch, history or merging; fixes and undo work";

fn cannot_open(folder: &str, error: &git2::Error) -> Problem {
    let reason = format!("the git repository cannot be opened: {}", error.message().to_lowercase());
    let hint = match error.code() {
        ErrorCode::Owner => {
            "going on without git (no branch, history or merging); to use it, run git config --global --add \
             safe.directory with its folder"
        }
        _ => WITHOUT,
    };
    Problem::at(folder, "", reason, Loss::Nothing).hint(hint)
}

/// What the system says, in lower case and without the number.
pub fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}

/// SHA-256 in lower-case hex.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

//! Where a repository keeps its decisions: in its tree, on a ref of its own, or in another repository; and which of other
//! branches are read too.
//!
//! `[ledger]` of `.quell/config.toml` is data of the scanned tree. It can name refs, of which Quell writes only those that
//! are called `quell/…`; another repository can be named only by git's own configuration of the clone (`quell.ledger`).

use globset::Glob;
use serde::Deserialize;

use crate::model::decision::{Event, Origin};
use crate::model::problem::{Loss, Problem};
use crate::model::text::counted;
use crate::repo::Repo;
use crate::repo::kept::{EntryKind, Shelf};
use crate::repo::read::ReadError;

use super::archive::has_ending;
use super::event::{Draft, path_of};

/// Folder of the events below `.quell`, and below the other places.
pub(super) const FOLDER: &str = "decisions";

/// The path in the tree of a file in that folder.
pub(super) fn in_tree(file: &str) -> String {
    format!(".quell/{FOLDER}/{file}")
}

/// The configuration that a repository carries.
pub(super) const CONFIG: &str = ".quell/config.toml";
/// Largest event, in bytes; `repo` reads no larger file. What is decided about many results is written as several.
const MAX_EVENT: usize = 32 << 20;

/// Tells git to leave line ends alone.
const ATTRIBUTES: &[u8] = b"# Events are named by the hash of their bytes: no line end is converted.\n* -text\n";

/// The configuration as far as it is read here.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Config {
    ledger: Settings,
}

/// `[ledger]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Decisions stay in this clone until they are published.
    pub drafts: bool,
    /// The ref that decisions are read from and written to in place of the tree: `quell/…`, a branch, or `refs/quell/…`.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    /// Branches whose decisions are read too, for what is scoped to the branch that is worked on.
    pub also: Vec<String>,
}

/// Where decisions are.
#[derive(Clone, Debug)]
pub struct Home {
    repo: Repo,
    /// The repository that keeps them, if that is another one.
    other: Option<Repo>,
    pub settings: Settings,
    /// The repository that keeps them is another one, and is not there.
    is_lost: bool,
    /// Why nothing can be written.
    broken: Option<Problem>,
}

/// One place to read from.
pub(super) enum Source<'h> {
    Shelf(&'h Repo, Shelf, Origin),
    /// A ref by its whole name.
    Ref(String, Origin),
}

impl Home {
    /// What the configuration says, and what is wrong with it.
    pub fn of(repo: &Repo) -> (Self, Option<Problem>) {
        let (settings, wrong) = settings(repo);
        let (other, lost) = match repo.configured("quell.ledger").map(|path| other(repo, &path)) {
            None => (None, None),
            Some(Ok(other)) => (Some(other), None),
            Some(Err(problem)) => (None, Some(problem)),
        };
        let is_lost = lost.is_some();
        let broken = wrong.or(lost);
        (Self { repo: repo.clone(), other, settings, is_lost, broken: broken.clone() }, broken)
    }

    /// The repository whose tree or ref holds the decisions.
    pub(super) fn keeper(&self) -> &Repo {
        self.other.as_ref().unwrap_or(&self.repo)
    }

    /// The repository that keeps them, if that is another one.
    pub(super) fn other(&self) -> Option<&Repo> {
        self.other.as_ref()
    }

    /// All places, the best first. Where another repository keeps them and is not there, what this tree holds does not count:
    /// it would not if the other one were there.
    pub(super) fn sources(&self) -> Vec<Source<'_>> {
        let own = [(Shelf::Private, Origin::Private), (Shelf::Drafts, Origin::Draft)];
        let own = own.map(|(shelf, origin)| Source::Shelf(&self.repo, shelf, origin));
        if self.is_lost {
            return own.into();
        }
        let mut sources = vec![Source::Shelf(self.keeper(), Shelf::Tree, Origin::Tree)];
        if let Some(name) = self.reference() {
            sources.extend(self.repo.refs_named(&name).into_iter().map(|name| Source::Ref(name, Origin::Ref)));
        }
        for name in &self.settings.also {
            let named = self.repo.refs_named(name).into_iter().filter(|name| !self.repo.is_at_head(name));
            sources.extend(named.map(|name| Source::Ref(name, Origin::Elsewhere)));
        }
        sources.extend(own);
        sources
    }

    /// The whole name of the ref that is written.
    pub fn reference(&self) -> Option<String> {
        let name = self.settings.reference.as_ref()?;
        Some(if name.starts_with("refs/") { name.clone() } else { format!("refs/heads/{name}") })
    }

    /// Where a decision goes, in words for a person.
    pub fn place(&self) -> String {
        match (&self.other, &self.settings.reference) {
            (Some(other), _) => other.root().join(".quell").join(FOLDER).display().to_string(),
            (None, Some(name)) => name.clone(),
            (None, None) => format!(".quell/{FOLDER}"),
        }
    }

    /// Writes the events of a decision where new ones go: all of them, or none. On disk before it returns. Says where they
    /// went.
    pub(super) fn write(&self, drafts: &[Draft]) -> Result<Origin, Problem> {
        if let Some(large) = drafts.iter().find(|draft| draft.text.len() > MAX_EVENT) {
            let reason = format!("an event of {} bytes is too large", large.text.len());
            return Err(Problem::of_file(path_of(&large.event), reason, "narrow the selection and decide in parts"));
        }
        self.check()?;
        let files = drafts.iter().map(|draft| (path_of(&draft.event), draft.text.clone().into_bytes()));
        if self.settings.drafts {
            let files = files.map(|(path, bytes)| (format!("{FOLDER}/{path}"), bytes));
            return self.repo.create_all_kept(Shelf::Drafts, files.collect()).map(|_| Origin::Draft);
        }
        let op = drafts.first().map_or("", |draft| &draft.event.op);
        self.put(files.collect(), &format!("quell: {op}"))
    }

    /// Puts files where they are shared, all of them or none; those that are there already stay. Says where they went.
    pub(super) fn put(&self, files: Vec<(String, Vec<u8>)>, about: &str) -> Result<Origin, Problem> {
        self.check()?;
        if let Some(name) = self.reference() {
            let mut all = vec![(in_tree(".gitattributes"), ATTRIBUTES.to_vec())];
            all.extend(files.into_iter().map(|(path, bytes)| (in_tree(&path), bytes)));
            self.repo.add_to_ref(&name, &all, about)?;
            return Ok(Origin::Ref);
        }
        let keeper = self.keeper();
        keep_bytes(keeper);
        let is_there = |path: &str, bytes: &[u8]| {
            keeper.read_small(&in_tree(path), MAX_EVENT as u64).is_ok_and(|there| there == bytes)
        };
        let files = files.into_iter().filter(|(path, bytes)| !is_there(path, bytes));
        let files = files.map(|(path, bytes)| (format!("{FOLDER}/{path}"), bytes)).collect();
        let shelves = keeper.create_all_kept(Shelf::Tree, files)?;
        Ok(if shelves.contains(&Shelf::Private) { Origin::Private } else { Origin::Tree })
    }

    /// Whether anything can be written.
    fn check(&self) -> Result<(), Problem> {
        match &self.broken {
            None => Ok(()),
            Some(problem) => Err(Problem { loss: Loss::Nothing, ..problem.clone() }),
        }
    }

    /// How many events a person still has to commit.
    pub fn uncommitted(&self) -> usize {
        if self.reference().is_some() { 0 } else { self.keeper().uncommitted_decisions() }
    }

    /// The tree that holds the event files, for what works on files: `None` where a ref holds them.
    pub(super) fn tree(&self) -> Option<&Repo> {
        if self.reference().is_some() { None } else { Some(self.keeper()) }
    }
}

/// Decisions that others do not have yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unshared {
    /// Files that are not committed.
    pub uncommitted: usize,
    /// What waits to be published.
    pub drafts: usize,
    /// Where the files are.
    pub place: String,
}

impl Unshared {
    pub fn count(&self) -> usize {
        self.uncommitted + self.drafts
    }

    /// One line for each kind, and what to do.
    pub fn words(&self) -> Vec<String> {
        let files = counted(self.uncommitted, "decision", "decisions");
        let (drafts, them) = match self.drafts {
            1 => ("1 decision is a draft".to_owned(), "it"),
            count => (format!("{count} decisions are drafts"), "them"),
        };
        let lines = [
            (self.uncommitted, format!("{files} in {} not committed yet: commit to share them", self.place)),
            (self.drafts, format!("{drafts}: share {them} with quell ledger publish")),
        ];
        lines.into_iter().filter(|(count, _)| *count > 0).map(|(_, line)| line).collect()
    }
}

/// Which decisions of a repository others do not have yet.
pub fn unshared(repo: &Repo) -> Unshared {
    let home = Home::of(repo).0;
    Unshared { uncommitted: home.uncommitted(), drafts: drafts(repo).len(), place: home.place() }
}

/// The drafts of this clone, and what a tree that could not be written has left: where each is, below its shelf, and its
/// bytes.
pub(super) fn drafts(repo: &Repo) -> Vec<(Shelf, String, Vec<u8>)> {
    let mut drafts = Vec::new();
    for shelf in [Shelf::Drafts, Shelf::Private] {
        let Ok(Some(folder)) = repo.open_kept(shelf, FOLDER) else { continue };
        let files = folder.entries().unwrap_or_default().into_iter().filter(|entry| entry.kind == EntryKind::File);
        for file in files.filter(|file| has_ending(&file.name, "json")) {
            if let Ok((bytes, _)) = folder.read(&file.name) {
                drafts.push((shelf, file.name, bytes));
            }
        }
    }
    drafts
}

impl Draft {
    /// Writes the event; on disk before it returns. Says where it is.
    pub fn write(&self, repo: &Repo) -> Result<Origin, Problem> {
        Home::of(repo).0.write(std::slice::from_ref(self))
    }
}

fn keep_bytes(repo: &Repo) {
    let path = format!("{FOLDER}/.gitattributes");
    if repo.file_state(&format!(".quell/{path}")).is_err() {
        // A failure costs nothing here: it is there already, or the event itself cannot be written either; and a reader
        // takes CRLF for LF.
        let _ = repo.create_kept(Shelf::Tree, &path, ATTRIBUTES);
    }
}

/// Whether an event holds on one of these branches.
pub fn holds_on(event: &Event, branches: &[String]) -> bool {
    let matches = |glob: &String| {
        Glob::new(glob).is_ok_and(|glob| {
            let glob = glob.compile_matcher();
            branches.iter().any(|branch| glob.is_match(branch))
        })
    };
    event.branches.is_empty() || event.branches.iter().any(matches)
}

fn settings(repo: &Repo) -> (Settings, Option<Problem>) {
    let bytes = match repo.read(CONFIG) {
        Ok(bytes) => bytes,
        Err(ReadError::Missing) => return (Settings::default(), None),
        Err(error) => {
            let problem = Problem::of_file(CONFIG, error.to_string(), "make it a file that can be read, or remove it");
            return (Settings::default(), Some(problem));
        }
    };
    let text = String::from_utf8_lossy(&bytes);
    let wrong = |place: &str, reason: String, hint: &str| Problem::at(CONFIG, place, reason, Loss::File).hint(hint);
    let settings = match toml::from_str::<Config>(&text) {
        Ok(config) => config.ledger,
        Err(error) => {
            let problem = wrong("ledger", error.message().to_owned(), "correct it; nothing is decided until then");
            return (Settings::default(), Some(problem));
        }
    };
    let is_own = |name: &String| {
        let rest = name.strip_prefix("refs/heads/").or_else(|| name.strip_prefix("refs/")).unwrap_or(name);
        rest.strip_prefix("quell/").is_some_and(|rest| !rest.is_empty()) && Repo::is_ref_name(name)
    };
    if let Some(name) = settings.reference.as_ref().filter(|name| !is_own(name)) {
        let reason = format!("`{name}` is no ref that Quell writes");
        let problem = wrong("ledger.ref", reason, "name a branch quell/… or a ref refs/quell/…");
        return (Settings { reference: None, ..settings }, Some(problem));
    }
    (settings, None)
}

/// The repository that git's configuration names.
fn other(repo: &Repo, path: &str) -> Result<Repo, Problem> {
    let folder = repo.root().join(path);
    let opened = Repo::discover(&folder, true).map(|(other, _)| other);
    opened.map_err(|problem| Problem {
        file: "git config quell.ledger".to_owned(),
        place: path.to_owned(),
        hint: "name a repository that is there; nothing is decided until then".to_owned(),
        ..problem
    })
}

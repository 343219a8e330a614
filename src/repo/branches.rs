//! Refs: which ones a name means, what folders of theirs hold, and how a file is added to one without a checkout.

use git2::{
    Commit, ErrorCode, FileMode, ObjectType, Oid, Reference, Repository, Signature, Tree, TreeWalkMode, TreeWalkResult,
};

use crate::model::problem::Problem;

use super::Repo;
use super::path::components;

/// How often a ref is written again that somebody else has moved meanwhile.
const TRIES: usize = 5;
/// Largest file that is read, in bytes.
const MAX_BYTES: usize = 32 << 20;

impl Repo {
    /// Whether git takes a text for the name of a ref, without what could be an option.
    pub fn is_ref_name(name: &str) -> bool {
        let whole = if name.starts_with("refs/") { name.to_owned() } else { format!("refs/heads/{name}") };
        !name.starts_with('-') && Reference::is_valid_name(&whole)
    }

    /// The refs that a name means, by their whole names: itself, the branch of this name here, and those of all remotes.
    pub fn refs_named(&self, name: &str) -> Vec<String> {
        let Some(git) = self.git().filter(|_| Self::is_ref_name(name)) else { return Vec::new() };
        let branch = name.strip_prefix("refs/heads/").unwrap_or(name);
        let mut wanted = vec![name.to_owned()];
        if !branch.starts_with("refs/") {
            wanted.extend([format!("refs/heads/{branch}"), format!("refs/remotes/{branch}")]);
            let remotes = git.remotes().ok();
            let remotes = remotes.iter().flat_map(|remotes| remotes.iter().flatten().flatten());
            wanted.extend(remotes.map(|remote| format!("refs/remotes/{remote}/{branch}")));
        }
        wanted.retain(|name| name.starts_with("refs/") && git.find_reference(name).is_ok());
        wanted.sort();
        wanted.dedup();
        wanted
    }

    /// Whether a ref stands where HEAD stands.
    pub fn is_at_head(&self, name: &str) -> bool {
        let Some(git) = self.git() else { return false };
        let commit = |name: &str| git.find_reference(name).and_then(|found| found.peel_to_commit()).map(|one| one.id());
        commit("HEAD").is_ok_and(|head| commit(name).is_ok_and(|other| other == head))
    }

    /// Names of the branch that is checked out: its own and that of its upstream; of a detached head those of the branches
    /// that stand there.
    pub fn branches_here(&self) -> Vec<String> {
        if let Some(name) = &self.branch {
            return vec![name.clone()];
        }
        let Some(git) = self.git() else { return Vec::new() };
        let mut names = Vec::new();
        let head = git.find_reference("HEAD").ok();
        if let Some(target) = head.as_ref().and_then(|head| head.symbolic_target().ok().flatten()) {
            if let Some(name) = target.strip_prefix("refs/heads/") {
                names.push(name.to_owned());
                let merge = git.config().and_then(|config| config.get_string(&format!("branch.{name}.merge")));
                names.extend(merge.ok().and_then(|merge| Some(merge.strip_prefix("refs/heads/")?.to_owned())));
            }
        } else if let Some(at) = head.and_then(|head| head.target()) {
            let refs = git.references().ok();
            let here = refs.into_iter().flatten().flatten().filter(|one| one.target() == Some(at));
            names.extend(here.filter_map(|one| short_branch(one.name().ok()?)));
        }
        names.sort();
        names.dedup();
        names
    }

    /// A value of git's own configuration of this clone or user.
    pub fn configured(&self, key: &str) -> Option<String> {
        let mut config = self.git()?.config().ok()?;
        config.snapshot().ok()?.get_string(key).ok().filter(|value| !value.is_empty())
    }

    /// The folder of the working tree in which git looks for hooks, where it is configured to (`core.hooksPath`).
    pub fn hooks_in_tree(&self) -> Option<String> {
        let named = self.root.join(self.configured("core.hooksPath")?);
        let folder = named.canonicalize().unwrap_or(named);
        let inside = folder.strip_prefix(&self.root).ok()?.to_str()?;
        (!inside.is_empty()).then(|| inside.to_owned())
    }

    /// The id of a folder in the tree of a ref or commit.
    pub fn folder_at(&self, name: &str, folder: &str) -> Option<String> {
        let git = self.git()?;
        let tree = git.revparse_single(name).ok()?.peel_to_tree().ok()?;
        let entry = tree.get_path(folder.as_ref()).ok()?;
        (entry.kind() == Some(ObjectType::Tree)).then(|| entry.id().to_string())
    }

    /// The files of a folder by its id: paths in it, and bytes. What is no regular file is left out.
    pub fn files_of(&self, tree: &str) -> Vec<(String, Vec<u8>)> {
        let mut files = Vec::new();
        let Some(git) = self.git() else { return files };
        let Ok(tree) = Oid::from_str(tree).and_then(|id| git.find_tree(id)) else { return files };
        let walked = tree.walk(TreeWalkMode::PreOrder, |above, entry| {
            let is_file = entry.kind() == Some(ObjectType::Blob) && entry.filemode() != i32::from(FileMode::Link);
            if let (true, Ok(name)) = (is_file, entry.name()) {
                let path = format!("{above}{name}");
                let blob = git.find_blob(entry.id()).ok().filter(|blob| blob.size() <= MAX_BYTES);
                if let Some(blob) = blob.filter(|_| components(&path).is_ok()) {
                    files.push((path, blob.content().to_vec()));
                }
            }
            TreeWalkResult::Ok
        });
        // What was found before an object that is missing is all there is.
        drop(walked);
        files
    }

    /// Adds files to the tree of a ref in one commit, which is on disk when it returns; files that are there with the same
    /// bytes stay. The ref is made where it is missing. Nothing is checked out: a branch that is, is refused.
    pub fn add_to_ref(&self, name: &str, files: &[(String, Vec<u8>)], about: &str) -> Result<(), Problem> {
        let failed = |error: &git2::Error| {
            Problem::of_file(name, format!("cannot be written: {}", error.message().to_lowercase()), "try again")
        };
        let Some(git) = self.git() else {
            return Err(Problem::of_file(
                name,
                "there is no git here to keep it",
                "remove ledger.ref, or run git init",
            ));
        };
        if is_checked_out(&git, name) {
            let reason = "the branch is checked out, and would change under it";
            return Err(Problem::of_file(name, reason, "switch to another branch there"));
        }
        for _ in 0..TRIES {
            match add(&git, name, files, about) {
                Ok(()) => return Ok(()),
                Err(error) if matches!(error.code(), ErrorCode::Modified | ErrorCode::Exists | ErrorCode::Locked) => {}
                Err(error) => return Err(failed(&error)),
            }
        }
        Err(Problem::of_file(name, "others write to it all the time", "try again"))
    }
}

fn short_branch(name: &str) -> Option<String> {
    if let Some(name) = name.strip_prefix("refs/heads/") {
        return Some(name.to_owned());
    }
    let (_, name) = name.strip_prefix("refs/remotes/")?.split_once('/')?;
    (name != "HEAD").then(|| name.to_owned())
}

/// Whether a working tree of this repository has a branch checked out.
fn is_checked_out(git: &Repository, name: &str) -> bool {
    let is_head = |git: &Repository| {
        git.find_reference("HEAD").is_ok_and(|head| head.symbolic_target().ok().flatten() == Some(name))
    };
    let worktrees = git.worktrees().ok();
    let worktrees = worktrees.iter().flat_map(|names| names.iter().flatten().flatten());
    let mut opened = worktrees.filter_map(|one| Repository::open_from_worktree(&git.find_worktree(one).ok()?).ok());
    is_head(git)
        || Repository::open(git.commondir()).is_ok_and(|main| is_head(&main))
        || opened.any(|worktree| is_head(&worktree))
}

fn add(git: &Repository, name: &str, files: &[(String, Vec<u8>)], about: &str) -> Result<(), git2::Error> {
    let parent: Option<Commit> = match start(git, name) {
        Ok(parent) => Some(parent.peel_to_commit()?),
        Err(error) if error.code() == ErrorCode::NotFound => None,
        Err(error) => return Err(error),
    };
    let old = parent.as_ref().map(Commit::tree).transpose()?;
    let mut tree = old.as_ref().map(Tree::id);
    for (path, bytes) in files {
        let parts: Vec<&str> = path.split('/').collect();
        let now = tree.map(|id| git.find_tree(id)).transpose()?;
        tree = Some(with_file(git, now.as_ref(), &parts, bytes)?);
    }
    let Some(tree) = tree.filter(|tree| old.as_ref().is_none_or(|old| old.id() != *tree)) else { return Ok(()) };
    let who = git.signature().or_else(|_| Signature::now("quell", "quell@localhost"))?;
    let tree = git.find_tree(tree)?;
    let parents: Vec<&Commit> = parent.iter().collect();
    let commit = git.commit(None, &who, &who, about, &tree, &parents)?;
    match (git.find_reference(name), parent) {
        (Ok(_), Some(parent)) => git.reference_matching(name, commit, true, parent.id(), about)?,
        // A branch of a remote goes on here; one that somebody has made meanwhile is an error.
        _ => git.reference(name, commit, false, about)?,
    };
    Ok(())
}

/// The ref, or else that of a remote which it follows.
fn start<'g>(git: &'g Repository, name: &str) -> Result<Reference<'g>, git2::Error> {
    let missing = match git.find_reference(name) {
        Err(error) if error.code() == ErrorCode::NotFound => error,
        found => return found,
    };
    let Some(branch) = name.strip_prefix("refs/heads/") else { return Err(missing) };
    let remotes = git.remotes()?;
    let found = remotes
        .iter()
        .flatten()
        .flatten()
        .find_map(|remote| git.find_reference(&format!("refs/remotes/{remote}/{branch}")).ok());
    found.ok_or(missing)
}

/// A tree with one file more. Folders on the way are made.
fn with_file(git: &Repository, tree: Option<&Tree<'_>>, path: &[&str], bytes: &[u8]) -> Result<Oid, git2::Error> {
    let mut builder = git.treebuilder(tree)?;
    match path {
        [] => {}
        [name] => {
            builder.insert(name, git.blob(bytes)?, FileMode::Blob.into())?;
        }
        [name, rest @ ..] => {
            let below =
                tree.and_then(|tree| tree.get_name(name)).filter(|entry| entry.kind() == Some(ObjectType::Tree));
            let below = below.map(|entry| git.find_tree(entry.id())).transpose()?;
            builder.insert(name, with_file(git, below.as_ref(), rest, bytes)?, FileMode::Tree.into())?;
        }
    }
    builder.write()
}

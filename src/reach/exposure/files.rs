//! Which files of the tree are worth reading, told by their names, and by how they begin where a name leaves it open.

use rayon::prelude::*;

use crate::repo::Repo;
use crate::repo::read::ReadError;

use super::facts::{Facts, Place, Source};
use super::path::{To, below, joined, name_of};

/// The most files that are read, and those whose beginnings are looked at.
const MAX_FILES: usize = 5_000;
const MAX_LOOKED_AT: usize = 50_000;
/// The largest file that is read, in bytes.
const MAX_BYTES: u64 = 2 << 20;
/// How much of a file is looked at to tell what it is.
const LOOKED_AT: u64 = 8 << 10;
/// Folders of other people's code.
const FOREIGN: &[&str] = &["node_modules", "vendor", ".terraform", "third_party"];

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Dockerfile,
    Compose,
    Workflow,
    Terraform,
    Yaml,
    Json,
}

/// A file that may say something.
#[derive(Debug)]
pub(super) struct Candidate<'f> {
    pub(super) kind: Kind,
    pub(super) path: &'f str,
    /// Whether its name says what it is.
    is_named: bool,
}

/// The files of the repository, sorted.
pub(super) struct Tree<'f> {
    files: &'f [String],
    /// What the repository is called.
    pub(super) name: &'f str,
}

impl<'f> Tree<'f> {
    pub(super) fn new(files: &'f [String], name: &'f str) -> Self {
        Self { files, name }
    }

    /// The files that say something, those with telling names first, and how many were left out.
    pub(super) fn candidates(&self, repo: &Repo) -> (Vec<Candidate<'f>>, usize) {
        let mut open: Vec<Candidate<'f>> = self.files.iter().filter_map(|path| candidate(path)).collect();
        open.sort_by_key(|one| (!one.is_named, one.kind));
        let unseen = open.len().saturating_sub(MAX_LOOKED_AT);
        open.truncate(MAX_LOOKED_AT);
        let mut found: Vec<Candidate<'f>> =
            open.into_par_iter().filter(|one| one.is_named || one.begins(repo)).collect();
        let unread = found.len().saturating_sub(MAX_FILES);
        found.truncate(MAX_FILES);
        (found, unseen + unread)
    }

    pub(super) fn has_file(&self, path: &str) -> bool {
        self.files.binary_search_by(|known| known.as_str().cmp(path)).is_ok()
    }

    pub(super) fn has_folder(&self, folder: &str) -> bool {
        let below = joined(folder, "");
        let start = if below.is_empty() { below } else { below + "/" };
        let at = self.files.partition_point(|path| *path < start);
        self.files.get(at).is_some_and(|path| path.starts_with(&start))
    }

    /// What an image is built from: a context relative to `folder`, and a Dockerfile relative to the context. `None`
    /// where that is no folder of the repository; where it leads out of it, that is a problem.
    pub(super) fn source(
        &self,
        folder: &str,
        context: &str,
        dockerfile: Option<&str>,
        place: &Place,
        facts: &mut Facts,
    ) -> Option<Source> {
        let context = match below(folder, context) {
            To::Inside(context) if self.has_folder(&context) => context,
            To::Inside(context) => {
                let reason = format!("the build context `{context}` is no folder of the repository");
                facts.problem(&place.file, place.line, reason, "");
                return None;
            }
            To::Outside => {
                let reason = format!("the build context `{context}` leads out of the repository; it was left out");
                facts.problem(&place.file, place.line, reason, "");
                return None;
            }
            To::Elsewhere => return None,
        };
        let named = dockerfile.map(|path| below(&context, path));
        let dockerfile = match named {
            Some(To::Inside(path)) => Some(path).filter(|path| self.has_file(path)),
            Some(To::Outside | To::Elsewhere) => None,
            None => self.dockerfile_in(&context),
        };
        Some(Source { context, dockerfile })
    }

    /// The file that is taken where none is named.
    fn dockerfile_in(&self, folder: &str) -> Option<String> {
        let paths = ["Dockerfile", "Containerfile"].into_iter().map(|name| joined(folder, name));
        paths.into_iter().find(|path| self.has_file(path))
    }
}

impl Candidate<'_> {
    /// Whether it begins as an object of Kubernetes.
    fn begins(&self, repo: &Repo) -> bool {
        let start = repo.read_start(self.path, LOOKED_AT).unwrap_or_default();
        [&b"apiVersion"[..], b"kind"].iter().all(|sign| memchr::memmem::find(&start, sign).is_some())
    }

    /// Its text; `None` where it is not there, or cannot be read.
    pub(super) fn text(&self, repo: &Repo, facts: &mut Facts) -> Option<String> {
        match repo.read_small(self.path, MAX_BYTES) {
            Ok(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
            Err(ReadError::Missing) => None,
            Err(error) => {
                facts.problem(self.path, 0, error.to_string(), "");
                // A Dockerfile lets nobody in.
                if self.kind != Kind::Dockerfile {
                    facts.unread.push(self.path.to_owned());
                }
                None
            }
        }
    }
}

/// Reads all of them, in their order.
pub(super) fn read_all(candidates: &[Candidate<'_>], read: impl Fn(&Candidate<'_>) -> Facts + Sync + Send) -> Facts {
    let each: Vec<Facts> = candidates.par_iter().map(read).collect();
    let mut all = Facts::default();
    for facts in each {
        all.absorb(facts);
    }
    all
}

fn candidate(path: &str) -> Option<Candidate<'_>> {
    let name = name_of(path).to_ascii_lowercase();
    let kind = kind_of(path, &name)?;
    if path.split('/').any(|part| FOREIGN.contains(&part)) {
        return None;
    }
    let is_open = matches!(kind, Kind::Yaml | Kind::Json);
    let is_named = !is_open
        || name.starts_with("skaffold")
        || matches!(&*name, "kustomization.yaml" | "kustomization.yml" | "chart.yaml");
    Some(Candidate { kind, path, is_named })
}

fn kind_of(path: &str, name: &str) -> Option<Kind> {
    let ends = |end: &str| name.ends_with(end);
    let is_yaml = ends(".yaml") || ends(".yml");
    match name {
        _ if ends(".dockerignore") => None,
        "dockerfile" | "containerfile" => Some(Kind::Dockerfile),
        _ if name.starts_with("dockerfile.") || ends(".dockerfile") => Some(Kind::Dockerfile),
        _ if is_yaml && path.starts_with(".github/workflows/") => Some(Kind::Workflow),
        _ if is_yaml && (name.contains("compose") || name.contains("stack")) => Some(Kind::Compose),
        _ if is_yaml => Some(Kind::Yaml),
        _ if ends(".tf") => Some(Kind::Terraform),
        _ if ends(".json") => Some(Kind::Json),
        _ => None,
    }
}

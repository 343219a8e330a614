//! From the URIs of a report to files of the repository.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::Repo;
use super::listing::Listing;
use super::read::{MAX_SOURCE, OpenFolders, ReadError, open_parent, read_at};
use super::uri::{self, Place};

/// Most folders of the repository that are kept as places where a scan ran.
const MAX_FOLDERS: usize = 64;

/// Maps the URIs of reports to paths of one repository. Answers are cached; the list of the repository's
/// files is read once, when the first URI is not found as it stands.
pub struct Locator {
    repo: Repo,
    /// Components of the root, and of its other spelling.
    roots: Vec<Vec<String>>,
    /// Answers by base, then by URI.
    known: HashMap<String, HashMap<String, Located>>,
    /// Folders of other machines that have turned out to be the root: `src/shop` for `/src/shop/`.
    twins: HashSet<String>,
    /// Folders of the repository that relative URIs have turned out to start from.
    folders: Vec<String>,
    /// What was learnt from ends of paths, for people: a prefix in the report, and what it is in the repository.
    learnt: Vec<(String, String)>,
    files: Files,
    /// While a batch is looked up.
    open: Option<OpenFolders>,
}

/// What the locators of one load share, one for each report: the list of the repository's files, read when it is first
/// asked for, and the prefixes that the configuration maps.
#[derive(Clone, Default)]
pub struct Files {
    listing: Arc<OnceLock<Listing>>,
    mapped: Arc<[Mapping]>,
}

/// A prefix of paths of reports, and what stands for it.
struct Mapping {
    from: Vec<String>,
    is_absolute: bool,
    to: Vec<String>,
}

impl Files {
    /// Maps prefixes of the paths and URIs of reports to folders of the repository, `""` or `.` for its root. What
    /// leads out of the repository is left out; see [`is_folder_inside`].
    pub fn mapping<'p>(paths: impl Iterator<Item = (&'p str, &'p str)>) -> Self {
        let read = |(from, to): (&str, &str)| {
            let (from, is_absolute) = match uri::parse(from) {
                Place::Absolute(from) => (from, true),
                Place::Relative(from) => (from, false),
                Place::Above | Place::Foreign => return None,
            };
            Some(Mapping { from, is_absolute, to: inside(to)? })
        };
        let mut mapped: Vec<Mapping> = paths.filter_map(read).collect();
        mapped.sort_by_key(|mapping| std::cmp::Reverse(mapping.from.len()));
        Self { listing: Arc::default(), mapped: mapped.into() }
    }

    /// Where the configuration says that a path is: by the longest prefix.
    fn mapped(&self, place: &Place) -> Option<String> {
        let (path, is_absolute) = match place {
            Place::Absolute(path) => (path, true),
            Place::Relative(path) => (path, false),
            Place::Above | Place::Foreign => return None,
        };
        let below = |mapping: &Mapping| {
            let rest = path.strip_prefix(mapping.from.as_slice()).filter(|_| mapping.is_absolute == is_absolute)?;
            Some([mapping.to.as_slice(), rest].concat().join("/"))
        };
        self.mapped.iter().find_map(below)
    }
}

/// Whether a configured folder lies in the repository.
pub fn is_folder_inside(path: &str) -> bool {
    inside(path).is_some()
}

/// The bytes of a file beside another, by its relative URI; never outside `folder`, nor through a symbolic link.
pub fn beside(folder: &Path, uri: &str) -> Result<Vec<u8>, ReadError> {
    let path = inside(uri).ok_or(ReadError::Outside)?.join("/");
    let (folder, name) = open_parent(folder, &path)?;
    read_at(&folder, name, MAX_SOURCE).map(|(bytes, _)| bytes)
}

fn inside(path: &str) -> Option<Vec<String>> {
    match uri::parse(path) {
        Place::Relative(path) => Some(path),
        Place::Absolute(_) | Place::Above | Place::Foreign => None,
    }
}

/// Where a URI leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// Relative to the root with `/` if `in_repo`, or if the place lies below the root but no file is there (any
    /// more); else the URI, decoded once unless it has a scheme of its own.
    pub path: String,
    /// Whether a regular file is there.
    pub in_repo: bool,
}

impl Locator {
    pub fn new(repo: &Repo) -> Self {
        Self::sharing(repo, Files::default())
    }

    /// A locator with the list of files of others.
    pub fn sharing(repo: &Repo, files: Files) -> Self {
        let roots =
            [Some(&repo.root), repo.alias.as_ref()].into_iter().flatten().filter_map(|root| parts(root)).collect();
        let (known, twins) = (HashMap::new(), HashSet::new());
        let (folders, learnt) = (Vec::new(), Vec::new());
        Self { repo: repo.clone(), roots, known, twins, folders, learnt, files, open: None }
    }

    /// What ends of paths have told so far, in words: which prefix of the report stands for which folder.
    pub fn learnt(&self) -> Vec<String> {
        let words = |(from, to): &(String, String)| match (from.as_str(), to.as_str()) {
            ("", to) => format!("`{to}` for relative paths"),
            (from, "") => format!("the repository for `{from}`"),
            (from, to) => format!("`{to}` for `{from}`"),
        };
        self.learnt.iter().map(words).collect()
    }

    /// `uri` as the report has it (percent-encoded, `file://`, absolute, with backslashes or a drive, or relative),
    /// `base` the resolved `uriBaseId` if there is one. Tried in this order: what the configuration maps; below a base that lies in the
    /// repository, or absolute under the root; relative to the root as it stands; known scan roots stripped (what
    /// already mapped in this report); the suffix of an absolute path that is the whole path of exactly one file,
    /// or the one file whose path ends in a relative URI. Never `..` out of the root. A wrong answer is worse than
    /// none: what could be two files is none.
    pub fn locate(&mut self, uri: &str, base: Option<&str>) -> Located {
        let base = base.unwrap_or_default();
        if let Some(located) = self.known.get(base).and_then(|answers| answers.get(uri)) {
            return located.clone();
        }
        let located = self.find(uri, base);
        self.known.entry(base.to_owned()).or_default().insert(uri.to_owned(), located.clone());
        located
    }

    /// Many URIs with their bases. Quickest, and the same on every machine, in the order of their text.
    pub fn locate_all<'u>(&mut self, uris: impl Iterator<Item = (&'u str, Option<&'u str>)>) -> Vec<Located> {
        // Without a root that can be opened, each question fails by itself.
        self.open = OpenFolders::new(&self.repo.root).ok();
        let located = uris.map(|(uri, base)| self.locate(uri, base)).collect();
        self.open = None;
        located
    }

    /// The bytes of a file that was located, `None` where they cannot be read.
    pub fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.repo.read(path).ok()
    }

    fn find(&mut self, uri: &str, base: &str) -> Located {
        let own = uri::parse(uri);
        let joined = || uri::parse(&uri::join(base, uri));
        let is_below = !base.is_empty() && matches!(own, Place::Relative(_) | Place::Above);
        let mapped = is_below.then(joined).and_then(|joined| self.files.mapped(&joined));
        if let Some(path) = mapped.or_else(|| self.files.mapped(&own)) {
            return Located { in_repo: self.is_file(&path), path };
        }
        match own {
            Place::Foreign => Located { path: uri.to_owned(), in_repo: false },
            Place::Absolute(path) => {
                self.absolute(&path).unwrap_or_else(|| Located { path: uri::decode(uri), in_repo: false })
            }
            Place::Relative(path) if base.is_empty() => self.relative(&path),
            Place::Relative(path) => self.below(base, uri, &path),
            Place::Above if base.is_empty() => Located { path: uri::decode(uri), in_repo: false },
            Place::Above => match uri::parse(&uri::join(base, uri)) {
                Place::Absolute(joined) => self.absolute(&joined),
                Place::Relative(joined) => Some(self.relative(&joined)),
                Place::Above | Place::Foreign => None,
            }
            .unwrap_or_else(|| Located { path: uri::decode(uri), in_repo: false }),
        }
    }

    /// A relative URI below a base.
    fn below(&mut self, base: &str, uri: &str, own: &[String]) -> Located {
        match uri::parse(&uri::join(base, uri)) {
            Place::Absolute(joined) => {
                let is_own = self.under_root(&joined).is_none() && self.is_file(&own.join("/"));
                if is_own {
                    // The base is the root, as the machine of the scan saw it.
                    self.twins
                        .extend(joined.strip_suffix(own).filter(|twin| !twin.is_empty()).map(|twin| twin.join("/")));
                    return Located { path: own.join("/"), in_repo: true };
                }
                self.absolute(&joined).unwrap_or_else(|| self.relative(own))
            }
            Place::Relative(joined) if self.is_file(&joined.join("/")) => self.relative(&joined),
            Place::Relative(_) | Place::Above | Place::Foreign => self.relative(own),
        }
    }

    /// An absolute path: under the root, under a known twin of it, or by its suffix.
    fn absolute(&mut self, path: &[String]) -> Option<Located> {
        let inside = self.under_root(path).or_else(|| self.under_twin(path)).map(<[String]>::to_vec);
        if let Some(rest) = inside {
            let path = rest.join("/");
            return Some(Located { in_repo: self.is_file(&path), path });
        }
        let (file, shared) = self.listing().by_suffix(path)?;
        let is_whole = file.split('/').count() == shared;
        let is_enough = shared > 1 || path.len() <= 2;
        if !is_whole || !is_enough || !self.is_file(&file) {
            return None;
        }
        // The top of a file system is no twin: everything would lie below it.
        if shared > 1 && shared < path.len() {
            let twin = path.get(..path.len() - shared)?.join("/");
            self.learnt.push((format!("/{twin}"), String::new()));
            self.twins.insert(twin);
        }
        Some(Located { path: file, in_repo: true })
    }

    /// A relative path: below the root, below a folder where a scan ran, or by being a suffix as a whole.
    fn relative(&mut self, path: &[String]) -> Located {
        let text = path.join("/");
        if self.is_file(&text) {
            return Located { path: text, in_repo: true };
        }
        let known: Vec<String> = self.folders.iter().map(|folder| format!("{folder}/{text}")).collect();
        let found: Vec<String> = known.into_iter().filter(|path| self.is_file(path)).collect();
        match found.as_slice() {
            [only] => return Located { path: only.clone(), in_repo: true },
            [] => {}
            _ => return Located { path: text, in_repo: false },
        }
        match self.listing().by_suffix(path) {
            Some((file, shared)) if shared == path.len() && self.is_file(&file) => {
                if shared > 1 && self.folders.len() < MAX_FOLDERS {
                    let folder = file.strip_suffix(&text).map(|folder| folder.trim_end_matches('/').to_owned());
                    self.learnt.extend(folder.iter().map(|folder| (String::new(), folder.clone())));
                    self.folders.extend(folder);
                }
                Located { path: file, in_repo: true }
            }
            _ => Located { path: text, in_repo: false },
        }
    }

    fn under_root<'a>(&self, path: &'a [String]) -> Option<&'a [String]> {
        self.roots.iter().find_map(|root| path.strip_prefix(root.as_slice()))
    }

    /// The shortest twin counts: a longer one may come from a folder that holds files like those of the root.
    fn under_twin<'a>(&self, path: &'a [String]) -> Option<&'a [String]> {
        let mut prefix = String::new();
        for (count, component) in path.iter().enumerate() {
            if self.twins.contains(prefix.as_str()) {
                return path.get(count..);
            }
            if count > 0 {
                prefix.push('/');
            }
            prefix.push_str(component);
        }
        None
    }

    fn is_file(&mut self, path: &str) -> bool {
        let known = self.open.as_mut().and_then(|open| open.is_file(path));
        known.unwrap_or_else(|| self.repo.file_state(path).is_ok())
    }

    fn listing(&self) -> &Listing {
        self.files.listing.get_or_init(|| Listing::read(&self.repo))
    }
}

/// Components of an absolute path; `None` for a path that is not UTF-8, which no URI can name.
fn parts(root: &Path) -> Option<Vec<String>> {
    Some(root.to_str()?.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect())
}

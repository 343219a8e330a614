//! From the URIs of a report to files of the repository.

use std::borrow::Cow;
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
    /// The root without its first slash, and its other spelling.
    roots: Vec<String>,
    /// Answers by base, then by URI, but for those that were looked up together.
    known: HashMap<String, HashMap<String, Located>>,
    /// Folders of other machines that have turned out to be the root: `src/shop` for `/src/shop/`.
    twins: HashSet<String>,
    /// Folders of the repository that relative URIs have turned out to start from.
    folders: Vec<String>,
    /// What was learnt from ends of paths, for people: a prefix in the report, and what it is in the repository.
    learnt: Vec<(String, String)>,
    files: Files,
    /// The base that was met last, and what it names.
    base: Option<(String, Base)>,
    /// Room for a path below its base.
    room: String,
    /// While a batch is looked up.
    open: Option<OpenFolders>,
}

/// What a base names, as far as it is a path.
#[derive(Clone)]
enum Base {
    Absolute(Arc<str>),
    Relative(Arc<str>),
    Elsewhere,
}

/// What the locators of one load share, one for each report: the list of the repository's files, read when it is first
/// asked for, and the prefixes that the configuration maps.
#[derive(Clone, Default)]
pub struct Files {
    listing: Arc<OnceLock<Listing>>,
    mapped: Arc<[Mapping]>,
}

/// A prefix of paths of reports, and what stands for it; each is empty for the top.
struct Mapping {
    from: String,
    is_absolute: bool,
    to: String,
}

impl Files {
    /// Maps prefixes of the paths and URIs of reports to folders of the repository, `""` or `.` for its root. What
    /// leads out of the repository is left out; see [`is_folder_inside`].
    pub fn mapping<'p>(paths: impl Iterator<Item = (&'p str, &'p str)>) -> Self {
        let read = |(from, to): (&str, &str)| {
            let (from, is_absolute) = match uri::parse(from) {
                Place::Absolute(from) => (from.into_owned(), true),
                Place::Relative(from) => (from.into_owned(), false),
                Place::Above | Place::Foreign => return None,
            };
            Some(Mapping { from, is_absolute, to: inside(to)?.into_owned() })
        };
        let mut mapped: Vec<Mapping> = paths.filter_map(read).collect();
        let depth = |path: &str| path.split('/').filter(|component| !component.is_empty()).count();
        mapped.sort_by_key(|mapping| std::cmp::Reverse(depth(&mapping.from)));
        Self { listing: Arc::default(), mapped: mapped.into() }
    }

    /// Where the configuration says that a URI is: below its base, or as it stands.
    fn mapped_below(&self, base: &str, uri: &str, own: &Place<'_>) -> Option<String> {
        if self.mapped.is_empty() {
            return None;
        }
        let is_below = !base.is_empty() && matches!(own, Place::Relative(_) | Place::Above);
        let joined = is_below.then(|| uri::join(base, uri));
        joined.and_then(|joined| self.mapped(&uri::parse(&joined))).or_else(|| self.mapped(own))
    }

    /// Where the configuration says that a path is: by the longest prefix.
    fn mapped(&self, place: &Place<'_>) -> Option<String> {
        let (path, is_absolute) = match place {
            Place::Absolute(path) => (path, true),
            Place::Relative(path) => (path, false),
            Place::Above | Place::Foreign => return None,
        };
        let of_kind = self.mapped.iter().filter(|mapping| mapping.is_absolute == is_absolute);
        let mut found = of_kind.filter_map(|mapping| Some(joined(&mapping.to, under(path, &mapping.from)?)));
        found.next()
    }
}

/// Whether a configured folder lies in the repository.
pub fn is_folder_inside(path: &str) -> bool {
    inside(path).is_some()
}

/// The bytes of a file beside another, by its relative URI; never outside `folder`, nor through a symbolic link.
pub fn beside(folder: &Path, uri: &str) -> Result<Vec<u8>, ReadError> {
    let path = inside(uri).ok_or(ReadError::Outside)?;
    let (folder, name) = open_parent(folder, &path)?;
    read_at(&folder, name, MAX_SOURCE).map(|(bytes, _)| bytes)
}

fn inside(path: &str) -> Option<Cow<'_, str>> {
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

/// The same, borrowed from the URI where the path stands there.
struct Found<'u> {
    path: Cow<'u, str>,
    in_repo: bool,
}

impl<'u> Found<'u> {
    fn outside(path: impl Into<Cow<'u, str>>) -> Self {
        Self { path: path.into(), in_repo: false }
    }

    fn file(path: impl Into<Cow<'u, str>>) -> Self {
        Self { path: path.into(), in_repo: true }
    }
}

impl Locator {
    pub fn new(repo: &Repo) -> Self {
        Self::sharing(repo, Files::default())
    }

    /// A locator with the list of files of others.
    pub fn sharing(repo: &Repo, files: Files) -> Self {
        let roots =
            [Some(&repo.root), repo.alias.as_ref()].into_iter().flatten().filter_map(|root| below_top(root)).collect();
        let (known, twins) = (HashMap::new(), HashSet::new());
        let (folders, learnt) = (Vec::new(), Vec::new());
        let (repo, room) = (repo.clone(), String::new());
        Self { repo, roots, known, twins, folders, learnt, files, base: None, room, open: None }
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
    /// `base` the resolved `uriBaseId` if there is one. Tried in this order: what the configuration maps; below a base
    /// that lies in the repository, or absolute under the root; relative to the root as it stands; known scan roots
    /// stripped (what already mapped in this report); the suffix of an absolute path that is the whole path of exactly
    /// one file, or the one file whose path ends in a relative URI. Never `..` out of the root. A wrong answer is worse
    /// than none: what could be two files is none.
    pub fn locate(&mut self, uri: &str, base: Option<&str>) -> Located {
        let base = base.unwrap_or_default();
        if let Some(located) = self.known.get(base).and_then(|answers| answers.get(uri)) {
            return located.clone();
        }
        let Found { path, in_repo } = self.find(uri, base);
        let located = Located { path: path.into_owned(), in_repo };
        self.known.entry(base.to_owned()).or_default().insert(uri.to_owned(), located.clone());
        located
    }

    /// Many different URIs with their bases, and who takes the answers: path and whether a file is there. Quickest, and the same on every machine, in the
    /// order of their text.
    pub fn locate_all<'u>(
        &mut self,
        uris: impl Iterator<Item = (&'u str, Option<&'u str>)>,
        mut take: impl FnMut(&str, bool),
    ) {
        // Without a root that can be opened, each question fails by itself.
        self.open = OpenFolders::new(&self.repo.root).ok();
        for (uri, base) in uris {
            let Found { path, in_repo } = self.find(uri, base.unwrap_or_default());
            take(&path, in_repo);
        }
        self.open = None;
    }

    /// The bytes of a file that was located, `None` where they cannot be read.
    pub fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.repo.read(path).ok()
    }

    fn find<'u>(&mut self, uri: &'u str, base: &str) -> Found<'u> {
        let own = uri::parse(uri);
        if let Some(path) = self.files.mapped_below(base, uri, &own) {
            return Found { in_repo: self.is_file(&path), path: path.into() };
        }
        match own {
            Place::Foreign => Found::outside(uri),
            Place::Absolute(path) => self.absolute(&path).unwrap_or_else(|| Found::outside(uri::decode(uri))),
            Place::Relative(path) if base.is_empty() => self.relative(path),
            Place::Relative(path) => self.below(base, path),
            Place::Above if base.is_empty() => Found::outside(uri::decode(uri)),
            Place::Above => match uri::parse(&uri::join(base, uri)) {
                Place::Absolute(joined) => self.absolute(&joined),
                Place::Relative(joined) => Some(self.relative(Cow::Owned(joined.into_owned()))),
                Place::Above | Place::Foreign => None,
            }
            .unwrap_or_else(|| Found::outside(uri::decode(uri))),
        }
    }

    /// A relative path below a base.
    fn below<'u>(&mut self, base: &str, own: Cow<'u, str>) -> Found<'u> {
        let is_own = self.is_file(&own);
        let (base, is_absolute) = match self.base(base) {
            Base::Absolute(base) => (base, true),
            Base::Relative(base) => (base, false),
            Base::Elsewhere => return self.relative_to_root(own, is_own),
        };
        let mut joined = std::mem::take(&mut self.room);
        joined.clear();
        join(&mut joined, &base, &own);
        let found = if !is_absolute {
            self.is_file(&joined).then(|| Found::file(joined.clone()))
        } else if is_own && self.under_root(&joined).is_none() {
            // The base is the root, as the machine of the scan saw it.
            let twin = joined.strip_suffix(&*own).and_then(|above| above.strip_suffix('/'));
            if let Some(twin) = twin.filter(|twin| !self.twins.contains(*twin)) {
                self.twins.insert(twin.to_owned());
            }
            Some(Found::file(own.clone()))
        } else {
            self.absolute(&joined)
        };
        self.room = joined;
        found.unwrap_or_else(|| self.relative_to_root(own, is_own))
    }

    /// What a base names; many URIs have the same.
    fn base(&mut self, text: &str) -> Base {
        if let Some((known, base)) = &self.base
            && known == text
        {
            return base.clone();
        }
        let base = match uri::parse(text) {
            Place::Absolute(path) => Base::Absolute(path.into()),
            Place::Relative(path) => Base::Relative(path.into()),
            Place::Above | Place::Foreign => Base::Elsewhere,
        };
        self.base = Some((text.to_owned(), base.clone()));
        base
    }

    /// An absolute path: under the root, under a known twin of it, or by its suffix.
    fn absolute(&mut self, path: &str) -> Option<Found<'static>> {
        if let Some(inside) = self.under_root(path).or_else(|| self.under_twin(path)) {
            return Some(Found { in_repo: self.is_file(inside), path: inside.to_owned().into() });
        }
        let (file, shared) = self.listing().by_suffix(path)?;
        let count = path.split('/').count();
        let is_whole = file.split('/').count() == shared;
        let is_enough = shared > 1 || count <= 2;
        if !is_whole || !is_enough || !self.is_file(&file) {
            return None;
        }
        // The top of a file system is no twin: everything would lie below it.
        if shared > 1 && shared < count {
            let twin = path.rmatch_indices('/').nth(shared - 1).map(|(at, _)| path.split_at(at).0.to_owned());
            self.learnt.extend(twin.iter().map(|twin| (format!("/{twin}"), String::new())));
            self.twins.extend(twin);
        }
        Some(Found::file(file))
    }

    /// A relative path: below the root, below a folder where a scan ran, or by being a suffix as a whole.
    fn relative<'u>(&mut self, text: Cow<'u, str>) -> Found<'u> {
        let is_file = self.is_file(&text);
        self.relative_to_root(text, is_file)
    }

    /// The same, once it is known whether a file is there as the path stands.
    fn relative_to_root<'u>(&mut self, text: Cow<'u, str>, is_file: bool) -> Found<'u> {
        if is_file {
            return Found::file(text);
        }
        let known: Vec<String> = self.folders.iter().map(|folder| format!("{folder}/{text}")).collect();
        let mut found = known.into_iter().filter(|path| self.is_file(path));
        match (found.next(), found.next()) {
            (Some(only), None) => return Found::file(only),
            (Some(_), Some(_)) => return Found::outside(text),
            (None, _) => {}
        }
        match self.listing().by_suffix(&text) {
            Some((file, shared)) if shared == text.split('/').count() && self.is_file(&file) => {
                if shared > 1 && self.folders.len() < MAX_FOLDERS {
                    let folder = file.strip_suffix(&*text).map(|folder| folder.trim_end_matches('/').to_owned());
                    self.learnt.extend(folder.iter().map(|folder| (String::new(), folder.clone())));
                    self.folders.extend(folder);
                }
                Found::file(file)
            }
            _ => Found::outside(text),
        }
    }

    fn under_root<'a>(&self, path: &'a str) -> Option<&'a str> {
        self.roots.iter().find_map(|root| under(path, root))
    }

    /// The shortest twin counts: a longer one may come from a folder that holds files like those of the root.
    fn under_twin<'a>(&self, path: &'a str) -> Option<&'a str> {
        if self.twins.is_empty() {
            return None;
        }
        let mut folders = path.match_indices('/').map(|(at, _)| path.split_at(at));
        folders.find(|(folder, _)| self.twins.contains(*folder)).map(|(_, rest)| rest.trim_start_matches('/'))
    }

    fn is_file(&mut self, path: &str) -> bool {
        let known = self.open.as_mut().and_then(|open| open.is_file(path));
        known.unwrap_or_else(|| self.repo.file_state(path).is_ok())
    }

    fn listing(&self) -> &Listing {
        self.files.listing.get_or_init(|| Listing::read(&self.repo))
    }
}

/// What of a path is left under a folder; all of it under the top.
fn under<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    if folder.is_empty() {
        return Some(path);
    }
    let rest = path.strip_prefix(folder)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}

/// A path below a folder, each empty for the top.
fn joined(folder: &str, path: &str) -> String {
    let mut joined = String::new();
    join(&mut joined, folder, path);
    joined
}

/// The same, added to a text.
fn join(joined: &mut String, folder: &str, path: &str) {
    joined.push_str(folder);
    if !folder.is_empty() && !path.is_empty() {
        joined.push('/');
    }
    joined.push_str(path);
}

/// An absolute path without its first slash; `None` for a path that is not UTF-8, which no URI can name.
fn below_top(path: &Path) -> Option<String> {
    Some(path.to_str()?.split('/').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/"))
}

//! Which package needs which other one, by lock files that say so.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::declared::{Declared, is_for_development, requirement};
use super::ecosystem::{ECOSYSTEMS, is_requirements, name_of, plain};
use super::npm_locks;

/// A package of a lock file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Locked {
    pub(super) name: String,
    pub(super) needs: Vec<String>,
    /// Whether it is code of this repository.
    pub(super) is_own: bool,
    /// Whether the file itself says that it is for development alone.
    pub(super) is_development: Option<bool>,
}

/// What lock files say of the packages of all ecosystems.
#[derive(Debug, Default)]
pub(super) struct Locks {
    locked: HashMap<usize, Vec<Locked>>,
    /// Folders with a lock file that was understood, by ecosystem.
    folders: HashSet<(usize, String)>,
    /// Folders with a manifest that needs one, there or above.
    manifests: Vec<(usize, String)>,
    /// Ecosystems of which some of what is needed is not known.
    open: HashSet<usize>,
    /// Ecosystems of which a lock file says what production holds, and not what needs what.
    flat: HashSet<usize>,
    /// Lock files that are no text, with their folders, and folders in which the text of one lies.
    binary: Vec<(String, String)>,
    with_text: HashSet<String>,
}

/// Why it is not known of all packages what production holds: what to do about it, where that can be said.
pub(super) type Gap = Option<String>;

/// The same, for one ecosystem after the other.
#[derive(Debug, Default)]
pub(super) struct Needs {
    /// Packages that production holds.
    production: HashSet<String>,
    /// All that are locked.
    known: HashSet<String>,
    /// A package that needs each, among those of production.
    needed_by: HashMap<String, String>,
    /// Whether it is known of all packages what needs them.
    pub(super) has_graph: bool,
}

impl Locks {
    /// Adds what a manifest or a lock file says; `None` is one that could not be read.
    pub(super) fn read(&mut self, path: &str, text: Option<&str>) {
        let kind = |kind: &str| ECOSYSTEMS.iter().position(|one| one.kind == kind).unwrap_or_default();
        let (npm_kind, python, cargo) = (kind("npm"), kind("pypi"), kind("cargo"));
        let has = |word: &str| text.is_none_or(|text| text.contains(word));
        match name_of(path) {
            name if npm_locks::is_one(name) => {
                if name == BUN_TEXT {
                    self.with_text.insert(folder_of(path));
                }
                self.add(npm_kind, path, text.and_then(|text| npm_locks::read(name, text, npm_kind)));
            }
            "poetry.lock" | "uv.lock" | "pdm.lock" => {
                self.add(python, path, text.and_then(|text| toml_lock(text, python)));
            }
            "Cargo.lock" => self.add(cargo, path, text.and_then(|text| toml_lock(text, cargo))),
            BUN_BINARY => self.binary.push((path.to_owned(), folder_of(path))),
            "Pipfile.lock" => {
                self.flat.insert(python);
                self.add(python, path, text.and_then(|text| pipfile_lock(text, python)));
            }
            "Pipfile" => self.manifests.push((python, folder_of(path))),
            "environment.yml" => self.open(python),
            "setup.py" | "setup.cfg" if has("install_requires") => self.open(python),
            "package.json" if has("ependencies\"") => self.manifests.push((npm_kind, folder_of(path))),
            "pyproject.toml" if has("dependencies") && has("dynamic") => self.open(python),
            "pyproject.toml" if has("dependencies") => self.manifests.push((python, folder_of(path))),
            "Cargo.toml" => self.manifests.push((cargo, folder_of(path))),
            _ if is_requirements(path) && !path.ends_with("in") => {
                let compiled = text.and_then(|text| compiled(path, text, python));
                if compiled.is_some() || !is_for_development(path) {
                    self.add(python, path, compiled);
                }
            }
            _ => {}
        }
    }

    fn open(&mut self, ecosystem: usize) {
        self.open.insert(ecosystem);
    }

    fn add(&mut self, ecosystem: usize, path: &str, locked: Option<Vec<Locked>>) {
        let Some(locked) = locked else { return self.open(ecosystem) };
        let folder = folder_of(path);
        let above = folder.strip_suffix("requirements").map(|above| above.trim_end_matches('/').to_owned());
        self.folders.insert((ecosystem, above.unwrap_or(folder)));
        self.locked.entry(ecosystem).or_default().extend(locked);
    }

    /// Whether a lock file lies in a folder or above it.
    fn covers(&self, ecosystem: usize, folder: &str) -> bool {
        let ends = folder.match_indices('/').map(|(at, _)| at).chain([0, folder.len()]);
        let mut above = ends.filter_map(|end| folder.get(..end));
        above.any(|folder| self.folders.contains(&(ecosystem, folder.to_owned())))
    }

    /// What follows for one ecosystem.
    pub(super) fn needs(&self, ecosystem: usize, declared: &Declared) -> Result<Needs, Gap> {
        self.binary_gap(ecosystem).map_or(Ok(()), |words| Err(Some(words)))?;
        let locked = self.locked.get(&ecosystem).filter(|_| !self.open.contains(&ecosystem)).ok_or(None)?;
        let own = self.manifests.iter().filter(|(of, _)| *of == ecosystem);
        if own.into_iter().any(|(_, folder)| !self.covers(ecosystem, folder)) {
            return Err(None);
        }
        let mut by_name: HashMap<&str, Vec<&Locked>> = HashMap::new();
        for one in locked {
            by_name.entry(&one.name).or_default().push(one);
        }
        let asked = declared.iter().filter(|((of, _), asked)| *of == ecosystem && asked.for_production.is_some());
        let asked: Vec<&str> = asked.map(|((_, name), _)| name.as_str()).collect();
        let has_graph = !self.flat.contains(&ecosystem);
        let is_held =
            |name: &&str| by_name.get(name).is_some_and(|all| all.iter().any(|one| one.is_development != Some(true)));
        // What is asked for and not locked brings others that are not locked either.
        if !has_graph && !asked.iter().all(is_held) {
            return Err(None);
        }
        let stated = locked.iter().filter(|one| one.is_development == Some(false)).map(|one| one.name.as_str());
        let mut next: Vec<&str> = asked.into_iter().chain(stated).collect();
        // A lock file of which nothing is asked for was not understood.
        if next.is_empty() {
            return Err(None);
        }
        let known = by_name.keys().map(|name| (*name).to_owned()).collect();
        let mut needs = Needs { known, has_graph, ..Needs::default() };
        while let Some(name) = next.pop() {
            if !needs.production.insert(name.to_owned()) {
                continue;
            }
            for one in by_name.get(name).into_iter().flatten().filter(|one| !one.is_own) {
                for needed in &one.needs {
                    needs.needed_by.entry(needed.clone()).or_insert_with(|| name.to_owned());
                    next.push(needed);
                }
            }
        }
        Ok(needs)
    }

    /// The lock file of Bun that is no text, and has none beside it, which Bun itself reads first.
    fn binary_gap(&self, ecosystem: usize) -> Gap {
        let is_npm = ECOSYSTEMS.get(ecosystem).is_some_and(|one| one.kind == "npm");
        let mut alone = self.binary.iter().filter(|(_, folder)| is_npm && !self.with_text.contains(folder));
        alone.next().map(|(path, _)| {
            format!("{path} is no text and was not read; `bun install --save-text-lockfile` makes {BUN_TEXT} of it")
        })
    }
}

const BUN_TEXT: &str = "bun.lock";
const BUN_BINARY: &str = "bun.lockb";

fn folder_of(path: &str) -> String {
    path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned()
}

impl Needs {
    pub(super) fn is_in_production(&self, name: &str) -> bool {
        self.production.contains(name)
    }

    /// Whether a lock file names it.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.known.contains(name)
    }

    pub(super) fn needed_by(&self, name: &str) -> Option<&str> {
        self.needed_by.get(name).map(String::as_str)
    }
}

/// Lock files of Poetry, uv, PDM and Cargo: `[[package]]` with `dependencies` as a table, a list of tables or of texts.
fn toml_lock(text: &str, ecosystem: usize) -> Option<Vec<Locked>> {
    let lock = toml::from_str::<toml::Table>(text).ok()?;
    let packages = lock.get("package").and_then(toml::Value::as_array).into_iter().flatten();
    let is_cargo = ECOSYSTEMS.get(ecosystem).is_some_and(|one| one.kind == "cargo");
    let locked = packages.filter_map(|package| {
        let name = package.get("name")?.as_str()?;
        let source = package.get("source");
        let is_local = |key: &str| source.is_some_and(|source| source.get(key).is_some());
        let needs: Vec<String> = match package.get("dependencies") {
            Some(toml::Value::Table(table)) => table.keys().map(|name| plain(ecosystem, name)).collect(),
            Some(toml::Value::Array(list)) => {
                let name = |one: &toml::Value| {
                    let name = one.get("name").unwrap_or(one).as_str()?;
                    Some(plain(ecosystem, requirement(name).or_else(|| name.split_whitespace().next())?))
                };
                list.iter().filter_map(name).collect()
            }
            _ => Vec::new(),
        };
        let is_own = is_cargo && source.is_none() || is_local("virtual") || is_local("editable");
        Some(Locked { name: plain(ecosystem, name), needs, is_own, is_development: None })
    });
    Some(locked.collect())
}

/// `Pipfile.lock`: all that each group holds, which is production in `default` and in groups whose names do not tell
/// otherwise. `None` for what is no such file.
fn pipfile_lock(text: &str, ecosystem: usize) -> Option<Vec<Locked>> {
    let lock = serde_json::from_str::<Value>(text).ok()?;
    lock.get("default")?.as_object()?;
    let mut all = Vec::new();
    for (group, packages) in lock.as_object()?.iter().filter(|(group, _)| *group != "_meta") {
        let is_development = Some(is_for_development(group));
        all.extend(packages.as_object()?.keys().map(|name| Locked {
            name: plain(ecosystem, name),
            is_development,
            ..Locked::default()
        }));
    }
    Some(all)
}

/// A list of requirements that pip-compile or `uv pip compile` made: comments say through what each package came. `None`
/// for one that a person wrote.
fn compiled(path: &str, text: &str, ecosystem: usize) -> Option<Vec<Locked>> {
    if !text.contains("# via") {
        return None;
    }
    let is_development = Some(is_for_development(path));
    let mut locked: Vec<Locked> = Vec::new();
    let mut current = String::new();
    for line in text.lines() {
        let comment = line.split_once('#').map(|(_, comment)| comment.trim());
        if !line.trim_start().starts_with('#')
            && let Some(name) = requirement(line)
        {
            current = plain(ecosystem, name);
            locked.push(Locked { name: current.clone(), is_development, ..Locked::default() });
        }
        let Some(comment) = comment.filter(|_| !current.is_empty()) else { continue };
        let through = comment.strip_prefix("via").unwrap_or(comment);
        for one in through.split([',', ' ']).filter(|one| requirement(one).is_some()) {
            // `-r requirements.in`, and the project's own name with its manifest in brackets.
            if !is_requirements(one)
                && name_of(one) != "pyproject.toml"
                && !comment.contains("-r ")
                && !comment.contains(".toml")
            {
                let needs = vec![current.clone()];
                locked.push(Locked { name: plain(ecosystem, one), needs, is_development, ..Locked::default() });
            }
        }
    }
    Some(locked)
}

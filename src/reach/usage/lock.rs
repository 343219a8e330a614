//! Which package needs which other one, by lock files that say so.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::declared::{Declared, is_for_development, requirement};
use super::ecosystem::{ECOSYSTEMS, is_requirements, name_of, plain};

/// A package of a lock file.
#[derive(Debug, Default)]
struct Locked {
    name: String,
    needs: Vec<String>,
    /// Whether it is code of this repository.
    is_own: bool,
    /// Whether the file itself says that it is for development alone.
    is_development: Option<bool>,
}

/// What lock files say of the packages of all ecosystems.
#[derive(Debug, Default)]
pub(super) struct Locks {
    locked: HashMap<usize, Vec<Locked>>,
}

/// The same, for one ecosystem after the other.
#[derive(Debug, Default)]
pub(super) struct Needs {
    /// Packages that production holds.
    production: HashSet<String>,
    /// A package that needs each, among those of production.
    needed_by: HashMap<String, String>,
}

impl Locks {
    /// Adds what a file says, where it is a lock file that tells what needs what.
    pub(super) fn read(&mut self, path: &str, text: &str) {
        let kind = |kind: &str| ECOSYSTEMS.iter().position(|one| one.kind == kind).unwrap_or_default();
        let (ecosystem, locked) = match name_of(path) {
            "package-lock.json" | "npm-shrinkwrap.json" => (kind("npm"), npm(text, kind("npm"))),
            "poetry.lock" | "uv.lock" | "pdm.lock" => (kind("pypi"), toml_lock(text, kind("pypi"))),
            "Cargo.lock" => (kind("cargo"), toml_lock(text, kind("cargo"))),
            _ if is_requirements(path) => (kind("pypi"), compiled(path, text, kind("pypi"))),
            _ => return,
        };
        if !locked.is_empty() {
            self.locked.entry(ecosystem).or_default().extend(locked);
        }
    }

    /// What follows for one ecosystem; `None` where no file tells what needs what.
    pub(super) fn needs(&self, ecosystem: usize, declared: &Declared) -> Option<Needs> {
        let locked = self.locked.get(&ecosystem)?;
        let mut by_name: HashMap<&str, Vec<&Locked>> = HashMap::new();
        for one in locked {
            by_name.entry(&one.name).or_default().push(one);
        }
        let asked = declared.iter().filter(|((of, _), asked)| *of == ecosystem && asked.for_production.is_some());
        let stated = locked.iter().filter(|one| one.is_development == Some(false)).map(|one| &one.name);
        let mut next: Vec<&str> = asked.map(|((_, name), _)| name.as_str()).chain(stated.map(String::as_str)).collect();
        let mut needs = Needs::default();
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
        Some(needs)
    }
}

impl Needs {
    pub(super) fn is_in_production(&self, name: &str) -> bool {
        self.production.contains(name)
    }

    pub(super) fn needed_by(&self, name: &str) -> Option<&str> {
        self.needed_by.get(name).map(String::as_str)
    }
}

/// `package-lock.json` of versions 1 to 3.
fn npm(text: &str, ecosystem: usize) -> Vec<Locked> {
    let Ok(lock) = serde_json::from_str::<Value>(text) else { return Vec::new() };
    let mut all = Vec::new();
    if let Some(packages) = lock.get("packages").and_then(Value::as_object) {
        for (path, package) in packages {
            let groups: &[&str] = &["dependencies", "optionalDependencies", "peerDependencies"];
            let name = path.rsplit_once("node_modules/").map(|(_, name)| name);
            all.push(Locked {
                name: plain(ecosystem, name.unwrap_or_default()),
                needs: groups.iter().flat_map(|group| names(package.get(group), ecosystem)).collect(),
                is_own: name.is_none() || is_true(package, "link"),
                is_development: Some(name.is_none() || is_true(package, "dev")),
            });
        }
    } else {
        npm_1(&lock, ecosystem, 0, &mut all);
    }
    all
}

/// Folders of `node_modules` inside one another that are followed.
const MAX_DEPTH: usize = 32;

fn npm_1(of: &Value, ecosystem: usize, depth: usize, all: &mut Vec<Locked>) {
    for (name, package) in of.get("dependencies").and_then(Value::as_object).into_iter().flatten() {
        all.push(Locked {
            name: plain(ecosystem, name),
            needs: names(package.get("requires"), ecosystem),
            is_own: false,
            is_development: Some(is_true(package, "dev")),
        });
        if depth < MAX_DEPTH {
            npm_1(package, ecosystem, depth + 1, all);
        }
    }
}

fn is_true(value: &Value, name: &str) -> bool {
    value.get(name).and_then(Value::as_bool) == Some(true)
}

fn names(table: Option<&Value>, ecosystem: usize) -> Vec<String> {
    table.and_then(Value::as_object).into_iter().flatten().map(|(name, _)| plain(ecosystem, name)).collect()
}

/// Lock files of Poetry, uv, PDM and Cargo: `[[package]]` with `dependencies` as a table, a list of tables or of texts.
fn toml_lock(text: &str, ecosystem: usize) -> Vec<Locked> {
    let Ok(lock) = toml::from_str::<toml::Table>(text) else { return Vec::new() };
    let packages = lock.get("package").and_then(toml::Value::as_array).into_iter().flatten();
    let is_cargo = ECOSYSTEMS.get(ecosystem).is_some_and(|one| one.kind == "cargo");
    packages
        .filter_map(|package| {
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
        })
        .collect()
}

/// A list of requirements that pip-compile or `uv pip compile` made: comments say through what each package came.
fn compiled(path: &str, text: &str, ecosystem: usize) -> Vec<Locked> {
    if !text.contains("# via") {
        return Vec::new();
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
    locked
}

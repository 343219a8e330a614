//! What `pip-audit -f json` writes, with the list of packages alone in old versions. It names no file; the packages
//! are looked up in the lock file of the repository.

use std::cell::LazyCell;

use serde::Deserialize;

use crate::ingest::fixed::FIXED_VERSIONS;
use crate::ingest::json::{List, Owned, Said, lenient};
use crate::repo::Repo;

use super::lock::{Lock, Pinned};
use super::original::Original;
use super::words::{purl, texts, upgrade};
use super::write::{Finding, Fix, Log, Rule, bag, text};

lenient! {
    Report {
        packages: List<Package> = "dependencies",
    }
}

lenient! {
    Package {
        name: Owned = "name",
        version: Owned = "version",
        vulnerabilities: List<Vulnerability> = "vulns",
    }
}

lenient! {
    Vulnerability {
        id: Owned = "id",
        fixed: List<Owned> = "fixVersions",
        aliases: List<Owned> = "aliases",
        description: Owned = "description",
    }
}

/// Either form.
#[derive(Deserialize)]
#[serde(untagged)]
enum Either {
    Old(Vec<Package>),
    New(Report),
}

impl Default for Either {
    fn default() -> Self {
        Self::Old(Vec::new())
    }
}

const TOML_LOCKS: &[&str] = &["uv.lock", "poetry.lock", "pdm.lock"];
const REQUIREMENTS: &[&str] = &["requirements.txt", "requirements.lock", "requirements/base.txt"];

pub(super) fn read(original: &mut Original<'_>, repo: &Repo) -> Vec<Log> {
    let (packages, at) = match original.document() {
        Either::Old(packages) => (packages, ""),
        Either::New(report) => (report.packages.0, "/dependencies"),
    };
    let locks = Locks {
        requirements: Lock::first(repo, REQUIREMENTS),
        toml: Lock::first(repo, TOML_LOCKS),
        elsewhere: LazyCell::new(|| Lock::all(repo, is_requirements, MAX_ELSEWHERE)),
    };
    let mut log = Log::new("pip-audit");
    for (index, package) in packages.into_iter().enumerate() {
        let is_vulnerable = !package.vulnerabilities.0.is_empty();
        let pinned = if is_vulnerable { locks.pinned(&package) } else { Pinned::default() };
        for (number, vulnerability) in package.vulnerabilities.0.iter().enumerate() {
            let finding = Finding {
                pointer: format!("{at}/{index}/vulns/{number}"),
                ..finding(&pinned, &package, vulnerability)
            };
            log.push(rule(vulnerability), finding);
        }
    }
    vec![log]
}

/// Most lists of requirements that are looked at outside of the root.
const MAX_ELSEWHERE: usize = 1_000;

/// `requirements.txt` of a part of the repository, `requirements-dev.txt`, `requirements/base.txt`.
fn is_requirements(path: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let is_list = name.rsplit_once('.').is_some_and(|(_, end)| end == "txt");
    is_list && (name.contains("requirements") || folder.ends_with("requirements"))
}

/// Where packages may be pinned.
struct Locks<F: FnOnce() -> Vec<Lock>> {
    requirements: Option<Lock>,
    toml: Option<Lock>,
    elsewhere: LazyCell<Vec<Lock>, F>,
}

impl<F: FnOnce() -> Vec<Lock>> Locks<F> {
    fn pinned(&self, package: &Package) -> Pinned {
        let (name, version) = (package.name.get().unwrap_or_default(), package.version.get().unwrap_or_default());
        let in_requirements = || self.requirements.as_ref()?.requirement(name, version);
        let in_toml = || self.toml.as_ref()?.toml_package(name, version);
        let file = || self.requirements.as_ref().or(self.toml.as_ref()).map(Lock::file);
        let elsewhere = || {
            // Of several it is not known which was meant.
            let mut all = self.elsewhere.iter().filter_map(|lock| lock.requirement(name, version));
            all.next().filter(|_| all.next().is_none())
        };
        let nowhere = || Pinned { path: "requirements.txt".to_owned(), ..Pinned::default() };
        in_requirements().or_else(in_toml).or_else(elsewhere).or_else(file).unwrap_or_else(nowhere)
    }
}

fn rule(vulnerability: &Vulnerability) -> Rule {
    Rule {
        id: vulnerability.id.0.clone().unwrap_or_default(),
        full_description: text(vulnerability.description.0.clone()),
        properties: bag([("tags", texts(vulnerability.aliases.0.iter().filter_map(|alias| alias.0.clone())))]),
        ..Rule::default()
    }
}

fn finding(pinned: &Pinned, package: &Package, vulnerability: &Vulnerability) -> Finding {
    let name = package.name.get().unwrap_or_default();
    let id = vulnerability.id.get().unwrap_or_default();
    let version = package.version.get();
    let fixed: Vec<String> = vulnerability.fixed.0.iter().filter_map(|version| version.0.clone()).collect();
    let said = vulnerability.description.get().and_then(|text| text.lines().find(|line| !line.trim().is_empty()));
    Finding {
        level: Some("error"),
        message: text(format!("{name} {}: {id}: {}", version.unwrap_or_default(), said.unwrap_or_default())),
        locations: vec![pinned.location()],
        fixes: upgrade(name, &fixed).map(Fix::advice).into_iter().collect(),
        properties: bag([
            ("purl", purl("pypi", name, version).into()),
            ("packageName", name.into()),
            ("packageVersion", version.into()),
            (FIXED_VERSIONS, texts(fixed)),
        ]),
        ..Finding::default()
    }
}

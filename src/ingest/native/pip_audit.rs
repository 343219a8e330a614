//! What `pip-audit -f json` writes, with the list of packages alone in old versions. It names no file; the packages
//! are looked up in the lock file of the repository.

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
    let locks = (Lock::first(repo, REQUIREMENTS), Lock::first(repo, TOML_LOCKS));
    let mut log = Log::new("pip-audit");
    for (index, package) in packages.into_iter().enumerate() {
        let pinned = pinned((locks.0.as_ref(), locks.1.as_ref()), &package);
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

fn pinned((requirements, toml): (Option<&Lock>, Option<&Lock>), package: &Package) -> Pinned {
    let (name, version) = (package.name.get().unwrap_or_default(), package.version.get().unwrap_or_default());
    let in_requirements = || requirements?.requirement(name, version);
    let in_toml = || toml?.toml_package(name, version);
    let file = || requirements.or(toml).map(Lock::file);
    let nowhere = || Pinned { path: "requirements.txt".to_owned(), ..Pinned::default() };
    in_requirements().or_else(in_toml).or_else(file).unwrap_or_else(nowhere)
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

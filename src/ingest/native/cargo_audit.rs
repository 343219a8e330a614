//! What `cargo audit --json` writes (`rustsec::report`): vulnerabilities, and warnings by their kind. Place and message
//! are those of its SARIF, which names line 1; the line of the package is beside it.

use crate::ingest::fixed::FIXED_VERSIONS;
use crate::ingest::json::{Entries, List, Owned, Said, lenient};
use crate::repo::Repo;

use super::lock::{Lock, Pinned};
use super::original::Original;
use super::words::{purl, texts, upgrade};
use super::write::{Finding, Fix, Location, Log, Region, Rule, bag, text};

lenient! {
    Report {
        vulnerabilities: Vulnerabilities = "vulnerabilities",
        warnings: Entries<List<Entry>> = "warnings",
    }
}

lenient! {
    Vulnerabilities {
        list: List<Entry> = "list",
    }
}

lenient! {
    Entry {
        kind: Owned = "kind",
        advisory: Advisory = "advisory",
        versions: Versions = "versions",
        package: Package = "package",
    }
}

lenient! {
    Advisory {
        id: Owned = "id",
        title: Owned = "title",
        description: Owned = "description",
        aliases: List<Owned> = "aliases",
        categories: List<Owned> = "categories",
        cvss: Owned = "cvss",
        url: Owned = "url",
    }
}

lenient! {
    Versions {
        patched: List<Owned> = "patched",
    }
}

lenient! {
    Package {
        name: Owned = "name",
        version: Owned = "version",
    }
}

/// The kind of what is no warning.
const VULNERABILITY: &str = "vulnerability";

pub(super) fn read(original: &mut Original<'_>, repo: &Repo) -> Vec<Log> {
    let report: Report = original.document();
    let lock = Lock::first(repo, &["Cargo.lock"]);
    let mut log = Log::new("cargo-audit");
    for (index, entry) in report.vulnerabilities.list.0.iter().enumerate() {
        let pointer = format!("/vulnerabilities/list/{index}");
        log.push(
            rule(entry, VULNERABILITY),
            Finding { level: Some("error"), ..finding(pointer, lock.as_ref(), entry, VULNERABILITY) },
        );
    }
    for (kind, entries) in &report.warnings.0 {
        for (index, entry) in entries.0.iter().enumerate() {
            let pointer = format!("/warnings/{kind}/{index}");
            log.push(
                rule(entry, kind),
                Finding { level: Some("warning"), ..finding(pointer, lock.as_ref(), entry, kind) },
            );
        }
    }
    vec![log]
}

fn rule(entry: &Entry, kind: &str) -> Rule {
    let advisory = &entry.advisory;
    let id = advisory.id.0.clone();
    let words = [Some(kind.to_owned())].into_iter().flatten();
    let words = words.chain(advisory.categories.0.iter().chain(&advisory.aliases.0).filter_map(|text| text.0.clone()));
    let page = || Some(format!("https://rustsec.org/advisories/{}.html", id.as_ref()?));
    Rule {
        short_description: text(advisory.title.0.clone()),
        full_description: text(advisory.description.0.clone()),
        help_uri: advisory.url.0.clone().or_else(page),
        properties: bag([("tags", texts(words))]),
        // A version that was taken back has no advisory.
        id: id.unwrap_or_else(|| kind.to_owned()),
        ..Rule::default()
    }
}

fn finding(pointer: String, lock: Option<&Lock>, entry: &Entry, kind: &str) -> Finding {
    let (name, version) = (entry.package.name.get().unwrap_or_default(), entry.package.version.get());
    let pinned = lock.and_then(|lock| lock.toml_package(name, version?));
    let patched: Vec<String> = entry.versions.patched.0.iter().filter_map(|range| range.0.clone()).collect();
    Finding {
        pointer,
        message: text(format!("{name} {} {}", version.unwrap_or_default(), words(entry, kind))),
        locations: vec![Location::new("Cargo.lock").at(Region::lines(Some(1), None))],
        related_locations: pinned.iter().map(Pinned::location).collect(),
        fixes: upgrade(name, &patched).map(Fix::advice).into_iter().collect(),
        properties: bag([
            ("purl", purl("cargo", name, version).into()),
            ("packageName", name.into()),
            ("packageVersion", version.into()),
            ("cvss", entry.advisory.cvss.get().into()),
            (FIXED_VERSIONS, texts(patched)),
        ]),
        ..Finding::default()
    }
}

/// What follows the package in the messages of cargo audit's SARIF.
fn words(entry: &Entry, kind: &str) -> String {
    let (id, title) = (entry.advisory.id.get().unwrap_or_default(), entry.advisory.title.get());
    match (kind, title) {
        (VULNERABILITY, title) => format!("is vulnerable to {id} ({})", title.unwrap_or_default()),
        (kind, Some(title)) => format!("has a {kind} warning: {title}"),
        (kind, None) => format!("has a {kind} warning"),
    }
}

//! What `npm audit --json` writes: version 2 of npm 7 and later, and the form of npm 6, pnpm and yarn. It names no
//! file; the packages are looked up in the lock file of the repository.

use crate::ingest::fixed::{FIXED_BY, FIXED_VERSIONS};
use crate::ingest::json::{Entries, List, Owned, Real, Said, lenient};
use crate::repo::Repo;

use super::lock::{Lock, Pinned};
use super::original::Original;
use super::words::{ends, last_part, level, purl, texts, upgrade};
use super::write::{Finding, Fix, Log, Rule, bag, text};

lenient! {
    Report {
        /// npm 7 and later, by package.
        vulnerable: Entries<Vulnerable> = "vulnerabilities",
        /// npm 6, by number.
        advisories: Entries<Advisory> = "advisories",
    }
}

lenient! {
    Vulnerable {
        name: Owned = "name",
        /// Advisories; a bare name is a package that is vulnerable itself and listed for that.
        via: List<Via> = "via",
        nodes: List<Owned> = "nodes",
        fix: FixAvailable = "fixAvailable",
        is_direct: Owned = "isDirect",
    }
}

lenient! {
    Via from by {
        by: Owned = "by",
        source: Owned = "source",
        title: Owned = "title",
        url: Owned = "url",
        severity: Owned = "severity",
        cwe: List<Owned> = "cwe",
        score: Score = "cvss",
        range: Owned = "range",
    }
}

lenient! {
    Score {
        score: Real = "score",
    }
}

lenient! {
    FixAvailable {
        name: Owned = "name",
        version: Owned = "version",
        is_major: Owned = "isSemVerMajor",
    }
}

lenient! {
    Advisory {
        id: Owned = "id",
        github: Owned = "githubAdvisoryId",
        module: Owned = "moduleName",
        title: Owned = "title",
        overview: Owned = "overview",
        severity: Owned = "severity",
        url: Owned = "url",
        cves: List<Owned> = "cves",
        cwe: List<Owned> = "cwe",
        score: Score = "cvss",
        vulnerable: Owned = "vulnerableVersions",
        patched: Owned = "patchedVersions",
        findings: List<Found> = "findings",
    }
}

lenient! {
    Found {
        version: Owned = "version",
        paths: List<Owned> = "paths",
    }
}

const LOCKS: &[&str] = &["package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "package.json"];

pub(super) fn read(original: &mut Original<'_>, repo: &Repo) -> Vec<Log> {
    let report: Report = original.document();
    let lock = Lock::first(repo, LOCKS);
    let mut log = Log::new("npm audit");
    for (key, entry) in report.vulnerable.0 {
        for (number, via) in entry.via.0.iter().enumerate().filter(|(_, via)| via.by.get().is_none()) {
            let pointer = format!("/vulnerabilities/{}/via/{number}", key.replace('~', "~0").replace('/', "~1"));
            current(&mut log, pointer, lock.as_ref(), (&key, &entry), via);
        }
    }
    for (key, advisory) in report.advisories.0 {
        let pointer = format!("/advisories/{key}");
        of_npm_6(&mut log, &pointer, lock.as_ref(), &advisory);
    }
    vec![log]
}

fn file(lock: Option<&Lock>) -> Pinned {
    lock.map_or_else(|| Pinned { path: "package-lock.json".to_owned(), ..Pinned::default() }, Lock::file)
}

fn current(log: &mut Log, pointer: String, lock: Option<&Lock>, (key, entry): (&str, &Vulnerable), via: &Via) {
    let package = entry.name.get().unwrap_or(key);
    let nodes = entry.nodes.0.iter().filter_map(|node| lock?.npm_node(node.get()?));
    let mut places: Vec<Pinned> = nodes.collect();
    if places.is_empty() {
        places.push(file(lock));
    }
    let version = places.iter().find_map(|place| place.version.clone());
    let url = via.url.0.clone().unwrap_or_default();
    let id = last_part(&url).or_else(|| via.source.0.clone()).unwrap_or_default();
    let title = via.title.0.clone().unwrap_or_else(|| id.clone());
    let range = via.range.get().unwrap_or_default();
    let taken = entry.fix.version.0.clone().map(|version| {
        let major = if entry.fix.is_major.get() == Some("true") { ", a new major version" } else { "" };
        format!("{version}{major}")
    });
    let advice = upgrade(entry.fix.name.get().unwrap_or(package), &taken.into_iter().collect::<Vec<_>>());
    let by = entry.fix.name.get().filter(|name| *name != package);
    let own = if by.is_none() { ends(range) } else { Vec::new() };
    let rule = Rule {
        id,
        short_description: text(title.clone()),
        help_uri: Some(url).filter(|url| !url.is_empty()),
        properties: bag([("tags", texts(via.cwe.0.iter().filter_map(|cwe| cwe.0.clone())))]),
        ..Rule::default()
    };
    let finding = Finding {
        pointer,
        level: Some(level(via.severity.get())),
        message: text(format!("{package} {range}: {title}")),
        locations: places.iter().map(Pinned::location).collect(),
        fixes: advice.map(Fix::advice).into_iter().collect(),
        properties: bag([
            ("security-severity", via.score.score.0.filter(|score| *score > 0.0).into()),
            ("severity", via.severity.get().into()),
            ("purl", purl("npm", package, version.as_deref()).into()),
            ("packageName", package.into()),
            ("packageVersion", version.into()),
            ("isDirect", entry.is_direct.get().into()),
            (FIXED_VERSIONS, texts(own.into_iter().chain(entry.fix.version.0.clone()))),
            (FIXED_BY, by.into()),
        ]),
        ..Finding::default()
    };
    log.push(rule, finding);
}

fn of_npm_6(log: &mut Log, pointer: &str, lock: Option<&Lock>, advisory: &Advisory) {
    let said = |text: &Owned| text.0.clone().unwrap_or_default();
    let (package, title) = (said(&advisory.module), said(&advisory.title));
    let known = |text: &Owned| text.0.clone().filter(|text| !text.is_empty());
    let by_url = || advisory.url.get().and_then(last_part);
    let id = known(&advisory.github).or_else(by_url).unwrap_or_else(|| format!("npm-{}", said(&advisory.id)));
    let aliases = advisory.cves.0.iter().chain(&advisory.cwe.0).filter_map(|text| text.0.clone());
    let tags = texts(aliases);
    // `<0.0.0` is how npm says that no version is patched.
    let patched: Vec<String> = known(&advisory.patched).into_iter().filter(|range| range != "<0.0.0").collect();
    for (number, found) in advisory.findings.0.iter().enumerate() {
        let version = known(&found.version);
        let rule = Rule {
            id: id.clone(),
            short_description: text(title.clone()),
            full_description: text(advisory.overview.0.clone()),
            help_uri: advisory.url.0.clone(),
            properties: bag([("tags", tags.clone())]),
            ..Rule::default()
        };
        let node = lock.and_then(|lock| lock.npm_node(&format!("node_modules/{package}")));
        let pinned = node.filter(|node| node.version == version).unwrap_or_else(|| file(lock));
        let finding = Finding {
            pointer: format!("{pointer}/findings/{number}"),
            level: Some(level(advisory.severity.get())),
            message: text(format!("{package} {}: {title}", said(&advisory.vulnerable))),
            locations: vec![pinned.location()],
            fixes: upgrade(&package, &patched).map(Fix::advice).into_iter().collect(),
            properties: bag([
                ("security-severity", advisory.score.score.0.filter(|score| *score > 0.0).into()),
                ("severity", advisory.severity.get().into()),
                ("purl", purl("npm", &package, version.as_deref()).into()),
                ("packageName", package.clone().into()),
                ("packageVersion", version.into()),
                (FIXED_VERSIONS, texts(patched.iter().cloned())),
                ("paths", texts(found.paths.0.iter().take(MAX_PATHS).filter_map(|path| path.0.clone()))),
            ]),
            ..Finding::default()
        };
        log.push(rule, finding);
    }
}

/// Ways to a package that are kept; npm 6 lists thousands.
const MAX_PATHS: usize = 10;

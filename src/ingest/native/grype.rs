//! Grype's JSON (`grype/presenter/models`). Rule, place and message are those of its own SARIF.

use crate::ingest::fixed::FIXED_VERSIONS;
use crate::ingest::json::{List, Owned, Real, Said, lenient};
use crate::repo::Repo;

use super::lock::{Lock, Pinned};
use super::original::Original;
use super::words::{level, texts, upgrade};
use super::write::{Finding, Fix, Location, Log, Region, Rule, Suppression, bag, text};

lenient! {
    Report {
        matches: List<Match> = "matches",
        ignored: List<Match> = "ignoredMatches",
        source: Source = "source",
        descriptor: Descriptor = "descriptor",
    }
}

lenient! {
    Descriptor {
        version: Owned = "version",
        timestamp: Owned = "timestamp",
    }
}

lenient! {
    /// What was scanned; the target of a folder or file is a text.
    Source {
        kind: Owned = "type",
        target: Target = "target",
    }
}

lenient! {
    Target from input {
        input: Owned = "userInput",
    }
}

lenient! {
    Match {
        vulnerability: Vulnerability = "vulnerability",
        related: List<Vulnerability> = "relatedVulnerabilities",
        artifact: Artifact = "artifact",
        /// Of an ignored match.
        rules: List<IgnoreRule> = "appliedIgnoreRules",
    }
}

lenient! {
    IgnoreRule {
        reason: Owned = "reason",
        vex: Owned = "vexStatus" | "vex-status",
        justification: Owned = "vexJustification" | "vex-justification",
    }
}

lenient! {
    Vulnerability {
        id: Owned = "id",
        source: Owned = "dataSource",
        severity: Owned = "severity",
        description: Owned = "description",
        scores: List<Score> = "cvss",
        fix: FixState = "fix",
        epss: List<Epss> = "epss",
        cwe: List<Weakness> = "cwes",
        exploited: List<Exploited> = "knownExploited",
        risk: Real = "risk",
    }
}

lenient! {
    Score {
        version: Owned = "version",
        metrics: Metrics = "metrics",
    }
}

lenient! {
    Metrics {
        base: Real = "baseScore",
    }
}

lenient! {
    FixState {
        versions: List<Owned> = "versions",
        state: Owned = "state",
    }
}

lenient! {
    Epss {
        epss: Real = "epss",
    }
}

lenient! {
    Weakness {
        cwe: Owned = "cwe",
    }
}

lenient! {
    /// An entry of the catalogue of known exploited vulnerabilities.
    Exploited {
        cve: Owned = "cve",
    }
}

lenient! {
    Artifact {
        name: Owned = "name",
        version: Owned = "version",
        kind: Owned = "type",
        locations: List<Place> = "locations",
        purl: Owned = "purl",
    }
}

lenient! {
    Place {
        path: Owned = "path",
    }
}

pub(super) fn read(original: &mut Original<'_>, repo: &Repo) -> Vec<Log> {
    let report: Report = original.document();
    let mut log = Log::new("grype");
    log.version = report.descriptor.version.0;
    log.ended = report.descriptor.timestamp.0;
    log.image = report.source.target.input.0.clone().filter(|_| report.source.kind.get() == Some("image"));
    for (name, matches) in [("matches", report.matches.0), ("ignoredMatches", report.ignored.0)] {
        for (index, found) in matches.into_iter().enumerate() {
            let pointer = format!("/{name}/{index}");
            let suppression = (name == "ignoredMatches").then(|| suppression(&found));
            let rule = rule(&found);
            let finding = Finding {
                related_locations: pinned(repo, &found).iter().map(Pinned::location).collect(),
                suppressions: suppression.into_iter().collect(),
                ..finding(pointer, &found, &report.source)
            };
            log.push(rule, finding);
        }
    }
    vec![log]
}

fn suppression(found: &Match) -> Suppression {
    let words = found.rules.0.iter().flat_map(|rule| [&rule.vex, &rule.justification, &rule.reason]);
    let words: Vec<&str> = words.filter_map(|text| text.get()).filter(|text| !text.is_empty()).collect();
    Suppression::external(Some(words.join(", ")))
}

fn rule(found: &Match) -> Rule {
    let vulnerability = &found.vulnerability;
    let (id, package) = (vulnerability.id.get().unwrap_or_default(), found.artifact.name.get().unwrap_or_default());
    let severity = vulnerability.severity.get().unwrap_or_default().to_lowercase();
    let aliases = found.related.0.iter().filter_map(|related| related.id.0.clone());
    let cwe = vulnerability.cwe.0.iter().filter_map(|weakness| weakness.cwe.0.clone());
    Rule {
        id: format!("{id}-{package}"),
        short_description: text(format!("{id} {severity} vulnerability for {package} package")),
        full_description: text(
            vulnerability
                .description
                .0
                .clone()
                .or_else(|| found.related.0.iter().find_map(|related| related.description.0.clone())),
        ),
        help_uri: vulnerability.source.0.clone(),
        properties: bag([("tags", texts(std::iter::once(id.to_owned()).chain(aliases).chain(cwe)))]),
        ..Rule::default()
    }
}

fn finding(pointer: String, found: &Match, source: &Source) -> Finding {
    let Match { vulnerability, related, artifact, .. } = found;
    let said = |text: &Owned| text.0.clone().unwrap_or_default();
    let (package, version, severity) = (said(&artifact.name), said(&artifact.version), vulnerability.severity.get());
    let is_image = source.kind.get() == Some("image");
    let input = source.target.input.get().unwrap_or_default();
    let inside = if is_image { stated_path(found) } else { in_folder(stated_path(found)) };
    let path = if is_image { format!("{}/{inside}", short_name(input)) } else { inside.to_owned() };
    let scanned = if is_image { format!("image {input} at") } else { "at".to_owned() };
    let message = format!(
        "A {} vulnerability in {} package: {package}, version {version} was found in {scanned}: {inside}",
        severity.unwrap_or_default().to_lowercase(),
        said(&artifact.kind),
    );
    let versions: Vec<String> = vulnerability.fix.versions.0.iter().filter_map(|version| version.0.clone()).collect();
    let scores = vulnerability.scores.0.iter().chain(related.0.iter().flat_map(|related| &related.scores.0));
    let newest = scores.filter(|score| score.metrics.base.0.is_some());
    let newest = newest.max_by(|a, b| a.version.get().cmp(&b.version.get()));
    Finding {
        pointer,
        level: Some(level(severity)),
        message: text(message),
        locations: vec![Location::new(&path).at(Region::between((Some(1), Some(1)), (Some(1), Some(1))))],
        fixes: upgrade(&package, &versions).map(Fix::advice).into_iter().collect(),
        properties: bag([
            ("security-severity", newest.and_then(|score| score.metrics.base.0).into()),
            ("severity", severity.into()),
            ("purl", artifact.purl.get().into()),
            ("packageName", package.into()),
            ("packageVersion", version.into()),
            ("fixState", vulnerability.fix.state.get().into()),
            (FIXED_VERSIONS, texts(versions)),
            ("epss", vulnerability.epss.0.first().and_then(|epss| epss.epss.0).into()),
            ("kev", vulnerability.exploited.0.iter().filter_map(|entry| entry.cve.get()).collect::<Vec<_>>().into()),
            ("risk", vulnerability.risk.0.into()),
        ]),
        ..Finding::default()
    }
}

/// The first file that a package was found by.
fn stated_path(found: &Match) -> &str {
    found.artifact.locations.0.first().and_then(|place| place.path.get()).unwrap_or_default()
}

/// A path in a scanned folder, relative to it.
fn in_folder(path: &str) -> &str {
    path.trim_start_matches("./").trim_start_matches('/')
}

/// An image's name without registry, tag and digest.
fn short_name(image: &str) -> &str {
    let name = image.rsplit('/').next().unwrap_or(image);
    name.split(['@', ':']).next().unwrap_or(name)
}

/// The line of the package in the lock file that it was found by. Grype names no line.
fn pinned(repo: &Repo, found: &Match) -> Option<Pinned> {
    let (name, version) = (found.artifact.name.get()?, found.artifact.version.get()?);
    let lock = Lock::first(repo, &[in_folder(stated_path(found))])?;
    match found.artifact.kind.get()? {
        "npm" => lock.npm_node(&format!("node_modules/{name}")).filter(|node| node.version.as_deref() == Some(version)),
        "python" => lock.requirement(name, version).or_else(|| lock.toml_package(name, version)),
        "rust-crate" => lock.toml_package(name, version),
        _ => None,
    }
}

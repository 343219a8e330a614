//! Snyk's JSON: of its command line (`snyk test --json`), of the issues and findings of its API. What it says of
//! reachability is in words that differ between them; "no path found" is no "not reachable", says Snyk itself.

use std::collections::HashSet;

use crate::ingest::json::{List, Owned, Real, Said, lenient};
use crate::ingest::native::original::Original;
use crate::model::evidence::{Fact, Polarity, Rung, Statement, Strength, Subject};

use super::draft::Draft;
use super::purl;
use super::words::{add_ids, epss, plain, reason};

lenient! {
    /// What `snyk test --json` writes for one project.
    Project {
        vulnerabilities: List<Vulnerability> = "vulnerabilities",
        applications: List<Self> = "applications",
    }
}

lenient! {
    Vulnerability {
        id: Owned = "id",
        identifiers: Identifiers = "identifiers",
        manager: Owned = "packageManager",
        package: Owned = "packageName" | "moduleName",
        version: Owned = "version",
        exploit: Owned = "exploit",
        vector: Owned = "CVSSv3",
        scores: List<Score> = "cvssDetails",
        epss: Epss = "epssDetails",
        reachability: Owned = "reachability",
    }
}

lenient! {
    Identifiers {
        cve: List<Owned> = "CVE",
        ghsa: List<Owned> = "GHSA",
    }
}

lenient! {
    Score {
        vector: Owned = "cvssV3Vector" | "vector",
    }
}

lenient! {
    Epss {
        probability: Real = "probability",
        percentile: Real = "percentile",
    }
}

lenient! {
    /// A page of issues or of findings.
    Page {
        data: List<Issue> = "data",
    }
}

lenient! {
    Issue {
        attributes: Attributes = "attributes",
    }
}

lenient! {
    Attributes {
        key: Owned = "key",
        problems: List<Problem> = "problems",
        severities: List<Score> = "severities",
        /// Of an issue: where it is.
        coordinates: List<Coordinate> = "coordinates",
        /// Of a finding: where it is, and what is known about it.
        locations: List<Location> = "locations",
        evidence: List<Known> = "evidence",
    }
}

lenient! {
    Problem {
        id: Owned = "id",
        scores: List<Score> = "cvss_sources",
    }
}

lenient! {
    Coordinate {
        reachability: Owned = "reachability",
        representations: List<Representation> = "representations",
    }
}

lenient! {
    Representation {
        dependency: Package = "dependency",
    }
}

lenient! {
    Location {
        package: Package = "package",
    }
}

lenient! {
    Package {
        name: Owned = "package_name" | "name",
        version: Owned = "package_version" | "version",
    }
}

lenient! {
    Known {
        source: Owned = "source",
        reachability: Owned = "reachability",
    }
}

/// Words for reachability, what each says, and how much it is worth. Every other word is unknown.
const WORDS: &[(&str, Polarity, Strength)] = &[
    ("reachable", Polarity::Yes, 2),
    ("function", Polarity::Yes, 3),
    ("package", Polarity::Yes, 2),
    ("not_reachable", Polarity::No, 2),
    ("unreachable", Polarity::No, 2),
];

/// The language in an id, `SNYK-PYTHON-…`, and the type of package URLs for it.
const LANGUAGES: &[(&str, &str)] = &[
    ("JS", "npm"),
    ("JAVA", "maven"),
    ("PYTHON", "pypi"),
    ("GOLANG", "go"),
    ("RUBY", "gem"),
    ("PHP", "composer"),
    ("DOTNET", "nuget"),
    ("RUST", "cargo"),
    ("HEX", "hex"),
    ("COCOAPODS", "cocoapods"),
    ("SWIFT", "swift"),
    ("DEBIAN", "debian"),
    ("UBUNTU", "ubuntu"),
    ("ALPINE", "alpine"),
];

/// Maturities of an exploit that there is code for.
const EXPLOITS: &[&str] = &["proof_of_concept", "functional", "mature", "high", "attacked"];

pub(super) fn read(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    draft.document.tool = "Snyk".into();
    let project: Project = original.document();
    project.add(draft, "", &mut HashSet::new());
}

pub(super) fn read_list(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    draft.document.tool = "Snyk".into();
    let projects: List<Project> = original.document();
    let mut known = HashSet::new();
    for (number, project) in projects.0.iter().enumerate() {
        project.add(draft, &format!("/{number}"), &mut known);
    }
}

pub(super) fn read_page(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    draft.document.tool = "Snyk".into();
    let page: Page = original.document();
    for (number, issue) in page.data.0.iter().enumerate() {
        issue.attributes.add(draft, &format!("/data/{number}/attributes"));
    }
}

impl Project {
    fn add<'p>(&'p self, draft: &mut Draft<'_>, above: &str, known: &mut HashSet<Option<&'p str>>) {
        for (number, vulnerability) in self.vulnerabilities.0.iter().enumerate() {
            let pointer = format!("{above}/vulnerabilities/{number}");
            let vulns = vulnerability.vulns();
            // One advisory is told for each way to a package that has it, always the same.
            if known.insert(vulnerability.id.get()) {
                draft.alias(vulns.iter().map(|vuln| &**vuln));
                vulnerability.add(draft, &pointer);
            }
            if let Some(word) = vulnerability.reachability.get() {
                let (name, version) = (vulnerability.package.get().unwrap_or_default(), vulnerability.version.get());
                let kind = language(&vulns).or(vulnerability.manager.get()).unwrap_or("generic");
                let subject = Subject { vulns, purl: Some(purl::named(kind, name, version)), ..Subject::default() };
                state(draft, format!("{pointer}/reachability"), subject, word);
            }
        }
        for (number, project) in self.applications.0.iter().enumerate() {
            project.add(draft, &format!("{above}/applications/{number}"), known);
        }
    }
}

impl Vulnerability {
    fn vulns(&self) -> Vec<Box<str>> {
        let others = self.identifiers.cve.0.iter().chain(&self.identifiers.ghsa.0).filter_map(Said::get);
        self.id.get().into_iter().chain(others).map(Into::into).collect()
    }

    /// What it says of the advisory, under the id that others know.
    fn add(&self, draft: &mut Draft<'_>, pointer: &str) {
        let cve = self.identifiers.cve.0.first().and_then(Said::get);
        let Some(id) = cve.or(self.id.get()) else { return };
        if let Some(fact) = epss(self.epss.probability, self.epss.percentile) {
            draft.know(format!("{pointer}/epssDetails"), id, fact);
        }
        if self.exploit.get().is_some_and(|word| EXPLOITS.contains(&plain(word).as_str())) {
            draft.know(format!("{pointer}/exploit"), id, Fact::Poc);
        }
        if let Some(vector) = self.vector.get() {
            draft.know(format!("{pointer}/CVSSv3"), id, Fact::Cvss(vector.into()));
        }
        for (number, score) in self.scores.0.iter().enumerate() {
            if let Some(vector) = score.vector.get() {
                draft.know(format!("{pointer}/cvssDetails/{number}"), id, Fact::Cvss(vector.into()));
            }
        }
    }
}

impl Attributes {
    fn add(&self, draft: &mut Draft<'_>, pointer: &str) {
        let mut vulns: Vec<Box<str>> = Vec::new();
        let ids = self.problems.0.iter().filter_map(|problem| problem.id.get());
        add_ids(&mut vulns, ids.filter(|id| !id.starts_with("CWE-")));
        if vulns.is_empty() {
            vulns.extend(self.key.get().map(Box::from));
        }
        draft.alias(vulns.iter().map(|vuln| &**vuln));
        if let Some(id) = vulns.first().cloned() {
            self.add_scores(draft, pointer, &id);
        }
        let subject = |package: Option<&Package>| Subject {
            purl: package.and_then(|package| {
                let kind = language(&vulns).unwrap_or("generic");
                Some(purl::named(kind, package.name.get()?, package.version.get()))
            }),
            vulns: vulns.clone(),
            ..Subject::default()
        };
        for (number, coordinate) in self.coordinates.0.iter().enumerate() {
            let Some(word) = coordinate.reachability.get() else { continue };
            let mut packages = coordinate.representations.0.iter().map(|one| &one.dependency);
            let package = packages.find(|package| package.name.get().is_some());
            state(draft, format!("{pointer}/coordinates/{number}/reachability"), subject(package), word);
        }
        for (number, known) in self.evidence.0.iter().enumerate() {
            let Some(word) = known.reachability.get().filter(|_| known.source.get() == Some("reachability")) else {
                continue;
            };
            let mut packages = self.locations.0.iter().map(|location| &location.package);
            let package = packages.find(|package| package.name.get().is_some());
            state(draft, format!("{pointer}/evidence/{number}"), subject(package), word);
        }
    }

    fn add_scores(&self, draft: &mut Draft<'_>, pointer: &str, id: &str) {
        let mut know = |pointer: String, score: &Score| {
            if let Some(vector) = score.vector.get() {
                draft.know(pointer, id, Fact::Cvss(vector.into()));
            }
        };
        for (number, score) in self.severities.0.iter().enumerate() {
            know(format!("{pointer}/severities/{number}"), score);
        }
        for (at, problem) in self.problems.0.iter().enumerate() {
            for (number, score) in problem.scores.0.iter().enumerate() {
                know(format!("{pointer}/problems/{at}/cvss_sources/{number}"), score);
            }
        }
    }
}

fn state(draft: &mut Draft<'_>, pointer: String, subject: Subject, word: &str) {
    let known = WORDS.iter().find(|(known, ..)| *known == plain(word));
    let (polarity, strength) = known.map_or((Polarity::Unknown, 0), |(_, polarity, strength)| (*polarity, *strength));
    let reason = reason([word]);
    draft.state(Statement {
        pointer: pointer.into(),
        subject,
        rung: Rung::Called,
        polarity,
        reason,
        strength,
        ..Statement::default()
    });
}

/// The ecosystem that an id of Snyk's names.
fn language(vulns: &[Box<str>]) -> Option<&'static str> {
    let mut words = vulns.iter().filter_map(|id| id.strip_prefix("SNYK-")?.split('-').next());
    let word = words.next()?.trim_end_matches(|c: char| c.is_ascii_digit());
    LANGUAGES.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind)
}

//! Trivy's JSON (schema 2, `pkg/types/report.go`): vulnerabilities, misconfigurations, secrets, and what was ignored.
//! Rule, place and message are those of its own SARIF (`pkg/report/sarif.go`).

use crate::ingest::json::{Entries, Int, List, Owned, Real, Said, lenient};
use crate::repo::Repo;

use super::original::Original;
use super::words::{level, texts, upgrade};
use super::write::{Bag, Finding, Fix, Location, Log, Region, Rule, Suppression, bag, text};

lenient! {
    Report {
        created: Owned = "CreatedAt",
        name: Owned = "ArtifactName",
        kind: Owned = "ArtifactType",
        trivy: Version = "Trivy",
        results: List<Target> = "Results",
    }
}

lenient! {
    Version {
        version: Owned = "Version",
    }
}

lenient! {
    Target {
        name: Owned = "Target",
        class: Owned = "Class",
        kind: Owned = "Type",
        packages: List<Package> = "Packages",
        vulnerabilities: List<Vulnerability> = "Vulnerabilities",
        misconfigurations: List<Misconfiguration> = "Misconfigurations",
        secrets: List<Secret> = "Secrets",
        ignored: List<Ignored> = "ExperimentalModifiedFindings",
    }
}

lenient! {
    Package {
        name: Owned = "Name",
        version: Owned = "Version",
        locations: List<Lines> = "Locations",
    }
}

lenient! {
    Lines {
        start: Int = "StartLine",
        end: Int = "EndLine",
        resource: Owned = "Resource",
    }
}

lenient! {
    Vulnerability {
        id: Owned = "VulnerabilityID",
        package: Owned = "PkgName",
        path: Owned = "PkgPath",
        identifier: Identifier = "PkgIdentifier",
        installed: Owned = "InstalledVersion",
        fixed: Owned = "FixedVersion",
        status: Owned = "Status",
        source: Owned = "SeveritySource",
        url: Owned = "PrimaryURL",
        title: Owned = "Title",
        description: Owned = "Description",
        severity: Owned = "Severity",
        cwe: List<Owned> = "CweIDs",
        vendors: List<Owned> = "VendorIDs",
        scores: Entries<Score> = "CVSS",
    }
}

lenient! {
    Identifier {
        purl: Owned = "PURL",
    }
}

lenient! {
    Score {
        v3: Real = "V3Score",
    }
}

lenient! {
    Misconfiguration {
        kind: Owned = "Type",
        id: Owned = "ID",
        title: Owned = "Title",
        description: Owned = "Description",
        message: Owned = "Message",
        resolution: Owned = "Resolution",
        severity: Owned = "Severity",
        url: Owned = "PrimaryURL",
        status: Owned = "Status",
        cause: Lines = "CauseMetadata",
    }
}

lenient! {
    Secret {
        rule: Owned = "RuleID",
        title: Owned = "Title",
        severity: Owned = "Severity",
        start: Int = "StartLine",
        end: Int = "EndLine",
        shown: Owned = "Match",
    }
}

lenient! {
    /// A finding that an ignore file or VEX took away.
    Ignored {
        kind: Owned = "Type",
        status: Owned = "Status",
        statement: Owned = "Statement",
        finding: Vulnerability = "Finding",
    }
}

pub(super) fn read(original: &mut Original<'_>, _: &Repo) -> Vec<Log> {
    let report: Report = original.document();
    let mut log = Log::new("Trivy");
    log.version = report.trivy.version.0;
    log.ended = report.created.0;
    log.image = report.name.0.filter(|_| report.kind.get() == Some("container_image"));
    for (index, target) in report.results.0.into_iter().enumerate() {
        Reader { log: &mut log, index, target: &target }.read();
    }
    vec![log]
}

struct Reader<'a> {
    log: &'a mut Log,
    index: usize,
    target: &'a Target,
}

impl Reader<'_> {
    fn read(&mut self) {
        for (number, vulnerability) in self.target.vulnerabilities.0.iter().enumerate() {
            let pointer = format!("/Results/{}/Vulnerabilities/{number}", self.index);
            self.vulnerability(pointer, vulnerability, None);
        }
        for (number, misconfiguration) in self.target.misconfigurations.0.iter().enumerate() {
            self.misconfiguration(number, misconfiguration);
        }
        for (number, secret) in self.target.secrets.0.iter().enumerate() {
            self.secret(number, secret);
        }
        let is_vulnerability = |ignored: &&Ignored| ignored.kind.get() == Some("vulnerability");
        for (number, ignored) in
            self.target.ignored.0.iter().enumerate().filter(|(_, ignored)| is_vulnerability(ignored))
        {
            let pointer = format!("/Results/{}/ExperimentalModifiedFindings/{number}/Finding", self.index);
            let words = [ignored.status.get(), ignored.statement.get()].into_iter().flatten();
            let words: Vec<&str> = words.filter(|text| !text.is_empty()).collect();
            self.vulnerability(pointer, &ignored.finding, Some(Suppression::external(Some(words.join(": ")))));
        }
    }

    fn vulnerability(&mut self, pointer: String, found: &Vulnerability, suppression: Option<Suppression>) {
        let said = |text: &Owned| text.0.clone().unwrap_or_default();
        let (id, package, installed, fixed) =
            (said(&found.id), said(&found.package), said(&found.installed), said(&found.fixed));
        let severity = found.severity.get();
        let place = found.path.0.clone().filter(|path| !path.is_empty()).or(self.target.name.0.clone());
        let path = path_of(place.as_deref().unwrap_or_default(), self.target.class.get());
        let at = format!("{path}: {package}@{installed}");
        let locations = self.lines_of(found).into_iter();
        let locations = locations.map(|region| Location::new(&path).at(region).saying(at.clone())).collect();
        let message = format!(
            "Package: {package}\nInstalled Version: {installed}\nVulnerability {id}\nSeverity: {}\nFixed Version: {fixed}\nLink: [{id}]({})",
            severity.unwrap_or_default(),
            said(&found.url),
        );
        let versions: Vec<String> = fixed.split(',').map(str::to_owned).collect();
        let own_score = found.source.get().and_then(|source| found.scores.get(source)?.v3.0);
        let kind = if self.target.class.get() == Some("os-pkgs") {
            "OsPackageVulnerability"
        } else {
            "LanguageSpecificPackageVulnerability"
        };
        let rule = Rule {
            id,
            name: Some(kind.to_owned()),
            short_description: text(found.title.0.clone()),
            full_description: text(found.description.0.clone()),
            help_uri: found.url.0.clone(),
            properties: tags("vulnerability", severity, found.cwe.0.iter().chain(&found.vendors.0)),
            ..Rule::default()
        };
        let finding = Finding {
            pointer,
            level: Some(level(severity)),
            message: text(message),
            locations,
            fixes: upgrade(&package, &versions).map(Fix::advice).into_iter().collect(),
            suppressions: suppression.into_iter().collect(),
            properties: bag([
                ("security-severity", own_score.or(score_of(severity)).into()),
                ("purl", found.identifier.purl.get().into()),
                ("packageName", package.into()),
                ("packageVersion", installed.into()),
                ("status", found.status.get().into()),
            ]),
            ..Finding::default()
        };
        self.log.push(rule, finding);
    }

    /// Where the package stands in its lock file, as far as the report says it; else line 1.
    fn lines_of(&self, found: &Vulnerability) -> Vec<Region> {
        let is_meant = |package: &&Package| {
            package.name.get() == found.package.get() && package.version.get() == found.installed.get()
        };
        let package = self.target.packages.0.iter().find(is_meant);
        let lines = package.map(|package| package.locations.0.as_slice()).unwrap_or_default();
        if lines.is_empty() {
            vec![region(None, None)]
        } else {
            lines.iter().map(|at| region(at.start.0, at.end.0)).collect()
        }
    }

    fn misconfiguration(&mut self, number: usize, found: &Misconfiguration) {
        let said = |text: &Owned| text.0.clone().unwrap_or_default();
        let (id, severity) = (said(&found.id), found.severity.get());
        let path = self.target.name.0.clone().unwrap_or_default().replace('\\', "/");
        let message = format!(
            "Artifact: {path}\nType: {}\nVulnerability {id}\nSeverity: {}\nMessage: {}\nLink: [{id}]({})",
            said(&self.target.kind),
            severity.unwrap_or_default(),
            said(&found.message),
            said(&found.url),
        );
        let is_passed = found.status.get() == Some("PASS");
        let is_excepted = found.status.get() == Some("EXCEPTION");
        let rule = Rule {
            id,
            name: Some("Misconfiguration".to_owned()),
            short_description: text(found.title.0.clone()),
            full_description: text(found.description.0.clone()),
            help: text(found.resolution.0.clone()),
            help_uri: found.url.0.clone(),
            properties: tags("misconfiguration", severity, []),
        };
        let region = region(found.cause.start.0, found.cause.end.0);
        let finding = Finding {
            pointer: format!("/Results/{}/Misconfigurations/{number}", self.index),
            kind: is_passed.then_some("pass"),
            level: Some(if is_passed { "none" } else { level(severity) }),
            message: text(message),
            locations: vec![Location::new(&path).at(region).saying(path.clone())],
            fixes: found.resolution.0.clone().filter(|words| !words.is_empty()).map(Fix::advice).into_iter().collect(),
            suppressions: is_excepted.then(|| Suppression::external(None)).into_iter().collect(),
            properties: bag([
                ("security-severity", score_of(severity).into()),
                ("resource", found.cause.resource.get().into()),
                ("type", found.kind.get().into()),
            ]),
            ..Finding::default()
        };
        self.log.push(rule, finding);
    }

    fn secret(&mut self, number: usize, found: &Secret) {
        let said = |text: &Owned| text.0.clone().unwrap_or_default();
        let target = self.target.name.0.clone().unwrap_or_default();
        let severity = found.severity.get();
        let message = format!(
            "Artifact: {target}\nType: {}\nSecret {}\nSeverity: {}\nMatch: {}",
            said(&self.target.kind),
            said(&found.title),
            severity.unwrap_or_default(),
            said(&found.shown),
        );
        let rule = Rule {
            id: said(&found.rule),
            name: Some("Secret".to_owned()),
            short_description: text(found.title.0.clone()),
            properties: tags("secret", severity, []),
            ..Rule::default()
        };
        let region = region(found.start.0, found.end.0);
        let finding = Finding {
            pointer: format!("/Results/{}/Secrets/{number}", self.index),
            level: Some(level(severity)),
            message: text(message),
            locations: vec![Location::new(&target).at(region).saying(target.clone())],
            properties: bag([("security-severity", score_of(severity).into())]),
            ..Finding::default()
        };
        self.log.push(rule, finding);
    }
}

fn tags<'a>(kind: &str, severity: Option<&str>, more: impl IntoIterator<Item = &'a Owned>) -> Bag {
    let words = [kind, "security", severity.unwrap_or_default()].map(str::to_owned);
    bag([("tags", texts(words.into_iter().chain(more.into_iter().filter_map(|text| text.0.clone()))))])
}

/// The score that Trivy's SARIF gives a severity.
fn score_of(severity: Option<&str>) -> Option<f64> {
    match severity? {
        "CRITICAL" => Some(9.5),
        "HIGH" => Some(8.0),
        "MEDIUM" => Some(5.5),
        "LOW" => Some(2.0),
        _ => None,
    }
}

/// Lines as Trivy's SARIF has them: columns 1, and line 1 where nothing is known.
fn region(start: Option<i64>, end: Option<i64>) -> Region {
    let stated = |line: Option<i64>| line.filter(|line| *line > 0);
    let first = stated(start).or(stated(end)).unwrap_or(1);
    Region::between((Some(first), Some(1)), (stated(end).or(Some(first)), Some(1)))
}

/// The path that Trivy's SARIF gives a target: that of an image is its name without registry and tag.
fn path_of(target: &str, class: Option<&str>) -> String {
    if class != Some("os-pkgs") {
        return target.to_owned();
    }
    let image = target.split(" (").next().unwrap_or(target);
    let (folder, name) = image.rsplit_once('/').map_or(("", image), |(folder, name)| (folder, name));
    let name = name.split(['@', ':']).next().unwrap_or(name);
    let folder = match folder.split_once('/').map_or((folder, ""), |parts| parts) {
        (first, rest) if first.contains(['.', ':']) || first == "localhost" => rest,
        _ => folder,
    };
    match (folder, image.contains('/')) {
        ("", false) => format!("library/{name}"),
        ("", true) => name.to_owned(),
        (folder, _) => format!("{folder}/{name}"),
    }
}

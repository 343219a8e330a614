//! OSV-Scanner's JSON (`pkg/models/results.go`), of version 1 and 2, also as a bare list of packages. It says of each
//! group of ids whether it is called, where it has analysed calls: for Go by default, for Rust if asked to.

use crate::ingest::json::{Entries, List, Owned, Rare, Said, lenient};
use crate::ingest::native::original::Original;
use crate::model::evidence::{Entry, Fact, Polarity, Rung, Statement, Subject};

use super::draft::Draft;
use super::purl;
use super::words::{add_ids, plain, purl, reason};

lenient! {
    Report {
        results: List<Scanned> = "results",
    }
}

lenient! {
    /// A file that was scanned; or, in a bare list, a package.
    Scanned {
        source: Source = "source",
        packages: List<Package> = "packages",
    }
}

lenient! {
    Source {
        path: Owned = "path",
    }
}

lenient! {
    Package {
        about: Named = "package",
        groups: List<Group> = "groups",
        vulnerabilities: List<Advisory> = "vulnerabilities",
        dependency_groups: List<Owned> = "dependency_groups",
    }
}

lenient! {
    Named {
        name: Owned = "name",
        version: Owned = "version",
        ecosystem: Owned = "ecosystem",
    }
}

lenient! {
    Group {
        ids: List<Owned> = "ids",
        aliases: List<Owned> = "aliases",
        /// By ids.
        analysis: Entries<Analysis> = "experimentalAnalysis",
    }
}

lenient! {
    Analysis {
        called: Owned = "called",
        unimportant: Owned = "unimportant",
    }
}

lenient! {
    Advisory {
        id: Owned = "id",
        severity: List<Severity> = "severity",
        affected: List<Affected> = "affected",
    }
}

lenient! {
    Severity {
        score: Owned = "score",
    }
}

lenient! {
    Affected {
        package: Rare<Affecting> = "package",
    }
}

lenient! {
    Affecting {
        name: Owned = "name",
        purl: Owned = "purl",
    }
}

/// Ecosystems whose calls are told by symbols.
const BY_SYMBOL: &[&str] = &["Go", "crates.io"];
/// Groups of dependencies that do not go into production.
const DEVELOPMENT: &[&str] = &["dev", "development", "test", "tests", "testing", "build", "require_dev"];

pub(super) fn read(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    draft.document.tool = "osv-scanner".into();
    let report: Report = original.document();
    for (at, scanned) in report.results.0.iter().enumerate() {
        let path = scanned.source.path.get().unwrap_or_default();
        add(draft, &format!("/results/{at}/packages"), path, &scanned.packages.0);
    }
}

pub(super) fn read_list(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    draft.document.tool = "osv-scanner".into();
    let packages: List<Package> = original.document();
    add(draft, "", "", &packages.0);
}

fn add(draft: &mut Draft<'_>, above: &str, path: &str, packages: &[Package]) {
    for (at, package) in packages.iter().enumerate() {
        let pointer = format!("{above}/{at}");
        for (at, advisory) in package.vulnerabilities.0.iter().enumerate() {
            let Some(id) = advisory.id.get() else { continue };
            for (number, severity) in advisory.severity.0.iter().enumerate() {
                if let Some(vector) = severity.score.get().filter(|score| score.contains("AV:")) {
                    let pointer = format!("{pointer}/vulnerabilities/{at}/severity/{number}");
                    draft.know(pointer, id, Fact::Cvss(vector.into()));
                }
            }
        }
        for (at, group) in package.groups.0.iter().enumerate() {
            group.add(draft, format!("{pointer}/groups/{at}"), path, package);
        }
    }
}

impl Group {
    fn add(&self, draft: &mut Draft<'_>, pointer: String, path: &str, package: &Package) {
        let mut vulns: Vec<Box<str>> = Vec::new();
        add_ids(&mut vulns, self.ids.0.iter().chain(&self.aliases.0).filter_map(Said::get));
        draft.alias(vulns.iter().map(|vuln| &**vuln));
        let (polarity, words) = self.verdict();
        let is_development = package.is_development();
        let development = if is_development { "only a development dependency" } else { "" };
        let by_symbol = package.about.ecosystem.get().is_some_and(|name| BY_SYMBOL.contains(&name));
        let path = if path.is_empty() { String::new() } else { format!("by {path}") };
        draft.state(Statement {
            pointer: pointer.into(),
            subject: Subject { vulns, purl: package.purl(), ..Subject::default() },
            rung: Rung::Called,
            polarity,
            reason: reason([words, development, &*path]),
            strength: if polarity == Polarity::Unknown { 0 } else { 2 + u8::from(by_symbol) },
            // What is called from code is called from there, whoever asked for the package.
            entry: if is_development && polarity != Polarity::Yes { Entry::Build } else { Entry::Unknown },
            ..Statement::default()
        });
    }

    /// One id that is called makes the group called.
    fn verdict(&self) -> (Polarity, &'static str) {
        let is = |text: &Owned| text.get() == Some("true");
        let mut analyses = self.analysis.0.iter().map(|(_, analysis)| analysis).peekable();
        if analyses.peek().is_none() {
            return (Polarity::Unknown, "no call analysis");
        }
        if analyses.clone().any(|analysis| is(&analysis.called)) {
            (Polarity::Yes, "")
        } else if analyses.clone().any(|analysis| is(&analysis.unimportant)) {
            (Polarity::Unknown, "unimportant, as its distribution says")
        } else if analyses.all(|analysis| analysis.called.get() == Some("false")) {
            (Polarity::No, "not called")
        } else {
            (Polarity::Unknown, "whether it is called is not said")
        }
    }
}

impl Package {
    fn is_development(&self) -> bool {
        let groups = &self.dependency_groups.0;
        let is_one = |group: &Owned| group.get().is_some_and(|name| DEVELOPMENT.contains(&plain(name).as_str()));
        !groups.is_empty() && groups.iter().all(is_one)
    }

    /// The package URL that its advisories have, else one by its ecosystem, with its version.
    fn purl(&self) -> Option<Box<str>> {
        let Named { name, version, ecosystem } = &self.about;
        let (name, version) =
            (name.get().filter(|name| !name.is_empty())?, version.get().filter(|version| !version.is_empty()));
        let affected = self.vulnerabilities.0.iter().flat_map(|advisory| &advisory.affected.0);
        let mut named = affected.filter_map(|affected| affected.package.get());
        let stated = named.find(|package| package.name.get() == Some(name)).and_then(|package| package.purl.get());
        let at = version.map(|version| format!("@{version}")).unwrap_or_default();
        let stated = stated.filter(|stated| !stated.contains(['?', '#'])).map(|stated| purl(&format!("{stated}{at}")));
        stated.or_else(|| Some(purl::named(ecosystem.get().unwrap_or("generic"), name, version)))
    }
}

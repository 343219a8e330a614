//! Trivy's JSON (schema 2), beside the findings that it is read for: vectors of CVSS, and the statements of VEX
//! documents that it has applied.

use crate::ingest::json::{Entries, List, Owned, Said, lenient};
use crate::ingest::native::original::Original;
use crate::model::evidence::{Fact, Statement, Subject};

use super::draft::Draft;
use super::vex;
use super::words::purl;

lenient! {
    Report {
        created: Owned = "CreatedAt",
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
        vulnerabilities: List<Vulnerability> = "Vulnerabilities",
        modified: List<Modified> = "ExperimentalModifiedFindings",
    }
}

lenient! {
    Vulnerability {
        id: Owned = "VulnerabilityID",
        vendors: List<Owned> = "VendorIDs",
        package: Owned = "PkgName",
        identifier: Identifier = "PkgIdentifier",
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
        v2: Owned = "V2Vector",
        v3: Owned = "V3Vector",
        v4: Owned = "V40Vector",
    }
}

lenient! {
    /// A finding that an ignore file or VEX took away.
    Modified {
        kind: Owned = "Type",
        status: Owned = "Status",
        statement: Owned = "Statement",
        source: Owned = "Source",
        finding: Vulnerability = "Finding",
    }
}

pub(super) fn read(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    let report: Report = original.document();
    draft.document.tool = "Trivy".into();
    draft.document.version = report.trivy.version.get().map(Into::into);
    draft.dated(report.created.get());
    for (at, target) in report.results.0.iter().enumerate() {
        for (number, vulnerability) in target.vulnerabilities.0.iter().enumerate() {
            vulnerability.add(draft, &format!("/Results/{at}/Vulnerabilities/{number}"));
        }
        let modified = target.modified.0.iter().enumerate();
        for (number, modified) in modified.filter(|(_, modified)| modified.kind.get() == Some("vulnerability")) {
            let pointer = format!("/Results/{at}/ExperimentalModifiedFindings/{number}");
            modified.finding.add(draft, &format!("{pointer}/Finding"));
            modified.add(draft, pointer);
        }
    }
}

impl Vulnerability {
    /// Its vectors, and the other name that GitHub has for it. Ids of distributions often mean several flaws.
    fn add(&self, draft: &mut Draft<'_>, pointer: &str) {
        let Some(id) = self.id.get().filter(|id| !id.is_empty()) else { return };
        for (source, score) in &self.scores.0 {
            for vector in [&score.v2, &score.v3, &score.v4].into_iter().filter_map(Said::get) {
                draft.know(format!("{pointer}/CVSS/{source}"), id, Fact::Cvss(vector.into()));
            }
        }
        draft.alias(self.vulns().iter().map(|vuln| &**vuln));
    }

    fn vulns(&self) -> Vec<Box<str>> {
        let others = self.vendors.0.iter().filter_map(Said::get).filter(|id| id.starts_with("GHSA-"));
        self.id.get().into_iter().chain(others).map(Into::into).collect()
    }
}

impl Modified {
    fn add(&self, draft: &mut Draft<'_>, pointer: String) {
        let finding = &self.finding;
        let said = self.statement.get().unwrap_or_default();
        let (justification, text) = if vex::is_justification(said) { (said, "") } else { ("", said) };
        let source = self.source.get().map(|source| format!("by {source}")).unwrap_or_default();
        let verdict = vex::statement(self.status.get().unwrap_or_default(), justification, 2, &[text, &*source]);
        let package = finding.identifier.purl.get().map(purl).or_else(|| finding.package.get().map(Into::into));
        let subject = Subject { vulns: finding.vulns(), purl: package, ..Subject::default() };
        draft.state(Statement { pointer: pointer.into(), subject, ..verdict });
    }
}

//! Grype's JSON, beside the findings that it is read for: vectors of CVSS, EPSS, known exploitation, and the statements
//! of VEX documents that it has applied.

use std::collections::HashSet;

use crate::ingest::json::{List, Owned, Real, Said, lenient};
use crate::ingest::native::original::Original;
use crate::model::evidence::{Basis, Fact, Polarity, Rung, Statement, Subject};

use super::draft::Draft;
use super::vex;
use super::words::{epss, purl, reason, time};

lenient! {
    Report {
        matches: List<Match> = "matches",
        ignored: List<Match> = "ignoredMatches",
        descriptor: Descriptor = "descriptor",
    }
}

lenient! {
    Descriptor {
        version: Owned = "version",
        made: Owned = "timestamp",
        database: Database = "db",
    }
}

lenient! {
    Database {
        built: Owned = "built",
        status: Status = "status",
    }
}

lenient! {
    Status {
        built: Owned = "built",
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
    Artifact {
        name: Owned = "name",
        purl: Owned = "purl",
    }
}

lenient! {
    IgnoreRule {
        reason: Owned = "reason",
        status: Owned = "vexStatus" | "vex-status",
        justification: Owned = "vexJustification" | "vex-justification",
    }
}

lenient! {
    Vulnerability {
        id: Owned = "id",
        scores: List<Score> = "cvss",
        epss: List<Epss> = "epss",
        exploited: List<Exploited> = "knownExploited",
    }
}

lenient! {
    Score {
        vector: Owned = "vector",
    }
}

lenient! {
    Epss {
        cve: Owned = "cve",
        probability: Real = "epss",
        percentile: Real = "percentile",
    }
}

lenient! {
    /// An entry of the catalogue of known exploited vulnerabilities.
    Exploited {
        cve: Owned = "cve",
        added: Owned = "dateAdded",
        ransomware: Owned = "knownRansomwareCampaignUse",
    }
}

pub(super) fn read(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    let report: Report = original.document();
    let Descriptor { version, made, database } = &report.descriptor;
    draft.document.tool = "grype".into();
    draft.document.version = version.get().map(Into::into);
    draft.document.knowledge = database.status.built.get().or(database.built.get()).and_then(time);
    draft.dated(made.get());
    let mut known = HashSet::new();
    for (name, matches) in [("matches", &report.matches.0), ("ignoredMatches", &report.ignored.0)] {
        for (number, found) in matches.iter().enumerate() {
            let pointer = format!("/{name}/{number}");
            let own = (format!("{pointer}/vulnerability"), &found.vulnerability);
            let related = found.related.0.iter().enumerate();
            let related = related.map(|(at, one)| (format!("{pointer}/relatedVulnerabilities/{at}"), one));
            for (pointer, vulnerability) in std::iter::once(own).chain(related) {
                // One advisory is told for each package that has it, always the same.
                if known.insert(vulnerability.id.get()) {
                    vulnerability.add(draft, &pointer);
                }
            }
            draft.alias(found.vulns().iter().map(|vuln| &**vuln));
            found.add_applied(draft, &pointer);
        }
    }
}

impl Match {
    /// Its id and that of the one vulnerability that it is related to; an advisory of a distribution is related to all
    /// that it mends.
    fn vulns(&self) -> Vec<Box<str>> {
        let own = self.vulnerability.id.get();
        let is_name = own.is_some_and(|id| ["GHSA-", "CVE-", "GO-"].iter().any(|start| id.starts_with(start)));
        let related = match self.related.0.as_slice() {
            [only] if is_name => only.id.get().filter(|id| Some(*id) != own),
            _ => None,
        };
        own.into_iter().chain(related).map(Into::into).collect()
    }

    /// What a VEX document said for which it is ignored.
    fn add_applied(&self, draft: &mut Draft<'_>, pointer: &str) {
        for (number, rule) in self.rules.0.iter().enumerate() {
            let Some(status) = rule.status.get().filter(|status| !status.is_empty()) else { continue };
            let justification = rule.justification.get().unwrap_or_default();
            let verdict = vex::statement(status, justification, 2, &[rule.reason.get().unwrap_or_default()]);
            let package = self.artifact.purl.get().map(purl).or_else(|| self.artifact.name.get().map(Into::into));
            let subject = Subject { vulns: self.vulns(), purl: package, ..Subject::default() };
            let pointer = format!("{pointer}/appliedIgnoreRules/{number}").into();
            draft.state(Statement { pointer, subject, ..verdict });
        }
    }
}

impl Vulnerability {
    fn add(&self, draft: &mut Draft<'_>, pointer: &str) {
        let Some(id) = self.id.get().filter(|id| !id.is_empty()) else { return };
        for (number, score) in self.scores.0.iter().enumerate() {
            if let Some(vector) = score.vector.get().filter(|vector| !vector.is_empty()) {
                draft.know(format!("{pointer}/cvss/{number}"), id, Fact::Cvss(vector.into()));
            }
        }
        for (number, entry) in self.epss.0.iter().enumerate() {
            if let Some(fact) = epss(entry.probability, entry.percentile) {
                draft.know(format!("{pointer}/epss/{number}"), entry.cve.get().unwrap_or(id), fact);
            }
        }
        for (number, entry) in self.exploited.0.iter().enumerate() {
            let since = entry.added.get().map(|day| format!(" since {day}")).unwrap_or_default();
            let is_known = entry.ransomware.get().is_some_and(|word| word.eq_ignore_ascii_case("known"));
            let ransomware = if is_known { "used by ransomware" } else { "" };
            let cve = entry.cve.get().unwrap_or(id);
            let mut vulns = vec![Box::from(cve)];
            vulns.extend((cve != id).then(|| Box::from(id)));
            draft.state(Statement {
                pointer: format!("{pointer}/knownExploited/{number}").into(),
                subject: Subject { vulns, ..Subject::default() },
                rung: Rung::Exploited,
                polarity: Polarity::Yes,
                basis: Basis::Intel,
                reason: reason([&*format!("in the KEV catalogue{since}"), ransomware]),
                strength: 3,
                ..Statement::default()
            });
        }
    }
}

//! JFrog's contextual analysis: the applicability of CVEs in `jf audit --format simple-json` and in reports of Xray, and
//! whether secrets still work. Its SARIF is no matter of this file.

use std::collections::HashSet;

use crate::ingest::json::{Int, List, Owned, Said, lenient};
use crate::ingest::native::original::Original;
use crate::model::evidence::{Basis, Frame, Polarity, Rung, Statement, Strength, Subject};

use super::draft::Draft;
use super::{entry, purl};

lenient! {
    Audit {
        vulnerabilities: List<Issue> = "vulnerabilities",
        violations: List<Issue> = "securityViolations",
        secrets: List<Secret> = "secrets",
        secret_violations: List<Secret> = "secretsViolations",
    }
}

lenient! {
    Issue {
        name: Owned = "impactedPackageName",
        version: Owned = "impactedPackageVersion",
        kind: Owned = "impactedPackageType",
        id: Owned = "issueId",
        applicable: Owned = "applicable",
        cves: List<Cve> = "cves",
    }
}

lenient! {
    Cve {
        id: Owned = "id",
        applicability: Applicability = "applicability",
    }
}

lenient! {
    Applicability {
        status: Owned = "status",
        evidence: List<Place> = "evidence",
    }
}

lenient! {
    Place {
        file: Owned = "file",
        line: Int = "startLine",
        column: Int = "startColumn",
    }
}

lenient! {
    Secret {
        file: Owned = "file",
        line: Int = "startLine",
        end: Int = "endLine",
        rule: Owned = "ruleId",
        applicability: Applicability = "applicability",
    }
}

/// A violation repeats a vulnerability that a watch looks for: it is stated once.
pub(super) fn read(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    let audit: Audit = original.document();
    draft.document.tool = "JFrog Xray".into();
    let mut known = HashSet::new();
    for (name, list) in [("vulnerabilities", &audit.vulnerabilities), ("securityViolations", &audit.violations)] {
        for (number, issue) in list.0.iter().enumerate() {
            for statement in of_issue(draft, &format!("/{name}/{number}"), issue) {
                if known.insert((statement.subject.vulns.clone(), statement.subject.purl.clone(), statement.polarity)) {
                    draft.state(statement);
                }
            }
        }
    }
    let mut known = HashSet::new();
    for (name, list) in [("secrets", &audit.secrets), ("secretsViolations", &audit.secret_violations)] {
        for (number, secret) in list.0.iter().enumerate() {
            if let Some(statement) = of_secret(draft, &format!("/{name}/{number}"), secret)
                && known.insert((statement.subject.path.clone(), statement.subject.line, statement.polarity))
            {
                draft.state(statement);
            }
        }
    }
}

fn of_issue(draft: &mut Draft<'_>, pointer: &str, issue: &Issue) -> Vec<Statement> {
    let purl = issue.name.get().and_then(|name| purl::of(issue.kind.get()?, name, issue.version.get()));
    if issue.cves.0.is_empty() {
        let (polarity, strength, reason) = grade(issue.applicable.get().unwrap_or_default(), false);
        let id = issue.id.get().map(Box::from);
        return vec![called(format!("{pointer}/applicable"), id, purl, polarity, strength, reason)];
    }
    let of_cve = |(number, cve): (usize, &Cve)| {
        let status = cve.applicability.status.get().or(issue.applicable.get()).unwrap_or_default();
        let place = cve.applicability.evidence.0.first();
        let (polarity, strength, reason) = grade(status, place.is_some());
        let path = place.and_then(|place| {
            let file = place.file.get().filter(|file| !file.is_empty())?;
            let frame = draft.frame("", "", file, line(place.line), line(place.column));
            Some(Frame { is_own: true, ..frame })
        });
        let id = cve.id.get().or(issue.id.get()).map(Box::from);
        let pointer = format!("{pointer}/cves/{number}");
        let statement = called(pointer, id, purl.clone(), polarity, strength, reason);
        let entry = path.as_ref().map(|frame| entry::of_file(&frame.path)).unwrap_or_default();
        Statement { path: path.into_iter().collect(), entry, ..statement }
    };
    issue.cves.0.iter().enumerate().map(of_cve).collect()
}

fn called(
    pointer: String,
    id: Option<Box<str>>,
    purl: Option<Box<str>>,
    polarity: Polarity,
    strength: Strength,
    reason: String,
) -> Statement {
    Statement {
        pointer: pointer.into(),
        strength: purl::worth(purl.as_deref(), polarity, strength),
        subject: Subject { vulns: id.into_iter().collect(), purl, ..Subject::default() },
        rung: Rung::Called,
        polarity,
        basis: Basis::Static,
        reason: Some(reason.into()),
        ..Statement::default()
    }
}

/// What a status means, in the words of the audit or of Xray. All but two say that nobody knows.
fn grade(status: &str, has_place: bool) -> (Polarity, Strength, String) {
    let words = status.replace('_', " ").to_ascii_lowercase();
    let (polarity, strength) = match words.as_str() {
        "applicable" => (Polarity::Yes, if has_place { 3 } else { 2 }),
        "not applicable" => (Polarity::No, 2),
        _ => (Polarity::Unknown, 0),
    };
    (polarity, strength, if words.is_empty() { "not scanned".to_owned() } else { words })
}

fn of_secret(draft: &mut Draft<'_>, pointer: &str, secret: &Secret) -> Option<Statement> {
    let status = secret.applicability.status.get().filter(|status| !status.is_empty())?;
    let (polarity, strength, reason) = match status.to_ascii_lowercase().as_str() {
        "active" => (Polarity::Yes, 4, "the secret works".to_owned()),
        "inactive" => (Polarity::No, 2, "the secret is refused".to_owned()),
        native => (Polarity::Unknown, 0, native.to_owned()),
    };
    let path = draft.locate(secret.file.get().filter(|file| !file.is_empty())?);
    let (first, last) = (line(secret.line), line(secret.end));
    Some(Statement {
        pointer: pointer.into(),
        subject: Subject {
            path: Some(path),
            line: (first > 0).then_some(first),
            end_line: (last > first).then_some(last),
            ..Subject::default()
        },
        rung: Rung::Controllable,
        polarity,
        basis: Basis::Dynamic,
        reason: Some(reason.into()),
        strength,
        ..Statement::default()
    })
}

fn line(number: Int) -> u32 {
    number.position().and_then(|number| u32::try_from(number).ok()).unwrap_or_default()
}

lenient! {
    Xray {
        rows: List<Row> = "rows",
    }
}

lenient! {
    Row {
        cves: List<XrayCve> = "cves",
        id: Owned = "issueId",
        component: Owned = "vulnerableComponent",
        result: Owned = "applicabilityResult",
        artifact: Owned = "impactedArtifact",
    }
}

lenient! {
    XrayCve {
        id: Owned = "cve",
    }
}

pub(super) fn read_xray(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    let report: Xray = original.document();
    draft.document.tool = "JFrog Xray".into();
    draft.of_projects(report.rows.0.iter().map(|row| row.artifact.get()));
    for (number, row) in report.rows.0.iter().enumerate() {
        let purl = row.component.get().and_then(|component| {
            // `npm://ip:2.0.0`, `gav://group:name:1.0`
            let (kind, rest) = component.split_once("://")?;
            let (name, version) = rest.rsplit_once(':')?;
            purl::of(if kind == "gav" { "maven" } else { kind }, name, Some(version))
        });
        let ids = row.cves.0.iter().filter_map(|cve| cve.id.get());
        let mut ids: Vec<&str> = ids.filter(|id| !id.is_empty()).collect();
        if ids.is_empty() {
            ids.extend(row.id.get());
        }
        for id in ids {
            let (polarity, strength, reason) = grade(row.result.get().unwrap_or_default(), false);
            let pointer = format!("/rows/{number}");
            draft.state(called(pointer, Some(id.into()), purl.clone(), polarity, strength, reason));
        }
    }
}

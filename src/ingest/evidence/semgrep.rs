//! Semgrep Supply Chain: `sca_info` in the JSON of `semgrep ci`, in its upload and in `semgrep scan --json`, and the
//! findings of the deployments API. What is not reachable by a rule that looks at the lock file alone is not known.

use crate::ingest::json::{Int, List, Owned, OwnedBag, Properties, Rare, Said, lenient};
use crate::ingest::native::original::Original;
use crate::model::evidence::{Basis, Entry, Frame, Polarity, Rung, Statement, Strength, Subject};

use super::draft::Draft;
use super::{entry, purl};

lenient! {
    Report {
        version: Owned = "version",
        results: List<Match> = "results",
        findings: List<Match> = "findings",
        ignores: List<Match> = "ignores",
        errors: List<Failure> = "errors",
    }
}

lenient! {
    Failure {
        level: Owned = "level",
    }
}

lenient! {
    /// A result; in an upload, what is `extra` elsewhere lies in it, and `line` is its start.
    Match {
        rule: Owned = "checkId",
        path: Owned = "path",
        start: Position = "start",
        line: Int = "line",
        column: Int = "column",
        metadata: OwnedBag = "metadata",
        sca: Rare<Sca> = "scaInfo",
        extra: Extra = "extra",
    }
}

lenient! {
    Position {
        line: Int = "line",
        column: Int = "col",
    }
}

lenient! {
    Extra {
        metadata: OwnedBag = "metadata",
        sca: Rare<Sca> = "scaInfo",
    }
}

lenient! {
    Sca {
        is_reachable: Owned = "reachable",
        looks_at_code: Owned = "reachabilityRule",
        found: Found = "dependencyMatch",
    }
}

lenient! {
    Found {
        dependency: Dependency = "foundDependency",
    }
}

lenient! {
    Dependency {
        package: Owned = "package",
        version: Owned = "version",
        ecosystem: Owned = "ecosystem",
        transitivity: Owned = "transitivity",
    }
}

/// The key of a rule's metadata with the id of its advisory.
const ADVISORY: &str = "sca-vuln-database-identifier";

pub(super) fn read(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    let report: Report = original.document();
    draft.document.tool = "Semgrep".into();
    draft.document.version = report.version.0.map(Into::into);
    // A warning is about a part of a file.
    if report.errors.0.iter().any(|failure| failure.level.get() == Some("error")) {
        draft.has_failed();
    }
    let lists = [("results", report.results), ("findings", report.findings), ("ignores", report.ignores)];
    for (name, list) in &lists {
        for (number, found) in list.0.iter().enumerate() {
            if let Some(sca) = found.sca.get().or_else(|| found.extra.sca.get()) {
                state(draft, format!("/{name}/{number}"), found, sca);
            }
        }
    }
}

fn state(draft: &mut Draft<'_>, pointer: String, found: &Match, sca: &Sca) {
    let is = |flag: &Owned| flag.get() == Some("true");
    let (polarity, strength, why) = match (sca.is_reachable.get(), is(&sca.looks_at_code)) {
        (Some("true"), true) => (Polarity::Yes, 3, "a rule found its use"),
        (Some("true"), false) => (Polarity::Yes, 1, "any use counts as reachable"),
        (Some("false"), true) => (Polarity::No, 2, "a rule found no use"),
        (Some("false"), false) => (Polarity::Unknown, 0, "lockfile only"),
        (native, _) => (Polarity::Unknown, 0, native.unwrap_or("not stated")),
    };
    let dependency = &sca.found.dependency;
    let advisory = [&found.metadata, &found.extra.metadata].into_iter().find_map(|bag| bag.text(ADVISORY));
    let path = if polarity == Polarity::Yes && is(&sca.looks_at_code) {
        let line = [found.start.line, found.line];
        let column = [found.start.column, found.column];
        frame(draft, found.path.get(), first(&line), first(&column)).into_iter().collect()
    } else {
        Vec::new()
    };
    let purl =
        dependency.package.get().and_then(|name| purl::of(dependency.ecosystem.get()?, name, dependency.version.get()));
    let vulns = advisory.or_else(|| found.rule.0.clone()).into_iter().map(Into::into).collect();
    let reason = reason(why, dependency.transitivity.get());
    let entry = entry_of(&path);
    draft.state(Statement {
        pointer: pointer.into(),
        path,
        entry,
        ..statement(vulns, purl, (polarity, strength), reason)
    });
}

fn statement(
    vulns: Vec<Box<str>>,
    purl: Option<Box<str>>,
    (polarity, strength): (Polarity, Strength),
    reason: String,
) -> Statement {
    Statement {
        strength: purl::worth(purl.as_deref(), polarity, strength),
        subject: Subject { vulns, purl, ..Subject::default() },
        rung: Rung::Called,
        polarity,
        basis: Basis::Static,
        reason: Some(reason.into()),
        ..Statement::default()
    }
}

fn reason(why: &str, transitivity: Option<&str>) -> String {
    match transitivity.map(str::to_ascii_lowercase).as_deref() {
        Some("direct") => format!("{why}, direct dependency"),
        Some("transitive") => format!("{why}, indirect dependency"),
        _ => why.to_owned(),
    }
}

fn first(numbers: &[Int]) -> u32 {
    let positions = numbers.iter().filter_map(|number| number.position());
    positions.filter_map(|number| u32::try_from(number).ok()).find(|number| *number > 0).unwrap_or_default()
}

fn entry_of(path: &[Frame]) -> Entry {
    path.first().map(|frame| entry::of_file(&frame.path)).unwrap_or_default()
}

/// Where the use of a package stands, in the code of the repository.
fn frame(draft: &mut Draft<'_>, path: Option<&str>, line: u32, column: u32) -> Option<Frame> {
    let frame = draft.frame("", "", path.filter(|path| !path.is_empty())?, line, column);
    Some(Frame { is_own: true, ..frame })
}

lenient! {
    Deployment {
        vulns: List<Issue> = "vulns",
    }
}

lenient! {
    Issue {
        advisory: Advisory = "advisory",
        exposure: Owned = "exposureType",
        repository: Owned = "repositoryName",
        dependency: Named = "matchedDependency",
        transitivity: Owned = "transitivity",
        usages: List<Usage> = "usages",
    }
}

lenient! {
    Advisory {
        rule: Owned = "ruleId",
        ecosystem: Owned = "ecosystem",
        references: References = "references",
        reachability: Owned = "reachability",
        condition: Owned = "reachableIf",
    }
}

lenient! {
    References {
        cves: List<Owned> = "cveIds",
    }
}

lenient! {
    Named {
        name: Owned = "name",
        version: Owned = "versionSpecifier",
    }
}

lenient! {
    Usage {
        location: UsedAt = "location",
    }
}

lenient! {
    UsedAt {
        path: Owned = "path",
        line: Int = "startLine",
        column: Int = "startCol",
    }
}

/// How the API says that a person has to look: nobody searched the code.
const MANUAL: &str = "MANUAL_REVIEW_REACHABLE";

pub(super) fn read_deployment(original: &mut Original<'_>, draft: &mut Draft<'_>) {
    let report: Deployment = original.document();
    draft.document.tool = "Semgrep".into();
    draft.of_projects(report.vulns.0.iter().map(|issue| issue.repository.get()));
    for (number, issue) in report.vulns.0.iter().enumerate() {
        let advisory = &issue.advisory;
        let is_test = |usage: &&Usage| usage.location.path.get().is_some_and(|path| entry::of_file(path).is_test());
        let used = issue.usages.0.iter().find(|usage| !is_test(usage)).or(issue.usages.0.first());
        let is_manual = advisory.reachability.get() == Some(MANUAL);
        let condition = || advisory.condition.get().filter(|text| !text.is_empty()).unwrap_or("a person says so");
        let (grade, why) = match issue.exposure.get() {
            Some("REACHABLE") if is_manual && used.is_none() => {
                ((Polarity::Unknown, 0), format!("to be reviewed: reachable if {}", condition()))
            }
            Some("REACHABLE") if used.is_some() => ((Polarity::Yes, 3), "a rule found its use".to_owned()),
            Some("REACHABLE") => ((Polarity::Yes, 1), "any use counts as reachable".to_owned()),
            Some("UNREACHABLE") => ((Polarity::No, 2), "a rule found no use".to_owned()),
            native => ((Polarity::Unknown, 0), native.unwrap_or("not stated").to_owned()),
        };
        let ids = advisory.references.cves.0.iter().filter_map(Owned::get);
        let mut vulns: Vec<Box<str>> = ids.map(Box::from).collect();
        if vulns.is_empty() {
            vulns.extend(advisory.rule.get().map(Box::from));
        }
        let (name, version) = (issue.dependency.name.get(), issue.dependency.version.get());
        let purl = name.and_then(|name| purl::of(advisory.ecosystem.get()?, name, version));
        let place = used.map(|used| &used.location);
        let path: Vec<Frame> = place
            .and_then(|at| frame(draft, at.path.get(), first(&[at.line]), first(&[at.column])))
            .into_iter()
            .collect();
        let reason = reason(&why, issue.transitivity.get());
        draft.state(Statement {
            pointer: format!("/vulns/{number}").into(),
            entry: entry_of(&path),
            path,
            ..statement(vulns, purl, grade, reason)
        });
    }
}

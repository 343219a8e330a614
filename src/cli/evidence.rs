//! `quell evidence`: every statement that was read.

use std::borrow::Cow;
use std::io;

use serde::Serialize;

use crate::model::evidence::{Basis, Entry, Evidence, Fact, Intel, Polarity, Ran, Rung, Statement, Subject};
use crate::model::text::{counted, cut, visible};

use super::args::{Common, EvidenceFormat};
use super::exit::Outcome;
use super::explain::{FrameJson, frame};
use super::out::{Ink, Out};
use super::work::Work;

/// One statement, as the contract of the commands says.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StatementJson<'e> {
    file: &'e str,
    pointer: &'e str,
    format: &'static str,
    tool: &'e str,
    subject: SubjectJson<'e>,
    rung: &'static str,
    polarity: &'static str,
    basis: &'static str,
    reason: Option<Cow<'e, str>>,
    test_only: bool,
    /// Where its paths start: `http`, `cli`, `job`, `test`, `build`, `unknown`.
    entry: &'static str,
    /// What ran while it was measured: `tests`, `staging`, `production`, `unknown`.
    ran: &'static str,
    strength: u8,
    commit: Option<&'e str>,
    made: Option<String>,
    path: Vec<FrameJson<'e>>,
    /// How many findings it is about; null for what is no statement of a file.
    findings: Option<usize>,
}

#[derive(Default, Serialize)]
struct SubjectJson<'e> {
    vuln: Option<&'e str>,
    aliases: &'e [Box<str>],
    purl: Option<&'e str>,
    symbol: Option<&'e str>,
    path: Option<&'e str>,
    line: Option<u32>,
    #[serde(rename = "endLine")]
    end_line: Option<u32>,
    image: Option<&'e str>,
    service: Option<&'e str>,
    cwe: Option<u32>,
}

/// The widest that a subject gets in the table.
const MAX_SUBJECT: usize = 48;
/// The most statements of a file that the table prints for a person.
const MAX_ROWS: usize = 10_000;

pub(super) fn run(
    common: &Common,
    format: EvidenceFormat,
    inputs: Vec<String>,
    out: &mut Out<'_>,
    err: &mut Out<'_>,
) -> Outcome {
    let work = Work::load(common, inputs, false, err)?;
    let evidence = &work.loaded.board.backlog.evidence;
    let deployed = work.desk.exposure(&work.loaded.board).evidence();
    let joined = work.desk.joined(&work.loaded.board);
    match format {
        EvidenceFormat::Json => {
            let intel = evidence.intel.iter().filter_map(|intel| of_intel(evidence, intel));
            let counted = |(statement, findings): (_, &usize)| StatementJson {
                findings: Some(*findings),
                ..json(evidence, statement)
            };
            let statements = evidence.statements.iter().zip(&joined).map(counted);
            let of_graph = deployed.statements.iter().map(|statement| json(&deployed, statement));
            out.json_array(statements.chain(intel).chain(of_graph))?;
        }
        EvidenceFormat::Table => {
            table(evidence, &joined, out)?;
            if !evidence.is_empty() && !deployed.is_empty() {
                out.line("")?;
            }
            table(&deployed, &[], out)?;
            if evidence.is_empty() && deployed.is_empty() {
                out.line("no evidence was read; `quell evidence FILE…` reads some, and the README names the formats")?;
            }
        }
    }
    Ok(work.exit())
}

fn json<'e>(evidence: &'e Evidence, statement: &'e Statement) -> StatementJson<'e> {
    let document = evidence.document(statement);
    let subject = &statement.subject;
    StatementJson {
        file: document.map_or("", |document| &document.name),
        pointer: &statement.pointer,
        format: document.map_or("", |document| document.format),
        tool: document.map_or("", |document| &document.tool),
        subject: SubjectJson {
            vuln: subject.vulns.first().map(|vuln| &**vuln),
            aliases: subject.vulns.get(1..).unwrap_or_default(),
            purl: subject.purl.as_deref(),
            symbol: subject.symbol.as_deref(),
            path: subject.path.as_deref(),
            line: subject.line,
            end_line: subject.end_line,
            image: subject.image.as_deref(),
            service: subject.service.as_deref(),
            cwe: subject.cwe,
        },
        rung: statement.rung.name(),
        polarity: statement.polarity.name(),
        basis: statement.basis.name(),
        reason: statement.reason.as_deref().map(Cow::Borrowed),
        test_only: statement.entry.is_test(),
        entry: statement.entry.name(),
        ran: document.map_or(Ran::Unknown, |document| document.ran).name(),
        strength: statement.strength,
        commit: document.and_then(|document| document.commit.as_deref()),
        made: statement.made.or(document.and_then(|document| document.made)).map(|made| made.to_string()),
        path: statement.path.iter().map(frame).collect(),
        findings: None,
    }
}

/// What is known about an advisory, as a statement: it says how likely somebody exploits it, and not that somebody does.
fn of_intel<'e>(evidence: &'e Evidence, intel: &'e Intel) -> Option<StatementJson<'e>> {
    let reason = match &intel.fact {
        Fact::Epss { .. } | Fact::Poc => intel.fact.words(),
        Fact::Cvss(_) | Fact::Automatable(_) | Fact::IsTotal(_) => return None,
    };
    let document = evidence.documents.get(intel.document as usize)?;
    Some(StatementJson {
        file: &document.name,
        pointer: &intel.pointer,
        format: document.format,
        tool: &document.tool,
        subject: SubjectJson { vuln: Some(&intel.vuln), ..SubjectJson::default() },
        rung: Rung::Exploited.name(),
        polarity: Polarity::Unknown.name(),
        basis: Basis::Intel.name(),
        reason: Some(reason.into()),
        test_only: false,
        entry: Entry::Unknown.name(),
        ran: Ran::Unknown.name(),
        strength: 1,
        commit: None,
        made: document.made.map(|made| made.to_string()),
        path: Vec::new(),
        findings: None,
    })
}

fn subject_words(statement: &Statement) -> String {
    let Subject { vulns, purl, symbol, path, line, image, service, .. } = &statement.subject;
    let place = path.as_deref().map(|path| line.map_or_else(|| path.to_owned(), |line| format!("{path}:{line}")));
    let parts = [
        vulns.first().map(|vuln| &**vuln),
        place.as_deref(),
        service.as_deref(),
        image.as_deref(),
        purl.as_deref(),
        symbol.as_deref(),
    ];
    parts.into_iter().flatten().take(2).collect::<Vec<_>>().join(" ")
}

fn table(evidence: &Evidence, joined: &[usize], out: &mut Out<'_>) -> io::Result<()> {
    let mut rows = evidence.statements.iter().peekable();
    let mut left = joined;
    for (number, document) in (0..).zip(&evidence.documents) {
        if number > 0 {
            out.line("")?;
        }
        let mut own = Vec::new();
        while let Some(statement) = rows.next_if(|statement| statement.document == number) {
            own.push(statement);
        }
        let (of_document, rest) = left.split_at(own.len().min(left.len()));
        left = rest;
        let alone = of_document.iter().filter(|findings| **findings == 0).count();
        out.ink(Ink::Title, &visible(&document.name))?;
        let intel = evidence.intel.iter().filter(|intel| intel.document == number).count();
        let facts =
            if intel > 0 { format!(", {} about advisories", counted(intel, "fact", "facts")) } else { String::new() };
        let alone = if alone > 0 { format!(", {alone} about no finding") } else { String::new() };
        out.line(&format!("  {}: {}{alone}{facts}", document.format, counted(own.len(), "statement", "statements")))?;
        for statement in own.iter().take(MAX_ROWS) {
            let subject = cut(&visible(&subject_words(statement)), MAX_SUBJECT).into_owned();
            let reason = statement.reason.as_deref().map(visible).unwrap_or_default();
            let (rung, polarity) = (statement.rung.name(), statement.polarity.name());
            out.line(&format!("{subject:<MAX_SUBJECT$}  {rung:<12} {polarity:<7} {}  {reason}", statement.strength))?;
        }
        if own.len() > MAX_ROWS {
            out.line(&format!("and {} more; `--format json` has all", own.len() - MAX_ROWS))?;
        }
    }
    Ok(())
}

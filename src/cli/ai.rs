//! `quell ai`: what models propose and nobody has answered, and how often people agreed with them.

use std::collections::HashSet;
use std::io;

use serde::Serialize;

use crate::model::ai::{Agreement, Opinion, Says, agreement, agreement_by_model};
use crate::model::backlog::FindingIdx;
use crate::model::board::Board;
use crate::model::text::{counted, cut, visible};

use super::args::{Common, TextFormat};
use super::exit::Outcome;
use super::out::{Ink, Out};
use super::work::{Work, parsed};

/// Characters of a reason that are printed; JSON has all.
const MAX_REASON: usize = 300;

/// `ai --format json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AiJson<'b> {
    /// The findings that wait, the worst first.
    proposed: Vec<ProposedJson<'b>>,
    /// By model, CWE and what was proposed.
    agreement: Vec<Agreement>,
    /// By model and what was proposed, each verdict once.
    models: Vec<Agreement>,
    /// Entries of caches that belong to no result that is loaded.
    unmatched: Vec<Unmatched<'b>>,
}

#[derive(Serialize)]
struct ProposedJson<'b> {
    id: String,
    severity: &'static str,
    rule: &'b str,
    path: &'b str,
    line: u32,
    ai: Vec<Opinion>,
}

#[derive(Serialize)]
struct Unmatched<'b> {
    file: &'b str,
    key: &'b str,
    rule: &'b str,
    path: &'b str,
    verdict: &'b str,
}

pub(super) fn run(
    common: &Common,
    query: Option<&str>,
    format: TextFormat,
    inputs: Vec<String>,
    out: &mut Out<'_>,
    err: &mut Out<'_>,
) -> Outcome {
    let query = parsed(query.unwrap_or_default())?;
    let work = Work::load(common, inputs, false, err)?;
    let board = &work.loaded.board;
    let waiting = work.open(query).into_iter().filter(|&finding| board.is_proposed(finding));
    let told = AiJson {
        proposed: waiting.map(|finding| proposed(&work, finding)).collect(),
        agreement: agreement(&board.events),
        models: agreement_by_model(&board.events),
        unmatched: unmatched(board),
    };
    match format {
        TextFormat::Json => {
            out.json(&told)?;
            out.line("")?;
        }
        TextFormat::Text => print(&told, out)?,
    }
    Ok(work.exit())
}

/// What waits of a finding, decoded.
fn proposed(work: &Work, finding: FindingIdx) -> ProposedJson<'_> {
    let board = &work.loaded.board;
    let backlog = &board.backlog;
    let lead = backlog.lead(finding);
    ProposedJson {
        id: backlog.id(finding).to_string(),
        severity: backlog.finding(finding).severity.name(),
        rule: &backlog.rule(lead).id,
        path: backlog.path(lead),
        line: lead.line,
        ai: work.desk.proposed(board, &work.loaded.reader, finding),
    }
}

fn unmatched(board: &Board) -> Vec<Unmatched<'_>> {
    let evidence = &board.backlog.evidence;
    let used: HashSet<u32> = board.attached.iter().map(|(_, attached)| attached.entry).collect();
    let unused = (0..).zip(&evidence.cached).filter(|(entry, _)| !used.contains(entry));
    let told = unused.map(|(_, cached)| Unmatched {
        file: evidence.documents.get(cached.document as usize).map_or("", |document| &document.name),
        key: &cached.key,
        rule: &cached.rule,
        path: &cached.path,
        verdict: &cached.opinion.verdict,
    });
    told.collect()
}

fn print(told: &AiJson<'_>, out: &mut Out<'_>) -> io::Result<()> {
    let waiting = counted(told.proposed.len(), "finding waits", "findings wait");
    out.ink(Ink::Title, &format!("{waiting} for an answer to what a model proposes"))?;
    out.line("")?;
    for one in &told.proposed {
        let place = if one.line > 0 { format!("{}:{}", one.path, one.line) } else { one.path.to_owned() };
        out.line(&visible(&format!("{}  {}  {}  {place}", one.id, one.severity, one.rule)))?;
        for opinion in &one.ai {
            out.line(&format!(
                "    {} by {} ({})",
                opinion.proposes,
                visible(&opinion.by()),
                visible(&opinion.verdict)
            ))?;
            if let Some(stale) = &opinion.stale {
                out.line(&format!("    made on other code: {}", visible(stale)))?;
            }
            if let Some(reason) = &opinion.reason {
                let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
                out.ink(Ink::Dim, &format!("    {}", cut(&visible(&reason), MAX_REASON)))?;
                out.line("")?;
            }
        }
    }
    if !told.proposed.is_empty() {
        out.line("quell decide as-proposed ID confirms one, quell decide reject ID does not; -q QUERY for several")?;
    }
    if !told.unmatched.is_empty() {
        let entries = counted(told.unmatched.len(), "verdict of a cache matches", "verdicts of caches match");
        out.line(&format!("{entries} no result that is loaded (--format json names them)"))?;
    }
    if told.models.is_empty() {
        return Ok(());
    }
    out.line("")?;
    out.ink(Ink::Title, "How often people agreed")?;
    out.line("")?;
    for model in &told.models {
        out.line(&visible(&format!("{}  {}  {}", model.model, model.proposes, model.words())))?;
        let own = |row: &&Agreement| row.model == model.model && row.proposes == model.proposes;
        for row in told.agreement.iter().filter(own) {
            let cwe = row.cwe.map_or_else(|| "no CWE".to_owned(), |cwe| format!("CWE-{cwe}"));
            out.line(&format!("    {cwe:<10}{}", row.words()))?;
        }
    }
    let rejected = told.models.iter().filter(|row| row.proposes == Says::FalsePositive.name());
    let rejected: usize = rejected.map(|row| row.rejected).sum();
    if rejected > 0 {
        let words = counted(rejected, "verdict", "verdicts");
        out.line(&format!("{words} of them would have hidden what a person did not call a false positive"))?;
    }
    Ok(())
}

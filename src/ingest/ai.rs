//! What models say of the results of a report, in the words of the tools that ask them: one table of dialects, and the
//! proposal for AI triage in SARIF (oasis-tcs/sarif-spec#776), where a verdict is a suppression and a confidence.
//!
//! All of it is a proposal: a suppression that a model made suppresses nothing, and a level that it lowered stays what the
//! scanner gave.

use std::sync::Arc;

use serde::Deserialize;

use crate::model::ai::{Mark, Says};
use crate::model::detail::AiSaid;
use crate::model::grade::Level;

use super::json::{Bag, List, Owned, OwnedBag, Properties, Said, lenient};
use super::lower;
use super::rules::Tables;
use super::sarif::full::FullResult;
use super::sarif::part::Suppression;
use super::sarif::result::IndexResult;

/// A property of results in which a tool writes the verdict of a model.
struct Dialect {
    property: &'static str,
    /// Its member with the verdict, where it is an object.
    member: Option<&'static str>,
    /// The tool's words in lower case, letters alone.
    words: &'static [(&'static str, Says)],
}

use Says::{Confirm, FalsePositive, Unsure};

/// All that are known; another word, or another thing under the same name, says nothing.
static DIALECTS: &[Dialect] = &[
    // sast-triage (`-annotated-sarif`).
    Dialect {
        property: "triage",
        member: Some("verdict"),
        words: &[("benign", FalsePositive), ("exploitable", Confirm), ("uncertain", Unsure)],
    },
    // Metis (`metis triage`).
    Dialect {
        property: "metisTriageStatus",
        member: None,
        words: &[("invalid", FalsePositive), ("valid", Confirm), ("inconclusive", Unsure)],
    },
    // sast-ai-workflow.
    Dialect {
        property: "aiAnalysis",
        member: Some("investigation_result"),
        words: &[
            ("falsepositive", FalsePositive),
            ("notanissue", FalsePositive),
            ("truepositive", Confirm),
            ("needsfurtherinvestigation", Unsure),
            ("uncertain", Unsure),
        ],
    },
    // The SARIF profile for AI (microsoft/sarif-sdk, docs/ai).
    Dialect {
        property: "ai/exploitability",
        member: None,
        words: &[("demonstrated", Confirm), ("poc", Confirm), ("theoretical", Unsure)],
    },
];

const CONFIDENCE: &str = "ai.triage.confidence";
const MODEL: &str = "ai.triage.model";
const ORIGINAL_LEVEL: &str = "original.level";
/// What is said of a verdict elsewhere in the result.
const METIS_REASON: &str = "metisTriageReason";
const PROFILE_EVIDENCE: &str = "ai/evidence";

/// Citations that are kept of a verdict, and characters of a text.
const MAX_CITED: usize = 50;
pub(super) const MAX_TEXT: usize = 8000;

/// Whether a property of a result belongs to a verdict.
pub(super) fn is_telling(name: &str) -> bool {
    matches!(name, CONFIDENCE | MODEL | ORIGINAL_LEVEL) || DIALECTS.iter().any(|dialect| dialect.property == name)
}

/// Whether a run says that a model has looked at its results, so that what suppresses them is the model's.
pub(super) fn judges_all(tables: &Tables) -> bool {
    let run = &tables.run.properties;
    is_true(run.is_triaged.get()) || matches!(run.origin.get(), Some("annotated" | "synthesized"))
}

/// The model that a run names: as the one that has judged its results, or has made them.
pub(super) fn model(tables: &Tables) -> Option<Arc<str>> {
    let run = &tables.run;
    let named = run.properties.model.get().filter(|name| !name.trim().is_empty());
    if named.is_some() || run.properties.origin.get().is_none() {
        return named.map(Arc::from);
    }
    // A skill or an orchestrator has a semantic version; a model has one of its own kind.
    let mut parts = run.tool.extensions.0.iter().filter(|part| part.semantic_version.get().is_none());
    let (name, version) = parts.find_map(|part| Some((part.name.get()?, part.version.get()?)))?;
    Some(format!("{name} {version}").into())
}

/// What a model says of a result.
pub(super) fn mark(result: &IndexResult<'_>, tables: &Tables) -> Option<Mark> {
    let properties = &result.properties;
    let confidence = properties.text(CONFIDENCE);
    let suppressions = &result.suppressions.0;
    let says = in_dialect(properties)
        .map(|(says, _)| says)
        .or_else(|| as_triaged(suppressions, properties.raw(CONFIDENCE).is_some(), judges_all(tables)))?;
    let stated = |get: fn(&Suppression<super::json::Text<'_>>) -> Option<String>| suppressions.iter().find_map(get);
    let of_suppression = stated(|suppression| suppression.properties.confidence.get().map(str::to_owned));
    let model =
        properties.text(MODEL).or_else(|| stated(|suppression| suppression.properties.model.get().map(str::to_owned)));
    Some(Mark {
        says,
        confidence: confidence.or(of_suppression).and_then(|text| percent(&text)),
        model: model.filter(|name| !name.trim().is_empty()).map(|name| short(&name).into()),
    })
}

/// Whether a model, and no person, has made a suppression of a result: it says so itself; or the result has a verdict, and
/// no other suppression says that it is the verdict's.
pub(super) fn is_by_model<T: Said>(suppression: &Suppression<T>, all: &[Suppression<T>], is_judged: bool) -> bool {
    if is_marked(suppression) {
        return true;
    }
    let is_of_people = suppression.properties.decision.get().is_some() || suppression.kind.get() == Some("inSource");
    is_judged && !is_of_people && !all.iter().any(is_marked)
}

fn is_marked<T: Said>(suppression: &Suppression<T>) -> bool {
    let said = &suppression.properties;
    is_true(said.is_triaged.get()) || said.confidence.get().is_some()
}

/// The level of a result, and where a model has lowered it the one that it had.
pub(super) fn at_least_original(result: &IndexResult<'_>, mark: Option<&Mark>, level: Level) -> Level {
    let original = mark.and_then(|_| result.properties.text(ORIGINAL_LEVEL));
    original.map_or(level, |text| level.max(lower::level(&text).0))
}

/// The verdict in the words of one of the dialects, and the tool's own word.
fn in_dialect(properties: &impl Properties) -> Option<(Says, String)> {
    if properties.is_empty() {
        return None;
    }
    DIALECTS.iter().find_map(|dialect| {
        let word = match dialect.member {
            None => properties.text(dialect.property)?,
            Some(member) => serde_json::from_str::<Bag<'_>>(properties.raw(dialect.property)?).ok()?.text(member)?,
        };
        let letters = || word.bytes().filter(u8::is_ascii_alphabetic).map(|byte| byte.to_ascii_lowercase());
        let known = dialect.words.iter().find(|(known, _)| known.bytes().eq(letters()));
        known.map(|(_, says)| (*says, word.clone()))
    })
}

/// The verdict as #776 writes it: what is suppressed is a false positive, what the suppression asks a person about is
/// open, and all else that has a confidence is confirmed.
fn as_triaged<T: Said>(suppressions: &[Suppression<T>], has_confidence: bool, judges_all: bool) -> Option<Says> {
    let is_judged = has_confidence || judges_all;
    let own = suppressions.iter().find(|suppression| is_by_model(suppression, suppressions, is_judged));
    match own.map(|own| own.status.get()) {
        None => has_confidence.then_some(Confirm),
        Some(Some(status)) if status.eq_ignore_ascii_case("underReview") => Some(Unsure),
        Some(Some(status)) if status.eq_ignore_ascii_case("rejected") => Some(Confirm),
        Some(_) => Some(FalsePositive),
    }
}

lenient! {
    /// `properties.triage` of sast-triage.
    Triage {
        reason: Owned = "reason",
        evidence: List<Owned> = "evidence",
    }
}

lenient! {
    /// `ai/evidence` of the SARIF profile for AI.
    Backed {
        note: Owned = "note",
        backing: List<Owned> = "backing",
    }
}

/// The same with all that the model says, of a result that has a verdict.
pub(super) fn said(result: &FullResult) -> AiSaid {
    let properties = &result.properties;
    let suppressions = result.suppressions.0.as_slice();
    let own = suppressions.iter().find(|one| is_by_model(one, suppressions, true));
    let justified = own.and_then(|own| own.justification.0.clone());
    let AiSaid { verdict, reason, cites } = if let Some((_, word)) = in_dialect(properties) {
        in_words(properties, word, justified)
    } else {
        let status = own.map(|own| own.status.get().unwrap_or("accepted"));
        let verdict = status.map_or_else(|| "not suppressed".to_owned(), |status| format!("suppression {status}"));
        AiSaid { verdict, reason: justified, cites: Vec::new() }
    };
    AiSaid { verdict: short(&verdict), reason: reason.map(|text| short(&text)), cites }
}

/// What stands beside the verdict in one of the dialects; some leave the reason to a suppression.
fn in_words(properties: &OwnedBag, verdict: String, justified: Option<String>) -> AiSaid {
    let triage: Triage = part(properties, "triage");
    let backed: List<Backed> = part(properties, PROFILE_EVIDENCE);
    let notes: Vec<&str> = backed.0.iter().filter_map(|backed| backed.note.get()).collect();
    let notes = (!notes.is_empty()).then(|| notes.join("; "));
    let backing = backed.0.iter().flat_map(|backed| &backed.backing.0);
    let cites = triage.evidence.0.iter().chain(backing).filter_map(|text| text.get().map(short));
    AiSaid {
        cites: cites.take(MAX_CITED).collect(),
        reason: triage.reason.0.or_else(|| properties.text(METIS_REASON)).or(notes).or(justified),
        verdict,
    }
}

fn part<'a, T: Deserialize<'a> + Default>(properties: &'a OwnedBag, name: &str) -> T {
    properties.raw(name).and_then(|raw| serde_json::from_str(raw).ok()).unwrap_or_default()
}

/// The start of a text that may be very long.
pub(super) fn short(text: &str) -> String {
    text.chars().take(MAX_TEXT).collect()
}

/// A confidence as written, 0 to 1 or 0 to 100, in percent.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it lies between 0 and 100")]
fn percent(text: &str) -> Option<u8> {
    let number: f64 = text.trim().trim_end_matches('%').trim_end().parse().ok()?;
    let percent = if text.contains('%') || number > 1.0 { number } else { number * 100.0 };
    (0.0..=100.0).contains(&percent).then(|| percent.round() as u8)
}

fn is_true(text: Option<&str>) -> bool {
    text.is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

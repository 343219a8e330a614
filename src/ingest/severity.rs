//! How bad a result is, by what the report says of it.

use crate::model::grade::{Level, Severity};

use super::json::Properties;

/// Properties in which tools state a severity of their own, most telling first.
const OWN: &[&str] = &[
    "problem.severity",
    "severity",
    "issue_severity",
    "Severity",
    "zizmor/severity",
    "DevSkimSeverity",
    "cvssv3_baseSeverity",
    "securityRisk",
    "risk",
];

/// The property for a score, from 0 to 10.
const SCORE: &str = "security-severity";

/// Words of tools for a severity.
const WORDS: &[(Severity, &[&str])] = &[
    (Severity::Critical, &["critical", "crit", "blocker", "very high", "very-high", "very_high", "fatal"]),
    (Severity::High, &["high", "error", "severe", "major", "important"]),
    (Severity::Medium, &["medium", "moderate", "med", "warning", "warn", "average"]),
    (Severity::Low, &["low", "note", "minor", "recommendation", "negligible", "bestpractice", "very low", "very-low"]),
    (Severity::Info, &["info", "information", "informational", "none", "style", "manualreview"]),
];

/// Whether a property may state a severity.
pub(super) fn is_telling(name: &str) -> bool {
    name == SCORE || OWN.contains(&name)
}

/// What a property bag states: `security-severity` from 0 to 10, and the tool's own word.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stated {
    pub(super) score: Option<f64>,
    /// `security-severity` as a word, or the tool's own property.
    pub(super) word: Option<Severity>,
}

impl Stated {
    pub(super) fn in_properties(properties: &impl Properties) -> Self {
        if properties.is_empty() {
            return Self::default();
        }
        let score = properties.real(SCORE).filter(|score| (0.0..=10.0).contains(score));
        let names = [SCORE].into_iter().chain(OWN.iter().copied());
        let word = names.filter_map(|name| properties.text(name)).find_map(|text| of_word(&text));
        Self { score, word }
    }
}

/// The result's own statement counts before its rule's, a score before a word, both before the level.
pub(super) fn resolve(result: Stated, rule: Stated, level: Level) -> Severity {
    let score = result.score.or(rule.score).map(Severity::of_score);
    score.or(result.word).or(rule.word).unwrap_or_else(|| Severity::of_level(level))
}

fn of_word(text: &str) -> Option<Severity> {
    let text = text.trim();
    let is_meant = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    WORDS.iter().find(|(_, words)| is_meant(words)).map(|(severity, _)| *severity)
}

//! Verdicts of models in reports: read as proposals in the words of each tool, and nothing is suppressed or lowered by them.

use std::fs;

use quell::model::ai::Says::{self, Confirm, FalsePositive, Unsure};
use quell::model::grade::Level;

use crate::ingest::reading::{Read, load_text, run};
use crate::support::shared::shared;

const TOOL: &str = r#""tool": {"driver": {"name": "t"}}"#;

/// A report with these members of the run and of its only result.
fn judged(of_run: &str, of_result: &str) -> Read {
    load_text(run(&format!(r#"{TOOL}, {of_run} "results": [{{"ruleId": "r", {of_result}}}]"#)))
}

/// What is said of the only result, in percent, by whom; and whether it is suppressed.
fn told(read: &Read) -> (Option<Says>, Option<u8>, Option<String>, bool) {
    let backlog = &read.backlog;
    let mark = backlog.mark_of(0);
    let model = mark.and_then(|mark| mark.model.as_deref()).or(backlog.runs[0].model.as_deref());
    let suppressed = backlog.record(0).is_suppressed();
    (mark.map(|mark| mark.says), mark.and_then(|mark| mark.confidence), model.map(str::to_owned), suppressed)
}

/// As oasis-tcs/sarif-spec#776 writes it.
#[test]
fn triage_in_sarif_is_a_suppression_and_a_confidence() {
    let of_run = r#""properties": {"ai.triaged": true, "ai.triage.model": "m/1"},"#;
    let accepted = r#""suppressions": [{"kind": "external", "status": "accepted", "justification": "loopback"}]"#;
    let asked = accepted.replace("accepted", "underReview");
    let own =
        r#""suppressions": [{"kind": "external", "properties": {"ai.triaged": true, "ai.triage.confidence": 0.9}}]"#;
    let sure = r#""properties": {"ai.triage.confidence": 0.95}"#;
    let cases = [
        (format!("{accepted}, {sure}"), Some(FalsePositive), Some(95)),
        (format!("{asked}, {sure}"), Some(Unsure), Some(95)),
        (own.to_owned(), Some(FalsePositive), Some(90)),
        (sure.to_owned(), Some(Confirm), Some(95)),
        (r#""properties": {"ai.triage.confidence": "97 %"}"#.to_owned(), Some(Confirm), Some(97)),
        (r#""properties": {"ai.triage.confidence": -1}"#.to_owned(), Some(Confirm), None),
        (r#""properties": {"ai.triage.confidence": 1e999}"#.to_owned(), Some(Confirm), None),
        (r#""suppressions": []"#.to_owned(), None, None),
    ];
    for (of_result, says, confidence) in &cases {
        let told = told(&judged(of_run, of_result));
        assert_eq!(told, (*says, *confidence, Some("m/1".to_owned()), false), "{of_result}");
    }
    // What the run says of all results may stand behind them.
    let late = run(&format!(
        r#"{TOOL}, "results": [{{"ruleId": "r", {accepted}}}], "properties": {{"ai.triaged": true, "ai.triage.model": "m"}}"#
    ));
    assert_eq!(told(&load_text(&late)), (Some(FalsePositive), None, Some("m".to_owned()), false));
}

#[test]
fn what_people_suppress_stays_suppressed() {
    let ai = r#""properties": {"ai.triage.confidence": 0.9}"#;
    let marked = r#"{"kind": "external", "status": "accepted", "properties": {"ai.triaged": true}}"#;
    let cases = [
        // In the source, by a decision of ours, beside one that says that it is a model's.
        format!(r#""suppressions": [{{"kind": "inSource"}}], {ai}"#),
        format!(r#""suppressions": [{{"kind": "external", "properties": {{"quell/decision": "e"}}}}], {ai}"#),
        format!(r#""suppressions": [{{"kind": "external"}}, {marked}], {ai}"#),
        r#""suppressions": [{"kind": "external"}]"#.to_owned(),
    ];
    for of_result in cases {
        assert!(told(&judged("", &of_result)).3, "{of_result}");
    }
}

#[test]
fn each_tool_has_words_of_its_own() {
    let suppressed = r#""suppressions": [{"kind": "external", "status": "accepted", "justification": "so"}],"#;
    let cases = [
        // sast-triage
        (r#"{"triage": {"verdict": "benign", "reason": "so", "evidence": ["a.go:1-2"]}}"#, Some(FalsePositive)),
        (r#"{"triage": {"verdict": "exploitable"}}"#, Some(Confirm)),
        (r#"{"triage": {"verdict": "uncertain"}}"#, Some(Unsure)),
        // Metis
        (r#"{"metisTriaged": true, "metisTriageStatus": "invalid", "metisTriageReason": "so"}"#, Some(FalsePositive)),
        (r#"{"metisTriaged": true, "metisTriageStatus": "valid"}"#, Some(Confirm)),
        (r#"{"metisTriageStatus": "inconclusive"}"#, Some(Unsure)),
        // sast-ai-workflow
        (r#"{"aiAnalysis": {"investigation_result": "FALSE POSITIVE"}}"#, Some(FalsePositive)),
        (r#"{"aiAnalysis": {"investigation_result": "TRUE POSITIVE"}}"#, Some(Confirm)),
        // the SARIF profile for AI
        (r#"{"ai/exploitability": "demonstrated"}"#, Some(Confirm)),
        (r#"{"ai/exploitability": "theoretical"}"#, Some(Unsure)),
        // others
        (r#"{"triage": "untriaged"}"#, None),
        (r#"{"triage": {"verdict": "wontfix"}}"#, None),
        (r#"{"triage": ["benign"]}"#, None),
        (r#"{"aiAnalysis": null, "metisTriageStatus": 7}"#, None),
    ];
    for (properties, says) in cases {
        let read = judged("", &format!(r#"{suppressed} "properties": {properties}"#));
        let (said, _, _, is_suppressed) = told(&read);
        assert_eq!((said, is_suppressed), (says, says.is_none()), "{properties}");
    }
    let read = judged("", &format!(r#"{suppressed} "properties": {}"#, cases[0].0));
    let said = read.detail(0).ai.unwrap();
    assert_eq!(
        (said.verdict.as_str(), said.reason.as_deref(), said.cites),
        ("benign", Some("so"), vec!["a.go:1-2".to_owned()])
    );
    for at in [3, 6] {
        let said = judged("", &format!(r#"{suppressed} "properties": {}"#, cases[at].0)).detail(0).ai.unwrap();
        assert_eq!(said.reason.as_deref(), Some("so"), "{}", cases[at].0);
    }
}

#[test]
fn no_level_is_lowered() {
    let level = |properties: &str| {
        judged("", &format!(r#""level": "note", "properties": {{{properties}}}"#)).backlog.record(0).level()
    };
    assert_eq!(level(r#""original.level": "error", "ai.triage.confidence": 0.8"#), Level::Error);
    assert_eq!(
        level(r#""original.level": "none", "ai.triage.confidence": 0.8"#),
        Level::Note,
        "nor is one that was raised"
    );
    assert_eq!(level(r#""original.level": "error""#), Level::Note, "without a model it is a property as any other");
}

#[test]
fn the_profile_for_ai_names_the_model_among_the_parts_of_the_tool() {
    let Some(path) = shared("corpus/evidence/sarif-vendor/ms-ai-properties.sarif") else { return };
    let read = load_text(fs::read(path).unwrap());
    let marks: Vec<Says> = read.backlog.ai.iter().map(|(_, mark)| mark.says).collect();
    assert_eq!(marks, [Confirm, Unsure]);
    assert_eq!(read.backlog.runs[0].model.as_deref(), Some("GPT-4o 2024-11-20"));
    let said = read.detail(0).ai.unwrap();
    assert_eq!(said.reason.as_deref(), Some("End-to-end: crafted POST to /execute returns injected command output"));
    assert_eq!(said.cites.len(), 3);
}

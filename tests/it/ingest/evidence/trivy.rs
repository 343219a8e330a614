//! What Trivy's report says beside its findings.

use super::{described, load, read, sample};
use crate::ingest::reading::{problems, rows};

#[test]
fn vectors_and_applied_statements_are_read() {
    insta::assert_snapshot!(described(&read(sample("trivy.json"))));
}

#[test]
fn its_findings_are_read_as_before_and_flaws_are_told_once() {
    let text = sample("trivy.json");
    let loaded = load(&[], &text);
    assert_eq!(rows(&loaded).len(), 3);
    assert_eq!(problems(&loaded), [""; 0]);
    let (start, _) = text.split_once("\"Source\": \".trivyignore").unwrap();
    let loaded = load(&[], format!("warning: old database\n{start}"));
    assert_eq!(rows(&loaded).len(), 2);
    assert_eq!(loaded.backlog.evidence.statements.len(), 1);
    assert_eq!(
        problems(&loaded),
        ["byte 0: text that does not belong to the report was skipped", "the end is missing [file]"]
    );
}

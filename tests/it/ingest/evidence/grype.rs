//! What Grype's report says beside its findings.

use super::{described, load, read, sample};
use crate::ingest::reading::{problems, rows};

#[test]
fn intelligence_and_applied_statements_are_read_once_for_each_advisory() {
    insta::assert_snapshot!(described(&read(sample("grype.json"))));
}

#[test]
fn its_findings_are_read_as_before() {
    let loaded = load(&[], sample("grype.json"));
    assert_eq!(rows(&loaded).len(), 4);
    assert_eq!(problems(&loaded), [""; 0]);
}

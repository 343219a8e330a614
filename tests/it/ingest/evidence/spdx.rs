//! SPDX.

use super::{described, load, only_document, read, rows, sample};
use crate::ingest::reading::problems;

#[test]
fn assessments_of_version_3_are_statements() {
    insta::assert_snapshot!(described(&read(sample("spdx.json"))));
}

#[test]
fn a_list_of_packages_states_nothing() {
    let loaded = load(&[], r#"{"spdxVersion": "SPDX-2.3", "packages": []}"#);
    assert_eq!(only_document(&loaded.backlog.evidence).format, "SPDX");
    assert_eq!(rows(&loaded.backlog.evidence), [""; 0]);
    assert_eq!(problems(&loaded), ["nothing in it says what is called, exposed or exploited"]);
}

//! CycloneDX.

use super::{described, load, only_document, read, rows, sample};
use crate::ingest::reading::problems;

#[test]
fn verdicts_uses_and_services_are_statements() {
    insta::assert_snapshot!(described(&read(sample("cyclonedx.json"))));
}

#[test]
fn a_place_in_the_source_is_an_import() {
    let loaded = load(&[("web/src/app.js", "")], sample("cdxgen.json"));
    insta::assert_snapshot!(described(&loaded.backlog.evidence));
}

#[test]
fn the_insights_of_depscan_say_what_is_reachable_and_never_what_is_not() {
    insta::assert_snapshot!(described(&read(sample("depscan.json"))));
}

#[test]
fn a_plain_list_of_components_states_nothing() {
    let loaded = load(&[], r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"name": "a"}]}"#);
    assert_eq!(only_document(&loaded.backlog.evidence).format, "CycloneDX");
    assert_eq!(rows(&loaded.backlog.evidence), [""; 0]);
    assert_eq!(problems(&loaded), ["nothing in it says what is called, exposed or exploited"]);
}

#[test]
fn versions_count_where_the_package_names_none() {
    let with = |reference: &str| {
        format!(
            r#"{{"bomFormat": "CycloneDX", "vulnerabilities": [{{"id": "CVE-1", "analysis": {{"state": "resolved"}},
            "affects": [{{"ref": "{reference}", "versions": [{{"version": "2", "status": "unaffected"}}]}}]}}]}}"#
        )
    };
    let at = "/vulnerabilities/0/affects/0 | CVE-1";
    assert_eq!(rows(&read(with("pkg:npm/@a/b@2"))), [format!("{at} | pkg:npm/@a/b@2 | present no 3 | resolved")]);
    assert_eq!(
        rows(&read(with("pkg:npm/@a/b"))),
        [format!("{at} | pkg:npm/@a/b | present unknown 3 | resolved; for versions 2")]
    );
}

#[test]
fn xml_is_refused_with_what_to_do() {
    let loaded = load(&[], r#"<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.6" version="1"/>"#);
    assert_eq!(problems(&loaded), ["CycloneDX as XML is not read: let its tool write JSON [result]"]);
}

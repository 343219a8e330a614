//! OpenVEX, and the index of a repository of such documents.

use super::{described, load, only_document, read, rows, sample};
use crate::ingest::reading::problems;

/// A document of an author with these members and statements.
fn document(author: &str, more: &str, statements: &str) -> String {
    format!(
        r#"{{"@context": "https://openvex.dev/ns/v0.2.0", "author": "{author}", "timestamp": "2026-01-02T03:04:05",
        {more} "statements": [{statements}]}}"#
    )
}

/// A statement of a status about a package, with more members.
fn statement(status: &str, more: &str) -> String {
    format!(r#"{{"vulnerability": "CVE-1", "products": ["pkg:npm/a@1"], "status": "{status}"{more}}}"#)
}

/// What one statement says: rung, polarity, strength, reason.
fn verdict(text: &str) -> String {
    let rows = rows(&read(text));
    let [row] = rows.as_slice() else { panic!("one statement: {rows:?}") };
    row.splitn(4, " | ").last().unwrap().to_owned()
}

#[test]
fn every_product_and_component_is_a_statement() {
    insta::assert_snapshot!(described(&read(sample("openvex.json"))));
}

#[test]
fn a_justification_denies_its_own_rung() {
    for (justification, said) in [
        ("component_not_present", "present no 3"),
        ("vulnerable_code_not_present", "imported no 3"),
        ("vulnerable_code_not_in_execute_path", "called no 3"),
        ("vulnerable_code_cannot_be_controlled_by_adversary", "controllable no 3"),
        ("inline_mitigations_already_exist", "controllable no 3"),
        ("we_looked_at_it", "called no 1"),
    ] {
        let text =
            document("Shop", "", &statement("not_affected", &format!(r#", "justification": "{justification}""#)));
        assert_eq!(verdict(&text), format!("{said} | not_affected: {justification}"));
    }
    let bare = statement("not_affected", r#", "impact_statement": "trust us""#);
    assert_eq!(verdict(&document("Shop", "", &bare)), "called no 1 | not_affected; trust us");
}

#[test]
fn a_status_that_is_not_known_denies_nothing() {
    for (status, said) in [
        ("affected", "present yes 3 | affected"),
        ("fixed", "present no 3 | fixed in pkg:npm/a@1"),
        ("under_investigation", "present unknown 3 | under_investigation"),
        ("not-affected", "present unknown 3 | not-affected"),
        ("", "present unknown 3 | no status"),
    ] {
        assert_eq!(verdict(&document("Shop", "", &statement(status, ""))), said);
    }
}

#[test]
fn what_a_tool_made_of_its_own_analysis_is_worth_less() {
    let affected = statement("affected", "");
    let tooling = r#""tooling": "https://pkg.go.dev/golang.org/x/vuln/cmd/govulncheck","#;
    let evidence = read(document("Unknown Author", tooling, &affected));
    assert!(only_document(&evidence).is_generated);
    assert_eq!(&*only_document(&evidence).tool, "govulncheck");
    assert_eq!(evidence.statements[0].strength, 2);
    let evidence = read(document("Shop", r#""tooling": "vexctl/v0.3","#, &affected));
    assert!(!only_document(&evidence).is_generated);
    assert_eq!(&*only_document(&evidence).tool, "Shop");
    assert_eq!(evidence.statements[0].strength, 3);
}

#[test]
fn a_product_that_is_not_named_is_said_and_worth_less() {
    let said = "it names no product, so it may be about another one";
    let component = r#"{"@id": "pkg:golang/golang.org%2Fx%2Ftext@v0.3.0"}"#;
    let unknown = format!(
        r#"{{"vulnerability": {{"name": "GO-1"}}, "status": "affected",
        "products": [{{"@id": "Unknown Product", "subcomponents": [{component}]}}]}}"#
    );
    assert_eq!(
        rows(&read(document("A", "", &unknown))),
        [format!(
            "/statements/0/products/0/subcomponents/0 | GO-1 | pkg:golang/golang.org/x/text@v0.3.0 | present yes 1 | affected; {said}"
        )]
    );
    let none = r#"{"vulnerability": {"@id": "https://x.example/CVE-9"}, "status": "affected"}"#;
    assert_eq!(
        rows(&read(document("A", "", none))),
        [format!("/statements/0 | CVE-9 |  | present yes 1 | affected; {said}")]
    );
}

#[test]
fn products_of_the_document_are_those_of_its_statements() {
    let bare = r#"{"vulnerability": "CVE-1", "status": "affected"}"#;
    let products = r#""products": [{"@id": "pkg:npm/a"}, {"identifiers": {"cpe23": "cpe:2.3:a:b"}}],"#;
    assert_eq!(
        rows(&read(document("A", products, bare))),
        [
            "/statements/0 | CVE-1 | pkg:npm/a | present yes 3 | affected",
            "/statements/0 | CVE-1 | cpe:2.3:a:b | present yes 3 | affected",
        ]
    );
}

#[test]
fn packages_and_images_are_named_as_others_name_them() {
    let image = "registry.example/shop@sha256:0a1b";
    for (id, what) in [
        ("pkg:golang/golang.org%2Fx%2Ftext@v0.3.0", "pkg:golang/golang.org/x/text@v0.3.0"),
        ("pkg:npm/%40types%2Flodash@1?a=b%2Fc", "pkg:npm/%40types/lodash@1?a=b%2Fc"),
        ("pkg:npm/@types/lodash", "pkg:npm/@types/lodash"),
        ("pkg:npm/%2540types/lodash@1", "pkg:npm/%40types/lodash@1"),
        ("pkg:oci/shop@sha256%3A0a1b?repository_url=registry.example%2Fshop", image),
        (image, image),
        ("pkg:docker/library/nginx@1.25", "library/nginx:1.25"),
        ("pkg:oci/debian", "debian"),
        ("https://example.org/a", "https://example.org/a"),
    ] {
        let text = document("A", "", &statement("affected", "").replace("pkg:npm/a@1", id));
        assert_eq!(
            rows(&read(text)),
            [format!("/statements/0/products/0 | CVE-1 | {what} | present yes 3 | affected")]
        );
    }
}

#[test]
fn times_are_those_of_the_statement_or_the_document() {
    let own = statement("affected", r#", "timestamp": "2026-05-06T00:00:00+02:00""#);
    let evidence = read(document("A", "", &format!("{own}, {}", statement("affected", ""))));
    let made: Vec<Option<String>> =
        evidence.statements.iter().map(|statement| Some(statement.made?.to_string())).collect();
    assert_eq!(made, [Some("2026-05-05T22:00:00Z".to_owned()), None]);
    assert_eq!(only_document(&evidence).made.unwrap().to_string(), "2026-01-02T03:04:05Z");
    assert!(only_document(&evidence).states_time);
}

#[test]
fn keys_without_their_sign_are_read() {
    let text = r#"{"context": "https://openvex.dev/ns/v0.2.0", "id": "x", "author": "A", "statements": [
        {"vulnerability": {"id": null, "name": "CVE-1"}, "products": [{"id": "pkg:npm/a"}], "status": "affected"}]}"#;
    assert_eq!(rows(&read(text)), ["/statements/0/products/0 | CVE-1 | pkg:npm/a | present yes 3 | affected"]);
}

#[test]
fn a_statement_without_a_vulnerability_is_told() {
    let loaded = load(&[], document("A", "", r#"{"status": "affected", "products": ["pkg:npm/a"]}"#));
    assert!(loaded.backlog.evidence.statements.is_empty());
    assert_eq!(problems(&loaded), ["/statements/0: a statement without a vulnerability [result]"]);
}

#[test]
fn an_index_says_where_the_documents_are() {
    let index = r#"{"version": 1, "packages": [{"ID": "pkg:npm/a", "Location": "a.json"}]}"#;
    let loaded = load(&[], index);
    assert_eq!(only_document(&loaded.backlog.evidence).format, "VEX repository");
    assert_eq!(
        problems(&loaded),
        [
            "an index of a VEX repository: it says where the VEX documents of 1 package are; name the documents themselves"
        ]
    );
    let manifest = r#"{"name": "r", "versions": {"v0": {"spec_version": "0.1"}}, "latest_version": "v0"}"#;
    assert_eq!(
        problems(&load(&[], manifest)),
        ["an index of a VEX repository: it says where the VEX documents are; name the documents themselves"]
    );
}

//! CSAF.

use super::{described, only_document, read, sample};

#[test]
fn products_are_what_the_tree_says() {
    insta::assert_snapshot!(described(&read(sample("csaf.json"))));
}

#[test]
fn a_document_that_a_tool_made_of_its_analysis_is_worth_less() {
    let text = sample("csaf.json").replace("Secvisogram", "OWASP dep-scan");
    let evidence = read(text);
    assert!(only_document(&evidence).is_generated);
    assert_eq!(&*only_document(&evidence).tool, "depscan");
    assert_eq!(evidence.statements[0].strength, 2);
}

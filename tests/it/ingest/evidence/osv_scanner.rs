//! OSV-Scanner.

use super::{described, read, rows, sample};

#[test]
fn each_group_of_ids_is_a_statement() {
    insta::assert_snapshot!(described(&read(sample("osv-scanner.json"))));
}

#[test]
fn a_bare_list_of_packages_is_read() {
    let text = r#"[{"package": {"name": "a", "version": "1", "ecosystem": "Go"},
        "groups": [{"ids": ["GO-1"], "experimentalAnalysis": {"GO-1": {"called": false}}}]}]"#;
    assert_eq!(rows(&read(text)), ["/0/groups/0 | GO-1 | pkg:golang/a@1 | called no 3 | not called"]);
}

#[test]
fn one_id_that_is_called_makes_its_group_called() {
    let text = r#"{"results": [{"packages": [{"package": {"name": "a", "version": "1", "ecosystem": "npm"}, "groups": [
        {"ids": ["A", "B"], "experimental_analysis": {"A": {"called": false}, "B": {"called": true, "unimportant": true}}},
        {"ids": ["C"], "experimental_analysis": {}}, {"ids": ["D"], "experimental_analysis": null}]}]}]}"#;
    let at = "/results/0/packages/0/groups";
    assert_eq!(
        rows(&read(text)),
        [
            format!("{at}/0 | A B | pkg:npm/a@1 | called yes 2 |"),
            format!("{at}/1 | C | pkg:npm/a@1 | called unknown 0 | no call analysis"),
            format!("{at}/2 | D | pkg:npm/a@1 | called unknown 0 | no call analysis"),
        ]
    );
}

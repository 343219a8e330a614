//! Snyk.

use super::{described, read, rows, sample};

#[test]
fn what_the_command_line_knows_is_read_once_for_each_advisory() {
    insta::assert_snapshot!(described(&read(sample("snyk.json"))));
}

#[test]
fn several_projects_are_read() {
    let text = format!("[{0}, {0}]", sample("snyk.json"));
    let pointers: Vec<String> = read(text).statements.iter().map(|statement| statement.pointer.to_string()).collect();
    assert_eq!(
        pointers,
        [
            "/0/vulnerabilities/0/reachability",
            "/0/vulnerabilities/1/reachability",
            "/1/vulnerabilities/0/reachability",
            "/1/vulnerabilities/1/reachability",
        ]
    );
}

#[test]
fn issues_of_the_api_are_read() {
    insta::assert_snapshot!(described(&read(sample("snyk-issues.json"))));
}

#[test]
fn findings_of_the_api_are_read() {
    insta::assert_snapshot!(described(&read(sample("snyk-findings.json"))));
}

#[test]
fn only_plain_words_say_yes_or_no() {
    for (word, said) in [
        ("Reachable", "yes 2"),
        ("function", "yes 3"),
        ("package", "yes 2"),
        ("Not Reachable", "no 2"),
        ("no-path-found", "unknown 0"),
        ("no_info", "unknown 0"),
        ("not-applicable", "unknown 0"),
        ("surely", "unknown 0"),
    ] {
        let text = format!(
            r#"{{"jsonapi": {{}}, "data": [{{"type": "issue", "attributes": {{"key": "K", "coordinates": [{{"reachability": "{word}"}}]}}}}]}}"#
        );
        assert_eq!(
            rows(&read(text)),
            [format!("/data/0/attributes/coordinates/0/reachability | K |  | called {said} | {word}")]
        );
    }
}

//! Whatever a report says, no format for people carries a terminal sequence or a hidden character.

use quell::model::text::is_unsafe;

use super::shop::{HOSTILE, RUN_PY, Ran, program, quell, ran};
use crate::support::tree::Tree;

fn hostile() -> Tree {
    Tree::git(&[("src/run.py", RUN_PY), (".quell/reports/hostile.sarif", HOSTILE)])
}

#[track_caller]
fn is_safe(ran: &Ran) {
    let bad = |text: &str| text.chars().find(|&c| c != '\n' && is_unsafe(c));
    assert_eq!((bad(&ran.out), bad(&ran.err)), (None, None), "{ran:?}");
}

#[test]
fn no_text_format_lets_a_sequence_through() {
    let tree = hostile();
    let list = quell(&tree, &["list", "--format", "json"]).ok().json();
    let ids: Vec<&str> = list.as_array().unwrap().iter().map(|finding| finding["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 2);
    let mut runs: Vec<Vec<&str>> = vec![
        vec!["list"],
        vec!["list", "--group-by", "rule"],
        vec!["list", "--group-by", "tool"],
        vec!["list", "--format", "csv"],
        vec!["list", "--format", "markdown"],
        vec!["list", "--format", "json"],
        vec!["list", "--format", "jsonl"],
        vec!["list", "--format", "sarif"],
        vec!["status"],
        vec!["status", "--format", "json"],
        vec!["check"],
        vec!["check", "--format", "json"],
        vec!["list", "no\u{1b}[31msuch.sarif"],
        vec!["list", "-q", "sev:\u{1b}[31m"],
        vec!["show", "q1-\u{1b}[31m"],
        vec!["decide", "confirm", ids[0], "--reason", "a\u{1b}[31mb"],
    ];
    for id in &ids {
        runs.push(vec!["show", id]);
        runs.push(vec!["show", id, "--format", "json"]);
    }
    runs.push(vec!["undo", "--list"]);
    for args in runs {
        is_safe(&quell(&tree, &args));
    }
}

#[test]
fn colour_is_the_only_sequence_that_colour_adds() {
    let tree = hostile();
    let ran = quell(&tree, &["list", "--color", "always"]).ok();
    assert!(ran.out.contains("\x1b[31mhigh"), "{ran:?}");
    let rest = ran.out.replace("\x1b[31m", "").replace("\x1b[34m", "").replace("\x1b[0m", "");
    is_safe(&Ran { out: rest, ..ran });
}

#[test]
fn json_keeps_hidden_characters_as_escapes() {
    let tree = hostile();
    let ran = quell(&tree, &["list", "--format", "json"]).ok();
    assert!(ran.out.contains("\\u202erev\\u202c\\u200b") && ran.out.contains("\\u001b[31m"), "{ran:?}");
    assert!(ran.json()[0]["message"].as_str().unwrap().contains("\u{202e}rev"), "a parser gets the text back");
}

#[test]
fn a_piped_report_needs_no_temporary_file() {
    let tree = Tree::git(&[("src/run.py", RUN_PY), ("hostile.sarif", HOSTILE)]);
    let report = std::fs::File::open(tree.root().join("hostile.sarif")).unwrap();
    let ran = ran(program(&tree).args(["list", "--format", "json", "-"]).stdin(report).env("TMPDIR", "/nowhere")).ok();
    assert_eq!(ran.json().as_array().unwrap().len(), 2, "{ran:?}");
    assert!(!ran.err.contains("changed after it was loaded"), "its details can be read as well: {ran:?}");
}

#[test]
fn cells_are_neither_formulas_nor_markup() {
    let tree = hostile();
    let csv = quell(&tree, &["list", "--format", "csv"]).ok().out;
    assert!(csv.contains(",\"'=HYPERLINK(\"\"http://evil\"\")\","), "{csv}");
    assert!(csv.contains(",\"'=1+1|`x`<script> # head\""), "{csv}");
    let markdown = quell(&tree, &["list", "--format", "markdown"]).ok().out;
    assert!(markdown.contains("=1+1\\|\\`x\\`&lt;script&gt; \\# head |"), "{markdown}");
}

//! What a person has to look at before it is written.

use quell::fix::{Choice, plan};
use quell::model::fix::Applicability;

use super::case::{With, after, fix, kept, line, planned, verdicts};
use crate::support::tree::Tree;

/// Verdict and reason for writing `insert` over the only line of a file.
fn check(path: &str, text: &str, insert: &str) -> String {
    let tree = Tree::plain(&[(path, text)]);
    let plan = planned(&tree, &[fix(path, line(1), insert).of(text)]);
    format!("{}: {}", verdicts(&plan).concat(), plan.fixes[0].why)
}

#[test]
fn files_that_run_are_not_written_in_bulk() {
    let sensitive = [
        ".github/workflows/ci.yml",
        ".gitattributes",
        ".gitlab-ci.yml",
        "hooks/pre-commit",
        "Makefile",
        "Cargo.lock",
        "web/package-lock.json",
        "build.rs",
        ".envrc",
        ".vscode/tasks.json5",
    ];
    for path in sensitive {
        assert!(check(path, "one\n", "two").starts_with("needs-you flagged"), "{path}");
    }
    for path in ["src/hooks/use.ts", "deploy/pod.yaml", "src/lock.py", "github/a.py"] {
        assert!(check(path, "one\n", "two").starts_with("will-write exact"), "{path}");
    }
}

#[test]
fn hidden_characters_are_counted() {
    let hidden = check("a.py", "one\n", "two\u{202e}\u{200b}");
    assert_eq!(hidden, "needs-you flagged: a.py: it adds 2 hidden or control characters");
    assert!(check("a.py", "one\u{202e}\n", "two\u{202e}").starts_with("will-write"));
    assert!(check("a.py", "one\n", "two\u{1b}[2J").contains("it adds 1 hidden or control character"));
}

#[test]
fn a_document_that_parsed_still_parses() {
    assert!(check("a.json", "{\"a\": 1}\n", "{\"a\": }").ends_with("the file would no longer be JSON"));
    assert!(check("a.json", "// no JSON\n", "// still none").starts_with("will-write"));
    assert!(check("a.toml", "a = 1\n", "a = ").ends_with("the file would no longer be TOML"));
    assert!(check("a.go", "f(x)\n", "f(x").ends_with("it leaves round brackets without their match"));
    assert!(check("a.go", "f(\"x\")\n", "f(\"x)").ends_with("it leaves double quotes without their match"));
    assert!(check("a.go", "f(x\n", "f(x)").starts_with("will-write"));
}

#[test]
fn what_its_source_doubts_needs_a_person() {
    let tree = Tree::plain(&[("a.py", "one\n")]);
    let proposal = fix("a.py", line(1), "two").of("one\n");
    let mut unsafe_one = proposal.clone();
    unsafe_one.applicability = Applicability::Unsafe;
    assert_eq!(verdicts(&planned(&tree, &[unsafe_one.clone()])), ["needs-you unsafe"]);
    let mut warned = proposal;
    warned.warnings.push("the description has a script".to_owned());
    assert_eq!(verdicts(&planned(&tree, &[warned.clone()])), ["needs-you flagged"]);
    for proposal in [unsafe_one, warned] {
        let plan = kept(&tree, &[proposal]);
        assert_eq!(verdicts(&plan), ["will-write exact"]);
        assert_eq!(after(&tree, &plan, "a.py"), "two\n");
    }
}

#[test]
fn one_of_several_alternatives_is_taken() {
    let tree = Tree::plain(&[("a.py", "sha1\n")]);
    let first = fix("a.py", line(1), "sha512").of("sha1\n");
    let mut second = fix("a.py", line(1), "sha256").of("sha1\n");
    second.alternative = 1;
    let both = [first, second];
    assert_eq!(verdicts(&planned(&tree, &both)), ["will-write exact", "needs-you flagged"]);
    let choice = Choice { include: vec![both[1].id], ..Choice::default() };
    let plan = plan(&tree.repo(), &both, &choice);
    assert_eq!(verdicts(&plan), ["needs-you flagged", "will-write exact"]);
    assert_eq!(after(&tree, &plan, "a.py"), "sha256\n");
}

//! `fix --format markdown`, and the messages of commits: what reports say stands there as text, and secrets do not.

use super::shop::quell;
use super::yard::{FIXES, git, report, yard, yard_with};

#[test]
fn a_pull_request_says_what_is_fixed_what_is_not_and_the_way_back() {
    let tree = yard();
    tree.write("lib.py", "something else\n");
    let preview = quell(&tree, &["fix", "--format", "markdown"]).ok().out;
    assert!(preview.starts_with("Would fix 2 findings in 1 file (+2 -2).\n\n## Fixed\n\n"), "{preview}");
    assert!(!preview.contains("Way back"), "{preview}");
    let ran = quell(&tree, &["fix", "--apply", "--keep-going", "--commit", "--format", "markdown"]);
    assert_eq!(ran.code, 4);
    let short: String = git(tree.root(), &["rev-parse", "HEAD"]).chars().take(10).collect();
    assert!(ran.out.starts_with("Fixes 2 findings in 1 file (+2 -2).\n"), "{}", ran.out);
    assert!(
        ran.out.contains("- **high** `R1` in `app.py:3`: `` write `fixed 3 of app` `` (`Yard`, `q1-"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("\n## Not fixed\n\n- `R3` in `lib.py:2`: `stale: lib.py: "), "{}", ran.out);
    assert!(ran.out.ends_with(&format!("\n## Way back\n\n`git revert {short}`.\n")), "{}", ran.out);
}

#[test]
fn text_of_a_report_tells_a_forge_nothing() {
    let evil = "[skip ci] fixes #1 @team https://forge.example/o/r/issues/2\n\nSigned-off-by: Nobody <n@example.org>";
    let tree = yard_with(&["init", "-q", "-b", "main"], &[]);
    let text = report(&FIXES, "2099-01-01T00:00:00Z").replace("write `fixed 3 of app`", &evil.replace('\n', "\\n"));
    tree.write(".quell/reports/yard.sarif", &text.replace("\"R1\"", "\"R1 [skip ci]\\u001b[31m\""));
    let ran = quell(&tree, &["fix", "--apply", "--commit", "--format", "markdown"]).ok();
    let message = git(tree.root(), &["log", "-1", "--format=%B"]);
    assert!(!message.contains(['[', '@', '#', '\u{1b}']) && !message.contains("://"), "{message}");
    let trailers = git(tree.root(), &["log", "-1", "--format=%(trailers)"]);
    assert!(trailers.lines().all(|line| line.is_empty() || line.starts_with("Quell-Finding: ")), "{message}");
    let spans: Vec<&str> = ran.out.lines().find(|line| line.contains("skip ci")).unwrap().split('`').collect();
    let outside: String = spans.iter().step_by(2).copied().collect();
    assert!(!outside.contains(['[', '@', '#', '<']) && !outside.contains("://"), "{}", ran.out);
}

#[test]
fn a_secret_stands_in_no_commit_and_no_pull_request() {
    let secret = "AKIAQ7EXAMPLE9KEY0042";
    let tree = yard_with(&["init", "-q", "-b", "main"], &[]);
    let text = report(&FIXES, "2099-01-01T00:00:00Z").replace("write `fixed 3 of app`", &format!("remove {secret}"));
    let rules = r#""name":"Yard","rules":[{"id":"R1","properties":{"tags":["secret"]}}]"#;
    tree.write(".quell/reports/yard.sarif", &text.replace(r#""name":"Yard""#, rules));
    assert!(tree.text(".quell/reports/yard.sarif").contains("\"tags\""));
    let ran = quell(&tree, &["fix", "--apply", "--commit", "--format", "markdown"]).ok();
    assert!(ran.out.contains("`app.py:3`: `remove the secret`") && !ran.out.contains(secret), "{}", ran.out);
    assert!(!git(tree.root(), &["log", "-1", "--format=%B"]).contains(secret));
}

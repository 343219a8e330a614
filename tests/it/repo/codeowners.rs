//! CODEOWNERS: what GitHub's documentation says of it, case by case.

use quell::repo::codeowners::Codeowners;

use crate::support::tree::Tree;

/// The example of GitHub's documentation in our own words, and more.
const RULES: &str = "\
# a comment\n\
*       @everybody @all/of-us   # the rest of the line is none\n\
\n\
*.js    @js\n\
*.go docs@example.org\n\
/build/logs/ @doctor\n\
docs/*  docs@example.com\n\
apps/ @octo\n\
/docs/  @writer\n\
/scripts/ @doctor @octo\n\
**/logs @logger\n\
/apps/github\n\
/apps/web/**/test @tester\n\
/with\\ blank/ @blank\n\
\\#hash @hash\n\
/set[1]/ @brackets\n\
!/apps/x @nobody\n\
/one?.txt @one\n\
/Case @case\n\
/plain nobody-without-a-sign\n";

#[track_caller]
fn check(rules: &str, path: &str, owners: &[&str]) {
    let rules = Codeowners::parse(rules);
    let found: Vec<&str> = rules.of(path).iter().map(|name| &**name).collect();
    assert_eq!(found, owners, "{path}");
}

#[test]
fn the_last_pattern_that_matches_counts() {
    let everybody = ["@everybody", "@all/of-us"];
    let cases: &[(&str, &[&str])] = &[
        ("README.md", &everybody),
        ("deep/er/x.js", &["@js"]),
        ("x.go", &["docs@example.org"]),
        ("build/logs/a/b.txt", &["@logger"]),
        ("docs/a.md", &["@writer"]),
        ("docs/deep/a.md", &["@writer"]),
        ("in/docs/a.md", &everybody),
        ("apps/x/y.py", &["@octo"]),
        ("in/apps/x.py", &["@octo"]),
        ("apps/github/x.py", &[]),
        ("apps/github", &[]),
        ("apps/web/a/b/test/x.py", &["@tester"]),
        ("apps/web/test", &["@tester"]),
        ("scripts/x", &["@doctor", "@octo"]),
        ("any/where/logs/x", &["@logger"]),
        ("any/logs", &["@logger"]),
        ("with blank/x", &["@blank"]),
        ("in/#hash", &["@hash"]),
        ("set[1]/x", &["@brackets"]),
        ("set1/x", &everybody),
        ("one1.txt", &["@one"]),
        ("one/.txt", &everybody),
        ("Case/x", &["@case"]),
        ("case/x", &everybody),
        ("plain", &[]),
    ];
    for (path, owners) in cases {
        check(RULES, path, owners);
    }
    check("docs/* @docs\n", "docs/a.md", &["@docs"]);
    check("docs/* @docs\n", "docs/deep/a.md", &[]);
    check("docs @docs\n", "in/docs/deep/a.md", &["@docs"]);
    check("/docs @docs\n", "in/docs/a.md", &[]);
}

#[test]
fn bad_rules_own_nothing_and_harm_nobody() {
    for rules in ["", "@x\n", "[[[ @x\n", "/ @x\n", "\\ @x", "\u{feff}\r\n", "a{b,c @x\n", &"**/".repeat(5000)] {
        check(rules, "src/a.rs", &[]);
    }
    check("*\t@tab\r\n", "src/a.rs", &["@tab"]);
}

#[test]
fn the_first_place_counts_and_a_commit_keeps_its_own() {
    let tree = Tree::git(&[("docs/CODEOWNERS", "* @docs\n"), ("CODEOWNERS", "* @root\n")]);
    let owner = |commit: Option<&str>| tree.repo().codeowners(commit).of("a").to_vec();
    assert_eq!(owner(None), ["@root".into()]);
    let before = tree.repo().head().unwrap();
    tree.write(".github/CODEOWNERS", "* @hub\n");
    assert_eq!((owner(None), owner(Some(&before))), (vec!["@hub".into()], vec!["@root".into()]));
}

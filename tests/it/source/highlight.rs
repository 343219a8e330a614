//! Roles of code by its language.

use proptest::prelude::*;
use quell::model::detail::{Location, Region};
use quell::model::snippet::Syntax;
use quell::source::{colour, colour_lines, snippet};

use crate::support::thorough::cases;
use crate::support::tree::Tree;

/// The role of the first place where `part` stands in a line.
fn role(line: &str, roles: &[(u32, Syntax)], part: &str) -> Syntax {
    let at = u32::try_from(line.find(part).unwrap()).unwrap();
    roles.iter().find(|(end, _)| at < *end).unwrap().1
}

/// Each case: a part of the text and its role, looked for in the first line that holds it.
fn check(path: &str, text: &str, cases: &[(&str, Syntax)]) {
    let lines: Vec<&str> = text.lines().collect();
    let roles = colour_lines(path, &lines);
    for (part, expected) in cases {
        let number = lines.iter().position(|line| line.contains(part)).unwrap();
        assert_eq!(role(lines[number], &roles[number], part), *expected, "{part} in {path}: {:?}", roles[number]);
    }
}

#[test]
fn python() {
    let text = "import os\n\nclass Shop(Base):\n    def run(self, cmd=12):\n        # why\n        return os.system(f\"ls {cmd}\") or None\n";
    check(
        "src/run.py",
        text,
        &[
            ("import", Syntax::Keyword),
            ("class", Syntax::Keyword),
            ("Shop", Syntax::Type),
            ("def", Syntax::Keyword),
            ("run", Syntax::Function),
            ("12", Syntax::Number),
            ("# why", Syntax::Comment),
            ("why", Syntax::Comment),
            ("return", Syntax::Keyword),
            ("system", Syntax::Function),
            ("\"ls ", Syntax::String),
            ("None", Syntax::Constant),
        ],
    );
}

#[test]
fn code_inside_a_string_is_code() {
    for (path, line) in [
        ("a.py", "x = f\"ls {run(cmd)}\""),
        ("a.js", "x = `ls ${run(cmd)}`"),
        ("a.ts", "x = `ls ${run(cmd)}`"),
        ("a.rb", "x = \"ls #{run(cmd)}\""),
        ("a.sh", "x=\"ls $(run cmd)\""),
    ] {
        let roles = &colour_lines(path, &[line])[0];
        assert_eq!(role(line, roles, "ls"), Syntax::String, "{path}");
        assert_eq!(role(line, roles, "("), Syntax::Plain, "{path}");
    }
}

#[test]
fn javascript() {
    check(
        "web/app.js",
        "// note\nconst n = 0x1f + run('a');\nfunction go(x) { return x === null; }\n",
        &[
            ("note", Syntax::Comment),
            ("const", Syntax::Keyword),
            ("0x1f", Syntax::Number),
            ("run", Syntax::Function),
            ("'a'", Syntax::String),
            ("function", Syntax::Keyword),
            ("go", Syntax::Function),
            ("===", Syntax::Operator),
            ("null", Syntax::Constant),
        ],
    );
}

#[test]
fn go() {
    check(
        "main.go",
        "package main\n\n/* long\ncomment */\nfunc add(a int) string {\n\treturn \"x\"\n}\n",
        &[
            ("package", Syntax::Keyword),
            ("comment", Syntax::Comment),
            ("func", Syntax::Keyword),
            ("add", Syntax::Function),
            ("return", Syntax::Keyword),
            ("\"x\"", Syntax::String),
        ],
    );
}

#[test]
fn yaml() {
    check(
        ".github/workflows/ci.yml",
        "# ci\non: push\njobs:\n  n: 12\n  s: \"text\"\n",
        &[("# ci", Syntax::Comment), ("12", Syntax::Number), ("\"text\"", Syntax::String)],
    );
}

#[test]
fn a_dockerfile_is_known_by_its_name() {
    check(
        "deploy/Dockerfile",
        "# base\nFROM debian:12\nRUN echo \"x\"\n",
        &[("# base", Syntax::Comment), ("FROM", Syntax::Keyword), ("RUN", Syntax::Keyword), ("\"x\"", Syntax::String)],
    );
}

#[test]
fn a_script_is_known_by_its_first_line() {
    check(
        "bin/run",
        "#!/bin/sh\nif true; then echo \"x\"; fi\n",
        &[("if", Syntax::Keyword), ("\"x\"", Syntax::String)],
    );
    assert_eq!(colour_lines("notes", &["if true"]), [vec![(7, Syntax::Plain)]]);
}

#[test]
fn a_snippet_that_starts_inside_a_comment_is_coloured_as_one() {
    let text = format!("/*\n{}*/\nlet x = 1;\n", "still a comment\n".repeat(20));
    let tree = Tree::plain(&[("a.js", &text)]);
    let region = Region { line: 15, ..Region::default() };
    let location = Location { path: "a.js".into(), in_repo: true, region, ..Location::default() };
    let mut shown = snippet(&tree.repo(), &location, None, 1, 1);
    assert!(!shown.is_coloured && shown.lines.iter().all(|line| line.roles.is_empty()));
    colour(&mut shown);
    assert!(shown.is_coloured);
    for line in &shown.lines {
        assert_eq!(line.roles, [(15, Syntax::Comment)]);
    }
}

#[test]
fn long_lines_stay_plain_and_leave_the_others_coloured() {
    let long = format!("x = \"{}\"", "a".repeat(3000));
    let roles = colour_lines("a.py", &[&long, "def run(): pass"]);
    assert_eq!(roles[0], [(u32::try_from(long.len()).unwrap(), Syntax::Plain)]);
    assert_eq!(role("def run(): pass", &roles[1], "def"), Syntax::Keyword);
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn roles_cover_every_line_in_order(
        path in "[a-z]{0,3}\\.(py|js|go|rs|yml|html|md|tf|sh|rb|c|xyz)",
        lines in prop::collection::vec("[ -~\u{e9}\u{1f600}\u{202e}\t\r\u{1}]{0,60}", 0..8),
    ) {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let roles = colour_lines(&path, &lines);
        prop_assert_eq!(roles.len(), lines.len());
        for (line, roles) in lines.iter().zip(&roles) {
            prop_assert!(roles.is_sorted_by(|a, b| a.0 < b.0));
            prop_assert!(roles.iter().all(|(end, _)| line.is_char_boundary(*end as usize)));
            prop_assert_eq!(roles.last().map_or(0, |(end, _)| *end as usize), line.len());
        }
    }
}

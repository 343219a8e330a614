//! A file that was whole stays whole, or a person has to look; what was not whole is nobody's fault.

use super::case::{With, fix, line, planned, verdicts};
use crate::support::tree::Tree;

/// What is said of writing `insert` over the line of `text` that holds `@`; empty where nothing is.
fn check(path: &str, text: &str, insert: &str) -> String {
    let number = text.lines().position(|line| line.contains('@')).unwrap() + 1;
    let tree = Tree::plain(&[(path, text)]);
    let plan = planned(&tree, &[fix(path, line(u32::try_from(number).unwrap()), insert).of(text)]);
    if verdicts(&plan) == ["will-write exact"] { String::new() } else { plan.fixes[0].why.clone() }
}

#[test]
fn sound_code_is_not_doubted() {
    let sound = [
        ("a.py", "x = 1  # it's @\n", "x = \"it's\"  # don't (worry"),
        ("a.py", "def f():\n    '''isn't (\n    '''\n    @\n", "    \"\"\"\n    (\n    \"\"\""),
        ("a.py", "p = r'\\d(' # @\n", "p = re.compile(r'\\(\"')"),
        ("a.py", "if a:  # b:\n\n    # c\n    b  # @\n", "    x: int = {1: 2}[\n1:\n]"),
        ("a.py", "class A:\n    '''a:\nb:\n'''\n@\n", "def f(): pass\nif a and \\\n  b:\n    pass"),
        ("a.py", "f(lambda:\n0)\nx # @\n", "try:\n\tf()\nfinally:\n\tpass"),
        ("a.js", "let a = 1; // @\n", "let a = s.replace(/[\"'(]/g, `(${b['\"']}`) / 2;"),
        ("a.js", "let a = '@';\n", "let b = (1 + 2) / 3 / 4;"),
        ("a.rs", "fn f<'a>(x: &'a str) {} // @\n", "fn f<'a>(x: &'a str) -> char { '\\'' }"),
        ("a.rs", "let a = 1; // @\n", "let a = r#\"(\"\"#; let b = '(';"),
        ("a.go", "a := 1 // @\n", "a := `(\"` + \"\\\"\" + string('\"')"),
        ("a.c", "int a; // @\n", "char a = '('; /* it's ( */ int b = 1'000;"),
        ("a.java", "int a; // @\n", "String a = \"\"\"\n  \"(\n  \"\"\";"),
        ("a.sh", "# it's @\necho\n", "echo \"$(ls)\" '(' ${#a}"),
        ("a.tf", "a = 1 # @\n", "a = \"${lookup(var.x, \"y\")}\""),
        ("a.php", "$a = 1; // @\n", "$a = \"it's (\" . 'a\"';"),
        ("a.sql", "select 1 -- @\n", "select 'it''s (' -- (don't"),
        ("a.yaml", "a: @\n", "a: it's (fine) [here"),
        ("a.yaml", "a:\n- b: 1\n  c: @\n- d\n", "  c:\n    - e: \"x: ]\"\n    - f: {g: [1, 2]}"),
        ("a.yaml", "a: 1\nb: @\n", "b: |\n  it's [\n  free: text: here\nc: >-\n    folded"),
        ("a.yaml", "a: @\n---\nb: 1\n", "a:\n  key: value\n  and: more # it's"),
        ("a.yaml", "- a: @\n  b: 2\n", "- - a: 1\n  - b"),
        ("a.yaml", "run: @\n", "run: \"one\n  two\""),
        ("a.md", "one @\n", "(it's"),
    ];
    for (path, text, insert) in sound {
        assert_eq!(check(path, text, insert), "", "{path}: {insert}");
    }
}

#[test]
fn what_would_break_is_doubted() {
    let broken = [
        ("a.py", "x = f(1) # @\n", "x = f(1", "round brackets"),
        ("a.py", "x = '@'\n", "x = 'a", "quotes"),
        ("a.py", "x = '@'\n", "x = \"\"\"a", "quotes"),
        ("a.py", "if a:\n    pass  # @\n", "    # pass", "block"),
        ("a.py", "if a:\n    @\nb\n", "", "block"),
        ("a.py", "if a:\n    b\nc # @\n", "while c:", "block"),
        ("a.py", "def f():\n    if a:\n        b # @\n\n    c\n", "    b", "block"),
        ("a.js", "f({a: 1}); // @\n", "f({a: 1);", "round brackets"),
        ("a.rs", "f(); // @\n", "f(r#\"a\");", "quotes"),
        ("a.c", "f(); // @\n", "f(); /* open", "comments"),
        ("a.tf", "a = [1] # @\n", "a = [1", "square brackets"),
        ("a.yaml", "a:\n  b: @\n  c: 2\n", "   b: 1", "YAML"),
        ("a.yaml", "a:\n  b: @\n", "\tb: 1", "YAML"),
        ("a.yaml", "a:\n  b: 1\n  c: @\n", "    c: 2", "YAML"),
        ("a.yaml", "a: [1, 2] # @\n", "a: [1, 2", "YAML"),
        ("a.yaml", "a: '@'\n", "a: \"b", "YAML"),
        ("a.json", "{\"a\":\n\"@\"}\n", "}", "JSON"),
        ("a.toml", "a = '@'\n", "a = [", "TOML"),
    ];
    for (path, text, insert, what) in broken {
        let why = check(path, text, insert);
        assert!(why.contains(what), "{path}: {insert}: {why}");
    }
}

#[test]
fn a_file_that_was_not_whole_says_nothing() {
    let torn = [
        ("a.c", "#if A\nf( {\n#else\nf(1, {\n#endif\n}) // @\n", "}))"),
        ("a.yaml", "{{- if .Values.a }}\na: @\n  b: [\n", "a: ["),
        ("a.js", "let a = '\n// @\n", "f("),
        ("a.json", "// a comment @\n{}", "{"),
    ];
    for (path, text, insert) in torn {
        assert_eq!(check(path, text, insert), "", "{path}");
    }
}

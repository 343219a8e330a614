//! Coverage. The projects below `samples/` are of this test; what is beside them was written by coverage.py 7.17,
//! Node 20 with c8, Go 1.19, gcc with lcov 1.16 and gcovr 8.8, and the library of JaCoCo 0.8.6, with `@ROOT@` in place
//! of their folder.

use std::fmt::Write as _;

use quell::model::evidence::{Basis, Polarity, Ran, Rung};

use super::said::{folder, read, read_file, read_in, sample};
use crate::support::tree::Tree;

/// Each file with what it says of a project's file.
const SAMPLES: &[(&str, &str, &str)] = &[
    // `never` has a decorator on line 22, and the excluded `debug` is on 33. Line 27 is the head of a class.
    ("python/coverage.json", "shop/views.py", "5-15 yes, 16 no, 17 yes, 22-24 no, 28-31 yes, 36-37 no"),
    ("python/coverage.lcov", "shop/views.py", "5-15 yes, 16 no, 17 yes, 22-24 no, 28-31 yes, 36-37 no"),
    // Without functions nothing is said of any head.
    ("python/coverage.xml", "shop/views.py", "8-10 yes, 15 yes, 16 no, 17 yes, 24 no, 28 yes, 31 yes, 37 no"),
    // `routes.dead` starts on 14, `never` on 20.
    ("node/v8.json", "src/server.js", "1-8 yes, 9-10 no, 11-13 yes, 14-16 no, 18-19 yes, 20-22 no, 23-25 yes"),
    ("node/lcov.info", "src/server.js", "1-8 yes, 9-10 no, 11-13 yes, 14-15 no, 16-19 yes, 20-22 no, 23-25 yes"),
    ("node/cobertura.xml", "src/server.js", "1-8 yes, 9-10 no, 11-13 yes, 14-15 no, 16-19 yes, 20-22 no, 23-25 yes"),
    ("go/cover.out", "cart/cart.go", "6-9 yes, 10-11 no, 12-14 yes, 17-21 no"),
    ("c/main.info", "main.c", "3-4 yes, 5 no, 7 yes, 10-11 no, 14-15 yes"),
    ("c/gcovr.xml", "main.c", "3-4 yes, 5 no, 7 yes, 10-11 no, 14-15 yes"),
    // On line 11 the call ran and the lambda did not.
    ("java/jacoco.xml", "src/main/java/com/example/shop/Cart.java", "5-10 yes, 12 yes, 16 no, 20-21 yes"),
];

#[test]
fn of_a_function_that_did_not_run_no_line_counts_as_executed() {
    for (name, path, expected) in SAMPLES {
        let read = sample(name);
        assert_eq!(read.lines(path), *expected, "{name}");
        let said = &read.evidence.statements;
        assert!(said.iter().all(|said| said.rung == Rung::Executed && said.basis == Basis::Dynamic), "{name}");
        assert!(read.problems.iter().all(|problem| problem.hint.contains("[paths]")), "{name}: {:?}", read.problems());
    }
}

#[test]
fn each_statement_points_at_its_place() {
    let first = |name| sample(name).statements().swap_remove(0);
    assert_eq!(
        first("python/coverage.json"),
        "/files/shop~1views.py/executed_lines/2: shop/views.py:5-15 executed yes 4"
    );
    assert_eq!(first("python/coverage.lcov"), "line 6: shop/views.py:5-15 executed yes 4");
    assert_eq!(first("python/coverage.xml"), "line 23: shop/views.py:8-10 executed yes 4");
    assert_eq!(first("node/v8.json"), "/result/1: run.js:1-3 executed yes 4");
    assert_eq!(first("go/cover.out"), "line 2: cart/cart.go:6-9 executed yes 4");
}

#[test]
fn what_a_file_says_of_itself_is_kept() {
    let document = |name| sample(name).evidence.documents.swap_remove(0);
    let python = document("python/coverage.json");
    assert_eq!(
        (python.format, &*python.tool, python.version.as_deref()),
        ("coverage.py", "coverage.py", Some("7.17.5"))
    );
    assert_eq!(python.ran, Ran::Staging, "the context is `e2e`");
    assert!(!python.states_time);
    let cobertura = document("c/gcovr.xml");
    assert_eq!(cobertura.made.unwrap().to_string(), "2026-11-28T12:47:45Z");
    let jacoco = document("java/jacoco.xml");
    assert_eq!(jacoco.made.unwrap().to_string(), "2026-11-28T12:48:24.131Z");
    assert!(jacoco.states_time && cobertura.states_time);
}

const LCOV: &str = "TN:\nSF:a.c\nDA:1,1\nDA:2,0\nend_of_record\n";

#[test]
fn what_ran_is_told_by_the_name_of_the_file_or_of_its_folder() {
    for (name, expected) in [
        ("lcov.info", Ran::Unknown),
        ("contest/attests.info", Ran::Unknown),
        ("tests/lcov.info", Ran::Tests),
        ("unit-lcov.info", Ran::Tests),
        ("e2e/lcov.info", Ran::Staging),
        ("coverage/lcov-STAGING.info", Ran::Staging),
        ("prod/lcov.info", Ran::Production),
        ("lcov.production.info", Ran::Production),
        ("tests/production.info", Ran::Unknown),
    ] {
        assert_eq!(read_in(&[], name, LCOV).evidence.documents[0].ran, expected, "{name}");
    }
    // Of a file elsewhere only its own name and folder count.
    let (here, elsewhere) = (Tree::plain(&[]), Tree::plain(&[("tests/lcov.info", LCOV), ("tests/a/lcov.info", LCOV)]));
    for (name, expected) in [("tests/lcov.info", Ran::Tests), ("tests/a/lcov.info", Ran::Unknown)] {
        assert_eq!(read_file(&here, &elsewhere.root().join(name)).evidence.documents[0].ran, expected, "{name}");
    }
    let named = LCOV.replace("TN:", "TN:e2e_login");
    assert_eq!(read_in(&[], "tests/lcov.info", named).evidence.documents[0].ran, Ran::Staging);
}

#[test]
fn python_whose_source_cannot_be_read_counts_for_less() {
    let lines = "DA:1,1\nDA:2,1\nDA:3,0\n";
    let plain = format!("SF:gone.py\n{lines}end_of_record\n");
    assert_eq!(read(&plain).lines("gone.py"), "1-2 yes 2, 3 no");
    let with_function = format!("SF:gone.py\n{lines}FN:2,3,f\nFNDA:1,f\nend_of_record\n");
    assert_eq!(read(&with_function).lines("gone.py"), "1 yes 2, 2 yes, 3 no");
    assert_eq!(read(plain.replace(".py", ".rb")).lines("gone.rb"), "1-2 yes, 3 no");
}

#[test]
fn a_function_of_python_on_one_line_is_not_stated() {
    let source = "a = 1\ndef f(x): return eval(x)\ndef g(x):  # (a\n    return 1\ndef h(x,\n      y): return 2\nk = lambda x: eval(x)\nimport os\n";
    let files = [("a.py", source)];
    let lines = "DA:1,1\nDA:2,1\nDA:3,1\nDA:4,1\nDA:5,1\nDA:7,1\nDA:8,1\n";
    let functions = "FN:2,2,f\nFNDA:1,f\nFN:3,4,g\nFNDA:1,g\nFN:5,6,h\nFNDA:0,h\n";
    let read = read_in(&files, "lcov.info", format!("SF:a.py\n{lines}{functions}end_of_record\n"));
    assert_eq!(read.lines("a.py"), "1 yes, 3-4 yes, 5 no, 7 yes 2");
}

#[test]
fn a_file_that_is_measured_twice_is_one() {
    let twice = "SF:a.c\nDA:1,0\nDA:2,0\nend_of_record\nSF:b.c\nDA:1,1\nend_of_record\nSF:a.c\nDA:2,3\nend_of_record\n";
    assert_eq!(
        read(twice).statements(),
        ["line 2: a.c:1 executed no 1", "line 9: a.c:2 executed yes 4", "line 6: b.c:1 executed yes 4"]
    );
}

#[test]
fn newer_lcov_names_functions_by_their_lines() {
    let lcov = "SF:a.cc\nFNL:0,1,3\nFNA:0,0,f\nFNA:0,0,f2\nFNL:1,5,6\nFNA:1,2,g(int, int)\nDA:1,1\nDA:2,0\nDA:3,0\nDA:5,1\nDA:6,1\n";
    assert_eq!(read(format!("{lcov}end_of_record\n")).lines("a.cc"), "1-3 no, 5-6 yes");
    let commas = "SF:a.cc\nFN:1,f(int, int)\nFNDA:0,f(int, int)\nDA:1,7\nDA:2,=====\nDA:3,1e+09\nend_of_record\n";
    let read = read_in(&[("a.cc", "")], "lcov.info", commas);
    assert_eq!(read.lines("a.cc"), "1 no, 3 yes");
    assert_eq!(read.problems(), ["a line of coverage that cannot be read: DA:2,====="]);
}

#[test]
fn somebody_hears_of_files_that_are_not_in_the_repository() {
    let go = "mode: set\nx/a.c:1.1,2.2 1 1\n";
    let json = r#"{"meta": {}, "files": {"x/a.c": {"executed_lines": [1]}, "b.c": {}}}"#;
    for text in [LCOV.replace("a.c", "x/a.c").as_str(), go, json] {
        let expected = ["none of the files that it measures is in the repository: x/a.c"];
        assert_eq!(read(text).problems(), expected, "{text}");
        assert_eq!(read_in(&[("x/a.c", "")], "coverage.out", text).problems(), [""; 0], "{text}");
    }
}

#[test]
fn a_run_of_lines_does_not_go_on_over_a_long_gap() {
    let lcov = "SF:a.c\nDA:1,1\nDA:12,1\nDA:24,1\nend_of_record\n";
    assert_eq!(read(lcov).lines("a.c"), "1-12 yes, 24 yes");
}

#[test]
fn go_files_are_found_by_the_module_of_the_repository() {
    let profile = "mode: set\nexample.com/shop/a/b.go:1.1,3.2 1 1\nother.org/lib/a/b.go:5.1,6.2 1 1\n";
    let files = [("a/b.go", "package a\n"), ("go.mod", "// a comment\nmodule example.com/shop // it\n\ngo 1.22\n")];
    let statements = read_in(&files, "cover.out", profile).statements();
    assert_eq!(statements, ["line 2: a/b.go:1-3 executed yes 4", "line 3: other.org/lib/a/b.go:5-6 executed yes 4"]);
    let nested = [("svc/a/b.go", "package a\n"), ("svc/go.mod", "module example.com/shop\n")];
    assert_eq!(read_in(&nested, "cover.out", profile).lines("svc/a/b.go"), "1-3 yes, 5-6 yes");
}

#[test]
fn blocks_of_go_that_overlap_are_stated_once() {
    let blocks =
        "a/b.go:1.1,9.2 1 0\na/b.go:3.1,4.9 1 2\na/b.go:1.1,9.2 1 0\na/b.go:4.1,6.9 1 1\na/b.go:8.1,12.2 1 0\n";
    assert_eq!(read(format!("mode: count\n{blocks}")).lines("a/b.go"), "1-2 no, 3-6 yes, 7-12 no");
    let wide = "mode: set\na.go:1.1,4294967295.2 1 1\na.go:7.1,8.2 1 0\n";
    assert_eq!(read(wide).lines("a.go"), "1-4294967295 yes");
}

#[test]
fn a_script_that_changed_since_says_nothing() {
    let text = std::fs::read_to_string(folder().join("node/v8.json")).unwrap();
    let text = text.replace("file://@ROOT@/", "");
    let source = std::fs::read_to_string(folder().join("node/src/server.js")).unwrap();
    let read = read_in(&[("src/server.js", &source)], "v8.json", &text);
    assert_eq!(read.evidence.statements.len(), 7, "{:?}", read.problems());
    let read = read_in(&[("src/server.js", &source.replace("label", "labels"))], "v8.json", &text);
    assert_eq!(read.statements(), [""; 0]);
    assert_eq!(read.problems(), ["a script that is not the file as it is now: src/server.js"]);
    assert_eq!(read_in(&[], "v8.json", &text).problems(), ["no script is a file of the repository"]);
}

#[test]
fn a_script_that_ran_in_two_processes_is_one() {
    let source = "const a = 1;\nfunction f() {\n  return 1;\n}\n";
    let script = |count: u32| {
        format!(
            r#"{{"url": "a.js", "functions": [{{"ranges": [{{"startOffset": 0, "endOffset": 42, "count": 1}}]}},
            {{"ranges": [{{"startOffset": 13, "endOffset": 41, "count": {count}}}]}}]}}"#
        )
    };
    let both = format!(r#"{{"result": [{}, {}]}}"#, script(0), script(3));
    assert_eq!(read_in(&[("a.js", source)], "v8.json", both).lines("a.js"), "1-4 yes");
    let one = format!(r#"{{"result": [{}]}}"#, script(0));
    assert_eq!(read_in(&[("a.js", source)], "v8.json", one).lines("a.js"), "1 yes, 2-4 no");
}

#[test]
fn entities_of_a_document_type_are_not_expanded() {
    let mut bomb = String::from("<?xml version=\"1.0\"?>\n<!DOCTYPE coverage [\n<!ENTITY x0 \"boom\">\n");
    for level in 1..30 {
        writeln!(bomb, "<!ENTITY x{level} \"{}\">", format!("&x{};", level - 1).repeat(10)).unwrap();
    }
    bomb.push_str("<!ENTITY file SYSTEM \"file:///etc/passwd\">\n]>\n");
    bomb.push_str(
        "<coverage line-rate=\"1\"><sources><source>&x29;&file;</source></sources><packages><package><classes>",
    );
    bomb.push_str("<class filename=\"&file;.c\"><lines><line number=\"1\" hits=\"1\"/></lines></class>");
    bomb.push_str("<class filename=\"a&amp;b.c\"><lines><line number=\"2\" hits=\"0\"/></lines></class>");
    bomb.push_str("</classes></package></packages></coverage>\n");
    let read = read(bomb);
    let paths: Vec<_> = read.evidence.statements.iter().map(|said| said.subject.path.as_deref().unwrap()).collect();
    assert_eq!(paths, ["&file;.c", "a&b.c"]);
    assert_eq!(read.problems(), ["none of the files that it measures is in the repository: &file;.c"]);
}

#[test]
fn a_line_without_a_measurement_is_not_stated() {
    let json = r#"{"meta": {"version": "7"}, "files": {"a~/b.rb": {"executed_lines": [1, 2, "4", null, -7, {}], "missing_lines": [3], "excluded_lines": [5]},
        "c.rb": {"executed_lines": "none", "functions": [], "contexts": 7}}}"#;
    let read = read(json);
    assert_eq!(
        read.statements(),
        [
            "/files/a~0~1b.rb/executed_lines/0: a~/b.rb:1-2 executed yes 4",
            "/files/a~0~1b.rb/missing_lines/0: a~/b.rb:3 executed no 1",
            "/files/a~0~1b.rb/executed_lines/2: a~/b.rb:4 executed yes 4",
        ]
    );
    assert!(read.evidence.statements.iter().all(|said| said.polarity != Polarity::Unknown));
}

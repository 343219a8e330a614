//! What other tools write: rdjson, and what clang-tidy exports.

use super::{plan, read};
use crate::fix::case::{after, kept, verdicts};
use crate::support::tree::Tree;

/// One diagnostic with suggestions, as `rdjson`.
fn rdjson(suggestions: &str) -> String {
    format!(
        "{{\"source\":{{\"name\":\"lint\"}},\"diagnostics\":[{{\"message\":\"m\",\"code\":{{\"value\":\"R1\"}},\"location\":{{\"path\":\"a.txt\",\
         \"range\":{{\"start\":{{\"line\":2}}}}}},\"suggestions\":[{suggestions}]}}]}}"
    )
}

fn suggestion(start: &str, end: &str, text: &str) -> String {
    let end = if end.is_empty() { String::new() } else { format!(",\"end\":{{{end}}}") };
    format!("{{\"range\":{{\"start\":{{{start}}}{end}}},\"text\":{text:?}}}")
}

/// The file as the suggestion leaves it when a person keeps it.
fn suggested(file: &str, start: &str, end: &str, text: &str) -> String {
    let tree = Tree::git(&[("a.txt", file)]);
    let read = read(&tree, rdjson(&suggestion(start, end, text)).as_bytes());
    after(&tree, &kept(&tree, &read.proposals), "a.txt")
}

#[test]
fn ranges_of_rdjson_are_those_of_its_definition() {
    let file = "abc\r\ndef\r\nghi\r\n";
    let rows = [
        ("\"line\":2", "", "X", "abc\r\nX\r\nghi\r\n"),
        ("\"line\":2", "\"line\":2", "X", "abc\r\nX\r\nghi\r\n"),
        ("\"line\":2", "\"line\":3", "X", "abc\r\nX\r\n"),
        ("\"line\":2", "\"line\":3,\"column\":1", "", "abc\r\nghi\r\n"),
        ("\"line\":2,\"column\":1", "\"line\":2,\"column\":4", "X", "abc\r\nX\r\nghi\r\n"),
        ("\"line\":2,\"column\":2", "", "X", "abc\r\ndXef\r\nghi\r\n"),
        ("\"line\":2,\"column\":2", "\"line\":2,\"column\":2", "X", "abc\r\ndXef\r\nghi\r\n"),
    ];
    for (start, end, text, wanted) in rows {
        assert_eq!(suggested(file, start, end, text), wanted, "{start} {end}");
    }
    // Columns count bytes: the letter takes two.
    assert_eq!(suggested("a\néb\n", "\"line\":2,\"column\":3", "\"line\":2,\"column\":4", "X"), "a\néX\n");
    for (start, end) in
        [("\"line\":9", ""), ("\"line\":2,\"column\":9", ""), ("\"line\":3", "\"line\":1"), ("\"line\":0", "")]
    {
        assert_eq!(suggested(file, start, end, "X"), file, "{start} {end}");
    }
}

#[test]
fn suggestions_are_other_ways_unless_the_tool_means_all() {
    let tree = Tree::git(&[("a.txt", "one\ntwo\nthree\n")]);
    let two = |at: u32| suggestion(&format!("\"line\":{at}"), "", "X");
    let same = read(&tree, rdjson(&[two(2), two(2).replace('X', "Y")].join(",")).as_bytes()).proposals;
    assert_eq!(same.iter().map(|one| (one.alternative, one.warnings.len())).collect::<Vec<_>>(), [(0, 0), (1, 0)]);
    let apart = rdjson(&[two(2), two(3)].join(","));
    let unclear = read(&tree, apart.as_bytes()).proposals;
    assert!(unclear.len() == 2 && unclear.iter().all(|one| one.warnings.len() == 1), "{unclear:?}");
    let all = read(&tree, apart.replace("lint", "ruff").as_bytes()).proposals;
    assert_eq!(all.iter().map(|one| one.edits[0].edits.len()).collect::<Vec<_>>(), [2]);
}

#[test]
fn rdjsonl_is_one_diagnostic_a_line_and_a_bad_one_costs_itself() {
    let tree = Tree::git(&[("a.txt", "one\ntwo\n")]);
    let line = |at: u32| {
        let range = format!("{{\"start\":{{\"line\":{at}}}}}");
        format!(
            "{{\"message\":\"m{at}\",\"location\":{{\"path\":\"a.txt\"}},\"suggestions\":[{{\"range\":{range},\"text\":\"X\"}}]}}\n"
        )
    };
    let read = read(&tree, format!("{}{{\"message\": 5}}\n\n{}", line(1), line(2)).as_bytes());
    assert_eq!(read.proposals.iter().map(|one| one.title.as_str()).collect::<Vec<_>>(), ["m1", "m2"]);
    assert_eq!(read.problems.iter().map(|one| one.place.as_str()).collect::<Vec<_>>(), ["line 2"]);
}

const CPP: &str = "int *f() {\n  return NULL;\n}\nint *g() { return NULL; }\n";

fn clang(replacements: &str) -> String {
    format!(
        "---\nMainSourceFile:  '/src/a.cpp'\nDiagnostics:\n  - DiagnosticName:  modernize-use-nullptr\n    DiagnosticMessage:\n      \
         Message:         'use nullptr'\n      FilePath:        '/src/a.cpp'\n      FileOffset:      20\n      Replacements:\n{replacements}    \
         Level:           Warning\n    BuildDirectory:  '/src'\n...\n"
    )
}

fn replacement(offset: usize, length: usize, text: &str) -> String {
    format!(
        "        - FilePath:        '/src/a.cpp'\n          Offset:          {offset}\n          Length:          {length}\n          ReplacementText: {text}\n"
    )
}

#[test]
fn offsets_of_clang_tidy_are_bytes() {
    let place = CPP.find("NULL").unwrap();
    for (text, wanted) in [
        ("nullptr", "nullptr"),
        ("'nullptr'", "nullptr"),
        ("\"nullptr\"", "nullptr"),
        ("'a''b'", "a'b"),
        ("\"a\\nb\\\"\\x41\"", "a\nb\"A"),
        // One line break in quotes is a blank, two are one.
        ("'a\n\n            b'", "a\nb"),
        ("'a\n            b'", "a b"),
    ] {
        let tree = Tree::git(&[("a.cpp", CPP)]);
        let read = read(&tree, clang(&replacement(place, 4, text)).as_bytes());
        assert_eq!(read.proposals[0].title, "modernize-use-nullptr: use nullptr");
        let made = after(&tree, &kept(&tree, &read.proposals), "a.cpp");
        assert_eq!(made, CPP.replacen("NULL", wanted, 1), "{text}");
    }
}

#[test]
fn an_older_layout_and_what_is_past_the_end() {
    let tree = Tree::git(&[("a.cpp", CPP)]);
    let place = CPP.find("NULL").unwrap();
    let older = format!(
        "---\nMainSourceFile: ''\nReplacements:\n{}...\n",
        replacement(place, 4, "0").replace("        ", "  ")
    );
    let made = after(&tree, &kept(&tree, &read(&tree, older.as_bytes()).proposals), "a.cpp");
    assert_eq!(made, CPP.replacen("NULL", "0", 1));
    let past = plan(&tree, clang(&replacement(9_999, 4, "x")).as_bytes());
    assert!(past.files.is_empty() && verdicts(&past)[0].starts_with("cannot"), "{:?}", verdicts(&past));
    let broken = read(&tree, clang(&replacement(place, 4, "'never ended")).as_bytes());
    assert!(broken.proposals.is_empty() && broken.problems.len() == 1, "{broken:?}");
}

#[test]
fn a_fix_in_several_replacements_is_one_proposal() {
    let tree = Tree::git(&[("a.cpp", CPP)]);
    let places: Vec<usize> = CPP.match_indices("NULL").map(|(at, _)| at).collect();
    let both = replacement(places[0], 4, "nullptr") + &replacement(places[1], 4, "nullptr");
    let read = read(&tree, clang(&both).as_bytes());
    assert_eq!(read.proposals.len(), 1);
    assert_eq!(after(&tree, &kept(&tree, &read.proposals), "a.cpp"), CPP.replace("NULL", "nullptr"));
}

//! Evidence that is broken: what is whole is read, and nothing fails.

use std::fmt::Write as _;

use super::said::{Read, read, read_in};
use crate::support::shared::shared;

/// Texts of all formats whose texts are in this folder.
fn texts() -> Vec<(String, Vec<u8>)> {
    let mut texts = Vec::new();
    let mut folders = vec![super::said::folder()];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                texts.push((path.to_string_lossy().into_owned(), std::fs::read(&path).unwrap()));
            }
        }
    }
    texts
}

/// The statements without their document.
fn said(read: &Read) -> Vec<String> {
    let mut statements = read.statements();
    statements.extend(read.evidence.intel.iter().map(|intel| format!("{} {}", intel.pointer, intel.vuln)));
    statements
}

#[test]
fn wherever_a_file_is_cut_it_is_read_up_to_there() {
    for (name, text) in texts() {
        for end in (0..text.len()).step_by(1499) {
            let read = read(&text[..end]);
            assert!(read.evidence.documents.len() <= 1, "{name} to byte {end}");
        }
    }
    // Lines with their answers are as they were.
    let whole = "SF:a.c\nDA:11,1\nDA:12,1\nDA:13,0\nDA:14,1\nend_of_record\n";
    for (end, expected) in [(whole.len() - 1, "11-12 yes, 13 no, 14 yes"), (37, "11-12 yes, 13 no"), (28, "11-12 yes")]
    {
        let read = read_in(&[("a.c", "")], "lcov.info", &whole.as_bytes()[..end]);
        assert_eq!(read.lines("a.c"), expected, "to byte {end}");
        let expected: &[&str] = if end == whole.len() - 1 { &[] } else { &["the end is missing"] };
        assert_eq!(read.problems(), expected, "to byte {end}");
    }
    let xml = std::fs::read_to_string(super::said::folder().join("c/gcovr.xml")).unwrap();
    let cut = read_in(&[("main.c", "")], "c.xml", &xml.as_bytes()[..xml.rfind("<line number=\"10\"").unwrap() + 10]);
    assert_eq!(cut.lines("main.c"), "3-4 yes, 5 no, 7 yes, 10-11 no, 14-15 yes", "the methods were whole");
    assert_eq!(cut.problems(), ["the end is missing"]);
}

#[test]
fn other_types_than_expected_cost_only_themselves() {
    for (name, text) in texts() {
        let Ok(text) = String::from_utf8(text) else { continue };
        for (from, to) in [("[", "{"), (":", ": [7],"), ("1", "\"one\""), ("\"", "'"), ("0", "-1e999"), ("\n", "\0")] {
            let read = read(text.replace(from, to));
            assert!(read.evidence.documents.len() <= 1, "{name} with {to} for {from}");
        }
    }
    let json = r#"{"meta": 7, "files": {"a.c": [], "b.c": {"executed_lines": {"x": 1}, "functions": {"f": 3}}, "c.c": {"executed_lines": [3]}}}"#;
    assert_eq!(said(&read(json)), ["/files/c.c/executed_lines/0: c.c:3 executed yes 4"]);
}

#[test]
fn what_is_no_evidence_is_not_taken_for_it() {
    for text in [
        &b""[..],
        b" ",
        b"\0\x01\xff\xfe\x80",
        b"SF",
        b"mode: fast\n",
        b"<coverage",
        b"<report><x/></report>",
        b"cve\n",
        b"{}",
        b"[]",
        b"[[]]",
    ] {
        assert!(read(text).evidence.is_empty(), "{text:?}");
    }
}

#[test]
fn other_encodings_are_read() {
    let text = std::fs::read_to_string(super::said::folder().join("java/jacoco.xml")).unwrap();
    let path = "com/example/shop/Cart.java";
    let expected = read(&text).lines(path);
    assert!(!expected.is_empty());
    assert_eq!(read(format!("\u{feff}{text}")).lines(path), expected);
    let utf16: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(read(utf16).lines(path), expected);
    let latin: Vec<u8> =
        text.replace("shop", "sh\u{f6}p").chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    assert_eq!(read(latin).lines("com/example/sh\u{fffd}p/Cart.java"), expected);
}

#[test]
fn a_hundred_thousand_entries_are_read() {
    let mut lcov = String::from("SF:a.c\n");
    let mut go = String::from("mode: set\n");
    let (mut falco, mut xml) = (String::new(), String::new());
    let mut nested = go.clone();
    for number in 1..=100_000 {
        writeln!(lcov, "DA:{number},{}", number % 2).unwrap();
        writeln!(go, "a/b.go:{number}.1,{number}.9 1 {}", number % 2).unwrap();
        writeln!(nested, "a/b.go:{}.1,{}.9 1 1\na/b.go:1.1,200001.2 1 0", number * 2, number * 2).unwrap();
        writeln!(falco, r#"{{"rule":"r","priority":"p","output":"","hostname":"n{number}"}}"#).unwrap();
        writeln!(xml, "<line number=\"{number}\" hits=\"{}\"/>", number % 2).unwrap();
    }
    lcov.push_str("end_of_record\n");
    assert_eq!(read(nested).evidence.statements.len(), 200_001);
    let xml = format!(
        "<coverage line-rate=\"1\"><packages><class filename=\"a.c\"><lines>{xml}</lines></class></packages></coverage>"
    );
    for text in [lcov, go, falco, xml] {
        assert_eq!(read(&text).evidence.statements.len(), 100_000, "{:?}", text.lines().next());
    }
}

#[test]
fn files_of_the_collection_can_be_cut_anywhere() {
    let Some(folder) = shared("corpus/evidence") else { return };
    for name in [
        "semgrep/ci-findings-sca_info.json",
        "jfrog/audit_simple.json",
        "endor/endorlabs_one_vuln.json",
        "runtime/falco.jsonl",
        "depscan/golem-go-reachability.json",
        "coverage/cobertura-coverlet.xml",
        "coverage/jacoco.xml",
        "epss/epss_scores-sample.csv",
    ] {
        let text = std::fs::read(folder.join(name)).unwrap();
        let whole = said(&read(&text)).len();
        for end in (0..text.len()).step_by(text.len() / 16 + 1) {
            assert!(said(&read(&text[..end])).len() <= whole, "{name} to byte {end}");
        }
    }
}

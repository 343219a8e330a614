//! Reports that are packed: Zstandard, ZIP and what is neither.

use std::io::Write as _;

use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::text;
use crate::ingest::reading::{load_files, load_text, problems, report, result, rows};
use crate::support::tree::Tree;

const ROW: &str = "r a.py:1:0 warning medium m";

fn good() -> String {
    report("t", &result("r", "a.py", 1, ""))
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn zstandard_is_unpacked_frame_by_frame() {
    let text = good();
    let (head, tail) = text.as_bytes().split_at(40);
    let frame = |part: &[u8]| compress_to_vec(part, CompressionLevel::Fastest);
    let loaded = load_text([frame(head), frame(tail)].concat());
    assert_eq!(rows(&loaded), [ROW]);
    assert_eq!(problems(&loaded), [""; 0]);
    assert_eq!(loaded.detail(0).message, "m");
}

#[test]
fn zstandard_that_is_cut_off_keeps_its_beginning() {
    let mut packed = compress_to_vec(good().as_bytes(), CompressionLevel::Uncompressed);
    packed.extend(&compress_to_vec(&b" "[..], CompressionLevel::Fastest)[..5]);
    let loaded = load_text(packed);
    assert_eq!(rows(&loaded), [ROW]);
    let expected = "the compressed text is damaged, or too large when it is unpacked; its beginning was read [file]";
    assert_eq!(problems(&loaded), [expected]);
}

#[test]
fn each_report_of_a_zip_archive_is_an_input_of_its_own() {
    let cut = good();
    let cut = &cut.as_bytes()[..cut.len() - 1];
    let tree = Tree::plain(&[]);
    let bandit = text("bandit.json");
    let archive = zip(&[
        ("logs/run.txt", b"INFO: started"),
        ("../../etc/a.sarif", good().as_bytes()),
        ("package.json", b"{\"version\": \"1\"}"),
        ("cut.sarif", cut),
        ("out/bandit.json", bandit.as_bytes()),
    ]);
    std::fs::write(tree.root().join("reports.zip"), archive).unwrap();
    let loaded = load_files(&tree, &["reports.zip"]);
    let names: Vec<&str> = loaded.backlog.reports.iter().map(|report| report.name.as_str()).collect();
    assert_eq!(names, ["reports.zip: ../../etc/a.sarif", "reports.zip: cut.sarif", "reports.zip: out/bandit.json"]);
    assert_eq!(loaded.backlog.results.len(), 7);
    let place = format!("byte {}: the report ends inside a value [file]", cut.len());
    assert_eq!(problems(&loaded), [place]);
    assert_eq!(loaded.reader.detail(&loaded.backlog, 0).unwrap().message, "m");
    assert_eq!(loaded.backlog.problems[0].file, "reports.zip: cut.sarif");
}

#[test]
fn an_archive_that_is_a_bomb_or_holds_no_report_is_told() {
    let expected = "not a report: it looks like a ZIP archive without a report that can be read [file]";
    assert_eq!(problems(&load_text(zip(&[("notes.txt", b"nothing")]))), [expected]);
    let blank = vec![b' '; 70 << 20];
    assert_eq!(problems(&load_text(zip(&[("bomb.sarif", &blank)]))), [expected]);
    let mut damaged = zip(&[("a.sarif", good().as_bytes())]);
    damaged.truncate(damaged.len() - 20);
    assert_eq!(problems(&load_text(damaged)), [expected]);
}

#[test]
fn what_is_no_report_is_named_with_what_to_do() {
    let mut tar = vec![b'a'; 512];
    tar[257..262].copy_from_slice(b"ustar");
    let cases: &[(&[u8], &str, &str)] = &[
        (&tar, "it looks like a tar archive", "unpack it and name the report"),
        (b"swagger: v1\nkind: Pod\n", "it looks like YAML", "let the scanner write SARIF"),
        (b"---\na: 1\n", "it looks like YAML", "let the scanner write SARIF"),
        (
            b"2026-11-20T08:00:00Z INFO [main] started\n",
            "it looks like a log",
            "name the scanner's report, not its log",
        ),
        (
            "\u{250c}\u{2500}\u{2510}\n\u{2502} 3 Code Findings \u{2502}\n".as_bytes(),
            "it looks like what Semgrep prints for people",
            "scan with `--json` or `--sarif`",
        ),
        (b"\n<!DOCTYPE html><title>404</title>", "it looks like an HTML page", "download the report again"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n",
            "it looks like a Git LFS pointer",
            "fetch the file with `git lfs pull`",
        ),
        (
            b"{\"error\": {\"code\": \"ENOLOCK\"}}",
            "it looks like an error that a tool reports",
            "read it, and run the scanner again",
        ),
        (b"All good.", "it looks like plain text", "let the scanner write SARIF"),
        (
            b"        -:    0:Source:main.cpp\n",
            "it looks like the coverage of gcov",
            "let `gcovr --lcov` or `lcov` write it",
        ),
        (
            b"# the shop\n\nservices:\n  web: {}\n",
            "it looks like a compose file",
            "keep it in the repository, where it is read without being named",
        ),
    ];
    for (text, reason, hint) in cases {
        let loaded = load_text(text);
        assert_eq!(problems(&loaded), [format!("not a report: {reason} [file]")]);
        assert_eq!(loaded.backlog.problems[0].hint, *hint);
    }
}

#[test]
fn an_empty_list_is_a_scan_without_findings() {
    let loaded = load_text("[]\n");
    assert!(loaded.backlog.reports[0].is_complete);
    assert!(loaded.backlog.problems.iter().all(|problem| problem.loss == quell::model::problem::Loss::Nothing));
}

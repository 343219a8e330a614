//! Reports in a scanner's own format that are broken.

use super::text;
use crate::ingest::reading::{load_text, problems, rows};

#[test]
fn of_a_report_that_is_cut_off_the_whole_results_are_kept() {
    for (report, end, whole) in [
        ("semgrep.json", "\"check_id\":\"rules.weak-hash\"", 2),
        ("ruff.json", "\"code\": \"S602\"", 4),
        ("eslint.json", "\"ruleId\":\"no-unsafe-negation\"", 2),
        ("trivy.json", "\"ID\": \"DS026\"", 3),
        ("clippy.json", "variable does not need to be mutable", 1),
    ] {
        let text = text(report);
        let at = text.find(end).unwrap() + end.len();
        let loaded = load_text(&text.as_bytes()[..at]);
        assert_eq!(rows(&loaded).len(), whole, "{report}");
        assert_eq!(problems(&loaded), ["the end is missing [file]"], "{report}");
        assert!(!loaded.backlog.reports[0].is_complete);
    }
}

#[test]
fn words_of_the_scanner_before_and_after_a_report_do_no_harm() {
    let loaded = load_text(format!("[main] INFO running\nRun started\n{}\nDone.\n", text("bandit.json")));
    assert_eq!(rows(&loaded).len(), 5);
    assert_eq!(problems(&loaded), ["byte 0: text that does not belong to the report was skipped"]);
    let loaded = load_text(format!("    Checking orders v0.1.0\n{}error: done\n", text("clippy.json")));
    assert_eq!(rows(&loaded).len(), 7);
}

#[test]
fn trailing_commas_and_a_byte_order_mark_are_read() {
    let broken = text("gitleaks.json").replace("\n }\n]", "\n },\n]");
    let loaded = load_text(format!("\u{feff}{broken}"));
    assert_eq!(rows(&loaded).len(), 1);
    assert_eq!(problems(&loaded), ["wrong punctuation, such as a trailing comma"]);
}

#[test]
fn a_report_in_utf_16_is_read() {
    let utf16: Vec<u8> = text("pip-audit.json").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(rows(&load_text([&[0xff, 0xfe][..], &utf16].concat())).len(), 1);
}

#[test]
fn wherever_a_report_is_cut_its_first_results_are_as_they_were() {
    let reports = ["bandit", "ruff", "semgrep", "semgrep-taint", "eslint", "clippy", "gitleaks", "trivy", "grype"];
    let audits = ["npm-audit", "npm-audit-6", "pip-audit", "cargo-audit"];
    for report in reports.into_iter().chain(audits) {
        let text = text(&format!("{report}.json"));
        let whole = rows(&load_text(&text));
        for end in (0..text.trim_end().len()).step_by(397) {
            let loaded = load_text(&text.as_bytes()[..end]);
            let rows = rows(&loaded);
            assert_eq!(rows, whole[..rows.len()], "{report} to byte {end}");
            let is_whole_line = report == "clippy" && text.as_bytes()[..end].ends_with(b"\n");
            assert!(is_whole_line || !loaded.backlog.reports[0].is_complete, "{report} to byte {end}");
        }
    }
}

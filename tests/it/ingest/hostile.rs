//! Nothing that a file can hold makes the loader or the reader panic.

use proptest::prelude::*;

use crate::ingest::reading::load_text;

#[path = "../../fuzz/src/body.rs"]
mod body;

use body::load_and_look;

const REPORT: &str = r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t", "rules": [{"id": "r", "properties": {"tags": ["CWE-79"]}}]}},
 "artifacts": [{"location": {"uri": "a.py"}, "contents": {"text": "one\ntwo"}}], "originalUriBaseIds": {"A": {"uriBaseId": "B"}, "B": {"uriBaseId": "A"}},
 "results": [{"ruleId": "r", "ruleIndex": 0, "message": {"text": "a [b](1) {0}", "arguments": ["é"]}, "level": "error",
 "locations": [{"physicalLocation": {"artifactLocation": {"uri": "a.py", "uriBaseId": "A", "index": 0}, "region": {"startLine": 2, "charOffset": 3, "snippet": {"text": "two"}},
 "contextRegion": {"startLine": 1, "snippet": {"text": "one\ntwo"}}}}], "codeFlows": [{"threadFlows": [{"locations": [{"index": 0}]}]}],
 "fixes": [{"artifactChanges": [{"artifactLocation": {"index": 0}, "replacements": [{"deletedRegion": {"startLine": 1}, "insertedContent": {"text": "x"}}]}]}]},
 {"message": {"id": "m"}, "suppressions": [{"status": "rejected"}], "properties": {"security-severity": "9.8", "purl": "pkg:npm/%40a/b@1"}}]}]}"#;

#[test]
fn the_report_that_is_mutated_is_sound() {
    let loaded = load_text(REPORT);
    assert_eq!(loaded.backlog.results.len(), 2);
    assert!(loaded.backlog.problems.is_empty(), "{:?}", loaded.backlog.problems);
}

/// What fuzzing has found.
#[test]
fn a_run_that_only_the_scan_sees_can_be_looked_at() {
    load_and_look(br#"{"":[}"runs":[{"results":[{}"#);
    load_and_look(br#"{"":[}"runs":[{"results":[{}]}]} {"runs":[{"results":[{"message":{"text":"second"}}]}]}"#);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        load_and_look(&bytes);
    }

    #[test]
    fn arbitrary_mutations_never_panic(edits in prop::collection::vec((any::<prop::sample::Index>(), 0..6_u8, any::<u8>()), 1..12)) {
        let mut bytes = REPORT.as_bytes().to_vec();
        for (place, kind, byte) in edits {
            let at = place.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => bytes.truncate(at.max(1)),
                3 => bytes.insert(at, b"{}[],:\"\\"[usize::from(byte) % 8]),
                4 => { bytes.remove(at); if bytes.is_empty() { bytes.push(b'{'); } }
                _ => { let tail = bytes[at..].to_vec(); bytes.extend(tail); }
            }
            bytes.truncate(20_000);
        }
        load_and_look(&bytes);
    }
}

//! What a result says, decoded when it is looked at.

use quell::model::detail::Region;
use quell::model::fix::{Applicability, ColumnUnit};

use crate::ingest::reading::{Read, load_files, load_text, report, result, run};
use crate::support::shared::shared;
use crate::support::tree::Tree;

#[test]
fn flows_keep_threads_nesting_and_shared_locations() {
    let loaded = load_text(run(
        r#""tool": {"driver": {"name": "t"}}, "threadFlowLocations": [{"importance": "essential", "kinds": ["taint"], "nestingLevel": 2,
        "location": {"message": {"text": "shared"}, "physicalLocation": {"artifactLocation": {"uri": "s.py"}, "region": {"startLine": 7}}}}],
        "results": [{"codeFlows": [{"message": {"text": "f"}, "threadFlows": [{"locations": [{"index": 0},
        {"location": {"physicalLocation": {"artifactLocation": {"uri": "a.py"}, "region": {"startLine": 3}}, "logicalLocations": [{"fullyQualifiedName": "a.f"}]}}]},
        {"message": {"text": "second"}, "locations": []}]}], "stacks": [{"frames": [{"location": {"physicalLocation": {"artifactLocation": {"uri": "k.py"}}}}]}]}]"#,
    ));
    assert_eq!(loaded.backlog.record(0).flows, 1);
    let flows = loaded.detail(0).flows;
    assert_eq!(flows.iter().map(|flow| flow.message.as_deref().unwrap()).collect::<Vec<_>>(), ["f", "f", "call stack"]);
    let [shared, own] = flows[0].steps.as_slice() else { panic!("{:?}", flows[0].steps) };
    assert_eq!((shared.location.path.as_str(), shared.location.region.line, shared.nesting), ("s.py", 7, 2));
    assert_eq!(
        (shared.importance.as_deref(), shared.kinds.as_slice()),
        (Some("essential"), ["taint".to_owned()].as_slice())
    );
    assert_eq!((own.location.path.as_str(), own.location.logical.as_deref()), ("a.py", Some("a.f")));
    assert_eq!(flows[2].steps[0].location.path, "k.py");
}

#[test]
fn everything_else_a_result_says_is_kept() {
    let loaded = load_text(report(
        "t",
        r#"{"message": {"text": "m", "markdown": "**m**"}, "relatedLocations": [{"id": 1, "message": {"text": "see"}, "physicalLocation": {"artifactLocation": {"uri": "b.py"}}}],
        "fingerprints": {"a/v1": "x"}, "partialFingerprints": {"b": {"nested": 1}}, "suppressions": [{"kind": "inSource", "status": "accepted", "justification": "why"}],
        "properties": {"s": "text", "n": 1.5, "o": {"k": [1]}}, "taxa": [{"id": "89", "toolComponent": {"name": "CWE"}}], "hostedViewerUri": "https://x.example",
        "workItemUris": ["https://w.example"], "rank": 12.5, "locations": [{"physicalLocation": {"artifactLocation": {"uri": "a.py"}, "region": {"charOffset": 4, "charLength": 2, "byteOffset": 5},
        "contextRegion": {"startLine": 2, "snippet": {"text": "around"}}}}]}"#,
    ));
    let detail = loaded.detail(0);
    let pairs =
        |list: &[(&str, &str)]| list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>();
    assert_eq!(detail.markdown.as_deref(), Some("**m**"));
    assert_eq!((detail.related[0].path.as_str(), detail.related[0].message.as_deref()), ("b.py", Some("see")));
    assert_eq!(detail.fingerprints, pairs(&[("a/v1", "x"), ("b", r#"{"nested": 1}"#)]));
    assert_eq!(detail.suppressions[0].justification.as_deref(), Some("why"));
    assert_eq!(detail.properties, pairs(&[("s", "text"), ("n", "1.5"), ("o", r#"{"k": [1]}"#)]));
    assert_eq!((detail.taxa, detail.rank), (vec!["CWE/89".to_owned()], Some(12.5)));
    assert_eq!(detail.hosted_uri.as_deref(), Some("https://x.example"));
    assert_eq!(detail.work_items, ["https://w.example"]);
    let region = Region { char_span: Some((4, 2)), byte_span: Some((5, 0)), ..Region::default() };
    assert_eq!(detail.locations[0].region, region);
    assert_eq!(detail.locations[0].context, Some((2, "around".to_owned())));
}

#[test]
fn fixes_are_kept_as_the_report_states_them() {
    let loaded = fixes();
    assert_eq!(loaded.backlog.record(0).fixes, 1, "a fix without an edit does not count");
    let fixes = loaded.detail(0).fixes;
    let [patch, advice] = fixes.as_slice() else { panic!("{fixes:?}") };
    assert_eq!((patch.title.as_str(), patch.alternative, patch.applicability), ("do it", 0, Applicability::Unknown));
    assert_eq!(patch.finding, Some(loaded.backlog.finding(0).id));
    assert_eq!((patch.source.family.as_str(), patch.source.pointer.as_str()), ("semgrep", "/runs/0/results/0/fixes/0"));
    let edit = &patch.edits[0];
    assert_eq!((edit.path.as_str(), edit.sha256.as_deref()), ("a.py", Some("abcd")));
    assert_eq!((edit.edits[0].insert.as_str(), edit.edits[0].unit), ("new", Some(ColumnUnit::Utf16)));
    assert_eq!(edit.edits[0].region, Region { line: 3, column: 2, end_column: 4, ..Region::default() });
    let seen: Vec<_> = edit.seen.iter().map(|seen| (seen.region.line, seen.text.as_str())).collect();
    assert_eq!(seen, [(3, "old"), (2, "x\nold\ny")]);
    assert_eq!(
        (advice.title.as_str(), advice.alternative, advice.applicability),
        ("read this", 1, Applicability::Advice)
    );
    assert!(advice.edits.is_empty());
    assert_ne!(patch.id, advice.id);
    assert_eq!(patch.id, self::fixes().detail(0).fixes[0].id);
}

fn fixes() -> Read {
    load_text(run(
        r#""tool": {"driver": {"name": "Semgrep OSS"}}, "columnKind": "utf16CodeUnits", "artifacts": [{"location": {"uri": "a.py"}, "hashes": {"sha-256": "ABCD"}}],
        "results": [{"ruleId": "r", "locations": [{"physicalLocation": {"artifactLocation": {"uri": "a.py"}, "region": {"startLine": 3, "snippet": {"text": "old"}},
        "contextRegion": {"startLine": 2, "snippet": {"text": "x\nold\ny"}}}}], "fixes": [{"description": {"text": "do it"}, "artifactChanges": [{"artifactLocation": {"uri": "a.py"},
        "replacements": [{"deletedRegion": {"startLine": 3, "startColumn": 2, "endColumn": 4}, "insertedContent": {"text": "new"}}]}]},
        {"description": {"text": "read this"}, "artifactChanges": []}]}]"#,
    ))
}

#[test]
fn embedded_files_give_context_where_there_is_no_snippet() {
    let loaded = load_text(run(
        r#""tool": {"driver": {"name": "t"}}, "artifacts": [{"location": {"uri": "a.py"}, "contents": {"text": "1\n2\n3\n4\n5\n6\n7\n8\n9"}}],
        "results": [{"locations": [{"physicalLocation": {"artifactLocation": {"uri": "a.py"}, "region": {"startLine": 5}}}]}]"#,
    ));
    assert_eq!(loaded.detail(0).locations[0].context, Some((2, "2\n3\n4\n5\n6\n7\n8".to_owned())));
}

#[test]
fn a_changed_report_gives_no_other_bytes() {
    let text = report("t", &result("r", "a.py", 1, ""));
    let tree = Tree::plain(&[("a.sarif", &text)]);
    let loaded = load_files(&tree, &["a.sarif"]);
    assert!(loaded.reader.detail(&loaded.backlog, 0).is_ok());
    tree.write("a.sarif", &format!(" {text}"));
    let problem = loaded.reader.detail(&loaded.backlog, 0).unwrap_err();
    assert_eq!(problem.to_string(), "a.sarif: the report changed after it was loaded; reload it");
}

#[test]
fn every_result_of_the_collection_can_be_looked_at() {
    let Some(folder) = shared("corpus/sarif") else { return };
    for entry in folder.read_dir().unwrap() {
        let loaded = load_text(std::fs::read(entry.unwrap().path()).unwrap());
        for number in 0..loaded.backlog.results.len() {
            let number = u32::try_from(number).unwrap();
            let detail = loaded.detail(number);
            let record = loaded.backlog.record(number);
            let patches = detail.fixes.iter().filter(|fix| !fix.edits.is_empty()).count();
            assert_eq!(patches.min(255), usize::from(record.fixes));
            if let Some(first) = detail.locations.first() {
                assert_eq!((first.path.as_str(), first.region.line), (loaded.backlog.path(record), record.line));
            }
        }
    }
}

//! What a result says, decoded when it is looked at.

use quell::model::detail::Region;
use quell::model::fix::{Applicability, ColumnUnit};

use crate::ingest::reading::{Read, load_files, load_text, report, result, run};
use crate::support::shared::shared;
use crate::support::tree::Tree;

fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

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
    assert_eq!(patch.finding, Some(loaded.backlog.id(0)));
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
fn graphs_and_states_are_steps_too() {
    let loaded = load_text(run(
        r#""tool": {"driver": {"name": "t"}}, "graphs": [{"description": {"text": "calls"}, "nodes": [{"id": "a", "label": {"text": "A"}, "children": [{"id": "b", "location":
        {"physicalLocation": {"artifactLocation": {"uri": "b.py"}, "region": {"startLine": 4}}}}]}], "edges": [{"id": "e", "sourceNodeId": "a", "targetNodeId": "b", "label": {"text": "to b"}}]}],
        "results": [{"graphTraversals": [{"runGraphIndex": 0, "initialState": {"x": {"text": "0"}}, "edgeTraversals": [{"edgeId": "e", "finalState": {"x": {"text": "1"}}}, {"edgeId": "none"}]}],
        "graphs": [{"nodes": [{"id": "n", "label": {"text": "alone"}}]}],
        "codeFlows": [{"threadFlows": [{"id": "main", "initialState": {"y": {"text": "2"}}, "locations": [{"module": "m.dll", "state": {"y": {"text": "3"}},
        "stack": {"frames": [{"module": "k.dll", "parameters": ["5"], "location": {"logicalLocations": [{"name": "f"}]}}]}}]}]}]}]"#,
    ));
    let flows = loaded.detail(0).flows;
    let kinds: Vec<&str> = flows.iter().map(|flow| flow.kind.name()).collect();
    assert_eq!(kinds, ["thread", "graph", "graph"]);
    let [thread, walked, alone] = flows.as_slice() else { panic!("{flows:?}") };
    assert_eq!((thread.thread.as_deref(), &thread.state), (Some("main"), &pairs(&[("y", "2")])));
    let steps: Vec<_> = thread.steps.iter().map(|step| (step.module.as_deref(), step.nesting, &step.state)).collect();
    assert_eq!(steps, [(Some("m.dll"), 0, &pairs(&[("y", "3")])), (Some("k.dll"), 1, &pairs(&[("0", "5")]))]);
    assert_eq!(thread.steps[1].location.message.as_deref(), Some("f"));
    assert_eq!((walked.message.as_deref(), &walked.state), (Some("calls"), &pairs(&[("x", "0")])));
    let steps: Vec<_> =
        walked.steps.iter().map(|step| (step.location.message.as_deref(), step.location.place())).collect();
    assert_eq!(steps, [(Some("A"), String::new()), (Some("to b"), "b.py:4".to_owned())]);
    assert_eq!(walked.steps[1].state, pairs(&[("x", "1")]));
    assert_eq!(alone.steps[0].location.message.as_deref(), Some("alone"));
}

#[test]
fn facts_of_a_result_and_of_its_scan_are_kept_under_their_names() {
    let loaded = load_text(run(
        r#""tool": {"driver": {"name": "t"}}, "automationDetails": {"id": "nightly/1"}, "conversion": {"tool": {"driver": {"name": "conv"}}},
        "versionControlProvenance": [{"repositoryUri": "https://x.example/r", "revisionId": "abc", "branch": "main"}], "invocations": [{"commandLine": "t ."}],
        "webRequests": [{"method": "POST", "target": "/login", "protocol": "HTTP", "version": "1.1", "headers": {"Host": "h"}, "parameters": {"p": "1"}, "body": {"text": "b"}}],
        "addresses": [{"fullyQualifiedName": "main+4", "absoluteAddress": 255}],
        "results": [{"guid": "G", "correlationGuid": "C", "occurrenceCount": 3, "analysisTarget": {"uri": "t.py"},
        "provenance": {"firstDetectionTimeUtc": "2020-01-01T00:00:00Z"}, "attachments": [{"description": {"text": "shot"}, "artifactLocation": {"uri": "s.png"}}],
        "webRequest": {"index": 0}, "webResponse": {"statusCode": 500, "reasonPhrase": "Oops"}, "locations": [{"physicalLocation": {"address": {"index": 0}}}]},
        {"webResponse": {"noResponseReceived": true}}]"#,
    ));
    let of_result = [
        ("guid", "G"),
        ("correlationGuid", "C"),
        ("occurrenceCount", "3"),
        ("firstDetectionTimeUtc", "2020-01-01T00:00:00Z"),
        ("analysisTarget", "t.py"),
        ("address", "main+4 0xff"),
        ("webRequest", "POST /login HTTP/1.1\nHost: h\n\nb\np=1"),
        ("webResponse", "500 Oops"),
        ("attachment", "shot: s.png"),
    ];
    let of_scan = [
        ("scan", "nightly/1"),
        ("converter", "conv"),
        ("versionControl", "https://x.example/r main abc"),
        ("commandLine", "t ."),
    ];
    let facts = |number: u32| loaded.detail(number).facts;
    let own = |facts: &[(&'static str, &str)]| {
        facts.iter().map(|(name, text)| (*name, (*text).to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(facts(0), own(&[of_result.as_slice(), &of_scan].concat()));
    assert_eq!(facts(1), own(&[&[("webResponse", "none was received")], of_scan.as_slice()].concat()));
}

#[test]
fn places_keep_what_the_report_calls_them() {
    let text = run(
        r#""tool": {"driver": {"name": "t", "rules": [{"id": "r", "defaultConfiguration": {"rank": 40}}]}}, "artifacts": [{"location": {"uri": "app.war"}},
        {"location": {"uri": "lib/x.jar"}, "parentIndex": 0}, {"parentIndex": 1}, {"parentIndex": 3}], "results": [{"ruleId": "r", "message": {"text": "see [it](7), [gone](9) and [w](https://x.example)", "markdown": "**{0}**", "arguments": ["a"]},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": "file:///ci/shop/deep/a%20b.py"}, "region": {"startLine": 2}}, "annotations": [{"startLine": 9, "message": {"text": "note"}}]},
        {"physicalLocation": {"artifactLocation": {"index": 2}}}, {"physicalLocation": {"artifactLocation": {"index": 3}}}],
        "relatedLocations": [{"id": 7, "physicalLocation": {"artifactLocation": {"uri": "c.py"}, "region": {"startLine": 5}}}],
        "suppressions": [{"kind": "inSource", "location": {"physicalLocation": {"artifactLocation": {"uri": "c.py"}, "region": {"startLine": 6}}}}]}]"#,
    );
    let tree = Tree::git(&[("a.sarif", &text), ("deep/a b.py", "x\ny\n")]);
    let loaded = load_files(&tree, &["a.sarif"]);
    let detail = loaded.reader.detail(&loaded.backlog, 0).unwrap();
    let [first, nested, looping] = detail.locations.as_slice() else { panic!("{:?}", detail.locations) };
    assert_eq!((first.path.as_str(), first.uri.as_deref()), ("deep/a b.py", Some("file:///ci/shop/deep/a%20b.py")));
    assert_eq!(
        (nested.path.as_str(), nested.inside.as_slice()),
        ("lib/x.jar", ["lib/x.jar".to_owned(), "app.war".to_owned()].as_slice())
    );
    assert_eq!(looping.path, "");
    assert_eq!(detail.links, pairs(&[("it", "c.py:5"), ("w", "https://x.example")]));
    assert_eq!((detail.markdown.as_deref(), detail.rank), (Some("**a**"), Some(40.0)));
    let related: Vec<_> = detail.related.iter().map(|place| (place.place(), place.message.as_deref())).collect();
    assert_eq!(related, [("c.py:5".to_owned(), None), ("deep/a b.py:9".to_owned(), Some("note"))]);
    assert_eq!(detail.suppressions[0].place.as_deref(), Some("c.py:6"));
    let told = ": paths were found by how they end: the repository for `/ci/shop`; say otherwise under [paths] in .quell/config.toml";
    assert_eq!(loaded.backlog.problems.iter().map(ToString::to_string).collect::<Vec<_>>(), [format!("a.sarif{told}")]);
}

#[test]
fn configured_paths_are_used_and_those_that_lead_outside_are_told() {
    let text = report("t", &result("r", "/src/a.py", 1, ""));
    let config = "[paths]\n\"/src\" = \"deep\"\n\"/x\" = \"../y\"\n";
    let tree = Tree::plain(&[("a.sarif", &text), ("deep/a.py", "x\n"), (".quell/config.toml", config)]);
    let loaded = load_files(&tree, &["a.sarif"]);
    assert_eq!(loaded.backlog.path(loaded.backlog.record(0)), "deep/a.py");
    let told = ".quell/config.toml: paths: `../y` is no folder inside the repository; name a folder relative to the repository's root";
    assert_eq!(loaded.backlog.problems.iter().map(ToString::to_string).collect::<Vec<_>>(), [told]);
}

#[test]
fn regions_from_the_start_of_the_file_become_lines() {
    let at = |region: &str| {
        format!(
            r#"{{"locations": [{{"physicalLocation": {{"artifactLocation": {{"uri": "a.py"}}, "region": {{{region}}}}}}}]}}"#
        )
    };
    let cases = [
        (r#""charOffset": 6, "charLength": 2"#, Some((2, 3, 2, 5))),
        (r#""byteOffset": 8, "byteLength": 2"#, Some((2, 3, 2, 5))),
        (r#""startLine": 0, "charOffset": 0"#, Some((1, 1, 1, 1))),
        (r#""charOffset": 4, "charLength": 6"#, Some((2, 1, 3, 1))),
        (r#""charOffset": 400, "charLength": 2"#, None),
        (r#""byteOffset": 1, "byteLength": 1"#, None),
        (r#""startLine": 3, "charOffset": 0, "charLength": 1"#, None),
    ];
    for (region, expected) in cases {
        let tree = Tree::plain(&[("a.sarif", &report("t", &at(region))), ("a.py", "é=1\nüxyz\r\nlast")]);
        let loaded = load_files(&tree, &["a.sarif"]);
        let detail = loaded.reader.detail(&loaded.backlog, 0).unwrap();
        let resolved = detail.locations[0].resolved;
        let found = resolved.map(|region| (region.line, region.column, region.end_line, region.end_column));
        assert_eq!(found, expected, "{region}");
    }
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
    // Everything that was read before stands where it stood; only size and time tell.
    tree.write("a.sarif", &format!("{text} "));
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

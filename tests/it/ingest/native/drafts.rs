//! Drafts of SARIF.

use crate::ingest::reading::{load_text, problems, rows};

/// In the form of the schema of 2016.
const SARIF_1: &str = r#"{
  "$schema": "http://json.schemastore.org/sarif-1.0.0",
  "version": "1.0.0",
  "runs": [{
    "tool": {"name": "OldScan", "version": "1.2.0.0", "semanticVersion": "1.2.0"},
    "invocation": {"startTime": "2016-05-20T17:13:25.756Z", "endTime": "2016-05-20T17:13:26Z"},
    "files": {"src/a.c": {"mimeType": "text/x-c"}},
    "results": [
      {"ruleId": "C2001", "message": "variable used before it is set", "snippet": "add(ptr);",
       "locations": [{"analysisTarget": {"uri": "a.o"}, "resultFile": {"uri": "src/a.c", "region": {"startLine": 15, "startColumn": 9, "endLine": 15, "endColumn": 11}}}],
       "codeFlows": [{"locations": [
          {"step": 1, "message": "declared", "physicalLocation": {"uri": "src/a.c", "region": {"startLine": 8}}},
          {"step": 2, "message": "used", "physicalLocation": {"uri": "src/a.c", "region": {"startLine": 15}}}]}],
       "fixes": [{"description": "set it to zero", "fileChanges": [{"uri": "src/a.c", "replacements": [{"offset": 10, "insertedBytes": "PSAw"}]}]}]},
      {"ruleId": "C2002", "ruleKey": "C2002-1", "level": "error", "suppressionStates": ["suppressedInSource"],
       "formattedRuleMessage": {"formatId": "default", "arguments": ["x", "y"]},
       "locations": [{"analysisTarget": {"uri": "src/b.c", "region": {"startLine": 3}}}]},
      {"ruleId": "C2001", "level": "pass", "message": "fine", "locations": [{"resultFile": {"uri": "src/c.c"}}]}
    ],
    "rules": {
      "C2001": {"id": "C2001", "shortDescription": "Unset variable.", "properties": {"tags": ["CWE-457"]}},
      "C2002-1": {"id": "C2002", "messageFormats": {"default": "{0} is compared with {1}"}}
    }
  }]
}"#;

#[test]
fn sarif_1_0_is_read() {
    let loaded = load_text(format!("\u{feff}{SARIF_1}"));
    assert_eq!(problems(&loaded), [""; 0]);
    assert_eq!(
        rows(&loaded),
        [
            "C2001 src/a.c:15:9 warning medium variable used before it is set",
            "C2002 src/b.c:3:0 error high x is compared with y",
            "C2001 src/c.c:0:0 none info fine",
        ]
    );
    let backlog = &loaded.backlog;
    assert_eq!((backlog.tools[0].name.as_str(), backlog.tools[0].version.as_deref()), ("OldScan", Some("1.2.0")));
    assert_eq!(backlog.rules[0].cwe, [457]);
    assert_eq!(backlog.reports[0].made.unwrap().to_string(), "2016-05-20T17:13:26Z");
    assert_eq!(backlog.pointer(1), "/runs/0/results/1");
    assert!(backlog.results[1].is_suppressed());
    let detail = loaded.detail(0);
    assert_eq!(detail.flows[0].steps.len(), 2);
    assert_eq!(detail.locations[0].snippet.as_deref(), Some("add(ptr);"));
    assert_eq!(detail.fixes[0].title, "set it to zero");
    assert!(detail.fixes[0].edits.is_empty());
}

#[test]
fn late_drafts_and_what_comes_after_are_read_as_2_1_0() {
    for version in ["2.0.0", "2.0.0-csd.2.beta.2019-01-24", "2.2"] {
        let text = crate::ingest::reading::report("t", &crate::ingest::reading::result("r", "a.py", 1, ""));
        let loaded = load_text(text.replace("2.1.0", version));
        assert_eq!(rows(&loaded), ["r a.py:1:0 warning medium m"]);
        assert_eq!(problems(&loaded), [format!("/version: SARIF {version} read as 2.1.0")]);
    }
    let old = r#"{"version": "2.0.0-csd.1", "runs": [{"tool": {"name": "t"}, "originalUriBaseIds": {"SRC": "file:///c:/src/"},
        "results": [{"ruleId": "r", "message": {"text": "m"},
            "locations": [{"physicalLocation": {"fileLocation": {"uri": "a.py", "uriBaseId": "SRC"}, "region": {"startLine": 2}}}],
            "fixes": [{"description": {"text": "d"}, "fileChanges": [{"fileLocation": {"uri": "a.py"},
                "replacements": [{"deletedRegion": {"startLine": 2}, "insertedContent": {"text": "x"}}]}]}]}]}]}"#;
    let loaded = load_text(old);
    assert_eq!(loaded.backlog.results[0].line, 2);
    let detail = loaded.detail(0);
    assert_eq!((detail.fixes[0].edits.len(), detail.fixes[0].title.as_str()), (1, "d"));
}

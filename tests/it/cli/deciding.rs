//! `decide`: a file in the tree, a status, and a way back.

use super::shop::{id, quell, shop, status};

#[test]
fn a_decision_changes_the_status_until_it_is_taken_back() {
    let tree = shop();
    let id = id(&tree, "rule:A1");
    let ran = quell(&tree, &["decide", "accept-risk", &id, "--reason", "only in tests", "--until", "2099-01-31"]).ok();
    assert!(ran.out.contains("2099-01-31"), "{ran:?}");
    assert_eq!(status(&tree, &id), "accepted");
    assert!(tree.files().iter().any(|path| path.starts_with(".quell/decisions/")));
    assert_eq!(quell(&tree, &["list", "-q", "is:decided"]).ok().lines().len(), 1);
    let json = quell(&tree, &["show", &id, "--format", "json"]).ok().json();
    assert_eq!((&json["expires"], &json["history"][0]["reason"]), (&"2099-01-31".into(), &"only in tests".into()));
    let counted = quell(&tree, &["status"]).ok().out;
    assert!(counted.contains("in .quell/decisions not committed"), "{counted}");

    quell(&tree, &["undo"]).ok();
    assert_eq!(status(&tree, &id), "open");
    quell(&tree, &["redo"]).ok();
    assert_eq!(status(&tree, &id), "accepted");
    quell(&tree, &["decide", "reopen", id.get(..12).unwrap()]).ok();
    assert_eq!(status(&tree, &id), "open");
}

#[test]
fn a_query_chooses_open_findings() {
    let tree = shop();
    quell(&tree, &["decide", "false-positive", "-q", "path:src"]).ok();
    let json = quell(&tree, &["status", "--format", "json"]).ok().json();
    assert_eq!(json["open"], 0);
    let none = quell(&tree, &["decide", "confirm", "-q", "path:src"]);
    assert!(none.code == 2 && none.err.contains("no open finding"), "{none:?}");
    assert_eq!(quell(&tree, &["list", "-q", "status:false-positive"]).ok().lines().len(), 2, "what passed stays");
}

#[test]
fn what_is_missing_is_said_and_nothing_is_written() {
    let tree = shop();
    let id = id(&tree, "rule:A1");
    let cases: &[(&[&str], &str)] = &[
        (&["accept-risk", &id], "needs a reason"),
        (&["accept-risk", &id, "--reason", "r"], "needs a date"),
        (&["defer", &id, "--until", "2001-01-01"], "not in the future"),
        (&["not-affected", &id, "--reason", "r"], "needs a justification"),
        (&["not-affected", &id, "--reason", "r", "--justification", "because"], "possible values"),
        (&["assign", &id], "needs an owner"),
        (&["duplicate", &id], "needs the finding that stays"),
        (&["approve", &id], "nothing to approve"),
        (&["fix-applied", &id], "allowed: confirm"),
        (&["confirm"], "needs ids"),
        (&["confirm", "q1-0000000000000000"], "no such finding"),
    ];
    for (args, reason) in cases {
        let ran = quell(&tree, &[&["decide"], *args].concat());
        assert!(matches!(ran.code, 2 | 4) && ran.err.contains(reason), "{args:?}: {ran:?}");
    }
    assert!(!tree.files().iter().any(|path| path.starts_with(".quell/decisions/")));
}

#[test]
fn several_entries_are_taken_back_newest_first() {
    let tree = shop();
    let (one, two) = (id(&tree, "rule:A1"), id(&tree, "rule:A2"));
    quell(&tree, &["decide", "confirm", &one]).ok();
    quell(&tree, &["decide", "assign", &two, "--owner", "@platform"]).ok();
    let ran = quell(&tree, &["undo", "2"]).ok();
    assert_eq!(ran.lines().len(), 2, "{ran:?}");
    assert_eq!(status(&tree, &one), "open");
    assert!(quell(&tree, &["list", "-q", "owner:@platform"]).ok().out.is_empty());
    let nothing = quell(&tree, &["undo"]);
    assert!(nothing.code == 4 && nothing.err.contains("nothing to undo"), "{nothing:?}");
}
